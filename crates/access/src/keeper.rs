//! Keeps the directory true: dropped by the change log as it happens, and checked against the log's last number every second,
//! so that a commit on another node, or one the subscription lost, is seen well within five seconds.

use async_recursion::async_recursion as boxed;
use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use rapport_policy::{Act, Reason, SystemScope};
use rapport_schema::{ChangeOp, Clock, Millis, Model, Seq, query::Filter};
use rapport_store::{Bin, Committed, Db, Select, StoreError};
use tokio::{sync::broadcast::error::RecvError, time::Instant};

use crate::people::{self, Directory, Source};

/// How often the log's last number is compared.
const CHECK: Duration = Duration::from_secs(1);
/// A directory not confirmed for so long is confirmed before it is used.
const STALE: Duration = Duration::from_millis(3_500);
/// Rebuilding waits a little for more changes of the same kind (an import of people).
const GATHER: Duration = Duration::from_millis(150);

/// Gives the model now.
pub type ModelNow = Arc<dyn Fn() -> Arc<Model> + Send + Sync>;

#[derive(Debug)]
struct State {
    /// Every change up to here is in the directory or does not concern it.
    seen: Seq,
    /// The log's last number at the check before; still not seen at the next check = missed.
    expected: Seq,
    /// When that check was made.
    expected_at: Instant,
    /// People changed since the directory was read.
    dirty: bool,
    /// When the directory was last known to be complete.
    confirmed: Instant,
}

/// Holds the directory of one workspace.
pub struct Keeper {
    db: Db,
    model: ModelNow,
    clock: Arc<dyn Clock>,
    directory: ArcSwap<Directory>,
    state: Mutex<State>,
    reading: tokio::sync::Mutex<()>,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeper").field("state", &*self.state.lock()).finish_non_exhaustive()
    }
}

impl Keeper {
    /// Reads everybody and starts following the log. The task ends with the last handle.
    #[boxed]
    pub async fn start(db: Db, model: ModelNow, clock: Arc<dyn Clock>) -> Result<Arc<Self>, StoreError> {
        // Subscribed before reading: what commits meanwhile is heard.
        let commits = db.subscribe();
        let seen = db.last_seq().await?;
        let directory = read(&db, &model(), clock.now()).await?;
        let keeper = Arc::new(Self {
            directory: ArcSwap::from_pointee(directory),
            state: Mutex::new(State {
                seen,
                expected: seen,
                expected_at: Instant::now(),
                dirty: false,
                confirmed: Instant::now(),
            }),
            reading: tokio::sync::Mutex::default(),
            db,
            model,
            clock,
        });
        tokio::spawn(follow(Arc::downgrade(&keeper), commits));
        Ok(keeper)
    }

    /// The directory as it is; at most a few seconds old.
    #[boxed]
    pub async fn recent(&self) -> Result<Arc<Directory>, StoreError> {
        let stale = self.state.lock().confirmed.elapsed() > STALE;
        let model_changed = self.directory.load().model_version() != (self.model)().version;
        if stale || model_changed {
            return self.current().await;
        }
        Ok(self.directory.load_full())
    }

    /// The directory with everything committed before this call.
    #[boxed]
    pub async fn current(&self) -> Result<Arc<Directory>, StoreError> {
        let asked = Instant::now();
        let last = self.db.last_seq().await?;
        {
            let mut s = self.state.lock();
            if !s.dirty && s.seen >= last && self.directory.load().model_version() == (self.model)().version {
                s.confirmed = s.confirmed.max(asked);
                return Ok(self.directory.load_full());
            }
        }
        self.reload(last).await
    }

    async fn reload(&self, at_least: Seq) -> Result<Arc<Directory>, StoreError> {
        let _one = self.reading.lock().await;
        let started = Instant::now();
        {
            // Somebody else read while this one waited.
            let s = self.state.lock();
            if !s.dirty && s.seen >= at_least && self.directory.load().model_version() == (self.model)().version {
                return Ok(self.directory.load_full());
            }
        }
        let upto = self.db.last_seq().await?;
        self.state.lock().dirty = false;
        let read = match read(&self.db, &(self.model)(), self.clock.now()).await {
            Ok(d) => Arc::new(d),
            Err(e) => {
                self.state.lock().dirty = true;
                return Err(e);
            }
        };
        self.directory.store(read.clone());
        let mut s = self.state.lock();
        s.seen = s.seen.max(upto);
        s.confirmed = s.confirmed.max(started);
        Ok(read)
    }

    /// A commit was heard of.
    fn hear(&self, c: &Committed) {
        let mut s = self.state.lock();
        if c.changes.iter().any(|c| c.op != ChangeOp::Note && people::OBJECTS.contains(&c.object.as_str())) {
            s.dirty = true;
        }
        // A hole before it: something was missed, the next check will find that out.
        if c.from.0 <= s.seen.0 + 1 {
            s.seen = s.seen.max(c.to);
        }
    }

    /// Compares with the log. A last number that was not heard of by the next check was missed.
    async fn check(&self) {
        let asked = Instant::now();
        let last = match self.db.last_seq().await {
            Ok(s) => s,
            Err(e) => {
                tracing::warn!(error = %e, "the change log cannot be read; rights are confirmed before each use");
                return;
            }
        };
        {
            let mut s = self.state.lock();
            let missed = s.seen < s.expected;
            if !missed && !s.dirty {
                // Complete as of the check before, however many commits are on their way since.
                s.confirmed = s.confirmed.max(s.expected_at);
            }
            s.expected = last;
            s.expected_at = asked;
            if s.seen >= last && !s.dirty {
                s.confirmed = s.confirmed.max(asked);
                return;
            }
            if !missed && !s.dirty {
                return;
            }
        }
        if let Err(e) = self.reload(last).await {
            tracing::warn!(error = %e, "people cannot be read");
        }
    }

    async fn reload_if_dirty(&self) {
        if !self.state.lock().dirty {
            return;
        }
        tokio::time::sleep(GATHER).await;
        let last = self.state.lock().seen;
        if let Err(e) = self.reload(last).await {
            tracing::warn!(error = %e, "people cannot be read");
        }
    }
}

async fn follow(keeper: Weak<Keeper>, mut commits: tokio::sync::broadcast::Receiver<Arc<Committed>>) {
    let mut ticks = tokio::time::interval(CHECK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut open = true;
    loop {
        let heard = tokio::select! {
            c = commits.recv(), if open => Some(c),
            _ = ticks.tick() => None,
        };
        let Some(k) = keeper.upgrade().filter(|k| !k.db.is_closed()) else { return };
        match heard {
            Some(Ok(c)) => {
                k.hear(&c);
                k.reload_if_dirty().await;
            }
            // The check finds out what was lost.
            Some(Err(RecvError::Lagged(_))) => {}
            Some(Err(RecvError::Closed)) => open = false,
            None => k.check().await,
        }
    }
}

/// Reads everybody from their tables.
async fn read(db: &Db, model: &Arc<Model>, now: Millis) -> Result<Directory, StoreError> {
    let scope = SystemScope::because(Reason::Authentication);
    let mut source = Source::default();
    for name in people::OBJECTS {
        let Some(object) = model.object(name) else { continue };
        let select = Select {
            model: model.clone(),
            object: object.clone(),
            rows: scope.rule(Act::Read, model, object),
            beyond: Arc::default(),
            filter: Filter::True,
            text: None,
            sort: vec![],
            after: None,
            limit: 1_000_000,
            bin: Bin::Live,
            now,
            user: None,
        };
        source.records.insert(name, db.records(select).await?);
    }
    Ok(Directory::read(model.clone(), &source))
}
