//! Reading: lists, single records, groups, search, titles. Every read carries the caller's rule and field rights.

use async_recursion::async_recursion as boxed;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use rapport_policy::{Act, FieldRight, Reason, Scope, SystemScope};
use rapport_schema::{
    DeptId, FieldIx, Model, ObjectDef, ObjectKind, RecordId, RecordRef, Value,
    codec::{self, Normalise},
    expr,
    field::ResultType,
    filter, formula,
    physical::places_of,
    query::{AggFn, Bucket, CountMode, Filter, GroupKey, Measure, Op, Operand, Path, SortKey},
};
use rapport_store::{AggRow, Aggregate, Beyond, Bin, Cursor, Hit, Search, SearchScope, Select};
use serde_json::{Value as Json, json};

use crate::{Engine, Error, ListRequest, RecordPage, Result, q, shape};

/// Rows of a page when nothing is asked.
const PAGE: u32 = 50;
/// Most rows of a page.
const PAGE_MAX: u32 = 200;
/// Most groups of an aggregate.
const GROUPS_MAX: u32 = 2_000;

pub(super) fn bad(code: &'static str, params: impl IntoIterator<Item = (&'static str, Json)>) -> Error {
    Error::Request { code, params: params.into_iter().map(|(k, v)| (k.to_owned(), v)).collect() }
}

/// A fault of a filter or formula as a bad request.
pub(crate) fn expr_fault(parameter: &'static str, e: rapport_schema::ExprError) -> Error {
    Error::Invalid(vec![e.for_field(parameter)])
}

impl Engine {
    /// Departments by superior: for `within` and `my_dept_tree`.
    pub(crate) async fn departments(&self, model: &Arc<Model>) -> Result<HashMap<RecordId, Vec<RecordId>>> {
        let mut below: HashMap<RecordId, Vec<RecordId>> = HashMap::new();
        if let Some(o) = model.object("department") {
            let all = SystemScope::because(Reason::Derive).rule(Act::Read, model, o);
            for r in self.0.db.records(q::select(model, o, all, Filter::True, 100_000, self.now())).await? {
                if let Some(p) = r.get(o, "parent_id").as_id() {
                    below.entry(p).or_default().push(r.id);
                }
            }
        }
        Ok(below)
    }

    /// A caller's filter, JSON or text: read, type-checked, held against the caller's field rights, made concrete.
    ///
    /// # Errors
    /// Faults with their place; hidden fields.
    #[boxed]
    pub async fn filter(&self, scope: &Scope, object: &str, written: &str) -> Result<Filter> {
        let model = self.model();
        let o = self.object_def(object)?;
        let norm = self.norm().await?;
        let f = filter::parse(written, &model, &o, &*norm).map_err(|e| expr_fault("filter", e))?;
        self.concrete(scope, &model, &o, &f).await
    }

    async fn filter_json(
        &self,
        scope: &Scope,
        model: &Arc<Model>,
        o: &Arc<ObjectDef>,
        j: &Json,
        norm: &dyn Normalise,
    ) -> Result<Filter> {
        let f = match j {
            Json::Null => return Ok(Filter::True),
            Json::String(s) => filter::parse(s, model, o, norm),
            j => filter::parse_json(j, model, o, norm),
        }
        .map_err(|e| expr_fault("filter", e))?;
        self.concrete(scope, model, o, &f).await
    }

    async fn concrete(&self, scope: &Scope, model: &Arc<Model>, o: &Arc<ObjectDef>, f: &Filter) -> Result<Filter> {
        may_filter(scope, model, o, f)?;
        let tree = if needs_departments(f) { self.departments(model).await? } else { HashMap::new() };
        let below = |d: DeptId| {
            let mut out = vec![];
            let mut next = vec![d.record()];
            while let Some(x) = next.pop() {
                if !out.contains(&DeptId::of(x)) {
                    out.push(DeptId::of(x));
                    next.extend(tree.get(&x).into_iter().flatten());
                }
            }
            out
        };
        let asker = filter::Asker {
            user: scope.user(),
            reports: scope.reports(),
            depts: scope.depts(),
            below: &below,
            now: self.now(),
            zone: model.tz(),
        };
        Ok(filter::resolve(f, model, o, &asker))
    }

    /// The object's rows for this caller: nobody who may not read the object gets as far as a query.
    pub(super) fn readable(&self, scope: &Scope, object: &str) -> Result<(Arc<Model>, Arc<ObjectDef>, rapport_policy::RowRule)> {
        let model = self.model();
        let o = self.object_def(object)?;
        let rule = scope.rule(Act::Read, &model, &o);
        if rule.is_nothing() {
            return Err(Error::Denied("permission.denied"));
        }
        Ok((model, o, rule))
    }

