//! Invitations and resets: links that set a password once.

use async_recursion::async_recursion as boxed;
use rapport_schema::{Actor, UserId, Via};
use serde_json::json;

use crate::{
    Access, AccessError, Result, audit,
    docs::{self, Credential, LinkDoc, LinkPurpose},
    secret,
    signin::set_hash,
};

/// A reset is good for an hour at most.
const RESET_MS: i64 = 3_600_000;
/// An invitation is good for seven days at most.
const INVITATION_MS: i64 = 7 * 86_400_000;

impl Access {
    /// A single-use link secret, good for at most an hour; for somebody without a password yet at most 7 days. Former links of
    /// the person end.
    #[boxed]
    pub async fn invite(&self, user: UserId, ttl_ms: i64) -> Result<String> {
        self.link(user, ttl_ms, None).await
    }

    /// The same, with who asked for it in the audit trail. A link to an administrator is one to everything: only administrators
    /// make it.
    #[boxed]
    pub async fn invite_by(&self, user: UserId, ttl_ms: i64, by: UserId) -> Result<String> {
        self.link(user, ttl_ms, Some(by)).await
    }

    async fn link(&self, user: UserId, ttl_ms: i64, by: Option<UserId>) -> Result<String> {
        let directory = self.directory().await?;
        let person =
            directory.user(user).filter(|u| matches!(u.status.as_str(), "active" | "invited")).ok_or(AccessError::NotSignedIn)?;
        let admin = |u: UserId| directory.user(u).is_some_and(|u| directory.is_admin(u, self.today()));
        if by.is_some_and(|by| admin(user) && !admin(by)) {
            return Err(AccessError::Denied);
        }
        let credential: Option<Credential> = docs::get(&self.0.db, &Credential::key(user)).await?;
        let first = credential.is_none_or(|c| c.hash.is_none());
        let (purpose, most) = if first { (LinkPurpose::Invitation, INVITATION_MS) } else { (LinkPurpose::Reset, RESET_MS) };
        let now = self.now();
        let doc = LinkDoc { user, purpose, expires_at: now.plus(ttl_ms.clamp(60_000, most)) };
        let former: Vec<String> = docs::list::<LinkDoc>(&self.0.db, user.record()).await?.into_iter().map(|(k, _)| k).collect();
        let secret = secret::new_secret();
        let key = secret::hex_key(&secret);
        let act = if first { "link.invitation" } else { "link.reset" };
        let change = audit::note(
            now,
            Actor { user: by, via: if by.is_some() { Via::Web } else { Via::System } },
            Some(user),
            act,
            &json!({ "until": doc.expires_at.rfc3339() }),
        )?;
        tracing::info!(user = %user, status = %person.status, act, "link made");
        self.0
            .db
            .write(move |tx| {
                let (doc, former, key, change) = (doc.clone(), former.clone(), key.clone(), change.clone());
                Box::pin(async move {
                    for k in &former {
                        docs::tx_delete::<LinkDoc>(tx, k).await?;
                    }
                    docs::tx_put(tx, &key, &doc).await?;
                    tx.log(change);
                    Ok::<(), rapport_store::StoreError>(())
                })
            })
            .await?;
        Ok(secret)
    }

    /// Whom a link is for, while it is good: to greet them.
    #[boxed]
    pub async fn link_user(&self, secret: &str) -> Result<UserId> {
        Ok(self.good_link(secret).await?.user)
    }

    async fn good_link(&self, secret: &str) -> Result<LinkDoc> {
        if !secret::plausible(secret) {
            return Err(AccessError::BadLink);
        }
        let doc: Option<LinkDoc> = docs::get(&self.0.db, &secret::hex_key(secret)).await?;
        doc.filter(|d| self.now() < d.expires_at).ok_or(AccessError::BadLink)
    }

    /// Takes an invitation or reset: sets the password, ends other sessions, does not switch off two-step login. A refused
    /// password leaves the link good. The caller makes an invited person active through the pipeline.
    #[boxed]
    pub async fn accept(&self, secret: &str, password: &str) -> Result<UserId> {
        let link = self.good_link(secret).await?;
        let user = link.user;
        let directory = self.directory().await?;
        if !directory.user(user).is_some_and(|u| matches!(u.status.as_str(), "active" | "invited")) {
            return Err(AccessError::BadLink);
        }
        let old: Option<Credential> = docs::get(&self.0.db, &Credential::key(user)).await?;
        let hash = self.checked_hash(&directory, user, old.as_ref(), password).await?;
        let (now, key, history) = (self.now(), secret::hex_key(secret), self.0.preset.rules().history);
        let change =
            audit::note(now, Actor { user: Some(user), via: Via::Web }, Some(user), "password.set", &json!({ "by": "link" }))?;
        self.0
            .db
            .write(move |tx| {
                let (hash, key, change) = (hash.clone(), key.clone(), change.clone());
                Box::pin(async move {
                    // Taken out inside the transaction: of two at once, one wins.
                    if !docs::tx_delete::<LinkDoc>(tx, &key).await? {
                        return Err(AccessError::BadLink.into());
                    }
                    let ckey = Credential::key(user);
                    let mut c = docs::tx_get::<Credential>(tx, &ckey).await?.unwrap_or_else(|| Credential::new(user));
                    set_hash(&mut c, hash, now, history);
                    docs::tx_put(tx, &ckey, &c).await?;
                    tx.log(change);
                    Ok(())
                })
            })
            .await?;
        self.revoke_sessions(user, None, user).await?;
        Ok(user)
    }
}
