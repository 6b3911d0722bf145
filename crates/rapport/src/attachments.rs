//! The contents of attachments beside their workspace: `files/NAME/ab/cd/HASH` in the data folder (`files-postgres/NAME` when the records
//! are on PostgreSQL), named by the SHA-256 of what is in them. They are written before the record that names them and never changed.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use rapport_policy::{Reason, SystemScope};
use rapport_records::ListRequest;
use rapport_server::routes::files::blob;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{
    bootstrap::Open,
    cli::Place,
    words::{refused, say},
};

/// Rows asked for at once.
const PAGE: u32 = 200;

/// Where the workspaces of a place keep their attachments. The same name on SQLite and on PostgreSQL is two workspaces.
pub fn root(place: &Place) -> PathBuf {
    place.data.join(if place.database.is_some() { "files-postgres" } else { "files" })
}

/// Where a workspace keeps its attachments.
pub fn folder(place: &Place, name: &str) -> PathBuf {
    root(place).join(name)
}

/// Where a backup keeps them: beside the copy of the database.
pub fn beside(backup: &Path) -> PathBuf {
    let mut p = backup.as_os_str().to_owned();
    p.push(".files");
    p.into()
}

/// What was copied.
#[derive(Debug, Default)]
pub struct Copied {
    /// Contents.
    pub files: u64,
    /// Bytes of them.
    pub bytes: u64,
}

/// A content that a record names.
#[derive(Debug)]
pub struct Named {
    sha: String,
    size: u64,
    name: String,
}

/// What the attachments of a workspace name, those in the recycle bin as well.
pub async fn named(w: &Open) -> Result<Vec<Named>> {
    let scope = SystemScope::because(Reason::CommandLine);
    let mut out = vec![];
    for deleted in [false, true] {
        let fields = ["sha256", "size", "file_name"].map(str::to_owned).to_vec();
        let mut ask = ListRequest { fields: Some(fields), limit: Some(PAGE), deleted, ..ListRequest::default() };
        loop {
            let page = w.engine.list(&scope, "attachment", &ask).await.map_err(refused)?;
            let rows: Vec<Value> = serde_json::from_slice(&[b"[", page.rows.as_slice(), b"]"].concat())?;
            out.extend(rows.iter().filter_map(|r| {
                Some(Named {
                    sha: r["sha256"].as_str().filter(|s| is_hash(s))?.to_owned(),
                    size: r["size"].as_u64().unwrap_or(0),
                    name: r["file_name"].as_str().unwrap_or("").to_owned(),
                })
            }));
            ask.cursor = page.next;
            if ask.cursor.is_none() {
                break;
            }
        }
    }
    Ok(out)
}

/// Attachments whose content is not in a folder, or is of another size: a line for each.
pub fn missing(named: &[Named], folder: &Path) -> Vec<String> {
    let there = |n: &Named| fs::metadata(blob(folder, &n.sha)).map(|m| m.len());
    named
        .iter()
        .filter_map(|n| match there(n) {
            Ok(size) if size == n.size => None,
            Ok(size) => Some(say(
                format!("attachment {} ({}) has {size} bytes instead of {}", n.name, n.sha, n.size),
                format!("附件 {}（{}）应有 {} 字节，实际 {size} 字节", n.name, n.sha, n.size),
            )),
            Err(_) => {
                Some(say(format!("attachment {} ({}) is missing", n.name, n.sha), format!("附件 {}（{}）缺失", n.name, n.sha)))
            }
        })
        .collect()
}

/// Copies every content, each checked against its name; one that is there already stays.
pub fn copy(from: &Path, to: &Path) -> Result<Copied> {
    let mut done = Copied::default();
    for path in contents(from)? {
        let sha = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let target = blob(to, &sha);
        if target.exists() {
            continue;
        }
        let dir = target.parent().unwrap_or(to);
        fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
        let part = dir.join(format!(".{sha}.part"));
        let copied = checked_copy(&path, &part, &sha).with_context(|| target.display().to_string());
        match copied {
            Ok(Some(bytes)) => {
                fs::rename(&part, &target).with_context(|| target.display().to_string())?;
                done.files += 1;
                done.bytes += bytes;
            }
            // No longer what was taken in: missed by the records that name it.
            Ok(None) => fs::remove_file(&part)?,
            Err(e) => {
                // Half a content is worth nothing; that it is not even there is fine.
                let _absent = fs::remove_file(&part);
                return Err(e);
            }
        }
    }
    Ok(done)
}

/// The bytes copied, made durable; `None` when they are not those the name promises.
fn checked_copy(from: &Path, to: &Path, sha: &str) -> io::Result<Option<u64>> {
    let (mut source, mut target) = (fs::File::open(from)?, fs::File::create(to)?);
    let (mut hash, mut bytes, mut buf) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        let n = source.read(&mut buf)?;
        if n == 0 {
            break;
        }
        hash.update(&buf[..n]);
        target.write_all(&buf[..n])?;
        bytes += n as u64;
    }
    target.sync_all()?;
    Ok((hex::encode(hash.finalize()) == sha).then_some(bytes))
}

fn is_hash(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The files of a folder that are contents: what an upload left behind half is not.
fn contents(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut out = vec![];
    let mut open = vec![folder.to_path_buf()];
    while let Some(dir) = open.pop() {
        let entries = match fs::read_dir(&dir) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            read => read.with_context(|| dir.display().to_string())?,
        };
        for e in entries {
            let path = e?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.file_name().and_then(|n| n.to_str()).is_some_and(is_hash) {
                out.push(path);
            }
        }
    }
    Ok(out)
}

/// Gives the attachments of a renamed workspace its new name.
pub fn rename(place: &Place, from: &str, to: &str) -> Result<()> {
    let (a, b) = (folder(place, from), folder(place, to));
    if !a.exists() {
        return Ok(());
    }
    if b.exists() {
        // Left by a workspace of that name that is gone: contents are the same wherever they lie.
        copy(&a, &b)?;
        return remove(place, from);
    }
    fs::rename(&a, &b).with_context(|| b.display().to_string())
}

/// Removes the attachments of a workspace that is gone.
pub fn remove(place: &Place, name: &str) -> Result<()> {
    let dir = folder(place, name);
    match fs::remove_dir_all(&dir) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e).with_context(|| dir.display().to_string()),
        _ => Ok(()),
    }
}
