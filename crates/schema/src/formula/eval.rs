//! Formulas evaluated in memory.

use std::cmp::Ordering;

use jiff::{civil::Date, tz::TimeZone};
use rust_decimal::Decimal;
use smol_str::SmolStr;

use super::{
    MAX_TEXT, date,
    fix::Fix,
    node::{Arith, Cmp, Formula, Func, Node, Ty},
};
use crate::{
    FieldDef, FieldType, Millis, Model, RecordId, UserId, Value,
    codec::Normalise,
    field::ResultType,
    filter::Lookup,
    money::{PCT_SCALE, minor_unit},
};

/// What a formula may know beside the record.
#[derive(Clone, Copy)]
pub struct Env<'a> {
    /// Labels of options, base currency.
    pub model: &'a Model,
    /// Case folding.
    pub norm: &'a dyn Normalise,
    /// Now.
    pub now: Millis,
    /// The organisation's zone.
    pub zone: &'a TimeZone,
    /// The person asking.
    pub user: Option<UserId>,
    /// The default calendar: is this a workday?
    pub workday: &'a dyn Fn(Date) -> bool,
    /// Units of the second currency for one of the first, today.
    pub rate: &'a dyn Fn(&str, &str) -> Option<Decimal>,
}

impl Env<'_> {
    /// Monday to Friday: the calendar where none is kept.
    #[must_use]
    pub fn weekdays(d: Date) -> bool {
        d.weekday().to_monday_zero_offset() < 5
    }
}

/// A value while a formula is evaluated.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum V {
    Blank,
    Num(Fix),
    Text(String),
    Bool(bool),
    Date(Date),
    Instant(Millis),
    Id(RecordId),
    Keys(Vec<SmolStr>),
    /// Something that is not blank and can be asked for nothing else.
    Some,
}

impl V {
    fn num(self) -> Option<Fix> {
        if let Self::Num(n) = self { Some(n) } else { None }
    }
    fn date(self) -> Option<Date> {
        if let Self::Date(d) = self { Some(d) } else { None }
    }
    fn instant(self) -> Option<Millis> {
        if let Self::Instant(t) = self { Some(t) } else { None }
    }
    fn is_true(&self) -> bool {
        matches!(self, Self::Bool(true))
    }
    /// A blank text is the empty text.
    fn text(self) -> String {
        if let Self::Text(t) = self { t } else { String::new() }
    }
    fn of_num(n: Option<Fix>) -> Self {
        n.map_or(Self::Blank, Self::Num)
    }
    fn of_int(n: i64) -> Self {
        Self::of_num(Fix::int(n))
    }
    /// An empty text is blank; a long one is cut.
    fn of_text(mut t: String) -> Self {
        if t.is_empty() {
            return Self::Blank;
        }
        if t.len() > MAX_TEXT
            && let Some((i, _)) = t.char_indices().nth(MAX_TEXT)
        {
            t.truncate(i);
        }
        Self::Text(t)
    }
}

fn load(v: &Value, ty: &Ty) -> V {
    match (v, ty) {
        (v, Ty::Bool) => V::Bool(v.is_true()),
        (v, Ty::Other) => {
            if v.is_empty() {
                V::Blank
            } else {
                V::Some
            }
        }
        (Value::Int(n), Ty::Number) => V::of_int(*n),
        (Value::Dec(d), Ty::Number) => V::of_num(Fix::from_decimal(*d)),
        (Value::Money(m), Ty::Number) => V::of_num(Fix::from_decimal(m.base)),
        (Value::Text(t), Ty::Text | Ty::Pick(_)) => V::of_text(t.to_string()),
        (Value::Phone(p), Ty::Text) => V::of_text(p.e164.as_ref().unwrap_or(&p.raw).to_string()),
        (Value::Date(d), Ty::Date) => V::Date(*d),
        (Value::DateTime(t), Ty::Instant) => V::Instant(*t),
        (Value::Id(i), Ty::Id(_)) => V::Id(*i),
        (Value::Keys(k), Ty::Keys(_)) if !k.is_empty() => V::Keys(k.clone()),
        _ => V::Blank,
    }
}

/// Evaluates a checked expression.
#[must_use]
pub fn eval(n: &Node, at: &dyn Lookup, env: &Env<'_>) -> V {
    Eval { at, env }.run(n)
}

/// Evaluates a condition.
#[must_use]
pub fn eval_condition(f: &Formula, at: &dyn Lookup, env: &Env<'_>) -> bool {
    eval(&f.root, at, env).is_true()
}

