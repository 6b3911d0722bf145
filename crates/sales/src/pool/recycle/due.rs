//! When a record falls back into its pool, and why (R-POOL-09, R-POOL-10, R-POOL-17): a function of what is known of it.

use jiff::{Span, civil::Date, tz::TimeZone};
use rapport_access::RecycleRule;
use rapport_schema::{Millis, RecordId, worktime::Calendar};
use serde_json::{Value as Json, json};
use smol_str::SmolStr;

/// What the rules ask of a lead or customer that somebody owns.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    /// Whoever owns it has since then.
    pub owned_since: Option<Millis>,
    pub last_followed_at: Option<Millis>,
    pub created_at: Option<Millis>,
    /// Level of a customer; one without counts as B (R-POOL-12).
    pub level: Option<SmolStr>,
    /// A lead that ripens has more time.
    pub nurturing: bool,
    pub has_deal: bool,
    pub open_opportunity: bool,
    /// When its newest opportunity was made.
    pub newest_opportunity: Option<Millis>,
    /// When it last came out of a pool.
    pub left_pool: Option<Millis>,
    pub protected_until: Option<Millis>,
    /// Nothing takes it back: locked, in approval, blacklisted, done with.
    pub exempt: bool,
}

/// What dates are counted with.
pub(super) struct Count<'a> {
    pub zone: TimeZone,
    pub calendar: &'a Calendar,
    /// How many times as long a nurturing lead may wait (⚙ `pool.nurturing_factor`).
    pub nurturing: i64,
}

/// The day after which a record is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Due {
    pub on: Date,
    pub rule: RecordId,
    pub trigger: SmolStr,
    pub day_kind: SmolStr,
    /// What the count began with: a field of the record, or of its rule.
    pub base: &'static str,
    pub since: Date,
    pub limit: i64,
    /// Protection moved the day.
    pub protected: bool,
}

impl Due {
    /// As it is kept beside the day, for the page and the API to say why.
    pub fn reason(&self) -> Json {
        json!({
            "rule_id": self.rule, "trigger": self.trigger, "base": self.base, "since": self.since,
            "limit": self.limit, "day_kind": self.day_kind, "protected": self.protected,
        })
    }
}

/// The earliest day of the rules that do not exempt the record; none when it is safe from all of them.
pub(super) fn due(rules: &[RecycleRule], f: &Facts, c: &Count<'_>) -> Option<Due> {
    if f.exempt {
        return None;
    }
    rules.iter().filter(|r| concerns(r, f)).filter_map(|r| by_rule(r, f, c)).min_by_key(|d| (d.on, d.rule))
}

/// The rule is for a record like this one.
fn concerns(rule: &RecycleRule, f: &Facts) -> bool {
    let level = f.level.as_deref().unwrap_or("b");
    let of_level = rule.levels.is_empty() || rule.levels.iter().any(|l| l == level);
    of_level && (!f.has_deal || rule.include_deal) && (!f.open_opportunity || rule.include_open_opp)
}

fn by_rule(rule: &RecycleRule, f: &Facts, c: &Count<'_>) -> Option<Due> {
    let owned = ("owned_since", f.owned_since.or(f.created_at));
    let bases = match rule.trigger.as_str() {
        "no_follow_up" => vec![("last_followed_at", f.last_followed_at), owned],
        "no_opportunity" | "no_conversion" => vec![owned],
        "no_deal" if !f.has_deal => vec![owned],
        "never_won" if !f.has_deal => vec![("created_at", f.created_at), ("left_pool", f.left_pool)],
        // `contract_end` waits for contracts: a customer without one that has ended never falls under it (R-POOL-16).
        _ => return None,
    };
    let enabled = ("enabled_at", Some(rule.enabled_at));
    let (base, at) = bases.into_iter().chain([enabled]).filter_map(|(b, at)| Some((b, at?))).max_by_key(|(_, at)| *at)?;
    if rule.trigger == "no_opportunity" && f.newest_opportunity.is_some_and(|made| made >= at) {
        return None;
    }
    let since = at.date_in(&c.zone);
    let limit = rule.limit.checked_mul(if f.nurturing { c.nurturing } else { 1 })?;
    let by_count = match rule.day_kind.as_str() {
        "working" => c.calendar.add_workdays(since, u32::try_from(limit).ok()?)?,
        // Jiff ends a month that is too short at its last day.
        "month" => since.checked_add(Span::new().try_months(limit).ok()?).ok()?,
        _ => since.checked_add(Span::new().try_days(limit).ok()?).ok()?,
    };
    let protected = f.protected_until.map(|p| p.date_in(&c.zone)).filter(|p| *p > by_count);
    Some(Due {
        on: protected.unwrap_or(by_count),
        rule: rule.id,
        trigger: rule.trigger.clone(),
        day_kind: rule.day_kind.clone(),
        base,
        since,
        limit,
        protected: protected.is_some(),
    })
}

