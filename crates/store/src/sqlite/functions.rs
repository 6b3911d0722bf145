//! Functions SQL calls: case folding, calendar dates in a zone, ids as text.

use std::cell::RefCell;

use jiff::tz::TimeZone;
use rusqlite::{
    Connection, Error,
    functions::{Context, FunctionFlags},
    types::{Value, ValueRef},
};

use crate::Result;

pub(super) fn register(c: &Connection) -> Result<()> {
    let pure = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    c.create_scalar_function("fold", 1, pure, |ctx| {
        Ok(match ctx.get_raw(0) {
            ValueRef::Text(t) => Value::Text(rapport_text::fold(utf8(t)?).into_owned()),
            _ => Value::Null,
        })
    })?;
    c.create_scalar_function("local_date", 2, pure, local_date)?;
    c.create_scalar_function("uuid_text", 1, pure, |ctx| {
        Ok(match ctx.get_raw(0) {
            ValueRef::Blob(b) => uuid::Uuid::from_slice(b).map_or(Value::Null, |u| Value::Text(u.hyphenated().to_string())),
            _ => Value::Null,
        })
    })?;
    super::formulas::register(c)
}

fn utf8(t: &[u8]) -> rusqlite::Result<&str> {
    std::str::from_utf8(t).map_err(|e| Error::UserFunctionError(Box::new(e)))
}

thread_local! {
    /// The zone used last: a query uses one.
    static ZONE: RefCell<(String, TimeZone)> = const { RefCell::new((String::new(), TimeZone::UTC)) };
}

fn local_date(ctx: &Context<'_>) -> rusqlite::Result<Value> {
    let (ValueRef::Integer(ms), ValueRef::Text(zone)) = (ctx.get_raw(0), ctx.get_raw(1)) else { return Ok(Value::Null) };
    let zone = utf8(zone)?;
    Ok(Value::Text(with_zone(zone, |tz| rapport_schema::Millis(ms).date_in(tz).to_string())))
}

/// Runs a function with a zone by its name.
pub(super) fn with_zone<T>(zone: &str, f: impl FnOnce(&TimeZone) -> T) -> T {
    ZONE.with_borrow_mut(|(name, tz)| {
        if name != zone {
            *tz = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
            zone.clone_into(name);
        }
        f(tz)
    })
}
