//! What happens around every request: trace id, measuring, headers, refusal bodies, shedding, limits.

pub mod edge;
pub mod headers;
pub mod metrics;
pub mod rate;
pub mod shed;
