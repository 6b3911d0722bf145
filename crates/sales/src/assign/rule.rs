//! An assignment rule as its record says, and the form of its members.
//!
//! `members` is a list; each entry names one thing by its id and may carry a weight: `{ "user": "…", "weight": 3 }`, `department`, `team`,
//! `territory`, `pool` likewise; `{ "field": "…" }` names a field of the record that holds the person.

use rapport_schema::{FieldError, ObjectDef, Record, RecordId, Value};
use serde_json::{Map, Value as Json};
use smol_str::SmolStr;

use super::pick::Counters;

/// Most a weight may be, and most entries of a rule.
const HEAVIEST: i64 = 100;
const MOST: usize = 500;

/// How a rule chooses (R-ASN-05 … 09).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strategy {
    RoundRobin,
    Weighted,
    LeastLoaded,
    Territory,
    FixedUser,
    FieldUser,
    ToPool,
}

impl Strategy {
    const ALL: [(&'static str, Self); 7] = [
        ("round_robin", Self::RoundRobin),
        ("weighted", Self::Weighted),
        ("least_loaded", Self::LeastLoaded),
        ("territory", Self::Territory),
        ("fixed_user", Self::FixedUser),
        ("field_user", Self::FieldUser),
        ("to_pool", Self::ToPool),
    ];
    pub fn named(key: &str) -> Option<Self> {
        Self::ALL.iter().find(|(k, _)| *k == key).map(|(_, s)| *s)
    }
    pub fn key(self) -> &'static str {
        Self::ALL.iter().find(|(_, s)| *s == self).map_or("", |(k, _)| *k)
    }
    /// What its members may be, how many there must be, and how many there may be.
    fn takes(self) -> (&'static [&'static str], usize, usize) {
        match self {
            Self::RoundRobin | Self::Weighted | Self::LeastLoaded => (&["user", "department", "team", "territory"], 1, MOST),
            // None: all territories there are.
            Self::Territory => (&["territory"], 0, MOST),
            Self::FixedUser => (&["user"], 1, 1),
            Self::FieldUser => (&["field"], 1, 1),
            // None: the pool whose condition fits.
            Self::ToPool => (&["pool"], 0, 1),
        }
    }
}

/// Whom an entry means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Who {
    User(RecordId),
    Department(RecordId),
    Team(RecordId),
    Territory(RecordId),
    Pool(RecordId),
    Field(SmolStr),
}

impl Who {
    /// The record that has to be there: object and id.
    pub fn record(&self) -> Option<(&'static str, RecordId)> {
        match self {
            Self::User(id) => Some(("user", *id)),
            Self::Department(id) => Some(("department", *id)),
            Self::Team(id) => Some(("team", *id)),
            Self::Territory(id) => Some(("territory", *id)),
            Self::Pool(id) => Some(("pool", *id)),
            Self::Field(_) => None,
        }
    }
}

/// An entry of a rule's members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    pub who: Who,
    pub weight: i64,
}

/// A rule.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub id: RecordId,
    pub condition: Json,
    pub strategy: Strategy,
    pub members: Vec<Member>,
    pub daily_cap: Option<u64>,
    pub working_hours_only: bool,
    pub last: Option<RecordId>,
    pub counters: Counters,
}

impl Rule {
    /// As its record says; none when it was written by hand in a form that was never accepted.
    pub fn read(o: &ObjectDef, r: &Record) -> Option<Self> {
        let json = |f: &str| if let Value::Json(j) = r.get(o, f) { (**j).clone() } else { Json::Null };
        let strategy = Strategy::named(r.get(o, "strategy").as_text()?)?;
        Some(Self {
            id: r.id,
            condition: json("condition"),
            strategy,
            members: members(strategy, &json("members")).ok()?,
            daily_cap: r.get(o, "daily_cap").as_int().and_then(|n| u64::try_from(n).ok()),
            working_hours_only: r.get(o, "working_hours_only").is_true(),
            last: r.get(o, "last_user_id").as_id(),
            counters: serde_json::from_value(json("counters")).unwrap_or_default(),
        })
    }
}

fn fault(code: &'static str) -> FieldError {
    FieldError::new("members", code)
}

