//! A resolved filter judged in memory. The store's SQL gives the same answers; the rules are in the module's heading.

use std::{borrow::Cow, cmp::Ordering};

use rust_decimal::Decimal;

use crate::{
    FieldType, ObjectDef, Record, Value,
    codec::{Normalise, url_host},
    query::{Filter, Op, Operand, Path},
};

/// Where the values of one record come from, related records included.
pub trait Lookup {
    /// The value at a path; `Null` when a lookup on the way is empty or leads nowhere.
    fn value(&self, path: &Path) -> Cow<'_, Value>;
}

/// A record alone with a way to related ones.
pub struct RecordView<'a> {
    /// Its object.
    pub object: &'a ObjectDef,
    /// The record.
    pub record: &'a Record,
    /// The value behind hops; asked for paths with hops only.
    pub related: &'a dyn Fn(&Path) -> Value,
}

impl Lookup for RecordView<'_> {
    fn value(&self, path: &Path) -> Cow<'_, Value> {
        if !path.hops.is_empty() {
            return Cow::Owned((self.related)(path));
        }
        own_value(self.object, self.record, &path.field)
    }
}

/// A field of the record itself, `id`, `version` and `deleted_at` included.
#[must_use]
pub fn own_value<'r>(object: &ObjectDef, record: &'r Record, field: &str) -> Cow<'r, Value> {
    match field {
        "id" => Cow::Owned(Value::Id(record.id)),
        "version" => Cow::Owned(Value::Int(record.version)),
        "deleted_at" => Cow::Owned(record.deleted_at.map_or(Value::Null, Value::DateTime)),
        f => match object.ix(f) {
            // A stored boolean is never empty.
            Some(i) if record[i] == Value::Null && matches!(object.at(i).ty, FieldType::Bool) => Cow::Owned(Value::Bool(false)),
            Some(i) => Cow::Borrowed(&record[i]),
            None => Cow::Borrowed(&Value::Null),
        },
    }
}

/// Judges a filter that was resolved.
#[must_use]
pub fn eval(f: &Filter, at: &dyn Lookup, norm: &dyn Normalise) -> bool {
    match f {
        Filter::True => true,
        Filter::And(v) => v.iter().all(|f| eval(f, at, norm)),
        Filter::Or(v) => v.iter().any(|f| eval(f, at, norm)),
        Filter::Not(f) => !eval(f, at, norm),
        Filter::Cmp { path, op, operand } => {
            let v = at.value(path);
            match operand {
                Operand::Field(p) => {
                    let o = at.value(p);
                    holds(&v, *op, std::slice::from_ref(&*o), norm)
                }
                Operand::One(o) => holds(&v, *op, std::slice::from_ref(o), norm),
                Operand::Many(o) => holds(&v, *op, o, norm),
                Operand::None => holds(&v, *op, &[], norm),
                // Resolving removes these; an unresolved one matches nothing.
                Operand::Rel(_) => false,
            }
        }
    }
}

fn holds(v: &Value, op: Op, o: &[Value], norm: &dyn Normalise) -> bool {
    let cmp = |want: fn(Ordering) -> bool| o.first().and_then(|o| order(v, o)).is_some_and(want);
    match op {
        Op::Eq => o.first().is_some_and(|o| same(v, o)),
        Op::Ne => !o.first().is_some_and(|o| same(v, o)),
        Op::In => o.iter().any(|o| same(v, o)),
        Op::Nin => !o.iter().any(|o| same(v, o)),
        Op::Lt => cmp(Ordering::is_lt),
        Op::Lte => cmp(Ordering::is_le),
        Op::Gt => cmp(Ordering::is_gt),
        Op::Gte => cmp(Ordering::is_ge),
        Op::Between => {
            let [a, b] = o else { return false };
            order(v, a).is_some_and(Ordering::is_ge) && order(v, b).is_some_and(Ordering::is_le)
        }
        Op::IsEmpty => v.is_empty(),
        Op::NotEmpty => !v.is_empty(),
        Op::Contains => o.first().and_then(Value::as_text).is_some_and(|o| contains(v, o, norm)),
        Op::Starts => match (v.as_text(), o.first().and_then(Value::as_text)) {
            (Some(v), Some(o)) => norm.fold(v).starts_with(&*norm.fold(o)),
            _ => false,
        },
        Op::Any => o.iter().any(|o| has(v, o)),
        Op::All => !v.is_empty() && o.iter().all(|o| has(v, o)),
        Op::None => !o.iter().any(|o| has(v, o)),
        Op::Within => match (v, o.first().and_then(Value::as_text)) {
            (Value::Addr(a), Some(code)) => a.code.as_deref().is_some_and(|c| c.starts_with(code)),
            (Value::Text(url), Some(host)) => url_host(url) == host,
            _ => false,
        },
    }
}

fn contains(v: &Value, o: &str, norm: &dyn Normalise) -> bool {
    match v {
        Value::Text(t) => norm.fold(t).contains(&*norm.fold(o)),
        Value::Addr(a) => a.detail.as_deref().is_some_and(|d| norm.fold(d).contains(&*norm.fold(o))),
        Value::Phone(p) => {
            let digits = |s: &str| s.chars().filter(char::is_ascii_digit).collect::<String>();
            // A short number carries its country: `short:CN:95588`; its digits are those behind it.
            p.e164.as_deref().is_some_and(|e| digits(e.rsplit(':').next().unwrap_or(e)).ends_with(&digits(o)))
        }
        _ => false,
    }
}

fn has(v: &Value, o: &Value) -> bool {
    match (v, o) {
        (Value::Keys(k), Value::Text(t)) => k.contains(t),
        (Value::Ids(i), Value::Id(x)) => i.contains(x),
        _ => false,
    }
}

fn number(v: &Value) -> Option<Decimal> {
    match v {
        Value::Int(n) => Some(Decimal::from(*n)),
        Value::Dec(d) => Some(*d),
        // Order of money is that of base amounts.
        Value::Money(m) => Some(m.base),
        _ => None,
    }
}

/// Equality; nothing is equal to an empty value.
fn same(v: &Value, o: &Value) -> bool {
    match (v, o) {
        (Value::Null, _) | (_, Value::Null) => false,
        (Value::Money(a), Value::Money(b)) => a.amount == b.amount && a.currency == b.currency,
        (Value::Phone(a), Value::Phone(b)) => a.e164.is_some() && a.e164 == b.e164,
        (Value::Ref(r), Value::Text(object)) => r.object.as_str() == object,
        (Value::Int(_) | Value::Dec(_) | Value::Money(_), _) => number(v).zip(number(o)).is_some_and(|(a, b)| a == b),
        (a, b) => a == b,
    }
}

fn order(v: &Value, o: &Value) -> Option<Ordering> {
    Some(match (v, o) {
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::DateTime(a), Value::DateTime(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        (a, b) => number(a)?.cmp(&number(b)?),
    })
}
