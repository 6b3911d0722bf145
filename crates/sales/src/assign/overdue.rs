//! Leads that wait for their first answer (R-ASN-10): the owner is reminded when half of the time has passed, he and his superior when
//! all of it has; where the organisation wants it, the lead goes back to its pool when twice the time has passed.

use async_trait::async_trait;
use rapport_records::{Chore, Engine, Result, Unit, q};
use rapport_schema::{
    Millis, ObjectDef, Record, RecordId, RecordRef, UserId, Value,
    query::{Filter, Op},
    worktime::Calendar,
};
use serde_json::json;

use crate::{itself::run, pool};

/// Kind and key of the document that says up to when was looked.
const TOLD: (&str, &str) = ("first_response", "told");
/// Without that: what became due in the last ten minutes.
const AT_FIRST_MS: i64 = 600_000;
/// More leads than wait for a first answer at one time.
const MANY: u32 = 20_000;
/// Leads that go back in one transaction, and how long ago their time may have been up.
const STEP: usize = 500;
const LONG_MS: i64 = 30 * 86_400_000;

/// Reminds, and takes back.
pub(crate) struct Overdue;

#[async_trait]
impl Chore for Overdue {
    fn name(&self) -> &'static str {
        "first_response"
    }
    async fn run(&self, engine: &Engine) -> Result<()> {
        if engine.model().object("lead").is_none_or(|o| o.ix("first_response_due").is_none()) {
            return Ok(());
        }
        run(engine, |u| Box::pin(async move { remind(u).await })).await?;
        if engine.setting("lead.first_response_recycle", false).await? {
            run(engine, |u| Box::pin(async move { take_back(u).await })).await?;
        }
        Ok(())
    }
}

/// Somebody has it, works on it, and has not answered yet.
fn unanswered(due: impl IntoIterator<Item = Filter>, states: &[&str]) -> Filter {
    let open = q::any_of("status", states.iter().map(|s| Value::from(*s)));
    q::and(due.into_iter().chain([open, q::blank("first_response_at"), q::filled("owner_id")]))
}

/// Start and end of a lead's time.
fn clock(o: &ObjectDef, r: &Record) -> Option<(Millis, Millis)> {
    Some((r.get(o, "owned_since").as_time()?, r.get(o, "first_response_due").as_time()?))
}

/// The moment when half of the business time between two has passed.
fn half(calendar: &Calendar, start: Millis, due: Millis) -> Option<Millis> {
    calendar.add_business(start, u64::try_from(calendar.business_between(start, due)).ok()? / 2)
}

/// The moment when as much business time again has passed after a lead's time.
fn twice(calendar: &Calendar, start: Millis, due: Millis) -> Option<Millis> {
    calendar.add_business(due, u64::try_from(calendar.business_between(start, due)).ok()?)
}

async fn remind(u: &mut Unit<'_>) -> Result<()> {
    let (o, now) = (u.object("lead")?, u.now());
    u.lock("first_response").await?;
    let told = u.recall(TOLD.0, TOLD.1).await?.and_then(|j| j.as_i64());
    let since = Millis(told.unwrap_or(now.0 - AT_FIRST_MS));
    let ahead = unanswered([q::cmp("first_response_due", Op::Gt, Value::DateTime(since))], &pool::OPEN);
    let calendar = u.calendar();
    let passed = |at: Millis| at > since && at <= now;
    let mut any = false;
    for r in u.find("lead", ahead, MANY).await? {
        let Some((start, due)) = clock(&o, &r) else { continue };
        let owner = r.get(&o, "owner_id").as_id();
        let mut people: Vec<RecordId> = owner.into_iter().collect();
        if passed(due) {
            people.extend(superior(u, owner).await?);
        } else if !half(&calendar, start, due).is_some_and(passed) {
            continue;
        }
        if !std::mem::replace(&mut any, true) {
            // One notice a person and look, however many leads it is about.
            u.cause.batch = Some(u.engine.new_id());
        }
        u.tell_unanswered(RecordRef { object: o.name.clone(), id: r.id }, people);
    }
    // Nothing happened in between: the moment up to which was looked need not move.
    if any {
        u.remember(TOLD.0, TOLD.1, json!(now.0)).await?;
    }
    Ok(())
}

async fn superior(u: &mut Unit<'_>, owner: Option<RecordId>) -> Result<Option<RecordId>> {
    let (Some(owner), Some(directory)) = (owner, u.recent_directory().await?) else { return Ok(None) };
    Ok(directory.managers(UserId::of(owner)).get(1).map(|m| m.record()))
}

/// Leads nobody answered in twice the time go back to their pool.
async fn take_back(u: &mut Unit<'_>) -> Result<()> {
    let (o, now) = (u.object("lead")?, u.now());
    let due = |op: Op, at: Millis| q::cmp("first_response_due", op, Value::DateTime(at));
    let late = unanswered([due(Op::Gt, Millis(now.0 - LONG_MS)), due(Op::Lte, now)], &["new"]);
    let calendar = u.calendar();
    u.cause.act = Some("no_response".into());
    let mut taken = 0;
    u.cause.batch = Some(u.engine.new_id());
    for r in u.find("lead", late, MANY).await? {
        let Some((start, due)) = clock(&o, &r) else { continue };
        if twice(&calendar, start, due).is_none_or(|at| at > now) {
            continue;
        }
        taken += 1;
        if taken > STEP {
            break;
        }
        let back = u.apart(|u| {
            Box::pin(async move {
                // Answered or given away while this waited for it.
                if u.hold("lead", r.id).await?.is_none_or(|now| now.version != r.version) {
                    return Ok(());
                }
                let fields = [("owner_id", Value::Null), ("pool_reason", Value::from("no_response"))];
                u.set("lead", r.id, &fields).await.map(|_| ())
            })
        });
        if let Err(error) = back.await {
            tracing::warn!(%error, "a lead nobody answered could not be taken back");
        }
    }
    Ok(())
}
