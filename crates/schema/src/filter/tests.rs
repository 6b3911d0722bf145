//! Both written forms, the checker's refusals, relative values, and judging in memory.

use jiff::tz::TimeZone;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::{
    DeptId, Record, RecordId, UserId, Value,
    codec::{Ctx, Input, parse as read},
    fixture::{Plain, model},
};

const ME: &str = "01934567-0000-7000-8000-000000000001";
const OTHER: &str = "01934567-0000-7000-8000-000000000002";
const DEPT: &str = "01934567-0000-7000-8000-0000000000d1";
const SUB: &str = "01934567-0000-7000-8000-0000000000d2";

fn id(s: &str) -> RecordId {
    s.parse().unwrap()
}

/// Judges a text filter over one record given as JSON, at 2026-11-21 14:30 in Shanghai (a Saturday).
fn judge(filter: &str, record: &Json) -> bool {
    let m = model();
    let o = m.object("thing").unwrap();
    let f = parse(filter, &m, o, &Plain).unwrap_or_else(|e| panic!("{filter}: {e}"));
    let mut r = Record::new(o, id("01934567-0000-7000-8000-00000000000a"));
    for (k, v) in record.as_object().unwrap() {
        let Input::Value(v) = read(o.field(k).unwrap(), v, &Ctx::strict(&m, &Plain)).unwrap_or_else(|e| panic!("{k}: {e:?}"))
        else {
            panic!("{k} is a lookup")
        };
        r.set(o, k, v);
    }
    let reports = [UserId::of(id(OTHER))];
    let depts = [DeptId::of(id(DEPT))];
    let below = |d: DeptId| if d.record() == id(DEPT) { vec![d, DeptId::of(id(SUB))] } else { vec![d] };
    let asker = Asker {
        user: Some(UserId::of(id(ME))),
        reports: &reports,
        depts: &depts,
        below: &below,
        now: crate::codec::parse_instant("2026-11-21T14:30:00+08:00").unwrap(),
        zone: TimeZone::get("Asia/Shanghai").unwrap(),
    };
    let f = resolve(&f, &m, o, &asker);
    // A company of size 80 and level a stands behind boss_id; it is its own root.
    let related = |p: &Path| match (r.get(o, "boss_id"), p.field.as_str()) {
        (Value::Null, _) => Value::Null,
        (_, "level") => Value::from("a"),
        (_, "size") => Value::Int(80),
        (v, "root_id") => v.clone(),
        _ => Value::Null,
    };
    eval(&f, &RecordView { object: o, record: &r, related: &related }, &Plain)
}

