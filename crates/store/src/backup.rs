//! Consistent copies while others write, verified after.

use async_recursion::async_recursion as boxed;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, backup::Backup};

use crate::{Db, Options, Result, StoreError, Target, db::Back, pg, sqlite};

/// Pages copied at a time; between, others read and write.
const STEP: i32 = 2_000;

fn io(e: std::io::Error) -> StoreError {
    if e.kind() == std::io::ErrorKind::StorageFull { StoreError::Full } else { StoreError::Unavailable(e.to_string()) }
}

/// Copies the workspace to `to`.
pub(crate) async fn backup(db: &Db, to: &Path) -> Result<()> {
    match (&db.0.back, &db.0.target) {
        (Back::Lite { .. }, Target::Sqlite(path)) => {
            let (from, to, options) = (path.clone(), to.to_path_buf(), db.0.shared.options.clone());
            tokio::task::spawn_blocking(move || copy_file(&from, &to, &options))
                .await
                .map_err(|e| StoreError::Driver(e.to_string()))?
        }
        (Back::Pg(b), Target::Postgres { schema, .. }) => pg::copy::out(b, &db.0.shared, schema, to).await,
        _ => Err(StoreError::Driver("the workspace and its target do not fit".into())),
    }
}

/// Copies a database file by SQLite's online backup, into a new file that appears only once it was verified.
fn copy_file(from: &Path, to: &Path, options: &Options) -> Result<()> {
    if to.exists() {
        return Err(StoreError::Unavailable(format!("{} exists already", to.display())));
    }
    if let Some(dir) = to.parent().filter(|d| !d.as_os_str().is_empty()) {
        std::fs::create_dir_all(dir).map_err(io)?;
    }
    let part = suffixed(to, ".part");
    // A copy that was cut off earlier is worth nothing, nor is its journal.
    for s in ["", "-journal"] {
        let _absent = std::fs::remove_file(suffixed(&part, s));
    }
    let done = (|| {
        let source = sqlite::connect(from, sqlite::Role::Reader, options)?;
        // One snapshot for the whole copy: the reader's transaction holds it while writers go on.
        source.execute_batch("BEGIN")?;
        source.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get::<_, i64>(0))?;
        let mut copy = Connection::open(&part)?;
        {
            let b = Backup::new(&source, &mut copy)?;
            while b.step(STEP)? != rusqlite::backup::StepResult::Done {}
        }
        // No journal files beside a backup.
        copy.pragma_update(None, "journal_mode", "DELETE")?;
        verify(&copy)?;
        same_counts(&source, &copy)?;
        source.execute_batch("COMMIT")?;
        drop(copy);
        std::fs::File::open(&part).and_then(|f| f.sync_all()).map_err(io)?;
        std::fs::rename(&part, to).map_err(io)?;
        sync_folder(to)
    })();
    if done.is_err() {
        // What is left of a failed copy is worth nothing.
        let _absent = std::fs::remove_file(&part);
    }
    done
}

/// Makes the name of a new file durable.
pub(crate) fn sync_folder(of: &Path) -> Result<()> {
    match of.parent().filter(|d| !d.as_os_str().is_empty()) {
        Some(dir) => std::fs::File::open(dir).and_then(|d| d.sync_all()).map_err(io),
        None => Ok(()),
    }
}

/// The path with something put at its end.
pub(crate) fn suffixed(p: &Path, s: &str) -> PathBuf {
    let mut o = p.as_os_str().to_owned();
    o.push(s);
    o.into()
}

/// SQLite's own check of every page and index.
fn verify(c: &Connection) -> Result<()> {
    let found: String = c.query_row("PRAGMA integrity_check(1)", [], |r| r.get(0))?;
    if found == "ok" { Ok(()) } else { Err(StoreError::Corrupt(format!("the copy does not verify: {found}"))) }
}

/// Every table has as many rows here as there.
fn same_counts(a: &Connection, b: &Connection) -> Result<()> {
    let mut s = a.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'")?;
    let names: Vec<String> = s.query_map([], |r| r.get(0))?.collect::<std::result::Result<_, _>>()?;
    for n in names {
        let count = |c: &Connection| {
            c.query_row(&format!("SELECT count(*) FROM \"{}\"", n.replace('"', "\"\"")), [], |r| r.get::<_, i64>(0))
        };
        let (x, y) = (count(a)?, count(b)?);
        if x != y {
            return Err(StoreError::Corrupt(format!("the copy of {n} has {y} rows instead of {x}")));
        }
    }
    Ok(())
}

