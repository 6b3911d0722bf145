//! The search index of each object, written in the transaction of the row.
//!
//! SQLite: two contentless FTS5 tables whose row numbers are those of the object's table, one of words and character bigrams, one
//! of pinyin, initials and reversed digits. PostgreSQL: the same terms in one `tsvector`. Owner and department are terms too, so
//! that what a person may not see is left out by the index itself.

use rapport_policy::{Reached, RowRule};
use rapport_schema::{FieldIx, FieldType, ObjectDef, Record, Value, field::ResultType};
use rapport_text::terms::{Query, TermIndex, TermKind, TermSink, index_terms, query_terms};

use crate::{
    compile::{Cx, col, or},
    dialect::Dialect,
    layout::Layout,
    sql::Param,
};

/// Key in `_meta` that says whether the index is filled.
pub(crate) const STATE: &str = "search";

/// Table of words and bigrams (PostgreSQL: of everything).
pub(crate) fn main_table(object: &str) -> String {
    format!("_fts_{object}")
}
/// Table of pinyin, initials and reversed digits (SQLite).
pub(crate) fn pinyin_table(object: &str) -> String {
    format!("_py_{object}")
}

/// Pieces of an index at which a commit begins to merge them (FTS5's own choice is 4): the writer does it while nobody waits
/// (`terms::merge`), so that commits hardly have to.
const AUTOMERGE: u8 = 8;

/// Statements that make the index of an object.
pub(crate) fn create(d: &Dialect, object: &str) -> Vec<String> {
    let (mut main, mut py) = (String::new(), String::new());
    d.table(&main_table(object), &mut main);
    d.table(&pinyin_table(object), &mut py);
    match d {
        Dialect::Sqlite => vec![
            format!("CREATE VIRTUAL TABLE {main} USING fts5(x, content='', contentless_delete=1, tokenize='ascii')"),
            format!(
                "CREATE VIRTUAL TABLE {py} USING fts5(x, content='', contentless_delete=1, detail=none, prefix='2 3', tokenize='ascii')"
            ),
            format!("INSERT INTO {main}({main}, rank) VALUES ('automerge', {AUTOMERGE})"),
            format!("INSERT INTO {py}({py}, rank) VALUES ('automerge', {AUTOMERGE})"),
        ],
        Dialect::Postgres { .. } => vec![
            format!("CREATE TABLE {main} (id UUID NOT NULL PRIMARY KEY, terms tsvector NOT NULL)"),
            format!("CREATE INDEX \"ix_{}\" ON {main} USING gin (terms)", main_table(object)),
        ],
    }
}

/// What kind of terms a field gives; `None` = none.
pub(crate) fn term_kind(o: &ObjectDef, ix: FieldIx) -> Option<TermKind> {
    let f = o.at(ix);
    let title = f.name == o.title;
    if !(title || f.searchable) || f.retired {
        return None;
    }
    Some(match &f.ty {
        FieldType::Text { .. } | FieldType::Calc { result: ResultType::Text, volatile: false, .. } if title => {
            if o.person_name {
                TermKind::PersonName
            } else {
                TermKind::Title
            }
        }
        FieldType::Text { .. }
        | FieldType::Long
        | FieldType::Rich
        | FieldType::Url
        | FieldType::Addr
        | FieldType::Tags
        | FieldType::Calc { result: ResultType::Text, volatile: false, .. } => TermKind::Text,
        FieldType::Phone => TermKind::Phone,
        FieldType::Email => TermKind::Email,
        FieldType::Auto { .. } => TermKind::Code,
        _ => return None,
    })
}

/// Calls `each` with the texts of a value that are searched and highlighted.
pub(crate) fn texts(v: &Value, mut each: impl FnMut(&str)) {
    match v {
        Value::Text(t) => each(t),
        Value::Phone(p) => each(p.e164.as_deref().unwrap_or(&p.raw)),
        Value::Addr(a) => {
            for t in [&a.province, &a.city, &a.district, &a.town].into_iter().flatten() {
                each(t);
            }
            if let Some(d) = &a.detail {
                each(d);
            }
        }
        Value::Keys(k) => k.iter().for_each(|t| each(t)),
        _ => {}
    }
}

/// The terms of some fields of a record.
pub(crate) fn terms(o: &ObjectDef, r: &Record, fields: impl Iterator<Item = FieldIx>, sink: &mut TermSink) {
    for ix in fields {
        if let Some(kind) = term_kind(o, ix) {
            texts(&r[ix], |t| index_terms(kind, t, sink));
        }
    }
}

fn acl(o: &ObjectDef, r: &Record) -> String {
    let mut s = String::new();
    for (mark, field) in [("zo", "owner_id"), ("zd", "dept_id")] {
        if let Some(id) = r.get(o, field).as_id() {
            s.push_str(&format!(" {mark}{}", id.0.simple()));
        }
    }
    s
}

