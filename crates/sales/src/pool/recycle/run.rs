//! The daily run (R-POOL-11): days are counted anew after a rule, a pool or the calendar changed, what is due is taken back, and owners
//! are told before it happens. Where it stands is kept in the workspace, so that it goes on after a restart and several servers share it.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::{
    ToSpan,
    civil::{Date, Time},
};
use rapport_access::Directory;
use rapport_records::{Chore, Engine, Error, Result, Unit, q};
use rapport_schema::{
    Millis, ObjectDef, Record, RecordId, RecordRef, UserId, Value,
    query::{Filter, Op},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::itself::run;

use super::{
    super::OBJECTS,
    DUE, WHY,
    due::before,
    keep::{NURTURING, days, is_owned, recount, says_another},
};

/// Kind and key of the document that says where the run stands.
const STATE: (&str, &str) = ("recycle", "state");
/// Records of one transaction.
const STEP: u32 = 500;
/// Other servers know of a changed rule by then; what they write afterwards counts by it.
const SETTLED_MS: i64 = 10_000;
/// Days of telling that are caught up with after a time without a server.
const CATCH_UP: i32 = 7;

/// Takes back what is due, and says so before.
pub(crate) struct Recycling;

/// Where a walk over all records stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    /// Place in [`OBJECTS`].
    object: usize,
    /// Where the walk over its records goes on.
    after: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct State {
    /// The rules all stored days were counted with.
    counted: Option<String>,
    /// Rules they are to be counted with, since when they are known, and how far that is.
    wanted: Option<(String, Millis)>,
    counting: Place,
    /// The last day on which what was due was taken back; how far the run of a later day is, and of which.
    taken_on: Option<Date>,
    taking: Place,
    taking_on: Option<Date>,
    /// The same of telling; a day that was begun is told to its end first.
    told_on: Option<Date>,
    telling: Place,
    telling_on: Option<Date>,
    /// Under which the telling of a day makes one notice a person.
    batch: Option<RecordId>,
}

impl State {
    async fn of(engine: &Engine) -> Result<Self> {
        let kept = engine.document(STATE.0, STATE.1).await?;
        Ok(kept.and_then(|j| serde_json::from_value(j).ok()).unwrap_or_default())
    }
}

/// The unit has the run to itself until it ends.
async fn locked(u: &mut Unit<'_>) -> Result<State> {
    u.lock("recycle").await?;
    let kept = u.recall(STATE.0, STATE.1).await?;
    Ok(kept.and_then(|j| serde_json::from_value(j).ok()).unwrap_or_default())
}

async fn keep(u: &mut Unit<'_>, s: &State) -> Result<()> {
    u.remember(STATE.0, STATE.1, json!(s)).await
}

/// What all stored days depend on beside their records, as text.
fn key(directory: &Directory, zone: &str, nurturing: i64, workdays: &str) -> String {
    let mut pools: Vec<_> = directory.pools().iter().filter(|p| p.enabled).collect();
    pools.sort_by_key(|p| p.id);
    let part = |p: &rapport_access::Pool| {
        let mut rules = p.rules.clone();
        rules.sort_by_key(|r| r.id);
        format!("{} {} {} {} {} {rules:?}", p.id, p.object, p.priority, p.is_default, p.entry)
    };
    let pools: Vec<String> = pools.into_iter().map(part).collect();
    let by_workdays = directory.pools().iter().flat_map(|p| &p.rules).any(|r| r.day_kind == "working");
    format!("{zone} {nurturing}\n{}\n{}", pools.join("\n"), if by_workdays { workdays } else { "" })
}

#[async_trait]
impl Chore for Recycling {
    fn name(&self) -> &'static str {
        "recycle"
    }

    async fn run(&self, engine: &Engine) -> Result<()> {
        let Some(directory) = engine.directory().await? else { return Ok(()) };
        let state = State::of(engine).await?;
        let any = directory.pools().iter().any(|p| p.enabled && !p.rules.is_empty());
        if !any && state.counted.is_none() {
            return Ok(());
        }
        let zone = engine.model().tz();
        let nurturing = engine.setting(NURTURING.0, NURTURING.1).await?;
        let workdays = engine.calendar().await?.workdays_key();
        let key = key(&directory, zone.iana_name().unwrap_or_default(), nurturing, &workdays);
        if state.counted.as_deref() != Some(&key) && !count_anew(engine, &state, key).await? {
            return Ok(());
        }
        let now = engine.now().timestamp().to_zoned(zone);
        let (today, time) = (now.date(), now.time());
        let at = |text: &str| text.parse::<Time>().ok();
        let two: String = engine.setting("pool.recycle_at", "02:00".to_owned()).await?;
        if state.taken_on.is_none_or(|d| d < today) && at(&two).is_none_or(|at| time >= at) {
            take_back(engine, today).await?;
        }
        let nine: String = engine.setting("pool.remind_at", "09:00".to_owned()).await?;
        if state.told_on.is_none_or(|d| d < today) && at(&nine).is_none_or(|at| time >= at) {
            tell(engine, today).await?;
        }
        Ok(())
    }
}

