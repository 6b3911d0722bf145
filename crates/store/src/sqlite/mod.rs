//! SQLite: one writer thread, reader threads, the functions SQL calls.

mod checkpoint;
mod formulas;
mod functions;
mod open;
mod reader;
mod space;
mod turn;
mod writer;

pub(crate) use open::{Role, connect};
pub(crate) use reader::Readers;
pub(crate) use turn::Turn;
pub(crate) use writer::Writer;

use rusqlite::{
    Connection, ToSql,
    types::{ToSqlOutput, ValueRef},
};

use crate::{
    Result,
    row::Row,
    sql::{Built, Param},
};

impl ToSql for Param {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null(_) => ValueRef::Null,
            Self::Int(n) => ValueRef::Integer(*n),
            Self::Text(t) => ValueRef::Text(t.as_bytes()),
            Self::Id(i) => ValueRef::Blob(i.0.as_bytes()),
        }))
    }
}

fn bind(s: &mut rusqlite::CachedStatement<'_>, params: &[Param]) -> Result<()> {
    for (i, p) in params.iter().enumerate() {
        s.raw_bind_parameter(i + 1, p)?;
    }
    Ok(())
}

/// Runs a statement; answers the rows changed.
pub(crate) fn exec(c: &Connection, q: &Built) -> Result<u64> {
    let mut s = c.prepare_cached(&q.text)?;
    bind(&mut s, &q.params)?;
    if s.column_count() > 0 {
        // INSERT … RETURNING and the like: run to the end.
        let mut n = 0;
        let mut rows = s.raw_query();
        while rows.next()?.is_some() {
            n += 1;
        }
        return Ok(n);
    }
    Ok(s.raw_execute()? as u64)
}

/// Calls `f` for each row of a query.
pub(crate) fn each(c: &Connection, q: &Built, mut f: impl FnMut(Row<'_>) -> Result<()>) -> Result<()> {
    let mut s = c.prepare_cached(&q.text)?;
    bind(&mut s, &q.params)?;
    let mut rows = s.raw_query();
    while let Some(r) = rows.next()? {
        f(Row::Lite(r))?;
    }
    Ok(())
}
