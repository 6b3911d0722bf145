use rapport_testkit::{Space, both};
use serde_json::json;

both! {
    async fn each_row_has_its_own_result_and_the_whole_can_be_undone(s) {
        let me = s.admin().await;
        let ops = json!({ "ops": [
            { "op": "create", "data": { "name": "One" } },
            { "op": "create", "data": { "name": "" } },
            { "op": "create", "data": { "name": "Three" } },
        ] });
        let r = me.post("/api/v1/account/batch", ops).await.ok();
        let statuses: Vec<i64> = r["results"].as_array().unwrap().iter().map(|x| x["status"].as_i64().unwrap()).collect();
        assert_eq!(statuses, [201, 422, 201]);
        assert_eq!(r["results"][1]["error"]["code"], "value.required");
        assert_eq!(me.get("/api/v1/account").await.ok()["data"].as_array().unwrap().len(), 2);
        let back = me.post(&format!("/api/v1/batches/{}/undo", r["batch_id"].as_str().unwrap()), json!({})).await.ok();
        assert_eq!(back["complete"], true, "{back}");
        assert_eq!(me.get("/api/v1/account").await.ok()["data"], json!([]));
    }

    async fn all_or_nothing(s) {
        let me = s.admin().await;
        let ops = json!({ "atomic": true, "ops": [{ "op": "create", "data": { "name": "One" } }, { "op": "create", "data": {} }] });
        let r = me.post("/api/v1/account/batch", ops).await;
        assert_eq!(r.refusal(), (422, "batch.aborted"), "{}", r.text);
        assert_eq!(r.json["results"].as_array().unwrap().len(), 2);
        assert_eq!(me.get("/api/v1/account").await.ok()["data"], json!([]));
    }

    async fn too_many_operations_are_refused(s) {
        let me = s.admin().await;
        let op = json!({ "op": "delete", "id": "01890000-0000-7000-8000-000000000001" });
        let r = me.post("/api/v1/account/batch", json!({ "ops": vec![op; 10_001] })).await;
        assert_eq!(r.refusal(), (422, "batch.too_large"));
    }

    async fn a_row_of_the_wrong_shape_is_refused_by_itself(s) {
        let me = s.admin().await;
        let ops = json!([
            { "op": "create", "data": { "name": "One" } },
            { "op": "update", "id": "not-an-id", "data": { "name": "Two" } },
            { "op": "create", "data": { "name": "" } },
            { "op": "explode" },
            "delete everything",
            { "op": "create", "data": { "name": "Six" } },
        ]);
        let r = me.post("/api/v1/account/batch", json!({ "ops": ops })).await.ok();
        let told: Vec<String> = r["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|x| format!("{} {}", x["status"], x["error"]["errors"][0]["field"].as_str().unwrap_or("-")))
            .collect();
        assert_eq!(told, ["201 -", "422 id", "422 name", "422 op", "422 ", "201 -"], "{r}");
        assert_eq!(r["results"][1]["error"]["code"], "value.type");
        assert_eq!(me.get("/api/v1/account").await.ok()["data"].as_array().unwrap().len(), 2);
        let all = me.post("/api/v1/account/batch", json!({ "ops": ops, "atomic": true })).await;
        assert_eq!(all.refusal(), (422, "batch.aborted"), "{}", all.text);
        assert_eq!(all.json["results"][0]["error"]["code"], "batch.rolled_back");
        assert_eq!(all.json["results"][1]["error"]["code"], "value.type");
        assert_eq!(me.get("/api/v1/account").await.ok()["data"].as_array().unwrap().len(), 2, "all or nothing");
        assert_eq!(me.post("/api/v1/nothing/batch", json!({ "ops": ops, "atomic": true })).await.refusal(), (404, "object.unknown"));
        let whole = me.post("/api/v1/account/batch", json!({ "ops": 5 })).await;
        assert_eq!(whole.refusal(), (422, "request.body"));
        assert_eq!(whole.json["errors"][0]["field"], "ops");
        for text in [r.to_string(), all.text, whole.text] {
            for word in ["expected", "invalid type", "at line", "missing field", "unknown variant"] {
                assert!(!text.contains(word), "{word}: {text}");
            }
        }
        let odd = me.get("/api/v1/account?limit=many").await;
        assert_eq!(odd.refusal(), (400, "request.query"));
        assert_eq!(odd.json["errors"][0]["field"], "limit", "{}", odd.text);
        for n in ["0", "201"] {
            let r = me.get(&format!("/api/v1/account?limit={n}")).await;
            assert_eq!(r.refusal(), (400, "request.limit"));
            assert!(r.json["title"].as_str().unwrap().contains("1 to 200"), "{}", r.text);
        }
    }
}

/// The most there may be, in one call: each row has its result, and the faulty ones hold nobody up. One row in `each` is whole.
async fn ten_thousand(s: Space, each: usize) {
    let me = s.admin().await;
    let op = |n: usize| match n % 1_000 {
        _ if !n.is_multiple_of(each) => json!({ "op": "create" }),
        20 => json!({ "op": "create", "data": { "name": "" } }),
        40 => json!({ "op": "create", "data": { "name": format!("Tag {n:05}"), "colour": "no such field" } }),
        60 => json!({ "op": "explode" }),
        _ => json!({ "op": "create", "data": { "name": format!("Tag {n:05}") } }),
    };
    let tags = async || me.get("/api/v1/tag?limit=1&count=exact").await.ok()["count"]["value"].as_u64().unwrap();
    let before = tags().await;
    let r = me.post("/api/v1/tag/batch", json!({ "ops": (0..10_000).map(op).collect::<Vec<_>>() })).await.ok();
    let results = r["results"].as_array().unwrap();
    assert_eq!(results.len(), 10_000);
    let mut written = 0;
    for (n, x) in results.iter().enumerate() {
        let fault = match n % 1_000 {
            _ if !n.is_multiple_of(each) => "value.required",
            20 => "value.required",
            40 => "field.unknown",
            60 => "value.type",
            _ => {
                assert!(x["status"] == 201 && x["id"].is_string(), "{n}: {x}");
                written += 1;
                continue;
            }
        };
        assert_eq!((x["status"].as_u64(), x["error"]["code"].as_str()), (Some(422), Some(fault)), "{n}: {x}");
    }
    assert_eq!(written, 10_000 / each - 30);
    assert_eq!(tags().await - before, written as u64, "all others are written");
    let last = me.get(&format!("/api/v1/tag/{}", results[10_000 - each]["id"].as_str().unwrap())).await.ok();
    assert_eq!(last["name"], format!("Tag {:05}", 10_000 - each));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_operations_are_done_on_sqlite() {
    ten_thousand(Space::sqlite().await, 1).await;
}

/// Ten thousand rows take a minute here while a program without optimisation writes them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_operations_are_done_on_postgres() {
    if let Some(s) = Space::postgres().await {
        ten_thousand(s, 20).await;
    }
}
