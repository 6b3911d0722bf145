//! Leads, deals and follow-ups through the pipeline.
#![allow(clippy::unwrap_used)]

#[path = "../../records/tests/it/common.rs"]
#[macro_use]
mod common;
#[path = "../../testkit/src/postgres.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod postgres;

use common::{World, faults, map};
use rapport_records::{Error, WriteOptions};
use serde_json::{Value as Json, json};

async fn world(target: rapport_store::Target, dir: Option<tempfile::TempDir>) -> World {
    World::with(target, dir, rapport_sales::hooks(), rapport_sales::actions()).await
}

async fn stage(w: &World, key: &str) -> Json {
    w.list(&w.admin, "stage", &format!("external_id = 'stage.standard_{key}'")).await.remove(0)["id"].clone()
}

async fn deal(w: &World, s: &rapport_policy::Scope) -> (Json, Json) {
    let a = w.make(s, "account", json!({ "name": "华东重工有限公司" })).await;
    let d = w
        .make(
            s,
            "opportunity",
            json!({ "name": "华东重工-球阀", "account_id": a["id"], "amount": "50000", "close_on": "2026-12-31" }),
        )
        .await;
    (a, d)
}

async fn a_deal_starts_in_the_first_open_stage_of_the_default_pipeline(w: World) {
    let (_, d) = deal(&w, &w.rep).await;
    assert_eq!(d["stage_id"], stage(&w, "initial").await);
    assert_eq!(
        (&d["probability"], &d["forecast_category"], &d["weighted_base"]),
        (&json!("10"), &json!("pipeline"), &json!("5000.00"))
    );
    // a plain write does not move it (domain model §3 a)
    let e = w.patch(&w.rep, "opportunity", &d, json!({ "stage_id": stage(&w, "needs").await })).await.unwrap_err();
    assert_eq!(faults(e), ["stage_id state.invalid_transition"]);
}

async fn a_stage_is_left_when_its_tasks_are_done(w: World) {
    // R-STG-02
    let first = json!({ "id": stage(&w, "initial").await });
    let duty = json!([
        { "code": "visit", "label": { "en": "Visit the customer", "zh": "拜访客户" }, "mandatory": true, "days": 3 },
        { "code": "gift", "label": { "en": "Send a brochure", "zh": "寄送样册" } },
    ]);
    let e = w.patch(&w.admin, "stage", &first, json!({ "tasks": [{ "code": "a b" }] })).await.unwrap_err();
    assert_eq!(faults(e), ["tasks value.type"]);
    // A deal that was there before is not asked for what came later.
    let (a, before) = deal(&w, &w.rep).await;
    w.patch(&w.admin, "stage", &first, json!({ "tasks": duty })).await.unwrap();
    let d = w
        .make(
            &w.rep,
            "opportunity",
            json!({ "name": "华东重工-闸阀", "account_id": a["id"], "amount": "1", "close_on": "2026-12-31", "need": "阀门" }),
        )
        .await;
    let tasks = w.list(&w.rep, "task", "subject is not empty").await;
    assert_eq!(tasks.len(), 2, "made for the owner: {tasks:?}");
    let visit = tasks.iter().find(|t| t["subject"] == "拜访客户").unwrap();
    assert_eq!((&visit["related"]["id"], &visit["owner_id"]), (&d["id"], &json!(World::id(&w.rep))));
    let needs = stage(&w, "needs").await;
    let go = async |x: &Json| w.act(&w.rep, "opportunity", x, "move_stage", json!({ "stage_id": needs })).await;
    let e = go(&d).await.unwrap_err();
    let Error::Rule { code, fields, .. } = e else { panic!("{e:?}") };
    assert_eq!((code, fields.len(), &fields[0].params["item"]), ("stage.tasks_open", 1, &json!("visit")));
    let tasks_open = |r: Result<Json, Error>| r.err().is_some_and(|e| faults(e)[0] == "stage.tasks_open");
    assert!(!tasks_open(go(&before).await), "not asked of a deal that was there before");
    // A deleted task is not a done one.
    w.e.delete(&w.rep, "task", World::rid(visit), WriteOptions::default()).await.unwrap();
    assert!(tasks_open(go(&d).await));
    w.e.restore(&w.rep, "task", World::rid(visit), WriteOptions::default()).await.unwrap();
    w.act(&w.rep, "task", visit, "complete", json!({})).await.unwrap();
    let r = go(&d).await;
    assert!(!tasks_open(r), "the visit is done");
}

