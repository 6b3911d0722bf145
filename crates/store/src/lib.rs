//! SQLite and PostgreSQL behind one narrow interface: tables from the model, the query compiler, the change log, keyed
//! documents, search. The only crate that names SQL.
//!
//! [`Db`] is one open workspace. Reads take a [`Select`] that carries a [`rapport_policy::RowRule`]: there is no way to read
//! rows without saying whose rule applies. Writes are jobs: [`Db::write`] hands the job a [`Tx`]; the workspace's single
//! writer runs queued jobs inside one transaction, a savepoint each, commits once, and only then answers (group commit).
//! Change-log numbers are given last in that transaction, so their order is the commit order.
#![forbid(unsafe_code)]

mod backup;
mod catalogue;
mod compile;
mod db;
mod ddl;
mod dialect;
mod docs;
mod doctor;
mod error;
mod estimate;
mod fill;
mod follow;
mod fts;
mod group;
mod job;
mod layout;
mod log;
mod migrate;
mod norm;
mod pg;
mod query;
mod reads;
mod retired;
mod row;
mod seal;
mod search;
mod shared;
mod sql;
mod sqlite;
mod starts;
mod terms;
mod tx;
mod types;
mod write;

pub use backup::restore;
pub use catalogue::{Place, WorkspaceInfo};
pub use db::Db;
pub use error::{Result, StoreError};
pub use fts::{found_in, searched};
pub use job::{Job, TxFuture};
pub use migrate::{BACKFILL, Refusals};
pub use norm::Rules;
pub use seal::Head;
pub use tx::Tx;
pub use types::{
    AggRow, Aggregate, Beyond, Bin, ChangeQuery, ChangeRow, Committed, Count, Cursor, DbStats, DocRow, Hit, Options, OutField,
    Page, Search, SearchScope, Select, Shape, Target,
};
