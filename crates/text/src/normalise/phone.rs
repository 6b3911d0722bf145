//! Phone numbers (R-NRM-02).

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::fold::nfkc;

/// What sort of number a [`Phone`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PhoneKind {
    /// A mobile number of the Chinese mainland, Hong Kong, Macao or Taiwan.
    Mobile,
    /// A fixed line of the Chinese mainland, Hong Kong, Macao or Taiwan.
    Landline,
    /// A nationwide 400 or 800 number of the Chinese mainland.
    Service,
    /// A short number such as 95588; valid only inside its country.
    Short,
    /// A number of any other country.
    International,
    /// Not a number that can be dialled.
    Invalid,
}

/// A phone number in normal form.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Phone {
    /// What was typed, trimmed.
    pub raw: String,
    /// `+` and digits (ITU E.164), `short:CN:95588` for a short number, `None` when invalid.
    pub e164: Option<String>,
    /// Extension, digits only.
    pub ext: Option<String>,
    /// ISO 3166 alpha-2 country, when known (one of several for a shared calling code such as +1).
    pub country: Option<SmolStr>,
    /// Sort of number.
    pub kind: PhoneKind,
}

impl Phone {
    /// Whether the number can be dialled.
    pub fn is_valid(&self) -> bool {
        self.kind != PhoneKind::Invalid
    }

    /// The key under which a phone field is unique: `e164`, and `;ext=…` when there is an extension.
    /// `None` for an invalid number.
    pub fn unique_key(&self) -> Option<String> {
        let e164 = self.e164.as_ref()?;
        Some(match &self.ext {
            Some(ext) => format!("{e164};ext={ext}"),
            None => e164.clone(),
        })
    }

    /// The way the number is written inside its own country: `138 0013 8000`, `010-65529988`, `400-123-4567`;
    /// abroad numbers keep their `+`. An extension follows as `转801` for China, else ` ext. 801`.
    pub fn display_national(&self) -> String {
        let Some(e164) = self.e164.as_deref() else {
            return self.raw.clone();
        };
        let mut out = match (self.kind, e164.strip_prefix("+86")) {
            (PhoneKind::Mobile, Some(n)) => format!("{} {} {}", &n[..3], &n[3..7], &n[7..]),
            (PhoneKind::Landline, Some(n)) => {
                let (area, rest) = n.split_at(area_len(n));
                format!("0{area}-{rest}")
            }
            (PhoneKind::Service, Some(n)) => format!("{}-{}-{}", &n[..3], &n[3..6], &n[6..]),
            _ => match e164.strip_prefix("short:") {
                Some(short) => short.split_once(':').map_or(short, |(_, n)| n).to_owned(),
                None => e164.to_owned(),
            },
        };
        if let Some(ext) = &self.ext {
            let china = e164.starts_with("+86");
            out.push_str(if china { "转" } else { " ext. " });
            out.push_str(ext);
        }
        out
    }

    fn invalid(raw: &str) -> Self {
        Phone { raw: raw.to_owned(), e164: None, ext: None, country: None, kind: PhoneKind::Invalid }
    }
}

/// Where a number without `+` belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhoneContext<'a> {
    /// ISO 3166 alpha-2 country of the record, or of the organisation when the record has none.
    pub country: &'a str,
    /// The organisation's area code (`010` or `10`) for bare 7–8 digit numbers of the Chinese mainland.
    pub area_code: Option<&'a str>,
}

impl Default for PhoneContext<'_> {
    fn default() -> Self {
        PhoneContext { country: "CN", area_code: None }
    }
}

struct CallingCode {
    region: &'static str,
    code: &'static str,
    trunk: &'static str,
    /// Possible lengths of the national number, one bit each.
    lengths: u32,
}

struct PhoneData {
    by_region: HashMap<&'static str, &'static CallingCode>,
    by_code: HashMap<&'static str, &'static CallingCode>,
    area_codes: HashSet<&'static str>,
}

