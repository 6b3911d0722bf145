//! Where a record is, and which territory that is (R-ASN-08). Pure.

use rapport_schema::{ObjectDef, Record, RecordId, Value};
use rapport_text::normalise::{country_of_division, divisions, landline_division};
use smol_str::SmolStr;

/// What a territory asks of a record. What is not set asks nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Area {
    pub id: RecordId,
    pub divisions: Vec<SmolStr>,
    pub countries: Vec<SmolStr>,
    pub industries: Vec<SmolStr>,
}

impl Area {
    pub fn read(o: &ObjectDef, r: &Record) -> Self {
        let texts = |f: &str| match r.get(o, f) {
            Value::Json(j) => j.as_array().into_iter().flatten().filter_map(|t| Some(SmolStr::new(t.as_str()?))).collect(),
            Value::Keys(k) => k.clone(),
            _ => vec![],
        };
        Self { id: r.id, divisions: texts("division_codes"), countries: texts("countries"), industries: texts("industries") }
    }
}

/// Where a record is, as far as it says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// Division code of 2, 4 or 6 digits.
    pub division: Option<SmolStr>,
    pub country: Option<SmolStr>,
    pub industry: Option<SmolStr>,
}

impl Place {
    /// By its address; without one by the area code of its landline.
    pub fn of(o: &ObjectDef, r: &Record) -> Self {
        let industry = r.get(o, "industry").as_text().map(SmolStr::new);
        let (mut division, mut country) = match r.get(o, "address") {
            Value::Addr(a) => (a.code.as_deref().map(current), a.country.clone()),
            _ => (None, None),
        };
        if division.is_none() && country.as_deref().is_none_or(|c| c == "CN") {
            let number = |f: &str| match r.get(o, f) {
                Value::Phone(p) => p.e164.as_deref().and_then(landline_division),
                _ => None,
            };
            division = number("phone").or_else(|| number("mobile")).map(SmolStr::new);
        }
        if country.is_none() {
            country = division.as_deref().map(|d| SmolStr::new(country_of_division(d)));
        }
        Self { division, country, industry }
    }
}

/// A division's code as it is today, without the zeros that only fill it up; towns go by their district.
pub(super) fn current(code: &str) -> SmolStr {
    let district = code.get(..6).filter(|_| code.len() > 6).unwrap_or(code);
    divisions().current(district).map_or_else(|| SmolStr::new(district), |d| SmolStr::new(d.code))
}

/// The territory a place belongs to: district before city before province before country before none; of equal ones the oldest.
pub(super) fn territory<'a>(areas: &'a [Area], place: &Place) -> Option<&'a Area> {
    let fits = areas.iter().filter_map(|a| Some((depth(a, place)?, a)));
    fits.min_by_key(|(depth, a)| (std::cmp::Reverse(*depth), a.id)).map(|(_, a)| a)
}

/// How closely a territory means the place: digits of the division, 1 for the country alone, 0 for everywhere; none when it does not.
fn depth(a: &Area, place: &Place) -> Option<usize> {
    let among = |set: &[SmolStr], v: &Option<SmolStr>| set.is_empty() || v.as_ref().is_some_and(|v| set.contains(v));
    if !among(&a.countries, &place.country) || !among(&a.industries, &place.industry) {
        return None;
    }
    if a.divisions.is_empty() {
        return Some(usize::from(!a.countries.is_empty()));
    }
    let here = place.division.as_deref()?;
    a.divisions.iter().map(|d| current(d)).filter(|d| here.starts_with(d.as_str())).map(|d| d.len()).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(id: u8, divisions: &[&str], countries: &[&str], industries: &[&str]) -> Area {
        let of = |t: &[&str]| t.iter().map(SmolStr::new).collect();
        Area {
            id: RecordId::from_bytes([id; 16]),
            divisions: of(divisions),
            countries: of(countries),
            industries: of(industries),
        }
    }
    fn place(division: &str, country: &str, industry: &str) -> Place {
        let some = |t: &str| (!t.is_empty()).then(|| SmolStr::new(t));
        Place { division: some(division), country: some(country), industry: some(industry) }
    }
    fn found(areas: &[Area], p: &Place) -> Option<u8> {
        territory(areas, p).map(|a| a.id.bytes()[0])
    }

    #[test]
    fn the_north_china_team() {
        // R-ASN-08, Check: Beijing, Tianjin, Hebei, Shanxi, Inner Mongolia; 110105 goes there
        let all = [area(1, &["11", "12", "13", "14", "15"], &["CN"], &[]), area(2, &["31", "32"], &["CN"], &[])];
        assert_eq!(found(&all, &place("110105", "CN", "")), Some(1));
        assert_eq!(found(&all, &place("320100", "CN", "")), Some(2));
        assert_eq!(found(&all, &place("440300", "CN", "")), None);
        assert_eq!(found(&all, &Place::default()), None);
    }

    #[test]
    fn the_closest_comes_first() {
        // R-ASN-08: district → city → province → country → none; equal depth → the oldest
        let all = [
            area(9, &[], &[], &[]),
            area(8, &[], &["CN"], &[]),
            area(7, &["33"], &[], &[]),
            area(6, &["330100"], &[], &[]),
            area(5, &["330106"], &[], &[]),
            area(4, &["330106"], &[], &[]),
        ];
        assert_eq!(found(&all, &place("330106", "CN", "")), Some(4));
        assert_eq!(found(&all, &place("330102", "CN", "")), Some(6), "zeros only fill a code up");
        assert_eq!(found(&all, &place("330200", "CN", "")), Some(7));
        assert_eq!(found(&all, &place("110105", "CN", "")), Some(8));
        assert_eq!(found(&all, &place("", "DE", "")), Some(9));
    }

    #[test]
    fn industry_and_country_must_fit_too() {
        // R-ASN-08
        let all = [area(1, &["33"], &["CN"], &["retail"]), area(2, &["33"], &[], &[])];
        assert_eq!(found(&all, &place("330106", "CN", "retail")), Some(1));
        assert_eq!(found(&all, &place("330106", "CN", "energy")), Some(2));
        assert_eq!(found(&all, &place("330106", "CN", "")), Some(2));
        assert_eq!(found(&all, &place("330106", "HK", "retail")), Some(2));
    }

    #[test]
    fn codes_are_read_as_they_are_today() {
        assert_eq!(current("330000"), "33");
        assert_eq!(current("330106001"), "330106");
        assert_eq!(current("999999"), "999999", "unknown ones stay");
    }
}
