//! What is wrong with a file or a plan. Codes are stable; sentences are made by the reader's language.

use std::path::{Path, PathBuf};

use rapport_schema::Params;

/// Result of this crate.
pub type Result<T, E = ExchangeError> = std::result::Result<T, E>;

/// Refusals and failures of import and export.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// The file or the plan cannot be used: stable code and parameters.
    #[error("{code} {params:?}")]
    Refused {
        /// `file.unreadable`, `file.too_large`, `file.bomb`, `file.empty`, `plan.unknown_field` …
        code: &'static str,
        /// What the sentence needs.
        params: Params,
    },
    /// The pipeline.
    #[error(transparent)]
    Pipeline(#[from] rapport_records::Error),
    /// The disk.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The disk, at a place a person named.
    #[error("{}: {error}", path.display())]
    File {
        /// Where.
        path: PathBuf,
        /// What.
        error: std::io::Error,
    },
}

impl From<csv::Error> for ExchangeError {
    fn from(e: csv::Error) -> Self {
        Self::Io(match e.into_kind() {
            csv::ErrorKind::Io(e) => e,
            kind => std::io::Error::other(format!("{kind:?}")),
        })
    }
}

impl From<rust_xlsxwriter::XlsxError> for ExchangeError {
    fn from(e: rust_xlsxwriter::XlsxError) -> Self {
        Self::Io(match e {
            rust_xlsxwriter::XlsxError::IoError(e) => e,
            e => std::io::Error::other(e),
        })
    }
}

impl ExchangeError {
    /// A refusal without parameters.
    #[must_use]
    pub fn refused(code: &'static str) -> Self {
        Self::Refused { code, params: Params::new() }
    }
    /// Says at which place the disk failed.
    #[must_use]
    pub fn at(self, path: &Path) -> Self {
        match self {
            Self::Io(error) => Self::File { path: path.to_path_buf(), error },
            e => e,
        }
    }
    /// Adds a parameter.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<serde_json::Value>) -> Self {
        if let Self::Refused { params, .. } = &mut self {
            params.insert(key.into(), value.into());
        }
        self
    }
}
