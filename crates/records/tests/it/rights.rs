//! What a caller may see decides what can be found, revealed and merged (R-FLS, R-MRG-01); people's rights as they change.

use std::{sync::Arc, time::Duration};

use rapport_access::{Access, PasswordPreset, Vault};
use rapport_policy::{Grants, Principal, RoleGrants, Scope, ScopeBuilder};
use rapport_records::{Error, ListRequest, WriteOptions};
use rapport_schema::{ChangeOp, SystemClock, UserId, Via, clock::RandomIds, query::CountMode};
use rapport_store::{ChangeQuery, Db, Options};
use serde_json::{Value as Json, json};

use crate::common::{World, faults, map};

/// A caller who reads every account, with fields as told.
fn reader(w: &World, fields: Json, functions: Json) -> Scope {
    let g =
        RoleGrants::parse(&json!({ "account": { "read": "all", "export": "all" } }), Some(&fields), Some(&functions)).unwrap();
    ScopeBuilder::person(UserId::of(World::id(&w.other)), "reader")
        .grants(Arc::new(Grants::resolve(&w.e.model(), &[Arc::new(g)])))
        .build(Principal::Local, Via::Web)
}

async fn found(w: &World, s: &Scope, q: &str) -> usize {
    let req = ListRequest { q: Some(q.into()), limit: Some(50), count: CountMode::Exact, ..ListRequest::default() };
    let page = w.e.list(s, "account", &req).await.unwrap();
    assert_eq!(page.count.unwrap().value, page.len as u64, "the count is silent too");
    let agg = w.e.aggregate(s, "account", json!({ "q": q, "measures": [{ "fn": "count" }] })).await.unwrap();
    let n = agg["groups"][0]["values"][0].as_str().map_or(0, |n| n.parse().unwrap());
    assert_eq!(n, page.len, "and so are groups");
    page.len
}

async fn typed_text_finds_by_fields_the_caller_sees_and_by_no_others(w: World) {
    // R-FLS-01, R-FLS-03
    w.make(
        &w.boss,
        "account",
        json!({ "name": "听泉乳业有限公司", "phone": "13812345678", "email": "secretbox@tingquan.example", "description": "隐秘词语" }),
    )
    .await;
    w.make(&w.boss, "account", json!({ "name": "砚山纺织有限公司" })).await;
    let plain = reader(&w, json!({ "account": { "phone": "read", "email": "read" } }), json!([]));
    let masked = reader(&w, json!({}), json!([]));
    let hidden = reader(&w, json!({ "account": { "email": "hidden", "phone": "hidden" } }), json!([]));
    for s in [&plain, &masked, &hidden, &w.boss] {
        assert_eq!(found(&w, s, "听泉").await, 1, "by the title");
        assert_eq!(found(&w, s, "tqry").await, 1, "by its initials");
    }
    for (q, what) in [("5678", "end of a number"), ("13812345678", "a number"), ("secretbox", "an address")] {
        assert_eq!(found(&w, &plain, q).await, 1, "{what}");
        assert_eq!(found(&w, &masked, q).await, 0, "{what}, masked");
        assert_eq!(found(&w, &hidden, q).await, 0, "{what}, hidden");
        // The owner sees the plain value and finds by it.
        assert_eq!(found(&w, &w.boss, q).await, 1, "{what}, own");
    }
    // Exports go the same way.
    let req = ListRequest { q: Some("secretbox".into()), ..ListRequest::default() };
    assert_eq!(w.e.export_page(&masked, "account", &req).await.unwrap().len, 0);
    assert_eq!(w.e.export_page(&plain, "account", &req).await.unwrap().len, 1);
}

