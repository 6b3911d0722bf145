//! What rows ask for by a text: answers known so far, within bounds.

use std::collections::{HashMap, HashSet};

use rapport_schema::{ObjectName, RecordId};

/// Most answers kept; more are asked again. About 40 MB with usual names.
const KEPT: usize = 200_000;

/// What a lookup found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// One record.
    One(RecordId),
    /// Several: the text does not decide.
    Many,
    /// None.
    Nothing,
    /// None yet: the run this is the rehearsal of makes it.
    Soon,
}

/// What is looked up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Wanted {
    /// Object.
    pub object: ObjectName,
    /// Field compared.
    pub by: String,
    /// Filter in JSON that narrows it; empty = none.
    pub among: String,
    /// Text compared with.
    pub text: String,
}

type Place = (ObjectName, String, String);

/// Lookups answered so far in a run.
#[derive(Debug, Default)]
pub struct Lookups {
    known: HashMap<Place, HashMap<String, Found>>,
    size: usize,
    soon: HashMap<(ObjectName, String), HashSet<String>>,
}

fn place(w: &Wanted) -> Place {
    (w.object.clone(), w.by.clone(), w.among.clone())
}

impl Lookups {
    /// The answer, when there is one.
    #[must_use]
    pub fn get(&self, w: &Wanted) -> Option<Found> {
        let found = self.known.get(&place(w))?.get(&w.text).copied()?;
        let soon = || self.soon.get(&(w.object.clone(), w.by.clone())).is_some_and(|t| t.len() >= KEPT || t.contains(&w.text));
        Some(if found == Found::Nothing && !self.soon.is_empty() && soon() { Found::Soon } else { found })
    }
    /// Remembers an answer.
    pub fn put(&mut self, w: &Wanted, found: Found) {
        self.size += usize::from(self.known.entry(place(w)).or_default().insert(w.text.clone(), found).is_none());
    }
    /// A record answers this lookup: the first is the one, a second makes it ambiguous.
    pub fn found(&mut self, w: &Wanted, id: RecordId) {
        let known = self.known.entry(place(w)).or_default();
        let before = known.len();
        known
            .entry(w.text.clone())
            .and_modify(|f| *f = if *f == Found::Nothing { Found::One(id) } else { Found::Many })
            .or_insert(Found::One(id));
        self.size += known.len() - before;
    }
    /// Records of this object were made: what was not found before may be there now.
    pub fn made(&mut self, object: &ObjectName) {
        self.known.retain(|(o, _, _), _| o != object);
        self.size = self.known.values().map(HashMap::len).sum();
    }
    /// A real run would make a record with this text: later lookups by that field find it.
    pub fn soon(&mut self, object: &ObjectName, by: &str, text: &str) {
        let texts = self.soon.entry((object.clone(), by.to_owned())).or_default();
        if texts.len() < KEPT {
            texts.insert(text.to_owned());
        }
    }
    /// Texts of records a real run would make.
    pub fn soon_of(&self, object: &ObjectName, by: &str) -> impl Iterator<Item = &str> {
        self.soon.get(&(object.clone(), by.to_owned())).into_iter().flatten().map(String::as_str)
    }
    /// Forgets everything asked when it grew past its bound.
    pub fn trim(&mut self) {
        if self.size > KEPT {
            self.known.clear();
            self.size = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(text: &str) -> Wanted {
        Wanted { object: ObjectName::lit("account"), by: "name".into(), among: String::new(), text: text.into() }
    }

    #[test]
    fn a_second_record_makes_a_lookup_ambiguous() {
        let mut l = Lookups::default();
        let id = |n: u8| RecordId::from_bytes([n; 16]);
        assert_eq!(l.get(&wanted("a")), None);
        l.put(&wanted("a"), Found::Nothing);
        l.found(&wanted("a"), id(1));
        assert_eq!(l.get(&wanted("a")), Some(Found::One(id(1))));
        l.found(&wanted("a"), id(2));
        assert_eq!(l.get(&wanted("a")), Some(Found::Many));
        l.made(&ObjectName::lit("account"));
        assert_eq!(l.get(&wanted("a")), None, "asked again after records were made");
    }

    #[test]
    fn answers_stay_within_bounds() {
        let mut l = Lookups::default();
        for i in 0..=KEPT {
            l.put(&wanted(&i.to_string()), Found::Nothing);
        }
        l.trim();
        assert_eq!(l.get(&wanted("1")), None);
    }

    #[test]
    fn a_rehearsal_knows_what_would_be_made() {
        let mut l = Lookups::default();
        l.put(&wanted("a"), Found::Nothing);
        l.soon(&ObjectName::lit("account"), "name", "a");
        assert_eq!(l.get(&wanted("a")), Some(Found::Soon));
    }
}
