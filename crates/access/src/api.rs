//! The interface of `access`.

use async_recursion::async_recursion as boxed;
use std::{net::IpAddr, sync::Arc};

use rapport_policy::{Principal, Scope};
use rapport_schema::{Actor, Clock, Millis, Model, RecordId, SessionId, TokenId, UserId, Via, clock::IdGen};
use rapport_store::{Db, DocRow, StoreError};
use serde_json::Value as Json;
use smol_str::SmolStr;

use crate::{
    AccessError, Directory, PasswordPreset, Result, audit,
    docs::{self, Credential},
    hasher::Hasher,
    keeper::{Keeper, ModelNow},
    sessions::Cache,
    tokens::TokenCache,
    vault::Vault,
};

/// A sign-in attempt.
#[derive(Clone)]
pub struct Attempt {
    /// Username, e-mail or mobile.
    pub login: String,
    /// Password.
    pub password: String,
    /// Code of the second step, or a recovery code.
    pub totp: Option<String>,
    /// From where.
    pub ip: Option<IpAddr>,
    /// User agent.
    pub device: String,
}
impl std::fmt::Debug for Attempt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attempt")
            .field("login", &self.login)
            .field("ip", &self.ip)
            .field("device", &self.device)
            .finish_non_exhaustive()
    }
}

/// A new session. `secret` is the cookie's value and is never stored.
#[derive(Clone)]
pub struct SignedIn {
    /// Session.
    pub id: SessionId,
    /// Cookie value.
    pub secret: String,
    /// Who.
    pub user: UserId,
    /// Until when at most.
    pub expires: Millis,
}
impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedIn")
            .field("id", &self.id)
            .field("user", &self.user)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// One of a person's sessions.
#[derive(Debug, Clone, serde::Serialize)]
pub struct SessionInfo {
    /// Id.
    pub id: SessionId,
    /// Since.
    pub created_at: String,
    /// Last use, minutes exact.
    pub last_used_at: String,
    /// Ends in any case.
    pub expires_at: String,
    /// Device.
    pub device: String,
    /// Address.
    pub ip: Option<String>,
    /// The one asking.
    pub current: bool,
}

/// A new token; `secret` is shown once.
#[derive(Clone)]
pub struct NewToken {
    /// Id.
    pub id: TokenId,
    /// `rpt_…`
    pub secret: String,
    /// Until.
    pub expires: Millis,
}
impl std::fmt::Debug for NewToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewToken").field("id", &self.id).field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// One of a person's tokens; never the secret.
#[derive(Debug, Clone, serde::Serialize)]
pub struct TokenInfo {
    /// Id.
    pub id: TokenId,
    /// What its owner calls it.
    pub name: String,
    /// First characters, to recognise it by.
    pub prefix: String,
    /// Scopes; none = everything the person may.
    pub scopes: Option<Vec<SmolStr>>,
    /// Networks it may come from; empty = any.
    pub ip_allow: Vec<String>,
    /// Made.
    pub created_at: String,
    /// Until.
    pub expires_at: String,
    /// Last use, minutes exact.
    pub last_used_at: Option<String>,
    /// `active`, `expired`, `revoked`.
    pub state: &'static str,
}

/// Start of two-step login: shown once, active after a first code.
#[derive(Clone, serde::Serialize)]
pub struct TotpEnrolment {
    /// `otpauth://…` for a QR code.
    pub url: String,
    /// Base32 secret for typing.
    pub secret: String,
    /// Recovery codes, each good once.
    pub recovery_codes: Vec<String>,
}
impl std::fmt::Debug for TotpEnrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpEnrolment { .. }")
    }
}

/// Whether a person's second step is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct SecondStepState {
    /// On.
    pub enabled: bool,
    /// Recovery codes not used yet.
    pub recovery_left: usize,
    /// Has a password.
    pub has_password: bool,
}

pub(crate) struct Inner {
    pub db: Db,
    pub model: ModelNow,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdGen>,
    pub preset: PasswordPreset,
    pub keeper: Arc<Keeper>,
    pub hasher: Hasher,
    pub sessions: Cache,
    pub tokens: TokenCache,
    pub vault: Vault,
}

/// People and sign-in of one workspace. Cheap to clone.
#[derive(Clone)]
pub struct Access(pub(crate) Arc<Inner>);

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access").field("preset", &self.0.preset).finish_non_exhaustive()
    }
}

/// A handle that does not keep people open: for those whom `access` itself holds.
#[derive(Clone)]
pub struct WeakAccess(std::sync::Weak<Inner>);

impl std::fmt::Debug for WeakAccess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WeakAccess").finish_non_exhaustive()
    }
}

impl WeakAccess {
    /// The people, while they are open.
    #[must_use]
    pub fn upgrade(&self) -> Option<Access> {
        self.0.upgrade().map(Access)
    }
}

