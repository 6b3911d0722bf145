//! Passwords, lock-out, sessions, second step, links: on a real database (quality.md §2.1).
#![allow(clippy::unwrap_used)]
mod rig;

use rapport_access::{AccessError, PasswordPreset, totp};
use rapport_policy::Principal;
use rapport_schema::{Clock, SessionId, Value, Via};
use rapport_store::ChangeQuery;
use rig::{DAY, HOUR, MINUTE, PASSWORD, Rig};

on_both! {
    signing_in_makes_a_session_and_only_its_hash_is_stored,
    every_wrong_way_in_gets_the_same_answer,
    five_failures_lock_a_login_known_or_not_for_fifteen_minutes,
    guesses_made_at_once_get_no_more_than_five_tries,
    one_address_cannot_try_many_logins,
    sessions_end_when_idle_and_in_any_case,
    sessions_are_listed_and_revoked,
    a_session_revoked_on_another_node_ends_within_five_seconds,
    a_new_password_ends_the_other_sessions,
    two_step_login,
    setting_up_the_second_step_has_a_limit_of_its_own,
    links_work_once_and_not_for_long,
    dengbao_wants_change_and_remembers,
    set_up_is_needed_until_an_active_administrator_has_a_password,
    seeds_of_the_second_step_are_sealed,
    the_person_shows_the_last_sign_in_and_the_second_step,
    a_password_is_judged_before_anybody_is_made,
}

