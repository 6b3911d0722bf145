//! An object out of a sheet: from what the columns hold, a proposal of fields with types, labels and names. Pure but for
//! [`links`], which asks which records the values name; nothing is written.

mod judge;
pub mod links;
mod names;
mod tally;

use std::collections::HashSet;

use rapport_schema::{Label, Model};
use serde::Serialize;
use serde_json::{Value, json};

pub use tally::{Misfit, Tally};

use crate::{
    ExchangeError, Result,
    plan::DateOrder,
    read::{Book, Sheet, column_letter},
};

/// Most columns a form is made of; a wider sheet is no form.
pub const MAX_FIELDS: usize = 400;

/// A remark about a column, told where it stands: a stable code with parameters.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Remark {
    /// `blank_header`, `repeated_header`, `empty`, `odd`, `repeats`, `unknown_order`, `unmatched`.
    pub code: &'static str,
    /// `count`, `row`, `value`.
    pub params: Value,
}

/// A value a picklist would offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// Key.
    pub key: String,
    /// As it stands in the sheet.
    pub label: String,
    /// How often.
    pub count: u64,
}

/// What a column would become.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Column {
    /// Its header, by which an import names it.
    pub column: String,
    /// Label of the field.
    pub label: Label,
    /// Api name of the field; `owner_id` when the type is `owner`.
    pub name: String,
    /// Code of the type as in the model's files, or `owner`: the owner every record has.
    #[serde(rename = "type")]
    pub ty: &'static str,
    /// Proposed at all: an empty column is not.
    pub keep: bool,
    /// A value in every row.
    pub required: bool,
    /// A code that does not repeat.
    pub unique: bool,
    /// No value repeats.
    pub distinct: bool,
    /// Decimal places, for `dec`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<u32>,
    /// The object a lookup points to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The target's field the values are compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lookup: Option<String>,
    /// Order of day, month and year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<DateOrder>,
    /// Its distinct values, when they are few, whatever the type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<Vec<Choice>>,
    /// First values.
    pub samples: Vec<String>,
    /// Cells with something in them.
    pub filled: u64,
    /// Blank cells.
    pub blank: u64,
    /// What is to be known about it.
    pub remarks: Vec<Remark>,
}

/// The object a sheet would become.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shape {
    /// Name of the sheet.
    pub sheet: String,
    /// Rows under the header.
    pub rows: u64,
    /// Api name.
    pub name: String,
    /// What one record is called.
    pub label: Label,
    /// The column records are called by; none = an automatic number.
    pub title: Option<String>,
    /// Columns in order.
    pub columns: Vec<Column>,
}

/// Everything the proposal is made from.
#[derive(Debug)]
pub struct Look {
    /// Rows under the header.
    pub rows: u64,
    /// Columns, as many as headers.
    pub tallies: Vec<Tally>,
}

/// Reads all rows of a sheet.
///
/// # Errors
/// `guess.too_many_columns`, `guess.no_rows`, and what the reader refuses.
pub fn look(book: &Book, sheet: &Sheet) -> Result<Look> {
    if sheet.headers.len() > MAX_FIELDS {
        return Err(ExchangeError::refused("guess.too_many_columns").with("max", MAX_FIELDS));
    }
    let mut look = Look { rows: 0, tallies: sheet.headers.iter().map(|_| Tally::default()).collect() };
    for row in book.rows(sheet) {
        let row = row?;
        look.rows += 1;
        for (t, cell) in look.tallies.iter_mut().zip(&row.cells) {
            t.add(row.number, cell);
        }
    }
    if look.rows == 0 {
        return Err(ExchangeError::refused("guess.no_rows"));
    }
    Ok(look)
}

/// The proposal for a sheet: without lookups, which [`links::find`] adds. `file` names the object where the sheet has no name of
/// its own.
#[must_use]
pub fn propose(model: &Model, file: &str, sheet: &Sheet, look: &Look) -> Shape {
    let stem = file.rsplit_once('.').map_or(file, |(s, _)| s);
    let called = names::heading(if nameless(&sheet.name) { stem } else { &sheet.name });
    let mut objects: HashSet<String> = model.objects.keys().map(ToString::to_string).collect();
    let name = names::api(&called, "object", &mut objects);
    let mut taken = HashSet::new();
    let labels = names::Labels::of(model);
    let columns: Vec<Column> = sheet
        .headers
        .iter()
        .zip(&look.tallies)
        .enumerate()
        .map(|(i, (header, t))| column(&labels, i, header, t, look.rows, &mut taken))
        .collect();
    let mut shape = Shape {
        sheet: sheet.name.clone(),
        rows: look.rows,
        name,
        label: Label::new(called.as_str(), called.as_str()),
        title: None,
        columns,
    };
    shape.entitle();
    shape
}

