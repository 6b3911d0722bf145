use super::*;

fn of(header: &str, cells: &[&str]) -> Column {
    let (shape, _) = shaped(&[header], &cells.iter().map(|c| vec![*c]).collect::<Vec<_>>());
    shape.columns.into_iter().next().unwrap()
}

fn shaped(headers: &[&str], rows: &[Vec<&str>]) -> (Shape, Look) {
    let model = rapport_model::shipped();
    let sheet =
        Sheet { name: "Sheet1".into(), headers: headers.iter().map(|h| (*h).to_owned()).collect(), above: 0, sample: vec![] };
    let mut look = Look { rows: rows.len() as u64, tallies: headers.iter().map(|_| Tally::default()).collect() };
    for (n, r) in rows.iter().enumerate() {
        for (t, c) in look.tallies.iter_mut().zip(r) {
            t.add(n as u64 + 2, c);
        }
    }
    (propose(&model, "设备台账.xlsx", &sheet, &look), look)
}

#[test]
fn types_are_read_from_values() {
    let cases: &[(&str, &[&str], &str)] = &[
        ("数量", &["1", "20", "3,000", "-4"], "int"),
        ("Weight", &["1.5", "20", "0.25"], "dec"),
        ("单价", &["12", "13.5", "99"], "money"),
        ("合计", &["¥1,200", "68.5万", "(3,000)"], "money"),
        ("Total amount", &["100", "250", "17"], "money"),
        ("毛利率", &["12%", "8.5%", "30%"], "pct"),
        ("日期", &["2026-11-21", "2026/1/5", "2025年3月2日"], "date"),
        ("Signed", &["11/21/2026", "1/5/2026"], "date"),
        ("Founded", &["1996", "2001"], "int"),
        ("Version", &["1.10.12", "1.11.2"], "text"),
        ("时间", &["2026-11-21 14:05", "2026-11-22 09:00:30"], "dt"),
        ("签约", &["2026-11-21 00:00:00", "2026-11-22"], "date"),
        ("是否到账", &["是", "否", "是"], "bool"),
        ("Active?", &["1", "0", "1"], "bool"),
        ("Lines", &["1", "0", "1"], "int"),
        ("Paid", &["yes", "no", ""], "bool"),
        ("邮箱", &["li@example.com", "wang@example.cn"], "email"),
        ("Contact", &["a b@example.com", "call Wang@home"], "text"),
        ("手机", &["13800138000", "138 0013 8001", "+86 13900139000"], "phone"),
        ("电话", &["0571-88886666", "400-820-8820", "13800138000"], "phone"),
        ("官网", &["https://example.com/", "www.example.cn"], "url"),
        ("身份证号", &["110101199003070001", "110101199003070002"], "text"),
        ("邮编", &["010020", "310000", "100000"], "text"),
        ("产品编号", &["1001", "1002", "1003"], "text"),
        ("Number of staff", &["1001", "1002", "1003"], "int"),
        ("备注", &["一行\n二行", "x"], "long"),
        ("状态", &["在用", "停用", "在用"], "pick"),
        ("Colour", &["red", "blue", "red", "red", "blue", "red"], "pick"),
        ("Colour", &["red", "blue", "red"], "text"),
        ("Name", &["red", "blue", "red", "red", "blue", "red"], "text"),
        ("空", &["", " "], "text"),
    ];
    for (header, cells, want) in cases {
        assert_eq!(of(header, cells).ty, *want, "{header}: {cells:?}");
    }
}

#[test]
fn a_few_odd_values_are_told_and_do_not_spoil_the_type() {
    let mut cells: Vec<String> = (1..=19).map(|n| n.to_string()).collect();
    cells.push("约20".into());
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    let c = of("数量", &cells);
    assert_eq!(c.ty, "int");
    let odd = c.remarks.iter().find(|r| r.code == "odd").unwrap();
    assert_eq!(odd.params, json!({ "count": 1, "row": 21, "value": "约20" }));
    // One in three is no exception any more.
    assert_eq!(of("数量", &["1", "2", "约20"]).ty, "text");
}

#[test]
fn dates_carry_the_order_of_the_whole_column() {
    let c = of("Date", &["1/2/2017", "3/14/2017", "5/6/2017"]);
    assert_eq!((c.ty, c.date), ("date", Some(DateOrder::Mdy)));
    let c = of("Date", &["1/2/2017", "3/4/2017"]);
    assert_eq!((c.ty, c.date, c.remarks[0].code), ("date", None, "unknown_order"));
    let c = of("Date", &["13/2/2017", "3/14/2017"]);
    assert_eq!((c.date, c.remarks[0].code), (None, "unknown_order"), "they contradict each other");
}

