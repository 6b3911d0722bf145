//! Formulas: a language that people who know spreadsheets know. Read, checked against the model, evaluated in memory here and
//! compiled to SQL in the store.
//!
//! ```text
//! text → check (names, types) → Formula → eval | SQL
//! ```
//!
//! # What a formula means
//! **Types**: number, text, yes/no, date, instant, option (text that knows its picklist), reference, list. Nothing is converted
//! silently, except a text literal that is compared with a date.
//!
//! **Blanks.** A blank number field counts as 0 in arithmetic and comparisons (domain model §1), also behind `IF`, `CASE` and
//! `COALESCE`. A blank *result* (division by zero, `NULL`, a number too large, `VALUE` of no number) makes the arithmetic it is
//! part of blank, so that `won / lost * 100` is blank when `lost` is 0. A blank text is the empty text. Two blanks are equal; a blank
//! date is neither before nor after another; yes/no is never blank.
//!
//! **Numbers** are exact with twelve decimals, each operation rounded half away from zero ([`Fix`]). Money is its base amount.
//!
//! **Text** is compared exactly; `CONTAINS`, `STARTS` fold case. Length is counted in characters.
//!
//! **Days** of instants are those of the organisation's zone. A computed date outside 1900-01-01 … 2199-12-31 is blank.
//!
//! **Where.** The store compiles formulas to SQL (`store::compile::formula`) with the same answers; property tests hold memory, SQLite
//! and PostgreSQL equal. Evaluated in memory only, on both databases: `REGEX`, `WORKDAYS`, `CONVERT`, `DATEADD` of months to an
//! instant ([`Formula::memory_only`]).
//!
//! | function | result |
//! |---|---|
//! | `IF(c, a[, b])` | `a` when `c`, else `b` or blank |
//! | `CASE(x, k1, v1, …[, else])` | the value beside the first key equal to `x` |
//! | `AND(…)` `OR(…)` `NOT(c)` | also written as words between values |
//! | `ISBLANK(x)` `COALESCE(a, b, …)` | is there no value; the first that is not blank |
//! | `ROUND(n[, places])` `FLOOR(n)` `CEIL(n)` `ABS(n)` `MOD(a, b)` | places −18…12; `MOD` has the sign of `b` |
//! | `MIN(…)` `MAX(…)` | of numbers, dates or instants; blanks are passed over |
//! | `CONCAT(…)`, `&` | texts joined; numbers in their shortest form |
//! | `LEFT(t[, n])` `RIGHT(t[, n])` `MID(t, from, n)` `LEN(t)` | by characters, from 1 |
//! | `UPPER(t)` `LOWER(t)` `TRIM(t)` | |
//! | `CONTAINS(t, part)` `STARTS(t, part)` `REGEX(t, 'pattern')` | |
//! | `TEXT(x[, 'YYYY-MM-DD HH:mm:ss' or places])` `VALUE(t)` | number, date or instant as text; text as number |
//! | `TODAY()` `NOW()` `USER()` | |
//! | `DATE(y, m, d)` `DATE(instant)` `YEAR(d)` `MONTH(d)` `DAY(d)` | blank when there is no such day |
//! | `DATEADD(d, n, 'unit')` `DATEDIFF(from, to[, 'unit'])` | `second minute hour` (instants) `day week month quarter year`; whole units, towards zero |
//! | `WORKDAYS(from, to)` | workdays of the default calendar, both ends included; negative when `to` is before `from` |
//! | `LABEL(option[, 'en' or 'zh-CN'])` | the option's label |
//! | `INSET(x, a, b, …)` | `x` is one of these; for lists: contains one of these |
//! | `CONVERT(n, 'from', 'to')` | by the rate of today |

mod ast;
mod check;
mod date;
mod eval;
mod fix;
mod func;
mod lex;
mod node;
mod order;
mod tree;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;

pub use check::{check, check_condition, check_field, in_memory};
pub use date::{add_to_date, add_to_instant, date_of, diff_dates, format_date, format_instant, in_range, months_between};
pub use eval::{BLANKS, Env, V, count, eval, eval_condition, eval_field, number_of, result_value, right, upper};
pub use fix::{Fix, PLACES};
pub use func::date_pattern;
pub use node::{Arith, Cmp, Formula, Func, Node, Piece, Ty, Unit};
pub use order::{calc_order, dependents};
pub use tree::tree;

/// Longest formula, in characters (domain model §1).
pub const MAX_CHARS: usize = 5000;
/// Deepest nesting.
pub const MAX_DEPTH: usize = 50;
/// Longest text a function may make, in characters; what is longer is cut.
pub const MAX_TEXT: usize = 20_000;
