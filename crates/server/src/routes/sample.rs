//! `/api/v1/sample`: customers to try things on in a workspace of one's own, and their removal.

use std::{collections::BTreeMap, future::Future, time::Duration};

use axum::{http::StatusCode, response::Response};
use rapport_records::{Error, ListRequest};
use rapport_sample::SampleError;
use rapport_schema::{Millis, RecordId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Problem, body,
    caller::Caller,
    openapi::{Api, Doc},
};

/// Customers of a trial: enough for a full board, few enough to know them.
const CUSTOMERS: usize = 60;
const SEED: u64 = 11;
/// Where it is kept what is known of it.
const KIND: &str = "sample";
const KEY: &str = "batch";
/// A workspace with any of these has data of its own: nothing is offered.
const OWN: [&str; 4] = ["account", "contact", "product", "opportunity"];
/// How long a caller waits.
const PATIENCE: Duration = Duration::from_secs(15);
/// Longest time one filling or removal is believed to be under way; after that its program has ended in the middle.
const LONGEST_MS: i64 = 10 * 60_000;

/// Adds the routes.
pub fn routes(api: Api) -> Api {
    api.get(
        "/api/v1/sample",
        state,
        Doc::new("sample_state", "setup", "Is sample data offered, is it there?", "示例数据状态").answer("SampleState"),
    )
    .post(
        "/api/v1/sample",
        fill,
        Doc::new("sample_fill", "setup", "Add customers to try things on", "加入示例数据").answer("SampleFilled"),
    )
    .delete(
        "/api/v1/sample",
        remove,
        Doc::new("sample_remove", "setup", "Take the sample data back", "移除示例数据").answer("SampleRemoved"),
    )
}

/// What is known of the sample data of a workspace, on all its nodes.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Known {
    /// Under which it was written; none = it is not there.
    batch: Option<RecordId>,
    /// Since when it is being filled or removed.
    busy_since: Option<Millis>,
}

impl Known {
    fn read(body: Option<&Value>) -> Self {
        body.and_then(|b| Self::deserialize(b).ok()).unwrap_or_default()
    }
    fn busy(self, now: Millis) -> bool {
        self.busy_since.is_some_and(|t| now.0 - t.0 < LONGEST_MS)
    }
}

async fn known(c: &Caller) -> Result<Known, Problem> {
    Ok(Known::read(c.ws.engine.document(KIND, KEY).await?.as_ref()))
}

/// Takes the sample data in hand: of several at once one succeeds. `next` answers the batch it will be about, or nothing.
async fn begin(c: &Caller, next: impl Fn(Known) -> Option<RecordId> + Send + Sync + 'static) -> Result<bool, Problem> {
    let now = c.ws.engine.now();
    let change = move |was: Option<Value>| {
        let was = Known::read(was.as_ref());
        let batch = if was.busy(now) { None } else { next(was) }?;
        Some(json!(Known { batch: Some(batch), busy_since: Some(now) }))
    };
    Ok(c.ws.engine.change_document(KIND, KEY, change).await?)
}

async fn end(c: &Caller, batch: Option<RecordId>) -> Result<(), Problem> {
    c.ws.engine.change_document(KIND, KEY, move |_| Some(json!(Known { batch, busy_since: None }))).await?;
    Ok(())
}

/// The workspace holds nothing of its own yet.
async fn empty(c: &Caller) -> Result<bool, Problem> {
    for object in OWN {
        let one = ListRequest { limit: Some(1), fields: Some(vec!["id".into()]), ..ListRequest::default() };
        if !c.ws.engine.list(&c.scope, object, &one).await?.rows.is_empty() {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn state(c: Caller) -> Result<Response, Problem> {
    if !c.scope.is_admin() || c.ws.demo {
        return body::value(&json!({ "offered": false, "present": false, "running": false }));
    }
    let k = known(&c).await?;
    let offered = k.batch.is_none() && empty(&c).await?;
    body::value(&json!({ "offered": offered, "present": k.batch.is_some(), "running": k.busy(c.ws.engine.now()) }))
}

/// The answer of work that goes on when nobody waits any more; without it after a while: `GET` says when it is over.
async fn waited(work: impl Future<Output = Result<Value, Problem>> + Send + 'static) -> Result<Response, Problem> {
    match tokio::time::timeout(PATIENCE, tokio::spawn(work)).await {
        Ok(Ok(done)) => body::value(&done?),
        Ok(Err(e)) => Err(Problem::internal(&e)),
        Err(_) => body::value(&json!({ "running": true })),
    }
}

async fn fill(c: Caller) -> Result<Response, Problem> {
    let Some(owner) = c.scope.user().filter(|_| c.scope.is_admin()) else { return Err(Problem::denied()) };
    let batch = c.ws.engine.new_id();
    // Remembered before anything is written: what a fault leaves half can be taken back.
    let free = !c.ws.demo && empty(&c).await? && begin(&c, move |was| was.batch.is_none().then_some(batch)).await?;
    if !free {
        return Err(Problem::new(StatusCode::CONFLICT, "sample.not_offered"));
    }
    waited(async move {
        let now = c.ws.engine.now();
        let filled = rapport_sample::trial(&c.ws.engine, owner, now, SEED, CUSTOMERS, batch).await;
        end(&c, Some(batch)).await?;
        let filled = filled.map_err(|e| match e {
            SampleError::Pipeline(e) => e.into(),
            e => Problem::internal(&e),
        })?;
        let made: usize = filled.counts.iter().map(|(_, n)| n).sum();
        Ok(json!({ "running": false, "made": made }))
    })
    .await
}

/// Takes it back to the recycle bin, newest first. What people changed since stays, with what it belongs to; asked again it goes on.
async fn remove(c: Caller) -> Result<Response, Problem> {
    if !c.scope.is_admin() {
        return Err(Problem::denied());
    }
    let k = known(&c).await?;
    let (Some(batch), true) = (k.batch, begin(&c, |was| was.batch).await?) else {
        return Err(Problem::new(StatusCode::CONFLICT, "sample.not_there"));
    };
    waited(async move {
        let done = match c.ws.engine.undo(&c.scope, batch).await {
            Ok(done) => Ok(done.rows),
            // Nothing was written.
            Err(Error::NotFound) => Ok(vec![]),
            Err(e) => Err(e),
        };
        let kept = done.as_ref().map_or(1, |rows| rows.iter().filter(|r| r.is_err()).count());
        end(&c, (kept > 0).then_some(batch)).await?;
        let done = done?;
        let removed = done.len() - kept;
        let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
        for e in done.into_iter().filter_map(Result::err) {
            *reasons.entry(Problem::from(e).code.into_owned()).or_default() += 1;
        }
        Ok(json!({ "running": false, "removed": removed, "kept": kept, "reasons": reasons }))
    })
    .await
}
