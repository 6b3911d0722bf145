//! The vocabulary of Rapport: objects, fields, values, filters, formulas, life cycles, and the pure planner that turns a
//! difference between two models into steps for a database.
//!
//! Nothing here reads a clock, a file or a socket; everything is a value or a function of values, so every other crate can
//! use it and every rule in it can be tested alone.
#![forbid(unsafe_code)]

pub mod change;
pub mod check;
pub mod clock;
pub mod codec;
pub mod error;
pub mod expr;
pub mod field;
pub mod filter;
pub mod formula;
pub mod gate;
pub mod id;
pub mod label;
pub mod layout;
mod lex;
pub mod load;
pub mod model;
pub mod money;
pub mod name;
pub mod object;
pub mod physical;
pub mod plan;
pub mod query;
pub mod record;
pub mod system;
pub mod value;
pub mod worktime;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod mangled;

pub use change::{Actor, Cause, Change, ChangeOp, Seq, Via};
pub use clock::{Clock, IdGen, Millis, SystemClock};
pub use error::{FieldError, Params};
pub use expr::ExprError;
pub use field::{DefaultValue, FieldDef, FieldIx, FieldType, MaskKind};
pub use id::{DeptId, Id, ImportId, RecordId, RecordRef, RoleId, SessionId, TokenId, UserId, WorkspaceId};
pub use label::{Label, Locale};
pub use model::{Model, PickValue, Picklist};
pub use name::{FieldName, NameError, ObjectName};
pub use object::{ObjectDef, ObjectKind, Section, Transition, Validation};
pub use record::{Patch, Record};
pub use value::Value;
