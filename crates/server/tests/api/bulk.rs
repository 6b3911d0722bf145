//! One change of many records as a job of the server: fixed set, rights before every batch, cancel, restart, undo as one.

use std::time::Duration;

use axum::{body::Body, http::Method};
use futures::StreamExt as _;
use rapport_schema::UserId;
use rapport_server::{App, Config, Workspace, Workspaces, people};
use rapport_testkit::{Client, Space, both};
use serde_json::{Value, json};

/// Another server on the same workspace.
fn another(s: &Space) -> App {
    let ws = Workspace {
        name: "test".into(),
        organisation: "Test Company".into(),
        demo: false,
        engine: s.engine.clone(),
        access: s.access.clone(),
    };
    let recheck = Duration::from_millis(200);
    App::new(Config { files: s.dir.path().join("files"), recheck, ..Config::default() }, Workspaces::one(ws))
}

/// Makes so many accounts; answers their ids.
async fn accounts(c: &Client, rows: usize, owner: Option<UserId>) -> Vec<String> {
    let mut all = vec![];
    for from in (0..rows).step_by(2_000) {
        let ops: Vec<Value> = (from..rows.min(from + 2_000))
            .map(|i| {
                let mut data = json!({ "name": format!("听泉乳业{i}号有限公司") });
                if let Some(o) = owner {
                    data["owner_id"] = json!(o);
                }
                json!({ "op": "create", "data": data })
            })
            .collect();
        let made = c.post("/api/v1/account/batch?override_duplicates=true", json!({ "ops": ops })).await.ok();
        all.extend(
            made["results"].as_array().unwrap().iter().map(|r| r["id"].as_str().unwrap_or_else(|| panic!("{r}")).to_owned()),
        );
    }
    all
}

async fn start(c: &Client, body: Value) -> String {
    let r = c.post("/api/v1/account/bulk", body).await;
    assert_eq!(r.status, 202, "{}", r.text);
    r.ok()["id"].as_str().unwrap().to_owned()
}

async fn at(c: &Client, id: &str) -> Value {
    c.get(&format!("/api/v1/bulk/{id}")).await.ok()
}

async fn settled(c: &Client, id: &str) -> Value {
    crate::ended(c, &format!("/api/v1/bulk/{id}")).await
}

