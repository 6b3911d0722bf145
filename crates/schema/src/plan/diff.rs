//! Steps from one catalogue to another.

use std::collections::BTreeMap;

use super::{Catalogue, ColumnDef, Plan, PlanError, Step, Table};

/// The steps that lead from what a database has to what a model wants. Nothing is ever dropped but indexes.
///
/// # Errors
/// Every change that would rewrite or lose stored values; nothing is planned then.
pub fn diff(have: &Catalogue, want: &Catalogue) -> Result<Plan, Vec<PlanError>> {
    let mut p = Plan { steps: vec![], reached: have.clone() };
    let mut faults = vec![];
    // Tables and columns first, then values, then indexes: a unique index needs its column filled.
    let (mut fill, mut drop, mut make) = (vec![], vec![], vec![]);
    for (name, w) in &want.tables {
        match p.reached.tables.get_mut(name) {
            None => {
                p.steps.push(Step::CreateTable(Table { indexes: BTreeMap::new(), ..w.clone() }));
                make.extend(w.indexes.values().map(|i| Step::CreateIndex { table: name.clone(), index: i.clone() }));
                p.reached.tables.insert(name.clone(), w.clone());
            }
            Some(h) => {
                if h.kind != w.kind {
                    faults.push(PlanError::Kind { table: name.clone() });
                    continue;
                }
                let flip = match (h.retired, w.retired) {
                    (true, false) => Some(Step::ReviveTable { table: name.clone() }),
                    (false, true) => Some(Step::RetireTable { table: name.clone() }),
                    _ => None,
                };
                p.steps.extend(flip);
                h.retired = w.retired;
                columns(h, w, &mut p.steps, &mut fill, &mut faults);
                indexes(h, w, &mut drop, &mut make);
            }
        }
    }
    for (name, h) in p.reached.tables.iter_mut().filter(|(n, t)| !t.retired && !want.tables.contains_key(*n)) {
        drop.extend(h.indexes.keys().map(|i| Step::DropIndex { table: name.clone(), name: i.clone() }));
        h.indexes.clear();
        p.steps.push(Step::RetireTable { table: name.clone() });
        h.retired = true;
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    p.steps.extend(fill);
    p.steps.extend(drop);
    p.steps.extend(make);
    Ok(p)
}

fn columns(h: &mut Table, w: &Table, steps: &mut Vec<Step>, fill: &mut Vec<Step>, faults: &mut Vec<PlanError>) {
    let table = h.name.clone();
    let had: Vec<_> = h.columns.iter().filter(|x| !x.retired).filter_map(|x| x.field.clone()).collect();
    for c in &w.columns {
        let refill = match h.columns.iter_mut().find(|x| x.name == c.name) {
            None => {
                steps.push(Step::AddColumn { table: table.clone(), column: c.clone() });
                // A column beside one that has values (unique key, search key) and one that is computed start empty and must be filled.
                let derived = c.field.as_ref().is_some_and(|f| had.contains(f));
                h.columns.push(c.clone());
                derived || c.computed.is_some()
            }
            Some(x) => {
                if (x.class, x.scale) != (c.class, c.scale) {
                    faults.push(PlanError::Class {
                        table: table.clone(),
                        column: c.name.clone(),
                        from: describe(x),
                        to: describe(c),
                    });
                    continue;
                }
                if x.retired != c.retired {
                    let (table, column) = (table.clone(), c.name.clone());
                    steps.push(if c.retired {
                        Step::RetireColumn { table, column }
                    } else {
                        Step::ReviveColumn { table, column }
                    });
                }
                // Computed values went stale while retired.
                let refill = c.computed.is_some() && !c.retired && (x.computed != c.computed || x.retired);
                *x = ColumnDef { not_null: x.not_null, default: x.default, ..c.clone() };
                refill
            }
        };
        if refill {
            fill.push(Step::Backfill { table: table.clone(), column: c.name.clone() });
        }
    }
    for x in h.columns.iter_mut().filter(|x| !x.retired && w.column(&x.name).is_none()) {
        steps.push(Step::RetireColumn { table: table.clone(), column: x.name.clone() });
        x.retired = true;
    }
}

fn describe(c: &ColumnDef) -> String {
    match (c.class, c.scale) {
        (super::Class::Int, Some(s)) => format!("a decimal of {s} places"),
        (super::Class::Int, None) => "a whole number".into(),
        (super::Class::Text, _) => "text".into(),
        (super::Class::Id, _) => "an id".into(),
    }
}

fn indexes(h: &mut Table, w: &Table, drop: &mut Vec<Step>, make: &mut Vec<Step>) {
    let table = &h.name;
    for (name, i) in &h.indexes {
        if w.indexes.get(name) != Some(i) {
            drop.push(Step::DropIndex { table: table.clone(), name: name.clone() });
        }
    }
    for (name, i) in &w.indexes {
        if h.indexes.get(name) != Some(i) {
            make.push(Step::CreateIndex { table: table.clone(), index: i.clone() });
        }
    }
    h.indexes.clone_from(&w.indexes);
}
