//! The inside of a write job: statements, savepoints and log entries of one transaction.

use async_recursion::async_recursion as boxed;
use std::{collections::BTreeSet, sync::Arc};

use rapport_schema::Change;

use crate::{
    Result, StoreError, pg,
    reads::Reads,
    row::Row,
    shared::Shared,
    sql::{Built, Sql},
    sqlite,
    terms::Terms,
};

pub(crate) enum Conn {
    Lite(Box<rusqlite::Connection>),
    Pg(deadpool_postgres::Object),
}

/// The inside of a write job: everything done through it is committed together, durably, or not at all.
pub struct Tx {
    pub(crate) conn: Conn,
    pub(crate) shared: Arc<Shared>,
    pub(crate) log: Vec<Change>,
    /// Search terms to be written at the end.
    pub(crate) terms: Vec<Terms>,
    /// Search tables written since their pieces were last merged (SQLite).
    pub(crate) unmerged: BTreeSet<String>,
    /// Open savepoints.
    marks: Vec<Mark>,
    /// The group holds one job, which may be run again as a whole.
    pub(crate) alone: bool,
    /// Set when a hope was disappointed: the job runs again, now with savepoints.
    pub(crate) careful: bool,
    /// Turns with other processes (SQLite).
    pub(crate) turn: Option<sqlite::Turn>,
    /// What made SQLite end the transaction by itself.
    fault: Option<StoreError>,
}

/// An open savepoint.
struct Mark {
    /// Length of the log and of the terms when it was opened.
    log: usize,
    terms: usize,
    /// The database knows of it; otherwise undoing it means to run the job again.
    real: bool,
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tx").field("log", &self.log.len()).field("savepoints", &self.marks.len()).finish_non_exhaustive()
    }
}

