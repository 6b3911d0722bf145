//! Bodies in and out: JSON with plain refusals, lists assembled from bytes, query strings.

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use rapport_schema::FieldError;

use crate::{App, Problem};

/// A JSON body of at most the configured size.
#[derive(Debug)]
pub struct Json<T>(pub T);

/// A JSON body of at most the size configured for batches.
#[derive(Debug)]
pub struct BigJson<T>(pub T);

/// Reads a whole body.
///
/// # Errors
/// 413 when it is larger than `limit`, 400 when it ends early.
pub async fn read(body: Body, limit: usize) -> Result<Bytes, Problem> {
    Limited::new(body, limit).collect().await.map(http_body_util::Collected::to_bytes).map_err(|e| {
        if e.downcast_ref::<LengthLimitError>().is_some() {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "request.too_large").with("max", limit)
        } else {
            Problem::new(StatusCode::BAD_REQUEST, "request.body").with("message", "the body ended early")
        }
    })
}

/// Parses JSON bytes. An empty body means `{}`.
///
/// # Errors
/// 400 `request.json` for text that is not JSON, 422 `request.body` for JSON of another shape.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let bytes = if bytes.is_empty() { b"{}" } else { bytes };
    serde_json::from_slice(bytes).map_err(|e| {
        if e.is_data() {
            // Read once more, slower: which member it is.
            let again = serde_path_to_error::deserialize::<_, T>(&mut serde_json::Deserializer::from_slice(bytes));
            let errors = again.err().iter().map(misshapen).collect();
            Problem { errors, ..Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "request.body") }
        } else {
            Problem::new(StatusCode::BAD_REQUEST, "request.json").with("line", e.line()).with("column", e.column())
        }
    })
}

/// What of a shape is wrong, in stable codes: the parser's own words are for nobody.
pub fn misshapen<E: std::fmt::Display>(e: &serde_path_to_error::Error<E>) -> FieldError {
    let (path, text) = (e.path().to_string(), e.inner().to_string());
    let path = path.trim_start_matches('.');
    let named = |lead: &str| text.strip_prefix(lead)?.split('`').next().map(str::to_owned);
    let member = |name: String| match path {
        "" => name,
        p if p == name || p.ends_with(&format!(".{name}")) => p.to_owned(),
        p => format!("{p}.{name}"),
    };
    match (named("missing field `"), named("unknown field `")) {
        (Some(name), _) => FieldError::new(member(name), "value.required"),
        (_, Some(name)) => FieldError::new(member(name), "value.unknown_field"),
        _ => FieldError::new(path, "value.type"),
    }
}

async fn json<T: DeserializeOwned>(req: Request, limit: usize) -> Result<T, Problem> {
    let kind = req
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .map(|v| v.split(';').next().unwrap_or("").trim().to_ascii_lowercase());
    let bytes = read(req.into_body(), limit).await?;
    match kind.as_deref() {
        Some(k) if k == "application/json" || k.ends_with("+json") => parse(&bytes),
        None if bytes.is_empty() => parse(&bytes),
        _ => Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "request.media_type")),
    }
}

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Problem;
    async fn from_request(req: Request, app: &App) -> Result<Self, Problem> {
        Ok(Self(json(req, app.config().body_limit).await?))
    }
}
impl<T: DeserializeOwned> FromRequest<App> for BigJson<T> {
    type Rejection = Problem;
    async fn from_request(req: Request, app: &App) -> Result<Self, Problem> {
        Ok(Self(json(req, app.config().batch_limit).await?))
    }
}

/// A query string.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        type Fault = serde_path_to_error::Error<serde::de::value::Error>;
        axum::extract::Query::try_from_uri(&parts.uri).map(|q| Self(q.0)).map_err(|e| {
            let mut causes = std::iter::successors(Some(&e as &dyn std::error::Error), |e| e.source());
            let fault = causes.find_map(|e| e.downcast_ref::<Fault>()).map(misshapen);
            match fault {
                Some(fault) => Problem { errors: vec![fault.clone()], ..Problem::query(fault.field) },
                None => Problem::new(StatusCode::BAD_REQUEST, "request.query"),
            }
        })
    }
}

/// Path parameters.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Path<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        // A path that does not parse names nothing: 404, as for an id nobody has.
        axum::extract::Path::from_request_parts(parts, app).await.map(|p| Self(p.0)).map_err(|_| Problem::not_found())
    }
}

