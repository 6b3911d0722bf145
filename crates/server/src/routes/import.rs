//! `/api/v1/import…`: what a plan leaves open, run imports in the background, control them, fetch the refused rows.

use std::{path::Path as FsPath, sync::Arc};

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rapport_exchange::{
    ask,
    export::Form,
    plan::{Mode, OnDuplicate, Plan, SheetPlan},
    report,
    run::{self, Files},
};
use rapport_policy::Scope;
use rapport_records::JsonMap;
use rapport_schema::{FieldError, Model, RecordId};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_util::io::ReaderStream;

use super::{
    files::disposition,
    uploads::{Uploaded, remember, uploaded},
};
use crate::{
    App, Problem, body,
    body::{Json, Path},
    caller::Caller,
    imports::{self, Job, Kept, Work},
    jobs::Status,
    layers::edge,
    messages,
    openapi::{Api, Doc},
};

/// Rows of each sheet that are read to find what is open; the rehearsal reads all.
const ASKED: u64 = 20_000;
/// Most sheets of a plan: each is read as a whole.
const SHEETS: usize = 200;
const TOML: &str = "application/toml";

/// Adds the routes.
pub fn routes(api: Api) -> Api {
    let doc = |id, en, zh| Doc::new(id, "import", en, zh);
    api.post(
        "/api/v1/import/questions",
        questions,
        doc("import_questions", "What a plan leaves open for the files: each question once", "导入方案中待确认的内容")
            .body("ImportStart")
            .answer("ImportQuestions"),
    )
    .post(
        "/api/v1/import/plan",
        plan,
        doc("import_plan", "The plan as text, for the command line and for the next time", "导出导入方案")
            .body("ImportStart")
            .answers_with(TOML),
    )
    .post(
        "/api/v1/import/jobs",
        start,
        doc("import_start", "Start an import, or a dry run", "开始导入").body("ImportStart").accepted("ImportJob"),
    )
    .get("/api/v1/import/jobs/{id}", state, doc("import_state", "How far an import is", "导入进度").answer("ImportJob"))
    .post(
        "/api/v1/import/jobs/{id}/cancel",
        cancel,
        doc("import_cancel", "End an import after the current batch", "停止导入").accepted("ImportJob"),
    )
    .post(
        "/api/v1/import/jobs/{id}/resume",
        resume,
        doc("import_resume", "Go on with an import", "继续导入").accepted("ImportJob"),
    )
    .post("/api/v1/import/jobs/{id}/undo", undo, doc("import_undo", "Take an import back", "撤销导入").accepted("ImportJob"))
    .get(
        "/api/v1/import/jobs/{id}/errors.xlsx",
        errors,
        doc("import_errors", "The refused rows with the reasons beside them", "下载错误行").answers_with(Form::Xlsx.mime()),
    )
}

pub(super) fn answer(status: StatusCode, v: &Value) -> Response {
    body::raw(status, v.to_string().into_bytes())
}

fn may_import(scope: &Scope, model: &Model, object: &str) -> Result<(), Problem> {
    match model.object(object) {
        Some(o) if scope.may_on(o, "import") => Ok(()),
        _ => Err(Problem::denied()),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    upload_id: RecordId,
    sheets: Vec<SheetPlan>,
    #[serde(default)]
    dry_run: bool,
}

/// What is asked as a plan for the files it is about, checked against the model and the caller's rights.
async fn planned(c: &Caller, upload: RecordId, mut sheets: Vec<SheetPlan>) -> Result<(Uploaded, Plan), Problem> {
    let model = c.ws.engine.model();
    let up = uploaded(c, upload).await?;
    if sheets.is_empty() || sheets.len() > SHEETS {
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "import.bad_mapping"));
    }
    for s in &mut sheets {
        may_import(&c.scope, &model, &s.object)?;
        // What is there already is found as the duplicate check finds it, and changed; without a rule by its title.
        if s.on_duplicate == OnDuplicate::Update && s.mode == Mode::Create && !c.ws.engine.checks_duplicates(&s.object).await? {
            s.mode = Mode::Upsert;
        }
        if s.mode != Mode::Create && s.match_field.is_none() {
            s.match_field = model.object(&s.object).map(|o| o.title.to_string());
        }
    }
    let plan = Plan { sheets };
    plan.check(&model)?;
    Ok((up, plan))
}

