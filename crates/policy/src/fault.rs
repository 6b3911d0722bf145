//! What is wrong with a role: in plain words, and as a code for readers of either language.

use rapport_schema::FieldError;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{FieldPerm, ObjectPerm, Reach};

/// A role that cannot be read, or that says what cannot be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{part}: {fault}")]
pub struct GrantError {
    /// `objects`, `fields`, `functions` or `grants`.
    pub part: &'static str,
    /// What is wrong with it.
    pub fault: String,
    /// The same as a code; its field is the place in the part: `account`, `product.cost`.
    pub cause: Box<FieldError>,
}

impl GrantError {
    pub(crate) fn new(part: &'static str, fault: String, place: impl Into<String>, cause: FieldError) -> Self {
        Self { part, fault, cause: Box::new(FieldError { field: place.into(), ..cause }) }
    }
    /// A part that has not the form it needs; the parser says in English why.
    pub(crate) fn unread(part: &'static str, v: &Value, said: &serde_json::Error) -> Self {
        let whole = || kind(kept_in(part), "table", v);
        let cause = match part {
            "functions" => kind("functions", "texts", v),
            "grants" => grants(v).unwrap_or_else(whole),
            _ => lines(part, v).unwrap_or_else(whole),
        };
        Self { part, fault: said.to_string(), cause: Box::new(cause) }
    }
    /// The field of a `role` that keeps the part.
    #[must_use]
    pub fn field(&self) -> &'static str {
        kept_in(self.part)
    }
}

fn kept_in(part: &'static str) -> &'static str {
    match part {
        "objects" => "object_perms",
        "fields" => "field_perms",
        other => other,
    }
}

/// A value of the wrong kind; what kinds are called is the server's business.
fn kind(key: &str, wanted: &'static str, v: &Value) -> FieldError {
    let found = match v {
        Value::Null => "nothing",
        Value::Bool(_) => "true_or_false",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "table",
    };
    FieldError::new("", "model.text.type").with("key", key).with("wanted", wanted).with("found", found)
}

fn choice(key: &str, v: &Value, allowed: Value) -> FieldError {
    match v.as_str() {
        Some(s) => FieldError::new("", "model.text.choice").with("key", key).with("value", s).with("allowed", allowed),
        None => kind(key, "text", v),
    }
}

fn unknown(key: &str, allowed: Value) -> FieldError {
    FieldError::new("", "model.text.unknown_key").with("key", key).with("allowed", allowed)
}

/// The first fault of all three parts together.
fn grants(v: &Value) -> Option<FieldError> {
    let parts = ["objects", "fields", "functions"];
    v.as_object()?.iter().find_map(|(k, v)| match k.as_str() {
        "functions" => Vec::<String>::deserialize(v).is_err().then(|| kind(k, "texts", v)),
        "objects" | "fields" if !v.is_object() => Some(kind(k, "table", v)),
        "objects" | "fields" => lines(k, v),
        _ => Some(unknown(k, json!(parts))),
    })
}

/// The first line of an object that cannot be read.
fn lines(part: &str, v: &Value) -> Option<FieldError> {
    v.as_object()?.iter().find_map(|(object, line)| {
        let Some(line) = line.as_object() else { return Some(kind(object, "table", line)) };
        let found = if part == "objects" { object_line(line) } else { field_line(line) }?;
        Some(FieldError { field: object.clone(), ..found })
    })
}

/// What a line may hold is what an empty one holds.
fn object_line(line: &Map<String, Value>) -> Option<FieldError> {
    let empty = json!(ObjectPerm::default());
    line.iter().find_map(|(k, v)| {
        if ObjectPerm::deserialize(json!({ k: v })).is_ok() {
            return None;
        }
        Some(match empty.get(k) {
            None => unknown(k, json!(empty.as_object()?.keys().collect::<Vec<_>>())),
            Some(Value::Bool(_)) => kind(k, "true_or_false", v),
            Some(Value::Array(_)) => kind(k, "texts", v),
            Some(_) => choice(k, v, json!(Reach::ALL)),
        })
    })
}

fn field_line(line: &Map<String, Value>) -> Option<FieldError> {
    let (k, v) = line.iter().find(|(_, v)| FieldPerm::deserialize(*v).is_err())?;
    Some(choice(k, v, json!([FieldPerm::Hidden, FieldPerm::Masked, FieldPerm::Read, FieldPerm::Edit])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RoleGrants;

    #[test]
    fn what_cannot_be_read_has_its_place_and_its_code() {
        let role = |objects: Value, fields: Value, functions: Value| {
            RoleGrants::parse(&objects, Some(&fields), Some(&functions)).expect_err("a bad role")
        };
        let set = |grants: Value| RoleGrants::parse_set(&grants).expect_err("a bad set");
        for (e, place, code, params) in [
            (
                role(json!(7), json!({}), json!([])),
                "",
                "model.text.type",
                json!({ "key": "object_perms", "wanted": "table", "found": "number" }),
            ),
            (
                role(json!({ "account": "all" }), json!({}), json!([])),
                "",
                "model.text.type",
                json!({ "key": "account", "wanted": "table", "found": "text" }),
            ),
            (
                role(json!({ "account": { "create": "yes" } }), json!({}), json!([])),
                "account",
                "model.text.type",
                json!({ "key": "create", "wanted": "true_or_false", "found": "text" }),
            ),
            (
                role(json!({ "account": { "also": [1] } }), json!({}), json!([])),
                "account",
                "model.text.type",
                json!({ "key": "also", "wanted": "texts", "found": "list" }),
            ),
            (
                role(json!({ "account": { "read": true } }), json!({}), json!([])),
                "account",
                "model.text.type",
                json!({ "key": "read", "wanted": "text", "found": "true_or_false" }),
            ),
            (
                role(json!({}), json!({ "account": { "phone": "see" } }), json!([])),
                "account",
                "model.text.choice",
                json!({ "key": "phone", "value": "see", "allowed": ["hidden", "masked", "read", "edit"] }),
            ),
            (
                role(json!({}), json!({}), json!("admin")),
                "",
                "model.text.type",
                json!({ "key": "functions", "wanted": "texts", "found": "text" }),
            ),
            (set(json!(7)), "", "model.text.type", json!({ "key": "grants", "wanted": "table", "found": "number" })),
            (
                set(json!({ "object": {} })),
                "",
                "model.text.unknown_key",
                json!({ "key": "object", "allowed": ["objects", "fields", "functions"] }),
            ),
            (
                set(json!({ "functions": [1] })),
                "",
                "model.text.type",
                json!({ "key": "functions", "wanted": "texts", "found": "list" }),
            ),
        ] {
            assert_eq!((e.cause.field.as_str(), &*e.cause.code, json!(e.cause.params)), (place, code, params), "{e}");
        }
        let e = role(json!({ "account": { "read": "everything" } }), json!({}), json!([]));
        assert_eq!((&*e.cause.code, e.cause.params["allowed"][5].as_str()), ("model.text.choice", Some("dept_tree")));
        let e = role(json!({ "account": { "raed": "all" } }), json!({}), json!([]));
        assert!(e.cause.params["allowed"].as_array().is_some_and(|a| a.contains(&json!("transfer"))), "{e:?}");
        assert_eq!((e.cause.field.as_str(), &*e.cause.code, e.field()), ("account", "model.text.unknown_key", "object_perms"));
    }
}
