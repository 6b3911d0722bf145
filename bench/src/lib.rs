//! Measurements and hard tests against the built binary, as its own process over HTTP: `cargo xtask bench`, `cargo xtask crash`, and the
//! reliability tests of the `rapport` crate. What each test proves: `docs/reliability.md`.
#![forbid(unsafe_code)]

pub mod check;
pub mod cluster;
pub mod copies;
pub mod fault;
pub mod full;
pub mod http;
pub mod kill;
pub mod ledger;
pub mod load;
pub mod measure;
pub mod power;
pub mod restart;
pub mod server;
pub mod site;
