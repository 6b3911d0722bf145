//! What clients were told: the truth the database is compared with.
//!
//! A write is *acknowledged* once its answer was read, and must be there ever after. A write without an answer, or with an answer that
//! promises nothing, is *open*: it may be there, wholly, or not at all.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

/// What was acknowledged of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its id.
    pub id: String,
    /// Its automatic number.
    pub code: String,
    /// Its version.
    pub version: i64,
    /// The value all its marked fields hold.
    pub value: String,
    /// It is in the recycle bin.
    pub deleted: bool,
}

/// A write whose fate is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Open {
    /// Made with this value.
    Create(String),
    /// Changed to this value.
    Update(String),
    /// Put in the recycle bin.
    Delete,
}

/// One record of a writer.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// The round that made it.
    pub round: u32,
    /// What was acknowledged last.
    pub known: Option<Known>,
    /// What was sent and not answered.
    pub open: Option<Open>,
    /// Every acknowledged version with its value.
    pub past: BTreeMap<i64, String>,
}

/// A batch of rows with a common mark.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The mark.
    pub mark: String,
    /// Rows.
    pub size: usize,
    /// The value acknowledged for every row; none = the batch that makes them was not answered.
    pub known: Option<String>,
    /// A value that was sent and not answered.
    pub open: Option<String>,
    /// Ids, in order.
    pub ids: Vec<String>,
}

/// One import.
#[derive(Debug, Clone)]
pub struct Import {
    /// The mark of its rows.
    pub mark: String,
    /// Rows of the file.
    pub rows: u64,
    /// The job, once its start was answered.
    pub job: Option<String>,
    /// It was told to be done.
    pub done: bool,
}

/// Everything clients know.
#[derive(Debug, Default)]
pub struct State {
    /// Records of the writers by name.
    pub records: BTreeMap<String, Record>,
    /// Batches.
    pub batches: Vec<Batch>,
    /// Imports.
    pub imports: Vec<Import>,
}

/// The ledger, shared by all writers.
#[derive(Debug, Default)]
pub struct Ledger {
    state: Mutex<State>,
    frozen: AtomicBool,
    /// Writes acknowledged.
    pub acknowledged: AtomicU64,
    /// Writes without an answer, or with one that promises nothing.
    pub unanswered: AtomicU64,
    /// Answers that asked to come back later.
    pub later: AtomicU64,
}

impl Ledger {
    /// The books.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// From now on answers count for nothing: those under way when the power is cut are ambiguous. Taken under the lock, so
    /// that what was counted was read before.
    pub fn freeze(&self) {
        let _books = self.lock();
        self.frozen.store(true, Ordering::SeqCst);
    }
    /// Answers count for nothing now.
    pub fn is_frozen(&self) -> bool {
        self.frozen.load(Ordering::SeqCst)
    }
    /// Answers count again.
    pub fn thaw(&self) {
        self.frozen.store(false, Ordering::SeqCst);
    }
    /// Notes what is to be sent for a record. False: answers count for nothing any more, so nothing may be sent either; what was
    /// sent last stays open.
    #[must_use]
    pub fn sent(&self, round: u32, name: &str, op: Open) -> bool {
        let mut s = self.lock();
        if self.is_frozen() {
            return false;
        }
        let r = s.records.entry(name.to_owned()).or_default();
        r.round = round;
        r.open = Some(op);
        true
    }
    /// Notes an answer for a record.
    pub fn acked(&self, name: &str, now: Known) {
        let mut s = self.lock();
        if self.frozen.load(Ordering::SeqCst) {
            return;
        }
        let r = s.records.entry(name.to_owned()).or_default();
        r.past.insert(now.version, now.value.clone());
        r.known = Some(now);
        r.open = None;
        self.acknowledged.fetch_add(1, Ordering::Relaxed);
    }
    /// Notes that a record's write certainly was not done.
    pub fn refused(&self, name: &str) {
        let mut s = self.lock();
        if self.frozen.load(Ordering::SeqCst) {
            return;
        }
        if let Some(r) = s.records.get_mut(name) {
            r.open = None;
            if r.known.is_none() {
                s.records.remove(name);
            }
        }
    }
    /// Changes a batch's entry after an answer.
    pub fn batch_acked(&self, at: usize, change: impl FnOnce(&mut Batch)) {
        let mut s = self.lock();
        if self.frozen.load(Ordering::SeqCst) {
            return;
        }
        change(&mut s.batches[at]);
        self.acknowledged.fetch_add(1, Ordering::Relaxed);
    }
    /// One line of figures.
    #[must_use]
    pub fn summary(&self) -> String {
        let s = self.lock();
        format!(
            "{} acknowledged writes on {} records, {} batches ({} acknowledged), {} imports ({} to the end), {} writes without an answer, {} told to come back",
            self.acknowledged.load(Ordering::Relaxed),
            s.records.len(),
            s.batches.len(),
            s.batches.iter().filter(|b| b.known.is_some()).count(),
            s.imports.len(),
            s.imports.iter().filter(|i| i.done).count(),
            self.unanswered.load(Ordering::Relaxed),
            self.later.load(Ordering::Relaxed)
        )
    }
}
