//! API JSON to values, with every check of domain model §1 that needs no database.
//!
//! Codes are those of §4.16 (`value.type`, `value.range`, `value.scale`, `value.inactive_option`, `phone.invalid`,
//! `email.invalid`); `params.reason` says more exactly what is wrong where one code covers several faults.

use std::sync::{Arc, LazyLock, RwLock};

use regex_lite::Regex;
use rust_decimal::Decimal;
use serde_json::Value as Json;
use smol_str::SmolStr;

use super::{Ctx, composite, list, number, text, time};
use crate::{
    FieldDef, FieldError, FieldName, FieldType, Model, ObjectName, RecordId, RecordRef, Value,
    field::ResultType,
    money::{PCT_SCALE, to_scaled},
};

/// Largest whole number every JSON reader keeps exactly, plus one.
const INT_END: i64 = 1 << 53;

/// A reference by another value than its id: the pipeline finds the record.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Lookup {
    /// Object to look in.
    pub object: ObjectName,
    /// Unique field of that object (or `external_id`).
    pub field: FieldName,
    /// Its value, cleaned; e-mail and phone in normal form.
    pub value: SmolStr,
}

/// One element of a list of references.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RefInput {
    /// By id.
    Id(RecordId),
    /// By another unique value.
    By(Lookup),
}

/// What a caller gave.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A complete value.
    Value(Value),
    /// A single reference that has to be looked up; `poly` = the value is a [`Value::Ref`] then.
    Lookup {
        /// What to look for.
        by: Lookup,
        /// Whether the field is polymorphic.
        poly: bool,
    },
    /// A list of references of which at least one has to be looked up.
    Lookups(Vec<RefInput>),
    /// Money in a foreign currency without a rate: the pipeline supplies the rate (R-CUR-03).
    Unrated {
        /// Amount, checked.
        amount: Decimal,
        /// ISO 4217.
        currency: SmolStr,
    },
}

impl Input {
    /// The value, when nothing is left to look up.
    #[must_use]
    pub fn value(self) -> Option<Value> {
        if let Self::Value(v) = self { Some(v) } else { None }
    }
}

pub(super) type Parsed = Result<Input, FieldError>;

/// The field being read, with the words of its refusals.
pub(super) struct Reader<'a> {
    pub f: &'a FieldDef,
    pub ctx: &'a Ctx<'a>,
}

