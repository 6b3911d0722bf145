//! `run` and `dev`.

use std::path::Path;

use anyhow::Result;

use crate::{sh, web};

/// Arguments passed on to the program.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder of the workspace.
    #[arg(long, default_value = "rapport-data")]
    data: String,
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1:7878")]
    listen: String,
}

/// Builds page and binary and serves the sample company.
pub fn run(a: &Args) -> Result<()> {
    web::build()?;
    sh::run("cargo", &["build", "--release", "--package", "rapport"], Path::new("."))?;
    let bin = sh::target()?.join("release/rapport");
    sh::run(bin, &["demo", "--data", &a.data, "--listen", &a.listen], Path::new("."))
}

/// A development build of the server; the page's own server (`npm run dev` in `web/`) forwards to it.
pub fn dev(a: &Args) -> Result<()> {
    web::install()?;
    let server = format!("http://{}", a.listen);
    let mut page =
        std::process::Command::new("npm").args(["run", "dev"]).env("RAPPORT_URL", server).current_dir("web").spawn()?;
    let served = sh::run(
        "cargo",
        &["run", "--package", "rapport", "--", "demo", "--data", &a.data, "--listen", &a.listen],
        Path::new("."),
    );
    page.kill().ok();
    served
}

/// Builds the released binary and runs one of the programs of `bench/` against it.
pub fn against_release(program: &str, args: &[String]) -> Result<()> {
    web::build()?;
    sh::run("cargo", &["build", "--release", "--package", "rapport", "--package", "rapport-bench"], Path::new("."))?;
    let release = sh::target()?.join("release");
    let bin = release.join("rapport").to_string_lossy().into_owned();
    let mut all = vec!["--bin", bin.as_str()];
    all.extend(args.iter().map(String::as_str));
    sh::run(release.join(program), &all, Path::new("."))
}
