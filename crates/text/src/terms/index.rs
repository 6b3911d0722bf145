//! From a field's text to its search terms.

use super::chars::{Class, classify, push_term_char};
use super::{DIGITS_MARK, FULL_MAX, INITIALS_MAX, SUFFIX_MIN, WORD_MAX};
use crate::han::is_han;
use crate::normalise::company::{leading_divisions_len, legal_suffix_len};
use crate::normalise::phone::{PhoneContext, normalise_phone};
use crate::pinyin::{NameKind, Readings, readings_of};

/// What a text is, which decides its terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TermKind {
    /// Title of a record: company, product, deal. Words, bigrams, pinyin.
    Title,
    /// Name of a person. As a title, with surname readings.
    PersonName,
    /// Any other text: words and bigrams.
    Text,
    /// A phone number, raw or E.164: whole, and by its last digits.
    Phone,
    /// An e-mail address: its parts.
    Email,
    /// A number or code such as `QT-2026-0001`: its parts, joined, and by its last digits.
    Code,
}

/// Most characters of one text that are indexed.
const TEXT_MAX: usize = 20_000;
/// Most characters from which pinyin terms start.
const STARTS_MAX: usize = 8;
/// Of those, how many also get a full-pinyin term.
const FULL_STARTS_MAX: usize = 6;
/// Most variants of one term when characters have several readings.
const VARIANTS_MAX: usize = 4;
/// Fewest Han characters at which a title may be taken for a company's full name.
const COMPANY_MIN: usize = 5;

/// Collects the terms of a record. Reuse one sink for many records ([`TermSink::clear`]).
#[derive(Debug, Default, Clone)]
pub struct TermSink {
    main: String,
    pinyin: String,
    scratch: Scratch,
}

#[derive(Debug, Default, Clone)]
struct Scratch {
    run: Vec<char>,
    word: String,
    units: Vec<Unit>,
    words: String,
    chars: Vec<char>,
    readings: Vec<Option<Readings>>,
    plain: String,
    variants: Vec<String>,
}

/// One Han character or one word of a title.
#[derive(Debug, Clone, Copy)]
struct Unit {
    /// The character; `\0` for a word.
    han: char,
    /// Where the word stands in `Scratch::words`.
    word: (u32, u32),
}

impl TermSink {
    /// An empty sink.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets all terms, keeps the memory.
    pub fn clear(&mut self) {
        self.main.clear();
        self.pinyin.clear();
    }

    /// The terms of the main index in order, separated by single spaces.
    pub fn main(&self) -> &str {
        &self.main
    }

    /// The terms of the pinyin index, separated by single spaces; repeats are possible.
    pub fn pinyin(&self) -> &str {
        &self.pinyin
    }

    /// Whether there is no term.
    pub fn is_empty(&self) -> bool {
        self.main.is_empty() && self.pinyin.is_empty()
    }

    /// Both indexes as the text of one PostgreSQL `tsvector` (to be cast `::tsvector`): main terms with their
    /// positions, pinyin terms without.
    pub fn tsvector(&self) -> String {
        use std::fmt::Write;
        /// Greatest position that PostgreSQL keeps.
        const POSITION_MAX: usize = 16_383;
        let mut out = String::with_capacity(self.main.len() * 2 + self.pinyin.len() * 2);
        for (at, term) in self.main.split_ascii_whitespace().enumerate() {
            // Writing to a string cannot fail. Terms need no quotes.
            let _ = write!(out, "{term}:{} ", (at + 1).min(POSITION_MAX));
        }
        for term in self.pinyin.split_ascii_whitespace() {
            out.push_str(term);
            out.push(' ');
        }
        out.truncate(out.trim_end().len());
        out
    }

    fn begin_main(&mut self) -> &mut String {
        if !self.main.is_empty() {
            self.main.push(' ');
        }
        &mut self.main
    }

    fn push_pinyin(&mut self, mark: &str, term: &str) {
        if !self.pinyin.is_empty() {
            self.pinyin.push(' ');
        }
        self.pinyin.push_str(mark);
        self.pinyin.push_str(term);
    }

    /// Puts the pending run of Han characters into the main index.
    fn flush_run(&mut self) {
        let run = std::mem::take(&mut self.scratch.run);
        for pair in run.windows(2) {
            let out = self.begin_main();
            push_term_char(out, pair[0]);
            push_term_char(out, pair[1]);
        }
        if let Some(&last) = run.last() {
            push_term_char(self.begin_main(), last);
        }
        self.scratch.run = run;
        self.scratch.run.clear();
    }

