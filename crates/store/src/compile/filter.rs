//! Filters as SQL. Logic is two-valued as `schema::filter` says: comparisons with an empty value are false, `ne`, `nin` and
//! `none` are the exact opposites of `eq`, `in` and `any`.

use std::cmp::Ordering;

use rapport_schema::{
    FieldDef, FieldType, ObjectDef, Value, codec,
    money::to_scaled,
    physical::{Cell, Class},
    query::{Filter, Op, Operand},
};
use rust_decimal::Decimal;

use super::{
    Cx, and,
    column::{End, Reached, is_instant, order_class, order_suffix, places},
    or,
};
use crate::{Result, StoreError, norm::Rules, sql::Param};

/// How own columns are written: usable by indexes or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Index {
    May,
    MayNot,
}

fn unresolved() -> StoreError {
    StoreError::Driver("a filter must be resolved and checked before it is compiled".into())
}

/// The condition of a filter over the row `alias` of `object`.
pub(crate) fn condition<'a>(cx: &mut Cx<'a>, object: &'a ObjectDef, alias: &str, f: &Filter, ix: Index) -> Result<String> {
    Ok(match f {
        Filter::True => "1=1".into(),
        Filter::And(v) => and(&each(cx, object, alias, v, ix)?),
        Filter::Or(v) => or(&each(cx, object, alias, v, ix)?),
        // NULL counts as false on both sides of NOT.
        Filter::Not(f) => not(&condition(cx, object, alias, f, ix)?),
        Filter::Cmp { path, op, operand } => {
            let r = cx.reach(object, alias, path)?.ok_or_else(unresolved)?;
            comparison(cx, object, alias, &r, *op, operand, ix)?
        }
    })
}

fn each<'a>(cx: &mut Cx<'a>, object: &'a ObjectDef, alias: &str, v: &[Filter], ix: Index) -> Result<Vec<String>> {
    v.iter().map(|f| condition(cx, object, alias, f, ix)).collect()
}

fn comparison<'a>(
    cx: &mut Cx<'a>,
    object: &'a ObjectDef,
    alias: &str,
    r: &Reached<'a>,
    op: Op,
    operand: &Operand,
    ix: Index,
) -> Result<String> {
    if let Operand::Field(p) = operand {
        let o = cx.reach(object, alias, p)?.ok_or_else(unresolved)?;
        return Ok(fields(r, op, &o));
    }
    let values: Vec<&Value> = match operand {
        Operand::None => vec![],
        Operand::One(v) => vec![v],
        Operand::Many(v) => v.iter().collect(),
        Operand::Rel(_) | Operand::Field(_) => return Err(unresolved()),
    };
    let c = Compare { r, plus: if ix == Index::MayNot && r.is_own() { cx.shared.dialect.unindexed() } else { "" } };
    match op {
        Op::IsEmpty => Ok(format!("({} IS NULL)", c.read(""))),
        Op::NotEmpty => Ok(format!("({} IS NOT NULL)", c.read(""))),
        Op::Eq => Ok(c.any(cx, values.first().copied())),
        Op::In => Ok(c.any(cx, values)),
        Op::Ne => Ok(not(&c.any(cx, values.first().copied()))),
        Op::Nin => Ok(not(&c.any(cx, values))),
        Op::Lt | Op::Lte | Op::Gt | Op::Gte => Ok(c.order(cx, op, values.first().copied())),
        Op::Between => {
            let [a, b] = values[..] else { return Ok("1=0".into()) };
            Ok(and(&[c.order(cx, Op::Gte, Some(a)), c.order(cx, Op::Lte, Some(b))]))
        }
        Op::Contains | Op::Starts => Ok(c.text(cx, op, values.first().and_then(|v| v.as_text()))),
        Op::Any => Ok(c.linked(cx, &values)),
        Op::None => Ok(not(&c.linked(cx, &values))),
        Op::All => Ok(and(&values.iter().map(|v| c.linked(cx, &[v])).collect::<Vec<_>>())),
        Op::Within => Ok(c.within(cx, values.first().and_then(|v| v.as_text()))),
    }
}

fn not(s: &str) -> String {
    format!("(({s}) IS NOT TRUE)")
}

