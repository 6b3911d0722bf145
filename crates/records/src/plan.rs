//! What follows from a model for the pipeline, computed once per version: formulas in their order, numbers, rollups, who points
//! to whom.

use std::{borrow::Cow, collections::HashMap};

use rapport_schema::{
    DefaultValue, ExprError, FieldDef, FieldIx, FieldName, FieldType, Label, Millis, Model, ObjectDef, ObjectName, Record,
    RecordId, UserId, Value,
    codec::{self, Ctx, Input},
    field::OnDelete,
    filter, formula,
    query::{Filter, Path},
    worktime::Calendar,
};

use crate::{Error, Result, autonum::Pattern, norm::Norm};

/// A checked formula with what it reads of other records.
#[derive(Debug, Clone)]
pub(crate) struct Formula {
    formula: formula::Formula,
    /// The field the result is for; none = a condition.
    field: Option<FieldDef>,
    hops: Vec<Vec<(FieldName, ObjectName)>>,
}

impl Formula {
    pub fn new(formula: formula::Formula, field: Option<FieldDef>) -> Self {
        let mut hops: Vec<Vec<(FieldName, ObjectName)>> = vec![];
        for p in formula.fields() {
            if !p.hops.is_empty() && !hops.contains(&p.hops) {
                hops.push(p.hops.clone());
            }
        }
        Self { formula, field, hops }
    }
    /// A condition over an object.
    pub fn condition(text: &str, model: &Model, o: &ObjectDef) -> std::result::Result<Self, ExprError> {
        formula::check_condition(text, model, o).map(|f| Self::new(f, None))
    }
    /// It is computed by no database.
    pub fn in_memory(&self) -> bool {
        self.formula.memory_only.is_some()
    }
    /// Its value changes with the calendar.
    pub fn counts_workdays(&self) -> bool {
        self.formula.calls(formula::Func::Workdays)
    }
    /// Lookups it follows.
    pub fn hops(&self) -> impl Iterator<Item = &[(FieldName, ObjectName)]> {
        self.hops.iter().map(Vec::as_slice)
    }
    /// Its value over a record, with the related records gathered before.
    pub fn value(&self, at: &Moment<'_>, o: &ObjectDef, record: &Record, related: &Related) -> Value {
        let model = at.model;
        let behind = |p: &Path| related.value(model, o, record, p);
        let view = filter::RecordView { object: o, record, related: &behind };
        let zone = model.tz();
        let rate = |from: &str, to: &str| {
            let base = |c: &str| if c == model.currency { Some(rust_decimal::Decimal::ONE) } else { at.rates.get(c).copied() };
            base(from)?.checked_div(base(to)?)
        };
        let env = formula::Env {
            model,
            norm: at.norm,
            now: at.now,
            zone: &zone,
            user: at.user,
            workday: &|d| at.calendar.is_workday(d),
            rate: &rate,
        };
        match &self.field {
            Some(f) => formula::eval_field(&self.formula, f, &view, &env),
            None => Value::Bool(formula::eval_condition(&self.formula, &view, &env)),
        }
    }
}

/// What a formula may know beside the records.
pub(crate) struct Moment<'a> {
    pub model: &'a Model,
    pub norm: &'a dyn codec::Normalise,
    pub now: Millis,
    pub user: Option<UserId>,
    /// Units of base currency per unit of a currency, today.
    pub rates: &'a HashMap<String, rust_decimal::Decimal>,
    /// The default working time.
    pub calendar: &'a Calendar,
}

/// Related records gathered for a formula.
#[derive(Debug, Default)]
pub(crate) struct Related(HashMap<(ObjectName, RecordId), Record>);

impl Related {
    pub fn get(&self, o: &ObjectName, id: RecordId) -> Option<&Record> {
        self.0.get(&(o.clone(), id))
    }
    pub fn put(&mut self, o: ObjectName, r: Record) {
        self.0.insert((o, r.id), r);
    }
    fn value(&self, model: &Model, o: &ObjectDef, record: &Record, p: &Path) -> Value {
        let mut here = (Cow::Borrowed(record), o);
        for (field, target) in &p.hops {
            let Some(id) = here.0.get(here.1, field).as_id() else { return Value::Null };
            let (Some(r), Some(next)) = (self.get(target, id), model.object(target)) else { return Value::Null };
            here = (Cow::Borrowed(r), next);
        }
        filter::own_value(here.1, &here.0, &p.field).into_owned()
    }
}

/// What a delete of a record does to those that point to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leads {
    /// They go too.
    Cascade,
    /// It is refused while they are there.
    Restrict,
    /// Their lookup becomes empty.
    Clear,
    /// They keep it until the record is purged.
    Loose,
}

/// A field of some object that points to an object.
#[derive(Debug, Clone)]
pub(crate) struct Incoming {
    pub object: ObjectName,
    pub field: FieldName,
    pub leads: Leads,
}

/// A rollup this object's rows move.
#[derive(Debug, Clone)]
pub(crate) struct RollupInto {
    pub parent: ObjectName,
    pub field: FieldIx,
    pub via: FieldIx,
    /// Fields of the child it reads.
    pub reads: Vec<FieldIx>,
}

