//! What formulas call on SQLite: exact numbers, calendar, texts. Each does what `schema::formula` does in memory, by calling it.
//! A number is kept as sixteen bytes in the order of the numbers; NULL is blank, and so is what is of another type.

use std::{collections::HashMap, sync::Arc};

use jiff::civil::Date;
use rapport_schema::{
    Millis,
    codec::{format_date, parse_date},
    formula::{
        self, Fix, Unit, add_to_date, count, date_of, date_pattern, diff_dates, format_date as date_text, format_instant,
        number_of, right, upper,
    },
};
use rusqlite::{
    Connection,
    functions::{Context, FunctionFlags},
    types::{Value, ValueRef},
};

use super::functions::with_zone;
use crate::{Result, Rules};

type Out = rusqlite::Result<Value>;
type Call = fn(&Args<'_, '_>) -> Option<Value>;

/// The arguments of a call; one of another type than asked for is blank.
struct Args<'c, 'a>(&'a Context<'c>);

impl Args<'_, '_> {
    fn raw(&self, i: usize) -> ValueRef<'_> {
        self.0.get_raw(i)
    }
    fn fix(&self, i: usize) -> Option<Fix> {
        if let ValueRef::Blob(b) = self.raw(i) { Fix::from_ordered(b) } else { None }
    }
    fn int(&self, i: usize) -> Option<i64> {
        if let ValueRef::Integer(n) = self.raw(i) { Some(n) } else { None }
    }
    fn text(&self, i: usize) -> Option<&str> {
        if let ValueRef::Text(t) = self.raw(i) { std::str::from_utf8(t).ok() } else { None }
    }
    fn date(&self, i: usize) -> Option<Date> {
        self.text(i).and_then(parse_date)
    }
    fn unit(&self, i: usize) -> Option<Unit> {
        self.text(i).and_then(Unit::parse)
    }
    fn places(&self, i: usize) -> Option<u32> {
        self.int(i).and_then(|n| u32::try_from(n).ok())
    }
}

fn fix(n: Fix) -> Value {
    Value::Blob(n.to_ordered().to_vec())
}

fn day(d: Date) -> Value {
    Value::Text(format_date(d))
}

fn text(t: impl Into<String>) -> Option<Value> {
    let t = t.into();
    (!t.is_empty()).then_some(Value::Text(t))
}

/// The functions: name, number of arguments, what they do.
const FUNCTIONS: &[(&str, i32, Call)] = &[
    ("fx", 2, |a| Fix::scaled(a.int(0)?, a.places(1)?).map(fix)),
    ("fx_scaled", 2, |a| a.fix(0)?.to_scaled(a.places(1)?).map(Value::Integer)),
    ("fx_add", 2, |a| a.fix(0)?.add(a.fix(1)?).map(fix)),
    ("fx_sub", 2, |a| a.fix(0)?.sub(a.fix(1)?).map(fix)),
    ("fx_mul", 2, |a| a.fix(0)?.mul(a.fix(1)?).map(fix)),
    ("fx_div", 2, |a| a.fix(0)?.div(a.fix(1)?).map(fix)),
    ("fx_mod", 2, |a| a.fix(0)?.modulo(a.fix(1)?).map(fix)),
    ("fx_neg", 1, |a| Some(fix(a.fix(0)?.neg()))),
    ("fx_abs", 1, |a| Some(fix(a.fix(0)?.abs()))),
    ("fx_floor", 1, |a| a.fix(0)?.floor().map(fix)),
    ("fx_ceil", 1, |a| a.fix(0)?.ceil().map(fix)),
    ("fx_round", 2, |a| a.fix(0)?.round(a.fix(1)?.trunc()).map(fix)),
    ("fx_text", 1, |a| text(a.fix(0)?.to_string())),
    ("fx_fixed", 2, |a| text(a.fix(0)?.fixed(a.places(1)?))),
    ("fx_value", 1, |a| number_of(a.text(0)?).map(fix)),
    ("fx_count", 1, |a| i64::try_from(count(a.fix(0))).ok().map(Value::Integer)),
    ("right_of", 2, |a| text(right(a.text(0)?, usize::try_from(a.int(1)?).ok()?))),
    ("upper_text", 1, |a| text(upper(a.text(0)?, &Rules))),
    ("text_starts", 2, |a| Some(Value::Integer(i64::from(a.text(0)?.starts_with(a.text(1)?))))),
    ("date_of", 3, |a| date_of(a.fix(0)?, a.fix(1)?, a.fix(2)?).map(day)),
    ("date_plus", 3, |a| add_to_date(a.date(0)?, a.fix(1)?.trunc(), a.unit(2)?).map(day)),
    ("date_between", 3, |a| Fix::int(diff_dates(a.date(0)?, a.date(1)?, a.unit(2)?)).map(fix)),
    // Days and shorter are always equally long: the zone does not matter.
    ("instant_plus", 3, |a| {
        let n = a.fix(1)?.trunc().checked_mul(a.int(2)?)?.checked_div(1000)?;
        formula::add_to_instant(Millis(a.int(0)?), n, Unit::Second, &jiff::tz::TimeZone::UTC).map(|t| Value::Integer(t.0))
    }),
    ("date_text", 2, |a| text(date_text(a.date(0)?, 0, &date_pattern(a.text(1)?)))),
    ("instant_text", 3, |a| {
        let (t, p) = (Millis(a.int(0)?), date_pattern(a.text(2)?));
        text(with_zone(a.text(1)?, |z| format_instant(t, z, &p)))
    }),
];

pub(super) fn register(c: &Connection) -> Result<()> {
    let pure = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    for (name, args, f) in FUNCTIONS {
        c.create_scalar_function(*name, *args, pure, |ctx| Ok::<_, rusqlite::Error>(f(&Args(ctx)).unwrap_or(Value::Null)))?;
    }
    c.create_scalar_function("label_of", 2, pure, label_of)?;
    c.create_scalar_function("least_of", -1, pure, |ctx| Ok::<_, rusqlite::Error>(best(ctx, std::cmp::Ordering::Less)))?;
    c.create_scalar_function("greatest_of", -1, pure, |ctx| Ok::<_, rusqlite::Error>(best(ctx, std::cmp::Ordering::Greater)))?;
    Ok(())
}

/// The first of the best, NULL passed over; all are of one type.
fn best(ctx: &Context<'_>, better: std::cmp::Ordering) -> Value {
    let mut best = ValueRef::Null;
    for i in 0..ctx.len() {
        let v = ctx.get_raw(i);
        let order = match (v, best) {
            (ValueRef::Null, _) => continue,
            (_, ValueRef::Null) => better,
            (ValueRef::Integer(a), ValueRef::Integer(b)) => a.cmp(&b),
            (ValueRef::Blob(a), ValueRef::Blob(b)) | (ValueRef::Text(a), ValueRef::Text(b)) => a.cmp(b),
            _ => continue,
        };
        if order == better {
            best = v;
        }
    }
    Value::try_from(best).unwrap_or(Value::Null)
}

/// The label of a key by a JSON object; a key it does not know stands for itself.
fn label_of(ctx: &Context<'_>) -> Out {
    type Labels = HashMap<String, String>;
    let a = Args(ctx);
    let Some(key) = a.text(0) else { return Ok(Value::Null) };
    let labels: Arc<Labels> = ctx.get_or_create_aux(1, |v| {
        v.as_str().ok().and_then(|t| serde_json::from_str::<Labels>(t).ok()).ok_or(rusqlite::Error::InvalidQuery)
    })?;
    Ok(text(labels.get(key).map_or(key, String::as_str)).unwrap_or(Value::Null))
}
