//! Time and chance as arguments.

use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

use crate::RecordId;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Millis(pub i64);

impl Millis {
    /// As a jiff timestamp; times outside its range are clamped to it.
    #[must_use]
    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX })
    }
    /// From a jiff timestamp, cut to the millisecond.
    #[must_use]
    pub fn from_timestamp(t: jiff::Timestamp) -> Self {
        Self(t.as_millisecond())
    }
    /// The civil date in a zone.
    #[must_use]
    pub fn date_in(self, tz: &jiff::tz::TimeZone) -> jiff::civil::Date {
        self.timestamp().to_zoned(tz.clone()).date()
    }
    /// This instant moved by some milliseconds.
    #[must_use]
    pub const fn plus(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
    /// RFC 3339 in UTC with milliseconds: `2026-11-21T06:30:00.000Z`.
    #[must_use]
    pub fn rfc3339(self) -> String {
        format!("{:.3}", self.timestamp())
    }
}

/// Where the time comes from.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The time now.
    fn now(&self) -> Millis;
}

/// The machine's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;
impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the one place where real time enters")]
    fn now(&self) -> Millis {
        Millis(jiff::Timestamp::now().as_millisecond())
    }
}

/// Where new ids come from: UUIDv7 of a given time with bits from a given source of chance.
pub trait IdGen: Send + Sync + std::fmt::Debug {
    /// A new id, later in order than any this generator gave for an earlier millisecond.
    fn new_id(&self, now: Millis) -> RecordId;
}

/// Builds a version 7 UUID from a time and ten bytes of chance.
#[must_use]
pub fn uuid_v7(now: Millis, chance: [u8; 10]) -> Uuid {
    let ms = u64::try_from(now.0).unwrap_or(0);
    Builder::from_unix_timestamp_millis(ms, &chance).into_uuid()
}

/// Ids with bits from the operating system.
#[derive(Debug, Default, Clone, Copy)]
pub struct RandomIds;
impl IdGen for RandomIds {
    fn new_id(&self, now: Millis) -> RecordId {
        RecordId(uuid_v7(now, rand::random()))
    }
}
