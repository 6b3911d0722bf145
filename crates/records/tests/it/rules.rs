//! Rules of administrators (R-AUT-02) and conditions of fields: what is refused, in whose words, and what nobody learns through them.

use crate::common::{World, faults, map, role};
use rapport_policy::{Principal, RoleGrants, Scope, ScopeBuilder};
use rapport_records::{Apply, BatchOp, BatchOptions, Error, Trial, WriteOptions, told_condition};
use rapport_schema::{DeptId, UserId, Via};
use serde_json::{Value as Json, json};
use std::sync::Arc;

const FIELDS: &str = r#"
[[extend]]
name = "account"
[[extend.section]]
key = "custom"
label = { en = "Custom", zh = "自定义" }
fields = [
  { name = "segment__c", type = "text", max = 20, label = { en = "Segment", zh = "细分" } },
  { name = "limit__c", type = "int", label = { en = "Limit", zh = "额度" } },
  { name = "reason__c", type = "text", max = 50, label = { en = "Reason", zh = "理由" }, visible_if = "limit__c > 100", required_if = "limit__c > 100" },
  { name = "locked__c", type = "text", max = 20, label = { en = "Locked", zh = "锁定" }, readonly_if = "segment__c = 'closed'" },
  { name = "shown__c", type = "text", max = 20, label = { en = "Shown", zh = "显示" }, visible_if = "segment__c = 'a'", required_if = "limit__c > 0" },
]
"#;

const RULES: &str = r#"
[[validation]]
object = "account"
code = "segment_known"
must = "INSET(segment__c, '', 'a', 'b', 'closed')"
message = { en = "The segment is a, b or closed", zh = "细分只能是 a、b 或 closed" }
field = "segment__c"

[[validation]]
object = "account"
code = "limit_high"
refuse_if = "limit__c > 1000"
message = { en = "Limits above 1,000 are for the head office", zh = "超过 1,000 的额度由总部设置" }

[[validation]]
object = "account"
code = "off"
refuse_if = "TRUE"
message = { en = "Never", zh = "从不" }
enabled = false
"#;

async fn text(w: &World, text: &str) {
    if let Err(e) = w.e.apply_model(&w.admin, text, Apply::NOW).await {
        panic!("{:?}", faults(e));
    }
}

/// The seller by the model as it is now: rights are resolved against it.
fn rep(w: &World) -> Scope {
    let north = || vec![DeptId::of(w.north)];
    ScopeBuilder::person(UserId::of(World::id(&w.rep)), "林禾")
        .grants(role(&w.e.model(), "sales_rep"))
        .departments(north(), north())
        .build(Principal::Local, Via::Web)
}

fn told(e: Error) -> Json {
    match e {
        Error::Invalid(f) => json!(f),
        e => panic!("{e:?}"),
    }
}

