//! A filter as written, before it is checked: what the JSON and the text form have in common.

use serde_json::{Map, Value as Json, json};

use super::{MAX_DEPTH, MAX_NODES, MAX_VALUES};
use crate::{
    ExprError,
    expr::Place,
    query::{Op, Rel},
};

/// The right-hand side as written.
#[derive(Debug, Clone, PartialEq)]
pub enum DraftValue {
    /// Nothing.
    None,
    /// A JSON value; for the text form a string, number or boolean.
    Json(Json),
    /// Relative.
    Rel(Rel),
    /// Another field.
    Field(String),
    /// Several.
    List(Vec<DraftValue>),
}

/// An unchecked filter.
#[derive(Debug, Clone, PartialEq)]
pub enum Draft {
    /// All of; of nothing: always true.
    And(Vec<Draft>),
    /// Any of.
    Or(Vec<Draft>),
    /// Not.
    Not(Box<Draft>),
    /// A comparison.
    Cmp {
        /// Written path.
        field: String,
        /// Operator.
        op: Op,
        /// Right-hand side.
        value: DraftValue,
        /// Where it was written.
        place: Place,
    },
}

impl Draft {
    /// Compares without the places.
    #[must_use]
    pub fn same_as(&self, o: &Self) -> bool {
        match (self, o) {
            (Self::And(a), Self::And(b)) | (Self::Or(a), Self::Or(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same_as(b))
            }
            (Self::Not(a), Self::Not(b)) => a.same_as(b),
            (Self::Cmp { field: f, op: o, value: v, .. }, Self::Cmp { field: f2, op: o2, value: v2, .. }) => {
                f == f2 && o == o2 && v == v2
            }
            _ => false,
        }
    }
}

/// Counts parts and depth while a draft is read.
pub(super) struct Budget {
    nodes: usize,
}

impl Budget {
    pub fn new() -> Self {
        Self { nodes: 0 }
    }
    pub fn node(&mut self, depth: usize) -> Result<(), ExprError> {
        if depth > MAX_DEPTH {
            return Err(ExprError::new("expr.too_deep").with("max", MAX_DEPTH));
        }
        self.nodes += 1;
        if self.nodes > MAX_NODES { Err(ExprError::new("expr.too_large").with("max", MAX_NODES)) } else { Ok(()) }
    }
}

fn kind(j: &Json) -> &'static str {
    match j {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(_) => "number",
        Json::String(_) => "text",
        Json::Array(_) => "list",
        Json::Object(_) => "object",
    }
}

fn at(p: &str) -> Place {
    Place::Pointer(p.to_owned())
}

pub(super) fn op_of(s: &str) -> Option<Op> {
    serde_json::from_value(Json::from(s)).ok()
}

/// `{"rel":"this_month"}`, `{"rel":"last_days","n":7}`.
fn rel(o: &Map<String, Json>) -> Result<Rel, ExprError> {
    let name = o.get("rel").and_then(Json::as_str).unwrap_or("");
    let n = || {
        o.get("n")
            .and_then(Json::as_u64)
            .filter(|n| (1..=3660).contains(n))
            .and_then(|n| u32::try_from(n).ok())
            .ok_or_else(|| ExprError::unlike("days_1_to_3660", o.get("n").map_or("nothing", kind)))
    };
    Ok(match name {
        "last_days" => Rel::LastDays(n()?),
        "next_days" => Rel::NextDays(n()?),
        name => named_rel(name).ok_or_else(|| ExprError::syntax("relative_value", &name.chars().take(60).collect::<String>()))?,
    })
}

/// Relative values that are one word.
pub(super) fn named_rel(s: &str) -> Option<Rel> {
    Some(match s {
        "me" => Rel::Me,
        "my_reports" => Rel::MyReports,
        "my_dept" => Rel::MyDept,
        "my_dept_tree" => Rel::MyDeptTree,
        s => Rel::Period(serde_json::from_value(Json::from(s)).ok()?),
    })
}

fn value(j: &Json, op: Op, pointer: &str) -> Result<DraftValue, ExprError> {
    Ok(match j {
        Json::Object(o) if o.contains_key("rel") => DraftValue::Rel(rel(o).map_err(|e| e.at(at(pointer)))?),
        Json::Object(o) if o.len() == 1 && o.contains_key("field") => DraftValue::Field(
            o["field"].as_str().ok_or_else(|| ExprError::unlike("text", kind(&o["field"])).at(at(pointer)))?.to_owned(),
        ),
        Json::Array(a) if matches!(op, Op::Between | Op::In | Op::Nin | Op::Any | Op::All | Op::None) => {
            if a.len() > MAX_VALUES {
                return Err(ExprError::new("expr.too_large").with("max", MAX_VALUES).at(at(pointer)));
            }
            let each = |(i, j): (usize, &Json)| match j {
                Json::Array(_) => Err(ExprError::unlike("value", "list").at(Place::Pointer(format!("{pointer}/{i}")))),
                j => value(j, Op::Eq, &format!("{pointer}/{i}")),
            };
            DraftValue::List(a.iter().enumerate().map(each).collect::<Result<_, _>>()?)
        }
        j => DraftValue::Json(j.clone()),
    })
}

