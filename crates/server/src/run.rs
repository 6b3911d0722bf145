//! Running until told to stop: new requests are refused, running ones finish, streams end.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{net::TcpListener, sync::watch};

use crate::{App, router};

/// A signal that ends the server, seen by everything that waits.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Stop {
    /// Gives the signal.
    pub fn now(&self) {
        self.0.send_replace(true);
    }
    /// The signal was given.
    #[must_use]
    pub fn is_on(&self) -> bool {
        *self.0.borrow()
    }
    /// Waits for the signal.
    pub async fn wait(&self) {
        let mut r = self.0.subscribe();
        // The sender lives in self, so this ends only when the signal is given.
        let _ = r.wait_for(|on| *on).await;
    }
}

/// How often what time does by itself is looked after.
const UPKEEP: Duration = Duration::from_hours(1);

/// Expired access, old deleted records, switched-off fields, and sharing rules whose work was cut off: now and every hour.
fn upkeep(app: &App) {
    let app = app.clone();
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(UPKEEP);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = app.stop().wait() => return,
            }
            for ws in app.workspaces().all() {
                let shares = ws.engine.build_shares().await;
                let done = ws.engine.upkeep().await;
                match (shares, done) {
                    (Ok(rules), Ok(done)) => tracing::debug!(workspace = ws.name, rules, ?done, "upkeep"),
                    (Err(e), _) | (_, Err(e)) => {
                        tracing::warn!(workspace = ws.name, error = %e, "upkeep failed; next in an hour");
                    }
                }
            }
        }
    });
}

/// How often is looked whether time has brought something.
const CHORES: Duration = Duration::from_mins(1);

/// What time brings (records fall back into their pools, owners are warned before): looked after every minute.
async fn chores(app: App) {
    let at_work = Arc::new(parking_lot::Mutex::new(std::collections::HashSet::new()));
    let mut ticks = tokio::time::interval(CHORES);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = app.stop().wait() => return,
        }
        for ws in app.workspaces().all() {
            // One workspace does not wait for what another one has much to do with, nor is anything begun twice.
            if !at_work.lock().insert(ws.name.clone()) {
                continue;
            }
            let (at_work, name) = (at_work.clone(), ws.name.clone());
            let work = tokio::spawn(async move {
                for (chore, error) in ws.engine.chores().await {
                    tracing::warn!(workspace = ws.name, chore, %error, "not done; next try in a minute");
                }
            });
            tokio::spawn(async move {
                if let Err(error) = work.await {
                    tracing::error!(workspace = name, %error, "a chore broke off");
                }
                at_work.lock().remove(&name);
            });
        }
    }
}

/// Longest wait for running requests after the signal.
const DRAIN: Duration = Duration::from_secs(20);

/// Time between two rounds that remove expired documents.
const ROUND: Duration = Duration::from_hours(1);

/// Removes what has expired, at once and then every hour, until the server ends.
async fn forget(app: App) {
    let stop = app.stop().clone();
    loop {
        for ws in app.workspaces().all() {
            match ws.engine.forget_expired().await {
                Ok(0) => {}
                Ok(n) => tracing::debug!(workspace = %ws.name, n, "expired documents removed"),
                Err(error) => tracing::warn!(workspace = %ws.name, %error, "expired documents could not be removed"),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(ROUND) => {}
            () = stop.wait() => return,
        }
    }
}

/// Serves until [`App::stop`] is given, then lets running requests finish for at most 20 s.
///
/// # Errors
/// When the socket cannot be served.
pub async fn serve(app: App, listener: TcpListener) -> std::io::Result<()> {
    crate::jobs::go_on::<crate::imports::Work>(&app);
    crate::jobs::go_on::<crate::bulk::Work>(&app);
    upkeep(&app);
    tokio::spawn(chores(app.clone()));
    let stop = app.stop().clone();
    tokio::spawn(forget(app.clone()));
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    let waiting = stop.clone();
    let server = axum::serve(listener, service).with_graceful_shutdown(async move { waiting.wait().await });
    let mut server = tokio::spawn(async move { server.await });
    tokio::select! {
        done = &mut server => return done.unwrap_or_else(|e| Err(std::io::Error::other(e))),
        () = stop.wait() => {}
    }
    match tokio::time::timeout(DRAIN, &mut server).await {
        Ok(done) => done.unwrap_or_else(|e| Err(std::io::Error::other(e))),
        Err(_) => {
            tracing::warn!(seconds = DRAIN.as_secs(), "requests were still running at the end of the wait and were cut off");
            server.abort();
            Ok(())
        }
    }
}
