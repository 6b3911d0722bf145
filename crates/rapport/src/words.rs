//! What the program says on the terminal, in the language of `LC_ALL`, `LC_MESSAGES` or `LANG`.

use std::fmt::Write as _;

use rapport_schema::Locale;
use rapport_server::{Problem, messages, problem};

/// The terminal's language.
#[must_use]
pub fn locale() -> Locale {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().filter_map(|v| std::env::var(v).ok()).find(|v| !v.is_empty());
    if set.is_some_and(|v| v.to_ascii_lowercase().starts_with("zh")) { Locale::Zh } else { Locale::En }
}

/// The language asked for, else the terminal's.
#[must_use]
pub fn language(asked: Option<&str>) -> Locale {
    asked.and_then(Locale::negotiate).unwrap_or_else(locale)
}

/// One of two texts.
#[must_use]
pub fn say(en: impl Into<String>, zh: impl Into<String>) -> String {
    match locale() {
        Locale::En => en.into(),
        Locale::Zh => zh.into(),
    }
}

/// An error with a text in each language.
pub fn error(en: impl Into<String>, zh: impl Into<String>) -> anyhow::Error {
    anyhow::anyhow!(say(en, zh))
}

/// A refusal of the pipeline in words.
#[must_use]
pub fn refusal(p: &Problem) -> String {
    let l = locale();
    let mut s = messages::sentence(&p.code, &p.params, l);
    let _ = write!(s, " ({})", p.code);
    for e in &p.errors {
        let f = problem::field(e, l);
        let _ = write!(s, "\n  {}: {}", e.field, f["message"].as_str().unwrap_or(""));
        if !e.params.is_empty() {
            let _ = write!(s, " {}", serde_json::Value::Object(e.params.clone()));
        }
    }
    s
}

/// The pipeline's error as an error of the program.
pub fn refused(e: impl Into<Problem>) -> anyhow::Error {
    anyhow::anyhow!(refusal(&e.into()))
}

/// An error with its causes.
#[must_use]
pub fn failure(e: &anyhow::Error) -> String {
    let mut s = say("Error: ", "错误：");
    let _ = write!(s, "{e}");
    for c in e.chain().skip(1) {
        let _ = write!(s, "\n  {c}");
    }
    s
}
