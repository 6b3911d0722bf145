//! What the engine does by itself, in nobody's name.

use futures::future::BoxFuture;
use rapport_policy::{Reason, SystemScope};
use rapport_records::{Engine, Result, Unit};
use rapport_schema::Cause;

/// In one transaction, as the engine itself.
pub(crate) async fn run<T, F>(engine: &Engine, f: F) -> Result<T>
where
    T: Send + 'static,
    F: for<'u> Fn(&'u mut Unit<'_>) -> BoxFuture<'u, Result<T>> + Send + Sync + 'static,
{
    engine.run(&SystemScope::because(Reason::Job), Cause::default(), f).await
}
