//! Masked texts (R-FLS-02).

use crate::MaskKind;

/// The last `n` characters.
fn last(s: &str, n: usize) -> &str {
    s.char_indices().rev().nth(n.saturating_sub(1)).map_or(s, |(i, _)| &s[i..])
}

fn first(s: &str, n: usize) -> &str {
    s.char_indices().nth(n).map_or(s, |(i, _)| &s[..i])
}

/// The last four behind stars; nothing of what has four or less.
fn last_four(s: &str) -> String {
    if s.chars().count() > 4 { format!("****{}", last(s, 4)) } else { "****".to_owned() }
}

/// A number in normal form, or as typed when it has none.
fn phone(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let national = number.strip_prefix("+86").map(|n| n.chars().filter(char::is_ascii_digit).collect::<String>());
    let n = national.as_deref().unwrap_or(&digits);
    let home = national.is_some() || !number.starts_with('+');
    if home && n.len() == 11 && n.starts_with('1') {
        return format!("{}****{}", &n[..3], &n[7..]);
    }
    // Area codes: 10 and 2X have two digits, the others three (R-NRM-02).
    let fixed = |n: &str| !n.starts_with('4') && !n.starts_with('8') || n.len() == 11;
    if let Some(n) = national.as_deref()
        && (9..=11).contains(&n.len())
        && fixed(n)
    {
        let area = if n.starts_with("10") || n.starts_with('2') { 2 } else { 3 };
        return format!("0{}-****{}", &n[..area], last(n, 4));
    }
    last_four(&digits)
}

fn email(s: &str) -> String {
    let Some((local, domain)) = s.rsplit_once('@') else { return "***".to_owned() };
    if local.chars().count() <= 2 {
        format!("{}***@{domain}", first(local, 1))
    } else {
        format!("{}***{}@{domain}", first(local, 1), last(local, 1))
    }
}

/// The text by its mask. Addresses and telephone numbers in their stored parts are handled where rows are written; here
/// their plain text is.
#[must_use]
pub fn masked(kind: MaskKind, s: &str) -> String {
    match kind {
        MaskKind::Phone => phone(s),
        MaskKind::Email => email(s),
        MaskKind::Bank => last_four(s),
        MaskKind::Wechat => format!("{}***", first(s, 2)),
        MaskKind::Name => format!("{}*", first(s, 1)),
        MaskKind::Address | MaskKind::Text => "***".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_of_the_rule() {
        // R-FLS-02
        let m = |k, s| masked(k, s);
        assert_eq!(m(MaskKind::Phone, "+8613800138000"), "138****8000");
        assert_eq!(m(MaskKind::Phone, "13800138000"), "138****8000");
        assert_eq!(m(MaskKind::Phone, "+861065529988"), "010-****9988");
        assert_eq!(m(MaskKind::Phone, "+8657188001122"), "0571-****1122");
        assert_eq!(m(MaskKind::Phone, "+864008001234"), "****1234");
        assert_eq!(m(MaskKind::Phone, "+14155550123"), "****0123");
        assert_eq!(m(MaskKind::Phone, "short:CN:9558"), "****");
        assert_eq!(m(MaskKind::Email, "zhangsan@corp.com"), "z***n@corp.com");
        assert_eq!(m(MaskKind::Email, "zs@corp.com"), "z***@corp.com");
        assert_eq!(m(MaskKind::Bank, "6222020200012345678"), "****5678");
        assert_eq!(m(MaskKind::Wechat, "lihua88"), "li***");
        assert_eq!(m(MaskKind::Name, "欧阳娜娜"), "欧*");
        assert_eq!(m(MaskKind::Text, "secret"), "***");
    }
}
