//! Search terms: what goes into the search index, what a person's query asks of it, and what to highlight.
//!
//! There are two indexes of terms. [`TermIndex::Main`] holds, in the order of the text, overlapping bigrams of
//! Han characters (and the last character of each run, so that one character matches by prefix), folded words
//! and numbers. [`TermIndex::Pinyin`] holds, for titles and names of persons, full pinyin and initials from each
//! character on, and for phone numbers the digits in reverse, so that the last digits match by prefix; its terms have
//! no order.
//!
//! Every term consists of `a-z`, `0-9` and Simplified Han characters only (other letters are encoded as `u` and
//! their hexadecimal number), so a term needs no escaping in FTS5 or `tsquery` syntax.
//!
//! ```
//! use rapport_text::terms::{TermKind, TermSink, index_terms, query_terms};
//!
//! let mut sink = TermSink::new();
//! index_terms(TermKind::Title, "深圳市华为技术有限公司", &mut sink);
//! for typed in ["华为", "hw", "huawei", "huawjs", "華為技術", "深圳 华"] {
//!     assert!(query_terms(typed).matches(&sink), "{typed}");
//! }
//! ```

mod chars;
mod highlight;
mod index;
mod query;
mod relevance;
mod segment;

pub use highlight::{PinyinHighlight, highlight, highlight_literal, highlight_pinyin};
pub use index::{TermKind, TermSink, index_terms};
pub use query::{Alternative, Group, Query, QueryTerm, query_terms};
pub use relevance::relevance;

/// Which of the two indexes a term belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TermIndex {
    /// Bigrams, words, numbers; terms have an order, so phrases can be asked for.
    Main,
    /// Pinyin, initials and reversed phone digits; only terms and prefixes can be asked for.
    Pinyin,
}

/// Version of the terms. Stored terms of another version must be made anew: raise it whenever the same text gives
/// other terms (also by a change of a data file or of the pinyin crate).
pub const TERMS_VERSION: u32 = 1;

/// Starts a term that is put into an index beside those of texts (owner, department) so that an index can also narrow by
/// it. No text gives and no query asks for a term with this letter, not even by prefix; both FTS5 tokenizers (`ascii`,
/// `unicode61`) and `tsvector` take it as a letter. A mark of plain letters would be met by whoever types its first ones.
pub const MARK: char = 'ø';

/// Longest word kept, in bytes; longer ones are cut, in the index and in queries alike.
const WORD_MAX: usize = 40;
/// Longest full-pinyin term in letters; longer queries are cut to it.
const FULL_MAX: usize = 24;
/// Longest initials term in letters.
const INITIALS_MAX: usize = 12;
/// Marks reversed digits in the pinyin index; starts with a digit, so no typed pinyin meets it.
const DIGITS_MARK: &str = "0t";
/// Fewest digits for which the ends of numbers are searched.
const SUFFIX_MIN: usize = 4;
