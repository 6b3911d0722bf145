//! Stored cells to API JSON without values between: the way every list takes.

use super::{Form, mask::masked, number, time, write};
use crate::{
    FieldDef, FieldType, MaskKind, Millis, RecordId,
    field::ResultType,
    money::{AMOUNT_SCALE, RATE_SCALE, UNIT_PRICE_SCALE, minor_unit},
    physical::scale_of,
    value::Addr,
};

/// The cells of one field in a database row; `i` counts the columns of [`crate::physical::columns`]. `None` is NULL.
pub trait CellSource {
    /// An integer cell.
    fn int(&self, i: usize) -> Option<i64>;
    /// A text cell.
    fn text(&self, i: usize) -> Option<&str>;
    /// An id cell.
    fn id(&self, i: usize) -> Option<[u8; 16]>;
}

impl CellSource for [crate::physical::Cell] {
    fn int(&self, i: usize) -> Option<i64> {
        if let Some(crate::physical::Cell::Int(n)) = self.get(i) { Some(*n) } else { None }
    }
    fn text(&self, i: usize) -> Option<&str> {
        if let Some(crate::physical::Cell::Text(t)) = self.get(i) { Some(t) } else { None }
    }
    fn id(&self, i: usize) -> Option<[u8; 16]> {
        if let Some(crate::physical::Cell::Id(t)) = self.get(i) { Some(t.bytes()) } else { None }
    }
}

/// Writes the API JSON of a field from its stored cells: the same bytes as [`super::write_json`] of the value in them.
/// With a mask, the masked text (R-FLS-02) or `null` when there is nothing to hide.
///
/// Nothing is allocated beside `out`, except for masked values.
pub fn write_cells_json<S: CellSource + ?Sized>(f: &FieldDef, c: &S, out: &mut Vec<u8>, mask: Option<MaskKind>, form: Form) {
    let from = out.len();
    let done = match mask {
        Some(m) => write_masked(f, c, m, form, out),
        None => write_plain(f, c, form, out),
    };
    if done.is_none() {
        out.truncate(from);
        out.extend_from_slice(match &f.ty {
            FieldType::Bool if mask.is_none() => b"false",
            ty if ty.is_many() && mask.is_none() => b"[]",
            _ => write::NULL,
        });
    }
}

fn write_plain<S: CellSource + ?Sized>(f: &FieldDef, c: &S, form: Form, out: &mut Vec<u8>) -> Option<()> {
    match &f.ty {
        FieldType::Text { .. }
        | FieldType::Long
        | FieldType::Rich
        | FieldType::Pick { .. }
        | FieldType::Auto { .. }
        | FieldType::Email
        | FieldType::Url => {
            write::write_str(c.text(0)?, out);
        }
        FieldType::Int { .. } | FieldType::Time | FieldType::Duration | FieldType::Rating { .. } => {
            number::write_int(c.int(0)?, out);
        }
        FieldType::Dec { .. } | FieldType::Pct { .. } => {
            decimal(c.int(0)?, scale_of(&f.ty)?, write::least_places(&f.ty, form), out);
        }
        FieldType::Bool => boolean(c.int(0)?, out),
        FieldType::Date => quoted(c.text(0)?, out),
        FieldType::DateTime => instant(c.int(0)?, out),
        FieldType::Money { unit_price, .. } => {
            let stored = if *unit_price { UNIT_PRICE_SCALE } else { AMOUNT_SCALE };
            let (amount, currency) = (c.int(0)?, c.text(1)?);
            out.extend_from_slice(b"{\"amount\":");
            decimal(amount, stored, minor_unit(currency), out);
            out.extend_from_slice(b",\"currency\":");
            write::write_str(currency, out);
            out.extend_from_slice(b",\"rate\":");
            decimal(c.int(2)?, RATE_SCALE, 0, out);
            out.extend_from_slice(b",\"base\":");
            decimal(c.int(3)?, stored, form.base_places, out);
            out.push(b'}');
        }
        // Stored as the JSON the API gives.
        FieldType::Multi { .. }
        | FieldType::Tags
        | FieldType::Refs { .. }
        | FieldType::Users
        | FieldType::Depts
        | FieldType::File
        | FieldType::Img
        | FieldType::Json
        | FieldType::Addr
        | FieldType::Geo => {
            out.extend_from_slice(c.text(0)?.as_bytes());
        }
        FieldType::Phone => write::write_phone(c.text(0)?, c.text(1), c.text(3), c.text(4), c.text(5)?, out),
        FieldType::Ref { .. } | FieldType::MasterDetail { .. } | FieldType::User | FieldType::Dept => {
            write::write_id(RecordId::from_bytes(c.id(0)?), out);
        }
        FieldType::Poly { .. } => {
            out.extend_from_slice(b"{\"object\":");
            write::write_str(c.text(1)?, out);
            out.extend_from_slice(b",\"id\":");
            write::write_id(RecordId::from_bytes(c.id(0)?), out);
            out.push(b'}');
        }
        FieldType::Roll { result, .. } | FieldType::Calc { result, .. } => match result {
            ResultType::Text => write::write_str(c.text(0)?, out),
            ResultType::Date => quoted(c.text(0)?, out),
            ResultType::Int | ResultType::Duration => number::write_int(c.int(0)?, out),
            ResultType::Dec(_) | ResultType::Money | ResultType::Pct => {
                decimal(c.int(0)?, scale_of(&f.ty)?, write::least_places(&f.ty, form), out);
            }
            ResultType::Bool => boolean(c.int(0)?, out),
            ResultType::DateTime => instant(c.int(0)?, out),
        },
    }
    Some(())
}

fn boolean(n: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(if n == 0 { b"false" } else { b"true" });
}

fn decimal(n: i64, scale: u32, min: u32, out: &mut Vec<u8>) {
    out.push(b'"');
    number::write_scaled(n, scale, min, out);
    out.push(b'"');
}

fn instant(n: i64, out: &mut Vec<u8>) {
    out.push(b'"');
    time::write_instant(Millis(n), out);
    out.push(b'"');
}

/// A stored date has nothing to escape.
fn quoted(s: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(s.as_bytes());
    out.push(b'"');
}

fn write_masked<S: CellSource + ?Sized>(f: &FieldDef, c: &S, m: MaskKind, form: Form, out: &mut Vec<u8>) -> Option<()> {
    let text = match &f.ty {
        FieldType::Phone => masked(m, c.text(1).or_else(|| c.text(0))?),
        FieldType::Addr if m == MaskKind::Address => {
            let a: Addr = serde_json::from_str(c.text(0)?).ok()?;
            let parts = [&a.province, &a.city, &a.district].map(|p| p.as_deref().unwrap_or(""));
            // Chinese addresses are written without blanks; others are not.
            let sep = if a.country.as_deref().is_none_or(|c| c == "CN") { "" } else { " " };
            let shown = parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(sep);
            if shown.is_empty() { "***".to_owned() } else { shown }
        }
        FieldType::Text { .. }
        | FieldType::Long
        | FieldType::Rich
        | FieldType::Auto { .. }
        | FieldType::Email
        | FieldType::Url
        | FieldType::Pick { .. } => masked(m, c.text(0)?),
        // Of everything else only that there is a value.
        _ => {
            let at = out.len();
            write_plain(f, c, form, out)?;
            out.truncate(at);
            "***".to_owned()
        }
    };
    write::write_str(&text, out);
    Some(())
}
