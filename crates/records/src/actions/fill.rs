//! The public holidays of a calendar's year in one click.

use async_trait::async_trait;
use rapport_schema::{Label, Locale, Record, Value, worktime::public_days};
use serde_json::{Value as Json, json};

use crate::{Action, ActionSpec, Class, Error, JsonMap, Result, Unit, q};

/// `fill`: adds the announced holidays and make-up workdays that the calendar does not have yet; days that are there stay as they are.
pub(super) struct Fill {
    spec: ActionSpec,
}

impl Default for Fill {
    fn default() -> Self {
        let label = Label::new("Fill In Public Holidays", "填入法定节假日");
        Self { spec: ActionSpec::record("holiday_calendar", "fill", label, json!({}), &[]) }
    }
}

#[async_trait]
impl Action for Fill {
    fn spec(&self) -> &ActionSpec {
        &self.spec
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, _: Json) -> Result<Json> {
        let calendar = target.ok_or(Error::NotFound)?;
        let (co, o) = (u.object("holiday_calendar")?, u.object("holiday")?);
        let country = calendar.get(&co, "country").as_text().unwrap_or_default().to_owned();
        let year = calendar.get(&co, "year").as_int().unwrap_or_default();
        let Some(days) = i16::try_from(year).ok().and_then(|y| public_days(&country, y)) else {
            let params = JsonMap::from_iter([("country".to_owned(), country.into()), ("year".to_owned(), year.into())]);
            return Err(Error::Rule { code: "holiday.unknown_year", class: Class::Content, params, fields: vec![] });
        };
        let locale = reader(u).await?;
        u.lock(&format!("holidays:{}", calendar.id)).await?;
        let there = u.find("holiday", q::eq("calendar_id", calendar.id), 400).await?;
        let mut added = 0;
        for d in days {
            if there.iter().any(|r| *r.get(&o, "day") == Value::Date(d.day)) {
                continue;
            }
            let kind = if d.workday { "workday" } else { "holiday" };
            let data = json!({ "calendar_id": calendar.id, "day": d.day, "name": d.name.get(locale), "kind": kind });
            let Json::Object(data) = data else { unreachable!("written as an object") };
            u.create("holiday", &data).await?;
            added += 1;
        }
        Ok(json!({ "added": added }))
    }
}

/// The language of the person at work.
async fn reader(u: &mut Unit<'_>) -> Result<Locale> {
    let Some(me) = u.person_id() else { return Ok(Locale::default()) };
    let o = u.object("user")?;
    let person = u.peek("user", me).await?;
    Ok(person.and_then(|p| Locale::negotiate(p.get(&o, "locale").as_text()?)).unwrap_or_default())
}
