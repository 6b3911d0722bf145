//! `assign_by_rule`: the rules find an owner for a record that waits; for one that has an owner another, when that is asked for.

use async_trait::async_trait;
use rapport_records::{Action, ActionSpec, Error, Result, Unit};
use rapport_schema::{Label, Record};
use serde_json::{Value as Json, json};

use super::{ACT, Cause, decide::assign};
use crate::pool::OPEN;

pub(crate) struct AssignByRule(ActionSpec);

impl AssignByRule {
    pub fn of(object: &'static str) -> Self {
        let input = json!({
            "reassign": { "type": ["boolean", "null"], "description": "Finds another owner for a record that has one; without it such a record stays as it is" },
            "reason": { "type": ["string", "null"] },
        });
        let spec = ActionSpec::record(object, ACT, Label::new("Assign by Rule", "按规则分配"), input, &[]).needs("assign");
        let open: Vec<&str> = ["unassigned"].into_iter().chain(OPEN).collect();
        Self(if object == "lead" { spec.from_states(&open) } else { spec })
    }
}

#[async_trait]
impl Action for AssignByRule {
    fn spec(&self) -> &ActionSpec {
        &self.0
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, input: Json) -> Result<Json> {
        let r = target.ok_or(Error::NotFound)?;
        let o = u.object(&self.0.object)?;
        let owner = r.get(&o, "owner_id").as_id();
        // Once is enough: the decision about a record stands until another one is asked for (R-ASN-11).
        if owner.is_none() || input["reassign"] == json!(true) {
            assign(u, &o, r.id, Cause::Action, owner).await?;
        }
        u.answer(&o.name, r.id).await
    }
}
