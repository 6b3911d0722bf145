//! The text form: `amount >= 50000 and close_on in this_month and owner_id = me`.
//!
//! ```text
//! filter  := all ("or" all)*
//! all     := one ("and" one)*
//! one     := "not" one | "(" filter ")" | compare
//! compare := path ( ("=" | "!=" | "<" | "<=" | ">" | ">=") value
//!                 | "between" value "and" value
//!                 | ["not"] "in" values | ("any" | "all" | "none") values
//!                 | ("contains" | "starts" ["with"] | "within") value
//!                 | "is" ["not"] "empty" )
//! values  := "(" value ("," value)* ")" | relative
//! value   := "quoted" | word | number | date | relative | "@" path
//! relative:= me | my_reports | today | this_month | last_days(7) | …
//! ```
//! Words of the language may be in capitals. A picklist key that is also a word of the language is put in quotes. Quotes inside
//! quotes are doubled. Punctuation of a Chinese keyboard means the same; `且 或 非` are `and or not`. The empty text is always true.

use serde_json::Value as Json;

use super::{
    MAX_CHARS, MAX_VALUES,
    draft::{Budget, Draft, DraftValue, named_rel},
    lex::{Tok, Token, lex},
};
use crate::{
    ExprError,
    expr::Place,
    query::{Op, Rel},
};

struct Parser {
    t: Vec<Token>,
    i: usize,
    budget: Budget,
}

/// Words that join or negate, whatever their case and language.
fn keyword(w: &str) -> Option<&'static str> {
    Some(match w {
        "且" => "and",
        "或" => "or",
        "非" => "not",
        w if w.eq_ignore_ascii_case("and") => "and",
        w if w.eq_ignore_ascii_case("or") => "or",
        w if w.eq_ignore_ascii_case("not") => "not",
        _ => return None,
    })
}

impl Parser {
    fn peek(&self) -> &Tok {
        &self.t[self.i].tok
    }
    fn next(&mut self) -> Tok {
        let t = self.t[self.i].tok.clone();
        self.i = (self.i + 1).min(self.t.len() - 1);
        t
    }
    fn fault(&self, expected: &str) -> ExprError {
        self.t[self.i].fault(expected)
    }
    fn is_word(&self, w: &str) -> bool {
        match self.peek() {
            Tok::Word(x) => x.eq_ignore_ascii_case(w) || keyword(x) == Some(w),
            _ => false,
        }
    }
    fn eat_word(&mut self, w: &str) -> bool {
        let yes = self.is_word(w);
        if yes {
            self.next();
        }
        yes
    }
    fn eat(&mut self, s: &'static str) -> bool {
        let yes = self.peek() == &Tok::Sign(s);
        if yes {
            self.next();
        }
        yes
    }
    fn need(&mut self, s: &'static str) -> Result<(), ExprError> {
        if self.eat(s) { Ok(()) } else { Err(self.fault(s)) }
    }
    fn node(&mut self, depth: usize) -> Result<(), ExprError> {
        let t = &self.t[self.i];
        let (at, len) = (t.at, t.len);
        self.budget.node(depth).map_err(|e| e.span(at, len))
    }

    fn any(&mut self, depth: usize) -> Result<Draft, ExprError> {
        let mut v = vec![self.all(depth + 1)?];
        while self.eat_word("or") {
            v.push(self.all(depth + 1)?);
        }
        if v.len() > 1 {
            self.node(1)?;
            return Ok(Draft::Or(v));
        }
        Ok(v.remove(0))
    }

    fn all(&mut self, depth: usize) -> Result<Draft, ExprError> {
        let mut v = vec![self.one(depth + 1)?];
        while self.eat_word("and") {
            v.push(self.one(depth + 1)?);
        }
        if v.len() > 1 {
            self.node(1)?;
            return Ok(Draft::And(v));
        }
        Ok(v.remove(0))
    }

