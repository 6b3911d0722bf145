//! One change of many records as a job: the records are named once, at the start, and changed batch by batch through the pipeline,
//! each batch with its checkpoint in the same transaction. A run that was killed goes on after its last batch; what the job did is
//! taken back as one.

mod change;
mod kept;
mod set;

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use async_recursion::async_recursion as boxed;
use rapport_policy::Scope;
use rapport_records::{BatchOptions, Document, Documents, Engine, Error, OnlyIf, WriteOptions};
use rapport_schema::{FieldError, Millis, RecordId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use change::Change;
pub use kept::{forget, progress, refused};
pub use set::{MOST, Target};

use crate::{ExchangeError, Result, run::Pace};

/// Kind of the documents that say how far a job is.
pub const PROGRESS: &str = "bulk";
const REFUSED: &str = "bulk_refused";
const IDS: &str = "bulk_ids";
/// Ids of one document.
const CHUNK: usize = 1_000;

/// Where a job is. Written with every batch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The set of records, once it is complete: the part of the key of its documents.
    #[serde(default)]
    pub set: Option<RecordId>,
    /// Records of the set, or found so far.
    pub total: u64,
    /// Records that are done.
    pub done: u64,
    /// Records changed.
    pub changed: u64,
    /// Records that already were as they shall be.
    pub unchanged: u64,
    /// Records refused.
    pub refused: u64,
    /// Where refused records are kept: the place of the first record of their batch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faulty: Vec<u64>,
    /// Checkpoints written: a second run of the same job notices that it was overtaken.
    pub steps: u64,
    /// When something was last heard of it.
    #[serde(default)]
    pub at: Option<Millis>,
    /// Taken back.
    #[serde(default)]
    pub undone: bool,
}

/// A refused record, kept until the job is forgotten.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Refused {
    /// Place in the set, from 0.
    pub at: u64,
    /// Which.
    pub id: RecordId,
    /// Why.
    pub errors: Vec<FieldError>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Every record was done or refused.
    Done,
    /// Somebody asked it to.
    Stopped,
    /// The person may not come through their door any more.
    Rights,
}

/// Answers the caller's reach as it is now; none when session or token have ended.
pub type Reach<'r> = &'r (dyn Fn() -> Pin<Box<dyn Future<Output = Option<Scope>> + Send + 'r>> + Sync);

/// One job.
#[derive(Debug)]
pub struct Bulk {
    /// The pipeline.
    pub engine: Engine,
    /// Its id: the handle of resume and undo.
    pub job: RecordId,
    /// Object of the records.
    pub object: String,
    /// Which records.
    pub target: Target,
    /// What becomes of each.
    pub change: Change,
}

/// What became of one record.
pub(crate) type Outcome = std::result::Result<Did, Vec<FieldError>>;

/// A record that was not refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Did {
    Changed,
    Nothing,
}

impl Bulk {
    /// Runs, or goes on after the last checkpoint. `told` hears of every batch; `stop` ends after the current one. Rights are asked
    /// anew before every batch.
    ///
    /// # Errors
    /// `bulk.too_many`, `job.overtaken`, the filter's faults, the database.
    pub async fn run(&self, reach: Reach<'_>, stop: &AtomicBool, told: impl Fn(&Progress)) -> Result<(Progress, End)> {
        let mut at = progress(&self.engine, self.job).await?.unwrap_or_default();
        if at.undone {
            return Err(ExchangeError::refused("bulk.bad_state"));
        }
        if at.set.is_none() {
            let Some(scope) = reach().await else { return Ok((at, End::Rights)) };
            if !self.collect(&scope, &mut at, stop, &told).await? {
                return Ok((at, End::Stopped));
            }
        }
        let mut pace = Pace::new();
        while at.done < at.total {
            if stop.load(Ordering::Relaxed) {
                return Ok((at, End::Stopped));
            }
            let Some(scope) = reach().await else { return Ok((at, End::Rights)) };
            let ids = self.part(&at, pace.size().min(self.change.most())).await?;
            let (rows, begun) = (ids.len(), Instant::now());
            self.step(&scope, &mut at, ids).await?;
            pace.learn(rows, begun.elapsed());
            told(&at);
        }
        Ok((at, End::Done))
    }

