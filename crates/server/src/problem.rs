//! The one table from what went wrong below to status and `application/problem+json`.
//!
//! A handler answers with a [`Problem`]; it travels in the response's extensions, and the outermost layer writes the body,
//! because only there the reader's language and the trace id are known for every request.

use std::borrow::Cow;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rapport_access::{AccessError, StoreError};
use rapport_exchange::ExchangeError;
use rapport_records::{Class, Error};
use rapport_schema::{FieldError, Locale, Params};
use serde_json::{Value, json};

use crate::messages;

/// Result of a handler.
pub type Result<T, E = Problem> = std::result::Result<T, E>;

/// A refusal or failure on its way out.
#[derive(Debug, Clone)]
pub struct Problem {
    /// HTTP status.
    pub status: StatusCode,
    /// Stable code.
    pub code: Cow<'static, str>,
    /// What the sentence needs.
    pub params: Params,
    /// Faulty fields.
    pub errors: Vec<FieldError>,
    /// Further members of the body: `version`, `fields`, `moved_to`.
    pub extra: Params,
    /// Seconds for `Retry-After`.
    pub retry_after: Option<u64>,
}

impl Problem {
    /// A problem with a status and a code.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str) -> Self {
        Self { status, code: code.into(), params: Params::new(), errors: vec![], extra: Params::new(), retry_after: None }
    }
    /// Adds a parameter of the sentence.
    #[must_use]
    pub fn with(mut self, key: &str, v: impl Into<Value>) -> Self {
        self.params.insert(key.to_owned(), v.into());
        self
    }
    /// Adds a member of the body.
    #[must_use]
    pub fn extra(mut self, key: &str, v: impl Into<Value>) -> Self {
        self.extra.insert(key.to_owned(), v.into());
        self
    }
    /// Says when to try again.
    #[must_use]
    pub const fn retry(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }
    /// 404.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found")
    }
    /// 401.
    #[must_use]
    pub fn sign_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "auth.required")
    }
    /// 403.
    #[must_use]
    pub fn denied() -> Self {
        Self::new(StatusCode::FORBIDDEN, "permission.denied")
    }
    /// 400 for a query parameter that cannot be read.
    #[must_use]
    pub fn query(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "request.query").with("message", message.into())
    }
    /// 500, the cause in the log only.
    #[must_use]
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "server.internal")
    }

    /// The body in a language.
    #[must_use]
    pub fn body(&self, locale: Locale, trace: &str) -> Value {
        let mut b = serde_json::Map::new();
        b.insert("type".into(), "about:blank".into());
        b.insert("title".into(), messages::sentence(&self.code, &self.params, locale).into());
        b.insert("status".into(), self.status.as_u16().into());
        b.insert("code".into(), self.code.as_ref().into());
        if !self.params.is_empty() {
            b.insert("params".into(), Value::Object(self.params.clone()));
        }
        if !self.errors.is_empty() {
            b.insert("errors".into(), self.errors.iter().map(|e| field(e, locale)).collect());
        }
        for (k, v) in &self.extra {
            b.insert(k.clone(), v.clone());
        }
        b.insert("trace_id".into(), trace.into());
        Value::Object(b)
    }

    /// The whole answer in a language.
    #[must_use]
    pub fn respond(&self, locale: Locale, trace: &str) -> Response {
        let mut r = (self.status, self.body(locale, trace).to_string()).into_response();
        let h = r.headers_mut();
        h.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        h.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(locale.tag()));
        if let Some(s) = self.retry_after {
            h.insert(header::RETRY_AFTER, HeaderValue::from(s));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            h.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"rapport\""));
        }
        r
    }
}

/// One faulty field with its sentence.
#[must_use]
pub fn field(e: &FieldError, locale: Locale) -> Value {
    json!({ "field": e.field, "code": e.code, "params": e.params, "message": messages::sentence(&e.code, &e.params, locale) })
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut r = self.status.into_response();
        r.extensions_mut().insert(self);
        r
    }
}

