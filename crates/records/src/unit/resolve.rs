//! References: by id, external id or unique field, to records that exist and that the caller may see.

use async_recursion::async_recursion as boxed;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use rapport_policy::{Act, Reason, RowRule, Scope, SystemScope};
use rapport_schema::{
    FieldDef, FieldError, FieldType, Model, ObjectDef, ObjectKind, ObjectName, RecordId, RecordRef, Value,
    codec::{Input, Lookup, RefInput},
    money::Money,
    query::Filter,
};
use rapport_store::Db;
use rust_decimal::Decimal;
use smol_str::SmolStr;

use crate::{Result, Unit, q};

/// What is known of references: filled in bulk before a batch enters the writer, and as it goes along.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    by: HashMap<Lookup, Found>,
    at: HashMap<(ObjectName, RecordId), bool>,
}

/// What a lookup by value found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    One(RecordId),
    Several,
}

/// The rule that says whether a caller may point to records of an object. Configuration and people can be chosen by everybody
/// who may fill the field; business records only by those who see them.
fn rule_for(scope: &Scope, model: &Model, o: &ObjectDef) -> RowRule {
    let open = match o.kind {
        ObjectKind::Config | ObjectKind::Log => true,
        ObjectKind::Child => o.master().and_then(|(_, m)| model.object(m)).is_some_and(|m| m.kind == ObjectKind::Config),
        ObjectKind::Ownable => false,
    };
    if open { SystemScope::because(Reason::Derive).rule(Act::Read, model, o) } else { scope.rule(Act::Read, model, o) }
}

/// The object a single- or many-valued reference points to; files point to attachments.
pub(crate) fn target_of(f: &FieldDef) -> Option<ObjectName> {
    match f.ty {
        FieldType::File | FieldType::Img => Some(ObjectName::lit("attachment")),
        _ => f.ty.target(),
    }
}

fn lookup_filter(model: &Model, l: &[&Lookup]) -> Option<(ObjectName, Filter)> {
    let first = l.first()?;
    let f = model.object(&first.object)?.field(&first.field)?;
    Some((first.object.clone(), q::any_of(&first.field, l.iter().map(|l| key_value(f, &l.value)))))
}

/// A key as the value a filter compares: telephone numbers by their normal form.
pub(crate) fn key_value(f: &FieldDef, key: &str) -> Value {
    match f.ty {
        FieldType::Phone => Value::Phone(Box::new(rapport_schema::value::Phone {
            raw: SmolStr::new(key),
            e164: Some(SmolStr::new(key)),
            ext: None,
            country: None,
            kind: SmolStr::new_static("international"),
        })),
        _ => Value::from(key),
    }
}

/// The value of a unique field as a lookup names it.
fn key_of(v: &Value) -> Option<SmolStr> {
    match v {
        Value::Text(t) => Some(t.clone()),
        Value::Phone(p) => p.e164.clone(),
        _ => None,
    }
}

