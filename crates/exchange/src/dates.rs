//! Dates and numbers as people write them in files.

use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;

use crate::plan::DateOrder;

/// The three numbers of a written date and what follows it.
fn parts(s: &str) -> Option<([(i64, usize); 3], &str)> {
    let mut n: Vec<(i64, usize)> = vec![];
    let mut rest = s.trim();
    for i in 0..3 {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || digits > 4 {
            return None;
        }
        n.push((rest[..digits].parse().ok()?, digits));
        rest = &rest[digits..];
        if i < 2 {
            let sep = rest.chars().next()?;
            if !matches!(sep, '-' | '/' | '.' | '年' | '月') {
                return None;
            }
            rest = rest[sep.len_utf8()..].trim_start();
        }
    }
    let rest = rest.strip_prefix(['日', '号']).unwrap_or(rest);
    Some(([n[0], n[1], n[2]], rest))
}

/// Which order a written date allows: the year's place, and a number above 12 that can only be a day.
/// `None` = no date at all; `Some(None)` = a date that fits several orders.
#[must_use]
pub fn order_evidence(s: &str) -> Option<Option<DateOrder>> {
    let ([a, b, c], _) = parts(s)?;
    if a.1 == 4 {
        return ((1..=12).contains(&b.0) && (1..=31).contains(&c.0)).then_some(Some(DateOrder::Ymd));
    }
    if c.1 != 4 && c.1 != 2 {
        return None;
    }
    match (a.0, b.0) {
        (13..=31, 1..=12) => Some(Some(DateOrder::Dmy)),
        (1..=12, 13..=31) => Some(Some(DateOrder::Mdy)),
        (1..=12, 1..=12) => Some(None),
        _ => None,
    }
}

/// The order of a whole column: what its unambiguous dates say. `None` when they contradict each other or say nothing.
#[must_use]
pub fn column_order<'a>(cells: impl Iterator<Item = &'a str>) -> Option<DateOrder> {
    let mut found = None;
    for o in cells.filter_map(order_evidence).flatten() {
        match found {
            None => found = Some(o),
            Some(f) if f == o => {}
            Some(_) => return None,
        }
    }
    found
}

/// A written date; `order` decides between month and day where the text does not.
#[must_use]
pub fn date(s: &str, order: Option<DateOrder>) -> Option<Date> {
    // A bare year is its first day: "founded 1996".
    if let Some(y) = s.trim().parse::<i16>().ok().filter(|y| (1900..2200).contains(y) && s.trim().len() == 4) {
        return Date::new(y, 1, 1).ok();
    }
    let (n, _) = parts(s)?;
    let order = order_evidence(s)?.or(order)?;
    let year = |(y, digits): (i64, usize)| if digits == 2 { if y < 70 { 2000 + y } else { 1900 + y } } else { y };
    let (y, m, d) = match order {
        DateOrder::Ymd => (n[0], n[1], n[2]),
        DateOrder::Mdy => (n[2], n[0], n[1]),
        DateOrder::Dmy => (n[2], n[1], n[0]),
    };
    Date::new(i16::try_from(year(y)).ok()?, i8::try_from(m.0).ok()?, i8::try_from(d.0).ok()?).ok()
}

/// A written date and time without a zone.
#[must_use]
pub fn datetime(s: &str, order: Option<DateOrder>) -> Option<DateTime> {
    let day = date(s, order)?;
    let (_, rest) = parts(s)?;
    let rest = rest.trim_start_matches(['T', ' ']).trim_end_matches('Z');
    if rest.is_empty() {
        return Some(day.at(0, 0, 0, 0));
    }
    let mut t = rest.split([':', '：']);
    let mut next = || t.next().map(|x| x.split('.').next().unwrap_or(x).trim().parse::<i8>());
    let (h, m, s) = (next()?.ok()?, next()?.ok()?, next().transpose().ok()?.unwrap_or(0));
    Some(day.to_datetime(jiff::civil::Time::new(h, m, s, 0).ok()?))
}

/// A written number: `1,234.50`, `¥685万`, `(1,000)`, `1.234,50`, `12%`. Exact.
#[must_use]
pub fn number(s: &str) -> Option<Decimal> {
    let mut s: String = s.trim().chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '¥' | '￥' | '$' | '€' | '£' | '元')).collect();
    let negative = s.starts_with('(') && s.ends_with(')');
    if negative {
        s = s[1..s.len() - 1].to_owned();
    }
    let (body, factor) = match s.chars().last()? {
        '万' => (&s[..s.len() - '万'.len_utf8()], 10_000),
        '亿' => (&s[..s.len() - '亿'.len_utf8()], 100_000_000),
        'K' | 'k' => (&s[..s.len() - 1], 1_000),
        'M' => (&s[..s.len() - 1], 1_000_000),
        '%' => (&s[..s.len() - 1], 1),
        _ => (&s[..], 1),
    };
    let body = body.replace('，', ",");
    let plain = match (body.rfind(','), body.rfind('.')) {
        // The later sign is the decimal point when both occur.
        (Some(c), Some(p)) if c > p => body.replace('.', "").replace(',', "."),
        (Some(_), _) => {
            let groups_of_three = body.split(',').skip(1).all(|g| g.split('.').next().is_some_and(|g| g.len() == 3));
            if groups_of_three {
                body.replace(',', "")
            } else if body.matches(',').count() == 1 {
                body.replace(',', ".")
            } else {
                return None;
            }
        }
        _ => body,
    };
    if !plain.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+')) {
        return None;
    }
    let d = Decimal::from_str(&plain).ok()?.checked_mul(Decimal::from(factor))?;
    Some(if negative { -d } else { d })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_tells_its_order() {
        assert_eq!(column_order(["1/2/2017", "3/14/2017"].into_iter()), Some(DateOrder::Mdy));
        assert_eq!(column_order(["1/2/2017", "14.3.2017"].into_iter()), Some(DateOrder::Dmy));
        assert_eq!(column_order(["1/2/2017"].into_iter()), None);
        assert_eq!(column_order(["13/2/2017", "3/14/2017"].into_iter()), None);
    }

    #[test]
    fn dates_as_people_write_them() {
        let d = |s, o| date(s, o).map(|d| d.to_string());
        assert_eq!(d("2026年11月21日", None).as_deref(), Some("2026-11-21"));
        assert_eq!(d("2026/1/5", None).as_deref(), Some("2026-01-05"));
        assert_eq!(d("10/20/2016", None).as_deref(), Some("2016-10-20"));
        assert_eq!(d("3/1/2017", Some(DateOrder::Mdy)).as_deref(), Some("2017-03-01"));
        assert_eq!(d("3/1/2017", None), None);
        assert_eq!(d("31/11/2026", None), None);
        assert_eq!(d("1996", None).as_deref(), Some("1996-01-01"));
        assert_eq!(datetime("2026-11-21 14:05", None).map(|t| t.to_string()).as_deref(), Some("2026-11-21T14:05:00"));
    }

    #[test]
    fn numbers_as_people_write_them() {
        let n = |s| number(s).map(|d| d.normalize().to_string());
        assert_eq!(n("¥1,234.50").as_deref(), Some("1234.5"));
        assert_eq!(n("68.5万").as_deref(), Some("685000"));
        assert_eq!(n("1.234,50").as_deref(), Some("1234.5"));
        assert_eq!(n("(1,000)").as_deref(), Some("-1000"));
        assert_eq!(n("12,5").as_deref(), Some("12.5"));
        assert_eq!(n("约20"), None);
        assert_eq!(n("1,23,4"), None);
    }
}
