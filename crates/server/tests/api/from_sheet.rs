//! An object out of a sheet: the proposal, the object and the rows through the ordinary routes, and what is refused.

use axum::{body::Body, http::Method};
use rapport_testkit::{Client, Reply, Space, both};
use serde_json::{Value, json};

async fn upload(c: &Client, name: &str, content: &[u8]) -> Reply {
    let mut body = format!("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n").into_bytes();
    body.extend_from_slice(content);
    body.extend_from_slice(b"\r\n--x--\r\n");
    c.send(c.request(Method::POST, "/api/v1/import/uploads", Some("multipart/form-data; boundary=x"), Body::from(body))).await
}

async fn guess(c: &Client, name: &str, content: &[u8]) -> Reply {
    let up = upload(c, name, content).await;
    if !up.status.is_success() {
        return up;
    }
    c.post("/api/v1/meta/guess", json!({ "upload_id": up.json["upload_id"] })).await
}

fn column<'v>(sheet: &'v Value, header: &str) -> &'v Value {
    sheet["columns"].as_array().unwrap().iter().find(|c| c["column"] == header).unwrap_or_else(|| panic!("{header}: {sheet}"))
}

/// The text an administrator's page would apply for a proposal.
fn model_text(sheet: &Value) -> String {
    let object = sheet["name"].as_str().unwrap();
    let label = |l: &Value| format!("{{ en = {}, zh = {} }}", l["en"], l["zh"]);
    let (mut fields, mut lists) = (vec![], String::new());
    for c in sheet["columns"].as_array().unwrap().iter().filter(|c| c["keep"] == true && c["type"] != "owner") {
        let name = c["name"].as_str().unwrap();
        let mut f = format!("{{ name = \"{name}\", type = {}, label = {}", c["type"], label(&c["label"]));
        for flag in ["required", "unique"] {
            if c[flag] == true {
                f += &format!(", {flag} = true");
            }
        }
        match c["type"].as_str().unwrap() {
            "dec" => f += &format!(", scale = {}", c["scale"]),
            "ref" => f += &format!(", target = {}", c["target"]),
            "pick" => {
                let set = format!("{}_set__c", name.trim_end_matches("__c"));
                f += &format!(", picklist = \"{set}\"");
                let values: Vec<String> = c["options"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|o| format!("{{ key = {}, label = {{ en = {l}, zh = {l} }} }}", o["key"], l = o["label"]))
                    .collect();
                lists += &format!("[picklist.{set}]\nlabel = {}\nvalues = [{}]\n", label(&c["label"]), values.join(", "));
            }
            _ => {}
        }
        fields.push(f + " }");
    }
    format!(
        "{lists}[[object]]\nname = \"{object}\"\nkind = \"ownable\"\nlabel = {l}\nplural = {l}\nicon = \"box\"\narea = \"sales\"\ntitle = {title}\n[[object.section]]\nkey = \"main\"\nlabel = {{ en = \"Main\", zh = \"基本信息\" }}\nfields = [\n{fields}\n]\n",
        l = label(&sheet["label"]),
        title = sheet["title"],
        fields = fields.join(",\n"),
    )
}

fn job(answer: &Value) -> Value {
    let sheet = &answer["sheets"][0];
    let mapping: Vec<Value> = sheet["columns"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|c| c["keep"] == true)
        .map(|c| json!({ "column": c["column"], "field": c["name"], "lookup": c["lookup"], "date": c["date"] }))
        .collect();
    json!({ "upload_id": answer["upload_id"], "sheets": [{ "sheet": sheet["sheet"], "object": sheet["name"], "mapping": mapping }] })
}

async fn settled(c: &Client, id: &str) -> Value {
    crate::ended(c, &format!("/api/v1/import/jobs/{id}")).await
}

