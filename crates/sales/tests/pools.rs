//! Public pools 公海 (R-POOL) through the pipeline.
#![allow(clippy::unwrap_used)]

#[path = "../../records/tests/it/common.rs"]
#[macro_use]
mod common;
#[path = "../../testkit/src/postgres.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod postgres;
mod seats;

use common::{World, faults};
use seats::{Pools, world};
use serde_json::{Value as Json, json};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

fn code(e: rapport_records::Error) -> String {
    faults(e).remove(0)
}

async fn what_nobody_owns_waits_in_exactly_one_pool(p: Pools) {
    // R-POOL-01
    let home = p.pool("lead").await;
    let l = p.lead("北京来的线索").await;
    assert_eq!((&l["in_pool"], &l["pool_id"], &l["status"]), (&json!(true), &home["id"], &json!("unassigned")));
    assert_eq!(p.log(&l, "enter").await.len(), 1);
    // A pool whose condition fits comes before the default one; of two the one with the lower priority.
    let narrow =
        json!({ "name": "官网线索", "object": "lead", "entry_filter": "source = 'website'", "priority": 10, "enabled": true });
    let near = p.make(&p.w.admin, "pool", narrow).await;
    p.make(
        &p.w.admin,
        "pool",
        json!({ "name": "后面的", "object": "lead", "entry_filter": "source = 'website'", "priority": 20, "enabled": true }),
    )
    .await;
    assert_eq!(p.lead("官网第二条").await["pool_id"], near["id"]);
    // What somebody owns is in none.
    let mine = p.make(&p.rep, "lead", json!({ "name": "自己的", "source": "website" })).await;
    assert_eq!((&mine["in_pool"], &mine["pool_id"], &mine["assign_mode"]), (&json!(false), &Json::Null, &json!("self")));
    // A condition that does not fit is refused where it is written.
    let bad = json!({ "name": "坏的", "object": "lead", "entry_filter": "nonsense = 1", "enabled": true });
    assert!(p.fail(&p.w.admin, "pool", bad).await[0].starts_with("entry_filter "));
}

async fn there_is_always_a_pool_and_none_goes_with_records_in_it(p: Pools) {
    // R-POOL-01
    let home = p.pool("lead").await;
    let off = json!({ "enabled": false });
    assert_eq!(code(p.patch(&p.w.admin, "pool", &home, off.clone()).await.unwrap_err()), "pool.last_enabled");
    p.make(&p.w.admin, "pool", json!({ "name": "第二个", "object": "lead", "enabled": true })).await;
    let l = p.lead("占着").await;
    assert_eq!(code(p.patch(&p.w.admin, "pool", &home, off.clone()).await.unwrap_err()), "pool.not_empty");
    p.act(&p.rep, "lead", &l, "claim", json!({})).await.unwrap();
    p.patch(&p.w.admin, "pool", &home, off).await.unwrap();
}

async fn claiming_gives_an_owner_and_says_so(p: Pools) {
    // R-POOL-03, R-POOL-07
    let l = p.lead("可领取").await;
    let r = p.act(&p.rep, "lead", &l, "claim", json!({})).await.unwrap();
    assert_eq!((&r["owner_id"], &r["dept_id"]), (&json!(World::id(&p.rep)), &json!(p.north)));
    assert_eq!(
        (&r["in_pool"], &r["pool_id"], &r["status"], &r["assign_mode"]),
        (&json!(false), &l["pool_id"], &json!("new"), &json!("claim"))
    );
    assert_eq!(r["protected_until"], "2026-11-28T02:00:00.000Z", "seven days");
    assert!(!r["owned_since"].is_null());
    assert_eq!(p.log(&l, "claim").await[0]["to_user"], json!(World::id(&p.rep)));
    // Again: the same answer (domain model §3 i). Somebody else: taken.
    p.act(&p.rep, "lead", &l, "claim", json!({})).await.unwrap();
    assert_eq!(code(p.act(&p.other, "lead", &l, "claim", json!({})).await.unwrap_err()), "pool.already_taken");
    assert_eq!(p.log(&l, "claim").await.len(), 1);
}

