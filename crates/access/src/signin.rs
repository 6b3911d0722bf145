//! Signing in: throttle, password, second step, session; and setting passwords. Signing in goes on below the disk's reserve: who
//! cannot write may still read.

use async_recursion::async_recursion as boxed;
use std::net::IpAddr;

use rapport_schema::{Actor, Millis, SessionId, UserId, Via};
use rapport_store::StoreError;
use serde_json::json;

use crate::{
    Access, AccessError, Attempt, Directory, Result, SecondStepState, SignedIn, TotpEnrolment, audit,
    docs::{self, Counter, Credential, SecondStep, ThrottleDoc},
    lockout::{Limit, PER_ADDRESS, PER_LOGIN, PER_SET_UP},
    password, people, person_row, secret, totp,
};

const DAY_MS: i64 = 86_400_000;
/// Longest login looked at.
const LOGIN_MAX: usize = 320;
/// Longest password looked at, in bytes: 128 characters of any script.
const PASSWORD_MAX: usize = 1024;

/// The counters one attempt is counted on.
#[derive(Debug, Clone)]
struct Throttle(Vec<(String, Limit)>);

impl Throttle {
    fn of(login: &str, user: Option<UserId>, ip: Option<IpAddr>) -> Self {
        // A person has one counter, whichever of their logins is tried; unknown logins have one each.
        let who = user.map_or_else(|| format!("login:{}", secret::hex_key(&people::login_key(login))), |u| format!("user:{u}"));
        let mut keys = vec![(who, PER_LOGIN)];
        keys.extend(ip.map(|ip| (format!("ip:{}", network(ip)), PER_ADDRESS)));
        Self(keys)
    }
    /// First codes of a second step that is not on yet.
    fn set_up(user: UserId) -> Self {
        Self(vec![(format!("set_up:{user}"), PER_SET_UP)])
    }
}

/// Who shares an address: one IPv4 address, one /64 of IPv6.
fn network(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("{:x}", u128::from(v6) >> 64),
    }
}

/// What the second step came to.
enum Second {
    NotNeeded,
    Step(u64),
    Recovery(String),
}

impl Access {
    /// Counts an attempt before it is made; refuses when locked.
    async fn begin(&self, t: &Throttle) -> Result<()> {
        let (t, now) = (t.clone(), self.now());
        let waits = self
            .0
            .db
            .write_vital(move |tx| {
                let t = t.clone();
                Box::pin(async move {
                    let mut counters = vec![];
                    for (key, limit) in &t.0 {
                        let mut c = docs::tx_get::<ThrottleDoc>(tx, key).await?.map_or_else(Counter::default, |d| d.counter);
                        if let Err(wait) = c.begin(*limit, now) {
                            // Refused attempts are not counted and not written: a flood costs reads only.
                            return Ok(Some(wait));
                        }
                        counters.push((key, ThrottleDoc { forget_at: c.expires(*limit), counter: c }));
                    }
                    for (key, doc) in counters {
                        docs::tx_put(tx, key, &doc).await?;
                    }
                    Ok::<Option<u64>, StoreError>(None)
                })
            })
            .await?;
        waits.map_or(Ok(()), |retry_after| Err(AccessError::Locked { retry_after }))
    }
    /// Takes an attempt back that was no failure. A right password clears the person's own counter.
    async fn release(tx: &mut rapport_store::Tx, t: &Throttle, clear: bool) -> Result<(), StoreError> {
        for (key, limit) in &t.0 {
            if clear && *limit == PER_LOGIN {
                docs::tx_delete::<ThrottleDoc>(tx, key).await?;
            } else if let Some(mut d) = docs::tx_get::<ThrottleDoc>(tx, key).await? {
                d.counter.release(*limit);
                d.forget_at = d.counter.expires(*limit);
                docs::tx_put(tx, key, &d).await?;
            }
        }
        Ok(())
    }
    /// Nobody is locked out for long by asking a counter first: a cheap look before the queue for the hasher.
    async fn locked(&self, t: &Throttle) -> Result<()> {
        let now = self.now();
        for (key, limit) in &t.0 {
            let doc: Option<ThrottleDoc> = docs::get(&self.0.db, key).await?;
            if let Some(retry_after) = doc.and_then(|d| d.counter.locked(*limit, now)) {
                return Err(AccessError::Locked { retry_after });
            }
        }
        Ok(())
    }