impl Known {
    /// Everything the inputs of many rows point to, found with one query per kind of key and 500 values, outside the writer.
    #[boxed]
    pub async fn fill(
        db: &Db,
        model: &Arc<Model>,
        scope: &Scope,
        now: rapport_schema::Millis,
        rows: &[&crate::input::Asked],
    ) -> Result<Self> {
        let mut ids: HashMap<ObjectName, HashSet<RecordId>> = HashMap::new();
        let mut by: HashMap<(ObjectName, rapport_schema::FieldName), HashSet<Lookup>> = HashMap::new();
        for row in rows {
            for (ix, input) in &row.items {
                let f = row.object.at(*ix);
                match input {
                    Input::Value(v) => {
                        for r in refs_of(f, v) {
                            ids.entry(r.object).or_default().insert(r.id);
                        }
                    }
                    Input::Lookup { by: l, .. } => {
                        by.entry((l.object.clone(), l.field.clone())).or_default().insert(l.clone());
                    }
                    Input::Lookups(v) => {
                        for x in v {
                            match x {
                                RefInput::Id(i) => {
                                    if let Some(t) = target_of(f) {
                                        ids.entry(t).or_default().insert(*i);
                                    }
                                }
                                RefInput::By(l) => {
                                    by.entry((l.object.clone(), l.field.clone())).or_default().insert(l.clone());
                                }
                            }
                        }
                    }
                    Input::Unrated { .. } => {}
                }
            }
        }
        let mut known = Self::default();
        for (object, set) in ids {
            let Some(o) = model.object(&object) else { continue };
            let rule = rule_for(scope, model, o);
            let all: Vec<RecordId> = set.into_iter().collect();
            for part in all.chunks(500) {
                let found = if rule.is_nothing() {
                    vec![]
                } else {
                    db.records(q::select(model, o, rule.clone(), q::ids(part.iter().copied()), 500, now)).await?
                };
                // Only what was found is remembered: the rest may have been written meanwhile, and is asked for again inside.
                known.at.extend(found.iter().map(|r| ((object.clone(), r.id), true)));
            }
        }
        for ((object, field), set) in by {
            let Some(o) = model.object(&object) else { continue };
            let rule = rule_for(scope, model, o);
            if rule.is_nothing() {
                continue;
            }
            let all: Vec<&Lookup> = set.iter().collect();
            for part in all.chunks(500) {
                let Some((_, filter)) = lookup_filter(model, part) else { continue };
                let found = db.records(q::select(model, o, rule.clone(), filter, 2_000, now)).await?;
                for r in found {
                    if let Some(k) = key_of(r.get(o, &field)) {
                        let l = Lookup { object: object.clone(), field: field.clone(), value: k };
                        known.at.insert((object.clone(), r.id), true);
                        known.by.entry(l).and_modify(|f| *f = Found::Several).or_insert(Found::One(r.id));
                    }
                }
            }
        }
        Ok(known)
    }
}

/// The records a value points to.
pub(crate) fn refs_of(f: &FieldDef, v: &Value) -> Vec<RecordRef> {
    match v {
        Value::Id(id) => target_of(f).map(|object| RecordRef { object, id: *id }).into_iter().collect(),
        Value::Ref(r) => vec![r.clone()],
        Value::Ids(ids) => target_of(f)
            .map(|object| ids.iter().map(|id| RecordRef { object: object.clone(), id: *id }).collect())
            .unwrap_or_default(),
        _ => vec![],
    }
}

