//! Normal forms (R-NRM): keys and parts derived from what was typed.

use std::{collections::HashMap, sync::LazyLock};

use parking_lot::Mutex;
use rapport_schema::{FieldError, FieldType, ObjectDef, Record, Value, value::Addr};
use rapport_text::normalise::{
    CompanyKeys, check_uscc, company_keys, divisions, normalise_email, parse_address, split_person_name,
};
use smol_str::SmolStr;

fn text(s: &str) -> Value {
    if s.is_empty() { Value::Null } else { Value::from(s) }
}

/// Derives keys and parts of a record that is about to be written; refuses a wrong credit code.
pub(crate) fn apply(o: &ObjectDef, old: Option<&Record>, new: &mut Record, errors: &mut Vec<FieldError>) {
    let changed = |new: &Record, f: &str| o.ix(f).is_some_and(|i| old.is_none_or(|o| o[i] != new[i]));
    match o.name.as_str() {
        "account" => {
            if changed(new, "name") {
                keys(o, new, "name", "name_key", "name_key_loose");
            }
            if changed(new, "email") {
                let domain = new.get(o, "email").as_text().and_then(|e| normalise_email(e).ok()).map(|e| e.domain);
                new.set(o, "email_domain", text(domain.as_deref().unwrap_or_default()));
            }
        }
        "lead" => {
            if changed(new, "company_name") {
                keys(o, new, "company_name", "company_key", "company_key_loose");
            }
            email_key(o, old, new);
        }
        "contact" => {
            person(o, old, new);
            email_key(o, old, new);
        }
        _ => {}
    }
    // R-NRM-05
    if changed(new, "uscc")
        && let Some(code) = new.get(o, "uscc").as_text().map(ToOwned::to_owned)
    {
        match check_uscc(&code) {
            Ok(normal) => new.set(o, "uscc", Value::from(normal.as_str())),
            Err(e) => errors.push(FieldError::new("uscc", "uscc.invalid").with("reason", e.to_string())),
        }
    }
    for (ix, f) in o.live() {
        if matches!(f.ty, FieldType::Addr)
            && old.is_none_or(|o| o[ix] != new[ix])
            && let Value::Addr(a) = &mut new[ix]
        {
            address(a);
        }
    }
}

/// Keys of names seen lately: a batch computes them before it enters the writer, which then finds them here.
static LATELY: LazyLock<Mutex<HashMap<String, CompanyKeys>>> = LazyLock::new(Mutex::default);
/// Names kept: two full batches.
const KEPT: usize = 20_000;

fn remembered(name: &str) -> CompanyKeys {
    if let Some(k) = LATELY.lock().get(name) {
        return k.clone();
    }
    let k = company_keys(name);
    let mut all = LATELY.lock();
    if all.len() >= KEPT {
        all.clear();
    }
    all.insert(name.to_owned(), k.clone());
    k
}

fn keys(o: &ObjectDef, r: &mut Record, from: &str, strict: &str, loose: &str) {
    let k = r.get(o, from).as_text().map(remembered).unwrap_or_default();
    r.set(o, strict, text(&k.strict));
    r.set(o, loose, text(&k.loose));
}

/// R-NRM-03: the key by which addresses are compared. Hashed, so that who may not see the address learns nothing from the key.
fn email_key(o: &ObjectDef, old: Option<&Record>, new: &mut Record) {
    let Some((email, key)) = o.ix("email").zip(o.ix("email_key")) else { return };
    if old.is_some_and(|r| r[email] == new[email] && !r[key].is_empty()) {
        return;
    }
    let of = |v: &Value| v.as_text().and_then(|e| normalise_email(e).ok()).map(|e| match_digest(&e.match_key));
    new[key] = of(&new[email]).map_or(Value::Null, |k| Value::from(k.as_str()));
}

fn match_digest(key: &str) -> String {
    use sha2::{Digest as _, Sha256};
    Sha256::digest(key.as_bytes())[..16].iter().fold(String::with_capacity(32), |mut s, b| {
        use std::fmt::Write as _;
        write!(s, "{b:02x}").expect("writing to a string");
        s
    })
}

/// R-NRM-06: the name makes its parts, or the parts the name, whichever was typed.
fn person(o: &ObjectDef, old: Option<&Record>, new: &mut Record) {
    let get = |r: &Record, f: &str| r.get(o, f).as_text().unwrap_or_default().to_owned();
    let differs = |f: &str| old.map_or_else(|| !new.get(o, f).is_empty(), |x| x.get(o, f) != new.get(o, f));
    let parts_typed = differs("family_name") || differs("given_name");
    if differs("name") && !parts_typed {
        let typed = get(new, "name");
        let n = split_person_name(&typed);
        // A Chinese name is written without spaces, so that it is found and compared as one.
        if typed.chars().any(char::is_whitespace)
            && !n.family.is_empty()
            && typed.chars().all(|c| c.is_whitespace() || rapport_text::han::is_han(c))
        {
            new.set(o, "name", text(&n.display("zh-CN")));
        }
        new.set(o, "family_name", text(&n.family));
        new.set(o, "given_name", text(&n.given));
    } else if parts_typed && !differs("name") {
        let n = rapport_text::normalise::PersonName { family: get(new, "family_name"), given: get(new, "given_name") };
        let whole = n.display("zh-CN");
        if !whole.is_empty() {
            new.set(o, "name", text(&whole));
        }
    }
}

/// R-NRM-04: names from codes, codes from free text; old codes stay readable.
fn address(a: &mut Addr) {
    let d = divisions();
    if a.code.is_none() && a.province.is_none() && a.country.as_deref().is_none_or(|c| c == "CN") {
        let joined = a.detail.clone().unwrap_or_default();
        let p = parse_address(&joined);
        if let Some(code) = p.code() {
            a.code = Some(SmolStr::new(code));
            a.country = Some(SmolStr::new_static("CN"));
            a.detail = (!p.detail.is_empty()).then(|| p.detail.clone());
        }
    }
    let Some(code) = a.code.clone() else { return };
    let name = |n: usize| code.get(..n).and_then(|c| d.get(c)).filter(|x| !x.is_placeholder()).map(|x| SmolStr::new(x.name));
    if a.province.is_none() {
        a.province = name(2);
    }
    if a.city.is_none() && !code.get(..2).is_some_and(rapport_text::normalise::divisions::is_municipality) {
        a.city = name(4);
    }
    if a.district.is_none() {
        a.district = name(6);
    }
}