    /// A list request as a selection.
    async fn selection(&self, scope: &Scope, object: &str, req: &ListRequest) -> Result<(Select, bool)> {
        let (model, o, rows) = self.readable(scope, object)?;
        let filter = match req.filter.as_deref().map(str::trim).filter(|s| !s.is_empty()) {
            Some(f) => self.filter(scope, object, f).await?,
            None => Filter::True,
        };
        let rows = self.rule_within(scope, rows, &model, &o, &filter).await?;
        let limit = req.limit.unwrap_or(PAGE);
        if limit == 0 || limit > PAGE_MAX {
            return Err(bad("request.limit", [("max", json!(PAGE_MAX))]));
        }
        let sort = match req.sort.as_deref().map(str::trim).filter(|s| !s.is_empty()) {
            Some(s) => sort(scope, &model, &o, s)?,
            // The object's own order, as far as this caller may see its fields.
            None => sort(scope, &model, &o, &o.default_sort).unwrap_or_default(),
        };
        let text = req.q.as_deref().map(str::trim).filter(|s| !s.is_empty()).map(ToOwned::to_owned);
        let mut paths = vec![];
        in_filter(&filter, &mut paths);
        let select = Select {
            beyond: beyond(scope, &model, &paths),
            model,
            object: o,
            rows,
            filter,
            text,
            sort,
            after: req.cursor.clone().map(Cursor),
            limit,
            bin: if req.deleted { Bin::Deleted } else { Bin::Live },
            now: self.now(),
            user: scope.user(),
        };
        self.by_seen_fields(scope, select).await
    }

    /// A page of records as JSON.
    ///
    /// # Errors
    /// [`Error::Denied`] without the right to read the object; faults of the request.
    #[boxed]
    pub async fn list(&self, scope: &Scope, object: &str, req: &ListRequest) -> Result<RecordPage> {
        let (select, more) = self.selection(scope, object, req).await?;
        let shape = Arc::new(shape::of(scope, &select.object, req.fields.as_deref(), &req.expand)?);
        let counted = (req.count != CountMode::None).then(|| {
            let mut s = select.clone();
            s.after = None;
            s.sort = vec![];
            s
        });
        let count = async {
            match counted {
                Some(s) => self.0.db.count(s, req.count).await,
                None => Ok(None),
            }
        };
        let (model, o) = (select.model.clone(), select.object.clone());
        let (page, count) = tokio::join!(self.0.db.list(select, shape.clone()), count);
        let page = page?;
        let rows = self.computed(scope, &model, &o, &shape, page.rows).await?;
        let count = count?.map(|c| rapport_store::Count { capped: c.capped || more, ..c });
        Ok(RecordPage { rows, len: page.len, next: page.next.map(|c| c.0), count })
    }

    /// Selections for exports and jobs that page by themselves: the caller's export rule instead of the read rule.
    ///
    /// # Errors
    /// As [`Engine::list`].
    #[boxed]
    pub async fn export_page(&self, scope: &Scope, object: &str, req: &ListRequest) -> Result<RecordPage> {
        let (mut select, _) = self.selection(scope, object, &ListRequest { limit: Some(PAGE_MAX), ..req.clone() }).await?;
        let rows = scope.rule(Act::Export, &select.model, &select.object);
        if rows.is_nothing() {
            return Err(Error::Denied("permission.denied"));
        }
        select.rows = rows;
        select.limit = req.limit.unwrap_or(1_000).min(5_000);
        let shape = Arc::new(shape::of(scope, &select.object, req.fields.as_deref(), &req.expand)?);
        let (model, o) = (select.model.clone(), select.object.clone());
        let page = self.0.db.list(select, shape.clone()).await?;
        let rows = self.computed(scope, &model, &o, &shape, page.rows).await?;
        Ok(RecordPage { rows, len: page.len, next: page.next.map(|c| c.0), count: None })
    }

