//! PostgreSQL: a pool for reading, one writer task per workspace and node.

pub(crate) mod adopt;
pub(crate) mod copy;
mod hear;
mod tls;
mod writer;

use std::{sync::Arc, time::Duration};

use bytes::BytesMut;
use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use futures::{TryStreamExt, pin_mut};
use rapport_schema::physical::Class;
use tokio::sync::mpsc;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::{
    Result, StoreError,
    group::Work,
    row::Row,
    shared::Shared,
    sql::{Built, Param},
};

/// Most jobs that may wait.
const QUEUE: usize = 8_192;

impl ToSql for Param {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null(_) => Ok(IsNull::Yes),
            Self::Int(n) => n.to_sql(ty, out),
            Self::Text(t) => t.to_sql(ty, out),
            Self::Id(i) => i.0.to_sql(ty, out),
        }
    }
    fn accepts(ty: &Type) -> bool {
        *ty == Type::INT8 || *ty == Type::TEXT || *ty == Type::UUID
    }
    to_sql_checked!();
}

fn types(params: &[Param]) -> Vec<Type> {
    params
        .iter()
        .map(|p| match p.class() {
            Class::Int => Type::INT8,
            Class::Text => Type::TEXT,
            Class::Id => Type::UUID,
        })
        .collect()
}

/// Runs a statement; answers the rows changed.
pub(crate) async fn exec(c: &Object, q: &Built) -> Result<u64> {
    let s = c.prepare_typed_cached(&q.text, &types(&q.params)).await?;
    Ok(c.execute_raw(&s, q.params.iter().map(|p| p as &(dyn ToSql + Sync))).await?)
}

/// Calls `f` for each row of a query.
pub(crate) async fn each(c: &Object, q: &Built, mut f: impl FnMut(Row<'_>) -> Result<()> + Send) -> Result<()> {
    let s = c.prepare_typed_cached(&q.text, &types(&q.params)).await?;
    let rows = c.query_raw(&s, q.params.iter().map(|p| p as &(dyn ToSql + Sync))).await?;
    pin_mut!(rows);
    while let Some(r) = rows.try_next().await? {
        f(Row::Pg(&r))?;
    }
    Ok(())
}

/// `BEGIN` with the limits of this transaction: nothing is set on the session, which another may get next (pgbouncer).
pub(crate) fn begin(_shared: &Shared) -> String {
    "BEGIN; SET LOCAL statement_timeout = 60000; SET LOCAL lock_timeout = 10000; SET LOCAL idle_in_transaction_session_timeout = 60000".into()
}

/// Pools and the writer's queue.
pub(crate) struct Backend {
    pub(crate) readers: Pool,
    tls: tokio_postgres_rustls::MakeRustlsConnect,
    shared: Arc<Shared>,
    ears: hear::Ears,
    to: parking_lot::Mutex<Option<mpsc::Sender<Box<dyn Work>>>>,
    task: parking_lot::Mutex<Option<tokio::task::JoinHandle<()>>>,
}

impl std::fmt::Debug for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Backend").field("readers", &self.readers.status()).finish_non_exhaustive()
    }
}

fn pool(url: &str, size: usize) -> Result<Pool> {
    let tls::Line { mut config, tls } = tls::line(url)?;
    config.application_name("rapport");
    config.connect_timeout(Duration::from_secs(5));
    let manager = Manager::from_config(config, tls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
    Pool::builder(manager)
        .max_size(size)
        .wait_timeout(Some(Duration::from_secs(5)))
        .create_timeout(Some(Duration::from_secs(5)))
        .runtime(Runtime::Tokio1)
        // Compiling a statement that reads a page costs far more than it saves. Set so, and not when connecting, for the sake of
        // pgbouncer, which refuses settings it does not know; where it gives the session to others, they lose nothing.
        .post_create(Hook::async_fn(|c, _| {
            Box::pin(async move { c.batch_execute("SET jit = off").await.map_err(HookError::Backend) })
        }))
        .build()
        .map_err(|e| StoreError::Driver(e.to_string()))
}

/// One connection for a command of its own.
pub(crate) async fn connect(url: &str) -> Result<Object> {
    Ok(pool(url, 1)?.get().await?)
}

impl Backend {
    pub(crate) async fn start(url: &str, shared: Arc<Shared>) -> Result<Self> {
        let n = match shared.options.readers {
            0 => 4 * std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
            n => n,
        };
        let readers = pool(url, n)?;
        // Fail now, in plain words, when the server cannot be reached.
        drop(readers.get().await?);
        let (to, from) = mpsc::channel(QUEUE);
        // One for the writer, one for looking up a commit whose answer was lost.
        let ears = hear::Ears::open(url, &readers, &shared)?;
        let task = tokio::spawn(writer::work(pool(url, 2)?, from, shared.clone(), ears.bell()));
        Ok(Self {
            readers,
            tls: tls::line(url)?.tls,
            shared,
            ears,
            to: parking_lot::Mutex::new(Some(to)),
            task: parking_lot::Mutex::new(Some(task)),
        })
    }
    pub(crate) fn send(&self, w: Box<dyn Work>, shared: &Shared) -> Result<()> {
        use std::sync::atomic::Ordering;
        let to = self.to.lock().clone().ok_or_else(|| StoreError::Unavailable("the workspace is closed".into()))?;
        shared.queued.fetch_add(1, Ordering::Relaxed);
        to.try_send(w).map_err(|_| {
            shared.queued.fetch_sub(1, Ordering::Relaxed);
            StoreError::Unavailable("too many writes wait".into())
        })
    }
    /// Runs a query on a pooled connection and folds its rows. The limit of time is kept here: the server is told to stop.
    pub(crate) async fn fetch<A, F>(&self, q: &Built, mut a: A, mut f: F) -> Result<A>
    where
        A: Send + 'static,
        F: FnMut(&mut A, Row<'_>) -> Result<()> + Send + 'static,
    {
        let limit = Duration::from_millis(self.shared.options.query_timeout_ms);
        // A connection that died while idle is found out by its first query: once more with another.
        for last in [false, true] {
            let c = self.readers.get().await?;
            let cancel = c.cancel_token();
            let mut any = false;
            let run = each(&c, q, |row| {
                any = true;
                f(&mut a, row)
            });
            match tokio::time::timeout(limit, run).await {
                Ok(Ok(())) => return Ok(a),
                Ok(Err(StoreError::Unavailable(_))) if !last && !any => {}
                Ok(Err(e)) => return Err(self.shared.named(e)),
                Err(_) => {
                    if let Err(e) = cancel.cancel_query(self.tls.clone()).await {
                        tracing::warn!(error = %e, "a slow query could not be cancelled");
                    }
                    // Its remaining rows are of no use to the next user.
                    drop(Object::take(c));
                    return Err(StoreError::Timeout);
                }
            }
        }
        Err(StoreError::Unavailable("the connection was lost".into()))
    }
    /// Says a word to other nodes.
    pub(crate) async fn say(&self, word: &str) -> Result<()> {
        self.ears.say(word).await
    }
    /// Finishes what is queued.
    pub(crate) async fn stop(&self) {
        self.to.lock().take();
        let task = self.task.lock().take();
        if let Some(t) = task
            && let Err(e) = t.await
        {
            tracing::error!(error = %e, "the writer task failed");
        }
        self.ears.close().await;
        self.readers.close();
    }
}
