//! The pipeline over real databases: what is written, refused, kept and derived.

use std::collections::BTreeSet;

use crate::common::{World, faults, map, val};
use rapport_records::{BatchOp, BatchOptions, Document, Documents, Error, Idempotency, ListRequest, WriteOptions};
use rapport_schema::{Millis, query::CountMode};
use serde_json::{Value as Json, json};

async fn a_record_is_made_read_changed_and_listed(w: World) {
    let a = w.make(&w.rep, "account", json!({ "name": "云启科技股份有限公司", "level": "a", "phone": "010-65529988" })).await;
    assert_eq!(a["version"], 1);
    assert_eq!(a["code"], "AC2026110001", "automatic number by organisation month");
    assert_eq!(a["owner_id"], json!(World::id(&w.rep)), "the maker owns it");
    assert_eq!(a["dept_id"], json!(w.north), "R-VIS-06: department of the owner");
    assert_eq!(a["status"], "prospect", "creation in the initial state");
    assert_eq!(a["name_key"], "云启科技", "R-NRM-01");
    assert_eq!(a["phone"]["e164"], "+861065529988", "R-NRM-02");
    assert_eq!(w.get(&w.rep, "account", &a).await.unwrap()["name"], "云启科技股份有限公司");
    // absent = leave, null = clear, value = set
    let b = w.patch(&w.rep, "account", &a, json!({ "level": null, "short_name": "云启" })).await.unwrap();
    assert_eq!(
        (&b["level"], &b["short_name"], &b["phone"]["e164"], &b["version"]),
        (&Json::Null, &json!("云启"), &json!("+861065529988"), &json!(2))
    );
    let rows = w.list(&w.rep, "account", "short_name = '云启'").await;
    assert_eq!(rows.len(), 1);
    // nothing changed, nothing written
    let c = w.patch(&w.rep, "account", &a, json!({ "short_name": " 云启 " })).await.unwrap();
    assert_eq!(c["version"], 2);
}

async fn every_faulty_field_is_told_at_once(w: World) {
    let f = w
        .fail(
            &w.rep,
            "account",
            json!({ "kind": "nonsense", "email": "x", "uscc": "91350100M000100Y4Z", "parent_id": "01890a5d-ac96-774b-bcce-b302099a8057",
                "deal_status": "deal", "colour": "red", "annual_revenue": "1.234" }),
        )
        .await;
    for want in [
        "name value.required",
        "kind value.type",
        "email email.invalid",
        "uscc uscc.invalid",
        "parent_id reference.not_found",
        "deal_status permission.field",
        "colour field.unknown",
        "annual_revenue value.scale",
    ] {
        assert!(f.iter().any(|x| x == want), "{want} is missing in {f:?}");
    }
    assert!(w.list(&w.admin, "account", "name is not empty").await.is_empty(), "nothing was written");
}

async fn mass_assignment_is_refused(w: World) {
    let a = w.make(&w.rep, "account", json!({ "name": "甲公司" })).await;
    for (field, v) in [
        ("created_at", json!("2020-01-01T00:00:00Z")),
        ("version", json!(9)),
        ("id", json!("x")),
        ("open_opp_amount", json!("5")),
        ("code", json!("AC1")),
    ] {
        let e = w.patch(&w.rep, "account", &a, json!({ field: v })).await.unwrap_err();
        assert_eq!(faults(e), [format!("{field} permission.field")]);
    }
    // R-FLS-01: the cost of a product is hidden from sales reps
    assert_eq!(
        w.e.list(&w.rep, "product", &ListRequest { filter: Some("cost > 5".into()), ..Default::default() })
            .await
            .unwrap_err()
            .to_string(),
        "bad request: permission.field"
    );
}

