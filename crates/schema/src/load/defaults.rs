//! Shipped records: `defaults/*.toml`, checked against the model.
//!
//! ```toml
//! [pipeline.standard]                 # object, key
//! name = { en = "Standard Sales", zh = "标准销售流程" }   # a text in the language of the installation
//! is_default = true
//! [stage.standard_won]
//! pipeline_id = "@pipeline.standard"  # another shipped record
//! gate = { required = ["amount"] }    # JSON as it is
//! ```

use std::collections::HashSet;

use indexmap::IndexSet;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::{
    Fault, Faults, Loaded, Source,
    flaw::{Flaw, Word},
    reader::Doc,
};
use crate::{FieldDef, FieldError, FieldName, FieldType, Label, Locale, ObjectDef, ObjectName, gate::Gate, system};

/// The value of one field of a shipped record.
#[derive(Debug, Clone, PartialEq)]
pub enum ShippedValue {
    /// The same in every language, in the field's JSON form.
    Plain(Json),
    /// A text of the language of the installation.
    Text(Label),
    /// One shipped record, by its external id.
    Record(String),
    /// Several shipped records.
    Records(Vec<String>),
}

/// A record every new installation starts with.
#[derive(Debug, Clone, PartialEq)]
pub struct Shipped {
    /// Its object.
    pub object: ObjectName,
    /// `object.key`: the record's `external_id`; with [`SOURCE`] it makes the installation of defaults repeatable.
    pub external_id: String,
    /// Fields in the order of the file.
    pub values: Vec<(FieldName, ShippedValue)>,
}

/// `source_system` of shipped records.
pub const SOURCE: &str = "rapport";

impl Shipped {
    /// The record in the JSON form of the API, ready to be created; references are `{"external_id": "…"}`.
    #[must_use]
    pub fn json(&self, locale: Locale) -> Map<String, Json> {
        let mut m = Map::new();
        m.insert("external_id".into(), self.external_id.clone().into());
        m.insert("source_system".into(), SOURCE.into());
        for (f, v) in &self.values {
            let v = match v {
                ShippedValue::Plain(v) => v.clone(),
                ShippedValue::Text(l) => l.get(locale).into(),
                ShippedValue::Record(id) => json!({ "external_id": id }),
                ShippedValue::Records(ids) => ids.iter().map(|id| json!({ "external_id": id })).collect(),
            };
            m.insert(f.to_string(), v);
        }
        m
    }
    /// A value by field.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&ShippedValue> {
        self.values.iter().find(|(f, _)| *f == *field).map(|(_, v)| v)
    }
    /// Shipped records it points to, with the fields that do.
    fn needs(&self) -> impl Iterator<Item = (&FieldName, &str)> {
        self.values.iter().flat_map(|(f, v)| {
            let ids = match v {
                ShippedValue::Record(id) => std::slice::from_ref(id),
                ShippedValue::Records(ids) => ids,
                ShippedValue::Plain(_) | ShippedValue::Text(_) => &[],
            };
            ids.iter().map(move |id| (f, id.as_str()))
        })
    }
}

