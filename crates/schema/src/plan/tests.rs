//! Snapshots of catalogues and plans.

use super::*;
use crate::load::{Source, load};

const PICKLISTS: &str = r#"
[approval_state]
label = { en = "Approval", zh = "审批" }
values = [ { key = "none", label = { en = "None", zh = "未提交" } } ]
[level]
label = { en = "Level", zh = "级别" }
values = [ { key = "a", label = { en = "A", zh = "A" } } ]
"#;

fn object(name: &str, kind: &str, head: &str, fields: &str) -> String {
    format!(
        "name = \"{name}\"\nkind = \"{kind}\"\nlabel = {{ en = \"X\", zh = \"某\" }}\nplural = {{ en = \"Xs\", zh = \"某\" }}\nicon = \"x\"\ntitle = \"name\"\n{head}\n[[section]]\nkey = \"main\"\nlabel = {{ en = \"Main\", zh = \"基本\" }}\nfields = [{fields}]\n"
    )
}

fn field(rest: &str) -> String {
    format!("{{ {rest}, label = {{ en = \"F\", zh = \"字段\" }} }},\n")
}

/// The catalogue of a model of users, departments and deals with these fields.
fn deals(head: &str, fields: &[&str]) -> Catalogue {
    let name = field("name = \"name\", type = \"text\"");
    let user = object("user", "config", "", &name);
    let dept = object("department", "config", "", &name);
    let deal = object("deal", "ownable", head, &fields.iter().map(|f| field(f)).collect::<String>());
    let files = [
        ("picklists/p.toml", PICKLISTS),
        ("objects/user.toml", &user),
        ("objects/dept.toml", &dept),
        ("objects/deal.toml", &deal),
    ];
    let s: Vec<Source<'_>> = files.iter().map(|(path, text)| Source { path, text }).collect();
    catalogue(&load(&s).unwrap_or_else(|e| panic!("{e}")).model)
}

fn show(t: &Table) -> String {
    let mut out = String::new();
    for c in &t.columns {
        let more = [
            c.scale.map(|s| format!("scale {s}")),
            c.not_null.then(|| "not null".to_owned()),
            c.default.map(|d| format!("default {d}")),
            c.computed.as_ref().map(|d| format!("computed {d}")),
            c.retired.then(|| "RETIRED".to_owned()),
        ];
        let more: Vec<String> = more.into_iter().flatten().collect();
        out += &format!("{} {:?} {}\n", c.name, c.class, more.join(", "));
    }
    for i in t.indexes.values() {
        out += &format!("{}{}\n", show_index(i), if t.retired { " RETIRED" } else { "" });
    }
    out
}

fn show_index(i: &IndexDef) -> String {
    let keys: Vec<String> = i
        .keys
        .iter()
        .map(|k| match k {
            IndexKey::Col(c) => c.clone(),
            IndexKey::OrEmpty(c) => format!("coalesce({c}, '')"),
        })
        .collect();
    let conds: Vec<String> = i
        .filter
        .iter()
        .map(|c| match c {
            IndexCond::NotNull(c) => format!("{c} is not null"),
            IndexCond::True(c) => format!("{c} = 1"),
            IndexCond::Live => "live".into(),
        })
        .collect();
    format!("{}{} ({}) {}", if i.unique { "unique " } else { "" }, i.name, keys.join(", "), conds.join(" and "))
}

fn steps(p: &Plan) -> String {
    p.steps
        .iter()
        .map(|s| match s {
            Step::CreateTable(t) => format!("create table {} ({} columns)", t.name, t.columns.len()),
            Step::AddColumn { table, column } => format!("add {table}.{} {:?}", column.name, column.class),
            Step::Backfill { table, column } => format!("fill {table}.{column}"),
            Step::CreateIndex { table, index } => format!("index {table}: {}", show_index(index)),
            Step::DropIndex { table, name } => format!("drop index {table}: {name}"),
            Step::RetireColumn { table, column } => format!("retire {table}.{column}"),
            Step::ReviveColumn { table, column } => format!("revive {table}.{column}"),
            Step::RetireTable { table } => format!("retire table {table}"),
            Step::ReviveTable { table } => format!("revive table {table}"),
        })
        .collect::<Vec<_>>()
        .join("\n")
}

const BASE: [&str; 3] = [
    "name = \"name\", type = \"text\", indexed = true",
    "name = \"amount\", type = \"money\", indexed = true",
    "name = \"hot\", type = \"bool\", indexed = true",
];

