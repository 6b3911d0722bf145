//! Rules and conditions as text: `[[validation]]` and `[[condition]]` tables of the text administrators keep (docs/model-format.md,
//! R-AUT-02).

use std::{collections::HashSet, sync::Arc};

use rapport_schema::{FieldError, Label, Model, ObjectDef, Validation, formula};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::modelling::flawed;
use crate::{Error, Result};

/// Most rules of an object: every save judges them all.
const RULES_MAX: usize = 100;
/// Longest code, in characters.
const CODE_MAX: usize = 50;
/// Longest message in one language, in characters.
const MESSAGE_MAX: usize = 500;

/// One `[[validation]]` of the custom text.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleText {
    object: String,
    code: String,
    /// It has to hold …
    must: Option<String>,
    /// … or it must not.
    refuse_if: Option<String>,
    message: Label,
    field: Option<String>,
    #[serde(default = "yes")]
    enabled: bool,
}

/// One `[[condition]]` of the custom text: what an administrator says of a field that is there. An empty formula lifts a condition.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConditionText {
    object: String,
    field: String,
    visible_if: Option<String>,
    required_if: Option<String>,
    readonly_if: Option<String>,
}

/// Gives fields their conditions; what a table leaves out stays as it is.
///
/// # Errors
/// `model.fault` for an object or field that is not there, for the title, which is always shown, and for fields that nobody writes;
/// `expr.…` for a formula that does not fit.
pub(super) fn conditions(model: &mut Model, all: Vec<ConditionText>) -> Result<()> {
    for c in all {
        let wrong = |reason: &str, cause: FieldError| {
            let reason = format!("condition of `{}.{}`: {reason}", c.object, c.field);
            flawed("condition", reason, FieldError { field: format!("{}.{}", c.object, c.field), ..cause })
        };
        let Some(o) = model.objects.get(c.object.as_str()) else {
            return Err(wrong("the object does not exist", missing(&c.object)));
        };
        let Some(at) = o.fields.iter().position(|f| f.name == *c.field.as_str() && !f.retired) else {
            return Err(wrong(
                "the field does not exist",
                FieldError::new("", "expr.unknown_field").with("name", c.field.as_str()),
            ));
        };
        let f = &o.fields[at];
        if c.visible_if.is_some() && f.name == o.title {
            return Err(wrong("the title is always shown", FieldError::new("", "model.title_shown")));
        }
        if (c.required_if.is_some() || c.readonly_if.is_some()) && (f.system || f.ty.is_computed()) {
            return Err(wrong("nobody writes this field", FieldError::new("", "model.nobody_writes")));
        }
        let mut changed = ObjectDef::clone(o);
        let f = &mut changed.fields[at];
        for (given, slot) in
            [(&c.visible_if, &mut f.visible_if), (&c.required_if, &mut f.required_if), (&c.readonly_if, &mut f.readonly_if)]
        {
            let Some(text) = given else { continue };
            if text.trim().is_empty() {
                *slot = None;
                continue;
            }
            formula::check_condition(text, model, o).map_err(|e| {
                let mut e = e.for_field("model");
                e.params.insert("rule".into(), format!("{}.{}", c.object, c.field).into());
                Error::Invalid(vec![e])
            })?;
            *slot = Some(text.clone());
        }
        let name = changed.name.clone();
        model.objects.insert(name, Arc::new(changed));
    }
    Ok(())
}

const fn yes() -> bool {
    true
}

fn missing(object: &str) -> FieldError {
    FieldError::new("", "model.object_missing").with("name", object)
}

/// The code of a fault of a rule, which is named in it.
fn of(rule: &RuleText, code: &'static str) -> FieldError {
    FieldError::new("", code).with("name", rule.code.as_str())
}

fn wrong(rule: &RuleText, reason: &str, cause: FieldError) -> Error {
    let reason = format!("rule `{}` of object `{}`: {reason}", rule.code, rule.object);
    flawed("validation", reason, FieldError { field: rule.object.clone(), ..cause })
}

