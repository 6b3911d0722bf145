//! Comments, notifications and followers have rules of their own (R-VIS-07).
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{collections::HashMap, sync::Arc};

use rapport_policy::{Act, Grants, Principal, RoleGrants, RowRule, Scope, ScopeBuilder, facts::Facts, talk};
use rapport_schema::{FieldName, Model, ObjectName, RecordId, UserId, Via};
use serde_json::{Value, json};

fn person(n: u8) -> UserId {
    UserId::of(RecordId::from_bytes([n; 16]))
}

fn scope(m: &Model, objects: Value, functions: Value) -> Scope {
    let role = Arc::new(RoleGrants::parse(&objects, None, Some(&functions)).unwrap());
    ScopeBuilder::person(person(7), "me").grants(Arc::new(Grants::resolve(m, &[role]))).build(Principal::Local, Via::Api)
}

/// A row on an account of `owner`, made by `maker`, for the person `named`.
fn row(owner: u8, maker: u8, named: u8) -> Facts {
    let account = Facts { owner: Some(person(owner)), ..Facts::default() };
    Facts {
        creator: Some(person(maker)),
        named: HashMap::from([(FieldName::lit("user_id"), person(named))]),
        parents: HashMap::from([(FieldName::lit("record"), (ObjectName::new("account").unwrap(), Box::new(account)))]),
        ..Facts::default()
    }
}

#[test]
fn talk_follows_its_record_its_author_and_its_reader() {
    let m = rapport_model::shipped();
    let rule = |s: &Scope, o: &str, act: Act| -> RowRule { s.rule(act, &m, m.object(o).unwrap()) };
    let rep = scope(&m, json!({ "account": { "read": "own" } }), json!([]));
    let admin = scope(&m, json!({}), json!(["admin"]));
    let nobody = scope(&m, json!({}), json!([]));
    let (mine, others) = (7, 3);

    let reads = |s: &Scope, o: &str, r: &Facts| rule(s, o, Act::Read).reaches(r);
    assert!(reads(&rep, talk::COMMENT, &row(mine, others, others)) && !reads(&rep, talk::COMMENT, &row(others, mine, mine)));
    assert!(reads(&rep, talk::FOLLOWER, &row(mine, others, others)) && !reads(&rep, talk::FOLLOWER, &row(others, mine, mine)));
    assert!(reads(&admin, talk::COMMENT, &row(others, others, others)));
    let edits = |s: &Scope, act: Act, r: &Facts| rule(s, talk::COMMENT, act).reaches(r);
    for act in [Act::Edit, Act::Delete] {
        assert!(edits(&rep, act, &row(mine, mine, others)) && !edits(&rep, act, &row(mine, others, others)));
        assert!(!edits(&rep, act, &row(others, mine, others)), "the own words on a record no longer seen");
    }
    assert!(!edits(&admin, Act::Edit, &row(others, others, others)) && edits(&admin, Act::Delete, &row(others, others, others)));
    assert!(rule(&rep, talk::COMMENT, Act::Export).is_nothing());

    assert!(reads(&rep, talk::NOTIFICATION, &row(mine, others, mine)));
    assert!(!reads(&rep, talk::NOTIFICATION, &row(others, others, mine)), "a record no longer seen");
    assert!(!reads(&rep, talk::NOTIFICATION, &row(mine, others, others)), "somebody else's");
    assert!(
        !reads(&admin, talk::NOTIFICATION, &row(others, others, others))
            && reads(&admin, talk::NOTIFICATION, &row(others, others, mine))
    );
    for act in [Act::Edit, Act::Delete, Act::Transfer, Act::Export] {
        assert!(rule(&admin, talk::NOTIFICATION, act).is_nothing() && rule(&rep, talk::FOLLOWER, act).is_nothing());
    }
    for o in [talk::COMMENT, talk::NOTIFICATION, talk::FOLLOWER] {
        assert!(rule(&nobody, o, Act::Read).is_nothing(), "{o}");
    }
}
