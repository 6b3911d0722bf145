//! Every route, called by everybody: what the permission model says is what the server answers. A route that is missing here
//! fails, so nobody adds one without saying who may use it (quality.md §2.1, API1, API5; R-VIS-01, R-VIS-07).

use std::{collections::BTreeMap, fmt::Write as _};

use axum::{body::Body, http::Method};
use rapport_schema::{RecordId, UserId};
use rapport_server::routes;
use rapport_testkit::{Client, Space, both};
use serde_json::{Value, json};

/// The callers, in the order of the columns.
const WHO: [&str; 6] = ["nobody", "stranger", "colleague", "owner", "manager", "admin"];

/// What each route answers to each caller about an account of the owner. `2` = any success.
const EXPECTED: &[(&str, [u16; 6])] = &[
    // Everybody.
    ("healthz", [2, 2, 2, 2, 2, 2]),
    ("readyz", [2, 2, 2, 2, 2, 2]),
    ("openapi", [2, 2, 2, 2, 2, 2]),
    ("docs", [2, 2, 2, 2, 2, 2]),
    ("docs_script", [2, 2, 2, 2, 2, 2]),
    ("docs_style", [2, 2, 2, 2, 2, 2]),
    ("setup_state", [2, 2, 2, 2, 2, 2]),
    ("sign_out", [2, 2, 2, 2, 2, 2]),
    // Everybody, and refused for another reason than permission.
    ("setup", [409, 409, 409, 409, 409, 409]),
    ("sign_in", [401, 401, 401, 401, 401, 401]),
    ("demo_people", [404, 404, 404, 404, 404, 404]),
    ("demo_session", [404, 404, 404, 404, 404, 404]),
    ("accept_invitation", [410, 410, 410, 410, 410, 410]),
    // Whoever is signed in, about himself.
    ("session", [401, 2, 2, 2, 2, 2]),
    ("end_view_as", [401, 2, 2, 2, 2, 2]),
    ("my_pools", [401, 2, 2, 2, 2, 2]),
    ("change_password", [401, 401, 401, 401, 401, 401]),
    ("totp_state", [401, 2, 2, 2, 2, 2]),
    ("totp_begin", [401, 2, 2, 2, 2, 2]),
    ("totp_confirm", [401, 401, 401, 401, 401, 401]),
    ("totp_disable", [401, 401, 401, 401, 401, 401]),
    ("sessions", [401, 2, 2, 2, 2, 2]),
    ("revoke_session", [401, 2, 2, 2, 2, 2]),
    ("sample_state", [401, 2, 2, 2, 2, 2]),
    // There are accounts: nothing is offered.
    ("sample_fill", [401, 403, 403, 403, 403, 409]),
    ("sample_remove", [401, 403, 403, 403, 403, 409]),
    ("tokens", [401, 2, 2, 2, 2, 2]),
    ("create_token", [401, 2, 2, 2, 2, 2]),
    ("revoke_token", [401, 2, 2, 2, 2, 2]),
    ("model", [401, 2, 2, 2, 2, 2]),
    ("search", [401, 2, 2, 2, 2, 2]),
    ("changes", [401, 2, 2, 2, 2, 2]),
    ("events", [401, 2, 2, 2, 2, 2]),
    ("list", [401, 2, 2, 2, 2, 2]),
    ("export", [401, 403, 403, 403, 403, 2]),
    ("aggregate", [401, 2, 2, 2, 2, 2]),
    ("batch", [401, 2, 2, 2, 2, 2]),
    // Each record is judged when its turn comes.
    ("bulk_start", [401, 2, 2, 2, 2, 2]),
    ("bulk_jobs", [401, 2, 2, 2, 2, 2]),
    ("duplicates", [401, 2, 2, 2, 2, 2]),
    ("create", [401, 2, 2, 2, 2, 2]),
    ("notifications", [401, 2, 2, 2, 2, 2]),
    ("unread_notifications", [401, 2, 2, 2, 2, 2]),
    ("read_notification", [401, 404, 404, 404, 404, 404]),
    ("read_notifications", [401, 2, 2, 2, 2, 2]),
    ("notify_prefs", [401, 2, 2, 2, 2, 2]),
    ("set_notify_prefs", [401, 2, 2, 2, 2, 2]),
    ("preferences", [401, 2, 2, 2, 2, 2]),
    ("set_preferences", [401, 2, 2, 2, 2, 2]),
    // By the record.
    ("mentionable", [401, 404, 404, 2, 2, 2]),
    ("presence", [401, 404, 404, 2, 2, 2]),
    ("get", [401, 404, 404, 2, 2, 2]),
    ("update", [401, 404, 404, 2, 2, 2]),
    ("delete", [401, 404, 404, 403, 2, 2]),
    // The recycle bin is open to those who may delete.
    ("restore", [401, 404, 404, 404, 2, 2]),
    ("history", [401, 404, 404, 2, 2, 2]),
    ("readers", [401, 404, 404, 2, 2, 2]),
    ("act", [401, 404, 404, 403, 2, 2]),
    ("upload_file", [401, 422, 422, 2, 2, 2]),
    ("download_file", [401, 404, 404, 2, 2, 2]),
    // A file is its uploader's alone: this one is the manager's. Sales representatives do not import.
    ("import_upload", [401, 403, 403, 403, 2, 2]),
    ("import_questions", [401, 404, 404, 404, 2, 404]),
    ("import_plan", [401, 404, 404, 404, 2, 404]),
    ("import_start", [401, 404, 404, 404, 2, 404]),
    // An import is known to whoever started it, here the manager, and to administrators. It has ended: stopping it changes nothing.
    ("import_state", [401, 404, 404, 404, 2, 2]),
    ("import_cancel", [401, 404, 404, 404, 2, 2]),
    ("import_resume", [401, 404, 404, 404, 409, 409]),
    ("import_undo", [401, 404, 404, 404, 2, 2]),
    ("import_errors", [401, 404, 404, 404, 2, 2]),
    // So is a bulk job, here the owner's.
    ("bulk_state", [401, 404, 404, 2, 404, 2]),
    ("bulk_forget", [401, 404, 404, 2, 404, 2]),
    ("bulk_cancel", [401, 404, 404, 2, 404, 2]),
    ("bulk_resume", [401, 404, 404, 409, 404, 409]),
    ("bulk_undo", [401, 404, 404, 2, 404, 2]),
    ("bulk_refused", [401, 404, 404, 2, 404, 2]),
    ("bulk_refused_file", [401, 404, 404, 2, 404, 2]),
    // Each record of a batch is judged by itself.
    ("undo", [401, 2, 2, 2, 2, 2]),
    // By a right.
    ("act_on_object", [401, 403, 403, 403, 2, 2]),
    ("invite", [401, 403, 403, 403, 403, 2]),
    ("view_as", [401, 403, 403, 403, 403, 2]),
    ("custom_model", [401, 403, 403, 403, 403, 2]),
    ("try_formula", [401, 403, 403, 403, 403, 2]),
    ("apply_model", [401, 403, 403, 403, 403, 2]),
    // Nothing was uploaded under this id.
    ("guess_object", [401, 403, 403, 403, 403, 404]),
    ("metrics", [401, 403, 403, 403, 403, 2]),
];

