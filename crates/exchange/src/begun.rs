//! What an import of the command line was begun with, kept with the job before its first batch: the plan with all its answers, the
//! person, and a fingerprint of every file. Going on asks nothing and guesses nothing anew.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use rapport_records::{Document, Engine};
use rapport_schema::{RecordId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::{
    ExchangeError, Result,
    plan::Plan,
    run::{self, Files},
};

const KIND: &str = "import_begun";

/// A file as it was when the import began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Print {
    /// Name by which the plan knows it.
    pub name: String,
    /// Where it lay.
    pub path: PathBuf,
    size: u64,
    sha256: String,
}

impl Print {
    /// Reads a file to its end.
    ///
    /// # Errors
    /// The disk.
    pub fn of(name: &str, path: &Path) -> Result<Self> {
        Self::read(name, path).map_err(|e| ExchangeError::Io(e).at(path))
    }

    fn read(name: &str, path: &Path) -> io::Result<Self> {
        let (mut file, mut hash, mut part, mut size) = (File::open(path)?, Sha256::new(), vec![0; 1 << 16], 0);
        loop {
            let n = file.read(&mut part)?;
            if n == 0 {
                break;
            }
            hash.update(&part[..n]);
            size += n as u64;
        }
        Ok(Self { name: name.to_owned(), path: std::path::absolute(path)?, size, sha256: hex::encode(hash.finalize()) })
    }

    /// Another name of the folder, or of the file's place, changes nothing; another byte does.
    ///
    /// # Errors
    /// `import.other_file`; the disk.
    pub fn check(&self, path: &Path) -> Result<()> {
        let now = Self::of(&self.name, path)?;
        if (now.size, &now.sha256) == (self.size, &self.sha256) {
            Ok(())
        } else {
            Err(ExchangeError::refused("import.other_file").with("name", self.name.as_str()))
        }
    }
}

/// What an import was begun with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Begun {
    /// As whom; none = the machine's administrator.
    pub user: Option<UserId>,
    /// What becomes what.
    pub plan: Plan,
    /// Its files.
    pub files: Vec<Print>,
    /// Encoding of its text files, when it was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
}

impl Begun {
    /// With the fingerprints of the opened files.
    ///
    /// # Errors
    /// The disk.
    pub fn new(user: Option<UserId>, plan: &Plan, files: &Files, encoding: Option<&str>) -> Result<Self> {
        let files = files.0.iter().map(|(name, book)| Print::of(name, book.path())).collect::<Result<_>>()?;
        Ok(Self { user, plan: plan.clone(), files, encoding: encoding.map(Into::into) })
    }

    /// Keeps it with the job.
    ///
    /// # Errors
    /// The database.
    pub async fn keep(&self, engine: &Engine, job: RecordId) -> Result<()> {
        let doc = Document { kind: KIND.into(), key: job.to_string(), owner: Some(job), body: json!(self) };
        Ok(engine.put_document(doc).await?)
    }

    /// What a job that is not done was begun with.
    ///
    /// # Errors
    /// `import.unknown_job`, `import.undone`, `import.finished`; the database.
    pub async fn of(engine: &Engine, job: RecordId) -> Result<Self> {
        let refused = |code| ExchangeError::refused(code).with("job", job.to_string());
        let doc = engine.document(KIND, &job.to_string()).await?.ok_or_else(|| refused("import.unknown_job"))?;
        match run::progress(engine, job).await? {
            Some(p) if p.undone => Err(refused("import.undone")),
            Some(p) if p.done => Err(refused("import.finished")),
            _ => Ok(serde_json::from_value(doc).map_err(io::Error::other)?),
        }
    }
}
