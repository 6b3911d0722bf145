use super::*;

fn cn(raw: &str) -> Phone {
    normalise_phone(raw, &PhoneContext::default())
}

fn e164(raw: &str) -> Option<String> {
    cn(raw).e164
}

#[test]
fn checks_of_the_rule() {
    // R-NRM-02
    assert_eq!(e164("0086-138 0013 8000").as_deref(), Some("+8613800138000"));
    let landline = cn("（010）6552-9988转801");
    assert_eq!(landline.e164.as_deref(), Some("+861065529988"));
    assert_eq!(landline.ext.as_deref(), Some("801"));
    assert_eq!(landline.kind, PhoneKind::Landline);
    assert_eq!(e164("+861065529988").as_deref(), Some("+861065529988"));
    assert_eq!(e164("4008001234").as_deref(), Some("+864008001234"));
}

#[test]
fn mainland_forms() {
    // R-NRM-02
    for raw in [
        "13800138000",
        "8613800138000",
        "+86 138-0013-8000",
        "013800138000",
        "１３８００１３８０００",
        "(+86)13800138000",
        "\u{202d}138 0013 8000\u{202c}",
    ] {
        let phone = cn(raw);
        assert_eq!(phone.e164.as_deref(), Some("+8613800138000"), "{raw}");
        assert_eq!(phone.kind, PhoneKind::Mobile, "{raw}");
        assert_eq!(phone.country.as_deref(), Some("CN"));
        assert_eq!(phone.raw, raw);
    }
    assert_eq!(e164("0571-8765 4321").as_deref(), Some("+8657187654321"));
    assert_eq!(e164("0578-212 3456").as_deref(), Some("+865782123456"));
    assert_eq!(e164("+86 (0)21 5878 1234").as_deref(), Some("+862158781234"));
    assert_eq!(e164("86-10-65529988").as_deref(), Some("+861065529988"));
    assert_eq!(cn("800-820-8820").kind, PhoneKind::Service);
    assert_eq!(cn("800-820-8820").e164.as_deref(), Some("+868008208820"));
    let bank = cn("95588");
    assert_eq!((bank.e164.as_deref(), bank.kind), (Some("short:CN:95588"), PhoneKind::Short));
}

#[test]
fn refuses_what_cannot_be_dialled() {
    // R-NRM-02
    for raw in [
        "",
        "abc",
        "12",
        "12800138000",
        "1380013800",
        "138001380001",
        "0010-1234",
        "0260-1234567",
        "6552998",
        "65529988",
        "010-1234",
        "13800138000/13900139000",
        "138x",
        "138001+38000",
        "+1234567890123456",
        "+999123456789",
        "微信同号13800138000",
        "010-05529988",
    ] {
        let phone = cn(raw);
        assert_eq!(phone.kind, PhoneKind::Invalid, "{raw}: {phone:?}");
        assert_eq!(phone.e164, None);
    }
}

#[test]
fn bare_numbers_take_the_area_code_of_the_organisation() {
    // R-NRM-02
    for area in ["010", "10"] {
        let context = PhoneContext { country: "CN", area_code: Some(area) };
        let phone = normalise_phone("6552 9988", &context);
        assert_eq!(phone.e164.as_deref(), Some("+861065529988"));
        // 7 digits do not exist in Peking.
        assert!(!normalise_phone("6552998", &context).is_valid());
    }
    let context = PhoneContext { country: "CN", area_code: Some("0578") };
    assert_eq!(normalise_phone("2123456", &context).e164.as_deref(), Some("+865782123456"));
}

#[test]
fn extensions() {
    // R-NRM-02
    for raw in [
        "010-65529988转801",
        "010-65529988 转接 801",
        "010-65529988 ext. 801",
        "010-65529988x801",
        "010-65529988#801",
        "010-65529988,801",
        "010-65529988-801",
        "010 65529988 Extension 801",
        "010-65529988（分机801）",
    ] {
        let phone = cn(raw);
        assert_eq!(phone.e164.as_deref(), Some("+861065529988"), "{raw}");
        assert_eq!(phone.ext.as_deref(), Some("801"), "{raw}");
        assert_eq!(phone.unique_key().as_deref(), Some("+861065529988;ext=801"));
    }
    assert_eq!(cn("010-65529988转").kind, PhoneKind::Invalid);
}

