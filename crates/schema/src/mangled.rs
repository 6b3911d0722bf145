//! A short fuzz run inside the tests: arbitrary texts and valid ones that were mutilated, through the readers of filters and
//! formulas. They answer or refuse with a stable code; they never panic, and depth is bounded. (On the shipped model: `exchange/tests/fuzz.rs`; the long run: `fuzz/`.)

use proptest::prelude::*;

use crate::{
    ExprError, Record, Value,
    filter::{self, RecordView},
    fixture::{Plain, model},
    formula,
};

const FILTERS: &[&str] = &[
    "amount >= 50000 and day in this_month and owner_id = me",
    "not (name contains \"华为 \"\"A\"\"\" or level in (a, 'b', old)) and boss_id.size < @count",
    "at between 2026-01-01 and 2026-11-21T10:00:00+08:00 且 colors any (a, b) 或 非 (hot = true)",
    "phone contains 8000 and site within example.com and about = thing and count is not empty",
    r#"{"and":[{"field":"count","op":"between","value":[1,5]},{"not":{"field":"tags","op":"any","value":["VIP"]}}]}"#,
    r#"{"or":[{"field":"day","op":"in","value":{"rel":"last_days","n":7}},{"field":"amount","op":"eq","value":{"amount":"1.5","currency":"USD"}}]}"#,
    r#"{"field":"boss_id.root_id.level","op":"nin","value":["a","old"]}"#,
    r#"{"field":"c_age","op":"gt","value":{"field":"count"}}"#,
];

const FORMULAS: &[&str] = &[
    "IF(hot and count > 5, ROUND(amount * share%, 2), CASE(level, 'a', 1, 'b', -2.5, 0))",
    "CONCAT(UPPER(LEFT(name, 2)), \"-\"\"\", TEXT(day, 'YYYY年MM月DD日')) & MID(note, 2, LEN(name))",
    "DATEDIFF(DATEADD(day, count, 'month'), TODAY(), 'week') / MOD(count, 3) >= 0.000000000001",
    "（count ＋ 1）× 2 <> ABS(-boss_id.size) or not ISBLANK(COALESCE(code, name)) and INSET(colors, 'a', 'b')",
    "LABEL(level, 'en') = TRIM('　x ') and REGEX(phone, '^\\+86[0-9]+$') and DATE(2026, 2, 30) = day",
    "MAX(VALUE(code), WORKDAYS(day, DATE(at)), CONVERT(1, 'USD', 'CNY'), MIN(1, NULL, took))",
];

const PIECES: &[&str] = &[
    "(",
    ")",
    "((((((((((",
    "\"",
    "'",
    "“",
    "”",
    "「",
    ",",
    "，",
    "@",
    "＠",
    "\0",
    "\u{202e}",
    "😀",
    "\u{feff}",
    "\n",
    "{",
    "}",
    "[",
    "]",
    ":",
    "\\",
    "\\u0000",
    "and",
    "or",
    "not ",
    "-",
    "+",
    "%",
    "=",
    "<",
    ">=",
    "≠",
    ".",
    "..",
    "IF(",
    "CASE(",
    "99999999999999999999",
    "1e309",
    "null",
    "last_days(",
    "between ",
    "in (",
    "＋",
    "÷",
    "e\u{301}",
    "ﬁ",
    "\u{10ffff}",
];

/// One mutilation: where, how long, what to put there.
type Cut = (prop::sample::Index, usize, Option<usize>);

fn cuts() -> impl Strategy<Value = Vec<Cut>> {
    prop::collection::vec((any::<prop::sample::Index>(), 0..12_usize, prop::option::of(0..PIECES.len())), 1..6)
}

fn mangle(text: &str, other: &str, cuts: &[Cut]) -> String {
    let mut c: Vec<char> = text.chars().collect();
    for (at, len, piece) in cuts {
        let i = at.index(c.len() + 1);
        let end = (i + len).min(c.len());
        // A piece of the language, or a piece of another text.
        let put: Vec<char> = match piece {
            Some(p) => PIECES[*p].chars().collect(),
            None => {
                let o: Vec<char> = other.chars().collect();
                let from = at.index(o.len() + 1);
                o[from..(from + 2 * len + 1).min(o.len())].to_vec()
            }
        };
        c.splice(i..end, put);
    }
    c.into_iter().collect()
}

