//! Running an import: thousands of pipeline batches, each with its own checkpoint in the same transaction. A run that was killed
//! goes on after its last committed batch; what it did can be taken back as a whole.

use async_recursion::async_recursion as boxed;
use std::{
    collections::{BTreeSet, HashSet, VecDeque},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use rapport_policy::Scope;
use rapport_records::{Document, Engine};
use rapport_schema::{FieldError, Millis, Model, ObjectName, RecordId, Via};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    ExchangeError, Result,
    convert::Converter,
    lookup::Lookups,
    plan::{Plan, SheetPlan},
    read::{Book, Row, Sheet},
    step::Course,
};

/// Most rows of one batch.
pub const CHUNK: usize = 1_000;
/// What rows of a batch may hold together, in bytes: of long rows fewer are taken.
const CHUNK_SIZE: usize = 16 << 20;
/// Rows of the first batch, and fewest.
const ROWS: (usize, usize) = (200, 25);
/// How long a batch may take: while it is written, everybody else's writes wait.
const TURN: Duration = Duration::from_millis(300);
/// Most refused rows a dry run keeps …
pub(crate) const REHEARSED: usize = 10_000;
/// … and how much of them, in bytes: they stay in memory.
pub(crate) const REHEARSED_SIZE: usize = 16 << 20;
pub(crate) const PROGRESS: &str = "import";
pub(crate) const FAULTS: &str = "import_fault";
pub(crate) const LATER: &str = "import_later";

/// Where a run is. Written with every batch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Position of the sheet in the plan.
    pub sheet: usize,
    /// Last row of it that is done, as numbered in the file; the sheet's references to itself come after all rows.
    pub row: u64,
    /// All rows of the sheet are done; its references to itself are being set.
    pub linking: bool,
    /// Rows that became a record.
    pub created: u64,
    /// Records made with them: products of a deal.
    #[serde(default)]
    pub children: u64,
    /// Records changed.
    pub updated: u64,
    /// Rows left out: duplicates.
    pub skipped: u64,
    /// Rows refused.
    pub failed: u64,
    /// Rows read.
    pub rows: u64,
    /// When the last batch was written: a run of which nothing is heard for long is over.
    #[serde(default)]
    pub at: Option<Millis>,
    /// Everything is done.
    pub done: bool,
    /// Stopped by a person.
    pub cancelled: bool,
    /// Checkpoints written: a second run of the same job notices that it was overtaken.
    #[serde(default)]
    pub steps: u64,
    /// Taken back.
    #[serde(default)]
    pub undone: bool,
    /// References to the sheet's own object that could not be set; their rows are there.
    #[serde(default)]
    pub unlinked: u64,
    /// Where refused rows are kept: sheet and last row of their batch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faulty: Vec<(usize, u64)>,
    /// Batches of the sheet with references to be set later, by their last row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub later: Vec<u64>,
    /// How many of them are done.
    #[serde(default)]
    pub linked: usize,
}

/// Key of a batch's document.
pub(crate) fn key(job: RecordId, sheet: usize, row: u64) -> String {
    format!("{job}/{sheet:04}/{row:010}")
}

/// How many rows a batch may have, so that it takes its turn and no longer: a thousand where writing is fast, fewer where each
/// statement is a journey to the database.
#[derive(Debug)]
pub(crate) struct Pace(usize);

impl Pace {
    pub(crate) const fn new() -> Self {
        Self(ROWS.0)
    }
    /// Rows of the next batch.
    pub(crate) const fn size(&self) -> usize {
        self.0
    }
    /// Takes no more than a batch from a part; answers the batch.
    fn cut(&self, parts: &mut VecDeque<Vec<Row>>) -> Option<Vec<Row>> {
        let mut part = parts.pop_front()?;
        if part.len() > self.0 {
            parts.push_front(part.split_off(self.0));
        }
        Some(part)
    }
    /// Learns from a batch. One that took long by chance changes it by half at most.
    pub(crate) fn learn(&mut self, rows: usize, took: Duration) {
        let per_row = took.as_micros() / rows.max(1) as u128;
        let fit = usize::try_from(TURN.as_micros() / per_row.max(1)).unwrap_or(CHUNK);
        self.0 = fit.clamp(self.0 / 2, self.0 * 2).clamp(ROWS.1, CHUNK);
    }
}