impl Tx {
    pub(crate) fn new(conn: Conn, shared: Arc<Shared>) -> Self {
        Self {
            conn,
            shared,
            log: vec![],
            terms: vec![],
            unmerged: BTreeSet::new(),
            marks: vec![],
            alone: false,
            careful: false,
            turn: None,
            fault: None,
        }
    }
    /// Runs a statement; answers the number of rows it changed.
    pub(crate) async fn exec(&mut self, q: &Built) -> Result<u64> {
        self.alive()?;
        let r = match &mut self.conn {
            Conn::Lite(c) => sqlite::exec(c, q),
            Conn::Pg(c) => pg::exec(c, q).await,
        };
        self.seen(r).map_err(|e| self.shared.named(e))
    }
    /// After a full disk or an I/O error SQLite may have ended the transaction by itself. Nothing may be written then: each
    /// statement would be a transaction of its own, and half a job would stay.
    fn alive(&self) -> Result<()> {
        match &self.conn {
            Conn::Lite(c) if c.is_autocommit() => Err(match &self.fault {
                Some(e @ (StoreError::Full | StoreError::Corrupt(_) | StoreError::Unavailable(_))) => crate::group::copy(e),
                Some(e) => StoreError::Unavailable(e.to_string()),
                None => StoreError::Unavailable("the transaction has ended".into()),
            }),
            _ => Ok(()),
        }
    }
    /// Remembers the fault that ended the transaction.
    fn seen<T>(&mut self, r: Result<T>) -> Result<T> {
        if let (Err(e), Conn::Lite(c)) = (&r, &self.conn)
            && c.is_autocommit()
            && self.fault.is_none()
        {
            self.fault = Some(crate::group::copy(e));
        }
        r
    }
    /// Runs a statement without parameters that is not worth keeping prepared.
    pub(crate) async fn batch(&mut self, text: &str) -> Result<()> {
        self.alive()?;
        let r = match &mut self.conn {
            Conn::Lite(c) => c.execute_batch(text).map_err(StoreError::from),
            Conn::Pg(c) => c.batch_execute(text).await.map_err(StoreError::from),
        };
        self.seen(r)
    }
    /// The first row of a query.
    pub(crate) async fn one<T: Send + 'static>(
        &mut self,
        q: Built,
        f: impl Fn(Row<'_>) -> T + Send + 'static,
    ) -> Result<Option<T>> {
        self.fetch(q, None, move |out, row| {
            if out.is_none() {
                *out = Some(f(row));
            }
            Ok(())
        })
        .await
    }
    pub(crate) fn sql(shared: &Shared) -> Sql<'_> {
        Sql::new(&shared.dialect)
    }

    /// Adds an entry to the change log; its number is given at commit.
    pub fn log(&mut self, change: Change) {
        self.log.push(change);
    }
    /// Opens a savepoint inside the job; they nest. What fails on PostgreSQL without a savepoint around it ends the whole job.
    ///
    /// # Errors
    /// Of the driver.
    #[boxed]
    pub async fn savepoint(&mut self) -> Result<()> {
        self.mark(true);
        let n = self.marks.len();
        self.batch(&format!("SAVEPOINT s{n}")).await
    }
    /// A savepoint that will hardly have to be undone. SQLite copies every page that is touched under a savepoint, which costs a
    /// batch more than its rows: a job that is alone in its transaction goes without, and runs again from its start, with
    /// savepoints, should it have to be undone after all.
    ///
    /// # Errors
    /// Of the driver.
    #[boxed]
    pub async fn hopeful_savepoint(&mut self) -> Result<()> {
        if !self.alone || self.careful || matches!(self.conn, Conn::Pg(_)) {
            return self.savepoint().await;
        }
        self.mark(false);
        Ok(())
    }
    /// Ends the innermost savepoint: keeps (true) or undoes (false) what was written since, log entries included.
    ///
    /// # Errors
    /// `Driver` when no savepoint is open; `Again` when the job is to run again with savepoints: it must give that back.
    #[boxed]
    pub async fn end_savepoint(&mut self, keep: bool) -> Result<()> {
        let n = self.marks.len();
        let Some(Mark { log, terms, real }) = self.marks.pop() else {
            return Err(StoreError::Driver("no savepoint is open".into()));
        };
        if !real {
            return if keep { Ok(()) } else { Err(StoreError::Again("with savepoints".into())) };
        }
        if keep {
            self.batch(&format!("RELEASE SAVEPOINT s{n}")).await
        } else {
            self.log.truncate(log);
            self.terms.truncate(terms);
            self.batch(&format!("ROLLBACK TO SAVEPOINT s{n}; RELEASE SAVEPOINT s{n}")).await
        }
    }

    /// Rows changed since the connection was opened (SQLite).
    pub(crate) fn rows_changed(&self) -> u64 {
        match &self.conn {
            Conn::Lite(c) => c.total_changes(),
            Conn::Pg(_) => 0,
        }
    }
    fn mark(&mut self, real: bool) {
        self.marks.push(Mark { log: self.log.len(), terms: self.terms.len(), real });
    }
    pub(crate) async fn begin(&mut self) -> Result<()> {
        self.log.clear();
        self.terms.clear();
        self.marks.clear();
        self.fault = None;
        match &mut self.conn {
            Conn::Lite(c) => {
                if let Some(t) = &self.turn {
                    t.take();
                }
                let begun = c.prepare_cached("BEGIN IMMEDIATE").and_then(|mut s| s.execute([]));
                if let Some(t) = &self.turn {
                    t.pass();
                }
                Ok(begun.map(drop)?)
            }
            Conn::Pg(c) => Ok(c.batch_execute(&pg::begin(&self.shared)).await?),
        }
    }
    /// Opens a job's savepoint; answers what the job begins with: lengths of the log and of the terms.
    pub(crate) async fn job_mark(&mut self) -> Result<(usize, usize)> {
        self.marks.clear();
        self.quick("SAVEPOINT j").await?;
        Ok((self.log.len(), self.terms.len()))
    }
    pub(crate) async fn job_end(&mut self, keep: bool, (log, terms): (usize, usize)) -> Result<()> {
        self.marks.clear();
        if !keep {
            self.log.truncate(log);
            self.terms.truncate(terms);
            self.quick("ROLLBACK TO SAVEPOINT j").await?;
        }
        self.quick("RELEASE SAVEPOINT j").await
    }
    pub(crate) async fn commit(&mut self) -> Result<()> {
        self.quick("COMMIT").await
    }
    pub(crate) async fn rollback(&mut self) -> Result<()> {
        self.log.clear();
        self.terms.clear();
        self.marks.clear();
        match &mut self.conn {
            // After a full disk or an I/O error SQLite may have rolled back already.
            Conn::Lite(c) if c.is_autocommit() => Ok(()),
            _ => self.quick("ROLLBACK").await,
        }
    }
    async fn quick(&mut self, text: &str) -> Result<()> {
        self.alive()?;
        let r = match &mut self.conn {
            Conn::Lite(c) => c.prepare_cached(text).and_then(|mut s| s.execute([])).map(drop).map_err(StoreError::from),
            Conn::Pg(c) => c.batch_execute(text).await.map_err(StoreError::from),
        };
        self.seen(r)
    }
}

impl Reads for Tx {
    fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
    async fn fetch<A, F>(&mut self, q: Built, mut a: A, mut f: F) -> Result<A>
    where
        A: Send + 'static,
        F: FnMut(&mut A, Row<'_>) -> Result<()> + Send + 'static,
    {
        self.alive()?;
        let r = match &mut self.conn {
            Conn::Lite(c) => sqlite::each(c, &q, |row| f(&mut a, row)),
            Conn::Pg(c) => pg::each(c, &q, |row| f(&mut a, row)).await,
        };
        self.seen(r).map_err(|e| self.shared.named(e))?;
        Ok(a)
    }
}
