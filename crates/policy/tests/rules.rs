//! Rules of visibility and field rights on a small model (R-VIS, R-FLS).
#![allow(clippy::unwrap_used)]

use std::{collections::BTreeSet, sync::Arc};

use proptest::prelude::*;
use rapport_policy::{
    Act, FieldRight, Grants, ObjectPerm, Principal, Reach, RoleGrants, RowRule, Scope, ScopeBuilder, Switches,
    facts::{Facts, TeamFact},
    matrix::{Cast, Relation, reached},
};
use rapport_schema::{
    FieldDef, FieldName, FieldType, Label, MaskKind, Model, ObjectDef, ObjectKind, ObjectName, RecordId, TokenId, Via,
};
use serde_json::json;
use smol_str::SmolStr;

fn object(name: &'static str, kind: ObjectKind, more: Vec<FieldDef>) -> ObjectDef {
    let title = FieldName::lit("name");
    let mut o = ObjectDef::empty(ObjectName::lit(name), kind, Label::new(name, name), Label::new(name, name), title.clone());
    o.fields = rapport_schema::system::fields(kind);
    o.fields.push(FieldDef::new(title, Label::default(), FieldType::Text { max: 255 }));
    o.fields.extend(more);
    o.reindex();
    o
}
fn field(name: &'static str, ty: FieldType) -> FieldDef {
    FieldDef::new(FieldName::lit(name), Label::default(), ty)
}
fn reference(name: &'static str, target: &'static str) -> FieldDef {
    field(name, FieldType::Ref { target: ObjectName::lit(target), on_delete: rapport_schema::field::OnDelete::Clear })
}
fn master(name: &'static str, target: &'static str) -> FieldDef {
    field(name, FieldType::MasterDetail { target: ObjectName::lit(target) })
}

/// account, contact, opportunity with lines, follow_up on any of them, product, user, a log, a custom object.
fn model() -> Model {
    let mut phone = field("phone", FieldType::Phone);
    phone.mask = Some(MaskKind::Phone);
    let mut target =
        field("target", FieldType::Poly { targets: ["account", "contact", "opportunity"].map(ObjectName::lit).into() });
    target.required = true;
    let mut custom = object("site__c", ObjectKind::Ownable, vec![]);
    custom.custom = true;
    let objects = [
        object("account", ObjectKind::Ownable, vec![phone.clone(), reference("parent_id", "account")]),
        object("contact", ObjectKind::Ownable, vec![reference("account_id", "account"), phone]),
        object(
            "opportunity",
            ObjectKind::Ownable,
            vec![reference("account_id", "account"), field("amount", FieldType::Money { unit_price: false, min: None })],
        ),
        object(
            "opportunity_line",
            ObjectKind::Child,
            vec![master("opportunity_id", "opportunity"), field("cost", FieldType::Long)],
        ),
        object("follow_up", ObjectKind::Ownable, vec![target]),
        object("product", ObjectKind::Config, vec![field("cost", FieldType::Long)]),
        object("user", ObjectKind::Config, vec![]),
        object("audit_log", ObjectKind::Log, vec![]),
        custom,
    ];
    let mut m = Model::default();
    for o in objects {
        m.objects.insert(o.name.clone(), Arc::new(o));
    }
    m
}

fn role(v: serde_json::Value) -> Arc<RoleGrants> {
    Arc::new(RoleGrants::parse_set(&v).unwrap())
}
fn account_role(v: serde_json::Value) -> Arc<RoleGrants> {
    role(json!({ "objects": { "account": v } }))
}
fn relations(roles: &[Arc<RoleGrants>], object: &str, act: Act) -> Vec<Relation> {
    let m = model();
    reached(&Cast::scope(&m, roles), &m, m.object(object).unwrap(), act)
}

use Relation::{DeptBelow, Own, SameDept, SharedEdit, SharedRead, Subordinate, TeamEdit, TeamRead};
const SHARED: [Relation; 4] = [SharedRead, SharedEdit, TeamRead, TeamEdit];

