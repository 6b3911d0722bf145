//! E-mail addresses (R-NRM-03).

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::fold::nfkc;

/// An e-mail address in normal form.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Email {
    /// What was typed, trimmed.
    pub raw: String,
    /// `local@domain`, lower case, domain in punycode. The form used to send and to compare.
    pub address: String,
    /// The domain, lower case, in punycode.
    pub domain: String,
    /// The key for finding duplicates only: without `+tag`, for Gmail also without dots.
    pub match_key: String,
}

/// Why a text is no e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// No `@`, an empty part, or a character that may not stand there.
    #[error("not an e-mail address")]
    Malformed,
    /// More than 254 characters, or more than 64 before the `@`.
    #[error("e-mail address is too long")]
    TooLong,
    /// The domain is no valid host name.
    #[error("the e-mail domain is not valid")]
    Domain,
}

/// Longest address (R-NRM-03, field type `email`).
const MAX_LEN: usize = 254;
const MAX_LOCAL: usize = 64;

static FREE_MAIL: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    include_str!("../../data/free_mail.txt")
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
});

/// Brings an e-mail address to its normal form (R-NRM-03). Accepts `mailto:` and `Display Name <a@b>`.
///
/// # Errors
/// [`EmailError`] when the text is not one address.
pub fn normalise_email(raw: &str) -> Result<Email, EmailError> {
    let raw = raw.trim();
    let text = nfkc(raw);
    let mut text = text.trim();
    if let Some(open) = text.rfind('<') {
        let inner = &text[open + 1..];
        let close = inner.find('>').ok_or(EmailError::Malformed)?;
        if !inner[close + 1..].trim().is_empty() {
            return Err(EmailError::Malformed);
        }
        text = inner[..close].trim();
    }
    if text.get(..7).is_some_and(|p| p.eq_ignore_ascii_case("mailto:")) {
        text = text[7..].split('?').next().unwrap_or_default().trim();
    }
    let (local, domain) = text.rsplit_once('@').ok_or(EmailError::Malformed)?;
    if local.is_empty() || domain.is_empty() {
        return Err(EmailError::Malformed);
    }
    let allowed = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    if !local.chars().all(allowed) || local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Err(EmailError::Malformed);
    }
    let domain = idna::domain_to_ascii_strict(domain.trim_end_matches('.')).map_err(|_| EmailError::Domain)?;
    // A host name that mail is delivered to over the Internet has a dot and no all-digit top level.
    let top = domain.rsplit_once('.').map(|(_, top)| top).ok_or(EmailError::Domain)?;
    if top.len() < 2 || top.bytes().all(|b| b.is_ascii_digit()) {
        return Err(EmailError::Domain);
    }
    let local = local.to_lowercase();
    let address = format!("{local}@{domain}");
    if local.len() > MAX_LOCAL || address.len() > MAX_LEN {
        return Err(EmailError::TooLong);
    }
    let match_key = match_key(&local, &domain);
    Ok(Email { raw: raw.to_owned(), address, domain, match_key })
}

fn match_key(local: &str, domain: &str) -> String {
    let bare = match local.split_once('+') {
        Some((bare, _)) if !bare.is_empty() => bare,
        _ => local,
    };
    if domain == "gmail.com" || domain == "googlemail.com" {
        format!("{}@{domain}", bare.replace('.', ""))
    } else {
        format!("{bare}@{domain}")
    }
}

/// Whether the domain gives mailboxes to anyone, so that it says nothing about a company (R-NRM-03).
/// Also true below such a domain (`vip.qq.com`).
pub fn is_free_mail(domain: &str) -> bool {
    let domain = domain.trim().trim_end_matches('.').to_ascii_lowercase();
    let mut rest = domain.as_str();
    loop {
        if FREE_MAIL.contains(rest) {
            return true;
        }
        match rest.split_once('.') {
            Some((_, parent)) => rest = parent,
            None => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_form() {
        // R-NRM-03
        for raw in [
            "Zhang.San@Corp.COM",
            " zhang.san@corp.com ",
            "mailto:Zhang.San@corp.com?subject=hi",
            "张三 <zhang.san@corp.com>",
            "\"San, Zhang\" <zhang.san@corp.com>",
            "ｚｈａｎｇ．ｓａｎ＠ｃｏｒｐ．ｃｏｍ",
        ] {
            let email = normalise_email(raw).expect(raw);
            assert_eq!(email.address, "zhang.san@corp.com", "{raw}");
            assert_eq!(email.domain, "corp.com");
            assert_eq!(email.raw, raw.trim());
        }
        let idn = normalise_email("info@华为.中国").expect("international domain");
        assert_eq!(idn.address, "info@xn--siqq7j.xn--fiqs8s");
        assert_eq!(normalise_email(&idn.address).map(|e| e.address), Ok(idn.address));
    }

    #[test]
    fn match_keys() {
        // R-NRM-03
        let key = |raw: &str| normalise_email(raw).expect(raw).match_key;
        assert_eq!(key("z.san+crm@gmail.com"), "zsan@gmail.com");
        assert_eq!(key("Z.San@googlemail.com"), "zsan@googlemail.com");
        assert_eq!(key("z.san+crm@corp.com"), "z.san@corp.com");
        // The address itself keeps both.
        assert_eq!(normalise_email("z.san+crm@gmail.com").map(|e| e.address), Ok("z.san+crm@gmail.com".into()));
    }

    #[test]
    fn refused() {
        // R-NRM-03
        for raw in [
            "",
            "a",
            "a@",
            "@b.com",
            "a b@c.com",
            "a@b@c.com",
            "a..b@c.com",
            ".a@c.com",
            "a@c",
            "a@-c.com",
            "a@c..com",
            "a@1.2.3.4",
            "<a@b.com",
            "a@b.com, c@d.com",
        ] {
            assert!(normalise_email(raw).is_err(), "{raw}");
        }
        let long = format!("{}@corp.com", "a".repeat(65));
        assert_eq!(normalise_email(&long), Err(EmailError::TooLong));
    }

    #[test]
    fn free_mail_domains() {
        // R-NRM-03
        for domain in
            ["qq.com", "163.com", "126.com", "sina.com", "gmail.com", "outlook.com", "vip.qq.com", "QQ.com", "vip.163.com"]
        {
            assert!(is_free_mail(domain), "{domain}");
        }
        for domain in ["huawei.com", "com", "myqq.com", "xqq.com", ""] {
            assert!(!is_free_mail(domain), "{domain}");
        }
    }
}