/// A refused row, kept until the import is undone or forgotten.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// Position of the sheet in the plan.
    pub sheet: usize,
    /// Row as numbered in the file.
    pub row: u64,
    /// Its cells.
    pub cells: Vec<String>,
    /// Why.
    pub errors: Vec<FieldError>,
}

impl Fault {
    /// Bytes of its cells.
    pub(crate) fn size(&self) -> usize {
        self.cells.iter().map(String::len).sum()
    }
}

/// Opened files of an import, by name.
#[derive(Debug, Clone, Default)]
pub struct Files(pub Vec<(String, Book)>);

impl Files {
    /// The sheet a plan means; none for rows written in the plan.
    pub fn find(&self, plan: &SheetPlan) -> Result<(Option<&Book>, Sheet)> {
        if !plan.rows.is_empty() {
            return Ok((None, written(plan)));
        }
        let missing = |what: &str| ExchangeError::refused("plan.unknown_sheet").with("name", what);
        let book = match &plan.file {
            None => self.0.first(),
            Some(f) => self.0.iter().find(|(n, _)| n == f),
        };
        let (_, book) = book.ok_or_else(|| missing(plan.file.as_deref().unwrap_or("")))?;
        let sheet = match &plan.sheet {
            None => book.sheets.first(),
            Some(s) => book.sheet(s),
        };
        Ok((Some(book), sheet.cloned().ok_or_else(|| missing(plan.sheet.as_deref().unwrap_or("")))?))
    }
}

/// Rows written in a plan as a sheet.
fn written(plan: &SheetPlan) -> Sheet {
    let headers: BTreeSet<String> = plan.rows.iter().flat_map(|r| r.keys().cloned()).collect();
    let headers: Vec<String> = headers.into_iter().collect();
    let row = |(i, r): (usize, &std::collections::BTreeMap<String, String>)| Row {
        number: i as u64 + 1,
        cells: headers.iter().map(|h| r.get(h).cloned().unwrap_or_default()).collect(),
    };
    let sample = plan.rows.iter().enumerate().map(row).collect();
    Sheet { name: "plan".into(), headers, above: 0, sample }
}

/// One import.
#[derive(Debug)]
pub struct Import {
    /// The pipeline.
    pub engine: Engine,
    /// Who imports.
    pub scope: Scope,
    /// Id of the job: the handle of resume and undo.
    pub job: RecordId,
    /// What becomes what.
    pub plan: Plan,
    /// The files.
    pub files: Files,
    /// Check everything, write nothing.
    pub dry_run: bool,
    /// Refused rows of a dry run, the first 10,000.
    pub rehearsed: Mutex<Vec<Fault>>,
}

/// The progress of a job, when it was started.
#[boxed]
pub async fn progress(engine: &Engine, job: RecordId) -> Result<Option<Progress>> {
    let doc = engine.document(PROGRESS, &job.to_string()).await?;
    Ok(doc.and_then(|d| serde_json::from_value(d).ok()))
}

/// The refused rows of a job in the order of the run, a batch at a time, so that any number fits into memory.
///
/// # Errors
/// The database.
pub async fn faults(engine: &Engine, job: RecordId, mut each: impl FnMut(Fault) -> Result<()>) -> Result<()> {
    let Some(p) = progress(engine, job).await? else { return Ok(()) };
    for (sheet, row) in p.faulty {
        let doc = engine.document(FAULTS, &key(job, sheet, row)).await?;
        for f in doc.and_then(|d| serde_json::from_value::<Vec<Fault>>(d).ok()).unwrap_or_default() {
            each(f)?;
        }
    }
    Ok(())
}

