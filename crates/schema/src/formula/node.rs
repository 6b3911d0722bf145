//! Checked formulas.

use crate::{Locale, ObjectName, query::Path};

use super::fix::Fix;

/// The type of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ty {
    /// Only blank.
    Null,
    /// Number.
    Number,
    /// Text.
    Text,
    /// A key of this picklist.
    Pick(String),
    /// Yes or no, never blank.
    Bool,
    /// Day.
    Date,
    /// Instant.
    Instant,
    /// Reference to a record of this object.
    Id(ObjectName),
    /// List of keys (multi-picklist with its name, tags without).
    Keys(Option<String>),
    /// Anything that can only be asked for being blank: lists of references, address, point, polymorphic reference, JSON.
    Other,
}

impl Ty {
    /// Code for messages.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Null => "blank",
            Self::Number => "number",
            Self::Text => "text",
            Self::Pick(_) => "option",
            Self::Bool => "boolean",
            Self::Date => "date",
            Self::Instant => "date_time",
            Self::Id(_) => "reference",
            Self::Keys(_) => "list",
            Self::Other => "composite",
        }
    }
    /// Texts and options.
    #[must_use]
    pub const fn is_text(&self) -> bool {
        matches!(self, Self::Text | Self::Pick(_))
    }
}

/// Arithmetic of two numbers; blank when either is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Arith {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
}

/// Comparisons. With blanks: two blanks are equal, order is false.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Cmp {
    Eq,
    Ne,
    Lt,
    Lte,
    Gt,
    Gte,
}

/// Units of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Unit {
    /// From its name, singular or plural.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        let s = s.trim().to_ascii_lowercase();
        Some(match s.strip_suffix('s').unwrap_or(&s) {
            "second" => Self::Second,
            "minute" => Self::Minute,
            "hour" => Self::Hour,
            "day" => Self::Day,
            "week" => Self::Week,
            "month" => Self::Month,
            "quarter" => Self::Quarter,
            "year" => Self::Year,
            _ => return None,
        })
    }
    /// Milliseconds of units that are always equally long; days and weeks included.
    #[must_use]
    pub const fn millis(self) -> Option<i64> {
        Some(match self {
            Self::Second => 1000,
            Self::Minute => 60_000,
            Self::Hour => 3_600_000,
            Self::Day => 86_400_000,
            Self::Week => 7 * 86_400_000,
            Self::Month | Self::Quarter | Self::Year => return None,
        })
    }
    /// Months of units made of months.
    #[must_use]
    pub const fn months(self) -> Option<i64> {
        Some(match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Year => 12,
            _ => return None,
        })
    }
    /// Shorter than a day: instants only.
    #[must_use]
    pub const fn is_time(self) -> bool {
        matches!(self, Self::Second | Self::Minute | Self::Hour)
    }
}

/// Pieces of a date pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Piece {
    Text(String),
    /// `YYYY`
    Year,
    /// `YY`
    Year2,
    /// `MM`
    Month,
    /// `DD`
    Day,
    /// `HH`
    Hour,
    /// `mm`
    Minute,
    /// `ss`
    Second,
}

impl Piece {
    /// As it is written in a pattern.
    #[must_use]
    pub fn written(&self) -> &str {
        match self {
            Self::Text(t) => t,
            Self::Year => "YYYY",
            Self::Year2 => "YY",
            Self::Month => "MM",
            Self::Day => "DD",
            Self::Hour => "HH",
            Self::Minute => "mm",
            Self::Second => "ss",
        }
    }
}

/// Functions whose arguments are all evaluated and whose result is blank when the first argument is (unless said).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Func {
    /// `ROUND(n, places)`.
    Round,
    /// Greatest whole number not above.
    Floor,
    /// Least whole number not below.
    Ceil,
    /// Without sign.
    Abs,
    /// Least of the arguments that are not blank.
    Min,
    /// Greatest of the arguments that are not blank.
    Max,
    /// First `n` characters.
    Left,
    /// Last `n` characters.
    Right,
    /// `MID(t, from, n)`.
    Mid,
    /// Characters; of blank: 0.
    Len,
    /// Capitals.
    Upper,
    /// Small letters: the folding of the product.
    Lower,
    /// Without blanks at the ends.
    Trim,
    /// Case-folded; yes/no.
    Contains,
    /// Case-folded; yes/no.
    Starts,
    /// Shortest text of a number.
    NumberText,
    /// Text with so many decimals (a literal, 0–12).
    FixedText,
    /// Number of a text.
    Value,
    /// `DATE(y, m, d)`.
    Date,
    /// Day of an instant in the organisation's zone.
    DateOf,
    /// Of a date.
    Year,
    /// Of a date.
    Month,
    /// Of a date.
    Day,
    /// `WORKDAYS(from, to)`.
    Workdays,
    /// `CONVERT(n, from, to)`.
    Convert,
}