/// Stored formulas of another object that read this object's fields through a lookup.
#[derive(Debug, Clone)]
pub(crate) struct Follower {
    pub object: ObjectName,
    /// From the other object to this one.
    pub back: Path,
    pub reads: Vec<FieldName>,
}

/// An administrator's rule, ready to be judged (R-AUT-02).
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    /// `validation.<code>`.
    pub code: String,
    pub formula: Formula,
    /// It has to hold; else it must not.
    pub must: bool,
    pub message: Label,
    pub field: Option<FieldIx>,
    /// Fields of the record it reads, lookups it follows among them.
    pub reads: Vec<FieldIx>,
}

/// The plan of one object.
#[derive(Debug, Default)]
pub(crate) struct ObjectPlan {
    pub calcs: Vec<(FieldIx, Formula)>,
    /// Formulas computed when read.
    pub volatile: Vec<(FieldIx, Formula)>,
    pub defaults: Vec<(FieldIx, Formula)>,
    /// Literal defaults and those of picklists.
    pub literals: Vec<(FieldIx, Value)>,
    pub visible_if: Vec<(FieldIx, Formula)>,
    pub required_if: Vec<(FieldIx, Formula)>,
    pub readonly_if: Vec<(FieldIx, Formula)>,
    /// Enabled rules, in order.
    pub rules: Vec<Rule>,
    pub autos: Vec<(FieldIx, Pattern)>,
    pub rollups_into: Vec<RollupInto>,
    pub incoming: Vec<Incoming>,
    pub followers: Vec<Follower>,
}

/// The plan of a model.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    objects: HashMap<ObjectName, ObjectPlan>,
    filters: HashMap<(ObjectName, FieldIx), Filter>,
}

fn fault(o: &ObjectDef, f: &FieldDef, e: ExprError) -> Error {
    Error::Invalid(vec![e.for_field(&format!("{}.{}", o.name, f.name))])
}

impl Plan {
    /// The plan of an object.
    pub fn object(&self, name: &str) -> Option<&ObjectPlan> {
        self.objects.get(name)
    }
    /// The filter over a rollup's children.
    pub fn rollup_filter(&self, object: &ObjectName, ix: FieldIx) -> Option<&Filter> {
        self.filters.get(&(object.clone(), ix))
    }

    /// Computes the plan; a formula or filter that does not fit the model is refused by name.
    pub fn of(model: &Model) -> Result<Self> {
        let mut plan =
            Self { objects: model.objects.keys().map(|n| (n.clone(), ObjectPlan::default())).collect(), filters: HashMap::new() };
        for o in model.objects.values() {
            let p = own(model, o)?;
            plan.objects.insert(o.name.clone(), p);
        }
        for o in model.objects.values() {
            plan.references(model, o);
            plan.rollups(model, o)?;
            plan.followers(o);
        }
        Ok(plan)
    }

    fn references(&mut self, model: &Model, o: &ObjectDef) {
        for (_, f) in o.live() {
            let mut add = |target: &ObjectName, leads| {
                if let Some(p) = self.objects.get_mut(target) {
                    p.incoming.push(Incoming { object: o.name.clone(), field: f.name.clone(), leads });
                }
            };
            match &f.ty {
                FieldType::MasterDetail { target } => add(target, Leads::Cascade),
                FieldType::Ref { target, on_delete } => add(
                    target,
                    match on_delete {
                        OnDelete::Cascade => Leads::Cascade,
                        OnDelete::Restrict => Leads::Restrict,
                        // A required lookup cannot become empty, and what the engine derives is not the user's to lose.
                        OnDelete::Clear if f.required => Leads::Restrict,
                        OnDelete::Clear if f.system => Leads::Loose,
                        OnDelete::Clear => Leads::Clear,
                    },
                ),
                FieldType::Refs { target } => add(target, Leads::Loose),
                FieldType::Poly { targets } if targets.is_empty() => {
                    for t in model.objects.keys() {
                        add(t, Leads::Loose);
                    }
                }
                FieldType::Poly { targets } => {
                    for t in targets {
                        add(t, Leads::Loose);
                    }
                }
                _ => {}
            }
        }
    }

