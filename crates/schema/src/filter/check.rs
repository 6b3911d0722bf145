//! Drafts against the model: fields exist, operators fit, values are of the field's type.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::draft::{Draft, DraftValue};
use crate::{
    ExprError, FieldDef, FieldType, Model, ObjectDef, Value,
    codec::{self, Ctx, Normalise, parse_date, parse_decimal},
    expr::{Reached, reach},
    field::ResultType,
    money::{Money, UNIT_PRICE_SCALE},
    query::{Filter, Op, Operand, Period, Rel},
};

use Op as O;

const EMPTY: [Op; 2] = [O::IsEmpty, O::NotEmpty];
const TEXT: [Op; 8] = [O::Eq, O::Ne, O::In, O::Nin, O::Contains, O::Starts, O::IsEmpty, O::NotEmpty];
const LONG: [Op; 3] = [O::Contains, O::IsEmpty, O::NotEmpty];
const NUMBER: [Op; 11] = [O::Eq, O::Ne, O::Lt, O::Lte, O::Gt, O::Gte, O::Between, O::In, O::Nin, O::IsEmpty, O::NotEmpty];
const KEY: [Op; 6] = [O::Eq, O::Ne, O::In, O::Nin, O::IsEmpty, O::NotEmpty];
const MANY: [Op; 5] = [O::Any, O::All, O::None, O::IsEmpty, O::NotEmpty];

/// The operators a type knows (domain model §1).
#[must_use]
pub fn allowed(ty: &FieldType) -> &'static [Op] {
    match ty {
        FieldType::Text { .. } | FieldType::Auto { .. } | FieldType::Email => &TEXT,
        FieldType::Long | FieldType::Rich => &LONG,
        FieldType::Phone => &[O::Eq, O::Ne, O::In, O::Nin, O::Contains, O::IsEmpty, O::NotEmpty],
        FieldType::Url => &[O::Eq, O::Ne, O::In, O::Nin, O::Within, O::Contains, O::IsEmpty, O::NotEmpty],
        FieldType::Int { .. }
        | FieldType::Dec { .. }
        | FieldType::Money { .. }
        | FieldType::Pct { .. }
        | FieldType::Time
        | FieldType::Duration
        | FieldType::Rating { .. }
        | FieldType::Date
        | FieldType::DateTime => &NUMBER,
        FieldType::Bool => &[O::Eq, O::Ne],
        FieldType::Pick { .. }
        | FieldType::Ref { .. }
        | FieldType::MasterDetail { .. }
        | FieldType::User
        | FieldType::Poly { .. } => &KEY,
        FieldType::Dept => &[O::Eq, O::Ne, O::In, O::Nin, O::Within, O::IsEmpty, O::NotEmpty],
        FieldType::Multi { .. } | FieldType::Tags | FieldType::Refs { .. } | FieldType::Users => &MANY,
        FieldType::Depts => &[O::Any, O::All, O::None, O::Within, O::IsEmpty, O::NotEmpty],
        FieldType::Addr => &[O::Within, O::Contains, O::IsEmpty, O::NotEmpty],
        FieldType::Geo | FieldType::File | FieldType::Img => &EMPTY,
        FieldType::Json => &[],
        FieldType::Roll { result, .. } | FieldType::Calc { result, .. } => match result {
            ResultType::Text => &TEXT,
            ResultType::Bool => &[O::Eq, O::Ne],
            ResultType::Int
            | ResultType::Dec(_)
            | ResultType::Money
            | ResultType::Pct
            | ResultType::Date
            | ResultType::DateTime
            | ResultType::Duration => &NUMBER,
        },
    }
}

/// What two fields must have in common to be compared with each other.
#[derive(PartialEq, Eq, Debug)]
enum Kind<'a> {
    Text,
    Number,
    Money,
    Bool,
    Date,
    Instant,
    Pick(&'a str),
    Id(crate::ObjectName),
}

