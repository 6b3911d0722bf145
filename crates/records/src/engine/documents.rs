//! Keyed documents of jobs, for floors that do not reach the store.

use std::sync::Arc;

use async_recursion::async_recursion as boxed;
use rapport_policy::Scope;
use rapport_schema::{Cause, Change, ChangeOp, RecordId, Seq};
use rapport_store::DocRow;

use serde_json::value::RawValue;

use crate::{Document, Engine, Result};

impl From<Document> for DocRow {
    fn from(d: Document) -> Self {
        Self { kind: d.kind, key: d.key, owner: d.owner, body: d.body, expires: None }
    }
}

impl Engine {
    /// Removes what has expired: answers kept for repeated requests, claims, cursors of jobs. Answers how many.
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn forget_expired(&self) -> Result<u64> {
        Ok(self.db().write(|tx| Box::pin(tx.doc_expire())).await?)
    }
    /// A document's body.
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn document(&self, kind: &str, key: &str) -> Result<Option<serde_json::Value>> {
        Ok(self.db().doc_get(kind, key).await?.map(|d| d.body))
    }

    /// Bodies of a job's documents of a kind, in order of their keys.
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn documents(&self, kind: &str, owner: RecordId) -> Result<Vec<serde_json::Value>> {
        let mut all = self.db().doc_list(kind, Some(owner)).await?;
        all.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(all.into_iter().map(|d| d.body).collect())
    }

    /// Writes an entry to the audit trail that is no change of a record: an export, a report. `act` is a stable word.
    ///
    /// # Errors
    /// Unknown object, or the database.
    #[boxed]
    pub async fn audit(&self, scope: &Scope, object: &str, act: &str, what: serde_json::Value) -> Result<()> {
        let raw = |j: serde_json::Value| RawValue::from_string(j.to_string()).expect("JSON");
        let change = Change {
            seq: Seq(0),
            at: self.now(),
            object: self.object_def(object)?.name.clone(),
            id: RecordId::from_bytes([0; 16]),
            op: ChangeOp::Note,
            version: 0,
            actor: scope.actor(),
            cause: Cause { act: Some(act.to_owned()), ..Cause::default() },
            before: raw(serde_json::json!({})),
            after: raw(what),
        };
        self.db()
            .write(move |tx| {
                let change = change.clone();
                Box::pin(async move {
                    tx.log(change);
                    Ok::<(), rapport_store::StoreError>(())
                })
            })
            .await?;
        Ok(())
    }

    /// Changes a document in one transaction, alone on all nodes: `next` is given its body and answers the new one, or nothing when it
    /// is to stay. Answers whether it was changed. `next` may be asked again when the transaction runs again.
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn change_document(
        &self,
        kind: &'static str,
        key: &'static str,
        next: impl Fn(Option<serde_json::Value>) -> Option<serde_json::Value> + Send + Sync + 'static,
    ) -> Result<bool> {
        let next = Arc::new(next);
        let done = self.db().write(move |tx| {
            let next = next.clone();
            Box::pin(async move {
                tx.lock_key(&format!("document/{kind}/{key}")).await?;
                let was = tx.doc_get(kind, key).await?.map(|d| d.body);
                let Some(body) = next(was) else { return Ok(false) };
                tx.doc_put(DocRow::from(Document { kind: kind.into(), key: key.into(), owner: None, body })).await?;
                Ok(true)
            })
        });
        Ok(done.await?)
    }

    /// Writes a document beside any batch.
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn put_document(&self, d: Document) -> Result<()> {
        let row = DocRow::from(d);
        self.db()
            .write(move |tx| {
                let row = row.clone();
                Box::pin(async move { tx.doc_put(row).await })
            })
            .await?;
        Ok(())
    }
}
