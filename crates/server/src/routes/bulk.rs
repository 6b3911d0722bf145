//! `/api/v1/{object}/bulk` and `/api/v1/bulk…`: one change of many records as a job of the server.

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rapport_exchange::{
    bulk::{self as engine, Change, Refused, Target},
    export,
};
use rapport_records::{Error, JsonMap, ListRequest};
use rapport_schema::{Locale, RecordId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::files::disposition;
use crate::{
    App, Problem, body,
    body::{Json, Path, Query},
    bulk::{self, Job, MOST_RUNNING, Work},
    caller::Caller,
    jobs::Status,
    layers::edge,
    messages,
    openapi::{Api, Doc, Param},
};

/// Most ids named one by one.
const MOST_IDS: usize = 10_000;
/// Refused records of one page.
const PAGE: u32 = 200;

/// Adds the routes.
pub fn routes(api: Api) -> Api {
    let doc = |id, en, zh| Doc::new(id, "bulk", en, zh);
    api.post(
        "/api/v1/{object}/bulk",
        start,
        doc("bulk_start", "Change many records at once, as a job of the server", "后台批量修改")
            .body("BulkStart")
            .accepted("BulkJob"),
    )
    .get("/api/v1/bulk", all, doc("bulk_jobs", "The caller's bulk jobs, the newest first", "我的批量任务").answer("BulkJobs"))
    .get("/api/v1/bulk/{id}", state, doc("bulk_state", "How far a bulk job is", "批量任务进度").answer("BulkJob"))
    .delete("/api/v1/bulk/{id}", forget, doc("bulk_forget", "Forget a bulk job that has ended", "清除已结束的批量任务"))
    .post(
        "/api/v1/bulk/{id}/cancel",
        cancel,
        doc("bulk_cancel", "End a bulk job after the current batch", "停止批量任务").accepted("BulkJob"),
    )
    .post("/api/v1/bulk/{id}/resume", resume, doc("bulk_resume", "Go on with a bulk job", "继续批量任务").accepted("BulkJob"))
    .post("/api/v1/bulk/{id}/undo", undo, doc("bulk_undo", "Take a bulk job back as a whole", "撤销批量任务").accepted("BulkJob"))
    .get(
        "/api/v1/bulk/{id}/refused",
        refused,
        doc("bulk_refused", "Records a bulk job left as they are, and why", "未能处理的记录")
            .query(&[Param::int("limit", "At most 200"), Param::text("cursor", "`next` of the page before")])
            .answer("BulkRefused"),
    )
    .get(
        "/api/v1/bulk/{id}/refused.csv",
        refused_file,
        doc("bulk_refused_file", "The same as a file", "下载未能处理的记录").answers_with("text/csv; charset=utf-8"),
    )
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Filter as for lists, JSON or text.
    filter: Option<Value>,
    q: Option<String>,
    #[serde(default)]
    except: Vec<RecordId>,
    ids: Option<Vec<RecordId>>,
    change: Change,
}

fn unfit(message: &str) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "request.body").with("message", message)
}

impl Asked {
    fn target(&mut self) -> Result<Target, Problem> {
        let too_many = |n: usize| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "batch.too_large").with("max", n);
        if self.except.len() > MOST_IDS {
            return Err(too_many(MOST_IDS));
        }
        match (self.ids.take(), self.filter.take(), self.q.take()) {
            (Some(ids), None, None) if self.except.is_empty() && !ids.is_empty() => {
                if ids.len() > MOST_IDS {
                    Err(too_many(MOST_IDS))
                } else {
                    Ok(Target::Ids(ids))
                }
            }
            (Some(_), ..) => Err(unfit("ids, or filter with q and except")),
            (None, filter, q) => {
                let filter = filter.map(|f| if let Value::String(s) = f { s } else { f.to_string() });
                Ok(Target::Filter { filter, q, except: std::mem::take(&mut self.except) })
            }
        }
    }
}

/// The caller may do this to records of the object at all; each record is judged when its turn comes.
fn allowed(c: &Caller, object: &str, change: &Change) -> Result<(), Problem> {
    let model = c.ws.engine.model();
    // Whoever does not see the object is told what is told of one that does not exist.
    let o = model
        .object(object)
        .filter(|o| c.scope.may_on(o, "read"))
        .ok_or_else(|| Error::UnknownObject(object.chars().take(60).collect()))?;
    let may = |right: &str| if c.scope.may_on(o, right) { Ok(()) } else { Err(Problem::denied()) };
    match change {
        Change::Update { data } if data.is_empty() => Err(unfit("data: at least one field")),
        Change::Tags { add, remove } if add.is_empty() && remove.is_empty() => Err(unfit("add, remove: at least one tag")),
        Change::Update { data } => {
            may("edit")?;
            let unknown = |f: &str| Error::Invalid(vec![rapport_schema::FieldError::new(f, "field.unknown")]);
            match data.keys().find(|f| o.field(f).is_none_or(|d| d.retired || !c.scope.field(o, &d.name, true).visible())) {
                Some(f) => Err(unknown(f).into()),
                None => Ok(()),
            }
        }
        Change::Tags { .. } => may("edit"),
        Change::Delete => may("delete"),
        Change::Action { action, .. } => {
            let known = c.ws.engine.actions(&c.scope, object);
            let of_record =
                |a: &rapport_records::ActionSpec| a.scope == rapport_records::ActionScope::Record && a.name == *action;
            if known.iter().any(of_record) { Ok(()) } else { Err(Problem::denied()) }
        }
    }
}

