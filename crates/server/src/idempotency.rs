//! `Idempotency-Key` on any POST: the same key and body gives the same answer for 24 hours.
//!
//! The key belongs to the caller and the route. The first request claims it, runs, and leaves its answer with the claim;
//! answers that say "try again" are not kept, so that trying again does something.

use axum::{
    body::Body,
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use http_body_util::BodyExt as _;
use rapport_records::{Claim, Idempotency, Once};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{App, Problem, body, caller::Caller};

/// The header.
pub const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Tells that an answer is a repetition.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Longest key.
const LONGEST: usize = 255;
/// Answers larger than this are not kept, nor are secrets; a repetition is then told so by 409.
const LARGEST: usize = 8 << 20;
/// Headers of the answer that are kept.
const KEPT: [HeaderName; 3] = [header::CONTENT_TYPE, header::LOCATION, header::ETAG];

fn key(h: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(v) = h.get(KEY) else { return Ok(None) };
    let bad = || Problem::new(StatusCode::BAD_REQUEST, "idempotency.key");
    let text = v.to_str().map_err(|_| bad())?;
    if text.is_empty() || text.len() > LONGEST { Err(bad()) } else { Ok(Some(text.to_owned())) }
}

/// The layer.
pub async fn layer(State(app): State<App>, req: Request, next: Next) -> Response {
    if req.method() != Method::POST || !req.headers().contains_key(KEY) {
        return next.run(req).await;
    }
    match guarded(&app, req, next).await {
        Ok(r) => r,
        Err(p) => p.into_response(),
    }
}

/// Creates, batches and actions: the pipeline itself does them once, also over a crash.
fn kept_below(path: &str) -> bool {
    let parts: Vec<&str> = path.trim_start_matches("/api/v1/").split('/').collect();
    match parts[..] {
        [one] => !["session", "setup", "tokens", "invitations", "files"].contains(&one),
        [first, "batch"] => first != "import",
        [_, "actions", _] | [_, _, "actions", _] => true,
        _ => false,
    }
}

async fn guarded(app: &App, req: Request, next: Next) -> Result<Response, Problem> {
    let Some(key) = key(req.headers())? else { return Ok(next.run(req).await) };
    let (mut parts, stream) = req.into_parts();
    // Only known callers: what nobody may do needs no memory.
    let caller = Caller::from_request_parts(&mut parts, app).await?;
    let bytes = body::read(stream, app.config().batch_limit).await?;
    let who = caller.user()?;
    let place = hex::encode(Sha256::digest(format!("{who}\n{}\n{key}", parts.uri.path())));
    let query = parts.uri.query().unwrap_or("");
    // With the key, which is kept nowhere in clear: a password in a body cannot be guessed from what is kept.
    let print = Sha256::new().chain_update(&key).chain_update([0]).chain_update(query).chain_update([0]).chain_update(&bytes);
    let print = hex::encode(print.finalize());

    if kept_below(parts.uri.path()) {
        // The pipeline keeps the answer in the transaction of the effect.
        let idempotency = Some(Idempotency { key, hash: format!("{} {print}", parts.uri.path()) });
        parts.extensions.insert(Caller { idempotency, ..caller });
        return Ok(next.run(Request::from_parts(parts, Body::from(bytes))).await);
    }
    let engine = &caller.ws.engine;
    let once = match engine.claim(&place, &print).await? {
        Claim::Yours(once) => once,
        Claim::Done(answer) => return replay(&answer),
        Claim::Running => return Err(Problem::new(StatusCode::CONFLICT, "idempotency.in_progress").retry(1)),
        Claim::Other => return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency.mismatch")),
    };
    let engine = engine.clone();
    // The work goes on when the caller hangs up: otherwise its answer would be lost with the connection.
    let work = tokio::spawn(async move {
        let answer = next.run(Request::from_parts(parts, Body::from(bytes))).await;
        keep(&engine, &once, answer).await
    });
    work.await.unwrap_or_else(|e| Err(Problem::internal(&e)))
}

/// Keeps an answer with its claim, or gives the claim back.
async fn keep(engine: &rapport_records::Engine, once: &Once, answer: Response) -> Result<Response, Problem> {
    let again =
        answer.status().is_server_error() || matches!(answer.status(), StatusCode::TOO_MANY_REQUESTS | StatusCode::UNAUTHORIZED);
    if again {
        engine.release(once).await?;
        return Ok(answer);
    }
    // A refusal is written by the outermost layer; kept is what it needs for that.
    let (parts, stream) = answer.into_parts();
    let bytes = stream.collect().await.map_err(|e| Problem::internal(&e))?.to_bytes();
    let mut kept = serde_json::Map::new();
    for n in KEPT {
        if let Some(v) = parts.headers.get(&n).and_then(|v| v.to_str().ok()) {
            kept.insert(n.to_string(), v.into());
        }
    }
    let text = match parts.extensions.get::<Problem>() {
        Some(p) => {
            let shown =
                json!({ "status": p.status.as_u16(), "code": p.code, "params": p.params, "errors": p.errors, "extra": p.extra });
            json!({ "problem": shown })
        }
        None if bytes.len() > LARGEST || parts.extensions.get::<body::Secret>().is_some() => json!({ "not_kept": true }),
        None => json!({ "status": parts.status.as_u16(), "headers": kept, "body": BASE64_STANDARD.encode(&bytes) }),
    };
    engine.settle(once, text).await?;
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

fn replay(a: &Value) -> Result<Response, Problem> {
    let mut r = if let Some(p) = a.get("problem") {
        let take = |k: &str| p.get(k).cloned().unwrap_or_default();
        let mut made = Problem::new(status(p), "server.internal");
        made.code = take("code").as_str().unwrap_or("server.internal").to_owned().into();
        made.params = serde_json::from_value(take("params")).unwrap_or_default();
        made.errors = serde_json::from_value(take("errors")).unwrap_or_default();
        made.extra = serde_json::from_value(take("extra")).unwrap_or_default();
        made.into_response()
    } else if a.get("not_kept").is_some() {
        return Err(Problem::new(StatusCode::CONFLICT, "idempotency.not_kept"));
    } else {
        let bytes =
            BASE64_STANDARD.decode(a.get("body").and_then(Value::as_str).unwrap_or("")).map_err(|e| Problem::internal(&e))?;
        let mut r = (status(a), bytes).into_response();
        for n in KEPT {
            if let Some(v) =
                a.pointer(&format!("/headers/{n}")).and_then(Value::as_str).and_then(|v| HeaderValue::from_str(v).ok())
            {
                r.headers_mut().insert(n, v);
            }
        }
        r
    };
    r.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(r)
}

fn status(a: &Value) -> StatusCode {
    a.get("status")
        .and_then(Value::as_u64)
        .and_then(|s| u16::try_from(s).ok())
        .and_then(|s| StatusCode::from_u16(s).ok())
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_of_the_pipeline_are_told_from_other_posts() {
        for p in ["account", "account/batch", "account/actions/merge", "account/018f/actions/convert"] {
            assert!(kept_below(&format!("/api/v1/{p}")), "{p}");
        }
        for p in
            ["tokens", "files", "import/jobs", "batches/018f/undo", "me/password", "account/aggregate", "account/018f/restore"]
        {
            assert!(!kept_below(&format!("/api/v1/{p}")), "{p}");
        }
    }

    #[test]
    fn kept_answers_come_back_as_they_were() {
        let a = json!({ "status": 201, "headers": { "etag": "\"1\"" }, "body": BASE64_STANDARD.encode(b"{}") });
        let r = replay(&a).unwrap();
        assert_eq!((r.status(), r.headers()[header::ETAG].to_str().unwrap()), (StatusCode::CREATED, "\"1\""));
        assert_eq!(r.headers()[REPLAYED], "true");
        let p = replay(&json!({ "problem": { "status": 422, "code": "value.required", "errors": [{ "field": "name", "code": "value.required" }] } })).unwrap();
        assert_eq!(p.extensions().get::<Problem>().unwrap().errors[0].field, "name");
    }
}