/// Two fields of the same kind; false when either is empty (`ne`: true).
fn fields(a: &Reached<'_>, op: Op, b: &Reached<'_>) -> String {
    let equality = matches!(op, Op::Eq | Op::Ne);
    let suffix = |r: &Reached<'_>| r.field().map_or("", |f| if equality { equal_suffix(f) } else { order_suffix(f) });
    let (mut x, mut y) = (a.read(suffix(a)), b.read(suffix(b)));
    // Stored decimals of different places: with k = 10^difference, `x·k ? y` is `(x, 0) ? (y div k, y mod k)`, exact on both
    // databases where the product would leave 64 bits. Division and remainder go towards zero on both.
    if let (Some(p), Some(q)) = (a.field().and_then(places), b.field().and_then(places)) {
        let split = |e: &str, k: i64| format!("(({e}) / {k}, ({e}) % {k})");
        let k = 10_i64.pow(p.abs_diff(q));
        match p.cmp(&q) {
            Ordering::Less => (x, y) = (format!("({x}, 0)"), split(&y, k)),
            Ordering::Greater => (x, y) = (split(&x, k), format!("({y}, 0)")),
            Ordering::Equal => {}
        }
    }
    let is = |r: &Reached<'_>, t: fn(&FieldType) -> bool| r.field().is_some_and(|f| t(&f.ty));
    let same = || {
        let mut s = format!("{x} = {y}");
        if is(a, |t| matches!(t, FieldType::Money { .. })) && is(b, |t| matches!(t, FieldType::Money { .. })) {
            s = format!("({s} AND {} = {})", a.read("__cur"), b.read("__cur"));
        }
        if is(a, |t| matches!(t, FieldType::Poly { .. })) && is(b, |t| matches!(t, FieldType::Poly { .. })) {
            s = format!("({s} AND {} = {})", a.read("__object"), b.read("__object"));
        }
        s
    };
    match op {
        Op::Eq => format!("(({}) IS TRUE)", same()),
        Op::Ne => not(&same()),
        Op::Lt => format!("({x} < {y})"),
        Op::Lte => format!("({x} <= {y})"),
        Op::Gt => format!("({x} > {y})"),
        Op::Gte => format!("({x} >= {y})"),
        _ => "1=0".into(),
    }
}

/// The column a field is equal by.
fn equal_suffix(f: &FieldDef) -> &'static str {
    match f.ty {
        FieldType::Phone => "__e164",
        _ => "",
    }
}

struct Compare<'c, 'm> {
    r: &'c Reached<'m>,
    /// `+` keeps an index from being used.
    plus: &'static str,
}

impl Compare<'_, '_> {
    fn read(&self, suffix: &str) -> String {
        format!("{}{}", self.plus, self.r.read(suffix))
    }

