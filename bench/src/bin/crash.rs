//! `cargo xtask crash`: hard tests of what clients were told against what is there afterwards. See `docs/reliability.md`.
#![forbid(unsafe_code)]

use std::{path::PathBuf, time::Duration};

use anyhow::{Result, bail};
use clap::{Parser, ValueEnum};
use rapport_bench::{copies, fault, full, kill, power, restart, site::Base};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// `kill -9`.
    Kill,
    /// Power cuts (SQLite).
    Power,
    /// I/O errors (SQLite).
    Io,
    /// A full disk (SQLite).
    Full,
    /// PostgreSQL stopped and started.
    Restart,
    /// Backups under load.
    Backup,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Database {
    Sqlite,
    Postgres,
    Both,
}

/// How often and where.
#[derive(Debug, Parser)]
struct Args {
    /// The binary.
    #[arg(long)]
    bin: PathBuf,
    /// What goes wrong; all of it: `kill,power,io,full,restart,backup`.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "kill")]
    what: Vec<What>,
    /// Kills on each database.
    #[arg(long, default_value_t = 50)]
    kills: u32,
    /// Power cuts.
    #[arg(long, default_value_t = 20)]
    cuts: u32,
    /// Places where I/O fails.
    #[arg(long, default_value_t = 40)]
    points: u32,
    /// Restarts of PostgreSQL.
    #[arg(long, default_value_t = 6)]
    restarts: u32,
    /// Which database.
    #[arg(long, value_enum, default_value_t = Database::Both)]
    database: Database,
    /// Seed of moments and names; another one each time when not given.
    #[arg(long)]
    seed: Option<u64>,
    /// Longest start to accept, in milliseconds.
    #[arg(long, default_value_t = 2_000)]
    start_ms: u64,
    /// Longest time under load before a kill, in milliseconds.
    #[arg(long, default_value_t = 1_000)]
    round_ms: u64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let a = Args::parse();
    let plan = kill::Plan {
        kills: a.kills,
        seed: a.seed.unwrap_or_else(|| rand::random::<u32>().into()),
        start: Duration::from_millis(a.start_ms),
        longest: Duration::from_millis(a.round_ms),
    };
    let bases = match a.database {
        Database::Sqlite => vec![Base::Sqlite],
        Database::Postgres => vec![Base::Postgres],
        Database::Both => vec![Base::Sqlite, Base::Postgres],
    };
    for what in &a.what {
        run(*what, &a, plan, &bases).await?;
    }
    Ok(())
}

/// A clear line where this machine cannot do it.
fn possible(what: &str, obstacle: Option<String>) -> bool {
    if let Some(why) = &obstacle {
        println!("skipped: {what} is not possible here: {why}");
    }
    obstacle.is_none()
}

async fn run(what: What, a: &Args, plan: kill::Plan, bases: &[Base]) -> Result<()> {
    let (bin, seed) = (&a.bin, plan.seed);
    match what {
        What::Kill => {
            for &base in bases {
                println!("{}", kill::run(bin, base, plan).await?);
            }
        }
        What::Power if possible("a power cut", power::obstacle()) => {
            let blind = power::run_cuts(bin, a.cuts, seed, false).await?;
            let Some(lost) = blind.lost else { bail!("with less syncing nothing was lost either: this machine shows nothing") };
            println!(
                "self-test, synchronous=NORMAL: lost after {} cuts, as it must: {}",
                blind.cuts,
                lost.lines().next().unwrap_or("")
            );
            println!("{}", power::run_cuts(bin, a.cuts, seed, true).await?);
        }
        What::Io if possible("an I/O error", fault::obstacle()) => println!("{}", fault::run_points(bin, a.points, seed).await?),
        What::Full if possible("a full disk", full::obstacle()) => {
            for how in [full::How::Reserve, full::How::LastByte] {
                println!("{}", full::run(bin, how, seed).await?);
            }
        }
        What::Restart => println!("{}", restart::run(bin, a.restarts, seed).await?),
        What::Backup => {
            for &base in bases {
                println!("{}", copies::run(bin, base, seed).await?);
            }
        }
        What::Power | What::Io | What::Full => {}
    }
    Ok(())
}
