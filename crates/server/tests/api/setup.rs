use rapport_server::Config;
use rapport_testkit::{Space, both};
use serde_json::json;

fn first() -> serde_json::Value {
    json!({ "name": "王岚", "email": "wang@firm.example", "password": "a fine long phrase 5", "organisation": "南风贸易" })
}

async fn root(s: &Space) -> String {
    let id = rapport_server::people::root_department(&s.engine, "none").await.unwrap();
    let system = rapport_policy::SystemScope::because(rapport_policy::Reason::Sample);
    let (row, _) = s
        .engine
        .get(&system, "department", id.as_str().unwrap().parse().unwrap(), &rapport_records::ListRequest::default())
        .await
        .unwrap();
    serde_json::from_slice::<serde_json::Value>(&row).unwrap()["name"].as_str().unwrap().to_owned()
}

both! {
    async fn the_first_administrator_is_made_in_the_browser_and_only_once(s) {
        let guest = s.nobody();
        let state = guest.get("/api/v1/setup").await.ok();
        assert_eq!((&state["needed"], &state["demo"], &state["secret_required"]), (&json!(true), &json!(false), &json!(false)));
        let r = guest.post("/api/v1/setup", json!({ "name": " " })).await;
        assert_eq!(r.refusal(), (422, "value.required"));
        let named: Vec<&str> = r.json["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
        assert_eq!(named, ["name", "email", "password", "organisation"], "every one at once");
        let r = guest.post("/api/v1/setup", json!({ "name": 5 })).await;
        assert_eq!((r.status.as_u16(), &r.json["errors"][0]["field"]), (422, &json!("name")), "{}", r.text);
        let mut weak = first();
        weak["password"] = json!("12345");
        assert_eq!(guest.post("/api/v1/setup", weak).await.status, 422);
        assert_eq!(guest.get("/api/v1/setup").await.ok()["needed"], true, "a refused set-up leaves nobody behind");
        let mut company = first();
        company["password"] = json!("南风贸易南风贸易");
        assert_eq!(guest.post("/api/v1/setup", company).await.refusal(), (422, "password.refused"));
        assert_eq!(root(&s).await, "Test Company", "nor a changed name");
        let r = guest.post("/api/v1/setup", first()).await;
        assert_eq!(r.status, 200, "{}", r.text);
        assert_eq!(r.json["user"]["is_admin"], true);
        assert_eq!(r.json["organisation"]["name"], "南风贸易");
        assert_eq!(root(&s).await, "南风贸易");
        assert_eq!(guest.get("/api/v1/setup").await.ok()["organisation"]["label"]["zh"], "南风贸易");
        assert!(r.headers.contains_key("set-cookie"));
        assert_eq!(guest.get("/api/v1/setup").await.ok()["needed"], false);
        assert_eq!(guest.post("/api/v1/setup", first()).await.refusal(), (409, "setup.done"));
    }

    async fn a_chinese_set_up_has_chinese_stages(s) {
        let mut zh = first();
        zh["locale"] = json!("zh_cn");
        let r = s.nobody().post("/api/v1/setup", zh).await;
        let cookie = r.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        r.ok();
        let me = s.nobody().with("cookie", &cookie);
        let pipelines = me.get("/api/v1/pipeline?fields=name").await.ok().to_string();
        assert!(pipelines.contains("标准销售流程"), "{pipelines}");
    }

    async fn shipped_names_speak_the_language_of_the_set_up(s) {
        // The workspace was made in English, by a terminal; the first administrator reads Chinese.
        let stages = async |c: &rapport_testkit::Client| -> Vec<String> {
            let all = c.get("/api/v1/stage?sort=position&limit=200&fields=name").await.ok();
            all["data"].as_array().unwrap().iter().map(|r| r["name"].as_str().unwrap().to_owned()).collect()
        };
        let system = s.admin().await;
        assert!(stages(&system).await.contains(&"Initial Contact".to_owned()));
        let kept = system.get("/api/v1/stage?filter=name%20%3D%20%22Needs%20Confirmed%22").await.ok();
        let id = kept["data"][0]["id"].as_str().unwrap();
        system.patch(&format!("/api/v1/stage/{id}"), json!({ "name": "Ours" })).await.ok();
        assert!(s.engine.reword(&rapport_model::defaults().records, rapport_schema::Locale::Zh).await.unwrap() > 10);
        let now = stages(&system).await;
        assert!(now.contains(&"初步接洽".to_owned()) && now.contains(&"Ours".to_owned()), "{now:?}");
        let roles = system.get("/api/v1/role?limit=200&fields=name,code").await.ok().to_string();
        assert!(roles.contains("系统管理员") && !roles.contains("Administrator"), "{roles}");
        assert_eq!(s.engine.reword(&rapport_model::defaults().records, rapport_schema::Locale::Zh).await.unwrap(), 0);
        // Installing again brings nothing back and nothing twice.
        assert_eq!(s.engine.install(&rapport_model::defaults().records, rapport_schema::Locale::Zh).await.unwrap(), 0);
    }

    async fn demo_doors_are_shut_in_a_real_workspace(s) {
        assert_eq!(s.nobody().get("/api/v1/demo/people").await.refusal(), (404, "demo.only"));
        let u = s.person("Real Person", "sales_rep", None).await;
        assert_eq!(s.nobody().post("/api/v1/demo/session", json!({ "user_id": u })).await.refusal(), (404, "demo.only"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_the_network_the_secret_of_the_log_is_asked_for() {
    let s = Space::with(Config { setup_secret: Some("abc-42".into()), ..Config::default() }).await;
    assert_eq!(s.nobody().get("/api/v1/setup").await.ok()["secret_required"], true);
    assert_eq!(s.nobody().post("/api/v1/setup", first()).await.refusal(), (403, "setup.secret"));
    let mut with = first();
    with["secret"] = json!("abc-42");
    assert_eq!(s.nobody().post("/api/v1/setup", with).await.status, 200);
}

#[tokio::test]
async fn on_this_computer_only_its_own_names_are_answered() {
    let s = Space::with(Config { loopback_only: true, ..Config::default() }).await;
    for host in ["evil.example:7878", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example"] {
        let other = s.nobody().with("host", host).with("origin", &format!("http://{host}"));
        assert_eq!(other.post("/api/v1/setup", first()).await.refusal(), (421, "auth.host"), "{host}");
        assert_eq!(other.get("/api/v1/demo/people").await.refusal(), (421, "auth.host"), "{host}");
    }
    for host in ["127.0.0.1:7878", "[::1]:7878", "localhost:7878", "main.localhost", "LOCALHOST."] {
        let here = s.nobody().with("host", host).with("origin", &format!("http://{host}"));
        assert_eq!(here.get("/api/v1/setup").await.ok()["needed"], true, "{host}");
    }
}