impl From<Error> for Problem {
    fn from(e: Error) -> Self {
        match e {
            Error::UnknownObject(name) => Self::new(StatusCode::NOT_FOUND, "object.unknown").extra("object", name),
            Error::NotFound => Self::not_found(),
            Error::MovedTo(id) => Self::not_found().extra("moved_to", id.to_string()),
            Error::Denied(what) => Self::denied().extra("right", what),
            Error::Invalid(fields) => {
                let code = fields.first().map_or(Cow::Borrowed("value.type"), |f| f.code.clone());
                let params = if fields.len() == 1 { fields[0].params.clone() } else { Params::new() };
                Self { code, params, errors: fields, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "value.type") }
            }
            Error::Conflict { version, fields } => Self::new(StatusCode::CONFLICT, "conflict")
                .with("fields", fields.clone())
                .extra("version", version)
                .extra("fields", fields),
            Error::Rule { code, class, params, fields } => {
                let status = match class {
                    Class::Conflict => StatusCode::CONFLICT,
                    Class::Content => StatusCode::UNPROCESSABLE_ENTITY,
                    Class::Permission => StatusCode::FORBIDDEN,
                    Class::Limit => StatusCode::TOO_MANY_REQUESTS,
                };
                let retry_after = (class == Class::Limit).then_some(60);
                Self { params, errors: fields, retry_after, ..Self::new(status, code) }
            }
            Error::Request { code, params } => {
                let status = match code {
                    "action.unknown" => StatusCode::NOT_FOUND,
                    "idempotency.mismatch" => StatusCode::UNPROCESSABLE_ENTITY,
                    _ => StatusCode::BAD_REQUEST,
                };
                Self { params, ..Self::new(status, code) }
            }
            Error::Store(e) => e.into(),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::NotUnique { field, .. } => Error::Invalid(vec![FieldError::new(field, "value.not_unique")]).into(),
            StoreError::Conflict => Self::new(StatusCode::CONFLICT, "conflict"),
            StoreError::Refused(inner) => match inner.downcast::<Error>() {
                Ok(e) => (*e).into(),
                Err(e) => Self::internal(&e),
            },
            StoreError::Full => Self::new(StatusCode::SERVICE_UNAVAILABLE, "server.disk_full").retry(60),
            StoreError::BadCursor => Self::new(StatusCode::BAD_REQUEST, "cursor.invalid"),
            StoreError::Again(cause) | StoreError::Unavailable(cause) => {
                tracing::warn!(%cause, "database unavailable");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "server.unavailable").retry(2)
            }
            StoreError::Timeout => Self::new(StatusCode::SERVICE_UNAVAILABLE, "query.timeout").retry(5),
            e @ (StoreError::Corrupt(_) | StoreError::Newer { .. } | StoreError::Unique(_) | StoreError::Driver(_)) => {
                Self::internal(&e)
            }
        }
    }
}

impl From<AccessError> for Problem {
    fn from(e: AccessError) -> Self {
        match e {
            AccessError::BadCredentials => Self::new(StatusCode::UNAUTHORIZED, "auth.bad_credentials"),
            AccessError::Locked { retry_after } => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, "auth.locked").with("seconds", retry_after).retry(retry_after)
            }
            AccessError::Busy { retry_after } => Self::new(StatusCode::SERVICE_UNAVAILABLE, "server.busy").retry(retry_after),
            AccessError::Invalid(code) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, code),
            AccessError::TotpNeeded => Self::new(StatusCode::UNAUTHORIZED, "auth.totp_needed"),
            AccessError::BadCode => Self::new(StatusCode::UNAUTHORIZED, "auth.bad_code"),
            AccessError::NotSignedIn => Self::sign_in(),
            AccessError::ViewEnded => Self::new(StatusCode::FORBIDDEN, "session.view_as_ended"),
            AccessError::Denied => Self::denied(),
            AccessError::WeakPassword(codes) => Self {
                errors: codes.into_iter().map(|c| FieldError::new("password", c)).collect(),
                ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "password.refused")
            },
            AccessError::PasswordExpired => Self::new(StatusCode::FORBIDDEN, "auth.password_expired"),
            AccessError::BadLink => Self::new(StatusCode::GONE, "auth.bad_link"),
            AccessError::AlreadySetUp => Self::new(StatusCode::CONFLICT, "setup.done"),
            AccessError::Store(e) => e.into(),
        }
    }
}

impl From<ExchangeError> for Problem {
    fn from(e: ExchangeError) -> Self {
        match e {
            ExchangeError::Refused { code, params } => Self { params, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, code) },
            ExchangeError::Pipeline(e) => e.into(),
            ExchangeError::Io(error) | ExchangeError::File { error, .. } => error.into(),
        }
    }
}

/// A file of the server that cannot be read or written.
impl From<std::io::Error> for Problem {
    fn from(e: std::io::Error) -> Self {
        if e.kind() == std::io::ErrorKind::StorageFull {
            Self::new(StatusCode::SERVICE_UNAVAILABLE, "server.disk_full").retry(60)
        } else {
            Self::internal(&e)
        }
    }
}

#[cfg(test)]
mod tests;
