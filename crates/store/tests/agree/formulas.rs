//! Formulas: each has the same value in memory and on each database.

use proptest::{prelude::*, sample::select, test_runner::TestCaseError};
use rapport_schema::{codec, field::ResultType};

use crate::things::{TEXTS, Things, given, with_formulas, zones};

/// Strategies of one depth for each type.
#[derive(Clone)]
struct Level {
    num: BoxedStrategy<String>,
    text: BoxedStrategy<String>,
    cond: BoxedStrategy<String>,
    day: BoxedStrategy<String>,
    at: BoxedStrategy<String>,
}

fn quoted(t: &str) -> String {
    format!("'{}'", t.replace('\'', "''"))
}

fn leaves() -> Level {
    let of = |names: &'static [&'static str]| select(names).prop_map(str::to_owned).boxed();
    let numbers = of(&[
        "count",
        "whole",
        "cents",
        "fine",
        "finest",
        "share",
        "amount",
        "price",
        "took",
        "version",
        "parent_id.cents",
        "parent_id.parent_id.count",
        "0",
        "1",
        "2",
        "-1",
        "3",
        "7",
        "0.5",
        "2.5",
        "-2.5",
        "0.005",
        "0.333333333333",
        "100",
        "12",
        "0.000000000001",
        "999999999999",
        "1000000000000",
        "(1 / 0)",
        "(NULL + 1)",
    ]);
    let texts = prop_oneof![
        // As text: a pick list compared with a text that is none of its options is refused.
        2 => of(&["name", "other", "note", "body", "phone", "email", "site", "parent_id.name", "(level & '')"]),
        1 => select(TEXTS).prop_map(quoted),
        1 => of(&["''", "'2026-01-31'"]),
    ];
    Level {
        num: numbers,
        text: texts.boxed(),
        cond: of(&[
            "hot",
            "parent_id.hot",
            "TRUE",
            "FALSE",
            "(level = 'a')",
            "(level <> 'c')",
            "(owner_id = USER())",
            "(parent_id = id)",
            "(parent_id.owner_id <> owner_id)",
            "ISBLANK(colors)",
            "ISBLANK(labels)",
            "ISBLANK(address)",
            "ISBLANK(helpers)",
            "INSET(colors, 'a', 'b')",
            "INSET(labels, 'vip', name)",
            "INSET(parent_id.colors, level)",
            "INSET(level, 'a', 'd')",
            "ISBLANK(parent_id.day)",
            "ISBLANK(owner_id)",
            "ISBLANK(deleted_at)",
        ]),
        day: of(&["day", "until", "parent_id.day", "TODAY()", "DATE(2024,2,29)", "DATE(2026,1,31)", "DATE(2199,12,31)"]),
        at: of(&["at", "seen", "created_at", "parent_id.at", "NOW()"]),
    }
}

