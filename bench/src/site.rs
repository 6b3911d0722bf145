//! A fresh workspace with somebody in it, on either database, driven by the binary alone.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    cluster,
    http::Client,
    server::{self, Server, Where},
};

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl std::fmt::Display for Base {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// E-mail of the checker.
const READER: &str = "reader@crash.example";

/// A workspace under test. Its files go when it goes.
#[derive(Debug)]
pub struct Site {
    /// The binary.
    pub bin: PathBuf,
    /// Where it lies.
    pub at: Where,
    /// Token of the writers.
    pub token: String,
    /// Token of the checker, another person: callers are counted by person.
    pub reader: String,
    /// Log of the servers.
    pub log: PathBuf,
    /// Environment of servers and commands.
    pub env: Vec<(String, String)>,
    dir: tempfile::TempDir,
}

impl Site {
    /// A new workspace; on PostgreSQL in a database of its own of `cluster`.
    pub fn new(bin: &Path, base: Base) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let folder = dir.path().join("data");
        let at = match base {
            Base::Sqlite => Where::Folder(folder),
            Base::Postgres => {
                let c = cluster::cluster().context("there is no PostgreSQL here")?;
                Where::Url { url: c.fresh_database().map_err(anyhow::Error::msg)?, folder }
            }
        };
        Self::made(bin, at, dir, &[])
    }
    /// A new workspace in a given place.
    pub fn at(bin: &Path, at: Where, env: &[(&str, &str)]) -> Result<Self> {
        Self::made(bin, at, tempfile::tempdir()?, env)
    }
    /// The same people elsewhere: where a backup of this workspace is to be restored.
    pub fn elsewhere(&self, at: Where) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let log = dir.path().join("server.log");
        let (bin, token, reader) = (self.bin.clone(), self.token.clone(), self.reader.clone());
        Ok(Self { bin, at, token, reader, log, env: vec![], dir })
    }
    fn made(bin: &Path, at: Where, dir: tempfile::TempDir, env: &[(&str, &str)]) -> Result<Self> {
        let log = dir.path().join("server.log");
        let env = env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let mut me = Self { bin: bin.into(), at, token: String::new(), reader: String::new(), log, env, dir };
        me.run(&["init"])?;
        me.token = me.person("writer")?;
        me.reader = me.person("reader")?;
        Ok(me)
    }
    fn person(&self, name: &str) -> Result<String> {
        let email = format!("{name}@crash.example");
        self.run(&["user", "create", "--email", &email, "--name", name, "--admin"])?;
        let out = self.run(&["token", "create", "--user", &email])?;
        out.split_whitespace().find(|w| w.starts_with("rpt_")).map(str::to_owned).context("no token was printed")
    }
    /// Gives the checker a password; answers how he signs in.
    pub fn password(&self, password: &str) -> Result<&'static str> {
        use std::io::Write as _;
        let mut child = std::process::Command::new(&self.bin)
            .args(["user", "password", READER, "--password-stdin"])
            .args(self.at.args())
            .envs(self.env())
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::null())
            .spawn()?;
        writeln!(child.stdin.take().context("its input")?, "{password}")?;
        ensure!(child.wait()?.success(), "a password could not be set");
        Ok(READER)
    }
    /// A folder for further files of the test.
    #[must_use]
    pub fn scratch(&self) -> &Path {
        self.dir.path()
    }
    /// Runs a command of the program.
    pub fn run(&self, args: &[&str]) -> Result<String> {
        server::run(&self.bin, args, &self.at, &self.env())
    }
    fn env(&self) -> Vec<(&str, &str)> {
        self.env.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect()
    }
    /// Starts the server.
    pub async fn start(&self) -> Result<Server> {
        Server::start_with(&self.bin, &self.at, &self.log, &self.env()).await.map_err(|e| e.context(self.tail()))
    }
    /// A client of the writers.
    pub fn writer(&self, s: &Server) -> Result<Client> {
        Client::new(&s.base, &self.token)
    }
    /// A client of the checker.
    pub fn checker(&self, s: &Server) -> Result<Client> {
        Ok(Client::new(&s.base, &self.reader)?.with_writer(&self.token))
    }
    /// `audit verify` and `doctor` find nothing; the number of the last entry of the log.
    pub fn healthy(&self) -> Result<i64> {
        let verified = self.run(&["audit", "verify"])?;
        let told = self.run(&["doctor"])?;
        ensure!(!told.contains('✗'), "doctor: {told}");
        // The line that says so; the head of the chain is on the next.
        let whole = verified.lines().find(|l| l.contains('✓')).unwrap_or_default();
        let seq = whole.split(|c: char| !c.is_ascii_digit()).rfind(|w| !w.is_empty()).and_then(|n| n.parse().ok());
        seq.with_context(|| format!("audit verify told no number: {verified}"))
    }
    /// The end of the servers' log.
    #[must_use]
    pub fn tail(&self) -> String {
        let all = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = all.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }
    /// No panic was logged.
    pub fn no_panic(&self) -> Result<()> {
        let all = std::fs::read_to_string(&self.log).unwrap_or_default();
        match all.lines().find(|l| l.contains("panicked")) {
            Some(l) => bail!("the server panicked: {l}"),
            None => Ok(()),
        }
    }
}
