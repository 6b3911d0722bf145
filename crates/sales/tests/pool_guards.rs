//! Public pools 公海 (R-POOL): ways around them that must not lead anywhere.
#![allow(clippy::unwrap_used)]

#[path = "../../records/tests/it/common.rs"]
#[macro_use]
mod common;
#[path = "../../testkit/src/postgres.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod postgres;
mod seats;

use std::sync::Arc;

use common::{World, faults, map};
use rapport_policy::{Principal, Scope};
use rapport_records::WriteOptions;
use rapport_schema::Via;
use seats::{Pools, world};
use serde_json::{Value as Json, json};

fn code(e: rapport_records::Error) -> String {
    faults(e).remove(0)
}

fn narrowed(s: &Scope, words: &[&str]) -> Scope {
    s.admit(Principal::Local, Via::Web, Some(Arc::new(words.iter().map(|w| (*w).into()).collect())))
}

async fn the_pool_of_a_record_is_no_field_to_write(p: Pools) {
    // R-POOL-01, R-POOL-02: what waits is moved by administrators of both pools, into one that can take it, and never out of all
    let l = p.lead("在池中").await;
    let accounts = p.pool("account").await;
    let off = p.make(&p.w.admin, "pool", json!({ "name": "停用", "object": "lead", "enabled": false })).await;
    for to in [Json::Null, accounts["id"].clone(), off["id"].clone()] {
        let e = p.patch(&p.w.admin, "lead", &l, json!({ "pool_id": to })).await.unwrap_err();
        assert_eq!(faults(e), ["pool_id permission.field"], "{to}");
    }
    assert_eq!(p.now("lead", &l).await["pool_id"], l["pool_id"]);
    // The home pool of what one holds counts against its limit: it is not written away.
    let home = p.pool("lead").await;
    p.patch(&p.w.admin, "pool", &home, json!({ "hold_limit": 1 })).await.unwrap();
    p.act(&p.rep, "lead", &l, "claim", json!({})).await.unwrap();
    let e = p.patch(&p.rep, "lead", &l, json!({ "pool_id": null })).await.unwrap_err();
    assert_eq!(faults(e), ["pool_id permission.field"]);
    let next = p.lead("下一条").await;
    assert_eq!(code(p.act(&p.rep, "lead", &next, "claim", json!({})).await.unwrap_err()), "owner.hold_limit");
}

async fn an_ownerless_lead_is_unassigned_whatever_was_written(p: Pools) {
    // §3.1: unassigned when no owner; otherwise nobody could ever claim it
    let l = p.make(&p.w.admin, "lead", json!({ "name": "导入", "owner_id": null, "status": "new", "source": "other" })).await;
    assert_eq!((&l["in_pool"], &l["status"]), (&json!(true), &json!("unassigned")));
    p.act(&p.rep, "lead", &l, "claim", json!({})).await.unwrap();
    // Whoever may bring engine-maintained fields brings no place without a pool.
    let o = WriteOptions { set_state: true, ..WriteOptions::default() };
    let data = json!({ "name": "无池", "owner_id": null, "in_pool": true, "status": "following", "source": "other" });
    let r = common::val(&p.e.create(&p.w.admin, "lead", map(data), o).await.unwrap());
    assert_eq!((&r["in_pool"], &r["pool_id"], &r["status"]), (&json!(true), &l["pool_id"], &json!("unassigned")));
}

async fn what_comes_out_of_the_bin_has_a_pool_again(p: Pools) {
    // R-POOL-01
    let first = p.pool("lead").await;
    let l = p.lead("删了又回").await;
    p.e.delete(&p.w.admin, "lead", World::rid(&l), WriteOptions::default()).await.unwrap();
    let second = p.make(&p.w.admin, "pool", json!({ "name": "第二个", "object": "lead", "enabled": true })).await;
    p.patch(&p.w.admin, "pool", &first, json!({ "enabled": false })).await.unwrap();
    p.e.restore(&p.w.admin, "lead", World::rid(&l), WriteOptions::default()).await.unwrap();
    assert_eq!(p.now("lead", &l).await["pool_id"], second["id"]);
}