/// Reads the members of a rule; every faulty entry is told by its place in the list, from 1.
pub(super) fn members(strategy: Strategy, written: &Json) -> Result<Vec<Member>, Vec<FieldError>> {
    let (kinds, least, most) = strategy.takes();
    let Json::Array(all) = written else { return Err(vec![fault("assignment.members_shape")]) };
    if all.len() < least {
        return Err(vec![fault("assignment.no_members")]);
    }
    if all.len() > most {
        return Err(vec![fault("assignment.too_many_members").with("max", most)]);
    }
    let (mut out, mut faults) = (vec![], vec![]);
    for (at, entry) in all.iter().enumerate() {
        match entry.as_object().ok_or("assignment.member_shape").and_then(|e| member(e, kinds)) {
            Ok(m) => out.push(m),
            Err(code) => faults.push(
                fault(code)
                    .with("row", at + 1)
                    .with("kinds", kinds.join(", "))
                    .with("strategy", strategy.key())
                    .with("max", HEAVIEST),
            ),
        }
    }
    if faults.is_empty() { Ok(out) } else { Err(faults) }
}

fn member(e: &Map<String, Json>, kinds: &[&str]) -> Result<Member, &'static str> {
    let weight = match e.get("weight") {
        None | Some(Json::Null) => 1,
        Some(w) => w.as_i64().filter(|w| (1..=HEAVIEST).contains(w)).ok_or("assignment.weight")?,
    };
    let mut named = e.iter().filter(|(k, _)| *k != "weight");
    let (Some((kind, value)), None) = (named.next(), named.next()) else { return Err("assignment.member_shape") };
    if !kinds.contains(&kind.as_str()) {
        return Err("assignment.member_kind");
    }
    let text = value.as_str().ok_or("assignment.member_shape")?;
    if kind == "field" {
        return Ok(Member { who: Who::Field(text.into()), weight });
    }
    let id: RecordId = text.parse().map_err(|_| "assignment.member_shape")?;
    let who = match kind.as_str() {
        "user" => Who::User(id),
        "department" => Who::Department(id),
        "team" => Who::Team(id),
        "territory" => Who::Territory(id),
        _ => Who::Pool(id),
    };
    Ok(Member { who, weight })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const A: &str = "019a0000-0000-7000-8000-00000000000a";

    fn codes(s: Strategy, j: &Json) -> Vec<String> {
        members(s, j).unwrap_err().into_iter().map(|e| e.code.to_string()).collect()
    }

    #[test]
    fn members_are_read_with_their_weights() {
        let m = members(Strategy::Weighted, &json!([{ "user": A, "weight": 5 }, { "team": A }])).unwrap();
        let id = A.parse().unwrap();
        assert_eq!(m, [Member { who: Who::User(id), weight: 5 }, Member { who: Who::Team(id), weight: 1 }]);
        assert!(members(Strategy::Territory, &json!([])).unwrap().is_empty(), "all territories");
        assert!(members(Strategy::ToPool, &json!([])).unwrap().is_empty(), "the pool that fits");
    }

    #[test]
    fn what_does_not_fit_the_strategy_is_told_by_row() {
        assert_eq!(codes(Strategy::RoundRobin, &json!({ "user": A })), ["assignment.members_shape"]);
        assert_eq!(codes(Strategy::RoundRobin, &json!([])), ["assignment.no_members"]);
        assert_eq!(codes(Strategy::FixedUser, &json!([{ "user": A }, { "user": A }])), ["assignment.too_many_members"]);
        let bad = json!([{ "user": A }, { "pool": A }, { "user": "x" }, { "user": A, "weight": 0 }, { "user": A, "team": A }, 3]);
        let faults = members(Strategy::Weighted, &bad).unwrap_err();
        let told: Vec<String> = faults.iter().map(|e| format!("{} {}", e.params["row"], e.code)).collect();
        assert_eq!(
            told,
            [
                "2 assignment.member_kind",
                "3 assignment.member_shape",
                "4 assignment.weight",
                "5 assignment.member_shape",
                "6 assignment.member_shape"
            ]
        );
    }
}