fn all(o: &ObjectDef) -> impl Iterator<Item = FieldIx> {
    (0..o.fields.len()).filter_map(|i| u16::try_from(i).ok()).map(FieldIx)
}

/// Fields of an object that its search box looks into.
pub fn searched(o: &ObjectDef) -> impl Iterator<Item = FieldIx> {
    all(o).filter(|ix| term_kind(o, *ix).is_some())
}

/// Whether what was typed into a search box is found in these fields of a record: for callers who do not see all that the index
/// holds.
#[must_use]
pub fn found_in(o: &ObjectDef, r: &Record, fields: &[FieldIx], typed: &str) -> bool {
    let mut sink = TermSink::new();
    terms(o, r, fields.iter().copied(), &mut sink);
    query_terms(typed).matches(&sink)
}

/// Does the change touch anything the index holds?
pub(crate) fn touched(l: &Layout, old: &Record, new: &Record) -> bool {
    let o = &l.object;
    all(o)
        .any(|ix| old[ix] != new[ix] && (term_kind(o, ix).is_some() || matches!(o.at(ix).name.as_str(), "owner_id" | "dept_id")))
}

thread_local! {
    static SINK: std::cell::RefCell<TermSink> = std::cell::RefCell::new(TermSink::new());
}

/// Main and pinyin terms (PostgreSQL: one `tsvector` text), each with the terms of owner and department.
pub(crate) fn document(l: &Layout, r: &Record, pg: bool) -> (String, String) {
    SINK.with_borrow_mut(|sink| {
        sink.clear();
        terms(&l.object, r, all(&l.object), sink);
        let acl = acl(&l.object, r);
        if pg {
            (sink.tsvector() + &acl, String::new())
        } else {
            (format!("{}{acl}", sink.main()), format!("{}{acl}", sink.pinyin()))
        }
    })
}

/// A query split by index: each element asks for main terms, pinyin terms, or both; any element suffices.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Combo {
    main: Vec<String>,
    pinyin: Vec<String>,
}

/// Most combinations; groups beyond are asked of the main index only.
const COMBOS: usize = 16;

fn combos(q: &Query) -> Vec<Combo> {
    let mut out = vec![Combo { main: vec![], pinyin: vec![] }];
    for g in &q.groups {
        let of = |ix: TermIndex| -> Vec<String> { g.alternatives.iter().filter(|a| a.index == ix).map(match_text).collect() };
        let (main, py) = (of(TermIndex::Main), of(TermIndex::Pinyin));
        let both = !main.is_empty() && !py.is_empty() && out.len() * 2 <= COMBOS;
        let mut next = vec![];
        for c in &out {
            if !main.is_empty() {
                let mut n = c.clone();
                n.main.push(any(&main));
                next.push(n);
            }
            if (both || main.is_empty()) && !py.is_empty() {
                let mut n = c.clone();
                n.pinyin.push(any(&py));
                next.push(n);
            }
        }
        out = next;
    }
    out
}

fn any(v: &[String]) -> String {
    if let [one] = v { one.clone() } else { format!("({})", v.join(" OR ")) }
}

/// FTS5 syntax; terms are letters, digits and Han only.
fn match_text(a: &rapport_text::terms::Alternative) -> String {
    if a.phrase {
        let words: Vec<&str> = a.terms.iter().map(|t| t.text.as_str()).collect();
        return format!("\"{}\"", words.join(" "));
    }
    let words: Vec<String> = a.terms.iter().map(|t| format!("\"{}\"{}", t.text, if t.prefix { "*" } else { "" })).collect();
    if let [one] = &words[..] { one.clone() } else { format!("({})", words.join(" AND ")) }
}

/// `tsquery` syntax.
fn tsquery(q: &Query) -> String {
    let term = |t: &rapport_text::terms::QueryTerm| format!("'{}'{}", t.text, if t.prefix { ":*" } else { "" });
    let alternative = |a: &rapport_text::terms::Alternative| {
        let words: Vec<String> = a.terms.iter().map(term).collect();
        format!("({})", words.join(if a.phrase { " <-> " } else { " & " }))
    };
    let groups: Vec<String> = q
        .groups
        .iter()
        .map(|g| format!("({})", g.alternatives.iter().map(alternative).collect::<Vec<_>>().join(" | ")))
        .collect();
    groups.join(" & ")
}

/// What narrows candidates to those a rule may reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Narrow {
    /// Terms of owners and departments, any of which suffices; empty = not narrowed.
    pub terms: Vec<String>,
}

