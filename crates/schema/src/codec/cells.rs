//! Values as stored cells, exactly as [`crate::physical::columns`] lays them out.

use rust_decimal::Decimal;
use smallvec::SmallVec;
use smol_str::SmolStr;

use super::{Form, Normalise, text, time, write};
use crate::{
    FieldDef, FieldType, Millis, ObjectName, RecordId, RecordRef, Value,
    field::ResultType,
    money::{AMOUNT_SCALE, Money, RATE_SCALE, UNIT_PRICE_SCALE, from_scaled, minor_unit, to_scaled},
    physical::{Cell, columns, scale_of},
    value::{Addr, Geo, Phone},
};

type Cells = SmallVec<[Cell; 6]>;

fn opt(s: Option<&str>) -> Cell {
    s.map_or(Cell::Null, |s| Cell::Text(s.to_owned()))
}

fn scaled(d: Decimal, scale: u32) -> Cell {
    // The scale is checked where values enter; a computed one is rounded like everything that is computed.
    to_scaled(crate::money::round_half_up(d, scale), scale).map_or(Cell::Null, Cell::Int)
}

fn written(w: impl FnOnce(&mut Vec<u8>)) -> Cell {
    let mut out = Vec::with_capacity(64);
    w(&mut out);
    Cell::Text(String::from_utf8(out).expect("JSON is UTF-8"))
}

/// The digits of a normal number, last first: a suffix search becomes a prefix search.
fn reversed_digits(e164: &str) -> String {
    e164.rsplit(':').next().unwrap_or(e164).chars().rev().filter(char::is_ascii_digit).collect()
}

/// The cells of a value, one per column of [`columns`]. A value whose variant is not the field's gives NULLs.
#[must_use]
pub fn to_cells(f: &FieldDef, v: &Value, norm: &dyn Normalise) -> Cells {
    let mut c: Cells = SmallVec::new();
    // A formula computed when read has no column of its own; where it is compared it has the cell a stored one would have.
    let wanted = columns(f).len().max(usize::from(matches!(f.ty, FieldType::Calc { .. })));
    match (&f.ty, v) {
        (FieldType::Bool, v) => c.push(Cell::Int(i64::from(v.is_true()))),
        (_, Value::Null) => {}
        (_, Value::Bool(b)) => c.push(Cell::Int(i64::from(*b))),
        (FieldType::Email, Value::Text(t)) => {
            let key = norm.email(t).map(|e| e.key);
            c.extend([Cell::Text(t.to_string()), opt(key.as_deref())]);
        }
        (FieldType::Url, Value::Text(t)) => c.extend([Cell::Text(t.to_string()), Cell::Text(text::url_host(t).to_owned())]),
        (FieldType::Text { .. }, Value::Text(t)) if f.unique => {
            c.extend([Cell::Text(t.to_string()), Cell::Text(norm.unique_key(t))]);
        }
        (_, Value::Text(t)) => c.push(Cell::Text(t.to_string())),
        (_, Value::Int(n)) => c.push(match scale_of(&f.ty) {
            Some(s) => scaled(Decimal::from(*n), s),
            None => Cell::Int(*n),
        }),
        (ty, Value::Dec(d)) => c.push(scaled(*d, scale_of(ty).unwrap_or(0))),
        (_, Value::Date(d)) => c.push(Cell::Text(time::format_date(*d))),
        (_, Value::DateTime(t)) => c.push(Cell::Int(t.0)),
        (_, Value::Id(i)) => c.push(Cell::Id(*i)),
        (_, Value::Ids(v)) => c.push(if v.is_empty() { Cell::Null } else { written(|o| write::write_ids(v, o)) }),
        (_, Value::Keys(v)) => c.push(if v.is_empty() { Cell::Null } else { written(|o| write::write_keys(v, o)) }),
        (_, Value::Ref(r)) => c.extend([Cell::Id(r.id), Cell::Text(r.object.to_string())]),
        (FieldType::Money { unit_price, .. }, Value::Money(m)) => c.extend([
            scaled(m.amount, if *unit_price { UNIT_PRICE_SCALE } else { AMOUNT_SCALE }),
            Cell::Text(m.currency.to_string()),
            scaled(m.rate, RATE_SCALE),
            scaled(m.base, if *unit_price { UNIT_PRICE_SCALE } else { AMOUNT_SCALE }),
        ]),
        (_, Value::Money(m)) => c.push(scaled(m.base, AMOUNT_SCALE)),
        (_, Value::Phone(p)) => c.extend([
            Cell::Text(p.raw.to_string()),
            opt(p.e164.as_deref()),
            p.e164.as_deref().map_or(Cell::Null, |e| Cell::Text(reversed_digits(e))),
            opt(p.ext.as_deref()),
            opt(p.country.as_deref()),
            Cell::Text(p.kind.to_string()),
        ]),
        (_, Value::Addr(a)) => c.extend([written(|o| write::write_addr(a, o)), opt(a.code.as_deref())]),
        (_, Value::Geo(g)) => c.extend([written(|o| write::write_geo(*g, o)), Cell::Int(g.lat_e7), Cell::Int(g.lng_e7)]),
        (_, Value::Json(j)) => c.push(Cell::Text(j.to_string())),
    }
    if c.len() != wanted {
        c.clear();
        c.resize(wanted, Cell::Null);
    }
    c
}

