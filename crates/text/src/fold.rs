//! One case folding for every place that compares text without regard to case.
//!
//! A filter is evaluated in memory, by SQLite (a custom function that calls [`fold`]) and by PostgreSQL
//! (`translate(x, FOLD_FROM, FOLD_TO)`); all three must agree, so the folding is a fixed table of
//! one-to-one pairs and depends on no locale and on no Unicode version.

use std::borrow::Cow;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

/// The characters that [`fold`] replaces: capital letters of ASCII, Latin-1, Latin Extended-A and -B, Latin
/// Extended Additional, Greek, Cyrillic and full-width Latin, and `µ`, `ς`, `ſ`. The n-th one becomes the
/// n-th character of [`FOLD_TO`].
pub const FOLD_FROM: &str = include_str!("../data/fold_from.txt");

/// What the characters of [`FOLD_FROM`] become, in the same order and number.
pub const FOLD_TO: &str = include_str!("../data/fold_to.txt");

/// Code points below this are looked up in `LOW`; the others fall into two further blocks.
const LOW_END: u32 = 0x530;
/// Start of Latin Extended Additional.
const ADDITIONAL: u32 = 0x1E00;
/// Start of the full-width Latin capitals.
const FULL_A: u32 = 0xFF21;
/// Last of the full-width Latin capitals.
const FULL_Z: u32 = 0xFF3A;

struct Tables {
    low: Box<[char]>,
    additional: Box<[char]>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let identity =
        |start: u32, len: u32| -> Box<[char]> { (start..start + len).map(|c| char::from_u32(c).unwrap_or('\0')).collect() };
    let mut tables = Tables { low: identity(0, LOW_END), additional: identity(ADDITIONAL, 0x100) };
    for (from, to) in FOLD_FROM.chars().zip(FOLD_TO.chars()) {
        let code = from as u32;
        if code < LOW_END {
            tables.low[code as usize] = to;
        } else if (ADDITIONAL..ADDITIONAL + 0x100).contains(&code) {
            tables.additional[(code - ADDITIONAL) as usize] = to;
        }
    }
    tables
});

/// Folds one character; see [`fold`].
#[inline]
pub fn fold_char(ch: char) -> char {
    let code = ch as u32;
    if code < 0x80 {
        return ch.to_ascii_lowercase();
    }
    if code < LOW_END {
        return TABLES.low[code as usize];
    }
    if (ADDITIONAL..ADDITIONAL + 0x100).contains(&code) {
        return TABLES.additional[(code - ADDITIONAL) as usize];
    }
    if (FULL_A..=FULL_Z).contains(&code) {
        return char::from_u32(code + 0x20).unwrap_or(ch);
    }
    ch
}

/// Case folding by the table [`FOLD_FROM`] → [`FOLD_TO`]: equal results mean "the same but for case".
///
/// Never changes the number of characters. Borrows when nothing changes.
pub fn fold(text: &str) -> Cow<'_, str> {
    match text.char_indices().find(|&(_, ch)| fold_char(ch) != ch) {
        None => Cow::Borrowed(text),
        Some((at, _)) => {
            let mut out = String::with_capacity(text.len());
            out.push_str(&text[..at]);
            out.extend(text[at..].chars().map(fold_char));
            Cow::Owned(out)
        }
    }
}

/// NFKC; borrows when the text is already plain ASCII.
pub fn nfkc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.nfkc().collect()) }
}

/// Letters without their accents, folded, and `ß` = `ss`: `Größe` → `grosse`. For names made out of texts, not for comparing.
pub fn plain(text: &str) -> String {
    let bare: String = text.nfkd().filter(|c| !unicode_normalization::char::is_combining_mark(*c)).collect();
    fold(&bare).replace('ß', "ss")
}

/// NFC; borrows when the text is already plain ASCII. The form in which text is stored.
pub fn nfc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}

/// The key under which a value is unique: NFKC, trimmed, case-folded (also scripts outside the [`fold`]
/// table, and `ß` = `ss`). Two values with the same key may not both exist in a unique field.
pub fn unique_key(text: &str) -> String {
    let text = text.trim();
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    for ch in text.nfkc() {
        match fold_char(ch) {
            'ß' => out.push_str("ss"),
            folded if folded == ch && !ch.is_ascii() => out.extend(ch.to_lowercase()),
            folded => out.push(folded),
        }
    }
    // Lower-casing may leave a decomposed pair behind (dotted capital I does).
    let out: String = out.nfkc().collect();
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_pairs_without_repeats() {
        let from: Vec<char> = FOLD_FROM.chars().collect();
        assert_eq!(from.len(), FOLD_TO.chars().count());
        assert!(from.windows(2).all(|w| w[0] < w[1]), "sorted, no repeats");
        assert!(from.len() > 400);
        // Folding is done once: no target is itself folded further.
        for to in FOLD_TO.chars() {
            assert_eq!(fold_char(to), to, "{to}");
        }
    }

    #[test]
    fn fold_does_what_translate_does() {
        // PostgreSQL's translate(x, FOLD_FROM, FOLD_TO), spelled out.
        let pairs: std::collections::HashMap<char, char> = FOLD_FROM.chars().zip(FOLD_TO.chars()).collect();
        for code in 0..0x1_1000u32 {
            if let Some(ch) = char::from_u32(code) {
                assert_eq!(fold_char(ch), *pairs.get(&ch).unwrap_or(&ch), "U+{code:04X}");
            }
        }
    }

    #[test]
    fn agrees_with_lower_case_in_the_covered_blocks() {
        for ch in ('A'..='Z').chain('À'..='Þ').chain('Ａ'..='Ｚ').chain('А'..='Я').chain('Α'..='Ρ') {
            let mut lower = ch.to_lowercase();
            assert_eq!(Some(fold_char(ch)), lower.next());
        }
    }

    #[test]
    fn borrows_when_nothing_changes() {
        assert!(matches!(fold("华为技术 abc"), Cow::Borrowed(_)));
        assert_eq!(fold("华为 ABC ÉCOLE Москва ΑΒΓ ＡＢ"), "华为 abc école москва αβγ ａｂ");
        assert_eq!(fold("İstanbul"), "istanbul");
    }

    #[test]
    fn unique_keys_unite_width_case_and_form() {
        assert_eq!(unique_key(" ＡＢＣ－１ "), "abc-1");
        assert_eq!(unique_key("Straße"), unique_key("STRASSE"));
        assert_eq!(plain("Größe Éclair Ｎｏ.1 客户"), "grosse eclair no.1 客户");
        assert_eq!(unique_key("e\u{301}"), unique_key("É"));
        assert_eq!(unique_key("㈱"), "(株)");
        assert_ne!(unique_key("a b"), unique_key("ab"));
    }
}