/// Evaluates a computed field, or a default, to the field's own value.
#[must_use]
pub fn eval_field(f: &Formula, field: &FieldDef, at: &dyn Lookup, env: &Env<'_>) -> Value {
    result_value(eval(&f.root, at, env), field, env.model)
}

/// A result as the value of a field: rounded to the field's decimals; blank when it does not fit.
#[must_use]
pub fn result_value(v: V, field: &FieldDef, model: &Model) -> Value {
    let dec = |n: Fix, scale: u32| n.to_scaled(scale).map_or(Value::Null, |i| Value::Dec(Decimal::new(i, scale)));
    let result = match &field.ty {
        FieldType::Roll { result, .. } | FieldType::Calc { result, .. } => Some(*result),
        _ => None,
    };
    match (v, &field.ty) {
        (V::Bool(b), _) => Value::Bool(b),
        (V::Blank, FieldType::Bool) => Value::Bool(false),
        (V::Blank | V::Some, _) => Value::Null,
        (V::Text(t), _) => Value::Text(t.into()),
        (V::Date(d), _) => Value::Date(d),
        (V::Instant(t), _) => Value::DateTime(t),
        (V::Id(i), _) => Value::Id(i),
        (V::Keys(k), _) => Value::Keys(k),
        (V::Num(n), FieldType::Dec { scale, .. }) => dec(n, u32::from(*scale)),
        (V::Num(n), FieldType::Pct { .. }) => dec(n, PCT_SCALE),
        (V::Num(n), FieldType::Money { .. }) => match dec(n, minor_unit(&model.currency)) {
            Value::Dec(d) => Value::Money(crate::money::Money::base(d, &model.currency)),
            v => v,
        },
        (V::Num(n), _) => match result {
            Some(ResultType::Dec(s)) => dec(n, u32::from(s)),
            Some(ResultType::Pct) => dec(n, PCT_SCALE),
            Some(ResultType::Money) => match dec(n, minor_unit(&model.currency)) {
                // Stored with four decimals.
                Value::Dec(d) if crate::money::to_scaled(d, crate::money::AMOUNT_SCALE).is_some() => Value::Dec(d),
                _ => Value::Null,
            },
            _ => n.to_scaled(0).map_or(Value::Null, Value::Int),
        },
    }
}

/// Capitals by the product's folding: a letter becomes the one capital that folds to it.
#[must_use]
pub fn upper(t: &str, norm: &dyn Normalise) -> String {
    let mut buf = [0u8; 4];
    t.chars()
        .map(|c| {
            let mut up = c.to_uppercase();
            match (up.next(), up.next()) {
                (Some(u), None) if u != c && *norm.fold(u.encode_utf8(&mut buf)) == *c.encode_utf8(&mut [0u8; 4]) => u,
                _ => c,
            }
        })
        .collect()
}

/// Blanks that `TRIM` and `VALUE` cut: white space, the byte order mark and the space without width.
pub const BLANKS: &str = "\t\n\u{b}\u{c}\r \u{85}\u{a0}\u{1680}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\
    \u{2008}\u{2009}\u{200a}\u{200b}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}\u{feff}";

fn blank(c: char) -> bool {
    BLANKS.contains(c)
}

/// The last `n` characters.
#[must_use]
pub fn right(t: &str, n: usize) -> &str {
    match n.checked_sub(1).and_then(|n| t.char_indices().rev().nth(n)) {
        Some((i, _)) => &t[i..],
        None if n == 0 => "",
        None => t,
    }
}

/// The number a text is, blanks around it aside.
#[must_use]
pub fn number_of(t: &str) -> Option<Fix> {
    Fix::parse(t.trim_matches(blank))
}

fn chars(t: &str, from: usize, n: usize) -> String {
    t.chars().skip(from).take(n).collect()
}

/// How many characters a number means: whole, 0 … 1,000,000; blank is none.
#[must_use]
pub fn count(n: Option<Fix>) -> usize {
    usize::try_from(n.map_or(0, Fix::trunc).clamp(0, 1_000_000)).unwrap_or(0)
}

/// Equality and order; two blanks are equal, nothing else is with a blank.
fn compare(op: Cmp, a: &V, b: &V) -> bool {
    let order = match (a, b) {
        (V::Num(a), V::Num(b)) => a.cmp(b),
        (V::Text(a), V::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        (V::Date(a), V::Date(b)) => a.cmp(b),
        (V::Instant(a), V::Instant(b)) => a.cmp(b),
        (V::Bool(a), V::Bool(b)) => a.cmp(b),
        (V::Id(a), V::Id(b)) => a.cmp(b),
        (V::Blank, V::Blank) => return matches!(op, Cmp::Eq),
        // The empty text comes before every other.
        (V::Blank, V::Text(_)) => Ordering::Less,
        (V::Text(_), V::Blank) => Ordering::Greater,
        _ => return matches!(op, Cmp::Ne),
    };
    match op {
        Cmp::Eq => order.is_eq(),
        Cmp::Ne => order.is_ne(),
        Cmp::Lt => order.is_lt(),
        Cmp::Lte => order.is_le(),
        Cmp::Gt => order.is_gt(),
        Cmp::Gte => order.is_ge(),
    }
}

struct Eval<'a> {
    at: &'a dyn Lookup,
    env: &'a Env<'a>,
}

