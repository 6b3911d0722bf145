//! One object file.

use indexmap::IndexMap;

use super::{Fault, Spots, field, flaw::Flaw, reader::Tab};
use crate::{
    FieldDef, FieldName, FieldType, ObjectDef, ObjectKind, ObjectName, Section, Transition,
    field::{ResultType, RollupFn},
    object::Related,
    system,
};

/// Rollups whose result type follows from the field they compute: object and field.
pub(super) type Derived = Vec<(ObjectName, FieldName)>;

pub(super) fn read<'a>(
    mut t: Tab<'_, 'a>,
    out: &mut IndexMap<ObjectName, ObjectDef>,
    spots: &mut Spots<'a>,
    derived: &mut Derived,
    faults: &mut Vec<Fault>,
) {
    let Some((name, name_line)) = t.need("name", faults) else { return };
    t.call(format!("object `{name}`"), &name);
    let Some(name) = t.good(ObjectName::new(&name), name_line, faults) else { return };
    let kind = match t.need("kind", faults).as_ref().map(|(k, l)| (k.as_str(), *l)) {
        Some(("ownable", _)) => ObjectKind::Ownable,
        Some(("child", _)) => ObjectKind::Child,
        Some(("config", _)) => ObjectKind::Config,
        Some(("log", _)) => ObjectKind::Log,
        Some((k, line)) => {
            t.fault_at(line, Flaw::choice("kind", k, ["ownable", "child", "config", "log"]), faults);
            ObjectKind::Ownable
        }
        None => ObjectKind::Ownable,
    };
    let label = t.label("label", faults);
    let plural = t.label("plural", faults);
    let Some((title, title_line)) = t.need("title", faults) else { return };
    let Some(title) = t.good(FieldName::new(&title), title_line, faults) else { return };
    let file = t.doc.file;
    spots.put(&name, "", file, name_line);
    spots.put(&name, "title", file, title_line);

    let mut o = ObjectDef::empty(name.clone(), kind, label, plural, title);
    if let Some((i, _)) = t.need("icon", faults) {
        o.icon = i;
    }
    o.area = t.text("area", faults).map(|(a, _)| a);
    spots.put(&name, "area", file, t.line_of("area"));
    o.position = t.int("position", faults).and_then(|n| i32::try_from(n).ok()).unwrap_or(0);
    o.person_name = t.flag("person_name", faults);
    o.activities = t.flag("activities", faults);
    if let Some((s, line)) = t.text("default_sort", faults) {
        o.default_sort = s;
        spots.put(&name, "default_sort", file, line);
    }
    for (key, slot) in [("board", &mut o.board), ("status", &mut o.status)] {
        if let Some((s, line)) = t.text(key, faults) {
            *slot = t.good(FieldName::new(&s), line, faults);
            spots.put(&name, key, file, line);
        }
    }
    for (key, slot) in [
        ("subtitle", &mut o.subtitle),
        ("list", &mut o.list),
        ("card", &mut o.card),
        ("facts", &mut o.facts),
        ("read_via", &mut o.read_via),
    ] {
        for (s, line) in t.strings(key, faults) {
            let Some(f) = t.good(FieldName::new(&s), line, faults) else { continue };
            if slot.contains(&f) {
                t.fault_at(line, Flaw::TwiceIn { key, name: f.to_string() }, faults);
            }
            spots.put(&name, &format!("{key}.{f}"), file, line);
            slot.push(f);
        }
    }
    for (i, (set, line)) in t.string_lists("unique", faults).into_iter().enumerate() {
        let names: Option<Vec<_>> = set.iter().map(|s| t.good(FieldName::new(s), line, faults)).collect();
        spots.put(&name, &format!("unique.{i}"), file, line);
        o.uniques.extend(names);
    }
    for r in t.tables("related", "related list", faults) {
        let object = r.need("object", faults).and_then(|(s, l)| t.good(ObjectName::new(&s), l, faults));
        let field = r.need("field", faults).and_then(|(s, l)| t.good(FieldName::new(&s), l, faults));
        r.finish(faults);
        if let (Some(object), Some(field)) = (object, field) {
            spots.put(&name, &format!("related.{object}.{field}"), file, r.line);
            o.related.push(Related { object, field });
        }
    }
    o.fields = system::fields(kind);
    sections(&t, &mut o, false, spots, derived, faults);
    for (i, x) in t.tables("transition", "action", faults).into_iter().enumerate() {
        let Some((action, line)) = x.need("action", faults) else { continue };
        spots.put(&name, &format!("transition.{i}"), file, line);
        let from = x.strings("from", faults).into_iter().map(|(s, _)| s).collect();
        let Some((to, _)) = x.need("to", faults) else { continue };
        let requires =
            x.strings("requires", faults).into_iter().filter_map(|(s, l)| t.good(FieldName::new(&s), l, faults)).collect();
        let system = x.flag("system", faults);
        o.transitions.push(Transition { action, from, to, label: x.label("label", faults), requires, system });
        x.finish(faults);
    }
    t.finish(faults);
    if out.contains_key(&name) {
        t.fault_at(name_line, Flaw::Twice, faults);
        return;
    }
    out.insert(name, o);
}

