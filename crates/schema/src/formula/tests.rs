//! What formulas give, what they refuse, and that nothing makes them panic or run away.

use std::{borrow::Cow, sync::Arc};

use jiff::{civil::date, tz::TimeZone};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::{
    ExprError, FieldType, Model, Record, UserId, Value,
    codec::{Ctx, Form, Input, parse as read, parse_instant, to_json},
    expr::Place,
    field::ResultType,
    filter::{Lookup, RecordView},
    fixture::{Plain, field, model},
    query::Path,
};

const ME: &str = "01934567-0000-7000-8000-000000000001";

fn record(m: &Model, values: &Json) -> Record {
    let o = m.object("thing").unwrap();
    let mut r = Record::new(o, ME.parse().unwrap());
    for (k, v) in values.as_object().unwrap() {
        let Input::Value(v) = read(o.field(k).unwrap(), v, &Ctx::strict(m, &Plain)).unwrap_or_else(|e| panic!("{k}: {e:?}"))
        else {
            panic!("{k}")
        };
        r.set(o, k, v);
    }
    r
}

/// The result as text; `_` when blank. Now is 2026-11-21 14:30 in Shanghai (06:30 UTC), a Saturday.
fn run(source: &str, values: &Json) -> String {
    let m = model();
    let o = m.object("thing").unwrap();
    let f = check(source, &m, o).unwrap_or_else(|e| panic!("{source}: {e}"));
    let r = record(&m, values);
    let related = |p: &Path| if p.field == "size" && *r.get(o, "boss_id") != Value::Null { Value::Int(80) } else { Value::Null };
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let env = Env {
        model: &m,
        norm: &Plain,
        now: parse_instant("2026-11-21T14:30:00+08:00").unwrap(),
        zone: &zone,
        user: Some(UserId::of(ME.parse().unwrap())),
        workday: &|d| Env::weekdays(d) && d != date(2026, 10, 1),
        rate: &|a, b| (a == "USD" && b == "CNY").then(|| "7.12345678".parse().unwrap()),
    };
    match eval(&f.root, &RecordView { object: o, record: &r, related: &related }, &env) {
        V::Blank => "_".into(),
        V::Num(n) => n.to_string(),
        V::Text(t) => t,
        V::Bool(b) => b.to_string(),
        V::Date(d) => d.to_string(),
        V::Instant(t) => t.rfc3339(),
        V::Id(i) => i.to_string(),
        V::Keys(k) => k.join(","),
        V::Some => "some".into(),
    }
}

fn full() -> Json {
    json!({
        "name": "华为 Technologies", "count": 7, "ratio": "1.250", "share": "12.5", "hot": true, "level": "b", "note": " x\ty ",
        "amount": {"amount": "100", "currency": "USD", "rate": "7.1"}, "day": "2026-01-31", "at": "2026-11-20T17:00:00Z", "took": 90,
        "colors": ["a", "c"], "tags": ["VIP"], "phone": "13800138000", "owner_id": ME, "boss_id": ME, "stars": 3, "roll_sum": "5"
    })
}

