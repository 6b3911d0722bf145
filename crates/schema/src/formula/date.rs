//! Calendar arithmetic by plain rules, so that every database can follow them.

use jiff::{ToSpan, civil::Date, tz::TimeZone};

use super::{
    fix::Fix,
    node::{Piece, Unit},
};
use crate::Millis;

/// Days a result may be: 1900-01-01 … 2199-12-31.
#[must_use]
pub fn in_range(d: Date) -> bool {
    (1900..=2199).contains(&d.year())
}

/// Whole months from one day to another: an incomplete month does not count.
#[must_use]
pub fn months_between(a: Date, b: Date) -> i64 {
    let whole = (i64::from(b.year()) - i64::from(a.year())) * 12 + i64::from(b.month()) - i64::from(a.month());
    if whole > 0 && b.day() < a.day() {
        whole - 1
    } else if whole < 0 && b.day() > a.day() {
        whole + 1
    } else {
        whole
    }
}

/// Days from one to another.
fn days_between(a: Date, b: Date) -> i64 {
    a.until(b).map_or(0, |s| i64::from(s.get_days()))
}

/// A day plus so many units; the last day of a shorter month; nothing outside the range.
#[must_use]
pub fn add_to_date(d: Date, n: i64, u: Unit) -> Option<Date> {
    let span = match u.months() {
        Some(m) => n.checked_mul(m).filter(|m| m.abs() < 10_000)?.months(),
        None => n.checked_mul(u.millis()? / 86_400_000).filter(|d| d.abs() < 200_000)?.days(),
    };
    d.checked_add(span).ok().filter(|d| in_range(*d))
}

/// An instant plus so many units: days and shorter are always equally long; months keep the local time of day.
#[must_use]
pub fn add_to_instant(t: Millis, n: i64, u: Unit, zone: &TimeZone) -> Option<Millis> {
    let out = match u.months() {
        Some(m) => {
            let months = n.checked_mul(m).filter(|m| m.abs() < 10_000)?;
            let z = t.timestamp().to_zoned(zone.clone()).checked_add(months.months()).ok()?;
            Millis::from_timestamp(z.timestamp())
        }
        None => Millis(t.0.checked_add(n.checked_mul(u.millis()?)?)?),
    };
    instant_in_range(out).then_some(out)
}

/// 1900-01-01T00:00Z … 2200-01-01T00:00Z.
fn instant_in_range(t: Millis) -> bool {
    (-2_208_988_800_000..7_258_118_400_000).contains(&t.0)
}

/// Whole units between two days.
#[must_use]
pub fn diff_dates(a: Date, b: Date, u: Unit) -> i64 {
    match u {
        Unit::Month => months_between(a, b),
        Unit::Quarter => months_between(a, b) / 3,
        Unit::Year => months_between(a, b) / 12,
        Unit::Week => days_between(a, b) / 7,
        _ => days_between(a, b),
    }
}

/// A valid day in the range, from numbers cut to whole ones.
#[must_use]
pub fn date_of(y: Fix, m: Fix, d: Fix) -> Option<Date> {
    let date = Date::new(i16::try_from(y.trunc()).ok()?, i8::try_from(m.trunc()).ok()?, i8::try_from(d.trunc()).ok()?).ok()?;
    in_range(date).then_some(date)
}

/// An instant in the zone by a pattern.
#[must_use]
pub fn format_instant(t: Millis, zone: &TimeZone, p: &[Piece]) -> String {
    let z = t.timestamp().to_zoned(zone.clone());
    let seconds = i64::from(z.hour()) * 3600 + i64::from(z.minute()) * 60 + i64::from(z.second());
    format_date(z.date(), seconds, p)
}

/// A day, with the time of day in seconds for instants, by a pattern.
#[must_use]
pub fn format_date(d: Date, seconds: i64, p: &[Piece]) -> String {
    use std::fmt::Write;
    let mut s = String::new();
    for p in p {
        // Writing to a String cannot fail.
        let _ = match p {
            Piece::Text(t) => s.write_str(t),
            Piece::Year => write!(s, "{:04}", d.year()),
            Piece::Year2 => write!(s, "{:02}", d.year().rem_euclid(100)),
            Piece::Month => write!(s, "{:02}", d.month()),
            Piece::Day => write!(s, "{:02}", d.day()),
            Piece::Hour => write!(s, "{:02}", seconds / 3600),
            Piece::Minute => write!(s, "{:02}", seconds / 60 % 60),
            Piece::Second => write!(s, "{:02}", seconds % 60),
        };
    }
    s
}
