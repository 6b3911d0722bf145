//! People: departments, users, roles, reporting lines; who a caller is (sessions, tokens, passwords, two-step login); and the
//! one place that builds a [`Scope`] from them.
//!
//! People are ordinary records (`user`, `department`, `role` …) and change through the pipeline like everything else; this
//! crate reads them ([`Directory`]). Secrets (password hashes, sessions, token hashes) are not records: they live in keyed
//! documents that no list, filter, export or history ever meets.
#![forbid(unsafe_code)]

mod api;
mod audit;
mod docs;
mod error;
mod hasher;
mod keeper;
mod links;
pub mod lockout;
pub mod password;
pub mod people;
mod person_row;
pub mod pools;
mod secret;
mod sessions;
mod signin;
mod tokens;
pub mod totp;
pub mod tree;
mod vault;
mod view_as;

pub use api::{Access, Attempt, NewToken, SecondStepState, SessionInfo, SignedIn, TokenInfo, TotpEnrolment, WeakAccess};
pub use audit::nobody;
pub use error::{AccessError, Result};
pub use keeper::ModelNow;
pub use password::PasswordPreset;
pub use people::Directory;
pub use pools::{Pool, RecycleRule, Seat};
pub use rapport_policy::Scope;
pub use rapport_store::StoreError;
pub use sessions::end_sessions;
pub use tokens::SCOPE_WORDS;
pub use vault::{KEY_FILE, Unopened, Vault};
pub use view_as::{VIEW_ACTS, View};
