//! Falling back into a pool by rule (R-POOL-09 … 12, 17) through the pipeline, on both databases.
#![allow(clippy::unwrap_used)]

#[path = "../../records/tests/it/common.rs"]
#[macro_use]
mod common;
#[path = "../../testkit/src/postgres.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod postgres;
mod seats;

use common::World;
use rapport_records::{BatchOp, BatchOptions, Draft, Error, Hook, ListRequest, Unit};
use rapport_schema::query::CountMode;
use seats::{Pools, world, world_with};
use serde_json::{Value as Json, json};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

impl Pools {
    /// What a server does every minute.
    async fn minute(&self) {
        for c in rapport_sales::chores() {
            c.run(&self.w.e).await.unwrap();
        }
    }
    /// A changed rule is known and everything counted by it. The clock of the tests begins on 2026-11-21 at 10:00 in Shanghai.
    async fn counted(&self) {
        self.minute().await;
        self.clock.step(11_000);
        self.minute().await;
    }
    /// A rule of the default pool, switched on.
    async fn rule(&self, object: &str, rule: Json) -> Json {
        let mut all = json!({ "pool_id": self.pool(object).await["id"], "day_kind": "calendar", "enabled": true });
        all.as_object_mut().unwrap().extend(rule.as_object().unwrap().clone());
        let made = self.make(&self.w.admin, "pool_rule", all).await;
        self.counted().await;
        made
    }
    async fn account(&self, name: &str) -> Json {
        self.make(&self.rep, "account", json!({ "name": name, "level": "b" })).await
    }
    async fn due(&self, object: &str, r: &Json) -> Json {
        self.now(object, r).await["recycle_due_on"].clone()
    }
    async fn told(&self, to: &rapport_policy::Scope) -> Vec<Json> {
        let rows = self.list(&self.w.system, "notification", "kind = 'recycle'").await;
        rows.into_iter().filter(|n| n["user_id"] == json!(World::id(to))).collect()
    }
}

async fn whatever_moves_the_day_writes_it(p: Pools) {
    // R-POOL-09, R-POOL-11
    let old = p.account("规则之前的客户").await;
    assert_eq!(old["recycle_due_on"], Json::Null, "no rule is on");
    let rule = p.rule("account", json!({ "trigger": "no_follow_up", "limit_days": 30 })).await;
    assert_eq!(p.due("account", &old).await, "2026-12-21", "counted anew from the day the rule was switched on");
    p.clock.step(2 * DAY);
    let a = p.account("规则之后的客户").await;
    assert_eq!(a["recycle_due_on"], "2026-12-23");
    let why = &p.now("account", &a).await["recycle_reason"];
    assert_eq!((&why["rule_id"], &why["trigger"], &why["base"]), (&rule["id"], &json!("no_follow_up"), &json!("owned_since")));
    assert_eq!((&why["since"], &why["limit"], &why["day_kind"]), (&json!("2026-11-23"), &json!(30), &json!("calendar")));
    // A follow-up that counts; one without a word does not; one that is taken back gives the day back.
    p.clock.step(5 * DAY);
    let say = |text: &str| json!({ "target": { "object": "account", "id": a["id"] }, "follow_type": "call", "content": text, "occurred_at": "2026-11-28T01:00:00Z" });
    p.make(&p.rep, "follow_up", say("。。。。。。。。。。")).await;
    assert_eq!(p.due("account", &a).await, "2026-12-23");
    let f = p.make(&p.rep, "follow_up", say("已电话沟通，客户确认下周报价。")).await;
    assert_eq!(p.due("account", &a).await, "2026-12-28");
    assert_eq!(p.now("account", &a).await["recycle_reason"]["base"], "last_followed_at");
    p.w.e.delete(&p.w.admin, "follow_up", World::rid(&f), rapport_records::WriteOptions::default()).await.unwrap();
    assert_eq!(p.due("account", &a).await, "2026-12-23");
    // An open deal exempts, whoever makes or ends it (R-POOL-10).
    let deal = p
        .make(&p.rep, "opportunity", json!({ "name": "在谈", "account_id": a["id"], "amount": "100", "close_on": "2027-01-31" }))
        .await;
    assert_eq!(p.now("account", &a).await["recycle_reason"], Json::Null, "an open deal");
    assert_eq!(p.due("account", &a).await, Json::Null);
    p.w.e.delete(&p.w.admin, "opportunity", World::rid(&deal), rapport_records::WriteOptions::default()).await.unwrap();
    assert_eq!(p.due("account", &a).await, "2026-12-23");
    // Blacklisted: nobody's for the taking.
    p.act(&p.w.admin, "account", &a, "blacklist", json!({ "reason": "失信" })).await.unwrap();
    assert_eq!(p.due("account", &a).await, Json::Null);
}

