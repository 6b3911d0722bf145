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

#[cfg(test)]
mod tests {
    use super::*;

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
