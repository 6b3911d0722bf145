//! Words and signs of the text form.

use crate::{
    ExprError,
    lex::{self, Grammar, run},
};

pub(super) use crate::lex::{Tok, Token};

const GRAMMAR: Grammar = Grammar {
    signs: &[
        ("==", "="),
        ("=", "="),
        ("!=", "!="),
        ("<>", "!="),
        ("≠", "!="),
        ("<=", "<="),
        ("≤", "<="),
        ("<", "<"),
        (">=", ">="),
        ("≥", ">="),
        (">", ">"),
        ("(", "("),
        (")", ")"),
        (",", ","),
    ],
    word,
};

/// Letters, digits and signs that names, keys, numbers, dates, ids and addresses are written with.
fn in_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '+' | '.' | ':' | '%' | '/' | '#')
}

fn word(c: &[char], at: usize) -> Option<(Tok, usize)> {
    if matches!(c[at], '@' | '＠') {
        let end = run(c, at + 1, |_, x| in_word(x));
        return Some((Tok::Field(c[at + 1..end].iter().collect()), end));
    }
    if !in_word(c[at]) {
        return None;
    }
    // An address such as `li@corp.com` is one word.
    let end = run(c, at, |_, x| in_word(x) || x == '@');
    Some((Tok::Word(c[at..end].iter().collect()), end))
}

pub(super) fn lex(s: &str) -> Result<Vec<Token>, ExprError> {
    lex::lex(s, &GRAMMAR)
}
