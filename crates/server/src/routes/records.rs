//! `/api/v1/{object}` and `/api/v1/{object}/{id}`: list, create, read, update, delete, history, duplicates.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rapport_records::{JsonMap, ListRequest, Saved, WriteOptions};
use rapport_schema::{Millis, RecordId, Seq, query::CountMode};
use serde::Deserialize;
use serde_json::json;

use crate::{
    Problem, body,
    body::{Json, Path, Query},
    caller::Caller,
    openapi::{Api, Doc, Param},
};

/// Parameters of a list.
pub const LIST: &[Param] = &[
    Param::text("filter", "Filter, as JSON or in the text form"),
    Param::text("sort", "`-close_on,name`"),
    Param::int("limit", "At most so many, up to 200"),
    Param::text("cursor", "`next` of the page before"),
    Param::text("fields", "Only these fields"),
    Param::text("expand", "References whose titles are wanted"),
    Param::choice("count", "Counting", &["none", "capped", "exact"]),
    Param::text("q", "Text searched within the object"),
    Param::flag("deleted", "The recycle bin"),
];
const POOL: Param = Param::text("pool", "Id of a public pool the caller sits at: what waits there, as members see it");
const ONE: &[Param] = &[
    Param::text("fields", "Only these fields"),
    Param::text("expand", "References whose titles are wanted"),
    Param::text("as_of", "The record as it was at this instant (RFC 3339)"),
];
const WRITE: &[Param] = &[
    Param::flag("override_duplicates", "Go on in spite of a duplicate (right `duplicate.override`)"),
    Param::flag("set_state", "Set any state (right `import.set_state`)"),
    Param::flag("keep_times", "Keep the times of creation and change given in the data (administrators)"),
];

/// Adds the routes.
pub fn routes(api: Api) -> Api {
    let query = [LIST, &[POOL]].concat();
    api.get("/api/v1/{object}", list, Doc::new("list", "records", "List", "列表").query(&query).answer("RecordPage"))
        .post(
            "/api/v1/{object}",
            create,
            Doc::new("create", "records", "Create", "新建").query(WRITE).body("RecordInput").created("Record"),
        )
        .get("/api/v1/{object}/{id}", get, Doc::new("get", "records", "Read one", "查看").query(ONE).answer("Record"))
        .patch(
            "/api/v1/{object}/{id}",
            update,
            Doc::new("update", "records", "Change", "修改").query(WRITE).if_match().body("RecordInput").answer("Record"),
        )
        .delete(
            "/api/v1/{object}/{id}",
            delete,
            Doc::new("delete", "records", "To the recycle bin, or with `purge` removed for good", "删除")
                .query(&[Param::flag("purge", "Remove for good")])
                .nothing(),
        )
        .post(
            "/api/v1/{object}/{id}/restore",
            restore,
            Doc::new("restore", "records", "Out of the recycle bin", "从回收站恢复").answer("Record"),
        )
        .get(
            "/api/v1/{object}/{id}/history",
            history,
            Doc::new("history", "records", "Changes of one record, newest first", "变更历史")
                .query(&[Param::int("cursor", "`next` of the page before"), Param::int("limit", "At most so many, up to 200")])
                .answer("History"),
        )
        .post(
            "/api/v1/{object}/duplicates",
            duplicates,
            Doc::new("duplicates", "records", "Possible duplicates of data not yet written", "查重")
                .body("DuplicateQuery")
                .answer("Duplicates"),
        )
}

/// Query of a list, as text: everything is optional.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    filter: Option<String>,
    sort: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
    fields: Option<String>,
    expand: Option<String>,
    count: CountMode,
    q: Option<String>,
    deleted: bool,
    as_of: Option<String>,
    /// Of a list.
    pub(super) pool: Option<RecordId>,
    /// Of an export.
    pub(super) format: Option<String>,
}

fn names(s: &str) -> Vec<String> {
    s.split(',').map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect()
}

