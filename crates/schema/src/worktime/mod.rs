//! Working time (R-SLA-03): which days are workdays, when a promise is due, how much business time lies between two moments.
//!
//! Business time counts only inside windows `[start, end)` of workdays. A holiday has none; a make-up workday (调休) uses its own
//! windows or Monday's. Moments are whole seconds. Windows are local times of the calendar's zone and are compared as moments: where
//! the clock leaps, a window is as long as it really lasts.

mod public;
mod window;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::{
    Span, Timestamp,
    civil::{Date, Time, date},
    tz::{AmbiguousOffset, TimeZone},
};

pub use public::{PublicDay, public_days};
pub use window::{Fault, Weekly, Window, windows};

use crate::Millis;

/// No search goes beyond the last day a date may be (domain model §1).
const LAST: Date = date(2199, 12, 31);

/// What a calendar says of a day that is not like others of its weekday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Special {
    /// No work.
    Holiday,
    /// Work, in these windows; without any: in Monday's.
    Workday(Vec<Window>),
}

/// The working time of an organisation or of a service.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    zone: TimeZone,
    /// None: all day, every day.
    weekly: Option<Weekly>,
    days: BTreeMap<Date, Special>,
}

impl Calendar {
    /// A calendar of weekly windows with its special days; none where no weekday has a window, for then nothing would ever be due.
    #[must_use]
    pub fn new(zone: TimeZone, weekly: Weekly, days: impl IntoIterator<Item = (Date, Special)>) -> Option<Self> {
        (!weekly.is_empty()).then(|| Self { zone, weekly: Some(weekly), days: days.into_iter().collect() })
    }
    /// All day, every day, holidays too.
    #[must_use]
    pub fn always(zone: TimeZone) -> Self {
        Self { zone, weekly: None, days: BTreeMap::new() }
    }
    /// Monday to Friday in office hours: where none is kept.
    #[must_use]
    pub fn office(zone: TimeZone) -> Self {
        Self { zone, weekly: Some(Weekly::office()), days: BTreeMap::new() }
    }
    /// The zone of its windows.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The same text for calendars with the same workdays: to know whether what was counted with one still holds.
    #[must_use]
    pub fn workdays_key(&self) -> String {
        let week = date(2026, 1, 5).series(Span::new().days(1)).take(7);
        let plain = |d: Date| self.weekly.as_ref().is_none_or(|w| !w.on(d.weekday()).is_empty());
        let mut out: String = week.map(|d| if plain(d) { '1' } else { '0' }).collect();
        for day in self.days.keys().filter(|d| self.is_workday(**d) != plain(**d)) {
            out.push_str(&format!(" {day}"));
        }
        out
    }

    /// The windows of a day, in order.
    fn windows(&self, day: Date) -> &[Window] {
        let Some(weekly) = &self.weekly else { return &Window::ALL_DAY };
        match self.days.get(&day) {
            Some(Special::Holiday) => &[],
            Some(Special::Workday(own)) if !own.is_empty() => own,
            Some(Special::Workday(_)) => weekly.make_up(),
            None => weekly.on(day.weekday()),
        }
    }

    /// Is any work done on this day?
    #[must_use]
    pub fn is_workday(&self, day: Date) -> bool {
        !self.windows(day).is_empty()
    }
    /// Workdays from a day to another, both included; negative when the second is before the first.
    #[must_use]
    pub fn workdays(&self, from: Date, to: Date) -> i64 {
        workdays(from, to, &|d| self.is_workday(d))
    }
    /// The n-th workday after a day; the day itself for 0. None when there are not so many before the end of time.
    #[must_use]
    pub fn add_workdays(&self, day: Date, n: u32) -> Option<Date> {
        let Some(before) = usize::try_from(n).ok()?.checked_sub(1) else { return Some(day) };
        days_from(day.tomorrow().ok()?).filter(|d| self.is_workday(*d)).nth(before)
    }

    /// The moment when so many seconds of business time have passed. A start outside the windows moves to the next opening; a
    /// moment that falls exactly on the end of a window stays there. None when it never comes.
    #[must_use]
    pub fn add_business(&self, start: Millis, seconds: u64) -> Option<Millis> {
        let (start, mut left) = (whole(start), i64::try_from(seconds).ok()?);
        for (open, close) in days_from(self.date_of(start)?).flat_map(|d| self.spans(d)) {
            let from = open.max(start);
            // A window of no length is one the clock leapt over; one that has closed is behind the start.
            if from >= close {
                continue;
            }
            if left <= close - from {
                return Some(Millis((from + left) * 1000));
            }
            left -= close - from;
        }
        None
    }
    /// Seconds of business time from one moment to another; negative when the second is before the first.
    #[must_use]
    pub fn business_between(&self, a: Millis, b: Millis) -> i64 {
        if b < a {
            return -self.business_between(b, a);
        }
        let (a, b) = (whole(a), whole(b));
        let (Some(first), Some(last)) = (self.date_of(a), self.date_of(b)) else { return 0 };
        let spans = days_from(first).take_while(|d| *d <= last).flat_map(|d| self.spans(d));
        spans.map(|(open, close)| (close.min(b) - open.max(a)).max(0)).sum()
    }

    fn date_of(&self, second: i64) -> Option<Date> {
        Some(Timestamp::from_second(second).ok()?.to_zoned(self.zone.clone()).date())
    }
    /// The windows of a day as seconds since 1970.
    fn spans(&self, day: Date) -> impl Iterator<Item = (i64, i64)> {
        self.windows(day).iter().filter_map(move |w| Some((self.moment(day, w.start())?, self.moment(day, w.end())?)))
    }
    /// The first moment at which a clock on the wall shows this minute of this day or a later one.
    fn moment(&self, day: Date, minute: u16) -> Option<i64> {
        let midnight = day.to_datetime(Time::midnight());
        let local = midnight.checked_add(jiff::SignedDuration::from_mins(i64::from(minute))).ok()?;
        let found = self.zone.to_ambiguous_timestamp(local);
        let gap = matches!(found.offset(), AmbiguousOffset::Gap { .. });
        let after = found.compatible().ok()?;
        if !gap {
            return Some(after.as_second());
        }
        // What the clock leaps over is the moment of the leap.
        let leap = self.zone.preceding(after.checked_add(jiff::SignedDuration::from_nanos(1)).ok()?).next()?;
        Some(leap.timestamp().as_second())
    }
}

/// Days both ends included for which something holds; negative when the second is before the first.
pub(crate) fn workdays(from: Date, to: Date, is: &dyn Fn(Date) -> bool) -> i64 {
    let (first, last, sign) = if from <= to { (from, to, 1) } else { (to, from, -1) };
    let n = first.series(Span::new().days(1)).take_while(|d| *d <= last).filter(|d| is(*d)).count();
    sign * i64::try_from(n).unwrap_or(i64::MAX)
}

fn days_from(day: Date) -> impl Iterator<Item = Date> {
    day.series(Span::new().days(1)).take_while(|d| *d <= LAST)
}

fn whole(t: Millis) -> i64 {
    t.0.div_euclid(1000)
}
