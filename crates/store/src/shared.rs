//! What every part of an open workspace shares.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
};

use parking_lot::{Mutex, RwLock};
use rapport_schema::{
    Millis, ObjectDef,
    plan::{Catalogue, IndexKey},
};
use tokio::sync::broadcast;

use crate::{
    Committed, Options, StoreError,
    dialect::Dialect,
    estimate::Estimates,
    layout::{Layout, Layouts},
};

/// State of one open workspace.
#[derive(Debug)]
pub(crate) struct Shared {
    pub dialect: Dialect,
    pub options: Options,
    pub layouts: Layouts,
    /// What the tables were brought to.
    pub catalogue: RwLock<Arc<Catalogue>>,
    pub commits: broadcast::Sender<Arc<Committed>>,
    /// Last number subscribers were told of.
    pub told: Mutex<i64>,
    /// Wakes the follower.
    pub behind: tokio::sync::Notify,
    pub queued: AtomicUsize,
    pub commit_count: AtomicU64,
    pub job_count: AtomicU64,
    pub estimates: Estimates,
    pub closed: AtomicBool,
    /// The engine's own tables are there.
    pub prepared: AtomicBool,
    /// Opening is over: tables and model fit.
    pub open: AtomicBool,
    /// Wakes the sealer.
    pub unsealed: tokio::sync::Notify,
    /// Commits of other nodes are heard of at once (PostgreSQL).
    pub hears: AtomicBool,
    /// Words of other nodes (PostgreSQL).
    pub words: broadcast::Sender<Arc<str>>,
}

impl Shared {
    /// How an object lies in its table.
    pub(crate) fn layout(&self, o: &Arc<ObjectDef>) -> Arc<Layout> {
        self.layouts.of(o, &self.dialect)
    }
    pub(crate) fn new(dialect: Dialect, options: Options) -> Self {
        Self {
            dialect,
            options,
            layouts: Layouts::default(),
            catalogue: RwLock::default(),
            commits: broadcast::channel(1_024).0,
            told: Mutex::new(0),
            behind: tokio::sync::Notify::new(),
            queued: AtomicUsize::new(0),
            commit_count: AtomicU64::new(0),
            job_count: AtomicU64::new(0),
            estimates: Estimates::default(),
            closed: AtomicBool::new(false),
            prepared: AtomicBool::new(false),
            open: AtomicBool::new(false),
            unsealed: tokio::sync::Notify::new(),
            hears: AtomicBool::new(false),
            words: broadcast::channel(1_024).0,
        }
    }
    pub(crate) fn now(&self) -> Millis {
        self.options.clock.now()
    }
    pub(crate) fn catalogue(&self) -> Arc<Catalogue> {
        self.catalogue.read().clone()
    }
    pub(crate) fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Turns the database's message about a unique index into object and field.
    pub(crate) fn named(&self, e: StoreError) -> StoreError {
        let StoreError::Unique(m) = e else { return e };
        let cat = self.catalogue();
        // SQLite names the columns ("UNIQUE constraint failed: account.name__u, account.x") or, for an index over an expression,
        // the index ("… index 'ux_account__…'"); PostgreSQL names the index.
        let tail = m.rsplit_once(": ").map_or(m.as_str(), |(_, t)| t);
        let index = tail.strip_prefix("index '").map_or(tail, |t| t.trim_end_matches('\''));
        for t in cat.tables.values() {
            if let Some(i) = t.indexes.get(index) {
                return not_unique(&t.name, i.fields.first().map(|f| f.as_str()));
            }
        }
        let cols: Vec<(&str, &str)> = tail.split(", ").filter_map(|c| c.split_once('.')).collect();
        if let Some((table, first)) = cols.first()
            && let Some(t) = cat.tables.get(*table)
        {
            let hit = t.indexes.values().find(|i| {
                i.unique
                    && i.keys.len() == cols.len()
                    && i.keys.iter().zip(&cols).all(|(k, (_, c))| matches!(k, IndexKey::Col(n) if n == c))
            });
            return not_unique(table, hit.and_then(|i| i.fields.first()).map(|f| f.as_str()).or(Some(first)));
        }
        not_unique("", Some(tail))
    }
}

fn not_unique(object: &str, field: Option<&str>) -> StoreError {
    StoreError::NotUnique { object: object.to_owned(), field: field.unwrap_or("id").to_owned() }
}

impl Shared {
    /// Tells subscribers of a commit, each entry once and in order. A commit that does not follow what was told last waits for the
    /// follower, which reads what other nodes or processes committed before it.
    pub(crate) fn announce(&self, c: &Committed) {
        self.unsealed.notify_one();
        let mut told = self.told.lock();
        if c.to.0 <= *told {
            return;
        }
        if c.from.0 > *told + 1 {
            self.behind.notify_one();
            return;
        }
        let new = usize::try_from(*told + 1 - c.from.0).unwrap_or(0);
        let changes = if new == 0 { c.changes.clone() } else { Arc::new(c.changes[new..].to_vec()) };
        let from = rapport_schema::Seq(*told + 1);
        *told = c.to.0;
        // Nobody subscribed is no fault. Sent under the lock: the order told is the order of numbers.
        let _nobody = self.commits.send(Arc::new(Committed { from, to: c.to, changes }));
    }
}
