//! Compares what is in the database with what clients were told.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

use anyhow::{Result, bail, ensure};
use serde_json::{Value, json};

use crate::{
    http::{Client, escape},
    ledger::{Known, Ledger, Open, Record},
    load::key,
};

/// What the API shows of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    id: String,
    code: String,
    version: i64,
    description: String,
    legal_rep: String,
}

impl Found {
    fn of(v: &Value) -> Self {
        let text = |k: &str| v[k].as_str().unwrap_or_default().to_owned();
        Self {
            id: text("id"),
            code: text("code"),
            version: v["version"].as_i64().unwrap_or_default(),
            description: text("description"),
            legal_rep: text("legal_rep"),
        }
    }
    fn known(&self, deleted: bool) -> Known {
        Known { id: self.id.clone(), code: self.code.clone(), version: self.version, value: self.description.clone(), deleted }
    }
}

/// Judges one record: what is known of it from now on (none: it was never made), or what is wrong.
fn judge(r: &Record, live: Option<&Found>, binned: Option<&Found>) -> Result<Option<Known>, String> {
    if live.is_some() && binned.is_some() {
        return Err("is both in the list and in the recycle bin".into());
    }
    let Some(found) = live.or(binned) else {
        return match &r.known {
            Some(k) => Err(format!("lost: acknowledged `{}` at version {}", k.value, k.version)),
            None => Ok(None),
        };
    };
    if found.description != found.legal_rep {
        return Err(format!("is half written: `{}` and `{}`", found.description, found.legal_rep));
    }
    if found.code.is_empty() {
        return Err("has no number".into());
    }
    let now = found.known(binned.is_some());
    // Going to the recycle bin counts a version that its 204 does not tell.
    let same = |k: &Known| {
        (&k.id, &k.code, &k.value, k.deleted) == (&now.id, &now.code, &now.value, now.deleted)
            && if k.deleted { now.version >= k.version } else { now.version == k.version }
    };
    let fits = match (&r.known, &r.open) {
        (None, Some(Open::Create(v))) => now.value == *v && now.version == 1 && !now.deleted,
        (Some(k), open) => {
            same(k)
                || match open {
                    Some(Open::Update(v)) => same(&Known { version: k.version + 1, value: v.clone(), ..k.clone() }),
                    Some(Open::Delete) => same(&Known { deleted: true, ..k.clone() }),
                    _ => false,
                }
        }
        _ => false,
    };
    if fits { Ok(Some(now)) } else { Err(format!("is {now:?}; acknowledged {:?}, open {:?}", r.known, r.open)) }
}

/// What a check has seen.
#[derive(Debug, Clone, Copy, Default)]
pub struct Seen {
    /// Records compared.
    pub records: usize,
    /// Batches compared.
    pub batches: usize,
    /// Imports compared.
    pub imports: usize,
    /// Creations sent again under their key.
    pub repeated: usize,
}

fn marked(field: &str, mark: &str) -> String {
    escape(&json!({"field": field, "op": "eq", "value": mark}).to_string())
}

const FIELDS: &str = "fields=name,short_name,code,description,legal_rep";

/// Checks the rounds given: every acknowledged write is there, nothing is half, nothing is twice. What was open is settled after
/// it, creations by sending them again under their key: it must give one record, not two. All faults are listed.
pub async fn check(c: &Client, ledger: &Ledger, seed: u64, rounds: RangeInclusive<u32>) -> Result<Seen> {
    let mut faults = vec![];
    let mut seen = Seen::default();
    for round in rounds.clone() {
        records(c, ledger, seed, round, &mut faults, &mut seen).await?;
    }
    batches(c, ledger, &rounds, &mut faults, &mut seen).await?;
    imports(c, ledger, &mut faults, &mut seen).await?;
    if faults.is_empty() {
        return Ok(seen);
    }
    let shown: Vec<&str> = faults.iter().take(40).map(String::as_str).collect();
    bail!("{} faults:\n  {}", faults.len(), shown.join("\n  "))
}

/// Records by name; a name that is there twice is a fault.
async fn by_name(c: &Client, path: &str, faults: &mut Vec<String>) -> Result<BTreeMap<String, Found>> {
    let mut out = BTreeMap::new();
    for v in c.list(path).await? {
        let name = v["name"].as_str().unwrap_or_default().to_owned();
        if let Some(other) = out.insert(name.clone(), Found::of(&v)) {
            faults.push(format!("{name}: is there twice ({} and {})", other.id, v["id"]));
        }
    }
    Ok(out)
}

