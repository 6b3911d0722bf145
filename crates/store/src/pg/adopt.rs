//! A SQLite workspace brought into a schema of PostgreSQL: every table as it is, in one transaction, read back and compared.
//! The search index is another one there; it is marked stale and filled by whoever opens the workspace next.

use std::{fmt::Write as _, path::Path};

use bytes::Bytes;
use futures::{SinkExt, TryStreamExt, pin_mut};
use rapport_schema::plan::{Catalogue, TableKind};
use rusqlite::{Connection, OpenFlags, types::ValueRef};
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use tokio_postgres::Transaction;

use super::{copy::names, pool};
use crate::{Result, StoreError, ddl, dialect::Dialect, fts, migrate, sql::quote};

/// The engine's own tables that hold content, with their columns.
const SYSTEM: [(&str, &[&str]); 5] = [
    ("_meta", &["key", "value"]),
    ("_counter", &["name", "value"]),
    (
        "_log",
        &["seq", "at", "object", "record", "op", "version", "actor", "via", "trace", "batch", "act", "reason", "before", "after"],
    ),
    ("_seal", &["last", "first", "hashes", "at"]),
    ("_doc", &["kind", "key", "owner", "body", "expires"]),
];

/// Bytes sent at once.
const CHUNK: usize = 1 << 16;

/// What a table holds, whatever the order of its rows: their number and the sum of their hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Sum {
    rows: u64,
    hash: [u64; 4],
}

impl Sum {
    fn add(&mut self, line: &[u8]) {
        self.rows += 1;
        let h = Sha256::digest(line);
        for (sum, part) in self.hash.iter_mut().zip(h.chunks_exact(8)) {
            *sum = sum.wrapping_add(part.iter().fold(0, |n, b| n << 8 | u64::from(*b)));
        }
    }
}

/// One value in PostgreSQL's COPY text format.
fn cell(v: ValueRef<'_>, out: &mut String) -> Result<()> {
    match v {
        ValueRef::Null => out.push_str("\\N"),
        ValueRef::Integer(n) => write!(out, "{n}").map_err(|e| StoreError::Driver(e.to_string()))?,
        ValueRef::Text(t) => {
            let t = std::str::from_utf8(t).map_err(|_| StoreError::Corrupt("a stored text is no UTF-8".into()))?;
            for c in t.chars() {
                match c {
                    '\\' => out.push_str("\\\\"),
                    '\n' => out.push_str("\\n"),
                    '\r' => out.push_str("\\r"),
                    '\t' => out.push_str("\\t"),
                    '\u{8}' => out.push_str("\\b"),
                    '\u{b}' => out.push_str("\\v"),
                    '\u{c}' => out.push_str("\\f"),
                    '\0' => return Err(StoreError::Driver("a stored text holds a NUL, which PostgreSQL cannot keep".into())),
                    c => out.push(c),
                }
            }
        }
        ValueRef::Blob(b) => {
            let id = <[u8; 16]>::try_from(b).map_err(|_| StoreError::Corrupt("a stored id has not 16 bytes".into()))?;
            write!(out, "{}", uuid::Uuid::from_bytes(id).hyphenated()).map_err(|e| StoreError::Driver(e.to_string()))?;
        }
        ValueRef::Real(_) => return Err(StoreError::Corrupt("a stored number is a float".into())),
    }
    Ok(())
}

/// Reads a table of the file and sends its rows as lines.
fn read(c: &Connection, table: &str, columns: &[String], to: &mpsc::Sender<Bytes>) -> Result<Sum> {
    let mut name = String::new();
    quote(table, &mut name);
    let mut s = c.prepare(&format!("SELECT {} FROM {name}", names(columns)))?;
    let mut rows = s.query([])?;
    let (mut sum, mut buf, mut line) = (Sum::default(), Vec::with_capacity(CHUNK * 2), String::new());
    let gone = || StoreError::Unavailable("the copy was given up".into());
    while let Some(r) = rows.next()? {
        line.clear();
        for i in 0..columns.len() {
            if i > 0 {
                line.push('\t');
            }
            cell(r.get_ref(i)?, &mut line)?;
        }
        sum.add(line.as_bytes());
        buf.extend_from_slice(line.as_bytes());
        buf.push(b'\n');
        if buf.len() >= CHUNK {
            to.blocking_send(std::mem::take(&mut buf).into()).map_err(|_| gone())?;
        }
    }
    if !buf.is_empty() {
        to.blocking_send(buf.into()).map_err(|_| gone())?;
    }
    Ok(sum)
}

