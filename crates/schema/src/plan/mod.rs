//! From a model to a database, purely: [`Catalogue`] says which tables, columns and indexes a model needs, [`diff`] says which
//! steps lead from one catalogue to another. A runner in `store` carries the steps out and keeps the catalogue it reached.
//!
//! No step destroys data: a column or table the model no longer knows is *retired* (kept, unused, marked in the catalogue) and
//! comes back with its data when the model knows it again.

mod build;
mod diff;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use crate::physical::Class;
use crate::{FieldName, ObjectName};

/// What a table holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableKind {
    /// Records of an object; the table is named like the object.
    Object(ObjectName),
    /// Values of a many-valued field, one row a value, for filters; named `{object}__{field}`. Columns `record` and `value`.
    Link {
        /// The object.
        object: ObjectName,
        /// Its many-valued field.
        field: FieldName,
    },
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnDef {
    /// Name.
    pub name: String,
    /// Storage class.
    pub class: Class,
    /// Decimal places when the column holds a scaled decimal; a change of scale would change what stored numbers mean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<u32>,
    /// The field whose value it holds; none for `id`, `version`, `deleted_at` and the columns of link tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<FieldName>,
    /// `NOT NULL`; such a column always has a `default` unless it is part of the primary key.
    #[serde(default)]
    pub not_null: bool,
    /// Value of rows that were there before the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<i64>,
    /// Definition of a stored formula or rollup; when it changes, existing rows are computed anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub computed: Option<String>,
    /// The model no longer knows it; the data stay.
    #[serde(default)]
    pub retired: bool,
}

/// One key of an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexKey {
    /// A column.
    Col(String),
    /// `coalesce(column, '')`: so that rows without a value still collide under a unique index.
    OrEmpty(String),
}

impl IndexKey {
    /// The column it reads.
    #[must_use]
    pub fn column(&self) -> &str {
        match self {
            Self::Col(c) | Self::OrEmpty(c) => c,
        }
    }
}

/// A condition of a partial index; several are joined by AND.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexCond {
    /// `column IS NOT NULL`.
    NotNull(String),
    /// `column = 1`. A query uses the index only when it writes the 1 into its text.
    True(String),
    /// `deleted_at IS NULL`.
    Live,
}

/// An index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexDef {
    /// Name, unique in the workspace, at most 63 bytes: `ix_` or `ux_`, table, columns (shortened by a hash when too long).
    pub name: String,
    /// Keys in order.
    pub keys: Vec<IndexKey>,
    /// Unique.
    #[serde(default)]
    pub unique: bool,
    /// Only rows for which all of these hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filter: Vec<IndexCond>,
    /// For a unique index: the fields a violation is reported on (`value.not_unique`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldName>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Name.
    pub name: String,
    /// What it holds.
    pub kind: TableKind,
    /// Columns in physical order: `id`, `version`, `deleted_at`, then those of the fields.
    pub columns: Vec<ColumnDef>,
    /// Columns of the primary key.
    pub primary_key: Vec<String>,
    /// Indexes by name.
    pub indexes: BTreeMap<String, IndexDef>,
    /// The model no longer knows it; the data stay.
    #[serde(default)]
    pub retired: bool,
}

impl Table {
    /// A column by name, retired ones included.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ColumnDef> {
        self.columns.iter().find(|c| c.name == name)
    }
}

/// Everything a model needs in the database, and what earlier models left there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Catalogue {
    /// Tables by name.
    pub tables: BTreeMap<String, Table>,
}

/// One step of a plan. Steps are carried out in order; each may be repeated safely when the runner asks the database first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Make a table with its columns and primary key; its indexes follow as steps of their own.
    CreateTable(Table),
    /// Add a column.
    AddColumn {
        /// Table.
        table: String,
        /// Column.
        column: ColumnDef,
    },
    /// Fill a column of rows that are there already: a derived column (search key, unique key), a stored formula or a rollup.
    Backfill {
        /// Table.
        table: String,
        /// Column.
        column: String,
    },
    /// Make an index.
    CreateIndex {
        /// Table.
        table: String,
        /// Index.
        index: IndexDef,
    },
    /// Remove an index.
    DropIndex {
        /// Table.
        table: String,
        /// Its name.
        name: String,
    },
    /// Mark a column as no longer known. Nothing is done to the database beyond dropping its indexes (steps of their own).
    RetireColumn {
        /// Table.
        table: String,
        /// Column.
        column: String,
    },
    /// A retired column is known again.
    ReviveColumn {
        /// Table.
        table: String,
        /// Column.
        column: String,
    },
    /// Mark a table as no longer known.
    RetireTable {
        /// Table.
        table: String,
    },
    /// A retired table is known again.
    ReviveTable {
        /// Table.
        table: String,
    },
}

/// Steps from one catalogue to another, and the catalogue that holds once they are done.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Plan {
    /// Steps in order.
    pub steps: Vec<Step>,
    /// The catalogue afterwards: the wanted one plus what is retired. Keep this, not the wanted one.
    pub reached: Catalogue,
}

impl Plan {
    /// Nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

/// A change that would need existing data to be rewritten or lost; the plan refuses it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A column would hold another kind of value.
    #[error("{table}.{column} holds {from} and cannot become {to} in place: give the field another name and move the values")]
    Class {
        /// Table.
        table: String,
        /// Column.
        column: String,
        /// What it holds.
        from: String,
        /// What it should hold.
        to: String,
    },
    /// A table would hold something else (an object named like another's link table).
    #[error("table {table} already holds something else")]
    Kind {
        /// Table.
        table: String,
    },
}

pub use build::{catalogue, link_name, title_key};
pub use diff::diff;