async fn rules_hold_for_every_way_in(w: World) {
    text(&w, &format!("{FIELDS}{RULES}")).await;
    // Made: every broken rule at once, with its words in both languages.
    let e =
        w.e.create(
            &rep(&w),
            "account",
            map(json!({ "name": "A", "segment__c": "z", "limit__c": 5000, "reason__c": "x" })),
            WriteOptions::default(),
        )
        .await
        .unwrap_err();
    assert_eq!(
        told(e),
        json!([
            { "field": "segment__c", "code": "validation.segment_known", "params": { "label": { "en": "The segment is a, b or closed", "zh": "细分只能是 a、b 或 closed" } } },
            { "field": "", "code": "validation.limit_high", "params": { "label": { "en": "Limits above 1,000 are for the head office", "zh": "超过 1,000 的额度由总部设置" } } }
        ])
    );
    let a = w.make(&rep(&w), "account", json!({ "name": "A", "segment__c": "a", "shown__c": "s" })).await;
    // Changed.
    let e = w.patch(&rep(&w), "account", &a, json!({ "segment__c": "q" })).await.unwrap_err();
    assert_eq!(faults(e), ["segment__c validation.segment_known"]);
    // A value that is no value is one fault, not two.
    let e = w.patch(&rep(&w), "account", &a, json!({ "limit__c": "many" })).await.unwrap_err();
    assert_eq!(faults(e), ["limit__c value.type"]);
    // In a batch each row is judged by itself.
    let ops = vec![
        BatchOp::Create { data: map(json!({ "name": "B", "segment__c": "b" })), children: vec![] },
        BatchOp::Create { data: map(json!({ "name": "C", "segment__c": "c" })), children: vec![] },
        BatchOp::Update { id: World::rid(&a), version: None, data: map(json!({ "limit__c": 9000, "reason__c": "r" })) },
    ];
    let done = w.e.batch(&rep(&w), "account", ops, BatchOptions::default()).await.unwrap();
    let said: Vec<Vec<String>> = done.rows.into_iter().map(|r| r.map_or_else(faults, |_| vec![])).collect();
    assert_eq!(said, [vec![], vec!["segment__c validation.segment_known".to_owned()], vec![" validation.limit_high".to_owned()]]);
    // An administrator keeps to them too; the engine's own work passes.
    assert_eq!(
        w.fail(&w.admin, "account", json!({ "name": "D", "segment__c": "z" })).await,
        ["segment__c validation.segment_known"]
    );
    w.make(&w.system, "account", json!({ "name": "E", "segment__c": "z" })).await;
}

async fn a_new_rule_does_not_stop_work_on_old_records(w: World) {
    text(&w, FIELDS).await;
    let old = w.make(&rep(&w), "account", json!({ "name": "Old", "segment__c": "z" })).await;
    text(&w, &format!("{FIELDS}{RULES}")).await;
    let old = w.patch(&rep(&w), "account", &old, json!({ "name": "Still old" })).await.unwrap();
    let e = w.patch(&rep(&w), "account", &old, json!({ "segment__c": "y" })).await.unwrap_err();
    assert_eq!(faults(e), ["segment__c validation.segment_known"]);
    w.patch(&rep(&w), "account", &old, json!({ "segment__c": "b" })).await.unwrap();
}

