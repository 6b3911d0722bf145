//! API tokens: `rpt_` and 256 bits, kept as a hash in a keyed document and nowhere else.
//!
//! The domain model has an object `api_token`; its hash would be a column any list could reach, so tokens are documents like
//! sessions and are listed through [`Access::tokens`] without their hash.

use async_recursion::async_recursion as boxed;
use std::{
    collections::{BTreeSet, HashMap},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};

use ipnet::IpNet;
use parking_lot::RwLock;
use rapport_policy::{Principal, Scope};
use rapport_schema::{Actor, Millis, TokenId, UserId, Via};
use rapport_store::StoreError;
use serde_json::json;
use smol_str::SmolStr;
use tokio::time::Instant;

use crate::{
    Access, AccessError, NewToken, Result, TokenInfo, audit,
    docs::{self, TokenDoc},
    secret::{self, TOKEN_PREFIX},
};

/// What may stand after the colon of a scope, beside names of functions: `account:read`, `*:write`, `account:*`.
pub const SCOPE_WORDS: [&str; 3] = ["read", "write", "*"];
/// A token lives two years at most.
const MOST_MS: i64 = 2 * 366 * 86_400_000;
/// Most tokens of one person that are not expired.
const MOST_TOKENS: usize = 50;
const REREAD: Duration = Duration::from_secs(3);
const TOUCH_MS: i64 = 60_000;
const NAME_MAX: usize = 100;

#[derive(Debug, Clone)]
struct Cached {
    doc: Arc<TokenDoc>,
    scopes: Option<Arc<BTreeSet<SmolStr>>>,
    read: Instant,
}

/// Tokens seen lately.
#[derive(Debug, Default)]
pub struct TokenCache {
    by_key: RwLock<HashMap<[u8; 32], Cached>>,
}

fn network(s: &str) -> Option<IpNet> {
    s.trim().parse::<IpNet>().ok().or_else(|| s.trim().parse::<IpAddr>().ok().map(IpNet::from))
}

impl Access {
    /// Makes a token for a person, in the log as of `by`. Scopes narrow what the person may, they never widen it.
    #[boxed]
    pub async fn create_token(
        &self,
        by: Actor,
        user: UserId,
        name: &str,
        scopes: Option<BTreeSet<String>>,
        ip_allow: Vec<String>,
        expires: Millis,
    ) -> Result<NewToken> {
        let now = self.now();
        let name = name.trim();
        if name.is_empty() || name.chars().count() > NAME_MAX {
            return Err(AccessError::Invalid("token.name"));
        }
        if expires <= now || expires.0 - now.0 > MOST_MS {
            return Err(AccessError::Invalid("token.expires"));
        }
        let ip_allow =
            ip_allow.iter().map(|s| network(s).ok_or(AccessError::Invalid("token.ip_allow"))).collect::<Result<Vec<_>>>()?;
        if scopes.as_ref().is_some_and(|s| s.is_empty() || !s.iter().all(|s| self.lawful(s))) {
            return Err(AccessError::Invalid("token.scopes"));
        }
        if !self.directory().await?.user(user).is_some_and(|u| u.is_active()) {
            return Err(AccessError::NotSignedIn);
        }
        let held = docs::list::<TokenDoc>(&self.0.db, user.record()).await?;
        if held.iter().filter(|(_, t)| t.revoked_at.is_none() && t.expires_at > now).count() >= MOST_TOKENS {
            return Err(AccessError::Invalid("token.too_many"));
        }
        let secret = format!("{TOKEN_PREFIX}{}", secret::new_secret());
        let doc = TokenDoc {
            id: TokenId::of(self.new_id()),
            user,
            name: name.to_owned(),
            prefix: secret.chars().take(TOKEN_PREFIX.len() + 6).collect(),
            scopes: scopes.map(|s| s.into_iter().map(SmolStr::from).collect()),
            ip_allow,
            created_at: now,
            expires_at: expires,
            used_at: None,
            revoked_at: None,
        };
        let made = NewToken { id: doc.id, secret: secret.clone(), expires };
        let change = audit::note(
            now,
            by,
            Some(user),
            "token.created",
            &json!({ "token": doc.id, "name": doc.name, "prefix": doc.prefix, "scopes": doc.scopes, "until": expires.rfc3339() }),
        )?;
        let key = secret::hex_key(&secret);
        self.0
            .db
            .write(move |tx| {
                let (doc, change, key) = (doc.clone(), change.clone(), key.clone());
                Box::pin(async move {
                    docs::tx_put(tx, &key, &doc).await?;
                    tx.log(change);
                    Ok::<(), StoreError>(())
                })
            })
            .await?;
        Ok(made)
    }

