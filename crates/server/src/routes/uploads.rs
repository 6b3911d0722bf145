//! `/api/v1/import/uploads`: reads files and proposes what becomes what, or takes the plan that came with them.

use std::{collections::BTreeMap, path::PathBuf};

use axum::{
    extract::{Multipart, State, multipart::Field},
    http::StatusCode,
    response::Response,
};
use rapport_exchange::{
    ExchangeError, guess,
    plan::{ColumnPlan, Plan},
    read,
    run::Files,
};
use rapport_records::Document;
use rapport_schema::{RecordId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use super::{
    files::{SMALL, clean_name, text_of},
    import::answer,
};
use crate::{
    App, Problem,
    caller::Caller,
    imports::Kept,
    openapi::{Api, Doc},
};

/// Greatest size of the files of one import together, in bytes: a million rows with room to spare.
const SIZE: u64 = 1 << 30;
/// Most files of one import.
const FILES: usize = 50;
/// Greatest plan, in bytes.
const PLAN: usize = 1 << 20;
const UPLOAD: &str = "import_upload";
const MAPPING: &str = "import_mapping";
/// Distinct values of a column that are listed.
const LISTED: usize = 60;

/// Adds the route.
pub fn routes(api: Api) -> Api {
    api.post(
        "/api/v1/import/uploads",
        upload,
        Doc::new(
            "import_upload",
            "import",
            "Read CSV and XLSX files and propose a mapping (multipart: object?, file …, plan?)",
            "上传导入文件",
        )
        .multipart()
        .created("ImportUpload"),
    )
}

/// Uploaded files and whose they are.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Uploaded {
    pub(super) user: UserId,
    pub(super) files: Vec<Kept>,
    /// File, sheet, rows.
    pub(super) sheets: Vec<(String, String, u64)>,
}

/// Files the caller uploaded; nobody else's are known.
pub(super) async fn uploaded(c: &Caller, id: RecordId) -> Result<Uploaded, Problem> {
    let doc = c.ws.engine.document(UPLOAD, &id.to_string()).await?;
    let up: Uploaded = doc.and_then(|d| serde_json::from_value(d).ok()).ok_or_else(Problem::not_found)?;
    if up.user == c.user()? { Ok(up) } else { Err(Problem::not_found()) }
}

fn wrong(message: &str) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "request.body").with("message", message)
}

async fn upload(State(app): State<App>, c: Caller, mut form: Multipart) -> Result<Response, Problem> {
    let bad =
        |e: axum::extract::multipart::MultipartError| Problem::new(e.status(), "request.body").with("message", e.body_text());
    let model = c.ws.engine.model();
    if !model.objects.values().any(|o| c.scope.may_on(o, "import")) {
        return Err(Problem::denied());
    }
    let id = c.ws.engine.new_id();
    let mut taken = Taken::new(app.config().files.join(".imports").join(id.to_string()));
    let (mut object, mut plan): (_, Option<Plan>) = (None, None);
    while let Some(part) = form.next_field().await.map_err(bad)? {
        match part.name().unwrap_or("") {
            "object" => object = Some(text_of(part, SMALL).await?),
            "plan" if plan.is_none() => plan = Some(Plan::from_toml(&text_of(part, PLAN).await?)?),
            "file" if taken.files.len() < FILES => taken.take(part).await?,
            _ => return Err(wrong(&format!("parts: object, file (up to {FILES}), plan"))),
        }
    }
    if taken.files.is_empty() {
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "file.missing"));
    }
    let files = taken.files.clone();
    let (books, looks) = tokio::task::spawn_blocking(move || look(&files)).await.map_err(|e| Problem::internal(&e))??;
    if let Some(p) = &mut plan {
        p.check(&model)?;
        for s in &mut p.sheets {
            books.find(s)?;
            // Left out means the first: said, so that nobody has to know which that was.
            if s.rows.is_empty() && s.file.is_none() {
                s.file = books.0.first().map(|(name, _)| name.clone());
            }
        }
    }
    let sheets = proposals(&c, &books, &looks, object).await?;
    let name = taken.files.iter().map(|f| f.name.as_str()).collect::<Vec<_>>().join(", ");
    let rows = looks.into_iter().map(|l| (l.file, l.sheet, l.rows)).collect();
    let up = Uploaded { user: c.user()?, files: taken.files.clone(), sheets: rows };
    let doc = Document { kind: UPLOAD.into(), key: id.to_string(), owner: Some(up.user.record()), body: json!(up) };
    c.ws.engine.put_document(doc).await?;
    taken.kept = true;
    let told = json!({ "upload_id": id, "file_name": name, "sheets": sheets, "plan": plan.map(|p| p.sheets) });
    Ok(answer(StatusCode::CREATED, &told))
}

