//! Looking for drift between tables and model, and for damage.

use std::{collections::BTreeSet, sync::atomic::Ordering};

use rapport_schema::{
    Model,
    plan::{self, Catalogue, TableKind},
};

use crate::{Db, DbStats, Result, Target, db::Back, dialect::Dialect, fts, log, migrate, reads::Reads, sql::Sql, tx::Conn};

/// Table and column, as the database has them; columns of indexes are not listed.
async fn columns(src: &mut impl Reads) -> Result<BTreeSet<(String, String)>> {
    let shared = src.shared().clone();
    let mut s = Sql::new(&shared.dialect);
    match &shared.dialect {
        Dialect::Sqlite => s.raw("SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'"),
        Dialect::Postgres { schema } => s
            .raw("SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT) FROM information_schema.columns WHERE table_schema = ")
            .str(schema),
    };
    pairs(src, s).await
}

/// Index and its table.
async fn indexes(src: &mut impl Reads) -> Result<BTreeSet<(String, String)>> {
    let shared = src.shared().clone();
    let mut s = Sql::new(&shared.dialect);
    match &shared.dialect {
        Dialect::Sqlite => s.raw("SELECT name, tbl_name FROM sqlite_schema WHERE type = 'index'"),
        Dialect::Postgres { schema } => s
            .raw("SELECT CAST(indexname AS TEXT), CAST(tablename AS TEXT) FROM pg_catalog.pg_indexes WHERE schemaname = ")
            .str(schema),
    };
    pairs(src, s).await
}

async fn pairs(src: &mut impl Reads, s: Sql<'_>) -> Result<BTreeSet<(String, String)>> {
    let q = s.done();
    src.fetch(q, BTreeSet::new(), |out, r| {
        out.insert((r.text(0).unwrap_or_default().to_owned(), r.text(1).unwrap_or_default().to_owned()));
        Ok(())
    })
    .await
}

async fn count(src: &mut impl Reads, s: Sql<'_>) -> Result<i64> {
    let q = s.done();
    src.fetch(q, 0, |n, r| {
        *n = r.int(0).unwrap_or(0);
        Ok(())
    })
    .await
}

/// Everything that is not as it should be, in plain words.
pub(crate) async fn examine(db: &Db, model: &Model) -> Result<Vec<String>> {
    let mut out = vec![];
    let mut src = db.clone();
    let want: Catalogue = plan::catalogue(model);
    let kept = db.write(|tx| Box::pin(async move { migrate::stored(tx).await })).await?;
    let (cols, ixs) = (columns(&mut src).await?, indexes(&mut src).await?);
    for t in want.tables.values() {
        if !cols.iter().any(|(n, _)| *n == t.name) {
            out.push(format!("table {} is missing", t.name));
            continue;
        }
        for c in t.columns.iter().filter(|c| !cols.contains(&(t.name.clone(), c.name.clone()))) {
            out.push(format!("column {}.{} is missing", t.name, c.name));
        }
        for i in t.indexes.keys().filter(|i| !ixs.contains(&((*i).clone(), t.name.clone()))) {
            out.push(format!("index {i} is missing"));
        }
        let known =
            |c: &str| [&want, &kept].iter().filter_map(|k| k.tables.get(&t.name)).any(|t| t.columns.iter().any(|x| x.name == c));
        // SQLite's rows have a number of their own, for the search index.
        for (_, c) in cols.iter().filter(|(n, c)| *n == t.name && c != "rid" && !known(c)) {
            out.push(format!("column {}.{c} is in the database and in no model: it was added by hand", t.name));
        }
        if let TableKind::Object(o) = &t.kind
            && !cols.iter().any(|(n, _)| *n == fts::main_table(o))
        {
            out.push(format!("search index of {o} is missing"));
        }
        if let TableKind::Link { object, .. } = &t.kind {
            let shared = src.shared().clone();
            let mut s = Sql::new(&shared.dialect);
            s.raw("SELECT count(*) FROM ")
                .table(&t.name)
                .raw(" l LEFT JOIN ")
                .table(object)
                .raw(" t ON t.id = l.record WHERE t.id IS NULL");
            let n = count(&mut src, s).await?;
            if n > 0 {
                out.push(format!("{n} rows of {} belong to no record", t.name));
            }
        }
    }
    out.extend(integrity(db).await?);
    if let Err(m) = crate::seal::verify(&mut src, None).await? {
        out.push(format!("change log: {m}"));
    }
    Ok(out)
}

/// The database's own check of its pages (SQLite).
async fn integrity(db: &Db) -> Result<Vec<String>> {
    match &db.0.back {
        Back::Lite { .. } => {
            // In the writer: the readers' limit of time is too short for a large file.
            let found = db
                .write(|tx| {
                    Box::pin(async move {
                        let Conn::Lite(c) = &tx.conn else { return Ok(vec![]) };
                        let mut s = c.prepare("PRAGMA integrity_check(20)")?;
                        let rows = s.query_map([], |r| r.get::<_, String>(0))?;
                        Ok(rows.collect::<std::result::Result<Vec<_>, _>>()?)
                    })
                })
                .await?;
            Ok(found.into_iter().filter(|m| m != "ok").map(|m| format!("database file: {m}")).collect())
        }
        Back::Pg(_) => Ok(vec![]),
    }
}

/// Figures of a workspace.
pub(crate) async fn stats(db: &Db) -> Result<DbStats> {
    let shared = &db.0.shared;
    let bytes = match &db.0.target {
        Target::Sqlite(path) => ["", "-wal"]
            .iter()
            .filter_map(|x| {
                let mut p = path.clone().into_os_string();
                p.push(x);
                std::fs::metadata(p).ok()
            })
            .map(|m| m.len())
            .sum(),
        Target::Postgres { schema, .. } => {
            let mut s = Sql::new(&shared.dialect);
            s.raw("SELECT CAST(coalesce(sum(pg_total_relation_size(c.oid)), 0) AS BIGINT) FROM pg_catalog.pg_class c ");
            s.raw("JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname = ").str(schema);
            u64::try_from(count(&mut db.clone(), s).await?).unwrap_or(0)
        }
    };
    Ok(DbStats {
        backend: if shared.dialect.is_pg() { "postgres" } else { "sqlite" },
        bytes,
        seq: log::last(&mut db.clone()).await?,
        queued: shared.queued.load(Ordering::Relaxed),
        commits: shared.commit_count.load(Ordering::Relaxed),
        jobs: shared.job_count.load(Ordering::Relaxed),
        hears: shared.hears.load(Ordering::Relaxed),
    })
}
