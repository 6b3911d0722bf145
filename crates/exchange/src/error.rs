//! What is wrong with a file or a plan. Codes are stable; sentences are made by the reader's language.

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
}

impl ExchangeError {
    /// A refusal without parameters.
    #[must_use]
    pub fn refused(code: &'static str) -> Self {
        Self::Refused { code, params: Params::new() }
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
