//! HTTP: the API, its document, sessions, live updates, health, the embedded page. No business rule lives here: a handler
//! reads the request, calls the pipeline or an action once, and writes the answer.
//!
//! [`router`] makes the service of an [`App`]; [`serve`] runs it until it is told to stop. Errors of the floors below meet
//! HTTP in one place, [`problem`].
#![forbid(unsafe_code)]

pub mod about;
pub mod app;
pub mod assets;
pub mod body;
pub mod bulk;
pub mod caller;
pub mod cookie;
pub mod hub;
pub mod idempotency;
pub mod imports;
pub mod jobs;
pub mod layers;
pub mod messages;
pub mod openapi;
pub mod people;
pub mod presence;
pub mod problem;
pub mod routes;
mod run;

pub use app::{App, Config, Workspace, Workspaces};
pub use problem::Problem;
pub use routes::router;
pub use run::{Stop, serve};
