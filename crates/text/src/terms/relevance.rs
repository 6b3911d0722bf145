//! How well a title answers a query: the order of a capped set of candidates.

use super::highlight::{Found, Text, words_of};
use crate::normalise::company::leading_divisions_len;

/// How well a title answers a query; 0 when it does not, 1000 when it is what was typed. Every word of the query
/// must be found; the worst found one decides. Letters as typed count more than whole pinyin, that more than
/// initials; the start of the title (or of a company's own name after its division) more than its middle; a
/// short title more than a long one.
///
/// For ordering candidates that the indexes have found; equal ones are to be ordered by recency.
pub fn relevance(title: &str, query: &str) -> u32 {
    const LITERAL: u32 = 600;
    const SYLLABLES: u32 = 450;
    const INITIALS: u32 = 350;
    const AT_START: u32 = 300;
    const AT_NAME: u32 = 240;
    const AT_WORD: u32 = 60;
    /// At most this for how much of the title was found.
    const COVERAGE: u32 = 100;

    let text = Text::new(title);
    let words = words_of(query);
    if words.is_empty() || text.is_empty() {
        return 0;
    }
    let name_start = text.name_start();
    let mut worst = u32::MAX;
    let mut covered = 0;
    for word in &words {
        let mut ranges = Vec::new();
        let base = match text.find(word, &mut ranges) {
            Found::Nothing => return 0,
            Found::Literal => LITERAL,
            Found::Pinyin(path) if path.iter().all(|s| s.whole()) => SYLLABLES,
            Found::Pinyin(_) => INITIALS,
        };
        let first = ranges.iter().map(|r| r.0).min().unwrap_or(0);
        let place = if first == text.first_char() {
            AT_START
        } else if first == name_start {
            AT_NAME
        } else {
            AT_WORD
        };
        worst = worst.min(base + place);
        covered += ranges.iter().map(|r| r.1 - r.0).sum::<usize>();
    }
    #[allow(clippy::cast_possible_truncation, reason = "characters of a title")]
    let share = (covered.min(text.len()) as u32 * COVERAGE) / text.len() as u32;
    (worst + share).min(1000)
}

impl Text {
    /// The character at which a company's own name starts, after its leading divisions.
    fn name_start(&self) -> usize {
        let plain: String = self.letters().collect();
        let lead = leading_divisions_len(&plain);
        self.char_of_unit(plain[..lead].chars().count())
    }
}

#[cfg(test)]
mod tests {
    use super::relevance;

    #[test]
    fn better_answers_come_first() {
        let ordered = |query: &str, titles: &[&str]| {
            let scores: Vec<u32> = titles.iter().map(|t| relevance(t, query)).collect();
            assert!(scores.windows(2).all(|w| w[0] > w[1]), "{query}: {titles:?} {scores:?}");
            assert!(scores.iter().all(|&s| s > 0 && s <= 1000));
        };
        ordered("华为", &["华为", "华为技术", "深圳市华为技术有限公司", "中华为民基金会"]);
        ordered("hw", &["华为", "华为技术", "北京华文教育", "爱好玩"]);
        ordered("huawei", &["Huawei", "华为", "华为技术", "爱华味"]);
        ordered("acme", &["Acme", "Acme Trading", "New Acme Trading"]);
        ordered("zhangsan", &["张三", "张三丰", "李张三"]);
    }

    #[test]
    fn bounds() {
        assert_eq!(relevance("华为", "华为"), 1000);
        assert_eq!(relevance("華為", "华为"), 1000);
        assert_eq!(relevance("华为", "中兴"), 0);
        assert_eq!(relevance("华为技术", "华为 中兴"), 0);
        assert_eq!(relevance("", "华为"), 0);
        assert_eq!(relevance("华为", ""), 0);
    }
}
