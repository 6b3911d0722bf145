//! Taking records out: what the caller sees, as CSV, XLSX or vCard, page by page so that memory does not grow.

use async_recursion::async_recursion as boxed;
use std::{borrow::Cow, io::Write};

use rapport_policy::Scope;
use rapport_records::{Engine, JsonMap, ListRequest, seen};
use rapport_schema::{FieldDef, FieldType, Locale, Model, ObjectDef};
use rust_xlsxwriter::{Format as CellFormat, Workbook};
use serde_json::{Value, json};

use crate::{ExchangeError, Result, vcard};

/// Form of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Comma-separated values, UTF-8 with a mark so that spreadsheets read Chinese.
    Csv,
    /// Office Open XML workbook.
    Xlsx,
    /// vCard 4.0, contacts only.
    Vcf,
}

impl Form {
    /// By the name used in URLs and on the command line.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        Some(match s {
            "csv" => Self::Csv,
            "xlsx" => Self::Xlsx,
            "vcf" => Self::Vcf,
            _ => return None,
        })
    }
    /// MIME type.
    #[must_use]
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Vcf => "text/vcard; charset=utf-8",
        }
    }
    /// File extension.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Vcf => "vcf",
        }
    }
}

/// Longest text of a cell of a workbook, in units of UTF-16.
const CELL: usize = 32_767;
/// Most rows of one worksheet beside the header.
const SHEET_ROWS: u64 = 1_048_575;

/// Writes the records of a list request to a file. Answers how many rows.
///
/// # Errors
/// The caller may not export (`permission.denied`), a field is unknown (`request.unknown_field`), more rows than a worksheet holds (`export.limit`), the disk.
#[boxed]
pub async fn export(
    engine: &Engine,
    scope: &Scope,
    object: &str,
    req: &ListRequest,
    form: Form,
    locale: Locale,
    to: &std::path::Path,
) -> Result<u64> {
    let model = engine.model();
    let def = model.object(object).ok_or_else(|| rapport_records::Error::UnknownObject(object.into()))?.clone();
    if form == Form::Vcf && object != "contact" {
        return Err(ExchangeError::refused("export.vcard_contacts_only"));
    }
    let fields: Vec<&FieldDef> = match &req.fields {
        Some(names) if form != Form::Vcf => {
            names.iter().map(|n| Ok(def.at(seen(scope, &def, n)?))).collect::<Result<_, rapport_records::Error>>()?
        }
        _ => def.live().map(|(_, f)| f).filter(|f| scope.field(&def, &f.name, false).visible()).collect(),
    };
    let mut req = req.clone();
    req.limit = Some(200);
    req.cursor = None;
    req.fields = Some(fields.iter().map(|f| f.name.to_string()).collect());
    req.expand = fields.iter().filter(|f| is_reference(&f.ty)).map(|f| f.name.to_string()).collect();
    let at = |e: ExchangeError| e.at(to);
    let mut out = Out::open(form, &model, &def, &fields, locale, to).map_err(at)?;
    loop {
        let page = engine.export_page(scope, object, &req).await?;
        let text = [b"[".as_slice(), &page.rows, b"]"].concat();
        let rows: Vec<JsonMap> = serde_json::from_slice(&text).map_err(std::io::Error::other)?;
        for r in &rows {
            out.row(r).map_err(at)?;
        }
        req.cursor = page.next;
        if req.cursor.is_none() {
            break;
        }
    }
    let rows = out.finish(to).map_err(at)?;
    // Who took what out (quality.md V16); the file is there, so this is said even when the caller goes away.
    let what = json!({ "filter": req.filter, "q": req.q, "fields": req.fields, "form": form.extension(), "rows": rows });
    engine.audit(scope, object, "export.run", what).await?;
    Ok(rows)
}

fn is_reference(ty: &FieldType) -> bool {
    matches!(
        ty,
        FieldType::Ref { .. }
            | FieldType::Refs { .. }
            | FieldType::MasterDetail { .. }
            | FieldType::Poly { .. }
            | FieldType::User
            | FieldType::Users
            | FieldType::Dept
            | FieldType::Depts
    )
}

struct Out<'a> {
    model: &'a Model,
    fields: Vec<&'a FieldDef>,
    locale: Locale,
    rows: u64,
    file: Sink,
}

enum Sink {
    Csv(Box<csv::Writer<std::fs::File>>),
    Xlsx { book: Box<Workbook>, header: Vec<String>, dates: CellFormat, money: CellFormat },
    Vcf(std::io::BufWriter<std::fs::File>),
}