impl Eval<'_> {
    fn run(&self, n: &Node) -> V {
        match n {
            Node::Number(f) => V::Num(*f),
            Node::Text(t) => V::Text(t.clone()),
            Node::Bool(b) => V::Bool(*b),
            Node::Date(d) => V::Date(*d),
            Node::Blank => V::Blank,
            Node::Field(p, ty) => load(&self.at.value(p), ty),
            Node::Zero(a) => V::Num(self.run(a).num().unwrap_or(Fix::ZERO)),
            Node::Neg(a) => V::of_num(self.run(a).num().map(Fix::neg)),
            Node::Arith(op, a, b) => {
                let (Some(a), Some(b)) = (self.run(a).num(), self.run(b).num()) else { return V::Blank };
                V::of_num(match op {
                    Arith::Add => a.add(b),
                    Arith::Sub => a.sub(b),
                    Arith::Mul => a.mul(b),
                    Arith::Div => a.div(b),
                    Arith::Mod => a.modulo(b),
                })
            }
            Node::Compare(op, ty, a, b) => {
                let (a, b) = (self.run(a), self.run(b));
                // Of texts a blank is the empty text and has an order; of the others it has none.
                if ty.is_text() && (a == V::Blank && b == V::Blank) {
                    V::Bool(matches!(op, Cmp::Eq | Cmp::Lte | Cmp::Gte))
                } else {
                    V::Bool(compare(*op, &a, &b))
                }
            }
            Node::And(v) => V::Bool(v.iter().all(|n| self.run(n).is_true())),
            Node::Or(v) => V::Bool(v.iter().any(|n| self.run(n).is_true())),
            Node::Not(a) => V::Bool(!self.run(a).is_true()),
            Node::If(c, a, b) => {
                if self.run(c).is_true() {
                    self.run(a)
                } else {
                    self.run(b)
                }
            }
            Node::Case(_, x, arms, other) => {
                let x = self.run(x);
                arms.iter()
                    .find(|(k, _)| compare(Cmp::Eq, &x, &self.run(k)))
                    .map_or_else(|| self.run(other), |(_, v)| self.run(v))
            }
            Node::Coalesce(_, v) => v.iter().map(|n| self.run(n)).find(|v| *v != V::Blank).unwrap_or(V::Blank),
            Node::IsBlank(_, a) => V::Bool(self.run(a) == V::Blank),
            Node::Concat(v) => V::of_text(v.iter().map(|n| self.run(n).text()).collect()),
            Node::InSet(ty, x, v) => {
                let x = self.run(x);
                // A list without elements has none of them, not even a blank one.
                if matches!(ty, Ty::Keys(_)) && x == V::Blank {
                    return V::Bool(false);
                }
                V::Bool(v.iter().any(|n| {
                    let k = self.run(n);
                    match (&x, &k) {
                        (V::Keys(keys), V::Text(k)) => keys.iter().any(|x| x == k),
                        (V::Keys(_), _) => false,
                        (x, k) => compare(Cmp::Eq, x, k),
                    }
                }))
            }
            Node::Label(a, set, l) => {
                let key = self.run(a).text();
                let label = self.env.model.picklist(set).and_then(|p| p.value(&key)).map(|v| v.label.get(*l).to_owned());
                V::of_text(label.unwrap_or(key))
            }
            // Checked when the formula was read.
            Node::Regex(a, p) => V::Bool(regex_lite::Regex::new(p).is_ok_and(|r| r.is_match(&self.run(a).text()))),
            Node::DateAdd(instant, a, n, u) => {
                let (a, Some(n)) = (self.run(a), self.run(n).num()) else { return V::Blank };
                let n = n.trunc();
                if *instant {
                    a.instant().and_then(|t| date::add_to_instant(t, n, *u, self.env.zone)).map_or(V::Blank, V::Instant)
                } else {
                    a.date().and_then(|d| date::add_to_date(d, n, *u)).map_or(V::Blank, V::Date)
                }
            }
            Node::DateDiff(instant, a, b, u) => {
                let (a, b) = (self.run(a), self.run(b));
                if *instant {
                    let (Some(a), Some(b), Some(ms)) = (a.instant(), b.instant(), u.millis()) else { return V::Blank };
                    V::of_int((b.0 - a.0) / ms)
                } else {
                    let (Some(a), Some(b)) = (a.date(), b.date()) else { return V::Blank };
                    V::of_int(date::diff_dates(a, b, *u))
                }
            }
            Node::Format(instant, a, p) => {
                let a = self.run(a);
                if *instant {
                    a.instant().map_or(V::Blank, |t| V::of_text(date::format_instant(t, self.env.zone, p)))
                } else {
                    a.date().map_or(V::Blank, |d| V::of_text(date::format_date(d, 0, p)))
                }
            }
            Node::Call(f, v) => self.call(*f, v),
            Node::Today => V::Date(self.env.now.date_in(self.env.zone)),
            Node::Now => V::Instant(self.env.now),
            Node::User => self.env.user.map_or(V::Blank, |u| V::Id(u.record())),
        }
    }

    fn call(&self, f: Func, args: &[Node]) -> V {
        let arg = |i: usize| args.get(i).map_or(V::Blank, |n| self.run(n));
        let num = |i: usize| arg(i).num();
        let text = |i: usize| arg(i).text();
        match f {
            Func::Round => {
                let (Some(n), Some(places)) = (num(0), num(1)) else { return V::Blank };
                V::of_num(n.round(places.trunc()))
            }
            Func::Floor => V::of_num(num(0).and_then(Fix::floor)),
            Func::Ceil => V::of_num(num(0).and_then(Fix::ceil)),
            Func::Abs => V::of_num(num(0).map(Fix::abs)),
            Func::Min | Func::Max => {
                let mut best = V::Blank;
                let better = if f == Func::Min { Cmp::Lt } else { Cmp::Gt };
                for v in args.iter().map(|n| self.run(n)).filter(|v| *v != V::Blank) {
                    if best == V::Blank || compare(better, &v, &best) {
                        best = v;
                    }
                }
                best
            }
            Func::Left => V::of_text(chars(&text(0), 0, count(num(1)))),
            Func::Right => V::of_text(right(&text(0), count(num(1))).to_owned()),
            Func::Mid => V::of_text(chars(&text(0), count(num(1)).max(1) - 1, count(num(2)))),
            Func::Len => V::of_int(i64::try_from(text(0).chars().count()).unwrap_or(i64::MAX)),
            Func::Upper => V::of_text(upper(&text(0), self.env.norm)),
            Func::Lower => V::of_text(self.env.norm.fold(&text(0)).into_owned()),
            Func::Trim => V::of_text(text(0).trim_matches(blank).to_owned()),
            Func::Contains | Func::Starts => {
                let (t, p) = (text(0), text(1));
                let (t, p) = (self.env.norm.fold(&t), self.env.norm.fold(&p));
                V::Bool(if f == Func::Contains { t.contains(&*p) } else { t.starts_with(&*p) })
            }
            Func::NumberText => num(0).map_or(V::Blank, |n| V::Text(n.to_string())),
            Func::FixedText => num(0).map_or(V::Blank, |n| V::Text(n.fixed(u32::try_from(count(num(1))).unwrap_or(0)))),
            Func::Value => V::of_num(number_of(&text(0))),
            Func::Date => {
                let (Some(y), Some(m), Some(d)) = (num(0), num(1), num(2)) else { return V::Blank };
                date::date_of(y, m, d).map_or(V::Blank, V::Date)
            }
            Func::DateOf => arg(0).instant().map_or(V::Blank, |t| V::Date(t.date_in(self.env.zone))),
            Func::Year => arg(0).date().map_or(V::Blank, |d| V::of_int(d.year().into())),
            Func::Month => arg(0).date().map_or(V::Blank, |d| V::of_int(d.month().into())),
            Func::Day => arg(0).date().map_or(V::Blank, |d| V::of_int(d.day().into())),
            Func::Workdays => {
                let (Some(a), Some(b)) = (arg(0).date(), arg(1).date()) else { return V::Blank };
                V::of_int(crate::worktime::workdays(a, b, self.env.workday))
            }
            Func::Convert => {
                let (Some(n), from, to) = (num(0), text(1), text(2)) else { return V::Blank };
                if from == to {
                    return V::Num(n);
                }
                let rate = (self.env.rate)(&from, &to).and_then(Fix::from_decimal);
                V::of_num(rate.and_then(|r| n.mul(r)).and_then(|n| n.round(i64::from(minor_unit(&to)))))
            }
        }
    }
}
