//! Imports and exports on a real pipeline with the shipped model, on both databases.
#![allow(clippy::unwrap_used)]

mod maven;
mod runs;
mod world;