    /// Signs in. Unknown logins, wrong passwords, people without a password and people who are not active get the same
    /// answer after the same work.
    #[boxed]
    pub async fn sign_in(&self, attempt: Attempt) -> Result<SignedIn> {
        self.sign_in_with(attempt, None).await
    }

    /// Signs in with a password that has expired, replacing it (preset `dengbao-l3`).
    #[boxed]
    pub async fn sign_in_replacing(&self, attempt: Attempt, new_password: &str) -> Result<SignedIn> {
        self.sign_in_with(attempt, Some(new_password)).await
    }

    async fn sign_in_with(&self, attempt: Attempt, replace: Option<&str>) -> Result<SignedIn> {
        if attempt.login.len() > LOGIN_MAX || attempt.password.len() > PASSWORD_MAX {
            return Err(AccessError::BadCredentials);
        }
        let directory = self.directory().await?;
        let user = directory.find(&attempt.login);
        let throttle = Throttle::of(&attempt.login, user, attempt.ip);
        self.locked(&throttle).await?;
        self.begin(&throttle).await?;

        let credential: Option<Credential> = match user {
            Some(u) => docs::get(&self.0.db, &Credential::key(u)).await?,
            None => None,
        };
        let hash = credential.as_ref().and_then(|c| c.hash.clone());
        let fits = match self.0.hasher.verify(&attempt.password, hash.as_deref()).await {
            Ok(f) => f,
            Err(e) => {
                // Too busy to look is no failure.
                self.take_back(&throttle).await?;
                return Err(e);
            }
        };
        let active = user.is_some_and(|u| directory.user(u).is_some_and(|u| u.is_active()));
        let (Some(user), Some(credential), Some(hash), true, true) = (user, credential, hash, fits, active) else {
            self.log_attempt(&attempt, user, "password", false).await?;
            return Err(AccessError::BadCredentials);
        };

        let second = match (&credential.second, &attempt.totp) {
            (None, _) => Second::NotNeeded,
            (Some(_), None) => {
                // Right so far: no failure, and nothing to be counted against the person.
                self.take_back(&throttle).await?;
                return Err(AccessError::TotpNeeded);
            }
            (Some(s), Some(code)) => match self.second_step(user, s, code) {
                Some(s) => s,
                None => {
                    self.log_attempt(&attempt, Some(user), "password+code", false).await?;
                    return Err(AccessError::BadCode);
                }
            },
        };
        let expired = self.expired(&credential);
        let new_hash = match (expired, replace) {
            (true, None) => {
                self.take_back(&throttle).await?;
                return Err(AccessError::PasswordExpired);
            }
            (_, Some(new)) => match self.checked_hash(&directory, user, Some(&credential), new).await {
                Ok(h) => Some(h),
                Err(e) => {
                    // The old password was right.
                    self.take_back(&throttle).await?;
                    return Err(e);
                }
            },
            (false, None) if self.0.hasher.outdated(&hash) => Some(self.0.hasher.hash(&attempt.password).await?),
            (false, None) => None,
        };
        self.finish(&attempt, user, throttle, hash, second, new_hash, replace.is_some()).await
    }

    fn expired(&self, c: &Credential) -> bool {
        self.0.preset.rules().max_age_days.is_some_and(|days| self.now().0 - c.changed_at.0 > days * DAY_MS)
    }

    /// The step a code stands for, when it is right and later than the last one used.
    fn step_of(&self, user: UserId, s: &SecondStep, code: &str) -> Option<u64> {
        let seconds = u64::try_from(self.now().0 / 1000).unwrap_or(0);
        match self.0.vault.open(&SecondStep::place(user), &s.secret) {
            Ok(secret) => totp::check(&secret, code, seconds, s.last_step),
            Err(e) => {
                tracing::error!(%user, error = %e, "a code of two-step login cannot be checked");
                None
            }
        }
    }

    fn second_step(&self, user: UserId, s: &SecondStep, code: &str) -> Option<Second> {
        if let Some(step) = self.step_of(user, s, code) {
            return Some(Second::Step(step));
        }
        let key = secret::recovery_key(code);
        s.recovery.contains(&key).then_some(Second::Recovery(key))
    }

    async fn take_back(&self, t: &Throttle) -> Result<()> {
        let t = t.clone();
        self.0
            .db
            .write_vital(move |tx| {
                let t = t.clone();
                Box::pin(async move { Self::release(tx, &t, false).await })
            })
            .await?;
        Ok(())
    }

