//! Names and types of a formula.

use super::{
    ast::{Ast, Bin, Part, parse},
    func::{self, Arg},
    node::{Arith, Cmp, Formula, Func, Node, Ty, Unit},
};
use crate::{ExprError, FieldDef, FieldType, Model, ObjectDef, expr::reach, field::ResultType};

pub(super) type Typed = Result<(Node, Ty), ExprError>;

/// What a field is in a formula; `None` for volatile formulas, which other formulas cannot use.
pub(super) fn type_of(ty: &FieldType) -> Option<Ty> {
    Some(match ty {
        FieldType::Text { .. }
        | FieldType::Long
        | FieldType::Rich
        | FieldType::Phone
        | FieldType::Email
        | FieldType::Url
        | FieldType::Auto { .. } => Ty::Text,
        FieldType::Int { .. }
        | FieldType::Dec { .. }
        | FieldType::Money { .. }
        | FieldType::Pct { .. }
        | FieldType::Time
        | FieldType::Duration
        | FieldType::Rating { .. } => Ty::Number,
        FieldType::Bool => Ty::Bool,
        FieldType::Date => Ty::Date,
        FieldType::DateTime => Ty::Instant,
        FieldType::Pick { set } => Ty::Pick(set.clone()),
        FieldType::Multi { set } => Ty::Keys(Some(set.clone())),
        FieldType::Tags => Ty::Keys(None),
        FieldType::Ref { .. } | FieldType::MasterDetail { .. } | FieldType::User | FieldType::Dept => Ty::Id(ty.target()?),
        FieldType::Addr
        | FieldType::Geo
        | FieldType::File
        | FieldType::Img
        | FieldType::Refs { .. }
        | FieldType::Poly { .. }
        | FieldType::Users
        | FieldType::Depts
        | FieldType::Json => Ty::Other,
        FieldType::Calc { volatile: true, .. } => return None,
        FieldType::Roll { result, .. } | FieldType::Calc { result, .. } => match result {
            ResultType::Text => Ty::Text,
            ResultType::Int | ResultType::Dec(_) | ResultType::Money | ResultType::Pct | ResultType::Duration => Ty::Number,
            ResultType::Bool => Ty::Bool,
            ResultType::Date => Ty::Date,
            ResultType::DateTime => Ty::Instant,
        },
    })
}

pub(super) struct Checker<'a> {
    pub model: &'a Model,
    pub object: &'a ObjectDef,
}

pub(super) fn mismatch(a: &Ast, expected: &str, found: &Ty) -> ExprError {
    ExprError::new("expr.type").with("expected", expected).with("found", found.code()).span(a.at, a.len)
}

/// A blank number field counts as 0, also where a choice passes it on.
pub(super) fn zero(n: Node) -> Node {
    match n {
        f @ Node::Field(..) => Node::Zero(Box::new(f)),
        Node::If(c, a, b) => Node::If(c, Box::new(zero(*a)), Box::new(zero(*b))),
        Node::Case(t, x, arms, other) => {
            Node::Case(t, x, arms.into_iter().map(|(k, v)| (k, zero(v))).collect(), Box::new(zero(*other)))
        }
        Node::Coalesce(t, mut v) => {
            if let Some(last) = v.pop() {
                v.push(zero(last));
            }
            Node::Coalesce(t, v)
        }
        n => n,
    }
}

/// The common type of alternatives.
pub(super) fn unify(a: &Ty, b: &Ty) -> Option<Ty> {
    Some(match (a, b) {
        (a, b) if a == b => a.clone(),
        (Ty::Null, x) | (x, Ty::Null) => x.clone(),
        (a, b) if a.is_text() && b.is_text() => Ty::Text,
        _ => return None,
    })
}

fn arith(op: Arith, mut x: Arg<'_>, mut y: Arg<'_>) -> Typed {
    Ok((Node::Arith(op, Box::new(x.number()?), Box::new(y.number()?)), Ty::Number))
}

fn percent(mut x: Arg<'_>) -> Typed {
    let hundred = Node::Number(super::Fix::int(100).expect("a hundred is a number"));
    Ok((Node::Arith(Arith::Div, Box::new(x.number()?), Box::new(hundred)), Ty::Number))
}