#[test]
fn comparisons_by_type() {
    // Domain model §1, column "Index, filter, search"
    let r = json!({
        "name": "华为 Technologies", "note": "Zeile\nÄPFEL", "count": 7, "ratio": "1.250", "share": "12.5", "hot": true, "level": "b",
        "amount": {"amount": "100", "currency": "USD", "rate": "7.1"}, "day": "2026-11-21", "at": "2026-11-21T00:30:00+08:00", "opens": "09:30",
        "colors": ["a", "c"], "tags": ["VIP"], "phone": "13800138000", "email": "a@b.cn", "site": "www.x.cn/p", "owner_id": ME, "helpers": [OTHER],
        "dept_id": SUB, "about": {"object": "company", "id": OTHER}, "boss_id": OTHER, "stars": 3,
        "address": {"code": "330106", "detail": "文三路 1 Hao"}, "c_text": "x", "c_bool": true, "c_dec": "2.5"
    });
    for yes in [
        "name = \"华为 Technologies\"",
        "name contains TECH",
        "name starts 华为",
        "name != x",
        "name not in (x, y)",
        "name is not empty",
        "note contains äpfel",
        "count = 7",
        "count > 6 and count < 8",
        "count between 7 and 7",
        "count in (1, 7)",
        "count >= -100",
        "ratio = 1.25",
        "ratio <= 1.250",
        "share > 12.4",
        "hot = true",
        "not hot = false",
        "level = b",
        "level != a",
        "level in (a, b)",
        // Order of money by base amount, equality by amount and currency.
        "amount = 100 or amount >= 710",
        "amount between 700 and 710",
        "day = 2026-11-21",
        "day in today",
        "day in this_week",
        "day = this_month",
        "day not in last_month",
        "day <= today",
        "day >= this_year",
        "day < tomorrow",
        "day in last_days(1)",
        "day > last_days(3) or day in last_days(3)",
        "at in today",
        "at = 2026-11-21",
        "at < 2026-11-22",
        "at >= 2026-11-21",
        "at between 2026-11-20 and 2026-11-21",
        "at <= 2026-11-20T16:30:00Z",
        "at in overdue",
        "not day in overdue",
        "opens >= 9:00",
        "colors any (a, b)",
        "colors all (a, c)",
        "colors none b",
        "tags any VIP",
        "phone contains 8000",
        "phone = \"138 0013 8000\"",
        "email = A@B.cn",
        "email contains \"@b.cn\"",
        "site = x.cn or site = www.x.cn",
        "site within www.x.cn",
        "site != x.cn",
        "owner_id = me",
        "owner_id in my_reports",
        "helpers any my_reports",
        "helpers none me",
        "dept_id in my_dept_tree",
        "not dept_id = my_dept",
        "dept_id within 01934567-0000-7000-8000-0000000000d1",
        "about = company",
        "boss_id.level = a",
        "boss_id.size > count",
        "boss_id.root_id.size = 80",
        "boss_id.root_id.level is not empty",
        "count < @boss_id.size",
        "stars >= 3",
        "address within 33",
        "address contains \"1 hao\"",
        "c_text = x",
        "c_bool = true",
        "c_dec > 2",
        "id != 01934567-0000-7000-8000-00000000000b",
        "version = 0",
        "deleted_at is empty",
        "owner_id in (me, 01934567-0000-7000-8000-000000000009)",
        "",
        "（count ＝ 7 且 hot = true） 或 level = \"a\"",
    ] {
        let yes = yes.replace("> count", "> @count");
        assert!(judge(&yes, &r), "{yes}");
    }
    for no in [
        "name = \"华为 technologies\"",
        "name starts Tech",
        "count != 7",
        "amount = 100",
        "amount > 710",
        "day in next_week",
        "at = 2026-11-20",
        "at > 2026-11-21",
        "day in overdue",
        "colors all (a, b)",
        "colors none (a)",
        "tags any vip",
        "phone contains 0000",
        "site = x.cn",
        "owner_id != me",
        "dept_id in my_dept",
        "about = thing",
        "boss_id.level = b",
        "address within 3301061",
        "not (count = 7 or hot = false)",
    ] {
        assert!(!judge(no, &r), "{no}");
    }
}

#[test]
fn empty_values_make_comparisons_false_and_their_opposites_true() {
    let r = json!({});
    for f in ["name", "email"] {
        for (op, want) in [
            ("= x", false),
            ("contains x", false),
            ("in (x)", false),
            ("!= x", true),
            ("not in (x)", true),
            ("is empty", true),
            ("is not empty", false),
        ] {
            if f == "email" && op.contains('x') && !op.contains("contains") {
                continue;
            }
            assert_eq!(judge(&format!("{f} {op}"), &r), want, "{f} {op}");
            assert_eq!(judge(&format!("not {f} {op}"), &r), !want, "not {f} {op}");
        }
    }
    for (f, want) in [
        ("count < 5", false),
        ("count >= -1", false),
        ("count between 0 and 9", false),
        ("day in today", false),
        ("day not in today", true),
        ("at in overdue", false),
        ("at not in overdue", true),
        ("owner_id = me", false),
        ("owner_id != me", true),
        ("colors any a", false),
        ("colors none a", true),
        ("colors all a", false),
        ("hot = false", true),
        ("boss_id.size = 80", false),
        ("boss_id.size != 80", true),
        ("count = @stars", false),
        ("count != @stars", true),
        ("phone contains 8000", false),
        ("site within x.cn", false),
        ("address within 33", false),
        ("dept_id in my_dept_tree", false),
        ("about = company", false),
    ] {
        assert_eq!(judge(f, &r), want, "{f}");
    }
}

fn refused(written: &str) -> String {
    let m = model();
    let o = m.object("thing").unwrap();
    match parse(written, &m, o, &Plain) {
        Ok(f) => panic!("{written} was taken as {f:?}"),
        Err(e) => {
            let place = match e.place {
                Some(crate::expr::Place::Text { at, len }) => format!("{at}+{len}"),
                Some(crate::expr::Place::Pointer(p)) => p,
                None => "-".into(),
            };
            format!("{} {place}", e.code)
        }
    }
}

