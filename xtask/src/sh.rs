//! Running other programs.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Context, Result, bail};

/// The workspace's root.
pub fn root() -> Result<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).context("xtask lies inside the workspace")
}

/// Where cargo puts what it builds.
pub fn target() -> Result<PathBuf> {
    Ok(std::env::var_os("CARGO_TARGET_DIR").map_or(root()?.join("target"), PathBuf::from))
}

/// Runs a program with the terminal's own input and output and fails when it fails.
pub fn run(program: impl AsRef<OsStr>, args: &[&str], dir: &Path) -> Result<()> {
    run_env(program, args, dir, &[])
}

/// The same with environment variables.
pub fn run_env(program: impl AsRef<OsStr>, args: &[&str], dir: &Path, env: &[(&str, &str)]) -> Result<()> {
    let program = program.as_ref();
    let shown = format!("{} {}", program.to_string_lossy(), args.join(" "));
    println!("\x1b[2m$ {shown}\x1b[0m");
    let started = Instant::now();
    let status = plain(program)
        .args(args)
        .current_dir(dir)
        .envs(env.iter().copied())
        .status()
        .with_context(|| format!("cannot start `{shown}`"))?;
    let took = started.elapsed().as_secs();
    if took >= 5 {
        println!("\x1b[2m  {took} s: {shown}\x1b[0m");
    }
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

/// A program without what cargo tells those it runs itself: build scripts that look at it would run anew, and with them half the
/// dependencies, whenever the way they are called changes.
fn plain(program: &OsStr) -> Command {
    let mut c = Command::new(program);
    let told = |k: &str| k.starts_with("CARGO_PKG_") || k.starts_with("CARGO_MANIFEST_");
    for (k, _) in std::env::vars_os().filter(|(k, _)| k.to_str().is_some_and(told)) {
        c.env_remove(k);
    }
    c
}

/// Whether a program is on the PATH.
pub fn has(program: &str) -> bool {
    find(program).is_some()
}

/// Where a program is on the PATH.
pub fn find(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|d| d.join(program)).find(|p| p.is_file())
}

/// This process is root.
pub fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout.starts_with(b"0"))
}
