//! Refused rows as a file a person can correct and import again: the row as it was, its number, and the reason beside it.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use rapport_schema::{FieldError, Locale};
use rust_xlsxwriter::{Format, Workbook};

use crate::{
    ExchangeError, Result,
    export::{cut, guarded},
    plan::{Plan, SheetPlan},
    run::{Fault, Files},
};

/// Turns a fault into a sentence of the reader's language.
pub type Sentence<'a> = &'a (dyn Fn(&FieldError) -> String + Sync);

fn reasons(f: &Fault, say: Sentence<'_>) -> String {
    f.errors.iter().map(say).collect::<Vec<_>>().join("; ")
}

const fn words(locale: Locale) -> [&'static str; 2] {
    match locale {
        Locale::Zh => ["行号", "原因"],
        Locale::En => ["Row", "Reason"],
    }
}

/// A workbook with one sheet for each sheet of the import that has refused rows.
pub struct Book<'a> {
    plan: &'a Plan,
    files: &'a Files,
    say: Sentence<'a>,
    locale: Locale,
    book: Workbook,
    /// Worksheet and next row by sheet of the plan.
    sheets: HashMap<usize, (usize, u32)>,
    rows: u64,
}

impl std::fmt::Debug for Book<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Book").field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl<'a> Book<'a> {
    /// Empty.
    #[must_use]
    pub fn new(plan: &'a Plan, files: &'a Files, locale: Locale, say: Sentence<'a>) -> Self {
        Self { plan, files, say, locale, book: Workbook::new(), sheets: HashMap::new(), rows: 0 }
    }

    fn sheet(&mut self, n: usize) -> Result<(usize, u32)> {
        if let Some(at) = self.sheets.get(&n) {
            return Ok(*at);
        }
        let plan = self.plan.sheets.get(n).ok_or_else(|| ExchangeError::refused("plan.unknown_sheet"))?;
        let (_, sheet) = self.files.find(plan)?;
        let at = self.sheets.len();
        let bold = Format::new().set_bold();
        let ws = self.book.add_worksheet_with_constant_memory()?;
        // A name may occur once and holds no more than 31 characters.
        let name = format!("{} {}", n + 1, sheet.name);
        let name: String = name.chars().filter(|c| !"[]:*?/\\'".contains(*c)).take(31).collect();
        ws.set_name(name)?;
        let header = words(self.locale).into_iter().chain(sheet.headers.iter().map(String::as_str));
        for (c, h) in header.enumerate() {
            ws.write_string_with_format(0, u16::try_from(c).unwrap_or(u16::MAX), cut(h), &bold)?;
        }
        ws.set_column_width(1, 48)?;
        self.sheets.insert(n, (at, 1));
        Ok((at, 1))
    }

    /// Adds a refused row.
    ///
    /// # Errors
    /// The disk.
    pub fn add(&mut self, f: &Fault) -> Result<()> {
        let (at, row) = self.sheet(f.sheet)?;
        if row >= 1_048_575 {
            return Ok(());
        }
        let why = reasons(f, self.say);
        let ws = self.book.worksheet_from_index(at)?;
        #[allow(clippy::cast_precision_loss, reason = "row numbers")]
        ws.write_number(row, 0, f.row as f64)?;
        ws.write_string(row, 1, cut(&why))?;
        for (c, text) in f.cells.iter().enumerate() {
            // A string is a string in a workbook: nothing becomes a formula.
            ws.write_string(row, u16::try_from(c + 2).unwrap_or(u16::MAX), cut(text))?;
        }
        self.sheets.insert(f.sheet, (at, row + 1));
        self.rows += 1;
        Ok(())
    }

    /// Writes the file; answers how many rows.
    ///
    /// # Errors
    /// The disk.
    pub fn save(mut self, to: &Path) -> Result<u64> {
        if self.sheets.is_empty() {
            self.book.add_worksheet();
        }
        self.book.save(to).map_err(|e| ExchangeError::from(e).at(to))?;
        Ok(self.rows)
    }
}

/// A CSV file of the refused rows of one source file.
pub struct Text<'a> {
    to: PathBuf,
    out: csv::Writer<std::fs::File>,
    say: Sentence<'a>,
}

impl std::fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Text")
    }
}

impl<'a> Text<'a> {
    /// Begins a file with the header of the sheet.
    ///
    /// # Errors
    /// The disk.
    pub fn create(to: &Path, plan: &SheetPlan, files: &Files, locale: Locale, say: Sentence<'a>) -> Result<Self> {
        let (_, sheet) = files.find(plan)?;
        let mut file = std::fs::File::create(to).map_err(|e| ExchangeError::from(e).at(to))?;
        std::io::Write::write_all(&mut file, b"\xEF\xBB\xBF")?;
        let mut out = csv::WriterBuilder::new().flexible(true).from_writer(file);
        let header = words(locale).into_iter().map(str::to_owned).chain(sheet.headers.iter().map(|h| guarded(h)));
        out.write_record(header)?;
        Ok(Self { to: to.to_path_buf(), out, say })
    }
    /// Adds a refused row.
    ///
    /// # Errors
    /// The disk.
    pub fn add(&mut self, f: &Fault) -> Result<()> {
        let head = [f.row.to_string(), reasons(f, self.say)];
        let cells = f.cells.iter().map(|c| guarded(c));
        self.out.write_record(head.into_iter().chain(cells)).map_err(|e| ExchangeError::from(e).at(&self.to))
    }
    /// Ends the file.
    ///
    /// # Errors
    /// The disk.
    pub fn finish(mut self) -> Result<()> {
        self.out.flush().map_err(|e| ExchangeError::from(e).at(&self.to))
    }
}
