//! Duplicate rules as data: the `match` of a `duplicate_rule` record, read against the model.

use std::sync::Arc;

use rapport_schema::{FieldName, Model, ObjectDef, ObjectName, Record, Value, codec::Normalise, query::Filter};
use serde::Deserialize;
use smol_str::SmolStr;

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum How {
    /// Equal normal forms.
    Exact,
    /// Dice similarity of bigrams, at least this much, of keys at least so long.
    Dice { at_least: f64, min_length: usize },
}

/// One key of a rule.
#[derive(Debug, Clone)]
pub(crate) struct MatchKey {
    pub field: FieldName,
    /// Object and field it is compared with.
    pub object: ObjectName,
    pub against: FieldName,
    /// Further fields that must agree: own, other.
    pub also: Vec<(String, String)>,
    pub how: How,
    pub unless_free_mail: bool,
    /// Only records found for which this holds.
    pub when: Option<Filter>,
    pub family: SmolStr,
    pub score: i64,
}

/// One rule.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub object: ObjectName,
    pub block_at: i64,
    pub warn_at: i64,
    pub applies: Vec<SmolStr>,
    pub keys: Vec<MatchKey>,
}

#[derive(Deserialize)]
struct RawKey {
    field: String,
    against: Option<RawAgainst>,
    #[serde(default)]
    also: Vec<String>,
    how: Option<String>,
    at_least: Option<serde_json::Value>,
    min_length: Option<usize>,
    unless: Option<String>,
    when: Option<String>,
    family: SmolStr,
    score: i64,
}
#[derive(Deserialize)]
struct RawAgainst {
    object: String,
    field: String,
}

impl Rule {
    /// Reads a `duplicate_rule` record; keys that name what the model does not have are left out with a warning in the log.
    pub fn read(model: &Model, norm: &dyn Normalise, o: &ObjectDef, r: &Record) -> Option<Self> {
        if !r.get(o, "enabled").is_true() {
            return None;
        }
        let object = ObjectName::new(r.get(o, "object").as_text()?).ok()?;
        let own = model.object(&object)?;
        let Value::Json(j) = r.get(o, "match") else { return None };
        let raw: Vec<RawKey> = match serde_json::from_value((**j).clone()) {
            Ok(v) => v,
            Err(err) => {
                tracing::warn!(%object, %err, "a duplicate rule cannot be read and is not applied");
                return None;
            }
        };
        let mut keys = Vec::with_capacity(raw.len());
        for k in raw {
            match k.read(model, norm, own) {
                Some(k) => keys.push(k),
                None => tracing::warn!(%object, field = %k.field, "a key of a duplicate rule names what the model does not have"),
            }
        }
        Some(Self {
            object,
            block_at: r.get(o, "block_at").as_int().unwrap_or(90),
            warn_at: r.get(o, "warn_at").as_int().unwrap_or(60),
            applies: match r.get(o, "applies") {
                Value::Keys(k) => k.clone(),
                _ => vec![],
            },
            keys,
        })
    }
}

impl RawKey {
    fn read(&self, model: &Model, norm: &dyn Normalise, own: &Arc<ObjectDef>) -> Option<MatchKey> {
        own.field(&self.field)?;
        let (object, against) = match &self.against {
            Some(a) => (ObjectName::new(&a.object).ok()?, FieldName::new(&a.field).ok()?),
            None => (own.name.clone(), FieldName::new(&self.field).ok()?),
        };
        let other = model.object(&object)?;
        other.field(&against)?;
        let number = |v: &Option<serde_json::Value>| match v {
            Some(serde_json::Value::String(s)) => s.parse().ok(),
            Some(v) => v.as_f64(),
            None => None,
        };
        Some(MatchKey {
            field: FieldName::new(&self.field).ok()?,
            against,
            also: self
                .also
                .iter()
                .map(|a| {
                    a.split_once('=')
                        .map_or((a.trim().to_owned(), a.trim().to_owned()), |(x, y)| (x.trim().to_owned(), y.trim().to_owned()))
                })
                .collect(),
            how: match self.how.as_deref() {
                Some("dice") => {
                    How::Dice { at_least: number(&self.at_least).unwrap_or(0.85), min_length: self.min_length.unwrap_or(4) }
                }
                _ => How::Exact,
            },
            unless_free_mail: self.unless.as_deref() == Some("free_mail"),
            when: match &self.when {
                Some(t) => Some(rapport_schema::filter::parse(t, model, other, norm).ok()?),
                None => None,
            },
            object,
            family: self.family.clone(),
            score: self.score,
        })
    }
}

/// A value as text to compare by; nothing when there is nothing to compare.
pub(crate) fn comparable(v: &Value) -> Option<SmolStr> {
    match v {
        Value::Text(t) if !t.is_empty() => Some(t.clone()),
        Value::Phone(p) => match (&p.e164, &p.ext) {
            (Some(e), Some(x)) => Some(SmolStr::from(format!("{e}x{x}"))),
            (Some(e), None) => Some(e.clone()),
            _ => None,
        },
        Value::Id(i) => Some(SmolStr::from(i.to_string())),
        Value::Int(n) => Some(SmolStr::from(n.to_string())),
        _ => None,
    }
}

/// A field or a part of an address (`address.city`).
pub(crate) fn part(o: &ObjectDef, r: &Record, path: &str) -> Option<SmolStr> {
    match path.split_once('.') {
        None if o.person_name && *o.title == *path => {
            comparable(r.get(o, path)).map(|t| rapport_text::normalise::person_match_key(&t).into())
        }
        None => comparable(r.get(o, path)),
        Some((f, p)) => match r.get(o, f) {
            Value::Addr(a) => match p {
                "country" => a.country.clone(),
                "province" => a.province.clone(),
                "city" => a.code.as_ref().and_then(|c| c.get(..4)).map(SmolStr::new).or_else(|| a.city.clone()),
                "district" => a.district.clone(),
                "code" => a.code.clone(),
                _ => None,
            },
            _ => None,
        },
    }
}

/// Highest score plus 5 for each further family that matched, at most 100 (R-DUP-01).
pub(crate) fn total(hits: &[(SmolStr, i64)]) -> i64 {
    let best = hits.iter().map(|(_, s)| *s).max().unwrap_or(0);
    let families: std::collections::BTreeSet<&SmolStr> = hits.iter().map(|(f, _)| f).collect();
    let more = i64::try_from(families.len().saturating_sub(1)).unwrap_or(0);
    (best + 5 * more).min(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(h: &[(&str, i64)]) -> i64 {
        total(&h.iter().map(|(f, s)| (SmolStr::new(f), *s)).collect::<Vec<_>>())
    }

    #[test]
    fn the_sums_of_the_rule() {
        // R-DUP-01, Check
        assert_eq!(t(&[("name", 95), ("name", 80)]), 95, "strict and loose are one family");
        assert_eq!(t(&[("name", 80), ("phone", 70)]), 85);
        assert_eq!(t(&[("phone", 80), ("email", 80)]), 85, "mobile and email of a contact");
        assert_eq!(t(&[("uscc", 100), ("name", 95), ("phone", 70)]), 100);
        assert_eq!(t(&[]), 0);
    }

    #[test]
    fn the_similarity_of_the_rule() {
        // R-DUP-01, Check: Dice(云启智能装备制造, 云启智能装备制作) = 0.857
        assert!((rapport_text::similar::dice("云启智能装备制造", "云启智能装备制作") - 0.857).abs() < 0.001);
    }
}
