//! Domain rules of trade: what quotes and orders come to, to the cent (R-QTE).
#![forbid(unsafe_code)]

pub mod sums;
