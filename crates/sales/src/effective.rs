//! What of a follow-up's text makes it effective (R-POOL-13).

/// Letters, digits and Han characters count; at least `least` of them, four of them different, and not the author's previous text.
pub(crate) fn effective(text: &str, previous: Option<&str>, least: usize) -> bool {
    let letters: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let different: std::collections::HashSet<&char> = letters.iter().collect();
    letters.len() >= least && different.len() >= 4 && previous.is_none_or(|p| p.trim() != text.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checks_of_the_rule() {
        // R-POOL-13, Check
        assert!(!effective(&"。".repeat(10), None, 10));
        assert!(!effective("11111111111", None, 10));
        assert!(!effective("ok ok ok ok ok", None, 10));
        assert!(effective("已电话沟通，客户确认下周报价。", None, 10));
        assert!(
            !effective("已电话沟通，客户确认下周报价。", Some("已电话沟通，客户确认下周报价。"), 10),
            "the same again does not count"
        );
        assert!(effective("Called, they want a quote", None, 10));
    }
}
