//! Giving a record to another owner (R-VIS-06).

use async_trait::async_trait;
use rapport_schema::{Label, Record, Value};
use serde_json::{Value as Json, json};

use crate::{Action, ActionSpec, Error, JsonMap, Result, Unit};

pub(super) struct Assign(ActionSpec);

impl Default for Assign {
    fn default() -> Self {
        let properties = json!({
            "owner_id": { "description": "Id of the new owner, or an object with a unique field of the user", "type": ["string", "object"] },
            "reason": { "type": ["string", "null"] },
        });
        Self(ActionSpec::record("*", "assign", Label::new("Assign", "转移负责人"), properties, &["owner_id"]).needs("transfer"))
    }
}

#[async_trait]
impl Action for Assign {
    fn spec(&self) -> &ActionSpec {
        &self.0
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, input: Json) -> Result<Json> {
        let r = target.ok_or(Error::NotFound)?;
        let object = u.acting_on.clone().ok_or(Error::NotFound)?;
        let o = u.object(&object)?;
        let mut fields: Vec<(String, Value)> = vec![];
        if o.ix("assign_mode").is_some() {
            let mode = if r.get(&o, "owner_id").is_empty() { "assign" } else { "transfer" };
            if u.is_option(&o, "assign_mode", mode) {
                fields.push(("assign_mode".into(), Value::from(mode)));
            }
        }
        // An unassigned lead becomes a new one; other life cycles do not move.
        if let Some(status) = &o.status
            && let Some(t) = o
                .transitions
                .iter()
                .find(|t| t.action == "assign" && r.get(&o, status).as_text().is_some_and(|s| t.from.iter().any(|f| f == s)))
        {
            fields.push((status.to_string(), Value::from(t.to.as_str())));
        }
        let fields: Vec<(&str, Value)> = fields.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
        let data: JsonMap = [("owner_id".to_owned(), input["owner_id"].clone())].into_iter().collect();
        u.give(&o.name, r.id, &data, &fields).await?;
        u.answer(&o.name, r.id).await
    }
}
