//! What a caller sends, read against the model and the caller's rights: every fault at once.

use std::sync::Arc;

use rapport_policy::{FieldRight, Scope};
use rapport_schema::{
    FieldError, FieldIx, FieldType, Model, ObjectDef, Record,
    codec::{self, Ctx, Input, Normalise},
};

use crate::{JsonMap, WriteOptions};

/// A read request: inputs by field, faults by field.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub object: Arc<ObjectDef>,
    pub items: Vec<(FieldIx, Input)>,
    pub errors: Vec<FieldError>,
}

/// Fields the engine keeps that a caller with the right may bring from elsewhere (imports, samples).
const TIMES: [&str; 3] = ["created_at", "created_by", "updated_at"];

/// What a caller may write beyond its field rights.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Beyond {
    /// Engine-maintained fields that are not computed: the engine itself, or `import.set_state`.
    pub system: bool,
    /// `created_at`, `created_by`, `updated_at`.
    pub times: bool,
}

impl Beyond {
    pub fn of(scope: &Scope, opts: &WriteOptions) -> Self {
        Self {
            system: scope.is_system() || (opts.set_state && scope.may("import.set_state")),
            times: opts.keep_times && (scope.is_system() || scope.is_admin() || scope.may("import.set_state")),
        }
    }
}

/// Reads a JSON object. `own` = the caller edits the record and so passes masks (R-FLS-03). Mass assignment of hidden, read-only
/// and engine-maintained fields is refused (`permission.field`).
pub(crate) fn read(
    model: &Model,
    norm: &dyn Normalise,
    scope: &Scope,
    object: &Arc<ObjectDef>,
    data: &JsonMap,
    old: Option<&Record>,
    opts: &WriteOptions,
) -> Asked {
    let beyond = Beyond::of(scope, opts);
    let mut asked = Asked { object: object.clone(), items: Vec::with_capacity(data.len()), errors: vec![] };
    let country = country_of(object, data, old);
    for (name, json) in data {
        let Some(ix) = object.ix(name).filter(|i| !object.at(*i).retired) else {
            let code =
                if rapport_schema::system::RecordField::parse(name).is_some() { "permission.field" } else { "field.unknown" };
            asked.errors.push(FieldError::new(name.chars().take(60).collect::<String>(), code));
            continue;
        };
        let f = object.at(ix);
        let computed = matches!(f.ty, FieldType::Roll { .. } | FieldType::Calc { .. });
        let kept = TIMES.contains(&f.name.as_str());
        let system_ok = if kept { beyond.times } else { beyond.system };
        let engine_only = f.system || matches!(f.ty, FieldType::Auto { .. });
        if computed || (engine_only && !system_ok) {
            asked.errors.push(FieldError::new(name.as_str(), "permission.field"));
            continue;
        }
        let right = scope.field(object, &f.name, true);
        // Engine-maintained fields are nobody's to edit by right; whoever may bring them needs to see them only.
        if right != FieldRight::Edit && !(engine_only && right.visible()) {
            asked.errors.push(FieldError::new(name.as_str(), "permission.field"));
            continue;
        }
        let ctx = Ctx {
            model,
            text: norm,
            country: country.as_deref(),
            old: old.map(|r| &r[ix]),
            keep_invalid_phone: opts.keep_invalid_phone,
        };
        match codec::parse(f, json, &ctx) {
            Ok(input) => asked.items.push((ix, sanitised(f, input))),
            Err(e) => asked.errors.push(e),
        }
    }
    asked
}

/// Rich text passes the allow-list on the way in (domain model §1 `rich`).
fn sanitised(f: &rapport_schema::FieldDef, input: Input) -> Input {
    match (&f.ty, input) {
        (FieldType::Rich, Input::Value(rapport_schema::Value::Text(t))) => {
            let clean = crate::rich::clean(&t);
            Input::Value(if clean.is_empty() { rapport_schema::Value::Null } else { rapport_schema::Value::Text(clean.into()) })
        }
        (_, input) => input,
    }
}

/// The record's country for telephone numbers without `+` (R-NRM-02): that of its address.
fn country_of(o: &ObjectDef, data: &JsonMap, old: Option<&Record>) -> Option<String> {
    let ix = o.live().find(|(_, f)| matches!(f.ty, FieldType::Addr)).map(|(i, _)| i)?;
    let from_code = |code: &str| Some(rapport_text::normalise::country_of_division(code).to_owned());
    match data.get(o.at(ix).name.as_str()) {
        Some(serde_json::Value::Object(a)) => {
            let text = |k: &str| a.get(k).and_then(|v| v.as_str()).filter(|s| !s.is_empty());
            text("code").filter(|c| c.len() >= 2).and_then(from_code).or_else(|| text("country").map(str::to_ascii_uppercase))
        }
        Some(_) => None,
        None => match &old?[ix] {
            rapport_schema::Value::Addr(a) => a
                .code
                .as_deref()
                .filter(|c| c.len() >= 2)
                .and_then(from_code)
                .or_else(|| a.country.as_ref().map(ToString::to_string)),
            _ => None,
        },
    }
}
