//! The names an expression speaks of.

use std::borrow::Cow;

use crate::{
    ExprError, Model, ObjectDef,
    codec::{EmailForm, Normalise},
    filter::{Draft, DraftValue},
    query::Filter,
    value::Phone,
};

/// Functions of the formula language (domain model §1).
const FUNCTIONS: &[&str] = &[
    "IF", "CASE", "AND", "OR", "NOT", "ISBLANK", "COALESCE", "ROUND", "FLOOR", "CEIL", "ABS", "MIN", "MAX", "MOD", "CONCAT",
    "LEFT", "RIGHT", "MID", "LEN", "UPPER", "LOWER", "TRIM", "CONTAINS", "STARTS", "REGEX", "TEXT", "VALUE", "TODAY", "NOW",
    "USER", "DATE", "YEAR", "MONTH", "DAY", "DATEADD", "DATEDIFF", "WORKDAYS", "LABEL", "INSET", "CONVERT",
];

#[derive(Debug, PartialEq)]
enum Token<'a> {
    Name(&'a str),
    Text,
    Other(char),
}

fn tokens(s: &str) -> Vec<Token<'_>> {
    let mut out = vec![];
    let b = s.as_bytes();
    let mut i = 0;
    while i < b.len() {
        let c = b[i];
        if c == b'"' || c == b'\'' {
            let end = s[i + 1..].find(c as char).map_or(b.len(), |n| i + n + 2);
            out.push(Token::Text);
            i = end;
        } else if c.is_ascii_alphabetic() || c == b'_' {
            let len = b[i..].iter().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'.')).count();
            out.push(Token::Name(s[i..i + len].trim_end_matches('.')));
            i += len;
        } else if c.is_ascii_digit() {
            i += b[i..].iter().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_')).count();
        } else {
            if !c.is_ascii_whitespace() {
                out.push(Token::Other(c as char));
            }
            i += 1;
        }
    }
    out
}

/// Field paths a formula names, each once: `amount`, `account_id.level`.
#[must_use]
pub fn names_in_formula(s: &str) -> Vec<String> {
    let t = tokens(s);
    let mut out: Vec<String> = vec![];
    for (i, x) in t.iter().enumerate() {
        let Token::Name(n) = x else { continue };
        let call = t.get(i + 1) == Some(&Token::Other('('));
        let word = matches!(n.to_ascii_lowercase().as_str(), "true" | "false" | "null" | "and" | "or" | "not");
        if !call && !word && !out.iter().any(|o| o == n) {
            out.push((*n).to_owned());
        }
    }
    out
}

/// Functions a formula calls that do not exist.
pub(super) fn unknown_functions(s: &str) -> Vec<String> {
    let t = tokens(s);
    t.iter()
        .enumerate()
        .filter_map(|(i, x)| match x {
            Token::Name(n)
                if t.get(i + 1) == Some(&Token::Other('(')) && !FUNCTIONS.contains(&n.to_ascii_uppercase().as_str()) =>
            {
                Some((*n).to_owned())
            }
            _ => None,
        })
        .collect()
}

/// Field paths a filter in text form compares; none when it cannot be read (the check says why).
#[must_use]
pub fn names_in_filter(s: &str) -> Vec<String> {
    fn walk(d: &Draft, out: &mut Vec<String>) {
        match d {
            Draft::And(v) | Draft::Or(v) => v.iter().for_each(|d| walk(d, out)),
            Draft::Not(d) => walk(d, out),
            Draft::Cmp { field, value, .. } => {
                out.push(field.clone());
                if let DraftValue::Field(f) = value {
                    out.push(f.clone());
                }
            }
        }
    }
    let mut out = vec![];
    if let Ok(d) = Draft::from_text(s) {
        walk(&d, &mut out);
    }
    out
}

/// A filter in text form over an object, judged whole.
pub(crate) fn read_filter(s: &str, model: &Model, object: &ObjectDef) -> Result<Filter, ExprError> {
    crate::filter::parse_text(s, model, object, &AsIs)
}

/// Filters of a model compare keys and numbers; texts in them are taken as they are.
struct AsIs;

impl Normalise for AsIs {
    fn phone(&self, raw: &str, country: Option<&str>) -> Phone {
        Phone { raw: raw.into(), e164: None, ext: None, country: country.map(Into::into), kind: "invalid".into() }
    }
    fn email(&self, _: &str) -> Option<EmailForm> {
        None
    }
    fn unique_key(&self, text: &str) -> String {
        text.to_owned()
    }
    fn fold<'t>(&self, text: &'t str) -> Cow<'t, str> {
        Cow::Borrowed(text)
    }
}

/// Does the formula depend on the moment or the reader (then it is computed when read and not stored)?
#[must_use]
pub fn is_volatile(formula: &str) -> bool {
    let t = tokens(formula);
    t.iter().enumerate().any(|(i, x)| {
        matches!(x, Token::Name(n) if matches!(n.to_ascii_uppercase().as_str(), "TODAY" | "NOW" | "USER" | "CONVERT"))
            && t.get(i + 1) == Some(&Token::Other('('))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_name_fields_not_functions_or_texts() {
        assert_eq!(
            names_in_formula("IF(stage_id.kind = 'open', amount * probability / 100, 0)"),
            ["stage_id.kind", "amount", "probability"]
        );
        assert_eq!(names_in_formula("true and 2e5 > x1"), ["x1"]);
        assert_eq!(unknown_functions("ROUND(SUMM(a), 2)"), ["SUMM"]);
    }

    #[test]
    fn filters_name_what_they_compare() {
        assert_eq!(
            names_in_filter("outcome is empty and amount >= 5 and close_on in this_month"),
            ["outcome", "amount", "close_on"]
        );
        assert_eq!(names_in_filter("not (owner_id = me) or status not in ('a', 'b = c')"), ["owner_id", "status"]);
        assert_eq!(names_in_filter("account_id.level != 'a'"), ["account_id.level"]);
        assert_eq!(names_in_filter("stage is"), Vec::<String>::new());
    }

    #[test]
    fn only_calls_of_the_clock_make_a_formula_volatile() {
        assert!(is_volatile("DATEDIFF(today(), close_on)"));
        assert!(!is_volatile("today & 'NOW()'"));
    }
}
