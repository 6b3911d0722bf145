//! Values as API JSON.

use serde_json::Value as Json;

use super::{Form, number, time};
use crate::{
    FieldDef, FieldType, RecordId, Value,
    field::ResultType,
    money::{Money, minor_unit},
    physical::scale_of,
    value::{Addr, Datum, Geo, Phone},
};

/// For each byte: 0 = as it is, `u` = `\u00XX`, else the letter after the backslash.
static ESCAPE: [u8; 256] = {
    let mut t = [0u8; 256];
    let mut i = 0;
    while i < 32 {
        t[i] = b'u';
        i += 1;
    }
    t[8] = b'b';
    t[9] = b't';
    t[10] = b'n';
    t[12] = b'f';
    t[13] = b'r';
    t[b'"' as usize] = b'"';
    t[b'\\' as usize] = b'\\';
    t
};

/// Writes a JSON string.
pub fn write_str(s: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let b = s.as_bytes();
    let mut from = 0;
    for (i, &c) in b.iter().enumerate() {
        let e = ESCAPE[c as usize];
        if e == 0 {
            continue;
        }
        out.extend_from_slice(&b[from..i]);
        out.extend_from_slice(&[b'\\', e]);
        if e == b'u' {
            const HEX: &[u8; 16] = b"0123456789abcdef";
            out.extend_from_slice(&[b'0', b'0', HEX[(c >> 4) as usize], HEX[(c & 15) as usize]]);
        }
        from = i + 1;
    }
    out.extend_from_slice(&b[from..]);
    out.push(b'"');
}

/// Writes an id in quotes.
pub(super) fn write_id(id: RecordId, out: &mut Vec<u8>) {
    let mut buf = [b'"'; 38];
    let mut text = [0u8; 36];
    id.0.hyphenated().encode_lower(&mut text);
    buf[1..37].copy_from_slice(&text);
    out.extend_from_slice(&buf);
}

pub(super) const NULL: &[u8] = b"null";

fn opt(s: Option<&str>, out: &mut Vec<u8>) {
    match s {
        Some(s) => write_str(s, out),
        None => out.extend_from_slice(NULL),
    }
}

fn pairs<'a>(parts: impl IntoIterator<Item = (&'static str, Option<&'a str>)>, out: &mut Vec<u8>) {
    for (i, (k, v)) in parts.into_iter().enumerate() {
        out.push(if i == 0 { b'{' } else { b',' });
        write_str(k, out);
        out.push(b':');
        opt(v, out);
    }
    out.push(b'}');
}

pub(super) fn write_addr(a: &Addr, out: &mut Vec<u8>) {
    pairs(
        [
            ("country", a.country.as_deref()),
            ("province", a.province.as_deref()),
            ("city", a.city.as_deref()),
            ("district", a.district.as_deref()),
            ("town", a.town.as_deref()),
            ("code", a.code.as_deref()),
            ("detail", a.detail.as_deref()),
            ("postcode", a.postcode.as_deref()),
        ],
        out,
    );
}

pub(super) fn write_phone(
    raw: &str,
    e164: Option<&str>,
    ext: Option<&str>,
    country: Option<&str>,
    kind: &str,
    out: &mut Vec<u8>,
) {
    pairs([("raw", Some(raw)), ("e164", e164), ("ext", ext), ("country", country), ("kind", Some(kind))], out);
}

pub(super) const fn datum_code(d: Datum) -> &'static str {
    match d {
        Datum::Wgs84 => "wgs84",
        Datum::Gcj02 => "gcj02",
        Datum::Bd09 => "bd09",
    }
}

pub(super) fn write_geo(g: Geo, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"lat\":");
    number::write_scaled(g.lat_e7, 7, 0, out);
    out.extend_from_slice(b",\"lng\":");
    number::write_scaled(g.lng_e7, 7, 0, out);
    out.extend_from_slice(b",\"datum\":\"");
    out.extend_from_slice(datum_code(g.datum).as_bytes());
    out.extend_from_slice(b"\"}");
}