/// Brings one table over; answers what was sent.
async fn send(t: &Transaction<'_>, file: &Path, schema: &str, table: &str, columns: &[String]) -> Result<Sum> {
    let (to, mut from) = mpsc::channel::<Bytes>(8);
    let (at, name, cols) = (file.to_path_buf(), table.to_owned(), columns.to_vec());
    let reading = tokio::task::spawn_blocking(move || {
        let c = Connection::open_with_flags(&at, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        read(&c, &name, &cols, &to)
    });
    let mut quoted = String::new();
    Dialect::Postgres { schema: schema.into() }.table(table, &mut quoted);
    let sink = t.copy_in::<_, Bytes>(&format!("COPY {quoted} ({}) FROM STDIN", names(columns))).await?;
    pin_mut!(sink);
    while let Some(chunk) = from.recv().await {
        sink.send(chunk).await?;
    }
    let sum = reading.await.map_err(|e| StoreError::Driver(e.to_string()))??;
    sink.finish().await?;
    Ok(sum)
}

/// Reads a table back.
async fn read_back(t: &Transaction<'_>, schema: &str, table: &str, columns: &[String]) -> Result<Sum> {
    let mut quoted = String::new();
    Dialect::Postgres { schema: schema.into() }.table(table, &mut quoted);
    let stream = t.copy_out(&format!("COPY {quoted} ({}) TO STDOUT", names(columns))).await?;
    pin_mut!(stream);
    let (mut sum, mut rest) = (Sum::default(), Vec::new());
    while let Some(chunk) = stream.try_next().await? {
        for piece in chunk.split_inclusive(|b| *b == b'\n') {
            rest.extend_from_slice(piece);
            if rest.last() == Some(&b'\n') {
                rest.pop();
                sum.add(&rest);
                rest.clear();
            }
        }
    }
    Ok(sum)
}

/// Whether a file is a SQLite database.
pub(crate) fn is_sqlite(file: &Path) -> bool {
    use std::io::Read as _;
    let mut head = [0; 16];
    std::fs::File::open(file).and_then(|mut f| f.read_exact(&mut head)).is_ok() && &head == b"SQLite format 3\0"
}

/// Brings a SQLite workspace (a backup: nobody writes to it) into a schema that does not exist yet.
pub(crate) async fn adopt(url: &str, schema: &str, file: &Path) -> Result<()> {
    let at = file.to_path_buf();
    let (format, catalogue) = tokio::task::spawn_blocking(move || {
        let c = Connection::open_with_flags(&at, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let found: String = c.query_row("PRAGMA integrity_check(1)", [], |r| r.get(0))?;
        if found != "ok" {
            return Err(StoreError::Corrupt(format!("the file does not verify: {found}")));
        }
        let meta = |k: &str| c.query_row("SELECT value FROM _meta WHERE key = ?1", [k], |r| r.get::<_, String>(0));
        Ok((meta("format")?, meta("catalogue")?))
    })
    .await
    .map_err(|e| StoreError::Driver(e.to_string()))??;
    let found = format.parse().unwrap_or(i64::MAX);
    if found > migrate::FORMAT {
        return Err(StoreError::Newer { found, known: migrate::FORMAT });
    }
    let catalogue: Catalogue = serde_json::from_str(&catalogue).map_err(|e| StoreError::Corrupt(format!("catalogue: {e}")))?;

    let d = Dialect::Postgres { schema: schema.into() };
    let pool = pool(url, 1)?;
    let mut c = pool.get().await?;
    let t = c.transaction().await?;
    let mut quoted = String::new();
    quote(schema, &mut quoted);
    t.batch_execute(&format!("CREATE SCHEMA {quoted}")).await?;
    for s in ddl::system(&d) {
        t.batch_execute(&s).await?;
    }
    let mut tables: Vec<(String, Vec<String>)> =
        SYSTEM.iter().map(|(n, c)| ((*n).to_owned(), c.iter().map(|c| (*c).to_owned()).collect())).collect();
    for x in catalogue.tables.values() {
        t.batch_execute(&ddl::create_table(&d, x)).await?;
        if let TableKind::Object(o) = &x.kind {
            for s in fts::create(&d, o) {
                t.batch_execute(&s).await?;
            }
        }
        tables.push((x.name.clone(), x.columns.iter().map(|c| c.name.clone()).collect()));
    }
    for (table, columns) in &tables {
        let sent = send(&t, file, schema, table, columns).await?;
        let arrived = read_back(&t, schema, table, columns).await?;
        if sent != arrived {
            return Err(StoreError::Corrupt(format!(
                "{table} arrived with {} rows instead of {}, or changed",
                arrived.rows, sent.rows
            )));
        }
        tracing::debug!(table, rows = sent.rows, "copied and compared");
    }
    for x in catalogue.tables.values() {
        for i in x.indexes.values() {
            t.batch_execute(&ddl::create_index(&d, x, i)).await?;
        }
    }
    let mut meta = String::new();
    d.table("_meta", &mut meta);
    t.batch_execute(&format!("INSERT INTO {meta} (key, value) VALUES ('{}', 'stale')", fts::STATE)).await?;
    t.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_written_as_postgresql_writes_them() {
        let of = |v: ValueRef<'_>| {
            let mut s = String::new();
            cell(v, &mut s).map(|()| s)
        };
        assert_eq!(of(ValueRef::Null).unwrap(), "\\N");
        assert_eq!(of(ValueRef::Integer(-5)).unwrap(), "-5");
        assert_eq!(of(ValueRef::Text("a\tb\\c\n北".as_bytes())).unwrap(), "a\\tb\\\\c\\n北");
        assert_eq!(of(ValueRef::Blob(&[0x11; 16])).unwrap(), "11111111-1111-1111-1111-111111111111");
        assert!(of(ValueRef::Text(b"a\0b")).is_err());
        assert!(of(ValueRef::Blob(&[1, 2])).is_err());
        assert!(of(ValueRef::Real(1.5)).is_err());
    }

    #[test]
    fn sums_do_not_know_the_order_and_know_every_byte() {
        let of = |lines: &[&str]| {
            let mut s = Sum::default();
            for l in lines {
                s.add(l.as_bytes());
            }
            s
        };
        assert_eq!(of(&["a", "b"]), of(&["b", "a"]));
        assert_ne!(of(&["a", "b"]), of(&["a", "c"]));
        assert_ne!(of(&["a"]), of(&["a", "a"]));
    }
}
