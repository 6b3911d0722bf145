//! Picklist files.

use indexmap::IndexMap;

use super::{Fault, flaw::Flaw, reader::Tab};
use crate::{PickValue, Picklist};

/// Colour tokens a value may have.
const COLORS: [&str; 8] = ["jade", "green", "amber", "orange", "red", "blue", "violet", "grey"];

pub(super) fn read(t: &Tab<'_, '_>, out: &mut IndexMap<String, Picklist>, faults: &mut Vec<Fault>) {
    for (name, mut set) in t.entries(faults) {
        set.call(format!("picklist `{name}`"), &name);
        if let Err(e) = crate::FieldName::new(&name) {
            set.fault(e, faults);
        }
        let label = set.label("label", faults);
        let system = set.flag("system", faults);
        let default = set.text("default", faults);
        let mut values: Vec<PickValue> = vec![];
        for v in set.tables("values", "value", faults) {
            let Some((key, line)) = v.need("key", faults) else { continue };
            if let Err(e) = crate::FieldName::new(&key) {
                v.fault_at(line, e, faults);
            }
            if values.iter().any(|x| x.key == key) {
                v.fault_at(line, Flaw::Twice, faults);
            }
            let color = v.text("color", faults).and_then(|(c, line)| {
                if COLORS.contains(&c.as_str()) {
                    return Some(c);
                }
                v.fault_at(line, Flaw::choice("color", &c, COLORS), faults);
                None
            });
            values.push(PickValue { key, label: v.label("label", faults), color, active: !v.flag("inactive", faults) });
            v.finish(faults);
        }
        if values.is_empty() {
            set.fault(Flaw::missing("values"), faults);
        }
        if let Some((d, line)) = &default
            && !values.iter().any(|v| v.key == *d)
        {
            set.fault_at(*line, Flaw::choice("default", d, values.iter().map(|v| &v.key)), faults);
        }
        set.finish(faults);
        let p = Picklist { name: name.clone(), label, values, default: default.map(|(d, _)| d), system };
        if out.insert(name.clone(), p).is_some() {
            set.fault(Flaw::Twice, faults);
        }
    }
}
