//! Rows in and out.

use std::sync::Arc;

use rapport_policy::{Act, Reach};
use rapport_schema::{
    FieldName, MaskKind, Millis, RecordRef, UserId, Value, codec,
    money::Money,
    value::{Addr, Datum, Geo, Phone},
};
use rapport_store::{Bin, StoreError};
use serde_json::{Value as Json, json};

use crate::world::{World, all_rows, id, person};

/// A record with a value in every field.
pub fn full(w: &World, n: u64) -> rapport_schema::Record {
    let o = w.object("account");
    let mut r = w.account(n, "深圳市华为技术有限公司");
    let mut set = |f: &str, v: Value| r.set(&o, f, v);
    set("code", format!("AC-{n}").as_str().into());
    set("level", "b".into());
    set(
        "amount",
        Value::Money(Money {
            amount: "1234.56".parse().unwrap(),
            currency: "USD".into(),
            rate: "7.1".parse().unwrap(),
            base: "8765.38".parse().unwrap(),
        }),
    );
    set("score", Value::Dec("12.50".parse().unwrap()));
    set("ratio", Value::Dec("33.3333".parse().unwrap()));
    set("employees", Value::Int(42));
    set("vip", Value::Bool(true));
    set("founded_on", Value::Date(jiff::civil::date(1987, 9, 15)));
    set("seen_at", Value::DateTime(Millis(1_700_000_000_123)));
    set("segments", Value::Keys(vec!["a".into(), "c".into()]));
    set(
        "phone",
        Value::Phone(Box::new(Phone {
            raw: "138 0013 8000".into(),
            e164: Some("+8613800138000".into()),
            ext: None,
            country: Some("CN".into()),
            kind: "mobile".into(),
        })),
    );
    set("email", "li@example.com".into());
    set("website", "https://example.com/a".into());
    set(
        "address",
        Value::Addr(Box::new(Addr {
            country: Some("CN".into()),
            code: Some("330106".into()),
            province: Some("浙江省".into()),
            city: Some("杭州市".into()),
            detail: Some("文三路 \"9\" 号".into()),
            ..Addr::default()
        })),
    );
    set("remark", "第一行\n\"quoted\" \\ line".into());
    set("place", Value::Geo(Geo { lat_e7: 399_087_000, lng_e7: 1_163_975_000, datum: Datum::Wgs84 }));
    set("extra", Value::Json(Box::new(json!({"a": [1, null, "x"]}))));
    set("parent_id", Value::Id(id(7)));
    set("members", Value::Ids(vec![id(5), id(6)]));
    set("opens_at", Value::Int(540));
    set("owner_id", Value::Id(id(5)));
    set("dept_id", Value::Id(id(8)));
    set("created_by", Value::Id(id(5)));
    set("tags", Value::Keys(vec!["重点".into()]));
    r
}

pub async fn come_back_as_they_were(w: &World) {
    let (o, m) = (w.object("account"), w.model.clone());
    let mut nothing = w.account(2, "空");
    nothing.set(&o, "vip", Value::Bool(false));
    w.put("account", vec![full(w, 1), nothing.clone()]).await;
    let mut s = w.select("account");
    s.sort = w.by("account", "created_at", false);
    let found = w.db.records(s).await.unwrap();
    assert_eq!(found, vec![full(w, 1), nothing]);
    let loaded =
        w.db.write(move |tx| {
            let (m, o) = (m.clone(), o.clone());
            Box::pin(async move { tx.load(&m, &o, &crate::world::all_rows(), id(1), Bin::Live, crate::world::NOW).await })
        })
        .await
        .unwrap();
    assert_eq!(loaded, Some(full(w, 1)));
}

async fn change(w: &World, old: rapport_schema::Record, new: rapport_schema::Record) -> rapport_store::Result<()> {
    let (o, m) = (w.object("account"), w.model.clone());
    w.db.write(move |tx| {
        let (m, o, old, new) = (m.clone(), o.clone(), old.clone(), new.clone());
        Box::pin(async move { tx.update(&m, &o, &old, &new).await })
    })
    .await
}