#[test]
fn hong_kong_macao_taiwan() {
    // R-NRM-02: the record's division decides.
    let at = |code, raw| normalise_phone(raw, &PhoneContext { country: country_of_division(code), area_code: None });
    let hk = at("810000", "9123 4567");
    assert_eq!((hk.e164.as_deref(), hk.kind), (Some("+85291234567"), PhoneKind::Mobile));
    assert_eq!(at("81", "2123-4567").kind, PhoneKind::Landline);
    let mo = at("82", "6612 3456");
    assert_eq!((mo.e164.as_deref(), mo.kind), (Some("+85366123456"), PhoneKind::Mobile));
    let tw = at("71", "0912-345-678");
    assert_eq!((tw.e164.as_deref(), tw.kind), (Some("+886912345678"), PhoneKind::Mobile));
    assert_eq!(at("71", "(02) 2345-6789").e164.as_deref(), Some("+886223456789"));
    assert_eq!(at("330106", "13800138000").e164.as_deref(), Some("+8613800138000"));
    // With a plus the record's country does not matter.
    assert_eq!(at("81", "+86 13800138000").kind, PhoneKind::Mobile);
    assert_eq!(cn("+852 9123 4567").country.as_deref(), Some("HK"));
}

#[test]
fn other_countries() {
    // R-NRM-02
    let us = cn("+1 (415) 555-2671");
    assert_eq!((us.e164.as_deref(), us.kind), (Some("+14155552671"), PhoneKind::International));
    assert_eq!(cn("+44 (0)20 7946 0018").e164.as_deref(), Some("+442079460018"));
    let gb = PhoneContext { country: "GB", area_code: None };
    assert_eq!(normalise_phone("020 7946 0018", &gb).e164.as_deref(), Some("+442079460018"));
    let us = PhoneContext { country: "US", area_code: None };
    assert_eq!(normalise_phone("415-555-2671", &us).e164.as_deref(), Some("+14155552671"));
    assert_eq!(normalise_phone("1 415 555 2671", &us).e164.as_deref(), Some("+14155552671"));
    assert_eq!(cn("+65 6123 4567").country.as_deref(), Some("SG"));
    assert_eq!(cn("+1 415 555").kind, PhoneKind::Invalid);
}

#[test]
fn a_normal_form_normalises_to_itself() {
    // R-NRM-02
    for raw in [
        "13800138000",
        "010-65529988",
        "4008001234",
        "8008208820",
        "95588",
        "+852 91234567",
        "+886 912345678",
        "+14155552671",
        "0571-87654321",
        "+81 3-1234-5678",
    ] {
        let once = e164(raw).expect(raw);
        assert_eq!(e164(&once).as_deref(), Some(once.as_str()));
        assert_eq!(cn(&once).kind, cn(raw).kind, "{raw}");
    }
}

#[test]
fn shown_at_home() {
    assert_eq!(cn("+8613800138000").display_national(), "138 0013 8000");
    assert_eq!(cn("01065529988转1").display_national(), "010-65529988转1");
    assert_eq!(cn("057187654321").display_national(), "0571-87654321");
    assert_eq!(cn("4008001234").display_national(), "400-800-1234");
    assert_eq!(cn("95588").display_national(), "95588");
    assert_eq!(area_code_name("0571"), Some("浙江省杭州市"));
    // R-ASN-08: where a landline is, by its area code
    assert_eq!(landline_division("+861065529988").as_deref(), Some("1101"));
    assert_eq!(landline_division("+8657188886666").as_deref(), Some("3301"));
    assert_eq!(landline_division("+863546668888").as_deref(), Some("14"), "two cities share the code");
    assert_eq!(landline_division("+8613800138000"), None);
    assert_eq!(landline_division("+441632960960"), None);
}

#[test]
fn labels_and_lists() {
    // R-NRM-02
    for raw in ["电话：010-65529988", "tel:+86-10-6552-9988", "Tel. 010 65529988", "联系电话: （010）65529988"] {
        assert_eq!(e164(raw).as_deref(), Some("+861065529988"), "{raw}");
    }
    assert_eq!(cn("tel:+86-10-65529988;ext=801").unique_key().as_deref(), Some("+861065529988;ext=801"));
    assert_eq!(cn("+861065529988;ext=801").ext.as_deref(), Some("801"));
    assert!(!cn("订单：13800138000").is_valid());
    assert_eq!(split_phones("13800138000 / 010-65529988；95588、"), ["13800138000", "010-65529988", "95588"]);
    assert_eq!(split_phones("010-65529988,801"), ["010-65529988,801"]);
    assert!(split_phones(" ; ").is_empty());
}
