//! Values of fields (docs/api.md, "Records").

use serde_json::json;

use super::{Put, any, flag, id, int, list, named, nullable, object, open, text};

pub(super) fn put(put: Put<'_>) {
    put("Decimal", json!({ "type": "string", "description": "An exact decimal: \"12.50\"" }));
    put("DecimalInput", json!({ "type": ["string", "number"] }));
    put(
        "Money",
        object(&[("amount", named("Decimal")), ("currency", text()), ("rate", named("Decimal")), ("base", named("Decimal"))]),
    );
    put(
        "MoneyInput",
        json!({ "anyOf": [{ "type": ["string", "number"] }, object(&[("amount", named("DecimalInput")), ("currency?", text())])] }),
    );
    let opt = || nullable(text());
    put("Phone", object(&[("raw", text()), ("e164", opt()), ("ext", opt()), ("country", opt()), ("kind", text())]));
    put("PhoneInput", json!({ "anyOf": [text(), object(&[("raw", text()), ("ext?", opt()), ("country?", opt())])] }));
    put(
        "Address",
        object(&[
            ("country?", opt()),
            ("province?", opt()),
            ("city?", opt()),
            ("district?", opt()),
            ("town?", opt()),
            ("code?", opt()),
            ("detail?", opt()),
            ("postcode?", opt()),
        ]),
    );
    put(
        "Geo",
        object(&[
            ("lat", json!({ "type": "number" })),
            ("lng", json!({ "type": "number" })),
            ("datum?", json!({ "type": "string", "enum": ["wgs84", "gcj02", "bd09"] })),
        ]),
    );
    put("RecordRef", object(&[("object", text()), ("id", id())]));
    put(
        "ReferenceInput",
        json!({ "anyOf": [text(), { "type": "object", "additionalProperties": text(), "description": "{\"external_id\":\"…\"} or {\"<unique field>\":\"…\"}" }] }),
    );
    put("Expanded", object(&[("object", text()), ("id", id()), ("title", text())]));
    put("Expand", json!({ "type": "object", "additionalProperties": { "anyOf": [named("Expanded"), list(named("Expanded"))] } }));
    put("Cursor", json!({ "type": ["string", "null"], "description": "Opaque" }));
    put("Count", object(&[("value", int()), ("capped", flag())]));
    put("Label", object(&[("en", text()), ("zh", text())]));
    put("Actor", open(&[("id", nullable(id())), ("name?", nullable(text())), ("via?", any())]));
}