fn int(c: &[Cell], i: usize) -> Option<i64> {
    if let Some(Cell::Int(n)) = c.get(i) { Some(*n) } else { None }
}
fn txt(c: &[Cell], i: usize) -> Option<&str> {
    if let Some(Cell::Text(t)) = c.get(i) { Some(t) } else { None }
}
fn id(c: &[Cell], i: usize) -> Option<RecordId> {
    if let Some(Cell::Id(t)) = c.get(i) { Some(*t) } else { None }
}

/// A decimal with at least `min` places shown.
fn shown(n: i64, scale: u32, min: u32) -> Decimal {
    let mut d = from_scaled(n, scale).normalize();
    if d.scale() < min {
        d.rescale(min);
    }
    d
}

/// The value of stored cells. Cells that are not what the field's type stores give an empty value.
#[must_use]
pub fn from_cells(f: &FieldDef, c: &[Cell], form: Form) -> Value {
    read(f, c, form).unwrap_or_else(|| super::parse::empty(&f.ty))
}

fn read(f: &FieldDef, c: &[Cell], form: Form) -> Option<Value> {
    let text = || txt(c, 0).map(|t| Value::Text(SmolStr::new(t)));
    let dec = || Some(Value::Dec(shown(int(c, 0)?, scale_of(&f.ty)?, write::least_places(&f.ty, form))));
    let number = || int(c, 0).map(Value::Int);
    let date = || txt(c, 0).and_then(time::parse_date).map(Value::Date);
    let ids = || txt(c, 0).and_then(|t| serde_json::from_str::<Vec<RecordId>>(t).ok()).filter(|v| !v.is_empty()).map(Value::Ids);
    let keys = || txt(c, 0).and_then(|t| serde_json::from_str::<Vec<SmolStr>>(t).ok()).filter(|v| !v.is_empty()).map(Value::Keys);
    match &f.ty {
        FieldType::Text { .. }
        | FieldType::Long
        | FieldType::Rich
        | FieldType::Pick { .. }
        | FieldType::Auto { .. }
        | FieldType::Email
        | FieldType::Url => text(),
        FieldType::Int { .. } | FieldType::Time | FieldType::Duration | FieldType::Rating { .. } => number(),
        FieldType::Dec { .. } | FieldType::Pct { .. } => dec(),
        FieldType::Bool => int(c, 0).map(|n| Value::Bool(n != 0)),
        FieldType::Date => date(),
        FieldType::DateTime => int(c, 0).map(|n| Value::DateTime(Millis(n))),
        FieldType::Money { unit_price, .. } => {
            let stored = if *unit_price { UNIT_PRICE_SCALE } else { AMOUNT_SCALE };
            let currency = SmolStr::new(txt(c, 1)?);
            Some(Value::Money(Money {
                amount: shown(int(c, 0)?, stored, minor_unit(&currency)),
                currency,
                rate: shown(int(c, 2)?, RATE_SCALE, 0),
                base: shown(int(c, 3)?, stored, form.base_places),
            }))
        }
        FieldType::Multi { .. } | FieldType::Tags => keys(),
        FieldType::Refs { .. } | FieldType::Users | FieldType::Depts | FieldType::File | FieldType::Img => ids(),
        FieldType::Json => txt(c, 0).and_then(|t| serde_json::from_str(t).ok()).map(|j| Value::Json(Box::new(j))),
        FieldType::Phone => {
            let at = |i| txt(c, i).map(SmolStr::new);
            Some(Value::Phone(Box::new(Phone { raw: at(0)?, e164: at(1), ext: at(3), country: at(4), kind: at(5)? })))
        }
        FieldType::Addr => txt(c, 0).and_then(|t| serde_json::from_str::<Addr>(t).ok()).map(|a| Value::Addr(Box::new(a))),
        FieldType::Geo => {
            #[derive(serde::Deserialize)]
            struct Stored {
                datum: crate::value::Datum,
            }
            let s: Stored = serde_json::from_str(txt(c, 0)?).ok()?;
            Some(Value::Geo(Geo { lat_e7: int(c, 1)?, lng_e7: int(c, 2)?, datum: s.datum }))
        }
        FieldType::Ref { .. } | FieldType::MasterDetail { .. } | FieldType::User | FieldType::Dept => id(c, 0).map(Value::Id),
        FieldType::Poly { .. } => Some(Value::Ref(RecordRef { id: id(c, 0)?, object: ObjectName::new(txt(c, 1)?).ok()? })),
        FieldType::Roll { result, .. } | FieldType::Calc { result, .. } => match result {
            ResultType::Text => text(),
            ResultType::Int | ResultType::Duration => number(),
            ResultType::Dec(_) | ResultType::Money | ResultType::Pct => dec(),
            ResultType::Bool => int(c, 0).map(|n| Value::Bool(n != 0)),
            ResultType::Date => date(),
            ResultType::DateTime => int(c, 0).map(|n| Value::DateTime(Millis(n))),
        },
    }
}
