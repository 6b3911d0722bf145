//! Readings of Han characters: for search terms, highlighting and the order of titles.
//!
//! A word list decides characters with several readings (重庆 `chong qing`); where it does not, the reading
//! usual in names comes first and the others stay as alternatives. `ü` is written `v`.

use std::collections::HashMap;
use std::sync::LazyLock;

use pinyin::{ToPinyin, ToPinyinMulti};

use crate::fold::{fold_char, nfkc};
use crate::han::{is_han, to_simplified};
use crate::normalise::person::compound_surname_len;

/// Most readings kept of one character.
pub const MAX_READINGS: usize = 3;

/// The readings of one character in one place, the likeliest first. Never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readings {
    list: [&'static str; MAX_READINGS],
    len: u8,
}

impl Readings {
    fn one(reading: &'static str) -> Self {
        Readings { list: [reading, "", ""], len: 1 }
    }

    /// Adds a reading unless it is there or the list is full.
    pub(crate) fn push(&mut self, reading: &'static str) {
        if (self.len as usize) < MAX_READINGS && !self.as_slice().contains(&reading) {
            self.list[self.len as usize] = reading;
            self.len += 1;
        }
    }

    /// The readings, likeliest first.
    pub fn as_slice(&self) -> &[&'static str] {
        &self.list[..self.len as usize]
    }

    /// The likeliest reading.
    pub fn first(&self) -> &'static str {
        self.list[0]
    }
}

/// What the text is, which decides how its first character is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    /// A company, product or other title.
    Title,
    /// A person: the surname reading first (单 `shan`, 曾 `zeng`).
    Person,
}

/// First character of the table of common characters.
const COMMON: u32 = 0x4E00;
const COMMON_LEN: usize = 0x5200;

