//! `/api/v1/meta/…`: the model as this caller may use it, and what administrators add to it.

use std::sync::{Arc, OnceLock};

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use quick_cache::sync::Cache;
use rapport_policy::{FieldRight, Grants, Scope};
use rapport_records::{Apply, Engine};
use rapport_schema::{FieldDef, FieldType, Label, Locale, Model, ObjectDef, field::ResultType, system::RECORD_FIELDS};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::{
    App, Problem, assets, body,
    body::{Json, Query},
    caller::Caller,
    openapi::{Api, Doc, Param},
};

/// Adds the routes.
pub fn routes(api: Api) -> Api {
    api.get("/api/v1/meta/model", model, Doc::new("model", "meta", "The model as the caller may use it", "模型").answer("Model"))
        .get(
            "/api/v1/meta/custom",
            custom,
            Doc::new("custom_model", "meta", "What administrators added, as text (TOML)", "导出自定义模型")
                .query(&[Param::flag("roles", "All roles as well")])
                .answers_with("application/toml"),
        )
        .post(
            "/api/v1/meta/custom",
            apply,
            Doc::new("apply_model", "meta", "Plan or apply custom objects and fields", "应用自定义模型")
                .body("ModelText")
                .answer("ModelPlan"),
        )
        .post(
            "/api/v1/meta/formula",
            try_formula,
            Doc::new("try_formula", "meta", "Check a formula and try it on a record", "检查公式并在一条记录上试算")
                .body("FormulaTrial")
                .answer("FormulaResult"),
        )
}

/// An answer, written once for everybody with the same roles.
#[derive(Debug)]
struct Told {
    bytes: Bytes,
    /// The same in Brotli: asked for by every page before its first line stands, and a third smaller than what is made in passing.
    br: OnceLock<Bytes>,
    tag: HeaderValue,
    /// What the answer was made from. Held, so that no other rights and no other model can come to lie at the same place in
    /// memory while the answer is kept: the places are the key.
    _from: Option<(Arc<Grants>, Arc<Model>)>,
}

/// Answers of `/api/v1/meta/model` by rights, model and language. Changed roles and changed models are new ones.
#[derive(Debug)]
pub struct Answers(Cache<(usize, usize, bool), Arc<Told>>);

impl Default for Answers {
    fn default() -> Self {
        Self(Cache::new(128))
    }
}

impl Answers {
    fn of(&self, engine: &Engine, scope: &Scope) -> Result<Arc<Told>, Problem> {
        let model = engine.model();
        let Some(grants) = scope.shared_grants() else { return Ok(Arc::new(tell(engine, &model, scope, None)?)) };
        let key = (Arc::as_ptr(grants) as usize, Arc::as_ptr(&model) as usize, scope.locale() == Locale::Zh);
        self.0.get_or_insert_with(&key, || tell(engine, &model, scope, Some((grants.clone(), model.clone()))).map(Arc::new))
    }
}

fn tell(engine: &Engine, model: &Arc<Model>, scope: &Scope, from: Option<(Arc<Grants>, Arc<Model>)>) -> Result<Told, Problem> {
    let bytes = serde_json::to_vec(&describe(engine, model, scope)).map_err(|e| Problem::internal(&e))?;
    let tag = HeaderValue::try_from(format!("\"{}\"", hex::encode(&Sha256::digest(&bytes)[..12])))
        .map_err(|e| Problem::internal(&e))?;
    Ok(Told { bytes: bytes.into(), br: OnceLock::new(), tag, _from: from })
}

impl Told {
    fn br(&self) -> Bytes {
        let made = || {
            let params = brotli::enc::BrotliEncoderParams { quality: 9, size_hint: self.bytes.len(), ..Default::default() };
            let mut out = vec![];
            brotli::BrotliCompress(&mut self.bytes.as_ref(), &mut out, &params).expect("memory does not fail");
            out.into()
        };
        self.br.get_or_init(made).clone()
    }
}

