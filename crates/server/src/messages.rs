//! Sentences for the stable codes, in both languages: `messages/en.toml`, `messages/zh-CN.toml`.

use std::{collections::BTreeMap, sync::LazyLock};

use rapport_schema::{Locale, Params};
use serde_json::Value;

static EN: LazyLock<BTreeMap<&'static str, &'static str>> = LazyLock::new(|| parse(include_str!("../messages/en.toml")));
static ZH: LazyLock<BTreeMap<&'static str, &'static str>> = LazyLock::new(|| parse(include_str!("../messages/zh-CN.toml")));

/// The files hold nothing but `"code" = "sentence"` lines and comments; a test holds them to that.
fn parse(text: &'static str) -> BTreeMap<&'static str, &'static str> {
    text.lines()
        .filter(|l| !l.starts_with('#'))
        .filter_map(|l| l.split_once('='))
        .map(|(k, v)| (k.trim().trim_matches('"'), v.trim().trim_matches('"')))
        .collect()
}

/// Every code that has a sentence, in order.
pub fn codes() -> impl Iterator<Item = &'static str> {
    EN.keys().copied()
}

/// The raw sentence of a code.
#[must_use]
pub fn raw(code: &str, locale: Locale) -> Option<&'static str> {
    match locale {
        Locale::En => EN.get(code),
        Locale::Zh => ZH.get(code),
    }
    .copied()
}

/// The sentence of a code with its parameters put in; the code itself when it has none.
#[must_use]
pub fn sentence(code: &str, params: &Params, locale: Locale) -> String {
    // Rules of administrators bring their own words in both languages.
    if code.starts_with("validation.")
        && let Some(said) = params.get("label").and_then(|l| l.get(if locale == Locale::Zh { "zh" } else { "en" })?.as_str())
    {
        return said.to_owned();
    }
    let Some(mut rest) = raw(code, locale) else { return code.to_owned() };
    let mut out = String::with_capacity(rest.len() + 16);
    while let Some((before, part, after)) = rest.split_once('[').and_then(|(b, tail)| {
        let (part, after) = tail.split_once(']')?;
        Some((b, part, after))
    }) {
        fill(before, params, locale, &mut out);
        // What stands in brackets is said when its parameters are there.
        let mut filled = String::new();
        if fill(part, params, locale, &mut filled) {
            out.push_str(&filled);
        }
        rest = after;
    }
    fill(rest, params, locale, &mut out);
    // A parameter that was not given leaves its lead-in behind: `… : at most ` reads better cut off.
    out.trim_end_matches([':', '：', ' ']).to_owned()
}

/// Puts parameters in; answers whether all were there. `{expected:word}` is the language's own word for what the parameter says
/// (`word.…`, as `why.…` for reasons), `{reason:cause}` the sentence of the parameter `cause` where there is one.
fn fill(mut text: &str, params: &Params, locale: Locale, out: &mut String) -> bool {
    let mut whole = true;
    while let Some((before, tail)) = text.split_once('{') {
        let Some((name, after)) = tail.split_once('}') else { break };
        out.push_str(before);
        let (name, form) = name.split_once(':').unwrap_or((name, ""));
        match params.get(name) {
            Some(v) => out.push_str(&said(v, form, params, locale)),
            None => whole = false,
        }
        text = after;
    }
    out.push_str(text);
    whole
}

/// A parameter in the form a sentence wants it.
fn said(v: &Value, form: &str, params: &Params, locale: Locale) -> String {
    match form {
        "" => plain(v),
        "cause" => params.get("cause").and_then(|c| cause(c, locale)).unwrap_or_else(|| plain(v)),
        _ => raw(&format!("{form}.{}", plain(v)), locale).map_or_else(|| plain(v), str::to_owned),
    }
}

/// A fault inside a fault: where, and its own sentence.
fn cause(v: &Value, locale: Locale) -> Option<String> {
    let code = v.get("code")?.as_str()?;
    let none = Params::new();
    let what = sentence(code, v.get("params").and_then(Value::as_object).unwrap_or(&none), locale);
    let place = v.get("field").and_then(Value::as_str).unwrap_or_default();
    Some(match place {
        "" => what,
        place => format!("{place}{}{what}", if locale == Locale::Zh { "：" } else { ": " }),
    })
}

fn plain(v: &Value) -> String {
    match v {
        Value::String(s) => s.clone(),
        Value::Array(a) => a.iter().map(plain).collect::<Vec<_>>().join(", "),
        v => v.to_string(),
    }
}

/// `docs/errors.md`: the table of codes.
#[must_use]
pub fn document() -> String {
    use std::fmt::Write as _;
    let mut s = String::from(
        "# Error codes\n\nGenerated from `crates/server/messages`; `cargo xtask gen` writes it anew. Codes are stable: programs may depend on them.\n\n| Code | English | 中文 |\n|---|---|---|\n",
    );
    let plainly = |c, locale| raw(c, locale).unwrap_or("").replace(":word}", "}").replace(":why}", "}").replace(":cause}", "}");
    // Words inside sentences are no codes.
    for c in codes().filter(|c| !c.starts_with("word.") && !c.starts_with("why.")) {
        let _ = writeln!(s, "| `{c}` | {} | {} |", plainly(c, Locale::En), plainly(c, Locale::Zh));
    }
    s
}

#[cfg(test)]
mod tests;