static CODES: LazyLock<Vec<CallingCode>> = LazyLock::new(|| {
    include_str!("../../data/calling_codes.tsv")
        .lines()
        .filter_map(|line| {
            let mut cells = line.split('\t');
            Some(CallingCode {
                region: cells.next()?,
                code: cells.next()?,
                trunk: cells.next()?,
                lengths: cells.next()?.split(',').filter_map(|n| n.parse::<u32>().ok()).fold(0, |bits, n| bits | (1 << n)),
            })
        })
        .collect()
});

static DATA: LazyLock<PhoneData> = LazyLock::new(|| {
    let mut by_code = HashMap::new();
    let mut by_region = HashMap::new();
    for (line, entry) in include_str!("../../data/calling_codes.tsv").lines().zip(CODES.iter()) {
        by_region.insert(entry.region, entry);
        // The last column marks the main country of a shared calling code.
        if line.ends_with("\t1") {
            by_code.insert(entry.code, entry);
        }
    }
    let area_codes = include_str!("../../data/area_codes.tsv").lines().filter_map(|line| line.split('\t').next()).collect();
    PhoneData { by_region, by_code, area_codes }
});

/// The country of a division code: 81 Hong Kong, 82 Macao, 71 Taiwan (also their lower levels), else the
/// Chinese mainland.
pub fn country_of_division(code: &str) -> &'static str {
    match code.get(..2) {
        Some("81") => "HK",
        Some("82") => "MO",
        Some("71") => "TW",
        _ => "CN",
    }
}

/// The city or region name of an area code of the Chinese mainland, given with or without its leading 0.
pub fn area_code_name(code: &str) -> Option<&'static str> {
    let code = code.strip_prefix('0').unwrap_or(code);
    include_str!("../../data/area_codes.tsv")
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .find(|(area, _)| *area == code)
        .map(|(_, name)| name)
}

/// The division a landline number of the Chinese mainland belongs to, by its area code: of a city, or of the province where several
/// cities share the code. `None` for every other number. The number is a normal form, `+861065529988`.
pub fn landline_division(e164: &str) -> Option<String> {
    let national = e164.strip_prefix("+86").filter(|n| is_landline(n))?;
    let name = area_code_name(&national[..area_len(national)])?;
    let place = super::parse_address(name);
    if name.contains('、') { place.province } else { place.code().map(str::to_owned) }
}

/// Length of the area code at the start of a mainland landline number without its 0.
pub(crate) fn area_len(national: &str) -> usize {
    let len = if national.starts_with("10") || national.starts_with('2') { 2 } else { 3 };
    len.min(national.len())
}

/// Brings a phone number to its normal form (R-NRM-02).
///
/// Never fails: a number that cannot be dialled comes back with [`PhoneKind::Invalid`], and the caller refuses
/// it or keeps it as raw. A normal form normalises to itself.
pub fn normalise_phone(raw: &str, context: &PhoneContext<'_>) -> Phone {
    let raw = raw.trim();
    let text = nfkc(raw);
    if let Some(rest) = text.strip_prefix("short:") {
        if let Some((country, digits)) = rest.split_once(':')
            && is_short(digits)
        {
            return short(raw, country, digits);
        }
        return Phone::invalid(raw);
    }
    let Some((main, ext)) = split_extension(strip_label(&text)) else {
        return Phone::invalid(raw);
    };
    let found = digits_of(main)
        .and_then(|(plus, digits)| resolve(raw, plus, &digits, context))
        .or_else(|| hyphen_extension(raw, main, ext.is_some(), context));
    match found {
        Some(mut phone) => {
            if ext.is_some() {
                phone.ext = ext;
            }
            phone
        }
        None => Phone::invalid(raw),
    }
}

/// `电话：…`, `tel:…`: what address books and web pages put before a number.
fn strip_label(text: &str) -> &str {
    const LABELS: [&str; 13] =
        ["联系电话", "手机号", "电话", "手机", "座机", "固话", "传真", "tel", "telephone", "phone", "mobile", "mob", "fax"];
    let Some((label, rest)) = text.split_once([':', '.']) else {
        return text;
    };
    let label = label.trim();
    if LABELS.iter().any(|l| l.eq_ignore_ascii_case(label)) { rest.trim_start() } else { text }
}

