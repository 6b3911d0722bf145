//! Keys by which company names are compared (R-NRM-01).

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::divisions::{DivisionLevel, divisions};
use crate::fold::nfkc;
use crate::han::{is_han, to_simplified};
use crate::pinyin;

/// The two keys of a company name. Equal strict keys: very likely the same company; equal loose keys: possibly.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct CompanyKeys {
    /// Normal form without the legal ending; leading divisions in short form.
    pub strict: String,
    /// As `strict`, also without leading and bracketed divisions; equals `strict` when too little would remain.
    pub loose: String,
}

/// A division name that may lead a company name.
#[derive(Debug, Clone, Copy)]
struct Leading {
    name: &'static str,
    short: &'static str,
    level: DivisionLevel,
    code: &'static str,
    /// Whether `name` has its ending (深圳市); without it only provinces and prefectures lead by themselves.
    full: bool,
}

struct Lists {
    suffixes: Vec<&'static str>,
    latin_suffixes: HashSet<&'static str>,
    generic: Vec<&'static str>,
    /// By first character, longest first.
    leading: HashMap<char, Vec<Leading>>,
    /// Latin spellings of provinces and prefectures.
    latin_divisions: HashSet<String>,
}

/// Endings that make a branch: another entity, so nothing is cut.
const BRANCH: [&str; 2] = ["分公司", "办事处"];

fn words(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace)
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let mut suffixes: Vec<_> = words(include_str!("../../data/legal_suffixes.txt")).collect();
    suffixes.sort_by_key(|s| std::cmp::Reverse(s.len()));
    let mut generic: Vec<_> = words(include_str!("../../data/generic_words.txt")).collect();
    generic.sort_by_key(|s| std::cmp::Reverse(s.len()));
    let mut leading: HashMap<char, Vec<Leading>> = HashMap::new();
    let mut latin_divisions: HashSet<String> =
        words(include_str!("../../data/division_names_latin.txt")).map(str::to_owned).collect();
    let brands: HashSet<_> = words(include_str!("../../data/not_leading.txt")).collect();
    for (name, division) in divisions().names() {
        if !division.current || brands.contains(name) {
            continue;
        }
        let full = name.len() == division.name.len() && division.name != division.short;
        if let Some(first) = name.chars().next() {
            leading.entry(first).or_default().push(Leading {
                name,
                short: division.short,
                level: division.level,
                code: division.code,
                full,
            });
        }
        if division.level < DivisionLevel::District && !full {
            latin_divisions.insert(pinyin::joined(division.short));
        }
    }
    for list in leading.values_mut() {
        list.sort_by_key(|l| (std::cmp::Reverse(l.name.len()), l.level));
    }
    Lists {
        suffixes,
        latin_suffixes: words(include_str!("../../data/legal_suffixes_latin.txt")).collect(),
        generic,
        leading,
        latin_divisions,
    }
});

/// Computes both keys of a company name (R-NRM-01). Empty for a name without letters or digits.
pub fn company_keys(name: &str) -> CompanyKeys {
    let name = nfkc(name);
    let name: String = name.chars().flat_map(char::to_lowercase).map(to_simplified).collect();
    if name.chars().any(is_han) { han_keys(&name) } else { latin_keys(&name) }
}

/// Letters and digits only.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn han_keys(name: &str) -> CompanyKeys {
    let all = plain(name);
    let (short, rest) = split_leading(&all);
    if BRANCH.iter().any(|ending| all.ends_with(ending)) {
        let strict = format!("{short}{rest}");
        return CompanyKeys { loose: strict.clone(), strict };
    }
    let shortened = format!("{short}{rest}");
    let strict = cut_suffix(&shortened).to_owned();
    let unbracketed = plain(&drop_division_brackets(name));
    let loose = split_leading(cut_suffix(&unbracketed)).1;
    let loose = if enough(loose) { loose.to_owned() } else { strict.clone() };
    CompanyKeys { strict, loose }
}

/// What leads the name: the short forms of its leading divisions, and the rest of the name.
///
/// Divisions follow each other from large to small, each inside the one before. A county without its ending counts only after a larger
/// division (浙江昆山…), because alone it is often part of a brand (东方, 新华, 和平).
fn split_leading(name: &str) -> (String, &str) {
    let mut short = String::new();
    let mut rest = name;
    let mut above: Option<&str> = None;
    while let Some(found) = leading_division(rest, above) {
        short.push_str(found.short);
        rest = &rest[found.name.len()..];
        above = Some(found.code);
    }
    (short, rest)
}