async fn what_is_not_in_reach_does_not_exist(w: World) {
    // R-VIS-07
    let a = w.make(&w.rep, "account", json!({ "name": "甲公司" })).await;
    assert!(matches!(w.get(&w.other, "account", &a).await, Err(Error::NotFound)));
    assert!(matches!(w.patch(&w.other, "account", &a, json!({ "name": "x" })).await, Err(Error::NotFound)));
    assert!(w.list(&w.other, "account", "name is not empty").await.is_empty());
    // the director of the department sees it
    assert_eq!(w.get(&w.boss, "account", &a).await.unwrap()["name"], "甲公司");
    // somebody else's account cannot be pointed to
    assert_eq!(
        w.fail(&w.other, "contact", json!({ "name": "张伟", "account_id": a["id"] })).await,
        ["account_id reference.not_found"]
    );
    // a rep may see but not delete
    assert!(matches!(w.e.delete(&w.rep, "account", World::rid(&a), WriteOptions::default()).await, Err(Error::Denied(_))));
    // giving away needs the right to transfer
    let e = w.patch(&w.rep, "account", &a, json!({ "owner_id": World::id(&w.other) })).await.unwrap_err();
    assert_eq!(faults(e), ["owner_id permission.field"]);
    let e = w.patch(&w.rep, "account", &a, json!({ "dept_id": w.south })).await;
    assert!(e.is_ok(), "the owner still reaches it");
    let t = w.act(&w.boss, "account", &a, "assign", json!({ "owner_id": World::id(&w.other), "reason": "区域调整" })).await;
    assert!(
        matches!(t, Err(Error::Denied(_))),
        "it lies in the south now: seen through the reporting line, not to be given away: {t:?}"
    );
    w.patch(&w.rep, "account", &a, json!({ "dept_id": w.north })).await.unwrap();
    let t =
        w.act(&w.boss, "account", &a, "assign", json!({ "owner_id": World::id(&w.other), "reason": "区域调整" })).await.unwrap();
    assert_eq!((&t["owner_id"], &t["dept_id"]), (&json!(World::id(&w.other)), &json!(w.south)), "R-VIS-06");
    assert!(matches!(w.get(&w.rep, "account", &a).await, Err(Error::NotFound)));
}

async fn a_stale_version_merges_unless_fields_collide(w: World) {
    let a = w.make(&w.rep, "account", json!({ "name": "甲公司", "short_name": "甲" })).await;
    let id = World::rid(&a);
    w.patch(&w.rep, "account", &a, json!({ "short_name": "甲二" })).await.unwrap();
    let at = |v, strict| WriteOptions { version: Some(v), strict, ..WriteOptions::default() };
    // somebody else changed another field: both stay
    let r = w.e.update(&w.rep, "account", id, map(json!({ "legal_rep": "李雷" })), at(1, false)).await.unwrap();
    let r = val(&r);
    assert_eq!((&r["short_name"], &r["legal_rep"], &r["version"]), (&json!("甲二"), &json!("李雷"), &json!(3)));
    match w.e.update(&w.rep, "account", id, map(json!({ "short_name": "丙", "level": "c" })), at(1, false)).await {
        Err(Error::Conflict { version: 3, fields }) => assert_eq!(fields, ["short_name"]),
        other => panic!("{other:?}"),
    }
    match w.e.update(&w.rep, "account", id, map(json!({ "level": "c" })), at(1, true)).await {
        Err(Error::Conflict { version: 3, .. }) => {}
        other => panic!("{other:?}"),
    }
}