    /// Everything that makes a sign-in, in one transaction. What was read before is compared again: a password changed or a
    /// code used meanwhile refuses.
    #[allow(clippy::too_many_arguments, reason = "one step of one flow")]
    async fn finish(
        &self,
        attempt: &Attempt,
        user: UserId,
        throttle: Throttle,
        hash: String,
        second: Second,
        new_hash: Option<String>,
        replaced: bool,
    ) -> Result<SignedIn> {
        let (signed, session) = self.new_session(user, attempt.ip, &attempt.device);
        let now = session.created_at;
        let method = match &second {
            Second::NotNeeded => "password",
            Second::Step(_) => "password+totp",
            Second::Recovery(_) => "password+recovery",
        };
        let login = audit::Login {
            id: self.new_id(),
            at: now,
            user: Some(user),
            method,
            success: true,
            ip: session.ip.clone(),
            device: session.device.clone(),
        };
        let changed = audit::note(
            now,
            Actor { user: Some(user), via: Via::Web },
            Some(user),
            "password.set",
            &json!({ "why": "expired" }),
        )?;
        let (key, model, history) = (secret::hex_key(&signed.secret), self.model(), self.0.preset.rules().history);
        let second = std::sync::Arc::new(second);
        self.0
            .db
            .write_vital(move |tx| {
                let (throttle, hash, second, new_hash) = (throttle.clone(), hash.clone(), second.clone(), new_hash.clone());
                let (key, session, login, model, changed) =
                    (key.clone(), session.clone(), login.clone(), model.clone(), changed.clone());
                Box::pin(async move {
                    let ckey = Credential::key(user);
                    let mut c = docs::tx_get::<Credential>(tx, &ckey).await?.ok_or(AccessError::BadCredentials)?;
                    if c.hash.as_deref() != Some(hash.as_str()) {
                        return Err(AccessError::BadCredentials.into());
                    }
                    let mut write = false;
                    match (&*second, &mut c.second) {
                        (Second::NotNeeded, None) => {}
                        (Second::Step(step), Some(s)) if *step > s.last_step => {
                            s.last_step = *step;
                            write = true;
                        }
                        (Second::Recovery(k), Some(s)) if s.recovery.contains(k) => {
                            s.recovery.retain(|x| x != k);
                            write = true;
                        }
                        _ => return Err(AccessError::BadCode.into()),
                    }
                    if let Some(h) = new_hash {
                        if replaced {
                            set_hash(&mut c, h, now, history);
                            tx.log(changed);
                        } else {
                            c.hash = Some(h);
                        }
                        write = true;
                    }
                    if write {
                        docs::tx_put(tx, &ckey, &c).await?;
                    }
                    Self::release(tx, &throttle, true).await?;
                    docs::tx_put(tx, &key, &session).await?;
                    person_row::came_in(tx, &model, user, now).await?;
                    audit::login(tx, &model, &login).await
                })
            })
            .await?;
        Ok(signed)
    }

    async fn log_attempt(&self, attempt: &Attempt, user: Option<UserId>, method: &'static str, success: bool) -> Result<()> {
        let login = audit::Login {
            id: self.new_id(),
            at: self.now(),
            user,
            method,
            success,
            ip: attempt.ip.map(|i| i.to_string()),
            device: audit::device(&attempt.device),
        };
        let model = self.model();
        self.0
            .db
            .write_vital(move |tx| {
                let (login, model) = (login.clone(), model.clone());
                Box::pin(async move { audit::login(tx, &model, &login).await })
            })
            .await?;
        Ok(())
    }

    /// Whether the policy takes a password for somebody not made yet; `words`: their name, username, e-mail, company.
    #[boxed]
    pub async fn check_password(&self, password: &str, words: &[&str]) -> Result<()> {
        let mut context = self.directory().await?.words(None);
        context.extend(words.iter().flat_map(|w| [(*w).to_owned(), w.split('@').next().unwrap_or(w).to_owned()]));
        let faults = if password.len() > PASSWORD_MAX {
            vec!["password.too_long"]
        } else {
            password::check(self.0.preset, password, &context)
        };
        if faults.is_empty() { Ok(()) } else { Err(AccessError::WeakPassword(faults)) }
    }

