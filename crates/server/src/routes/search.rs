//! `GET /api/v1/search`: one search over all objects.

use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Problem, body,
    body::Query,
    caller::Caller,
    openapi::{Api, Doc, Param},
};

/// Adds the route.
pub fn routes(api: Api) -> Api {
    api.get(
        "/api/v1/search",
        search,
        Doc::new("search", "search", "Search over all objects", "全局搜索")
            .query(&[
                Param::text("q", "What was typed"),
                Param::text("objects", "Only in these"),
                Param::int("limit", "At most so many, up to 50"),
            ])
            .answer("SearchAnswer"),
    )
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Ask {
    q: String,
    objects: Option<String>,
    limit: Option<u32>,
}

async fn search(c: Caller, Query(ask): Query<Ask>) -> Result<Response, Problem> {
    let text = ask.q.trim();
    if text.is_empty() {
        return body::value(&json!({ "hits": [] }));
    }
    let text: String = text.chars().take(200).collect();
    let objects = ask
        .objects
        .map(|o| o.split(',').map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()).collect::<Vec<_>>())
        .filter(|o| !o.is_empty());
    let hits = c.ws.engine.search(&c.scope, &text, objects, ask.limit.unwrap_or(20).clamp(1, 50)).await?;
    let model = c.ws.engine.model();
    let hits: Vec<Value> = hits
        .into_iter()
        .map(|h| {
            let highlights: Vec<Value> = model
                .object(&h.object)
                .map(|o| h.highlights.iter().map(|(f, r)| json!({ "field": o.at(*f).name, "ranges": r })).collect())
                .unwrap_or_default();
            let subtitle = h.subtitle.iter().filter(|s| !s.is_empty()).cloned().collect::<Vec<_>>().join(" · ");
            json!({ "object": h.object, "id": h.id, "title": h.title, "subtitle": subtitle, "highlights": highlights, "score": h.score })
        })
        .collect();
    body::value(&json!({ "hits": hits }))
}
