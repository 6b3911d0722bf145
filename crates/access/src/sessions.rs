//! Browser sessions: the cookie's secret is handed out once, its hash is the key of the document.

use async_recursion::async_recursion as boxed;
use std::{collections::HashMap, net::IpAddr, time::Duration};

use parking_lot::RwLock;
use rapport_policy::{Principal, Scope};
use rapport_schema::{Actor, Millis, RecordId, SessionId, UserId, Via};
use rapport_store::{Db, StoreError, Tx};
use serde_json::json;
use tokio::time::Instant;

use crate::{
    Access, AccessError, Result, SessionInfo, SignedIn, audit,
    docs::{self, Doc, SessionDoc},
    person_row, secret,
};

/// A session read so long ago is read again: one revoked on another node ends within this time.
const REREAD: Duration = Duration::from_secs(3);
/// Last use is written at most this often, in milliseconds.
const TOUCH_MS: i64 = 60_000;
/// Beyond so many the cache is emptied: it is a cache.
const MOST_CACHED: usize = 20_000;

#[derive(Debug, Clone)]
struct Cached {
    doc: SessionDoc,
    read: Instant,
}

/// Sessions seen lately.
#[derive(Debug, Default)]
pub struct Cache {
    by_key: RwLock<HashMap<[u8; 32], Cached>>,
    by_id: RwLock<HashMap<SessionId, [u8; 32]>>,
}

impl Cache {
    fn get(&self, key: &[u8; 32]) -> Option<SessionDoc> {
        self.by_key.read().get(key).filter(|c| c.read.elapsed() < REREAD).map(|c| c.doc.clone())
    }
    pub(crate) fn put(&self, key: [u8; 32], doc: &SessionDoc) {
        let mut map = self.by_key.write();
        if map.get(&key).is_some_and(|known| known.doc.turn > doc.turn) {
            return;
        }
        if map.len() >= MOST_CACHED {
            map.clear();
            self.by_id.write().clear();
        }
        map.insert(key, Cached { doc: doc.clone(), read: Instant::now() });
        let mut by_id = self.by_id.write();
        if by_id.len() >= 2 * MOST_CACHED {
            // Ids of sessions dropped meanwhile; those still in use are found again by their owner.
            by_id.clear();
        }
        by_id.insert(doc.id, key);
    }
    fn drop_key(&self, key: &[u8; 32]) {
        if let Some(c) = self.by_key.write().remove(key) {
            self.by_id.write().remove(&c.doc.id);
        }
    }
    /// Everything of a person, except one session.
    pub fn drop_user(&self, user: UserId, keep: Option<SessionId>) {
        self.by_key.write().retain(|_, c| c.doc.user != user || Some(c.doc.id) == keep);
    }
    fn last_use(&self, key: &[u8; 32]) -> Option<Millis> {
        self.by_key.read().get(key).map(|c| c.doc.used_at)
    }
    fn touched(&self, key: &[u8; 32], at: Millis) {
        if let Some(c) = self.by_key.write().get_mut(key) {
            c.doc.used_at = at;
        }
    }
}

/// Ends all sessions of a person inside a write job: the pipeline calls it in the transaction that disables the person.
#[boxed]
pub async fn end_sessions(db: &Db, tx: &mut Tx, user: RecordId) -> Result<(), StoreError> {
    for (key, _) in docs::list::<SessionDoc>(db, user).await? {
        docs::tx_delete::<SessionDoc>(tx, &key).await?;
    }
    Ok(())
}

impl Access {
    /// A session document and its secret, to be written by the caller's job.
    pub(crate) fn new_session(&self, user: UserId, ip: Option<IpAddr>, device: &str) -> (SignedIn, SessionDoc) {
        let now = self.now();
        let rules = self.0.preset.rules();
        let doc = SessionDoc {
            id: SessionId::of(self.new_id()),
            user,
            created_at: now,
            used_at: now,
            ends_at: now.plus(rules.absolute_ms),
            idle_ms: rules.idle_ms,
            device: audit::device(device),
            ip: ip.map(|i| i.to_string()),
            viewing: None,
            turn: 0,
        };
        let secret = secret::new_secret();
        (SignedIn { id: doc.id, secret, user, expires: doc.ends_at }, doc)
    }

