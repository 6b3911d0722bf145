//! Making people before anybody can: the first administrator, demo people, `rapport user create`. Goes through the pipeline
//! like everything else, as the engine.

use rapport_access::Access;
use rapport_policy::{Reason, Scope, SystemScope};
use rapport_records::{Engine, Error, JsonMap, ListRequest, WriteOptions};
use rapport_schema::{FieldError, Params, UserId};
use serde_json::{Value, json};

/// Code of the administrator's role (domain model §5.3).
pub const ADMIN_ROLE: &str = "admin";

/// Who is to be made.
#[derive(Debug, Clone, Default)]
pub struct NewPerson {
    /// Name.
    pub name: String,
    /// E-mail address; also the user name when none is given.
    pub email: String,
    /// User name.
    pub username: Option<String>,
    /// Codes of roles.
    pub roles: Vec<String>,
    /// Code of the main department; none = the root.
    pub department: Option<String>,
    /// Language, a key of the picklist `language`.
    pub locale: Option<String>,
}

/// Rows of an object as the engine sees them.
async fn rows(engine: &Engine, scope: &Scope, object: &str, filter: Option<Value>, fields: &[&str]) -> Result<Vec<Value>, Error> {
    let ask = ListRequest {
        filter: filter.map(|f| f.to_string()),
        fields: Some(fields.iter().map(|&f| f.to_owned()).collect()),
        sort: Some("created_at".into()),
        limit: Some(200),
        ..ListRequest::default()
    };
    let page = engine.list(scope, object, &ask).await?;
    let text = [b"[".as_slice(), &page.rows, b"]"].concat();
    serde_json::from_slice(&text).map_err(|e| Error::Request {
        code: "server.internal",
        params: Params::from_iter([("message".to_owned(), e.to_string().into())]),
    })
}

fn id_of(row: &Value) -> Value {
    row.get("id").cloned().unwrap_or(Value::Null)
}

/// Id of the root department, made with the organisation's name when there is none yet.
///
/// # Errors
/// Those of the pipeline.
pub async fn root_department(engine: &Engine, organisation: &str) -> Result<Value, Error> {
    let scope = SystemScope::because(Reason::Setup);
    let found = rows(engine, &scope, "department", Some(json!({ "field": "parent_id", "op": "is_empty" })), &["name"]).await?;
    if let Some(d) = found.first() {
        return Ok(id_of(d));
    }
    let data = JsonMap::from_iter([("name".to_owned(), organisation.into()), ("enabled".to_owned(), true.into())]);
    Ok(json!(engine.create(&scope, "department", data, WriteOptions::default()).await?.id))
}

/// Makes a person. The password, if any, is set by [`Access::set_password`] afterwards.
///
/// # Errors
/// Those of the pipeline; `value.inactive_option` on `roles` when a role's code is unknown.
pub async fn create(engine: &Engine, p: &NewPerson) -> Result<UserId, Error> {
    let scope = SystemScope::because(Reason::Setup);
    let roles = rows(engine, &scope, "role", None, &["code", "name"]).await?;
    let mut ids = vec![];
    for code in &p.roles {
        let hit = roles.iter().find(|r| r["code"].as_str() == Some(code) || r["name"].as_str() == Some(code));
        let Some(r) = hit else {
            let known: Vec<&str> = roles.iter().filter_map(|r| r["code"].as_str()).collect();
            return Err(Error::field(
                FieldError::new("roles", "value.inactive_option").with("value", code.as_str()).with("known", known.join(", ")),
            ));
        };
        ids.push(id_of(r));
    }
    let dept = match &p.department {
        Some(code) => {
            let found = rows(engine, &scope, "department", Some(json!({ "or": [{ "field": "code", "op": "eq", "value": code }, { "field": "name", "op": "eq", "value": code }] })), &["name"]).await?;
            found
                .first()
                .map(id_of)
                .ok_or_else(|| Error::field(FieldError::new("main_dept", "reference.not_found").with("value", code.as_str())))?
        }
        None => root_department(engine, "Rapport").await?,
    };
    let data = json!({
        "name": p.name, "email": p.email, "username": p.username.as_deref().unwrap_or(&p.email), "roles": ids, "main_dept": dept,
        "status": "active", "kind": "internal", "locale": p.locale.as_deref().unwrap_or("zh_cn"),
    });
    let Value::Object(data) = data else { return Err(Error::NotFound) };
    Ok(UserId::of(engine.create(&scope, "user", data, WriteOptions::default()).await?.id))
}

/// Makes a person with a password; a refused password leaves nobody behind.
///
/// # Errors
/// Those of the pipeline and of the password policy.
pub async fn create_with_password(
    engine: &Engine,
    access: &Access,
    p: &NewPerson,
    password: &str,
) -> Result<UserId, crate::Problem> {
    // Refused before anything is made; what only shows later (a lost race) is taken back.
    let words: Vec<&str> = [Some(p.name.as_str()), Some(p.email.as_str()), p.username.as_deref()].into_iter().flatten().collect();
    access.check_password(password, &words).await?;
    let user = create(engine, p).await?;
    if let Err(e) = access.set_password(user, password, None).await {
        let scope = SystemScope::because(Reason::Setup);
        engine
            .purge(&scope, "user", user.record(), WriteOptions::default())
            .await
            .or(engine.delete(&scope, "user", user.record(), WriteOptions::default()).await)?;
        return Err(e.into());
    }
    Ok(user)
}
