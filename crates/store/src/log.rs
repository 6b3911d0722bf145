//! The change log: append-only, numbered at the end of the transaction, so that the order of numbers is the order of commits.

use std::sync::Arc;

use rapport_schema::{Actor, Cause, Change, ChangeOp, Millis, ObjectName, Seq, UserId, Via};
use serde_json::value::RawValue;

use crate::{
    ChangeQuery, ChangeRow, Committed, Result, StoreError, Tx,
    reads::Reads,
    row::Row,
    shared::Shared,
    sql::{Built, Param, Sql},
};

/// The counter row of the log.
pub(crate) const COUNTER: &str = "log";

const COLS: &str = "seq,at,object,record,op,version,actor,via,trace,batch,act,reason,before,after";

/// Numbers and writes the transaction's entries. Must be the last thing before the commit: on PostgreSQL the counter's row lock
/// makes other nodes' groups wait here until this one is committed, so no reader sees a later number before an earlier one.
pub(crate) async fn write(tx: &mut Tx) -> Result<Option<Committed>> {
    if tx.log.is_empty() {
        return Ok(None);
    }
    let shared = tx.shared.clone();
    let mut changes = std::mem::take(&mut tx.log);
    let n = i64::try_from(changes.len()).unwrap_or(i64::MAX);
    let mut s = Tx::sql(&shared);
    s.raw("UPDATE ")
        .table("_counter")
        .raw(" SET value = value + ")
        .int(n)
        .raw(" WHERE name = ")
        .str(COUNTER)
        .raw(" RETURNING value");
    let last = tx
        .one(s.done(), |r| r.int(0))
        .await?
        .flatten()
        .ok_or_else(|| StoreError::Corrupt("the change log's counter is missing".into()))?;
    for (c, seq) in changes.iter_mut().zip(last - n + 1..) {
        c.seq = Seq(seq);
    }
    let mut rest = &changes[..];
    while !rest.is_empty() {
        // Few statement texts: powers of two, one row a statement where a round trip costs nothing.
        let take = if shared.dialect.is_pg() { prev_power_of_two(rest.len().min(64)) } else { 1 };
        let (now, later) = rest.split_at(take);
        tx.exec(&insert(&shared, now)).await?;
        rest = later;
    }
    Ok(Some(Committed { from: Seq(last - n + 1), to: Seq(last), changes: Arc::new(changes) }))
}

fn prev_power_of_two(n: usize) -> usize {
    1 << (usize::BITS - 1 - n.leading_zeros())
}

fn insert(shared: &Shared, changes: &[Change]) -> Built {
    let mut s = Tx::sql(shared);
    s.raw("INSERT INTO ").table("_log").raw("(").raw(COLS).raw(") VALUES ");
    for (i, c) in changes.iter().enumerate() {
        s.raw(if i == 0 { "(" } else { ",(" });
        s.int(c.seq.0).raw(",").int(c.at.0).raw(",").str(&c.object).raw(",").id(c.id).raw(",").str(c.op.code()).raw(",");
        s.int(c.version).raw(",").bind(Param::id(c.actor.user.map(UserId::record))).raw(",").str(via_code(c.actor.via)).raw(",");
        s.bind(Param::text(c.cause.trace.as_deref())).raw(",").bind(Param::id(c.cause.batch)).raw(",");
        s.bind(Param::text(c.cause.act.as_deref())).raw(",").bind(Param::text(c.cause.reason.as_deref())).raw(",");
        s.str(c.before.get()).raw(",").str(c.after.get()).raw(")");
    }
    s.done()
}

/// Stored code of a door.
pub(crate) const fn via_code(v: Via) -> &'static str {
    match v {
        Via::Web => "web",
        Via::Mobile => "mobile",
        Via::Api => "api",
        Via::Import => "import",
        Via::Automation => "automation",
        Via::System => "system",
    }
}

fn via_of(s: &str) -> Option<Via> {
    Some(match s {
        "web" => Via::Web,
        "mobile" => Via::Mobile,
        "api" => Via::Api,
        "import" => Via::Import,
        "automation" => Via::Automation,
        "system" => Via::System,
        _ => return None,
    })
}

/// An entry from a row selected with [`select`].
pub(crate) fn entry(r: Row<'_>) -> Result<Change> {
    let seq = r.int(0).unwrap_or(0);
    let read = || {
        let json = |i| RawValue::from_string(r.text(i)?.to_owned()).ok();
        let own = |i| r.text(i).map(str::to_owned);
        Some(Change {
            seq: Seq(seq),
            at: Millis(r.int(1)?),
            object: ObjectName::new(r.text(2)?).ok()?,
            id: r.id(3)?,
            op: ChangeOp::parse(r.text(4)?)?,
            version: r.int(5)?,
            actor: Actor { user: r.id(6).map(UserId::of), via: via_of(r.text(7)?)? },
            cause: Cause { trace: own(8), batch: r.id(9), act: own(10), reason: own(11) },
            before: json(12)?,
            after: json(13)?,
        })
    };
    read().ok_or_else(|| StoreError::Corrupt(format!("change log entry {seq} cannot be read")))
}

/// `SELECT … FROM _log`, to be followed by conditions.
pub(crate) fn select(shared: &Shared) -> Sql<'_> {
    let mut s = Sql::new(&shared.dialect);
    s.raw("SELECT ").raw(COLS).raw(" FROM ").table("_log");
    s
}

/// Reads entries.
pub(crate) async fn read(src: &mut impl Reads, q: ChangeQuery) -> Result<Vec<ChangeRow>> {
    let shared = src.shared().clone();
    let mut s = Sql::new(&shared.dialect);
    s.raw("SELECT coalesce(max(last), 0) FROM ").table("_seal");
    let sealed = src.fetch(s.done(), 0, |n, r| {
        *n = r.int(0).unwrap_or(0);
        Ok(())
    });
    let sealed = sealed.await?;
    let mut s = select(&shared);
    s.raw(" WHERE seq > 0");
    if let Some(a) = q.after {
        s.raw(if q.backwards { " AND seq < " } else { " AND seq > " }).int(a.0);
    }
    if let Some((object, id)) = &q.record {
        s.raw(" AND record = ").id(*id).raw(" AND object = ").str(object);
    }
    if let Some(b) = q.batch {
        s.raw(" AND batch = ").id(b);
    }
    if let Some(u) = q.until {
        s.raw(" AND at <= ").int(u.0);
    }
    s.raw(if q.backwards { " ORDER BY seq DESC LIMIT " } else { " ORDER BY seq LIMIT " }).int(i64::from(q.limit.max(1)));
    src.fetch(s.done(), vec![], move |out: &mut Vec<ChangeRow>, r| {
        let change = entry(r)?;
        out.push(ChangeRow { sealed: change.seq.0 <= sealed, change });
        Ok(())
    })
    .await
}

/// The last committed number.
pub(crate) async fn last(src: &mut impl Reads) -> Result<Seq> {
    let shared = src.shared().clone();
    let mut s = Sql::new(&shared.dialect);
    s.raw("SELECT value FROM ").table("_counter").raw(" WHERE name = ").str(COUNTER);
    let q = s.done();
    Ok(Seq(src
        .fetch(q, 0, |n, r| {
            *n = r.int(0).unwrap_or(0);
            Ok(())
        })
        .await?))
}
