//! `GET /api/v1/{object}/export`: what the caller may see as CSV, XLSX or vCard.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rapport_exchange::export::{Form, export};
use tokio_util::io::ReaderStream;

use super::{
    files::disposition,
    records::{LIST, ListQuery},
};
use crate::{
    App, Problem,
    body::{Path, Query},
    caller::Caller,
    layers::edge,
    openapi::{Api, Doc, Param},
};

/// Adds the route.
pub fn routes(api: Api) -> Api {
    let query = [&[Param::choice("format", "Form of the file", &["csv", "xlsx", "vcf"])], LIST].concat();
    api.get(
        "/api/v1/{object}/export",
        file,
        Doc::new("export", "records", "What the caller may see, as a file", "导出")
            .query(&query)
            .answers_with("application/octet-stream"),
    )
}

async fn file(
    State(app): State<App>,
    c: Caller,
    Path(object): Path<String>,
    Query(mut q): Query<ListQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let form = Form::parse(q.format.take().as_deref().unwrap_or("csv"))
        .ok_or_else(|| Problem::new(StatusCode::BAD_REQUEST, "export.bad_format"))?;
    // What waits in a pool is looked at, not carried away; and nobody who asks for it is given something else.
    if q.pool.is_some() {
        return Err(Problem::query("pool: what waits in a pool is not exported"));
    }
    let dir = app.config().files.join(".exports");
    let io = |e: std::io::Error| Problem::internal(&e);
    tokio::fs::create_dir_all(&dir).await.map_err(io)?;
    let to = dir.join(hex::encode(rand::random::<[u8; 12]>()));
    let made = export(&c.ws.engine, &c.scope, &object, &q.request(), form, edge::locale(&headers), &to).await;
    let opened = match made {
        Ok(_) => tokio::fs::File::open(&to).await.map_err(io),
        Err(e) => Err(e.into()),
    };
    // Open files live on without a name: nothing is left behind, however the reading ends.
    match tokio::fs::remove_file(&to).await {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(io(e)),
        _ => {}
    }
    let file = opened?;
    let length = file.metadata().await.map_err(io)?.len();
    let mut r = Body::from_stream(ReaderStream::with_capacity(file, 64 << 10)).into_response();
    let h = r.headers_mut();
    h.insert(header::CONTENT_TYPE, HeaderValue::from_static(form.mime()));
    h.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    h.insert(header::CONTENT_DISPOSITION, disposition(false, &format!("{object}.{}", form.extension())));
    Ok(r)
}
