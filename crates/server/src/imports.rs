//! Imports as background tasks of the server: started by a person, running with that person's rights, their state in the
//! workspace, so that a restarted server can go on with them. Several servers may share a workspace: what they know of each
//! other's jobs stands there too.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use futures::future::BoxFuture;
use parking_lot::Mutex;
use rapport_exchange::{
    ExchangeError,
    plan::Plan,
    read,
    run::{self, Fault, Files, Import, Progress},
};
use rapport_policy::{Reason, Scope, SystemScope};
use rapport_records::{Engine, JsonMap, WriteOptions};
use rapport_schema::{Millis, RecordId, UserId, Via};
use serde::{Deserialize, Serialize};

use crate::{
    App, Workspace,
    jobs::{self, Run, Status, Work as _},
};

/// Code of an import whose session or token has ended, or may do less than before.
const RIGHTS: &str = "import.rights";
/// Finished jobs kept in memory; the workspace knows the others.
const KEPT: usize = 200;

/// A file a person uploaded, as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Kept {
    /// Its name, as the plan calls it.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
}

/// What a job is: enough to go on after a restart.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Work {
    /// Who started it.
    pub user: UserId,
    /// The files.
    pub files: Vec<Kept>,
    /// What becomes what.
    pub plan: Plan,
    /// Check only.
    pub dry_run: bool,
    /// Rows of all sheets.
    pub total: u64,
    /// Where it stands.
    pub status: Status,
    /// Stable code of what broke it off.
    pub error: Option<String>,
    /// Its last run.
    #[serde(default)]
    pub run: Option<Run>,
}

impl Work {
    /// What it is called: its files.
    #[must_use]
    pub fn name(&self) -> String {
        self.files.iter().map(|f| f.name.as_str()).collect::<Vec<_>>().join(", ")
    }
}

impl jobs::Work for Work {
    const KIND: &'static str = "import_work";
    const STOP: &'static str = "import_stop";
    const INTERRUPTED: &'static str = "import.interrupted";

    fn user(&self) -> UserId {
        self.user
    }
    fn status(&self) -> Status {
        self.status
    }
    fn run(&self) -> Option<Run> {
        self.run
    }
    fn ended(self, status: Status, error: Option<&str>) -> Self {
        Self { status, error: error.map(Into::into), ..self }
    }
    fn is_kept(&self) -> bool {
        !self.dry_run
    }
    async fn heard(engine: &Engine, id: RecordId) -> Result<Option<Millis>, ExchangeError> {
        Ok(run::progress(engine, id).await?.and_then(|p| p.at))
    }
    async fn go_on(app: &App, ws: &Arc<Workspace>, id: RecordId, work: Self) -> Result<Option<Self>, ExchangeError> {
        let Some(run) = work.run else { return Ok(Some(work.ended(Status::Failed, Some(Self::INTERRUPTED)))) };
        let model = ws.engine.model();
        let scope = ws.access.scope_through(work.user, run.door.principal(), Via::Import).await.ok();
        let may = |s: &Scope| work.plan.sheets.iter().all(|p| model.object(&p.object).is_some_and(|o| s.may_on(o, "import")));
        let Some(scope) = scope.filter(may) else { return Ok(Some(work.ended(Status::Failed, Some(RIGHTS)))) };
        start(app, ws.clone(), scope, id, work).await?;
        Ok(None)
    }
    async fn settle(&self, engine: &Engine, id: RecordId) {
        let progress = run::progress(engine, id).await.ok().flatten().unwrap_or_default();
        settle(engine, id, self, &progress).await;
    }
}

/// A job in this process.
#[derive(Debug)]
pub struct Job {
    stop: AtomicBool,
    /// What it is.
    pub work: Mutex<Work>,
    /// How far it is.
    pub progress: Mutex<Progress>,
    /// Refused rows of a dry run.
    pub rehearsed: Mutex<Vec<Fault>>,
}

