//! The functions: how many arguments of which types, and what they become.

use super::{
    ast::{Ast, Part},
    check::{Checker, Typed, mismatch, unify, zero},
    fix::{Fix, PLACES},
    node::{Arith, Func, Node, Piece, Ty, Unit},
};
use crate::{ExprError, Locale, ObjectName, codec::parse_date};

/// Name, fewest and most arguments.
const FUNCTIONS: &[(&str, usize, usize)] = &[
    ("IF", 2, 3),
    ("CASE", 3, 200),
    ("AND", 1, 200),
    ("OR", 1, 200),
    ("NOT", 1, 1),
    ("ISBLANK", 1, 1),
    ("COALESCE", 1, 50),
    ("ROUND", 1, 2),
    ("FLOOR", 1, 1),
    ("CEIL", 1, 1),
    ("ABS", 1, 1),
    ("MIN", 1, 50),
    ("MAX", 1, 50),
    ("MOD", 2, 2),
    ("CONCAT", 1, 200),
    ("LEFT", 1, 2),
    ("RIGHT", 1, 2),
    ("MID", 3, 3),
    ("LEN", 1, 1),
    ("UPPER", 1, 1),
    ("LOWER", 1, 1),
    ("TRIM", 1, 1),
    ("CONTAINS", 2, 2),
    ("STARTS", 2, 2),
    ("REGEX", 2, 2),
    ("TEXT", 1, 2),
    ("VALUE", 1, 1),
    ("TODAY", 0, 0),
    ("NOW", 0, 0),
    ("USER", 0, 0),
    ("DATE", 1, 3),
    ("YEAR", 1, 1),
    ("MONTH", 1, 1),
    ("DAY", 1, 1),
    ("DATEADD", 3, 3),
    ("DATEDIFF", 2, 3),
    ("WORKDAYS", 2, 2),
    ("LABEL", 1, 2),
    ("INSET", 2, 200),
    ("CONVERT", 3, 3),
];

fn b(n: Node) -> Box<Node> {
    Box::new(n)
}

fn literal<'a>(a: &'a Ast, expected: &str) -> Result<&'a str, ExprError> {
    match &a.part {
        Part::Text(t) => Ok(t),
        _ => Err(ExprError::new("expr.type").with("expected", expected).with("found", "expression").span(a.at, a.len)),
    }
}

fn unit(a: &Ast) -> Result<Unit, ExprError> {
    Unit::parse(literal(a, "unit")?)
        .ok_or_else(|| ExprError::new("expr.type").with("expected", "unit").with("found", "text").span(a.at, a.len))
}

/// A checked argument.
pub(super) struct Arg<'a> {
    pub ast: &'a Ast,
    pub node: Node,
    pub ty: Ty,
}

