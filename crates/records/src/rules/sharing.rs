//! Sharing rules (R-VIS-04): by criteria or by owner, kept as rows of `record_share`. A write adjusts the shares of its record; a
//! changed rule is worked through in the background ([`crate::Engine::build_shares`]).

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use rapport_schema::{
    ChangeOp, FieldError, Model, ObjectDef, ObjectKind, ObjectName, Record, RecordId, RecordRef, Value,
    codec::Normalise,
    filter,
    query::{Filter, Operand},
};
use serde_json::Value as Json;
use smol_str::SmolStr;

use crate::{Draft, Error, Hook, Result, Unit, q};

/// One enabled rule, read.
#[derive(Debug, Clone)]
pub(crate) struct ShareRule {
    pub id: RecordId,
    pub name: SmolStr,
    pub object: ObjectName,
    /// Records for which this holds …
    pub criteria: Option<Filter>,
    /// … or that belong to these people or departments (those below included).
    pub owners: BTreeSet<RecordId>,
    pub depts: BTreeSet<RecordId>,
    pub to: Vec<RecordRef>,
    pub access: SmolStr,
}

fn ids(j: Option<&Json>) -> BTreeSet<RecordId> {
    j.and_then(Json::as_array).into_iter().flatten().filter_map(|v| v.as_str()?.parse().ok()).collect()
}

/// Whom a rule shares with: one reference or several.
fn grantees(j: &Json) -> Option<Vec<RecordRef>> {
    let one = |j: &Json| {
        let object = j["object"].as_str().filter(|o| matches!(*o, "user" | "department" | "role" | "team"))?;
        Some(RecordRef { object: ObjectName::new(object).ok()?, id: j["id"].as_str()?.parse().ok()? })
    };
    match j {
        Json::Array(all) if !all.is_empty() => all.iter().map(one).collect(),
        Json::Object(_) => Some(vec![one(j)?]),
        _ => None,
    }
}

/// Criteria speak of the record alone and mean the same every day: no related fields, nothing relative.
fn stands_alone(f: &Filter) -> bool {
    match f {
        Filter::True => true,
        Filter::And(v) | Filter::Or(v) => v.iter().all(stands_alone),
        Filter::Not(f) => stands_alone(f),
        Filter::Cmp { path, operand, .. } => {
            path.hops.is_empty()
                && match operand {
                    Operand::Rel(_) => false,
                    Operand::Field(p) => p.hops.is_empty(),
                    _ => true,
                }
        }
    }
}

fn json<'r>(o: &ObjectDef, r: &'r Record, f: &str) -> Option<&'r Json> {
    if let Value::Json(j) = r.get(o, f) { Some(j) } else { None }
}

impl ShareRule {
    /// Reads a `sharing_rule` record, or says which field is at fault. `below`: a department with all below it.
    pub fn read(
        model: &Arc<Model>,
        norm: &dyn Normalise,
        o: &ObjectDef,
        r: &Record,
        below: &dyn Fn(RecordId) -> Vec<RecordId>,
    ) -> std::result::Result<Self, &'static str> {
        let object = r.get(o, "object").as_text().and_then(|t| model.object(t)).ok_or("object")?;
        if object.kind != ObjectKind::Ownable {
            return Err("object");
        }
        let owner = r.get(o, "kind").as_text() == Some("owner");
        let criteria = if owner {
            None
        } else {
            let f = match json(o, r, "criteria").ok_or("criteria")? {
                Json::String(s) => filter::parse(s, model, object, norm),
                j => filter::parse_json(j, model, object, norm),
            };
            Some(f.ok().filter(stands_alone).ok_or("criteria")?)
        };
        let from = if owner { json(o, r, "from") } else { None };
        let named = ids(from.and_then(|f| f.get("departments")));
        let (owners, depts) =
            (ids(from.and_then(|f| f.get("users"))), named.into_iter().flat_map(below).collect::<BTreeSet<_>>());
        if owner && owners.is_empty() && depts.is_empty() {
            return Err("from");
        }
        Ok(Self {
            id: r.id,
            name: r.get(o, "name").as_text().unwrap_or_default().into(),
            object: object.name.clone(),
            criteria,
            owners,
            depts,
            to: json(o, r, "to").and_then(grantees).ok_or("to")?,
            access: r.get(o, "access").as_text().unwrap_or("read").into(),
        })
    }

    /// The rule shares this record.
    pub fn covers(&self, o: &ObjectDef, r: &Record, norm: &dyn Normalise) -> bool {
        match &self.criteria {
            Some(f) => {
                let nothing = |_: &rapport_schema::query::Path| Value::Null;
                filter::eval(f, &filter::RecordView { object: o, record: r, related: &nothing }, norm)
            }
            None => {
                let is = |f: &str, all: &BTreeSet<RecordId>| r.get(o, f).as_id().is_some_and(|id| all.contains(&id));
                is("owner_id", &self.owners) || is("dept_id", &self.depts)
            }
        }
    }
}