fn grow(b: &Level) -> Level {
    let (n, t, c, d, i) = (b.num.clone(), b.text.clone(), b.cond.clone(), b.day.clone(), b.at.clone());
    let op = |s: BoxedStrategy<String>, ops: &'static [&'static str]| {
        (s.clone(), select(ops), s).prop_map(|(a, o, b)| format!("({a} {o} {b})")).boxed()
    };
    let f1 = |names: &'static [&'static str], s: BoxedStrategy<String>| {
        (select(names), s).prop_map(|(f, a)| format!("{f}({a})")).boxed()
    };
    let f2 = |f: &'static str, a: BoxedStrategy<String>, b: BoxedStrategy<String>| {
        (a, b).prop_map(move |(a, b)| format!("{f}({a}, {b})")).boxed()
    };
    let many = |names: &'static [&'static str], s: BoxedStrategy<String>| {
        (select(names), prop::collection::vec(s, 1..4)).prop_map(|(f, v)| format!("{f}({})", v.join(", "))).boxed()
    };
    let pick = |s: BoxedStrategy<String>| {
        prop_oneof![
            (c.clone(), s.clone(), s.clone()).prop_map(|(c, a, b)| format!("IF({c}, {a}, {b})")),
            (c.clone(), s.clone()).prop_map(|(c, a)| format!("IF({c}, {a})")),
            (s.clone(), s.clone(), s.clone()).prop_map(|(x, y, z)| format!("CASE(level, 'a', {x}, 'd', {y}, {z})")),
            (n.clone(), n.clone(), s.clone(), s.clone()).prop_map(|(x, k, a, b)| format!("CASE({x}, {k}, {a}, 0, {b})")),
            (t.clone(), t.clone(), s.clone(), s.clone()).prop_map(|(x, k, a, b)| format!("CASE({x}, {k}, {a}, {b})")),
            (d.clone(), d.clone(), s.clone(), s.clone()).prop_map(|(x, k, a, b)| format!("CASE({x}, {k}, {a}, {b})")),
            (s.clone(), s.clone()).prop_map(|(a, b)| format!("COALESCE({a}, {b})")),
            s,
        ]
        .boxed()
    };
    let units = || select(vec!["day", "week", "month", "quarter", "year"]);
    let times = || select(vec!["second", "minute", "hour"]);
    let patterns = || select(vec!["YYYY-MM-DD", "YY年M'MM' DD", "DDMMYYYYY", "no", ""]);
    let num = prop_oneof![
        3 => op(n.clone(), &["+", "-", "*", "/"]),
        1 => f2("MOD", n.clone(), n.clone()),
        1 => (n.clone(), -3..14_i32).prop_map(|(a, p)| format!("ROUND({a}, {p})")),
        1 => f2("ROUND", n.clone(), n.clone()),
        1 => f1(&["FLOOR", "CEIL", "ABS", "ROUND", "-", "+"], n.clone()),
        1 => n.clone().prop_map(|a| format!("({a})%")),
        1 => many(&["MIN", "MAX"], n.clone()),
        1 => f1(&["LEN", "VALUE"], t.clone()),
        1 => f1(&["YEAR", "MONTH", "DAY"], prop_oneof![d.clone(), i.clone()].boxed()),
        1 => (d.clone(), d.clone(), units()).prop_map(|(a, b, u)| format!("DATEDIFF({a}, {b}, '{u}')")),
        1 => (i.clone(), d.clone(), units()).prop_map(|(a, b, u)| format!("DATEDIFF({a}, {b}, '{u}')")),
        1 => (i.clone(), i.clone(), times()).prop_map(|(a, b, u)| format!("DATEDIFF({a}, {b}, '{u}')")),
        2 => pick(n.clone()),
    ];
    let joined = prop_oneof![2 => t.clone(), 1 => n.clone()].boxed();
    let text = prop_oneof![
        2 => prop::collection::vec(joined, 2..4).prop_map(|v| format!("({})", v.join(" & "))),
        1 => many(&["CONCAT"], t.clone()),
        2 => f1(&["UPPER", "LOWER", "TRIM", "LEFT", "RIGHT", "TEXT"], t.clone()),
        1 => f1(&["TEXT"], prop_oneof![n.clone(), d.clone(), i.clone()].boxed()),
        1 => (n.clone(), 0..13_u32).prop_map(|(a, p)| format!("TEXT({a}, {p})")),
        1 => (d.clone(), patterns()).prop_map(|(a, p)| format!("TEXT({a}, \"{p}\")")),
        1 => (i.clone(), patterns()).prop_map(|(a, p)| format!("TEXT({a}, \"{p} HH:mm:ss\")")),
        1 => (select(vec!["LEFT", "RIGHT"]), t.clone(), n.clone()).prop_map(|(f, a, b)| format!("{f}({a}, {b})")),
        1 => (t.clone(), n.clone(), n.clone()).prop_map(|(a, b, c)| format!("MID({a}, {b}, {c})")),
        1 => select(vec!["LABEL(level)", "LABEL(level, 'en')", "LABEL(parent_id.level, 'zh-CN')"]).prop_map(str::to_owned),
        2 => pick(t.clone()),
    ];
    let cond = prop_oneof![
        2 => op(n.clone(), &["=", "<>", "<", "<=", ">", ">="]),
        2 => op(t.clone(), &["=", "<>", "<", "<=", ">", ">="]),
        1 => op(d.clone(), &["=", "<>", "<", "<=", ">", ">="]),
        1 => op(i.clone(), &["=", "<>", "<", "<=", ">", ">="]),
        1 => op(c.clone(), &["and", "or", "=", "<>"]),
        1 => c.clone().prop_map(|c| format!("NOT({c})")),
        1 => many(&["AND", "OR"], c.clone()),
        1 => f1(&["ISBLANK"], prop_oneof![n.clone(), t.clone(), d.clone(), i.clone()].boxed()),
        1 => f2("CONTAINS", t.clone(), t.clone()),
        1 => f2("STARTS", t.clone(), t.clone()),
        1 => (t.clone(), t.clone(), t.clone()).prop_map(|(a, b, c)| format!("INSET({a}, {b}, {c})")),
        1 => (n.clone(), n.clone(), n.clone()).prop_map(|(a, b, c)| format!("INSET({a}, {b}, {c})")),
        1 => (d.clone(), d.clone(), d.clone()).prop_map(|(a, b, c)| format!("INSET({a}, {b}, {c})")),
        1 => pick(c.clone()),
    ];
    let day = prop_oneof![
        3 => (d.clone(), n.clone(), units()).prop_map(|(a, n, u)| format!("DATEADD({a}, {n}, '{u}')")),
        2 => (d.clone(), -40..40_i32, units()).prop_map(|(a, n, u)| format!("DATEADD({a}, {n}, '{u}')")),
        1 => (1899..2202_i32, 0..14_i32, 0..33_i32).prop_map(|(y, m, d)| format!("DATE({y}, {m}, {d})")),
        1 => (n.clone(), n.clone(), n.clone()).prop_map(|(y, m, d)| format!("DATE({y} + 2020, {m}, {d})")),
        1 => i.clone().prop_map(|a| format!("DATE({a})")),
        1 => many(&["MIN", "MAX"], d.clone()),
        1 => pick(d.clone()),
    ];
    let at = prop_oneof![
        2 => (i.clone(), n.clone(), select(vec!["second", "minute", "hour", "day", "week"])).prop_map(|(a, n, u)| format!("DATEADD({a}, {n}, '{u}')")),
        1 => many(&["MIN", "MAX"], i.clone()),
        1 => pick(i.clone()),
    ];
    Level { num: num.boxed(), text: text.boxed(), cond: cond.boxed(), day: day.boxed(), at: at.boxed() }
}