    /// One record as JSON with its version.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::MovedTo`] when it was merged (R-MRG-03).
    #[boxed]
    pub async fn get(&self, scope: &Scope, object: &str, id: RecordId, req: &ListRequest) -> Result<(Vec<u8>, i64)> {
        let model = self.model();
        let o = self.object_def(object)?;
        let rule = self.rule_for(scope, Act::Read, &model, &o, &[id]).await?;
        if rule.is_nothing() {
            return Err(Error::NotFound);
        }
        let shape = Arc::new(shape::of(scope, &o, req.fields.as_deref(), &req.expand)?);
        let mut select = q::select(&model, &o, rule, Filter::True, 1, self.now());
        select.user = scope.user();
        select.bin = if req.deleted { Bin::Deleted } else { Bin::Live };
        if let Some((row, version)) = self.0.db.get(select.clone(), id, shape.clone()).await? {
            return Ok((self.computed(scope, &model, &o, &shape, row).await?, version));
        }
        select.bin = Bin::Deleted;
        select.filter = q::id(id);
        let gone = self.0.db.records(select).await?.into_iter().next();
        Err(gone.and_then(|r| crate::unit::merged_into(&o, &r)).map_or(Error::NotFound, Error::MovedTo))
    }

    /// The body of `POST /{object}/aggregate`, answered as JSON (docs/api.md).
    ///
    /// # Errors
    /// [`Error::Denied`]; faults of the request.
    #[boxed]
    pub async fn aggregate(&self, scope: &Scope, object: &str, body: Json) -> Result<Json> {
        let (model, o, rows) = self.readable(scope, object)?;
        let norm = self.norm().await?;
        let filter = self.filter_json(scope, &model, &o, body.get("filter").unwrap_or(&Json::Null), &*norm).await?;
        let rows = self.rule_within(scope, rows, &model, &o, &filter).await?;
        let none = vec![];
        let names = body.get("group").and_then(Json::as_array).unwrap_or(&none);
        let mut group = Vec::with_capacity(names.len());
        for g in names {
            let g = g.as_str().ok_or_else(|| bad("request.group", []))?;
            group.push((g.to_owned(), group_key(scope, &model, &o, g)?));
        }
        let mut measures = vec![];
        for m in body.get("measures").and_then(Json::as_array).unwrap_or(&none) {
            measures.push(measure(scope, &model, &o, m)?);
        }
        if measures.is_empty() {
            measures.push(Measure { func: AggFn::Count, field: None });
        }
        if group.len() > 4 || measures.len() > 20 {
            return Err(bad("request.too_many", [("groups", json!(4)), ("measures", json!(20))]));
        }
        let limit = body
            .get("limit")
            .and_then(Json::as_u64)
            .map_or(GROUPS_MAX, |n| u32::try_from(n).unwrap_or(u32::MAX))
            .clamp(1, GROUPS_MAX);
        let order = order(body.get("sort"), measures.len())?;
        let having = having(body.get("having"), measures.len())?;
        let mut paths: Vec<&Path> =
            group.iter().map(|(_, k)| &k.path).chain(measures.iter().filter_map(|m| m.field.as_ref())).collect();
        in_filter(&filter, &mut paths);
        let beyond = beyond(scope, &model, &paths);
        let mut select = q::select(&model, &o, rows, filter, limit, self.now());
        select.beyond = beyond;
        select.user = scope.user();
        select.text = body.get("q").and_then(Json::as_str).filter(|s| !s.trim().is_empty()).map(ToOwned::to_owned);
        let (select, _) = self.by_seen_fields(scope, select).await?;
        let agg = Aggregate {
            group: group.iter().map(|(_, k)| k.clone()).collect(),
            measures: measures.clone(),
            order,
            limit: if having.is_empty() { limit } else { GROUPS_MAX },
        };
        let found = self.0.db.aggregate(select, agg).await?;
        let form = codec::Form::of(&model);
        let mut groups = vec![];
        for row in found {
            if !having.iter().all(|h| h.holds(&row)) {
                continue;
            }
            let mut key = serde_json::Map::new();
            for ((name, k), v) in group.iter().zip(&row.keys) {
                let json = expr::end(&model, &o, &k.path).map_or(Json::Null, |(_, f)| match v {
                    Value::Date(d) => json!(codec::format_date(*d)),
                    v => codec::to_json(&f, v, form),
                });
                key.insert(name.clone(), json);
            }
            let mut values = Vec::with_capacity(row.values.len());
            for (m, v) in measures.iter().zip(&row.values) {
                values.push(measured(&model, &o, m, v, form));
            }
            groups.push(json!({ "key": key, "values": values }));
            if groups.len() == limit as usize {
                break;
            }
        }
        Ok(json!({ "groups": groups }))
    }

