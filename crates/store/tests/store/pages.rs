//! Orders, pages, counts, groups.

use std::sync::Arc;

use rapport_schema::{
    FieldName, Millis, Record, RecordId, Value,
    query::{AggFn, Bucket, CountMode, Filter, GroupKey, Measure, Op, Operand, Path, SortKey},
};
use rapport_store::{Aggregate, Cursor, Select, StoreError};

use crate::world::{NOW, World};

fn some(w: &World, n: u64) -> Vec<Record> {
    let o = w.object("account");
    (1..=n)
        .map(|i| {
            let mut r = w.account(i, &format!("N{}", i % 4));
            if i % 3 > 0 {
                r.set(&o, "employees", Value::Int((i * 7 % 5) as i64));
            }
            if i % 4 > 0 {
                r.set(&o, "founded_on", Value::Date(jiff::civil::date(2026, 1 + (i % 3) as i8, 1)));
            }
            r
        })
        .collect()
}

/// All ids by walking pages of a size.
async fn walk(w: &World, s: &Select, size: u32) -> Vec<RecordId> {
    let shape = Arc::new(w.shape(&s.object.name, &["name"]));
    let mut s = Select { limit: size, ..s.clone() };
    let mut out = vec![];
    loop {
        let p = w.db.list(s.clone(), shape.clone()).await.unwrap();
        assert!(p.len <= size as usize);
        let text = format!("[{}]", String::from_utf8(p.rows).unwrap());
        let rows: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        assert_eq!(rows.len(), p.len);
        out.extend(rows.iter().map(|r| r["id"].as_str().unwrap().parse::<RecordId>().unwrap()));
        match p.next {
            Some(c) => s.after = Some(c),
            None => return out,
        }
        assert!(out.len() < 1_000, "pages go in circles");
    }
}

pub async fn every_row_once_in_order(w: &World) {
    let records = some(w, 47);
    w.put("account", records.clone()).await;
    let o = w.object("account");
    let key = |f: &str, desc| SortKey { field: o.ix(f).unwrap(), desc };
    for sort in [
        vec![key("employees", false)],
        vec![key("employees", true)],
        vec![key("founded_on", true), key("employees", false)],
        vec![key("founded_on", false), key("employees", true), key("created_at", true)],
        vec![key("created_at", true)],
        vec![],
    ] {
        let mut want = records.clone();
        want.sort_by(|a, b| {
            use std::cmp::Ordering as O;
            for k in &sort {
                // Empty values come last in both directions.
                let c = match (&a[k.field], &b[k.field]) {
                    (Value::Null, Value::Null) => O::Equal,
                    (Value::Null, _) => O::Greater,
                    (_, Value::Null) => O::Less,
                    (Value::Int(x), Value::Int(y)) => x.cmp(y),
                    (Value::Date(x), Value::Date(y)) => x.cmp(y),
                    (Value::DateTime(x), Value::DateTime(y)) => x.cmp(y),
                    other => panic!("{other:?}"),
                };
                let both = a[k.field] != Value::Null && b[k.field] != Value::Null;
                let c = if k.desc && both { c.reverse() } else { c };
                if c != O::Equal {
                    return c;
                }
            }
            if sort.first().is_none_or(|k| k.desc) { b.id.cmp(&a.id) } else { a.id.cmp(&b.id) }
        });
        let want: Vec<RecordId> = want.iter().map(|r| r.id).collect();
        let mut s = w.select("account");
        s.sort = sort.clone();
        assert_eq!(w.ids(s.clone()).await, want, "{sort:?}");
        for size in [1, 3, 10, 46, 47, 48] {
            assert_eq!(walk(w, &s, size).await, want, "{sort:?} by {size}");
        }
    }
    let mut s = w.select("account");
    s.sort = vec![key("employees", false)];
    s.after = Some(Cursor("[\"-employees\",[1],7]".into()));
    assert!(matches!(w.db.list(s, Arc::new(w.shape("account", &["name"]))).await, Err(StoreError::BadCursor)));
}

pub async fn titles_sort_by_pinyin(w: &World) {
    // Domain model §1: titles are ordered by pinyin, Latin text among it.
    let names = ["张江", "阿里", "Baidu", "重庆", "长安"];
    let records = names.iter().enumerate().map(|(i, n)| w.account(i as u64 + 1, n)).collect();
    w.put("account", records).await;
    let mut s = w.select("account");
    s.sort = w.by("account", "name", false);
    let o = w.object("account");
    let found: Vec<String> =
        w.db.records(s).await.unwrap().iter().map(|r| r.get(&o, "name").as_text().unwrap().to_owned()).collect();
    assert_eq!(found, ["阿里", "Baidu", "长安", "重庆", "张江"]);
}

pub async fn counts(w: &World) {
    w.put("account", some(w, 40)).await;
    let s = w.select("account");
    for mode in [CountMode::Capped, CountMode::Exact] {
        let c = w.db.count(s.clone(), mode).await.unwrap().unwrap();
        assert_eq!((c.value, c.capped), (40, false));
    }
    assert_eq!(w.db.count(s.clone(), CountMode::None).await.unwrap(), None);
    let filter = Filter::Cmp { path: Path::own(FieldName::lit("employees")), op: Op::Gte, operand: Operand::One(Value::Int(2)) };
    let want =
        some(w, 40).iter().filter(|r| r.get(&w.object("account"), "employees").as_int().is_some_and(|n| n >= 2)).count() as u64;
    assert_eq!(w.db.count(Select { filter, ..s }, CountMode::Exact).await.unwrap().unwrap().value, want);
}

