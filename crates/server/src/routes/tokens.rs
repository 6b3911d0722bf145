//! `/api/v1/tokens`: a person's API tokens.

use std::collections::BTreeSet;

use axum::{http::StatusCode, response::Response};
use rapport_schema::TokenId;
use serde::Deserialize;
use serde_json::json;

use crate::{
    Problem, body,
    body::{Json, Path},
    caller::Caller,
    openapi::{Api, Doc},
};

const DAY_MS: i64 = 24 * 3600 * 1000;
/// Longest life of a token in days.
const MOST_DAYS: i64 = 730;

/// Adds the routes.
pub fn routes(api: Api) -> Api {
    api.get("/api/v1/tokens", list, Doc::new("tokens", "me", "Own API tokens", "我的 API 令牌").answer("Tokens"))
        .post(
            "/api/v1/tokens",
            create,
            Doc::new("create_token", "me", "Make a token; the secret is shown once", "新建 API 令牌")
                .body("NewToken")
                .created("Token"),
        )
        .delete("/api/v1/tokens/{id}", revoke, Doc::new("revoke_token", "me", "Revoke a token", "吊销 API 令牌").nothing())
}

async fn list(c: Caller) -> Result<Response, Problem> {
    let data = c.ws.access.tokens(c.user()?).await?;
    body::value(&json!({ "data": data }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    name: String,
    #[serde(default)]
    scopes: Option<BTreeSet<String>>,
    #[serde(default)]
    ip_allow: Vec<String>,
    #[serde(default)]
    days: Option<i64>,
}

async fn create(c: Caller, Json(b): Json<New>) -> Result<Response, Problem> {
    // A token must not make tokens: a stolen one would outlive its revocation.
    c.session().ok_or_else(Problem::denied)?;
    let expires = c.ws.engine.now().plus(b.days.unwrap_or(90).clamp(1, MOST_DAYS) * DAY_MS);
    let t = c.ws.access.create_token(c.scope.actor(), c.user()?, b.name.trim(), b.scopes, b.ip_allow, expires).await?;
    body::secret(StatusCode::CREATED, &json!({ "id": t.id, "secret": t.secret, "expires_at": t.expires.rfc3339() }))
}

async fn revoke(c: Caller, Path(id): Path<TokenId>) -> Result<StatusCode, Problem> {
    c.session().ok_or_else(Problem::denied)?;
    c.ws.access.revoke_token(c.scope.actor(), c.user()?, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
