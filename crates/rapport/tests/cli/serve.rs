//! `init`, `serve`, `demo`, `user`, `token`.

use crate::{
    both,
    place::{Place, Server, json, told},
};

both! {
    async fn a_workspace_is_made_served_and_ends_well(p) {
        p.ok(&["init", "--organisation", "南风贸易", "--locale", "zh"]);
        assert!(p.fails(&["init"]).contains("already is"));
        assert!(p.fails(&["user", "create", "--email", "a@firm.example", "--name", "A"]).contains("--role"));
        p.administrator();
        assert!(p.fails(&["user", "create", "--admin", "--email", "boss@firm.example", "--name", "Twice"]).len() > 5);
        let link = p.ok(&["user", "create", "--role", "sales_rep", "--email", "rep@firm.example", "--name", "Rep"]);
        assert!(link.contains("/invitation#"), "{link}");
        let people = p.ok(&["user", "list"]);
        assert!(people.contains("boss@firm.example") && people.contains("rep@firm.example"), "{people}");
        assert!(p.fails(&["token", "create", "--user", "nobody@firm.example"]).contains("nobody"));
        let token = p.token();

        let s = Server::start(&p, &["serve", "--listen", "127.0.0.1:0", "--log", "json"]);
        assert_eq!(s.ask("GET", "/healthz", "", None).0, 200);
        assert_eq!(s.ask("GET", "/api/v1/session", "", None).0, 401);
        let (status, me) = s.ask("GET", "/api/v1/session", &token, None);
        assert_eq!((status, &json(&me)["organisation"]["name"]), (200, &serde_json::json!("南风贸易")), "{me}");
        let (status, made) = s.ask("POST", "/api/v1/account", &token, Some(r#"{"name":"听泉乳业"}"#));
        assert_eq!(status, 201, "{made}");
        assert!(s.ask("GET", "/api/v1/pipeline", &token, None).1.contains("标准销售流程"), "shipped names are in the language asked for");
        // An open stream does not hold the end up.
        let (at, secret) = (s.at, token.clone());
        let stream = std::thread::spawn(move || {
            use std::io::{Read as _, Write as _};
            let mut t = std::net::TcpStream::connect(at).unwrap();
            write!(t, "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {secret}\r\n\r\n").unwrap();
            let mut all = String::new();
            let _ = t.read_to_string(&mut all);
            all
        });
        std::thread::sleep(std::time::Duration::from_millis(500));
        let log = s.stop();
        assert!(stream.join().unwrap().contains("stopping"), "listeners are told");
        let lines: Vec<_> = log.lines().map(json).collect();
        assert!(lines.iter().all(|l| l["timestamp"].is_string() && l["level"].is_string()), "{log}");
        assert!(lines.iter().any(|l| l["message"] == "serving") && lines.iter().any(|l| l["message"] == "stopped"), "{log}");
        assert!(!log.contains(&token) && !log.contains("fine long phrase"), "no secrets in the log");

        // What was written is there after the end, and the disabled are out.
        assert!(p.export("account", "main").iter().any(|l| l.contains("听泉乳业")));
        p.ok(&["user", "disable", "rep@firm.example"]);
        let s = Server::start(&p, &["serve", "--listen", "127.0.0.1:0"]);
        assert_eq!(s.ask("GET", "/api/v1/account", &token, None).0, 200);
        let listed = p.ok(&["token", "list", "--user", "boss@firm.example"]);
        let id = listed.split_whitespace().next().unwrap().to_owned();
        p.ok(&["token", "revoke", "--user", "boss@firm.example", &id]);
        let gone = (0..50).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(100));
            s.ask("GET", "/api/v1/account", &token, None).0 == 401
        });
        assert!(gone, "a revoked token is gone within 5 s, also when another process revoked it");
        s.stop();
    }
}

#[test]
fn a_demo_stays_on_this_machine_unless_told_twice() {
    let p = Place::sqlite();
    for more in [&[][..], &["--demo-on-network"][..]] {
        let args = [&["demo", "--customers", "5", "--listen", "0.0.0.0:0"][..], more].concat();
        assert!(p.fails(&args).contains("--demo-on-network twice"), "{args:?}");
    }
    assert!(!p.data().join("demo.db").exists(), "a refused demo makes nothing");
    p.ok(&["demo", "--customers", "5", "--only-fill"]);
    // A served workspace of another command is held to the same.
    assert!(p.fails(&["serve", "--listen", "0.0.0.0:0"]).contains("--demo-on-network twice"));
    let s = Server::start(&p, &["demo", "--customers", "5", "--listen", "0.0.0.0:0", "--demo-on-network", "--demo-on-network"]);
    let (status, people) = s.ask("GET", "/api/v1/demo/people", "", None);
    assert_eq!(status, 200, "{people}");
    let state = json(&s.ask("GET", "/api/v1/setup", "", None).1);
    assert_eq!(state["organisation"]["label"], serde_json::json!({ "en": "Lanchuan Instruments", "zh": "岚川仪器" }), "{state}");
    s.stop();
    // Real data is never served as a demo.
    p.ok(&["init"]);
    let o = p.command(&["--workspace", "main2", "demo", "--only-fill", "--customers", "5"]).output().unwrap();
    assert!(o.status.success(), "{}", told(&o));
}

#[test]
fn a_port_in_use_is_said_in_both_languages() {
    let p = Place::sqlite();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = taken.local_addr().unwrap().to_string();
    assert!(p.fails(&["serve", "--listen", &at]).contains("is it in use?"));
    let o = p.command(&["serve", "--listen", &at]).env("LANG", "zh_CN.UTF-8").output().unwrap();
    assert!(String::from_utf8_lossy(&o.stderr).contains("可能已被占用"), "{}", told(&o));
}