pub async fn aggregates(w: &World) {
    let o = w.object("account");
    let mut records = some(w, 40);
    for (i, r) in records.iter_mut().enumerate() {
        let d = rust_decimal::Decimal::new(i as i64 * 125, 2);
        r.set(&o, "score", Value::Dec(d));
        // 2026-11-18 06:40 UTC and on, six hours apart: days and weeks are those of the organisation's zone.
        r.set(&o, "seen_at", Value::DateTime(Millis(NOW.0 + i as i64 * 6 * 3_600_000)));
        if i % 2 == 0 {
            r.set(&o, "segments", Value::Keys(vec!["a".into(), "b".into()]));
        }
    }
    w.put("account", records.clone()).await;
    let path = |f: &str| Path::own(FieldName::new(f).unwrap());
    let m = |func, f: Option<&str>| Measure { func, field: f.map(path) };
    let measures = vec![
        m(AggFn::Count, None),
        m(AggFn::Sum, Some("score")),
        m(AggFn::Avg, Some("score")),
        m(AggFn::Min, Some("score")),
        m(AggFn::Max, Some("founded_on")),
        m(AggFn::CountDistinct, Some("founded_on")),
    ];
    let all = Aggregate { group: vec![], measures: measures.clone(), order: None, limit: 100 };
    let found = w.db.aggregate(w.select("account"), all).await.unwrap();
    let dec = |s: &str| Value::Dec(s.parse().unwrap());
    assert_eq!(
        found[0].values,
        vec![Value::Int(40), dec("975.00"), dec("24.38"), dec("0.00"), Value::Date(jiff::civil::date(2026, 3, 1)), Value::Int(3)]
    );
    let by_month = Aggregate {
        group: vec![GroupKey { path: path("founded_on"), bucket: Some(Bucket::Quarter) }],
        measures: vec![m(AggFn::Count, None)],
        order: None,
        limit: 100,
    };
    let found = w.db.aggregate(w.select("account"), by_month).await.unwrap();
    assert_eq!(
        found.iter().map(|r| (r.keys[0].clone(), r.values[0].clone())).collect::<Vec<_>>(),
        [(Value::Date(jiff::civil::date(2026, 1, 1)), Value::Int(30)), (Value::Null, Value::Int(10)),]
    );
    for (bucket, first) in [
        (Bucket::Day, |d: jiff::civil::Date| d),
        (Bucket::Week, |d: jiff::civil::Date| {
            d.saturating_sub(jiff::ToSpan::days(i64::from(d.weekday().to_monday_zero_offset())))
        }),
        (Bucket::Month, jiff::civil::Date::first_of_month),
        (Bucket::Year, jiff::civil::Date::first_of_year),
    ] as [(Bucket, fn(jiff::civil::Date) -> jiff::civil::Date); 4]
    {
        let mut want = std::collections::BTreeMap::<jiff::civil::Date, i64>::new();
        for r in &records {
            *want.entry(first(r.get(&o, "seen_at").as_time().unwrap().date_in(&w.model.tz()))).or_default() += 1;
        }
        let a = Aggregate {
            group: vec![GroupKey { path: path("seen_at"), bucket: Some(bucket) }],
            measures: vec![m(AggFn::Count, None)],
            order: None,
            limit: 100,
        };
        let found = w.db.aggregate(w.select("account"), a).await.unwrap();
        let found: Vec<_> = found.iter().map(|r| (r.keys[0].clone(), r.values[0].clone())).collect();
        assert_eq!(found, want.into_iter().map(|(d, n)| (Value::Date(d), Value::Int(n))).collect::<Vec<_>>(), "{bucket:?}");
    }
    let by_keys = Aggregate {
        group: vec![GroupKey { path: path("segments"), bucket: None }],
        measures: vec![m(AggFn::Count, None)],
        order: Some((0, true)),
        limit: 2,
    };
    let found = w.db.aggregate(w.select("account"), by_keys).await.unwrap();
    assert_eq!(
        found.iter().map(|r| (r.keys[0].clone(), r.values[0].clone())).collect::<Vec<_>>(),
        [("a".into(), Value::Int(20)), ("b".into(), Value::Int(20))]
    );
    let by_name = Aggregate {
        group: vec![GroupKey { path: path("name"), bucket: None }],
        measures: vec![m(AggFn::Sum, Some("employees"))],
        order: None,
        limit: 10,
    };
    let found = w.db.aggregate(w.select("account"), by_name).await.unwrap();
    assert_eq!(found.len(), 4);
    let sum: rust_decimal::Decimal =
        found.iter().map(|r| if let Value::Dec(d) = r.values[0] { d } else { panic!("{r:?}") }).sum();
    let want: i64 = records.iter().filter_map(|r| r.get(&o, "employees").as_int()).sum();
    assert_eq!(sum, want.into());
}
