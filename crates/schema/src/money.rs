//! Exact money (R-CUR): never binary floating point.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Decimal places kept for amounts. Enough for every ISO 4217 minor unit (0–4).
pub const AMOUNT_SCALE: u32 = 4;
/// Decimal places kept for unit prices.
pub const UNIT_PRICE_SCALE: u32 = 6;
/// Decimal places kept for rates.
pub const RATE_SCALE: u32 = 8;
/// Decimal places kept for percents.
pub const PCT_SCALE: u32 = 4;

/// An amount in a currency with its value in the base currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// Amount in `currency`.
    pub amount: Decimal,
    /// ISO 4217 code.
    pub currency: SmolStr,
    /// Units of base currency per unit of `currency`; 1 for the base currency.
    pub rate: Decimal,
    /// `round_half_up(amount × rate, base decimals)` (R-CUR-02).
    pub base: Decimal,
}

/// 四舍五入: halves go away from zero (domain model §0).
#[must_use]
pub fn round_half_up(d: Decimal, places: u32) -> Decimal {
    d.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

/// Decimal places of a currency's minor unit (ISO 4217).
#[must_use]
pub fn minor_unit(code: &str) -> u32 {
    match code {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND" | "VUV" | "XAF"
        | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "CLF" | "UYW" => 4,
        _ => 2,
    }
}

impl Money {
    /// An amount in the base currency.
    #[must_use]
    pub fn base(amount: Decimal, currency: &str) -> Self {
        Self { amount, currency: SmolStr::new(currency), rate: Decimal::ONE, base: amount }
    }
    /// An amount in some currency at a rate (R-CUR-02).
    #[must_use]
    pub fn at(amount: Decimal, currency: &str, rate: Decimal, base_currency: &str) -> Self {
        let base = if currency == base_currency { amount } else { round_half_up(amount * rate, minor_unit(base_currency)) };
        Self { amount, currency: SmolStr::new(currency), rate, base }
    }
}

/// A decimal as an integer of `scale` places; `None` when it does not fit (more than 18 digits or more decimals).
#[must_use]
pub fn to_scaled(d: Decimal, scale: u32) -> Option<i64> {
    let d = d.normalize();
    if d.scale() > scale {
        return None;
    }
    let f = 10i128.checked_pow(scale - d.scale())?;
    i64::try_from(d.mantissa().checked_mul(f)?).ok()
}

/// The decimal of an integer of `scale` places.
#[must_use]
pub fn from_scaled(n: i64, scale: u32) -> Decimal {
    Decimal::new(n, scale)
}

/// Parts of `total` in proportion to `weights`, `places` decimals each, that add up to it exactly: every part is cut towards zero,
/// then what is left goes unit by unit to the largest remainders, the earlier part first where they are equal (R-QTE-02, R-FC-04,
/// R-ATT-02). Weights may not be negative; without any weight everything goes to the first part.
///
/// `None` when a number has more decimals than `places` allows (`total`) or the whole does not fit.
#[must_use]
pub fn spread(total: Decimal, weights: &[Decimal], places: u32) -> Option<Vec<Decimal>> {
    let Some(most) = weights.iter().map(|w| w.normalize().scale()).max() else {
        return Some(vec![]);
    };
    let units = i128::from(to_scaled(total, places)?);
    let weights: Vec<i128> = weights
        .iter()
        .map(|w| {
            let w = w.normalize();
            w.mantissa().checked_mul(10i128.checked_pow(most - w.scale())?).filter(|w| *w >= 0)
        })
        .collect::<Option<_>>()?;
    let whole = weights.iter().try_fold(0i128, |a, w| a.checked_add(*w))?;
    let mut parts = vec![0i128; weights.len()];
    if whole == 0 {
        parts[0] = units;
    } else {
        let mut rests = Vec::with_capacity(weights.len());
        for (i, w) in weights.iter().enumerate() {
            let exact = units.checked_mul(*w)?;
            parts[i] = exact / whole;
            rests.push(((exact % whole).unsigned_abs(), i));
        }
        // Fewer units are left than there are parts with a remainder.
        let left = units - parts.iter().sum::<i128>();
        rests.sort_by_key(|(rest, i)| (std::cmp::Reverse(*rest), *i));
        for (_, i) in rests.into_iter().take(usize::try_from(left.unsigned_abs()).ok()?) {
            parts[i] += left.signum();
        }
    }
    parts.into_iter().map(|p| Decimal::try_from_i128_with_scale(p, places).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_sum_to_the_whole_and_the_largest_remainder_gets_the_cent() {
        let d = |s: &str| s.parse::<Decimal>().unwrap();
        let parts = |total: &str, weights: &[&str], places| -> Vec<String> {
            let w: Vec<Decimal> = weights.iter().map(|w| d(w)).collect();
            spread(d(total), &w, places).unwrap().iter().map(ToString::to_string).collect()
        };
        // R-QTE-04, Check
        assert_eq!(parts("100.00", &["539.97", "1500.00", "105.45"], 2), ["25.17", "69.92", "4.91"]);
        assert_eq!(parts("10", &["100", "100", "100"], 2), ["3.34", "3.33", "3.33"]);
        // R-FC-04
        assert_eq!(parts("100000.01", &["60", "40"], 2), ["60000.01", "40000.00"]);
        assert_eq!(parts("-0.05", &["10", "20", "70"], 2), ["-0.01", "-0.01", "-0.03"]);
        assert_eq!(parts("7", &["0", "0"], 2), ["7.00", "0.00"], "no weight: the first");
        assert_eq!(spread(d("0.001"), &[Decimal::ONE], 2), None);
        assert_eq!(spread(Decimal::ONE, &[], 2), Some(vec![]));
    }

    #[test]
    fn parts_always_sum_to_the_whole() {
        let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
        let mut next = |n: i64| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            i64::try_from(seed % n.unsigned_abs()).unwrap()
        };
        for _ in 0..20_000 {
            let places = [0, 2, 3][usize::try_from(next(3)).unwrap()];
            let total = Decimal::new(next(1 << 45) - (1 << 44), places);
            let weights: Vec<Decimal> = (0..=next(9)).map(|_| Decimal::new(next(1_000_000), 4)).collect();
            let whole: Decimal = weights.iter().sum();
            let parts = spread(total, &weights, places).unwrap();
            assert_eq!(parts.iter().sum::<Decimal>(), total, "{total} {weights:?}");
            for (part, w) in parts.iter().zip(&weights).filter(|_| !whole.is_zero()) {
                assert!((part - total * w / whole).abs() < Decimal::new(1, places), "{part} of {total} by {weights:?}");
            }
        }
    }

    #[test]
    fn base_amounts_are_exact() {
        // R-CUR-02: USD 1,234.56 × 7.12345678 = CNY 8,794.33
        let m = Money::at("1234.56".parse().unwrap(), "USD", "7.12345678".parse().unwrap(), "CNY");
        assert_eq!(m.base, "8794.33".parse::<Decimal>().unwrap());
    }

    #[test]
    fn halves_go_away_from_zero() {
        // domain model §0, Money
        assert_eq!(round_half_up("-0.005".parse().unwrap(), 2), "-0.01".parse::<Decimal>().unwrap());
        assert_eq!(round_half_up("0.005".parse().unwrap(), 2), "0.01".parse::<Decimal>().unwrap());
    }

    #[test]
    fn scaled_integers_refuse_what_they_cannot_hold() {
        assert_eq!(to_scaled("1.5".parse().unwrap(), 4), Some(15_000));
        assert_eq!(to_scaled("1.00005".parse().unwrap(), 4), None);
        assert_eq!(to_scaled("99999999999999999".parse().unwrap(), 4), None);
        assert_eq!(from_scaled(15_000, 4).normalize(), "1.5".parse::<Decimal>().unwrap());
    }
}
