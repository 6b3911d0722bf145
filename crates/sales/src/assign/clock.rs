//! The first answer (R-ASN-10): due so many business minutes after a lead was given to somebody or claimed. The first effective follow-up
//! stops it (`follow_up`); a new owner starts a new clock.

use async_trait::async_trait;
use rapport_records::{Draft, Hook, Result, Unit};
use rapport_schema::{ChangeOp, Millis, Value, Via, worktime::Calendar};

/// Business minutes to the first answer when no setting says otherwise; blank or 0 = no clock.
const MINUTES: u64 = 240;

pub(crate) struct FirstResponse;

#[async_trait]
impl Hook for FirstResponse {
    fn objects(&self) -> &[&'static str] {
        &["lead"]
    }
    async fn before(&self, u: &mut Unit<'_>, d: &mut Draft) -> Result<()> {
        let o = d.object.clone();
        let owner = d.new.get(&o, "owner_id").as_id();
        let had = d.old.as_ref().and_then(|r| r.get(&o, "owner_id").as_id());
        // What is taken back brings its own clock along.
        let taken_back = matches!(u.cause.act.as_deref(), Some("undo" | "unmerge" | "unconvert"));
        if !matches!(d.op, ChangeOp::Create | ChangeOp::Update) || owner == had || taken_back {
            return Ok(());
        }
        // Who made it himself was not given it; what is brought in from elsewhere was given out long ago.
        let given = match d.op {
            ChangeOp::Create => u.person_id().is_some_and(|me| Some(me) != owner) && u.scope.actor().via != Via::Import,
            _ => true,
        };
        let open = !matches!(d.new.get(&o, "status").as_text(), Some("converted" | "disqualified"));
        let minutes: u64 = u.setting("lead.first_response_minutes", Some(MINUTES)).unwrap_or(0);
        let runs = minutes > 0 && owner.is_some() && given && open;
        let due = if runs { due(&u.calendar(), u.now(), minutes) } else { None };
        d.new.set(&o, "first_response_due", due.map_or(Value::Null, Value::DateTime));
        if due.is_some() {
            d.new.set(&o, "first_response_at", Value::Null);
        }
        Ok(())
    }
}

/// So many business minutes later.
fn due(calendar: &Calendar, from: Millis, minutes: u64) -> Option<Millis> {
    calendar.add_business(from, minutes.saturating_mul(60))
}

#[cfg(test)]
mod tests {
    use jiff::{civil::date, tz::TimeZone};
    use rapport_schema::worktime::{Special, Weekly};
    use serde_json::json;

    use super::*;

    #[test]
    fn four_business_hours_over_a_made_up_saturday() {
        // R-ASN-10, Check, by the calendar of R-SLA-03: 2026-10-01 … 07 holidays, Saturday 10-10 worked as a Monday
        let day = json!([["09:00", "12:00"], ["13:30", "18:00"]]);
        let weekly = Weekly::of(&json!({ "mon": day, "tue": day, "wed": day, "thu": day, "fri": day })).unwrap();
        let special = (1..=7).map(|d| (date(2026, 10, d), Special::Holiday));
        let special = special.chain([(date(2026, 10, 10), Special::Workday(vec![]))]);
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let calendar = Calendar::new(zone.clone(), weekly, special).unwrap();
        let at = |d: i8, h: i8, m: i8| {
            Millis::from_timestamp(date(2026, 10, d).at(h, m, 0, 0).to_zoned(zone.clone()).unwrap().timestamp())
        };
        let after = |minutes| due(&calendar, at(9, 16, 30), minutes).unwrap();
        assert_eq!(after(MINUTES / 2), at(10, 9, 30));
        assert_eq!(after(MINUTES), at(10, 11, 30));
        assert_eq!(after(MINUTES * 2), at(10, 17, 0));
    }
}