#[test]
fn functions() {
    // Domain model §1, formula functions
    let r = full();
    for (f, want) in [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("-2 * -3", "6"),
        ("10 - 4 - 3", "3"),
        ("20%", "0.2"),
        ("100 * 5%", "5"),
        ("0.1 + 0.2", "0.3"),
        ("=1+1", "2"),
        ("1/3", "0.333333333333"),
        ("IF(count > 5, 'big', 'small')", "big"),
        ("IF(hot, 1, 2)", "1"),
        ("IF(not hot, 1)", "_"),
        ("CASE(level, 'a', 1, 'b', 2, 3)", "2"),
        ("CASE(count, 1, 'x', 'other')", "other"),
        ("CASE(day, '2026-01-31', 'end')", "end"),
        ("AND(hot, count = 7)", "true"),
        ("hot and count = 8 or level = 'b'", "true"),
        ("OR(FALSE, false)", "false"),
        ("NOT(hot)", "false"),
        ("ISBLANK(name)", "false"),
        ("ISBLANK(address)", "true"),
        ("COALESCE(code, name, 'x')", "华为 Technologies"),
        ("COALESCE(NULL, 5)", "5"),
        ("ROUND(2.345, 2)", "2.35"),
        ("ROUND(-2.5)", "-3"),
        ("ROUND(1250, -2)", "1300"),
        ("FLOOR(-1.5)", "-2"),
        ("CEIL(1.2)", "2"),
        ("ABS(0 - ratio)", "1.25"),
        ("MIN(3, count, NULL)", "3"),
        ("MAX(day, DATE(2026, 2, 1))", "2026-02-01"),
        ("MOD(7, 0 - 3)", "-2"),
        ("CONCAT(level, '-', count, '-', ratio)", "b-7-1.25"),
        ("'a' & \"b\" & 1.50", "ab1.5"),
        ("LEFT(name, 2)", "华为"),
        ("LEFT(name)", "华"),
        ("RIGHT(name, 4)", "gies"),
        ("MID(name, 2, 1)", "为"),
        ("MID(name, 0, 2)", "华为"),
        ("LEN(name)", "15"),
        ("UPPER('é华为ab')", "É华为AB"),
        ("LOWER('ÉAB')", "éab"),
        ("TRIM('　 x ')", "x"),
        ("CONTAINS(name, 'TECH')", "true"),
        ("STARTS(name, '华')", "true"),
        ("STARTS(name, 'x')", "false"),
        ("REGEX(phone, '^\\+861[0-9]{10}$')", "true"),
        ("TEXT(ratio)", "1.25"),
        ("TEXT(2.345, 2)", "2.35"),
        ("TEXT(day, 'YYYY年MM月DD日')", "2026年01月31日"),
        ("TEXT(at)", "2026-11-21 01:00"),
        ("TEXT(at, 'YY/MM/DD HH:mm:ss')", "26/11/21 01:00:00"),
        ("VALUE(' 12.50 ')", "12.5"),
        ("VALUE('1,000')", "_"),
        ("TODAY()", "2026-11-21"),
        ("NOW()", "2026-11-21T06:30:00.000Z"),
        ("USER() = owner_id", "true"),
        ("DATE(2026, 2, 30)", "_"),
        ("DATE(at)", "2026-11-21"),
        ("YEAR(at) * 10000 + MONTH(at) * 100 + DAY(at)", "20261121"),
        ("DATEADD(day, 1, 'month')", "2026-02-28"),
        ("DATEADD(day, -1, 'days')", "2026-01-30"),
        ("DATEADD(at, 90, 'minute')", "2026-11-20T18:30:00.000Z"),
        ("DATEADD(at, 1, 'month')", "2026-12-20T17:00:00.000Z"),
        ("DATEADD(day, 1000, 'year')", "_"),
        ("DATEDIFF('2026-01-31', '2026-02-28', 'month')", "0"),
        ("DATEDIFF(day, TODAY())", "294"),
        ("DATEDIFF(TODAY(), day)", "-294"),
        ("DATEDIFF(at, NOW(), 'hour')", "13"),
        ("DATEDIFF('2020-02-29', '2026-02-28', 'year')", "5"),
        // The weekend does not count, nor does the holiday of the calendar given.
        ("WORKDAYS('2026-09-28', '2026-10-04')", "4"),
        ("WORKDAYS('2026-10-04', '2026-09-28')", "-4"),
        ("LABEL(level)", "普通"),
        ("LABEL(level, 'en')", "B"),
        ("INSET(level, 'a', 'b')", "true"),
        ("INSET(colors, 'b', 'c')", "true"),
        ("INSET(tags, 'vip')", "false"),
        ("INSET(count, 1, 7)", "true"),
        ("CONVERT(1234.56, 'USD', 'CNY')", "8794.33"),
        ("CONVERT(1, 'EUR', 'CNY')", "_"),
        ("boss_id.size + 1", "81"),
        ("amount", "710"),
        ("took / 60", "1.5"),
        ("roll_sum", "5"),
        ("（count ＋ 1）× 2", "16"),
        ("phone", "+8613800138000"),
        ("day > '2026-01-30'", "true"),
        ("id = parent_id", "false"),
    ] {
        assert_eq!(run(f, &r), want, "{f}");
    }
}

