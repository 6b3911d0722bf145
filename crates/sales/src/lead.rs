//! Leads: their first state, source by the way in, disqualifying and reopening (domain model §3.1).

use async_trait::async_trait;
use rapport_records::{Action, ActionSpec, Draft, Error, Hook, JsonMap, Result, Unit};
use rapport_schema::{ChangeOp, FieldError, Label, Record, Value, Via};
use serde_json::{Value as Json, json};

use crate::{deal, who};

pub(crate) struct LeadHook;

#[async_trait]
impl Hook for LeadHook {
    fn objects(&self) -> &[&'static str] {
        &["lead"]
    }
    fn fills(&self) -> &[&'static str] {
        &["status", "source", "name"]
    }
    async fn before(&self, u: &mut Unit<'_>, d: &mut Draft) -> Result<()> {
        let o = d.object.clone();
        let asked = |f: &str| d.asked.iter().any(|ix| o.at(*ix).name == f);
        match d.op {
            ChangeOp::Create => {
                let ownerless = d.new.get(&o, "owner_id").is_empty();
                let (status, source) = (asked("status"), asked("source"));
                if !status {
                    d.new.set(&o, "status", Value::from(if ownerless { "unassigned" } else { "new" }));
                }
                if !source && u.scope.actor().via == Via::Import {
                    d.new.set(&o, "source", Value::from("import"));
                }
                // A lead without a name is called after its company or contact.
                if d.new.get(&o, "name").is_empty() {
                    let name = [d.new.get(&o, "company_name"), d.new.get(&o, "contact_name")]
                        .into_iter()
                        .find(|v| !v.is_empty())
                        .cloned();
                    d.new.set(&o, "name", name.unwrap_or_default());
                }
            }
            ChangeOp::Update if !d.by_action && !u.sets_state() => {
                // A converted lead is read-only but for two fields of the administrator.
                let converted = d.old.as_ref().is_some_and(|r| r.get(&o, "status").as_text() == Some("converted"));
                if converted {
                    let free =
                        u.scope.is_admin() && d.asked.iter().all(|ix| matches!(o.at(*ix).name.as_str(), "description" | "tags"));
                    if !free {
                        return Err(Error::state("record.locked"));
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// `disqualify`: with a reason; a duplicate names what it duplicates; open tasks are cancelled.
pub(crate) struct Disqualify(ActionSpec);
impl Default for Disqualify {
    fn default() -> Self {
        let p = json!({
            "disqualify_reason": { "type": "string" },
            "duplicate_of_id": { "type": ["string", "null"] },
            "reason": { "type": ["string", "null"] },
        });
        Self(
            ActionSpec::record("lead", "disqualify", Label::new("Disqualify", "标为无效"), p, &["disqualify_reason"])
                .from_states(&["unassigned", "new", "following", "nurturing"])
                .at_the_pool(),
        )
    }
}

#[async_trait]
impl Action for Disqualify {
    fn spec(&self) -> &ActionSpec {
        &self.0
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, input: Json) -> Result<Json> {
        let r = target.ok_or(Error::NotFound)?;
        let o = u.object("lead")?;
        if r.get(&o, "status").as_text() == Some("disqualified") {
            return u.answer("lead", r.id).await;
        }
        let mut data: JsonMap = input.as_object().cloned().unwrap_or_default();
        data.remove("reason");
        if data.get("duplicate_of_id").and_then(Json::as_str) == Some(r.id.to_string().as_str()) {
            return Err(Error::field(FieldError::new("duplicate_of_id", "reference.cycle")));
        }
        u.act_on("lead", r.id, &data, &[("status", Value::from("disqualified"))]).await?;
        deal::cancel_tasks(u, &o, r.id).await?;
        u.answer("lead", r.id).await
    }
}

/// `reopen`: back to new with the owner kept; to unassigned when the owner is gone. Managers and administrators.
pub(crate) struct Reopen(ActionSpec);
impl Default for Reopen {
    fn default() -> Self {
        let p = json!({ "reason": { "type": ["string", "null"] } });
        Self(ActionSpec::record("lead", "reopen", Label::new("Reopen", "重新打开"), p, &[]).from_states(&["disqualified"]))
    }
}

#[async_trait]
impl Action for Reopen {
    fn spec(&self) -> &ActionSpec {
        &self.0
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, _input: Json) -> Result<Json> {
        let r = target.ok_or(Error::NotFound)?;
        let o = u.object("lead")?;
        if r.get(&o, "status").as_text() != Some("disqualified") {
            return u.answer("lead", r.id).await;
        }
        who::manager_only(u, &o, &r).await?;
        let there = match r.get(&o, "owner_id").as_id() {
            Some(id) => u.person(id).await?.is_some_and(|p| p.active),
            None => false,
        };
        let mut fields = vec![
            ("status", Value::from(if there { "new" } else { "unassigned" })),
            ("disqualify_reason", Value::Null),
            ("duplicate_of_id", Value::Null),
        ];
        if !there {
            fields.push(("owner_id", Value::Null));
        }
        u.act_on("lead", r.id, &JsonMap::new(), &fields).await?;
        u.answer("lead", r.id).await
    }
}