#[test]
fn each_reach_reaches_what_it_says() {
    // R-VIS-02, R-VIS-03; a superior reads what the people below own in any case (R-VIS-08).
    let read = |reach: &str| {
        let mut r = relations(&[account_role(json!({ "read": reach }))], "account", Act::Read);
        r.retain(|x| !SHARED.contains(x));
        r
    };
    assert_eq!(read("none"), vec![]);
    assert_eq!(read("team"), vec![Subordinate]);
    assert_eq!(read("own"), vec![Own, Subordinate]);
    assert_eq!(read("dept"), vec![Own, SameDept, Subordinate]);
    assert_eq!(read("dept_tree"), vec![Own, SameDept, DeptBelow, Subordinate]);
    assert_eq!(read("all").len(), Relation::ALL.len() - SHARED.len());
    let edit = |reach: &str| relations(&[account_role(json!({ "read": "all", "edit": reach }))], "account", Act::Edit);
    assert_eq!(edit("own"), vec![Own, SharedEdit, TeamEdit], "editing needs scope (R-VIS-08)");
    assert_eq!(edit("own_sub"), vec![Own, Subordinate, SharedEdit, TeamEdit]);
}

#[test]
fn without_the_object_permission_nothing_else_helps() {
    // R-VIS-01: object permission AND (scope or team or share …).
    let auditor = account_role(json!({ "read": "all" }));
    for act in [Act::Edit, Act::Delete, Act::Transfer, Act::Export] {
        assert_eq!(relations(std::slice::from_ref(&auditor), "account", act), vec![], "{act:?}");
    }
    assert_eq!(relations(&[], "account", Act::Read), vec![]);
}

#[test]
fn teams_and_shares_give_reading_and_editing_only() {
    // R-VIS-04
    let r = [account_role(json!({ "read": "team", "edit": "team", "delete": "team", "transfer": "team" }))];
    assert_eq!(relations(&r, "account", Act::Edit), vec![SharedEdit, TeamEdit]);
    assert_eq!(relations(&r, "account", Act::Delete), vec![]);
    assert_eq!(relations(&r, "account", Act::Transfer), vec![]);
}

#[test]
fn two_roles_reach_what_both_reach() {
    // R-VIS-01: `own_sub` of one role and `dept` of the other, neither includes the other.
    let a = account_role(json!({ "read": "all", "edit": "own_sub" }));
    let b = account_role(json!({ "read": "all", "edit": "dept" }));
    assert_eq!(relations(&[a, b], "account", Act::Edit), vec![Own, SameDept, Subordinate, SharedEdit, TeamEdit]);
}

#[test]
fn no_act_reaches_further_than_reading() {
    let r = [account_role(json!({ "read": "own", "edit": "all", "export": "all" }))];
    assert_eq!(relations(&r, "account", Act::Edit), vec![Own, SharedEdit, TeamEdit]);
    assert_eq!(relations(&r, "account", Act::Export), [&[Own], &SHARED[..]].concat());
}

#[test]
fn children_follow_their_master() {
    // R-VIS-05
    let m = model();
    let r = [role(json!({ "objects": { "opportunity": { "create": true, "read": "dept", "edit": "own" } } }))];
    assert_eq!(relations(&r, "opportunity_line", Act::Read), relations(&r, "opportunity", Act::Read));
    assert_eq!(relations(&r, "opportunity_line", Act::Edit), relations(&r, "opportunity", Act::Edit));
    assert_eq!(
        relations(&r, "opportunity_line", Act::Delete),
        relations(&r, "opportunity", Act::Edit),
        "changing a master means changing its lines"
    );
    let s = Cast::scope(&m, &r);
    let line = m.object("opportunity_line").unwrap();
    assert!(s.may_on(line, "create") && s.may_on(line, "read"));
    // A line of its own can take a child away, but never reach beyond its master.
    let hidden = [role(json!({ "objects": { "opportunity": { "read": "dept" }, "opportunity_line": {} } }))];
    assert_eq!(relations(&hidden, "opportunity_line", Act::Read), vec![]);
    let wide =
        [role(json!({ "objects": { "opportunity": { "read": "own" }, "opportunity_line": { "read": "all", "edit": "all" } } }))];
    assert_eq!(relations(&wide, "opportunity_line", Act::Read), relations(&wide, "opportunity", Act::Read));
    assert_eq!(relations(&wide, "opportunity_line", Act::Edit), vec![]);
    let admin = [role(json!({ "objects": { "opportunity": { "read": "all", "edit": "all" } } }))];
    assert!(Cast::scope(&m, &admin).rule(Act::Edit, &m, line).is_all(), "no join where everything is reached");
}

