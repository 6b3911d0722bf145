//! One batch of an import: lookups answered, rows converted, written with their checkpoint in one transaction.

use std::{
    collections::{BTreeSet, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use rapport_records::{BatchOp, BatchOptions, Child, Document, Documents, Error, JsonMap, ListRequest, OnlyIf, WriteOptions};
use rapport_schema::{FieldError, ObjectDef, RecordId, Via};
use serde_json::{Value, json};

use crate::{
    Result,
    convert::{Converted, Converter},
    link::Link,
    lookup::{Found, Lookups, Wanted},
    plan::{Mode, OnDuplicate, SheetPlan},
    read::Row,
    run::{FAULTS, Fault, Import, LATER, PROGRESS, Progress, REHEARSED, REHEARSED_SIZE, key},
};

/// Texts of one lookup query; a page of a list holds the answers to so many.
const LOOKUP: usize = 200;

/// A sheet being imported.
pub(crate) struct Course<'p> {
    pub plan: &'p SheetPlan,
    pub object: Arc<ObjectDef>,
    pub rows: Converter,
    pub children: Vec<Converter>,
    /// Objects and fields the whole plan looks records up by (rehearsals only).
    pub looks: Vec<(rapport_schema::ObjectName, String)>,
}

/// A row ready for the pipeline.
struct Ready {
    row: Row,
    made: Converted,
    kids: Vec<Child>,
    /// Fields a rehearsal leaves out, of the row and of its children.
    soon: Vec<String>,
}

impl Course<'_> {
    /// Parts of a chunk in which no two rows mean the same record, so that the second finds what the first made.
    pub fn parts(&self, chunk: Vec<Row>) -> Vec<Vec<Row>> {
        let Some(by) = self.plan.match_field.as_deref().filter(|_| self.plan.mode == Mode::Upsert) else { return vec![chunk] };
        let mut parts = vec![vec![]];
        let mut seen: HashSet<String> = HashSet::new();
        for row in chunk {
            if let Some(key) = self.rows.text_of(by, &row)
                && !seen.insert(key.clone())
            {
                seen.clear();
                seen.insert(key);
                parts.push(vec![]);
            }
            parts.last_mut().expect("never empty").push(row);
        }
        parts
    }
}

impl Import {
    fn write_options(&self, plan: &SheetPlan) -> WriteOptions {
        let mut w = WriteOptions {
            override_duplicates: plan.on_duplicate == OnDuplicate::Create,
            block_duplicates: true,
            set_state: plan.set_state,
            keep_times: plan.keep_times,
            assign_by_rule: plan.assign_by_rule,
            keep_invalid_phone: true,
            ..WriteOptions::default()
        };
        w.cause.batch = Some(self.job);
        w.cause.act = Some("import".into());
        w
    }

    pub(crate) fn batch_options(&self, plan: &SheetPlan) -> BatchOptions {
        BatchOptions { dry_run: self.dry_run, write: self.write_options(plan), ..BatchOptions::default() }
    }

    /// The checkpoint after `at` is written by whoever is there first: a run that was thought dead may still have a batch under way.
    pub(crate) fn only_after(&self, at: &Progress) -> OnlyIf {
        let steps = at.steps;
        let holds = move |kept: Option<&Value>| kept.map_or(0, |p| p["steps"].as_u64().unwrap_or(0)) == steps;
        OnlyIf { kind: PROGRESS.into(), key: self.job.to_string(), holds: Arc::new(holds) }
    }

