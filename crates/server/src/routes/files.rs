//! `/api/v1/files`: attachments. The bytes lie in the workspace's folder under the hash of their content; name, type and whose they are is a
//! record of `attachment`, so that who may see a file is decided by the pipeline like everything else.

use std::path::{Path as FsPath, PathBuf};

use axum::{
    body::Body,
    extract::{Multipart, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rapport_records::{JsonMap, ListRequest};
use rapport_schema::{RecordId, Value as FieldValue};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::{fs, io::AsyncWriteExt as _};
use tokio_util::io::ReaderStream;

use crate::{
    App, Problem, Workspace, body,
    body::Path,
    caller::Caller,
    openapi::{Api, Doc},
};

/// Files a browser or a shell would run: never taken (domain model §1, `file`).
const REFUSED: [&str; 22] = [
    "exe", "dll", "com", "bat", "cmd", "msi", "scr", "pif", "cpl", "hta", "vbs", "vbe", "js", "jse", "wsf", "wsh", "ps1", "jar",
    "lnk", "reg", "apk", "iso",
];

/// Adds the routes.
pub fn routes(api: Api) -> Api {
    api.post(
        "/api/v1/files",
        upload,
        Doc::new("upload_file", "files", "Attach a file to a record (multipart: object, id, field, file)", "上传附件")
            .multipart()
            .created("Record"),
    )
    .get(
        "/api/v1/files/{id}",
        download,
        Doc::new("download_file", "files", "The content of an attachment", "下载附件").answers_with("application/octet-stream"),
    )
}

/// Where a workspace keeps its files: what a hash leads to in one is nothing in another.
fn folder(app: &App, ws: &Workspace) -> PathBuf {
    app.config().files.join(&ws.name)
}

/// The content of a hash.
async fn content(app: &App, ws: &Workspace, sha: &str) -> Result<fs::File, Problem> {
    match fs::File::open(blob(&folder(app, ws), sha)).await {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(Problem::not_found()),
        opened => opened.map_err(|e| Problem::internal(&e)),
    }
}

/// Where the content of a hash (64 hexadecimal digits) lies in a workspace's folder.
#[must_use]
pub fn blob(folder: &FsPath, sha: &str) -> PathBuf {
    folder.join(&sha[..2]).join(&sha[2..4]).join(sha)
}

/// Makes a file's place in its folders durable: those may be as new as the file.
async fn settle(place: &FsPath) -> std::io::Result<()> {
    for dir in place.ancestors().skip(1).take(4) {
        fs::File::open(dir).await?.sync_all().await?;
    }
    Ok(())
}

/// The last part of a name without what a file system or a header would take amiss.
pub(super) fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or("");
    let s: String = last
        .chars()
        .filter(|c| {
            !c.is_control()
                && !matches!(c, '"' | '<' | '>' | ':' | '|' | '?' | '*' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        })
        .collect();
    let s = s.trim().trim_matches('.').trim();
    if s.is_empty() { "file".to_owned() } else { s.chars().take(200).collect() }
}

struct Taken {
    name: String,
    mime: String,
    size: u64,
    sha: String,
}

/// Streams one part into the store: a temporary file, made durable, then named by its hash.
async fn take(root: &FsPath, limit: u64, mut part: axum::extract::multipart::Field<'_>) -> Result<Taken, Problem> {
    let name = clean_name(part.file_name().unwrap_or(""));
    let ending = name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase()).unwrap_or_default();
    if REFUSED.contains(&ending.as_str()) {
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "file.type").with("name", name));
    }
    let mime = mime_guess::from_path(&name).first_or_octet_stream().to_string();
    fs::create_dir_all(root).await?;
    let temporary = root.join(format!(".upload-{}", hex::encode(rand::random::<[u8; 12]>())));
    let done = async {
        let mut out = fs::File::create_new(&temporary).await?;
        let (mut hash, mut size) = (Sha256::new(), 0u64);
        while let Some(chunk) =
            part.chunk().await.map_err(|e| Problem::new(e.status(), "request.body").with("message", e.body_text()))?
        {
            size += chunk.len() as u64;
            if size > limit {
                return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "file.too_large").with("max", limit));
            }
            hash.update(&chunk);
            out.write_all(&chunk).await?;
        }
        out.sync_all().await?;
        let sha = hex::encode(hash.finalize());
        let place = blob(root, &sha);
        fs::create_dir_all(place.parent().unwrap_or(root)).await?;
        fs::rename(&temporary, &place).await?;
        settle(&place).await?;
        Ok(Taken { name, mime, size, sha })
    }
    .await;
    if done.is_err() {
        // Nothing may be left of a refused upload; that it is gone already is fine.
        let _ = fs::remove_file(&temporary).await;
    }
    done
}

/// A part that is a word, not a file.
/// Most bytes of a name.
pub(super) const SMALL: usize = 1_000;

/// A part that is text, of at most so many bytes.
pub(super) async fn text_of(mut part: axum::extract::multipart::Field<'_>, most: usize) -> Result<String, Problem> {
    let mut text = vec![];
    while let Some(c) = part.chunk().await.map_err(|e| Problem::new(e.status(), "request.body").with("message", e.body_text()))? {
        text.extend_from_slice(&c);
        if text.len() > most {
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "request.too_large").with("max", most));
        }
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

