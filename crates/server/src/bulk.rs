//! Bulk work as background tasks of the server: one change of many records, started by a person, with that person's rights before
//! every batch, its state in the workspace. Like imports it goes on after a restart, and may run on any of several servers.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use futures::future::BoxFuture;
use parking_lot::Mutex;
use rapport_exchange::{
    ExchangeError,
    bulk::{self, Bulk, Change, End, Progress, Target},
};
use rapport_policy::Scope;
use rapport_records::{Document, Engine};
use rapport_schema::{Millis, RecordId, UserId, Via};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::broadcast;

use crate::{
    App, Workspace,
    jobs::{self, Run, Status, Work as _},
};

/// Finished jobs kept in memory; the workspace knows the others.
const KEPT: usize = 200;
/// Jobs one person may have at work.
pub const MOST_RUNNING: usize = 5;
/// Ended jobs are forgotten after so long, in milliseconds.
const FORGOTTEN_MS: i64 = 30 * 86_400_000;
/// Listeners hear of a job no more often.
const NEWS: Duration = Duration::from_millis(200);
/// Code of a job whose session or token has ended.
const RIGHTS: &str = "bulk.rights";

/// What a job is: enough to go on after a restart.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Work {
    /// Who started it.
    pub user: UserId,
    /// Object of the records.
    pub object: String,
    /// What becomes of each.
    pub change: Change,
    /// Which records.
    pub target: Target,
    /// When it was started.
    pub began: Millis,
    /// By which surface.
    pub via: Via,
    /// Where it stands.
    pub status: Status,
    /// Stable code of what broke it off, or of what could not be taken back.
    pub error: Option<String>,
    /// Its last run.
    pub run: Option<Run>,
}

