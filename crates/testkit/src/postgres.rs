//! A private PostgreSQL cluster for tests: made in a temporary folder, on a free port, as an unprivileged user, with `fsync` on;
//! stopped and removed when the test process ends, however it ends. One cluster per process; tests take a schema each.
//!
//! This file uses the standard library only, so that crates below `testkit` can include it by path in their own tests.

use std::{
    io::Write as _,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

/// Set to use a running server instead of a private one: a URL whose user may make schemas.
pub const URL_VARIABLE: &str = "RAPPORT_TEST_POSTGRES";
/// Set to 1 to make a missing PostgreSQL a failure instead of a skipped test; `CI=true` does the same.
pub const REQUIRE_VARIABLE: &str = "RAPPORT_REQUIRE_POSTGRES";

/// A running cluster.
#[derive(Debug)]
pub struct Cluster {
    url: String,
    own: Option<Own>,
}

#[derive(Debug)]
struct Own {
    bin: PathBuf,
    data: PathBuf,
    port: u16,
    /// Ends the cluster when its input closes, that is when this process ends.
    _guard: Mutex<Child>,
}

static CLUSTER: OnceLock<Result<Cluster, String>> = OnceLock::new();
static SCHEMAS: AtomicU32 = AtomicU32::new(0);

/// The cluster of this process, started at first use. `None`: there is no PostgreSQL here; the reason is printed.
///
/// # Panics
/// When PostgreSQL is required (see [`REQUIRE_VARIABLE`]) and cannot be started.
#[must_use]
pub fn cluster() -> Option<&'static Cluster> {
    match CLUSTER.get_or_init(start) {
        Ok(c) => Some(c),
        Err(why) => {
            let set = |n: &str, v: &str| std::env::var(n).is_ok_and(|x| x == v);
            assert!(!set("CI", "true") && !set(REQUIRE_VARIABLE, "1"), "PostgreSQL is required but {why}");
            eprintln!("skipped on PostgreSQL: {why} (install postgresql-15, or set {URL_VARIABLE})");
            None
        }
    }
}

/// A schema name no other test uses.
#[must_use]
pub fn fresh_schema() -> String {
    format!("ws_t{}_{}", std::process::id(), SCHEMAS.fetch_add(1, Ordering::Relaxed))
}

impl Cluster {
    /// Connection URL of its database.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
    /// The server is ours to stop and start.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.own.is_some()
    }
    /// Makes an empty database that no other test uses and gives its URL.
    ///
    /// # Errors
    /// What the tools said.
    pub fn fresh_database(&self) -> Result<String, String> {
        let name = format!("t{}_{}", std::process::id(), SCHEMAS.fetch_add(1, Ordering::Relaxed));
        // Not always beside the server's own tools.
        let beside = self.own.as_ref().map(|o| o.bin.join("psql")).filter(|p| p.exists());
        let psql = beside.unwrap_or_else(|| PathBuf::from("psql"));
        run(Command::new(psql).args(["-X", "-q", "-d", &self.url, "-c"]).arg(format!("CREATE DATABASE {name}")))?;
        let (place, settings) = self.url.split_once('?').map_or((self.url.as_str(), None), |(a, b)| (a, Some(b)));
        let server = place.rsplit_once('/').map_or(place, |(a, _)| a);
        Ok(format!("{server}/{name}{}", settings.map(|s| format!("?{s}")).unwrap_or_default()))
    }
    /// Stops the server: `fast` or `immediate` (like a crash).
    ///
    /// # Errors
    /// What the tools said.
    pub fn stop(&self, mode: &str) -> Result<(), String> {
        let own = self.own.as_ref().ok_or("the server is not ours")?;
        run(unprivileged(&own.bin.join("pg_ctl")).arg("-D").arg(&own.data).args(["-m", mode, "-w", "stop"]))
    }
    /// Starts the server again.
    ///
    /// # Errors
    /// What the tools said.
    pub fn start(&self) -> Result<(), String> {
        let own = self.own.as_ref().ok_or("the server is not ours")?;
        own.launch()
    }
}

