//! How administrators arrange an object on the page: order and labels of sections, order and place of fields, list columns, cards
//! and key facts. It changes what is shown where, never what is kept and never who may see it.

use std::sync::Arc;

use rapport_schema::{
    FieldError, FieldName, FieldType, Label, Model, ObjectDef,
    layout::{Device, Layout as Special, Placed, When},
    object::Section,
};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use smol_str::SmolStr;

use super::modelling::flawed;
use crate::Result;

/// Most arrangements of one object beside the one for everyone.
const MOST: usize = 50;

/// One `[[layout]]` of the custom text.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Layout {
    object: String,
    /// Code of the role it is for; none = everyone.
    role: Option<SmolStr>,
    /// Short for `when` on the field `record_type`.
    record_type: Option<SmolStr>,
    /// The records it is for.
    when: Option<When>,
    /// `phone`.
    device: Option<Device>,
    #[serde(default)]
    section: Vec<Part>,
    /// Fields shown in no section.
    #[serde(default)]
    hidden: Vec<String>,
    list: Option<Vec<String>>,
    card: Option<Vec<String>>,
    facts: Option<Vec<String>>,
    subtitle: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    key: String,
    label: Option<Label>,
    #[serde(default)]
    fields: Vec<String>,
}

fn wrong(reason: String, object: &str, cause: FieldError) -> crate::Error {
    flawed("layout", reason, FieldError { field: object.to_owned(), ..cause })
}

impl Layout {
    /// For everyone and everything.
    fn plain(&self) -> bool {
        self.role.is_none() && self.record_type.is_none() && self.when.is_none() && self.device.is_none()
    }
}

/// Arranges objects: first what holds for everyone, then what is for a role, a kind of record or the phone and starts from it.
///
/// # Errors
/// `model.fault` for an object that is not there, a new section without a label, two arrangements for the same, a kind of record told
/// by a field that cannot tell it.
pub(super) fn arrange(model: &mut Model, layouts: Vec<Layout>) -> Result<()> {
    let (plain, special): (Vec<_>, Vec<_>) = layouts.into_iter().partition(Layout::plain);
    for l in plain {
        let was = find(model, &l.object)?;
        let o = arranged(&was, l)?;
        model.objects.insert(o.name.clone(), Arc::new(o));
    }
    for l in special {
        let o = find(model, &l.object)?;
        let Some(made) = special_of(&o, l)? else { continue };
        let mut o = ObjectDef::clone(&o);
        if o.layouts.iter().any(|x| x.same_place(&made)) {
            return Err(wrong(
                format!("object `{}` has two layouts for {}", o.name, made.place()),
                &o.name,
                FieldError::new("", "model.layout_twice").with("name", made.place()),
            ));
        }
        if o.layouts.len() >= MOST {
            return Err(wrong(
                format!("object `{}` has more than {MOST} layouts", o.name),
                &o.name,
                FieldError::new("", "model.too_many_layouts").with("max", MOST),
            ));
        }
        o.layouts.push(made);
        o.layouts.sort_by_key(|l| std::cmp::Reverse(l.rank()));
        model.objects.insert(o.name.clone(), Arc::new(o));
    }
    Ok(())
}

fn find(model: &Model, name: &str) -> Result<Arc<ObjectDef>> {
    model.objects.get(name).cloned().ok_or_else(|| {
        wrong(format!("object `{name}` does not exist"), "", FieldError::new("", "model.object_missing").with("name", name))
    })
}

/// What an arrangement for some makes of the object; none when the field that told the kind of record is gone.
fn special_of(o: &ObjectDef, mut l: Layout) -> Result<Option<Special>> {
    let name = &o.name;
    if l.list.is_some() || l.card.is_some() || l.subtitle.is_some() {
        return Err(wrong(
            format!("object `{name}`: list, card and subtitle are arranged for everyone, not for a role, a type or the phone"),
            name,
            FieldError::new("", "model.layout_shared"),
        ));
    }
    let when = match (l.record_type.take(), l.when.take()) {
        (Some(_), Some(_)) => {
            let reason = format!("object `{name}`: a layout says `record_type` or `when`, not both");
            return Err(wrong(reason, name, FieldError::new("", "model.layout_for")));
        }
        (Some(is), None) => Some(When { field: FieldName::lit("record_type"), is }),
        (None, when) => when,
    };
    if let Some(w) = &when {
        let Some(f) = o.field(&w.field).filter(|f| !f.retired) else {
            if &*w.field == "record_type" {
                return Err(wrong(
                    format!("object `{name}` has no record types"),
                    name,
                    FieldError::new("", "model.no_types").with("name", name.as_str()),
                ));
            }
            return Ok(None);
        };
        // A value that is no more fits no record.
        let told = matches!(f.ty, FieldType::Pick { .. }) || &*w.field == "record_type";
        if !told {
            return Err(wrong(
                format!("object `{name}`: `{}` is no picklist and tells no type", w.field),
                name,
                FieldError::new("", "model.no_picklist").with("name", w.field.as_str()),
            ));
        }
    }
    let (role, device) = (l.role.take(), l.device.take());
    let made = arranged(o, l)?;
    let placed = |s: &Section| {
        let here = made.live().filter(|(_, f)| f.section.as_deref() == Some(s.key.as_str()));
        Placed { key: s.key.clone(), label: s.label.clone(), fields: here.map(|(_, f)| f.name.clone()).collect() }
    };
    let sections = made.sections.iter().map(placed).collect();
    Ok(Some(Special { role, when, device, sections, facts: made.facts.clone() }))
}

