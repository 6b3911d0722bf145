//! "See as this person": an administrator sees exactly what the person gets, changes nothing, and everybody can read afterwards who
//! looked as whom.

use std::sync::Arc;

use axum::{body::Body, http::Method};
use rapport_schema::{RecordId, UserId};
use rapport_server::{people, routes};
use rapport_testkit::{Client, Space, both};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::events::{changes, listen};

const MINUTE: i64 = 60_000;

struct World {
    admin: UserId,
    rep: UserId,
    mine: RecordId,
    theirs: RecordId,
}

/// A seller who owns one customer and sees a phone masked, and a customer of somebody far away.
async fn world(s: &Space) -> World {
    s.department("north", None).await;
    s.department("south", None).await;
    let account = json!({ "create": true, "read": "own", "edit": "own" });
    let objects = json!({ "account": account, "saved_view": { "create": true, "read": "own", "edit": "own" } });
    let fields = json!({ "account": { "phone": "masked", "website": "hidden" } });
    s.make("role", json!({ "name": "Narrow", "code": "narrow", "object_perms": objects, "field_perms": fields })).await;
    let admin = s.person("Ada Admin", people::ADMIN_ROLE, None).await;
    let rep = s.person("Rita Rep", "narrow", Some("north")).await;
    let other = s.person("Otto Other", "narrow", Some("south")).await;
    let mine = s.make("account", json!({ "name": "Quelltal Mine", "owner_id": rep, "website": "https://mine.example/" })).await;
    let theirs = s.make("account", json!({ "name": "Quelltal Theirs", "owner_id": other })).await;
    // Shared with the person, who does not own it: the phone comes masked.
    let shared = s.make("account", json!({ "name": "Quelltal Shared", "owner_id": other, "phone": "13800138000" })).await;
    let at = json!({ "object": "account", "id": shared });
    s.make("record_share", json!({ "record": at, "grantee": { "object": "user", "id": rep }, "access": "read" })).await;
    World { admin, rep, mine, theirs }
}

async fn begin(c: &Client, whom: UserId) -> Value {
    c.post("/api/v1/session/view-as", json!({ "user_id": whom })).await.ok()
}

/// The acts noted about a person, oldest first: who, what, how.
async fn noted(s: &Space, about: UserId) -> Vec<(String, Value, Value)> {
    s.log()
        .await
        .into_iter()
        .filter(|c| c.id == about.record() && c.cause.act.as_deref().is_some_and(|a| a.starts_with("session.view_as")))
        .map(|c| (c.cause.act.unwrap(), json!(c.actor.user), serde_json::from_str(c.after.get()).unwrap()))
        .collect()
}