impl Job {
    fn new(work: Work, progress: Progress) -> Self {
        Self { stop: AtomicBool::new(false), work: Mutex::new(work), progress: Mutex::new(progress), rehearsed: Mutex::default() }
    }
    fn cancel(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }
    /// Its status and how far it is.
    #[must_use]
    pub fn now(&self) -> (Work, Progress) {
        (self.work.lock().clone(), self.progress.lock().clone())
    }
}

/// The jobs of this process.
#[derive(Debug, Default)]
pub struct Imports(Mutex<HashMap<RecordId, Arc<Job>>>);

impl Imports {
    fn get(&self, id: RecordId) -> Option<Arc<Job>> {
        self.0.lock().get(&id).cloned()
    }
    fn put(&self, id: RecordId, job: Arc<Job>) {
        let mut all = self.0.lock();
        if all.len() >= KEPT {
            all.retain(|_, j| j.work.lock().status.at_work());
        }
        all.insert(id, job);
    }
}

/// The state of a job's record in the model's picklist.
const fn of_record(status: Status) -> &'static str {
    match status {
        Status::Running | Status::Undoing => "running",
        Status::Done => "done",
        Status::Cancelled | Status::Failed => "failed",
        Status::Undone => "undone",
    }
}

/// Keeps and shows where a run ended, unless another run has the job by then.
async fn settle(engine: &Engine, id: RecordId, work: &Work, p: &Progress) {
    if jobs::close(engine, id, work).await {
        record(engine, id, work, p).await;
    }
}

/// Keeps the job's record in step; a record somebody removed is no reason to stop.
async fn record(engine: &Engine, id: RecordId, work: &Work, p: &Progress) {
    if work.dry_run {
        return;
    }
    let mut data = JsonMap::new();
    data.insert("status".into(), of_record(work.status).into());
    for (k, n) in
        [("total", work.total), ("created", p.created), ("updated", p.updated), ("skipped", p.skipped), ("failed", p.failed)]
    {
        data.insert(k.into(), n.into());
    }
    let scope = SystemScope::because(Reason::Job).through(Via::Import);
    let opts = WriteOptions { set_state: true, ..WriteOptions::default() };
    if let Err(e) = engine.update(&scope, "import_job", id, data, opts).await {
        tracing::warn!(job = %id, error = ?e, "the record of an import could not be kept in step");
    }
}

/// A job, from this process or from the workspace. Only its owner and administrators see it.
///
/// # Errors
/// The database.
pub async fn find(app: &App, ws: &Workspace, scope: &Scope, id: RecordId) -> Result<Option<Arc<Job>>, ExchangeError> {
    let here = app.imports().get(id);
    let job = match (here, jobs::kept::<Work>(&ws.engine, id).await?) {
        // Its last run was here, or it was only tried: nobody knows more.
        (Some(j), work) if work.as_ref().is_none_or(|w| w.run == j.work.lock().run) => Some(j),
        (_, None) => None,
        (_, Some(work)) => {
            let progress = run::progress(&ws.engine, id).await?.unwrap_or_default();
            Some(Arc::new(Job::new(work.seen(progress.at, ws.engine.now()), progress)))
        }
    };
    Ok(job.filter(|j| scope.is_admin() || scope.user() == Some(j.work.lock().user)))
}

/// Asks a job to end after the current batch, wherever it runs.
///
/// # Errors
/// The database.
pub async fn cancel(ws: &Workspace, id: RecordId, job: &Job) -> Result<(), ExchangeError> {
    job.cancel();
    jobs::wish_ended(&ws.engine, id, &job.now().0).await
}

/// Opens files.
///
/// # Errors
/// One is gone or cannot be read.
pub fn open(files: &[Kept]) -> Result<Files, ExchangeError> {
    files.iter().map(|f| Ok((f.name.clone(), read::open(&f.path)?))).collect::<Result<_, _>>().map(Files)
}

