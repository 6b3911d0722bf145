//! Time and ids that repeat.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use rapport_schema::{
    Clock, Millis, RecordId,
    clock::{IdGen, uuid_v7},
};

/// A clock that moves only when told.
#[derive(Debug)]
pub struct MockClock(AtomicI64);

impl Default for MockClock {
    /// The machine's time when it was made: databases judge the expiry of documents by their own clock too.
    fn default() -> Self {
        Self(AtomicI64::new(rapport_schema::SystemClock.now().0))
    }
}
impl MockClock {
    /// Moves on.
    pub fn advance(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}
impl Clock for MockClock {
    fn now(&self) -> Millis {
        Millis(self.0.load(Ordering::SeqCst))
    }
}

/// Ids that count up.
#[derive(Debug, Default)]
pub struct CountedIds(AtomicU64);
impl IdGen for CountedIds {
    fn new_id(&self, now: Millis) -> RecordId {
        let n = self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes();
        let mut chance = [0u8; 10];
        chance[2..].copy_from_slice(&n);
        RecordId(uuid_v7(now, chance))
    }
}