impl ListQuery {
    /// In the words of the pipeline.
    #[must_use]
    pub fn request(self) -> ListRequest {
        let some = |s: Option<String>| s.filter(|s| !s.trim().is_empty());
        ListRequest {
            filter: some(self.filter),
            sort: some(self.sort),
            limit: self.limit,
            cursor: some(self.cursor),
            fields: some(self.fields).map(|f| names(&f)),
            expand: self.expand.map(|e| names(&e)).unwrap_or_default(),
            count: self.count,
            q: some(self.q),
            deleted: self.deleted,
        }
    }
}

async fn list(c: Caller, Path(object): Path<String>, Query(mut q): Query<ListQuery>) -> Result<Response, Problem> {
    let scope = match q.pool.take() {
        Some(pool) => {
            // Only what waits there now, and only of the pool's own object.
            q.deleted = false;
            let looking = c.ws.access.directory().await?.look_into(&c.scope, pool);
            looking.filter(|s| s.pool().is_some_and(|p| p.object == *object)).ok_or_else(Problem::not_found)?
        }
        None => c.scope.clone(),
    };
    let page = c.ws.engine.list(&scope, &object, &q.request()).await?;
    Ok(body::raw(StatusCode::OK, body::page(&page.rows, page.next.as_deref(), page.count)))
}

async fn get(
    c: Caller,
    Path((object, id)): Path<(String, RecordId)>,
    Query(mut q): Query<ListQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(at) = q.as_of.take() {
        let at: Millis =
            at.parse::<jiff::Timestamp>().map(Millis::from_timestamp).map_err(|e| Problem::query(format!("as_of: {e}")))?;
        return Ok(body::raw(StatusCode::OK, c.ws.engine.as_of(&c.scope, &object, id, at, q.request().fields.as_deref()).await?));
    }
    let (json, version) = c.ws.engine.get(&c.scope, &object, id, &q.request()).await?;
    let tag = etag(version);
    // What an expansion shows may change without the record: only the plain record is known by its version.
    if headers.get(header::IF_NONE_MATCH) == Some(&tag) && !json.windows(9).any(|w| w == b"\"$expand\"") {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let mut r = body::raw(StatusCode::OK, json);
    r.headers_mut().insert(header::ETAG, tag);
    Ok(r)
}

/// `ETag` of a version.
#[must_use]
pub fn etag(version: i64) -> HeaderValue {
    HeaderValue::try_from(format!("\"{version}\"")).unwrap_or_else(|_| HeaderValue::from_static("\"0\""))
}

/// What a write says beside its data.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WriteQuery {
    override_duplicates: bool,
    set_state: bool,
    keep_times: bool,
}

/// Options of a write from query and headers.
///
/// # Errors
/// 400 for an `If-Match` that is no version.
pub fn options(c: &Caller, q: &WriteQuery, headers: &HeaderMap) -> Result<WriteOptions, Problem> {
    let mut o = c.write();
    o.override_duplicates = q.override_duplicates;
    o.set_state = q.set_state;
    o.keep_times = q.keep_times;
    if let Some(v) = headers.get(header::IF_MATCH) {
        let text = v.to_str().unwrap_or("").trim();
        if text != "*" {
            let number = text.strip_prefix("W/").unwrap_or(text).trim_matches('"').parse();
            o.version =
                Some(number.map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "request.header").with("header", "If-Match"))?);
        }
    }
    o.strict = headers.get("if-match-strict").is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"true"));
    Ok(o)
}

/// A written record as answer: `ETag`, and `$warnings` beside the fields when there are any.
fn saved(status: StatusCode, s: Saved) -> Response {
    let mut json = s.json;
    if !s.warnings.is_empty() && json.last() == Some(&b'}') {
        json.pop();
        json.extend_from_slice(format!(",\"$warnings\":{}}}", serde_json::Value::Array(s.warnings)).as_bytes());
    }
    let mut r = body::raw(status, json);
    r.headers_mut().insert(header::ETAG, etag(s.version));
    r
}