async fn a_stage_may_name_who_works_in_it(w: World) {
    // R-STG-02
    let (_, d) = deal(&w, &w.rep).await;
    let director = w.list(&w.admin, "role", "code = 'sales_director'").await.remove(0)["id"].clone();
    let first = json!({ "id": stage(&w, "initial").await });
    w.patch(&w.admin, "stage", &first, json!({ "edit_roles": [director] })).await.unwrap();
    let refused = |r: Result<Json, Error>| match r {
        Err(Error::Rule { code: "stage.no_edit_right", class: rapport_records::Class::Permission, .. }) => {}
        other => panic!("{other:?}"),
    };
    refused(w.patch(&w.rep, "opportunity", &d, json!({ "need": "x" })).await);
    refused(w.act(&w.rep, "opportunity", &d, "move_stage", json!({ "stage_id": stage(&w, "needs").await })).await);
    w.get(&w.rep, "opportunity", &d).await.expect("others read");
    w.patch(&w.admin, "stage", &first, json!({ "edit_roles": [] })).await.unwrap();
    w.patch(&w.rep, "opportunity", &d, json!({ "need": "x" })).await.unwrap();
}

async fn gates_tell_everything_missing_of_skipped_stages_too(w: World) {
    // R-STG-01, Check; the quote asks nothing while quotes are not installed
    let (_, d) = deal(&w, &w.rep).await;
    w.patch(&w.rep, "opportunity", &d, json!({ "need": "替换进口阀门" })).await.unwrap();
    let e = w.act(&w.rep, "opportunity", &d, "move_stage", json!({ "stage_id": stage(&w, "quote").await })).await.unwrap_err();
    let Error::Rule { code, fields, .. } = e else { panic!("{e:?}") };
    assert_eq!(code, "stage.gate_failed");
    let items: Vec<String> = fields
        .iter()
        .map(|f| f.params.get("item").and_then(Json::as_str).map_or_else(|| f.field.clone(), ToOwned::to_owned))
        .collect();
    for want in ["primary_contact_id", "effective_follow_up", "budget_status", "buying_role", "decider"] {
        assert!(items.iter().any(|i| i == want), "{want} is missing in {items:?}");
    }
    assert!(!items.iter().any(|i| i == "amount_or_lines"), "the amount needs nothing");
    assert_eq!(w.get(&w.rep, "opportunity", &d).await.unwrap()["stage_id"], stage(&w, "initial").await);
}

async fn ready(w: &World, a: &Json, d: &Json) {
    let s = &w.rep;
    let c = w.make(s, "contact", json!({ "name": "张伟", "account_id": a["id"] })).await;
    w.make(s, "opportunity_contact", json!({ "opportunity_id": d["id"], "contact_id": c["id"], "role": "decision_maker" })).await;
    w.make(s, "follow_up", json!({ "target": { "object": "opportunity", "id": d["id"] }, "content": "已电话沟通，客户确认下周报价。", "follow_type": "call" })).await;
    w.patch(
        s,
        "opportunity",
        d,
        json!({ "need": "替换进口阀门", "primary_contact_id": c["id"], "budget_status": "approved", "next_step": "送样" }),
    )
    .await
    .unwrap();
}

