//! Stored formulas and rollups that are new or changed are computed for the records that are there already: in batches beside
//! the daily work, in the database where it computes the formula, else in memory. What is still to do is a document per field,
//! written by the migration; each batch moves its place in its own transaction, so a killed run goes on where it was.

use async_recursion::async_recursion as boxed;
use std::sync::Arc;

use rapport_policy::{Reason, SystemScope};
use rapport_schema::{FieldIx, FieldType, Model, ObjectDef, ObjectName, RecordId, field::RollupFn, filter, formula};
use rapport_store::{BACKFILL, Bin, DocRow};
use serde_json::{Value as Json, json};

use crate::{Engine, Result, Unit, WriteOptions, norm::Norm};

/// Records of one batch: a write of some ten milliseconds, so that people's writes do not wait.
const BATCH: u32 = 500;
/// Formulas that follow from formulas: a longer chain is a mistake of the model.
const MAX_CHAIN: u64 = 16;

/// A field still to be computed.
#[derive(Debug, Clone)]
struct Task {
    object: Arc<ObjectDef>,
    field: FieldIx,
    key: String,
    chain: u64,
}

fn key(object: &str, field: &str) -> String {
    format!("{object}.{field}")
}

/// Stored formulas and rollups that read a field.
fn followers(model: &Model, object: &ObjectName, field: &str) -> Vec<(ObjectName, FieldIx)> {
    let mut out: Vec<(ObjectName, FieldIx)> =
        formula::dependents(model, object, field).into_iter().map(|(o, ix, _)| (o, ix)).collect();
    let norm = Norm::default();
    for parent in model.objects.values() {
        for (ix, f) in parent.live() {
            let FieldType::Roll { rollup, .. } = &f.ty else { continue };
            let Some(child) = model.object(&rollup.object).filter(|c| c.name == *object) else { continue };
            let counts = rollup.func != RollupFn::Count && rollup.field.as_ref().is_some_and(|n| *n == *field);
            let chosen = rollup
                .filter
                .as_ref()
                .and_then(|t| filter::parse(t, model, child, &norm).ok())
                .is_some_and(|f| filter::fields(&f, child).iter().any(|(o, n)| o == object && *n == *field));
            if counts || chosen {
                out.push((parent.name.clone(), ix));
            }
        }
    }
    out.dedup();
    out
}

impl Engine {
    /// Computes what migrations left to compute, to the end; answers the batches it took. Runs by itself when a workspace is
    /// opened and after a change of the model; a second run waits for the first.
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn backfill(&self) -> Result<u64> {
        let mut batches = 0;
        while self.backfill_step(BATCH).await? {
            batches += 1;
            tokio::task::yield_now().await;
        }
        Ok(batches)
    }

    /// One batch of at most so many records of one field; `false` when there is nothing left to compute.
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn backfill_step(&self, rows: u32) -> Result<bool> {
        let _one_at_a_time = self.0.filling.lock().await;
        let Some(task) = self.next_field().await? else { return Ok(false) };
        let mut prepared = self.prepare(WriteOptions::default()).await?;
        prepared.cause.act = Some("formula".into());
        let scope = SystemScope::because(Reason::Derive);
        self.job(&scope, prepared, move |u| {
            let task = task.clone();
            Box::pin(async move { u.fill_batch(&task, rows.max(1)).await })
        })
        .await?;
        Ok(true)
    }

    /// The field to go on with: one that reads no other field still to be computed, if there is such a one.
    async fn next_field(&self) -> Result<Option<Task>> {
        let model = self.model();
        let docs = self.0.db.doc_list(BACKFILL, None).await?;
        let task = |d: DocRow| {
            let text = |k: &str| d.body[k].as_str().unwrap_or_default().to_owned();
            let object = model.object(&text("table"))?.clone();
            let field = object.ix(&text("column"))?;
            // A field this node's model does not know, or knows as something else, is another node's, or was switched off.
            let stored = matches!(object.at(field).ty, FieldType::Roll { .. } | FieldType::Calc { volatile: false, .. });
            stored.then(|| Task { object, field, chain: d.body["chain"].as_u64().unwrap_or(0), key: d.key })
        };
        let tasks: Vec<Task> = docs.into_iter().filter_map(task).collect();
        let waits: Vec<(ObjectName, FieldIx)> =
            tasks.iter().flat_map(|t| followers(&model, &t.object.name, &t.object.at(t.field).name)).collect();
        let free = tasks.iter().position(|t| !waits.contains(&(t.object.name.clone(), t.field)));
        Ok(tasks.into_iter().nth(free.unwrap_or(0)))
    }