async fn rules_are_part_of_the_text(w: World) {
    let full = format!("{FIELDS}{RULES}");
    let plan = w.e.apply_model(&w.admin, &full, Apply::PLAN).await.unwrap();
    let lines = |p: &Json| {
        p["changes"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|c| c["type"] == "validation")
            .map(|c| format!("{} {}", c["op"].as_str().unwrap(), c["name"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    let added = ["add account.validation.segment_known", "add account.validation.limit_high", "add account.validation.off"];
    assert_eq!(lines(&plan), added);
    text(&w, &full).await;
    assert_eq!(w.e.export_model(&w.admin, false).await.unwrap(), full);
    // Changed, ordered anew, and taken back with the text before.
    let higher = full.replace("limit__c > 1000", "limit__c > 2000");
    assert_eq!(lines(&w.e.apply_model(&w.admin, &higher, Apply::NOW).await.unwrap()), ["change account.validation.limit_high"]);
    let turned = higher.replace("segment_known", "zz").replace("limit_high", "segment_known").replace("\"zz\"", "\"limit_high\"");
    let said = lines(&w.e.apply_model(&w.admin, &turned, Apply::PLAN).await.unwrap());
    assert!(said.contains(&"change account.validation.*".to_owned()), "{said:?}");
    assert_eq!(lines(&w.e.apply_model(&w.admin, FIELDS, Apply::NOW).await.unwrap()).len(), 3);
    w.make(&rep(&w), "account", json!({ "name": "Z", "segment__c": "z" })).await;
    // Faults of the text.
    let rule = |body: &str| {
        format!(
            "{FIELDS}\n[[validation]]\nobject = \"account\"\ncode = \"x\"\nmessage = {{ en = \"m\", zh = \"消息\" }}\n{body}\n"
        )
    };
    for (bad, code) in [
        (rule("must = \"nowhere = 1\""), "expr.unknown_field"),
        (rule("must = \"name\""), "expr.type"),
        (rule("must = \"TRUE\"\nrefuse_if = \"TRUE\""), "model.fault"),
        (rule(""), "model.fault"),
        (rule("must = \"TRUE\"\nfield = \"nowhere\""), "model.fault"),
        (rule("must = \"TRUE\"").replace("code = \"x\"", "code = \"X y\""), "model.fault"),
        (rule("must = \"TRUE\"").replace("zh = \"消息\"", "zh = \"\""), "model.fault"),
        (rule("must = \"TRUE\"").replace("\"account\"\ncode", "\"nothing\"\ncode"), "model.fault"),
        (format!("{}{}", rule("must = \"TRUE\""), RULES.replace("off", "x")), "model.fault"),
    ] {
        let e = faults(w.e.apply_model(&w.admin, &bad, Apply::PLAN).await.unwrap_err());
        assert_eq!(e, [format!("model {code}")], "{bad}");
    }
    // A rule that is switched off may name what is gone.
    text(&w, &rule("must = \"nowhere = 1\"\nenabled = false")).await;
}

async fn conditions_of_fields_hold(w: World) {
    text(&w, FIELDS).await;
    assert_eq!(w.fail(&rep(&w), "account", json!({ "name": "A", "limit__c": 500 })).await, ["reason__c value.required"]);
    let a = w.make(&rep(&w), "account", json!({ "name": "A", "limit__c": 500, "reason__c": "big" })).await;
    let e = w.patch(&rep(&w), "account", &a, json!({ "reason__c": null })).await.unwrap_err();
    assert_eq!(faults(e), ["reason__c value.required"]);
    // What is not shown is not asked for: `shown__c` would be required here.
    let a = w.patch(&rep(&w), "account", &a, json!({ "limit__c": 50, "reason__c": null })).await.unwrap();
    let e = w.patch(&rep(&w), "account", &a, json!({ "segment__c": "a" })).await.unwrap_err();
    assert_eq!(faults(e), ["shown__c value.required"]);
    // Locked by what the record was.
    let a = w.patch(&rep(&w), "account", &a, json!({ "locked__c": "l", "segment__c": "closed" })).await.unwrap();
    let e = w.patch(&rep(&w), "account", &a, json!({ "locked__c": "m" })).await.unwrap_err();
    assert_eq!(faults(e), ["locked__c value.readonly"]);
    assert_eq!(w.get(&rep(&w), "account", &a).await.unwrap()["locked__c"], "l");
}

/// Fields that are shipped get conditions too, and lose those they came with.
async fn shipped_fields_get_conditions(w: World) {
    let said = |body: &str| format!("[[condition]]\nobject = \"account\"\n{body}\n");
    text(&w, &said("field = \"website\"\nrequired_if = \"level = 'a'\"\nreadonly_if = \"name = 'Closed'\"")).await;
    let rep = rep(&w);
    assert_eq!(w.fail(&rep, "account", json!({ "name": "A", "level": "a" })).await, ["website value.required"]);
    let a = w.make(&rep, "account", json!({ "name": "Closed", "level": "a", "website": "https://a.example" })).await;
    let e = w.patch(&rep, "account", &a, json!({ "website": "https://b.example" })).await.unwrap_err();
    assert_eq!(faults(e), ["website value.readonly"]);
    let plan = w.e.apply_model(&w.admin, "", Apply { retire_all: true, ..Apply::PLAN }).await.unwrap();
    assert_eq!(plan["changes"], json!([{ "op": "change", "name": "account.website", "type": "url" }]));
    // An empty formula lifts what the model says.
    assert!(w.e.model().object("lead").unwrap().field("duplicate_of_id").unwrap().required_if.is_some());
    text(&w, "[[condition]]\nobject = \"lead\"\nfield = \"duplicate_of_id\"\nrequired_if = \"\"\n").await;
    assert_eq!(w.e.model().object("lead").unwrap().field("duplicate_of_id").unwrap().required_if, None);
    for (bad, code) in [
        (said("field = \"nowhere\"\nvisible_if = \"TRUE\""), "model.fault"),
        (said("field = \"name\"\nvisible_if = \"TRUE\""), "model.fault"),
        (said("field = \"created_at\"\nreadonly_if = \"TRUE\""), "model.fault"),
        (said("field = \"website\"\nvisible_if = \"level\""), "expr.type"),
    ] {
        assert_eq!(faults(w.e.apply_model(&w.admin, &bad, Apply::PLAN).await.unwrap_err()), [format!("model {code}")], "{bad}");
    }
}

/// A condition or a rule says nothing of fields the caller may not see: neither in the model nor in a refusal.
async fn nothing_is_told_of_hidden_fields(w: World) {
    text(&w, &format!("{FIELDS}{}", RULES.replace("field = \"segment__c\"", "field = \"limit__c\""))).await;
    let model = w.e.model();
    let o = model.object("account").unwrap().clone();
    let roles: Vec<Arc<RoleGrants>> = vec![Arc::new(
        RoleGrants::parse(
            &json!({ "account": { "create": true, "read": "all", "edit": "all" } }),
            Some(&json!({ "account": { "limit__c": "hidden", "shown__c": "hidden" } })),
            Some(&json!(["model.edit"])),
        )
        .unwrap(),
    )];
    let blind = ScopeBuilder::person(UserId::of(World::id(&w.rep)), "林禾")
        .grants(Arc::new(rapport_policy::Grants::resolve(&model, &roles)))
        .build(Principal::Local, Via::Web);
    // Told with its tree to who sees all it reads, not at all to others.
    let told = told_condition(&rep(&w), &model, &o, "limit__c > 100").unwrap();
    assert_eq!(told["tree"], json!(["gt", false, ["zero", ["field", "limit__c", "number"]], ["number", "100"]]));
    assert_eq!(told_condition(&blind, &model, &o, "limit__c > 100"), None);
    assert_eq!(told_condition(&blind, &model, &o, "segment__c = 'a' OR limit__c > 100"), None);
    assert!(told_condition(&blind, &model, &o, "segment__c = 'a'").unwrap().get("tree").is_some());
    // Only the server can follow lookups.
    assert_eq!(told_condition(&rep(&w), &model, &o, "parent_id.level = 'a'").unwrap().get("tree"), None);
    let a = w.make(&w.admin, "account", json!({ "name": "A", "limit__c": 50 })).await;
    // A field that cannot be filled is not asked for: that it is wanted would tell of the limit.
    let a = w.patch(&blind, "account", &a, json!({ "segment__c": "a" })).await.unwrap();
    // The rule holds for everybody; the hidden field it would stand at is not named.
    let e = w.patch(&blind, "account", &a, json!({ "segment__c": "q" })).await.unwrap_err();
    assert_eq!(faults(e), [" validation.segment_known"]);
    // Nor can it be tried out.
    let trial = |formula: &str| Trial {
        object: "account".into(),
        formula: formula.into(),
        result: None,
        scale: None,
        id: None,
        count: Some(true),
    };
    let e = w.e.try_formula(&blind, &trial("limit__c > 100")).await.unwrap_err();
    assert!(matches!(e, Error::Request { code: "permission.field", .. }), "{e:?}");
    assert_eq!(w.e.try_formula(&blind, &trial("segment__c = 'a'")).await.unwrap()["value"], true);
    assert!(matches!(w.e.try_formula(&rep(&w), &trial("TRUE")).await, Err(Error::Denied(_))));
}

async fn a_formula_is_tried_before_it_is_kept(w: World) {
    text(&w, FIELDS).await;
    let a = w.make(&w.admin, "account", json!({ "name": "First", "segment__c": "a", "shown__c": "s", "limit__c": 7 })).await;
    w.clock.step(1_000);
    let b = w.make(&w.admin, "account", json!({ "name": "Second", "segment__c": "z", "parent_id": a["id"] })).await;
    let trial = |formula: &str, result: Option<&str>, id: Option<&Json>| Trial {
        object: "account".into(),
        formula: formula.into(),
        result: result.map(Into::into),
        scale: None,
        id: id.map(World::rid),
        count: None,
    };
    let run = async |t: Trial| w.e.try_formula(&w.admin, &t).await;
    let r = run(trial("segment__c & '!'", Some("text"), None)).await.unwrap();
    assert_eq!((&r["value"], &r["record"]["title"]), (&json!("z!"), &json!("Second")), "the one changed last");
    assert_eq!(r["records"][1]["title"], "First");
    let r = run(trial("limit__c * 1.5", Some("dec"), Some(&a))).await.unwrap();
    assert_eq!((&r["value"], &r["broken"]), (&json!("10.50"), &Json::Null));
    let r = run(trial("parent_id.limit__c", Some("int"), Some(&b))).await.unwrap();
    assert_eq!(r["value"], 7);
    // Faults have their place; a result that does not fit is one.
    match run(trial("limit__c + nowhere", Some("int"), None)).await.unwrap_err() {
        Error::Invalid(f) => assert_eq!((f[0].code.as_ref(), &f[0].params["at"]), ("expr.unknown_field", &json!(11))),
        e => panic!("{e:?}"),
    }
    assert_eq!(faults(run(trial("segment__c", Some("int"), None)).await.unwrap_err()), ["formula expr.type"]);
    assert_eq!(faults(run(trial("segment__c", None, None)).await.unwrap_err()), ["formula expr.type"]);
    // How many break a rule, and which; what no database judges is judged here.
    for formula in ["INSET(segment__c, '', 'a')", "REGEX(segment__c, '^a?$')", "segment__c <> 'z' OR parent_id.limit__c <> 7"] {
        let r = run(Trial { count: Some(false), ..trial(formula, None, None) }).await.unwrap();
        assert_eq!((&r["broken"]["count"], &r["broken"]["ids"]), (&json!(1), &json!([b["id"]])), "{formula}");
        assert_eq!(r["value"], false);
    }
    let r = run(Trial { count: Some(true), ..trial("TODAY() > DATE(2020, 1, 1)", None, None) }).await.unwrap();
    assert_eq!((&r["broken"]["count"], &r["broken"]["capped"]), (&json!(2), &json!(false)));
    // A record out of reach is not there; of what a lookup leads to only what may be seen is used.
    let modeller = |read: &str| {
        let role = RoleGrants::parse(
            &json!({ "account": { "create": true, "read": read, "edit": "own" } }),
            None,
            Some(&json!(["model.edit"])),
        )
        .unwrap();
        ScopeBuilder::person(UserId::of(World::id(&w.rep)), "林禾")
            .grants(Arc::new(rapport_policy::Grants::resolve(&w.e.model(), &[Arc::new(role)])))
            .build(Principal::Local, Via::Web)
    };
    let own = modeller("own");
    assert!(matches!(w.e.try_formula(&own, &trial("TRUE", None, Some(&a))).await, Err(Error::NotFound)));
    let mine = w.make(&own, "account", json!({ "name": "Mine" })).await;
    w.patch(&w.admin, "account", &mine, json!({ "parent_id": a["id"] })).await.unwrap();
    let t = Trial { count: Some(true), ..trial("parent_id.limit__c = 7", None, Some(&mine)) };
    let r = w.e.try_formula(&own, &t).await.unwrap();
    assert_eq!((&r["beyond"], &r["value"], &r["broken"]), (&json!(true), &Json::Null, &Json::Null));
    assert_eq!(w.e.try_formula(&modeller("all"), &t).await.unwrap()["value"], true);
}

crate::both!(
    World::on,
    rules_hold_for_every_way_in,
    a_new_rule_does_not_stop_work_on_old_records,
    rules_are_part_of_the_text,
    conditions_of_fields_hold,
    shipped_fields_get_conditions,
    nothing_is_told_of_hidden_fields,
    a_formula_is_tried_before_it_is_kept
);
