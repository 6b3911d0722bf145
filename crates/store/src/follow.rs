//! Following what is committed elsewhere: by other nodes (PostgreSQL) or other processes (a command beside the server). The log is
//! read when another node says so, and now and then anyway; nothing rests on notifications, which poolers in transaction mode do
//! not pass on.

use std::{
    sync::{Arc, Weak, atomic::Ordering},
    time::Duration,
};

use rapport_schema::Seq;

use crate::{ChangeQuery, Committed, Db, db::Inner, shared::Shared};

/// Entries told in one go.
const STEP: u32 = 1_000;

/// Time between two looks at the log.
fn pause(shared: &Shared) -> Duration {
    Duration::from_millis(if !shared.dialect.is_pg() {
        1_000
    } else if shared.hears.load(Ordering::Acquire) {
        // Only for words that were lost.
        2_000
    } else {
        250
    })
}

/// Follows the log until the workspace is closed.
pub(crate) fn start(db: &Db) {
    let weak: Weak<Inner> = Arc::downgrade(&db.0);
    let shared = db.0.shared.clone();
    tokio::spawn(async move {
        loop {
            let _woken = tokio::time::timeout(pause(&shared), shared.behind.notified()).await;
            let Some(inner) = weak.upgrade() else { return };
            if shared.is_closed() {
                return;
            }
            if let Err(e) = catch_up(&Db(inner)).await {
                tracing::debug!(error = %e, "the change log could not be followed");
            }
        }
    });
}

/// Tells what is in the log and was not told yet.
async fn catch_up(db: &Db) -> crate::Result<()> {
    let shared = &db.0.shared;
    loop {
        let told = *shared.told.lock();
        if db.last_seq().await?.0 <= told {
            return Ok(());
        }
        let rows = db.changes(ChangeQuery { after: Some(Seq(told)), limit: STEP, ..ChangeQuery::default() }).await?;
        let changes: Vec<_> = rows.into_iter().map(|r| r.change).collect();
        let (Some(a), Some(b)) = (changes.first(), changes.last()) else { return Ok(()) };
        shared.announce(&Committed { from: a.seq, to: b.seq, changes: Arc::new(changes) });
    }
}
