//! `POST /api/v1/{object}/batch` and `POST /api/v1/batches/{id}/undo`.

use axum::{
    http::{HeaderMap, StatusCode},
    response::Response,
};
use rapport_records::{BatchOp, BatchOptions, BatchResult, Child, JsonMap};
use rapport_schema::{Locale, RecordId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::records::{WriteQuery, options};
use crate::{
    Problem, body,
    body::{BigJson, Path, Query},
    caller::Caller,
    layers::edge,
    openapi::{Api, Doc},
};

/// Most operations in one call.
const MOST: usize = 10_000;

/// Adds the routes.
pub fn routes(api: Api) -> Api {
    api.post(
        "/api/v1/{object}/batch",
        batch,
        Doc::new("batch", "records", "Up to 10,000 operations, a result for each", "批量操作")
            .body("Batch")
            .answer("BatchResult"),
    )
    .post(
        "/api/v1/batches/{id}/undo",
        undo,
        Doc::new("undo", "records", "Take back a batch, an import or a merge", "撤销一批更改").answer("BatchResult"),
    )
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    ops: Vec<Op>,
    #[serde(default)]
    atomic: bool,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
enum Op {
    Create {
        data: JsonMap,
        #[serde(default)]
        children: Vec<OpChild>,
    },
    Update {
        id: RecordId,
        data: JsonMap,
        version: Option<i64>,
    },
    Delete {
        id: RecordId,
    },
    Restore {
        id: RecordId,
    },
}

/// A record made together with the one it points to: both stand or fall.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OpChild {
    object: String,
    via: String,
    data: JsonMap,
}

impl Op {
    const fn done(&self) -> u16 {
        match self {
            Self::Create { .. } => 201,
            Self::Update { .. } | Self::Restore { .. } => 200,
            Self::Delete { .. } => 204,
        }
    }
    fn into_op(self) -> BatchOp {
        match self {
            Self::Create { data, children } => {
                let children = children.into_iter().map(|c| Child { object: c.object, via: c.via, data: c.data }).collect();
                BatchOp::Create { data, children }
            }
            Self::Update { id, data, version } => BatchOp::Update { id, data, version },
            Self::Delete { id } => BatchOp::Delete { id },
            Self::Restore { id } => BatchOp::Restore { id },
        }
    }
}

fn rows(r: BatchResult, done: &[u16], locale: Locale, trace: &str) -> (Vec<Value>, bool, RecordId) {
    let mut all = true;
    let list = r.rows.into_iter().enumerate().map(|(i, row)| match row {
        Ok((id, version)) => json!({ "status": done.get(i).copied().unwrap_or(200), "id": id, "version": version }),
        Err(e) => {
            all = false;
            let p = Problem::from(e);
            json!({ "status": p.status.as_u16(), "error": p.body(locale, trace) })
        }
    });
    (list.collect(), all, r.batch)
}

async fn batch(
    c: Caller,
    Path(object): Path<String>,
    Query(q): Query<WriteQuery>,
    headers: HeaderMap,
    BigJson(b): BigJson<Body>,
) -> Result<Response, Problem> {
    if b.ops.len() > MOST {
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "batch.too_large").with("max", MOST));
    }
    let done: Vec<u16> = b.ops.iter().map(Op::done).collect();
    let write = options(&c, &q, &headers)?;
    let opts = BatchOptions { atomic: b.atomic, write, ..BatchOptions::default() };
    let ops = b.ops.into_iter().map(Op::into_op).collect();
    let result = c.ws.engine.batch(&c.scope, &object, ops, opts).await?;
    let (results, all, id) = rows(result, &done, edge::locale(&headers), &c.trace);
    if b.atomic && !all {
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "batch.aborted").extra("results", results));
    }
    body::value(&json!({ "results": results, "batch_id": id }))
}

async fn undo(c: Caller, Path(id): Path<RecordId>, headers: HeaderMap) -> Result<Response, Problem> {
    let result = c.ws.engine.undo(&c.scope, id).await?;
    let (results, all, batch) = rows(result, &[], edge::locale(&headers), &c.trace);
    body::value(&json!({ "results": results, "complete": all, "batch_id": batch }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_read_and_odd_ones_refused() {
        let b: Body = serde_json::from_str(
            r#"{"ops":[{"op":"create","data":{"name":"甲"}},{"op":"delete","id":"01890000-0000-7000-8000-000000000001"}]}"#,
        )
        .unwrap();
        assert_eq!(b.ops.iter().map(Op::done).collect::<Vec<_>>(), [201, 204]);
        assert!(serde_json::from_str::<Body>(r#"{"ops":[{"op":"drop","id":"x"}]}"#).is_err());
        assert!(
            serde_json::from_str::<Body>(r#"{"ops":[{"op":"delete","id":"01890000-0000-7000-8000-000000000001","data":{}}]}"#)
                .is_err()
        );
    }
}
