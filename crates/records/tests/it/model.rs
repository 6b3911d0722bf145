//! The model at run time: what an administrator adds is treated like what is shipped.

use crate::common::{World, faults, map};
use rapport_records::{Apply, Error, WriteOptions};
use rapport_schema::ObjectDef;
use serde_json::json;

const TEXT: &str = r#"
[[object]]
name = "vehicle__c"
kind = "ownable"
label = { en = "Vehicle", zh = "车辆" }
plural = { en = "Vehicles", zh = "车辆" }
icon = "truck"
title = "plate__c"
list = ["plate__c"]
[[object.section]]
key = "main"
label = { en = "Main", zh = "基本信息" }
fields = [
  { name = "plate__c", type = "text", max = 20, label = { en = "Plate", zh = "车牌" }, required = true, unique = true },
  { name = "account_id__c", type = "ref", target = "account", label = { en = "Account", zh = "客户" } },
  { name = "price__c", type = "money", label = { en = "Price", zh = "价格" } },
]

[[extend]]
name = "account"
[[extend.section]]
key = "custom"
label = { en = "Custom", zh = "自定义" }
fields = [
  { name = "region_code__c", type = "text", max = 10, label = { en = "Region Code", zh = "区域码" } },
  { name = "vehicles__c", type = "roll", rollup = { object = "vehicle__c", via = "account_id__c", fn = "count" }, label = { en = "Vehicles", zh = "车辆数" } },
]
"#;

async fn custom_objects_and_fields_work_like_shipped_ones(w: World) {
    let old = w.make(&w.admin, "account", json!({ "name": "先有的公司" })).await;
    let plan = w.e.apply_model(&w.admin, TEXT, Apply::PLAN).await.unwrap();
    assert!(plan["steps"].as_u64().unwrap() > 0 && plan["applied"] == false);
    assert!(w.e.model().object("vehicle__c").is_none(), "a dry run changes nothing");
    assert!(matches!(w.e.apply_model(&w.rep, TEXT, Apply::NOW).await, Err(Error::Denied(_))));
    w.e.apply_model(&w.admin, TEXT, Apply::NOW).await.unwrap();
    assert_eq!(w.e.export_model(&w.admin, false).await.unwrap(), TEXT);
    let v =
        w.make(&w.admin, "vehicle__c", json!({ "plate__c": "沪A12345", "account_id__c": old["id"], "price__c": "120000" })).await;
    assert_eq!(v["price__c"]["amount"], "120000.00");
    let a = w.patch(&w.admin, "account", &old, json!({ "region_code__c": "E01" })).await.unwrap();
    assert_eq!((&a["region_code__c"], &a["vehicles__c"]), (&json!("E01"), &json!(1)));
    assert_eq!(w.fail(&w.admin, "vehicle__c", json!({ "plate__c": "沪A12345" })).await, ["plate__c value.not_unique"]);
    assert_eq!(w.list(&w.admin, "account", "region_code__c = 'E01'").await.len(), 1);
    // switched off: unseen, the data stay, and come back with the field
    w.e.apply_model(&w.admin, "", Apply::ALL).await.unwrap();
    let e =
        w.e.update(&w.admin, "account", World::rid(&old), map(json!({ "region_code__c": "x" })), WriteOptions::default())
            .await
            .unwrap_err();
    assert_eq!(faults(e), ["region_code__c field.unknown"]);
    w.e.apply_model(&w.admin, TEXT, Apply::NOW).await.unwrap();
    assert_eq!(w.get(&w.admin, "account", &old).await.unwrap()["region_code__c"], "E01");
}

async fn faults_of_the_text_are_all_told(w: World) {
    let bad = TEXT.replace("target = \"account\"", "target = \"nowhere\"").replace("icon = \"truck\"", "icon = 5");
    let f = faults(w.e.apply_model(&w.admin, &bad, Apply::NOW).await.unwrap_err());
    assert!(f.len() >= 2 && f.iter().all(|x| x == "model model.fault"), "{f:?}");
    let named = TEXT.replace("region_code__c", "region_code");
    assert_eq!(faults(w.e.apply_model(&w.admin, &named, Apply::NOW).await.unwrap_err()), ["model model.custom_name"]);
}

