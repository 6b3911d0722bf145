//! Masked forms of sensitive values (R-FLS-02).

use super::divisions::divisions;
use super::parse_address;
use super::phone::{Phone, PhoneContext, PhoneKind, area_len, normalise_phone};

/// Which mask a field uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MaskKind {
    /// Phone number.
    Phone,
    /// E-mail address.
    Email,
    /// Bank account or card number.
    BankAccount,
    /// WeChat id.
    Wechat,
    /// Name of a person.
    PersonName,
    /// Postal address.
    Address,
    /// Anything else.
    Text,
}

/// The masked form of a value. Empty stays empty.
pub fn mask(kind: MaskKind, value: &str) -> String {
    match kind {
        MaskKind::Phone => mask_phone(value),
        MaskKind::Email => mask_email(value),
        MaskKind::BankAccount => mask_bank_account(value),
        MaskKind::Wechat => mask_wechat(value),
        MaskKind::PersonName => mask_person_name(value),
        MaskKind::Address => mask_address(value),
        MaskKind::Text => mask_text(value),
    }
}

/// A phone number, raw or E.164: mobile `138****8000`, landline `010-****9988`, others `****` and the last 4
/// digits (none when there are only 4 or fewer).
pub fn mask_phone(value: &str) -> String {
    if value.trim().is_empty() {
        return String::new();
    }
    mask_normalised_phone(&normalise_phone(value, &PhoneContext::default()))
}

/// [`mask_phone`] for a number already in normal form.
pub fn mask_normalised_phone(phone: &Phone) -> String {
    let china = phone.e164.as_deref().and_then(|n| n.strip_prefix("+86"));
    match (phone.kind, china) {
        (PhoneKind::Mobile, Some(n)) => format!("{}****{}", &n[..3], &n[n.len() - 4..]),
        (PhoneKind::Landline, Some(n)) => {
            format!("0{}-****{}", &n[..area_len(n)], &n[n.len() - 4..])
        }
        _ => last_four_digits(phone.e164.as_deref().unwrap_or(&phone.raw)),
    }
}

fn last_four_digits(value: &str) -> String {
    let digits: Vec<char> = value.chars().filter(char::is_ascii_digit).collect();
    match digits.len() {
        0..=4 => "****".to_owned(),
        n => format!("****{}", digits[n - 4..].iter().collect::<String>()),
    }
}

/// An e-mail address: first and last character of the local part with 3 stars between (`z***n@corp.com`); a
/// local part of one or two characters keeps only its first.
pub fn mask_email(value: &str) -> String {
    let value = value.trim();
    let Some((local, domain)) = value.rsplit_once('@') else {
        return mask_text(value);
    };
    let mut chars = local.chars();
    let first = chars.next().map(String::from).unwrap_or_default();
    if local.chars().count() <= 2 {
        return format!("{first}***@{domain}");
    }
    let last = chars.next_back().map(String::from).unwrap_or_default();
    format!("{first}***{last}@{domain}")
}

/// A bank account: stars and the last 4 characters.
pub fn mask_bank_account(value: &str) -> String {
    let chars: Vec<char> = value.chars().filter(|c| c.is_alphanumeric()).collect();
    match chars.len() {
        0 => String::new(),
        1..=4 => "****".to_owned(),
        n => format!("****{}", chars[n - 4..].iter().collect::<String>()),
    }
}

/// A WeChat id: first 2 characters and `***`. An id of one or two characters shows only the stars.
pub fn mask_wechat(value: &str) -> String {
    let value = value.trim();
    match value.chars().count() {
        0 => String::new(),
        1 | 2 => "***".to_owned(),
        _ => format!("{}***", value.chars().take(2).collect::<String>()),
    }
}

/// A person's name: first character and `*`.
pub fn mask_person_name(value: &str) -> String {
    match value.trim().chars().next() {
        Some(first) => format!("{first}*"),
        None => String::new(),
    }
}

/// A free-text address: what can be read down to the district, then `***`. An address in which no division is
/// recognised shows only the stars.
pub fn mask_address(value: &str) -> String {
    if value.trim().is_empty() {
        return String::new();
    }
    let parsed = parse_address(value);
    let place = parsed.code().and_then(|code| divisions().full_name(code)).unwrap_or_default();
    if parsed.detail.is_empty() { place } else { format!("{place}***") }
}

/// Any other text: first character and `***`; a single character shows only the stars.
pub fn mask_text(value: &str) -> String {
    let value = value.trim();
    let mut chars = value.chars();
    match (chars.next(), chars.next()) {
        (None, _) => String::new(),
        (Some(_), None) => "***".to_owned(),
        (Some(first), Some(_)) => format!("{first}***"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_of_the_rule() {
        // R-FLS-02
        assert_eq!(mask_phone("13800138000"), "138****8000");
        assert_eq!(mask_phone("+8613800138000"), "138****8000");
        assert_eq!(mask_phone("010-6552 9988转801"), "010-****9988");
        assert_eq!(mask_phone("0571-87654321"), "0571-****4321");
        assert_eq!(mask_phone("+852 9123 4567"), "****4567");
        assert_eq!(mask_phone("4008001234"), "****1234");
        assert_eq!(mask_email("zhangsan@corp.com"), "z***n@corp.com");
        assert_eq!(mask_email("zs@corp.com"), "z***@corp.com");
        assert_eq!(mask_email("张三丰@corp.com"), "张***丰@corp.com");
        assert_eq!(mask_bank_account("6222 0210 0101 2345 678"), "****5678");
        assert_eq!(mask_wechat("zhangsan_88"), "zh***");
        assert_eq!(mask_address("浙江省杭州市西湖区文三路100号"), "浙江省杭州市西湖区***");
        assert_eq!(mask_person_name("张三丰"), "张*");
        assert_eq!(mask_person_name("Mary Smith"), "M*");
    }

    #[test]
    fn short_values_do_not_leak() {
        // R-FLS-02
        assert_eq!(mask_phone("110"), "****");
        assert_eq!(mask_phone("内线 12"), "****");
        assert_eq!(mask_bank_account("1234"), "****");
        assert_eq!(mask_wechat("zs"), "***");
        assert_eq!(mask_text("a"), "***");
        assert_eq!(mask_address("文三路100号"), "***");
        assert_eq!(mask_address("浙江"), "浙江省");
    }

    #[test]
    fn empty_stays_empty() {
        for kind in [
            MaskKind::Phone,
            MaskKind::Email,
            MaskKind::BankAccount,
            MaskKind::Wechat,
            MaskKind::PersonName,
            MaskKind::Address,
            MaskKind::Text,
        ] {
            assert_eq!(mask(kind, " "), "", "{kind:?}");
        }
    }
}
