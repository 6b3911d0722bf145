//! What the values of one column are like, counted while the rows stream by: memory does not grow with the rows.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
};

use indexmap::IndexMap;

use crate::{dates, plan::DateOrder};

/// Distinct values of a column that are listed; a column with more is no picklist.
pub(super) const LISTED: usize = 50;
/// Longest value that is listed, in characters.
const LISTED_LENGTH: usize = 60;
/// Values of a column compared for repeats; of longer sheets nobody knows whether a column repeats.
const COMPARED: usize = 200_000;
/// Distinct values looked for among the records.
pub(super) const SAMPLED: usize = 40;
/// Values shown as examples.
const SHOWN: usize = 4;

/// What a single value may be read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Whole,
    Date,
    Bool,
    Email,
    Url,
    Phone,
}

const KINDS: [Kind; 7] = [Kind::Number, Kind::Whole, Kind::Date, Kind::Bool, Kind::Email, Kind::Url, Kind::Phone];

/// The first value that does not fit a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// Row as a spreadsheet numbers it.
    pub row: u64,
    /// The text.
    pub value: String,
}

/// One column, counted.
#[derive(Debug)]
pub struct Tally {
    /// Cells with something in them.
    pub filled: u64,
    /// Blank cells.
    pub blank: u64,
    /// Longest value, in characters.
    pub longest: usize,
    /// A value has several lines.
    pub lines: bool,
    /// Most decimal places.
    pub scale: u32,
    /// Numbers with a sign of a currency or a Chinese unit.
    pub signs: u64,
    /// Numbers with a percent sign.
    pub percents: u64,
    /// Dates with a time of day.
    pub times: u64,
    /// Values of letters, digits and dashes with a digit: codes.
    pub codes: u64,
    /// Values that are nothing but `1` or `0`.
    pub bits: u64,
    /// Some date says its order, and which; `Some(None)`: they contradict each other.
    pub order: Option<Option<DateOrder>>,
    /// First values, distinct.
    pub samples: Vec<String>,
    /// Distinct values with their number; none when there are too many or they are long.
    pub values: Option<IndexMap<String, u64>>,
    /// The first distinct values, to be looked for among the records.
    pub wanted: Vec<String>,
    fits: [u64; KINDS.len()],
    misfits: [Option<Misfit>; KINDS.len()],
    seen: HashSet<u64>,
    hasher: RandomState,
    repeats: u64,
    repeat: Option<Misfit>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            filled: 0,
            blank: 0,
            longest: 0,
            lines: false,
            scale: 0,
            signs: 0,
            percents: 0,
            times: 0,
            codes: 0,
            bits: 0,
            order: None,
            samples: vec![],
            values: Some(IndexMap::new()),
            wanted: vec![],
            fits: [0; KINDS.len()],
            misfits: [const { None }; KINDS.len()],
            seen: HashSet::new(),
            hasher: RandomState::new(),
            repeats: 0,
            repeat: None,
        }
    }
}

impl Tally {
    /// Takes in a cell.
    pub fn add(&mut self, row: u64, cell: &str) {
        let c = cell.trim();
        if c.is_empty() {
            self.blank += 1;
            return;
        }
        self.filled += 1;
        let length = c.chars().count();
        self.longest = self.longest.max(length);
        self.lines |= c.contains('\n');
        self.note_number(c);
        self.note_date(c);
        self.codes += u64::from(code(c));
        self.bits += u64::from(c == "0" || c == "1");
        for (i, kind) in KINDS.into_iter().enumerate() {
            if is(kind, c) {
                self.fits[i] += 1;
            } else if self.misfits[i].is_none() {
                self.misfits[i] = Some(Misfit { row, value: shown(c) });
            }
        }
        if self.samples.len() < SHOWN && !self.samples.iter().any(|s| s == c) {
            self.samples.push(shown(c));
        }
        if self.wanted.len() < SAMPLED && length <= 100 && !self.wanted.iter().any(|s| s == c) {
            self.wanted.push(c.to_owned());
        }
        if self.seen.len() < COMPARED && !self.seen.insert(self.hasher.hash_one(c)) {
            self.repeats += 1;
            self.repeat.get_or_insert_with(|| Misfit { row, value: shown(c) });
        }
        if let Some(v) = &mut self.values {
            *v.entry(c.to_owned()).or_default() += 1;
            if v.len() > LISTED || length > LISTED_LENGTH {
                self.values = None;
            }
        }
    }

    fn note_number(&mut self, c: &str) {
        if !is(Kind::Number, c) {
            return;
        }
        self.percents += u64::from(c.ends_with('%'));
        self.signs += u64::from(c.contains(['¥', '￥', '$', '€', '£', '元']) || c.ends_with(['万', '亿']));
        if let Some(n) = dates::number(c) {
            self.scale = self.scale.max(n.normalize().scale());
        }
    }

