//! What a person manages about the own sign-in: password, two-step login, sessions; and invitations.

use axum::{extract::State, http::StatusCode, response::Response};
use rapport_schema::{SessionId, UserId};
use serde::Deserialize;
use serde_json::json;

use super::session;
use crate::{
    App, Problem, body,
    body::{Json, Path},
    caller::{Caller, Guest},
    openapi::{Api, Doc},
};

/// How long an invitation is good.
const INVITATION_MS: i64 = 7 * 24 * 3600 * 1000;

/// Adds the routes.
pub fn routes(api: Api) -> Api {
    api.post(
        "/api/v1/me/password",
        password,
        Doc::new("change_password", "me", "Change the own password", "修改密码").body("ChangePassword").nothing(),
    )
    .get(
        "/api/v1/me/totp",
        totp_state,
        Doc::new("totp_state", "me", "State of two-step login", "两步验证状态").answer("SecondStep"),
    )
    .post(
        "/api/v1/me/totp",
        totp_begin,
        Doc::new("totp_begin", "me", "Begin two-step login", "开始设置两步验证").answer("TotpEnrolment"),
    )
    .post(
        "/api/v1/me/totp/confirm",
        totp_confirm,
        Doc::new("totp_confirm", "me", "Confirm two-step login by a first code", "确认两步验证").body("Code").nothing(),
    )
    .post(
        "/api/v1/me/totp/disable",
        totp_disable,
        Doc::new("totp_disable", "me", "End two-step login", "关闭两步验证").body("PasswordOnly").nothing(),
    )
    .get("/api/v1/sessions", sessions, Doc::new("sessions", "me", "Own sessions", "我的会话").answer("Sessions"))
    .delete(
        "/api/v1/sessions/{id}",
        revoke,
        Doc::new("revoke_session", "me", "End one of the own sessions", "结束会话").nothing(),
    )
    .post(
        "/api/v1/invitations",
        invite,
        Doc::new("invite", "people", "Invitation link for a person (right to edit users)", "邀请人员")
            .body("Invite")
            .created("Invitation"),
    )
    .post(
        "/api/v1/invitations/accept",
        accept,
        Doc::new("accept_invitation", "people", "Take an invitation: set the password and sign in", "接受邀请")
            .open()
            .body("AcceptInvitation")
            .answer("Session"),
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangePassword {
    old: String,
    new: String,
}

async fn password(c: Caller, Json(b): Json<ChangePassword>) -> Result<StatusCode, Problem> {
    c.ws.access.change_password(c.user()?, &b.old, &b.new, c.session()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who signs in, and how, is for sessions: a token must not lock its person out, nor become a session by a link to a password.
fn by_session(c: &Caller) -> Result<UserId, Problem> {
    c.session().ok_or_else(Problem::denied)?;
    c.user()
}

async fn totp_state(c: Caller) -> Result<Response, Problem> {
    let s = c.ws.access.second_step_state(c.user()?).await?;
    body::value(&json!({ "enabled": s.enabled, "recovery_left": s.recovery_left, "has_password": s.has_password }))
}

async fn totp_begin(c: Caller) -> Result<Response, Problem> {
    let user = by_session(&c)?;
    body::secret(StatusCode::OK, &c.ws.access.totp_begin(user, c.scope.user_name()).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Code {
    code: String,
}

async fn totp_confirm(c: Caller, Json(b): Json<Code>) -> Result<StatusCode, Problem> {
    let user = by_session(&c)?;
    c.ws.access.totp_confirm(user, b.code.trim()).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PasswordOnly {
    password: String,
}

async fn totp_disable(c: Caller, Json(b): Json<PasswordOnly>) -> Result<StatusCode, Problem> {
    let user = by_session(&c)?;
    c.ws.access.totp_disable(user, &b.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn sessions(c: Caller) -> Result<Response, Problem> {
    let data = c.ws.access.sessions(c.user()?, c.session()).await?;
    body::value(&json!({ "data": data }))
}

async fn revoke(c: Caller, Path(id): Path<SessionId>) -> Result<StatusCode, Problem> {
    c.ws.access.revoke_session(c.user()?, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Invite {
    user_id: UserId,
}

async fn invite(c: Caller, Json(b): Json<Invite>) -> Result<Response, Problem> {
    let by = by_session(&c)?;
    let id = b.user_id.record();
    // Not visible: 404; visible but not editable, by the rules of rows: 403.
    let editable = c.ws.engine.run(&c.scope, c.write().cause, move |u| Box::pin(async move { u.editable("user", id).await }));
    editable.await?;
    let secret = c.ws.access.invite_by(b.user_id, INVITATION_MS, by).await?;
    body::secret(
        StatusCode::CREATED,
        &json!({ "secret": secret, "path": format!("/invitation#{secret}"), "valid_for_seconds": INVITATION_MS / 1000 }),
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Accept {
    secret: String,
    password: String,
    #[serde(default)]
    totp: Option<String>,
}

async fn accept(State(app): State<App>, g: Guest, Json(b): Json<Accept>) -> Result<Response, Problem> {
    let user = g.ws.access.accept(&b.secret, &b.password).await?;
    activate(&g, user).await?;
    // A link does not replace the second step: sign in as anybody would.
    let scope = g.ws.access.scope_of(user, rapport_policy::Principal::Local, rapport_schema::Via::Web).await?;
    let login =
        session::describe(&g.ws, &scope).await["user"]["username"].as_str().map(str::to_owned).ok_or_else(Problem::sign_in)?;
    let attempt = rapport_access::Attempt { login, password: b.password, totp: b.totp, ip: g.ip, device: g.device.clone() };
    let s = g.ws.access.sign_in(attempt).await?;
    session::opened(&app, &g.ws, &s).await
}

/// Who was invited is one of the people from the moment the password is set; others keep their state.
async fn activate(g: &Guest, user: UserId) -> Result<(), Problem> {
    let scope = rapport_policy::SystemScope::because(rapport_policy::Reason::Authentication);
    let ask = rapport_records::ListRequest { fields: Some(vec!["status".into()]), ..Default::default() };
    let (row, _) = g.ws.engine.get(&scope, "user", user.record(), &ask).await?;
    let row: serde_json::Value = serde_json::from_slice(&row).map_err(|e| Problem::internal(&e))?;
    if row["status"] == "invited" {
        let opts = rapport_records::WriteOptions::default();
        g.ws.engine.act(&scope, "user", Some(user.record()), "activate", json!({}), opts).await?;
    }
    Ok(())
}
