//! Refusing early instead of collapsing: a bound on requests worked on at once.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{App, Problem};

/// The bound.
#[derive(Debug)]
pub struct Gate {
    turns: Arc<Semaphore>,
    wait: Duration,
}

impl Gate {
    /// At most `n` at once; a request waits for its turn at most `wait`.
    #[must_use]
    pub fn new(n: usize, wait: Duration) -> Self {
        Self { turns: Arc::new(Semaphore::new(n)), wait }
    }
    async fn enter(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(p) = self.turns.clone().try_acquire_owned() {
            return Some(p);
        }
        tokio::time::timeout(self.wait, self.turns.clone().acquire_owned()).await.ok()?.ok()
    }
}

/// These always get their turn: without health nobody knows, without sign-in nobody helps.
fn always(method: &Method, path: &str) -> bool {
    !path.starts_with("/api/") || path == "/api/v1/session" || (method == Method::GET && path == "/api/v1/setup")
}

/// Requests whose answer takes as long as the body: the time limit is for the others.
fn long(path: &str) -> bool {
    path.starts_with("/api/v1/import")
        || path.starts_with("/api/v1/files")
        || ["/export", "/batch", "/undo"].iter().any(|end| path.ends_with(end))
}

/// Lets a request in, or refuses with 503 and `Retry-After`; ends the wait for an answer at the time limit.
pub async fn shed(State(app): State<App>, req: Request, next: Next) -> Response {
    let path = req.uri().path();
    let (free, slow) = (always(req.method(), path), long(path));
    if app.stop().is_on() && !free {
        return Problem::new(StatusCode::SERVICE_UNAVAILABLE, "server.stopping").retry(2).into_response();
    }
    let permit = if free { None } else { app.gate().enter().await };
    if permit.is_none() && !free {
        return Problem::new(StatusCode::SERVICE_UNAVAILABLE, "server.busy").retry(1).into_response();
    }
    if slow {
        return next.run(req).await;
    }
    match tokio::time::timeout(app.config().timeout, next.run(req)).await {
        Ok(r) => r,
        Err(_) => Problem::new(StatusCode::SERVICE_UNAVAILABLE, "server.timeout").retry(5).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_gate_refuses_after_the_wait_and_opens_again() {
        let g = Gate::new(1, Duration::from_millis(20));
        let first = g.enter().await;
        assert!(first.is_some());
        assert!(g.enter().await.is_none());
        drop(first);
        assert!(g.enter().await.is_some());
    }
}
