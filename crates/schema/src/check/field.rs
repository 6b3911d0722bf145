//! Is a field sound?

use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::{Checker, expr, named};
use crate::{DefaultValue, FieldDef, FieldError, FieldType, Model, field::Rollup, load::result_of};

pub(super) fn check(c: &mut Checker<'_, '_>, f: &FieldDef) {
    let at = format!("field.{}", f.name);
    let say = |c: &mut Checker<'_, '_>, reason: &dyn std::fmt::Display, cause: FieldError| {
        c.because(at.as_str(), format_args!("field `{}`: {reason}", f.name), cause);
    };
    if f.label.en.trim().is_empty() || f.label.zh.trim().is_empty() {
        say(c, &"the label needs English and Chinese", named("model.label", "label"));
    }
    if f.section.is_none() && f.required && !f.system && f.default.is_none() && !crate::system::is_reserved(c.o.kind, &f.name) {
        say(c, &"is required but in no section, so nobody can fill it", FieldError::new("", "model.nowhere"));
    }
    if let Some(s) = &f.section
        && !c.o.sections.iter().any(|x| x.key == *s)
    {
        say(c, &format_args!("section `{s}` does not exist"), named("model.section_missing", s));
    }
    match &f.ty {
        FieldType::Pick { set } | FieldType::Multi { set } => {
            if c.model.picklist(set).is_none() {
                say(c, &format_args!("picklist `{set}` does not exist"), named("model.unknown_picklist", set));
            }
        }
        FieldType::Poly { targets } => {
            for t in targets {
                if c.model.object(t).is_none() {
                    say(
                        c,
                        &format_args!("points to object `{t}`, which is neither declared nor planned"),
                        named("model.object_missing", t.as_str()),
                    );
                }
            }
        }
        FieldType::Roll { rollup, .. } => roll(c, f, rollup),
        FieldType::Calc { formula, .. } => formula_faults(c, &at, &format!("field `{}`: formula", f.name), formula, Some(f)),
        FieldType::Auto { pattern } => {
            if let Err(e) = pattern_fault(pattern) {
                say(c, &e, FieldError::new("", "auto.pattern"));
            }
        }
        ty => {
            if let Some(t) = ty.target()
                && c.model.object(&t).is_none()
            {
                say(
                    c,
                    &format_args!("points to object `{t}`, which is neither declared nor planned"),
                    named("model.object_missing", t.as_str()),
                );
            }
        }
    }
    flags(c, f, &at);
    match &f.default {
        Some(DefaultValue::Literal(v)) => {
            if let Err(why) = literal(c.model, &f.ty, v) {
                say(c, &format_args!("default {v} {why}"), FieldError::new("", "model.default").with("value", v.clone()));
            }
        }
        Some(DefaultValue::Formula(s)) => formula_faults(c, &at, &format!("field `{}`: default", f.name), s, Some(f)),
        None => {}
    }
    for (what, s) in [("required_if", &f.required_if), ("visible_if", &f.visible_if), ("readonly_if", &f.readonly_if)] {
        if let Some(s) = s {
            formula_faults(c, &at, &format!("field `{}`: {what}", f.name), s, None);
        }
    }
    if let Some(r) = &f.regex
        && let Err(e) = regex_lite::Regex::new(r)
    {
        say(c, &format_args!("regex: {e}"), FieldError::new("", "expr.pattern").with("pattern", r.as_str()));
    }
    if let Some(m) = &f.convert_map {
        let found = m.split_once('.').and_then(|(o, x)| c.model.object(o)?.field(x));
        if found.is_none() {
            say(c, &format_args!("convert_map `{m}` names no field; write object.field"), named("model.convert_map", m));
        }
    }
}

