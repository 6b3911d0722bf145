//! Imports over HTTP: upload and proposal, dry run, run, refused rows, undo; nobody else's job is seen.

use axum::{body::Body, http::Method};
use rapport_server::{App, Config, Workspace, Workspaces, people};
use rapport_testkit::{Client, Space, both};
use serde_json::{Value, json};

const FILE: &str = "客户名称,电话,行业\n听泉乳业有限公司,0571-88886666,金融业\n,13800138000,金融业\n砚山纺织有限公司,,金融业\n";

async fn upload(c: &Client, name: &str, content: &str) -> Value {
    let object = "--x\r\nContent-Disposition: form-data; name=\"object\"\r\n\r\naccount\r\n";
    let file = format!(
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/csv\r\n\r\n{content}\r\n--x--\r\n"
    );
    let body = Body::from(format!("{object}{file}"));
    c.send(c.request(Method::POST, "/api/v1/import/uploads", Some("multipart/form-data; boundary=x"), body)).await.ok()
}

fn job(up: &Value, dry_run: bool) -> Value {
    let mapping: Vec<Value> = up["sheets"][0]["mapping"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|m| m["field"].is_string())
        .map(|m| json!({ "column": m["column"], "field": m["field"] }))
        .collect();
    let sheet = json!({ "sheet": up["sheets"][0]["name"], "object": "account", "mode": "create", "on_duplicate": "skip", "mapping": mapping });
    json!({ "upload_id": up["upload_id"], "sheets": [sheet], "dry_run": dry_run })
}

async fn settled(c: &Client, id: &str) -> Value {
    crate::ended(c, &format!("/api/v1/import/jobs/{id}")).await
}

