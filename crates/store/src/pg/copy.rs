//! A logical copy of a schema: one file a table in PostgreSQL's COPY text format, and a manifest with counts and checksums.

use std::path::Path;

use futures::{SinkExt, TryStreamExt, pin_mut};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Backend, pool};
use crate::{Result, StoreError, dialect::Dialect, shared::Shared, sql::quote};

const MANIFEST: &str = "manifest.json";

/// What a copy holds.
#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    format: i64,
    tables: Vec<TableFile>,
    /// Statements that make tables (before the data) and indexes (after).
    before: Vec<String>,
    after: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct TableFile {
    name: String,
    columns: Vec<String>,
    rows: u64,
    sha256: String,
}

fn io(e: std::io::Error) -> StoreError {
    if e.kind() == std::io::ErrorKind::StorageFull { StoreError::Full } else { StoreError::Unavailable(e.to_string()) }
}

pub(super) fn names(v: &[String]) -> String {
    let mut s = String::new();
    for (i, n) in v.iter().enumerate() {
        if i > 0 {
            s.push(',');
        }
        quote(n, &mut s);
    }
    s
}

/// Stands for the schema in the manifest's statements, so that a copy can be put into another schema.
const SCHEMA: &str = "@schema@";

/// Copies a schema into the folder `to`, from one snapshot.
pub(crate) async fn out(b: &Backend, shared: &Shared, schema: &str, to: &Path) -> Result<()> {
    if to.exists() {
        return Err(StoreError::Unavailable(format!("{} exists already", to.display())));
    }
    let part = crate::backup::suffixed(to, ".part");
    // A copy that was cut off earlier is worth nothing.
    let _absent = tokio::fs::remove_dir_all(&part).await;
    tokio::fs::create_dir_all(&part).await.map_err(io)?;
    let done = write(b, shared, schema, &part).await;
    match done {
        Ok(()) => {
            tokio::fs::rename(&part, to).await.map_err(io)?;
            crate::backup::sync_folder(to)
        }
        Err(e) => {
            // What is left of a failed copy is worth nothing.
            let _left = tokio::fs::remove_dir_all(&part).await;
            Err(e)
        }
    }
}

async fn write(b: &Backend, shared: &Shared, schema: &str, dir: &Path) -> Result<()> {
    let mut c = b.readers.get().await?;
    let t = c.build_transaction().isolation_level(tokio_postgres::IsolationLevel::RepeatableRead).read_only(true).start().await?;
    let mut m = Manifest { format: crate::migrate::FORMAT, tables: vec![], before: vec![], after: vec![] };
    let found = t
        .query(
            "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT) FROM information_schema.columns WHERE table_schema = $1 ORDER BY table_name, ordinal_position",
            &[&schema],
        )
        .await?;
    for r in &found {
        let (table, column): (String, String) = (r.get(0), r.get(1));
        match m.tables.last_mut() {
            Some(x) if x.name == table => x.columns.push(column),
            _ => m.tables.push(TableFile { name: table, columns: vec![column], rows: 0, sha256: String::new() }),
        }
    }
    let stand_in = Dialect::Postgres { schema: "schema_of_copy".into() };
    m.before = crate::ddl::system(&stand_in);
    let cat = shared.catalogue();
    for x in cat.tables.values() {
        m.before.push(crate::ddl::create_table(&stand_in, x));
        m.after.extend(x.indexes.values().map(|i| crate::ddl::create_index(&stand_in, x, i)));
        if let rapport_schema::plan::TableKind::Object(o) = &x.kind {
            m.before.extend(crate::fts::create(&stand_in, o));
        }
    }
    for text in m.before.iter_mut().chain(&mut m.after) {
        *text = text.replace("\"schema_of_copy\"", SCHEMA);
    }
    for x in &mut m.tables {
        let mut table = String::new();
        shared.dialect.table(&x.name, &mut table);
        let stream = t.copy_out(&format!("COPY {table} ({}) TO STDOUT", names(&x.columns))).await?;
        pin_mut!(stream);
        let mut file = tokio::fs::File::create(dir.join(format!("{}.copy", x.name))).await.map_err(io)?;
        let mut hash = Sha256::new();
        while let Some(chunk) = stream.try_next().await? {
            // Line ends inside values are escaped: each line is a row.
            x.rows += chunk.iter().filter(|b| **b == b'\n').count() as u64;
            hash.update(&chunk);
            file.write_all(&chunk).await.map_err(io)?;
        }
        file.sync_all().await.map_err(io)?;
        x.sha256 = hex::encode(hash.finalize());
    }
    t.commit().await?;
    let text = serde_json::to_vec_pretty(&m).map_err(|e| StoreError::Driver(e.to_string()))?;
    let mut file = tokio::fs::File::create(dir.join(MANIFEST)).await.map_err(io)?;
    file.write_all(&text).await.map_err(io)?;
    file.sync_all().await.map_err(io)?;
    crate::backup::sync_folder(&dir.join(MANIFEST))?;
    check(dir, &m).await
}

/// Reads the files back and compares.
async fn check(dir: &Path, m: &Manifest) -> Result<()> {
    for x in &m.tables {
        let mut file = tokio::fs::File::open(dir.join(format!("{}.copy", x.name))).await.map_err(io)?;
        let (mut hash, mut buf) = (Sha256::new(), vec![0; 1 << 16]);
        loop {
            let n = file.read(&mut buf).await.map_err(io)?;
            if n == 0 {
                break;
            }
            hash.update(&buf[..n]);
        }
        if hex::encode(hash.finalize()) != x.sha256 {
            return Err(StoreError::Corrupt(format!("the copy of {} does not verify", x.name)));
        }
    }
    Ok(())
}

/// Puts a copy into a schema that does not exist yet, in one transaction.
pub(crate) async fn restore(url: &str, schema: &str, from: &Path) -> Result<()> {
    let text = tokio::fs::read(from.join(MANIFEST)).await.map_err(io)?;
    let m: Manifest = serde_json::from_slice(&text).map_err(|e| StoreError::Corrupt(format!("{MANIFEST}: {e}")))?;
    if m.format > crate::migrate::FORMAT {
        return Err(StoreError::Newer { found: m.format, known: crate::migrate::FORMAT });
    }
    check(from, &m).await?;
    let pool = pool(url, 1)?;
    let mut c = pool.get().await?;
    let t = c.transaction().await?;
    let mut quoted = String::new();
    quote(schema, &mut quoted);
    t.batch_execute(&format!("CREATE SCHEMA {quoted}")).await?;
    for s in &m.before {
        t.batch_execute(&s.replace(SCHEMA, &quoted)).await?;
    }
    for x in &m.tables {
        let mut table = String::new();
        Dialect::Postgres { schema: schema.into() }.table(&x.name, &mut table);
        let sink = t.copy_in::<_, bytes::Bytes>(&format!("COPY {table} ({}) FROM STDIN", names(&x.columns))).await?;
        pin_mut!(sink);
        let mut file = tokio::fs::File::open(from.join(format!("{}.copy", x.name))).await.map_err(io)?;
        loop {
            let mut buf = vec![0; 1 << 16];
            let n = file.read(&mut buf).await.map_err(io)?;
            if n == 0 {
                break;
            }
            buf.truncate(n);
            sink.send(buf.into()).await?;
        }
        let rows = sink.finish().await?;
        if rows != x.rows {
            return Err(StoreError::Corrupt(format!("{} has {rows} rows instead of {}", x.name, x.rows)));
        }
    }
    for s in &m.after {
        t.batch_execute(&s.replace(SCHEMA, &quoted)).await?;
    }
    t.commit().await?;
    Ok(())
}
