//! Rates of the store alone, over the shipped model, to watch the figures of docs/performance.md without HTTP and pipeline.
//!
//! `cargo run --release -p rapport-store --example rates -- [ROWS] [postgres URL]`
//!
//! Prints one line a figure: p50 and p99 in microseconds, or rows a second.

#![allow(clippy::cast_possible_wrap, reason = "rows of a measurement")]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use rapport_policy::{Act, Grants, Principal, Reach, Reason, RoleGrants, RowRule, ScopeBuilder, SystemScope};
use rapport_schema::{
    Actor, Cause, Change, ChangeOp, DeptId, FieldIx, FieldName, Millis, Model, ObjectDef, Record, RecordId, Seq, SessionId,
    UserId, Value, Via,
    clock::uuid_v7,
    money::Money,
    query::{AggFn, Filter, GroupKey, Measure, Op, Operand, Path, SortKey},
    value::Phone,
};
use rapport_store::{Aggregate, Bin, Db, Options, OutField, Search, SearchScope, Select, Shape, StoreError, Target};
use serde_json::value::RawValue;

const NOW: i64 = 1_795_000_000_000;
const BATCH: u64 = 1_000;

fn id(n: u64) -> RecordId {
    let mut chance = [0; 10];
    chance[2..].copy_from_slice(&n.to_be_bytes());
    RecordId(uuid_v7(Millis(NOW + i64::try_from(n).unwrap_or(0)), chance))
}

/// Departments 1, 2, 3 hold 0.1 %, 5 % and 60 %.
fn dept(n: u64) -> u64 {
    match n {
        n if n % 1_000 == 0 => 1,
        n if n % 20 == 1 => 2,
        n if n % 5 < 3 => 3,
        _ => 4,
    }
}

fn row(o: &ObjectDef, n: u64) -> Record {
    let (city, brand, trade) = (
        ["深圳市", "上海", "杭州", "成都", "北京"],
        ["华为", "联合", "东方", "新星", "宏远", "嘉禾", "瑞丰"],
        ["科技", "贸易", "电子", "物流"],
    );
    let at = |v: &[&str], k: u64| v[usize::try_from(k).unwrap_or(0) % v.len()].to_owned();
    let mut r = Record::new(o, id(n));
    r.version = 1;
    let name = format!(
        "{}{}{}{}有限公司",
        at(&city, n),
        at(&brand, n / 5),
        char::from_u32(0x4e00 + (n % 2_000) as u32).unwrap_or('一'),
        at(&trade, n / 3)
    );
    let digits = format!("138{:08}", n % 100_000_000);
    let phone = Phone {
        raw: digits.as_str().into(),
        e164: Some(format!("+86{digits}").into()),
        ext: None,
        country: Some("CN".into()),
        kind: "mobile".into(),
    };
    for (f, v) in [
        ("name", Value::from(name.as_str())),
        ("created_at", Value::DateTime(Millis(NOW + n as i64))),
        ("updated_at", Value::DateTime(Millis(NOW + (n * 7_919 % 1_000_003) as i64))),
        ("owner_id", Value::Id(id(1_000_000_000 + n % 500))),
        ("dept_id", Value::Id(id(dept(n)))),
        ("stage_id", Value::Id(id(10 + n % 8))),
        ("account_id", Value::Id(id(1 + n % 1_000))),
        ("close_on", Value::Date(jiff::civil::date(2026, 1 + (n % 12) as i8, 1 + (n % 28) as i8))),
        ("amount", Value::Money(Money::base((n % 100_000).into(), "CNY"))),
        ("phone", Value::Phone(Box::new(phone.clone()))),
        ("mobile", Value::Phone(Box::new(phone))),
        ("remark", Value::from("老客户介绍，报价已发，等待技术确认。")),
    ] {
        let fits = o.field(f).is_some_and(|d| match &v {
            Value::Phone(_) => matches!(d.ty, rapport_schema::FieldType::Phone),
            Value::Money(_) => matches!(d.ty, rapport_schema::FieldType::Money { .. }),
            _ => true,
        });
        if fits {
            r.set(o, f, v);
        }
    }
    r
}

