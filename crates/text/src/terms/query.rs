//! From what a person typed to what is asked of the two indexes.

use super::chars::{Class, classify, push_term_char};
use super::index::{TermSink, cut};
use super::segment::{Piece, segment};
use super::{DIGITS_MARK, FULL_MAX, INITIALS_MAX, SUFFIX_MIN, TermIndex, WORD_MAX};

/// A query: a record matches when every group matches.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// One group for each word or run of Han characters typed.
    pub groups: Vec<Group>,
}

/// One word of a query: it matches when any alternative does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What was typed, folded.
    pub typed: String,
    /// The ways to find it, the most literal first.
    pub alternatives: Vec<Alternative>,
}

/// Terms of one index that must all be in the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    /// Where to look.
    pub index: TermIndex,
    /// Whether the terms must follow each other (only in [`TermIndex::Main`]).
    pub phrase: bool,
    /// The terms.
    pub terms: Vec<QueryTerm>,
}

/// One term asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryTerm {
    /// The term: `a-z`, `0-9` and Han only.
    pub text: String,
    /// Whether any term starting with it counts.
    pub prefix: bool,
}

/// Most groups of a query; further words are ignored.
const GROUPS_MAX: usize = 8;
/// Most bigrams of one phrase; the rest of a pasted sentence is ignored.
const PHRASE_MAX: usize = 24;
/// Most ways to read typed pinyin that are asked for.
const READINGS_MAX: usize = 2;

/// Reads what a person typed: Han, Latin words, pinyin, initials, digits, phone numbers, e-mail addresses, codes,
/// in any mix. Empty when there is nothing to search for.
pub fn query_terms(typed: &str) -> Query {
    if let Some(group) = number_query(typed) {
        return Query { groups: vec![group] };
    }
    let mut reader = Reader {
        // The parts of an e-mail address are no pinyin.
        literal: typed.contains(['@', '＠']),
        ..Reader::default()
    };
    for ch in typed.chars() {
        reader.umlaut = matches!(ch, 'ü' | 'Ü');
        classify(ch, |class| reader.take(class));
        if reader.groups.len() >= GROUPS_MAX {
            break;
        }
    }
    reader.flush();
    reader.groups.truncate(GROUPS_MAX);
    Query { groups: reader.groups }
}

#[derive(Default)]
struct Reader {
    groups: Vec<Group>,
    run: Vec<char>,
    word: String,
    /// The word as pinyin: `ü` is `v`, and apostrophes divide nothing.
    sound: String,
    umlaut: bool,
    literal: bool,
}

impl Reader {
    fn take(&mut self, class: Class) {
        match class {
            Class::Cjk(c) => {
                self.flush_word();
                self.run.push(c);
            }
            Class::Word(c) => {
                self.flush_run();
                push_term_char(&mut self.word, c);
                push_term_char(&mut self.sound, if self.umlaut && c == 'u' { 'v' } else { c });
            }
            Class::Join => {}
            Class::Separator => self.flush(),
        }
    }

    fn flush(&mut self) {
        self.flush_word();
        self.flush_run();
    }

    fn flush_run(&mut self) {
        if self.run.is_empty() {
            return;
        }
        let spell = |chars: &[char]| {
            let mut out = String::with_capacity(chars.len() * 3);
            for &c in chars {
                push_term_char(&mut out, c);
            }
            out
        };
        let terms = match &self.run[..] {
            [single] => vec![QueryTerm { text: spell(&[*single]), prefix: true }],
            several => several.windows(2).take(PHRASE_MAX).map(|pair| QueryTerm { text: spell(pair), prefix: false }).collect(),
        };
        self.groups.push(Group {
            typed: self.run.iter().collect(),
            alternatives: vec![Alternative { index: TermIndex::Main, phrase: terms.len() > 1, terms }],
        });
        self.run.clear();
    }

    fn flush_word(&mut self) {
        if self.word.is_empty() {
            return;
        }
        let mut alternatives = vec![prefix(TermIndex::Main, cut(&self.word, WORD_MAX))];
        if self.word.bytes().all(|b| b.is_ascii_digit()) {
            alternatives.extend(last_digits(&self.word));
        } else if !self.literal {
            pinyin(&self.sound, &mut alternatives);
        }
        self.groups.push(Group { typed: std::mem::take(&mut self.word), alternatives });
        self.sound.clear();
    }
}