fn on(field: &'static str, object: &'static str, parent: Facts) -> Facts {
    Facts::default().with_parent(FieldName::lit(field), ObjectName::lit(object), parent)
}

#[test]
fn contacts_and_follow_ups_are_read_with_their_account_opportunities_are_not() {
    // R-VIS-05
    let m = model();
    let own = json!({ "create": true, "read": "own", "edit": "own" });
    let r = [role(
        json!({ "objects": { "account": { "read": "dept", "edit": "own" }, "contact": own, "opportunity": own, "follow_up": own } }),
    )];
    let s = Cast::scope(&m, &r);
    let rule = |o: &str, act| s.rule(act, &m, m.object(o).unwrap());
    let colleague = Cast::record(SameDept);
    let contact = on("account_id", "account", colleague.clone());
    assert!(rule("contact", Act::Read).reaches(&contact));
    assert!(!rule("contact", Act::Edit).reaches(&contact), "reading only");
    assert!(!rule("contact", Act::Export).reaches(&contact), "export keeps to its own scope");
    assert!(!rule("opportunity", Act::Read).reaches(&on("account_id", "account", colleague.clone())));
    assert!(rule("follow_up", Act::Read).reaches(&on("target", "account", colleague.clone())));
    assert!(rule("follow_up", Act::Read).reaches(&on("target", "contact", contact)), "through the contact's account");
    assert!(!rule("follow_up", Act::Read).reaches(&on("target", "opportunity", colleague.clone())));
    assert!(!rule("follow_up", Act::Read).reaches(&on("target", "account", Cast::record(Relation::OtherDept))));

    let off = Switches { follow_account: false, ..Switches::default() };
    let s = ScopeBuilder::person(Cast::user(1), "x")
        .departments(vec![Cast::dept(1)], vec![Cast::dept(1)])
        .grants(Arc::new(Grants::resolve(&m, &r)))
        .switches(off);
    let s = s.build(Principal::Local, Via::Api);
    assert!(
        !s.rule(Act::Read, &m, m.object("contact").unwrap()).reaches(&on("account_id", "account", colleague)),
        "switched off"
    );
}

#[test]
fn the_parent_account_does_not_flow_to_its_children_unless_switched_on() {
    // R-VIS-05
    let m = model();
    let r = [account_role(json!({ "read": "own" }))];
    let child = on("parent_id", "account", Cast::record(Own));
    let grandchild = on("parent_id", "account", child.clone());
    let with = |parent_account| {
        let s = Switches { parent_account, ..Switches::default() };
        let b = ScopeBuilder::person(Cast::user(1), "x").grants(Arc::new(Grants::resolve(&m, &r))).switches(s);
        b.build(Principal::Local, Via::Api).rule(Act::Read, &m, m.object("account").unwrap())
    };
    assert!(!with(false).reaches(&child));
    assert!(with(true).reaches(&child));
    assert!(!with(true).reaches(&grandchild), "one level");
}

#[test]
fn a_team_extends_to_what_it_names() {
    // R-VIS-04 `extend_to`
    let m = model();
    let own = json!({ "read": "own", "edit": "own" });
    let s = Cast::scope(&m, &[role(json!({ "objects": { "opportunity": own, "contact": own } }))]);
    let account = |edit, to: &[&'static str]| Facts {
        team: vec![TeamFact { user: Cast::user(1), edit, extends_to: to.iter().map(|o| ObjectName::lit(o)).collect() }],
        ..Cast::record(Relation::OtherDept)
    };
    let opp = |a| on("account_id", "account", a);
    let rule = |act| s.rule(act, &m, m.object("opportunity").unwrap());
    assert!(rule(Act::Read).reaches(&opp(account(false, &["opportunity"]))));
    assert!(!rule(Act::Read).reaches(&opp(account(false, &["contact"]))));
    assert!(!rule(Act::Edit).reaches(&opp(account(false, &["opportunity"]))), "read access extends as reading");
    assert!(rule(Act::Edit).reaches(&opp(account(true, &["opportunity"]))));
    assert!(!rule(Act::Delete).reaches(&opp(account(true, &["opportunity"]))));
}