async fn looking_again_writes_nothing(p: Pools) {
    // R-POOL-18: a record once a day; a log that grew with every look would hide the records looked at later
    let l = p.lead("看了又看").await;
    for _ in 0..3 {
        p.act(&p.rep, "lead", &l, "look", json!({})).await.unwrap();
    }
    assert_eq!(p.log(&l, "view").await.len(), 1);
    // A limit of one is reached; a blank one is none.
    let limit = p.make(&p.w.admin, "setting", json!({ "key": "pool.daily_view_limit", "value": 1 })).await;
    let next = p.lead("下一条").await;
    assert_eq!(code(p.act(&p.rep, "lead", &next, "look", json!({})).await.unwrap_err()), "pool.view_limit");
    p.patch(&p.w.admin, "setting", &limit, json!({ "value": null })).await.unwrap();
    for i in 0..101 {
        let l = p.lead(&format!("线索{i}")).await;
        p.act(&p.rep, "lead", &l, "look", json!({})).await.unwrap();
    }
}

async fn administrators_of_a_pool_disqualify_and_delete_what_waits_there(p: Pools) {
    // R-POOL-02, §3.1: pool admins delete (permission) and disqualify; members do neither
    let (a, b) = (p.lead("无效的").await, p.lead("垃圾").await);
    let spam = json!({ "disqualify_reason": "spam" });
    p.act(&p.rep, "lead", &a, "disqualify", spam.clone()).await.unwrap_err();
    let gone = p.act(&p.boss, "lead", &a, "disqualify", spam).await.unwrap();
    assert_eq!((&gone["status"], &gone["in_pool"]), (&json!("disqualified"), &json!(false)));
    let delete = async |s: &Scope| p.e.delete(s, "lead", World::rid(&b), WriteOptions::default()).await;
    delete(&p.rep).await.unwrap_err();
    delete(&narrowed(&p.boss, &["lead:read"])).await.unwrap_err();
    delete(&p.boss).await.unwrap();
    assert!(p.get(&p.w.system, "lead", &b).await.is_err());
    // What is there no longer is out of reach again.
    p.patch(&p.boss, "lead", &a, json!({ "name": "改" })).await.unwrap_err();
}

async fn a_limit_is_exceeded_with_a_reason_and_a_door_that_allows_it(p: Pools) {
    // R-POOL-05
    let limit = p.list(&p.w.admin, "ownership_limit", "object = 'lead'").await.remove(0);
    p.patch(&p.w.admin, "ownership_limit", &limit, json!({ "max_held": 1 })).await.unwrap();
    let held = p.make(&p.boss, "lead", json!({ "name": "一", "source": "other" })).await;
    // A token that names no such permission does not have it.
    let token = narrowed(&p.boss, &["lead:*"]);
    let more = json!({ "name": "二", "source": "other" });
    assert_eq!(p.fail(&token, "lead", more.clone()).await[0], "owner.hold_limit");
    p.make(&p.boss, "lead", more).await;
    let waiting = p.lead("三").await;
    let claim = json!({ "reason": "急单" });
    assert_eq!(code(p.act(&token, "lead", &waiting, "claim", claim.clone()).await.unwrap_err()), "owner.hold_limit");
    p.act(&p.boss, "lead", &waiting, "claim", claim).await.unwrap();
    // A plain change of the owner gives no reason.
    p.make(&p.rep, "lead", json!({ "name": "林禾的", "source": "other" })).await;
    let to = json!({ "owner_id": World::id(&p.rep) });
    assert_eq!(code(p.patch(&p.boss, "lead", &held, to).await.unwrap_err()), "owner.hold_limit");
}

async fn a_duplicate_in_a_closed_pool_is_offered_to_nobody_who_cannot_take_it(p: Pools) {
    // R-DUP-03, R-POOL-02: members of a pool for administrators only see nothing of it
    let l = json!({ "name": "保密", "company_name": "华东重工有限公司", "owner_id": null, "mobile": "13800138000", "source": "website" });
    let l = p.make(&p.w.admin, "lead", l).await;
    let ask = async |s: &Scope| {
        let data = json!({ "mobile": "13800138000" });
        p.e.duplicates(s, "lead", &map(data), None).await.unwrap().remove(0)
    };
    let found = serde_json::to_value(ask(&p.rep).await).unwrap();
    assert_eq!((&found["offer"], &found["id"]), (&json!("claim"), &l["id"]));
    let home = p.pool("lead").await;
    assert_eq!(found["pool"], home["name"]);
    p.patch(&p.w.admin, "pool", &home, json!({ "visibility": "admin_only" })).await.unwrap();
    let found = serde_json::to_value(ask(&p.rep).await).unwrap();
    assert_eq!((&found["offer"], &found["id"], &found["pool"]), (&json!("request_to_join"), &Json::Null, &Json::Null));
    assert_eq!(serde_json::to_value(ask(&p.boss).await).unwrap()["offer"], "claim");
}

