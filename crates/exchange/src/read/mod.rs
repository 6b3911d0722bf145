//! Files as streams of rows of text, whatever they are: every cell becomes text, numbers and dates in one form each.
//!
//! A file is read on its own thread and rows come through a short queue, so memory does not grow with the file.

mod delimited;
mod sheet;

use std::{
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, SyncSender, sync_channel},
};

use serde::Serialize;

use crate::{ExchangeError, Result};

/// Greatest number of columns read; more is refused.
pub const MAX_COLUMNS: usize = 1_000;
/// Greatest length of one cell in bytes; more is refused.
pub const MAX_CELL: usize = 1 << 20;
/// Greatest length of the cells of a row together, in bytes; more is refused.
pub const MAX_ROW: usize = 2 << 20;
/// Greatest length of what has to be read as one: a record of a text file with its quoted line breaks, a text of a workbook.
const MAX_RECORD: usize = 16 << 20;
/// Rows looked at for the preview and the guess.
pub const SAMPLE_ROWS: usize = 200;
/// They end earlier when they hold more than so many bytes: the samples of all sheets stay in memory.
const SAMPLE_SIZE: usize = 4 << 20;
/// Rows among which the header is looked for.
const LEAD: usize = 10;
/// Rows read ahead.
const QUEUE: usize = 64;

/// A row under the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Number in the file as a spreadsheet shows it (the header is usually 1).
    pub number: u64,
    /// Cells, as many as the header has.
    pub cells: Vec<String>,
}

impl Row {
    /// Bytes of its cells.
    pub(crate) fn size(&self) -> usize {
        self.cells.iter().map(String::len).sum()
    }
}

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Format {
    /// Text with delimiters.
    Csv {
        /// Name of the encoding: `UTF-8`, `gb18030` …
        encoding: String,
        /// The delimiter.
        delimiter: char,
    },
    /// Office Open XML workbook.
    Xlsx,
}

/// A sheet of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sheet {
    /// Its name; for CSV the file's.
    pub name: String,
    /// Headers; blank ones are named by their column letter.
    pub headers: Vec<String>,
    /// Rows above the header that are not blank: a title, who made the sheet and when.
    pub above: usize,
    /// First rows.
    #[serde(skip)]
    pub sample: Vec<Row>,
}

/// A readable file.
#[derive(Debug, Clone)]
pub struct Book {
    path: PathBuf,
    /// What it is.
    pub format: Format,
    /// Its sheets that have a header.
    pub sheets: Vec<Sheet>,
}

/// Rows of a sheet as they are read.
#[derive(Debug)]
pub struct Rows(Receiver<Result<Row>>);

impl Iterator for Rows {
    type Item = Result<Row>;
    fn next(&mut self) -> Option<Result<Row>> {
        self.0.recv().ok()
    }
}

/// Where a reader puts rows: `Err` = nobody listens any more.
struct Sink {
    to: SyncSender<Result<Row>>,
    width: usize,
}

impl Sink {
    /// Passes a row on, cut or filled to the header's width; blank rows are left out.
    fn row(&self, number: u64, mut cells: Vec<String>) -> std::result::Result<(), ()> {
        if cells.iter().all(|c| c.trim().is_empty()) {
            return Ok(());
        }
        let longest = cells.iter().map(String::len).max().unwrap_or(0);
        if let Err(e) = bounded(number, longest, cells.iter().map(String::len).sum()) {
            self.to.send(Err(e)).ok();
            return Err(());
        }
        cells.resize(self.width, String::new());
        self.to.send(Ok(Row { number, cells })).map_err(|_| ())
    }
}

/// Refuses a row with a cell that is too long, or with too much in all its cells.
fn bounded(number: u64, cell: usize, row: usize) -> Result<()> {
    let code = match (cell > MAX_CELL, row > MAX_ROW) {
        (true, _) => "file.cell_too_large",
        (false, true) => "file.row_too_large",
        (false, false) => return Ok(()),
    };
    Err(ExchangeError::refused(code).with("row", number))
}

/// Opens a file: what it is, its sheets, headers and first rows.
///
/// # Errors
/// `file.unreadable`, `file.encoding`, `file.unclosed_quote`, `file.too_large`, `file.bomb`, `file.empty`, `file.unsupported`.
pub fn open(path: &Path) -> Result<Book> {
    open_as(path, None)
}

/// The same, with the encoding of a text file named instead of found out.
///
/// # Errors
/// As [`open`]; `file.encoding_unknown`.
pub fn open_as(path: &Path, encoding: Option<&str>) -> Result<Book> {
    opened(path, encoding).map_err(|e| e.at(path))
}