fn column(labels: &names::Labels, at: usize, header: &str, t: &Tally, rows: u64, taken: &mut HashSet<String>) -> Column {
    let heading = names::heading(header);
    let made = judge::kind(&heading, t);
    let mut remarks = vec![];
    if header == column_letter(at) && header.len() <= 2 {
        remarks.push(Remark { code: "blank_header", params: json!({}) });
    }
    if repeated(header) {
        remarks.push(Remark { code: "repeated_header", params: json!({}) });
    }
    if t.filled == 0 {
        remarks.push(Remark { code: "empty", params: json!({}) });
    }
    if let Some((count, m)) = made.odd(t) {
        remarks.push(Remark { code: "odd", params: json!({ "count": count, "row": m.row, "value": m.value }) });
    }
    let code = judge::code_heading(&heading) || (t.codes == t.filled && matches!(made.ty(), "text"));
    if let Some((count, m)) = t.repeated().filter(|(n, _)| code && *n * 10 <= t.filled) {
        remarks.push(Remark { code: "repeats", params: json!({ "count": count, "row": m.row, "value": m.value }) });
    }
    let dated = matches!(made.ty(), "date" | "dt");
    if dated && t.order.flatten().is_none() {
        remarks.push(Remark { code: "unknown_order", params: json!({}) });
    }
    let mut keys = HashSet::new();
    let options = t.values.as_ref().filter(|v| !v.is_empty()).map(|v| {
        let mut all: Vec<(&String, u64)> = v.iter().map(|(l, n)| (l, *n)).collect();
        all.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        all.into_iter().map(|(label, count)| Choice { key: names::key(label, &mut keys), label: label.clone(), count }).collect()
    });
    Column {
        column: header.to_owned(),
        label: labels.label(&heading),
        name: names::api(&heading, "field", taken),
        ty: made.ty(),
        keep: t.filled > 0,
        // One or two rows say nothing about those to come.
        required: rows >= 3 && t.blank == 0,
        unique: rows >= 3 && code && t.distinct() && matches!(made.ty(), "text" | "int"),
        distinct: t.distinct(),
        scale: (made.ty() == "dec").then(|| t.scale.clamp(1, 8)),
        target: None,
        lookup: None,
        date: t.order.flatten().filter(|_| dated),
        options,
        samples: t.samples.clone(),
        filled: t.filled,
        blank: t.blank,
        remarks,
    }
}

/// A header that was there before carries a number (`read::headers`).
fn repeated(header: &str) -> bool {
    header.strip_suffix(')').and_then(|h| h.rsplit_once(" (")).is_some_and(|(_, n)| n.parse::<u32>().is_ok_and(|n| n > 1))
}

/// A name the spreadsheet gave by itself.
fn nameless(sheet: &str) -> bool {
    let s = sheet.trim().to_lowercase();
    let rest = ["sheet", "工作表", "表", "table", "feuil", "tabelle"].iter().find_map(|p| s.strip_prefix(p));
    s.is_empty() || rest.is_some_and(|r| r.trim().chars().all(|c| c.is_ascii_digit()))
}

impl Shape {
    /// Chooses the column records are called by: a text with a value in every row, best one whose header says so, else one that does
    /// not repeat, the leftmost of equals. Codes come after names. It becomes a plain required text.
    pub fn entitle(&mut self) {
        let rank = |c: &Column| -> Option<u8> {
            let text = matches!(c.ty, "text") && c.keep && c.blank == 0 && c.filled > 0;
            let named = judge::name_heading(&c.column);
            // Names may be so few that they look like choices.
            let few = c.ty == "pick" && c.keep && c.blank == 0 && named && c.distinct;
            match (text || few, named, c.distinct) {
                (false, ..) => None,
                (true, true, _) => Some(0),
                (true, false, true) => Some(1),
                (true, false, false) => None,
            }
        };
        let best = self.columns.iter().enumerate().filter_map(|(i, c)| Some((rank(c)?, i))).min();
        self.title = best.map(|(_, i)| {
            let c = &mut self.columns[i];
            c.ty = "text";
            c.required = true;
            c.name.clone()
        });
    }
}

#[cfg(test)]
mod tests;
