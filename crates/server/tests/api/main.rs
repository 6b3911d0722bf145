//! The server over real workspaces, through the whole router: one module per resource, as the URLs are.
#![allow(clippy::unwrap_used)]

mod assign;
mod batch;
mod bulk;
mod canary;
mod document;
mod events;
mod files;
mod from_sheet;
mod health;
mod hostile;
mod idempotency;
mod import;
mod limits;
mod list;
mod matrix;
mod maven;
mod meta;
mod pools;
mod readers;
mod record;
mod roles;
mod sample;
mod session;
mod setup;
mod talk;
mod view_as;

/// Waits until a background job is at rest, and answers what is told of it then. As long as a busy machine may need.
async fn ended(c: &rapport_testkit::Client, path: &str) -> serde_json::Value {
    for _ in 0..3_600 {
        let now = c.get(path).await.ok();
        if !matches!(now["status"].as_str(), Some("running" | "undoing")) {
            return now;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{path}: the job does not end");
}