/// Flags that do not fit the type.
fn flags(c: &mut Checker<'_, '_>, f: &FieldDef, at: &str) {
    let mut say = |reason: &str, code: &'static str| {
        let cause = FieldError::new("", code).with("type", f.ty.code());
        c.because(at, format_args!("field `{}`: {reason}", f.name), cause);
    };
    let long = matches!(f.ty, FieldType::Long | FieldType::Rich | FieldType::Json | FieldType::File | FieldType::Img);
    let computed_on_read = matches!(f.ty, FieldType::Calc { volatile: true, .. });
    if f.indexed && (long || computed_on_read) {
        say(
            &format!("a {} field cannot be indexed", if computed_on_read { "volatile formula" } else { f.ty.code() }),
            "model.not_indexed",
        );
    }
    let one_value = matches!(
        f.ty,
        FieldType::Text { .. }
            | FieldType::Auto { .. }
            | FieldType::Email
            | FieldType::Phone
            | FieldType::Int { .. }
            | FieldType::Date
            | FieldType::DateTime
            | FieldType::Ref { .. }
            | FieldType::User
            | FieldType::Dept
            | FieldType::Pick { .. }
    );
    if f.unique && !one_value {
        say(&format!("a {} field cannot be unique", f.ty.code()), "model.not_unique");
    }
    if f.required && f.ty.is_computed() {
        say("a computed field cannot be required", "model.computed_required");
    }
    if f.default.is_some() && f.ty.is_computed() {
        say("a computed field has no default", "model.computed_default");
    }
    let has_text = matches!(
        f.ty,
        FieldType::Text { .. }
            | FieldType::Long
            | FieldType::Rich
            | FieldType::Auto { .. }
            | FieldType::Phone
            | FieldType::Email
            | FieldType::Url
            | FieldType::Addr
            | FieldType::Tags
    );
    if f.searchable && !has_text {
        say(&format!("a {} field has no text to search", f.ty.code()), "model.no_text");
    }
    if f.mask.is_some() && !(has_text || matches!(f.ty, FieldType::Json)) {
        say(&format!("a {} field cannot be masked", f.ty.code()), "model.not_masked");
    }
}

fn roll(c: &mut Checker<'_, '_>, f: &FieldDef, r: &Rollup) {
    let at = format!("field.{}", f.name);
    let what = format!("field `{}`: rollup", f.name);
    let model = c.model;
    let Some(child) = model.object(&r.object) else {
        let cause = named("model.object_missing", &r.object);
        return c.because(at, format_args!("{what} counts object `{}`, which is neither declared nor planned", r.object), cause);
    };
    match child.field(&r.via) {
        None => {
            let cause = named("expr.unknown_field", &r.via);
            c.because(at.as_str(), format_args!("{what}: `{}.{}` does not exist", r.object, r.via), cause);
        }
        Some(v) if !super::points_to(&v.ty, &c.o.name) => {
            let cause = named("model.no_way", &r.via).with("object", c.o.name.as_str());
            c.because(at.as_str(), format_args!("{what}: `{}.{}` does not point to `{}`", r.object, r.via, c.o.name), cause);
        }
        Some(_) => {}
    }
    if let Some(n) = &r.field {
        match child.field(n) {
            None => {
                let cause = named("expr.unknown_field", n);
                c.because(at.as_str(), format_args!("{what}: `{}.{n}` does not exist", r.object), cause);
            }
            Some(x) if result_of(&x.ty, r.func).is_none() => {
                c.because(
                    at.as_str(),
                    format_args!("{what}: `{}.{n}` is a {} field, which cannot be computed so", r.object, x.ty.code()),
                    named("model.roll_type", n).with("type", x.ty.code()),
                );
            }
            Some(_) => {}
        }
    }
    if let Some(s) = &r.filter
        && let Err(e) = expr::read_filter(s, model, child)
    {
        c.because(at, format_args!("{what} filter `{s}`: {e}"), e.clone().for_field(""));
    }
}

/// Names first, each with its own words; when all exist, the formula's types. Without a field it has to be a condition.
fn formula_faults(c: &mut Checker<'_, '_>, at: &str, what: &str, formula: &str, f: Option<&FieldDef>) {
    let before = c.out.len();
    for n in expr::unknown_functions(formula) {
        let cause = FieldError::new("", "expr.unknown_function").with("name", n.as_str());
        c.because(at, format_args!("{what}: function {n}() does not exist"), cause);
    }
    let (model, o) = (c.model, c.o);
    for n in expr::names_in_formula(formula) {
        c.path(o, &n, at, what);
    }
    if c.out.len() > before {
        return;
    }
    let checked = match f {
        Some(f) => crate::formula::check_field(formula, f, model, o),
        None => crate::formula::check_condition(formula, model, o),
    };
    match (checked, f.map(|f| &f.ty)) {
        (Err(e), _) => c.because(at, format_args!("{what} `{formula}`: {e}"), e.clone().for_field("")),
        (Ok(x), Some(FieldType::Calc { volatile, .. })) if x.volatile != *volatile => {
            c.because(
                at,
                format_args!("{what} `{formula}` depends on the moment: {}, but is declared otherwise", x.volatile),
                FieldError::new("", "model.volatile"),
            );
        }
        (Ok(_), _) => {}
    }
}

