//! `/api/v1/session`: sign in, who am I, sign out.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rapport_access::{Attempt, SignedIn};
use rapport_policy::{Principal, Scope};
use rapport_records::ListRequest;
use rapport_schema::UserId;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    App, Problem, Workspace, body,
    body::Json,
    caller::{Caller, Guest, identify, same_origin},
    cookie,
    openapi::{Api, Doc},
};

/// Adds the routes.
pub fn routes(api: Api) -> Api {
    api.get("/api/v1/session", who, Doc::new("session", "session", "Who am I", "当前会话").answer("Session"))
        .post(
            "/api/v1/session",
            sign_in,
            Doc::new("sign_in", "session", "Sign in", "登录").open().body("SignIn").answer("Session"),
        )
        .post(
            "/api/v1/session/view-as",
            view_as,
            Doc::new(
                "view_as",
                "session",
                "See as a person: administrators only, nothing can be changed, 30 minutes at most",
                "以他人身份查看",
            )
            .body("ViewAs")
            .answer("Session"),
        )
        .delete(
            "/api/v1/session/view-as",
            end_view,
            Doc::new("end_view_as", "session", "End seeing as a person", "结束以他人身份查看").nothing(),
        )
        .delete("/api/v1/session", sign_out, Doc::new("sign_out", "session", "Sign out", "退出登录").open().nothing())
}

/// The person behind a scope, as the page wants to know it.
pub async fn describe(ws: &Workspace, scope: &Scope) -> Value {
    let mut user = json!({ "id": scope.user(), "name": scope.user_name(), "locale": scope.locale(), "is_admin": scope.is_admin(), "leads": !scope.reports().is_empty() });
    if let Some(id) = scope.user() {
        let ask = ListRequest {
            fields: Some(["username", "email", "title", "main_dept", "timezone"].map(str::to_owned).to_vec()),
            ..ListRequest::default()
        };
        // A person always reads the own row; should that fail, the page still knows who it is.
        if let Ok((row, _)) = ws.engine.get(scope, "user", id.record(), &ask).await
            && let Ok(Value::Object(row)) = serde_json::from_slice(&row)
        {
            for (k, v) in row.into_iter().filter(|(k, _)| !matches!(k.as_str(), "id" | "version")) {
                user[k] = v;
            }
        }
    }
    let via = match scope.principal() {
        Principal::Session(_) | Principal::View { .. } => "session",
        Principal::Token(_) => "token",
        Principal::Local | Principal::System(_) => "local",
    };
    let mut told = json!({ "user": user, "organisation": ws.organisation.json(scope.locale()), "demo": ws.demo, "via": via });
    if let Ok(Some(v)) = ws.access.view(scope).await {
        told["view_as"] = json!({ "by": { "id": v.by, "name": v.by_name }, "until": v.until.rfc3339() });
    }
    told
}

async fn who(c: Caller) -> Result<Response, Problem> {
    body::value(&describe(&c.ws, &c.scope).await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    login: String,
    password: String,
    #[serde(default)]
    totp: Option<String>,
}

async fn sign_in(State(app): State<App>, g: Guest, Json(b): Json<SignIn>) -> Result<Response, Problem> {
    let totp = b.totp.filter(|t| !t.trim().is_empty());
    let attempt = Attempt { login: b.login, password: b.password, totp, ip: g.ip, device: g.device };
    let s = g.ws.access.sign_in(attempt).await?;
    opened(&app, &g.ws, &s).await
}

/// The answer to a new session: who it is, and the cookie.
///
/// # Errors
/// When the session cannot be read back.
pub async fn opened(app: &App, ws: &Workspace, s: &SignedIn) -> Result<Response, Problem> {
    let scope = ws.access.session(&s.secret, rapport_schema::Via::Web).await?;
    let mut r = body::value(&describe(ws, &scope).await)?;
    r.headers_mut().append(header::SET_COOKIE, cookie::set(&s.secret, app.config().secure));
    Ok(r)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ViewAs {
    user_id: UserId,
}

async fn view_as(c: Caller, Json(b): Json<ViewAs>) -> Result<Response, Problem> {
    // By the page only: a token is narrower than a session and has no banner.
    let session = c.session().ok_or_else(Problem::denied)?;
    c.ws.access.begin_view(c.user()?, session, b.user_id).await?;
    let scope = identify(&c.ws, &c.credential, c.scope.actor().via, c.ip).await?;
    body::value(&describe(&c.ws, &scope).await)
}

/// Not by [`Caller`], who is refused once the view has ended by itself.
async fn end_view(State(app): State<App>, g: Guest, req: axum::extract::Request) -> Result<StatusCode, Problem> {
    let (parts, _) = req.into_parts();
    let secret = cookie::read(&parts.headers, app.config().secure).ok_or_else(Problem::sign_in)?;
    same_origin(&app, &parts)?;
    g.ws.access.end_view(&secret).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Signing out always succeeds, also for a session that has ended, so that a page can always forget its cookie.
async fn sign_out(State(app): State<App>, req: axum::extract::Request) -> Result<Response, Problem> {
    let (parts, _) = req.into_parts();
    let headers: &HeaderMap = &parts.headers;
    if let Some(secret) = cookie::read(headers, app.config().secure) {
        same_origin(&app, &parts)?;
        let ws = crate::caller::workspace(&app, &parts)?;
        ws.access.sign_out(&secret).await?;
    }
    let mut r = StatusCode::NO_CONTENT.into_response();
    r.headers_mut().append(header::SET_COOKIE, cookie::clear(app.config().secure));
    r.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\", \"storage\""));
    Ok(r)
}