    /// Equal to one of the values.
    fn any<'v>(&self, cx: &mut Cx<'_>, values: impl IntoIterator<Item = &'v Value>) -> String {
        let values: Vec<&Value> = values.into_iter().filter(|v| !matches!(v, Value::Null)).collect();
        let f = match self.r.end {
            End::Record(rec) => {
                let items: Vec<Param> = values
                    .iter()
                    .filter_map(|v| match (rec.class(), v) {
                        (Class::Id, v) => v.as_id().map(Param::Id),
                        (_, Value::Int(n)) => Some(Param::Int(*n)),
                        (_, Value::DateTime(t)) => Some(Param::Int(t.0)),
                        _ => None,
                    })
                    .collect();
                return self.is_in(cx, "", items);
            }
            End::Field(f) => f,
        };
        match &f.ty {
            FieldType::Money { .. } => self.money(cx, f, &values),
            FieldType::Poly { .. } => self.poly(cx, &values),
            FieldType::Phone => {
                let items = values.iter().filter_map(|v| if let Value::Phone(p) = v { p.e164.as_ref() } else { None });
                let items: Vec<Param> = items.map(|e| Param::Text(e.to_string())).collect();
                self.is_in(cx, "__e164", items)
            }
            _ if places(f).is_some() => {
                let items: Vec<Param> = values.iter().filter_map(|v| exact(f, v)).map(Param::Int).collect();
                self.is_in(cx, "", items)
            }
            _ => {
                let class = order_class(f);
                let items: Vec<Param> = values
                    .iter()
                    .filter_map(|v| match codec::to_cells(f, v, &Rules).into_iter().next() {
                        None | Some(Cell::Null) => None,
                        Some(c) => Some(Param::of(c, class)),
                    })
                    .collect();
                self.is_in(cx, "", items)
            }
        }
    }

    /// Amount and currency, or a bare number against the base amount.
    fn money(&self, cx: &mut Cx<'_>, f: &FieldDef, values: &[&Value]) -> String {
        let one = |cx: &mut Cx<'_>, v: &Value| match v {
            Value::Money(m) => to_scaled(m.amount, places(f)?).map(|n| {
                let (n, cur) = (cx.sql.slot(Param::Int(n)), cx.sql.slot(Param::Text(m.currency.to_string())));
                format!("({} = {n} AND {} = {cur})", self.read(""), self.read("__cur"))
            }),
            v => exact(f, v).map(|n| format!("({} = {})", self.read("__base"), cx.sql.slot(Param::Int(n)))),
        };
        or(&values.iter().filter_map(|v| one(cx, v)).collect::<Vec<_>>())
    }

    fn poly(&self, cx: &mut Cx<'_>, values: &[&Value]) -> String {
        let mut parts = vec![];
        for v in values {
            match v {
                Value::Ref(r) => {
                    let (i, o) = (cx.sql.slot(Param::Id(r.id)), cx.sql.slot(Param::Text(r.object.to_string())));
                    parts.push(format!("({} = {i} AND {} = {o})", self.read(""), self.read("__object")));
                }
                Value::Text(o) => {
                    parts.push(format!("({} = {})", self.read("__object"), cx.sql.slot(Param::Text(o.to_string()))));
                }
                Value::Id(i) => parts.push(format!("({} = {})", self.read(""), cx.sql.slot(Param::Id(*i)))),
                _ => {}
            }
        }
        or(&parts)
    }

    fn is_in(&self, cx: &mut Cx<'_>, suffix: &str, mut items: Vec<Param>) -> String {
        match items.len() {
            0 => "1=0".into(),
            1 => {
                let v = match items.remove(0) {
                    // The planner uses an index `WHERE flag = 1` only when the 1 stands in the text.
                    Param::Int(n @ (0 | 1)) if self.r.field().is_some_and(|f| matches!(f.ty, FieldType::Bool)) => n.to_string(),
                    p => cx.sql.slot(p),
                };
                format!("({} = {v})", self.read(suffix))
            }
            _ => format!("({} IN {})", self.read(suffix), cx.sql.slots(items.into_iter())),
        }
    }

    fn order(&self, cx: &mut Cx<'_>, op: Op, v: Option<&Value>) -> String {
        let Some(v) = v else { return "1=0".into() };
        let sign = match op {
            Op::Lt => "<",
            Op::Lte => "<=",
            Op::Gt => ">",
            _ => ">=",
        };
        let (suffix, p) = match self.r.end {
            End::Record(_) => (
                "",
                match v {
                    Value::Int(n) => Some(Param::Int(*n)),
                    Value::DateTime(t) => Some(Param::Int(t.0)),
                    _ => None,
                },
            ),
            End::Field(f) => (
                order_suffix(f),
                match v {
                    Value::Date(d) => Some(Param::Text(codec::format_date(*d))),
                    Value::DateTime(t) if is_instant(f) => Some(Param::Int(t.0)),
                    Value::Text(t) => Some(Param::Text(t.to_string())),
                    v => decimal(v).zip(places(f)).map(|(d, p)| Param::Int(bound(d, p, op))),
                },
            ),
        };
        p.map_or_else(|| "1=0".into(), |p| format!("({} {sign} {})", self.read(suffix), cx.sql.slot(p)))
    }

    fn text(&self, cx: &mut Cx<'_>, op: Op, needle: Option<&str>) -> String {
        let (Some(needle), Some(f)) = (needle, self.r.field()) else { return "1=0".into() };
        let d = &cx.shared.dialect;
        match f.ty {
            // The last digits of a number: a range over the digits in reverse.
            FieldType::Phone => {
                let rev: String = needle.chars().rev().filter(char::is_ascii_digit).collect();
                if rev.is_empty() {
                    return "1=0".into();
                }
                let (a, b) = (cx.sql.slot(Param::Text(rev.clone())), cx.sql.slot(Param::Text(format!("{rev}:"))));
                format!("({0} >= {a} AND {0} < {b})", self.read("__rev"))
            }
            FieldType::Addr => {
                let json = self.r.read("");
                let detail =
                    if d.is_pg() { format!("({json}::json ->> 'detail')") } else { format!("json_extract({json}, '$.detail')") };
                let p = cx.sql.slot(Param::Text(rapport_text::fold(needle).into_owned()));
                format!("({})", d.holds(&d.fold(&detail), &p))
            }
            _ => {
                let folded = rapport_text::fold(needle).into_owned();
                let n = folded.chars().count();
                let hay = d.fold(&self.r.read(""));
                let p = cx.sql.slot(Param::Text(folded));
                if op == Op::Starts { format!("(substr({hay}, 1, {n}) = {p})") } else { format!("({})", d.holds(&hay, &p)) }
            }
        }
    }

    /// Has one of the elements: by the link table.
    fn linked(&self, cx: &mut Cx<'_>, values: &[&Value]) -> String {
        let Some(link) = self.r.link() else { return "1=0".into() };
        let items: Vec<Param> = values
            .iter()
            .filter_map(|v| match v {
                Value::Text(t) => Some(Param::Text(t.to_string())),
                v => v.as_id().map(Param::Id),
            })
            .collect();
        if items.is_empty() {
            return "1=0".into();
        }
        let (table, list, a) = (cx.table(&link), cx.sql.slots(items.into_iter()), cx.alias());
        format!("({}{} IN (SELECT {a}.record FROM {table} {a} WHERE {a}.value IN {list}))", self.plus, self.r.row_id())
    }

    fn within(&self, cx: &mut Cx<'_>, v: Option<&str>) -> String {
        let (Some(v), Some(f)) = (v, self.r.field()) else { return "1=0".into() };
        match f.ty {
            FieldType::Addr => {
                // Codes are digits; ':' follows '9'.
                let (a, b) = (cx.sql.slot(Param::Text(v.to_owned())), cx.sql.slot(Param::Text(format!("{v}:"))));
                format!("({0} >= {a} AND {0} < {b})", self.read("__code"))
            }
            FieldType::Url => format!("({} = {})", self.read("__host"), cx.sql.slot(Param::Text(v.to_owned()))),
            _ => "1=0".into(),
        }
    }
}