impl Checker<'_> {
    fn arg<'a>(&self, a: &'a Ast) -> Result<Arg<'a>, ExprError> {
        let (node, ty) = self.any(a)?;
        Ok(Arg { ast: a, node, ty })
    }
    fn args<'a>(&self, v: &'a [Ast]) -> Result<Vec<Arg<'a>>, ExprError> {
        v.iter().map(|a| self.arg(a)).collect()
    }

    /// Parts with parts are checked from below; the rest happens in functions that go no deeper.
    pub fn any(&self, a: &Ast) -> Typed {
        match &a.part {
            Part::Call(name, v) => func::call(self, a, name, self.args(v)?),
            Part::Concat(v) => func::call(self, a, "CONCAT", self.args(v)?),
            Part::Binary(op, x, y) => self.binary(*op, self.arg(x)?, self.arg(y)?),
            Part::Neg(x) => Ok((Node::Neg(Box::new(self.arg(x)?.number()?)), Ty::Number)),
            Part::Percent(x) => percent(self.arg(x)?),
            _ => self.leaf(a),
        }
    }

    fn leaf(&self, a: &Ast) -> Typed {
        Ok(match &a.part {
            Part::Number(n) => (Node::Number(*n), Ty::Number),
            Part::Text(t) if !t.is_empty() => (Node::Text(t.clone()), Ty::Text),
            Part::Text(_) => (Node::Blank, Ty::Text),
            Part::Bool(b) => (Node::Bool(*b), Ty::Bool),
            Part::Name(n) => {
                let r = reach(self.model, self.object, n).map_err(|e| e.span(a.at, a.len))?;
                let ty = type_of(&r.field.ty).ok_or_else(|| {
                    ExprError::new("expr.not_filterable").with("field", n.as_str()).with("reason", "volatile").span(a.at, a.len)
                })?;
                (Node::Field(r.path, ty.clone()), ty)
            }
            Part::Null | Part::Neg(_) | Part::Percent(_) | Part::Binary(..) | Part::Concat(_) | Part::Call(..) => {
                (Node::Blank, Ty::Null)
            }
        })
    }

    fn binary(&self, op: Bin, x: Arg<'_>, y: Arg<'_>) -> Typed {
        match op {
            Bin::Add => arith(Arith::Add, x, y),
            Bin::Sub => arith(Arith::Sub, x, y),
            Bin::Mul => arith(Arith::Mul, x, y),
            Bin::Div => arith(Arith::Div, x, y),
            Bin::Eq => self.compare(Cmp::Eq, x, y),
            Bin::Ne => self.compare(Cmp::Ne, x, y),
            Bin::Lt => self.compare(Cmp::Lt, x, y),
            Bin::Lte => self.compare(Cmp::Lte, x, y),
            Bin::Gt => self.compare(Cmp::Gt, x, y),
            Bin::Gte => self.compare(Cmp::Gte, x, y),
        }
    }

    fn compare(&self, op: Cmp, mut x: Arg<'_>, mut y: Arg<'_>) -> Typed {
        x.literal_date(&y.ty)?;
        y.literal_date(&x.ty)?;
        self.known_option(&y.ty, x.ast)?;
        self.known_option(&x.ty, y.ast)?;
        let t = unify(&x.ty, &y.ty).ok_or_else(|| mismatch(y.ast, x.ty.code(), &y.ty))?;
        let (mut a, mut b) = (x.node, y.node);
        let ordered = !matches!(op, Cmp::Eq | Cmp::Ne);
        match &t {
            Ty::Number => (a, b) = (zero(a), zero(b)),
            Ty::Bool => {
                let never_blank = |n| if n == Node::Blank { Node::Bool(false) } else { n };
                (a, b) = (never_blank(a), never_blank(b));
                if ordered {
                    return Err(mismatch(x.ast, "number", &t));
                }
            }
            Ty::Id(_) | Ty::Pick(_) if ordered => return Err(mismatch(x.ast, "number", &t)),
            Ty::Keys(_) | Ty::Other => return Err(mismatch(x.ast, "single_value", &t)),
            Ty::Null => return Ok((Node::Bool(matches!(op, Cmp::Eq)), Ty::Bool)),
            Ty::Text | Ty::Pick(_) | Ty::Id(_) | Ty::Date | Ty::Instant => {}
        }
        Ok((Node::Compare(op, t, Box::new(a), Box::new(b)), Ty::Bool))
    }

    /// A literal beside an option must be one of its keys.
    pub fn known_option(&self, t: &Ty, literal: &Ast) -> Result<(), ExprError> {
        if let (Ty::Pick(set) | Ty::Keys(Some(set)), Part::Text(key)) = (t, &literal.part)
            && !key.is_empty()
            && let Some(p) = self.model.picklist(set)
            && p.value(key).is_none()
        {
            let mut e = ExprError::new("expr.value")
                .with("code", "value.type")
                .with("reason", "unknown_option")
                .with("value", key.as_str())
                .with("set", set.as_str());
            if let Some(near) = crate::expr::nearest(key, p.values.iter().map(|v| v.key.as_str())) {
                e = e.with("near", near);
            }
            return Err(e.span(literal.at, literal.len));
        }
        Ok(())
    }
}

