//! Life cycles of the model as actions (domain model §3): one per action name, made from the object's `[[transition]]` entries.

use async_trait::async_trait;
use rapport_schema::{FieldError, Model, ObjectDef, Record, Transition, Value};
use serde_json::{Value as Json, json};

use crate::{Action, ActionScope, ActionSpec, Error, JsonMap, Result, Unit};

/// Moves that mean more than the state: offered only where a domain crate implements them.
const DOMAIN: [&str; 5] = ["claim", "return_to_pool", "convert", "unconvert", "assign"];

pub(super) struct Move {
    spec: ActionSpec,
    moves: Vec<Transition>,
}

/// The actions of an object's life cycle.
pub(super) fn of(_model: &Model, o: &ObjectDef) -> Vec<Move> {
    let mut out: Vec<Move> = vec![];
    for t in &o.transitions {
        if t.from.is_empty() || t.system || DOMAIN.contains(&t.action.as_str()) {
            continue;
        }
        if let Some(m) = out.iter_mut().find(|m| *m.spec.name == *t.action) {
            m.spec.from.extend(t.from.iter().map(smol_str::SmolStr::new));
            m.moves.push(t.clone());
            continue;
        }
        let mut properties = serde_json::Map::new();
        for f in &t.requires {
            properties.insert(f.to_string(), json!({ "description": o.field(f).map(|f| f.label.en.clone()) }));
        }
        properties.insert("reason".into(), json!({ "type": ["string", "null"] }));
        properties.insert("to".into(), json!({ "type": ["string", "null"] }));
        out.push(Move {
            spec: ActionSpec {
                object: o.name.as_str().into(),
                name: t.action.as_str().into(),
                label: t.label.clone(),
                scope: ActionScope::Record,
                right: "edit".into(),
                from: t.from.iter().map(smol_str::SmolStr::new).collect(),
                at_the_pool: false,
                input: json!({ "type": "object", "properties": properties }),
                output: json!({ "type": "object" }),
            },
            moves: vec![t.clone()],
        });
    }
    out
}

/// The state an action leads to already holds: repeating it answers with the record (domain model §3 i).
pub(super) fn holds(o: &ObjectDef, action: &str, r: &Record) -> bool {
    let now = o.status.as_ref().and_then(|s| r.get(o, s).as_text());
    o.transitions.iter().any(|t| t.action == action && Some(t.to.as_str()) == now)
}

#[async_trait]
impl Action for Move {
    fn spec(&self) -> &ActionSpec {
        &self.spec
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, input: Json) -> Result<Json> {
        let (o, r) = (u.object(&self.spec.object)?, target.ok_or(Error::NotFound)?);
        let Some(status) = o.status.clone() else { return Err(Error::NotFound) };
        let now = r.get(&o, &status).as_text().unwrap_or_default().to_owned();
        let wish = input.get("to").and_then(Json::as_str);
        let lawful = |t: &&Transition| t.from.contains(&now) && wish.is_none_or(|w| w == t.to);
        let Some(t) = self.moves.iter().find(lawful) else {
            // Already there: nothing to do.
            return u.answer(&o.name, r.id).await;
        };
        let mut data: JsonMap = input.as_object().cloned().unwrap_or_default();
        data.remove("reason");
        data.remove("to");
        let saved = u.act_on(&o.name, r.id, &data, &[(&status, Value::from(t.to.as_str()))]).await?;
        let missing: Vec<FieldError> = t
            .requires
            .iter()
            .filter(|f| saved.get(&o, f).is_empty())
            .map(|f| FieldError::new(f.as_str(), "value.required"))
            .collect();
        if !missing.is_empty() {
            return Err(Error::Invalid(missing));
        }
        u.answer(&o.name, r.id).await
    }
}
