//! Who could be given a record by a rule, and why somebody is passed over (R-ASN-04).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rapport_access::Directory;
use rapport_records::{Result, Unit, q};
use rapport_schema::{DeptId, Millis, ObjectDef, Record, RecordId, UserId, Value, query::Op};

use super::{
    pick::Seat,
    rule::{Member, Rule, Who},
};
use crate::pool;

/// More people than a rule can name.
const MANY: u32 = 10_000;
/// What one person is given by one rule in a day when neither the rule nor the setting says otherwise; blank or 0 = no limit.
const A_DAY: u64 = 20;

/// People who are not meant now, with the reason.
pub(super) type Out = BTreeMap<RecordId, &'static str>;

fn ids(v: &Value) -> Vec<RecordId> {
    if let Value::Ids(v) = v { v.clone() } else { vec![] }
}

/// Everybody the members of a rule mean: by their place in the list, then by id; nobody twice.
pub(super) async fn ring(u: &mut Unit<'_>, directory: &Directory, members: &[Member]) -> Result<Vec<Seat>> {
    let (mut ring, mut seen) = (vec![], BTreeSet::new());
    for m in members {
        let mut people = match &m.who {
            Who::User(id) => vec![*id],
            Who::Department(id) => of_department(directory, DeptId::of(*id)),
            Who::Team(id) => of_team(u, *id).await?,
            Who::Territory(id) => of_territory(u, *id).await?,
            Who::Pool(_) | Who::Field(_) => vec![],
        };
        people.sort_unstable();
        ring.extend(people.into_iter().filter(|p| seen.insert(*p)).map(|user| Seat { user, weight: m.weight }));
    }
    Ok(ring)
}

/// A department and those below it.
fn of_department(directory: &Directory, dept: DeptId) -> Vec<RecordId> {
    let all = directory.subtree(dept);
    let here = directory.users().filter(|(_, p)| p.kind == "internal" && p.depts.iter().any(|d| all.contains(d)));
    here.map(|(id, _)| id.record()).collect()
}

async fn of_team(u: &mut Unit<'_>, id: RecordId) -> Result<Vec<RecordId>> {
    let o = u.object("team")?;
    let Some(r) = u.peek("team", id).await? else { return Ok(vec![]) };
    let mut all = ids(r.get(&o, "members"));
    all.extend(r.get(&o, "leader_id").as_id());
    Ok(all)
}

/// The members of a territory; its manager is asked when none of them can (R-ASN-08).
pub(super) async fn of_territory(u: &mut Unit<'_>, id: RecordId) -> Result<Vec<RecordId>> {
    let o = u.object("territory")?;
    let found = u.peek("territory", id).await?;
    Ok(found.map(|r| ids(r.get(&o, "members"))).unwrap_or_default())
}

/// Whoever of the ring cannot be given the record now, with the first reason that holds.
pub(super) async fn passed_over(
    u: &mut Unit<'_>,
    directory: &Directory,
    o: &ObjectDef,
    r: &Record,
    rule: &Rule,
    ring: &[Seat],
) -> Result<Out> {
    let users: Vec<RecordId> = ring.iter().map(|s| s.user).collect();
    let person = u.object("user")?;
    let rows = u.find("user", q::ids(users.iter().copied()), MANY).await?;
    let (now, today) = (u.now(), u.today());
    let closed = rule.working_hours_only && u.calendar().business_between(now, Millis(now.0 + 1000)) == 0;
    let cap = rule.daily_cap.unwrap_or_else(|| u.setting("assign.daily_cap", Some(A_DAY)).unwrap_or(0));
    let given = given_today(u, rule.id).await?;
    let full = pool::full_among(u, o, r, &users).await?;
    let mut out = Out::new();
    for user in users {
        let row = rows.iter().find(|r| r.id == user);
        let at = |f: &str| row.and_then(|r| r.get(&person, f).as_time());
        let works = row.is_some_and(|r| r.get(&person, "status").as_text() == Some("active"));
        let away = at("away_from").is_some_and(|from| from <= now) && at("away_to").is_none_or(|to| now < to);
        let entitled = directory.scope(UserId::of(user), today).is_some_and(|s| s.may_on(o, "create") && s.may_on(o, "read"));
        let reason = if !works {
            "inactive"
        } else if away {
            "away"
        } else if closed {
            "off_hours"
        } else if cap > 0 && given.get(&user).copied().unwrap_or(0) >= cap {
            "daily_cap"
        } else if full.contains(&user) {
            "hold_limit"
        } else if !entitled {
            "no_access"
        } else {
            continue;
        };
        out.insert(user, reason);
    }
    Ok(out)
}

/// What a rule has given to people today, the organisation's day.
async fn given_today(u: &mut Unit<'_>, rule: RecordId) -> Result<HashMap<RecordId, u64>> {
    let today = q::cmp("created_at", Op::Gte, Value::DateTime(pool::midnight(u)));
    u.tally("assignment_log", q::and([q::eq("rule_id", rule), q::filled("user_id"), today]), "user_id").await
}

/// Open records by owner, for the least loaded (R-ASN-07): new and followed leads, held customers.
pub(super) async fn loads(u: &mut Unit<'_>, o: &ObjectDef, ring: &[Seat]) -> Result<HashMap<RecordId, u64>> {
    let theirs = q::any_of("owner_id", ring.iter().map(|s| Value::Id(s.user)));
    let open = if o.name == "lead" {
        q::any_of("status", [Value::from("new"), Value::from("following")])
    } else {
        q::eq("in_pool", Value::Bool(false))
    };
    u.tally(&o.name, q::and([theirs, open]), "owner_id").await
}
