//! The sample company: a trading house for measuring instruments with people in three regions, Chinese and English, and three
//! years of believable history. Everything is invented from a seed; no real firm or person is meant. It goes in through the
//! pipeline like every other data, so it also shows how the product's own rules shape a company's records.
//!
//! [`names`] serves the load generator too.
#![forbid(unsafe_code)]

pub mod company;
mod fill;
pub mod load;
pub mod names;
pub mod story;
pub mod waiting;
pub mod work;

pub use fill::{Filled, SampleError, fill, trial};
