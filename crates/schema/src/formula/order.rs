//! Which computed field needs which: the order of computing, and cycles.

use std::collections::{BTreeSet, HashMap};

use super::check::check_field;
use crate::{ExprError, FieldIx, FieldName, FieldType, Model, ObjectDef, ObjectName, query::Path};

type Key = (ObjectName, FieldName);

/// Formulas of one object in an order in which each comes after those it uses.
///
/// # Errors
/// The first fault of a formula (with `field` among its parameters), or `expr.cycle` with the names that go round.
pub fn calc_order(model: &Model, object: &ObjectDef) -> Result<Vec<FieldIx>, ExprError> {
    let mut walk = Walk { model, state: HashMap::new(), trail: vec![], out: vec![] };
    for (_, f) in object.live() {
        if matches!(f.ty, FieldType::Calc { .. }) {
            walk.visit(&(object.name.clone(), f.name.clone()))?;
        }
    }
    Ok(walk.out.into_iter().filter(|(o, _)| *o == object.name).filter_map(|(_, f)| object.ix(&f)).collect())
}

#[derive(PartialEq)]
enum State {
    Open,
    Done,
}

struct Walk<'m> {
    model: &'m Model,
    state: HashMap<Key, State>,
    trail: Vec<Key>,
    out: Vec<Key>,
}

impl Walk<'_> {
    fn visit(&mut self, key: &Key) -> Result<(), ExprError> {
        match self.state.get(key) {
            Some(State::Done) => return Ok(()),
            Some(State::Open) => {
                let from = self.trail.iter().position(|k| k == key).unwrap_or(0);
                let round: Vec<String> = self.trail[from..].iter().chain([key]).map(|(o, f)| format!("{o}.{f}")).collect();
                return Err(ExprError::new("expr.cycle").with("path", round.join(" → ")));
            }
            None => {}
        }
        let Some(object) = self.model.object(&key.0) else { return Ok(()) };
        let Some(field) = object.field(&key.1) else { return Ok(()) };
        let FieldType::Calc { formula, .. } = &field.ty else { return Ok(()) };
        self.state.insert(key.clone(), State::Open);
        self.trail.push(key.clone());
        let f = check_field(formula, field, self.model, object).map_err(|e| e.with("field", key.1.as_str()))?;
        for p in f.fields() {
            for k in steps(&object.name, p) {
                self.visit(&k)?;
            }
        }
        self.trail.pop();
        self.state.insert(key.clone(), State::Done);
        self.out.push(key.clone());
        Ok(())
    }
}

/// Each field a path goes through, with its object.
fn steps(object: &ObjectName, p: &Path) -> Vec<Key> {
    let mut here = object.clone();
    let mut out = vec![];
    for (f, next) in &p.hops {
        out.push((here, f.clone()));
        here = next.clone();
    }
    out.push((here, p.field.clone()));
    out
}

/// Stored formulas that read a field, of whatever object: `(object, formula field, path)`. When the field changes, they have to
/// be computed anew for the records that reach it by that path. Formulas that do not fit are left out.
#[must_use]
pub fn dependents(model: &Model, object: &ObjectName, field: &str) -> Vec<(ObjectName, FieldIx, Path)> {
    let mut out = vec![];
    for o in model.objects.values() {
        for (ix, f) in o.live() {
            let FieldType::Calc { formula, volatile: false, .. } = &f.ty else { continue };
            let Ok(checked) = check_field(formula, f, model, o) else { continue };
            let mut seen = BTreeSet::new();
            for p in checked.fields() {
                let reads = steps(&o.name, p).into_iter().any(|(at, name)| at == *object && name == *field);
                if reads && seen.insert(crate::expr::written(p)) {
                    out.push((o.name.clone(), ix, p.clone()));
                }
            }
        }
    }
    out
}