#[test]
fn faults_have_a_code_and_a_place() {
    for (f, want) in [
        ("count >", "expr.syntax 7+0"),
        ("count 5", "expr.syntax 6+1"),
        ("count = 5 hot = true", "expr.syntax 10+3"),
        ("(count = 5", "expr.syntax 10+0"),
        ("name = \"华为", "expr.syntax 7+3"),
        ("count = 5 and ; hot", "expr.syntax 14+1"),
        ("hot = true and nome = x", "expr.unknown_field 15+8"),
        ("boss_id.name.x = 1", "expr.not_a_lookup 0+18"),
        ("boss_id.root_id.root_id.root_id.size = 1", "expr.hops 0+40"),
        ("helpers.name = x", "expr.not_a_lookup 0+16"),
        ("name > x", "expr.operator 0+8"),
        ("hot is empty", "expr.operator 0+12"),
        ("count = x", "expr.value 0+9"),
        ("count = 1.5", "expr.value 0+11"),
        ("day = 2026-02-30", "expr.value 0+16"),
        ("day = me", "expr.value 0+8"),
        ("owner_id = today", "expr.value 0+16"),
        ("level = zzz", "expr.value 0+11"),
        ("name = \" \"", "expr.value 0+10"),
        ("phone contains 12", "expr.value 0+17"),
        ("colors any ()", "expr.value 0+13"),
        ("c_now in today", "expr.not_filterable 0+14"),
        ("c_rate > 7", "expr.not_filterable 0+10"),
        ("count < @c_rate", "expr.not_filterable 0+15"),
        ("name contains 'a\0'", "expr.syntax 16+1"),
        ("{\"field\":\"name\",\"op\":\"contains\",\"value\":\"a\\u0000\"}", "expr.value "),
        ("extra is empty", "expr.not_filterable 0+14"),
        ("count = @day", "expr.type 0+12"),
        ("day in last_days(0)", "expr.syntax 17+1"),
        ("{\"and\":[{\"field\":\"count\",\"op\":\"gte\",\"value\":\"x\"}]}", "expr.value /and/0"),
        ("{\"and\":{}}", "expr.syntax /and"),
        ("{\"field\":\"count\",\"op\":\"like\",\"value\":1}", "expr.syntax /op"),
        ("{\"field\":\"count\",\"op\":\"eq\"}", "expr.syntax "),
        ("{\"or\":[{\"field\":\"count\",\"op\":\"eq\",\"value\":1,\"x\":2}]}", "expr.syntax /or/0"),
        ("{\"field\":\"day\",\"op\":\"in\",\"value\":{\"rel\":\"someday\"}}", "expr.syntax /value"),
        ("{\"field\":", "expr.syntax -"),
    ] {
        assert_eq!(refused(f), want, "{f}");
    }
    let e = parse("nam = x", &model(), model().object("thing").unwrap(), &Plain).unwrap_err();
    assert_eq!(e.params["near"], "name");
    assert_eq!(e.for_field("filter").params["at"], 0);
}

#[test]
fn formulas_computed_when_read_can_be_filtered_by_when_a_database_computes_them() {
    let (m, t) = (model(), |s: &str| parse(s, &model(), model().object("thing").unwrap(), &Plain));
    assert!(matches!(t("c_age >= 30 and count < @c_age"), Ok(Filter::And(_))));
    let e = parse("c_rate > 7", &m, m.object("thing").unwrap(), &Plain).unwrap_err();
    assert_eq!((e.params["reason"].as_str(), e.params["function"].as_str()), (Some("memory_only"), Some("CONVERT")));
}

#[test]
fn amounts_below_ten_to_the_eighteenth_are_values_whatever_the_decimals() {
    // Domain model §0, Money; unit prices have six decimals.
    for f in ["price", "amount"] {
        for ok in ["10000000000000", "999999999999999999", "-999999999999999999.999999", "0.000001"] {
            for op in ["=", "<"] {
                let s = format!("{f} {op} {ok}");
                assert!(parse(&s, &model(), model().object("thing").unwrap(), &Plain).is_ok(), "{s}");
            }
        }
        for bad in ["1000000000000000000", "-1000000000000000000", "0.0000001"] {
            assert_eq!(refused(&format!("{f} < {bad}")).split(' ').next(), Some("expr.value"), "{f} {bad}");
        }
    }
    assert!(
        !judge("price >= 999999999999999999", &json!({"price": "5"}))
            && judge("price < 999999999999999999", &json!({"price": "5"}))
    );
}

