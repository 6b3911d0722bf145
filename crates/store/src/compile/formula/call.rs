//! The functions of the language as SQL.

use std::sync::LazyLock;

use rapport_schema::formula::{BLANKS, Func, Node};
use rapport_text::{FOLD_FROM, FOLD_TO};

use super::{Kind, Writer, pg, unfit};
use crate::Result;

/// Small letters and the capitals `UPPER` makes of them, in the same order (`schema::formula::upper`).
static UPPER: LazyLock<(String, String)> = LazyLock::new(|| {
    let (mut from, mut to) = (String::new(), String::new());
    for (capital, small) in FOLD_FROM.chars().zip(FOLD_TO.chars()) {
        let mut up = small.to_uppercase();
        if (up.next(), up.next()) == (Some(capital), None) {
            from.push(small);
            to.push(capital);
        }
    }
    (from, to)
});

impl Writer<'_, '_> {
    pub(super) fn call(&mut self, f: Func, args: &[Node], k: Kind) -> Result<String> {
        Ok(match f {
            Func::Round => {
                let n = self.arg(args, 0, Kind::Number)?;
                match args.get(1) {
                    Some(Node::Number(p)) if self.pg => pg::limited(&format!("round({n},{})", p.trunc().clamp(-18, 12))),
                    _ => {
                        let p = self.arg(args, 1, Kind::Number)?;
                        if self.pg {
                            let e = "CASE WHEN v.p IS NOT NULL THEN round(v.n,LEAST(GREATEST(trunc(v.p),-18),12)::int) END";
                            pg::limited(&self.bind(&[("n", n), ("p", p)], e))
                        } else {
                            format!("fx_round({n},{p})")
                        }
                    }
                }
            }
            Func::Floor => self.whole(args, "floor")?,
            Func::Ceil => self.whole(args, "ceil")?,
            Func::Abs => {
                let n = self.arg(args, 0, Kind::Number)?;
                format!("{}({n})", if self.pg { "abs" } else { "fx_abs" })
            }
            Func::Min => self.best(args, k, "LEAST", "least_of")?,
            Func::Max => self.best(args, k, "GREATEST", "greatest_of")?,
            Func::Left => {
                let (t, n) = (self.arg(args, 0, Kind::Text)?, self.count(args, 1)?);
                format!("NULLIF(substr({t},1,{n}),'')")
            }
            Func::Right => {
                let (t, n) = (self.arg(args, 0, Kind::Text)?, self.count(args, 1)?);
                format!("NULLIF({}({t},{n}),'')", if self.pg { "right" } else { "right_of" })
            }
            Func::Mid => {
                let (t, from, n) = (self.arg(args, 0, Kind::Text)?, self.count(args, 1)?, self.count(args, 2)?);
                let most = if self.pg { "GREATEST" } else { "max" };
                format!("NULLIF(substr({t},{most}({from},1),{n}),'')")
            }
            Func::Len => {
                let t = self.arg(args, 0, Kind::Text)?;
                if self.pg { format!("length(COALESCE({t},''))::numeric") } else { format!("fx(length(COALESCE({t},'')),0)") }
            }
            Func::Upper => {
                let t = self.arg(args, 0, Kind::Text)?;
                if self.pg { format!("translate({t},'{}','{}')", UPPER.0, UPPER.1) } else { format!("upper_text({t})") }
            }
            Func::Lower => {
                let t = self.arg(args, 0, Kind::Text)?;
                self.cx.shared.dialect.fold(&t)
            }
            Func::Trim => {
                let t = self.arg(args, 0, Kind::Text)?;
                let blanks = self.text(BLANKS);
                format!("NULLIF({}({t},{blanks}),'')", if self.pg { "btrim" } else { "trim" })
            }
            Func::Contains => {
                let (t, p) = (self.folded(args, 0)?, self.folded(args, 1)?);
                format!("({})", self.cx.shared.dialect.holds(&t, &p))
            }
            Func::Starts => {
                let (t, p) = (self.folded(args, 0)?, self.folded(args, 1)?);
                format!("{}({t},{p})", if self.pg { "starts_with" } else { "text_starts" })
            }
            Func::NumberText => {
                let n = self.arg(args, 0, Kind::Number)?;
                if self.pg { format!("trim_scale({n})::text") } else { format!("fx_text({n})") }
            }
            Func::FixedText => {
                let n = self.arg(args, 0, Kind::Number)?;
                let Some(Node::Number(places)) = args.get(1) else { return Err(unfit("TEXT without a number of places")) };
                let p = places.trunc().clamp(0, 12);
                if self.pg { format!("round({n},{p})::text") } else { format!("fx_fixed({n},{p})") }
            }
            Func::Value => {
                let t = self.arg(args, 0, Kind::Text)?;
                self.value(t)
            }
            Func::Date => {
                let (y, m, d) =
                    (self.arg(args, 0, Kind::Number)?, self.arg(args, 1, Kind::Number)?, self.arg(args, 2, Kind::Number)?);
                if self.pg {
                    let whole = |e: String| format!("trunc({e})");
                    let last = "extract(day FROM make_date(v.y::int,v.m::int,1) + interval '1 month' - interval '1 day')";
                    let e = format!(
                        "CASE WHEN v.y BETWEEN 1900 AND 2199 AND v.m BETWEEN 1 AND 12 AND v.d >= 1 THEN CASE WHEN v.d <= {last} \
                         THEN to_char(make_date(v.y::int,v.m::int,v.d::int),'YYYY-MM-DD') END END"
                    );
                    self.bind(&[("y", whole(y)), ("m", whole(m)), ("d", whole(d))], &e)
                } else {
                    format!("date_of({y},{m},{d})")
                }
            }
            Func::DateOf => {
                let t = self.arg(args, 0, Kind::Instant)?;
                let zone = self.zone();
                self.cx.shared.dialect.local_date(&t, &zone)
            }
            Func::Year => self.part(args, 1, 4)?,
            Func::Month => self.part(args, 6, 2)?,
            Func::Day => self.part(args, 9, 2)?,
            Func::Workdays => return Err(unfit("WORKDAYS")),
            Func::Convert => return Err(unfit("CONVERT")),
        })
    }

