//! Sharing rules, access that ends by itself, and what is kept for thirty days (R-VIS-04, domain model §0).

use rapport_records::{Apply, Upkeep, WriteOptions};
use serde_json::{Value as Json, json};

use crate::common::World;

const DAY: i64 = 86_400_000;

async fn sees(w: &World, r: &Json) -> bool {
    w.get(&w.other, "account", r).await.is_ok()
}

async fn shares(w: &World) -> usize {
    w.list(&w.admin, "record_share", "rule_id is not empty").await.len()
}

async fn a_rule_by_criteria_follows_every_write(w: World) {
    // R-VIS-04: materialised incrementally
    let key = |n: &str, level: &str| json!({ "name": n, "level": level });
    let before = w.make(&w.rep, "account", key("听泉乳业有限公司", "a")).await;
    let rule = json!({
        "name": "A customers for the south", "object": "account", "kind": "criteria", "criteria": "level = 'a'",
        "to": [{ "object": "user", "id": World::id(&w.other) }], "access": "read",
    });
    let rule = w.make(&w.admin, "sharing_rule", rule).await;
    w.e.build_shares().await.unwrap();
    assert!(sees(&w, &before).await, "what was there before the rule");
    let a = w.make(&w.rep, "account", key("砚山纺织有限公司", "a")).await;
    let b = w.make(&w.rep, "account", key("澄禾光学有限公司", "b")).await;
    assert!(sees(&w, &a).await && !sees(&w, &b).await);
    assert!(w.patch(&w.other, "account", &a, json!({ "website": "https://x.example" })).await.is_err(), "reading only");
    w.patch(&w.rep, "account", &b, json!({ "level": "a" })).await.unwrap();
    w.patch(&w.rep, "account", &a, json!({ "level": "b" })).await.unwrap();
    assert!(!sees(&w, &a).await && sees(&w, &b).await);
    assert_eq!(shares(&w).await, 2);
    // What was shared by hand is not the rule's.
    let to = json!({ "object": "user", "id": World::id(&w.other) });
    w.act(&w.boss, "account", &b, "share", json!({ "grantee": to, "access": "read" })).await.unwrap();
    w.patch(&w.rep, "account", &b, json!({ "level": "c" })).await.unwrap();
    assert!(sees(&w, &b).await, "still by hand");
    w.act(&w.boss, "account", &b, "unshare", json!({ "grantee": to })).await.unwrap();
    assert!(!sees(&w, &b).await);
    // More access, then none.
    w.patch(&w.admin, "sharing_rule", &rule, json!({ "access": "edit" })).await.unwrap();
    w.e.build_shares().await.unwrap();
    w.patch(&w.other, "account", &before, json!({ "website": "https://x.example" })).await.unwrap();
    w.patch(&w.admin, "sharing_rule", &rule, json!({ "enabled": false })).await.unwrap();
    w.e.build_shares().await.unwrap();
    assert!(!sees(&w, &before).await);
    assert_eq!((shares(&w).await, w.e.build_shares().await.unwrap()), (0, 0), "nothing left, nothing to do again");
}

async fn a_rule_by_owner_follows_people_and_departments(w: World) {
    // R-VIS-04
    let rule = json!({
        "name": "The north for the south", "object": "account", "kind": "owner", "from": { "departments": [w.north] },
        "to": { "object": "user", "id": World::id(&w.other) },
    });
    let rule = w.make(&w.admin, "sharing_rule", rule).await;
    let a = w.make(&w.rep, "account", json!({ "name": "听泉乳业有限公司" })).await;
    w.e.build_shares().await.unwrap();
    let b = w.make(&w.rep, "account", json!({ "name": "砚山纺织有限公司" })).await;
    assert!(sees(&w, &a).await && sees(&w, &b).await);
    w.e.delete(&w.admin, "sharing_rule", World::rid(&rule), WriteOptions::default()).await.unwrap();
    w.e.build_shares().await.unwrap();
    assert!(!sees(&w, &b).await, "the rule is gone");
    for (bad, field) in [
        (json!({ "object": "stage" }), "object"),
        (json!({ "criteria": "account_id.level = 'a'", "object": "opportunity" }), "criteria"),
        (json!({ "criteria": "created_at in this_month" }), "criteria"),
        (json!({ "criteria": "nonsense = 1" }), "criteria"),
        (json!({ "to": [{ "object": "account", "id": a["id"] }] }), "to"),
        (json!({ "kind": "owner" }), "from"),
    ] {
        let mut r = json!({
            "name": "x", "object": "account", "kind": "criteria", "criteria": "level = 'a'",
            "to": [{ "object": "user", "id": World::id(&w.other) }],
        });
        for (k, v) in bad.as_object().unwrap() {
            r[k] = v.clone();
        }
        assert_eq!(w.fail(&w.admin, "sharing_rule", r).await, [format!("{field} value.type")], "{bad}");
    }
}

