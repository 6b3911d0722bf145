//! Names of persons (R-NRM-06).

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::fold::{fold, nfkc};
use crate::han::{is_han, to_simplified};

/// A person's name in its two parts. Either may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct PersonName {
    /// Family name.
    pub family: String,
    /// Given name or names.
    pub given: String,
}

impl PersonName {
    /// The whole name as a locale writes it: Chinese family first without a space, else given name first
    /// (R-NRM-06). A Latin name stays given first with a space in either locale.
    pub fn display(&self, locale: &str) -> String {
        if self.family.is_empty() || self.given.is_empty() {
            return format!("{}{}", self.family, self.given);
        }
        let han = self.family.chars().any(is_han);
        if han && locale.starts_with("zh") {
            format!("{}{}", self.family, self.given)
        } else {
            format!("{} {}", self.given, self.family)
        }
    }
}

static COMPOUND: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut list: Vec<&str> = include_str!("../../data/compound_surnames.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace)
        .collect();
    // Longest first, so that the longest surname wins.
    list.sort_by_key(|name| std::cmp::Reverse(name.len()));
    list
});

/// The compound surname that a Han name starts with, if a given name is left after it.
/// Traditional characters are understood.
pub(crate) fn compound_surname_len(name: &[char]) -> Option<usize> {
    let first = to_simplified(*name.first()?);
    COMPOUND
        .iter()
        .filter(|surname| surname.starts_with(first))
        .map(|surname| (surname.chars().count(), surname))
        .find(|&(len, surname)| name.len() > len && surname.chars().zip(name).all(|(a, &b)| a == to_simplified(b)))
        .map(|(len, _)| len)
}

/// Splits a whole name (R-NRM-06): Han names after a compound surname or the first character, other names at
/// the last space. A Han name already written with a space (`张 伟`) splits there, and a middle dot
/// (`阿卜杜拉·买买提`) leaves the name whole, as given name.
pub fn split_person_name(name: &str) -> PersonName {
    let name = name.trim();
    let whole_given = |name: &str| PersonName { family: String::new(), given: name.to_owned() };
    let chars: Vec<char> = name.chars().collect();
    let Some(&first) = chars.first() else {
        return PersonName::default();
    };
    if is_han(first) {
        if name.contains(['·', '•', '‧', '．', '・']) {
            return whole_given(name);
        }
        if let Some((family, given)) = name.split_once(char::is_whitespace) {
            return PersonName { family: family.to_owned(), given: given.trim().to_owned() };
        }
        let at = match compound_surname_len(&chars) {
            Some(len) => len,
            None if chars.len() == 1 => {
                return PersonName { family: name.to_owned(), given: String::new() };
            }
            None => 1,
        };
        let (family, given) = chars.split_at(at);
        return PersonName { family: family.iter().collect(), given: given.iter().collect() };
    }
    match name.rsplit_once(char::is_whitespace) {
        Some((given, family)) => {
            PersonName { family: family.to_owned(), given: given.split_whitespace().collect::<Vec<_>>().join(" ") }
        }
        None => whole_given(name),
    }
}

/// The key for finding duplicates by person name: NFKC, case-folded, spaces removed (R-NRM-06).
pub fn person_match_key(name: &str) -> String {
    fold(&nfkc(name)).chars().filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(name: &str) -> (String, String) {
        let PersonName { family, given } = split_person_name(name);
        (family, given)
    }

    fn pair(family: &str, given: &str) -> (String, String) {
        (family.to_owned(), given.to_owned())
    }

    #[test]
    fn checks_of_the_rule() {
        // R-NRM-06
        assert_eq!(split("欧阳娜娜"), pair("欧阳", "娜娜"));
        assert_eq!(split("张伟"), pair("张", "伟"));
        assert_eq!(split("Mary Ann Smith"), pair("Smith", "Mary Ann"));
    }

    #[test]
    fn splitting() {
        // R-NRM-06
        assert_eq!(split("司马懿"), pair("司马", "懿"));
        assert_eq!(split("諸葛亮"), pair("諸葛", "亮"));
        assert_eq!(split("爱新觉罗溥仪"), pair("爱新觉罗", "溥仪"));
        // Nobody is called only by a surname: two characters split after the first.
        assert_eq!(split("欧阳"), pair("欧", "阳"));
        assert_eq!(split("张 三丰"), pair("张", "三丰"));
        assert_eq!(split("阿卜杜拉·买买提"), pair("", "阿卜杜拉·买买提"));
        assert_eq!(split("  John   Smith "), pair("Smith", "John"));
        assert_eq!(split("Madonna"), pair("", "Madonna"));
        assert_eq!(split("王"), pair("王", ""));
        assert_eq!(split(""), pair("", ""));
    }

    #[test]
    fn shown_by_locale() {
        // R-NRM-06
        let zhang = split_person_name("张伟");
        assert_eq!(zhang.display("zh-CN"), "张伟");
        assert_eq!(zhang.display("en"), "伟 张");
        assert_eq!(split_person_name("Mary Ann Smith").display("en"), "Mary Ann Smith");
        assert_eq!(split_person_name("Mary Ann Smith").display("zh-CN"), "Mary Ann Smith");
        assert_eq!(split_person_name("Madonna").display("en"), "Madonna");
    }

    #[test]
    fn match_key() {
        // R-NRM-06
        assert_eq!(person_match_key(" Ｍary  ANN Smith"), "maryannsmith");
        assert_eq!(person_match_key("张　伟"), "张伟");
    }
}
