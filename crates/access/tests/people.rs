//! Scopes from people in a real database, tokens, and how fast a right is gone.
#![allow(clippy::unwrap_used)]
mod rig;

use std::{collections::BTreeSet, net::IpAddr};

use rapport_access::{AccessError, PasswordPreset};
use rapport_policy::{Act, Principal, Reached};
use rapport_schema::{Actor, Clock, UserId, Value, Via, value::Phone};
use rig::{DAY, MINUTE, Rig};
use serde_json::json;

on_both! {
    departments_reports_and_roles_make_the_scope,
    lines_hold_from_day_to_day,
    a_right_taken_away_is_gone_within_five_seconds_on_every_node,
    permission_sets_expire_and_settings_switch,
    a_role_that_cannot_be_read_grants_nothing,
    people_are_found_by_every_login_and_never_by_an_ambiguous_one,
    tokens_are_scoped_bound_to_addresses_and_expire,
    a_token_of_somebody_disabled_is_worthless,
    a_burst_of_other_changes_does_not_hide_a_lost_right,
}

async fn scope(r: &Rig, name: &str) -> rapport_access::Scope {
    r.access.scope_of(Rig::user_id(name), Principal::Local, Via::Api).await.unwrap()
}
fn id(name: &str) -> Value {
    Value::Id(Rig::id_of(name))
}

async fn departments_reports_and_roles_make_the_scope() {
    let r = Rig::new(PasswordPreset::Modern).await;
    r.dept("hq", None).await;
    r.dept("east", Some("hq")).await;
    r.dept("east1", Some("east")).await;
    r.dept("west", Some("hq")).await;
    r.role("lead", json!({ "account": { "read": "dept_tree", "edit": "own_sub" } }), json!(["field.reveal"])).await;
    r.user("m", &["lead"], &[("main_dept", id("east")), ("other_depts", Value::Ids(vec![Rig::id_of("west")]))]).await;
    r.user("c", &["rep"], &[("main_dept", id("east1")), ("manager_id", id("m"))]).await;
    r.user("d", &["rep"], &[("main_dept", id("west")), ("manager_id", id("c")), ("status", Value::from("left"))]).await;
    let s = scope(&r, "m").await;
    assert_eq!(s.depts().len(), 2);
    assert_eq!(s.dept_tree().len(), 3, "east, east1, west");
    assert_eq!(s.reports(), [Rig::user_id("c"), Rig::user_id("d")], "those who left count: their records are still there");
    assert!(s.may("field.reveal") && !s.may("export.unmasked") && !s.is_admin());
    assert!(s.roles().contains(&Rig::id_of("role-internal")), "every internal user has that role");
    let account = r.model.object("account").unwrap();
    let rule = s.rule(Act::Read, &r.model, account);
    assert!(rule.ways().iter().any(|w| matches!(w, Reached::Dept(d) if d.len() == 3)));
    let user = r.model.object("user").unwrap();
    assert!(s.rule(Act::Read, &r.model, user).is_all(), "from the internal role");
    let partner = r.user("p", &["rep"], &[("kind", Value::from("partner"))]).await;
    let p = r.access.scope_of(partner, Principal::Local, Via::Api).await.unwrap();
    assert!(!p.rule(Act::Read, &r.model, user).is_all(), "a partner is no internal user");
    let d = r.access.directory().await.unwrap();
    assert_eq!(d.path(rapport_schema::DeptId::of(Rig::id_of("east1"))), "hq/east/east1");
    assert!(r.access.scope_of(Rig::user_id("d"), Principal::Local, Via::Api).await.is_err(), "not active");
}

