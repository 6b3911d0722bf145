//! Who is calling: turns cookie or bearer token into a [`Scope`], checks the origin of cookie writes, counts the call.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
};
use rapport_policy::{Principal, Scope};
use rapport_records::{Idempotency, WriteOptions};
use rapport_schema::{Cause, SessionId, Via};

use crate::{
    App, Problem, Workspace, cookie,
    layers::{edge::TraceId, rate::Key},
};

/// What the caller proved itself with.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// A session cookie's secret.
    Session(String),
    /// A bearer token.
    Token(String),
}

impl std::fmt::Debug for Credential {
    /// Secrets stay out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Session(_) => "Session(…)",
            Self::Token(_) => "Token(…)",
        })
    }
}

/// An authenticated caller of a workspace.
#[derive(Debug, Clone)]
pub struct Caller {
    /// What the caller may reach.
    pub scope: Scope,
    /// Where.
    pub ws: Arc<Workspace>,
    /// Proof, to ask again later.
    pub credential: Credential,
    /// From where.
    pub ip: Option<IpAddr>,
    /// Trace id of the request.
    pub trace: String,
    /// The request's `Idempotency-Key`, where the pipeline keeps the answer.
    pub idempotency: Option<Idempotency>,
}

impl Caller {
    /// The session, when the caller came in by one.
    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        if let Principal::Session(s) = self.scope.principal() { Some(s) } else { None }
    }
    /// The person.
    ///
    /// # Errors
    /// Never for callers over HTTP: sessions and tokens belong to people.
    pub fn user(&self) -> Result<rapport_schema::UserId, Problem> {
        self.scope.user().ok_or_else(Problem::sign_in)
    }
    /// Options of a write with the trace of this request.
    #[must_use]
    pub fn write(&self) -> WriteOptions {
        WriteOptions {
            cause: Cause { trace: Some(self.trace.clone()), ..Cause::default() },
            idempotency: self.idempotency.clone(),
            ..WriteOptions::default()
        }
    }
}

/// A caller nobody knows yet, of a workspace.
#[derive(Debug, Clone)]
pub struct Guest {
    /// Where.
    pub ws: Arc<Workspace>,
    /// From where.
    pub ip: Option<IpAddr>,
    /// User agent.
    pub device: String,
}

fn text<'h>(h: &'h HeaderMap, name: &header::HeaderName) -> Option<&'h str> {
    h.get(name).and_then(|v| v.to_str().ok())
}

/// The host a request was sent to; HTTP/2 has it in the address.
fn host(parts: &Parts) -> Option<&str> {
    text(&parts.headers, &header::HOST).or_else(|| parts.uri.authority().map(axum::http::uri::Authority::as_str))
}

/// Does a host name this computer: an address in figures, or `localhost` and what is below it?
fn is_here(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or(v6),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost") || name.parse::<IpAddr>().is_ok()
}

/// The address a request came from.
#[must_use]
pub fn ip(app: &App, parts: &Parts) -> Option<IpAddr> {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|c| c.0.ip());
    app.client_ip(peer, parts.headers.get("x-forwarded-for").and_then(|v| v.to_str().ok()))
}

/// The workspace a request is for.
///
/// # Errors
/// 404 when no workspace answers to the host.
pub fn workspace(app: &App, parts: &Parts) -> Result<Arc<Workspace>, Problem> {
    app.workspaces().of_host(host(parts)).cloned().ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "workspace.unknown"))
}

