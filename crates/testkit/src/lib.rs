//! For tests only: one body on both databases, a clock that stands still, ids that repeat, people and records made through
//! the pipeline, an in-process client of the server.
#![forbid(unsafe_code)]

pub mod build;
pub mod client;
pub mod clock;
pub mod maven;
pub mod postgres;
pub mod space;

pub use client::{Client, Reply};
pub use clock::{CountedIds, MockClock};
pub use space::Space;

/// Runs a test body on a fresh workspace of each database.
///
/// ```ignore
/// rapport_testkit::both! {
///     async fn a_record_comes_back(s) {
///         let id = s.account("甲").await;
///         assert!(s.admin().await.get(&format!("/api/v1/account/{id}")).await.status.is_success());
///     }
/// }
/// ```
#[macro_export]
macro_rules! both {
    ($($(#[$m:meta])* async fn $name:ident($s:ident) $body:block)*) => { $(
        $(#[$m])*
        mod $name {
            #[allow(unused_imports, reason = "the body decides")]
            use super::*;
            async fn body($s: $crate::Space) $body
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                body($crate::Space::sqlite().await).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(s) = $crate::Space::postgres().await {
                    body(s).await;
                }
            }
        }
    )* };
}

/// A fresh PostgreSQL workspace; none where there is no server (said, and a failure where one is required).
pub(crate) async fn postgres_target() -> Option<rapport_store::Target> {
    let cluster = tokio::task::spawn_blocking(postgres::cluster)
        .await
        .expect("starting PostgreSQL does not panic unless it is required")?;
    Some(rapport_store::Target::Postgres { url: cluster.url().to_owned(), schema: postgres::fresh_schema() })
}
