use std::collections::BTreeSet;

use axum::{
    body::{Body, to_bytes},
    http::Method,
};
use rapport_testkit::both;
use serde_json::{Value, json};

fn object<'m>(m: &'m Value, name: &str) -> Option<&'m Value> {
    m["objects"].as_array().unwrap().iter().find(|o| o["name"] == name)
}
fn field<'o>(o: &'o Value, name: &str) -> Option<&'o Value> {
    o["fields"].as_array().unwrap().iter().find(|f| f["name"] == name)
}

/// A field of an organisation's own.
const COLOUR: &str = r#"
[[extend]]
name = "account"
[[extend.section]]
key = "custom"
label = { en = "Custom", zh = "自定义" }
fields = [ { name = "colour__c", type = "text", max = 20, label = { en = "Colour", zh = "颜色" } } ]
"#;

/// A text of which little can be read.
const UNREADABLE: &str = r#"
[picklist.state__c]
label = { en = "State", zh = "状态" }
values = []
[[object]]
name = "bike__c"
kind = "owned"
label = { en = "Bike", zh = "" }
plural = { en = "Bikes", zh = "单车" }
icon = 5
title = "plate__c"
colour = "red"
list = ["plate__c", "plate__c"]
[[object.section]]
key = "main"
label = { en = "Main", zh = "基本" }
fields = [
  { name = "plate__c", type = "text", max = 9000, label = { en = "Plate", zh = "车牌" } },
  { name = "created_at", type = "dt", label = { en = "Made", zh = "创建" } },
  { name = "done__c", type = "bool", required = "yes", label = { en = "Done", zh = "完成" } },
  { name = "about__c", type = "poly", targets = ["any", "account"], label = { en = "About", zh = "关于" } },
  { name = "maker__c", type = "ref", target = "Maker", label = { en = "Maker", zh = "厂家" } },
]
[[extend]]
name = "lorry"
"#;
const READER_CODES: &[&str] = &[
    "model.label",
    "model.object_missing",
    "model.text.both",
    "model.text.choice",
    "model.text.missing",
    "model.text.name",
    "model.text.range",
    "model.text.reserved",
    "model.text.twice",
    "model.text.type",
    "model.text.unknown_key",
];

/// Roles that cannot be read, or say what cannot be.
const IMPOSSIBLE_ROLES: &str = r#"
[role.guest]
name = "Guest"
object_perms = { bicycle = { read = "own" }, account = { read = "own", edit = "all" }, audit_log = { read = "all", edit = "own" } }
field_perms = { product = { costs = "hidden" }, account = { created_at = "edit" } }
[role.typo]
name = "Typo"
object_perms = { account = { raed = "all" } }
[role.wide]
name = "Wide"
object_perms = { account = { read = "everything" } }
[role.flat]
name = "Flat"
object_perms = { account = "all" }
"#;
const ROLE_CODES: &[&str] = &[
    "expr.unknown_field",
    "model.engine_only",
    "model.object_missing",
    "model.role_reach",
    "model.text.choice",
    "model.text.type",
    "model.text.unknown_key",
];

/// A sentence without what it took from the text: places, keys and values; words TOML itself has among them.
fn words_alone(said: &str, params: &Value) -> String {
    // What the sentence has to say in its own words.
    const OURS: [&str; 5] = ["reason", "file", "code", "wanted", "found"];
    fn texts(v: &Value, all: &mut Vec<String>) {
        match v {
            Value::String(s) => all.push(s.clone()),
            Value::Array(a) => all.extend(a.iter().filter_map(Value::as_str).map(str::to_owned)),
            Value::Object(m) => m.iter().filter(|(k, _)| !OURS.contains(&k.as_str())).for_each(|(_, v)| texts(v, all)),
            _ => {}
        }
    }
    let mut all: Vec<String> = ["true", "false", "any", "read"].map(str::to_owned).into();
    texts(params, &mut all);
    // The longest first: one may stand in another.
    all.sort_by_key(|t| std::cmp::Reverse(t.len()));
    all.iter().filter(|t| !t.is_empty()).fold(said.to_owned(), |s, t| s.replace(t.as_str(), ""))
}

