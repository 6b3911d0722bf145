//! Filters: each finds the same records in memory and on each database, formulas computed when read included.

use proptest::{prelude::*, sample::select, test_runner::TestCaseError};
use rapport_schema::{
    DeptId, FieldDef, FieldType, Model, RecordId,
    field::ResultType,
    filter::{self, Asker},
    query::Op,
};
use rapport_store::Rules;
use serde_json::{Value as Json, json};

use crate::{
    formulas::formula,
    things::{self, NOW, TEXTS, Things, field, id, me, with_formulas, zones},
};

/// Formulas whose types the filters below know beforehand, so that a filter can be made before the formulas are chosen.
const COMPUTED: [ResultType; 6] =
    [ResultType::Int, ResultType::Dec(2), ResultType::Text, ResultType::Bool, ResultType::Date, ResultType::DateTime];

fn model() -> Model {
    let mut m = things::model();
    let o = std::sync::Arc::make_mut(m.objects.get_mut("thing").unwrap());
    for (i, result) in COMPUTED.iter().enumerate() {
        // The formula itself does not matter for what can be asked.
        let formula = match result {
            ResultType::Text => "''",
            ResultType::Bool => "TRUE",
            ResultType::Date => "TODAY()",
            ResultType::DateTime => "NOW()",
            _ => "1",
        };
        o.fields.push(field(&format!("x{i}"), FieldType::Calc { formula: formula.into(), result: *result, volatile: true }));
    }
    o.reindex();
    m
}

/// Periods that may stand with the operator: `overdue` has a beginning for no comparison of order.
fn periods(op: Op) -> impl Strategy<Value = Json> {
    let mut named = vec![
        "today",
        "yesterday",
        "tomorrow",
        "this_week",
        "last_week",
        "this_month",
        "last_month",
        "next_month",
        "this_quarter",
        "this_year",
        "last_year",
    ];
    if matches!(op, Op::Eq | Op::Ne | Op::In | Op::Nin) {
        named.push("overdue");
    }
    prop_oneof![
        select(named).prop_map(|r| json!({ "rel": r })),
        (select(vec!["last_days", "next_days"]), 1..400_u32).prop_map(|(r, n)| json!({ "rel": r, "n": n })),
    ]
}

fn scaled(places: u32) -> BoxedStrategy<Json> {
    (select(vec![0, 1, -1, 50, -50, 123, 12_345, 999_999_999_999]), -300..300_i64, any::<bool>())
        .prop_map(move |(a, b, big)| json!(rust_decimal::Decimal::new(if big { a } else { b }, places).to_string()))
        .boxed()
}

