//! One open workspace.

use async_recursion::async_recursion as boxed;
use std::{
    path::Path,
    sync::{Arc, atomic::Ordering},
};

use rapport_policy::RowRule;
use rapport_schema::{Millis, Model, ObjectDef, ObjectName, Record, RecordId, Seq, query::CountMode};
use tokio::sync::{broadcast, oneshot};

use crate::{
    AggRow, Aggregate, ChangeQuery, ChangeRow, Committed, Count, Cursor, DbStats, DocRow, Head, Hit, Job, Options, Page, Result,
    Search, Select, Shape, StoreError, Target,
    dialect::Dialect,
    docs,
    group::{self, Kind},
    log, migrate, pg, query,
    reads::Reads,
    row::Row,
    shared::Shared,
    sql::Built,
    sqlite,
};

/// One open workspace. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Db(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub shared: Arc<Shared>,
    pub target: Target,
    pub back: Back,
}

#[derive(Debug)]
pub(crate) enum Back {
    Lite { writer: sqlite::Writer, readers: Arc<sqlite::Readers> },
    Pg(pg::Backend),
}

impl Reads for Db {
    fn shared(&self) -> &Arc<Shared> {
        &self.0.shared
    }
    async fn fetch<A, F>(&mut self, q: Built, mut a: A, mut f: F) -> Result<A>
    where
        A: Send + 'static,
        F: FnMut(&mut A, Row<'_>) -> Result<()> + Send + 'static,
    {
        match &self.0.back {
            Back::Lite { readers, .. } => {
                readers
                    .run(move |c| {
                        sqlite::each(c, &q, |row| f(&mut a, row))?;
                        Ok(a)
                    })
                    .await
            }
            Back::Pg(b) => b.fetch(&q, a, f).await,
        }
    }
}

impl Db {
    /// Opens (and creates when absent) a workspace and brings its tables to the model.
    ///
    /// # Errors
    /// `Newer` when a newer program wrote it, `Unavailable` when it cannot be reached, `Refused` when the model would lose data.
    #[boxed]
    pub async fn open(target: &Target, model: &Model, options: Options) -> Result<Self> {
        let dialect = match target {
            Target::Sqlite(_) => Dialect::Sqlite,
            Target::Postgres { schema, .. } => Dialect::Postgres { schema: schema.clone() },
        };
        let shared = Arc::new(Shared::new(dialect, options));
        let db = match target {
            Target::Sqlite(path) => {
                if let Some(dir) = path.parent().filter(|d| !d.as_os_str().is_empty()) {
                    std::fs::create_dir_all(dir).map_err(|e| StoreError::Unavailable(e.to_string()))?;
                }
                let n = match shared.options.readers {
                    0 => std::thread::available_parallelism().map_or(2, std::num::NonZero::get).max(2),
                    n => n,
                };
                let c = sqlite::connect(path, sqlite::Role::Writer, &shared.options)?;
                let writer = sqlite::Writer::start(path, c, shared.clone())?;
                let readers = sqlite::Readers::start(path, n, &shared.options)?;
                Self(Arc::new(Inner { shared, target: target.clone(), back: Back::Lite { writer, readers } }))
            }
            Target::Postgres { url, .. } => {
                let back = pg::Backend::start(url, shared.clone()).await?;
                Self(Arc::new(Inner { shared, target: target.clone(), back: Back::Pg(back) }))
            }
        };
        let opened = db.prepare(model).await;
        if let Err(e) = opened {
            db.close().await?;
            return Err(e);
        }
        db.0.shared.open.store(true, Ordering::Release);
        crate::seal::start(&db);
        crate::follow::start(&db);
        Ok(db)
    }

    async fn prepare(&self, model: &Model) -> Result<()> {
        self.write(|tx| Box::pin(migrate::prepare(tx))).await?;
        self.0.shared.prepared.store(true, Ordering::Release);
        self.upgrade(model).await?;
        let last = log::last(&mut self.clone()).await?;
        *self.0.shared.told.lock() = last.0;
        Ok(())
    }

    /// Brings the tables to the model at start. What administrators added at run time stays: the caller may not know it yet.
    async fn upgrade(&self, model: &Model) -> Result<()> {
        let shared = Arc::new(model.clone());
        let m = shared.clone();
        let todo = self
            .write(move |tx| {
                let m = m.clone();
                Box::pin(async move {
                    let have = migrate::stored(tx).await?;
                    let plan = migrate::plan_start(&have, &m)?;
                    Ok((!have.tables.is_empty(), plan.is_empty()))
                })
            })
            .await?;
        if let (true, false) = todo {
            crate::backup::before_upgrade(self).await?;
        }
        let reached = self
            .write(move |tx| {
                let m = shared.clone();
                Box::pin(async move { migrate::run(tx, &m, migrate::plan_start).await })
            })
            .await?;
        *self.0.shared.catalogue.write() = Arc::new(reached);
        Ok(())
    }

