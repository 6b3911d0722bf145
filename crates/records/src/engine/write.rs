//! Single writes from outside.

use async_recursion::async_recursion as boxed;
use std::{collections::BTreeSet, sync::Arc};

use futures::future::BoxFuture;
use rapport_policy::{Act, Scope};
use rapport_schema::{Millis, ObjectDef, ObjectName, Record, RecordId, codec};
use rapport_store::{ChangeQuery, DocRow};
use serde_json::{Value as Json, json};

use crate::{
    Engine, Error, Idempotency, JsonMap, Result, Saved, Unit, WriteOptions, input, shape,
    unit::{Known, UnitOptions},
};

/// An answer that can be kept under an idempotency key.
pub(crate) trait Kept: Sized {
    fn keep(&self) -> Json;
    fn again(j: &Json) -> Option<Self>;
}
impl Kept for Saved {
    fn keep(&self) -> Json {
        json!({ "id": self.id, "version": self.version, "json": String::from_utf8_lossy(&self.json), "warnings": self.warnings })
    }
    fn again(j: &Json) -> Option<Self> {
        Some(Self {
            id: j["id"].as_str()?.parse().ok()?,
            version: j["version"].as_i64()?,
            json: j["json"].as_str()?.as_bytes().to_vec(),
            warnings: j["warnings"].as_array().cloned().unwrap_or_default(),
        })
    }
}
impl Kept for Json {
    fn keep(&self) -> Json {
        self.clone()
    }
    fn again(j: &Json) -> Option<Self> {
        Some(j.clone())
    }
}
impl Kept for () {
    fn keep(&self) -> Json {
        Json::Null
    }
    fn again(_: &Json) -> Option<Self> {
        Some(())
    }
}

/// Kept answers live for a day.
const KEEP_MS: i64 = 24 * 3_600_000;
const KIND: &str = "idempotency";

/// Runs `f` once per idempotency key: the answer is stored in the transaction of the effect, so a repetition finds both or
/// neither. Another body under the same key is refused (`idempotency.mismatch`).
pub(crate) async fn once<T: Kept>(
    unit: &mut Unit<'_>,
    key: Option<&Idempotency>,
    f: impl for<'u, 'x> FnOnce(&'u mut Unit<'x>) -> BoxFuture<'u, Result<T>>,
) -> Result<T> {
    let Some(k) = key else { return f(unit).await };
    if k.key.is_empty() || k.key.chars().count() > 255 {
        return Err(Error::Request { code: "idempotency.key", params: JsonMap::new() });
    }
    let whose = unit.scope.user().map_or_else(|| "system".to_owned(), |u| u.to_string());
    let key = format!("{whose}:{}", k.key);
    unit.lock(&format!("{KIND}:{key}")).await?;
    if let Some(doc) = unit.tx.doc_get(KIND, &key).await?
        && doc.expires.is_none_or(|e| e > unit.now)
    {
        if doc.body["hash"].as_str() != Some(&k.hash) {
            return Err(Error::Request { code: "idempotency.mismatch", params: JsonMap::new() });
        }
        if let Some(t) = T::again(&doc.body["answer"]) {
            return Ok(t);
        }
    }
    let out = f(unit).await?;
    let body = json!({ "hash": k.hash, "answer": out.keep() });
    let expires = Some(Millis(unit.now.0 + KEEP_MS));
    unit.tx.doc_put(DocRow { kind: KIND.into(), key, owner: unit.scope.user().map(|u| u.record()), body, expires }).await?;
    Ok(out)
}

/// A written record as the caller may see it.
pub(crate) async fn saved(unit: &mut Unit<'_>, o: &Arc<ObjectDef>, r: &Record) -> Result<Saved> {
    let own = unit.reaches(Act::Edit, o, r.id).await?;
    let warnings = std::mem::take(&mut unit.warnings);
    let r = &unit.with_volatile(o, r).await?;
    Ok(Saved {
        id: r.id,
        version: r.version,
        json: shape::render(&unit.scope, o, r, codec::Form::of(&unit.model), own),
        warnings,
    })
}

/// The record as it is after everything the transaction derived.
async fn settled(unit: &mut Unit<'_>, o: &Arc<ObjectDef>, r: Record) -> Result<Record> {
    unit.settle().await?;
    if r.deleted_at.is_some() {
        return Ok(r);
    }
    Ok(unit.peek(&o.name, r.id).await?.unwrap_or(r))
}