async fn rules_are_by_level_and_by_kind(p: Pools) {
    // R-POOL-09, R-POOL-12
    p.rule("account", json!({ "trigger": "no_follow_up", "limit_days": 60, "levels": ["a"] })).await;
    p.rule("account", json!({ "trigger": "no_follow_up", "limit_days": 15, "levels": ["c"] })).await;
    let a = p.account("随级别").await;
    assert_eq!(a["recycle_due_on"], Json::Null, "there is no rule for B");
    let a = p.patch(&p.rep, "account", &a, json!({ "level": "c" })).await.unwrap();
    assert_eq!(a["recycle_due_on"], "2026-12-06");
    let a = p.patch(&p.rep, "account", &a, json!({ "level": "a" })).await.unwrap();
    assert_eq!(a["recycle_due_on"], "2027-01-20");
    // Leads: a nurturing one has twice the time.
    p.rule("lead", json!({ "trigger": "no_conversion", "limit_days": 10 })).await;
    let l =
        p.make(&p.rep, "lead", json!({ "name": "培育中", "source": "website", "next_follow_at": "2026-12-24T02:00:00Z" })).await;
    assert_eq!(l["recycle_due_on"], "2026-12-01");
    p.act(&p.rep, "lead", &l, "nurture", json!({ "next_follow_at": "2026-12-24T02:00:00Z" })).await.unwrap();
    assert_eq!(p.due("lead", &l).await, "2026-12-11");
}

async fn a_rule_that_changes_counts_anew(p: Pools) {
    // R-POOL-09: off and on again loses no date; R-POOL-11: one run before it counts
    let a = p.account("客户").await;
    let rule = p.rule("account", json!({ "trigger": "no_deal", "limit_days": 90 })).await;
    assert_eq!(p.due("account", &a).await, "2027-02-19");
    let rule = p.patch(&p.w.admin, "pool_rule", &rule, json!({ "limit_days": 60 })).await.unwrap();
    p.counted().await;
    assert_eq!(p.due("account", &a).await, "2027-01-20");
    p.clock.step(9 * DAY);
    let rule = p.patch(&p.w.admin, "pool_rule", &rule, json!({ "enabled": false })).await.unwrap();
    p.counted().await;
    assert_eq!(p.due("account", &a).await, Json::Null);
    p.clock.step(10 * DAY);
    p.patch(&p.w.admin, "pool_rule", &rule, json!({ "enabled": true })).await.unwrap();
    p.counted().await;
    assert_eq!(p.due("account", &a).await, "2027-01-20");
    // Workdays follow the holidays.
    let r = p.rule("account", json!({ "trigger": "no_deal", "limit_days": 5, "day_kind": "working" })).await;
    let before = p.due("account", &a).await;
    let years = p.list(&p.w.admin, "holiday_calendar", "year = 2026").await;
    let day = json!({ "calendar_id": years[0]["id"], "day": before, "kind": "holiday", "name": "临时放假" });
    p.make(&p.w.admin, "holiday", day).await;
    p.counted().await;
    assert!(p.due("account", &a).await.as_str() > before.as_str(), "{r} {before}");
}

