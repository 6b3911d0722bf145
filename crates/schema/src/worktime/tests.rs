//! R-SLA-03 and the rules that count in workdays, with every value the domain model checks.
#![allow(clippy::unwrap_used, reason = "tests")]

use jiff::{
    SignedDuration, Span,
    civil::{Date, date},
    tz::TimeZone,
};
use proptest::prelude::*;
use serde_json::json;
use tyme4rs::tyme::{Culture, holiday::LegalHoliday};

use super::{Calendar, Fault, Special, Weekly, Window, public_days, windows};
use crate::Millis;

const MINUTE: u64 = 60;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn office() -> Weekly {
    let day = json!([["09:00", "12:00"], ["13:30", "18:00"]]);
    Weekly::of(&json!({ "mon": day, "tue": day, "wed": day, "thu": day, "fri": day })).unwrap()
}

/// The calendar of the checks: office hours, the announced days of 2026.
fn china() -> Calendar {
    let special = |d: super::PublicDay| (d.day, if d.workday { Special::Workday(vec![]) } else { Special::Holiday });
    Calendar::new(zone("Asia/Shanghai"), office(), public_days("CN", 2026).unwrap().into_iter().map(special)).unwrap()
}

fn at(zone: &TimeZone, text: &str) -> Millis {
    let local: jiff::civil::DateTime = text.parse().unwrap();
    Millis::from_timestamp(local.to_zoned(zone.clone()).unwrap().timestamp())
}

/// A moment of 2026 in Shanghai: `09-30 17:00`.
fn cn(text: &str) -> Millis {
    at(&zone("Asia/Shanghai"), &format!("2026-{}", text.replace(' ', "T")))
}

fn told(t: Option<Millis>) -> String {
    let z = t.unwrap().timestamp().to_zoned(zone("Asia/Shanghai"));
    z.strftime("%m-%d %H:%M").to_string()
}

#[test]
fn r_sla_03_due_and_elapsed() {
    let c = china();
    for (start, minutes, due) in [
        ("09-30 17:00", 240, "10-08 12:00"),
        ("10-09 16:30", 480, "10-10 17:00"),
        ("10-12 20:00", 60, "10-13 10:00"),
        ("10-12 11:00", 60, "10-12 12:00"),
        ("10-12 11:00", 61, "10-12 13:31"),
    ] {
        assert_eq!(told(c.add_business(cn(start), minutes * MINUTE)), due, "{start} + {minutes}");
    }
    assert_eq!(c.business_between(cn("09-30 17:00"), cn("10-08 10:00")), 120 * 60);
    assert_eq!(c.business_between(cn("10-08 10:00"), cn("09-30 17:00")), -120 * 60);
    // Nothing to wait for is due at once, or at the next opening; the end of a window is no longer part of it.
    assert_eq!(told(c.add_business(cn("10-12 11:00"), 0)), "10-12 11:00");
    assert_eq!(told(c.add_business(cn("10-12 12:00"), 0)), "10-12 13:30");
    // Whole seconds: what is below them does not count.
    let late = Millis(cn("10-12 11:00").0 + 999);
    assert_eq!(c.add_business(late, 1), Some(Millis(cn("10-12 11:00").0 + 1000)));
}

#[test]
fn r_asn_10_first_response() {
    let c = china();
    let assigned = cn("10-09 16:30");
    let got = [120, 240, 480].map(|m| told(c.add_business(assigned, m * MINUTE)));
    assert_eq!(got, ["10-10 09:30", "10-10 11:30", "10-10 17:00"]);
}

#[test]
fn r_pool_09_workdays_after_a_day() {
    let c = china();
    assert_eq!(c.add_workdays(date(2026, 9, 30), 5), Some(date(2026, 10, 13)));
    assert_eq!(c.add_workdays(date(2026, 9, 18), 15), Some(date(2026, 10, 15)));
    assert_eq!(c.add_workdays(date(2026, 10, 3), 0), Some(date(2026, 10, 3)));
    // R-ESC-02, the days of its check; R-WRK-02, the third workday of October.
    assert_eq!(c.add_workdays(date(2026, 10, 9), 1), Some(date(2026, 10, 10)));
    assert_eq!(c.add_workdays(date(2026, 9, 30), 3), Some(date(2026, 10, 10)));
    assert_eq!(c.add_workdays(date(2199, 12, 30), 5), None);
}

