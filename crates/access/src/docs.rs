//! Secrets as keyed documents. They are not records: no list, filter, export or history ever meets them.
//!
//! | kind | key | holds |
//! |---|---|---|
//! | `credential` | user id | password hash, former hashes, second step |
//! | `session` | SHA-256 of the cookie | person, times, device |
//! | `token` | SHA-256 of the token | person, scopes, addresses, expiry |
//! | `link` | SHA-256 of the link's secret | person and purpose of an invitation or reset |
//! | `throttle` | login or address | failures and lock |

use rapport_schema::{Millis, RecordId, SessionId, TokenId, UserId};
use rapport_store::{Db, DocRow, StoreError, Tx};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use smol_str::SmolStr;
use std::collections::BTreeSet;

pub use crate::lockout::Counter;
pub use crate::view_as::Viewing;

/// A document of this crate.
pub trait Doc: Serialize + DeserializeOwned + Send + 'static {
    /// Its kind.
    const KIND: &'static str;
    /// Whose it is.
    fn owner(&self) -> Option<RecordId>;
    /// Gone after.
    fn expires(&self) -> Option<Millis>;
}

/// Second step of one person.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SecondStep {
    /// The base-32 secret, sealed for its person ([`SecondStep::place`]).
    pub secret: String,
    /// Steps up to this one are used.
    pub last_step: u64,
    /// Hashes of recovery codes not used yet.
    pub recovery: Vec<String>,
}

impl SecondStep {
    /// What its secret is sealed for.
    pub fn place(user: UserId) -> String {
        format!("credential/{user}/totp")
    }
}

/// What one person signs in with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Credential {
    /// Whose.
    pub user: UserId,
    /// Argon2id, PHC form.
    pub hash: Option<String>,
    /// When the password was set.
    pub changed_at: Millis,
    /// Former hashes, newest first.
    pub history: Vec<String>,
    /// Active second step.
    pub second: Option<SecondStep>,
    /// Begun, not confirmed.
    pub pending: Option<SecondStep>,
}
impl Credential {
    /// Of somebody who has none yet.
    pub fn new(user: UserId) -> Self {
        Self { user, hash: None, changed_at: Millis(0), history: vec![], second: None, pending: None }
    }
    /// Its key.
    pub fn key(user: UserId) -> String {
        user.to_string()
    }
}
impl Doc for Credential {
    const KIND: &'static str = "credential";
    fn owner(&self) -> Option<RecordId> {
        Some(self.user.record())
    }
    fn expires(&self) -> Option<Millis> {
        None
    }
}

/// A browser session.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SessionDoc {
    /// Public id.
    pub id: SessionId,
    /// Who.
    pub user: UserId,
    /// Since.
    pub created_at: Millis,
    /// Last use, minutes exact.
    pub used_at: Millis,
    /// Ends in any case.
    pub ends_at: Millis,
    /// Ends when unused for so long, in milliseconds.
    pub idle_ms: i64,
    /// User agent.
    pub device: String,
    /// Address.
    pub ip: Option<String>,
    /// As whom its administrator looks now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub viewing: Option<Viewing>,
    /// Counts beginnings and ends of that, so that an older reading never replaces a newer one.
    #[serde(default)]
    pub turn: u32,
}
impl SessionDoc {
    /// Still good.
    pub fn alive(&self, now: Millis) -> bool {
        const DAY: i64 = 86_400_000;
        // A clock set back by more than a day must not make sessions immortal: they end. By less, they last that much longer.
        now.0 < self.ends_at.0 && now.0 - self.used_at.0 <= self.idle_ms && now.0 >= self.created_at.0 - DAY
    }
}
impl Doc for SessionDoc {
    const KIND: &'static str = "session";
    fn owner(&self) -> Option<RecordId> {
        Some(self.user.record())
    }
    fn expires(&self) -> Option<Millis> {
        Some(self.ends_at)
    }
}

/// An API token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TokenDoc {
    /// Public id.
    pub id: TokenId,
    /// Acts as.
    pub user: UserId,
    /// What its owner calls it.
    pub name: String,
    /// First characters, to recognise it by.
    pub prefix: String,
    /// `account:read`, `*:write` …; none = everything the person may.
    pub scopes: Option<BTreeSet<SmolStr>>,
    /// Networks it may come from; empty = any.
    pub ip_allow: Vec<ipnet::IpNet>,
    /// Made.
    pub created_at: Millis,
    /// Until.
    pub expires_at: Millis,
    /// Last use, minutes exact.
    pub used_at: Option<Millis>,
    /// Revoked.
    pub revoked_at: Option<Millis>,
}
impl Doc for TokenDoc {
    const KIND: &'static str = "token";
    fn owner(&self) -> Option<RecordId> {
        Some(self.user.record())
    }
    fn expires(&self) -> Option<Millis> {
        // Listed as expired for a month before it is forgotten.
        Some(self.expires_at.plus(30 * 86_400_000))
    }
}

/// What a link is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkPurpose {
    /// First password of an invited person.
    Invitation,
    /// Another password.
    Reset,
}

/// An invitation or reset.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LinkDoc {
    /// For whom.
    pub user: UserId,
    /// What for.
    pub purpose: LinkPurpose,
    /// Until.
    pub expires_at: Millis,
}
impl Doc for LinkDoc {
    const KIND: &'static str = "link";
    fn owner(&self) -> Option<RecordId> {
        Some(self.user.record())
    }
    fn expires(&self) -> Option<Millis> {
        Some(self.expires_at)
    }
}

/// Failures of one login or address.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ThrottleDoc {
    /// The count.
    pub counter: Counter,
    /// When it says nothing any more.
    pub forget_at: Millis,
}
impl Doc for ThrottleDoc {
    const KIND: &'static str = "throttle";
    fn owner(&self) -> Option<RecordId> {
        None
    }
    fn expires(&self) -> Option<Millis> {
        Some(self.forget_at)
    }
}

fn parse<D: Doc>(row: DocRow) -> Result<D, StoreError> {
    serde_json::from_value(row.body).map_err(|e| StoreError::Corrupt(format!("document {}: {e}", D::KIND)))
}

/// Reads one.
pub async fn get<D: Doc>(db: &Db, key: &str) -> Result<Option<D>, StoreError> {
    db.doc_get(D::KIND, key).await?.map(parse).transpose()
}
/// Reads all of an owner, with their keys.
pub async fn list<D: Doc>(db: &Db, owner: RecordId) -> Result<Vec<(String, D)>, StoreError> {
    db.doc_list(D::KIND, Some(owner)).await?.into_iter().map(|r| Ok((r.key.clone(), parse(r)?))).collect()
}
/// Reads one inside a job.
pub async fn tx_get<D: Doc>(tx: &mut Tx, key: &str) -> Result<Option<D>, StoreError> {
    tx.doc_get(D::KIND, key).await?.map(parse).transpose()
}
/// Writes one inside a job.
pub async fn tx_put<D: Doc>(tx: &mut Tx, key: &str, doc: &D) -> Result<(), StoreError> {
    let body = serde_json::to_value(doc).map_err(|e| StoreError::Corrupt(format!("document {}: {e}", D::KIND)))?;
    tx.doc_put(DocRow { kind: D::KIND.into(), key: key.into(), owner: doc.owner(), body, expires: doc.expires() }).await
}
/// Removes one inside a job; says whether it was there.
pub async fn tx_delete<D: Doc>(tx: &mut Tx, key: &str) -> Result<bool, StoreError> {
    tx.doc_delete(D::KIND, key).await
}
