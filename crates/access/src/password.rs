//! What a password must be (quality.md §2.1): two presets, because ASVS and 等保三级 contradict each other.

use rapport_text::fold;

/// Password rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PasswordPreset {
    /// 8+ characters, no composition rules, no forced change; common ones and names of the company, the product and the
    /// person are refused.
    #[default]
    Modern,
    /// 等保三级: 10+ characters of 3 classes, change every 90 days, none of the last 5.
    DengbaoL3,
}

/// The figures of a preset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Rules {
    /// Fewest characters.
    pub min_chars: usize,
    /// Most characters.
    pub max_chars: usize,
    /// Fewest of: capitals, small letters, digits, others.
    pub classes: usize,
    /// Must be changed after so many days.
    pub max_age_days: Option<i64>,
    /// Former passwords that may not come back.
    pub history: usize,
    /// A session unused for so long ends, in milliseconds.
    pub idle_ms: i64,
    /// A session ends after so long in any case, in milliseconds.
    pub absolute_ms: i64,
}

const MINUTE: i64 = 60_000;

impl PasswordPreset {
    /// Its figures.
    #[must_use]
    pub const fn rules(self) -> Rules {
        match self {
            Self::Modern => Rules {
                min_chars: 8,
                max_chars: 128,
                classes: 0,
                max_age_days: None,
                history: 0,
                idle_ms: 30 * MINUTE,
                absolute_ms: 12 * 60 * MINUTE,
            },
            Self::DengbaoL3 => Rules {
                min_chars: 10,
                max_chars: 128,
                classes: 3,
                max_age_days: Some(90),
                history: 5,
                idle_ms: 15 * MINUTE,
                absolute_ms: 12 * 60 * MINUTE,
            },
        }
    }
    /// From its name in settings: `modern`, `dengbao-l3`.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        match s {
            "modern" => Some(Self::Modern),
            "dengbao-l3" => Some(Self::DengbaoL3),
            _ => None,
        }
    }
}

/// The form in which passwords are hashed and compared: NFC, so that the same keys typed on two systems agree.
#[must_use]
pub fn normal(password: &str) -> String {
    rapport_text::fold::nfc(password).into_owned()
}

/// Everything wrong with a password, as stable codes; empty = fine. `context`: names of the company, the product and the
/// person.
#[must_use]
pub fn check(preset: PasswordPreset, password: &str, context: &[String]) -> Vec<&'static str> {
    let rules = preset.rules();
    let password = normal(password);
    let chars = password.chars().count();
    let mut faults = vec![];
    if chars < rules.min_chars {
        faults.push("password.too_short");
    }
    if chars > rules.max_chars {
        faults.push("password.too_long");
        return faults;
    }
    if classes(&password) < rules.classes {
        faults.push("password.classes");
    }
    if is_common(&password) {
        faults.push("password.common");
    } else if names_context(&password, context) {
        faults.push("password.context");
    }
    faults
}

fn classes(p: &str) -> usize {
    let has = |f: fn(char) -> bool| usize::from(p.chars().any(f));
    has(char::is_uppercase)
        + has(|c| c.is_alphabetic() && !c.is_uppercase())
        + has(char::is_numeric)
        + has(|c| !c.is_alphanumeric())
}

/// Words people choose first, one a line.
const COMMON: &str = include_str!("../data/common_words.txt");

/// Is it what everybody guesses first? A short list of words stands for thousands of passwords: the comparison ignores case,
/// letters written as digits (`p@ssw0rd`), and digits and signs before and after.
#[must_use]
pub fn is_common(password: &str) -> bool {
    let folded: String = fold(password).chars().filter(|c| !c.is_whitespace()).collect();
    if folded.chars().all(|c| !c.is_alphabetic()) {
        return is_plain_number(&folded);
    }
    if is_walk(&folded) || repeats(&folded) {
        return true;
    }
    let trim = |s: &str| s.trim_matches(|c: char| !c.is_alphabetic()).to_owned();
    let known = |s: &str| !s.is_empty() && COMMON.lines().any(|l| l == s);
    let core = trim(&folded);
    // What is left around the word must itself be weak: up to six further characters do not help.
    let around = folded.chars().count() - core.chars().count();
    let open_end = folded.trim_end_matches(|c: char| !c.is_alphabetic());
    (known(&core) || known(&unleet(&core)) || known(&unleet(open_end)) || known(&unleet(&folded)) || halves(&core, &known))
        && around <= 6
}

/// Two known words in a row, or one twice.
fn halves(s: &str, known: &impl Fn(&str) -> bool) -> bool {
    s.char_indices().skip(1).any(|(i, _)| known(&s[..i]) && known(&s[i..]))
}

/// Letters that are often written as digits or signs.
fn unleet(s: &str) -> String {
    s.chars()
        .map(|c| match c {
            '0' => 'o',
            '1' | '!' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' => 't',
            c => c,
        })
        .collect()
}

/// Dates, runs, repeats and favourite numbers without any letter.
fn is_plain_number(s: &str) -> bool {
    let digits: String = s.chars().filter(char::is_ascii_digit).collect();
    if digits.chars().count() != s.chars().count() {
        return digits.len() + 3 > s.chars().count() && is_plain_number(&digits) || repeats(s);
    }
    // Numbers of up to 11 digits are birthdays, phone numbers and account numbers of messengers.
    digits.len() <= 11 || repeats(&digits) || is_run(&digits)
}

/// The same one to four characters again and again.
fn repeats(s: &str) -> bool {
    let c: Vec<char> = s.chars().collect();
    (1..=4).any(|n| c.len() >= 2 * n && c.iter().enumerate().all(|(i, x)| *x == c[i % n]))
}