async fn start(
    State(app): State<App>,
    c: Caller,
    Path(object): Path<String>,
    Json(mut asked): Json<Asked>,
) -> Result<Response, Problem> {
    allowed(&c, &object, &asked.change)?;
    let user = c.user()?;
    let target = asked.target()?;
    if let Target::Filter { filter, q, .. } = &target {
        // A filter that cannot be read is told now.
        let ask = ListRequest {
            filter: filter.clone(),
            q: q.clone(),
            sort: Some("created_at".into()),
            fields: Some(vec!["id".into()]),
            limit: Some(1),
            ..ListRequest::default()
        };
        c.ws.engine.list(&c.scope, &object, &ask).await?;
    }
    let mine = bulk::of_person(&app, &c.ws, user).await?;
    if mine.iter().filter(|(_, j)| j.work.lock().status.at_work()).count() >= MOST_RUNNING {
        return Err(Problem::new(StatusCode::CONFLICT, "bulk.busy").with("max", MOST_RUNNING));
    }
    bulk::tidy(&app, &c.ws, user);
    let work = Work {
        user,
        object,
        change: asked.change,
        target,
        began: c.ws.engine.now(),
        via: c.scope.actor().via,
        status: Status::Running,
        error: None,
        run: None,
    };
    let id = c.ws.engine.new_id();
    let job = bulk::start(&app, c.ws.clone(), &c.scope, id, work).await?.ok_or_else(busy)?;
    Ok(accepted(id, &job))
}

fn accepted(id: RecordId, job: &Job) -> Response {
    body::raw(StatusCode::ACCEPTED, job.shown(id).to_string().into_bytes())
}

fn busy() -> Problem {
    Problem::new(StatusCode::CONFLICT, "bulk.bad_state")
}

async fn find(app: &App, c: &Caller, id: RecordId) -> Result<Arc<Job>, Problem> {
    let job = bulk::find(app, &c.ws, &c.scope, id).await?.ok_or_else(Problem::not_found)?;
    // A token that is narrowed to other objects knows nothing of it.
    let object = job.work.lock().object.clone();
    match c.ws.engine.model().object(&object) {
        Some(o) if !c.scope.may_on(o, "read") => Err(Problem::not_found()),
        _ => Ok(job),
    }
}

/// The caller may write the job's object, so may steer the job.
fn steers(c: &Caller, job: &Job) -> Result<(), Problem> {
    let (object, change) = {
        let w = job.work.lock();
        (w.object.clone(), w.change.clone())
    };
    allowed(c, &object, &change)
}

fn at_work(job: &Job) -> bool {
    job.work.lock().status.at_work()
}

async fn all(State(app): State<App>, c: Caller) -> Result<Response, Problem> {
    let model = c.ws.engine.model();
    let sees = |j: &Job| model.object(&j.work.lock().object).is_some_and(|o| c.scope.may_on(o, "read"));
    let mine = bulk::of_person(&app, &c.ws, c.user()?).await?;
    let data: Vec<Value> = mine.iter().filter(|(_, j)| sees(j)).take(50).map(|(id, j)| j.shown(*id)).collect();
    body::value(&json!({ "data": data }))
}

async fn state(State(app): State<App>, c: Caller, Path(id): Path<RecordId>) -> Result<Response, Problem> {
    body::value(&find(&app, &c, id).await?.shown(id))
}

async fn cancel(State(app): State<App>, c: Caller, Path(id): Path<RecordId>) -> Result<Response, Problem> {
    let job = find(&app, &c, id).await?;
    bulk::cancel(&c.ws, id, &job).await?;
    Ok(accepted(id, &job))
}

async fn resume(State(app): State<App>, c: Caller, Path(id): Path<RecordId>) -> Result<Response, Problem> {
    let job = find(&app, &c, id).await?;
    let work = job.work.lock().clone();
    if !matches!(work.status, Status::Failed | Status::Cancelled) || work.user != c.user()? {
        return Err(busy());
    }
    steers(&c, &job)?;
    let job = bulk::start(&app, c.ws.clone(), &c.scope, id, work).await?.ok_or_else(busy)?;
    Ok(accepted(id, &job))
}

