//! `vectors.json`: formulas, the trees the page gets of them, and what they give over some records. The page's evaluator is tested
//! against the same file. `RAPPORT_VECTORS=write` writes it anew.

use serde_json::{Value as Json, json};

use super::*;
use crate::{
    Record, UserId,
    codec::{Ctx, Form, Input, parse as read, parse_instant, to_json},
    filter::RecordView,
    fixture::{Plain, model},
};

const ME: &str = "01934567-0000-7000-8000-000000000001";
const NOW: &str = "2026-11-21T14:30:00+08:00";

/// Formulas over `thing`, each judged over every record below.
const FORMULAS: &[&str] = &[
    "level = 'a'",
    "level <> 'a'",
    "ISBLANK(level)",
    "INSET(level, 'a', 'b')",
    "NOT(INSET(level, 'a', 'b'))",
    "INSET(colors, 'a')",
    "INSET(tags, 'VIP', 'x')",
    "ISBLANK(colors)",
    "hot",
    "NOT hot AND count > 3",
    "hot OR ISBLANK(name)",
    "count = 0",
    "count > 6.999",
    "count / 0 = 1",
    "ISBLANK(count / 0)",
    "1 / 3 * 3 = 1",
    "MOD(-7, 3) = 2",
    "ROUND(ratio, 1) = 1.3",
    "ROUND(-2.5) = -3",
    "amount > 709.99",
    "amount * 2 - 1",
    "amount / count",
    "share% * 1000",
    "ratio * ratio * ratio",
    "-ratio + 3",
    "FLOOR(-1.5) & '/' & CEIL(-1.5) & '/' & ABS(-1.5)",
    "MIN(count, ratio, 3)",
    "MAX(count, NULL, 3)",
    "MIN(day, DATE(2026, 2, 1))",
    "IF(hot, count, ratio)",
    "IF(count > 100, 'many')",
    "CASE(level, 'a', 1, 'b', 2, 3)",
    "CASE(count, 7, 'seven', 0, 'none')",
    "COALESCE(name, note, 'nobody')",
    "COALESCE(count, 5)",
    "name = ''",
    "name < 'b'",
    "CONTAINS(name, 'TECH')",
    "STARTS(name, '华为')",
    "LEN(name)",
    "LEFT(name, 3)",
    "RIGHT(name, 4)",
    "MID(name, 2, 3)",
    "TRIM(note)",
    "LOWER(name)",
    "CONCAT(name, '-', count, '-', ratio)",
    "TEXT(ratio, 3)",
    "TEXT(count * 1000000)",
    "VALUE('12.50') + VALUE('x')",
    "VALUE(' 12.50 ')",
    "day < TODAY()",
    "day = '2026-01-31'",
    "DATEADD(day, 1, 'month')",
    "DATEADD(day, -2, 'week')",
    "DATEADD(day, 1, 'quarter') > TODAY()",
    "DATEADD(day, 4, 'year')",
    "DATEDIFF(day, TODAY())",
    "DATEDIFF(day, '2028-02-28', 'month')",
    "DATEDIFF('2028-02-28', day, 'year')",
    "DATEDIFF(at, NOW(), 'hour')",
    "DATEDIFF(at, NOW(), 'week')",
    "DATE(at)",
    "DATE(2026, 2, 30)",
    "DATE(2026, count, 1)",
    "YEAR(day) * 100 + MONTH(day)",
    "DAY(at)",
    "at > NOW()",
    "ISBLANK(at)",
    "owner_id = USER()",
    "ISBLANK(owner_id)",
    "phone = '+8613800138000'",
    "ISBLANK(phone)",
    "took > 60",
    "stars >= 3 AND roll_sum > 1",
    "level = 'a' AND (amount > 1000 OR hot)",
];

/// Formulas that stay with the server.
const SERVER_ONLY: &[&str] = &[
    "boss_id.size > 10",
    "LABEL(level, 'en') = 'A'",
    "REGEX(name, '^a')",
    "WORKDAYS(day, TODAY()) > 3",
    "CONVERT(amount, 'CNY', 'USD') > 1",
    "DATEADD(at, 1, 'day') > NOW()",
    "UPPER(name) = 'A'",
    "TEXT(day, 'YYYY') = '2026'",
    "version = 1",
];