async fn what_is_due_goes_back_the_day_after(p: Pools) {
    // R-POOL-09: today > due; R-POOL-08: what follows; R-POOL-11: at two o'clock, once
    let rule = p.rule("account", json!({ "trigger": "no_follow_up", "limit_days": 30 })).await;
    let a = p.account("要回收的").await;
    let kept = p.account("有保护期的").await;
    assert_eq!(a["recycle_due_on"], "2026-12-21");
    // 2026-12-21, the day itself, at any time.
    p.clock.step(30 * DAY + 13 * HOUR);
    p.minute().await;
    assert_eq!(p.now("account", &a).await["in_pool"], false);
    let told = p.told(&p.rep).await.len();
    assert_eq!(told, 1, "the warnings of days without a server are made up for");
    // 2026-12-22 at 01:00 and at 03:00.
    p.clock.step(2 * HOUR);
    p.minute().await;
    assert_eq!(p.now("account", &a).await["in_pool"], false, "not before two");
    // One that is followed up at the last moment stays.
    p.make(&p.rep, "follow_up", json!({ "target": { "object": "account", "id": kept["id"] }, "follow_type": "call", "content": "深夜回电，客户要样品和报价。", "occurred_at": "2026-12-21T16:30:00Z" })).await;
    p.clock.step(2 * HOUR);
    p.minute().await;
    let now = p.now("account", &a).await;
    assert_eq!((&now["in_pool"], &now["owner_id"], &now["pool_reason"]), (&json!(true), &Json::Null, &json!("no_follow_up")));
    assert_eq!((&now["prev_owner_id"], &now["recycle_due_on"]), (&json!(World::id(&p.rep)), &Json::Null));
    let log = p.log(&a, "recycle").await;
    assert_eq!((log.len(), &log[0]["rule_id"], &log[0]["from_user"]), (1, &rule["id"], &json!(World::id(&p.rep))));
    assert_eq!(p.now("account", &kept).await["in_pool"], false);
    assert_eq!(p.told(&p.rep).await.len(), told, "who no longer sees a record is not told of it");
    // The next minutes find nothing to do; a claim begins anew.
    p.minute().await;
    assert_eq!(p.log(&a, "recycle").await.len(), 1);
    let mine = p.act(&p.other, "account", &a, "claim", json!({})).await.unwrap();
    assert_eq!(mine["recycle_due_on"], "2027-01-21");
}

async fn one_that_cannot_go_holds_up_no_other(p: Pools) {
    // R-POOL-11
    p.rule("account", json!({ "trigger": "no_follow_up", "limit_days": 10 })).await;
    let (a, b) = (p.account("甲").await, p.account("乙").await);
    p.clock.step(12 * DAY);
    p.minute().await;
    assert_eq!(p.now("account", &a).await["in_pool"], true);
    assert_eq!(p.now("account", &b).await["in_pool"], false);
}

async fn every_record_is_reached(p: Pools) {
    // R-POOL-11: more than fit two transactions
    const MANY: usize = 1_050;
    let one = |i: usize| {
        let data = json!({ "name": format!("客户{i:04}"), "owner_id": World::id(&p.rep), "level": "b" });
        BatchOp::Create { data: common::map(data), children: vec![] }
    };
    let made = p.w.e.batch(&p.w.system, "account", (0..MANY).map(one).collect(), BatchOptions::default()).await.unwrap();
    assert!(made.rows.iter().all(Result::is_ok));
    let of = |filter: &'static str| {
        let (e, system) = (&p.w.e, &p.w.system);
        async move {
            let ask =
                ListRequest { filter: Some(filter.into()), count: CountMode::Exact, limit: Some(1), ..ListRequest::default() };
            e.list(system, "account", &ask).await.unwrap().count.unwrap().value
        }
    };
    p.rule("account", json!({ "trigger": "no_follow_up", "limit_days": 10 })).await;
    assert_eq!(of("recycle_due_on = 2026-12-01").await, MANY as u64, "all are counted anew");
    p.clock.step(7 * DAY);
    p.minute().await;
    assert_eq!(p.told(&p.rep).await[0]["count"], MANY, "all are told of, each once");
    p.clock.step(4 * DAY);
    p.minute().await;
    assert_eq!(of("in_pool = true").await, MANY as u64, "all are taken back");
}

