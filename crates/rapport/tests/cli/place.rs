//! A place for workspaces and the real program run on it.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde_json::Value;

/// A data folder of its own; with `url` the workspaces lie in a PostgreSQL database of their own.
pub struct Place {
    pub dir: tempfile::TempDir,
    pub url: Option<String>,
}

impl Place {
    pub fn sqlite() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), url: None }
    }
    /// In a fresh database; none (said on standard error) where there is no server, unless one is required.
    pub async fn postgres() -> Option<Self> {
        let found = tokio::task::spawn_blocking(rapport_testkit::postgres::cluster).await.unwrap();
        let Some(cluster) = found else {
            assert!(std::env::var_os("RAPPORT_REQUIRE_POSTGRES").is_none(), "PostgreSQL is required and cannot be started");
            eprintln!("skipped: no PostgreSQL on this machine");
            return None;
        };
        let name = format!("cli_{:016x}", rand::random::<u64>());
        sql(cluster.url(), &format!("CREATE DATABASE {name}")).await;
        let (base, _) = cluster.url().rsplit_once('/').unwrap();
        Some(Self { dir: tempfile::tempdir().unwrap(), url: Some(format!("{base}/{name}")) })
    }
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
    pub fn data(&self) -> PathBuf {
        self.path("data")
    }
    pub fn command(&self, args: &[&str]) -> Command {
        let mut c = Command::new(env!("CARGO_BIN_EXE_rapport"));
        c.args(args).env_clear().env("LANG", "C.UTF-8").env("RAPPORT_DATA", self.data()).current_dir(self.dir.path());
        if let Some(u) = &self.url {
            c.env("RAPPORT_DATABASE_URL", u);
        }
        c.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        c
    }
    /// Runs and answers what it printed; must succeed.
    pub fn ok(&self, args: &[&str]) -> String {
        let o = self.command(args).output().unwrap();
        assert!(o.status.success(), "{args:?}: {}", told(&o));
        String::from_utf8(o.stdout).unwrap()
    }
    /// Runs and answers what it complained; must fail with exit code 1 and in plain words.
    pub fn fails(&self, args: &[&str]) -> String {
        let o = self.command(args).output().unwrap();
        assert_eq!(o.status.code(), Some(1), "{args:?}: {}", told(&o));
        let said = format!("{}{}", String::from_utf8_lossy(&o.stdout), String::from_utf8_lossy(&o.stderr));
        assert!(!said.contains("panicked") && !said.contains("RUST_BACKTRACE"), "{args:?}: {said}");
        said
    }
    /// Runs with a line on standard input.
    pub fn ok_with(&self, args: &[&str], line: &str) -> String {
        let mut c = self.command(args).stdin(Stdio::piped()).spawn().unwrap();
        writeln!(c.stdin.take().unwrap(), "{line}").unwrap();
        let o = c.wait_with_output().unwrap();
        assert!(o.status.success(), "{args:?}: {}", told(&o));
        String::from_utf8(o.stdout).unwrap()
    }
    /// An administrator `boss@firm.example`.
    pub fn administrator(&self) {
        self.ok_with(
            &["user", "create", "--admin", "--email", "boss@firm.example", "--name", "Boss", "--password-stdin"],
            "a fine long phrase 5",
        );
    }
    /// A token of the administrator.
    pub fn token(&self) -> String {
        let said = self.ok(&["token", "create", "--user", "boss@firm.example"]);
        said.split_whitespace().find(|w| w.starts_with("rpt_")).unwrap_or_else(|| panic!("{said}")).to_owned()
    }
    /// What an object holds, as the lines of its export, sorted.
    pub fn export(&self, object: &str, workspace: &str) -> Vec<String> {
        let file = self.path(&format!("{object}-{:08x}.csv", rand::random::<u32>()));
        self.ok(&["--workspace", workspace, "export", object, "--out", file.to_str().unwrap()]);
        let mut lines: Vec<String> = std::fs::read_to_string(&file).unwrap().lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }
    /// The only file in a folder whose name holds a part.
    pub fn find(dir: &Path, part: &str) -> PathBuf {
        let all: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().flatten().map(|e| e.path()).collect();
        let mut hits = all.iter().filter(|p| p.file_name().is_some_and(|n| n.to_string_lossy().contains(part)));
        let hit = hits.next().unwrap_or_else(|| panic!("{part} is not among {all:?}")).clone();
        assert!(hits.next().is_none(), "{part} stands for several of {all:?}");
        hit
    }
    /// Changes the tables of a workspace by hand.
    pub async fn by_hand(&self, workspace: &str, statement: &str) {
        match &self.url {
            Some(u) => sql(u, &format!("SET search_path TO ws_{workspace}; {statement}")).await,
            None => {
                let c = rusqlite::Connection::open(self.data().join(format!("{workspace}.db"))).unwrap();
                c.execute_batch(statement).unwrap();
            }
        }
    }
}

