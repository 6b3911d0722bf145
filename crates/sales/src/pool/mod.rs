//! Public pools 公海 (R-POOL): where leads and customers wait without an owner, who may take them, and how they come back.

mod claim;
mod config;
mod hook;
mod limits;
mod look;
mod moves;
mod recycle;

use std::sync::Arc;

use rapport_access::{Directory, Pool};
use rapport_records::{Result, Unit};
use rapport_schema::{Millis, ObjectDef, Record, RecordId, RecordRef, Value};

pub(crate) use claim::{Claim, ClaimMany, claimed};
pub(crate) use config::PoolHook;
pub(crate) use hook::Ownership;
pub(crate) use limits::{full, full_among};
pub(crate) use look::Look;
pub(crate) use moves::{IntoPool, MoveToPool};
pub(crate) use recycle::{Extend, Lock, OfDeals, Recycling, renew};

/// Objects that can wait in a pool.
pub(crate) const OBJECTS: [&str; 2] = ["lead", "account"];
/// States of a lead that somebody works on (domain model §3 h).
pub(crate) const OPEN: [&str; 3] = ["new", "following", "nurturing"];

/// Where a record without an owner belongs: the pool with the lowest priority whose entry condition it fits, else the default one
/// (R-POOL-01). Pools of equal priority: the older one.
pub(crate) async fn pool_for(u: &mut Unit<'_>, o: &Arc<ObjectDef>, r: &Record) -> Result<Option<Pool>> {
    let Some(directory) = u.directory().await? else { return Ok(None) };
    Ok(pool_of(u, &directory, o, r).cloned())
}

/// The same among the pools somebody knows already.
fn pool_of<'d>(u: &Unit<'_>, directory: &'d Directory, o: &Arc<ObjectDef>, r: &Record) -> Option<&'d Pool> {
    let mut pools: Vec<&Pool> = directory.pools().iter().filter(|p| p.enabled && p.object == *o.name).collect();
    pools.sort_by_key(|p| (p.priority, p.id));
    // A condition that no longer fits the model lets nothing in; the default pool takes what is left.
    let fits = |p: &&&Pool| !p.entry.is_null() && u.fits(o, r, &p.entry).unwrap_or(false);
    pools.iter().find(fits).or_else(|| pools.iter().find(|p| p.is_default)).or_else(|| pools.first()).copied()
}

/// A pool by id, as the directory knows it.
pub(crate) async fn by_id(u: &mut Unit<'_>, id: Option<RecordId>) -> Result<Option<Pool>> {
    let Some(id) = id else { return Ok(None) };
    Ok(u.directory().await?.and_then(|d| d.pool(id).cloned()))
}

/// Start of the organisation's day.
pub(crate) fn midnight(u: &Unit<'_>) -> Millis {
    let zone = u.model.tz();
    u.today().to_zoned(zone).map_or(u.now(), |z| Millis::from_timestamp(z.timestamp()))
}

/// A line of the pool's log.
pub(crate) async fn log(
    u: &mut Unit<'_>,
    o: &ObjectDef,
    r: RecordId,
    pool: RecordId,
    action: &str,
    people: (Option<RecordId>, Option<RecordId>),
    rule: Option<RecordId>,
) -> Result<()> {
    let some = |id: Option<RecordId>| id.map_or(Value::Null, Value::Id);
    let reason = u.cause.reason.as_deref().map_or(Value::Null, |t| Value::from(t.chars().take(255).collect::<String>().as_str()));
    let fields = [
        ("record", Value::Ref(RecordRef { object: o.name.clone(), id: r })),
        ("pool_id", Value::Id(pool)),
        ("action", Value::from(action)),
        ("from_user", some(people.0)),
        ("to_user", some(people.1)),
        ("rule_id", some(rule)),
        ("reason", reason),
    ];
    u.make("pool_log", &fields).await?;
    Ok(())
}
