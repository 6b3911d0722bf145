//! Search terms of rows written in a transaction, kept until its end: the index is written once for all of them. SQLite's full-text
//! index goes to disk at every savepoint it has something in; PostgreSQL would need a round trip for each row.

use std::collections::BTreeMap;

use rapport_schema::{Record, RecordId};
use smallvec::SmallVec;
use smol_str::SmolStr;

use crate::{Result, Tx, fts, layout::Layout, shared::Shared, sql::Built};

/// Rows of one statement on PostgreSQL.
const ROWS: usize = 64;

/// What became of the terms of one row.
#[derive(Debug)]
pub(crate) struct Terms {
    object: SmolStr,
    id: RecordId,
    /// Row number (SQLite).
    rid: i64,
    /// The row is of this transaction: the index does not know it yet.
    fresh: bool,
    /// Main and pinyin terms, each only when it changed; none = the row goes.
    texts: Option<(Option<String>, Option<String>)>,
}

/// Takes note of the terms of a new row; `rid` is its row number on SQLite.
pub(crate) fn inserted(tx: &mut Tx, l: &Layout, r: &Record, rid: i64) {
    let (main, pinyin) = fts::document(l, r, tx.shared.dialect.is_pg());
    let texts = Some((Some(main), Some(pinyin)));
    tx.terms.push(Terms { object: l.object.name.as_str().into(), id: r.id, rid, fresh: true, texts });
}

/// Takes note of the terms of a changed row, as far as they differ from those of the `old` one; without it, of all.
pub(crate) async fn changed(tx: &mut Tx, l: &Layout, old: Option<&Record>, new: &Record) -> Result<()> {
    let of = |r: &Record| fts::document(l, r, tx.shared.dialect.is_pg());
    let ((main, pinyin), before) = (of(new), old.map(of));
    let differs = |now: String, then: Option<&String>| Some(now).filter(|now| then != Some(now));
    let main = differs(main, before.as_ref().map(|b| &b.0));
    let pinyin = differs(pinyin, before.as_ref().map(|b| &b.1));
    if main.is_none() && pinyin.is_none() {
        return Ok(());
    }
    later(tx, l, new.id, Some((main, pinyin))).await
}

/// Takes note that a row goes; asked before it does.
pub(crate) async fn removed(tx: &mut Tx, l: &Layout, id: RecordId) -> Result<()> {
    later(tx, l, id, None).await
}

async fn later(tx: &mut Tx, l: &Layout, id: RecordId, texts: Option<(Option<String>, Option<String>)>) -> Result<()> {
    let name = &l.object.name;
    let shared = tx.shared.clone();
    let rid = if shared.dialect.is_pg() {
        Some(0)
    } else {
        let mut s = Tx::sql(&shared);
        s.raw("SELECT rid FROM ").table(name).raw(" WHERE id = ").id(id);
        tx.one(s.done(), |r| r.int(0)).await?.flatten()
    };
    if let Some(rid) = rid {
        tx.terms.push(Terms { object: name.as_str().into(), id, rid, fresh: false, texts });
    }
    Ok(())
}

/// Writes what was noted: the last of each row, object by object.
pub(crate) async fn write(tx: &mut Tx) -> Result<()> {
    let mut last: BTreeMap<(SmolStr, RecordId), Terms> = BTreeMap::new();
    for mut t in std::mem::take(&mut tx.terms) {
        let at = (t.object.clone(), t.id);
        if let Some(before) = last.remove(&at) {
            t.fresh |= before.fresh;
            // What the later change left alone is as the earlier one made it.
            if let (Some((main, pinyin)), Some(then)) = (&mut t.texts, before.texts) {
                *main = main.take().or(then.0);
                *pinyin = pinyin.take().or(then.1);
            }
        }
        last.insert(at, t);
    }
    // A row that came and went was never there.
    let mut all: Vec<Terms> = last.into_values().filter(|t| !(t.fresh && t.texts.is_none())).collect();
    // SQLite's index wants rising row numbers: one that is lower than the last makes it write out what it holds.
    all.sort_by(|a, b| (&a.object, a.rid).cmp(&(&b.object, b.rid)));
    let shared = tx.shared.clone();
    if !shared.dialect.is_pg() {
        for t in &all {
            for (table, q) in lite(&shared, t) {
                tx.exec(&q).await?;
                if !tx.unmerged.contains(&table) {
                    tx.unmerged.insert(table);
                }
            }
        }
        return Ok(());
    }
    for same in all.chunk_by(|a, b| a.object == b.object && a.texts.is_some() == b.texts.is_some()) {
        let mut rest = same;
        while !rest.is_empty() {
            // Few statement texts: powers of two.
            let (now, later) = rest.split_at(1 << rest.len().min(ROWS).ilog2());
            tx.exec(&postgres(&shared, now)).await?;
            rest = later;
        }
    }
    Ok(())
}

