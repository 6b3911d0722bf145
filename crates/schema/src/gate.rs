//! Gates of stages (R-STG-01): what a record must have to enter. Kept as JSON in `stage.gate`, so an administrator may change it.
//!
//! ```json
//! { "required": ["need", "primary_contact_id"],
//!   "conditions": [{ "code": "budget_known", "formula": "budget_status <> 'unknown'", "fields": ["budget_status"],
//!                    "label": { "en": "Budget situation is known", "zh": "预算情况已明确" } }],
//!   "related": [{ "code": "effective_follow_up", "label": { "en": "An effective follow-up", "zh": "一次有效跟进" },
//!                 "any_of": [{ "object": "follow_up", "via": "target", "filter": "is_effective = true", "min": 1 }] }] }
//! ```
//! Every part is judged on the state after the change; all missing items are reported together.

use serde::{Deserialize, Serialize};

use crate::{FieldError, FieldName, Label, Model, ObjectDef, ObjectName, check::read_filter};

/// What a record must have to enter a stage.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Gate {
    /// Fields that must have a value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<FieldName>,
    /// Formulas that must be true.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// Records that must exist.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Need>,
}

/// A formula that must be true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Stable name of the item in `stage.gate_failed`.
    pub code: String,
    /// Formula over the record.
    pub formula: String,
    /// Fields a person would fill to make it true.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldName>,
    /// What is missing, in words.
    pub label: Label,
}

/// Related records of which at least one kind must be there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// Stable name of the item in `stage.gate_failed`.
    pub code: String,
    /// What is missing, in words.
    pub label: Label,
    /// Alternatives: one is enough.
    pub any_of: Vec<Count>,
}

/// A number of related records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// The related object.
    pub object: ObjectName,
    /// Its field that points to the record.
    pub via: FieldName,
    /// Only records for which this filter holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// At least so many.
    #[serde(default = "one")]
    pub min: u32,
}

const fn one() -> u32 {
    1
}

impl Gate {
    /// Nothing is asked.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.required.is_empty() && self.conditions.is_empty() && self.related.is_empty()
    }
    /// Leaves out alternatives over objects that `gone` names, and needs of which no alternative is left: the shipped gates say
    /// all of R-STG-01, also about objects that are not declared yet.
    pub fn forget(&mut self, gone: impl Fn(&str) -> bool) {
        for n in &mut self.related {
            n.any_of.retain(|c| !gone(&c.object));
        }
        self.related.retain(|n| !n.any_of.is_empty());
    }
    /// What the model does not know or cannot judge, in plain words and as a code; empty = fine. `object` is what moves through the
    /// stages.
    #[must_use]
    pub fn faults(&self, model: &Model, object: &ObjectDef) -> Vec<(String, FieldError)> {
        let mut out = vec![];
        let no_field = |name: &str, o: &ObjectDef| {
            let cause = FieldError::new("", "expr.unknown_field").with("name", name).with("object", o.name.as_str());
            (format!("names field `{name}` of `{}`, which does not exist", o.name), cause)
        };
        let own = |n: &str| {
            let head = n.split('.').next().unwrap_or(n);
            object.field(head).is_none().then(|| no_field(head, object))
        };
        out.extend(self.required.iter().filter_map(|f| own(f)));
        for c in &self.conditions {
            if let Err(e) = crate::formula::check_condition(&c.formula, model, object) {
                out.push((format!("formula `{}`: {e}", c.formula), e.for_field("")));
            }
            out.extend(c.fields.iter().filter_map(|f| own(f)));
        }
        for c in self.related.iter().flat_map(|n| &n.any_of) {
            let Some(o) = model.object(&c.object) else {
                let cause = FieldError::new("", "model.object_missing").with("name", c.object.as_str());
                out.push((format!("counts object `{}`, which does not exist", c.object), cause));
                continue;
            };
            if o.field(&c.via).is_none() {
                out.push(no_field(&c.via, o));
            }
            if let Some(s) = &c.filter
                && let Err(e) = read_filter(s, model, o)
            {
                out.push((format!("filter `{s}`: {e}"), e.for_field("")));
            }
        }
        out
    }
}