/// A checked expression. Types of operands are as the operator needs them.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// A number.
    Number(Fix),
    /// A text, not empty.
    Text(String),
    /// Yes or no.
    Bool(bool),
    /// A day.
    Date(jiff::civil::Date),
    /// Blank.
    Blank,
    /// A field; a blank boolean is `false`.
    Field(Path, Ty),
    /// A blank number is 0.
    Zero(Box<Node>),
    /// With the other sign.
    Neg(Box<Node>),
    /// Arithmetic.
    Arith(Arith, Box<Node>, Box<Node>),
    /// Comparison of two values of this type.
    Compare(Cmp, Ty, Box<Node>, Box<Node>),
    /// All.
    And(Vec<Node>),
    /// Any.
    Or(Vec<Node>),
    /// Not.
    Not(Box<Node>),
    /// Condition, then, else.
    If(Box<Node>, Box<Node>, Box<Node>),
    /// Subject of this type, keys and values, else.
    Case(Ty, Box<Node>, Vec<(Node, Node)>, Box<Node>),
    /// First that is not blank, of this type.
    Coalesce(Ty, Vec<Node>),
    /// No value, of this type.
    IsBlank(Ty, Box<Node>),
    /// Texts joined.
    Concat(Vec<Node>),
    /// A value of this type is one of these; a list has one of these.
    InSet(Ty, Box<Node>, Vec<Node>),
    /// Label of an option.
    Label(Box<Node>, String, Locale),
    /// The text has a match of the pattern.
    Regex(Box<Node>, String),
    /// Day (`false`) or instant (`true`) plus so many units.
    DateAdd(bool, Box<Node>, Box<Node>, Unit),
    /// Units from the first to the second; both days (`false`) or both instants (`true`).
    DateDiff(bool, Box<Node>, Box<Node>, Unit),
    /// Day (`false`) or instant (`true`) by a pattern.
    Format(bool, Box<Node>, Vec<Piece>),
    /// Other functions.
    Call(Func, Vec<Node>),
    /// Today in the organisation's zone.
    Today,
    /// Now.
    Now,
    /// The person asking.
    User,
}

impl Node {
    /// Every node of the tree, this one first.
    pub fn walk<'n>(&'n self, each: &mut dyn FnMut(&'n Node)) {
        each(self);
        match self {
            Self::Number(_)
            | Self::Text(_)
            | Self::Bool(_)
            | Self::Date(_)
            | Self::Blank
            | Self::Field(..)
            | Self::Today
            | Self::Now
            | Self::User => {}
            Self::Zero(a)
            | Self::Neg(a)
            | Self::Not(a)
            | Self::IsBlank(_, a)
            | Self::Label(a, ..)
            | Self::Regex(a, _)
            | Self::Format(_, a, _) => a.walk(each),
            Self::Arith(_, a, b) | Self::Compare(_, _, a, b) | Self::DateAdd(_, a, b, _) | Self::DateDiff(_, a, b, _) => {
                a.walk(each);
                b.walk(each);
            }
            Self::And(v) | Self::Or(v) | Self::Coalesce(_, v) | Self::Concat(v) | Self::Call(_, v) => {
                for n in v {
                    n.walk(each);
                }
            }
            Self::If(a, b, c) => {
                a.walk(each);
                b.walk(each);
                c.walk(each);
            }
            Self::Case(_, x, arms, other) => {
                x.walk(each);
                for (k, v) in arms {
                    k.walk(each);
                    v.walk(each);
                }
                other.walk(each);
            }
            Self::InSet(_, x, v) => {
                x.walk(each);
                for n in v {
                    n.walk(each);
                }
            }
        }
    }
}

/// A formula that fits its object.
#[derive(Debug, Clone, PartialEq)]
pub struct Formula {
    /// As written.
    pub source: String,
    /// The expression.
    pub root: Node,
    /// Its type.
    pub ty: Ty,
    /// Uses the moment, the person or today's rates: computed when read.
    pub volatile: bool,
    /// The function that has no exact counterpart in a database (`REGEX`, `WORKDAYS`, `CONVERT`, months added to an instant):
    /// the formula is evaluated in memory only and nothing can be filtered by it.
    pub memory_only: Option<&'static str>,
}

impl Formula {
    /// The fields it depends on, each once, in order of appearance.
    #[must_use]
    pub fn fields(&self) -> Vec<&Path> {
        let mut out: Vec<&Path> = vec![];
        self.root.walk(&mut |n| {
            if let Node::Field(p, _) = n
                && !out.contains(&p)
            {
                out.push(p);
            }
        });
        out
    }
    /// Does it call this function?
    #[must_use]
    pub fn calls(&self, func: Func) -> bool {
        let mut found = false;
        self.root.walk(&mut |n| found |= matches!(n, Node::Call(f, _) if *f == func));
        found
    }
}
