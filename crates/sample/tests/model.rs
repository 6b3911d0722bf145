//! The stories speak of fields and options that the shipped model has.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use rapport_model::{defaults, shipped};
use rapport_sample::{
    company,
    names::Namer,
    story::{self, Product, Seller, Setting, Stage},
    waiting,
};
use rapport_schema::{FieldType, Locale, Millis, Model};
use serde_json::{Map, Value};

/// Says which keys of a row the object does not have, and which options their picklists do not have.
fn judge(m: &Model, object: &str, row: &Map<String, Value>, wrong: &mut BTreeSet<String>) {
    let o = m.object(object).unwrap();
    for (k, v) in row {
        let Some(f) = o.field(k) else {
            wrong.insert(format!("{object} has no field {k}"));
            continue;
        };
        if let (FieldType::Pick { set }, Some(key)) = (&f.ty, v.as_str())
            && m.picklist(set).unwrap().value(key).is_none()
        {
            wrong.insert(format!("{object}.{k}: {key} is not in {set}"));
        }
    }
}

#[test]
fn stories_use_the_fields_and_options_of_the_model() {
    let m = shipped();
    let seller = |english| Seller { id: "u".into(), region: if english { "intl" } else { "east" }.into(), english };
    let stages = defaults()
        .of("stage")
        .map(|r| r.json(Locale::En))
        .filter(|j| j["pipeline_id"]["external_id"] == "pipeline.standard")
        .map(|j| Stage {
            id: j["external_id"].as_str().unwrap().into(),
            kind: j["kind"].as_str().unwrap().into(),
            probability: j["probability"].to_string(),
            category: j["forecast_category"].as_str().unwrap().into(),
            max_days: j.get("max_days").and_then(Value::as_i64).unwrap_or(14),
        })
        .collect();
    let products = company::PRODUCTS
        .iter()
        .map(|p| Product { id: p.0.into(), name: p.2.into(), price: p.3, service: p.1 == "svc" })
        .collect();
    let s = Setting {
        now: Millis(1_790_000_000_000),
        tz: TimeZone::UTC,
        sellers: vec![seller(false), seller(true)],
        pipeline: "p".into(),
        stages,
        products,
        competitors: vec!["c".into()],
    };
    let mut n = Namer::new(11);
    let mut wrong = BTreeSet::new();
    let pick = |set: &str, key: &str, wrong: &mut BTreeSet<String>| {
        if m.picklist(set).unwrap().value(key).is_none() {
            wrong.insert(format!("{key} is not in {set}"));
        }
    };
    for st in story::stories(&mut n, &s, 300) {
        judge(&m, "account", &st.account, &mut wrong);
        st.contacts.iter().for_each(|c| judge(&m, "contact", c, &mut wrong));
        st.follow_ups.iter().for_each(|(_, f)| judge(&m, "follow_up", f, &mut wrong));
        st.tasks.iter().for_each(|(_, t)| judge(&m, "task", t, &mut wrong));
        for d in &st.deals {
            judge(&m, "opportunity", &d.data, &mut wrong);
            for (_, role, attitude) in &d.roles {
                pick("decision_role", role, &mut wrong);
                pick("attitude", attitude, &mut wrong);
            }
            if let Some((_, threat)) = &d.competitor {
                pick("threat", threat, &mut wrong);
            }
        }
    }
    for l in &story::leads(&mut n, &s, 300) {
        judge(&m, "lead", l, &mut wrong);
    }
    for w in waiting::leads(&mut n, &s) {
        judge(&m, "lead", &w.data, &mut wrong);
    }
    for w in waiting::customers(&mut n, &s) {
        judge(&m, "account", &w.data, &mut wrong);
        judge(&m, "contact", &w.contact.unwrap(), &mut wrong);
    }
    for p in company::PRODUCTS {
        pick("unit", p.5, &mut wrong);
    }
    for p in company::PEOPLE {
        pick("language", p.locale, &mut wrong);
        if defaults().get(&format!("role.{}", p.role)).is_none() {
            wrong.insert(format!("role {} is not shipped", p.role));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
