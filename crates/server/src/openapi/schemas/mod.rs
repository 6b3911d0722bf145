//! Schemas that do not depend on the model.

mod import;
mod meta;
mod people;
mod records;
mod values;

use serde_json::{Map, Value, json};

/// Takes a name and its schema.
pub(super) type Put<'a> = &'a mut dyn FnMut(&str, Value);

/// An object of these properties; a name with `?` at its end may be absent.
fn object(properties: &[(&str, Value)]) -> Value {
    let required: Vec<&str> = properties.iter().map(|(n, _)| *n).filter(|n| !n.ends_with('?')).collect();
    let all: Map<String, Value> = properties.iter().map(|(n, v)| (n.trim_end_matches('?').to_owned(), v.clone())).collect();
    let mut o = json!({ "type": "object", "properties": all });
    if !required.is_empty() {
        o["required"] = json!(required);
    }
    o
}

/// An object that may have properties beside these.
fn open(properties: &[(&str, Value)]) -> Value {
    let mut o = object(properties);
    o["additionalProperties"] = true.into();
    o
}

fn map_of(value: Value) -> Value {
    json!({ "type": "object", "additionalProperties": value })
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn int() -> Value {
    json!({ "type": "integer" })
}

fn flag() -> Value {
    json!({ "type": "boolean" })
}

fn id() -> Value {
    json!({ "type": "string", "format": "uuid" })
}

fn at() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

fn any() -> Value {
    json!({})
}

fn one_of(of: &[&str]) -> Value {
    json!({ "type": "string", "enum": of })
}

fn list(of: Value) -> Value {
    json!({ "type": "array", "items": of })
}

fn data(of: Value) -> Value {
    object(&[("data", list(of))])
}

fn named(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// Or null.
fn nullable(of: Value) -> Value {
    json!({ "anyOf": [of, { "type": "null" }] })
}

/// All of them.
pub fn fixed() -> Map<String, Value> {
    let mut m = Map::new();
    let mut put = |k: &str, v: Value| {
        m.insert(k.to_owned(), v);
    };
    put("Any", any());
    put("FieldProblem", object(&[("field", text()), ("code", text()), ("params", map_of(any())), ("message", text())]));
    put(
        "Problem",
        object(&[
            ("type", text()),
            ("title", text()),
            ("status", int()),
            ("code", text()),
            ("params?", map_of(any())),
            ("errors?", list(named("FieldProblem"))),
            ("fields?", list(text())),
            ("version?", int()),
            ("moved_to?", id()),
            ("object?", text()),
            ("right?", text()),
            ("results?", list(named("BatchRow"))),
            ("trace_id", text()),
        ]),
    );
    put("Health", object(&[("status", text()), ("version", text()), ("checks?", map_of(text()))]));
    values::put(&mut put);
    records::put(&mut put);
    people::put(&mut put);
    meta::put(&mut put);
    import::put(&mut put);
    m
}