async fn a_customer_takes_its_ownerless_contacts_along(p: Pools) {
    // R-POOL-07, R-POOL-08
    let a = p.make(&p.rep, "account", json!({ "name": "华东重工有限公司" })).await;
    let c = p.make(&p.rep, "contact", json!({ "name": "张伟", "account_id": a["id"] })).await;
    let theirs = p.make(&p.w.admin, "contact", json!({ "name": "王芳", "account_id": a["id"] })).await;
    let t = p.make(&p.rep, "task", json!({ "subject": "回电", "related": { "object": "account", "id": a["id"] } })).await;
    let v =
        p.make(&p.rep, "visit", json!({ "subject": "拜访", "account_id": a["id"], "planned_at": "2026-11-30T02:00:00Z" })).await;
    let share = json!({ "grantee": { "object": "user", "id": World::id(&p.other) }, "access": "read" });
    p.act(&p.rep, "account", &a, "share", share).await.unwrap();
    assert!(p.get(&p.other, "account", &a).await.is_ok());
    let e = p.act(&p.other, "account", &a, "return_to_pool", json!({ "pool_reason": "no_need" })).await.unwrap_err();
    assert!(faults(e)[0].contains("Denied"), "the owner alone gives back");
    p.act(&p.rep, "account", &a, "return_to_pool", json!({ "pool_reason": "no_need", "reason": "已停产" })).await.unwrap();
    let now = p.now("account", &a).await;
    assert_eq!((&now["owner_id"], &now["dept_id"], &now["in_pool"]), (&Json::Null, &Json::Null, &json!(true)));
    assert_eq!((&now["pool_reason"], &now["prev_owner_id"]), (&json!("no_need"), &json!(World::id(&p.rep))));
    assert_eq!(p.now("contact", &c).await["owner_id"], Json::Null);
    assert_eq!(p.now("contact", &theirs).await["owner_id"], json!(World::id(&p.w.admin)), "somebody else's stays");
    assert_eq!(p.now("task", &t).await["status"], "cancelled");
    assert_eq!(p.now("visit", &v).await["status"], "cancelled");
    assert!(p.get(&p.other, "account", &a).await.is_err(), "what was shared is no longer");
    assert_eq!(p.log(&a, "return").await[0]["reason"], "已停产");
    p.act(&p.other, "account", &a, "claim", json!({})).await.unwrap();
    assert_eq!(p.now("contact", &c).await["owner_id"], json!(World::id(&p.other)));
    assert_eq!(p.now("contact", &theirs).await["owner_id"], json!(World::id(&p.w.admin)));
}

async fn a_batch_is_claimed_one_by_one_within_the_daily_limit(p: Pools) {
    // R-POOL-03, R-POOL-04, Check: limit 10, 9 claimed today, batch of three of which the second is taken
    let mut leads = vec![];
    for i in 0..12 {
        leads.push(p.lead(&format!("线索{i}")).await);
    }
    for l in &leads[..9] {
        p.act(&p.rep, "lead", l, "claim", json!({})).await.unwrap();
    }
    p.act(&p.other, "lead", &leads[10], "claim", json!({})).await.unwrap();
    let ids: Vec<&Json> = leads[9..].iter().map(|l| &l["id"]).collect();
    let done =
        p.e.act(&p.rep, "lead", None, "claim_many", json!({ "ids": ids }), rapport_records::WriteOptions::default())
            .await
            .unwrap();
    let codes: Vec<&str> = done["results"].as_array().unwrap().iter().map(|r| r["code"].as_str().unwrap_or("ok")).collect();
    assert_eq!(codes, ["ok", "pool.already_taken", "pool.daily_limit"]);
    // Returned the same day, it still counts; the next day is new.
    p.act(&p.rep, "lead", &leads[9], "return_to_pool", json!({ "pool_reason": "no_need" })).await.unwrap();
    assert_eq!(code(p.act(&p.rep, "lead", &leads[11], "claim", json!({})).await.unwrap_err()), "pool.daily_limit");
    p.clock.step(14 * HOUR);
    p.act(&p.rep, "lead", &leads[11], "claim", json!({})).await.unwrap();
    // More than fifty at once are refused as a whole.
    let many: Vec<Json> = (0..51).map(|_| leads[0]["id"].clone()).collect();
    let e =
        p.e.act(&p.rep, "lead", None, "claim_many", json!({ "ids": many }), rapport_records::WriteOptions::default())
            .await
            .unwrap_err();
    assert_eq!(code(e), "pool.batch_too_large");
}

