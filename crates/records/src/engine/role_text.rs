//! Roles as text: `[role.CODE]` tables of the text administrators keep (docs/model-format.md). Roles are records; the text is how
//! they are carried to another workspace or kept in a repository. A role the text does not name stays as it is.

use indexmap::IndexMap;
use rapport_policy::{GrantError, RoleGrants, Scope};
use rapport_schema::{FieldError, Model, ObjectDef, Record, Value, query::Filter};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use toml_edit::{DocumentMut, InlineTable, Item, Table};

use super::modelling::syntax;
use crate::{Engine, Error, JsonMap, Result, Unit, WriteOptions};

/// More roles than a company has.
const ROLES_MAX: u32 = 1_000;
/// The JSON fields of a role, in the order they are written.
const PARTS: [&str; 3] = ["functions", "object_perms", "field_perms"];

/// A role as the text says it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleText {
    name: String,
    object_perms: Json,
    /// Left out, it stays as it is, as is usual for a field that is absent.
    functions: Option<Vec<String>>,
    /// As `functions`.
    field_perms: Option<Json>,
}

/// The roles of a text by code.
pub(super) type Roles = IndexMap<String, RoleText>;

impl RoleText {
    /// The fields of the record that says the same.
    fn data(&self, code: &str) -> JsonMap {
        let fields = [
            ("code", Some(json!(code))),
            ("name", Some(json!(self.name))),
            ("object_perms", Some(self.object_perms.clone())),
            ("functions", self.functions.as_ref().map(|f| json!(f))),
            ("field_perms", self.field_perms.clone()),
        ];
        fields.into_iter().filter_map(|(k, v)| Some((k.to_owned(), v?))).collect()
    }
    fn faults(&self, model: &Model) -> Vec<GrantError> {
        match RoleGrants::parse(&self.object_perms, self.field_perms.as_ref(), Some(&json!(self.functions))) {
            Ok(g) => g.faults(model),
            Err(e) => vec![e],
        }
    }
}

/// A text without its roles, to the letter, and the roles.
pub(super) fn split(text: &str) -> Result<(String, Roles)> {
    #[derive(Deserialize)]
    struct OnlyRoles {
        #[serde(default)]
        role: Roles,
    }
    let roles = toml::from_str::<OnlyRoles>(text).map_err(|e| syntax(text, e.span(), e.message()))?.role;
    if roles.is_empty() {
        return Ok((text.to_owned(), roles));
    }
    let mut rest: DocumentMut = text.parse().map_err(|e: toml_edit::TomlError| syntax(text, e.span(), e.message()))?;
    rest.remove("role");
    Ok((rest.to_string(), roles))
}

