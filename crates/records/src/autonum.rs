//! Automatic numbers from patterns such as `AC{YYYYMM}{0000}` (domain model §1 `auto`, §5.2 Numbering).

use jiff::civil::Date;

/// One piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Date(String),
    Number(usize),
}

/// A read pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Piece>);

impl Pattern {
    /// Reads a pattern; `None` when a brace holds something that is neither a date token nor zeros, or no number is in it.
    pub fn parse(s: &str) -> Option<Self> {
        let mut out = vec![];
        let mut rest = s;
        while let Some(at) = rest.find('{') {
            if at > 0 {
                out.push(Piece::Text(rest[..at].to_owned()));
            }
            let end = rest[at..].find('}')? + at;
            let inner = &rest[at + 1..end];
            out.push(match inner {
                "" => return None,
                t if t.bytes().all(|b| b == b'0') => Piece::Number(t.len()),
                "YYYY" | "YY" | "MM" | "DD" | "YYYYMM" | "YYMM" | "YYYYMMDD" | "YYMMDD" | "MMDD" => Piece::Date(inner.to_owned()),
                _ => return None,
            });
            rest = &rest[end + 1..];
        }
        if !rest.is_empty() {
            out.push(Piece::Text(rest.to_owned()));
        }
        out.iter().any(|p| matches!(p, Piece::Number(_))).then_some(Self(out))
    }

    /// The period after which the count starts again: that of the finest date token; empty without one.
    pub fn period(&self, d: Date) -> String {
        let has = |t: &str| self.0.iter().any(|p| matches!(p, Piece::Date(x) if x.contains(t)));
        if has("DD") {
            format!("{:04}{:02}{:02}", d.year(), d.month(), d.day())
        } else if has("MM") {
            format!("{:04}{:02}", d.year(), d.month())
        } else if has("YY") {
            format!("{:04}", d.year())
        } else {
            String::new()
        }
    }

    /// The text of number `n` on a day; zeros give the least width, the number grows beyond it.
    pub fn format(&self, d: Date, n: i64) -> String {
        use std::fmt::Write as _;
        let mut s = String::with_capacity(24);
        for p in &self.0 {
            match p {
                Piece::Text(t) => s.push_str(t),
                Piece::Number(w) => {
                    let _ = write!(s, "{n:0w$}");
                }
                Piece::Date(t) => {
                    let mut t = t.as_str();
                    while !t.is_empty() {
                        let (token, v) = match t {
                            x if x.starts_with("YYYY") => (4, format!("{:04}", d.year())),
                            x if x.starts_with("YY") => (2, format!("{:02}", d.year() % 100)),
                            x if x.starts_with("MM") => (2, format!("{:02}", d.month())),
                            _ => (2, format!("{:02}", d.day())),
                        };
                        s.push_str(&v);
                        t = &t[token..];
                    }
                }
            }
        }
        s
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_the_shipped_numbering() {
        // domain model §5.2 Numbering
        let d = jiff::civil::date(2026, 3, 7);
        let f = |p: &str, n| Pattern::parse(p).unwrap().format(d, n);
        assert_eq!(f("AC{YYYYMM}{0000}", 7), "AC2026030007");
        assert_eq!(f("QT{YYYYMMDD}{000}", 12), "QT20260307012");
        assert_eq!(f("R{00000000}", 5), "R00000005");
        assert_eq!(f("OP{YYYYMM}{0000}", 12345), "OP20260312345", "the number grows beyond its width");
    }

    #[test]
    fn the_finest_date_token_resets_the_count() {
        let d = jiff::civil::date(2026, 3, 7);
        let f = |p: &str| Pattern::parse(p).unwrap().period(d);
        assert_eq!(f("AC{YYYYMM}{0000}"), "202603");
        assert_eq!(f("QT{YYYYMMDD}{000}"), "20260307");
        assert_eq!(f("PP{YYYY}{00000}"), "2026");
        assert_eq!(f("KB{00000}"), "");
    }

    #[test]
    fn bad_patterns_are_refused() {
        for p in ["AC", "AC{YYYYMM}", "{}{000}", "A{0000", "{HH}{00}"] {
            assert_eq!(Pattern::parse(p), None, "{p}");
        }
    }
}
