//! What a job leaves behind: its progress, what was refused, and how it is forgotten.

use async_recursion::async_recursion as boxed;
use rapport_records::Engine;
use rapport_schema::RecordId;

use super::{IDS, PROGRESS, Progress, REFUSED, Refused};
use crate::Result;

/// Key of the refused records of a batch.
pub(super) fn key(job: RecordId, first: u64) -> String {
    format!("{job}/{first:010}")
}

/// The progress of a job, when it was started.
///
/// # Errors
/// The database.
#[boxed]
pub async fn progress(engine: &Engine, job: RecordId) -> Result<Option<Progress>> {
    let doc = engine.document(PROGRESS, &job.to_string()).await?;
    Ok(doc.and_then(|d| serde_json::from_value(d).ok()))
}

/// Refused records of a job from a place in its set on, at least `most` when there are so many: whole batches are read.
///
/// # Errors
/// The database.
#[boxed]
pub async fn refused(engine: &Engine, job: RecordId, from: u64, most: usize) -> Result<Vec<Refused>> {
    let Some(p) = progress(engine, job).await? else { return Ok(vec![]) };
    let mut all: Vec<Refused> = vec![];
    // The batch a place lies in began before it.
    let start = p.faulty.partition_point(|f| *f <= from).saturating_sub(1);
    for first in &p.faulty[start.min(p.faulty.len())..] {
        let doc = engine.document(REFUSED, &key(job, *first)).await?;
        all.extend(doc.and_then(|d| serde_json::from_value::<Vec<Refused>>(d).ok()).unwrap_or_default());
        all.retain(|r| r.at >= from);
        if all.len() >= most {
            break;
        }
    }
    Ok(all)
}

/// Removes everything kept of a job but what stands in the change log.
///
/// # Errors
/// The database.
#[boxed]
pub async fn forget(engine: &Engine, job: RecordId) -> Result<()> {
    for kind in [IDS, REFUSED, PROGRESS] {
        let keys: Vec<String> = engine
            .db()
            .doc_list(kind, Some(job))
            .await
            .map_err(rapport_records::Error::from)?
            .into_iter()
            .map(|d| d.key)
            .collect();
        let done = engine.db().write(move |tx| {
            let keys = keys.clone();
            Box::pin(async move {
                for key in &keys {
                    tx.doc_delete(kind, key).await?;
                }
                Ok::<(), rapport_records::StoreError>(())
            })
        });
        done.await.map_err(rapport_records::Error::from)?;
    }
    Ok(())
}
