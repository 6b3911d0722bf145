//! Filters: written as JSON or as text, checked against the model, judged in memory here and compiled to SQL in the store.
//!
//! ```text
//! JSON or text → Draft → check (model) → Filter → resolve (who asks, when) → Filter of concrete values → eval | SQL
//! ```
//!
//! # What a filter means
//! Logic is two-valued: every comparison is true or false, so `not` always turns one into the other. With an empty value
//! (also: a lookup on the way is empty or leads nowhere)
//!
//! - `eq lt lte gt gte between in contains starts any within` are false,
//! - `ne`, `nin`, `none` are the exact opposites of `eq`, `in`, `any`, hence true,
//! - `is_empty` is true, `not_empty` false; a list without elements is empty; `all` of anything is false.
//!
//! What is compared, by the field's type:
//!
//! | type | operators | compared |
//! |---|---|---|
//! | text, auto, formula text | eq ne in nin contains starts | exact text; `contains`, `starts` case-folded ([`crate::codec::Normalise::fold`]) |
//! | long, rich | contains | case-folded |
//! | email | eq ne in nin contains starts | normal form |
//! | phone | eq ne in nin contains | normal form; `contains` = ends with these (≥ 4) digits |
//! | url | contains within | `within` = has this host; `eq ne in nin` are read as such |
//! | numbers, pct, time, dur, rating | eq ne lt lte gt gte between in nin | exact decimals |
//! | money | the same | order: base amount; equality: amount and currency |
//! | bool | eq ne | |
//! | date, dt | eq ne lt lte gt gte between in nin | a day or a period against a `dt` is the whole day in the organisation's zone |
//! | pick | eq ne in nin | key |
//! | multi, tags, refs, users, depts | any all none | element equality |
//! | file, img | (empty) | |
//! | ref, md, user, dept, `id` | eq ne in nin, dept also within | id; `within` = in the subtree |
//! | depts | also within | any element in the subtree |
//! | poly | eq ne in nin | object and id, or the object alone |
//! | addr | within contains | division code prefix; the detail, case-folded |
//! | geo | (empty) | |
//!
//! All but bool also have `is_empty`, `not_empty`. `json` cannot be filtered, and of formulas computed when
//! read only those that a database computes (`expr.not_filterable` else).
//! A comparison with another field (`{"field":"…"}`, `@field`) takes eq ne lt lte gt gte between fields of the same kind and
//! is false when either is empty (`ne`: true).

mod check;
mod draft;
mod eval;
mod lex;
mod print;
mod resolve;
mod text;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub use check::{allowed, check};
pub use draft::{Draft, DraftValue};
pub use eval::{Lookup, RecordView, eval, own_value};
pub use print::{to_draft, to_json, to_text};
pub use resolve::{Asker, resolve};

use crate::{
    ExprError, FieldName, Model, ObjectDef, ObjectName,
    codec::Normalise,
    query::{Filter, Operand, Path},
};

/// Deepest nesting of groups.
pub const MAX_DEPTH: usize = 20;
/// Most comparisons and groups.
pub const MAX_NODES: usize = 500;
/// Most values of one list.
pub const MAX_VALUES: usize = 1000;
/// Longest text form, in characters.
pub const MAX_CHARS: usize = 50_000;

/// Reads and checks a filter in text form.
///
/// # Errors
/// The first fault with its place.
pub fn parse_text(written: &str, model: &Model, object: &ObjectDef, norm: &dyn Normalise) -> Result<Filter, ExprError> {
    check(&Draft::from_text(written)?, model, object, norm)
}

/// Reads and checks a filter in JSON form.
///
/// # Errors
/// The first fault with its place.
pub fn parse_json(
    json: &serde_json::Value,
    model: &Model,
    object: &ObjectDef,
    norm: &dyn Normalise,
) -> Result<Filter, ExprError> {
    check(&Draft::from_json(json)?, model, object, norm)
}

/// Reads and checks a filter in either form: what starts with `{` is JSON.
///
/// # Errors
/// The first fault with its place.
pub fn parse(written: &str, model: &Model, object: &ObjectDef, norm: &dyn Normalise) -> Result<Filter, ExprError> {
    if written.trim_start().starts_with('{') {
        let json = serde_json::from_str(written)
            .map_err(|e| ExprError::unlike("json", "text").with("line", e.line()).with("column", e.column()))?;
        parse_json(&json, model, object, norm)
    } else {
        parse_text(written, model, object, norm)
    }
}

/// Calls for every path a filter looks at, those it compares with included.
pub fn paths<'f>(f: &'f Filter, each: &mut dyn FnMut(&'f Path)) {
    match f {
        Filter::True => {}
        Filter::And(v) | Filter::Or(v) => v.iter().for_each(|f| paths(f, each)),
        Filter::Not(f) => paths(f, each),
        Filter::Cmp { path, operand, .. } => {
            each(path);
            if let Operand::Field(p) = operand {
                each(p);
            }
        }
    }
}

/// Every field a filter looks at, the lookups on the way included: what the asker must be allowed to see (R-FLS-01).
#[must_use]
pub fn fields(f: &Filter, object: &ObjectDef) -> BTreeSet<(ObjectName, FieldName)> {
    let mut out = BTreeSet::new();
    paths(f, &mut |p| {
        let mut here = &object.name;
        for (field, next) in &p.hops {
            out.insert((here.clone(), field.clone()));
            here = next;
        }
        out.insert((here.clone(), p.field.clone()));
    });
    out
}