both! {
    async fn what_an_administrator_sees_as_a_person_is_what_the_person_gets(s) {
        let w = world(&s).await;
        let (rep, boss) = (s.session(w.rep).await, s.session(w.admin).await);
        assert_eq!(boss.get(&format!("/api/v1/account/{}", w.theirs)).await.status, 200);
        let who = begin(&boss, w.rep).await;
        assert_eq!((&who["user"]["name"], &who["view_as"]["by"]["name"]), (&json!("Rita Rep"), &json!("Ada Admin")), "{who}");
        assert_eq!(who["user"]["is_admin"], false);
        assert_eq!(boss.get("/api/v1/session").await.ok(), who, "the page asks again after it was loaded");

        let shared = rep.get("/api/v1/account?sort=name").await.ok()["data"][1]["id"].as_str().unwrap().to_owned();
        for path in [
            "/api/v1/account?count=exact&sort=name&expand=owner_id".to_owned(),
            format!("/api/v1/account/{}", w.mine),
            format!("/api/v1/account/{shared}"),
            format!("/api/v1/account/{shared}/history"),
            "/api/v1/search?q=Quelltal".into(),
            "/api/v1/meta/model".into(),
            "/api/v1/changes?after=0".into(),
            "/api/v1/user?sort=name".into(),
            "/api/v1/me/preferences".into(),
            "/api/v1/me/notifications".into(),
            "/api/v1/role".into(),
            "/api/v1/meta/custom".into(),
            format!("/api/v1/account/{}", w.theirs),
        ] {
            let (a, b) = (boss.get(&path).await, rep.get(&path).await);
            let told = |v: &Value| { let mut v = v.clone(); if let Some(m) = v.as_object_mut() { m.remove("trace_id"); } v };
            assert_eq!((a.status, told(&a.json)), (b.status, told(&b.json)), "{path}");
        }
        let list = boss.get("/api/v1/account?count=exact&sort=name").await.ok();
        assert_eq!(list["count"]["value"], 2, "{list}");
        let one = boss.get(&format!("/api/v1/account/{shared}")).await.ok();
        assert!(one["$masked"].as_array().unwrap().contains(&json!("phone")), "{one}");
        assert!(!one.to_string().contains("13800138000") && one.get("website").is_none(), "{one}");
        assert_eq!(boss.get(&format!("/api/v1/account/{}", w.theirs)).await.refusal(), (404, "not_found"));
        let sums = json!({ "measures": [{ "fn": "count" }] });
        let (a, b) = (boss.post("/api/v1/account/aggregate", sums.clone()).await.ok(), rep.post("/api/v1/account/aggregate", sums).await.ok());
        assert_eq!(a, b, "sums are asked by POST and change nothing");
        let like = json!({ "data": { "name": "Quelltal Mine" } });
        let (a, b) = (boss.post("/api/v1/account/duplicates", like.clone()).await.ok(), rep.post("/api/v1/account/duplicates", like).await.ok());
        assert_eq!(a, b);

        // Ended: oneself again.
        assert_eq!(boss.delete("/api/v1/session/view-as").await.status, 204);
        assert_eq!(boss.get("/api/v1/session").await.ok()["user"]["name"], "Ada Admin");
        assert_eq!(boss.get(&format!("/api/v1/account/{}", w.theirs)).await.status, 200);
        assert_eq!(boss.delete("/api/v1/session/view-as").await.status, 204, "twice is fine");
        let all = noted(&s, w.rep).await;
        let acts: Vec<_> = all.iter().map(|(act, by, _)| (act.as_str(), by.clone())).collect();
        assert_eq!(acts, [("session.view_as", json!(w.admin)), ("session.view_as_ended", json!(w.admin))]);
        // Administrators read it in the log, the person does not.
        let read = |v: Value| -> Vec<Value> {
            v["data"].as_array().unwrap().iter().filter(|e| e["op"] == "note").map(|e| json!([e["act"], e["id"], e["actor"]["id"]])).collect()
        };
        let told = read(boss.get("/api/v1/changes?after=0&limit=1000").await.ok());
        assert_eq!(told, [json!(["session.view_as", w.rep, w.admin]), json!(["session.view_as_ended", w.rep, w.admin])]);
        assert!(read(rep.get("/api/v1/changes?after=0&limit=1000").await.ok()).is_empty());
        let past = format!("/api/v1/user/{}/history", w.rep);
        let acts = |v: Value| v["data"].as_array().unwrap().iter().filter(|e| e["op"] == "note").count();
        assert_eq!(acts(boss.get(&past).await.ok()), 2);
        assert_eq!(acts(rep.get(&past).await.ok()), 0, "nor in the history of the person");
        assert!(all[0].2["until"].is_string() && all[1].2["why"] == "ended", "{all:?}");
    }

    async fn whoever_looks_as_somebody_else_changes_nothing(s) {
        let w = world(&s).await;
        let boss = s.session(w.admin).await;
        begin(&boss, w.rep).await;
        let before = s.db.last_seq().await.unwrap();
        let mut refused = vec![];
        for r in routes::table() {
            let path = r.path.replace("{object}", "account").replace("{id}", &w.mine.to_string()).replace("{action}", "assign");
            // Known callers are not asked for by these, or they only ask.
            let free = r.doc.open || ["aggregate", "duplicates", "end_view_as"].contains(&r.doc.id);
            let own = ["sessions", "tokens", "totp_state"].contains(&r.doc.id);
            if free || (r.method == Method::GET && !own) {
                continue;
            }
            let kind = (r.method != Method::GET && r.method != Method::DELETE).then_some("application/json");
            let body = if kind.is_some() { Body::from("{}") } else { Body::empty() };
            let reply = boss.send(boss.request(r.method.clone(), &path, kind, body)).await;
            assert_eq!(reply.refusal(), (403, "session.view_as"), "{} {path}: {}", r.method, reply.text);
            refused.push(r.doc.id);
        }
        for id in ["create", "update", "delete", "restore", "batch", "act", "act_on_object", "undo", "upload_file", "import_upload", "import_start",
            "create_token", "revoke_token", "revoke_session", "set_preferences", "set_notify_prefs", "read_notification", "read_notifications",
            "presence", "invite", "apply_model", "change_password", "totp_begin", "view_as", "sessions", "tokens", "totp_state"] {
            assert!(refused.contains(&id), "{id} is a write that was not tried");
        }
        let record = json!({ "object": "account", "id": w.mine });
        for (path, body) in [
            ("/api/v1/comment".to_owned(), json!({ "record": record, "body": "as her" })),
            ("/api/v1/saved_view".into(), json!({ "name": "Hers", "object": "account", "definition": {} })),
            ("/api/v1/account".into(), json!({ "name": "Made as her" })),
            (format!("/api/v1/account/{}/actions/reveal", w.mine), json!({ "field": "phone" })),
        ] {
            let keyed = boss.clone().with("idempotency-key", "once");
            for c in [&boss, &keyed] {
                assert_eq!(c.post(&path, body.clone()).await.refusal(), (403, "session.view_as"), "{path}");
            }
        }
        // Even past the server, the pipeline itself writes nothing through such a scope.
        let seen = rapport_policy::Principal::View { session: rapport_schema::SessionId::of(w.mine), by: w.admin };
        let scope = s.access.scope_of(w.rep, seen, rapport_schema::Via::Web).await.unwrap();
        let data = json!({ "name": "Past the server" }).as_object().unwrap().clone();
        let e = s.engine.create(&scope, "account", data, rapport_records::WriteOptions::default()).await.unwrap_err();
        assert!(matches!(e, rapport_records::Error::Rule { code: "session.view_as", .. }), "{e:?}");
        assert_eq!(s.db.last_seq().await.unwrap(), before, "nothing was written");
        assert_eq!(boss.clone().with("accept-language", "zh-CN").delete(&format!("/api/v1/account/{}", w.mine)).await.json["title"], "你正在以他人身份查看，不能更改任何内容");
        // Its person goes on as ever.
        assert_eq!(s.session(w.rep).await.patch(&format!("/api/v1/account/{}", w.mine), json!({ "name": "Hers" })).await.status, 200);
    }

    async fn it_ends_by_itself_and_says_so_until_it_was_ended(s) {
        let w = world(&s).await;
        let boss = s.session(w.admin).await;
        begin(&boss, w.rep).await;
        s.clock.advance(29 * MINUTE);
        // The use of the session is written beside the request; it counts although another write keeps it waiting.
        let (open, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let busy = tokio::spawn({
            let (db, open, go) = (s.db.clone(), open.clone(), go.clone());
            async move {
                db.write(move |_| {
                    let (open, go) = (open.clone(), go.clone());
                    Box::pin(async move {
                        open.notify_one();
                        go.notified().await;
                        Ok(())
                    })
                })
                .await
            }
        });
        open.notified().await;
        assert_eq!(boss.get("/api/v1/account").await.status, 200);
        s.clock.advance(2 * MINUTE);
        // Neither the person's data nor, under a page that still shows the person, a write as the administrator.
        assert_eq!(boss.get("/api/v1/account").await.refusal(), (403, "session.view_as_ended"));
        assert_eq!(boss.post("/api/v1/account", json!({ "name": "No" })).await.refusal(), (403, "session.view_as_ended"));
        assert_eq!(boss.clone().with("origin", "https://evil.example").delete("/api/v1/session/view-as").await.refusal(), (403, "auth.origin"));
        let (ended, ()) = tokio::join!(boss.delete("/api/v1/session/view-as"), async { go.notify_one() });
        assert_eq!(ended.status, 204, "{}", ended.text);
        busy.await.unwrap().unwrap();
        assert_eq!(boss.get("/api/v1/session").await.ok()["user"]["name"], "Ada Admin");
        assert_eq!(noted(&s, w.rep).await[1].2["why"], "expired");
        // Signing out ends it too.
        begin(&boss, w.rep).await;
        assert_eq!(boss.delete("/api/v1/session").await.status, 204);
        assert_eq!(boss.get("/api/v1/session").await.status, 401);
        let acts: Vec<_> = noted(&s, w.rep).await.into_iter().map(|n| n.0).collect();
        assert_eq!(acts[2..], ["session.view_as", "session.view_as_ended"]);
    }

    async fn it_ends_with_the_session_the_right_and_the_person(s) {
        let w = world(&s).await;
        let boss = s.session(w.admin).await;
        // The person goes.
        begin(&boss, w.rep).await;
        s.change("user", w.rep.record(), json!({ "status": "disabled" })).await;
        s.access.directory().await.unwrap();
        assert_eq!(boss.get("/api/v1/account").await.refusal(), (403, "session.view_as_ended"));
        boss.delete("/api/v1/session/view-as").await;
        let late = boss.post("/api/v1/session/view-as", json!({ "user_id": w.rep })).await;
        assert_eq!(late.refusal(), (422, "view_as.inactive"), "{}", late.text);
        s.change("user", w.rep.record(), json!({ "status": "active" })).await;
        // The right goes.
        s.person("Bo Boss", people::ADMIN_ROLE, None).await;
        begin(&boss, w.rep).await;
        let narrow = s.session(w.rep).await.get("/api/v1/user?fields=roles&sort=name").await.ok();
        let role = narrow["data"].as_array().unwrap().iter().find(|u| u["id"] == json!(w.rep)).unwrap()["roles"].clone();
        s.change("user", w.admin.record(), json!({ "roles": role })).await;
        s.access.directory().await.unwrap();
        assert_eq!(boss.get("/api/v1/account").await.refusal(), (403, "session.view_as_ended"));
        assert_eq!(boss.delete("/api/v1/session/view-as").await.status, 204);
        assert_eq!(boss.get("/api/v1/session").await.ok()["user"]["is_admin"], false);
        assert_eq!(boss.post("/api/v1/session/view-as", json!({ "user_id": w.rep })).await.refusal(), (403, "permission.denied"));
        assert_eq!(noted(&s, w.rep).await.last().unwrap().2["why"], "revoked");
        // The session goes.
        let admin = s.person("Cleo Chief", people::ADMIN_ROLE, None).await;
        let third = s.session(admin).await;
        begin(&third, w.rep).await;
        s.access.revoke_sessions(admin, None, admin).await.unwrap();
        assert_eq!(third.get("/api/v1/account").await.status, 401);
        assert_eq!(third.delete("/api/v1/session/view-as").await.status, 401);
    }

    async fn only_administrators_by_their_own_page(s) {
        let w = world(&s).await;
        let ask = |u: UserId| json!({ "user_id": u });
        let rep = s.session(w.rep).await;
        assert_eq!(rep.post("/api/v1/session/view-as", ask(w.admin)).await.refusal(), (403, "permission.denied"));
        let manager = s.person("Max Manager", "sales_manager", None).await;
        assert_eq!(s.session(manager).await.post("/api/v1/session/view-as", ask(w.rep)).await.refusal(), (403, "permission.denied"));
        for scopes in [None, Some(["*:*"].as_slice())] {
            let token = s.token(w.admin, scopes).await;
            assert_eq!(token.post("/api/v1/session/view-as", ask(w.rep)).await.refusal(), (403, "permission.denied"), "{scopes:?}");
        }
        let boss = s.session(w.admin).await;
        assert_eq!(boss.post("/api/v1/session/view-as", ask(w.admin)).await.refusal(), (422, "view_as.self"));
        let nobody = UserId::of(w.mine);
        assert_eq!(boss.post("/api/v1/session/view-as", ask(nobody)).await.refusal(), (422, "view_as.inactive"));
        assert_eq!(boss.clone().with("origin", "https://evil.example").post("/api/v1/session/view-as", ask(w.rep)).await.refusal(), (403, "auth.origin"));
        // Another session of the same administrator stays the administrator's.
        let second = s.session(w.admin).await;
        begin(&boss, w.rep).await;
        assert_eq!(second.get("/api/v1/session").await.ok()["user"]["name"], "Ada Admin");
        assert!(noted(&s, w.admin).await.is_empty() && noted(&s, w.rep).await.len() == 1);
    }

    async fn events_are_the_persons_and_end_with_the_view(s) {
        let w = world(&s).await;
        let boss = s.session(w.admin).await;
        begin(&boss, w.rep).await;
        let (theirs, mine) = (w.theirs, w.mine);
        let writer = s.session(w.admin).await;
        let task = tokio::spawn(async move {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            for id in [theirs, mine] {
                writer.patch(&format!("/api/v1/account/{id}"), json!({ "industry": "finance" })).await.ok();
            }
        });
        let got = listen(&boss, "/api/v1/events", |g| changes(g).iter().any(|c| c["id"] == json!(mine))).await;
        task.await.unwrap();
        assert!(!changes(&got).iter().any(|c| c["id"] == json!(theirs)), "{got:?}");
        // Ended: the open stream is not the administrator's all of a sudden.
        let ender = boss.clone();
        tokio::spawn(async move {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            ender.delete("/api/v1/session/view-as").await
        });
        let got = listen(&boss, "/api/v1/events", |g| g.iter().any(|e| e.0 == "bye")).await;
        assert_eq!(got.last().unwrap().2, json!("signed_out"), "{got:?}");
    }

    async fn an_export_seen_as_a_person_is_the_administrators_in_the_log(s) {
        let w = world(&s).await;
        s.make("role", json!({ "name": "Exports", "code": "exports", "object_perms": { "account": { "read": "own", "export": "own" } } })).await;
        let rep = s.person("Exa Porter", "exports", Some("north")).await;
        s.account("Porter Ltd", rep).await;
        let boss = s.session(w.admin).await;
        begin(&boss, rep).await;
        let out = boss.get("/api/v1/account/export?format=csv").await;
        assert!(out.status == 200 && out.text.contains("Porter Ltd") && !out.text.contains("Quelltal"), "{}", out.text);
        let log = s.log().await;
        let run = log.iter().find(|c| c.cause.act.as_deref() == Some("export.run")).unwrap();
        assert_eq!(run.actor.user, Some(w.admin));
    }
}