impl jobs::Work for Work {
    const KIND: &'static str = "bulk_work";
    const STOP: &'static str = "bulk_stop";
    const INTERRUPTED: &'static str = "bulk.interrupted";

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
    async fn heard(engine: &Engine, id: RecordId) -> Result<Option<Millis>, ExchangeError> {
        Ok(bulk::progress(engine, id).await?.and_then(|p| p.at))
    }
    async fn go_on(app: &App, ws: &Arc<Workspace>, id: RecordId, work: Self) -> Result<Option<Self>, ExchangeError> {
        let Some(run) = work.run else { return Ok(Some(work.ended(Status::Failed, Some(Self::INTERRUPTED)))) };
        let scope = ws.access.scope_through(work.user, run.door.principal(), work.via).await.ok();
        let Some(scope) = scope else { return Ok(Some(work.ended(Status::Failed, Some(RIGHTS)))) };
        start(app, ws.clone(), &scope, id, work).await?;
        Ok(None)
    }
    async fn settle(&self, engine: &Engine, id: RecordId) {
        jobs::close(engine, id, self).await;
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
}

impl Job {
    fn new(work: Work, progress: Progress) -> Self {
        Self { stop: AtomicBool::new(false), work: Mutex::new(work), progress: Mutex::new(progress) }
    }
    /// As the API tells it.
    #[must_use]
    pub fn shown(&self, id: RecordId) -> Value {
        let (w, p) = (self.work.lock().clone(), self.progress.lock().clone());
        json!({
            "id": id, "object": w.object, "change": brief(&w.change), "status": w.status, "collected": p.set.is_some(), "total": p.total,
            "done": p.done, "changed": p.changed, "unchanged": p.unchanged, "refused": p.refused, "began_at": w.began.rfc3339(),
            "batch_id": id, "undoable": !w.status.at_work() && w.status != Status::Undone && p.changed > 0, "error": w.error,
        })
    }
}

/// Longest value that is told with a job, in bytes of JSON: how far it is is told often.
const TOLD: usize = 200;

/// A change with its long values left out.
fn brief(change: &Change) -> Value {
    fn cut(v: &mut Value) {
        match v {
            Value::Object(m) => m.values_mut().filter(|v| v.to_string().len() > TOLD).for_each(|v| *v = Value::Null),
            Value::Array(a) => a.truncate(20),
            _ => {}
        }
    }
    let mut told = json!(change);
    for key in ["data", "input", "add", "remove"] {
        if let Some(v) = told.get_mut(key) {
            cut(v);
        }
    }
    told
}

/// What is told to the listeners of a person.
#[derive(Debug)]
pub struct News {
    /// Workspace.
    pub workspace: String,
    /// Whose job.
    pub user: UserId,
    /// Object it is about.
    pub object: String,
    /// The job as the API tells it.
    pub body: Value,
}

/// The jobs of this process.
#[derive(Debug)]
pub struct Bulks {
    jobs: Mutex<HashMap<RecordId, Arc<Job>>>,
    news: broadcast::Sender<Arc<News>>,
}

impl Default for Bulks {
    fn default() -> Self {
        Self { jobs: Mutex::default(), news: broadcast::channel(1_024).0 }
    }
}

impl Bulks {
    fn get(&self, id: RecordId) -> Option<Arc<Job>> {
        self.jobs.lock().get(&id).cloned()
    }
    fn put(&self, id: RecordId, job: Arc<Job>) {
        let mut all = self.jobs.lock();
        if all.len() >= KEPT {
            all.retain(|_, j| j.work.lock().status.at_work());
        }
        all.insert(id, job);
    }
    /// Jobs as they go on.
    #[must_use]
    pub fn news(&self) -> broadcast::Receiver<Arc<News>> {
        self.news.subscribe()
    }
    fn tell(&self, ws: &Workspace, id: RecordId, job: &Job) {
        let (user, object) = {
            let w = job.work.lock();
            (w.user, w.object.clone())
        };
        // Nobody listening is no fault.
        let _ = self.news.send(Arc::new(News { workspace: ws.name.clone(), user, object, body: job.shown(id) }));
    }
}

/// A job, from this process or from the workspace. Only its owner and administrators see it.
///
/// # Errors
/// The database.
pub async fn find(app: &App, ws: &Workspace, scope: &Scope, id: RecordId) -> Result<Option<Arc<Job>>, ExchangeError> {
    let Some(work) = jobs::kept::<Work>(&ws.engine, id).await? else { return Ok(None) };
    if !scope.is_admin() && scope.user() != Some(work.user) {
        return Ok(None);
    }
    told(app, ws, id, work).await.map(Some)
}

/// A job as it is known best: here, when its last run was here.
async fn told(app: &App, ws: &Workspace, id: RecordId, work: Work) -> Result<Arc<Job>, ExchangeError> {
    if let Some(j) = app.bulks().get(id).filter(|j| j.work.lock().run == work.run) {
        return Ok(j);
    }
    let progress = bulk::progress(&ws.engine, id).await?.unwrap_or_default();
    Ok(Arc::new(Job::new(work.seen(progress.at, ws.engine.now()), progress)))
}

/// A person's jobs, the newest first: those at work and those not yet forgotten.
///
/// # Errors
/// The database.
pub async fn of_person(app: &App, ws: &Workspace, user: UserId) -> Result<Vec<(RecordId, Arc<Job>)>, ExchangeError> {
    let docs = ws.engine.db().doc_list(Work::KIND, Some(user.record())).await.map_err(rapport_records::Error::from)?;
    let mut all = vec![];
    for d in docs {
        if let (Ok(id), Ok(work)) = (d.key.parse::<RecordId>(), serde_json::from_value::<Work>(d.body)) {
            all.push((work.began, id, told(app, ws, id, work).await?));
        }
    }
    all.sort_by_key(|(began, id, _)| std::cmp::Reverse((began.0, *id)));
    Ok(all.into_iter().map(|(_, id, j)| (id, j)).collect())
}

/// Asks a job to end after the current batch, wherever it runs.
///
/// # Errors
/// The database.
pub async fn cancel(ws: &Workspace, id: RecordId, job: &Job) -> Result<(), ExchangeError> {
    job.stop.store(true, Ordering::Relaxed);
    let work = job.work.lock().clone();
    jobs::wish_ended(&ws.engine, id, &work).await
}

/// Removes an ended job and what is kept of it; what it changed stays, and stays in the history.
///
/// # Errors
/// The database.
pub async fn forget(app: &App, ws: &Workspace, id: RecordId) -> Result<(), ExchangeError> {
    bulk::forget(&ws.engine, id).await?;
    let key = id.to_string();
    let done = ws.engine.db().write(move |tx| {
        let key = key.clone();
        Box::pin(async move {
            tx.doc_delete(Work::STOP, &key).await?;
            tx.doc_delete(Work::KIND, &key).await?;
            Ok::<(), rapport_records::StoreError>(())
        })
    });
    done.await.map_err(rapport_records::Error::from)?;
    app.bulks().jobs.lock().remove(&id);
    Ok(())
}

/// Starts a job, or goes on with one; none when somebody is at it already.
///
/// # Errors
/// The caller came through no door one can come through again; the database.
pub async fn start(
    app: &App,
    ws: Arc<Workspace>,
    scope: &Scope,
    id: RecordId,
    mut work: Work,
) -> Result<Option<Arc<Job>>, ExchangeError> {
    let engine = &ws.engine;
    work.run = Some(Run::new(engine, scope.principal())?);
    work.status = Status::Running;
    work.error = None;
    let progress = bulk::progress(engine, id).await?;
    let heard = progress.as_ref().and_then(|p| p.at);
    if !jobs::claim(engine, id, &work, heard).await? {
        return Ok(None);
    }
    let bulk = Bulk {
        engine: engine.clone(),
        job: id,
        object: work.object.clone(),
        target: work.target.clone(),
        change: work.change.clone(),
    };
    let job = Arc::new(Job::new(work, progress.unwrap_or_default()));
    app.bulks().put(id, job.clone());
    app.bulks().tell(&ws, id, &job);
    let (app, run_of) = (app.clone(), job.clone());
    tokio::spawn(async move { work_on(&app, &ws, &bulk, &run_of).await });
    Ok(Some(job))
}

/// Ended jobs of a person that are old are forgotten, in the background.
pub fn tidy(app: &App, ws: &Arc<Workspace>, user: UserId) {
    let (app, ws) = (app.clone(), ws.clone());
    tokio::spawn(async move {
        let now = ws.engine.now();
        for (id, job) in of_person(&app, &ws, user).await.unwrap_or_default() {
            let old = {
                let w = job.work.lock();
                !w.status.at_work() && now.0 - w.began.0 > FORGOTTEN_MS
            };
            if old && let Err(e) = forget(&app, &ws, id).await {
                tracing::warn!(job = %id, error = %e, "an old job could not be forgotten");
            }
        }
    });
}

async fn work_on(app: &App, ws: &Arc<Workspace>, bulk: &Bulk, job: &Job) {
    let (engine, id) = (&ws.engine, bulk.job);
    let (run, user, via) = {
        let w = job.work.lock();
        (w.run, w.user, w.via)
    };
    let Some(door) = run.map(|r| r.door.principal()) else { return };
    let reach = || -> std::pin::Pin<Box<dyn Future<Output = Option<Scope>> + Send + '_>> {
        Box::pin(async move { ws.access.scope_through(user, door, via).await.ok() })
    };
    let spoke = Mutex::new(Instant::now());
    let told = |p: &Progress| {
        *job.progress.lock() = p.clone();
        let mut last = spoke.lock();
        if last.elapsed() >= NEWS {
            *last = Instant::now();
            app.bulks().tell(ws, id, job);
        }
    };
    let again = || -> BoxFuture<'_, _> { Box::pin(bulk.run(&reach, &job.stop, told)) };
    // Rights are asked before every batch.
    let also = || -> BoxFuture<'_, bool> { Box::pin(async { false }) };
    let (done, stopped) = jobs::work_on::<Work, _>(app, engine, (id, run), &job.stop, again, also).await;
    let (status, error) = match done {
        // Not a person's wish: it goes on when the server starts again.
        Ok((_, End::Stopped)) if stopped && !jobs::unwanted::<Work>(engine, id, run).await => return,
        Ok((p, end)) => {
            *job.progress.lock() = p;
            match end {
                End::Done => (Status::Done, None),
                End::Stopped => (Status::Cancelled, None),
                End::Rights => (Status::Failed, Some(RIGHTS.to_owned())),
            }
        }
        Err(e) => {
            tracing::warn!(job = %id, error = %e, "bulk work broke off");
            (Status::Failed, Some(crate::Problem::from(e).code.into_owned()))
        }
    };
    end(app, ws, id, job, status, error).await;
}

