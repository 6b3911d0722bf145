//! `GET /api/v1/changes`: the change log after a cursor, as far as the caller may see it.

use axum::response::Response;
use rapport_schema::Seq;
use serde::Deserialize;
use serde_json::json;

use crate::{
    Problem, body,
    body::Query,
    caller::Caller,
    openapi::{Api, Doc, Param},
};

/// Adds the route.
pub fn routes(api: Api) -> Api {
    api.get(
        "/api/v1/changes",
        changes,
        Doc::new("changes", "live", "Changes after a cursor", "变更日志")
            .query(&[
                Param::int("after", "Last number already known; 0 from the beginning"),
                Param::int("limit", "At most so many, up to 1000"),
            ])
            .answer("Changes"),
    )
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Ask {
    after: i64,
    limit: Option<u32>,
}

async fn changes(c: Caller, Query(ask): Query<Ask>) -> Result<Response, Problem> {
    let (data, next) = c.ws.engine.changes(&c.scope, Seq(ask.after.max(0)), ask.limit.unwrap_or(200).clamp(1, 1000)).await?;
    body::value(&json!({ "data": data, "next": next }))
}