#[test]
fn dotted_and_deputy_lines() {
    // R-VIS-08: C (user 5) reports dotted to P for opportunities, reading.
    let m = model();
    let all_own = role(
        json!({ "objects": { "account": { "read": "own_sub", "edit": "own_sub" }, "opportunity": { "read": "own_sub", "edit": "own_sub", "delete": "own_sub" } } }),
    );
    let base = || ScopeBuilder::person(Cast::user(1), "P").grants(Arc::new(Grants::resolve(&m, std::slice::from_ref(&all_own))));
    let of = |s: &Scope, o: &str, act, owner| {
        s.rule(act, &m, m.object(o).unwrap()).reaches(&Facts { owner: Some(Cast::user(owner)), ..Facts::default() })
    };
    let p = base().dotted(Cast::user(5), vec!["opportunity".into()], false).build(Principal::Local, Via::Api);
    assert!(of(&p, "opportunity", Act::Read, 5));
    assert!(!of(&p, "account", Act::Read, 5), "not the accounts");
    assert!(!of(&p, "opportunity", Act::Read, 6), "not those below");
    assert!(!of(&p, "opportunity", Act::Edit, 5), "the line gives reading");
    let p = base().dotted(Cast::user(5), vec!["opportunity".into()], true).build(Principal::Local, Via::Api);
    assert!(of(&p, "opportunity", Act::Edit, 5));
    assert!(of(&p, "opportunity", Act::Delete, 5), "it counts for own_sub");
    let d = base().deputy(vec![Cast::user(5), Cast::user(6)], vec![], true).build(Principal::Local, Via::Api);
    assert!(of(&d, "account", Act::Read, 6) && of(&d, "account", Act::Edit, 6));
    assert!(!of(&d, "opportunity", Act::Delete, 6), "a deputy is not a superior");
    // Without the object permission the line gives nothing.
    let none = ScopeBuilder::person(Cast::user(1), "P").dotted(Cast::user(5), vec![], true).build(Principal::Local, Via::Api);
    assert!(!of(&none, "opportunity", Act::Read, 5));
    let own = account_role(json!({ "read": "own" }));
    let line = |manager_line| {
        let b = ScopeBuilder::person(Cast::user(1), "P").grants(Arc::new(Grants::resolve(&m, std::slice::from_ref(&own))));
        b.reports(vec![Cast::user(7)])
            .switches(Switches { manager_line, ..Switches::default() })
            .build(Principal::Local, Via::Api)
    };
    assert!(of(&line(true), "account", Act::Read, 7));
    assert!(!of(&line(false), "account", Act::Read, 7), "access.manager_line off");
}

#[test]
fn configuration_logs_and_the_own_user() {
    let m = model();
    let s = Cast::scope(
        &m,
        &[role(json!({ "objects": { "product": { "read": "all" }, "audit_log": { "read": "all" }, "*": { "read": "all" } } }))],
    );
    let rule = |o: &str, act| s.rule(act, &m, m.object(o).unwrap());
    assert!(rule("product", Act::Read).is_all());
    assert!(rule("site__c", Act::Read).is_all() && rule("account", Act::Read).is_all(), "`*` covers ownable objects");
    let mine = Facts { id: Some(Cast::user(1).record()), ..Facts::default() };
    assert!(rule("user", Act::Read).reaches(&mine), "`*` does not cover configuration, but everybody reads his own user");
    assert!(!rule("user", Act::Read).reaches(&Facts { id: Some(Cast::user(2).record()), ..Facts::default() }));
    // Logs are written by the engine only, for administrators too (domain model §0).
    let admin = Cast::scope(&m, &[role(json!({ "functions": ["admin"] }))]);
    let log = m.object("audit_log").unwrap();
    assert!(admin.rule(Act::Read, &m, log).is_all());
    for act in [Act::Edit, Act::Delete, Act::Transfer] {
        assert!(admin.rule(act, &m, log).is_nothing(), "{act:?}");
    }
    assert!(!admin.may_on(log, "create"));
    assert!(admin.may_on(m.object("product").unwrap(), "anything"));
}