#[test]
fn required_and_unique_come_from_the_rows() {
    let c = of("合同编号", &["HT-01", "HT-02", "HT-03"]);
    assert!(c.required && c.unique && c.distinct);
    let c = of("Name", &["甲", "乙", "丙"]);
    assert!(c.required && !c.unique && c.distinct, "names may come again: {c:?}");
    let c = of("编号", &["HT-01", "HT-02", ""]);
    assert!(!c.required && c.unique);
    let c = of("编号", &["HT-01", "HT-02"]);
    assert!(!c.unique, "two rows say nothing");
    let many: Vec<String> = (0..20).map(|n| format!("HT-{}", n.min(18))).collect();
    let c = of("编号", &many.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(!c.unique && !c.distinct);
    let r = c.remarks.iter().find(|r| r.code == "repeats").unwrap();
    assert_eq!(r.params, json!({ "count": 1, "row": 21, "value": "HT-18" }));
}

#[test]
fn options_come_from_the_data_the_most_frequent_first() {
    let c = of("状态", &["停用", "在用", "在用", "In Use", "在用"]);
    let all: Vec<(&str, &str, u64)> =
        c.options.as_ref().unwrap().iter().map(|o| (o.key.as_str(), o.label.as_str(), o.count)).collect();
    assert_eq!(all, [("zai_yong", "在用", 3), ("ting_yong", "停用", 1), ("in_use", "In Use", 1)]);
    let c = of("级别", &["★", "★★", "★", "1级"]);
    let keys: Vec<&str> = c.options.as_ref().unwrap().iter().map(|o| o.key.as_str()).collect();
    assert_eq!(keys, ["value", "value_2", "v_1_ji"], "keys are names");
    let long: Vec<String> = (0..60).map(|n| format!("v{n}")).collect();
    assert_eq!(of("状态", &long.iter().map(String::as_str).collect::<Vec<_>>()).options, None);
}

#[test]
fn headers_become_labels_and_names() {
    let cases = [
        ("客户名称", "ke_hu_ming_cheng__c", "客户名称", "Account Name"),
        ("* 设备型号", "she_bei_xing_hao__c", "设备型号", "设备型号"),
        ("行业（必填）", "hang_ye__c", "行业", "Industries"),
        ("Close Date (plan)", "close_date_plan__c", "Close Date (plan)", "Close Date (plan)"),
        ("2026 plan", "f_2026_plan__c", "2026 plan", "2026 plan"),
        ("😀", "field__c", "😀", "😀"),
        ("Größe", "grosse__c", "Größe", "Größe"),
        ("金额 USD", "jin_e_usd__c", "金额 USD", "金额 USD"),
    ];
    for (header, name, zh, en) in cases {
        let c = of(header, &["x"]);
        assert_eq!(c.name, name, "{header}");
        assert_eq!(c.label.zh.as_str(), zh, "{header}");
        assert_eq!(c.label.en.as_str(), en, "{header}");
        assert!(rapport_schema::FieldName::new(&c.name).is_ok());
    }
    let long = "很".repeat(90);
    let c = of(&long, &["x"]);
    assert!(rapport_schema::FieldName::new(&c.name).is_ok() && c.name.len() <= 50, "{}", c.name);
    assert!(c.label.zh.chars().count() <= 80);
    let (s, _) = shaped(&["电话", "電話", "电话 (2)", "D"], &[vec!["1", "2", "3", "4"]]);
    let names: Vec<&str> = s.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["dian_hua__c", "dian_hua_2__c", "dian_hua_2_2__c", "d__c"]);
    assert_eq!(s.columns[2].remarks[0].code, "repeated_header");
    assert_eq!(s.columns[3].remarks[0].code, "blank_header");
}

#[test]
fn the_object_is_called_by_the_sheet_or_the_file() {
    let (s, _) = shaped(&["a"], &[vec!["1"]]);
    assert_eq!((s.name.as_str(), s.label.zh.as_str()), ("she_bei_tai_zhang__c", "设备台账"));
    for (name, own) in [("Sheet1", false), ("工作表 2", false), ("Sheet", false), ("合同", true), ("Sheets of steel", true)]
    {
        assert_eq!(nameless(name), !own, "{name}");
    }
}

#[test]
fn the_title_is_a_name_then_a_code_then_a_number() {
    let title = |headers: &[&str], rows: &[Vec<&str>]| shaped(headers, rows).0.title;
    let rows = vec![vec!["HT-1", "甲", "3"], vec!["HT-2", "乙", "4"], vec!["HT-3", "甲", "5"]];
    assert_eq!(title(&["合同编号", "设备名称", "数量"], &rows).as_deref(), Some("she_bei_ming_cheng__c"));
    assert_eq!(title(&["合同编号", "品牌", "数量"], &rows).as_deref(), Some("he_tong_bian_hao__c"));
    let rows = vec![vec!["3", "甲", ""], vec!["4", "乙", "x"], vec!["5", "甲", "y"]];
    assert_eq!(title(&["数量", "品牌", "名称"], &rows), None, "blanks and repeats name nothing");
    let rows = vec![vec!["甲"]];
    let (s, _) = shaped(&["名称"], &rows);
    assert!(s.title.is_some() && s.columns[0].required, "a title is always there");
}

#[test]
fn empty_columns_are_left_out() {
    let (s, _) = shaped(&["名称", "旧"], &[vec!["甲", ""], vec!["乙", " "]]);
    assert!(s.columns[0].keep && !s.columns[1].keep);
    assert_eq!(s.columns[1].remarks[0].code, "empty");
}
