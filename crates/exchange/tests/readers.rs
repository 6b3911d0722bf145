//! Files of any content are read or refused, never a panic or a hang: the corpus of the fuzz targets, and damaged workbooks (R18).
#![allow(clippy::unwrap_used)]

use std::{io::Write as _, path::Path};

use proptest::prelude::*;
use rapport_exchange::{ExchangeError, export::guarded, read, vcard};

/// Reads a file to its end; answers rows read, or nothing when it was refused.
fn walk(bytes: &[u8], ending: &str) -> Option<usize> {
    let mut f = tempfile::Builder::new().suffix(ending).tempfile().unwrap();
    f.write_all(bytes).unwrap();
    let book = match read::open(f.path()) {
        Ok(b) => b,
        Err(ExchangeError::Refused { .. } | ExchangeError::Io(_) | ExchangeError::File { .. }) => return None,
        Err(e) => panic!("{e:?}"),
    };
    let mut n = 0;
    for sheet in &book.sheets {
        for row in book.rows(sheet) {
            let Ok(row) = row else { break };
            assert_eq!(row.cells.len(), sheet.headers.len());
            n += 1;
        }
    }
    Some(n)
}

fn workbook() -> Vec<u8> {
    let mut b = rust_xlsxwriter::Workbook::new();
    let s = b.add_worksheet();
    for r in 0..20u32 {
        s.write_row(r, 0, ["名称", "value", "x"]).unwrap();
        s.write(r, 3, f64::from(r) / 3.0).unwrap();
    }
    b.save_to_buffer().unwrap()
}

#[test]
fn the_corpus_is_read_or_refused() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/csv");
    let mut seen = 0;
    for f in std::fs::read_dir(&dir).unwrap() {
        walk(&std::fs::read(f.unwrap().path()).unwrap(), ".csv");
        seen += 1;
    }
    assert!(seen >= 7, "{seen} files in {}", dir.display());
    assert_eq!(walk(&workbook(), ".xlsx"), Some(19));
}

/// A sheet of strings that unpacks to far more than the archive's directory says (quality.md, Files).
#[test]
fn an_archive_that_lies_about_its_size_is_refused() {
    let plain = workbook();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(plain)).unwrap();
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(vec![]));
    let names: Vec<String> = (0..zip.len()).map(|i| zip.by_index(i).unwrap().name().unwrap().to_string()).collect();
    for (i, name) in names.iter().enumerate() {
        out.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
        if name.ends_with("sharedStrings.xml") {
            let part = vec![b' '; 1 << 20];
            for _ in 0..8 {
                out.write_all(&part).unwrap();
            }
        } else {
            std::io::copy(&mut zip.by_index(i).unwrap(), &mut out).unwrap();
        }
    }
    let mut bytes = out.finish().unwrap().into_inner();
    let real = 8u32 << 20;
    let mut lies = 0;
    for at in 0..bytes.len() - 4 {
        if bytes[at..at + 4] == real.to_le_bytes() {
            bytes[at..at + 4].copy_from_slice(&1_000_000u32.to_le_bytes());
            lies += 1;
        }
    }
    assert!(lies >= 1, "the size stands in the directory");
    assert_eq!(walk(&bytes, ".xlsx"), None);
}

/// A workbook with one sheet, written part by part.
fn parts(strings: &str, styles: &str, sheet: &str) -> Vec<u8> {
    let mut z = zip::ZipWriter::new(std::io::Cursor::new(vec![]));
    let rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let of = |id: &str, kind: &str, to: &str| {
        format!(r#"<Relationships><Relationship Id="{id}" Type="{rel}/{kind}" Target="{to}"/></Relationships>"#)
    };
    for (name, text) in [
        ("_rels/.rels", of("r1", "officeDocument", "xl/workbook.xml")),
        ("xl/workbook.xml", r#"<workbook><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>"#.to_owned()),
        ("xl/_rels/workbook.xml.rels", of("r1", "worksheet", "worksheets/sheet1.xml")),
        ("xl/sharedStrings.xml", strings.to_owned()),
        ("xl/styles.xml", format!("<styleSheet>{styles}</styleSheet>")),
        ("xl/worksheets/sheet1.xml", format!("<worksheet><sheetData>{sheet}</sheetData></worksheet>")),
    ] {
        z.start_file(name, zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored)).unwrap();
        z.write_all(text.as_bytes()).unwrap();
    }
    z.finish().unwrap().into_inner()
}

/// The code a workbook is refused by, when it is opened or while it is read.
fn refused(bytes: &[u8]) -> Option<&'static str> {
    let mut f = tempfile::Builder::new().suffix(".xlsx").tempfile().unwrap();
    f.write_all(bytes).unwrap();
    let e = match read::open(f.path()) {
        Err(e) => e,
        Ok(b) => b.rows(&b.sheets[0]).find_map(Result::err)?,
    };
    match e {
        ExchangeError::Refused { code, .. } => Some(code),
        e => panic!("{e:?}"),
    }
}

