//! What a person is told of, and who may be called on a record.

use async_recursion::async_recursion as boxed;

use rapport_policy::{
    Act, Reason, Scope, SystemScope,
    talk::{NOTIFICATION, may_be_discussed},
};
use rapport_schema::{Cause, Millis, RecordId, UserId, Value, query::CountMode, query::Op};
use rapport_store::{Count, StoreError};
use serde_json::{Map, Value as Json, json};

use crate::{
    Engine, Error, ListRequest, RecordPage, Result, q,
    unit::{KINDS, wants},
};

/// Most notifications marked as read at once; the rest is older than what anybody looks at.
const ALL: u32 = 2_000;
/// Rows removed in one step.
const STEP: u32 = 500;
/// Days a notification is kept when no setting says otherwise (⚙ `notification.keep_days`).
const KEPT_DAYS: i64 = 90;
const DAY_MS: i64 = 86_400_000;
/// What the page shows of a notification beside itself.
const EXPAND: [&str; 4] = ["record", "comment_id", "updated_by", "created_by"];

/// A person somebody may call on a record.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Mentionable {
    /// Who.
    pub id: RecordId,
    /// Name.
    pub name: String,
    /// Job title.
    pub title: Option<String>,
    /// Sees the record; who does not is not told of it.
    pub sees: bool,
}

impl Engine {
    /// The caller's notifications, newest first, of records the caller sees (R-VIS-07).
    ///
    /// # Errors
    /// A cursor that is none, or the database.
    #[boxed]
    pub async fn notifications(&self, scope: &Scope, unread: bool, cursor: Option<String>, limit: u32) -> Result<RecordPage> {
        let ask = ListRequest {
            filter: unread.then(|| json!({ "field": "read_at", "op": "is_empty" }).to_string()),
            sort: Some("-updated_at".into()),
            limit: Some(limit.clamp(1, 200)),
            cursor,
            expand: EXPAND.iter().map(|s| (*s).to_owned()).collect(),
            ..ListRequest::default()
        };
        self.list(scope, NOTIFICATION, &ask).await
    }

    /// How many the caller has not read; counting stops early.
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn unread(&self, scope: &Scope) -> Result<Count> {
        let ask = ListRequest {
            filter: Some(json!({ "field": "read_at", "op": "is_empty" }).to_string()),
            limit: Some(1),
            fields: Some(vec!["kind".into()]),
            count: CountMode::Capped,
            ..ListRequest::default()
        };
        Ok(self.list(scope, NOTIFICATION, &ask).await?.count.unwrap_or(Count { value: 0, capped: false }))
    }

    /// Marks one of the caller's notifications as read, or all of them; answers how many were unread.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is not the caller's, or the database.
    #[boxed]
    pub async fn mark_read(&self, scope: &Scope, one: Option<RecordId>, cause: Cause) -> Result<u64> {
        let user = scope.user().ok_or(Error::Denied("permission.denied"))?;
        // Those of records no longer seen are marked too, and not counted.
        let seen = if one.is_none() { self.unread(scope).await?.value } else { 1 };
        let done = self.run(scope, cause, move |u| {
            Box::pin(async move {
                let o = u.object(NOTIFICATION)?;
                let mine = match one {
                    Some(id) => vec![u.read(NOTIFICATION, id).await?],
                    None => u.find(NOTIFICATION, q::and([q::eq("user_id", user.record()), q::blank("read_at")]), ALL).await?,
                };
                let now = Value::DateTime(u.now());
                let mut n = 0;
                for r in mine.into_iter().filter(|r| r.get(&o, "read_at").is_empty()) {
                    u.derive(NOTIFICATION, r.id, &[("read_at", now.clone())], "read").await?;
                    n += 1;
                }
                Ok(n)
            })
        });
        Ok(seen.min(done.await?))
    }

    /// Kinds of notifications, in the order of their weight, and whether the person wants them.
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn notify_prefs(&self, user: UserId) -> Result<Json> {
        let model = self.model();
        let o = self.object_def("user")?;
        let rule = SystemScope::because(Reason::Derive).rule(Act::Read, &model, &o);
        let rows = self.db().records(q::select(&model, &o, rule, q::id(user.record()), 1, self.now())).await?;
        let said = match rows.first().map(|r| r.get(&o, "notify_prefs")) {
            Some(Value::Json(j)) => (**j).clone(),
            _ => Json::Null,
        };
        Ok(Json::Object(KINDS.iter().map(|k| ((*k).to_owned(), wants(&said, k).into())).collect()))
    }

