//! Golden faulty files: every fault at once, each with its line.

use super::*;

const PICKLISTS: &str = r#"
[approval_state]
label = { en = "Approval", zh = "审批" }
system = true
values = [ { key = "none", label = { en = "None", zh = "未提交" } } ]

[level]
label = { en = "Level", zh = "级别" }
default = "b"
values = [
  { key = "a", label = { en = "A", zh = "A" }, color = "jade" },
  { key = "b", label = { en = "B", zh = "B" } },
]
"#;

const USER: &str = r#"
name = "user"
kind = "config"
label = { en = "User", zh = "用户" }
plural = { en = "Users", zh = "用户" }
icon = "user"
title = "name"
[[section]]
key = "main"
label = { en = "Main", zh = "基本" }
fields = [ { name = "name", type = "text", label = { en = "Name", zh = "姓名" }, required = true } ]
"#;

fn faults(files: &[(&str, &str)]) -> String {
    let s: Vec<Source<'_>> = files.iter().map(|(path, text)| Source { path, text }).collect();
    match load(&s) {
        Ok(_) => "no fault".into(),
        Err(f) => f.to_string(),
    }
}

fn department() -> String {
    USER.replace("\"user\"", "\"department\"").replace("User", "Department")
}

#[test]
fn a_sound_model_loads() {
    let d = department();
    assert_eq!(
        faults(&[("picklists/a.toml", PICKLISTS), ("objects/p/user.toml", USER), ("objects/p/department.toml", &d)]),
        "no fault"
    );
}

#[test]
fn names_labels_and_types_are_judged_where_they_stand() {
    let bad = r#"
name = "Deal"
kind = "ownable"
"#;
    let deal = r#"
name = "deal"
kind = "owned"
label = { en = "Deal" }
plural = { en = "Deals", zh = "商机" }
icon = "deal"
title = "nam"
colour = "red"
[[section]]
key = "main"
label = { en = "Main", zh = "基本" }
fields = [
  { name = "name", type = "txt", label = { en = "Name", zh = "名称" } },
  { name = "amount", type = "money", label = { en = "Amount", zh = "" } },
  { name = "amount", type = "money", label = { en = "Amount", zh = "金额" } },
  { name = "Rate", type = "pct" },
  { name = "level", type = "pick", label = { en = "Level", zh = "级别" }, max = 3 },
  { name = "owner_id", type = "user", label = { en = "Owner", zh = "负责人" } },
  { name = "level2", type = "pick", picklist = "levels", label = { en = "Level", zh = "级别" }, default = "x" },
  { name = "level3", type = "pick", picklist = "level", label = { en = "Level", zh = "级别" }, default = "x" },
  { name = "done", type = "bool", label = { en = "Done", zh = "完成" }, required = "yes" },
  { name = "note", type = "long", label = { en = "Note", zh = "备注" }, indexed = true },
  { name = "code", type = "auto", pattern = "D{YYYY}", label = { en = "Code", zh = "编号" } },
]
"#;
    let d = department();
    insta::assert_snapshot!(faults(&[
        ("picklists/a.toml", PICKLISTS),
        ("objects/p/user.toml", USER),
        ("objects/p/department.toml", &d),
        ("objects/a/bad.toml", bad),
        ("objects/a/deal.toml", deal),
    ]));
}