pub(crate) struct SharingHook;

#[async_trait]
impl Hook for SharingHook {
    fn objects(&self) -> &[&'static str] {
        &[]
    }

    async fn before(&self, u: &mut Unit<'_>, d: &mut Draft) -> Result<()> {
        if d.object.name != "sharing_rule" || !matches!(d.op, ChangeOp::Create | ChangeOp::Update | ChangeOp::Restore) {
            return Ok(());
        }
        let norm = u.norm();
        // Which departments lie below does not matter for whether it can be read.
        let alone = |id: RecordId| vec![id];
        ShareRule::read(&u.model, &*norm, &d.object, &d.new, &alone)
            .map(|_| ())
            .map_err(|field| Error::field(FieldError::new(field, "value.type").with("expected", "sharing_rule")))
    }

    async fn after(&self, u: &mut Unit<'_>, d: &Draft) -> Result<()> {
        if d.object.kind != ObjectKind::Ownable || !matches!(d.op, ChangeOp::Create | ChangeOp::Update | ChangeOp::Restore) {
            return Ok(());
        }
        let rules = u.share_rules();
        let norm = u.norm();
        for rule in rules.iter().filter(|r| r.object == d.object.name) {
            let is = rule.covers(&d.object, &d.new, &*norm);
            // Nothing was there before a create, and what stays as it was has its shares.
            let was = d.op != ChangeOp::Create && d.old.as_ref().is_some_and(|r| rule.covers(&d.object, r, &*norm));
            if is != was || d.op == ChangeOp::Restore {
                u.share_by(rule, d.new.id, is).await?;
            }
        }
        Ok(())
    }
}

impl Unit<'_> {
    /// Makes the shares a rule gives on a record, or takes them away. Repeating it changes nothing.
    pub(crate) async fn share_by(&mut self, rule: &ShareRule, id: RecordId, shared: bool) -> Result<()> {
        let at = Value::Ref(RecordRef { object: rule.object.clone(), id });
        let so = self.object("record_share")?;
        let have = self.find("record_share", q::and([q::eq("record", at.clone()), q::eq("rule_id", rule.id)]), 1_000).await?;
        let mut missing: Vec<&RecordRef> = if shared { rule.to.iter().collect() } else { vec![] };
        for row in have {
            let to = if let Value::Ref(r) = row.get(&so, "grantee") { Some(r.clone()) } else { None };
            let wanted = missing.iter().position(|m| Some(*m) == to.as_ref());
            match wanted {
                Some(i) => {
                    missing.remove(i);
                    if row.get(&so, "access").as_text() != Some(rule.access.as_str()) {
                        self.set("record_share", row.id, &[("access", Value::from(rule.access.as_str()))]).await?;
                    }
                }
                None => self.discard("record_share", row.id).await?,
            }
        }
        for to in missing.into_iter().cloned().collect::<Vec<_>>() {
            let fields = [
                ("record", at.clone()),
                ("grantee", Value::Ref(to)),
                ("access", Value::from(rule.access.as_str())),
                ("rule_id", Value::Id(rule.id)),
                ("reason", Value::from(rule.name.as_str())),
            ];
            self.make("record_share", &fields).await?;
        }
        Ok(())
    }
}
