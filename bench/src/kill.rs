//! `kill -9` at random moments under load.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::{
    check, fault,
    ledger::Ledger,
    load::Load,
    server::Server,
    site::{Base, Site},
};

/// How often and how hard.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Kills.
    pub kills: u32,
    /// Seed of moments and names.
    pub seed: u64,
    /// Longest start to accept, from the start of the process to the first good answer. On a machine so busy that even a start
    /// after an orderly stop takes long, five times that.
    pub start: Duration,
    /// Longest time under load before a kill.
    pub longest: Duration,
}

/// What was seen.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Which database.
    pub base: Base,
    /// Kills.
    pub kills: u32,
    /// Figures of the load.
    pub load: String,
    /// Start after an orderly stop.
    pub clean: Duration,
    /// Median and longest start after a kill.
    pub start: (Duration, Duration),
    /// Creations sent again under their key.
    pub repeated: usize,
    /// Different automatic numbers.
    pub numbers: usize,
    /// Entries of the verified change log.
    pub log: i64,
    /// Everything together.
    pub took: Duration,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}: {} kills, lost 0, half 0; {}; {} creations sent again under their key, none twice; {} numbers, none twice; log whole up to {}; start after a kill: median {:.2} s, longest {:.2} s (after an orderly stop {:.2} s); {:.0} s",
            self.base,
            self.kills,
            self.load,
            self.repeated,
            self.numbers,
            self.log,
            self.start.0.as_secs_f64(),
            self.start.1.as_secs_f64(),
            self.clean.as_secs_f64(),
            self.took.as_secs_f64()
        )
    }
}

/// Every so many kills everything is compared, not only what the last round wrote.
const FULL: u32 = 10;

/// Kills and compares.
pub async fn run(bin: &Path, base: Base, plan: Plan) -> Result<Outcome> {
    let begun = Instant::now();
    println!("{base}: seed {}", plan.seed);
    let site = Site::new(bin, base)?;
    let ledger = Arc::new(Ledger::default());
    let mut rng = StdRng::seed_from_u64(plan.seed);
    let mut starts = vec![];
    let mut repeated = 0;
    let mut server = site.start().await?;
    server.stop()?;
    server = site.start().await?;
    let clean = server.started_in;
    let limit = plan.start.max(clean * 5);
    for round in 0..plan.kills {
        let load = Load::new(site.writer(&server)?, ledger.clone(), round, plan.seed).start(true);
        // Every fifth round is longer, so that imports get on and the log of a longer run is recovered.
        let times = if round % 5 == 4 { 4 } else { 1 };
        let longest = u64::try_from(plan.longest.as_millis())?.max(11) * times;
        let wait = Duration::from_millis(rng.random_range(10..longest));
        if round % 2 == 1 {
            // In every other round the load has surely begun; in the others the kill may also come before.
            fault::resumes(&ledger, Duration::from_secs(30)).await?;
        }
        tokio::time::sleep(wait).await;
        server.kill()?;
        load.end().await.with_context(|| format!("round {round}\n{}", site.tail()))?;
        let full = (round + 1) % FULL == 0 || round + 1 == plan.kills;
        if full {
            // Here the command is the first to open what the kill left behind.
            site.healthy().with_context(|| format!("after kill {round}, seed {}", plan.seed))?;
        }
        server = site.start().await.with_context(|| format!("start after kill {round}"))?;
        starts.push(server.started_in);
        ensure!(
            server.started_in <= limit,
            "after kill {round}, seed {}: the first answer took {:?}, after an orderly stop {clean:?}",
            plan.seed,
            server.started_in
        );
        let rounds = if full { 0..=round } else { round..=round };
        repeated += compare(&site, &server, &ledger, plan.seed, rounds).await.with_context(|| format!("after kill {round}"))?;
    }
    let numbers = finish(&site, &server, &ledger, plan).await?;
    server.stop()?;
    let log = site.healthy()?;
    site.no_panic()?;
    starts.sort_unstable();
    Ok(Outcome {
        base,
        kills: plan.kills,
        load: ledger.summary(),
        clean,
        start: (starts.get(starts.len() / 2).copied().unwrap_or_default(), starts.last().copied().unwrap_or_default()),
        repeated,
        numbers,
        log,
        took: begun.elapsed(),
    })
}

async fn compare(
    site: &Site,
    server: &Server,
    ledger: &Ledger,
    seed: u64,
    rounds: std::ops::RangeInclusive<u32>,
) -> Result<usize> {
    let seen = check::check(&site.checker(server)?, ledger, seed, rounds)
        .await
        .map_err(|e| e.context(format!("seed {seed}")).context(site.tail()))?;
    Ok(seen.repeated)
}

/// Lets imports that were cut off run to their end, then compares everything.
pub async fn finish(site: &Site, server: &Server, ledger: &Arc<Ledger>, plan: Plan) -> Result<usize> {
    let c = site.checker(server)?;
    let left: Vec<(usize, String)> = {
        let s = ledger.lock();
        s.imports.iter().enumerate().filter(|(_, i)| !i.done).filter_map(|(n, i)| Some((n, i.job.clone()?))).collect()
    };
    for (n, job) in left {
        let path = format!("/api/v1/import/jobs/{job}");
        let begun = Instant::now();
        loop {
            let now = c.as_writer().read(&path).await?;
            match now["status"].as_str() {
                Some("done") => break,
                Some("failed" | "cancelled") => {
                    c.as_writer().json(reqwest::Method::POST, &format!("{path}/resume"), &serde_json::json!({})).await?;
                }
                _ => tokio::time::sleep(Duration::from_millis(50)).await,
            }
            ensure!(begun.elapsed() < Duration::from_secs(400), "an import did not end within 400 s: {now}");
        }
        ledger.lock().imports[n].done = true;
    }
    check::check(&c, ledger, plan.seed, 0..=plan.kills).await.context("at the end")?;
    check::numbers(&c).await
}
