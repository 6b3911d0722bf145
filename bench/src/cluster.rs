//! PostgreSQL for the tests: the same private cluster the test kit makes.

#[path = "../../crates/testkit/src/postgres.rs"]
mod postgres;

pub use postgres::{Cluster, REQUIRE_VARIABLE, URL_VARIABLE, cluster, fresh_schema, private};
