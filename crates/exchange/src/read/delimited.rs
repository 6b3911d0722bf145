//! CSV and its relatives: encoding and delimiter are found out from the first part of the file.

use std::{
    cell::Cell,
    fs::File,
    io::{BufReader, Read},
    path::Path,
    rc::Rc,
};

use encoding_rs::{CoderResult, Decoder, DecoderResult, Encoding, GB18030, GBK, UTF_8};

use super::{Format, MAX_RECORD, Sink};
use crate::{ExchangeError, Result};

const LOOK: usize = 256 * 1024;

/// Finds encoding and delimiter. With an encoding that was named there is nothing to find out, but all of the file must be text in it.
///
/// # Errors
/// `file.encoding` with the first line that cannot be read, `file.encoding_unknown`, `file.unreadable`; the disk.
pub fn sniff(path: &Path, named: Option<&str>) -> Result<Format> {
    let mut head = Vec::with_capacity(LOOK);
    File::open(path)?.take(LOOK as u64).read_to_end(&mut head)?;
    let encoding = match named {
        Some(n) => Encoding::for_label(n.trim().as_bytes())
            .ok_or_else(|| ExchangeError::refused("file.encoding_unknown").with("encoding", n))?,
        None => Encoding::for_bom(&head).map_or(UTF_8, |(e, _)| e),
    };
    let encoding = match misfit(path, encoding)? {
        None => encoding,
        Some(line) if named.is_some() || encoding != UTF_8 => return Err(unread(line)),
        Some(line) => guess(path, line)?,
    };
    let (text, _, _) = encoding.decode(&head);
    if text.contains('\0') {
        return Err(ExchangeError::refused("file.unreadable"));
    }
    Ok(Format::Csv { encoding: encoding.name().into(), delimiter: delimiter(&text) })
}

fn unread(line: u64) -> ExchangeError {
    ExchangeError::refused("file.encoding").with("line", line)
}

/// The encoding of a file that is not UTF-8 from `line` on. One in which any bytes are text, as in those of western languages with a byte a
/// letter, proves nothing and is not guessed.
fn guess(path: &Path, line: u64) -> Result<&'static Encoding> {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    let (mut file, mut raw) = (File::open(path)?, vec![0; 1 << 16]);
    loop {
        let n = file.read(&mut raw)?;
        detector.feed(&raw[..n], n == 0);
        if n == 0 {
            break;
        }
    }
    // GBK is a part of GB 18030; reading as the latter loses nothing.
    let likely = detector.guess(None, chardetng::Utf8Detection::Deny);
    let proved = !likely.is_single_byte();
    let likely = if likely == GBK || !proved { GB18030 } else { likely };
    match misfit(path, likely)? {
        None if proved => Ok(likely),
        None => Err(unread(line)),
        // Nearly all of it is text in one of the two: where it is not is the fault.
        Some(other) => Err(unread(line.max(other))),
    }
}

/// The first line with bytes that are no text in an encoding.
fn misfit(path: &Path, encoding: &'static Encoding) -> Result<Option<u64>> {
    let (mut file, mut decoder) = (File::open(path)?, encoding.new_decoder());
    let (mut raw, mut text, mut line) = (vec![0; 1 << 16], vec![0; 1 << 18], 1);
    loop {
        let n = file.read(&mut raw)?;
        let mut rest = &raw[..n];
        loop {
            let (result, read, written) = decoder.decode_to_utf8_without_replacement(rest, &mut text, n == 0);
            line += text[..written].iter().filter(|b| **b == b'\n').count() as u64;
            rest = &rest[read..];
            match result {
                DecoderResult::Malformed(..) => return Ok(Some(line)),
                DecoderResult::OutputFull => {}
                DecoderResult::InputEmpty => break,
            }
        }
        if n == 0 {
            return Ok(None);
        }
    }
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
        let next = csv.position().record() + 1;
        match csv.read_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) => {}
            Err(e) => {
                let line = e.position().map_or(0, csv::Position::line);
                return Err(match e.into_kind() {
                    csv::ErrorKind::Io(_) if taken.get() > MAX_RECORD => {
                        ExchangeError::refused("file.cell_too_large").with("row", next)
                    }
                    csv::ErrorKind::Io(e) => ExchangeError::Io(e),
                    _ => ExchangeError::refused("file.unreadable").with("line", line),
                });
            }
        }
        if let Some(last) = record.iter().next_back().filter(|c| c.ends_with(END)) {
            if record.len() == 1 && last == END {
                return Ok(());
            }
            // The end of the file fell into a cell.
            let line = record.position().map_or(0, csv::Position::line);
            return Err(ExchangeError::refused("file.unclosed_quote").with("line", line));
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

/// Stands in a line of its own after the last: where it does not come as one, a quotation mark is open. No file holds it.
const END: &str = "\u{0}\u{1a}\u{0}";

/// Bytes of any encoding as UTF-8, and [`END`]; what cannot be decoded becomes U+FFFD.
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
                if self.ended {
                    self.ready.push(b'\n');
                    self.ready.extend_from_slice(END.as_bytes());
                }
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
