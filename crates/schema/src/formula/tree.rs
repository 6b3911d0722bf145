//! A checked formula as the page reads it, so that a form answers while somebody types.
//!
//! A node is a JSON array: its name, then its parts. Numbers are texts, so that none is rounded on the way. The page's evaluator
//! (`web/src/fields/conditions`) is held equal to this crate's by `vectors.json`.

use serde_json::{Value as Json, json};

use super::node::{Arith, Cmp, Formula, Func, Node, Unit};
use crate::system::RecordField;

/// The tree of a formula; `None` when it uses what only the server can answer: fields of other records, labels, patterns, local
/// times, workdays and rates.
#[must_use]
pub fn tree(f: &Formula) -> Option<Json> {
    node(&f.root)
}

fn all(name: &str, parts: &[Node]) -> Option<Json> {
    let mut out = Vec::with_capacity(parts.len() + 1);
    out.push(name.into());
    for p in parts {
        out.push(node(p)?);
    }
    Some(Json::Array(out))
}

fn node(n: &Node) -> Option<Json> {
    Some(match n {
        Node::Number(f) => json!(["number", f.to_string()]),
        Node::Text(t) => json!(["text", t]),
        Node::Bool(b) => json!(["bool", b]),
        Node::Date(d) => json!(["date", d.to_string()]),
        Node::Blank => json!(["blank"]),
        Node::Field(p, _) if !p.hops.is_empty() || RecordField::parse(&p.field).is_some() => return None,
        Node::Field(p, ty) => json!(["field", p.field, ty.code()]),
        Node::Zero(a) => json!(["zero", node(a)?]),
        Node::Neg(a) => json!(["neg", node(a)?]),
        Node::Arith(op, a, b) => json!([arith(*op), node(a)?, node(b)?]),
        Node::Compare(op, ty, a, b) => json!([cmp(*op), ty.is_text(), node(a)?, node(b)?]),
        Node::And(v) => all("and", v)?,
        Node::Or(v) => all("or", v)?,
        Node::Not(a) => json!(["not", node(a)?]),
        Node::If(c, a, b) => json!(["if", node(c)?, node(a)?, node(b)?]),
        Node::Case(_, x, arms, other) => {
            let arms = arms.iter().map(|(k, v)| Some(json!([node(k)?, node(v)?]))).collect::<Option<Vec<_>>>()?;
            json!(["case", node(x)?, arms, node(other)?])
        }
        Node::Coalesce(_, v) => all("coalesce", v)?,
        Node::IsBlank(_, a) => json!(["isblank", node(a)?]),
        Node::Concat(v) => all("concat", v)?,
        Node::InSet(_, x, v) => {
            let values = v.iter().map(node).collect::<Option<Vec<_>>>()?;
            json!(["inset", node(x)?, values])
        }
        Node::Label(..) | Node::Regex(..) | Node::Format(..) | Node::DateAdd(true, ..) => return None,
        Node::DateAdd(false, a, n, u) => json!(["dateadd", unit(*u), node(a)?, node(n)?]),
        Node::DateDiff(instant, a, b, u) => {
            json!([if *instant { "timediff" } else { "datediff" }, unit(*u), node(a)?, node(b)?])
        }
        Node::Call(f, v) => all(function(*f)?, v)?,
        Node::Today => json!(["today"]),
        Node::Now => json!(["now"]),
        Node::User => json!(["user"]),
    })
}

const fn arith(op: Arith) -> &'static str {
    match op {
        Arith::Add => "add",
        Arith::Sub => "sub",
        Arith::Mul => "mul",
        Arith::Div => "div",
        Arith::Mod => "mod",
    }
}

const fn cmp(op: Cmp) -> &'static str {
    match op {
        Cmp::Eq => "eq",
        Cmp::Ne => "ne",
        Cmp::Lt => "lt",
        Cmp::Lte => "lte",
        Cmp::Gt => "gt",
        Cmp::Gte => "gte",
    }
}

const fn unit(u: Unit) -> &'static str {
    match u {
        Unit::Second => "second",
        Unit::Minute => "minute",
        Unit::Hour => "hour",
        Unit::Day => "day",
        Unit::Week => "week",
        Unit::Month => "month",
        Unit::Quarter => "quarter",
        Unit::Year => "year",
    }
}

const fn function(f: Func) -> Option<&'static str> {
    Some(match f {
        Func::Round => "round",
        Func::Floor => "floor",
        Func::Ceil => "ceil",
        Func::Abs => "abs",
        Func::Min => "min",
        Func::Max => "max",
        Func::Left => "left",
        Func::Right => "right",
        Func::Mid => "mid",
        Func::Len => "len",
        Func::Lower => "lower",
        Func::Trim => "trim",
        Func::Contains => "contains",
        Func::Starts => "starts",
        Func::NumberText => "numbertext",
        Func::FixedText => "fixedtext",
        Func::Value => "value",
        Func::Date => "datefrom",
        Func::DateOf => "dateof",
        Func::Year => "year",
        Func::Month => "month",
        Func::Day => "day",
        // The product's own capitals, and what changes with settings.
        Func::Upper | Func::Workdays | Func::Convert => return None,
    })
}