const SHEET: &str = "设备台账,,,,,,,,\n\
    设备编号*,设备名称,客户,负责人,状态,单价(元),启用日期,是否在保,电话,电话\n\
    SB-001,数控车床,听泉乳业有限公司,Olga Owner,在用,\"12,500\",2025/3/1,是,13800138000,0571-88886666\n\
    SB-002,龙门铣床,砚山纺织有限公司,Olga Owner,停用,68.5万,2025/4/15,否,13800138001,\n\
    SB-003,数控车床,听泉乳业有限公司,Max Manager,在用,9800,2025/13/45,是,13800138002,\n\
    SB-004,=1+1,砚山纺织有限公司,Max Manager,在用,100,2024/12/31,是,13800138003,\n\
    SB-005,磨床,听泉乳业有限公司,Olga Owner,在用,7,2024/1/1,是,13800138003,\n\
    SB-006,镗床,听泉乳业有限公司,Olga Owner,在用,8,2024/1/2,是,13800138003,\n\
    SB-007,钻床,听泉乳业有限公司,Olga Owner,在用,9,2024/1/3,是,13800138003,\n\
    SB-008,刨床,听泉乳业有限公司,Olga Owner,在用,10,2024/1/4,是,13800138003,\n\
    SB-009,插床,听泉乳业有限公司,Olga Owner,在用,11,2024/1/5,是,13800138003,\n\
    SB-010,拉床,听泉乳业有限公司,Olga Owner,停用,12,2024/1/6,是,13800138003,\n";