#[test]
fn blanks() {
    // Domain model §1: a blank number is 0, a blank text is blank, division by zero is blank.
    let r = json!({});
    for (f, want) in [
        ("count", "_"),
        ("count + 5", "5"),
        ("count * 5", "0"),
        ("5 / count", "_"),
        ("5 / count + 1", "_"),
        ("5 / count * count", "_"),
        ("IF(hot, 1, count) + 1", "1"),
        ("COALESCE(count, ratio) + 1", "1"),
        ("COALESCE(count, 3) + 1", "4"),
        ("count = 0", "true"),
        ("count < 1", "true"),
        ("NULL + 1", "_"),
        ("ISBLANK(count)", "true"),
        ("ISBLANK(count + 0)", "false"),
        ("ROUND(count, 2)", "_"),
        ("MAX(count, ratio)", "_"),
        ("MAX(count, -5)", "-5"),
        ("name = ''", "true"),
        ("name = 'x'", "false"),
        ("name <> 'x'", "true"),
        ("name & 'x'", "x"),
        ("name & ''", "_"),
        ("LEN(name)", "0"),
        ("LEFT(name, 3)", "_"),
        ("CONTAINS(name, '')", "true"),
        ("CONTAINS(name, 'x')", "false"),
        ("name < 'a'", "true"),
        ("name <= code", "true"),
        ("day = day", "true"),
        ("day > '2026-01-01'", "false"),
        ("day < '2026-01-01'", "false"),
        ("day <> '2026-01-01'", "true"),
        ("DATEADD(day, 1, 'day')", "_"),
        ("DATEDIFF(day, TODAY())", "_"),
        ("YEAR(day) + 1", "_"),
        ("TEXT(day)", "_"),
        ("hot", "false"),
        ("not hot", "true"),
        ("level = 'a'", "false"),
        ("ISBLANK(level)", "true"),
        ("LABEL(level)", "_"),
        ("INSET(colors, 'a')", "false"),
        ("INSET(colors, level)", "false"),
        ("boss_id.size + 1", "1"),
        ("ISBLANK(owner_id)", "true"),
        ("owner_id = USER()", "false"),
        ("IF(hot, TRUE)", "false"),
        ("CASE(level, 'a', TRUE)", "false"),
        ("VALUE(name)", "_"),
        ("TEXT(count)", "_"),
        ("count & 'x'", "x"),
        ("MOD(5, count)", "_"),
        ("999999999999 * 999999999999", "_"),
    ] {
        assert_eq!(run(f, &r), want, "{f}");
    }
}

fn refused(source: &str) -> String {
    let m = model();
    match check(source, &m, m.object("thing").unwrap()) {
        Ok(f) => panic!("{source} was taken as {:?}", f.root),
        Err(ExprError { code, place, .. }) => match place {
            Some(Place::Text { at, len }) => format!("{code} {at}+{len}"),
            _ => format!("{code} -"),
        },
    }
}

#[test]
fn faults_have_a_code_and_a_place() {
    for (f, want) in [
        ("", "expr.syntax 0+0"),
        ("1 +", "expr.syntax 3+0"),
        ("1 2", "expr.syntax 2+1"),
        ("(1", "expr.syntax 2+0"),
        ("IF(hot, 1", "expr.syntax 9+0"),
        ("'abc", "expr.syntax 0+4"),
        ("1 # 2", "expr.syntax 2+1"),
        ("and", "expr.syntax 0+3"),
        ("cout + 1", "expr.unknown_field 0+4"),
        ("boss_id.sise", "expr.unknown_field 0+12"),
        ("helpers.name", "expr.not_a_lookup 0+12"),
        ("boss_id.root_id.root_id.root_id.size", "expr.hops 0+36"),
        ("SUMM(1)", "expr.unknown_function 0+4"),
        ("ROUND(1, 2, 3)", "expr.arguments 0+14"),
        ("DATE(1, 2)", "expr.arguments 0+10"),
        ("name + 1", "expr.type 0+4"),
        ("count & day", "expr.type 8+3"),
        ("IF(count, 1, 2)", "expr.type 3+5"),
        ("IF(hot, 1, 'x')", "expr.type 11+3"),
        ("count = 'x'", "expr.type 8+3"),
        ("day > 'soon'", "expr.type 6+6"),
        ("1 < 2 < 3", "expr.syntax 6+1"),
        ("hot > FALSE", "expr.type 0+3"),
        ("colors = 'a'", "expr.type 9+3"),
        ("level = 'zzz'", "expr.value 8+5"),
        ("CASE(level, 'A', 1)", "expr.value 12+3"),
        ("INSET(colors, 'zzz')", "expr.value 14+5"),
        ("REGEX(name, '(')", "expr.pattern 12+3"),
        ("REGEX(name, code)", "expr.type 12+4"),
        ("DATEADD(day, 1, 'hour')", "expr.type 8+3"),
        ("DATEADD(day, 1, 'fortnight')", "expr.type 16+11"),
        ("LABEL(name)", "expr.type 6+4"),
        ("TEXT(day, 'HH')", "expr.type 5+3"),
        ("c_now + 1", "expr.not_filterable 0+5"),
        ("owner_id = boss_id", "expr.type 11+7"),
        ("99999999999999999999", "expr.number 0+20"),
        ("tags > 1", "expr.type 7+1"),
    ] {
        assert_eq!(refused(f), want, "{f}");
    }
    let m = model();
    let e = check("cuont + 1", &m, m.object("thing").unwrap()).unwrap_err();
    assert_eq!(e.params["near"], "count");
    let e = check("COALESC(1)", &m, m.object("thing").unwrap()).unwrap_err();
    assert_eq!(e.params["near"], "COALESCE");
}

