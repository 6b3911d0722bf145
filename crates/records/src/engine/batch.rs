//! Many writes in one call, and their undo.

use async_recursion::async_recursion as boxed;
use std::sync::Arc;

use indexmap::IndexMap;
use rapport_policy::{Act, Scope};
use rapport_schema::{Change, ChangeOp, FieldError, FieldType, ObjectDef, ObjectName, Record, RecordId, Value, codec::Input};
use rapport_store::{Bin, ChangeQuery};
use serde_json::json;

use crate::{
    BatchOp, BatchOptions, BatchResult, Child, Engine, Error, JsonMap, Result, Unit,
    input::{self, Asked},
    q, rules,
    unit::{Known, Numbers},
};

/// Most operations of one call.
pub const BATCH_MAX: usize = 10_000;
/// From so many operations on, a batch has its transaction to itself.
const ALONE: usize = 50;
/// Changes taken back in one transaction.
const UNDO_STEP: u32 = 500;

type RowResult = std::result::Result<(RecordId, i64), Error>;

/// An operation with everything that could be decided before the writer was entered.
#[derive(Debug, Clone)]
enum Ready {
    Create(Asked, Vec<Child>),
    Update { id: RecordId, data: JsonMap, version: Option<i64> },
    Delete { id: RecordId },
    Restore { id: RecordId },
}

impl Engine {
    /// Up to 10,000 operations on one object in one transaction. Each row stands or falls alone unless `atomic`; faults stay with
    /// their row. Documents are written in the same transaction.
    ///
    /// # Errors
    /// Too many operations, unknown object, or the database. Refusals of rows are in the result.
    #[boxed]
    pub async fn batch(&self, scope: &Scope, object: &str, ops: Vec<BatchOp>, opts: BatchOptions) -> Result<BatchResult> {
        if ops.len() > BATCH_MAX {
            return Err(Error::Request {
                code: "batch.too_large",
                params: [("max".to_owned(), json!(BATCH_MAX))].into_iter().collect(),
            });
        }
        let model = self.model();
        let o = self.object_def(object)?;
        let BatchOptions { atomic, mut write, documents, dry_run, only_if } = opts;
        let batch = *write.cause.batch.get_or_insert_with(|| self.new_id());
        let key = write.idempotency.take();
        let mut prepared = self.prepare(write).await?;
        prepared.alone = ops.len() >= ALONE;
        let ready: Vec<Ready> = ops
            .into_iter()
            .map(|op| match op {
                BatchOp::Create { data, children } => {
                    Ready::Create(input::read(&model, &*prepared.norm, scope, &o, &data, None, &prepared.write), children)
                }
                BatchOp::Update { id, data, version } => Ready::Update { id, data, version },
                BatchOp::Delete { id } => Ready::Delete { id },
                BatchOp::Restore { id } => Ready::Restore { id },
            })
            .collect();
        let asked: Vec<&Asked> = ready.iter().filter_map(|r| if let Ready::Create(a, _) = r { Some(a) } else { None }).collect();
        prepared.known = Arc::new(Known::fill(&self.0.db, &model, scope, self.now(), &asked).await?);
        // Normal forms are computed here, not in the writer: the duplicate check reads ahead by them.
        let drafts: Arc<Vec<Record>> = Arc::new(asked.iter().map(|a| draft(&o, a)).collect());
        let ready = Arc::new(ready);
        let rows = self
            .job(scope, prepared, move |u| {
                let (ready, drafts, o) = (ready.clone(), drafts.clone(), o.clone());
                let (documents, key, only_if) = (documents.clone(), key.clone(), only_if.clone());
                Box::pin(async move {
                    if let Some(c) = &only_if {
                        let found = u.tx.doc_get(&c.kind, &c.key).await?;
                        if !(c.holds)(found.as_ref().map(|d| &d.body)) {
                            return Err(Error::state("job.overtaken"));
                        }
                    }
                    let kept = super::write::once(u, key.as_ref(), |u| {
                        Box::pin(async move {
                            if dry_run {
                                u.tx.savepoint().await?;
                                let rows = u.rows(&o, &ready, &drafts, atomic).await;
                                u.tx.end_savepoint(false).await?;
                                u.dirty.clear();
                                u.notices.clear();
                                return rows.map(Rows);
                            }
                            let rows = u.rows(&o, &ready, &drafts, atomic).await?;
                            for d in documents.iter().flat_map(|d| (d.0)(&rows)) {
                                u.tx.doc_put(d.into()).await?;
                            }
                            Ok(Rows(rows))
                        })
                    })
                    .await?;
                    Ok(kept.0)
                })
            })
            .await?;
        Ok(BatchResult { batch, rows })
    }

