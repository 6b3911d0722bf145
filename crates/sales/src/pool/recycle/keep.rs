//! The day a record falls back, kept on the record in the transaction of whatever moves it (R-POOL-11).

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use rapport_access::{Directory, Pool, RecycleRule};
use rapport_records::{Draft, Hook, Result, Unit, q};
use rapport_schema::{ChangeOp, Millis, ObjectDef, Record, RecordId, RecordRef, Value};

use crate::follow_up;

use super::{
    super::{OPEN, pool_of},
    DUE, WHY,
    due::{Count, Due, Facts, due},
};

/// Fields of the record itself that move the day.
const MOVING: [&str; 11] = [
    "owner_id",
    "owned_since",
    "pool_id",
    "in_pool",
    "status",
    "level",
    "deal_status",
    "last_followed_at",
    "protected_until",
    "is_private_locked",
    "created_at",
];
/// How many times as long a nurturing lead may wait: setting and default.
pub(super) const NURTURING: (&str, i64) = ("pool.nurturing_factor", 2);
/// Most lines of the pool's log looked at for a few hundred records.
const LINES: u32 = 20_000;

/// The pool whose rules are for a record: its home pool while that is on, else the one it would come to (R-POOL-09).
fn home<'d>(u: &Unit<'_>, directory: &'d Directory, o: &Arc<ObjectDef>, r: &Record) -> Option<&'d Pool> {
    let named = r.get(o, "pool_id").as_id().and_then(|p| directory.pool(p));
    named.filter(|p| p.enabled && p.object == *o.name).or_else(|| pool_of(u, directory, o, r))
}

/// Somebody has it, so it can fall back.
pub(super) fn is_owned(o: &ObjectDef, r: &Record) -> bool {
    !r.get(o, "owner_id").is_empty() && !r.get(o, "in_pool").is_true()
}

/// Any pool of this object takes something back.
fn any_rule(directory: &Directory, o: &ObjectDef) -> bool {
    directory.pools().iter().any(|p| p.enabled && p.object == *o.name && !p.rules.is_empty())
}

/// What is known of records of one object beside what they say themselves.
#[derive(Default)]
struct Beside {
    /// Newest opportunity that is open; newest of all.
    open: HashMap<RecordId, Millis>,
    newest: HashMap<RecordId, Millis>,
    /// When each was last claimed or given out of a pool (R-POOL-17).
    left: HashMap<RecordId, Millis>,
}

impl Beside {
    /// Only what rules ask, once for all records.
    async fn of(u: &mut Unit<'_>, o: &ObjectDef, ids: &[RecordId], rules: &[&RecycleRule]) -> Result<Self> {
        let mut out = Self::default();
        if ids.is_empty() {
            return Ok(out);
        }
        if o.name == "account" && u.has("opportunity") {
            let of_them = q::any_of("account_id", ids.iter().map(|id| Value::Id(*id)));
            if rules.iter().any(|r| !r.include_open_opp) {
                let f = q::and([of_them.clone(), q::blank("outcome")]);
                out.open = u.latest("opportunity", f, "account_id", "created_at").await?;
            }
            if rules.iter().any(|r| r.trigger == "no_opportunity") {
                out.newest = u.latest("opportunity", of_them, "account_id", "created_at").await?;
            }
        }
        if rules.iter().any(|r| r.trigger == "never_won") {
            out.left = out_of_pools(u, o, ids).await?;
        }
        Ok(out)
    }
}

/// The days of some records of one object, in their order; what the rules ask of other records is asked once for all.
pub(super) async fn days(
    u: &mut Unit<'_>,
    directory: &Directory,
    o: &Arc<ObjectDef>,
    records: &[Record],
) -> Result<Vec<Option<Due>>> {
    let homes: Vec<Option<&Pool>> = records.iter().map(|r| home(u, directory, o, r).filter(|_| is_owned(o, r))).collect();
    let rules: Vec<&RecycleRule> = homes.iter().flatten().flat_map(|p| &p.rules).collect();
    let asked: Vec<RecordId> =
        records.iter().zip(&homes).filter(|(_, h)| h.is_some_and(|p| !p.rules.is_empty())).map(|(r, _)| r.id).collect();
    let beside = Beside::of(u, o, &asked, &rules).await?;
    Ok(records.iter().zip(homes).map(|(r, home)| day(u, o, r, home?, &beside)).collect())
}

fn day(u: &Unit<'_>, o: &ObjectDef, r: &Record, home: &Pool, beside: &Beside) -> Option<Due> {
    let calendar = u.calendar();
    let count = Count { zone: u.model.tz(), calendar: &calendar, nurturing: u.setting(NURTURING.0, NURTURING.1) };
    due(&home.rules, &facts(o, r, beside), &count)
}

fn facts(o: &ObjectDef, r: &Record, beside: &Beside) -> Facts {
    let time = |f: &str| r.get(o, f).as_time();
    let status = r.get(o, "status").as_text().unwrap_or_default();
    let done_with = if o.name == "lead" { !OPEN.contains(&status) } else { status == "blacklisted" };
    Facts {
        owned_since: time("owned_since"),
        last_followed_at: time("last_followed_at"),
        created_at: time("created_at"),
        level: r.get(o, "level").as_text().map(Into::into),
        nurturing: o.name == "lead" && status == "nurturing",
        has_deal: r.get(o, "deal_status").as_text() == Some("deal"),
        open_opportunity: beside.open.contains_key(&r.id),
        newest_opportunity: beside.newest.get(&r.id).copied(),
        left_pool: beside.left.get(&r.id).copied(),
        protected_until: time("protected_until"),
        exempt: done_with || r.get(o, "is_private_locked").is_true(),
    }
}

