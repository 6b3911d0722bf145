//! Rules of comments, notifications and followers ask about every object people own. Where it is known on which records the rows in
//! question hang, the rule is cut to their objects first: it reaches the same rows, and the database has little to plan.

use std::{collections::BTreeSet, sync::Arc};

use rapport_policy::{
    Act, Reason, RowRule, Scope, SystemScope,
    talk::{NOTIFICATION, is_talk, may_be_discussed},
};
use rapport_schema::{
    Model, ObjectDef, ObjectName, Record, RecordId, Value,
    query::{Filter, Op, Operand},
};
use rapport_store::{Bin, Select};

use crate::{Engine, Result, Unit, q};

/// The field by which they hang on their record.
const RECORD: &str = "record";

fn objects(o: &ObjectDef, rows: &[Record]) -> BTreeSet<ObjectName> {
    rows.iter().filter_map(|r| if let Value::Ref(at) = r.get(o, RECORD) { Some(at.object.clone()) } else { None }).collect()
}

/// The objects a filter leaves; none when it does not say.
fn named(f: &Filter) -> Option<BTreeSet<ObjectName>> {
    let one = |v: &Value| match v {
        Value::Ref(at) => Some(at.object.clone()),
        Value::Text(t) => ObjectName::new(t).ok(),
        _ => None,
    };
    match f {
        Filter::And(v) => v.iter().find_map(named),
        Filter::Or(v) if !v.is_empty() => {
            v.iter().map(named).collect::<Option<Vec<_>>>().map(|s| s.into_iter().flatten().collect())
        }
        Filter::Cmp { path, op: Op::Eq, operand: Operand::One(v) } if path.hops.is_empty() && path.field == RECORD => {
            one(v).map(|o| [o].into())
        }
        Filter::Cmp { path, op: Op::In, operand: Operand::Many(v) } if path.hops.is_empty() && path.field == RECORD => {
            v.iter().map(one).collect()
        }
        _ => None,
    }
}

fn any(model: &Arc<Model>, o: &Arc<ObjectDef>, filter: Filter, limit: usize, now: rapport_schema::Millis) -> Select {
    let rule = SystemScope::because(Reason::Derive).rule(Act::Read, model, o);
    let mut s = q::select(model, o, rule, filter, u32::try_from(limit).unwrap_or(u32::MAX), now);
    s.bin = Bin::Both;
    s
}

fn as_it_is(o: &ObjectDef, rule: &RowRule) -> bool {
    !is_talk(o) || rule.is_all() || rule.is_nothing()
}

impl Engine {
    /// The caller's rule, as far as it is about these rows.
    pub(crate) async fn rule_for(
        &self,
        scope: &Scope,
        act: Act,
        model: &Arc<Model>,
        o: &Arc<ObjectDef>,
        ids: &[RecordId],
    ) -> Result<RowRule> {
        let rule = scope.rule(act, model, o);
        if as_it_is(o, &rule) {
            return Ok(rule);
        }
        let mut on = BTreeSet::new();
        for part in ids.chunks(500) {
            let s = any(model, o, q::ids(part.iter().copied()), part.len(), self.now());
            on.extend(objects(o, &self.0.db.records(s).await?));
        }
        Ok(rule.leading_to(RECORD, &on))
    }

    /// The caller's rule, as far as it is about rows that fit the filter.
    pub(crate) async fn rule_within(
        &self,
        scope: &Scope,
        rule: RowRule,
        model: &Arc<Model>,
        o: &Arc<ObjectDef>,
        filter: &Filter,
    ) -> Result<RowRule> {
        if as_it_is(o, &rule) {
            return Ok(rule);
        }
        if let Some(on) = named(filter) {
            return Ok(rule.leading_to(RECORD, &on));
        }
        let Some(me) = scope.user().filter(|_| o.name == NOTIFICATION) else {
            // Of all objects people own, those on which something hangs at all.
            let mut on = BTreeSet::new();
            for m in model.objects.values().filter(|m| may_be_discussed(m)) {
                let s = any(model, o, q::eq(RECORD, Value::from(m.name.as_str())), 1, self.now());
                if !self.0.db.records(s).await?.is_empty() {
                    on.insert(m.name.clone());
                }
            }
            return Ok(rule.leading_to(RECORD, &on));
        };
        let mine = q::and([q::eq("user_id", me.record()), filter.clone()]);
        let mut s = any(model, o, mine, 10_000, self.now());
        s.user = Some(me);
        let rows = self.0.db.records(s).await?;
        Ok(if rows.len() < 10_000 { rule.leading_to(RECORD, &objects(o, &rows)) } else { rule })
    }
}

impl Unit<'_> {
    /// The caller's rule, as far as it is about this row.
    pub(crate) async fn rule_on(&mut self, act: Act, o: &Arc<ObjectDef>, id: RecordId) -> Result<RowRule> {
        let rule = self.scope.rule(act, &self.model, o);
        if as_it_is(o, &rule) {
            return Ok(rule);
        }
        let s = any(&self.model, o, q::id(id), 1, self.now);
        let rows = self.tx.records(s).await?;
        Ok(rule.leading_to(RECORD, &objects(o, &rows)))
    }
}