/// A pattern needs exactly one run of zeros in braces; other braces hold a date token.
fn pattern_fault(p: &str) -> Result<(), String> {
    let mut zeros = 0;
    let mut rest = p;
    while let Some(i) = rest.find('{') {
        let tail = &rest[i + 1..];
        let Some(j) = tail.find('}') else { return Err(format!("pattern `{p}` has an open brace")) };
        match &tail[..j] {
            t if !t.is_empty() && t.bytes().all(|b| b == b'0') => zeros += 1,
            "YYYY" | "YY" | "YYYYMM" | "YYMM" | "YYYYMMDD" | "YYMMDD" => {}
            t => return Err(format!("pattern `{p}`: {{{t}}} is neither zeros nor a date such as YYYYMM")),
        }
        rest = &tail[j + 1..];
    }
    if zeros == 1 { Ok(()) } else { Err(format!("pattern `{p}` needs the number once, such as {{0000}}")) }
}

/// Does a literal fit the type? Says why not.
pub(crate) fn literal(model: &Model, ty: &FieldType, v: &Json) -> Result<(), String> {
    let number = || -> Option<Decimal> {
        match v {
            Json::Number(n) => n.to_string().parse().ok(),
            Json::String(s) => s.parse().ok(),
            _ => None,
        }
    };
    let keys = |set: &str, v: &Json| -> Result<(), String> {
        let Some(p) = model.picklist(set) else { return Ok(()) };
        match v.as_str() {
            Some(k) if p.value(k).is_some() => Ok(()),
            _ => Err(format!("is not in picklist `{set}`")),
        }
    };
    let yes = |ok: bool, want: &str| if ok { Ok(()) } else { Err(format!("is not {want}")) };
    let within = |min: Option<Decimal>, max: Option<Decimal>| match number() {
        None => Err("is not a number".to_owned()),
        Some(n) if min.is_some_and(|m| n < m) || max.is_some_and(|m| n > m) => Err("is out of range".to_owned()),
        Some(_) => Ok(()),
    };
    match ty {
        FieldType::Text { max } => yes(v.as_str().is_some_and(|s| s.chars().count() <= *max as usize), "a text of that length"),
        FieldType::Long | FieldType::Rich | FieldType::Email | FieldType::Url | FieldType::Phone => yes(v.is_string(), "a text"),
        FieldType::Int { min, max } => {
            yes(v.is_i64(), "a whole number")?;
            within(min.map(Decimal::from), max.map(Decimal::from))
        }
        FieldType::Rating { max } => yes(v.as_i64().is_some_and(|n| (0..=i64::from(*max)).contains(&n)), "a number of stars"),
        FieldType::Time | FieldType::Duration => yes(v.as_i64().is_some_and(|n| n >= 0), "a number, 0 or more"),
        FieldType::Dec { min, max, .. } | FieldType::Pct { min, max } => within(*min, *max),
        FieldType::Money { min, .. } => within(*min, None),
        FieldType::Bool => yes(v.is_boolean(), "true or false"),
        FieldType::Date => yes(v.as_str().is_some_and(|s| s.parse::<jiff::civil::Date>().is_ok()), "a date"),
        FieldType::DateTime => yes(v.as_str().is_some_and(|s| s.parse::<jiff::Timestamp>().is_ok()), "a time with an offset"),
        FieldType::Pick { set } => keys(set, v),
        FieldType::Multi { set } => v.as_array().ok_or("is not a list")?.iter().try_for_each(|k| keys(set, k)),
        FieldType::Tags => yes(v.as_array().is_some_and(|a| a.iter().all(Json::is_string)), "a list of texts"),
        FieldType::Json => Ok(()),
        FieldType::Addr
        | FieldType::Geo
        | FieldType::File
        | FieldType::Img
        | FieldType::Ref { .. }
        | FieldType::Refs { .. }
        | FieldType::MasterDetail { .. }
        | FieldType::Poly { .. }
        | FieldType::Roll { .. }
        | FieldType::Calc { .. }
        | FieldType::Auto { .. }
        | FieldType::User
        | FieldType::Users
        | FieldType::Dept
        | FieldType::Depts => Err(format!("cannot be given as a literal for a {} field", ty.code())),
    }
}
