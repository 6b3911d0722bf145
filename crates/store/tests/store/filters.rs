//! Filters give the same rows in SQL and in memory (architecture idea 4).

use rapport_schema::{
    DeptId, Millis, Record, RecordId, Value,
    filter::{self, Asker, RecordView},
    money::Money,
    query::Filter,
    value::{Addr, Phone},
};
use rapport_store::Rules;

use crate::world::{NOW, World, id};

fn asker(w: &World) -> Asker<'static> {
    Asker { user: None, reports: &[], depts: &[], below: &|d: DeptId| vec![d], now: NOW, zone: w.model.tz() }
}

fn parsed(w: &World, text: &str) -> Filter {
    let o = w.object("account");
    let f = filter::parse(text, &w.model, &o, &Rules).unwrap_or_else(|e| panic!("{text}: {e:?}"));
    filter::resolve(&f, &w.model, &o, &asker(w))
}

/// Records with every mixture of values and emptiness.
fn many(w: &World) -> Vec<Record> {
    let o = w.object("account");
    let names = ["华为技术", "ACME 上海", "acme", "Straße", "50% off_now", "", "ÉCOLE", "Москва"];
    (0..160_u64)
        .map(|n| {
            let mut r = w.account(n + 1, names[(n % 8) as usize]);
            let mut set = |f: &str, v: Value| r.set(&o, f, v);
            if n % 8 == 5 {
                set("name", Value::Null);
            }
            if n % 3 > 0 {
                set("level", ["a", "b", "c"][(n % 3) as usize].into());
                set("score", Value::Dec(rust_decimal::Decimal::new(n as i64 * 5 - 200, 2)));
            }
            if n % 4 > 0 {
                set("employees", Value::Int(n as i64 % 7));
                set("founded_on", Value::Date(jiff::civil::date(2026, 1 + (n % 12) as i8, 1 + (n % 28) as i8)));
                let (cur, rate) = if n % 8 > 3 { ("USD", 7) } else { ("CNY", 1) };
                let amount = rust_decimal::Decimal::from(n % 10);
                set(
                    "amount",
                    Value::Money(Money {
                        amount,
                        currency: cur.into(),
                        rate: rate.into(),
                        base: amount * rust_decimal::Decimal::from(rate),
                    }),
                );
            }
            if n % 5 > 0 {
                set("seen_at", Value::DateTime(Millis(NOW.0 - n as i64 * 3_600_000 * 7)));
                let digits = format!("1380013{:04}", n % 50);
                set(
                    "phone",
                    Value::Phone(Box::new(Phone {
                        raw: digits.as_str().into(),
                        e164: Some(format!("+86{digits}").into()),
                        ext: None,
                        country: None,
                        kind: "mobile".into(),
                    })),
                );
                set(
                    "address",
                    Value::Addr(Box::new(Addr {
                        code: Some(format!("33010{}", n % 9).into()),
                        detail: Some(format!("文三路 {n} 号 Building A")),
                        ..Addr::default()
                    })),
                );
                set("website", format!("https://h{}.example.com/x", n % 3).as_str().into());
                set("email", format!("p{}@example.com", n % 4).as_str().into());
            }
            set("vip", Value::Bool(n % 2 == 0));
            let keys: Vec<smol_str::SmolStr> =
                ["a", "b", "c"].iter().enumerate().filter(|(i, _)| n >> i & 1 == 1).map(|(_, k)| (*k).into()).collect();
            set("segments", if keys.is_empty() { Value::Null } else { Value::Keys(keys) });
            if n % 6 > 0 {
                set("owner_id", Value::Id(id(1_000 + n % 3)));
                set("parent_id", Value::Id(id(1 + n % 20)));
                set("members", Value::Ids(vec![id(1_000 + n % 2), id(1_005)]));
            }
            r
        })
        .collect()
}