/// Takes an import back as ordinary changes of the caller. Answers how many records went back and what could not, with the reason.
///
/// # Errors
/// Nothing of the import is in the log, or the database.
#[boxed]
pub async fn undo(engine: &Engine, scope: &Scope, job: RecordId) -> Result<(u64, Vec<Vec<FieldError>>)> {
    let done = engine.undo(&scope.through(Via::Import), job).await?;
    let back = done.rows.iter().filter(|r| r.is_ok()).count() as u64;
    let refused: Vec<_> = done.rows.iter().filter_map(|r| r.as_ref().err()).map(crate::step::field_errors).collect();
    if let Some(mut p) = progress(engine, job).await? {
        p.undone = refused.is_empty();
        engine.put_document(Document { kind: PROGRESS.into(), key: job.to_string(), owner: Some(job), body: json!(p) }).await?;
    }
    Ok((back, refused))
}

impl Import {
    /// Runs, or goes on after the last checkpoint. `told` hears of every batch; `stop` ends after the current one.
    pub async fn run(&self, stop: &AtomicBool, told: impl Fn(&Progress)) -> Result<Progress> {
        self.plan.check(&self.engine.model())?;
        let kept = if self.dry_run { None } else { progress(&self.engine, self.job).await? };
        let mut at = kept.unwrap_or_default();
        if at.undone {
            return Err(ExchangeError::refused("import.undone"));
        }
        at.cancelled = false;
        at.at = Some(self.engine.now());
        let mut known = Lookups::default();
        while at.sheet < self.plan.sheets.len() && !at.cancelled {
            self.sheet(&mut at, &mut known, stop, &told).await?;
        }
        at.done = !at.cancelled;
        if !self.dry_run {
            self.engine.put_document(self.progress_document(&at)).await?;
        }
        told(&at);
        Ok(at)
    }

    fn progress_document(&self, p: &Progress) -> Document {
        Document { kind: PROGRESS.into(), key: self.job.to_string(), owner: Some(self.job), body: json!(p) }
    }

    async fn sheet(&self, at: &mut Progress, known: &mut Lookups, stop: &AtomicBool, told: &impl Fn(&Progress)) -> Result<()> {
        let plan = &self.plan.sheets[at.sheet];
        let (book, sheet) = self.files.find(plan)?;
        let model = self.engine.model();
        let object = model.object(&plan.object).ok_or_else(|| ExchangeError::refused("plan.unknown_object"))?.clone();
        let rows = Converter::rows(&model, plan, &sheet)?;
        let children = plan.children.iter().map(|c| Converter::child(&model, c, &sheet)).collect::<Result<Vec<_>>>()?;
        let looks = if self.dry_run { self.looks(&model)? } else { vec![] };
        let course = Course { plan, object, rows, children, looks };
        if !at.linking {
            let mut pace = Pace::new();
            let mut distinct = Distinct::of(plan, &sheet)?;
            let mut chunks = match book {
                Some(b) => chunks(b.rows(&sheet)),
                None => chunks(sheet.sample.clone().into_iter().map(Ok)),
            };
            while let Some(chunk) = chunks.recv().await {
                let mut chunk = chunk?;
                distinct.keep(&mut chunk);
                chunk.retain(|r| r.number > at.row);
                if chunk.is_empty() {
                    continue;
                }
                let mut parts = VecDeque::from(course.parts(chunk));
                while let Some(part) = pace.cut(&mut parts) {
                    let (rows, begun) = (part.len(), Instant::now());
                    let rest = self.chunk(at, &course, part, known).await?;
                    pace.learn(rows - rest.len().min(rows), begun.elapsed());
                    if !rest.is_empty() {
                        parts.push_front(rest);
                    }
                    told(at);
                    if stop.load(Ordering::Relaxed) {
                        at.cancelled = true;
                        return Ok(());
                    }
                }
            }
            at.linking = true;
        }
        self.link(at, plan, known, stop).await?;
        if at.cancelled {
            return Ok(());
        }
        at.sheet += 1;
        at.row = 0;
        at.linking = false;
        at.later = vec![];
        at.linked = 0;
        Ok(())
    }