    fn arg(&mut self, args: &[Node], i: usize, k: Kind) -> Result<String> {
        match args.get(i) {
            Some(n) => self.expr(n, k),
            None => Ok(self.null(k)),
        }
    }

    fn whole(&mut self, args: &[Node], name: &str) -> Result<String> {
        let n = self.arg(args, 0, Kind::Number)?;
        Ok(if self.pg { pg::limited(&format!("{name}({n})")) } else { format!("fx_{name}({n})") })
    }

    /// Least or greatest of those that are not blank.
    fn best(&mut self, args: &[Node], k: Kind, pg: &str, lite: &str) -> Result<String> {
        let mut v = self.all(args, k)?;
        if self.pg
            && k == Kind::Date
            && let Some(first) = v.first_mut()
        {
            *first = format!("({first} COLLATE \"C\")");
        }
        Ok(format!("{}({})", if self.pg { pg } else { lite }, v.join(",")))
    }

    /// A number of characters.
    fn count(&mut self, args: &[Node], i: usize) -> Result<String> {
        let n = self.arg(args, i, Kind::Number)?;
        Ok(if self.pg { format!("LEAST(GREATEST(trunc(COALESCE({n},0)),0),1000000)::int") } else { format!("fx_count({n})") })
    }

    /// A text in small letters, blank = empty.
    fn folded(&mut self, args: &[Node], i: usize) -> Result<String> {
        let t = self.arg(args, i, Kind::Text)?;
        Ok(self.cx.shared.dialect.fold(&format!("COALESCE({t},'')")))
    }

    /// A part of a day as a number.
    fn part(&mut self, args: &[Node], at: u32, len: u32) -> Result<String> {
        let d = self.arg(args, 0, Kind::Date)?;
        Ok(if self.pg {
            format!("substr({d},{at},{len})::numeric")
        } else {
            format!("fx(CAST(substr({d},{at},{len}) AS INTEGER),0)")
        })
    }

    /// The number a text is. The thirteenth decimal rounds, later ones do not count.
    fn value(&mut self, t: String) -> String {
        if !self.pg {
            return format!("fx_value({t})");
        }
        let blanks = self.text(BLANKS);
        let e = "CASE WHEN v.t ~ '^[-+]?[0-9]+(\\.[0-9]+)?$' THEN \
                 round(substring(v.t from '^[-+]?[0-9]+(?:\\.[0-9]{1,13})?')::numeric,12) END";
        pg::limited(&self.bind(&[("t", format!("btrim({t},{blanks})"))], e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rules;

    #[test]
    fn capitals_are_those_of_memory() {
        let all: String = (1..0x1_0000).filter_map(char::from_u32).collect();
        let table: std::collections::HashMap<char, char> = UPPER.0.chars().zip(UPPER.1.chars()).collect();
        let by_table: String = all.chars().map(|c| *table.get(&c).unwrap_or(&c)).collect();
        assert_eq!(by_table, rapport_schema::formula::upper(&all, &Rules));
    }
}