/// One value a comparison of the field may have.
fn value(f: &FieldDef, op: Op) -> BoxedStrategy<Json> {
    let text = || {
        select(TEXTS)
            .prop_filter("a value", |t| !t.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').is_empty())
            .prop_map(|t| json!(t))
    };
    let short =
        || prop_oneof![text(), select(vec!["e", "上", "é", "SS", "%", "_", "'", "😀", "０"]).prop_map(|t| json!(t))].boxed();
    let result = match &f.ty {
        FieldType::Roll { result, .. } | FieldType::Calc { result, .. } => Some(*result),
        _ => None,
    };
    if matches!(op, Op::Contains | Op::Starts) {
        return if matches!(f.ty, FieldType::Phone) {
            select(vec!["8000", "5678", "1234", "5588"]).prop_map(|t| json!(t)).boxed()
        } else {
            short()
        };
    }
    let days = || {
        prop_oneof![
            select(vec!["2026-11-21", "2026-11-20", "2024-02-29", "1900-01-01", "2026-12-31"]).prop_map(|d| json!(d)),
            periods(op),
        ]
    };
    let instants = || {
        select(vec!["2026-11-21T06:26:40Z", "2026-11-21T00:00:00+08:00", "1970-01-01T00:00:00Z", "2026-03-29T01:30:00+01:00"])
            .prop_map(|d| json!(d))
    };
    match (&f.ty, result) {
        (FieldType::Text { .. } | FieldType::Auto { .. }, _) | (_, Some(ResultType::Text)) => text().boxed(),
        (FieldType::Email, _) => select(vec!["li@corp.com", "LI@corp.com", "li+x@corp.com"]).prop_map(|t| json!(t)).boxed(),
        (FieldType::Phone, _) => select(vec!["13800138000", "+86 138 0013 8000", "02155551234"]).prop_map(|t| json!(t)).boxed(),
        (FieldType::Url, _) => select(vec!["https://h1.example.com/other", "h2.example.com"]).prop_map(|t| json!(t)).boxed(),
        (FieldType::Int { .. } | FieldType::Duration | FieldType::Rating { .. }, _)
        | (_, Some(ResultType::Int | ResultType::Duration)) => {
            prop_oneof![-20..20_i64, Just(9_007_199_254_740_991)].prop_map(|n| json!(n)).boxed()
        }
        (FieldType::Dec { scale, .. }, _) => scaled(u32::from(*scale)),
        (_, Some(ResultType::Dec(s))) => scaled(u32::from(s)),
        (FieldType::Pct { .. }, _) | (_, Some(ResultType::Pct | ResultType::Money)) => scaled(4),
        (FieldType::Money { unit_price, .. }, _) => {
            let places = if *unit_price { 6 } else { 2 };
            let equal = matches!(op, Op::Eq | Op::Ne | Op::In | Op::Nin);
            (scaled(places), select(vec!["CNY", "USD"]))
                .prop_map(move |(n, c)| if equal { json!({ "amount": n, "currency": c }) } else { n })
                .boxed()
        }
        (FieldType::Bool, _) | (_, Some(ResultType::Bool)) => any::<bool>().prop_map(|b| json!(b)).boxed(),
        (FieldType::Date, _) | (_, Some(ResultType::Date)) => days().boxed(),
        (FieldType::DateTime, _) | (_, Some(ResultType::DateTime)) => prop_oneof![days(), instants()].boxed(),
        (FieldType::Time, _) => (0..1440_i64).prop_map(|n| json!(format!("{:02}:{:02}", n / 60, n % 60))).boxed(),
        (FieldType::Pick { set } | FieldType::Multi { set }, _) if set == "level" => {
            select(vec!["a", "b", "c", "d"]).prop_map(|t| json!(t)).boxed()
        }
        (FieldType::Pick { .. } | FieldType::Multi { .. }, _) => Just(json!("none")).boxed(),
        (FieldType::Tags, _) => select(vec!["VIP", "vip", "重要", "none"]).prop_map(|t| json!(t)).boxed(),
        (FieldType::Addr, _) => select(vec!["33", "3301", "110105", "9"]).prop_map(|t| json!(t)).boxed(),
        (FieldType::User | FieldType::Users, _) => {
            prop_oneof![(1_000..1_003_u64).prop_map(|n| json!(id(n))), Just(json!({ "rel": "me" }))].boxed()
        }
        _ => (1..40_u64).prop_map(|n| json!(id(n))).boxed(),
    }
}

fn op_code(op: Op) -> Json {
    serde_json::to_value(op).unwrap()
}

/// Every field with every operator it knows, its own and behind its parent.
fn leaf() -> BoxedStrategy<Json> {
    let m = model();
    let o = m.object("thing").unwrap();
    let mut all: Vec<BoxedStrategy<Json>> = vec![];
    for (_, f) in o.live() {
        for op in filter::allowed(&f.ty).iter().copied() {
            let f = f.clone();
            let one = value(&f, op);
            let plain = |s: BoxedStrategy<Json>| s.prop_filter("two days", |j| !j.is_object()).boxed();
            let v = match op {
                Op::IsEmpty | Op::NotEmpty => Just(Json::Null).boxed(),
                Op::Between => (plain(one.clone()), plain(one)).prop_map(|(a, b)| json!([a, b])).boxed(),
                Op::In | Op::Nin | Op::Any | Op::All | Op::None => {
                    prop::collection::vec(one, 1..4).prop_map(|v| json!(v)).boxed()
                }
                _ => one,
            };
            let hop = select(vec!["", "", "", "parent_id.", "parent_id.parent_id."]);
            all.push(
                (hop, v)
                    .prop_map(move |(hop, v)| {
                        let field = format!("{hop}{}", f.name);
                        if v.is_null() {
                            json!({ "field": field, "op": op_code(op) })
                        } else {
                            json!({ "field": field, "op": op_code(op), "value": v })
                        }
                    })
                    .boxed(),
            );
        }
    }
    let compare = select(vec!["eq", "ne", "lt", "lte", "gt", "gte"]);
    let groups: Vec<Vec<&str>> = vec![
        vec!["count", "whole", "cents", "fine", "finest", "share", "took", "x0", "x1", "parent_id.finest", "parent_id.count"],
        vec!["amount", "price", "parent_id.amount"],
        vec!["day", "until", "x4", "parent_id.day"],
        vec!["at", "seen", "x5", "created_at"],
    ];
    let texts = vec!["name", "other", "email", "x2", "parent_id.name"];
    let texts = (select(texts.clone()), select(vec!["eq", "ne"]), select(texts));
    let fields = select(groups).prop_flat_map(move |g| (select(g.clone()), compare.clone(), select(g)));
    let fields = prop_oneof![4 => fields, 1 => texts]
        .prop_map(|(a, op, b)| json!({ "field": a, "op": op, "value": { "field": b } }))
        .boxed();
    let each = proptest::strategy::Union::new(all).boxed();
    prop_oneof![4 => each, 1 => fields].boxed()
}

fn tree() -> BoxedStrategy<Json> {
    leaf()
        .prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..4).prop_map(|v| json!({ "and": v })),
                prop::collection::vec(inner.clone(), 1..4).prop_map(|v| json!({ "or": v })),
                inner.prop_map(|f| json!({ "not": f })),
            ]
        })
        .boxed()
}