    /// Takes a chunk of rows through the pipeline. Answers rows of its end that were left for the next chunk: they look like a
    /// record that a row before them makes, which has to be there first.
    pub(crate) async fn chunk(
        &self,
        at: &mut Progress,
        c: &Course<'_>,
        chunk: Vec<Row>,
        known: &mut Lookups,
    ) -> Result<Vec<Row>> {
        let plan = c.plan;
        known.trim();
        let mut wanted = BTreeSet::new();
        for x in std::iter::once(&c.rows).chain(&c.children) {
            x.wanted(&chunk, known, &mut wanted);
        }
        self.look_up(wanted, c, known).await?;

        let mut next = at.clone();
        next.steps += 1;
        let (mut last, mut count) = (chunk.last().map_or(at.row, |r| r.number), chunk.len());
        let mut faults: Vec<Fault> = vec![];
        let mut good: Vec<Ready> = vec![];
        for row in chunk {
            let mut made = c.rows.convert(&row, known);
            let mut soon = made.soon.clone();
            let mut kids = vec![];
            for (k, p) in c.children.iter().zip(&plan.children) {
                if k.has(&row) {
                    let child = k.convert(&row, known);
                    made.errors.extend(child.errors);
                    soon.extend(child.soon.iter().cloned());
                    // What a child points to is not there yet: the rehearsal judges the rest of the row.
                    if child.soon.is_empty() {
                        kids.push(Child { object: p.object.clone(), via: p.via.clone(), data: child.data });
                    }
                }
            }
            if made.errors.is_empty() {
                good.push(Ready { row, made, kids, soon });
            } else {
                faults.push(Fault { sheet: at.sheet, row: row.number, cells: row.cells, errors: made.errors });
            }
        }
        let mut ops = self.operations(c, &mut good, &mut faults, at.sheet).await?;
        let mut rest = vec![];
        if plan.on_duplicate == OnDuplicate::Update {
            rest = self.meet(c, &mut ops, &mut good, &mut faults).await?;
            if let Some(first) = rest.first() {
                let done = good.last().map(|g| g.row.number).into_iter().chain(faults.iter().map(|f| f.row)).max();
                last = done.unwrap_or(first.number - 1);
                count -= rest.len();
            }
        }
        next.row = last;
        next.at = Some(self.engine.now());
        next.rows += count as u64;
        next.failed += faults.len() as u64;
        if self.dry_run {
            self.rehearse(at, next, c, good, ops, faults, known).await?;
            return Ok(rest);
        }
        let told = Arc::new(Mutex::new(next.clone()));
        let documents = self.checkpoint(next, plan, good, &ops, faults, told.clone());
        let opts = BatchOptions { documents: Some(documents), only_if: Some(self.only_after(at)), ..self.batch_options(plan) };
        let scope = self.scope.through(Via::Import);
        self.engine.batch(&scope, &plan.object, ops, opts).await?;
        known.made(&c.object.name);
        *at = told.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(rest)
    }

    /// Turns rows that look like an existing record into changes of it (`on_duplicate = "update"`): the pipeline is asked without
    /// writing, by the same check that would refuse them. From the first row on that looks like one made by this very batch, rows
    /// are taken out and answered.
    async fn meet(
        &self,
        c: &Course<'_>,
        ops: &mut Vec<BatchOp>,
        good: &mut Vec<Ready>,
        faults: &mut Vec<Fault>,
    ) -> Result<Vec<Row>> {
        let scope = self.scope.through(Via::Import);
        let opts = BatchOptions { dry_run: true, ..self.batch_options(c.plan) };
        let judged = self.engine.batch(&scope, &c.plan.object, ops.clone(), opts).await?;
        let mut made: HashSet<RecordId> = HashSet::new();
        let mut cut = None;
        for (i, r) in judged.rows.iter().enumerate() {
            let BatchOp::Create { data, .. } = &ops[i] else { continue };
            match r {
                Ok((id, _)) => {
                    made.insert(*id);
                }
                Err(e) if is_duplicate(e) => match looks_like(e, &c.object.name) {
                    Some(id) if made.contains(&id) => {
                        cut = Some(i);
                        break;
                    }
                    Some(id) => ops[i] = BatchOp::Update { id, data: data.clone(), version: None },
                    None => {}
                },
                Err(_) => {}
            }
        }
        let Some(cut) = cut else { return Ok(vec![]) };
        let from = good[cut].row.number;
        ops.truncate(cut);
        let mut rest: Vec<Row> = good.drain(cut..).map(|g| g.row).collect();
        rest.extend(faults.extract_if(.., |f| f.row >= from).map(|f| Row { number: f.row, cells: f.cells }));
        rest.sort_by_key(|r| r.number);
        Ok(rest)
    }

