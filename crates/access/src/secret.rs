//! Secrets that are handed out once and kept only as a hash: session cookies, tokens, links, recovery codes.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// What an API token starts with, so that scanners for leaked secrets can find it.
pub const TOKEN_PREFIX: &str = "rpt_";

/// 256 bits from the operating system's generator, as 43 characters.
#[must_use]
pub fn new_secret() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// The key under which a secret is kept. The secrets are too long to be guessed, so a plain hash does.
#[must_use]
pub fn key_of(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// The same as text.
#[must_use]
pub fn hex_key(secret: &str) -> String {
    hex::encode(key_of(secret))
}

/// May this be one of our secrets? Anything longer is not worth hashing.
#[must_use]
pub fn plausible(secret: &str) -> bool {
    (32..=64).contains(&secret.len()) && secret.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz123456789";

/// A recovery code of 80 bits: `xxxx-xxxx-xxxx-xxxx`.
#[must_use]
pub fn recovery_code() -> String {
    let bits = u128::from_be_bytes(rand::random::<[u8; 16]>());
    let mut s = String::with_capacity(19);
    for i in 0..16 {
        if i > 0 && i % 4 == 0 {
            s.push('-');
        }
        s.push(char::from(ALPHABET[(bits >> (5 * i)) as usize & 31]));
    }
    s
}

/// A recovery code as typed, without signs and case.
#[must_use]
pub fn recovery_key(code: &str) -> String {
    let clean: String = code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    hex_key(&clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_long_and_different() {
        let (a, b) = (new_secret(), new_secret());
        assert_ne!(a, b);
        assert_eq!(a.len(), 43);
        assert!(plausible(&a) && plausible(&format!("{TOKEN_PREFIX}{a}")));
        assert!(!plausible("x") && !plausible(&"x".repeat(100_000)) && !plausible(&format!("{}'", &a[1..])));
        assert_ne!(hex_key(&a), a, "what is kept is not what is handed out");
    }

    #[test]
    fn recovery_codes_are_read_leniently() {
        let c = recovery_code();
        assert_eq!(c.len(), 19);
        assert_eq!(recovery_key(&c), recovery_key(&format!(" {} ", c.to_uppercase().replace('-', " "))));
        assert_ne!(recovery_key(&c), recovery_key(&recovery_code()));
    }
}
