//! Attachments: what leads to a content is written by the upload alone, and leads nowhere in another workspace.

use axum::{body::Body, http::Method};
use rapport_server::{App, Config, Workspace, Workspaces};
use rapport_testkit::{Client, Space, both};
use serde_json::{Value, json};

async fn attach(c: &Client, account: &str, content: &str) -> Value {
    let part = |name: &str, value: &str| format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let file =
        format!("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"offer.pdf\"\r\n\r\n{content}\r\n--x--\r\n");
    let body = Body::from(format!("{}{}{file}", part("object", "account"), part("id", account)));
    c.send(c.request(Method::POST, "/api/v1/files", Some("multipart/form-data; boundary=x"), body)).await.ok()
}

fn content(row: &Value) -> String {
    format!("/api/v1/files/{}", row["id"].as_str().unwrap())
}

/// Another server over the same files and database, whose workspace has another name.
fn named(s: &Space, name: &str) -> Client {
    let ws = Workspace {
        name: name.into(),
        organisation: "Test Company".into(),
        demo: false,
        engine: s.engine.clone(),
        access: s.access.clone(),
    };
    let app = App::new(Config { files: s.dir.path().join("files"), ..Config::default() }, Workspaces::one(ws));
    Client::new(rapport_server::router(app))
}

both! {
    async fn a_hash_opens_no_file(s) {
        let owner = s.person("Olga Owner", "sales_rep", None).await;
        let other = s.person("Ole Other", "sales_rep", None).await;
        let (theirs, mine) = (s.account("Theirs", owner).await.to_string(), s.account("Mine", other).await.to_string());
        let (owner, other) = (s.session(owner).await, s.session(other).await);
        let secret = attach(&owner, &theirs, "a secret offer").await;
        assert_eq!((&secret["mime"], &secret["size"], &secret["file_name"]), (&json!("application/pdf"), &json!(14), &json!("offer.pdf")), "{secret}");
        assert_eq!(owner.get(&content(&secret)).await.text, "a secret offer");
        assert_eq!(other.get(&content(&secret)).await.status, 404);

        // Whoever knows what a file holds, or its hash, does not have it by that.
        let own = attach(&other, &mine, "my own").await;
        let place = format!("/api/v1/attachment/{}", own["id"].as_str().unwrap());
        for (field, value) in [("sha256", &secret["sha256"]), ("mime", &json!("text/html")), ("size", &json!(1)), ("storage_key", &secret["sha256"])] {
            let mut data = json!({ "file_name": "mine.pdf", "related": { "object": "account", "id": mine } });
            data[field] = value.clone();
            let batch = json!({ "ops": [{ "op": "update", "id": own["id"], "data": { field: value } }] });
            let changed = other.patch(&place, json!({ field: value })).await;
            for r in [other.post("/api/v1/attachment", data.clone()).await, other.post("/api/v1/attachment?set_state=true", data).await, changed] {
                assert_eq!(r.status, 422, "{field}: {}", r.text);
                assert_eq!((&r.json["errors"][0]["field"], &r.json["errors"][0]["code"]), (&json!(field), &json!("permission.field")));
            }
            let batch = other.post("/api/v1/attachment/batch", batch).await;
            assert!(batch.text.contains("permission.field"), "{field}: {}", batch.text);
        }
        assert_eq!(other.get(&content(&own)).await.text, "my own");
        // The name is still the person's.
        assert_eq!(other.patch(&place, json!({ "file_name": "renamed.pdf" })).await.ok()["file_name"], "renamed.pdf");
    }

    async fn every_workspace_has_a_folder_of_its_own(s) {
        let u = s.person("Olga Owner", "sales_rep", None).await;
        let account = s.account("Files", u).await.to_string();
        let cookie = s.access.open_session(u, None, "test").await.unwrap().secret;
        let here = s.nobody().with_cookie(&cookie);
        let row = attach(&here, &account, "hello").await;
        let sha = row["sha256"].as_str().unwrap();
        let below = format!("{}/{}/{sha}", &sha[..2], &sha[2..4]);
        let files = s.dir.path().join("files");
        let new = files.join("test").join(&below);
        assert!(new.is_file(), "{}", new.display());
        let there = named(&s, "neighbour").with_cookie(&cookie);
        assert_eq!(there.get(&content(&row)).await.refusal(), (404, "not_found"));
        // Nor is a content that lies anywhere else.
        let elsewhere = files.join(&below);
        std::fs::create_dir_all(elsewhere.parent().unwrap()).unwrap();
        std::fs::rename(&new, &elsewhere).unwrap();
        assert_eq!(here.get(&content(&row)).await.refusal(), (404, "not_found"));
    }
}