/// When each of them was last claimed or given out of a pool (R-POOL-17).
async fn out_of_pools(u: &mut Unit<'_>, o: &ObjectDef, ids: &[RecordId]) -> Result<HashMap<RecordId, Millis>> {
    let mut out = HashMap::new();
    if ids.is_empty() || !u.has("pool_log") {
        return Ok(out);
    }
    let l = u.object("pool_log")?;
    let about = ids.iter().map(|id| Value::Ref(RecordRef { object: o.name.clone(), id: *id }));
    let taken = q::any_of("action", ["claim", "assign"].map(Value::from));
    for line in u.find("pool_log", q::and([q::any_of("record", about), taken]), LINES).await? {
        if let (Value::Ref(r), Some(at)) = (line.get(&l, "record"), line.get(&l, "created_at").as_time()) {
            let newest = out.entry(r.id).or_insert(at);
            *newest = at.max(*newest);
        }
    }
    Ok(out)
}

/// A day and its reason as the record keeps them.
fn values(due: Option<&Due>) -> [(&'static str, Value); 2] {
    let day = due.map_or(Value::Null, |d| Value::Date(d.on));
    let why = due.map_or(Value::Null, |d| Value::Json(Box::new(d.reason())));
    [(DUE, day), (WHY, why)]
}

/// Sets the day on a record that is being written.
pub(crate) async fn decide(u: &mut Unit<'_>, d: &mut Draft) -> Result<()> {
    let o = d.object.clone();
    if o.ix(DUE).is_none() {
        return Ok(());
    }
    let Some(directory) = u.recent_directory().await? else { return Ok(()) };
    if !any_rule(&directory, &o) {
        return Ok(());
    }
    // Without a home pool that is on any field may lead into another one.
    let named = d.new.get(&o, "pool_id").as_id().and_then(|p| directory.pool(p));
    let homeless = named.is_none_or(|p| !p.enabled);
    if d.op == ChangeOp::Update && !homeless && !MOVING.iter().any(|f| d.changed(f)) {
        return Ok(());
    }
    let due = if d.op == ChangeOp::Create {
        // Nothing hangs on it yet.
        let home = home(u, &directory, &o, &d.new).filter(|_| is_owned(&o, &d.new));
        home.and_then(|p| day(u, &o, &d.new, p, &Beside::default()))
    } else {
        days(u, &directory, &o, std::slice::from_ref(&d.new)).await?.remove(0)
    };
    for (f, v) in values(due.as_ref()) {
        d.new.set(&o, f, v);
    }
    Ok(())
}

/// Counts anew after something beside the record moved its day: a follow-up, an opportunity.
pub(crate) async fn renew(u: &mut Unit<'_>, at: &RecordRef) -> Result<()> {
    let o = u.object(&at.object)?;
    if o.ix(DUE).is_none() {
        return Ok(());
    }
    let Some(directory) = u.recent_directory().await? else { return Ok(()) };
    if !any_rule(&directory, &o) {
        return Ok(());
    }
    recount(u, &directory, &o, &[at.id]).await?;
    Ok(())
}

/// A record that is held, the day it falls back, and whether the record said another one.
pub(super) struct Counted {
    pub record: Record,
    pub due: Option<Due>,
    pub moved: bool,
}

/// Counts the days of records anew, each held until the transaction ends, and keeps those that are others.
pub(super) async fn recount(
    u: &mut Unit<'_>,
    directory: &Directory,
    o: &Arc<ObjectDef>,
    ids: &[RecordId],
) -> Result<Vec<Counted>> {
    let mut held = vec![];
    for id in ids {
        held.extend(u.hold(&o.name, *id).await?);
    }
    let days = days(u, directory, o, &held).await?;
    let mut out = vec![];
    for (record, due) in held.into_iter().zip(days) {
        let fresh = values(due.as_ref());
        let moved = says_another(o, &record, due.as_ref());
        if moved {
            u.derive(&o.name, record.id, &fresh, "recycle_due").await?;
        }
        out.push(Counted { record, due, moved });
    }
    Ok(out)
}

/// Does the record say another day, or another reason?
pub(super) fn says_another(o: &ObjectDef, r: &Record, due: Option<&Due>) -> bool {
    values(due).iter().any(|(f, v)| r.get(o, f) != v)
}

/// Opportunities of a customer move its day: made, ended, taken up again, deleted. Given to another customer they take along what was
/// said of them, and so do contacts.
pub(crate) struct OfDeals;

#[async_trait]
impl Hook for OfDeals {
    fn objects(&self) -> &[&'static str] {
        &["opportunity", "contact"]
    }
    async fn after(&self, u: &mut Unit<'_>, d: &Draft) -> Result<()> {
        let given = d.op == ChangeOp::Update && d.changed("account_id");
        let moves = match d.op {
            ChangeOp::Create | ChangeOp::Delete | ChangeOp::Restore => true,
            ChangeOp::Update => d.changed("outcome") || d.changed("created_at"),
            ChangeOp::Purge | ChangeOp::Note => false,
        };
        let moves = given || (moves && d.object.name == "opportunity");
        if !moves || !u.has("account") {
            return Ok(());
        }
        let o = d.object.clone();
        let account = |r: &Record| r.get(&o, "account_id").as_id();
        let mut ids = vec![account(&d.new), d.old.as_ref().and_then(account)];
        ids.dedup();
        let name = u.object("account")?.name.clone();
        for id in ids.into_iter().flatten() {
            let account = RecordRef { object: name.clone(), id };
            if given && u.has("follow_up") {
                follow_up::recompute(u, &account).await?;
            } else {
                renew(u, &account).await?;
            }
        }
        Ok(())
    }
}