async fn opened(files: &[Kept]) -> Result<Files, Problem> {
    let files = files.to_vec();
    let opened = tokio::task::spawn_blocking(move || imports::open(&files)).await.map_err(|e| Problem::internal(&e))?;
    Ok(opened?)
}

async fn questions(c: Caller, Json(asked): Json<Asked>) -> Result<Response, Problem> {
    let (up, plan) = planned(&c, asked.upload_id, asked.sheets).await?;
    let files = opened(&up.files).await?;
    let (open, whole) = ask::questions(&c.ws.engine, &c.scope, &plan, &files, ASKED).await?;
    Ok(answer(StatusCode::OK, &json!({ "questions": open, "whole": whole })))
}

async fn plan(c: Caller, Json(asked): Json<Asked>) -> Result<Response, Problem> {
    let (_, plan) = planned(&c, asked.upload_id, asked.sheets).await?;
    let name = disposition(false, "import.toml");
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static(TOML)), (header::CONTENT_DISPOSITION, name)], plan.to_toml()?)
        .into_response())
}

async fn start(State(app): State<App>, c: Caller, Json(asked): Json<Asked>) -> Result<Response, Problem> {
    let (up, plan) = planned(&c, asked.upload_id, asked.sheets).await?;
    let files = opened(&up.files).await?;
    let mut total = 0;
    for s in &plan.sheets {
        let (book, sheet) = files.find(s)?;
        let rows = up.sheets.iter().find(|(f, n, _)| s.file.as_ref().is_none_or(|x| x == f) && *n == sheet.name);
        total += if book.is_some() { rows.map_or(0, |r| r.2) } else { s.rows.len() as u64 };
    }
    remember(&c, up.user, &plan, &files).await?;
    let work = Work {
        user: up.user,
        files: up.files,
        plan,
        dry_run: asked.dry_run,
        total: total.max(1),
        status: Status::Running,
        error: None,
        run: None,
    };
    let id = if asked.dry_run { c.ws.engine.new_id() } else { note(&c, &work).await? };
    let job = imports::start(&app, c.ws.clone(), c.scope.clone(), id, work).await?.ok_or_else(busy)?;
    Ok(answer(StatusCode::ACCEPTED, &shown(id, &job)))
}

/// The job's record: the person's list of imports, and the handle of everything after.
async fn note(c: &Caller, work: &Work) -> Result<RecordId, Problem> {
    let first = work.plan.sheets.first().ok_or_else(|| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "import.bad_mapping"))?;
    let on_duplicate = match first.on_duplicate {
        OnDuplicate::Create => "create",
        OnDuplicate::Update => "update",
        OnDuplicate::Skip | OnDuplicate::Error => "skip",
    };
    let Value::Object(data) =
        json!({ "object": first.object, "mapping": work.plan, "mode": first.mode, "on_duplicate": on_duplicate })
    else {
        return Err(Problem::not_found());
    };
    let data: JsonMap = data;
    Ok(c.ws.engine.create(&c.scope, "import_job", data, c.write()).await?.id)
}

fn shown(id: RecordId, job: &Job) -> Value {
    let (w, p) = job.now();
    json!({
        "id": id, "status": w.status, "dry_run": w.dry_run, "file_name": w.name(), "total": w.total, "done": p.rows, "created": p.created, "children": p.children,
        "updated": p.updated, "skipped": p.skipped, "failed": p.failed + p.unlinked, "batch_id": id, "undoable": !w.dry_run && w.status != Status::Undone, "error": w.error,
    })
}

