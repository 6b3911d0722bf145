//! Records with every kind of value, most of them nasty, on both databases.

use std::{borrow::Cow, sync::Arc};

use jiff::{ToSpan as _, civil::date};
use proptest::prelude::*;
use rapport_policy::{Act, Reason, RowRule, SystemScope};
use rapport_schema::{
    FieldDef, FieldName, FieldType, Label, Millis, Model, ObjectDef, ObjectKind, ObjectName, PickValue, Picklist, Record,
    RecordId, UserId, Value,
    codec::Normalise as _,
    field::{OnDelete, ResultType},
    filter::{Lookup, own_value},
    formula,
    money::Money,
    query::{Filter, Path},
    system,
    value::Addr,
};
use rapport_store::{Bin, Db, Options, OutField, Rules, Select, Shape, Target};
use rust_decimal::Decimal;
use serde_json::Value as Json;

use crate::postgres;

/// 2026-11-21 06:26:40 UTC.
pub const NOW: Millis = Millis(1_795_242_400_000);
pub const ROWS: usize = 30;

pub fn id(n: u64) -> RecordId {
    let mut b = [7u8; 16];
    b[8..].copy_from_slice(&n.to_be_bytes());
    RecordId::from_bytes(b)
}

pub fn me() -> UserId {
    UserId::of(id(1_001))
}

pub fn field(name: &str, ty: FieldType) -> FieldDef {
    FieldDef::new(FieldName::new(name).unwrap(), Label::new(name, name), ty)
}

fn object(name: &'static str, kind: ObjectKind, fields: Vec<FieldDef>) -> ObjectDef {
    let mut o =
        ObjectDef::empty(ObjectName::lit(name), kind, Label::new(name, name), Label::new(name, name), FieldName::lit("name"));
    o.fields = system::fields(kind);
    o.fields.extend(fields);
    o.reindex();
    o
}

pub fn model() -> Model {
    let dec = |scale| FieldType::Dec { scale, min: None, max: None };
    let thing = object(
        "thing",
        ObjectKind::Ownable,
        vec![
            field("name", FieldType::Text { max: 255 }),
            field("other", FieldType::Text { max: 255 }),
            field("note", FieldType::Long),
            field("body", FieldType::Rich),
            field("count", FieldType::Int { min: None, max: None }),
            field("whole", dec(0)),
            field("cents", dec(2)),
            field("fine", dec(5)),
            field("finest", dec(8)),
            field("share", FieldType::Pct { min: None, max: None }),
            field("amount", FieldType::Money { unit_price: false, min: None }),
            field("price", FieldType::Money { unit_price: true, min: None }),
            field("took", FieldType::Duration),
            field("hot", FieldType::Bool),
            field("day", FieldType::Date),
            field("until", FieldType::Date),
            field("at", FieldType::DateTime),
            field("seen", FieldType::DateTime),
            field("level", FieldType::Pick { set: "level".into() }),
            field("colors", FieldType::Multi { set: "level".into() }),
            field("labels", FieldType::Tags),
            field("phone", FieldType::Phone),
            field("email", FieldType::Email),
            field("site", FieldType::Url),
            field("address", FieldType::Addr),
            field("parent_id", FieldType::Ref { target: ObjectName::lit("thing"), on_delete: OnDelete::Clear }),
            field("helpers", FieldType::Users),
        ],
    );
    let name = || vec![field("name", FieldType::Text { max: 80 })];
    let mut m = Model { version: 1, currency: "CNY".into(), zone: "Asia/Shanghai".into(), ..Model::default() };
    let value =
        |key: &str, en: &str, zh: &str| PickValue { key: key.into(), label: Label::new(en, zh), color: None, active: true };
    for (name, values) in [
        ("level", vec![value("a", "Top", "重点"), value("b", "It's \"b\"", "普通"), value("c", "", ""), value("d", "😀", "末")]),
        ("approval_state", vec![value("none", "None", "无")]),
    ] {
        let p = Picklist { name: name.into(), label: Label::new(name, name), values, default: None, system: false };
        m.picklists.insert(name.into(), Arc::new(p));
    }
    let mut department = object("department", ObjectKind::Config, name());
    department.fields.push(field("parent_id", FieldType::Dept));
    department.reindex();
    for o in [object("user", ObjectKind::Config, name()), department, thing] {
        m.objects.insert(o.name.clone(), Arc::new(o));
    }
    m
}

