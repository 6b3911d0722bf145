//! All field types through all ways, and refusals.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::{
    FieldDef, FieldType, MaskKind,
    fixture::{Plain, every_type, model},
    physical::{Cell, columns},
};

fn get(j: Json, name: &str) -> Result<Input, crate::FieldError> {
    let m = model();
    let f = m.object("thing").unwrap().field(name).unwrap().clone();
    parse(&f, &j, &Ctx::strict(&m, &Plain))
}

fn value(name: &str, j: Json) -> Value {
    get(j.clone(), name)
        .unwrap_or_else(|e| panic!("{name} {j}: {e:?}"))
        .value()
        .unwrap_or_else(|| panic!("{name} {j} is a lookup"))
}

const ID: &str = "01934567-89ab-7cde-8f01-23456789abcd";
const ID2: &str = "01934567-89ab-7cde-8f01-23456789abce";

/// Input and the canonical form it is given back in.
fn samples(name: &str) -> Vec<(Json, Json)> {
    let same = |v: Vec<Json>| v.into_iter().map(|j| (j.clone(), j)).collect::<Vec<_>>();
    match name {
        "name" => vec![
            (json!(" 华为技术 \u{3000}"), json!("华为技术")),
            (json!("e\u{301}\"\\"), json!("é\"\\")),
            (json!("  "), json!(null)),
        ],
        "external_id" => same(vec![json!("EX-Ａ1"), json!(null)]),
        "code" => same(vec![json!("AB12"), json!(null)]),
        "note" | "body" => {
            vec![(json!("a\r\nb"), json!("a\nb")), (json!("\n \n"), json!(null)), (json!("<p>好\t</p>"), json!("<p>好\t</p>"))]
        }
        "count" => vec![
            (json!(42), json!(42)),
            (json!("-5"), json!(-5)),
            (json!(9_007_199_254_740_991_i64), json!(9_007_199_254_740_991_i64)),
            (json!(3.0), json!(3)),
            (json!(""), json!(null)),
        ],
        "ratio" => vec![
            (json!("12.5"), json!("12.500")),
            (json!(-0.001), json!("-0.001")),
            (json!(7), json!("7.000")),
            (json!("1.5000"), json!("1.500")),
        ],
        "amount" => vec![
            (json!(1234.5), json!({"amount":"1234.50","currency":"CNY","rate":"1","base":"1234.50"})),
            // R-CUR-02
            (
                json!({"amount":"1234.56","currency":"usd","rate":"7.12345678"}),
                json!({"amount":"1234.56","currency":"USD","rate":"7.12345678","base":"8794.33"}),
            ),
            (
                json!({"amount":"-100","currency":"JPY","rate":"0.048","base":"999"}),
                json!({"amount":"-100","currency":"JPY","rate":"0.048","base":"-4.80"}),
            ),
            (json!({"amount":null,"currency":"CNY"}), json!(null)),
        ],
        "price" => vec![
            (json!("0.123456"), json!({"amount":"0.123456","currency":"CNY","rate":"1","base":"0.123456"})),
            (json!("3"), json!({"amount":"3.00","currency":"CNY","rate":"1","base":"3.00"})),
        ],
        "share" => vec![(json!("13"), json!("13")), (json!(12.5), json!("12.5")), (json!("0.0001"), json!("0.0001"))],
        "hot" => vec![(json!(true), json!(true)), (json!(null), json!(false)), (json!("TRUE"), json!(true))],
        "day" | "c_date" => vec![
            (json!("2026-11-21"), json!("2026-11-21")),
            (json!("1900-01-01"), json!("1900-01-01")),
            (json!("2199-12-31"), json!("2199-12-31")),
            (json!(" "), json!(null)),
        ],
        "at" | "c_dt" => vec![
            (json!("2026-11-21T14:30:00+08:00"), json!("2026-11-21T06:30:00.000Z")),
            (json!("1969-12-31T23:59:59.9999Z"), json!("1969-12-31T23:59:59.999Z")),
        ],
        "opens" => vec![(json!(0), json!(0)), (json!("24:00"), json!(1440)), (json!("09:30"), json!(570))],
        "took" | "c_dur" => same(vec![json!(0), json!(7500), json!(null)]),
        "level" => same(vec![json!("a"), json!(null)]),
        "colors" => vec![(json!(["a", "c"]), json!(["a", "c"])), (json!(null), json!([])), (json!([]), json!([]))],
        "tags" => vec![(json!(["战略客户", "VIP", "vip", " "]), json!(["战略客户", "VIP"])), (json!(null), json!([]))],
        "phone" => vec![
            (
                json!("138 0013 8000"),
                json!({"raw":"138 0013 8000","e164":"+8613800138000","ext":null,"country":"CN","kind":"mobile"}),
            ),
            (
                json!({"raw":"13800138000","ext":"801"}),
                json!({"raw":"13800138000","e164":"+8613800138000","ext":"801","country":"CN","kind":"mobile"}),
            ),
        ],
        "email" => vec![(json!(" Li.Hua+x@Corp.com"), json!("li.hua+x@corp.com")), (json!(null), json!(null))],
        "site" => vec![(json!("WWW.Example.com/A?b=1"), json!("https://www.example.com/A?b=1"))],
        "address" => vec![
            (
                json!({"country":"cn","province":"浙江省","city":"杭州市","district":"西湖区","code":"330106","detail":"文三路 1 号"}),
                json!({"country":"CN","province":"浙江省","city":"杭州市","district":"西湖区","town":null,"code":"330106","detail":"文三路 1 号","postcode":null}),
            ),
            (
                json!("1 Main St"),
                json!({"country":null,"province":null,"city":null,"district":null,"town":null,"code":null,"detail":"1 Main St","postcode":null}),
            ),
            (json!({"country":""}), json!(null)),
        ],
        "place" => vec![
            (json!({"lat":39.9087,"lng":"116.3975","datum":"wgs84"}), json!({"lat":39.9087,"lng":116.3975,"datum":"wgs84"})),
            (json!({"lat":-0.123_456_789_012,"lng":-180,"datum":"bd09"}), json!({"lat":-0.1234568,"lng":-180,"datum":"bd09"})),
        ],
        "files" | "pictures" | "others" | "helpers" | "depts" => vec![
            (json!([ID, ID2, ID]), json!([ID, ID2])),
            (json!(ID), json!([ID])),
            (json!(null), json!([])),
            (json!([{"id": ID}]), json!([ID])),
        ],
        "parent_id" | "boss_id" | "owner_id" | "dept_id" => {
            vec![(json!(ID.to_uppercase()), json!(ID)), (json!({"id": ID}), json!(ID)), (json!(""), json!(null))]
        }
        "about" => same(vec![json!({"object":"company","id":ID}), json!(null)]),
        "roll_count" => same(vec![json!(3), json!(null)]),
        "roll_sum" => vec![(json!("5"), json!("5.00")), (json!("5.125"), json!("5.125"))],
        "c_text" => same(vec![json!("重点"), json!(null)]),
        "c_dec" => vec![(json!("1.5"), json!("1.50"))],
        "c_pct" => vec![(json!("33.3333"), json!("33.3333")), (json!("50.0"), json!("50"))],
        "c_bool" => same(vec![json!(true), json!(false)]),
        "c_now" | "c_age" | "c_rate" => vec![(json!(null), json!(null))],
        "number" => same(vec![json!("T0001")]),
        "stars" => same(vec![json!(0), json!(5), json!(null)]),
        "extra" => same(vec![json!({"a":[1,null,{"b":"\u{0}\n\"好"}],"c":1.5}), json!(null), json!("text"), json!([])]),
        other => panic!("no sample for {other}"),
    }
}

