//! `GET /api/v1/events`: changes as they happen, only those the listener may see.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use rapport_policy::Scope;
use rapport_records::Committed;
use rapport_schema::{Seq, Via};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{sync::broadcast::error::RecvError, time::Instant};

use crate::{
    App, Problem,
    body::Query,
    bulk::News,
    caller::{Caller, identify},
    hub::{Ended, Feed, frame},
    openapi::{Api, Doc, Param},
    presence::Place,
};

/// Entries a returning listener is given one by one; further behind, it is told to ask everything again.
const CATCH_UP: i64 = 5_000;
/// Entries read at once while catching up.
const STEP: u32 = 500;

/// Adds the route.
pub fn routes(api: Api) -> Api {
    api.get(
        "/api/v1/events",
        get(events),
        Doc::new("events", "live", "Changes as they happen (server-sent events)", "变更事件流")
            .query(&[Param::text("after", "Resume after this number (browsers send `Last-Event-ID`)")])
            .answers_with("text/event-stream"),
    )
}

#[derive(Debug, Deserialize)]
struct Ask {
    after: Option<i64>,
}

async fn events(State(app): State<App>, caller: Caller, headers: HeaderMap, Query(ask): Query<Ask>) -> Result<Response, Problem> {
    let from_header = headers.get("last-event-id").and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
    let resume = from_header.or(ask.after).map(Seq);
    // Subscribed before the cursor is read: what commits in between is in the queue.
    let commits = caller.ws.engine.db().subscribe();
    let last = caller.ws.engine.db().last_seq().await?;
    let (feed, frames) = app.hub().open(app.config().listener_backlog);
    metrics::gauge!("rapport_sse_listeners").increment(1.0);
    let listener = Listener { app, caller, feed, last: resume.unwrap_or(last) };
    tokio::spawn(async move {
        let why = listener.run(resume.is_some(), last, commits).await;
        metrics::gauge!("rapport_sse_listeners").decrement(1.0);
        if why == End::Slow {
            metrics::counter!("rapport_sse_dropped_total").increment(1);
        }
        tracing::debug!(?why, "event stream ended");
    });
    let mut r = (StatusCode::OK, Body::from_stream(frames)).into_response();
    r.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    r.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(r)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Gone,
    Slow,
    NotAllowed,
    Stopping,
    Failed,
}
impl From<Ended> for End {
    fn from(e: Ended) -> Self {
        match e {
            Ended::Gone => Self::Gone,
            Ended::Slow => Self::Slow,
        }
    }
}

type Commits = tokio::sync::broadcast::Receiver<Arc<Committed>>;

struct Listener {
    app: App,
    caller: Caller,
    feed: Feed,
    last: Seq,
}

impl Listener {
    async fn run(mut self, resumed: bool, now: Seq, mut commits: Commits) -> End {
        match self.listen(resumed, now, &mut commits).await {
            Ok(never) => match never {},
            Err(end) => {
                // Tells the page why, so that it does not have to guess: it connects again or signs in again.
                let word = match end {
                    End::NotAllowed => Some("\"signed_out\""),
                    End::Stopping => Some("\"stopping\""),
                    End::Gone | End::Slow | End::Failed => None,
                };
                if let Some(w) = word {
                    let _ = self.feed.send(frame("bye", None, w));
                }
                end
            }
        }
    }

