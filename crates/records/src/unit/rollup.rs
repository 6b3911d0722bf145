//! Rollups and formulas of other records, kept in the same transaction (domain model §1 `roll`, `calc`).

use async_recursion::async_recursion as boxed;
use std::{collections::BTreeMap, sync::Arc};

use rapport_schema::{
    FieldIx, FieldType, ObjectDef, ObjectName, Record, RecordId, RecordRef, Value,
    field::{ResultType, RollupFn},
    money::{AMOUNT_SCALE, PCT_SCALE, round_half_up},
    query::{AggFn, GroupKey, Measure, Path},
};
use rapport_store::{Aggregate, Bin};

use crate::{Draft, Result, Unit, q};

/// Rounds of parents of parents; a chain longer than this is a mistake of the model.
const MAX_ROUNDS: usize = 8;

impl Unit<'_> {
    /// Notes the parents whose rollups this row moves.
    pub(crate) fn mark_parents(&mut self, o: &Arc<ObjectDef>, old: Option<&Record>, new: &Record) {
        let plan = self.plan.clone();
        let Some(p) = plan.object(&o.name) else { return };
        for r in &p.rollups_into {
            let counted = |rec: &Record| rec.deleted_at.is_none();
            let was = old.filter(|r| counted(r)).and_then(|x| points_to(&x[r.via], &r.parent));
            let is = Some(new).filter(|r| counted(r)).and_then(|x| points_to(&x[r.via], &r.parent));
            let moved = was != is || old.is_none() || old.is_some_and(|old| r.reads.iter().any(|ix| old[*ix] != new[*ix]));
            if !moved {
                continue;
            }
            for id in [was, is].into_iter().flatten() {
                self.dirty.insert((r.parent.clone(), id, r.field));
            }
        }
    }

    /// Computes the rollups noted so far, parents locked in order of id, and tells people what concerns them. Called before the
    /// transaction ends; a rule that needs the sums earlier calls it itself.
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn settle(&mut self) -> Result<()> {
        self.sum_up().await?;
        self.tell().await
    }

    async fn sum_up(&mut self) -> Result<()> {
        for _ in 0..MAX_ROUNDS {
            if self.dirty.is_empty() {
                return Ok(());
            }
            let mut by_parent: BTreeMap<(ObjectName, RecordId), Vec<FieldIx>> = BTreeMap::new();
            for (o, id, ix) in std::mem::take(&mut self.dirty) {
                by_parent.entry((o, id)).or_default().push(ix);
            }
            let parents: Vec<((ObjectName, RecordId), Vec<FieldIx>)> = by_parent.into_iter().collect();
            for part in parents.chunks(500) {
                self.settle_part(part).await?;
            }
        }
        Ok(())
    }

    async fn settle_part(&mut self, part: &[((ObjectName, RecordId), Vec<FieldIx>)]) -> Result<()> {
        let model = self.model.clone();
        let mut rows: Vec<(Arc<ObjectDef>, Record, Record)> = Vec::with_capacity(part.len());
        let mut wanted: BTreeMap<(ObjectName, FieldIx), Vec<usize>> = BTreeMap::new();
        for ((name, id), fields) in part {
            let o = self.object(name)?;
            let all = self.everything(&o);
            let Some(r) = self.tx.load(&model, &o, &all, *id, Bin::Both, self.now).await? else { continue };
            for ix in fields {
                wanted.entry((name.clone(), *ix)).or_default().push(rows.len());
            }
            rows.push((o, r.clone(), r));
        }
        for ((name, ix), at) in wanted {
            let o = self.object(&name)?;
            let ids: Vec<RecordId> = at.iter().map(|i| rows[*i].1.id).collect();
            let Some(values) = self.rollup_values(&o, ix, &ids).await? else { continue };
            for (i, v) in at.into_iter().zip(values) {
                rows[i].2[ix] = v;
            }
        }
        for (o, old, new) in rows {
            let gone = new.deleted_at.is_some();
            if old.values != new.values {
                self.put_derived(&o, old.clone(), new.clone(), "rollup").await?;
                if !gone {
                    let draft = Draft {
                        object: o,
                        op: rapport_schema::ChangeOp::Update,
                        old: Some(old),
                        new,
                        asked: vec![],
                        by_action: true,
                    };
                    self.followers(&draft).await?;
                }
            }
        }
        Ok(())
    }

    /// What a rollup is for some records now, in their order; `None` when the field is no rollup this model computes.
    pub(crate) async fn rollup_values(
        &mut self,
        o: &Arc<ObjectDef>,
        ix: FieldIx,
        ids: &[RecordId],
    ) -> Result<Option<Vec<Value>>> {
        let FieldType::Roll { rollup, result } = &o.at(ix).ty else { return Ok(None) };
        let plan = self.plan.clone();
        let Some(filter) = plan.rollup_filter(&o.name, ix) else { return Ok(None) };
        let model = self.model.clone();
        let child = self.object(&rollup.object)?;
        let poly = child.field(&rollup.via).is_some_and(|f| matches!(f.ty, FieldType::Poly { .. }));
        let here = |id| if poly { Value::Ref(RecordRef { object: o.name.clone(), id }) } else { Value::Id(id) };
        let parents: Vec<Value> = ids.iter().map(|i| here(*i)).collect();
        let filter = q::and([q::any_of(&rollup.via, parents), filter.clone()]);
        let rule = self.everything(&child);
        let select = q::select(&model, &child, rule, filter, u32::MAX >> 1, self.now);
        let func = match rollup.func {
            RollupFn::Count => AggFn::Count,
            RollupFn::Sum => AggFn::Sum,
            RollupFn::Min => AggFn::Min,
            RollupFn::Max => AggFn::Max,
            RollupFn::Avg => AggFn::Avg,
        };
        let agg = Aggregate {
            group: vec![GroupKey { path: Path::own(rollup.via.clone()), bucket: None }],
            measures: vec![Measure { func, field: rollup.field.clone().map(Path::own) }],
            order: None,
            limit: u32::try_from(ids.len()).unwrap_or(u32::MAX),
        };
        let groups = self.tx.aggregate(select, agg).await?;
        let of = |id: &RecordId| {
            let group = groups.iter().find(|g| g.keys.first().and_then(Value::as_id) == Some(*id));
            let got = group.and_then(|g| g.values.first().cloned());
            got.map_or_else(|| of_nothing(rollup.func, *result), |v| shaped(v, *result))
        };
        Ok(Some(ids.iter().map(of).collect()))
    }

    /// Stored formulas of other records that read what this change moved.
    pub(crate) async fn followers(&mut self, draft: &Draft) -> Result<()> {
        let plan = self.plan.clone();
        let Some(p) = plan.object(&draft.object.name) else { return Ok(()) };
        if draft.old.is_none() {
            return Ok(());
        }
        for f in &p.followers {
            if !f.reads.iter().any(|n| draft.changed(n)) {
                continue;
            }
            let o = self.object(&f.object)?;
            let filter = rapport_schema::query::Filter::Cmp {
                path: f.back.clone(),
                op: rapport_schema::query::Op::Eq,
                operand: rapport_schema::query::Operand::One(Value::Id(draft.new.id)),
            };
            for r in self.find(&o.name, filter, 10_000).await? {
                let mut new = r.clone();
                self.formulas(&o, &mut new).await?;
                self.put_derived(&o, r, new, "formula").await?;
            }
        }
        Ok(())
    }
}

