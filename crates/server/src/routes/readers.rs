//! `/api/v1/{object}/{id}/readers`: who sees a record, who may change it, and why.

use axum::response::Response;
use rapport_policy::{Act, Principal};
use rapport_records::{Error, ListRequest};
use rapport_schema::{RecordId, UserId, Via};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Problem, body,
    body::{Path, Query},
    caller::Caller,
    openapi::{Api, Doc, Param},
};

/// People judged in one call.
const PEOPLE: u32 = 100;
const ASK: &[Param] = &[
    Param::text("user_id", "Only this person, with an answer also when the record is not seen"),
    Param::text("cursor", "`next` of the page before"),
];

/// Adds the routes.
pub fn routes(api: Api) -> Api {
    api.get(
        "/api/v1/{object}/{id}/readers",
        readers,
        Doc::new("readers", "records", "Who sees a record, who may change it, and why", "谁能看到，为什么")
            .query(ASK)
            .answer("Readers"),
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    #[serde(default)]
    user_id: Option<UserId>,
    #[serde(default)]
    cursor: Option<String>,
}

/// Active people whom the caller may see, in the order of their names. A page judges so many of them and answers those that see the
/// record: it may hold fewer, even none, with more to come.
async fn readers(c: Caller, Path((object, id)): Path<(String, RecordId)>, Query(a): Query<Ask>) -> Result<Response, Problem> {
    let engine = &c.ws.engine;
    // Whoever does not see the record learns nothing of it.
    let only = ListRequest { fields: Some(vec!["id".into()]), ..ListRequest::default() };
    engine.get(&c.scope, &object, id, &only).await?;
    let active = json!({ "field": "status", "op": "eq", "value": "active" });
    let filter = match a.user_id {
        Some(u) => json!({ "and": [active, { "field": "id", "op": "eq", "value": u }] }),
        None => active,
    };
    let ask = ListRequest {
        filter: Some(filter.to_string()),
        sort: Some("name".into()),
        fields: Some(vec!["name".into()]),
        limit: Some(PEOPLE),
        cursor: a.cursor,
        ..ListRequest::default()
    };
    let page = engine.list(&c.scope, "user", &ask).await?;
    let people: Vec<Value> = serde_json::from_slice(&[b"[", page.rows.as_slice(), b"]"].concat()).unwrap_or_default();
    if a.user_id.is_some() && people.is_empty() {
        return Err(Error::NotFound.into());
    }
    let mut data = vec![];
    for p in people {
        let Some(user) = p["id"].as_str().and_then(|u| u.parse::<UserId>().ok()) else { continue };
        let Ok(scope) = c.ws.access.scope_of(user, Principal::Local, Via::Api).await else { continue };
        let why = engine.why(&scope, Act::Read, &object, id).await?;
        if why.is_empty() && a.user_id.is_none() {
            continue;
        }
        let edit = !why.is_empty() && !engine.why(&scope, Act::Edit, &object, id).await?.is_empty();
        data.push(json!({ "user": { "id": user, "name": p["name"] }, "read": !why.is_empty(), "edit": edit, "why": why }));
    }
    body::value(&json!({ "data": data, "next": page.next }))
}