/// Counts all days by changed rules, once every server knows them. Answers whether they are counted.
async fn count_anew(engine: &Engine, state: &State, key: String) -> Result<bool> {
    let wanted = state.wanted.as_ref().filter(|(k, _)| *k == key);
    let Some((_, since)) = wanted else {
        run(engine, move |u| {
            let key = key.clone();
            Box::pin(async move {
                let s = locked(u).await?;
                let wanted = Some((key, u.now()));
                keep(u, &State { wanted, counting: Place::default(), ..s }).await
            })
        })
        .await?;
        return Ok(false);
    };
    if engine.now().0 - since.0 < SETTLED_MS {
        return Ok(false);
    }
    loop {
        let key = key.clone();
        let all = run(engine, move |u| {
            let key = key.clone();
            Box::pin(async move { count_step(u, &key).await })
        });
        match all.await? {
            Counted::All => return Ok(true),
            Counted::Some => {}
            Counted::Overtaken => return Ok(false),
        }
    }
}

/// How far counting is.
enum Counted {
    All,
    Some,
    /// The rules have changed again meanwhile.
    Overtaken,
}

/// Some hundred records further.
async fn count_step(u: &mut Unit<'_>, key: &str) -> Result<Counted> {
    let mut s = locked(u).await?;
    if s.counted.as_deref() == Some(key) {
        return Ok(Counted::All);
    }
    if s.wanted.as_ref().is_none_or(|(k, _)| k != key) {
        return Ok(Counted::Overtaken);
    }
    let Some((o, rows, then)) = ahead(u, &s.counting, q::filled("owner_id")).await? else {
        s.counted = Some(key.to_owned());
        keep(u, &s).await?;
        return Ok(Counted::All);
    };
    let Some(directory) = u.directory().await? else { return Ok(Counted::Overtaken) };
    let fresh = days(u, &directory, &o, &rows).await?;
    let others: Vec<RecordId> =
        rows.iter().zip(&fresh).filter(|(r, d)| says_another(&o, r, d.as_ref())).map(|(r, _)| r.id).collect();
    recount(u, &directory, &o, &others).await?;
    s.counting = then;
    keep(u, &s).await?;
    Ok(Counted::Some)
}

/// The object at a place, its next records that fit, and the place after them; none at the end of the last object.
async fn ahead(u: &mut Unit<'_>, at: &Place, filter: Filter) -> Result<Option<(Arc<ObjectDef>, Vec<Record>, Place)>> {
    let Some(object) = OBJECTS.get(at.object) else { return Ok(None) };
    let (rows, next) = u.walk(object, filter, at.after.clone(), STEP).await?;
    let then = if next.is_some() { Place { after: next, ..*at } } else { Place { object: at.object + 1, after: None } };
    Ok(Some((u.object(object)?, rows, then)))
}

/// Takes back everything whose day has passed, some hundred at a time.
async fn take_back(engine: &Engine, today: Date) -> Result<()> {
    loop {
        let next = run(engine, move |u| Box::pin(async move { to_take(u, today).await })).await?;
        let Some((object, ids, then)) = next else { return Ok(()) };
        let (all, place) = (ids.clone(), then.clone());
        let together = run(engine, move |u| {
            let (ids, place) = (all.clone(), place.clone());
            Box::pin(async move { take(u, object, &ids, today, Some(place)).await })
        });
        match together.await {
            Ok(()) => continue,
            // The database is in trouble: the next minute tries again.
            Err(e @ Error::Store(_)) => return Err(e),
            Err(_) => {}
        }
        // Something refuses one of them: each by itself, so that it does not hold up the others.
        for id in ids {
            let alone = run(engine, move |u| Box::pin(async move { take(u, object, &[id], today, None).await }));
            if let Err(e) = alone.await {
                tracing::warn!(record = %id, error = %e, "a record whose day has passed could not be taken back");
            }
        }
        run(engine, move |u| {
            let then = then.clone();
            Box::pin(async move { take(u, object, &[], today, Some(then)).await })
        })
        .await?;
    }
}

/// The next records whose day has passed, with the place after them; none when the day's work is done.
async fn to_take(u: &mut Unit<'_>, today: Date) -> Result<Option<(&'static str, Vec<RecordId>, Place)>> {
    let mut s = locked(u).await?;
    if s.taken_on.is_some_and(|d| d >= today) {
        return Ok(None);
    }
    // What a day left undone is due today as well.
    if s.taking_on != Some(today) {
        (s.taking, s.taking_on) = (Place::default(), Some(today));
    }
    loop {
        let passed = q::and([q::filled("owner_id"), q::cmp(DUE, Op::Lt, Value::Date(today))]);
        let Some((_, rows, then)) = ahead(u, &s.taking, passed).await? else {
            keep(u, &State { taken_on: Some(today), taking: Place::default(), taking_on: None, ..s }).await?;
            return Ok(None);
        };
        if !rows.is_empty() {
            return Ok(Some((OBJECTS[s.taking.object], rows.iter().map(|r| r.id).collect(), then)));
        }
        s.taking = then;
    }
}