async fn records(c: &Client, ledger: &Ledger, seed: u64, round: u32, faults: &mut Vec<String>, seen: &mut Seen) -> Result<()> {
    let mark = format!("w{round}");
    let filter = marked("short_name", &mark);
    let path = format!("/api/v1/account?{FIELDS}&filter={filter}");
    let live = by_name(c, &path, faults).await?;
    let binned = by_name(c, &format!("{path}&deleted=true"), faults).await?;
    let books: BTreeMap<String, Record> =
        ledger.lock().records.iter().filter(|(_, r)| r.round == round).map(|(n, r)| (n.clone(), r.clone())).collect();
    for name in live.keys().chain(binned.keys()).filter(|n| !books.contains_key(*n)) {
        faults.push(format!("{name}: is there, and nobody sent it"));
    }
    for (name, r) in &books {
        seen.records += 1;
        match judge(r, live.get(name), binned.get(name)) {
            Err(e) => faults.push(format!("{name}: {e}")),
            Ok(now) => {
                let now = match (&r.open, now) {
                    (Some(Open::Create(value)), now) => {
                        seen.repeated += 1;
                        match again(c, seed, name, &mark, value, now).await? {
                            Ok(k) => Some(k),
                            Err(e) => {
                                faults.push(format!("{name}: {e}"));
                                None
                            }
                        }
                    }
                    (_, now) => now,
                };
                let mut s = ledger.lock();
                match (now, s.records.get_mut(name)) {
                    (Some(k), Some(r)) => {
                        r.past.insert(k.version, k.value.clone());
                        r.known = Some(k);
                        r.open = None;
                    }
                    (None, _) => {
                        s.records.remove(name);
                    }
                    _ => {}
                }
            }
        }
    }
    Ok(())
}