    /// `object:read|write|*`, where the object may be `*`; or `*:function`.
    fn lawful(&self, scope: &str) -> bool {
        let Some((object, word)) = scope.split_once(':') else { return false };
        let known = object == "*" || self.model().object(object).is_some();
        let function =
            object == "*" && !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'.' || b == b'_');
        known && (SCOPE_WORDS.contains(&word) || function)
    }

    /// The scope behind a bearer token.
    #[boxed]
    pub async fn token(&self, secret: &str, ip: Option<IpAddr>) -> Result<Scope> {
        if !secret.starts_with(TOKEN_PREFIX) || !secret::plausible(secret) {
            return Err(AccessError::NotSignedIn);
        }
        let key = secret::key_of(secret);
        let cached = self.token_doc(key).await?;
        let doc = &cached.doc;
        let now = self.now();
        if !doc.ip_allow.is_empty() && !ip.is_some_and(|ip| doc.ip_allow.iter().any(|n| n.contains(&ip.to_canonical()))) {
            return Err(AccessError::NotSignedIn);
        }
        let scope = self.scope_recent(doc.user).await?;
        if doc.used_at.is_none_or(|u| now.0 - u.0 >= TOUCH_MS) {
            self.touch_token(key, now);
        }
        Ok(scope.admit(Principal::Token(doc.id), Via::Api, cached.scopes))
    }

    async fn token_doc(&self, key: [u8; 32]) -> Result<Cached> {
        let map = &self.0.tokens.by_key;
        let found = map.read().get(&key).filter(|c| c.read.elapsed() < REREAD).cloned();
        let cached = match found {
            Some(c) => c,
            None => {
                let Some(doc) = docs::get::<TokenDoc>(&self.0.db, &hex::encode(key)).await? else {
                    map.write().remove(&key);
                    return Err(AccessError::NotSignedIn);
                };
                let c = Cached { scopes: doc.scopes.clone().map(Arc::new), doc: Arc::new(doc), read: Instant::now() };
                map.write().insert(key, c.clone());
                c
            }
        };
        let now = self.now();
        let good = cached.doc.revoked_at.is_none() && now < cached.doc.expires_at;
        if good { Ok(cached) } else { Err(AccessError::NotSignedIn) }
    }

    fn touch_token(&self, key: [u8; 32], now: Millis) {
        if let Some(c) = self.0.tokens.by_key.write().get_mut(&key) {
            c.doc = Arc::new(TokenDoc { used_at: Some(now), ..(*c.doc).clone() });
        }
        let (db, hex) = (self.0.db.clone(), hex::encode(key));
        tokio::spawn(async move {
            let written = db
                .write(move |tx| {
                    let hex = hex.clone();
                    Box::pin(async move {
                        // One revoked meanwhile stays revoked.
                        if let Some(mut d) = docs::tx_get::<TokenDoc>(tx, &hex).await? {
                            d.used_at = d.used_at.max(Some(now));
                            docs::tx_put(tx, &hex, &d).await?;
                        }
                        Ok::<(), StoreError>(())
                    })
                })
                .await;
            if let Err(e) = written {
                tracing::warn!(error = %e, "the last use of a token could not be noted");
            }
        });
    }

    pub(crate) async fn scope_of_token(&self, user: UserId, id: TokenId) -> Result<Scope> {
        let known = self.0.tokens.by_key.read().iter().find(|(_, c)| c.doc.id == id).map(|(k, _)| *k);
        let key = match known {
            Some(k) => k,
            None => {
                let all = docs::list::<TokenDoc>(&self.0.db, user.record()).await?;
                let (hex, _) = all.into_iter().find(|(_, d)| d.id == id).ok_or(AccessError::NotSignedIn)?;
                let mut key = [0; 32];
                hex::decode_to_slice(hex, &mut key).map_err(|_| AccessError::NotSignedIn)?;
                key
            }
        };
        let cached = self.token_doc(key).await?;
        if cached.doc.user != user {
            return Err(AccessError::NotSignedIn);
        }
        Ok(self.scope_recent(user).await?.admit(Principal::Token(id), Via::Api, cached.scopes))
    }

    /// A person's tokens, newest first, without secret and hash.
    #[boxed]
    pub async fn tokens(&self, user: UserId) -> Result<Vec<TokenInfo>> {
        let now = self.now();
        let mut all: Vec<TokenDoc> = docs::list(&self.0.db, user.record()).await?.into_iter().map(|(_, d)| d).collect();
        all.sort_by_key(|d| std::cmp::Reverse((d.created_at, d.id)));
        Ok(all
            .into_iter()
            .map(|d| TokenInfo {
                id: d.id,
                state: match d.revoked_at {
                    Some(_) => "revoked",
                    None if d.expires_at <= now => "expired",
                    None => "active",
                },
                name: d.name,
                prefix: d.prefix,
                scopes: d.scopes.map(|s| s.into_iter().collect()),
                ip_allow: d.ip_allow.iter().map(ToString::to_string).collect(),
                created_at: d.created_at.rfc3339(),
                expires_at: d.expires_at.rfc3339(),
                last_used_at: d.used_at.map(Millis::rfc3339),
            })
            .collect())
    }

    /// Revokes a person's token, in the log as of `by`. It stays listed until a month after its expiry.
    #[boxed]
    pub async fn revoke_token(&self, by: Actor, user: UserId, id: TokenId) -> Result<()> {
        let all = docs::list::<TokenDoc>(&self.0.db, user.record()).await?;
        let Some((key, _)) = all.into_iter().find(|(_, d)| d.id == id) else { return Ok(()) };
        let now = self.now();
        let change = audit::note(now, by, Some(user), "token.revoked", &json!({ "token": id }))?;
        let hex_of_key = key.clone();
        self.0
            .db
            .write(move |tx| {
                let (key, change) = (key.clone(), change.clone());
                Box::pin(async move {
                    if let Some(mut d) = docs::tx_get::<TokenDoc>(tx, &key).await?
                        && d.revoked_at.is_none()
                    {
                        d.revoked_at = Some(now);
                        docs::tx_put(tx, &key, &d).await?;
                        tx.log(change);
                    }
                    Ok::<(), StoreError>(())
                })
            })
            .await?;
        self.0.tokens.by_key.write().retain(|k, _| hex::encode(k) != hex_of_key);
        Ok(())
    }
}
