//! Labels and api names out of headers: Chinese by its pinyin, everything else by its letters.

use std::collections::{HashMap, HashSet};

use rapport_schema::{Label, Model};
use rapport_text::pinyin::{NameKind, readings_of};

/// Longest api name before its ending.
const LENGTH: usize = 40;

/// A header without the star or the bracket that says it has to be filled in.
pub(super) fn heading(header: &str) -> String {
    let mut h = header.trim().trim_matches(['*', '＊', ':', '：']).trim();
    for mark in ["(必填)", "（必填）", "(required)", "（选填）", "(选填)", "(optional)"] {
        h = h.strip_suffix(mark).unwrap_or(h).trim();
    }
    let one_line: Vec<&str> = h.split_whitespace().collect();
    let text: String = one_line.join(" ").chars().take(80).collect();
    if text.is_empty() { header.trim().chars().take(80).collect() } else { text }
}

/// Labels the model gives its own fields, by either of their texts.
pub(super) struct Labels(HashMap<String, Label>);

impl Labels {
    pub fn of(model: &Model) -> Self {
        let mut all = HashMap::new();
        for l in model.objects.values().flat_map(|o| o.fields.iter()).map(|f| &f.label) {
            for text in [&l.zh, &l.en] {
                all.entry(rapport_text::fold::fold(text).into_owned()).or_insert_with(|| l.clone());
            }
        }
        Self(all)
    }

    /// The label of a heading: in both languages when the model calls something of its own so, else the same text in both.
    pub fn label(&self, heading: &str) -> Label {
        match self.0.get(rapport_text::fold::fold(heading).as_ref()) {
            // The reader's own writing stays in its language.
            Some(l) if heading.chars().any(rapport_text::han::is_han) => Label::new(l.en.as_str(), heading),
            Some(l) => Label::new(heading, l.zh.as_str()),
            None => Label::new(heading, heading),
        }
    }
}

/// Small letters, digits and `_`: `客户名称` → `ke_hu_ming_cheng`, `Close Date (plan)` → `close_date_plan`.
pub(super) fn slug(text: &str) -> String {
    let chars: Vec<char> = rapport_text::fold::nfkc(text).chars().map(rapport_text::han::to_simplified).collect();
    // Read as a whole: 行 is `hang` in 行业 and `xing` in 行程.
    let mut readings = vec![];
    readings_of(&chars, NameKind::Title, &mut readings);
    let mut out = String::new();
    let mut gap = false;
    for (c, reading) in chars.into_iter().zip(readings) {
        let read = match reading {
            Some(r) => r.first().to_owned(),
            None => rapport_text::fold::plain(c.encode_utf8(&mut [0; 4])),
        };
        let good: String = read.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        let han = rapport_text::han::is_han(c);
        if good.is_empty() {
            gap = true;
            continue;
        }
        if (gap || han) && !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
        gap = han;
        if out.len() + good.len() > LENGTH {
            break;
        }
        out.push_str(&good);
    }
    out.trim_matches('_').to_owned()
}

/// A valid api name that is not taken, ending in `__c`; `empty` stands in where a text has no letters.
pub(super) fn api(text: &str, empty: &str, taken: &mut HashSet<String>) -> String {
    unique(text, empty, "__c", taken)
}

/// A key of a picklist.
pub(super) fn key(text: &str, taken: &mut HashSet<String>) -> String {
    unique(text, "value", "", taken)
}

fn unique(text: &str, empty: &str, end: &str, taken: &mut HashSet<String>) -> String {
    let mut base = slug(text);
    if base.is_empty() {
        base = empty.to_owned();
    } else if !base.starts_with(|c: char| c.is_ascii_lowercase()) {
        base = format!("{}_{base}", &empty[..1]);
    }
    let mut name = format!("{base}{end}");
    let mut n = 2;
    while !taken.insert(name.clone()) {
        name = format!("{base}_{n}{end}");
        n += 1;
    }
    name
}
