//! Which of several duplicates should be kept (R-MRG-01): has a deal, has an owner, most filled fields, oldest.

use async_trait::async_trait;
use rapport_schema::{FieldType, Label, ObjectDef, Record, RecordId, RecordRef, Value};
use serde_json::{Value as Json, json};
use std::{cmp::Reverse, sync::Arc};

use crate::{Action, ActionScope, ActionSpec, Error, Result, Unit, q};

/// Records of one merge.
const MOST: usize = 10;
/// Objects that speak of deals.
const DEALS: [&str; 2] = ["opportunity", "opportunity_contact"];

pub(super) struct SuggestMaster(ActionSpec);
impl Default for SuggestMaster {
    fn default() -> Self {
        let p = json!({
            "ids": { "type": "array", "items": { "type": "string", "format": "uuid" }, "description": "The records to merge, 2 to 10" },
        });
        let mut s =
            ActionSpec::record("*", "suggest_master", Label::new("Suggest Master", "推荐主记录"), p, &["ids"]).needs("merge");
        s.scope = ActionScope::Object;
        Self(s)
    }
}

#[async_trait]
impl Action for SuggestMaster {
    fn spec(&self) -> &ActionSpec {
        &self.0
    }
    async fn run(&self, u: &mut Unit<'_>, _target: Option<Record>, input: Json) -> Result<Json> {
        let object = u.acting_on.clone().ok_or(Error::NotFound)?;
        let o = u.object(&object)?;
        let mut ids: Vec<RecordId> =
            input["ids"].as_array().into_iter().flatten().filter_map(|j| j.as_str()?.parse().ok()).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.len() < 2 || ids.len() > MOST {
            return Err(Error::field(rapport_schema::FieldError::new("ids", "value.range").with("min", 2).with("max", MOST)));
        }
        let mut ranked = vec![];
        for id in ids {
            let r = u.read(&object, id).await?;
            let deal = u.has_deal(&o, id).await?;
            let owner = !r.get(&o, "owner_id").is_empty();
            let filled = o.live().filter(|(ix, f)| !f.system && !r[*ix].is_empty() && r[*ix] != Value::Bool(false)).count();
            ranked.push((Reverse(deal), Reverse(owner), Reverse(filled), r.get(&o, "created_at").as_time(), r.id));
        }
        ranked.sort();
        let rows: Vec<Json> = ranked
            .iter()
            .map(|(d, w, f, at, id)| {
                json!({ "id": id, "deal": d.0, "owner": w.0, "filled": f.0, "created_at": at.map(|t| t.rfc3339()) })
            })
            .collect();
        Ok(json!({ "master": ranked[0].4, "ranking": rows }))
    }
}

impl Unit<'_> {
    /// A live opportunity points at the record, itself or by its contacts; a lead: it was converted into one.
    async fn has_deal(&mut self, o: &Arc<ObjectDef>, id: RecordId) -> Result<bool> {
        let plan = self.plan.clone();
        let Some(p) = plan.object(&o.name) else { return Ok(false) };
        for inc in p.incoming.iter().filter(|i| DEALS.contains(&i.object.as_str())) {
            let other = self.object(&inc.object)?;
            let filter = match other.field(&inc.field).map(|f| &f.ty) {
                Some(FieldType::Poly { .. }) => q::eq(&inc.field, Value::Ref(RecordRef { object: o.name.clone(), id })),
                Some(FieldType::Refs { .. }) => q::has_any(&inc.field, [Value::Id(id)]),
                _ => q::eq(&inc.field, id),
            };
            if self.how_many(&inc.object, filter, 1).await? > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