/// JSON → value → cells → value → JSON, and cells → JSON directly, for one value.
fn all_ways(f: &FieldDef, v: &Value) -> Json {
    let form = Form::of(&model());
    let cells = to_cells(f, v, &Plain);
    let cols = columns(f);
    // A formula computed when read has no column, but where it is compared it has a cell.
    assert_eq!(cells.len(), cols.len().max(usize::from(matches!(f.ty, FieldType::Calc { .. }))), "{}", f.name);
    for (cell, col) in cells.iter().zip(&cols) {
        let fits = matches!(
            (cell, col.class),
            (Cell::Null, _)
                | (Cell::Int(_), crate::physical::Class::Int)
                | (Cell::Text(_), crate::physical::Class::Text)
                | (Cell::Id(_), crate::physical::Class::Id)
        );
        assert!(fits, "{} {cell:?} in {col:?}", f.name);
    }
    if !cols.is_empty() {
        assert_eq!(&from_cells(f, &cells, form), v, "{}", f.name);
    }
    let (mut by_value, mut by_cells) = (vec![], vec![]);
    write_json(f, v, form, &mut by_value);
    write_cells_json(f, &cells[..], &mut by_cells, None, form);
    assert_eq!(String::from_utf8_lossy(&by_value), String::from_utf8_lossy(&by_cells), "{}", f.name);
    to_json(f, v, form)
}