fn decimal(v: &Value) -> Option<Decimal> {
    match v {
        Value::Int(n) => Some(Decimal::from(*n)),
        Value::Dec(d) => Some(*d),
        Value::Money(m) => Some(m.base),
        _ => None,
    }
}

/// The stored number equal to a value, if there is one.
fn exact(f: &FieldDef, v: &Value) -> Option<i64> {
    to_scaled(decimal(v)?, places(f)?)
}

/// The stored number to compare with: a value between two stored numbers is moved to the neighbour that keeps the answer.
fn bound(d: Decimal, places: u32, op: Op) -> i64 {
    use rust_decimal::RoundingStrategy as R;
    let clamp = if d.is_sign_negative() { i64::MIN } else { i64::MAX };
    let up = matches!(op, Op::Lt | Op::Gte);
    let near = d.round_dp_with_strategy(places, if up { R::ToPositiveInfinity } else { R::ToNegativeInfinity });
    to_scaled(near, places).unwrap_or(clamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_between_stored_numbers_keep_the_answer() {
        let d: Decimal = "12.345".parse().unwrap();
        // x < 12.345 ⇔ x < 12.35; x <= 12.345 ⇔ x <= 12.34; x > 12.345 ⇔ x > 12.34; x >= 12.345 ⇔ x >= 12.35
        assert_eq!([Op::Lt, Op::Lte, Op::Gt, Op::Gte].map(|op| bound(d, 2, op)), [1235, 1234, 1234, 1235]);
        let neg: Decimal = "-12.345".parse().unwrap();
        assert_eq!([Op::Lt, Op::Lte, Op::Gt, Op::Gte].map(|op| bound(neg, 2, op)), [-1234, -1235, -1235, -1234]);
        assert_eq!(bound(Decimal::MAX, 4, Op::Lt), i64::MAX);
    }
}
