//! Merging duplicates (R-MRG-01 … 03).

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use rapport_policy::act;
use rapport_schema::{ChangeOp, FieldError, FieldType, Label, ObjectDef, Record, RecordId, RecordRef, Value, codec};
use rapport_store::Bin;
use serde_json::{Value as Json, json};

use crate::{Action, ActionSpec, Class, Error, JsonMap, Result, Unit, q};

/// Records of one merge, the master included.
const MOST: usize = 10;
/// Rows of one related list that move.
const ROWS: u32 = 100_000;
/// Objects that only describe merges and duplicates.
const OWN: [&str; 2] = ["duplicate_pair", "merge_log"];

pub(super) struct Merge(ActionSpec);
impl Default for Merge {
    fn default() -> Self {
        let p = json!({
            "ids": { "type": "array", "items": { "type": "string", "format": "uuid" }, "description": "Records merged into this one, 1 to 9" },
            "choices": { "type": ["object", "null"], "description": "Per field the id of the record whose value is kept" },
            "reason": { "type": ["string", "null"] },
        });
        Self(ActionSpec::record("*", "merge", Label::new("Merge", "合并"), p, &["ids"]).needs("merge"))
    }
}

fn refused(code: &'static str, fields: Vec<FieldError>) -> Error {
    Error::Rule { code, class: Class::Conflict, params: JsonMap::new(), fields }
}

/// Fields whose values are the record's own and never taken from another.
fn own_field(f: &rapport_schema::FieldDef) -> bool {
    f.system
        || matches!(f.ty, FieldType::Auto { .. } | FieldType::Roll { .. } | FieldType::Calc { .. } | FieldType::Bool)
        || matches!(f.name.as_str(), "owner_id" | "dept_id" | "pool_id" | "status" | "record_type")
}

fn united(a: &Value, b: &Value) -> Option<Value> {
    match (a, b) {
        (Value::Keys(x), Value::Keys(y)) => {
            let mut v = x.clone();
            v.extend(y.iter().filter(|k| !x.contains(k)).cloned());
            Some(Value::Keys(v))
        }
        (Value::Ids(x), Value::Ids(y)) => {
            let mut v = x.clone();
            v.extend(y.iter().filter(|k| !x.contains(k)));
            Some(Value::Ids(v))
        }
        _ => None,
    }
}

#[async_trait]
impl Action for Merge {
    fn spec(&self) -> &ActionSpec {
        &self.0
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, input: Json) -> Result<Json> {
        let (master, object) = (target.ok_or(Error::NotFound)?, u.acting_on.clone().ok_or(Error::NotFound)?);
        let o = u.object(&object)?;
        let mut ids: Vec<RecordId> =
            input["ids"].as_array().into_iter().flatten().filter_map(|j| j.as_str()?.parse().ok()).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() || ids.len() >= MOST || ids.contains(&master.id) {
            return Err(Error::field(FieldError::new("ids", "value.range").with("min", 1).with("max", MOST - 1)));
        }
        // Edit and delete on all of them (R-MRG-01).
        u.load::<act::Delete>(&o, master.id, Bin::Live).await?;
        let mut victims = vec![];
        for id in ids {
            u.load::<act::Update>(&o, id, Bin::Live).await?;
            victims.push(u.load::<act::Delete>(&o, id, Bin::Live).await?.into_record());
        }
        if [&master].into_iter().chain(&victims).any(|r| r.get(&o, "approval_state").as_text() == Some("pending")) {
            return Err(refused("merge.pending_approval", vec![]));
        }
        let choices = input["choices"].as_object().cloned().unwrap_or_default();
        let values = u.merged_values(&o, &master, &victims, &choices)?;

        let log = u.engine.new_id();
        u.cause.batch = Some(log);
        u.cause.act = Some("merge".into());
        for v in &victims {
            u.bury_merged(&o, v.clone(), master.id).await?;
        }
        let victim_ids: Vec<RecordId> = victims.iter().map(|v| v.id).collect();
        let moved = u.move_references(&o, &victim_ids, master.id).await?;
        u.close_pairs(&o, &victim_ids, master.id).await?;
        let before = u.peek(&object, master.id).await?.ok_or(Error::NotFound)?;
        let fields: Vec<(&str, Value)> = values.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
        u.set(&object, master.id, &fields).await?;
        let form = codec::Form::of(&u.model);
        let snapshot: serde_json::Map<String, Json> =
            values.keys().filter_map(|k| o.ix(k).map(|ix| (k.clone(), codec::to_json(o.at(ix), &before[ix], form)))).collect();
        let days: i64 = u.setting("merge.undo_days", 30);
        if u.has("merge_log") {
            let at = RecordRef { object: o.name.clone(), id: master.id };
            let fields = [
                ("master", Value::Ref(at)),
                ("victims", Value::Json(Box::new(json!(victim_ids)))),
                ("choices", Value::Json(Box::new(Json::Object(choices)))),
                ("snapshot", Value::Json(Box::new(json!({ "master": snapshot, "moved": moved })))),
                ("undo_until", Value::DateTime(u.now().plus(days * 86_400_000))),
            ];
            u.make_with("merge_log", log, &fields).await?;
        }
        let mut answer = u.answer(&object, master.id).await?;
        if let Json::Object(m) = &mut answer {
            m.insert("$merge".into(), json!({ "id": log, "merged": victim_ids, "moved": moved }));
        }
        Ok(answer)
    }
}

