//! `POST /api/v1/{object}/aggregate`: groups and measures.

use axum::response::Response;
use serde_json::Value;

use crate::{
    Problem, body,
    body::{Json, Path},
    caller::Caller,
    openapi::{Api, Doc},
};

/// Adds the route.
pub fn routes(api: Api) -> Api {
    api.post(
        "/api/v1/{object}/aggregate",
        aggregate,
        Doc::new("aggregate", "records", "Groups and measures", "分组统计").body("AggregateQuery").answer("AggregateAnswer"),
    )
}

async fn aggregate(c: Caller, Path(object): Path<String>, Json(ask): Json<Value>) -> Result<Response, Problem> {
    body::value(&c.ws.engine.aggregate(&c.scope, &object, ask).await?)
}
