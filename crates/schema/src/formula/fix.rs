//! The numbers of formulas: exact, with twelve decimals, below 10^18.
//!
//! Every operation gives the exact result rounded half away from zero to twelve decimals (domain model §0, Money). A result of
//! 10^18 or more, and a division by zero, is blank. Both databases compute by the same rule, so results are equal digit by digit.

use rust_decimal::Decimal;

/// Decimals kept by every operation.
pub const PLACES: u32 = 12;
const ONE: i128 = 10i128.pow(PLACES);
/// Numbers lie strictly between ± this (in units of 10^-12).
const LIMIT: i128 = 10i128.pow(18 + PLACES);

/// A number as a count of 10^-12.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Fix(i128);

/// `a × b / c` rounded half away from zero; the product may have 256 bits. `None` when the result has more than 127 bits.
fn mul_div(a: i128, b: i128, c: i128) -> Option<i128> {
    let negative = (a < 0) ^ (b < 0) ^ (c < 0);
    let (a, b, c) = (a.unsigned_abs(), b.unsigned_abs(), c.unsigned_abs());
    let (q, r) = if let Some(p) = a.checked_mul(b) {
        (p / c, p % c)
    } else {
        let (hi, lo) = wide(a, b);
        if hi >= c {
            return None;
        }
        // Long division, one bit at a time; c is below 2^127, so the remainder never overflows.
        let (mut q, mut r) = (0u128, hi);
        for i in (0..128).rev() {
            r = (r << 1) | ((lo >> i) & 1);
            q <<= 1;
            if r >= c {
                r -= c;
                q |= 1;
            }
        }
        (q, r)
    };
    let q = q.checked_add(u128::from(r >= c - r))?;
    let q = i128::try_from(q).ok()?;
    Some(if negative { -q } else { q })
}

/// The 256 bits of a product.
fn wide(a: u128, b: u128) -> (u128, u128) {
    const LOW: u128 = u64::MAX as u128;
    let (ah, al, bh, bl) = (a >> 64, a & LOW, b >> 64, b & LOW);
    let ll = al * bl;
    let m1 = ah * bl + (ll >> 64);
    let m2 = al * bh + (m1 & LOW);
    (ah * bh + (m1 >> 64) + (m2 >> 64), (m2 << 64) | (ll & LOW))
}

impl Fix {
    /// Zero.
    pub const ZERO: Self = Self(0);