async fn hidden_fields_are_not_filtered_sorted_grouped_or_measured(w: World) {
    // R-FLS-01; masked ones by their exact value only (R-FLS-03)
    w.make(&w.boss, "account", json!({ "name": "听泉乳业有限公司", "phone": "13812345678", "annual_revenue": "100" })).await;
    let s = reader(&w, json!({ "account": { "annual_revenue": "hidden" } }), json!([]));
    let list = async |req: ListRequest| w.e.list(&s, "account", &req).await.map(|p| p.len);
    let filter = |f: &str| ListRequest { filter: Some(f.into()), ..ListRequest::default() };
    let refused = |r: Result<usize, Error>| match r {
        Err(Error::Request { code, .. }) => code,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(list(filter("annual_revenue > 1")).await), "permission.field");
    assert_eq!(refused(list(filter("not (annual_revenue is empty)")).await), "permission.field");
    assert_eq!(
        refused(list(ListRequest { sort: Some("annual_revenue".into()), ..ListRequest::default() }).await),
        "request.sort"
    );
    assert_eq!(refused(list(ListRequest { sort: Some("-phone".into()), ..ListRequest::default() }).await), "request.sort");
    assert_eq!(
        refused(list(ListRequest { fields: Some(vec!["annual_revenue".into()]), ..ListRequest::default() }).await),
        "request.unknown_field"
    );
    let agg = async |b: Json| match w.e.aggregate(&s, "account", b).await {
        Err(Error::Request { code, .. }) => code,
        other => panic!("{other:?}"),
    };
    assert_eq!(agg(json!({ "group": ["annual_revenue"] })).await, "permission.field");
    assert_eq!(agg(json!({ "group": ["phone"] })).await, "permission.field");
    assert_eq!(agg(json!({ "measures": [{ "fn": "sum", "field": "annual_revenue" }] })).await, "permission.field");
    assert_eq!(agg(json!({ "filter": "annual_revenue > 1" })).await, "permission.field");
    assert_eq!(refused(list(filter("phone contains '5678'")).await), "permission.field", "masked: no part of it");
    assert_eq!(list(filter("phone = '13812345678'")).await.unwrap(), 1, "masked: the whole of it");
}

