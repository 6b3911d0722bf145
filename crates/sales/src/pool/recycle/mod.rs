//! Records fall back into their pool when what its rules ask for does not happen (R-POOL-09 … 12, 17). The day is kept on the record,
//! with the reason, by whatever moves it; the daily run only carries out.

mod due;
mod keep;
mod run;
mod safe;

pub(crate) use keep::{OfDeals, decide, renew};
pub(crate) use run::Recycling;
pub(crate) use safe::{Extend, Lock};

/// The day, and the reason beside it.
const DUE: &str = "recycle_due_on";
const WHY: &str = "recycle_reason";
