//! Taking a merge back (R-MRG-03): victims return with the children that still belong to the master.

use async_trait::async_trait;
use rapport_schema::{
    ChangeOp, FieldType, Label, Record, RecordId, RecordRef, Value,
    codec::{self, Input},
};
use rapport_store::{Bin, ChangeQuery};
use serde_json::{Value as Json, json};

use crate::{Action, ActionSpec, Error, JsonMap, Result, Unit, q};

pub(super) struct Unmerge(ActionSpec);
impl Default for Unmerge {
    fn default() -> Self {
        let p = json!({ "merge_id": { "type": ["string", "null"], "format": "uuid", "description": "Which merge; none = the last one" } });
        Self(ActionSpec::record("*", "unmerge", Label::new("Undo Merge", "撤销合并"), p, &[]).needs("merge"))
    }
}

#[async_trait]
impl Action for Unmerge {
    fn spec(&self) -> &ActionSpec {
        &self.0
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, input: Json) -> Result<Json> {
        let (master, object) = (target.ok_or(Error::NotFound)?, u.acting_on.clone().ok_or(Error::NotFound)?);
        let o = u.object(&object)?;
        let lo = u.object("merge_log")?;
        let at = Value::Ref(RecordRef { object: o.name.clone(), id: master.id });
        let mut logs = u.find("merge_log", q::and([q::eq("master", at), q::blank("undone_at")]), 1_000).await?;
        if let Some(id) = super::id_of(&input, "merge_id") {
            logs.retain(|l| l.id == id);
        }
        logs.sort_by_key(|l| std::cmp::Reverse(l.id));
        let log = logs.into_iter().next().ok_or_else(|| Error::state("merge.nothing_to_undo"))?;
        if log.get(&lo, "undo_until").as_time().is_some_and(|t| t < u.now()) {
            return Err(Error::state("merge.undo_expired"));
        }
        let mut changes = vec![];
        let mut before = None;
        loop {
            let q = ChangeQuery { after: before, backwards: true, limit: 1_000, batch: Some(log.id), ..ChangeQuery::default() };
            let page = u.engine.db().changes(q).await?;
            if page.is_empty() {
                break;
            }
            before = page.last().map(|r| r.change.seq);
            changes.extend(page.into_iter().map(|r| r.change));
        }
        u.cause.batch = Some(u.engine.new_id());
        u.cause.act = Some("unmerge".into());
        // The master gives up what it took, as far as it still holds it: values that must be unique are free then.
        let (mut given, mut kept) = (JsonMap::new(), JsonMap::new());
        for c in changes.iter().filter(|c| c.object == o.name && c.id == master.id && c.op == ChangeOp::Update) {
            given.extend(serde_json::from_str::<JsonMap>(c.before.get()).unwrap_or_default());
            for (k, v) in serde_json::from_str::<JsonMap>(c.after.get()).unwrap_or_default() {
                kept.entry(k).or_insert(v);
            }
        }
        u.give_back(&object, master.id, &given, &kept).await?;
        // Then the victims rise, and last the children return to them.
        let mut back = 0;
        for c in changes.iter().filter(|c| c.op == ChangeOp::Delete) {
            let co = u.object(&c.object)?;
            let Some(r) = u.find_in(&c.object, q::id(c.id), 1, Bin::Deleted).await?.into_iter().next() else { continue };
            let mut new = r.clone();
            new.set(&co, "merged_into_id", Value::Null);
            new.deleted_at = None;
            new.version = r.version + 1;
            let model = u.model.clone();
            u.tx.update(&model, &co, &r, &new).await?;
            u.writes += 1;
            u.note(&co, ChangeOp::Restore, Some(&r), &new, None);
            u.after_write(&co, Some(&r), &new);
            back += u64::from(c.object == o.name);
        }
        let mut moved = 0;
        for c in changes.iter().filter(|c| c.op == ChangeOp::Update && !(c.object == o.name && c.id == master.id)) {
            let before: JsonMap = serde_json::from_str(c.before.get()).unwrap_or_default();
            let after: JsonMap = serde_json::from_str(c.after.get()).unwrap_or_default();
            if c.cause.act.as_deref().is_some_and(|a| matches!(a, "rollup" | "formula" | "hierarchy")) {
                continue;
            }
            moved += u64::from(u.give_back(&c.object, c.id, &before, &after).await?);
        }
        u.set("merge_log", log.id, &[("undone_at", Value::DateTime(u.now()))]).await?;
        let mut answer = u.answer(&object, master.id).await?;
        if let Json::Object(m) = &mut answer {
            m.insert("$unmerge".into(), json!({ "id": log.id, "restored": back, "moved": moved }));
        }
        Ok(answer)
    }
}

impl Unit<'_> {
    /// Sets fields back where they still hold what the merge put there; says whether anything changed.
    async fn give_back(&mut self, object: &str, id: RecordId, before: &JsonMap, after: &JsonMap) -> Result<bool> {
        let o = self.object(object)?;
        let Some(now) = self.find_in(object, q::id(id), 1, Bin::Both).await?.into_iter().next() else { return Ok(false) };
        let form = codec::Form::of(&self.model);
        let (model, norm) = (self.model.clone(), self.opts.norm.clone());
        let mut new = now.clone();
        for (k, v) in before {
            let Some(ix) = o.ix(k) else { continue };
            let f = o.at(ix);
            if matches!(f.ty, FieldType::Roll { .. } | FieldType::Calc { .. })
                || after.get(k).is_some_and(|a| codec::to_json(f, &now[ix], form) != *a)
            {
                continue;
            }
            let ctx = codec::Ctx { keep_invalid_phone: true, old: Some(&now[ix]), ..codec::Ctx::strict(&model, &*norm) };
            if let Ok(Input::Value(v)) = codec::parse(f, v, &ctx) {
                new[ix] = v;
            }
        }
        let changed = new.values != now.values;
        if changed {
            self.put_derived(&o, now, new, "unmerge").await?;
        }
        Ok(changed)
    }
}