/// The statements for a row's terms, each with its table.
fn lite(shared: &Shared, t: &Terms) -> SmallVec<[(String, Built); 2]> {
    let tables = [fts::main_table(&t.object), fts::pinyin_table(&t.object)];
    let gone = |table: String| {
        let mut s = Tx::sql(shared);
        s.raw("DELETE FROM ").name(&table).raw(" WHERE rowid = ").int(t.rid);
        (table, s.done())
    };
    let Some((main, pinyin)) = &t.texts else { return tables.into_iter().map(gone).collect() };
    let written = |(table, text): (String, &Option<String>)| {
        let text = text.as_ref()?;
        let mut s = Tx::sql(shared);
        s.raw(if t.fresh { "INSERT INTO " } else { "INSERT OR REPLACE INTO " }).name(&table);
        s.raw("(rowid, x) VALUES (").int(t.rid).raw(",").str(text.trim_start()).raw(")");
        Some((table, s.done()))
    };
    tables.into_iter().zip([main, pinyin]).filter_map(written).collect()
}

/// Pages of an index that are merged at once while nobody waits: a few milliseconds.
const STEP: i64 = 64;

/// Merges a little of an index that was written (SQLite): each commit leaves a piece of its own, and a search looks into every
/// piece. Left to themselves, commits would do it, and now and then one would wait for a large merge.
pub(crate) async fn merge(tx: &mut Tx) -> Result<()> {
    let Some(table) = tx.unmerged.pop_first() else { return Ok(()) };
    let shared = tx.shared.clone();
    let mut s = Tx::sql(&shared);
    s.raw("INSERT INTO ").name(&table).raw("(").name(&table).raw(", rank) VALUES ('merge', ").int(STEP).raw(")");
    let q = s.done();
    tx.begin().await?;
    let before = tx.rows_changed();
    let done = match tx.exec(&q).await {
        Ok(_) => tx.commit().await,
        e => e.map(drop),
    };
    if done.is_err() {
        tx.rollback().await?;
    } else if tx.rows_changed() >= before + 2 {
        // FTS5's word for "there was something to merge".
        tx.unmerged.insert(table);
    }
    done
}

fn postgres(shared: &Shared, rows: &[Terms]) -> Built {
    let table = fts::main_table(&rows[0].object);
    let mut s = Tx::sql(shared);
    if rows[0].texts.is_none() {
        s.raw("DELETE FROM ").table(&table).raw(" WHERE id IN (");
        for (i, t) in rows.iter().enumerate() {
            s.raw(if i == 0 { "" } else { "," }).id(t.id);
        }
        s.raw(")");
        return s.done();
    }
    s.raw("INSERT INTO ").table(&table).raw("(id, terms) VALUES ");
    for (i, t) in rows.iter().enumerate() {
        let main = t.texts.as_ref().and_then(|(m, _)| m.as_deref()).unwrap_or_default();
        s.raw(if i == 0 { "(" } else { ",(" }).id(t.id).raw(",CAST(").str(main).raw(" AS tsvector))");
    }
    s.raw(" ON CONFLICT (id) DO UPDATE SET terms = excluded.terms");
    s.done()
}
