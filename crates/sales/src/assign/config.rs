//! Rules and territories can be carried out as they are written: whatever is wrong is told where it is saved.

use async_trait::async_trait;
use rapport_records::{Draft, Error, Hook, Result, Unit, q};
use rapport_schema::{ChangeOp, FieldError, FieldType, ObjectDef, Record, Value};
use rapport_text::normalise::divisions;
use serde_json::Value as Json;

use super::rule::{Strategy, Who, members};

pub(crate) struct RuleHook;

#[async_trait]
impl Hook for RuleHook {
    fn objects(&self) -> &[&'static str] {
        &["assignment_rule", "territory"]
    }
    async fn before(&self, u: &mut Unit<'_>, d: &mut Draft) -> Result<()> {
        if !matches!(d.op, ChangeOp::Create | ChangeOp::Update) {
            return Ok(());
        }
        let faults = if d.object.name == "territory" { territory(d) } else { rule(u, d).await? };
        if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
    }
}

async fn rule(u: &mut Unit<'_>, d: &Draft) -> Result<Vec<FieldError>> {
    let o = d.object.clone();
    let json = |f: &str| if let Value::Json(j) = d.new.get(&o, f) { Some((**j).clone()) } else { None };
    let (Some(object), Some(strategy)) = (d.new.get(&o, "object").as_text(), d.new.get(&o, "strategy").as_text()) else {
        return Ok(vec![]);
    };
    // Tickets and conversations are assigned once there are any.
    if !super::OBJECTS.contains(&object) {
        return Ok(vec![FieldError::new("object", "value.inactive_option").with("value", object)]);
    }
    let mut faults = vec![];
    let of = u.object(object)?;
    if (d.changed("condition") || d.changed("object"))
        && let Some(condition) = json("condition")
    {
        // Any record of that object will do: the condition is only to be read.
        let blank = Record::new(&of, u.engine.new_id());
        match u.fits(&of, &blank, &condition) {
            Ok(_) => {}
            Err(Error::Invalid(v)) => faults.extend(v.into_iter().map(|f| FieldError { field: "condition".into(), ..f })),
            Err(e) => return Err(e),
        }
    }
    if (d.changed("members") || d.changed("strategy") || d.changed("object"))
        && let (Some(strategy), Some(written)) = (Strategy::named(strategy), json("members"))
    {
        match members(strategy, &written) {
            Ok(all) => {
                for (at, m) in all.into_iter().enumerate() {
                    faults.extend(meant(u, &of, &m.who).await?.map(|f| f.with("row", at + 1)));
                }
            }
            Err(more) => faults.extend(more),
        }
    }
    Ok(faults)
}

/// What an entry means is there: a live record, a pool of the object, a field with one person.
async fn meant(u: &mut Unit<'_>, of: &ObjectDef, who: &Who) -> Result<Option<FieldError>> {
    if let Who::Field(name) = who {
        let person = of.field(name).is_some_and(|f| matches!(f.ty, FieldType::User));
        return Ok((!person || name == "owner_id")
            .then(|| FieldError::new("members", "assignment.user_field").with("field", name.as_str())));
    }
    let Some((object, id)) = who.record() else { return Ok(None) };
    let Some(found) = u.find(object, q::id(id), 1).await?.pop() else {
        return Ok(Some(FieldError::new("members", "reference.not_found").with("value", id.to_string())));
    };
    let o = u.object(object)?;
    let elsewhere = object == "pool" && found.get(&o, "object").as_text() != Some(of.name.as_str());
    Ok(elsewhere.then(|| FieldError::new("members", "pool.move_target")))
}

/// Divisions are codes of GB/T 2260 and countries codes of two letters, each in a list.
fn territory(d: &Draft) -> Vec<FieldError> {
    let faulty = |f: &str, code: &'static str, is: &dyn Fn(&str) -> bool| {
        let Value::Json(j) = d.new.get(&d.object, f) else { return None };
        let Json::Array(all) = &**j else { return Some(FieldError::new(f, "territory.codes")) };
        all.iter()
            .find(|v| !v.as_str().is_some_and(is))
            .map(|v| FieldError::new(f, code).with("value", v.as_str().map_or_else(|| v.to_string(), str::to_owned)))
    };
    let country = |c: &str| c.len() == 2 && c.bytes().all(|b| b.is_ascii_uppercase());
    [
        faulty("division_codes", "territory.division", &|c| divisions().get(c).is_some()),
        faulty("countries", "territory.country", &country),
    ]
    .into_iter()
    .flatten()
    .collect()
}
