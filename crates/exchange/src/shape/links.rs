//! Which columns name records that are there: people, departments, customers, whatever the caller may read.

use std::collections::{BTreeMap, HashMap};

use async_recursion::async_recursion as boxed;
use rapport_policy::Scope;
use rapport_records::{Engine, JsonMap, ListRequest};
use rapport_schema::{FieldType, ObjectDef, ObjectKind};
use serde_json::{Value, json};

use super::{Look, Remark, Shape};
use crate::Result;

/// Texts of one query; a page of a list holds the answers to so many.
const ASKED: usize = 100;
/// Most places looked at: objects with one of their naming fields.
const PLACES: usize = 60;

/// An object and a field that names its records.
struct Place {
    object: String,
    by: String,
    title: bool,
}

/// Turns columns whose values name records into lookups, and chooses the title anew. A record the caller does not see names nothing.
///
/// # Errors
/// The database.
#[boxed]
pub async fn find(engine: &Engine, scope: &Scope, shape: &mut Shape, look: &Look) -> Result<()> {
    let model = engine.model();
    let places: Vec<Place> =
        model.objects.values().filter(|o| leads(o) && scope.may_on(o, "read")).flat_map(|o| naming(o)).take(PLACES).collect();
    let open: Vec<usize> =
        (0..shape.columns.len()).filter(|i| matches!(shape.columns[*i].ty, "text" | "pick" | "email")).collect();
    let mut texts: Vec<&str> = open.iter().flat_map(|i| look.tallies[*i].wanted.iter().map(String::as_str)).collect();
    texts.sort_unstable();
    texts.dedup();
    // How many records each text names, by place.
    let mut named: BTreeMap<usize, HashMap<String, u32>> = BTreeMap::new();
    for (n, place) in places.iter().enumerate() {
        for part in texts.chunks(ASKED) {
            let filter = json!({ "field": place.by, "op": "in", "value": part }).to_string();
            let ask = ListRequest {
                filter: Some(filter),
                fields: Some(vec![place.by.clone()]),
                limit: Some(200),
                ..ListRequest::default()
            };
            // What the caller may not filter by names nothing.
            let Ok(page) = engine.list(scope, &place.object, &ask).await else { break };
            let rows: Vec<JsonMap> =
                serde_json::from_slice(&[b"[", page.rows.as_slice(), b"]"].concat()).map_err(std::io::Error::other)?;
            for r in rows {
                if let Some(t) = r.get(&place.by).and_then(Value::as_str) {
                    *named.entry(n).or_default().entry(t.to_owned()).or_default() += 1;
                }
            }
        }
    }
    for i in open {
        let wanted = &look.tallies[i].wanted;
        let c = &mut shape.columns[i];
        let score = |n: usize| wanted.iter().filter(|w| named.get(&n).and_then(|m| m.get(*w)) == Some(&1)).count();
        let best = (0..places.len()).map(|n| (score(n), n)).max_by_key(|(s, n)| (*s, places[*n].title, std::cmp::Reverse(*n)));
        let Some((hits, n)) = best.filter(|(s, _)| *s >= 2 && *s * 100 >= wanted.len() * 80) else { continue };
        let place = &places[n];
        // A column of names or codes that never repeats is what the rows are called by, unless its header speaks of the other object:
        // the second copy of a list does not point to the first.
        let own = look.tallies[i].distinct() && (super::judge::name_heading(&c.column) || super::judge::code_heading(&c.column));
        let spoken = model.object(&place.object).is_some_and(|o| {
            let h = c.column.to_lowercase();
            [&o.label.zh, &o.label.en].iter().any(|l| h.contains(l.to_lowercase().as_str()))
        });
        if own && !spoken && !matches!(place.object.as_str(), "user" | "department") {
            continue;
        }
        // A column of addresses stays one unless it names people.
        if c.ty == "email" && place.object != "user" {
            continue;
        }
        let owner = place.object == "user" && super::judge::owner_heading(&c.column);
        c.ty = match place.object.as_str() {
            "user" if owner => "owner",
            "user" => "user",
            "department" => "dept",
            _ => "ref",
        };
        if owner {
            c.name = "owner_id".into();
        }
        c.target = Some(place.object.clone());
        c.lookup = (!place.title).then(|| place.by.clone());
        c.unique = false;
        c.remarks.retain(|r| r.code != "repeats");
        if let Some(w) = wanted.iter().find(|w| named.get(&n).and_then(|m| m.get(*w)) != Some(&1)) {
            c.remarks.push(Remark { code: "unmatched", params: json!({ "count": wanted.len() - hits, "value": w }) });
        }
    }
    // A second owner is a person beside the owner.
    let mut owned = false;
    for c in &mut shape.columns {
        if c.ty == "owner" && std::mem::replace(&mut owned, true) {
            c.ty = "user";
            c.name = "owner_2__c".into();
        }
    }
    shape.entitle();
    Ok(())
}

/// Objects a lookup may point to: what people work with, people and departments. Settings name nothing in a sheet.
fn leads(o: &ObjectDef) -> bool {
    o.kind == ObjectKind::Ownable || matches!(o.name.as_str(), "user" | "department" | "product_category")
}

/// Fields whose value means one record: the title, and what is unique.
fn naming(o: &ObjectDef) -> Vec<Place> {
    let texts = |ty: &FieldType| matches!(ty, FieldType::Text { .. } | FieldType::Email | FieldType::Auto { .. });
    o.live()
        .map(|(_, f)| f)
        .filter(|f| texts(&f.ty) && (f.name == o.title || f.unique || o.name == "user" && f.ty == FieldType::Email))
        .filter(|f| !f.name.starts_with("external_"))
        .map(|f| Place { object: o.name.to_string(), by: f.name.to_string(), title: f.name == o.title })
        .collect()
}