/// Up or down by one, such as `abcdefgh` or `987654321`.
fn is_run(s: &str) -> bool {
    let c: Vec<u32> = s.chars().map(u32::from).collect();
    c.len() > 3
        && [1i64, -1]
            .iter()
            .any(|d| c.windows(2).all(|w| i64::from(w[1]) - i64::from(w[0]) == *d || (w[0] == 57 && w[1] == 48 && *d == 1)))
}

/// Along the keys, such as `qwertyuiop`, `1qaz2wsx`, `asdf1234`.
fn is_walk(s: &str) -> bool {
    const LINES: [&str; 10] = [
        "qwertyuiop[]",
        "asdfghjkl;'",
        "zxcvbnm,./",
        "1234567890-=",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
        "qazwsxedcrfvtgbyhnujmikolp",
        "abcdefghijklmnopqrstuvwxyz",
        "q1w2e3r4t5y6u7i8o9p0",
        "1q2w3e4r5t6y7u8i9o0p",
        "a1b2c3d4e5f6g7h8i9",
    ];
    let mut rest = s;
    while !rest.is_empty() {
        let step = LINES
            .iter()
            .flat_map(|l| [(*l).to_owned(), l.chars().rev().collect()])
            .map(|line| {
                let mut best = 0;
                for (i, _) in rest.char_indices().map(|(i, c)| (i + c.len_utf8(), c)) {
                    if line.contains(&rest[..i]) {
                        best = i;
                    }
                }
                best
            })
            .max()
            .unwrap_or(0);
        if step < 3 {
            return false;
        }
        rest = &rest[step..];
    }
    true
}

/// Made of a name of the company, the product or the person with little around it.
fn names_context(password: &str, context: &[String]) -> bool {
    let p = fold(password).into_owned();
    let leet = unleet(&p);
    context.iter().any(|w| {
        let w: String = fold(w.trim()).into_owned();
        let len = w.chars().count();
        // A Chinese word of two characters says as much as a Latin one of four.
        let enough = if w.is_ascii() { len >= 4 } else { len >= 2 };
        enough && [&p, &leet].iter().any(|p| p.contains(&w) && p.replace(&w, "").chars().count() < 6)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modern(p: &str) -> Vec<&'static str> {
        check(PasswordPreset::Modern, p, &["睿客".into(), "rapport".into(), "岚川仪器".into(), "chenyu".into()])
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        for p in [
            "password",
            "Password1",
            "P@ssw0rd!",
            "passw0rd123",
            "12345678",
            "123456789",
            "1234567890",
            "qwertyui",
            "qwerty123",
            "1qaz2wsx",
            "iloveyou",
            "iloveyou1314",
            "woaini1314",
            "5201314520",
            "admin123",
            "Admin@2026",
            "welcome1",
            "letmein!",
            "a1b2c3d4",
            "abcd1234",
            "asdf1234",
            "zxcvbnm,",
            "19900101",
            "13800138000",
            "aaaaaaaa",
            "abababab",
            "dragon2024",
            "monkey12",
            "sunshine",
            "qwer1234",
            "11111111",
            "football1",
            "changeme",
            "adminadmin",
            "passwordpassword",
            "98765432",
        ] {
            assert!(modern(p).contains(&"password.common"), "{p} is accepted: {:?}", modern(p));
        }
    }

    #[test]
    fn good_passwords_need_no_composition() {
        for p in [
            "correct horse battery",
            "vjs8kq2mzt",
            "三文鱼在厨房跳舞唱歌",
            "Trömsö winter light",
            "kq4vT9wz",
            "blue kettle 47 rain",
            &"x7".repeat(3).as_str().to_owned().replace("x7x7x7", "g4 lantern moss"),
        ] {
            assert_eq!(modern(p), Vec::<&str>::new(), "{p}");
        }
        let long = "mürbe Kekse am Fluss ".repeat(4);
        assert_eq!(modern(long.trim()), Vec::<&str>::new(), "64 and more characters are fine");
    }

    #[test]
    fn names_of_company_product_and_person_are_refused() {
        for p in ["Rapport2026!", "rapport#99", "chenyu!2024", "岚川仪器88888", "r@pport-77", "睿客睿客2026"] {
            assert!(modern(p).contains(&"password.context"), "{p}: {:?}", modern(p));
        }
        assert!(modern("rapport between otters").is_empty(), "a phrase may use the word");
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(modern("短密码七个字x"), vec!["password.too_short"]);
        assert_eq!(modern(&"gå-".repeat(50)), vec!["password.too_long"]);
    }

    #[test]
    fn dengbao_wants_ten_characters_of_three_classes() {
        let c = |p: &str| check(PasswordPreset::DengbaoL3, p, &[]);
        assert_eq!(c("kq4vT9wz"), vec!["password.too_short"]);
        assert_eq!(c("kqvtnwzmrelp"), vec!["password.classes"]);
        assert_eq!(c("kqvtnwzmr47p"), vec!["password.classes"]);
        assert!(c("kqVtnwzmr47p").is_empty());
        assert!(c("kqvtnwzmr-47").is_empty());
        assert_eq!(PasswordPreset::DengbaoL3.rules().history, 5);
        assert_eq!(PasswordPreset::DengbaoL3.rules().max_age_days, Some(90));
    }

    #[test]
    fn the_same_word_typed_on_two_systems_is_the_same_password() {
        assert_eq!(normal("cafe\u{301}"), normal("caf\u{e9}"));
    }

    #[test]
    fn the_word_list_is_clean() {
        let mut seen = std::collections::HashSet::new();
        for l in COMMON.lines() {
            assert_eq!(l, fold(l).trim(), "folded and trimmed");
            assert!(!l.is_empty() && seen.insert(l), "{l} twice");
        }
        assert!(seen.len() > 350);
    }
}