async fn end(app: &App, ws: &Workspace, id: RecordId, job: &Job, status: Status, error: Option<String>) {
    let work = job.work.lock().clone().ended(status, error.as_deref());
    jobs::close(&ws.engine, id, &work).await;
    // Told here when others can know it too.
    *job.work.lock() = work;
    app.bulks().tell(ws, id, job);
}

/// Takes a job back in the background, as the person who asks for it.
pub fn undo(app: &App, ws: Arc<Workspace>, scope: Scope, id: RecordId, job: Arc<Job>) {
    let before = {
        let mut w = job.work.lock();
        std::mem::replace(&mut w.status, Status::Undoing)
    };
    app.bulks().put(id, job.clone());
    app.bulks().tell(&ws, id, &job);
    let app = app.clone();
    tokio::spawn(async move {
        let (status, error) = match ws.engine.undo(&scope, id).await {
            Ok(done) => match done.rows.iter().find_map(|r| r.as_ref().err()) {
                None => (Status::Undone, None),
                // What could not be taken back can be tried again when the reason is gone.
                Some(_) => (before, Some("bulk.undo_partly".to_owned())),
            },
            Err(e) => (before, Some(crate::Problem::from(e).code.into_owned())),
        };
        if status == Status::Undone {
            let gone = Progress { undone: true, ..job.progress.lock().clone() };
            let doc = Document { kind: bulk::PROGRESS.into(), key: id.to_string(), owner: Some(id), body: json!(gone) };
            if let Err(e) = ws.engine.put_document(doc).await {
                tracing::warn!(job = %id, error = %e, "the undo of bulk work could not be noted");
            }
            *job.progress.lock() = gone;
        }
        end(&app, &ws, id, &job, status, error).await;
    });
}