async fn winning_sets_the_deal_the_account_and_the_history_and_reopening_takes_it_back(w: World) {
    let (a, d) = deal(&w, &w.rep).await;
    ready(&w, &a, &d).await;
    w.clock.step(86_400_000);
    let moved = w.act(&w.rep, "opportunity", &d, "move_stage", json!({ "stage_id": stage(&w, "demo").await })).await.unwrap();
    assert_eq!(moved["probability"], "40");
    w.clock.step(1_000);
    let won = w.act(&w.rep, "opportunity", &d, "win", json!({})).await.unwrap();
    assert_eq!(
        (&won["outcome"], &won["probability"], &won["won_amount"]["amount"], &won["forecast_category"]),
        (&json!("won"), &json!("100"), &json!("50000.00"), &json!("closed"))
    );
    let acc = w.get(&w.rep, "account", &a).await.unwrap();
    assert_eq!((&acc["deal_status"], &acc["status"], &acc["won_amount"]), (&json!("deal"), &json!("active"), &json!("50000.00")));
    assert_eq!(acc["last_deal_at"], won["closed_at"]);
    let h = w.list(&w.admin, "stage_history", "opportunity_id is not empty").await;
    assert_eq!(h.len(), 3);
    assert!(h.iter().any(|h| h["stayed"] == 86_400), "{h:?}");
    // closed deals move by reopen only: the manager, with a reason
    let e = w.act(&w.rep, "opportunity", &d, "move_stage", json!({ "stage_id": stage(&w, "demo").await })).await.unwrap_err();
    assert_eq!(faults(e), ["state.invalid_transition"]);
    assert!(matches!(w.act(&w.rep, "opportunity", &d, "reopen", json!({ "reason": "客户反悔" })).await, Err(Error::Denied(_))));
    let back = w.act(&w.boss, "opportunity", &d, "reopen", json!({ "reason": "客户反悔" })).await.unwrap();
    assert_eq!(
        (&back["outcome"], &back["won_amount"], &back["closed_at"], &back["probability"]),
        (&Json::Null, &Json::Null, &Json::Null, &json!("40"))
    );
    let acc = w.get(&w.rep, "account", &a).await.unwrap();
    assert_eq!((&acc["deal_status"], &acc["last_deal_at"], &acc["won_amount"]), (&json!("none"), &Json::Null, &json!("0.00")));
}

async fn losing_asks_for_the_reason_and_going_back_too(w: World) {
    let (a, d) = deal(&w, &w.rep).await;
    ready(&w, &a, &d).await;
    let t = w.make(&w.rep, "task", json!({ "subject": "送样", "related": { "object": "opportunity", "id": d["id"] } })).await;
    w.act(&w.rep, "opportunity", &d, "move_stage", json!({ "stage_id": stage(&w, "demo").await })).await.unwrap();
    let e = w.act(&w.rep, "opportunity", &d, "move_stage", json!({ "stage_id": stage(&w, "needs").await })).await.unwrap_err();
    assert_eq!(faults(e), ["reason value.required"]);
    w.act(&w.rep, "opportunity", &d, "move_stage", json!({ "stage_id": stage(&w, "needs").await, "reason": "需求变了" }))
        .await
        .unwrap();
    let e = w.act(&w.rep, "opportunity", &d, "lose", json!({})).await.unwrap_err();
    assert!(faults(e).contains(&"lost_reason value.required".to_owned()));
    let lost = w.act(&w.rep, "opportunity", &d, "lose", json!({ "lost_reason": "price" })).await.unwrap();
    assert_eq!((&lost["outcome"], &lost["probability"]), (&json!("lost"), &json!("0")));
    assert_eq!(w.get(&w.rep, "task", &t).await.unwrap()["status"], "cancelled");
}

