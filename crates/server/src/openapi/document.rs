//! Table and model to document.

use rapport_schema::{Model, ObjectDef};
use serde_json::{Map, Value, json};

use super::{Answer, Body, Doc, Kind, Param, Route, model, schemas};

/// The whole document of a workspace. Routes of records stand in it once for every object of the model, with its fields, and
/// once with `{object}` in the path: for objects that are made later, and for clients that go by `/api/v1/meta/model`.
#[must_use]
pub fn document(routes: &[Route], m: &Model) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for r in routes {
        if r.path.starts_with("/api/v1/{object}") {
            for o in m.objects.values().filter(|o| fits(r, o)) {
                add(&mut paths, &r.path.replace("{object}", &o.name), r, Some(o));
            }
        }
        add(&mut paths, r.path, r, None);
    }
    let mut parts = schemas::fixed();
    for o in m.objects.values() {
        parts.extend(model::schemas(m, o));
    }
    let mut tags: Vec<Value> = vec![];
    for r in routes {
        if !tags.iter().any(|t| t["name"] == r.doc.tag) {
            tags.push(json!({ "name": r.doc.tag }));
        }
    }
    tags.extend(m.objects.values().map(|o| json!({ "name": o.name, "description": format!("{} · {}", o.label.en, o.label.zh) })));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Rapport 睿客", "version": env!("CARGO_PKG_VERSION"),
            "description": "REST over every object of the model. Conventions that all objects share: docs/api.md.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "session": [] }, { "token": [] }],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": parts,
            "parameters": { "Id": { "name": "id", "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" } } },
            "responses": {
                "Problem": { "description": "Refused or failed", "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } },
            },
            "securitySchemes": {
                "session": { "type": "apiKey", "in": "cookie", "name": "rapport_session" },
                "token": { "type": "http", "scheme": "bearer" },
            },
        },
    })
}

/// Objects the engine alone writes have no routes that write.
fn fits(r: &Route, o: &ObjectDef) -> bool {
    let log = o.kind == rapport_schema::ObjectKind::Log;
    !log || r.method == axum::http::Method::GET || r.doc.id == "aggregate"
}

fn add(paths: &mut Map<String, Value>, path: &str, r: &Route, o: Option<&ObjectDef>) {
    let item = paths.entry(path.to_owned()).or_insert_with(|| json!({}));
    item[r.method.as_str().to_ascii_lowercase()] = operation(path, &r.doc, o);
}

fn schema_ref(name: &str, o: Option<&ObjectDef>) -> Value {
    let own = o.and_then(|o| match name {
        "Record" => Some(model::name(o, "")),
        "RecordInput" => Some(model::name(o, "Input")),
        "RecordPage" => Some(model::name(o, "Page")),
        _ => None,
    });
    json!({ "$ref": format!("#/components/schemas/{}", own.as_deref().unwrap_or(name)) })
}

fn param(p: &Param) -> Value {
    let schema = match p.kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Int => json!({ "type": "integer" }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Choice(of) => json!({ "type": "string", "enum": of }),
    };
    json!({ "name": p.name, "in": "query", "description": p.what, "schema": schema })
}

fn operation(path: &str, d: &Doc, o: Option<&ObjectDef>) -> Value {
    let mut params: Vec<Value> = path
        .split('/')
        .filter_map(|s| s.strip_prefix('{')?.strip_suffix('}'))
        .map(|n| {
            if n == "id" {
                json!({ "$ref": "#/components/parameters/Id" })
            } else {
                json!({ "name": n, "in": "path", "required": true, "schema": { "type": "string" } })
            }
        })
        .collect();
    params.extend(d.query.iter().map(param));
    if d.if_match {
        params.push(json!({ "name": "If-Match", "in": "header", "description": "The version the caller saw", "schema": { "type": "string" } }));
    }
    let mut op = Map::new();
    let (id, tag) =
        o.map_or_else(|| (d.id.to_owned(), d.tag.to_owned()), |o| (format!("{}_{}", d.id, o.name), o.name.to_string()));
    op.insert("operationId".into(), id.into());
    op.insert("tags".into(), json!([tag]));
    op.insert("summary".into(), format!("{} · {}", d.en, d.zh).into());
    if !params.is_empty() {
        op.insert("parameters".into(), params.into());
    }
    if d.open {
        op.insert("security".into(), json!([]));
    }
    match d.body {
        Body::None => {}
        Body::Json(name) => {
            op.insert(
                "requestBody".into(),
                json!({ "required": true, "content": { "application/json": { "schema": schema_ref(name, o) } } }),
            );
        }
        Body::Multipart => {
            op.insert("requestBody".into(), json!({ "required": true, "content": { "multipart/form-data": { "schema": {
                "type": "object", "required": ["file"],
                "properties": { "file": { "type": "string", "format": "binary" }, "object": { "type": "string" }, "id": { "type": "string" }, "field": { "type": "string" } },
            } } } }));
        }
    }
    let (status, ok) = match d.answer {
        Answer::Nothing => ("204".to_owned(), json!({ "description": "Done" })),
        Answer::Json(s, name) => (
            s.to_string(),
            json!({ "description": "Done", "content": { "application/json": { "schema": schema_ref(name, o) } } }),
        ),
        Answer::Media(m) => {
            ("200".to_owned(), json!({ "description": "Done", "content": { m: { "schema": { "type": "string" } } } }))
        }
    };
    op.insert("responses".into(), json!({ status: ok, "default": { "$ref": "#/components/responses/Problem" } }));
    Value::Object(op)
}
