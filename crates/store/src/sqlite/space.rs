//! Writing stops before the disk is full, so that reading, signing in and making room go on.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// How much room is left, as far as writing is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// More than the reserve.
    Enough,
    /// Less than the reserve: only what is vital is written.
    Reserve,
    /// Less than a tenth of it: nothing is.
    None,
}

/// Asks the file system now and then how much is left.
#[derive(Debug)]
pub(super) struct Space {
    dir: PathBuf,
    reserve: u64,
    asked: Option<Instant>,
    room: Room,
}

impl Space {
    pub(super) fn new(file: &Path, reserve: u64) -> Self {
        let dir = file.parent().map_or_else(|| ".".into(), Path::to_path_buf);
        Self { dir, reserve, asked: None, room: Room::Enough }
    }
    /// What may be written now. Asked at most once a second, so writing resumes soon after room is made.
    pub(super) fn room(&mut self) -> Room {
        if self.reserve == 0 {
            return Room::Enough;
        }
        let now = Instant::now();
        if self.asked.is_none_or(|t| now.duration_since(t) >= Duration::from_secs(1)) {
            self.asked = Some(now);
            self.room = free(&self.dir).map_or(Room::Enough, |f| judge(f, self.reserve));
        }
        self.room
    }
}

fn judge(free: u64, reserve: u64) -> Room {
    if free >= reserve {
        Room::Enough
    } else if free >= reserve / 10 {
        Room::Reserve
    } else {
        Room::None
    }
}

/// Bytes an ordinary process may still write where `dir` lies.
fn free(dir: &Path) -> Option<u64> {
    let s = rustix::fs::statvfs(dir).ok()?;
    Some(s.f_bavail.saturating_mul(s.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_tenth_of_the_reserve_is_for_nobody() {
        assert_eq!(judge(200, 200), Room::Enough);
        assert_eq!(judge(199, 200), Room::Reserve);
        assert_eq!(judge(20, 200), Room::Reserve);
        assert_eq!(judge(19, 200), Room::None);
    }
}