/// Checks a backup and puts it where a workspace is to be. The place must be empty. The backup of a SQLite workspace may go to
/// PostgreSQL: that is how a workspace moves; its search index is then filled at the next start ([`Db::search_is_stale`]).
///
/// # Errors
/// `Corrupt` when the backup does not verify; `Unavailable` when the place is taken.
#[boxed]
pub async fn restore(from: &Path, target: &Target) -> Result<()> {
    match target {
        Target::Sqlite(to) => {
            let (from, to) = (from.to_path_buf(), to.clone());
            tokio::task::spawn_blocking(move || {
                let c = Connection::open_with_flags(&from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
                verify(&c)?;
                drop(c);
                if ["", "-wal", "-shm"].iter().any(|s| suffixed(&to, s).exists()) {
                    return Err(StoreError::Unavailable(format!("{} exists already", to.display())));
                }
                if let Some(dir) = to.parent().filter(|d| !d.as_os_str().is_empty()) {
                    std::fs::create_dir_all(dir).map_err(io)?;
                }
                let part = suffixed(&to, ".part");
                std::fs::copy(&from, &part).map_err(io)?;
                std::fs::File::open(&part).and_then(|f| f.sync_all()).map_err(io)?;
                std::fs::rename(&part, &to).map_err(io)?;
                sync_folder(&to)
            })
            .await
            .map_err(|e| StoreError::Driver(e.to_string()))?
        }
        Target::Postgres { url, schema } if pg::adopt::is_sqlite(from) => pg::adopt::adopt(url, schema, from).await,
        Target::Postgres { url, schema } => pg::copy::restore(url, schema, from).await,
    }
}

/// A copy taken before tables are changed by a newer program, beside the data (or where the options say).
pub(crate) async fn before_upgrade(db: &Db) -> Result<()> {
    let shared = &db.0.shared;
    let dir = match (&shared.options.backup_dir, &db.0.target) {
        (Some(d), _) => d.clone(),
        (None, Target::Sqlite(p)) => p.parent().map_or_else(PathBuf::new, Path::to_path_buf).join("backups"),
        (None, Target::Postgres { .. }) => {
            tracing::warn!("no folder for backups is given: the tables are changed without a copy before");
            return Ok(());
        }
    };
    let name = match &db.0.target {
        Target::Sqlite(p) => p.file_stem().map_or_else(|| "workspace".into(), |s| s.to_string_lossy().into_owned()),
        Target::Postgres { schema, .. } => schema.clone(),
    };
    tokio::fs::create_dir_all(&dir).await.map_err(io)?;
    let _alone = alone(&dir, &name).await?;
    tidy(&dir, &name);
    let ending = if shared.dialect.is_pg() { "" } else { ".db" };
    let to = dir.join(format!("{name}{MIDDLE}{:013}{ending}", shared.now().0));
    tracing::info!(to = %to.display(), "copying the workspace before its tables are changed");
    backup(db, &to).await
}

/// Between the workspace's name and the time in the name of a copy before an upgrade.
const MIDDLE: &str = "-before-upgrade-";
/// Copies before upgrades that are kept: an upgrade that fails at every start must not fill the disk.
const KEPT: usize = 5;

/// One copy at a time of a workspace in this folder; held until the file is closed, however the process ends.
async fn alone(dir: &Path, name: &str) -> Result<std::fs::File> {
    let at = dir.join(format!("{name}{MIDDLE}lock"));
    tokio::task::spawn_blocking(move || {
        let f = std::fs::File::options().create(true).truncate(false).write(true).open(at).map_err(io)?;
        // Where the file system has no locks, everybody does without.
        if let Err(e) = f.lock() {
            tracing::debug!(error = %e, "copies before upgrades cannot take turns here");
        }
        Ok(f)
    })
    .await
    .map_err(|e| StoreError::Driver(e.to_string()))?
}

/// Removes what copies that were cut off left behind, and whole copies beyond the newest. Nobody else makes one now.
fn tidy(dir: &Path, name: &str) {
    let start = format!("{name}{MIDDLE}");
    let Ok(all) = std::fs::read_dir(dir) else { return };
    let mut whole = vec![];
    for e in all.flatten() {
        let file = e.file_name().to_string_lossy().into_owned();
        let Some(rest) = file.strip_prefix(&start) else { continue };
        if rest.ends_with(".part") || rest.ends_with(".part-journal") {
            remove(&e.path());
        } else if rest.starts_with(|c: char| c.is_ascii_digit()) {
            whole.push(e.path());
        }
    }
    whole.sort();
    // One more is about to be made.
    for old in whole.iter().rev().skip(KEPT - 1) {
        remove(old);
    }
}

fn remove(p: &Path) {
    let done = if p.is_dir() { std::fs::remove_dir_all(p) } else { std::fs::remove_file(p) };
    if let Err(e) = done {
        tracing::warn!(path = %p.display(), error = %e, "an old copy could not be removed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cut_off_goes_and_the_newest_copies_stay() {
        let dir = tempfile::tempdir().unwrap();
        let put = |n: &str| std::fs::write(dir.path().join(n), "x").unwrap();
        for n in 1..=7 {
            put(&format!("main-before-upgrade-{n:013}.db"));
        }
        put("main-before-upgrade-0000000000008.db.part");
        put("main-before-upgrade-0000000000008.db.part-journal");
        put("main-before-upgrade-lock");
        put("other-before-upgrade-0000000000001.db.part");
        put("main.backup");
        std::fs::create_dir(dir.path().join("main-before-upgrade-0000000000009.part")).unwrap();
        tidy(dir.path(), "main");
        let mut left: Vec<String> =
            std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        left.sort();
        let mut want: Vec<String> = (4..=7).map(|n| format!("main-before-upgrade-{n:013}.db")).collect();
        want.extend(["main-before-upgrade-lock", "main.backup", "other-before-upgrade-0000000000001.db.part"].map(str::to_owned));
        assert_eq!(left, want);
    }
}
