//! Refusals and failures of the pipeline. No HTTP here: `server` has the one table from these to status and problem body.

use rapport_schema::{FieldError, Params};
use rapport_store::StoreError;

/// Result of the pipeline.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the pipeline did not do it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such object in the model, or not for this caller.
    #[error("unknown object `{0}`")]
    UnknownObject(String),
    /// No such record, or invisible to the caller (R-VIS-07): 404.
    #[error("not found")]
    NotFound,
    /// The record was merged; read this one instead (R-MRG-03).
    #[error("merged into {0}")]
    MovedTo(rapport_schema::RecordId),
    /// Visible, but the act is not allowed: 403.
    #[error("not allowed: {0}")]
    Denied(&'static str),
    /// Faulty content, every fault at once: 422.
    #[error("{} faulty fields", .0.len())]
    Invalid(Vec<FieldError>),
    /// The record changed meanwhile and these fields collide: 409.
    #[error("conflict")]
    Conflict {
        /// The version now.
        version: i64,
        /// Fields both sides changed.
        fields: Vec<String>,
    },
    /// A rule of the domain refuses, with its stable code (domain model §4.16).
    #[error("refused: {code}")]
    Rule {
        /// Stable code.
        code: &'static str,
        /// HTTP-like class of the refusal.
        class: Class,
        /// What the sentence needs.
        params: Params,
        /// Fields concerned.
        fields: Vec<FieldError>,
    },
    /// A bad request: filter, sort, cursor, too many rows. Code and parameters.
    #[error("bad request: {code}")]
    Request {
        /// Stable code.
        code: &'static str,
        /// What the sentence needs.
        params: Params,
    },
    /// Below the pipeline.
    #[error(transparent)]
    Store(StoreError),
}

/// Class of a domain refusal (domain model §0, Errors).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// 409.
    Conflict,
    /// 422.
    Content,
    /// 403.
    Permission,
    /// 429.
    Limit,
}

impl Error {
    /// A domain refusal about content.
    #[must_use]
    pub fn rule(code: &'static str) -> Self {
        Self::Rule { code, class: Class::Content, params: Params::new(), fields: vec![] }
    }
    /// A domain refusal about state.
    #[must_use]
    pub fn state(code: &'static str) -> Self {
        Self::Rule { code, class: Class::Conflict, params: Params::new(), fields: vec![] }
    }
    /// One faulty field.
    #[must_use]
    pub fn field(e: FieldError) -> Self {
        Self::Invalid(vec![e])
    }
}

/// Codes read back from a kept answer live as long as the program; there are only as many as the program itself knows.
fn code(s: &str) -> &'static str {
    use std::{collections::BTreeSet, sync::LazyLock};
    static CODES: LazyLock<parking_lot::Mutex<BTreeSet<&'static str>>> = LazyLock::new(Default::default);
    let mut all = CODES.lock();
    if let Some(c) = all.get(s) {
        return c;
    }
    let c: &'static str = Box::leak(s.to_owned().into_boxed_str());
    all.insert(c);
    c
}

impl Error {
    /// What of a row's refusal is kept with a stored answer.
    pub(crate) fn keep(&self) -> serde_json::Value {
        use serde_json::json;
        match self {
            Self::Invalid(fields) => json!({ "kind": "invalid", "fields": fields }),
            Self::Rule { code, class, params, fields } => {
                json!({ "kind": "rule", "code": code, "class": *class as u8, "params": params, "fields": fields })
            }
            Self::Request { code, params } => json!({ "kind": "request", "code": code, "params": params }),
            Self::Conflict { version, fields } => json!({ "kind": "conflict", "version": version, "fields": fields }),
            Self::Denied(code) => json!({ "kind": "denied", "code": code }),
            Self::MovedTo(id) => json!({ "kind": "moved", "id": id }),
            Self::UnknownObject(_) | Self::NotFound | Self::Store(_) => json!({ "kind": "not_found" }),
        }
    }
    /// A refusal from what was kept of it.
    pub(crate) fn again(j: &serde_json::Value) -> Self {
        let text = |k: &str| j[k].as_str().unwrap_or_default();
        let params = || j["params"].as_object().cloned().unwrap_or_default();
        let fields = || serde_json::from_value::<Vec<FieldError>>(j["fields"].clone()).unwrap_or_default();
        match text("kind") {
            "invalid" => Self::Invalid(fields()),
            "rule" => Self::Rule {
                code: code(text("code")),
                class: match j["class"].as_u64() {
                    Some(0) => Class::Conflict,
                    Some(2) => Class::Permission,
                    Some(3) => Class::Limit,
                    _ => Class::Content,
                },
                params: params(),
                fields: fields(),
            },
            "request" => Self::Request { code: code(text("code")), params: params() },
            "conflict" => Self::Conflict {
                version: j["version"].as_i64().unwrap_or(0),
                fields: serde_json::from_value(j["fields"].clone()).unwrap_or_default(),
            },
            "denied" => Self::Denied(code(text("code"))),
            "moved" => text("id").parse().map_or(Self::NotFound, Self::MovedTo),
            _ => Self::NotFound,
        }
    }
}

impl From<StoreError> for Error {
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::Refused(inner) => match inner.downcast::<Self>() {
                Ok(e) => *e,
                Err(inner) => Self::Store(StoreError::Refused(inner)),
            },
            StoreError::NotUnique { field, .. } => Self::Invalid(vec![FieldError::new(field, "value.not_unique")]),
            e => Self::Store(e),
        }
    }
}
impl From<Error> for StoreError {
    fn from(e: Error) -> Self {
        match e {
            Error::Store(s) => s,
            e => Self::Refused(Box::new(e)),
        }
    }
}