    /// Takes back a whole batch or import as ordinary changes of the caller; what cannot be taken back is listed with the reason, in
    /// the order of the records. Repeating it goes on where refusals were solved.
    ///
    /// # Errors
    /// [`Error::NotFound`] when no such batch is in the log.
    #[boxed]
    pub async fn undo(&self, scope: &Scope, batch: RecordId) -> Result<BatchResult> {
        let (undo, model) = (self.new_id(), self.model());
        let mut rows: IndexMap<(ObjectName, RecordId), RowResult> = IndexMap::new();
        let mut before = None;
        // Newest first, page by page: a record changed twice is taken back twice, and a batch of any size needs little memory.
        loop {
            let q =
                ChangeQuery { after: before, backwards: true, limit: UNDO_STEP, batch: Some(batch), ..ChangeQuery::default() };
            let page = self.0.db.changes(q).await?;
            let Some(last) = page.last() else { break };
            before = Some(last.change.seq);
            let mut work: IndexMap<(ObjectName, RecordId), Vec<Change>> = IndexMap::new();
            for row in page {
                // What the engine derived follows by itself.
                let derived = row.change.actor.via == rapport_schema::Via::System && is_derived(row.change.cause.act.as_deref());
                // Logs are never taken back; one that hangs on a record goes with it.
                let kept = model.object(&row.change.object).is_some_and(|o| o.kind == rapport_schema::ObjectKind::Log);
                if !derived && !kept && row.change.op != ChangeOp::Note {
                    work.entry((row.change.object.clone(), row.change.id)).or_default().push(row.change);
                }
            }
            // What could not be taken back once stays as it is.
            work.retain(|at, _| !matches!(rows.get(at), Some(Err(_))));
            if work.is_empty() {
                continue;
            }
            let mut write = crate::WriteOptions::default();
            write.cause.batch = Some(undo);
            write.cause.act = Some("undo".into());
            let prepared = self.prepare(write).await?;
            let keys: Vec<(ObjectName, RecordId)> = work.keys().cloned().collect();
            let work: Arc<Vec<Vec<Change>>> = Arc::new(work.into_values().collect());
            let done = self
                .job(scope, prepared, move |u| {
                    let work = work.clone();
                    Box::pin(async move {
                        let mut out = Vec::with_capacity(work.len());
                        for changes in work.iter() {
                            u.tx.savepoint().await?;
                            let r = u.take_back(changes).await;
                            u.tx.end_savepoint(r.is_ok()).await?;
                            out.push(r);
                        }
                        Ok(out)
                    })
                })
                .await?;
            rows.extend(keys.into_iter().zip(done));
        }
        if rows.is_empty() {
            return Err(Error::NotFound);
        }
        Ok(BatchResult { batch: undo, rows: rows.into_values().collect() })
    }
}

/// Names under which the engine logs what it derives from other changes.
pub(crate) fn is_derived(act: Option<&str>) -> bool {
    matches!(act, Some("rollup" | "formula" | "hierarchy" | "follow_up" | "recycle_due" | "whose_turn"))
}

/// The record a row would make, as far as it is known before the writer is entered.
fn draft(o: &Arc<ObjectDef>, a: &Asked) -> Record {
    let mut r = Record::new(o, RecordId::from_bytes([0; 16]));
    for (ix, i) in &a.items {
        if let Input::Value(v) = i {
            r[*ix] = v.clone();
        }
    }
    rules::normal::apply(o, None, &mut r, &mut vec![]);
    r
}

/// Results of rows, kept under an idempotency key with the codes of their faults.
struct Rows(Vec<RowResult>);

impl super::write::Kept for Rows {
    fn keep(&self) -> serde_json::Value {
        self.0
            .iter()
            .map(|r| match r {
                Ok((id, v)) => json!({ "id": id, "version": v }),
                Err(e) => json!({ "error": e.keep() }),
            })
            .collect()
    }
    fn again(j: &serde_json::Value) -> Option<Self> {
        let rows = j.as_array()?.iter().map(|r| match r.get("error") {
            Some(e) => Some(Err(Error::again(e))),
            None => Some(Ok((r["id"].as_str()?.parse().ok()?, r["version"].as_i64()?))),
        });
        rows.collect::<Option<Vec<_>>>().map(Self)
    }
}