impl Reader<'_> {
    pub fn err(&self, code: &'static str) -> FieldError {
        FieldError::new(self.f.name.as_str(), code)
    }
    /// `value.type`: what was expected instead.
    pub fn expected(&self, what: &'static str) -> FieldError {
        self.err("value.type").with("expected", what)
    }
    /// `value.type` with a reason.
    pub fn wrong(&self, reason: &'static str) -> FieldError {
        self.err("value.type").with("reason", reason)
    }
    /// `value.range` with a reason.
    pub fn range(&self, reason: &'static str) -> FieldError {
        self.err("value.range").with("reason", reason)
    }
    pub fn model(&self) -> &Model {
        self.ctx.model
    }

    pub fn str<'j>(&self, j: &'j Json, what: &'static str) -> Result<&'j str, FieldError> {
        j.as_str().ok_or_else(|| self.expected(what))
    }

    /// A cleaned single line of at most `max` characters; `None` when blank.
    pub fn line(&self, s: &str, max: usize) -> Result<Option<SmolStr>, FieldError> {
        let s = text::clean(s);
        if s.is_empty() {
            return Ok(None);
        }
        if let Some(at) = text::forbidden(&s, false) {
            return Err(self.wrong("control_character").with("at", at));
        }
        self.length(&s, max)?;
        Ok(Some(SmolStr::new(&s)))
    }

    pub fn length(&self, s: &str, max: usize) -> Result<(), FieldError> {
        // A text has at most as many characters as bytes.
        if s.len() > max {
            let n = s.chars().count();
            if n > max {
                return Err(self.range("length").with("max", max).with("length", n));
            }
        }
        Ok(())
    }

    pub fn decimal(&self, j: &Json) -> Result<Option<Decimal>, FieldError> {
        if blank(j) {
            return Ok(None);
        }
        number::from_json(j).map(Some).map_err(|b| match b {
            number::Bad::Type => self.expected("number"),
            number::Bad::Imprecise => self.wrong("imprecise_number"),
            number::Bad::Large => self.range("digits"),
        })
    }

    /// At most `scale` decimals, result fits a stored integer of `stored` decimals.
    pub fn scaled(&self, d: Decimal, scale: u32, stored: u32) -> Result<Decimal, FieldError> {
        let mut d = d.normalize();
        if d.scale() > scale {
            return Err(self.err("value.scale").with("max", scale));
        }
        // 18 digits in all, so that the stored 64-bit integer holds it with room for sums.
        if to_scaled(d, stored).is_none_or(|n| n.unsigned_abs() >= 10u64.pow(18)) {
            return Err(self.range("digits").with("max_digits", 18 - stored));
        }
        d.rescale(scale);
        Ok(d)
    }

    pub fn between(&self, d: Decimal, min: Option<Decimal>, max: Option<Decimal>) -> Result<(), FieldError> {
        if min.is_some_and(|m| d < m) || max.is_some_and(|m| d > m) {
            let mut e = self.err("value.range");
            for (key, bound) in [("min", min), ("max", max)] {
                if let Some(b) = bound {
                    e = e.with(key, number::decimal_text(b, 0));
                }
            }
            return Err(e);
        }
        Ok(())
    }

    fn int(&self, j: &Json, min: Option<i64>, max: Option<i64>) -> Result<Value, FieldError> {
        let Some(d) = self.decimal(j)? else { return Ok(Value::Null) };
        let d = d.normalize();
        if d.scale() > 0 {
            return Err(self.err("value.scale").with("max", 0));
        }
        let lo = min.unwrap_or(1 - INT_END).max(1 - INT_END);
        let hi = max.unwrap_or(INT_END - 1).min(INT_END - 1);
        i64::try_from(d.mantissa())
            .ok()
            .filter(|n| (lo..=hi).contains(n))
            .map(Value::Int)
            .ok_or_else(|| self.err("value.range").with("min", lo).with("max", hi))
    }

    fn dec(&self, j: &Json, scale: u32, min: Option<Decimal>, max: Option<Decimal>) -> Result<Value, FieldError> {
        let Some(d) = self.decimal(j)? else { return Ok(Value::Null) };
        let d = self.scaled(d, scale, scale)?;
        self.between(d, min, max)?;
        Ok(Value::Dec(d))
    }

    fn boolean(&self, j: &Json) -> Result<Value, FieldError> {
        Ok(Value::Bool(match j {
            Json::Null => false,
            Json::Bool(b) => *b,
            Json::String(s) => match text::trim(s) {
                "" => false,
                t if t.eq_ignore_ascii_case("true") => true,
                t if t.eq_ignore_ascii_case("false") => false,
                _ => return Err(self.expected("boolean")),
            },
            _ => return Err(self.expected("boolean")),
        }))
    }

    fn date(&self, j: &Json) -> Result<Value, FieldError> {
        let s = text::trim(self.str(j, "date")?);
        if s.is_empty() {
            return Ok(Value::Null);
        }
        let d = time::parse_date(s).ok_or_else(|| self.expected("date"))?;
        if time::date_in_range(d) {
            Ok(Value::Date(d))
        } else {
            Err(self.range("date").with("min", "1900-01-01").with("max", "2199-12-31"))
        }
    }

    fn instant(&self, j: &Json) -> Result<Value, FieldError> {
        let s = text::trim(self.str(j, "date_time")?);
        if s.is_empty() {
            return Ok(Value::Null);
        }
        let t = time::parse_instant(s).ok_or_else(|| self.expected("date_time"))?;
        if time::instant_in_range(t) {
            Ok(Value::DateTime(t))
        } else {
            Err(self.range("date").with("min", "1900-01-01").with("max", "2199-12-31"))
        }
    }

    /// A key of a picklist that may be chosen.
    pub fn option(&self, set: &str, key: &str) -> Result<SmolStr, FieldError> {
        let key = text::trim(key);
        let value = self
            .model()
            .picklist(set)
            .and_then(|p| p.value(key))
            .ok_or_else(|| self.wrong("unknown_option").with("value", short(key)))?;
        let kept = || match self.ctx.old {
            Some(Value::Text(t)) => t == key,
            Some(Value::Keys(k)) => k.iter().any(|k| k == key),
            _ => false,
        };
        if value.active || kept() { Ok(SmolStr::new(key)) } else { Err(self.err("value.inactive_option").with("value", key)) }
    }

    fn plain_text(&self, s: &str, max: usize) -> Result<Value, FieldError> {
        let Some(t) = self.line(s, max)? else { return Ok(Value::Null) };
        if let Some(p) = &self.f.regex
            && !pattern(p).is_some_and(|r| r.is_match(&t))
        {
            return Err(self.wrong("pattern").with("pattern", p.as_str()));
        }
        Ok(Value::Text(t))
    }

    fn lines(&self, s: &str, max: usize) -> Result<Value, FieldError> {
        let s = text::clean_lines(s);
        if s.is_empty() {
            return Ok(Value::Null);
        }
        if let Some(at) = text::forbidden(&s, true) {
            return Err(self.wrong("control_character").with("at", at));
        }
        self.length(&s, max)?;
        Ok(Value::Text(SmolStr::new(&s)))
    }
}

