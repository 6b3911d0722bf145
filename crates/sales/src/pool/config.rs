//! Pools themselves: there is always one, and none goes with records in it (R-POOL-01).

use async_trait::async_trait;
use rapport_records::{Draft, Error, Hook, Result, Unit, q};
use rapport_schema::{ChangeOp, FieldError, Value};

/// Most days ahead of which an owner is told.
const LONGEST: i64 = 365;

pub(crate) struct PoolHook;

#[async_trait]
impl Hook for PoolHook {
    fn objects(&self) -> &[&'static str] {
        &["pool", "pool_rule"]
    }
    async fn before(&self, u: &mut Unit<'_>, d: &mut Draft) -> Result<()> {
        let o = d.object.clone();
        if o.name == "pool_rule" {
            // The first switching on starts the count and is never rewritten (R-POOL-09).
            if d.new.get(&o, "enabled").is_true() && d.new.get(&o, "enabled_at").is_empty() {
                d.new.set(&o, "enabled_at", Value::DateTime(u.now()));
            }
            return Ok(());
        }
        let for_object = d.new.get(&o, "object").as_text().unwrap_or_default().to_owned();
        if matches!(d.op, ChangeOp::Create | ChangeOp::Update) && d.changed("entry_filter") {
            let entry = d.new.get(&o, "entry_filter").clone();
            if let (Value::Json(j), Ok(of)) = (entry, u.object(&for_object)) {
                // Anything of that object will do: it is only to be read.
                let blank = rapport_schema::Record::new(&of, u.engine.new_id());
                u.fits(&of, &blank, &j).map_err(|e| match e {
                    Error::Invalid(v) => {
                        Error::Invalid(v.into_iter().map(|f| FieldError { field: "entry_filter".into(), ..f }).collect())
                    }
                    e => e,
                })?;
            }
        }
        if matches!(d.op, ChangeOp::Create | ChangeOp::Update)
            && let Value::Json(days) = d.new.get(&o, "remind_days")
            && !days.as_array().is_some_and(|all| all.iter().all(|n| n.as_i64().is_some_and(|n| (0..=LONGEST).contains(&n))))
        {
            return Err(Error::field(FieldError::new("remind_days", "value.range").with("min", 0).with("max", LONGEST)));
        }
        let goes = matches!(d.op, ChangeOp::Delete);
        let was_on = d.old.as_ref().is_some_and(|r| r.get(&o, "enabled").is_true());
        if was_on && (goes || !d.new.get(&o, "enabled").is_true() || d.changed("object")) {
            // Of two that are the last ones, both at once are not switched off.
            u.lock("pools").await?;
            let others = [
                q::eq("object", d.old.as_ref().map_or(Value::Null, |r| r.get(&o, "object").clone())),
                q::eq("enabled", Value::Bool(true)),
                q::not(q::id(d.new.id)),
            ];
            if u.count("pool", q::and(others)).await? == 0 {
                return Err(Error::state("pool.last_enabled"));
            }
            for object in super::OBJECTS {
                if u.count(object, q::and([q::eq("pool_id", d.new.id), q::eq("in_pool", Value::Bool(true))])).await? > 0 {
                    return Err(Error::state("pool.not_empty"));
                }
            }
        }
        Ok(())
    }
}