#[test]
fn r_qta_03_workdays_of_october_2026() {
    let c = china();
    assert_eq!(c.workdays(date(2026, 10, 1), date(2026, 10, 31)), 18);
    assert_eq!(c.workdays(date(2026, 10, 1), date(2026, 10, 16)), 8);
    let days: Vec<i8> =
        date(2026, 10, 1).series(Span::new().days(1)).take(31).filter(|d| c.is_workday(*d)).map(Date::day).collect();
    assert_eq!(days, [8, 9, 10, 12, 13, 14, 15, 16, 19, 20, 21, 22, 23, 26, 27, 28, 29, 30]);
    assert_eq!(c.workdays(date(2026, 10, 16), date(2026, 10, 1)), -8);
    assert_eq!(c.workdays(date(2026, 10, 10), date(2026, 10, 10)), 1);
}

#[test]
fn a_make_up_workday_has_its_own_windows_or_mondays() {
    let own = windows(&json!([["10:00", "11:00"]])).unwrap();
    let day = date(2026, 10, 10);
    let c = Calendar::new(zone("Asia/Shanghai"), office(), [(day, Special::Workday(own))]).unwrap();
    assert_eq!(told(c.add_business(cn("10-10 08:00"), 60 * MINUTE)), "10-10 11:00");
    assert_eq!(told(c.add_business(cn("10-10 08:00"), 61 * MINUTE)), "10-12 09:01");
    // A shop that is closed on Mondays works as on the first day it is open.
    let week = Weekly::of(&json!({ "mon": [], "wed": [["08:00", "24:00"]] })).unwrap();
    let c = Calendar::new(zone("Asia/Shanghai"), week, [(day, Special::Workday(vec![]))]).unwrap();
    assert_eq!(told(c.add_business(cn("10-09 08:00"), 960 * MINUTE)), "10-11 00:00");
    assert_eq!(told(c.add_business(cn("10-09 08:00"), 961 * MINUTE)), "10-14 08:01");
}

#[test]
fn a_calendar_in_which_nothing_would_ever_be_due_is_none() {
    let z = zone("Asia/Shanghai");
    assert_eq!(Calendar::new(z.clone(), Weekly::of(&json!({})).unwrap(), []), None);
    // Windows, but every day a holiday from here on: the search ends.
    let never = date(2199, 1, 1).series(Span::new().days(1)).take(365).map(|d| (d, Special::Holiday));
    let c = Calendar::new(z.clone(), office(), never).unwrap();
    assert_eq!(c.add_business(at(&z, "2199-01-01T08:00"), 1), None);
    assert_eq!(c.add_workdays(date(2199, 1, 1), 1), None);
    assert_eq!(china().add_business(cn("10-10 08:00"), u64::MAX), None);
    assert_eq!(china().add_business(Millis(i64::MAX), 1), None);
}

#[test]
fn all_day_every_day_is_plain_time() {
    let c = Calendar::always(zone("America/New_York"));
    for start in ["2026-03-07T12:30", "2026-11-01T00:00", "2026-10-03T09:00"].map(|t| at(c.zone(), t)) {
        assert_eq!(c.add_business(start, 200_000), Some(start.plus(200_000_000)));
        assert_eq!(c.business_between(start, start.plus(200_000_000)), 200_000);
    }
    assert!(c.is_workday(date(2026, 10, 3)));
}

#[test]
fn windows_are_as_long_as_they_last_where_the_clock_leaps() {
    let z = zone("America/New_York");
    let week = |j| Weekly::of(&json!({ "sun": j })).unwrap();
    let length = |w: Weekly, day: &str| {
        let c = Calendar::new(z.clone(), w, []).unwrap();
        c.business_between(at(&z, &format!("{day}T00:00")), at(&z, &format!("{day}T23:59"))) / 60
    };
    // 2026-03-08: 02:00 becomes 03:00. 2026-11-01: 02:00 becomes 01:00.
    assert_eq!(length(week(json!([["01:00", "04:00"]])), "2026-03-08"), 120);
    assert_eq!(length(week(json!([["01:00", "04:00"]])), "2026-11-01"), 240);
    // Wholly inside the hour that is leapt over: no time at all, and nothing counts twice.
    assert_eq!(length(week(json!([["02:10", "02:50"]])), "2026-03-08"), 0);
    assert_eq!(length(week(json!([["02:00", "02:30"], ["02:45", "03:30"]])), "2026-03-08"), 30);
    let c = Calendar::new(z.clone(), week(json!([["02:10", "02:50"]])), []).unwrap();
    assert_eq!(c.add_business(at(&z, "2026-03-08T00:00"), 60), Some(at(&z, "2026-03-15T02:11")));
}

