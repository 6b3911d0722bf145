//! What must hold for every text.
#![allow(clippy::unwrap_used)]
#![allow(missing_docs)]

use proptest::prelude::*;
use rapport_text::normalise::{
    PhoneContext, PhoneKind, check_uscc, company_keys, normalise_email, normalise_phone, parse_address, person_match_key,
    split_person_name, uscc::uscc_check_char,
};
use rapport_text::similar::dice;
use rapport_text::terms::{TermKind, TermSink, highlight, highlight_pinyin, index_terms, query_terms, relevance};
use rapport_text::{fold, pinyin_sort_key, unique_key};

/// Texts as people write them: Han, Latin, digits, punctuation, and now and then anything at all.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[深圳市华为技术有限公司单重庆银行长沙華張三丰a-zA-Z0-9 ()（）.,'&-]{0,24}",
        1 => "\\PC{0,16}",
    ]
}

fn han_name() -> impl Strategy<Value = String> {
    "[深圳市华为技术单重庆银行长沙乐朝阳厦门解曾张三丰欧阳吕绿]{1,12}"
}

proptest! {
    #[test]
    fn folding_once_is_enough(s in text()) {
        let once = fold(&s).into_owned();
        prop_assert_eq!(fold(&once).into_owned(), once.clone());
        prop_assert_eq!(once.chars().count(), s.chars().count());
        let key = unique_key(&s);
        prop_assert_eq!(unique_key(&key), key);
    }

    // R-NRM-02: a stored number normalises to itself.
    #[test]
    fn phones_are_stable(s in "[+]?[0-9 ()-]{0,18}", area in prop::option::of("0(10|571|21)")) {
        let context = PhoneContext { country: "CN", area_code: area.as_deref() };
        let phone = normalise_phone(&s, &context);
        prop_assert_eq!(phone.e164.is_none(), phone.kind == PhoneKind::Invalid);
        if let Some(e164) = &phone.e164 {
            let again = normalise_phone(e164, &PhoneContext { country: "US", area_code: None });
            prop_assert_eq!(again.e164.as_ref(), Some(e164));
            prop_assert_eq!(again.kind, phone.kind);
        }
    }

    // R-NRM-03
    #[test]
    fn emails_are_stable(s in "[A-Za-z0-9.+]{1,12}@[A-Za-z0-9华为-]{1,10}\\.(com|CN|中国)") {
        if let Ok(email) = normalise_email(&s) {
            prop_assert_eq!(normalise_email(&email.address).map(|e| e.address), Ok(email.address.clone()));
            prop_assert!(email.address.is_ascii());
        }
    }

    // R-NRM-05
    #[test]
    fn uscc_check_character(first in "[0-9A-HJ-NP-RTUWXY]{17}") {
        let check = uscc_check_char(&first).expect("allowed characters");
        let code = format!("{first}{check}");
        prop_assert_eq!(check_uscc(&code.to_lowercase()), Ok(code));
    }

    // R-NRM-01: width, case, script and blanks do not matter, and no text is too strange.
    #[test]
    fn company_keys_ignore_form(s in text()) {
        let keys = company_keys(&s);
        prop_assert_eq!(company_keys(&s.to_lowercase()), keys.clone());
        prop_assert!(keys.strict.chars().all(char::is_alphanumeric));
        prop_assert_eq!(keys.strict.is_empty(), keys.loose.is_empty());
    }

    // R-NRM-04, R-NRM-06
    #[test]
    fn addresses_and_names_take_anything(s in text()) {
        let parsed = parse_address(&s);
        if let Some(code) = parsed.code() {
            prop_assert!(rapport_text::normalise::divisions().get(code).is_some());
        }
        let name = split_person_name(&s);
        prop_assert_eq!(person_match_key(&format!("{}{}", name.family, name.given)).chars().count(),
            person_match_key(&s).chars().count());
    }

    // Domain model §1: a title is found by itself, by any two characters, by its pinyin and its initials.
    #[test]
    fn a_name_is_found_by_itself(name in han_name(), kind in prop_oneof![Just(TermKind::Title), Just(TermKind::PersonName)]) {
        let mut sink = TermSink::new();
        index_terms(kind, &name, &mut sink);
        let chars: Vec<char> = name.chars().collect();
        let mut typed = vec![name.clone()];
        typed.extend(chars.windows(2).map(|w| w.iter().collect()));
        typed.extend(chars.iter().map(|c| c.to_string()));
        for term in sink.pinyin().split(' ') {
            typed.push(term.to_owned());
        }
        for typed in typed {
            let query = query_terms(&typed);
            prop_assert!(query.matches(&sink), "{} should find {}: {:?}", typed, name, sink);
        }
    }

    // What is found by a query is also highlighted, inside the text, and scored.
    #[test]
    fn highlights_lie_in_the_text(title in text(), query in text()) {
        let length = title.chars().count();
        let ranges = highlight(&title, &query);
        prop_assert!(ranges.iter().all(|&(a, b)| a < b && b <= length));
        prop_assert!(ranges.windows(2).all(|w| w[0].1 < w[1].0));
        if let Some(found) = highlight_pinyin(&title, &query) {
            let length = found.pinyin.chars().count();
            prop_assert!(!found.ranges.is_empty());
            prop_assert!(found.ranges.iter().all(|&(a, b)| a < b && b <= length));
        }
        let score = relevance(&title, &query);
        prop_assert!(score <= 1000);
        prop_assert!(score == 0 || !ranges.is_empty());
    }

    #[test]
    fn queries_are_safe_syntax(s in "\\PC{0,30}") {
        let query = query_terms(&s);
        for group in &query.groups {
            for term in group.alternatives.iter().flat_map(|a| &a.terms) {
                prop_assert!(!term.text.is_empty());
                let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || rapport_text::han::is_han(c);
                prop_assert!(term.text.chars().all(plain), "{:?}", term);
                prop_assert!(!term.text.contains(rapport_text::terms::MARK));
            }
        }
        prop_assert_eq!(query.tsquery().is_none(), query.is_empty());
    }

    #[test]
    fn sort_keys_ignore_case(s in text()) {
        prop_assert_eq!(pinyin_sort_key(&s.to_ascii_uppercase()), pinyin_sort_key(&s.to_ascii_lowercase()));
    }

    // R-DUP-01
    #[test]
    fn likeness_is_symmetric(a in text(), b in text()) {
        let d = dice(&a, &b);
        prop_assert!((0.0..=1.0).contains(&d));
        prop_assert_eq!(d, dice(&b, &a));
        prop_assert_eq!(dice(&a, &a), 1.0);
    }
}