impl Draft {
    /// Reads the JSON form.
    ///
    /// # Errors
    /// `expr.syntax`, `expr.too_deep`, `expr.too_large`, each with a pointer.
    pub fn from_json(j: &Json) -> Result<Self, ExprError> {
        Self::read(j, "", 1, &mut Budget::new())
    }

    fn read(j: &Json, pointer: &str, depth: usize, budget: &mut Budget) -> Result<Self, ExprError> {
        let fault = |e: ExprError| e.at(at(pointer));
        budget.node(depth).map_err(fault)?;
        let o = j.as_object().ok_or_else(|| fault(ExprError::unlike("object", kind(j))))?;
        if o.is_empty() {
            return Ok(Self::And(vec![]));
        }
        if let (1, Some((key, inner))) = (o.len(), o.iter().next()) {
            let below = format!("{pointer}/{key}");
            let list = |budget: &mut Budget| {
                let a = inner.as_array().ok_or_else(|| ExprError::unlike("list", kind(inner)).at(at(&below)))?;
                a.iter()
                    .enumerate()
                    .map(|(i, j)| Self::read(j, &format!("{below}/{i}"), depth + 1, budget))
                    .collect::<Result<Vec<_>, _>>()
            };
            match key.as_str() {
                "and" => return Ok(Self::And(list(budget)?)),
                "or" => return Ok(Self::Or(list(budget)?)),
                "not" => return Ok(Self::Not(Box::new(Self::read(inner, &below, depth + 1, budget)?))),
                _ => {}
            }
        }
        if let Some(k) = o.keys().find(|k| !matches!(k.as_str(), "field" | "op" | "value")) {
            return Err(fault(ExprError::syntax("field_op_value", &k.chars().take(60).collect::<String>())));
        }
        let part = |k: &'static str| {
            o.get(k).and_then(Json::as_str).ok_or_else(|| fault(ExprError::unlike(k, o.get(k).map_or("nothing", kind))))
        };
        let (field, op) = (part("field")?, part("op")?);
        let op = op_of(op).ok_or_else(|| {
            ExprError::syntax("operator", &op.chars().take(60).collect::<String>()).at(Place::Pointer(format!("{pointer}/op")))
        })?;
        let written = match (op, o.get("value")) {
            (Op::IsEmpty | Op::NotEmpty, None | Some(Json::Null | Json::Bool(true))) => DraftValue::None,
            (Op::IsEmpty | Op::NotEmpty, Some(v)) => return Err(fault(ExprError::unlike("nothing", kind(v)))),
            (_, None) => return Err(fault(ExprError::unlike("value", "nothing"))),
            (op, Some(v)) => value(v, op, &format!("{pointer}/value"))?,
        };
        Ok(Self::Cmp { field: field.to_owned(), op, value: written, place: at(pointer) })
    }

    /// Writes the JSON form.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::And(v) if v.is_empty() => json!({}),
            Self::And(v) => json!({"and": v.iter().map(Self::to_json).collect::<Vec<_>>()}),
            Self::Or(v) => json!({"or": v.iter().map(Self::to_json).collect::<Vec<_>>()}),
            Self::Not(f) => json!({"not": f.to_json()}),
            Self::Cmp { field, op, value, .. } => match value {
                DraftValue::None => json!({"field": field, "op": op}),
                v => json!({"field": field, "op": op, "value": v.to_json()}),
            },
        }
    }
}

/// The word of a relative value without its number of days.
pub(super) fn rel_word(r: &Rel) -> String {
    match r {
        Rel::Period(p) => serde_json::to_value(p).ok().and_then(|j| j.as_str().map(str::to_owned)).unwrap_or_default(),
        Rel::Me => "me".into(),
        Rel::MyReports => "my_reports".into(),
        Rel::MyDept => "my_dept".into(),
        Rel::MyDeptTree => "my_dept_tree".into(),
        Rel::LastDays(_) => "last_days".into(),
        Rel::NextDays(_) => "next_days".into(),
    }
}

impl DraftValue {
    fn to_json(&self) -> Json {
        match self {
            Self::None => Json::Null,
            Self::Json(j) => j.clone(),
            Self::Rel(r @ (Rel::LastDays(n) | Rel::NextDays(n))) => json!({"rel": rel_word(r), "n": n}),
            Self::Rel(r) => json!({"rel": rel_word(r)}),
            Self::Field(f) => json!({"field": f}),
            Self::List(v) => v.iter().map(Self::to_json).collect(),
        }
    }
}