fn limit(app: &App, key: Key) -> Result<(), Problem> {
    app.limiter().take(key).map_err(|wait| Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate.limited").retry(wait.as_secs() + 1))
}

const fn writes(m: &Method) -> bool {
    !matches!(*m, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// A write with a cookie must come from a page of this host: other sites can make a browser send the cookie, not the header.
///
/// # Errors
/// 403 `auth.origin`.
pub fn same_origin(app: &App, parts: &Parts) -> Result<(), Problem> {
    let refused = || Problem::new(StatusCode::FORBIDDEN, "auth.origin");
    let Some(origin) = text(&parts.headers, &header::ORIGIN) else {
        // Browsers that leave the origin out say by this header where the request was made.
        let site = parts.headers.get("sec-fetch-site").and_then(|v| v.to_str().ok());
        return if site == Some("same-origin") { Ok(()) } else { Err(refused()) };
    };
    if app.config().origins.iter().any(|o| o.eq_ignore_ascii_case(origin)) {
        return Ok(());
    }
    let origin_host = origin.split_once("://").map(|(_, h)| h);
    match (origin_host, host(parts)) {
        (Some(o), Some(h)) if o.eq_ignore_ascii_case(h) => Ok(()),
        _ => Err(refused()),
    }
}

/// Which door a page comes through.
fn via(h: &HeaderMap) -> Via {
    if text(h, &header::USER_AGENT).is_some_and(|a| a.contains("Mobi")) { Via::Mobile } else { Via::Web }
}

/// Asks who a credential belongs to now.
///
/// # Errors
/// 401 when it is not (or no longer) good.
pub async fn identify(ws: &Workspace, c: &Credential, via: Via, ip: Option<IpAddr>) -> Result<Scope, Problem> {
    Ok(match c {
        Credential::Session(s) => ws.access.session(s, via).await?,
        Credential::Token(t) => ws.access.token(t, ip).await?,
    })
}

/// Reading that is asked by POST: what somebody who looks as another person may send.
fn only_asks(path: &str) -> bool {
    let mut parts = path.trim_start_matches("/api/v1/").split('/').skip(1);
    matches!((parts.next(), parts.next()), (Some("aggregate" | "duplicates"), None))
}

/// What is of nobody's business but the person's own: an administrator who looks as the person does not see it.
fn own(path: &str) -> bool {
    matches!(path, "/api/v1/sessions" | "/api/v1/tokens" | "/api/v1/me/totp")
}

/// Whoever looks as somebody else changes nothing, and learns nothing about that person's sign-in.
///
/// # Errors
/// 403 `session.view_as`.
fn only_looks(scope: &Scope, parts: &Parts) -> Result<(), Problem> {
    let path = parts.uri.path();
    if scope.is_view() && (own(path) || writes(&parts.method) && !(parts.method == Method::POST && only_asks(path))) {
        return Err(Problem::new(StatusCode::FORBIDDEN, "session.view_as"));
    }
    Ok(())
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let ws = workspace(app, parts)?;
        let ip = ip(app, parts);
        let bearer = text(&parts.headers, &header::AUTHORIZATION)
            .and_then(|v| v.split_once(' '))
            .filter(|(k, _)| k.eq_ignore_ascii_case("bearer"));
        let credential = if let Some((_, token)) = bearer {
            Credential::Token(token.trim().to_owned())
        } else if let Some(secret) = cookie::read(&parts.headers, app.config().secure) {
            if writes(&parts.method) {
                same_origin(app, parts)?;
            }
            Credential::Session(secret)
        } else {
            return Err(Problem::sign_in());
        };
        let scope = match identify(&ws, &credential, via(&parts.headers), ip).await {
            Ok(s) => s,
            Err(p) => {
                // Guessing costs the address, not the person.
                limit(app, ip.map_or(Key::Nobody, Key::Ip))?;
                return Err(p);
            }
        };
        limit(app, scope.actor().user.map_or(Key::Nobody, Key::User))?;
        only_looks(&scope, parts)?;
        let trace = parts.extensions.get::<TraceId>().map(|t| t.0.clone()).unwrap_or_default();
        let caller = Self { scope, ws, credential, ip, trace, idempotency: None };
        parts.extensions.insert(caller.clone());
        Ok(caller)
    }
}

impl FromRequestParts<App> for Guest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let ws = workspace(app, parts)?;
        let ip = ip(app, parts);
        limit(app, ip.map_or(Key::Nobody, Key::Ip))?;
        if app.config().loopback_only
            && let Some(host) = host(parts).filter(|h| !is_here(h))
        {
            return Err(Problem::new(StatusCode::MISDIRECTED_REQUEST, "auth.host").with("host", host));
        }
        if writes(&parts.method) && parts.headers.contains_key(header::ORIGIN) {
            same_origin(app, parts)?;
        }
        let device = text(&parts.headers, &header::USER_AGENT).unwrap_or("").chars().take(200).collect();
        Ok(Self { ws, ip, device })
    }
}
