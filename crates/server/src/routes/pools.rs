//! `/api/v1/me/pools`: the public pools the caller sits at (R-POOL-02).

use axum::response::Response;
use rapport_access::Seat;
use rapport_records::{Count, ListRequest};
use rapport_schema::query::CountMode;
use serde_json::json;

use crate::{
    Problem, body,
    caller::Caller,
    openapi::{Api, Doc},
};

/// Adds the route.
pub fn routes(api: Api) -> Api {
    api.get("/api/v1/me/pools", pools, Doc::new("my_pools", "me", "Public pools the caller sits at", "我的公海").answer("Pools"))
}

async fn pools(c: Caller) -> Result<Response, Problem> {
    let directory = c.ws.access.directory().await?;
    let mut all: Vec<_> = directory.pools().iter().filter(|p| p.enabled).collect();
    all.sort_by_key(|p| (p.object.clone(), p.priority, p.id));
    let mut out = vec![];
    for p in all {
        // Who may not look is told of no pool.
        let (Some(seat), Some(looking)) = (directory.seat(&c.scope, p), directory.look_into(&c.scope, p.id)) else { continue };
        let ask = ListRequest { limit: Some(1), count: CountMode::Capped, ..ListRequest::default() };
        let waiting = c.ws.engine.list(&looking, &p.object, &ask).await?.count;
        out.push(json!({
            "id": p.id, "name": p.name, "object": p.object, "seat": if seat == Seat::Admin { "admin" } else { "member" },
            "hidden": if seat == Seat::Admin { &[] } else { p.hidden.as_slice() },
            "waiting": waiting.map_or(0, |n: Count| n.value), "more": waiting.is_some_and(|n| n.capped),
        }));
    }
    body::value(&json!({ "data": out }))
}
