//! Han characters: what counts as one, and Traditional to Simplified.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Whether the character is a Han ideograph (all extension blocks, compatibility ideographs, 〇).
#[inline]
pub fn is_han(ch: char) -> bool {
    matches!(ch as u32,
        0x4E00..=0x9FFF | 0x3400..=0x4DBF | 0x3007 | 0xF900..=0xFAFF | 0x2_0000..=0x3_FFFF)
}

/// Start of the block for which [`Table::common`] holds a direct answer.
const COMMON: u32 = 0x4E00;
const COMMON_LEN: usize = 0x5200;
/// Marks a common character whose simplified form lies outside the basic plane.
const IN_RARE: u16 = 1;

struct Table {
    /// Simplified form of U+4E00…, 0 when unchanged.
    common: Box<[u16]>,
    /// All the others.
    rare: HashMap<char, char>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table { common: vec![0; COMMON_LEN].into_boxed_slice(), rare: HashMap::new() };
    let mut chars = include_str!("../data/trad_simp.txt").chars().filter(|c| *c != '\n');
    while let (Some(from), Some(to)) = (chars.next(), chars.next()) {
        let index = (from as u32).wrapping_sub(COMMON) as usize;
        match u16::try_from(to as u32) {
            Ok(to) if index < COMMON_LEN => table.common[index] = to,
            _ => {
                if index < COMMON_LEN {
                    table.common[index] = IN_RARE;
                }
                table.rare.insert(from, to);
            }
        }
    }
    table
});

/// The Simplified form of a Traditional character; any other character unchanged.
#[inline]
pub fn to_simplified(ch: char) -> char {
    let code = ch as u32;
    if code < 0x3400 {
        return ch;
    }
    let index = code.wrapping_sub(COMMON) as usize;
    if index < COMMON_LEN {
        match TABLE.common[index] {
            0 => return ch,
            IN_RARE => {}
            to => return char::from_u32(u32::from(to)).unwrap_or(ch),
        }
    }
    TABLE.rare.get(&ch).copied().unwrap_or(ch)
}

/// [`to_simplified`] for a whole text, character by character. Borrows when nothing changes.
pub fn simplified(text: &str) -> Cow<'_, str> {
    match text.char_indices().find(|&(_, ch)| to_simplified(ch) != ch) {
        None => Cow::Borrowed(text),
        Some((at, _)) => {
            let mut out = String::with_capacity(text.len());
            out.push_str(&text[..at]);
            out.extend(text[at..].chars().map(to_simplified));
            Cow::Owned(out)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traditional_becomes_simplified() {
        // R-NRM-01
        assert_eq!(simplified("華為技術有限公司"), "华为技术有限公司");
        assert_eq!(simplified("臺灣積體電路製造股份有限公司"), "台湾积体电路制造股份有限公司");
        assert!(matches!(simplified("华为 abc"), Cow::Borrowed(_)));
    }

    #[test]
    fn han_blocks() {
        for ch in ['一', '龥', '〇', '㐀', '𠮷'] {
            assert!(is_han(ch), "{ch}");
        }
        for ch in ['a', 'あ', '한', '。', '１'] {
            assert!(!is_han(ch), "{ch}");
        }
    }
}