async fn upload(State(app): State<App>, c: Caller, mut form: Multipart) -> Result<Response, Problem> {
    let bad =
        |e: axum::extract::multipart::MultipartError| Problem::new(e.status(), "request.body").with("message", e.body_text());
    let (mut object, mut id, mut field, mut taken) = (String::new(), String::new(), None, None);
    while let Some(part) = form.next_field().await.map_err(bad)? {
        match part.name().unwrap_or("") {
            "object" => object = text_of(part, SMALL).await?,
            "id" => id = text_of(part, SMALL).await?,
            "field" => field = Some(text_of(part, SMALL).await?),
            "file" if taken.is_none() => taken = Some(take(&folder(&app, &c.ws), app.config().file_limit, part).await?),
            _ => {
                return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "request.body")
                    .with("message", "parts: object, id, field, file"));
            }
        }
    }
    let t = taken.ok_or_else(|| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "file.missing"))?;
    let Value::Object(mut data) = json!({ "file_name": t.name, "related": { "object": object, "id": id } }) else {
        return Err(Problem::not_found());
    };
    if let Some(f) = field {
        data.insert("field_api".into(), f.into());
    }
    let data: JsonMap = data;
    let content = [
        ("mime", FieldValue::from(t.mime.as_str())),
        ("size", FieldValue::Int(t.size.cast_signed())),
        ("sha256", FieldValue::from(t.sha.as_str())),
    ];
    let engine = &c.ws.engine;
    // The caller attaches, the engine says what: nobody else writes what leads to a content.
    let made = engine.run(&c.scope, c.write().cause, move |u| {
        let (data, content) = (data.clone(), content.clone());
        Box::pin(async move {
            let id = u.create("attachment", &data).await?.id;
            u.set("attachment", id, &content).await?;
            Ok(id)
        })
    });
    let (json, _) = engine.get(&c.scope, "attachment", made.await?, &ListRequest::default()).await?;
    Ok(body::raw(StatusCode::CREATED, json))
}

async fn download(State(app): State<App>, c: Caller, Path(id): Path<RecordId>) -> Result<Response, Problem> {
    let ask = ListRequest {
        fields: Some(["file_name", "mime", "size", "sha256"].map(str::to_owned).to_vec()),
        ..ListRequest::default()
    };
    let (row, _) = c.ws.engine.get(&c.scope, "attachment", id, &ask).await?;
    let row: Value = serde_json::from_slice(&row).map_err(|e| Problem::internal(&e))?;
    let sha = row["sha256"]
        .as_str()
        .filter(|s| s.len() == 64 && s.bytes().all(|b| b.is_ascii_hexdigit()))
        .ok_or_else(Problem::not_found)?;
    let file = content(&app, &c.ws, sha).await?;
    let length = file.metadata().await.map_err(|e| Problem::internal(&e))?.len();
    let mime = row["mime"].as_str().unwrap_or("");
    // Pictures and PDF may be shown in the page; everything else is only ever saved, whatever it says it is.
    let shown = matches!(mime, "image/png" | "image/jpeg" | "image/webp" | "image/gif" | "application/pdf");
    let kind = if shown { mime } else { "application/octet-stream" };
    let mut r = Body::from_stream(ReaderStream::new(file)).into_response();
    let h = r.headers_mut();
    h.insert(header::CONTENT_TYPE, HeaderValue::from_str(kind).unwrap_or(HeaderValue::from_static("application/octet-stream")));
    h.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    h.insert(header::CONTENT_DISPOSITION, disposition(shown, row["file_name"].as_str().unwrap_or("file")));
    h.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox"));
    h.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(r)
}

/// RFC 6266: an ASCII name for old readers, the real one for the others.
#[must_use]
pub fn disposition(inline: bool, name: &str) -> HeaderValue {
    use std::fmt::Write as _;
    let name = clean_name(name);
    let ascii: String = name
        .chars()
        .map(|c| if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | ';' | '%') || c == ' ' { c } else { '_' })
        .collect();
    let mut utf8 = String::new();
    for b in name.bytes() {
        if b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_') {
            utf8.push(char::from(b));
        } else {
            let _ = write!(utf8, "%{b:02X}");
        }
    }
    let how = if inline { "inline" } else { "attachment" };
    HeaderValue::try_from(format!("{how}; filename=\"{ascii}\"; filename*=UTF-8''{utf8}"))
        .unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_paths_and_tricks() {
        assert_eq!(clean_name("../../etc/passwd"), "passwd");
        assert_eq!(clean_name("C:\\tmp\\合同.pdf"), "合同.pdf");
        assert_eq!(clean_name("invoice\u{202e}fdp.exe"), "invoicefdp.exe");
        assert_eq!(clean_name("..."), "file");
    }

    #[test]
    fn chinese_names_survive_the_header() {
        let v = disposition(false, "报价 1.xlsx");
        assert_eq!(v.to_str().unwrap(), "attachment; filename=\"__ 1.xlsx\"; filename*=UTF-8''%E6%8A%A5%E4%BB%B7%201.xlsx");
    }
}
