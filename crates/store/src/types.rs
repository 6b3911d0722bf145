//! What is asked of the store and what it answers.

use std::{path::PathBuf, sync::Arc};

use rapport_policy::RowRule;
use rapport_schema::{
    Change, Clock, FieldIx, MaskKind, Millis, Model, ObjectDef, ObjectName, RecordId, Seq, SystemClock, UserId, Value,
    query::{Filter, GroupKey, Measure, SortKey},
};

/// Where a workspace's data lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// One SQLite file (`:memory:` is not supported: readers need their own connections).
    Sqlite(PathBuf),
    /// One schema of a PostgreSQL database.
    Postgres {
        /// Connection URL.
        url: String,
        /// Schema name, `ws_…`.
        schema: String,
    },
}

/// Settings of an open workspace.
#[derive(Debug, Clone)]
pub struct Options {
    /// Reader threads (SQLite) or pooled connections (PostgreSQL); 0 = one per core, at least 2.
    pub readers: usize,
    /// Most jobs in one group commit.
    pub group: usize,
    /// Queries are stopped after this many milliseconds.
    pub query_timeout_ms: u64,
    /// SQLite only: `false` = `synchronous=NORMAL`, for the power-cut harness's self-test.
    pub full_sync: bool,
    /// SQLite only: writing stops with `StoreError::Full` when less than this is left on the disk, but for what is vital
    /// ([`crate::Db::write_vital`]), which stops at a tenth of it; 0 = never.
    pub reserve_bytes: u64,
    /// Where the copy before an upgrade goes; `None` = `backups` beside a SQLite file, no copy on PostgreSQL.
    pub backup_dir: Option<PathBuf>,
    /// Judges the expiry of documents.
    pub clock: Arc<dyn Clock>,
}
impl Default for Options {
    fn default() -> Self {
        Self {
            readers: 0,
            group: 64,
            query_timeout_ms: 5_000,
            full_sync: true,
            reserve_bytes: 200 << 20,
            backup_dir: None,
            clock: Arc::new(SystemClock),
        }
    }
}

/// Live rows or the recycle bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Bin {
    /// Not deleted.
    #[default]
    Live,
    /// Deleted, not purged.
    Deleted,
    /// Both.
    Both,
}

/// Position after the last row of a page: the sort values and the id of that row. Opaque to callers (base64 outside).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub String);

/// Row rules by object.
pub type Beyond = Arc<std::collections::BTreeMap<ObjectName, RowRule>>;

/// Which rows of which object, for whom, in what order.
#[derive(Debug, Clone)]
pub struct Select {
    /// The model the names belong to.
    pub model: Arc<Model>,
    /// The object.
    pub object: Arc<ObjectDef>,
    /// Whose rows: made by a `Scope`.
    pub rows: RowRule,
    /// Whose rows of the objects that paths of filter, groups and measures lead to: of others a lookup tells the title only
    /// (R-VIS-07). Objects not named tell everything.
    pub beyond: Beyond,
    /// Which of them; relative operands already resolved.
    pub filter: Filter,
    /// Text typed into the list's search box.
    pub text: Option<String>,
    /// Order; the id is always the last key.
    pub sort: Vec<SortKey>,
    /// Continue after.
    pub after: Option<Cursor>,
    /// At most so many rows.
    pub limit: u32,
    /// Live or deleted.
    pub bin: Bin,
    /// The instant rules with an expiry are judged at, and formulas computed when read.
    pub now: Millis,
    /// Who asks: `USER()` of formulas computed when read.
    pub user: Option<UserId>,
}

/// One field of the answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OutField {
    /// Which.
    pub field: FieldIx,
    /// Through which mask, when the caller neither owns nor edits the record.
    pub mask: Option<MaskKind>,
}

/// What each row looks like in JSON: the fields, and references whose titles are wanted (`$expand`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Fields in order. `id`, `version` (and `deleted_at` in the bin) always come first.
    pub fields: Vec<OutField>,
    /// References whose object, id and title are added under `$expand`.
    pub expand: Vec<FieldIx>,
    /// The caller: rows owned by this user come unmasked (R-FLS-03).
    pub me: Option<UserId>,
}

/// A page of rows as JSON bytes, written straight from the database rows.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// `{"id":…},{"id":…}`: elements of a JSON array, without the brackets.
    pub rows: Vec<u8>,
    /// How many rows.
    pub len: usize,
    /// Where the next page starts.
    pub next: Option<Cursor>,
}