fn leading_division(text: &str, above: Option<&str>) -> Option<Leading> {
    let list = LISTS.leading.get(&text.chars().next()?)?;
    list.iter()
        .filter(|l| above.is_none_or(|above| l.code.len() > above.len() && l.code.starts_with(above)))
        .filter(|l| l.full || l.level != DivisionLevel::District || above.is_some())
        .find(|l| text.starts_with(l.name))
        .copied()
}

/// How many bytes at the start of a name (Simplified Han, no blanks) are leading divisions.
pub(crate) fn leading_divisions_len(name: &str) -> usize {
    name.len() - split_leading(name).1.len()
}

/// Bytes of the legal ending of a Han company name; 0 when there is none or too little would be left.
pub(crate) fn legal_suffix_len(name: &str) -> usize {
    if BRANCH.iter().any(|ending| name.ends_with(ending)) {
        return 0;
    }
    name.len() - cut_suffix(name).len()
}

/// Cuts one legal ending, the longest that fits, if at least 2 characters remain.
fn cut_suffix(name: &str) -> &str {
    for suffix in &LISTS.suffixes {
        if let Some(rest) = name.strip_suffix(suffix) {
            // A shorter ending would cut inside the legal ending, so the first that fits decides.
            return if rest.chars().count() >= 2 { rest } else { name };
        }
    }
    name
}

