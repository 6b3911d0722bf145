//! Real company names, where they are at hand: `RAPPORT_TEST_DATA` names a folder that holds
//! `companies-zh/brand-sample-100k.txt`. The names are not part of the project.
#![allow(clippy::unwrap_used)]
#![allow(missing_docs)]

use std::collections::HashMap;
use std::path::PathBuf;

use rapport_text::normalise::company_keys;
use rapport_text::pinyin;
use rapport_text::terms::{TermKind, TermSink, highlight, index_terms, query_terms, relevance};

fn names() -> Option<Vec<String>> {
    let folder = std::env::var_os("RAPPORT_TEST_DATA").map(PathBuf::from);
    let Some(folder) = folder else {
        println!("skipped: RAPPORT_TEST_DATA is not set");
        return None;
    };
    let path = folder.join("companies-zh/brand-sample-100k.txt");
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(text.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect()),
        Err(error) => {
            println!("skipped: {}: {error}", path.display());
            None
        }
    }
}

#[test]
fn every_name_is_found_and_highlighted_by_itself_and_its_pinyin() {
    // Domain model §1, search.
    let Some(names) = names() else { return };
    let mut sink = TermSink::new();
    let mut missed = Vec::new();
    for name in names.iter().step_by(5) {
        sink.clear();
        index_terms(TermKind::Title, name, &mut sink);
        if sink.is_empty() {
            continue;
        }
        let spelled: String = pinyin::joined(name).chars().filter(char::is_ascii_alphanumeric).collect();
        let han_only = name.chars().all(rapport_text::han::is_han);
        let mut typed = vec![name.clone()];
        if han_only {
            typed.push(spelled);
        }
        for typed in typed {
            if !query_terms(&typed).matches(&sink) {
                missed.push(format!("{typed} does not find {name}"));
            } else if highlight(name, &typed).is_empty() || (han_only && relevance(name, &typed) == 0) {
                missed.push(format!("{typed} is not highlighted in {name}"));
            }
        }
    }
    assert!(missed.is_empty(), "{} of {}: {:?}", missed.len(), names.len(), &missed[..missed.len().min(20)]);
}

#[test]
fn keys_of_real_names() {
    // R-NRM-01: no name loses its key, and few different names share a strict one.
    let Some(names) = names() else { return };
    let mut by_strict: HashMap<String, Vec<&str>> = HashMap::new();
    for name in &names {
        let keys = company_keys(name);
        if name.chars().any(char::is_alphanumeric) {
            assert!(!keys.strict.is_empty() && !keys.loose.is_empty(), "{name}");
        }
        by_strict.entry(keys.strict).or_default().push(name);
    }
    assert!(by_strict.len() * 10 > names.len() * 8, "{} keys for {} names", by_strict.len(), names.len());
}
