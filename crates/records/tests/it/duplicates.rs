//! Duplicates and merging (R-DUP, R-MRG) through the pipeline.

use crate::common::{World, faults, map};
use rapport_records::{BatchOp, BatchOptions, Error, WriteOptions};
use rapport_schema::Via;
use serde_json::{Value as Json, json};

async fn the_same_company_is_refused_a_similar_one_is_linked(w: World) {
    w.make(&w.other, "account", json!({ "name": "深圳市华为技术有限公司", "phone": "13800138000" })).await;
    // R-DUP-01: strict key 95 ≥ 90; R-DUP-03: blind to visibility, silent about what the caller may not see
    let e =
        w.e.create(&w.rep, "account", map(json!({ "name": "深圳华为技术有限责任公司" })), WriteOptions::default())
            .await
            .unwrap_err();
    let Error::Rule { code: "duplicate.blocked", params, .. } = e else { panic!("{e:?}") };
    let d = &params["duplicates"][0];
    assert_eq!(
        (&d["title"], &d["owner"], &d["visible"], &d["id"], &d["score"], &d["offer"]),
        (&json!("深圳市华为技术有限公司"), &json!("Zoe"), &json!(false), &Json::Null, &json!(95), &json!("request_to_join"))
    );
    assert!(!params.values().any(|v| v.to_string().contains("13800138000")), "never contact data");
    // loose key 80: allowed, warned, paired
    let r =
        w.e.create(&w.rep, "account", map(json!({ "name": "华为技术（深圳）有限公司" })), WriteOptions::default()).await.unwrap();
    assert_eq!(r.warnings[0]["score"], 80);
    let pairs = w.list(&w.admin, "duplicate_pair", "status = 'open'").await;
    assert_eq!((pairs.len(), &pairs[0]["score"]), (1, &json!(80)));
    // loose + phone = 85
    let found =
        w.e.duplicates(&w.rep, "account", &map(json!({ "name": "华为技术有限公司", "phone": "138 0013 8000" })), None)
            .await
            .unwrap();
    assert_eq!(found[0]["score"], 85);
    // Dice 0.857 → 65
    w.make(&w.rep, "account", json!({ "name": "云启智能装备制造有限公司" })).await;
    let found = w.e.duplicates(&w.rep, "account", &map(json!({ "name": "云启智能装备制作有限公司" })), None).await.unwrap();
    assert_eq!(found[0]["score"], 65);
}

async fn override_needs_the_permission_and_tokens_never_block(w: World) {
    w.make(&w.boss, "account", json!({ "name": "杭州云启科技有限公司" })).await;
    let same = || map(json!({ "name": "杭州云启科技股份有限公司" }));
    let force = WriteOptions { override_duplicates: true, ..WriteOptions::default() };
    assert_eq!(faults(w.e.create(&w.rep, "account", same(), force.clone()).await.unwrap_err()), ["duplicate.blocked"]);
    assert!(w.e.create(&w.boss, "account", same(), force).await.is_ok());
    // R-DUP-02: by token the record is made and linked
    let api = w.rep.through(Via::Api);
    let r = w.e.create(&api, "account", same(), WriteOptions::default()).await.unwrap();
    assert!(r.warnings[0]["score"].as_i64().unwrap() >= 90);
    let asks = WriteOptions { block_duplicates: true, ..WriteOptions::default() };
    assert_eq!(faults(w.e.create(&api, "account", same(), asks).await.unwrap_err()), ["duplicate.blocked"]);
}

async fn of_two_at_once_one_is_made(w: World) {
    // R-DUP-04
    let make = |n: &'static str| w.e.create(&w.rep, "account", map(json!({ "name": n })), WriteOptions::default());
    let (a, b) = tokio::join!(make("宁波远航贸易有限公司"), make("宁波远航贸易有限责任公司"));
    let results = [a, b];
    assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1);
    for e in results.into_iter().filter_map(Result::err) {
        assert_eq!(faults(e), ["duplicate.blocked"]);
    }
    // and within one batch
    let imp = w.boss.through(Via::Import);
    let ops = ["苏州明理设备有限公司", "苏州明理设备有限责任公司", "苏州另一家有限公司"]
        .map(|n| BatchOp::Create { data: map(json!({ "name": n })), children: vec![] });
    let r = w.e.batch(&imp, "account", ops.to_vec(), BatchOptions::default()).await.unwrap();
    let codes: Vec<String> = r.rows.into_iter().map(|r| r.map_or_else(|e| faults(e).join(","), |_| "ok".into())).collect();
    assert_eq!(codes, ["ok", "duplicate.blocked", "ok"]);
}

