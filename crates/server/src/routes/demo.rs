//! `/api/v1/demo/…`: in a demo workspace a person is picked instead of a password typed.

use axum::{extract::State, http::StatusCode, response::Response};
use rapport_policy::{Reason, SystemScope};
use rapport_records::ListRequest;
use rapport_schema::UserId;
use serde::Deserialize;

use super::session;
use crate::{
    App, Problem, body,
    body::Json,
    caller::Guest,
    openapi::{Api, Doc},
};

/// Adds the routes.
pub fn routes(api: Api) -> Api {
    api.get(
        "/api/v1/demo/people",
        people,
        Doc::new("demo_people", "demo", "The people of a demo workspace", "演示人员").open().answer("RecordPage"),
    )
    .post(
        "/api/v1/demo/session",
        pick,
        Doc::new("demo_session", "demo", "Sign in as one of them", "以演示人员登录").open().body("DemoPick").answer("Session"),
    )
}

fn only_demo(g: &Guest) -> Result<(), Problem> {
    if g.ws.demo { Ok(()) } else { Err(Problem::new(StatusCode::NOT_FOUND, "demo.only")) }
}

async fn people(g: Guest) -> Result<Response, Problem> {
    only_demo(&g)?;
    let text = |s: &str| s.to_owned();
    let ask = ListRequest {
        filter: Some(r#"{"field":"status","op":"eq","value":"active"}"#.into()),
        sort: Some("created_at".into()),
        fields: Some(vec![text("name"), text("title"), text("main_dept"), text("roles"), text("locale"), text("avatar")]),
        expand: vec![text("main_dept"), text("roles")],
        limit: Some(200),
        ..ListRequest::default()
    };
    let page = g.ws.engine.list(&SystemScope::because(Reason::Sample), "user", &ask).await?;
    Ok(body::raw(StatusCode::OK, body::page(&page.rows, None, None)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pick {
    user_id: UserId,
}

async fn pick(State(app): State<App>, g: Guest, Json(b): Json<Pick>) -> Result<Response, Problem> {
    only_demo(&g)?;
    let s = g.ws.access.open_session(b.user_id, g.ip, &g.device).await?;
    session::opened(&app, &g.ws, &s).await
}
