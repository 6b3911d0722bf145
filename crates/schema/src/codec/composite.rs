//! Values of several parts: money, telephone, e-mail, address, point, JSON.

use rust_decimal::Decimal;
use serde_json::Value as Json;
use smol_str::SmolStr;

use super::{
    number::{self},
    parse::{Input, Parsed, Reader, blank, short},
    text,
};
use crate::{
    FieldError, Value,
    money::{AMOUNT_SCALE, Money, RATE_SCALE, UNIT_PRICE_SCALE, minor_unit, to_scaled},
    value::{Addr, Datum, Geo},
};

/// Largest JSON text of a `json` field.
const JSON_MAX: usize = 64 * 1024;
/// Deepest nesting of a `json` field.
const JSON_DEPTH: usize = 32;

/// `{"amount","currency","rate"}` or an amount in the base currency. The base amount is always computed (R-CUR-02).
pub(super) fn money(r: &Reader<'_>, j: &Json, unit_price: bool, min: Option<Decimal>) -> Parsed {
    let base_currency = r.model().currency.as_str();
    let empty = Json::Null;
    let (amount, currency, rate) = match j {
        Json::Object(o) => {
            if let Some(k) = o.keys().find(|k| !matches!(k.as_str(), "amount" | "currency" | "rate" | "base")) {
                return Err(r.wrong("unknown_key").with("key", short(k)));
            }
            let currency = match o.get("currency") {
                None | Some(Json::Null) => SmolStr::new(base_currency),
                Some(c) => {
                    let c = text::trim(r.str(c, "currency")?).to_ascii_uppercase();
                    if c.len() != 3 || !c.bytes().all(|b| b.is_ascii_uppercase()) {
                        return Err(r.expected("currency"));
                    }
                    SmolStr::from(c)
                }
            };
            (o.get("amount").unwrap_or(&empty), currency, o.get("rate").unwrap_or(&empty))
        }
        j => (j, SmolStr::new(base_currency), &empty),
    };
    let Some(amount) = r.decimal(amount)? else { return Ok(Input::Value(Value::Null)) };
    let (scale, stored) = if unit_price { (UNIT_PRICE_SCALE, UNIT_PRICE_SCALE) } else { (minor_unit(&currency), AMOUNT_SCALE) };
    let amount = r.scaled(amount, scale, stored)?;
    r.between(amount, min, None)?;
    if currency == base_currency {
        return Ok(Input::Value(Value::Money(Money { base: amount, rate: Decimal::ONE, amount, currency })));
    }
    let Some(rate) = r.decimal(rate)? else { return Ok(Input::Unrated { amount, currency }) };
    let rate = rate.normalize();
    if rate.scale() > RATE_SCALE {
        return Err(r.err("value.scale").with("max", RATE_SCALE).with("part", "rate"));
    }
    if rate <= Decimal::ZERO || to_scaled(rate, RATE_SCALE).is_none() {
        return Err(r.range("rate"));
    }
    let overflow = || r.range("digits").with("part", "base");
    // The product may have more digits than a decimal holds.
    amount.checked_mul(rate).ok_or_else(overflow)?;
    let money = Money::at(amount, &currency, rate, base_currency);
    if to_scaled(money.base, AMOUNT_SCALE).is_none() {
        return Err(overflow());
    }
    Ok(Input::Value(Value::Money(money)))
}

/// A string, or an object of which `raw`, `ext` and `country` are read.
pub(super) fn phone(r: &Reader<'_>, j: &Json) -> Result<Value, FieldError> {
    let (raw, ext, country) = match j {
        Json::String(s) => (s.as_str(), None, None),
        Json::Object(o) => {
            let part = |k: &str| o.get(k).filter(|v| !v.is_null()).map(|v| r.str(v, "phone")).transpose();
            (part("raw")?.unwrap_or(""), part("ext")?, part("country")?)
        }
        _ => return Err(r.expected("phone")),
    };
    let Some(raw) = r.line(raw, 100)? else { return Ok(Value::Null) };
    let ext = ext.map(|e| r.line(e, 20)).transpose()?.flatten();
    let country = country.map(|c| r.line(c, 2)).transpose()?.flatten();
    let mut p = r.ctx.text.phone(&raw, country.as_deref().or(r.ctx.country));
    if p.kind == "invalid" && !r.ctx.keep_invalid_phone {
        return Err(r.err("phone.invalid").with("value", short(&raw)));
    }
    p.ext = p.ext.or(ext);
    Ok(Value::Phone(Box::new(p)))
}