    /// A session for a user without a password: demo workspaces and a fresh set-up only.
    #[boxed]
    pub async fn open_session(&self, user: UserId, ip: Option<IpAddr>, device: &str) -> Result<SignedIn> {
        let directory = self.directory().await?;
        if !directory.user(user).is_some_and(|u| u.is_active()) {
            return Err(AccessError::NotSignedIn);
        }
        let (signed, doc) = self.new_session(user, ip, device);
        let login = audit::Login {
            id: self.new_id(),
            at: doc.created_at,
            user: Some(user),
            method: "open",
            success: true,
            ip: doc.ip.clone(),
            device: doc.device.clone(),
        };
        let (key, model) = (secret::hex_key(&signed.secret), self.model());
        self.0
            .db
            .write_vital(move |tx| {
                let (key, doc, login, model) = (key.clone(), doc.clone(), login.clone(), model.clone());
                Box::pin(async move {
                    docs::tx_put(tx, &key, &doc).await?;
                    person_row::came_in(tx, &model, doc.user, doc.created_at).await?;
                    audit::login(tx, &model, &login).await
                })
            })
            .await?;
        Ok(signed)
    }

    /// The scope behind a session cookie: of its person, or of the one its administrator looks as. Cached; a revoked session or right is gone within 5 s, on every node.
    #[boxed]
    pub async fn session(&self, secret: &str, via: Via) -> Result<Scope> {
        if !secret::plausible(secret) {
            return Err(AccessError::NotSignedIn);
        }
        let key = secret::key_of(secret);
        let doc = self.session_doc(key).await?;
        let now = self.now();
        let scope = match &doc.viewing {
            None => self.scope_recent(doc.user).await?.admit(Principal::Session(doc.id), via, None),
            Some(v) => self.scope_of_view(&doc, v, via).await?,
        };
        if now.0 - doc.used_at.0 >= TOUCH_MS {
            self.touch(key, now);
        }
        Ok(scope)
    }

    /// The living session of a key.
    pub(crate) async fn session_doc(&self, key: [u8; 32]) -> Result<SessionDoc> {
        let cache = &self.0.sessions;
        let doc = match cache.get(&key) {
            Some(d) => d,
            None => match self.stored_session(key).await? {
                Some(d) => {
                    cache.put(key, &d);
                    d
                }
                None => {
                    cache.drop_key(&key);
                    return Err(AccessError::NotSignedIn);
                }
            },
        };
        if doc.alive(self.now()) { Ok(doc) } else { Err(AccessError::NotSignedIn) }
    }

    /// The session of a key as it is stored; a use this server knows of may still be on its way there ([`Access::touch`]).
    pub(crate) async fn stored_session(&self, key: [u8; 32]) -> Result<Option<SessionDoc>> {
        let stored: Option<SessionDoc> = docs::get(&self.0.db, &hex::encode(key)).await?;
        Ok(stored.map(|mut d| {
            d.used_at = d.used_at.max(self.0.sessions.last_use(&key).unwrap_or(d.used_at));
            d
        }))
    }

    /// Notes the use, beside the request: reading goes on when nothing can be written.
    fn touch(&self, key: [u8; 32], now: Millis) {
        self.0.sessions.touched(&key, now);
        let db = self.0.db.clone();
        let hex = hex::encode(key);
        tokio::spawn(async move {
            let written = db
                .write_vital(move |tx| {
                    let hex = hex.clone();
                    Box::pin(async move {
                        // One revoked meanwhile stays revoked.
                        if let Some(mut d) = docs::tx_get::<SessionDoc>(tx, &hex).await? {
                            d.used_at = d.used_at.max(now);
                            docs::tx_put(tx, &hex, &d).await?;
                        }
                        Ok::<(), StoreError>(())
                    })
                })
                .await;
            if let Err(e) = written {
                tracing::warn!(error = %e, "the last use of a session could not be noted");
            }
        });
    }

    pub(crate) async fn scope_of_session(&self, user: UserId, id: SessionId, via: Via) -> Result<Scope> {
        let doc = self.session_doc(self.key_of_session(user, id).await?).await?;
        if doc.user != user {
            return Err(AccessError::NotSignedIn);
        }
        Ok(self.scope_recent(user).await?.admit(Principal::Session(id), via, None))
    }

