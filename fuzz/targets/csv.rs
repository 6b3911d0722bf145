//! Any bytes as a file to import: read to the end or refused, never a panic.
#![no_main]

use std::io::Write as _;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::Builder::new().suffix(".csv").tempfile().expect("a file");
    file.write_all(bytes).expect("written");
    if let Ok(book) = rapport_exchange::read::open(file.path()) {
        for sheet in &book.sheets {
            for row in book.rows(sheet) {
                let Ok(row) = row else { break };
                assert_eq!(row.cells.len(), sheet.headers.len());
            }
        }
    }
});
