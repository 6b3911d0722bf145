use rapport_testkit::both;
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
}
