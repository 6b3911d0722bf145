//! Many-valued fields and references.

use serde_json::Value as Json;
use smol_str::SmolStr;

use super::{
    parse::{Input, Lookup, Parsed, Reader, RefInput, blank, short},
    text,
};
use crate::{FieldError, FieldType, ObjectName, RecordId, Value};

/// Most choices of a multi-picklist.
const MULTI_MAX: usize = 50;
/// Most tags of a record.
const TAGS_MAX: usize = 30;
/// Longest tag.
const TAG_CHARS: usize = 30;

fn items<'j>(r: &Reader<'_>, j: &'j Json, max: usize) -> Result<&'j [Json], FieldError> {
    if blank(j) {
        return Ok(&[]);
    }
    let a = j.as_array().ok_or_else(|| r.expected("list"))?;
    if a.len() > max {
        return Err(r.range("count").with("max", max).with("count", a.len()));
    }
    Ok(a)
}

fn keys(v: Vec<SmolStr>) -> Value {
    if v.is_empty() { Value::Null } else { Value::Keys(v) }
}

pub(super) fn multi(r: &Reader<'_>, j: &Json, set: &str) -> Result<Value, FieldError> {
    let mut out: Vec<SmolStr> = vec![];
    for i in items(r, j, MULTI_MAX)? {
        let key = r.option(set, r.str(i, "option")?)?;
        if out.contains(&key) {
            return Err(r.wrong("repeated").with("value", key.as_str()));
        }
        out.push(key);
    }
    Ok(keys(out))
}

/// Tags that differ in case only are one tag; the first spelling stays.
pub(super) fn tags(r: &Reader<'_>, j: &Json) -> Result<Value, FieldError> {
    let mut out: Vec<SmolStr> = vec![];
    let mut seen: Vec<String> = vec![];
    for i in items(r, j, TAGS_MAX)? {
        let Some(tag) = r.line(r.str(i, "text")?, TAG_CHARS)? else { continue };
        let folded = r.ctx.text.unique_key(&tag);
        if !seen.contains(&folded) {
            seen.push(folded);
            out.push(tag);
        }
    }
    Ok(keys(out))
}

/// A list of references; repeats are dropped.
pub(super) fn refs(r: &Reader<'_>, j: &Json, target: Option<&ObjectName>, max: usize) -> Parsed {
    let one = j.is_string() && !blank(j);
    let list = if one { std::slice::from_ref(j) } else { items(r, j, max)? };
    let mut out: Vec<RefInput> = Vec::with_capacity(list.len());
    let mut seen = std::collections::HashSet::with_capacity(list.len());
    for i in list {
        let x = reference(r, i, target)?;
        if seen.insert(x.clone()) {
            out.push(x);
        }
    }
    if out.iter().any(|x| matches!(x, RefInput::By(_))) {
        return Ok(Input::Lookups(out));
    }
    let ids: Vec<RecordId> = out.into_iter().filter_map(|x| if let RefInput::Id(i) = x { Some(i) } else { None }).collect();
    Ok(Input::Value(if ids.is_empty() { Value::Null } else { Value::Ids(ids) }))
}

/// `"uuid"`, `{"id":"uuid"}`, `{"external_id":"…"}` or `{"<unique field>":"…"}`.
pub(super) fn reference(r: &Reader<'_>, j: &Json, target: Option<&ObjectName>) -> Result<RefInput, FieldError> {
    let id = |s: &str| text::trim(s).parse::<RecordId>().map(RefInput::Id).map_err(|_| r.expected("id"));
    match j {
        Json::String(s) => id(s),
        Json::Object(o) => {
            let mut pairs = o.iter().filter(|(k, _)| k.as_str() != "object");
            let (Some((key, value)), None) = (pairs.next(), pairs.next()) else { return Err(r.expected("id")) };
            if key == "id" {
                return id(r.str(value, "id")?);
            }
            let Some(target) = target else { return Err(r.expected("id")) };
            let unknown = || r.wrong("not_a_unique_field").with("name", short(key)).with("object", target.as_str());
            let f = r.model().object(target).and_then(|o| o.field(key)).filter(|f| !f.retired).ok_or_else(unknown)?;
            if !(f.unique || f.name == "external_id" || matches!(f.ty, FieldType::Auto { .. })) {
                return Err(unknown());
            }
            let given = match value {
                Json::String(s) => text::clean(s).into_owned(),
                Json::Number(n) => n.to_string(),
                _ => return Err(r.expected("text")),
            };
            if given.is_empty() {
                return Err(r.expected("id"));
            }
            r.length(&given, 4000)?;
            let normal = match &f.ty {
                FieldType::Email => r.ctx.text.email(&given).map(|e| e.address),
                FieldType::Phone => r.ctx.text.phone(&given, r.ctx.country).e164,
                _ => None,
            };
            Ok(RefInput::By(Lookup {
                object: target.clone(),
                field: f.name.clone(),
                value: normal.unwrap_or_else(|| given.into()),
            }))
        }
        _ => Err(r.expected("id")),
    }
}

/// The object of a polymorphic reference, and the rest that names the record.
pub(super) fn poly(r: &Reader<'_>, j: &Json, targets: &[ObjectName]) -> Result<(ObjectName, Json), FieldError> {
    let o = j.as_object().ok_or_else(|| r.expected("reference"))?;
    let name = o.get("object").and_then(Json::as_str).ok_or_else(|| r.expected("reference"))?;
    let wrong = || r.wrong("object_not_allowed").with("object", short(name));
    let (object, _) = r.model().objects.get_key_value(name).ok_or_else(wrong)?;
    if !targets.is_empty() && !targets.contains(object) {
        return Err(wrong());
    }
    Ok((object.clone(), j.clone()))
}
