//! What a plan leaves open for the files at hand: records it looks for and does not find, choices it does not know, blanks where a
//! value is needed. Each is asked once, whatever the number of rows, with the lines of a plan that would answer it.

use async_recursion::async_recursion as boxed;
use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::{Arc, Mutex},
};

use rapport_policy::Scope;
use rapport_records::{Engine, JsonMap, ListRequest};
use rapport_schema::{FieldDef, FieldType, Model, ObjectName};
use serde::Serialize;

use crate::{
    Result,
    convert::{Column, Converter},
    lookup::{Found, Lookups, Wanted},
    plan::{Blank, ColumnPlan, Missing, Mode, Plan, SheetPlan},
    read::Row,
    run::{self, Distinct, Files, Import},
};

/// Most questions asked; the rest shows when these are answered.
const MOST: usize = 200;
/// Most records compared to find what somebody may have meant.
const COMPARED: usize = 5_000;

/// What is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Open {
    /// No record is called so.
    Record,
    /// Several records are called so.
    Ambiguous,
    /// The picklist has no such value.
    Choice,
    /// A value is needed and the cell is blank.
    Blank,
}

/// One question, for all rows that raise it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Question {
    /// Position of the sheet in the plan.
    pub sheet: usize,
    /// Object of the row, or of its child.
    pub object: String,
    /// Field.
    pub field: String,
    /// Column, when the field has one.
    pub column: Option<String>,
    /// What is open.
    pub open: Open,
    /// The text in question; blank for [`Open::Blank`].
    pub value: String,
    /// Rows that raise it.
    pub rows: u64,
    /// The first of them.
    pub first: u64,
    /// What may have been meant, best first.
    pub similar: Vec<String>,
}

impl Question {
    /// Lines for the column of the plan that would answer it; of several, one is to be chosen.
    #[must_use]
    pub fn answers(&self) -> Vec<String> {
        let quoted = |s: &str| toml::Value::String(s.to_owned()).to_string();
        let means = |to: &str| format!("values = {{ {} = {} }}", quoted(&self.value), quoted(to));
        let mut lines: Vec<String> = self.similar.iter().map(|s| means(s)).collect();
        match self.open {
            Open::Record => lines.extend(["missing = \"create\"".to_owned(), "missing = \"empty\"".into()]),
            Open::Ambiguous => lines.push("lookup = \"external_id\"".into()),
            Open::Choice => lines.push(means("")),
            Open::Blank => lines.push("blank = [{ value = \"…\" }]".into()),
        }
        lines
    }
}

/// An answer to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The text means another; blank = nothing.
    Means(String),
    /// The record is to be made.
    Create,
    /// The field stays empty.
    Empty,
    /// Blanks become this.
    Fill(String),
}

/// Writes an answer into the plan.
pub fn answer(plan: &mut Plan, q: &Question, a: &Answer) {
    let Some(sheet) = plan.sheets.get_mut(q.sheet) else { return };
    let own = sheet.object == q.object;
    if own && q.column.is_none() && !sheet.columns.iter().any(|c| c.field == q.field) {
        sheet.columns.push(ColumnPlan { column: None, ..ColumnPlan::plain(&q.field, "") });
    }
    let children = sheet.children.iter_mut().filter(|c| c.object == q.object).flat_map(|c| &mut c.columns);
    let columns = sheet.columns.iter_mut().filter(|_| own).chain(children);
    for c in columns.filter(|c| c.field == q.field && c.column == q.column) {
        match a {
            Answer::Means(to) => {
                c.values.insert(q.value.clone(), to.clone());
            }
            Answer::Create => c.missing = Missing::Create,
            Answer::Empty => c.missing = Missing::Empty,
            Answer::Fill(text) => c.blank.push(Blank::Value(text.clone())),
        }
    }
}

/// Where fields without a column stand among those of a sheet.
const UNMAPPED: usize = 1_000_000;

type Place = (usize, usize, usize, Open, String);

