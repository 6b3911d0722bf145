//! TOML tables with lines: typed getters that note faults and go on, and a check that every key was asked for.

use std::{cell::RefCell, collections::HashSet};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::Fault;
use crate::Label;

/// One file being read.
pub(super) struct Doc<'a> {
    pub file: &'a str,
    text: &'a str,
    /// Where lines end.
    ends: Vec<usize>,
}

impl<'a> Doc<'a> {
    pub fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, ends: text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i).collect() }
    }
    /// Parses the text; syntax faults are noted.
    pub fn parse(&self, faults: &mut Vec<Fault>) -> Option<Spanned<DeTable<'a>>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        if errors.is_empty() {
            return Some(table);
        }
        for e in errors {
            let line = e.span().map_or(1, |s| self.line(s.start));
            faults.push(self.fault(line, format!("not TOML: {}", e.message().lines().next().unwrap_or_default())));
        }
        None
    }
    pub fn line(&self, at: usize) -> usize {
        self.ends.partition_point(|e| *e < at) + 1
    }
    pub fn fault(&self, line: usize, reason: impl Into<String>) -> Fault {
        Fault { file: self.file.into(), line, reason: reason.into(), cause: None }
    }
    pub fn root<'d>(&'d self, t: &'d Spanned<DeTable<'a>>) -> Tab<'d, 'a> {
        Tab { doc: self, map: t.get_ref(), line: 1, what: "the file".into(), seen: RefCell::default() }
    }
}

/// One table of a file.
pub(super) struct Tab<'d, 'a> {
    pub doc: &'d Doc<'a>,
    map: &'d DeTable<'a>,
    /// Line of the table, or of its `name` or `key` when it has one.
    pub line: usize,
    /// What faults call it: ``field `amount` ``.
    pub what: String,
    seen: RefCell<HashSet<String>>,
}

