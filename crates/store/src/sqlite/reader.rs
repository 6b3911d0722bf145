//! Reader threads, each with its own connection that cannot write.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{Role, connect};
use crate::{Options, Result, StoreError};

type Task = Box<dyn FnOnce(&Connection) + Send>;

/// A pool of reader threads behind one queue.
#[derive(Debug)]
pub(crate) struct Readers {
    to: Mutex<Option<Sender<Task>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Readers {
    pub(crate) fn start(path: &Path, n: usize, options: &Options) -> Result<Arc<Self>> {
        let (to, from) = bounded::<Task>(4_096);
        let mut threads = vec![];
        for i in 0..n {
            let mut c = connect(path, Role::Reader, options)?;
            let from = from.clone();
            let timeout = Duration::from_millis(options.query_timeout_ms);
            // Asked every few thousand steps of SQLite's machine: true interrupts the query.
            let (start, deadline) = (Instant::now(), Arc::new(AtomicU64::new(u64::MAX)));
            let limit = deadline.clone();
            c.progress_handler(4_000, Some(move || millis(start) > limit.load(Ordering::Relaxed)))?;
            let t = std::thread::Builder::new()
                .name(format!("reader-{i}"))
                .spawn(move || work(&c, &from, timeout, &deadline, start))
                .map_err(|e| StoreError::Unavailable(e.to_string()))?;
            threads.push(t);
        }
        Ok(Arc::new(Self { to: Mutex::new(Some(to)), threads: Mutex::new(threads) }))
    }
    /// Runs `f` on a reader; dropped unrun when the caller is gone before its turn.
    pub(crate) async fn run<T: Send + 'static>(&self, f: impl FnOnce(&Connection) -> Result<T> + Send + 'static) -> Result<T> {
        let (answer, wait) = oneshot::channel();
        let task: Task = Box::new(move |c| {
            if !answer.is_closed() {
                let _gone = answer.send(f(c));
            }
        });
        let to = self.to.lock().clone().ok_or_else(closed)?;
        to.try_send(task).map_err(|e| match e {
            TrySendError::Full(_) => StoreError::Unavailable("too many queries wait".into()),
            TrySendError::Disconnected(_) => closed(),
        })?;
        wait.await.map_err(|_| StoreError::Driver("the query panicked".into()))?
    }
    /// Ends the threads once the queue is empty.
    pub(crate) fn stop(&self) {
        self.to.lock().take();
        for t in self.threads.lock().drain(..) {
            if t.join().is_err() {
                tracing::error!("a reader thread panicked");
            }
        }
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the workspace is closed".into())
}

fn work(c: &Connection, from: &Receiver<Task>, timeout: Duration, deadline: &AtomicU64, start: Instant) {
    while let Ok(task) = from.recv() {
        deadline.store(millis(start).saturating_add(u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX)), Ordering::Relaxed);
        // A panic in a caller's row function must not take the thread away from the others.
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| task(c))).is_err() {
            tracing::error!("a query panicked");
        }
    }
}

fn millis(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX)
}
