//! `/api/v1/import…`: read a file and propose a mapping, run imports in the background, control them, fetch the refused rows.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path as FsPath, PathBuf},
    sync::Arc,
};

use axum::{
    body::Body,
    extract::{Multipart, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rapport_exchange::{
    ExchangeError,
    export::Form,
    guess,
    plan::{ColumnPlan, DateOrder, Mode, OnDuplicate, Plan, SheetPlan},
    read, report, run,
};
use rapport_policy::Scope;
use rapport_records::{Document, JsonMap};
use rapport_schema::{FieldError, FieldType, Model, RecordId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio_util::io::ReaderStream;

use super::files::{clean_name, disposition, small};
use crate::{
    App, Problem, body,
    body::{Json, Path},
    caller::Caller,
    imports::{self, Job, Work},
    jobs::Status,
    layers::edge,
    messages,
    openapi::{Api, Doc},
};

/// Greatest file taken, in bytes: a million rows with room to spare.
const FILE_LIMIT: u64 = 1 << 30;
const UPLOAD: &str = "import_upload";
const MAPPING: &str = "import_mapping";
/// Distinct values of a column that are listed.
const LISTED: usize = 60;

/// Adds the routes.
pub fn routes(api: Api) -> Api {
    let doc = |id, en, zh| Doc::new(id, "import", en, zh);
    api.post(
        "/api/v1/import/uploads",
        upload,
        doc("import_upload", "Read a CSV or XLSX file and propose a mapping (multipart: object?, file)", "上传导入文件")
            .multipart()
            .created("ImportUpload"),
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

fn answer(status: StatusCode, v: &Value) -> Response {
    body::raw(status, v.to_string().into_bytes())
}

fn may_import(scope: &Scope, model: &Model, object: &str) -> Result<(), Problem> {
    match model.object(object) {
        Some(o) if scope.may_on(o, "import") => Ok(()),
        _ => Err(Problem::denied()),
    }
}

/// An uploaded file and whose it is.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Uploaded {
    user: UserId,
    pub(super) name: String,
    pub(super) path: PathBuf,
    total: u64,
}

/// A file the caller uploaded; nobody else's is known.
pub(super) async fn uploaded(c: &Caller, id: RecordId) -> Result<Uploaded, Problem> {
    let doc = c.ws.engine.document(UPLOAD, &id.to_string()).await?;
    let up: Uploaded = doc.and_then(|d| serde_json::from_value(d).ok()).ok_or_else(Problem::not_found)?;
    if up.user == c.user()? { Ok(up) } else { Err(Problem::not_found()) }
}

async fn upload(State(app): State<App>, c: Caller, mut form: Multipart) -> Result<Response, Problem> {
    let bad =
        |e: axum::extract::multipart::MultipartError| Problem::new(e.status(), "request.body").with("message", e.body_text());
    let model = c.ws.engine.model();
    if !model.objects.values().any(|o| c.scope.may_on(o, "import")) {
        return Err(Problem::denied());
    }
    let (mut object, mut taken) = (None, None);
    let id = c.ws.engine.new_id();
    while let Some(part) = form.next_field().await.map_err(bad)? {
        match part.name().unwrap_or("") {
            "object" => object = Some(small(part).await?),
            "file" if taken.is_none() => {
                let name = clean_name(part.file_name().unwrap_or("import.csv"));
                let dir = app.config().files.join(".imports").join(id.to_string());
                taken = Some((name.clone(), take(&dir, &name, part).await?));
            }
            _ => {
                return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "request.body").with("message", "parts: object, file"));
            }
        }
    }
    let (name, path) = taken.ok_or_else(|| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "file.missing"))?;
    let at = path.clone();
    let read = tokio::task::spawn_blocking(move || look(&at)).await.map_err(|e| Problem::internal(&e))?;
    let (book, looks) = match read {
        Ok(r) => r,
        Err(e) => {
            // A file that cannot be read is not kept.
            let _ = tokio::fs::remove_file(&path).await;
            return Err(e.into());
        }
    };
    let single = book.sheets.len() == 1;
    let mut sheets = vec![];
    for (sheet, look) in book.sheets.iter().zip(&looks) {
        let guessed = guess::object(&model, sheet, |o| c.scope.may_on(o, "import"));
        let suggested = if single { object.clone().or(guessed) } else { guessed };
        let mapping = match suggested.as_deref().and_then(|o| model.object(o)) {
            Some(o) => mapping(&c, o, sheet).await?,
            None => vec![],
        };
        let columns: Vec<Value> = sheet
            .headers
            .iter()
            .enumerate()
            .map(|(i, h)| json!({ "header": h, "samples": look.samples[i], "values": look.values[i].as_ref().map(|v| v.iter().map(|(t, n)| json!({ "value": t, "count": n })).collect::<Vec<_>>()) }))
            .collect();
        sheets.push(json!({ "name": sheet.name, "rows": look.rows, "columns": columns, "suggested_object": suggested, "mapping": mapping }));
    }
    let up = Uploaded { user: c.user()?, name: name.clone(), path, total: looks.iter().map(|l| l.rows).sum() };
    let doc = Document { kind: UPLOAD.into(), key: id.to_string(), owner: Some(up.user.record()), body: json!(up) };
    c.ws.engine.put_document(doc).await?;
    Ok(answer(StatusCode::CREATED, &json!({ "upload_id": id, "file_name": name, "sheets": sheets })))
}

/// Streams one part into a file.
async fn take(dir: &FsPath, name: &str, mut part: axum::extract::multipart::Field<'_>) -> Result<PathBuf, Problem> {
    tokio::fs::create_dir_all(dir).await?;
    let path = dir.join(name);
    let mut out = tokio::fs::File::create(&path).await?;
    let mut size = 0u64;
    while let Some(chunk) =
        part.chunk().await.map_err(|e| Problem::new(e.status(), "request.body").with("message", e.body_text()))?
    {
        size += chunk.len() as u64;
        if size > FILE_LIMIT {
            let _ = tokio::fs::remove_file(&path).await;
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "file.too_large").with("max", FILE_LIMIT));
        }
        out.write_all(&chunk).await?;
    }
    out.sync_all().await?;
    Ok(path)
}

