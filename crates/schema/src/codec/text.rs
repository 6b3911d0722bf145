//! Texts: one normal form, no control characters, and web addresses.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Greatest length of a web address.
const URL_MAX: usize = 2048;

/// Blanks at the ends of texts: white space of any script and the invisible marks that spreadsheets leave behind.
fn blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{FEFF}' | '\u{200B}')
}

/// Without blanks at the ends.
pub(super) fn trim(s: &str) -> &str {
    s.trim_matches(blank)
}

/// NFC without blanks at the ends; borrows when nothing changes. Empty when there are only blanks.
#[must_use]
pub fn clean(s: &str) -> Cow<'_, str> {
    let s = trim(s);
    if s.is_ascii() || is_nfc_quick(s.chars()) == IsNormalized::Yes { Cow::Borrowed(s) } else { Cow::Owned(s.nfc().collect()) }
}

/// Line feeds only, NFC; blank lines at the start and blanks at the end are dropped.
pub(super) fn clean_lines(s: &str) -> Cow<'_, str> {
    let s = s.trim_end_matches(blank).trim_start_matches(['\r', '\n', '\u{FEFF}']);
    let s = if trim(s).is_empty() { "" } else { s };
    let s: Cow<'_, str> = if s.contains(['\r', '\u{2028}', '\u{2029}', '\u{85}']) {
        s.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}', '\u{85}'], "\n").into()
    } else {
        s.into()
    };
    if s.is_ascii() || is_nfc_quick(s.chars()) == IsNormalized::Yes { s } else { s.nfc().collect::<String>().into() }
}

/// Position (in characters) of the first character that must not be in a text.
pub(super) fn forbidden(s: &str, lines: bool) -> Option<usize> {
    s.chars().position(|c| match c {
        '\n' | '\t' => !lines,
        '\u{2028}' | '\u{2029}' => true,
        // Noncharacters have no meaning in any interchange.
        '\u{FFFE}' | '\u{FFFF}' => true,
        c => c.is_control(),
    })
}

/// A web address in its stored form: scheme added, scheme and host in lower case. `None` when it is not one.
pub(super) fn url(s: &str) -> Option<String> {
    let scheme_end = s.find("://");
    let (scheme, rest) = match scheme_end {
        Some(i) => (s[..i].to_ascii_lowercase(), &s[i + 3..]),
        // `javascript:x`, `mailto:x` have a scheme without slashes; `host:8080/x` has a port.
        None => {
            let first = s.split(['/', '?', '#']).next().unwrap_or(s);
            if let Some((_, port)) = first.split_once(':')
                && (port.is_empty() || !port.bytes().all(|b| b.is_ascii_digit()))
            {
                return None;
            }
            ("https".to_owned(), s.trim_start_matches("//"))
        }
    };
    if scheme != "http" && scheme != "https" {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    // Names and passwords inside addresses mislead readers.
    if authority.contains('@') || tail.chars().any(|c| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\\')) {
        return None;
    }
    let host = host_of(authority)?;
    let url = format!("{scheme}://{}{}{tail}", host, &authority[authority.len() - port_len(authority)..]);
    (url.len() <= URL_MAX).then_some(url)
}

fn port_len(authority: &str) -> usize {
    match authority.rfind(':') {
        Some(i) if !authority[i..].contains(']') => authority.len() - i,
        _ => 0,
    }
}

fn host_of(authority: &str) -> Option<String> {
    let n = port_len(authority);
    let (host, port) = authority.split_at(authority.len() - n);
    if n > 0 && (n == 1 || port[1..].parse::<u16>().is_err()) {
        return None;
    }
    if let Some(v6) = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        return v6.parse::<std::net::Ipv6Addr>().ok().map(|_| host.to_ascii_lowercase());
    }
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63 * 4
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
    };
    let named = host.strip_suffix('.').unwrap_or(host);
    let ok =
        named.len() <= 253 && (named.contains('.') || named.eq_ignore_ascii_case("localhost")) && named.split('.').all(label);
    ok.then(|| named.to_lowercase())
}

/// The host of a stored web address.
#[must_use]
pub fn url_host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, r)| r);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    &authority[..authority.len() - port_len(authority)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_addresses() {
        for (s, want) in [
            ("example.com", Some("https://example.com")),
            ("HTTP://Example.COM:8080/A?b#c", Some("http://example.com:8080/A?b#c")),
            ("www.例子.中国/路", Some("https://www.例子.中国/路")),
            ("host.example:8080/x", Some("https://host.example:8080/x")),
            ("http://[::1]:80/", Some("http://[::1]:80/")),
            ("//cdn.example.com/x", Some("https://cdn.example.com/x")),
            ("javascript:alert(1)", None),
            ("mailto:a@b.cn", None),
            ("ftp://example.com", None),
            ("http://", None),
            ("http://user:pw@example.com", None),
            ("http://exa mple.com", None),
            ("http://example.com/a b", None),
            ("nothing", None),
            ("http://example.com:99999", None),
        ] {
            assert_eq!(url(s).as_deref(), want, "{s}");
        }
        assert_eq!(url_host("http://example.com:8080/A"), "example.com");
        assert_eq!(url_host("http://[::1]/"), "[::1]");
    }

    #[test]
    fn texts_are_cleaned() {
        assert_eq!(clean("\u{FEFF} 华为　"), "华为");
        assert_eq!(clean("e\u{301}"), "é");
        assert_eq!(clean(" \u{3000}\t"), "");
        assert_eq!(clean_lines("\r\n  a\r\nb\rc \n\n"), "  a\nb\nc");
        assert_eq!(forbidden("ab\u{7}", false), Some(2));
        assert_eq!(forbidden("a\nb", true), None);
        assert_eq!(forbidden("a\nb", false), Some(1));
    }
}
