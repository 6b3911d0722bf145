//! Dates and instants as text.

use jiff::civil::Date;

use crate::Millis;

/// First instant a date-time may name: 1900-01-01T00:00Z less half a day for zones ahead.
const FIRST: i64 = -2_208_988_800_000 - 14 * 3_600_000;
/// One past the last: 2200-01-01T00:00Z and half a day for zones behind.
const END: i64 = 7_258_118_400_000 + 12 * 3_600_000;

/// A date in the form `YYYY-MM-DD`, in any year; `None` when it is not one.
#[must_use]
pub fn parse_date(s: &str) -> Option<Date> {
    let b = s.as_bytes();
    if b.len() != 10 || b[4] != b'-' || b[7] != b'-' {
        return None;
    }
    let digits =
        |r: std::ops::Range<usize>| b[r].iter().try_fold(0i16, |n, c| c.is_ascii_digit().then(|| n * 10 + i16::from(c - b'0')));
    Date::new(digits(0..4)?, i8::try_from(digits(5..7)?).ok()?, i8::try_from(digits(8..10)?).ok()?).ok()
}

/// Years in which a date may lie (domain model §1).
pub(super) fn date_in_range(d: Date) -> bool {
    (1900..=2199).contains(&d.year())
}

/// An instant in RFC 3339 with an offset, cut to the millisecond; `None` when it is not one.
#[must_use]
pub fn parse_instant(s: &str) -> Option<Millis> {
    // The parser of the library takes more (zones in brackets, a date alone); RFC 3339 is shorter.
    if s.len() > 40 || s.contains('[') || s.as_bytes().get(10).is_none_or(|c| !matches!(c, b'T' | b't' | b' ')) {
        return None;
    }
    let t: jiff::Timestamp = s.parse().ok()?;
    Some(Millis(t.as_nanosecond().div_euclid(1_000_000).try_into().ok()?))
}

/// Whether a date-time may lie there.
pub(super) fn instant_in_range(t: Millis) -> bool {
    (FIRST..END).contains(&t.0)
}

/// A minute of the day from `HH:MM`, 00:00–24:00.
pub(super) fn parse_minute(s: &str) -> Option<i64> {
    let (h, m) = s.split_once(':')?;
    if h.is_empty() || h.len() > 2 || m.len() != 2 || !h.bytes().chain(m.bytes()).all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (h, m): (i64, i64) = (h.parse().ok()?, m.parse().ok()?);
    (m < 60 && h * 60 + m <= 1440).then_some(h * 60 + m)
}

fn pad(n: i64, width: usize, out: &mut Vec<u8>) {
    let mut n = n.unsigned_abs();
    let start = out.len();
    out.resize(start + width, b'0');
    for i in (start..start + width).rev() {
        out[i] = b'0' + u8::try_from(n % 10).unwrap_or(0);
        n /= 10;
    }
}

/// Writes `YYYY-MM-DD`.
pub(super) fn write_date(d: Date, out: &mut Vec<u8>) {
    pad(i64::from(d.year()), 4, out);
    out.push(b'-');
    pad(i64::from(d.month()), 2, out);
    out.push(b'-');
    pad(i64::from(d.day()), 2, out);
}

/// `YYYY-MM-DD`.
#[must_use]
pub fn format_date(d: Date) -> String {
    let mut v = Vec::with_capacity(10);
    write_date(d, &mut v);
    String::from_utf8(v).expect("digits are ASCII")
}

/// Writes `2026-11-21T06:30:00.000Z` by plain arithmetic (the hot path of every list).
pub(super) fn write_instant(t: Millis, out: &mut Vec<u8>) {
    let days = t.0.div_euclid(86_400_000);
    let ms = t.0.rem_euclid(86_400_000);
    // Days to civil date: the Gregorian calendar repeats every 146,097 days, counted from 0000-03-01.
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    if !(0..=9999).contains(&year) {
        out.extend_from_slice(t.rfc3339().as_bytes());
        return;
    }
    pad(year, 4, out);
    out.push(b'-');
    pad(month, 2, out);
    out.push(b'-');
    pad(day, 2, out);
    out.push(b'T');
    pad(ms / 3_600_000, 2, out);
    out.push(b':');
    pad(ms / 60_000 % 60, 2, out);
    out.push(b':');
    pad(ms / 1000 % 60, 2, out);
    out.push(b'.');
    pad(ms % 1000, 3, out);
    out.push(b'Z');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_as_the_library_writes_them() {
        let step = 86_400_000 * 31 + 3_723_456;
        let mut t = FIRST;
        while t < END {
            let mut v = vec![];
            write_instant(Millis(t), &mut v);
            assert_eq!(String::from_utf8(v).unwrap(), Millis(t).rfc3339());
            t += step;
        }
    }

    #[test]
    fn instants_need_an_offset() {
        assert_eq!(parse_instant("2026-11-21T14:30:00+08:00"), parse_instant("2026-11-21T06:30:00.000Z"));
        assert_eq!(parse_instant("1969-12-31T23:59:59.9999Z"), Some(Millis(-1)));
        for s in
            ["2026-11-21T14:30:00", "2026-11-21", "2026-11-21T14:30:00+08:00[Asia/Shanghai]", "x", "", "2026-13-01T00:00:00Z"]
        {
            assert_eq!(parse_instant(s), None, "{s}");
        }
    }

    #[test]
    fn dates_are_checked() {
        assert_eq!(parse_date("2024-02-29"), Some(jiff::civil::date(2024, 2, 29)));
        for s in ["2023-02-29", "2024-2-9", "2024/02/09", "24-02-29", "2024-02-30", "２０２４-01-01", "-024-01-01"] {
            assert_eq!(parse_date(s), None, "{s}");
        }
        assert_eq!(format_date(jiff::civil::date(12, 2, 9)), "0012-02-09");
    }

    #[test]
    fn minutes_of_the_day() {
        assert_eq!(parse_minute("24:00"), Some(1440));
        assert_eq!(parse_minute("9:05"), Some(545));
        for s in ["24:01", "9:5", "12:60", ":00", "+1:00"] {
            assert_eq!(parse_minute(s), None, "{s}");
        }
    }
}
