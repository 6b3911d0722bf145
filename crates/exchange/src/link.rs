//! References of a sheet to its own object: set after all its rows are there.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use rapport_records::{BatchOp, BatchOptions, Document, Documents, Error, JsonMap};
use rapport_schema::{FieldError, RecordId, Via};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Result,
    lookup::{Found, Lookups, Wanted},
    plan::SheetPlan,
    run::{FAULTS, Fault, Import, LATER, PROGRESS, Progress, key},
    step::field_errors,
};

/// A reference to be set after all rows of its sheet are made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Link {
    pub id: RecordId,
    pub row: u64,
    pub cells: Vec<String>,
    pub field: String,
    pub wanted: Wanted,
}

impl Link {
    fn fault(&self, sheet: usize, errors: Vec<FieldError>) -> Fault {
        Fault { sheet, row: self.row, cells: self.cells.clone(), errors }
    }
    fn lookup_fault(&self, sheet: usize, code: &'static str) -> Fault {
        self.fault(sheet, vec![FieldError::new(self.field.as_str(), code).with("value", self.wanted.text.as_str())])
    }
}

/// Documents of linking come after those of all rows of their sheet.
const AFTER_ROWS: u64 = 10_000_000_000;

impl Import {
    /// Sets a sheet's references to its own object, now that all its rows are there: one batch per batch of rows, each with its
    /// checkpoint.
    pub(crate) async fn link(&self, at: &mut Progress, plan: &SheetPlan, known: &mut Lookups, stop: &AtomicBool) -> Result<()> {
        while at.linked < at.later.len() && !self.dry_run {
            let from = key(self.job, at.sheet, at.later[at.linked]);
            let doc = self.engine.document(LATER, &from).await?;
            let links: Vec<Link> = doc.and_then(|d| serde_json::from_value(d).ok()).unwrap_or_default();
            known.trim();
            let wanted: BTreeSet<Wanted> = links.iter().map(|l| l.wanted.clone()).filter(|w| known.get(w).is_none()).collect();
            self.ask(wanted, known).await?;
            let (mut of, mut ops, mut faults) = (vec![], vec![], vec![]);
            for l in links {
                match known.get(&l.wanted) {
                    Some(Found::One(id)) => {
                        let mut data = JsonMap::new();
                        data.insert(l.field.clone(), id.to_string().into());
                        ops.push(BatchOp::Update { id: l.id, data, version: None });
                        of.push(l);
                    }
                    Some(Found::Many) => faults.push(l.lookup_fault(at.sheet, "import.lookup_ambiguous")),
                    Some(Found::Nothing | Found::Soon) | None => {
                        faults.push(l.lookup_fault(at.sheet, "import.lookup_missing"));
                    }
                }
            }
            let mut next = at.clone();
            next.linked += 1;
            next.steps += 1;
            let told = Arc::new(Mutex::new(next.clone()));
            let documents = Some(self.linked(next, of, faults, told.clone()));
            let opts = BatchOptions { documents, only_if: Some(self.only_after(at)), ..self.batch_options(plan) };
            self.engine.batch(&self.scope.through(Via::Import), &plan.object, ops, opts).await?;
            *at = told.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if stop.load(Ordering::Relaxed) {
                at.cancelled = true;
                return Ok(());
            }
        }
        Ok(())
    }

    fn linked(&self, next: Progress, of: Vec<Link>, early: Vec<Fault>, told: Arc<Mutex<Progress>>) -> Documents {
        let job = self.job;
        Documents(Arc::new(move |results: &[std::result::Result<(RecordId, i64), Error>]| {
            let mut p = next.clone();
            let mut faults = early.clone();
            let refused =
                |(l, r): (&Link, &std::result::Result<_, Error>)| Some(l.fault(p.sheet, field_errors(r.as_ref().err()?)));
            faults.extend(of.iter().zip(results).filter_map(refused));
            let mut docs = vec![];
            if !faults.is_empty() {
                let row = AFTER_ROWS + p.linked as u64;
                p.unlinked += faults.len() as u64;
                p.faulty.push((p.sheet, row));
                docs.push(Document { kind: FAULTS.into(), key: key(job, p.sheet, row), owner: Some(job), body: json!(faults) });
            }
            docs.push(Document { kind: PROGRESS.into(), key: job.to_string(), owner: Some(job), body: json!(p) });
            *told.lock().unwrap_or_else(PoisonError::into_inner) = p;
            docs
        }))
    }
}