/// Every fault of the roles against the model they are to hold for.
pub(super) fn check(roles: &Roles, model: &Model) -> Result<()> {
    let mut faults = vec![];
    for (code, r) in roles {
        let told = |f: GrantError| {
            let place = if f.cause.field.is_empty() { f.field().into() } else { format!("{}.{}", f.field(), f.cause.field) };
            let e = FieldError::new("model", "model.role").with("role", code.as_str()).with("reason", f.to_string());
            e.with("cause", json!(FieldError { field: place, ..*f.cause }))
        };
        faults.extend(r.faults(model).into_iter().map(told));
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

/// A field of a role record as JSON. Nothing and an empty table are the same to whoever reads a role.
fn held(o: &ObjectDef, r: &Record, field: &str) -> Json {
    match r.get(o, field) {
        Value::Json(j) => (**j).clone(),
        v => v.as_text().map_or(Json::Null, Into::into),
    }
}

fn same(a: &Json, b: &Json) -> bool {
    let empty = |j: &Json| j.is_null() || j.as_array().is_some_and(Vec::is_empty) || j.as_object().is_some_and(|m| m.is_empty());
    a == b || (empty(a) && empty(b))
}

/// Makes and changes roles; answers the lines of the plan. Where a role names what the model is still to get, the rehearsal goes
/// without its permissions, which [`check`] has seen.
async fn write(u: &mut Unit<'_>, roles: &Roles, rehearsal: bool) -> Result<Vec<Json>> {
    let o = u.object("role")?;
    let there = u.find("role", Filter::True, ROLES_MAX).await?;
    let mut lines = vec![];
    for (code, text) in roles {
        let mut data = text.data(code);
        let name = format!("role.{code}");
        let ahead = rehearsal && !text.faults(&u.model).is_empty();
        let without = |mut data: JsonMap| {
            for part in ["object_perms", "field_perms"] {
                if ahead && data.contains_key(part) {
                    data.insert(part.into(), json!({}));
                }
            }
            data
        };
        let Some(now) = there.iter().find(|r| r.get(&o, "code").as_text() == Some(code)) else {
            lines.push(json!({ "op": "add", "name": name, "type": "role" }));
            u.create("role", &without(data)).await?;
            continue;
        };
        data.retain(|field, new| !same(&held(&o, now, field), new));
        if data.is_empty() {
            continue;
        }
        let fields: Vec<&String> = data.keys().collect();
        lines.push(json!({ "op": "change", "name": name, "type": "role", "fields": fields }));
        u.update("role", now.id, &without(data), Some(now.version)).await?;
    }
    Ok(lines)
}

fn inline(j: &Json) -> Option<toml_edit::Value> {
    Some(match j {
        Json::Null => return None,
        Json::Bool(b) => (*b).into(),
        Json::Number(n) => n.as_i64().map_or_else(|| n.as_f64().unwrap_or_default().into(), Into::into),
        Json::String(s) => s.as_str().into(),
        Json::Array(a) => a.iter().filter_map(inline).collect::<toml_edit::Array>().into(),
        Json::Object(m) => m.iter().filter_map(|(k, v)| Some((k.as_str(), inline(v)?))).collect::<InlineTable>().into(),
    })
}

/// A part of a role as an item: a table with a line per object, or a list.
fn item(j: &Json) -> Option<Item> {
    match j {
        Json::Object(m) if m.is_empty() => None,
        Json::Object(m) => {
            let mut t = Table::new();
            for (k, v) in m.iter().filter_map(|(k, v)| Some((k, inline(v)?))) {
                t.insert(k, Item::Value(v));
            }
            Some(Item::Table(t))
        }
        j => inline(j).map(Item::Value),
    }
}

fn written(o: &ObjectDef, r: &Record) -> Table {
    let mut t = Table::new();
    t.insert("name", Item::Value(held(o, r, "name").as_str().unwrap_or_default().into()));
    for part in PARTS {
        if let Some(i) = item(&held(o, r, part)) {
            t.insert(part, i);
        }
    }
    // Required, and nothing for an administrator.
    if !t.contains_key("object_perms") {
        t.insert("object_perms", Item::Value(InlineTable::new().into()));
    }
    t
}

impl Engine {
    /// Makes and changes the roles of a text in one transaction, or only rehearses it, and answers the lines of the plan.
    pub(super) async fn change_roles(&self, scope: &Scope, roles: &Roles, rehearsal: bool) -> Result<Vec<Json>> {
        if roles.is_empty() {
            return Ok(vec![]);
        }
        let mut prepared = self.prepare(WriteOptions::default()).await?;
        prepared.cause.act = Some("model".into());
        let roles = std::sync::Arc::new(roles.clone());
        self.job(scope, prepared, move |u| {
            let roles = roles.clone();
            Box::pin(async move {
                if !rehearsal {
                    return write(u, &roles, false).await;
                }
                u.tx.savepoint().await?;
                let lines = write(u, &roles, true).await;
                u.tx.end_savepoint(false).await?;
                u.dirty.clear();
                lines
            })
        })
        .await
    }

    /// All roles as text.
    pub(super) async fn roles_text(&self, scope: &Scope) -> Result<String> {
        let prepared = self.prepare(WriteOptions::default()).await?;
        let all = self
            .job(scope, prepared, |u| {
                Box::pin(async move {
                    let o = u.object("role")?;
                    let rows = u.find("role", Filter::True, ROLES_MAX).await?;
                    let code = |r: &Record| r.get(&o, "code").as_text().unwrap_or_default().to_owned();
                    Ok(rows.iter().map(|r| (code(r), written(&o, r))).collect::<std::collections::BTreeMap<_, _>>())
                })
            })
            .await?;
        let mut roles = Table::new();
        roles.set_implicit(true);
        for (code, t) in all {
            roles.insert(&code, Item::Table(t));
        }
        let mut doc = DocumentMut::new();
        doc.insert("role", Item::Table(roles));
        Ok(doc.to_string())
    }
}