#[test]
fn every_type_goes_every_way() {
    // Domain model §1: each type through parse, JSON, cells and back.
    for f in every_type() {
        for (given, want) in samples(&f.name) {
            let v = value(&f.name, given.clone());
            let out = all_ways(&f, &v);
            assert_eq!(out, want, "{} {given}", f.name);
            // What was given out can be given in again.
            if !matches!(f.ty, FieldType::Calc { volatile: true, .. }) {
                assert_eq!(value(&f.name, out), v, "{} {given}", f.name);
            }
        }
    }
}

fn code(name: &str, j: Json) -> String {
    match get(j.clone(), name) {
        Ok(v) => panic!("{name} {j} was taken as {v:?}"),
        Err(e) => {
            assert_eq!(e.field, name);
            let why = e.params.get("reason").or(e.params.get("expected")).and_then(Json::as_str).unwrap_or("-");
            format!("{} {why}", e.code)
        }
    }
}

#[test]
fn faulty_values_are_refused_with_their_code() {
    // Domain model §1 and §4.16
    let long = |n: usize| json!("长".repeat(n));
    for (f, j, want) in [
        ("name", json!(5), "value.type text"),
        ("name", long(256), "value.range length"),
        ("name", json!("a\nb"), "value.type control_character"),
        ("name", json!("a\u{0}"), "value.type control_character"),
        ("code", json!("ab1"), "value.type pattern"),
        ("code", json!("AB1x"), "value.type pattern"),
        ("note", long(20_001), "value.range length"),
        ("note", json!("a\u{1}"), "value.type control_character"),
        ("body", long(200_001), "value.range length"),
        ("count", json!(-6), "value.range -"),
        ("count", json!(9_007_199_254_740_992_i64), "value.range -"),
        ("count", json!(1.5), "value.scale -"),
        ("count", json!("x"), "value.type number"),
        ("count", json!(true), "value.type number"),
        ("count", json!(1e300), "value.range digits"),
        ("ratio", json!("0.0001"), "value.scale -"),
        ("ratio", json!("1000.001"), "value.range -"),
        ("ratio", json!("-9999999999999999"), "value.range digits"),
        ("ratio", json!(0.1 + 0.2), "value.type imprecise_number"),
        ("amount", json!("1.005"), "value.scale -"),
        ("amount", json!({"amount":"1.5","currency":"JPY","rate":"1"}), "value.scale -"),
        ("amount", json!({"amount":"1","currency":"USD","rate":"0"}), "value.range rate"),
        ("amount", json!({"amount":"1","currency":"USD","rate":"0.000000001"}), "value.scale -"),
        ("amount", json!({"amount":"90000000000000","currency":"USD","rate":"90000000000"}), "value.range digits"),
        ("amount", json!({"amount":"1","currency":"US"}), "value.type currency"),
        ("amount", json!({"amount":"1","cur":"USD"}), "value.type unknown_key"),
        ("amount", json!("100000000000000000000000000000000000"), "value.range digits"),
        ("price", json!("-1"), "value.range -"),
        ("price", json!("0.1234567"), "value.scale -"),
        ("share", json!("100.01"), "value.range -"),
        ("hot", json!("maybe"), "value.type boolean"),
        ("hot", json!(1), "value.type boolean"),
        ("day", json!("2026-02-30"), "value.type date"),
        ("day", json!("1899-12-31"), "value.range date"),
        ("at", json!("2026-11-21T14:30:00"), "value.type date_time"),
        ("at", json!("2300-01-01T00:00:00Z"), "value.range date"),
        ("opens", json!(1441), "value.range -"),
        ("took", json!(-1), "value.range -"),
        ("level", json!("zzz"), "value.type unknown_option"),
        ("level", json!("old"), "value.inactive_option -"),
        ("colors", json!(["a", "a"]), "value.type repeated"),
        ("colors", json!(vec!["a"; 51]), "value.range count"),
        ("colors", json!("a"), "value.type list"),
        ("tags", json!(vec!["a"; 31]), "value.range count"),
        ("tags", json!(["长".repeat(31)]), "value.range length"),
        ("phone", json!("12"), "phone.invalid -"),
        ("email", json!("not an address"), "email.invalid -"),
        ("site", json!("javascript:alert(1)"), "value.type url"),
        ("address", json!({"street":"x"}), "value.type unknown_key"),
        ("address", json!({"code":"3301"}).as_object().map(|_| json!({"code":"33010"})).unwrap(), "value.type address"),
        ("place", json!({"lat":91,"lng":0,"datum":"wgs84"}), "value.range degrees"),
        ("place", json!({"lat":1,"lng":0}), "value.type point"),
        ("files", json!(vec![ID; 21]), "value.range count"),
        ("others", json!(["x"]), "value.type id"),
        ("parent_id", json!({"name":"x"}), "value.type not_a_unique_field"),
        ("parent_id", json!({"external_id":"x","name":"y"}), "value.type id"),
        ("about", json!({"object":"item","id":ID}), "value.type object_not_allowed"),
        ("about", json!(ID), "value.type reference"),
        ("stars", json!(6), "value.range -"),
        ("extra", json!("x".repeat(70_000)), "value.range length"),
        ("extra", (0..40).fold(json!(1), |j, _| json!([j])), "value.range depth"),
    ] {
        assert_eq!(code(f, j), want, "{f}");
    }
}