#[test]
fn the_custom_line_covers_custom_objects_only() {
    let m = model();
    let s = Cast::scope(&m, &[role(json!({ "objects": { "*__c": { "create": true, "read": "own", "edit": "own" } } }))]);
    assert!(s.may_on(m.object("site__c").unwrap(), "create"));
    assert!(!s.may_on(m.object("account").unwrap(), "read"));
}

fn right(roles: &[Arc<RoleGrants>], object: &str, field: &'static str, own: bool) -> FieldRight {
    let m = model();
    Cast::scope(&m, roles).field(m.object(object).unwrap(), &FieldName::lit(field), own)
}

#[test]
fn the_most_permissive_role_decides_on_a_field() {
    // R-FLS-01
    let hides = role(json!({ "objects": { "product": { "read": "all" } }, "fields": { "product": { "cost": "hidden" } } }));
    let reads = role(json!({ "objects": { "product": { "read": "all" } } }));
    let names = role(json!({ "fields": { "product": { "cost": "read" } } }));
    assert_eq!(right(std::slice::from_ref(&hides), "product", "cost", false), FieldRight::Hidden);
    assert_eq!(right(std::slice::from_ref(&hides), "product", "cost", true), FieldRight::Hidden);
    assert_eq!(right(&[hides.clone(), reads], "product", "cost", false), FieldRight::Read);
    assert_eq!(
        right(&[hides.clone(), names.clone()], "product", "cost", false),
        FieldRight::Read,
        "a permission set may name one field"
    );
    assert_eq!(right(&[names], "product", "cost", false), FieldRight::Hidden, "but gives no object");
    // One role edits but hides, the other reads: reading, not editing.
    let edits = role(
        json!({ "objects": { "product": { "read": "all", "edit": "all" } }, "fields": { "product": { "cost": "hidden" } } }),
    );
    let reads = role(json!({ "objects": { "product": { "read": "all" } } }));
    assert_eq!(right(&[edits, reads], "product", "cost", false), FieldRight::Read);
}

#[test]
fn masked_by_default_plain_for_the_owner() {
    // R-FLS-02, R-FLS-03
    let rep = account_role(json!({ "create": true, "read": "all", "edit": "own" }));
    assert_eq!(right(std::slice::from_ref(&rep), "account", "phone", false), FieldRight::Masked(MaskKind::Phone));
    assert_eq!(right(std::slice::from_ref(&rep), "account", "phone", true), FieldRight::Edit);
    let plain = account_role(json!({ "read": "all", "plain": true }));
    assert_eq!(right(std::slice::from_ref(&plain), "account", "phone", false), FieldRight::Read);
    assert_eq!(right(&[rep, plain], "account", "phone", false), FieldRight::Read);
    let masks = role(json!({ "objects": { "account": { "read": "all" } }, "fields": { "account": { "name": "masked" } } }));
    assert_eq!(right(std::slice::from_ref(&masks), "account", "name", false), FieldRight::Masked(MaskKind::Text));
    assert_eq!(right(&[masks], "account", "name", true), FieldRight::Read);
    let m = FieldRight::Masked(MaskKind::Phone);
    assert!(m.visible() && !m.plain() && !m.writable());
}

#[test]
fn roles_that_cannot_work_are_named() {
    let m = model();
    let g = RoleGrants::parse_set(&json!({
        "objects": { "acount": {}, "account": { "read": "own", "edit": "all" }, "audit_log": { "read": "all", "edit": "own" } },
        "fields": { "product": { "costs": "hidden" }, "nothing": {}, "account": { "created_at": "edit" } }
    }))
    .unwrap();
    let all = g.faults(&m);
    let faults = all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    for word in [
        "`acount`",
        "edit reaches further than read",
        "`audit_log` is written by the engine",
        "`product.costs`",
        "`nothing`",
        "`account.created_at` is kept",
    ] {
        assert!(faults.contains(word), "{word} in\n{faults}");
    }
    let codes: Vec<_> = all.iter().map(|f| format!("{} {}", f.cause.field, f.cause.code)).collect();
    assert_eq!(
        codes,
        [
            "account model.role_reach",
            " model.object_missing",
            "audit_log model.engine_only",
            "account.created_at model.engine_only",
            " model.object_missing",
            "product expr.unknown_field"
        ]
    );
    assert!(RoleGrants::parse_set(&json!({ "objects": { "account": { "raed": "all" } } })).is_err(), "unknown words are refused");
    assert!(RoleGrants::parse_set(&json!({ "objects": { "account": { "read": "everything" } } })).is_err());
}