impl Arg<'_> {
    fn take(&mut self) -> Node {
        std::mem::replace(&mut self.node, Node::Blank)
    }
    fn wrong(&self, expected: &str) -> ExprError {
        mismatch(self.ast, expected, &self.ty)
    }
    /// A number that may be blank.
    pub fn plain_number(&mut self) -> Result<Node, ExprError> {
        if matches!(self.ty, Ty::Number | Ty::Null) { Ok(self.take()) } else { Err(self.wrong("number")) }
    }
    /// A number whose blank fields count as 0.
    pub fn number(&mut self) -> Result<Node, ExprError> {
        self.plain_number().map(zero)
    }
    pub fn text(&mut self) -> Result<Node, ExprError> {
        if self.ty.is_text() || self.ty == Ty::Null { Ok(self.take()) } else { Err(self.wrong("text")) }
    }
    pub fn condition(&mut self) -> Result<Node, ExprError> {
        match self.ty {
            Ty::Bool => Ok(self.take()),
            Ty::Null => Ok(Node::Bool(false)),
            _ => Err(self.wrong("boolean")),
        }
    }
    /// What may be joined to a text: texts, and numbers in their shortest form.
    pub fn joined(&mut self) -> Result<Node, ExprError> {
        if self.ty == Ty::Number { Ok(Node::Call(Func::NumberText, vec![self.take()])) } else { self.text() }
    }
    /// A day, or the day of an instant.
    fn day(&mut self) -> Result<Node, ExprError> {
        self.literal_date(&Ty::Date)?;
        match self.ty {
            Ty::Date | Ty::Null => Ok(self.take()),
            Ty::Instant => Ok(Node::Call(Func::DateOf, vec![self.take()])),
            _ => Err(self.wrong("date")),
        }
    }
    fn instant(&mut self) -> Result<Node, ExprError> {
        if self.ty == Ty::Instant { Ok(self.take()) } else { Err(self.wrong("date_time")) }
    }
    /// `close_on > '2026-01-01'`: a text literal beside a date is a date.
    pub fn literal_date(&mut self, other: &Ty) -> Result<(), ExprError> {
        if let (Part::Text(s), Ty::Date) = (&self.ast.part, other) {
            let d = parse_date(s).filter(|d| super::in_range(*d)).ok_or_else(|| self.wrong("date"))?;
            (self.node, self.ty) = (Node::Date(d), Ty::Date);
        }
        Ok(())
    }
    fn single(&self) -> Result<(), ExprError> {
        if matches!(self.ty, Ty::Keys(_) | Ty::Other) { Err(self.wrong("single_value")) } else { Ok(()) }
    }
}

/// A call whose arguments are checked already: nothing in here goes deeper, so nesting costs little stack.
pub(super) fn call(c: &Checker<'_>, at: &Ast, name: &str, mut args: Vec<Arg<'_>>) -> Typed {
    let Some((_, min, max)) = FUNCTIONS.iter().find(|(n, ..)| *n == name) else {
        let mut e = ExprError::new("expr.unknown_function").with("name", name.chars().take(60).collect::<String>());
        if let Some(near) = crate::expr::nearest(name, FUNCTIONS.iter().map(|f| f.0)) {
            e = e.with("near", near);
        }
        return Err(e.span(at.at, name.chars().count()));
    };
    if !(*min..=*max).contains(&args.len()) || (name == "DATE" && args.len() == 2) {
        return Err(ExprError::new("expr.arguments")
            .with("function", name)
            .with("min", *min)
            .with("max", *max)
            .with("found", args.len())
            .span(at.at, at.len));
    }
    match name {
        "IF" | "CASE" | "AND" | "OR" | "NOT" | "ISBLANK" | "COALESCE" | "MIN" | "MAX" | "INSET" => choice(c, name, args),
        "TODAY" => Ok((Node::Today, Ty::Date)),
        "NOW" => Ok((Node::Now, Ty::Instant)),
        "USER" => Ok((Node::User, Ty::Id(ObjectName::lit("user")))),
        "DATE" | "YEAR" | "MONTH" | "DAY" | "DATEADD" | "DATEDIFF" | "WORKDAYS" => dates(name, &mut args),
        "LABEL" | "CONVERT" | "REGEX" | "TEXT" => special(name, &mut args),
        _ => plain(name, &mut args),
    }
}