/// What a sheet holds: rows, first values of each column, all values where they are few.
struct Look {
    rows: u64,
    samples: Vec<Vec<String>>,
    values: Vec<Option<BTreeMap<String, u64>>>,
}

fn look(path: &FsPath) -> Result<(read::Book, Vec<Look>), ExchangeError> {
    let book = read::open(path)?;
    let mut looks = vec![];
    for sheet in &book.sheets {
        let width = sheet.headers.len();
        let mut l = Look { rows: 0, samples: vec![vec![]; width], values: vec![Some(BTreeMap::new()); width] };
        for row in book.rows(sheet) {
            let row = row?;
            l.rows += 1;
            for (i, cell) in row.cells.iter().enumerate().take(width).filter(|(_, c)| !c.trim().is_empty()) {
                if l.samples[i].len() < 5 && !l.samples[i].contains(cell) {
                    l.samples[i].push(cell.chars().take(200).collect());
                }
                if let Some(v) = &mut l.values[i] {
                    *v.entry(cell.trim().chars().take(200).collect()).or_default() += 1;
                    if v.len() > LISTED {
                        l.values[i] = None;
                    }
                }
            }
        }
        looks.push(l);
    }
    Ok((book, looks))
}

/// The mapping a person used for the same headers before.
fn signature(object: &str, headers: &[String]) -> String {
    use sha2::{Digest, Sha256};
    let mut h = Sha256::new();
    for part in std::iter::once(object).chain(headers.iter().map(String::as_str)) {
        h.update(part.as_bytes());
        h.update([0]);
    }
    hex::encode(&h.finalize()[..16])
}

async fn mapping(c: &Caller, object: &rapport_schema::ObjectDef, sheet: &read::Sheet) -> Result<Vec<Value>, Problem> {
    let key = format!("{}/{}", c.user()?, signature(&object.name, &sheet.headers));
    let before = c.ws.engine.document(MAPPING, &key).await?.and_then(|d| serde_json::from_value::<Vec<ColumnPlan>>(d).ok());
    if let Some(columns) = before {
        let why = json!({ "en": "as last time", "zh": "与上次相同" });
        let of = |h: &String| match columns.iter().find(|p| p.column.as_ref() == Some(h)) {
            Some(p) => {
                json!({ "column": h, "field": p.field, "confidence": 100, "why": why, "values": p.values, "lookup": p.lookup })
            }
            None => json!({ "column": h, "field": null, "confidence": 0, "why": why }),
        };
        return Ok(sheet.headers.iter().map(of).collect());
    }
    let why = |w: &str| match w {
        "name" => json!({ "en": "same name", "zh": "名称相同" }),
        "label" => json!({ "en": "same label", "zh": "与字段名一致" }),
        "alias" => json!({ "en": "a usual name", "zh": "常用叫法" }),
        "similar" => json!({ "en": "similar name", "zh": "名称相近" }),
        "values" => json!({ "en": "by its values", "zh": "按内容判断" }),
        _ => Value::Null,
    };
    let may_write = |f: &str| object.field(f).is_some_and(|d| c.scope.field(object, &d.name, true).visible());
    Ok(guess::columns(object, sheet)
        .into_iter()
        .map(|p| {
            let field = p.field.filter(|f| may_write(f));
            json!({ "column": p.column, "field": field, "confidence": p.confidence, "why": why(p.why) })
        })
        .collect())
}