/// Texts with case, Chinese, emoji, blanks, numbers.
pub const TEXTS: &[&str] = &[
    "华为技术",
    "ACME 上海",
    "acme",
    "Straße",
    "STRASSE",
    "ÉCOLE",
    "éc",
    "Москва",
    "ΣΊΣΥΦΟΣ",
    "ｆｕｌｌ",
    "ＦＵＬＬ",
    "İI ıi ﬁ ß ẞ",
    "😀👩‍👩‍👧 ok",
    "50% off_now",
    "x'y\"z\\",
    " a b ",
    "\u{3000}全角\u{3000}",
    "12",
    "-7.50",
    " 0.0000000000005 ",
    "1e5",
    "+3.",
    "999999999999999999",
    "1000000000000000000",
    "a",
    "b",
    "A",
    "2026-02-28",
    "张三",
    "zhang",
    "\u{FEFF}bom",
    "𠮷野家",
];

pub fn zones() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["Asia/Shanghai", "America/New_York", "Europe/London", "Asia/Kathmandu", "Pacific/Apia", "UTC"])
}

fn days() -> impl Strategy<Value = jiff::civil::Date> {
    let ends = prop::sample::select(vec![
        date(2024, 2, 29),
        date(2025, 2, 28),
        date(2026, 1, 31),
        date(2026, 11, 20),
        date(2026, 11, 21),
        date(2026, 11, 22),
        date(2026, 12, 31),
        date(1900, 1, 1),
        date(2199, 12, 31),
    ]);
    prop_oneof![ends, (0..2000_i64).prop_map(|n| date(2022, 1, 1).saturating_add(n.days()))]
}

fn instants() -> impl Strategy<Value = Millis> {
    let edges = prop::sample::select(vec![
        NOW.0,
        NOW.0 - 1,
        1_795_190_400_000,
        1_795_190_399_999,
        1_774_688_400_000,
        1_761_440_400_000,
        0,
        -1,
        -2_208_988_800_000,
        7_258_118_399_999,
        515_520_000_000,
    ]);
    prop_oneof![edges, NOW.0 - 90_000_000_000..NOW.0 + 90_000_000_000_i64].prop_map(Millis)
}

fn decimals(scale: u32) -> impl Strategy<Value = Decimal> {
    let nasty =
        prop::sample::select(vec![0, 1, -1, 5, -5, 15, 25, -25, 49, 50, 51, 100, 12_345, 999_999, i64::MAX / 10, i64::MIN / 10]);
    prop_oneof![nasty, -100_000..100_000_i64, -9_000_000_000_000_000..9_000_000_000_000_000_i64]
        .prop_map(move |n| Decimal::new(n, scale))
}

fn keys() -> impl Strategy<Value = Vec<smol_str::SmolStr>> {
    prop::sample::subsequence(vec!["a", "b", "c", "d"], 1..=4).prop_map(|v| v.into_iter().map(Into::into).collect())
}