async fn what_is_hidden_of_a_pool_record_is_not_told_by_other_ways(p: Pools) {
    // R-POOL-02: fields of any type, and what is made of them
    let home = p.pool("lead").await;
    let hidden = json!(["mobile", "email", "budget", "source", "expected_on", "need", "employee_size"]);
    p.patch(&p.w.admin, "pool", &home, json!({ "hidden_fields": hidden })).await.unwrap();
    let l = json!({
        "name": "样样都有", "owner_id": null, "mobile": "13800138000", "email": "zhangsan@corp.cn", "source": "website",
        "budget": "73219.5", "expected_on": "2027-03-14", "need": "五轴机床", "employee_size": "s3",
    });
    let data = map(l);
    let l = match p.e.create(&p.w.admin, "lead", data, WriteOptions::default()).await {
        Ok(r) => common::val(&r),
        Err(e) => panic!("{:?}", faults(e)),
    };
    let looked = p.act(&p.rep, "lead", &l, "look", json!({})).await.unwrap();
    let view = p.access.directory().await.unwrap().look_into(&p.rep, World::rid(&home)).unwrap();
    let listed = p.list(&view, "lead", "").await.remove(0);
    for seen in [looked, listed] {
        let text = seen.to_string();
        for secret in ["13800138000", "zhangsan", "73219", "2027-03-14", "五轴", "\"website\",", "\"s3\""] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        assert!(seen.get("email_key").is_none(), "{text}");
    }
    // Neither by order, by part, by text, nor by comparing with what one knows.
    for ask in [
        json!({ "sort": "mobile" }),
        json!({ "filter": "mobile contains '8000'" }),
        json!({ "filter": "budget > 70000" }),
        json!({ "filter": "need contains '机床'" }),
        json!({ "filter": "expected_on > '2027-01-01'" }),
        json!({ "filter": "email_key is not empty" }),
    ] {
        let text = |k: &str| ask[k].as_str().map(str::to_owned);
        let req = rapport_records::ListRequest { sort: text("sort"), filter: text("filter"), ..Default::default() };
        assert!(p.e.list(&view, "lead", &req).await.is_err(), "{ask}");
    }
    for q in ["五轴机床", "38000", "8000", "zhangsan"] {
        let req = rapport_records::ListRequest { q: Some(q.into()), ..Default::default() };
        assert_eq!(p.e.list(&view, "lead", &req).await.unwrap().len, 0, "{q}");
    }
    let by_name = rapport_records::ListRequest { q: Some("样样都有".into()), ..Default::default() };
    assert_eq!(p.e.list(&view, "lead", &by_name).await.unwrap().len, 1);
}

async fn one_refusal_leaves_the_rest_of_a_batch(p: Pools) {
    // R-POOL-03: partial success, result per record; what is refused after it was written is undone
    let (a, b, c) = (p.lead("一").await, p.lead("二").await, p.lead("三").await);
    let locked = WriteOptions { set_state: true, ..WriteOptions::default() };
    p.e.update(&p.w.admin, "lead", World::rid(&b), map(json!({ "is_locked": true })), locked).await.unwrap();
    assert_eq!(code(p.act(&p.rep, "lead", &b, "claim", json!({})).await.unwrap_err()), "record.locked");
    let ids = json!({ "ids": [a["id"], b["id"], c["id"], "0190a000-0000-7000-8000-000000000001"] });
    let done = p.e.act(&p.rep, "lead", None, "claim_many", ids, WriteOptions::default()).await.unwrap();
    let codes: Vec<&str> = done["results"].as_array().unwrap().iter().map(|r| r["code"].as_str().unwrap_or("ok")).collect();
    assert_eq!(codes, ["ok", "record.locked", "ok", "not_found"]);
    assert_eq!(p.now("lead", &b).await["owner_id"], Json::Null);
}