async fn lines_hold_from_day_to_day() {
    // R-VIS-08, the check of the rule: C reports to M, dotted to P for opportunities; D reports to C.
    let r = Rig::new(PasswordPreset::Modern).await;
    let own = json!({ "read": "own", "edit": "own" });
    r.role("sales", json!({ "account": own, "opportunity": own }), json!([])).await;
    for n in ["m", "p", "x"] {
        r.user(n, &["sales"], &[]).await;
    }
    r.user("c", &["sales"], &[("manager_id", id("m"))]).await;
    r.user("d", &["sales"], &[("manager_id", id("c"))]).await;
    let tz = r.model.tz();
    let today = r.clock.now().date_in(&tz);
    let line = |kind: &str, user: &str, superior: &str, objects: serde_json::Value| {
        vec![
            ("user_id", id(user)),
            ("superior_id", id(superior)),
            ("kind", Value::from(kind)),
            ("objects", Value::Json(Box::new(objects))),
            ("access", Value::from("read")),
            ("valid_from", Value::Date(today)),
            ("valid_to", Value::Date(today)),
        ]
    };
    r.put("reporting_line", "line1", &line("dotted", "c", "p", json!(["opportunity"]))).await;
    r.put("reporting_line", "line2", &line("deputy", "m", "x", json!([]))).await;
    let owners = |s: &rapport_access::Scope, o: &str| -> BTreeSet<rapport_schema::UserId> {
        let rule = s.rule(Act::Read, &r.model, r.model.object(o).unwrap());
        rule.ways().iter().filter_map(|w| if let Reached::Owner(u) = w { Some(u.clone()) } else { None }).flatten().collect()
    };
    let set = |names: &[&str]| names.iter().map(|n| Rig::user_id(n)).collect::<BTreeSet<_>>();
    assert_eq!(owners(&scope(&r, "m").await, "opportunity"), set(&["m", "c", "d"]));
    assert_eq!(owners(&scope(&r, "p").await, "opportunity"), set(&["p", "c"]), "not D");
    assert_eq!(owners(&scope(&r, "p").await, "account"), set(&["p"]), "not the accounts");
    assert_eq!(owners(&scope(&r, "x").await, "account"), set(&["x", "c", "d"]), "a deputy of M: those below M");
    // 14:00 now; at midnight of the organisation's zone the lines are over, without anything being written.
    r.clock.advance(9 * 60 * MINUTE + 59 * MINUTE);
    assert_eq!(owners(&scope(&r, "p").await, "opportunity"), set(&["p", "c"]), "23:59");
    r.clock.advance(MINUTE);
    assert_eq!(owners(&scope(&r, "p").await, "opportunity"), set(&["p"]));
    assert_eq!(owners(&scope(&r, "x").await, "account"), set(&["x"]));
}

async fn a_right_taken_away_is_gone_within_five_seconds_on_every_node() {
    let r = Rig::new(PasswordPreset::Modern).await;
    let chen = r.with_password("chenyu", &["rep"]).await;
    let other = r.second_node().await;
    let s = r.access.sign_in(Rig::attempt("chenyu", rig::PASSWORD)).await.unwrap();
    let here = r.access.session(&s.secret, Via::Web).await.unwrap();
    let there = other.session(&s.secret, Via::Web).await.unwrap();
    let account = r.model.object("account").unwrap();
    assert!(here.may_on(account, "create") && there.may_on(account, "create"));
    // Changes of other things keep an open stream.
    r.dept("somewhere", None).await;
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    assert!(r.access.still_valid(&here).await);
    // The role loses the right.
    r.role("rep", json!({ "account": { "read": "own" } }), json!([])).await;
    for (node, scope, what) in [(&r.access, &here, "this node"), (&other, &there, "another node")] {
        Rig::within_five_seconds(what, || async { !node.session(&s.secret, Via::Web).await.unwrap().may_on(account, "create") })
            .await;
        assert!(!node.still_valid(scope).await, "{what}: the open stream ends");
    }
    // The person is disabled.
    r.put("user", "chenyu", &[("status", Value::from("disabled"))]).await;
    for (node, what) in [(&r.access, "this node"), (&other, "another node")] {
        Rig::within_five_seconds(what, || async { node.session(&s.secret, Via::Web).await.is_err() }).await;
    }
    assert!(r.access.scope_of(chen, Principal::Local, Via::Api).await.is_err());
}

