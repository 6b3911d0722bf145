//! `bench page`: how the page feels on a large workspace, in a real browser.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use clap::Parser as _;

use crate::{need, sh, web};

/// What to measure on.
#[derive(Debug, clap::Parser)]
#[command(name = "bench page", no_binary_name = true)]
struct Args {
    /// Accounts; as many contacts, a fifth as many opportunities, beside the sample company.
    #[arg(long, default_value_t = 1_000_000)]
    accounts: usize,
    /// Folder of the workspace; kept and used again when it holds one of this size.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Runs Lighthouse as well (fetched by npx).
    #[arg(long)]
    lighthouse: bool,
}

/// A server that ends with the measurement, however that ends.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Fills a workspace, serves it with the released binary and drives the page in Chromium.
pub fn bench(args: &[String]) -> Result<()> {
    let a = Args::try_parse_from(args)?;
    need::ensure()?;
    web::build()?;
    let here = Path::new(".");
    sh::run("cargo", &["build", "--release", "--package", "rapport"], here)?;
    let bin = sh::target()?.join("release/rapport");
    let folder = a.folder.unwrap_or_else(|| std::env::temp_dir().join(format!("rapport-bench-page-{}", a.accounts)));
    let data = folder.join("data").to_string_lossy().into_owned();
    let filled = folder.join("filled");
    if !filled.exists() {
        let (all, fifth) = (a.accounts.to_string(), (a.accounts / 5).to_string());
        std::fs::create_dir_all(&folder)?;
        sh::run(&bin, &["demo", "--only-fill", "--data", &data], here)?;
        let load = ["load", "--data", &data, "--accounts", &all, "--contacts", &all, "--opportunities", &fifth];
        sh::run(&bin, &load, here)?;
        std::fs::write(&filled, "")?;
    }
    // A free port: asked for and given back.
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    let log = std::fs::File::create(folder.join("server.log"))?;
    let child =
        Command::new(&bin).args(["demo", "--data", &data, "--listen", &address]).stdout(log.try_clone()?).stderr(log).spawn()?;
    let server = Server(child);
    ready(&address).with_context(|| format!("see {}", folder.join("server.log").display()))?;
    let url = format!("http://{address}");
    let (dir, env) = (Path::new("web"), [("RAPPORT_URL", url.as_str())]);
    sh::run_env("node", &["bench/page.mjs"], dir, &env)?;
    if a.lighthouse {
        sh::run_env("node", &["bench/lighthouse.mjs"], dir, &env)?;
    }
    drop(server);
    Ok(())
}

/// Waits until a server says that it is ready.
fn ready(address: &str) -> Result<()> {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_mins(2) {
        if let Ok(mut c) = TcpStream::connect(address) {
            let mut answer = String::new();
            write!(c, "GET /readyz HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
            if c.read_to_string(&mut answer).is_ok() && answer.split(' ').nth(1) == Some("200") {
                return Ok(());
            }
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    bail!("the server was not ready within two minutes")
}
