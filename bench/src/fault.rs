//! I/O errors: the system calls of a serving process fail on purpose (`strace --inject`), once, in bursts, or all of them.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::{
    check,
    kill::{self, Plan},
    ledger::Ledger,
    load::Load,
    server::{Server, signal},
    site::{Base, Site},
};

/// What fails how. `fsync` is there for builds of SQLite without `fdatasync`.
const KINDS: &[(&str, &str)] = &[
    ("fdatasync,fsync", "EIO"),
    ("pwrite64", "EIO"),
    ("pwrite64", "ENOSPC"),
    ("fdatasync,fsync", "ENOSPC"),
    ("ftruncate,fallocate", "EIO"),
];

/// Calls that fail, from now until it is let go.
struct Failing {
    strace: Child,
    log: std::path::PathBuf,
}

impl Failing {
    /// `when` as strace writes it: `5..8` = the fifth to eighth call of each thread, `1+` = all.
    fn on(pid: u32, calls: &str, error: &str, when: &str, log: &Path) -> Result<Self> {
        let _old = std::fs::remove_file(log);
        let mut strace = Command::new("strace")
            .args(["-f", "-p", &pid.to_string(), "-e", &format!("trace={calls}")])
            .args(["-e", &format!("inject={calls}:error={error}:when={when}"), "-o", &log.to_string_lossy()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start strace")?;
        // It says "attached" once it holds every thread.
        let mut told = strace.stderr.take().context("strace's messages")?;
        let mut seen = String::new();
        let mut buf = [0; 512];
        while !seen.contains("attached") {
            let n = std::io::Read::read(&mut told, &mut buf)?;
            if n == 0 {
                bail!("strace: {}", seen.trim());
            }
            seen.push_str(&String::from_utf8_lossy(&buf[..n]));
        }
        // The rest of its words are of no use, but its pipe must not fill.
        std::thread::spawn(move || std::io::copy(&mut told, &mut std::io::sink()));
        Ok(Self { strace, log: log.into() })
    }
    /// Lets go; how many calls failed.
    fn off(mut self) -> Result<usize> {
        signal(self.strace.id(), "INT")?;
        self.strace.wait()?;
        let all = std::fs::read_to_string(&self.log)?;
        Ok(all.lines().filter(|l| l.contains("(INJECTED)")).count())
    }
}

impl Drop for Failing {
    fn drop(&mut self) {
        self.strace.kill().ok();
        self.strace.wait().ok();
    }
}

/// Why calls cannot be made to fail here; none = they can.
#[must_use]
pub fn obstacle() -> Option<String> {
    let tried = (|| {
        let mut child = Command::new("sleep").arg("20").spawn()?;
        let dir = tempfile::tempdir()?;
        let r = Failing::on(child.id(), "fsync", "EIO", "1+", &dir.path().join("log")).and_then(Failing::off);
        child.kill()?;
        child.wait()?;
        r.map(drop)
    })();
    tried.err().map(|e: anyhow::Error| format!("{e:#}"))
}

/// What was seen.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Places where calls were made to fail.
    pub points: u32,
    /// Calls that failed.
    pub failed: usize,
    /// Times the process ended itself.
    pub ended: u32,
    /// Longest time from the last failing call to the next acknowledged write.
    pub resumed: Duration,
    /// Figures of the load.
    pub load: String,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "SQLite: I/O errors at {} points ({} calls failed), false acknowledgements 0, lost 0; the process ended itself {} times; writing went on within {:.1} s; {}",
            self.points,
            self.failed,
            self.ended,
            self.resumed.as_secs_f64(),
            self.load
        )
    }
}

/// Waits until a further write is acknowledged.
pub async fn resumes(ledger: &Ledger, within: Duration) -> Result<Duration> {
    let (begun, before) = (Instant::now(), ledger.acknowledged.load(Ordering::Relaxed));
    while ledger.acknowledged.load(Ordering::Relaxed) == before {
        ensure!(begun.elapsed() <= within, "no write was acknowledged for {within:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(begun.elapsed())
}

/// Makes calls fail at `points` random places under load; after each fourth the process is killed and started again.
pub async fn run_points(bin: &Path, points: u32, seed: u64) -> Result<Outcome> {
    println!("{}: I/O errors, seed {seed}", Base::Sqlite);
    let site = Site::new(bin, Base::Sqlite)?;
    let ledger = Arc::new(Ledger::default());
    let mut rng = StdRng::seed_from_u64(seed);
    let mut seen = Outcome { points, ..Outcome::default() };
    let log = site.scratch().join("strace.log");
    let mut server = site.start().await?;
    for point in 0..points {
        let (calls, error) = KINDS[point as usize % KINDS.len()];
        let whole = point % 3 == 2;
        let first = rng.random_range(1..25);
        let when = if whole { "1+".into() } else { format!("{first}..{}", first + rng.random_range(0..6)) };
        let at = format!("point {point} ({calls} {error} when={when}, seed {seed})");
        let load = Load::new(site.writer(&server)?, ledger.clone(), point, seed).start(point % 2 == 0);
        tokio::time::sleep(Duration::from_millis(rng.random_range(50..300))).await;
        let failing = Failing::on(server.pid(), calls, error, &when, &log).with_context(|| at.clone())?;
        if whole && calls != "ftruncate,fallocate" {
            // Answers under way were given by commits before; from here on nothing can be durable.
            tokio::time::sleep(Duration::from_millis(500)).await;
            let before = ledger.acknowledged.load(Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(1_200)).await;
            let false_acks = ledger.acknowledged.load(Ordering::Relaxed) - before;
            ensure!(false_acks == 0, "{at}: {false_acks} writes were acknowledged while every call failed\n{}", site.tail());
        } else {
            tokio::time::sleep(Duration::from_millis(1_200)).await;
        }
        seen.failed += failing.off()?;
        match server.ended()? {
            Some(status) => {
                ensure!(status.code().is_some(), "{at}: the process ended by a signal: {status}\n{}", site.tail());
                seen.ended += 1;
                load.end().await.with_context(|| at.clone())?;
                server = site.start().await.with_context(|| at.clone())?;
            }
            None => {
                let took = resumes(&ledger, Duration::from_secs(10)).await.with_context(|| format!("{at}\n{}", site.tail()))?;
                seen.resumed = seen.resumed.max(took);
                load.end().await.with_context(|| format!("{at}\n{}", site.tail()))?;
            }
        }
        if point % 4 == 3 || point + 1 == points {
            server.kill()?;
            site.healthy().with_context(|| at.clone())?;
            server = site.start().await.with_context(|| at.clone())?;
        }
        check::check(&site.checker(&server)?, &ledger, seed, point..=point)
            .await
            .map_err(|e| e.context(at).context(site.tail()))?;
    }
    finish(&site, &server, &ledger, seed, points).await?;
    seen.load = ledger.summary();
    Ok(seen)
}

/// Everything once more at the end.
pub(crate) async fn finish(site: &Site, server: &Server, ledger: &Arc<Ledger>, seed: u64, rounds: u32) -> Result<()> {
    let plan = Plan { kills: rounds, seed, start: Duration::from_secs(2), longest: Duration::from_secs(1) };
    kill::finish(site, server, ledger, plan).await?;
    site.healthy()?;
    site.no_panic()
}