async fn the_former_owner_waits(p: Pools) {
    // R-POOL-06: entered on day 0 at 18:00, 7 days → refused until the last minute of day 6, allowed from day 7, 00:00
    let l = p.lead("退回的").await;
    p.act(&p.rep, "lead", &l, "claim", json!({})).await.unwrap();
    p.clock.step(8 * HOUR);
    p.act(&p.rep, "lead", &l, "return_to_pool", json!({ "pool_reason": "no_answer" })).await.unwrap();
    assert_eq!(p.now("lead", &l).await["recycle_count"], 1);
    p.clock.step(6 * DAY + 5 * HOUR + 59 * 60_000);
    assert_eq!(code(p.act(&p.rep, "lead", &l, "claim", json!({})).await.unwrap_err()), "pool.cooldown");
    p.clock.step(60_000);
    p.act(&p.rep, "lead", &l, "claim", json!({})).await.unwrap();
}

async fn nobody_holds_more_than_is_allowed(p: Pools) {
    // R-POOL-05: person before department before everybody
    let limit = p.list(&p.w.admin, "ownership_limit", "object = 'lead'").await.remove(0);
    p.patch(&p.w.admin, "ownership_limit", &limit, json!({ "max_held": 1 })).await.unwrap();
    let (first, second) = (p.lead("一").await, p.lead("二").await);
    p.act(&p.rep, "lead", &first, "claim", json!({})).await.unwrap();
    assert_eq!(code(p.act(&p.rep, "lead", &second, "claim", json!({})).await.unwrap_err()), "owner.hold_limit");
    assert_eq!(p.fail(&p.rep, "lead", json!({ "name": "自建", "source": "other" })).await[0], "owner.hold_limit");
    // An administrator of the pool may go over it, with a reason.
    let to_rep = |reason: Json| json!({ "owner_id": World::id(&p.rep), "reason": reason });
    let e = p.act(&p.boss, "lead", &second, "assign", to_rep(Json::Null)).await.unwrap_err();
    assert_eq!(code(e), "owner.hold_limit");
    p.act(&p.boss, "lead", &second, "assign", to_rep(json!("展会急单"))).await.unwrap();
    let now = p.now("lead", &second).await;
    assert_eq!((&now["assign_mode"], &now["status"], &now["in_pool"]), (&json!("assign"), &json!("new"), &json!(false)));
    // The department's own limit is nearer than that of everybody.
    let third = p.lead("三").await;
    p.make(&p.w.admin, "ownership_limit", json!({ "name": "华南", "object": "lead", "depts": [p.south], "max_held": 2 })).await;
    for l in [&third, &p.lead("四").await] {
        p.act(&p.other, "lead", l, "claim", json!({})).await.unwrap();
    }
    let fifth = p.lead("五").await;
    assert_eq!(code(p.act(&p.other, "lead", &fifth, "claim", json!({})).await.unwrap_err()), "owner.hold_limit");
    // What is done with is no longer held.
    p.act(&p.other, "lead", &third, "disqualify", json!({ "disqualify_reason": "spam" })).await.unwrap();
    p.act(&p.other, "lead", &fifth, "claim", json!({})).await.unwrap();
}

async fn only_who_sits_at_a_pool_sees_and_takes(mut p: Pools) {
    // R-POOL-02, R-POOL-03
    let home = p.pool("lead").await;
    let mobile = json!({ "name": "谁能看", "owner_id": null, "mobile": "13800138000", "source": "website" });
    let l = p.make(&p.w.admin, "lead", mobile).await;
    assert!(p.get(&p.rep, "lead", &l).await.is_err(), "the pool gives no access of its own");
    let seen = p.act(&p.rep, "lead", &l, "look", json!({})).await.unwrap();
    assert_eq!((&seen["name"], &seen["owner_id"]), (&json!("谁能看"), &Json::Null));
    assert!(seen["mobile"].to_string().contains("138****8000") && !seen.to_string().contains("13800138000"), "{seen}");
    assert!(p.act(&p.boss, "lead", &l, "look", json!({})).await.unwrap().to_string().contains("13800138000"));
    // In a list of the pool alone, through the same masks, and nothing else.
    p.make(&p.rep, "lead", json!({ "name": "自己的", "source": "other" })).await;
    let looking = p.access.directory().await.unwrap().look_into(&p.rep, World::rid(&home)).unwrap();
    let rows = p.list(&looking, "lead", "").await;
    assert_eq!(rows.len(), 1);
    assert!(!rows[0].to_string().contains("13800138000"));
    assert!(p.patch(&looking, "lead", &l, json!({ "name": "改" })).await.is_err());
    // Members only get what is given to them.
    p.patch(&p.w.admin, "pool", &home, json!({ "visibility": "admin_only" })).await.unwrap();
    assert_eq!(code(p.act(&p.rep, "lead", &l, "claim", json!({})).await.unwrap_err()), "pool.not_claimable");
    assert!(p.access.directory().await.unwrap().look_into(&p.rep, World::rid(&home)).is_none());
    assert!(p.access.directory().await.unwrap().look_into(&p.boss, World::rid(&home)).is_some());
    // Members of the north alone.
    let north = json!({ "visibility": "claimable", "member_roles": [], "member_depts": [p.north] });
    p.patch(&p.w.admin, "pool", &home, north).await.unwrap();
    p.renew().await;
    assert!(faults(p.act(&p.other, "lead", &l, "claim", json!({})).await.unwrap_err())[0].contains("NotFound"));
    p.act(&p.rep, "lead", &l, "claim", json!({})).await.unwrap();
}