/// Reads files by the plan, of each sheet at most so many rows, and answers what it leaves open, and whether all was read. Writes
/// nothing.
///
/// # Errors
/// The plan does not fit the model or the files; the database.
#[boxed]
pub async fn questions(engine: &Engine, scope: &Scope, plan: &Plan, files: &Files, most: u64) -> Result<(Vec<Question>, bool)> {
    let model = engine.model();
    plan.check(&model)?;
    let import = Import {
        engine: engine.clone(),
        scope: scope.clone(),
        job: engine.new_id(),
        plan: plan.clone(),
        files: files.clone(),
        dry_run: true,
        rehearsed: Mutex::default(),
    };
    let looks = import.looks(&model)?;
    let mut asker =
        Asker { import: &import, model, looks, most, known: Lookups::default(), found: BTreeMap::new(), cut: BTreeSet::new() };
    for n in 0..plan.sheets.len() {
        asker.sheet(n).await?;
    }
    let whole = asker.cut.is_empty();
    Ok((asker.finish().await?, whole))
}

/// Field, column and object of a question, with what it counted.
struct Seen {
    object: String,
    field: String,
    column: Option<String>,
    target: Option<Wanted>,
    choices: Vec<String>,
    rows: u64,
    first: u64,
}

struct Asker<'i> {
    import: &'i Import,
    model: Arc<Model>,
    looks: Vec<(ObjectName, String)>,
    most: u64,
    known: Lookups,
    found: BTreeMap<Place, Seen>,
    /// Objects of sheets that were not read to their end: what is not found among them may come yet.
    cut: BTreeSet<String>,
}

