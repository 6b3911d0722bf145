//! The model at run time: what administrators added, kept as one text in the form of the model files, merged over the shipped
//! model, versioned, and applied to the tables without stopping anybody.

use async_recursion::async_recursion as boxed;
use std::sync::Arc;

use rapport_policy::Scope;
use rapport_schema::{
    Actor, Change, ChangeOp, FieldError, Label, Millis, Model, ObjectDef, ObjectName, PickValue, Picklist, Seq, Via, load,
    plan as tables,
};
use rapport_store::{Db, DocRow};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json, value::RawValue};

use super::{
    State,
    layout::{self, Layout},
    role_text,
    rule_text::{self, ConditionText, RuleText},
};
use crate::{Engine, Error, Result, plan::Plan};

const KIND: &str = "model";
const KEY: &str = "current";
/// Limits of the domain model §0, Custom objects.
const OBJECTS_MAX: usize = 200;
const FIELDS_MAX: usize = 500;
const TEXT_MAX: usize = 2_000_000;

/// What administrators added.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Custom {
    /// Grows with every change.
    pub version: u64,
    /// The text as it was applied.
    pub text: String,
    /// Names once known and now switched off: `object` or `object.field`, since when.
    #[serde(default)]
    pub retired: Vec<(String, Millis)>,
}

/// How a text of the model is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Apply {
    /// Only told what would change.
    pub dry_run: bool,
    /// A text that adds nothing, while something is there, is meant: all of it goes out of use.
    pub retire_all: bool,
}
impl Apply {
    /// Told, not done.
    pub const PLAN: Self = Self { dry_run: true, retire_all: false };
    /// Done, unless it would retire all there is.
    pub const NOW: Self = Self { dry_run: false, retire_all: false };
    /// Done, whatever it retires.
    pub const ALL: Self = Self { dry_run: false, retire_all: true };
}

/// The kept text and its version.
pub(crate) async fn stored(db: &Db) -> Result<(Custom, u64)> {
    let c: Custom = match db.doc_get(KIND, KEY).await? {
        Some(d) => serde_json::from_value(d.body)
            .map_err(|e| Error::Store(rapport_store::StoreError::Corrupt(format!("custom model: {e}"))))?,
        None => Custom::default(),
    };
    let v = c.version;
    Ok((c, v))
}

/// A text that cannot be read: the line, and what stands in it. The parser's words, which are English, go along for programs.
pub(super) fn syntax(text: &str, span: Option<std::ops::Range<usize>>, reason: &str) -> Error {
    let line = text.get(..span.map_or(0, |s| s.start)).unwrap_or_default().matches('\n').count();
    let near: String = text.lines().nth(line).unwrap_or_default().trim().chars().take(80).collect();
    fault("model.syntax", [("line", (line + 1).into()), ("near", near.into()), ("reason", reason.into())])
}

pub(super) fn fault(code: &'static str, params: impl IntoIterator<Item = (&'static str, Json)>) -> Error {
    let mut e = FieldError::new("model", code);
    for (k, v) in params {
        e = e.with(k, v);
    }
    Error::Invalid(vec![e])
}

/// A fault in a part of the text that has no file of its own: in words, which are English, and as the code the reader's sentence is
/// made of.
pub(super) fn flawed(part: &str, reason: String, cause: FieldError) -> Error {
    fault("model.fault", [("file", part.into()), ("reason", reason.into()), ("cause", json!(cause))])
}

/// The text's shape: `[[object]]` like an object file, `[[extend]]` with `name` and `[[extend.section]]` for an object that is there,
/// `[picklist.name]` like a picklist file, `[values]` with values added to shipped picklists that are not system sets, `[[layout]]`
/// with the order of sections and fields of an object (for everyone, or for a role, a kind of record, the phone), `[[condition]]` with conditions of a field that is there, `[[validation]]`
/// with a rule about an object's records.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    #[serde(default)]
    object: Vec<toml::Table>,
    #[serde(default)]
    extend: Vec<toml::Table>,
    #[serde(default)]
    picklist: toml::Table,
    #[serde(default)]
    values: indexmap::IndexMap<String, Vec<Extra>>,
    #[serde(default)]
    layout: Vec<Layout>,
    #[serde(default)]
    condition: Vec<ConditionText>,
    #[serde(default)]
    validation: Vec<RuleText>,
}
impl Text {
    fn read(text: &str) -> Result<Self> {
        toml::from_str(text).map_err(|e| syntax(text, e.span(), e.message()))
    }
    fn is_empty(&self) -> bool {
        let lists = [self.object.len(), self.extend.len(), self.layout.len(), self.condition.len(), self.validation.len()];
        lists == [0; 5] && self.picklist.is_empty() && self.values.is_empty()
    }
}
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Extra {
    key: String,
    label: Label,
    color: Option<String>,
}

