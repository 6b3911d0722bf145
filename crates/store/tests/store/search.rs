//! Search finds by characters, pinyin, initials, ends of numbers, and only what may be seen.

use rapport_policy::{Act, Reach, RowRule};
use rapport_schema::{FieldIx, Record, Value, value::Phone};
use rapport_store::{Bin, Search, SearchScope};

use crate::world::{NOW, World, all_rows, id, person};

fn with(w: &World, n: u64, name: &str, phone: &str, owner: u64) -> Record {
    let o = w.object("account");
    let mut r = w.account(n, name);
    r.set(&o, "owner_id", Value::Id(id(owner)));
    r.set(&o, "dept_id", Value::Id(id(10)));
    r.set(&o, "level", "b".into());
    if !phone.is_empty() {
        r.set(
            &o,
            "phone",
            Value::Phone(Box::new(Phone {
                raw: phone.into(),
                e164: Some(format!("+86{phone}").into()),
                ext: None,
                country: None,
                kind: "mobile".into(),
            })),
        );
    }
    r
}

async fn find(w: &World, text: &str, rows: RowRule, hide: &[&str]) -> Vec<String> {
    let scopes = ["account", "contact"]
        .map(|n| {
            let o = w.object(n);
            let fields =
                (0..).map(FieldIx).zip(&o.fields).filter(|(_, f)| !hide.contains(&f.name.as_str())).map(|(ix, _)| ix).collect();
            SearchScope { object: o, rows: rows.clone(), fields }
        })
        .to_vec();
    let hits = w.db.search(Search { model: w.model.clone(), text: text.into(), scopes, limit: 20, now: NOW }).await.unwrap();
    hits.into_iter().map(|h| h.title).collect()
}

pub async fn finds_by_every_way(w: &World) {
    let rows = vec![
        with(w, 1, "深圳市华为技术有限公司", "13800138000", 100),
        with(w, 2, "华为", "", 101),
        with(w, 3, "重庆长安汽车", "13912345678", 100),
        with(w, 4, "Acme Trading Ltd", "", 101),
    ];
    w.put("account", rows).await;
    let c = w.object("contact");
    let mut person_row = w.record("contact", 20);
    person_row.set(&c, "name", "单雄信".into());
    person_row.set(&c, "owner_id", Value::Id(id(100)));
    w.put("contact", vec![person_row]).await;
    for (typed, want) in [
        ("华为", vec!["华为", "深圳市华为技术有限公司"]),
        ("hw", vec!["华为", "深圳市华为技术有限公司"]),
        ("huawei", vec!["华为", "深圳市华为技术有限公司"]),
        ("cqca", vec!["重庆长安汽车"]),
        ("8000", vec!["深圳市华为技术有限公司"]),
        ("13912345678", vec!["重庆长安汽车"]),
        ("acme", vec!["Acme Trading Ltd"]),
        ("trad", vec!["Acme Trading Ltd"]),
        ("shanxiongxin", vec!["单雄信"]),
        ("深圳 华为", vec!["深圳市华为技术有限公司"]),
        ("不存在", vec![]),
        ("' OR 1=1 --", vec![]),
        ("\"*", vec![]),
    ] {
        assert_eq!(find(w, typed, all_rows(), &[]).await, want, "{typed}");
    }
    // Only what the rule reaches.
    let own = person(id(101), Reach::Own, &[]);
    let rule = own.rule(Act::Read, &w.model, &w.object("account"));
    assert_eq!(find(w, "华为", rule.clone(), &[]).await, ["华为"]);
    assert_eq!(find(w, "hw", rule, &[]).await, ["华为"]);
    // A field the caller may not see is no way to find the record.
    assert!(find(w, "8000", all_rows(), &["phone"]).await.is_empty());
    // Highlights and subtitles.
    let scopes = vec![SearchScope {
        object: w.object("account"),
        rows: all_rows(),
        fields: (0..).map(FieldIx).take(w.object("account").fields.len()).collect(),
    }];
    let hits = w.db.search(Search { model: w.model.clone(), text: "华为".into(), scopes, limit: 1, now: NOW }).await.unwrap();
    assert_eq!(hits[0].highlights, vec![(w.object("account").title_ix(), vec![(0, 2)])]);
    assert_eq!(hits[0].subtitle, vec!["b".to_owned()]);
    // The list's search box.
    let mut s = w.select("account");
    s.text = Some("hw".into());
    s.sort = w.by("account", "created_at", false);
    assert_eq!(w.ids(s.clone()).await, vec![id(1), id(2)]);
    // Changed, deleted, purged.
    let (m, o) = (w.model.clone(), w.object("account"));
    let old = with(w, 2, "华为", "", 101);
    w.db.write(move |tx| {
        let (m, o, old) = (m.clone(), o.clone(), old.clone());
        Box::pin(async move {
            let mut new = old.clone();
            new.version = 2;
            new.set(&o, "name", "小米".into());
            tx.update(&m, &o, &old, &new).await?;
            let one = tx.load(&m, &o, &all_rows(), id(1), Bin::Live, NOW).await?.expect("there");
            tx.purge(&m, &o, &one).await
        })
    })
    .await
    .unwrap();
    assert!(find(w, "华为", all_rows(), &[]).await.is_empty());
    assert_eq!(find(w, "xiaomi", all_rows(), &[]).await, ["小米"]);
}