    /// The next records of the set: never of two of its documents.
    async fn part(&self, at: &Progress, most: usize) -> Result<Vec<RecordId>> {
        let lost = || ExchangeError::refused("bulk.lost");
        let place = usize::try_from(at.done).map_err(|_| lost())?;
        let doc = self.engine.document(IDS, &set::key(at.set.ok_or_else(lost)?, place / CHUNK)).await?;
        let all: Vec<RecordId> = doc.and_then(|d| serde_json::from_value(d).ok()).ok_or_else(lost)?;
        let from = place % CHUNK;
        all.get(from..).map(|rest| rest.iter().take(most).copied().collect::<Vec<_>>()).filter(|p| !p.is_empty()).ok_or_else(lost)
    }

    /// Options of every write: the id of the job is the batch by which all of it is taken back.
    pub(crate) fn write(&self) -> WriteOptions {
        let mut w = WriteOptions { shown_only: true, ..WriteOptions::default() };
        w.cause.batch = Some(self.job);
        w
    }

    /// The checkpoint after `at` is written by whoever is there first.
    pub(crate) fn only_after(&self, at: &Progress) -> OnlyIf {
        let steps = at.steps;
        let holds = move |kept: Option<&Value>| kept.map_or(0, |p| p["steps"].as_u64().unwrap_or(0)) == steps;
        OnlyIf { kind: PROGRESS.into(), key: self.job.to_string(), holds: Arc::new(holds) }
    }

    /// One batch and its checkpoint.
    #[boxed]
    async fn step(&self, scope: &Scope, at: &mut Progress, ids: Vec<RecordId>) -> Result<()> {
        let mut ready = change::prepare(self, scope, ids, at.done).await?;
        let mut next = at.clone();
        next.steps += 1;
        next.done += ready.len() as u64;
        next.at = Some(self.engine.now());
        let told = Arc::new(Mutex::new(next.clone()));
        let ops = std::mem::take(&mut ready.ops);
        let documents = self.checkpoint(next, ready, told.clone());
        let opts = BatchOptions {
            write: self.write(),
            documents: Some(documents),
            only_if: Some(self.only_after(at)),
            ..BatchOptions::default()
        };
        self.engine.batch(scope, &self.object, ops, opts).await?;
        *at = told.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(())
    }

    /// The documents of a batch: progress and refused records. Made inside its transaction.
    fn checkpoint(&self, next: Progress, ready: change::Ready, told: Arc<Mutex<Progress>>) -> Documents {
        let (job, first) = (self.job, next.done - ready.len() as u64);
        Documents(Arc::new(move |results: &[std::result::Result<(RecordId, i64), Error>]| {
            let mut p = next.clone();
            let mut refused = vec![];
            let mut results = results.iter();
            for (i, (id, known)) in ready.rows.iter().enumerate() {
                let outcome = match known {
                    Some(o) => o.clone(),
                    // In the order of the operations.
                    None => match results.next() {
                        Some(Ok(_)) | None => Ok(Did::Changed),
                        Some(Err(e)) => Err(crate::step::field_errors(e)),
                    },
                };
                match outcome {
                    Ok(Did::Changed) => p.changed += 1,
                    Ok(Did::Nothing) => p.unchanged += 1,
                    Err(errors) => refused.push(Refused { at: first + i as u64, id: *id, errors }),
                }
            }
            let doc = |kind: &str, key: String, body| Document { kind: kind.into(), key, owner: Some(job), body };
            let mut docs = vec![];
            if !refused.is_empty() {
                p.refused += refused.len() as u64;
                p.faulty.push(first);
                docs.push(doc(REFUSED, kept::key(job, first), json!(refused)));
            }
            docs.push(doc(PROGRESS, job.to_string(), json!(p)));
            *told.lock().unwrap_or_else(PoisonError::into_inner) = p;
            docs
        }))
    }
}
