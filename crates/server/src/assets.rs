//! The page, embedded at build time (`build.rs`). A build without the page carries a notice instead and says so.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{App, Problem};

/// One embedded file.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// Path below the root, without a leading slash.
    pub path: &'static str,
    /// Content.
    pub bytes: &'static [u8],
    /// The same, compressed with brotli at build time.
    pub br: Option<&'static [u8]>,
    /// Hash of the content.
    pub etag: &'static str,
    /// The name carries a hash of the content: it never changes.
    pub immutable: bool,
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// An embedded file by path.
#[must_use]
pub fn find(path: &str) -> Option<&'static Asset> {
    ASSETS.binary_search_by(|a| a.path.cmp(path)).ok().map(|i| &ASSETS[i])
}

/// The page was there when this program was built.
#[must_use]
pub const fn has_page() -> bool {
    HAS_PAGE
}

/// Whether a caller reads Brotli.
#[must_use]
pub fn accepts_br(h: &HeaderMap) -> bool {
    h.get(header::ACCEPT_ENCODING)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.split(',').any(|e| e.trim().split(';').next() == Some("br")))
}

/// Serves a file, or the page itself for addresses the page routes by itself.
pub fn serve(_app: &App, req: &Request) -> Response {
    if !matches!(*req.method(), Method::GET | Method::HEAD) {
        return Problem::new(StatusCode::METHOD_NOT_ALLOWED, "request.method").into_response();
    }
    let path = req.uri().path().trim_start_matches('/');
    // A missing file is missing; an address without an ending is a place inside the page.
    let asset = match find(if path.is_empty() { "index.html" } else { path }) {
        Some(a) => a,
        None if path.rsplit('/').next().is_some_and(|last| last.contains('.')) => return Problem::not_found().into_response(),
        None => match find("index.html") {
            Some(a) => a,
            None => return Problem::not_found().into_response(),
        },
    };
    respond(asset, req.headers())
}

fn respond(a: &'static Asset, headers: &HeaderMap) -> Response {
    let tag = HeaderValue::from_static(a.etag);
    let caching = HeaderValue::from_static(if a.immutable { "public, max-age=31536000, immutable" } else { "no-cache" });
    let mut r = if headers.get(header::IF_NONE_MATCH) == Some(&tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        match a.br.filter(|_| accepts_br(headers)) {
            Some(br) => ([(header::CONTENT_ENCODING, HeaderValue::from_static("br"))], br).into_response(),
            None => a.bytes.into_response(),
        }
    };
    let kind = mime_guess::from_path(a.path).first_or_octet_stream().to_string();
    let kind = if kind.starts_with("text/") && !kind.contains("charset") { format!("{kind}; charset=utf-8") } else { kind };
    let h = r.headers_mut();
    h.insert(header::CONTENT_TYPE, HeaderValue::try_from(kind).unwrap_or(HeaderValue::from_static("application/octet-stream")));
    h.insert(header::ETAG, tag);
    h.insert(header::CACHE_CONTROL, caching);
    h.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    r
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On a slow network the page stands a third of a second later without.
    #[test]
    fn texts_of_the_page_are_compressed_at_build_time() {
        let texts = ASSETS.iter().filter(|a| has_page() && a.bytes.len() >= 1400);
        for a in texts.filter(|a| [".js", ".css", ".html"].iter().any(|e| a.path.ends_with(e))) {
            let br = a.br.unwrap_or_else(|| panic!("{} is not", a.path));
            assert!(br.len() < a.bytes.len() / 2 + 1400, "{}: {} of {}", a.path, br.len(), a.bytes.len());
        }
        assert!(ASSETS.iter().all(|a| !a.path.contains(".vite")), "notes of the bundler stay outside");
    }

    #[test]
    fn there_is_always_something_at_the_root() {
        let a = find("index.html").unwrap();
        assert!(!a.immutable && !a.bytes.is_empty());
        assert!(ASSETS.windows(2).all(|w| w[0].path < w[1].path), "sorted for the search");
        assert!(find("no/such.file").is_none());
    }
}