async fn access_ends_on_its_day_and_its_rows_go_at_night(w: World) {
    // R-VIS-04: until `expires_at`, purged nightly
    let a = w.make(&w.rep, "account", json!({ "name": "听泉乳业有限公司" })).await;
    let until = "2026-11-21T03:00:00Z";
    let to = json!({ "object": "user", "id": World::id(&w.other) });
    w.act(&w.boss, "account", &a, "share", json!({ "grantee": to, "access": "read", "expires_at": until })).await.unwrap();
    w.act(&w.rep, "account", &a, "add_member", json!({ "user_id": World::id(&w.other), "expires_at": until })).await.unwrap();
    assert!(sees(&w, &a).await);
    assert_eq!(w.e.upkeep().await.unwrap(), Upkeep::default(), "nothing is over yet");
    w.clock.step(2 * 3_600_000);
    assert!(!sees(&w, &a).await, "over without anybody doing anything");
    assert_eq!(w.e.upkeep().await.unwrap().expired, 2);
    assert!(w.list(&w.admin, "record_share", "access = 'read'").await.is_empty());
    assert_eq!(w.e.upkeep().await.unwrap(), Upkeep::default());
}

async fn the_recycle_bin_is_emptied_after_thirty_days(w: World) {
    // Domain model §0: recycle bin 30 days, then purge
    let (old, new) = (
        w.make(&w.boss, "account", json!({ "name": "听泉乳业有限公司" })).await,
        w.make(&w.boss, "account", json!({ "name": "砚山纺织有限公司" })).await,
    );
    w.e.delete(&w.boss, "account", World::rid(&old), WriteOptions::default()).await.unwrap();
    w.clock.step(DAY);
    w.e.delete(&w.boss, "account", World::rid(&new), WriteOptions::default()).await.unwrap();
    w.clock.step(29 * DAY - 1);
    assert_eq!(w.e.upkeep().await.unwrap().purged, 0);
    w.clock.step(2);
    assert_eq!(w.e.upkeep().await.unwrap().purged, 1);
    let back = async |r: &Json| w.e.restore(&w.boss, "account", World::rid(r), WriteOptions::default()).await.is_ok();
    assert!(back(&new).await && !back(&old).await);
}

const FIELD: &str = r#"
[[extend]]
name = "account"
[[extend.section]]
key = "extra"
label = { en = "Extra", zh = "附加" }
fields = [
  { name = "lucky__c", type = "text", label = { en = "Lucky", zh = "幸运" } },
  { name = "many__c", type = "users", label = { en = "Many", zh = "多人" } },
]
"#;

async fn a_field_that_was_switched_off_keeps_its_data_for_thirty_days(w: World) {
    // Domain model §0; issue: dropping a field keeps the data for 30 days
    w.e.apply_model(&w.admin, FIELD, Apply::NOW).await.unwrap();
    let a = w
        .make(&w.admin, "account", json!({ "name": "听泉乳业有限公司", "lucky__c": "七", "many__c": [World::id(&w.rep)] }))
        .await;
    w.e.apply_model(&w.admin, "", Apply::ALL).await.unwrap();
    assert!(w.get(&w.admin, "account", &a).await.unwrap().get("lucky__c").is_none());
    w.clock.step(30 * DAY - 1);
    assert_eq!(w.e.upkeep().await.unwrap().fields, 0);
    w.e.apply_model(&w.admin, FIELD, Apply::NOW).await.unwrap();
    let r = w.get(&w.admin, "account", &a).await.unwrap();
    assert_eq!((&r["lucky__c"], &r["many__c"][0]), (&json!("七"), &json!(World::id(&w.rep))), "back with its data");
    // In use again: no day counts.
    w.clock.step(60 * DAY);
    assert_eq!(w.e.upkeep().await.unwrap().fields, 0);
    w.e.apply_model(&w.admin, "", Apply::ALL).await.unwrap();
    w.clock.step(30 * DAY);
    assert_eq!(w.e.upkeep().await.unwrap().fields, 2);
    assert_eq!(w.e.upkeep().await.unwrap().fields, 0, "once");
    w.e.apply_model(&w.admin, FIELD, Apply::NOW).await.unwrap();
    let r = w.get(&w.admin, "account", &a).await.unwrap();
    assert_eq!((&r["lucky__c"], &r["many__c"]), (&Json::Null, &json!([])), "a new field");
    let r = w.patch(&w.admin, "account", &a, json!({ "lucky__c": "八" })).await.unwrap();
    assert_eq!(r["lucky__c"], "八");
    assert_eq!(w.list(&w.admin, "account", "lucky__c = '八'").await.len(), 1);
    assert_eq!(w.e.db().doctor(&w.e.model()).await.unwrap(), Vec::<String>::new());
}

both!(
    World::on,
    a_rule_by_criteria_follows_every_write,
    a_rule_by_owner_follows_people_and_departments,
    access_ends_on_its_day_and_its_rows_go_at_night,
    the_recycle_bin_is_emptied_after_thirty_days,
    a_field_that_was_switched_off_keeps_its_data_for_thirty_days,
);
