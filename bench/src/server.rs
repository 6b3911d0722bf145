//! The program under measurement, as its own process.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// Where the workspace lies.
#[derive(Debug, Clone)]
pub enum Where {
    /// A folder with a SQLite workspace.
    Folder(PathBuf),
    /// A PostgreSQL database, and the folder of files and backups.
    Url {
        /// Connection URL.
        url: String,
        /// Folder.
        folder: PathBuf,
    },
}

impl Where {
    /// The folder of files and backups.
    #[must_use]
    pub fn folder(&self) -> &Path {
        match self {
            Self::Folder(folder) | Self::Url { folder, .. } => folder,
        }
    }
    /// The flags that name it.
    #[must_use]
    pub fn args(&self) -> Vec<String> {
        match self {
            Self::Folder(p) => vec!["--data".into(), p.to_string_lossy().into_owned()],
            Self::Url { url, folder } => {
                vec!["--data".into(), folder.to_string_lossy().into_owned(), "--database".into(), url.clone()]
            }
        }
    }
}

/// A running server; killed when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// `http://127.0.0.1:port`.
    pub base: String,
    /// From start of the process to the first good answer.
    pub started_in: Duration,
}

/// A port nobody listens on now.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

impl Server {
    /// Starts the program and waits for its first good answer.
    pub async fn start(bin: &Path, at: &Where, log: &Path) -> Result<Self> {
        Self::start_with(bin, at, log, &[]).await
    }
    /// The same with environment variables.
    pub async fn start_with(bin: &Path, at: &Where, log: &Path, env: &[(&str, &str)]) -> Result<Self> {
        let port = free_port()?;
        let base = format!("http://127.0.0.1:{port}");
        let log = std::fs::OpenOptions::new().create(true).append(true).open(log)?;
        let begun = Instant::now();
        let child = Command::new(bin)
            .arg("serve")
            .args(at.args())
            .args(["--listen", &format!("127.0.0.1:{port}"), "--rate", "1000000"])
            .envs(env.iter().copied())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", bin.display()))?;
        let mut me = Self { child, base, started_in: Duration::ZERO };
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build()?;
        loop {
            if let Ok(r) = http.get(format!("{}/readyz", me.base)).send().await
                && r.status().is_success()
            {
                me.started_in = begun.elapsed();
                return Ok(me);
            }
            if let Some(s) = me.child.try_wait()? {
                bail!("the server ended at start: {s}");
            }
            if begun.elapsed() > Duration::from_mins(1) {
                bail!("no answer within 60 s");
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Whether the process has ended by itself, and how.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }
    /// Asks it to stop and waits at most 30 s.
    pub fn stop(&mut self) -> Result<ExitStatus> {
        signal(self.pid(), "TERM")?;
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(30) {
            if let Some(s) = self.child.try_wait()? {
                return Ok(s);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        bail!("the server did not stop within 30 s of being asked")
    }

    /// Resident memory in MiB.
    #[must_use]
    pub fn rss_mib(&self) -> f64 {
        status_kb(self.child.id(), "VmRSS:").map_or(0.0, |kb| kb / 1024.0)
    }

    /// The part of [`Self::rss_mib`] that is pages of mapped files: the system's cache, which it takes back when it needs it. Each
    /// connection's mapping is counted.
    #[must_use]
    pub fn mapped_mib(&self) -> f64 {
        status_kb(self.child.id(), "RssFile:").map_or(0.0, |kb| kb / 1024.0)
    }

    /// CPU time used so far, in milliseconds.
    #[must_use]
    pub fn cpu_ms(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let rest = stat.rsplit(") ").next().unwrap_or("");
        // Fields 14 and 15 of proc(5), counted in 1/100 s on Linux.
        let ticks = |i| rest.split(' ').nth(i).and_then(|x| x.parse::<f64>().ok()).unwrap_or(0.0);
        (ticks(11) + ticks(12)) * 10.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Sends a signal to a process of ours.
pub fn signal(pid: u32, name: &str) -> Result<()> {
    let s = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).stderr(Stdio::null()).status()?;
    if s.success() { Ok(()) } else { bail!("no process {pid} to send {name} to") }
}

/// Starts a command of the program without waiting for its end; its output goes to `log`.
pub fn spawn(bin: &Path, args: &[&str], at: &Where, log: &Path) -> Result<Child> {
    let log = std::fs::OpenOptions::new().create(true).append(true).open(log)?;
    Ok(Command::new(bin).args(args).args(at.args()).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?)
}

/// Runs a command of the program and gives what it printed.
pub fn run(bin: &Path, args: &[&str], at: &Where, env: &[(&str, &str)]) -> Result<String> {
    let out = Command::new(bin).args(args).args(at.args()).envs(env.iter().copied()).stdin(Stdio::null()).output()?;
    if !out.status.success() {
        bail!("`rapport {}`: {}\n{}", args.join(" "), out.status, String::from_utf8_lossy(&out.stderr));
    }
    Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned())
}

/// What a command of the program cost.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// From start to end.
    pub took: Duration,
    /// Most resident memory seen, in MiB.
    pub peak_mib: f64,
}

/// Runs a command of the program and watches its memory (Linux keeps the peak in `VmHWM`).
pub fn watched(bin: &Path, args: &[&str], at: &Where, within: &Path) -> Result<Cost> {
    let errors = tempfile::tempfile()?;
    let begun = Instant::now();
    let mut child = Command::new(bin)
        .args(args)
        .args(at.args())
        .current_dir(within)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(errors.try_clone()?)
        .spawn()?;
    let mut peak_mib = 0.0;
    let status = loop {
        if let Some(kb) = status_kb(child.id(), "VmHWM:") {
            peak_mib = kb / 1024.0;
        }
        if let Some(s) = child.try_wait()? {
            break s;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    if !status.success() {
        let mut said = String::new();
        std::io::Seek::rewind(&mut &errors)?;
        std::io::Read::read_to_string(&mut &errors, &mut said)?;
        bail!("`rapport {}`: {status}\n{said}", args.join(" "));
    }
    Ok(Cost { took: begun.elapsed(), peak_mib })
}

fn status_kb(pid: u32, key: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|l| l.strip_prefix(key)?.trim().strip_suffix(" kB")?.trim().parse().ok())
}