impl Unit<'_> {
    /// Runs the rows. First all of them under one savepoint; when a row fails after it wrote something, everything is undone and
    /// run again with a savepoint each: good batches, which are the rule, pay for one.
    async fn rows(&mut self, o: &Arc<ObjectDef>, ready: &[Ready], drafts: &[Record], atomic: bool) -> Result<Vec<RowResult>> {
        // Read ahead what all rows will ask for: records that share a duplicate key with one of them.
        if drafts.len() > 1 {
            self.dup_ahead(o, drafts).await?;
        }
        self.tx.hopeful_savepoint().await?;
        self.numbers.ahead = i64::try_from(drafts.len()).unwrap_or(1);
        let start = (self.dirty.clone(), self.writes, self.known.clone());
        let told = self.notices.len();
        let mut out: Vec<RowResult> = Vec::with_capacity(ready.len());
        let mut spoilt = false;
        for op in ready {
            let writes = self.writes;
            let r = self.row(o, op).await;
            // A statement that failed has spoilt a PostgreSQL transaction; a refusal before any write has not.
            let below = matches!(&r, Err(Error::Store(_)))
                || matches!(&r, Err(Error::Invalid(e)) if e.iter().any(|e| e.code == "value.not_unique"));
            if r.is_err() && (below || self.writes != writes) {
                spoilt = true;
                break;
            }
            out.push(r);
        }
        if !spoilt {
            let failed = out.iter().any(Result::is_err);
            let keep = !(atomic && failed);
            self.tx.end_savepoint(keep).await?;
            self.numbers = Numbers::default();
            if !keep {
                self.notices.truncate(told);
                self.dirty = start.0;
                all_or_nothing(&mut out);
            }
            return Ok(out);
        }
        self.tx.end_savepoint(false).await?;
        self.notices.truncate(told);
        (self.dirty, self.writes, self.known) = start;
        self.numbers = Numbers::default();
        self.dup_cache = crate::dup::Cache::default();
        if drafts.len() > 1 {
            self.dup_ahead(o, drafts).await?;
        }
        self.tx.savepoint().await?;
        let dirty = self.dirty.clone();
        out.clear();
        for op in ready {
            self.tx.savepoint().await?;
            let heard = self.notices.len();
            let r = self.row(o, op).await;
            self.tx.end_savepoint(r.is_ok()).await?;
            if let Err(e) = &r {
                self.notices.truncate(heard);
                self.numbers = Numbers::default();
                // What the row learnt of records it made is gone with them.
                self.known = (*self.opts.known).clone();
                if let Error::Store(s) = e
                    && !matches!(s, rapport_store::StoreError::Conflict | rapport_store::StoreError::NotUnique { .. })
                {
                    // The database itself is in trouble: not this row's fault.
                    return r.map(|_| vec![]);
                }
            }
            out.push(r);
        }
        let failed = out.iter().any(Result::is_err);
        self.tx.end_savepoint(!(atomic && failed)).await?;
        if atomic && failed {
            self.notices.truncate(told);
            self.dirty = dirty;
            all_or_nothing(&mut out);
        }
        Ok(out)
    }

    async fn row(&mut self, o: &Arc<ObjectDef>, op: &Ready) -> RowResult {
        match op {
            Ready::Create(a, children) => {
                let made = self.create_asked(a.clone(), None).await?;
                for c in children {
                    let mut data = c.data.clone();
                    data.insert(c.via.clone(), made.id.to_string().into());
                    self.create(&c.object, &data).await?;
                }
                Ok((made.id, made.version))
            }
            Ready::Update { id, data, version } => self.update(&o.name, *id, data, *version).await.map(|r| (r.id, r.version)),
            Ready::Delete { id } => self.delete(&o.name, *id).await.map(|()| (*id, 0)),
            Ready::Restore { id } => self.restore(&o.name, *id).await.map(|r| (r.id, r.version)),
        }
    }

    /// Takes back what a batch did to one record; `changes` newest first.
    pub(crate) async fn take_back(&mut self, changes: &[Change]) -> RowResult {
        let Some(last) = changes.first() else { return Err(Error::NotFound) };
        let name = last.object.clone();
        let o = self.object(&name)?;
        let refused = |code| Err(Error::state(code));
        // What somebody may not see is not told about either.
        if !self.reaches(Act::Read, &o, last.id).await? {
            return Err(Error::NotFound);
        }
        // A conversion has its own way back, with its own conditions (R-CNV-04).
        if changes.iter().any(|c| c.cause.act.as_deref() == Some("convert")) {
            return refused("undo.own_action");
        }
        let Some(now) = self.find_in(&name, q::id(last.id), 1, Bin::Both).await?.into_iter().next() else {
            return refused("undo.purged");
        };
        let created = changes.iter().any(|c| c.op == ChangeOp::Create);
        let deleted = last.op == ChangeOp::Delete;
        if created {
            if now.deleted_at.is_some() {
                return Ok((now.id, now.version));
            }
            // Later changes by others would be lost with the record.
            if self.changed_since(&now, last).await? {
                return refused("undo.changed_since");
            }
            self.delete(&name, now.id).await?;
            return Ok((now.id, now.version + 1));
        }
        if deleted && now.deleted_at.is_some() {
            let r = self.restore(&name, now.id).await?;
            return Ok((r.id, r.version));
        }
        if last.op == ChangeOp::Restore && now.deleted_at.is_none() {
            self.delete(&name, now.id).await?;
            return Ok((now.id, now.version + 1));
        }
        // The oldest `before` of each field is what it goes back to; it must still hold what the batch left.
        let mut back = JsonMap::new();
        let mut left = JsonMap::new();
        for c in changes {
            for (k, v) in serde_json::from_str::<JsonMap>(c.before.get()).unwrap_or_default() {
                back.insert(k, v);
            }
            for (k, v) in serde_json::from_str::<JsonMap>(c.after.get()).unwrap_or_default() {
                left.entry(k).or_insert(v);
            }
        }
        // A state goes back the way it came only for whoever moved it.
        let own = self.scope.is_admin() || changes.iter().all(|c| c.actor.user == self.scope.user());
        self.put_back(&o, now, back, &left, own).await
    }

    /// The record was changed after an entry by something that is neither derived nor of the batch or its undo.
    async fn changed_since(&mut self, now: &Record, last: &Change) -> Result<bool> {
        if now.version == last.version {
            return Ok(false);
        }
        let record = Some((last.object.clone(), last.id));
        let q = ChangeQuery { after: Some(last.seq), limit: 1_000, record, ..ChangeQuery::default() };
        let after = self.engine.0.db.changes(q).await?;
        let own = [last.cause.batch, self.cause.batch];
        Ok(after.is_empty()
            || after.iter().any(|r| !is_derived(r.change.cause.act.as_deref()) && !own.contains(&r.change.cause.batch)))
    }

    /// Sets fields back to earlier values as an ordinary change; fields that do not hold `left` any more are refused as a conflict,
    /// and so is the status unless it is one's `own` move.
    async fn put_back(&mut self, o: &Arc<ObjectDef>, now: Record, back: JsonMap, left: &JsonMap, own: bool) -> RowResult {
        self.editable(&o.name, now.id).await?;
        let form = rapport_schema::codec::Form::of(&self.model);
        let mut data = JsonMap::new();
        let mut fields: Vec<(String, Value)> = vec![];
        let mut collide = vec![];
        let model = self.model.clone();
        let norm = self.opts.norm.clone();
        for (k, v) in back {
            let Some(ix) = o.ix(&k).filter(|ix| !o.at(*ix).retired) else { continue };
            let f = o.at(ix);
            if matches!(f.ty, FieldType::Roll { .. } | FieldType::Calc { .. } | FieldType::Auto { .. })
                || matches!(f.name.as_str(), "created_at" | "created_by" | "updated_at" | "updated_by")
            {
                continue;
            }
            if let Some(l) = left.get(&k)
                && rapport_schema::codec::to_json(f, &now[ix], form) != *l
            {
                collide.push(k);
                continue;
            }
            let state = o.status.as_ref().is_some_and(|s| *s == *k);
            if state && !own {
                return Err(Error::field(FieldError::new(k.as_str(), "state.invalid_transition")));
            }
            if f.system || state {
                let ctx =
                    rapport_schema::codec::Ctx { keep_invalid_phone: true, ..rapport_schema::codec::Ctx::strict(&model, &*norm) };
                if let Ok(Input::Value(v)) = rapport_schema::codec::parse(f, &v, &ctx) {
                    fields.push((k, v));
                }
            } else {
                data.insert(k, v);
            }
        }
        if !collide.is_empty() {
            return Err(Error::Conflict { version: now.version, fields: collide });
        }
        let fields: Vec<(&str, Value)> = fields.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
        let r = self.act_on(&o.name, now.id, &data, &fields).await?;
        Ok((r.id, r.version))
    }
}

/// In an atomic batch with a fault nothing is written: rows without a fault of their own say so.
fn all_or_nothing(rows: &mut [RowResult]) {
    for r in rows {
        if r.is_ok() {
            *r = Err(Error::state("batch.rolled_back"));
        }
    }
}
