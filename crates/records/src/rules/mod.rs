//! Rules every installation has, whatever modules it runs.

mod currency;
pub(crate) mod normal;
mod people;
pub(crate) mod sharing;
mod talk;
mod worktime;

use std::sync::Arc;

use crate::Hook;

/// Hooks of the pipeline itself, before those of the domain crates.
pub(crate) fn shipped() -> Vec<Arc<dyn Hook>> {
    vec![
        Arc::new(people::PeopleHook),
        Arc::new(currency::CurrencyHook),
        Arc::new(sharing::SharingHook),
        Arc::new(talk::TalkHook),
        Arc::new(worktime::WorktimeHook),
    ]
}