#[test]
fn names_in_lists_formulas_rollups_and_life_cycles_must_exist() {
    let deal = r#"
name = "deal"
kind = "ownable"
label = { en = "Deal", zh = "商机" }
plural = { en = "Deals", zh = "商机" }
icon = "deal"
area = "selling"
title = "name"
default_sort = "-close"
status = "level"
board = "name"
list = ["name", "stage"]
card = ["amount",
  "next_step"]
facts = ["amount", "amount"]
related = [ { object = "line", field = "deal_id" }, { object = "lin", field = "x" }, { object = "line", field = "price" } ]
read_via = ["name"]
unique = [["name", "kode"]]
[[section]]
key = "main"
label = { en = "Main", zh = "基本" }
fields = [
  { name = "name", type = "text", label = { en = "Name", zh = "名称" } },
  { name = "level", type = "pick", picklist = "level", label = { en = "Level", zh = "级别" } },
  { name = "amount", type = "money", label = { en = "Amount", zh = "金额" } },
  { name = "weighted", type = "calc", formula = "amount * probability / SUMM(1)", result = "money", label = { en = "Weighted", zh = "加权" } },
  { name = "owner_rank", type = "calc", formula = "owner_id.rank + name.x", result = "int", label = { en = "Rank", zh = "级别" } },
  { name = "total", type = "roll", rollup = { object = "line", via = "deal_id", fn = "sum", field = "text", filter = "qty > 1 and kind = 'a'" }, label = { en = "Total", zh = "合计" } },
  { name = "lines", type = "roll", rollup = { object = "lines", via = "deal_id", fn = "count" }, label = { en = "Lines", zh = "行数" } },
  { name = "n", type = "roll", rollup = { object = "line", via = "price", fn = "count", field = "price" }, label = { en = "N", zh = "数" } },
  { name = "team", type = "ref", target = "teams", label = { en = "Team", zh = "团队" } },
]
[[transition]]
action = "close"
from = ["a", "open"]
to = "b"
label = { en = "Close", zh = "关闭" }
requires = ["reason"]
[[transition]]
action = "close"
from = ["a"]
to = "won"
label = { en = "Shut", zh = "关闭" }
[[transition]]
action = "close"
from = ["a"]
to = "b"
label = { en = "Close", zh = "关闭" }
"#;
    let line = r#"
name = "line"
kind = "child"
label = { en = "Line", zh = "行" }
plural = { en = "Lines", zh = "行" }
icon = "line"
title = "text"
[[section]]
key = "main"
label = { en = "Main", zh = "基本" }
fields = [
  { name = "deal_id", type = "md", target = "deal", label = { en = "Deal", zh = "商机" } },
  { name = "text", type = "text", label = { en = "Text", zh = "文本" } },
  { name = "price", type = "money", label = { en = "Price", zh = "价格" } },
]
"#;
    let d = department();
    insta::assert_snapshot!(faults(&[
        ("picklists/a.toml", PICKLISTS),
        ("objects/p/user.toml", USER),
        ("objects/p/department.toml", &d),
        ("objects/a/deal.toml", deal),
        ("objects/a/line.toml", line),
    ]));
}

#[test]
fn syntax_and_picklist_faults_have_lines_too() {
    let p = r#"
[Level]
label = { en = "Level", zh = "级别" }
default = "z"
values = [
  { key = "a", label = { en = "A", zh = "A" }, color = "pink" },
  { key = "a", label = { en = "A" } },
]
[empty]
label = { en = "Empty", zh = "空" }
"#;
    insta::assert_snapshot!(faults(&[
        ("picklists/p.toml", p),
        ("objects/x.toml", "name = \"x\nkind = 3"),
        ("planned.toml", "objects = [\"Quote\"]\nx = 1")
    ]));
}

#[test]
fn fields_that_wait_for_planned_objects_sleep_and_take_their_followers_along() {
    let deal = r#"
name = "deal"
kind = "config"
label = { en = "Deal", zh = "商机" }
plural = { en = "Deals", zh = "商机" }
icon = "deal"
title = "name"
list = ["name", "quote_id", "open"]
related = [ { object = "quote", field = "deal_id" } ]
[[section]]
key = "main"
label = { en = "Main", zh = "基本" }
fields = [
  { name = "name", type = "text", label = { en = "Name", zh = "名称" } },
  { name = "quote_id", type = "ref", target = "quote", label = { en = "Quote", zh = "报价" } },
  { name = "about", type = "poly", targets = ["quote", "user"], label = { en = "About", zh = "关于" } },
  { name = "quoted", type = "roll", rollup = { object = "quote", via = "deal_id", fn = "sum", field = "total" }, label = { en = "Quoted", zh = "已报" } },
  { name = "open", type = "calc", formula = "0 - quoted", result = "money", label = { en = "Open", zh = "未报" } },
]
"#;
    let s = [
        ("picklists/a.toml", PICKLISTS),
        ("objects/p/user.toml", USER),
        ("objects/a/deal.toml", deal),
        ("planned.toml", "objects = [\"quote\"]"),
    ];
    let s: Vec<Source<'_>> = s.iter().map(|(path, text)| Source { path, text }).collect();
    let l = load(&s).expect("a sound model");
    let asleep: Vec<String> = l.dormant.iter().map(|d| format!("{}.{} waits for {}", d.object, d.field, d.waits_for)).collect();
    assert_eq!(asleep, ["deal.open waits for deal.quoted", "deal.quote_id waits for quote", "deal.quoted waits for quote"]);
    let o = l.model.object("deal").expect("declared");
    assert_eq!(o.list.iter().map(|f| f.as_str()).collect::<Vec<_>>(), ["name"]);
    assert!(o.related.is_empty());
    assert_eq!(o.field("about").map(|f| f.ty.clone()), Some(crate::FieldType::Poly { targets: vec![ObjectName::lit("user")] }));

    let told =
        faults(&[("picklists/a.toml", PICKLISTS), ("objects/p/user.toml", USER), ("planned.toml", "objects = [\n\"user\"]")]);
    assert_eq!(told, "planned.toml:2: object `user` is declared, so it is no longer planned");
}

