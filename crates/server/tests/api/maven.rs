//! Real, dirty files over HTTP, as the page and programs bring them in: uploaded with the documented plan, what is open asked, run, and
//! the API's figures against those computed from the CSV (on PostgreSQL: the tests of `exchange`). Skipped, with a line, where the files are not.

use std::{collections::BTreeMap, path::Path};

use axum::{body::Body, http::Method};
use rapport_testkit::{
    Client, Space,
    maven::{By, FILES, expected, folder, rows},
};
use rust_decimal::Decimal;
use serde_json::{Value, json};

const PLAN: &str = include_str!("../../../../docs/examples/maven-crm.toml");

async fn upload(c: &Client, dir: &Path, plan: Option<&str>) -> Value {
    let part = |head: &str, text: &str| format!("--x\r\nContent-Disposition: form-data; {head}\r\n\r\n{text}\r\n");
    let mut body = String::new();
    for f in FILES {
        let text = std::fs::read_to_string(dir.join(f)).unwrap();
        body.push_str(&part(&format!("name=\"file\"; filename=\"{f}\""), &text));
    }
    if let Some(p) = plan {
        body.push_str(&part("name=\"plan\"; filename=\"maven.toml\"", p));
    }
    body.push_str("--x--\r\n");
    let r = c.request(Method::POST, "/api/v1/import/uploads", Some("multipart/form-data; boundary=x"), Body::from(body));
    c.send(r).await.ok()
}

/// Names of an object's records by id.
async fn names(c: &Client, object: &str) -> BTreeMap<String, String> {
    let all = c.get(&format!("/api/v1/{object}?fields=name&limit=200")).await.ok();
    assert!(all["next"].is_null(), "{object}");
    let text = |r: &Value, k: &str| r[k].as_str().unwrap().to_owned();
    all["data"].as_array().unwrap().iter().map(|r| (text(r, "id"), text(r, "name"))).collect()
}

fn decimal(v: &Value) -> Decimal {
    v.as_str().map_or(Decimal::ZERO, |s| s.parse().unwrap())
}

/// What the API answers, grouped by a reference and the outcome.
async fn answered(c: &Client, by: &str, target: &str) -> By {
    let names = names(c, target).await;
    let body = json!({
        "filter": "source_system = 'maven'", "group": [by, "outcome"],
        "measures": [{ "fn": "count" }, { "fn": "sum", "field": "won_amount" }], "limit": 1000,
    });
    let mut out = By::new();
    for g in c.post("/api/v1/opportunity/aggregate", body).await.ok()["groups"].as_array().unwrap() {
        let f = out.entry(names[g["key"][by].as_str().unwrap()].clone()).or_default();
        let n: u64 = g["values"][0].as_str().unwrap().parse().unwrap();
        f.deals += n;
        match g["key"]["outcome"].as_str() {
            Some("won") => {
                f.won += n;
                f.value += decimal(&g["values"][1]);
            }
            Some("lost") => f.lost += n,
            _ => {}
        }
    }
    out
}

async fn check(c: &Client, dir: &Path) {
    let (stages, agents, offices) = expected(dir);
    for (by, target, want) in [("stage_id", "stage", &stages), ("owner_id", "user", &agents), ("dept_id", "department", &offices)]
    {
        let got = answered(c, by, target).await;
        assert_eq!(&got, want, "opportunities by {by}");
        for (name, f) in want {
            assert_eq!(got[name].rate(), f.rate(), "win rate of {name}");
        }
    }
    let won =
        json!({ "filter": "source_system = 'maven' and outcome = 'won'", "measures": [{ "fn": "sum", "field": "won_amount" }] });
    let sum = c.post("/api/v1/opportunity/aggregate", won).await.ok();
    assert_eq!(decimal(&sum["groups"][0]["values"][0]), stages["Won"].value, "sum of won values");
    let count = json!({ "filter": "account_id.name = 'Account not recorded'", "measures": [{ "fn": "count" }] });
    let blank = c.post("/api/v1/opportunity/aggregate", count).await.ok();
    let want = rows(dir, FILES[3]).iter().filter(|r| r["account"].is_empty()).count();
    assert_eq!(blank["groups"][0]["values"][0], want.to_string(), "deals without a customer are under the stand-in");
    let parents = c.get("/api/v1/account?filter=parent_id%20is%20not%20empty&count=exact&limit=1").await.ok();
    let want = rows(dir, FILES[2]).iter().filter(|r| !r["subsidiary_of"].is_empty()).count();
    assert_eq!(parents["count"]["value"], want, "accounts with parents");
}