    /// The documents of a batch: progress, refused rows, references for later. Made inside its transaction.
    fn checkpoint(
        &self,
        next: Progress,
        plan: &SheetPlan,
        good: Vec<Ready>,
        ops: &[BatchOp],
        early: Vec<Fault>,
        told: Arc<Mutex<Progress>>,
    ) -> Documents {
        let updates: Vec<bool> = ops.iter().map(|o| matches!(o, BatchOp::Update { .. })).collect();
        let skip = plan.on_duplicate == OnDuplicate::Skip;
        let (job, sheet) = (self.job, next.sheet);
        Documents(Arc::new(move |results: &[std::result::Result<(RecordId, i64), Error>]| {
            let mut p = next.clone();
            let mut faults = early.clone();
            let mut links = vec![];
            for ((r, g), update) in results.iter().zip(&good).zip(&updates) {
                match r {
                    Ok((id, _)) => {
                        if *update {
                            p.updated += 1;
                        } else {
                            p.created += 1;
                            p.children += g.kids.len() as u64;
                        }
                        let link = |(field, w): &(String, Wanted)| Link {
                            id: *id,
                            row: g.row.number,
                            cells: g.row.cells.clone(),
                            field: field.clone(),
                            wanted: w.clone(),
                        };
                        links.extend(g.made.later.iter().map(link));
                    }
                    Err(e) if skip && is_duplicate(e) => p.skipped += 1,
                    Err(e) => {
                        p.failed += 1;
                        faults.push(Fault { sheet, row: g.row.number, cells: g.row.cells.clone(), errors: field_errors(e) });
                    }
                }
            }
            let key = key(job, sheet, p.row);
            let doc = |kind: &str, key: &str, body| Document { kind: kind.into(), key: key.into(), owner: Some(job), body };
            let mut docs = vec![];
            // Whoever refused them: told in the order of the file.
            faults.sort_by_key(|f| f.row);
            if !faults.is_empty() {
                p.faulty.push((sheet, p.row));
                docs.push(doc(FAULTS, &key, json!(faults)));
            }
            if !links.is_empty() {
                p.later.push(p.row);
                docs.push(doc(LATER, &key, json!(links)));
            }
            docs.push(doc(PROGRESS, &job.to_string(), json!(p)));
            *told.lock().unwrap_or_else(PoisonError::into_inner) = p;
            docs
        }))
    }

    /// A dry run of a chunk: the pipeline judges and forgets; what depends on records a real run would have made by now is left out
    /// of the judgement.
    #[allow(clippy::too_many_arguments, reason = "the end of one step")]
    async fn rehearse(
        &self,
        at: &mut Progress,
        mut next: Progress,
        c: &Course<'_>,
        good: Vec<Ready>,
        ops: Vec<BatchOp>,
        mut faults: Vec<Fault>,
        known: &mut Lookups,
    ) -> Result<()> {
        let updates: Vec<bool> = ops.iter().map(|o| matches!(o, BatchOp::Update { .. })).collect();
        let scope = self.scope.through(Via::Import);
        let done = self.engine.batch(&scope, &c.plan.object, ops, self.batch_options(c.plan)).await?;
        for ((r, g), update) in done.rows.iter().zip(&good).zip(updates) {
            let left = r.as_ref().err().map(|e| (is_duplicate(e), field_errors(e)));
            let left = left.map(|(dup, mut errors)| {
                errors.retain(|e| !g.soon.contains(&e.field));
                (dup, errors)
            });
            match left {
                Some((true, _)) if c.plan.on_duplicate == OnDuplicate::Skip => next.skipped += 1,
                Some((_, errors)) if !errors.is_empty() => {
                    next.failed += 1;
                    faults.push(Fault { sheet: at.sheet, row: g.row.number, cells: g.row.cells.clone(), errors });
                }
                _ if update => next.updated += 1,
                _ => {
                    next.created += 1;
                    for (object, by) in c.looks.iter().filter(|(o, _)| *o == c.object.name) {
                        if let Some(text) = g.made.data.get(by).and_then(scalar) {
                            known.soon(object, by, &text);
                        }
                    }
                }
            }
        }
        known.made(&c.object.name);
        if let Ok(mut all) = self.rehearsed.lock() {
            faults.sort_by_key(|f| f.row);
            let mut size: usize = all.iter().map(Fault::size).sum();
            for f in faults {
                size += f.size();
                if all.len() == REHEARSED || size > REHEARSED_SIZE {
                    break;
                }
                all.push(f);
            }
        }
        *at = next;
        Ok(())
    }