/// The day so many days of a kind before another: on it an owner is told.
pub(super) fn before(day: Date, days: i64, kind: &str, calendar: &Calendar) -> Option<Date> {
    if kind != "working" {
        return day.checked_sub(Span::new().try_days(days).ok()?).ok();
    }
    let mut left = days;
    let mut at = day;
    while left > 0 {
        at = at.yesterday().ok()?;
        if calendar.is_workday(at) {
            left -= 1;
        }
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::civil::date;
    use rapport_schema::worktime::{Special, Weekly};

    use super::*;

    /// Noon in Shanghai.
    fn noon(y: i16, m: i8, d: i8) -> Millis {
        Millis::from_timestamp(
            date(y, m, d).at(12, 0, 0, 0).to_zoned(TimeZone::get("Asia/Shanghai").unwrap()).unwrap().timestamp(),
        )
    }
    fn rule(trigger: &str, limit: i64, day_kind: &str, enabled_at: Millis) -> RecycleRule {
        RecycleRule {
            id: "00000000-0000-7000-8000-000000000001".parse().unwrap(),
            trigger: trigger.into(),
            limit,
            day_kind: day_kind.into(),
            levels: vec![],
            include_deal: false,
            include_open_opp: false,
            enabled_at,
        }
    }
    /// The autumn holidays of 2026 as R-POOL-09 names them.
    fn calendar() -> Calendar {
        let days = (25..=27).map(|d| (date(2026, 9, d), Special::Holiday));
        let days = days.chain((1..=7).map(|d| (date(2026, 10, d), Special::Holiday)));
        let made_up = [date(2026, 9, 20), date(2026, 10, 10)].map(|d| (d, Special::Workday(vec![])));
        Calendar::new(TimeZone::get("Asia/Shanghai").unwrap(), Weekly::office(), days.chain(made_up)).unwrap()
    }
    fn on(r: &RecycleRule, f: &Facts) -> Option<Date> {
        let calendar = calendar();
        let count = Count { zone: TimeZone::get("Asia/Shanghai").unwrap(), calendar: &calendar, nurturing: 2 };
        due(std::slice::from_ref(r), f, &count).map(|d| d.on)
    }
    fn owned(at: Millis) -> Facts {
        Facts { owned_since: Some(at), created_at: Some(at), ..Facts::default() }
    }
    const LONG_AGO: Millis = Millis(0);

    #[test]
    fn the_checks_of_the_rule() {
        // R-POOL-09, Check
        let f = owned(noon(2026, 11, 1));
        assert_eq!(on(&rule("no_follow_up", 30, "calendar", LONG_AGO), &f), Some(date(2026, 12, 1)));
        assert_eq!(on(&rule("no_follow_up", 5, "working", LONG_AGO), &owned(noon(2026, 9, 30))), Some(date(2026, 10, 13)));
        assert_eq!(on(&rule("no_follow_up", 15, "working", LONG_AGO), &owned(noon(2026, 9, 18))), Some(date(2026, 10, 15)));
        // First switched on 11-01: what was owned before counts from there.
        let r = rule("no_follow_up", 30, "calendar", noon(2026, 11, 1));
        assert_eq!(on(&r, &owned(noon(2026, 10, 1))), Some(date(2026, 12, 1)));
    }

    #[test]
    fn each_trigger_counts_from_its_own() {
        // R-POOL-09
        let mut f = owned(noon(2026, 11, 1));
        f.last_followed_at = Some(noon(2026, 11, 10));
        assert_eq!(on(&rule("no_follow_up", 7, "calendar", LONG_AGO), &f), Some(date(2026, 11, 17)));
        assert_eq!(
            on(&rule("no_conversion", 7, "calendar", LONG_AGO), &f),
            Some(date(2026, 11, 8)),
            "a follow-up is no conversion"
        );
        assert_eq!(on(&rule("no_opportunity", 7, "calendar", LONG_AGO), &f), Some(date(2026, 11, 8)));
        f.newest_opportunity = Some(noon(2026, 11, 3));
        assert_eq!(on(&rule("no_opportunity", 7, "calendar", LONG_AGO), &f), None, "one was made since");
        f.newest_opportunity = Some(noon(2026, 10, 3));
        assert_eq!(on(&rule("no_opportunity", 7, "calendar", LONG_AGO), &f), Some(date(2026, 11, 8)), "that was before");
        f.nurturing = true;
        assert_eq!(on(&rule("no_conversion", 7, "calendar", LONG_AGO), &f), Some(date(2026, 11, 15)), "twice as long");
        assert_eq!(on(&rule("contract_end", 90, "calendar", LONG_AGO), &f), None);
    }

    #[test]
    fn what_is_exempt_has_no_day() {
        // R-POOL-10
        let r = rule("no_follow_up", 30, "calendar", LONG_AGO);
        let plain = owned(noon(2026, 11, 1));
        let with = |change: fn(&mut Facts)| {
            let mut f = plain.clone();
            change(&mut f);
            f
        };
        assert_eq!(on(&r, &with(|f| f.exempt = true)), None);
        assert_eq!(on(&r, &with(|f| f.has_deal = true)), None);
        assert_eq!(on(&r, &with(|f| f.open_opportunity = true)), None);
        let wide = RecycleRule { include_deal: true, include_open_opp: true, ..r.clone() };
        let busy = with(|f| (f.has_deal, f.open_opportunity) = (true, true));
        assert_eq!(on(&wide, &busy), Some(date(2026, 12, 1)));
        assert_eq!(on(&rule("no_deal", 30, "calendar", LONG_AGO), &with(|f| f.has_deal = true)), None);
        // Levels; a customer without one is of B (R-POOL-12).
        let of_b = RecycleRule { levels: vec!["b".into()], ..r.clone() };
        assert!(on(&of_b, &plain).is_some());
        assert_eq!(on(&of_b, &with(|f| f.level = Some("a".into()))), None);
        // Protection moves the day and says so.
        let safe = with(|f| f.protected_until = Some(noon(2026, 12, 20)));
        assert_eq!(on(&r, &safe), Some(date(2026, 12, 20)));
        assert_eq!(on(&r, &with(|f| f.protected_until = Some(noon(2026, 11, 8)))), Some(date(2026, 12, 1)));
    }

    #[test]
    fn never_won_counts_from_the_last_time_out_of_a_pool() {
        // R-POOL-17, Check
        let r = rule("never_won", 6, "month", noon(2026, 1, 1));
        let mut f = owned(noon(2026, 5, 31));
        assert_eq!(on(&r, &f), Some(date(2026, 11, 30)), "a month too short ends at its last day");
        f.owned_since = Some(noon(2026, 11, 20));
        f.last_followed_at = Some(noon(2026, 11, 20));
        assert_eq!(on(&r, &f), Some(date(2026, 11, 30)), "neither a transfer nor a follow-up starts it anew");
        f.left_pool = Some(noon(2026, 12, 10));
        assert_eq!(on(&r, &f), Some(date(2027, 6, 10)));
    }

    #[test]
    fn the_earliest_rule_has_the_say_and_tells_why() {
        // R-POOL-10
        let calendar = calendar();
        let count = Count { zone: TimeZone::get("Asia/Shanghai").unwrap(), calendar: &calendar, nurturing: 2 };
        let rules = [rule("no_deal", 90, "calendar", LONG_AGO), rule("no_follow_up", 30, "calendar", LONG_AGO)];
        let d = due(&rules, &owned(noon(2026, 11, 1)), &count).unwrap();
        assert_eq!((d.trigger.as_str(), d.base, d.since, d.limit), ("no_follow_up", "owned_since", date(2026, 11, 1), 30));
    }

    #[test]
    fn days_before_are_of_the_kind_of_the_rule() {
        // R-POOL-11
        let c = calendar();
        assert_eq!(before(date(2026, 10, 13), 3, "calendar", &c), Some(date(2026, 10, 10)));
        // 10-12, 10-10 (a Saturday worked), 10-09.
        assert_eq!(before(date(2026, 10, 13), 3, "working", &c), Some(date(2026, 10, 9)));
    }
}