async fn nothing_is_hung_on_what_waits(p: Pools) {
    // R-POOL-02: members cannot edit, follow up or open related records; seeing is no read access
    let a = p.make(&p.w.admin, "account", json!({ "name": "华东重工有限公司", "owner_id": null })).await;
    let c = p.make(&p.w.admin, "contact", json!({ "name": "张伟", "account_id": a["id"], "owner_id": null })).await;
    let at = json!({ "object": "account", "id": a["id"] });
    for (object, data) in [
        ("follow_up", json!({ "content": "已电话沟通，客户确认下周报价。", "follow_type": "call", "target": at })),
        ("task", json!({ "subject": "回电", "related": at })),
        ("comment", json!({ "body": "在吗", "record": at })),
        ("contact", json!({ "name": "李娜", "account_id": a["id"] })),
        ("opportunity", json!({ "name": "商机", "account_id": a["id"], "amount": "1", "close_on": "2026-12-31" })),
    ] {
        let e = p.fail(&p.rep, object, data).await;
        assert!(e.iter().any(|e| e.ends_with("reference.not_found")), "{object}: {e:?}");
    }
    assert!(p.get(&p.rep, "contact", &c).await.is_err());
    let home = p.pool("account").await;
    let view = p.access.directory().await.unwrap().look_into(&p.rep, World::rid(&home)).unwrap();
    assert_eq!(p.list(&view, "account", "").await.len(), 1);
    assert!(p.get(&view, "contact", &c).await.is_err());
    for action in ["share", "reveal", "follow", "assign", "take_back", "return_to_pool", "blacklist", "restore"] {
        let input = json!({ "grantee": { "object": "user", "id": World::id(&p.rep) }, "access": "read", "field": "phone",
            "owner_id": World::id(&p.rep), "pool_reason": "other" });
        for who in [&p.rep, &view] {
            assert!(p.act(who, "account", &a, action, input.clone()).await.is_err(), "{action}");
        }
    }
}

async fn a_conversion_into_a_customer_of_a_pool_claims_it(p: Pools) {
    // R-CNV-03: under R-POOL-03; any refusal refuses the whole conversion
    let account = async |name: &str| p.make(&p.w.admin, "account", json!({ "name": name, "owner_id": null })).await;
    let (a, b) = (account("东方仪器有限公司").await, account("西岭机械有限公司").await);
    let lead =
        async |name: &str| p.make(&p.rep, "lead", json!({ "name": name, "contact_name": "张伟", "source": "other" })).await;
    let (first, second) = (lead("一").await, lead("二").await);
    p.patch(&p.w.admin, "pool", &p.pool("account").await, json!({ "daily_claim_limit": 1 })).await.unwrap();
    let into = |a: &Json| json!({ "account": { "id": a["id"] } });
    p.act(&p.rep, "lead", &first, "convert", into(&a)).await.unwrap();
    assert_eq!(p.now("account", &a).await["owner_id"], json!(World::id(&p.rep)));
    assert_eq!(p.log(&a, "claim").await.len(), 1);
    assert_eq!(code(p.act(&p.rep, "lead", &second, "convert", into(&b)).await.unwrap_err()), "pool.daily_limit");
    assert_eq!(p.now("lead", &second).await["status"], "new");
    // What somebody else has meanwhile is no more visible than before.
    assert_eq!(code(p.act(&p.other, "account", &a, "claim", json!({})).await.unwrap_err()), "pool.already_taken");
    let third = p.make(&p.other, "lead", json!({ "name": "三", "contact_name": "王芳", "source": "other" })).await;
    assert_eq!(code(p.act(&p.other, "lead", &third, "convert", into(&a)).await.unwrap_err()), "pool.already_taken");
}

both!(
    world,
    nothing_is_hung_on_what_waits,
    a_conversion_into_a_customer_of_a_pool_claims_it,
    the_pool_of_a_record_is_no_field_to_write,
    an_ownerless_lead_is_unassigned_whatever_was_written,
    what_comes_out_of_the_bin_has_a_pool_again,
    looking_again_writes_nothing,
    administrators_of_a_pool_disqualify_and_delete_what_waits_there,
    a_limit_is_exceeded_with_a_reason_and_a_door_that_allows_it,
    a_duplicate_in_a_closed_pool_is_offered_to_nobody_who_cannot_take_it,
    what_is_hidden_of_a_pool_record_is_not_told_by_other_ways,
    one_refusal_leaves_the_rest_of_a_batch,
);