/// Fields for an object that is there.
pub(super) fn extend<'a>(
    mut t: Tab<'_, 'a>,
    out: &mut IndexMap<ObjectName, ObjectDef>,
    spots: &mut Spots<'a>,
    derived: &mut Derived,
    faults: &mut Vec<Fault>,
) {
    let Some((name, line)) = t.need("name", faults) else { return };
    let Some(o) = out.get_mut(name.as_str()) else {
        t.fault_at(line, Flaw::NoObject(name), faults);
        return;
    };
    t.call(format!("object `{name}`"), &name);
    spots.put(&name, "", t.doc.file, line);
    sections(&t, o, true, spots, derived, faults);
    t.finish(faults);
}

fn sections<'a>(
    t: &Tab<'_, 'a>,
    o: &mut ObjectDef,
    onto: bool,
    spots: &mut Spots<'a>,
    derived: &mut Derived,
    faults: &mut Vec<Fault>,
) {
    for s in t.tables("section", "section", faults) {
        let key = s.need("key", faults).map(|(k, _)| k).unwrap_or_default();
        let known = o.sections.iter().any(|x| x.key == key);
        if known && !onto {
            s.fault(Flaw::Twice, faults);
        }
        if known && onto {
            s.label_opt("label", faults);
        } else {
            o.sections.push(Section { key: key.clone(), label: s.label("label", faults) });
        }
        fields(&s, t, Some(&key), o, spots, derived, faults);
        s.finish(faults);
    }
    fields(t, t, None, o, spots, derived, faults);
    if o.sections.is_empty() {
        t.fault(Flaw::missing("[[section]]"), faults);
    }
}

/// The `fields` of a section of the file, or of the file itself: those are in no layout.
fn fields<'a>(
    t: &Tab<'_, 'a>,
    file: &Tab<'_, 'a>,
    section: Option<&str>,
    o: &mut ObjectDef,
    spots: &mut Spots<'a>,
    derived: &mut Derived,
    faults: &mut Vec<Fault>,
) {
    for f in t.tables_of(file, "fields", "field", faults) {
        let Some(read) = field::read(&f, section, faults) else { continue };
        let n = read.def.name.clone();
        spots.put(&o.name, &format!("field.{n}"), t.doc.file, f.line);
        if system::is_reserved(o.kind, &n) {
            f.fault(Flaw::Reserved, faults);
        } else if o.fields.iter().any(|x| x.name == n) {
            f.fault(Flaw::Twice, faults);
        } else {
            if read.derive_result {
                derived.push((o.name.clone(), n));
            }
            o.fields.push(read.def);
        }
    }
}

/// Gives rollups the result type of the field they compute. A rollup of a rollup takes as many rounds as the chain is long.
pub(super) fn derive_results(objects: &mut IndexMap<ObjectName, ObjectDef>, derived: &Derived) {
    for _ in 0..3 {
        for (object, name) in derived {
            let Some(FieldType::Roll { rollup, .. }) = objects.get(object).and_then(|o| find(o, name)).map(|f| &f.ty) else {
                continue;
            };
            let source = rollup.field.as_ref().and_then(|n| find(objects.get(&rollup.object)?, n));
            let Some(result) = source.and_then(|f| result_of(&f.ty, rollup.func)) else { continue };
            if let Some(f) = objects.get_mut(object).and_then(|o| o.fields.iter_mut().find(|f| f.name == *name))
                && let FieldType::Roll { result: r, .. } = &mut f.ty
            {
                *r = result;
            }
        }
    }
}

fn find<'o>(o: &'o ObjectDef, name: &FieldName) -> Option<&'o FieldDef> {
    o.fields.iter().find(|f| f.name == *name)
}

/// The type of a rollup over a field of this type; `None` when it cannot be rolled up so.
pub(crate) fn result_of(ty: &FieldType, func: RollupFn) -> Option<ResultType> {
    let number = match ty {
        FieldType::Int { .. } | FieldType::Rating { .. } => {
            Some(if func == RollupFn::Avg { ResultType::Dec(2) } else { ResultType::Int })
        }
        FieldType::Dec { scale, .. } => Some(ResultType::Dec(*scale)),
        FieldType::Money { .. } => Some(ResultType::Money),
        FieldType::Pct { .. } => Some(ResultType::Pct),
        FieldType::Duration => Some(ResultType::Duration),
        FieldType::Calc { result, volatile: false, .. } | FieldType::Roll { result, .. } => match result {
            ResultType::Text | ResultType::Bool | ResultType::Date | ResultType::DateTime => None,
            ResultType::Int if func == RollupFn::Avg => Some(ResultType::Dec(2)),
            ResultType::Int | ResultType::Dec(_) | ResultType::Money | ResultType::Pct | ResultType::Duration => Some(*result),
        },
        _ => None,
    };
    let ordered = match ty {
        FieldType::Date => Some(ResultType::Date),
        FieldType::DateTime => Some(ResultType::DateTime),
        FieldType::Calc { result: r @ (ResultType::Date | ResultType::DateTime), volatile: false, .. }
        | FieldType::Roll { result: r @ (ResultType::Date | ResultType::DateTime), .. } => Some(*r),
        _ => None,
    };
    match func {
        RollupFn::Count => Some(ResultType::Int),
        RollupFn::Sum | RollupFn::Avg => number,
        RollupFn::Min | RollupFn::Max => number.or(ordered),
    }
}
