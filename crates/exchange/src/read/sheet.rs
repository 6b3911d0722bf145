//! XLSX workbooks, cell by cell, with a look at the archive before anything is unpacked.

use std::{
    fs::File,
    io::{BufReader, Read},
    path::Path,
};

use calamine::{DataRef, Reader, Xlsx, open_workbook};
use quick_xml::events::Event;

use super::{MAX_COLUMNS, MAX_RECORD, Sink, bounded};
use crate::{ExchangeError, Result};

/// Greatest unpacked size of a workbook.
const MAX_UNPACKED: u64 = 2 << 30;
/// Greatest unpacked size of the shared strings, which are held in memory.
const MAX_STRINGS: u64 = 256 << 20;
/// An entry that unpacks to more than this many times its size, and to more than 16 MiB, is a bomb. Honest sheets stay below 40.
const MAX_RATIO: u64 = 100;
const MAX_ENTRIES: usize = 10_000;
/// Strings a workbook may announce without holding them: some programs count every use of a string.
const ANNOUNCED: u64 = 1 << 20;
/// The shared strings say how many they are within so many bytes.
const HEAD: u64 = 1 << 20;
/// Greatest size of all styles, each of which holds a copy of the font and the number format it names …
const MAX_STYLES: u64 = 1 << 30;
/// … and so many bytes beside them.
const STYLE: u64 = 512;

fn unreadable(e: impl std::fmt::Display) -> ExchangeError {
    ExchangeError::refused("file.unreadable").with("detail", e.to_string())
}

/// What a part of the archive really holds.
#[derive(Debug, Default)]
struct Part {
    bytes: u64,
    tags: u64,
    /// Longest stretch without a tag: a name with its attributes, or a text.
    longest: u64,
}

impl Part {
    /// Unpacks a part and keeps nothing of it, up to one byte more than it may have.
    fn measure(part: impl Read, most: u64) -> Result<Self> {
        let (mut found, mut stretch) = (Self::default(), 0);
        let (mut part, mut buf) = (part.take(most.saturating_add(1)), vec![0; 1 << 16]);
        loop {
            let n = part.read(&mut buf).map_err(unreadable)?;
            if n == 0 {
                return Ok(found);
            }
            found.bytes += n as u64;
            for (i, piece) in buf[..n].split(|b| *b == b'<').enumerate() {
                if i > 0 {
                    found.tags += 1;
                    stretch = 0;
                }
                stretch += piece.len() as u64;
                found.longest = found.longest.max(stretch);
            }
        }
    }
}

/// How many strings the shared strings say they are: room for so many is made before the first is read.
fn announced(strings: impl Read) -> Result<u64> {
    let mut xml = quick_xml::Reader::from_reader(BufReader::new(strings.take(HEAD)));
    let mut buf = vec![];
    loop {
        buf.clear();
        match xml.read_event_into(&mut buf).map_err(unreadable)? {
            Event::Start(e) | Event::Empty(e) if e.local_name().as_ref() == "sst" => {
                let count = |rest: &str| {
                    let digits = rest.trim_start_matches(|c: char| !c.is_ascii_digit());
                    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
                    if end == 0 { 0 } else { digits[..end].parse().unwrap_or(u64::MAX) }
                };
                return Ok(e.attributes_raw().split("uniqueCount").skip(1).map(count).max().unwrap_or(0));
            }
            Event::Eof => return Err(unreadable("sst")),
            _ => {}
        }
    }
}

/// Refuses archives that would unpack to too much. The directory may lie about sizes, and the parts about what they hold: every
/// part is unpacked once and looked at.
pub fn guard(path: &Path) -> Result<()> {
    let mut zip = zip::ZipArchive::new(BufReader::new(File::open(path)?)).map_err(unreadable)?;
    if zip.len() > MAX_ENTRIES {
        return Err(ExchangeError::refused("file.bomb"));
    }
    let mut total = 0u64;
    for i in 0..zip.len() {
        let entry = zip.by_index(i).map_err(unreadable)?;
        let (packed, size) = (entry.compressed_size().max(1), entry.size());
        // Parts are found without regard to case.
        let name = entry.name().map_err(unreadable)?.to_ascii_lowercase();
        let strings = name.ends_with("sharedstrings.xml");
        let styles = name.ends_with("styles.xml");
        let streamed = name.contains("/worksheets/") && !strings && !styles;
        let held = !streamed && (name.ends_with(".xml") || name.ends_with(".rels"));
        total = total.saturating_add(size);
        let bomb = |bytes: u64| Err(ExchangeError::refused("file.bomb").with("entry", name.as_str()).with("bytes", bytes));
        if size > 16 << 20 && size / packed > MAX_RATIO || total > MAX_UNPACKED || held && size > MAX_STRINGS {
            return bomb(size);
        }
        let part = Part::measure(entry, size)?;
        if part.bytes > size
            || part.longest > MAX_RECORD as u64
            || styles && part.tags.saturating_mul(part.longest + STYLE) > MAX_STYLES
            || strings && announced(zip.by_index(i).map_err(unreadable)?)? > part.tags.max(ANNOUNCED)
        {
            return bomb(part.bytes);
        }
    }
    Ok(())
}