/// A value that fits a field; `None` for those that stay empty.
fn value(f: &FieldDef) -> BoxedStrategy<Value> {
    let text = || prop::sample::select(TEXTS).prop_map(Value::from);
    let money = |places: u32| {
        (decimals(places), prop::sample::select(vec![("CNY", 1), ("USD", 7)])).prop_map(move |(d, (currency, rate))| {
            let d = Decimal::new((d.mantissa() % 1_000_000_000_000) as i64, places.min(d.scale()));
            Value::Money(Money { amount: d, currency: currency.into(), rate: rate.into(), base: d * Decimal::from(rate) })
        })
    };
    match &f.ty {
        FieldType::Text { .. } | FieldType::Long | FieldType::Rich => text().boxed(),
        FieldType::Int { .. } => {
            prop_oneof![-20..20_i64, Just(9_007_199_254_740_991), Just(-9_007_199_254_740_991)].prop_map(Value::Int).boxed()
        }
        FieldType::Dec { scale, .. } => decimals(u32::from(*scale)).prop_map(Value::Dec).boxed(),
        FieldType::Pct { .. } => decimals(4).prop_map(Value::Dec).boxed(),
        FieldType::Money { unit_price, .. } => money(if *unit_price { 6 } else { 2 }).boxed(),
        FieldType::Duration => (0..1_000_000_i64).prop_map(Value::Int).boxed(),
        FieldType::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        FieldType::Date => days().prop_map(Value::Date).boxed(),
        FieldType::DateTime => instants().prop_map(Value::DateTime).boxed(),
        FieldType::Pick { .. } => prop::sample::select(vec!["a", "b", "c", "d", "gone"]).prop_map(Value::from).boxed(),
        FieldType::Multi { .. } => keys().prop_map(Value::Keys).boxed(),
        FieldType::Tags => prop::collection::vec(prop::sample::select(vec!["VIP", "vip", "重要", "😀"]), 1..3)
            .prop_map(|v| {
                Value::Keys(v.into_iter().collect::<std::collections::BTreeSet<_>>().into_iter().map(Into::into).collect())
            })
            .boxed(),
        FieldType::Phone => prop::sample::select(vec!["13800138000", "13912345678", "021-5555 1234", "95588", "not a number"])
            .prop_map(|t| Value::Phone(Box::new(Rules.phone(t, None))))
            .boxed(),
        FieldType::Email => {
            prop::sample::select(vec!["li@corp.com", "Li+x@corp.com", "zhang@例子.cn"]).prop_map(Value::from).boxed()
        }
        FieldType::Url => {
            prop::sample::select(vec!["https://h1.example.com/x", "https://h2.example.com"]).prop_map(Value::from).boxed()
        }
        FieldType::Addr => (prop::sample::select(vec!["330106", "110105", "33"]), prop::sample::select(TEXTS))
            .prop_map(|(code, t)| {
                Value::Addr(Box::new(Addr { code: Some(code.into()), detail: Some(t.into()), ..Addr::default() }))
            })
            .boxed(),
        FieldType::Ref { .. } => prop_oneof![4 => 1..=ROWS as u64, 1 => Just(900)].prop_map(|n| Value::Id(id(n))).boxed(),
        FieldType::User => (1_000..1_003_u64).prop_map(|n| Value::Id(id(n))).boxed(),
        FieldType::Users => prop::sample::subsequence(vec![1_000, 1_001, 1_002], 1..3)
            .prop_map(|v: Vec<u64>| Value::Ids(v.into_iter().map(id).collect()))
            .boxed(),
        _ => Just(Value::Null).boxed(),
    }
}

fn rows(m: &Model) -> impl Strategy<Value = Vec<Record>> {
    let o = m.object("thing").unwrap().clone();
    let skip = |f: &FieldDef| (f.system && f.name != "owner_id") || matches!(f.name.as_str(), "external_id" | "source_system");
    let each: Vec<BoxedStrategy<Value>> = o
        .fields
        .iter()
        .map(|f| if skip(f) { Just(Value::Null).boxed() } else { prop_oneof![1 => Just(Value::Null), 3 => value(f)].boxed() })
        .collect();
    prop::collection::vec(each, ROWS).prop_map(move |rows| {
        rows.into_iter()
            .enumerate()
            .map(|(i, values)| {
                let mut r = Record::new(&o, id(i as u64 + 1));
                r.version = 1;
                r.values = values;
                for f in ["created_at", "updated_at"] {
                    r.set(&o, f, Value::DateTime(Millis(NOW.0 + i as i64)));
                }
                for (ix, f) in o.live() {
                    if matches!(f.ty, FieldType::Bool) && r[ix] == Value::Null {
                        r[ix] = Value::Bool(false);
                    }
                }
                r
            })
            .collect()
    })
}

/// The same records everywhere.
pub struct Things {
    pub model: Arc<Model>,
    pub records: Vec<Record>,
    pub dbs: Vec<(&'static str, Db)>,
    _dir: tempfile::TempDir,
}

impl Things {
    pub async fn fresh(runner: &mut proptest::test_runner::TestRunner) -> Self {
        let model = Arc::new(model());
        let given = proptest::strategy::ValueTree::current(&rows(&model).new_tree(runner).unwrap());
        let dir = tempfile::tempdir().unwrap();
        let mut dbs = vec![];
        let options = || Options { readers: 2, reserve_bytes: 0, query_timeout_ms: 60_000, ..Options::default() };
        let lite = Target::Sqlite(dir.path().join("w.db"));
        dbs.push(("SQLite", Db::open(&lite, &model, options()).await.unwrap()));
        if let Some(c) = tokio::task::spawn_blocking(postgres::cluster).await.unwrap() {
            let t = Target::Postgres { url: c.url().to_owned(), schema: postgres::fresh_schema() };
            dbs.push(("PostgreSQL", Db::open(&t, &model, options()).await.unwrap()));
        }
        let mut records = vec![];
        for (_, db) in &dbs {
            let (m, o, given) = (model.clone(), model.object("thing").unwrap().clone(), Arc::new(given.clone()));
            db.write(move |tx| {
                let (m, o, given) = (m.clone(), o.clone(), given.clone());
                Box::pin(async move {
                    for r in given.iter() {
                        tx.insert(&m, &o, r).await?;
                    }
                    Ok(())
                })
            })
            .await
            .unwrap();
            // As read back: that is what both databases and memory speak of.
            let mut got = db.records(select(&model, Filter::True, NOW)).await.unwrap();
            got.sort_by_key(|r| r.id);
            assert!(records.is_empty() || records == got, "both databases give back the same records");
            records = got;
        }
        Self { model, records, dbs, _dir: dir }
    }

