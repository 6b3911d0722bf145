//! Gates of stages, judged on the state after the change (R-STG-01).

use std::sync::Arc;

use rapport_records::{Result, Unit, q};
use rapport_schema::{FieldError, FieldType, ObjectDef, Record, RecordRef, Value, gate::Gate};
use serde_json::json;

/// The gate of a stage record; nothing asked when it has none. Objects that are not installed ask nothing.
pub(crate) fn of(u: &Unit<'_>, stage: &ObjectDef, r: &Record) -> Gate {
    let mut g: Gate = match r.get(stage, "gate") {
        // A gate is checked when it is saved; one that cannot be read asks nothing rather than locking every deal out.
        Value::Json(j) => serde_json::from_value((**j).clone()).unwrap_or_default(),
        _ => Gate::default(),
    };
    g.forget(|o| !u.has(o));
    g
}

/// Everything a deal lacks to enter a stage.
pub(crate) async fn missing(
    u: &mut Unit<'_>,
    o: &Arc<ObjectDef>,
    deal: &Record,
    stage_o: &ObjectDef,
    stage: &Record,
) -> Result<Vec<FieldError>> {
    let gate = of(u, stage_o, stage);
    let name = stage.get(stage_o, "name").as_text().unwrap_or_default().to_owned();
    let mut out = vec![];
    for f in &gate.required {
        if deal.get(o, f).is_empty() {
            out.push(FieldError::new(f.as_str(), "value.required").with("stage", name.as_str()));
        }
    }
    for c in &gate.conditions {
        if !u.holds(o, deal, &c.formula).await? {
            let field = c.fields.first().map_or("", |f| f.as_str());
            out.push(
                FieldError::new(field, "stage.condition")
                    .with("item", c.code.as_str())
                    .with("label", json!({ "en": c.label.en, "zh": c.label.zh }))
                    .with("label_en", c.label.en.as_str())
                    .with("label_zh", c.label.zh.as_str())
                    .with("stage", name.as_str()),
            );
        }
    }
    for n in &gate.related {
        let mut held = false;
        for alternative in &n.any_of {
            let other = u.object(&alternative.object)?;
            let here = match other.field(&alternative.via).map(|f| &f.ty) {
                Some(FieldType::Poly { .. }) => Value::Ref(RecordRef { object: o.name.clone(), id: deal.id }),
                _ => Value::Id(deal.id),
            };
            let mut filter = q::eq(&alternative.via, here);
            if let Some(f) = &alternative.filter {
                filter = q::and([filter, u.filter(&other, f)?]);
            }
            if u.how_many(&alternative.object, filter, alternative.min).await? >= u64::from(alternative.min) {
                held = true;
                break;
            }
        }
        if !held {
            out.push(
                FieldError::new("", "stage.related")
                    .with("item", n.code.as_str())
                    .with("label", json!({ "en": n.label.en, "zh": n.label.zh }))
                    .with("label_en", n.label.en.as_str())
                    .with("label_zh", n.label.zh.as_str())
                    .with("objects", json!(n.any_of.iter().map(|c| c.object.as_str()).collect::<Vec<_>>()))
                    .with("stage", name.as_str()),
            );
        }
    }
    Ok(out)
}