/// Read, and what could be read is used.
fn read_all(text: &str) -> Vec<ExprError> {
    let m = model();
    let o = m.object("thing").expect("the fixture has it");
    let record = Record::new(o, crate::RecordId::from_bytes([1; 16]));
    let nothing = |_: &crate::query::Path| Value::Null;
    let view = RecordView { object: o, record: &record, related: &nothing };
    let zone = m.tz();
    let env = formula::Env {
        model: &m,
        norm: &Plain,
        now: crate::Millis(0),
        zone: &zone,
        user: None,
        workday: &formula::Env::weekdays,
        rate: &|_, _| None,
    };
    let asker = filter::Asker { user: None, reports: &[], depts: &[], below: &|d| vec![d], now: crate::Millis(0), zone: m.tz() };
    let mut faults = vec![];
    match filter::parse(text, &m, o, &Plain) {
        Ok(f) => {
            let again = filter::parse_json(&filter::to_json(&f), &m, o, &Plain).expect("what was read can be written");
            assert_eq!(again, f, "{text}");
            let _ = filter::eval(&filter::resolve(&f, &m, o, &asker), &view, &Plain);
            let _ = filter::fields(&f, o);
        }
        Err(e) => faults.push(e),
    }
    match formula::check(text, &m, o) {
        Ok(f) => drop(formula::eval(&f.root, &view, &env)),
        Err(e) => faults.push(e),
    }
    let _ = crate::check::is_volatile(text);
    let _ = (crate::check::names_in_formula(text), crate::check::names_in_filter(text));
    assert!(faults.iter().all(|e| e.code.starts_with("expr.")), "{faults:?}");
    faults
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn mutilated_filters_and_formulas_never_panic(i in any::<prop::sample::Index>(), j in any::<prop::sample::Index>(), cuts in cuts()) {
        let all: Vec<&str> = FILTERS.iter().chain(FORMULAS).copied().collect();
        read_all(&mangle(all[i.index(all.len())], all[j.index(all.len())], &cuts));
    }

    #[test]
    fn arbitrary_bytes_never_panic(s in "\\PC{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..300), cuts in cuts()) {
        read_all(&s);
        read_all(&String::from_utf8_lossy(&bytes));
        read_all(&mangle(&String::from_utf8_lossy(&bytes), &s, &cuts).repeat(3));
    }

    #[test]
    fn json_of_any_shape_never_panics(text in "[\\[\\]{}:,\"a-z0-9 ._-]{0,200}", depth in 0..200_usize, cuts in cuts()) {
        read_all(&text);
        let deep = format!("{}{}{}", r#"{"and":["#.repeat(depth), FILTERS[4], "]}".repeat(depth));
        read_all(&deep);
        read_all(&mangle(&deep, FILTERS[6], &cuts));
    }
}

#[test]
fn every_seed_is_valid() {
    for f in FILTERS {
        assert!(filter::parse(f, &model(), model().object("thing").unwrap(), &Plain).is_ok(), "{f}: {:?}", read_all(f));
    }
    for f in FORMULAS {
        assert!(formula::check(f, &model(), model().object("thing").unwrap()).is_ok(), "{f}: {:?}", read_all(f));
    }
}

#[test]
fn no_depth_is_too_much() {
    // A hundred thousand brackets on a thread with little stack: refused by a code, whatever stands inside.
    let hostile = || {
        for n in [100, 2_000, 100_000] {
            for (open, inner, close) in [
                ("(", "count = 1", ")"),
                ("(", "", ""),
                ("not ", "hot = true", ""),
                ("-", "1", ""),
                ("IF(hot,", "1", ",2)"),
                ("1+(", "1", ")"),
                ("{\"not\":", "{}", "}"),
                ("{\"and\":[", "", ""),
                ("[", "", "]"),
            ] {
                let text = format!("{}{inner}{}", open.repeat(n), close.repeat(n));
                let faults = read_all(&text);
                assert!(!faults.is_empty(), "{n} × {open}");
                let known =
                    ["expr.too_deep", "expr.too_long", "expr.too_large", "expr.syntax", "expr.type", "expr.unknown_field"];
                assert!(faults.iter().all(|e| known.contains(&e.code.as_ref())), "{n} × {open}: {faults:?}");
            }
        }
        let deep = format!("{}count = 1{}", "(".repeat(20_000), ")".repeat(20_000));
        assert_eq!(read_all(&deep)[0].code, "expr.too_deep");
        assert_eq!(read_all(&"(".repeat(100_000))[0].code, "expr.too_long");
        assert_eq!(read_all(&format!("{}1{}", "(".repeat(2_000), ")".repeat(2_000)))[1].code, "expr.too_deep");
    };
    std::thread::Builder::new().stack_size(1 << 20).spawn(hostile).unwrap().join().unwrap();
}
