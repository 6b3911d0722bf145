//! Logs that belong to a record (R-VIS-05).
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use rapport_policy::{Act, Grants, Principal, Reached, RoleGrants, ScopeBuilder};
use rapport_schema::{
    RecordId, UserId, Via,
    load::{Source, load},
};

const P: &str =
    "[approval_state]\nlabel = { en = \"A\", zh = \"审\" }\nvalues = [{ key = \"none\", label = { en = \"N\", zh = \"无\" } }]";

fn object(name: &str, kind: &str, fields: &str) -> String {
    format!(
        "name = \"{name}\"\nkind = \"{kind}\"\nlabel = {{ en = \"X\", zh = \"某\" }}\nplural = {{ en = \"X\", zh = \"某\" }}\nicon = \"x\"\ntitle = \"name\"\n[[section]]\nkey = \"m\"\nlabel = {{ en = \"M\", zh = \"主\" }}\nfields = [{{ name = \"name\", type = \"text\", label = {{ en = \"N\", zh = \"名\" }} }}, {fields}]"
    )
}

#[test]
fn a_log_with_a_master_follows_it_and_one_without_does_not() {
    let deal = object("deal", "ownable", "");
    let moved =
        object("moved", "log", "{ name = \"deal_id\", type = \"md\", target = \"deal\", label = { en = \"D\", zh = \"商机\" } }");
    let (free, user, dept) = (object("free", "log", ""), object("user", "config", ""), object("department", "config", ""));
    let files = [
        ("picklists/p.toml", P),
        ("objects/a.toml", &deal),
        ("objects/b.toml", &moved),
        ("objects/c.toml", &free),
        ("objects/d.toml", &user),
        ("objects/e.toml", &dept),
    ];
    let m = load(&files.iter().map(|(path, text)| Source { path, text }).collect::<Vec<_>>()).unwrap().model;
    let rule = |objects: serde_json::Value, object: &str, act: Act| {
        let role = Arc::new(RoleGrants::parse(&objects, None, None).unwrap());
        let me = UserId::of(RecordId::from_bytes([7; 16]));
        let scope =
            ScopeBuilder::person(me, "me").grants(Arc::new(Grants::resolve(&m, &[role]))).build(Principal::Local, Via::Api);
        scope.rule(act, &m, m.object(object).unwrap())
    };
    let own =
        || serde_json::json!({ "deal": { "read": "own", "edit": "own" }, "moved": { "read": "own" }, "free": { "read": "own" } });
    let through = rule(own(), "moved", Act::Read);
    assert!(matches!(through.ways(), [Reached::Through { field, .. }] if field == "deal_id"), "{through:?}");
    assert!(rule(own(), "moved", Act::Edit).is_nothing(), "the engine alone writes logs");
    assert!(matches!(rule(own(), "free", Act::Read).ways(), [Reached::Creator(_)]));
    let all = serde_json::json!({ "deal": { "read": "all" }, "moved": { "read": "own" } });
    assert!(rule(all, "moved", Act::Read).is_all());
    assert!(rule(serde_json::json!({ "deal": { "read": "all" } }), "moved", Act::Read).is_nothing(), "a log needs a line");
}