fn narrowed(s: &Scope, words: &[&str]) -> Scope {
    let n: BTreeSet<SmolStr> = words.iter().map(SmolStr::new).collect();
    s.admit(Principal::Token(TokenId::of(RecordId::from_bytes([9; 16]))), Via::Api, Some(Arc::new(n)))
}

#[test]
fn a_token_narrows_also_administrators() {
    let m = model();
    let admin = Cast::scope(&m, &[role(json!({ "functions": ["admin"] }))]);
    let t = narrowed(&admin, &["account:read"]);
    let (account, contact) = (m.object("account").unwrap(), m.object("contact").unwrap());
    assert!(!t.is_admin() && !t.may("admin") && !t.may("model"));
    assert!(t.rule(Act::Read, &m, account).is_all() && t.may_on(account, "export"));
    assert!(t.rule(Act::Edit, &m, account).is_nothing() && !t.may_on(account, "create"));
    assert!(t.rule(Act::Read, &m, contact).is_nothing());
    assert_eq!(t.field(account, &FieldName::lit("name"), true), FieldRight::Read);
    assert_eq!(t.field(contact, &FieldName::lit("name"), true), FieldRight::Hidden);
    let w = narrowed(&admin, &["*:write", "*:admin"]);
    assert!(w.rule(Act::Edit, &m, contact).is_all() && w.rule(Act::Read, &m, contact).is_all() && w.may("admin"));
    let again = narrowed(&t, &["*:*"]);
    assert!(again.rule(Act::Edit, &m, account).is_nothing(), "a narrow scope never becomes wider");
}

#[test]
fn nobody_becomes_the_engine() {
    let m = model();
    let s = Cast::scope(&m, &[]);
    let t = s.admit(Principal::System(rapport_policy::Reason::Job), Via::System, None);
    assert!(!t.is_system());
}

// ---- properties ----------------------------------------------------------------------------------------------------------

fn any_reach() -> impl Strategy<Value = Reach> {
    proptest::sample::select(Reach::ALL.to_vec())
}
prop_compose! {
    fn any_perm()(create: bool, read in any_reach(), edit in any_reach(), delete in any_reach(), transfer in any_reach(), export in any_reach(), plain: bool) -> ObjectPerm {
        ObjectPerm { create, read, edit, delete, transfer, export, plain, ..ObjectPerm::default() }
    }
}
prop_compose! {
    fn any_role()(perms in proptest::collection::btree_map(proptest::sample::select(vec!["account", "contact", "opportunity", "opportunity_line", "follow_up", "product", "*", "*__c"]), any_perm(), 0..5),
                  fields in proptest::collection::btree_map(proptest::sample::select(vec!["name", "phone"]), proptest::sample::select(vec!["hidden", "masked", "read", "edit"]), 0..3))
        -> Arc<RoleGrants> {
        let mut g = RoleGrants { objects: perms.into_iter().map(|(k, v)| (k.into(), v)).collect(), ..RoleGrants::default() };
        let f = serde_json::from_value(json!(fields)).unwrap();
        g.fields.insert("account".into(), f);
        Arc::new(g)
    }
}