    async fn listen(&mut self, resumed: bool, now: Seq, commits: &mut Commits) -> Result<std::convert::Infallible, End> {
        let config = self.app.config().clone();
        // The first bytes open the stream at once, also through proxies that wait for some.
        self.feed
            .send(Bytes::from(format!("retry: 2000\nevent: hello\nid: {}\ndata: {{\"seq\":{}}}\n\n", self.last.0, now.0)))?;
        if resumed {
            self.catch_up(now).await?;
        }
        let stop = self.app.stop().clone();
        let mut news = self.app.presence().news();
        let mut jobs = self.app.bulks().news();
        let mut beat = tokio::time::interval_at(Instant::now() + config.heartbeat, config.heartbeat);
        let mut check = tokio::time::interval_at(Instant::now() + config.recheck, config.recheck);
        loop {
            tokio::select! {
                () = stop.wait() => return Err(End::Stopping),
                () = self.feed.closed() => return Err(End::Gone),
                _ = beat.tick() => self.feed.send(Bytes::from_static(b": beat\n\n"))?,
                _ = check.tick() => self.recheck().await?,
                // What was missed is told by the next answer to the page.
                place = news.recv() => if let Ok(p) = place {
                    self.presence(&p)?;
                },
                // What was missed is told by the next news of the job, and by whoever asks.
                job = jobs.recv() => if let Ok(n) = job {
                    self.job(&n)?;
                },
                got = commits.recv() => match got {
                    Ok(c) => self.commit(&c).await?,
                    Err(RecvError::Lagged(_)) => {
                        let now = self.caller.ws.engine.db().last_seq().await.map_err(|_| End::Failed)?;
                        self.catch_up(now).await?;
                    }
                    Err(RecvError::Closed) => return Err(End::Stopping),
                },
            }
        }
    }

    /// How far a job is, for the person whose it is.
    fn job(&self, n: &News) -> Result<(), End> {
        let scope: &Scope = &self.caller.scope;
        if n.workspace != self.caller.ws.name || scope.user() != Some(n.user) {
            return Ok(());
        }
        let model = self.caller.ws.engine.model();
        if model.object(&n.object).is_none_or(|o| !scope.may_on(o, "read")) {
            return Ok(());
        }
        Ok(self.feed.send(frame("job", None, &n.body.to_string()))?)
    }

    async fn commit(&mut self, c: &Committed) -> Result<(), End> {
        // Part of the group may have come by catching up.
        let new = &c.changes[c.changes.partition_point(|e| e.seq <= self.last)..];
        if !new.is_empty() {
            let seen = self.caller.ws.engine.visible(&self.caller.scope, new).await.map_err(|_| End::Failed)?;
            self.send_all(&seen)?;
        }
        self.last = self.last.max(c.to);
        Ok(())
    }

    /// Everything between the listener's place and now, from the log.
    async fn catch_up(&mut self, now: Seq) -> Result<(), End> {
        if self.last > now || now.0 - self.last.0 > CATCH_UP {
            self.last = now;
            return Ok(self.feed.send(frame("reset", Some(now.0), "{}"))?);
        }
        while self.last < now {
            let scope: &Scope = &self.caller.scope;
            let (seen, reached) = self.caller.ws.engine.changes(scope, self.last, STEP).await.map_err(|_| End::Failed)?;
            self.send_all(&seen)?;
            if reached <= self.last {
                break;
            }
            self.last = reached;
        }
        Ok(())
    }

    /// Who else is at a record, for a listener who is there too.
    fn presence(&self, at: &Place) -> Result<(), End> {
        if at.workspace != self.caller.ws.name {
            return Ok(());
        }
        let Some(me) = self.caller.scope.user() else { return Ok(()) };
        if let Some(people) = self.app.presence().others(at, me) {
            let said = json!({ "object": at.object, "id": at.id, "people": people });
            self.feed.send(frame("presence", None, &said.to_string()))?;
        }
        Ok(())
    }

    fn send_all(&self, seen: &[Value]) -> Result<(), End> {
        for v in seen {
            let seq = v.get("seq").and_then(Value::as_i64);
            self.feed.send(frame("change", seq, &v.to_string()))?;
        }
        Ok(())
    }

    /// A revoked session or right ends or narrows the stream within one interval.
    async fn recheck(&mut self) -> Result<(), End> {
        if self.caller.ws.access.still_valid(&self.caller.scope).await {
            return Ok(());
        }
        let via = self.caller.scope.actor().via;
        let now = again(&self.caller, via).await.ok_or(End::NotAllowed)?;
        // A session that begins or ends to look as somebody else is another listener: its page connects again.
        if now.user() != self.caller.scope.user() {
            return Err(End::NotAllowed);
        }
        self.caller.scope = now;
        Ok(())
    }
}

/// The caller's reach as it is now, when the credential is still good.
async fn again(c: &Caller, via: Via) -> Option<Scope> {
    identify(&c.ws, &c.credential, via, c.ip).await.ok()
}
