//! CSV and its relatives: encoding and delimiter are found out from the first part of the file.

use std::{
    cell::Cell,
    fs::File,
    io::{BufReader, Read},
    path::Path,
    rc::Rc,
};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8};

use super::{Format, MAX_RECORD, Sink};
use crate::{ExchangeError, Result};

const LOOK: usize = 256 * 1024;

/// Finds encoding and delimiter.
pub fn sniff(path: &Path) -> Result<Format> {
    let mut head = Vec::with_capacity(LOOK);
    File::open(path)?.take(LOOK as u64).read_to_end(&mut head)?;
    let whole = head.len() < LOOK;
    let encoding = match Encoding::for_bom(&head) {
        Some((e, _)) => e,
        None => {
            let mut d = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
            d.feed(&head, whole);
            let valid_utf8 = match std::str::from_utf8(&head) {
                Ok(_) => true,
                Err(e) => !whole && e.error_len().is_none(),
            };
            if valid_utf8 { UTF_8 } else { d.guess(None, chardetng::Utf8Detection::Deny) }
        }
    };
    // GBK is a part of GB 18030; reading as the latter loses nothing.
    let encoding = if encoding == encoding_rs::GBK { encoding_rs::GB18030 } else { encoding };
    let (text, _, _) = encoding.decode(&head);
    if text.contains('\0') {
        return Err(ExchangeError::refused("file.unreadable"));
    }
    Ok(Format::Csv { encoding: encoding.name().into(), delimiter: delimiter(&text) })
}

/// The delimiter that cuts the first lines into the most and the most equal parts, outside quotes.
fn delimiter(text: &str) -> char {
    let best = [',', ';', '\t', '|']
        .into_iter()
        .map(|d| {
            let counts: Vec<usize> = text
                .lines()
                .filter(|l| !l.trim().is_empty())
                .take(20)
                .map(|l| {
                    let mut quoted = false;
                    l.chars()
                        .filter(|c| {
                            quoted ^= *c == '"';
                            *c == d && !quoted
                        })
                        .count()
                })
                .collect();
            let first = counts.first().copied().unwrap_or(0);
            let same = counts.iter().filter(|c| **c == first).count();
            (if first == 0 { 0 } else { first * 10 + same * 25 }, d)
        })
        .max_by_key(|(score, _)| *score);
    best.filter(|(score, _)| *score > 0).map_or(',', |(_, d)| d)
}

/// Reads all rows.
pub fn read(path: &Path, encoding: &str, delimiter: char, sink: &Sink) -> Result<()> {
    let encoding = Encoding::for_label(encoding.as_bytes()).unwrap_or(UTF_8);
    let taken = Rc::new(Cell::new(0));
    let text = Decoded::new(BufReader::with_capacity(1 << 16, File::open(path)?), encoding.new_decoder(), taken.clone());
    let mut csv = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(u8::try_from(delimiter).unwrap_or(b','))
        .from_reader(text);
    let mut record = csv::StringRecord::new();
    loop {
        match csv.read_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) => {}
            Err(e) => {
                let line = e.position().map_or(0, csv::Position::line);
                return Err(match e.into_kind() {
                    csv::ErrorKind::Io(_) if taken.get() > MAX_RECORD => {
                        ExchangeError::refused("file.cell_too_large").with("row", line)
                    }
                    csv::ErrorKind::Io(e) => ExchangeError::Io(e),
                    _ => ExchangeError::refused("file.unreadable").with("line", line),
                });
            }
        }
        if record.len() > super::MAX_COLUMNS {
            return Err(ExchangeError::refused("file.too_many_columns").with("max", super::MAX_COLUMNS));
        }
        let number = record.position().map_or(0, csv::Position::record) + 1;
        // The apostrophe our own export puts before what looks like a formula is not part of the text.
        let cells = record.iter().map(|c| crate::export::unguarded(c).replace("\r\n", "\n").replace('\r', "\n")).collect();
        taken.set(0);
        if sink.row(number, cells).is_err() {
            return Ok(());
        }
    }
}

/// Bytes of any encoding as UTF-8; what cannot be decoded becomes U+FFFD.
struct Decoded<R> {
    from: R,
    decoder: Decoder,
    raw: Vec<u8>,
    ready: Vec<u8>,
    given: usize,
    ended: bool,
    /// Bytes given since the last record.
    taken: Rc<Cell<usize>>,
}

impl<R: Read> Decoded<R> {
    fn new(from: R, decoder: Decoder, taken: Rc<Cell<usize>>) -> Self {
        Self { from, decoder, raw: vec![0; 1 << 16], ready: Vec::with_capacity(1 << 18), given: 0, ended: false, taken }
    }
    fn fill(&mut self) -> std::io::Result<()> {
        self.ready.clear();
        self.given = 0;
        let n = self.from.read(&mut self.raw)?;
        self.ended = n == 0;
        let mut rest = &self.raw[..n];
        loop {
            let at = self.ready.len();
            self.ready.resize(at + rest.len() * 3 + 16, 0);
            let (result, read, written, _) = self.decoder.decode_to_utf8(rest, &mut self.ready[at..], self.ended);
            self.ready.truncate(at + written);
            rest = &rest[read..];
            if result == CoderResult::InputEmpty {
                return Ok(());
            }
        }
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        while self.given == self.ready.len() {
            if self.ended {
                return Ok(0);
            }
            self.fill()?;
        }
        let n = out.len().min(self.ready.len() - self.given);
        out[..n].copy_from_slice(&self.ready[self.given..self.given + n]);
        self.given += n;
        self.taken.set(self.taken.get() + n);
        if self.taken.get() > MAX_RECORD {
            // A quote that is never closed would take the rest of the file into memory as one cell.
            return Err(std::io::Error::other("a record without end"));
        }
        Ok(n)
    }
}
