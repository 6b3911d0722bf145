//! The workspaces of an installation: a folder of files, or the schemas of a PostgreSQL database.

use async_recursion::async_recursion as boxed;
use std::path::PathBuf;

use crate::{Options, Result, StoreError, Target, sql::quote, sqlite};

/// Where workspaces lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder; each workspace is `NAME.db` in it (archived: `NAME.db.archived`).
    Folder(PathBuf),
    /// A PostgreSQL database; each workspace is the schema `ws_NAME` (archived: `wsx_NAME`).
    Postgres(String),
}

/// A workspace of an installation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkspaceInfo {
    /// Name: `[a-z][a-z0-9_]{0,39}`.
    pub name: String,
    /// Put aside: kept, not opened.
    pub archived: bool,
}

fn check(name: &str) -> Result<()> {
    let ok = (1..=40).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if ok {
        Ok(())
    } else {
        Err(StoreError::Driver(format!("`{name}` is no name of a workspace: a small letter, then small letters, digits or _")))
    }
}

fn io(e: std::io::Error) -> StoreError {
    StoreError::Unavailable(e.to_string())
}

const FILES: [&str; 4] = ["", "-wal", "-shm", "-turn"];

impl Place {
    fn file(dir: &std::path::Path, name: &str, archived: bool) -> PathBuf {
        dir.join(format!("{name}.db{}", if archived { ".archived" } else { "" }))
    }
    fn schema(name: &str, archived: bool) -> String {
        format!("{}{name}", if archived { "wsx_" } else { "ws_" })
    }
    /// The target of a workspace by name, whether it exists or not.
    ///
    /// # Errors
    /// `Driver` when it is no name.
    pub fn target(&self, name: &str) -> Result<Target> {
        check(name)?;
        Ok(match self {
            Self::Folder(d) => Target::Sqlite(Self::file(d, name, false)),
            Self::Postgres(url) => Target::Postgres { url: url.clone(), schema: Self::schema(name, false) },
        })
    }
    /// All workspaces, by name.
    ///
    /// # Errors
    /// `Unavailable`.
    #[boxed]
    pub async fn list(&self) -> Result<Vec<WorkspaceInfo>> {
        let mut out = vec![];
        match self {
            Self::Folder(d) => {
                let entries = match std::fs::read_dir(d) {
                    Ok(e) => e,
                    Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(out),
                    Err(e) => return Err(io(e)),
                };
                for e in entries {
                    let name = e.map_err(io)?.file_name().to_string_lossy().into_owned();
                    let (stem, archived) = match name.strip_suffix(".archived") {
                        Some(s) => (s, true),
                        None => (name.as_str(), false),
                    };
                    if let Some(n) = stem.strip_suffix(".db")
                        && check(n).is_ok()
                    {
                        out.push(WorkspaceInfo { name: n.to_owned(), archived });
                    }
                }
            }
            Self::Postgres(url) => {
                let c = crate::pg::connect(url).await?;
                let rows = c.query("SELECT CAST(nspname AS TEXT) FROM pg_catalog.pg_namespace WHERE nspname LIKE 'ws\\_%' OR nspname LIKE 'wsx\\_%'", &[]).await?;
                for r in rows {
                    let n: String = r.get(0);
                    let info = match (n.strip_prefix("wsx_"), n.strip_prefix("ws_")) {
                        (Some(n), _) => WorkspaceInfo { name: n.to_owned(), archived: true },
                        (_, Some(n)) => WorkspaceInfo { name: n.to_owned(), archived: false },
                        _ => continue,
                    };
                    out.push(info);
                }
            }
        }
        out.sort();
        Ok(out)
    }
    /// Gives a workspace another name. It must not be open.
    ///
    /// # Errors
    /// `Unavailable` when it is not there or the name is taken.
    #[boxed]
    pub async fn rename(&self, from: &str, to: &str) -> Result<()> {
        check(from)?;
        check(to)?;
        self.shift((from, false), (to, false)).await
    }
    /// Puts a workspace aside or takes it back. It must not be open.
    ///
    /// # Errors
    /// As [`Place::rename`].
    #[boxed]
    pub async fn archive(&self, name: &str, archived: bool) -> Result<()> {
        check(name)?;
        self.shift((name, !archived), (name, archived)).await
    }
    async fn shift(&self, from: (&str, bool), to: (&str, bool)) -> Result<()> {
        match self {
            Self::Folder(d) => {
                let (a, b) = (Self::file(d, from.0, from.1), Self::file(d, to.0, to.1));
                if !a.exists() {
                    return Err(StoreError::Unavailable(format!("there is no workspace `{}`", from.0)));
                }
                if b.exists() {
                    return Err(StoreError::Unavailable(format!("there is a workspace `{}` already", to.0)));
                }
                // What a killed server left in the log beside the file is brought in first: a move that is cut off must not
                // part the two.
                sqlite::connect(&a, sqlite::Role::Writer, &Options::default())?
                    .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
                for s in FILES {
                    let part = |p: &PathBuf| {
                        let mut o = p.clone().into_os_string();
                        o.push(s);
                        PathBuf::from(o)
                    };
                    if part(&a).exists() {
                        std::fs::rename(part(&a), part(&b)).map_err(io)?;
                    }
                }
                Ok(())
            }
            Self::Postgres(url) => {
                let (mut a, mut b) = (String::new(), String::new());
                quote(&Self::schema(from.0, from.1), &mut a);
                quote(&Self::schema(to.0, to.1), &mut b);
                let c = crate::pg::connect(url).await?;
                c.batch_execute(&format!("ALTER SCHEMA {a} RENAME TO {b}")).await.map_err(|e| match StoreError::from(e) {
                    StoreError::Driver(m) => StoreError::Unavailable(m),
                    e => e,
                })
            }
        }
    }
    /// Removes a workspace and its data for good. It must not be open.
    ///
    /// # Errors
    /// `Unavailable` when it is not there.
    #[boxed]
    pub async fn drop(&self, name: &str) -> Result<()> {
        check(name)?;
        let found = self.list().await?;
        let info = found
            .iter()
            .find(|w| w.name == name)
            .ok_or_else(|| StoreError::Unavailable(format!("there is no workspace `{name}`")))?;
        match self {
            Self::Folder(d) => {
                let f = Self::file(d, name, info.archived);
                for s in FILES {
                    let mut o = f.clone().into_os_string();
                    o.push(s);
                    match std::fs::remove_file(PathBuf::from(o)) {
                        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(io(e)),
                        _ => {}
                    }
                }
                Ok(())
            }
            Self::Postgres(url) => {
                let mut q = String::new();
                quote(&Self::schema(name, info.archived), &mut q);
                let c = crate::pg::connect(url).await?;
                Ok(c.batch_execute(&format!("DROP SCHEMA {q} CASCADE")).await?)
            }
        }
    }
}
