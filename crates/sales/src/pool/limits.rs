//! How much a person may take and hold (R-POOL-04 … 06).

use rapport_access::Pool;
use rapport_records::{Class, Error, JsonMap, Result, Unit, q};
use rapport_schema::{
    DeptId, ObjectDef, Record, RecordId, Value,
    query::{Filter, Op},
};

use super::{OPEN, midnight};

fn limit(code: &'static str, class: Class, max: i64, now: u64) -> Error {
    let params = [("max".to_owned(), max.into()), ("now".to_owned(), now.into())].into_iter().collect::<JsonMap>();
    Error::Rule { code, class, params, fields: vec![] }
}

/// What a person holds of an object: open leads, customers that are not in a pool.
fn held(object: &str, user: RecordId, but: RecordId) -> Filter {
    let own = [q::eq("owner_id", user), q::not(q::id(but))];
    if object == "lead" {
        q::and(own.into_iter().chain([q::any_of("status", OPEN.map(Value::from))]))
    } else {
        q::and(own.into_iter().chain([q::eq("in_pool", Value::Bool(false))]))
    }
}

/// A limit of a person (R-POOL-05): that of the person, else of the nearest department, else of everybody; of two for the same the
/// smaller. Answers the limit and whether customers with deals count.
async fn limit_for(u: &mut Unit<'_>, object: &str, user: RecordId, field: &str) -> Result<Option<(i64, bool)>> {
    if !u.has("ownership_limit") {
        return Ok(None);
    }
    let o = u.object("ownership_limit")?;
    let rows = u.find("ownership_limit", q::eq("object", Value::from(object)), 500).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let line = departments(u, user).await?;
    let named = |r: &Record, f: &str| if let Value::Ids(v) = r.get(&o, f) { v.clone() } else { vec![] };
    let best = rows
        .iter()
        .filter_map(|r| {
            let (users, depts) = (named(r, "users"), named(r, "depts"));
            let near = if users.contains(&user) {
                0
            } else if let Some(steps) = line.iter().position(|d| depts.contains(d)) {
                1 + steps
            } else if users.is_empty() && depts.is_empty() {
                usize::MAX
            } else {
                return None;
            };
            Some((near, r.get(&o, field).as_int()?, r.get(&o, "count_deal").is_true()))
        })
        .min();
    Ok(best.map(|(_, max, deals)| (max, deals)))
}

/// The main department of a person and those above it, nearest first.
async fn departments(u: &mut Unit<'_>, user: RecordId) -> Result<Vec<RecordId>> {
    let (main, directory) = (u.person(user).await?.and_then(|p| p.dept), u.recent_directory().await?);
    let line = main.zip(directory).map(|(main, d)| d.above(DeptId::of(main)).map(|d| d.record()).collect());
    Ok(line.unwrap_or_default())
}

/// The person may hold one more (R-POOL-05). Whoever may exceed the limit does so with a reason where it is an act of its own
/// (claim, assign, transfer), and simply where records are made or brought in.
pub(super) async fn may_hold(u: &mut Unit<'_>, o: &ObjectDef, r: &Record, user: RecordId, by_act: bool) -> Result<()> {
    // The engine by itself (samples, jobs) is bound by no limit of people.
    if u.person_id().is_none() {
        return Ok(());
    }
    let reasoned = u.cause.reason.as_deref().is_some_and(|r| !r.trim().is_empty());
    if (!by_act || reasoned) && u.caller().may("pool.override_limit") {
        return Ok(());
    }
    let Some((max, deals)) = limit_for(u, &o.name, user, "max_held").await? else { return Ok(()) };
    // Two claims of one person do not pass the limit together.
    u.lock(&format!("hold:{}:{user}", o.name)).await?;
    let mut filter = held(&o.name, user, r.id);
    if o.name == "account" && !deals {
        filter = q::and([filter, q::not(q::eq("deal_status", Value::from("deal")))]);
    }
    let now = u.count(&o.name, filter).await?;
    if now >= u64::try_from(max).unwrap_or(0) {
        return Err(limit("owner.hold_limit", Class::Conflict, max, now));
    }
    Ok(())
}

/// The person may lock one more customer (R-POOL-14); those with deals need no lock and do not count.
pub(super) async fn may_lock(u: &mut Unit<'_>, o: &ObjectDef, r: &Record, owner: RecordId) -> Result<()> {
    let Some((max, _)) = limit_for(u, &o.name, owner, "max_locked").await? else { return Ok(()) };
    u.lock(&format!("hold:{}:{owner}", o.name)).await?;
    let locked = [q::eq("is_private_locked", Value::Bool(true)), q::not(q::eq("deal_status", Value::from("deal")))];
    let now = u.count(&o.name, q::and([held(&o.name, owner, r.id)].into_iter().chain(locked))).await?;
    if now >= u64::try_from(max).unwrap_or(0) {
        return Err(limit("pool.lock_limit", Class::Conflict, max, now));
    }
    Ok(())
}

/// Cooldown, daily claims and what the pool itself lets a person hold (R-POOL-03, in its order).
pub(super) async fn may_claim(u: &mut Unit<'_>, o: &ObjectDef, r: &Record, pool: &Pool, me: RecordId) -> Result<()> {
    // Claims from two pools do not pass a limit together.
    u.lock(&format!("hold:{}:{me}", o.name)).await?;
    if r.get(o, "prev_owner_id").as_id() == Some(me)
        && let Some(entered) = r.get(o, "pool_entered_at").as_time()
    {
        let days = entered.date_in(&u.model.tz()).until(u.today()).map_or(i64::MAX, |s| i64::from(s.get_days()));
        if days < pool.cooldown_days {
            let params = [("days".to_owned(), (pool.cooldown_days - days).into())].into_iter().collect::<JsonMap>();
            return Err(Error::Rule { code: "pool.cooldown", class: Class::Conflict, params, fields: vec![] });
        }
    }
    if let Some(max) = pool.daily_claims {
        let today = q::cmp("created_at", Op::Gte, Value::DateTime(midnight(u)));
        let mine = [q::eq("action", Value::from("claim")), q::eq("to_user", me), q::eq("pool_id", pool.id), today];
        let now = u.count("pool_log", q::and(mine)).await?;
        if now >= u64::try_from(max).unwrap_or(0) {
            return Err(limit("pool.daily_limit", Class::Limit, max, now));
        }
    }
    if let Some(max) = pool.hold_limit {
        let now = u.count(&o.name, q::and([held(&o.name, me, r.id), q::eq("pool_id", pool.id)])).await?;
        if now >= u64::try_from(max).unwrap_or(0) {
            return Err(limit("owner.hold_limit", Class::Conflict, max, now));
        }
    }
    Ok(())
}
