//! An in-process client of the server: no socket, the whole router.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header},
};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

/// A caller.
#[derive(Debug, Clone)]
pub struct Client {
    router: Router,
    headers: HeaderMap,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body as text.
    pub text: String,
    /// Body as JSON; null when it is none.
    pub json: Value,
}

impl Reply {
    /// The answer, when it is a success.
    ///
    /// # Panics
    /// When it is none, showing it.
    pub fn ok(self) -> Value {
        assert!(self.status.is_success(), "{} {}", self.status, self.text);
        self.json
    }
    /// Status and code of a refusal.
    #[must_use]
    pub fn refusal(&self) -> (u16, &str) {
        (self.status.as_u16(), self.json["code"].as_str().unwrap_or(""))
    }
}

impl Client {
    /// A caller nobody knows.
    #[must_use]
    pub fn new(router: Router) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("localhost"));
        headers.insert(header::ORIGIN, HeaderValue::from_static("http://localhost"));
        Self { router, headers }
    }
    /// With another header.
    ///
    /// # Panics
    /// When it is no header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, HeaderValue::from_str(value).expect("a header"));
        self
    }
    /// Without a header.
    #[must_use]
    pub fn without(mut self, name: &'static str) -> Self {
        self.headers.remove(name);
        self
    }
    /// With a session.
    #[must_use]
    pub fn with_cookie(self, secret: &str) -> Self {
        self.with("cookie", &format!("rapport_session={secret}"))
    }
    /// With a token.
    #[must_use]
    pub fn with_token(self, secret: &str) -> Self {
        self.with("authorization", &format!("Bearer {secret}")).without("origin")
    }

    /// The request as it would be sent.
    ///
    /// # Panics
    /// When the address is none.
    #[must_use]
    pub fn request(&self, method: Method, path: &str, kind: Option<&str>, body: Body) -> Request<Body> {
        let mut r = Request::builder().method(method).uri(path).body(body).expect("a request");
        r.headers_mut().extend(self.headers.clone());
        if let Some(k) = kind {
            r.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_str(k).expect("a type"));
        }
        r
    }
    /// Sends and answers before the body has come: for streams.
    ///
    /// # Panics
    /// Never: the router cannot fail.
    pub async fn raw(&self, r: Request<Body>) -> axum::response::Response {
        self.router.clone().oneshot(r).await.expect("the router answers")
    }
    /// Sends and reads the whole answer.
    ///
    /// # Panics
    /// When the body breaks off.
    pub async fn send(&self, r: Request<Body>) -> Reply {
        let (parts, body) = self.raw(r).await.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let json = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Reply { status: parts.status, headers: parts.headers, text, json }
    }
    async fn with_json(&self, m: Method, path: &str, v: &Value) -> Reply {
        self.send(self.request(m, path, Some("application/json"), Body::from(v.to_string()))).await
    }
    /// GET.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path, None, Body::empty())).await
    }
    /// POST of JSON.
    pub async fn post(&self, path: &str, v: Value) -> Reply {
        self.with_json(Method::POST, path, &v).await
    }
    /// PATCH of JSON.
    pub async fn patch(&self, path: &str, v: Value) -> Reply {
        self.with_json(Method::PATCH, path, &v).await
    }
    /// DELETE.
    pub async fn delete(&self, path: &str) -> Reply {
        self.send(self.request(Method::DELETE, path, None, Body::empty())).await
    }
}