async fn history_leaves_out_what_the_reader_may_not_see_and_as_of_goes_back(w: World) {
    let p = w.make(&w.admin, "product_category", json!({ "name": "阀门" })).await;
    let p = w
        .make(
            &w.admin,
            "product",
            json!({ "name": "球阀", "code": "BV-1", "category_id": p["id"], "unit": "pcs", "list_price": "100", "cost": "60" }),
        )
        .await;
    let t0 = w.e.now();
    w.clock.step(1_000);
    w.patch(&w.admin, "product", &p, json!({ "list_price": "120", "cost": "70", "name": "球阀 DN50" })).await.unwrap();
    let id = World::rid(&p);
    let (mine, _) = w.e.history(&w.admin, "product", id, None, 50).await.unwrap();
    assert_eq!(mine.len(), 2);
    assert_eq!(mine[0].actor["name"], "管理员");
    let fields =
        |h: &rapport_records::HistoryEntry| h.changes.iter().map(|c| c["field"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert!(fields(&mine[0]).contains(&"cost".to_owned()));
    let (theirs, _) = w.e.history(&w.rep, "product", id, None, 50).await.unwrap();
    assert!(theirs.iter().all(|h| !fields(h).contains(&"cost".to_owned())), "R-FLS-01");
    let change = theirs[0].changes.iter().find(|c| c["field"] == "name").unwrap();
    assert_eq!((&change["before"], &change["after"]), (&json!("球阀"), &json!("球阀 DN50")));
    let then: Json = serde_json::from_slice(&w.e.as_of(&w.rep, "product", id, t0, None).await.unwrap()).unwrap();
    assert_eq!((&then["name"], &then["list_price"]["amount"], then.get("cost")), (&json!("球阀"), &json!("100.00"), None));
    let name = ["name".to_owned()];
    let then: Json = serde_json::from_slice(&w.e.as_of(&w.rep, "product", id, t0, Some(&name)).await.unwrap()).unwrap();
    assert_eq!(
        then.as_object().unwrap().keys().map(String::as_str).collect::<BTreeSet<_>>(),
        BTreeSet::from(["$as_of", "id", "name"])
    );
    let cost = w.e.as_of(&w.rep, "product", id, t0, Some(&["cost".to_owned()])).await.unwrap_err();
    assert!(matches!(&cost, Error::Request { code: "request.unknown_field", .. }), "hidden and unknown answer alike: {cost:?}");
    assert!(
        matches!(w.e.as_of(&w.admin, "product", id, Millis(t0.0 - 1), None).await, Err(Error::NotFound)),
        "before it was made"
    );
    // one value back, and the whole record
    let seq = mine[0].seq.0;
    let r = w.act(&w.admin, "product", &p, "restore_value", json!({ "seq": seq, "field": "name" })).await.unwrap();
    assert_eq!((&r["name"], &r["cost"]["amount"]), (&json!("球阀"), &json!("70.00")));
    let r = w.act(&w.admin, "product", &p, "restore_record", json!({ "at": t0.rfc3339() })).await.unwrap();
    assert_eq!((&r["list_price"]["amount"], &r["cost"]["amount"]), (&json!("100.00"), &json!("60.00")));
}

async fn deletes_take_along_and_restores_bring_back(w: World) {
    let a = w.make(&w.admin, "account", json!({ "name": "母公司" })).await;
    let child = w.make(&w.admin, "account", json!({ "name": "子公司", "parent_id": a["id"] })).await;
    let c = w.make(&w.admin, "contact", json!({ "name": "张伟", "account_id": a["id"] })).await;
    let role = w.make(&w.admin, "account_contact", json!({ "account_id": a["id"], "contact_id": c["id"] })).await;
    let del = |o: &'static str, r: &Json| w.e.delete(&w.admin, o, World::rid(r), WriteOptions::default());
    del("account", &a).await.unwrap();
    assert!(matches!(w.get(&w.admin, "account", &a).await, Err(Error::NotFound)));
    assert!(matches!(w.get(&w.admin, "account_contact", &role).await, Err(Error::NotFound)), "master-detail cascades");
    assert_eq!(w.get(&w.admin, "contact", &c).await.unwrap()["account_id"], Json::Null, "lookups are cleared");
    assert_eq!(w.get(&w.admin, "account", &child).await.unwrap()["parent_id"], Json::Null);
    w.e.restore(&w.admin, "account", World::rid(&a), WriteOptions::default()).await.unwrap();
    assert!(w.get(&w.admin, "account_contact", &role).await.is_ok(), "what went with it comes back");
    assert_eq!(w.get(&w.admin, "contact", &c).await.unwrap()["account_id"], a["id"]);
    assert_eq!(w.get(&w.admin, "account", &child).await.unwrap()["parent_id"], a["id"]);
    // restrict
    w.make(
        &w.admin,
        "opportunity",
        json!({ "name": "商机", "account_id": a["id"], "amount": "5", "close_on": "2026-12-01",
        "pipeline_id": { "external_id": "pipeline.standard" }, "stage_id": { "external_id": "stage.standard_initial" } }),
    )
    .await;
    assert_eq!(faults(del("account", &a).await.unwrap_err()), ["reference.restricted"]);
    // purge
    w.e.purge(&w.admin, "contact", World::rid(&c), WriteOptions::default()).await.unwrap();
    assert!(matches!(w.e.restore(&w.admin, "contact", World::rid(&c), WriteOptions::default()).await, Err(Error::NotFound)));
}

async fn rollups_formulas_and_hierarchy_follow_in_the_same_transaction(w: World) {
    let a = w.make(&w.admin, "account", json!({ "name": "甲" })).await;
    assert_eq!(a["open_opp_amount"], "0.00", "SUM of nothing is 0");
    let opp = |amount: &str| {
        json!({ "name": "商机", "account_id": a["id"], "amount": amount, "close_on": "2026-12-01", "probability": "10",
        "pipeline_id": { "external_id": "pipeline.standard" }, "stage_id": { "external_id": "stage.standard_initial" } })
    };
    let o1 = w.make(&w.admin, "opportunity", opp("1000.50")).await;
    assert_eq!(o1["weighted_base"], "100.05", "stored formula");
    let o2 = w.make(&w.admin, "opportunity", opp("500")).await;
    let sum = async || w.get(&w.admin, "account", &a).await.unwrap()["open_opp_amount"].clone();
    assert_eq!(sum().await, "1500.50");
    w.patch(&w.admin, "opportunity", &o2, json!({ "amount": "700" })).await.unwrap();
    assert_eq!(sum().await, "1700.50");
    w.e.delete(&w.admin, "opportunity", World::rid(&o1), WriteOptions::default()).await.unwrap();
    assert_eq!(sum().await, "700.00");
    w.e.restore(&w.admin, "opportunity", World::rid(&o1), WriteOptions::default()).await.unwrap();
    assert_eq!(sum().await, "1700.50");
    // hierarchy
    let b = w.make(&w.admin, "account", json!({ "name": "乙", "parent_id": a["id"] })).await;
    let c = w.make(&w.admin, "account", json!({ "name": "丙", "parent_id": b["id"] })).await;
    assert_eq!((&c["root_id"], &c["depth"]), (&a["id"], &json!(3)));
    let e = w.patch(&w.admin, "account", &a, json!({ "parent_id": c["id"] })).await.unwrap_err();
    assert_eq!(faults(e), ["parent_id reference.cycle"]);
    w.patch(&w.admin, "account", &b, json!({ "parent_id": null })).await.unwrap();
    let c = w.get(&w.admin, "account", &c).await.unwrap();
    assert_eq!((&c["root_id"], &c["depth"]), (&b["id"], &json!(2)), "the subtree follows");
}

async fn batches_report_per_row_and_all_or_nothing(w: World) {
    let create = |j: Json| BatchOp::Create { data: map(j), children: vec![] };
    let ops = vec![
        create(json!({ "name": "一", "external_id": "x1", "source_system": "erp" })),
        create(json!({ "name": "" })),
        create(json!({ "name": "二", "parent_id": { "external_id": "x0" } })),
        create(json!({ "name": "三", "uscc": "91350100M000100Y43" })),
        create(json!({ "name": "四", "uscc": "91350100M000100Y43" })),
    ];
    let progress = Documents(std::sync::Arc::new(|rows| {
        vec![Document { kind: "import".into(), key: "job1".into(), owner: None, body: json!({ "done": rows.len() }) }]
    }));
    let opts = BatchOptions { documents: Some(progress), ..BatchOptions::default() };
    let r = w.e.batch(&w.admin, "account", ops.clone(), opts).await.unwrap();
    let codes: Vec<String> =
        r.rows.into_iter().map(|r| r.map_or_else(|e| faults(e).join(","), |(_, v)| format!("ok {v}"))).collect();
    assert_eq!(codes[..4], ["ok 1", "name value.required", "parent_id reference.not_found", "ok 1"]);
    assert!(codes[4].contains("uscc value.not_unique") || codes[4].contains("duplicate.blocked"), "{codes:?}");
    assert_eq!(w.list(&w.admin, "account", "name is not empty").await.len(), 2);
    assert_eq!(w.e.db().doc_get("import", "job1").await.unwrap().unwrap().body["done"], 5, "checkpoint in the same transaction");
    // atomic: one fault, nothing written
    let ops = vec![create(json!({ "name": "五" })), create(json!({}))];
    let r = w.e.batch(&w.admin, "account", ops, BatchOptions { atomic: true, ..BatchOptions::default() }).await.unwrap();
    let codes: Vec<String> = r.rows.into_iter().map(|r| faults(r.unwrap_err()).join(",")).collect();
    assert_eq!(codes, ["batch.rolled_back", "name value.required"]);
    assert_eq!(w.list(&w.admin, "account", "name is not empty").await.len(), 2);
}

/// Numbers are taken by the batch: gaps are allowed, repeats are not (domain model §1 `auto`), whatever rows had to be undone.
async fn numbers_never_repeat(w: World) {
    let create = |j: Json| BatchOp::Create { data: map(j), children: vec![] };
    let faulty = || {
        let twice = json!({ "name": "同码", "external_id": "e1", "source_system": "erp" });
        vec![create(json!({ "name": "甲子" })), create(twice.clone()), create(twice), create(json!({ "name": "乙丑" }))]
    };
    let free = |atomic, dry_run| BatchOptions {
        atomic,
        dry_run,
        write: WriteOptions { override_duplicates: true, ..WriteOptions::default() },
        ..BatchOptions::default()
    };
    // Undone as a whole, row by row, and as a rehearsal; then single records go on.
    for (atomic, dry) in [(true, false), (false, true), (false, false)] {
        let r = w.e.batch(&w.admin, "account", faulty(), free(atomic, dry)).await.unwrap();
        assert!(r.rows[2].is_err());
    }
    w.make(&w.admin, "account", json!({ "name": "丙寅" })).await;
    w.make(&w.admin, "account", json!({ "name": "丁卯" })).await;
    let codes: Vec<String> =
        w.list(&w.admin, "account", "name is not empty").await.iter().map(|r| r["code"].as_str().unwrap().to_owned()).collect();
    let different: std::collections::BTreeSet<&String> = codes.iter().collect();
    assert_eq!((codes.len(), different.len()), (5, 5), "{codes:?}");
}

async fn a_batch_is_undone_as_ordinary_changes(w: World) {
    let old = w.make(&w.admin, "account", json!({ "name": "旧", "level": "c" })).await;
    let ops = vec![
        BatchOp::Create { data: map(json!({ "name": "新一" })), children: vec![] },
        BatchOp::Create { data: map(json!({ "name": "新二" })), children: vec![] },
        BatchOp::Update { id: World::rid(&old), data: map(json!({ "level": "a", "short_name": "老" })), version: None },
    ];
    let b = w.e.batch(&w.admin, "account", ops, BatchOptions::default()).await.unwrap();
    let second = b.rows[1].as_ref().unwrap().0;
    w.e.update(&w.rep_or_admin(), "account", second, map(json!({ "level": "a" })), WriteOptions::default()).await.unwrap();
    let u = w.e.undo(&w.admin, b.batch).await.unwrap();
    let refused: Vec<String> = u.rows.iter().filter_map(|r| r.as_ref().err()).map(|e| e.to_string()).collect();
    assert_eq!(refused, ["refused: undo.changed_since"], "what somebody changed since stays, with the reason");
    let back = w.get(&w.admin, "account", &old).await.unwrap();
    assert_eq!((&back["level"], &back["short_name"]), (&json!("c"), &Json::Null));
    assert_eq!(w.list(&w.admin, "account", "name starts '新'").await.len(), 1);
    let (h, _) = w.e.history(&w.admin, "account", World::rid(&old), None, 10).await.unwrap();
    assert_eq!(h[0].act.as_deref(), Some("undo"), "history is not rewritten");
}

impl World {
    fn rep_or_admin(&self) -> rapport_policy::Scope {
        self.admin.clone()
    }
}

async fn the_same_key_gives_the_same_answer(w: World) {
    let opts = |hash: &str| WriteOptions {
        idempotency: Some(Idempotency { key: "k1".into(), hash: hash.into() }),
        ..WriteOptions::default()
    };
    let a = w.e.create(&w.rep, "account", map(json!({ "name": "甲" })), opts("h1")).await.unwrap();
    let b = w.e.create(&w.rep, "account", map(json!({ "name": "甲" })), opts("h1")).await.unwrap();
    assert_eq!((a.id, &a.json), (b.id, &b.json));
    let e = w.e.create(&w.rep, "account", map(json!({ "name": "乙" })), opts("h2")).await.unwrap_err();
    assert_eq!(e.to_string(), "bad request: idempotency.mismatch");
    // another caller's key is another key
    let c = w.e.create(&w.boss, "account", map(json!({ "name": "丙" })), opts("h1")).await.unwrap();
    assert_ne!(c.id, a.id);
    assert_eq!(w.list(&w.boss, "account", "name is not empty").await.len(), 2);
}

async fn lists_count_sort_page_and_expand(w: World) {
    for i in 0..7 {
        w.make(&w.rep, "account", json!({ "name": format!("客户{i}"), "level": if i % 2 == 0 { "a" } else { "b" } })).await;
    }
    let mut req = ListRequest {
        sort: Some("-name".into()),
        limit: Some(3),
        count: CountMode::Exact,
        expand: vec!["owner_id".into()],
        fields: Some(vec!["name".into(), "owner_id".into()]),
        ..Default::default()
    };
    let mut names = vec![];
    loop {
        let p = w.e.list(&w.rep, "account", &req).await.unwrap();
        assert_eq!(p.count.unwrap().value, 7);
        let rows: Vec<Json> = serde_json::from_str(&format!("[{}]", String::from_utf8(p.rows).unwrap())).unwrap();
        assert_eq!(rows[0]["$expand"]["owner_id"]["title"], "林禾");
        assert!(rows[0].get("level").is_none());
        names.extend(rows.iter().map(|r| r["name"].as_str().unwrap().to_owned()));
        match p.next {
            Some(n) => req.cursor = Some(n),
            None => break,
        }
    }
    assert_eq!(names, (0..7).rev().map(|i| format!("客户{i}")).collect::<Vec<_>>());
    let g = w
        .e
        .aggregate(&w.rep, "account", json!({ "group": ["level"], "measures": [{ "fn": "count" }], "sort": "-0", "having": { "measure": 0, "op": "gt", "value": "3" } }))
        .await
        .unwrap();
    assert_eq!(g, json!({ "groups": [{ "key": { "level": "a" }, "values": ["4"] }] }));
    assert_eq!(
        w.e.aggregate(&w.other, "account", json!({ "measures": [{ "fn": "count" }] })).await.unwrap()["groups"][0]["values"][0],
        "0"
    );
}

async fn the_change_feed_tells_each_listener_only_what_they_see(w: World) {
    let from = w.e.db().last_seq().await.unwrap();
    let a = w.make(&w.rep, "account", json!({ "name": "甲" })).await;
    w.patch(&w.rep, "account", &a, json!({ "short_name": "A" })).await.unwrap();
    let (mine, at) = w.e.changes(&w.rep, from, 100).await.unwrap();
    assert_eq!(mine.len(), 2);
    assert_eq!((&mine[1]["op"], &mine[1]["fields"]), (&json!("update"), &json!(["short_name"])));
    let (theirs, same) = w.e.changes(&w.other, from, 100).await.unwrap();
    assert!(theirs.is_empty() && same == at, "the cursor moves on all the same");
}

async fn what_is_shipped_later_leaves_out_what_a_workspace_has_given_itself(w: World) {
    let mut later = rapport_model::defaults().records.clone();
    assert_eq!(w.e.install(&later, rapport_schema::Locale::Zh).await.unwrap(), 0, "all there");
    // A territory of the same name under another key, and one that is new: as if both were shipped with the next program.
    let mut fits: Vec<_> = later.iter().filter(|r| r.object == "territory").take(1).cloned().collect();
    fits[0].external_id = "territory.shipped_later".into();
    later.extend(fits);
    later.sort_by(|a, b| a.object.cmp(&b.object));
    assert_eq!(w.e.install(&later, rapport_schema::Locale::Zh).await.unwrap(), 0, "its own stays, and the program starts");
    let there = w.list(&w.admin, "territory", "external_id = 'territory.shipped_later'").await;
    assert!(there.is_empty());
}

crate::both!(
    World::on,
    what_is_shipped_later_leaves_out_what_a_workspace_has_given_itself,
    what_is_not_in_reach_does_not_exist,
    a_record_is_made_read_changed_and_listed,
    every_faulty_field_is_told_at_once,
    mass_assignment_is_refused,
    a_stale_version_merges_unless_fields_collide,
    history_leaves_out_what_the_reader_may_not_see_and_as_of_goes_back,
    deletes_take_along_and_restores_bring_back,
    rollups_formulas_and_hierarchy_follow_in_the_same_transaction,
    batches_report_per_row_and_all_or_nothing,
    numbers_never_repeat,
    a_batch_is_undone_as_ordinary_changes,
    the_same_key_gives_the_same_answer,
    lists_count_sort_page_and_expand,
    the_change_feed_tells_each_listener_only_what_they_see
);
