//! vCard 4.0 out (RFC 6350), 2.1, 3.0 and 4.0 in, for contacts (R-CAL-01).

use rapport_records::JsonMap;
use serde_json::{Value, json};

/// One contact as a card.
#[must_use]
pub fn write(contact: &JsonMap, company: Option<&str>) -> String {
    let of = |k: &str| contact.get(k).and_then(Value::as_str).unwrap_or_default();
    let phone = |k: &str| {
        contact.get(k).and_then(|p| p.get("e164").or_else(|| p.get("raw")).and_then(Value::as_str).or_else(|| p.as_str()))
    };
    let mut lines = vec![
        "BEGIN:VCARD".to_owned(),
        "VERSION:4.0".into(),
        format!("UID:urn:uuid:{}", of("id")),
        format!("FN:{}", escaped(of("name"))),
    ];
    let (family, given) = (of("family_name"), of("given_name"));
    if !family.is_empty() || !given.is_empty() {
        lines.push(format!("N:{};{};;;", escaped(family), escaped(given)));
    }
    if let Some(c) = company {
        lines.push(format!("ORG:{}", escaped(c)));
    }
    for (name, field) in [("TITLE", "title"), ("EMAIL", "email"), ("BDAY", "birthday"), ("NOTE", "description")] {
        if !of(field).is_empty() {
            lines.push(format!("{name}:{}", escaped(of(field))));
        }
    }
    if let Some(p) = phone("mobile") {
        lines.push(format!("TEL;TYPE=cell:{}", escaped(p)));
    }
    if let Some(p) = phone("phone") {
        lines.push(format!("TEL;TYPE=work:{}", escaped(p)));
    }
    if let Some(Value::Object(a)) = contact.get("address") {
        let of = |k: &str| escaped(a.get(k).and_then(Value::as_str).unwrap_or_default());
        let street = format!("{}{}", of("district"), of("detail"));
        lines.push(format!("ADR:;;{street};{};{};{};{}", of("city"), of("province"), of("postcode"), of("country")));
    }
    lines.push("END:VCARD".into());
    lines.iter().map(|l| folded(l)).collect()
}

fn escaped(s: &str) -> String {
    s.replace('\\', "\\\\").replace('\n', "\\n").replace(',', "\\,").replace(';', "\\;")
}

fn unescaped(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    let mut it = s.chars();
    while let Some(c) = it.next() {
        match (c, c == '\\') {
            (_, true) => match it.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(x) => out.push(x),
                None => out.push('\\'),
            },
            (c, false) => out.push(c),
        }
    }
    out
}

/// Lines of more than 75 octets are continued on the next with a space (RFC 6350 §3.2), never inside a character.
fn folded(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 8);
    let mut width = 0;
    for c in line.chars() {
        if width + c.len_utf8() > 75 {
            out.push_str("\r\n ");
            width = 1;
        }
        out.push(c);
        width += c.len_utf8();
    }
    out.push_str("\r\n");
    out
}

/// Reads cards into data for the pipeline. A property that has no place among the fields goes into the note, so none is lost.
#[must_use]
pub fn read(text: &str) -> Vec<JsonMap> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<String> = vec![];
    for l in text.split('\n') {
        let soft = lines.last().is_some_and(|p| p.to_ascii_uppercase().contains("ENCODING=QUOTED-PRINTABLE") && p.ends_with('='));
        match (l.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some(last)) if !soft => last.push_str(rest),
            (_, Some(last)) if soft => {
                last.pop();
                last.push_str(l);
            }
            _ => lines.push(l.to_owned()),
        }
    }
    let mut cards = vec![];
    let mut card: Option<Card> = None;
    for l in &lines {
        let Some((head, value)) = split_head(l) else { continue };
        let mut params = head.split(';');
        let name = params.next().unwrap_or_default();
        let name = name.rsplit('.').next().unwrap_or(name).to_ascii_uppercase();
        let params = params.map(str::to_ascii_uppercase).collect::<Vec<_>>().join(";");
        match (name.as_str(), value.to_ascii_uppercase().as_str()) {
            ("BEGIN", "VCARD") => card = Some(Card::default()),
            ("END", "VCARD") => cards.extend(card.take().and_then(Card::finish)),
            _ => {
                if let Some(c) = &mut card {
                    let value = if params.contains("QUOTED-PRINTABLE") { quoted_printable(value) } else { value.to_owned() };
                    c.property(&name, &params, &value);
                }
            }
        }
    }
    cards
}

