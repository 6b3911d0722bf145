//! The organisation's working time (R-SLA-03), built from `business_hours`, `holiday_calendar` and `holiday`: for every rule that
//! counts in workdays or business hours, and for `WORKDAYS` in formulas.

use std::{collections::HashMap, sync::Arc};

use jiff::tz::TimeZone;
use rapport_policy::{Act, Reason, SystemScope};
use rapport_schema::{
    ObjectDef, Record, RecordId, Value,
    query::Filter,
    worktime::{Calendar, Special, Weekly, windows},
};
use rapport_store::DocRow;
use serde_json::{Value as Json, json};

use crate::{Engine, Result, Unit, WriteOptions, q};

/// Objects working time is made of.
pub(crate) const OBJECTS: [&str; 3] = ["business_hours", "holiday_calendar", "holiday"];
/// Kind and key of the document that says with which workdays stored formulas were computed.
const COMPUTED: (&str, &str) = ("workdays", "stored");
/// More rows than any organisation keeps.
const MANY: u32 = 50_000;

/// The calendars of a workspace.
#[derive(Debug, Clone)]
pub(crate) struct Calendars {
    default: Arc<Calendar>,
    by_hours: HashMap<RecordId, Arc<Calendar>>,
}

impl Default for Calendars {
    fn default() -> Self {
        Self { default: Arc::new(Calendar::office(TimeZone::UTC)), by_hours: HashMap::new() }
    }
}

impl Calendars {
    pub fn default_one(&self) -> &Arc<Calendar> {
        &self.default
    }
}

/// All rows of an object, the oldest first.
struct Kept {
    object: Arc<ObjectDef>,
    rows: Vec<Record>,
}

impl Kept {
    fn of<'r>(&self, r: &'r Record, field: &str) -> &'r Value {
        r.get(&self.object, field)
    }
}

/// One row of business hours as a calendar; none when its zone or its windows are of no use.
fn calendar(hours: &Kept, row: &Record, years: &Kept, days: &Kept) -> Option<Calendar> {
    let zone = TimeZone::get(hours.of(row, "timezone").as_text()?).ok()?;
    if hours.of(row, "is_24x7").is_true() {
        return Some(Calendar::always(zone));
    }
    let Value::Json(weekly) = hours.of(row, "weekly") else { return None };
    let valid = years_with(years, hours.of(row, "holiday_calendar_id").as_id());
    let special = days.rows.iter().filter(|d| days.of(d, "calendar_id").as_id().is_some_and(|c| valid.contains(&c)));
    let special = special.filter_map(|d| {
        let Value::Date(day) = days.of(d, "day") else { return None };
        let own = match days.of(d, "windows") {
            Value::Json(j) => windows(j).unwrap_or_default(),
            _ => vec![],
        };
        let workday = days.of(d, "kind").as_text() == Some("workday");
        Some((*day, if workday { Special::Workday(own) } else { Special::Holiday }))
    });
    Calendar::new(zone, Weekly::of(weekly).ok()?, special)
}

/// A calendar and those of the same country for other years, one a year: of several the oldest.
fn years_with(years: &Kept, named: Option<RecordId>) -> Vec<RecordId> {
    let Some(first) = years.rows.iter().find(|y| Some(y.id) == named) else { return vec![] };
    let (country, mut taken) = (years.of(first, "country"), vec![years.of(first, "year")]);
    let mut out = vec![first.id];
    for y in years.rows.iter().filter(|y| !country.is_empty() && years.of(y, "country") == country) {
        let year = years.of(y, "year");
        if !taken.contains(&year) {
            taken.push(year);
            out.push(y.id);
        }
    }
    out
}