pub async fn conflict_and_purge(w: &World) {
    let (o, m) = (w.object("account"), w.model.clone());
    let a = full(w, 1);
    w.put("account", vec![a.clone()]).await;
    let mut b = a.clone();
    b.version = 2;
    b.set(&o, "name", "Acme".into());
    b.set(&o, "segments", Value::Keys(vec!["b".into(), "c".into()]));
    b.set(&o, "members", Value::Null);
    b.set(&o, "phone", Value::Null);
    change(w, a.clone(), b.clone()).await.unwrap();
    assert_eq!(w.db.records(w.select("account")).await.unwrap(), vec![b.clone()]);
    // The version the second caller saw is gone.
    assert!(matches!(change(w, a, b.clone()).await, Err(StoreError::Conflict)));
    let mut gone = b.clone();
    gone.version = 3;
    gone.deleted_at = Some(crate::world::NOW);
    change(w, b, gone.clone()).await.unwrap();
    assert!(w.ids(w.select("account")).await.is_empty());
    let mut s = w.select("account");
    s.bin = Bin::Deleted;
    assert_eq!(w.db.records(s.clone()).await.unwrap(), vec![gone.clone()]);
    let g = gone.clone();
    w.db.write(move |tx| {
        let (m, o, g) = (m.clone(), o.clone(), g.clone());
        Box::pin(async move { tx.purge(&m, &o, &g).await })
    })
    .await
    .unwrap();
    s.bin = Bin::Both;
    assert!(w.ids(s).await.is_empty());
}

pub async fn unique_names_the_field(w: &World) {
    let o = w.object("account");
    let with = |n: u64, code: &str| {
        let mut r = w.account(n, "x");
        r.set(&o, "code", code.into());
        r
    };
    w.put("account", vec![with(1, "ＡＢ－1"), w.account(2, "no code"), w.account(3, "no code either")]).await;
    // NFKC and case do not make it another (domain model §1 text, unique).
    match w.try_put("account", vec![with(4, "ab-1")]).await {
        Err(StoreError::NotUnique { object, field }) => assert_eq!((object.as_str(), field.as_str()), ("account", "code")),
        other => panic!("{other:?}"),
    }
    let external = |n: u64| {
        let mut r = w.account(n, "x");
        r.set(&o, "external_id", "E1".into());
        r
    };
    w.put("account", vec![external(5)]).await;
    match w.try_put("account", vec![external(6)]).await {
        Err(StoreError::NotUnique { object, field }) => assert_eq!((object.as_str(), field.as_str()), ("account", "external_id")),
        other => panic!("{other:?}"),
    }
    // In the recycle bin it no longer counts.
    let a = with(1, "ＡＢ－1");
    let mut b = a.clone();
    b.version = 2;
    b.deleted_at = Some(crate::world::NOW);
    change(w, a, b).await.unwrap();
    w.put("account", vec![with(7, "ab-1")]).await;
}

fn rows(bytes: &[u8]) -> Vec<Json> {
    let text = format!("[{}]", std::str::from_utf8(bytes).unwrap());
    serde_json::from_str(&text).unwrap()
}

pub async fn json_is_written_from_cells(w: &World) {
    let o = w.object("account");
    let r = full(w, 1);
    w.put("account", vec![r.clone(), w.account(2, "空")]).await;
    let names: Vec<&str> = o.fields.iter().map(|f| f.name.as_str()).collect();
    let mut s = w.select("account");
    s.sort = w.by("account", "created_at", false);
    let page = w.db.list(s.clone(), Arc::new(w.shape("account", &names))).await.unwrap();
    assert_eq!((page.len, page.next), (2, None));
    let found = rows(&page.rows);
    let form = codec::Form::of(&w.model);
    let mut want = serde_json::Map::new();
    want.insert("id".into(), json!(r.id));
    want.insert("version".into(), json!(1));
    for (f, v) in o.fields.iter().zip(&r.values) {
        want.insert(f.name.to_string(), codec::to_json(f, v, form));
    }
    assert_eq!(found[0], Json::Object(want));
    assert_eq!(found[1]["segments"], json!([]));
    assert_eq!(found[1]["amount"], Json::Null);
    let (one, version) = w.db.get(s.clone(), id(1), Arc::new(w.shape("account", &names))).await.unwrap().unwrap();
    assert_eq!((rows(&one)[0].clone(), version), (found[0].clone(), 1));
    assert!(w.db.get(s, id(99), Arc::new(w.shape("account", &names))).await.unwrap().is_none());
}

