use std::collections::BTreeSet;

use rapport_schema::{FieldName, Label, Model, ObjectDef, ObjectKind, ObjectName, field::FieldDef};
use serde_json::Value;

use super::*;
use crate::routes;

/// A model of one object with a field of every type.
fn model() -> Model {
    use rapport_schema::FieldType as T;
    let all = ObjectName::lit("thing");
    let types: Vec<(&'static str, T)> = vec![
        ("name", T::Text { max: 50 }),
        ("number", T::Int { min: None, max: None }),
        ("price", T::Money { unit_price: false, min: None }),
        ("share", T::Pct { min: None, max: None }),
        ("done", T::Bool),
        ("day", T::Date),
        ("at", T::DateTime),
        ("level", T::Pick { set: "level".into() }),
        ("phone", T::Phone),
        ("place", T::Addr),
        ("parent_id", T::Ref { target: all.clone(), on_delete: rapport_schema::field::OnDelete::Clear }),
        ("owners", T::Users),
        ("about", T::Poly { targets: vec![all.clone()] }),
        ("code__c", T::Auto { pattern: "T{0000}".into() }),
    ];
    let mut o = ObjectDef::empty(
        all.clone(),
        ObjectKind::Config,
        Label::new("Thing", "事物"),
        Label::new("Things", "事物"),
        FieldName::lit("name"),
    );
    o.fields = rapport_schema::system::fields(ObjectKind::Config);
    o.fields.extend(types.into_iter().map(|(n, t)| FieldDef::new(FieldName::lit(n), Label::new(n, "字段"), t)));
    let mut m = Model { currency: "CNY".into(), zone: "Asia/Shanghai".into(), ..Model::default() };
    m.objects.insert(all, std::sync::Arc::new(o));
    m
}

#[test]
fn every_route_is_in_the_document_and_the_reverse() {
    // quality.md, API9: the inventory is complete
    let m = model();
    let doc = document(&routes::table(), &m);
    let mut written = BTreeSet::new();
    for (path, item) in doc["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            written.insert((method.to_uppercase(), path.clone()));
        }
    }
    let table = routes::table();
    let served: BTreeSet<(String, String)> = table.iter().map(|r| (r.method.to_string(), r.path.to_owned())).collect();
    assert_eq!(served.len(), table.len(), "no route stands twice in the table");
    let of_things =
        served.iter().filter(|(_, p)| p.contains("{object}")).map(|(m, p)| (m.clone(), p.replace("{object}", "thing")));
    let all: BTreeSet<_> = served.iter().cloned().chain(of_things).collect();
    assert_eq!(all, written);
}

fn references(v: &Value, out: &mut BTreeSet<String>) {
    match v {
        Value::Object(m) => {
            if let Some(r) = m.get("$ref").and_then(Value::as_str) {
                out.insert(r.to_owned());
            }
            m.values().for_each(|v| references(v, out));
        }
        Value::Array(a) => a.iter().for_each(|v| references(v, out)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_operations_are_told_apart() {
    let doc = document(&routes::table(), &model());
    let mut refs = BTreeSet::new();
    references(&doc, &mut refs);
    for r in &refs {
        assert!(doc.pointer(r.trim_start_matches('#')).is_some(), "{r} leads nowhere");
    }
    let ids: Vec<String> = doc["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|i| i.as_object().unwrap().values())
        .map(|o| o["operationId"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
}

#[test]
fn the_document() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&document(&routes::table(), &model())).unwrap());
}

#[test]
fn the_committed_document_is_fresh() {
    // issue part 9: what clients are generated from follows routes and model; `cargo xtask gen` writes it
    let committed = include_str!("../../../../docs/openapi.json");
    let made = super::committed(&rapport_model::shipped());
    let same = committed.lines().zip(made.lines()).take_while(|(a, b)| a == b).count();
    assert!(
        committed == made,
        "docs/openapi.json is stale from line {}: run `cargo xtask gen`\n- {}\n+ {}",
        same + 1,
        committed.lines().nth(same).unwrap_or_default(),
        made.lines().nth(same).unwrap_or_default()
    );
}

#[test]
fn types_of_fields_are_all_declared() {
    let fixed = document(&routes::table(), &Model::default());
    let known: BTreeSet<&str> =
        fixed["components"]["schemas"]["FieldType"]["enum"].as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect();
    let shipped = rapport_model::shipped();
    for f in shipped.objects.values().flat_map(|o| o.fields.iter()) {
        assert!(known.contains(f.ty.code()), "{}", f.ty.code());
    }
}