impl Engine {
    /// The calendars as they are kept now.
    pub(crate) async fn calendars(&self) -> Result<Arc<Calendars>> {
        if let Some(c) = self.0.settings.calendars.lock().clone() {
            return Ok(c);
        }
        let mut out = Calendars { default: Arc::new(Calendar::office(self.model().tz())), by_hours: HashMap::new() };
        let [hours, years, days] = OBJECTS;
        if let (Some(hours), Some(years), Some(days)) = (self.kept(hours).await?, self.kept(years).await?, self.kept(days).await?)
        {
            for h in &hours.rows {
                let Some(calendar) = calendar(&hours, h, &years, &days) else { continue };
                let calendar = Arc::new(calendar);
                if hours.of(h, "is_default").is_true() {
                    out.default = calendar.clone();
                }
                out.by_hours.insert(h.id, calendar);
            }
        }
        let out = Arc::new(out);
        *self.0.settings.calendars.lock() = Some(out.clone());
        Ok(out)
    }

    /// The organisation's working time: that of the default business hours.
    ///
    /// # Errors
    /// The database.
    pub async fn calendar(&self) -> Result<Arc<Calendar>> {
        Ok(self.calendars().await?.default.clone())
    }

    async fn kept(&self, object: &str) -> Result<Option<Kept>> {
        let model = self.model();
        let Some(o) = model.object(object) else { return Ok(None) };
        let rule = SystemScope::because(Reason::Derive).rule(Act::Read, &model, o);
        let rows = self.0.db.records(q::select(&model, o, rule, Filter::True, MANY, self.now())).await?;
        Ok(Some(Kept { object: o.clone(), rows }))
    }

    /// Working time changed: forgets it, and has stored formulas that count workdays computed anew. What they were computed with is
    /// kept beside them, so that a change another program made, or one this program did not live to see through, is found at the
    /// next start.
    pub(crate) async fn follow_worktime(&self) -> Result<()> {
        let state = self.state();
        let stored: Vec<(String, String)> = state
            .model
            .objects
            .values()
            .flat_map(|o| state.plan.object(&o.name).into_iter().flat_map(|p| p.calcs.iter()).map(move |c| (o, c)))
            .filter(|(_, (_, f))| f.counts_workdays())
            .map(|(o, (ix, _))| (o.name.to_string(), o.at(*ix).name.to_string()))
            .collect();
        if stored.is_empty() {
            return Ok(());
        }
        let now: Json = self.calendars().await?.default.workdays_key().into();
        if self.0.db.doc_get(COMPUTED.0, COMPUTED.1).await?.is_some_and(|d| d.body == now) {
            return Ok(());
        }
        let doc = |kind: &str, key: String, body: Json| DocRow { kind: kind.into(), key, owner: None, body, expires: None };
        let mut docs = vec![doc(COMPUTED.0, COMPUTED.1.into(), now)];
        for (object, field) in stored {
            let body = json!({ "table": object, "column": field });
            docs.push(doc(rapport_store::BACKFILL, format!("{object}.{field}"), body));
        }
        let docs = Arc::new(docs);
        self.job(&SystemScope::because(Reason::Derive), self.prepare(WriteOptions::default()).await?, move |u| {
            let docs = docs.clone();
            Box::pin(async move {
                for d in docs.iter() {
                    u.tx.doc_put(d.clone()).await?;
                }
                Ok(())
            })
        })
        .await?;
        self.start_backfill();
        Ok(())
    }

    /// The same beside the daily work.
    pub(crate) fn follow_worktime_soon(&self) {
        let e = self.clone();
        tokio::spawn(async move {
            if let Err(err) = e.follow_worktime().await {
                tracing::warn!(%err, "formulas that count workdays are not computed anew yet; the next start tries again");
            }
        });
    }
}

impl Unit<'_> {
    /// The organisation's working time: that of the default business hours. What this very transaction changes is not seen yet.
    #[must_use]
    pub fn calendar(&self) -> Arc<Calendar> {
        self.opts.calendars.default.clone()
    }
    /// The working time of particular business hours; none when they are in the recycle bin.
    #[must_use]
    pub fn calendar_of(&self, business_hours: RecordId) -> Option<Arc<Calendar>> {
        self.opts.calendars.by_hours.get(&business_hours).cloned()
    }
}