    /// Rows as operations of the pipeline: new records, or changes of those found by the match field.
    async fn operations(
        &self,
        c: &Course<'_>,
        good: &mut Vec<Ready>,
        faults: &mut Vec<Fault>,
        sheet: usize,
    ) -> Result<Vec<BatchOp>> {
        let plan = c.plan;
        let mut existing = Lookups::default();
        let by = plan.match_field.as_deref().filter(|_| plan.mode != Mode::Create);
        let among = plan.match_among.as_ref().map_or_else(String::new, Value::to_string);
        let own = |by: &str, text| Wanted { object: c.object.name.clone(), by: by.to_owned(), among: among.clone(), text };
        if let Some(by) = by {
            let wanted = good.iter().filter_map(|g| Some(own(by, scalar(g.made.data.get(by)?)?))).collect();
            self.ask(wanted, &mut existing).await?;
        }
        let mut ops = vec![];
        let mut keep = vec![];
        for g in std::mem::take(good) {
            let found = by.and_then(|by| existing.get(&own(by, scalar(g.made.data.get(by)?)?)));
            let code = match (plan.mode, found) {
                (Mode::Create, _) | (Mode::Upsert, Some(Found::Nothing | Found::Soon) | None) => {
                    ops.push(BatchOp::Create { data: g.made.data.clone(), children: g.kids.clone() });
                    keep.push(g);
                    continue;
                }
                (Mode::Update | Mode::Upsert, Some(Found::One(id))) => {
                    ops.push(BatchOp::Update { id, data: g.made.data.clone(), version: None });
                    keep.push(g);
                    continue;
                }
                (Mode::Update | Mode::Upsert, Some(Found::Many)) => "import.match_ambiguous",
                (Mode::Update, Some(Found::Nothing | Found::Soon) | None) => "import.no_match",
            };
            let errors = vec![FieldError::new(by.unwrap_or(""), code)];
            faults.push(Fault { sheet, row: g.row.number, cells: g.row.cells, errors });
        }
        *good = keep;
        Ok(ops)
    }

    /// Answers lookups; makes records for those the plan says to make.
    async fn look_up(&self, wanted: BTreeSet<Wanted>, c: &Course<'_>, known: &mut Lookups) -> Result<()> {
        let makes = |w: &Wanted| std::iter::once(&c.rows).chain(&c.children).any(|x| x.makes(w));
        let makes: Vec<Wanted> = wanted.iter().filter(|w| makes(w)).cloned().collect();
        self.ask(wanted, known).await?;
        for w in makes {
            if known.get(&w) != Some(Found::Nothing) {
                continue;
            }
            let mut data = JsonMap::new();
            data.insert(w.by.clone(), w.text.clone().into());
            let mut opts = self.batch_options(c.plan);
            opts.write.override_duplicates = true;
            let scope = self.scope.through(Via::Import);
            let op = BatchOp::Create { data, children: vec![] };
            let mut done = self.engine.batch(&scope, &w.object, vec![op], opts).await?;
            // Refused: the rows that want it say so.
            if let Ok((id, _)) = done.rows.remove(0) {
                if self.dry_run {
                    known.soon(&w.object, &w.by, &w.text);
                } else {
                    known.put(&w, Found::One(id));
                }
            }
        }
        Ok(())
    }

