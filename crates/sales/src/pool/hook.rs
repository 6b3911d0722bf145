//! What having an owner, and losing one, means for a lead or customer, whoever writes it (R-POOL-01, 05, 07, 08).

use std::sync::Arc;

use async_trait::async_trait;
use rapport_access::Pool;
use rapport_records::{Draft, Error, Hook, Result, Unit, q};
use rapport_schema::{ChangeOp, FieldError, Millis, ObjectDef, Record, RecordId, RecordRef, Value, Via, query::Op};

use super::{OBJECTS, OPEN, by_id, limits, log, pool_for, recycle};

pub(crate) struct Ownership;

/// A day in milliseconds.
pub(super) const DAY: i64 = 86_400_000;
/// Most contacts, tasks, visits, members and shares that go along with a record.
const MOST: u32 = 1_000;

#[async_trait]
impl Hook for Ownership {
    fn objects(&self) -> &[&'static str] {
        &OBJECTS
    }

    async fn before(&self, u: &mut Unit<'_>, d: &mut Draft) -> Result<()> {
        if !matches!(d.op, ChangeOp::Create | ChangeOp::Update | ChangeOp::Restore) || !u.has("pool") {
            return Ok(());
        }
        let o = d.object.clone();
        let owner = d.new.get(&o, "owner_id").as_id();
        let had = d.old.as_ref().and_then(|r| r.get(&o, "owner_id").as_id());
        let waited = d.old.as_ref().is_some_and(|r| r.get(&o, "in_pool").is_true());
        let moves = d.op == ChangeOp::Update && d.changed("pool_id");
        // A plain write names a pool where a record enters one; what waits is moved, and where it came from is kept.
        if moves && !d.by_action && !(had.is_some() && owner.is_none()) {
            return Err(Error::field(FieldError::new("pool_id", "permission.field")));
        }
        // What is taken back goes where it was, however much there is.
        let taken_back = matches!(u.cause.act.as_deref(), Some("undo" | "unmerge" | "unconvert"));
        match owner {
            Some(owner) if d.op == ChangeOp::Create || had != Some(owner) => {
                if counts(&o, &d.new) && !taken_back {
                    // What is made may exceed a limit as it is; what is given to somebody with a reason only.
                    let given = d.by_action || d.op == ChangeOp::Update;
                    limits::may_hold(u, &o, &d.new.clone(), owner, given).await?;
                }
                taken(u, d, had.is_some(), waited).await?;
            }
            Some(_) => {}
            None if !waits(&o, &d.new) => d.new.set(&o, "in_pool", Value::Bool(false)),
            // It goes on waiting, or waits again out of the bin: in a pool that can hold it.
            None if waited || (taken_back && d.new.get(&o, "in_pool").is_true()) => {
                if (moves || d.op == ChangeOp::Restore)
                    && let Some(pool) = chosen(u, d).await?
                {
                    d.new.set(&o, "pool_id", Value::Id(pool.id));
                }
            }
            None => entered(u, d, had).await?,
        }
        recycle::decide(u, d).await
    }

