//! Amounts of a split: by percent, exact to the smallest unit of the currency, summing to the whole (R-FC-04).

use rust_decimal::{Decimal, RoundingStrategy};

/// Parts of `total` by `percents` that sum to 100, with `places` decimals each. Every part is rounded down (towards zero) first;
/// what is left is given unit by unit to the largest remainders, the earlier part first where they are equal.
pub(crate) fn amounts(total: Decimal, percents: &[Decimal], places: u32) -> Vec<Decimal> {
    let unit = Decimal::new(1, places) * if total.is_sign_negative() { Decimal::NEGATIVE_ONE } else { Decimal::ONE };
    let exact: Vec<Decimal> = percents.iter().map(|p| total * p / Decimal::ONE_HUNDRED).collect();
    let mut parts: Vec<Decimal> = exact.iter().map(|e| e.round_dp_with_strategy(places, RoundingStrategy::ToZero)).collect();
    let mut left = total - parts.iter().sum::<Decimal>();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|i| std::cmp::Reverse(((exact[*i] - parts[*i]).abs(), std::cmp::Reverse(*i))));
    for i in order.into_iter().cycle().take(10 * parts.len().max(1)) {
        if left.abs() < unit.abs() {
            break;
        }
        parts[i] += unit;
        left -= unit;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(s: &str) -> Decimal {
        s.parse().unwrap()
    }
    fn split(total: &str, percents: &[&str], places: u32) -> Vec<String> {
        let p: Vec<Decimal> = percents.iter().map(|p| d(p)).collect();
        amounts(d(total), &p, places).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_largest_remainder_gets_the_cent() {
        // R-FC-04
        assert_eq!(split("100.00", &["33.3333", "33.3333", "33.3334"], 2), ["33.33", "33.33", "33.34"]);
        assert_eq!(split("0.01", &["50", "50"], 2), ["0.01", "0.00"], "equal: the first");
        assert_eq!(split("0.05", &["10", "20", "70"], 2), ["0.01", "0.01", "0.03"], "equal remainders: the first");
        assert_eq!(split("1000", &["33.3333", "66.6667"], 0), ["333", "667"], "yen have no cents");
        assert_eq!(split("-100.00", &["33.3333", "33.3333", "33.3334"], 2), ["-33.33", "-33.33", "-33.34"]);
    }

    #[test]
    fn parts_always_sum_to_the_whole() {
        let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
        let mut next = |n: u64| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed % n
        };
        for _ in 0..5_000 {
            let places = [0, 2, 3][usize::try_from(next(3)).unwrap()];
            let total = Decimal::new(i64::try_from(next(1 << 45)).unwrap() - (1 << 44), places);
            // Percents of four places that sum to exactly 100.
            let n = 1 + next(9);
            let mut left = 1_000_000_u64;
            let mut percents = vec![];
            for _ in 1..n {
                let p = next(left + 1);
                left -= p;
                percents.push(Decimal::new(i64::try_from(p).unwrap(), 4));
            }
            percents.push(Decimal::new(i64::try_from(left).unwrap(), 4));
            let parts = amounts(total, &percents, places);
            assert_eq!(parts.iter().sum::<Decimal>(), total, "{total} {percents:?}");
            for (part, p) in parts.iter().zip(&percents) {
                let exact = total * p / Decimal::ONE_HUNDRED;
                assert!((part - exact).abs() < Decimal::new(1, places), "{part} for {exact}");
                assert!(part.scale() <= places);
            }
        }
    }
}
