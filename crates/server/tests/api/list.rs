use rapport_testkit::both;
use serde_json::json;

fn enc(s: &str) -> String {
    s.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

both! {
    async fn filtered_sorted_paged_and_counted(s) {
        let me = s.admin().await;
        for i in 0..7 {
            me.post("/api/v1/account", json!({ "name": format!("Customer {i}"), "level": if i % 2 == 0 { "a" } else { "b" } })).await.ok();
        }
        let f = enc(r#"{"field":"level","op":"eq","value":"a"}"#);
        let p = me.get(&format!("/api/v1/account?filter={f}&sort=-name&limit=3&count=exact&fields=name,level")).await.ok();
        let names: Vec<&str> = p["data"].as_array().unwrap().iter().map(|r| r["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["Customer 6", "Customer 4", "Customer 2"]);
        assert_eq!(p["count"], json!({ "value": 4, "capped": false }));
        assert!(p["data"][0].get("owner_id").is_none(), "only the fields asked for");
        let next = enc(p["next"].as_str().unwrap());
        let rest = me.get(&format!("/api/v1/account?filter={f}&sort=-name&limit=3&cursor={next}&fields=name")).await.ok();
        assert_eq!(rest["data"].as_array().unwrap().len(), 1);
        assert_eq!(rest["next"], json!(null));
        // The text form says the same.
        let t = me.get(&format!("/api/v1/account?filter={}&fields=name", enc("level = a and name starts \"Customer\""))).await.ok();
        assert_eq!(t["data"].as_array().unwrap().len(), 4);
    }

    async fn references_are_expanded_with_titles(s) {
        let me = s.admin().await;
        let a = me.post("/api/v1/account", json!({ "name": "Parent House" })).await.ok();
        me.post("/api/v1/contact", json!({ "name": "陈屿", "account_id": a["id"] })).await.ok();
        let p = me.get("/api/v1/contact?expand=account_id,owner_id").await.ok();
        assert_eq!(p["data"][0]["$expand"]["account_id"]["title"], "Parent House");
        assert_eq!(p["data"][0]["$expand"]["owner_id"]["object"], "user");
    }

    async fn faulty_questions_are_told(s) {
        let me = s.admin().await;
        for q in ["filter=%7B", "sort=nothing", "cursor=zzz", "limit=100000", "limit=x", "count=some", "fields=nothing"] {
            let r = me.get(&format!("/api/v1/account?{q}")).await;
            assert!(r.status.is_client_error(), "{q}: {} {}", r.status, r.text);
            assert!(r.json["code"].is_string() && !r.json["title"].as_str().unwrap().is_empty(), "{q}: {}", r.text);
        }
    }

    /// What was expected and found is said in the reader's language too.
    async fn a_filter_that_does_not_fit_is_explained_in_both_languages(s) {
        let me = s.admin().await;
        for (filter, code, en, zh) in [
            ("level >", "expr.syntax", "expected a value, found the end", "应为值，实际为结尾"),
            ("name = 'a' level", "expr.syntax", "and, or, or the end, found “level”", "应为and、or 或结尾，实际为“level”"),
            ("last_followed_at > soon", "expr.value", "field last_followed_at: expected a date", "（last_followed_at）：应为日期"),
            ("level = z", "expr.value", "expected an option: there is no such option", "应为选项：没有这个选项"),
        ] {
            let ask = format!("/api/v1/account?filter={}", enc(filter));
            for (tag, words) in [("en", en), ("zh-CN", zh)] {
                let r = me.clone().with("accept-language", tag).get(&ask).await;
                assert_eq!(r.json["code"], code, "{}", r.text);
                assert!(r.json["title"].as_str().unwrap().contains(words), "{filter}: {}", r.text);
            }
        }
    }

    async fn grouped_and_summed(s) {
        let me = s.admin().await;
        for (n, level) in [("A1", "a"), ("A2", "a"), ("B1", "b")] {
            me.post("/api/v1/account", json!({ "name": n, "level": level })).await.ok();
        }
        let g = me.post("/api/v1/account/aggregate", json!({ "group": ["level"], "measures": [{ "fn": "count" }] })).await.ok();
        let mut groups: Vec<(String, String)> =
            g["groups"].as_array().unwrap().iter().map(|g| (g["key"]["level"].as_str().unwrap().to_owned(), g["values"][0].to_string().trim_matches('"').to_owned())).collect();
        groups.sort();
        assert_eq!(groups, [("a".into(), "2".into()), ("b".into(), "1".into())]);
    }

    async fn searched_over_objects(s) {
        let me = s.admin().await;
        me.post("/api/v1/account", json!({ "name": "青海锂业有限公司" })).await.ok();
        me.post("/api/v1/account", json!({ "name": "Other" })).await.ok();
        let hits = me.get(&format!("/api/v1/search?q={}", enc("锂业"))).await.ok();
        assert_eq!(hits["hits"].as_array().unwrap().len(), 1, "{hits}");
        assert_eq!(hits["hits"][0]["object"], "account");
        assert_eq!(hits["hits"][0]["highlights"][0]["field"], "name");
        assert_eq!(me.get("/api/v1/search?q=").await.ok(), json!({ "hits": [] }));
    }

    async fn a_field_nobody_knows_is_refused_and_the_nearest_are_named(s) {
        let me = s.admin().await;
        for path in ["/api/v1/account?fields=name,naem", "/api/v1/account/export?format=csv&fields=name,naem"] {
            let r = me.get(path).await;
            assert_eq!(r.refusal(), (400, "request.unknown_field"), "{path}");
            assert_eq!(r.json["params"]["field"], "naem");
            assert_eq!(r.json["params"]["near"][0], "name", "{}", r.text);
        }
    }
}
