//! Proof that a record was reached through the rule of an act.

use std::marker::PhantomData;

use rapport_schema::Record;

use crate::Scope;

/// Acts as types.
pub mod act {
    /// Seen.
    #[derive(Debug)]
    pub enum Read {}
    /// Changed.
    #[derive(Debug)]
    pub enum Update {}
    /// Deleted, restored or purged.
    #[derive(Debug)]
    pub enum Delete {}
    /// Given to another owner.
    #[derive(Debug)]
    pub enum Transfer {}
}

/// A record that a scope reached with the rule of act `A`. Writes take this, never a bare id.
#[derive(Debug)]
pub struct Permitted<A> {
    record: Record,
    act: PhantomData<fn() -> A>,
}

impl<A> Permitted<A> {
    /// Vouches that `record` was loaded through `scope`'s rule for `A`. Called by the pipeline's loader only
    /// (`xtask tidy` checks that).
    #[must_use]
    pub fn vouch(_scope: &Scope, record: Record) -> Self {
        Self { record, act: PhantomData }
    }
    /// The record.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.record
    }
    /// The record, proof given up.
    #[must_use]
    pub fn into_record(self) -> Record {
        self.record
    }
}