fn with(more: &[&'static str]) -> Catalogue {
    deals("", &[&BASE, more].concat())
}

#[test]
fn every_type_has_its_columns_and_indexes() {
    let c = deals(
        "default_sort = \"-close_on\"\nunique = [[\"name\", \"user_id\"]]",
        &[
            BASE[0],
            BASE[1],
            BASE[2],
            "name = \"code\", type = \"auto\", pattern = \"D{0000}\", unique = true",
            "name = \"tax_no\", type = \"text\", unique = true",
            "name = \"price\", type = \"money\", unit_price = true",
            "name = \"rate\", type = \"pct\"",
            "name = \"qty\", type = \"dec\", scale = 4",
            "name = \"close_on\", type = \"date\"",
            "name = \"phone\", type = \"phone\", unique = true, indexed = true",
            "name = \"mail\", type = \"email\", unique = true",
            "name = \"site\", type = \"url\"",
            "name = \"place\", type = \"addr\", indexed = true",
            "name = \"point\", type = \"geo\", indexed = true",
            "name = \"level\", type = \"pick\", picklist = \"level\", indexed = true",
            "name = \"levels\", type = \"multi\", picklist = \"level\"",
            "name = \"user_id\", type = \"user\"",
            "name = \"watchers\", type = \"users\"",
            "name = \"parent_id\", type = \"ref\", target = \"deal\"",
            "name = \"about\", type = \"poly\", targets = [\"any\"], indexed = true",
            "name = \"children\", type = \"roll\", rollup = { object = \"deal\", via = \"parent_id\", fn = \"count\" }",
            "name = \"best\", type = \"roll\", rollup = { object = \"deal\", via = \"parent_id\", fn = \"max\", field = \"amount\" }",
            "name = \"weighted\", type = \"calc\", formula = \"amount * rate / 100\", result = \"money\"",
            "name = \"left\", type = \"calc\", formula = \"DATEDIFF(TODAY(), close_on, 'day')\", result = \"int\"",
            "name = \"extra\", type = \"json\"",
        ],
    );
    insta::assert_snapshot!(show(&c.tables["deal"]));
    let links: Vec<_> = c
        .tables
        .values()
        .filter(|t| matches!(t.kind, TableKind::Link { .. }))
        .map(|t| format!("{}\n{}", t.name, show(t)))
        .collect();
    insta::assert_snapshot!(links.join("\n"));
}

#[test]
fn from_nothing_tables_come_before_indexes() {
    let p = diff(&Catalogue::default(), &with(&[])).expect("nothing to refuse");
    insta::assert_snapshot!(steps(&p));
}

#[test]
fn new_fields_are_columns_then_indexes() {
    let have = with(&[]);
    let want = with(&[
        "name = \"phone\", type = \"phone\", indexed = true",
        "name = \"levels\", type = \"multi\", picklist = \"level\"",
        "name = \"weighted\", type = \"calc\", formula = \"amount * 2\", result = \"money\"",
    ]);
    let p = diff(&have, &want).expect("nothing to refuse");
    insta::assert_snapshot!(steps(&p));
    assert_eq!(p.reached, want);
}

#[test]
fn a_field_that_becomes_unique_is_filled_before_its_index() {
    let have = with(&["name = \"tax_no\", type = \"text\""]);
    let want = with(&["name = \"tax_no\", type = \"text\", unique = true"]);
    insta::assert_snapshot!(steps(&diff(&have, &want).expect("nothing to refuse")));
}

#[test]
fn a_changed_formula_is_computed_anew() {
    let f = |formula: &'static str| {
        let text: &'static str = match formula {
            "2" => "name = \"w\", type = \"calc\", formula = \"amount * 2\", result = \"money\"",
            _ => "name = \"w\", type = \"calc\", formula = \"amount * 3\", result = \"money\"",
        };
        with(&[text])
    };
    assert_eq!(steps(&diff(&f("2"), &f("3")).expect("nothing to refuse")), "fill deal.w");
    assert!(diff(&f("2"), &f("2")).expect("nothing to refuse").is_empty());
}

#[test]
fn what_the_model_forgets_is_retired_and_comes_back_with_its_data() {
    let full =
        with(&["name = \"note\", type = \"text\", indexed = true", "name = \"levels\", type = \"multi\", picklist = \"level\""]);
    let gone = diff(&full, &with(&[])).expect("nothing to refuse");
    insta::assert_snapshot!(steps(&gone));
    assert!(gone.reached.tables["deal"].column("note").is_some_and(|c| c.retired));
    assert!(gone.reached.tables["deal__levels"].retired);
    assert!(diff(&gone.reached, &with(&[])).expect("nothing to refuse").is_empty(), "retired once");

    let back = diff(&gone.reached, &full).expect("nothing to refuse");
    insta::assert_snapshot!(steps(&back));
    assert!(diff(&back.reached, &full).expect("nothing to refuse").is_empty());
}

#[test]
fn a_change_of_stored_form_is_refused_and_nothing_planned() {
    let have = with(&["name = \"x\", type = \"text\"", "name = \"qty\", type = \"dec\", scale = 2"]);
    let want = with(&["name = \"x\", type = \"int\"", "name = \"qty\", type = \"dec\", scale = 4"]);
    let told: Vec<String> = diff(&have, &want).expect_err("must refuse").iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "deal.x holds text and cannot become a whole number in place: give the field another name and move the values",
            "deal.qty holds a decimal of 2 places and cannot become a decimal of 4 places in place: give the field another name and move the values",
        ]
    );
    // Texts only grow: `text` to `long` is the same column.
    assert!(diff(&with(&["name = \"x\", type = \"text\""]), &with(&["name = \"x\", type = \"long\""])).is_ok());
}

#[test]
fn no_plan_drops_a_table_or_column() {
    // The type has no such step; what is retired stays in the catalogue for good.
    let p = diff(&with(&[]), &Catalogue::default()).expect("nothing to refuse");
    assert!(p.steps.iter().all(|s| matches!(s, Step::RetireTable { .. } | Step::DropIndex { .. })));
    assert_eq!(p.reached.tables.len(), with(&[]).tables.len());
}

#[test]
fn lists_ordered_by_title_are_walked_by_its_pinyin_key() {
    let c = deals("default_sort = \"name\"", &BASE);
    let keys = |i: &IndexDef| i.keys.iter().map(|k| k.column().to_owned()).collect::<Vec<_>>().join(" ");
    let all: Vec<String> = c.tables["deal"].indexes.values().map(keys).collect();
    for want in ["owner_id name__sort", "dept_id name__sort", "name__sort"] {
        assert!(all.iter().any(|k| k == want), "{want}: {all:?}");
    }
}

#[test]
fn long_names_are_shortened_the_same_way_every_time() {
    let long = "a".repeat(50);
    let n = super::build::link_name(&long, &long);
    assert_eq!(n.len(), 63);
    assert_eq!(n, super::build::link_name(&long, &long));
    assert_ne!(n, super::build::link_name(&long, &"a".repeat(49)));
}
