//! Texts that begin like others, read from an index alone.

use std::fmt::Write as _;

use async_recursion::async_recursion as boxed;
use rapport_policy::RowRule;
use rapport_schema::{FieldName, ObjectDef};

use crate::{Result, StoreError, Tx, reads::Reads as _, sql::Param, tx::Conn};

/// Starts asked for at once on PostgreSQL.
const ASKED: usize = 128;

impl Tx {
    /// Different texts of a plain text field that begin with one of `starts`, at most `most` of each start. Only the field's index
    /// is read (it must have one), not the records, so texts of deleted ones are among them.
    ///
    /// # Errors
    /// `Driver` for a rule that does not reach every record, since nothing here could follow it.
    #[boxed]
    pub async fn beginning<S: AsRef<str> + Sync>(
        &mut self,
        object: &ObjectDef,
        field: &FieldName,
        starts: &[S],
        most: u32,
        rows: &RowRule,
    ) -> Result<Vec<String>> {
        if !rows.is_all() {
            return Err(StoreError::Driver("texts of an index are for the system alone".into()));
        }
        // A range, not a pattern: an index answers it.
        let range = |s: &S| [s.as_ref().to_owned(), format!("{}{}", s.as_ref(), char::MAX)].map(Param::Text);
        // SQLite takes one start after the other, which costs it nothing; PostgreSQL many, since each question is a journey.
        let size = if matches!(self.conn, Conn::Pg(_)) { ASKED } else { 1 };
        let shared = self.shared.clone();
        let mut found = vec![];
        for part in starts.chunks(size) {
            let mut s = Self::sql(&shared);
            if size == 1 {
                let [from, to] = range(&part[0]);
                s.raw("SELECT DISTINCT ").name(field).raw(" FROM ").table(&object.name);
                s.raw(" WHERE ").name(field).raw(" >= ").bind(from).raw(" AND ").name(field).raw(" < ").bind(to);
                s.raw(" ORDER BY 1 LIMIT ").int(i64::from(most));
            } else {
                let padded =
                    part.iter().chain(std::iter::repeat_n(&part[part.len() - 1], part.len().next_power_of_two() - part.len()));
                s.raw("SELECT DISTINCT k.v FROM (VALUES ");
                for (n, [from, to]) in padded.map(range).enumerate() {
                    s.raw(if n == 0 { "(" } else { ",(" }).bind(from).raw(",").bind(to).raw(")");
                }
                s.raw(") r(a, b), LATERAL (SELECT DISTINCT ").name(field).raw(" AS v FROM ").table(&object.name);
                s.raw(" WHERE ").name(field).raw(" >= r.a COLLATE \"C\" AND ").name(field).raw(" < r.b COLLATE \"C\"");
                let mut limit = String::new();
                write!(limit, " ORDER BY 1 LIMIT {most}) k ORDER BY 1").expect("writing to a string");
                s.raw(&limit);
            }
            found = self
                .fetch(s.done(), found, |all, row| {
                    all.extend(row.text(0).map(str::to_owned));
                    Ok(())
                })
                .await?;
        }
        Ok(found)
    }
}