    async fn after(&self, u: &mut Unit<'_>, d: &Draft) -> Result<()> {
        if !matches!(d.op, ChangeOp::Create | ChangeOp::Update) || !u.has("pool_log") {
            return Ok(());
        }
        let o = d.object.clone();
        let was = d.old.as_ref().is_some_and(|r| r.get(&o, "in_pool").is_true());
        let is = d.new.get(&o, "in_pool").is_true();
        let Some(pool) = d.new.get(&o, "pool_id").as_id() else { return Ok(()) };
        let owner = d.new.get(&o, "owner_id").as_id();
        let had = d.old.as_ref().and_then(|r| r.get(&o, "owner_id").as_id());
        let act = u.cause.act.clone();
        if !was && is {
            let action = match act.as_deref() {
                Some("return_to_pool") => "return",
                Some(a @ ("recycle" | "take_back")) => a,
                // Nobody answered in time (R-ASN-10): by no rule of the pool.
                Some("no_response") => "recycle",
                _ => "enter",
            };
            let why = d.old.as_ref().map(|r| r.get(&o, "recycle_reason"));
            let rule = match (act.as_deref(), why) {
                (Some("recycle"), Some(Value::Json(j))) => j["rule_id"].as_str().and_then(|s| s.parse().ok()),
                _ => None,
            };
            log(u, &o, d.new.id, pool, action, (had, None), rule).await?;
            if had.is_some() {
                let pool = by_id(u, Some(pool)).await?;
                leave_behind(u, &o, d.new.id, had, pool.as_ref()).await?;
            }
        } else if was && owner.is_some() {
            let action = if d.new.get(&o, "assign_mode").as_text() == Some("claim") { "claim" } else { "assign" };
            log(u, &o, d.new.id, pool, action, (None, owner), None).await?;
            if o.name == "account" {
                contacts(u, d.new.id, None, owner).await?;
            }
            // Some rules count from this very line of the log (R-POOL-17).
            recycle::renew(u, &RecordRef { object: o.name.clone(), id: d.new.id }).await?;
        } else if was && is && d.changed("pool_id") {
            log(u, &o, d.new.id, pool, "move", (None, None), None).await?;
        }
        Ok(())
    }
}

/// Is it held by its owner (R-POOL-05)? Open leads and all customers are.
fn counts(o: &ObjectDef, r: &Record) -> bool {
    o.name != "lead" || r.get(o, "status").as_text().is_none_or(|s| OPEN.contains(&s) || s == "unassigned")
}

/// Without an owner, does it wait in a pool? Leads that are done with do not.
fn waits(o: &ObjectDef, r: &Record) -> bool {
    o.name != "lead" || !matches!(r.get(o, "status").as_text(), Some("converted" | "disqualified"))
}

/// Somebody has it now (R-POOL-07).
async fn taken(u: &mut Unit<'_>, d: &mut Draft, from_somebody: bool, from_pool: bool) -> Result<()> {
    let o = d.object.clone();
    let set = |d: &mut Draft, f: &str, v: Value| d.new.set(&o, f, v);
    set(d, "in_pool", Value::Bool(false));
    // A private lock is the owner's own, within his own limit (R-POOL-14).
    if from_somebody && o.ix("is_private_locked").is_some() {
        set(d, "is_private_locked", Value::Bool(false));
    }
    let said = o.ix("assign_mode").is_some_and(|ix| d.asked.contains(&ix));
    if d.new.get(&o, "assign_mode").is_empty() || (d.old.is_some() && !said) {
        let mode = match (from_pool, from_somebody) {
            (true, _) => "assign",
            (false, true) => "transfer",
            (false, false) => "self",
        };
        set(d, "assign_mode", Value::from(mode));
    }
    if from_pool {
        let pool = by_id(u, d.new.get(&o, "pool_id").as_id()).await?;
        let days = pool.map_or(0, |p| p.protect_days);
        let until =
            if days > 0 { Value::DateTime(Millis(u.now().0.saturating_add(days.saturating_mul(DAY)))) } else { Value::Null };
        set(d, "protected_until", until);
        set(d, "pool_reason", Value::Null);
    }
    if o.name == "lead" && d.new.get(&o, "status").as_text() == Some("unassigned") {
        set(d, "status", Value::from("new"));
    }
    Ok(())
}

