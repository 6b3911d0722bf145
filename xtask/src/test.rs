//! `test`, `fix`, `gen`, `e2e`.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::{need, postgres, sh, tidy, web};

/// Which parts to run.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only these parts: lint, tidy, rust, web, e2e, crash. All but `crash`, which takes long, when none is named.
    #[arg(value_delimiter = ',')]
    only: Vec<String>,
}

const PARTS: &[&str] = &["lint", "tidy", "web", "rust", "e2e", "crash"];

/// Runs the tests.
pub fn test(a: &Args) -> Result<()> {
    if let Some(x) = a.only.iter().find(|x| !PARTS.contains(&x.as_str())) {
        bail!("unknown part `{x}`: {}", PARTS.join(", "));
    }
    let wanted = |p: &str| a.only.iter().any(|x| x == p) || (a.only.is_empty() && p != "crash");
    need::ensure()?;
    let here = Path::new(".");
    if wanted("lint") {
        sh::run("cargo", &["fmt", "--all", "--check"], here)?;
        sh::run("cargo", &["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"], here)?;
    }
    if wanted("tidy") {
        tidy::tidy()?;
    }
    if wanted("web") {
        web::check()?;
    }
    web::build()?;
    if wanted("rust") {
        // One cluster for all test processes; each test takes a schema of its own.
        let postgres = postgres::cluster().context("PostgreSQL is needed")?.url().to_owned();
        let env = [("RAPPORT_REQUIRE_POSTGRES", "1"), ("RAPPORT_TEST_POSTGRES", postgres.as_str()), ("INSTA_UPDATE", "no")];
        if sh::has("cargo-nextest") {
            // The reliability tests come last, one after the other. What failed once and not again is named as flaky in the summary.
            let args = ["nextest", "run", "--workspace", "--no-fail-fast", "--retries", "1", "-E", "not binary(reliability)"];
            sh::run_env("cargo", &args, here, &env)?;
            sh::run_env("cargo", &["test", "--workspace", "--doc", "--quiet"], here, &env)?;
        } else {
            sh::run_env("cargo", &["test", "--workspace", "--exclude", "rapport", "--no-fail-fast"], here, &env)?;
            sh::run_env("cargo", &["test", "--package", "rapport", "--bins", "--test", "cli", "--no-fail-fast"], here, &env)?;
        }
        // What stops and starts the server needs one of its own.
        sh::run_env("cargo", &["test", "--workspace", "--test", "store", "postgres_conforms"], here, &env[..1])?;
    }
    if wanted("e2e") {
        e2e()?;
    }
    if wanted("crash") {
        reliability()?;
    }
    println!("all tests passed");
    Ok(())
}

/// The journeys that run on PostgreSQL too: those of the first ten minutes, of the daily work, and of changing the model.
const MAIN: [&str; 3] = ["e2e/ten-minutes.e2e.ts", "e2e/work.e2e.ts", "e2e/admin.e2e.ts"];

/// Browser journeys against the binary that is shipped: all of them on SQLite, the main ones on PostgreSQL.
pub fn e2e() -> Result<()> {
    web::build()?;
    sh::run("cargo", &["build", "--release", "--package", "rapport"], Path::new("."))?;
    let bin = sh::target()?.join("release/rapport");
    let bin = bin.to_string_lossy();
    let web = Path::new("web");
    sh::run_env("npm", &["run", "e2e"], web, &[("RAPPORT_BIN", &bin)])?;
    let database = postgres::cluster().context("PostgreSQL is needed")?.fresh_database().map_err(anyhow::Error::msg)?;
    let args = [&["run", "e2e", "--"], MAIN.as_slice()].concat();
    sh::run_env("npm", &args, web, &[("RAPPORT_BIN", &bin), ("RAPPORT_E2E_DATABASE", &database)])
}

/// Kills, power cuts, I/O errors, full disks and restarts against the binary that is shipped, one after the other: they measure
/// times, and some stop the database.
pub fn reliability() -> Result<()> {
    web::build()?;
    sh::run("cargo", &["build", "--release", "--package", "rapport"], Path::new("."))?;
    let bin = sh::target()?.join("release/rapport");
    sh::run_env(
        "cargo",
        &["test", "--workspace", "--test", "reliability", "--", "--test-threads=1", "--nocapture"],
        Path::new("."),
        &[("RAPPORT_BIN", &*bin.to_string_lossy()), ("RAPPORT_REQUIRE_POSTGRES", "1")],
    )
}

/// Formats and fixes.
pub fn fix() -> Result<()> {
    let here = Path::new(".");
    sh::run("cargo", &["fmt", "--all"], here)?;
    sh::run("cargo", &["clippy", "--workspace", "--all-targets", "--fix", "--allow-dirty", "--quiet"], here)?;
    generate(false)?;
    web::install()?;
    sh::run("npm", &["run", "fix"], Path::new("web"))
}

/// Regenerates what is generated, or checks that it is fresh.
pub fn generate(check: bool) -> Result<()> {
    let mut args = vec!["run", "--quiet", "--package", "rapport-server", "--example", "generate", "--"];
    if check {
        args.push("--check");
    }
    sh::run("cargo", &args, Path::new("."))?;
    web::install()?;
    sh::run("npm", &["run", if check { "gen:check" } else { "gen" }], Path::new("web"))
}