/// Removes bracketed divisions, brackets included; other brackets stay.
fn drop_division_brackets(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(open) = rest.find(is_open) {
        let after = &rest[open..];
        let width = after.chars().next().map_or(1, char::len_utf8);
        match after[width..].find(is_close) {
            Some(len) if is_divisions(&plain(&after[width..width + len])) => {
                out.push_str(&rest[..open]);
                let closed = &after[width + len..];
                rest = &closed[closed.chars().next().map_or(0, char::len_utf8)..];
            }
            _ => {
                out.push_str(&rest[..open + width]);
                rest = &after[width..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn is_open(c: char) -> bool {
    matches!(c, '(' | '[' | '{' | '【' | '〔' | '〈' | '《' | '「')
}

fn is_close(c: char) -> bool {
    matches!(c, ')' | ']' | '}' | '】' | '〕' | '〉' | '》' | '」')
}

/// Whether a text is nothing but division names: 深圳, 浙江杭州, 昆山, shanghai.
fn is_divisions(text: &str) -> bool {
    !text.is_empty() && (divisions().is_name(text) || split_leading(text).1.is_empty() || LISTS.latin_divisions.contains(text))
}

/// Whether a loose key says enough: 2 Han or 3 Latin letters, and not only generic words.
fn enough(key: &str) -> bool {
    let han = key.chars().filter(|&c| is_han(c)).count();
    let letters = key.chars().filter(|c| c.is_alphanumeric() && !is_han(*c)).count();
    (han >= 2 || letters >= 3 || han + letters >= 3) && !is_generic(key)
}

/// Whether the text can be read as generic words only.
fn is_generic(text: &str) -> bool {
    // The bound keeps the search of a crafted text short.
    text.is_empty() || text.len() <= 60 && LISTS.generic.iter().filter_map(|word| text.strip_prefix(word)).any(is_generic)
}

fn latin_keys(name: &str) -> CompanyKeys {
    let strict = latin_key(&latin_words(name));
    let unbracketed = drop_division_brackets(name);
    let mut words = latin_words(&unbracketed);
    let mut from = 0;
    while let Some(len) = latin_division(&words[from..]) {
        from += len;
    }
    let loose = latin_key(&words.split_off(from));
    let letters = loose.chars().filter(|c| c.is_alphabetic()).count();
    CompanyKeys { loose: if letters >= 3 { loose } else { strict.clone() }, strict }
}

/// How many words at the start spell one division (`hong kong`, `shenzhen`).
fn latin_division(words: &[String]) -> Option<usize> {
    (1..=2.min(words.len())).rev().find(|&len| LISTS.latin_divisions.contains(&words[..len].concat()))
}

fn latin_words(name: &str) -> Vec<String> {
    let kept: String = name.chars().filter(|c| !matches!(c, '.' | '\'' | '’' | '‘' | 'ʼ' | '`' | '´')).collect();
    kept.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Cuts legal endings while a word remains, and joins.
fn latin_key(words: &[String]) -> String {
    let mut end = words.len();
    while end > 1 && LISTS.latin_suffixes.contains(words[end - 1].as_str()) {
        end -= 1;
    }
    words[..end].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(name: &str) -> (String, String) {
        let CompanyKeys { strict, loose } = company_keys(name);
        (strict, loose)
    }

    fn want(strict: &str, loose: &str) -> (String, String) {
        (strict.to_owned(), loose.to_owned())
    }

    #[test]
    fn checks_of_the_rule() {
        // R-NRM-01
        for (name, strict, loose) in [
            ("深圳市华为技术有限公司", "深圳华为技术", "华为技术"),
            ("华为技术（深圳）有限公司", "华为技术深圳", "华为技术"),
            ("華為技術有限公司", "华为技术", "华为技术"),
            ("浙江省杭州市云启科技股份有限公司", "浙江杭州云启科技", "云启科技"),
            ("ACME Trading Co., Ltd.", "acmetrading", "acmetrading"),
            ("Acme Trading Company Limited", "acmetrading", "acmetrading"),
            ("Siemens S.A.", "siemens", "siemens"),
            ("云启（集团）有限公司", "云启", "云启"),
            ("北京银行股份有限公司", "北京银行", "北京银行"),
            ("云启科技有限公司北京分公司", "云启科技有限公司北京分公司", "云启科技有限公司北京分公司"),
        ] {
            assert_eq!(keys(name), want(strict, loose), "{name}");
        }
    }

    #[test]
    fn width_case_spaces_and_brackets() {
        // R-NRM-01
        assert_eq!(keys("华为 技术(深圳)有限公司"), want("华为技术深圳", "华为技术"));
        assert_eq!(keys("华为技术【深圳市】有限公司"), want("华为技术深圳市", "华为技术"));
        assert_eq!(keys("ＴＣＬ科技集团股份有限公司"), want("tcl科技", "tcl科技"));
        assert_eq!(keys("云启投资合伙企业（有限合伙）"), want("云启投资合伙企业", "云启投资合伙企业"));
        assert_eq!(keys("云启（原：云智）有限公司"), want("云启原云智", "云启原云智"));
        assert_eq!(keys(""), want("", ""));
        assert_eq!(keys("（）"), want("", ""));
    }

    #[test]
    fn leading_divisions() {
        // R-NRM-01
        assert_eq!(keys("江苏省昆山市云启科技有限公司"), want("江苏昆山云启科技", "云启科技"));
        assert_eq!(keys("苏州昆山云启科技有限公司"), want("苏州昆山云启科技", "云启科技"));
        assert_eq!(keys("北京市朝阳区云启科技有限公司"), want("北京朝阳云启科技", "云启科技"));
        assert_eq!(keys("内蒙古自治区云启科技有限公司"), want("内蒙古云启科技", "云启科技"));
        // A county name without its ending may be a brand.
        assert_eq!(keys("东方财富信息股份有限公司"), want("东方财富信息", "东方财富信息"));
        assert_eq!(keys("新华人寿保险股份有限公司"), want("新华人寿保险", "新华人寿保险"));
        assert_eq!(keys("上海东方明珠新媒体股份有限公司").1, "东方明珠新媒体");
        assert_eq!(keys("阿里巴巴（中国）有限公司").1, "阿里巴巴中国");
        assert_eq!(keys("昆山云启科技有限公司"), want("昆山云启科技", "昆山云启科技"));
    }

    #[test]
    fn too_little_remains() {
        // R-NRM-01: the cut is not made.
        assert_eq!(keys("云公司"), want("云公司", "云公司"));
        assert_eq!(keys("上海大学"), want("上海大学", "上海大学"));
        assert_eq!(keys("杭州市科技发展有限公司"), want("杭州科技发展", "杭州科技发展"));
        assert_eq!(keys("上海云有限公司"), want("上海云", "上海云"));
        assert_eq!(keys("有限公司"), want("有限公司", "有限公司"));
    }

    #[test]
    fn branches_keep_the_whole_text() {
        // R-NRM-01
        assert_eq!(keys("深圳市云启科技有限公司（杭州分公司）").0, "深圳云启科技有限公司杭州分公司");
        assert_eq!(keys("西门子北京办事处"), want("西门子北京办事处", "西门子北京办事处"));
    }

    #[test]
    fn latin_names() {
        // R-NRM-01
        assert_eq!(keys("L'Oréal S.A."), want("loréal", "loréal"));
        assert_eq!(keys("Johnson & Johnson, Inc."), want("johnsonjohnson", "johnsonjohnson"));
        assert_eq!(keys("Shenzhen Acme Technology Co., Ltd."), want("shenzhenacmetechnology", "acmetechnology"));
        assert_eq!(keys("Acme (Hong Kong) Limited"), want("acmehongkong", "acme"));
        assert_eq!(keys("Company Ltd"), want("company", "company"));
        assert_eq!(keys("Shanghai AB Ltd"), want("shanghaiab", "shanghaiab"));
        assert_eq!(keys("3M Company"), want("3m", "3m"));
    }
}
