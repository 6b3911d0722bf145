//! From a path to the SQL that reads it.

use rapport_schema::{
    FieldDef, FieldType, ObjectDef,
    field::ResultType,
    physical::{Class, places_of, result_class},
    plan::link_name,
    query::Path,
    system::RecordField,
};

use super::{Cx, col, filter::Index, rule};
use crate::Result;

/// What a path ends in.
#[derive(Debug, Clone)]
pub(crate) enum End<'m> {
    /// `id`, `version`, `deleted_at`.
    Record(RecordField),
    Field(&'m FieldDef),
}

/// A step of a path to another row.
#[derive(Debug, Clone)]
struct Hop {
    table: String,
    alias: String,
    /// The column of the row before that points to it.
    by: String,
    /// ` AND …` where only some rows may be reached; empty otherwise.
    may: String,
}

/// A value reached by a path: which columns it has is up to its type; `read` gives the SQL of one of them.
#[derive(Debug, Clone)]
pub(crate) struct Reached<'m> {
    /// The object the field belongs to.
    pub object: &'m ObjectDef,
    pub end: End<'m>,
    /// From the row on.
    hops: Vec<Hop>,
    alias: String,
    /// A formula computed when read has no column: its expression over the last hop's row.
    computed: Option<String>,
}

impl<'m> Reached<'m> {
    /// Reads a column of the field by suffix (`""` = main).
    pub(crate) fn read(&self, suffix: &str) -> String {
        if let Some(e) = &self.computed {
            return self.wrap(e);
        }
        let name = match self.end {
            End::Record(f) => f.name().to_owned(),
            End::Field(f) => format!("{}{suffix}", f.name),
        };
        self.wrap(&col(&self.alias, &name))
    }
    /// Wraps an expression over the last hop's row into the select that leads there.
    pub(crate) fn wrap(&self, inner: &str) -> String {
        match self.hops.last() {
            None => inner.to_owned(),
            Some(Hop { table, alias, may, .. }) => {
                format!("(SELECT {inner} FROM {table} {alias} WHERE {alias}.id = {}{may})", self.key(self.hops.len() - 1))
            }
        }
    }
    /// The id hop `i` is found by.
    fn key(&self, i: usize) -> String {
        let by = &self.hops[i].by;
        if i == 0 {
            return by.clone();
        }
        let Hop { table, alias, may, .. } = &self.hops[i - 1];
        format!("(SELECT {by} FROM {table} {alias} WHERE {alias}.id = {}{may})", self.key(i - 1))
    }
    /// The id of the row the field belongs to.
    pub(crate) fn row_id(&self) -> String {
        self.wrap(&col(&self.alias, "id"))
    }
    /// It is a column of the row itself, not behind a lookup.
    pub(crate) fn is_own(&self) -> bool {
        self.hops.is_empty()
    }
    pub(crate) fn field(&self) -> Option<&'m FieldDef> {
        if let End::Field(f) = self.end { Some(f) } else { None }
    }
    /// The name of the link table of a many-valued field.
    pub(crate) fn link(&self) -> Option<String> {
        self.field().filter(|f| f.ty.is_many()).map(|f| link_name(&self.object.name, &f.name))
    }
}

impl<'a> Cx<'a> {
    /// Follows a path from the row `alias` of `object`. `None` when the model does not know it.
    ///
    /// # Errors
    /// A formula computed when read that no database computes.
    pub(crate) fn reach(&mut self, object: &'a ObjectDef, alias: &str, path: &Path) -> Result<Option<Reached<'a>>> {
        let Some(mut r) = self.follow(object, alias, path) else { return Ok(None) };
        if let Some(f @ FieldDef { ty: FieldType::Calc { volatile: true, .. }, .. }) = r.field() {
            r.computed = Some(super::formula::cell(self, r.object, &r.alias, f)?);
        }
        Ok(Some(r))
    }

    fn follow(&mut self, object: &'a ObjectDef, alias: &str, path: &Path) -> Option<Reached<'a>> {
        let mut at = object;
        let mut alias = alias.to_owned();
        let mut hops = vec![];
        for (i, (field, to)) in path.hops.iter().enumerate() {
            at.field(field)?;
            let next = self.object(to)?;
            let inner = self.alias();
            let title = i + 1 == path.hops.len() && path.field == next.title;
            let may = match self.beyond.and_then(|b| b.get(to)) {
                Some(rule) if !title => format!(" AND {}", rule::condition(self, next, &inner, rule, Index::MayNot)),
                _ => String::new(),
            };
            hops.push(Hop { table: self.table(to), alias: inner.clone(), by: col(&alias, field), may });
            alias = inner;
            at = next;
        }
        let end = match RecordField::parse(&path.field) {
            Some(f) => End::Record(f),
            None => End::Field(at.field(&path.field)?),
        };
        Some(Reached { object: at, end, hops, alias, computed: None })
    }
}

/// The column a field is ordered and measured by.
pub(crate) fn order_suffix(f: &FieldDef) -> &'static str {
    match f.ty {
        FieldType::Money { .. } => "__base",
        _ => "",
    }
}

/// Class of the column a field is ordered and measured by.
pub(crate) fn order_class(f: &FieldDef) -> Class {
    if let FieldType::Calc { result, .. } = &f.ty {
        return result_class(*result);
    }
    let suffix = order_suffix(f);
    rapport_schema::physical::columns(f).into_iter().find(|c| c.suffix == suffix).map_or(Class::Text, |c| c.class)
}

/// Decimal places of a number; see [`places_of`].
pub(crate) fn places(f: &FieldDef) -> Option<u32> {
    places_of(&f.ty)
}

/// Holds instants in milliseconds.
pub(crate) fn is_instant(f: &FieldDef) -> bool {
    matches!(
        f.ty,
        FieldType::DateTime
            | FieldType::Roll { result: ResultType::DateTime, .. }
            | FieldType::Calc { result: ResultType::DateTime, .. }
    )
}

/// Holds calendar dates.
pub(crate) fn is_date(f: &FieldDef) -> bool {
    matches!(
        f.ty,
        FieldType::Date | FieldType::Roll { result: ResultType::Date, .. } | FieldType::Calc { result: ResultType::Date, .. }
    )
}