async fn permission_sets_expire_and_settings_switch() {
    let r = Rig::new(PasswordPreset::Modern).await;
    let today = r.clock.now().date_in(&r.model.tz());
    let set = [
        ("name", Value::from("quarter end")),
        (
            "grants",
            Value::Json(Box::new(
                json!({ "objects": { "account": { "read": "all", "export": "all" } }, "functions": ["export.unmasked"] }),
            )),
        ),
        ("expires_on", Value::Date(today)),
    ];
    r.put("permission_set", "set1", &set).await;
    r.user("chenyu", &["rep"], &[("permission_sets", Value::Ids(vec![Rig::id_of("set1")]))]).await;
    let account = r.model.object("account").unwrap();
    assert!(scope(&r, "chenyu").await.rule(Act::Export, &r.model, account).is_all());
    r.clock.advance(DAY);
    let s = scope(&r, "chenyu").await;
    assert!(s.rule(Act::Export, &r.model, account).is_nothing() && !s.may("export.unmasked"), "the day after");

    r.user("boss", &["rep"], &[]).await;
    r.user("chenyu", &["rep"], &[("manager_id", id("boss"))]).await;
    let reads = |s: &rapport_access::Scope| {
        s.rule(Act::Read, &r.model, account)
            .ways()
            .iter()
            .any(|w| matches!(w, Reached::Owner(u) if u.contains(&Rig::user_id("chenyu"))))
    };
    assert!(reads(&scope(&r, "boss").await));
    r.put("setting", "s1", &[("key", Value::from("access.manager_line")), ("value", Value::Json(Box::new(json!(false))))]).await;
    assert!(!reads(&scope(&r, "boss").await), "access.manager_line off");
}

async fn a_role_that_cannot_be_read_grants_nothing() {
    let r = Rig::new(PasswordPreset::Modern).await;
    r.role("broken", json!({ "account": { "read": "everything" } }), json!(["admin"])).await;
    r.user("chenyu", &["broken"], &[]).await;
    let s = scope(&r, "chenyu").await;
    assert!(!s.is_admin() && !s.may_on(r.model.object("account").unwrap(), "read"));
}

async fn people_are_found_by_every_login_and_never_by_an_ambiguous_one() {
    let r = Rig::new(PasswordPreset::Modern).await;
    let phone = Value::Phone(Box::new(Phone {
        raw: "138 0013 8000".into(),
        e164: Some("+8613800138000".into()),
        ext: None,
        country: Some("CN".into()),
        kind: "mobile".into(),
    }));
    let chen = r.user("chenyu", &["rep"], &[("mobile", phone)]).await;
    for login in
        ["chenyu", "CHENYU", "chenyu@lanchuan.example", "13800138000", "+86 138-0013-8000", "138 0013 8000", "8613800138000"]
    {
        assert_eq!(r.access.find_user(login).await.unwrap(), Some(chen), "{login}");
    }
    // Somebody names himself like the other's number.
    r.user("13800138000", &["rep"], &[]).await;
    assert_eq!(r.access.find_user("13800138000").await.unwrap(), None);
    assert_eq!(r.access.find_user("chenyu").await.unwrap(), Some(chen));
    assert_eq!(r.access.find_user("").await.unwrap(), None);
}

fn by(user: UserId) -> Actor {
    Actor { user: Some(user), via: Via::Web }
}

