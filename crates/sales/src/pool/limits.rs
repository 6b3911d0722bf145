//! How much a person may take and hold (R-POOL-04 … 06).

use std::collections::BTreeSet;

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

/// What people hold of an object: open leads, customers that are not in a pool.
fn held(object: &str, whose: Filter, but: RecordId) -> Filter {
    let own = [whose, q::not(q::id(but))];
    if object == "lead" {
        q::and(own.into_iter().chain([q::any_of("status", OPEN.map(Value::from))]))
    } else {
        q::and(own.into_iter().chain([q::eq("in_pool", Value::Bool(false))]))
    }
}

/// What of it counts against a limit that leaves out customers with deals, or does not.
fn counted(object: &str, whose: Filter, but: RecordId, deals: bool) -> Filter {
    let all = held(object, whose, but);
    if object == "account" && !deals { q::and([all, q::not(q::eq("deal_status", Value::from("deal")))]) } else { all }
}

/// The limits of an object.
async fn limits(u: &mut Unit<'_>, object: &str) -> Result<Vec<Record>> {
    if !u.has("ownership_limit") {
        return Ok(vec![]);
    }
    u.find("ownership_limit", q::eq("object", Value::from(object)), 500).await
}

/// A limit of a person (R-POOL-05): that of the person, else of the nearest department, else of everybody; of two for the same the
/// smaller. Answers the limit and whether customers with deals count.
async fn limit_for(u: &mut Unit<'_>, rows: &[Record], user: RecordId, field: &str) -> Result<Option<(i64, bool)>> {
    if rows.is_empty() {
        return Ok(None);
    }
    let o = u.object("ownership_limit")?;
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
    match full(u, o, r, user).await? {
        Some((max, now)) => Err(limit("owner.hold_limit", Class::Conflict, max, now)),
        None => Ok(()),
    }
}

/// The person holds as much as is allowed, without this record: the limit and what is held. Nobody changes that before the transaction
/// ends.
pub(crate) async fn full(u: &mut Unit<'_>, o: &ObjectDef, r: &Record, user: RecordId) -> Result<Option<(i64, u64)>> {
    let rows = limits(u, &o.name).await?;
    let Some((max, deals)) = limit_for(u, &rows, user, "max_held").await? else { return Ok(None) };
    // Two claims of one person do not pass the limit together.
    u.lock(&format!("hold:{}:{user}", o.name)).await?;
    let now = u.count(&o.name, counted(&o.name, q::eq("owner_id", user), r.id, deals)).await?;
    Ok((now >= u64::try_from(max).unwrap_or(0)).then_some((max, now)))
}

/// Those of many people who hold as much as is allowed, as it is at the moment: whoever is chosen is asked again by [`full`].
pub(crate) async fn full_among(u: &mut Unit<'_>, o: &ObjectDef, r: &Record, users: &[RecordId]) -> Result<BTreeSet<RecordId>> {
    let rows = limits(u, &o.name).await?;
    let mut out = BTreeSet::new();
    if rows.is_empty() {
        return Ok(out);
    }
    let everybody = || q::any_of("owner_id", users.iter().map(|id| Value::Id(*id)));
    let with = u.tally(&o.name, counted(&o.name, everybody(), r.id, true), "owner_id").await?;
    let without = u.tally(&o.name, counted(&o.name, everybody(), r.id, false), "owner_id").await?;
    for user in users {
        let Some((max, deals)) = limit_for(u, &rows, *user, "max_held").await? else { continue };
        let now = (if deals { &with } else { &without }).get(user).copied().unwrap_or(0);
        if now >= u64::try_from(max).unwrap_or(0) {
            out.insert(*user);
        }
    }
    Ok(out)
}

/// The person may lock one more customer (R-POOL-14); those with deals need no lock and do not count.
pub(super) async fn may_lock(u: &mut Unit<'_>, o: &ObjectDef, r: &Record, owner: RecordId) -> Result<()> {
    let rows = limits(u, &o.name).await?;
    let Some((max, _)) = limit_for(u, &rows, owner, "max_locked").await? else { return Ok(()) };
    u.lock(&format!("hold:{}:{owner}", o.name)).await?;
    let locked = [q::eq("is_private_locked", Value::Bool(true)), q::not(q::eq("deal_status", Value::from("deal")))];
    let now = u.count(&o.name, q::and([held(&o.name, q::eq("owner_id", owner), r.id)].into_iter().chain(locked))).await?;
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
        let now = u.count(&o.name, q::and([held(&o.name, q::eq("owner_id", me), r.id), q::eq("pool_id", pool.id)])).await?;
        if now >= u64::try_from(max).unwrap_or(0) {
            return Err(limit("owner.hold_limit", Class::Conflict, max, now));
        }
    }
    Ok(())
}