/// The shipped model with what administrators added.
pub(crate) fn merged(shipped: &Model, custom: &Custom) -> Result<Model> {
    if custom.text.trim().is_empty() {
        return Ok(shipped.clone());
    }
    let text = Text::read(&custom.text)?;
    let mut base = shipped.clone();
    for (name, extra) in text.values {
        let Some(p) = base.picklists.get(&name) else { return Err(fault("model.unknown_picklist", [("name", name.into())])) };
        if p.system {
            return Err(fault("model.system_picklist", [("name", name.into())]));
        }
        let mut p = Picklist::clone(p);
        for x in extra {
            if p.value(&x.key).is_none() {
                p.values.push(PickValue { key: x.key, label: x.label, color: x.color, active: true });
            }
        }
        base.picklists.insert(name, Arc::new(p));
    }
    if let Some(bad) = text.picklist.keys().find(|n| !n.ends_with("__c")) {
        return Err(fault("model.custom_name", [("name", bad.as_str().into())]));
    }
    for t in &text.object {
        let name = t.get("name").and_then(toml::Value::as_str).unwrap_or_default();
        if !name.ends_with("__c") {
            return Err(fault("model.custom_name", [("name", name.into())]));
        }
    }
    if text.object.len() > OBJECTS_MAX {
        return Err(fault("limit.custom", [("max", OBJECTS_MAX.into())]));
    }
    let mut model = load::extend(&base, &custom.text).map_err(|e| {
        let told = |f: load::Fault| {
            let e = FieldError::new("model", "model.fault").with("file", f.file).with("line", f.line);
            e.with("reason", f.reason).with("cause", json!(f.cause))
        };
        Error::Invalid(e.0.into_iter().map(told).collect())
    })?;
    for (name, o) in &mut model.objects {
        let was = shipped.objects.get(name);
        let added = |n: &str| was.is_none_or(|w| w.field(n).is_none());
        if was.is_some_and(|w| w.fields.len() == o.fields.len()) {
            continue;
        }
        if o.fields.len() > FIELDS_MAX {
            return Err(fault("limit.custom", [("object", name.as_str().into()), ("max", FIELDS_MAX.into())]));
        }
        let mut new = ObjectDef::clone(o);
        new.custom = was.is_none();
        for f in &mut new.fields {
            let declared = f.section.is_some();
            if declared && added(&f.name) {
                if !f.name.is_custom() && was.is_some() {
                    return Err(fault("model.custom_name", [("name", f.name.as_str().into())]));
                }
                f.custom = true;
            }
        }
        *o = Arc::new(new);
    }
    layout::arrange(&mut model, text.layout)?;
    rule_text::conditions(&mut model, text.condition)?;
    rule_text::attach(&mut model, text.validation)?;
    Ok(model)
}

impl Engine {
    /// Loads the model again: another node, or this one, changed it.
    pub(crate) async fn load_model(&self) -> Result<()> {
        let (custom, version) = stored(&self.0.db).await?;
        let mut model = merged(&self.0.shipped, &custom)?;
        model.version = self.0.shipped.version + version;
        if model.version == self.model().version {
            return Ok(());
        }
        self.0.db.migrate(&model).await?;
        self.take(Arc::new(model))
    }

    fn take(&self, model: Arc<Model>) -> Result<()> {
        let plan = Arc::new(Plan::of(&model)?);
        self.0.state.store(Arc::new(State { model, plan }));
        self.0.settings.forget();
        self.start_backfill();
        Ok(())
    }