fn kind(v: &DeValue<'_>) -> &'static str {
    match v {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

impl<'d, 'a> Tab<'d, 'a> {
    fn raw(&self, key: &str) -> Option<&'d Spanned<DeValue<'a>>> {
        self.seen.borrow_mut().insert(key.to_owned());
        self.map.iter().find(|(k, _)| k.get_ref().as_ref() == key).map(|(_, v)| v)
    }
    fn wrong(&self, key: &str, want: &str, v: &Spanned<DeValue<'_>>, faults: &mut Vec<Fault>) {
        let line = self.doc.line(v.span().start);
        faults.push(self.doc.fault(line, format!("{}: `{key}` must be {want}, not {}", self.what, kind(v.get_ref()))));
    }
    /// Notes a fault on the line of this table.
    pub fn fault(&self, reason: impl std::fmt::Display, faults: &mut Vec<Fault>) {
        faults.push(self.doc.fault(self.line, format!("{}: {reason}", self.what)));
    }
    pub fn has(&self, key: &str) -> bool {
        self.map.iter().any(|(k, _)| k.get_ref().as_ref() == key)
    }
    pub fn line_of(&self, key: &str) -> usize {
        self.map.iter().find(|(k, _)| k.get_ref().as_ref() == key).map_or(self.line, |(k, _)| self.doc.line(k.span().start))
    }
    /// Keys in file order.
    pub fn keys(&self) -> Vec<String> {
        let mut keys: Vec<_> = self.map.iter().map(|(k, _)| (k.span().start, k.get_ref().to_string())).collect();
        keys.sort();
        keys.into_iter().map(|(_, k)| k).collect()
    }
    /// Keys in file order, with the tables they hold.
    pub fn entries(&self, faults: &mut Vec<Fault>) -> Vec<(String, Tab<'d, 'a>)> {
        let mut keys: Vec<_> = self.map.iter().collect();
        keys.sort_by_key(|(k, _)| k.span().start);
        let mut out = vec![];
        for (k, v) in keys {
            let key = k.get_ref().to_string();
            self.seen.borrow_mut().insert(key.clone());
            match v.get_ref() {
                DeValue::Table(t) => {
                    let line = self.doc.line(k.span().start);
                    out.push((
                        key.clone(),
                        Tab { doc: self.doc, map: t, line, what: format!("`{key}`"), seen: RefCell::default() },
                    ));
                }
                _ => self.wrong(&key, "a table", v, faults),
            }
        }
        out
    }
    pub fn text(&self, key: &str, faults: &mut Vec<Fault>) -> Option<(String, usize)> {
        let v = self.raw(key)?;
        match v.get_ref() {
            DeValue::String(s) => Some((s.to_string(), self.doc.line(v.span().start))),
            _ => {
                self.wrong(key, "a text", v, faults);
                None
            }
        }
    }
    /// A text that must be there.
    pub fn need(&self, key: &str, faults: &mut Vec<Fault>) -> Option<(String, usize)> {
        if !self.has(key) {
            self.raw(key);
            self.fault(format!("`{key}` is missing"), faults);
            return None;
        }
        self.text(key, faults)
    }
    pub fn flag(&self, key: &str, faults: &mut Vec<Fault>) -> bool {
        let Some(v) = self.raw(key) else { return false };
        v.get_ref().as_bool().unwrap_or_else(|| {
            self.wrong(key, "true or false", v, faults);
            false
        })
    }
    pub fn int(&self, key: &str, faults: &mut Vec<Fault>) -> Option<i64> {
        let v = self.raw(key)?;
        let n = match v.get_ref() {
            DeValue::Integer(i) => i64::from_str_radix(i.as_str(), i.radix()).ok(),
            _ => None,
        };
        if n.is_none() {
            self.wrong(key, "a whole number", v, faults);
        }
        n
    }
    /// A number given as TOML number or as text.
    pub fn decimal(&self, key: &str, faults: &mut Vec<Fault>) -> Option<rust_decimal::Decimal> {
        let v = self.raw(key)?;
        let text = match v.get_ref() {
            DeValue::Integer(i) => i.as_str().to_owned(),
            DeValue::Float(x) => x.as_str().to_owned(),
            DeValue::String(s) => s.to_string(),
            _ => String::new(),
        };
        let n = text.parse().ok();
        if n.is_none() {
            self.wrong(key, "a number", v, faults);
        }
        n
    }
    /// A list of texts, each with its line.
    pub fn strings(&self, key: &str, faults: &mut Vec<Fault>) -> Vec<(String, usize)> {
        let Some(v) = self.raw(key) else { return vec![] };
        let DeValue::Array(a) = v.get_ref() else {
            self.wrong(key, "a list of texts", v, faults);
            return vec![];
        };
        let mut out = vec![];
        for x in a {
            match x.get_ref() {
                DeValue::String(s) => out.push((s.to_string(), self.doc.line(x.span().start))),
                _ => self.wrong(key, "a list of texts", x, faults),
            }
        }
        out
    }
    /// A list of lists of texts.
    pub fn string_lists(&self, key: &str, faults: &mut Vec<Fault>) -> Vec<(Vec<String>, usize)> {
        let Some(v) = self.raw(key) else { return vec![] };
        let DeValue::Array(a) = v.get_ref() else {
            self.wrong(key, "a list of lists of texts", v, faults);
            return vec![];
        };
        let mut out = vec![];
        for x in a {
            let list = x
                .get_ref()
                .as_array()
                .and_then(|a| a.iter().map(|s| s.get_ref().as_str().map(str::to_owned)).collect::<Option<Vec<_>>>());
            match list {
                Some(l) => out.push((l, self.doc.line(x.span().start))),
                None => self.wrong(key, "a list of lists of texts", x, faults),
            }
        }
        out
    }
    /// A list of tables (`[[key]]` or inline). `what` names them in faults, with their `name`, `key` or `action`.
    pub fn tables(&self, key: &str, what: &str, faults: &mut Vec<Fault>) -> Vec<Tab<'d, 'a>> {
        let Some(v) = self.raw(key) else { return vec![] };
        let DeValue::Array(a) = v.get_ref() else {
            self.wrong(key, "a list of tables", v, faults);
            return vec![];
        };
        let mut out = vec![];
        for x in a {
            match x.get_ref() {
                DeValue::Table(t) => out.push(self.child(t, x.span().start, what)),
                _ => self.wrong(key, "a list of tables", x, faults),
            }
        }
        out
    }
    pub fn table(&self, key: &str, what: &str, faults: &mut Vec<Fault>) -> Option<Tab<'d, 'a>> {
        let v = self.raw(key)?;
        match v.get_ref() {
            DeValue::Table(t) => Some(self.child(t, v.span().start, what)),
            _ => {
                self.wrong(key, "a table", v, faults);
                None
            }
        }
    }
    fn child(&self, map: &'d DeTable<'a>, at: usize, what: &str) -> Tab<'d, 'a> {
        let named = map.iter().find(|(k, _)| matches!(k.get_ref().as_ref(), "name" | "key" | "action"));
        let line = self.doc.line(named.map_or(at, |(k, _)| k.span().start));
        let what = match named.and_then(|(_, v)| v.get_ref().as_str()) {
            Some(n) => format!("{what} `{n}`"),
            None => what.to_owned(),
        };
        Tab { doc: self.doc, map, line, what, seen: RefCell::default() }
    }
    /// A label in both languages that must be there.
    pub fn label(&self, key: &str, faults: &mut Vec<Fault>) -> Label {
        if !self.has(key) {
            self.raw(key);
            self.fault(format!("`{key}` is missing; write {{ en = \"…\", zh = \"…\" }}"), faults);
            return Label::default();
        }
        self.label_opt(key, faults).unwrap_or_default()
    }
    /// A label in both languages, if given.
    pub fn label_opt(&self, key: &str, faults: &mut Vec<Fault>) -> Option<Label> {
        let t = self.table(key, &format!("{}: `{key}`", self.what), faults)?;
        let mut get = |lang: &str, name: &str| {
            let s = t.text(lang, faults).map(|(s, _)| s.trim().to_owned()).unwrap_or_default();
            if s.is_empty() {
                let line = t.line;
                faults.push(self.doc.fault(line, format!("{}: `{key}` has no {name} text (`{lang}`)", self.what)));
            }
            s
        };
        let l = Label { en: get("en", "English"), zh: get("zh", "Chinese") };
        t.finish(faults);
        Some(l)
    }
    /// Any value as JSON.
    pub fn json(&self, key: &str) -> Option<serde_json::Value> {
        self.raw(key).map(|v| to_json(v.get_ref()))
    }
    /// Every key that nobody asked for is a fault.
    pub fn finish(&self, faults: &mut Vec<Fault>) {
        let seen = self.seen.borrow();
        for (k, _) in self.map {
            let key = k.get_ref().as_ref();
            if !seen.contains(key) {
                faults.push(self.doc.fault(self.doc.line(k.span().start), format!("{}: `{key}` means nothing here", self.what)));
            }
        }
    }
}

fn to_json(v: &DeValue<'_>) -> serde_json::Value {
    match v {
        DeValue::String(s) => serde_json::Value::String(s.to_string()),
        DeValue::Integer(i) => i64::from_str_radix(i.as_str(), i.radix()).map_or(serde_json::Value::Null, Into::into),
        // Exact: decimals travel as texts.
        DeValue::Float(x) => serde_json::Value::String(x.as_str().to_owned()),
        DeValue::Boolean(b) => (*b).into(),
        DeValue::Datetime(d) => serde_json::Value::String(d.to_string()),
        DeValue::Array(a) => a.iter().map(|x| to_json(x.get_ref())).collect(),
        DeValue::Table(t) => {
            serde_json::Value::Object(t.iter().map(|(k, x)| (k.get_ref().to_string(), to_json(x.get_ref()))).collect())
        }
    }
}
