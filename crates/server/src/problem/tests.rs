use std::fmt::Write as _;

use super::*;

fn all() -> Vec<(&'static str, Problem)> {
    let p = || Params::from_iter([("max".to_owned(), json!(10))]);
    vec![
        ("unknown object", Error::UnknownObject("nothing".into()).into()),
        ("not found", Error::NotFound.into()),
        ("denied", Error::Denied("edit").into()),
        (
            "two faulty fields",
            Error::Invalid(vec![
                FieldError::new("name", "value.required"),
                FieldError::new("amount", "value.scale").with("scale", 2),
            ])
            .into(),
        ),
        ("conflict", Error::Conflict { version: 7, fields: vec!["name".into()] }.into()),
        ("domain, state", Error::state("state.invalid_transition").into()),
        ("domain, content", Error::rule("uscc.invalid").into()),
        (
            "domain, permission",
            Error::Rule { code: "stage.no_edit_right", class: Class::Permission, params: Params::new(), fields: vec![] }.into(),
        ),
        (
            "domain, limit",
            Error::Rule { code: "pool.view_limit", class: Class::Limit, params: Params::new(), fields: vec![] }.into(),
        ),
        ("request", Error::Request { code: "batch.too_large", params: p() }.into()),
        ("not unique", StoreError::NotUnique { object: "account".into(), field: "uscc".into() }.into()),
        ("store conflict", StoreError::Conflict.into()),
        ("refused inside", StoreError::Refused(Box::new(Error::NotFound)).into()),
        ("full", StoreError::Full.into()),
        ("unavailable", StoreError::Unavailable("connection refused to 10.0.0.5".into()).into()),
        ("timeout", StoreError::Timeout.into()),
        ("corrupt", StoreError::Corrupt("row 7 of account".into()).into()),
        ("newer", StoreError::Newer { found: 9, known: 3 }.into()),
        ("driver", StoreError::Driver("SELECT secret FROM x".into()).into()),
        ("bad credentials", AccessError::BadCredentials.into()),
        ("locked", AccessError::Locked { retry_after: 900 }.into()),
        ("sign-in busy", AccessError::Busy { retry_after: 2 }.into()),
        ("access, content", AccessError::Invalid("token.scopes").into()),
        ("totp needed", AccessError::TotpNeeded.into()),
        ("bad code", AccessError::BadCode.into()),
        ("not signed in", AccessError::NotSignedIn.into()),
        ("view ended", AccessError::ViewEnded.into()),
        ("weak password", AccessError::WeakPassword(vec!["password.too_short", "password.common"]).into()),
        ("password expired", AccessError::PasswordExpired.into()),
        ("bad link", AccessError::BadLink.into()),
        ("already set up", AccessError::AlreadySetUp.into()),
    ]
}

#[test]
fn the_table_of_errors() {
    // The one table from errors to status and body: a change of it is a change of the contract.
    let mut text = String::new();
    for (name, p) in all() {
        let _ = writeln!(
            text,
            "{name}: {} retry {:?}\n  en {}\n  zh {}",
            p.status,
            p.retry_after,
            p.body(Locale::En, "t"),
            p.body(Locale::Zh, "t")
        );
    }
    insta::assert_snapshot!(text);
}

#[test]
fn nothing_of_the_inside_gets_out() {
    // quality.md V16.5: no stack, SQL or path in answers
    for (name, p) in all() {
        let body = p.body(Locale::En, "t").to_string();
        for word in ["SELECT", "10.0.0.5", "row 7", "schema"] {
            assert!(!body.contains(word), "{name}: {body}");
        }
    }
}

#[test]
fn every_code_of_the_table_has_a_sentence() {
    for (name, p) in all() {
        assert!(messages::raw(&p.code, Locale::En).is_some(), "{name}: {}", p.code);
        for e in &p.errors {
            assert!(messages::raw(&e.code, Locale::Zh).is_some(), "{name}: {}", e.code);
        }
    }
}

#[test]
fn a_full_disk_asks_to_come_back() {
    let full = || std::io::Error::from(std::io::ErrorKind::StorageFull);
    for p in [Problem::from(full()), Problem::from(ExchangeError::Io(full())), Problem::from(StoreError::Full)] {
        assert_eq!((p.status, &*p.code, p.retry_after), (StatusCode::SERVICE_UNAVAILABLE, "server.disk_full", Some(60)));
    }
}