both! {
    async fn the_model_is_told_as_the_caller_may_use_it(s) {
        let admin = s.admin().await;
        let r = admin.get("/api/v1/meta/model").await;
        let tag = r.headers["etag"].to_str().unwrap().to_owned();
        let m = r.ok();
        assert_eq!((&m["currency"], &m["zone"]), (&json!("CNY"), &json!("Asia/Shanghai")));
        let deal = object(&m, "opportunity").unwrap();
        assert_eq!(deal["board"], "stage_id");
        assert_eq!(deal["rights"]["create"], true);
        let amount = field(deal, "amount").unwrap();
        assert_eq!((&amount["type"], &amount["access"]), (&json!("money"), &json!("edit")));
        assert!(m["picklists"]["account_level"]["values"].as_array().unwrap().len() > 2);
        assert!(m["areas"].as_array().unwrap().iter().any(|a| a["name"] == "sales"));
        assert_eq!(admin.clone().with("if-none-match", &tag).get("/api/v1/meta/model").await.status, 304);

        // In Brotli it is the same.
        let packed = admin.clone().with("accept-encoding", "gzip, deflate, br, zstd");
        let r = packed.raw(packed.request(Method::GET, "/api/v1/meta/model", None, Body::empty())).await;
        assert_eq!((&r.headers()["content-encoding"], r.headers()["etag"].to_str().unwrap()), (&"br".parse().unwrap(), tag.as_str()));
        let (bytes, mut plain) = (to_bytes(r.into_body(), 1 << 20).await.unwrap(), vec![]);
        brotli::BrotliDecompress(&mut bytes.as_ref(), &mut plain).unwrap();
        assert!(bytes.len() < plain.len() / 8, "{} of {}", bytes.len(), plain.len());
        assert_eq!(serde_json::from_slice::<Value>(&plain).unwrap(), m);

        // R-FLS-01: cost is hidden from sales representatives.
        let rep = s.person("Rep", "sales_rep", None).await;
        let m = s.session(rep).await.get("/api/v1/meta/model").await.ok();
        assert!(field(object(&m, "product").unwrap(), "cost").is_none());
        assert!(object(&m, "audit_log").is_none());
        assert_eq!(object(&m, "account").unwrap()["rights"]["delete"], false);
    }

    async fn a_custom_field_is_there_at_once(s) {
        let admin = s.admin().await;
        let plan = admin.post("/api/v1/meta/custom", json!({ "text": COLOUR, "dry_run": true })).await.ok();
        assert_eq!((&plan["applied"], &plan["changes"][0]["op"]), (&json!(false), &json!("add")), "{plan}");
        admin.post("/api/v1/meta/custom", json!({ "text": COLOUR })).await.ok();
        let made = admin.post("/api/v1/account", json!({ "name": "Red House", "colour__c": "red" })).await.ok();
        assert_eq!(made["colour__c"], "red");
        let doc = admin.get("/api/v1/openapi.json").await.ok();
        assert!(doc["components"]["schemas"]["OAccount"]["properties"].get("colour__c").is_some());
    }

    /// A text that names nothing is a slip while something is there; said to be meant, it is done.
    async fn an_empty_text_retires_everything_only_when_it_is_meant(s) {
        let admin = s.admin().await;
        let nothing = "# nothing yet\n[values]\n";
        assert_eq!(admin.post("/api/v1/meta/custom", json!({ "text": nothing })).await.ok()["changes"], json!([]), "nothing to lose");
        admin.post("/api/v1/meta/custom", json!({ "text": COLOUR })).await.ok();
        let role = "[role.guest]\nname = \"Guest\"\nobject_perms = { account = { read = \"own\" } }\n";
        for empty in ["", nothing, role] {
            for dry_run in [true, false] {
                let r = admin.post("/api/v1/meta/custom", json!({ "text": empty, "dry_run": dry_run })).await;
                assert_eq!(r.refusal(), (422, "model.retires_all"), "{empty}: {}", r.text);
            }
        }
        let zh = admin.clone().with("accept-language", "zh-CN").post("/api/v1/meta/custom", json!({ "text": "" })).await;
        assert!(zh.text.contains("全部停用"), "{}", zh.text);
        assert_eq!(admin.get("/api/v1/meta/custom").await.text, COLOUR, "nothing is changed");
        let meant = json!({ "text": "", "dry_run": true, "retire_all": true });
        let plan = admin.post("/api/v1/meta/custom", meant).await.ok();
        assert_eq!((&plan["applied"], &plan["changes"][0]["op"]), (&json!(false), &json!("retire")), "{plan}");
        let done = admin.post("/api/v1/meta/custom", json!({ "text": "", "retire_all": true })).await.ok();
        assert_eq!(done["changes"], plan["changes"]);
        assert!(field(object(&admin.get("/api/v1/meta/model").await.ok(), "account").unwrap(), "colour__c").is_none());
    }

    /// Faults of the whole are said in the reader's language each by its code: formulas, names, rules, layouts.
    async fn faults_of_a_model_are_explained_in_both_languages(s) {
        let admin = s.admin().await;
        let field = |f: &str| {
            format!(
                "[[extend]]\nname = \"account\"\n[[extend.section]]\nkey = \"custom\"\nlabel = {{ en = \"C\", zh = \"自\" }}\nfields = [ {{ name = \"total__c\", type = \"calc\", result = \"dec\", formula = \"{f}\", label = {{ en = \"T\", zh = \"总\" }} }} ]\n"
            )
        };
        let rule = "[[validation]]\nobject = \"account\"\ncode = \"one\"\nmessage = { en = \"No\", zh = \"不\" }\n";
        let layout = "[[layout]]\nobject = \"account\"\nrole = \"r\"\nlist = [\"name\"]\n";
        for (text, cause, en, zh) in [
            (field("dept"), "expr.unknown_field", "total__c: Unknown field: dept", "total__c：未知字段：dept"),
            (field("SUMM(depth)"), "expr.unknown_function", "total__c: Unknown function: SUMM", "total__c：未知函数：SUMM"),
            (field("UPPER(depth)"), "expr.type", "Expected a text, found a number", "应为文本，实际为数字"),
            (rule.to_owned(), "model.rule_formula", "account: The rule one needs", "account：规则 one 须有"),
            (layout.to_owned(), "model.layout_shared", "for everyone", "所有人"),
        ] {
            for (tag, words) in [("en", en), ("zh-CN", zh)] {
                let r = admin.clone().with("accept-language", tag).post("/api/v1/meta/custom", json!({ "text": text })).await;
                assert_eq!(r.refusal(), (422, "model.fault"), "{}", r.text);
                assert_eq!(r.json["errors"][0]["params"]["cause"]["code"], cause, "{}", r.text);
                assert!(r.json["errors"][0]["message"].as_str().unwrap().contains(words), "{}", r.text);
            }
        }
    }

    /// What the reader of the text refuses, and what of its roles cannot be, is said in one language: beside its words there are only
    /// names and keys, which the text itself holds.
    async fn what_cannot_be_read_of_a_model_is_said_in_one_language(s) {
        let admin = s.admin().await;
        for (text, codes) in [(UNREADABLE, READER_CODES), (IMPOSSIBLE_ROLES, ROLE_CODES)] {
            for tag in ["zh-CN", "en"] {
                let r = admin.clone().with("accept-language", tag).post("/api/v1/meta/custom", json!({ "text": text, "dry_run": true })).await;
                assert_eq!(r.status, 422, "{}", r.text);
                let errors = r.json["errors"].as_array().unwrap();
                let told: BTreeSet<&str> = errors.iter().map(|e| e["params"]["cause"]["code"].as_str().unwrap()).collect();
                assert_eq!(told, codes.iter().copied().collect(), "{}", r.text);
                for e in errors {
                    let said = e["message"].as_str().unwrap();
                    let own = words_alone(said, &e["params"]);
                    let (latin, chinese) = (|c: char| c.is_ascii_alphabetic(), |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c));
                    let foreign = if tag == "en" { own.contains(chinese) } else { own.contains(latin) };
                    assert!(!foreign && own.contains(if tag == "en" { latin } else { chinese }), "{tag}: {said}: {own}");
                    assert!(e["params"]["line"].is_u64() || e["params"]["role"].is_string(), "{e}");
                }
            }
        }
        let said = |tag: &'static str, text: &'static str| {
            let admin = admin.clone().with("accept-language", tag);
            async move { admin.post("/api/v1/meta/custom", json!({ "text": text, "dry_run": true })).await.text }
        };
        let zh = said("zh-CN", UNREADABLE).await;
        let line = UNREADABLE.lines().position(|l| l.contains("done__c")).unwrap() + 1;
        assert!(zh.contains(&format!("模型第 {line} 行有误：bike__c.done__c")), "the line of the text that was sent, {line}: {zh}");
        for words in ["bike__c.done__c：required 应为true 或 false，实际为文本", "bike__c：kind 不能是“owned”，可用：ownable, child", "lorry"] {
            assert!(zh.contains(words), "{words} in {zh}");
        }
        let en = said("en", IMPOSSIBLE_ROLES).await;
        for words in ["Role guest: object_perms: There is no object bicycle", "Role typo: object_perms.account: raed means nothing here; use "] {
            assert!(en.contains(words), "{words} in {en}");
        }
    }

    /// Conditions reach the page with their tree, rules refuse in the caller's language under their own code, formulas are tried first.
    async fn conditions_and_rules_are_data(s) {
        let admin = s.admin().await;
        let text = r#"
[[extend]]
name = "account"
[[extend.section]]
key = "custom"
label = { en = "Custom", zh = "自定义" }
fields = [ { name = "why__c", type = "text", label = { en = "Why", zh = "原因" }, visible_if = "level = 'a'", required_if = "parent_id.level = 'a'", readonly_if = "is_locked" } ]
[[validation]]
object = "account"
code = "no_tests"
refuse_if = "STARTS(name, 'Test')"
message = { en = "No test names", zh = "不要用测试名称" }
field = "name"
"#;
        admin.post("/api/v1/meta/custom", json!({ "text": text })).await.ok();
        let m = admin.get("/api/v1/meta/model").await.ok();
        let why = field(object(&m, "account").unwrap(), "why__c").unwrap().clone();
        assert_eq!(why["visible_if"], json!({ "formula": "level = 'a'", "tree": ["eq", true, ["field", "level", "option"], ["text", "a"]] }));
        assert_eq!(why["required_if"], json!({ "formula": "parent_id.level = 'a'" }), "the server alone follows lookups");
        assert_eq!(why["readonly_if"]["tree"], json!(["field", "is_locked", "boolean"]));
        for (tag, words) in [("en", "No test names"), ("zh-CN", "不要用测试名称")] {
            let r = admin.clone().with("accept-language", tag).post("/api/v1/account", json!({ "name": "Test 1" })).await;
            assert_eq!(r.refusal(), (422, "validation.no_tests"), "{}", r.text);
            assert_eq!((&r.json["errors"][0]["field"], &r.json["errors"][0]["message"]), (&json!("name"), &json!(words)), "{}", r.text);
        }
        let ops = json!({ "ops": [{ "op": "create", "data": { "name": "Test 2" } }, { "op": "create", "data": { "name": "Harbour" } }] });
        let done = admin.post("/api/v1/account/batch", ops).await.ok();
        assert_eq!(done["results"][0]["error"]["errors"][0]["code"], "validation.no_tests", "{done}");
        assert!(done["results"][1]["id"].is_string(), "{done}");
        // Tried on a record; counted; faults in words with their place.
        let trial = |f: &str| json!({ "object": "account", "formula": f, "count": true });
        let r = admin.post("/api/v1/meta/formula", trial("STARTS(name, 'Harb')")).await.ok();
        assert_eq!((&r["value"], &r["record"]["title"], &r["broken"]["count"]), (&json!(true), &json!("Harbour"), &json!(1)), "{r}");
        let r = admin.post("/api/v1/meta/formula", trial("STARTS(nme, 'x')")).await;
        assert_eq!(r.refusal(), (422, "expr.unknown_field"));
        assert_eq!((&r.json["errors"][0]["params"]["at"], &r.json["errors"][0]["params"]["near"]), (&json!(7), &json!("name")), "{}", r.text);
        let rep = s.person("Rep", "sales_rep", None).await;
        assert_eq!(s.session(rep).await.post("/api/v1/meta/formula", trial("TRUE")).await.refusal(), (403, "permission.denied"));
    }

    /// A layout for a role reaches those who have it, names no field they do not see, and gives none.
    async fn layouts_reach_those_they_are_for_and_grant_nothing(s) {
        let admin = s.admin().await;
        let text = r#"
[[layout]]
object = "account"
facts = ["level"]
[[layout]]
object = "account"
role = "narrow"
facts = ["website", "level"]
section = [ { key = "identity", fields = ["website", "industry", "name"] } ]
[[layout]]
object = "account"
when = { field = "level", is = "a" }
section = [ { key = "identity", fields = ["website", "name"] } ]
[[layout]]
object = "account"
when = { field = "industry", is = "finance" }
device = "phone"
section = [ { key = "identity", fields = ["name"] } ]
"#;
        admin.post("/api/v1/meta/custom", json!({ "text": text })).await.ok();
        let account = json!({ "create": true, "read": "own", "edit": "own" });
        let fields = json!({ "account": { "website": "hidden", "industry": "hidden" } });
        for code in ["narrow", "other"] {
            s.make("role", json!({ "name": code, "code": code, "object_perms": { "account": account }, "field_perms": fields })).await;
        }
        let of = |m: &Value| object(m, "account").unwrap()["layouts"].as_array().unwrap().clone();
        let narrow = s.session(s.person("Nara Narrow", "narrow", None).await).await;
        let told = narrow.get("/api/v1/meta/model").await.ok();
        let all = of(&told);
        // Not the one whose field the person does not see: neither its fields nor that it is there.
        assert_eq!(all.len(), 2, "{all:?}");
        assert_eq!((&all[0]["when"], &all[0]["device"]), (&json!({ "field": "level", "is": "a" }), &Value::Null));
        assert_eq!(all[1]["sections"][0]["fields"].as_array().unwrap()[0], "name", "{all:?}");
        assert_eq!(all[1]["facts"], json!(["level"]));
        let words = serde_json::to_string(object(&told, "account").unwrap()).unwrap();
        assert!(!words.contains("\"website\"") && !words.contains("finance") && !words.contains("narrow"), "{words}");
        let id = narrow.post("/api/v1/account", json!({ "name": "Narrow Ltd" })).await.ok()["id"].as_str().unwrap().to_owned();
        s.change("account", id.parse().unwrap(), json!({ "website": "https://hidden.example/" })).await;
        let one = narrow.get(&format!("/api/v1/account/{id}")).await.ok();
        assert!(one.get("website").is_none() && one.get("industry").is_none(), "hidden stays hidden: {one}");
        assert!(narrow.patch(&format!("/api/v1/account/{id}"), json!({ "website": "https://mine.example/" })).await.status.is_client_error());
        let other = s.session(s.person("Odd Other", "other", None).await).await;
        assert_eq!(of(&other.get("/api/v1/meta/model").await.ok()).len(), 1, "the role's is for the role");
        // Who has no such role and sees all: the types' alone, the one for the phone first.
        let mine = of(&admin.get("/api/v1/meta/model").await.ok());
        assert_eq!(mine.iter().map(|l| l["device"].as_str().unwrap_or("")).collect::<Vec<_>>(), ["phone", ""], "{mine:?}");
        assert_eq!(mine[1]["sections"][0]["fields"][0], "website");
    }

    async fn only_administrators_change_the_model(s) {
        let rep = s.person("Rep", "sales_rep", None).await;
        let me = s.session(rep).await;
        assert_eq!(me.post("/api/v1/meta/custom", json!({ "text": "" })).await.refusal(), (403, "permission.denied"));
        assert_eq!(me.get("/api/v1/meta/custom").await.refusal(), (403, "permission.denied"));
    }

    async fn the_document_and_its_page_are_served(s) {
        let doc = s.nobody().get("/api/v1/openapi.json").await.ok();
        assert_eq!(doc["openapi"], "3.1.0");
        assert!(doc["paths"].get("/api/v1/account/{id}").is_some());
        let page = s.nobody().get("/api/docs").await;
        assert!(page.text.contains("docs.js") && !page.text.contains("<script>"), "no inline script");
        assert_eq!(s.nobody().get("/api/docs/docs.js").await.status, 200);
    }
}