    fn note_date(&mut self, c: &str) {
        if !is(Kind::Date, c) {
            return;
        }
        if let Some(Some(o)) = dates::order_evidence(c) {
            self.order = match self.order {
                None => Some(Some(o)),
                Some(known) if known == Some(o) => Some(known),
                Some(_) => Some(None),
            };
        }
        let midnight = |d: jiff::civil::DateTime| d.time() == jiff::civil::Time::midnight();
        self.times += u64::from(read_date(c).is_some_and(|d| !midnight(d)));
    }

    /// Values that may be read as this kind.
    pub(super) fn fits(&self, kind: Kind) -> u64 {
        self.fits[place(kind)]
    }
    /// At least so many percent of the values may be read as this kind.
    pub(super) fn mostly(&self, kind: Kind, percent: u64) -> bool {
        self.filled > 0 && self.fits(kind) * 100 >= self.filled * percent
    }
    /// How many values are of another kind, and the first of them.
    pub(super) fn odd(&self, kind: Kind) -> Option<(u64, Misfit)> {
        let count = self.filled - self.fits(kind);
        self.misfits[place(kind)].clone().filter(|_| count > 0).map(|m| (count, m))
    }
    /// How many values stood above already, and the first of them; none when all are different.
    #[must_use]
    pub fn repeated(&self) -> Option<(u64, Misfit)> {
        self.repeat.clone().map(|m| (self.repeats, m))
    }
    /// All values are different, and all were compared.
    #[must_use]
    pub fn distinct(&self) -> bool {
        self.filled > 0 && self.repeats == 0 && self.seen.len() as u64 == self.filled
    }
}

fn place(kind: Kind) -> usize {
    KINDS.iter().position(|k| *k == kind).unwrap_or(0)
}

fn shown(c: &str) -> String {
    c.chars().take(120).collect()
}

/// Letters, digits and what joins them, with a digit: `HT-2026-001`. A year or an amount is a code to nobody.
fn code(c: &str) -> bool {
    let letters = c.bytes().any(|b| b.is_ascii_alphabetic()) || (c.starts_with('0') && c.len() > 1) || c.len() > 15;
    letters
        && c.len() <= 40
        && c.bytes().any(|b| b.is_ascii_digit())
        && c.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'/' | b'.' | b'#'))
}

/// A number one would add up: `007` and numbers of more digits than a computer keeps exactly are codes.
fn number(c: &str) -> bool {
    let digits: String = c.chars().filter(char::is_ascii_digit).collect();
    let code = digits.len() > 15 || (digits.len() > 1 && digits.starts_with('0') && !c.contains(['.', ',']));
    !code && crate::guess::number_like(c) && dates::number(c).is_some()
}

fn read_date(c: &str) -> Option<jiff::civil::DateTime> {
    dates::datetime(c, Some(DateOrder::Mdy)).or_else(|| dates::datetime(c, Some(DateOrder::Dmy)))
}

fn is(kind: Kind, c: &str) -> bool {
    match kind {
        Kind::Number => number(c),
        Kind::Whole => number(c) && !c.ends_with('%') && dates::number(c).is_some_and(|n| n.normalize().scale() == 0),
        // `1.10.12` is a version, `1996` a year: a date has a year of four digits or slashes.
        Kind::Date => {
            dates::order_evidence(c).is_some()
                && (!c.contains('.') || c.split(['.', ' ']).any(|p| p.len() == 4))
                && read_date(c).is_some()
        }
        Kind::Bool => crate::convert::truth(c).is_some(),
        Kind::Email => {
            let host = c.rsplit('@').next().unwrap_or("");
            c.matches('@').count() == 1
                && !c.starts_with('@')
                && !c.contains(char::is_whitespace)
                && host.contains('.')
                && !host.starts_with('.')
                && !host.ends_with('.')
        }
        Kind::Url => {
            let low = c.to_ascii_lowercase();
            !c.contains(char::is_whitespace)
                && ["http://", "https://", "www."].iter().any(|p| low.starts_with(p) && low.len() > p.len() + 3)
        }
        Kind::Phone => phone(c),
    }
}

fn phone(c: &str) -> bool {
    let digits: String = c.chars().filter(char::is_ascii_digit).collect();
    let mobile = digits.len() == 11 && digits.starts_with('1') && matches!(digits.as_bytes()[1], b'3'..=b'9');
    let national = digits.starts_with('0') && (10..=12).contains(&digits.len()) && c.contains(['-', ' ', '(', '（']);
    let service = digits.len() == 10 && (digits.starts_with("400") || digits.starts_with("800"));
    let abroad = c.starts_with('+') && (7..=15).contains(&digits.len()) && digits.len() != 8;
    (mobile || national || service || abroad)
        && c.chars().all(|x| x.is_ascii_digit() || matches!(x, ' ' | '-' | '+' | '(' | ')' | '（' | '）'))
}