async fn model(State(app): State<App>, c: Caller, headers: HeaderMap) -> Result<Response, Problem> {
    let told = app.models().of(&c.ws.engine, &c.scope)?;
    let caching = [(header::ETAG, told.tag.clone()), (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"))];
    if headers.get(header::IF_NONE_MATCH) == Some(&told.tag) {
        return Ok((StatusCode::NOT_MODIFIED, caching).into_response());
    }
    let mut r = if assets::accepts_br(&headers) {
        let mut r = body::raw(StatusCode::OK, told.br());
        r.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
        r.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        r
    } else {
        body::raw(StatusCode::OK, told.bytes.clone())
    };
    for (k, v) in caching {
        r.headers_mut().insert(k, v);
    }
    Ok(r)
}

/// Areas of the navigation in order. Areas a model names beyond these come last, under their own name.
const AREAS: [(&str, &str, &str); 6] = [
    ("sales", "Sales", "销售"),
    ("marketing", "Marketing", "市场"),
    ("service", "Service", "服务"),
    ("insight", "Insight", "洞察"),
    ("work", "Work", "工作"),
    ("settings", "Settings", "设置"),
];

/// The model for one caller: what is hidden from the caller is absent.
#[must_use]
pub fn describe(engine: &Engine, model: &Arc<Model>, scope: &Scope) -> Value {
    let mut objects = vec![];
    let mut sets: Vec<&str> = vec![];
    let mut areas: Vec<&str> = vec![];
    for o in model.objects.values() {
        if !scope.may_on(o, "read") && !scope.may_on(o, "create") {
            continue;
        }
        objects.push(object(engine, model, scope, o));
        sets.extend(o.live().filter_map(|(_, f)| set_of(&f.ty)));
        areas.extend(o.area.as_deref());
    }
    let picklists: Map<String, Value> = model
        .picklists
        .values()
        .filter(|p| sets.contains(&p.name.as_str()))
        .map(|p| (p.name.clone(), json!({ "label": p.label, "default": p.default, "system": p.system, "values": p.values })))
        .collect();
    let known =
        AREAS.iter().filter(|(n, ..)| areas.contains(n)).map(|(n, en, zh)| json!({ "name": n, "label": Label::new(*en, *zh) }));
    let mut rest: Vec<&str> = areas.iter().copied().filter(|a| AREAS.iter().all(|(n, ..)| n != a)).collect();
    rest.sort_unstable();
    rest.dedup();
    let rest = rest.into_iter().map(|a| json!({ "name": a, "label": Label::new(a, a) }));
    json!({
        "version": model.version.to_string(),
        "locale": scope.locale(),
        "currency": model.currency,
        "zone": model.zone,
        "objects": objects,
        "picklists": picklists,
        "areas": known.chain(rest).collect::<Vec<_>>(),
        "functions": functions(scope),
    })
}

/// Function permissions the page asks about to show or hide a command.
fn functions(scope: &Scope) -> Vec<&'static str> {
    ["admin", "import.set_state", "duplicate.override", "field.reveal", "export.unmasked", "model.edit", "audit.read"]
        .into_iter()
        .filter(|f| scope.may(f))
        .collect()
}

fn set_of(ty: &FieldType) -> Option<&str> {
    match ty {
        FieldType::Pick { set } | FieldType::Multi { set } => Some(set),
        _ => None,
    }
}

fn object(engine: &Engine, model: &Arc<Model>, scope: &Scope, o: &Arc<ObjectDef>) -> Value {
    let sees = |name: &str| o.field(name).is_some_and(|f| !f.retired && scope.field(o, &f.name, true).visible());
    let only = |names: &[rapport_schema::FieldName]| names.iter().filter(|n| sees(n)).cloned().collect::<Vec<_>>();
    let related: Vec<Value> = o
        .related
        .iter()
        .filter(|r| model.object(&r.object).is_some_and(|t| scope.may_on(t, "read") && scope.field(t, &r.field, true).visible()))
        .map(|r| json!({ "object": r.object, "field": r.field }))
        .collect();
    let rights: Map<String, Value> =
        ["create", "read", "edit", "delete", "transfer", "export", "import", "share", "merge", "convert", "mass_edit"]
            .into_iter()
            .map(|r| (r.to_owned(), scope.may_on(o, r).into()))
            .collect();
    let actions: Vec<Value> = engine
        .actions(scope, &o.name)
        .into_iter()
        .map(
            |a| json!({ "name": a.name, "label": a.label, "scope": a.scope, "right": a.right, "from": a.from, "input": a.input }),
        )
        .collect();
    let mut fields: Vec<Value> = o.live().filter_map(|(_, f)| field(scope, model, o, f)).collect();
    for f in RECORD_FIELDS {
        let ty = match f {
            rapport_schema::system::RecordField::Id => "id",
            rapport_schema::system::RecordField::Version => "int",
            rapport_schema::system::RecordField::DeletedAt => "dt",
        };
        fields.push(json!({ "name": f.name(), "type": ty, "label": f.label(), "access": "read", "system": true, "filterable": true, "sortable": true, "groupable": false }));
    }
    json!({
        "name": o.name, "kind": o.kind, "label": o.label, "plural": o.plural, "icon": o.icon, "area": o.area, "position": o.position,
        "title": o.title, "subtitle": only(&o.subtitle), "person_name": o.person_name, "default_sort": o.default_sort,
        "board": o.board.as_ref().filter(|b| sees(b)), "status": o.status.as_ref().filter(|s| sees(s)),
        "list": only(&o.list), "card": only(&o.card), "facts": only(&o.facts), "related": related, "sections": o.sections, "layouts": layouts(scope, o),
        "custom": o.custom, "rights": rights, "actions": actions,
        "transitions": o.transitions.iter().map(|t| json!({ "action": t.action, "from": t.from, "to": t.to, "label": t.label, "requires": t.requires })).collect::<Vec<_>>(),
        "fields": fields,
    })
}

/// Arrangements the caller may meet, the most special first: those of the caller's roles, with the fields the caller sees. One for a
/// kind of record that the caller is not told is left out.
fn layouts(scope: &Scope, o: &ObjectDef) -> Vec<Value> {
    let right = |name: &str| o.field(name).filter(|f| !f.retired).map_or(FieldRight::Hidden, |f| scope.field(o, &f.name, true));
    let only = |names: &[rapport_schema::FieldName]| names.iter().filter(|n| right(n).visible()).cloned().collect::<Vec<_>>();
    o.layouts
        .iter()
        .filter(|l| l.role.as_ref().is_none_or(|r| scope.has_role(r)))
        .filter(|l| l.when.as_ref().is_none_or(|w| matches!(right(&w.field), FieldRight::Read | FieldRight::Edit)))
        .map(|l| {
            let sections: Vec<Value> =
                l.sections.iter().map(|s| json!({ "key": s.key, "label": s.label, "fields": only(&s.fields) })).collect();
            let mut told = json!({ "sections": sections, "facts": only(&l.facts) });
            if let Some(w) = &l.when {
                told["when"] = json!(w);
            }
            if let Some(d) = l.device {
                told["device"] = json!(d);
            }
            told
        })
        .collect()
}

/// Decimal places shown for a type.
fn scale(ty: &FieldType) -> Option<u32> {
    rapport_schema::physical::scale_of(ty)
}

const fn result_code(r: ResultType) -> &'static str {
    match r {
        ResultType::Text => "text",
        ResultType::Int => "int",
        ResultType::Dec(_) => "dec",
        ResultType::Money => "money",
        ResultType::Pct => "pct",
        ResultType::Bool => "bool",
        ResultType::Date => "date",
        ResultType::DateTime => "dt",
        ResultType::Duration => "dur",
    }
}