/// Rows of every relation, alone, below an account in every relation, and below a contact of such an account.
fn rows(object: &ObjectDef) -> Vec<Facts> {
    let mut v: Vec<Facts> = vec![];
    for r in Relation::ALL {
        let row = Cast::record(r);
        v.push(row.clone());
        let field = match object.name.as_str() {
            "opportunity_line" => "opportunity_id",
            "follow_up" => "target",
            _ => "account_id",
        };
        for parent in ["account", "contact", "opportunity"] {
            v.push(Facts::default().with_parent(FieldName::lit(field), ObjectName::lit(parent), row.clone()));
            let between = Facts::default().with_parent(FieldName::lit("account_id"), ObjectName::lit("account"), row.clone());
            v.push(Facts::default().with_parent(FieldName::lit(field), ObjectName::lit(parent), between));
        }
    }
    v
}
fn covers(wide: &RowRule, narrow: &RowRule, rows: &[Facts]) -> bool {
    rows.iter().all(|r| wide.reaches(r) || !narrow.reaches(r))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// R-VIS-01: no deny rules. Another role never takes anything away, neither rows nor fields nor rights.
    #[test]
    fn adding_a_grant_never_removes_reach(mut roles in proptest::collection::vec(any_role(), 0..3), more in any_role()) {
        let m = model();
        let before = Cast::scope(&m, &roles);
        roles.push(more);
        let after = Cast::scope(&m, &roles);
        for o in m.objects.values() {
            let rows = rows(o);
            for act in Act::ALL {
                prop_assert!(covers(&after.rule(act, &m, o), &before.rule(act, &m, o), &rows), "{} {act:?}", o.name);
                prop_assert!(after.may_on(o, act.name()) || !before.may_on(o, act.name()));
            }
            for (_, f) in o.live() {
                for own in [true, false] {
                    prop_assert!(after.field(o, &f.name, own).includes(before.field(o, &f.name, own)), "{}.{}", o.name, f.name);
                }
            }
        }
    }

    /// Whatever may be changed, deleted, given away or exported may be read; what is written may be seen; owning shows no less.
    #[test]
    fn reading_reaches_at_least_as_far_as_every_other_act(roles in proptest::collection::vec(any_role(), 0..3)) {
        let m = model();
        let s = Cast::scope(&m, &roles);
        for o in m.objects.values() {
            let rows = rows(o);
            let read = s.rule(Act::Read, &m, o);
            for act in Act::ALL {
                prop_assert!(covers(&read, &s.rule(act, &m, o), &rows), "{} {act:?}", o.name);
            }
            for (_, f) in o.live() {
                prop_assert!(s.field(o, &f.name, true).includes(s.field(o, &f.name, false)), "{}.{}", o.name, f.name);
            }
        }
    }

    /// A token's scope never exceeds the person's.
    #[test]
    fn a_token_never_exceeds_the_person(roles in proptest::collection::vec(any_role(), 0..3), admin: bool,
        words in proptest::collection::vec(proptest::sample::select(vec!["account:read", "account:write", "*:read", "*:write", "contact:*", "*:*", "follow_up:read", "*:admin", "nonsense"]), 0..4)) {
        let m = model();
        let mut roles = roles;
        if admin {
            roles.push(role(json!({ "functions": ["admin"] })));
        }
        let person = Cast::scope(&m, &roles);
        let token = narrowed(&person, &words);
        for o in m.objects.values() {
            let rows = rows(o);
            for act in Act::ALL {
                prop_assert!(covers(&person.rule(act, &m, o), &token.rule(act, &m, o), &rows), "{} {act:?}", o.name);
                prop_assert!(person.may_on(o, act.name()) || !token.may_on(o, act.name()));
            }
            for (_, f) in o.live() {
                prop_assert!(person.field(o, &f.name, true).includes(token.field(o, &f.name, true)));
            }
        }
        for f in ["admin", "import.set_state"] {
            prop_assert!(person.may(f) || !token.may(f));
        }
    }

    /// The lattice of reaches: union and intersection behave as such.
    #[test]
    fn reaches_form_a_lattice(a in any_reach(), b in any_reach(), c in any_reach()) {
        prop_assert_eq!(a.or(b), b.or(a));
        prop_assert_eq!(a.and(b), b.and(a));
        prop_assert_eq!(a.or(b.or(c)), a.or(b).or(c));
        prop_assert_eq!(a.and(a.or(b)), a);
        prop_assert_eq!(a.or(a.and(b)), a);
        prop_assert_eq!(a.and(b.or(c)), a.and(b).or(a.and(c)));
        prop_assert!(a.or(b).includes(a) && a.includes(a.and(b)));
    }
}
