//! Assignment by rules (R-ASN) through the pipeline.
#![allow(clippy::unwrap_used)]

#[path = "../../records/tests/it/common.rs"]
#[macro_use]
mod common;
#[path = "../../testkit/src/postgres.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod postgres;

use std::{collections::BTreeMap, sync::Arc};

use common::{World, map, val};
use rapport_access::{Access, PasswordPreset, Vault};
use rapport_policy::{Principal, Scope};
use rapport_records::WriteOptions;
use rapport_schema::{TokenId, UserId, Via, clock::RandomIds};
use serde_json::{Value as Json, json};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// A workspace with four sellers A, B, C, D and a program that brings leads in the administrator's name.
struct Desk {
    w: World,
    access: Access,
    /// Sales director of the north: administrator of the shipped pools.
    boss: Scope,
    /// A seller of the north who is in no ring.
    rep: Scope,
    /// The program.
    token: Scope,
    sellers: Vec<Json>,
}

impl std::ops::Deref for Desk {
    type Target = World;
    fn deref(&self) -> &World {
        &self.w
    }
}

async fn world(target: rapport_store::Target, dir: Option<tempfile::TempDir>) -> Desk {
    let w = World::with(target, dir, rapport_sales::hooks(), rapport_sales::actions()).await;
    let of = w.e.clone();
    let access = Access::open(
        w.db.clone(),
        Arc::new(move || of.model()),
        w.clock.clone(),
        Arc::new(RandomIds),
        PasswordPreset::Modern,
        Vault::new([7; 32]),
    )
    .await
    .unwrap();
    w.e.introduce(&access);
    let mut sellers = vec![];
    for name in ["seller1", "seller2", "seller3", "seller4"] {
        let d = json!({ "username": name, "name": name, "main_dept": w.north, "roles": [{ "external_id": "role.sales_rep" }], "status": "active", "locale": "zh_cn" });
        sellers.push(w.make(&w.system, "user", d).await);
    }
    // Rings go by id where the list says nothing.
    sellers.sort_by_key(|s| s["id"].as_str().unwrap().to_owned());
    let today = jiff::civil::date(2026, 11, 21);
    let people = access.directory().await.unwrap();
    let person = |s: &Scope| people.scope(UserId::of(World::id(s)), today).unwrap();
    let token = person(&w.admin).admit(Principal::Token(TokenId::of(w.e.new_id())), Via::Api, None);
    let boss = person(&w.boss).admit(Principal::Local, Via::Web, None);
    let rep = person(&w.rep).admit(Principal::Local, Via::Web, None);
    Desk { w, access, boss, rep, token, sellers }
}

