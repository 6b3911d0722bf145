//! Bringing data in and taking it out: CSV, XLSX and vCard. Reaches records through the pipeline only, in batches, so an import
//! obeys every rule a person's typing does, can be stopped, goes on after a crash, and can be taken back.
#![forbid(unsafe_code)]

pub mod ask;
pub mod begun;
pub mod bulk;
mod convert;
pub mod dates;
pub mod error;
pub mod export;
pub mod guess;
mod link;
mod lookup;
pub mod plan;
pub mod read;
pub mod report;
pub mod run;
pub mod shape;
mod step;
pub mod vcard;

pub use error::{ExchangeError, Result};
