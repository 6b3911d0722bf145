//! Write jobs.

use futures::future::BoxFuture;

use crate::{Result, Tx};

/// The future of a job.
pub type TxFuture<'t, T> = BoxFuture<'t, Result<T>>;

/// A write job. It may run more than once (a group that lost its connection or a deadlock is run again), so it takes
/// everything it needs by shared reference or clone, and does nothing outside the transaction.
pub trait Job<T>: for<'t> Fn(&'t mut Tx) -> TxFuture<'t, T> + Send + Sync + 'static {}
impl<T, F> Job<T> for F where F: for<'t> Fn(&'t mut Tx) -> TxFuture<'t, T> + Send + Sync + 'static {}
