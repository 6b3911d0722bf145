//! Whose turn it is: the strategies as pure functions over a ring and the counters of its rule (R-ASN-05 … 07).
//!
//! A ring is everybody the rule names, in order; who is eligible now is a part of it. Whoever is passed over gets no credit.

use std::collections::BTreeMap;

use rapport_schema::RecordId;
use serde::{Deserialize, Serialize};

/// A place in the ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seat {
    pub user: RecordId,
    pub weight: i64,
}

/// What a rule remembers between its turns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Counters {
    /// Weighted: credit by person.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub credit: BTreeMap<RecordId, i64>,
    /// By territory: the last one of it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub last: BTreeMap<RecordId, RecordId>,
    /// Least loaded: the number of the turn a person had last.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub turn: BTreeMap<RecordId, u64>,
    /// Turns so far.
    pub turns: u64,
}

/// The first eligible one after the last (R-ASN-05). A last one who left the ring starts it anew.
pub(super) fn after(ring: &[Seat], last: Option<RecordId>, eligible: impl Fn(RecordId) -> bool) -> Option<RecordId> {
    let start = last.and_then(|l| ring.iter().position(|s| s.user == l)).map_or(0, |at| at + 1);
    let (before, after) = ring.split_at(start);
    after.iter().chain(before).map(|s| s.user).find(|u| eligible(*u))
}

/// Smooth weighted round robin (R-ASN-06): everybody eligible gains the own weight, the highest is taken and pays the total. Those who
/// are not eligible stand still and do not weigh.
pub(super) fn weighted(
    ring: &[Seat],
    credit: &mut BTreeMap<RecordId, i64>,
    eligible: impl Fn(RecordId) -> bool,
) -> Option<RecordId> {
    credit.retain(|u, _| ring.iter().any(|s| s.user == *u));
    let (mut total, mut best): (i64, Option<(i64, RecordId)>) = (0, None);
    for s in ring.iter().filter(|s| eligible(s.user)) {
        let mine = credit.entry(s.user).or_default();
        *mine += s.weight;
        total += s.weight;
        if best.is_none_or(|(most, _)| *mine > most) {
            best = Some((*mine, s.user));
        }
    }
    let (_, user) = best?;
    *credit.entry(user).or_default() -= total;
    Some(user)
}

/// The one with the fewest open records; of equal ones whoever waits longest for a turn, then the order of the ring (R-ASN-07).
pub(super) fn least_loaded(
    ring: &[Seat],
    counters: &Counters,
    open: impl Fn(RecordId) -> u64,
    eligible: impl Fn(RecordId) -> bool,
) -> Option<RecordId> {
    let turn = |u: RecordId| counters.turn.get(&u).copied().unwrap_or(0);
    ring.iter().map(|s| s.user).filter(|u| eligible(*u)).min_by_key(|u| (open(*u), turn(*u)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(c: char) -> RecordId {
        RecordId::from_bytes([c as u8; 16])
    }
    fn letter(u: Option<RecordId>) -> String {
        u.map_or_else(|| "-".into(), |u| char::from(u.bytes()[0]).to_string())
    }
    fn ring(of: &[(char, i64)]) -> Vec<Seat> {
        of.iter().map(|(c, weight)| Seat { user: id(*c), weight: *weight }).collect()
    }
    fn weights(of: &[(char, i64)], picks: usize, away: &str) -> String {
        let (ring, mut credit) = (ring(of), BTreeMap::new());
        (0..picks).map(|_| letter(weighted(&ring, &mut credit, |u| !away.contains(&letter(Some(u)))))).collect()
    }

    #[test]
    fn the_ring_goes_round_past_who_cannot() {
        // R-ASN-05, Check: ring A B C D, last = A, C holds the limit, B away for the first two leads, C drops after the fourth
        let ring = ring(&[('A', 1), ('B', 1), ('C', 1), ('D', 1)]);
        let (mut last, mut given) = (Some(id('A')), String::new());
        for n in 1..=7 {
            let out = [(n <= 2).then_some('B'), (n <= 4).then_some('C')];
            last = after(&ring, last, |u| !out.iter().flatten().any(|c| id(*c) == u));
            given += &letter(last);
        }
        assert_eq!(given, "DABDABC");
        assert_eq!(after(&ring, None, |_| true), Some(id('A')));
        assert_eq!(after(&ring, Some(id('Z')), |_| true), Some(id('A')), "the last one left");
        assert_eq!(after(&ring, Some(id('D')), |u| u == id('D')), Some(id('D')), "alone again and again");
        assert_eq!(after(&ring, None, |_| false), None);
    }

    #[test]
    fn weights_are_met_smoothly() {
        // R-ASN-06, Checks
        assert_eq!(weights(&[('A', 5), ('B', 1), ('C', 1)], 7, ""), "AABACAA");
        assert_eq!(weights(&[('A', 3), ('B', 2), ('C', 1)], 6, ""), "ABACBA");
        assert_eq!(weights(&[('A', 3), ('B', 2), ('C', 1)], 4, "B"), "AACA");
        assert_eq!(weights(&[('A', 3)], 2, "A"), "--");
    }

    #[test]
    fn credit_of_who_left_the_ring_is_forgotten() {
        let mut credit = BTreeMap::from([(id('Z'), 40), (id('A'), 0)]);
        assert_eq!(weighted(&ring(&[('A', 1)]), &mut credit, |_| true), Some(id('A')));
        assert_eq!(credit, BTreeMap::from([(id('A'), 0)]));
    }

    #[test]
    fn the_least_loaded_then_the_longest_waiting() {
        // R-ASN-07
        let ring = ring(&[('A', 1), ('B', 1), ('C', 1)]);
        let had = Counters { turn: BTreeMap::from([(id('A'), 3), (id('B'), 2)]), turns: 3, ..Counters::default() };
        let load = |a: u64, b: u64, c: u64| move |u: RecordId| [a, b, c][usize::from(u.bytes()[0] - b'A')];
        assert_eq!(letter(least_loaded(&ring, &had, load(5, 4, 9), |_| true)), "B");
        assert_eq!(letter(least_loaded(&ring, &had, load(1, 1, 2), |_| true)), "B", "A had the later turn");
        assert_eq!(letter(least_loaded(&ring, &had, load(1, 1, 1), |_| true)), "C", "never had one");
        assert_eq!(letter(least_loaded(&ring, &Counters::default(), load(1, 1, 1), |_| true)), "A", "the order of the ring");
        assert_eq!(letter(least_loaded(&ring, &had, load(0, 1, 1), |u| u != id('A') && u != id('C'))), "B");
    }
}
