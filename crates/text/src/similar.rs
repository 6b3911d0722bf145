//! Likeness of two names (R-DUP-01).

/// Dice similarity of the character bigrams of two texts, 0 to 1: twice the number of shared bigrams (each
/// occurrence counted once) over the number of all. Texts of fewer than two characters are alike only when equal.
///
/// R-DUP-01 compares loose company keys of at least 4 characters and takes 0.85 as alike; see [`is_similar_key`].
pub fn dice(a: &str, b: &str) -> f64 {
    if a == b { 1.0 } else { Bigrams::of(a).dice(&Bigrams::of(b)) }
}

/// The character bigrams of a text, made ready to be compared with those of many others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bigrams(Vec<(char, char)>);

impl Bigrams {
    /// Of a text.
    pub fn of(text: &str) -> Self {
        let mut all = bigrams(text);
        all.sort_unstable();
        Self(all)
    }
    /// How many there are: one less than characters.
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// The text has fewer than two characters.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// See [`dice`]; 0 when one of the texts has fewer than two characters.
    pub fn dice(&self, other: &Self) -> f64 {
        let (left, right) = (&self.0, &other.0);
        if left.is_empty() || right.is_empty() {
            return 0.0;
        }
        let (mut i, mut j, mut shared) = (0, 0, 0usize);
        while i < left.len() && j < right.len() {
            match left[i].cmp(&right[j]) {
                std::cmp::Ordering::Less => i += 1,
                std::cmp::Ordering::Greater => j += 1,
                std::cmp::Ordering::Equal => {
                    shared += 1;
                    i += 1;
                    j += 1;
                }
            }
        }
        2.0 * shared as f64 / (left.len() + right.len()) as f64
    }
}

fn bigrams(text: &str) -> Vec<(char, char)> {
    text.chars().zip(text.chars().skip(1)).collect()
}

/// Least likeness at which R-DUP-01 counts two loose keys as alike.
pub const DICE_THRESHOLD: f64 = 0.85;

/// Least length in characters at which R-DUP-01 compares loose keys.
pub const DICE_MIN_CHARS: usize = 4;

/// Whether two loose company keys are alike in the sense of R-DUP-01. Equal keys are (the rule scores them higher
/// on their own).
pub fn is_similar_key(a: &str, b: &str) -> bool {
    let long = |key: &str| key.chars().nth(DICE_MIN_CHARS - 1).is_some();
    long(a) && long(b) && dice(a, b) >= DICE_THRESHOLD
}

/// The bigrams of a key as strings, each once: what an index of candidates for [`is_similar_key`] holds. Keys that
/// are alike share at least one.
pub fn key_bigrams(key: &str) -> Vec<String> {
    let mut list: Vec<String> = bigrams(key).into_iter().map(|(a, b)| [a, b].iter().collect()).collect();
    list.sort_unstable();
    list.dedup();
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_of_the_rule() {
        // R-DUP-01: 7 bigrams each, 6 shared.
        let likeness = dice("云启智能装备制造", "云启智能装备制作");
        assert!((likeness - 0.857).abs() < 0.0005, "{likeness}");
        assert!(is_similar_key("云启智能装备制造", "云启智能装备制作"));
    }

    #[test]
    fn bounds() {
        // R-DUP-01
        assert_eq!(dice("华为", "华为"), 1.0);
        assert_eq!(dice("华为", "中兴"), 0.0);
        assert_eq!(dice("", ""), 1.0);
        assert_eq!(dice("华", "华为"), 0.0);
        // A repeated bigram counts as often as both have it.
        assert_eq!(dice("aaaa", "aa"), 0.5);
        assert!(!is_similar_key("华为", "华为"), "shorter than 4 characters");
        assert!(!is_similar_key("云启科技", "云智科技"));
    }

    #[test]
    fn symmetric_and_within_range() {
        let names = ["云启智能装备", "云启智能设备", "acmetrading", "acmetradings", "华为技术", ""];
        for a in names {
            for b in names {
                let d = dice(a, b);
                assert_eq!(d, dice(b, a));
                assert!((0.0..=1.0).contains(&d));
            }
        }
    }

    #[test]
    fn candidate_bigrams() {
        assert_eq!(key_bigrams("华为华为"), ["为华", "华为"]);
        assert!(key_bigrams("华").is_empty());
    }
}