pub fn told(o: &Output) -> String {
    format!("{} {}{}", o.status, String::from_utf8_lossy(&o.stdout), String::from_utf8_lossy(&o.stderr))
}

pub async fn sql(url: &str, text: &str) {
    let (c, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    let running = tokio::spawn(connection);
    c.batch_execute(text).await.unwrap_or_else(|e| panic!("{text}: {e:?}"));
    drop(c);
    running.await.unwrap().unwrap();
}

/// The program serving; killed when it goes.
pub struct Server {
    child: Child,
    pub at: SocketAddr,
    errors: Arc<Mutex<String>>,
}

impl Server {
    /// Starts on a free port and waits until it says that it is ready.
    pub fn start(p: &Place, args: &[&str]) -> Self {
        let mut child = p.command(args).spawn().unwrap();
        let mut err = child.stderr.take().unwrap();
        let errors = Arc::new(Mutex::new(String::new()));
        let sink = errors.clone();
        std::thread::spawn(move || {
            let mut buf = [0; 4096];
            while let Ok(n @ 1..) = err.read(&mut buf) {
                sink.lock().unwrap().push_str(&String::from_utf8_lossy(&buf[..n]));
            }
        });
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        let at = loop {
            line.clear();
            let n = out.read_line(&mut line).unwrap();
            assert!(n > 0, "it ended: {}", errors.lock().unwrap());
            if let Some((_, at)) = line.trim().split_once("http://") {
                break at.parse::<SocketAddr>().unwrap();
            }
        };
        // What it says later must not fill the pipe.
        std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        let at = SocketAddr::new(if at.ip().is_unspecified() { [127, 0, 0, 1].into() } else { at.ip() }, at.port());
        Self { child, at, errors }
    }
    /// One request; status and body.
    pub fn ask(&self, method: &str, path: &str, token: &str, body: Option<&str>) -> (u16, String) {
        self.send(method, path, token, "application/json", body.unwrap_or(""))
    }
    fn send(&self, method: &str, path: &str, token: &str, kind: &str, body: &str) -> (u16, String) {
        let mut t = TcpStream::connect(self.at).unwrap();
        t.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        let auth = if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") };
        write!(
            t,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{auth}Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut all = vec![];
        t.read_to_end(&mut all).unwrap();
        let text = String::from_utf8_lossy(&all).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        (head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0), body.to_owned())
    }
    /// Attaches a text file to a record.
    pub fn attach(&self, token: &str, object: &str, id: &str, name: &str, content: &str) -> String {
        let part =
            |name: &str, value: &str| format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        let file = format!("--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{content}\r\n");
        let body = [part("object", object), part("id", id), file, "--cut--\r\n".into()].concat();
        let (status, said) = self.send("POST", "/api/v1/files", token, "multipart/form-data; boundary=cut", &body);
        assert_eq!(status, 201, "{said}");
        json(&said)["id"].as_str().unwrap().to_owned()
    }
    pub fn log(&self) -> String {
        self.errors.lock().unwrap().clone()
    }
    /// Asks it to end, as a service manager does; answers its log. It must end by itself and well.
    pub fn stop(mut self) -> String {
        let asked = Instant::now();
        let killed = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert!(status.success(), "{status} {}", self.log());
                break;
            }
            assert!(asked.elapsed() < Duration::from_secs(30), "it does not end: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        std::thread::sleep(Duration::from_millis(50));
        self.log()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already ended where `stop` was called.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn json(s: &str) -> Value {
    serde_json::from_str(s).unwrap_or_else(|e| panic!("{e}: {s}"))
}