fn kind(ty: &FieldType) -> Option<Kind<'_>> {
    Some(match ty {
        FieldType::Text { .. } | FieldType::Auto { .. } | FieldType::Email => Kind::Text,
        FieldType::Int { .. }
        | FieldType::Dec { .. }
        | FieldType::Pct { .. }
        | FieldType::Time
        | FieldType::Duration
        | FieldType::Rating { .. } => Kind::Number,
        FieldType::Money { .. } => Kind::Money,
        FieldType::Bool => Kind::Bool,
        FieldType::Date => Kind::Date,
        FieldType::DateTime => Kind::Instant,
        FieldType::Pick { set } => Kind::Pick(set),
        FieldType::Ref { .. } | FieldType::MasterDetail { .. } | FieldType::User | FieldType::Dept => Kind::Id(ty.target()?),
        FieldType::Roll { result, .. } | FieldType::Calc { result, .. } => match result {
            ResultType::Text => Kind::Text,
            ResultType::Int | ResultType::Dec(_) | ResultType::Pct | ResultType::Duration | ResultType::Money => Kind::Number,
            ResultType::Bool => Kind::Bool,
            ResultType::Date => Kind::Date,
            ResultType::DateTime => Kind::Instant,
        },
        FieldType::Long
        | FieldType::Rich
        | FieldType::Multi { .. }
        | FieldType::Tags
        | FieldType::Phone
        | FieldType::Url
        | FieldType::Addr
        | FieldType::Geo
        | FieldType::File
        | FieldType::Img
        | FieldType::Refs { .. }
        | FieldType::Poly { .. }
        | FieldType::Users
        | FieldType::Depts
        | FieldType::Json => return None,
    })
}

/// The operator's code.
fn code(op: Op) -> String {
    serde_json::to_value(op).ok().and_then(|j| j.as_str().map(str::to_owned)).unwrap_or_default()
}

struct Checker<'a> {
    model: &'a Model,
    object: &'a ObjectDef,
    norm: &'a dyn Normalise,
}

/// Checks a draft. Sugar disappears: lists with relative values become groups, host comparisons of web addresses become
/// `within`.
///
/// # Errors
/// The first fault, with its place.
pub fn check(draft: &Draft, model: &Model, object: &ObjectDef, norm: &dyn Normalise) -> Result<Filter, ExprError> {
    Checker { model, object, norm }.group(draft)
}

