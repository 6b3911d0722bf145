//! Schemas of the objects of the model.

use rapport_schema::{FieldDef, FieldType, Model, ObjectDef, field::ResultType};
use serde_json::{Map, Value, json};

/// Schema name of an object: `account` → `Account`, `AccountInput`.
#[must_use]
pub fn name(o: &ObjectDef, tail: &str) -> String {
    let mut s: String = o
        .name
        .split('_')
        .map(|w| {
            let mut c = w.chars();
            c.next().map_or_else(String::new, |f| f.to_ascii_uppercase().to_string() + c.as_str())
        })
        .collect();
    s.push_str(tail);
    // Must not meet one of the fixed names, whatever an object is called.
    format!("O{s}")
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn array(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

fn text(format: Option<&str>) -> Value {
    format.map_or_else(|| json!({ "type": "string" }), |f| json!({ "type": "string", "format": f }))
}

fn result(r: ResultType) -> Value {
    match r {
        ResultType::Text => text(None),
        ResultType::Int | ResultType::Duration => json!({ "type": "integer" }),
        // Computed money is an amount in the base currency: there is no other it could be in.
        ResultType::Dec(_) | ResultType::Pct | ResultType::Money => reference("Decimal"),
        ResultType::Bool => json!({ "type": "boolean" }),
        ResultType::Date => text(Some("date")),
        ResultType::DateTime => text(Some("date-time")),
    }
}

/// The JSON form of a value as it is answered (docs/api.md).
fn output(m: &Model, f: &FieldDef) -> Value {
    match &f.ty {
        FieldType::Text { .. } | FieldType::Long | FieldType::Rich | FieldType::Auto { .. } => text(None),
        FieldType::Int { .. } | FieldType::Time | FieldType::Duration | FieldType::Rating { .. } => json!({ "type": "integer" }),
        FieldType::Dec { .. } | FieldType::Pct { .. } => reference("Decimal"),
        FieldType::Money { .. } => reference("Money"),
        FieldType::Bool => json!({ "type": "boolean" }),
        FieldType::Date => text(Some("date")),
        FieldType::DateTime => text(Some("date-time")),
        FieldType::Pick { set } => keys(m, set),
        FieldType::Multi { set } => array(keys(m, set)),
        FieldType::Tags => array(text(None)),
        FieldType::Phone => reference("Phone"),
        FieldType::Email => text(Some("email")),
        FieldType::Url => text(Some("uri")),
        FieldType::Addr => reference("Address"),
        FieldType::Geo => reference("Geo"),
        FieldType::Ref { .. } | FieldType::MasterDetail { .. } | FieldType::User | FieldType::Dept => text(Some("uuid")),
        FieldType::Refs { .. } | FieldType::Users | FieldType::Depts | FieldType::File | FieldType::Img => {
            array(text(Some("uuid")))
        }
        FieldType::Poly { .. } => reference("RecordRef"),
        FieldType::Roll { result: r, .. } | FieldType::Calc { result: r, .. } => result(*r),
        FieldType::Json => json!({}),
    }
}

/// Keys of a picklist. Old records may hold keys that were taken out, so the list is told, not enforced.
fn keys(m: &Model, set: &str) -> Value {
    m.picklist(set).map_or_else(
        || text(None),
        |p| {
            let list = p.values.iter().map(|v| format!("{} {}", v.key, v.label.en)).collect::<Vec<_>>().join(", ");
            json!({ "type": "string", "description": list })
        },
    )
}

/// What may be written beside the answered form.
fn input(m: &Model, f: &FieldDef) -> Value {
    match &f.ty {
        FieldType::Dec { .. } | FieldType::Pct { .. } => reference("DecimalInput"),
        FieldType::Money { .. } => reference("MoneyInput"),
        FieldType::Phone => reference("PhoneInput"),
        FieldType::Ref { .. } | FieldType::MasterDetail { .. } | FieldType::User | FieldType::Dept => reference("ReferenceInput"),
        FieldType::Refs { .. } | FieldType::Users | FieldType::Depts => array(reference("ReferenceInput")),
        FieldType::Text { .. }
        | FieldType::Long
        | FieldType::Rich
        | FieldType::Int { .. }
        | FieldType::Bool
        | FieldType::Date
        | FieldType::DateTime
        | FieldType::Time
        | FieldType::Duration
        | FieldType::Pick { .. }
        | FieldType::Multi { .. }
        | FieldType::Tags
        | FieldType::Email
        | FieldType::Url
        | FieldType::Addr
        | FieldType::Geo
        | FieldType::File
        | FieldType::Img
        | FieldType::Poly { .. }
        | FieldType::Roll { .. }
        | FieldType::Calc { .. }
        | FieldType::Auto { .. }
        | FieldType::Rating { .. }
        | FieldType::Json => output(m, f),
    }
}

fn described(mut v: Value, f: &FieldDef, nullable: bool) -> Value {
    let title = format!("{} · {}", f.label.en, f.label.zh);
    if nullable {
        v = if v.as_object().is_some_and(Map::is_empty) { v } else { json!({ "anyOf": [v, { "type": "null" }] }) };
    }
    v["title"] = title.into();
    v
}

/// The three schemas of an object: record, input, page.
pub fn schemas(m: &Model, o: &ObjectDef) -> Vec<(String, Value)> {
    let mut out = Map::from_iter([
        ("id".to_owned(), json!({ "type": "string", "format": "uuid" })),
        ("version".to_owned(), json!({ "type": "integer" })),
        ("deleted_at".to_owned(), json!({ "type": "string", "format": "date-time" })),
    ]);
    let mut inp = Map::new();
    for (_, f) in o.live() {
        out.insert(f.name.to_string(), described(output(m, f), f, !matches!(f.ty, FieldType::Bool)));
        if !f.system && !f.ty.is_computed() {
            inp.insert(f.name.to_string(), described(input(m, f), f, !matches!(f.ty, FieldType::Bool)));
        }
    }
    out.insert("$expand".into(), reference("Expand"));
    out.insert("$masked".into(), array(text(None)));
    out.insert("$warnings".into(), array(json!({})));
    let record = name(o, "");
    let title = format!("{} · {}", o.label.en, o.label.zh);
    vec![
        (record.clone(), json!({ "type": "object", "title": title, "required": ["id", "version"], "properties": out })),
        (name(o, "Input"), json!({ "type": "object", "title": title, "properties": inp })),
        (
            name(o, "Page"),
            json!({
                "type": "object", "required": ["data", "next"],
                "properties": { "data": array(reference(&record)), "next": reference("Cursor"), "count": reference("Count") },
            }),
        ),
    ]
}
