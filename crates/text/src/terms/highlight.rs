//! Which characters of a text a query has found.

use std::cell::OnceCell;

use super::SUFFIX_MIN;
use super::chars::{Class, classify};
use crate::han::is_han;
use crate::pinyin::{NameKind, Readings, readings_of};

/// A text in pinyin with the letters that a query has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinyinHighlight {
    /// The text with its Han characters spelled, syllables separated by spaces: `zhang san`.
    pub pinyin: String,
    /// Found letters as `(start, end)` in characters of `pinyin`, in order, not touching.
    pub ranges: Vec<(usize, usize)>,
}

/// One searchable character of the text.
struct Unit {
    /// Index of the character in the text.
    at: usize,
    /// Simplified Han, or a folded letter or digit.
    ch: char,
    cjk: bool,
    /// Whether a word starts here.
    starts: bool,
}

/// One character found by pinyin: which unit, how it was read (empty when it is no Han character), and how many
/// letters were typed.
pub(super) struct Spelled {
    unit: usize,
    reading: &'static str,
    typed: usize,
}

impl Spelled {
    /// Whether the whole syllable was typed.
    pub(super) fn whole(&self) -> bool {
        self.typed >= self.reading.len()
    }
}

/// How one word of a query was found.
pub(super) enum Found {
    Nothing,
    /// The letters as typed.
    Literal,
    /// Han characters by how they are read.
    Pinyin(Vec<Spelled>),
}

/// A text prepared for looking words of a query up in it.
pub(super) struct Text {
    units: Vec<Unit>,
    /// Made when a word is looked up by pinyin.
    readings: OnceCell<Vec<Option<Readings>>>,
}

impl Text {
    pub(super) fn new(text: &str) -> Self {
        let mut units: Vec<Unit> = Vec::new();
        let mut fresh = true;
        for (at, ch) in text.chars().enumerate() {
            classify(ch, |class| match class {
                Class::Cjk(ch) => {
                    units.push(Unit { at, ch, cjk: true, starts: true });
                    fresh = true;
                }
                Class::Word(ch) => {
                    units.push(Unit { at, ch, cjk: false, starts: fresh });
                    fresh = false;
                }
                Class::Join => {}
                Class::Separator => fresh = true,
            });
        }
        Text { units, readings: OnceCell::new() }
    }

    /// Readings of every unit; `None` for what is no Han character.
    fn readings(&self) -> &[Option<Readings>] {
        self.readings.get_or_init(|| {
            let chars: Vec<char> = self.units.iter().map(|u| u.ch).collect();
            let mut readings = Vec::new();
            readings_of(&chars, NameKind::Title, &mut readings);
            // A short Han text may be a person's name as well as a title.
            if (2..=4).contains(&chars.len()) && chars.iter().all(|&c| is_han(c)) {
                let mut person = Vec::new();
                readings_of(&chars, NameKind::Person, &mut person);
                for (all, as_person) in readings.iter_mut().zip(&person) {
                    if let (Some(all), Some(as_person)) = (all, as_person) {
                        as_person.as_slice().iter().for_each(|r| all.push(r));
                    }
                }
            }
            readings
        })
    }

