//! A full disk: writes are refused in plain words, reading goes on, and writing goes on by itself once there is room.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use reqwest::Method;
use serde_json::json;

use crate::{check, fault, http::Client, ledger::Ledger, load::Load, server::Where, site::Site};

/// A file system in memory, mounted; unmounted when dropped.
#[derive(Debug)]
struct Small {
    path: PathBuf,
}

impl Small {
    fn new(dir: &Path, megabytes: u64) -> Result<Self> {
        let path = dir.join("small");
        std::fs::create_dir_all(&path)?;
        let out = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"])
            .arg(&path)
            .stdin(Stdio::null())
            .output()?;
        ensure!(out.status.success(), "mount: {}", String::from_utf8_lossy(&out.stderr).trim());
        Ok(Self { path })
    }
    /// Writes a file until `left` megabytes are free, or nothing is.
    fn fill(&self, left: u64) -> Result<PathBuf> {
        use std::io::Write as _;
        let at = self.path.join("filler");
        let mut f = std::fs::File::create(&at)?;
        let mut piece = vec![7_u8; 1 << 20];
        while left == 0 || free_megabytes(&self.path)? > left {
            if let Err(e) = f.write_all(&piece) {
                if e.kind() != std::io::ErrorKind::StorageFull {
                    return Err(e.into());
                }
                if piece.len() == 1 {
                    break;
                }
                piece.truncate((piece.len() / 8).max(1));
            }
        }
        Ok(at)
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").arg("-l").arg(&self.path).status();
    }
}

fn free_megabytes(dir: &Path) -> Result<u64> {
    let out = Command::new("df").args(["--output=avail", "-m"]).arg(dir).output()?;
    let text = String::from_utf8_lossy(&out.stdout);
    text.lines().nth(1).and_then(|l| l.trim().parse().ok()).with_context(|| format!("df: {text}"))
}

/// Why no small disk can be mounted here; none = it can.
#[must_use]
pub fn obstacle() -> Option<String> {
    let tried = tempfile::tempdir().map_err(anyhow::Error::from).and_then(|d| Small::new(d.path(), 1).map(drop));
    tried.err().map(|e| format!("{e:#}"))
}

/// How the disk is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Below the reserve that the program keeps free.
    Reserve,
    /// To the last byte, with no reserve: the system itself refuses.
    LastByte,
}

/// What was seen.
#[derive(Debug, Clone)]
pub struct Outcome {
    how: How,
    refused: u64,
    resumed: Duration,
    load: String,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "SQLite: disk full ({}): {} writes refused with 503 server.disk_full, reads went on, writing went on {:.1} s after room was made; lost 0; {}",
            if self.how == How::Reserve { "below the reserve" } else { "to the last byte" },
            self.refused,
            self.resumed.as_secs_f64(),
            self.load
        )
    }
}

async fn ready(c: &Client) -> Result<(u16, String)> {
    let a = c.get("/readyz").await?;
    Ok((a.status, a.json["checks"]["disk"].as_str().unwrap_or_default().to_owned()))
}

const PASSWORD: &str = "a fine long phrase 5";

/// Fills the disk under eight writers, looks, makes room, looks again; twice.
pub async fn run(bin: &Path, how: How, seed: u64) -> Result<Outcome> {
    let dir = tempfile::tempdir()?;
    let small = Small::new(dir.path(), if how == How::Reserve { 320 } else { 64 })?;
    let env: &[_] = if how == How::LastByte { &[("RAPPORT_DISK_RESERVE_MB", "0")] } else { &[] };
    let site = Site::at(bin, Where::Folder(small.path.join("data")), env)?;
    let login = site.password(PASSWORD)?;
    let ledger = Arc::new(Ledger::default());
    let mut server = site.start().await?;
    let c = site.checker(&server)?;
    let mut seen = Outcome { how, refused: 0, resumed: Duration::ZERO, load: String::new() };
    for round in 0..2 {
        let load = Load::new(site.writer(&server)?, ledger.clone(), round, seed).start(false);
        fault::resumes(&ledger, Duration::from_secs(10)).await?;
        let filler = small.fill(if how == How::Reserve { 150 } else { 0 })?;
        let (begun, mut n) = (Instant::now(), 0);
        let refusal = loop {
            n += 1;
            let body = json!({"name": format!("没有空间 {seed} {round} {n}"), "kind": "company"});
            let a = c.json(Method::POST, "/api/v1/account", &body).await?;
            if a.status != 201 {
                break a;
            }
            ensure!(begun.elapsed() < Duration::from_secs(15), "writes go on for 15 s on a full disk");
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        ensure!(
            refusal.is_later() && refusal.code() == "server.disk_full",
            "a full disk answered {} {}",
            refusal.status,
            refusal.text
        );
        // Answers of commits made before are still on their way.
        tokio::time::sleep(Duration::from_millis(500)).await;
        let (acked, later) = (ledger.acknowledged.load(Ordering::Relaxed), ledger.later.load(Ordering::Relaxed));
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        seen.refused += ledger.later.load(Ordering::Relaxed) - later;
        if how == How::Reserve {
            let more = ledger.acknowledged.load(Ordering::Relaxed) - acked;
            ensure!(more == 0, "{more} writes below the reserve");
            // Who cannot write may still come in and read.
            let (status, cookie) = c.sign_in(login, PASSWORD).await?;
            let cookie = cookie.with_context(|| format!("signing in below the reserve answered {status}"))?;
            let read = c.status_with(&cookie, "/api/v1/account?limit=1").await?;
            ensure!(read == 200, "signed in below the reserve, reading answered {read}");
        }
        let list = c.read("/api/v1/account?limit=5&sort=-name").await?;
        ensure!(list["data"].as_array().is_some_and(|d| !d.is_empty()), "reading stopped: {list}");
        let told = ready(&c).await?;
        ensure!(told == (503, "full".into()), "/readyz told {told:?}");
        std::fs::remove_file(filler)?;
        let took = fault::resumes(&ledger, Duration::from_secs(10)).await?;
        seen.resumed = seen.resumed.max(took);
        let told = ready(&c).await?;
        ensure!(told == (200, "ok".into()), "with room again /readyz told {told:?}");
        load.end().await.map_err(|e| e.context(site.tail()))?;
        check::check(&c, &ledger, seed, round..=round).await.map_err(|e| e.context(site.tail()))?;
    }
    if server.ended()?.is_some() {
        bail!("the server ended: {}", site.tail());
    }
    server.kill()?;
    site.healthy()?;
    let server = site.start().await?;
    fault::finish(&site, &server, &ledger, seed, 1).await?;
    seen.load = ledger.summary();
    Ok(seen)
}
