use rapport_server::people;
use rapport_testkit::{Space, both};
use serde_json::json;

const PASSWORD: &str = "korrekt pferd batterie 9";

async fn person(s: &Space) -> rapport_schema::UserId {
    let u = s.person("Lin Yue", "sales_rep", None).await;
    s.access.set_password(u, PASSWORD, None).await.unwrap();
    u
}

both! {
    async fn signed_in_known_and_signed_out(s) {
        person(&s).await;
        let guest = s.nobody();
        assert_eq!(guest.get("/api/v1/session").await.refusal(), (401, "auth.required"));
        let wrong = guest.post("/api/v1/session", json!({ "login": "lin.yue@test.example", "password": "nonsense nonsense" })).await;
        let unknown = guest.post("/api/v1/session", json!({ "login": "nobody@test.example", "password": "nonsense nonsense" })).await;
        assert_eq!(wrong.refusal(), (401, "auth.bad_credentials"));
        assert_eq!(wrong.json["title"], unknown.json["title"], "an unknown login is not told from a wrong password");

        let r = guest.post("/api/v1/session", json!({ "login": "lin.yue@test.example", "password": PASSWORD })).await;
        assert_eq!(r.status, 200, "{}", r.text);
        let cookie = r.headers["set-cookie"].to_str().unwrap().to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        let secret = cookie.split(['=', ';']).nth(1).unwrap();
        let me = guest.with_cookie(secret);
        let who = me.get("/api/v1/session").await.ok();
        assert_eq!(who["user"]["name"], "Lin Yue");
        assert_eq!(who["user"]["email"], "lin.yue@test.example");
        assert_eq!(who["user"]["is_admin"], false);

        let out = me.delete("/api/v1/session").await;
        assert_eq!(out.status, 204);
        assert!(out.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
        assert_eq!(me.get("/api/v1/session").await.status, 401);
    }

    async fn cookie_writes_must_come_from_this_page(s) {
        let me = s.admin().await;
        let body = json!({ "name": "Forged" });
        assert_eq!(me.clone().with("origin", "https://evil.example").post("/api/v1/account", body.clone()).await.refusal(), (403, "auth.origin"));
        assert_eq!(me.clone().without("origin").post("/api/v1/account", body.clone()).await.refusal(), (403, "auth.origin"));
        assert_eq!(me.clone().with("origin", "null").post("/api/v1/account", body.clone()).await.refusal(), (403, "auth.origin"));
        assert_eq!(me.clone().without("origin").with("sec-fetch-site", "same-origin").post("/api/v1/account", body.clone()).await.status, 201);
        assert_eq!(me.clone().with("origin", "https://evil.example").get("/api/v1/account").await.status, 200, "reading changes nothing");
    }

    async fn tokens_need_no_origin_and_keep_to_their_scopes(s) {
        let u = s.person("Token Person", people::ADMIN_ROLE, None).await;
        let all = s.token(u, None).await;
        assert_eq!(all.post("/api/v1/account", json!({ "name": "By token" })).await.status, 201);
        let reader = s.token(u, Some(&["account:read"])).await;
        assert_eq!(reader.get("/api/v1/account").await.status, 200);
        assert!(reader.post("/api/v1/account", json!({ "name": "No" })).await.status.is_client_error());
        assert_eq!(reader.post("/api/v1/tokens", json!({ "name": "more" })).await.refusal(), (403, "permission.denied"));
        let made = s.session(u).await.post("/api/v1/tokens", json!({ "name": "sync", "days": 1 })).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let secret = made.json["secret"].as_str().unwrap();
        let by = s.nobody().with_token(secret);
        assert_eq!(by.get("/api/v1/session").await.ok()["via"], "token");
        let id = made.json["id"].as_str().unwrap();
        assert_eq!(s.session(u).await.delete(&format!("/api/v1/tokens/{id}")).await.status, 204);
        assert_eq!(by.get("/api/v1/session").await.status, 401);
    }

    async fn own_sessions_are_listed_and_ended(s) {
        let u = person(&s).await;
        let (one, two) = (s.session(u).await, s.session(u).await);
        let list = one.get("/api/v1/sessions").await.ok();
        let all = list["data"].as_array().unwrap();
        assert_eq!(all.len(), 2);
        let other = all.iter().find(|s| s["current"] == false).unwrap()["id"].as_str().unwrap();
        assert_eq!(one.delete(&format!("/api/v1/sessions/{other}")).await.status, 204);
        assert_eq!(two.get("/api/v1/session").await.status, 401);
        assert_eq!(one.get("/api/v1/session").await.status, 200);
    }

    async fn passwords_are_changed_by_those_who_know_the_old_one(s) {
        let u = person(&s).await;
        let me = s.session(u).await;
        assert!(me.post("/api/v1/me/password", json!({ "old": "wrong wrong wrong", "new": "another good phrase 77" })).await.status.is_client_error());
        let weak = me.post("/api/v1/me/password", json!({ "old": PASSWORD, "new": "short" })).await;
        assert_eq!(weak.refusal(), (422, "password.refused"), "{}", weak.text);
        assert!(!weak.json["errors"].as_array().unwrap().is_empty());
        assert_eq!(me.post("/api/v1/me/password", json!({ "old": PASSWORD, "new": "another good phrase 77" })).await.status, 204);
        assert_eq!(me.get("/api/v1/session").await.status, 200, "this session stays");
    }

    async fn an_invitation_sets_the_password_once(s) {
        let admin = s.admin().await;
        let u = s.person("New Colleague", "sales_rep", None).await;
        let link = admin.post("/api/v1/invitations", json!({ "user_id": u })).await;
        assert_eq!(link.status, 201, "{}", link.text);
        let secret = link.json["secret"].as_str().unwrap();
        let body = json!({ "secret": secret, "password": "a fine long phrase 5" });
        let r = s.nobody().post("/api/v1/invitations/accept", body.clone()).await;
        assert_eq!(r.status, 200, "{}", r.text);
        assert_eq!(r.json["user"]["name"], "New Colleague");
        assert_eq!(s.nobody().post("/api/v1/invitations/accept", body).await.refusal(), (410, "auth.bad_link"));
        // Who was only invited may sign in from then on.
        let role = admin.get("/api/v1/role?limit=1&filter=code%20%3D%20%22sales_rep%22").await.json["data"][0]["id"].clone();
        let dept = admin.get("/api/v1/department?limit=1").await.json["data"][0]["id"].clone();
        let new = json!({ "name": "Guest", "username": "guest", "email": "guest@example.test", "roles": [role], "main_dept": dept, "status": "invited" });
        let guest = admin.post("/api/v1/user", new).await;
        assert_eq!(guest.status, 201, "{}", guest.text);
        let link = admin.post("/api/v1/invitations", json!({ "user_id": guest.json["id"] })).await;
        let body = json!({ "secret": link.json["secret"], "password": "a fine long phrase 6" });
        let r = s.nobody().post("/api/v1/invitations/accept", body).await;
        assert_eq!((r.status.as_u16(), &r.json["user"]["name"]), (200, &json!("Guest")), "{}", r.text);
        let now = admin.get(&format!("/api/v1/user/{}", guest.json["id"].as_str().unwrap())).await;
        assert_eq!(now.json["status"], "active");
        let other = s.session(u).await;
        assert_eq!(other.post("/api/v1/invitations", json!({ "user_id": u })).await.refusal(), (403, "permission.denied"));
    }

    async fn a_link_to_a_password_is_not_a_way_to_more_rights(s) {
        let ask = |u: rapport_schema::UserId| json!({ "user_id": u });
        let boss = s.person("Bo Boss", people::ADMIN_ROLE, None).await;
        let rep = s.person("Rita Rep", "sales_rep", None).await;
        // A token is narrower than a session, and a link is a session.
        for scopes in [None, Some(["user:write"].as_slice())] {
            let token = s.token(boss, scopes).await;
            for u in [boss, rep] {
                assert_eq!(token.post("/api/v1/invitations", ask(u)).await.refusal(), (403, "permission.denied"), "{scopes:?}");
            }
        }
        let role = |code: &str, edit: &str| json!({ "name": code, "code": code, "object_perms": { "user": { "read": "all", "edit": edit } } });
        s.make("role", role("people", "all")).await;
        s.make("role", role("own_people", "own")).await;
        let people = s.session(s.person("Pia People", "people", None).await).await;
        let own = s.session(s.person("Otto Own", "own_people", None).await).await;
        // Whoever may edit people may invite them, but not become an administrator.
        assert_eq!(people.post("/api/v1/invitations", ask(rep)).await.status, 201);
        assert_eq!(people.post("/api/v1/invitations", ask(boss)).await.refusal(), (403, "permission.denied"));
        // The rule of rows holds: somebody else made this person.
        assert_eq!(own.post("/api/v1/invitations", ask(rep)).await.refusal(), (403, "permission.denied"));
        let admin = s.session(boss).await;
        let other = s.person("Ada Other", people::ADMIN_ROLE, None).await;
        assert_eq!(admin.post("/api/v1/invitations", ask(other)).await.status, 201);
    }
}
