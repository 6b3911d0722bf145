//! Public holidays as they were announced. They cannot be computed: the State Council publishes them year by year.

use jiff::civil::Date;

use crate::Label;

/// One line per holiday of a year: year, name, days off, make-up workdays. Taken from the library `tyme4rs` (MIT); a test holds both
/// equal and prints the file anew when the library knows more.
pub(super) const CN: &str = include_str!("cn.txt");

/// A day of a public calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicDay {
    /// The day.
    pub day: Date,
    /// A make-up workday; otherwise a day off.
    pub workday: bool,
    /// What it is called.
    pub name: Label,
}

/// The public calendar of a country (ISO code) for a year, in order; none where it is not known.
#[must_use]
pub fn public_days(country: &str, year: i16) -> Option<Vec<PublicDay>> {
    let text = match country {
        "CN" => CN,
        _ => return None,
    };
    let mut out: Vec<PublicDay> = text
        .lines()
        .filter_map(|l| l.split('|').map(str::trim).collect::<Vec<_>>().try_into().ok())
        .filter(|[y, ..]: &[&str; 4]| y.parse() == Ok(year))
        .flat_map(|[_, key, off, on]| {
            let of = move |days: &str, workday: bool| -> Vec<PublicDay> {
                days.split_whitespace()
                    .flat_map(|d| span(year, d))
                    .map(|day| PublicDay { day, workday, name: name(key, workday) })
                    .collect()
            };
            [of(off, false), of(on, true)].concat()
        })
        .collect();
    out.sort_by_key(|d| d.day);
    (!out.is_empty()).then_some(out)
}

/// `10-01..10-07` or `10-10`.
fn span(year: i16, text: &str) -> Vec<Date> {
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let day = |t: &str| format!("{year:04}-{t}").parse::<Date>().ok();
    let (Some(from), Some(to)) = (day(from), day(to)) else { return vec![] };
    from.series(jiff::Span::new().days(1)).take_while(|d| *d <= to).collect()
}

fn name(zh: &str, workday: bool) -> Label {
    let en = match zh {
        "元旦" => "New Year's Day",
        "春节" => "Spring Festival",
        "清明节" => "Qingming Festival",
        "劳动节" => "Labour Day",
        "端午节" => "Dragon Boat Festival",
        "中秋节" => "Mid-Autumn Festival",
        "国庆节" => "National Day",
        "国庆中秋" => "National Day and Mid-Autumn",
        _ => "Public Holiday",
    };
    if workday { Label::new(format!("Make-up day for {en}"), format!("{zh}调休上班")) } else { Label::new(en, zh) }
}
