//! A token bucket per caller.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hash, RandomState},
    time::{Duration, Instant},
};

use parking_lot::Mutex;

/// Who is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// A signed-in person, whatever the door.
    User(rapport_schema::UserId),
    /// An address, for requests before anybody is known.
    Ip(std::net::IpAddr),
    /// Requests without an address (in-process tests).
    Nobody,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

const SHARDS: usize = 16;
/// Buckets kept in a shard before full ones are thrown away.
const KEEP: usize = 4096;

/// Token buckets in shards, so that callers do not wait for each other.
#[derive(Debug)]
pub struct Limiter {
    per_second: f64,
    burst: f64,
    hash: RandomState,
    shards: [Mutex<HashMap<Key, Bucket>>; SHARDS],
}

impl Limiter {
    /// So many requests a second for long, and at most `burst` at once.
    #[must_use]
    pub fn new(per_second: u32, burst: u32) -> Self {
        Self {
            per_second: f64::from(per_second.max(1)),
            burst: f64::from(burst.max(1)),
            hash: RandomState::new(),
            shards: std::array::from_fn(|_| Mutex::default()),
        }
    }

    /// Takes one; `Err` says after how long one will be there.
    ///
    /// # Errors
    /// When the bucket is empty.
    pub fn take(&self, key: Key) -> Result<(), Duration> {
        self.take_at(key, Instant::now())
    }

    fn take_at(&self, key: Key, now: Instant) -> Result<(), Duration> {
        let shard = usize::try_from(self.hash.hash_one(&key) % SHARDS as u64).unwrap_or(0);
        let mut map = self.shards[shard].lock();
        if map.len() >= KEEP {
            // A bucket that has filled up again says nothing.
            map.retain(|_, b| b.tokens + now.duration_since(b.at).as_secs_f64() * self.per_second < self.burst);
        }
        let b = map.entry(key).or_insert(Bucket { tokens: self.burst, at: now });
        b.tokens = (b.tokens + now.duration_since(b.at).as_secs_f64() * self.per_second).min(self.burst);
        b.at = now;
        if b.tokens >= 1.0 {
            b.tokens -= 1.0;
            Ok(())
        } else {
            Err(Duration::from_secs_f64((1.0 - b.tokens) / self.per_second))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_let_through_then_the_rate_holds() {
        let l = Limiter::new(10, 3);
        let t = Instant::now();
        for _ in 0..3 {
            assert!(l.take_at(Key::Nobody, t).is_ok());
        }
        let wait = l.take_at(Key::Nobody, t).unwrap_err();
        assert!(wait <= Duration::from_millis(100) && wait > Duration::from_millis(50), "{wait:?}");
        assert!(l.take_at(Key::Nobody, t + Duration::from_millis(101)).is_ok());
        assert!(l.take_at(Key::Nobody, t + Duration::from_millis(110)).is_err());
    }

    #[test]
    fn callers_do_not_share_a_bucket() {
        let l = Limiter::new(1, 1);
        let t = Instant::now();
        assert!(l.take_at(Key::Ip("10.0.0.1".parse().unwrap()), t).is_ok());
        assert!(l.take_at(Key::Ip("10.0.0.1".parse().unwrap()), t).is_err());
        assert!(l.take_at(Key::Ip("10.0.0.2".parse().unwrap()), t).is_ok());
    }

    #[test]
    fn full_buckets_are_forgotten() {
        let l = Limiter::new(1000, 1);
        let t = Instant::now();
        for i in 0..200_000u32 {
            let _ = l.take_at(Key::Ip(std::net::Ipv4Addr::from(i).into()), t + Duration::from_micros(u64::from(i) * 100));
        }
        let kept: usize = l.shards.iter().map(|s| s.lock().len()).sum();
        assert!(kept <= SHARDS * KEEP, "{kept}");
    }
}