async fn probability_and_amount_follow_their_rules(w: World) {
    let (_, d) = deal(&w, &w.rep).await;
    // R-STG-03
    let p = w.patch(&w.rep, "opportunity", &d, json!({ "probability": "35" })).await.unwrap();
    assert_eq!((&p["probability_manual"], &p["weighted_base"]), (&json!(true), &json!("17500.00")));
    // R-STG-04, R-SUB-01 Check
    let c = w.make(&w.admin, "product_category", json!({ "name": "软件" })).await;
    let p = w
        .make(
            &w.admin,
            "product",
            json!({ "name": "云服务", "code": "S1", "category_id": c["id"], "unit": "set", "list_price": "100" }),
        )
        .await;
    w.patch(&w.rep, "opportunity", &d, json!({ "amount_from_lines": true })).await.unwrap();
    let line = |j: Json| {
        let mut m = map(j);
        m.insert("opportunity_id".into(), d["id"].clone());
        m.insert("product_id".into(), p["id"].clone());
        Json::Object(m)
    };
    w.make(&w.rep, "opportunity_line", line(json!({ "unit_price": "100", "quantity": "10", "discount": "10", "charge_kind": "recurring", "billing_period": "month", "term_months": 12 }))).await;
    w.make(&w.rep, "opportunity_line", line(json!({ "unit_price": "9000", "quantity": "1", "charge_kind": "recurring", "billing_period": "quarter", "term_months": 12 }))).await;
    let last = w.make(&w.rep, "opportunity_line", line(json!({ "unit_price": "5000", "quantity": "1" }))).await;
    let now = w.get(&w.rep, "opportunity", &d).await.unwrap();
    assert_eq!(
        (&now["amount"]["amount"], &now["recurring_amount"]["amount"], &now["one_off_amount"]["amount"], &now["mrr"]["amount"]),
        (&json!("51800.00"), &json!("46800.00"), &json!("5000.00"), &json!("3900.00"))
    );
    assert_eq!(
        faults(w.patch(&w.rep, "opportunity", &d, json!({ "amount": "1" })).await.unwrap_err()),
        ["amount value.readonly"]
    );
    w.e.delete(&w.admin, "opportunity_line", World::rid(&last), WriteOptions::default()).await.unwrap();
    assert_eq!(w.get(&w.rep, "opportunity", &d).await.unwrap()["amount"]["amount"], "46800.00");
    let odd = line(
        json!({ "unit_price": "1", "quantity": "1", "charge_kind": "recurring", "billing_period": "quarter", "term_months": 10 }),
    );
    assert_eq!(w.fail(&w.rep, "opportunity_line", odd).await, ["term_months line.term_mismatch"]);
    // R-FC-04
    let me = World::id(&w.rep);
    let e = w
        .act(&w.rep, "opportunity", &d, "set_splits", json!({ "splits": [{ "user_id": me, "percent": "60" }] }))
        .await
        .unwrap_err();
    assert_eq!(faults(e)[0], "split.not_100");
    w.act(
        &w.rep,
        "opportunity",
        &d,
        "set_splits",
        json!({ "splits": [{ "user_id": me, "percent": "60" }, { "user_id": World::id(&w.other), "percent": 40 }] }),
    )
    .await
    .unwrap();
    assert_eq!(w.list(&w.admin, "revenue_split", "percent > 0").await.len(), 2);
    // R-FC-04: amounts by largest remainder; they sum to the cent.
    w.patch(&w.rep, "opportunity", &d, json!({ "amount_from_lines": false })).await.unwrap();
    w.patch(&w.rep, "opportunity", &d, json!({ "amount": "100.01" })).await.unwrap();
    let thirds = json!({ "splits": [
        { "user_id": me, "percent": "33.3333" }, { "user_id": World::id(&w.other), "percent": "33.3333" },
        { "user_id": World::id(&w.boss), "percent": "33.3334" },
    ] });
    let r = w.act(&w.rep, "opportunity", &d, "set_splits", thirds).await.unwrap();
    let amounts: Vec<&str> = r["$splits"].as_array().unwrap().iter().map(|s| s["amount"].as_str().unwrap()).collect();
    assert_eq!(amounts, ["33.34", "33.33", "33.34"]);
}

async fn follow_ups_count_only_when_they_say_something(w: World) {
    // R-POOL-13
    let l = w.make(&w.rep, "lead", json!({ "name": "王总咨询", "company_name": "北方机电有限公司" })).await;
    assert_eq!(l["status"], "new");
    let on = |text: &str| json!({ "target": { "object": "lead", "id": l["id"] }, "content": text, "follow_type": "call", "next_follow_at": "2026-11-25T02:00:00Z" });
    let f = w.make(&w.rep, "follow_up", on("。。。。。。。。。。")).await;
    assert_eq!(f["is_effective"], false);
    assert_eq!(w.get(&w.rep, "lead", &l).await.unwrap()["status"], "new");
    w.clock.step(1_000);
    let f = w.make(&w.rep, "follow_up", on("已电话沟通，客户确认下周报价。")).await;
    assert_eq!(f["is_effective"], true);
    let now = w.get(&w.rep, "lead", &l).await.unwrap();
    assert_eq!((&now["status"], &now["next_follow_at"]), (&json!("following"), &json!("2026-11-25T02:00:00.000Z")));
    assert_eq!((&now["last_followed_at"], &now["first_response_at"]), (&f["occurred_at"], &f["occurred_at"]));
    w.clock.step(1_000);
    let again = w.make(&w.rep, "follow_up", on("已电话沟通，客户确认下周报价。")).await;
    assert_eq!(again["is_effective"], false, "not the same again");
    let mut late = on("上个月去过他们工厂看现场");
    late["occurred_at"] = json!("2026-11-01T02:00:00Z");
    assert_eq!(w.fail(&w.rep, "follow_up", late).await, ["occurred_at follow_up.backdated"]);
    let mut soon = on("明天要去他们工厂看看现场");
    soon["occurred_at"] = json!("2026-11-22T02:00:00Z");
    assert_eq!(w.fail(&w.rep, "follow_up", soon).await, ["occurred_at follow_up.future"]);
    w.e.delete(&w.admin, "follow_up", World::rid(&f), WriteOptions::default()).await.unwrap();
    assert_eq!(w.get(&w.rep, "lead", &l).await.unwrap()["last_followed_at"], Json::Null, "nothing effective is left");
}