impl Desk {
    fn seller(&self, name: char) -> &Json {
        &self.sellers[usize::from(name as u8 - b'A')]
    }
    /// Members of a rule: one entry a letter, with its weight.
    fn ring(&self, of: &[(char, i64)]) -> Json {
        of.iter().map(|(c, w)| json!({ "user": self.seller(*c)["id"], "weight": w })).collect()
    }
    /// A rule for leads that is switched on.
    async fn rule(&self, strategy: &str, members: Json, more: Json) -> Json {
        let mut d = json!({ "name": strategy, "object": "lead", "priority": 10, "strategy": strategy, "members": members, "enabled": true });
        d.as_object_mut().unwrap().extend(map(more));
        self.make(&self.admin, "assignment_rule", d).await
    }
    /// A lead the program brings, nobody named.
    async fn lead(&self, more: Json) -> Json {
        let mut d = json!({ "name": "线索", "source": "website" });
        d.as_object_mut().unwrap().extend(map(more));
        self.make(&self.token, "lead", d).await
    }
    /// The seller's letter, or what else happened.
    fn whose(&self, r: &Json) -> String {
        let found = self.sellers.iter().zip("ABCD".chars()).find(|(s, _)| s["id"] == r["owner_id"]);
        found.map_or_else(|| r["owner_id"].to_string(), |(_, letter)| letter.to_string())
    }
    async fn leads(&self, n: usize) -> String {
        let mut out = String::new();
        for _ in 0..n {
            out += &self.whose(&self.lead(json!({})).await);
        }
        out
    }
    async fn set(&self, name: char, d: Json) {
        self.patch(&self.admin, "user", self.seller(name), d).await.unwrap();
    }
    /// Sets a setting and waits until the program knows: it hears of changes from the log.
    async fn setting(&self, key: &str, value: Json) {
        self.make(&self.admin, "setting", json!({ "key": key, "value": value })).await;
        for _ in 0..2_000 {
            if self.e.setting(key, Json::Null).await.unwrap() == value {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        panic!("{key} is not heard of");
    }
    async fn log(&self, r: &Json) -> Vec<Json> {
        let mut all = self.list(&self.system, "assignment_log", "").await;
        all.retain(|l| l["record"]["id"] == r["id"]);
        all.sort_by_key(|l| l["round"].as_i64());
        all
    }
    async fn now(&self, object: &str, r: &Json) -> Json {
        self.get(&self.system, object, r).await.unwrap()
    }
    async fn told(&self, user: &Json, kind: &str) -> Vec<Json> {
        let all = self.list(&self.system, "notification", &format!("kind = '{kind}'")).await;
        all.into_iter().filter(|n| n["user_id"] == *user).collect()
    }
    async fn pool(&self, object: &str) -> Json {
        self.list(&self.admin, "pool", &format!("object = '{object}' and is_default = true")).await.remove(0)
    }
}

async fn a_ring_goes_round_past_who_cannot(d: Desk) {
    // R-ASN-05, Check: ring A B C D, last = A, C holds the limit, B away for the first two leads, C has room after the fourth
    let rule = d.rule("round_robin", d.ring(&[('A', 1), ('B', 1), ('C', 1), ('D', 1)]), json!({})).await;
    assert_eq!(d.leads(1).await, "A");
    let limit = json!({ "name": "C", "object": "lead", "users": [d.seller('C')["id"]], "max_held": 1 });
    d.make(&d.admin, "ownership_limit", limit).await;
    let held = d.make(&d.admin, "lead", json!({ "name": "在手", "source": "other", "owner_id": d.seller('C')["id"] })).await;
    d.set('B', json!({ "away_from": "2026-11-20T00:00:00Z", "away_to": "2026-11-25T00:00:00Z" })).await;
    let first = d.lead(json!({})).await;
    assert_eq!(d.whose(&first), "D");
    assert_eq!(d.leads(1).await, "A");
    d.set('B', json!({ "away_from": null, "away_to": null })).await;
    assert_eq!(d.leads(2).await, "BD");
    d.act(&d.admin, "lead", &held, "disqualify", json!({ "disqualify_reason": "spam" })).await.unwrap();
    assert_eq!(d.leads(3).await, "ABC");

    // R-ASN-11: every decision with its rule, who else could have been, and who was passed over for what.
    let line = d.log(&first).await.remove(0);
    assert_eq!((&line["rule_id"], &line["user_id"]), (&rule["id"], &d.seller('D')["id"]));
    assert_eq!((&line["reason"], &line["cause"], &line["round"]), (&json!("round_robin"), &json!("api"), &json!(1)));
    assert_eq!(line["candidates"], json!([d.seller('A')["id"], d.seller('D')["id"]]));
    let skipped = |c: char, reason: &str| json!({ "rule": rule["id"], "user": d.seller(c)["id"], "reason": reason });
    assert_eq!(line["skipped"], json!([skipped('B', "away"), skipped('C', "hold_limit")]));
    // The record says how it came to its owner.
    assert_eq!((&first["assign_mode"], &first["assign_rule_id"]), (&json!("auto"), &rule["id"]));
    assert_eq!((&first["status"], &first["in_pool"], &first["dept_id"]), (&json!("new"), &json!(false), &json!(d.north)));
    assert_eq!(d.told(&d.seller('D')["id"], "assigned").await.len(), 2, "the new owner is told");
}

async fn weights_are_met_smoothly(d: Desk) {
    // R-ASN-06, Checks
    let rule = d.rule("weighted", d.ring(&[('A', 5), ('B', 1), ('C', 1)]), json!({})).await;
    assert_eq!(d.leads(7).await, "AABACAA");
    d.patch(&d.admin, "assignment_rule", &rule, json!({ "members": d.ring(&[('A', 3), ('B', 2), ('C', 1)]) })).await.unwrap();
    assert_eq!(d.leads(6).await, "ABACBA", "after a whole round all credit is even");
    d.set('B', json!({ "away_from": "2026-11-20T00:00:00Z" })).await;
    assert_eq!(d.leads(4).await, "AACA", "who is away neither gains nor weighs");
}

async fn the_least_loaded_comes_first(d: Desk) {
    // R-ASN-07: new and following leads count; a tie goes to whoever waited longest, then by the ring
    d.rule("least_loaded", d.ring(&[('A', 1), ('B', 1), ('C', 1)]), json!({})).await;
    for (c, n) in [('A', 2), ('B', 1)] {
        for _ in 0..n {
            d.make(&d.admin, "lead", json!({ "name": "在手", "source": "other", "owner_id": d.seller(c)["id"] })).await;
        }
    }
    assert_eq!(d.leads(5).await, "CBCAB");
    let nurtured = d.lead(json!({})).await;
    assert_eq!(d.whose(&nurtured), "C");
    d.act(&d.admin, "lead", &nurtured, "nurture", json!({ "next_follow_at": "2026-12-01T02:00:00Z" })).await.unwrap();
    assert_eq!(d.leads(1).await, "C", "what is nurtured is no load");
}

async fn by_the_address_then_by_the_landline(d: Desk) {
    // R-ASN-08, Check: Beijing, Tianjin, Hebei, Shanxi, Inner Mongolia → the North China team
    let territories = d.list(&d.admin, "territory", "").await;
    let named = |n: &str| territories.iter().find(|t| t["name"] == n).unwrap().clone();
    let (north, east) = (named("华北"), named("华东"));
    let team = json!({ "members": [d.seller('A')["id"], d.seller('B')["id"]] });
    d.patch(&d.admin, "territory", &north, team).await.unwrap();
    let alone = json!({ "members": [d.seller('C')["id"]], "manager_id": d.seller('D')["id"] });
    d.patch(&d.admin, "territory", &east, alone).await.unwrap();
    let shipped = d.list(&d.admin, "assignment_rule", "").await.remove(0);
    assert_eq!((&shipped["enabled"], &shipped["strategy"]), (&json!(false), &json!("territory")), "shipped switched off");
    d.patch(&d.admin, "assignment_rule", &shipped, json!({ "enabled": true })).await.unwrap();
    let at = |code: &str| json!({ "address": { "country": "CN", "code": code } });
    let mut given = String::new();
    for code in ["110105", "150100", "310115", "140000", "330106"] {
        given += &d.whose(&d.lead(at(code)).await);
    }
    assert_eq!(given, "ABCAC", "each territory goes round by itself");
    // No address: the landline's area code.
    assert_eq!(d.whose(&d.lead(json!({ "phone": "010-65529988" })).await), "B");
    // No eligible member: the manager of the territory.
    d.set('C', json!({ "away_from": "2026-11-20T00:00:00Z" })).await;
    let managed = d.lead(at("310115")).await;
    assert_eq!(d.whose(&managed), "D");
    let line = d.log(&managed).await.remove(0);
    assert_eq!((&line["reason"], &line["territory_id"]), (&json!("territory_manager"), &east["id"]));
    // Nowhere: the pool.
    assert_eq!(d.lead(at("440300")).await["in_pool"], json!(true));
    assert_eq!(d.lead(json!({})).await["in_pool"], json!(true));
}

async fn whoever_may_not_is_passed_over_with_the_reason(d: Desk) {
    // R-ASN-04
    d.setting("assign.daily_cap", json!(2)).await;
    let finance = json!([{ "external_id": "role.finance" }]);
    d.patch(&d.admin, "user", d.seller('B'), json!({ "roles": finance })).await.unwrap();
    d.act(&d.admin, "user", d.seller('C'), "disable", json!({})).await.unwrap();
    let rule = d.rule("round_robin", d.ring(&[('A', 1), ('B', 1), ('C', 1), ('D', 1)]), json!({})).await;
    assert_eq!(d.leads(4).await, "ADAD");
    let fifth = d.lead(json!({})).await;
    assert_eq!((&fifth["owner_id"], &fifth["in_pool"]), (&Json::Null, &json!(true)), "two a day and person");
    let reasons: Vec<String> =
        d.log(&fifth).await[0]["skipped"].as_array().unwrap().iter().map(|s| s["reason"].as_str().unwrap().to_owned()).collect();
    assert_eq!(reasons, ["daily_cap", "no_access", "inactive", "daily_cap"]);
    // The rule's own number comes before the setting's; the next day is new.
    d.patch(&d.admin, "assignment_rule", &rule, json!({ "daily_cap": 3 })).await.unwrap();
    assert_eq!(d.leads(1).await, "A");
    d.clock.step(14 * HOUR);
    assert_eq!(d.leads(1).await, "D");
    // 0 is no limit. Saturday 10:00, outside of office hours; on Monday they are there.
    d.clock.step(-14 * HOUR);
    d.patch(&d.admin, "assignment_rule", &rule, json!({ "working_hours_only": true, "daily_cap": 0 })).await.unwrap();
    let saturday = d.lead(json!({})).await;
    assert_eq!(d.log(&saturday).await[0]["skipped"][0]["reason"], "off_hours");
    d.clock.step(2 * DAY);
    assert_eq!(d.leads(1).await, "A");
}

async fn rules_are_asked_in_their_order(d: Desk) {
    // R-ASN-03: the first whose condition holds and that has an eligible candidate
    d.rule("fixed_user", d.ring(&[('A', 1)]), json!({ "priority": 5, "condition": "source = 'exhibition'" })).await;
    d.rule("fixed_user", d.ring(&[('B', 1)]), json!({ "priority": 7, "daily_cap": 1 })).await;
    d.rule("fixed_user", d.ring(&[('C', 1)]), json!({ "priority": 9 })).await;
    assert_eq!(d.whose(&d.lead(json!({ "source": "exhibition" })).await), "A");
    assert_eq!(d.leads(3).await, "BCC", "a rule whose people have enough lets the next one speak");
}

async fn people_come_from_departments_and_teams_too(d: Desk) {
    // R-ASN-04: expanded in the order of the list, then by id; nobody twice
    let below = d.make(&d.admin, "department", json!({ "name": "华北一部", "parent_id": d.north })).await;
    for c in ['A', 'B'] {
        d.set(c, json!({ "main_dept": below["id"] })).await;
    }
    let team = json!({ "name": "突击队", "members": [d.seller('B')["id"]], "leader_id": d.seller('C')["id"] });
    let team = d.make(&d.admin, "team", team).await;
    let members = json!([{ "user": d.seller('D')["id"] }, { "team": team["id"] }, { "department": below["id"] }]);
    d.rule("round_robin", members, json!({})).await;
    assert_eq!(d.leads(5).await, "DBCAD");
}

async fn a_field_or_a_pool_may_be_named(d: Desk) {
    // R-ASN-09
    let second = d.make(&d.admin, "pool", json!({ "name": "展会线索", "object": "lead", "enabled": true })).await;
    let members = json!([{ "pool": second["id"] }]);
    d.rule("to_pool", members, json!({ "priority": 1, "condition": "source = 'exhibition'" })).await;
    d.rule("field_user", json!([{ "field": "created_by" }]), json!({ "priority": 2 })).await;
    let l = d.lead(json!({ "source": "exhibition" })).await;
    assert_eq!((&l["owner_id"], &l["pool_id"], &l["in_pool"]), (&Json::Null, &second["id"], &json!(true)));
    assert_eq!(d.log(&l).await[0]["reason"], "to_pool");
    assert!(d.told(&json!(World::id(&d.boss)), "waiting").await.is_empty(), "a rule wanted it there");
    let l = d.lead(json!({})).await;
    assert_eq!((&l["owner_id"], &l["assign_mode"]), (&json!(World::id(&d.admin)), &json!("auto")));
}

async fn what_no_rule_takes_waits_and_the_pool_is_told(d: Desk) {
    // R-ASN-01, R-ASN-03
    let rule = d.rule("fixed_user", d.ring(&[('A', 1)]), json!({ "condition": "source = 'exhibition'" })).await;
    let boss = json!(World::id(&d.boss));
    let l = d.lead(json!({})).await;
    let home = d.pool("lead").await;
    assert_eq!((&l["in_pool"], &l["pool_id"], &l["status"]), (&json!(true), &home["id"], &json!("unassigned")));
    let line = d.log(&l).await.remove(0);
    assert_eq!((&line["reason"], &line["pool_id"], &line["rule_id"]), (&json!("no_match"), &home["id"], &Json::Null));
    let told = d.told(&boss, "waiting").await;
    assert_eq!((told.len(), &told[0]["record"]["id"]), (1, &home["id"]));
    d.lead(json!({})).await;
    assert_eq!(d.told(&boss, "waiting").await[0]["count"], 2, "one notification that counts");
    // What somebody makes by hand is his; an owner who is named stays.
    let by_hand = d.make(&d.boss, "lead", json!({ "name": "自建", "source": "exhibition" })).await;
    assert_eq!((&by_hand["owner_id"], &by_hand["assign_mode"]), (&boss, &json!("self")));
    assert_eq!(d.lead(json!({ "source": "exhibition", "owner_id": boss })).await["owner_id"], boss);
    assert_eq!(d.whose(&d.lead(json!({ "source": "exhibition", "owner_id": null })).await), "A");
    // No rule is switched on: a program's leads are its person's, as ever.
    d.patch(&d.admin, "assignment_rule", &rule, json!({ "enabled": false })).await.unwrap();
    assert_eq!(d.lead(json!({ "source": "exhibition" })).await["owner_id"], json!(World::id(&d.admin)));
    // An import that asks for it.
    d.patch(&d.admin, "assignment_rule", &rule, json!({ "enabled": true })).await.unwrap();
    let brings = d.access.directory().await.unwrap();
    let brings = brings.scope(UserId::of(World::id(&d.admin)), jiff::civil::date(2026, 11, 21)).unwrap();
    let brings = brings.admit(Principal::Local, Via::Import, None);
    let row = || map(json!({ "name": "导入", "source": "exhibition" }));
    let asks = WriteOptions { assign_by_rule: true, ..WriteOptions::default() };
    assert_eq!(d.whose(&val(&d.e.create(&brings, "lead", row(), asks).await.unwrap())), "A");
    let plain = val(&d.e.create(&brings, "lead", row(), WriteOptions::default()).await.unwrap());
    assert_eq!(plain["owner_id"], json!(World::id(&d.admin)));
}

async fn a_customer_we_know_keeps_its_owner(d: Desk) {
    // R-ASN-02: also when the owner is away, but not at the holding limit
    d.rule("fixed_user", d.ring(&[('A', 1)]), json!({})).await;
    let known = json!({ "name": "华东重工有限公司", "owner_id": d.seller('B')["id"] });
    let account = d.make(&d.admin, "account", known).await;
    let contact = json!({ "name": "张伟", "account_id": account["id"], "mobile": "13800138000" });
    d.make(&d.admin, "contact", contact).await;
    d.set('B', json!({ "away_from": "2026-11-20T00:00:00Z" })).await;
    for same in [json!({ "company_name": "华东重工有限公司" }), json!({ "mobile": "13800138000" })] {
        let l = d.lead(same).await;
        assert_eq!(d.whose(&l), "B");
        let line = d.log(&l).await.remove(0);
        assert_eq!((&line["reason"], &line["rule_id"]), (&json!("existing_customer"), &Json::Null));
    }
    let limit = json!({ "name": "B", "object": "lead", "users": [d.seller('B')["id"]], "max_held": 2 });
    d.make(&d.admin, "ownership_limit", limit).await;
    let l = d.lead(json!({ "company_name": "华东重工有限公司" })).await;
    assert_eq!(d.whose(&l), "A");
    assert_eq!(d.log(&l).await[0]["skipped"][0]["reason"], "hold_limit");
    // ⚙ off
    d.act(&d.admin, "lead", &l, "disqualify", json!({ "disqualify_reason": "spam" })).await.unwrap();
    d.setting("assign.existing_customer", json!(false)).await;
    assert_eq!(d.whose(&d.lead(json!({ "company_name": "华东重工有限公司" })).await), "A");
}

async fn a_pool_may_assign_by_itself(d: Desk) {
    // R-ASN-01: auto_assign; who gave it back is not given it again
    d.rule("round_robin", d.ring(&[('A', 1), ('B', 1)]), json!({})).await;
    d.patch(&d.admin, "pool", &d.pool("lead").await, json!({ "auto_assign": true })).await.unwrap();
    let l = d.make(&d.boss, "lead", json!({ "name": "展会", "source": "exhibition", "owner_id": null })).await;
    assert_eq!(d.whose(&d.now("lead", &l).await), "A");
    let give = json!({ "pool_reason": "no_answer" });
    d.act(&d.boss, "lead", &l, "take_back", give).await.unwrap();
    assert_eq!(d.whose(&d.now("lead", &l).await), "B");
    let lines = d.log(&l).await;
    assert_eq!((lines.len(), &lines[1]["cause"], &lines[1]["round"]), (2, &json!("pool"), &json!(2)));
    d.set('B', json!({ "away_from": "2026-11-20T00:00:00Z" })).await;
    let l = d.make(&d.boss, "lead", json!({ "name": "二", "source": "exhibition", "owner_id": d.seller('A')["id"] })).await;
    d.act(&d.admin, "lead", &l, "take_back", json!({})).await.unwrap();
    let now = d.now("lead", &l).await;
    assert_eq!((&now["in_pool"], &d.log(&l).await[0]["skipped"][0]["reason"]), (&json!(true), &json!("former_owner")));
}

async fn the_action_decides_once(d: Desk) {
    // R-ASN-01, R-ASN-11
    d.rule("round_robin", d.ring(&[('A', 1), ('B', 1)]), json!({})).await;
    let l = d.make(&d.boss, "lead", json!({ "name": "等待", "source": "exhibition", "owner_id": null })).await;
    assert_eq!(l["in_pool"], json!(true), "made by hand for the pool");
    for _ in 0..2 {
        d.act(&d.boss, "lead", &l, "assign_by_rule", json!({})).await.unwrap();
    }
    assert_eq!((d.whose(&d.now("lead", &l).await), d.log(&l).await.len()), ("A".into(), 1));
    for owner in ["B", "A"] {
        d.act(&d.boss, "lead", &l, "assign_by_rule", json!({ "reassign": true })).await.unwrap();
        let now = d.now("lead", &l).await;
        assert_eq!((d.whose(&now), &now["assign_mode"]), (owner.into(), &json!("auto")));
    }
    // Nobody else: it stays where it is.
    d.set('B', json!({ "away_from": "2026-11-20T00:00:00Z" })).await;
    d.act(&d.boss, "lead", &l, "assign_by_rule", json!({ "reassign": true })).await.unwrap();
    assert_eq!((d.whose(&d.now("lead", &l).await), d.log(&l).await.len()), ("A".into(), 4));
    d.act(&d.boss, "lead", &l, "assign", json!({ "owner_id": d.seller('C')["id"] })).await.unwrap();
    let now = d.now("lead", &l).await;
    assert_eq!((&now["assign_rule_id"], &now["assign_mode"]), (&Json::Null, &json!("transfer")));
    // Sellers do not hand out.
    assert!(d.act(&d.rep, "lead", &l, "assign_by_rule", json!({})).await.is_err());
    // Customers by rules of their own.
    let of_accounts =
        json!({ "name": "客户", "object": "account", "strategy": "fixed_user", "members": d.ring(&[('C', 1)]), "enabled": true });
    d.make(&d.admin, "assignment_rule", of_accounts).await;
    let a = d.make(&d.token, "account", json!({ "name": "西北能源有限公司" })).await;
    assert_eq!((d.whose(&a), &a["assign_mode"], &a["in_pool"]), ("C".into(), &json!("auto"), &json!(false)));
}

async fn faulty_rules_are_refused_where_they_are_written(d: Desk) {
    let rule = async |strategy: &str, members: Json, more: Json| {
        let mut r = json!({ "name": "x", "object": "lead", "strategy": strategy, "members": members, "enabled": false });
        r.as_object_mut().unwrap().extend(map(more));
        d.fail(&d.admin, "assignment_rule", r).await
    };
    let a = d.ring(&[('A', 1)]);
    let nobody = json!([{ "user": d.north }]);
    assert_eq!(rule("round_robin", nobody, json!({})).await, ["members reference.not_found"]);
    assert_eq!(rule("round_robin", json!([]), json!({})).await, ["members assignment.no_members"]);
    assert_eq!(rule("to_pool", a.clone(), json!({})).await, ["members assignment.member_kind"]);
    assert_eq!(rule("field_user", json!([{ "field": "need" }]), json!({})).await, ["members assignment.user_field"]);
    let accounts = json!([{ "pool": d.pool("account").await["id"] }]);
    assert_eq!(rule("to_pool", accounts, json!({})).await, ["members pool.move_target"]);
    assert_eq!(rule("round_robin", a.clone(), json!({ "object": "ticket" })).await, ["object value.inactive_option"]);
    assert!(rule("round_robin", a, json!({ "condition": "nonsense = 1" })).await[0].starts_with("condition "));
    let place = json!({ "name": "x", "division_codes": ["11", "99"], "countries": ["cn"] });
    assert_eq!(d.fail(&d.admin, "territory", place).await, ["division_codes territory.division", "countries territory.country"]);
}

async fn the_first_answer_is_due(d: Desk) {
    // R-ASN-10. It is Saturday 2026-11-21, 10:00: four business hours from Monday 09:00 end on Monday at 14:30.
    d.rule("round_robin", d.ring(&[('A', 1), ('B', 1)]), json!({})).await;
    let monday = "2026-11-23T06:30:00.000Z";
    let l = d.lead(json!({})).await;
    assert_eq!((d.whose(&l), &l["first_response_due"]), ("A".into(), &json!(monday)));
    let own = d.make(&d.rep, "lead", json!({ "name": "自建", "source": "other" })).await;
    assert_eq!(own["first_response_due"], Json::Null, "nobody waits for an answer");
    let waiting = d.make(&d.boss, "lead", json!({ "name": "领取", "source": "other", "owner_id": null })).await;
    assert_eq!(waiting["first_response_due"], Json::Null);
    let claimed = d.act(&d.rep, "lead", &waiting, "claim", json!({})).await.unwrap();
    assert_eq!(claimed["first_response_due"], monday);
    // The first effective follow-up is the answer.
    let said = json!({ "target": { "object": "lead", "id": waiting["id"] }, "follow_type": "call", "content": "已电话沟通，客户确认下周报价。", "occurred_at": "2026-11-21T02:00:00Z" });
    d.make(&d.rep, "follow_up", said).await;
    assert_eq!(d.now("lead", &waiting).await["first_response_at"], "2026-11-21T02:00:00.000Z");
    // A new owner starts a new clock; without one there is none.
    d.clock.step(2 * DAY + 7 * HOUR);
    d.act(&d.boss, "lead", &waiting, "assign", json!({ "owner_id": d.seller('B')["id"] })).await.unwrap();
    let now = d.now("lead", &waiting).await;
    assert_eq!((&now["first_response_due"], &now["first_response_at"]), (&json!("2026-11-24T04:00:00.000Z"), &Json::Null));
    d.act(&d.boss, "lead", &waiting, "take_back", json!({})).await.unwrap();
    assert_eq!(d.now("lead", &waiting).await["first_response_due"], Json::Null);
    // ⚙
    d.setting("lead.first_response_minutes", json!(0)).await;
    assert_eq!(d.lead(json!({})).await["first_response_due"], Json::Null);
}

async fn who_does_not_answer_is_reminded(d: Desk) {
    // R-ASN-10: at half of the time the owner, at all of it his superior too; ⚙ at twice the time back to the pool
    let minute = || async {
        for c in rapport_sales::chores() {
            c.run(&d.w.e).await.unwrap();
        }
    };
    let told = |who: Json| {
        let d = &d;
        async move {
            let rows = d.list(&d.w.system, "notification", "kind = 'unanswered'").await;
            rows.iter().filter(|n| n["user_id"] == who).map(|n| n["count"].as_i64().unwrap()).collect::<Vec<_>>()
        }
    };
    let (a, boss) = (d.seller('A')["id"].clone(), json!(World::id(&d.w.boss)));
    d.patch(&d.w.system, "user", d.seller('A'), json!({ "manager_id": boss })).await.unwrap();
    d.rule("round_robin", d.ring(&[('A', 1)]), json!({})).await;
    // Saturday: four business hours are Monday 09:00 to 14:30, half of them 11:00, as much again Tuesday 10:00.
    let (l, other) = (d.lead(json!({})).await, d.lead(json!({ "name": "另一条" })).await);
    let said = json!({ "target": { "object": "lead", "id": other["id"] }, "follow_type": "call", "content": "已电话沟通，客户确认下周报价。", "occurred_at": "2026-11-21T02:00:00Z" });
    let answered = d.w.e.create(&d.w.system, "follow_up", map(said), WriteOptions::default()).await.unwrap();
    d.patch(&d.w.system, "lead", &other, json!({ "first_response_at": val(&answered)["occurred_at"] })).await.unwrap();
    // One that is done with needs no answer.
    let spam = d.lead(json!({ "name": "垃圾" })).await;
    d.act(&d.boss, "lead", &spam, "disqualify", json!({ "disqualify_reason": "no_need" })).await.unwrap();
    d.clock.step(2 * DAY + HOUR - 60_000);
    minute().await;
    assert!(told(a.clone()).await.is_empty(), "10:59");
    d.clock.step(60_000);
    minute().await;
    minute().await;
    assert_eq!(told(a.clone()).await, [1], "half of the time, one lead, once");
    assert!(told(boss.clone()).await.is_empty());
    d.clock.step(4 * HOUR);
    minute().await;
    assert_eq!((told(a.clone()).await.len(), told(boss.clone()).await), (2, vec![1]));
    // Twice the time: nothing, unless the organisation wants it.
    d.clock.step(18 * HOUR + HOUR);
    minute().await;
    assert_eq!(d.now("lead", &l).await["in_pool"], false);
    d.setting("lead.first_response_recycle", json!(true)).await;
    minute().await;
    let now = d.now("lead", &l).await;
    assert_eq!((&now["in_pool"], &now["pool_reason"], &now["prev_owner_id"]), (&json!(true), &json!("no_response"), &a));
    assert_eq!(d.now("lead", &other).await["in_pool"], false, "that one was answered");
}

async fn many_at_once_are_spread_evenly(d: Desk) {
    // R-ASN-11: 64 at the same time, four sellers, sixteen each
    d.rule("round_robin", d.ring(&[('A', 1), ('B', 1), ('C', 1), ('D', 1)]), json!({})).await;
    let mut waiting = vec![];
    for i in 0..16 {
        waiting.push(d.make(&d.boss, "lead", json!({ "name": format!("等待{i}"), "source": "other", "owner_id": null })).await);
    }
    let mut tasks = vec![];
    for i in 0..64 {
        let (e, token, boss, at) = (d.e.clone(), d.token.clone(), d.boss.clone(), waiting.get(i / 4).map(World::rid));
        tasks.push(tokio::spawn(async move {
            // A quarter by the action on what waits, the others as new ones.
            if let (0, Some(at)) = (i % 4, at) {
                e.act(&boss, "lead", Some(at), "assign_by_rule", json!({}), WriteOptions::default()).await.unwrap()
            } else {
                let row = map(json!({ "name": format!("并发{i}"), "source": "website" }));
                val(&e.create(&token, "lead", row, WriteOptions::default()).await.unwrap())
            }
        }));
    }
    let mut given: BTreeMap<String, usize> = BTreeMap::new();
    for t in tasks {
        let r = t.await.unwrap();
        *given.entry(d.whose(&d.now("lead", &r).await)).or_default() += 1;
    }
    let even: BTreeMap<String, usize> = ["A", "B", "C", "D"].map(|c| (c.to_owned(), 16)).into();
    assert_eq!(given, even);
}

both!(
    world,
    a_ring_goes_round_past_who_cannot,
    weights_are_met_smoothly,
    the_least_loaded_comes_first,
    by_the_address_then_by_the_landline,
    whoever_may_not_is_passed_over_with_the_reason,
    rules_are_asked_in_their_order,
    people_come_from_departments_and_teams_too,
    a_field_or_a_pool_may_be_named,
    what_no_rule_takes_waits_and_the_pool_is_told,
    a_customer_we_know_keeps_its_owner,
    a_pool_may_assign_by_itself,
    the_action_decides_once,
    faulty_rules_are_refused_where_they_are_written,
    the_first_answer_is_due,
    who_does_not_answer_is_reminded,
    many_at_once_are_spread_evenly,
);