impl Access {
    /// A handle that does not keep them open.
    #[must_use]
    pub fn downgrade(&self) -> WeakAccess {
        WeakAccess(Arc::downgrade(&self.0))
    }
    /// On an open workspace; caches people and follows the change log to drop what changed. `vault`: the installation's key, the
    /// same on every node of a workspace.
    #[boxed]
    pub async fn open(
        db: Db,
        model: ModelNow,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGen>,
        preset: PasswordPreset,
        vault: Vault,
    ) -> Result<Self> {
        check_vault(&db, &vault).await?;
        let keeper = Keeper::start(db.clone(), model.clone(), clock.clone()).await?;
        let hasher = Hasher::new(preset).await?;
        Ok(Self(Arc::new(Inner {
            db,
            model,
            clock,
            ids,
            preset,
            keeper,
            hasher,
            sessions: Cache::default(),
            tokens: TokenCache::default(),
            vault,
        })))
    }
    /// The password rules in force.
    #[must_use]
    pub fn preset(&self) -> PasswordPreset {
        self.0.preset
    }
    /// Departments, people, roles as they are now: everything committed before the call.
    #[boxed]
    pub async fn directory(&self) -> Result<Arc<Directory>> {
        Ok(self.0.keeper.current().await?)
    }
    /// The same, a few seconds old at most: for hot paths.
    #[boxed]
    pub async fn recent_directory(&self) -> Result<Arc<Directory>> {
        Ok(self.0.keeper.recent().await?)
    }
    /// No active administrator with a password yet.
    #[boxed]
    pub async fn needs_setup(&self) -> Result<bool> {
        let directory = self.directory().await?;
        for user in directory.admins(self.today()) {
            let credential: Option<Credential> = docs::get(&self.0.db, &Credential::key(user)).await?;
            if credential.is_some_and(|c| c.hash.is_some()) {
                return Ok(false);
            }
        }
        Ok(true)
    }
    /// The scope of a person for the command line, jobs and imports.
    #[boxed]
    pub async fn scope_of(&self, user: UserId, principal: Principal, via: Via) -> Result<Scope> {
        let scope = self.directory().await?.scope(user, self.today()).ok_or(AccessError::NotSignedIn)?;
        Ok(scope.admit(principal, via, None))
    }
    /// Whether a scope built earlier still holds (event streams ask every few seconds): the session or token lives, the
    /// person is active, and the rights are the same.
    #[boxed]
    pub async fn still_valid(&self, scope: &Scope) -> bool {
        let Some(user) = scope.user() else { return scope.is_system() };
        self.scope_through(user, scope.principal(), scope.actor().via).await.is_ok_and(|s| s.same_rights(scope))
    }
    /// The scope a person has now through the door they once came by: narrowed as the token is, and none when the session or token
    /// has ended.
    #[boxed]
    pub async fn scope_through(&self, user: UserId, door: Principal, via: Via) -> Result<Scope> {
        match door {
            Principal::Session(id) => self.scope_of_session(user, id, via).await,
            Principal::View { session, by } => self.scope_of_known_view(user, session, by, via).await,
            Principal::Token(id) => self.scope_of_token(user, id).await,
            Principal::Local | Principal::System(_) => self.scope_recent(user).await,
        }
    }
    /// Finds a user by username, e-mail or mobile.
    #[boxed]
    pub async fn find_user(&self, login: &str) -> Result<Option<UserId>> {
        Ok(self.directory().await?.find(login))
    }
    /// Writes an entry to the audit trail that is no change of a record: an export, a refusal, a reveal. `act` is a stable
    /// word such as `export.run`, `permission.denied`.
    #[boxed]
    pub async fn audit(&self, scope: &Scope, act: &str, what: Json) -> Result<()> {
        self.note(scope.actor(), scope.user(), act, what).await
    }

    pub(crate) async fn note(&self, actor: Actor, about: Option<UserId>, act: &str, what: Json) -> Result<()> {
        let change = audit::note(self.now(), actor, about, act, &what)?;
        self.0
            .db
            .write(move |tx| {
                let change = change.clone();
                Box::pin(async move {
                    tx.log(change);
                    Ok::<(), StoreError>(())
                })
            })
            .await?;
        Ok(())
    }
    pub(crate) async fn scope_recent(&self, user: UserId) -> Result<Scope> {
        if let Some(s) = self.0.keeper.recent().await?.scope(user, self.today()) {
            return Ok(s);
        }
        // Somebody another process made a moment ago is not strange for having been made there.
        self.0.keeper.current().await?.scope(user, self.today()).ok_or(AccessError::NotSignedIn)
    }
    pub(crate) fn now(&self) -> Millis {
        self.0.clock.now()
    }
    pub(crate) fn model(&self) -> Arc<Model> {
        (self.0.model)()
    }
    pub(crate) fn new_id(&self) -> RecordId {
        self.0.ids.new_id(self.now())
    }
    /// Today on the organisation's calendar.
    pub(crate) fn today(&self) -> jiff::civil::Date {
        self.now().date_in(&self.model().tz())
    }
}

/// Kind and key of the document by which a wrong key is noticed at start.
const VAULT_CHECK: (&str, &str) = ("vault", "check");

/// Says loudly when the key is not the one the workspace's secrets were sealed with. Sign-in goes on: people without a second
/// step are not concerned, the others have their recovery codes.
async fn check_vault(db: &Db, vault: &Vault) -> Result<()> {
    match db.doc_get(VAULT_CHECK.0, VAULT_CHECK.1).await? {
        Some(doc) => {
            let sealed = doc.body.get("sealed").and_then(Json::as_str).unwrap_or_default();
            if vault.open("vault/check", sealed).is_err() {
                tracing::error!(
                    "the secret key is not the one this workspace was set up with: codes of two-step login will be refused; \
                     put the former key back, or reset two-step login of those concerned"
                );
            }
        }
        None => {
            let body = serde_json::json!({ "sealed": vault.seal("vault/check", "rapport") });
            let doc = DocRow { kind: VAULT_CHECK.0.into(), key: VAULT_CHECK.1.into(), owner: None, body, expires: None };
            db.write(move |tx| {
                let doc = doc.clone();
                Box::pin(async move {
                    // Another node may have been first.
                    if tx.doc_get(VAULT_CHECK.0, VAULT_CHECK.1).await?.is_none() {
                        tx.doc_put(doc).await?;
                    }
                    Ok::<(), StoreError>(())
                })
            })
            .await?;
        }
    }
    Ok(())
}
