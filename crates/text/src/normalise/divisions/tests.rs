use super::*;

#[test]
fn thirty_four_provinces() {
    // R-NRM-04
    let d = divisions();
    assert_eq!(d.provinces().count(), 34);
    for (code, name, short) in [
        ("11", "北京市", "北京"),
        ("15", "内蒙古自治区", "内蒙古"),
        ("33", "浙江省", "浙江"),
        ("45", "广西壮族自治区", "广西"),
        ("64", "宁夏回族自治区", "宁夏"),
        ("65", "新疆维吾尔自治区", "新疆"),
        ("71", "台湾省", "台湾"),
        ("81", "香港特别行政区", "香港"),
        ("82", "澳门特别行政区", "澳门"),
    ] {
        let division = d.get(code).expect(code);
        assert_eq!((division.name, division.short), (name, short));
    }
}

#[test]
fn hierarchy() {
    // R-NRM-04
    let d = divisions();
    assert_eq!(d.get("330106").map(|x| x.name), Some("西湖区"));
    assert_eq!(d.parent("330106").map(|x| x.name), Some("杭州市"));
    assert_eq!(d.parent("3301").map(|x| x.name), Some("浙江省"));
    assert_eq!(d.get("330000").map(|x| x.code), Some("33"));
    assert_eq!(d.get("330100").map(|x| x.code), Some("3301"));
    assert_eq!(d.get("999999"), None);
    // Every code has its parent, and the digits tell the kind of prefecture.
    for division in d.all.iter().filter(|x| x.current && x.code.len() > 2) {
        assert!(d.parent(division.code).is_some(), "{}", division.code);
        if division.level == DivisionLevel::City {
            let n: u32 = division.code[2..].parse().expect("digits");
            assert!(matches!(n, 1..=70 | 90), "{}", division.code);
        }
    }
}

#[test]
fn municipalities_and_province_run_counties_hide_the_middle_level() {
    // R-NRM-04
    let d = divisions();
    assert_eq!(d.full_name("330106").as_deref(), Some("浙江省杭州市西湖区"));
    assert_eq!(d.full_name("110105").as_deref(), Some("北京市朝阳区"));
    assert_eq!(d.full_name("500229").as_deref(), Some("重庆市城口县"));
    assert_eq!(d.full_name("429004").as_deref(), Some("湖北省仙桃市"));
    assert_eq!(d.full_name("469002").as_deref(), Some("海南省琼海市"));
    for code in ["4290", "4690", "6590", "4190", "1101", "5002"] {
        assert!(d.get(code).expect(code).is_placeholder(), "{code}");
    }
}

#[test]
fn cities_without_districts() {
    // R-NRM-04
    let d = divisions();
    for code in ["441900", "442000", "620200", "460400", "81", "710000"] {
        assert!(d.allows_empty_district(code), "{code}");
    }
    for code in ["330100", "33", "110101", "1101"] {
        assert!(!d.allows_empty_district(code), "{code}");
    }
}

#[test]
fn former_codes_stay_readable() {
    // R-NRM-04
    let d = divisions();
    let chongwen = d.get("110103").expect("former district");
    assert_eq!((chongwen.name, chongwen.current), ("崇文区", false));
    assert_eq!(d.current("110103").map(|x| x.name), Some("东城区"));
    assert_eq!(d.current("310230").map(|x| x.code), Some("310151"));
    assert_eq!(d.current("330106").map(|x| x.code), Some("330106"));
    // Every successor exists, and following them ends at a current division.
    for division in d.all.iter().filter(|x| x.replaced_by.is_some()) {
        let now = d.current(division.code).expect(division.code);
        assert!(now.current, "{} {}", division.code, division.name);
    }
    assert!(d.all.iter().filter(|x| !x.current).count() > 300);
}

#[test]
fn short_names() {
    let d = divisions();
    for (code, short) in [
        ("2224", "延边"),
        ("4228", "恩施"),
        ("6528", "巴音郭楞"),
        ("2327", "大兴安岭"),
        ("1522", "兴安"),
        ("320583", "昆山"),
        ("310115", "浦东"),
        ("469025", "白沙"),
        ("150723", "鄂伦春"),
        ("320576", "苏州工业园区"),
        ("510107", "武侯"),
        ("500235", "云阳"),
        ("500237", "巫山"),
        ("140302", "城区"),
        ("429021", "神农架"),
    ] {
        assert_eq!(d.get(code).map(|x| x.short), Some(short), "{code}");
    }
    assert_eq!(d.named("杭州").first().map(|x| x.code), Some("3301"));
    assert!(d.named("朝阳区").len() >= 2);
}