    fn checked(n: i128) -> Option<Self> {
        (-LIMIT < n && n < LIMIT).then_some(Self(n))
    }
    /// A whole number.
    #[must_use]
    pub fn int(n: i64) -> Option<Self> {
        Self::checked(i128::from(n) * ONE)
    }
    /// An integer of `scale` decimals (at most twelve), as stored.
    #[must_use]
    pub fn scaled(n: i64, scale: u32) -> Option<Self> {
        Self::checked(i128::from(n) * 10i128.pow(PLACES.checked_sub(scale)?))
    }
    /// As an integer of `scale` decimals, rounded; `None` when it does not fit.
    #[must_use]
    pub fn to_scaled(self, scale: u32) -> Option<i64> {
        i64::try_from(mul_div(self.0, 1, 10i128.pow(PLACES.checked_sub(scale)?))?).ok()
    }
    /// From a decimal, rounded.
    #[must_use]
    pub fn from_decimal(d: Decimal) -> Option<Self> {
        let (m, s) = (d.mantissa(), d.scale());
        Self::checked(if s > PLACES { mul_div(m, 1, 10i128.pow(s - PLACES))? } else { m.checked_mul(10i128.pow(PLACES - s))? })
    }
    /// As a decimal without zeros at the end; `None` beyond what a decimal holds (28 digits).
    #[must_use]
    pub fn to_decimal(self) -> Option<Decimal> {
        let (mut m, mut s) = (self.0, PLACES);
        while s > 0 && m % 10 == 0 {
            (m, s) = (m / 10, s - 1);
        }
        Decimal::try_from_i128_with_scale(m, s).ok()
    }
    /// Reads `-12.5`: sign, digits, point, digits; decimals beyond the twelfth are rounded.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        let (negative, digits) = match s.as_bytes().first()? {
            b'-' => (true, &s[1..]),
            b'+' => (false, &s[1..]),
            _ => (false, s),
        };
        let (whole, frac) = match digits.split_once('.') {
            Some((_, "")) => return None,
            Some(p) => p,
            None => (digits, ""),
        };
        if whole.is_empty() || !whole.bytes().chain(frac.bytes()).all(|b| b.is_ascii_digit()) {
            return None;
        }
        let mut n = 0i128;
        for b in whole.bytes().chain(frac.bytes().chain(std::iter::repeat(b'0')).take(PLACES as usize)) {
            n = n * 10 + i128::from(b - b'0');
            if n >= LIMIT {
                return None;
            }
        }
        if frac.as_bytes().get(PLACES as usize).is_some_and(|b| *b >= b'5') {
            n += 1;
        }
        Self::checked(if negative { -n } else { n })
    }
    /// With exactly `places` decimals (at most twelve), rounded.
    #[must_use]
    pub fn fixed(self, places: u32) -> String {
        let places = places.min(PLACES);
        let m = mul_div(self.0, 1, 10i128.pow(PLACES - places)).unwrap_or(0);
        let digits = format!("{:0width$}", m.unsigned_abs(), width = places as usize + 1);
        let (whole, frac) = digits.split_at(digits.len() - places as usize);
        let sign = if m < 0 { "-" } else { "" };
        if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{frac}") }
    }
    /// Sixteen bytes whose order is that of the numbers: what a database without exact decimals keeps while it computes.
    #[must_use]
    pub fn to_ordered(self) -> [u8; 16] {
        (self.0 ^ i128::MIN).to_be_bytes()
    }
    /// From [`Fix::to_ordered`]; `None` for other bytes.
    #[must_use]
    pub fn from_ordered(bytes: &[u8]) -> Option<Self> {
        Self::checked(i128::from_be_bytes(bytes.try_into().ok()?) ^ i128::MIN)
    }
    /// Sum.
    #[must_use]
    #[allow(clippy::should_implement_trait, reason = "the result may be blank")]
    pub fn add(self, o: Self) -> Option<Self> {
        Self::checked(self.0 + o.0)
    }
    /// Difference.
    #[must_use]
    #[allow(clippy::should_implement_trait, reason = "the result may be blank")]
    pub fn sub(self, o: Self) -> Option<Self> {
        Self::checked(self.0 - o.0)
    }
    /// Product.
    #[must_use]
    #[allow(clippy::should_implement_trait, reason = "the result may be blank")]
    pub fn mul(self, o: Self) -> Option<Self> {
        Self::checked(mul_div(self.0, o.0, ONE)?)
    }
    /// Quotient; of a division by zero: nothing.
    #[must_use]
    #[allow(clippy::should_implement_trait, reason = "the result may be blank")]
    pub fn div(self, o: Self) -> Option<Self> {
        if o.0 == 0 { None } else { Self::checked(mul_div(self.0, ONE, o.0)?) }
    }
    /// Remainder with the sign of the divisor, as spreadsheets do; of a division by zero: nothing.
    #[must_use]
    pub fn modulo(self, o: Self) -> Option<Self> {
        if o.0 == 0 {
            return None;
        }
        let r = self.0 % o.0;
        Some(Self(if r != 0 && (r < 0) != (o.0 < 0) { r + o.0 } else { r }))
    }
    /// Without its sign.
    #[must_use]
    pub fn abs(self) -> Self {
        Self(self.0.abs())
    }
    /// With the other sign.
    #[must_use]
    #[allow(clippy::should_implement_trait, reason = "beside the others")]
    pub fn neg(self) -> Self {
        Self(-self.0)
    }
    /// Greatest whole number not above.
    #[must_use]
    pub fn floor(self) -> Option<Self> {
        Self::checked(self.0.div_euclid(ONE) * ONE)
    }
    /// Least whole number not below.
    #[must_use]
    pub fn ceil(self) -> Option<Self> {
        Self::checked(-((-self.0).div_euclid(ONE) * ONE))
    }
    /// Half up at a number of decimals, −18 to 12; beyond: at the nearest of these.
    #[must_use]
    pub fn round(self, places: i64) -> Option<Self> {
        let places = places.clamp(-18, i64::from(PLACES));
        let unit = 10i128.pow(u32::try_from(i64::from(PLACES) - places).ok()?);
        Self::checked(mul_div(self.0, 1, unit)?.checked_mul(unit)?)
    }
    /// The whole part, towards zero; at most ± 10^18.
    #[must_use]
    pub fn trunc(self) -> i64 {
        i64::try_from(self.0 / ONE).unwrap_or(0)
    }
}

