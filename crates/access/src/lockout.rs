//! Lock-out and throttle as a state machine without a clock of its own (quality.md §2.1: 5 failures lock for 15 minutes).
//!
//! An attempt is counted before the password is looked at and taken back when it succeeds, so that a thousand attempts made at
//! the same moment get no more tries than a thousand made one after the other.

use rapport_schema::Millis;
use serde::{Deserialize, Serialize};

const MINUTE: i64 = 60_000;

/// How many failures lock for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Failures that lock.
    pub failures: u32,
    /// Failures older than this do not count, in milliseconds.
    pub window_ms: i64,
    /// Length of the lock, in milliseconds.
    pub lock_ms: i64,
}

/// Per login: 5 failures lock for 15 minutes.
pub const PER_LOGIN: Limit = Limit { failures: 5, window_ms: 15 * MINUTE, lock_ms: 15 * MINUTE };
/// Per person who sets two-step login up. A counter of its own: whoever locks a login by guessing does not keep the person, who is
/// signed in, from protecting it, and a slip in setting up is no failed sign-in.
pub const PER_SET_UP: Limit = PER_LOGIN;
/// Per address: a whole office may sit behind one, so more is allowed.
pub const PER_ADDRESS: Limit = Limit { failures: 50, window_ms: 15 * MINUTE, lock_ms: 15 * MINUTE };

/// Attempts counted so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// Attempts that failed or are not decided yet.
    pub failures: u32,
    /// Since when they are counted.
    pub since: Millis,
    /// Locked until.
    pub locked_until: Option<Millis>,
}

impl Counter {
    /// Seconds until the next attempt is allowed; none = now.
    #[must_use]
    pub fn locked(&self, limit: Limit, now: Millis) -> Option<u64> {
        let until = self.locked_until?;
        // A clock set back must not lengthen a lock beyond its length.
        let left = (until.0 - now.0).min(limit.lock_ms);
        (left > 0).then(|| u64::try_from((left + 999) / 1000).unwrap_or(1))
    }
    /// Counts an attempt about to be made; `Err` = seconds to wait.
    pub fn begin(&mut self, limit: Limit, now: Millis) -> Result<(), u64> {
        if let Some(wait) = self.locked(limit, now) {
            return Err(wait);
        }
        let age = now.0 - self.since.0;
        if self.locked_until.is_some() || age >= limit.window_ms || age < 0 {
            *self = Self { failures: 0, since: now, locked_until: None };
        }
        self.failures += 1;
        if self.failures >= limit.failures {
            self.locked_until = Some(now.plus(limit.lock_ms));
        }
        Ok(())
    }
    /// Takes one counted attempt back: it was no failure.
    pub fn release(&mut self, limit: Limit) {
        self.failures = self.failures.saturating_sub(1);
        if self.failures < limit.failures {
            self.locked_until = None;
        }
    }
    /// When the counter says nothing any more and may be forgotten.
    #[must_use]
    pub fn expires(&self, limit: Limit) -> Millis {
        self.locked_until.unwrap_or(self.since.plus(limit.window_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T0: Millis = Millis(1_800_000_000_000);

    #[test]
    fn the_fifth_failure_locks_for_fifteen_minutes() {
        let mut c = Counter::default();
        for n in 0..5 {
            assert_eq!(c.begin(PER_LOGIN, T0.plus(n * 1000)), Ok(()), "attempt {n}");
        }
        assert_eq!(c.begin(PER_LOGIN, T0.plus(5000)), Err(15 * 60 - 1), "locked since the fifth at 4 s");
        assert_eq!(c.begin(PER_LOGIN, T0.plus(4000 + 15 * MINUTE - 1)), Err(1));
        assert_eq!(c.begin(PER_LOGIN, T0.plus(4000 + 15 * MINUTE)), Ok(()), "free after 15 minutes");
        assert_eq!(c.failures, 1, "and counted anew");
    }

    #[test]
    fn a_thousand_attempts_at_once_get_five_tries() {
        let mut c = Counter::default();
        let tries = (0..1000).filter(|_| c.begin(PER_LOGIN, T0).is_ok()).count();
        assert_eq!(tries, 5);
    }

    #[test]
    fn old_failures_are_forgotten() {
        let mut c = Counter::default();
        for _ in 0..4 {
            c.begin(PER_LOGIN, T0).unwrap();
        }
        c.begin(PER_LOGIN, T0.plus(15 * MINUTE)).unwrap();
        assert_eq!(c.failures, 1);
    }

    #[test]
    fn a_success_takes_its_own_attempt_back_only() {
        let mut c = Counter::default();
        for _ in 0..5 {
            c.begin(PER_LOGIN, T0).unwrap();
        }
        assert!(c.locked(PER_LOGIN, T0).is_some());
        c.release(PER_LOGIN);
        assert_eq!(c.failures, 4);
        assert!(c.locked(PER_LOGIN, T0).is_none(), "the fifth was right: not locked");
        c.begin(PER_LOGIN, T0).unwrap();
        assert!(c.begin(PER_LOGIN, T0).is_err());
    }

    #[test]
    fn a_clock_set_back_neither_locks_for_ever_nor_frees() {
        let mut c = Counter::default();
        for _ in 0..5 {
            c.begin(PER_LOGIN, T0).unwrap();
        }
        let wait = c.begin(PER_LOGIN, T0.plus(-30 * 24 * 60 * MINUTE)).unwrap_err();
        assert!(wait <= 15 * 60 + 1, "{wait}");
    }
}