/// A formula with the type of its field.
pub fn formula() -> BoxedStrategy<(String, ResultType)> {
    let numbers = || {
        select(vec![
            ResultType::Dec(8),
            ResultType::Dec(2),
            ResultType::Int,
            ResultType::Money,
            ResultType::Pct,
            ResultType::Duration,
        ])
    };
    let at = |l: &Level| {
        prop_oneof![
            4 => (l.num.clone(), numbers()),
            3 => l.text.clone().prop_map(|f| (f, ResultType::Text)),
            2 => l.cond.clone().prop_map(|f| (f, ResultType::Bool)),
            2 => l.day.clone().prop_map(|f| (f, ResultType::Date)),
            1 => l.at.clone().prop_map(|f| (f, ResultType::DateTime)),
        ]
        .boxed()
    };
    let zero = leaves();
    let one = grow(&zero);
    let two = grow(&one);
    let three = grow(&two);
    prop_oneof![1 => at(&zero), 6 => at(&one), 4 => at(&two), 1 => at(&three)]
        .prop_filter("within the language's limit", |(f, _)| f.chars().count() < 5_000)
        .boxed()
}

async fn agree(things: &Things, zone: &str, formulas: &[(String, ResultType)]) -> Result<(), TestCaseError> {
    let model = with_formulas(&things.model, zone, formulas);
    let o = model.object("thing").unwrap();
    let form = codec::Form::of(&model);
    let names: Vec<String> = (0..formulas.len()).map(|i| format!("x{i}")).collect();
    for (which, db) in &things.dbs {
        let rows = given(db, &model, &names).await.map_err(|e| TestCaseError::fail(format!("{which}: {e}: {formulas:?}")))?;
        prop_assert_eq!(rows.len(), things.records.len());
        for (r, row) in things.records.iter().zip(&rows) {
            let view = things.view(&model, r);
            for (name, (formula, result)) in names.iter().zip(formulas) {
                let f = o.field(name).unwrap();
                let want = codec::to_json(f, &view.compute(f), form);
                prop_assert_eq!(
                    &row[name],
                    &want,
                    "{} in {} of {:?}: `{}` over {:?}",
                    which,
                    zone,
                    result,
                    formula,
                    values(things, r)
                );
            }
        }
    }
    Ok(())
}