/// Names of a section's fields, in order.
fn fields_of(o: &ObjectDef, section: &str) -> Vec<String> {
    o.fields.iter().filter(|f| f.section.as_deref() == Some(section)).map(|f| f.name.to_string()).collect()
}

async fn a_layout_arranges_and_loses_nothing(w: World) {
    let old = w.make(&w.admin, "account", json!({ "name": "先有的公司" })).await;
    let was = w.e.model().object("account").unwrap().clone();
    let arranged = format!(
        "{TEXT}\n[[layout]]\nobject = \"account\"\nlist = [\"name\", \"region_code__c\", \"gone__c\"]\n[[layout.section]]\nkey = \"first\"\nlabel = {{ en = \"First\", zh = \"首要\" }}\nfields = [\"region_code__c\", \"name\", \"gone__c\"]\n"
    );
    w.e.apply_model(&w.admin, &arranged, Apply::NOW).await.unwrap();
    let o = w.e.model().object("account").unwrap().clone();
    assert_eq!(o.sections[0].key, "first");
    assert_eq!(o.sections.len(), was.sections.len() + 2, "the others keep their place behind it");
    let first: Vec<_> = o.fields.iter().filter(|f| f.section.as_deref() == Some("first")).map(|f| f.name.as_str()).collect();
    assert_eq!(first, ["region_code__c", "name"]);
    assert_eq!(o.list.iter().map(|n| n.as_str()).collect::<Vec<_>>(), ["name", "region_code__c"]);
    assert_eq!(o.fields.len(), was.fields.len() + 2);
    let a = w.patch(&w.admin, "account", &old, json!({ "region_code__c": "E01", "name": "后改的公司" })).await.unwrap();
    assert_eq!((&a["region_code__c"], &a["name"]), (&json!("E01"), &json!("后改的公司")));
    // Of a section that stays, the named field comes first and the others follow in their order.
    let last = fields_of(&was, &was.sections[0].key).pop().unwrap();
    let moved = format!("{arranged}[[layout.section]]\nkey = \"{}\"\nfields = [\"{last}\"]\n", was.sections[0].key);
    w.e.apply_model(&w.admin, &moved, Apply::NOW).await.unwrap();
    let o = w.e.model().object("account").unwrap().clone();
    let mut wanted = vec![last.clone()];
    wanted.extend(fields_of(&was, &was.sections[0].key).into_iter().filter(|f| *f != last && f != "name"));
    assert_eq!(fields_of(&o, &was.sections[0].key), wanted);
    let bare = arranged.replace("label = { en = \"First\", zh = \"首要\" }\n", "");
    assert_eq!(faults(w.e.apply_model(&w.admin, &bare, Apply::NOW).await.unwrap_err()), ["model model.fault"]);
}

