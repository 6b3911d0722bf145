//! Formulas computed when read. The store computes them with the rows; what no database computes (`WORKDAYS`, `CONVERT`,
//! `REGEX`, months added to an instant) is put into its answers here.

use std::sync::Arc;

use indexmap::IndexMap;
use rapport_policy::{Act, Reason, Scope, SystemScope};
use rapport_schema::{MaskKind, Model, ObjectDef, Record, RecordId, Value, codec};
use rapport_store::{Bin, Shape};
use serde_json::value::RawValue;

use crate::{
    Engine, Result, Unit,
    plan::{Formula, Moment, Related},
    q, shape,
};

type Row = IndexMap<String, Box<RawValue>>;

impl Engine {
    /// Puts the values only memory computes into rows of an answer: elements of a JSON array without its brackets.
    pub(crate) async fn computed(
        &self,
        scope: &Scope,
        model: &Arc<Model>,
        o: &Arc<ObjectDef>,
        shape: &Shape,
        rows: Vec<u8>,
    ) -> Result<Vec<u8>> {
        let state = self.state();
        let Some(p) = state.plan.object(&o.name) else { return Ok(rows) };
        let wanted: Vec<(&str, &Formula, Option<MaskKind>, usize)> = p
            .volatile
            .iter()
            .filter(|(_, f)| f.in_memory())
            .filter_map(|(ix, f)| {
                let out = shape.fields.iter().find(|x| x.field == *ix)?;
                Some((o.at(*ix).name.as_str(), f, out.mask, ix.ix()))
            })
            .collect();
        if wanted.is_empty() || rows.is_empty() {
            return Ok(rows);
        }
        let text = [b"[".as_slice(), &rows, b"]"].concat();
        let Ok(mut list) = serde_json::from_slice::<Vec<Row>>(&text) else { return Ok(rows) };
        let id_of = |r: &Row| r.get("id").and_then(|j| serde_json::from_str::<RecordId>(j.get()).ok());
        let records = self.by_id(model, o, list.iter().filter_map(id_of).collect()).await?;
        let (norm, rates, form) = (self.norm().await?, self.rates().await?, codec::Form::of(model));
        let calendars = self.calendars().await?;
        let (now, user, calendar) = (self.now(), scope.user(), calendars.default_one());
        let at = Moment { model, norm: &*norm, now, user, rates: &rates, calendar };
        let mut related = Related::default();
        for (_, f, ..) in &wanted {
            for hops in f.hops() {
                self.gather(model, o, &records, hops, &mut related).await?;
            }
        }
        for row in &mut list {
            let Some(r) = id_of(row).and_then(|id| records.iter().find(|r| r.id == id)) else { continue };
            let own = scope.user().is_some() && r.get(o, "owner_id").as_id() == scope.user().map(|u| u.record());
            for (name, f, mask, ix) in &wanted {
                let json = codec::to_json(&o.fields[*ix], &f.value(&at, o, r, &related), form);
                let json = match mask {
                    Some(m) if !own => shape::masked(*m, &json),
                    _ => json,
                };
                row.insert((*name).to_owned(), RawValue::from_string(json.to_string()).expect("a JSON value is JSON"));
            }
        }
        let text = serde_json::to_vec(&list).expect("rows of JSON are JSON");
        Ok(text[1..text.len() - 1].to_vec())
    }

    async fn by_id(&self, model: &Arc<Model>, o: &Arc<ObjectDef>, ids: Vec<RecordId>) -> Result<Vec<Record>> {
        let mut out = Vec::with_capacity(ids.len());
        for part in ids.chunks(500) {
            let rule = SystemScope::because(Reason::Derive).rule(Act::Read, model, o);
            let any = q::any_of("id", part.iter().map(|i| Value::Id(*i)));
            let mut s = q::select(model, o, rule, any, u32::try_from(part.len()).unwrap_or(u32::MAX), self.now());
            s.bin = Bin::Both;
            out.extend(self.0.db.records(s).await?);
        }
        Ok(out)
    }

    /// The records some lookups lead to, a query for each step.
    pub(super) async fn gather(
        &self,
        model: &Arc<Model>,
        o: &Arc<ObjectDef>,
        from: &[Record],
        hops: &[(rapport_schema::FieldName, rapport_schema::ObjectName)],
        related: &mut Related,
    ) -> Result<()> {
        let (mut here, mut at) = (o.clone(), from.to_vec());
        for (field, target) in hops {
            let Some(next) = model.object(target).cloned() else { return Ok(()) };
            let mut ids: Vec<RecordId> = at.iter().filter_map(|r| r.get(&here, field).as_id()).collect();
            ids.sort_unstable();
            ids.dedup();
            at = self.by_id(model, &next, ids).await?;
            for r in &at {
                related.put(target.clone(), r.clone());
            }
            here = next;
        }
        Ok(())
    }
}

impl Unit<'_> {
    /// The record with its formulas computed when read, for an answer.
    pub(crate) async fn with_volatile(&mut self, o: &Arc<ObjectDef>, r: &Record) -> Result<Record> {
        let mut out = r.clone();
        let plan = self.plan.clone();
        if let Some(p) = plan.object(&o.name) {
            for (ix, f) in &p.volatile {
                out[*ix] = self.evaluate(o, r, f).await?;
            }
        }
        Ok(out)
    }
}