/// Which of filter, sort and group a type offers.
fn uses(f: &FieldDef) -> (bool, bool, bool) {
    match &f.ty {
        FieldType::Json | FieldType::Rich | FieldType::File | FieldType::Img | FieldType::Geo => (false, false, false),
        FieldType::Long | FieldType::Addr => (true, false, false),
        FieldType::Multi { .. } | FieldType::Tags | FieldType::Refs { .. } | FieldType::Users | FieldType::Depts => {
            (true, false, true)
        }
        FieldType::Text { .. } | FieldType::Auto { .. } | FieldType::Email | FieldType::Url | FieldType::Phone => {
            (true, true, false)
        }
        FieldType::Money { .. } | FieldType::Dec { .. } | FieldType::Pct { .. } | FieldType::Time | FieldType::Duration => {
            (true, true, false)
        }
        FieldType::Int { .. }
        | FieldType::Bool
        | FieldType::Date
        | FieldType::DateTime
        | FieldType::Pick { .. }
        | FieldType::Ref { .. }
        | FieldType::MasterDetail { .. }
        | FieldType::Poly { .. }
        | FieldType::User
        | FieldType::Dept
        | FieldType::Rating { .. }
        | FieldType::Roll { .. }
        | FieldType::Calc { .. } => (true, true, true),
    }
}