    /// Number of searchable characters.
    pub(super) fn len(&self) -> usize {
        self.units.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// The searchable characters.
    pub(super) fn letters(&self) -> impl Iterator<Item = char> {
        self.units.iter().map(|u| u.ch)
    }

    /// Index in the text of the n-th searchable character.
    pub(super) fn char_of_unit(&self, nth: usize) -> usize {
        self.units.get(nth).map_or(usize::MAX, |u| u.at)
    }

    /// Index in the text of the first searchable character.
    pub(super) fn first_char(&self) -> usize {
        self.char_of_unit(0)
    }

    /// Characters `(start, end)` of units `from..to`.
    fn range(&self, from: usize, to: usize) -> (usize, usize) {
        (self.units[from].at, self.units[to - 1].at + 1)
    }

    /// Han characters one after another, wherever they stand.
    fn find_run(&self, run: &[char], found: &mut Vec<(usize, usize)>) {
        let mut from = 0;
        while from + run.len() <= self.units.len() {
            let here = &self.units[from..from + run.len()];
            if here.iter().zip(run).all(|(u, &c)| u.cjk && u.ch == c) {
                found.push(self.range(from, from + run.len()));
                from += run.len();
            } else {
                from += 1;
            }
        }
    }

    /// The letters at the start of words.
    fn find_word(&self, word: &[char], found: &mut Vec<(usize, usize)>) {
        for from in 0..self.units.len().saturating_sub(word.len() - 1) {
            let here = &self.units[from..from + word.len()];
            let whole = here[0].starts && here[1..].iter().all(|u| !u.starts);
            if whole && here.iter().zip(word).all(|(u, &c)| !u.cjk && u.ch == c) {
                found.push(self.range(from, from + word.len()));
            }
        }
    }

    /// The last place in a number where the digits stand, whatever separates them.
    fn find_digits(&self, digits: &[char], found: &mut Vec<(usize, usize)>) {
        let places: Vec<usize> = (0..self.units.len()).filter(|&n| self.units[n].ch.is_ascii_digit()).collect();
        let same = |here: &&[usize]| here.iter().zip(digits).all(|(&n, &c)| self.units[n].ch == c);
        if let Some(here) = places.windows(digits.len()).rfind(same) {
            found.extend(here.iter().map(|&n| self.range(n, n + 1)));
        }
    }

    /// The first place where the letters spell the text: whole syllables, initials, a last syllable begun. Words
    /// between Han characters are spelled as they are.
    fn find_pinyin(&self, letters: &str) -> Option<Vec<Spelled>> {
        (0..self.units.len()).filter(|&n| self.units[n].starts).find_map(|from| {
            let mut path = Vec::new();
            let mut steps = 0;
            let spelled =
                self.spell(letters, from, &mut path, &mut steps) && path.iter().any(|s: &Spelled| !s.reading.is_empty());
            spelled.then_some(path)
        })
    }

    fn spell(&self, letters: &str, unit: usize, path: &mut Vec<Spelled>, steps: &mut usize) -> bool {
        /// A crafted query must not make this slow; real ones need a few dozen.
        const STEPS_MAX: usize = 2_000;
        *steps += 1;
        if letters.is_empty() {
            return true;
        }
        let Some(here) = self.units.get(unit) else {
            return false;
        };
        if *steps > STEPS_MAX {
            return false;
        }
        let Some(readings) = &self.readings()[unit] else {
            let Some(rest) = letters.strip_prefix(here.ch) else {
                return false;
            };
            path.push(Spelled { unit, reading: "", typed: 1 });
            if self.spell(rest, unit + 1, path, steps) {
                return true;
            }
            path.pop();
            return false;
        };
        // A whole syllable first, then its beginning if the input ends in it, then initials.
        for &reading in readings.as_slice() {
            let common = reading.bytes().zip(letters.bytes()).take_while(|(a, b)| a == b).count();
            let mut typed = Vec::with_capacity(3);
            if common == reading.len() || (common == letters.len() && common > 0) {
                typed.push(common);
            }
            if common >= 2 && matches!(&reading[..2], "zh" | "ch" | "sh") {
                typed.push(2);
            }
            if common >= 1 {
                typed.push(1);
            }
            for typed in typed {
                path.push(Spelled { unit, reading, typed });
                if self.spell(&letters[typed..], unit + 1, path, steps) {
                    return true;
                }
                path.pop();
            }
        }
        false
    }

    /// Looks one word of a query up; pinyin only where the letters themselves are not found.
    pub(super) fn find(&self, typed: &str, found: &mut Vec<(usize, usize)>) -> Found {
        if self.find_literal(typed, found) {
            return Found::Literal;
        }
        if typed.is_empty() || self.units.len() > PINYIN_CHARS_MAX {
            return Found::Nothing;
        }
        match self.find_pinyin(typed) {
            Some(path) => {
                found.extend(path.iter().map(|s| self.range(s.unit, s.unit + 1)));
                Found::Pinyin(path)
            }
            None => Found::Nothing,
        }
    }

    /// Looks one word of a query up by its own letters.
    fn find_literal(&self, typed: &str, found: &mut Vec<(usize, usize)>) -> bool {
        let chars: Vec<char> = typed.chars().collect();
        if chars.is_empty() {
            return false;
        }
        let before = found.len();
        if chars.iter().any(|&c| !c.is_ascii()) {
            self.find_run(&chars, found);
        }
        if found.len() == before {
            self.find_word(&chars, found);
        }
        if found.len() == before && chars.len() >= SUFFIX_MIN && chars.iter().all(char::is_ascii_digit) {
            self.find_digits(&chars, found);
        }
        found.len() > before
    }
}

/// Longer texts are no titles: pinyin does not find them, so it is not looked for.
const PINYIN_CHARS_MAX: usize = 255;

/// The folded words and runs of Han characters of a query, letters of other scripts as they are.
pub(super) fn words_of(query: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut kind = None;
    for ch in query.chars() {
        let umlaut = matches!(ch, 'ü' | 'Ü');
        classify(ch, |class| {
            let (ch, cjk) = match class {
                Class::Cjk(ch) => (ch, true),
                Class::Word('u') if umlaut => ('v', false),
                Class::Word(ch) => (ch, false),
                Class::Join => return,
                Class::Separator => {
                    kind = None;
                    return;
                }
            };
            if kind != Some(cjk) {
                words.push(String::new());
                kind = Some(cjk);
            }
            if let Some(word) = words.last_mut() {
                word.push(ch);
            }
        });
    }
    words
}

fn merge(mut ranges: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    ranges.sort_unstable();
    let mut out: Vec<(usize, usize)> = Vec::with_capacity(ranges.len());
    for (start, end) in ranges {
        match out.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => out.push((start, end)),
        }
    }
    out
}

