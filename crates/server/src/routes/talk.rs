//! Beside a record: whom one may call on it, and who else is looking at it.

use axum::{extract::State, response::Response};
use rapport_records::ListRequest;
use rapport_schema::{ObjectName, RecordId};
use serde::Deserialize;
use serde_json::json;

use crate::{
    App, Problem, body,
    body::{Json, Path, Query},
    caller::Caller,
    openapi::{Api, Doc, Param},
    presence::{self, Here},
};

/// Adds the routes.
pub fn routes(api: Api) -> Api {
    api.get(
        "/api/v1/{object}/{id}/mentionable",
        mentionable,
        Doc::new("mentionable", "talk", "People who may be called on a record, and whether they see it", "可提及的人")
            .query(&[
                Param::text("q", "What was typed: name, pinyin, initials"),
                Param::int("limit", "At most so many, up to 20"),
            ])
            .answer("Mentionables"),
    )
    .post(
        "/api/v1/{object}/{id}/presence",
        presence,
        Doc::new("presence", "talk", "Says that a page shows the record; answers who else looks at it", "谁正在查看")
            .body("Presence")
            .answer("Present"),
    )
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Ask {
    q: String,
    limit: Option<u32>,
}

async fn mentionable(
    c: Caller,
    Path((object, id)): Path<(String, RecordId)>,
    Query(ask): Query<Ask>,
) -> Result<Response, Problem> {
    let q: String = ask.q.chars().take(60).collect();
    let data = c.ws.engine.mentionable(&c.scope, &object, id, &q, ask.limit.unwrap_or(8)).await?;
    body::value(&json!({ "data": data }))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Beat {
    /// The page, so that one closed does not hide another one.
    tab: String,
    editing: bool,
    leave: bool,
}

async fn presence(
    State(app): State<App>,
    c: Caller,
    Path((object, id)): Path<(String, RecordId)>,
    Json(b): Json<Beat>,
) -> Result<Response, Problem> {
    let user = c.user()?;
    let ask = ListRequest { fields: Some(vec![]), ..ListRequest::default() };
    let seen = c.ws.engine.get(&c.scope, &object, id, &ask).await;
    let name = ObjectName::new(&object).map_err(|_| Problem::not_found())?;
    let here = Here::new(name, id, user, c.scope.user_name(), &b.tab).editing(b.editing);
    if let Err(e) = seen {
        // Whoever may no longer see it is no longer there.
        presence::say(&app, &c.ws, here.leaves(true)).await;
        return Err(e.into());
    }
    body::value(&presence::say(&app, &c.ws, here.leaves(b.leave)).await)
}