async fn a_lead_converts_once_and_can_be_taken_back_while_untouched(w: World) {
    // R-CNV-01 … 04
    let l = w
        .make(&w.rep, "lead", json!({ "name": "展会线索", "company_name": "青岛海工有限公司", "contact_name": "欧阳娜娜", "mobile": "13912345678", "budget": "80000",
            "need": "海水阀", "industry": null, "email": "na@haigong.cn" }))
        .await;
    let f = w.make(&w.rep, "follow_up", json!({ "target": { "object": "lead", "id": l["id"] }, "content": "展会上聊过，下周寄样品册", "follow_type": "event" })).await;
    let c = w.act(&w.rep, "lead", &l, "convert", json!({})).await.unwrap();
    assert_eq!(c["status"], "converted");
    let get = async |o: &str, id: &Json| w.get(&w.rep, o, &json!({ "id": id })).await.unwrap();
    let (a, p, d) = (
        get("account", &c["account_id"]).await,
        get("contact", &c["contact_id"]).await,
        get("opportunity", &c["opportunity_id"]).await,
    );
    assert_eq!((&a["name"], &a["owner_id"]), (&json!("青岛海工有限公司"), &json!(World::id(&w.rep))));
    assert_eq!(
        (&p["family_name"], &p["given_name"], &p["mobile"]["e164"], &p["account_id"]),
        (&json!("欧阳"), &json!("娜娜"), &json!("+8613912345678"), &a["id"]),
        "R-NRM-06"
    );
    assert_eq!(
        (&d["name"], &d["amount"]["amount"], &d["close_on"], &d["lead_id"], &d["primary_contact_id"]),
        (&json!("青岛海工有限公司-商机"), &json!("80000.00"), &json!("2027-02-19"), &l["id"], &p["id"])
    );
    assert_eq!(get("follow_up", &f["id"]).await["target"]["id"], d["id"], "activities move along");
    // once, and read-only
    assert_eq!(faults(w.act(&w.rep, "lead", &l, "convert", json!({})).await.unwrap_err()), ["lead.already_converted"]);
    assert_eq!(faults(w.patch(&w.rep, "lead", &l, json!({ "name": "x" })).await.unwrap_err()), ["record.locked"]);
    // back
    assert!(matches!(w.act(&w.rep, "lead", &l, "unconvert", json!({})).await, Err(Error::Denied(_))));
    // Nor by taking the batch back, which knows nothing of these conditions.
    let q = rapport_store::ChangeQuery { limit: 1_000, ..Default::default() };
    let log = w.e.db().changes(q).await.unwrap();
    let convert = log.iter().rev().find(|r| r.change.cause.act.as_deref() == Some("convert")).expect("logged");
    let undone = w.e.undo(&w.rep, convert.change.cause.batch.expect("a batch")).await.unwrap();
    assert!(undone.rows.iter().all(Result::is_err), "{undone:?}");
    assert_eq!(w.get(&w.rep, "lead", &l).await.unwrap()["status"], "converted");
    let back = w.act(&w.admin, "lead", &l, "unconvert", json!({})).await.unwrap();
    assert_eq!((&back["status"], &back["account_id"]), (&json!("following"), &Json::Null));
    assert!(matches!(w.get(&w.rep, "account", &a).await, Err(Error::NotFound)));
    assert_eq!(get("follow_up", &f["id"]).await["target"]["object"], "lead");
    // touched: not any more
    let c = w.act(&w.rep, "lead", &l, "convert", json!({})).await.unwrap();
    w.patch(&w.rep, "account", &json!({ "id": c["account_id"] }), json!({ "level": "a" })).await.unwrap();
    assert_eq!(faults(w.act(&w.admin, "lead", &l, "unconvert", json!({})).await.unwrap_err()), ["lead.unconvert_touched"]);
}