struct World {
    s: Space,
    people: Vec<Option<UserId>>,
}

impl World {
    async fn new(s: Space) -> Self {
        let north = s.department("north", None).await;
        s.department("north_one", Some(north)).await;
        s.department("south", None).await;
        let stranger = s.person("Sam Stranger", "sales_rep", Some("south")).await;
        let colleague = s.person("Cora Colleague", "sales_rep", Some("north_one")).await;
        let owner = s.person("Olga Owner", "sales_rep", Some("north_one")).await;
        let manager = s.person("Max Manager", "sales_manager", Some("north")).await;
        let admin = s.person("Ada Admin", "admin", None).await;
        s.access.set_password(admin, "a fine long phrase 5", None).await.unwrap();
        // This is about rights: nobody is to meet the holding limit on the way (R-POOL-05).
        let many = json!({ "name": "matrix", "object": "account", "users": [owner], "max_held": 100_000 });
        s.make("ownership_limit", many).await;
        Self { s, people: vec![None, Some(stranger), Some(colleague), Some(owner), Some(manager), Some(admin)] }
    }
    async fn client(&self, who: usize) -> Client {
        match self.people[who] {
            Some(u) => self.s.session(u).await,
            None => self.s.nobody(),
        }
    }
    fn owner(&self) -> UserId {
        self.people[3].unwrap()
    }
    async fn target(&self, n: usize) -> RecordId {
        self.s.account(&format!("Target {n}"), self.owner()).await
    }
    /// A file of the manager's with a good row and a bad one.
    async fn uploaded(&self, n: usize) -> Value {
        let manager = self.client(4).await;
        manager.send(sheet(&manager, n)).await.ok()
    }
    /// An import of the manager's that has ended, with a refused row.
    async fn imported(&self, n: usize) -> RecordId {
        let manager = self.client(4).await;
        let job = manager.post("/api/v1/import/jobs", import_of(&self.uploaded(n).await)).await.ok();
        let id = job["id"].as_str().unwrap();
        let end = crate::ended(&manager, &format!("/api/v1/import/jobs/{id}")).await;
        assert_eq!((&end["created"], &end["failed"]), (&json!(1), &json!(1)), "{end}");
        id.parse().unwrap()
    }
    /// A bulk job of the owner's that has ended.
    async fn bulk(&self, n: usize, account: RecordId) -> RecordId {
        let owner = self.client(3).await;
        let change = json!({ "kind": "update", "data": { "name": format!("Target {n} in bulk") } });
        let job = owner.post("/api/v1/account/bulk", json!({ "ids": [account], "change": change })).await.ok();
        let id = job["id"].as_str().unwrap();
        crate::ended(&owner, &format!("/api/v1/bulk/{id}")).await;
        id.parse().unwrap()
    }
    /// A batch the owner wrote.
    async fn batch(&self, n: usize, account: RecordId) -> RecordId {
        let ops = json!({ "ops": [{ "op": "update", "id": account, "data": { "name": format!("Target {n} in a batch") } }] });
        let made = self.client(3).await.post("/api/v1/account/batch", ops).await.ok();
        made["batch_id"].as_str().unwrap().parse().unwrap()
    }
    async fn attachment(&self, account: RecordId) -> RecordId {
        let owner = self.s.session(self.owner()).await;
        let r = owner.send(upload(&owner, account)).await;
        r.ok()["id"].as_str().unwrap().parse().unwrap()
    }
}