async fn find(app: &App, c: &Caller, id: RecordId) -> Result<Arc<Job>, Problem> {
    imports::find(app, &c.ws, &c.scope, id).await?.ok_or_else(Problem::not_found)
}

fn at_work(job: &Job) -> bool {
    job.work.lock().status.at_work()
}

fn busy() -> Problem {
    Problem::new(StatusCode::CONFLICT, "import.bad_state")
}

async fn state(State(app): State<App>, c: Caller, Path(id): Path<RecordId>) -> Result<Response, Problem> {
    let job = find(&app, &c, id).await?;
    Ok(answer(StatusCode::OK, &shown(id, &job)))
}

async fn cancel(State(app): State<App>, c: Caller, Path(id): Path<RecordId>) -> Result<Response, Problem> {
    let job = find(&app, &c, id).await?;
    imports::cancel(&c.ws, id, &job).await?;
    Ok(answer(StatusCode::ACCEPTED, &shown(id, &job)))
}

async fn resume(State(app): State<App>, c: Caller, Path(id): Path<RecordId>) -> Result<Response, Problem> {
    let job = find(&app, &c, id).await?;
    let (work, _) = job.now();
    if !matches!(work.status, Status::Failed | Status::Cancelled) || work.dry_run {
        return Err(busy());
    }
    let model = c.ws.engine.model();
    for s in &work.plan.sheets {
        may_import(&c.scope, &model, &s.object)?;
    }
    let job = imports::start(&app, c.ws.clone(), c.scope.clone(), id, work).await?.ok_or_else(busy)?;
    Ok(answer(StatusCode::ACCEPTED, &shown(id, &job)))
}

async fn undo(State(app): State<App>, c: Caller, Path(id): Path<RecordId>) -> Result<Response, Problem> {
    let job = find(&app, &c, id).await?;
    if at_work(&job) || job.work.lock().dry_run {
        return Err(busy());
    }
    imports::undo(&app, c.ws.clone(), c.scope.clone(), id, job.clone());
    Ok(answer(StatusCode::ACCEPTED, &shown(id, &job)))
}

async fn errors(State(app): State<App>, c: Caller, Path(id): Path<RecordId>, headers: HeaderMap) -> Result<Response, Problem> {
    let job = find(&app, &c, id).await?;
    let (work, _) = job.now();
    let locale = edge::locale(&headers);
    let sentence = move |e: &FieldError| {
        let s = messages::sentence(&e.code, &e.params, locale);
        if e.field.is_empty() { s } else { format!("{}: {s}", e.field) }
    };
    let files = opened(&work.files).await?;
    // The refused rows are read a batch at a time; the workbook spills to disk as it grows.
    let mut book = report::Book::new(&work.plan, &files, locale, &sentence);
    if work.dry_run {
        for f in job.rehearsed.lock().iter() {
            book.add(f)?;
        }
    } else {
        run::faults(&c.ws.engine, id, |f| book.add(&f)).await?;
    }
    let dir = app.config().files.join(".exports");
    tokio::fs::create_dir_all(&dir).await?;
    let to = dir.join(hex::encode(rand::random::<[u8; 12]>()));
    book.save(&to)?;
    let opened = tokio::fs::File::open(&to).await;
    // Open files live on without a name: nothing is left behind.
    tokio::fs::remove_file(&to).await?;
    let file = opened?;
    let length = file.metadata().await?.len();
    let mut r = Body::from_stream(ReaderStream::new(file)).into_response();
    let h = r.headers_mut();
    h.insert(header::CONTENT_TYPE, HeaderValue::from_static(Form::Xlsx.mime()));
    h.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    let stem = FsPath::new(&work.files[0].name).file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned());
    h.insert(header::CONTENT_DISPOSITION, disposition(false, &format!("{stem}.errors.xlsx")));
    Ok(r)
}