    /// Changes the model at run time: custom objects, fields and picklists as one text (TOML, docs/model-format.md), planned and,
    /// unless `how` is a dry run, applied. The text is the whole of what administrators added: what it no longer names is switched off and
    /// its data kept for 30 days; one that names nothing at all is a slip unless `how` says otherwise. Roles the text names are made or changed, after the model; others stay as they are.
    ///
    /// # Errors
    /// [`Error::Denied`] without the permission `model.edit`, and for roles `role.manage`; every fault of the text.
    #[boxed]
    pub async fn apply_model(&self, scope: &Scope, text: &str, how: Apply) -> Result<Json> {
        may_edit(scope)?;
        if text.len() > TEXT_MAX {
            return Err(fault("model.too_long", [("max", TEXT_MAX.into())]));
        }
        let (text, roles) = role_text::split(text)?;
        if !roles.is_empty() {
            may_manage_roles(scope)?;
        }
        // Tables are changed outside of the transaction that keeps the text: nobody may come in between.
        let _alone = self.0.modelling.lock().await;
        let (old, _) = stored(&self.0.db).await?;
        if !how.retire_all && Text::read(&text)?.is_empty() && !Text::read(&old.text).is_ok_and(|t| t.is_empty()) {
            return Err(fault("model.retires_all", []));
        }
        let same = text.trim() == old.text.trim();
        let mut custom = Custom { version: old.version + u64::from(!same), text, retired: old.retired.clone() };
        let mut model = merged(&self.0.shipped, &custom)?;
        model.version = self.0.shipped.version + custom.version;
        Plan::of(&model)?;
        role_text::check(&roles, &model)?;
        let now = self.model();
        // A change that would lose or rewrite data is refused with the way round it.
        let steps = tables::diff(&tables::catalogue(&now), &tables::catalogue(&model))
            .map_err(|e| {
                let cause = |e: &tables::PlanError| match e {
                    tables::PlanError::Class { table, column, .. } => {
                        FieldError::new("", "model.kept_values").with("name", format!("{table}.{column}"))
                    }
                    tables::PlanError::Kind { table } => FieldError::new("", "model.table_taken").with("name", table.as_str()),
                };
                let told =
                    |e| FieldError::new("model", "model.fault").with("reason", format!("{e}")).with("cause", json!(cause(e)));
                Error::Invalid(e.iter().map(told).collect())
            })?
            .steps;
        let summary = differences(&now, &model);
        let lines: Vec<Json> = [summary.clone(), self.change_roles(scope, &roles, true).await?].concat();
        let answer = json!({ "version": custom.version, "applied": !how.dry_run, "changes": lines, "steps": steps.len() });
        if how.dry_run {
            return Ok(answer);
        }
        if same {
            self.change_roles(scope, &roles, false).await?;
            return Ok(answer);
        }
        let at = self.now();
        for gone in summary.iter().filter(|c| c["op"] == "retire" && c["type"] != "validation" && c["type"] != "layout") {
            custom.retired.push((gone["name"].as_str().unwrap_or_default().to_owned(), at));
        }
        let kept: Vec<String> =
            summary.iter().filter(|c| c["op"] == "add").filter_map(|c| c["name"].as_str().map(ToOwned::to_owned)).collect();
        custom.retired.retain(|(n, _)| !kept.contains(n));
        let model = Arc::new(model);
        self.0.db.migrate(&model).await?;
        let body = serde_json::to_value(&custom).expect("plain data");
        let (version, actor, before) = (custom.version, scope.actor(), old.version);
        let summary = Arc::new(summary);
        self.0
            .db
            .write(move |tx| {
                let (body, summary) = (body.clone(), summary.clone());
                Box::pin(async move {
                    let stored = tx.doc_get(KIND, KEY).await?.and_then(|d| d.body["version"].as_u64()).unwrap_or(0);
                    if stored != before {
                        return Err(Error::Conflict {
                            version: i64::try_from(stored).unwrap_or(i64::MAX),
                            fields: vec!["model".into()],
                        }
                        .into());
                    }
                    tx.doc_put(DocRow { kind: KIND.into(), key: KEY.into(), owner: None, body, expires: None }).await?;
                    tx.log(note(at, actor, version, &summary));
                    Ok(())
                })
            })
            .await?;
        self.take(model)?;
        // They may name objects that were added just now.
        self.change_roles(scope, &roles, false).await?;
        Ok(answer)
    }