/// JSON bytes that are already written.
#[must_use]
pub fn raw(status: StatusCode, bytes: impl Into<Bytes>) -> Response {
    let mut r = (status, bytes.into()).into_response();
    r.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    r
}

/// A value as JSON.
///
/// # Errors
/// 500 when it cannot be written, which no type used here does.
pub fn value<T: serde::Serialize + ?Sized>(v: &T) -> Result<Response, Problem> {
    Ok(raw(StatusCode::OK, serde_json::to_vec(v).map_err(|e| Problem::internal(&e))?))
}

/// Marks an answer with a secret that is shown once: nothing may keep it.
#[derive(Debug, Clone, Copy)]
pub struct Secret;

/// A value with a secret as JSON, marked as such.
///
/// # Errors
/// 500 when it cannot be written, which no type used here does.
pub fn secret<T: serde::Serialize + ?Sized>(status: StatusCode, v: &T) -> Result<Response, Problem> {
    let mut r = value(v)?;
    *r.status_mut() = status;
    r.extensions_mut().insert(Secret);
    Ok(r)
}

/// `{"data":[…],"next":…,"count":…}` from rows that are JSON bytes already.
#[must_use]
pub fn page(rows: &[u8], next: Option<&str>, count: Option<rapport_records::Count>) -> Vec<u8> {
    let mut b = Vec::with_capacity(rows.len() + 96);
    b.extend_from_slice(b"{\"data\":[");
    b.extend_from_slice(rows);
    b.extend_from_slice(b"],\"next\":");
    match next {
        // Cursors are base64: nothing in them needs escaping.
        Some(n) => b.extend_from_slice(serde_json::Value::from(n).to_string().as_bytes()),
        None => b.extend_from_slice(b"null"),
    }
    if let Some(c) = count {
        b.extend_from_slice(format!(",\"count\":{{\"value\":{},\"capped\":{}}}", c.value, c.capped).as_bytes());
    }
    b.push(b'}');
    b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_valid_json() {
        let p =
            page(b"{\"id\":\"a\"},{\"id\":\"b\"}", Some("c\"ur"), Some(rapport_records::Count { value: 10_000, capped: true }));
        let v: serde_json::Value = serde_json::from_slice(&p).unwrap();
        assert_eq!(v["data"].as_array().unwrap().len(), 2);
        assert_eq!(v["next"], "c\"ur");
        assert_eq!(v["count"]["capped"], true);
        let v: serde_json::Value = serde_json::from_slice(&page(b"", None, None)).unwrap();
        assert_eq!(v, serde_json::json!({"data": [], "next": null}));
    }

    #[test]
    fn json_of_the_wrong_shape_is_not_json_of_the_wrong_syntax() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Row {
            #[allow(dead_code, reason = "its type is what counts")]
            n: u8,
        }
        #[derive(Debug, serde::Deserialize)]
        struct Rows {
            #[allow(dead_code, reason = "its type is what counts")]
            rows: Vec<Row>,
        }
        assert_eq!(parse::<Vec<u8>>(b"{}").unwrap_err().status, StatusCode::UNPROCESSABLE_ENTITY);
        let fault = |text: &str| {
            let p = parse::<Rows>(text.as_bytes()).unwrap_err();
            assert!(p.params.is_empty(), "no words of the parser");
            (p.errors[0].field.clone(), p.errors[0].code.clone())
        };
        let said = |field: &str, code: &'static str| (field.to_owned(), code.into());
        assert_eq!(fault("{}"), said("rows", "value.required"));
        assert_eq!(fault(r#"{"rows":[{"n":1},{}]}"#), said("rows[1].n", "value.required"));
        assert_eq!(fault(r#"{"rows":[{"n":1,"m":2}]}"#), said("rows[0].m", "value.unknown_field"));
        assert_eq!(fault(r#"{"rows":[{"n":"1"}]}"#), said("rows[0].n", "value.type"));
        assert_eq!(fault("[1]").1, "value.type");
        assert_eq!(parse::<Vec<u8>>(b"[1,").unwrap_err().status, StatusCode::BAD_REQUEST);
        assert!(parse::<serde_json::Value>(b"").unwrap().is_object());
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(parse::<serde_json::Value>(deep.as_bytes()).unwrap_err().status, StatusCode::BAD_REQUEST);
    }
}
