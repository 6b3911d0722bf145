//! "See as this person": an administrator's session that looks at the product as somebody else, without being that person.
//!
//! It is a state of the administrator's own session, not another session: it ends with it, with the administrator's right, with the
//! person's being active, and by itself after [`LONGEST_MS`]. A view that ended by itself does not silently become the
//! administrator's session again, for the page would still show the other person: it is refused
//! ([`AccessError::ViewEnded`]) until it is ended in words ([`Access::end_view`]).

use async_recursion::async_recursion as boxed;
use rapport_policy::{Principal, Scope};
use rapport_schema::{Actor, Millis, SessionId, UserId, Via};
use rapport_store::StoreError;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Access, AccessError, Result, audit,
    docs::{self, SessionDoc},
    secret,
};

/// Longest time somebody looks as somebody else, in milliseconds.
pub const LONGEST_MS: i64 = 30 * 60_000;

/// Acts of the log: somebody began, and no longer, sees as the person the entry is about.
pub const VIEW_ACTS: [&str; 2] = ["session.view_as", "session.view_as_ended"];

/// As whom a session looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewing {
    /// As whom.
    pub user: UserId,
    /// Until when at most.
    pub until: Millis,
}

/// What a page tells the person in front of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The administrator.
    pub by: UserId,
    /// Name of the administrator.
    pub by_name: String,
    /// Ends by itself.
    pub until: Millis,
}

impl Access {
    /// The scope of a session that looks as somebody else: the rights of that person, the administrator as actor.
    pub(crate) async fn scope_of_view(&self, doc: &SessionDoc, v: &Viewing, via: Via) -> Result<Scope> {
        if self.now() >= v.until || !self.scope_recent(doc.user).await?.is_admin() {
            return Err(AccessError::ViewEnded);
        }
        let seen = self.scope_recent(v.user).await.map_err(|e| match e {
            AccessError::NotSignedIn => AccessError::ViewEnded,
            e => e,
        })?;
        Ok(seen.admit(Principal::View { session: doc.id, by: doc.user }, via, None))
    }

    /// Begins to look as somebody else, in a session of an administrator.
    ///
    /// # Errors
    /// [`AccessError::Denied`] to others, `view_as.self` for oneself, `view_as.inactive` for who is not active.
    #[boxed]
    pub async fn begin_view(&self, by: UserId, session: SessionId, whom: UserId) -> Result<()> {
        let directory = self.directory().await?;
        let today = self.today();
        if !directory.scope(by, today).is_some_and(|s| s.is_admin()) {
            return Err(AccessError::Denied);
        }
        if whom == by {
            return Err(AccessError::Invalid("view_as.self"));
        }
        if directory.scope(whom, today).is_none() {
            return Err(AccessError::Invalid("view_as.inactive"));
        }
        let now = self.now();
        let viewing = Viewing { user: whom, until: now.plus(LONGEST_MS) };
        let note = audit::note(
            now,
            Actor { user: Some(by), via: Via::Web },
            Some(whom),
            VIEW_ACTS[0],
            &json!({ "until": viewing.until.rfc3339() }),
        )?;
        let key = self.key_of_session(by, session).await?;
        let hex = hex::encode(key);
        let doc = self
            .0
            .db
            .write(move |tx| {
                let (hex, viewing, note) = (hex.clone(), viewing.clone(), note.clone());
                Box::pin(async move {
                    let found = docs::tx_get::<SessionDoc>(tx, &hex).await?.filter(|d| d.user == by && d.alive(now));
                    let Some(mut doc) = found else { return Err(StoreError::from(AccessError::NotSignedIn)) };
                    doc.viewing = Some(viewing);
                    doc.turn += 1;
                    docs::tx_put(tx, &hex, &doc).await?;
                    tx.log(note);
                    Ok(doc)
                })
            })
            .await?;
        self.0.sessions.put(key, &doc);
        Ok(())
    }

    /// Ends the view of a cookie's session, also one that ended by itself; the session is the administrator's again. One that does
    /// not look as anybody is fine.
    ///
    /// # Errors
    /// [`AccessError::NotSignedIn`] without a living session.
    #[boxed]
    pub async fn end_view(&self, secret: &str) -> Result<()> {
        if !secret::plausible(secret) {
            return Err(AccessError::NotSignedIn);
        }
        let key = secret::key_of(secret);
        let hex = hex::encode(key);
        let now = self.now();
        let doc = self.stored_session(key).await?.filter(|d| d.alive(now)).ok_or(AccessError::NotSignedIn)?;
        let Some(viewing) = doc.viewing.clone() else {
            self.0.sessions.put(key, &doc);
            return Ok(());
        };
        let why = match self.scope_of_view(&doc, &viewing, Via::Web).await {
            Ok(_) => "ended",
            Err(AccessError::ViewEnded) if now >= viewing.until => "expired",
            Err(_) => "revoked",
        };
        let actor = Actor { user: Some(doc.user), via: Via::Web };
        let note = audit::note(now, actor, Some(viewing.user), VIEW_ACTS[1], &json!({ "why": why }))?;
        let doc = self
            .0
            .db
            .write_vital(move |tx| {
                let (hex, note) = (hex.clone(), note.clone());
                Box::pin(async move {
                    let Some(mut doc) = docs::tx_get::<SessionDoc>(tx, &hex).await? else { return Ok(None) };
                    if doc.viewing.take().is_some() {
                        doc.turn += 1;
                        docs::tx_put(tx, &hex, &doc).await?;
                        tx.log(note);
                    }
                    Ok::<_, StoreError>(Some(doc))
                })
            })
            .await?;
        match doc {
            Some(doc) => {
                self.0.sessions.put(key, &doc);
                Ok(())
            }
            None => Err(AccessError::NotSignedIn),
        }
    }

    /// What a page says of a view; none when the scope is nobody's view, or it has ended.
    #[boxed]
    pub async fn view(&self, scope: &Scope) -> Result<Option<View>> {
        let Principal::View { session, by } = scope.principal() else { return Ok(None) };
        let key = self.key_of_session(by, session).await?;
        let doc = self.session_doc(key).await?;
        let by_name = self.recent_directory().await?.user(by).map_or_else(String::new, |u| u.name.to_string());
        Ok(doc.viewing.map(|v| View { by, by_name, until: v.until }))
    }

    /// The scope of a view that was met before, as it is now.
    pub(crate) async fn scope_of_known_view(&self, user: UserId, session: SessionId, by: UserId, via: Via) -> Result<Scope> {
        let doc = self.session_doc(self.key_of_session(by, session).await?).await?;
        match &doc.viewing {
            Some(v) if v.user == user && doc.user == by => self.scope_of_view(&doc, v, via).await,
            _ => Err(AccessError::ViewEnded),
        }
    }
}
