//! The document tells the truth: answers of the server are held against it, and whatever is answered is declared (issue part
//! 9; quality.md, API9).

use axum::{body::Body, http::Method};
use rapport_testkit::{Client, Space, both};
use serde_json::{Map, Value, json};

/// Faults of a value against a schema of the document. An object may hold only what is declared, unless it says otherwise.
fn faults(doc: &Value, schema: &Value, v: &Value, at: &str, out: &mut Vec<String>) {
    if let Some(r) = schema["$ref"].as_str() {
        let to = doc.pointer(r.trim_start_matches('#')).unwrap_or_else(|| panic!("{r} leads nowhere"));
        return faults(doc, to, v, at, out);
    }
    if let Some(any) = schema["anyOf"].as_array() {
        let mut best: Option<Vec<String>> = None;
        for s in any {
            let mut f = vec![];
            faults(doc, s, v, at, &mut f);
            if f.is_empty() {
                return;
            }
            if best.as_ref().is_none_or(|b| f.len() < b.len()) {
                best = Some(f);
            }
        }
        out.extend(best.unwrap_or_default());
        return;
    }
    if let Some(all) = schema["enum"].as_array()
        && !all.contains(v)
    {
        out.push(format!("{at}: {v} is none of {}", schema["enum"]));
        return;
    }
    let fits = |t: &str| match t {
        "string" => v.is_string(),
        "integer" => v.is_i64() || v.is_u64(),
        "number" => v.is_number(),
        "boolean" => v.is_boolean(),
        "array" => v.is_array(),
        "object" => v.is_object(),
        "null" => v.is_null(),
        other => panic!("type {other}"),
    };
    let types: Vec<&str> = match &schema["type"] {
        Value::String(s) => vec![s],
        Value::Array(a) => a.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    if !types.is_empty() && !types.iter().any(|t| fits(t)) {
        out.push(format!("{at}: {v} is no {types:?}"));
        return;
    }
    if let (Some(o), true) = (v.as_object(), types.contains(&"object")) {
        object(doc, schema, o, at, out);
    }
    if let Some(a) = v.as_array() {
        for (i, x) in a.iter().enumerate() {
            let of = schema["prefixItems"].get(i).unwrap_or(&schema["items"]);
            faults(doc, of, x, &format!("{at}[{i}]"), out);
        }
    }
}

fn object(doc: &Value, schema: &Value, o: &Map<String, Value>, at: &str, out: &mut Vec<String>) {
    for r in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !o.contains_key(r) {
            out.push(format!("{at}.{r} is missing"));
        }
    }
    for (k, x) in o {
        match (schema["properties"].get(k), &schema["additionalProperties"]) {
            (Some(s), _) => faults(doc, s, x, &format!("{at}.{k}"), out),
            (None, Value::Bool(true)) => {}
            (None, s @ Value::Object(_)) => faults(doc, s, x, &format!("{at}.{k}"), out),
            (None, _) => out.push(format!("{at}.{k} is not declared: {x}")),
        }
    }
}

struct Reader {
    doc: Value,
    faults: Vec<String>,
    read: usize,
}

impl Reader {
    /// Sends and holds the answer against what the document says of the operation.
    async fn call(&mut self, c: &Client, method: &str, template: &str, path: &str, body: Option<Value>) -> Value {
        let m: Method = method.to_uppercase().parse().unwrap();
        let req = match &body {
            Some(b) => c.request(m, path, Some("application/json"), Body::from(b.to_string())),
            None => c.request(m, path, None, Body::empty()),
        };
        let operation = self.doc["paths"][template][method].clone();
        assert!(operation.is_object(), "{method} {template} is not in the document");
        if let Some(b) = &body {
            let asked = &operation["requestBody"]["content"]["application/json"]["schema"];
            let mut f = vec![];
            faults(&self.doc, asked, b, "body", &mut f);
            self.faults.extend(f.into_iter().map(|f| format!("{method} {template} asks: {f}")));
        }
        let r = c.send(req).await;
        let answers = &operation["responses"];
        let schema = if r.status.is_success() {
            let a = &answers[r.status.as_str()];
            assert!(a.is_object(), "{method} {template} answers {} {}", r.status, r.text);
            a["content"]["application/json"]["schema"].clone()
        } else {
            assert_eq!(r.headers["content-type"], "application/problem+json", "{method} {template}: {}", r.text);
            json!({ "$ref": "#/components/schemas/Problem" })
        };
        if !schema.is_null() {
            let mut f = vec![];
            faults(&self.doc, &schema, &r.json, "", &mut f);
            self.faults.extend(f.into_iter().take(8).map(|f| format!("{method} {path}: {f}")));
        }
        self.read += 1;
        r.json
    }
}