    fn one(&mut self, depth: usize) -> Result<Draft, ExprError> {
        // Brackets and negations count for depth whether or not they leave a node behind, so recursion is bounded.
        if depth > 4 * super::MAX_DEPTH {
            return Err(ExprError::new("expr.too_deep").with("max", super::MAX_DEPTH).span(self.t[self.i].at, 1));
        }
        if self.eat_word("not") {
            self.node(1)?;
            return Ok(Draft::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.eat("(") {
            let f = self.any(depth)?;
            self.need(")")?;
            return Ok(f);
        }
        self.node(1)?;
        self.compare()
    }

    fn compare(&mut self) -> Result<Draft, ExprError> {
        let at = self.t[self.i].at;
        let Tok::Word(field) = self.peek().clone() else { return Err(self.fault("field")) };
        if keyword(&field).is_some() {
            return Err(self.fault("field"));
        }
        self.next();
        let sign = match self.peek() {
            Tok::Sign("=") => Some(Op::Eq),
            Tok::Sign("!=") => Some(Op::Ne),
            Tok::Sign("<") => Some(Op::Lt),
            Tok::Sign("<=") => Some(Op::Lte),
            Tok::Sign(">") => Some(Op::Gt),
            Tok::Sign(">=") => Some(Op::Gte),
            _ => None,
        };
        let (op, value) = if let Some(op) = sign {
            self.next();
            (op, self.value()?)
        } else if self.eat_word("is") {
            let op = if self.eat_word("not") { Op::NotEmpty } else { Op::IsEmpty };
            if !self.eat_word("empty") {
                return Err(self.fault("empty"));
            }
            (op, DraftValue::None)
        } else if self.eat_word("between") {
            let low = self.value()?;
            if !self.eat_word("and") {
                return Err(self.fault("and"));
            }
            (Op::Between, DraftValue::List(vec![low, self.value()?]))
        } else if self.eat_word("not") {
            if !self.eat_word("in") {
                return Err(self.fault("in"));
            }
            (Op::Nin, self.values()?)
        } else if self.eat_word("in") {
            (Op::In, self.values()?)
        } else if self.eat_word("any") {
            (Op::Any, self.values()?)
        } else if self.eat_word("all") {
            (Op::All, self.values()?)
        } else if self.eat_word("none") {
            (Op::None, self.values()?)
        } else if self.eat_word("contains") {
            (Op::Contains, self.value()?)
        } else if self.eat_word("within") {
            (Op::Within, self.value()?)
        } else if self.eat_word("starts") {
            self.eat_word("with");
            (Op::Starts, self.value()?)
        } else {
            return Err(self.fault("operator"));
        };
        let last = &self.t[self.i.saturating_sub(1)];
        Ok(Draft::Cmp { field, op, value, place: Place::Text { at, len: last.at + last.len - at } })
    }

    fn values(&mut self) -> Result<DraftValue, ExprError> {
        if !self.eat("(") {
            return match self.value()? {
                v @ DraftValue::Rel(_) => Ok(v),
                v => Ok(DraftValue::List(vec![v])),
            };
        }
        let mut v = vec![];
        if !self.eat(")") {
            loop {
                if v.len() == MAX_VALUES {
                    return Err(ExprError::new("expr.too_large").with("max", MAX_VALUES).span(self.t[self.i].at, 1));
                }
                v.push(self.value()?);
                if !self.eat(",") {
                    break;
                }
            }
            self.need(")")?;
        }
        Ok(DraftValue::List(v))
    }

    fn value(&mut self) -> Result<DraftValue, ExprError> {
        match self.peek().clone() {
            Tok::Text(t) => {
                self.next();
                Ok(DraftValue::Json(Json::String(t)))
            }
            Tok::Field(f) => {
                self.next();
                Ok(DraftValue::Field(f))
            }
            Tok::Word(w) if keyword(&w).is_none() => {
                self.next();
                let lower = w.to_ascii_lowercase();
                if matches!(lower.as_str(), "last_days" | "next_days") && self.eat("(") {
                    let days = match self.peek() {
                        Tok::Word(n) if n.bytes().all(|b| b.is_ascii_digit()) => {
                            n.parse::<u32>().ok().filter(|n| (1..=3660).contains(n))
                        }
                        _ => None,
                    };
                    let n = days.ok_or_else(|| self.fault("days_1_to_3660"))?;
                    self.next();
                    self.need(")")?;
                    return Ok(DraftValue::Rel(if lower == "last_days" { Rel::LastDays(n) } else { Rel::NextDays(n) }));
                }
                Ok(match named_rel(&lower) {
                    Some(r) => DraftValue::Rel(r),
                    None if lower == "true" => DraftValue::Json(Json::Bool(true)),
                    None if lower == "false" => DraftValue::Json(Json::Bool(false)),
                    None => DraftValue::Json(Json::String(w)),
                })
            }
            _ => Err(self.fault("value")),
        }
    }
}

impl Draft {
    /// Reads the text form.
    ///
    /// # Errors
    /// `expr.syntax`, `expr.too_long`, `expr.too_deep`, `expr.too_large`, each with its place.
    pub fn from_text(s: &str) -> Result<Self, ExprError> {
        if s.len() > MAX_CHARS && s.chars().count() > MAX_CHARS {
            return Err(ExprError::new("expr.too_long").with("max", MAX_CHARS));
        }
        let t = lex(s)?;
        let mut p = Parser { t, i: 0, budget: Budget::new() };
        if p.peek() == &Tok::End {
            return Ok(Self::And(vec![]));
        }
        let f = p.any(1)?;
        if p.peek() != &Tok::End {
            return Err(p.fault("and_or_end"));
        }
        f.depth_checked(1)
    }

    fn depth_checked(self, depth: usize) -> Result<Self, ExprError> {
        fn deepest(d: &Draft) -> usize {
            1 + match d {
                Draft::And(v) | Draft::Or(v) => v.iter().map(deepest).max().unwrap_or(0),
                Draft::Not(f) => deepest(f),
                Draft::Cmp { .. } => 0,
            }
        }
        if deepest(&self) + depth - 1 > super::MAX_DEPTH {
            Err(ExprError::new("expr.too_deep").with("max", super::MAX_DEPTH))
        } else {
            Ok(self)
        }
    }
}