    /// What administrators added, as text that can be applied elsewhere; with `roles`, all roles as well.
    ///
    /// # Errors
    /// [`Error::Denied`], or the database.
    #[boxed]
    pub async fn export_model(&self, scope: &Scope, roles: bool) -> Result<String> {
        may_edit(scope)?;
        let text = stored(&self.0.db).await?.0.text;
        if !roles {
            return Ok(text);
        }
        may_manage_roles(scope)?;
        let roles = self.roles_text(scope).await?;
        Ok(if text.trim().is_empty() { roles } else { format!("{}\n\n{roles}", text.trim_end()) })
    }
}

pub(super) fn may_edit(scope: &Scope) -> Result<()> {
    if scope.is_admin() || scope.may("model.edit") { Ok(()) } else { Err(Error::Denied("permission.denied")) }
}

fn may_manage_roles(scope: &Scope) -> Result<()> {
    if scope.is_admin() || scope.may("role.manage") { Ok(()) } else { Err(Error::Denied("permission.denied")) }
}

/// Takes names that were removed for good off the list of what is switched off.
pub(crate) async fn forget_retired(db: &Db, names: &[String], before: i64) -> Result<()> {
    let names = Arc::new(names.to_vec());
    db.write(move |tx| {
        let names = names.clone();
        Box::pin(async move {
            let Some(mut doc) = tx.doc_get(KIND, KEY).await? else { return Ok(()) };
            let Ok(mut custom) = serde_json::from_value::<Custom>(doc.body.clone()) else { return Ok(()) };
            custom.retired.retain(|(n, at)| !(names.contains(n) && at.0 <= before));
            doc.body = serde_json::to_value(&custom).expect("plain data");
            tx.doc_put(doc).await
        })
    })
    .await?;
    Ok(())
}

/// The entry of the change log by which every node hears of a new model.
fn note(at: Millis, actor: Actor, version: u64, summary: &[Json]) -> Change {
    let raw = |j: &Json| RawValue::from_string(j.to_string()).expect("JSON");
    Change {
        seq: Seq(0),
        at,
        object: ObjectName::lit("system"),
        id: rapport_schema::RecordId::from_bytes([0; 16]),
        op: ChangeOp::Note,
        version: i64::try_from(version).unwrap_or(i64::MAX),
        actor: Actor { via: if actor.user.is_some() { actor.via } else { Via::System }, ..actor },
        cause: rapport_schema::Cause { act: Some("model".into()), ..Default::default() },
        before: raw(&json!({})),
        after: raw(&json!({ "changes": summary })),
    }
}

/// Added and retired objects and fields, in words a person can check.
fn differences(old: &Model, new: &Model) -> Vec<Json> {
    let mut out = vec![];
    for (name, o) in &new.objects {
        match old.objects.get(name) {
            None => out.push(json!({ "op": "add", "name": name, "kind": o.kind })),
            Some(was) => {
                for (_, f) in o.live() {
                    match was.field(&f.name) {
                        None => out.push(json!({ "op": "add", "name": format!("{name}.{}", f.name), "type": f.ty.code() })),
                        Some(w) if w != f => {
                            out.push(json!({ "op": "change", "name": format!("{name}.{}", f.name), "type": f.ty.code() }));
                        }
                        Some(_) => {}
                    }
                }
                for (_, f) in was.live() {
                    if o.field(&f.name).is_none() {
                        out.push(json!({ "op": "retire", "name": format!("{name}.{}", f.name) }));
                    }
                }
            }
        }
        layout::differences(old.objects.get(name).map(|o| &**o), o, &mut out);
        rule_text::differences(old.objects.get(name).map(|o| &**o), o, &mut out);
    }
    for name in old.objects.keys().filter(|n| !new.objects.contains_key(*n)) {
        out.push(json!({ "op": "retire", "name": name }));
    }
    out
}