/// Room for as many strings as the file announces would be asked for at once: more than there is ends the process.
#[test]
fn strings_that_are_only_announced_are_refused() {
    let row = r#"<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2" t="s"><v>0</v></c></row>"#;
    let strings = |head: &str| format!(r"<?xml version='1.0'?>{head}<si><t>名称</t></si></sst>");
    assert_eq!(refused(&parts(&strings(r#"<sst count="2" uniqueCount="1">"#), "", row)), None);
    // Some programs count wrongly.
    assert_eq!(refused(&parts(&strings(r#"<sst count="900000" uniqueCount="900000">"#), "", row)), None);
    for head in [
        r#"<sst uniqueCount="10000000000000">"#,
        r#"<x:sst count="1" uniqueCount = '00010000000000000'>"#,
        r#"<!-- <sst uniqueCount="1"> --><sst uniqueCount="10000000000000">"#,
        r#"<sst uniqueCount="10000000000000" uniqueCount="1">"#,
        r#"<sst uniqueCount="99999999999999999999999999">"#,
    ] {
        assert_eq!(refused(&parts(&strings(head), "", row)), Some("file.bomb"), "{head}");
    }
    assert_eq!(refused(&parts(&format!("<!--{}-->{}", " ".repeat(2 << 20), strings("<sst>")), "", row)), Some("file.unreadable"));
}

/// One string in many cells is small in the file and large in memory.
#[test]
fn a_string_in_every_cell_of_a_row_is_refused() {
    let strings = |length: usize| format!("<sst><si><t>{}</t></si></sst>", "x".repeat(length));
    let row = |cells: usize| {
        let letters = |i| read::column_letter(i);
        (0..cells).map(|i| format!(r#"<c r="{}1" t="s"><v>0</v></c>"#, letters(i))).collect::<String>()
    };
    let of = |length, cells| parts(&strings(length), "", &format!(r#"<row r="1">{}</row>"#, row(cells)));
    assert_eq!(refused(&of(1_000, 1_000)), None);
    assert_eq!(refused(&of(read::MAX_CELL, 2)), None);
    assert_eq!(refused(&of(read::MAX_CELL, 3)), Some("file.row_too_large"));
    assert_eq!(refused(&of(900_000, 1_000)), Some("file.row_too_large"));
    assert_eq!(refused(&of(read::MAX_CELL + 1, 1)), Some("file.cell_too_large"));
    assert_eq!(refused(&of(17 << 20, 1)), Some("file.bomb"), "a text nobody typed");
    // The same holds for text files.
    let line = format!("name,{}\n", vec!["y".repeat(900_000); 3].join(","));
    assert_eq!(refused(line.as_bytes()), Some("file.row_too_large"));
}

/// Every style holds a copy of the font it names: a long name and many styles are small in the file and large in memory.
#[test]
fn styles_that_copy_a_long_name_are_refused() {
    let row = r#"<row r="1"><c r="A1"><v>1</v></c></row>"#;
    let styles = |name: usize, styles: usize| {
        format!(
            r#"<fonts><font><name val="{}"/></font></fonts><cellXfs>{}</cellXfs>"#,
            "F".repeat(name),
            r#"<xf fontId="0"/>"#.repeat(styles)
        )
    };
    assert_eq!(refused(&parts("<sst/>", &styles(31, 65_000), row)), None);
    assert_eq!(refused(&parts("<sst/>", &styles(1 << 20, 100_000), row)), Some("file.bomb"));
}

/// A quote that is never closed makes the rest of a file one cell: refused before it is all in memory.
#[test]
fn a_quote_that_is_never_closed_is_refused() {
    let mut f = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    f.write_all(b"name,note\nAlder,ok\nBirch,\"never closed\n").unwrap();
    let line = b"Cedar,another line of the same cell\n".repeat(1 << 15);
    for _ in 0..20 {
        f.write_all(&line).unwrap();
    }
    assert!(f.as_file().metadata().unwrap().len() > 20 << 20);
    let book = read::open(f.path());
    let refused = match book {
        Err(e) => e,
        Ok(b) => b.rows(&b.sheets[0]).find_map(Result::err).expect("refused while it is read"),
    };
    assert!(matches!(refused, ExchangeError::Refused { code: "file.cell_too_large", .. }), "{refused:?}");
}

/// The walk itself notices what it must: a row of another width would fail it, and damage is refused, not read as rows.
#[test]
fn the_walk_can_tell() {
    assert_eq!(walk(b"a,b\n1,2\n3\n4,5,6\n", ".csv"), Some(3));
    assert_eq!(walk(b"", ".csv"), None);
    let mut cut = workbook();
    cut.truncate(cut.len() / 2);
    assert_eq!(walk(&cut, ".xlsx"), None);
    assert_eq!(vcard::read("BEGIN:VCARD\nVERSION:4.0\nFN:何澜\nEND:VCARD\n").len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_no_trouble(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        walk(&bytes, ".csv");
        let _ = vcard::read(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn damaged_workbooks_are_no_trouble(hits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12)) {
        let mut b = workbook();
        for (at, v) in hits {
            let at = at.index(b.len());
            b[at] = v;
        }
        walk(&b, ".xlsx");
    }

    /// What a spreadsheet writes with quotes comes back cell by cell.
    #[test]
    fn quoted_cells_come_back(rows in proptest::collection::vec(("[a-z听泉,;\"\n]{1,12}", "[ -~\n]{0,12}"), 1..20)) {
        let mut w = csv::Writer::from_writer(vec![]);
        w.write_record(["first", "second"]).unwrap();
        for (a, b) in &rows {
            w.write_record([guarded(a), guarded(b)]).unwrap();
        }
        let mut f = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
        f.write_all(&w.into_inner().unwrap()).unwrap();
        let book = read::open(f.path()).unwrap();
        let got: Vec<Vec<String>> = book.rows(&book.sheets[0]).map(|r| r.unwrap().cells).collect();
        let want: Vec<Vec<String>> = rows.iter().filter(|(a, b)| !(a.trim().is_empty() && b.trim().is_empty())).map(|(a, b)| vec![a.clone(), b.clone()]).collect();
        prop_assert_eq!(got, want);
    }
}