fn entry(o: &ObjectDef, record: RecordId) -> Change {
    let json = |t: &str| RawValue::from_string(t.into()).expect("JSON");
    Change {
        seq: Seq(0),
        at: Millis(NOW),
        object: o.name.clone(),
        id: record,
        op: ChangeOp::Create,
        version: 1,
        actor: Actor { user: None, via: Via::System },
        cause: Cause::default(),
        before: json("{}"),
        after: json(r#"{"name":"深圳市华为科技有限公司","phone":{"raw":"13800138000"},"remark":"老客户介绍"}"#),
    }
}

fn report(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |p: usize| times[(times.len() * p / 100).min(times.len() - 1)].as_micros();
    println!("{name:<44} p50 {:>7} us   p99 {:>7} us", at(50), at(99));
}

async fn insert(db: &Db, model: &Arc<Model>, o: &Arc<ObjectDef>, from: u64, n: u64) -> Result<(), StoreError> {
    let (model, o) = (model.clone(), o.clone());
    db.write(move |tx| {
        let (model, o) = (model.clone(), o.clone());
        Box::pin(async move {
            for k in from..from + n {
                tx.insert(&model, &o, &row(&o, k)).await?;
                tx.log(entry(&o, id(k)));
            }
            Ok(())
        })
    })
    .await
}

fn person(model: &Model, object: &str, depts: &[u64]) -> RowRule {
    let line = serde_json::json!({ "read": Reach::Dept });
    let role = RoleGrants::parse_set(&serde_json::json!({ "objects": { "*": line } })).expect("a role");
    let depts: Vec<DeptId> = depts.iter().map(|d| DeptId::of(id(*d))).collect();
    let grants = Arc::new(Grants::resolve(model, &[Arc::new(role)]));
    let s = ScopeBuilder::person(UserId::of(id(7)), "p")
        .grants(grants)
        .departments(depts.clone(), depts)
        .build(Principal::Session(SessionId::of(id(1))), Via::Web);
    s.rule(Act::Read, model, model.object(object).expect("an object"))
}

#[tokio::main]
async fn main() -> Result<(), StoreError> {
    let args: Vec<String> = std::env::args().collect();
    let rows: u64 = args.get(1).and_then(|a| a.parse().ok()).unwrap_or(100_000);
    let dir = tempfile::tempdir().map_err(|e| StoreError::Unavailable(e.to_string()))?;
    let target = match args.get(2) {
        Some(url) => Target::Postgres { url: url.clone(), schema: format!("ws_rates_{}", std::process::id()) },
        None => Target::Sqlite(dir.path().join("rates.db")),
    };
    let model = Arc::new(rapport_model::shipped());
    let db = Db::open(&target, &model, Options::default()).await?;
    for name in ["account", "opportunity"] {
        let o = model.object(name).expect("shipped");
        let (t, mut k) = (Instant::now(), 1);
        while k <= rows {
            insert(&db, &model, o, k, BATCH.min(rows + 1 - k)).await?;
            k += BATCH;
        }
        println!("{:<44} {:>7.0} rows/s", format!("insert {name} by {BATCH}"), rows as f64 / t.elapsed().as_secs_f64());
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let o = model.object("opportunity").expect("shipped").clone();
    let all = SystemScope::because(Reason::Job).rule(Act::Read, &model, &o);
    let shape =
        Arc::new(Shape { fields: o.live().map(|(field, _)| OutField { field, mask: None }).collect(), expand: vec![], me: None });
    let select = |rows: RowRule, filter: Filter, sort: &str, desc: bool| Select {
        model: model.clone(),
        object: o.clone(),
        rows,
        beyond: Arc::default(),
        filter,
        text: None,
        sort: vec![SortKey { field: o.ix(sort).expect("a field"), desc }],
        after: None,
        limit: 50,
        bin: Bin::Live,
        now: Millis(NOW),
        user: None,
    };
    let mut times = vec![];
    for k in 0..3_000 {
        let t = Instant::now();
        let found = db.get(select(all.clone(), Filter::True, "updated_at", true), id(1 + k * 31 % rows), shape.clone()).await?;
        times.push(t.elapsed());
        assert!(found.is_some());
    }
    report(&format!("get ({} fields)", shape.fields.len()), times);
    let is = |f: &'static str, v: u64| Filter::Cmp {
        path: Path::own(FieldName::lit(f)),
        op: Op::Eq,
        operand: Operand::One(Value::Id(id(v))),
    };
    let lists: [(&str, RowRule, Filter, &str, bool); 7] = [
        (
            "list of 50, owner and stage, by date",
            all.clone(),
            Filter::And(vec![is("owner_id", 1_000_000_007), is("stage_id", 13)]),
            "close_on",
            false,
        ),
        (
            "the same by last change",
            all.clone(),
            Filter::And(vec![is("owner_id", 1_000_000_007), is("stage_id", 13)]),
            "updated_at",
            true,
        ),
        ("list of 50 by last change", all.clone(), Filter::True, "updated_at", true),
        ("own department (0.1 %), by last change", person(&model, "opportunity", &[1]), Filter::True, "updated_at", true),
        ("own department (5 %), by last change", person(&model, "opportunity", &[2]), Filter::True, "updated_at", true),
        ("own department (60 %), by last change", person(&model, "opportunity", &[3]), Filter::True, "updated_at", true),
        ("own department (5 %), stage, by date", person(&model, "opportunity", &[2]), is("stage_id", 13), "close_on", false),
    ];
    for (name, rule, filter, sort, desc) in lists {
        let mut times = vec![];
        for _ in 0..200 {
            let t = Instant::now();
            let p = db.list(select(rule.clone(), filter.clone(), sort, desc), shape.clone()).await?;
            times.push(t.elapsed());
            std::hint::black_box(p);
        }
        report(name, times);
    }
    let mut times = vec![];
    for _ in 0..20 {
        let a = Aggregate {
            group: vec![GroupKey { path: Path::own(FieldName::lit("stage_id")), bucket: None }],
            measures: vec![
                Measure { func: AggFn::Count, field: None },
                Measure { func: AggFn::Sum, field: Some(Path::own(FieldName::lit("amount"))) },
            ],
            order: None,
            limit: 100,
        };
        let t = Instant::now();
        let found = db.aggregate(select(all.clone(), Filter::True, "updated_at", true), a).await?;
        times.push(t.elapsed());
        assert_eq!(found.len(), 8);
    }
    report("count and sum by stage", times);
    let scopes: Vec<SearchScope> = ["account", "opportunity"]
        .iter()
        .map(|n| {
            let o = model.object(n).expect("shipped").clone();
            let fields = (0..o.fields.len()).filter_map(|i| u16::try_from(i).ok()).map(FieldIx).collect();
            SearchScope { object: o, rows: all.clone(), fields }
        })
        .collect();
    for text in ["华为", "szhw", "8000", "宏远 科技"] {
        let mut times = vec![];
        for _ in 0..50 {
            let t = Instant::now();
            let hits = db
                .search(Search { model: model.clone(), text: text.into(), scopes: scopes.clone(), limit: 20, now: Millis(NOW) })
                .await?;
            times.push(t.elapsed());
            std::hint::black_box(hits);
        }
        report(&format!("search {text}"), times);
    }
    let mut times = vec![];
    for k in 0..200 {
        let t = Instant::now();
        insert(&db, &model, &o, 2_000_000_000 + k, 1).await?;
        times.push(t.elapsed());
    }
    let one = times.iter().sum::<Duration>().as_secs_f64() / times.len() as f64;
    report("insert one, durable, 1 client", times);
    let t = Instant::now();
    let tasks: Vec<_> = (0..16_u64)
        .map(|c| {
            let (db, model, o) = (db.clone(), model.clone(), o.clone());
            tokio::spawn(async move {
                for k in 0..100 {
                    insert(&db, &model, &o, 3_000_000_000 + c * 1_000 + k, 1).await?;
                }
                Ok::<_, StoreError>(())
            })
        })
        .collect();
    for t in tasks {
        t.await.map_err(|e| StoreError::Driver(e.to_string()))??;
    }
    let rate = 1_600.0 / t.elapsed().as_secs_f64();
    println!("{:<44} {rate:>7.0} rows/s = {:.1} x one client", "insert one, durable, 16 clients", rate * one);
    println!("{:?}", db.stats().await?);
    db.close().await
}