/// One object as arranged. Sections and fields the layout names come first, in its order; the others keep theirs and follow. Names that
/// are gone (a field switched off since) are passed over, so that a layout never stands in the way of another change.
fn arranged(o: &ObjectDef, layout: Layout) -> Result<ObjectDef> {
    let mut o = ObjectDef::clone(o);
    let mut sections = vec![];
    let mut order: Vec<String> = vec![];
    for p in layout.section {
        let was = o.sections.iter().position(|s| s.key == p.key).map(|i| o.sections.remove(i));
        let Some(label) = p.label.or(was.map(|s| s.label)) else {
            return Err(wrong(
                format!("object `{}`: the new section `{}` has no label", layout.object, p.key),
                &layout.object,
                FieldError::new("", "model.section_label").with("name", p.key.as_str()),
            ));
        };
        for name in p.fields {
            if let Some(f) = o.fields.iter_mut().find(|f| f.name == *name.as_str()) {
                f.section = Some(p.key.clone());
                order.push(name);
            }
        }
        sections.push(Section { key: p.key, label });
    }
    sections.append(&mut o.sections);
    o.sections = sections;
    for name in &layout.hidden {
        if let Some(f) = o.fields.iter_mut().find(|f| f.name == *name.as_str()) {
            f.section = None;
        }
    }
    // The fields of a section change places among themselves, the named ones to the front; those of no section, the engine's above all,
    // stay where they are.
    let rank = |n: &FieldName| order.iter().position(|x| *n == *x.as_str()).unwrap_or(order.len());
    for s in &o.sections {
        let places: Vec<usize> =
            (0..o.fields.len()).filter(|i| o.fields[*i].section.as_deref() == Some(s.key.as_str())).collect();
        let mut here: Vec<_> = places.iter().map(|i| o.fields[*i].clone()).collect();
        here.sort_by_key(|f| rank(&f.name));
        for (place, f) in places.into_iter().zip(here) {
            o.fields[place] = f;
        }
    }
    o.reindex();
    let known = |names: Vec<String>| -> Vec<FieldName> {
        names.iter().filter_map(|n| o.fields.iter().find(|f| f.name == *n.as_str()).map(|f| f.name.clone())).collect()
    };
    let (list, card, facts, subtitle) =
        (layout.list.map(&known), layout.card.map(&known), layout.facts.map(&known), layout.subtitle.map(&known));
    for (slot, given) in [(&mut o.list, list), (&mut o.card, card), (&mut o.facts, facts), (&mut o.subtitle, subtitle)] {
        if let Some(given) = given.filter(|g| !g.is_empty()) {
            *slot = given;
        }
    }
    Ok(o)
}

/// Arrangements for some that were added, changed and taken away, in words a person can check.
pub(super) fn differences(old: Option<&ObjectDef>, new: &ObjectDef, out: &mut Vec<Json>) {
    let none = vec![];
    let was = old.map_or(&none, |o| &o.layouts);
    let mut say = |op: &str, l: &Special| {
        out.push(json!({ "op": op, "name": format!("{}.layout.{}", new.name, l.place()), "type": "layout" }));
    };
    for l in &new.layouts {
        match was.iter().find(|w| w.same_place(l)) {
            None => say("add", l),
            Some(w) if w != l => say("change", l),
            Some(_) => {}
        }
    }
    for w in was.iter().filter(|w| !new.layouts.iter().any(|l| l.same_place(w))) {
        say("retire", w);
    }
}
