//! Every code of the reader is reached by a bad text, with its place and what its sentence needs.

use std::collections::BTreeSet;

use super::super::{Source, load};

/// An object with a piece of text before its section, and one field.
fn object(head: &str, field: &str) -> String {
    format!(
        r#"
name = "deal"
kind = "config"
label = {{ en = "Deal", zh = "商机" }}
plural = {{ en = "Deals", zh = "商机" }}
icon = "deal"
title = "name"
{head}
[[section]]
key = "main"
label = {{ en = "Main", zh = "基本" }}
fields = [
  {{ name = "name", type = "text", label = {{ en = "Name", zh = "名称" }} }},
  {field}
]
"#
    )
}

/// Faults of a file as `place code parameters`, and each of their lines.
fn causes(path: &str, text: &str) -> Vec<(String, usize)> {
    let faults = load(&[Source { path, text }]).expect_err("a bad text").0;
    let told = |f: &super::super::Fault| {
        let params = f.cause.params.iter().map(|(k, v)| format!(" {k}={v}")).collect::<BTreeSet<_>>();
        (format!("{} {}{}", f.cause.field, f.cause.code, Vec::from_iter(params).concat()), f.line)
    };
    faults.iter().map(told).collect()
}

const L: &str = r#"label = { en = "X", zh = "甲" }"#;