    /// Starts the computing beside the daily work.
    pub(crate) fn start_backfill(&self) {
        let weak = Arc::downgrade(&self.0);
        tokio::spawn(async move {
            // Held for one batch at a time, so that an engine that is dropped ends.
            loop {
                let Some(inner) = weak.upgrade() else { return };
                match Self(inner).backfill_step(BATCH).await {
                    Ok(true) => tokio::task::yield_now().await,
                    Ok(false) => return,
                    Err(err) => {
                        tracing::warn!(%err, "formulas of existing records are not all computed yet; the next start goes on");
                        return;
                    }
                }
            }
        });
    }
}

impl Unit<'_> {
    /// Computes a field for the next records and notes the place; after the last ones the document goes, and what reads the field
    /// is next.
    async fn fill_batch(&mut self, task: &Task, rows: u32) -> Result<()> {
        self.lock(&format!("{BACKFILL}:{}", task.key)).await?;
        // Another node may have been faster.
        let Some(doc) = self.tx.doc_get(BACKFILL, &task.key).await? else { return Ok(()) };
        let after: Option<RecordId> = doc.body["after"].as_str().and_then(|t| t.parse().ok());
        let o = &task.object;
        let ids = self.tx.ids_after(o, after, rows).await?;
        if let Some(last) = ids.last().copied() {
            self.fill(o, task.field, &ids).await?;
            let mut body = doc.body.clone();
            body["after"] = json!(last);
            self.tx.doc_put(DocRow { body, ..doc }).await?;
            return Ok(());
        }
        self.tx.doc_delete(BACKFILL, &task.key).await?;
        if task.chain >= MAX_CHAIN {
            tracing::warn!(field = %task.key, "formulas that read this one are not computed anew: the chain is too long");
            return Ok(());
        }
        for (name, ix) in followers(&self.model.clone(), &o.name, &o.at(task.field).name) {
            let field = self.object(&name)?.at(ix).name.clone();
            let body = json!({ "table": name, "column": field, "chain": task.chain + 1, "after": Json::Null });
            let doc = DocRow { kind: BACKFILL.into(), key: key(&name, &field), owner: None, body, expires: None };
            self.tx.doc_put(doc).await?;
        }
        Ok(())
    }

    async fn fill(&mut self, o: &Arc<ObjectDef>, field: FieldIx, ids: &[RecordId]) -> Result<()> {
        let model = self.model.clone();
        let at = (self.now, self.scope.user());
        if self.tx.fill_formula(&model, o, field, ids, at).await? {
            return Ok(());
        }
        let rollup = self.rollup_values(o, field, ids).await?;
        let plan = self.plan.clone();
        let formula = plan.object(&o.name).and_then(|p| p.calcs.iter().find(|(ix, _)| *ix == field)).map(|(_, f)| f);
        let all = self.everything(o);
        for (i, id) in ids.iter().enumerate() {
            // Locked, so that a write under way is not overwritten with what was before it.
            let Some(old) = self.tx.load(&model, o, &all, *id, Bin::Both, self.now).await? else { continue };
            let mut new = old.clone();
            new[field] = match (&rollup, formula) {
                (Some(values), _) => values[i].clone(),
                (None, Some(f)) => self.evaluate(o, &old, f).await?,
                (None, None) => continue,
            };
            self.tx.fill(o, field, &old, &new).await?;
        }
        Ok(())
    }
}
