use rapport_testkit::both;

both! {
    async fn healthy_ready_and_measured(s) {
        assert_eq!(s.nobody().get("/healthz").await.ok()["status"], "ok");
        let r = s.nobody().get("/readyz").await.ok();
        assert_eq!((&r["status"], &r["checks"]["database:test"], &r["checks"]["disk"]), (&"ok".into(), &"ok".into(), &"ok".into()));
        assert_eq!(s.nobody().get("/metrics").await.status, 401, "figures are not for everybody");
        let m = s.admin().await.get("/metrics").await;
        assert!(m.text.contains("rapport_http_requests_total{") && m.text.contains("route=\"/healthz\""), "{}", m.text);
        assert!(m.text.contains("rapport_db_commits_total{workspace=\"test\"}"));
        assert!(m.text.contains("rapport_process_resident_bytes"));
    }

    async fn every_answer_carries_the_headers(s) {
        let me = s.admin().await;
        for r in [me.get("/api/v1/account").await, me.get("/api/v1/nothing").await, me.get("/").await, me.get("/no/such.file").await] {
            for h in ["content-security-policy", "x-content-type-options", "x-frame-options", "referrer-policy", "x-request-id"] {
                assert!(r.headers.contains_key(h), "{h} {}", r.text);
            }
        }
        assert_eq!(me.get("/api/v1/account").await.headers["cache-control"], "no-store");
        assert_eq!(me.clone().with("x-request-id", "mine-12345").get("/api/v1/account").await.headers["x-request-id"], "mine-12345");
    }

    async fn the_page_is_there_and_routes_by_itself(s) {
        let guest = s.nobody();
        assert!(guest.get("/").await.headers["content-type"].to_str().unwrap().starts_with("text/html"));
        assert_eq!(guest.get("/account/018f").await.status, 200, "an address inside the page");
        assert_eq!(guest.get("/assets/missing.js").await.status, 404);
    }
}