    /// Puts the pending word into the main index and, for titles, among the units.
    fn flush_word(&mut self, title: bool) {
        if self.scratch.word.is_empty() {
            return;
        }
        let word = std::mem::take(&mut self.scratch.word);
        let kept = cut(&word, WORD_MAX);
        self.begin_main().push_str(kept);
        if title {
            #[allow(clippy::cast_possible_truncation, reason = "a title is far shorter")]
            let end = |words: &str| words.len() as u32;
            let from = end(&self.scratch.words);
            self.scratch.words.push_str(kept);
            self.scratch.units.push(Unit { han: '\0', word: (from, end(&self.scratch.words)) });
        }
        self.scratch.word = word;
        self.scratch.word.clear();
    }
}

/// The start of a text, at most `max` bytes, cut between characters.
pub(super) fn cut(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    let mut end = max;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Adds the terms of one field to the sink.
pub fn index_terms(kind: TermKind, text: &str, sink: &mut TermSink) {
    match kind {
        TermKind::Title => title(text, NameKind::Title, sink),
        TermKind::PersonName => title(text, NameKind::Person, sink),
        TermKind::Text => words(text, false, sink),
        TermKind::Phone => phone(text, sink),
        TermKind::Email => email(text, sink),
        TermKind::Code => code(text, sink),
    }
}

/// Words and bigrams; for titles also collects the units for pinyin.
fn words(text: &str, title: bool, sink: &mut TermSink) {
    for ch in text.chars().take(TEXT_MAX) {
        classify(ch, |class| match class {
            Class::Cjk(c) => {
                sink.flush_word(title);
                sink.scratch.run.push(c);
                if title && is_han(c) {
                    sink.scratch.units.push(Unit { han: c, word: (0, 0) });
                }
            }
            Class::Word(c) => {
                if !sink.scratch.run.is_empty() {
                    sink.flush_run();
                }
                push_term_char(&mut sink.scratch.word, c);
            }
            Class::Join => {}
            Class::Separator => {
                sink.flush_word(title);
                if !sink.scratch.run.is_empty() {
                    sink.flush_run();
                }
            }
        });
    }
    sink.flush_word(title);
    sink.flush_run();
}

fn title(text: &str, kind: NameKind, sink: &mut TermSink) {
    sink.scratch.units.clear();
    sink.scratch.words.clear();
    words(text, true, sink);
    let han = sink.scratch.units.iter().filter(|u| u.han != '\0').count();
    if han == 0 {
        if kind == NameKind::Person {
            latin_person(sink);
        }
        return;
    }
    let mut s = std::mem::take(&mut sink.scratch);
    s.chars.clear();
    s.chars.extend(s.units.iter().map(|u| u.han));
    readings_of(&s.chars, kind, &mut s.readings);
    let (from, to) =
        if kind == NameKind::Title && han >= COMPANY_MIN { core(&s.units, &s.words, &mut s.plain) } else { (0, s.units.len()) };
    if from > 0 {
        start_terms(&mut s, 0, true, true, sink);
    }
    for (nth, start) in (from..to).take(STARTS_MAX).enumerate() {
        // The initials from the last character on say nothing: one letter, or the legal ending's.
        let last = nth + 1 == to - from;
        let initials = !last || s.units.len() == 1;
        start_terms(&mut s, start, nth < FULL_STARTS_MAX, initials, sink);
    }
    sink.scratch = s;
}

/// The units of a company name between its leading divisions and its legal ending.
fn core(units: &[Unit], words: &str, plain: &mut String) -> (usize, usize) {
    plain.clear();
    for unit in units {
        match unit.han {
            '\0' => plain.push_str(&words[unit.word.0 as usize..unit.word.1 as usize]),
            han => plain.push(han),
        }
    }
    let lead = leading_divisions_len(plain);
    let tail = plain.len() - legal_suffix_len(plain);
    let (mut from, mut to, mut at) = (0, units.len(), 0);
    for (n, unit) in units.iter().enumerate() {
        if at < lead {
            from = n + 1;
        }
        if at >= tail {
            to = n;
            break;
        }
        at += match unit.han {
            '\0' => (unit.word.1 - unit.word.0) as usize,
            han => han.len_utf8(),
        };
    }
    if from < to { (from, to) } else { (0, to.max(1)) }
}

/// The pinyin terms from one unit on.
fn start_terms(s: &mut Scratch, start: usize, full: bool, initials: bool, sink: &mut TermSink) {
    if full {
        variants(s, start, FULL_MAX, |reading| reading);
        for term in &s.variants {
            sink.push_pinyin("", cut(term, FULL_MAX));
        }
    }
    if initials {
        variants(s, start, INITIALS_MAX, |reading| &reading[..1]);
        for term in &s.variants {
            sink.push_pinyin("", cut(term, INITIALS_MAX));
        }
    }
}

/// Builds the likely spellings from one unit on into `s.variants`, each at least `max` long or complete.
fn variants(s: &mut Scratch, start: usize, max: usize, spell: impl Fn(&'static str) -> &'static str) {
    let mut count = 1;
    let mut list = std::mem::take(&mut s.variants);
    list.truncate(1);
    match list.first_mut() {
        Some(first) => first.clear(),
        None => list.push(String::with_capacity(FULL_MAX * 2)),
    }
    for (unit, readings) in s.units[start..].iter().zip(&s.readings[start..]) {
        if list[0].len() >= max {
            break;
        }
        match (unit.han, readings) {
            ('\0', _) => {
                let word = &s.words[unit.word.0 as usize..unit.word.1 as usize];
                for v in &mut list {
                    v.push_str(word);
                }
            }
            (_, Some(readings)) => {
                let first = spell(readings.first());
                for other in &readings.as_slice()[1..] {
                    let other = spell(other);
                    if other == first || list.len() + count > VARIANTS_MAX {
                        continue;
                    }
                    for nth in 0..count {
                        let mut variant = list[nth].clone();
                        variant.push_str(other);
                        list.push(variant);
                    }
                }
                list[..count].iter_mut().for_each(|v| v.push_str(first));
                count = list.len();
            }
            (_, None) => {}
        }
    }
    s.variants = list;
}

/// `Zhang San` is also found by `zhangsan` and `sanzhang`.
fn latin_person(sink: &mut TermSink) {
    let s = std::mem::take(&mut sink.scratch);
    if (2..=3).contains(&s.units.len()) {
        let word = |u: &Unit| &s.words[u.word.0 as usize..u.word.1 as usize];
        let joined: String = s.units.iter().map(word).collect();
        let last_first: String = s.units.last().into_iter().chain(&s.units[..s.units.len() - 1]).map(word).collect();
        sink.begin_main().push_str(cut(&joined, WORD_MAX));
        sink.begin_main().push_str(cut(&last_first, WORD_MAX));
    }
    sink.scratch = s;
}

/// Digits in reverse, so that the last ones match by prefix.
fn push_reversed(digits: &str, sink: &mut TermSink) {
    let reversed: String = digits.chars().rev().collect();
    sink.push_pinyin(DIGITS_MARK, &reversed);
}

fn phone(text: &str, sink: &mut TermSink) {
    let phone = normalise_phone(text, &PhoneContext::default());
    let digits: String = match phone.e164.as_deref() {
        Some(e164) => e164.chars().filter(char::is_ascii_digit).collect(),
        None => text.chars().filter(char::is_ascii_digit).collect(),
    };
    if digits.is_empty() {
        return;
    }
    let digits = cut(&digits, WORD_MAX);
    let national = phone.e164.as_deref().and_then(|n| n.strip_prefix("+86"));
    match national {
        // People type a landline with its 0, a mobile as it is, and either with 86 when pasted.
        Some(national) if phone.kind == crate::normalise::PhoneKind::Landline => {
            let out = sink.begin_main();
            out.push('0');
            out.push_str(national);
        }
        Some(national) => sink.begin_main().push_str(national),
        None => {}
    }
    sink.begin_main().push_str(digits);
    if digits.len() >= SUFFIX_MIN {
        push_reversed(digits, sink);
    }
    if let Some(ext) = &phone.ext {
        sink.begin_main().push_str(ext);
    }
}

fn email(text: &str, sink: &mut TermSink) {
    words(text, false, sink);
    // zhang.san@… is also found by zhangsan.
    if let Some((local, _)) = text.rsplit_once('@') {
        joined(local, sink);
    }
}

fn code(text: &str, sink: &mut TermSink) {
    words(text, false, sink);
    joined(text, sink);
    let tail = text.trim_end().trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let digits = &text.trim_end()[tail..];
    if digits.len() >= SUFFIX_MIN {
        push_reversed(cut(digits, WORD_MAX), sink);
    }
}

/// Adds the text as one word when separators divide it.
fn joined(text: &str, sink: &mut TermSink) {
    let mut word = String::with_capacity(text.len());
    let mut parts = 1;
    for ch in text.trim().chars().take(WORD_MAX * 2) {
        classify(ch, |class| match class {
            Class::Word(c) => push_term_char(&mut word, c),
            Class::Join => {}
            Class::Cjk(_) | Class::Separator => parts += 1,
        });
    }
    if parts > 1 && !word.is_empty() {
        sink.begin_main().push_str(cut(&word, WORD_MAX));
    }
}

#[cfg(test)]
mod tests;