async fn contacts_and_leads_have_keys_of_their_own(w: World) {
    let a = w.make(&w.rep, "account", json!({ "name": "甲乙丙设备有限公司" })).await;
    w.make(&w.rep, "contact", json!({ "name": "张伟", "account_id": a["id"], "mobile": "13912345678", "email": "wei@corp.cn" }))
        .await;
    let score = async |o: &str, j: Json| {
        w.e.duplicates(&w.rep, o, &map(j), None).await.unwrap().first().map(|d| d["score"].as_i64().unwrap())
    };
    assert_eq!(
        score("contact", json!({ "name": "李娜", "mobile": "139 1234 5678", "email": "wei@corp.cn" })).await,
        Some(85),
        "mobile and email"
    );
    assert_eq!(score("contact", json!({ "name": "张 伟", "account_id": a["id"] })).await, Some(75), "same account, same name");
    assert_eq!(score("contact", json!({ "name": "李娜", "account_id": a["id"], "mobile": "13912345678" })).await, Some(95));
    assert_eq!(score("contact", json!({ "name": "王芳" })).await, None);
    // a lead is held against accounts and contacts
    assert_eq!(score("lead", json!({ "name": "x", "company_name": "甲乙丙设备股份有限公司" })).await, Some(90));
    assert_eq!(score("lead", json!({ "name": "x", "mobile": "13912345678" })).await, Some(90));
}

async fn addresses_are_compared_without_their_tags(w: World) {
    // R-NRM-03: the match key drops `+tag`, and dots at Gmail; R-DUP-01
    w.make(&w.rep, "contact", json!({ "name": "张伟", "email": "Wei.Zhang+trade@Corp.example" })).await;
    w.make(&w.rep, "contact", json!({ "name": "Ann", "email": "ann.lee@gmail.com" })).await;
    let scores = async |o: &str, email: &str| {
        let found = w.e.duplicates(&w.rep, o, &map(json!({ "name": "x", "email": email })), None).await.unwrap();
        found.iter().map(|d| (d["title"].as_str().unwrap().to_owned(), d["score"].as_i64().unwrap())).collect::<Vec<_>>()
    };
    assert_eq!(scores("contact", "wei.zhang@corp.example").await, [("张伟".to_owned(), 80)]);
    assert_eq!(scores("contact", "wei.zhang+fair@corp.example").await, [("张伟".to_owned(), 80)]);
    assert_eq!(scores("contact", "weizhang@corp.example").await, [], "dots count outside Gmail");
    assert_eq!(scores("contact", "a.n.n.lee+news@gmail.com").await, [("Ann".to_owned(), 80)]);
    // Lead against contact: e-mail 85.
    assert_eq!(scores("lead", "wei.zhang+x@corp.example").await, [("张伟".to_owned(), 85)]);
    // The key follows the address, and says nothing to whoever reads it.
    let c = w.list(&w.admin, "contact", "name = 'Ann'").await.remove(0);
    let was = c["email_key"].as_str().unwrap().to_owned();
    assert!(was.len() == 32 && was.bytes().all(|b| b.is_ascii_hexdigit()), "{was}");
    let now = w.patch(&w.rep, "contact", &c, json!({ "email": "ann@corp.example" })).await.unwrap();
    assert_ne!(now["email_key"], was);
    let gone = w.patch(&w.rep, "contact", &c, json!({ "email": null })).await.unwrap();
    assert_eq!(gone["email_key"], Json::Null);
}

async fn a_batch_finds_names_that_resemble_each_other(w: World) {
    // R-DUP-01, Check: Dice 0.857 → 65, warned and linked; in the table and within the batch itself.
    w.make(&w.rep, "account", json!({ "name": "云启智能装备制造有限公司" })).await;
    let names = [
        "云启智能装备制作有限公司",
        "澄禾光学仪器有限公司",
        "澄禾光学仪表有限公司",
        "澄禾光学仪器仪表有限公司",
        "岚屿恒测物流有限公司",
        "云启光电有限公司",
    ];
    let ops = names.map(|n| BatchOp::Create { data: map(json!({ "name": n })), children: vec![] });
    let imp = w.boss.through(Via::Import);
    let r = w.e.batch(&imp, "account", ops.to_vec(), BatchOptions::default()).await.unwrap();
    assert!(r.rows.iter().all(Result::is_ok), "similar is no reason to refuse");
    let pairs = w.list(&w.admin, "duplicate_pair", "status = 'open'").await;
    let title = async |j: &Json| w.get(&w.admin, "account", j).await.unwrap()["name"].as_str().unwrap().to_owned();
    let mut seen = vec![];
    for p in &pairs {
        assert_eq!(p["score"], 65, "{p}");
        let mut two = [title(&p["record_a"]).await, title(&p["record_b"]).await];
        two.sort();
        seen.push(two);
    }
    seen.sort();
    let mut want = [["云启智能装备制造有限公司", "云启智能装备制作有限公司"].map(str::to_owned)];
    want[0].sort();
    // 澄禾光学仪器 / 仪表: 5 bigrams each, 4 shared = 0.8; with 仪器仪表: 2·5 / (5+7) = 0.83: neither is near enough.
    assert_eq!(seen, want);
    // The same in one batch, nothing in the table before.
    let names = ["柏川序云汀恒测装备制造有限公司", "柏川序云汀恒测装备制作有限公司"];
    let ops = names.map(|n| BatchOp::Create { data: map(json!({ "name": n })), children: vec![] });
    w.e.batch(&imp, "account", ops.to_vec(), BatchOptions::default()).await.unwrap();
    assert_eq!(w.list(&w.admin, "duplicate_pair", "status = 'open'").await.len(), 2);
}