#[test]
fn windows_are_read_strictly() {
    assert_eq!(windows(&json!([["09:00", "12:00"], ["12:00", "24:00"]])).unwrap().len(), 2);
    for (j, fault) in [
        (json!("09:00"), Fault::Shape),
        (json!([["09:00"]]), Fault::Shape),
        (json!([["9:00", "12:00"]]), Fault::Shape),
        (json!([["+9:00", "12:00"]]), Fault::Shape),
        (json!([["09:00", "12:60"]]), Fault::Shape),
        (json!([["09:00", "24:01"]]), Fault::Shape),
        (json!([["09:00", "99:99"]]), Fault::Shape),
        (json!([["12:00", "09:00"]]), Fault::Backward),
        (json!([["09:00", "09:00"]]), Fault::Backward),
        (json!([["09:00", "12:00"], ["11:00", "13:00"]]), Fault::Overlap),
        (json!([["13:00", "14:00"], ["09:00", "12:00"]]), Fault::Overlap),
    ] {
        assert_eq!(windows(&j), Err(fault), "{j}");
    }
    assert_eq!(Weekly::of(&json!({ "monday": [] })), Err(Fault::Shape));
    assert_eq!(Weekly::of(&json!([])), Err(Fault::Shape));
    assert_eq!(office(), Weekly::office());
}

/// The file as the library would have it.
fn announced() -> String {
    let mut lines: Vec<(isize, String, Vec<Date>, Vec<Date>)> = vec![];
    let mut next = LegalHoliday::from_ymd(2020, 1, 1);
    while let Some(h) = next {
        let d = h.get_day();
        let day =
            date(i16::try_from(d.get_year()).unwrap(), i8::try_from(d.get_month()).unwrap(), i8::try_from(d.get_day()).unwrap());
        let at = lines.iter().position(|l| l.0 == d.get_year() && l.1 == h.get_name()).unwrap_or_else(|| {
            lines.push((d.get_year(), h.get_name(), vec![], vec![]));
            lines.len() - 1
        });
        if h.is_work() {
            lines[at].3.push(day);
        } else {
            lines[at].2.push(day);
        }
        next = h.next(1);
    }
    let spans = |days: &[Date]| -> String {
        let mut out: Vec<(Date, Date)> = vec![];
        for d in days {
            match out.last_mut() {
                Some((_, to)) if to.tomorrow().unwrap() == *d => *to = *d,
                _ => out.push((*d, *d)),
            }
        }
        let short = |d: &Date| d.strftime("%m-%d").to_string();
        let text = |(from, to): &(Date, Date)| {
            if from == to { short(from) } else { format!("{}..{}", short(from), short(to)) }
        };
        out.iter().map(text).collect::<Vec<_>>().join(" ")
    };
    let line = |(y, name, off, on): &(isize, String, Vec<Date>, Vec<Date>)| {
        format!("{}\n", format!("{y} | {name} | {} | {}", spans(off), spans(on)).trim_end())
    };
    lines.iter().map(line).collect()
}

#[test]
fn the_announced_days_are_those_of_the_library() {
    let now = announced();
    assert!(super::public::CN == now, "crates/schema/src/worktime/cn.txt is to be:\n{now}");
}

#[test]
fn announced_days_of_2026_are_those_of_the_domain_model() {
    let days = public_days("CN", 2026).unwrap();
    let short = |workday: bool| -> Vec<String> {
        days.iter().filter(|d| d.workday == workday).map(|d| d.day.strftime("%m-%d").to_string()).collect()
    };
    // Domain model §5.2.
    assert_eq!(short(true), ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]);
    let off = [("01-01", 3), ("02-15", 9), ("04-04", 3), ("05-01", 5), ("06-19", 3), ("09-25", 3), ("10-01", 7)];
    let off: Vec<String> = off
        .iter()
        .flat_map(|(from, n)| {
            let from: Date = format!("2026-{from}").parse().unwrap();
            from.series(Span::new().days(1)).take(*n).map(|d| d.strftime("%m-%d").to_string())
        })
        .collect();
    assert_eq!(short(false), off);
    assert_eq!((days[0].name.en.as_str(), days[0].name.zh.as_str()), ("New Year's Day", "元旦"));
    assert_eq!(public_days("CN", 1999), None);
    assert_eq!(public_days("ZZ", 2026), None);
    // No name is left to the general one.
    assert!((2020..=2026).all(|y| public_days("CN", y).unwrap().iter().all(|d| d.name.en != "Public Holiday")));
}