impl Engine {
    pub(crate) fn object_def(&self, name: &str) -> Result<Arc<ObjectDef>> {
        self.model().object(name).cloned().ok_or_else(|| Error::UnknownObject(name.chars().take(60).collect()))
    }

    /// What a job needs to know before it enters the writer.
    pub(crate) async fn prepare(&self, opts: WriteOptions) -> Result<UnitOptions> {
        let (settings, norm, dup_rules) = (self.settings().await?, self.norm().await?, self.dup_rules().await?);
        let (rates, share_rules, calendars) = (self.rates().await?, self.share_rules().await?, self.calendars().await?);
        Ok(UnitOptions {
            cause: opts.cause.clone(),
            write: opts,
            settings,
            norm,
            dup_rules,
            share_rules,
            rates,
            calendars,
            known: Arc::default(),
            since: None,
            alone: false,
        })
    }

    /// Makes a record.
    ///
    /// # Errors
    /// What the pipeline refuses.
    #[boxed]
    pub async fn create(&self, scope: &Scope, object: &str, data: JsonMap, opts: WriteOptions) -> Result<Saved> {
        let model = self.model();
        let o = self.object_def(object)?;
        let mut prepared = self.prepare(opts).await?;
        // Reading and looking up happen before the writer is entered; inside, only what is written is decided.
        let asked = input::read(&model, &*prepared.norm, scope, &o, &data, None, &prepared.write);
        prepared.known = Arc::new(Known::fill(&self.0.db, &model, scope, self.now(), &[&asked]).await?);
        let key = prepared.write.idempotency.clone();
        self.job(scope, prepared, move |u| {
            let (asked, o, key) = (asked.clone(), o.clone(), key.clone());
            Box::pin(async move {
                once(u, key.as_ref(), |u| {
                    Box::pin(async move {
                        let r = u.create_asked(asked, None).await?;
                        let r = settled(u, &o, r).await?;
                        saved(u, &o, &r).await
                    })
                })
                .await
            })
        })
        .await
    }

    /// Changes a record: absent = leave, `null` = clear, value = set. A stale version whose fields do not collide is merged.
    ///
    /// # Errors
    /// What the pipeline refuses; [`Error::Conflict`] with the fields both sides changed.
    #[boxed]
    pub async fn update(&self, scope: &Scope, object: &str, id: RecordId, data: JsonMap, opts: WriteOptions) -> Result<Saved> {
        let o = self.object_def(object)?;
        let data = Arc::new(data);
        let (seen, key) = (opts.version, opts.idempotency.clone());
        let mut prepared = self.prepare(opts).await?;
        for _ in 0..5 {
            let (d, o2, key) = (data.clone(), o.clone(), key.clone());
            let done = self
                .job(scope, prepared.clone(), move |u| {
                    let (d, o, key) = (d.clone(), o2.clone(), key.clone());
                    Box::pin(async move {
                        once(u, key.as_ref(), |u| {
                            Box::pin(async move {
                                let r = u.update(&o.name, id, &d, seen).await?;
                                let r = settled(u, &o, r).await?;
                                saved(u, &o, &r).await
                            })
                        })
                        .await
                    })
                })
                .await;
            match (done, seen) {
                (Err(Error::Conflict { version, fields }), Some(seen)) if fields.is_empty() && !data.is_empty() => {
                    let Some(changed) = self.changed_between(&o.name, id, seen, version).await? else {
                        return Err(Error::Conflict { version, fields: data.keys().cloned().collect() });
                    };
                    prepared.since = Some((version, changed));
                }
                (other, _) => return other,
            }
        }
        Err(Error::Conflict { version: seen.unwrap_or(0), fields: data.keys().cloned().collect() })
    }