#[test]
fn limits_hold() {
    assert_eq!(refused(&"1".repeat(5001)), "expr.too_long -");
    assert!(refused(&format!("{}1{}", "(".repeat(2000), ")".repeat(2000))).starts_with("expr.too_deep"));
    assert!(refused(&format!("{}1", "-".repeat(4000))).starts_with("expr.too_deep"));
    assert!(refused(&format!("{}hot", "not ".repeat(1000))).starts_with("expr.too_deep"));
    assert!(refused(&vec!["1"; 500].join("+")).starts_with("expr.too_deep"));
    assert_eq!(run(&vec!["'a'"; 150].join("&"), &json!({})).len(), 150);
    assert_eq!(run(&vec!["hot"; 150].join(" or "), &json!({})), "false");
    // Nested choices in every place stay linear.
    let nested = (0..45).fold("1".to_owned(), |f, _| format!("CASE({f}, 1, 1, 2)"));
    assert_eq!(run(&nested, &json!({})), "1");
    let nested = (0..24).fold("count".to_owned(), |f, _| format!("IF(hot, 1, {f}) + 1"));
    assert_eq!(run(&nested, &json!({})), "24");
}

#[test]
fn volatile_and_memory_only() {
    let m = model();
    let o = m.object("thing").unwrap();
    let f = |s: &str| check(s, &m, o).unwrap();
    assert!(f("DATEDIFF(day, TODAY())").volatile && f("CONVERT(1, 'USD', 'CNY')").volatile && !f("count + 1").volatile);
    assert_eq!(f("REGEX(name, 'x')").memory_only, Some("REGEX"));
    assert_eq!(f("DATEADD(at, 1, 'month')").memory_only, Some("DATEADD"));
    assert_eq!(f("DATEADD(at, 1, 'day')").memory_only, None);
    assert_eq!(
        f("boss_id.size + count * count").fields().into_iter().map(crate::expr::written).collect::<Vec<_>>(),
        ["boss_id.size", "count"]
    );
}

#[test]
fn results_are_fitted_to_their_field() {
    let m = model();
    let o = m.object("thing").unwrap();
    let calc = |result| field("f", FieldType::Calc { formula: String::new(), result, volatile: false });
    let zone = TimeZone::UTC;
    let env = Env {
        model: &m,
        norm: &Plain,
        now: crate::Millis(0),
        zone: &zone,
        user: None,
        workday: &Env::weekdays,
        rate: &|_, _| None,
    };
    let r = record(&m, &full());
    let out = |source: &str, result| {
        let fd = calc(result);
        let f = check_field(source, &fd, &m, o).unwrap_or_else(|e| panic!("{source}: {e}"));
        to_json(&fd, &eval_field(&f, &fd, &RecordView { object: o, record: &r, related: &|_| Value::Null }, &env), Form::of(&m))
    };
    assert_eq!(out("10 / 3", ResultType::Dec(2)), json!("3.33"));
    assert_eq!(out("0.005", ResultType::Money), json!("0.01"));
    assert_eq!(out("2.5", ResultType::Int), json!(3));
    assert_eq!(out("200 / 3", ResultType::Pct), json!("66.6667"));
    assert_eq!(out("1 / 0", ResultType::Dec(2)), json!(null));
    assert_eq!(out("999999999999999999", ResultType::Dec(2)), json!(null));
    assert_eq!(out("hot", ResultType::Bool), json!(true));
    assert_eq!(out("level", ResultType::Text), json!("b"));
    assert_eq!(out("day", ResultType::Date), json!("2026-01-31"));
    assert!(check_field("name", &calc(ResultType::Int), &m, o).is_err());
    assert!(check_condition("count", &m, o).is_err());
    let day = field("d", FieldType::Date);
    assert!(check_field("TODAY()", &day, &m, o).is_ok() && check_field("NOW()", &day, &m, o).is_err());
}

