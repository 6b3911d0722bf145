//! Statements that make tables, columns and indexes, and the engine's own tables.

use rapport_schema::{
    physical::Class,
    plan::{ColumnDef, IndexCond, IndexDef, IndexKey, Table, TableKind},
};

use crate::{dialect::Dialect, sql::quote};

fn column(d: &Dialect, c: &ColumnDef, out: &mut String) {
    quote(&c.name, out);
    out.push(' ');
    out.push_str(d.ty(c.class));
    if c.not_null {
        out.push_str(" NOT NULL");
    }
    if let Some(n) = c.default {
        out.push_str(&format!(" DEFAULT {n}"));
    }
}

/// `CREATE TABLE`. On SQLite an object's table is ordered by a row number (`rid`), so that rows lie in the order they came and
/// indexes hold eight bytes a row instead of sixteen.
pub(crate) fn create_table(d: &Dialect, t: &Table) -> String {
    let mut s = String::from("CREATE TABLE ");
    d.table(&t.name, &mut s);
    s.push_str(" (");
    let rid = !d.is_pg() && matches!(t.kind, TableKind::Object(_));
    if rid {
        s.push_str("rid INTEGER PRIMARY KEY");
    }
    for (i, c) in t.columns.iter().enumerate() {
        if rid || i > 0 {
            s.push_str(", ");
        }
        column(d, c, &mut s);
    }
    s.push_str(if rid { ", UNIQUE (" } else { ", PRIMARY KEY (" });
    keys(&t.primary_key, &mut s);
    s.push_str("))");
    if !rid && !d.is_pg() {
        s.push_str(" WITHOUT ROWID");
    }
    s
}

fn keys(names: &[String], s: &mut String) {
    for (i, k) in names.iter().enumerate() {
        if i > 0 {
            s.push_str(", ");
        }
        quote(k, s);
    }
}

/// `ALTER TABLE … ADD COLUMN`: one column a statement, which both databases do without touching the rows.
pub(crate) fn add_column(d: &Dialect, table: &str, c: &ColumnDef) -> String {
    let mut s = String::from("ALTER TABLE ");
    d.table(table, &mut s);
    s.push_str(" ADD COLUMN ");
    column(d, c, &mut s);
    s
}

/// `CREATE INDEX`. PostgreSQL's plain indexes on objects end in the id, so that a page of equal keys can be walked in order;
/// SQLite's have the row number there anyway.
pub(crate) fn create_index(d: &Dialect, t: &Table, i: &IndexDef) -> String {
    let mut s = String::from(if i.unique { "CREATE UNIQUE INDEX " } else { "CREATE INDEX " });
    quote(&i.name, &mut s);
    s.push_str(" ON ");
    d.table(&t.name, &mut s);
    s.push_str(" (");
    for (n, k) in i.keys.iter().enumerate() {
        if n > 0 {
            s.push_str(", ");
        }
        match k {
            IndexKey::Col(c) => quote(c, &mut s),
            IndexKey::OrEmpty(c) => {
                s.push_str("coalesce(");
                quote(c, &mut s);
                s.push_str(", '')");
            }
        }
    }
    if d.is_pg() && !i.unique && matches!(t.kind, TableKind::Object(_)) {
        s.push_str(", \"id\"");
    }
    s.push(')');
    for (n, c) in i.filter.iter().enumerate() {
        s.push_str(if n == 0 { " WHERE " } else { " AND " });
        match c {
            IndexCond::NotNull(c) => {
                quote(c, &mut s);
                s.push_str(" IS NOT NULL");
            }
            IndexCond::True(c) => {
                quote(c, &mut s);
                s.push_str(" = 1");
            }
            IndexCond::Live => s.push_str("deleted_at IS NULL"),
        }
    }
    s
}

/// `DROP INDEX`.
pub(crate) fn drop_index(d: &Dialect, name: &str) -> String {
    let mut s = String::from("DROP INDEX IF EXISTS ");
    d.table(name, &mut s);
    s
}

/// The engine's own tables: settings, counters, change log, seals, documents, locks.
pub(crate) fn system(d: &Dialect) -> Vec<String> {
    let (int, text, id) = (d.ty(Class::Int), d.ty(Class::Text), d.ty(Class::Id));
    let compact = if d.is_pg() { "" } else { " WITHOUT ROWID" };
    let t = |n: &str| {
        let mut s = String::new();
        d.table(n, &mut s);
        s
    };
    let mut v = vec![
        format!("CREATE TABLE {} (key {text} NOT NULL PRIMARY KEY, value {text} NOT NULL){compact}", t("_meta")),
        format!("CREATE TABLE {} (name {text} NOT NULL PRIMARY KEY, value {int} NOT NULL){compact}", t("_counter")),
        format!(
            "CREATE TABLE {} (seq {int} NOT NULL PRIMARY KEY, at {int} NOT NULL, object {text} NOT NULL, record {id} NOT NULL, \
             op {text} NOT NULL, version {int} NOT NULL, actor {id}, via {text} NOT NULL, trace {text}, batch {id}, act {text}, \
             reason {text}, before {text} NOT NULL, after {text} NOT NULL)",
            t("_log")
        ),
        format!("CREATE INDEX ix__log__record ON {} (record, seq)", t("_log")),
        format!("CREATE INDEX ix__log__batch ON {} (batch, seq) WHERE batch IS NOT NULL", t("_log")),
        // Chained hashes of a run of entries, as hexadecimal text, in order.
        format!(
            "CREATE TABLE {} (last {int} NOT NULL PRIMARY KEY, first {int} NOT NULL, hashes {text} NOT NULL, at {int} NOT NULL)",
            t("_seal")
        ),
        format!(
            "CREATE TABLE {} (kind {text} NOT NULL, key {text} NOT NULL, owner {id}, body {text} NOT NULL, expires {int}, PRIMARY KEY (kind, key)){compact}",
            t("_doc")
        ),
        format!("CREATE INDEX ix__doc__owner ON {} (kind, owner) WHERE owner IS NOT NULL", t("_doc")),
        format!("CREATE INDEX ix__doc__expires ON {} (expires) WHERE expires IS NOT NULL", t("_doc")),
    ];
    if d.is_pg() {
        v.push(format!("CREATE TABLE {} (bucket {int} NOT NULL PRIMARY KEY)", t("_lock")));
        // Which group a node committed last: asked when a connection broke during COMMIT.
        v.push(format!("CREATE TABLE {} (node {id} NOT NULL PRIMARY KEY, last {int} NOT NULL, at {int} NOT NULL)", t("_node")));
    }
    v
}