/// Head and value are parted by the first colon outside quotes.
fn split_head(line: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let at = line.char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        *c == ':' && !quoted
    })?;
    Some((&line[..at.0], &line[at.0 + 1..]))
}

fn quoted_printable(s: &str) -> String {
    let b = s.as_bytes();
    let mut out = vec![];
    let mut i = 0;
    while i < b.len() {
        let hex = (b[i] == b'=').then(|| s.get(i + 1..i + 3)).flatten().and_then(|h| u8::from_str_radix(h, 16).ok());
        match hex {
            Some(x) => {
                out.push(x);
                i += 3;
            }
            None => {
                out.push(b[i]);
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[derive(Debug, Default)]
struct Card {
    data: JsonMap,
    notes: Vec<String>,
}

impl Card {
    fn put(&mut self, field: &str, value: String) -> bool {
        let value = value.trim().to_owned();
        if value.is_empty() {
            return true;
        }
        if self.data.contains_key(field) {
            return false;
        }
        self.data.insert(field.into(), value.into());
        true
    }

    fn property(&mut self, name: &str, params: &str, value: &str) {
        let plain = unescaped(value);
        let placed = match name {
            "VERSION" | "PRODID" | "REV" | "UID" | "PHOTO" | "LOGO" | "SOUND" | "KEY" => true,
            "FN" => self.put("name", plain.clone()),
            "N" => {
                let parts: Vec<String> = split_unescaped(value);
                let at = |i: usize| parts.get(i).cloned().unwrap_or_default();
                let given = [at(1), at(2)].iter().filter(|s| !s.is_empty()).cloned().collect::<Vec<_>>().join(" ");
                self.put("family_name", at(0)) & self.put("given_name", given)
            }
            "ORG" => self.put("$company", split_unescaped(value).into_iter().next().unwrap_or_default()),
            "TITLE" => self.put("title", plain.clone()),
            "EMAIL" => self.put("email", plain.trim_start_matches("mailto:").to_owned()),
            "BDAY" => match birthday(&plain) {
                Some(d) => self.put("birthday", d),
                None => false,
            },
            "TEL" => {
                let number = plain.trim_start_matches("tel:").to_owned();
                let first = if params.contains("CELL") { "mobile" } else { "phone" };
                if params.contains("FAX") || params.contains("PAGER") {
                    false
                } else {
                    self.put(first, number.clone()) || self.put(if first == "phone" { "mobile" } else { "phone" }, number)
                }
            }
            "ADR" if !self.data.contains_key("address") => {
                let p = split_unescaped(value);
                let at = |i: usize| p.get(i).map(|s| s.trim().to_owned()).filter(|s| !s.is_empty());
                let detail = [at(0), at(1), at(2)].into_iter().flatten().collect::<Vec<_>>().join(" ").replace('\n', " ");
                let a = json!({"detail": detail, "city": at(3), "province": at(4), "postcode": at(5)});
                self.data.insert("address".into(), a);
                at(6).is_none_or(|c| {
                    self.notes.push(format!("ADR: {c}"));
                    true
                })
            }
            "NOTE" => {
                self.notes.insert(0, plain.clone());
                true
            }
            _ => false,
        };
        if !placed && !plain.trim().is_empty() {
            self.notes.push(format!("{name}: {}", plain.trim()));
        }
    }

    fn finish(mut self) -> Option<JsonMap> {
        if !self.data.contains_key("name") {
            let of = |k: &str| self.data.get(k).and_then(Value::as_str).unwrap_or_default().to_owned();
            let made = format!("{} {}", of("given_name"), of("family_name")).trim().to_owned();
            let made = if made.is_empty() { of("email") } else { made };
            if made.is_empty() {
                return None;
            }
            self.data.insert("name".into(), made.into());
        }
        if !self.notes.is_empty() {
            self.data.insert("description".into(), self.notes.join("\n").into());
        }
        Some(self.data)
    }
}

fn split_unescaped(value: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for c in value.chars() {
        match (escaped, c) {
            (false, '\\') => escaped = true,
            (false, ';') => parts.push(String::new()),
            (true, 'n' | 'N') => {
                parts.last_mut().expect("never empty").push('\n');
                escaped = false;
            }
            _ => {
                parts.last_mut().expect("never empty").push(c);
                escaped = false;
            }
        }
    }
    parts
}

fn birthday(s: &str) -> Option<String> {
    let day = s.split('T').next()?;
    let digits: String = day.chars().filter(char::is_ascii_digit).collect();
    if digits.len() != 8 || day.starts_with("--") {
        return None;
    }
    let d = format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..]);
    d.parse::<jiff::civil::Date>().ok().map(|d| d.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact() -> JsonMap {
        let v = json!({"id": "x", "name": "欧阳娜娜", "family_name": "欧阳", "given_name": "娜娜", "title": "采购总监; 兼质检", "email": "k@ting.example",
            "mobile": {"raw": "138 0013 8000", "e164": "+8613800138000"}, "description": "第一行\n第二行，含,逗号"});
        if let Value::Object(m) = v { m } else { unreachable!("an object") }
    }

    #[test]
    fn a_card_comes_back_as_it_went() {
        // R-CAL-01: N = family;given;additional;prefixes;suffixes
        let card = write(&contact(), Some("听泉乳业有限公司"));
        assert!(card.contains("N:欧阳;娜娜;;;\r\n"), "{card}");
        assert!(card.lines().all(|l| l.len() <= 75), "{card}");
        let back = read(&card);
        assert_eq!(back.len(), 1);
        let b = &back[0];
        assert_eq!(b["name"], "欧阳娜娜");
        assert_eq!(b["title"], "采购总监; 兼质检");
        assert_eq!(b["mobile"], "+8613800138000");
        assert_eq!(b["description"], "第一行\n第二行，含,逗号");
        assert_eq!(b["$company"], "听泉乳业有限公司");
    }

    #[test]
    fn nothing_of_a_real_export_is_lost() {
        let dir = std::env::var("RAPPORT_TEST_DATA")
            .map_or_else(|_| std::path::PathBuf::from("../../../shared/data"), Into::into)
            .join("vcard-ical/exports");
        let Ok(files) = std::fs::read_dir(&dir) else {
            eprintln!("skipped: {} is not there", dir.display());
            return;
        };
        let mut cards = 0;
        for f in files.flatten() {
            let text = String::from_utf8_lossy(&std::fs::read(f.path()).unwrap()).into_owned();
            let all = read(&text);
            assert!(!all.is_empty(), "{}", f.path().display());
            cards += all.len();
            for line in text.lines().filter(|l| l.starts_with("URL") || l.starts_with("X-")) {
                let Some((_, value)) = split_head(line) else { continue };
                let value = unescaped(value);
                let value = value.trim();
                if value.len() > 3 && value.len() < 60 && !line.to_uppercase().contains("QUOTED-PRINTABLE") {
                    assert!(
                        all.iter().any(|c| c.get("description").and_then(Value::as_str).is_some_and(|d| d.contains(value))),
                        "{line}"
                    );
                }
            }
        }
        assert!(cards >= 6, "{cards} cards");
    }
}
