//! Checked filters back to their written forms.

use serde_json::{Value as Json, json};

use super::draft::{Draft, DraftValue, named_rel, rel_word};
use crate::{
    Value,
    codec::{decimal_text, format_date},
    expr::{Place, written},
    query::{Filter, Op, Operand, Rel},
};

fn json(v: &Value) -> Json {
    match v {
        Value::Null | Value::Addr(_) | Value::Geo(_) => Json::Null,
        Value::Bool(b) => json!(b),
        Value::Int(n) => json!(n),
        Value::Dec(d) => json!(decimal_text(*d, 0)),
        Value::Text(t) => json!(t.as_str()),
        Value::Date(d) => json!(format_date(*d)),
        Value::DateTime(t) => json!(t.rfc3339()),
        Value::Id(i) => json!(i.to_string()),
        Value::Ids(v) => v.iter().map(ToString::to_string).collect(),
        Value::Keys(v) => v.iter().map(|k| k.to_string()).collect(),
        Value::Ref(r) => json!({"object": r.object.as_str(), "id": r.id.to_string()}),
        Value::Money(m) => json!({"amount": decimal_text(m.amount, 0), "currency": m.currency.as_str()}),
        Value::Phone(p) => json!(p.e164.as_deref().unwrap_or(&p.raw)),
        Value::Json(j) => (**j).clone(),
    }
}

/// The draft a checked filter could have come from.
#[must_use]
pub fn to_draft(f: &Filter) -> Draft {
    match f {
        Filter::True => Draft::And(vec![]),
        Filter::And(v) => Draft::And(v.iter().map(to_draft).collect()),
        Filter::Or(v) => Draft::Or(v.iter().map(to_draft).collect()),
        Filter::Not(f) => Draft::Not(Box::new(to_draft(f))),
        Filter::Cmp { path, op, operand } => Draft::Cmp {
            field: written(path),
            op: *op,
            value: match operand {
                Operand::None => DraftValue::None,
                Operand::One(v) => DraftValue::Json(json(v)),
                Operand::Many(v) if *op == Op::Within => v.first().map_or(DraftValue::None, |v| DraftValue::Json(json(v))),
                Operand::Many(v) => DraftValue::List(v.iter().map(|v| DraftValue::Json(json(v))).collect()),
                Operand::Rel(r) => DraftValue::Rel(r.clone()),
                Operand::Field(p) => DraftValue::Field(written(p)),
            },
            place: Place::Pointer(String::new()),
        },
    }
}

/// The JSON form of a checked filter.
#[must_use]
pub fn to_json(f: &Filter) -> Json {
    to_draft(f).to_json()
}

/// The text form of a checked filter. `None` when it has a value the text form has no words for (money in a currency, a
/// reference with its object, an empty group).
#[must_use]
pub fn to_text(f: &Filter) -> Option<String> {
    to_draft(f).to_text()
}

/// A word that the lexer gives back as it is and that means nothing else.
fn bare(s: &str) -> bool {
    let plain = !s.is_empty() && s.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':'));
    let lower = s.to_ascii_lowercase();
    let taken = matches!(lower.as_str(), "and" | "or" | "not" | "true" | "false" | "with" | "last_days" | "next_days")
        || named_rel(&lower).is_some();
    plain && !taken
}

fn scalar(j: &Json) -> Option<String> {
    Some(match j {
        Json::String(s) if bare(s) => s.clone(),
        Json::String(s) => format!("\"{}\"", s.replace('"', "\"\"")),
        Json::Number(n) => n.to_string(),
        Json::Bool(b) => b.to_string(),
        Json::Null | Json::Array(_) | Json::Object(_) => return None,
    })
}

impl DraftValue {
    fn to_text(&self) -> Option<String> {
        Some(match self {
            Self::None => String::new(),
            Self::Json(j) => scalar(j)?,
            Self::Rel(r @ (Rel::LastDays(n) | Rel::NextDays(n))) => format!("{}({n})", rel_word(r)),
            Self::Rel(r) => rel_word(r),
            Self::Field(f) => format!("@{f}"),
            Self::List(v) => format!("({})", v.iter().map(Self::to_text).collect::<Option<Vec<_>>>()?.join(", ")),
        })
    }
}

impl Draft {
    /// Writes the text form; `None` when there are no words for a part of it.
    #[must_use]
    pub fn to_text(&self) -> Option<String> {
        match self {
            Self::And(v) if v.is_empty() => Some(String::new()),
            f => f.part(),
        }
    }

    fn part(&self) -> Option<String> {
        let group = |v: &[Self], word: &str| {
            // A group of one or none has no words.
            if v.len() < 2 {
                return None;
            }
            let parts: Option<Vec<String>> = v
                .iter()
                .map(|f| if matches!(f, Self::Cmp { .. } | Self::Not(_)) { f.part() } else { Some(format!("({})", f.part()?)) })
                .collect();
            Some(parts?.join(word))
        };
        match self {
            Self::And(v) => group(v, " and "),
            Self::Or(v) => group(v, " or "),
            Self::Not(f) if matches!(**f, Self::Cmp { .. } | Self::Not(_)) => Some(format!("not {}", f.part()?)),
            Self::Not(f) => Some(format!("not ({})", f.part()?)),
            Self::Cmp { field, op, value, .. } => {
                let v = value.to_text()?;
                Some(match (op, value) {
                    (Op::IsEmpty, _) => format!("{field} is empty"),
                    (Op::NotEmpty, _) => format!("{field} is not empty"),
                    (Op::Between, DraftValue::List(two)) => match two.as_slice() {
                        [a, b] => format!("{field} between {} and {}", a.to_text()?, b.to_text()?),
                        _ => return None,
                    },
                    (Op::Eq, _) => format!("{field} = {v}"),
                    (Op::Ne, _) => format!("{field} != {v}"),
                    (Op::Lt, _) => format!("{field} < {v}"),
                    (Op::Lte, _) => format!("{field} <= {v}"),
                    (Op::Gt, _) => format!("{field} > {v}"),
                    (Op::Gte, _) => format!("{field} >= {v}"),
                    (Op::Nin, _) => format!("{field} not in {v}"),
                    (Op::In, _) => format!("{field} in {v}"),
                    (Op::Any, _) => format!("{field} any {v}"),
                    (Op::All, _) => format!("{field} all {v}"),
                    (Op::None, _) => format!("{field} none {v}"),
                    (Op::Contains, _) => format!("{field} contains {v}"),
                    (Op::Starts, _) => format!("{field} starts {v}"),
                    (Op::Within, _) => format!("{field} within {v}"),
                    (Op::Between, _) => return None,
                })
            }
        }
    }
}
