//! Who may do what, as pure values: [`RoleGrants`] (how roles are kept), [`Grants`] (roles laid over the model), [`Scope`] (what
//! a caller may reach), [`RowRule`] (a predicate over rows, compiled into SQL by the store), [`FieldRight`], and [`Permitted`]
//! (proof that a record was reached through the rule of an act).
//!
//! This crate stands below the store so that a query can demand a scope by type. It never decides from a database: the
//! `access` crate reads people, roles and shares and builds a [`Scope`] through [`ScopeBuilder`]; nobody else does
//! (`xtask tidy` checks that).
#![forbid(unsafe_code)]

pub mod facts;
mod fault;
mod grant;
pub mod matrix;
mod permit;
mod pool;
mod resolve;
pub mod role;
mod rows;
mod rule;
mod scope;
pub mod talk;

pub use fault::GrantError;
pub use grant::{Act, FieldRight, Reach};
pub use permit::{Permitted, act};
pub use pool::PoolView;
pub use resolve::{Grants, ObjectGrant};
pub use role::{FieldPerm, ObjectPerm, RoleGrants};
pub use rule::{Grantee, GranteeKind, Reached, RowRule};
pub use scope::{Principal, Reason, Scope, ScopeBuilder, Switches, SystemScope};