    /// Fields that changed after version `seen` up to `now`; `None` when the log does not account for every version.
    async fn changed_between(&self, object: &ObjectName, id: RecordId, seen: i64, now: i64) -> Result<Option<BTreeSet<String>>> {
        let mut fields = BTreeSet::new();
        let mut left: BTreeSet<i64> = (seen + 1..=now).collect();
        let mut before = None;
        if left.len() > 1000 {
            return Ok(None);
        }
        loop {
            let q = ChangeQuery {
                after: before,
                backwards: true,
                limit: 100,
                record: Some((object.clone(), id)),
                ..ChangeQuery::default()
            };
            let page = self.0.db.changes(q).await?;
            if page.is_empty() {
                return Ok(None);
            }
            for c in &page {
                before = Some(c.change.seq);
                if c.change.version > now || c.change.version <= seen {
                    continue;
                }
                left.remove(&c.change.version);
                for raw in [&c.change.before, &c.change.after] {
                    if let Ok(m) = serde_json::from_str::<JsonMap>(raw.get()) {
                        fields.extend(m.into_iter().map(|(k, _)| k));
                    }
                }
            }
            if left.is_empty() {
                return Ok(Some(fields));
            }
            if page.last().is_some_and(|c| c.change.version <= seen) {
                return Ok(None);
            }
        }
    }

    /// Puts a record in the recycle bin.
    ///
    /// # Errors
    /// What the pipeline refuses.
    #[boxed]
    pub async fn delete(&self, scope: &Scope, object: &str, id: RecordId, opts: WriteOptions) -> Result<()> {
        let o = self.object_def(object)?;
        let version = opts.version;
        let prepared = self.prepare(opts).await?;
        self.job(scope, prepared, move |u| {
            let o = o.clone();
            Box::pin(async move {
                if let Some(v) = version {
                    let r = u.target(&o.name, id, "delete", rapport_store::Bin::Live).await?;
                    if r.version != v && u.options().strict {
                        return Err(Error::Conflict { version: r.version, fields: vec![] });
                    }
                }
                u.delete(&o.name, id).await
            })
        })
        .await
    }

    /// Takes a record out of the recycle bin.
    ///
    /// # Errors
    /// What the pipeline refuses.
    #[boxed]
    pub async fn restore(&self, scope: &Scope, object: &str, id: RecordId, opts: WriteOptions) -> Result<Saved> {
        let o = self.object_def(object)?;
        let prepared = self.prepare(opts).await?;
        self.job(scope, prepared, move |u| {
            let o = o.clone();
            Box::pin(async move {
                let r = u.restore(&o.name, id).await?;
                let r = settled(u, &o, r).await?;
                saved(u, &o, &r).await
            })
        })
        .await
    }

    /// Removes a record for good.
    ///
    /// # Errors
    /// What the pipeline refuses.
    #[boxed]
    pub async fn purge(&self, scope: &Scope, object: &str, id: RecordId, opts: WriteOptions) -> Result<()> {
        let o = self.object_def(object)?;
        let prepared = self.prepare(opts).await?;
        self.job(scope, prepared, move |u| {
            let o = o.clone();
            Box::pin(async move { u.purge(&o.name, id).await })
        })
        .await
    }

    /// Runs an action on a record or on the object as a whole.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the object has no such action, and what the action refuses.
    #[boxed]
    pub async fn act(
        &self,
        scope: &Scope,
        object: &str,
        id: Option<RecordId>,
        action: &str,
        input: Json,
        opts: WriteOptions,
    ) -> Result<Json> {
        let o = self.object_def(object)?;
        let model = self.model();
        let Some(a) = crate::actions::of(self, &model, &o).into_iter().find(|a| a.spec().name == action) else {
            return Err(Error::Request {
                code: "action.unknown",
                params: [("action".to_owned(), Json::from(action.chars().take(60).collect::<String>()))].into_iter().collect(),
            });
        };
        let mut opts = opts;
        opts.cause.act.get_or_insert_with(|| action.to_owned());
        if let Some(reason) = input.get("reason").and_then(Json::as_str).filter(|r| !r.trim().is_empty()) {
            opts.cause.reason.get_or_insert_with(|| reason.chars().take(1000).collect());
        }
        let key = opts.idempotency.clone();
        let prepared = self.prepare(opts).await?;
        self.job(scope, prepared, move |u| {
            let (a, o, input, key) = (a.clone(), o.clone(), input.clone(), key.clone());
            Box::pin(async move { once(u, key.as_ref(), |u| Box::pin(crate::actions::perform(u, a, o, id, input))).await })
        })
        .await
    }
}
