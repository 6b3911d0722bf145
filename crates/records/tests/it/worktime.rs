//! Working time of the organisation: its rows can be reckoned with, rules and formulas see a change (R-SLA-03, domain model §0).

use std::sync::Mutex;

use jiff::civil::date;
use rapport_records::{Error, WriteOptions};
use rapport_schema::{Cause, worktime::Calendar};
use serde_json::{Value as Json, json};

use crate::common::{World, faults};

/// The calendar as a rule gets it, as soon as it satisfies.
async fn until(w: &World, wanted: impl Fn(&Calendar) -> bool) -> Calendar {
    static LAST: Mutex<Option<Calendar>> = Mutex::new(None);
    for _ in 0..200 {
        let c = w.e.run(&w.system, Cause::default(), |u| Box::pin(async move { Ok((*u.calendar()).clone()) })).await.unwrap();
        if wanted(&c) {
            return c;
        }
        *LAST.lock().unwrap() = Some(c);
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the calendar stayed {:?}", LAST.lock().unwrap());
}

async fn one(w: &World, object: &str, filter: &str) -> Json {
    w.list(&w.admin, object, filter).await.remove(0)
}

async fn shipped_working_time_is_what_rules_reckon_with(w: World) {
    // R-QTA-03 and R-POOL-09 over the shipped rows.
    let c = until(&w, |c| !c.is_workday(date(2026, 10, 1))).await;
    assert_eq!(c.workdays(date(2026, 10, 1), date(2026, 10, 31)), 18);
    assert_eq!(c.add_workdays(date(2026, 9, 30), 5), Some(date(2026, 10, 13)));
    // R-SLA-03: 09-30 17:00 + 240 → 10-08 12:00.
    let at = |t: &str| rapport_schema::Millis::from_timestamp(t.parse::<jiff::Timestamp>().unwrap());
    assert_eq!(c.add_business(at("2026-09-30T17:00:00+08:00"), 240 * 60), Some(at("2026-10-08T12:00:00+08:00")));
    // Particular hours have their own.
    let always = World::rid(&one(&w, "business_hours", "is_24x7 = true").await);
    let nobody = World::id(&w.admin);
    let got =
        w.e.run(&w.system, Cause::default(), move |u| {
            Box::pin(async move { Ok((u.calendar_of(always).map(|c| c.is_workday(date(2026, 10, 1))), u.calendar_of(nobody))) })
        })
        .await
        .unwrap();
    assert_eq!(got, (Some(true), None));
}

async fn a_change_of_the_rows_is_seen(w: World) {
    let day = date(2026, 11, 23);
    let calendar = one(&w, "holiday_calendar", "year = 2026").await;
    let h = json!({ "calendar_id": calendar["id"], "day": "2026-11-23", "name": "司庆" });
    let h = w.make(&w.admin, "holiday", h).await;
    until(&w, |c| !c.is_workday(day)).await;
    w.patch(&w.admin, "holiday", &h, json!({ "kind": "workday", "windows": [["10:00", "11:00"]] })).await.unwrap();
    let c = until(&w, |c| c.is_workday(day)).await;
    let at = |t: &str| rapport_schema::Millis::from_timestamp(t.parse::<jiff::Timestamp>().unwrap());
    assert_eq!(c.business_between(at("2026-11-23T00:00:00+08:00"), at("2026-11-24T00:00:00+08:00")), 3600);
    w.e.delete(&w.admin, "holiday", World::rid(&h), WriteOptions::default()).await.unwrap();
    until(&w, |c| c.business_between(at("2026-11-23T00:00:00+08:00"), at("2026-11-24T00:00:00+08:00")) == 450 * 60).await;

    // Another year of the same country comes with it; one of another country does not.
    let next = json!({ "name": "中国 2027", "country": "CN", "year": 2027 });
    let next = w.make(&w.admin, "holiday_calendar", next).await;
    w.make(&w.admin, "holiday", json!({ "calendar_id": next["id"], "day": "2027-01-01", "name": "元旦" })).await;
    let jp = w.make(&w.admin, "holiday_calendar", json!({ "name": "日本", "country": "JP", "year": 2027 })).await;
    w.make(&w.admin, "holiday", json!({ "calendar_id": jp["id"], "day": "2027-02-11", "name": "建国記念の日" })).await;
    let c = until(&w, |c| !c.is_workday(date(2027, 1, 1))).await;
    assert!(c.is_workday(date(2027, 2, 11)));

    // Other hours become the default: exactly one is.
    let shop =
        json!({ "name": "门店", "timezone": "Asia/Shanghai", "weekly": { "sat": [["10:00", "22:00"]] }, "is_default": true });
    w.make(&w.admin, "business_hours", shop).await;
    let c = until(&w, |c| c.is_workday(date(2026, 10, 3))).await;
    assert!(!c.is_workday(date(2026, 10, 9)));
    assert_eq!(w.list(&w.admin, "business_hours", "is_default = true").await.len(), 1);
}

async fn what_cannot_be_reckoned_with_is_refused(w: World) {
    let hours = |weekly: Json, zone: &str| json!({ "name": "夜班", "timezone": zone, "weekly": weekly });
    let cn = "Asia/Shanghai";
    for (weekly, zone, fault) in [
        (json!({}), cn, "weekly worktime.no_window"),
        (json!({ "mon": [["12:00", "09:00"]] }), cn, "weekly worktime.backward"),
        (json!({ "mon": [["09:00", "12:00"], ["11:00", "13:00"]] }), cn, "weekly worktime.overlap"),
        (json!({ "monday": [] }), cn, "weekly worktime.shape"),
        (json!({ "mon": [["09:00", "12:00"]] }), "Asia/Nowhere", "timezone worktime.zone"),
    ] {
        assert_eq!(w.fail(&w.admin, "business_hours", hours(weekly, zone)).await, [fault]);
    }
    // The default goes only when another takes its place.
    let default = one(&w, "business_hours", "is_default = true").await;
    let e = w.patch(&w.admin, "business_hours", &default, json!({ "is_default": false })).await.unwrap_err();
    assert_eq!(faults(e), ["worktime.default_needed", "is_default worktime.default_needed"]);
    let e = w.e.delete(&w.admin, "business_hours", World::rid(&default), WriteOptions::default()).await.unwrap_err();
    assert!(matches!(e, Error::Rule { code: "worktime.default_needed", .. }), "{e:?}");
    let other = one(&w, "business_hours", "is_24x7 = true").await;
    w.patch(&w.admin, "business_hours", &other, json!({ "is_default": true })).await.unwrap();
    w.e.delete(&w.admin, "business_hours", World::rid(&default), WriteOptions::default()).await.unwrap();

    let calendar = one(&w, "holiday_calendar", "year = 2026").await;
    let day = |day: &str, windows: Json| json!({ "calendar_id": calendar["id"], "day": day, "name": "盘点", "kind": "workday", "windows": windows });
    assert_eq!(w.fail(&w.admin, "holiday", day("2027-01-01", Json::Null)).await, ["day holiday.other_year"]);
    assert_eq!(w.fail(&w.admin, "holiday", day("2026-11-22", json!([["9", "10"]]))).await, ["windows worktime.shape"]);
    let e = w.patch(&w.admin, "holiday_calendar", &calendar, json!({ "year": 2027 })).await.unwrap_err();
    assert_eq!(faults(e), ["year holiday.other_year"]);
}

async fn public_holidays_are_filled_in(w: World) {
    let make = async |year: i64, country: &str| {
        let j = json!({ "name": format!("{country} {year}"), "country": country, "year": year });
        w.make(&w.admin, "holiday_calendar", j).await
    };
    let c = make(2025, "CN").await;
    // A day somebody marked stays as it is.
    w.make(&w.admin, "holiday", json!({ "calendar_id": c["id"], "day": "2025-10-01", "name": "值班", "kind": "workday" })).await;
    let got = w.act(&w.admin, "holiday_calendar", &c, "fill", json!({})).await.unwrap();
    assert_eq!(got, json!({ "added": 32 }));
    let of = async |filter: &str| w.list(&w.admin, "holiday", &format!("calendar_id.year = 2025 and {filter}")).await;
    assert_eq!(of("kind = 'workday'").await.len(), 6);
    assert_eq!(of("day = 2025-10-01").await[0]["name"], "值班");
    assert_eq!(of("day = 2025-01-26").await[0]["name"], "春节调休上班");
    assert_eq!(w.act(&w.admin, "holiday_calendar", &c, "fill", json!({})).await.unwrap(), json!({ "added": 0 }));
    for (year, country) in [(2031, "CN"), (2026, "JP")] {
        let c = make(year, country).await;
        let Error::Rule { code, params, .. } = w.act(&w.admin, "holiday_calendar", &c, "fill", json!({})).await.unwrap_err()
        else {
            panic!("filled")
        };
        assert_eq!((code, json!(params)), ("holiday.unknown_year", json!({ "country": country, "year": year })));
    }
    // Whoever may not change the calendar fills nothing in.
    assert!(w.act(&w.rep, "holiday_calendar", &c, "fill", json!({})).await.is_err());
}

async fn formulas_count_the_same_workdays(w: World) {
    let text = r#"
[[extend]]
name = "account"
[[extend.section]]
key = "custom"
label = { en = "Custom", zh = "自定义" }
fields = [
  { name = "since__c", type = "date", label = { en = "Since", zh = "起始" } },
  { name = "until__c", type = "date", label = { en = "Until", zh = "截止" } },
  { name = "days__c", type = "calc", formula = "WORKDAYS(since__c, until__c)", result = "int", label = { en = "Days", zh = "天数" } },
  { name = "more__c", type = "calc", formula = "days__c + 1", result = "int", label = { en = "More", zh = "更多" } },
  { name = "live__c", type = "calc", formula = "WORKDAYS(since__c, TODAY())", result = "int", label = { en = "Live", zh = "至今" } },
]
"#;
    until(&w, |c| !c.is_workday(date(2026, 10, 1))).await;
    w.e.apply_model(&w.admin, text, rapport_records::Apply::NOW).await.unwrap();
    let a = json!({ "name": "华为技术", "since__c": "2026-10-01", "until__c": "2026-10-31" });
    let a = w.make(&w.admin, "account", a).await;
    // R-QTA-03: October has 18 workdays; 15 more until Saturday, 21 November.
    assert_eq!((&a["days__c"], &a["more__c"], &a["live__c"]), (&json!(18), &json!(19), &json!(33)));
    let listed = w.list(&w.admin, "account", "days__c = 18").await;
    assert_eq!(listed[0]["live__c"], 33);

    // A day off more: what is stored is computed anew, and what reads it; nobody changed the record.
    let calendar = one(&w, "holiday_calendar", "year = 2026").await;
    w.make(&w.admin, "holiday", json!({ "calendar_id": calendar["id"], "day": "2026-10-12", "name": "司庆" })).await;
    for left in (0..300).rev() {
        let now = w.get(&w.admin, "account", &a).await.unwrap();
        if (&now["days__c"], &now["more__c"], &now["live__c"]) == (&json!(17), &json!(18), &json!(32)) {
            assert_eq!(now["version"], a["version"]);
            assert_eq!(w.list(&w.admin, "account", "days__c = 17").await.len(), 1);
            return;
        }
        assert!(left > 0, "it stayed {now}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

both!(
    World::on,
    shipped_working_time_is_what_rules_reckon_with,
    a_change_of_the_rows_is_seen,
    what_cannot_be_reckoned_with_is_refused,
    public_holidays_are_filled_in,
    formulas_count_the_same_workdays,
);