async fn opening_is_counted_once_a_record_and_day(p: Pools) {
    // R-POOL-18, Check, limit 3: A, B, A, C open, D refused, A opens, next day D opens
    p.make(&p.w.admin, "setting", json!({ "key": "pool.daily_view_limit", "value": 3 })).await;
    let mut l = vec![];
    for n in ["A", "B", "C", "D"] {
        l.push(p.lead(n).await);
    }
    let look = async |i: usize| p.act(&p.rep, "lead", &l[i], "look", json!({})).await;
    for i in [0, 1, 0, 2] {
        look(i).await.unwrap();
    }
    assert_eq!(code(look(3).await.unwrap_err()), "pool.view_limit");
    look(0).await.unwrap();
    p.act(&p.boss, "lead", &l[3], "look", json!({})).await.unwrap();
    p.clock.step(DAY);
    look(3).await.unwrap();
}

async fn administrators_take_back_and_move(p: Pools) {
    // R-POOL-02
    let l = p.lead("要收回").await;
    p.act(&p.rep, "lead", &l, "claim", json!({})).await.unwrap();
    assert!(p.act(&p.other, "lead", &l, "take_back", json!({})).await.is_err());
    p.act(&p.boss, "lead", &l, "take_back", json!({ "pool_reason": "not_mine" })).await.unwrap();
    assert_eq!(p.log(&l, "take_back").await.len(), 1);
    let second = p.make(&p.w.admin, "pool", json!({ "name": "第二个", "object": "lead", "enabled": true, "admin_roles": [{ "external_id": "role.sales_director" }] })).await;
    let accounts = p.pool("account").await;
    let e = p.act(&p.boss, "lead", &l, "move_to_pool", json!({ "pool_id": accounts["id"] })).await.unwrap_err();
    assert_eq!(code(e), "pool.move_target");
    p.act(&p.boss, "lead", &l, "move_to_pool", json!({ "pool_id": second["id"] })).await.unwrap();
    assert_eq!(p.now("lead", &l).await["pool_id"], second["id"]);
    assert_eq!(p.log(&l, "move").await.len(), 1);
}

async fn a_hundred_claims_give_one_owner(p: Pools) {
    // R-POOL-03, Check
    let l = p.lead("只有一条").await;
    let mut tasks = vec![];
    for i in 0..100 {
        let (e, who, id) = (p.e.clone(), if i % 2 == 0 { p.rep.clone() } else { p.other.clone() }, World::rid(&l));
        tasks.push(tokio::spawn(async move {
            let done = e.act(&who, "lead", Some(id), "claim", json!({}), rapport_records::WriteOptions::default()).await;
            (who.user(), done.map(|_| ()).map_err(code))
        }));
    }
    let mut answers = vec![];
    for t in tasks {
        answers.push(t.await.unwrap());
    }
    let owner = p.now("lead", &l).await["owner_id"].clone();
    for (who, done) in answers {
        // The owner's own repetitions answer with the record; everybody else was too late.
        let won = json!(who.unwrap().record()) == owner;
        assert_eq!(done, if won { Ok(()) } else { Err("pool.already_taken".to_owned()) });
    }
    assert_eq!(p.log(&l, "claim").await.len(), 1);
}

both!(
    world,
    what_nobody_owns_waits_in_exactly_one_pool,
    there_is_always_a_pool_and_none_goes_with_records_in_it,
    claiming_gives_an_owner_and_says_so,
    a_customer_takes_its_ownerless_contacts_along,
    a_batch_is_claimed_one_by_one_within_the_daily_limit,
    the_former_owner_waits,
    nobody_holds_more_than_is_allowed,
    only_who_sits_at_a_pool_sees_and_takes,
    opening_is_counted_once_a_record_and_day,
    administrators_take_back_and_move,
    a_hundred_claims_give_one_owner,
);