fn field(scope: &Scope, model: &Arc<Model>, o: &ObjectDef, f: &FieldDef) -> Option<Value> {
    let right = scope.field(o, &f.name, false);
    let own = scope.field(o, &f.name, true);
    if !own.visible() {
        return None;
    }
    let edit =
        own == FieldRight::Edit && !f.system && !f.ty.is_computed() && (scope.may_on(o, "edit") || scope.may_on(o, "create"));
    let masked = match right {
        FieldRight::Masked(kind) => Some(kind),
        FieldRight::Hidden | FieldRight::Read | FieldRight::Edit => None,
    };
    // A formula computed when read is asked of the database, which does not compute every function.
    let in_memory = rapport_schema::formula::in_memory(f, model, o);
    let (filterable, sortable, groupable) = if in_memory { (false, false, false) } else { uses(f) };
    let mut m = Map::new();
    let mut put = |k: &str, v: Value| {
        if !v.is_null() && v != Value::Bool(false) {
            m.insert(k.to_owned(), v);
        }
    };
    put("name", json!(f.name));
    put("type", f.ty.code().into());
    put("label", json!(f.label));
    put("access", if edit { "edit" } else { "read" }.into());
    put("section", json!(f.section));
    put("required", f.required.into());
    put("unique", f.unique.into());
    put("system", (f.system || f.ty.is_computed()).into());
    put("custom", f.custom.into());
    put("mask", json!(masked));
    put("help", json!(f.help));
    put(
        "default",
        match &f.default {
            Some(rapport_schema::DefaultValue::Literal(v)) => v.clone(),
            Some(rapport_schema::DefaultValue::Formula(_)) | None => Value::Null,
        },
    );
    put("default_by_formula", matches!(f.default, Some(rapport_schema::DefaultValue::Formula(_))).into());
    for (name, text) in [("visible_if", &f.visible_if), ("required_if", &f.required_if), ("readonly_if", &f.readonly_if)] {
        put(name, json!(text.as_deref().and_then(|t| rapport_records::told_condition(scope, model, o, t))));
    }
    put("filterable", filterable.into());
    // A masked field filters by its exact value only and does not sort (R-FLS-03).
    put("sortable", (sortable && masked.is_none()).into());
    put("groupable", (groupable && masked.is_none()).into());
    put("multiple", f.ty.is_many().into());
    put("target", json!(f.ty.target()));
    put("scale", json!(scale(&f.ty)));
    put("picklist", json!(set_of(&f.ty)));
    match &f.ty {
        FieldType::Text { max } => put("max", json!(max)),
        FieldType::Int { min, max } => {
            put("min", json!(min));
            put("max", json!(max));
        }
        FieldType::Dec { min, max, .. } | FieldType::Pct { min, max } => {
            put("min", json!(min.map(|d| d.to_string())));
            put("max", json!(max.map(|d| d.to_string())));
        }
        FieldType::Money { unit_price, min } => {
            put("unit_price", (*unit_price).into());
            put("min", json!(min.map(|d| d.to_string())));
        }
        FieldType::Poly { targets } => put("targets", json!(targets)),
        FieldType::Roll { result, .. } | FieldType::Calc { result, .. } => put("result", result_code(*result).into()),
        FieldType::Rating { max } => put("max", json!(max)),
        FieldType::Long
        | FieldType::Rich
        | FieldType::Bool
        | FieldType::Date
        | FieldType::DateTime
        | FieldType::Time
        | FieldType::Duration
        | FieldType::Pick { .. }
        | FieldType::Multi { .. }
        | FieldType::Tags
        | FieldType::Phone
        | FieldType::Email
        | FieldType::Url
        | FieldType::Addr
        | FieldType::Geo
        | FieldType::File
        | FieldType::Img
        | FieldType::Ref { .. }
        | FieldType::Refs { .. }
        | FieldType::MasterDetail { .. }
        | FieldType::Auto { .. }
        | FieldType::User
        | FieldType::Users
        | FieldType::Dept
        | FieldType::Depts
        | FieldType::Json => {}
    }
    Some(Value::Object(m))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    #[serde(default)]
    roles: bool,
}

async fn custom(c: Caller, Query(with): Query<With>) -> Result<Response, Problem> {
    let text = c.ws.engine.export_model(&c.scope, with.roles).await?;
    Ok(([(header::CONTENT_TYPE, "application/toml; charset=utf-8")], text).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelText {
    text: String,
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    retire_all: bool,
}

async fn apply(c: Caller, Json(b): Json<ModelText>) -> Result<Response, Problem> {
    let how = Apply { dry_run: b.dry_run, retire_all: b.retire_all };
    body::value(&c.ws.engine.apply_model(&c.scope, &b.text, how).await?)
}

async fn try_formula(c: Caller, Json(b): Json<rapport_records::Trial>) -> Result<Response, Problem> {
    body::value(&c.ws.engine.try_formula(&c.scope, &b).await?)
}