/// Takes back those of these records whose day has passed when it is counted anew, under their locks.
async fn take(u: &mut Unit<'_>, object: &str, ids: &[RecordId], today: Date, then: Option<Place>) -> Result<()> {
    let mut s = locked(u).await?;
    let directory = u.directory().await?.ok_or(Error::NotFound)?;
    let o = u.object(object)?;
    u.cause.act = Some("recycle".into());
    u.cause.batch = Some(u.engine.new_id());
    for c in recount(u, &directory, &o, ids).await? {
        if c.moved {
            // Whatever moves a day writes it; a day that was not written is a fault of the program.
            tracing::error!(object, record = %c.record.id, said = ?c.record.get(&o, DUE), counted = ?c.due, "the day a record falls back was kept wrongly");
        }
        let Some(due) = c.due.filter(|d| d.on < today && is_owned(&o, &c.record)) else { continue };
        let had = c.record.get(&o, "owner_id").as_id();
        u.set(object, c.record.id, &[("owner_id", Value::Null), ("pool_reason", Value::from(due.trigger.as_str()))]).await?;
        u.tell_of_recycling(RecordRef { object: o.name.clone(), id: c.record.id }, had.into_iter().collect());
    }
    if let Some(then) = then.filter(|_| s.taken_on.is_none_or(|d| d < today)) {
        (s.taking, s.taking_on) = (then, Some(today));
        keep(u, &s).await?;
    }
    Ok(())
}

/// Tells owners what will be taken back, one notice a person and kind of record (R-POOL-11).
async fn tell(engine: &Engine, today: Date) -> Result<()> {
    while !run(engine, move |u| Box::pin(async move { tell_step(u, today).await })).await? {}
    Ok(())
}

/// Some hundred records further; answers whether that was all.
async fn tell_step(u: &mut Unit<'_>, today: Date) -> Result<bool> {
    let mut s = locked(u).await?;
    if s.told_on.is_some_and(|d| d >= today) {
        return Ok(true);
    }
    let Some(directory) = u.directory().await? else { return Ok(true) };
    let now = today;
    let today = *s.telling_on.get_or_insert(now);
    // Days since the last telling, so that a day without a server is made up for.
    let yesterday = today.yesterday().unwrap_or(today);
    let oldest = today.saturating_sub(CATCH_UP.days());
    let after = s.told_on.unwrap_or(yesterday).max(oldest);
    let longest = directory.pools().iter().flat_map(|p| p.remind_days.iter().copied()).max().unwrap_or(0);
    // Workdays lie further apart: twice as far and a long holiday.
    let horizon = today.saturating_add(longest.saturating_mul(2).saturating_add(15).days());
    let soon = [q::filled("owner_id"), q::cmp(DUE, Op::Gte, Value::Date(today)), q::cmp(DUE, Op::Lte, Value::Date(horizon))];
    let Some((o, rows, then)) = ahead(u, &s.telling, q::and(soon)).await? else {
        keep(u, &State { told_on: Some(today), telling: Place::default(), telling_on: None, batch: None, ..s }).await?;
        return Ok(today >= now);
    };
    let batch = *s.batch.get_or_insert_with(|| u.engine.new_id());
    u.cause.batch = Some(batch);
    let calendar = u.calendar();
    for r in rows.iter().filter(|r| is_owned(&o, r)) {
        let (Value::Date(due), Value::Json(why)) = (r.get(&o, DUE), r.get(&o, WHY)) else { continue };
        let rule = why["rule_id"].as_str().and_then(|id| id.parse::<RecordId>().ok());
        let Some(pool) = directory.pools().iter().find(|p| p.rules.iter().any(|x| Some(x.id) == rule)) else { continue };
        let kind = why["day_kind"].as_str().unwrap_or_default();
        let told_today = |n: &i64| before(*due, *n, kind, &calendar).is_some_and(|d| d > after && d <= today);
        let Some(n) = pool.remind_days.iter().copied().filter(told_today).min() else { continue };
        let owner = r.get(&o, "owner_id").as_id();
        let last = Some(n) == pool.remind_days.iter().copied().min();
        // The last warning is his superior's too.
        let superior = owner.filter(|_| last).and_then(|id| directory.managers(UserId::of(id)).get(1).map(|m| m.record()));
        u.tell_of_recycling(RecordRef { object: o.name.clone(), id: r.id }, owner.into_iter().chain(superior).collect());
    }
    s.telling = then;
    keep(u, &s).await?;
    Ok(false)
}