fn a_day() -> impl Strategy<Value = Vec<Window>> {
    prop::collection::btree_set(0u16..=1440, 0..6)
        .prop_map(|cuts| cuts.into_iter().collect::<Vec<_>>().chunks_exact(2).map(|c| Window::new(c[0], c[1]).unwrap()).collect())
}

fn a_calendar() -> impl Strategy<Value = Calendar> {
    let zones =
        prop::sample::select(vec!["Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo"]);
    let special = prop_oneof![Just(Special::Holiday), a_day().prop_map(Special::Workday)];
    let days = prop::collection::vec((0i64..800, special), 0..60);
    (zones, prop::array::uniform7(a_day()), days).prop_filter_map("a week without windows", |(z, week, days)| {
        let first = date(2025, 6, 1);
        let days = days.into_iter().map(|(n, s)| (first.checked_add(Span::new().days(n)).unwrap(), s));
        Calendar::new(zone(z), Weekly(week), days)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// What is added lies between; the moment before the due one is not enough; time goes one way.
    #[test]
    fn between_gives_back_what_was_added(c in a_calendar(), start in 1_750_000_000_000i64..1_800_000_000_000, seconds in 0u64..2_000_000) {
        let start = Millis(start);
        let due = c.add_business(start, seconds).unwrap();
        let whole = i64::try_from(seconds).unwrap();
        prop_assert_eq!(c.business_between(start, due), whole);
        prop_assert_eq!(c.business_between(due, start), -whole);
        if seconds > 0 {
            prop_assert_eq!(c.business_between(start, due.plus(-1000)), whole - 1);
        }
        let half = c.add_business(start, seconds / 2).unwrap();
        prop_assert!(half <= due);
        prop_assert_eq!(c.business_between(start, half) + c.business_between(half, due), whole);
    }

    /// A clock on the wall, looked at minute by minute, agrees, where it neither leaps nor falls back.
    #[test]
    fn a_clock_on_the_wall_agrees(week in prop::array::uniform7(a_day()), start in 0i64..40_000, minutes in 0i64..4_000) {
        let Some(c) = Calendar::new(zone("Asia/Shanghai"), Weekly(week.clone()), []) else { return Ok(()) };
        let first = date(2026, 1, 5).at(0, 0, 0, 0);
        let wall = |m: i64| first.checked_add(SignedDuration::from_mins(m)).unwrap();
        let open = |m: &i64| {
            let t = wall(*m);
            let now = u16::try_from(t.hour()).unwrap() * 60 + u16::try_from(t.minute()).unwrap();
            let day = usize::try_from(t.date().weekday().to_monday_zero_offset()).unwrap();
            week[day].iter().any(|w| w.start() <= now && now < w.end())
        };
        let moment = |m: i64| Millis::from_timestamp(wall(m).to_zoned(zone("Asia/Shanghai")).unwrap().timestamp());
        let counted = (start..start + minutes).filter(open).count();
        prop_assert_eq!(c.business_between(moment(start), moment(start + minutes)), i64::try_from(counted).unwrap() * 60);
    }

    /// The n-th workday after a day is a workday, and n workdays lie from the next day to it.
    #[test]
    fn workdays_give_back_what_was_added(c in a_calendar(), from in 0i64..700, n in 1u32..60) {
        let day = date(2025, 6, 1).checked_add(Span::new().days(from)).unwrap();
        let to = c.add_workdays(day, n).unwrap();
        prop_assert!(c.is_workday(to));
        prop_assert_eq!(c.workdays(day.tomorrow().unwrap(), to), i64::from(n));
    }

    /// Reading never panics.
    #[test]
    fn nothing_written_breaks_the_reader(text in "[0-9:]{0,7}", other in "[0-9:]{0,7}") {
        let _ = windows(&json!([[text, other]]));
    }
}
