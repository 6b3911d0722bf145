//! What a person is told of, what of it the person wants, and the small things a person's pages remember.

use axum::{http::StatusCode, response::Response};
use rapport_records::{JsonMap, RecordPage};
use rapport_schema::RecordId;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Problem, body,
    body::{Json, Path, Query},
    caller::Caller,
    openapi::{Api, Doc, Param},
};

/// Kind of the documents with a person's page settings.
const PREFERENCE: &str = "preference";
/// Most bytes of them.
const MOST: usize = 64 << 10;
/// Most of them.
const KEYS: usize = 200;

/// Adds the routes.
pub fn routes(api: Api) -> Api {
    api.get(
        "/api/v1/me/notifications",
        list,
        Doc::new("notifications", "me", "Own notifications, newest first, and how many are unread", "我的通知")
            .query(&[
                Param::flag("unread", "Only unread ones"),
                Param::int("limit", "At most so many, up to 200"),
                Param::text("cursor", "`next` of the page before"),
            ])
            .answer("Notifications"),
    )
    .get(
        "/api/v1/me/notifications/unread",
        unread,
        Doc::new("unread_notifications", "me", "How many notifications are unread", "未读通知数").answer("Unread"),
    )
    .post(
        "/api/v1/me/notifications/{id}/read",
        read_one,
        Doc::new("read_notification", "me", "Mark a notification as read", "标记通知已读").nothing(),
    )
    .post(
        "/api/v1/me/notifications/read",
        read_all,
        Doc::new("read_notifications", "me", "Mark all notifications as read", "全部标记已读").answer("MarkedRead"),
    )
    .get(
        "/api/v1/me/notify",
        wanted,
        Doc::new("notify_prefs", "me", "Which kinds of notifications the person wants", "通知偏好").answer("NotifyPrefs"),
    )
    .patch(
        "/api/v1/me/notify",
        want,
        Doc::new("set_notify_prefs", "me", "Say which kinds of notifications are wanted", "修改通知偏好")
            .body("NotifyPrefsInput")
            .answer("NotifyPrefs"),
    )
    .get(
        "/api/v1/me/preferences",
        preferences,
        Doc::new("preferences", "me", "What the person's pages remember", "页面偏好").answer("Preferences"),
    )
    .patch(
        "/api/v1/me/preferences",
        prefer,
        Doc::new("set_preferences", "me", "Remember or (with null) forget page settings by name", "修改页面偏好")
            .body("Preferences")
            .answer("Preferences"),
    )
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Ask {
    unread: bool,
    cursor: Option<String>,
    limit: Option<u32>,
}

async fn list(c: Caller, Query(ask): Query<Ask>) -> Result<Response, Problem> {
    let cursor = ask.cursor.filter(|s| !s.is_empty());
    let RecordPage { rows, next, .. } =
        c.ws.engine.notifications(&c.scope, ask.unread, cursor, ask.limit.unwrap_or(30).clamp(1, 200)).await?;
    let unread = c.ws.engine.unread(&c.scope).await?;
    let mut page = body::page(&rows, next.as_deref(), None);
    if page.last() == Some(&b'}') {
        page.pop();
        page.extend_from_slice(format!(",\"unread\":{}}}", unread.value).as_bytes());
    }
    Ok(body::raw(StatusCode::OK, page))
}

async fn unread(c: Caller) -> Result<Response, Problem> {
    body::value(&json!({ "unread": c.ws.engine.unread(&c.scope).await?.value }))
}

async fn read_one(c: Caller, Path(id): Path<RecordId>) -> Result<StatusCode, Problem> {
    c.ws.engine.mark_read(&c.scope, Some(id), c.write().cause).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn read_all(c: Caller) -> Result<Response, Problem> {
    body::value(&json!({ "read": c.ws.engine.mark_read(&c.scope, None, c.write().cause).await? }))
}

async fn wanted(c: Caller) -> Result<Response, Problem> {
    body::value(&c.ws.engine.notify_prefs(c.user()?).await?)
}

async fn want(c: Caller, Json(prefs): Json<JsonMap>) -> Result<Response, Problem> {
    body::value(&c.ws.engine.set_notify_prefs(&c.scope, prefs, c.write().cause).await?)
}

async fn preferences(c: Caller) -> Result<Response, Problem> {
    let kept = c.ws.engine.document(PREFERENCE, &c.user()?.to_string()).await?;
    body::value(&kept.unwrap_or_else(|| json!({})))
}

async fn prefer(c: Caller, Json(more): Json<JsonMap>) -> Result<Response, Problem> {
    let key = c.user()?.to_string();
    let too_much = || Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "preference.too_much").with("max", MOST);
    if more.keys().any(|k| k.is_empty() || k.len() > 100) {
        return Err(too_much());
    }
    // Two pages at once: each keeps what the other said.
    let now = c.ws.engine.run(&c.scope, c.write().cause, move |u| {
        let (key, more) = (key.clone(), more.clone());
        Box::pin(async move {
            u.lock(&format!("{PREFERENCE}:{key}")).await?;
            let mut all = match u.recall(PREFERENCE, &key).await? {
                Some(Value::Object(m)) => m,
                _ => JsonMap::new(),
            };
            for (k, v) in more {
                if v.is_null() {
                    all.remove(&k);
                } else {
                    all.insert(k, v);
                }
            }
            let all = Value::Object(all);
            let fits = all.as_object().is_some_and(|m| m.len() <= KEYS) && all.to_string().len() <= MOST;
            if fits {
                u.remember(PREFERENCE, &key, all.clone()).await?;
            }
            Ok(fits.then_some(all))
        })
    });
    body::value(&now.await?.ok_or_else(too_much)?)
}
