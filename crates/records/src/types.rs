//! What callers say to the pipeline and what it answers.

use std::sync::Arc;

use rapport_schema::{Cause, ChangeOp, Clock, RecordId, Seq, clock::IdGen, query::CountMode};
use rapport_store::Count;

use crate::{Action, Chore, Error, Hook, JsonMap};

/// What an engine is made of.
pub struct Parts {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids.
    pub ids: Arc<dyn IdGen>,
    /// Domain rules, in order.
    pub hooks: Vec<Arc<dyn Hook>>,
    /// Actions.
    pub actions: Vec<Arc<dyn Action>>,
    /// What time brings.
    pub chores: Vec<Arc<dyn Chore>>,
}
impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").field("hooks", &self.hooks.len()).field("actions", &self.actions.len()).finish()
    }
}

/// How a write is to be made.
#[derive(Debug, Clone, Default)]
pub struct WriteOptions {
    /// Version the caller saw.
    pub version: Option<i64>,
    /// A stale version is refused even when no field collides.
    pub strict: bool,
    /// Trace, batch, act, reason.
    pub cause: Cause,
    /// Go on in spite of a duplicate (needs `duplicate.override`).
    pub override_duplicates: bool,
    /// May set any state (needs `import.set_state`).
    pub set_state: bool,
    /// Keep `created_at`, `created_by`, `updated_at` given in the data (imports and samples, needs admin).
    pub keep_times: bool,
    /// A blocking duplicate is refused even for a token, whose creates otherwise only link candidates (R-DUP-02).
    pub block_duplicates: bool,
    /// A field that a condition hides in a record is left alone there: bulk work does not write what nobody would be shown.
    pub shown_only: bool,
    /// Keep an invalid telephone number as typed with kind `invalid` instead of refusing it (R-NRM-02, imports).
    pub keep_invalid_phone: bool,
    /// A new record that names no owner is given one by the assignment rules instead of going to whoever brings it (R-ASN-01, imports).
    pub assign_by_rule: bool,
    /// Same key and same body give the same answer for 24 hours.
    pub idempotency: Option<Idempotency>,
}

/// A caller's `Idempotency-Key` with a hash of what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// The key, ≤ 255 characters; it counts per caller.
    pub key: String,
    /// Hash of method, path and body: another one under the same key is refused (`idempotency.mismatch`).
    pub hash: String,
}

/// A written record.
#[derive(Debug, Clone)]
pub struct Saved {
    /// Its id.
    pub id: RecordId,
    /// Its version now.
    pub version: i64,
    /// As JSON, as the caller may see it.
    pub json: Vec<u8>,
    /// Possible duplicates below the blocking score (R-DUP-02).
    pub warnings: Vec<serde_json::Value>,
}

/// What a list is asked for, in the words of the API.
#[derive(Debug, Clone, Default)]
pub struct ListRequest {
    /// Filter, JSON or text.
    pub filter: Option<String>,
    /// Sort: `-close_on,name`.
    pub sort: Option<String>,
    /// Rows, ≤ 200.
    pub limit: Option<u32>,
    /// Page.
    pub cursor: Option<String>,
    /// Fields wanted; none = all visible.
    pub fields: Option<Vec<String>>,
    /// References whose titles are wanted.
    pub expand: Vec<String>,
    /// Counting.
    pub count: CountMode,
    /// Text search within the object.
    pub q: Option<String>,
    /// The recycle bin.
    pub deleted: bool,
}

/// A page of records.
#[derive(Debug, Clone, Default)]
pub struct RecordPage {
    /// JSON elements without brackets.
    pub rows: Vec<u8>,
    /// How many.
    pub len: usize,
    /// Next page.
    pub next: Option<String>,
    /// Count when asked for.
    pub count: Option<Count>,
}

/// One operation of a batch.
#[derive(Debug, Clone)]
pub enum BatchOp {
    /// Make, with its children: they stand or fall with it.
    Create {
        /// Data.
        data: JsonMap,
        /// Records that point to it.
        children: Vec<Child>,
    },
    /// Change.
    Update {
        /// Which.
        id: RecordId,
        /// Data.
        data: JsonMap,
        /// Version seen.
        version: Option<i64>,
    },
    /// Recycle bin.
    Delete {
        /// Which.
        id: RecordId,
    },
    /// Out of the recycle bin.
    Restore {
        /// Which.
        id: RecordId,
    },
}

/// A record made together with the one it points to.
#[derive(Debug, Clone, PartialEq)]
pub struct Child {
    /// Its object.
    pub object: String,
    /// Its field that points to the record made.
    pub via: String,
    /// Data without that field.
    pub data: JsonMap,
}

/// A keyed document of a job: its progress, what it still has to do, what was refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Kind.
    pub kind: String,
    /// Key, unique within the kind.
    pub key: String,
    /// The job.
    pub owner: Option<RecordId>,
    /// JSON.
    pub body: serde_json::Value,
}

/// Documents made from the results of a batch and written in its transaction. May be called more than once.
#[derive(Clone)]
pub struct Documents(pub std::sync::Arc<MakeDocuments>);
/// The function in [`Documents`].
pub type MakeDocuments = dyn Fn(&[std::result::Result<(RecordId, i64), Error>]) -> Vec<Document> + Send + Sync;
impl std::fmt::Debug for Documents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Documents")
    }
}

/// A document as it must be when the batch is entered, so that two runs of one job never do the same step.
#[derive(Clone)]
pub struct OnlyIf {
    /// Kind of the document.
    pub kind: String,
    /// Its key.
    pub key: String,
    /// Judges its body; none = there is no such document.
    pub holds: std::sync::Arc<dyn Fn(Option<&serde_json::Value>) -> bool + Send + Sync>,
}
impl std::fmt::Debug for OnlyIf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OnlyIf({}, {})", self.kind, self.key)
    }
}

/// How a batch is to be made.
#[derive(Debug, Clone, Default)]
pub struct BatchOptions {
    /// Check everything, write nothing: results are as they would be.
    pub dry_run: bool,
    /// All or nothing.
    pub atomic: bool,
    /// As for single writes.
    pub write: WriteOptions,
    /// Documents written in the same transaction: an import's progress.
    pub documents: Option<Documents>,
    /// Refused with `job.overtaken` unless this holds inside the transaction.
    pub only_if: Option<OnlyIf>,
}

/// Results in the order of the operations; faults stay with their row.
#[derive(Debug)]
pub struct BatchResult {
    /// The batch: the handle of an undo.
    pub batch: RecordId,
    /// Per row: id and version, or why not.
    pub rows: Vec<std::result::Result<(RecordId, i64), Error>>,
}

/// One entry of a record's history, fields the caller may not see left out.
#[derive(Debug, Clone, serde::Serialize)]
pub struct HistoryEntry {
    /// Number.
    pub seq: Seq,
    /// When.
    pub at: String,
    /// What.
    pub op: ChangeOp,
    /// Who: id and name.
    pub actor: serde_json::Value,
    /// Through which door.
    pub via: rapport_schema::Via,
    /// Action, rule or job.
    pub act: Option<String>,
    /// Reason given.
    pub reason: Option<String>,
    /// `{field, before, after}` in order of the layout.
    pub changes: Vec<serde_json::Value>,
}