/// The characters of `text` that a query has found, as `(start, end)` in characters, in order, not touching. Han
/// characters found by their pinyin or initials are included.
pub fn highlight(text: &str, query: &str) -> Vec<(usize, usize)> {
    found_in(text, query, |text, word, found| {
        text.find(word, found);
    })
}

/// [`highlight`] by the letters as typed only: for fields that are not indexed by pinyin (notes, addresses, phone numbers).
pub fn highlight_literal(text: &str, query: &str) -> Vec<(usize, usize)> {
    found_in(text, query, |text, word, found| {
        text.find_literal(word, found);
    })
}

fn found_in(text: &str, query: &str, find: impl Fn(&Text, &str, &mut Vec<(usize, usize)>)) -> Vec<(usize, usize)> {
    let text = Text::new(text);
    let mut found = Vec::new();
    let words = words_of(query);
    // A number typed with separators is looked up as one first.
    if words.len() > 1 && words.iter().all(|w| w.bytes().all(|b| b.is_ascii_digit())) {
        find(&text, &words.concat(), &mut found);
        if !found.is_empty() {
            return merge(found);
        }
    }
    for word in &words {
        find(&text, word, &mut found);
    }
    merge(found)
}

/// The pinyin of `text` with the letters that a query has found; `None` when nothing was found by pinyin.
pub fn highlight_pinyin(text: &str, query: &str) -> Option<PinyinHighlight> {
    let text = Text::new(text);
    let mut spelled: Vec<Spelled> = Vec::new();
    let mut found = Vec::new();
    for word in words_of(query) {
        if let Found::Pinyin(path) = text.find(&word, &mut found) {
            spelled.extend(path);
        }
    }
    if spelled.is_empty() {
        return None;
    }
    let mut pinyin = String::new();
    let mut length = 0;
    let mut ranges = Vec::new();
    for (nth, unit) in text.units.iter().enumerate() {
        if nth > 0 && unit.starts {
            pinyin.push(' ');
            length += 1;
        }
        let hit = spelled.iter().filter(|s| s.unit == nth).max_by_key(|s| s.typed);
        if let Some(hit) = hit {
            ranges.push((length, length + hit.typed));
        }
        match (hit, &text.readings()[nth]) {
            (Some(hit), _) if !hit.reading.is_empty() => {
                pinyin.push_str(hit.reading);
                length += hit.reading.len();
            }
            (_, Some(readings)) => {
                pinyin.push_str(readings.first());
                length += readings.first().len();
            }
            _ => {
                pinyin.push(unit.ch);
                length += 1;
            }
        }
    }
    Some(PinyinHighlight { pinyin, ranges: merge(ranges) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literal_matches() {
        assert_eq!(highlight("深圳市华为技术有限公司", "华为"), [(3, 5)]);
        assert_eq!(highlight("華為技術（深圳）", "华为 深圳"), [(0, 2), (5, 7)]);
        assert_eq!(highlight("Acme Trading Café", "tra cafe"), [(5, 8), (13, 17)]);
        assert_eq!(highlight("L'Oréal", "loreal"), [(0, 7)]);
        assert_eq!(highlight("ＡＢＣ", "ab"), [(0, 2)]);
        assert_eq!(highlight("Trading Acme", "ding"), []);
        assert_eq!(highlight("Привет мир", "ПРИ"), [(0, 3)]);
        assert_eq!(highlight("华为", ""), []);
        assert_eq!(highlight("", "华为"), []);
    }

    #[test]
    fn pinyin_matches_colour_the_characters() {
        assert_eq!(highlight("张三", "zs"), [(0, 2)]);
        assert_eq!(highlight("张三", "zhangsan"), [(0, 2)]);
        assert_eq!(highlight("张三", "zhangs"), [(0, 2)]);
        assert_eq!(highlight("张三丰", "sanf"), [(1, 3)]);
        assert_eq!(highlight("深圳市华为技术有限公司", "hw"), [(3, 5)]);
        assert_eq!(highlight("深圳市华为技术有限公司", "huawjs"), [(3, 7)]);
        assert_eq!(highlight("深圳市华为技术有限公司", "hua js"), [(3, 4), (5, 7)]);
        assert_eq!(highlight("TCL科技", "tclkj"), [(0, 5)]);
        assert_eq!(highlight("单田芳", "stf"), [(0, 3)]);
        assert_eq!(highlight("重庆银行", "cqyh"), [(0, 4)]);
        assert_eq!(highlight("吕布", "lü"), [(0, 1)]);
        // A title of four characters whose first word is no surname.
        assert_eq!(highlight("般若之光", "borezhiguang"), [(0, 4)]);
        assert_eq!(highlight("张三", "ls"), []);
    }

    #[test]
    fn notes_are_not_highlighted_by_pinyin() {
        assert_eq!(highlight_literal("不要找张三, call Zhang", "zhang"), [(12, 17)]);
        assert_eq!(highlight_literal("张三", "zs"), []);
        assert_eq!(highlight_literal("138 0013 8000", "8000"), [(9, 13)]);
        assert_eq!(highlight(&"张三".repeat(200), "zs"), []);
    }

    #[test]
    fn digits_ignore_separators() {
        assert_eq!(highlight("138 0013 8000", "8000"), [(9, 13)]);
        assert_eq!(highlight("138 0013 8000", "00138000"), [(4, 8), (9, 13)]);
        assert_eq!(highlight("+86 138 0013 8000", "138-0013"), [(4, 7), (8, 12)]);
        assert_eq!(highlight("QT-2026-0001", "0001"), [(8, 12)]);
    }

    #[test]
    fn pinyin_text_with_its_letters() {
        let found = |text, query| highlight_pinyin(text, query).map(|h| (h.pinyin, h.ranges));
        assert_eq!(found("张三", "zs"), Some(("zhang san".into(), vec![(0, 1), (6, 7)])));
        assert_eq!(found("张三", "zhangs"), Some(("zhang san".into(), vec![(0, 5), (6, 7)])));
        assert_eq!(found("华为技术", "wjs"), Some(("hua wei ji shu".into(), vec![(4, 5), (8, 9), (11, 12)])));
        assert_eq!(found("张三", "张"), None);
        assert_eq!(found("TCL科技", "tclkj"), Some(("tcl ke ji".into(), vec![(0, 3), (4, 5), (7, 8)])));
        // The reading that was typed is the one shown.
        assert_eq!(found("单田芳", "dan"), Some(("dan tian fang".into(), vec![(0, 3)])));
    }

    #[test]
    fn a_crafted_query_ends_soon() {
        let text = "长".repeat(200);
        assert_eq!(highlight(&text, &"c".repeat(150)).len(), 1);
        assert_eq!(highlight(&text, &format!("{}1", "zhang".repeat(30))), []);
    }
}