const FILTERS: &[&str] = &[
    r#"{"field":"name","op":"eq","value":"acme"}"#,
    r#"{"field":"name","op":"ne","value":"acme"}"#,
    r#"{"field":"name","op":"contains","value":"ACME"}"#,
    r#"{"field":"name","op":"contains","value":"%"}"#,
    r#"{"field":"name","op":"contains","value":"_"}"#,
    r#"{"field":"name","op":"contains","value":"éco"}"#,
    r#"{"field":"name","op":"starts","value":"МОСК"}"#,
    r#"{"field":"name","op":"starts","value":"华为"}"#,
    r#"{"field":"name","op":"in","value":["acme","华为技术"]}"#,
    r#"{"field":"name","op":"nin","value":["acme","华为技术"]}"#,
    r#"{"field":"name","op":"is_empty"}"#,
    r#"{"field":"level","op":"not_empty"}"#,
    r#"{"field":"level","op":"eq","value":"b"}"#,
    r#"{"not":{"field":"level","op":"eq","value":"b"}}"#,
    r#"{"field":"score","op":"gte","value":"0.5"}"#,
    r#"{"field":"score","op":"eq","value":"0.5"}"#,
    r#"{"not":{"field":"score","op":"lt","value":"1"}}"#,
    r#"{"field":"score","op":"between","value":["-1","1"]}"#,
    r#"{"field":"employees","op":"in","value":[1,2]}"#,
    r#"{"field":"employees","op":"nin","value":[1,2]}"#,
    r#"{"field":"employees","op":"gt","value":3}"#,
    r#"{"field":"amount","op":"gte","value":"14"}"#,
    r#"{"field":"amount","op":"eq","value":{"amount":"3","currency":"USD"}}"#,
    r#"{"field":"vip","op":"eq","value":true}"#,
    r#"{"field":"vip","op":"ne","value":true}"#,
    r#"{"field":"founded_on","op":"gt","value":"2026-06-01"}"#,
    r#"{"field":"founded_on","op":"eq","value":{"rel":"this_month"}}"#,
    r#"{"field":"seen_at","op":"eq","value":{"rel":"today"}}"#,
    r#"{"field":"seen_at","op":"lt","value":{"rel":"last_week"}}"#,
    r#"{"field":"seen_at","op":"in","value":{"rel":"last_days","n":7}}"#,
    r#"{"field":"segments","op":"any","value":["a","b"]}"#,
    r#"{"field":"segments","op":"all","value":["a","b"]}"#,
    r#"{"field":"segments","op":"none","value":["a","b"]}"#,
    r#"{"field":"segments","op":"is_empty"}"#,
    r#"{"field":"phone","op":"contains","value":"0013"}"#,
    r#"{"field":"phone","op":"eq","value":"13800130007"}"#,
    r#"{"field":"address","op":"within","value":"330106"}"#,
    r#"{"field":"address","op":"within","value":"3301"}"#,
    r#"{"field":"address","op":"contains","value":"BUILDING"}"#,
    r#"{"field":"website","op":"within","value":"h1.example.com"}"#,
    r#"{"field":"email","op":"eq","value":"p1@example.com"}"#,
    r#"{"and":[{"field":"level","op":"eq","value":"b"},{"or":[{"field":"vip","op":"eq","value":true},{"field":"employees","op":"lt","value":2}]}]}"#,
    r#"{"not":{"and":[{"field":"level","op":"eq","value":"b"},{"field":"employees","op":"gt","value":2}]}}"#,
    r#"{"field":"version","op":"eq","value":1}"#,
];

async fn compare(w: &World, records: &[Record], text: &str) {
    let o = w.object("account");
    let f = parsed(w, text);
    let related = |p: &rapport_schema::query::Path| -> Value {
        // Only own accounts are looked up in this test, by the record's own parent.
        let _ = p;
        Value::Null
    };
    let want: Vec<RecordId> = records
        .iter()
        .filter(|r| filter::eval(&f, &RecordView { object: &o, record: r, related: &related }, &Rules))
        .map(|r| r.id)
        .collect();
    let mut s = w.select("account");
    s.filter = f;
    s.sort = w.by("account", "created_at", false);
    assert_eq!(w.ids(s).await, want, "{text}");
}

pub async fn sql_and_memory_agree(w: &World) {
    let records = many(w);
    w.put("account", records.clone()).await;
    for text in FILTERS {
        compare(w, &records, text).await;
    }
    for who in [1_000, 1_002, 1_009] {
        for op in ["eq", "ne"] {
            compare(w, &records, &format!(r#"{{"field":"owner_id","op":"{op}","value":"{}"}}"#, id(who))).await;
        }
        compare(w, &records, &format!(r#"{{"field":"members","op":"any","value":["{}"]}}"#, id(who))).await;
        compare(w, &records, &format!(r#"{{"field":"members","op":"none","value":["{}"]}}"#, id(who))).await;
    }
    compare(w, &records, &format!(r#"{{"field":"id","op":"in","value":["{}","{}"]}}"#, id(3), id(900))).await;
}

pub async fn paths_and_fields(w: &World) {
    let records = many(w);
    w.put("account", records.clone()).await;
    let o = w.object("account");
    let parent = |r: &Record| r.get(&o, "parent_id").as_id().and_then(|i| records.iter().find(|x| x.id == i));
    let cases: [(&str, &dyn Fn(&Record) -> bool); 5] = [
        (r#"{"field":"parent_id.level","op":"eq","value":"b"}"#, &|r| {
            parent(r).is_some_and(|p| p.get(&o, "level").as_text() == Some("b"))
        }),
        (r#"{"field":"parent_id.level","op":"ne","value":"b"}"#, &|r| {
            parent(r).is_none_or(|p| p.get(&o, "level").as_text() != Some("b"))
        }),
        (r#"{"field":"parent_id.parent_id.vip","op":"eq","value":true}"#, &|r| {
            parent(r).and_then(parent).is_some_and(|p| p.get(&o, "vip").is_true())
        }),
        (r#"{"field":"parent_id.segments","op":"any","value":["a"]}"#, &|r| {
            parent(r).is_some_and(|p| matches!(p.get(&o, "segments"), Value::Keys(k) if k.iter().any(|k| k == "a")))
        }),
        (r#"{"field":"parent_id.employees","op":"is_empty"}"#, &|r| {
            parent(r).is_none_or(|p| *p.get(&o, "employees") == Value::Null)
        }),
    ];
    for (text, want) in cases {
        let mut s = w.select("account");
        s.filter = parsed(w, text);
        s.sort = w.by("account", "created_at", false);
        let want: Vec<RecordId> = records.iter().filter(|r| want(r)).map(|r| r.id).collect();
        assert!(!want.is_empty());
        assert_eq!(w.ids(s).await, want, "{text}");
    }
    for op in ["eq", "ne", "lt", "gte"] {
        compare(w, &records, &format!(r#"{{"field":"score","op":"{op}","value":{{"field":"employees"}}}}"#)).await;
        compare(w, &records, &format!(r#"{{"field":"updated_at","op":"{op}","value":{{"field":"created_at"}}}}"#)).await;
    }
}