/// Sends an unanswered creation again under its key: there must be exactly one record, the one that was there if one was.
async fn again(c: &Client, seed: u64, name: &str, mark: &str, value: &str, was: Option<Known>) -> Result<Result<Known, String>> {
    let body = json!({"name": name, "kind": "company", "short_name": mark, "description": value, "legal_rep": value});
    let writer = c.as_writer();
    let a = loop {
        let a = writer.once("/api/v1/account", &key(seed, name), &body).await?;
        if a.status != 429 {
            break a;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    if a.status != 201 {
        return Ok(Err(format!("sent again under its key it answered {}: {}", a.status, a.text)));
    }
    let now = Found::of(&a.json).known(false);
    Ok(match was {
        Some(w) if w.id != now.id => {
            Err(format!("sent again under its key it became a second record, {} beside {}", now.id, w.id))
        }
        _ => Ok(now),
    })
}

async fn batches(
    c: &Client,
    ledger: &Ledger,
    rounds: &RangeInclusive<u32>,
    faults: &mut Vec<String>,
    seen: &mut Seen,
) -> Result<()> {
    let todo: Vec<usize> = {
        let s = ledger.lock();
        let mine = |mark: &str| {
            mark.strip_prefix('b')
                .and_then(|m| m.split('-').next())
                .and_then(|r| r.parse().ok())
                .is_some_and(|r| rounds.contains(&r))
        };
        (0..s.batches.len()).filter(|&i| mine(&s.batches[i].mark)).collect()
    };
    for at in todo {
        seen.batches += 1;
        let b = ledger.lock().batches[at].clone();
        let rows = c.list(&format!("/api/v1/account?{FIELDS}&filter={}", marked("short_name", &b.mark))).await?;
        let values: BTreeSet<String> = rows.iter().map(|r| r["description"].as_str().unwrap_or_default().to_owned()).collect();
        if rows.len() != b.size && !(rows.is_empty() && b.known.is_none()) {
            faults.push(format!("batch {}: {} of {} rows; acknowledged {:?}", b.mark, rows.len(), b.size, b.known));
            continue;
        }
        let fits = |v: &String| b.known.as_ref() == Some(v) || b.open.as_ref() == Some(v);
        if values.len() > 1 || !values.iter().all(fits) {
            faults.push(format!("batch {}: rows hold {values:?}; acknowledged {:?}, open {:?}", b.mark, b.known, b.open));
            continue;
        }
        let mut s = ledger.lock();
        s.batches[at].known = values.into_iter().next();
        s.batches[at].open = None;
    }
    Ok(())
}

async fn imports(c: &Client, ledger: &Ledger, faults: &mut Vec<String>, seen: &mut Seen) -> Result<()> {
    let all = ledger.lock().imports.clone();
    for i in &all {
        seen.imports += 1;
        let job = match &i.job {
            Some(j) => {
                let at = format!("/api/v1/import/jobs/{j}");
                if c.as_writer().get(&at).await?.status == 404 {
                    faults.push(format!("import {}: lost; its start was acknowledged as job {j}", i.mark));
                    continue;
                }
                Some(c.as_writer().read(&at).await?)
            }
            None => None,
        };
        if job.as_ref().is_some_and(|j| j["status"] == "running") {
            continue;
        }
        let rows = c.list(&format!("/api/v1/account?{FIELDS}&filter={}", marked("short_name", &i.mark))).await?;
        let names: BTreeSet<&str> = rows.iter().filter_map(|r| r["name"].as_str()).collect();
        if names.len() != rows.len() {
            faults.push(format!("import {}: {} rows, only {} different", i.mark, rows.len(), names.len()));
        }
        let n = rows.len() as u64;
        // A batch and its place in the file are one transaction.
        if let Some(j) = job {
            if j["created"].as_u64() != Some(n) {
                faults.push(format!("import {}: {n} rows are there, the job says {}", i.mark, j["created"]));
            }
            if i.done && (n != i.rows || j["failed"] != 0 || j["skipped"] != 0) {
                faults.push(format!("import {}: done with {n} of {} rows: {j}", i.mark, i.rows));
            }
        }
    }
    Ok(())
}

/// No automatic number is there twice, over all records, deleted ones too.
pub async fn numbers(c: &Client) -> Result<usize> {
    let mut all = BTreeSet::new();
    for bin in ["", "&deleted=true"] {
        for v in c.list(&format!("/api/v1/account?fields=code{bin}")).await? {
            let code = v["code"].as_str().unwrap_or_default().to_owned();
            ensure!(!code.is_empty(), "{} has no number", v["id"]);
            if !all.insert(code.clone()) {
                bail!("the number {code} is there twice");
            }
        }
    }
    Ok(all.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(version: i64, value: &str) -> Known {
        Known { id: "1".into(), code: "A1".into(), version, value: value.into(), deleted: false }
    }
    fn found(version: i64, value: &str) -> Found {
        Found { id: "1".into(), code: "A1".into(), version, description: value.into(), legal_rep: value.into() }
    }
    fn record(k: Option<Known>, open: Option<Open>) -> Record {
        Record { known: k, open, ..Record::default() }
    }

    #[test]
    fn what_was_acknowledged_must_be_there_with_value_and_version() {
        let r = record(Some(known(2, "b")), None);
        assert_eq!(judge(&r, Some(&found(2, "b")), None), Ok(Some(known(2, "b"))));
        for wrong in [found(1, "b"), found(3, "b"), found(2, "a")] {
            assert!(judge(&r, Some(&wrong), None).is_err(), "{wrong:?}");
        }
        assert!(judge(&r, None, None).unwrap_err().starts_with("lost"));
        assert!(judge(&r, None, Some(&found(3, "b"))).is_err(), "nobody removed it");
        let other = Found { code: "A2".into(), ..found(2, "b") };
        assert!(judge(&r, Some(&other), None).is_err(), "its number changed");
    }

    #[test]
    fn what_is_open_is_there_wholly_or_not_at_all() {
        let made = record(None, Some(Open::Create("a".into())));
        assert_eq!(judge(&made, None, None), Ok(None));
        assert!(judge(&made, Some(&found(1, "a")), None).is_ok());
        assert!(judge(&made, Some(&found(1, "x")), None).is_err());
        let half = Found { legal_rep: String::new(), ..found(1, "a") };
        assert!(judge(&made, Some(&half), None).unwrap_err().contains("half"));
        let changed = record(Some(known(1, "a")), Some(Open::Update("b".into())));
        assert!(judge(&changed, Some(&found(1, "a")), None).is_ok());
        assert!(judge(&changed, Some(&found(2, "b")), None).is_ok());
        for wrong in [found(1, "b"), found(2, "a"), found(3, "b")] {
            assert!(judge(&changed, Some(&wrong), None).is_err(), "{wrong:?}");
        }
        assert!(judge(&changed, None, None).is_err());
    }

    #[test]
    fn what_was_removed_stays_removed() {
        let gone = record(Some(Known { deleted: true, ..known(2, "b") }), None);
        assert!(judge(&gone, None, Some(&found(3, "b"))).is_ok());
        assert!(judge(&gone, Some(&found(2, "b")), None).is_err());
        let open = record(Some(known(2, "b")), Some(Open::Delete));
        assert!(judge(&open, Some(&found(2, "b")), None).is_ok());
        assert!(judge(&open, None, Some(&found(3, "b"))).is_ok());
        assert!(judge(&open, Some(&found(3, "b")), Some(&found(3, "b"))).is_err());
    }
}