    /// Checks a new password against the policy and hashes it.
    pub(crate) async fn checked_hash(
        &self,
        directory: &Directory,
        user: UserId,
        old: Option<&Credential>,
        new: &str,
    ) -> Result<String> {
        let mut faults = if new.len() > PASSWORD_MAX {
            vec!["password.too_long"]
        } else {
            password::check(self.0.preset, new, &directory.words(Some(user)))
        };
        let keep = self.0.preset.rules().history;
        if faults.is_empty()
            && keep > 0
            && let Some(c) = old
        {
            for former in c.hash.iter().chain(&c.history).take(keep) {
                if self.0.hasher.verify(new, Some(former)).await? {
                    faults.push("password.reused");
                    break;
                }
            }
        }
        if faults.is_empty() { self.0.hasher.hash(new).await } else { Err(AccessError::WeakPassword(faults)) }
    }

    /// Sets a password after checking the policy; other sessions of the person end.
    #[boxed]
    pub async fn set_password(&self, user: UserId, password: &str, keep: Option<SessionId>) -> Result<()> {
        let directory = self.directory().await?;
        if directory.user(user).is_none() {
            return Err(AccessError::NotSignedIn);
        }
        let old: Option<Credential> = docs::get(&self.0.db, &Credential::key(user)).await?;
        let hash = self.checked_hash(&directory, user, old.as_ref(), password).await?;
        self.store_hash(user, hash, None).await?;
        self.revoke_sessions(user, keep, user).await
    }

    /// Writes a new hash; with `was`, only while the stored hash is still that one.
    async fn store_hash(&self, user: UserId, hash: String, was: Option<String>) -> Result<()> {
        let now = self.now();
        let change = audit::note(now, Actor { user: Some(user), via: Via::Web }, Some(user), "password.set", &json!({}))?;
        let history = self.0.preset.rules().history;
        self.0
            .db
            .write(move |tx| {
                let (hash, was, change) = (hash.clone(), was.clone(), change.clone());
                Box::pin(async move {
                    let key = Credential::key(user);
                    let mut c = docs::tx_get::<Credential>(tx, &key).await?.unwrap_or_else(|| Credential::new(user));
                    if was.is_some() && c.hash != was {
                        return Err(AccessError::BadCredentials.into());
                    }
                    set_hash(&mut c, hash, now, history);
                    docs::tx_put(tx, &key, &c).await?;
                    tx.log(change);
                    Ok::<(), StoreError>(())
                })
            })
            .await?;
        Ok(())
    }

    /// Checks the password of somebody signed in, counted and throttled like a sign-in.
    async fn confirm(&self, user: UserId, password: &str) -> Result<Credential> {
        if password.len() > PASSWORD_MAX {
            return Err(AccessError::BadCredentials);
        }
        let throttle = Throttle::of("", Some(user), None);
        self.begin(&throttle).await?;
        let credential: Option<Credential> = docs::get(&self.0.db, &Credential::key(user)).await?;
        let hash = credential.as_ref().and_then(|c| c.hash.as_deref());
        match (self.0.hasher.verify(password, hash).await, credential) {
            (Ok(true), Some(c)) => {
                self.take_back(&throttle).await?;
                Ok(c)
            }
            (Ok(_), _) => Err(AccessError::BadCredentials),
            (Err(e), _) => {
                self.take_back(&throttle).await?;
                Err(e)
            }
        }
    }

    /// Checks the old password first.
    #[boxed]
    pub async fn change_password(&self, user: UserId, old: &str, new: &str, keep: Option<SessionId>) -> Result<()> {
        let credential = self.confirm(user, old).await?;
        let directory = self.directory().await?;
        let hash = self.checked_hash(&directory, user, Some(&credential), new).await?;
        self.store_hash(user, hash, credential.hash).await?;
        self.revoke_sessions(user, keep, user).await
    }

    /// Whether the second step is on.
    #[boxed]
    pub async fn second_step_state(&self, user: UserId) -> Result<SecondStepState> {
        let c: Option<Credential> = docs::get(&self.0.db, &Credential::key(user)).await?;
        Ok(SecondStepState {
            has_password: c.as_ref().is_some_and(|c| c.hash.is_some()),
            recovery_left: c.as_ref().and_then(|c| c.second.as_ref()).map_or(0, |s| s.recovery.len()),
            enabled: c.is_some_and(|c| c.second.is_some()),
        })
    }

