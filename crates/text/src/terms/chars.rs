//! How single characters take part in search: one classification for indexing, queries and highlighting.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::fold::fold_char;
use crate::han::{is_han, to_simplified};

/// A character as search sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// A character of a script written without spaces: Han (Simplified), kana, hangul.
    Cjk(char),
    /// A folded letter or digit of a word.
    Word(char),
    /// Belongs to the word around it without adding to it (accents, apostrophes).
    Join,
    /// Ends a word.
    Separator,
}

/// Classifies one character; it may become several (`㈱`, `ﬁ`, `ß`).
#[inline]
pub(super) fn classify(ch: char, mut emit: impl FnMut(Class)) {
    if ch.is_ascii() {
        emit(match ch {
            'a'..='z' | '0'..='9' => Class::Word(ch),
            'A'..='Z' => Class::Word(ch.to_ascii_lowercase()),
            '\'' => Class::Join,
            _ => Class::Separator,
        });
        return;
    }
    let code = ch as u32;
    // Neither Han nor hangul may be decomposed; they are also by far the commonest here.
    if is_han(ch) && !(0xF900..=0xFAFF).contains(&code) {
        emit(Class::Cjk(to_simplified(ch)));
        return;
    }
    if (0xAC00..=0xD7A3).contains(&code) {
        emit(Class::Cjk(ch));
        return;
    }
    match ch {
        '’' | '‘' | 'ʼ' | '\u{00AD}' | '\u{200B}'..='\u{200D}' | '\u{FEFF}' => return emit(Class::Join),
        _ => {}
    }
    for part in std::iter::once(ch).nfkd() {
        match fold_char(part) {
            'ß' => ['s', 's'].map(Class::Word).into_iter().for_each(&mut emit),
            'æ' => ['a', 'e'].map(Class::Word).into_iter().for_each(&mut emit),
            'œ' => ['o', 'e'].map(Class::Word).into_iter().for_each(&mut emit),
            'þ' => ['t', 'h'].map(Class::Word).into_iter().for_each(&mut emit),
            'ø' => emit(Class::Word('o')),
            'đ' | 'ð' => emit(Class::Word('d')),
            'ł' => emit(Class::Word('l')),
            'ı' => emit(Class::Word('i')),
            'ħ' => emit(Class::Word('h')),
            c if c.is_ascii_alphanumeric() => emit(Class::Word(c)),
            c if c == '\'' || is_combining_mark(c) => emit(Class::Join),
            c if is_han(c) => emit(Class::Cjk(to_simplified(c))),
            c if is_cjk_other(c) => emit(Class::Cjk(c)),
            c if c.is_alphanumeric() => emit(Class::Word(c)),
            _ => emit(Class::Separator),
        }
    }
}

/// Kana, bopomofo, hangul letters, iteration marks.
fn is_cjk_other(c: char) -> bool {
    matches!(c as u32, 0x3005 | 0x3041..=0x30FF | 0x3105..=0x312F | 0x31F0..=0x31FF | 0x1100..=0x11FF | 0x3131..=0x318E)
}

/// Writes a character of a term: Han, `a-z` and digits as they are, others encoded.
#[inline]
pub(super) fn push_term_char(out: &mut String, ch: char) {
    if ch.is_ascii() || is_han(ch) {
        out.push(ch);
    } else {
        use std::fmt::Write;
        // Writing to a string cannot fail.
        let _ = write!(out, "u{:04x}", ch as u32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(text: &str) -> Vec<Class> {
        let mut out = Vec::new();
        text.chars().for_each(|c| classify(c, |class| out.push(class)));
        out
    }

    #[test]
    fn classification() {
        use Class::*;
        assert_eq!(classes("Aé1"), [Word('a'), Word('e'), Join, Word('1')]);
        assert_eq!(classes("華ａ-"), [Cjk('华'), Word('a'), Separator]);
        assert_eq!(classes("㈱"), [Separator, Cjk('株'), Separator]);
        assert_eq!(classes("ßÆ"), [Word('s'), Word('s'), Word('a'), Word('e')]);
        assert_eq!(classes("한ア"), [Cjk('한'), Cjk('ア')]);
        assert_eq!(classes("Я"), [Word('я')]);
        assert_eq!(classes("L’O"), [Word('l'), Join, Word('o')]);
    }
}
