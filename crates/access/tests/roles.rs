//! The rights of the shipped roles as reviewable text (domain model §5.3): a change of a default right shows in the review.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use rapport_model::ShippedValue;
use rapport_policy::{Act, FieldRight, RoleGrants, matrix, matrix::Relation, role};
use rapport_schema::FieldName;

fn roles() -> Vec<(String, Arc<RoleGrants>)> {
    let json = |s: &rapport_model::Shipped, f: &str| match s.get(f) {
        Some(ShippedValue::Plain(v)) => v.clone(),
        _ => serde_json::Value::Null,
    };
    let read = |s: &rapport_model::Shipped| {
        RoleGrants::parse(&json(s, "object_perms"), Some(&json(s, "field_perms")), Some(&json(s, "functions")))
            .unwrap_or_else(|e| panic!("{}: {e}", s.external_id))
    };
    rapport_model::defaults().of("role").map(|s| (json(s, "code").as_str().unwrap().to_owned(), Arc::new(read(s)))).collect()
}

/// As a person has them: the role every internal user has is part of it.
fn with_internal(code: &str) -> Vec<Arc<RoleGrants>> {
    let all = roles();
    let named = |c: &str| all.iter().find(|(n, _)| n == c).unwrap_or_else(|| panic!("no role {c}")).1.clone();
    vec![named(role::INTERNAL), named(code)]
}

#[test]
fn shipped_roles_name_only_what_exists() {
    let model = rapport_model::shipped();
    let all = roles();
    assert!(all.len() >= 12, "{}", all.len());
    for (code, g) in all {
        assert_eq!(g.faults(&model), [], "{code}");
    }
}

#[test]
fn matrix_of_the_shipped_roles() {
    // R-VIS-02, R-FLS-01: role × object × right × relation to the record. Reach words: who the record belongs to, seen from the caller.
    let model = rapport_model::shipped();
    for (code, g) in roles() {
        insta::assert_snapshot!(format!("role_{code}"), matrix::table(&model, &[g]));
    }
}

#[test]
fn who_merges_may_also_delete_what_is_merged() {
    // R-MRG-01: merging needs edit and delete on all of the records.
    let model = rapport_model::shipped();
    let mut mergers = 0;
    for (code, g) in roles() {
        for name in ["lead", "account", "contact"] {
            let o = model.object(name).unwrap();
            let s = matrix::Cast::scope(&model, std::slice::from_ref(&g));
            if s.is_admin() || !s.may_on(o, "merge") {
                continue;
            }
            mergers += 1;
            let reach = |act| matrix::reached(&s, &model, o, act);
            for r in [Relation::Own, Relation::SameDept, Relation::DeptBelow] {
                assert!(reach(Act::Edit).contains(&r) && reach(Act::Delete).contains(&r), "{code} {name} {r:?}");
            }
        }
        // What is only merged away is never a deal.
        let deal = model.object("opportunity").unwrap();
        if code == "sales_manager" {
            assert!(matrix::reached(&matrix::Cast::scope(&model, &[g]), &model, deal, Act::Delete).is_empty());
        }
    }
    assert_eq!(mergers, 6, "director and manager, three objects each");
}

#[test]
fn cost_is_hidden_from_those_who_sell() {
    // R-FLS-01
    let model = rapport_model::shipped();
    let product = model.object("product").unwrap();
    for code in ["sales_rep", "marketing", "service_agent"] {
        let s = matrix::Cast::scope(&model, &with_internal(code));
        for f in ["cost", "floor_price"] {
            assert_eq!(s.field(product, &FieldName::new(f).unwrap(), true), FieldRight::Hidden, "{code} {f}");
        }
    }
}

#[test]
fn only_the_administrator_reaches_people_roles_and_tokens_to_change_them() {
    let model = rapport_model::shipped();
    for (code, _) in roles().into_iter().filter(|(c, _)| c != "admin") {
        let s = matrix::Cast::scope(&model, &with_internal(&code));
        assert!(!s.is_admin(), "{code}");
        for name in ["user", "role", "permission_set", "sharing_rule", "reporting_line", "setting", "record_share", "api_token"] {
            let o = model.object(name).unwrap();
            for act in [Act::Edit, Act::Delete, Act::Transfer] {
                assert!(s.rule(act, &model, o).is_nothing(), "{code} {name} {act:?}");
            }
            assert!(!s.may_on(o, "create"), "{code} creates {name}");
        }
    }
}

#[test]
fn roles_reach_what_the_domain_model_says() {
    // Domain model §5.3, column "Lead, account, contact, opportunity".
    let model = rapport_model::shipped();
    for object in ["lead", "account", "contact", "opportunity"] {
        let o = model.object(object).unwrap();
        let reached = |code: &str, act| matrix::reached(&matrix::Cast::scope(&model, &with_internal(code)), &model, o, act);
        for code in ["sales_director", "sales_manager"] {
            let r = reached(code, Act::Edit);
            let all = [Relation::Own, Relation::SameDept, Relation::DeptBelow];
            assert!(all.iter().all(|x| r.contains(x)) && !r.contains(&Relation::OtherDept), "{code} {object} {r:?}");
        }
        let rep = reached("sales_rep", Act::Edit);
        assert!(rep.contains(&Relation::Own) && !rep.contains(&Relation::SameDept), "{object} {rep:?}");
        assert!(!rep.contains(&Relation::Subordinate), "{object} {rep:?}");
        assert!(reached("sales_rep", Act::Delete).is_empty(), "{object}");
        assert!(reached("general_manager", Act::Edit).is_empty(), "{object}");
        assert_eq!(reached("general_manager", Act::Export).len(), Relation::ALL.len(), "{object}");
        assert!(reached("auditor", Act::Edit).is_empty() && reached("auditor", Act::Export).is_empty(), "{object}");
    }
}
