//! What a caller may ask of records: filter, sort, page, group. Parsed and type-checked in [`crate::filter`], compiled to SQL
//! in `store::compile`, judged in memory by [`crate::filter::eval`].

use serde::{Deserialize, Serialize};

use crate::{FieldIx, FieldName, ObjectName, Value};

/// A path to a value: fields of the object, or of related records through up to three lookups: `account_id.level`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Path {
    /// Lookups to follow, each with the object it leads to.
    pub hops: Vec<(FieldName, ObjectName)>,
    /// The field at the end.
    pub field: FieldName,
}

impl Path {
    /// A field of the object itself.
    #[must_use]
    pub fn own(field: FieldName) -> Self {
        Self { hops: vec![], field }
    }
}

/// Comparison operators (docs/api.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Equal.
    Eq,
    /// Not equal (empty values are not equal to anything, so they match).
    Ne,
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
    /// Greater.
    Gt,
    /// Greater or equal.
    Gte,
    /// Both ends included.
    Between,
    /// One of.
    In,
    /// None of.
    Nin,
    /// Contains the text, case folded.
    Contains,
    /// Starts with the text, case folded.
    Starts,
    /// Has no value.
    IsEmpty,
    /// Has a value.
    NotEmpty,
    /// Many-valued: has any of.
    Any,
    /// Many-valued: has all of.
    All,
    /// Many-valued: has none of.
    None,
    /// Department or division code: within the subtree.
    Within,
}

/// What a field is compared with, after type-checking: concrete values, or one that is resolved when the query runs.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// Nothing (`is_empty`).
    None,
    /// One value.
    One(Value),
    /// Several (`in`, `any`, `between` = two).
    Many(Vec<Value>),
    /// Relative to now or to the person asking.
    Rel(Rel),
    /// Another field of the same record.
    Field(Path),
}

/// Relative operands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rel {
    /// The caller.
    Me,
    /// The caller and those who report to them.
    MyReports,
    /// The caller's departments.
    MyDept,
    /// The caller's departments and below.
    MyDeptTree,
    /// A named period: `today`, `this_month`, `overdue` …
    Period(Period),
    /// The last `n` days, today included.
    LastDays(u32),
    /// The next `n` days, today included.
    NextDays(u32),
}

/// Named periods, in the organisation's zone; weeks start on Monday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Period {
    Today,
    Yesterday,
    Tomorrow,
    ThisWeek,
    LastWeek,
    NextWeek,
    ThisMonth,
    LastMonth,
    NextMonth,
    ThisQuarter,
    LastQuarter,
    NextQuarter,
    ThisYear,
    LastYear,
    NextYear,
    Overdue,
}

/// A type-checked filter over one object.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Always.
    True,
    /// All of.
    And(Vec<Filter>),
    /// Any of.
    Or(Vec<Filter>),
    /// Not.
    Not(Box<Filter>),
    /// One comparison.
    Cmp {
        /// What.
        path: Path,
        /// How.
        op: Op,
        /// With what.
        operand: Operand,
    },
}

/// One sort key; empty values come last in both directions.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SortKey {
    /// By which field (titles sort by their pinyin key).
    pub field: FieldIx,
    /// Descending.
    pub desc: bool,
}

/// How exactly to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum CountMode {
    /// Not at all.
    #[default]
    None,
    /// Up to 10,000.
    Capped,
    /// Exactly.
    Exact,
}

/// Functions of an aggregate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum AggFn {
    Count,
    CountDistinct,
    Sum,
    Avg,
    Min,
    Max,
}

/// Width of a date group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Bucket {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// A group key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GroupKey {
    /// By which field.
    pub path: Path,
    /// For dates: how wide.
    pub bucket: Option<Bucket>,
}

/// A measure.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Measure {
    /// Function.
    pub func: AggFn,
    /// Field; none for `count`. Money is summed in the base currency.
    pub field: Option<Path>,
}