impl std::fmt::Display for Fix {
    /// Canonical: no zeros at the end of decimals, no sign of zero.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let s = self.fixed(PLACES);
        f.write_str(s.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn x(s: &str) -> Fix {
        Fix::parse(s).unwrap_or_else(|| panic!("{s}"))
    }

    #[test]
    fn halves_go_away_from_zero() {
        // Domain model §0, Money
        for (s, places, want) in [
            ("0.005", 2, "0.01"),
            ("-0.005", 2, "-0.01"),
            ("2.5", 0, "3"),
            ("-2.5", 0, "-3"),
            ("1250", -2, "1300"),
            ("1.00499", 2, "1"),
            ("-0.4", 0, "0"),
        ] {
            assert_eq!(x(s).round(places).unwrap().to_string(), want, "{s}");
        }
        assert_eq!(x("0.0000000000005"), x("0.000000000001"));
        assert_eq!(x("1").div(x("3")).unwrap().to_string(), "0.333333333333");
        assert_eq!(x("-2").div(x("3")).unwrap().to_string(), "-0.666666666667");
        assert_eq!(x("1").div(Fix::ZERO), None);
    }

    #[test]
    fn large_numbers_are_exact_or_blank() {
        assert_eq!(x("999999999999999999.999999999999").to_string(), "999999999999999999.999999999999");
        assert_eq!(Fix::parse("1000000000000000000"), None);
        assert_eq!(x("999999999.5").mul(x("999999999.5")).unwrap().to_string(), "999999999000000000.25");
        assert_eq!(x("1000000000").mul(x("1000000000")), None);
        assert_eq!(x("999999999999999999").mul(x("0.000000000001")).unwrap().to_string(), "999999.999999999999");
        assert_eq!(x("999999999999999999").div(x("0.000000000001")), None);
        assert_eq!(Fix::scaled(i64::MAX, 0), None);
        assert_eq!(Fix::scaled(i64::MIN, 8).unwrap().to_string(), "-92233720368.54775808");
    }

    #[test]
    fn remainders_have_the_sign_of_the_divisor() {
        for (a, b, want) in
            [("7", "3", "1"), ("-7", "3", "2"), ("7", "-3", "-2"), ("-7", "-3", "-1"), ("5.5", "0.4", "0.3"), ("6", "3", "0")]
        {
            assert_eq!(x(a).modulo(x(b)).unwrap().to_string(), want, "{a} mod {b}");
        }
        assert_eq!((x("-1.5").floor().unwrap().to_string(), x("-1.5").ceil().unwrap().to_string()), ("-2".into(), "-1".into()));
        assert_eq!((x("1.5").floor().unwrap().to_string(), x("1.5").ceil().unwrap().to_string()), ("1".into(), "2".into()));
    }

    proptest! {
        #[test]
        fn products_and_quotients_agree_with_long_arithmetic(a in -999_999_999_999_999_i64..=999_999_999_999_999, b in 1..=999_999_999_999_i64) {
            // Small enough that 128 bits hold the exact result: checked by other means than mul_div.
            let (fa, fb) = (Fix::scaled(a, 6).unwrap(), Fix::scaled(b, 6).unwrap());
            let exact = i128::from(a) * i128::from(b);
            prop_assert_eq!(fa.mul(fb).map(|f| f.0), Some(exact).filter(|e| e.abs() < LIMIT));
            let (n, d) = (i128::from(a).abs() * ONE * 2 + i128::from(b), 2 * i128::from(b));
            prop_assert_eq!(fa.div(fb).map(|f| f.0), Some(n / d * i128::from(a.signum())).filter(|e| e.abs() < LIMIT));
        }

        #[test]
        fn wide_products_are_right(a in any::<u128>(), b in any::<u64>()) {
            let (hi, lo) = wide(a, u128::from(b));
            let low = (a & u128::from(u64::MAX)) * u128::from(b);
            let high = (a >> 64) * u128::from(b) + (low >> 64);
            prop_assert_eq!((hi, lo), (high >> 64, (high << 64) | (low & u128::from(u64::MAX))));
        }

        #[test]
        fn text_goes_and_comes(n in any::<i64>(), scale in 0..=8_u32) {
            if let Some(f) = Fix::scaled(n, scale) {
                prop_assert_eq!(Fix::parse(&f.to_string()), Some(f));
                prop_assert_eq!(f.to_scaled(scale), Some(n));
                prop_assert_eq!(f.to_decimal(), Some(Decimal::new(n, scale).normalize()));
                prop_assert_eq!(Fix::from_ordered(&f.to_ordered()), Some(f));
                prop_assert_eq!(f.to_ordered().cmp(&Fix::ZERO.to_ordered()), f.cmp(&Fix::ZERO));
            }
        }
    }
}