/// Functions of numbers and texts.
fn plain(name: &str, args: &mut [Arg<'_>]) -> Typed {
    let last = args.len() - 1;
    let (func, ty) = match name {
        "ROUND" => {
            let places = if last == 0 { Node::Number(Fix::ZERO) } else { args[1].number()? };
            return Ok((Node::Call(Func::Round, vec![args[0].plain_number()?, places]), Ty::Number));
        }
        "MOD" => return Ok((Node::Arith(Arith::Mod, b(args[0].number()?), b(args[1].number()?)), Ty::Number)),
        "CONCAT" => return Ok((Node::Concat(args.iter_mut().map(Arg::joined).collect::<Result<_, _>>()?), Ty::Text)),
        "LEFT" | "RIGHT" => {
            let n = if last == 0 { Node::Number(Fix::int(1).unwrap_or_default()) } else { args[1].number()? };
            return Ok((Node::Call(if name == "LEFT" { Func::Left } else { Func::Right }, vec![args[0].text()?, n]), Ty::Text));
        }
        "MID" => return Ok((Node::Call(Func::Mid, vec![args[0].text()?, args[1].number()?, args[2].number()?]), Ty::Text)),
        "FLOOR" | "CEIL" | "ABS" => {
            let f = match name {
                "FLOOR" => Func::Floor,
                "CEIL" => Func::Ceil,
                _ => Func::Abs,
            };
            return Ok((Node::Call(f, vec![args[0].plain_number()?]), Ty::Number));
        }
        "LEN" => (Func::Len, Ty::Number),
        "UPPER" => (Func::Upper, Ty::Text),
        "LOWER" => (Func::Lower, Ty::Text),
        "TRIM" => (Func::Trim, Ty::Text),
        "CONTAINS" => (Func::Contains, Ty::Bool),
        "STARTS" => (Func::Starts, Ty::Bool),
        _ => (Func::Value, Ty::Number),
    };
    Ok((Node::Call(func, args.iter_mut().map(Arg::text).collect::<Result<_, _>>()?), ty))
}

fn dates(name: &str, args: &mut [Arg<'_>]) -> Typed {
    Ok(match name {
        "DATE" if args.len() == 1 => (args[0].day()?, Ty::Date),
        "DATE" => (Node::Call(Func::Date, args.iter_mut().map(Arg::plain_number).collect::<Result<_, _>>()?), Ty::Date),
        "YEAR" => (Node::Call(Func::Year, vec![args[0].day()?]), Ty::Number),
        "MONTH" => (Node::Call(Func::Month, vec![args[0].day()?]), Ty::Number),
        "DAY" => (Node::Call(Func::Day, vec![args[0].day()?]), Ty::Number),
        "DATEADD" => {
            let u = unit(args[2].ast)?;
            let n = args[1].number()?;
            match args[0].ty {
                Ty::Instant => (Node::DateAdd(true, b(args[0].take()), b(n), u), Ty::Instant),
                Ty::Date if !u.is_time() => (Node::DateAdd(false, b(args[0].take()), b(n), u), Ty::Date),
                _ => return Err(args[0].wrong(if u.is_time() { "date_time" } else { "date" })),
            }
        }
        "DATEDIFF" => {
            let u = args.get(2).map_or(Ok(Unit::Day), |a| unit(a.ast))?;
            let node = if u.is_time() {
                Node::DateDiff(true, b(args[0].instant()?), b(args[1].instant()?), u)
            } else {
                Node::DateDiff(false, b(args[0].day()?), b(args[1].day()?), u)
            };
            (node, Ty::Number)
        }
        _ => (Node::Call(Func::Workdays, vec![args[0].day()?, args[1].day()?]), Ty::Number),
    })
}

/// Functions some of whose arguments are literals.
fn special(name: &str, args: &mut [Arg<'_>]) -> Typed {
    Ok(match name {
        "REGEX" => {
            let p = literal(args[1].ast, "pattern")?;
            regex_lite::Regex::new(p).map_err(|e| {
                let short = p.chars().take(60).collect::<String>();
                ExprError::new("expr.pattern")
                    .with("pattern", short)
                    .with("reason", e.to_string())
                    .span(args[1].ast.at, args[1].ast.len)
            })?;
            (Node::Regex(b(args[0].text()?), p.to_owned()), Ty::Bool)
        }
        "LABEL" => {
            let l = match args.get(1) {
                None => Locale::default(),
                Some(a) => Locale::negotiate(literal(a.ast, "locale")?).ok_or_else(|| a.wrong("locale"))?,
            };
            match args[0].ty.clone() {
                Ty::Pick(set) => (Node::Label(b(args[0].take()), set, l), Ty::Text),
                _ => return Err(args[0].wrong("option")),
            }
        }
        "CONVERT" => {
            let mut v = vec![args[0].plain_number()?];
            for a in &args[1..] {
                let code = literal(a.ast, "currency")?.to_ascii_uppercase();
                if code.len() != 3 || !code.bytes().all(|b| b.is_ascii_uppercase()) {
                    return Err(a.wrong("currency"));
                }
                v.push(Node::Text(code));
            }
            (Node::Call(Func::Convert, v), Ty::Number)
        }
        _ => text(args)?,
    })
}

fn choice(c: &Checker<'_>, name: &str, mut args: Vec<Arg<'_>>) -> Typed {
    Ok(match name {
        "IF" => {
            let cond = args.remove(0).condition()?;
            let (nodes, ty) = alternatives(&mut args)?;
            let mut v = nodes.into_iter();
            let yes = v.next().unwrap_or(Node::Blank);
            let no = v.next().unwrap_or(if ty == Ty::Bool { Node::Bool(false) } else { Node::Blank });
            (Node::If(b(cond), b(yes), b(no)), ty)
        }
        "CASE" => case(c, args)?,
        "AND" => (Node::And(args.iter_mut().map(Arg::condition).collect::<Result<_, _>>()?), Ty::Bool),
        "OR" => (Node::Or(args.iter_mut().map(Arg::condition).collect::<Result<_, _>>()?), Ty::Bool),
        "NOT" => (Node::Not(b(args[0].condition()?)), Ty::Bool),
        "ISBLANK" => match args[0].ty.clone() {
            Ty::Null => (Node::Bool(true), Ty::Bool),
            Ty::Bool => (Node::Bool(false), Ty::Bool),
            t => (Node::IsBlank(t, b(args[0].take())), Ty::Bool),
        },
        "COALESCE" => {
            let (nodes, ty) = alternatives(&mut args)?;
            (Node::Coalesce(ty.clone(), nodes), ty)
        }
        "MIN" | "MAX" => {
            let (nodes, ty) = alternatives(&mut args)?;
            if !matches!(ty, Ty::Number | Ty::Date | Ty::Instant | Ty::Null) {
                return Err(mismatch(args[0].ast, "number", &ty));
            }
            (Node::Call(if name == "MIN" { Func::Min } else { Func::Max }, nodes), ty)
        }
        _ => inset(c, args)?,
    })
}

/// Values of one type; a blank yes/no is no.
fn alternatives(args: &mut [Arg<'_>]) -> Result<(Vec<Node>, Ty), ExprError> {
    let mut ty = Ty::Null;
    for a in args.iter() {
        a.single()?;
        ty = unify(&ty, &a.ty).ok_or_else(|| a.wrong(ty.code()))?;
    }
    let nodes =
        args.iter_mut().map(Arg::take).map(|n| if ty == Ty::Bool && n == Node::Blank { Node::Bool(false) } else { n }).collect();
    Ok((nodes, ty))
}

fn case(c: &Checker<'_>, mut args: Vec<Arg<'_>>) -> Typed {
    let mut x = args.remove(0);
    x.single()?;
    let mut tx = x.ty.clone();
    let other = if args.len().is_multiple_of(2) { None } else { args.pop() };
    let (mut keys, mut values) = (vec![], vec![]);
    for (i, mut a) in args.into_iter().enumerate() {
        if i % 2 == 0 {
            a.single()?;
            a.literal_date(&x.ty)?;
            c.known_option(&x.ty, a.ast)?;
            tx = unify(&tx, &a.ty).ok_or_else(|| a.wrong(tx.code()))?;
            keys.push(a.take());
        } else {
            values.push(a);
        }
    }
    values.extend(other);
    let (nodes, ty) = alternatives(&mut values)?;
    let mut subject = x.take();
    if tx == Ty::Number {
        subject = zero(subject);
        keys = keys.into_iter().map(zero).collect();
    }
    let mut nodes = nodes.into_iter();
    let arms: Vec<(Node, Node)> = keys.into_iter().zip(nodes.by_ref()).collect();
    let other = nodes.next().unwrap_or(if ty == Ty::Bool { Node::Bool(false) } else { Node::Blank });
    Ok((Node::Case(tx, b(subject), arms, b(other)), ty))
}

fn text(args: &mut [Arg<'_>]) -> Typed {
    let ty = args[0].ty.clone();
    if matches!(ty, Ty::Date | Ty::Instant) {
        let instant = ty == Ty::Instant;
        let p = match args.get(1) {
            None => date_pattern(if instant { "YYYY-MM-DD HH:mm" } else { "YYYY-MM-DD" }),
            Some(a) => date_pattern(literal(a.ast, "pattern")?),
        };
        if !instant && p.iter().any(|p| matches!(p, Piece::Hour | Piece::Minute | Piece::Second)) {
            return Err(args[0].wrong("date_time"));
        }
        return Ok((Node::Format(instant, b(args[0].take()), p), Ty::Text));
    }
    Ok(match (ty, args.get(1).map(|a| a.ast)) {
        (Ty::Number, None) => (Node::Call(Func::NumberText, vec![args[0].take()]), Ty::Text),
        (Ty::Number, Some(a)) => match a.part {
            Part::Number(p) if (0..=i64::from(PLACES)).contains(&p.trunc()) && Fix::int(p.trunc()) == Some(p) => {
                (Node::Call(Func::FixedText, vec![args[0].take(), Node::Number(p)]), Ty::Text)
            }
            _ => {
                return Err(ExprError::new("expr.type").with("expected", "places").with("found", "expression").span(a.at, a.len));
            }
        },
        (t, None) if t.is_text() || t == Ty::Null => (args[0].take(), Ty::Text),
        _ => return Err(args[0].wrong("number")),
    })
}

fn inset(c: &Checker<'_>, mut args: Vec<Arg<'_>>) -> Typed {
    let mut x = args.remove(0);
    if x.ty == Ty::Other {
        return Err(x.wrong("single_value"));
    }
    let list = matches!(x.ty, Ty::Keys(_));
    let mut ty = if list { Ty::Text } else { x.ty.clone() };
    for a in &mut args {
        a.single()?;
        a.literal_date(&x.ty)?;
        c.known_option(&x.ty, a.ast)?;
        ty = unify(&ty, &a.ty).ok_or_else(|| a.wrong(ty.code()))?;
    }
    let mut subject = x.take();
    let mut nodes: Vec<Node> = args.iter_mut().map(Arg::take).collect();
    if ty == Ty::Number {
        subject = zero(subject);
        nodes = nodes.into_iter().map(zero).collect();
    }
    Ok((Node::InSet(if list { x.ty.clone() } else { ty }, b(subject), nodes), Ty::Bool))
}

/// A date pattern in pieces; joined again they are the pattern.
#[must_use]
pub fn date_pattern(pattern: &str) -> Vec<Piece> {
    let tokens = [
        ("YYYY", Piece::Year),
        ("YY", Piece::Year2),
        ("MM", Piece::Month),
        ("DD", Piece::Day),
        ("HH", Piece::Hour),
        ("mm", Piece::Minute),
        ("ss", Piece::Second),
    ];
    let mut out: Vec<Piece> = vec![];
    let mut rest = pattern;
    while let Some(ch) = rest.chars().next() {
        if let Some((t, p)) = tokens.iter().find(|(t, _)| rest.starts_with(t)) {
            out.push(p.clone());
            rest = &rest[t.len()..];
        } else {
            match out.last_mut() {
                Some(Piece::Text(s)) => s.push(ch),
                _ => out.push(Piece::Text(ch.to_string())),
            }
            rest = &rest[ch.len_utf8()..];
        }
    }
    out
}