    /// Searches objects at once; each with the caller's rule, and only in fields the caller sees plainly.
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn search(&self, scope: &Scope, text: &str, objects: Option<Vec<String>>, limit: u32) -> Result<Vec<Hit>> {
        let model = self.model();
        let text = text.trim();
        if text.is_empty() {
            return Ok(vec![]);
        }
        if text.chars().count() > 200 {
            return Err(bad("request.too_long", [("max", json!(200))]));
        }
        let mut scopes = vec![];
        for o in model.objects.values() {
            let wanted = match &objects {
                Some(names) => names.iter().any(|n| *n == *o.name),
                None => o.kind == ObjectKind::Ownable || o.area.is_some() || matches!(o.name.as_str(), "user" | "department"),
            };
            if !wanted {
                continue;
            }
            let rows = scope.rule(Act::Read, &model, o);
            if rows.is_nothing() || !shape::plain(scope, o, o.at(o.title_ix())) {
                continue;
            }
            let fields = o
                .live()
                .filter(|(_, f)| (f.searchable || f.name == o.title) && shape::plain(scope, o, f))
                .map(|(ix, _)| ix)
                .collect();
            scopes.push(SearchScope { object: o.clone(), rows, fields });
        }
        if scopes.is_empty() {
            return Ok(vec![]);
        }
        Ok(self.0.db.search(Search { model, text: text.to_owned(), scopes, limit: limit.clamp(1, 50), now: self.now() }).await?)
    }

    /// Titles for references, of invisible records too (R-VIS-07: a lookup shows its title).
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn titles(&self, refs: &[RecordRef]) -> Result<Vec<(RecordRef, String)>> {
        let model = self.model();
        let asked: Vec<_> = refs.iter().filter(|r| model.object(&r.object).is_some()).map(|r| (r.object.clone(), r.id)).collect();
        if asked.is_empty() {
            return Ok(vec![]);
        }
        let found = self.0.db.titles(&model, &asked).await?;
        Ok(found.into_iter().map(|(object, id, title)| (RecordRef { object, id }, title)).collect())
    }
}

fn needs_departments(f: &Filter) -> bool {
    match f {
        Filter::True => false,
        Filter::And(v) | Filter::Or(v) => v.iter().any(needs_departments),
        Filter::Not(f) => needs_departments(f),
        Filter::Cmp { op, operand, .. } => {
            *op == Op::Within || matches!(operand, Operand::Rel(rapport_schema::query::Rel::MyDeptTree))
        }
    }
}

/// The right to a path: every field on the way visible, and the object it leads to readable.
pub(super) fn right_of(scope: &Scope, model: &Arc<Model>, o: &ObjectDef, p: &Path) -> Result<FieldRight> {
    let refused = || shape::bad_field("permission.field", &expr::written(p));
    let mut here = o;
    for (field, target) in &p.hops {
        if !scope.field(here, field, false).visible() {
            return Err(refused());
        }
        here = model.object(target).ok_or_else(refused)?;
        if !is_common(here) && scope.rule(Act::Read, model, here).is_nothing() {
            return Err(refused());
        }
    }
    if rapport_schema::system::RecordField::parse(&p.field).is_some() {
        return Ok(FieldRight::Read);
    }
    match scope.field(here, &p.field, false) {
        FieldRight::Hidden => Err(refused()),
        r => Ok(r),
    }
}

/// The paths of a filter.
fn in_filter<'f>(f: &'f Filter, out: &mut Vec<&'f Path>) {
    match f {
        Filter::True => {}
        Filter::And(v) | Filter::Or(v) => v.iter().for_each(|f| in_filter(f, out)),
        Filter::Not(f) => in_filter(f, out),
        Filter::Cmp { path, operand, .. } => {
            out.push(path);
            if let Operand::Field(p) = operand {
                out.push(p);
            }
        }
    }
}

/// Objects whose rows tell everybody what they hold: people, departments, stages and other settings.
pub(super) fn is_common(o: &ObjectDef) -> bool {
    matches!(o.kind, ObjectKind::Config) || matches!(o.name.as_str(), "user" | "department" | "stage")
}

/// The caller's row rules of the objects that paths lead to (R-VIS-07).
fn beyond(scope: &Scope, model: &Arc<Model>, paths: &[&Path]) -> Beyond {
    let mut rules = BTreeMap::new();
    for (_, to) in paths.iter().flat_map(|p| &p.hops) {
        if let Some(o) = model.object(to).filter(|o| !is_common(o) && !rules.contains_key(to)) {
            let rule = scope.rule(Act::Read, model, o);
            if !rule.is_all() {
                rules.insert(to.clone(), rule);
            }
        }
    }
    Arc::new(rules)
}