impl Unit<'_> {
    /// The record exists and the caller may point to it.
    pub(crate) async fn present(&mut self, object: &ObjectName, id: RecordId) -> Result<bool> {
        let key = (object.clone(), id);
        if let Some(yes) = self.known.at.get(&key) {
            return Ok(*yes);
        }
        let Some(o) = self.model.object(object).cloned() else { return Ok(false) };
        let rule = rule_for(&self.scope, &self.model, &o);
        let yes =
            !rule.is_nothing() && !self.tx.records(q::select(&self.model, &o, rule, q::id(id), 1, self.now)).await?.is_empty();
        self.known.at.insert(key, yes);
        Ok(yes)
    }

    async fn look_up(&mut self, l: &Lookup) -> Result<Found> {
        if let Some(f) = self.known.by.get(l) {
            return Ok(*f);
        }
        let Some(o) = self.model.object(&l.object).cloned() else { return Ok(Found::Nothing) };
        let rule = rule_for(&self.scope, &self.model, &o);
        if rule.is_nothing() {
            return Ok(Found::Nothing);
        }
        let Some((_, filter)) = lookup_filter(&self.model, &[l]) else { return Ok(Found::Nothing) };
        let found = self.tx.records(q::select(&self.model, &o, rule, filter, 2, self.now)).await?;
        let f = match found.as_slice() {
            [] => Found::Nothing,
            [r] => Found::One(r.id),
            _ => Found::Several,
        };
        if let Found::One(id) = f {
            self.known.at.insert((l.object.clone(), id), true);
            self.known.by.insert(l.clone(), f);
        }
        Ok(f)
    }

    /// A record written by this unit can be pointed to, whatever was known before.
    pub(crate) fn learn(&mut self, object: &ObjectName, id: RecordId, live: bool) {
        if live {
            self.known.at.remove(&(object.clone(), id));
        } else {
            self.known.at.insert((object.clone(), id), false);
            self.known.by.retain(|_, f| *f != Found::One(id));
        }
    }

    async fn by_lookup(&mut self, f: &FieldDef, l: &Lookup) -> Result<std::result::Result<RecordId, FieldError>> {
        let fault = |code| {
            FieldError::new(f.name.as_str(), code)
                .with("object", l.object.as_str())
                .with("by", l.field.as_str())
                .with("value", l.value.as_str())
        };
        Ok(match self.look_up(l).await? {
            Found::One(id) => Ok(id),
            Found::Nothing => Err(fault("reference.not_found")),
            Found::Several => Err(fault("reference.ambiguous")),
        })
    }

    /// A complete value from what the caller gave; references are checked unless they are those the record had before.
    pub(crate) async fn resolve(
        &mut self,
        f: &FieldDef,
        input: Input,
        old: Option<&Value>,
    ) -> Result<std::result::Result<Value, FieldError>> {
        let value = match input {
            Input::Value(v) => v,
            Input::Lookup { by, poly } => match self.by_lookup(f, &by).await? {
                Ok(id) if poly => Value::Ref(RecordRef { object: by.object, id }),
                Ok(id) => Value::Id(id),
                Err(e) => return Ok(Err(e)),
            },
            Input::Lookups(list) => {
                let mut ids = Vec::with_capacity(list.len());
                for x in list {
                    let id = match x {
                        RefInput::Id(id) => id,
                        RefInput::By(l) => match self.by_lookup(f, &l).await? {
                            Ok(id) => id,
                            Err(e) => return Ok(Err(e)),
                        },
                    };
                    if !ids.contains(&id) {
                        ids.push(id);
                    }
                }
                if ids.is_empty() { Value::Null } else { Value::Ids(ids) }
            }
            Input::Unrated { amount, currency } => match self.rate(&currency, self.today()).await? {
                Some(rate) => Value::Money(Money::at(amount, &currency, rate, &self.model.currency)),
                None => return Ok(Err(FieldError::new(f.name.as_str(), "currency.no_rate").with("currency", currency.as_str()))),
            },
        };
        if old == Some(&value) {
            return Ok(Ok(value));
        }
        let had = old.map(|o| refs_of(f, o)).unwrap_or_default();
        for r in refs_of(f, &value) {
            if had.contains(&r) {
                continue;
            }
            if !self.present(&r.object, r.id).await? {
                return Ok(Err(FieldError::new(f.name.as_str(), "reference.not_found")
                    .with("object", r.object.as_str())
                    .with("value", r.id.to_string())));
            }
            // People are active at the time of choice (domain model §1 `user`); history being brought in may name those who left.
            if r.object == "user" && !self.sets_state() && self.person(r.id).await?.is_some_and(|p| !p.active) {
                let code = if f.name == "owner_id" { "owner.inactive" } else { "value.inactive_option" };
                return Ok(Err(FieldError::new(f.name.as_str(), code).with("value", r.id.to_string())));
            }
        }
        Ok(Ok(value))
    }

    /// Units of base currency per unit of a currency on a day (R-CUR-03): the latest rate valid then.
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn rate(&mut self, currency: &str, on: jiff::civil::Date) -> Result<Option<Decimal>> {
        if currency == self.model.currency {
            return Ok(Some(Decimal::ONE));
        }
        let Some(o) = self.model.object("exchange_rate").cloned() else { return Ok(None) };
        let filter =
            q::and([q::eq("currency_code", currency), q::cmp("valid_from", rapport_schema::query::Op::Lte, Value::Date(on))]);
        let mut s = q::select(
            &self.model,
            &o,
            SystemScope::because(Reason::Derive).rule(Act::Read, &self.model, &o),
            filter,
            1,
            self.now,
        );
        if let Some(field) = o.ix("valid_from") {
            s.sort = vec![rapport_schema::query::SortKey { field, desc: true }];
        }
        Ok(self.tx.records(s).await?.first().and_then(|r| match r.get(&o, "rate") {
            Value::Dec(d) if *d > Decimal::ZERO => Some(*d),
            _ => None,
        }))
    }
}
