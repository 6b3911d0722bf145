//! When a record is assigned by itself (R-ASN-01): a program makes it, or an import that asks for it brings it, without naming an owner;
//! or it comes into a pool that assigns. What somebody makes by hand stays with whoever made it.

use async_trait::async_trait;
use rapport_records::{Draft, Hook, Result, Unit};
use rapport_schema::{ChangeOp, RecordId, Value, Via};

use super::{
    ACT, Cause, OBJECTS,
    decide::{any_rules, assign},
};
use crate::pool;

/// How a new record came, where rules decide about its owner.
fn came_by(u: &Unit<'_>, d: &Draft) -> Option<Cause> {
    if d.op != ChangeOp::Create || d.by_action {
        return None;
    }
    match u.scope.actor().via {
        Via::Api => Some(Cause::Api),
        _ if u.options().assign_by_rule => Some(Cause::Import),
        _ => None,
    }
}

/// Before everything else of a new record: whoever brings it is not its owner by that, if rules are there to find one.
pub(crate) struct Ownerless;

#[async_trait]
impl Hook for Ownerless {
    fn objects(&self) -> &[&'static str] {
        &OBJECTS
    }
    async fn before(&self, u: &mut Unit<'_>, d: &mut Draft) -> Result<()> {
        let o = d.object.clone();
        let named = o.ix("owner_id").is_some_and(|ix| d.asked.contains(&ix));
        let done = o.name == "lead" && matches!(d.new.get(&o, "status").as_text(), Some("converted" | "disqualified"));
        if !named && !done && came_by(u, d).is_some() && any_rules(u, &o.name).await? {
            d.new.set(&o, "owner_id", Value::Null);
        }
        Ok(())
    }
}

/// After the record is in its pool: the rules decide.
pub(crate) struct ByRule;

#[async_trait]
impl Hook for ByRule {
    fn objects(&self) -> &[&'static str] {
        &OBJECTS
    }
    async fn before(&self, _u: &mut Unit<'_>, d: &mut Draft) -> Result<()> {
        // An owner who came otherwise was not given the record by the rule that gave it to the one before.
        let o = d.object.clone();
        let said = o.ix("assign_rule_id").is_some_and(|ix| d.asked.contains(&ix));
        if d.op == ChangeOp::Update && d.changed("owner_id") && !said {
            d.new.set(&o, "assign_rule_id", Value::Null);
        }
        Ok(())
    }
    async fn after(&self, u: &mut Unit<'_>, d: &Draft) -> Result<()> {
        let o = d.object.clone();
        let waits = matches!(d.op, ChangeOp::Create | ChangeOp::Update) && d.new.get(&o, "in_pool").is_true();
        // What a rule puts into a pool stays there, and so does what is put back where it was.
        let settled = matches!(u.cause.act.as_deref(), Some(ACT | "undo" | "unmerge" | "unconvert"));
        if !waits || settled || !u.has("assignment_log") {
            return Ok(());
        }
        let had = d.old.as_ref().and_then(|r| r.get(&o, "owner_id").as_id());
        match came_by(u, d) {
            Some(cause) if any_rules(u, &o.name).await? => assign(u, &o, d.new.id, cause, None).await,
            _ if entered(d) && assigns(u, d.new.get(&o, "pool_id").as_id()).await? => {
                assign(u, &o, d.new.id, Cause::Pool, had).await
            }
            _ => Ok(()),
        }
    }
}

/// The record has just come into its pool.
fn entered(d: &Draft) -> bool {
    d.changed("in_pool") || d.changed("pool_id")
}

async fn assigns(u: &mut Unit<'_>, id: Option<RecordId>) -> Result<bool> {
    Ok(pool::by_id(u, id).await?.is_some_and(|p| p.auto_assign))
}
