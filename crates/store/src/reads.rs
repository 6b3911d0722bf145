//! One way to read, from outside a transaction and from inside one.

use std::{future::Future, sync::Arc};

use crate::{Result, row::Row, shared::Shared, sql::Built};

/// Something queries can be sent to: a pool, or the transaction of a job.
pub(crate) trait Reads: Send {
    fn shared(&self) -> &Arc<Shared>;
    /// Runs a query and folds its rows into `a`.
    fn fetch<A, F>(&mut self, q: Built, a: A, f: F) -> impl Future<Output = Result<A>> + Send
    where
        A: Send + 'static,
        F: FnMut(&mut A, Row<'_>) -> Result<()> + Send + 'static;
}