const FILE: &str = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\n客户名称,电话\n听泉乳业有限公司,0571-88886666\n\r\n--x--\r\n";

async fn records(r: &mut Reader, s: &Space, admin: &Client) -> String {
    let user = s.person("Rep Person", "sales_rep", None).await;
    let full = json!({
        "name": "北溟精工", "owner_id": user, "phone": "0571-88886666", "website": "https://beiming.example", "industry": "finance",
    });
    let made = r.call(admin, "post", "/api/v1/{object}", "/api/v1/account", Some(full.clone())).await;
    let id = made["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
    let of = |tail: &str| format!("/api/v1/account/{id}{tail}");
    r.call(admin, "post", "/api/v1/account", "/api/v1/account", Some(json!({ "name": "同名", "phone": "0571-88886666" }))).await;
    r.call(admin, "patch", "/api/v1/{object}/{id}", &of(""), Some(json!({ "name": "北溟" }))).await;
    for (one, list) in [("/api/v1/{object}/{id}", "/api/v1/{object}"), ("/api/v1/account/{id}", "/api/v1/account")] {
        r.call(admin, "get", one, &of("?expand=owner_id"), None).await;
        r.call(admin, "get", list, "/api/v1/account?count=exact&expand=owner_id", None).await;
    }
    r.call(admin, "get", "/api/v1/{object}/{id}/history", &of("/history"), None).await;
    r.call(
        admin,
        "post",
        "/api/v1/{object}/duplicates",
        "/api/v1/account/duplicates",
        Some(json!({ "data": { "name": "北溟" } })),
    )
    .await;
    r.call(
        admin,
        "post",
        "/api/v1/{object}/aggregate",
        "/api/v1/account/aggregate",
        Some(json!({ "group": ["owner_id"], "measures": [{ "fn": "count" }], "filter": { "field": "name", "op": "not_empty" } })),
    )
    .await;
    let ops = json!({ "ops": [
        { "op": "create", "data": { "name": "南风贸易" }, "children": [{ "object": "contact", "via": "account_id", "data": { "name": "陈屿" } }] },
        { "op": "create", "data": {} }, { "op": "update", "id": id, "data": { "name": "北溟精工" }, "version": 2 },
    ] });
    let batch = r.call(admin, "post", "/api/v1/{object}/batch", "/api/v1/account/batch", Some(ops)).await;
    let statuses: Vec<_> = batch["results"].as_array().unwrap().iter().map(|x| x["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [201, 422, 200], "{batch}");
    let there = admin.get("/api/v1/contact?fields=name,account_id").await.ok();
    assert_eq!(there["data"][0]["account_id"], batch["results"][0]["id"], "a child comes with its parent");
    r.call(
        admin,
        "post",
        "/api/v1/batches/{id}/undo",
        &format!("/api/v1/batches/{}/undo", batch["batch_id"].as_str().unwrap()),
        None,
    )
    .await;
    r.call(admin, "get", "/api/v1/search", "/api/v1/search?q=%E5%8C%97%E6%BA%9F", None).await;
    r.call(admin, "get", "/api/v1/changes", "/api/v1/changes?after=0&limit=1000", None).await;
    // Refusals.
    r.call(admin, "post", "/api/v1/{object}", "/api/v1/account", Some(json!({ "no_such": 1 }))).await;
    r.call(admin, "get", "/api/v1/{object}", "/api/v1/no_such", None).await;
    r.call(admin, "get", "/api/v1/{object}", "/api/v1/account?filter=nonsense%20(", None).await;
    r.call(&s.session(user).await, "delete", "/api/v1/{object}/{id}", &of(""), None).await;
    r.call(&s.nobody(), "get", "/api/v1/session", "/api/v1/session", None).await;
    r.call(admin, "delete", "/api/v1/{object}/{id}", &of(""), None).await;
    r.call(admin, "post", "/api/v1/{object}/{id}/restore", &of("/restore"), None).await;
    id
}

both! {
    async fn answers_are_as_the_document_says(s) {
        let admin = s.admin().await;
        let doc = admin.get("/api/v1/openapi.json").await.ok();
        let mut r = Reader { doc, faults: vec![], read: 0 };
        records(&mut r, &s, &admin).await;
        let rep = s.person("Second Rep", "sales_rep", None).await;
        let rep_session = s.session(rep).await;
        for c in [&admin, &rep_session] {
            for path in ["meta/model", "session", "sessions", "tokens", "me/totp"] {
                let path = format!("/api/v1/{path}");
                r.call(c, "get", &path, &path, None).await;
            }
        }
        r.call(&s.nobody(), "get", "/api/v1/setup", "/api/v1/setup", None).await;
        r.call(&s.nobody(), "get", "/healthz", "/healthz", None).await;
        r.call(&s.nobody(), "get", "/readyz", "/readyz", None).await;
        let token = r.call(&admin, "post", "/api/v1/tokens", "/api/v1/tokens", Some(json!({ "name": "t", "scopes": ["account:read"], "days": 1 }))).await;
        assert!(token["secret"].as_str().unwrap().starts_with("rpt_"));
        r.call(&admin, "get", "/api/v1/tokens", "/api/v1/tokens", None).await;
        r.call(&s.nobody().with_token(token["secret"].as_str().unwrap()), "get", "/api/v1/meta/model", "/api/v1/meta/model", None).await;
        r.call(&admin, "post", "/api/v1/me/totp", "/api/v1/me/totp", None).await;
        r.call(&admin, "post", "/api/v1/invitations", "/api/v1/invitations", Some(json!({ "user_id": rep }))).await;
        r.call(&admin, "post", "/api/v1/meta/custom", "/api/v1/meta/custom", Some(json!({ "text": "", "dry_run": true }))).await;
        let up = admin.send(admin.request(Method::POST, "/api/v1/import/uploads", Some("multipart/form-data; boundary=x"), Body::from(FILE))).await.ok();
        let mut f = vec![];
        faults(&r.doc, &json!({ "$ref": "#/components/schemas/ImportUpload" }), &up, "upload", &mut f);
        r.faults.extend(f);
        let sheet = json!({ "sheet": up["sheets"][0]["name"], "object": "account", "map": [{ "column": "客户名称", "field": "name" }] });
        let asked = json!({ "upload_id": up["upload_id"], "sheets": [sheet] });
        for path in ["/api/v1/import/questions", "/api/v1/import/plan"] {
            r.call(&admin, "post", path, path, Some(asked.clone())).await;
        }
        let job = r.call(&admin, "post", "/api/v1/import/jobs", "/api/v1/import/jobs", Some(json!({ "upload_id": up["upload_id"], "sheets": [sheet], "dry_run": true }))).await;
        let id = job["id"].as_str().unwrap_or_else(|| panic!("{job}"));
        r.call(&admin, "get", "/api/v1/import/jobs/{id}", &format!("/api/v1/import/jobs/{id}"), None).await;
        assert!(r.read > 40, "{}", r.read);
        assert!(r.faults.is_empty(), "{} of {} answers:\n{}", r.faults.len(), r.read, r.faults.join("\n"));
    }
}

#[test]
fn the_check_itself_finds_faults() {
    let doc = json!({});
    let schema = json!({ "type": "object", "required": ["a"], "properties": { "a": { "type": "integer" }, "b": { "anyOf": [{ "type": "string" }, { "type": "null" }] } } });
    let of = |v: Value| {
        let mut f = vec![];
        faults(&doc, &schema, &v, "", &mut f);
        f.len()
    };
    assert_eq!(of(json!({ "a": 1, "b": null })), 0);
    assert_eq!(of(json!({ "b": 1 })), 2);
    assert_eq!(of(json!({ "a": 1, "c": 1 })), 1);
}
