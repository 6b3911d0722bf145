//! PostgreSQL stopped and started under load: the program is not restarted, loses nothing, says what is the matter, and is back
//! by itself.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use crate::{check, cluster, fault, http::Client, ledger::Ledger, load::Load, server::Where, site::Site};

/// Longest time from the database's return to the first acknowledged write; generous, because an unoptimised binary on a busy
/// machine is tested too. What is reached is printed.
const BACK: Duration = Duration::from_secs(15);
/// No request may hang longer.
const HANG: Duration = Duration::from_secs(10);

/// What was seen.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    restarts: u32,
    told: usize,
    slowest: Duration,
    back: Duration,
    load: String,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "PostgreSQL: {} restarts (immediate and fast in turn), lost 0; {} reads meanwhile answered 503 with Retry-After, the slowest answer took {:.1} s; writing went on within {:.1} s of its return; {}",
            self.restarts,
            self.told,
            self.slowest.as_secs_f64(),
            self.back.as_secs_f64(),
            self.load
        )
    }
}

/// Asks without a pause while the database is away; how many answers said so, and the slowest answer.
async fn probe(c: Client, until: Instant) -> Result<(usize, Duration)> {
    let (mut told, mut slowest) = (0, Duration::ZERO);
    while Instant::now() < until {
        for path in ["/api/v1/account?limit=1", "/readyz"] {
            let asked = Instant::now();
            let a = c.get(path).await.with_context(|| format!("GET {path} while the database is away"))?;
            slowest = slowest.max(asked.elapsed());
            ensure!(a.status == 200 || (a.status == 503 && a.retry_after.is_some()), "{path} answered {} {}", a.status, a.text);
            told += usize::from(a.status == 503);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok((told, slowest))
}

/// Restarts PostgreSQL under eight writers and batches. No import: in one of its batches of a thousand rows the other writers wait,
/// which would hide how soon writing goes on.
pub async fn run(bin: &Path, restarts: u32, seed: u64) -> Result<Outcome> {
    let cluster = cluster::private().map_err(anyhow::Error::msg)?;
    let dir = tempfile::tempdir()?;
    let url = cluster.fresh_database().map_err(anyhow::Error::msg)?;
    let site = Site::at(bin, Where::Url { url, folder: dir.path().join("data") }, &[])?;
    let ledger = Arc::new(Ledger::default());
    let mut server = site.start().await?;
    let c = site.checker(&server)?;
    let mut seen = Outcome { restarts, ..Outcome::default() };
    for round in 0..restarts {
        let mode = if round % 2 == 0 { "immediate" } else { "fast" };
        let at = format!("restart {round} ({mode}), seed {seed}");
        let load = Load::new(site.writer(&server)?, ledger.clone(), round, seed).start(false);
        fault::resumes(&ledger, Duration::from_secs(20)).await.with_context(|| at.clone())?;
        tokio::time::sleep(Duration::from_millis(300)).await;
        cluster.stop(mode).map_err(anyhow::Error::msg)?;
        let away = Duration::from_millis(1_500 + 700 * u64::from(round % 3));
        let (told, slowest) =
            probe(c.clone(), Instant::now() + away).await.map_err(|e| e.context(at.clone()).context(site.tail()))?;
        ensure!(told > 0, "{at}: nobody was told that the database is away");
        ensure!(slowest <= HANG, "{at}: an answer took {slowest:?}");
        (seen.told, seen.slowest) = (seen.told + told, seen.slowest.max(slowest));
        cluster.start().map_err(anyhow::Error::msg)?;
        let took = fault::resumes(&ledger, BACK).await.map_err(|e| e.context(at.clone()).context(site.tail()))?;
        seen.back = seen.back.max(took);
        tokio::time::sleep(Duration::from_millis(500)).await;
        load.end().await.map_err(|e| e.context(at.clone()).context(site.tail()))?;
        ensure!(server.ended()?.is_none(), "{at}: the program ended\n{}", site.tail());
        check::check(&c, &ledger, seed, round..=round).await.map_err(|e| e.context(at).context(site.tail()))?;
    }
    fault::finish(&site, &server, &ledger, seed, restarts).await?;
    seen.load = ledger.summary();
    Ok(seen)
}