/// One formula of each of [`COMPUTED`].
fn computed() -> impl Strategy<Value = Vec<(String, ResultType)>> {
    prop::collection::vec(formula(), 30).prop_map(|all| {
        COMPUTED
            .iter()
            .map(|want| {
                let found = all.iter().find(|(_, r)| match want {
                    ResultType::Int | ResultType::Dec(_) => {
                        matches!(
                            r,
                            ResultType::Int | ResultType::Dec(_) | ResultType::Money | ResultType::Pct | ResultType::Duration
                        )
                    }
                    w => r == w,
                });
                (found.map_or_else(|| "NULL".to_owned(), |(f, _)| f.clone()), *want)
            })
            .collect()
    })
}

async fn agree(things: &Things, zone: &str, formulas: &[(String, ResultType)], filters: &[Json]) -> Result<(), TestCaseError> {
    let model = with_formulas(&things.model, zone, formulas);
    let o = model.object("thing").unwrap();
    let asker = Asker { user: Some(me()), reports: &[], depts: &[], below: &|d: DeptId| vec![d], now: NOW, zone: model.tz() };
    for j in filters {
        let f = filter::parse_json(j, &model, o, &Rules).map_err(|e| TestCaseError::fail(format!("{j}: {e}")))?;
        let f = filter::resolve(&f, &model, o, &asker);
        let want: Vec<RecordId> =
            things.records.iter().filter(|r| filter::eval(&f, &things.view(&model, r), &Rules)).map(|r| r.id).collect();
        for (which, db) in &things.dbs {
            let got = db.records(things::select(&model, f.clone(), NOW)).await;
            let mut got: Vec<RecordId> = got
                .map_err(|e| TestCaseError::fail(format!("{which}: {e}: {j} with {formulas:?}")))?
                .iter()
                .map(|r| r.id)
                .collect();
            got.sort_unstable();
            prop_assert_eq!(&got, &want, "{} in {}: {} with {:?}", which, zone, j, formulas);
        }
    }
    Ok(())
}

#[test]
fn filters_find_the_same_records_everywhere() {
    let rt = crate::runtime();
    let mut runner = crate::runner();
    let things = rt.block_on(Things::fresh(&mut runner));
    rt.block_on(decimals_of_different_places_are_compared_exactly(&things));
    let group = (zones(), computed(), prop::collection::vec(tree(), 1..=24));
    crate::hold(runner.run(&group, |(zone, formulas, filters)| rt.block_on(agree(&things, zone, &formulas, &filters))));
    rt.block_on(things.close());
}

/// A product of the stored integers would leave 64 bits.
async fn decimals_of_different_places_are_compared_exactly(things: &Things) {
    let mut all = vec![];
    for a in ["whole", "cents", "fine", "finest", "share", "count"] {
        for b in ["whole", "finest", "cents"] {
            for op in ["eq", "ne", "lt", "lte", "gt", "gte"] {
                all.push(json!({ "field": a, "op": op, "value": { "field": b } }));
            }
        }
    }
    for n in ["999999999999999999", "-999999999999999999", "9223372036854.775807", "9223372036854.775808"] {
        for op in ["eq", "lt", "lte", "gt", "gte", "ne"] {
            all.push(json!({ "field": "price", "op": op, "value": n }));
        }
    }
    let formulas: Vec<_> = COMPUTED.iter().map(|r| ("NULL".to_owned(), *r)).collect();
    agree(things, "UTC", &formulas, &all).await.unwrap();
}
