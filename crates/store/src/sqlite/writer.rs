//! The one thread that writes.

use std::{
    collections::HashSet,
    fmt::Write as _,
    path::Path,
    sync::{Arc, atomic::Ordering},
    thread::JoinHandle,
    time::Duration,
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use futures::executor::block_on;
use parking_lot::Mutex;
use rusqlite::Connection;

use super::{
    checkpoint::Checkpoints,
    space::{Room, Space},
    turn::Turn,
};
use crate::{
    Result, StoreError, Tx,
    group::{self, Kind, Work},
    shared::Shared,
    terms,
    tx::Conn,
};

/// Most jobs that may wait; beyond, callers are told to come back.
const QUEUE: usize = 8_192;
/// How long nobody must have come before the writer does something for itself.
const QUIET: Duration = Duration::from_millis(20);

/// The writer thread's queue.
#[derive(Debug)]
pub(crate) struct Writer {
    to: Mutex<Option<Sender<Box<dyn Work>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl std::fmt::Debug for dyn Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Work")
    }
}

impl Writer {
    pub(crate) fn start(path: &Path, mut c: Connection, shared: Arc<Shared>) -> Result<Self> {
        let (to, from) = bounded(QUEUE);
        let space = Space::new(path, shared.options.reserve_bytes);
        let turn = Turn::new(path);
        let checkpoints = Checkpoints::start(path, &mut c, &shared.options)?;
        let thread = std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || {
                let tx = work(Box::new(c), &from, &shared, space, turn);
                let Conn::Lite(mut c) = tx.conn else { return };
                checkpoints.stop(&mut c);
                for text in ["PRAGMA optimize", "PRAGMA wal_checkpoint(TRUNCATE)"] {
                    if let Err(e) = c.execute_batch(text) {
                        tracing::warn!(error = %e, "{text}");
                    }
                }
            })
            .map_err(|e| StoreError::Unavailable(e.to_string()))?;
        Ok(Self { to: Mutex::new(Some(to)), thread: Mutex::new(Some(thread)) })
    }
    pub(crate) fn send(&self, w: Box<dyn Work>, shared: &Shared) -> Result<()> {
        let to = self.to.lock().clone().ok_or_else(|| StoreError::Unavailable("the workspace is closed".into()))?;
        shared.queued.fetch_add(1, Ordering::Relaxed);
        to.try_send(w).map_err(|e| {
            shared.queued.fetch_sub(1, Ordering::Relaxed);
            StoreError::Unavailable(match e {
                TrySendError::Full(_) => "too many writes wait".into(),
                TrySendError::Disconnected(_) => "the writer has ended".into(),
            })
        })
    }
    /// Finishes what is queued and ends the thread.
    pub(crate) fn stop(&self) {
        self.to.lock().take();
        if let Some(t) = self.thread.lock().take()
            && t.join().is_err()
        {
            tracing::error!("the writer thread panicked");
        }
    }
}

/// Works until there is no more to come; gives back what holds the connection.
fn work(c: Box<Connection>, from: &Receiver<Box<dyn Work>>, shared: &Arc<Shared>, mut space: Space, turn: Turn) -> Tx {
    let mut tx = Tx::new(Conn::Lite(c), shared.clone());
    tx.turn = Some(turn);
    let (mut written, mut due) = (0_usize, 2_000_usize);
    let mut kept = None;
    while let Some(first) = kept.take().or_else(|| next(&mut tx, from, &mut space)) {
        let mut works = group::gather(first, &mut kept, shared.options.group, || from.try_recv().ok());
        works.retain(|w| {
            let gone = w.abandoned();
            if gone {
                shared.queued.fetch_sub(1, Ordering::Relaxed);
            }
            !gone
        });
        // Opening a workspace that is up to date writes nothing: a server starts on a full disk too.
        let room = if shared.is_open() { space.room() } else { Room::Enough };
        if room != Room::Enough {
            let (go_on, refused) = works.into_iter().partition(|w| room == Room::Reserve && w.kind() == Kind::Vital);
            works = go_on;
            group::finish(shared, refused, Err(StoreError::Full));
        }
        if works.is_empty() {
            continue;
        }
        let jobs = works.len();
        let done = block_on(group::attempt(&mut tx, &mut works));
        written += done.as_ref().ok().and_then(Option::as_ref).map_or(0, |c| c.changes.len()).max(jobs);
        group::finish(shared, works, done);
        if written >= due && from.is_empty() {
            if let Conn::Lite(c) = &tx.conn
                && let Err(e) = statistics(c)
            {
                tracing::warn!(error = %e, "the planner's statistics could not be renewed");
            }
            due = due.saturating_mul(4);
        }
    }
    tx
}

/// The next job; while none comes, search tables are merged.
fn next(tx: &mut Tx, from: &Receiver<Box<dyn Work>>, space: &mut Space) -> Option<Box<dyn Work>> {
    while !tx.unmerged.is_empty() && space.room() == Room::Enough {
        match from.recv_timeout(QUIET) {
            Ok(w) => return Some(w),
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) => {
                if let Err(e) = block_on(terms::merge(tx)) {
                    tracing::warn!(error = %e, "a search table could not be merged");
                }
            }
        }
    }
    from.recv().ok()
}

/// Rows of a table from which on its statistics stay as they are: what they say of its columns changes little, and SQLite counts
/// every index to its end, whatever the limit of the analysis: half a minute for a million rows that are not in memory.
const KNOWN: i64 = 50_000;

/// Renews what the planner knows of the indexes, from a sample of each, and makes the readers take notice: they read statistics
/// only with the schema, so the schema is touched. The tables behind the search tables are left out: without an index of their own
/// they would be counted page by page; so are tables known to be large.
fn statistics(c: &Connection) -> rusqlite::Result<()> {
    let mut known = HashSet::new();
    if c.table_exists(None, "sqlite_stat1")? {
        let mut large = c.prepare("SELECT tbl FROM sqlite_stat1 GROUP BY tbl HAVING max(CAST(stat AS INTEGER)) >= ?1")?;
        for table in large.query_map([KNOWN], |r| r.get::<_, String>(0))? {
            known.insert(table?);
        }
    }
    let mut tables = c.prepare(
        "SELECT DISTINCT tbl_name FROM sqlite_schema WHERE type = 'index' AND NOT (tbl_name GLOB '_fts_*' OR tbl_name GLOB '_py_*')",
    )?;
    let mut text = String::from("PRAGMA analysis_limit = 1000; BEGIN IMMEDIATE;");
    for name in tables.query_map([], |r| r.get::<_, String>(0))? {
        let name = name?;
        if !known.contains(&name) {
            write!(text, "ANALYZE \"{name}\";").expect("writing to a string");
        }
    }
    text.push_str("CREATE TABLE _touch (x); DROP TABLE _touch; COMMIT");
    c.execute_batch(&text).inspect_err(|_| {
        // Failed inside: nothing of it stays.
        if !c.is_autocommit() {
            let _rolled_back = c.execute_batch("ROLLBACK");
        }
    })
}
