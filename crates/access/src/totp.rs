//! Two-step login by time-based codes (RFC 6238): six digits, 30 seconds, one step either way, each step good once.

use totp_rs::{Builder, Secret};

use crate::secret;

/// How many recovery codes are handed out.
pub const RECOVERY_CODES: usize = 10;

fn totp(secret_base32: &str, issuer: &str, account: &str) -> Option<totp_rs::Totp> {
    let secret = Secret::try_from_base32(secret_base32).ok()?;
    // A colon separates issuer and account in the URL.
    let clean = |s: &str| s.replace(':', " ");
    Builder::new()
        .with_secret(secret)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(30)
        .with_issuer(Some(clean(issuer)))
        .with_account_name(clean(account))
        .build()
        .ok()
}

/// A new secret of 160 bits in base 32.
#[must_use]
pub fn new_secret() -> String {
    Secret::from(rand::random::<[u8; 20]>()).to_base32()
}

/// The `otpauth://` URL for a QR code.
#[must_use]
pub fn url(secret_base32: &str, issuer: &str, account: &str) -> Option<String> {
    totp(secret_base32, issuer, account)?.to_url().ok()
}

/// The step a code belongs to, when it is right at `unix_seconds` and later than `last_step`.
#[must_use]
pub fn check(secret_base32: &str, code: &str, unix_seconds: u64, last_step: u64) -> Option<u64> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    totp(secret_base32, "Rapport", "-")?.check(&code, unix_seconds).filter(|step| *step > last_step)
}

/// New recovery codes with the hashes that are kept.
#[must_use]
pub fn recovery() -> (Vec<String>, Vec<String>) {
    (0..RECOVERY_CODES).map(|_| secret::recovery_code()).map(|c| (c.clone(), secret::recovery_key(&c))).unzip()
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 6238 appendix B, SHA-1: secret "12345678901234567890"; the last six of the eight digits.
    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    #[test]
    fn the_vectors_of_the_standard_hold() {
        for (at, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            assert_eq!(check(SECRET, code, at, 0), Some(at / 30), "{at}");
        }
    }

    #[test]
    fn one_step_either_way_and_each_step_once() {
        let (code, at) = ("050471", 1_111_111_111);
        assert!(check(SECRET, code, at + 30, 0).is_some(), "a slow thumb");
        assert!(check(SECRET, code, at - 30, 0).is_some(), "a fast clock");
        assert!(check(SECRET, code, at + 60, 0).is_none());
        assert!(check(SECRET, code, at - 60, 0).is_none());
        let step = check(SECRET, code, at, 0).unwrap();
        assert!(check(SECRET, code, at, step).is_none(), "used");
        assert!(check(SECRET, "05 04 71", at, 0).is_some(), "spaces do not matter");
        for bad in ["", "05047", "0504711", "ABCDEF", "０５０４７１"] {
            assert!(check(SECRET, bad, at, 0).is_none(), "{bad}");
        }
    }

    #[test]
    fn the_url_names_issuer_and_account() {
        let u = url(&new_secret(), "睿客 Rapport", "chen:yu@lanchuan.example").unwrap();
        assert!(u.starts_with("otpauth://totp/"), "{u}");
        assert!(u.contains("secret=") && u.contains("issuer="), "{u}");
        let (codes, keys) = recovery();
        assert_eq!((codes.len(), keys.len()), (RECOVERY_CODES, RECOVERY_CODES));
        assert!(!keys.contains(&codes[0]));
    }
}