async fn count(c: &Client) -> usize {
    c.get("/api/v1/account?limit=200").await.ok()["data"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_comes_in_step_by_step() {
    let s = Space::sqlite().await;
    let admin = s.admin().await;
    let up = upload(&admin, "客户.csv", FILE).await;
    let sheet = &up["sheets"][0];
    assert_eq!((sheet["rows"].as_u64(), sheet["suggested_object"].as_str()), (Some(3), Some("account")), "{up}");
    let fields: Vec<&str> = sheet["mapping"].as_array().unwrap().iter().map(|m| m["field"].as_str().unwrap_or("")).collect();
    assert_eq!(fields, ["name", "phone", "industry"]);
    assert_eq!(sheet["columns"][2]["values"][0], json!({ "value": "金融业", "count": 3 }));

    // A dry run finds the fault and writes nothing.
    let dry = admin.post("/api/v1/import/jobs", job(&up, true)).await.ok();
    let dry = settled(&admin, dry["id"].as_str().unwrap()).await;
    assert_eq!((&dry["status"], &dry["created"], &dry["failed"]), (&json!("done"), &json!(2), &json!(1)), "{dry}");
    assert_eq!(count(&admin).await, 0);

    let made = admin.post("/api/v1/import/jobs", job(&up, false)).await.ok();
    let id = made["id"].as_str().unwrap().to_owned();
    let made = settled(&admin, &id).await;
    assert_eq!(
        (&made["status"], &made["created"], &made["failed"], &made["done"]),
        (&json!("done"), &json!(2), &json!(1), &json!(3)),
        "{made}"
    );
    assert_eq!(count(&admin).await, 2);
    // Its record is in step.
    let record = admin.get(&format!("/api/v1/import_job/{id}")).await.ok();
    assert_eq!((&record["status"], &record["created"], &record["failed"]), (&json!("done"), &json!(2), &json!(1)), "{record}");

    // The refused row comes back with its reason: a workbook begins like an archive.
    let errors = admin.get(&format!("/api/v1/import/jobs/{id}/errors.xlsx")).await;
    assert!(errors.status.is_success() && errors.text.starts_with("PK"), "{}", errors.text);

    // Nobody else sees the job.
    let other = s.person("Olga Other", "sales_rep", None).await;
    let other = s.session(other).await;
    for path in ["", "/errors.xlsx"] {
        assert_eq!(other.get(&format!("/api/v1/import/jobs/{id}{path}")).await.refusal().0, 404);
    }
    assert_eq!(other.post("/api/v1/import/jobs", job(&up, false)).await.refusal().0, 404, "nor the file");

    // The mapping is remembered for the same headers.
    let again = upload(&admin, "neu.csv", FILE).await;
    assert_eq!(again["sheets"][0]["mapping"][0]["confidence"], 100);
    assert_eq!(again["sheets"][0]["mapping"][0]["why"]["en"], "as last time");

    let back = admin.post(&format!("/api/v1/import/jobs/{id}/undo"), json!({})).await;
    assert_eq!(back.status.as_u16(), 202);
    let back = settled(&admin, &id).await;
    assert_eq!(back["status"], "undone", "{back}");
    assert_eq!(count(&admin).await, 0);
    assert_eq!(admin.post(&format!("/api/v1/import/jobs/{id}/resume"), json!({})).await.refusal(), (409, "import.bad_state"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_open_is_asked_once_and_what_the_pipeline_finds_by_itself_is_not() {
    let s = Space::sqlite().await;
    let admin = s.admin().await;
    let up = upload(&admin, "deals.csv", "name,note\nA,x\n,y\n").await;
    let column = |c: &str, f: &str| json!({ "column": c, "field": f });
    let mut sheet = json!({ "object": "opportunity", "map": [column("name", "name")] });
    let asked = async |sheet: &Value| {
        let body = json!({ "upload_id": up["upload_id"], "sheets": [sheet] });
        let open = admin.post("/api/v1/import/questions", body).await.ok();
        let short = |q: &Value| json!([q["field"], q["column"], q["open"], q["rows"], q["first"]]);
        open["questions"].as_array().unwrap().iter().map(short).collect::<Vec<_>>()
    };
    // Neither pipeline nor stage: a deal finds its own.
    let want = [
        json!(["name", "name", "blank", 1, 3]),
        json!(["account_id", null, "blank", 2, 2]),
        json!(["amount", null, "blank", 2, 2]),
        json!(["close_on", null, "blank", 2, 2]),
    ];
    let mut got = asked(&sheet).await;
    got[1..].sort_by_key(|q| q[0].to_string());
    assert_eq!(got, want);
    sheet["map"][0]["blank"] = json!([{ "column": "note" }]);
    sheet["set"] = json!({ "amount": "1", "close_on": "2026-12-31" });
    sheet["map"].as_array_mut().unwrap().push(json!({ "field": "account_id", "blank": [{ "value": "Nobody Ltd" }] }));
    assert_eq!(asked(&sheet).await, [json!(["account_id", null, "record", 2, 2])], "what stands in must be there, too");
    sheet["map"][1]["missing"] = json!("create");
    assert!(asked(&sheet).await.is_empty());
    // Nobody asks about another's file, nor of an object they may not import; what makes no plan is refused in words.
    let other = s.session(s.person("Otto Other", "sales_rep", None).await).await;
    let ask = |sheet: &Value| json!({ "upload_id": up["upload_id"], "sheets": [sheet] });
    for path in ["/api/v1/import/questions", "/api/v1/import/plan"] {
        assert_eq!(other.post(path, ask(&sheet)).await.refusal().0, 404, "{path}");
        let wrong = json!({ "object": "opportunity", "map": [column("name", "nothing_such")] });
        assert_eq!(admin.post(path, ask(&wrong)).await.refusal(), (422, "plan.unknown_field"), "{path}");
        for sheets in [vec![], vec![sheet.clone(); 201]] {
            let asked = json!({ "upload_id": up["upload_id"], "sheets": sheets });
            assert_eq!(admin.post(path, asked).await.refusal().1, "import.bad_mapping");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn states_and_times_are_brought_along_by_those_who_may() {
    let s = Space::sqlite().await;
    let all = json!({ "create": true, "read": "all", "edit": "all", "import": true });
    for (name, functions, may) in [("Plain", json!([]), 0), ("Trusted", json!(["import.set_state"]), 1)] {
        let (code, read) = (name.to_lowercase(), json!({ "read": "all" }));
        let objects = json!({ "opportunity": all, "account": all, "import_job": all, "stage": read, "pipeline": read });
        s.make("role", json!({ "name": name, "code": code, "object_perms": objects, "functions": functions })).await;
        let c = s.session(s.person(name, &code, None).await).await;
        let up = upload(&c, "deals.csv", &format!("deal,firm,began\n{name},{name} Ltd,2020-01-02\n")).await;
        let sheet = json!({
            "object": "opportunity", "set_state": true, "keep_times": true, "set": { "amount": "1", "close_on": "2020-03-04" },
            "map": [
                { "column": "deal", "field": "name" },
                { "column": "firm", "field": "account_id", "missing": "create" },
                { "column": "began", "field": "created_at" },
            ],
        });
        let job = c.post("/api/v1/import/jobs", json!({ "upload_id": up["upload_id"], "sheets": [sheet] })).await.ok();
        let told = settled(&c, job["id"].as_str().unwrap()).await;
        assert_eq!((&told["created"], &told["failed"]), (&json!(may), &json!(1 - may)), "{name}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_is_refused_and_not_kept() {
    let s = Space::sqlite().await;
    let admin = s.admin().await;
    let file =
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.xlsx\"\r\n\r\nPK\u{3}\u{4} nothing\r\n--x--\r\n";
    let r = admin
        .send(admin.request(Method::POST, "/api/v1/import/uploads", Some("multipart/form-data; boundary=x"), Body::from(file)))
        .await;
    assert_eq!(r.refusal(), (422, "file.unreadable"), "{}", r.text);
    let left = walk(&s.dir.path().join("files"));
    assert_eq!(left, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_cut_off_by_the_end_of_the_server_goes_on_by_itself() {
    const ROWS: usize = 4_000;
    let s = Space::sqlite().await;
    let boss = s.person("Bo Boss", people::ADMIN_ROLE, None).await;
    let cookie = s.access.open_session(boss, None, "test").await.unwrap().secret;
    let first = s.nobody().with_cookie(&cookie);
    let mut text = String::from("客户名称,电话,行业\n");
    for i in 0..ROWS {
        text.push_str(&format!("听泉乳业{i}号有限公司,,金融业\n"));
    }
    let up = upload(&first, "many.csv", &text).await;
    let mut asked = job(&up, false);
    asked["sheets"][0]["on_duplicate"] = json!("create");
    let id = first.post("/api/v1/import/jobs", asked).await.ok()["id"].as_str().unwrap().to_owned();
    let at = async |c: &Client| c.get(&format!("/api/v1/import/jobs/{id}")).await.ok();
    while at(&first).await["created"] == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    // The server is told to end: the batch under way is written, then nothing more.
    s.app.stop().now();
    let written = async || s.engine.document("import", &id).await.unwrap().unwrap()["created"].clone();
    let mut before = written().await;
    loop {
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        let now = written().await;
        if now == before {
            break;
        }
        before = now;
    }
    let made = before.as_u64().unwrap();
    assert!((1..ROWS as u64).contains(&made), "{made}");

    // Another server on the same workspace, after a while.
    let app = another(&s);
    s.clock.advance(20_000);
    rapport_server::jobs::go_on::<rapport_server::imports::Work>(&app);
    let second = Client::new(rapport_server::router(app.clone())).with_cookie(&cookie);
    let mut done = at(&second).await;
    for _ in 0..1_200 {
        if done["status"] == "done" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        done = at(&second).await;
    }
    assert_eq!((&done["status"], &done["created"], &done["failed"]), (&json!("done"), &json!(ROWS), &json!(0)), "{done}");
    let body =
        json!({ "group": ["name"], "measures": [{ "fn": "count" }], "having": { "measure": 0, "op": "gt", "value": "1" } });
    let twice = second.post("/api/v1/account/aggregate", body).await.ok();
    assert_eq!(twice["groups"], json!([]), "no duplicate");
    let all = second.post("/api/v1/account/aggregate", json!({ "measures": [{ "fn": "count" }] })).await.ok();
    assert_eq!(all["groups"][0]["values"][0], ROWS.to_string(), "no gap");
    // Nothing is left to go on with.
    rapport_server::jobs::go_on::<rapport_server::imports::Work>(&app);
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert_eq!(at(&second).await["status"], "done");
}

/// Another server on the same workspace.
fn another(s: &Space) -> App {
    let ws = Workspace {
        name: "test".into(),
        organisation: "Test Company".into(),
        demo: false,
        engine: s.engine.clone(),
        access: s.access.clone(),
    };
    let recheck = std::time::Duration::from_millis(200);
    App::new(Config { files: s.dir.path().join("files"), recheck, ..Config::default() }, Workspaces::one(ws))
}

/// Begins an import of so many accounts; answers the job when its first batch is written.
async fn begun(c: &Client, rows: usize) -> String {
    let mut text = String::from("客户名称,电话,行业\n");
    for i in 0..rows {
        text.push_str(&format!("听泉乳业{i}号有限公司,,金融业\n"));
    }
    let up = upload(c, "many.csv", &text).await;
    let mut asked = job(&up, false);
    asked["sheets"][0]["on_duplicate"] = json!("create");
    let id = c.post("/api/v1/import/jobs", asked).await.ok()["id"].as_str().unwrap().to_owned();
    while c.get(&format!("/api/v1/import/jobs/{id}")).await.ok()["created"] == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    id
}

/// Waits until the first server, told to end, writes nothing more.
async fn quiet(s: &Space, id: &str) {
    s.app.stop().now();
    let mut before = Value::Null;
    loop {
        let now = s.engine.document("import", id).await.unwrap().unwrap()["steps"].clone();
        if now == before {
            break;
        }
        before = now;
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    }
}

both! {
    async fn a_job_of_another_server_is_told_as_it_is_and_stopped_there(s) {
        const ROWS: usize = 6_000;
        let boss = s.person("Bo Boss", people::ADMIN_ROLE, None).await;
        let cookie = s.access.open_session(boss, None, "test").await.unwrap().secret;
        let first = Client::new(rapport_server::router(another(&s))).with_cookie(&cookie);
        let second = s.nobody().with_cookie(&cookie);
        let id = begun(&first, ROWS).await;
        let path = |what: &str| format!("/api/v1/import/jobs/{id}{what}");
        // It runs, whoever asks; nobody begins it a second time.
        assert_eq!(second.get(&path("")).await.ok()["status"], "running");
        assert_eq!(second.post(&path("/resume"), json!({})).await.refusal(), (409, "import.bad_state"));
        assert_eq!(second.post(&path("/undo"), json!({})).await.refusal(), (409, "import.bad_state"));
        // Stopped there, it ends here.
        assert_eq!(second.post(&path("/cancel"), json!({})).await.status, 202);
        let ended = settled(&first, &id).await;
        assert_eq!((&ended["status"], &ended["error"]), (&json!("cancelled"), &Value::Null), "{ended}");
        assert!(ended["created"].as_u64().unwrap() < ROWS as u64, "{ended}");
        assert_eq!(second.get(&path("")).await.ok()["status"], "cancelled");

        // The second goes on; the first knows it, though it has a memory of its own run.
        assert_eq!(second.post(&path("/resume"), json!({})).await.status, 202);
        assert_eq!(first.post(&path("/resume"), json!({})).await.refusal(), (409, "import.bad_state"));
        // Nothing is heard of it for long: the first takes it, and the end of the other run changes nothing about that.
        loop {
            s.clock.advance(20_000);
            let r = first.post(&path("/resume"), json!({})).await;
            if r.status == 202 || second.get(&path("")).await.ok()["status"] == "done" {
                break;
            }
        }
        for c in [&first, &second] {
            let done = settled(c, &id).await;
            assert_eq!((&done["status"], &done["created"], &done["error"]), (&json!("done"), &json!(ROWS), &Value::Null), "{done}");
        }
        let all = second.post("/api/v1/account/aggregate", json!({ "measures": [{ "fn": "count" }] })).await.ok();
        assert_eq!(all["groups"][0]["values"][0], ROWS.to_string(), "no gap, no duplicate");
    }

    async fn an_import_goes_on_through_the_door_it_came_by(s) {
        const ROWS: usize = 2_000;
        let boss = s.person("Bo Boss", people::ADMIN_ROLE, None).await;
        // A token that names no such permission is bound by the holding limit.
        let scopes = ["*:read", "account:write", "import_job:write", "*:pool.override_limit"];
        let token = s.token(boss, Some(&scopes)).await;
        let id = begun(&token, ROWS).await;
        quiet(&s, &id).await;
        let held = s.access.tokens(boss).await.unwrap()[0].id;
        s.access.revoke_token(rapport_policy::SystemScope::because(rapport_policy::Reason::CommandLine).actor(), boss, held).await.unwrap();
        s.clock.advance(20_000);
        let app = another(&s);
        rapport_server::jobs::go_on::<rapport_server::imports::Work>(&app);
        let me = Client::new(rapport_server::router(app)).with_cookie(&s.access.open_session(boss, None, "test").await.unwrap().secret);
        let at = async || me.get(&format!("/api/v1/import/jobs/{id}")).await.ok();
        for _ in 0..100 {
            if at().await["error"] == "import.rights" {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let ended = at().await;
        assert_eq!((&ended["status"], &ended["error"]), (&json!("failed"), &json!("import.rights")), "{ended}");
        assert!(ended["created"].as_u64().unwrap() < ROWS as u64, "{ended}");
        // Somebody with the rights goes on with it.
        assert_eq!(me.post(&format!("/api/v1/import/jobs/{id}/resume"), json!({})).await.status, 202);
        let done = settled(&me, &id).await;
        assert_eq!((&done["status"], &done["created"]), (&json!("done"), &json!(ROWS)), "{done}");
    }
}

fn walk(dir: &std::path::Path) -> usize {
    let Ok(all) = std::fs::read_dir(dir) else { return 0 };
    all.flatten().map(|e| if e.path().is_dir() { walk(&e.path()) } else { 1 }).sum()
}

/// A rule of the administrator refuses the row it is broken by, in its own words, and no other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_refuse_rows() {
    let s = Space::sqlite().await;
    let admin = s.admin().await;
    let text = "[[validation]]\nobject = \"account\"\ncode = \"no_yards\"\nmust = \"NOT CONTAINS(name, '纺织')\"\nmessage = { en = \"No mills\", zh = \"不收纺织企业\" }\nfield = \"name\"\n";
    admin.post("/api/v1/meta/custom", json!({ "text": text })).await.ok();
    let up = upload(&admin, "客户.csv", "客户名称,行业\n听泉乳业有限公司,金融业\n砚山纺织有限公司,金融业\n").await;
    for dry in [true, false] {
        let made = admin.post("/api/v1/import/jobs", job(&up, dry)).await.ok();
        let done = settled(&admin, made["id"].as_str().unwrap()).await;
        assert_eq!((&done["created"], &done["failed"]), (&json!(1), &json!(1)), "{done}");
    }
    let there = admin.get("/api/v1/account?limit=5").await.ok();
    assert_eq!((there["data"].as_array().unwrap().len(), &there["data"][0]["name"]), (1, &json!("听泉乳业有限公司")), "{there}");
}