    fn rollups(&mut self, model: &Model, o: &ObjectDef) -> Result<()> {
        for (ix, f) in o.live() {
            let FieldType::Roll { rollup, .. } = &f.ty else { continue };
            let Some(child) = model.object(&rollup.object) else { continue };
            let Some(via) = child.ix(&rollup.via) else { continue };
            let filter = match &rollup.filter {
                Some(t) => {
                    let parsed = filter::parse(t, model, child, &Norm::default()).map_err(|e| fault(o, f, e))?;
                    // A stored sum cannot follow what changes with the moment.
                    for (object, name) in filter::fields(&parsed, child) {
                        if let Some(FieldType::Calc { volatile: true, .. }) =
                            model.object(&object).and_then(|x| x.field(&name)).map(|f| &f.ty)
                        {
                            let e = ExprError::new("expr.not_filterable").with("field", name.as_str()).with("reason", "volatile");
                            return Err(fault(o, f, e));
                        }
                    }
                    parsed
                }
                None => Filter::True,
            };
            let mut reads: Vec<FieldIx> = rollup.field.iter().filter_map(|n| child.ix(n)).collect();
            reads.extend(
                filter::fields(&filter, child)
                    .into_iter()
                    .filter(|(name, _)| *name == child.name)
                    .filter_map(|(_, n)| child.ix(&n)),
            );
            self.filters.insert((o.name.clone(), ix), filter);
            if let Some(p) = self.objects.get_mut(&child.name) {
                p.rollups_into.push(RollupInto { parent: o.name.clone(), field: ix, via, reads });
            }
        }
        Ok(())
    }

    fn followers(&mut self, o: &ObjectDef) {
        let mut found: Vec<(ObjectName, Path, FieldName)> = vec![];
        if let Some(p) = self.objects.get(&o.name) {
            for (_, formula) in &p.calcs {
                for path in formula.formula.fields() {
                    // `a.b.c` is moved by `c` of what `a.b` leads to and by `b` of what `a` leads to.
                    for cut in 1..=path.hops.len() {
                        let back = Path { hops: path.hops[..cut - 1].to_vec(), field: path.hops[cut - 1].0.clone() };
                        let read = path.hops.get(cut).map_or(&path.field, |(f, _)| f);
                        found.push((path.hops[cut - 1].1.clone(), back, read.clone()));
                    }
                }
            }
        }
        for (target, back, read) in found {
            let Some(p) = self.objects.get_mut(&target) else { continue };
            match p.followers.iter_mut().find(|f| f.object == o.name && f.back == back) {
                Some(f) if f.reads.contains(&read) => {}
                Some(f) => f.reads.push(read),
                None => p.followers.push(Follower { object: o.name.clone(), back, reads: vec![read] }),
            }
        }
    }
}

/// What an object's own fields say.
fn own(model: &Model, o: &ObjectDef) -> Result<ObjectPlan> {
    let mut p = ObjectPlan::default();
    let order = formula::calc_order(model, o).map_err(|e| Error::Invalid(vec![e.for_field(&o.name)]))?;
    for ix in order {
        let f = o.at(ix);
        if let FieldType::Calc { formula, volatile, .. } = &f.ty {
            let checked = formula::check_field(formula, f, model, o).map_err(|e| fault(o, f, e))?;
            let entry = (ix, Formula::new(checked, Some(f.clone())));
            if *volatile { p.volatile.push(entry) } else { p.calcs.push(entry) }
        }
    }
    let norm = Norm::default();
    for (ix, f) in o.live() {
        match &f.default {
            Some(DefaultValue::Literal(j)) => {
                if let Ok(Input::Value(v)) = codec::parse(f, j, &Ctx::strict(model, &norm)) {
                    p.literals.push((ix, v));
                }
            }
            // A picklist's own default, unless the engine alone decides about the field.
            None if !f.system => {
                if let FieldType::Pick { set } = &f.ty
                    && let Some(d) = model.picklist(set).and_then(|p| p.default.as_deref())
                {
                    p.literals.push((ix, Value::from(d)));
                }
            }
            Some(DefaultValue::Formula(_)) | None => {}
        }
        if let Some(DefaultValue::Formula(t)) = &f.default {
            let checked = formula::check_field(t, f, model, o).map_err(|e| fault(o, f, e))?;
            p.defaults.push((ix, Formula::new(checked, Some(f.clone()))));
        }
        for (text, into) in
            [(&f.visible_if, &mut p.visible_if), (&f.required_if, &mut p.required_if), (&f.readonly_if, &mut p.readonly_if)]
        {
            if let Some(t) = text {
                into.push((ix, Formula::condition(t, model, o).map_err(|e| fault(o, f, e))?));
            }
        }
        if let FieldType::Auto { pattern } = &f.ty {
            let pattern = Pattern::parse(pattern).ok_or_else(|| {
                Error::Invalid(vec![rapport_schema::FieldError::new(format!("{}.{}", o.name, f.name), "auto.pattern")])
            })?;
            p.autos.push((ix, pattern));
        }
    }
    for v in o.validations.iter().filter(|v| v.enabled) {
        let formula = Formula::condition(&v.formula, model, o)
            .map_err(|e| Error::Invalid(vec![e.for_field(&format!("{}.validation.{}", o.name, v.code))]))?;
        let mut reads: Vec<FieldIx> = formula
            .formula
            .fields()
            .into_iter()
            .filter_map(|p| o.ix(p.hops.first().map_or(&p.field, |(lookup, _)| lookup)))
            .collect();
        reads.dedup();
        p.rules.push(Rule {
            code: format!("validation.{}", v.code),
            formula,
            must: v.must,
            message: v.message.clone(),
            field: v.field.as_ref().and_then(|f| o.ix(f)),
            reads,
        });
    }
    Ok(p)
}