/// Arrangements for a role, a type and the phone start from the one for everyone, stand in the order of precedence, are planned by
/// name, and never stand in the way when what they name is gone.
async fn layouts_for_some_arrange_and_grant_nothing(w: World) {
    let base = format!("{TEXT}\n[[layout]]\nobject = \"account\"\nfacts = [\"level\"]\n");
    let one = |whom: &str| {
        format!(
            "[[layout]]\nobject = \"account\"\n{whom}\nfacts = [\"name\", \"region_code__c\", \"gone__c\"]\nhidden = [\"website\"]\n[[layout.section]]\nkey = \"short\"\nlabel = {{ en = \"Short\", zh = \"简要\" }}\nfields = [\"level\", \"name\", \"gone__c\"]\n"
        )
    };
    let text = [
        base.clone(),
        one("device = \"phone\""),
        one("role = \"sales_rep\""),
        one("when = { field = \"level\", is = \"a\" }"),
        one("record_type = \"partner\"\nrole = \"sales_rep\"\ndevice = \"phone\""),
    ]
    .join("\n");
    let plan = w.e.apply_model(&w.admin, &text, Apply::PLAN).await.unwrap();
    let lines = |plan: &serde_json::Value, op: &str| -> Vec<String> {
        let all = plan["changes"].as_array().unwrap().iter();
        all.filter(|c| c["op"] == op && c["type"] == "layout").map(|c| c["name"].as_str().unwrap().to_owned()).collect()
    };
    let places =
        ["role=sales_rep,record_type=partner,phone", "level=a", "role=sales_rep", "phone"].map(|p| format!("account.layout.{p}"));
    assert_eq!(lines(&plan, "add"), places);
    w.e.apply_model(&w.admin, &text, Apply::NOW).await.unwrap();
    let o = w.e.model().object("account").unwrap().clone();
    assert_eq!(o.layouts.iter().map(|l| format!("account.layout.{}", l.place())).collect::<Vec<_>>(), places);
    let l = &o.layouts[0];
    assert_eq!(
        (l.sections[0].key.as_str(), l.sections[0].fields.iter().map(|f| f.as_str()).collect::<Vec<_>>()),
        ("short", vec!["level", "name"])
    );
    assert!(
        l.sections[1..].iter().all(|s| s.fields.iter().all(|f| !["level", "name", "website"].contains(&f.as_str()))),
        "{:?}",
        l.sections
    );
    assert_eq!(l.facts.iter().map(|f| f.as_str()).collect::<Vec<_>>(), ["name", "region_code__c"]);
    // The one for everyone stays as it was.
    assert_eq!(o.facts.iter().map(|f| f.as_str()).collect::<Vec<_>>(), ["level"]);
    assert!(o.field("website").unwrap().section.is_some() && o.sections.iter().all(|s| s.key != "short"));
    assert_eq!(w.e.export_model(&w.admin, false).await.unwrap(), text, "it travels as it was written");

    let changed =
        text.replacen("hidden = [\"website\"]", "hidden = []", 1).replace("[\"level\", \"name\", \"gone__c\"]", "[\"name\"]");
    let plan = w.e.apply_model(&w.admin, &changed, Apply::PLAN).await.unwrap();
    assert_eq!(lines(&plan, "change"), places);
    let plan = w.e.apply_model(&w.admin, &base, Apply::NOW).await.unwrap();
    assert_eq!(lines(&plan, "retire"), places);
    assert!(w.e.model().object("account").unwrap().layouts.is_empty());

    let refused = |t: String| {
        let (e, admin) = (w.e.clone(), w.admin.clone());
        async move { faults(e.apply_model(&admin, &t, Apply::PLAN).await.unwrap_err()) }
    };
    for bad in [
        [base.clone(), one("device = \"phone\""), one("device = \"phone\"")].join("\n"),
        [base.clone(), one("when = { field = \"name\", is = \"x\" }")].join("\n"),
        [base.clone(), one("when = { field = \"level\", is = \"a\" }\nrecord_type = \"x\"")].join("\n"),
        [base.clone(), one("device = \"phone\"\nlist = [\"name\"]")].join("\n"),
        [base.clone(), one("record_type = \"x\"").replace("object = \"account\"", "object = \"pipeline_stage\"")].join("\n"),
    ] {
        assert_eq!(refused(bad.clone()).await, ["model model.fault"], "{bad}");
    }
    assert_eq!(refused([base.clone(), one("device = \"fridge\"")].join("\n")).await, ["model model.syntax"]);
    // A type told by a field that is gone: the arrangement waits, the change goes through.
    let gone = [base.clone(), one("when = { field = \"gone__c\", is = \"a\" }"), one("role = \"nobody_has_it\"")].join("\n");
    w.e.apply_model(&w.admin, &gone, Apply::NOW).await.unwrap();
    assert_eq!(w.e.model().object("account").unwrap().layouts.len(), 1);
}