fn shipped_faults(text: &str) -> String {
    let d = department();
    let files = [
        ("picklists/a.toml", PICKLISTS),
        ("objects/user.toml", USER),
        ("objects/dept.toml", &d),
        ("planned.toml", "objects = [\"quote\"]"),
        ("defaults/x.toml", text),
    ];
    let role = r#"
name = "role"
kind = "config"
label = { en = "Role", zh = "角色" }
plural = { en = "Roles", zh = "角色" }
icon = "role"
title = "name"
[[section]]
key = "main"
label = { en = "Main", zh = "基本" }
fields = [
  { name = "name", type = "text", label = { en = "Name", zh = "名称" }, required = true },
  { name = "level", type = "pick", picklist = "level", label = { en = "Level", zh = "级别" } },
  { name = "parent_id", type = "ref", target = "role", label = { en = "Parent", zh = "上级" } },
  { name = "quote_id", type = "ref", target = "quote", label = { en = "Quote", zh = "报价" } },
  { name = "others", type = "refs", target = "role", label = { en = "Others", zh = "其他" } },
  { name = "object_perms", type = "json", label = { en = "Permissions", zh = "权限" } },
]
"#;
    let mut s: Vec<Source<'_>> = files.iter().map(|(path, text)| Source { path, text }).collect();
    s.push(Source { path: "objects/role.toml", text: role });
    let loaded = load(&s).unwrap_or_else(|e| panic!("{e}"));
    match defaults(&s, &loaded) {
        Ok(r) => r
            .iter()
            .map(|r| format!("{} {}", r.external_id, serde_json::Value::Object(r.json(crate::Locale::Zh))))
            .collect::<Vec<_>>()
            .join("\n"),
        Err(f) => f.to_string(),
    }
}

#[test]
fn shipped_records_come_after_what_they_point_to_in_the_language_asked_for() {
    let told = shipped_faults(
        r#"
[role.b]
name = { en = "Second", zh = "第二" }
parent_id = "@role.a"
others = ["@role.a"]
quote_id = "@quote.x"
object_perms = { role = { read = "all" }, quote = { read = "all" }, "*" = { read = "own" } }
[role.a]
name = "First"
[quote.x]
name = "sleeps with its object"
"#,
    );
    assert_eq!(
        told,
        concat!(
            r#"role.a {"external_id":"role.a","source_system":"rapport","name":"First"}"#,
            "\n",
            r#"role.b {"external_id":"role.b","source_system":"rapport","name":"第二","parent_id":{"external_id":"role.a"},"#,
            r#""others":[{"external_id":"role.a"}],"object_perms":{"*":{"read":"own"},"role":{"read":"all"}}}"#
        )
    );
}

#[test]
fn faults_of_shipped_records_have_lines() {
    insta::assert_snapshot!(shipped_faults(
        r#"
[rolle.a]
name = "x"
[role.a]
name = { en = "x", zh = "" }
level = "z"
colour = "red"
parent_id = "role.b"
[role.b]
parent_id = "@user.x"
others = "@role.a"
[role.c]
name = "c"
parent_id = "@role.zz"
object_perms = { rolle = { read = "all" } }
"#
    ));
    assert_eq!(
        shipped_faults("[role.a]\nname = \"a\"\nparent_id = \"@role.b\"\n[role.b]\nname = \"b\"\nparent_id = \"@role.a\""),
        "defaults/x.toml:1: `role.a`: points to itself through others"
    );
}