/// Nobody has it any more (R-POOL-08), or nobody ever had.
async fn entered(u: &mut Unit<'_>, d: &mut Draft, had: Option<RecordId>) -> Result<()> {
    let o = d.object.clone();
    let Some(pool) = chosen(u, d).await? else { return Ok(()) };
    // Whoever brings a record from elsewhere may bring the day along.
    let brought = d.old.is_none() && !d.new.get(&o, "pool_entered_at").is_empty();
    let mut set = |f: &str, v: Value| d.new.set(&o, f, v);
    set("pool_id", Value::Id(pool.id));
    set("in_pool", Value::Bool(true));
    if !brought {
        set("pool_entered_at", Value::DateTime(u.now()));
    }
    if let Some(had) = had {
        set("prev_owner_id", Value::Id(had));
    }
    for f in ["protected_until", "recycle_due_on", "recycle_reason", "assign_mode", "owned_since"] {
        set(f, Value::Null);
    }
    if o.ix("is_private_locked").is_some() {
        set("is_private_locked", Value::Bool(false));
    }
    if o.name == "lead" {
        d.new.set(&o, "status", Value::from("unassigned"));
        let times = d.new.get(&o, "recycle_count").as_int().unwrap_or(0);
        d.new.set(&o, "recycle_count", Value::Int(times.saturating_add(i64::from(had.is_some()))));
    }
    if d.new.get(&o, "pool_reason").is_empty() || (d.old.is_some() && !d.changed("pool_reason")) {
        let reason = match (had, u.scope.actor().via) {
            (None, Via::Import) => Value::from("imported"),
            (None, _) => Value::Null,
            (Some(_), _) => Value::from("other"),
        };
        d.new.set(&o, "pool_reason", reason);
    }
    Ok(())
}

/// The pool that was named, else the home pool while it is on, else the one whose condition fits (R-POOL-01, R-POOL-08).
async fn chosen(u: &mut Unit<'_>, d: &Draft) -> Result<Option<Pool>> {
    let o = &d.object;
    let usable = |p: &Pool| p.enabled && p.object == *o.name;
    let named = by_id(u, d.new.get(o, "pool_id").as_id()).await?;
    match named.filter(usable) {
        Some(p) => Ok(Some(p)),
        None => pool_for(u, o, &d.new).await,
    }
}

/// What belonged to the former owner goes with him: contacts, team, shares, open tasks and visits to come (R-POOL-08).
async fn leave_behind(
    u: &mut Unit<'_>,
    o: &Arc<ObjectDef>,
    id: RecordId,
    had: Option<RecordId>,
    pool: Option<&Pool>,
) -> Result<()> {
    let here = Value::Ref(RecordRef { object: o.name.clone(), id });
    let Some(had) = had else { return Ok(()) };
    if pool.is_some_and(|p| p.clear_team) && u.has("team_member") {
        for m in u.find("team_member", q::eq("record", here.clone()), MOST).await? {
            u.discard("team_member", m.id).await?;
        }
    }
    if u.has("record_share") {
        for s in u.find("record_share", q::and([q::eq("record", here.clone()), q::blank("rule_id")]), MOST).await? {
            u.discard("record_share", s.id).await?;
        }
    }
    if u.has("task") {
        let open = q::any_of("status", [Value::from("todo"), Value::from("doing")]);
        for t in u.find("task", q::and([q::eq("related", here), q::eq("owner_id", had), open]), MOST).await? {
            u.set("task", t.id, &[("status", Value::from("cancelled"))]).await?;
        }
    }
    if o.name == "account" {
        contacts(u, id, Some(had), None).await?;
        if u.has("visit") {
            let to_come = q::and([
                q::eq("account_id", id),
                q::eq("owner_id", had),
                q::eq("status", Value::from("planned")),
                q::cmp("planned_at", Op::Gt, Value::DateTime(u.now())),
            ]);
            for v in u.find("visit", to_come, MOST).await? {
                u.set("visit", v.id, &[("status", Value::from("cancelled"))]).await?;
            }
        }
    }
    Ok(())
}

/// Gives the contacts of an account that had one owner (or none) to another (or nobody).
async fn contacts(u: &mut Unit<'_>, account: RecordId, from: Option<RecordId>, to: Option<RecordId>) -> Result<()> {
    let owner = from.map_or_else(|| q::blank("owner_id"), |f| q::eq("owner_id", f));
    for c in u.find("contact", q::and([q::eq("account_id", account), owner]), MOST).await? {
        u.set("contact", c.id, &[("owner_id", to.map_or(Value::Null, Value::Id))]).await?;
    }
    Ok(())
}
