//! Reading typed letters as pinyin: whole syllables, initials, and a last syllable still being typed.

use crate::pinyin::{is_syllable, is_syllable_prefix};

/// One piece of typed pinyin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub(super) text: &'a str,
    /// A whole syllable; or at the end of the input one not yet finished, of at least two letters.
    pub(super) syllable: bool,
}

/// Longest input looked at.
const INPUT_MAX: usize = 40;
/// Longest syllable (`zhuang`).
const SYLLABLE_MAX: usize = 6;
/// Cost of an initial against 1 for a syllable: readings with whole syllables come first.
const INITIAL_COST: u32 = 3;

/// The likeliest ways to read the letters, at most `max`, best first. Empty when they cannot be read as pinyin.
pub(super) fn segment(letters: &str, max: usize) -> Vec<Vec<Piece<'_>>> {
    let len = letters.len();
    if len == 0 || len > INPUT_MAX || !letters.bytes().all(|b| b.is_ascii_lowercase()) {
        return Vec::new();
    }
    // best[i]: the readings of letters[i..] as (cost, length of the first piece, is syllable, which reading of the rest).
    let mut best: Vec<Vec<(u32, usize, bool, usize)>> = vec![Vec::new(); len + 1];
    best[len].push((0, 0, false, 0));
    for at in (0..len).rev() {
        let mut found = Vec::new();
        let mut add = |size: usize, syllable: bool, cost: u32| {
            for (nth, rest) in best[at + size].iter().enumerate() {
                found.push((rest.0 + cost, size, syllable, nth));
            }
        };
        for size in 1..=SYLLABLE_MAX.min(len - at) {
            let piece = &letters[at..at + size];
            let ends = at + size == len;
            let double = matches!(piece, "zh" | "ch" | "sh");
            let begun = ends && size > 1 && !double && is_syllable_prefix(piece);
            if begun || is_syllable(piece) {
                add(size, true, 1);
            } else if double || (size == 1 && is_syllable_prefix(piece)) {
                add(size, false, INITIAL_COST);
            }
        }
        found.sort_unstable();
        found.truncate(max);
        best[at] = found;
    }
    (0..best[0].len())
        .map(|nth| {
            let (mut at, mut nth) = (0, nth);
            let mut pieces = Vec::new();
            while at < len {
                let (_, size, syllable, next) = best[at][nth];
                pieces.push(Piece { text: &letters[at..at + size], syllable });
                at += size;
                nth = next;
            }
            pieces
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(letters: &str) -> String {
        segment(letters, 3)
            .first()
            .map(|pieces| {
                let mut out = Vec::new();
                for piece in pieces {
                    out.push(if piece.syllable { piece.text.to_owned() } else { piece.text.to_uppercase() });
                }
                out.join(" ")
            })
            .unwrap_or_default()
    }

    #[test]
    fn readings() {
        assert_eq!(read("zhangsan"), "zhang san");
        assert_eq!(read("zhangs"), "zhang S");
        assert_eq!(read("huawjs"), "hua W J S");
        assert_eq!(read("zs"), "Z S");
        assert_eq!(read("zsan"), "Z san");
        assert_eq!(read("huaweijish"), "hua wei ji SH");
        assert_eq!(read("huaweijishu"), "hua wei ji shu");
        assert_eq!(read("zhangxiaomi"), "zhang xiao mi");
        assert_eq!(read("i"), "");
        assert_eq!(read("abc1"), "");
        assert_eq!(read(""), "");
    }

    #[test]
    fn several_readings_best_first() {
        let all = segment("xian", 3);
        assert_eq!(all[0].len(), 1);
        assert!(all.iter().any(|pieces| pieces.iter().map(|p| p.text).eq(["xi", "an"])));
        assert!(segment(&"a".repeat(41), 3).is_empty());
        assert_eq!(segment(&"zh".repeat(20), 3).len(), 3);
    }
}