    /// The key of a session of a person.
    pub(crate) async fn key_of_session(&self, user: UserId, id: SessionId) -> Result<[u8; 32]> {
        let known = self.0.sessions.by_id.read().get(&id).copied();
        if let Some(key) = known {
            return Ok(key);
        }
        let all = docs::list::<SessionDoc>(&self.0.db, user.record()).await?;
        let (hex, _) = all.into_iter().find(|(_, d)| d.id == id).ok_or(AccessError::NotSignedIn)?;
        let mut key = [0; 32];
        hex::decode_to_slice(hex, &mut key).map_err(|_| AccessError::NotSignedIn)?;
        Ok(key)
    }

    /// Ends the session of a cookie. One that is not there is fine.
    #[boxed]
    pub async fn sign_out(&self, secret: &str) -> Result<()> {
        if !secret::plausible(secret) {
            return Ok(());
        }
        let key = secret::key_of(secret);
        self.0.sessions.drop_key(&key);
        let doc: Option<SessionDoc> = docs::get(&self.0.db, &hex::encode(key)).await?;
        if let Some(doc) = doc {
            if doc.viewing.is_some() {
                match self.end_view(secret).await {
                    Ok(()) | Err(AccessError::NotSignedIn) => {}
                    Err(e) => return Err(e),
                }
            }
            self.end(vec![hex::encode(key)], doc.user, doc.user, "session.sign_out").await?;
        }
        Ok(())
    }

    /// A person's living sessions, newest first.
    #[boxed]
    pub async fn sessions(&self, user: UserId, current: Option<SessionId>) -> Result<Vec<SessionInfo>> {
        let now = self.now();
        let mut all: Vec<SessionDoc> = docs::list(&self.0.db, user.record())
            .await?
            .into_iter()
            .map(|(_, d)| d)
            .filter(|d: &SessionDoc| d.alive(now))
            .collect();
        all.sort_by_key(|d| std::cmp::Reverse((d.created_at, d.id)));
        Ok(all
            .into_iter()
            .map(|d| SessionInfo {
                current: Some(d.id) == current,
                id: d.id,
                created_at: d.created_at.rfc3339(),
                last_used_at: d.used_at.rfc3339(),
                expires_at: d.ends_at.rfc3339(),
                device: d.device,
                ip: d.ip,
            })
            .collect())
    }

    /// Ends one of a person's sessions.
    #[boxed]
    pub async fn revoke_session(&self, user: UserId, id: SessionId) -> Result<()> {
        let all = docs::list::<SessionDoc>(&self.0.db, user.record()).await?;
        let keys = all.into_iter().filter(|(_, d)| d.id == id).map(|(k, _)| k).collect();
        self.end(keys, user, user, "session.revoked").await
    }

    /// Ends all of a person's sessions, except one: after a new password, when somebody leaves, or on wish. `by`: who does it.
    #[boxed]
    pub async fn revoke_sessions(&self, user: UserId, keep: Option<SessionId>, by: UserId) -> Result<()> {
        let all = docs::list::<SessionDoc>(&self.0.db, user.record()).await?;
        let keys: Vec<String> = all.into_iter().filter(|(_, d)| Some(d.id) != keep).map(|(k, _)| k).collect();
        self.0.sessions.drop_user(user, keep);
        if keys.is_empty() { Ok(()) } else { self.end(keys, user, by, "session.revoked").await }
    }

    async fn end(&self, keys: Vec<String>, user: UserId, by: UserId, act: &'static str) -> Result<()> {
        let change = audit::note(
            self.now(),
            Actor { user: Some(by), via: Via::Web },
            Some(user),
            act,
            &json!({ "sessions": keys.len() }),
        )?;
        for k in &keys {
            let mut key = [0; 32];
            if hex::decode_to_slice(k, &mut key).is_ok() {
                self.0.sessions.drop_key(&key);
            }
        }
        let gone = self
            .0
            .db
            .write_vital(move |tx| {
                let (keys, change) = (keys.clone(), change.clone());
                Box::pin(async move {
                    let mut gone = 0;
                    for k in &keys {
                        gone += usize::from(docs::tx_delete::<SessionDoc>(tx, k).await?);
                    }
                    if gone > 0 {
                        tx.log(change);
                    }
                    Ok::<usize, StoreError>(gone)
                })
            })
            .await?;
        tracing::debug!(kind = SessionDoc::KIND, gone, "sessions ended");
        // A request on this node may have read the session while it was being removed.
        self.0.sessions.drop_user(user, None);
        Ok(())
    }
}