#[derive(Debug, Deserialize)]
struct Asked {
    upload_id: RecordId,
    sheets: Vec<AskedSheet>,
    #[serde(default)]
    dry_run: bool,
}

#[derive(Debug, Deserialize)]
struct AskedSheet {
    sheet: String,
    object: String,
    #[serde(default)]
    mode: Mode,
    #[serde(default)]
    on_duplicate: Option<String>,
    match_field: Option<String>,
    mapping: Vec<AskedColumn>,
}

#[derive(Debug, Deserialize)]
struct AskedColumn {
    column: String,
    field: String,
    #[serde(default)]
    values: HashMap<String, Option<String>>,
    lookup: Option<String>,
    #[serde(default)]
    date: Option<DateOrder>,
}

impl AskedSheet {
    /// `checked`: a duplicate rule says what an existing record looks like.
    fn plan(&self, model: &Model, file: &str, checked: bool) -> Result<SheetPlan, Problem> {
        let mut s = SheetPlan::new(&self.object);
        s.file = Some(file.to_owned());
        s.sheet = Some(self.sheet.clone());
        s.mode = self.mode;
        s.match_field.clone_from(&self.match_field);
        match self.on_duplicate.as_deref() {
            None | Some("skip") => {}
            Some("create") => s.on_duplicate = OnDuplicate::Create,
            Some("error") => s.on_duplicate = OnDuplicate::Error,
            // What is there already is found as the duplicate check finds it, and changed; without a rule by its title.
            Some("update") => {
                s.on_duplicate = OnDuplicate::Update;
                if !checked && s.mode == Mode::Create {
                    s.mode = Mode::Upsert;
                }
                if !checked && s.match_field.is_none() {
                    s.match_field = model.object(&self.object).map(|o| o.title.to_string());
                }
            }
            Some(_) => {
                return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "request.body")
                    .with("message", "on_duplicate: skip, update, create, error"));
            }
        }
        for m in &self.mapping {
            let mut c = ColumnPlan::plain(&m.field, &m.column);
            c.values = m.values.iter().map(|(k, v)| (k.clone(), v.clone().unwrap_or_default())).collect();
            let field = model.object(&self.object).and_then(|o| o.field(&m.field));
            let leads = field.is_some_and(|f| f.ty.target().is_some() && !matches!(f.ty, FieldType::Poly { .. }));
            c.lookup = m.lookup.clone().filter(|_| leads);
            c.date = m.date;
            s.columns.push(c);
        }
        Ok(s)
    }
}

async fn start(State(app): State<App>, c: Caller, Json(asked): Json<Asked>) -> Result<Response, Problem> {
    let model = c.ws.engine.model();
    let up = uploaded(&c, asked.upload_id).await?;
    let user = up.user;
    for s in &asked.sheets {
        may_import(&c.scope, &model, &s.object)?;
    }
    let mut sheets = vec![];
    for s in &asked.sheets {
        let checked = c.ws.engine.checks_duplicates(&s.object).await?;
        sheets.push(s.plan(&model, &up.name, checked)?);
    }
    let plan = Plan { sheets };
    plan.check(&model)?;
    let mut work = Work {
        user,
        name: up.name,
        path: up.path,
        plan,
        dry_run: asked.dry_run,
        total: up.total,
        status: Status::Running,
        error: None,
        run: None,
    };
    let id = if asked.dry_run { c.ws.engine.new_id() } else { note(&c, &work).await? };
    remember(&c, &work).await?;
    work.total = work.total.max(1);
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

/// The mapping is proposed again for the same headers.
async fn remember(c: &Caller, work: &Work) -> Result<(), Problem> {
    let of = work.clone();
    let files = tokio::task::spawn_blocking(move || imports::files(&of)).await.map_err(|e| Problem::internal(&e))??;
    for s in &work.plan.sheets {
        let (_, sheet) = files.find(s)?;
        let key = format!("{}/{}", work.user, signature(&s.object, &sheet.headers));
        let doc = Document { kind: MAPPING.into(), key, owner: Some(work.user.record()), body: json!(s.columns) };
        c.ws.engine.put_document(doc).await?;
    }
    Ok(())
}

fn shown(id: RecordId, job: &Job) -> Value {
    let (w, p) = job.now();
    json!({
        "id": id, "status": w.status, "dry_run": w.dry_run, "file_name": w.name, "total": w.total, "done": p.rows, "created": p.created, "children": p.children,
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
    let files = {
        let of = work.clone();
        tokio::task::spawn_blocking(move || imports::files(&of)).await.map_err(|e| Problem::internal(&e))??
    };
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
    let stem = FsPath::new(&work.name).file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned());
    h.insert(header::CONTENT_DISPOSITION, disposition(false, &format!("{stem}.errors.xlsx")));
    Ok(r)
}