async fn run(c: &Client, up: &Value, sheets: &Value) -> Value {
    let job = c.post("/api/v1/import/jobs", json!({ "upload_id": up["upload_id"], "sheets": sheets })).await.ok();
    let told = crate::ended(c, &format!("/api/v1/import/jobs/{}", job["id"].as_str().unwrap())).await;
    assert_eq!((&told["status"], &told["failed"], &told["skipped"]), (&json!("done"), &json!(0), &json!(0)), "{told}");
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_files_come_in_over_http_and_the_figures_are_those_of_the_files() {
    let Some(dir) = folder() else { return };
    let s = Space::sqlite().await;
    let admin = s.admin().await;
    // Told nothing of two things: each is asked once, with what may have been meant.
    let silent =
        PLAN.replace(", values = { GTXPro = \"GTX Pro\" }", "").replace(", blank = [{ value = \"Account not recorded\" }]", "");
    assert_ne!(silent.len(), PLAN.len());
    let up = upload(&admin, &dir, Some(&silent)).await;
    let ask = json!({ "upload_id": up["upload_id"], "sheets": up["plan"] });
    let open = admin.post("/api/v1/import/questions", ask).await.ok();
    let short: Vec<Value> = open["questions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|q| json!([q["field"], q["open"], q["value"], q["rows"], q["similar"][0]]))
        .collect();
    assert_eq!(
        short,
        [json!(["account_id", "blank", "", 1_425, null]), json!(["product_id", "record", "GTXPro", 1_480, "GTX Pro"])],
        "{open}"
    );
    assert_eq!(open["whole"], true);

    // Told everything: nothing is open, every row comes in, and what came in is what the files say.
    let up = upload(&admin, &dir, Some(PLAN)).await;
    let sheets = &up["plan"];
    let ask = json!({ "upload_id": up["upload_id"], "sheets": sheets });
    assert_eq!(admin.post("/api/v1/import/questions", ask.clone()).await.ok()["questions"], json!([]));
    let told = run(&admin, &up, sheets).await;
    assert_eq!((told["created"].as_u64(), told["children"].as_u64()), (Some(8_945), Some(8_800)), "{told}");
    check(&admin, &dir).await;

    // The plan as text is the plan.
    let text = admin.post("/api/v1/import/plan", ask).await.text;
    let again = upload(&admin, &dir, Some(&text)).await;
    assert_eq!(again["plan"], *sheets);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_plan_the_sheets_are_known_and_stand_in_the_order_they_are_needed() {
    let Some(dir) = folder() else { return };
    let s = Space::sqlite().await;
    let admin = s.admin().await;
    let up = upload(&admin, &dir, None).await;
    assert_eq!(up["plan"], Value::Null);
    let objects: Vec<_> =
        up["sheets"].as_array().unwrap().iter().map(|x| (x["file"].as_str().unwrap(), x["suggested_object"].as_str())).collect();
    let at = |file: &str| objects.iter().position(|o| o.0 == file).unwrap();
    assert_eq!(objects[at(FILES[2])].1, Some("account"), "{objects:?}");
    assert_eq!(objects[at(FILES[3])].1, Some("opportunity"), "{objects:?}");
    assert!(at(FILES[2]) < at(FILES[3]), "{objects:?}");
}
