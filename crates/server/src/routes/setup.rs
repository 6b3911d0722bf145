//! `/api/v1/setup`: the first administrator, made in the browser.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use rapport_policy::{Reason, SystemScope};
use rapport_records::{Error, JsonMap, WriteOptions};
use rapport_schema::{FieldError, Locale, RecordId};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::session;
use crate::{
    App, Problem,
    about::{About, plain},
    body,
    body::Json,
    caller::Guest,
    layers::edge,
    openapi::{Api, Doc},
    people::{self, ADMIN_ROLE, NewPerson},
};

/// Adds the routes.
pub fn routes(api: Api) -> Api {
    api.get(
        "/api/v1/setup",
        state,
        Doc::new("setup_state", "setup", "Is the workspace set up?", "初始化状态").open().answer("SetupState"),
    )
    .post(
        "/api/v1/setup",
        set_up,
        Doc::new("setup", "setup", "Make the first administrator", "创建首位管理员").open().body("Setup").answer("Session"),
    )
}

async fn state(State(app): State<App>, g: Guest, headers: HeaderMap) -> Result<Response, Problem> {
    let needed = !g.ws.demo && g.ws.access.needs_setup().await?;
    body::value(&json!({
        "needed": needed, "demo": g.ws.demo, "organisation": g.ws.organisation.json(edge::locale(&headers)),
        "secret_required": needed && app.config().setup_secret.is_some(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Setup {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    organisation: Option<String>,
    #[serde(default)]
    secret: Option<String>,
    #[serde(default)]
    locale: Option<String>,
}

/// Equal without telling by its duration where the difference is.
fn same(a: &str, b: &str) -> bool {
    let (a, b) = (Sha256::digest(a.as_bytes()), Sha256::digest(b.as_bytes()));
    a.iter().zip(b.iter()).fold(0u8, |d, (x, y)| d | (x ^ y)) == 0
}

async fn set_up(State(app): State<App>, g: Guest, Json(b): Json<Setup>) -> Result<Response, Problem> {
    // Two set-ups at once: one of them is too late.
    static ONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    if let Some(secret) = &app.config().setup_secret
        && !same(secret, b.secret.as_deref().unwrap_or("").trim())
    {
        return Err(Problem::new(StatusCode::FORBIDDEN, "setup.secret"));
    }
    let _turn = ONE.lock().await;
    if g.ws.demo || !g.ws.access.needs_setup().await? {
        return Err(Problem::new(StatusCode::CONFLICT, "setup.done"));
    }
    let blank =
        [("name", &b.name), ("email", &b.email), ("password", &b.password)].into_iter().filter(|(_, v)| v.trim().is_empty());
    let missing = blank.map(|(f, _)| f).chain(b.organisation.is_none().then_some("organisation"));
    let missing: Vec<FieldError> = missing.map(|f| FieldError::new(f, "value.required")).collect();
    if !missing.is_empty() {
        return Err(Error::Invalid(missing).into());
    }
    let (engine, organisation) = (&g.ws.engine, b.organisation.as_deref().unwrap_or("").trim());
    // A password that is refused leaves the workspace as it was.
    g.ws.access.check_password(&b.password, &[&b.name, &b.email, organisation]).await?;
    let person = NewPerson {
        name: b.name,
        email: b.email,
        roles: vec![ADMIN_ROLE.into()],
        locale: b.locale.clone(),
        ..NewPerson::default()
    };
    let dept = people::root_department(engine, organisation).await?;
    name_root(&g, dept.as_str().unwrap_or(""), organisation).await?;
    let user = people::create_with_password(engine, &g.ws.access, &person, &b.password).await?;
    let was = About::read(engine).await?;
    let locale = b.locale.as_deref().and_then(Locale::negotiate).or_else(|| Some(was.as_ref()?.locale)).unwrap_or_default();
    // The program guessed the language of stages, roles and the like from its terminal; now it is known.
    engine.reword(&rapport_model::defaults().records, locale).await?;
    let name =
        if organisation.is_empty() { was.map_or_else(|| plain("Rapport"), |w| w.organisation) } else { plain(organisation) };
    About { organisation: name.clone(), demo: false, locale }.write(engine).await?;
    g.ws.organisation.set(name);
    let s = g.ws.access.open_session(user, g.ip, &g.device).await?;
    session::opened(&app, &g.ws, &s).await
}

/// The root department bears the organisation's name.
async fn name_root(g: &Guest, dept: &str, name: &str) -> Result<(), Problem> {
    if let Ok(id) = dept.parse::<RecordId>()
        && !name.is_empty()
    {
        let data = JsonMap::from_iter([("name".to_owned(), name.into())]);
        g.ws.engine.update(&SystemScope::because(Reason::Setup), "department", id, data, WriteOptions::default()).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn secrets_are_compared_whole() {
        assert!(super::same("abc", "abc"));
        assert!(!super::same("abc", "abd"));
        assert!(!super::same("abc", ""));
    }
}