/// Splits a cell that holds several numbers (`13800138000 / 010-65529988`, `…；…`, `…、…`), as found in imported
/// files. One number gives itself; an extension after `,` stays with its number.
pub fn split_phones(text: &str) -> Vec<&str> {
    text.split(['/', '／', ';', '；', '、', '，', '|', '\n', '\r', '或']).map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// `010-65529988-801`: in China the last hyphen often stands before an extension.
fn hyphen_extension(raw: &str, main: &str, has_ext: bool, context: &PhoneContext<'_>) -> Option<Phone> {
    if has_ext {
        return None;
    }
    let (front, tail) = main.trim_end().rsplit_once('-')?;
    if !(1..=6).contains(&tail.len()) || !tail.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (plus, digits) = digits_of(front)?;
    let mut phone = resolve(raw, plus, &digits, context)?;
    if !matches!(phone.kind, PhoneKind::Landline | PhoneKind::Service) {
        return None;
    }
    phone.ext = Some(tail.to_owned());
    Some(phone)
}

/// Splits the extension off; `None` when there is an extension mark without digits after it.
fn split_extension(text: &str) -> Option<(&str, Option<String>)> {
    const MARKS: [&str; 8] = ["转接", "转", "轉", "分机", "ext", "x", "#", ","];
    let lower = text.to_ascii_lowercase();
    let found = MARKS
        .iter()
        .filter_map(|mark| lower.find(mark).map(|at| (at, mark.len())))
        .min_by_key(|&(at, len)| (at, usize::MAX - len));
    let Some((at, len)) = found else {
        return Some((text, None));
    };
    let rest = lower[at + len..]
        .trim_start_matches("ension")
        .trim_start_matches("接")
        .trim_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ':' | '=' | '-' | ')' | '('));
    if rest.is_empty() || rest.len() > 10 || !rest.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let main = text[..at].trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '(' | '-' | ';'));
    Some((main, Some(rest.to_owned())))
}

/// Strips separators; `None` when something other than a number is left. The flag tells a leading `+` or `00`.
fn digits_of(text: &str) -> Option<(bool, String)> {
    let mut digits = String::with_capacity(text.len());
    let mut plus = false;
    for ch in text.chars() {
        match ch {
            '0'..='9' => digits.push(ch),
            '+' if digits.is_empty() && !plus => plus = true,
            '-' | '(' | ')' | '.' => {}
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30FB}' | '\u{00B7}' => {}
            // Direction marks come along when a number is copied from an address book.
            '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' => {}
            _ if ch.is_whitespace() => {}
            _ => return None,
        }
    }
    if !plus && let Some(rest) = digits.strip_prefix("00") {
        digits = rest.to_owned();
        plus = true;
    }
    (!digits.is_empty()).then_some((plus, digits))
}

fn resolve(raw: &str, plus: bool, digits: &str, context: &PhoneContext<'_>) -> Option<Phone> {
    if plus {
        return match digits.strip_prefix("86") {
            Some(national) => china(raw, national, true, context),
            None => abroad(raw, digits),
        };
    }
    match context.country {
        "CN" => china(raw, digits, false, context),
        country => {
            if is_short(digits) && digits.len() <= 6 {
                return Some(short(raw, country, digits));
            }
            let entry = DATA.by_region.get(country)?;
            let national = digits
                .strip_prefix(entry.trunk)
                .filter(|_| !entry.trunk.is_empty() && entry.trunk != entry.code)
                .unwrap_or(digits);
            regional(raw, entry, national)
                .or_else(|| regional(raw, entry, digits))
                // Typed with the country's own calling code but no plus.
                .or_else(|| regional(raw, entry, digits.strip_prefix(entry.code)?))
        }
    }
}