async fn tokens_are_scoped_bound_to_addresses_and_expire() {
    let r = Rig::new(PasswordPreset::Modern).await;
    let boss = r.user("boss", &["admin"], &[]).await;
    let account = r.model.object("account").unwrap();
    let contact = r.model.object("contact").unwrap();
    let until = r.clock.now().plus(10 * DAY);
    let scopes = |s: &[&str]| Some(s.iter().map(|s| (*s).to_owned()).collect::<BTreeSet<String>>());
    let make =
        |s, ip: &[&str]| r.access.create_token(by(boss), boss, "sync", s, ip.iter().map(|s| (*s).to_owned()).collect(), until);
    let t = make(scopes(&["account:read"]), &["192.0.2.0/24", "2001:db8::1"]).await.unwrap();
    assert!(t.secret.starts_with("rpt_"));
    let from = |s: &str| Some(s.parse::<IpAddr>().unwrap());
    let s = r.access.token(&t.secret, from("192.0.2.77")).await.unwrap();
    assert_eq!(s.principal(), Principal::Token(t.id));
    assert!(!s.is_admin() && s.may_on(account, "read") && !s.may_on(account, "create") && !s.may_on(contact, "read"));
    r.access.token(&t.secret, from("::ffff:192.0.2.77")).await.expect("IPv4 in IPv6 clothes");
    for ip in [from("192.0.3.1"), from("2001:db8::2"), None] {
        assert!(r.access.token(&t.secret, ip).await.is_err(), "{ip:?}");
    }
    for bad in ["", "rpt_", "rpt_x", &t.secret[..t.secret.len() - 1], &format!("{}x", t.secret)] {
        assert!(matches!(r.access.token(bad, from("192.0.2.77")).await, Err(AccessError::NotSignedIn)), "{bad}");
    }
    for (s, ip, code) in [
        (scopes(&[]), vec![], "token.scopes"),
        (scopes(&["nothing:read"]), vec![], "token.scopes"),
        (scopes(&["account:destroy"]), vec![], "token.scopes"),
        (scopes(&["account"]), vec![], "token.scopes"),
        (None, vec!["300.1.1.1"], "token.ip_allow"),
    ] {
        let e = make(s, &ip).await.unwrap_err();
        assert!(matches!(e, AccessError::Invalid(c) if c == code), "{e:?}");
    }
    // The secret and its hash are nowhere in the listing.
    let list = serde_json::to_string(&r.access.tokens(boss).await.unwrap()).unwrap();
    assert!(list.contains("\"sync\"") && list.contains("192.0.2.0/24") && !list.contains(&t.secret) && !list.contains("hash"));
    // Revoked here, gone there.
    let other = r.second_node().await;
    let there = other.token(&t.secret, from("192.0.2.77")).await.unwrap();
    r.access.revoke_token(by(boss), Rig::user_id("other"), t.id).await.unwrap();
    r.access.token(&t.secret, from("192.0.2.77")).await.expect("not by somebody else");
    r.access.revoke_token(by(boss), boss, t.id).await.unwrap();
    assert!(r.access.token(&t.secret, from("192.0.2.77")).await.is_err());
    Rig::within_five_seconds("token", || async { other.token(&t.secret, from("192.0.2.77")).await.is_err() }).await;
    assert!(!other.still_valid(&there).await);
    assert_eq!(r.access.tokens(boss).await.unwrap()[0].state, "revoked");
    // Without scopes it is the person, until it expires.
    let t = make(None, &[]).await.unwrap();
    assert!(r.access.token(&t.secret, None).await.unwrap().is_admin());
    r.clock.advance(10 * DAY);
    assert!(r.access.token(&t.secret, None).await.is_err());
    let e = r.access.create_token(by(boss), boss, "x", None, vec![], r.clock.now()).await.unwrap_err();
    assert!(matches!(e, AccessError::Invalid("token.expires")));
}

async fn a_token_of_somebody_disabled_is_worthless() {
    let r = Rig::new(PasswordPreset::Modern).await;
    let chen = r.user("chenyu", &["rep"], &[]).await;
    let t = r.access.create_token(by(chen), chen, "sync", None, vec![], r.clock.now().plus(DAY)).await.unwrap();
    r.access.token(&t.secret, None).await.unwrap();
    r.put("user", "chenyu", &[("status", Value::from("left"))]).await;
    Rig::within_five_seconds("token", || async { r.access.token(&t.secret, None).await.is_err() }).await;
}

async fn a_burst_of_other_changes_does_not_hide_a_lost_right() {
    let r = Rig::new(PasswordPreset::Modern).await;
    let chen = r.with_password("chenyu", &["rep"]).await;
    let s = r.access.open_session(chen, None, "x").await.unwrap();
    r.access.session(&s.secret, Via::Web).await.unwrap();
    let busy = async {
        for i in 0..300 {
            r.put("tag", &format!("t{i}"), &[("name", Value::from(format!("t{i}").as_str()))]).await;
        }
    };
    let lose = async {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        r.put("user", "chenyu", &[("status", Value::from("disabled"))]).await;
        Rig::within_five_seconds("right", || async { r.access.session(&s.secret, Via::Web).await.is_err() }).await;
    };
    tokio::join!(busy, lose);
}
