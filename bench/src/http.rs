//! A caller that keeps the whole answer: status, headers that matter here, body.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use reqwest::{Method, header};
use serde_json::Value;

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// `Retry-After`.
    pub retry_after: Option<String>,
    /// `application/problem+json`.
    pub is_problem: bool,
    /// Body as JSON; null when it is none.
    pub json: Value,
    /// Body as text.
    pub text: String,
}

impl Answer {
    /// The stable code of a refusal.
    #[must_use]
    pub fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or("")
    }
    /// The server asks to come back later, in the way it promises: 503 or 429 as a problem document with `Retry-After`.
    #[must_use]
    pub fn is_later(&self) -> bool {
        matches!(self.status, 503 | 429) && self.is_problem && self.retry_after.is_some()
    }
}

/// Somebody with a token.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: String,
    writer: Option<String>,
}

impl Client {
    /// Somebody with a token; an answer is waited for at most 60 s.
    pub fn new(base: &str, token: &str) -> Result<Self> {
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_mins(1)).build()?;
        Ok(Self { http, base: base.into(), token: token.into(), writer: None })
    }
    /// Knows the writer's token too, to send again what the writer sent.
    #[must_use]
    pub fn with_writer(mut self, token: &str) -> Self {
        self.writer = Some(token.into());
        self
    }
    /// The same caller as the writer.
    #[must_use]
    pub fn as_writer(&self) -> Self {
        Self { token: self.writer.clone().unwrap_or_else(|| self.token.clone()), ..self.clone() }
    }
    /// Signs in with a password as the page does, and answers the status and the cookie.
    pub async fn sign_in(&self, login: &str, password: &str) -> Result<(u16, Option<String>)> {
        let body = serde_json::json!({ "login": login, "password": password });
        let r = self
            .http
            .post(format!("{}/api/v1/session", self.base))
            .header(header::ORIGIN, &self.base)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.to_string())
            .send()
            .await?;
        let cookie = r.headers().get(header::SET_COOKIE).and_then(|v| v.to_str().ok());
        let cookie = cookie.and_then(|c| c.split(';').next()).map(str::to_owned);
        Ok((r.status().as_u16(), cookie))
    }
    /// The status of a page read with a cookie instead of the token.
    pub async fn status_with(&self, cookie: &str, path: &str) -> Result<u16> {
        Ok(self.http.get(format!("{}{path}", self.base)).header(header::COOKIE, cookie).send().await?.status().as_u16())
    }
    /// Sends. An error is a broken connection: nobody knows what became of the request.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<(&str, Vec<u8>)>,
    ) -> Result<Answer> {
        let mut b = self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token);
        for (k, v) in headers {
            b = b.header(*k, *v);
        }
        if let Some((kind, bytes)) = body {
            b = b.header(header::CONTENT_TYPE, kind).body(bytes);
        }
        let a = b.send().await?;
        let status = a.status().as_u16();
        let head = |n: header::HeaderName| a.headers().get(n).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let (retry_after, kind) = (head(header::RETRY_AFTER), head(header::CONTENT_TYPE).unwrap_or_default());
        let text = a.text().await?;
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Answer { status, retry_after, is_problem: kind.starts_with("application/problem+json"), json, text })
    }
    /// GET.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.send(Method::GET, path, &[], None).await
    }
    /// A request with a JSON body.
    pub async fn json(&self, method: Method, path: &str, body: &Value) -> Result<Answer> {
        self.send(method, path, &[], Some(("application/json", body.to_string().into_bytes()))).await
    }
    /// POST of JSON with an idempotency key.
    pub async fn once(&self, path: &str, key: &str, body: &Value) -> Result<Answer> {
        self.send(Method::POST, path, &[("idempotency-key", key)], Some(("application/json", body.to_string().into_bytes())))
            .await
    }
    /// POST of a file as a form.
    pub async fn upload(&self, path: &str, name: &str, content: &str) -> Result<Answer> {
        const EDGE: &str = "----rapport-reliability";
        let body = format!(
            "--{EDGE}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/csv\r\n\r\n{content}\r\n--{EDGE}--\r\n"
        );
        let kind = format!("multipart/form-data; boundary={EDGE}");
        self.send(Method::POST, path, &[], Some((&kind, body.into_bytes()))).await
    }
    /// GET that must succeed; asks again when told to come back later.
    pub async fn read(&self, path: &str) -> Result<Value> {
        for _ in 0..200 {
            let a = self.get(path).await.with_context(|| format!("GET {path}"))?;
            if a.status == 200 {
                return Ok(a.json);
            }
            if !a.is_later() {
                bail!("GET {path}: {} {}", a.status, a.text);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("GET {path}: only told to come back later, for 10 s")
    }
    /// All pages of a list.
    pub async fn list(&self, path: &str) -> Result<Vec<Value>> {
        let mut rows = vec![];
        let mut cursor = String::new();
        let glue = if path.contains('?') { '&' } else { '?' };
        loop {
            let next = if cursor.is_empty() { String::new() } else { format!("&cursor={}", escape(&cursor)) };
            let mut page = self.read(&format!("{path}{glue}limit=200{next}")).await?;
            if let Value::Array(mut data) = page["data"].take() {
                rows.append(&mut data);
            }
            match page["next"].as_str() {
                Some(c) => c.clone_into(&mut cursor),
                None => return Ok(rows),
            }
        }
    }
}

/// A text as part of a query string.
#[must_use]
pub fn escape(s: &str) -> String {
    s.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