/// `null`, or a string of blanks.
pub(super) fn blank(j: &Json) -> bool {
    match j {
        Json::Null => true,
        Json::String(s) => text::trim(s).is_empty(),
        _ => false,
    }
}

/// The start of a caller's text, fit to be repeated in a message.
pub(super) fn short(s: &str) -> String {
    s.chars().filter(|c| !c.is_control()).take(80).collect()
}

/// Compiled patterns of fields. They come from the model, so there are few.
static PATTERNS: LazyLock<RwLock<std::collections::HashMap<String, Option<Arc<Regex>>>>> = LazyLock::new(RwLock::default);

/// A pattern that must match the whole text, compiled once; `None` when it is not a pattern.
fn pattern(p: &str) -> Option<Arc<Regex>> {
    if let Some(r) = PATTERNS.read().unwrap_or_else(std::sync::PoisonError::into_inner).get(p) {
        return r.clone();
    }
    let r = Regex::new(&format!("^(?:{p})$")).ok().map(Arc::new);
    let mut all = PATTERNS.write().unwrap_or_else(std::sync::PoisonError::into_inner);
    if all.len() >= 1024 {
        all.clear();
    }
    all.insert(p.to_owned(), r.clone());
    r
}

/// Reads the value of a field from API JSON and checks it (domain model §1). `null` and blank text are empty; whether the
/// field may be empty is not asked here.
///
/// Computed fields (`roll`, `calc`, `auto`) are read by the type of their result: the engine uses that, callers cannot
/// write them.
///
/// # Errors
/// One [`FieldError`] with a code of §4.16.
pub fn parse(f: &FieldDef, j: &Json, ctx: &Ctx<'_>) -> Parsed {
    let r = Reader { f, ctx };
    if matches!(f.ty, FieldType::Bool) {
        return r.boolean(j).map(Input::Value);
    }
    if j.is_null() {
        return Ok(Input::Value(empty(&f.ty)));
    }
    Ok(Input::Value(match &f.ty {
        FieldType::Text { max } => r.plain_text(r.str(j, "text")?, *max as usize)?,
        FieldType::Long => r.lines(r.str(j, "text")?, 20_000)?,
        FieldType::Rich => r.lines(r.str(j, "text")?, 200_000)?,
        FieldType::Int { min, max } => r.int(j, *min, *max)?,
        FieldType::Dec { scale, min, max } => r.dec(j, u32::from(*scale), *min, *max)?,
        FieldType::Money { unit_price, min } => return composite::money(&r, j, *unit_price, *min),
        FieldType::Pct { min, max } => r.dec(j, PCT_SCALE, *min, *max)?,
        FieldType::Bool => r.boolean(j)?,
        FieldType::Date => r.date(j)?,
        FieldType::DateTime => r.instant(j)?,
        FieldType::Time => match j.as_str().and_then(|s| time::parse_minute(text::trim(s))) {
            Some(m) => Value::Int(m),
            None => r.int(j, Some(0), Some(1440))?,
        },
        FieldType::Duration => r.int(j, Some(0), None)?,
        FieldType::Pick { set } => {
            let s = r.str(j, "option")?;
            if blank(j) { Value::Null } else { Value::Text(r.option(set, s)?) }
        }
        FieldType::Multi { set } => list::multi(&r, j, set)?,
        FieldType::Tags => list::tags(&r, j)?,
        FieldType::Phone => composite::phone(&r, j)?,
        FieldType::Email => composite::email(&r, r.str(j, "email")?)?,
        FieldType::Url => {
            let Some(s) = r.line(r.str(j, "url")?, 2048)? else { return Ok(Input::Value(Value::Null)) };
            Value::Text(SmolStr::from(text::url(&s).ok_or_else(|| r.expected("url"))?))
        }
        FieldType::Addr => composite::addr(&r, j)?,
        FieldType::Geo => composite::geo(&r, j)?,
        FieldType::File | FieldType::Img => return list::refs(&r, j, None, 20),
        FieldType::Ref { .. } | FieldType::MasterDetail { .. } | FieldType::User | FieldType::Dept => {
            if blank(j) {
                return Ok(Input::Value(Value::Null));
            }
            return Ok(match list::reference(&r, j, f.ty.target().as_ref())? {
                RefInput::Id(id) => Input::Value(Value::Id(id)),
                RefInput::By(by) => Input::Lookup { by, poly: false },
            });
        }
        FieldType::Refs { .. } | FieldType::Users | FieldType::Depts => return list::refs(&r, j, f.ty.target().as_ref(), 1000),
        FieldType::Poly { targets } => {
            if blank(j) {
                return Ok(Input::Value(Value::Null));
            }
            let (object, rest) = list::poly(&r, j, targets)?;
            return Ok(match list::reference(&r, &rest, Some(&object))? {
                RefInput::Id(id) => Input::Value(Value::Ref(RecordRef { object, id })),
                RefInput::By(by) => Input::Lookup { by, poly: true },
            });
        }
        FieldType::Roll { result, .. } | FieldType::Calc { result, .. } => match result {
            ResultType::Text => r.lines(r.str(j, "text")?, 20_000)?,
            ResultType::Int | ResultType::Duration => r.int(j, None, None)?,
            ResultType::Dec(scale) => r.dec(j, u32::from(*scale), None, None)?,
            ResultType::Money => r.dec(j, crate::money::AMOUNT_SCALE, None, None)?,
            ResultType::Pct => r.dec(j, PCT_SCALE, None, None)?,
            ResultType::Bool => r.boolean(j)?,
            ResultType::Date => r.date(j)?,
            ResultType::DateTime => r.instant(j)?,
        },
        FieldType::Auto { .. } => r.plain_text(r.str(j, "text")?, 40)?,
        FieldType::Rating { max } => r.int(j, Some(0), Some(i64::from(*max)))?,
        FieldType::Json => composite::json(&r, j)?,
    }))
}

/// What a field of this type holds when it holds nothing.
pub(super) fn empty(ty: &FieldType) -> Value {
    if matches!(ty, FieldType::Bool) { Value::Bool(false) } else { Value::Null }
}
