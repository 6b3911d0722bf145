//! The page: installing its packages, building, checking.

use std::{fs, path::Path, time::SystemTime};

use anyhow::{Context, Result, bail};
use walkdir::WalkDir;

use crate::sh;

/// Installs the packages of the lock file when they are not those installed already.
pub fn install() -> Result<()> {
    if !sh::has("npm") {
        bail!("Node.js 20 or newer with npm is needed to build the page");
    }
    let web = Path::new("web");
    let lock = web.join("package-lock.json");
    let done = web.join("node_modules/.package-lock.json");
    if newer(&done, &lock) {
        return Ok(());
    }
    sh::run("npm", &["ci", "--no-audit", "--no-fund"], web)
}

/// Builds `web/dist` when a source is newer than it.
pub fn build() -> Result<()> {
    install()?;
    let built = Path::new("web/dist/index.html");
    let sources = ["web/src", "web/public", "web/index.html", "web/package-lock.json", "web/vite.config.ts"];
    let newest = sources
        .iter()
        .flat_map(|s| WalkDir::new(s).into_iter().flatten())
        .filter_map(|e| e.metadata().ok()?.modified().ok())
        .max();
    if let (Some(newest), Ok(m)) = (newest, fs::metadata(built))
        && m.modified().is_ok_and(|b| b > newest)
    {
        return Ok(());
    }
    sh::run("npm", &["run", "build"], Path::new("web"))
}

/// Lint, types, unit tests.
pub fn check() -> Result<()> {
    install()?;
    let web = Path::new("web");
    sh::run("npm", &["run", "lint"], web)?;
    sh::run("npm", &["run", "gen:check"], web)?;
    sh::run("npm", &["run", "types"], web)?;
    sh::run("npm", &["test"], web).context("unit tests of the page")
}

fn newer(a: &Path, b: &Path) -> bool {
    let time = |p: &Path| fs::metadata(p).and_then(|m| m.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    a.exists() && time(a) >= time(b)
}
