//! Public pools over HTTP (R-POOL-02): seats, masked lists, claiming with its codes in the reader's language.

use rapport_testkit::both;
use serde_json::json;

both! {
async fn a_pool_is_listed_through_masks_and_claimed_from(s) {
    let admin = s.admin().await;
    let rep = s.session(s.person("Rita Rep", "sales_rep", None).await).await;
    let lead = json!({ "name": "Harbour Tools", "owner_id": null, "mobile": "13800138000", "source": "website" });
    let lead = admin.post("/api/v1/lead", lead).await.ok();
    let seats = rep.get("/api/v1/me/pools").await.ok();
    let pool = seats["data"].as_array().unwrap().iter().find(|p| p["object"] == "lead").unwrap().clone();
    assert_eq!((&pool["seat"], &pool["waiting"], &pool["more"]), (&json!("member"), &json!(1), &json!(false)));
    assert!(pool["hidden"].as_array().unwrap().contains(&json!("mobile")));
    let (pool, lead) = (pool["id"].as_str().unwrap(), lead["id"].as_str().unwrap());
    // The list of the pool alone shows it, through the mask; nothing else does.
    let rows = rep.get(&format!("/api/v1/lead?pool={pool}")).await.ok();
    assert_eq!(rows["data"].as_array().unwrap().len(), 1);
    assert!(!rows.to_string().contains("13800138000"), "{rows}");
    assert_eq!(rep.get("/api/v1/lead").await.ok()["data"], json!([]));
    assert_eq!(rep.get(&format!("/api/v1/lead/{lead}")).await.refusal().0, 404);
    // What is hidden is not searched by its parts, nor exported, and the pool shows one object only.
    let sneak = "filter=mobile%20contains%20%228000%22";
    assert_ne!(rep.get(&format!("/api/v1/lead?pool={pool}&{sneak}")).await.refusal().0, 200);
    assert_eq!(rep.get(&format!("/api/v1/account?pool={pool}")).await.refusal().0, 404);
    assert_eq!(rep.get(&format!("/api/v1/lead?pool={lead}")).await.refusal().0, 404, "no such pool");
    // One claims it; the other is told in his language.
    let claimed = rep.post(&format!("/api/v1/lead/{lead}/actions/claim"), json!({ "pool_id": pool })).await.ok();
    assert_eq!((&claimed["status"], &claimed["assign_mode"]), (&json!("new"), &json!("claim")));
    let late = s.session(s.person("Lars Late", "sales_rep", None).await).await;
    let told = late.post(&format!("/api/v1/lead/{lead}/actions/claim"), json!({})).await;
    assert_eq!(told.refusal(), (409, "pool.already_taken"));
    assert_eq!(
        late.get("/api/v1/me/pools").await.ok()["data"].as_array().unwrap().iter().find(|p| p["object"] == "lead").unwrap()["waiting"],
        0
    );
}
}

both! {
async fn a_seat_adds_records_and_no_object(s) {
    // R-VIS-01: object permission and (scope or pool …)
    let admin = s.admin().await;
    let north = s.department("north", None).await;
    let pools = admin.get("/api/v1/pool?filter=object%20%3D%20%22lead%22").await.ok();
    let pool = pools["data"][0]["id"].as_str().unwrap().to_owned();
    admin.patch(&format!("/api/v1/pool/{pool}"), json!({ "member_depts": [north] })).await.ok();
    admin.post("/api/v1/lead", json!({ "name": "Harbour Tools", "owner_id": null, "source": "website" })).await.ok();
    // Finance reads accounts and no leads.
    let clerk = s.session(s.person("Finn Finance", "finance", Some("north")).await).await;
    assert_eq!(clerk.get(&format!("/api/v1/lead?pool={pool}")).await.refusal().0, 404);
    let seats = |told: &serde_json::Value| -> Vec<String> {
        told["data"].as_array().unwrap().iter().map(|p| p["object"].as_str().unwrap().to_owned()).collect()
    };
    assert!(!seats(&clerk.get("/api/v1/me/pools").await.ok()).contains(&"lead".to_owned()));
    // A token for one object is told of the pools of that object.
    let rep = s.person("Rita Rep", "sales_rep", None).await;
    let token = s.token(rep, Some(&["account:read"])).await;
    assert_eq!(seats(&token.get("/api/v1/me/pools").await.ok()), ["account"]);
    assert_eq!(token.get(&format!("/api/v1/lead?pool={pool}")).await.refusal().0, 404);
    // Looking is read only: nothing is exported through a pool, and no group of it is counted.
    let rep = s.session(rep).await;
    assert_eq!(admin.get(&format!("/api/v1/lead/export?pool={pool}")).await.refusal().0, 400);
    let all = rep.post(&format!("/api/v1/lead/aggregate?pool={pool}"), json!({ "group": ["source"] })).await.ok();
    assert_eq!(all["groups"], json!([]));
}
}