    /// Objects and fields the plan looks records up by.
    pub(crate) fn looks(&self, model: &Arc<Model>) -> Result<Vec<(ObjectName, String)>> {
        let mut all: BTreeSet<(ObjectName, String)> = BTreeSet::new();
        for plan in &self.plan.sheets {
            let (_, sheet) = self.files.find(plan)?;
            all.extend(Converter::rows(model, plan, &sheet)?.looks_by());
            for c in &plan.children {
                all.extend(Converter::child(model, c, &sheet)?.looks_by());
            }
        }
        Ok(all.into_iter().collect())
    }
}

/// Only the first row for each value of a column.
pub(crate) struct Distinct {
    at: Option<usize>,
    seen: HashSet<String>,
}

impl Distinct {
    pub fn of(plan: &SheetPlan, sheet: &Sheet) -> Result<Self> {
        let unknown = |c: &str| ExchangeError::refused("plan.unknown_column").with("column", c);
        let at = plan.distinct.as_ref().map(|c| sheet.headers.iter().position(|h| h == c).ok_or_else(|| unknown(c)));
        Ok(Self { at: at.transpose()?, seen: HashSet::new() })
    }
    pub fn keep(&mut self, rows: &mut Vec<Row>) {
        let Some(at) = self.at else { return };
        rows.retain(|r| {
            let v = r.cells.get(at).map_or("", |c| c.trim());
            !v.is_empty() && self.seen.insert(v.to_owned())
        });
    }
}

/// Rows in chunks, read on a thread of their own.
pub(crate) fn chunks(rows: impl Iterator<Item = Result<Row>> + Send + 'static) -> tokio::sync::mpsc::Receiver<Result<Vec<Row>>> {
    let (to, from) = tokio::sync::mpsc::channel(2);
    std::thread::spawn(move || {
        let (mut chunk, mut size) = (Vec::with_capacity(CHUNK), 0);
        for r in rows {
            match r {
                Ok(r) => {
                    size += r.size();
                    chunk.push(r);
                }
                Err(e) => {
                    to.blocking_send(Err(e)).ok();
                    return;
                }
            }
            if chunk.len() == CHUNK || size > CHUNK_SIZE {
                size = 0;
                if to.blocking_send(Ok(std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK)))).is_err() {
                    return;
                }
            }
        }
        if !chunk.is_empty() {
            to.blocking_send(Ok(chunk)).ok();
        }
    });
    from
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_takes_its_turn_and_no_longer() {
        let mut fast = Pace::new();
        for _ in 0..5 {
            fast.learn(fast.0, Duration::from_micros(80) * u32::try_from(fast.0).unwrap());
        }
        assert_eq!(fast.0, CHUNK);
        let mut slow = Pace::new();
        for _ in 0..5 {
            slow.learn(slow.0, Duration::from_millis(4) * u32::try_from(slow.0).unwrap());
        }
        assert_eq!(slow.0, 75);
        // One long wait is no reason to crawl.
        fast.learn(CHUNK, Duration::from_secs(30));
        assert_eq!(fast.0, CHUNK / 2);
        fast.learn(0, Duration::from_secs(30));
        assert!(fast.0 >= ROWS.1);
        let row = |n| Row { number: n, cells: vec![] };
        let mut parts = VecDeque::from([(1..=130).map(row).collect::<Vec<_>>()]);
        let sizes: Vec<usize> = std::iter::from_fn(|| slow.cut(&mut parts)).map(|p| p.len()).collect();
        assert_eq!(sizes, [75, 55]);
    }
}
