//! TOML tables with lines: typed getters that note faults and go on, and a check that every key was asked for.

use std::{cell::RefCell, collections::BTreeSet};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    Fault,
    flaw::{Flaw, Word},
};
use crate::{FieldError, Label, NameError};

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
            let near = self.text.lines().nth(line - 1).unwrap_or_default().trim().chars().take(80).collect();
            let said = e.message().lines().next().unwrap_or_default().to_owned();
            faults.push(self.fault(line, "", "", &Flaw::Syntax { near, said }));
        }
        None
    }
    pub fn line(&self, at: usize) -> usize {
        self.ends.partition_point(|e| *e < at) + 1
    }
    fn fault(&self, line: usize, what: &str, place: &str, flaw: &Flaw) -> Fault {
        let reason = if what.is_empty() { flaw.to_string() } else { format!("{what}: {flaw}") };
        Fault { file: self.file.into(), line, reason, cause: FieldError { field: place.to_owned(), ..flaw.cause() } }
    }
    pub fn root<'d>(&'d self, t: &'d Spanned<DeTable<'a>>) -> Tab<'d, 'a> {
        Tab { doc: self, map: t.get_ref(), line: 1, what: "the file".into(), place: String::new(), seen: RefCell::default() }
    }
}

/// One table of a file.
pub(super) struct Tab<'d, 'a> {
    pub doc: &'d Doc<'a>,
    map: &'d DeTable<'a>,
    /// Line of the table, or of its `name` or `key` when it has one.
    pub line: usize,
    /// What faults call it in words: ``object `deal`: field `amount` ``.
    pub what: String,
    /// The same in names alone, which need no language: `deal.amount`.
    pub place: String,
    seen: RefCell<BTreeSet<String>>,
}

fn kind(v: &DeValue<'_>) -> Word {
    match v {
        DeValue::String(_) => Word::TEXT,
        DeValue::Integer(_) => Word::WHOLE,
        DeValue::Float(_) => Word::NUMBER,
        DeValue::Boolean(_) => Word::FLAG,
        DeValue::Datetime(_) => Word::DATE,
        DeValue::Array(_) => Word::LIST,
        DeValue::Table(_) => Word::TABLE,
    }
}