/// Hidden fields are not filtered at all, masked ones by their exact full value only (R-FLS-01, R-FLS-03).
fn may_filter(scope: &Scope, model: &Arc<Model>, o: &ObjectDef, f: &Filter) -> Result<()> {
    match f {
        Filter::True => Ok(()),
        Filter::And(v) | Filter::Or(v) => v.iter().try_for_each(|f| may_filter(scope, model, o, f)),
        Filter::Not(f) => may_filter(scope, model, o, f),
        Filter::Cmp { path, op, operand } => {
            let right = right_of(scope, model, o, path)?;
            if matches!(right, FieldRight::Masked(_)) && !matches!(op, Op::Eq | Op::In | Op::IsEmpty | Op::NotEmpty) {
                return Err(shape::bad_field("permission.field", &expr::written(path)));
            }
            if let Operand::Field(other) = operand
                && matches!(right_of(scope, model, o, other)?, FieldRight::Masked(_))
            {
                return Err(shape::bad_field("permission.field", &expr::written(other)));
            }
            Ok(())
        }
    }
}

/// A formula computed when read is sorted, grouped and measured by the database, so it must be one that a database computes.
fn computable(model: &Model, o: &ObjectDef, ix: FieldIx, written: &str) -> Result<()> {
    if formula::in_memory(o.at(ix), model, o) {
        return Err(bad("expr.not_filterable", [("field", json!(written)), ("reason", json!("memory_only"))]));
    }
    Ok(())
}

/// `-close_on,name`.
fn sort(scope: &Scope, model: &Model, o: &ObjectDef, s: &str) -> Result<Vec<SortKey>> {
    let mut keys = vec![];
    for part in s.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        let (desc, name) = part.strip_prefix('-').map_or((false, part), |n| (true, n));
        let ix =
            o.ix(name).filter(|ix| shape::plain(scope, o, o.at(*ix))).ok_or_else(|| shape::bad_field("request.sort", name))?;
        computable(model, o, ix, name)?;
        keys.push(SortKey { field: ix, desc });
    }
    if keys.len() > 3 {
        return Err(bad("request.sort", [("max", json!(3))]));
    }
    Ok(keys)
}

/// `stage_id`, `close_on:month`, `account_id.level`.
fn group_key(scope: &Scope, model: &Arc<Model>, o: &ObjectDef, written: &str) -> Result<GroupKey> {
    let (path, bucket) = match written.split_once(':') {
        None => (written, None),
        Some((p, b)) => {
            let bucket = match b {
                "day" => Bucket::Day,
                "week" => Bucket::Week,
                "month" => Bucket::Month,
                "quarter" => Bucket::Quarter,
                "year" => Bucket::Year,
                _ => return Err(shape::bad_field("request.group", written)),
            };
            (p, Some(bucket))
        }
    };
    let r = expr::reach(model, o, path).map_err(|e| expr_fault("group", e))?;
    if matches!(right_of(scope, model, o, &r.path)?, FieldRight::Masked(_)) {
        return Err(shape::bad_field("permission.field", path));
    }
    if let Some(ix) = r.object.ix(&r.path.field) {
        computable(model, r.object, ix, path)?;
    }
    Ok(GroupKey { path: r.path, bucket })
}

fn measure(scope: &Scope, model: &Arc<Model>, o: &ObjectDef, m: &Json) -> Result<Measure> {
    let func = match m.get("fn").and_then(Json::as_str) {
        Some("count") => AggFn::Count,
        Some("count_distinct") => AggFn::CountDistinct,
        Some("sum") => AggFn::Sum,
        Some("avg") => AggFn::Avg,
        Some("min") => AggFn::Min,
        Some("max") => AggFn::Max,
        _ => return Err(bad("request.measure", [])),
    };
    let field = match m.get("field").and_then(Json::as_str) {
        Some(f) => {
            let r = expr::reach(model, o, f).map_err(|e| expr_fault("measures", e))?;
            if matches!(right_of(scope, model, o, &r.path)?, FieldRight::Masked(_)) {
                return Err(shape::bad_field("permission.field", f));
            }
            // Numbers are added, what has an order is compared, and of `id`, `version` and `deleted_at` there is only how many.
            let fits = match r.object.ix(&r.path.field) {
                Some(ix) => {
                    computable(model, r.object, ix, f)?;
                    !matches!(func, AggFn::Sum | AggFn::Avg) || places_of(&r.object.at(ix).ty).is_some()
                }
                None => matches!(func, AggFn::Count | AggFn::CountDistinct),
            };
            if !fits {
                return Err(bad("request.measure", []));
            }
            Some(r.path)
        }
        None if func == AggFn::Count => None,
        None => return Err(bad("request.measure", [])),
    };
    Ok(Measure { func, field })
}

