//! What background jobs of the server have in common, imports and bulk work: where they stand is kept in the workspace, so that they go
//! on after a restart, through the door their person came by, and several servers know of each other's runs.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures::future::BoxFuture;
use rapport_exchange::ExchangeError;
use rapport_policy::Principal;
use rapport_records::{Document, Engine, Error};
use rapport_schema::{Millis, RecordId, SessionId, TokenId, UserId};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::json;

use crate::{App, Workspace};

/// A job from which nothing was heard for so long is nobody's: another server would have written a batch by then.
const QUIET: Duration = Duration::from_secs(15);
const QUIET_MS: i64 = 15_000;

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// At work.
    Running,
    /// Everything is done.
    Done,
    /// Stopped by a person; can go on.
    Cancelled,
    /// Broke off; can go on.
    Failed,
    /// Being taken back.
    Undoing,
    /// Taken back.
    Undone,
}

impl Status {
    /// Somebody is at it.
    #[must_use]
    pub const fn at_work(self) -> bool {
        matches!(self, Self::Running | Self::Undoing)
    }
}

/// The door a person came through: with its rights a job goes on after a restart, or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Door {
    Session(SessionId),
    Token(TokenId),
}

impl Door {
    /// The door one came by.
    ///
    /// # Errors
    /// `permission.denied`: it is none one can come through again.
    pub(crate) fn of(p: Principal) -> Result<Self, ExchangeError> {
        match p {
            Principal::Session(id) => Ok(Self::Session(id)),
            Principal::Token(id) => Ok(Self::Token(id)),
            Principal::View { .. } | Principal::Local | Principal::System(_) => Err(ExchangeError::refused("permission.denied")),
        }
    }
    pub(crate) const fn principal(self) -> Principal {
        match self {
            Self::Session(id) => Principal::Session(id),
            Self::Token(id) => Principal::Token(id),
        }
    }
}

/// One run of a job, on one server: the last one that was started has the say about the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub(crate) id: RecordId,
    pub(crate) began: Millis,
    pub(crate) door: Door,
}

impl Run {
    /// A new run, through the door of a principal.
    ///
    /// # Errors
    /// As [`Door::of`].
    pub(crate) fn new(engine: &Engine, p: Principal) -> Result<Self, ExchangeError> {
        Ok(Self { id: engine.new_id(), began: engine.now(), door: Door::of(p)? })
    }
}

/// What a job of one kind is: enough to go on after a restart.
pub trait Work: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Kind of the documents that say what a job is.
    const KIND: &'static str;
    /// Kind of the documents that say which run of a job shall end.
    const STOP: &'static str;
    /// Code of a job that nobody works on any more.
    const INTERRUPTED: &'static str;

    /// Whose job it is.
    fn user(&self) -> UserId;
    /// Where it stands, as it was kept last.
    fn status(&self) -> Status;
    /// The run that has the say about it; none before the first.
    fn run(&self) -> Option<Run>;
    /// As it ended.
    fn ended(self, status: Status, error: Option<&str>) -> Self;
    /// Nothing is kept of a job that only tries.
    fn is_kept(&self) -> bool {
        true
    }
    /// When something was last heard of a job.
    fn heard(engine: &Engine, id: RecordId) -> impl Future<Output = Result<Option<Millis>, ExchangeError>> + Send;
    /// Starts a new run of a job that was cut off, with the rights its person has now. Answers the job as it ended when it cannot.
    fn go_on(
        app: &App,
        ws: &Arc<Workspace>,
        id: RecordId,
        work: Self,
    ) -> impl Future<Output = Result<Option<Self>, ExchangeError>> + Send;
    /// Keeps and shows where a run ended, unless another run has the job by then.
    fn settle(&self, engine: &Engine, id: RecordId) -> impl Future<Output = ()> + Send;

    /// Somebody is at it: a batch was written, or the run began, not long ago.
    fn alive(&self, heard: Option<Millis>, now: Millis) -> bool {
        let last = heard.max(self.run().map(|r| r.began));
        self.status() == Status::Running && last.is_some_and(|at| now.0 - at.0 < QUIET_MS)
    }
    /// As it is known to whoever does not run it: nobody works any more on one that is not alive.
    fn seen(self, heard: Option<Millis>, now: Millis) -> Self {
        let dead = self.status() == Status::Running && !self.alive(heard, now);
        if dead { self.ended(Status::Failed, Some(Self::INTERRUPTED)) } else { self }
    }
}