impl<'a> Out<'a> {
    fn open(
        form: Form,
        model: &'a Model,
        def: &ObjectDef,
        fields: &[&'a FieldDef],
        locale: Locale,
        to: &std::path::Path,
    ) -> Result<Self> {
        let header: Vec<String> = fields.iter().map(|f| f.label.get(locale).to_owned()).collect();
        let file = match form {
            Form::Csv => {
                let mut f = std::fs::File::create(to)?;
                f.write_all(b"\xEF\xBB\xBF")?;
                let mut w = csv::WriterBuilder::new().from_writer(f);
                w.write_record(header.iter().map(|h| guarded(h)))?;
                Sink::Csv(Box::new(w))
            }
            Form::Xlsx => {
                let mut book = Workbook::new();
                let name: String = def.plural.get(locale).chars().filter(|c| !"[]:*?/\\".contains(*c)).take(31).collect();
                let sheet = book.add_worksheet_with_constant_memory()?;
                sheet.set_name(name)?;
                for (i, h) in header.iter().enumerate() {
                    sheet.write_string(0, u16::try_from(i).unwrap_or(u16::MAX), cut(h))?;
                }
                let dates = CellFormat::new().set_num_format("yyyy-mm-dd");
                let money = CellFormat::new().set_num_format("#,##0.00");
                Sink::Xlsx { book: Box::new(book), header, dates, money }
            }
            Form::Vcf => Sink::Vcf(std::io::BufWriter::new(std::fs::File::create(to)?)),
        };
        Ok(Self { model, fields: fields.to_vec(), locale, rows: 0, file })
    }

    fn row(&mut self, record: &JsonMap) -> Result<()> {
        self.rows += 1;
        let empty = JsonMap::new();
        let titles = record.get("$expand").and_then(Value::as_object).unwrap_or(&empty);
        match &mut self.file {
            Sink::Csv(w) => {
                let cells = self.fields.iter().map(|f| {
                    guarded(&text(self.model, f, record.get(f.name.as_str()), titles.get(f.name.as_str()), self.locale))
                });
                w.write_record(cells)?;
            }
            Sink::Xlsx { book, header, dates, money } => {
                if self.rows > SHEET_ROWS {
                    return Err(ExchangeError::refused("export.limit").with("max", SHEET_ROWS));
                }
                debug_assert_eq!(header.len(), self.fields.len());
                let sheet = book.worksheet_from_index(0).map_err(std::io::Error::other)?;
                let r = u32::try_from(self.rows).unwrap_or(u32::MAX);
                for (i, f) in self.fields.iter().enumerate() {
                    let c = u16::try_from(i).unwrap_or(u16::MAX);
                    let value = record.get(f.name.as_str());
                    let done = match (&f.ty, value) {
                        (_, None | Some(Value::Null)) => continue,
                        (FieldType::Int { .. } | FieldType::Rating { .. }, Some(Value::Number(n))) => {
                            sheet.write_number(r, c, n.as_f64().unwrap_or(0.0)).map(drop)
                        }
                        (FieldType::Money { .. }, Some(v)) => match v.get("amount").and_then(exact) {
                            Some(n) => sheet.write_number_with_format(r, c, n, money).map(drop),
                            None => sheet.write_string(r, c, cut(&text(self.model, f, value, None, self.locale))).map(drop),
                        },
                        (FieldType::Dec { .. } | FieldType::Pct { .. }, Some(v)) => match exact(v) {
                            Some(n) => sheet.write_number(r, c, n).map(drop),
                            None => sheet.write_string(r, c, cut(&text(self.model, f, value, None, self.locale))).map(drop),
                        },
                        (FieldType::Date, Some(Value::String(d))) => match rust_xlsxwriter::ExcelDateTime::parse_from_str(d) {
                            Ok(t) => sheet.write_datetime_with_format(r, c, &t, dates).map(drop),
                            Err(_) => sheet.write_string(r, c, cut(d)).map(drop),
                        },
                        // A string is a string in a workbook: nothing typed by a person becomes a formula.
                        _ => {
                            let text = text(self.model, f, value, titles.get(f.name.as_str()), self.locale);
                            sheet.write_string(r, c, cut(&text)).map(drop)
                        }
                    };
                    done?;
                }
            }
            Sink::Vcf(w) => {
                let company = titles.get("account_id").and_then(|t| t.get("title")).and_then(Value::as_str);
                w.write_all(vcard::write(record, company).as_bytes())?;
            }
        }
        Ok(())
    }

    fn finish(self, to: &std::path::Path) -> Result<u64> {
        match self.file {
            Sink::Csv(mut w) => w.flush()?,
            Sink::Xlsx { mut book, .. } => book.save(to)?,
            Sink::Vcf(mut w) => w.flush()?,
        }
        Ok(self.rows)
    }
}

/// A text as a cell of a workbook holds it: one that is too long ends in an ellipsis.
pub(crate) fn cut(text: &str) -> Cow<'_, str> {
    if text.encode_utf16().count() <= CELL {
        return text.into();
    }
    let mut units = 0;
    let fits = text.chars().take_while(|c| {
        units += c.len_utf16();
        units < CELL
    });
    fits.chain(['…']).collect::<String>().into()
}

/// A decimal that a binary fraction of 15 digits shows exactly; longer ones stay text so that nothing is rounded in silence.
fn exact(v: &Value) -> Option<f64> {
    let s = v.as_str()?;
    (s.bytes().filter(u8::is_ascii_digit).count() <= 15).then(|| s.parse().ok()).flatten()
}

