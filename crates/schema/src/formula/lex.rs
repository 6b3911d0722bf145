//! Words and signs of formulas.

use crate::{
    ExprError,
    lex::{self, Grammar, run},
};

pub(super) use crate::lex::{Tok, Token};

const GRAMMAR: Grammar = Grammar {
    signs: &[
        ("<=", "<="),
        ("<>", "<>"),
        ("!=", "<>"),
        (">=", ">="),
        ("==", "="),
        ("=", "="),
        ("<", "<"),
        (">", ">"),
        ("≠", "<>"),
        ("≤", "<="),
        ("≥", ">="),
        ("+", "+"),
        ("-", "-"),
        ("*", "*"),
        ("/", "/"),
        ("&", "&"),
        ("%", "%"),
        ("(", "("),
        (")", ")"),
        (",", ","),
    ],
    word,
};

/// A number, or a path or function's name.
fn word(c: &[char], at: usize) -> Option<(Tok, usize)> {
    let after = |i: usize| c.get(i + 1).copied();
    if c[at].is_ascii_digit() {
        let end = run(c, at, |i, x| x.is_ascii_digit() || (x == '.' && after(i).is_some_and(|n| n.is_ascii_digit())));
        return Some((Tok::Number(c[at..end].iter().collect()), end));
    }
    if !c[at].is_alphabetic() && c[at] != '_' {
        return None;
    }
    let end = run(c, at, |i, x| {
        x.is_alphanumeric() || x == '_' || (x == '.' && after(i).is_some_and(|n| n.is_alphabetic() || n == '_'))
    });
    Some((Tok::Word(c[at..end].iter().collect()), end))
}

pub(super) fn lex(s: &str) -> Result<Vec<Token>, ExprError> {
    lex::lex(s, &GRAMMAR)
}
