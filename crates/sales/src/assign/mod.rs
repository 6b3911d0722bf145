//! Assignment (R-ASN): leads and customers nobody owns are given to somebody by rules, and how soon the first answer is due.
//!
//! One decision at a time and object: whoever decides holds a lock, reads rules and counters, chooses, gives the record away, keeps the
//! counters on the rule and writes one line of the log, all in the transaction of what set it off.

mod action;
mod choose;
mod clock;
mod config;
mod decide;
mod hook;
mod log;
mod overdue;
mod people;
mod pick;
mod place;
mod rule;

pub(crate) use action::AssignByRule;
pub(crate) use clock::FirstResponse;
pub(crate) use config::RuleHook;
pub(crate) use hook::{ByRule, Ownerless};
pub(crate) use overdue::Overdue;

/// Objects that are assigned.
pub(crate) const OBJECTS: [&str; 2] = ["lead", "account"];
/// The name of the action, and of what it changes in the history.
const ACT: &str = "assign_by_rule";

/// What set a decision off (R-ASN-01).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    Api,
    Import,
    Pool,
    Action,
}

impl Cause {
    fn key(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Import => "import",
            Self::Pool => "pool",
            Self::Action => "action",
        }
    }
}
