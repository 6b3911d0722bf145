//! The command line, as a process: the program that is shipped, on both databases (issue part 10).
#![allow(clippy::unwrap_used)]

mod export;
mod import;
mod keep;
mod model;
mod place;
mod serve;
mod token;
mod words;
mod workspace;

/// Runs a test body on a place of each kind.
#[macro_export]
macro_rules! both {
    ($($(#[$m:meta])* async fn $name:ident($p:ident) $body:block)*) => { $(
        $(#[$m])*
        mod $name {
            #[allow(unused_imports, reason = "the body decides")]
            use super::*;
            async fn body($p: $crate::place::Place) $body
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                body($crate::place::Place::sqlite()).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(p) = $crate::place::Place::postgres().await {
                    body(p).await;
                }
            }
        }
    )* };
}
