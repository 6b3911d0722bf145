//! `/healthz`, `/readyz`, `/metrics`.

use std::{net::SocketAddr, time::Duration};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use crate::{
    App, Problem, body,
    caller::Caller,
    layers::metrics,
    openapi::{Api, Doc},
};

/// Below this many free bytes the node is not ready, whatever the settings say.
const LEAST_FREE: u64 = 1 << 20;

/// Adds the routes.
pub fn routes(api: Api) -> Api {
    api.get("/healthz", healthz, Doc::new("healthz", "health", "The process answers", "存活检查").open().answer("Health"))
        .get(
            "/readyz",
            readyz,
            Doc::new("readyz", "health", "Database and disk are usable (503 when not)", "就绪检查").open().answer("Health"),
        )
        .get(
            "/metrics",
            figures,
            Doc::new("metrics", "health", "Figures in the Prometheus text form (loopback, or an administrator)", "指标")
                .open()
                .answers_with("text/plain"),
        )
}

async fn healthz(State(app): State<App>) -> Result<Response, Problem> {
    body::value(&json!({ "status": "ok", "version": app.config().version }))
}

/// Free bytes where a path lies; none when the system does not tell.
fn free_bytes(path: &std::path::Path) -> Option<u64> {
    let existing =
        path.ancestors().find(|p| p.exists()).filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| std::path::Path::new("."));
    let s = rustix::fs::statvfs(existing).ok()?;
    Some(s.f_bavail * s.f_frsize)
}

async fn readyz(State(app): State<App>) -> Result<Response, Problem> {
    let mut ready = !app.stop().is_on();
    let mut checks = Map::new();
    for ws in app.workspaces().all() {
        let asked = tokio::time::timeout(Duration::from_secs(2), ws.engine.db().last_seq()).await;
        let word = match asked {
            Ok(Ok(_)) => "ok",
            Ok(Err(_)) => "unavailable",
            Err(_) => "slow",
        };
        ready &= word == "ok";
        checks.insert(format!("database:{}", ws.name), word.into());
    }
    let free = free_bytes(&app.config().files);
    let enough = free.is_none_or(|f| f >= app.config().disk_reserve.max(LEAST_FREE));
    ready &= enough;
    checks.insert("disk".into(), if enough { "ok" } else { "full" }.into());
    let status = if app.stop().is_on() {
        "stopping"
    } else if ready {
        "ok"
    } else {
        "unready"
    };
    let mut r = body::value(&json!({ "status": status, "version": app.config().version, "checks": Value::Object(checks) }))?;
    if !ready {
        *r.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        r.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    }
    Ok(r)
}

/// Figures tell about the business: they are for the machine itself and for administrators.
async fn may_read(app: &App, req: Request) -> Result<(), Problem> {
    let (mut parts, _) = req.into_parts();
    let forwarded = parts.headers.contains_key("x-forwarded-for");
    let local = parts.extensions.get::<ConnectInfo<SocketAddr>>().is_some_and(|c| c.0.ip().is_loopback());
    if local && !forwarded {
        return Ok(());
    }
    let caller = Caller::from_request_parts(&mut parts, app).await?;
    if caller.scope.is_admin() { Ok(()) } else { Err(Problem::denied()) }
}

async fn figures(State(app): State<App>, req: Request) -> Result<Response, Problem> {
    may_read(&app, req).await?;
    let Some(handle) = metrics::handle() else {
        return Err(Problem::not_found());
    };
    for ws in app.workspaces().all() {
        if let Ok(s) = ws.engine.db().stats().await {
            let label = [("workspace", ws.name.clone())];
            #[allow(clippy::cast_precision_loss, reason = "gauges are floating point by their format")]
            {
                ::metrics::gauge!("rapport_db_queue", &label).set(s.queued as f64);
                ::metrics::gauge!("rapport_db_bytes", &label).set(s.bytes as f64);
                ::metrics::gauge!("rapport_db_seq", &label).set(s.seq.0 as f64);
            }
            ::metrics::counter!("rapport_db_commits_total", &label).absolute(s.commits);
            ::metrics::counter!("rapport_db_jobs_total", &label).absolute(s.jobs);
        }
    }
    if let Some(b) = metrics::resident_bytes() {
        #[allow(clippy::cast_precision_loss, reason = "gauges are floating point by their format")]
        ::metrics::gauge!("rapport_process_resident_bytes").set(b as f64);
    }
    handle.run_upkeep();
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render()).into_response())
}

#[cfg(test)]
mod tests {
    #[test]
    fn free_space_is_known_also_for_folders_yet_to_be_made() {
        assert!(super::free_bytes(std::path::Path::new("no/such/folder")).is_some_and(|b| b > 0));
    }
}