/// Gives the objects their rules, in the order of the text.
///
/// # Errors
/// `model.fault` for an object or field that is not there, a code that is no name or is there twice, a rule without a formula or
/// without words; `expr.…` for a formula that does not fit.
pub(super) fn attach(model: &mut Model, rules: Vec<RuleText>) -> Result<()> {
    let mut seen: HashSet<(String, String)> = HashSet::new();
    for r in rules {
        let Some(o) = model.objects.get(r.object.as_str()) else {
            return Err(wrong(&r, "the object does not exist", missing(&r.object)));
        };
        let good = r.code.starts_with(|c: char| c.is_ascii_lowercase())
            && r.code.len() <= CODE_MAX
            && r.code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !good {
            return Err(wrong(&r, "the code is not a name such as `credit_limit`", of(&r, "model.rule_code")));
        }
        if !seen.insert((r.object.clone(), r.code.clone())) {
            return Err(wrong(&r, "is there twice", of(&r, "model.rule_twice")));
        }
        let (text, must) = match (&r.must, &r.refuse_if) {
            (Some(t), None) => (t, true),
            (None, Some(t)) => (t, false),
            _ => return Err(wrong(&r, "needs either `must` or `refuse_if`", of(&r, "model.rule_formula"))),
        };
        let words = |s: &str| !s.trim().is_empty() && s.chars().count() <= MESSAGE_MAX;
        if !words(&r.message.en) || !words(&r.message.zh) {
            let cause = of(&r, "model.rule_message").with("max", MESSAGE_MAX);
            return Err(wrong(&r, "needs a message in English and Chinese, of 500 characters at most", cause));
        }
        let field = match &r.field {
            None => None,
            Some(n) => match o.field(n).filter(|f| !f.retired) {
                Some(f) => Some(f.name.clone()),
                None => {
                    let cause = FieldError::new("", "expr.unknown_field").with("name", n.as_str());
                    return Err(wrong(&r, &format!("field `{n}` does not exist"), cause));
                }
            },
        };
        // A rule that is switched off may wait for a field that is gone.
        if r.enabled {
            formula::check_condition(text, model, o).map_err(|e| {
                let mut e = e.for_field("model");
                e.params.insert("rule".into(), format!("{}.{}", r.object, r.code).into());
                Error::Invalid(vec![e])
            })?;
        }
        let rule = Validation {
            code: r.code.clone(),
            formula: text.clone(),
            must,
            message: r.message.clone(),
            field,
            enabled: r.enabled,
        };
        let mut changed = ObjectDef::clone(o);
        if changed.validations.len() == RULES_MAX {
            return Err(wrong(&r, "there are more than 100 rules", of(&r, "model.too_many_rules").with("max", RULES_MAX)));
        }
        changed.validations.push(rule);
        let name = changed.name.clone();
        model.objects.insert(name, Arc::new(changed));
    }
    Ok(())
}

/// Added, changed and retired rules of an object, as lines of the plan: `account.validation.credit_limit`; `*` stands for
/// another order.
pub(super) fn differences(old: Option<&ObjectDef>, new: &ObjectDef, out: &mut Vec<Json>) {
    let none = vec![];
    let was = old.map_or(&none, |o| &o.validations);
    let mut say = |op: &str, code: &str| {
        out.push(json!({ "op": op, "name": format!("{}.validation.{code}", new.name), "type": "validation" }));
    };
    for v in &new.validations {
        match was.iter().find(|w| w.code == v.code) {
            None => say("add", &v.code),
            Some(w) if w != v => say("change", &v.code),
            Some(_) => {}
        }
    }
    for w in was.iter().filter(|w| new.validations.iter().all(|v| v.code != w.code)) {
        say("retire", &w.code);
    }
    let kept = |list: &[Validation], other: &[Validation]| {
        list.iter().map(|v| v.code.clone()).filter(|c| other.iter().any(|w| w.code == *c)).collect::<Vec<_>>()
    };
    if kept(was, &new.validations) != kept(&new.validations, was) {
        say("change", "*");
    }
}
