//! The fuzz targets of `fuzz/`. The stable compiler and a C++ compiler (for libFuzzer) are enough: what is fuzzed is safe Rust, so there
//! is nothing for a sanitizer to find that a panic does not show.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, bail};

use crate::sh;

/// What to fuzz and for how long.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Targets; none = all.
    targets: Vec<String>,
    /// Seconds for each target.
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Only compile the targets.
    #[arg(long)]
    check: bool,
}

/// Lets libFuzzer see which branches an input takes; arithmetic that overflows is a finding.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Cdebug-assertions -Coverflow-checks --cfg fuzzing";

/// Names of the targets, as the files say.
fn targets() -> Result<Vec<String>> {
    let mut all = vec![];
    for e in std::fs::read_dir("fuzz/targets")? {
        let p = e?.path();
        if p.extension().is_some_and(|x| x == "rs")
            && let Some(name) = p.file_stem()
        {
            all.push(name.to_string_lossy().into_owned());
        }
    }
    all.sort();
    Ok(all)
}

/// The machine's own target: named, so that the flags are not those of build scripts as well.
fn host() -> Result<String> {
    let out = Command::new("rustc").arg("-vV").output().context("cannot start rustc")?;
    let text = String::from_utf8_lossy(&out.stdout);
    text.lines().find_map(|l| l.strip_prefix("host: ")).map(str::to_owned).context("rustc does not say what it runs on")
}

/// Runs the targets one after the other; the first finding ends it and is kept in `fuzz/artifacts`.
pub fn fuzz(a: &Args) -> Result<()> {
    let all = targets()?;
    if let Some(bad) = a.targets.iter().find(|t| !all.contains(t)) {
        bail!("there is no fuzz target `{bad}`; there are: {}", all.join(", "));
    }
    let wanted = if a.targets.is_empty() { all } else { a.targets.clone() };
    // Not a member of the workspace, but of the same versions.
    std::fs::copy("Cargo.lock", "fuzz/Cargo.lock")?;
    let (host, at) = (host()?, sh::target()?.join("fuzz"));
    let mut args = vec!["build", "--release", "--manifest-path", "fuzz/Cargo.toml", "--target", &host];
    for t in &wanted {
        args.extend(["--bin", t]);
    }
    let folder = at.to_string_lossy().into_owned();
    let env = [("RUSTFLAGS", FLAGS), ("CARGO_TARGET_DIR", folder.as_str())];
    sh::run_env("cargo", &args, Path::new("."), &env)?;
    if a.check {
        return Ok(());
    }
    std::fs::create_dir_all("fuzz/artifacts")?;
    for t in wanted {
        // What is found on the way stays out of the seeds.
        let (found, seeds) = (at.join("corpus").join(&t), Path::new("fuzz/corpus").join(&t));
        std::fs::create_dir_all(&found)?;
        let mut args = vec![found.to_string_lossy().into_owned()];
        if seeds.is_dir() {
            args.push(seeds.to_string_lossy().into_owned());
        }
        args.push(format!("-max_total_time={}", a.seconds));
        args.push(format!("-artifact_prefix=fuzz/artifacts/{t}-"));
        args.extend(["-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"].map(str::to_owned));
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        sh::run(at.join(&host).join("release").join(&t), &args, Path::new("."))?;
    }
    Ok(())
}
