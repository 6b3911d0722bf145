use std::time::Duration;

use axum::{body::Body, http::Method};
use futures::StreamExt as _;
use rapport_server::Config;
use rapport_testkit::{Client, Space, both};
use serde_json::{Value, json};

/// Reads a stream until `enough` says so; answers the events as (event, id, data).
pub(super) async fn listen(
    c: &Client,
    path: &str,
    mut enough: impl FnMut(&[(String, i64, Value)]) -> bool,
) -> Vec<(String, i64, Value)> {
    let r = c.raw(c.request(Method::GET, path, None, Body::empty())).await;
    assert_eq!(r.status(), 200);
    assert_eq!(r.headers()["content-type"], "text/event-stream");
    let mut stream = r.into_body().into_data_stream();
    let (mut text, mut got) = (String::new(), vec![]);
    let read = async {
        while let Some(Ok(chunk)) = stream.next().await {
            text.push_str(&String::from_utf8_lossy(&chunk));
            while let Some((frame, rest)) = text.split_once("\n\n") {
                let part = |k: &str| frame.lines().find_map(|l| l.strip_prefix(k)).unwrap_or("").trim().to_owned();
                if frame.contains("event:") {
                    got.push((
                        part("event:"),
                        part("id:").parse().unwrap_or(0),
                        serde_json::from_str(&part("data:")).unwrap_or(Value::Null),
                    ));
                }
                text = rest.to_owned();
            }
            if enough(&got) {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), read).await.expect("the events come");
    got
}

pub(super) fn changes(got: &[(String, i64, Value)]) -> Vec<&Value> {
    got.iter().filter(|e| e.0 == "change").map(|e| &e.2).collect()
}

both! {
    async fn a_change_arrives_and_a_listener_resumes(s) {
        let me = s.admin().await;
        let writer = me.clone();
        let task = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(200)).await;
            writer.post("/api/v1/account", json!({ "name": "Live" })).await.ok()
        });
        let got = listen(&me, "/api/v1/events", |g| changes(g).iter().any(|c| c["object"] == "account")).await;
        let made = task.await.unwrap();
        assert_eq!(got[0].0, "hello");
        let seen = got.iter().find(|e| e.2["object"] == "account").unwrap();
        assert_eq!((&seen.2["id"], &seen.2["op"]), (&made["id"], &json!("create")));
        assert_eq!(seen.2["seq"].as_i64().unwrap(), seen.1);

        // What happened while nobody listened comes after the cursor, once, in order.
        me.patch(&format!("/api/v1/account/{}", made["id"].as_str().unwrap()), json!({ "name": "Alive" })).await.ok();
        me.patch(&format!("/api/v1/account/{}", made["id"].as_str().unwrap()), json!({ "name": "Still" })).await.ok();
        let back = me.clone().with("last-event-id", &seen.1.to_string());
        let got = listen(&back, "/api/v1/events", |g| changes(g).len() >= 2).await;
        let versions: Vec<i64> = changes(&got).iter().filter(|c| c["object"] == "account").map(|c| c["version"].as_i64().unwrap()).collect();
        assert_eq!(versions, [2, 3]);
    }

    async fn only_what_the_listener_may_see_arrives(s) {
        s.department("north", None).await;
        s.department("south", None).await;
        let owner = s.person("Nora North", "sales_rep", Some("north")).await;
        let stranger = s.person("Sam South", "sales_rep", Some("south")).await;
        let ear = s.session(stranger).await;
        let (hidden, shown) = ("hidden", "shown");
        let space = std::sync::Arc::new(s);
        let w = space.clone();
        let task = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(200)).await;
            w.account(hidden, owner).await;
            w.account(shown, stranger).await
        });
        let got = listen(&ear, "/api/v1/events", |g| changes(g).iter().any(|c| c["object"] == "account")).await;
        let id = task.await.unwrap();
        let accounts: Vec<&Value> = changes(&got).into_iter().filter(|c| c["object"] == "account").collect();
        assert_eq!(accounts.len(), 1);
        assert_eq!(accounts[0]["id"], id.to_string());
        let log = ear.get("/api/v1/changes?after=0&limit=1000").await.ok();
        assert!(log["data"].as_array().unwrap().iter().filter(|c| c["object"] == "account").all(|c| c["id"] == id.to_string()));
    }

    async fn a_cursor_of_another_time_is_told_to_begin_anew(s) {
        let me = s.admin().await.with("last-event-id", "99999999");
        let got = listen(&me, "/api/v1/events", |g| g.len() >= 2).await;
        assert_eq!(got[1].0, "reset");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_session_ends_its_stream() {
    // issue 2: a revoked right is gone within 5 s, open event streams included
    let s = Space::with(Config { recheck: Duration::from_millis(200), ..Config::default() }).await;
    let u = s.person("Leaving", "sales_rep", None).await;
    let me = s.session(u).await;
    let out = me.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        out.delete("/api/v1/session").await
    });
    let got = listen(&me, "/api/v1/events", |g| g.iter().any(|e| e.0 == "bye")).await;
    assert_eq!(got.last().unwrap().2, "signed_out");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_end_when_the_server_stops() {
    let s = Space::sqlite().await;
    let me = s.admin().await;
    let stop = s.app.stop().clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(200)).await;
        stop.now();
    });
    let got = listen(&me, "/api/v1/events", |g| g.iter().any(|e| e.0 == "bye")).await;
    assert_eq!(got.last().unwrap().2, "stopping");
    assert_eq!(me.get("/api/v1/account").await.refusal(), (503, "server.stopping"));
    assert_eq!(s.nobody().get("/healthz").await.status, 200);
    assert_eq!(s.nobody().get("/readyz").await.status, 503);
}