impl Own {
    fn launch(&self) -> Result<(), String> {
        let options = format!("-p {} -h 127.0.0.1 -k {}", self.port, self.data.display());
        run(unprivileged(&self.bin.join("pg_ctl"))
            .arg("-D")
            .arg(&self.data)
            .arg("-l")
            .arg(self.data.join("log"))
            .args(["-o", &options, "-w", "-t", "60", "start"]))
    }
}

fn run(c: &mut Command) -> Result<(), String> {
    let text = format!("{c:?}");
    // pg_ctl leaves the server behind with our pipes open, so its output goes nowhere but to its log.
    let s = c.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().map_err(|e| format!("{text}: {e}"))?;
    if s.success() { Ok(()) } else { Err(format!("{text} failed: {s}")) }
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout.starts_with(b"0\n"))
}

/// The user the server runs as when we are root: PostgreSQL refuses to run as root.
fn user() -> &'static str {
    static USER: OnceLock<&'static str> = OnceLock::new();
    USER.get_or_init(|| {
        let known =
            |u: &str| Command::new("id").arg(u).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success());
        if known("postgres") { "postgres" } else { "nobody" }
    })
}

/// A command as an unprivileged user.
fn unprivileged(program: &Path) -> Command {
    let mut c;
    if is_root() {
        c = Command::new("setpriv");
        let group = Command::new("id")
            .args(["-gn", user()])
            .output()
            .map_or_else(|_| user().to_owned(), |o| String::from_utf8_lossy(&o.stdout).trim().to_owned());
        c.args(["--reuid", user(), "--regid", &group, "--clear-groups"]).arg(program);
    } else {
        c = Command::new(program);
    }
    c.current_dir("/").env("LC_ALL", "C");
    c
}

/// Where `initdb` and `pg_ctl` are.
fn tools() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain((13..=20).rev().map(|v| PathBuf::from(format!("/usr/lib/postgresql/{v}/bin"))))
        .find(|d| d.join("initdb").exists() && d.join("pg_ctl").exists())
}

fn start() -> Result<Cluster, String> {
    if let Ok(url) = std::env::var(URL_VARIABLE) {
        return Ok(Cluster { url, own: None });
    }
    private()
}

/// A cluster that only the caller uses, for tests that stop the server.
///
/// # Errors
/// What is missing, or what the tools said.
pub fn private() -> Result<Cluster, String> {
    let bin = tools().ok_or("initdb and pg_ctl were not found")?;
    let base =
        std::env::temp_dir().join(format!("rapport-pg-{}-{}", std::process::id(), SCHEMAS.fetch_add(1, Ordering::Relaxed)));
    std::fs::create_dir_all(&base).map_err(|e| e.to_string())?;
    if is_root() {
        run(Command::new("chown").arg(user()).arg(&base))?;
    }
    // The guard comes first: whatever fails later is cleaned up.
    let script = format!(
        "read _; {pg} -D {d}/data -m immediate stop >/dev/null 2>&1; rm -rf {d}",
        pg = bin.join("pg_ctl").display(),
        d = base.display()
    );
    let guard = unprivileged(Path::new("/bin/sh"))
        .args(["-c", &script])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let guard = guard.map_err(|e| e.to_string())?;
    let data = base.join("data");
    run(unprivileged(&bin.join("initdb")).arg("-D").arg(&data).args([
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
    ]))?;
    let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).map_err(|e| e.to_string())?.port();
    let conf = "\nmax_connections = 200\nshared_buffers = 128MB\nfsync = on\nsynchronous_commit = on\nmax_wal_size = 1GB\n";
    std::fs::OpenOptions::new()
        .append(true)
        .open(data.join("postgresql.conf"))
        .and_then(|mut f| f.write_all(conf.as_bytes()))
        .map_err(|e| e.to_string())?;
    let own = Own { bin, data, port, _guard: Mutex::new(guard) };
    let mut last = Err(String::new());
    for _ in 0..3 {
        last = own.launch();
        if last.is_ok() {
            break;
        }
        std::thread::sleep(Duration::from_millis(500));
    }
    last?;
    Ok(Cluster { url: format!("postgres://postgres@127.0.0.1:{port}/postgres"), own: Some(own) })
}
