//! The write-ahead log is carried over into the file by a thread of its own, so that commits do not wait for it.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
    thread::JoinHandle,
};

use crossbeam_channel::{Sender, bounded};
use parking_lot::Mutex;
use rusqlite::{Connection, hooks::Wal};

use super::open::{Role, connect};
use crate::{Options, Result, StoreError};

/// New pages of the log that are worth carrying over.
const DUE: i32 = 4_000;
/// Pages from which on the log is worth beginning anew. It can only once all of it is carried over, which the thread alone never
/// reaches while writes keep coming: the writer does the rest itself when ...
const ENOUGH: i32 = 16_000;
/// ... the thread has left so few pages, which takes no time,
const FEW: i32 = 1_000;
/// or the log has become so long because the disk is slower than the writes: then the writer waits.
const MOST: i32 = 64_000;

/// The thread; it ends, with nothing under way, when this is dropped.
#[derive(Debug)]
pub(super) struct Checkpoints {
    wake: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpoints {
    /// Starts the thread for what `writer` commits.
    pub(super) fn start(path: &Path, writer: &mut Connection, options: &Options) -> Result<Self> {
        let own = connect(path, Role::Checkpoint, options)?;
        let (wake, woken) = bounded::<()>(1);
        let one = Arc::new(Mutex::new(()));
        let other = one.clone();
        // Pages of the log the thread has carried over.
        let there = Arc::new(AtomicI32::new(0));
        let seen = there.clone();
        let thread = std::thread::Builder::new()
            .name("checkpoint".into())
            .spawn(move || {
                while woken.recv().is_ok() {
                    // Each pass takes what came during the one before; a busy writer is caught up with, or it is woken again.
                    for _ in 0..8 {
                        let _at_it = one.lock();
                        let r = own
                            .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |r| Ok((r.get::<_, i32>(1)?, r.get::<_, i32>(2)?)));
                        let left = r.as_ref().map_or(0, |(log, done)| log - done);
                        there.store(r.as_ref().map_or(0, |(_, done)| *done), Ordering::Relaxed);
                        carry(r.map(drop));
                        if left < FEW {
                            break;
                        }
                    }
                }
            })
            .map_err(|e| StoreError::Unavailable(e.to_string()))?;
        let (to, mut next) = (wake.clone(), DUE);
        writer.wal_hook(Some(move |wal: &mut Wal, pages| {
            if pages < next - DUE {
                // The log has begun anew.
                next = DUE;
                seen.store(0, Ordering::Relaxed);
            }
            if pages >= next {
                next = pages + DUE;
                let _under_way_already = to.try_send(());
            }
            if pages >= ENOUGH && (pages - seen.load(Ordering::Relaxed) < FEW || pages >= MOST) {
                let at_it = if pages >= MOST { Some(other.lock()) } else { other.try_lock() };
                if at_it.is_some() {
                    carry(wal.checkpoint());
                }
            }
            Ok(())
        }))?;
        Ok(Self { wake: Some(wake), thread: Some(thread) })
    }
    /// Ends the thread.
    pub(super) fn stop(mut self, writer: &mut Connection) {
        // The hook holds the other end.
        if let Err(e) = writer.wal_hook(None::<fn(&mut Wal, i32) -> rusqlite::Result<()>>) {
            tracing::warn!(error = %e, "the hook of the write-ahead log stays");
            return;
        }
        self.wake.take();
        if self.thread.take().is_some_and(|t| t.join().is_err()) {
            tracing::error!("the checkpoint thread panicked");
        }
    }
}

/// A checkpoint that fails is tried again later and loses nothing: what was committed is in the log.
fn carry(r: rusqlite::Result<()>) {
    if let Err(e) = r {
        tracing::warn!(error = %e, "the write-ahead log could not be carried over");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_stays_small_while_writes_keep_coming_and_is_gone_in_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("w.db");
        let options = Options { full_sync: false, ..Options::default() };
        let mut c = connect(&path, Role::Writer, &options).unwrap();
        c.execute_batch("CREATE TABLE t (x)").unwrap();
        let checkpoints = Checkpoints::start(&path, &mut c, &options).unwrap();
        let wal = dir.path().join("w.db-wal");
        let mut most = 0;
        for _ in 0..300 {
            c.execute("INSERT INTO t VALUES (zeroblob(?1))", [400 * 4_096]).unwrap();
            most = most.max(wal.metadata().unwrap().len());
        }
        let limit = u64::try_from(MOST + 500).unwrap() * 4_120;
        assert!(most < limit, "{most} bytes of log of log at its longest");
        checkpoints.stop(&mut c);
        // Everything has arrived in the file itself.
        drop(c);
        assert!(!wal.exists());
        let sum: i64 = Connection::open(&path).unwrap().query_row("SELECT sum(length(x)) FROM t", [], |r| r.get(0)).unwrap();
        assert_eq!(sum, 300 * 400 * 4_096);
    }
}
