//! Words, texts and signs of filters and formulas: one reader, each language with its own words and signs.

use crate::ExprError;

/// One token.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tok {
    /// A name, a key, a word of the language; in filters also numbers, dates and ids.
    Word(String),
    /// A number of a formula.
    Number(String),
    /// In quotes.
    Text(String),
    /// `@name.name` of a filter.
    Field(String),
    /// A sign of the language, as meant.
    Sign(&'static str),
    /// The end.
    End,
}

/// A token with its place in characters.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub tok: Tok,
    pub at: usize,
    pub len: usize,
}

impl Token {
    /// Something else was expected here.
    pub(crate) fn fault(&self, expected: &str) -> ExprError {
        let found = match &self.tok {
            Tok::Word(w) | Tok::Number(w) | Tok::Text(w) | Tok::Field(w) => w.chars().take(60).collect(),
            Tok::Sign(s) => (*s).to_owned(),
            Tok::End => return ExprError::unlike(expected, "end").span(self.at, self.len),
        };
        ExprError::syntax(expected, &found).span(self.at, self.len)
    }
}

/// What a language has of its own.
pub(crate) struct Grammar {
    /// Signs as written with a narrow keyboard and as meant, longer ones first.
    pub signs: &'static [(&'static str, &'static str)],
    /// The word, number or field that starts at a place, and the place after it.
    pub word: fn(&[char], usize) -> Option<(Tok, usize)>,
}

/// What is written with a Chinese keyboard means the same.
const fn narrow(c: char) -> char {
    match c {
        '（' => '(',
        '）' => ')',
        '，' | '、' => ',',
        '＝' => '=',
        '＜' => '<',
        '＞' => '>',
        '！' => '!',
        '＋' => '+',
        '－' => '-',
        '＊' | '×' => '*',
        '／' | '÷' => '/',
        '＆' => '&',
        '％' => '%',
        c => c,
    }
}

/// The closing quote of an opening one.
const fn closing(c: char) -> Option<char> {
    Some(match c {
        '"' => '"',
        '\'' => '\'',
        '“' | '”' => '”',
        '‘' | '’' => '’',
        '「' => '」',
        _ => return None,
    })
}

/// A text in quotes from after the opening one; the place after the closing one. A doubled closing quote stands for one.
fn quoted(c: &[char], open: usize, close: char) -> Result<(String, usize), ExprError> {
    let mut text = String::new();
    let mut i = open + 1;
    loop {
        match c.get(i) {
            None => return Err(ExprError::unlike(&close.to_string(), "end").span(open, i - open)),
            // No stored text has this character, and PostgreSQL cannot even be asked for it.
            Some('\0') => return Err(ExprError::unlike("text", "control_character").span(i, 1)),
            Some(&q) if q == close && c.get(i + 1) == Some(&close) => {
                text.push(q);
                i += 2;
            }
            Some(&q) if q == close => return Ok((text, i + 1)),
            Some(&q) => {
                text.push(q);
                i += 1;
            }
        }
    }
}

/// The tokens of a text, the last one [`Tok::End`].
pub(crate) fn lex(s: &str, g: &Grammar) -> Result<Vec<Token>, ExprError> {
    let c: Vec<char> = s.chars().collect();
    let mut out = vec![];
    let mut i = 0;
    while i < c.len() {
        if c[i].is_whitespace() {
            i += 1;
            continue;
        }
        let (tok, end) = if let Some(close) = closing(c[i]) {
            let (text, end) = quoted(&c, i, close)?;
            (Tok::Text(text), end)
        } else if let Some(word) = (g.word)(&c, i) {
            word
        } else {
            let starts = |sign: &str| sign.chars().enumerate().all(|(n, x)| c.get(i + n).is_some_and(|y| narrow(*y) == x));
            let Some((written, meant)) = g.signs.iter().find(|(w, _)| starts(w)) else {
                return Err(ExprError::syntax("word_or_sign", &c[i].to_string()).span(i, 1));
            };
            (Tok::Sign(meant), i + written.chars().count())
        };
        out.push(Token { tok, at: i, len: end - i });
        i = end;
    }
    out.push(Token { tok: Tok::End, at: c.len(), len: 0 });
    Ok(out)
}

/// The place after the characters from `i` on that go on with a word.
pub(crate) fn run(c: &[char], mut i: usize, more: impl Fn(usize, char) -> bool) -> usize {
    while c.get(i).is_some_and(|x| more(i, *x)) {
        i += 1;
    }
    i
}