pub async fn masks_and_expansions(w: &World) {
    let users = w.object("user");
    let mut people = vec![];
    for (n, name) in [(5, "陈屿"), (6, "Ann \"A\" Lee")] {
        let mut r = w.record("user", n);
        r.set(&users, "name", name.into());
        people.push(r);
    }
    w.put("user", people).await;
    let mut parent = w.account(7, "母公司");
    parent.set(&w.object("account"), "owner_id", Value::Id(id(6)));
    parent.set(&w.object("account"), "phone", full(w, 1).get(&w.object("account"), "phone").clone());
    w.put("account", vec![parent, full(w, 1)]).await;
    let c = w.object("contact");
    let mut contact = w.record("contact", 20);
    contact.set(&c, "about", Value::Ref(RecordRef { object: "account".parse().unwrap(), id: id(7) }));
    w.put("contact", vec![contact]).await;
    let o = w.object("account");
    let mut shape = w.shape("account", &["name"]);
    shape.fields.push(w.masked("account", "phone", MaskKind::Phone));
    shape.expand = ["owner_id", "parent_id", "members"].iter().map(|f| o.ix(f).unwrap()).collect();
    shape.me = Some(UserId::of(id(6)));
    let mut s = w.select("account");
    s.sort = w.by("account", "created_at", false);
    let found = rows(&w.db.list(s, Arc::new(shape)).await.unwrap().rows);
    let other = &found[0];
    // R-FLS-02: another's telephone number is masked; R-FLS-03: one's own is not.
    assert_eq!(other["phone"], json!("138****8000"), "{other}");
    assert_eq!(other["$masked"], json!(["phone"]));
    assert_eq!(other["$expand"]["owner_id"], json!({"object": "user", "id": id(5), "title": "陈屿"}));
    assert_eq!(other["$expand"]["parent_id"], json!({"object": "account", "id": id(7), "title": "母公司"}));
    let mut members: Vec<&str> =
        other["$expand"]["members"].as_array().unwrap().iter().map(|m| m["title"].as_str().unwrap()).collect();
    members.sort_unstable();
    assert_eq!(members, ["Ann \"A\" Lee", "陈屿"]);
    let own = &found[1];
    assert_eq!(own["phone"]["raw"], json!("138 0013 8000"));
    assert!(own.get("$masked").is_none());
    let mut shape = w.shape("contact", &["name"]);
    shape.expand = vec![c.ix("about").unwrap()];
    let found = rows(&w.db.list(w.select("contact"), Arc::new(shape)).await.unwrap().rows);
    assert_eq!(found[0]["$expand"]["about"], json!({"object": "account", "id": id(7), "title": "母公司"}));
    let refs = [("user".parse().unwrap(), id(5)), ("account".parse().unwrap(), id(7)), ("account".parse().unwrap(), id(77))];
    let mut titles: Vec<String> = w.db.titles(&w.model, &refs).await.unwrap().into_iter().map(|t| t.2).collect();
    titles.sort();
    assert_eq!(titles, ["母公司", "陈屿"]);
    let me = person(id(6), rapport_policy::Reach::Own, &[]);
    let rule = me.rule(Act::Read, &w.model, &o);
    assert_eq!(w.db.reachable(&w.model, &o, &rule, &[id(1), id(7), id(9)], crate::world::NOW).await.unwrap(), vec![id(7)]);
}

/// What an index alone answers: each text once, so many of each start, the deleted ones' too, and for the system only.
pub async fn texts_that_begin_alike(w: &World) {
    let o = w.object("account");
    let coded = |n: u64, code: &str| {
        let mut r = w.account(n, "x");
        r.set(&o, "code", code.into());
        r
    };
    let mut gone = coded(6, "云启光学");
    gone.deleted_at = Some(Millis(5));
    let rows =
        ["云启智能", "云启装备", "云上", "acme", "acorn"].iter().zip(1..).map(|(c, n)| coded(n, c)).chain([gone]).collect();
    w.put("account", rows).await;
    for (starts, most, want) in [
        (&["云启"][..], 9, &["云启光学", "云启智能", "云启装备"][..]),
        (&["云启", "ac", "没有"], 9, &["acme", "acorn", "云启光学", "云启智能", "云启装备"]),
        (&["云启", "ac"], 1, &["acme", "云启光学"]),
        (&["ac%", "a_m", "'"], 9, &[]),
        (&[], 9, &[]),
    ] {
        let o = o.clone();
        let mut found =
            w.db.write(move |tx| {
                let o = o.clone();
                Box::pin(async move { tx.beginning(&o, &FieldName::lit("code"), starts, most, &all_rows()).await })
            })
            .await
            .unwrap();
        found.sort();
        assert_eq!(found, want, "{starts:?}");
    }
    let (m, own) = (w.model.clone(), person(id(101), Reach::Own, &[]));
    let refused =
        w.db.write(move |tx| {
            let (o, rule) = (m.object("account").unwrap().clone(), own.rule(Act::Read, &m, m.object("account").unwrap()));
            Box::pin(async move { tx.beginning(&o, &FieldName::lit("code"), &["云"], 9, &rule).await })
        })
        .await;
    assert!(matches!(refused, Err(StoreError::Driver(_))), "{refused:?}");
}