async fn what_comes_out_of_a_pool_counts_from_then(p: Pools) {
    // R-POOL-17, Check, through the pipeline
    p.rule("account", json!({ "trigger": "never_won", "limit_days": 6, "day_kind": "month" })).await;
    let a = p.make(&p.w.admin, "account", json!({ "name": "从未成交", "owner_id": null })).await;
    assert_eq!(a["recycle_due_on"], Json::Null);
    p.clock.step(19 * DAY);
    p.act(&p.rep, "account", &a, "claim", json!({})).await.unwrap();
    let now = p.now("account", &a).await;
    assert_eq!((&now["recycle_due_on"], &now["recycle_reason"]["base"]), (&json!("2027-06-10"), &json!("left_pool")));
}

async fn what_was_said_goes_along_with_a_deal(p: Pools) {
    // R-POOL-09: follow-ups of an account's contacts and deals count for it
    p.rule("account", json!({ "trigger": "no_follow_up", "limit_days": 30, "include_open_opp": true })).await;
    let (a, b) = (p.account("甲").await, p.account("乙").await);
    let deal = json!({ "name": "在谈", "account_id": a["id"], "amount": "100", "close_on": "2027-01-31" });
    let deal = p.make(&p.rep, "opportunity", deal).await;
    p.clock.step(5 * DAY);
    let said = json!({ "target": { "object": "opportunity", "id": deal["id"] }, "follow_type": "call", "content": "已电话沟通，客户确认下周报价。", "occurred_at": "2026-11-26T01:00:00Z" });
    p.make(&p.rep, "follow_up", said).await;
    assert_eq!((p.due("account", &a).await, p.due("account", &b).await), (json!("2026-12-26"), json!("2026-12-21")));
    p.patch(&p.rep, "opportunity", &deal, json!({ "account_id": b["id"] })).await.unwrap();
    assert_eq!((p.due("account", &a).await, p.due("account", &b).await), (json!("2026-12-21"), json!("2026-12-26")));
}

async fn what_a_pool_is_told_is_checked(p: Pools) {
    // R-POOL-11: days of warning; R-POOL-01: conditions over the record itself
    let pool = p.pool("account").await;
    for bad in [json!(["3"]), json!([-1]), json!([4_000_000]), json!(3)] {
        let refused = p.patch(&p.w.admin, "pool", &pool, json!({ "remind_days": bad })).await.unwrap_err();
        assert_eq!(common::faults(refused), ["remind_days value.range"]);
    }
    let refused = p.patch(&p.w.admin, "pool", &pool, json!({ "entry_filter": "parent_id.level = 'a'" })).await.unwrap_err();
    assert_eq!(common::faults(refused), ["entry_filter expr.not_filterable"]);
}

async fn owners_are_told_before(p: Pools) {
    // R-POOL-11: three days and one day before, one notice a person; the last one goes to the superior too
    let me = json!({ "id": World::id(&p.rep) });
    p.patch(&p.w.system, "user", &me, json!({ "manager_id": World::id(&p.boss) })).await.unwrap();
    p.rule("account", json!({ "trigger": "no_follow_up", "limit_days": 10 })).await;
    p.account("甲").await;
    p.account("乙").await;
    // Due 12-01. On 11-28 at 08:00 nothing, at 09:30 both in one notice.
    p.clock.step(6 * DAY + 22 * HOUR);
    p.minute().await;
    assert!(p.told(&p.rep).await.is_empty());
    p.clock.step(HOUR + HOUR / 2);
    p.minute().await;
    let told = p.told(&p.rep).await;
    assert_eq!((told.len(), &told[0]["count"]), (1, &json!(2)));
    assert!(p.told(&p.boss).await.is_empty());
    p.minute().await;
    assert_eq!(p.told(&p.rep).await[0]["count"], 2, "told once");
    // 11-29: nothing; 11-30: the last one.
    p.clock.step(DAY);
    p.minute().await;
    assert_eq!(p.told(&p.rep).await.len(), 1);
    p.clock.step(DAY);
    p.minute().await;
    assert_eq!((p.told(&p.rep).await.len(), p.told(&p.boss).await.len()), (2, 1));
}

