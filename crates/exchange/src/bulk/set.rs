//! The records of a job, named once at its start: what is made or comes to fit the filter later is not touched.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use rapport_policy::Scope;
use rapport_records::{BatchOptions, Document, Documents, JsonMap, ListRequest};
use rapport_schema::RecordId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Bulk, CHUNK, IDS, PROGRESS, Progress};
use crate::{ExchangeError, Result};

/// Most records of one job.
pub const MOST: u64 = 200_000;

/// Which records are meant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// All for which a filter holds and that a search finds.
    Filter {
        /// As for lists: JSON or text.
        filter: Option<String>,
        /// Search text.
        q: Option<String>,
        /// Left out.
        except: Vec<RecordId>,
    },
    /// These.
    Ids(Vec<RecordId>),
}

/// Key of a document of ids.
pub(super) fn key(set: RecordId, n: usize) -> String {
    format!("{set}/{n:06}")
}

impl Bulk {
    /// Names the records; answers false when it was told to stop before it had them all.
    pub(super) async fn collect(
        &self,
        scope: &Scope,
        at: &mut Progress,
        stop: &AtomicBool,
        told: &impl Fn(&Progress),
    ) -> Result<bool> {
        let set = self.engine.new_id();
        let mut kept = Kept { bulk: self, set, chunk: Vec::with_capacity(CHUNK), n: 0, total: 0 };
        match &self.target {
            Target::Ids(ids) => {
                let mut seen = HashSet::new();
                for id in ids.iter().filter(|id| seen.insert(**id)) {
                    kept.add(*id).await?;
                }
            }
            Target::Filter { filter, q, except } => {
                let except: HashSet<&RecordId> = except.iter().collect();
                let mut cursor = None;
                loop {
                    let ask = ListRequest {
                        filter: filter.clone(),
                        q: q.clone(),
                        sort: Some("created_at".into()),
                        fields: Some(vec!["id".into()]),
                        limit: Some(200),
                        cursor,
                        ..ListRequest::default()
                    };
                    let page = self.engine.list(scope, &self.object, &ask).await?;
                    let rows: Vec<JsonMap> =
                        serde_json::from_slice(&[b"[", page.rows.as_slice(), b"]"].concat()).map_err(std::io::Error::other)?;
                    for r in rows {
                        let id: Option<RecordId> = r.get("id").and_then(Value::as_str).and_then(|s| s.parse().ok());
                        if let Some(id) = id.filter(|id| !except.contains(id)) {
                            kept.add(id).await?;
                        }
                    }
                    let (before, now) = (at.at, self.engine.now());
                    *at = Progress { total: kept.total, at: Some(now), ..at.clone() };
                    told(at);
                    // Others see by it that somebody is at it.
                    if before.is_none_or(|b| now.0 - b.0 > 3_000) {
                        self.advance(scope, at).await?;
                    } else {
                        at.at = before;
                    }
                    cursor = page.next;
                    if cursor.is_none() {
                        break;
                    }
                    if stop.load(Ordering::Relaxed) {
                        return Ok(false);
                    }
                }
            }
        }
        kept.flush().await?;
        let total = kept.total;
        *at = Progress { set: Some(set), total, at: Some(self.engine.now()), ..at.clone() };
        self.advance(scope, at).await?;
        told(at);
        Ok(true)
    }

    /// Writes a checkpoint beside any batch, unless another run did meanwhile.
    async fn advance(&self, scope: &Scope, at: &mut Progress) -> Result<()> {
        let only_if = Some(self.only_after(at));
        at.steps += 1;
        let doc = Document { kind: PROGRESS.into(), key: self.job.to_string(), owner: Some(self.job), body: json!(at) };
        let documents = Some(Documents(Arc::new(move |_: &[_]| vec![doc.clone()])));
        let opts = BatchOptions { documents, only_if, ..BatchOptions::default() };
        self.engine.batch(scope, &self.object, vec![], opts).await?;
        Ok(())
    }
}

/// A set that grows.
struct Kept<'b> {
    bulk: &'b Bulk,
    set: RecordId,
    chunk: Vec<RecordId>,
    n: usize,
    total: u64,
}

impl Kept<'_> {
    async fn add(&mut self, id: RecordId) -> Result<()> {
        self.total += 1;
        if self.total > MOST {
            return Err(ExchangeError::refused("bulk.too_many").with("max", MOST));
        }
        self.chunk.push(id);
        if self.chunk.len() == CHUNK { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<()> {
        if self.chunk.is_empty() {
            return Ok(());
        }
        let body = json!(std::mem::take(&mut self.chunk));
        let doc = Document { kind: IDS.into(), key: key(self.set, self.n), owner: Some(self.bulk.job), body };
        self.n += 1;
        Ok(self.bulk.engine.put_document(doc).await?)
    }
}