#[test]
fn references_by_unique_fields_are_left_to_look_up() {
    let by = |object: &'static str, field: &'static str, value: &str| Lookup {
        object: crate::ObjectName::lit(object),
        field: crate::FieldName::lit(field),
        value: value.into(),
    };
    assert_eq!(
        get(json!({"external_id":" X1 "}), "parent_id").unwrap(),
        Input::Lookup { by: by("thing", "external_id", "X1"), poly: false }
    );
    assert_eq!(
        get(json!({"email":"A@B.cn"}), "owner_id").unwrap(),
        Input::Lookup { by: by("user", "email", "a@b.cn"), poly: false }
    );
    assert_eq!(
        get(json!({"object":"company","code":"C7"}), "about").unwrap(),
        Input::Lookup { by: by("company", "code", "C7"), poly: true }
    );
    assert_eq!(
        get(json!([ID, {"external_id":"X1"}]), "others").unwrap(),
        Input::Lookups(vec![RefInput::Id(ID.parse().unwrap()), RefInput::By(by("thing", "external_id", "X1"))])
    );
    // R-CUR-03: the rate of the day is the pipeline's to find.
    assert_eq!(
        get(json!({"amount":"5","currency":"USD"}), "amount").unwrap(),
        Input::Unrated { amount: "5.00".parse().unwrap(), currency: "USD".into() }
    );
}

#[test]
fn an_inactive_option_may_stay() {
    let m = model();
    let f = m.object("thing").unwrap().field("level").unwrap();
    let old = Value::from("old");
    let ctx = Ctx { old: Some(&old), ..Ctx::strict(&m, &Plain) };
    assert_eq!(parse(f, &json!("old"), &ctx).unwrap(), Input::Value(old.clone()));
}

#[test]
fn an_import_may_keep_an_invalid_phone() {
    // R-NRM-02
    let m = model();
    let f = m.object("thing").unwrap().field("phone").unwrap();
    let ctx = Ctx { keep_invalid_phone: true, ..Ctx::strict(&m, &Plain) };
    let Input::Value(Value::Phone(p)) = parse(f, &json!("call me"), &ctx).unwrap() else { panic!("a phone") };
    assert_eq!((p.kind.as_str(), p.raw.as_str(), p.e164), ("invalid", "call me", None));
}

#[test]
fn masked_cells_show_their_shape_only() {
    // R-FLS-02
    let m = model();
    let shown = |name: &str, j: Json, mask| {
        let f = m.object("thing").unwrap().field(name).unwrap();
        let cells = to_cells(f, &value(name, j), &Plain);
        let mut out = vec![];
        write_cells_json(f, &cells[..], &mut out, Some(mask), Form::of(&m));
        String::from_utf8(out).unwrap()
    };
    assert_eq!(shown("phone", json!("138 0013 8000"), MaskKind::Phone), "\"138****8000\"");
    assert_eq!(shown("email", json!("zhangsan@corp.com"), MaskKind::Email), "\"z***n@corp.com\"");
    assert_eq!(
        shown(
            "address",
            json!({"country":"CN","province":"浙江省","city":"杭州市","district":"西湖区","detail":"文三路 1 号"}),
            MaskKind::Address
        ),
        "\"浙江省杭州市西湖区\""
    );
    assert_eq!(shown("name", json!("欧阳娜娜"), MaskKind::Name), "\"欧*\"");
    assert_eq!(shown("amount", json!("5"), MaskKind::Text), "\"***\"");
    assert_eq!(shown("files", json!(null), MaskKind::Text), "null");
    assert_eq!(shown("amount", json!(null), MaskKind::Text), "null");
}

