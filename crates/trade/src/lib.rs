//! Domain rules of trade, as hooks and actions on the pipeline: quotes (R-QTE) and what follows from them until the money is in.
#![forbid(unsafe_code)]

pub mod sums;