both! {
    async fn a_sheet_becomes_an_object_with_its_rows_and_goes_again(s) {
        let owner = s.person("Olga Owner", "sales_rep", None).await;
        s.person("Max Manager", "sales_manager", None).await;
        for name in ["听泉乳业有限公司", "砚山纺织有限公司"] {
            s.account(name, owner).await;
        }
        let admin = s.admin().await;
        let before = admin.get("/api/v1/meta/custom").await.text;
        let (bytes, _, lossy) = encoding_rs::GB18030.encode(SHEET);
        assert!(!lossy);
        let answer = guess(&admin, "设备.csv", &bytes).await.ok();
        assert_eq!(admin.get("/api/v1/meta/custom").await.text, before, "a guess changes nothing");
        let sheet = &answer["sheets"][0];
        assert_eq!((&sheet["name"], &sheet["rows"]), (&json!("she_bei__c"), &json!(10)), "{sheet}");
        let of = |h: &str| column(sheet, h)["type"].as_str().unwrap().to_owned();
        let types: Vec<String> =
            ["设备编号*", "设备名称", "客户", "负责人", "状态", "单价(元)", "启用日期", "是否在保", "电话", "电话 (2)"].map(of).to_vec();
        assert_eq!(types, ["text", "text", "ref", "owner", "pick", "money", "date", "bool", "phone", "phone"], "{sheet}");
        assert_eq!(sheet["title"], "she_bei_ming_cheng__c");
        assert_eq!(column(sheet, "客户")["target"], "account");
        let code = column(sheet, "设备编号*");
        assert_eq!((&code["required"], &code["unique"]), (&json!(true), &json!(true)));
        assert_eq!(column(sheet, "启用日期")["remarks"][0], json!({ "code": "odd", "params": { "count": 1, "row": 5, "value": "2025/13/45" } }));
        assert_eq!(column(sheet, "电话 (2)")["remarks"][0]["code"], "repeated_header");
        assert_eq!(column(sheet, "状态")["options"][0], json!({ "key": "zai_yong", "label": "在用", "count": 8 }));

        // The ordinary way makes the object, the ordinary import its rows.
        admin.post("/api/v1/meta/custom", json!({ "text": model_text(sheet), "dry_run": false })).await.ok();
        let started = admin.post("/api/v1/import/jobs", job(&answer)).await.ok();
        let id = started["id"].as_str().unwrap().to_owned();
        let done = settled(&admin, &id).await;
        assert_eq!((&done["status"], &done["created"], &done["failed"]), (&json!("done"), &json!(9), &json!(1)), "{done}");
        let rows = admin.get("/api/v1/she_bei__c?sort=she_bei_bian_hao__c&expand=owner_id,ke_hu__c").await.ok();
        let first = &rows["data"][0];
        assert_eq!(first["$expand"]["owner_id"]["title"], "Olga Owner");
        assert_eq!(first["$expand"]["ke_hu__c"]["title"], "听泉乳业有限公司");
        assert_eq!((&first["zhuang_tai__c"], &first["shi_fou_zai_bao__c"]), (&json!("zai_yong"), &json!(true)), "{first}");
        assert_eq!(rows["data"][1]["dan_jia_yuan__c"]["amount"], "685000.00", "{}", rows["data"][1]);
        assert_eq!((&first["dian_hua__c"]["raw"], &first["dian_hua_2__c"]["raw"]), (&json!("13800138000"), &json!("0571-88886666")), "two columns of one header");
        assert_eq!(rows["data"][2]["she_bei_ming_cheng__c"], "=1+1", "a formula is text");
        assert!(admin.get(&format!("/api/v1/import/jobs/{id}/errors.xlsx")).await.text.starts_with("PK"));

        admin.post(&format!("/api/v1/import/jobs/{id}/undo"), json!({})).await;
        assert_eq!(settled(&admin, &id).await["status"], "undone");
        assert!(admin.get("/api/v1/she_bei__c").await.ok()["data"].as_array().unwrap().is_empty());
    }

    async fn only_those_who_change_the_model_are_answered_and_only_about_their_file(s) {
        let rep = s.person("Olga Owner", "sales_manager", None).await;
        let rep = s.session(rep).await;
        let up = upload(&rep, "a.csv", "名称\n甲\n".as_bytes()).await.ok();
        let ask = json!({ "upload_id": up["upload_id"] });
        assert_eq!(rep.post("/api/v1/meta/guess", ask.clone()).await.refusal(), (403, "permission.denied"));
        let admin = s.admin().await;
        assert_eq!(admin.post("/api/v1/meta/guess", ask).await.refusal(), (404, "not_found"), "somebody else's file");
        assert_eq!(s.nobody().post("/api/v1/meta/guess", json!({})).await.refusal().0, 401);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_and_odd_sheets_are_refused_in_words_and_change_nothing() {
    let s = Space::sqlite().await;
    let admin = s.admin().await;
    let before = admin.get("/api/v1/meta/model").await.ok()["version"].clone();
    let wide =
        |n: usize| format!("{}\n{}\n", (0..n).map(|i| format!("c{i}")).collect::<Vec<_>>().join(","), vec!["1"; n].join(","));
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("wide.csv", wide(10_000).into_bytes(), "file.too_many_columns"),
        ("wide.csv", wide(401).into_bytes(), "guess.too_many_columns"),
        ("empty.csv", vec![], "file.empty"),
        ("blank.csv", b"\n,,\n \n".to_vec(), "file.empty"),
        ("header.csv", "名称,金额\n".into(), "guess.no_rows"),
        ("a.xlsx", b"PK\x03\x04 nothing".to_vec(), "file.unreadable"),
        ("a.xls", [0xD0, 0xCF, 0x11, 0xE0, 0, 0, 0, 0].to_vec(), "file.unsupported"),
    ];
    for (name, content, want) in cases {
        let r = guess(&admin, name, &content).await;
        assert_eq!(r.refusal(), (422, want), "{name}: {}", r.text);
        assert!(!r.json["title"].as_str().unwrap().is_empty());
    }
    // One row is enough for a proposal; nothing is asked of rows to come but a title.
    let one = guess(&admin, "一行.csv", "名称,数量\n甲,3\n".as_bytes()).await.ok();
    let sheet = &one["sheets"][0];
    assert_eq!((&column(sheet, "名称")["required"], &column(sheet, "数量")["required"]), (&json!(true), &json!(false)));
    // Many columns make an object.
    let answer = guess(&admin, "wide.csv", wide(400).as_bytes()).await.ok();
    assert_eq!(answer["sheets"][0]["columns"].as_array().unwrap().len(), 400);
    let answer = guess(&admin, "wide.csv", wide(60).as_bytes()).await.ok();
    let text = model_text(&json!({ "name": "wide__c", "label": { "en": "Wide", "zh": "宽" }, "title": "c0__c",
        "columns": answer["sheets"][0]["columns"].as_array().unwrap().iter().map(|c| { let mut c = c.clone(); if c["name"] == "c0__c" { c["type"] = json!("text"); } c }).collect::<Vec<_>>() }));
    admin.post("/api/v1/meta/custom", json!({ "text": text, "dry_run": true })).await.ok();
    // Headers that try something stay texts.
    let bad = guess(&admin, "x.csv", "\"'; DROP TABLE account; --\",\"<script>\",\"=cmd|' /C calc'!A0\"\nx,y,z\n".as_bytes())
        .await
        .ok();
    for c in bad["sheets"][0]["columns"].as_array().unwrap() {
        let name = c["name"].as_str().unwrap();
        assert!(
            name.ends_with("__c") && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'),
            "{name}"
        );
    }
    assert_eq!(
        admin.post("/api/v1/meta/guess", json!({ "upload_id": answer["upload_id"], "sheet": "no such" })).await.refusal(),
        (422, "plan.unknown_sheet")
    );
    assert_eq!(admin.get("/api/v1/meta/model").await.ok()["version"], before);
}
