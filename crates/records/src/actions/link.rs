//! Adding to and taking from a many-to-many field without sending the whole list.

use async_trait::async_trait;
use rapport_schema::{FieldError, FieldType, Label, Record, RecordId, Value};
use serde_json::{Value as Json, json};

use crate::{Action, ActionSpec, Error, JsonMap, Result, Unit};

pub(super) struct Link {
    spec: ActionSpec,
    add: bool,
}

impl Link {
    pub fn new(name: &'static str) -> Self {
        let add = name == "link";
        let label = if add { Label::new("Link", "关联") } else { Label::new("Unlink", "取消关联") };
        let properties = json!({
            "field": { "type": "string" },
            "ids": { "type": "array", "items": { "type": "string", "format": "uuid" } },
        });
        Self { spec: ActionSpec::record("*", name, label, properties, &["field", "ids"]), add }
    }
}

#[async_trait]
impl Action for Link {
    fn spec(&self) -> &ActionSpec {
        &self.spec
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, input: Json) -> Result<Json> {
        let r = target.ok_or(Error::NotFound)?;
        let object = u.acting_on.clone().ok_or(Error::NotFound)?;
        let o = u.object(&object)?;
        let name = input["field"].as_str().unwrap_or_default();
        let Some(f) = o.field(name).filter(|f| matches!(f.ty, FieldType::Refs { .. })) else {
            return Err(Error::field(FieldError::new("field", "value.type").with("expected", "many_to_many")));
        };
        let mut ids: Vec<RecordId> = if let Value::Ids(v) = r.get(&o, name) { v.clone() } else { vec![] };
        for id in input["ids"].as_array().into_iter().flatten().filter_map(|j| j.as_str()?.parse().ok()) {
            if self.add {
                if !ids.contains(&id) {
                    ids.push(id);
                }
            } else {
                ids.retain(|x| *x != id);
            }
        }
        let data: JsonMap = [(f.name.to_string(), json!(ids))].into_iter().collect();
        u.update(&object, r.id, &data, None).await?;
        u.answer(&object, r.id).await
    }
}