/// The terms of a rule: `Some` when owners and departments say it all but for single shared records.
pub(crate) fn narrow(o: &ObjectDef, rule: &RowRule) -> Option<Narrow> {
    let mut terms = vec![];
    if rule.is_all() {
        return None;
    }
    for w in rule.ways() {
        match w {
            Reached::Owner(v) if o.field("owner_id").is_some() => {
                terms.extend(v.iter().map(|i| format!("zo{}", i.record().0.simple())));
            }
            Reached::Dept(v) if o.field("dept_id").is_some() => {
                terms.extend(v.iter().map(|i| format!("zd{}", i.record().0.simple())));
            }
            // Added as ids by the caller.
            Reached::Team { .. } | Reached::Shared { .. } | Reached::Ids(_) => {}
            _ => return None,
        }
    }
    (!terms.is_empty() && terms.len() <= 200).then_some(Narrow { terms })
}

/// A query for the places (row numbers or ids, column `tail`) of rows that match, newest first, at most `cap`.
pub(crate) fn candidates(
    cx: &mut Cx<'_>,
    object: &str,
    q: &Query,
    narrow: Option<&Narrow>,
    only: Option<&str>,
    cap: u32,
) -> String {
    if q.groups.is_empty() {
        return "SELECT NULL AS tail WHERE 1=0".into();
    }
    let d = &cx.shared.dialect;
    let main = cx.table(&main_table(object));
    if d.is_pg() {
        let mut text = tsquery(q);
        if let Some(n) = narrow {
            let t: Vec<String> = n.terms.iter().map(|t| format!("'{t}'")).collect();
            text = format!("({text}) & ({})", t.join(" | "));
        }
        let p = cx.sql.slot(Param::Text(text));
        let only = only.map_or(String::new(), |o| format!(" AND f.id IN ({o})"));
        // The cap comes before the order: a common word must not cost a sort of all its rows.
        return format!(
            "SELECT x.id AS tail FROM (SELECT f.id FROM {main} f WHERE f.terms @@ CAST({p} AS tsquery){only} LIMIT {}) x ORDER BY x.id DESC LIMIT {cap}",
            cap * 8
        );
    }
    let py = cx.table(&pinyin_table(object));
    let acl = narrow.map(|n| any(&n.terms.iter().map(|t| format!("\"{t}\"")).collect::<Vec<_>>()));
    let mut parts = vec![];
    for c in combos(q) {
        let text = |v: &[String]| v.iter().chain(acl.as_ref()).cloned().collect::<Vec<_>>().join(" AND ");
        let (first, second) = if c.main.is_empty() { (&py, None) } else { (&main, (!c.pinyin.is_empty()).then_some(&py)) };
        let a = cx.sql.slot(Param::Text(text(if c.main.is_empty() { &c.pinyin } else { &c.main })));
        let mut s = format!("SELECT rowid AS tail FROM {first} WHERE {first} MATCH {a}");
        if let Some(second) = second {
            let b = cx.sql.slot(Param::Text(c.pinyin.join(" AND ")));
            s.push_str(&format!(" AND rowid IN (SELECT rowid FROM {second} WHERE {second} MATCH {b})"));
        }
        if let Some(o) = only {
            s.push_str(&format!(" AND rowid IN ({o})"));
        }
        parts.push(format!("SELECT * FROM ({s} ORDER BY rowid DESC LIMIT {cap})"));
    }
    if let [one] = &parts[..] {
        one.clone()
    } else {
        format!("SELECT tail FROM ({}) ORDER BY tail DESC LIMIT {cap}", parts.join(" UNION "))
    }
}

/// The condition that the row `t` matches what was typed into a list's search box.
pub(crate) fn within(cx: &mut Cx<'_>, object: &ObjectDef, typed: &str) -> String {
    let q = query_terms(typed);
    if q.groups.is_empty() {
        return "1=0".into();
    }
    let (tail, _) = cx.shared.dialect.tail();
    let main = cx.table(&main_table(&object.name));
    if cx.shared.dialect.is_pg() {
        let p = cx.sql.slot(Param::Text(tsquery(&q)));
        return format!("{} IN (SELECT f.id FROM {main} f WHERE f.terms @@ CAST({p} AS tsquery))", col("t", tail));
    }
    let py = cx.table(&pinyin_table(&object.name));
    let parts: Vec<String> = combos(&q)
        .iter()
        .map(|c| {
            let mut one = vec![];
            for (table, words) in [(&main, &c.main), (&py, &c.pinyin)] {
                if !words.is_empty() {
                    let p = cx.sql.slot(Param::Text(words.join(" AND ")));
                    one.push(format!("{} IN (SELECT rowid FROM {table} WHERE {table} MATCH {p})", col("t", tail)));
                }
            }
            format!("({})", one.join(" AND "))
        })
        .collect();
    or(&parts)
}
