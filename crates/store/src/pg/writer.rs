//! The one task that writes to a workspace on this node.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use deadpool_postgres::Pool;
use rapport_schema::{RecordId, physical::Class};
use tokio::sync::{Notify, mpsc};

use crate::{
    Committed, Result, StoreError, Tx,
    group::{self, Work},
    shared::Shared,
    sql::{Param, Sql},
    tx::Conn,
};

/// How long a group is tried again while the server is away: a restart is ridden out, and nobody hangs for long.
const PATIENCE: Duration = Duration::from_secs(8);
/// How often a group is tried again after deadlocks.
const TRIES: u32 = 20;

/// What the node remembers of its last group, to find out after a lost connection whether it was committed.
struct Node {
    id: RecordId,
    groups: i64,
}

/// Runs what is queued; `told` is rung after each commit that others want to hear of.
pub(super) async fn work(pool: Pool, mut from: mpsc::Receiver<Box<dyn Work>>, shared: Arc<Shared>, told: Arc<Notify>) {
    let mut node = Node { id: RecordId(uuid::Builder::from_random_bytes(fresh()).into_uuid()), groups: 0 };
    let mut kept = None;
    loop {
        let first = match kept.take() {
            Some(w) => w,
            None => match from.recv().await {
                Some(w) => w,
                None => break,
            },
        };
        let mut works = group::gather(first, &mut kept, shared.options.group, || from.try_recv().ok());
        works.retain(|w| {
            let gone = w.abandoned();
            if gone {
                shared.queued.fetch_sub(1, Ordering::Relaxed);
            }
            !gone
        });
        if works.is_empty() {
            continue;
        }
        let done = run(&pool, &shared, &mut node, &mut works).await;
        let news = matches!(done, Ok(Some(_)));
        group::finish(&shared, works, done);
        if news {
            told.notify_one();
        }
    }
}

/// Sixteen bytes no other node has.
pub(super) fn fresh() -> [u8; 16] {
    use std::hash::{BuildHasher as _, Hasher as _};
    // Two randomly keyed hashers of the standard library: chance without another crate.
    let mut b = [0; 16];
    for half in b.chunks_exact_mut(8) {
        half.copy_from_slice(&std::hash::RandomState::new().build_hasher().finish().to_ne_bytes());
    }
    b
}

/// Runs a group until it is committed, refused, or the server has been away too long.
async fn run(pool: &Pool, shared: &Arc<Shared>, node: &mut Node, works: &mut [Box<dyn Work>]) -> Result<Option<Committed>> {
    let begun = tokio::time::Instant::now();
    let mut tries = 0;
    loop {
        node.groups += 1;
        let (e, in_doubt) = match once(pool, shared, node, works).await {
            Ok(done) => return Ok(done),
            Err(x) => x,
        };
        if let Some(done) = in_doubt {
            // The connection broke while COMMIT was on its way: ask what became of it before doing it again.
            match outcome(pool, shared, node, begun).await {
                Ok(true) => return Ok(done),
                Ok(false) => {}
                Err(e) => return Err(e),
            }
        }
        tries += 1;
        let again = match &e {
            StoreError::Again(_) => tries < TRIES,
            StoreError::Unavailable(_) => begun.elapsed() < PATIENCE,
            _ => false,
        };
        if !again {
            return Err(e);
        }
        tracing::info!(error = %e, tries, "a group of writes is run again");
        let pause = if matches!(e, StoreError::Again(_)) { 2 << tries.min(6) } else { 100 };
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}

type Fault = (StoreError, Option<Option<Committed>>);

/// Runs a group once. A fault in COMMIT comes with what would have been committed.
async fn once(
    pool: &Pool,
    shared: &Arc<Shared>,
    node: &Node,
    works: &mut [Box<dyn Work>],
) -> std::result::Result<Option<Committed>, Fault> {
    let c = pool.get().await.map_err(|e| (e.into(), None))?;
    let mut tx = Tx::new(Conn::Pg(c), shared.clone());
    let r = match group::before_commit(&mut tx, works).await {
        Ok(r) => r,
        Err(e) => {
            abandon(tx, &e).await;
            return Err((e, None));
        }
    };
    let Some(done) = r else { return Ok(None) };
    if let Err(e) = mark(&mut tx, node).await {
        abandon(tx, &e).await;
        return Err((e, None));
    }
    match tx.commit().await {
        Ok(()) => Ok(done),
        Err(e @ StoreError::Unavailable(_)) => {
            drop_connection(tx);
            Err((e, Some(done)))
        }
        Err(e) => {
            abandon(tx, &e).await;
            Err((e, None))
        }
    }
}

fn drop_connection(tx: Tx) {
    if let Conn::Pg(c) = tx.conn {
        drop(deadpool_postgres::Object::take(c));
    }
}

async fn abandon(mut tx: Tx, e: &StoreError) {
    if matches!(e, StoreError::Unavailable(_)) || tx.rollback().await.is_err() {
        drop_connection(tx);
    }
}

/// Writes the number of the group beside the node's id, in the group's transaction.
async fn mark(tx: &mut Tx, node: &Node) -> Result<()> {
    let shared = tx.shared.clone();
    if !shared.prepared.load(Ordering::Acquire) {
        return Ok(());
    }
    let mut s = Tx::sql(&shared);
    s.raw("INSERT INTO ")
        .table("_node")
        .raw("(node, last, at) VALUES (")
        .id(node.id)
        .raw(",")
        .int(node.groups)
        .raw(",")
        .int(shared.now().0);
    s.raw(") ON CONFLICT (node) DO UPDATE SET last = excluded.last, at = excluded.at");
    tx.exec(&s.done()).await.map(drop)
}

/// Was the node's last group committed?
async fn outcome(pool: &Pool, shared: &Arc<Shared>, node: &Node, begun: tokio::time::Instant) -> Result<bool> {
    loop {
        let asked = async {
            let c = pool.get().await?;
            let mut s = Sql::new(&shared.dialect);
            // A commit still under way holds the row's lock, and FOR UPDATE waits for it.
            s.raw("SELECT last FROM ").table("_node").raw(" WHERE node = ").bind(Param::Id(node.id)).raw(" FOR UPDATE");
            let mut last = 0;
            super::each(&c, &s.done(), |r| {
                if let rapport_schema::physical::Cell::Int(n) = r.cell(0, Class::Int) {
                    last = n;
                }
                Ok(())
            })
            .await?;
            Ok::<_, StoreError>(last == node.groups)
        };
        match asked.await {
            Ok(b) => return Ok(b),
            Err(e) if begun.elapsed() >= PATIENCE => return Err(e),
            Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
}