fn records() -> Vec<Json> {
    vec![
        json!({}),
        json!({
            "name": "华为 Technologies", "count": 7, "ratio": "1.250", "share": "12.5", "hot": true, "level": "b", "note": " x\ty ",
            "amount": {"amount": "100", "currency": "USD", "rate": "7.1"}, "day": "2026-01-31", "at": "2026-11-20T17:00:00Z",
            "took": 90, "colors": ["a", "c"], "tags": ["VIP"], "phone": "13800138000", "owner_id": ME, "stars": 3, "roll_sum": "5"
        }),
        json!({
            "name": "Ａｂ tech𠮷", "count": -5, "ratio": "-0.005", "share": "0", "hot": false, "level": "a",
            "amount": {"amount": "1000.01", "currency": "CNY"}, "day": "2027-12-31", "at": "2026-11-22T00:00:00.001+08:00",
            "took": 0, "colors": ["b"], "owner_id": "01934567-0000-7000-8000-000000000002", "stars": 5, "roll_sum": "0"
        }),
    ]
}

fn told(v: V) -> Json {
    match v {
        V::Blank => Json::Null,
        V::Num(n) => json!({ "number": n.to_string() }),
        V::Text(t) => json!({ "text": t }),
        V::Bool(b) => json!(b),
        V::Date(d) => json!({ "date": d.to_string() }),
        V::Instant(t) => json!({ "instant": t.0 }),
        V::Id(i) => json!({ "id": i.to_string() }),
        V::Keys(k) => json!({ "keys": k }),
        V::Some => json!({ "some": true }),
    }
}

fn vectors() -> Json {
    let m = model();
    let o = m.object("thing").unwrap();
    let zone = m.tz();
    let env = Env {
        model: &m,
        norm: &Plain,
        now: parse_instant(NOW).unwrap(),
        zone: &zone,
        user: Some(UserId::of(ME.parse().unwrap())),
        workday: &Env::weekdays,
        rate: &|_, _| None,
    };
    let records: Vec<Record> = records()
        .iter()
        .map(|j| {
            let mut r = Record::new(o, ME.parse().unwrap());
            for (k, v) in j.as_object().unwrap() {
                let Ok(Input::Value(v)) = read(o.field(k).unwrap(), v, &Ctx::strict(&m, &Plain)) else { panic!("{k}: {v}") };
                r.set(o, k, v);
            }
            r
        })
        .collect();
    // As the API tells them: that is what the page reads.
    let wire: Vec<Json> = records
        .iter()
        .map(|r| {
            o.live()
                .map(|(ix, f)| (f.name.to_string(), to_json(f, &r[ix], Form::of(&m))))
                .collect::<serde_json::Map<_, _>>()
                .into()
        })
        .collect();
    let cases: Vec<Json> = FORMULAS
        .iter()
        .map(|text| {
            let f = check(text, &m, o).unwrap_or_else(|e| panic!("{text}: {e}"));
            let tree = tree(&f).unwrap_or_else(|| panic!("{text} has no tree"));
            let gives: Vec<Json> = records
                .iter()
                .map(|r| told(eval(&f.root, &RecordView { object: o, record: r, related: &|_| crate::Value::Null }, &env)))
                .collect();
            json!({ "formula": text, "tree": tree, "gives": gives })
        })
        .collect();
    json!({ "now": NOW, "user": ME, "zone": m.zone, "currency": m.currency, "records": wire, "cases": cases })
}

#[test]
fn the_page_and_the_server_answer_alike() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/formula/vectors.json");
    let now = vectors();
    if std::env::var("RAPPORT_VECTORS").is_ok_and(|v| v == "write") {
        let mut lines = vec![];
        for (k, v) in now.as_object().unwrap() {
            match v {
                Json::Array(a) => {
                    lines.push(format!("\"{k}\": [\n{}\n]", a.iter().map(Json::to_string).collect::<Vec<_>>().join(",\n")));
                }
                v => lines.push(format!("\"{k}\": {v}")),
            }
        }
        std::fs::write(path, format!("{{\n{}\n}}\n", lines.join(",\n"))).unwrap();
    }
    let kept: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(kept, now, "the vectors of the page are old: RAPPORT_VECTORS=write writes them anew");
}

#[test]
fn what_only_the_server_can_answer_has_no_tree() {
    let m = model();
    let o = m.object("thing").unwrap();
    for text in SERVER_ONLY {
        let f = check(text, &m, o).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert!(tree(&f).is_none(), "{text}");
    }
}
