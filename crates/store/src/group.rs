//! Group commit: queued jobs run in one transaction, a savepoint each, one commit; only then are they answered.

use std::sync::atomic::Ordering;

use futures::{FutureExt, future::BoxFuture};
use tokio::sync::oneshot;

use crate::{Committed, Job, Result, StoreError, Tx, log, terms};

/// What became of a job inside the group.
pub(crate) enum Ran {
    Kept,
    /// The job refused or failed by itself: only its savepoint is undone.
    Undone,
    /// The group cannot go on.
    Broken(StoreError),
}

/// How a job is to be treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Shares a transaction with others.
    Common,
    /// Writes much, and has a transaction of its own.
    Large,
    /// May be written into the disk's reserve.
    Vital,
}

/// A queued job of any result type.
pub(crate) trait Work: Send {
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, Ran>;
    /// Answers: the job's own result, or why the group failed.
    fn answer(self: Box<Self>, failed: Option<StoreError>);
    /// Nobody waits any more, and nothing has been done.
    fn abandoned(&self) -> bool;
    /// How it is to be treated.
    fn kind(&self) -> Kind;
}

/// The next group from the queue: a job that wants to be alone, or up to `most` that do not. `kept` holds a job that was taken from
/// the queue and belongs to the next group.
pub(crate) fn gather(
    first: Box<dyn Work>,
    kept: &mut Option<Box<dyn Work>>,
    most: usize,
    mut next: impl FnMut() -> Option<Box<dyn Work>>,
) -> Vec<Box<dyn Work>> {
    let mut works = vec![first];
    while works[0].kind() != Kind::Large
        && works.len() < most
        && let Some(w) = next()
    {
        if w.kind() == Kind::Large {
            *kept = Some(w);
            break;
        }
        works.push(w);
    }
    works
}

pub(crate) struct Queued<T, J> {
    job: J,
    kind: Kind,
    result: Option<Result<T>>,
    to: oneshot::Sender<Result<T>>,
}

impl<T: Send + 'static, J: Job<T>> Queued<T, J> {
    #[allow(clippy::new_ret_no_self, reason = "a queued job is only ever used through its trait")]
    pub(crate) fn new(job: J, kind: Kind) -> (Box<dyn Work>, oneshot::Receiver<Result<T>>) {
        let (to, from) = oneshot::channel();
        (Box::new(Self { job, kind, result: None, to }), from)
    }
}

impl<T: Send + 'static, J: Job<T>> Work for Queued<T, J> {
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, Ran> {
        Box::pin(async move {
            let r = std::panic::AssertUnwindSafe((self.job)(tx)).catch_unwind().await;
            let r = r.unwrap_or_else(|_| Err(StoreError::Driver("the job panicked".into())));
            let ran = match &r {
                Ok(_) => Ran::Kept,
                Err(e) => match group_fault(e) {
                    Some(e) => Ran::Broken(e),
                    None => Ran::Undone,
                },
            };
            self.result = Some(r);
            ran
        })
    }
    fn answer(self: Box<Self>, failed: Option<StoreError>) {
        let r = match (failed, self.result) {
            // A refusal stays a refusal: nothing of it was to be written.
            (_, Some(Err(e))) if group_fault(&e).is_none() => Err(e),
            (Some(e), _) => Err(e),
            (None, Some(r)) => r,
            (None, None) => Err(StoreError::Driver("the job did not run".into())),
        };
        // Nobody waiting is no fault.
        let _gone = self.to.send(r);
    }
    fn abandoned(&self) -> bool {
        self.to.is_closed()
    }
    fn kind(&self) -> Kind {
        self.kind
    }
}

/// Errors that end the whole group, as a copy for the others.
fn group_fault(e: &StoreError) -> Option<StoreError> {
    match e {
        StoreError::Full | StoreError::Unavailable(_) | StoreError::Again(_) | StoreError::Corrupt(_) => Some(copy(e)),
        _ => None,
    }
}

/// A copy of an error for each job of a failed group.
pub(crate) fn copy(e: &StoreError) -> StoreError {
    match e {
        StoreError::Full => StoreError::Full,
        StoreError::Timeout => StoreError::Timeout,
        StoreError::Conflict => StoreError::Conflict,
        StoreError::Unavailable(m) => StoreError::Unavailable(m.clone()),
        StoreError::Again(m) => StoreError::Again(m.clone()),
        StoreError::Corrupt(m) => StoreError::Corrupt(m.clone()),
        e => StoreError::Driver(e.to_string()),
    }
}

/// Runs a group. `Ok` = committed; the entries with their numbers.
pub(crate) async fn attempt(tx: &mut Tx, works: &mut [Box<dyn Work>]) -> Result<Option<Committed>> {
    tx.careful = false;
    match once(tx, works).await {
        Err(StoreError::Again(_)) if tx.alone => {
            tx.careful = true;
            once(tx, works).await
        }
        done => done,
    }
}

async fn once(tx: &mut Tx, works: &mut [Box<dyn Work>]) -> Result<Option<Committed>> {
    let r = async {
        let Some(done) = before_commit(tx, works).await? else { return Ok(None) };
        tx.commit().await?;
        Ok(done)
    };
    let r = r.await;
    if r.is_err()
        && let Err(e) = tx.rollback().await
    {
        tracing::warn!(error = %e, "rollback failed");
    }
    r
}

/// Runs the jobs and numbers their entries; the commit is left to the caller. `None`: nothing is to be committed.
#[allow(clippy::option_option, reason = "nothing to commit, and committed without entries, are two things")]
pub(crate) async fn before_commit(tx: &mut Tx, works: &mut [Box<dyn Work>]) -> Result<Option<Option<Committed>>> {
    tx.begin().await?;
    let alone = works.len() == 1;
    tx.alone = alone;
    let mut kept = false;
    for w in works.iter_mut() {
        let mark = if alone { (0, 0) } else { tx.job_mark().await? };
        match w.run(tx).await {
            Ran::Kept => {
                kept = true;
                if !alone {
                    tx.job_end(true, mark).await?;
                }
            }
            Ran::Undone if !alone => tx.job_end(false, mark).await?,
            Ran::Undone => {}
            Ran::Broken(e) => return Err(e),
        }
    }
    if !kept {
        tx.rollback().await?;
        return Ok(None);
    }
    terms::write(tx).await?;
    Ok(Some(log::write(tx).await?))
}

/// Counts, tells subscribers and answers the jobs of a group.
pub(crate) fn finish(tx_shared: &crate::shared::Shared, works: Vec<Box<dyn Work>>, result: Result<Option<Committed>>) {
    let n = works.len();
    tx_shared.queued.fetch_sub(n, Ordering::Relaxed);
    tx_shared.job_count.fetch_add(n as u64, Ordering::Relaxed);
    match result {
        Ok(done) => {
            tx_shared.commit_count.fetch_add(1, Ordering::Relaxed);
            if let Some(c) = done {
                tx_shared.announce(&c);
            }
            for w in works {
                w.answer(None);
            }
        }
        Err(e) => {
            for w in works {
                w.answer(Some(copy(&e)));
            }
        }
    }
}