fn opened(path: &Path, encoding: Option<&str>) -> Result<Book> {
    let mut head = [0u8; 8];
    let n = std::io::Read::read(&mut std::fs::File::open(path)?, &mut head)?;
    let head = &head[..n];
    let (format, names) = if head.starts_with(b"PK\x03\x04") {
        sheet::guard(path)?;
        (Format::Xlsx, sheet::names(path)?)
    } else if head.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(ExchangeError::refused("file.unsupported").with("format", "xls"));
    } else if head.is_empty() {
        return Err(ExchangeError::refused("file.empty"));
    } else {
        let stem = path.file_stem().map_or_else(|| "sheet".into(), |s| s.to_string_lossy().into_owned());
        (delimited::sniff(path, encoding)?, vec![stem])
    };
    let mut book = Book { path: path.to_path_buf(), format, sheets: vec![] };
    for name in names {
        let mut rows = book.stream(&name, MAX_COLUMNS);
        let mut lead = rows.by_ref().take(LEAD).collect::<Result<Vec<Row>>>()?;
        if lead.is_empty() {
            continue;
        }
        let above = titles(&lead);
        let mut headers = std::mem::take(&mut lead[above].cells);
        lead.drain(..=above);
        while headers.last().is_some_and(|h| h.trim().is_empty()) {
            headers.pop();
        }
        let headers = named(&headers);
        let width = headers.len();
        let (mut sample, mut size) = (vec![], 0);
        for r in lead.into_iter().map(Ok).chain(rows).take(SAMPLE_ROWS) {
            let mut r: Row = r?;
            r.cells.resize(width, String::new());
            size += r.size();
            sample.push(r);
            if size > SAMPLE_SIZE {
                break;
            }
        }
        book.sheets.push(Sheet { name, headers, above, sample });
    }
    if book.sheets.is_empty() {
        return Err(ExchangeError::refused("file.empty"));
    }
    Ok(book)
}

impl Book {
    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A sheet by name.
    #[must_use]
    pub fn sheet(&self, name: &str) -> Option<&Sheet> {
        self.sheets.iter().find(|s| s.name == name)
    }

    /// All rows under the header of a sheet.
    #[must_use]
    pub fn rows(&self, sheet: &Sheet) -> Rows {
        let mut rows = self.stream(&sheet.name, sheet.headers.len());
        for _ in 0..=sheet.above {
            rows.next();
        }
        rows
    }

    fn stream(&self, name: &str, width: usize) -> Rows {
        let (to, from) = sync_channel(QUEUE);
        let sink = Sink { to: to.clone(), width };
        let (path, name, format) = (self.path.clone(), name.to_owned(), self.format.clone());
        std::thread::spawn(move || {
            let done = match format {
                Format::Csv { encoding, delimiter } => delimited::read(&path, &encoding, delimiter, &sink),
                Format::Xlsx => sheet::read(&path, &name, &sink),
            };
            if let Err(e) = done {
                to.send(Err(e.at(&path))).ok();
            }
        });
        Rows(from)
    }
}

/// Headers by which each column can be named: blank ones by their letter, one that was there before with its number.
fn named(headers: &[String]) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    let mut out = Vec::with_capacity(headers.len());
    for (i, h) in headers.iter().enumerate() {
        let own = if h.trim().is_empty() { column_letter(i) } else { h.trim().to_owned() };
        let mut name = own.clone();
        let mut n = 2;
        while !seen.insert(name.clone()) {
            name = format!("{own} ({n})");
            n += 1;
        }
        out.push(name);
    }
    out
}

/// How many rows stand above the header: lines with one cell, or with two that read like `made by: …`, over a table of more columns.
fn titles(lead: &[Row]) -> usize {
    let filled = |r: &Row| r.cells.iter().filter(|c| !c.trim().is_empty()).count();
    let widest = lead.iter().map(filled).max().unwrap_or(0);
    let title = |r: &&Row| match filled(r) {
        1 => widest > 1,
        2 => widest > 2 && r.cells.iter().filter(|c| !c.trim().is_empty()).all(|c| c.contains([':', '：'])),
        _ => false,
    };
    let above = lead.iter().take_while(title).count();
    // A column of single cells with a wider row somewhere below is a list, not a pile of titles.
    if above <= 3 && above < lead.len() { above } else { 0 }
}