pub(super) fn email(r: &Reader<'_>, s: &str) -> Result<Value, FieldError> {
    let Some(s) = r.line(s, 1000)? else { return Ok(Value::Null) };
    match r.ctx.text.email(&s) {
        Some(e) if e.address.len() <= 254 => Ok(Value::Text(e.address)),
        _ => Err(r.err("email.invalid").with("value", short(&s))),
    }
}

/// A string is the detail; an object has the parts.
pub(super) fn addr(r: &Reader<'_>, j: &Json) -> Result<Value, FieldError> {
    let mut a = Addr::default();
    match j {
        Json::String(s) => a.detail = r.line(s, 500)?.map(|s| s.to_string()),
        Json::Object(o) => {
            for (k, v) in o {
                if v.is_null() {
                    continue;
                }
                let s = r.str(v, "address")?;
                let slot = match k.as_str() {
                    "country" => &mut a.country,
                    "code" => &mut a.code,
                    "province" => &mut a.province,
                    "city" => &mut a.city,
                    "district" => &mut a.district,
                    "town" => &mut a.town,
                    "postcode" => &mut a.postcode,
                    "detail" => {
                        a.detail = r.line(&s.replace(['\r', '\n'], " "), 500)?.map(|s| s.to_string());
                        continue;
                    }
                    other => return Err(r.wrong("unknown_key").with("key", short(other))),
                };
                *slot = r.line(s, 100)?;
            }
        }
        _ => return Err(r.expected("address")),
    }
    if let Some(c) = &mut a.country {
        *c = SmolStr::from(c.to_ascii_uppercase());
        if c.len() != 2 || !c.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(r.expected("address").with("part", "country"));
        }
    }
    if let Some(c) = &a.code
        && (!matches!(c.len(), 2 | 4 | 6 | 9) || !c.bytes().all(|b| b.is_ascii_digit()))
    {
        return Err(r.expected("address").with("part", "code"));
    }
    Ok(if a == Addr::default() { Value::Null } else { Value::Addr(Box::new(a)) })
}

/// Degrees are cut to 1e-7 (about a centimetre), halves away from zero.
pub(super) fn geo(r: &Reader<'_>, j: &Json) -> Result<Value, FieldError> {
    if blank(j) {
        return Ok(Value::Null);
    }
    let o = j.as_object().ok_or_else(|| r.expected("point"))?;
    let part = |key: &'static str, max: i64| -> Result<i64, FieldError> {
        let v = o.get(key).ok_or_else(|| r.expected("point").with("part", key))?;
        let d = match v {
            // A receiver's binary number has more digits than the point has meaning.
            Json::Number(n) if n.is_f64() => n.to_string().parse().ok(),
            v => number::from_json(v).ok(),
        };
        let d: Decimal = d.ok_or_else(|| r.expected("point").with("part", key))?;
        if d.abs() > Decimal::from(max) {
            return Err(r.range("degrees").with("part", key).with("max", max));
        }
        to_scaled(crate::money::round_half_up(d, 7), 7).ok_or_else(|| r.range("degrees"))
    };
    let datum = match o.get("datum").and_then(Json::as_str) {
        Some("wgs84") => Datum::Wgs84,
        Some("gcj02") => Datum::Gcj02,
        Some("bd09") => Datum::Bd09,
        _ => return Err(r.expected("point").with("part", "datum")),
    };
    Ok(Value::Geo(Geo { lat_e7: part("lat", 90)?, lng_e7: part("lng", 180)?, datum }))
}

fn depth(j: &Json) -> usize {
    match j {
        Json::Array(a) => 1 + a.iter().map(depth).max().unwrap_or(0),
        Json::Object(o) => 1 + o.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

pub(super) fn json(r: &Reader<'_>, j: &Json) -> Result<Value, FieldError> {
    // Nesting first: the JSON reader above limits it to 128, so this cannot run away.
    if depth(j) > JSON_DEPTH {
        return Err(r.range("depth").with("max", JSON_DEPTH));
    }
    let n = j.to_string().len();
    if n > JSON_MAX {
        return Err(r.range("length").with("max", JSON_MAX).with("length", n));
    }
    Ok(Value::Json(Box::new(j.clone())))
}
