//! Taking turns with other processes. SQLite's own lock is not fair: a busy server takes it again before a waiting command has
//! woken up, and the command gives up. So a writer holds the *turn* while it waits for the lock, and lets it go once it has it:
//! whoever waits is next.

use std::{
    fs::File,
    path::Path,
    time::{Duration, Instant},
};

/// Longest wait for the turn. A process that was stopped while holding it must not stop the others: they go on without.
const WAIT: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(1);

/// The file behind the turn; none where the file system has no locks, and everybody does without.
#[derive(Debug)]
pub(crate) struct Turn(Option<File>);

impl Turn {
    pub(crate) fn new(database: &Path) -> Self {
        let mut at = database.as_os_str().to_owned();
        at.push("-turn");
        Self(File::options().create(true).truncate(false).write(true).open(at).ok())
    }
    /// Waits for the turn.
    pub(crate) fn take(&self) {
        let Some(f) = &self.0 else { return };
        let begun = Instant::now();
        while matches!(f.try_lock(), Err(std::fs::TryLockError::WouldBlock)) && begun.elapsed() < WAIT {
            std::thread::sleep(PAUSE);
        }
    }
    /// Lets the next one wait for the lock.
    pub(crate) fn pass(&self) {
        if let Some(f) = &self.0 {
            let _not_held = f.unlock();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_is_next_and_nobody_waits_for_ever() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (Turn::new(&dir.path().join("w.db")), Turn::new(&dir.path().join("w.db")));
        a.take();
        let begun = Instant::now();
        let waiting = std::thread::spawn(move || {
            b.take();
            b.pass();
        });
        std::thread::sleep(Duration::from_millis(50));
        assert!(!waiting.is_finished(), "b has the turn while a holds it");
        a.pass();
        waiting.join().unwrap();
        assert!(begun.elapsed() < WAIT);
        // Held by one that never passes it on: the others go on without.
        let c = Turn::new(&dir.path().join("w.db"));
        a.take();
        c.take();
        assert!(begun.elapsed() >= WAIT);
    }
}