/// Starts a job, or goes on with one; none when somebody is at it already.
///
/// # Errors
/// The file or the database.
pub async fn start(
    app: &App,
    ws: Arc<Workspace>,
    scope: Scope,
    id: RecordId,
    mut work: Work,
) -> Result<Option<Arc<Job>>, ExchangeError> {
    let engine = &ws.engine;
    work.run = Some(Run::new(engine, scope.principal())?);
    work.status = Status::Running;
    work.error = None;
    let of = work.files.clone();
    let opened = tokio::task::spawn_blocking(move || open(&of)).await.map_err(std::io::Error::other)??;
    let progress = if work.dry_run { None } else { run::progress(engine, id).await? };
    let heard = progress.as_ref().and_then(|p| p.at);
    if !jobs::claim(engine, id, &work, heard).await? {
        return Ok(None);
    }
    let import = Import {
        engine: engine.clone(),
        scope,
        job: id,
        plan: work.plan.clone(),
        files: opened,
        dry_run: work.dry_run,
        rehearsed: std::sync::Mutex::default(),
    };
    let job = Arc::new(Job::new(work, progress.unwrap_or_default()));
    app.imports().put(id, job.clone());
    let (app, run_of) = (app.clone(), job.clone());
    tokio::spawn(async move { work_on(&app, &ws, &import, &run_of).await });
    Ok(Some(job))
}

async fn work_on(app: &App, ws: &Workspace, import: &Import, job: &Job) {
    let engine = &ws.engine;
    let (work, p) = job.now();
    record(engine, import.job, &work, &p).await;
    let lost = AtomicBool::new(false);
    let again = || -> BoxFuture<'_, _> { Box::pin(import.run(&job.stop, |p| *job.progress.lock() = p.clone())) };
    // Rights that are gone end the import as they end an event stream.
    let also = || -> BoxFuture<'_, bool> {
        Box::pin(async {
            if !ws.access.still_valid(&import.scope).await {
                lost.store(true, Ordering::Relaxed);
            }
            lost.load(Ordering::Relaxed)
        })
    };
    let (done, stopped) = jobs::work_on::<Work, _>(app, engine, (import.job, work.run), &job.stop, again, also).await;
    let rights = !lost.into_inner();
    if stopped && rights && done.as_ref().is_ok_and(|p| p.cancelled) {
        // Not a person's wish: it goes on when the server starts again.
        return;
    }
    let (status, error) = match done {
        Ok(p) => {
            let cancelled = p.cancelled;
            *job.progress.lock() = p;
            match (cancelled, rights) {
                (true, true) => (Status::Cancelled, None),
                (true, false) => (Status::Failed, Some(RIGHTS.to_owned())),
                (false, _) => (Status::Done, None),
            }
        }
        Err(e) => {
            tracing::warn!(job = %import.job, error = %e, "an import broke off");
            (Status::Failed, Some(crate::Problem::from(e).code.into_owned()))
        }
    };
    if let Ok(r) = import.rehearsed.lock() {
        *job.rehearsed.lock() = r.clone();
    }
    end(engine, import.job, job, status, error).await;
}

async fn end(engine: &Engine, id: RecordId, job: &Job, status: Status, error: Option<String>) {
    let (work, p) = job.now();
    let work = work.ended(status, error.as_deref());
    settle(engine, id, &work, &p).await;
    // Told here when others can know it too.
    *job.work.lock() = work;
}

/// Takes a job back in the background, as the person who asks for it.
pub fn undo(app: &App, ws: Arc<Workspace>, scope: Scope, id: RecordId, job: Arc<Job>) {
    job.work.lock().status = Status::Undoing;
    app.imports().put(id, job.clone());
    tokio::spawn(async move {
        let (status, error) = match run::undo(&ws.engine, &scope, id).await {
            Ok((_, refused)) if refused.is_empty() => (Status::Undone, None),
            Ok((_, refused)) => {
                let code = refused.iter().flatten().next().map_or_else(|| "undo.refused".to_owned(), |e| e.code.to_string());
                (Status::Done, Some(code))
            }
            Err(e) => (Status::Done, Some(crate::Problem::from(e).code.into_owned())),
        };
        end(&ws.engine, id, &job, status, error).await;
    });
}