#[test]
fn limits_hold() {
    // docs/api.md: depth ≤ 20, ≤ 500 parts
    let deep = |n: usize| (0..n).fold(json!({"field": "count", "op": "eq", "value": 1}), |f, _| json!({"not": f}));
    assert!(parse_json(&deep(19), &model(), model().object("thing").unwrap(), &Plain).is_ok());
    assert_eq!(refused(&deep(20).to_string()).split(' ').next(), Some("expr.too_deep"));
    assert_eq!(refused(&format!("{}count = 1", "not ".repeat(30))).split(' ').next(), Some("expr.too_deep"));
    assert_eq!(
        refused(&format!("{}count = 1{}", "(".repeat(30_000), ")".repeat(10_000))).split(' ').next(),
        Some("expr.too_deep")
    );
    assert_eq!(refused(&vec!["count = 1"; 501].join(" or ")).split(' ').next(), Some("expr.too_large"));
    assert!(parse(&vec!["count = 1"; 499].join(" or "), &model(), model().object("thing").unwrap(), &Plain).is_ok());
    assert_eq!(refused(&format!("count in ({})", vec!["1"; 1001].join(","))).split(' ').next(), Some("expr.too_large"));
    assert_eq!(refused(&"x".repeat(60_000)).split(' ').next(), Some("expr.too_long"));
}

#[test]
fn fields_name_every_step_of_a_path() {
    // R-FLS-01: hidden fields cannot be filtered by.
    let m = model();
    let o = m.object("thing").unwrap();
    let f = parse("boss_id.root_id.level = a and count < @stars", &m, o, &Plain).unwrap();
    let names: Vec<String> = fields(&f, o).iter().map(|(o, f)| format!("{o}.{f}")).collect();
    assert_eq!(names, ["company.level", "company.root_id", "thing.boss_id", "thing.count", "thing.stars"]);
}

#[test]
fn periods_follow_the_calendar() {
    // Domain model §0 Time: organisation zone, weeks start on Monday. 2026-11-21 is a Saturday.
    for (period, first, last) in [
        ("today", "2026-11-21", "2026-11-21"),
        ("yesterday", "2026-11-20", "2026-11-20"),
        ("tomorrow", "2026-11-22", "2026-11-22"),
        ("this_week", "2026-11-16", "2026-11-22"),
        ("last_week", "2026-11-09", "2026-11-15"),
        ("next_week", "2026-11-23", "2026-11-29"),
        ("this_month", "2026-11-01", "2026-11-30"),
        ("last_month", "2026-10-01", "2026-10-31"),
        ("next_month", "2026-12-01", "2026-12-31"),
        ("this_quarter", "2026-10-01", "2026-12-31"),
        ("last_quarter", "2026-07-01", "2026-09-30"),
        ("next_quarter", "2027-01-01", "2027-03-31"),
        ("this_year", "2026-01-01", "2026-12-31"),
        ("last_year", "2025-01-01", "2025-12-31"),
        ("next_year", "2027-01-01", "2027-12-31"),
        ("last_days(7)", "2026-11-15", "2026-11-21"),
        ("next_days(7)", "2026-11-21", "2026-11-27"),
    ] {
        for (day, inside) in [(first, true), (last, true)] {
            assert_eq!(judge(&format!("day in {period}"), &json!({"day": day})), inside, "{period} {day}");
            // Midnight in Shanghai is the day's, a millisecond before is not.
            assert_eq!(
                judge(&format!("at in {period}"), &json!({"at": format!("{day}T00:00:00+08:00")})),
                inside,
                "{period} {day}"
            );
        }
        assert!(!judge(&format!("at in {period}"), &json!({"at": format!("{first}T00:00:00+08:01")})), "{period}");
        assert!(judge(&format!("at in {period}"), &json!({"at": format!("{last}T23:59:59.999+08:00")})), "{period}");
        assert!(judge(&format!("day < {period} or day > {period}"), &json!({"day": "1999-01-01"})), "{period}");
        assert!(judge(&format!("day <= {period} and day >= {period}"), &json!({"day": last})), "{period}");
    }
}

