//! Names that resemble each other (R-DUP-01), found without comparing everything with everything: only keys that begin alike are
//! looked at, by a range of the key's index, as text without their records ([`rapport_store::Tx::beginning`]). So a row costs one
//! index range, and a table's size does not show.

use std::{
    collections::{BTreeSet, HashMap},
    sync::OnceLock,
};

use rapport_policy::{Act, Reason, SystemScope};
use rapport_schema::{FieldName, ObjectName};
use rapport_text::similar::Bigrams;
use smol_str::SmolStr;

use crate::{Result, Unit};

/// Characters two keys must have in common at their start to be compared.
const START: usize = 4;
/// Most keys of one start that are compared: beyond, the start says nothing (a generic name).
const COMPARED: u32 = 200;

/// The start by which a key is looked for.
pub(super) fn start(key: &str) -> SmolStr {
    key.chars().take(START).collect()
}

/// Keys by their start.
#[derive(Debug, Default)]
pub(super) struct Near(HashMap<SmolStr, Vec<Key>>);

/// A key that is there, the number of its bigrams, and them once a key of a fitting length was compared with it.
#[derive(Debug)]
struct Key {
    text: SmolStr,
    pairs: usize,
    bigrams: OnceLock<Bigrams>,
}

impl Near {
    /// One more key, when its start was asked for.
    pub fn add(&mut self, key: &SmolStr) {
        if let Some(v) = self.0.get_mut(&start(key))
            && v.len() < COMPARED as usize
            && v.iter().all(|k| k.text != *key)
        {
            v.push(Key { text: key.clone(), pairs: key.chars().count().saturating_sub(1), bigrams: OnceLock::new() });
        }
    }
    /// Keys that are not equal and at least so alike.
    pub fn like(&self, key: &str, at_least: f64) -> Vec<SmolStr> {
        let Some(all) = self.0.get(&start(key)).filter(|all| !all.is_empty()) else { return vec![] };
        let own = Bigrams::of(key);
        all.iter()
            .filter(|k| {
                possible(own.len(), k.pairs, at_least)
                    && k.text != key
                    && own.dice(k.bigrams.get_or_init(|| Bigrams::of(&k.text))) >= at_least
            })
            .map(|k| k.text.clone())
            .collect()
    }
}

/// Whether texts of these lengths can be so alike at all: the shorter one's bigrams are the most they can share.
fn possible(a: usize, b: usize, at_least: f64) -> bool {
    #[allow(clippy::cast_precision_loss, reason = "lengths of names")]
    let most = 2.0 * a.min(b) as f64 / (a + b).max(1) as f64;
    most >= at_least
}

impl Unit<'_> {
    /// Keys that begin like one of `starts`.
    pub(super) async fn begin_alike(
        &mut self,
        object: &ObjectName,
        field: &FieldName,
        starts: &BTreeSet<SmolStr>,
    ) -> Result<Near> {
        let o = self.object(object)?;
        let mut near = Near(starts.iter().map(|s| (s.clone(), vec![])).collect());
        let starts: Vec<&SmolStr> = starts.iter().collect();
        let rule = SystemScope::because(Reason::Duplicates).rule(Act::Read, &self.model, &o);
        for key in self.tx.beginning(&o, field, &starts, COMPARED, &rule).await? {
            near.add(&key.into());
        }
        Ok(near)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(keys: &[&str]) -> Near {
        let mut n = Near(keys.iter().map(|k| (start(k), vec![])).collect());
        for k in keys {
            n.add(&SmolStr::new(k));
        }
        n
    }

    #[test]
    fn alike_keys_are_found_and_equal_ones_are_not() {
        // R-DUP-01, Check: 0.857
        let n = near(&["云启智能装备制造", "云启智能", "云启智能装备制造厂家直销部", "云启光学装备制造"]);
        assert_eq!(n.like("云启智能装备制作", 0.85), ["云启智能装备制造"]);
        assert!(n.like("云启智能装备制造", 0.85).is_empty(), "itself, and one much longer");
        assert!(n.like("无人知晓的名字", 0.85).is_empty());
    }

    #[test]
    fn lengths_decide_before_letters_do() {
        // The longest possible partner of 8 characters at 0.85 has 10: 2·7 / (7+9) = 0.875, 11 would be 0.82.
        assert!(possible(7, 7, 0.85) && possible(7, 9, 0.85) && !possible(7, 10, 0.85));
        assert!(possible(3, 4, 0.85) && !possible(3, 5, 0.85));
        // Nothing that is alike is thrown away by its length.
        for (a, b) in [("acmetrading", "acmetradings"), ("云启智能装备制造", "云启智能装备制作厂")] {
            let d = rapport_text::similar::dice(a, b);
            assert!(d < 0.85 || possible(Bigrams::of(a).len(), Bigrams::of(b).len(), 0.85), "{a} {b} {d}");
        }
    }

    #[test]
    fn a_generic_start_is_bounded() {
        let mut n = near(&["中国石油"]);
        for i in 0..10_000 {
            n.add(&SmolStr::from(format!("中国石油{i}")));
        }
        assert_eq!(n.0["中国石油"].len(), COMPARED as usize);
    }
}