    pub async fn close(self) {
        for (_, db) in &self.dbs {
            db.close().await.unwrap();
        }
    }

    /// A record as formulas and filters of this model see it.
    pub fn view<'a>(&'a self, model: &'a Model, r: &'a Record) -> View<'a> {
        View { things: self, model, object: model.object("thing").unwrap(), record: r }
    }
}

pub fn everything(m: &Model) -> RowRule {
    SystemScope::because(Reason::Setup).rule(Act::Read, m, m.object("thing").unwrap())
}

pub fn select(model: &Arc<Model>, filter: Filter, now: Millis) -> Select {
    Select {
        model: model.clone(),
        object: model.object("thing").unwrap().clone(),
        rows: everything(model),
        beyond: std::sync::Arc::default(),
        filter,
        text: None,
        sort: vec![],
        after: None,
        limit: 1_000,
        bin: Bin::Live,
        now,
        user: Some(me()),
    }
}

/// The model with formulas computed when read, `x0`, `x1`, …, in a zone.
pub fn with_formulas(base: &Model, zone: &str, formulas: &[(String, ResultType)]) -> Arc<Model> {
    let mut m = base.clone();
    m.zone = zone.into();
    let o = Arc::make_mut(m.objects.get_mut("thing").unwrap());
    for (i, (formula, result)) in formulas.iter().enumerate() {
        o.fields.push(field(&format!("x{i}"), FieldType::Calc { formula: formula.clone(), result: *result, volatile: true }));
    }
    o.reindex();
    Arc::new(m)
}

/// What a database gives for some fields, by row: JSON by name.
pub async fn given(db: &Db, model: &Arc<Model>, names: &[String]) -> Result<Vec<Json>, String> {
    let o = model.object("thing").unwrap();
    let fields = names.iter().map(|n| OutField { field: o.ix(n).unwrap(), mask: None }).collect();
    let shape = Arc::new(Shape { fields, expand: vec![], me: None });
    let page = db.list(select(model, Filter::True, NOW), shape).await.map_err(|e| e.to_string())?;
    let mut rows: Vec<Json> = serde_json::from_str(&format!("[{}]", String::from_utf8(page.rows).unwrap())).unwrap();
    rows.sort_by_key(|r| r["id"].as_str().unwrap().to_owned());
    Ok(rows)
}

/// One record with its parent, and with the formulas of a model.
pub struct View<'a> {
    things: &'a Things,
    pub model: &'a Model,
    pub object: &'a ObjectDef,
    record: &'a Record,
}

impl View<'_> {
    /// A formula field evaluated in memory.
    pub fn compute(&self, f: &FieldDef) -> Value {
        let FieldType::Calc { formula, .. } = &f.ty else { return Value::Null };
        let checked = formula::check_field(formula, f, self.model, self.object).unwrap_or_else(|e| panic!("{formula}: {e}"));
        let zone = self.model.tz();
        let env = formula::Env {
            model: self.model,
            norm: &Rules,
            now: NOW,
            zone: &zone,
            user: Some(me()),
            workday: &formula::Env::weekdays,
            rate: &|_, _| None,
        };
        formula::eval_field(&checked, f, self, &env)
    }
}

impl Lookup for View<'_> {
    fn value(&self, path: &Path) -> Cow<'_, Value> {
        let mut here = self.record;
        for (hop, _) in &path.hops {
            let next = own_value(self.object, here, hop).as_id();
            match next.and_then(|i| self.things.records.iter().find(|r| r.id == i)) {
                Some(r) => here = r,
                None => return Cow::Owned(Value::Null),
            }
        }
        match self.object.field(&path.field) {
            Some(f @ FieldDef { ty: FieldType::Calc { .. }, .. }) => {
                Cow::Owned(View { things: self.things, model: self.model, object: self.object, record: here }.compute(f))
            }
            // Records were read with the plain model: the same places for the same fields.
            _ => own_value(self.object, here, &path.field),
        }
    }
}