/// `A`, `B` … `Z`, `AA`.
#[must_use]
pub fn column_letter(mut i: usize) -> String {
    let mut s = Vec::new();
    loop {
        s.push(b'A' + u8::try_from(i % 26).unwrap_or(0));
        if i < 26 {
            break;
        }
        i = i / 26 - 1;
    }
    s.reverse();
    String::from_utf8(s).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: &[u8], ext: &str) -> (tempfile::TempDir, PathBuf) {
        let d = tempfile::tempdir().unwrap();
        let p = d.path().join(format!("客户.{ext}"));
        std::fs::write(&p, bytes).unwrap();
        (d, p)
    }
    fn all(b: &Book) -> Vec<Vec<String>> {
        b.rows(&b.sheets[0]).map(|r| r.unwrap().cells).collect()
    }

    #[test]
    fn letters_count_like_a_spreadsheet() {
        assert_eq!([0, 25, 26, 51, 52, 701, 702].map(column_letter), ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }

    #[test]
    fn a_chinese_file_in_gb18030_is_recognised() {
        let text = "客户名称,电话,备注\n听泉乳业有限公司,0571-88886666,“重要”客户\n砚山纺织,13800138000,\n";
        let (bytes, _, _) = encoding_rs::GB18030.encode(text);
        let (_d, p) = file(&bytes, "csv");
        let b = open(&p).unwrap();
        assert_eq!(b.sheets[0].headers, ["客户名称", "电话", "备注"]);
        assert_eq!(all(&b)[0][0], "听泉乳业有限公司");
        assert!(
            matches!(&b.format, Format::Csv { encoding, delimiter: ',' } if encoding.eq_ignore_ascii_case("gb18030") || encoding.eq_ignore_ascii_case("gbk"))
        );
    }

    fn refusal(path: &Path, encoding: Option<&str>) -> (&'static str, rapport_schema::Params) {
        match open_as(path, encoding).and_then(|b| b.rows(&b.sheets[0]).collect::<Result<Vec<_>>>()) {
            Err(ExchangeError::Refused { code, params }) => (code, params),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn bytes_of_no_known_encoding_are_not_read_as_something() {
        let line = |n: u64| rapport_schema::Params::from_iter([("line".to_owned(), n.into())]);
        // One broken line in the middle of each, also far behind what was looked at first.
        for broken in [3, 40_000] {
            let mut text: Vec<u8> = "名称,城市\n".into();
            for n in 2..=50_000 {
                text.extend(if n == broken {
                    b"\xff\xff,x\n".to_vec()
                } else {
                    format!("听泉乳业{n},杭州\n").into_bytes()
                });
            }
            let (_d, p) = file(&text, "csv");
            assert_eq!(refusal(&p, None), ("file.encoding", line(broken)));
        }
        let (good, _, _) = encoding_rs::GB18030.encode("客户名称,电话\n听泉乳业有限公司,0571\n砚山纺织,138\n");
        let broken = [good.as_ref(), b"\x80\xff\xfe,1\n"].concat();
        let (_d, p) = file(&broken, "csv");
        assert_eq!(refusal(&p, None), ("file.encoding", line(4)));
        // Western letters of a byte each could be anything, until somebody says what they are.
        let (_d, p) = file(b"name,city\nAlder,Oslo\nCaf\xe9 M\xfcller,K\xf6ln\n", "csv");
        assert_eq!(refusal(&p, None), ("file.encoding", line(3)));
        assert_eq!(all(&open_as(&p, Some("latin1")).unwrap())[1], ["Café Müller", "Köln"]);
        assert_eq!(refusal(&p, Some("utf-8")), ("file.encoding", line(3)));
        assert_eq!(refusal(&p, Some("klingon")).0, "file.encoding_unknown");
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_is_said_with_its_line() {
        let (_d, p) = file(b"name,note\nAlder,fine\nBirch,\"open\nCedar,lost\n", "csv");
        assert_eq!(
            refusal(&p, None),
            ("file.unclosed_quote", rapport_schema::Params::from_iter([("line".to_owned(), 3.into())]))
        );
        for closed in ["a,b\n\"x\ny\",1\n", "a,b\n5\" pipe,1", "a,b\n1,\"\"\"q\"\"\"", "a,b\n1,\"last\""] {
            let (_d, p) = file(closed.as_bytes(), "csv");
            assert_eq!(all(&open(&p).unwrap()).len(), 1, "{closed}");
        }
        // A quote that takes in more than a row may hold.
        let mut text = b"name\nAlder\n\"".to_vec();
        text.resize(20 << 20, b'x');
        let (_d, p) = file(&text, "csv");
        assert_eq!(refusal(&p, None), ("file.cell_too_large", rapport_schema::Params::from_iter([("row".to_owned(), 3.into())])));
    }

    #[test]
    fn marks_delimiters_quotes_and_short_rows() {
        let (_d, p) = file(b"\xEF\xBB\xBFname;note;;\r\n\"A; B\";\"two\r\nlines\"\r\n\r\nC\r\n", "csv");
        let b = open(&p).unwrap();
        assert_eq!(b.sheets[0].headers, ["name", "note"]);
        assert_eq!(all(&b), [["A; B", "two\nlines"], ["C", ""]]);
        let numbers: Vec<u64> = b.rows(&b.sheets[0]).map(|r| r.unwrap().number).collect();
        assert_eq!(numbers.len(), 2);
    }

    #[test]
    fn titles_above_the_header_are_left_out() {
        let of = |text: &str| {
            let (_d, p) = file(text.as_bytes(), "csv");
            let b = open(&p).unwrap();
            let numbers: Vec<u64> = b.rows(&b.sheets[0]).map(|r| r.unwrap().number).collect();
            (b.sheets[0].headers.clone(), all(&b), numbers, b.sheets[0].sample.clone())
        };
        let (headers, rows, numbers, sample) =
            of("2026 年客户清单,,\n制表人：何岚,日期：11-20,\n名称,电话,城市\n甲,1,杭州\n乙,2,\n");
        assert_eq!(headers, ["名称", "电话", "城市"]);
        assert_eq!(rows, [["甲", "1", "杭州"], ["乙", "2", ""]]);
        assert_eq!(numbers, [4, 5]);
        assert_eq!(sample.iter().map(|r| r.cells.clone()).collect::<Vec<_>>(), rows);
        // One column, a header with one name, a list with a stray cell: nothing is left out.
        assert_eq!(of("名称\n甲\n乙\n").1, [["甲"], ["乙"]]);
        assert_eq!(of("a,b\n1,2\n").0, ["a", "b"]);
        assert_eq!(of("名称\n甲\n乙\n丙\n丁\n戊,x\n").0, ["名称"]);
        assert_eq!(of("名称,备注\n甲,\n乙,好\n").1, [["甲", ""], ["乙", "好"]]);
    }

    #[test]
    fn utf16_with_a_mark_is_read() {
        let text: Vec<u8> =
            std::iter::once(0xFEFFu16).chain("名称\t城市\n甲\t杭州\n".encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let (_d, p) = file(&text, "txt");
        let b = open(&p).unwrap();
        assert_eq!(all(&b), [["甲", "杭州"]]);
    }

    #[test]
    fn nothing_and_old_workbooks_are_refused_in_words() {
        let code = |bytes: &[u8]| {
            let (_d, p) = file(bytes, "xls");
            match open(&p) {
                Err(ExchangeError::Refused { code, .. }) => code,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(code(b""), "file.empty");
        assert_eq!(code(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]), "file.unsupported");
        assert_eq!(code(b"PK\x03\x04 not a zip at all"), "file.unreadable");
    }

    #[test]
    fn a_workbook_gives_text_numbers_and_dates_in_one_form() {
        let d = tempfile::tempdir().unwrap();
        let p = d.path().join("a.xlsx");
        let mut w = rust_xlsxwriter::Workbook::new();
        let s = w.add_worksheet().set_name("客户").unwrap();
        s.write_row(0, 0, ["名称", "金额", "日期", "是否"]).unwrap();
        s.write(1, 0, "听泉乳业").unwrap();
        s.write(1, 1, 1234.5).unwrap();
        let f = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
        s.write_with_format(1, 2, rust_xlsxwriter::ExcelDateTime::from_ymd(2026, 11, 21).unwrap(), &f).unwrap();
        s.write(1, 3, true).unwrap();
        s.write(3, 1, 13_800_138_000_i64).unwrap();
        w.add_worksheet().set_name("空").unwrap();
        w.save(&p).unwrap();
        let b = open(&p).unwrap();
        assert_eq!(b.sheets.len(), 1, "sheets without a header are left out");
        assert_eq!(all(&b), [["听泉乳业", "1234.5", "2026-11-21", "true"], ["", "13800138000", "", ""]]);
    }

    #[test]
    fn a_bomb_is_refused_before_it_is_unpacked() {
        use std::io::Write;
        let d = tempfile::tempdir().unwrap();
        let p = d.path().join("bomb.xlsx");
        let mut z = zip::ZipWriter::new(std::fs::File::create(&p).unwrap());
        z.start_file("xl/worksheets/sheet1.xml", zip::write::SimpleFileOptions::default()).unwrap();
        let zeros = vec![b' '; 1 << 20];
        for _ in 0..24 {
            z.write_all(&zeros).unwrap();
        }
        z.finish().unwrap();
        assert!(std::fs::metadata(&p).unwrap().len() < 100_000);
        assert!(matches!(open(&p), Err(ExchangeError::Refused { code: "file.bomb", .. })));
    }
}
