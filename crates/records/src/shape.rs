//! What a caller sees of a record: fields, masks, titles of references.

use rapport_policy::{FieldRight, Scope};
use rapport_schema::{FieldDef, FieldIx, FieldType, MaskKind, ObjectDef, Record, codec};
use rapport_store::{OutField, Shape};
use rapport_text::similar::dice;
use serde_json::{Value as Json, json};

use crate::{Error, Result};

/// A fault of the request that names a field.
pub(crate) fn bad_field(code: &'static str, field: &str) -> Error {
    Error::Request {
        code,
        params: [("field".to_owned(), Json::from(field.chars().take(80).collect::<String>()))].into_iter().collect(),
    }
}

/// A field the caller may see at all.
pub(crate) fn visible(scope: &Scope, o: &ObjectDef, f: &FieldDef) -> bool {
    !f.retired && scope.field(o, &f.name, false).visible()
}

/// A field whose plain value the caller sees on every record.
pub(crate) fn plain(scope: &Scope, o: &ObjectDef, f: &FieldDef) -> bool {
    !f.retired && matches!(scope.field(o, &f.name, false), FieldRight::Read | FieldRight::Edit)
}

/// A field by name that the caller may see; hidden and unknown fields answer alike.
///
/// # Errors
/// `request.unknown_field`.
pub fn seen(scope: &Scope, o: &ObjectDef, name: &str) -> Result<FieldIx> {
    o.ix(name).filter(|ix| visible(scope, o, o.at(*ix))).ok_or_else(|| unknown(scope, o, name))
}

/// Most names offered for one that is unknown.
const OFFERED: usize = 3;

/// The refusal of a name, with the names and labels most like it.
fn unknown(scope: &Scope, o: &ObjectDef, name: &str) -> Error {
    let short: String = name.chars().take(80).collect();
    let score = |f: &FieldDef| {
        [f.name.as_str(), &f.label.en, &f.label.zh].into_iter().map(|known| dice(&short, known)).fold(0.0, f64::max)
    };
    let mut near: Vec<(f64, &str)> = o
        .live()
        .filter(|(_, f)| visible(scope, o, f))
        .map(|(_, f)| (score(f), f.name.as_str()))
        .filter(|(score, _)| *score >= 0.3)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    let near: Vec<&str> = near.into_iter().take(OFFERED).map(|(_, name)| name).collect();
    match bad_field("request.unknown_field", name) {
        Error::Request { code, mut params } if !near.is_empty() => {
            params.insert("near".to_owned(), near.into());
            Error::Request { code, params }
        }
        e => e,
    }
}

fn out(scope: &Scope, o: &ObjectDef, ix: FieldIx) -> OutField {
    let mask = match scope.field(o, &o.at(ix).name, false) {
        FieldRight::Masked(m) => Some(m),
        _ => None,
    };
    OutField { field: ix, mask }
}

/// The shape of an answer: all visible fields, or the ones asked for.
pub(crate) fn of(scope: &Scope, o: &ObjectDef, fields: Option<&[String]>, expand: &[String]) -> Result<Shape> {
    let chosen: Vec<FieldIx> = match fields {
        None => o.live().filter(|(_, f)| visible(scope, o, f)).map(|(ix, _)| ix).collect(),
        Some(names) => {
            let mut v = Vec::with_capacity(names.len());
            for n in names {
                if rapport_schema::system::RecordField::parse(n).is_some() {
                    continue;
                }
                let ix = seen(scope, o, n)?;
                if !v.contains(&ix) {
                    v.push(ix);
                }
            }
            v
        }
    };
    let mut wide = Vec::with_capacity(expand.len());
    for n in expand {
        let ix = seen(scope, o, n)?;
        let is_ref = matches!(
            o.at(ix).ty,
            FieldType::Ref { .. }
                | FieldType::Refs { .. }
                | FieldType::MasterDetail { .. }
                | FieldType::Poly { .. }
                | FieldType::User
                | FieldType::Users
                | FieldType::Dept
                | FieldType::Depts
        );
        if !is_ref {
            return Err(bad_field("request.not_a_reference", n));
        }
        if !wide.contains(&ix) {
            wide.push(ix);
        }
    }
    Ok(Shape { fields: chosen.into_iter().map(|ix| out(scope, o, ix)).collect(), expand: wide, me: scope.user() })
}

/// A value behind its mask, in the API's form.
pub(crate) fn masked(kind: MaskKind, v: &Json) -> Json {
    match v {
        Json::Null => Json::Null,
        Json::String(s) => Json::String(codec::masked(kind, s)),
        Json::Object(m) => match m.get("e164").and_then(Json::as_str).or_else(|| m.get("raw").and_then(Json::as_str)) {
            Some(n) => Json::String(codec::masked(kind, n)),
            // Addresses stay to the district (R-FLS-02).
            None if m.contains_key("province") => {
                let mut a = m.clone();
                for k in ["town", "detail", "postcode"] {
                    a.insert(k.to_owned(), Json::Null);
                }
                Json::Object(a)
            }
            None => json!("***"),
        },
        _ => json!("***"),
    }
}

/// A record in memory as the caller sees it; `own` = the caller owns or edits it and so sees plain values (R-FLS-03).
pub(crate) fn render(scope: &Scope, o: &ObjectDef, r: &Record, form: codec::Form, own: bool) -> Vec<u8> {
    let mut b = Vec::with_capacity(1024);
    b.extend_from_slice(b"{\"id\":");
    codec::write_str(&r.id.to_string(), &mut b);
    b.extend_from_slice(format!(",\"version\":{}", r.version).as_bytes());
    if let Some(at) = r.deleted_at {
        b.extend_from_slice(format!(",\"deleted_at\":\"{}\"", at.rfc3339()).as_bytes());
    }
    let mut hidden = vec![];
    for (ix, f) in o.live() {
        let mask = match scope.field(o, &f.name, own) {
            FieldRight::Hidden => continue,
            FieldRight::Masked(m) => Some(m),
            FieldRight::Read | FieldRight::Edit => None,
        };
        b.push(b',');
        codec::write_str(&f.name, &mut b);
        b.push(b':');
        match mask {
            Some(m) if !r[ix].is_empty() => {
                hidden.push(f.name.as_str());
                b.extend_from_slice(masked(m, &codec::to_json(f, &r[ix], form)).to_string().as_bytes());
            }
            _ => codec::write_json(f, &r[ix], form, &mut b),
        }
    }
    if !hidden.is_empty() {
        b.extend_from_slice(b",\"$masked\":");
        b.extend_from_slice(json!(hidden).to_string().as_bytes());
    }
    b.push(b'}');
    b
}