/// Roles travel in the same text: what is exported here is applied there and says the same; what is refused leaves all as it was.
async fn roles_are_carried_as_text(w: World) {
    const ROLE: &str = r#"
# ours
[role.fleet]
name = "车队"
functions = ["import.set_state"]
object_perms = { vehicle__c = { create = true, read = "dept_tree", edit = "own" } }
[role.fleet.field_perms]
account = { phone = "masked" }
"#;
    assert!(matches!(w.e.export_model(&w.rep, true).await, Err(Error::Denied(_))));
    let text = format!("{TEXT}{ROLE}");
    // The role may name an object that the same text adds.
    let plan = w.e.apply_model(&w.admin, &text, Apply::PLAN).await.unwrap();
    let names = |p: &serde_json::Value| {
        p["changes"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(names(&plan).contains(&"role.fleet".into()), "{plan}");
    assert_eq!(w.list(&w.admin, "role", "code = 'fleet'").await.len(), 0, "a plan changes nothing");
    w.e.apply_model(&w.admin, &text, Apply::NOW).await.unwrap();
    let role = w.list(&w.admin, "role", "code = 'fleet'").await.remove(0);
    assert_eq!(role["object_perms"]["vehicle__c"]["read"], "dept_tree");
    // Once more changes nothing; nor does what is exported.
    assert_eq!(names(&w.e.apply_model(&w.admin, &text, Apply::NOW).await.unwrap()), [""; 0]);
    let out = w.e.export_model(&w.admin, true).await.unwrap();
    assert_eq!(names(&w.e.apply_model(&w.admin, &out, Apply::PLAN).await.unwrap()), [""; 0], "{out}");
    assert!(out.contains("[role.sales_rep]") && out.contains("vehicle__c"), "{out}");
    assert_eq!(w.e.export_model(&w.admin, false).await.unwrap().trim(), TEXT.trim());
    // A change is told with its fields, and roles that are not named stay.
    let wider = text.replace("\"dept_tree\"", "\"all\"");
    let plan = w.e.apply_model(&w.admin, &wider, Apply::NOW).await.unwrap();
    assert_eq!(plan["changes"], json!([{ "op": "change", "name": "role.fleet", "type": "role", "fields": ["object_perms"] }]));
    w.e.apply_model(&w.admin, TEXT, Apply::NOW).await.unwrap();
    let role = w.list(&w.admin, "role", "code = 'fleet'").await.remove(0);
    assert_eq!(role["object_perms"]["vehicle__c"]["read"], "all");
    // Every faulty role is told, and a text with one changes neither roles nor objects.
    let before = w.e.model().version;
    let bad = format!("{}\n{ROLE}", TEXT.replace("region_code__c", "region_kind__c"))
        .replace("vehicle__c = { create = true, read", "bicycle__c = { create = true, read")
        .replace("phone = \"masked\"", "telex = \"masked\"");
    assert_eq!(faults(w.e.apply_model(&w.admin, &bad, Apply::NOW).await.unwrap_err()), ["model model.role", "model model.role"]);
    // A role that cannot be saved is refused before the model is changed, also when it names what is only being added.
    let twice = format!(
        "{}{}",
        TEXT.replace("region_code__c", "region_kind__c"),
        ROLE.replace("\"车队\"", "\"系统管理员\"").replace("role.fleet", "role.fleet2")
    );
    assert_eq!(faults(w.e.apply_model(&w.admin, &twice, Apply::NOW).await.unwrap_err()), ["name value.not_unique"]);
    // What a role leaves out stays.
    let short = format!("{TEXT}[role.fleet]\nname = \"车队\"\nobject_perms = {{ vehicle__c = {{ read = \"all\" }} }}\n");
    w.e.apply_model(&w.admin, &short, Apply::NOW).await.unwrap();
    let role = w.list(&w.admin, "role", "code = 'fleet'").await.remove(0);
    assert_eq!((&role["field_perms"]["account"]["phone"], &role["functions"]), (&json!("masked"), &json!(["import.set_state"])));
    let last = "[role.admin]\nname = \"系统管理员\"\nfunctions = []\nobject_perms = {}\n";
    let gone = format!("{}{last}", TEXT.replace("region_code__c", "region_kind__c"));
    assert!(w.e.apply_model(&w.admin, &gone, Apply::NOW).await.is_err(), "the last administrator stays (domain model §5.3)");
    assert_eq!(w.e.model().version, before);
    assert!(w.e.model().object("account").unwrap().field("region_kind__c").is_none());
}

crate::both!(
    World::on,
    roles_are_carried_as_text,
    custom_objects_and_fields_work_like_shipped_ones,
    faults_of_the_text_are_all_told,
    a_layout_arranges_and_loses_nothing,
    layouts_for_some_arrange_and_grant_nothing
);
