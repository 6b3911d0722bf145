//! Arithmetic of formulas on PostgreSQL.

/// A number that is blank at 10^18 and beyond. Each operand is written once: `LEAST` and `GREATEST` pass over NULL, so that a
/// blank number becomes the limit and then blank again.
pub(super) fn limited(e: &str) -> String {
    within(e, "1000000000000000000")
}

fn within(e: &str, limit: &str) -> String {
    format!("NULLIF(NULLIF(GREATEST(LEAST({e},{limit}),-{limit}),{limit}),-{limit})")
}

/// A number as the integer of so many places that is stored, blank when 64 bits do not hold it.
pub(super) fn scaled(e: &str, places: u32) -> String {
    let n = format!("round({e},{places}) * {}", 10_i64.pow(places));
    let (over, under) = ("9223372036854775808", "-9223372036854775809");
    format!("NULLIF(NULLIF(GREATEST(LEAST({n},{over}),{under}),{over}),{under})::bigint")
}

/// 10^-places.
pub(super) fn unit(places: u32) -> String {
    format!("0.{:0>width$}", 1, width = places as usize)
}

#[cfg(test)]
mod tests {
    #[test]
    fn units() {
        assert_eq!((super::unit(1), super::unit(4)), ("0.1".into(), "0.0001".into()));
    }
}
