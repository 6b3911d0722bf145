//! Headers every answer carries.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// What the page may load: only what this server sends. Styles may be inline because the component library writes them;
/// scripts may not.
const CSP: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
    font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; object-src 'none'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Adds what is missing; a handler's own value stays (a file's stricter policy, an asset's caching).
pub fn add(h: &mut HeaderMap, api: bool, secure: bool) {
    let mut put = |n: HeaderName, v: &'static str| {
        h.entry(n).or_insert(HeaderValue::from_static(v));
    };
    put(header::CONTENT_SECURITY_POLICY, CSP);
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::X_FRAME_OPTIONS, "DENY");
    put(header::REFERRER_POLICY, "same-origin");
    put(HeaderName::from_static("permissions-policy"), "camera=(self), geolocation=(self), microphone=(self), payment=()");
    put(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    put(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    if api {
        put(header::CACHE_CONTROL, "no-store");
    }
    if secure {
        put(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_never_inline_and_a_handlers_own_policy_stays() {
        let mut h = HeaderMap::new();
        h.insert(header::CACHE_CONTROL, HeaderValue::from_static("public"));
        add(&mut h, true, true);
        let csp = h[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        let script = csp.split(';').find(|d| d.trim().starts_with("script-src")).unwrap();
        assert!(!script.contains("unsafe"), "{script}");
        assert!(csp.contains("frame-ancestors 'none'"));
        assert_eq!(h[header::CACHE_CONTROL], "public");
        assert!(h.contains_key(header::STRICT_TRANSPORT_SECURITY));
    }
}
