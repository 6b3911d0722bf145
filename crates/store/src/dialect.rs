//! Everything the two databases spell differently.

use rapport_schema::{physical::Class, query::Bucket};
use rapport_text::{FOLD_FROM, FOLD_TO};

use crate::sql::quote;

/// Which database, and on PostgreSQL in which schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres { schema: String },
}

impl Dialect {
    pub(crate) const fn is_pg(&self) -> bool {
        matches!(self, Self::Postgres { .. })
    }
    /// Writes a table's name.
    pub(crate) fn table(&self, n: &str, out: &mut String) {
        if let Self::Postgres { schema } = self {
            quote(schema, out);
            out.push('.');
        }
        quote(n, out);
    }
    /// The column that follows insertion order and ends every sort: SQLite's row number is part of each index at no cost.
    pub(crate) const fn tail(&self) -> (&'static str, Class) {
        match self {
            Self::Sqlite => ("rid", Class::Int),
            Self::Postgres { .. } => ("id", Class::Id),
        }
    }
    /// Type of a column.
    pub(crate) const fn ty(&self, c: Class) -> &'static str {
        match (self, c) {
            (Self::Sqlite, Class::Int) => "INTEGER",
            (Self::Sqlite, Class::Text) => "TEXT",
            (Self::Sqlite, Class::Id) => "BLOB",
            (Self::Postgres { .. }, Class::Int) => "BIGINT",
            (Self::Postgres { .. }, Class::Text) => "TEXT COLLATE \"C\"",
            (Self::Postgres { .. }, Class::Id) => "UUID",
        }
    }
    /// Case folding of a text expression, the same as `rapport_text::fold`.
    pub(crate) fn fold(&self, expr: &str) -> String {
        match self {
            Self::Sqlite => format!("fold({expr})"),
            Self::Postgres { .. } => format!("translate({expr}, '{FOLD_FROM}', '{FOLD_TO}')"),
        }
    }
    /// True when the first text holds the second.
    pub(crate) fn holds(&self, hay: &str, needle: &str) -> String {
        match self {
            Self::Sqlite => format!("instr({hay}, {needle}) > 0"),
            Self::Postgres { .. } => format!("strpos({hay}, {needle}) > 0"),
        }
    }
    /// The calendar date of an instant in milliseconds, in a zone given by a parameter.
    pub(crate) fn local_date(&self, ms: &str, zone: &str) -> String {
        match self {
            Self::Sqlite => format!("local_date({ms}, {zone})"),
            Self::Postgres { .. } => format!("to_char(to_timestamp(({ms}) / 1000.0) AT TIME ZONE {zone}, 'YYYY-MM-DD')"),
        }
    }
    /// First day of the bucket a date (as text) lies in; weeks start on Monday.
    pub(crate) fn bucket(&self, date: &str, b: Bucket) -> String {
        match (b, self) {
            (Bucket::Day, _) => date.to_owned(),
            (Bucket::Month, _) => format!("substr({date}, 1, 7) || '-01'"),
            (Bucket::Year, _) => format!("substr({date}, 1, 4) || '-01-01'"),
            (Bucket::Week, Self::Sqlite) => format!("date({date}, 'weekday 0', '-6 days')"),
            (Bucket::Week, Self::Postgres { .. }) => format!("to_char(date_trunc('week', ({date})::date), 'YYYY-MM-DD')"),
            (Bucket::Quarter, _) => format!(
                "substr({date}, 1, 5) || CASE WHEN substr({date}, 6, 2) < '04' THEN '01' WHEN substr({date}, 6, 2) < '07' THEN '04' \
                 WHEN substr({date}, 6, 2) < '10' THEN '07' ELSE '10' END || '-01'"
            ),
        }
    }
    /// Keeps SQLite's planner from using an index on the expression; PostgreSQL decides by its statistics.
    pub(crate) fn unindexed(&self) -> &'static str {
        match self {
            Self::Sqlite => "+",
            Self::Postgres { .. } => "",
        }
    }
    /// `id` as text in its usual form.
    pub(crate) fn id_text(&self, expr: &str) -> String {
        match self {
            Self::Sqlite => format!("uuid_text({expr})"),
            Self::Postgres { .. } => format!("({expr})::text"),
        }
    }
    /// Row lock of a SELECT.
    pub(crate) const fn for_update(&self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres { .. } => " FOR UPDATE OF t",
        }
    }
}