/// What each sheet seems to be, in the order it is best taken.
async fn proposals(c: &Caller, books: &Files, looks: &[Look], object: Option<String>) -> Result<Vec<Value>, Problem> {
    let model = c.ws.engine.model();
    let single = looks.len() == 1;
    let (mut sheets, mut leads) = (vec![], vec![]);
    let all = books.0.iter().flat_map(|(_, b)| &b.sheets);
    for (sheet, look) in all.zip(looks) {
        let guessed = guess::object(&model, sheet, |o| c.scope.may_on(o, "import"));
        let suggested = if single { object.clone().or(guessed) } else { guessed };
        let mapping = match suggested.as_deref().and_then(|o| model.object(o)) {
            Some(o) => mapping(c, o, sheet).await?,
            None => vec![],
        };
        let values = |i: usize| {
            let listed = look.values[i].as_ref()?;
            Some(listed.iter().map(|(t, n)| json!({ "value": t, "count": n })).collect::<Vec<_>>())
        };
        let column = |(i, h)| json!({ "header": h, "samples": look.samples[i], "values": values(i) });
        let columns: Vec<Value> = sheet.headers.iter().enumerate().map(column).collect();
        let fields = mapping.iter().filter_map(|m| m["field"].as_str().map(str::to_owned)).collect();
        leads.push((suggested.clone().unwrap_or_default(), fields));
        sheets.push(json!({
            "file": look.file, "name": look.sheet, "rows": look.rows, "columns": columns, "suggested_object": suggested, "mapping": mapping,
        }));
    }
    Ok(guess::order(&model, &leads).into_iter().map(|i| sheets[i].take()).collect())
}

/// Files on their way in; those not kept in the end are removed.
struct Taken {
    dir: PathBuf,
    files: Vec<Kept>,
    size: u64,
    kept: bool,
}

impl Taken {
    const fn new(dir: PathBuf) -> Self {
        Self { dir, files: vec![], size: 0, kept: false }
    }

    /// Streams one part into a file; a name that is taken gets a number.
    async fn take(&mut self, mut part: Field<'_>) -> Result<(), Problem> {
        let given = clean_name(part.file_name().unwrap_or("import.csv"));
        let (stem, ending) = given.rsplit_once('.').map_or((given.as_str(), String::new()), |(s, e)| (s, format!(".{e}")));
        let free = |n: &String| !self.files.iter().any(|f| f.name == *n);
        let name = std::iter::once(given.clone()).chain((2..).map(|i| format!("{stem} ({i}){ending}"))).find(free);
        let name = name.unwrap_or_default();
        // A folder each: the file system may tell fewer names apart than the plan does.
        let dir = self.dir.join(self.files.len().to_string());
        tokio::fs::create_dir_all(&dir).await?;
        let path = dir.join(&name);
        let mut out = tokio::fs::File::create(&path).await?;
        self.files.push(Kept { name, path });
        while let Some(chunk) =
            part.chunk().await.map_err(|e| Problem::new(e.status(), "request.body").with("message", e.body_text()))?
        {
            self.size += chunk.len() as u64;
            if self.size > SIZE {
                return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "file.too_large").with("max", SIZE));
            }
            out.write_all(&chunk).await?;
        }
        Ok(out.sync_all().await?)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if !self.kept {
            let _ = std::fs::remove_dir_all(&self.dir);
        }
    }
}

/// What a sheet holds: rows, first values of each column, all values where they are few.
struct Look {
    file: String,
    sheet: String,
    rows: u64,
    samples: Vec<Vec<String>>,
    values: Vec<Option<BTreeMap<String, u64>>>,
}

fn look(files: &[Kept]) -> Result<(Files, Vec<Look>), ExchangeError> {
    let books = crate::imports::open(files)?;
    let mut looks = vec![];
    for (file, book) in &books.0 {
        for sheet in &book.sheets {
            looks.push(look_at(file, book, sheet)?);
        }
    }
    Ok((books, looks))
}

fn look_at(file: &str, book: &read::Book, sheet: &read::Sheet) -> Result<Look, ExchangeError> {
    let width = sheet.headers.len();
    let mut l = Look {
        file: file.to_owned(),
        sheet: sheet.name.clone(),
        rows: 0,
        samples: vec![vec![]; width],
        values: vec![Some(BTreeMap::new()); width],
    };
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
    Ok(l)
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
                let mut told = json!(p);
                told["confidence"] = json!(100);
                told["why"] = why.clone();
                told
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

/// The mapping is proposed again for the same headers.
pub(super) async fn remember(c: &Caller, user: UserId, plan: &Plan, files: &Files) -> Result<(), Problem> {
    for s in plan.sheets.iter().filter(|s| s.rows.is_empty()) {
        let (_, sheet) = files.find(s)?;
        let key = format!("{user}/{}", signature(&s.object, &sheet.headers));
        let doc = Document { kind: MAPPING.into(), key, owner: Some(user.record()), body: json!(s.columns) };
        c.ws.engine.put_document(doc).await?;
    }
    Ok(())
}