/// The parent a child points to, when it is of this object.
fn points_to(v: &Value, parent: &ObjectName) -> Option<RecordId> {
    match v {
        Value::Ref(r) if r.object != *parent => None,
        v => v.as_id(),
    }
}

/// COUNT and SUM of nothing is 0, the others are empty (domain model §1).
pub(crate) fn of_nothing(func: RollupFn, result: ResultType) -> Value {
    match func {
        RollupFn::Count | RollupFn::Sum => shaped(Value::Int(0), result),
        RollupFn::Min | RollupFn::Max | RollupFn::Avg => Value::Null,
    }
}

/// A measured value in the form of the rollup's result.
fn shaped(v: Value, result: ResultType) -> Value {
    use rust_decimal::Decimal;
    let number = match &v {
        Value::Int(n) => Some(Decimal::from(*n)),
        Value::Dec(d) => Some(*d),
        Value::Money(m) => Some(m.base),
        _ => None,
    };
    match (result, number) {
        (ResultType::Int | ResultType::Duration, Some(d)) => i64::try_from(round_half_up(d, 0)).map_or(Value::Null, Value::Int),
        (ResultType::Dec(s), Some(d)) => Value::Dec(round_half_up(d, u32::from(s))),
        (ResultType::Money, Some(d)) => Value::Dec(round_half_up(d, AMOUNT_SCALE)),
        (ResultType::Pct, Some(d)) => Value::Dec(round_half_up(d, PCT_SCALE)),
        (ResultType::Text | ResultType::Bool | ResultType::Date | ResultType::DateTime, _) | (_, None) => v,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rollups_of_nothing() {
        // domain model §1: MIN/MAX of nothing is blank; COUNT/SUM of nothing is 0
        assert_eq!(of_nothing(RollupFn::Count, ResultType::Int), Value::Int(0));
        assert_eq!(of_nothing(RollupFn::Sum, ResultType::Money), Value::Dec(0.into()));
        assert_eq!(of_nothing(RollupFn::Max, ResultType::Date), Value::Null);
        assert_eq!(of_nothing(RollupFn::Avg, ResultType::Dec(2)), Value::Null);
    }

    #[test]
    fn averages_are_half_up_at_the_scale() {
        // domain model §1: AVG is HALF_UP at the field's scale
        assert_eq!(shaped(Value::Dec("2.345".parse().unwrap()), ResultType::Dec(2)), Value::Dec("2.35".parse().unwrap()));
    }
}