/// What is kept of a job.
pub(crate) async fn kept<W: Work>(engine: &Engine, id: RecordId) -> Result<Option<W>, ExchangeError> {
    Ok(engine.document(W::KIND, &id.to_string()).await?.and_then(|d| serde_json::from_value(d).ok()))
}

/// Keeps where a job stands if what is kept `yields` to it, or nothing is kept yet; answers whether it did. Another server may have
/// gone on with the job meanwhile.
pub(crate) async fn keep<W: Work>(
    engine: &Engine,
    id: RecordId,
    work: &W,
    yields: impl Fn(&W) -> bool + Clone + Send + Sync + 'static,
) -> Result<bool, ExchangeError> {
    if !work.is_kept() {
        return Ok(true);
    }
    let (key, body) = (id.to_string(), json!(work));
    if kept::<W>(engine, id).await?.is_none() {
        engine.put_document(Document { kind: W::KIND.into(), key, owner: Some(work.user().record()), body }).await?;
        return Ok(true);
    }
    let done = engine.db().write(move |tx| {
        let (key, body, yields) = (key.clone(), body.clone(), yields.clone());
        Box::pin(async move {
            tx.lock_key(&format!("{}/{key}", W::KIND)).await?;
            let Some(mut doc) = tx.doc_get(W::KIND, &key).await? else { return Ok(false) };
            if !serde_json::from_value::<W>(doc.body).is_ok_and(|w| yields(&w)) {
                return Ok(false);
            }
            doc.body = body;
            tx.doc_put(doc).await?;
            Ok::<bool, rapport_records::StoreError>(true)
        })
    });
    Ok(done.await.map_err(Error::from)?)
}

/// Keeps a job with a new run, unless somebody is at it.
pub(crate) async fn claim<W: Work>(
    engine: &Engine,
    id: RecordId,
    work: &W,
    heard: Option<Millis>,
) -> Result<bool, ExchangeError> {
    let now = engine.now();
    keep(engine, id, work, move |kept: &W| !kept.alive(heard, now)).await
}

/// Keeps where a run ended; answers whether the job was still its own.
pub(crate) async fn close<W: Work>(engine: &Engine, id: RecordId, work: &W) -> bool {
    let run = work.run();
    match keep(engine, id, work, move |kept: &W| kept.run() == run).await {
        Ok(true) => return true,
        Ok(false) => tracing::info!(job = %id, kind = W::KIND, "a run ended; another server goes on with the job"),
        Err(e) => tracing::warn!(job = %id, kind = W::KIND, error = %e, "the end of a job could not be noted"),
    }
    false
}

/// Asks the run of a job to end after its batch, wherever it is.
pub(crate) async fn wish_ended<W: Work>(engine: &Engine, id: RecordId, work: &W) -> Result<(), ExchangeError> {
    if let (Status::Running, true, Some(run)) = (work.status(), work.is_kept(), work.run()) {
        let doc = Document { kind: W::STOP.into(), key: id.to_string(), owner: Some(work.user().record()), body: json!(run.id) };
        engine.put_document(doc).await?;
    }
    Ok(())
}

/// Somebody wants this run to end, maybe on another server.
pub(crate) async fn unwanted<W: Work>(engine: &Engine, id: RecordId, run: Option<Run>) -> bool {
    let wish = engine.document(W::STOP, &id.to_string()).await;
    run.is_some_and(|r| wish.is_ok_and(|w| w == Some(json!(r.id))))
}

/// Another run has the job.
async fn taken<W: Work>(engine: &Engine, id: RecordId, run: Option<Run>) -> bool {
    kept::<W>(engine, id).await.is_ok_and(|w| w.is_some_and(|w| w.run() != run))
}

