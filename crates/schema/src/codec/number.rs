//! Decimals as text and as JSON input, without binary floating point.

use rust_decimal::Decimal;
use serde_json::Value as Json;

/// Why a number was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bad {
    /// Not a number.
    Type,
    /// A JSON number with more digits than binary numbers keep; it has to come as a string.
    Imprecise,
    /// Too large for any field.
    Large,
}

/// Reads a plain decimal: sign, digits, point, digits. No exponent, no grouping, no blanks inside.
#[must_use]
pub fn parse_decimal(s: &str) -> Option<Decimal> {
    read(s).ok()
}

fn read(s: &str) -> Result<Decimal, Bad> {
    let digits = s.strip_prefix(['-', '+']).unwrap_or(s);
    let (whole, frac) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(frac) || (digits.contains('.') && frac.is_empty()) {
        return Err(Bad::Type);
    }
    // Zeros that say nothing must not use up the 28 digits a Decimal holds.
    let (whole, frac) = (whole.trim_start_matches('0'), frac.trim_end_matches('0'));
    if whole.len() + frac.len() > 28 {
        return Err(Bad::Large);
    }
    let mantissa = whole.bytes().chain(frac.bytes()).fold(0i128, |n, b| n * 10 + i128::from(b - b'0'));
    let mantissa = if s.starts_with('-') { -mantissa } else { mantissa };
    Decimal::try_from_i128_with_scale(mantissa, u32::try_from(frac.len()).map_err(|_| Bad::Large)?).map_err(|_| Bad::Large)
}

/// A decimal from a JSON number or string.
pub(super) fn from_json(j: &Json) -> Result<Decimal, Bad> {
    match j {
        Json::String(s) => read(super::text::trim(s)),
        Json::Number(n) => {
            if let Some(i) = n.as_i64() {
                return Ok(Decimal::from(i));
            }
            if let Some(u) = n.as_u64() {
                return Ok(Decimal::from(u));
            }
            let text = n.to_string();
            let d =
                if text.contains(['e', 'E']) { Decimal::from_scientific(&text).map_err(|_| Bad::Large)? } else { read(&text)? };
            // 15 digits are the most that a binary number keeps for certain.
            if d.normalize().mantissa().unsigned_abs() >= 10u128.pow(15) { Err(Bad::Imprecise) } else { Ok(d) }
        }
        _ => Err(Bad::Type),
    }
}

/// Writes `n / 10^scale`. With `min < scale`, zeros after the `min`-th decimal are left out.
pub(super) fn write_scaled(n: i64, scale: u32, min: u32, out: &mut Vec<u8>) {
    let mut buf = [b'0'; 48];
    let mut at = buf.len();
    let mut rest = n.unsigned_abs();
    let mut places = scale;
    while places > min && rest.is_multiple_of(10) {
        rest /= 10;
        places -= 1;
    }
    let mut written = 0;
    // At least one digit before the point.
    while rest > 0 || written <= places {
        if written == places && places > 0 {
            at -= 1;
            buf[at] = b'.';
        }
        at -= 1;
        buf[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        written += 1;
    }
    if n < 0 {
        at -= 1;
        buf[at] = b'-';
    }
    out.extend_from_slice(&buf[at..]);
}

/// Writes an integer.
pub(super) fn write_int(n: i64, out: &mut Vec<u8>) {
    write_scaled(n, 0, 0, out);
}

/// Writes a decimal with at least `min` places and no zeros after them.
pub(super) fn write_decimal(d: Decimal, min: u32, out: &mut Vec<u8>) {
    let d = d.normalize();
    if let Ok(n) = i64::try_from(d.mantissa()) {
        let (mut n, mut scale) = (n, d.scale());
        while scale < min {
            let Some(m) = n.checked_mul(10) else { break };
            (n, scale) = (m, scale + 1);
        }
        if scale >= min {
            return write_scaled(n, scale, min, out);
        }
    }
    let mut d = d;
    if d.scale() < min {
        d.rescale(min);
    }
    out.extend_from_slice(d.to_string().as_bytes());
}

/// The canonical text of a decimal: at least `min` places, no zeros after them.
#[must_use]
pub fn decimal_text(d: Decimal, min: u32) -> String {
    let mut out = Vec::with_capacity(24);
    write_decimal(d, min, &mut out);
    String::from_utf8(out).expect("digits are ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_scaled_integers() {
        let w = |n, s, m| {
            let mut v = vec![];
            write_scaled(n, s, m, &mut v);
            String::from_utf8(v).unwrap()
        };
        assert_eq!(w(0, 0, 0), "0");
        assert_eq!(w(0, 2, 2), "0.00");
        assert_eq!(w(5, 2, 2), "0.05");
        assert_eq!(w(-5, 2, 2), "-0.05");
        assert_eq!(w(12_345_600, 4, 2), "1234.56");
        assert_eq!(w(12_345_678, 4, 2), "1234.5678");
        assert_eq!(w(100_000, 4, 0), "10");
        assert_eq!(w(i64::MIN, 8, 8), "-92233720368.54775808");
        assert_eq!(w(i64::MAX, 0, 0), "9223372036854775807");
    }

    #[test]
    fn reads_plain_decimals_only() {
        for (s, want) in [("1", "1"), ("-0.50", "-0.5"), ("+007", "7"), ("0.00000001", "0.00000001")] {
            assert_eq!(parse_decimal(s), Some(want.parse().unwrap()), "{s}");
        }
        for s in ["", "-", ".5", "5.", "1e3", "1,000", "１２", "0x1", "NaN", "inf", "1 2", "--1"] {
            assert_eq!(parse_decimal(s), None, "{s}");
        }
        assert_eq!(parse_decimal(&"9".repeat(40)), None);
        assert_eq!(parse_decimal(&format!("{}1", "0".repeat(5000))), Some(Decimal::ONE));
        assert_eq!(parse_decimal(&format!("1.{}", "0".repeat(5000))), Some(Decimal::ONE));
    }

    #[test]
    fn json_numbers_that_lost_digits_are_refused() {
        let j: Json = serde_json::from_str("0.1").unwrap();
        assert_eq!(from_json(&j), Ok("0.1".parse().unwrap()));
        let j: Json = serde_json::from_str("12345678901234567.89").unwrap();
        assert_eq!(from_json(&j), Err(Bad::Imprecise));
        let j: Json = serde_json::from_str("1e-7").unwrap();
        assert_eq!(from_json(&j), Ok("0.0000001".parse().unwrap()));
        let j: Json = serde_json::from_str("1e300").unwrap();
        assert!(from_json(&j).is_err());
    }
}
