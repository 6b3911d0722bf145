//! `POST /api/v1/{object}/batch` and `POST /api/v1/batches/{id}/undo`.

use axum::{
    http::{HeaderMap, StatusCode},
    response::Response,
};
use rapport_records::{BatchOp, BatchOptions, BatchResult, Child, Error, JsonMap};
use rapport_schema::{FieldError, Locale, RecordId};
use serde::{Deserialize, de::DeserializeOwned};
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
    /// Each read by itself: one of the wrong shape is refused as a row, and the others go on.
    ops: Vec<Value>,
    #[serde(default)]
    atomic: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    data: JsonMap,
    #[serde(default)]
    children: Vec<OpChild>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Update {
    id: RecordId,
    data: JsonMap,
    version: Option<i64>,
}

/// A record to be deleted or restored.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    id: RecordId,
}

/// A record made together with the one it points to: both stand or fall.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OpChild {
    object: String,
    via: String,
    data: JsonMap,
}

/// The status of a row that was done.
const fn done(op: &BatchOp) -> u16 {
    match op {
        BatchOp::Create { .. } => 201,
        BatchOp::Update { .. } | BatchOp::Restore { .. } => 200,
        BatchOp::Delete { .. } => 204,
    }
}

fn shaped<T: DeserializeOwned>(v: Value) -> Result<T, FieldError> {
    serde_path_to_error::deserialize(v).map_err(|e| body::misshapen(&e))
}

/// One operation, or which member of it is wrong.
fn read(v: Value) -> Result<BatchOp, FieldError> {
    let Value::Object(mut members) = v else { return Err(FieldError::new("", "value.type")) };
    let kind = members.remove("op").ok_or_else(|| FieldError::new("op", "value.required"))?;
    let rest = Value::Object(members);
    Ok(match kind.as_str() {
        Some("create") => {
            let c: Create = shaped(rest)?;
            let children = c.children.into_iter().map(|c| Child { object: c.object, via: c.via, data: c.data }).collect();
            BatchOp::Create { data: c.data, children }
        }
        Some("update") => {
            let u: Update = shaped(rest)?;
            BatchOp::Update { id: u.id, data: u.data, version: u.version }
        }
        Some("delete") => BatchOp::Delete { id: shaped::<One>(rest)?.id },
        Some("restore") => BatchOp::Restore { id: shaped::<One>(rest)?.id },
        _ => return Err(FieldError::new("op", "value.type")),
    })
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
    let read: Vec<Result<BatchOp, FieldError>> = b.ops.into_iter().map(read).collect();
    let done: Vec<u16> = read.iter().map(|op| op.as_ref().map_or(422, done)).collect();
    let mut write = options(&c, &q, &headers)?;
    let faulty = read.iter().any(Result::is_err);
    let (mut ops, mut faults) = (vec![], vec![]);
    for op in read {
        match op {
            Ok(op) => {
                ops.push(op);
                faults.push(None);
            }
            Err(e) => faults.push(Some(e)),
        }
    }
    if b.atomic && faulty {
        // Nothing is done, nothing is kept for a repetition; the object and the right to it are asked all the same.
        ops.clear();
        write.idempotency = None;
    }
    let opts = BatchOptions { atomic: b.atomic, write, ..BatchOptions::default() };
    let mut result = c.ws.engine.batch(&c.scope, &object, ops, opts).await?;
    let mut did = result.rows.into_iter();
    result.rows = faults
        .into_iter()
        .map(|fault| match fault {
            Some(e) => Err(Error::field(e)),
            None => did.next().unwrap_or_else(|| Err(Error::state("batch.rolled_back"))),
        })
        .collect();
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
        let id = "01890000-0000-7000-8000-000000000001";
        assert_eq!(done(&read(json!({ "op": "create", "data": { "name": "甲" } })).unwrap()), 201);
        assert_eq!(done(&read(json!({ "op": "delete", "id": id })).unwrap()), 204);
        let fault = |v: Value| {
            let e = read(v).unwrap_err();
            format!("{} {}", e.field, e.code)
        };
        assert_eq!(fault(json!(7)), " value.type");
        assert_eq!(fault(json!({ "id": id })), "op value.required");
        assert_eq!(fault(json!({ "op": "drop", "id": id })), "op value.type");
        assert_eq!(fault(json!({ "op": "delete" })), "id value.required");
        assert_eq!(fault(json!({ "op": "delete", "id": "x" })), "id value.type");
        assert_eq!(fault(json!({ "op": "delete", "id": id, "data": {} })), "data value.unknown_field");
        assert_eq!(fault(json!({ "op": "update", "id": id, "data": [] })), "data value.type");
        let child = json!({ "object": "contact", "via": "account_id" });
        assert_eq!(fault(json!({ "op": "create", "data": {}, "children": [child] })), "children[0].data value.required");
    }
}
