//! Text rules of Rapport: normal forms of names, phones, addresses and codes (R-NRM), masks (R-FLS-02), case
//! folding, pinyin, search terms, highlighting and similarity.
//!
//! Pure functions over data files of this crate; no input or output, no other crate of the workspace.

#![forbid(unsafe_code)]

pub mod fold;
pub mod han;
pub mod normalise;
pub mod pinyin;
pub mod similar;
pub mod terms;

pub use fold::{FOLD_FROM, FOLD_TO, fold, unique_key};
pub use pinyin::pinyin_sort_key;

/// Loads all tables, which otherwise happens at the first use of each (some 20 ms together). Call it once when a
/// server starts, off the path of requests.
pub fn preload() {
    normalise::company_keys("深圳市华为技术有限公司");
    normalise::company_keys("Acme Ltd");
    normalise::parse_address("浙江省杭州市");
    normalise::normalise_phone("010-65529988", &normalise::PhoneContext::default());
    normalise::is_free_mail("qq.com");
    normalise::split_person_name("欧阳娜娜");
    let mut sink = terms::TermSink::new();
    terms::index_terms(terms::TermKind::Title, "華為 Ümlaut", &mut sink);
    pinyin_sort_key("华为");
}