/// Reads the shipped records, each after those it points to.
///
/// # Errors
/// Every fault of every file.
pub fn defaults(sources: &[Source<'_>], loaded: &Loaded) -> Result<Vec<Shipped>, Faults> {
    let mut faults = vec![];
    let mut out: Vec<(Shipped, String, usize)> = vec![];
    for s in sources.iter().filter(|s| s.path.starts_with("defaults/")) {
        let doc = Doc::new(s.path, s.text);
        let Some(root) = doc.parse(&mut faults) else { continue };
        for (object, t) in doc.root(&root).entries(&mut faults) {
            let Some(o) = loaded.model.object(&object) else {
                if !loaded.planned.contains(object.as_str()) {
                    t.fault(Flaw::NoObject(object), &mut faults);
                }
                continue;
            };
            for (key, mut r) in t.entries(&mut faults) {
                let external_id = format!("{object}.{key}");
                r.call(format!("`{external_id}`"), &external_id);
                let mut values = vec![];
                for name in r.keys() {
                    let line = r.line_of(&name);
                    let raw = r.json(&name).unwrap_or_default();
                    let Some(f) = o.field(&name) else {
                        let sleeps = loaded.dormant.iter().any(|d| d.object == o.name && d.field == *name);
                        if !sleeps {
                            r.fault_at(line, Flaw::NoField { object: object.clone(), name }, &mut faults);
                        }
                        continue;
                    };
                    match value(loaded, o, f, raw) {
                        Ok(v) => values.push((f.name.clone(), v)),
                        Err(flaw) => r.fault_at(line, flaw, &mut faults),
                    }
                }
                for f in o.fields.iter().filter(|f| f.required && f.default.is_none() && !system::is_reserved(o.kind, &f.name)) {
                    if !values.iter().any(|(n, _)| *n == f.name) {
                        r.fault(Flaw::missing(&f.name), &mut faults);
                    }
                }
                out.push((Shipped { object: o.name.clone(), external_id, values }, s.path.to_owned(), r.line));
            }
        }
    }
    let ids: IndexSet<&str> = out.iter().map(|(r, ..)| r.external_id.as_str()).collect();
    if ids.len() < out.len() {
        for (i, (r, file, line)) in out.iter().enumerate() {
            if out[..i].iter().any(|(x, ..)| x.external_id == r.external_id) {
                faults.push(fault(r, file, *line, &Flaw::Twice));
            }
        }
    }
    for (r, file, line) in &out {
        for (f, n) in r.needs().filter(|(_, n)| !ids.contains(n)) {
            let cause = Flaw::choice(f, &format!("@{n}"), [""; 0]).cause();
            faults.push(fault(r, file, *line, &Flaw::Known(format!("`{f}` points to `@{n}`, which is not shipped"), cause)));
        }
    }
    if faults.is_empty() {
        faults.extend(circle(&out));
    }
    if faults.is_empty() {
        return Ok(in_order(out.into_iter().map(|(r, ..)| r).collect()));
    }
    Err(Faults::of(faults))
}

/// Each record after those it points to. The caller made sure that this is possible.
fn in_order(mut left: Vec<Shipped>) -> Vec<Shipped> {
    let mut done: Vec<Shipped> = vec![];
    let mut ids: HashSet<String> = HashSet::new();
    while !left.is_empty() {
        let before = left.len();
        let (ready, rest): (Vec<_>, Vec<_>) = left.into_iter().partition(|r| r.needs().all(|(_, n)| ids.contains(n)));
        ids.extend(ready.iter().map(|r| r.external_id.clone()));
        done.extend(ready);
        left = rest;
        if left.len() == before {
            done.append(&mut left);
        }
    }
    done
}

fn circle(all: &[(Shipped, String, usize)]) -> Option<Fault> {
    let mut ids: HashSet<&str> = HashSet::new();
    loop {
        let before = ids.len();
        for (r, ..) in all {
            if r.needs().all(|(_, n)| ids.contains(n)) {
                ids.insert(&r.external_id);
            }
        }
        if ids.len() == before {
            break;
        }
    }
    all.iter().find(|(r, ..)| !ids.contains(r.external_id.as_str())).map(|(r, file, line)| {
        let flaw = Flaw::Known("points to itself through others".into(), FieldError::new("", "reference.cycle"));
        fault(r, file, *line, &flaw)
    })
}

/// A fault of a whole record.
fn fault(r: &Shipped, file: &str, line: usize, flaw: &Flaw) -> Fault {
    let cause = FieldError { field: r.external_id.clone(), ..flaw.cause() };
    Fault { file: file.to_owned(), line, reason: format!("`{}`: {flaw}", r.external_id), cause }
}

fn value(l: &Loaded, o: &ObjectDef, f: &FieldDef, raw: Json) -> Result<ShippedValue, Flaw> {
    let record = |v: &Json| {
        let target = f.ty.target().expect("asked only for lookups");
        let id = v.as_str().and_then(|s| s.strip_prefix('@')).filter(|id| id.split('.').next() == Some(target.as_str()));
        let told = || {
            let said = format!("`{}` must name a shipped `{target}` (\"@{target}.key\"), not `{}`", f.name, shown(v));
            Flaw::Known(said, Flaw::choice(&f.name, &shown(v), [format!("@{target}.…")]).cause())
        };
        id.map(str::to_owned).ok_or_else(told)
    };
    let form = |wanted: Word, raw: &Json| Flaw::Form { key: f.name.to_string(), wanted, value: shown(raw) };
    match &f.ty {
        FieldType::Ref { .. } | FieldType::MasterDetail { .. } | FieldType::User | FieldType::Dept => {
            record(&raw).map(ShippedValue::Record)
        }
        FieldType::Refs { .. } | FieldType::Users | FieldType::Depts => {
            let all = raw.as_array().ok_or_else(|| form(Word::LIST, &raw))?;
            all.iter().map(record).collect::<Result<_, _>>().map(ShippedValue::Records)
        }
        FieldType::Text { .. } | FieldType::Long | FieldType::Rich if raw.is_object() => match Label::deserialize(&raw) {
            Ok(label) if !label.en.is_empty() && !label.zh.is_empty() => Ok(ShippedValue::Text(label)),
            _ => Err(form(Word::LABEL, &raw)),
        },
        FieldType::Json => json_value(l, o, f, raw).map(ShippedValue::Plain),
        ty => match crate::check::literal(&l.model, ty, &raw) {
            Ok(()) => Ok(ShippedValue::Plain(raw)),
            Err(why) => {
                let cause = Flaw::choice(&f.name, &shown(&raw), [""; 0]).cause();
                Err(Flaw::Known(format!("`{}` {raw} {why}", f.name), cause))
            }
        },
    }
}

/// A value as a sentence shows it.
fn shown(v: &Json) -> String {
    v.as_str().map_or_else(|| v.to_string(), str::to_owned)
}

/// JSON whose parts name objects: what concerns planned objects is left out, the rest is checked.
fn json_value(l: &Loaded, o: &ObjectDef, f: &FieldDef, mut raw: Json) -> Result<Json, Flaw> {
    let known = |name: &str| name.starts_with('*') || l.model.object(name).is_some();
    let table = |v: &Json| Flaw::Form { key: f.name.to_string(), wanted: Word::TABLE, value: shown(v) };
    match (o.name.as_str(), f.name.as_str()) {
        ("role", "object_perms" | "field_perms") => {
            let Json::Object(m) = &mut raw else { return Err(table(&raw)) };
            m.retain(|k, _| !l.planned.contains(k.as_str()));
            if let Some(k) = m.keys().find(|k| !known(k)) {
                let cause = Flaw::NoObject(k.clone()).cause();
                return Err(Flaw::Known(format!("`{}` names object `{k}`, which does not exist", f.name), cause));
            }
            if f.name == "field_perms" {
                for (object, fields) in m.iter() {
                    let Some(def) = l.model.object(object) else { continue };
                    let named = fields.as_object().ok_or_else(|| table(fields))?;
                    if let Some(k) = named.keys().find(|k| def.field(k).is_none()) {
                        let cause = Flaw::NoField { object: object.clone(), name: k.clone() }.cause();
                        return Err(Flaw::Known(format!("`{}` names field `{object}.{k}`, which does not exist", f.name), cause));
                    }
                }
            }
            Ok(raw)
        }
        ("stage", "gate") => {
            let wrong = |e: serde_json::Error| {
                let cause = Flaw::Form { key: f.name.to_string(), wanted: Word::GATE, value: shown(&raw) }.cause();
                Flaw::Known(format!("`{}`: {e}", f.name), cause)
            };
            let mut g = Gate::deserialize(&raw).map_err(wrong)?;
            g.forget(|o| l.planned.contains(o));
            let deal = l.model.object("opportunity").ok_or_else(|| Flaw::NoObject("opportunity".into()))?;
            match g.faults(&l.model, deal).into_iter().next() {
                Some((why, cause)) => Err(Flaw::Known(format!("`{}` {why}", f.name), cause)),
                None => serde_json::to_value(g).map_err(wrong),
            }
        }
        _ => Ok(raw),
    }
}
