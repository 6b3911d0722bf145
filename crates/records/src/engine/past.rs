//! History and the record as it was, from the change log.

use async_recursion::async_recursion as boxed;
use std::collections::HashMap;

use rapport_policy::{Act, FieldRight, Scope};
use rapport_schema::{ChangeOp, Millis, ObjectDef, Record, RecordId, RecordRef, Seq, codec};
use rapport_store::{Bin, ChangeQuery, ChangeRow};
use serde_json::{Value as Json, json};

use crate::{Engine, Error, HistoryEntry, JsonMap, Result, q, shape};

impl Engine {
    /// The record, live or in the bin, if the caller may see it, and whether the caller owns or edits it.
    async fn witnessed(&self, scope: &Scope, object: &str, id: RecordId) -> Result<(std::sync::Arc<ObjectDef>, Record, bool)> {
        let model = self.model();
        let o = self.object_def(object)?;
        let rule = self.rule_for(scope, Act::Read, &model, &o, &[id]).await?;
        if rule.is_nothing() {
            return Err(Error::NotFound);
        }
        let mut s = q::select(&model, &o, rule, q::id(id), 1, self.now());
        s.bin = Bin::Both;
        let r = self.0.db.records(s).await?.into_iter().next().ok_or(Error::NotFound)?;
        let edit = self.rule_for(scope, Act::Edit, &model, &o, &[id]).await?;
        let own =
            edit.is_all() || (!edit.is_nothing() && !self.0.db.reachable(&model, &o, &edit, &[id], self.now()).await?.is_empty());
        Ok((o, r, own))
    }

    async fn page(&self, o: &ObjectDef, id: RecordId, before: Option<Seq>, limit: u32) -> Result<Vec<ChangeRow>> {
        let q =
            ChangeQuery { after: before, backwards: true, limit, record: Some((o.name.clone(), id)), ..ChangeQuery::default() };
        Ok(self.0.db.changes(q).await?)
    }

    /// Changes of one record, newest first, and where the next page begins; fields the caller may not see are left out, masked ones
    /// masked. What is noted of a person's tokens and of who looked as that person is told to administrators only.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    #[boxed]
    pub async fn history(
        &self,
        scope: &Scope,
        object: &str,
        id: RecordId,
        before: Option<Seq>,
        limit: u32,
    ) -> Result<(Vec<HistoryEntry>, Option<Seq>)> {
        let (o, _, own) = self.witnessed(scope, object, id).await?;
        let limit = limit.clamp(1, 200);
        let mut rows = self.page(&o, id, before, limit).await?;
        let next = rows.last().filter(|_| rows.len() == limit as usize).map(|r| r.change.seq);
        if o.name == "user" && !scope.is_admin() {
            rows.retain(|r| r.change.op != ChangeOp::Note);
        }
        let users: Vec<RecordRef> = rows
            .iter()
            .filter_map(|r| r.change.actor.user)
            .map(|u| RecordRef { object: rapport_schema::ObjectName::lit("user"), id: u.record() })
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect();
        let names: HashMap<RecordId, String> = self.titles(&users).await?.into_iter().map(|(r, t)| (r.id, t)).collect();
        let mut out = Vec::with_capacity(rows.len());
        for row in rows {
            let c = row.change;
            let parse = |raw: &serde_json::value::RawValue| serde_json::from_str::<JsonMap>(raw.get()).unwrap_or_default();
            let (was, is) = (parse(&c.before), parse(&c.after));
            let mut changes = vec![];
            for (_, f) in o.live() {
                if !was.contains_key(f.name.as_str()) && !is.contains_key(f.name.as_str()) {
                    continue;
                }
                let show = |m: &JsonMap| {
                    let v = m.get(f.name.as_str()).cloned().unwrap_or(Json::Null);
                    match scope.field(&o, &f.name, own) {
                        FieldRight::Hidden => None,
                        FieldRight::Masked(k) => Some(shape::masked(k, &v)),
                        FieldRight::Read | FieldRight::Edit => Some(v),
                    }
                };
                if let (Some(b), Some(a)) = (show(&was), show(&is)) {
                    changes.push(json!({ "field": f.name, "before": b, "after": a }));
                }
            }
            out.push(HistoryEntry {
                seq: c.seq,
                at: c.at.rfc3339(),
                op: c.op,
                actor: json!({ "id": c.actor.user, "name": c.actor.user.and_then(|u| names.get(&u.record())) }),
                via: c.actor.via,
                act: c.cause.act,
                reason: c.cause.reason,
                changes,
            });
        }
        Ok((out, next))
    }

    /// The values of a record at an instant, in the API's forms, fields by name; and whether it was in the bin.
    pub(crate) async fn values_at(&self, o: &ObjectDef, now: &Record, at: Millis) -> Result<Option<JsonMap>> {
        let form = codec::Form::of(&self.model());
        let mut m: JsonMap = o.live().map(|(ix, f)| (f.name.to_string(), codec::to_json(f, &now[ix], form))).collect();
        let mut before = None;
        let mut alive = now.deleted_at.is_none();
        loop {
            let page = self.page(o, now.id, before, 200).await?;
            if page.is_empty() {
                break;
            }
            for row in &page {
                let c = &row.change;
                before = Some(c.seq);
                if c.at <= at {
                    m.insert("updated_at".into(), json!(c.at.rfc3339()));
                    m.insert("updated_by".into(), json!(c.actor.user));
                    return Ok(alive.then_some(m));
                }
                match c.op {
                    ChangeOp::Create => return Ok(None),
                    ChangeOp::Delete => alive = true,
                    ChangeOp::Restore => alive = false,
                    ChangeOp::Update | ChangeOp::Purge | ChangeOp::Note => {}
                }
                for (k, v) in serde_json::from_str::<JsonMap>(c.before.get()).unwrap_or_default() {
                    if m.contains_key(&k) {
                        m.insert(k, v);
                    }
                }
            }
        }
        Ok(alive.then_some(m))
    }

    /// The record as it was at an instant, as the caller may see it; with `fields` only these.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not visible or did not exist then; `request.unknown_field`.
    #[boxed]
    pub async fn as_of(
        &self,
        scope: &Scope,
        object: &str,
        id: RecordId,
        at: Millis,
        fields: Option<&[String]>,
    ) -> Result<Vec<u8>> {
        let (o, r, own) = self.witnessed(scope, object, id).await?;
        for name in fields.unwrap_or_default() {
            shape::seen(scope, &o, name)?;
        }
        let Some(then) = self.values_at(&o, &r, at).await? else { return Err(Error::NotFound) };
        let mut out = JsonMap::new();
        out.insert("id".into(), json!(id));
        let mut masked = vec![];
        for (k, v) in then {
            let Some(f) = o.field(&k) else { continue };
            if fields.is_some_and(|wanted| !wanted.contains(&k)) {
                continue;
            }
            match scope.field(&o, &f.name, own) {
                FieldRight::Hidden => {}
                FieldRight::Masked(m) if !v.is_null() => {
                    out.insert(k.clone(), shape::masked(m, &v));
                    masked.push(k);
                }
                FieldRight::Masked(_) | FieldRight::Read | FieldRight::Edit => {
                    out.insert(k, v);
                }
            }
        }
        if !masked.is_empty() {
            out.insert("$masked".into(), json!(masked));
        }
        out.insert("$as_of".into(), json!(at.rfc3339()));
        Ok(Json::Object(out).to_string().into_bytes())
    }
}
