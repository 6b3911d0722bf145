//! Unified social credit code of Chinese organisations, GB 32100 (R-NRM-05).

use crate::fold::nfkc;

/// The 31 characters of the code in the order of their values.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Why a code is refused (`uscc.invalid`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsccError {
    /// Not 18 characters.
    #[error("a unified social credit code has 18 characters")]
    Length,
    /// A character outside `0-9 A-H J-N P-R T U W X Y`.
    #[error("a character that no unified social credit code has")]
    Character,
    /// The check character does not fit.
    #[error("the check character does not fit")]
    Check,
}

fn value(byte: u8) -> Option<u32> {
    (0..).zip(ALPHABET).find_map(|(at, &c)| (c == byte).then_some(at))
}

/// The check character of the first 17 characters; `None` when one of them is not allowed.
pub fn uscc_check_char(first17: &str) -> Option<char> {
    if first17.len() != 17 {
        return None;
    }
    let mut weight = 1;
    let mut sum = 0;
    for byte in first17.bytes() {
        sum += value(byte)? * weight;
        weight = weight * 3 % 31;
    }
    Some(char::from(ALPHABET[((31 - sum % 31) % 31) as usize]))
}

/// Checks a code and gives it in upper case without blanks (R-NRM-05).
///
/// # Errors
/// [`UsccError`] tells what is wrong.
pub fn check_uscc(code: &str) -> Result<String, UsccError> {
    let code: String = nfkc(code).chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
    if code.chars().count() != 18 {
        return Err(UsccError::Length);
    }
    if !code.bytes().all(|b| value(b).is_some()) {
        return Err(UsccError::Character);
    }
    let expected = uscc_check_char(&code[..17]).ok_or(UsccError::Character)?;
    if code.ends_with(expected) { Ok(code) } else { Err(UsccError::Check) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_of_the_rule() {
        // R-NRM-05
        assert_eq!(check_uscc("91350100M000100Y43").as_deref(), Ok("91350100M000100Y43"));
        assert_eq!(check_uscc("91330106MA27ABCD00").as_deref(), Ok("91330106MA27ABCD00"));
        assert_eq!(check_uscc("91350100M000100Y4Z"), Err(UsccError::Character));
        assert_eq!(check_uscc("91330106MA27ABCD01"), Err(UsccError::Check));
    }

    #[test]
    fn input_is_brought_to_upper_case() {
        // R-NRM-05
        assert_eq!(check_uscc(" 91350100m000100y43 ").as_deref(), Ok("91350100M000100Y43"));
        assert_eq!(check_uscc("９１３５０１００M000100Y43").as_deref(), Ok("91350100M000100Y43"));
    }

    #[test]
    fn refused() {
        // R-NRM-05: I, O, S, V, Z do not exist; any single wrong digit is found.
        assert_eq!(check_uscc(""), Err(UsccError::Length));
        assert_eq!(check_uscc("91350100M000100Y4"), Err(UsccError::Length));
        assert_eq!(check_uscc("9135010OM000100Y43"), Err(UsccError::Character));
        assert_eq!(check_uscc("9135０1００M0001中0Y4"), Err(UsccError::Length));
        let good = "91350100M000100Y43";
        for at in 0..18 {
            for &c in ALPHABET {
                let mut wrong = good.as_bytes().to_vec();
                if wrong[at] == c {
                    continue;
                }
                wrong[at] = c;
                let wrong = String::from_utf8(wrong).unwrap();
                assert_eq!(check_uscc(&wrong), Err(UsccError::Check), "{wrong}");
            }
        }
    }
}
