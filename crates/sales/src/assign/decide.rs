//! One decision about one record: who is known already, then the rules in their order, then the pool (R-ASN-02, 03, 11).

use std::sync::Arc;

use rapport_access::Directory;
use rapport_records::{Result, Unit, q};
use rapport_schema::{ObjectDef, Record, RecordId, RecordRef, UserId, Value};

use super::{
    ACT, Cause,
    choose::{Case, To, choose},
    log::{self, Decision},
    rule::Rule,
};
use crate::pool;

/// A record that resembles a customer this much is that customer's (R-ASN-02).
const KNOWN: i64 = 90;
/// Most rules of an object.
const MANY: u32 = 500;

/// Are there rules that are switched on for this object?
pub(super) async fn any_rules(u: &mut Unit<'_>, object: &str) -> Result<bool> {
    if !u.has("assignment_rule") {
        return Ok(false);
    }
    Ok(!u.find("assignment_rule", switched_on(object), 1).await?.is_empty())
}

fn switched_on(object: &str) -> rapport_schema::query::Filter {
    q::and([q::eq("object", Value::from(object)), q::eq("enabled", Value::Bool(true))])
}

/// The rules of an object in their order: by priority, the older first (R-ASN-03).
async fn rules(u: &mut Unit<'_>, object: &str) -> Result<Vec<Rule>> {
    let o = u.object("assignment_rule")?;
    let mut rows = u.find("assignment_rule", switched_on(object), MANY).await?;
    rows.sort_by_key(|r| (r.get(&o, "priority").as_int(), r.get(&o, "created_at").as_time(), r.id));
    Ok(rows.iter().filter_map(|r| Rule::read(&o, r)).collect())
}

/// Finds an owner for a record and gives it to them. Decisions about one object come one after the other, so that counters and limits
/// are those of now. A record that has an owner keeps it, unless the act asks for another; `barred` is not given it (again).
pub(super) async fn assign(
    u: &mut Unit<'_>,
    o: &Arc<ObjectDef>,
    id: RecordId,
    cause: Cause,
    barred: Option<RecordId>,
) -> Result<()> {
    let Some(directory) = u.directory().await? else { return Ok(()) };
    u.lock(&format!("assign:{}", o.name)).await?;
    let Some(r) = u.peek(&o.name, id).await? else { return Ok(()) };
    if !r.get(o, "owner_id").is_empty() && cause != Cause::Action {
        return Ok(());
    }
    let d = decide(u, &Case { o, r: &r, directory: &directory, barred }, cause).await?;
    let act = u.cause.act.replace(ACT.to_owned());
    let done = give(u, o, &r, &d).await;
    u.cause.act = act;
    let pool = done?;
    log::write(u, o, id, pool, &d).await?;
    if let (None, Some(pool)) = (d.rule, pool) {
        tell(u, &directory, pool)?;
    }
    Ok(())
}

async fn decide(u: &mut Unit<'_>, c: &Case<'_>, cause: Cause) -> Result<Decision> {
    let mut d = Decision::new(cause);
    if let Some(owner) = known_owner(u, c).await? {
        if c.barred == Some(owner) {
            d.skip(None, owner, "former_owner");
        } else if pool::full(u, c.o, c.r, owner).await?.is_some() {
            d.skip(None, owner, "hold_limit");
        } else {
            (d.reason, d.to) = ("existing_customer", To::User(owner));
            return Ok(d);
        }
    }
    for rule in rules(u, &c.o.name).await? {
        // A condition that no longer fits the model holds for nothing.
        if !rule.condition.is_null() && !u.fits(c.o, c.r, &rule.condition).unwrap_or(false) {
            continue;
        }
        let (choice, looked) = choose(u, c, &rule).await?;
        d.looked(rule.id, &looked);
        let Some(choice) = choice else { continue };
        (d.reason, d.rule, d.territory, d.to) = (choice.reason, Some(rule.id), choice.territory, choice.to);
        let counters = serde_json::to_value(&choice.counters).map_or(Value::Null, |j| Value::Json(Box::new(j)));
        let turn = [("last_user_id", choice.last.map_or(Value::Null, Value::Id)), ("counters", counters)];
        u.derive("assignment_rule", rule.id, &turn, "whose_turn").await?;
        return Ok(d);
    }
    Ok(d)
}

/// The active owner of the customer the record looks like (R-ASN-02); a contact stands for its customer.
async fn known_owner(u: &mut Unit<'_>, c: &Case<'_>) -> Result<Option<RecordId>> {
    if !u.setting("assign.existing_customer", true) {
        return Ok(None);
    }
    let account = u.object("account")?;
    for (at, score) in u.resembled(c.o, c.r).await? {
        if score < KNOWN {
            break;
        }
        let customer = match at.object.as_str() {
            "account" => Some(at.id),
            "contact" => {
                let o = u.object("contact")?;
                u.peek("contact", at.id).await?.and_then(|r| r.get(&o, "account_id").as_id())
            }
            _ => None,
        };
        let Some(customer) = customer.filter(|id| *id != c.r.id) else { continue };
        let owner = u.peek("account", customer).await?.and_then(|r| r.get(&account, "owner_id").as_id());
        if let Some(owner) = owner.filter(|id| c.directory.user(UserId::of(*id)).is_some_and(|p| p.is_active())) {
            return Ok(Some(owner));
        }
    }
    Ok(None)
}

/// Carries a decision out; answers the pool in which the record waits then.
async fn give(u: &mut Unit<'_>, o: &Arc<ObjectDef>, r: &Record, d: &Decision) -> Result<Option<RecordId>> {
    let mut fields = vec![];
    match d.to {
        To::User(user) => {
            fields.extend([("owner_id", Value::Id(user)), ("assign_mode", Value::from("auto"))]);
            fields.push(("assign_rule_id", d.rule.map_or(Value::Null, Value::Id)));
            if o.name == "lead" && r.get(o, "status").as_text() == Some("unassigned") {
                fields.push(("status", Value::from("new")));
            }
        }
        // No rule takes a record from its owner without giving it to somebody.
        To::Pool(_) if d.rule.is_none() => {}
        To::Pool(named) => {
            fields.push(("owner_id", Value::Null));
            fields.extend(named.map(|pool| ("pool_id", Value::Id(pool))));
        }
    }
    let now = if fields.is_empty() { r.clone() } else { u.set(&o.name, r.id, &fields).await? };
    Ok(now.get(o, "pool_id").as_id().filter(|_| now.get(o, "in_pool").is_true()))
}

/// Whoever looks after the pool hears that something waits there which no rule could give away (R-ASN-03).
fn tell(u: &mut Unit<'_>, directory: &Directory, id: RecordId) -> Result<()> {
    let Some(pool) = directory.pool(id) else { return Ok(()) };
    let at = RecordRef { object: u.object("pool")?.name.clone(), id };
    let admins = directory.pool_admins(pool, u.today()).into_iter().map(UserId::record).collect();
    u.tell_waiting(at, admins);
    Ok(())
}
