use rapport_testkit::both;
use serde_json::json;

both! {
    async fn created_read_changed_and_deleted(s) {
        let me = s.admin().await;
        let made = me.post("/api/v1/account", json!({ "name": "华东仪器有限公司", "level": "a" })).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let id = made.json["id"].as_str().unwrap().to_owned();
        assert_eq!(made.headers["location"], format!("/api/v1/account/{id}"));
        assert_eq!(made.headers["etag"], "\"1\"");

        let one = format!("/api/v1/account/{id}");
        let read = me.get(&one).await;
        assert_eq!(read.json["name"], "华东仪器有限公司");
        assert_eq!(me.clone().with("if-none-match", "\"1\"").get(&one).await.status, 304);

        // absent = leave, null = clear, value = set
        let changed = me.patch(&one, json!({ "level": null, "website": "https://example.com/" })).await;
        assert_eq!(changed.headers["etag"], "\"2\"", "{}", changed.text);
        assert_eq!(changed.json["level"], json!(null));
        assert_eq!(changed.json["name"], "华东仪器有限公司");

        assert_eq!(me.delete(&one).await.status, 204);
        assert_eq!(me.get(&one).await.refusal(), (404, "not_found"));
        let bin = me.get("/api/v1/account?deleted=true").await.ok();
        assert_eq!(bin["data"][0]["id"], id.as_str());
        assert_eq!(me.post(&format!("{one}/restore"), json!({})).await.ok()["id"], id.as_str());
        assert_eq!(me.get(&one).await.status, 200);
    }

    async fn every_faulty_field_comes_at_once_in_the_readers_language(s) {
        let me = s.admin().await;
        let r = me.clone().with("accept-language", "zh-CN").post("/api/v1/opportunity", json!({ "amount": "12.345678", "close_on": "morgen" })).await;
        assert_eq!(r.status, 422, "{}", r.text);
        let fields: Vec<&str> = r.json["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
        assert!(fields.contains(&"name") && fields.contains(&"close_on"), "{fields:?}");
        assert_eq!(r.headers["content-type"], "application/problem+json");
        assert_eq!(r.headers["content-language"], "zh-CN");
        assert!(r.json["errors"][0]["message"].as_str().unwrap().chars().any(|c| c > '\u{4e00}'));
        assert_eq!(r.json["trace_id"], r.headers["x-request-id"].to_str().unwrap());
    }

    async fn stale_versions_merge_or_collide(s) {
        let me = s.admin().await;
        let id = me.post("/api/v1/account", json!({ "name": "Collide Ltd" })).await.ok()["id"].as_str().unwrap().to_owned();
        let one = format!("/api/v1/account/{id}");
        me.patch(&one, json!({ "name": "Collide GmbH" })).await.ok();
        let stale = me.clone().with("if-match", "\"1\"");
        // Another field: merged.
        assert_eq!(stale.patch(&one, json!({ "website": "https://example.com/" })).await.status, 200);
        // The same field: told which.
        let r = stale.patch(&one, json!({ "name": "Collide SA" })).await;
        assert_eq!(r.refusal(), (409, "conflict"));
        assert_eq!(r.json["fields"], json!(["name"]));
        let strict = stale.with("if-match-strict", "true").patch(&one, json!({ "level": "a" })).await;
        assert_eq!(strict.refusal(), (412, "precondition.failed"));
        // A deletion has nothing to be brought together with: it is of the version one saw.
        let stale = me.clone().with("if-match", "\"1\"").delete(&one).await;
        assert_eq!(stale.refusal(), (412, "precondition.failed"));
        assert_eq!(me.get(&one).await.status, 200);
        let odd = me.clone().with("if-match", "\"one\"").patch(&one, json!({})).await;
        assert_eq!(odd.refusal(), (400, "request.header"));
    }

    async fn history_tells_who_changed_what(s) {
        let me = s.admin().await;
        let id = me.post("/api/v1/account", json!({ "name": "Before" })).await.ok()["id"].as_str().unwrap().to_owned();
        me.patch(&format!("/api/v1/account/{id}"), json!({ "name": "After" })).await.ok();
        let h = me.get(&format!("/api/v1/account/{id}/history")).await.ok();
        let newest = &h["data"][0];
        assert_eq!(newest["op"], "update");
        assert_eq!(newest["actor"]["name"], "Ada Admin");
        let change = newest["changes"].as_array().unwrap().iter().find(|c| c["field"] == "name").unwrap();
        assert_eq!((change["before"].as_str(), change["after"].as_str()), (Some("Before"), Some("After")));
        // Paging backwards reaches the beginning.
        let first = me.get(&format!("/api/v1/account/{id}/history?limit=1")).await.ok();
        let second = me.get(&format!("/api/v1/account/{id}/history?limit=1&cursor={}", first["next"])).await.ok();
        assert_eq!(second["data"][0]["op"], "create");
    }

    async fn what_is_not_there_is_404_and_odd_requests_are_told(s) {
        let me = s.admin().await;
        assert_eq!(me.get("/api/v1/nothing").await.refusal(), (404, "object.unknown"));
        assert_eq!(me.get("/api/v1/account/not-an-id").await.refusal(), (404, "not_found"));
        assert_eq!(me.get("/api/v1/account/01890000-0000-7000-8000-000000000001").await.refusal(), (404, "not_found"));
        assert_eq!(me.get("/api/v1/a/b/c/d/e/f").await.refusal(), (404, "not_found"));
        let put = me.request(axum::http::Method::PUT, "/api/v1/account", Some("application/json"), "{}".into());
        assert_eq!(me.send(put).await.refusal(), (405, "request.method"));
        let text = me.request(axum::http::Method::POST, "/api/v1/account", Some("text/plain"), "x".into());
        assert_eq!(me.send(text).await.refusal(), (415, "request.media_type"));
        let broken = me.request(axum::http::Method::POST, "/api/v1/account", Some("application/json"), "{\"name\":".into());
        assert_eq!(me.send(broken).await.refusal(), (400, "request.json"));
        let list = me.request(axum::http::Method::POST, "/api/v1/account", Some("application/json"), "[1]".into());
        assert_eq!(me.send(list).await.refusal(), (422, "request.body"));
    }

    async fn others_records_are_404_for_a_stranger(s) {
        let (a, b) = (s.department("north", None).await, s.department("south", None).await);
        assert_ne!(a, b);
        let owner = s.person("Nora North", "sales_rep", Some("north")).await;
        let stranger = s.person("Sam South", "sales_rep", Some("south")).await;
        let id = s.account("Secret Customer", owner).await;
        let one = format!("/api/v1/account/{id}");
        assert_eq!(s.session(owner).await.get(&one).await.status, 200);
        let other = s.session(stranger).await;
        assert_eq!(other.get(&one).await.refusal(), (404, "not_found"));
        assert_eq!(other.patch(&one, json!({ "name": "Mine" })).await.refusal(), (404, "not_found"));
        assert_eq!(other.delete(&one).await.refusal(), (404, "not_found"));
        assert_eq!(other.get(&format!("{one}/history")).await.refusal(), (404, "not_found"));
    }
}