    pub(crate) async fn ask(&self, wanted: BTreeSet<Wanted>, known: &mut Lookups) -> Result<()> {
        let all: Vec<Wanted> = wanted.into_iter().collect();
        for same in all.chunk_by(|a, b| a.object == b.object && a.by == b.by && a.among == b.among) {
            for part in same.chunks(LOOKUP) {
                let texts: Vec<&str> = part.iter().map(|w| w.text.as_str()).collect();
                for w in part {
                    known.put(w, Found::Nothing);
                }
                let (object, by) = (&part[0].object, &part[0].by);
                let mut filter = json!({"field": by, "op": "in", "value": texts});
                if let Ok(among) = serde_json::from_str::<Value>(&part[0].among) {
                    filter = json!({"and": [filter, among]});
                }
                self.pages(object, by, &filter.to_string(), |text, id| known.found(&Wanted { text, ..part[0].clone() }, id))
                    .await?;
            }
        }
        Ok(())
    }

    /// Every record of a filter with its value of one field.
    async fn pages(&self, object: &str, by: &str, filter: &str, mut each: impl FnMut(String, RecordId)) -> Result<()> {
        let mut cursor = None;
        loop {
            let req = ListRequest {
                filter: Some(filter.to_owned()),
                fields: Some(vec![by.to_owned()]),
                limit: Some(200),
                cursor: cursor.take(),
                ..ListRequest::default()
            };
            let page = self.engine.list(&self.scope, object, &req).await?;
            let text = [b"[".as_slice(), &page.rows, b"]"].concat();
            let found: Vec<JsonMap> = serde_json::from_slice(&text).map_err(std::io::Error::other)?;
            for m in found {
                let id = m.get("id").and_then(Value::as_str).and_then(|s| s.parse::<RecordId>().ok());
                if let (Some(id), Some(text)) = (id, m.get(by).and_then(scalar)) {
                    each(text, id);
                }
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(());
            }
        }
    }
}

fn scalar(v: &Value) -> Option<String> {
    match v {
        Value::String(s) => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        Value::Object(m) => m.get("raw").or_else(|| m.get("amount")).and_then(scalar),
        _ => None,
    }
}

/// The record a refused row looks most like, when it is of the same object and the caller sees it.
fn looks_like(e: &Error, object: &str) -> Option<RecordId> {
    let Error::Rule { params, .. } = e else { return None };
    let best = params.get("duplicates")?.as_array()?.iter().find(|d| d["object"].as_str() == Some(object))?;
    best["id"].as_str()?.parse().ok()
}

fn is_duplicate(e: &Error) -> bool {
    matches!(e, Error::Rule { code: "duplicate.blocked", .. })
}

/// A refusal as faults of fields.
pub(crate) fn field_errors(e: &Error) -> Vec<FieldError> {
    match e {
        Error::Invalid(all) => all.clone(),
        Error::Rule { code, params, fields, .. } => {
            if fields.is_empty() {
                vec![FieldError { field: String::new(), code: (*code).into(), params: params.clone() }]
            } else {
                fields.clone()
            }
        }
        Error::Request { code, params } => {
            vec![FieldError { field: String::new(), code: (*code).into(), params: params.clone() }]
        }
        Error::Denied(_) => vec![FieldError::new("", "permission.denied")],
        Error::NotFound | Error::MovedTo(_) | Error::UnknownObject(_) => vec![FieldError::new("", "not_found")],
        Error::Conflict { .. } => vec![FieldError::new("", "conflict")],
        Error::Store(_) => vec![FieldError::new("", "server.unavailable")],
    }
}
