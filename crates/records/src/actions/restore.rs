//! Back to what was: out of the bin, one value, or the whole record, always as an ordinary change.

use async_trait::async_trait;
use rapport_schema::{FieldError, FieldType, Label, Record, Seq, codec};
use rapport_store::ChangeQuery;
use serde_json::{Value as Json, json};

use crate::{Action, ActionSpec, Error, JsonMap, Result, Unit};

pub(super) struct Restore(ActionSpec);
impl Default for Restore {
    fn default() -> Self {
        Self(ActionSpec::record("*", "restore", Label::new("Restore", "恢复"), json!({}), &[]).needs("delete"))
    }
}

#[async_trait]
impl Action for Restore {
    fn spec(&self) -> &ActionSpec {
        &self.0
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, _input: Json) -> Result<Json> {
        let (r, object) = (target.ok_or(Error::NotFound)?, u.acting_on.clone().ok_or(Error::NotFound)?);
        if r.deleted_at.is_some() {
            u.restore(&object, r.id).await?;
        }
        u.answer(&object, r.id).await
    }
}

pub(super) struct RestoreValue(ActionSpec);
impl Default for RestoreValue {
    fn default() -> Self {
        let p = json!({
            "seq": { "type": "integer", "description": "Entry of the history" },
            "field": { "type": "string" },
            "side": { "type": "string", "enum": ["before", "after"], "description": "The value before (default) or after that entry" },
        });
        Self(ActionSpec::record("*", "restore_value", Label::new("Restore Value", "恢复此值"), p, &["seq", "field"]))
    }
}

#[async_trait]
impl Action for RestoreValue {
    fn spec(&self) -> &ActionSpec {
        &self.0
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, input: Json) -> Result<Json> {
        let (r, object) = (target.ok_or(Error::NotFound)?, u.acting_on.clone().ok_or(Error::NotFound)?);
        let o = u.object(&object)?;
        let (seq, field) = (input["seq"].as_i64().unwrap_or(0), input["field"].as_str().unwrap_or_default());
        if o.status.as_ref().is_some_and(|s| *s == *field) {
            return Err(Error::field(FieldError::new(field, "state.invalid_transition")));
        }
        let q =
            ChangeQuery { after: Some(Seq(seq - 1)), limit: 1, record: Some((o.name.clone(), r.id)), ..ChangeQuery::default() };
        let entry =
            u.engine.db().changes(q).await?.into_iter().next().filter(|e| e.change.seq.0 == seq).ok_or(Error::NotFound)?;
        let side = if input["side"] == "after" { &entry.change.after } else { &entry.change.before };
        let values: JsonMap = serde_json::from_str(side.get()).unwrap_or_default();
        let Some(v) = values.get(field) else { return Err(Error::field(FieldError::new("field", "history.no_value"))) };
        let data: JsonMap = [(field.to_owned(), v.clone())].into_iter().collect();
        u.update(&object, r.id, &data, None).await?;
        u.answer(&object, r.id).await
    }
}

pub(super) struct RestoreRecord(ActionSpec);
impl Default for RestoreRecord {
    fn default() -> Self {
        let p = json!({ "at": { "type": "string", "description": "Instant (RFC 3339) whose values come back" } });
        Self(ActionSpec::record("*", "restore_record", Label::new("Restore Record", "恢复到此时"), p, &["at"]))
    }
}

#[async_trait]
impl Action for RestoreRecord {
    fn spec(&self) -> &ActionSpec {
        &self.0
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, input: Json) -> Result<Json> {
        let (r, object) = (target.ok_or(Error::NotFound)?, u.acting_on.clone().ok_or(Error::NotFound)?);
        let o = u.object(&object)?;
        let at = input["at"]
            .as_str()
            .and_then(codec::parse_instant)
            .ok_or_else(|| Error::field(FieldError::new("at", "value.type").with("expected", "date_time")))?;
        let Some(then) = u.engine.values_at(&o, &r, at).await? else { return Err(Error::NotFound) };
        let form = codec::Form::of(&u.model);
        let mut data = JsonMap::new();
        for (ix, f) in o.live() {
            let engine = f.system || o.status.as_ref() == Some(&f.name);
            if engine
                || matches!(f.ty, FieldType::Roll { .. } | FieldType::Calc { .. } | FieldType::Auto { .. })
                || matches!(f.name.as_str(), "owner_id" | "dept_id" | "pool_id")
            {
                continue;
            }
            if let Some(v) = then.get(f.name.as_str())
                && *v != codec::to_json(f, &r[ix], form)
                // What the caller may not write stays as it is.
                && matches!(u.scope.field(&o, &f.name, true), rapport_policy::FieldRight::Edit)
            {
                data.insert(f.name.to_string(), v.clone());
            }
        }
        if !data.is_empty() {
            u.update(&object, r.id, &data, None).await?;
        }
        u.answer(&object, r.id).await
    }
}
