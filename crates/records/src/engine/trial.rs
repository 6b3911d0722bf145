//! A formula tried out on a real record before it is kept, and how many records break a rule.

use async_recursion::async_recursion as boxed;
use std::sync::Arc;

use rapport_policy::{Act, FieldRight, RowRule, Scope};
use rapport_schema::{
    FieldDef, FieldName, FieldType, Label, Model, ObjectDef, Record, RecordId, RecordRef, Value, codec,
    field::ResultType,
    formula,
    query::{CountMode, Filter, SortKey},
};
use rapport_store::Select;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{
    modelling::may_edit,
    read::{expr_fault, is_common, right_of},
};
use crate::{
    Engine, Error, Result,
    plan::{Formula, Moment, Related},
    q, shape,
};

/// Records offered to try a formula on, the latest changed first.
const OFFERED: u32 = 10;
/// Records that break a rule and are told by id.
const TOLD: u32 = 100;
/// Records looked at for a rule that no database can judge.
const SCANNED: u32 = 1_000;
/// The name under which the formula stands beside the object's fields.
const PROBE: &str = "probe";

/// What to try.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// The object whose fields the formula names.
    pub object: String,
    /// The formula.
    pub formula: String,
    /// What it is to give: a result of the model's files (`text int dec money pct bool date dt dur`); none = a condition.
    #[serde(default)]
    pub result: Option<String>,
    /// Decimals of a `dec`.
    #[serde(default)]
    pub scale: Option<u8>,
    /// The record to try it on; none = the one changed last.
    #[serde(default)]
    pub id: Option<RecordId>,
    /// Count the records for which the condition gives this.
    #[serde(default)]
    pub count: Option<bool>,
}

fn result_of(t: &Trial) -> Option<ResultType> {
    Some(match t.result.as_deref()? {
        "text" => ResultType::Text,
        "int" => ResultType::Int,
        "dec" => ResultType::Dec(t.scale.unwrap_or(2).min(8)),
        "money" => ResultType::Money,
        "pct" => ResultType::Pct,
        "date" => ResultType::Date,
        "dt" => ResultType::DateTime,
        "dur" => ResultType::Duration,
        _ => ResultType::Bool,
    })
}

/// A condition of a field as the caller may be told it: its text and, when the page can judge it by itself, its tree. Nothing when it
/// reads a field the caller may not see: the server judges it all the same.
#[must_use]
pub fn told_condition(scope: &Scope, model: &Arc<Model>, o: &ObjectDef, text: &str) -> Option<Json> {
    let f = formula::check_condition(text, model, o).ok()?;
    if f.fields().into_iter().any(|p| right_of(scope, model, o, p).is_err()) {
        return None;
    }
    Some(match formula::tree(&f) {
        Some(tree) => json!({ "formula": text, "tree": tree }),
        None => json!({ "formula": text }),
    })
}

impl Engine {
    /// Reads a formula, and says what it gives for a record the caller may see and, for a condition, for how many records it gives
    /// what is asked. Answers `value` in the form of the result's type, `record`, the `records` to choose from, and `broken`.
    ///
    /// # Errors
    /// [`Error::Denied`] without `model.edit` or the right to read the object; faults of the formula with their place;
    /// `permission.field` for a field the caller may not see plainly; [`Error::NotFound`] for a record out of reach.
    #[boxed]
    pub async fn try_formula(&self, scope: &Scope, trial: &Trial) -> Result<Json> {
        may_edit(scope)?;
        let (model, o, rows) = self.readable(scope, &trial.object)?;
        let result = result_of(trial);
        let volatile = rapport_schema::check::is_volatile(&trial.formula);
        let ty =
            |volatile| FieldType::Calc { formula: trial.formula.clone(), result: result.unwrap_or(ResultType::Bool), volatile };
        let probe = FieldDef::new(FieldName::lit(PROBE), Label::default(), ty(volatile));
        let checked = match result {
            Some(_) => formula::check_field(&trial.formula, &probe, &model, &o),
            None => formula::check_condition(&trial.formula, &model, &o),
        }
        .map_err(|e| expr_fault("formula", e))?;
        for p in checked.fields() {
            if matches!(right_of(scope, &model, &o, p)?, FieldRight::Masked(_)) {
                return Err(shape::bad_field("permission.field", &rapport_schema::expr::written(p)));
            }
        }
        let f = Formula::new(checked, Some(probe.clone()));
        let at = Trying { engine: self, scope, model, o, rows, f };
        let newest = at.newest(Filter::True, OFFERED).await?;
        let record = match trial.id {
            None => newest.first().cloned(),
            Some(id) => Some(at.newest(q::id(id), 1).await?.pop().ok_or(Error::NotFound)?),
        };
        let (mut value, mut beyond) = (Json::Null, false);
        if let Some(r) = &record {
            let related = at.related(std::slice::from_ref(r)).await?;
            beyond = !at.all_seen(r, &related).await?;
            if !beyond {
                value = codec::to_json(&probe, &at.given(r, &related).await?, codec::Form::of(&at.model));
            }
        }
        let broken = match trial.count.filter(|_| result.is_none()) {
            Some(wanted) => at.count_giving(FieldDef { ty: ty(true), ..probe }, wanted).await?,
            None => Json::Null,
        };
        let refs: Vec<RecordRef> =
            newest.iter().chain(&record).map(|r| RecordRef { object: at.o.name.clone(), id: r.id }).collect();
        let titles = self.titles(&refs).await?;
        let called = |r: &Record| {
            let title = titles.iter().find(|(x, _)| x.id == r.id).map(|(_, t)| t.as_str());
            json!({ "id": r.id.to_string(), "title": title.unwrap_or_default() })
        };
        Ok(json!({
            "value": value,
            "beyond": beyond,
            "record": record.as_ref().map(called),
            "records": newest.iter().map(called).collect::<Vec<_>>(),
            "broken": broken,
        }))
    }
}

