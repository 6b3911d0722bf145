//! Days and instants of formulas as SQL.

use rapport_schema::formula::{Piece, Unit};

use super::{Writer, unfit};
use crate::{Result, sql::Param};

impl Writer<'_, '_> {
    pub(super) fn date_add(&mut self, instant: bool, a: String, n: String, u: Unit) -> Result<String> {
        let whole = match (u.millis(), u.months()) {
            (Some(ms), _) if instant => ms,
            (None, _) if instant => return Err(unfit("DATEADD of months to an instant")),
            (Some(ms), _) => ms / 86_400_000,
            (None, m) => m.unwrap_or(1),
        };
        if !self.pg {
            return Ok(if instant { format!("instant_plus({a},{n},{whole})") } else { format!("date_plus({a},{n},'{u:?}')") });
        }
        let n = format!("trunc({n}) * {whole}");
        Ok(if instant {
            self.bind(
                &[("t", format!("{a} + {n}"))],
                "CASE WHEN v.t >= -2208988800000 AND v.t < 7258118400000 THEN v.t::bigint END",
            )
        } else if u.months().is_some() {
            let e = "CASE WHEN abs(v.n) < 10000 THEN to_char(v.d::date + make_interval(months => v.n::int), 'YYYY-MM-DD') END";
            let e = self.bind(&[("d", a), ("n", n)], e);
            self.in_range(e)
        } else {
            let e = "CASE WHEN abs(v.n) < 200000 THEN to_char(v.d::date + v.n::int, 'YYYY-MM-DD') END";
            let e = self.bind(&[("d", a), ("n", n)], e);
            self.in_range(e)
        })
    }

    /// A day from 1900 to 2199, else blank.
    fn in_range(&mut self, e: String) -> String {
        let e = format!("({e} COLLATE \"C\")");
        self.bind(&[("d", e)], "CASE WHEN v.d >= '1900' AND v.d < '2200' THEN v.d END")
    }

    pub(super) fn date_diff(&mut self, instant: bool, a: String, b: String, u: Unit) -> Result<String> {
        if instant {
            let ms = u.millis().ok_or_else(|| unfit("months between instants"))?;
            let e = format!("(({b} - {a}) / {ms})");
            return Ok(if self.pg { format!("{e}::numeric") } else { format!("fx({e},0)") });
        }
        if !self.pg {
            return Ok(format!("date_between({a},{b},'{u:?}')"));
        }
        Ok(match u.months() {
            None => {
                let days = u.millis().map_or(1, |ms| (ms / 86_400_000).max(1));
                format!("((({b})::date - ({a})::date) / {days})::numeric")
            }
            Some(m) => {
                let y = |d: &str| format!("substr(v.{d},1,4)::int * 12 + substr(v.{d},6,2)::int");
                let months = self.bind(
                    &[("a", a), ("b", b)],
                    &format!(
                        "({b} - ({a})) - CASE WHEN ({b} - ({a})) > 0 AND substr(v.b,9,2) < substr(v.a,9,2) COLLATE \"C\" THEN 1 \
                         WHEN ({b} - ({a})) < 0 AND substr(v.b,9,2) > substr(v.a,9,2) COLLATE \"C\" THEN -1 ELSE 0 END",
                        a = y("a"),
                        b = y("b")
                    ),
                );
                format!("({months} / {m})::numeric")
            }
        })
    }

    pub(super) fn format(&mut self, instant: bool, a: String, pieces: &[Piece]) -> String {
        if !self.pg {
            let pattern: String = pieces.iter().map(Piece::written).collect();
            let p = self.cx.sql.slot(Param::Text(pattern));
            return if instant {
                let zone = self.zone();
                format!("instant_text({a},{zone},{p})")
            } else {
                format!("date_text({a},{p})")
            };
        }
        let mut parts = vec![];
        for p in pieces {
            let (at, len, template) = match p {
                Piece::Text(t) => {
                    parts.push(self.text(t));
                    continue;
                }
                Piece::Year => (1, 4, "YYYY"),
                Piece::Year2 => (3, 2, "YY"),
                Piece::Month => (6, 2, "MM"),
                Piece::Day => (9, 2, "DD"),
                Piece::Hour => (0, 0, "HH24"),
                Piece::Minute => (0, 0, "MI"),
                Piece::Second => (0, 0, "SS"),
            };
            parts.push(if instant { format!("to_char(v.x,'{template}')") } else { format!("substr(v.x,{at},{len})") });
        }
        let x = if instant {
            let zone = self.zone();
            format!("to_timestamp(({a}) / 1000.0) AT TIME ZONE {zone}")
        } else {
            a
        };
        let text = if parts.is_empty() { "NULL::text".to_owned() } else { Self::made(&parts.join(" || ")) };
        self.bind(&[("x", x)], &format!("CASE WHEN v.x IS NOT NULL THEN {text} END"))
    }
}