async fn signing_in_makes_a_session_and_only_its_hash_is_stored() {
    let r = Rig::new(PasswordPreset::Modern).await;
    let chen = r.with_password("chenyu", &["rep"]).await;
    for login in ["chenyu", "ChenYu", " chenyu@LANCHUAN.example "] {
        let s = r.access.sign_in(Rig::attempt(login, PASSWORD)).await.unwrap();
        assert_eq!(s.user, chen, "{login}");
        let scope = r.access.session(&s.secret, Via::Web).await.unwrap();
        assert_eq!((scope.user(), scope.principal()), (Some(chen), Principal::Session(s.id)));
        for row in r.db.doc_list("session", Some(chen.record())).await.unwrap() {
            let text = format!("{} {}", row.key, row.body);
            assert!(!text.contains(&s.secret), "the cookie is not stored");
        }
    }
    let sessions = r.access.sessions(chen, None).await.unwrap();
    assert_eq!(sessions.len(), 3, "a new session at each sign-in");
    assert!(r.access.session("x", Via::Web).await.is_err());
    assert!(r.access.session(&"A".repeat(43), Via::Web).await.is_err());
    // The attempts are in the log, in rows of login_log.
    let log = r.db.changes(ChangeQuery { limit: 1000, ..ChangeQuery::default() }).await.unwrap();
    let logins = log.iter().filter(|c| c.change.object == "login_log").collect::<Vec<_>>();
    assert_eq!(logins.len(), 3);
    assert!(
        logins
            .iter()
            .all(|c| c.change.after.get().contains(r#""success":true"#) && c.change.after.get().contains("198.51.100.7"))
    );
    let all = log.iter().map(|c| c.change.after.get()).collect::<String>();
    assert!(!all.contains(PASSWORD) && !all.contains("$argon2"), "no secret in the log");
}

async fn every_wrong_way_in_gets_the_same_answer() {
    let r = Rig::new(PasswordPreset::Modern).await;
    r.with_password("chenyu", &["rep"]).await;
    r.user("nopass", &["rep"], &[]).await;
    r.with_password("gone", &["rep"]).await;
    r.put("user", "gone", &[("status", Value::from("disabled"))]).await;
    for (login, password) in
        [("chenyu", "wrong password"), ("nobody", PASSWORD), ("nopass", PASSWORD), ("gone", PASSWORD), ("", ""), ("chenyu", "")]
    {
        let e = r.access.sign_in(Rig::attempt(login, password)).await.unwrap_err();
        assert!(matches!(e, AccessError::BadCredentials), "{login}: {e:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn known_and_unknown_logins_take_the_same_time() {
    let r = Rig::new(PasswordPreset::Modern).await;
    let mut times = [vec![], vec![]];
    for i in 0..9 {
        // A fresh login each time, so that nothing is locked.
        let name = format!("person{i}");
        r.with_password(&name, &["rep"]).await;
        for (k, login) in [(0, name.clone()), (1, format!("ghost{i}"))] {
            let t = std::time::Instant::now();
            let mut a = Rig::attempt(&login, "wrong password");
            a.ip = None;
            assert!(matches!(r.access.sign_in(a).await, Err(AccessError::BadCredentials)));
            times[k].push(t.elapsed().as_micros());
        }
    }
    let median = |v: &mut Vec<u128>| {
        v.sort_unstable();
        v[v.len() / 2]
    };
    let (known, unknown) = (median(&mut times[0]), median(&mut times[1]));
    // The hash dominates both. On a busy machine the medians wander; a missing hash would be several times faster.
    assert!(unknown * 2 > known && known * 2 > unknown, "known {known} µs, unknown {unknown} µs");
}

async fn five_failures_lock_a_login_known_or_not_for_fifteen_minutes() {
    let r = Rig::new(PasswordPreset::Modern).await;
    r.with_password("chenyu", &["rep"]).await;
    for login in ["chenyu", "nobody"] {
        for _ in 0..5 {
            assert!(matches!(r.access.sign_in(Rig::attempt(login, "wrong password")).await, Err(AccessError::BadCredentials)));
        }
        let e = r.access.sign_in(Rig::attempt(login, PASSWORD)).await.unwrap_err();
        let AccessError::Locked { retry_after } = e else { panic!("{login}: {e:?}") };
        assert!((1..=900).contains(&retry_after), "{retry_after}");
    }
    // The same person by another login is the same counter.
    assert!(matches!(r.access.sign_in(Rig::attempt("chenyu@lanchuan.example", PASSWORD)).await, Err(AccessError::Locked { .. })));
    r.clock.advance(15 * MINUTE);
    r.access.sign_in(Rig::attempt("chenyu", PASSWORD)).await.unwrap();
    // Success forgets the person's failures.
    for _ in 0..4 {
        let _ = r.access.sign_in(Rig::attempt("chenyu", "wrong password")).await;
    }
    r.access.sign_in(Rig::attempt("chenyu", PASSWORD)).await.unwrap();
    for _ in 0..4 {
        let _ = r.access.sign_in(Rig::attempt("chenyu", "wrong password")).await;
    }
    r.access.sign_in(Rig::attempt("chenyu", PASSWORD)).await.unwrap();
}

async fn guesses_made_at_once_get_no_more_than_five_tries() {
    let r = Rig::new(PasswordPreset::Modern).await;
    r.with_password("chenyu", &["rep"]).await;
    let guesses = (0..100).map(|i| {
        let a = r.access.clone();
        tokio::spawn(async move {
            let mut t = Rig::attempt("chenyu", &format!("guess number {i}"));
            t.ip = None;
            a.sign_in(t).await
        })
    });
    let mut tried = 0;
    for g in guesses.collect::<Vec<_>>() {
        match g.await.unwrap() {
            Err(AccessError::BadCredentials) => tried += 1,
            Err(AccessError::Locked { .. }) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(tried, 5);
}

async fn one_address_cannot_try_many_logins() {
    let r = Rig::new(PasswordPreset::Modern).await;
    r.with_password("chenyu", &["rep"]).await;
    let mut bad = 0;
    for i in 0..60 {
        match r.access.sign_in(Rig::attempt(&format!("guess{i}"), "wrong password")).await {
            Err(AccessError::BadCredentials) => bad += 1,
            Err(AccessError::Locked { .. }) => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(bad, 50);
    let mut other = Rig::attempt("chenyu", PASSWORD);
    other.ip = Some([203, 0, 113, 9].into());
    r.access.sign_in(other).await.unwrap();
}

async fn sessions_end_when_idle_and_in_any_case() {
    let r = Rig::new(PasswordPreset::Modern).await;
    r.with_password("chenyu", &["rep"]).await;
    let s = r.access.sign_in(Rig::attempt("chenyu", PASSWORD)).await.unwrap();
    // Used every 20 minutes it lives, until twelve hours are over.
    for _ in 0..35 {
        r.clock.advance(20 * MINUTE);
        r.access.session(&s.secret, Via::Web).await.unwrap();
    }
    r.clock.advance(20 * MINUTE);
    assert!(matches!(r.access.session(&s.secret, Via::Web).await, Err(AccessError::NotSignedIn)), "12 h");
    let s = r.access.sign_in(Rig::attempt("chenyu", PASSWORD)).await.unwrap();
    r.clock.advance(31 * MINUTE);
    assert!(matches!(r.access.session(&s.secret, Via::Web).await, Err(AccessError::NotSignedIn)), "idle 30 min");
    assert!(r.access.sessions(Rig::user_id("chenyu"), None).await.unwrap().is_empty());
}

async fn sessions_are_listed_and_revoked() {
    let r = Rig::new(PasswordPreset::Modern).await;
    let chen = r.with_password("chenyu", &["rep"]).await;
    let a = r.access.sign_in(Rig::attempt("chenyu", PASSWORD)).await.unwrap();
    let b = r.access.sign_in(Rig::attempt("chenyu", PASSWORD)).await.unwrap();
    let scope = r.access.session(&b.secret, Via::Web).await.unwrap();
    let list = r.access.sessions(chen, Some(a.id)).await.unwrap();
    assert_eq!(list.iter().filter(|s| s.current).map(|s| s.id).collect::<Vec<_>>(), [a.id]);
    assert!(r.access.still_valid(&scope).await);
    r.access.revoke_session(chen, b.id).await.unwrap();
    assert!(r.access.session(&b.secret, Via::Web).await.is_err());
    assert!(!r.access.still_valid(&scope).await, "an open event stream ends");
    r.access.session(&a.secret, Via::Web).await.unwrap();
    // Somebody else's session cannot be revoked by id.
    r.access.revoke_session(Rig::user_id("other"), a.id).await.unwrap();
    r.access.session(&a.secret, Via::Web).await.unwrap();
    r.access.sign_out(&a.secret).await.unwrap();
    assert!(r.access.session(&a.secret, Via::Web).await.is_err());
    r.access.sign_out(&a.secret).await.unwrap();
    r.access.revoke_session(chen, SessionId::of(r.new_id())).await.unwrap();
}

async fn a_session_revoked_on_another_node_ends_within_five_seconds() {
    let r = Rig::new(PasswordPreset::Modern).await;
    let chen = r.with_password("chenyu", &["rep"]).await;
    let other = r.second_node().await;
    let s = r.access.sign_in(Rig::attempt("chenyu", PASSWORD)).await.unwrap();
    let scope = other.session(&s.secret, Via::Web).await.unwrap();
    r.access.revoke_session(chen, s.id).await.unwrap();
    Rig::within_five_seconds("session", || async { other.session(&s.secret, Via::Web).await.is_err() }).await;
    assert!(!other.still_valid(&scope).await);
}

async fn a_new_password_ends_the_other_sessions() {
    let r = Rig::new(PasswordPreset::Modern).await;
    let chen = r.with_password("chenyu", &["rep"]).await;
    let a = r.access.sign_in(Rig::attempt("chenyu", PASSWORD)).await.unwrap();
    let b = r.access.sign_in(Rig::attempt("chenyu", PASSWORD)).await.unwrap();
    assert!(matches!(
        r.access.change_password(chen, "wrong", "a green lamp 12 fog", Some(a.id)).await,
        Err(AccessError::BadCredentials)
    ));
    let e = r.access.change_password(chen, PASSWORD, "chenyu99", Some(a.id)).await.unwrap_err();
    assert!(matches!(&e, AccessError::WeakPassword(c) if c == &["password.context"]), "{e:?}");
    r.access.change_password(chen, PASSWORD, "a green lamp 12 fog", Some(a.id)).await.unwrap();
    r.access.session(&a.secret, Via::Web).await.unwrap();
    assert!(r.access.session(&b.secret, Via::Web).await.is_err());
    assert!(r.access.sign_in(Rig::attempt("chenyu", PASSWORD)).await.is_err());
    r.access.sign_in(Rig::attempt("chenyu", "a green lamp 12 fog")).await.unwrap();
}

async fn two_step_login() {
    let r = Rig::new(PasswordPreset::Modern).await;
    let chen = r.with_password("chenyu", &["rep"]).await;
    let e = r.access.totp_begin(chen, "chenyu").await.unwrap();
    assert_eq!(e.recovery_codes.len(), totp::RECOVERY_CODES);
    r.access.sign_in(Rig::attempt("chenyu", PASSWORD)).await.expect("not active before a first code");
    let code = |at: i64| {
        let s = totp_rs::Secret::try_from_base32(&e.secret).unwrap();
        let t = totp_rs::Builder::new().with_secret(s).with_issuer(Some("x")).with_account_name("x").build().unwrap();
        t.generate(u64::try_from(at / 1000).unwrap()).to_string()
    };
    assert!(matches!(r.access.totp_confirm(chen, "000000").await, Err(AccessError::BadCode)));
    r.access.totp_confirm(chen, &code(r.clock.now().0)).await.unwrap();
    assert!(matches!(r.access.totp_begin(chen, "x").await, Err(AccessError::Invalid("totp.enabled"))));

    let with = |c: &str| rapport_access::Attempt { totp: Some(c.into()), ..Rig::attempt("chenyu", PASSWORD) };
    assert!(matches!(r.access.sign_in(Rig::attempt("chenyu", PASSWORD)).await, Err(AccessError::TotpNeeded)));
    assert!(
        matches!(r.access.sign_in(with(&code(r.clock.now().0))).await, Err(AccessError::BadCode)),
        "the code of the enrolment is used"
    );
    r.clock.advance(30_000);
    let fresh = code(r.clock.now().0);
    r.access.sign_in(with(&fresh)).await.unwrap();
    assert!(matches!(r.access.sign_in(with(&fresh)).await, Err(AccessError::BadCode)), "single use");
    r.clock.advance(30_000);
    // Twice at the same moment: one wins.
    let fresh = code(r.clock.now().0);
    let (x, y) = tokio::join!(r.access.sign_in(with(&fresh)), r.access.sign_in(with(&fresh)));
    assert_eq!(usize::from(x.is_ok()) + usize::from(y.is_ok()), 1);
    // A recovery code, once, typed carelessly.
    let recovery = e.recovery_codes[3].to_uppercase().replace('-', " ");
    r.access.sign_in(with(&recovery)).await.unwrap();
    assert!(matches!(r.access.sign_in(with(&recovery)).await, Err(AccessError::BadCode)));
    assert_eq!(r.access.second_step_state(chen).await.unwrap().recovery_left, totp::RECOVERY_CODES - 1);
    // Asking for the code is no failure, however often.
    for _ in 0..10 {
        assert!(matches!(r.access.sign_in(Rig::attempt("chenyu", PASSWORD)).await, Err(AccessError::TotpNeeded)));
    }
    // Guessing codes is.
    for _ in 0..10 {
        let _ = r.access.sign_in(with("123456")).await;
    }
    assert!(matches!(r.access.sign_in(with("123456")).await, Err(AccessError::Locked { .. })));
    r.clock.advance(16 * MINUTE);
    // A reset does not switch it off.
    let link = r.access.invite(chen, HOUR).await.unwrap();
    r.access.accept(&link, "a green lamp 12 fog").await.unwrap();
    assert!(matches!(r.access.sign_in(Rig::attempt("chenyu", "a green lamp 12 fog")).await, Err(AccessError::TotpNeeded)));
    assert!(matches!(r.access.totp_disable(chen, "wrong").await, Err(AccessError::BadCredentials)));
    r.access.totp_disable(chen, "a green lamp 12 fog").await.unwrap();
    r.access.sign_in(Rig::attempt("chenyu", "a green lamp 12 fog")).await.unwrap();
}

async fn setting_up_the_second_step_has_a_limit_of_its_own() {
    let r = Rig::new(PasswordPreset::Modern).await;
    let chen = r.with_password("chenyu", &["rep"]).await;
    let e = r.access.totp_begin(chen, "chenyu").await.unwrap();
    // Wrong first codes lock the set-up and nothing else.
    for n in 0..5 {
        assert!(matches!(r.access.totp_confirm(chen, "000000").await, Err(AccessError::BadCode)), "attempt {n}");
    }
    let right = code_of(&e.secret, r.clock.now().0);
    assert!(matches!(r.access.totp_confirm(chen, &right).await, Err(AccessError::Locked { .. })), "a right code comes too late");
    r.access.sign_in(Rig::attempt("chenyu", PASSWORD)).await.expect("no failure of signing in");
    assert!(matches!(r.access.totp_confirm(chen, &right).await, Err(AccessError::Locked { .. })), "signing in does not free it");
    r.clock.advance(16 * MINUTE);
    assert!(matches!(r.access.totp_confirm(chen, "000000").await, Err(AccessError::BadCode)), "free again, and counted anew");
    // A stranger who guesses locks the login; the person, signed in, switches the second step on all the same.
    for _ in 0..5 {
        assert!(r.access.sign_in(Rig::attempt("chenyu", "a wrong guess")).await.is_err());
    }
    assert!(matches!(r.access.sign_in(Rig::attempt("chenyu", PASSWORD)).await, Err(AccessError::Locked { .. })));
    r.access.totp_confirm(chen, &code_of(&e.secret, r.clock.now().0)).await.unwrap();
    assert!(r.access.second_step_state(chen).await.unwrap().enabled);
    assert!(matches!(r.access.sign_in(Rig::attempt("chenyu", PASSWORD)).await, Err(AccessError::Locked { .. })), "still locked");
}

async fn links_work_once_and_not_for_long() {
    let r = Rig::new(PasswordPreset::Modern).await;
    let li = r.user("limei", &["rep"], &[("status", Value::from("invited"))]).await;
    let first = r.access.invite(li, 30 * DAY).await.unwrap();
    let second = r.access.invite(li, 30 * DAY).await.unwrap();
    assert!(
        matches!(r.access.accept(&first, "a green lamp 12 fog").await, Err(AccessError::BadLink)),
        "a new link ends the former"
    );
    assert_eq!(r.access.link_user(&second).await.unwrap(), li);
    let weak = r.access.accept(&second, "12345678").await.unwrap_err();
    assert!(matches!(weak, AccessError::WeakPassword(_)), "a refused password leaves the link good");
    let (a, b) = tokio::join!(r.access.accept(&second, "a green lamp 12 fog"), r.access.accept(&second, "a brown lamp 12 fog"));
    assert_eq!(usize::from(a.is_ok()) + usize::from(b.is_ok()), 1, "single use, also at once");
    assert!(matches!(r.access.accept(&second, "a third lamp 12 fog").await, Err(AccessError::BadLink)));
    assert!(matches!(r.access.accept("nonsense", "a third lamp 12 fog").await, Err(AccessError::BadLink)));
    // An invitation lives seven days at most, a reset an hour.
    let wang = r.user("wangwu", &["rep"], &[("status", Value::from("invited"))]).await;
    let link = r.access.invite(wang, 30 * DAY).await.unwrap();
    r.clock.advance(7 * DAY);
    assert!(matches!(r.access.accept(&link, "a green lamp 12 fog").await, Err(AccessError::BadLink)));
    let chen = r.with_password("chenyu", &["rep"]).await;
    let link = r.access.invite(chen, 30 * DAY).await.unwrap();
    r.clock.advance(HOUR);
    assert!(matches!(r.access.accept(&link, "a green lamp 12 fog").await, Err(AccessError::BadLink)));
    let s = r.access.sign_in(Rig::attempt("chenyu", PASSWORD)).await.unwrap();
    r.access.session(&s.secret, Via::Web).await.unwrap();
    let link = r.access.invite(chen, HOUR).await.unwrap();
    r.access.accept(&link, "a green lamp 12 fog").await.unwrap();
    assert!(r.access.session(&s.secret, Via::Web).await.is_err(), "a reset ends the sessions");
    r.put("user", "chenyu", &[("status", Value::from("left"))]).await;
    assert!(r.access.invite(chen, HOUR).await.is_err());
}

async fn dengbao_wants_change_and_remembers() {
    let r = Rig::new(PasswordPreset::DengbaoL3).await;
    let chen = r.user("chenyu", &["rep"], &[]).await;
    let p = |n: u32| format!("Blue-kettle-{n}");
    assert!(matches!(r.access.set_password(chen, PASSWORD, None).await, Ok(()) | Err(AccessError::WeakPassword(_))));
    for n in 1..=6 {
        r.access.set_password(chen, &p(n), None).await.unwrap();
    }
    for n in 2..=6 {
        let e = r.access.set_password(chen, &p(n), None).await.unwrap_err();
        assert!(matches!(&e, AccessError::WeakPassword(c) if c == &["password.reused"]), "{n}: {e:?}");
    }
    r.access.set_password(chen, &p(1), None).await.expect("the sixth last may come back");
    r.clock.advance(90 * DAY);
    r.access.sign_in(Rig::attempt("chenyu", &p(1))).await.expect("90 days are fine");
    r.clock.advance(1);
    assert!(matches!(r.access.sign_in(Rig::attempt("chenyu", &p(1))).await, Err(AccessError::PasswordExpired)));
    assert!(matches!(r.access.sign_in_replacing(Rig::attempt("chenyu", &p(1)), &p(1)).await, Err(AccessError::WeakPassword(_))));
    let s = r.access.sign_in_replacing(Rig::attempt("chenyu", &p(1)), &p(7)).await.unwrap();
    r.access.session(&s.secret, Via::Web).await.unwrap();
    r.access.sign_in(Rig::attempt("chenyu", &p(7))).await.unwrap();
    r.clock.advance(16 * MINUTE);
    assert!(r.access.session(&s.secret, Via::Web).await.is_err(), "idle 15 min");
}

async fn set_up_is_needed_until_an_active_administrator_has_a_password() {
    let r = Rig::new(PasswordPreset::Modern).await;
    assert!(r.access.needs_setup().await.unwrap());
    r.with_password("chenyu", &["rep"]).await;
    assert!(r.access.needs_setup().await.unwrap());
    let boss = r.user("boss", &["admin"], &[]).await;
    assert!(r.access.needs_setup().await.unwrap(), "no password yet");
    let s = r.access.open_session(boss, None, "setup").await.unwrap();
    assert!(r.access.session(&s.secret, Via::Web).await.unwrap().is_admin());
    r.access.set_password(boss, PASSWORD, Some(s.id)).await.unwrap();
    assert!(!r.access.needs_setup().await.unwrap());
    r.access.session(&s.secret, Via::Web).await.expect("the kept session lives");
    r.put("user", "boss", &[("status", Value::from("disabled"))]).await;
    assert!(r.access.needs_setup().await.unwrap());
    assert!(r.access.open_session(boss, None, "x").await.is_err());
}

// quality.md V11: a secret that must be read again is sealed, for its place, with a key outside the database.
async fn seeds_of_the_second_step_are_sealed() {
    let r = Rig::new(PasswordPreset::Modern).await;
    let chen = r.with_password("chenyu", &["rep"]).await;
    let li = r.with_password("limei", &["rep"]).await;
    let enrolled = async |user, login: &str| {
        let e = r.access.totp_begin(user, login).await.unwrap();
        r.access.totp_confirm(user, &code_of(&e.secret, r.clock.now().0)).await.unwrap();
        e
    };
    let (a, b) = (enrolled(chen, "chenyu").await, enrolled(li, "limei").await);
    let bodies = async || {
        let mut all = vec![];
        for kind in ["credential", "session", "token", "link", "throttle", "vault"] {
            all.extend(r.db.doc_list(kind, None).await.unwrap());
        }
        all
    };
    let text = bodies().await.iter().map(|d| d.body.to_string()).collect::<String>();
    assert!(text.contains("v1:"), "there are sealed secrets to look at");
    assert!(!text.contains(&a.secret) && !text.contains(&b.secret), "never in the clear");
    let log = r.db.changes(ChangeQuery { limit: 1000, ..ChangeQuery::default() }).await.unwrap();
    let log = log.iter().map(|c| format!("{}{}", c.change.before.get(), c.change.after.get())).collect::<String>();
    assert!(!log.contains(&a.secret) && !log.contains("v1:"), "nor in the log");
    // Somebody with a hand in the database puts their own seed in another person's row.
    let docs = bodies().await;
    let row =
        |user: rapport_schema::UserId| docs.iter().find(|d| d.kind == "credential" && d.key == user.to_string()).unwrap().clone();
    let mut forged = row(chen);
    forged.body["second"]["secret"] = row(li).body["second"]["secret"].clone();
    r.db.write(move |tx| {
        let forged = forged.clone();
        Box::pin(async move { tx.doc_put(forged).await })
    })
    .await
    .unwrap();
    r.clock.advance(30_000);
    for seed in [&a.secret, &b.secret] {
        let attempt = rapport_access::Attempt { totp: Some(code_of(seed, r.clock.now().0)), ..Rig::attempt("chenyu", PASSWORD) };
        assert!(matches!(r.access.sign_in(attempt).await, Err(AccessError::BadCode)));
    }
    // The other person is not concerned, and a recovery code helps the one who is.
    let attempt = rapport_access::Attempt { totp: Some(code_of(&b.secret, r.clock.now().0)), ..Rig::attempt("limei", PASSWORD) };
    r.access.sign_in(attempt).await.unwrap();
    let attempt = rapport_access::Attempt { totp: Some(a.recovery_codes[0].clone()), ..Rig::attempt("chenyu", PASSWORD) };
    r.access.sign_in(attempt).await.unwrap();
}

async fn the_person_shows_the_last_sign_in_and_the_second_step() {
    let r = Rig::new(PasswordPreset::Modern).await;
    let chen = r.with_password("chenyu", &["rep"]).await;
    let version = async || {
        r.db.changes(ChangeQuery {
            record: Some((rapport_schema::ObjectName::lit("user"), chen.record())),
            limit: 100,
            ..ChangeQuery::default()
        })
        .await
        .unwrap()
    };
    assert_eq!(r.stored("user", chen.record(), "last_login_at").await, Value::Null);
    let before = version().await.len();
    r.clock.advance(5 * MINUTE);
    let at = r.clock.now();
    assert!(r.access.sign_in(Rig::attempt("chenyu", "wrong password")).await.is_err());
    assert_eq!(r.stored("user", chen.record(), "last_login_at").await, Value::Null, "a failure is no sign-in");
    r.access.sign_in(Rig::attempt("chenyu", PASSWORD)).await.unwrap();
    assert_eq!(r.stored("user", chen.record(), "last_login_at").await, Value::DateTime(at));
    r.clock.advance(MINUTE);
    r.access.open_session(chen, None, "demo").await.unwrap();
    assert_eq!(r.stored("user", chen.record(), "last_login_at").await, Value::DateTime(at.plus(MINUTE)));
    assert_eq!(version().await.len(), before, "signing in is no change of the person: it collides with nobody's edit");
    // Two-step login is a fact worth a line in the person's history.
    let e = r.access.totp_begin(chen, "chenyu").await.unwrap();
    assert_eq!(r.stored("user", chen.record(), "mfa").await, Value::Bool(false), "begun is not on");
    r.access.totp_confirm(chen, &code_of(&e.secret, r.clock.now().0)).await.unwrap();
    assert_eq!(r.stored("user", chen.record(), "mfa").await, Value::Bool(true));
    let on = version().await;
    let change = on.iter().rev().find(|c| c.change.op == rapport_schema::ChangeOp::Update).unwrap();
    assert_eq!((change.change.before.get(), change.change.after.get()), (r#"{"mfa":false}"#, r#"{"mfa":true}"#));
    r.access.totp_disable(chen, PASSWORD).await.unwrap();
    assert_eq!(r.stored("user", chen.record(), "mfa").await, Value::Bool(false));
    let again = r.access.totp_begin(chen, "chenyu").await.unwrap();
    r.clock.advance(30_000);
    r.access.totp_confirm(chen, &code_of(&again.secret, r.clock.now().0)).await.unwrap();
    r.access.totp_reset(chen, Rig::user_id("boss")).await.unwrap();
    assert_eq!(r.stored("user", chen.record(), "mfa").await, Value::Bool(false));
}

async fn a_password_is_judged_before_anybody_is_made() {
    let r = Rig::new(PasswordPreset::Modern).await;
    let words = ["陈屿 Chenyu", "chenyu@lanchuan.example", "Lanchuan Trading"];
    let faults = async |p: &str| match r.access.check_password(p, &words).await {
        Err(AccessError::WeakPassword(c)) => c,
        other => panic!("{p}: {other:?}"),
    };
    assert!(faults("short").await.contains(&"password.too_short"));
    assert!(faults("chenyu2026").await.contains(&"password.context"), "made of the e-mail's name");
    assert_eq!(faults(&"x".repeat(2_000)).await, ["password.too_long"]);
    r.access.check_password(PASSWORD, &words).await.unwrap();
    assert!(r.access.needs_setup().await.unwrap(), "nothing was made");
}

/// The code an authenticator shows.
fn code_of(seed: &str, at: i64) -> String {
    let s = totp_rs::Secret::try_from_base32(seed).unwrap();
    let t = totp_rs::Builder::new().with_secret(s).with_issuer(Some("x")).with_account_name("x").build().unwrap();
    t.generate(u64::try_from(at / 1000).unwrap()).to_string()
}
