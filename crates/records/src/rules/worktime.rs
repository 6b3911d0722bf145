//! Working time that can be reckoned with: known zones, windows beside each other, days of the calendar's year, one default
//! (R-SLA-03).

use async_trait::async_trait;
use jiff::tz::TimeZone;
use rapport_schema::{
    ChangeOp, FieldError, Value,
    worktime::{Weekly, windows},
};

use crate::{Class, Draft, Error, Hook, JsonMap, Result, Unit, q, worktime::OBJECTS};

pub(crate) struct WorktimeHook;

#[async_trait]
impl Hook for WorktimeHook {
    fn objects(&self) -> &[&'static str] {
        &OBJECTS
    }

    async fn before(&self, u: &mut Unit<'_>, d: &mut Draft) -> Result<()> {
        match d.object.name.as_str() {
            "business_hours" => hours(u, d).await,
            "holiday" => day(u, d).await,
            _ => year(u, d).await,
        }
    }

    async fn after(&self, u: &mut Unit<'_>, d: &Draft) -> Result<()> {
        if d.object.name.as_str() == "business_hours" && !gone(d) && d.new.get(&d.object, "is_default").is_true() {
            u.lock("business_hours.default").await?;
            for other in u.find("business_hours", others(d), 100).await? {
                u.set("business_hours", other.id, &[("is_default", Value::Bool(false))]).await?;
            }
        }
        Ok(())
    }
}

fn gone(d: &Draft) -> bool {
    matches!(d.op, ChangeOp::Delete | ChangeOp::Purge)
}

/// Default business hours beside these.
fn others(d: &Draft) -> rapport_schema::query::Filter {
    q::and([q::eq("is_default", Value::Bool(true)), q::not(q::id(d.new.id))])
}

async fn hours(u: &mut Unit<'_>, d: &Draft) -> Result<()> {
    let o = &d.object;
    let is_default = !gone(d) && d.new.get(o, "is_default").is_true();
    if d.old.as_ref().is_some_and(|r| r.get(o, "is_default").is_true()) && !is_default {
        let another = !u.find("business_hours", others(d), 1).await?.is_empty();
        if !another {
            let code = "worktime.default_needed";
            let fields = vec![FieldError::new("is_default", code)];
            return Err(Error::Rule { code, class: Class::Conflict, params: JsonMap::new(), fields });
        }
    }
    if gone(d) {
        return Ok(());
    }
    let mut faults = vec![];
    if d.new.get(o, "timezone").as_text().is_some_and(|z| TimeZone::get(z).is_err()) {
        faults.push(FieldError::new("timezone", "worktime.zone"));
    }
    if let Value::Json(j) = d.new.get(o, "weekly") {
        match Weekly::of(j) {
            Ok(w) if w.is_empty() && !d.new.get(o, "is_24x7").is_true() => {
                faults.push(FieldError::new("weekly", "worktime.no_window"));
            }
            Ok(_) => {}
            Err(fault) => faults.push(FieldError::new("weekly", fault.code())),
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

async fn day(u: &mut Unit<'_>, d: &Draft) -> Result<()> {
    if gone(d) {
        return Ok(());
    }
    let o = &d.object;
    let mut faults = vec![];
    if let Value::Json(j) = d.new.get(o, "windows")
        && let Err(fault) = windows(j)
    {
        faults.push(FieldError::new("windows", fault.code()));
    }
    if let (Some(calendar), Value::Date(day)) = (d.new.get(o, "calendar_id").as_id(), d.new.get(o, "day")) {
        let co = u.object("holiday_calendar")?;
        let year = u.peek("holiday_calendar", calendar).await?.and_then(|c| c.get(&co, "year").as_int());
        if let Some(year) = year.filter(|y| *y != i64::from(day.year())) {
            faults.push(FieldError::new("day", "holiday.other_year").with("year", year));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

/// A calendar keeps its year while it has days.
async fn year(u: &mut Unit<'_>, d: &Draft) -> Result<()> {
    if gone(d) || d.op == ChangeOp::Create || !d.changed("year") {
        return Ok(());
    }
    let year = d.old.as_ref().and_then(|r| r.get(&d.object, "year").as_int());
    match year {
        Some(year) if !u.find("holiday", q::eq("calendar_id", d.new.id), 1).await?.is_empty() => {
            Err(Error::field(FieldError::new("year", "holiday.other_year").with("year", year)))
        }
        _ => Ok(()),
    }
}