impl Checker<'_> {
    fn group(&self, d: &Draft) -> Result<Filter, ExprError> {
        Ok(match d {
            Draft::And(v) if v.is_empty() => Filter::True,
            Draft::And(v) => Filter::And(v.iter().map(|d| self.group(d)).collect::<Result<_, _>>()?),
            Draft::Or(v) => Filter::Or(v.iter().map(|d| self.group(d)).collect::<Result<_, _>>()?),
            Draft::Not(f) => Filter::Not(Box::new(self.group(f)?)),
            Draft::Cmp { field, op, value, place } => {
                self.compare(field, *op, value).map_err(|e| match (e.place.is_some(), place) {
                    (true, _) => e,
                    (false, p) => e.at(p.clone()),
                })?
            }
        })
    }

    fn compare(&self, written: &str, op: Op, value: &DraftValue) -> Result<Filter, ExprError> {
        let r = reach(self.model, self.object, written)?;
        let f: &FieldDef = &r.field;
        let ops = allowed(&f.ty);
        if ops.is_empty() {
            return Err(ExprError::new("expr.not_filterable").with("field", written).with("reason", "json"));
        }
        self.computable(&r, written)?;
        if !ops.contains(&op) {
            return Err(ExprError::new("expr.operator")
                .with("field", written)
                .with("type", f.ty.code())
                .with("op", code(op))
                .with("allowed", ops.iter().map(|o| code(*o)).collect::<Vec<_>>()));
        }
        let cmp = |op: Op, operand: Operand| Filter::Cmp { path: r.path.clone(), op, operand };
        let bad = |expected: &'static str| {
            ExprError::new("expr.value").with("field", written).with("code", "value.type").with("expected", expected)
        };
        // Web addresses are compared by host.
        if matches!(f.ty, FieldType::Url) && matches!(op, O::Eq | O::Ne | O::In | O::Nin | O::Within) {
            let one = |v: &DraftValue| Ok::<_, ExprError>(cmp(O::Within, Operand::One(self.host(f, written, v)?)));
            return Ok(match (op, value) {
                (O::Eq | O::Within, v) => one(v)?,
                (O::Ne, v) => Filter::Not(Box::new(one(v)?)),
                (op, DraftValue::List(v)) if !v.is_empty() => {
                    let any = Filter::Or(v.iter().map(one).collect::<Result<_, _>>()?);
                    if op == O::In { any } else { Filter::Not(Box::new(any)) }
                }
                _ => return Err(bad("list")),
            });
        }
        match (op, value) {
            (O::IsEmpty | O::NotEmpty, _) => Ok(cmp(op, Operand::None)),
            (O::Eq | O::Ne | O::Lt | O::Lte | O::Gt | O::Gte, DraftValue::Field(other)) => {
                let o = reach(self.model, self.object, other)?;
                self.computable(&o, other)?;
                match (kind(&f.ty), kind(&o.field.ty)) {
                    (Some(a), Some(b)) if a == b => Ok(cmp(op, Operand::Field(o.path))),
                    _ => Err(ExprError::new("expr.type")
                        .with("expected", f.ty.code())
                        .with("found", o.field.ty.code())
                        .with("field", other.as_str())),
                }
            }
            (_, DraftValue::Rel(rel)) => {
                let op = Self::relative(f, op, rel).ok_or_else(|| bad(f.ty.code()))?;
                Ok(cmp(op, Operand::Rel(rel.clone())))
            }
            (O::Between, DraftValue::List(v)) => match v.as_slice() {
                [a @ DraftValue::Json(_), b @ DraftValue::Json(_)] => {
                    Ok(cmp(op, Operand::Many(vec![self.value(f, written, op, a)?, self.value(f, written, op, b)?])))
                }
                _ => Err(bad("two_values")),
            },
            (O::In | O::Nin | O::Any | O::All | O::None, DraftValue::List(v)) => {
                if v.is_empty() {
                    return Err(bad("values"));
                }
                let mut plain = vec![];
                let mut parts = vec![];
                for v in v {
                    match v {
                        DraftValue::Rel(rel) => {
                            let op = Self::relative(f, op, rel).ok_or_else(|| bad(f.ty.code()))?;
                            parts.push(cmp(op, Operand::Rel(rel.clone())));
                        }
                        v => plain.push(self.value(f, written, op, v)?),
                    }
                }
                if !plain.is_empty() {
                    parts.insert(0, cmp(op, Operand::Many(plain)));
                }
                Ok(match (parts.len(), op) {
                    (1, _) => parts.remove(0),
                    (_, O::In | O::Any) => Filter::Or(parts),
                    _ => Filter::And(parts),
                })
            }
            (O::In | O::Nin | O::Any | O::All | O::None, DraftValue::Json(j)) if !j.is_array() && !j.is_object() => {
                Ok(cmp(op, Operand::Many(vec![self.value(f, written, op, value)?])))
            }
            (O::Between | O::In | O::Nin | O::Any | O::All | O::None, _) => Err(bad("list")),
            (O::Within, v) if matches!(f.ty, FieldType::Dept | FieldType::Depts) => {
                Ok(cmp(op, Operand::Many(vec![self.value(f, written, op, v)?])))
            }
            (op, v) => Ok(cmp(op, Operand::One(self.value(f, written, op, v)?))),
        }
    }

    /// A formula computed when read is filtered by the database, so it must be one that a database computes.
    fn computable(&self, r: &Reached<'_>, written: &str) -> Result<(), ExprError> {
        let FieldType::Calc { formula, volatile: true, .. } = &r.field.ty else { return Ok(()) };
        let refused = |reason: &str| ExprError::new("expr.not_filterable").with("field", written).with("reason", reason);
        match crate::formula::check_field(formula, &r.field, self.model, r.object) {
            Ok(f) => match f.memory_only {
                Some(function) => Err(refused("memory_only").with("function", function)),
                None => Ok(()),
            },
            Err(_) => Err(refused("volatile")),
        }
    }

    /// The operator a relative value is compared by; `None` when the type does not know it.
    fn relative(f: &FieldDef, op: Op, rel: &Rel) -> Option<Op> {
        let date = matches!(f.ty, FieldType::Date | FieldType::DateTime)
            || matches!(
                f.ty,
                FieldType::Roll { result: ResultType::Date | ResultType::DateTime, .. }
                    | FieldType::Calc { result: ResultType::Date | ResultType::DateTime, .. }
            );
        let to = f.ty.target();
        let person = to.as_ref().is_some_and(|t| t == "user") && rel_is_person(rel);
        let dept = to.as_ref().is_some_and(|t| t == "department") && matches!(rel, Rel::MyDept | Rel::MyDeptTree);
        match rel {
            Rel::Period(Period::Overdue) => (date && matches!(op, O::Eq | O::Ne | O::In | O::Nin)).then_some(op),
            Rel::Period(_) | Rel::LastDays(_) | Rel::NextDays(_) => {
                (date && matches!(op, O::Eq | O::Ne | O::Lt | O::Lte | O::Gt | O::Gte | O::In | O::Nin)).then_some(op)
            }
            _ if person || dept => match op {
                O::Eq => Some(O::In),
                O::Ne => Some(O::Nin),
                O::In | O::Nin | O::Any | O::All | O::None => Some(op),
                O::Within if dept => Some(op),
                _ => None,
            },
            _ => None,
        }
    }

    fn host(&self, f: &FieldDef, written: &str, v: &DraftValue) -> Result<Value, ExprError> {
        match self.value(f, written, O::Eq, v)? {
            Value::Text(t) => Ok(Value::from(codec::url_host(&t))),
            v => Ok(v),
        }
    }

    /// One value by the field's type; limits of the field (least, greatest, pattern) do not bind a filter.
    fn value(&self, f: &FieldDef, written: &str, op: Op, v: &DraftValue) -> Result<Value, ExprError> {
        let bad = |expected: &'static str| {
            ExprError::new("expr.value").with("field", written).with("code", "value.type").with("expected", expected)
        };
        let DraftValue::Json(j) = v else { return Err(bad(f.ty.code())) };
        let text = j.as_str().map(codec::clean);
        // PostgreSQL has no texts with the character 0, so nothing can match one.
        if text.as_deref().is_some_and(|t| t.contains('\0')) {
            return Err(bad(f.ty.code()).with("reason", "control_character"));
        }
        if j.is_null() || text.as_deref() == Some("") {
            // Nothing is not a value: `is_empty` asks for it.
            return Err(bad("not_empty"));
        }
        if j.is_array() || (j.is_object() && !matches!(f.ty, FieldType::Money { .. } | FieldType::Poly { .. })) {
            return Err(bad(f.ty.code()));
        }
        let plain = |ty: FieldType| {
            let mut g = FieldDef::new(f.name.clone(), f.label.clone(), ty);
            g.custom = f.custom;
            g
        };
        // A word of the text form may be a number or a yes.
        if matches!(op, O::Contains | O::Starts) {
            let t = match (&text, j) {
                (Some(t), _) => t.clone(),
                (None, Json::Number(n)) => Cow::Owned(n.to_string()),
                _ => return Err(bad("text")),
            };
            if t.chars().count() > 255 {
                return Err(bad("text").with("reason", "length").with("max", 255));
            }
            if matches!(f.ty, FieldType::Phone) && t.chars().filter(char::is_ascii_digit).count() < 4 {
                return Err(bad("four_digits"));
            }
            return Ok(Value::from(&*t));
        }
        let element = match &f.ty {
            FieldType::Text { .. } | FieldType::Auto { .. } => FieldType::Text { max: 4000 },
            FieldType::Roll { result: ResultType::Text, .. } | FieldType::Calc { result: ResultType::Text, .. } => {
                FieldType::Text { max: 4000 }
            }
            FieldType::Int { .. } | FieldType::Rating { .. } | FieldType::Duration => FieldType::Int { min: None, max: None },
            FieldType::Dec { scale, .. } => FieldType::Dec { scale: *scale, min: None, max: None },
            FieldType::Pct { .. } => FieldType::Pct { min: None, max: None },
            FieldType::Money { .. } => return self.money(f, op, j).ok_or_else(|| bad("money")),
            FieldType::Roll { result: ResultType::Money, .. } | FieldType::Calc { result: ResultType::Money, .. } => {
                FieldType::Dec { scale: 4, min: None, max: None }
            }
            FieldType::Pick { set } | FieldType::Multi { set } => {
                let key = text.as_deref().ok_or_else(|| bad("option"))?;
                let known = self.model.picklist(set).is_some_and(|p| p.value(key).is_some());
                return if known {
                    Ok(Value::from(key))
                } else {
                    Err(bad("option").with("reason", "unknown_option").with("value", key))
                };
            }
            FieldType::Tags => {
                let t = text.as_deref().filter(|t| t.chars().count() <= 30).ok_or_else(|| bad("text"))?;
                return Ok(Value::from(t));
            }
            FieldType::Addr => {
                let code = text.as_deref().filter(|t| (1..=12).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_digit()));
                return code.map(Value::from).ok_or_else(|| bad("division_code"));
            }
            // A day is a value of an instant too: the whole day.
            FieldType::DateTime
            | FieldType::Roll { result: ResultType::DateTime, .. }
            | FieldType::Calc { result: ResultType::DateTime, .. } => match text.as_deref().and_then(parse_date) {
                Some(d) => return Ok(Value::Date(d)),
                None => FieldType::DateTime,
            },
            FieldType::Refs { .. } | FieldType::Users | FieldType::Depts => FieldType::User,
            FieldType::Poly { targets } => {
                return match text.as_deref() {
                    Some(t) if self.model.objects.contains_key(t) && (targets.is_empty() || targets.iter().any(|n| *n == *t)) => {
                        Ok(Value::from(t))
                    }
                    Some(_) => Err(bad("object")),
                    None => self.coerce(f, f, written, j),
                };
            }
            other => other.clone(),
        };
        self.coerce(&plain(element), f, written, j)
    }

    fn coerce(&self, g: &FieldDef, f: &FieldDef, written: &str, j: &Json) -> Result<Value, ExprError> {
        match codec::parse(g, j, &Ctx::strict(self.model, self.norm)) {
            Ok(input) => input.value().ok_or_else(|| {
                ExprError::new("expr.value").with("field", written).with("code", "value.type").with("expected", "id")
            }),
            Err(e) => {
                let mut x =
                    ExprError::new("expr.value").with("field", written).with("type", f.ty.code()).with("code", e.code.as_ref());
                x.params.extend(e.params);
                Err(x)
            }
        }
    }

    /// Order is by base amount, so its operand is a plain number; equality is by amount and currency.
    fn money(&self, f: &FieldDef, op: Op, j: &Json) -> Option<Value> {
        let (amount, currency) = match j {
            Json::Object(o) => (o.get("amount")?, o.get("currency").and_then(Json::as_str).unwrap_or(&self.model.currency)),
            j => (j, self.model.currency.as_str()),
        };
        let d: Decimal = match amount {
            Json::String(s) => parse_decimal(s.trim())?,
            Json::Number(n) => parse_decimal(&n.to_string())?,
            _ => return None,
        };
        let currency = currency.to_ascii_uppercase();
        // Below 10^18 whatever the decimals, as for every number; what no stored amount can reach just matches nothing.
        let fits = d.normalize().scale() <= UNIT_PRICE_SCALE && d.abs() < Decimal::from(10_i64.pow(18));
        if !fits || currency.len() != 3 {
            return None;
        }
        debug_assert!(matches!(f.ty, FieldType::Money { .. }));
        match op {
            O::Eq | O::Ne | O::In | O::Nin => {
                Some(Value::Money(Money { amount: d, currency: currency.into(), rate: Decimal::ONE, base: d }))
            }
            _ => (currency == self.model.currency).then_some(Value::Dec(d)),
        }
    }
}

fn rel_is_person(r: &Rel) -> bool {
    matches!(r, Rel::Me | Rel::MyReports)
}