async fn a_merge_moves_everything_and_can_be_taken_back(w: World) {
    let s = &w.boss;
    let a = w.make(s, "account", json!({ "name": "远大机械有限公司", "tags": ["战略客户"] })).await;
    let b = w
        .make(
            s,
            "account",
            json!({ "name": "远大机械集团", "uscc": "91350100M000100Y43", "phone": "13800138000", "tags": ["价格敏感"] }),
        )
        .await;
    let c = w.make(s, "contact", json!({ "name": "张伟", "account_id": b["id"] })).await;
    let both = w.make(s, "account_contact", json!({ "account_id": a["id"], "contact_id": c["id"] })).await;
    let twice = w.make(s, "account_contact", json!({ "account_id": b["id"], "contact_id": c["id"] })).await;
    // a rep may not
    let mine = w.make(&w.rep, "account", json!({ "name": "另一家公司甲" })).await;
    assert!(matches!(
        w.act(&w.rep, "account", &mine, "merge", json!({ "ids": [b["id"]] })).await,
        Err(Error::Denied(_) | Error::NotFound)
    ));
    let m = w.act(s, "account", &a, "merge", json!({ "ids": [b["id"]] })).await.unwrap();
    assert_eq!(
        (&m["name"], &m["uscc"], &m["phone"]["e164"]),
        (&json!("远大机械有限公司"), &json!("91350100M000100Y43"), &json!("+8613800138000")),
        "R-MRG-02"
    );
    assert_eq!(m["tags"], json!(["战略客户", "价格敏感"]), "tags are united");
    // R-MRG-03
    assert!(
        matches!(w.get(s, "account", &b).await, Err(Error::MovedTo(id)) if json!(id) == a["id"]),
        "an old id answers moved_to"
    );
    assert_eq!(w.get(s, "contact", &c).await.unwrap()["account_id"], a["id"]);
    assert!(w.get(s, "account_contact", &both).await.is_ok());
    assert!(matches!(w.get(s, "account_contact", &twice).await, Err(Error::NotFound)), "links are not doubled");
    // taken back
    let m = w.act(s, "account", &a, "unmerge", json!({})).await.unwrap();
    assert_eq!((&m["uscc"], &m["tags"]), (&Json::Null, &json!(["战略客户"])));
    assert_eq!(w.get(s, "account", &b).await.unwrap()["uscc"], "91350100M000100Y43");
    assert_eq!(w.get(s, "contact", &c).await.unwrap()["account_id"], b["id"]);
    assert!(w.get(s, "account_contact", &twice).await.is_ok());
    assert_eq!(faults(w.act(s, "account", &a, "unmerge", json!({})).await.unwrap_err()), ["merge.nothing_to_undo"]);
}

async fn different_credit_codes_and_late_undo_are_refused(w: World) {
    let s = &w.boss;
    let a = w.make(s, "account", json!({ "name": "东方一号", "uscc": "91350100M000100Y43" })).await;
    let b = w.make(s, "account", json!({ "name": "西方二号", "uscc": "91330106MA27ABCD00" })).await;
    assert_eq!(
        faults(w.act(s, "account", &a, "merge", json!({ "ids": [b["id"]] })).await.unwrap_err()),
        ["merge.conflict", "uscc merge.conflict"]
    );
    let c = w.make(s, "account", json!({ "name": "北方三号" })).await;
    w.act(s, "account", &a, "merge", json!({ "ids": [c["id"]] })).await.unwrap();
    w.clock.step(31 * 86_400_000);
    assert_eq!(faults(w.act(s, "account", &a, "unmerge", json!({})).await.unwrap_err()), ["merge.undo_expired"]);
}

crate::both!(
    World::on,
    of_two_at_once_one_is_made,
    the_same_company_is_refused_a_similar_one_is_linked,
    override_needs_the_permission_and_tokens_never_block,
    contacts_and_leads_have_keys_of_their_own,
    addresses_are_compared_without_their_tags,
    a_batch_finds_names_that_resemble_each_other,
    a_merge_moves_everything_and_can_be_taken_back,
    different_credit_codes_and_late_undo_are_refused
);