impl<'d, 'a> Tab<'d, 'a> {
    fn raw(&self, key: &str) -> Option<&'d Spanned<DeValue<'a>>> {
        self.seen.borrow_mut().insert(key.to_owned());
        self.map.iter().find(|(k, _)| k.get_ref().as_ref() == key).map(|(_, v)| v)
    }
    fn wrong(&self, key: &str, wanted: Word, v: &Spanned<DeValue<'_>>, faults: &mut Vec<Fault>) {
        let flaw = Flaw::Kind { key: key.to_owned(), wanted, found: kind(v.get_ref()) };
        self.fault_at(self.doc.line(v.span().start), flaw, faults);
    }
    /// Notes a fault on the line of this table.
    pub fn fault(&self, flaw: impl Into<Flaw>, faults: &mut Vec<Fault>) {
        self.fault_at(self.line, flaw, faults);
    }
    /// Notes a fault of this table on a line in it.
    pub fn fault_at(&self, line: usize, flaw: impl Into<Flaw>, faults: &mut Vec<Fault>) {
        faults.push(self.doc.fault(line, &self.what, &self.place, &flaw.into()));
    }
    /// What is good; what is not is noted on its line.
    pub fn good<T>(&self, r: Result<T, NameError>, line: usize, faults: &mut Vec<Fault>) -> Option<T> {
        r.map_err(|e| self.fault_at(line, e, faults)).ok()
    }
    /// Says what the file is about, once that is known.
    pub fn call(&mut self, what: String, place: &str) {
        self.what = what;
        place.clone_into(&mut self.place);
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
                        Tab { doc: self.doc, map: t, line, what: format!("`{key}`"), place: key, seen: RefCell::default() },
                    ));
                }
                _ => self.wrong(&key, Word::TABLE, v, faults),
            }
        }
        out
    }
    pub fn text(&self, key: &str, faults: &mut Vec<Fault>) -> Option<(String, usize)> {
        let v = self.raw(key)?;
        match v.get_ref() {
            DeValue::String(s) => Some((s.to_string(), self.doc.line(v.span().start))),
            _ => {
                self.wrong(key, Word::TEXT, v, faults);
                None
            }
        }
    }
    /// A text that must be there.
    pub fn need(&self, key: &str, faults: &mut Vec<Fault>) -> Option<(String, usize)> {
        if !self.has(key) {
            self.raw(key);
            self.fault(Flaw::missing(key), faults);
            return None;
        }
        self.text(key, faults)
    }
    pub fn flag(&self, key: &str, faults: &mut Vec<Fault>) -> bool {
        let Some(v) = self.raw(key) else { return false };
        v.get_ref().as_bool().unwrap_or_else(|| {
            self.wrong(key, Word::FLAG, v, faults);
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
            self.wrong(key, Word::WHOLE, v, faults);
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
            self.wrong(key, Word::NUMBER, v, faults);
        }
        n
    }
    /// A list of texts, each with its line.
    pub fn strings(&self, key: &str, faults: &mut Vec<Fault>) -> Vec<(String, usize)> {
        let Some(v) = self.raw(key) else { return vec![] };
        let DeValue::Array(a) = v.get_ref() else {
            self.wrong(key, Word::TEXTS, v, faults);
            return vec![];
        };
        let mut out = vec![];
        for x in a {
            match x.get_ref() {
                DeValue::String(s) => out.push((s.to_string(), self.doc.line(x.span().start))),
                _ => self.wrong(key, Word::TEXTS, x, faults),
            }
        }
        out
    }
    /// A list of lists of texts.
    pub fn string_lists(&self, key: &str, faults: &mut Vec<Fault>) -> Vec<(Vec<String>, usize)> {
        let Some(v) = self.raw(key) else { return vec![] };
        let DeValue::Array(a) = v.get_ref() else {
            self.wrong(key, Word::TEXT_LISTS, v, faults);
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
                None => self.wrong(key, Word::TEXT_LISTS, x, faults),
            }
        }
        out
    }
    /// A list of tables (`[[key]]` or inline). `kind` names them in faults, with their `name`, `key` or `action`.
    pub fn tables(&self, key: &str, kind: &str, faults: &mut Vec<Fault>) -> Vec<Tab<'d, 'a>> {
        self.tables_of(self, key, kind, faults)
    }
    /// As [`Tab::tables`], for what stands here and belongs to `owner`.
    pub fn tables_of(&self, owner: &Self, key: &str, kind: &str, faults: &mut Vec<Fault>) -> Vec<Tab<'d, 'a>> {
        let Some(v) = self.raw(key) else { return vec![] };
        let DeValue::Array(a) = v.get_ref() else {
            self.wrong(key, Word::TABLES, v, faults);
            return vec![];
        };
        let mut out = vec![];
        for x in a {
            match x.get_ref() {
                DeValue::Table(t) => out.push(owner.child(t, x.span().start, key, kind)),
                _ => self.wrong(key, Word::TABLES, x, faults),
            }
        }
        out
    }
    pub fn table(&self, key: &str, kind: &str, faults: &mut Vec<Fault>) -> Option<Tab<'d, 'a>> {
        let v = self.raw(key)?;
        match v.get_ref() {
            DeValue::Table(t) => Some(self.child(t, v.span().start, key, kind)),
            _ => {
                self.wrong(key, Word::TABLE, v, faults);
                None
            }
        }
    }
    fn child(&self, map: &'d DeTable<'a>, at: usize, key: &str, kind: &str) -> Tab<'d, 'a> {
        let named = map.iter().find(|(k, _)| matches!(k.get_ref().as_ref(), "name" | "key" | "action"));
        let line = self.doc.line(named.map_or(at, |(k, _)| k.span().start));
        let name = named.and_then(|(_, v)| v.get_ref().as_str());
        let what = match name {
            Some(n) => format!("{}: {kind} `{n}`", self.what),
            None => format!("{}: {kind}", self.what),
        };
        // A field is `object.field` wherever it stands.
        let within = Some(key).filter(|k| *k != "fields" || name.is_none());
        let place = [Some(self.place.as_str()).filter(|p| !p.is_empty()), within, name];
        let place = place.into_iter().flatten().collect::<Vec<_>>().join(".");
        Tab { doc: self.doc, map, line, what, place, seen: RefCell::default() }
    }
    /// A label in both languages that must be there.
    pub fn label(&self, key: &str, faults: &mut Vec<Fault>) -> Label {
        if !self.has(key) {
            self.raw(key);
            let form = Some("{ en = \"…\", zh = \"…\" }");
            self.fault(Flaw::Missing { key: key.to_owned(), wanted: Some(Word::LABEL), form }, faults);
            return Label::default();
        }
        self.label_opt(key, faults).unwrap_or_default()
    }
    /// A label in both languages, if given.
    pub fn label_opt(&self, key: &str, faults: &mut Vec<Fault>) -> Option<Label> {
        let t = self.table(key, &format!("`{key}`"), faults)?;
        let mut get = |lang: &str, wanted: Word| {
            let s = t.text(lang, faults).map(|(s, _)| s.trim().to_owned()).unwrap_or_default();
            if s.is_empty() {
                let flaw = Flaw::Missing { key: format!("{key}.{lang}"), wanted: Some(wanted), form: None };
                self.fault_at(t.line, flaw, faults);
            }
            s
        };
        let l = Label { en: get("en", Word::ENGLISH), zh: get("zh", Word::CHINESE) };
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
                let allowed = seen.iter().cloned().collect();
                self.fault_at(self.doc.line(k.span().start), Flaw::Unknown { key: key.to_owned(), allowed }, faults);
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
