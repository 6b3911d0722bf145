//! Formulas as written: a tree with places, before names and types are looked at.
//!
//! From weak to strong: `or` · `and` · `not` · `= <> < <= > >=` · `&` · `+ -` · `* /` · sign · `%`.

use super::{
    MAX_CHARS, MAX_DEPTH,
    fix::Fix,
    lex::{Tok, Token, lex},
};
use crate::ExprError;

/// Operators of two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bin {
    Add,
    Sub,
    Mul,
    Div,
    Eq,
    Ne,
    Lt,
    Lte,
    Gt,
    Gte,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    Number(Fix),
    Text(String),
    Bool(bool),
    Null,
    Name(String),
    Neg(Box<Ast>),
    Percent(Box<Ast>),
    Binary(Bin, Box<Ast>, Box<Ast>),
    /// `&`, all of a chain.
    Concat(Vec<Ast>),
    /// Function by its name in capitals.
    Call(String, Vec<Ast>),
}

/// A part with its place in characters.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ast {
    pub part: Part,
    pub at: usize,
    pub len: usize,
    depth: usize,
}

/// How strongly operators bind.
const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
const COMPARE: u8 = 4;
const CONCAT: u8 = 5;
const SUM: u8 = 6;
const PRODUCT: u8 = 7;
const SIGN: u8 = 8;

/// What joins two expressions.
enum Joint {
    /// A word, and the function it stands for.
    Words(&'static str, &'static str),
    Concat,
    Sign(Bin),
}

struct Parser {
    t: Vec<Token>,
    i: usize,
}

type Parsed = Result<Ast, ExprError>;

fn too_deep(at: usize) -> ExprError {
    ExprError::new("expr.too_deep").with("max", MAX_DEPTH).span(at, 1)
}

impl Parser {
    fn peek(&self) -> &Tok {
        &self.t[self.i].tok
    }
    fn here(&self) -> usize {
        self.t[self.i].at
    }
    fn advance(&mut self) {
        self.i = (self.i + 1).min(self.t.len() - 1);
    }
    fn fault(&self, expected: &str) -> ExprError {
        self.t[self.i].fault(expected)
    }
    fn eat(&mut self, s: &'static str) -> bool {
        let yes = self.peek() == &Tok::Sign(s);
        if yes {
            self.advance();
        }
        yes
    }
    /// A word such as `and` that is not the name of a function called here.
    fn eat_word(&mut self, w: &str) -> bool {
        let call = self.t.get(self.i + 1).is_some_and(|t| t.tok == Tok::Sign("("));
        let yes = matches!(self.peek(), Tok::Word(n) if n.eq_ignore_ascii_case(w)) && (!call || w != "not");
        if yes {
            self.advance();
        }
        yes
    }
    /// A part from the token at `from` up to the last one read.
    fn part(&self, from: usize, part: Part, below: usize) -> Parsed {
        let last = &self.t[self.i.saturating_sub(1)];
        if below >= MAX_DEPTH {
            return Err(too_deep(from));
        }
        Ok(Ast { part, at: from, len: (last.at + last.len).saturating_sub(from), depth: below + 1 })
    }
    fn binary(&self, op: Bin, a: Ast, b: Ast) -> Parsed {
        let (from, below) = (a.at, a.depth.max(b.depth));
        self.part(from, Part::Binary(op, Box::new(a), Box::new(b)), below)
    }
    fn call(&self, name: &str, args: Vec<Ast>, from: usize) -> Parsed {
        let below = args.iter().map(|a| a.depth).max().unwrap_or(0);
        self.part(from, Part::Call(name.to_owned(), args), below)
    }

    /// A value, a negation or a sign: what may stand where an expression begins.
    fn prefix(&mut self, min: u8, level: usize) -> Parsed {
        let from = self.here();
        if self.eat("-") {
            let a = self.expr(SIGN, level + 1)?;
            let below = a.depth;
            return self.part(from, Part::Neg(Box::new(a)), below);
        }
        if self.eat("+") {
            return self.expr(SIGN, level + 1);
        }
        if min <= NOT && self.eat_word("not") {
            let a = self.expr(NOT, level + 1)?;
            return self.call("NOT", vec![a], from);
        }
        let mut a = self.atom(level)?;
        while self.eat("%") {
            let below = a.depth;
            a = self.part(from, Part::Percent(Box::new(a)), below)?;
        }
        Ok(a)
    }

