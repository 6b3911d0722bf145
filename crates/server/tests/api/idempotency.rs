use rapport_testkit::both;
use serde_json::json;

both! {
    async fn the_same_key_does_it_once(s) {
        // quality.md R12
        let me = s.admin().await.with("idempotency-key", "k-1");
        let body = json!({ "name": "Only Once" });
        let answers = futures::future::join_all((0..20).map(|_| me.post("/api/v1/account", body.clone()))).await;
        let ids: std::collections::BTreeSet<String> = answers.iter().map(|a| {
            assert_eq!(a.status, 201, "{}", a.text);
            a.json["id"].as_str().unwrap().to_owned()
        }).collect();
        assert_eq!(ids.len(), 1);
        assert_eq!(me.clone().without("idempotency-key").get("/api/v1/account?count=exact").await.ok()["count"]["value"], 1);
        let other = me.post("/api/v1/account", json!({ "name": "Another" })).await;
        assert_eq!(other.json["code"], "idempotency.mismatch", "{}", other.text);
        assert_eq!(other.status, 422);
    }

    async fn a_refusal_is_not_an_effect(s) {
        let me = s.admin().await.with("idempotency-key", "k-2");
        assert_eq!(me.post("/api/v1/account", json!({})).await.status, 422);
        assert_eq!(me.post("/api/v1/account", json!({})).await.status, 422);
    }

    async fn other_posts_keep_their_answer_too(s) {
        let admin = s.admin().await;
        let made = admin.post("/api/v1/account", json!({ "name": "Restored" })).await.ok();
        let place = format!("/api/v1/account/{}", made["id"].as_str().unwrap());
        assert_eq!(admin.delete(&place).await.status, 204);
        let me = admin.clone().with("idempotency-key", "k-3");
        let first = me.post(&format!("{place}/restore"), json!({})).await;
        let again = me.post(&format!("{place}/restore"), json!({})).await;
        assert_eq!(first.status, 200, "{}", first.text);
        assert_eq!(first.text, again.text);
        assert_eq!(again.headers["idempotency-replayed"], "true");
        assert_eq!(me.post(&format!("{place}/restore"), json!({ "a": 1 })).await.refusal(), (422, "idempotency.mismatch"));
    }

    async fn secrets_are_shown_once_and_not_kept(s) {
        let admin = s.admin().await;
        let colleague = s.person("New Colleague", "sales_rep", None).await;
        let me = admin.clone().with("idempotency-key", "k-4");
        for (path, body) in [
            ("/api/v1/tokens", json!({ "name": "sync" })),
            ("/api/v1/invitations", json!({ "user_id": colleague })),
            ("/api/v1/me/totp", json!({})),
        ] {
            let first = me.post(path, body.clone()).await;
            assert!(first.status.is_success(), "{path}: {}", first.text);
            assert_eq!(me.post(path, body).await.refusal(), (409, "idempotency.not_kept"), "{path}");
        }
        assert_eq!(admin.get("/api/v1/tokens").await.ok()["data"].as_array().unwrap().len(), 1, "made once");
        let kept = s.engine.db().doc_list("once", None).await.unwrap();
        assert_eq!(kept.len(), 3);
        for doc in kept {
            assert_eq!(doc.body["answer"], json!({ "not_kept": true }), "{}", doc.body);
        }
    }

    async fn keys_are_bounded(s) {
        let me = s.admin().await.with("idempotency-key", &"x".repeat(256));
        assert_eq!(me.post("/api/v1/account", json!({ "name": "N" })).await.refusal(), (400, "idempotency.key"));
    }
}