/// Order by a measure: `{"measure":0,"desc":true}`, `0`, `"-0"`.
fn order(j: Option<&Json>, measures: usize) -> Result<Option<(usize, bool)>> {
    let fits = |i: usize, desc| if i < measures { Ok(Some((i, desc))) } else { Err(bad("request.sort", [])) };
    match j {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Number(n)) => fits(n.as_u64().unwrap_or(u64::MAX).try_into().unwrap_or(usize::MAX), false),
        Some(Json::String(s)) if s == "key" => Ok(None),
        Some(Json::String(s)) => {
            let (desc, n) = s.strip_prefix('-').map_or((false, s.as_str()), |n| (true, n));
            fits(n.parse().unwrap_or(usize::MAX), desc)
        }
        Some(Json::Object(m)) => {
            let i = m.get("measure").and_then(Json::as_u64).unwrap_or(u64::MAX);
            fits(i.try_into().unwrap_or(usize::MAX), m.get("desc").and_then(Json::as_bool).unwrap_or(false))
        }
        Some(_) => Err(bad("request.sort", [])),
    }
}

/// A condition on a group: `{"measure":0,"op":"gte","value":"5"}`, one or several.
struct Having {
    measure: usize,
    op: Op,
    value: rust_decimal::Decimal,
}

impl Having {
    fn holds(&self, row: &AggRow) -> bool {
        let v = match row.values.get(self.measure) {
            Some(Value::Int(n)) => rust_decimal::Decimal::from(*n),
            Some(Value::Dec(d)) => *d,
            Some(Value::Money(m)) => m.base,
            _ => return false,
        };
        match self.op {
            Op::Eq => v == self.value,
            Op::Ne => v != self.value,
            Op::Lt => v < self.value,
            Op::Lte => v <= self.value,
            Op::Gt => v > self.value,
            _ => v >= self.value,
        }
    }
}

fn having(j: Option<&Json>, measures: usize) -> Result<Vec<Having>> {
    let one = |h: &Json| -> Result<Having> {
        let fault = || bad("request.having", []);
        let measure = h
            .get("measure")
            .and_then(Json::as_u64)
            .and_then(|n| usize::try_from(n).ok())
            .filter(|n| *n < measures)
            .ok_or_else(fault)?;
        let op = match h.get("op").and_then(Json::as_str) {
            Some("eq") => Op::Eq,
            Some("ne") => Op::Ne,
            Some("lt") => Op::Lt,
            Some("lte") => Op::Lte,
            Some("gt") => Op::Gt,
            Some("gte") => Op::Gte,
            _ => return Err(fault()),
        };
        let value = match h.get("value") {
            Some(Json::String(s)) => codec::parse_decimal(s),
            Some(Json::Number(n)) => codec::parse_decimal(&n.to_string()),
            _ => None,
        };
        Ok(Having { measure, op, value: value.ok_or_else(fault)? })
    };
    match j {
        None | Some(Json::Null) => Ok(vec![]),
        Some(Json::Array(v)) => v.iter().map(one).collect(),
        Some(h) => Ok(vec![one(h)?]),
    }
}

/// A measure's value: numbers as exact text, others in the field's own form.
fn measured(model: &Arc<Model>, o: &ObjectDef, m: &Measure, v: &Value, form: codec::Form) -> Json {
    let money = m.field.as_ref().and_then(|p| expr::end(model, o, p)).is_some_and(|(_, f)| {
        use rapport_schema::FieldType;
        matches!(
            f.ty,
            FieldType::Money { .. }
                | FieldType::Roll { result: ResultType::Money, .. }
                | FieldType::Calc { result: ResultType::Money, .. }
        )
    });
    let places = if money { form.base_places } else { 0 };
    match v {
        Value::Null => Json::Null,
        Value::Int(n) => json!(n.to_string()),
        Value::Dec(d) => json!(codec::decimal_text(*d, places)),
        Value::Money(x) => json!(codec::decimal_text(x.base, places)),
        v => m.field.as_ref().and_then(|p| expr::end(model, o, p)).map_or(Json::Null, |(_, f)| codec::to_json(&f, v, form)),
    }
}