/// The function of a node that is evaluated in memory only, because no database gives exactly the same answer: patterns (each
/// engine has its own dialect), workdays (they need the holiday calendar), rates, and months added to an instant (local times
/// that do not exist or exist twice). Everything else is compiled for both databases.
const fn memory_only(n: &Node) -> Option<&'static str> {
    match n {
        Node::Regex(..) => Some("REGEX"),
        Node::DateAdd(true, _, _, Unit::Month | Unit::Quarter | Unit::Year) => Some("DATEADD"),
        Node::Call(f, _) => match f {
            Func::Workdays => Some("WORKDAYS"),
            Func::Convert => Some("CONVERT"),
            Func::Round
            | Func::Floor
            | Func::Ceil
            | Func::Abs
            | Func::Min
            | Func::Max
            | Func::Left
            | Func::Right
            | Func::Mid
            | Func::Len
            | Func::Upper
            | Func::Lower
            | Func::Trim
            | Func::Contains
            | Func::Starts
            | Func::NumberText
            | Func::FixedText
            | Func::Value
            | Func::Date
            | Func::DateOf
            | Func::Year
            | Func::Month
            | Func::Day => None,
        },
        Node::Number(_)
        | Node::Text(_)
        | Node::Bool(_)
        | Node::Date(_)
        | Node::Blank
        | Node::Field(..)
        | Node::Zero(_)
        | Node::Neg(_)
        | Node::Arith(..)
        | Node::Compare(..)
        | Node::And(_)
        | Node::Or(_)
        | Node::Not(_)
        | Node::If(..)
        | Node::Case(..)
        | Node::Coalesce(..)
        | Node::IsBlank(..)
        | Node::Concat(_)
        | Node::InSet(..)
        | Node::Label(..)
        | Node::DateAdd(..)
        | Node::DateDiff(..)
        | Node::Format(..)
        | Node::Today
        | Node::Now
        | Node::User => None,
    }
}

/// Reads a formula over an object.
///
/// # Errors
/// The first fault with its place.
pub fn check(source: &str, model: &Model, object: &ObjectDef) -> Result<Formula, ExprError> {
    let ast = parse(source)?;
    let (root, ty) = Checker { model, object }.any(&ast)?;
    let (mut volatile, mut only) = (false, None);
    root.walk(&mut |n| {
        volatile |= matches!(n, Node::Today | Node::Now | Node::User | Node::Call(Func::Convert, _));
        only = only.or(memory_only(n));
    });
    Ok(Formula { source: source.to_owned(), root, ty, volatile, memory_only: only })
}

/// A formula computed when read that no database computes ([`Formula::memory_only`]): nothing can be filtered, sorted or grouped
/// by it.
#[must_use]
pub fn in_memory(field: &FieldDef, model: &Model, object: &ObjectDef) -> bool {
    match &field.ty {
        FieldType::Calc { formula, volatile: true, .. } => {
            check_field(formula, field, model, object).map_or(true, |f| f.memory_only.is_some())
        }
        _ => false,
    }
}

/// Reads a formula that has to be true or false (`required_if`, gates, automation).
///
/// # Errors
/// As [`check`], and `expr.type` when it is something else.
pub fn check_condition(source: &str, model: &Model, object: &ObjectDef) -> Result<Formula, ExprError> {
    let f = check(source, model, object)?;
    if f.ty == Ty::Bool { Ok(f) } else { Err(ExprError::new("expr.type").with("expected", "boolean").with("found", f.ty.code())) }
}

/// The type a result has to have; nothing for types a formula cannot make.
fn wanted(ty: &FieldType) -> Option<Ty> {
    match ty {
        FieldType::Calc { result, .. } => match result {
            ResultType::Text => Some(Ty::Text),
            ResultType::Int | ResultType::Dec(_) | ResultType::Money | ResultType::Pct | ResultType::Duration => Some(Ty::Number),
            ResultType::Bool => Some(Ty::Bool),
            ResultType::Date => Some(Ty::Date),
            ResultType::DateTime => Some(Ty::Instant),
        },
        ty => type_of(ty).filter(|t| !matches!(t, Ty::Keys(_) | Ty::Other)),
    }
}

/// Reads the formula of a computed field, or the default of a field, and sees that its result fits the field.
///
/// # Errors
/// As [`check`], and `expr.type` when the result does not fit.
pub fn check_field(source: &str, field: &FieldDef, model: &Model, object: &ObjectDef) -> Result<Formula, ExprError> {
    let f = check(source, model, object)?;
    let want = wanted(&field.ty)
        .ok_or_else(|| ExprError::new("expr.type").with("expected", field.ty.code()).with("found", f.ty.code()))?;
    let fits = match (&want, &f.ty) {
        (_, Ty::Null) => true,
        (a, b) if a == b => true,
        (Ty::Text, Ty::Pick(_)) => true,
        // A default that is not a literal key is judged when it is used.
        (Ty::Pick(_), Ty::Text) => !matches!(field.ty, FieldType::Calc { .. }),
        _ => false,
    };
    if fits { Ok(f) } else { Err(ExprError::new("expr.type").with("expected", want.code()).with("found", f.ty.code())) }
}