async fn under_way(c: &Client, id: &str) {
    while at(c, id).await["changed"] == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn with(c: &Client, field: &str, value: Value) -> u64 {
    let filter = json!({ "field": field, "op": "eq", "value": value });
    let all = c.post("/api/v1/account/aggregate", json!({ "filter": filter, "measures": [{ "fn": "count" }] })).await.ok();
    all["groups"][0]["values"][0].as_str().unwrap_or("0").parse().unwrap()
}

fn fax(n: u32) -> Value {
    json!({ "kind": "update", "data": { "annual_revenue": n.to_string() } })
}

const ALL: &str = r#"{"field":"name","op":"starts","value":"听泉乳业"}"#;

both! {
    async fn a_filter_is_changed_though_the_change_moves_records_out_of_it_and_taken_back_as_one(s) {
        const ROWS: usize = 700;
        let admin = s.admin().await;
        let ids = accounts(&admin, ROWS, None).await;
        let filter = json!({ "field": "annual_revenue", "op": "is_empty" });
        let asked = json!({ "filter": filter, "except": [ids[3]], "change": fax(77) });
        let id = start(&admin, asked).await;
        let done = settled(&admin, &id).await;
        let want = ROWS - 1;
        assert_eq!((&done["status"], &done["total"], &done["done"], &done["changed"], &done["refused"]), (&json!("done"), &json!(want), &json!(want), &json!(want), &json!(0)), "{done}");
        assert_eq!(with(&admin, "annual_revenue", json!("77")).await, want as u64);
        // The caller's name stands in the history.
        let history = admin.get(&format!("/api/v1/account/{}/history", ids[0])).await.ok();
        assert_eq!((&history["data"][0]["actor"]["name"], &history["data"][0]["via"]), (&json!("Ada Admin"), &json!("web")), "{history}");

        let undo = format!("/api/v1/bulk/{id}/undo");
        assert_eq!(admin.post(&undo, json!({})).await.status, 202);
        let back = settled(&admin, &id).await;
        assert_eq!((&back["status"], &back["undoable"]), (&json!("undone"), &json!(false)), "{back}");
        assert_eq!(with(&admin, "annual_revenue", json!("77")).await, 0);
        assert_eq!(admin.post(&undo, json!({})).await.refusal(), (409, "bulk.bad_state"));
        assert_eq!(admin.post(&format!("/api/v1/bulk/{id}/resume"), json!({})).await.refusal(), (409, "bulk.bad_state"));
        // Forgotten, it is gone; what it did stays in the log.
        assert_eq!(admin.delete(&format!("/api/v1/bulk/{id}")).await.status, 204);
        assert_eq!(admin.get(&format!("/api/v1/bulk/{id}")).await.refusal().0, 404);
        for kind in ["bulk", "bulk_ids", "bulk_work", "bulk_refused"] {
            assert!(s.db.doc_list(kind, None).await.unwrap().is_empty(), "{kind}");
        }
    }

    async fn records_out_of_reach_are_left_with_the_reason_and_without_a_name(s) {
        s.department("south", None).await;
        s.department("north", None).await;
        let rep = s.person("Olga Owner", "sales_rep", Some("north")).await;
        let stranger = s.person("Sam Stranger", "sales_rep", Some("south")).await;
        let mut ids = vec![];
        for i in 0..3 {
            ids.push(s.account(&format!("Own {i}"), rep).await.to_string());
        }
        let secret = s.account("Secret", stranger).await.to_string();
        ids.extend([secret.clone(), ids[0].clone(), "01890000-0000-7000-8000-00000000dead".into()]);
        let c = s.session(rep).await;
        let id = start(&c, json!({ "ids": ids, "change": fax(5) })).await;
        let done = settled(&c, &id).await;
        assert_eq!((&done["status"], &done["total"], &done["changed"], &done["refused"]), (&json!("done"), &json!(5), &json!(3), &json!(2)), "each once: {done}");
        let r = c.get(&format!("/api/v1/bulk/{id}/refused?limit=1")).await.ok();
        assert_eq!((&r["data"][0]["id"], &r["data"][0]["title"], &r["data"][0]["errors"][0]["code"]), (&json!(secret), &Value::Null, &json!("not_found")), "{r}");
        let next = c.get(&format!("/api/v1/bulk/{id}/refused?cursor={}", r["next"].as_str().unwrap())).await.ok();
        assert_eq!((next["data"].as_array().unwrap().len(), &next["next"]), (1, &Value::Null));
        let file = c.get(&format!("/api/v1/bulk/{id}/refused.csv")).await.text;
        assert_eq!(file.lines().count(), 3, "{file}");
        assert!(file.contains(&secret) && !file.contains("Secret"), "{file}");

        // Nobody else knows of the job; an administrator does.
        let other = s.session(stranger).await;
        for path in ["", "/refused", "/refused.csv"] {
            assert_eq!(other.get(&format!("/api/v1/bulk/{id}{path}")).await.refusal().0, 404);
        }
        assert_eq!(other.post(&format!("/api/v1/bulk/{id}/undo"), json!({})).await.refusal().0, 404);
        assert!(other.get("/api/v1/bulk").await.ok()["data"].as_array().unwrap().is_empty());
        assert_eq!(c.get("/api/v1/bulk").await.ok()["data"][0]["id"], json!(id));
        let admin = s.admin().await;
        assert_eq!(admin.get(&format!("/api/v1/bulk/{id}")).await.ok()["changed"], 3);
        // A narrowed token of the same person does not.
        let token = s.token(rep, Some(&["contact:read"])).await;
        assert_eq!(token.get(&format!("/api/v1/bulk/{id}")).await.refusal().0, 404);
        assert!(token.get("/api/v1/bulk").await.ok()["data"].as_array().unwrap().is_empty());
        assert_eq!(s.token(rep, Some(&["account:read"])).await.post("/api/v1/account/bulk", json!({ "ids": [ids[0]], "change": fax(6) })).await.refusal(), (403, "permission.denied"));
    }

    async fn what_is_lost_in_the_middle_is_left_and_what_was_done_is_taken_back(s) {
        const ROWS: usize = 1_500;
        s.department("south", None).await;
        s.department("north", None).await;
        let rep = s.person("Olga Owner", "sales_rep", Some("north")).await;
        let stranger = s.person("Sam Stranger", "sales_rep", Some("south")).await;
        let admin = s.admin().await;
        let ids = accounts(&admin, ROWS, Some(rep)).await;
        let c = s.session(rep).await;
        let id = start(&c, json!({ "ids": ids, "change": fax(9) })).await;
        under_way(&c, &id).await;
        assert_eq!(c.post(&format!("/api/v1/bulk/{id}/cancel"), json!({})).await.status, 202);
        let ended = settled(&c, &id).await;
        let made = ended["changed"].as_u64().unwrap();
        assert_eq!(ended["status"], "cancelled", "{ended}");
        assert!(made < ROWS as u64 && ended["done"] == ended["changed"], "{ended}");
        assert_eq!(with(&admin, "annual_revenue", json!("9")).await, made);
        // Somebody else gets a hundred of those that are still to come.
        let ops: Vec<Value> = ids[ROWS - 100..]
            .iter()
            .map(|id| json!({ "op": "update", "id": id, "data": { "owner_id": stranger } }))
            .collect();
        admin.post("/api/v1/account/batch", json!({ "ops": ops })).await.ok();
        assert_eq!(c.post(&format!("/api/v1/bulk/{id}/resume"), json!({})).await.status, 202);
        let done = settled(&c, &id).await;
        assert_eq!((&done["status"], &done["total"], &done["changed"], &done["refused"]), (&json!("done"), &json!(ROWS), &json!(ROWS - 100), &json!(100)), "{done}");
        let r = c.get(&format!("/api/v1/bulk/{id}/refused?limit=200")).await.ok();
        assert!(r["data"].as_array().unwrap().iter().all(|x| x["title"].is_null() && x["errors"][0]["code"] == "not_found"), "{r}");
        c.post(&format!("/api/v1/bulk/{id}/undo"), json!({})).await;
        assert_eq!(settled(&c, &id).await["status"], "undone");
        assert_eq!(with(&admin, "annual_revenue", json!("9")).await, 0);
    }

    async fn a_session_that_ends_ends_the_job_and_its_person_goes_on_later(s) {
        const ROWS: usize = 4_000;
        let rep = s.person("Olga Owner", "sales_rep", None).await;
        let admin = s.admin().await;
        accounts(&admin, ROWS, Some(rep)).await;
        let c = s.session(rep).await;
        let again = s.session(rep).await;
        let id = start(&c, json!({ "filter": ALL, "change": fax(9) })).await;
        under_way(&c, &id).await;
        c.delete("/api/v1/session").await;
        let ended = settled(&again, &id).await;
        assert_eq!((&ended["status"], &ended["error"]), (&json!("failed"), &json!("bulk.rights")), "{ended}");
        assert!(ended["changed"].as_u64().unwrap() < ROWS as u64, "{ended}");
        assert_eq!(again.post(&format!("/api/v1/bulk/{id}/resume"), json!({})).await.status, 202);
        let done = settled(&again, &id).await;
        assert_eq!((&done["status"], &done["changed"], &done["error"]), (&json!("done"), &json!(ROWS), &Value::Null), "{done}");
    }

    async fn a_job_cut_off_by_the_end_of_the_server_goes_on_by_itself(s) {
        const ROWS: usize = 2_000;
        let boss = s.person("Bo Boss", people::ADMIN_ROLE, None).await;
        let cookie = s.access.open_session(boss, None, "test").await.unwrap().secret;
        let first = s.nobody().with_cookie(&cookie);
        accounts(&first, ROWS, None).await;
        let id = start(&first, json!({ "filter": ALL, "change": fax(9) })).await;
        under_way(&first, &id).await;
        s.app.stop().now();
        let written = async || s.engine.document("bulk", &id).await.unwrap().unwrap()["steps"].clone();
        let mut before = Value::Null;
        loop {
            let now = written().await;
            if now == before {
                break;
            }
            before = now;
            tokio::time::sleep(Duration::from_millis(1_500)).await;
        }
        // Another server: nothing is heard of the job for long, so it says where it was cut off, and goes on when it is begun.
        let app = another(&s);
        let second = Client::new(rapport_server::router(app.clone())).with_cookie(&cookie);
        let made = with(&second, "annual_revenue", json!("9")).await;
        assert!((1..ROWS as u64).contains(&made), "{made}");
        assert_eq!(at(&second, &id).await["status"], "running", "maybe somebody is at it");
        s.clock.advance(20_000);
        let cut = at(&second, &id).await;
        assert_eq!((&cut["status"], &cut["error"], &cut["done"], &cut["undoable"]), (&json!("failed"), &json!("bulk.interrupted"), &json!(made), &json!(true)), "{cut}");
        rapport_server::jobs::go_on::<rapport_server::bulk::Work>(&app);
        for _ in 0..1_200 {
            if at(&second, &id).await["status"] == "done" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let done = at(&second, &id).await;
        assert_eq!((&done["status"], &done["changed"], &done["refused"]), (&json!("done"), &json!(ROWS), &json!(0)), "{done}");
        assert_eq!(with(&second, "annual_revenue", json!("9")).await, ROWS as u64);
        second.post(&format!("/api/v1/bulk/{id}/undo"), json!({})).await;
        assert_eq!(settled(&second, &id).await["status"], "undone");
        assert_eq!(with(&second, "annual_revenue", json!("9")).await, 0, "both halves are taken back");
    }

    async fn actions_tags_and_deletes_are_jobs_too(s) {
        let rep = s.person("Olga Owner", "sales_rep", None).await;
        let boss = s.person("Bo Boss", people::ADMIN_ROLE, None).await;
        let c = s.session(boss).await;
        let ids = accounts(&c, 240, None).await;
        let id = start(&c, json!({ "ids": ids, "change": { "kind": "action", "action": "assign", "input": { "owner_id": rep, "reason": "hands the region over" } } })).await;
        let done = settled(&c, &id).await;
        assert_eq!((&done["status"], &done["changed"], &done["refused"]), (&json!("done"), &json!(240), &json!(0)), "{done}");
        assert_eq!(with(&c, "owner_id", json!(rep)).await, 240);
        c.post(&format!("/api/v1/bulk/{id}/undo"), json!({})).await;
        let back = settled(&c, &id).await;
        assert_eq!((back["status"].as_str().unwrap(), with(&c, "owner_id", json!(rep)).await), ("undone", 0), "{back}");

        c.post("/api/v1/tag", json!({ "name": "VIP" })).await;
        c.patch(&format!("/api/v1/account/{}", ids[0]), json!({ "tags": ["VIP"] })).await.ok();
        let id = start(&c, json!({ "ids": ids[..50], "change": { "kind": "tags", "add": ["VIP"] } })).await;
        let done = settled(&c, &id).await;
        assert_eq!((&done["changed"], &done["unchanged"], &done["refused"]), (&json!(49), &json!(1), &json!(0)), "{done}");
        c.post(&format!("/api/v1/bulk/{id}/undo"), json!({})).await;
        assert_eq!(settled(&c, &id).await["status"], "undone");
        assert_eq!(c.get(&format!("/api/v1/account/{}", ids[0])).await.ok()["tags"], json!(["VIP"]), "what was there before stays");

        let id = start(&c, json!({ "filter": ALL, "change": { "kind": "delete" } })).await;
        assert_eq!(settled(&c, &id).await["changed"], 240);
        assert!(c.get("/api/v1/account?limit=5").await.ok()["data"].as_array().unwrap().is_empty());
        c.post(&format!("/api/v1/bulk/{id}/undo"), json!({})).await;
        assert_eq!(settled(&c, &id).await["status"], "undone");
        assert_eq!(c.get("/api/v1/account?limit=200&count=exact").await.ok()["count"]["value"], 240);
    }

    async fn only_its_person_hears_how_far_it_is(s) {
        let boss = s.person("Bo Boss", people::ADMIN_ROLE, None).await;
        let c = s.session(boss).await;
        let ids = accounts(&c, 300, None).await;
        let other = s.admin().await;
        let narrowed = s.token(boss, Some(&["contact:read"])).await;
        let open = async |c: &Client| c.raw(c.request(Method::GET, "/api/v1/events", None, Body::empty())).await.into_body().into_data_stream();
        let (mut mine, mut theirs, mut token) = (open(&c).await, open(&other).await, open(&narrowed).await);
        let id = start(&c, json!({ "ids": ids, "change": fax(4) })).await;
        let mut heard = String::new();
        let read = async {
            while let Some(Ok(part)) = mine.next().await {
                heard.push_str(&String::from_utf8_lossy(&part));
                if heard.contains("\"status\":\"done\"") {
                    break;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), read).await.expect("the end is told");
        assert!(heard.contains("event: job") && heard.contains(&id), "{heard}");
        for stream in [&mut theirs, &mut token] {
            let mut text = String::new();
            let more = async {
                while let Some(Ok(part)) = stream.next().await {
                    text.push_str(&String::from_utf8_lossy(&part));
                }
            };
            let _ = tokio::time::timeout(Duration::from_millis(600), more).await;
            assert!(!text.contains("event: job"), "{text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_meant_is_refused_before_anything_starts() {
    let s = Space::sqlite().await;
    let rep = s.person("Olga Owner", "sales_rep", None).await;
    let c = s.session(rep).await;
    let id = s.account("One", rep).await;
    let cases = [
        (json!({ "change": { "kind": "drop" } }), (422, "request.body")),
        (json!({ "ids": [], "change": fax(1) }), (422, "request.body")),
        (json!({ "ids": [id], "filter": ALL, "change": fax(1) }), (422, "request.body")),
        (json!({ "ids": [id], "change": { "kind": "update", "data": {} } }), (422, "request.body")),
        (json!({ "ids": [id], "change": { "kind": "tags" } }), (422, "request.body")),
        (json!({ "ids": [id], "change": { "kind": "update", "data": { "no_such": 1 } } }), (422, "validation")),
        (json!({ "filter": "no_such = 1", "change": fax(1) }), (422, "expr.unknown_field")),
        (json!({ "filter": ALL, "change": { "kind": "delete" } }), (403, "permission.denied")),
        (json!({ "filter": ALL, "change": { "kind": "action", "action": "no_such" } }), (403, "permission.denied")),
    ];
    for (body, want) in cases {
        let r = c.post("/api/v1/account/bulk", body.clone()).await;
        assert_eq!(r.status.as_u16(), want.0, "{body}: {}", r.text);
        assert!(r.refusal().1 == want.1 || want.1 == "validation", "{body}: {}", r.text);
    }
    assert_eq!(c.post("/api/v1/no_such/bulk", json!({ "ids": [id], "change": fax(1) })).await.refusal().0, 404);
    let many: Vec<String> = (0..10_001).map(|n| format!("01890000-0000-7000-8000-{n:012}")).collect();
    assert_eq!(
        c.post("/api/v1/account/bulk", json!({ "ids": many, "change": fax(1) })).await.refusal(),
        (422, "batch.too_large")
    );
    assert!(c.get("/api/v1/bulk").await.ok()["data"].as_array().unwrap().is_empty());
}

/// A field that a condition hides in a record is left alone there, with the reason; single writes may still set it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hidden_fields_are_left_alone() {
    let s = Space::sqlite().await;
    let admin = s.admin().await;
    let ids = accounts(&admin, 4, None).await;
    admin.patch(&format!("/api/v1/account/{}", ids[1]), json!({ "level": "a" })).await.ok();
    let text = "[[condition]]\nobject = \"account\"\nfield = \"website\"\nvisible_if = \"level = 'a'\"\n";
    admin.post("/api/v1/meta/custom", json!({ "text": text })).await.ok();
    let change = json!({ "kind": "update", "data": { "website": "https://example.com/" } });
    let id = start(&admin, json!({ "ids": ids, "change": change })).await;
    let done = settled(&admin, &id).await;
    assert_eq!((&done["changed"], &done["refused"]), (&json!(1), &json!(3)), "{done}");
    let r = admin.get(&format!("/api/v1/bulk/{id}/refused")).await.ok();
    assert_eq!(
        (&r["data"][0]["errors"][0]["field"], &r["data"][0]["errors"][0]["code"]),
        (&json!("website"), &json!("value.readonly")),
        "{r}"
    );
    admin.patch(&format!("/api/v1/account/{}", ids[0]), json!({ "website": "https://example.com/" })).await.ok();
}
