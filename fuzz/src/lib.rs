//! What the fuzzer runs: plain functions, so that `crates/exchange/tests/fuzz.rs` runs the same ones in every run of the tests.
#![forbid(unsafe_code)]

use std::{
    io::{Cursor, Write as _},
    sync::LazyLock,
};

use rapport_exchange::{read, vcard};
use rapport_schema::{
    Millis, Model, Record, RecordId, Value,
    filter::{self, RecordView},
    formula::{self, Env},
};
use rapport_store::Rules;

/// A target: any bytes are an answer or a refusal, never a panic and never without end.
pub type Body = fn(&[u8]);

/// All targets: the name of the file in `targets` and of the folder of its corpus, and what it runs.
pub const TARGETS: &[(&str, Body)] =
    &[("csv", csv), ("filter", filter), ("formula", formula), ("sheet", sheet), ("vcard", vcard), ("xlsx", xlsx)];

static MODEL: LazyLock<Model> = LazyLock::new(rapport_model::shipped);

/// Any bytes as a text file to import: read to the end or refused.
pub fn csv(bytes: &[u8]) {
    file(bytes, ".csv");
}

/// Any bytes as a workbook to import: read to the end or refused.
pub fn xlsx(bytes: &[u8]) {
    file(bytes, ".xlsx");
}

/// Any bytes as the one sheet of a workbook that is whole otherwise: mutated archives seldom come so far.
pub fn sheet(bytes: &[u8]) {
    let rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let of = |kind: &str, to: &str| {
        format!(r#"<Relationships><Relationship Id="r1" Type="{rel}/{kind}" Target="{to}"/></Relationships>"#)
    };
    let strings = "<sst><si><t>名称</t></si><si><t>b</t></si></sst>";
    let styles = r#"<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/></cellXfs></styleSheet>"#;
    let mut zip = zip::ZipWriter::new(Cursor::new(vec![]));
    for (name, part) in [
        ("_rels/.rels", of("officeDocument", "xl/workbook.xml").as_bytes()),
        ("xl/workbook.xml", br#"<workbook><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>"#),
        ("xl/_rels/workbook.xml.rels", of("worksheet", "worksheets/sheet1.xml").as_bytes()),
        ("xl/sharedStrings.xml", strings.as_bytes()),
        ("xl/styles.xml", styles.as_bytes()),
        ("xl/worksheets/sheet1.xml", bytes),
    ] {
        let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        zip.start_file(name, stored).expect("a part");
        zip.write_all(part).expect("written");
    }
    xlsx(zip.finish().expect("an archive").get_ref());
}

fn file(bytes: &[u8], ending: &str) {
    let mut file = tempfile::Builder::new().suffix(ending).tempfile().expect("a file");
    file.write_all(bytes).expect("written");
    let Ok(book) = read::open(file.path()) else { return };
    for sheet in &book.sheets {
        for row in book.rows(sheet) {
            let Ok(row) = row else { break };
            assert_eq!(row.cells.len(), sheet.headers.len());
        }
    }
}

/// Any text as contact cards: each has a name, whatever it was read from.
pub fn vcard(bytes: &[u8]) {
    for card in vcard::read(&String::from_utf8_lossy(bytes)) {
        assert!(card.contains_key("name"));
    }
}

/// Any text as a filter, JSON or text form: read or refused; what was read says the same when written again.
pub fn filter(bytes: &[u8]) {
    let o = MODEL.object("opportunity").expect("shipped");
    if let Ok(f) = filter::parse(&String::from_utf8_lossy(bytes), &MODEL, o, &Rules) {
        let again = filter::parse_json(&filter::to_json(&f), &MODEL, o, &Rules).expect("what was read can be written");
        assert_eq!(again, f);
    }
}

/// Any text as a formula: read and evaluated over an empty record, or refused.
pub fn formula(bytes: &[u8]) {
    let o = MODEL.object("opportunity").expect("shipped");
    if let Ok(f) = formula::check(&String::from_utf8_lossy(bytes), &MODEL, o) {
        let record = Record::new(o, RecordId::from_bytes([1; 16]));
        let zone = MODEL.tz();
        let env = Env {
            model: &MODEL,
            norm: &Rules,
            now: Millis(1_795_000_000_000),
            zone: &zone,
            user: None,
            workday: &Env::weekdays,
            rate: &|_, _| None,
        };
        let _ = formula::eval(&f.root, &RecordView { object: o, record: &record, related: &|_| Value::Null }, &env);
    }
}