/// The values of a record by name, for messages.
fn values(things: &Things, r: &rapport_schema::Record) -> String {
    let o = things.model.object("thing").unwrap();
    let one = |r: &rapport_schema::Record| {
        o.live()
            .filter(|(ix, f)| !f.system && !r[*ix].is_empty())
            .map(|(ix, f)| format!("{}={:?}", f.name, r[ix]))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let parent = r.get(o, "parent_id").as_id().and_then(|i| things.records.iter().find(|x| x.id == i));
    format!("{} | parent: {}", one(r), parent.map(one).unwrap_or_default())
}

#[test]
fn formulas_have_one_value_everywhere() {
    // issue: compiled to SQL on both databases and evaluated in memory, held equal
    let rt = crate::runtime();
    let mut runner = crate::runner();
    let things = rt.block_on(Things::fresh(&mut runner));
    rt.block_on(the_edges(&things));
    let group = (zones(), prop::collection::vec(formula(), 1..=24));
    crate::hold(runner.run(&group, |(zone, formulas)| rt.block_on(agree(&things, zone, &formulas))));
    rt.block_on(things.close());
}

/// Deep and wide ones, and blanks alone.
async fn the_edges(things: &Things) {
    let deep = |f: &dyn Fn(String) -> String, n: usize| (0..n).fold("count".to_owned(), |e, _| f(e));
    let formulas: Vec<(String, ResultType)> = vec![
        (deep(&|e| format!("({e} / 3 + 1)"), 24), ResultType::Dec(8)),
        (deep(&|e| format!("MOD({e} + 1, 7)"), 24), ResultType::Dec(2)),
        (deep(&|e| format!("ROUND({e}, {e})"), 5), ResultType::Dec(2)),
        (deep(&|e| format!("CASE({e}, 1, 1, 2)"), 45), ResultType::Int),
        (format!("LEN({})", deep(&|e| format!("IF(hot, {e}, 1)"), 45) + " & ''"), ResultType::Int),
        (vec!["name"; 150].join(" & "), ResultType::Text),
        (vec!["hot"; 150].join(" or "), ResultType::Bool),
        (format!("MAX({})", vec!["count"; 50].join(",")), ResultType::Int),
        (format!("INSET(count, {})", (0..199).map(|n| n.to_string()).collect::<Vec<_>>().join(",")), ResultType::Bool),
        ("NULL".into(), ResultType::Bool),
        ("NULL".into(), ResultType::Int),
        ("MIN(NULL) & 'x'".into(), ResultType::Text),
        ("NULL + 1".into(), ResultType::Int),
        ("999999999999999999 + 1".into(), ResultType::Dec(2)),
        ("TEXT(999999999999999999.5, 0)".into(), ResultType::Text),
    ];
    for zone in ["Asia/Shanghai", "America/New_York"] {
        for f in &formulas {
            agree(things, zone, std::slice::from_ref(f)).await.unwrap_or_else(|e| panic!("{f:?}: {e}"));
        }
    }
}