/// A spreadsheet would take the text for a formula. Plain numbers keep their sign.
fn risky(text: &str) -> bool {
    let number = || {
        text.strip_prefix(['-', '+'])
            .is_some_and(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_digit() || c == '.') && n.matches('.').count() <= 1)
    };
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']) && !number()
}

/// A cell of a CSV file that no spreadsheet takes for a formula: a text that begins with `= + - @`, their full-width forms, a tab or a
/// carriage return gets an apostrophe. So does one that begins with apostrophes before such a character: what [`unguarded`] takes
/// away is always what was added here.
#[must_use]
pub fn guarded(text: &str) -> String {
    if risky(text.trim_start_matches('\'')) { format!("'{text}") } else { text.to_owned() }
}

/// What [`guarded`] was given; any other text is left as it is.
#[must_use]
pub fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if risky(rest.trim_start_matches('\'')) => rest,
        _ => text,
    }
}

/// A value as a person reads it.
fn text(model: &Model, f: &FieldDef, value: Option<&Value>, expanded: Option<&Value>, locale: Locale) -> String {
    let title = |v: &Value| v.get("title").and_then(Value::as_str).map(str::to_owned);
    match (value, expanded) {
        (None | Some(Value::Null), _) => String::new(),
        (_, Some(Value::Array(all))) => all.iter().filter_map(title).collect::<Vec<_>>().join("; "),
        (_, Some(one)) if title(one).is_some() => title(one).unwrap_or_default(),
        (Some(v), _) => match (&f.ty, v) {
            (FieldType::Pick { set }, Value::String(k)) => pick(model, set, k, locale),
            (FieldType::Multi { set }, Value::Array(keys)) => {
                keys.iter().filter_map(Value::as_str).map(|k| pick(model, set, k, locale)).collect::<Vec<_>>().join("; ")
            }
            (FieldType::Bool, Value::Bool(b)) => match (locale, b) {
                (Locale::Zh, true) => "是".into(),
                (Locale::Zh, false) => "否".into(),
                (Locale::En, b) => if *b { "Yes" } else { "No" }.into(),
            },
            (FieldType::Money { .. }, Value::Object(m)) => m.get("amount").and_then(Value::as_str).unwrap_or_default().to_owned(),
            (FieldType::Phone, Value::Object(m)) => m.get("raw").and_then(Value::as_str).unwrap_or_default().to_owned(),
            (FieldType::Addr, Value::Object(m)) => {
                let of = |k: &str| m.get(k).and_then(Value::as_str).unwrap_or_default();
                ["province", "city", "district", "town", "detail"].map(of).concat()
            }
            (_, Value::String(s)) => s.clone(),
            (_, Value::Array(all)) => {
                all.iter().map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).collect::<Vec<_>>().join("; ")
            }
            (_, other) => other.to_string(),
        },
    }
}

fn pick(model: &Model, set: &str, key: &str, locale: Locale) -> String {
    model.picklist(set).and_then(|p| p.value(key)).map_or_else(|| key.to_owned(), |v| v.label.get(locale).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_disarmed_and_come_back() {
        for s in ["=1+1", "+86 138", "-HYPERLINK(\"x\")", "@SUM(A1)", "\t=1", "＝1", "－x", "＠x"] {
            assert!(guarded(s).starts_with('\''), "{s}");
            assert_eq!(unguarded(&guarded(s)), s);
        }
        assert_eq!(guarded("'=1"), "''=1", "an apostrophe of one's own is not lost");
        assert_eq!(unguarded("''=1"), "'=1");
        for s in ["-12.50", "+3", "普通", "'quoted", "'", "''", "'-12", ""] {
            assert_eq!(guarded(s), s);
            assert_eq!(unguarded(s), s);
        }
    }

    #[test]
    fn cells_hold_what_a_workbook_can() {
        for whole in [String::new(), "名称".into(), "x".repeat(CELL), "名".repeat(CELL), "😀".repeat(CELL / 2)] {
            assert_eq!(cut(&whole), whole);
        }
        for long in ["x".repeat(CELL + 1), "名".repeat(CELL + 1), "😀".repeat(CELL), format!("x{}", "😀".repeat(CELL / 2 + 1))]
        {
            let short = cut(&long);
            assert!(short.ends_with('…') && long.starts_with(short.trim_end_matches('…')));
            assert!((CELL - 1..=CELL).contains(&short.encode_utf16().count()), "{}", short.encode_utf16().count());
        }
    }

    proptest::proptest! {
        #[test]
        fn guard_round_trips(s in "'{0,3}[=+@＝-]{0,2}\\PC{0,20}") {
            let g = guarded(&s);
            proptest::prop_assert!(!g.starts_with(['=', '@', '\t', '\r', '＝', '＋', '－', '＠']));
            proptest::prop_assert_eq!(unguarded(&g), s);
        }
    }
}
