//! Fields that wait for objects which are planned and not declared yet are left out, and everything that names them.

use indexmap::{IndexMap, IndexSet};

use super::Dormant;
use crate::{FieldDef, FieldName, FieldType, ObjectDef, ObjectName, check::names_in_filter, check::names_in_formula};

type Objects = IndexMap<ObjectName, ObjectDef>;

/// Removes dormant fields from the objects and lists them. Polymorphic lookups keep the targets that are declared.
pub(super) fn lay_to_rest(objects: &mut Objects, planned: &IndexSet<ObjectName>) -> Vec<Dormant> {
    let mut asleep: Vec<Dormant> = vec![];
    loop {
        let mut found = vec![];
        for o in objects.values() {
            for f in &o.fields {
                if is_asleep(&asleep, &o.name, &f.name) {
                    continue;
                }
                if let Some(waits_for) = waits(o, f, planned, &asleep) {
                    found.push(Dormant { object: o.name.clone(), field: f.name.clone(), waits_for });
                }
            }
        }
        if found.is_empty() {
            break;
        }
        asleep.extend(found);
    }
    for o in objects.values_mut() {
        for f in &mut o.fields {
            if let FieldType::Poly { targets } = &mut f.ty
                && !targets.iter().all(|t| planned.contains(t))
            {
                targets.retain(|t| !planned.contains(t));
            }
        }
        let name = o.name.clone();
        let up = |f: &FieldName| !is_asleep(&asleep, &name, f);
        o.fields.retain(|f| up(&f.name));
        for list in [&mut o.subtitle, &mut o.list, &mut o.card, &mut o.facts, &mut o.read_via] {
            list.retain(up);
        }
        o.uniques.retain(|set| set.iter().all(up));
        for t in &mut o.transitions {
            t.requires.retain(up);
        }
        o.related.retain(|r| !planned.contains(&r.object) && !is_asleep(&asleep, &r.object, &r.field));
    }
    asleep.sort_by(|a, b| (&a.object, &a.field).cmp(&(&b.object, &b.field)));
    asleep
}

fn is_asleep(asleep: &[Dormant], object: &str, field: &str) -> bool {
    asleep.iter().any(|d| d.object == *object && d.field == *field)
}

/// What a field waits for; `None` when it is awake.
fn waits(o: &ObjectDef, f: &FieldDef, planned: &IndexSet<ObjectName>, asleep: &[Dormant]) -> Option<String> {
    let dormant_field = |object: &str, field: &str| is_asleep(asleep, object, field).then(|| format!("{object}.{field}"));
    match &f.ty {
        FieldType::Poly { targets } if !targets.is_empty() && targets.iter().all(|t| planned.contains(t)) => {
            Some(targets.iter().map(ObjectName::as_str).collect::<Vec<_>>().join(", "))
        }
        FieldType::Roll { rollup: r, .. } => planned.contains(&r.object).then(|| r.object.to_string()).or_else(|| {
            let filter = r.filter.as_deref().map(names_in_filter).unwrap_or_default();
            let own = r.field.iter().chain([&r.via]).map(FieldName::as_str);
            own.chain(filter.iter().filter_map(|p| p.split('.').next())).find_map(|n| dormant_field(&r.object, n))
        }),
        FieldType::Calc { formula, .. } => {
            names_in_formula(formula).iter().filter_map(|p| p.split('.').next()).find_map(|n| dormant_field(&o.name, n))
        }
        ty => ty.target().filter(|t| planned.contains(t)).map(|t| t.to_string()),
    }
}