    /// Everything that binds at least as strongly as `min`. One function for all strengths: nesting costs little stack.
    fn expr(&mut self, min: u8, level: usize) -> Parsed {
        if level > MAX_DEPTH {
            return Err(too_deep(self.here()));
        }
        let mut a = self.prefix(min, level)?;
        // Comparisons do not chain.
        let mut most = PRODUCT;
        loop {
            let Some((strength, op)) = self.operator().filter(|(s, _)| *s >= min && *s <= most) else { return Ok(a) };
            a = match op {
                Joint::Words(word, name) => {
                    let mut all = vec![a];
                    while self.eat_word(word) {
                        all.push(self.expr(strength + 1, level)?);
                    }
                    let from = all[0].at;
                    self.call(name, all, from)?
                }
                Joint::Concat => {
                    let mut all = vec![a];
                    while self.eat("&") {
                        all.push(self.expr(strength + 1, level)?);
                    }
                    let (from, below) = (all[0].at, all.iter().map(|a| a.depth).max().unwrap_or(0));
                    self.part(from, Part::Concat(all), below)?
                }
                Joint::Sign(op) => {
                    self.advance();
                    let b = self.expr(strength + 1, level)?;
                    if strength == COMPARE {
                        most = NOT;
                    }
                    self.binary(op, a, b)?
                }
            };
        }
    }

    /// The operator that comes next, with its strength.
    fn operator(&self) -> Option<(u8, Joint)> {
        Some(match self.peek() {
            Tok::Word(n) if n.eq_ignore_ascii_case("or") => (OR, Joint::Words("or", "OR")),
            Tok::Word(n) if n.eq_ignore_ascii_case("and") => (AND, Joint::Words("and", "AND")),
            Tok::Sign("=") => (COMPARE, Joint::Sign(Bin::Eq)),
            Tok::Sign("<>") => (COMPARE, Joint::Sign(Bin::Ne)),
            Tok::Sign("<") => (COMPARE, Joint::Sign(Bin::Lt)),
            Tok::Sign("<=") => (COMPARE, Joint::Sign(Bin::Lte)),
            Tok::Sign(">") => (COMPARE, Joint::Sign(Bin::Gt)),
            Tok::Sign(">=") => (COMPARE, Joint::Sign(Bin::Gte)),
            Tok::Sign("&") => (CONCAT, Joint::Concat),
            Tok::Sign("+") => (SUM, Joint::Sign(Bin::Add)),
            Tok::Sign("-") => (SUM, Joint::Sign(Bin::Sub)),
            Tok::Sign("*") => (PRODUCT, Joint::Sign(Bin::Mul)),
            Tok::Sign("/") => (PRODUCT, Joint::Sign(Bin::Div)),
            _ => return None,
        })
    }

    fn arguments(&mut self, name: &str, from: usize, level: usize) -> Parsed {
        let mut args = vec![];
        if !self.eat(")") {
            loop {
                args.push(self.expr(OR, level + 1)?);
                if !self.eat(",") {
                    break;
                }
            }
            if !self.eat(")") {
                return Err(self.fault(", )"));
            }
        }
        self.call(&name.to_ascii_uppercase(), args, from)
    }

    fn atom(&mut self, level: usize) -> Parsed {
        let from = self.here();
        match self.peek().clone() {
            Tok::Number(n) => {
                let f = Fix::parse(&n).ok_or_else(|| ExprError::new("expr.number").span(from, n.chars().count()))?;
                self.advance();
                self.part(from, Part::Number(f), 0)
            }
            Tok::Text(t) => {
                self.advance();
                self.part(from, Part::Text(t), 0)
            }
            Tok::Sign("(") => {
                self.advance();
                let a = self.expr(OR, level + 1)?;
                if self.eat(")") { Ok(a) } else { Err(self.fault(")")) }
            }
            Tok::Word(n) => {
                self.advance();
                if self.eat("(") {
                    return self.arguments(&n, from, level);
                }
                let part = match n.to_ascii_lowercase().as_str() {
                    "true" => Part::Bool(true),
                    "false" => Part::Bool(false),
                    "null" => Part::Null,
                    "and" | "or" | "not" => {
                        self.i -= 1;
                        return Err(self.fault("value"));
                    }
                    _ => Part::Name(n),
                };
                self.part(from, part, 0)
            }
            Tok::Sign(_) | Tok::Field(_) | Tok::End => Err(self.fault("value")),
        }
    }
}

pub(super) fn parse(s: &str) -> Parsed {
    if s.len() > MAX_CHARS && s.chars().count() > MAX_CHARS {
        return Err(ExprError::new("expr.too_long").with("max", MAX_CHARS));
    }
    let t = lex(s)?;
    let mut p = Parser { t, i: 0 };
    // A leading `=` is what a spreadsheet teaches.
    p.eat("=");
    let a = p.expr(OR, 0)?;
    if p.peek() == &Tok::End { Ok(a) } else { Err(p.fault("operator_or_end")) }
}
