//! Which way a query takes through the rows a person may see.
//!
//! A person who sees 0.1 % of a million rows must not make the database walk the other 99.9 %, and one who sees 60 % must not
//! make it sort 600,000. The ways:
//!
//! - **walk**: go along the index of the sort and test rule and filter on each row; costs about `page × total / visible matches` rows;
//! - **within**: the same along the rows of one value of the filter, where an index (value, sort) exists, as for the columns of a
//!   board; costs about `page × total / visible` rows, and never more than the value has;
//! - **branches**: one small query per owner and department, each along its own range of the index (owner, sort) and limited to a
//!   page, merged; costs about `page × branches` rows, divided by the part the filter lets through, when such an index exists,
//!   `visible` rows otherwise;
//! - **free**: an index of the filter, everything that matches tested and sorted.
//!
//! Cheap cached counts decide.

use rapport_policy::Reached;
use rapport_schema::{
    FieldType, ObjectDef, Value,
    plan::IndexKey,
    query::{Filter, Op, Operand},
};

use crate::{
    Result, Select,
    compile::{rule::MANY, sort::Key},
    estimate::{self, Of},
    reads::Reads,
    shared::Shared,
};

/// The way a query takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Filter and rule are conditions; the planner chooses the index.
    Free,
    /// Along the sort's index, everything else tested on the rows.
    Walk,
    /// Along the rows of one value of the filter, in the order of the sort; the rule tested on the rows.
    Within,
    /// A query per owner and department, merged.
    Branches {
        /// Each owner and department by itself, along a composite index.
        single: bool,
    },
}

/// An index that leads from one column to the rows in the order of another.
fn composite(shared: &Shared, object: &ObjectDef, first: &str, then: &str) -> bool {
    shared.catalogue().tables.get(object.name.as_str()).is_some_and(|t| {
        t.indexes
            .values()
            .any(|i| matches!((i.keys.first(), i.keys.get(1)), (Some(IndexKey::Col(a)), Some(IndexKey::Col(b))) if a == first && b == then))
    })
}

/// An index whose first key is the column.
pub(crate) fn leads(shared: &Shared, object: &ObjectDef, column: &str) -> bool {
    shared
        .catalogue()
        .tables
        .get(object.name.as_str())
        .is_some_and(|t| t.indexes.values().any(|i| matches!(i.keys.first(), Some(IndexKey::Col(a)) if a == column)))
}

/// Chooses the way of a page.
pub(crate) async fn choose(src: &mut impl Reads, s: &Select, keys: &[Key], page: u64) -> Result<Way> {
    let shared = src.shared().clone();
    if s.rows.is_all() || s.rows.is_nothing() || s.bin != crate::Bin::Live {
        return Ok(Way::Free);
    }
    let g = estimate::rule(src, &s.model, &s.object, &s.rows).await?;
    let ways = s.rows.ways();
    let people: usize = ways
        .iter()
        .map(|w| match w {
            Reached::Owner(v) => v.len(),
            Reached::Dept(v) => v.len(),
            _ => 0,
        })
        .sum();
    let first = keys.first().map(|k| k.column.as_str());
    let sorted = first.is_some_and(|c| leads(&shared, &s.object, c));
    let both = first.is_some_and(|c| composite(&shared, &s.object, "owner_id", c) && composite(&shared, &s.object, "dept_id", c));
    let single = people <= MANY && (both || people <= 1);
    // What the filter leaves, as far as a count of one of its values tells.
    let equal = equalities(&shared, s);
    let (mut matches, mut along) = (g.total, None);
    for (column, value) in &equal {
        let n = estimate::with(src, &s.object.name, column, value.clone()).await?;
        matches = matches.min(n);
        if first.is_some_and(|c| composite(&shared, &s.object, column, c)) {
            along = Some(along.unwrap_or(n).min(n));
        }
    }
    let seen_of = |n: u64| n.saturating_mul(g.total) / g.rows.max(1);
    let matching_of = |n: u64| n.saturating_mul(g.total) / matches.max(1);
    let walk = if sorted { matching_of(seen_of(page)).min(g.total) } else { g.total };
    let within = along.map_or(u64::MAX, |n| n.min(seen_of(page)));
    let branches = if single && both { matching_of(page * people.max(1) as u64).min(g.rows) + g.aside } else { g.rows };
    // What matches is read and sorted, row by row where the index leads.
    let free = if equal.is_empty() { u64::MAX } else { matches.saturating_mul(2) };
    // A condition that was not counted may beat them all: the planner chooses when it has an index of its own.
    if indexed_filter(&shared, s, &equal) && branches > 2_000 && walk > 500 && within > 500 {
        return Ok(Way::Free);
    }
    let least = walk.min(branches).min(within).min(free);
    Ok(if walk == least {
        Way::Walk
    } else if within == least {
        Way::Within
    } else if branches == least {
        Way::Branches { single }
    } else {
        Way::Free
    })
}

/// The equalities at the top of the filter whose rows can be counted: on one column, which an index leads with.
fn equalities<'s>(shared: &Shared, s: &'s Select) -> Vec<(&'s str, Of)> {
    let leaf = |f: &'s Filter| match f {
        Filter::Cmp { path, op: Op::Eq, operand: Operand::One(v) } if path.hops.is_empty() => {
            let field = s.object.field(&path.field)?;
            let value = match (&field.ty, v) {
                (_, Value::Id(id)) => Of::Id(*id),
                (FieldType::Pick { .. }, Value::Text(t)) => Of::Text(t.to_string()),
                _ => return None,
            };
            leads(shared, &s.object, &path.field).then_some((path.field.as_str(), value))
        }
        _ => None,
    };
    match &s.filter {
        Filter::And(v) => v.iter().filter_map(leaf).collect(),
        f => leaf(f).into_iter().collect(),
    }
}

/// Has the filter a condition, at its top, that an index answers and [`equalities`] does not count?
fn indexed_filter(shared: &Shared, s: &Select, counted: &[(&str, Of)]) -> bool {
    let leaf = |f: &Filter| match f {
        Filter::Cmp { path, op: Op::Eq | Op::In | Op::Any, .. } if path.hops.is_empty() => {
            path.field == "id"
                || s.object.field(&path.field).is_some_and(|f| f.ty.is_many())
                || leads(shared, &s.object, &path.field) && !counted.iter().any(|(c, _)| path.field == *c)
        }
        _ => false,
    };
    match &s.filter {
        Filter::And(v) => v.iter().any(leaf),
        f => leaf(f),
    }
}