impl Asker<'_> {
    async fn sheet(&mut self, n: usize) -> Result<()> {
        let plan = &self.import.plan.sheets[n];
        let (book, sheet) = self.import.files.find(plan)?;
        let rows = Converter::rows(&self.model, plan, &sheet)?;
        let children = plan.children.iter().map(|c| Converter::child(&self.model, c, &sheet)).collect::<Result<Vec<_>>>()?;
        let parts: Vec<(&str, &Converter)> = std::iter::once((plan.object.as_str(), &rows))
            .chain(plan.children.iter().map(|c| c.object.as_str()).zip(&children))
            .collect();
        let mut distinct = Distinct::of(plan, &sheet)?;
        let mut chunks = match book {
            Some(b) => run::chunks(b.rows(&sheet)),
            None => run::chunks(sheet.sample.clone().into_iter().map(Ok)),
        };
        // References to the sheet's own object are judged when all of it is read.
        let mut later: BTreeMap<(usize, String), (u64, u64)> = BTreeMap::new();
        let (mut read, mut first) = (0, 1);
        while let Some(chunk) = chunks.recv().await {
            let mut chunk = chunk?;
            if read >= self.most {
                self.cut.insert(plan.object.clone());
                break;
            }
            if let Some(r) = chunk.first().filter(|_| read == 0) {
                first = r.number;
            }
            read += chunk.len() as u64;
            distinct.keep(&mut chunk);
            self.known.trim();
            let mut wanted = BTreeSet::new();
            for (_, c) in &parts {
                c.wanted(&chunk, &self.known, &mut wanted);
            }
            self.import.ask(wanted, &mut self.known).await?;
            for (p, (object, c)) in parts.iter().enumerate() {
                for (at, column) in c.columns().iter().enumerate() {
                    for row in &chunk {
                        if column.later && later.len() < 10_000 {
                            for t in column.texts(row) {
                                later.entry((at, t)).or_insert((0, row.number)).0 += 1;
                            }
                        } else if p == 0 || c.has(row) {
                            self.cell(n, p * 10_000 + at, object, column, row, plan.mode);
                        }
                    }
                }
            }
            for (object, by) in self.looks.iter().filter(|(o, _)| *o == plan.object.as_str()) {
                for t in chunk.iter().filter_map(|r| rows.text_of(by, r)) {
                    self.known.soon(object, by, &t);
                }
            }
            self.known.made(&ObjectName::new(plan.object.as_str()).unwrap_or_else(|_| ObjectName::lit("account")));
        }
        if plan.mode == Mode::Create {
            self.unmapped(n, plan, read, first);
        }
        let wanted = later.keys().filter_map(|(at, t)| rows.columns()[*at].wanted(t)).collect();
        self.import.ask(wanted, &mut self.known).await?;
        for ((at, text), (count, first)) in later {
            let column = &rows.columns()[at];
            self.look(n, at, &plan.object, column, &text, first, count);
        }
        Ok(())
    }

    fn cell(&mut self, sheet: usize, at: usize, object: &str, column: &Column, row: &Row, mode: Mode) {
        let text = column.text(row);
        if text.is_empty() {
            if mode != Mode::Update && self.needed(object, &column.field) {
                self.note((sheet, at, 0, Open::Blank, String::new()), object, column, None, vec![], row.number, 1);
            }
            return;
        }
        match &column.field.ty {
            FieldType::Pick { .. } if !column.knows(&text) => {
                let choices = column.likely(&text, &self.model);
                self.note((sheet, at, 1, Open::Choice, text), object, column, None, choices, row.number, 1);
            }
            FieldType::Multi { .. } => {
                for t in crate::convert::split(&text).filter(|t| !column.knows(t)) {
                    let choices = column.likely(t, &self.model);
                    self.note((sheet, at, 1, Open::Choice, t.to_owned()), object, column, None, choices, row.number, 1);
                }
            }
            _ => {
                for t in column.texts(row) {
                    self.look(sheet, at, object, column, &t, row.number, 1);
                }
            }
        }
    }

    /// Fields no column leads to although new records need them.
    fn unmapped(&mut self, sheet: usize, plan: &SheetPlan, rows: u64, first: u64) {
        let Some(object) = self.model.object(&plan.object).cloned() else { return };
        for (ix, f) in object.live().filter(|(_, f)| self.needed(&plan.object, f)).collect::<Vec<_>>() {
            let named = plan.columns.iter().any(|c| c.field == *f.name) || plan.set.contains_key(f.name.as_str());
            if !named && rows > 0 && self.found.len() < MOST {
                let (object, field) = (plan.object.clone(), f.name.to_string());
                let seen = Seen { object, field, column: None, target: None, choices: vec![], rows, first };
                self.found.insert((sheet, UNMAPPED + usize::from(ix.0), 0, Open::Blank, String::new()), seen);
            }
        }
    }

    /// A new record must have a value here, and nothing but the row gives one.
    fn needed(&self, object: &str, f: &FieldDef) -> bool {
        let default = |set| self.model.picklist(set).is_some_and(|p| p.default.is_some());
        let given =
            matches!(&f.ty, FieldType::Pick { set } if default(set)) || f.default.is_some() || f.system || f.ty.is_computed();
        f.required && !given && self.model.object(object).is_some_and(|o| !self.import.engine.fills(o, &f.name))
    }

    #[allow(clippy::too_many_arguments, reason = "one line of a tally")]
    fn look(&mut self, sheet: usize, at: usize, object: &str, column: &Column, text: &str, row: u64, count: u64) {
        let Some(w) = column.wanted(text) else { return };
        let open = match self.known.get(&w) {
            Some(Found::Nothing) if column.plan.missing == Missing::Error && !self.cut.contains(w.object.as_str()) => {
                Open::Record
            }
            Some(Found::Many) => Open::Ambiguous,
            _ => return,
        };
        self.note((sheet, at, 2, open, text.to_owned()), object, column, Some(w), vec![], row, count);
    }

    #[allow(clippy::too_many_arguments, reason = "one line of a tally")]
    fn note(
        &mut self,
        at: Place,
        object: &str,
        column: &Column,
        target: Option<Wanted>,
        choices: Vec<String>,
        row: u64,
        count: u64,
    ) {
        if let Some(seen) = self.found.get_mut(&at) {
            seen.rows += count;
        } else if self.found.len() < MOST {
            let (field, column) = (column.plan.field.clone(), column.plan.column.clone());
            self.found.insert(at, Seen { object: object.to_owned(), field, column, target, choices, rows: count, first: row });
        }
    }

    async fn finish(self) -> Result<Vec<Question>> {
        let mut titles: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        let mut all = vec![];
        for ((sheet, _, _, open, value), s) in self.found {
            let mut similar = s.choices;
            if let Some(w) = s.target.filter(|_| open == Open::Record) {
                let at = (w.object.to_string(), w.by.clone());
                if !titles.contains_key(&at) {
                    let mut known = texts(&self.import.engine, &self.import.scope, &w).await?;
                    known.extend(self.known.soon_of(&w.object, &w.by).take(COMPARED).map(str::to_owned));
                    titles.insert(at.clone(), known);
                }
                similar = alike(&value, titles.get(&at).into_iter().flatten().map(|t| (t.as_str(), t.as_str())));
            }
            let Seen { object, field, column, rows, first, .. } = s;
            all.push(Question { sheet, object, field, column, open, value, rows, first, similar });
        }
        Ok(all)
    }
}

