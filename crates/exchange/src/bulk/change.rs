//! What becomes of each record of a job.

use std::collections::HashMap;

use futures::{StreamExt as _, stream};
use rapport_policy::Scope;
use rapport_records::{BatchOp, Error, Idempotency, JsonMap, ListRequest, WriteOptions};
use rapport_schema::{FieldError, RecordId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Bulk, Did, Outcome};
use crate::{Result, run, step::field_errors};

/// Actions under way at once: writers share a commit.
const LANES: usize = 8;
/// Records whose tags are read at once.
const READ: usize = 200;
/// Actions between two checkpoints.
const ACTS: usize = 100;

/// One change for all records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// Fields get the same values.
    Update {
        /// Field to value; `null` clears.
        data: JsonMap,
    },
    /// Tags are added and taken off; each record keeps its others.
    Tags {
        /// Added.
        #[serde(default)]
        add: Vec<String>,
        /// Taken off.
        #[serde(default)]
        remove: Vec<String>,
    },
    /// Into the recycle bin.
    Delete,
    /// An action of the registry.
    Action {
        /// Its name.
        action: String,
        /// Its input.
        #[serde(default)]
        input: Value,
    },
}

impl Change {
    /// Most records of one batch.
    pub(super) const fn most(&self) -> usize {
        match self {
            Self::Update { .. } | Self::Delete => run::CHUNK,
            Self::Tags { .. } => READ,
            Self::Action { .. } => ACTS,
        }
    }
}

/// A batch: records with what is known of them, and operations for the others.
pub(super) struct Ready {
    /// In the order of the set; none = the next operation tells.
    pub rows: Vec<(RecordId, Option<Outcome>)>,
    /// Operations, in the order of the records.
    pub ops: Vec<BatchOp>,
}

impl Ready {
    pub const fn len(&self) -> usize {
        self.rows.len()
    }
}

/// Makes the operations of a batch. Actions are run here, each in its own transaction and once, however often the batch is tried.
pub(super) async fn prepare(bulk: &Bulk, scope: &Scope, ids: Vec<RecordId>, first: u64) -> Result<Ready> {
    let each = |op: &dyn Fn(RecordId) -> BatchOp| Ready {
        ops: ids.iter().map(|id| op(*id)).collect(),
        rows: ids.iter().map(|id| (*id, None)).collect(),
    };
    match &bulk.change {
        Change::Update { data } => Ok(each(&|id| BatchOp::Update { id, data: data.clone(), version: None })),
        Change::Delete => Ok(each(&|id| BatchOp::Delete { id })),
        Change::Tags { add, remove } => tags(bulk, scope, ids, add, remove).await,
        Change::Action { action, input } => act(bulk, scope, ids, first, action, input).await,
    }
}

async fn tags(bulk: &Bulk, scope: &Scope, ids: Vec<RecordId>, add: &[String], remove: &[String]) -> Result<Ready> {
    let ask = ListRequest {
        filter: Some(json!({ "field": "id", "op": "in", "value": ids }).to_string()),
        fields: Some(vec!["tags".into()]),
        limit: Some(u32::try_from(READ).unwrap_or(200)),
        ..ListRequest::default()
    };
    let page = bulk.engine.list(scope, &bulk.object, &ask).await?;
    let rows: Vec<JsonMap> =
        serde_json::from_slice(&[b"[", page.rows.as_slice(), b"]"].concat()).map_err(std::io::Error::other)?;
    let known: HashMap<RecordId, (Vec<String>, Option<i64>)> = rows
        .into_iter()
        .filter_map(|r| {
            let id = r.get("id")?.as_str()?.parse().ok()?;
            let now = r.get("tags").and_then(|t| serde_json::from_value(t.clone()).ok()).unwrap_or_default();
            Some((id, (now, r.get("version").and_then(Value::as_i64))))
        })
        .collect();
    let mut ready = Ready { rows: vec![], ops: vec![] };
    for id in ids {
        let Some((now, version)) = known.get(&id) else {
            ready.rows.push((id, Some(Err(vec![FieldError::new("", "not_found")]))));
            continue;
        };
        let mut next: Vec<&String> = now.iter().filter(|t| !remove.contains(t)).collect();
        next.extend(add.iter().filter(|t| !now.contains(t)));
        if next.len() == now.len() && next.iter().all(|t| now.contains(t)) {
            ready.rows.push((id, Some(Ok(Did::Nothing))));
            continue;
        }
        let mut data = JsonMap::new();
        data.insert("tags".into(), json!(next));
        // Somebody who changes the tags in between is not overwritten.
        ready.ops.push(BatchOp::Update { id, data, version: *version });
        ready.rows.push((id, None));
    }
    Ok(ready)
}

async fn act(bulk: &Bulk, scope: &Scope, ids: Vec<RecordId>, first: u64, action: &str, input: &Value) -> Result<Ready> {
    let input = if input.is_null() { json!({}) } else { input.clone() };
    let runs = ids.into_iter().enumerate().map(|(i, id)| {
        let input = input.clone();
        async move {
            // The key makes a repetition after a crash answer what the first did.
            let key = Idempotency { key: format!("bulk:{}:{}", bulk.job, first + i as u64), hash: id.to_string() };
            let write = WriteOptions { idempotency: Some(key), ..bulk.write() };
            (id, bulk.engine.act(scope, &bulk.object, Some(id), action, input, write).await)
        }
    });
    let mut rows = vec![];
    let mut all = stream::iter(runs).buffered(LANES);
    while let Some((id, r)) = all.next().await {
        rows.push((
            id,
            Some(match r {
                Ok(_) => Ok(Did::Changed),
                // The database itself is in trouble: not this record's fault.
                Err(e @ Error::Store(_)) => return Err(e.into()),
                Err(e) => Err(field_errors(&e)),
            }),
        ));
    }
    Ok(Ready { rows, ops: vec![] })
}