fn upload(c: &Client, account: RecordId) -> axum::http::Request<Body> {
    let part = |name: &str, value: &str| format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let file = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x--\r\n";
    let body = format!("{}{}{file}", part("object", "account"), part("id", &account.to_string()));
    c.request(Method::POST, "/api/v1/files", Some("multipart/form-data; boundary=x"), Body::from(body))
}

/// A sheet of accounts: one whose name is its own, one without a name.
fn sheet(c: &Client, n: usize) -> axum::http::Request<Body> {
    let object = "--x\r\nContent-Disposition: form-data; name=\"object\"\r\n\r\naccount\r\n";
    let file = format!(
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\nname,phone\nSheet {n},\n,13800138000\n\r\n--x--\r\n"
    );
    c.request(
        Method::POST,
        "/api/v1/import/uploads",
        Some("multipart/form-data; boundary=x"),
        Body::from(format!("{object}{file}")),
    )
}

fn import_of(up: &Value) -> Value {
    let map = json!([{ "column": "name", "field": "name" }, { "column": "phone", "field": "phone" }]);
    let sheet = json!({ "sheet": up["sheets"][0]["name"], "object": "account", "mode": "create", "map": map });
    json!({ "upload_id": up["upload_id"], "sheets": [sheet], "dry_run": false })
}

/// Body of a route, where it needs one.
fn body(id: &str, w: &World, n: usize, account: RecordId) -> Value {
    match id {
        "sign_in" => json!({ "login": format!("nobody{n}@test.example"), "password": "wrong wrong wrong" }),
        "setup" => json!({ "name": "N", "email": "n@test.example", "password": "a fine long phrase 5", "organisation": "O" }),
        "demo_session" | "invite" | "view_as" => json!({ "user_id": w.owner() }),
        "accept_invitation" => json!({ "secret": "none", "password": "a fine long phrase 5" }),
        "change_password" => json!({ "old": "wrong wrong wrong", "new": "a fine long phrase 6" }),
        "totp_confirm" => json!({ "code": "000000" }),
        "totp_disable" => json!({ "password": "wrong wrong wrong" }),
        "create_token" => json!({ "name": "t" }),
        "aggregate" => json!({ "measures": [{ "fn": "count" }] }),
        "batch" => json!({ "ops": [{ "op": "update", "id": account, "data": { "name": format!("Batch {n}") } }] }),
        "bulk_start" => json!({ "ids": [account], "change": { "kind": "update", "data": { "name": format!("Bulk {n}") } } }),
        "duplicates" => json!({ "data": { "name": "Nobody knows" } }),
        "create" => json!({ "name": format!("Made by {n}") }),
        "update" => json!({ "website": "https://example.com/" }),
        "act" => json!({ "owner_id": w.owner(), "to": w.owner() }),
        "try_formula" => json!({ "object": "account", "formula": "name != ''" }),
        "guess_object" => json!({ "upload_id": account }),
        "apply_model" => json!({ "text": "", "dry_run": true }),
        _ => json!({}),
    }
}

