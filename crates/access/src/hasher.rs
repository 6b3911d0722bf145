//! Argon2id on threads of its own, few at a time: a flood of sign-ins waits for itself and starves nobody else.

use async_recursion::async_recursion as boxed;
use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash};
use tokio::sync::Semaphore;

use crate::{AccessError, PasswordPreset, Result, password};

/// Most callers that wait for their turn; the next one is told to come back.
const MOST_WAITING: usize = 128;

/// Hashes and verifies passwords.
#[derive(Debug)]
pub struct Hasher {
    params: Params,
    /// A hash of a password nobody has: verified for logins nobody has, so that both take the same time.
    nobody: String,
    turns: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

fn params(preset: PasswordPreset) -> Params {
    // OWASP's least (19 MiB, 2 passes, 1 lane); more where the law is stricter. Memory bounds how many run at once.
    let (kib, passes) = match preset {
        PasswordPreset::Modern => (19_456, 2),
        PasswordPreset::DengbaoL3 => (32_768, 3),
    };
    Params::new(kib, passes, 1, None).expect("constant parameters are within Argon2's limits")
}

impl Hasher {
    /// With the parameters of a preset. At most half the cores, at least one, hash at the same time.
    #[boxed]
    pub async fn new(preset: PasswordPreset) -> Result<Self> {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let mut h = Self {
            params: params(preset),
            nobody: String::new(),
            turns: Arc::new(Semaphore::new((cores / 2).max(1))),
            waiting: Arc::new(Semaphore::new(MOST_WAITING)),
        };
        h.nobody = h.hash(&crate::secret::new_secret()).await?;
        Ok(h)
    }
    fn argon(&self) -> Argon2<'static> {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params.clone())
    }
    async fn run<T: Send + 'static>(&self, work: impl FnOnce(Argon2<'static>) -> T + Send + 'static) -> Result<T> {
        let busy = || AccessError::Busy { retry_after: 2 };
        let _queued = self.waiting.clone().try_acquire_owned().map_err(|_| busy())?;
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| busy())?;
        let argon = self.argon();
        tokio::task::spawn_blocking(move || {
            // Held by the thread: a caller that goes away does not let another one in before the work is done.
            let _turn = turn;
            work(argon)
        })
        .await
        .map_err(|_| busy())
    }
    /// The hash of a password, as a PHC string with a salt of its own.
    #[boxed]
    pub async fn hash(&self, password: &str) -> Result<String> {
        let p = password::normal(password);
        self.run(move |a| a.hash_password(p.as_bytes()).map(|h: PasswordHash| h.to_string()))
            .await?
            .map_err(|e| AccessError::Store(rapport_store::StoreError::Driver(format!("argon2: {e}"))))
    }
    /// Does the password fit the hash? Without a hash the answer is no, after the same work.
    #[boxed]
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool> {
        let p = password::normal(password);
        let known = hash.is_some();
        let hash = hash.unwrap_or(&self.nobody).to_owned();
        let fits = self.run(move |a| a.verify_password(p.as_bytes(), hash.as_str()).is_ok()).await?;
        Ok(fits && known)
    }
    /// The hash was made with other parameters and should be made anew while the password is at hand.
    #[must_use]
    pub fn outdated(&self, hash: &str) -> bool {
        PasswordHash::new(hash).ok().and_then(|h| Params::try_from(&h).ok()).is_none_or(|p| {
            (p.m_cost(), p.t_cost(), p.p_cost()) != (self.params.m_cost(), self.params.t_cost(), self.params.p_cost())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn right_fits_wrong_does_not_and_hashes_differ() {
        let h = Hasher::new(PasswordPreset::Modern).await.unwrap();
        let (a, b) = (h.hash("blue kettle 47").await.unwrap(), h.hash("blue kettle 47").await.unwrap());
        assert!(a.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{a}");
        assert_ne!(a, b, "salted");
        assert!(h.verify("blue kettle 47", Some(&a)).await.unwrap());
        assert!(!h.verify("blue kettle 48", Some(&a)).await.unwrap());
        assert!(!h.verify("blue kettle 47", None).await.unwrap());
        assert!(!h.verify("x", Some("not a hash")).await.unwrap());
        let cafe = h.hash("caf\u{e9} au lait").await.unwrap();
        assert!(h.verify("cafe\u{301} au lait", Some(&cafe)).await.unwrap(), "typed on another system");
        assert!(!h.outdated(&a));
        assert!(Hasher::new(PasswordPreset::DengbaoL3).await.unwrap().outdated(&a));
    }

    #[tokio::test]
    async fn a_flood_is_turned_away_and_does_not_block_the_runtime() {
        let h = Arc::new(Hasher::new(PasswordPreset::Modern).await.unwrap());
        let flood: Vec<_> = (0..400)
            .map(|_| {
                let h = h.clone();
                tokio::spawn(async move { h.verify("wrong", None).await })
            })
            .collect();
        // The runtime (one thread here) still answers while they wait.
        let started = tokio::time::Instant::now();
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        assert!(started.elapsed() < std::time::Duration::from_millis(500));
        let mut turned_away = 0;
        for f in flood {
            turned_away += usize::from(matches!(f.await.unwrap(), Err(AccessError::Busy { .. })));
        }
        assert_eq!(turned_away, 400 - MOST_WAITING);
    }
}