#[test]
fn formulas_are_ordered_and_cycles_found() {
    let mut m = model();
    let calc =
        |name, formula: &str| field(name, FieldType::Calc { formula: formula.into(), result: ResultType::Int, volatile: false });
    let with = |m: &mut Model, fields: Vec<crate::FieldDef>| {
        let o = Arc::make_mut(m.objects.get_mut("item").unwrap());
        o.fields.truncate(2);
        o.fields.extend(fields);
        o.reindex();
    };
    with(&mut m, vec![calc("a", "b + 1"), calc("b", "c * 2"), calc("c", "thing_id.count")]);
    let o = m.object("item").unwrap().clone();
    let names: Vec<_> = calc_order(&m, &o).unwrap().into_iter().map(|i| o.at(i).name.to_string()).collect();
    assert_eq!(names, ["c", "b", "a"]);
    let touched = dependents(&m, &crate::ObjectName::lit("thing"), "count");
    assert_eq!(
        touched.iter().map(|(o2, i, p)| (o2.as_str(), o.at(*i).name.as_str(), crate::expr::written(p))).collect::<Vec<_>>(),
        [("item", "c", "thing_id.count".to_owned())]
    );
    with(&mut m, vec![calc("a", "b + 1"), calc("b", "c * 2"), calc("c", "a")]);
    let e = calc_order(&m, &m.object("item").unwrap().clone()).unwrap_err();
    assert_eq!((e.code.as_ref(), e.params["path"].as_str().unwrap()), ("expr.cycle", "item.a → item.b → item.c → item.a"));
}

struct Nothing;
impl Lookup for Nothing {
    fn value(&self, _: &Path) -> Cow<'_, Value> {
        Cow::Owned(Value::Null)
    }
}

/// Texts that are nearly formulas.
fn nearly() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "count",
        "ratio",
        "name",
        "day",
        "at",
        "hot",
        "level",
        "colors",
        "boss_id.size",
        "1",
        "0",
        "2.5",
        "'a'",
        "''",
        "'2026-01-01'",
        "TRUE",
        "NULL",
        "(",
        ")",
        ",",
        "+",
        "-",
        "*",
        "/",
        "&",
        "%",
        "=",
        "<>",
        "<",
        ">=",
        "and",
        "or",
        "not",
        "IF(",
        "CASE(",
        "ROUND(",
        "MIN(",
        "DATEADD(",
        "'day'",
        "LEFT(",
        "TEXT(",
        "INSET(",
        "COALESCE(",
        "MOD(",
        "DATE(",
        "TODAY()",
    ]);
    prop::collection::vec(word, 0..40).prop_map(|v| v.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn no_text_makes_anything_panic(s in "\\PC{0,80}", t in nearly(), bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let m = model();
        let o = m.object("thing").unwrap();
        let zone = TimeZone::UTC;
        let env = Env { model: &m, norm: &Plain, now: crate::Millis(0), zone: &zone, user: None, workday: &Env::weekdays, rate: &|_, _| None };
        for s in [s, t, String::from_utf8_lossy(&bytes).into_owned()] {
            if let Ok(f) = check(&s, &m, o) {
                let _ = eval(&f.root, &Nothing, &env);
            }
        }
    }
}

#[test]
fn the_blanks_that_are_cut_are_all_white_space() {
    // The list is given to databases, so it has to say what `char::is_whitespace` says.
    for c in (0..=0x1_FFFF).filter_map(char::from_u32) {
        let cut = c.is_whitespace() || matches!(c, '\u{FEFF}' | '\u{200B}');
        assert_eq!(super::BLANKS.contains(c), cut, "{:x}", c as u32);
    }
}

#[test]
fn the_end_of_a_text() {
    for (n, want) in [(0, ""), (1, "😀"), (2, "为😀"), (3, "华为😀"), (9, "华为😀")] {
        assert_eq!(super::right("华为😀", n), want);
    }
    let p = "YYYY年YMM 'DD' mmss YY";
    assert_eq!(super::date_pattern(p).iter().map(super::Piece::written).collect::<String>(), p);
}
