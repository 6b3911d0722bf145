//! Working changed sharing rules through all records (R-VIS-04), and what time does by itself: access that expires, records and
//! fields whose thirty days are over.

use async_recursion::async_recursion as boxed;
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use rapport_policy::{Act, Reason, SystemScope};
use rapport_schema::{Millis, ObjectKind, RecordId, Value, query::Filter, query::Op};
use rapport_store::{Bin, Cursor, Shape};
use serde_json::{Value as Json, json};

use crate::{Document, Engine, Error, Result, WriteOptions, q, rules::sharing::ShareRule};

/// Kind of the documents that say how far a rule was worked through.
const BUILT: &str = "share_rule";
/// Records of one step.
const STEP: u32 = 1_000;
/// Rows removed in one step.
const ROWS: u32 = 500;
const DAY_MS: i64 = 86_400_000;
/// Days a deleted record or a switched-off field is kept when no setting says otherwise.
const KEPT_DAYS: i64 = 30;

/// What a round of upkeep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Upkeep {
    /// Team memberships and shares whose time was over.
    pub expired: u64,
    /// Records removed from the recycle bin for good.
    pub purged: u64,
    /// Switched-off fields and objects removed with their data.
    pub fields: u64,
    /// Notifications whose time was over.
    pub notices: u64,
}

impl Engine {
    /// The enabled sharing rules, with departments and those below.
    pub(crate) async fn share_rules(&self) -> Result<Arc<Vec<ShareRule>>> {
        if let Some(r) = self.0.settings.share_rules.lock().clone() {
            return Ok(r);
        }
        let model = self.model();
        let mut out = vec![];
        if let Some(o) = model.object("sharing_rule") {
            let norm = self.norm().await?;
            let all = SystemScope::because(Reason::Derive).rule(Act::Read, &model, o);
            let rows = self.0.db.records(q::select(&model, o, all, q::eq("enabled", Value::Bool(true)), 500, self.now())).await?;
            if !rows.is_empty() {
                let tree = self.departments(&model).await?;
                for r in rows {
                    match ShareRule::read(&model, &*norm, o, &r, &|d| below(&tree, d)) {
                        Ok(r) => out.push(r),
                        Err(field) => tracing::warn!(rule = %r.id, field, "a sharing rule cannot be read and shares nothing"),
                    }
                }
            }
        }
        let out = Arc::new(out);
        *self.0.settings.share_rules.lock() = Some(out.clone());
        Ok(out)
    }

    /// Works rules that changed since through all records: after a change of a rule or of the departments, and at start. One at a
    /// time; cut off in the middle it begins again. Answers how many rules were worked through.
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn build_shares(&self) -> Result<u64> {
        let _one = self.0.sharing.lock().await;
        let model = self.model();
        let Some(o) = model.object("sharing_rule") else { return Ok(0) };
        self.0.settings.forget();
        let rules = self.share_rules().await?;
        let mut select = q::select(
            &model,
            o,
            SystemScope::because(Reason::Derive).rule(Act::Read, &model, o),
            Filter::True,
            1_000,
            self.now(),
        );
        select.bin = Bin::Both;
        let mut built = 0;
        for r in self.0.db.records(select).await? {
            let rule = rules.iter().find(|x| x.id == r.id).filter(|_| r.deleted_at.is_none());
            let state = json!({ "version": r.version, "on": rule.is_some(), "depts": rule.map(|r| &r.depts) });
            if self.document(BUILT, &r.id.to_string()).await?.as_ref() == Some(&state) {
                continue;
            }
            self.build(r.id, rule).await?;
            let doc = Document { kind: BUILT.into(), key: r.id.to_string(), owner: Some(r.id), body: state };
            self.put_document(doc).await?;
            built += 1;
        }
        Ok(built)
    }