fn is_short(digits: &str) -> bool {
    (3..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

fn short(raw: &str, country: &str, digits: &str) -> Phone {
    Phone {
        raw: raw.to_owned(),
        e164: Some(format!("short:{country}:{digits}")),
        ext: None,
        country: Some(SmolStr::new(country)),
        kind: PhoneKind::Short,
    }
}

/// The checks for the Chinese mainland. `international` numbers were written with `+86`.
fn china(raw: &str, digits: &str, international: bool, context: &PhoneContext<'_>) -> Option<Phone> {
    let make = |national: &str, kind| {
        Some(Phone {
            raw: raw.to_owned(),
            e164: Some(format!("+86{national}")),
            ext: None,
            country: Some(SmolStr::new_static("CN")),
            kind,
        })
    };
    if is_mobile(digits) {
        return make(digits, PhoneKind::Mobile);
    }
    if let Some(rest) = digits.strip_prefix('0').or_else(|| digits.strip_prefix("86"))
        && is_mobile(rest)
    {
        return make(rest, PhoneKind::Mobile);
    }
    if digits.len() == 10 && (digits.starts_with("400") || digits.starts_with("800")) {
        return make(digits, PhoneKind::Service);
    }
    if let Some(rest) = digits.strip_prefix('0') {
        if is_landline(rest) {
            return make(rest, PhoneKind::Landline);
        }
    } else if international {
        if is_landline(digits) {
            return make(digits, PhoneKind::Landline);
        }
    } else if let Some(rest) = digits.strip_prefix("86") {
        // 86 10 6552 9988: the calling code without its plus.
        let rest = rest.strip_prefix('0').unwrap_or(rest);
        if is_landline(rest) {
            return make(rest, PhoneKind::Landline);
        }
    }
    if is_short(digits) && !digits.starts_with('0') {
        return Some(short(raw, "CN", digits));
    }
    if !international && matches!(digits.len(), 7 | 8) && !digits.starts_with(['0', '1']) {
        let area = context.area_code?;
        let national = format!("{}{digits}", area.strip_prefix('0').unwrap_or(area));
        if is_landline(&national) {
            return make(&national, PhoneKind::Landline);
        }
    }
    None
}

fn is_mobile(digits: &str) -> bool {
    let b = digits.as_bytes();
    b.len() == 11 && b[0] == b'1' && (b'3'..=b'9').contains(&b[1])
}

/// Area code without its 0 and 7–8 digits (8 after a two-digit code).
fn is_landline(national: &str) -> bool {
    let area = area_len(national);
    let subscriber = national.len() - area;
    let length_fits = if area == 2 { subscriber == 8 } else { subscriber == 7 || subscriber == 8 };
    length_fits && DATA.area_codes.contains(&national[..area]) && !matches!(national.as_bytes()[area], b'0' | b'1')
}

/// A number with its calling code, not of the Chinese mainland.
fn abroad(raw: &str, digits: &str) -> Option<Phone> {
    if digits.len() > 15 {
        return None;
    }
    let entry = (1..=3usize).find_map(|n| DATA.by_code.get(digits.get(..n)?))?;
    let national = &digits[entry.code.len()..];
    regional(raw, entry, national)
        // +44 (0)20 …: the trunk prefix is written but not dialled from abroad.
        .or_else(|| {
            let rest = national.strip_prefix(entry.trunk).filter(|_| !entry.trunk.is_empty())?;
            regional(raw, entry, rest)
        })
}

fn regional(raw: &str, entry: &CallingCode, national: &str) -> Option<Phone> {
    let len = national.len();
    if len == 0 || len > 31 || entry.lengths & (1_u32 << len) == 0 || entry.code.len() + len > 15 {
        return None;
    }
    let kind = match entry.region {
        "HK" if national.len() != 8 => return None,
        "HK" => match national.as_bytes()[0] {
            b'2' | b'3' | b'8' => PhoneKind::Landline,
            b'4'..=b'7' | b'9' => PhoneKind::Mobile,
            _ => return None,
        },
        "MO" if national.len() != 8 => return None,
        "MO" => match national.as_bytes()[0] {
            b'6' => PhoneKind::Mobile,
            b'2' | b'8' => PhoneKind::Landline,
            _ => return None,
        },
        "TW" => match (national.as_bytes()[0], national.len()) {
            (b'9', 9) => PhoneKind::Mobile,
            (b'2'..=b'8', 8 | 9) => PhoneKind::Landline,
            _ => return None,
        },
        _ => PhoneKind::International,
    };
    Some(Phone {
        raw: raw.to_owned(),
        e164: Some(format!("+{}{national}", entry.code)),
        ext: None,
        country: Some(SmolStr::new(entry.region)),
        kind,
    })
}

#[cfg(test)]
mod tests;