async fn undo(State(app): State<App>, c: Caller, Path(id): Path<RecordId>) -> Result<Response, Problem> {
    let job = find(&app, &c, id).await?;
    if at_work(&job) || job.work.lock().status == Status::Undone || job.progress.lock().changed == 0 {
        return Err(busy());
    }
    bulk::undo(&app, c.ws.clone(), c.scope.clone(), id, job.clone());
    Ok(accepted(id, &job))
}

async fn forget(State(app): State<App>, c: Caller, Path(id): Path<RecordId>) -> Result<StatusCode, Problem> {
    let job = find(&app, &c, id).await?;
    if at_work(&job) {
        return Err(busy());
    }
    bulk::forget(&app, &c.ws, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    limit: Option<u32>,
    cursor: Option<u64>,
}

/// Titles of those records the caller sees now.
async fn titles(c: &Caller, object: &str, rows: &[Refused]) -> Result<HashMap<String, String>, Problem> {
    let model = c.ws.engine.model();
    let Some(o) = model.object(object) else { return Ok(HashMap::new()) };
    let title = o.title.to_string();
    let mut all = HashMap::new();
    for part in rows.chunks(PAGE as usize) {
        let ids: Vec<&RecordId> = part.iter().map(|r| &r.id).collect();
        let ask = ListRequest {
            filter: Some(json!({ "field": "id", "op": "in", "value": ids }).to_string()),
            fields: Some(vec![title.clone()]),
            limit: Some(PAGE),
            ..ListRequest::default()
        };
        let page = c.ws.engine.list(&c.scope, object, &ask).await?;
        let found: Vec<JsonMap> = serde_json::from_slice(&[b"[", page.rows.as_slice(), b"]"].concat()).unwrap_or_default();
        for m in found {
            if let (Some(id), Some(t)) = (m.get("id").and_then(Value::as_str), m.get(&title).and_then(Value::as_str)) {
                all.insert(id.to_owned(), t.to_owned());
            }
        }
    }
    Ok(all)
}

async fn refused(
    State(app): State<App>,
    c: Caller,
    Path(id): Path<RecordId>,
    Query(q): Query<Page>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let job = find(&app, &c, id).await?;
    let object = job.work.lock().object.clone();
    let most = q.limit.unwrap_or(50).clamp(1, PAGE) as usize;
    let mut rows = engine::refused(&c.ws.engine, id, q.cursor.unwrap_or(0), most + 1).await?;
    let next = (rows.len() > most).then(|| rows[most].at.to_string());
    rows.truncate(most);
    let titles = titles(&c, &object, &rows).await?;
    let locale = edge::locale(&headers);
    let data: Vec<Value> = rows
        .iter()
        .map(|r| {
            let errors: Vec<Value> = r
                .errors
                .iter()
                .map(|e| json!({ "field": e.field, "code": e.code, "params": e.params, "message": messages::sentence(&e.code, &e.params, locale) }))
                .collect();
            json!({ "at": r.at, "id": r.id, "title": titles.get(&r.id.to_string()), "errors": errors })
        })
        .collect();
    body::value(&json!({ "data": data, "next": next }))
}

const fn heads(locale: Locale) -> [&'static str; 3] {
    match locale {
        Locale::Zh => ["编号", "名称", "原因"],
        Locale::En => ["Id", "Title", "Reason"],
    }
}

async fn refused_file(
    State(app): State<App>,
    c: Caller,
    Path(id): Path<RecordId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let job = find(&app, &c, id).await?;
    let object = job.work.lock().object.clone();
    let locale = edge::locale(&headers);
    let mut text = String::from("\u{FEFF}");
    let mut line = |cells: [&str; 3]| {
        let quoted = cells.map(|c| format!("\"{}\"", export::guarded(c).replace('"', "\"\"")));
        text.push_str(&quoted.join(","));
        text.push_str("\r\n");
    };
    line(heads(locale));
    let mut from = 0;
    loop {
        // The set is bounded, and so is what is said of it.
        let rows = engine::refused(&c.ws.engine, id, from, 1_000).await?;
        let Some(last) = rows.last() else { break };
        from = last.at + 1;
        let titles = titles(&c, &object, &rows).await?;
        for r in &rows {
            let named = r.id.to_string();
            let why: Vec<String> = r
                .errors
                .iter()
                .map(|e| {
                    let s = messages::sentence(&e.code, &e.params, locale);
                    if e.field.is_empty() { s } else { format!("{}: {s}", e.field) }
                })
                .collect();
            line([&named, titles.get(&named).map_or("", String::as_str), &why.join("; ")]);
        }
    }
    let mut r = text.into_response();
    let h = r.headers_mut();
    h.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    h.insert(header::CONTENT_DISPOSITION, disposition(false, &format!("{object}.refused.csv")));
    Ok(r)
}
