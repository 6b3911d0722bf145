//! The load under which things go wrong: eight writers of single records, one of atomic batches, one import after the other.

use std::{
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::{
    http::{Answer, Client, escape},
    ledger::{Batch, Import, Known, Ledger, Open},
};

/// Writers of single records.
pub const WRITERS: u32 = 8;
/// Rows of a batch.
pub const BATCH: usize = 40;
/// Rows of an imported file: several of the import's own batches.
pub const ROWS: u64 = 1_200;

/// A load that runs until it is stopped or the connection breaks.
#[derive(Debug, Clone)]
pub struct Load {
    /// Whose writes.
    pub client: Client,
    /// Where answers are noted.
    pub ledger: Arc<Ledger>,
    /// Number of the round: part of every name.
    pub round: u32,
    /// Seed of the run.
    pub seed: u64,
    stop: Arc<AtomicBool>,
}

/// A running load.
#[derive(Debug)]
pub struct Running {
    stop: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<Result<()>>>,
}

impl Running {
    /// Asks the writers to end after their present request.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }
    /// Waits for the writers. A broken connection ends a writer; only a wrong answer is a fault.
    pub async fn end(self) -> Result<()> {
        self.stop();
        for t in self.tasks {
            t.await??;
        }
        Ok(())
    }
}

/// What became of a request, as far as its sender knows.
enum Fate {
    /// Done.
    Done(Answer),
    /// Certainly not done.
    Refused,
    /// Nobody knows.
    Open,
    /// The connection broke.
    Gone,
}

impl Load {
    /// A load of one round.
    #[must_use]
    pub fn new(client: Client, ledger: Arc<Ledger>, round: u32, seed: u64) -> Self {
        Self { client, ledger, round, seed, stop: Arc::default() }
    }
    /// Starts writers, batches and, when wanted, the import.
    #[must_use]
    pub fn start(self, import: bool) -> Running {
        let mut tasks = vec![];
        for w in 0..WRITERS {
            tasks.push(tokio::spawn(self.clone().writer(w)));
        }
        tasks.push(tokio::spawn(self.clone().batches()));
        if import {
            tasks.push(tokio::spawn(self.clone().imports()));
        }
        Running { stop: self.stop, tasks }
    }
    fn rng(&self, who: u64) -> StdRng {
        StdRng::seed_from_u64(self.seed.wrapping_mul(1_000_003) ^ (u64::from(self.round) << 16) ^ who)
    }
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
    /// Sorts an answer; any but success and "come back later" is a fault.
    async fn fate(&self, what: &str, sent: Result<Answer>) -> Result<Fate> {
        let Ok(a) = sent else {
            self.ledger.unanswered.fetch_add(1, Ordering::Relaxed);
            return Ok(Fate::Gone);
        };
        if a.status < 300 {
            return Ok(Fate::Done(a));
        }
        if self.ledger.is_frozen() {
            // The power is cut: whatever is said now counts for nothing.
            return Ok(Fate::Open);
        }
        ensure!(a.is_later(), "{what} answered {}: {}", a.status, a.text);
        self.ledger.later.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(40)).await;
        // What was turned away at the door was not done; of all else the sender does not know.
        Ok(if matches!(a.code(), "rate.limited" | "server.busy" | "server.stopping" | "server.disk_full") {
            Fate::Refused
        } else {
            self.ledger.unanswered.fetch_add(1, Ordering::Relaxed);
            Fate::Open
        })
    }

    /// Makes records, changes them, removes some; each value stands in two fields, so that half a write would show.
    async fn writer(self, w: u32) -> Result<()> {
        let mut rng = self.rng(u64::from(w));
        let round = self.round;
        for n in 0_u32.. {
            if self.stopped() {
                return Ok(());
            }
            let name = format!("{} k{round}w{w}n{n}", word(&mut rng));
            let value = format!("{name} v1");
            let body = json!({"name": name, "kind": "company", "short_name": format!("w{round}"), "description": value, "legal_rep": value});
            if !self.ledger.sent(round, &name, Open::Create(value.clone())) {
                return Ok(());
            }
            let sent = self.client.once("/api/v1/account", &key(self.seed, &name), &body).await;
            let mut known = match self.fate("create", sent).await? {
                Fate::Done(a) => known(&a, value)?,
                Fate::Refused => {
                    self.ledger.refused(&name);
                    continue;
                }
                Fate::Open => continue,
                Fate::Gone => return Ok(()),
            };
            self.ledger.acked(&name, known.clone());
            let path = format!("/api/v1/account/{}", known.id);
            let changes = rng.random_range(1..=2);
            for v in 2..2 + changes {
                let value = format!("{name} v{v}");
                if !self.ledger.sent(round, &name, Open::Update(value.clone())) {
                    return Ok(());
                }
                let sent = self.client.json(Method::PATCH, &path, &json!({"description": value, "legal_rep": value})).await;
                match self.fate("update", sent).await? {
                    Fate::Done(a) => {
                        known.version = version(&a)?;
                        known.value = value;
                        self.ledger.acked(&name, known.clone());
                    }
                    Fate::Refused => self.ledger.refused(&name),
                    Fate::Open => break,
                    Fate::Gone => return Ok(()),
                }
            }
            let open = self.ledger.lock().records.get(&name).is_none_or(|r| r.open.is_some());
            if !open && rng.random_range(0..8) == 0 {
                if !self.ledger.sent(round, &name, Open::Delete) {
                    return Ok(());
                }
                let sent = self.client.send(Method::DELETE, &path, &[], None).await;
                match self.fate("delete", sent).await? {
                    Fate::Done(_) => self.ledger.acked(&name, Known { deleted: true, ..known }),
                    Fate::Refused => self.ledger.refused(&name),
                    Fate::Open => {}
                    Fate::Gone => return Ok(()),
                }
            }
        }
        Ok(())
    }

    /// Makes a batch of rows with a common mark, then changes them all in another batch.
    async fn batches(self) -> Result<()> {
        let mut rng = self.rng(100);
        for n in 0_u32.. {
            if self.stopped() {
                return Ok(());
            }
            let mark = format!("b{}-{n}", self.round);
            let first = format!("{mark} v1");
            let ops: Vec<Value> = (0..BATCH)
                .map(|i| json!({"op": "create", "data": {"name": format!("{} {mark}-{i}", word(&mut rng)), "kind": "company", "short_name": mark, "description": first}}))
                .collect();
            let at = {
                let mut s = self.ledger.lock();
                if self.ledger.is_frozen() {
                    return Ok(());
                }
                s.batches.push(Batch { mark: mark.clone(), size: BATCH, known: None, open: Some(first.clone()), ids: vec![] });
                s.batches.len() - 1
            };
            let ids = match self.batch(&ops, &key(self.seed, &first)).await? {
                Fate::Done(a) => ids(&a)?,
                Fate::Refused | Fate::Open => continue,
                Fate::Gone => return Ok(()),
            };
            ensure!(ids.len() == BATCH, "batch {mark} answered {} ids", ids.len());
            self.ledger.batch_acked(at, |b| {
                b.known = Some(first);
                b.open = None;
                b.ids.clone_from(&ids);
            });
            let second = format!("{mark} v2");
            let ops: Vec<Value> =
                ids.iter().map(|id| json!({"op": "update", "id": id, "data": {"description": second}})).collect();
            {
                let mut s = self.ledger.lock();
                if self.ledger.is_frozen() {
                    return Ok(());
                }
                s.batches[at].open = Some(second.clone());
            }
            match self.batch(&ops, &key(self.seed, &second)).await? {
                Fate::Done(_) => self.ledger.batch_acked(at, |b| {
                    b.known = Some(second);
                    b.open = None;
                }),
                Fate::Refused | Fate::Open => {}
                Fate::Gone => return Ok(()),
            }
        }
        Ok(())
    }
    async fn batch(&self, ops: &[Value], key: &str) -> Result<Fate> {
        let sent = self.client.once("/api/v1/account/batch", key, &json!({"ops": ops, "atomic": true})).await;
        self.fate("batch", sent).await
    }

    /// Goes on with the import that was cut off, or starts the next one.
    async fn imports(self) -> Result<()> {
        let mut rng = self.rng(200);
        while !self.stopped() {
            let open = {
                let s = self.ledger.lock();
                s.imports.iter().position(|i| i.job.is_some() && !i.done)
            };
            let at = match open {
                Some(at) => at,
                None => match self.begin_import(&mut rng).await? {
                    Some(at) => at,
                    None => continue,
                },
            };
            if !self.follow_import(at).await? {
                return Ok(());
            }
        }
        Ok(())
    }
    /// Uploads a file and starts its job.
    async fn begin_import(&self, rng: &mut StdRng) -> Result<Option<usize>> {
        let mark = format!("i{}-{}", self.round, self.ledger.lock().imports.len());
        let mut csv = String::from("name,short_name\n");
        for i in 0..ROWS {
            writeln!(csv, "{} {mark}-{i},{mark}", word(rng))?;
        }
        let sent = self.client.upload("/api/v1/import/uploads", "customers.csv", &csv).await;
        let a = match self.fate("upload", sent).await? {
            Fate::Done(a) => a,
            Fate::Refused | Fate::Open => return Ok(None),
            Fate::Gone => {
                self.stop.store(true, Ordering::Relaxed);
                return Ok(None);
            }
        };
        let plan = json!({
            "upload_id": a.json["upload_id"],
            "sheets": [{"sheet": a.json["sheets"][0]["name"], "object": "account", "mode": "create", "on_duplicate": "error",
                "mapping": [{"column": "name", "field": "name"}, {"column": "short_name", "field": "short_name"}]}],
        });
        let at = {
            let mut s = self.ledger.lock();
            s.imports.push(Import { mark, rows: ROWS, job: None, done: false });
            s.imports.len() - 1
        };
        let sent = self.client.json(Method::POST, "/api/v1/import/jobs", &plan).await;
        match self.fate("start of import", sent).await? {
            Fate::Done(a) => {
                let job = a.json["id"].as_str().unwrap_or_default().to_owned();
                ensure!(!job.is_empty(), "start of import answered no id: {}", a.text);
                self.ledger.lock().imports[at].job = Some(job);
                Ok(Some(at))
            }
            Fate::Refused | Fate::Open => Ok(None),
            Fate::Gone => {
                self.stop.store(true, Ordering::Relaxed);
                Ok(None)
            }
        }
    }
    /// Watches a job to its end, resuming it when it broke off. False: the connection broke, or the load ends.
    async fn follow_import(&self, at: usize) -> Result<bool> {
        let job = self.ledger.lock().imports[at].job.clone().unwrap_or_default();
        let path = format!("/api/v1/import/jobs/{job}");
        loop {
            if self.stopped() {
                return Ok(false);
            }
            let sent = self.client.get(&path).await;
            let a = match self.fate("state of import", sent).await? {
                Fate::Done(a) => a,
                Fate::Refused | Fate::Open => continue,
                Fate::Gone => return Ok(false),
            };
            match a.json["status"].as_str().unwrap_or_default() {
                "done" => {
                    self.ledger.lock().imports[at].done = true;
                    return Ok(true);
                }
                "running" => {}
                "failed" | "cancelled" => {
                    let sent = self.client.json(Method::POST, &format!("{path}/resume"), &json!({})).await;
                    // Jobs that broke off go on by themselves too: then it is under way already.
                    let under_way = sent.as_ref().is_ok_and(|a| a.code() == "import.bad_state");
                    if !under_way && matches!(self.fate("resume of import", sent).await?, Fate::Gone) {
                        return Ok(false);
                    }
                }
                other => bail!("import {job} is `{other}`: {}", a.text),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// The idempotency key of a write.
#[must_use]
pub fn key(seed: u64, what: &str) -> String {
    format!("{seed}-{}", escape(what))
}

/// A made-up word, so that names are not taken for each other.
fn word(rng: &mut StdRng) -> String {
    (0..10).map(|_| char::from(b'a' + rng.random_range(0..26_u8))).collect()
}

fn version(a: &Answer) -> Result<i64> {
    a.json["version"].as_i64().ok_or_else(|| anyhow::anyhow!("an answer without a version: {}", a.text))
}

fn known(a: &Answer, value: String) -> Result<Known> {
    let text = |k: &str| a.json[k].as_str().unwrap_or_default().to_owned();
    ensure!(!text("id").is_empty() && !text("code").is_empty(), "an answer without id or number: {}", a.text);
    Ok(Known { id: text("id"), code: text("code"), version: version(a)?, value, deleted: false })
}

/// The ids of a batch's rows.
fn ids(a: &Answer) -> Result<Vec<String>> {
    let rows = a.json["results"].as_array().map_or(&[][..], Vec::as_slice);
    rows.iter().map(|r| r["id"].as_str().map(str::to_owned).with_context(|| format!("a row without an id: {r}"))).collect()
}
