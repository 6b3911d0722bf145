//! Architecture idea 4: one expression, everywhere. Random filters and formulas over random records have the same answers in
//! memory, on SQLite and on PostgreSQL. `PROPTEST_CASES` says how many groups of expressions are tried (default 16).
#![allow(clippy::unwrap_used)]
#![allow(clippy::cast_possible_wrap, reason = "counters of a test")]

mod filters;
mod formulas;
#[path = "../../../testkit/src/postgres.rs"]
#[allow(dead_code, reason = "shared with other crates' tests")]
mod postgres;
mod things;

use proptest::test_runner::{Config, TestError, TestRunner};

/// A runner that leaves no files behind.
fn runner() -> TestRunner {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(16);
    TestRunner::new(Config { cases, failure_persistence: None, max_shrink_iters: 300, ..Config::default() })
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Fails with the reason alone: it names the expression, and the group around it is long.
fn hold<T: std::fmt::Debug>(result: Result<(), TestError<T>>) {
    match result {
        Ok(()) => {}
        Err(TestError::Fail(why, _)) => panic!("{why}"),
        Err(e) => panic!("{e}"),
    }
}
