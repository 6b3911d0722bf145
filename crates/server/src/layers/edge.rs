//! The outermost layer: trace id in and out, one log line, one measurement, refusal bodies in the reader's language, headers.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use rapport_schema::Locale;
use tracing::Instrument as _;

use crate::{App, Problem, layers::headers};

/// Header that carries the trace id both ways.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Trace id of a request.
#[derive(Debug, Clone)]
pub struct TraceId(pub String);

/// Language for an answer's sentences: `Accept-Language`, English when nothing fits.
#[must_use]
pub fn locale(h: &HeaderMap) -> Locale {
    h.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).and_then(Locale::negotiate).unwrap_or(Locale::En)
}

/// Greatest sum of header names and values in bytes. What is far larger the protocol's own limit ends without a word.
const HEADERS: usize = 32 << 10;

/// A caller's id is taken when it is harmless in a log line.
fn trace_id(h: &HeaderMap) -> String {
    let given = h.get(REQUEST_ID).and_then(|v| v.to_str().ok()).filter(|s| {
        (8..=64).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    });
    given.map_or_else(|| hex::encode(rand::random::<[u8; 12]>()), str::to_owned)
}

/// The layer.
pub async fn edge(State(app): State<App>, mut req: Request, next: Next) -> Response {
    let begin = Instant::now();
    let trace = trace_id(req.headers());
    let locale = locale(req.headers());
    let method = req.method().clone();
    let path = req.uri().path().to_owned();
    let api = path.starts_with("/api/");
    req.extensions_mut().insert(TraceId(trace.clone()));
    let other = if api { "unknown" } else { "page" };
    let route = req.extensions().get::<MatchedPath>().map_or_else(|| other.to_owned(), |m| m.as_str().to_owned());

    let span = tracing::info_span!("request", trace = %trace, %method, route = %route);
    let size: usize = req.headers().iter().map(|(k, v)| k.as_str().len() + v.len()).sum();
    let mut res = if size > HEADERS {
        Problem::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "request.headers_too_large")
            .with("max", HEADERS)
            .into_response()
    } else {
        next.run(req).instrument(span).await
    };

    if let Some(p) = res.extensions_mut().remove::<Problem>() {
        let mut made = p.respond(locale, &trace);
        // Cookies and the like that the handler set stay.
        for (k, v) in res.headers() {
            if k != header::CONTENT_LENGTH && !made.headers().contains_key(k) {
                made.headers_mut().append(k.clone(), v.clone());
            }
        }
        res = made;
    }
    headers::add(res.headers_mut(), api, app.config().secure);
    if let Ok(v) = HeaderValue::try_from(&trace) {
        res.headers_mut().insert(REQUEST_ID, v);
    }
    measure(&route, &method, res.status(), begin, &trace, &path);
    res
}

fn measure(route: &str, method: &axum::http::Method, status: StatusCode, begin: Instant, trace: &str, path: &str) {
    let took = begin.elapsed();
    // Methods come from outside: unknown ones share a label.
    let method = if ["GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS"].contains(&method.as_str()) {
        method.as_str()
    } else {
        "other"
    };
    let labels = [("route", route.to_owned()), ("method", method.to_owned())];
    metrics::histogram!("rapport_http_request_seconds", &labels).record(took.as_secs_f64());
    let code = status.as_u16();
    metrics::counter!("rapport_http_requests_total", "route" => route.to_owned(), "method" => method.to_owned(), "status" => code.to_string()).increment(1);
    let ms = took.as_secs_f64() * 1000.0;
    if status.is_server_error() {
        tracing::warn!(trace, method, path, status = code, ms, "answered");
    } else {
        tracing::debug!(trace, method, path, status = code, ms, "answered");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_request_ids_are_replaced() {
        let mut h = HeaderMap::new();
        h.insert(REQUEST_ID, HeaderValue::from_static("abc-123_4.5"));
        assert_eq!(trace_id(&h), "abc-123_4.5");
        h.insert(REQUEST_ID, HeaderValue::from_static("a b\tc<script>"));
        assert_eq!(trace_id(&h).len(), 24);
    }

    #[test]
    fn the_language_follows_the_header() {
        let mut h = HeaderMap::new();
        assert_eq!(locale(&h), Locale::En);
        h.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("fr, zh-CN;q=0.9, en;q=0.8"));
        assert_eq!(locale(&h), Locale::Zh);
    }
}