    /// Says which kinds the caller wants; kinds not named stay as they are.
    ///
    /// # Errors
    /// A kind there is not, or the database.
    #[boxed]
    pub async fn set_notify_prefs(&self, scope: &Scope, prefs: Map<String, Json>, cause: Cause) -> Result<Json> {
        let user = scope.user().ok_or(Error::Denied("permission.denied"))?;
        for (k, v) in &prefs {
            if !KINDS.contains(&k.as_str()) || !v.is_boolean() {
                return Err(crate::shape::bad_field("request.unknown_field", k));
            }
        }
        self.run(scope, cause, move |u| {
            let prefs = prefs.clone();
            Box::pin(async move {
                let o = u.object("user")?;
                let Some(r) = u.peek("user", user.record()).await? else { return Err(Error::NotFound) };
                let mut said = match r.get(&o, "notify_prefs") {
                    Value::Json(j) => j.as_object().cloned().unwrap_or_default(),
                    _ => Map::new(),
                };
                said.extend(prefs);
                u.set("user", r.id, &[("notify_prefs", Value::Json(Box::new(Json::Object(said))))]).await?;
                Ok(())
            })
        })
        .await?;
        self.notify_prefs(user).await
    }

    /// Whether a person sees a record; none when nobody knows people yet.
    async fn seen_by(&self, scope: &Scope, object: &str, id: RecordId) -> Result<bool> {
        let model = self.model();
        let o = self.object_def(object)?;
        let rule = scope.rule(Act::Read, &model, &o);
        if rule.is_all() || rule.is_nothing() {
            return Ok(rule.is_all());
        }
        Ok(self.db().reachable(&model, &o, &rule, &[id], self.now()).await?.contains(&id))
    }

    /// People who may be called on a record the caller sees, by what was typed (name, pinyin, initials); those who do not see the
    /// record last, marked so.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a record the caller does not see, or the database.
    #[boxed]
    pub async fn mentionable(
        &self,
        scope: &Scope,
        object: &str,
        id: RecordId,
        text: &str,
        limit: u32,
    ) -> Result<Vec<Mentionable>> {
        let o = self.object_def(object)?;
        if !may_be_discussed(&o) || !self.seen_by(scope, object, id).await? {
            return Err(Error::NotFound);
        }
        let text = text.trim();
        let ask = ListRequest {
            filter: Some(json!({ "field": "status", "op": "eq", "value": "active" }).to_string()),
            sort: text.is_empty().then(|| "name".to_owned()),
            limit: Some(limit.clamp(1, 20)),
            fields: Some(vec!["name".into(), "title".into()]),
            q: (!text.is_empty()).then(|| text.to_owned()),
            ..ListRequest::default()
        };
        let page = self.list(scope, "user", &ask).await?;
        let rows: Vec<Json> = serde_json::from_slice(&[b"[", &page.rows[..], b"]"].concat()).unwrap_or_default();
        let Some(access) = self.0.access.get().and_then(rapport_access::WeakAccess::upgrade) else { return Ok(vec![]) };
        let people = access.directory().await.map_err(|e| Error::Store(StoreError::from(e)))?;
        let today = self.now().date_in(&self.model().tz());
        let mut out = vec![];
        for r in rows {
            let Some(who) = r["id"].as_str().and_then(|s| s.parse::<RecordId>().ok()) else { continue };
            let sees = match people.scope(UserId::of(who), today) {
                Some(s) => self.seen_by(&s, object, id).await?,
                None => false,
            };
            let name = r["name"].as_str().unwrap_or_default().to_owned();
            out.push(Mentionable { id: who, name, title: r["title"].as_str().map(str::to_owned), sees });
        }
        out.sort_by_key(|m| !m.sees);
        Ok(out)
    }

    /// Removes notifications older than their days (⚙ `notification.keep_days`); answers how many.
    pub(super) async fn forget_notices(&self) -> Result<u64> {
        if self.model().object(NOTIFICATION).is_none() {
            return Ok(0);
        }
        let days: i64 = self.setting("notification.keep_days", KEPT_DAYS).await?;
        let before = Millis(self.now().0 - days.max(1) * DAY_MS);
        let scope = SystemScope::because(Reason::Job);
        let mut n = 0;
        loop {
            let gone = self
                .run(&scope, Cause::default(), move |u| {
                    Box::pin(async move {
                        let old = u.find(NOTIFICATION, q::cmp("updated_at", Op::Lt, Value::DateTime(before)), STEP).await?;
                        for r in &old {
                            u.purge(NOTIFICATION, r.id).await?;
                        }
                        Ok(old.len() as u64)
                    })
                })
                .await?;
            n += gone;
            if gone < u64::from(STEP) {
                return Ok(n);
            }
        }
    }
}