/// A count; `capped` = there are at least so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Rows counted.
    pub value: u64,
    /// Counting stopped there.
    pub capped: bool,
}

/// Groups and measures over a [`Select`].
#[derive(Debug, Clone)]
pub struct Aggregate {
    /// Group keys.
    pub group: Vec<GroupKey>,
    /// Measures.
    pub measures: Vec<Measure>,
    /// Order by measure index (descending when true) instead of by key.
    pub order: Option<(usize, bool)>,
    /// At most so many groups.
    pub limit: u32,
}

/// One group.
#[derive(Debug, Clone, PartialEq)]
pub struct AggRow {
    /// Values of the group keys (bucket start dates for dates).
    pub keys: Vec<Value>,
    /// Values of the measures: `Int` for counts, `Dec` for sums and means of numbers, else the field's own form.
    pub values: Vec<Value>,
}

/// One object of a search with the rule of its rows.
#[derive(Debug, Clone)]
pub struct SearchScope {
    /// Object.
    pub object: Arc<ObjectDef>,
    /// Whose rows.
    pub rows: RowRule,
    /// Fields whose text the caller may see plainly and which may therefore be matched and highlighted.
    pub fields: Vec<FieldIx>,
}

/// A search over several objects in one call.
#[derive(Debug, Clone)]
pub struct Search {
    /// The model.
    pub model: Arc<Model>,
    /// What was typed.
    pub text: String,
    /// Where to look.
    pub scopes: Vec<SearchScope>,
    /// At most so many hits.
    pub limit: u32,
    /// The instant rules are judged at.
    pub now: Millis,
}

/// One hit.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Object.
    pub object: ObjectName,
    /// Record.
    pub id: RecordId,
    /// Title of the record.
    pub title: String,
    /// Values of the object's subtitle fields the scope may see, as text.
    pub subtitle: Vec<String>,
    /// Where the text was found: field and character ranges.
    pub highlights: Vec<(FieldIx, Vec<(usize, usize)>)>,
    /// Greater is better.
    pub score: f64,
}

/// Which changes to read.
#[derive(Debug, Clone, Default)]
pub struct ChangeQuery {
    /// After this number (or before it when `backwards`).
    pub after: Option<Seq>,
    /// Newest first.
    pub backwards: bool,
    /// At most so many.
    pub limit: u32,
    /// Only of one record.
    pub record: Option<(ObjectName, RecordId)>,
    /// Only of one batch, import, merge.
    pub batch: Option<RecordId>,
    /// Not later than.
    pub until: Option<Millis>,
}

/// An entry read back, with the data the visibility of its record is judged by.
#[derive(Debug, Clone)]
pub struct ChangeRow {
    /// The entry.
    pub change: Change,
    /// Hash of the sealed batch it is in, when sealed.
    pub sealed: bool,
}

/// A keyed document: sessions, credentials, idempotency keys, import progress, settings of the engine, custom model.
#[derive(Debug, Clone, PartialEq)]
pub struct DocRow {
    /// Kind: `session`, `credential`, `idempotency` …
    pub kind: String,
    /// Key, unique within the kind.
    pub key: String,
    /// Whose: for listing.
    pub owner: Option<RecordId>,
    /// JSON.
    pub body: serde_json::Value,
    /// Gone after.
    pub expires: Option<Millis>,
}

/// What a commit did: sent to subscribers after it is durable.
#[derive(Debug, Clone)]
pub struct Committed {
    /// First number of the group, inclusive.
    pub from: Seq,
    /// Last number, inclusive.
    pub to: Seq,
    /// The entries in order.
    pub changes: Arc<Vec<Change>>,
}

/// Figures for `/metrics` and `doctor`.
#[derive(Debug, Clone, Default)]
pub struct DbStats {
    /// `sqlite` or `postgres`.
    pub backend: &'static str,
    /// Bytes on disk.
    pub bytes: u64,
    /// Last committed number.
    pub seq: Seq,
    /// Jobs waiting for the writer.
    pub queued: usize,
    /// Commits since start.
    pub commits: u64,
    /// Jobs since start.
    pub jobs: u64,
    /// PostgreSQL: commits of other nodes are heard of at once, not only when the log is read.
    pub hears: bool,
}