/// A formula being tried by somebody.
struct Trying<'a> {
    engine: &'a Engine,
    scope: &'a Scope,
    model: Arc<Model>,
    o: Arc<ObjectDef>,
    /// What of the object the caller sees.
    rows: RowRule,
    f: Formula,
}

impl Trying<'_> {
    /// Records the caller may see, the latest changed first.
    async fn newest(&self, filter: Filter, limit: u32) -> Result<Vec<Record>> {
        let mut s = q::select(&self.model, &self.o, self.rows.clone(), filter, limit, self.engine.now());
        s.user = self.scope.user();
        s.sort = self.o.ix("updated_at").map(|field| SortKey { field, desc: true }).into_iter().collect();
        Ok(self.engine.0.db.records(s).await?)
    }

    async fn related(&self, of: &[Record]) -> Result<Related> {
        let mut related = Related::default();
        for hops in self.f.hops() {
            self.engine.gather(&self.model, &self.o, of, hops, &mut related).await?;
        }
        Ok(related)
    }

    /// Every record the formula reads beside this one may be seen (R-VIS-07: of others only the title is told).
    async fn all_seen(&self, r: &Record, related: &Related) -> Result<bool> {
        for hops in self.f.hops() {
            let mut here = (self.o.clone(), r.clone());
            for (field, target) in hops {
                let Some(id) = here.1.get(&here.0, field).as_id() else { break };
                let (Some(next), Some(at)) = (self.model.object(target).cloned(), related.get(target, id)) else { break };
                let rule = self.scope.rule(Act::Read, &self.model, &next);
                if !is_common(&next)
                    && !rule.is_all()
                    && self.engine.reached(self.scope, &self.model, &next, rule, id).await?.is_none()
                {
                    return Ok(false);
                }
                here = (next, at.clone());
            }
        }
        Ok(true)
    }

    async fn given(&self, r: &Record, related: &Related) -> Result<Value> {
        let e = &self.engine;
        let (norm, rates, calendars) = (e.norm().await?, e.rates().await?, e.calendars().await?);
        let (now, user, calendar) = (e.now(), self.scope.user(), calendars.default_one());
        let at = Moment { model: &self.model, norm: &*norm, now, user, rates: &rates, calendar };
        Ok(self.f.value(&at, &self.o, r, related))
    }

    /// How many records the caller may see give `wanted`, and which: counted by the database, or, where it cannot judge the formula,
    /// among the records changed last. Nothing when the formula reads records the caller may not see.
    async fn count_giving(&self, probe: FieldDef, wanted: bool) -> Result<Json> {
        let mut far = self.f.hops().flatten().filter_map(|(_, to)| self.model.object(to));
        if far.any(|t| !is_common(t) && !self.scope.rule(Act::Read, &self.model, t).is_all()) {
            return Ok(Json::Null);
        }
        if self.f.in_memory() {
            let all = self.newest(Filter::True, SCANNED).await?;
            let related = self.related(&all).await?;
            let mut ids = vec![];
            for r in &all {
                if self.given(r, &related).await?.is_true() == wanted {
                    ids.push(r.id.to_string());
                }
            }
            let count = ids.len();
            ids.truncate(TOLD as usize);
            let among = (all.len() == SCANNED as usize).then_some(SCANNED);
            return Ok(json!({ "count": count, "capped": false, "among": among, "ids": ids }));
        }
        // The formula as a field that is computed when read: the database judges it like any other.
        let mut wider = ObjectDef::clone(&self.o);
        wider.fields.push(probe);
        wider.reindex();
        let wider = Arc::new(wider);
        let mut with = Model::clone(&self.model);
        with.objects.insert(wider.name.clone(), wider.clone());
        let with = Arc::new(with);
        let rows = self.scope.rule(Act::Read, &with, &wider);
        let mut s: Select = q::select(&with, &wider, rows, q::eq(PROBE, Value::Bool(wanted)), TOLD, self.engine.now());
        s.user = self.scope.user();
        let count = self.engine.0.db.count(s.clone(), CountMode::Capped).await?;
        let ids: Vec<String> = self.engine.0.db.records(s).await?.iter().map(|r| r.id.to_string()).collect();
        Ok(json!({
            "count": count.as_ref().map_or(ids.len() as u64, |c| c.value),
            "capped": count.is_some_and(|c| c.capped),
            "among": null,
            "ids": ids,
        }))
    }
}
