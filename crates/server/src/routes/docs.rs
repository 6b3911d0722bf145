//! `/api/v1/openapi.json` and `/api/docs`.

use std::sync::Arc;

use axum::{
    Extension,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{
    Problem, body,
    caller::Guest,
    openapi::{self, Api, Doc, Route},
};

/// Adds the routes.
pub fn routes(api: Api) -> Api {
    api.get("/api/v1/openapi.json", document, Doc::new("openapi", "meta", "This document", "本文档").open().answer("Any"))
        .get(
            "/api/docs",
            page,
            Doc::new("docs", "meta", "The document as a page", "接口文档页面").open().answers_with("text/html"),
        )
        .get(
            "/api/docs/docs.js",
            script,
            Doc::new("docs_script", "meta", "Script of the page", "文档脚本").open().answers_with("text/javascript"),
        )
        .get(
            "/api/docs/docs.css",
            style,
            Doc::new("docs_style", "meta", "Style of the page", "文档样式").open().answers_with("text/css"),
        )
}

/// The document names objects and fields, not data; still only for a workspace that answers to the host.
async fn document(g: Guest, Extension(routes): Extension<Arc<Vec<Route>>>) -> Result<Response, Problem> {
    let doc = openapi::document(&routes, &g.ws.engine.model());
    let mut r = body::raw(StatusCode::OK, serde_json::to_vec(&doc).map_err(|e| Problem::internal(&e))?);
    r.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-cache"));
    Ok(r)
}

async fn page() -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], include_str!("../openapi/docs.html")).into_response()
}
async fn script() -> Response {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("../openapi/docs.js")).into_response()
}
async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../openapi/docs.css")).into_response()
}