#[test]
fn every_code_of_the_reader_is_reached() {
    let f = |rest: &str| object("", &format!("{{ name = \"x\", {L}, {rest} }}"));
    let o = |head: &str| object(head, "");
    let mut reached = BTreeSet::new();
    for (path, text, wanted) in [
        ("objects/a.toml", "name = \"x\nkind = 3".to_owned(), " model.syntax near=\"name = \\\"x\""),
        ("objects/a.toml", String::new(), " model.text.missing key=\"name\""),
        (
            "objects/a.toml",
            object("", "{ name = \"x\", type = \"bool\" }"),
            "deal.x model.text.missing form=\"{ en = \\\"…\\\", zh = \\\"…\\\" }\" key=\"label\" wanted=\"label\"",
        ),
        (
            "objects/a.toml",
            f("type = \"bool\"").replace("zh = \"甲\"", ""),
            "deal.x model.text.missing key=\"label.zh\" wanted=\"chinese\"",
        ),
        (
            "objects/a.toml",
            f("type = \"bool\"").replace("en = \"X\"", "en = \"\""),
            "deal.x model.text.missing key=\"label.en\" wanted=\"english\"",
        ),
        ("objects/a.toml", f("type = \"pick\""), "deal.x model.text.missing key=\"picklist\""),
        ("objects/a.toml", f("type = \"roll\""), "deal.x model.text.missing key=\"rollup\""),
        (
            "objects/a.toml",
            f("type = \"roll\", rollup = { object = \"deal\", fn = \"count\" }"),
            "deal.x.rollup model.text.missing key=\"via\" wanted=\"way_here\"",
        ),
        (
            "objects/a.toml",
            f("type = \"roll\", rollup = { object = \"deal\", via = \"x\", fn = \"sum\" }"),
            "deal.x.rollup model.text.missing key=\"field\" wanted=\"rolled_up\"",
        ),
        (
            "objects/a.toml",
            f("type = \"poly\""),
            "deal.x model.text.missing form=\"[\\\"any\\\"]\" key=\"targets\" wanted=\"targets\"",
        ),
        ("objects/a.toml", o("").split("[[section]]").next().unwrap().to_owned(), "deal model.text.missing key=\"[[section]]\""),
        ("picklists/a.toml", format!("[level]\n{L}"), "level model.text.missing key=\"values\""),
        (
            "objects/a.toml",
            o("icon = 5").replacen("icon = \"deal\"", "", 1),
            "deal model.text.type found=\"int\" key=\"icon\" wanted=\"text\"",
        ),
        (
            "objects/a.toml",
            f("type = \"bool\", required = \"yes\""),
            "deal.x model.text.type found=\"text\" key=\"required\" wanted=\"true_or_false\"",
        ),
        ("objects/a.toml", o("position = 1.5"), "deal model.text.type found=\"number\" key=\"position\" wanted=\"int\""),
        (
            "objects/a.toml",
            f("type = \"dec\", min = true"),
            "deal.x model.text.type found=\"true_or_false\" key=\"min\" wanted=\"number\"",
        ),
        ("objects/a.toml", o("list = 2020-01-01"), "deal model.text.type found=\"date\" key=\"list\" wanted=\"texts\""),
        ("objects/a.toml", o("unique = [\"name\"]"), "deal model.text.type found=\"text\" key=\"unique\" wanted=\"text_lists\""),
        ("objects/a.toml", o("related = { }"), "deal model.text.type found=\"table\" key=\"related\" wanted=\"tables\""),
        ("picklists/a.toml", "level = []".into(), " model.text.type found=\"list\" key=\"level\" wanted=\"table\""),
        (
            "organisation.toml",
            "currency = \"yuan\"".into(),
            " model.text.type key=\"currency\" value=\"yuan\" wanted=\"currency_code\"",
        ),
        ("organisation.toml", "zone = \"CST\"".into(), " model.text.type key=\"zone\" value=\"CST\" wanted=\"zone\""),
        ("objects/a.toml", f("type = \"text\", max = 9000"), "deal.x model.text.range key=\"max\" max=4000 min=1 value=9000"),
        ("objects/a.toml", f("type = \"dec\", scale = 9"), "deal.x model.text.range key=\"scale\" max=8 min=0 value=9"),
        (
            "objects/a.toml",
            o("").replace("\"config\"", "\"owned\""),
            "deal model.text.choice allowed=[\"ownable\",\"child\",\"config\",\"log\"] key=\"kind\" value=\"owned\"",
        ),
        ("objects/a.toml", f("type = \"bool\", mask = \"x\""), "deal.x model.text.choice allowed="),
        ("objects/a.toml", f("type = \"txt\""), "deal.x model.text.choice allowed=[\"text\","),
        (
            "objects/a.toml",
            f("type = \"ref\", target = \"deal\", on_delete = \"keep\""),
            "deal.x model.text.choice allowed=[\"clear\",",
        ),
        ("objects/a.toml", f("type = \"calc\", formula = \"1\", result = \"x\""), "deal.x model.text.choice allowed=[\"text\","),
        (
            "objects/a.toml",
            f("type = \"roll\", rollup = { object = \"deal\", via = \"x\", fn = \"total\" }"),
            "deal.x.rollup model.text.choice allowed=[\"count\",\"sum\",\"min\",\"max\",\"avg\"] key=\"fn\" value=\"total\"",
        ),
        (
            "picklists/a.toml",
            format!("[level]\n{L}\ndefault = \"z\"\nvalues = [ {{ key = \"a\", {L} }} ]"),
            "level model.text.choice allowed=[\"a\"] key=\"default\" value=\"z\"",
        ),
        (
            "picklists/a.toml",
            format!("[level]\n{L}\nvalues = [ {{ key = \"a\", {L}, color = \"pink\" }} ]"),
            "level.values.a model.text.choice allowed=[\"jade\",",
        ),
        ("objects/a.toml", f("type = \"bool\", labels = 1"), "deal.x model.text.unknown_key allowed=[\"convert_map\","),
        ("objects/a.toml", o("").replace("\"deal\"\nkind", "\"Deal\"\nkind"), "Deal model.text.name name=\"Deal\""),
        ("objects/a.toml", o("list = [\"No\"]"), "deal model.text.name name=\"No\""),
        ("objects/a.toml", f("type = \"ref\", target = \"No\""), "deal.x model.text.name name=\"No\""),
        ("objects/a.toml", f("type = \"poly\", targets = [\"No\"]"), "deal.x model.text.name name=\"No\""),
        (
            "picklists/a.toml",
            format!("[level]\n{L}\nvalues = [ {{ key = \"A\", {L} }} ]"),
            "level.values.A model.text.name name=\"A\"",
        ),
        ("objects/a.toml", object("", &format!("{{ name = \"name\", type = \"bool\", {L} }}")), "deal.name model.text.twice"),
        ("objects/a.toml", format!("{}[[section]]\nkey = \"main\"\n{L}", o("")), "deal.section.main model.text.twice"),
        (
            "picklists/a.toml",
            format!("[level]\n{L}\nvalues = [ {{ key = \"a\", {L} }}, {{ key = \"a\", {L} }} ]"),
            "level.values.a model.text.twice",
        ),
        ("objects/a.toml", o("facts = [\"name\", \"name\"]"), "deal model.text.twice key=\"facts\" name=\"name\""),
        (
            "objects/a.toml",
            f("type = \"int\", default = 1, default_formula = \"1\""),
            "deal.x model.text.both one=\"default\" other=\"default_formula\"",
        ),
        (
            "objects/a.toml",
            f("type = \"poly\", targets = [\"any\", \"deal\", \"user\"]"),
            "deal.x model.text.both one=\"any\" other=\"deal, user\"",
        ),
        (
            "objects/a.toml",
            f("type = \"roll\", rollup = { object = \"deal\", via = \"x\", fn = \"count\", field = \"x\" }"),
            "deal.x.rollup model.text.both one=\"fn = \\\"count\\\"\" other=\"field\"",
        ),
        (
            "objects/a.toml",
            object("", &format!("{{ name = \"created_at\", type = \"dt\", {L} }}")),
            "deal.created_at model.text.reserved",
        ),
        ("custom", "[[extend]]\nname = \"lorry\"".into(), "extend.lorry model.object_missing name=\"lorry\""),
        // What the check of the whole says has its place in the same form.
        (
            "objects/a.toml",
            f("type = \"calc\", formula = \"y\", result = \"int\""),
            "deal.x expr.unknown_field name=\"y\" object=\"deal\"",
        ),
    ] {
        let told = causes(path, &text);
        assert!(told.iter().any(|(t, _)| t.starts_with(wanted)), "{wanted}\n in {told:#?}\n of {text}");
        reached.insert(wanted.split(' ').nth(1).unwrap());
    }
    let source = include_str!("../flaw.rs");
    let codes = source.split("code(\"").skip(1).filter_map(|t| t.split('"').next()).collect::<BTreeSet<_>>();
    assert!(codes.len() > 10 && codes.is_subset(&reached), "not reached: {:?}", codes.difference(&reached));
}

#[test]
fn a_fault_is_told_on_its_line() {
    let text = object("", &format!("{{ name = \"x\", {L},\n    type = \"txt\" }}"));
    let line = text.lines().position(|l| l.contains("txt")).unwrap() + 1;
    assert!(causes("objects/a.toml", &text).iter().any(|(t, l)| t.starts_with("deal.x model.text.choice") && *l == line));
}

#[test]
fn the_types_told_are_the_types_there_are() {
    for ty in super::super::field::TYPES {
        let text = object("", &format!("{{ name = \"x\", type = \"{ty}\", {L} }}"));
        let refused = load(&[Source { path: "objects/a.toml", text: &text }]).err().map(|f| f.to_string()).unwrap_or_default();
        assert!(!refused.contains("`type` cannot be"), "{ty}: {refused}");
    }
}