/// Works on a job until it ends: `again` runs it from its last batch, `also` says of anything else that should end it. Sets `stop` when
/// the server stops, or the run is unwanted or has been overtaken. Answers how it ended, and whether the server's stop was the reason.
pub(crate) async fn work_on<'a, W: Work, T>(
    app: &App,
    engine: &Engine,
    (id, run): (RecordId, Option<Run>),
    stop: &AtomicBool,
    again: impl Fn() -> BoxFuture<'a, Result<T, ExchangeError>>,
    also: impl Fn() -> BoxFuture<'a, bool>,
) -> (Result<T, ExchangeError>, bool) {
    let running = async {
        loop {
            let done = again().await;
            // A run that had the job before may write one batch more: this one goes on after it.
            let overtaken = matches!(&done, Err(ExchangeError::Pipeline(Error::Rule { code: "job.overtaken", .. })));
            if !overtaken || taken::<W>(engine, id, run).await {
                break done;
            }
        }
    };
    tokio::pin!(running);
    let mut check = tokio::time::interval(app.config().recheck);
    let mut stopped = false;
    loop {
        tokio::select! {
            done = &mut running => break (done, stopped),
            () = app.stop().wait(), if !stop.load(Ordering::Relaxed) => {
                stopped = true;
                stop.store(true, Ordering::Relaxed);
            }
            _ = check.tick() => {
                if also().await || unwanted::<W>(engine, id, run).await || taken::<W>(engine, id, run).await {
                    stop.store(true, Ordering::Relaxed);
                }
            }
        }
    }
}

/// Goes on, in the background, with the jobs of a kind that the end of a program cut off: from their last batch, with the rights their
/// person has now. Called once when the server starts.
pub fn go_on<W: Work>(app: &App) {
    for ws in app.workspaces().all() {
        let app = app.clone();
        tokio::spawn(async move {
            if let Err(e) = go_on_in::<W>(&app, &ws).await {
                tracing::warn!(workspace = ws.name, kind = W::KIND, error = %e, "interrupted jobs could not be looked for");
            }
        });
    }
}

async fn go_on_in<W: Work>(app: &App, ws: &Arc<Workspace>) -> Result<(), ExchangeError> {
    for doc in ws.engine.db().doc_list(W::KIND, None).await.map_err(Error::from)? {
        let Ok(id) = doc.key.parse::<RecordId>() else { continue };
        let Ok(work) = serde_json::from_value::<W>(doc.body) else { continue };
        if work.status() != Status::Running {
            continue;
        }
        let (app, ws) = (app.clone(), ws.clone());
        tokio::spawn(async move {
            let ended = match take_over::<W>(&app, &ws, id).await {
                Ok(None) => return,
                Ok(Some(ended)) => ended,
                Err(e) => {
                    tracing::warn!(job = %id, kind = W::KIND, error = %e, "an interrupted job could not go on");
                    work.ended(Status::Failed, Some(W::INTERRUPTED))
                }
            };
            ended.settle(&ws.engine, id).await;
        });
    }
    Ok(())
}

/// Waits until nothing is heard of a job any more, and goes on with it. Answers the job as it ended when it cannot; nothing when it goes
/// on here, or another server goes on with it or ends it.
async fn take_over<W: Work>(app: &App, ws: &Arc<Workspace>, id: RecordId) -> Result<Option<W>, ExchangeError> {
    let work = loop {
        let Some(work) = kept::<W>(&ws.engine, id).await?.filter(|w| w.status() == Status::Running) else { return Ok(None) };
        if !work.alive(W::heard(&ws.engine, id).await?, ws.engine.now()) {
            break work;
        }
        tokio::select! {
            () = tokio::time::sleep(QUIET / 10) => {}
            () = app.stop().wait() => return Ok(None),
        }
    };
    if unwanted::<W>(&ws.engine, id, work.run()).await {
        return Ok(Some(work.ended(Status::Cancelled, None)));
    }
    tracing::info!(job = %id, kind = W::KIND, "an interrupted job goes on");
    W::go_on(app, ws, id, work).await
}