/// Random comparisons that are valid for the fixture's `thing`.
fn leaf() -> impl Strategy<Value = Json> {
    let ops = prop::sample::select(vec![
        ("name", "eq"),
        ("name", "ne"),
        ("name", "contains"),
        ("name", "starts"),
        ("name", "in"),
        ("name", "is_empty"),
        ("count", "lt"),
        ("count", "between"),
        ("ratio", "gte"),
        ("hot", "eq"),
        ("day", "in"),
        ("day", "lte"),
        ("at", "gt"),
        ("level", "nin"),
        ("colors", "any"),
        ("colors", "none"),
        ("tags", "all"),
        ("owner_id", "eq"),
        ("boss_id.size", "eq"),
        ("amount", "lt"),
        ("at", "eq"),
    ]);
    (ops, "[a-zA-Z华为 \"'()@=,]{1,8}", -1000..1000_i64).prop_map(|((field, op), text, n)| {
        let text = if text.trim().is_empty() { "x".to_owned() } else { text };
        let v = match (field, op) {
            (_, "is_empty") => return json!({"field": field, "op": op}),
            ("name" | "tags", "in" | "all") => json!([text, "and"]),
            ("name", _) => json!(text),
            ("count", "between") => json!([n, n + 5]),
            ("count", "lt") => json!({"field": "boss_id.size"}),
            ("ratio", _) => json!(format!("{}.{:03}", n, n.unsigned_abs() % 1000)),
            ("hot", _) => json!(n > 0),
            ("day", "in") => json!({"rel": "this_month"}),
            ("day", _) => json!({"rel": "last_days", "n": n.unsigned_abs() + 1}),
            ("at", "eq") => json!("2026-11-21"),
            ("at", _) => json!("2026-11-21T06:30:00.000Z"),
            ("level", _) => json!(["a", "old"]),
            ("colors", _) => json!(["a"]),
            ("owner_id", _) => json!({"rel": "me"}),
            _ => json!(n),
        };
        json!({"field": field, "op": op, "value": v})
    })
}

fn tree() -> impl Strategy<Value = Json> {
    leaf().prop_recursive(4, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(|v| json!({"and": v})),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|v| json!({"or": v})),
            inner.prop_map(|f| json!({"not": f})),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn both_forms_say_the_same(j in tree()) {
        let m = model();
        let o = m.object("thing").unwrap();
        let f = parse_json(&j, &m, o, &Plain).unwrap();
        let again = parse_json(&to_json(&f), &m, o, &Plain).unwrap();
        prop_assert_eq!(&again, &f);
        let text = to_text(&f).unwrap();
        let by_text = parse_text(&text, &m, o, &Plain).map_err(|e| TestCaseError::fail(format!("{text}: {e}")))?;
        prop_assert_eq!(by_text, f, "{}", text);
    }

    #[test]
    fn not_is_the_opposite(j in tree(), name in prop::option::of("[a-c]{1,3}"), count in prop::option::of(0..9_i64), boss in any::<bool>()) {
        let m = model();
        let o = m.object("thing").unwrap();
        let text = to_text(&parse_json(&j, &m, o, &Plain).unwrap()).unwrap();
        let r = json!({"name": name, "count": count, "boss_id": boss.then_some(OTHER)});
        prop_assert_ne!(judge(&text, &r), judge(&format!("not ({text})"), &r));
    }

    #[test]
    fn no_text_makes_the_parser_panic(s in "\\PC{0,60}", t in "[a-z_0-9.@=<>!()\"', ]{0,80}", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let m = model();
        let o = m.object("thing").unwrap();
        for s in [s, t, String::from_utf8_lossy(&bytes).into_owned()] {
            let _ = parse(&s, &m, o, &Plain);
            let _ = parse(&format!("name = {s} and ({s})"), &m, o, &Plain);
        }
    }
}

#[test]
fn overdue_instants_are_before_now() {
    assert!(judge("at in overdue", &json!({"at": "2026-11-21T14:29:59.999+08:00"})));
    assert!(!judge("at in overdue", &json!({"at": "2026-11-21T14:30:00+08:00"})));
}
