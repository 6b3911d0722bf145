//! The session cookie.

use axum::http::{HeaderMap, HeaderValue, header};

/// Name without TLS.
pub const PLAIN: &str = "rapport_session";
/// Name behind TLS: the prefix forbids other paths and hosts.
pub const SECURE: &str = "__Host-rapport_session";

/// The session secret a request carries.
#[must_use]
pub fn read(headers: &HeaderMap, secure: bool) -> Option<String> {
    let name = if secure { SECURE } else { PLAIN };
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|p| p.trim().split_once('='))
        .find(|(k, v)| *k == name && !v.is_empty())
        .map(|(_, v)| v.to_owned())
}

/// `Set-Cookie` for a new session. A session cookie without a date: the server ends sessions by its own clock.
#[must_use]
pub fn set(secret: &str, secure: bool) -> HeaderValue {
    let (name, tail) = if secure { (SECURE, "; Secure") } else { (PLAIN, "") };
    HeaderValue::try_from(format!("{name}={secret}; Path=/; HttpOnly; SameSite=Lax{tail}"))
        .unwrap_or_else(|_| HeaderValue::from_static("rapport_session=; Path=/; Max-Age=0"))
}

/// `Set-Cookie` that forgets the session.
#[must_use]
pub fn clear(secure: bool) -> HeaderValue {
    HeaderValue::from_static(if secure {
        "__Host-rapport_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure"
    } else {
        "rapport_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_cookie_of_the_right_name_counts() {
        let mut h = HeaderMap::new();
        h.insert(header::COOKIE, HeaderValue::from_static("a=b; rapport_session=s3; x=y"));
        assert_eq!(read(&h, false).as_deref(), Some("s3"));
        assert_eq!(read(&h, true), None, "a cookie without the prefix is not believed behind TLS");
        assert!(set("s", true).to_str().unwrap().starts_with("__Host-"));
    }
}
