//! Backups taken under load, restored elsewhere and compared: each is the state at one commit number, no earlier, no later.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{
    cluster, fault,
    http::Client,
    ledger::Ledger,
    load::Load,
    server::{self, Server, Where},
    site::{Base, Site},
};

/// What was seen.
#[derive(Debug, Clone)]
pub struct Outcome {
    base: Base,
    /// Per backup taken under load: last commit number, records, writes acknowledged meanwhile, seconds.
    busy: Vec<(i64, usize, u64, f64)>,
    /// Hash of all records, here and restored, after the load.
    hash: String,
    records: usize,
    load: String,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: backups under load: ", self.base)?;
        for (seq, records, meanwhile, took) in &self.busy {
            write!(f, "{records} records = the state at entry {seq} ({meanwhile} writes meanwhile, {took:.1} s); ")?;
        }
        write!(f, "after it {} records of all objects, hash {} equal; {}", self.records, &self.hash[..16], self.load)
    }
}

/// The change log up to a number, as the API shows it.
async fn changes(c: &Client, to: i64) -> Result<Vec<Value>> {
    let (mut all, mut after) = (vec![], 0);
    loop {
        let page = c.read(&format!("/api/v1/changes?after={after}&limit=200")).await?;
        let data = page["data"].as_array().cloned().unwrap_or_default();
        let next = page["next"].as_i64().unwrap_or(after);
        if next <= after {
            return Ok(all);
        }
        after = next;
        all.extend(data.into_iter().filter(|c| c["seq"].as_i64().is_some_and(|s| s <= to)));
        if after >= to {
            return Ok(all);
        }
    }
}

/// Id to the whole record, recycle bin included.
async fn records(c: &Client, object: &str) -> Result<BTreeMap<String, Value>> {
    let mut out = BTreeMap::new();
    for bin in ["?deleted=false", "?deleted=true"] {
        for v in c.list(&format!("/api/v1/{object}{bin}")).await? {
            out.insert(v["id"].as_str().unwrap_or_default().to_owned(), v);
        }
    }
    Ok(out)
}

/// SHA-256 over every record of every object, ids in order.
async fn hash(c: &Client) -> Result<(String, usize)> {
    let model = c.read("/api/v1/meta/model").await?;
    let objects = model["objects"].as_array().context("no objects in the model")?;
    let (mut h, mut n) = (Sha256::new(), 0);
    for o in objects.iter().filter_map(|o| o["name"].as_str()) {
        for (id, v) in records(c, o).await? {
            h.update(format!("{o} {id} {v}\n"));
            n += 1;
        }
    }
    Ok((hex::encode(h.finalize()), n))
}

fn backup(bin: &Path, at: &Where, to: &Path) -> Result<()> {
    server::run(bin, &["backup", "--to", &to.to_string_lossy()], at, &[]).map(drop)
}

/// A backup as a workspace of its own, served.
struct Restored {
    site: Site,
    server: Server,
    seq: i64,
}

async fn restore(site: &Site, base: Base, from: &Path, folder: PathBuf) -> Result<Restored> {
    let at = match base {
        Base::Sqlite => Where::Folder(folder),
        Base::Postgres => {
            let c = cluster::cluster().context("there is no PostgreSQL here")?;
            Where::Url { url: c.fresh_database().map_err(anyhow::Error::msg)?, folder }
        }
    };
    let there = site.elsewhere(at)?;
    there.run(&["restore", &from.to_string_lossy()])?;
    let seq = there.healthy()?;
    let server = there.start().await?;
    Ok(Restored { site: there, server, seq })
}