async fn call(w: &World, r: &rapport_server::openapi::Route, who: usize, n: usize) -> (u16, Value, RecordId) {
    let c = w.client(who).await;
    let account = w.target(n).await;
    if r.doc.id == "restore" {
        w.s.admin_delete(account).await;
    }
    let id = match r.doc.id {
        "download_file" => w.attachment(account).await,
        "invite" => w.owner().record(),
        "undo" => w.batch(n, account).await,
        i if i.starts_with("import_") && !matches!(i, "import_upload" | "import_questions" | "import_plan" | "import_start") => {
            w.imported(n).await
        }
        i if i.starts_with("bulk_") && !matches!(i, "bulk_start" | "bulk_jobs") => w.bulk(n, account).await,
        _ => account,
    };
    // Who may merge may ask which record should stay.
    let action = if r.doc.id == "act" { "assign" } else { "suggest_master" };
    let path = r.path.replace("{object}", "account").replace("{id}", &id.to_string()).replace("{action}", action);
    let request = match (r.doc.id, r.method.clone()) {
        ("upload_file", _) => upload(&c, account),
        ("act_on_object", m) => {
            let ids = json!({ "ids": [account, w.target(n).await] });
            c.request(m, &path, Some("application/json"), Body::from(ids.to_string()))
        }
        ("import_upload", _) => sheet(&c, n),
        ("import_questions" | "import_plan" | "import_start", m) => {
            c.request(m, &path, Some("application/json"), Body::from(import_of(&w.uploaded(n).await).to_string()))
        }
        (_, m @ (Method::GET | Method::DELETE)) => c.request(m, &path, None, Body::empty()),
        (id, m) => c.request(m, &path, Some("application/json"), Body::from(body(id, w, n, account).to_string())),
    };
    if r.doc.id == "events" {
        return (c.raw(request).await.status().as_u16(), Value::Null, account);
    }
    let reply = c.send(request).await;
    (reply.status.as_u16(), reply.json, account)
}

both! {
    async fn every_route_answers_everybody_as_the_permission_model_says(s) {
        let w = World::new(s).await;
        let expected: BTreeMap<&str, [u16; 6]> = EXPECTED.iter().copied().collect();
        assert_eq!(expected.len(), EXPECTED.len(), "a route stands twice");
        let table = routes::table();
        let known: std::collections::BTreeSet<&str> = table.iter().map(|r| r.doc.id).collect();
        let gone: Vec<_> = expected.keys().filter(|id| !known.contains(**id)).collect();
        assert!(gone.is_empty(), "routes that are no more: {gone:?}");
        let (mut wrong, mut n) = (String::new(), 0);
        for r in &table {
            let Some(want) = expected.get(r.doc.id) else {
                let _ = writeln!(wrong, "{} {} ({}) is not in the matrix", r.method, r.path, r.doc.id);
                continue;
            };
            for (who, want) in want.iter().enumerate() {
                n += 1;
                let (status, answer, account) = call(&w, r, who, n).await;
                let got = if (200..300).contains(&status) { 2 } else { status };
                if got != *want {
                    let _ = writeln!(wrong, "{} as {}: {status}, not {want}: {answer}", r.doc.id, WHO[who]);
                }
                // The batch as a whole succeeds; its row must not, for those who do not see the record.
                if matches!(r.doc.id, "batch" | "undo") && who > 0 {
                    let row = if who < 3 { 404 } else { 200 };
                    assert_eq!(answer["results"][0]["status"], row, "{} as {}: {answer}", r.doc.id, WHO[who]);
                }
                if who > 0 && who < 3 {
                    assert!(!answer.to_string().contains(&format!("Target {n}")), "{} as {}: {answer}", r.doc.id, WHO[who]);
                }
                let _ = account;
            }
        }
        assert!(wrong.is_empty(), "{wrong}");
    }
}
