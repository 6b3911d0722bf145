//! Taking a conversion back (R-CNV-04): administrators, within 24 hours, while what was made is untouched.

use async_trait::async_trait;
use rapport_records::{Action, ActionSpec, Error, Result, Unit, q};
use rapport_schema::{Label, ObjectName, Record, RecordId, RecordRef, Value};
use serde_json::{Value as Json, json};

pub(crate) struct Unconvert(ActionSpec);
impl Default for Unconvert {
    fn default() -> Self {
        let p = json!({ "reason": { "type": ["string", "null"] } });
        Self(
            ActionSpec::record("lead", "unconvert", Label::new("Undo Conversion", "撤销转化"), p, &[])
                .from_states(&["converted"]),
        )
    }
}

/// Hours in which a conversion may be taken back.
const HOURS: i64 = 24;

#[async_trait]
impl Action for Unconvert {
    fn spec(&self) -> &ActionSpec {
        &self.0
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, _input: Json) -> Result<Json> {
        let lead = target.ok_or(Error::NotFound)?;
        let lo = u.object("lead")?;
        if !u.scope.is_admin() {
            return Err(Error::Denied("permission.denied"));
        }
        if lead.get(&lo, "status").as_text() != Some("converted") {
            return u.answer("lead", lead.id).await;
        }
        let key = lead.id.to_string();
        let Some(kept) = u.recall("conversion", &key).await? else { return Err(Error::state("lead.unconvert_too_late")) };
        if u.now().0 - kept["at"].as_i64().unwrap_or(0) > u.setting("conversion.undo_hours", HOURS) * 3_600_000 {
            return Err(Error::state("lead.unconvert_too_late"));
        }
        let batch: Option<RecordId> = kept["batch"].as_str().and_then(|s| s.parse().ok());
        let made: Vec<(String, RecordId)> = kept["made"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|m| Some((m["object"].as_str()?.to_owned(), m["id"].as_str()?.parse().ok()?)))
            .collect();
        for (object, id) in &made {
            if u.touched_after(object, *id, batch).await? {
                return Err(Error::state("lead.unconvert_touched"));
            }
        }
        u.cause.act = Some("unconvert".into());
        // What was moved comes back where it still is where it was moved to.
        let home = Value::Ref(RecordRef { object: ObjectName::lit("lead"), id: lead.id });
        for m in kept["moved"].as_array().into_iter().flatten() {
            let (Some(object), Some(id), Some(field)) =
                (m["object"].as_str(), m["id"].as_str().and_then(|s| s.parse().ok()), m["field"].as_str())
            else {
                continue;
            };
            let to: Option<RecordRef> = serde_json::from_value(m["to"].clone()).ok();
            let o = u.object(object)?;
            if let Some(r) = u.peek(object, id).await?
                && let (Value::Ref(at), Some(to)) = (r.get(&o, field), to)
                && *at == to
            {
                u.derive(object, id, &[(field, home.clone())], "unconvert").await?;
            }
        }
        u.set(
            "lead",
            lead.id,
            &[
                ("status", Value::from(kept["before"].as_str().unwrap_or("new"))),
                ("converted_at", Value::Null),
                ("converted_by", Value::Null),
                ("account_id", Value::Null),
                ("contact_id", Value::Null),
                ("opportunity_id", Value::Null),
            ],
        )
        .await?;
        // Deal before contact before account: what points comes before what is pointed to.
        for (object, id) in made.iter().rev() {
            if object == "opportunity" && u.has("opportunity_contact") {
                for c in u.find("opportunity_contact", q::eq("opportunity_id", *id), 100).await? {
                    u.discard("opportunity_contact", c.id).await?;
                }
            }
            u.discard(object, *id).await?;
        }
        u.forget("conversion", &key).await?;
        u.answer("lead", lead.id).await
    }
}