async fn a_refusal_refuses_the_whole_conversion(w: World) {
    let other = w.make(&w.other, "account", json!({ "name": "青岛海工有限公司" })).await;
    // R-DUP-02: a token's lead is made and linked, a person's would be refused (R-DUP-01: 90)
    let lead = json!({ "name": "线索", "company_name": "青岛海工股份有限公司", "contact_name": "王芳", "need": "阀" });
    assert_eq!(w.fail(&w.rep, "lead", lead.clone()).await, ["duplicate.blocked"]);
    let l = w.make(&w.rep.through(rapport_schema::Via::Api), "lead", lead).await;
    // R-CNV-03: the duplicate refuses it
    assert_eq!(faults(w.act(&w.rep, "lead", &l, "convert", json!({})).await.unwrap_err()), ["duplicate.blocked"]);
    assert_eq!(w.get(&w.rep, "lead", &l).await.unwrap()["status"], "new");
    assert!(w.list(&w.admin, "contact", "name = '王芳'").await.is_empty(), "one transaction");
    // an existing account needs read access; then the lead's owner joins its team
    let e = w.act(&w.rep, "lead", &l, "convert", json!({ "account": { "id": other["id"] } })).await.unwrap_err();
    assert!(matches!(e, Error::NotFound));
    let c = w
        .act(&w.admin, "lead", &l, "convert", json!({ "account": { "id": other["id"] }, "opportunity": { "skip": true } }))
        .await
        .unwrap();
    assert_eq!((&c["account_id"], &c["opportunity_id"]), (&other["id"], &Json::Null));
    assert!(w.get(&w.rep, "account", &other).await.is_ok(), "R-CNV-03: joined the team");
}

async fn leads_are_disqualified_and_reopened(w: World) {
    let l = w.make(&w.rep, "lead", json!({ "name": "线索" })).await;
    assert_eq!(
        faults(w.act(&w.rep, "lead", &l, "disqualify", json!({})).await.unwrap_err()),
        ["disqualify_reason value.required"]
    );
    assert_eq!(
        faults(w.act(&w.rep, "lead", &l, "disqualify", json!({ "disqualify_reason": "duplicate" })).await.unwrap_err()),
        ["duplicate_of_id value.required"]
    );
    let d = w.act(&w.rep, "lead", &l, "disqualify", json!({ "disqualify_reason": "no_budget" })).await;
    let d = match d {
        Ok(d) => d,
        Err(_) => w.act(&w.rep, "lead", &l, "disqualify", json!({ "disqualify_reason": "other" })).await.unwrap(),
    };
    assert_eq!(d["status"], "disqualified");
    assert_eq!(faults(w.act(&w.rep, "lead", &l, "convert", json!({})).await.unwrap_err()), ["state.invalid_transition"]);
    assert!(matches!(w.act(&w.rep, "lead", &l, "reopen", json!({})).await, Err(Error::Denied(_))));
    assert_eq!(w.act(&w.boss, "lead", &l, "reopen", json!({})).await.unwrap()["status"], "new");
}

async fn relations_hold_in_both_directions(w: World) {
    let a = w.make(&w.admin, "account", json!({ "name": "总部公司" })).await;
    let b = w.make(&w.admin, "account", json!({ "name": "代理公司" })).await;
    let r =
        w.make(&w.admin, "account_relation", json!({ "account_id": a["id"], "related_id": b["id"], "relation": "agent" })).await;
    let of =
        async |x: &Json| w.list(&w.admin, "account_relation", &format!("account_id = '{}'", x["id"].as_str().unwrap())).await;
    assert_eq!(of(&b).await[0]["related_id"], a["id"]);
    w.e.delete(&w.admin, "account_relation", World::rid(&r), WriteOptions::default()).await.unwrap();
    assert!(of(&b).await.is_empty());
    assert_eq!(
        w.fail(&w.admin, "account_relation", json!({ "account_id": a["id"], "related_id": a["id"], "relation": "agent" })).await,
        ["related_id reference.cycle"]
    );
}