async fn a_lock_and_more_protection_keep_it(p: Pools) {
    // R-POOL-14, R-POOL-10
    let me = json!({ "id": World::id(&p.rep) });
    p.patch(&p.w.system, "user", &me, json!({ "manager_id": World::id(&p.boss) })).await.unwrap();
    p.rule("account", json!({ "trigger": "no_follow_up", "limit_days": 10 })).await;
    let limit = p.list(&p.w.admin, "ownership_limit", "object = 'account'").await.remove(0);
    p.patch(&p.w.admin, "ownership_limit", &limit, json!({ "max_locked": 1 })).await.unwrap();
    let (a, b) = (p.account("锁定的").await, p.account("再锁一个").await);
    let refused = p.act(&p.other, "account", &a, "lock_from_pool", json!({})).await;
    assert!(refused.is_err(), "not his");
    let locked = p.act(&p.rep, "account", &a, "lock_from_pool", json!({})).await.unwrap();
    assert_eq!((&locked["is_private_locked"], &locked["recycle_due_on"]), (&json!(true), &Json::Null));
    let full = p.act(&p.rep, "account", &b, "lock_from_pool", json!({})).await.unwrap_err();
    assert_eq!(common::faults(full), ["pool.lock_limit"]);
    let open = p.act(&p.rep, "account", &a, "unlock_from_pool", json!({})).await.unwrap();
    assert_eq!(open["recycle_due_on"], "2026-12-01");
    p.act(&p.rep, "account", &b, "lock_from_pool", json!({})).await.unwrap();
    p.act(&p.boss, "account", &b, "assign", json!({ "owner_id": World::id(&p.boss) })).await.unwrap();
    assert_eq!(p.now("account", &b).await["is_private_locked"], false, "a lock is its owner's");
    assert!(p.act(&p.boss, "account", &b, "extend_protection", json!({})).await.is_err(), "not for himself");
    // Protection: the owner does not give it to himself; thirty days at a time, ninety after he got it at most.
    assert!(p.act(&p.rep, "account", &a, "extend_protection", json!({})).await.is_err());
    let mut r = Json::Null;
    for _ in 0..3 {
        r = p.act(&p.boss, "account", &a, "extend_protection", json!({ "reason": "正在招标" })).await.unwrap();
    }
    assert_eq!(r["recycle_due_on"], "2027-02-19");
    assert_eq!(r["recycle_reason"]["protected"], true);
    let much = p.act(&p.boss, "account", &a, "extend_protection", json!({})).await.unwrap_err();
    assert_eq!(common::faults(much), ["pool.extension_limit"]);
}

/// Somebody's rule that one of them may not be without an owner.
struct Stubborn;

#[async_trait::async_trait]
impl Hook for Stubborn {
    fn objects(&self) -> &[&'static str] {
        &["account"]
    }
    async fn before(&self, _u: &mut Unit<'_>, d: &mut Draft) -> Result<(), Error> {
        let stays = d.new.get(&d.object, "name").as_text() == Some("乙") && d.new.get(&d.object, "owner_id").is_empty();
        if stays { Err(Error::rule("permission.denied")) } else { Ok(()) }
    }
}

async fn stubborn(target: rapport_store::Target, dir: Option<tempfile::TempDir>) -> Pools {
    world_with(target, dir, vec![std::sync::Arc::new(Stubborn)]).await
}

mod with_a_rule {
    use super::*;
    both!(stubborn, one_that_cannot_go_holds_up_no_other);
}

both!(
    world,
    whatever_moves_the_day_writes_it,
    every_record_is_reached,
    what_comes_out_of_a_pool_counts_from_then,
    what_was_said_goes_along_with_a_deal,
    what_a_pool_is_told_is_checked,
    rules_are_by_level_and_by_kind,
    a_rule_that_changes_counts_anew,
    what_is_due_goes_back_the_day_after,
    owners_are_told_before,
    a_lock_and_more_protection_keep_it,
);
