//! Reads: pages, single rows, records, counts, groups, titles.

mod group;
mod json;
mod page;
mod plan;
mod small;

pub(crate) use group::aggregate;
pub(crate) use page::{count, get, list, records, walk};
pub(crate) use small::{reachable, titles};

#[cfg(test)]
mod tests;