/// Takes two backups under load and one after it, restores all three and compares.
pub async fn run(bin: &Path, base: Base, seed: u64) -> Result<Outcome> {
    let site = Site::new(bin, base)?;
    let ledger = Arc::new(Ledger::default());
    let server = site.start().await?;
    let load = Load::new(site.writer(&server)?, ledger.clone(), 0, seed).start(true);
    let mut taken = vec![];
    for n in 0..2 {
        fault::resumes(&ledger, Duration::from_secs(20)).await?;
        tokio::time::sleep(Duration::from_millis(400)).await;
        let to = site.scratch().join(format!("busy{n}.backup"));
        let (before, begun) = (ledger.acknowledged.load(Ordering::Relaxed), Instant::now());
        let (bin, at, out) = (bin.to_path_buf(), site.at.clone(), to.clone());
        tokio::task::spawn_blocking(move || backup(&bin, &at, &out)).await??;
        let meanwhile = ledger.acknowledged.load(Ordering::Relaxed) - before;
        ensure!(meanwhile > 0, "nobody could write while the backup was taken");
        taken.push((to, meanwhile, begun.elapsed().as_secs_f64()));
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    load.end().await.map_err(|e| e.context(site.tail()))?;
    let here = site.checker(&server)?;
    fault::finish(&site, &server, &ledger, seed, 1).await?;
    let mut busy = vec![];
    for (n, (from, meanwhile, took)) in taken.iter().enumerate() {
        let there = restore(&site, base, from, site.scratch().join(format!("there{n}"))).await?;
        let c = there.site.checker(&there.server)?;
        let (want, have) = (changes(&here, there.seq).await?, changes(&c, there.seq).await?);
        ensure!(want == have, "backup {n}: its change log is not the first {} entries of the original", there.seq);
        let mut restored = records(&c, "account").await?;
        // The copy holds an import that was under way, and the server that was just started goes on with it.
        for later in changes(&c, i64::MAX).await?.iter().filter(|l| l["seq"].as_i64() > Some(there.seq)) {
            if later["object"] == "account" && later["op"] == "create" && later["act"] == "import" {
                restored.remove(later["id"].as_str().unwrap_or_default());
            }
        }
        let n = same_state(&want, &restored, &records(&here, "account").await?, &ledger)
            .with_context(|| format!("backup {n}, entry {}", there.seq))?;
        busy.push((there.seq, n, *meanwhile, *took));
    }
    let quiet = site.scratch().join("quiet.backup");
    backup(bin, &site.at, &quiet)?;
    let there = restore(&site, base, &quiet, site.scratch().join("quiet")).await?;
    let (a, b) = (hash(&here).await?, hash(&there.site.checker(&there.server)?).await?);
    ensure!(a == b, "records differ: {a:?} here, {b:?} restored");
    Ok(Outcome { base, busy, hash: a.0, records: a.1, load: ledger.summary() })
}

/// The restored records are exactly those the change log says were there, at their versions, with the values that were
/// acknowledged; those not changed since are equal in every field.
fn same_state(
    log: &[Value],
    restored: &BTreeMap<String, Value>,
    now: &BTreeMap<String, Value>,
    ledger: &Ledger,
) -> Result<usize> {
    let mut want = BTreeMap::new();
    for c in log.iter().filter(|c| c["object"] == "account") {
        want.insert(c["id"].as_str().unwrap_or_default().to_owned(), c["version"].as_i64().unwrap_or_default());
    }
    let have: BTreeMap<String, i64> =
        restored.iter().map(|(id, v)| (id.clone(), v["version"].as_i64().unwrap_or_default())).collect();
    for (id, v) in &want {
        ensure!(have.get(id) == Some(v), "account {id} is at version {:?} instead of {v}", have.get(id));
    }
    ensure!(want.len() == have.len(), "{} accounts instead of {}", have.len(), want.len());
    let books = ledger.lock();
    for (id, v) in restored {
        if now.get(id).is_some_and(|n| n["version"] == v["version"]) {
            ensure!(now[id] == *v, "account {id} is {v} instead of {}", now[id]);
        }
        let name = v["name"].as_str().unwrap_or_default();
        let version = v["version"].as_i64().unwrap_or_default();
        if let Some(value) = books.records.get(name).and_then(|r| r.past.get(&version)) {
            ensure!(
                v["description"] == value.as_str(),
                "account {id}: {} at version {version}, acknowledged {value}",
                v["description"]
            );
        }
    }
    Ok(have.len())
}
