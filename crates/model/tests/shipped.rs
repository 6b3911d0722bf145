//! The shipped model and its records, against the domain model.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};

use rapport_model::{ShippedValue, defaults, dormant, planned, shipped};
use rapport_policy::RoleGrants;
use rapport_schema::{FieldType, Locale, plan, system, worktime};

/// Objects of domain model §2.1, §2.2 as far as built, and §2.5 as far as built; the rest is planned: 139 in all; and
/// three of our own, `comment`, `follower` and `assignment_log`.
#[test]
fn every_object_of_the_domain_model_is_declared_or_planned() {
    let m = shipped();
    assert_eq!(m.objects.len(), 62);
    assert_eq!(planned().count(), 80);
    let declared: usize = m.objects.values().map(|o| o.fields.len() - system::fields(o.kind).len()).sum();
    // 620 fields of the domain model and eight more: two of `competitor` (what its win rate is computed from), the e-mail match keys of
    // contact and lead (R-NRM-03), the roles of a stage (R-STG-02), the rule of a share (R-VIS-04), and why a lead and an account fall
    // back (R-POOL-10);
    // fifteen of `comment`, `follower` and `notification`; and eleven of assignment: its log, and the counters of a rule (R-ASN-11).
    assert_eq!(declared + dormant().len(), 654);
    assert_eq!(m.picklists.len(), 79);
}

#[test]
fn dormant_fields_are_known() {
    let list: Vec<String> = dormant().iter().map(|d| format!("{}.{} waits for {}", d.object, d.field, d.waits_for)).collect();
    insta::assert_snapshot!(list.join("\n"));
}