fn workbook(path: &Path) -> Result<Xlsx<BufReader<File>>> {
    open_workbook(path).map_err(|e: calamine::XlsxError| unreadable(e))
}

/// Names of the visible and hidden worksheets in order.
pub fn names(path: &Path) -> Result<Vec<String>> {
    Ok(workbook(path)?.sheet_names())
}

/// Reads all rows of a worksheet.
pub fn read(path: &Path, name: &str, sink: &Sink) -> Result<()> {
    let mut book = workbook(path)?;
    let mut cells = book.worksheet_cells_reader(name).map_err(unreadable)?;
    let (mut at, mut row, mut size): (Option<u32>, Vec<String>, usize) = (None, vec![], 0);
    while let Some(cell) = cells.next_cell().map_err(unreadable)? {
        let (r, c) = cell.get_position();
        if at != Some(r) {
            if let Some(done) = at
                && sink.row(u64::from(done) + 1, std::mem::take(&mut row)).is_err()
            {
                return Ok(());
            }
            at = Some(r);
            size = 0;
        }
        let c = c as usize;
        // One shared string may stand in every cell: it is measured before it is copied.
        let length = length(cell.get_value());
        size += length;
        bounded(u64::from(r) + 1, length, size)?;
        let text = text(cell.get_value());
        if text.is_empty() {
            continue;
        }
        if c >= MAX_COLUMNS {
            return Err(ExchangeError::refused("file.too_many_columns").with("max", MAX_COLUMNS));
        }
        if row.len() <= c {
            row.resize(c + 1, String::new());
        }
        row[c] = text;
    }
    if let Some(done) = at {
        sink.row(u64::from(done) + 1, row).ok();
    }
    Ok(())
}

/// How much text a cell brings along; numbers and dates are short.
fn length(v: &DataRef<'_>) -> usize {
    match v {
        DataRef::String(s) | DataRef::DateTimeIso(s) | DataRef::DurationIso(s) => s.len(),
        DataRef::SharedString(s) => s.len(),
        _ => 0,
    }
}

/// A cell as text: numbers without a trailing `.0`, dates as ISO 8601.
fn text(v: &DataRef<'_>) -> String {
    match v {
        DataRef::Empty | DataRef::Error(_) => String::new(),
        DataRef::Int(n) => n.to_string(),
        DataRef::Float(f) => number(*f),
        DataRef::String(s) => s.replace("\r\n", "\n"),
        DataRef::SharedString(s) => s.replace("\r\n", "\n"),
        DataRef::Bool(b) => b.to_string(),
        DataRef::DateTimeIso(s) | DataRef::DurationIso(s) => s.clone(),
        DataRef::DateTime(d) => {
            let (y, mo, day, h, mi, s, ms) = d.to_ymd_hms_milli();
            if d.is_duration() {
                number(d.as_f64())
            } else if (h, mi, s, ms) == (0, 0, 0, 0) {
                format!("{y:04}-{mo:02}-{day:02}")
            } else {
                format!("{y:04}-{mo:02}-{day:02} {h:02}:{mi:02}:{s:02}")
            }
        }
    }
}

/// Spreadsheets hold numbers as binary fractions: the shortest decimal that means the same is what was typed.
fn number(f: f64) -> String {
    if f.fract() == 0.0 && f.abs() < 1e15 {
        #[allow(clippy::cast_possible_truncation, reason = "whole and below 1e15")]
        return (f as i64).to_string();
    }
    format!("{f}")
}