    async fn build(&self, id: RecordId, rule: Option<&ShareRule>) -> Result<()> {
        let scope = SystemScope::because(Reason::Job);
        // Shares on records of another object, or all of them when the rule is gone.
        loop {
            let object = rule.map(|r| r.object.clone());
            let left = self
                .job(&scope, self.prepare(WriteOptions::default()).await?, move |u| {
                    let object = object.clone();
                    Box::pin(async move {
                        let so = u.object("record_share")?;
                        let rows = u.find("record_share", q::eq("rule_id", id), 20_000).await?;
                        let stale: Vec<RecordId> = rows
                            .iter()
                            .filter(|r| match (r.get(&so, "record"), &object) {
                                (Value::Ref(at), Some(o)) => at.object != *o,
                                _ => true,
                            })
                            .map(|r| r.id)
                            .collect();
                        for id in stale.iter().take(ROWS as usize) {
                            u.discard("record_share", *id).await?;
                        }
                        Ok(stale.len().saturating_sub(ROWS as usize))
                    })
                })
                .await?;
            if left == 0 {
                break;
            }
        }
        let Some(rule) = rule else { return Ok(()) };
        let model = self.model();
        let o = self.object_def(&rule.object)?;
        let rule = Arc::new(rule.clone());
        let shape = Arc::new(Shape::default());
        let mut after = None;
        loop {
            let all = scope.rule(Act::Read, &model, &o);
            let mut select = q::select(&model, &o, all, Filter::True, STEP, self.now());
            select.after = after.take().map(Cursor);
            let page = self.0.db.list(select, shape.clone()).await?;
            let text = [b"[".as_slice(), &page.rows, b"]"].concat();
            let rows: Vec<Json> = serde_json::from_slice(&text).unwrap_or_default();
            let ids: Arc<Vec<RecordId>> = Arc::new(rows.iter().filter_map(|r| r["id"].as_str()?.parse().ok()).collect());
            if !ids.is_empty() {
                let (rule, o) = (rule.clone(), o.clone());
                self.job(&scope, self.prepare(WriteOptions::default()).await?, move |u| {
                    let (rule, o, ids) = (rule.clone(), o.clone(), ids.clone());
                    Box::pin(async move {
                        u.lock(&format!("share_rule:{}", rule.id)).await?;
                        let norm = u.norm();
                        let so = u.object("record_share")?;
                        let records = u.find(&o.name, q::ids(ids.iter().copied()), STEP).await?;
                        let refs = ids.iter().map(|id| Value::Ref(rapport_schema::RecordRef { object: o.name.clone(), id: *id }));
                        let have = u
                            .find("record_share", q::and([q::eq("rule_id", rule.id), q::any_of("record", refs)]), 50_000)
                            .await?;
                        let shared: BTreeSet<RecordId> = have
                            .iter()
                            .filter_map(|r| if let Value::Ref(at) = r.get(&so, "record") { Some(at.id) } else { None })
                            .collect();
                        for r in records {
                            let is = rule.covers(&o, &r, &*norm);
                            if is || shared.contains(&r.id) {
                                u.share_by(&rule, r.id, is).await?;
                            }
                        }
                        Ok(())
                    })
                })
                .await?;
            }
            after = page.next.map(|c| c.0);
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// What time does by itself: ends team memberships and shares (R-VIS-04), empties the recycle bin and removes switched-off
    /// fields after their days (⚙ `recycle_bin.days`, `model.keep_days`), forgets expired documents. To be called now and then.
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn upkeep(&self) -> Result<Upkeep> {
        let mut done = Upkeep::default();
        for object in ["team_member", "record_share"] {
            done.expired += self.expire(object).await?;
        }
        let days: i64 = self.setting("recycle_bin.days", KEPT_DAYS).await?;
        let before = Millis(self.now().0 - days.max(0) * DAY_MS);
        let model = self.model();
        for o in model.objects.values() {
            if matches!(o.kind, ObjectKind::Ownable | ObjectKind::Child)
                || matches!(o.name.as_str(), "record_share" | "follower" | "notification")
            {
                done.purged += self.empty_bin(&o.name, before).await?;
            }
        }
        done.fields = self.drop_retired().await?;
        done.notices = self.forget_notices().await?;
        self.0.db.write(|tx| Box::pin(async move { tx.doc_expire().await })).await?;
        Ok(done)
    }

    /// The caller's rule already disregards what has expired; here the rows go.
    async fn expire(&self, object: &'static str) -> Result<u64> {
        let mut n = 0;
        if self.model().object(object).is_none() {
            return Ok(0);
        }
        loop {
            let scope = SystemScope::because(Reason::Job);
            let gone = self
                .job(&scope, self.prepare(WriteOptions::default()).await?, move |u| {
                    Box::pin(async move {
                        let over = q::cmp("expires_at", Op::Lte, Value::DateTime(u.now()));
                        let rows = u.find(object, over, ROWS).await?;
                        for r in &rows {
                            u.discard(object, r.id).await?;
                        }
                        Ok(rows.len() as u64)
                    })
                })
                .await?;
            n += gone;
            if gone == 0 {
                return Ok(n);
            }
        }
    }

    async fn empty_bin(&self, object: &str, before: Millis) -> Result<u64> {
        let model = self.model();
        let o = self.object_def(object)?;
        let scope = SystemScope::because(Reason::Job);
        let (mut n, mut stuck) = (0, BTreeSet::new());
        loop {
            let rule = scope.rule(Act::Read, &model, &o);
            let mut select = q::select(&model, &o, rule, q::cmp("deleted_at", Op::Lt, Value::DateTime(before)), ROWS, self.now());
            select.bin = Bin::Deleted;
            let rows = self.0.db.records(select).await?;
            let todo: Vec<RecordId> = rows.iter().map(|r| r.id).filter(|id| !stuck.contains(id)).collect();
            if todo.is_empty() {
                return Ok(n);
            }
            for id in todo {
                match self.purge(&scope, object, id, WriteOptions::default()).await {
                    Ok(()) => n += 1,
                    // It went with its master.
                    Err(Error::NotFound) => {}
                    Err(Error::Store(e)) => return Err(Error::Store(e)),
                    Err(e) => tracing::warn!(object, %id, error = %e, "a deleted record cannot be removed yet"),
                }
                stuck.insert(id);
            }
            if stuck.len() > 100_000 {
                return Ok(n);
            }
        }
    }
}

/// A department and all below it.
fn below(tree: &HashMap<RecordId, Vec<RecordId>>, dept: RecordId) -> Vec<RecordId> {
    let (mut out, mut next) = (vec![], vec![dept]);
    while let Some(d) = next.pop() {
        if !out.contains(&d) {
            out.push(d);
            next.extend(tree.get(&d).into_iter().flatten());
        }
    }
    out
}

impl Engine {
    /// Removes fields and objects that administrators switched off longer ago than their days.
    async fn drop_retired(&self) -> Result<u64> {
        let days: i64 = self.setting("model.keep_days", KEPT_DAYS).await?;
        let before = self.now().0 - days.max(0) * DAY_MS;
        let (custom, _) = super::modelling::stored(&self.0.db).await?;
        let over: Vec<String> = custom.retired.iter().filter(|(_, at)| at.0 <= before).map(|(n, _)| n.clone()).collect();
        if over.is_empty() {
            return Ok(0);
        }
        // Only what the catalogue still holds as retired goes: a name that came back meanwhile keeps its data.
        let gone = self.0.db.drop_retired(&over).await?;
        super::modelling::forget_retired(&self.0.db, &over, before).await?;
        Ok(gone.len() as u64)
    }
}