/// A strict precondition that fails is told as such.
fn strict(o: &WriteOptions, e: rapport_records::Error) -> Problem {
    match e {
        rapport_records::Error::Conflict { version, .. } if o.strict => {
            Problem::new(StatusCode::PRECONDITION_FAILED, "precondition.failed")
                .with("version", version)
                .extra("version", version)
        }
        e => e.into(),
    }
}

async fn create(
    c: Caller,
    Path(object): Path<String>,
    Query(q): Query<WriteQuery>,
    headers: HeaderMap,
    Json(data): Json<JsonMap>,
) -> Result<Response, Problem> {
    let s = c.ws.engine.create(&c.scope, &object, data, options(&c, &q, &headers)?).await?;
    let place = HeaderValue::try_from(format!("/api/v1/{object}/{}", s.id)).map_err(|e| Problem::internal(&e))?;
    let mut r = saved(StatusCode::CREATED, s);
    r.headers_mut().insert(header::LOCATION, place);
    Ok(r)
}

async fn update(
    c: Caller,
    Path((object, id)): Path<(String, RecordId)>,
    Query(q): Query<WriteQuery>,
    headers: HeaderMap,
    Json(data): Json<JsonMap>,
) -> Result<Response, Problem> {
    let o = options(&c, &q, &headers)?;
    match c.ws.engine.update(&c.scope, &object, id, data, o.clone()).await {
        Ok(s) => Ok(saved(StatusCode::OK, s)),
        Err(e) => Err(strict(&o, e)),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct DeleteQuery {
    purge: bool,
}

async fn delete(
    c: Caller,
    Path((object, id)): Path<(String, RecordId)>,
    Query(q): Query<DeleteQuery>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let mut o = options(&c, &WriteQuery::default(), &headers)?;
    // Changes can be brought together with others'; a deletion is of the version one saw, or not at all.
    o.strict |= o.version.is_some();
    let done = if q.purge {
        c.ws.engine.purge(&c.scope, &object, id, o.clone()).await
    } else {
        c.ws.engine.delete(&c.scope, &object, id, o.clone()).await
    };
    done.map_err(|e| strict(&o, e))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn restore(c: Caller, Path((object, id)): Path<(String, RecordId)>, headers: HeaderMap) -> Result<Response, Problem> {
    let o = options(&c, &WriteQuery::default(), &headers)?;
    Ok(saved(StatusCode::OK, c.ws.engine.restore(&c.scope, &object, id, o).await?))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct HistoryQuery {
    cursor: Option<i64>,
    limit: Option<u32>,
}

async fn history(
    c: Caller,
    Path((object, id)): Path<(String, RecordId)>,
    Query(q): Query<HistoryQuery>,
) -> Result<Response, Problem> {
    let limit = q.limit.unwrap_or(50).clamp(1, 200);
    let (data, next) = c.ws.engine.history(&c.scope, &object, id, q.cursor.map(Seq), limit).await?;
    body::value(&json!({ "data": data, "next": next }))
}

#[derive(Debug, Deserialize)]
struct DuplicateQuery {
    #[serde(default)]
    data: JsonMap,
    id: Option<RecordId>,
}

async fn duplicates(c: Caller, Path(object): Path<String>, Json(q): Json<DuplicateQuery>) -> Result<Response, Problem> {
    let found = c.ws.engine.duplicates(&c.scope, &object, &q.data, q.id).await?;
    body::value(&json!({ "data": found }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_names_are_cut_at_commas() {
        assert_eq!(names(" name, ,level,"), ["name", "level"]);
        let q = ListQuery { fields: Some(String::new()), q: Some("  ".into()), ..ListQuery::default() };
        let r = q.request();
        assert_eq!(r.fields, None);
        assert_eq!(r.q, None);
    }

    #[test]
    fn warnings_stand_beside_the_fields() {
        let id = serde_json::from_str("\"01890000-0000-7000-8000-000000000001\"").unwrap();
        let s = Saved { id, version: 2, json: br#"{"id":"x"}"#.to_vec(), warnings: vec![json!({"score": 70})] };
        let r = saved(StatusCode::OK, s);
        assert_eq!(r.headers()[header::ETAG], "\"2\"");
    }
}