    /// Brings the tables to a changed model while others read and write (custom fields and objects). Answers the last number of
    /// the change log at that moment.
    ///
    /// # Errors
    /// `Refused` with [`crate::Refusals`] when stored values would be rewritten or lost.
    #[boxed]
    pub async fn migrate(&self, model: &Model) -> Result<Seq> {
        let model = Arc::new(model.clone());
        let reached = self
            .write(move |tx| {
                let model = model.clone();
                Box::pin(async move { migrate::run(tx, &model, migrate::plan).await })
            })
            .await?;
        *self.0.shared.catalogue.write() = Arc::new(reached);
        log::last(&mut self.clone()).await
    }
    /// The workspace came from another database and its search index is not filled yet.
    ///
    /// # Errors
    /// Of the driver.
    #[boxed]
    pub async fn search_is_stale(&self) -> Result<bool> {
        let mut s = crate::sql::Sql::new(&self.0.shared.dialect);
        s.raw("SELECT value FROM ").table("_meta").raw(" WHERE key = ").str(crate::fts::STATE);
        let q = s.done();
        self.clone()
            .fetch(q, false, |stale, r| {
                *stale = r.text(0) == Some("stale");
                Ok(())
            })
            .await
    }
    /// A page of rows as JSON.
    ///
    /// # Errors
    /// `BadCursor`, `Timeout`, of the driver.
    #[boxed]
    pub async fn list(&self, select: Select, shape: Arc<Shape>) -> Result<Page> {
        query::list(&mut self.clone(), select, shape).await
    }
    /// One row as JSON with its version; `None` when it is not there or the rule does not reach it.
    ///
    /// # Errors
    /// Of the driver.
    #[boxed]
    pub async fn get(&self, select: Select, id: RecordId, shape: Arc<Shape>) -> Result<Option<(Vec<u8>, i64)>> {
        query::get(&mut self.clone(), select, id, shape).await
    }
    /// Rows as records.
    ///
    /// # Errors
    /// As [`Db::list`].
    #[boxed]
    pub async fn records(&self, select: Select) -> Result<Vec<Record>> {
        query::records(&mut self.clone(), select).await
    }
    /// Rows as records, and where to go on when there may be more: for walks over all of them. Without a sort the newest come first.
    ///
    /// # Errors
    /// As [`Db::list`].
    #[boxed]
    pub async fn walk(&self, select: Select) -> Result<(Vec<Record>, Option<Cursor>)> {
        query::walk(&mut self.clone(), select).await
    }
    /// Counts rows.
    ///
    /// # Errors
    /// As [`Db::list`].
    #[boxed]
    pub async fn count(&self, select: Select, mode: CountMode) -> Result<Option<Count>> {
        query::count(&mut self.clone(), select, mode).await
    }
    /// Groups and measures.
    ///
    /// # Errors
    /// As [`Db::list`].
    #[boxed]
    pub async fn aggregate(&self, select: Select, aggregate: Aggregate) -> Result<Vec<AggRow>> {
        query::aggregate(&mut self.clone(), select, aggregate).await
    }
    /// Searches several objects.
    ///
    /// # Errors
    /// Of the driver.
    #[boxed]
    pub async fn search(&self, search: Search) -> Result<Vec<Hit>> {
        crate::search::search(&mut self.clone(), search).await
    }
    /// Titles of records, invisible ones too (R-VIS-07: a lookup shows its title).
    ///
    /// # Errors
    /// Of the driver.
    #[boxed]
    pub async fn titles(
        &self,
        model: &Arc<Model>,
        refs: &[(ObjectName, RecordId)],
    ) -> Result<Vec<(ObjectName, RecordId, String)>> {
        query::titles(&mut self.clone(), model, refs).await
    }
    /// Of these records, the ones the rule reaches (live events, history, search re-check).
    ///
    /// # Errors
    /// Of the driver.
    #[boxed]
    pub async fn reachable(
        &self,
        model: &Arc<Model>,
        object: &Arc<ObjectDef>,
        rows: &RowRule,
        ids: &[RecordId],
        now: Millis,
    ) -> Result<Vec<RecordId>> {
        query::reachable(&mut self.clone(), model, object, rows, ids, now).await
    }
    /// Reads the change log.
    ///
    /// # Errors
    /// `Corrupt` when an entry cannot be read.
    #[boxed]
    pub async fn changes(&self, q: ChangeQuery) -> Result<Vec<ChangeRow>> {
        log::read(&mut self.clone(), q).await
    }
    /// The last committed number.
    ///
    /// # Errors
    /// Of the driver.
    #[boxed]
    pub async fn last_seq(&self) -> Result<Seq> {
        log::last(&mut self.clone()).await
    }
    /// Whether [`Db::close`] was called.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.shared.closed.load(Ordering::Acquire)
    }
    /// Checks the hash chain, and that it still passes through a head noted earlier; `Err` text names the first entry that does not fit.
    ///
    /// # Errors
    /// Of the driver.
    #[boxed]
    pub async fn verify_log(&self, since: Option<Head>) -> Result<std::result::Result<Head, String>> {
        crate::seal::verify(&mut self.clone(), since).await
    }
    /// A document that has not expired.
    ///
    /// # Errors
    /// `Corrupt` when its body is no JSON.
    #[boxed]
    pub async fn doc_get(&self, kind: &str, key: &str) -> Result<Option<DocRow>> {
        docs::get(&mut self.clone(), kind, key).await
    }
    /// All documents of a kind that have not expired, of one owner or of all, by key.
    ///
    /// # Errors
    /// As [`Db::doc_get`].
    #[boxed]
    pub async fn doc_list(&self, kind: &str, owner: Option<RecordId>) -> Result<Vec<DocRow>> {
        docs::list(&mut self.clone(), kind, owner).await
    }
    /// Runs a job in the writer. Resolves after the commit is durable.
    ///
    /// # Errors
    /// The job's own; `Full`, `Unavailable` when the group it was in could not be committed.
    pub async fn write<T: Send + 'static>(&self, job: impl Job<T>) -> Result<T> {
        self.queue(group::Queued::new(job, Kind::Common)).await
    }
    /// As [`Db::write`]; `alone`: in a transaction of its own, for jobs that write much.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub async fn write_sized<T: Send + 'static>(&self, alone: bool, job: impl Job<T>) -> Result<T> {
        self.queue(group::Queued::new(job, if alone { Kind::Large } else { Kind::Common })).await
    }
    /// As [`Db::write`], and goes on below the disk's reserve ([`Options::reserve_bytes`]): for what is small and what people need
    /// to read and to make room, such as signing in and out.
    ///
    /// # Errors
    /// As [`Db::write`]; `Full` when hardly anything of the reserve is left.
    pub async fn write_vital<T: Send + 'static>(&self, job: impl Job<T>) -> Result<T> {
        self.queue(group::Queued::new(job, Kind::Vital)).await
    }
    async fn queue<T>(&self, (work, answer): (Box<dyn group::Work>, oneshot::Receiver<Result<T>>)) -> Result<T> {
        match &self.0.back {
            Back::Lite { writer, .. } => writer.send(work, &self.0.shared)?,
            Back::Pg(b) => b.send(work, &self.0.shared)?,
        }
        answer.await.map_err(|_| StoreError::Unavailable("the writer has ended".into()))?
    }
    /// Commits as they happen on this node (PostgreSQL: on other nodes too, within a second). A receiver that lags behind reads
    /// on from [`Db::changes`].
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Committed>> {
        self.0.shared.commits.subscribe()
    }
    /// Says a word to the other nodes of this workspace, at most 7,000 bytes: for what is true for seconds only and is kept nowhere.
    /// It may be lost. On SQLite there are no other nodes.
    ///
    /// # Errors
    /// `Driver` for a word too long, or the database.
    #[boxed]
    pub async fn say(&self, word: &str) -> Result<()> {
        match &self.0.back {
            Back::Lite { .. } => Ok(()),
            Back::Pg(b) => b.say(word).await,
        }
    }
    /// Words of other nodes, from now on.
    #[must_use]
    pub fn words(&self) -> broadcast::Receiver<Arc<str>> {
        self.0.shared.words.subscribe()
    }
    /// A consistent copy while others write, verified after (SQLite: online backup into the file `to`; PostgreSQL: logical copy of
    /// the schema into the directory `to`).
    ///
    /// # Errors
    /// `Corrupt` when the copy does not verify.
    #[boxed]
    pub async fn backup(&self, to: &Path) -> Result<()> {
        crate::backup::backup(self, to).await
    }
    /// Differences between tables and model, integrity faults; empty = healthy.
    ///
    /// # Errors
    /// Of the driver.
    #[boxed]
    pub async fn doctor(&self, model: &Model) -> Result<Vec<String>> {
        crate::doctor::examine(self, model).await
    }
    /// Figures for `/metrics` and `doctor`.
    ///
    /// # Errors
    /// Of the driver.
    #[boxed]
    pub async fn stats(&self) -> Result<DbStats> {
        crate::doctor::stats(self).await
    }
    /// Finishes queued jobs, seals the change log and closes.
    ///
    /// # Errors
    /// None at present; faults while closing are logged.
    #[boxed]
    pub async fn close(&self) -> Result<()> {
        let again = self.0.shared.closed.swap(true, Ordering::AcqRel);
        self.0.shared.unsealed.notify_waiters();
        self.0.shared.behind.notify_waiters();
        if self.0.shared.is_open() && !again {
            crate::seal::rest(self).await;
        }
        let inner = self.0.clone();
        match &self.0.back {
            Back::Lite { .. } => {
                let stopped = tokio::task::spawn_blocking(move || {
                    if let Back::Lite { writer, readers } = &inner.back {
                        readers.stop();
                        writer.stop();
                    }
                });
                stopped.await.map_err(|e| StoreError::Driver(e.to_string()))
            }
            Back::Pg(b) => {
                b.stop().await;
                Ok(())
            }
        }
    }
}
