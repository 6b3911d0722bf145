use rapport_server::Config;
use rapport_testkit::Space;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_requests_are_told_when_to_come_back() {
    let s = Space::with(Config { rate: (1, 5), ..Config::default() }).await;
    let me = s.admin().await;
    let mut refused = None;
    for _ in 0..10 {
        let r = me.get("/api/v1/account").await;
        if r.status == 429 {
            refused = Some(r);
        }
    }
    let r = refused.expect("the limit holds");
    assert_eq!(r.json["code"], "rate.limited");
    assert!(r.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() >= 1);
    assert_eq!(s.nobody().get("/healthz").await.status, 200);
    let other = s.person("Somebody Else", "sales_rep", None).await;
    assert_eq!(s.session(other).await.get("/api/v1/account").await.status, 200, "one caller's haste is not another's");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_and_deep_bodies_are_refused() {
    let s = Space::with(Config { body_limit: 10_000, ..Config::default() }).await;
    let me = s.admin().await;
    let r = me.post("/api/v1/account", json!({ "name": "x".repeat(20_000) })).await;
    assert_eq!(r.refusal(), (413, "request.too_large"));
    let deep = format!("{}1{}", "{\"and\":[".repeat(2000), "]}".repeat(2000));
    let r = me.get(&format!("/api/v1/account?filter={}", deep.replace('"', "%22").replace('{', "%7B").replace('}', "%7D"))).await;
    assert!(r.status.is_client_error(), "{}", r.status);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_server_sheds_but_answers_health_and_sign_in() {
    let s = Space::with(Config { in_flight: 0, queue: std::time::Duration::from_millis(10), ..Config::default() }).await;
    let r = s.nobody().get("/api/v1/account").await;
    assert_eq!(r.refusal(), (503, "server.busy"));
    assert_eq!(r.headers["retry-after"], "1");
    assert_eq!(s.nobody().get("/healthz").await.status, 200);
    assert_eq!(s.nobody().post("/api/v1/session", json!({ "login": "x", "password": "y" })).await.status, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_answers_are_compressed() {
    let s = Space::sqlite().await;
    let me = s.admin().await.with("accept-encoding", "zstd, br, gzip");
    let r = me.get("/api/v1/meta/model").await;
    assert!(r.headers.contains_key("content-encoding"), "{:?}", r.headers);
    assert!(!me.get("/healthz").await.headers.contains_key("content-encoding"), "small ones are not");
}
