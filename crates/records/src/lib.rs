//! The pipeline: the one way in for every change, and the one way to read. Authorise (object, record, field), validate,
//! domain hooks, one transaction with row, search terms, derived fields and change-log entry, answer.
//!
//! [`Engine`] is a workspace's pipeline. A [`Unit`] is the pipeline inside one transaction: hooks and actions get one, so
//! that everything an action does stands or falls together and passes the same checks.
#![forbid(unsafe_code)]

mod action;
mod actions;
mod autonum;
mod dup;
mod engine;
mod error;
mod hook;
mod input;
mod narrow;
mod norm;
mod once;
mod people;
mod plan;
pub mod q;
mod rich;
mod rules;
mod settings;
mod shape;
mod types;
mod unit;
mod worktime;

pub use action::{Action, ActionScope, ActionSpec};
pub use engine::{Apply, BATCH_MAX, Engine, Mentionable, Trial, Upkeep, Why, told_condition};
pub use error::{Class, Error, Result};
pub use hook::{Chore, Draft, Hook};
pub use once::{Claim, Once};
pub use people::Person;
pub use rapport_store::{Committed, Count, DbStats, Hit, StoreError};
pub use shape::seen;
pub use types::{
    BatchOp, BatchOptions, BatchResult, Child, Document, Documents, HistoryEntry, Idempotency, ListRequest, OnlyIf, Parts,
    RecordPage, Saved, WriteOptions,
};
pub use unit::Unit;

/// A JSON object as callers send it.
pub type JsonMap = serde_json::Map<String, serde_json::Value>;
