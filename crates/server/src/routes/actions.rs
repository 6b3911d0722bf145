//! `/api/v1/{object}/{id}/actions/{action}` and `/api/v1/{object}/actions/{action}`: the registry of actions.

use axum::{http::HeaderMap, response::Response};
use rapport_schema::RecordId;
use serde_json::Value;

use super::records::{WriteQuery, options};
use crate::{
    Problem, body,
    body::{Json, Path, Query},
    caller::Caller,
    openapi::{Api, Doc},
};

/// Adds the routes.
pub fn routes(api: Api) -> Api {
    api.post(
        "/api/v1/{object}/{id}/actions/{action}",
        on_record,
        Doc::new("act", "actions", "Run an action on a record", "对记录执行操作")
            .if_match()
            .body("ActionInput")
            .answer("ActionOutput"),
    )
    .post(
        "/api/v1/{object}/actions/{action}",
        on_object,
        Doc::new("act_on_object", "actions", "Run an action on the object", "对对象执行操作")
            .body("ActionInput")
            .answer("ActionOutput"),
    )
}

async fn on_record(
    c: Caller,
    Path((object, id, action)): Path<(String, RecordId, String)>,
    Query(q): Query<WriteQuery>,
    headers: HeaderMap,
    Json(input): Json<Value>,
) -> Result<Response, Problem> {
    let o = options(&c, &q, &headers)?;
    body::value(&c.ws.engine.act(&c.scope, &object, Some(id), &action, input, o).await?)
}

async fn on_object(
    c: Caller,
    Path((object, action)): Path<(String, String)>,
    Query(q): Query<WriteQuery>,
    headers: HeaderMap,
    Json(input): Json<Value>,
) -> Result<Response, Problem> {
    let o = options(&c, &q, &headers)?;
    body::value(&c.ws.engine.act(&c.scope, &object, None, &action, input, o).await?)
}
