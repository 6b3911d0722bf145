//! Duplicates (R-DUP): what counts as the same, found by key.

mod check;
mod near;
mod rule;

pub(crate) use check::Cache;
pub(crate) use rule::Rule;
use rule::{How, MatchKey};