fn write_money(m: &Money, form: Form, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"amount\":\"");
    number::write_decimal(m.amount, minor_unit(&m.currency), out);
    out.extend_from_slice(b"\",\"currency\":");
    write_str(&m.currency, out);
    out.extend_from_slice(b",\"rate\":\"");
    number::write_decimal(m.rate, 0, out);
    out.extend_from_slice(b"\",\"base\":\"");
    number::write_decimal(m.base, form.base_places, out);
    out.extend_from_slice(b"\"}");
}

pub(super) fn write_ids(v: &[RecordId], out: &mut Vec<u8>) {
    out.push(b'[');
    for (i, id) in v.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write_id(*id, out);
    }
    out.push(b']');
}

pub(super) fn write_keys<S: AsRef<str>>(v: &[S], out: &mut Vec<u8>) {
    out.push(b'[');
    for (i, k) in v.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write_str(k.as_ref(), out);
    }
    out.push(b']');
}

/// Decimals shown at least: the field's scale for `dec`, the base currency's for computed money, none for percents.
pub(super) fn least_places(ty: &FieldType, form: Form) -> u32 {
    match ty {
        FieldType::Dec { .. }
        | FieldType::Roll { result: ResultType::Dec(_), .. }
        | FieldType::Calc { result: ResultType::Dec(_), .. } => scale_of(ty).unwrap_or(0),
        FieldType::Roll { result: ResultType::Money, .. } | FieldType::Calc { result: ResultType::Money, .. } => form.base_places,
        _ => 0,
    }
}

/// Writes the API JSON of a field's value. Empty lists are `[]`, an empty boolean is `false`, other empty values `null`.
pub fn write_json(f: &FieldDef, v: &Value, form: Form, out: &mut Vec<u8>) {
    match v {
        Value::Null if f.ty.is_many() => out.extend_from_slice(b"[]"),
        Value::Null if matches!(f.ty, FieldType::Bool) => out.extend_from_slice(b"false"),
        Value::Null => out.extend_from_slice(NULL),
        Value::Bool(b) => out.extend_from_slice(if *b { b"true" } else { b"false" }),
        Value::Int(n) => number::write_int(*n, out),
        Value::Dec(d) => {
            out.push(b'"');
            number::write_decimal(*d, least_places(&f.ty, form), out);
            out.push(b'"');
        }
        Value::Text(t) => write_str(t, out),
        Value::Date(d) => {
            out.push(b'"');
            time::write_date(*d, out);
            out.push(b'"');
        }
        Value::DateTime(t) => {
            out.push(b'"');
            time::write_instant(*t, out);
            out.push(b'"');
        }
        Value::Id(i) => write_id(*i, out),
        Value::Ids(v) => write_ids(v, out),
        Value::Keys(v) => write_keys(v, out),
        Value::Ref(r) => {
            out.extend_from_slice(b"{\"object\":");
            write_str(&r.object, out);
            out.extend_from_slice(b",\"id\":");
            write_id(r.id, out);
            out.push(b'}');
        }
        Value::Money(m) => write_money(m, form, out),
        Value::Phone(p) => {
            let Phone { raw, e164, ext, country, kind } = &**p;
            write_phone(raw, e164.as_deref(), ext.as_deref(), country.as_deref(), kind, out);
        }
        Value::Addr(a) => write_addr(a, out),
        Value::Geo(g) => write_geo(*g, out),
        Value::Json(j) => serde_json::to_writer(out, j).expect("a JSON value is writable to memory"),
    }
}

/// The API JSON of a field's value.
#[must_use]
pub fn to_json(f: &FieldDef, v: &Value, form: Form) -> Json {
    let mut out = Vec::with_capacity(64);
    write_json(f, v, form, &mut out);
    serde_json::from_slice(&out).expect("what was written is JSON")
}