#[test]
fn unique_and_match_keys_are_stored() {
    let m = model();
    let cells = |name: &str, j: Json| to_cells(m.object("thing").unwrap().field(name).unwrap(), &value(name, j), &Plain);
    let text = |s: &str| Cell::Text(s.into());
    assert_eq!(cells("external_id", json!("Ab"))[..], [text("Ab"), text("ab")]);
    assert_eq!(cells("email", json!("a+b@c.cn"))[..], [text("a+b@c.cn"), text("a@c.cn")]);
    assert_eq!(cells("site", json!("x.cn/y"))[..], [text("https://x.cn/y"), text("x.cn")]);
    assert_eq!(cells("phone", json!("13800138000"))[2], text("0008310083168"));
    assert_eq!(
        cells("amount", json!({"amount":"1.5","currency":"USD","rate":"7"}))[..],
        [Cell::Int(15_000), text("USD"), Cell::Int(700_000_000), Cell::Int(105_000)]
    );
}

fn scalar(name: &'static str) -> BoxedStrategy<Json> {
    match name {
        "name" | "note" | "external_id" => any::<String>().prop_map(Json::from).boxed(),
        "ratio" => (-10_000_000_i64..=1_000_000).prop_map(|n| json!(decimal_text(rust_decimal::Decimal::new(n, 3), 0))).boxed(),
        "amount" => (any::<i32>(), 1..2_000_000_000_i64).prop_map(|(a, r)| json!({"amount": decimal_text(rust_decimal::Decimal::new(a.into(), 2), 0), "currency": "USD", "rate": decimal_text(rust_decimal::Decimal::new(r, 8), 0)})).boxed(),
        "at" => (-2_208_988_800_000..7_258_118_399_999_i64).prop_map(|t| json!(crate::Millis(t).rfc3339())).boxed(),
        "day" => (0..109_000_i64).prop_map(|d| json!(format_date(jiff::civil::date(1900, 1, 1).checked_add(jiff::Span::new().days(d)).unwrap()))).boxed(),
        "count" => (-5..9_007_199_254_740_992_i64).prop_map(|n| json!(n)).boxed(),
        "tags" => prop::collection::vec("\\PC{0,12}", 0..8).prop_map(|v| json!(v)).boxed(),
        "extra" => prop::collection::vec((any::<String>(), any::<Option<i64>>()), 0..5).prop_map(|v| json!(v)).boxed(),
        "place" => (-900_000_000..=900_000_000_i64, -1_800_000_000..=1_800_000_000_i64).prop_map(|(a, b)| json!({"lat": decimal_text(rust_decimal::Decimal::new(a, 7), 0), "lng": decimal_text(rust_decimal::Decimal::new(b, 7), 0), "datum": "gcj02"})).boxed(),
        other => panic!("{other}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_is_taken_goes_every_way(
        (name, j) in prop::sample::select(vec!["name", "note", "external_id", "ratio", "amount", "at", "day", "count", "tags", "extra", "place"]).prop_flat_map(|n| (Just(n), scalar(n)))
    ) {
        let m = model();
        let f = m.object("thing").unwrap().field(name).unwrap();
        if let Ok(Input::Value(v)) = parse(f, &j, &Ctx::strict(&m, &Plain)) {
            let out = all_ways(f, &v);
            prop_assert_eq!(parse(f, &out, &Ctx::strict(&m, &Plain)).unwrap(), Input::Value(v));
        } else {
            // Only texts can be refused here: too long, or with control characters.
            prop_assert!(matches!(name, "name" | "note" | "external_id" | "tags" | "extra"));
        }
    }

    #[test]
    fn strings_are_escaped_as_the_library_does(s in any::<String>()) {
        let mut out = vec![];
        write_str(&s, &mut out);
        prop_assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), s);
    }

    #[test]
    fn no_json_makes_any_type_panic(s in "[\\[\\]{}\",:a-z0-9.eE+\\- ]{0,40}", n in any::<f64>()) {
        let m = model();
        let inputs = [serde_json::from_str(&s).unwrap_or(Json::from(s.clone())), json!(n), json!([n, s]), json!({"amount": n, "raw": s, "lat": n, "lng": n, "datum": "wgs84", "object": s, "id": s})];
        for f in every_type() {
            for j in &inputs {
                let _ = parse(&f, j, &Ctx::strict(&m, &Plain));
            }
        }
    }
}
