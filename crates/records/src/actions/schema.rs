//! The part of JSON Schema that inputs of actions use: object, properties, required, type, enum, format uuid.

use rapport_schema::FieldError;
use serde_json::Value as Json;

use crate::{Error, Result};

fn is(ty: &str, v: &Json) -> bool {
    match ty {
        "string" => v.is_string(),
        "boolean" => v.is_boolean(),
        "integer" => v.is_i64() || v.is_u64(),
        "number" => v.is_number(),
        "array" => v.is_array(),
        "object" => v.is_object(),
        "null" => v.is_null(),
        _ => true,
    }
}

fn fits(schema: &Json, v: &Json) -> bool {
    let typed = match &schema["type"] {
        Json::String(t) => is(t, v),
        Json::Array(ts) => ts.iter().filter_map(Json::as_str).any(|t| is(t, v)),
        _ => true,
    };
    let listed = schema["enum"].as_array().is_none_or(|e| e.contains(v));
    let uuid =
        schema["format"] != "uuid" || v.is_null() || v.as_str().is_some_and(|s| s.parse::<rapport_schema::RecordId>().is_ok());
    let items = match (v, schema.get("items")) {
        (Json::Array(a), Some(i)) => a.iter().all(|x| fits(i, x)),
        _ => true,
    };
    typed && listed && uuid && items
}

/// Every fault of an input at once.
pub(super) fn check(schema: &Json, input: &Json) -> Result<()> {
    let empty = serde_json::Map::new();
    let given = match input {
        Json::Object(m) => m,
        Json::Null => &empty,
        _ => return Err(Error::Invalid(vec![FieldError::new("", "value.type").with("expected", "object")])),
    };
    let mut faults = vec![];
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str) {
        if given.get(name).is_none_or(Json::is_null) {
            faults.push(FieldError::new(name, "value.required"));
        }
    }
    for (name, v) in given {
        let Some(s) = schema["properties"].get(name) else { continue };
        if !v.is_null() && !fits(s, v) {
            faults.push(FieldError::new(name.as_str(), "value.type"));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_fault_of_an_input_is_told() {
        let s = json!({ "type": "object", "required": ["owner_id", "why"], "properties": {
            "owner_id": { "type": "string", "format": "uuid" }, "why": { "type": "string" }, "n": { "type": "integer" } } });
        let codes = |v: &Json| match check(&s, v) {
            Err(Error::Invalid(f)) => f.into_iter().map(|f| format!("{} {}", f.field, f.code)).collect(),
            _ => vec![],
        };
        assert_eq!(codes(&json!({ "owner_id": "x", "n": 1.5 })), ["why value.required", "owner_id value.type", "n value.type"]);
        assert!(check(&s, &json!({ "owner_id": "01890a5d-ac96-774b-bcce-b302099a8057", "why": "", "n": 2 })).is_ok());
        assert!(check(&s, &json!([])).is_err());
    }
}
