//! The pipeline over real databases, one body for both. One program, so that it is linked once.
#![allow(clippy::unwrap_used)]

#[macro_use]
mod common;
mod computed;
mod duplicates;
mod model;
mod pipeline;
#[path = "../../../testkit/src/postgres.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod postgres;
mod rights;
mod rules;
mod shares;
mod worktime;