    /// Begins two-step login: a new secret, not active before [`Access::totp_confirm`]. `account`: shown in the app.
    #[boxed]
    pub async fn totp_begin(&self, user: UserId, account: &str) -> Result<TotpEnrolment> {
        let key_text = totp::new_secret();
        let url = totp::url(&key_text, "Rapport", account).ok_or(AccessError::Invalid("totp.account"))?;
        let (codes, hashes) = totp::recovery();
        let sealed = self.0.vault.seal(&SecondStep::place(user), &key_text);
        let pending = SecondStep { secret: sealed, last_step: 0, recovery: hashes };
        self.0
            .db
            .write(move |tx| {
                let pending = pending.clone();
                Box::pin(async move {
                    let key = Credential::key(user);
                    let mut c = docs::tx_get::<Credential>(tx, &key).await?.unwrap_or_else(|| Credential::new(user));
                    if c.second.is_some() {
                        return Err(AccessError::Invalid("totp.enabled").into());
                    }
                    c.pending = Some(pending);
                    docs::tx_put(tx, &key, &c).await
                })
            })
            .await?;
        Ok(TotpEnrolment { url, secret: key_text, recovery_codes: codes })
    }

    /// Switches two-step login on with a first right code.
    #[boxed]
    pub async fn totp_confirm(&self, user: UserId, code: &str) -> Result<()> {
        let c: Option<Credential> = docs::get(&self.0.db, &Credential::key(user)).await?;
        let pending = c.and_then(|c| c.pending).ok_or(AccessError::Invalid("totp.not_begun"))?;
        let throttle = Throttle::set_up(user);
        self.begin(&throttle).await?;
        let step = self.step_of(user, &pending, code).ok_or(AccessError::BadCode)?;
        self.switch_second(user, "totp.enabled", throttle, move |c| {
            let mut s = c.pending.take().filter(|p| p.secret == pending.secret)?;
            s.last_step = step;
            c.second = Some(s);
            Some(())
        })
        .await
    }

    /// Switches two-step login off.
    #[boxed]
    pub async fn totp_disable(&self, user: UserId, password: &str) -> Result<()> {
        self.confirm(user, password).await?;
        self.switch_second(user, "totp.disabled", Throttle(vec![]), |c| {
            c.pending = None;
            c.second.take().map(|_| ())
        })
        .await
    }

    /// Switches somebody's two-step login off for them (lost phone and codes): administrators only, the caller checks.
    #[boxed]
    pub async fn totp_reset(&self, user: UserId, by: UserId) -> Result<()> {
        self.note(Actor { user: Some(by), via: Via::Web }, Some(user), "totp.reset", json!({})).await?;
        self.switch_second(user, "totp.disabled", Throttle(vec![]), |c| {
            c.pending = None;
            c.second.take().map(|_| ())
        })
        .await
    }

    async fn switch_second(
        &self,
        user: UserId,
        act: &'static str,
        throttle: Throttle,
        change: impl Fn(&mut Credential) -> Option<()> + Send + Sync + Clone + 'static,
    ) -> Result<()> {
        let now = self.now();
        let note = audit::note(now, Actor { user: Some(user), via: Via::Web }, Some(user), act, &json!({}))?;
        let model = self.model();
        self.0
            .db
            .write(move |tx| {
                let (change, note, throttle, model) = (change.clone(), note.clone(), throttle.clone(), model.clone());
                Box::pin(async move {
                    let key = Credential::key(user);
                    let mut c = docs::tx_get::<Credential>(tx, &key).await?.unwrap_or_else(|| Credential::new(user));
                    if change(&mut c).is_some() {
                        docs::tx_put(tx, &key, &c).await?;
                        person_row::second_step(tx, &model, user, c.second.is_some(), now).await?;
                        tx.log(note);
                    }
                    Self::release(tx, &throttle, false).await
                })
            })
            .await?;
        Ok(())
    }
}

/// Puts a new hash in place; the former ones are kept as far as the history reaches.
pub(crate) fn set_hash(c: &mut Credential, hash: String, now: Millis, history: usize) {
    if let Some(old) = c.hash.replace(hash) {
        c.history.insert(0, old);
    }
    // The current password counts among the last ones.
    c.history.truncate(history.saturating_sub(1));
    c.changed_at = now;
}