#[test]
fn every_label_is_there_in_both_languages_and_is_in_its_language() {
    let m = shipped();
    let han = |s: &str| s.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let mut wrong = vec![];
    let mut judge = |what: String, en: &str, zh: &str| {
        // Words such as "UTM" are the same in both languages; English never holds Chinese characters.
        if en.trim().is_empty() || zh.trim().is_empty() || han(en) || (!han(zh) && zh.chars().any(char::is_lowercase)) {
            wrong.push(format!("{what}: {en} / {zh}"));
        }
    };
    for o in m.objects.values() {
        judge(o.name.to_string(), &o.label.en, &o.label.zh);
        judge(o.name.to_string(), &o.plural.en, &o.plural.zh);
        for f in &o.fields {
            judge(format!("{}.{}", o.name, f.name), &f.label.en, &f.label.zh);
            if let Some(h) = &f.help {
                judge(format!("{}.{} help", o.name, f.name), &h.en, &h.zh);
            }
        }
        for s in &o.sections {
            judge(format!("{} section {}", o.name, s.key), &s.label.en, &s.label.zh);
        }
        for t in &o.transitions {
            judge(format!("{} action {}", o.name, t.action), &t.label.en, &t.label.zh);
        }
    }
    for p in m.picklists.values() {
        judge(p.name.clone(), &p.label.en, &p.label.zh);
        for v in p.values.iter().filter(|v| v.key != "whatsapp") {
            judge(format!("{}.{}", p.name, v.key), &v.label.en, &v.label.zh);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn objects_in_the_navigation_can_be_listed_and_looked_at() {
    let m = shipped();
    for o in m.objects.values().filter(|o| o.area.is_some()) {
        assert!(o.list.len() >= 3, "{}: a list of {} columns", o.name, o.list.len());
        assert!(!o.card.is_empty(), "{}: no card", o.name);
    }
    let nav: Vec<_> = m.objects.values().filter(|o| o.area.as_deref() == Some("sales")).map(|o| o.name.as_str()).collect();
    for o in ["lead", "account", "contact", "opportunity", "product", "competitor"] {
        assert!(nav.contains(&o), "{o}");
    }
    for o in ["pool", "pool_rule", "assignment_rule", "territory"] {
        assert!(m.object(o).unwrap().area.is_none(), "{o} has no behaviour yet");
    }
}

#[test]
fn states_masks_and_numbers_are_those_of_the_domain_model() {
    let m = shipped();
    let lead = m.object("lead").unwrap();
    // §3.1: a lead's life cycle reaches every state.
    let states = m.picklist("lead_status").unwrap();
    for s in &states.values {
        assert!(lead.transitions.iter().any(|t| t.to == s.key), "nothing leads to {}", s.key);
    }
    // §0: masks of personal data are on by default (R-FLS).
    for (o, f) in [
        ("lead", "mobile"),
        ("contact", "email"),
        ("contact", "wechat"),
        ("account", "phone"),
        ("user", "mobile"),
        ("call", "to_number"),
    ] {
        assert!(m.object(o).unwrap().field(f).unwrap().mask.is_some(), "{o}.{f}");
    }
    // §5.2 numbering
    let pattern = |o: &str| match &m.object(o).unwrap().field("code").unwrap().ty {
        FieldType::Auto { pattern } => pattern.clone(),
        t => panic!("{t:?}"),
    };
    assert_eq!(pattern("account"), "AC{YYYYMM}{0000}");
    assert_eq!(pattern("opportunity"), "OP{YYYYMM}{0000}");
}

#[test]
fn the_plan_from_nothing_builds_all_tables_and_a_second_one_has_nothing_to_do() {
    let want = plan::catalogue(&shipped());
    let p = plan::diff(&plan::Catalogue::default(), &want).unwrap();
    assert_eq!(p.reached, want);
    assert!(plan::diff(&p.reached, &want).unwrap().is_empty());
    let mut names = std::collections::HashSet::new();
    for (name, t) in &want.tables {
        assert!(name.len() <= 63);
        for i in t.indexes.values() {
            assert!(i.name.len() <= 63 && names.insert(i.name.clone()), "{}", i.name);
            for k in &i.keys {
                assert!(t.column(k.column()).is_some(), "{}: no column {}", i.name, k.column());
            }
        }
    }
    let size: Vec<String> = ["account", "lead", "opportunity", "contact", "follow_up", "task"]
        .iter()
        .map(|t| format!("{t}: {} columns, {} indexes", want.tables[*t].columns.len(), want.tables[*t].indexes.len()))
        .collect();
    insta::assert_snapshot!(size.join("\n"));
}

#[test]
fn shipped_records_come_in_an_order_that_can_be_created() {
    let d = defaults();
    let mut per: BTreeMap<String, usize> = BTreeMap::new();
    let mut seen = std::collections::HashSet::new();
    for r in &d.records {
        *per.entry(r.object.to_string()).or_default() += 1;
        for (_, v) in &r.values {
            let ids = match v {
                ShippedValue::Record(id) => std::slice::from_ref(id),
                ShippedValue::Records(ids) => ids,
                _ => &[],
            };
            for id in ids {
                assert!(seen.contains(id), "{} comes before {id}", r.external_id);
            }
        }
        assert!(seen.insert(r.external_id.clone()));
    }
    let want = [
        ("assignment_rule", 1),
        ("business_hours", 2),
        ("currency", 6),
        ("duplicate_rule", 3),
        ("holiday", 39),
        ("holiday_calendar", 1),
        ("ownership_limit", 2),
        ("pipeline", 2),
        ("pool", 2),
        ("pool_rule", 8),
        ("role", 12),
        ("stage", 13),
        ("tag", 6),
        ("tax", 7),
        ("territory", 6),
    ];
    assert_eq!(per, want.into_iter().map(|(o, n)| (o.to_owned(), n)).collect());
}

#[test]
fn shipped_holidays_are_those_announced_and_office_hours_are_those_of_r_sla_02() {
    let d = defaults();
    let shipped: Vec<(String, bool, String, String)> = d
        .of("holiday")
        .map(|r| {
            let (en, zh) = (r.json(Locale::En), r.json(Locale::Zh));
            let text = |j: &serde_json::Value| j.as_str().unwrap().to_owned();
            (text(&zh["day"]), zh["kind"] == "workday", text(&en["name"]), text(&zh["name"]))
        })
        .collect();
    let announced: Vec<_> = worktime::public_days("CN", 2026)
        .unwrap()
        .into_iter()
        .map(|p| (p.day.to_string(), p.workday, p.name.en, p.name.zh))
        .collect();
    assert_eq!(shipped, announced);
    for r in d.of("business_hours") {
        let j = r.json(Locale::En);
        assert!(!worktime::Weekly::of(&j["weekly"]).unwrap().is_empty(), "{j:?}");
    }
    // 450 minutes a day, Monday to Friday.
    let office = d.get("business_hours.office").unwrap().json(Locale::En);
    let week = office["weekly"].as_object().unwrap();
    assert_eq!(week.keys().collect::<BTreeSet<_>>(), ["mon", "tue", "wed", "thu", "fri"].map(String::from).iter().collect());
    for day in week.values() {
        let minutes: u16 = worktime::windows(day).unwrap().iter().map(|w| w.end() - w.start()).sum();
        assert_eq!(minutes, 450);
    }
    assert_eq!(office["is_default"], true);
}

#[test]
fn standard_pipeline_is_that_of_the_domain_model() {
    // §3.2: probability, category and limit of each stage.
    let d = defaults();
    let stages: Vec<String> = d
        .of("stage")
        .filter(|r| r.get("pipeline_id") == Some(&ShippedValue::Record("pipeline.standard".into())))
        .map(|r| {
            let j = r.json(Locale::Zh);
            format!(
                "{} {} {} {} {}",
                j["position"],
                j["name"].as_str().unwrap(),
                j["probability"],
                j["forecast_category"].as_str().unwrap(),
                j.get("max_days").unwrap_or(&serde_json::Value::Null)
            )
        })
        .collect();
    assert_eq!(
        stages,
        [
            "1 初步接洽 10 pipeline 14",
            "2 需求确认 25 pipeline 21",
            "3 方案演示 40 pipeline 21",
            "4 报价投标 60 best_case 14",
            "5 商务谈判 80 commit 14",
            "6 赢单 100 closed null",
            "7 输单 0 omitted null",
            "8 无效关闭 0 omitted null",
        ]
    );
    assert_eq!(d.get("stage.standard_won").unwrap().json(Locale::En)["name"], "Won");
}

#[test]
fn gates_ask_what_can_be_had_today() {
    // R-STG-01; quotes and contracts are planned, so nothing asks for them yet.
    let gate = |key: &str| -> rapport_schema::gate::Gate {
        serde_json::from_value(defaults().get(key).unwrap().json(Locale::En)["gate"].clone()).unwrap()
    };
    let needs = gate("stage.standard_needs");
    assert_eq!(needs.required, ["need", "primary_contact_id"]);
    assert_eq!(needs.related[0].code, "effective_follow_up");
    assert!(gate("stage.standard_quote").related.iter().all(|n| n.code == "decider"));
    assert!(gate("stage.standard_won").related.is_empty());
    assert_eq!(gate("stage.standard_won").conditions.len(), 1);
}

#[test]
fn roles_hide_costs_and_mask_reach() {
    let role = |key: &str| defaults().get(&format!("role.{key}")).unwrap().json(Locale::En);
    // R-FLS-01: cost and floor price are hidden from everybody who has no product line of his own.
    assert_eq!(role("internal")["field_perms"]["product"]["cost"], "hidden");
    for r in ["sales_rep", "marketing", "service_agent", "service_manager"] {
        assert!(role(r)["object_perms"].get("product").is_none(), "{r}");
    }
    for r in ["sales_director", "finance", "general_manager"] {
        assert_eq!(role(r)["object_perms"]["product"]["read"], "all");
    }
    assert_eq!(role("sales_rep")["object_perms"]["account"]["edit"], "own");
    assert!(role("sales_rep")["object_perms"].get("quote").is_none(), "quotes are planned");
    assert_eq!(role("admin")["functions"], serde_json::json!(["admin"]));
    assert_eq!(role("admin")["external_id"], "role.admin");
    // R-VIS-08: nobody's line opens other people's mail.
    for r in ["general_manager", "sales_director", "auditor"] {
        assert_eq!(role(r)["object_perms"]["email_message"]["read"], "own", "{r}");
    }
    // What every employee gets says nothing about customers.
    for o in ["*", "lead", "account", "contact", "opportunity"] {
        assert!(role("internal")["object_perms"].get(o).is_none(), "{o}");
    }
}

#[test]
fn shipped_roles_can_be_read_and_name_only_what_exists() {
    let m = shipped();
    for r in defaults().of("role") {
        let j = r.json(Locale::En);
        let g = RoleGrants::parse(&j["object_perms"], j.get("field_perms"), j.get("functions"))
            .unwrap_or_else(|e| panic!("{}: {e}", r.external_id));
        assert_eq!(g.faults(&m), [], "{}", r.external_id);
        assert_eq!(g.is_admin(), r.external_id == "role.admin");
    }
}