async fn a_visit_is_checked_in_where_one_stands_and_its_result_is_a_follow_up(w: World) {
    // R-VST-01
    let place = |lat: f64, lng: f64| json!({ "lat": lat, "lng": lng });
    let office = json!({ "lat": 39.9087, "lng": 116.3975, "datum": "wgs84" });
    let a = w.make(&w.rep, "account", json!({ "name": "远浦阀门有限公司", "location": office })).await;
    let visit = async |s: &rapport_policy::Scope| {
        let at = json!({ "subject": "首次拜访", "account_id": a["id"], "planned_at": "2026-11-22T01:00:00Z" });
        w.make(s, "visit", at).await
    };
    let v = visit(&w.rep).await;
    // Nobody checks in for somebody else, not even an administrator; a place is a place.
    let e = w.act(&w.admin, "visit", &v, "check_in", json!({})).await.unwrap_err();
    assert!(matches!(e, Error::Denied(_)), "{e:?}");
    let e = w.act(&w.rep, "visit", &v, "check_in", json!({ "place": place(91.0, 0.0) })).await.unwrap_err();
    assert_eq!(faults(e), ["place value.type"]);
    let far =
        w.act(&w.rep, "visit", &v, "check_in", json!({ "place": place(39.9163, 116.3972), "device": "iPhone" })).await.unwrap();
    assert_eq!(
        (&far["status"], &far["checkin_distance"], &far["is_abnormal"]),
        (&json!("checked_in"), &json!(845), &json!(true))
    );
    assert!(far["checkin_at"].is_string());
    // Again is no fault, and changes nothing.
    let same = w.act(&w.rep, "visit", &v, "check_in", json!({ "place": place(0.0, 0.0) })).await.unwrap();
    assert_eq!(same["checkin_distance"], 845);
    // Near, with a clock that goes wrong; near and right; a made-up place; without a place.
    let now = w.e.now();
    for (asked, distance, abnormal) in [
        (json!({ "place": place(39.9087, 116.3976), "device_at": now.plus(-11 * 60_000).rfc3339() }), json!(9), true),
        (json!({ "place": place(39.9087, 116.3976), "device_at": now.plus(9 * 60_000).rfc3339() }), json!(9), false),
        (json!({ "place": place(39.9087, 116.3975), "mock": true }), json!(0), true),
        (json!({}), Json::Null, false),
    ] {
        let v = visit(&w.rep).await;
        let r = w.act(&w.rep, "visit", &v, "check_in", asked.clone()).await.unwrap();
        assert_eq!((&r["checkin_distance"], &r["is_abnormal"]), (&distance, &json!(abnormal)), "{asked}");
    }
    // Out with a result: a follow-up of the visitor on the customer.
    let e = w.act(&w.rep, "visit", &v, "check_out", json!({ "result": " " })).await.unwrap_err();
    assert_eq!(faults(e), ["result value.required"]);
    w.clock.step(45 * 60_000);
    let told = "已与采购经理沟通，下周提交报价。";
    let out = w.act(&w.rep, "visit", &v, "check_out", json!({ "result": told })).await.unwrap();
    assert_eq!((&out["status"], &out["stay"]), (&json!("completed"), &json!(2_700)));
    let f = w.list(&w.rep, "follow_up", "").await.remove(0);
    assert_eq!((&f["id"], &f["content"], &f["follow_type"]), (&out["follow_up_id"], &json!(told), &json!("visit")));
    assert_eq!((&f["target"]["id"], &f["is_effective"], &f["owner_id"]), (&a["id"], &json!(true), &v["owner_id"]));
    // The organisation may refuse what is too far.
    w.make(&w.admin, "setting", json!({ "key": "visit.refuse_far", "value": true })).await;
    let v = visit(&w.rep).await;
    let e = w.act(&w.rep, "visit", &v, "check_in", json!({ "place": place(39.9163, 116.3972) })).await.unwrap_err();
    assert_eq!(faults(e), ["place visit.too_far"]);
}

both!(
    world,
    a_visit_is_checked_in_where_one_stands_and_its_result_is_a_follow_up,
    a_stage_is_left_when_its_tasks_are_done,
    a_stage_may_name_who_works_in_it,
    gates_tell_everything_missing_of_skipped_stages_too,
    follow_ups_count_only_when_they_say_something,
    a_lead_converts_once_and_can_be_taken_back_while_untouched,
    a_deal_starts_in_the_first_open_stage_of_the_default_pipeline,
    winning_sets_the_deal_the_account_and_the_history_and_reopening_takes_it_back,
    losing_asks_for_the_reason_and_going_back_too,
    probability_and_amount_follow_their_rules,
    a_refusal_refuses_the_whole_conversion,
    leads_are_disqualified_and_reopened,
    relations_hold_in_both_directions
);
