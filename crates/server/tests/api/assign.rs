//! Assignment over HTTP (R-ASN-01): what programs and files bring is given to sellers in turn, and so is what waits, many at once.

use axum::{body::Body, http::Method};
use rapport_testkit::both;
use serde_json::{Value, json};

const FILE: &str = "线索,来源\n展会一,website\n展会二,website\n";

both! {
async fn what_programs_and_files_bring_is_assigned(s) {
    let admin = s.admin().await;
    let boss = s.person("Bo Boss", rapport_server::people::ADMIN_ROLE, None).await;
    let mut sellers = vec![];
    for name in ["Ada", "Bea"] {
        sellers.push(s.person(name, "sales_rep", None).await);
    }
    let members: Value = sellers.iter().map(|id| json!({ "user": id })).collect();
    let rule = json!({ "name": "Website", "object": "lead", "strategy": "round_robin", "members": members, "enabled": true });
    // What is wrong with a rule is said in the reader's language, by row.
    let mut wrong = rule.clone();
    wrong["members"][1] = json!({ "pool": sellers[0] });
    let told = s.session(boss).await.with("accept-language", "zh-CN").post("/api/v1/assignment_rule", wrong).await;
    assert_eq!(told.refusal().0, 422);
    assert_eq!(told.json["errors"][0]["message"], "第 2 项：该策略的成员应为 user, department, team, territory", "{}", told.text);
    admin.post("/api/v1/assignment_rule", rule).await.ok();

    // A program.
    let program = s.token(boss, None).await;
    let made = program.post("/api/v1/lead", json!({ "name": "Harbour Tools", "source": "website" })).await.ok();
    assert_eq!((&made["owner_id"], &made["assign_mode"]), (&json!(sellers[0]), &json!("auto")));
    let named = json!({ "name": "Mine", "source": "website", "owner_id": boss });
    assert_eq!(program.post("/api/v1/lead", named).await.ok()["owner_id"], json!(boss));

    // A file that asks for it.
    let form = format!(
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"leads.csv\"\r\nContent-Type: text/csv\r\n\r\n{FILE}\r\n--x--\r\n"
    );
    let upload = admin.request(Method::POST, "/api/v1/import/uploads", Some("multipart/form-data; boundary=x"), Body::from(form));
    let up = admin.send(upload).await.ok();
    let map = [("线索", "name"), ("来源", "source")].map(|(c, f)| json!({ "column": c, "field": f }));
    let sheet = json!({ "object": "lead", "assign_by_rule": true, "map": map });
    let job = admin.post("/api/v1/import/jobs", json!({ "upload_id": up["upload_id"], "sheets": [sheet] })).await.ok();
    let done = crate::ended(&admin, &format!("/api/v1/import/jobs/{}", job["id"].as_str().unwrap())).await;
    assert_eq!((&done["created"], &done["failed"]), (&json!(2), &json!(0)), "{done}");
    let of = async |who: usize| {
        let mine = format!("/api/v1/lead?filter=owner_id%20%3D%20%27{}%27", sellers[who]);
        admin.get(&mine).await.ok()["data"].as_array().unwrap().len()
    };
    assert_eq!((of(0).await, of(1).await), (2, 1));

    // What waits, as one job.
    let mut ids = vec![];
    for name in ["One", "Two", "Three"] {
        let waits = json!({ "name": name, "source": "website", "owner_id": null });
        ids.push(admin.post("/api/v1/lead", waits).await.ok()["id"].clone());
    }
    let change = json!({ "kind": "action", "action": "assign_by_rule", "input": {} });
    let job = admin.post("/api/v1/lead/bulk", json!({ "ids": ids, "change": change })).await.ok();
    let job = format!("/api/v1/bulk/{}", job["id"].as_str().unwrap());
    let done = crate::ended(&admin, &job).await;
    assert_eq!((&done["changed"], &done["refused"]), (&json!(3), &json!(0)), "{done}");
    assert_eq!((of(0).await, of(1).await), (3, 3));
    let lines = admin.get("/api/v1/assignment_log").await.ok();
    assert_eq!(lines["data"].as_array().unwrap().len(), 6);
    // Taken back as one: they wait again, and are not given out by that.
    admin.post(&format!("{job}/undo"), json!({})).await;
    assert_eq!(crate::ended(&admin, &job).await["status"], "undone");
    assert_eq!((of(0).await, of(1).await), (2, 1));
    let first = admin.get(&format!("/api/v1/lead/{}", ids[0].as_str().unwrap())).await.ok();
    assert_eq!((&first["in_pool"], &first["status"], &first["first_response_due"]), (&json!(true), &json!("unassigned"), &Value::Null));
}
}