fn prefix(index: TermIndex, text: &str) -> Alternative {
    Alternative { index, phrase: false, terms: vec![QueryTerm { text: text.to_owned(), prefix: true }] }
}

/// The ends of phone numbers and codes.
fn last_digits(digits: &str) -> Option<Alternative> {
    if digits.len() < SUFFIX_MIN {
        return None;
    }
    let mut term = String::with_capacity(DIGITS_MARK.len() + digits.len());
    term.push_str(DIGITS_MARK);
    term.extend(digits.chars().rev());
    Some(prefix(TermIndex::Pinyin, cut(&term, WORD_MAX)))
}

fn pinyin(sound: &str, alternatives: &mut Vec<Alternative>) {
    if !sound.is_ascii() || sound.is_empty() {
        return;
    }
    alternatives.push(prefix(TermIndex::Pinyin, cut(sound, FULL_MAX)));
    let readings = segment(sound, READINGS_MAX);
    let single = |pieces: &[Piece<'_>]| pieces.iter().filter(|p| !p.syllable || p.text.len() == 1).count();
    for pieces in &readings {
        // A reading with more single letters than the best one is far-fetched (z hang s for zhangs).
        if single(pieces) > single(&readings[0]) {
            continue;
        }
        let spelled = pieces.iter().any(|p| p.syllable && p.text.len() > 1);
        let abbreviated = pieces[..pieces.len() - 1].iter().any(|p| !p.syllable);
        let initials: String = pieces.iter().map(|p| &p.text[..1]).collect();
        if !spelled {
            // Only initials: the term itself asks for them, unless it is longer than what is kept.
            if sound.len() > INITIALS_MAX {
                alternatives.push(prefix(TermIndex::Pinyin, &initials[..INITIALS_MAX.min(initials.len())]));
            }
            return;
        }
        if !abbreviated {
            continue;
        }
        // 张 s, hua w js: the initials of all, and each stretch of whole syllables.
        let mut terms = vec![QueryTerm { text: cut(&initials, INITIALS_MAX).to_owned(), prefix: true }];
        for stretch in pieces.split(|p| !p.syllable).filter(|s| !s.is_empty()) {
            let text: String = stretch.iter().map(|p| p.text).collect();
            if text.len() > 1 {
                terms.push(QueryTerm { text: cut(&text, FULL_MAX).to_owned(), prefix: true });
            }
        }
        let alternative = Alternative { index: TermIndex::Pinyin, phrase: false, terms };
        if !alternatives.contains(&alternative) {
            alternatives.push(alternative);
        }
    }
}

/// A whole number typed with separators (`138-0013 8000`, `+86 10 6552 9988`): as one number, and also as its parts
/// (a date or a code).
fn number_query(typed: &str) -> Option<Group> {
    let mut parts: Vec<String> = Vec::new();
    let mut open = false;
    let mut plus = false;
    for ch in typed.trim().chars() {
        let mut digit = None;
        let mut other = false;
        classify(ch, |class| match class {
            Class::Word(c) if c.is_ascii_digit() => digit = Some(c),
            Class::Separator | Class::Join => {}
            _ => other = true,
        });
        if other {
            return None;
        }
        match digit {
            Some(c) => {
                if !open {
                    parts.push(String::new());
                }
                open = true;
                if let Some(part) = parts.last_mut() {
                    part.push(c);
                }
            }
            None => {
                plus |= matches!(ch, '+' | '＋') && parts.is_empty();
                open = false;
            }
        }
    }
    let mut digits: String = parts.concat();
    if digits.is_empty() || digits.len() > WORD_MAX {
        return None;
    }
    let mut alternatives = vec![prefix(TermIndex::Main, &digits)];
    if plus {
        // Typed as in the stored form, the country code included.
        alternatives.extend(last_digits(&digits));
    } else {
        if let Some(rest) = digits.strip_prefix("00") {
            digits = rest.to_owned();
        }
        // The 0 before an area code is not stored.
        let national = digits.strip_prefix('0').filter(|rest| rest.len() >= 9).unwrap_or(&digits);
        alternatives.extend(last_digits(national));
    }
    if parts.len() > 1 {
        let last = parts.len() - 1;
        alternatives.push(Alternative {
            index: TermIndex::Main,
            phrase: false,
            terms: parts
                .iter()
                .enumerate()
                .take(GROUPS_MAX)
                .map(|(nth, part)| QueryTerm { text: part.clone(), prefix: nth == last })
                .collect(),
        });
    }
    Some(Group { typed: parts.concat(), alternatives })
}

impl QueryTerm {
    fn fits(&self, term: &str) -> bool {
        if self.prefix { term.starts_with(&self.text) } else { term == self.text }
    }
}

impl Alternative {
    fn matches(&self, sink: &TermSink) -> bool {
        let terms = match self.index {
            TermIndex::Main => sink.main(),
            TermIndex::Pinyin => sink.pinyin(),
        };
        if !self.phrase {
            return self.terms.iter().all(|t| terms.split(' ').any(|have| t.fits(have)));
        }
        let have: Vec<&str> = terms.split(' ').collect();
        have.windows(self.terms.len()).any(|window| self.terms.iter().zip(window).all(|(t, have)| t.fits(have)))
    }

    fn fts5(&self, out: &mut String) {
        out.push('(');
        if self.phrase {
            // One string is one phrase; bigrams contain no quote.
            out.push('"');
            for (nth, term) in self.terms.iter().enumerate() {
                if nth > 0 {
                    out.push(' ');
                }
                out.push_str(&term.text);
            }
            out.push('"');
        } else {
            for (nth, term) in self.terms.iter().enumerate() {
                if nth > 0 {
                    out.push_str(" AND ");
                }
                out.push('"');
                out.push_str(&term.text);
                out.push('"');
                if term.prefix {
                    out.push('*');
                }
            }
        }
        out.push(')');
    }

    fn tsquery(&self) -> String {
        let mut out = String::from("(");
        for (nth, term) in self.terms.iter().enumerate() {
            if nth > 0 {
                out.push_str(if self.phrase { " <-> " } else { " & " });
            }
            out.push_str(&term.text);
            if term.prefix {
                out.push_str(":*");
            }
        }
        out.push(')');
        out
    }
}

impl Group {
    /// The FTS5 expression for the alternatives in one index; `None` when there is none there.
    pub fn fts5(&self, index: TermIndex) -> Option<String> {
        let mut out = String::new();
        for alternative in self.alternatives.iter().filter(|a| a.index == index) {
            if !out.is_empty() {
                out.push_str(" OR ");
            }
            alternative.fts5(&mut out);
        }
        (!out.is_empty()).then_some(out)
    }

    /// Whether the terms of a record match.
    pub fn matches(&self, sink: &TermSink) -> bool {
        self.alternatives.iter().any(|a| a.matches(sink))
    }
}

impl Query {
    /// Whether there is nothing to search for.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Whether the terms of a record match; the meaning that the databases' answers must have.
    pub fn matches(&self, sink: &TermSink) -> bool {
        self.groups.iter().all(|g| g.matches(sink))
    }

    /// The FTS5 expression for the main index alone, when no group needs the pinyin index; the usual case for Han
    /// queries, answered by one index.
    pub fn fts5_main_only(&self) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        let mut parts = Vec::with_capacity(self.groups.len());
        for group in &self.groups {
            if group.alternatives.iter().any(|a| a.index != TermIndex::Main) {
                return None;
            }
            parts.push(format!("({})", group.fts5(TermIndex::Main)?));
        }
        Some(parts.join(" AND "))
    }

    /// The whole query over both indexes as the text of a PostgreSQL `tsquery` (to be cast `::tsquery`); `None` when
    /// empty.
    pub fn tsquery(&self) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        let mut out = String::new();
        for group in &self.groups {
            if !out.is_empty() {
                out.push_str(" & ");
            }
            // Both indexes are one here, so the same term may be asked for twice.
            let mut parts: Vec<String> = Vec::with_capacity(group.alternatives.len());
            for alternative in &group.alternatives {
                let part = alternative.tsquery();
                if !parts.contains(&part) {
                    parts.push(part);
                }
            }
            out.push('(');
            out.push_str(&parts.join(" | "));
            out.push(')');
        }
        Some(out)
    }
}

#[cfg(test)]
mod tests;