struct Phrase {
    /// All characters but the first, Simplified.
    tail: Box<[char]>,
    readings: Box<[&'static str]>,
}

struct Tables {
    /// Usual reading of U+4E00…; empty when none is known.
    common: Box<[&'static str]>,
    /// Group in `phrases` that starts with U+4E00…, 0 for none.
    starts: Box<[u16]>,
    phrases: Vec<Vec<Phrase>>,
    /// Characters with several readings.
    several: HashMap<char, Readings>,
    surnames: HashMap<char, &'static str>,
    /// All syllables, sorted.
    syllables: Vec<&'static str>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(Tables::load);

fn with_v(plain: &'static str) -> &'static str {
    match plain {
        "lü" => "lv",
        "nü" => "nv",
        "lüe" => "lve",
        "nüe" => "nve",
        other => other,
    }
}

fn data_lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

impl Tables {
    fn load() -> Self {
        let mut common = vec![""; COMMON_LEN].into_boxed_slice();
        for (code, slot) in (COMMON..).zip(&mut common) {
            if let Some(reading) = char::from_u32(code).and_then(|c| c.to_pinyin()) {
                *slot = with_v(reading.plain());
            }
        }
        let mut several = HashMap::new();
        for line in data_lines(include_str!("../data/readings.txt")) {
            let mut cells = line.split(' ');
            let Some(ch) = cells.next().and_then(|c| c.chars().next()) else {
                continue;
            };
            let mut list = Readings { list: [""; MAX_READINGS], len: 0 };
            for reading in cells {
                list.push(reading);
            }
            if let Some(slot) = common.get_mut((ch as u32).wrapping_sub(COMMON) as usize) {
                *slot = list.first();
            }
            if list.len > 1 {
                several.insert(ch, list);
            }
        }
        let mut syllables: Vec<&'static str> = common.iter().copied().filter(|s| !s.is_empty()).collect();
        syllables.extend(several.values().flat_map(|r| r.list.iter().copied()).filter(|s| !s.is_empty()));
        syllables.sort_unstable();
        syllables.dedup();
        let mut tables = Tables {
            common,
            starts: vec![0; COMMON_LEN].into_boxed_slice(),
            phrases: vec![Vec::new()],
            several,
            surnames: HashMap::new(),
            syllables,
        };
        for line in data_lines(include_str!("../data/phrases.txt")) {
            let mut cells = line.split(' ');
            let mut chars = cells.next().unwrap_or_default().chars();
            let Some(first) = chars.next() else { continue };
            let phrase = Phrase { tail: chars.collect(), readings: cells.collect() };
            let Some(group) = tables.starts.get_mut((first as u32).wrapping_sub(COMMON) as usize) else {
                continue;
            };
            if *group == 0 {
                *group = u16::try_from(tables.phrases.len()).expect("a group for every common character at most");
                tables.phrases.push(Vec::new());
            }
            tables.phrases[*group as usize].push(phrase);
        }
        for group in &mut tables.phrases {
            group.sort_by_key(|p| std::cmp::Reverse(p.tail.len()));
        }
        for line in data_lines(include_str!("../data/surname_readings.txt")) {
            if let Some((name, reading)) = line.split_once(' ')
                && let Some(ch) = name.chars().next()
            {
                tables.surnames.insert(ch, reading);
            }
        }
        tables
    }

    fn usual(&self, ch: char) -> &'static str {
        match self.common.get((ch as u32).wrapping_sub(COMMON) as usize) {
            Some(reading) => reading,
            None => ch.to_pinyin().map_or("", |p| with_v(p.plain())),
        }
    }

    fn phrase_at(&self, chars: &[char]) -> Option<&Phrase> {
        let (&first, tail) = chars.split_first()?;
        let group = *self.starts.get((first as u32).wrapping_sub(COMMON) as usize)?;
        if group == 0 {
            return None;
        }
        self.phrases[group as usize].iter().find(|p| tail.starts_with(&p.tail))
    }
}

/// The readings of every character of a text, which must be Simplified; `None` for what is no Han character
/// (or one without a known reading).
pub fn readings_of(chars: &[char], kind: NameKind, out: &mut Vec<Option<Readings>>) {
    let tables = &*TABLES;
    out.clear();
    let surname_len = match kind {
        NameKind::Person => match compound_surname_len(chars) {
            Some(len) => len,
            None => usize::from(chars.len() >= 2),
        },
        NameKind::Title => 0,
    };
    while out.len() < chars.len() {
        let at = out.len();
        let ch = chars[at];
        if (ch as u32) < 0x3007 {
            out.push(None);
            continue;
        }
        let single_surname = at == 0 && surname_len == 1;
        if !single_surname && let Some(phrase) = tables.phrase_at(&chars[at..]) {
            out.extend(phrase.readings.iter().map(|r| Some(Readings::one(r))));
            continue;
        }
        let usual = tables.usual(ch);
        if usual.is_empty() {
            out.push(None);
            continue;
        }
        let mut found = Readings::one(usual);
        if single_surname && let Some(surname) = tables.surnames.get(&ch) {
            found = Readings::one(surname);
            found.push(usual);
        }
        if let Some(all) = tables.several.get(&ch) {
            all.as_slice().iter().for_each(|r| found.push(r));
        }
        out.push(Some(found));
    }
}

/// Whether the text is one whole syllable (`zhang`).
pub fn is_syllable(text: &str) -> bool {
    TABLES.syllables.binary_search(&text).is_ok()
}

/// Whether some syllable starts with the text (`zh`, `zha`, `zhang`).
pub fn is_syllable_prefix(text: &str) -> bool {
    let list = &TABLES.syllables;
    let at = list.partition_point(|s| *s < text);
    list.get(at).is_some_and(|s| s.starts_with(text))
}

/// The likeliest reading of a text, syllables joined; other characters stay.
pub fn joined(text: &str) -> String {
    let chars: Vec<char> = text.chars().map(to_simplified).collect();
    let mut readings = Vec::new();
    readings_of(&chars, NameKind::Title, &mut readings);
    let mut out = String::with_capacity(chars.len() * 5);
    for (ch, reading) in chars.iter().zip(&readings) {
        match reading {
            Some(reading) => out.push_str(reading.first()),
            None => out.push(*ch),
        }
    }
    out
}

/// Version of [`pinyin_sort_key`]. Stored keys of another version must be made anew: raise it whenever the same title
/// gives another key.
pub const SORT_KEY_VERSION: u32 = 1;

/// Characters of a title that its sort key looks at.
const SORT_CHARS: usize = 64;

/// The key by which titles are ordered: characters in pinyin order (syllable, tone, then the character itself,
/// so that 张 stays together before 章), mixed with Latin text, which is folded and has its accents removed.
/// Punctuation does not count. A name of 2–4 Han characters is read as a person's (单 `shan`).
///
/// To be compared byte by byte (`BINARY` in SQLite, `COLLATE "C"` in PostgreSQL). Only the first 64 characters
/// count.
pub fn pinyin_sort_key(title: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let normal = nfkc(title);
    let chars: Vec<char> = normal.chars().take(SORT_CHARS).map(to_simplified).collect();
    let person = (2..=4).contains(&chars.len()) && chars.iter().all(|&c| is_han(c));
    let kind = if person && TABLES.phrase_at(&chars).is_none() { NameKind::Person } else { NameKind::Title };
    let mut readings = Vec::with_capacity(chars.len());
    readings_of(&chars, kind, &mut readings);
    let mut out = String::with_capacity(chars.len() * 8);
    for (&ch, reading) in chars.iter().zip(&readings) {
        match reading {
            Some(reading) => {
                out.push_str(reading.first());
                out.push(tone(ch, reading.first()));
                out.push(ch);
            }
            None if ch.is_ascii_alphanumeric() => out.push(ch.to_ascii_lowercase()),
            None if ch.is_whitespace() && !out.is_empty() && !out.ends_with(' ') => {
                out.push(' ');
            }
            None if ch.is_alphanumeric() => {
                out.extend(std::iter::once(fold_char(ch)).nfd().filter(|c| c.is_alphanumeric()));
            }
            None => {}
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// The tone (`1`–`4`, `5` for none) with which a character has this reading.
fn tone(ch: char, reading: &str) -> char {
    let numbered = |p: pinyin::Pinyin| -> Option<char> {
        if with_v(p.plain()) != reading {
            return None;
        }
        Some(p.with_tone_num_end().chars().last().filter(char::is_ascii_digit).unwrap_or('5'))
    };
    if let Some(tone) = ch.to_pinyin().and_then(numbered) {
        return tone;
    }
    ch.to_pinyin_multi().and_then(|multi| multi.into_iter().find_map(numbered)).unwrap_or('5')
}

#[cfg(test)]
mod tests;
