//! English and Chinese are equals: whatever is said to people in one language is said in the other.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use anyhow::{Context, Result};

/// Texts of the page (also those loaded with a part of it) and sentences of the server have the same keys, articles of the help
/// the same headings.
pub fn check(files: &[String], faults: &mut Vec<String>) -> Result<()> {
    let wanted = |f: &&String| partner(f).is_some();
    let all = files.iter().filter(wanted).map(|f| Ok((f.as_str(), fs::read_to_string(f).with_context(|| f.clone())?)));
    let all = all.collect::<Result<BTreeMap<&str, String>>>()?;
    for area in ["web/src/", "crates/server/messages/", "docs/help/"] {
        if !all.keys().any(|f| f.starts_with(area)) {
            faults.push(format!("{area}: no texts in two languages; say in xtask/src/tidy/languages.rs where they are now"));
        }
    }
    pairs(&all, faults)
}

/// The same text in the other language, for files that have one.
fn partner(file: &str) -> Option<String> {
    let swap = |a: &str, b: &str| file.strip_suffix(a).filter(|f| f.ends_with(['/', '.'])).map(|f| format!("{f}{b}"));
    match file {
        f if f.starts_with("docs/help/en/") => Some(f.replacen("/en/", "/zh/", 1)),
        f if f.starts_with("docs/help/zh/") => Some(f.replacen("/zh/", "/en/", 1)),
        f if f.starts_with("web/src/") => swap("zh-CN.json", "en.json").or_else(|| swap("en.json", "zh-CN.json")),
        f if f.starts_with("crates/server/messages/") => swap("zh-CN.toml", "en.toml").or_else(|| swap("en.toml", "zh-CN.toml")),
        _ => None,
    }
}

fn pairs(all: &BTreeMap<&str, String>, faults: &mut Vec<String>) -> Result<()> {
    for (file, text) in all {
        let Some(other) = partner(file) else { continue };
        let Some(theirs) = all.get(other.as_str()) else {
            faults.push(format!("{other}: missing, `{file}` is there"));
            continue;
        };
        if file.ends_with(".md") {
            // Each pair once.
            let (mine, theirs) = (headings(text), headings(theirs));
            if *file < other.as_str() && mine != theirs {
                faults.push(format!("{other}: headings of levels {theirs:?}, in `{file}` {mine:?}"));
            }
            continue;
        }
        for k in keys(file, text)?.difference(&keys(&other, theirs)?) {
            faults.push(format!("{other}: `{k}` is missing"));
        }
    }
    Ok(())
}

/// Levels of the headings, in order; what stands in a code block is none.
fn headings(text: &str) -> Vec<usize> {
    let mut code = false;
    let mut levels = vec![];
    for l in text.lines() {
        code ^= l.starts_with("```");
        let level = l.chars().take_while(|c| *c == '#').count();
        if !code && level > 0 && l[level..].starts_with(' ') {
            levels.push(level);
        }
    }
    levels
}

fn keys(file: &str, text: &str) -> Result<BTreeSet<String>> {
    let mut out = BTreeSet::new();
    if file.ends_with(".toml") {
        // Nothing but `"code" = "sentence"` lines and comments: a test of the server holds the file to that.
        let lines = text.lines().filter(|l| !l.starts_with('#')).filter_map(|l| l.split_once('='));
        out.extend(lines.map(|(k, _)| k.trim().trim_matches('"').to_owned()));
    } else {
        walk("", &serde_json::from_str(text).with_context(|| file.to_owned())?, &mut out);
    }
    Ok(out)
}

fn walk(prefix: &str, v: &serde_json::Value, out: &mut BTreeSet<String>) {
    match v {
        serde_json::Value::Object(m) => {
            for (k, v) in m {
                walk(&if prefix.is_empty() { k.clone() } else { format!("{prefix}.{k}") }, v, out);
            }
        }
        // Chinese has one plural form, English two: the form is not part of the key.
        _ => {
            out.insert(prefix.trim_end_matches("_one").trim_end_matches("_other").to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(files: &[(&'static str, &str)]) -> Vec<String> {
        let mut all = vec![];
        pairs(&files.iter().map(|(f, t)| (*f, (*t).to_owned())).collect(), &mut all).unwrap();
        all
    }

    #[test]
    fn a_key_of_one_language_is_named() {
        let en = (
            "web/src/features/talk/text.en.json",
            r#"{ "a": "A", "n_one": "one", "n_other": "{{count}}", "deep": { "b": "B" } }"#,
        );
        assert_eq!(
            faults(&[en, ("web/src/features/talk/text.zh-CN.json", r#"{ "a": "甲", "n_other": "乙", "deep": { "b": "丙" } }"#)]),
            [""; 0]
        );
        assert_eq!(
            faults(&[en, ("web/src/features/talk/text.zh-CN.json", r#"{ "a": "甲", "n_other": "乙", "c": "丙" }"#)]),
            ["web/src/features/talk/text.zh-CN.json: `deep.b` is missing", "web/src/features/talk/text.en.json: `c` is missing"]
        );
        assert_eq!(
            faults(&[en]),
            ["web/src/features/talk/text.zh-CN.json: missing, `web/src/features/talk/text.en.json` is there"]
        );
        assert_eq!(
            faults(&[
                ("crates/server/messages/en.toml", "# of records\n\"not_found\" = \"Not found\"\n\"conflict\" = \"Changed\"\n"),
                ("crates/server/messages/zh-CN.toml", "\"conflict\" = \"已更改\"\n"),
            ]),
            ["crates/server/messages/zh-CN.toml: `not_found` is missing"]
        );
    }

    #[test]
    fn an_article_of_one_language_is_named() {
        let en = ("docs/help/en/01-find.md", "# Find\n```\n# no heading\n```\n## By name\n#tag\n");
        assert_eq!(faults(&[en, ("docs/help/zh/01-find.md", "# 查找\n## 按名称\n")]), [""; 0]);
        assert_eq!(
            faults(&[en, ("docs/help/zh/01-find.md", "# 查找\n### 按名称\n")]),
            ["docs/help/zh/01-find.md: headings of levels [1, 3], in `docs/help/en/01-find.md` [1, 2]"]
        );
        assert_eq!(faults(&[en]), ["docs/help/zh/01-find.md: missing, `docs/help/en/01-find.md` is there"]);
        assert_eq!(
            faults(&[("docs/help/zh/02-only.md", "# 只有中文\n")]),
            ["docs/help/en/02-only.md: missing, `docs/help/zh/02-only.md` is there"]
        );
    }

    #[test]
    fn only_texts_have_a_partner() {
        assert_eq!(partner("web/src/shared/i18n/en.json").as_deref(), Some("web/src/shared/i18n/zh-CN.json"));
        for other in ["web/src/features/admin/token.json", "web/package.json", "web/src/screen.json", "docs/how-to/import.md"] {
            assert_eq!(partner(other), None, "{other}");
        }
    }
}