/// Texts of the field a lookup compares with.
async fn texts(engine: &Engine, scope: &Scope, w: &Wanted) -> Result<Vec<String>> {
    let mut all = HashSet::new();
    let mut cursor = None;
    let mut read = 0;
    while read < COMPARED {
        let filter = Some(w.among.clone()).filter(|f| !f.is_empty());
        let req = ListRequest {
            filter,
            fields: Some(vec![w.by.clone()]),
            limit: Some(200),
            cursor: cursor.take(),
            ..ListRequest::default()
        };
        let page = engine.list(scope, &w.object, &req).await?;
        read += page.len.max(1);
        let text = [b"[".as_slice(), &page.rows, b"]"].concat();
        let rows: Vec<JsonMap> = serde_json::from_slice(&text).map_err(std::io::Error::other)?;
        all.extend(rows.iter().filter_map(|r| Some(r.get(&w.by)?.as_str()?.to_owned())));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    Ok(all.into_iter().collect())
}

/// The most alike of some texts, by what they hold beside case, spaces and punctuation: answers of at most three.
pub(crate) fn alike<'t>(text: &str, known: impl Iterator<Item = (&'t str, &'t str)>) -> Vec<String> {
    let plain = |s: &str| rapport_text::fold::fold(s).chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let wanted = plain(text);
    let mut scored: Vec<(f64, &str)> = known
        .map(|(shown, answer)| (rapport_text::similar::dice(&wanted, &plain(shown)), answer))
        .filter(|(score, _)| *score >= 0.5)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored.dedup_by(|a, b| a.1 == b.1);
    scored.into_iter().take(3).map(|(_, s)| s.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_slips_are_seen() {
        let names = ["GTX Basic", "GTX Pro", "GTX Plus Pro", "MG Special"];
        assert_eq!(alike("GTXPro", names.iter().map(|n| (*n, *n)))[0], "GTX Pro");
        assert_eq!(alike("technolgy", [("Technology", "it"), ("Trade", "trade")].into_iter()), ["it"]);
        assert!(alike("听泉", [("砚山纺织", "砚山纺织")].into_iter()).is_empty());
    }

    #[test]
    fn answers_are_lines_of_a_plan() {
        let q = Question {
            sheet: 0,
            object: "opportunity_line".into(),
            field: "product_id".into(),
            column: Some("product".into()),
            open: Open::Record,
            value: "GTX\"Pro".into(),
            rows: 1_480,
            first: 3,
            similar: vec!["GTX Pro".into()],
        };
        for line in q.answers() {
            let column = format!("[[sheet]]\nobject = \"account\"\n[[sheet.map]]\nfield = \"name\"\n{line}");
            Plan::from_toml(&column).unwrap_or_else(|e| panic!("{line}: {e:?}"));
        }
    }
}