async fn a_masked_value_is_revealed_on_demand_counted_and_noted(w: World) {
    // R-FLS-03
    let a = w
        .make(&w.boss, "account", json!({ "name": "听泉乳业有限公司", "phone": "13812345678", "email": "li@tingquan.example" }))
        .await;
    let may = reader(&w, json!({ "account": { "level": "hidden" } }), json!(["field.reveal"]));
    let may_not = reader(&w, json!({}), json!([]));
    let seen = w.get(&may, "account", &a).await.unwrap();
    assert_eq!(seen["phone"], "138****5678");
    let e = w.act(&may_not, "account", &a, "reveal", json!({ "field": "phone" })).await.unwrap_err();
    assert!(matches!(e, Error::Denied("permission.denied")), "{e:?}");
    let r = w.act(&may, "account", &a, "reveal", json!({ "field": "phone" })).await.unwrap();
    assert_eq!(r["value"]["e164"], "+8613812345678");
    let hidden = w.act(&may, "account", &a, "reveal", json!({ "field": "level" })).await.unwrap_err();
    assert!(matches!(hidden, Error::Request { code: "request.unknown_field", .. }), "{hidden:?}");
    let notes = async || {
        let q = ChangeQuery { limit: 1_000, ..ChangeQuery::default() };
        let all = w.e.db().changes(q).await.unwrap();
        all.into_iter().filter(|c| c.change.cause.act.as_deref() == Some("field.reveal")).collect::<Vec<_>>()
    };
    let log = notes().await;
    assert_eq!(log.len(), 1, "one reveal, one entry; refusals and hidden fields leave none");
    let c = &log[0].change;
    assert_eq!((c.op, c.id, c.actor.user.map(UserId::record)), (ChangeOp::Note, World::rid(&a), Some(World::id(&w.other))));
    assert_eq!(c.after.get(), r#"{"field":"phone"}"#, "never the value");
    // The owner sees it anyway: not counted, not noted.
    w.act(&w.boss, "account", &a, "reveal", json!({ "field": "phone" })).await.unwrap();
    assert_eq!(notes().await.len(), 1);
    // Fifty a day, and the day is the organisation's.
    for n in 1..50 {
        w.act(&may, "account", &a, "reveal", json!({ "field": if n % 2 == 0 { "phone" } else { "email" } })).await.unwrap();
    }
    let e = w.act(&may, "account", &a, "reveal", json!({ "field": "phone" })).await.unwrap_err();
    let Error::Rule { code: "field.reveal_limit", class: rapport_records::Class::Limit, .. } = e else { panic!("{e:?}") };
    assert_eq!(notes().await.len(), 50);
    w.clock.step(86_400_000);
    w.act(&may, "account", &a, "reveal", json!({ "field": "phone" })).await.unwrap();
}

async fn the_master_of_a_merge_is_suggested(w: World) {
    // R-MRG-01: has deal > has owner > most filled fields > oldest
    let s = &w.boss;
    let make = async |n: &str, more: Json| {
        let mut d = json!({ "name": n });
        d.as_object_mut().unwrap().extend(map(more));
        let r = w.make(s, "account", d).await;
        w.clock.step(1_000);
        r
    };
    let oldest = make("远大机械有限公司", json!({})).await;
    let fuller = make("远大机械（华北）有限公司", json!({ "phone": "01065529988", "industry": "finance" })).await;
    let dealing = make("远大机械设备厂", json!({})).await;
    let ask = async |ids: &[&Json]| {
        let ids: Vec<&Json> = ids.iter().map(|r| &r["id"]).collect();
        w.e.act(s, "account", None, "suggest_master", json!({ "ids": ids }), WriteOptions::default()).await
    };
    assert_eq!(ask(&[&oldest, &dealing]).await.unwrap()["master"], oldest["id"], "equal: the oldest");
    assert_eq!(ask(&[&oldest, &fuller]).await.unwrap()["master"], fuller["id"], "more is filled in");
    let stage = w.list(&w.admin, "stage", "external_id = 'stage.standard_initial'").await.remove(0);
    let deal = json!({
        "name": "泵", "account_id": dealing["id"], "close_on": "2026-12-31", "amount": "1",
        "pipeline_id": stage["pipeline_id"], "stage_id": stage["id"],
    });
    w.e.create(&w.system, "opportunity", map(deal), WriteOptions::default()).await.unwrap();
    let r = ask(&[&fuller, &oldest, &dealing]).await.unwrap();
    assert_eq!(r["master"], dealing["id"], "has a deal");
    assert_eq!(r["ranking"].as_array().unwrap().len(), 3);
    assert_eq!(r["ranking"][1]["id"], fuller["id"]);
    assert_eq!(faults(ask(&[&oldest]).await.unwrap_err()), ["ids value.range"]);
    // Without the rights to merge and to delete there is nothing to ask.
    let e = w.e.act(&w.rep, "account", None, "suggest_master", json!({ "ids": [] }), WriteOptions::default()).await.unwrap_err();
    assert!(matches!(e, Error::Denied(_)), "{e:?}");
}

async fn the_base_currency_stays_once_money_is_recorded(w: World) {
    // R-CUR-01
    let cny = w.list(&w.admin, "currency", "code = 'CNY'").await.remove(0);
    let usd = w.list(&w.admin, "currency", "code = 'USD'").await.remove(0);
    let second = w.patch(&w.admin, "currency", &usd, json!({ "is_base": true })).await.unwrap_err();
    assert_eq!(faults(second)[0], "currency.base_fixed", "there is one base");
    w.patch(&w.admin, "currency", &usd, json!({ "enabled": true })).await.unwrap();
    // Nothing is recorded yet: its places may still be put right.
    let cny = w.patch(&w.admin, "currency", &cny, json!({ "symbol": "￥", "decimals": 2 })).await.unwrap();
    let a = w.make(&w.boss, "account", json!({ "name": "听泉乳业有限公司", "annual_revenue": "12.50" })).await;
    for change in [json!({ "code": "CNH" }), json!({ "decimals": 4 }), json!({ "is_base": false }), json!({ "enabled": false })] {
        let e = w.patch(&w.admin, "currency", &cny, change.clone()).await.unwrap_err();
        assert_eq!(faults(e)[0], "currency.base_fixed", "{change}");
    }
    let e = w.e.delete(&w.admin, "currency", World::rid(&cny), WriteOptions::default()).await.unwrap_err();
    assert_eq!(faults(e)[0], "currency.base_fixed");
    w.patch(&w.admin, "currency", &cny, json!({ "symbol": "¥" })).await.unwrap();
    // Base has rate 1, there is no other for it.
    let e = w.fail(&w.admin, "exchange_rate", json!({ "currency_code": "CNY", "valid_from": "2026-01-01", "rate": "7" })).await;
    assert_eq!(e, ["currency_code currency.base_fixed"]);
    assert_eq!(w.get(&w.boss, "account", &a).await.unwrap()["annual_revenue"]["base"], "12.50");
}

async fn rights_changed_through_the_pipeline_are_gone_within_five_seconds_on_every_node(w: World) {
    // R-VIS-01 with the hooks on people: what the pipeline writes, other nodes hear by the log.
    let open = async |db: Db| {
        let of = w.e.clone();
        Access::open(
            db,
            Arc::new(move || of.model()),
            Arc::new(SystemClock),
            Arc::new(RandomIds),
            PasswordPreset::Modern,
            Vault::new([7; 32]),
        )
        .await
        .unwrap()
    };
    let here = open(w.e.db().clone()).await;
    let there = open(Db::open(&w.target, &w.e.model(), Options::default()).await.unwrap()).await;
    let rep = w.rep.user().unwrap();
    let model = w.e.model();
    let account = model.object("account").unwrap();
    let signed = here.open_session(rep, None, "test").await.unwrap();
    let within = async |what: &str, gone: &dyn Fn(&Result<Scope, rapport_access::AccessError>) -> bool| {
        for (node, place) in [(&here, "this node"), (&there, "another node")] {
            let begun = std::time::Instant::now();
            while !gone(&node.session(&signed.secret, Via::Web).await) {
                assert!(begun.elapsed() < Duration::from_secs(5), "{what}: still there on {place}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    };
    let id = json!({ "id": rep });
    for node in [&here, &there] {
        let s = node.session(&signed.secret, Via::Web).await.unwrap();
        assert!(s.may_on(account, "create") && s.depts().len() == 1);
    }
    // Another department: what is seen by department changes.
    w.patch(&w.admin, "user", &id, json!({ "main_dept": w.south })).await.unwrap();
    within("department", &|s| s.as_ref().is_ok_and(|s| s.depts().iter().all(|d| d.record() == w.south))).await;
    // A department moved below another: its head's reach grows.
    w.patch(&w.admin, "user", &id, json!({ "roles": [{ "external_id": "role.sales_director" }], "main_dept": w.north }))
        .await
        .unwrap();
    within("role", &|s| s.as_ref().is_ok_and(|s| s.may_on(account, "delete"))).await;
    w.patch(&w.admin, "department", &json!({ "id": w.south }), json!({ "parent_id": w.north })).await.unwrap();
    within("department tree", &|s| s.as_ref().is_ok_and(|s| s.dept_tree().len() == 2)).await;
    // The role itself loses a right.
    let role = w.list(&w.admin, "role", "code = 'sales_director'").await.remove(0);
    w.patch(&w.admin, "role", &role, json!({ "object_perms": { "account": { "read": "own" } } })).await.unwrap();
    within("right of a role", &|s| s.as_ref().is_ok_and(|s| !s.may_on(account, "delete") && !s.may_on(account, "create"))).await;
    // The person leaves: the session itself is over.
    w.act(&w.admin, "user", &id, "disable", json!({})).await.unwrap();
    within("session", &Result::is_err).await;
    assert!(here.sessions(rep, None).await.unwrap().is_empty(), "ended in the transaction that disabled the person");
}

/// A share to read, by hand.
async fn share(w: &World, account: &Json) {
    let to = json!({ "object": "user", "id": World::id(&w.other) });
    w.act(&w.boss, "account", account, "share", json!({ "grantee": to, "access": "read" })).await.unwrap();
}

async fn nothing_is_hung_on_a_record_one_only_reads(w: World) {
    // R-VIS-05: however the master is named, and also when a child moves.
    let foreign = w.make(&w.rep, "account", json!({ "name": "听泉乳业有限公司" })).await;
    let own = w.make(&w.other, "account", json!({ "name": "砚山纺织有限公司" })).await;
    let foreign_deal = w
        .make(
            &w.rep,
            "opportunity",
            json!({ "name": "别人的商机", "account_id": foreign["id"], "amount": "5", "close_on": "2026-12-31",
                "pipeline_id": { "external_id": "pipeline.standard" }, "stage_id": { "external_id": "stage.standard_initial" } }),
        )
        .await;
    share(&w, &foreign).await;
    let to = json!({ "object": "user", "id": World::id(&w.other) });
    w.act(&w.boss, "opportunity", &foreign_deal, "share", json!({ "grantee": to, "access": "read" })).await.unwrap();
    let member = |record: Json| json!({ "record": record, "user_id": World::id(&w.other), "access": "edit" });
    let line = |deal: Json| json!({ "opportunity_id": deal, "name": "项", "qty": "1", "unit_price": "1" });
    for (object, data) in [
        ("team_member", member(json!({ "object": "account", "id": foreign["id"] }))),
        ("team_member", member(json!({ "object": "account", "code": foreign["code"] }))),
        ("opportunity_line", line(foreign_deal["id"].clone())),
        ("opportunity_line", line(json!({ "code": foreign_deal["code"] }))),
    ] {
        let e = w.e.create(&w.other, object, map(data.clone()), WriteOptions::default()).await.unwrap_err();
        assert!(matches!(e, Error::Denied(_)), "{object} {data}: {e:?}");
    }
    let mine = w.make(&w.other, "team_member", member(json!({ "object": "account", "code": own["code"] }))).await;
    let e = w.patch(&w.other, "team_member", &mine, json!({ "record": { "object": "account", "id": foreign["id"] } })).await;
    assert!(matches!(e, Err(Error::Denied(_))), "{e:?}");
    assert!(w.patch(&w.other, "account", &foreign, json!({ "level": "a" })).await.is_err(), "still reading only");
}

async fn a_lookup_tells_no_more_than_the_title_of_what_one_may_not_see(w: World) {
    // R-VIS-07
    let secret = w.make(&w.rep, "account", json!({ "name": "听泉乳业有限公司", "annual_revenue": "777", "level": "a" })).await;
    let shown = w.make(&w.other, "account", json!({ "name": "砚山纺织有限公司", "annual_revenue": "5", "level": "a" })).await;
    for (name, account) in [("甲", &secret), ("乙", &shown)] {
        let deal = json!({ "name": name, "account_id": account["id"], "amount": "5", "close_on": "2026-12-31", "owner_id": World::id(&w.other),
            "pipeline_id": { "external_id": "pipeline.standard" }, "stage_id": { "external_id": "stage.standard_initial" } });
        w.make(&w.admin, "opportunity", deal).await;
    }
    let names = async |filter: &str| -> Vec<String> {
        let found = w.list(&w.other, "opportunity", filter).await;
        found.iter().map(|r| r["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("account_id is not empty").await.len(), 2);
    assert_eq!(names("account_id.level = 'a'").await, ["乙"]);
    assert_eq!(names("account_id.annual_revenue > 500").await, [""; 0]);
    assert_eq!(names("account_id.owner_id.name is not empty").await, ["乙"]);
    assert_eq!(names("account_id.name starts '听泉'").await, ["甲"], "the title is told");
    let groups = async |body: Json| w.e.aggregate(&w.other, "opportunity", body).await.unwrap().to_string();
    let by_level = groups(json!({ "group": ["name", "account_id.annual_revenue"], "measures": [{ "fn": "count" }] })).await;
    assert!(!by_level.contains("777") && by_level.contains('5'), "{by_level}");
    let most = groups(json!({ "measures": [{ "fn": "max", "field": "account_id.annual_revenue" }] })).await;
    assert!(!most.contains("777") && most.contains('5'), "{most}");
    assert_eq!(w.list(&w.admin, "opportunity", "account_id.level = 'a'").await.len(), 2);
}

both!(
    World::on,
    typed_text_finds_by_fields_the_caller_sees_and_by_no_others,
    hidden_fields_are_not_filtered_sorted_grouped_or_measured,
    nothing_is_hung_on_a_record_one_only_reads,
    a_lookup_tells_no_more_than_the_title_of_what_one_may_not_see,
    a_masked_value_is_revealed_on_demand_counted_and_noted,
    the_master_of_a_merge_is_suggested,
    the_base_currency_stays_once_money_is_recorded,
    rights_changed_through_the_pipeline_are_gone_within_five_seconds_on_every_node,
);
