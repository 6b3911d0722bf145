//! Picklist files.

use indexmap::IndexMap;

use super::{Fault, reader::Tab};
use crate::{PickValue, Picklist};

/// Colour tokens a value may have.
const COLORS: [&str; 8] = ["jade", "green", "amber", "orange", "red", "blue", "violet", "grey"];

pub(super) fn read(t: &Tab<'_, '_>, out: &mut IndexMap<String, Picklist>, faults: &mut Vec<Fault>) {
    for (name, set) in t.entries(faults) {
        if let Err(e) = crate::FieldName::new(&name) {
            set.fault(e, faults);
        }
        let label = set.label("label", faults);
        let system = set.flag("system", faults);
        let default = set.text("default", faults);
        let mut values: Vec<PickValue> = vec![];
        for v in set.tables("values", &format!("picklist `{name}`, value"), faults) {
            let Some((key, line)) = v.need("key", faults) else { continue };
            if key.len() > 64 || crate::FieldName::new(&key).is_err() {
                faults.push(v.doc.fault(
                    line,
                    format!("picklist `{name}`: `{key}` is not a key: use a small letter, then small letters, digits or _"),
                ));
            }
            if values.iter().any(|x| x.key == key) {
                faults.push(v.doc.fault(line, format!("picklist `{name}`: value `{key}` is there twice")));
            }
            let color = v.text("color", faults).and_then(|(c, line)| {
                if COLORS.contains(&c.as_str()) {
                    return Some(c);
                }
                faults.push(
                    v.doc.fault(line, format!("picklist `{name}`: `{c}` is not a colour; use one of {}", COLORS.join(", "))),
                );
                None
            });
            values.push(PickValue { key, label: v.label("label", faults), color, active: !v.flag("inactive", faults) });
            v.finish(faults);
        }
        if values.is_empty() {
            faults.push(set.doc.fault(set.line, format!("picklist `{name}` has no values")));
        }
        if let Some((d, line)) = &default
            && !values.iter().any(|v| v.key == *d)
        {
            faults.push(set.doc.fault(*line, format!("picklist `{name}`: default `{d}` is not one of its values")));
        }
        set.finish(faults);
        let p = Picklist { name: name.clone(), label, values, default: default.map(|(d, _)| d), system };
        if out.insert(name.clone(), p).is_some() {
            faults.push(set.doc.fault(set.line, format!("picklist `{name}` is declared twice")));
        }
    }
}