impl Unit<'_> {
    /// The master's new values (R-MRG-02): the caller's choice, else the master's own, else the most recently updated filled one;
    /// many-valued fields are united.
    fn merged_values(
        &self,
        o: &Arc<ObjectDef>,
        master: &Record,
        victims: &[Record],
        choices: &JsonMap,
    ) -> Result<BTreeMap<String, Value>> {
        let mut codes: Vec<&Value> =
            [master].into_iter().chain(victims).map(|r| r.get(o, "uscc")).filter(|v| !v.is_empty()).collect();
        codes.dedup();
        if codes.windows(2).any(|w| w[0] != w[1]) && !self.scope.may("merge.override") {
            return Err(refused("merge.conflict", vec![FieldError::new("uscc", "merge.conflict")]));
        }
        let mut recent: Vec<&Record> = victims.iter().collect();
        recent.sort_by_key(|r| std::cmp::Reverse((r.get(o, "updated_at").as_time(), r.id)));
        let mut out = BTreeMap::new();
        let mut faults = vec![];
        for (ix, f) in o.live() {
            if own_field(f) && !choices.contains_key(f.name.as_str()) {
                continue;
            }
            let value = if let Some(c) = choices.get(f.name.as_str()) {
                let id = c.as_str().and_then(|s| s.parse::<RecordId>().ok());
                let chosen = [master].into_iter().chain(victims).find(|r| Some(r.id) == id);
                let writable = !f.system && matches!(self.scope.field(o, &f.name, true), rapport_policy::FieldRight::Edit);
                match chosen {
                    Some(r) if writable => r[ix].clone(),
                    Some(_) => {
                        faults.push(FieldError::new(f.name.as_str(), "permission.field"));
                        continue;
                    }
                    None => {
                        faults.push(FieldError::new(f.name.as_str(), "reference.not_found"));
                        continue;
                    }
                }
            } else {
                let mut v = master[ix].clone();
                for r in &recent {
                    if v.is_empty() {
                        v = r[ix].clone();
                    } else if let Some(both) = united(&v, &r[ix]) {
                        v = both;
                    }
                }
                v
            };
            // A hierarchy never turns back on itself.
            let itself = value.as_id().is_some_and(|id| id == master.id || victims.iter().any(|v| v.id == id))
                && f.ty.target().as_ref() == Some(&o.name);
            if value != master[ix] && !itself {
                out.insert(f.name.to_string(), value);
            }
        }
        if faults.is_empty() { Ok(out) } else { Err(Error::Invalid(faults)) }
    }

    /// A merged record goes to the bin and says where it went.
    async fn bury_merged(&mut self, o: &Arc<ObjectDef>, old: Record, master: RecordId) -> Result<()> {
        let mut new = old.clone();
        new.set(o, "merged_into_id", Value::from(master.to_string().as_str()));
        new.deleted_at = Some(self.now);
        new.version = old.version + 1;
        let model = self.model.clone();
        self.tx.update(&model, o, &old, &new).await?;
        self.writes += 1;
        self.note(o, ChangeOp::Delete, Some(&old), &new, None);
        self.after_write(o, Some(&old), &new);
        Ok(())
    }

    /// Children, activities, links and files move to the master; what would be there twice goes to the bin instead.
    async fn move_references(&mut self, o: &Arc<ObjectDef>, from: &[RecordId], to: RecordId) -> Result<u64> {
        let plan = self.plan.clone();
        let Some(p) = plan.object(&o.name) else { return Ok(0) };
        let mut moved = 0;
        for inc in &p.incoming {
            if OWN.contains(&inc.object.as_str()) {
                continue;
            }
            let other = self.object(&inc.object)?;
            let Some(ix) = other.ix(&inc.field) else { continue };
            for victim in from {
                let at = |id: RecordId| match other.at(ix).ty {
                    FieldType::Poly { .. } => Value::Ref(RecordRef { object: o.name.clone(), id }),
                    _ => Value::Id(id),
                };
                let many = matches!(other.at(ix).ty, FieldType::Refs { .. });
                let filter = if many { q::has_any(&inc.field, [at(*victim)]) } else { q::eq(&inc.field, at(*victim)) };
                for r in self.find_in(&inc.object, filter, ROWS, Bin::Both).await? {
                    let mut new = r.clone();
                    new[ix] = match &r[ix] {
                        Value::Ids(v) => {
                            let mut ids: Vec<RecordId> = vec![];
                            for id in v.iter().map(|i| if i == victim { to } else { *i }) {
                                if !ids.contains(&id) {
                                    ids.push(id);
                                }
                            }
                            Value::Ids(ids)
                        }
                        // The master itself pointed at the victim.
                        _ if r.id == to && inc.object == o.name => Value::Null,
                        _ => at(to),
                    };
                    let twice = !other.uniques.is_empty() && r.deleted_at.is_none() && self.there_already(&other, &new).await?;
                    if twice {
                        self.discard(&inc.object, r.id).await?;
                    } else {
                        self.put_derived(&other, r, new, "merge").await?;
                    }
                    moved += 1;
                }
            }
        }
        Ok(moved)
    }

    /// Another live record has the same values in a set of fields that must be unique.
    async fn there_already(&mut self, o: &Arc<ObjectDef>, r: &Record) -> Result<bool> {
        for set in o.uniques.clone() {
            if set.iter().any(|f| r.get(o, f).is_empty()) {
                continue;
            }
            let same = q::and(set.iter().map(|f| q::eq(f, r.get(o, f).clone())).chain([q::not(q::id(r.id))]));
            if !self.find(&o.name, same, 1).await?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Candidate pairs among the merged are settled; pairs with others now speak of the master.
    async fn close_pairs(&mut self, o: &Arc<ObjectDef>, victims: &[RecordId], master: RecordId) -> Result<()> {
        if !self.has("duplicate_pair") {
            return Ok(());
        }
        let at = |id: RecordId| Value::Ref(RecordRef { object: o.name.clone(), id });
        for v in victims {
            for field in ["record_a", "record_b"] {
                for pair in self.find("duplicate_pair", q::eq(field, at(*v)), 1_000).await? {
                    let po = self.object("duplicate_pair")?;
                    let other = pair.get(&po, if field == "record_a" { "record_b" } else { "record_a" }).as_id();
                    let inside = other.is_some_and(|id| id == master || victims.contains(&id));
                    let change = if inside { ("status", Value::from("merged")) } else { (field, at(master)) };
                    self.set("duplicate_pair", pair.id, &[change]).await?;
                }
            }
        }
        Ok(())
    }
}