/// Terms are written at the end of the transaction: what counts is each row as it was last, and what was undone never was.
pub async fn knows_each_row_as_it_was_last(w: &World) {
    let (m, o) = (w.model.clone(), w.object("account"));
    w.put("account", vec![with(w, 1, "北海渔业", "", 100), with(w, 2, "南山矿业", "", 100)]).await;
    let rows: Vec<Record> = [(1, "北海渔业"), (2, "南山矿业"), (3, "东湖茶业"), (4, "西江航运"), (5, "中原粮油")]
        .map(|(n, name)| with(w, n, name, "", 100))
        .to_vec();
    w.db.write(move |tx| {
        let (m, o, rows) = (m.clone(), o.clone(), rows.clone());
        Box::pin(async move {
            let renamed = |r: &Record, name: &str| {
                let mut new = r.clone();
                new.version += 1;
                new.set(&o, "name", name.into());
                new
            };
            // Changed twice; purged; made and renamed; made and purged; made and undone.
            let once = renamed(&rows[0], "临海渔业");
            tx.update(&m, &o, &rows[0], &once).await?;
            tx.update(&m, &o, &once, &renamed(&once, "沿海渔业")).await?;
            tx.purge(&m, &o, &rows[1]).await?;
            tx.insert(&m, &o, &rows[2]).await?;
            tx.update(&m, &o, &rows[2], &renamed(&rows[2], "太湖茶业")).await?;
            tx.insert(&m, &o, &rows[3]).await?;
            tx.purge(&m, &o, &rows[3]).await?;
            tx.savepoint().await?;
            tx.insert(&m, &o, &rows[4]).await?;
            tx.end_savepoint(false).await
        })
    })
    .await
    .unwrap();
    for (typed, want) in [
        ("北海", vec![]),
        ("临海", vec![]),
        ("沿海", vec!["沿海渔业"]),
        ("yhyy", vec!["沿海渔业"]),
        ("南山", vec![]),
        ("东湖", vec![]),
        ("太湖", vec!["太湖茶业"]),
        ("西江", vec![]),
        ("中原", vec![]),
    ] {
        assert_eq!(find(w, typed, all_rows(), &[]).await, want, "{typed}");
    }
}

/// Of a row changed twice in one transaction, what each change left alone stays as the other made it; a change of the owner alone
/// is found by who sees it now.
pub async fn changes_of_parts_of_a_row_add_up(w: &World) {
    let (m, o) = (w.model.clone(), w.object("account"));
    let first = with(w, 1, "北海渔业", "", 100);
    w.put("account", vec![first.clone()]).await;
    let set = |r: &Record, field: &str, v: Value| {
        let mut new = r.clone();
        new.version += 1;
        new.set(&w.object("account"), field, v);
        new
    };
    let named = set(&first, "name", "沿海渔业".into());
    let noted = set(&named, "remark", "三文鱼".into());
    let moved = set(&noted, "owner_id", Value::Id(id(101)));
    w.db.write(move |tx| {
        let (m, o, all) = (m.clone(), o.clone(), [first.clone(), named.clone(), noted.clone(), moved.clone()]);
        Box::pin(async move {
            for w in all.windows(2) {
                tx.update(&m, &o, &w[0], &w[1]).await?;
            }
            Ok(())
        })
    })
    .await
    .unwrap();
    let mine = person(id(101), Reach::Own, &[]).rule(Act::Read, &w.model, &w.object("account"));
    for (typed, want) in
        [("沿海", vec!["沿海渔业"]), ("yhyy", vec!["沿海渔业"]), ("三文鱼", vec!["沿海渔业"]), ("北海", vec![]), ("bhyy", vec![])]
    {
        assert_eq!(find(w, typed, mine.clone(), &[]).await, want, "{typed}");
    }
    let theirs = person(id(100), Reach::Own, &[]).rule(Act::Read, &w.model, &w.object("account"));
    assert!(find(w, "沿海", theirs.clone(), &[]).await.is_empty() && find(w, "yhyy", theirs, &[]).await.is_empty());
}
