//! Orders and the conditions that continue after a row. Empty values come last in both directions.

use rapport_schema::{
    FieldType, ObjectDef,
    physical::{Cell, Class, result_class},
    query::SortKey,
};

use super::{
    Cx, col,
    column::{order_class, order_suffix},
    cursor::{self, Position},
    formula,
};
use crate::{Result, StoreError, layout::Layout};

/// One key of an order.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    /// Column of the object's table.
    pub column: String,
    pub class: Class,
    pub desc: bool,
    /// The column may be empty.
    pub nullable: bool,
    /// A formula computed when read: no column, an expression.
    pub computed: bool,
}

/// What a query reads of each key over the row `t`.
pub(crate) fn columns<'a>(cx: &mut Cx<'a>, object: &str, keys: &[Key]) -> Result<Vec<String>> {
    keys.iter()
        .map(|k| {
            if !k.computed {
                return Ok(col("t", &k.column));
            }
            let o: &'a ObjectDef = cx.object(object).ok_or_else(|| StoreError::Driver(format!("no object {object}")))?;
            let f = o.field(&k.column).ok_or_else(|| StoreError::Driver(format!("no field {}", k.column)))?;
            formula::cell(cx, o, "t", f)
        })
        .collect()
}

/// The keys of an order; fields without a stored value do not count.
pub(crate) fn keys(layout: &Layout, sort: &[SortKey]) -> Vec<Key> {
    let o: &ObjectDef = &layout.object;
    let mut out: Vec<Key> = vec![];
    for k in sort {
        let Some(f) = o.fields.get(k.field.ix()) else { continue };
        let cols = layout.cols(k.field);
        if let FieldType::Calc { result, volatile: true, .. } = &f.ty {
            if !out.iter().any(|x| x.column == *f.name) {
                let (column, class) = (f.name.to_string(), result_class(*result));
                out.push(Key { column, class, desc: k.desc, nullable: true, computed: true });
            }
            continue;
        }
        if cols.is_empty() {
            continue;
        }
        let (column, class) = match &layout.sort_key {
            Some(s) if f.name == o.title => (s.clone(), Class::Text),
            _ => (format!("{}{}", f.name, order_suffix(f)), order_class(f)),
        };
        if out.iter().any(|x| x.column == column) {
            continue;
        }
        let stamp = f.system && (f.name == "created_at" || f.name == "updated_at");
        out.push(Key { column, class, desc: k.desc, nullable: !(stamp || cols[0].zero), computed: false });
    }
    out
}

/// Says by what is sorted, for the cursor.
pub(crate) fn fingerprint(keys: &[Key]) -> String {
    keys.iter().map(|k| format!("{}{}", if k.desc { "-" } else { "" }, k.column)).collect::<Vec<_>>().join(",")
}

/// Direction of the tail: that of the first key, so that one index can be walked.
pub(crate) fn tail_desc(keys: &[Key]) -> bool {
    keys.first().is_none_or(|k| k.desc)
}

/// The part of the result a query reads: rows with a first key come before those without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Everything: the first key is never empty, or there is none.
    All,
    /// Rows that have the first key.
    Filled,
    /// Rows that have not.
    Empty,
}

/// `ORDER BY`, with the columns read by `name` (key index) and the tail by `tail`.
pub(crate) fn order(keys: &[Key], phase: Phase, name: impl Fn(usize) -> String, tail: &str) -> String {
    let mut parts = vec![];
    for (i, k) in keys.iter().enumerate() {
        if i == 0 && phase == Phase::Empty {
            continue;
        }
        // The first key has no empty values in this phase, so an index can be walked as it is.
        let nulls = if i > 0 && k.nullable { " NULLS LAST" } else { "" };
        parts.push(format!("{}{}{nulls}", name(i), if k.desc { " DESC" } else { "" }));
    }
    parts.push(format!("{tail}{}", if tail_desc(keys) { " DESC" } else { "" }));
    parts.join(", ")
}

/// Conditions on the row `t`: the phase, and to come after a position. `plus` before a column keeps its index from being used.
pub(crate) fn bounds(
    cx: &mut Cx<'_>,
    keys: &[Key],
    read: &[String],
    phase: Phase,
    after: Option<&Position>,
    plus: &str,
) -> Vec<String> {
    let mut out = vec![];
    if let Some(c) = read.first() {
        match phase {
            Phase::All => {}
            Phase::Filled => out.push(format!("{plus}{c} IS NOT NULL")),
            Phase::Empty => out.push(format!("{plus}{c} IS NULL")),
        }
    }
    let Some(p) = after else { return out };
    let from = usize::from(phase == Phase::Empty);
    if let (0, Some(k), Some(v)) = (from, keys.first(), p.keys.first())
        && *v != Cell::Null
    {
        // A bound an index can start at; the exact condition follows.
        let slot = cx.sql.slot(cursor::param(v, k.class));
        out.push(format!("{plus}{} {} {slot}", read[0], if k.desc { "<=" } else { ">=" }));
    }
    out.push(later(cx, keys, read, p, from));
    out
}

/// `(k0, k1, …, tail)` comes after the position.
fn later(cx: &mut Cx<'_>, keys: &[Key], read: &[String], p: &Position, i: usize) -> String {
    let Some((k, v)) = keys.get(i).zip(p.keys.get(i)) else {
        let (name, class) = cx.shared.dialect.tail();
        let slot = cx.sql.slot(cursor::param(&p.tail, class));
        return format!("{} {} {slot}", col("t", name), if tail_desc(keys) { "<" } else { ">" });
    };
    let c = &read[i];
    let rest = later(cx, keys, read, p, i + 1);
    if *v == Cell::Null {
        // Only empty values follow an empty one.
        return format!("({c} IS NULL AND {rest})");
    }
    let slot = cx.sql.slot(cursor::param(v, k.class));
    let sign = if k.desc { "<" } else { ">" };
    let empty = if k.nullable && i > 0 { format!(" OR {c} IS NULL") } else { String::new() };
    format!("({c} {sign} {slot}{empty} OR ({c} = {slot} AND {rest}))")
}
