//! Cheap, cached guesses of how many rows a person, a department or a value has, so that a query can choose its way.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use rapport_policy::{Reached, RowRule};
use rapport_schema::{Model, ObjectDef, RecordId};

use crate::{
    Result,
    dialect::Dialect,
    reads::Reads,
    sql::{Param, Sql},
};

/// Counting stops here: beyond, walking the order of the sort wins anyway.
const CAP: i64 = 20_000;
/// A guess may be this old.
const FRESH: Duration = Duration::from_mins(5);

/// A value rows are counted by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Of {
    /// Of an id column.
    Id(RecordId),
    /// Of a text column, as stored.
    Text(String),
}

impl From<Of> for Param {
    fn from(v: Of) -> Self {
        match v {
            Of::Id(id) => Self::Id(id),
            Of::Text(t) => Self::Text(t),
        }
    }
}

type Key = (String, String, Option<Of>);

/// Guesses by object, column and value.
#[derive(Debug, Default)]
pub(crate) struct Estimates(Mutex<HashMap<Key, (u64, Instant)>>);

impl Estimates {
    fn known(&self, k: &Key) -> Option<u64> {
        self.0.lock().get(k).filter(|(_, t)| t.elapsed() < FRESH).map(|(n, _)| *n)
    }
    fn keep(&self, k: Key, n: u64) {
        let mut m = self.0.lock();
        if m.len() > 50_000 {
            m.clear();
        }
        m.insert(k, (n, Instant::now()));
    }
}

/// About how many rows the object's table has.
pub(crate) async fn total(src: &mut impl Reads, object: &str) -> Result<u64> {
    let shared = src.shared().clone();
    let key = (object.to_owned(), String::new(), None);
    if let Some(n) = shared.estimates.known(&key) {
        return Ok(n);
    }
    let mut s = Sql::new(&shared.dialect);
    match &shared.dialect {
        Dialect::Sqlite => s.raw("SELECT max(rid) FROM ").table(object),
        Dialect::Postgres { schema } => {
            s.raw("SELECT CAST(greatest(c.reltuples, 0) AS BIGINT) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace");
            s.raw(" WHERE n.nspname = ").str(schema).raw(" AND c.relname = ").str(object)
        }
    };
    let n = number(src, s).await?;
    // A table that was just made grows fast: ask again soon.
    if n > 2_000 {
        shared.estimates.keep(key, n);
    }
    Ok(n)
}

async fn number(src: &mut impl Reads, s: Sql<'_>) -> Result<u64> {
    let q = s.done();
    src.fetch(q, 0, |n, r| {
        *n = r.int(0).and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
        Ok(())
    })
    .await
}

/// Rows of an object whose column, which an index leads with, has a value; counted up to [`CAP`].
pub(crate) async fn with(src: &mut impl Reads, object: &str, column: &str, value: Of) -> Result<u64> {
    let shared = src.shared().clone();
    let key = (object.to_owned(), column.to_owned(), Some(value.clone()));
    if let Some(n) = shared.estimates.known(&key) {
        return Ok(n);
    }
    let mut s = Sql::new(&shared.dialect);
    s.raw("SELECT count(*) FROM (SELECT 1 FROM ").table(object).raw(" WHERE ").name(column).raw(" = ").bind(value.into());
    s.raw(" LIMIT ").int(CAP).raw(") x");
    let n = number(src, s).await?;
    shared.estimates.keep(key, n);
    Ok(n)
}

/// What a rule reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Guess {
    /// Rows reached, about.
    pub rows: u64,
    /// Of these, rows reached otherwise than by their owner or department.
    pub aside: u64,
    /// Rows of the table, about.
    pub total: u64,
}

/// About how many rows of an object a rule reaches.
pub(crate) async fn rule(src: &mut impl Reads, model: &Arc<Model>, object: &ObjectDef, rule: &RowRule) -> Result<Guess> {
    let total = total(src, &object.name).await?;
    let (mut rows, mut aside): (u64, u64) = (0, 0);
    for w in rule.ways() {
        let other = match w {
            Reached::Owner(_) | Reached::Dept(_) => 0,
            // Not indexed by itself: everything.
            Reached::Creator(_) | Reached::Flag(_) => total,
            Reached::Ids(v) => v.len() as u64,
            // What is somebody's own, or one's among what is seen: found by its own index, and little.
            Reached::Named { .. } | Reached::Leads { .. } | Reached::All(_) => 200.min(total),
            // Shares and teams are single records.
            Reached::Team { .. } | Reached::Shared { .. } => 50,
            Reached::Through { object: to, rule: inner, .. } => match model.object(to) {
                // As many children each as there are on average.
                Some(master) => {
                    let g = Box::pin(self::rule(src, model, master, inner)).await?;
                    g.rows.saturating_mul(total) / g.total.max(1)
                }
                None => 0,
            },
        };
        aside = aside.saturating_add(other);
        let (column, ids): (&str, Vec<RecordId>) = match w {
            Reached::Owner(v) => ("owner_id", v.iter().map(|i| i.record()).collect()),
            Reached::Dept(v) => ("dept_id", v.iter().map(|i| i.record()).collect()),
            _ => continue,
        };
        if object.field(column).is_none() {
            continue;
        }
        for id in ids {
            if rows >= total || rows > 4 * CAP.unsigned_abs() {
                break;
            }
            rows = rows.saturating_add(with(src, &object.name, column, Of::Id(id)).await?);
        }
    }
    Ok(Guess { rows: rows.saturating_add(aside).min(total), aside: aside.min(total), total })
}
