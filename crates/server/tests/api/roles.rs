//! Every shipped role, in every relation a caller can have to a record, through the routes of a record: what `policy` says in
//! memory is what the server answers from the database (quality.md §2.1, API1; R-VIS-01 to R-VIS-08).

use std::{collections::HashMap, fmt::Write as _, sync::Arc};

use rapport_policy::{
    Act, RoleGrants,
    matrix::{Cast, Relation, reached},
};
use rapport_schema::{RecordId, UserId, load::ShippedValue};
use rapport_testkit::{Space, both};
use serde_json::{Value, json};

/// Shipped roles by code, as `policy` reads them.
fn roles() -> Vec<(String, Arc<RoleGrants>)> {
    let defaults = rapport_model::defaults();
    let plain = |r: &rapport_schema::load::Shipped, f: &str| match r.get(f) {
        Some(ShippedValue::Plain(v)) => Some(v.clone()),
        _ => None,
    };
    defaults
        .records
        .iter()
        .filter(|r| r.object == "role")
        .map(|r| {
            let (objects, fields, functions) = (plain(r, "object_perms"), plain(r, "field_perms"), plain(r, "functions"));
            let grants = RoleGrants::parse(&objects.unwrap_or_else(|| json!({})), fields.as_ref(), functions.as_ref()).unwrap();
            (plain(r, "code").and_then(|v| v.as_str().map(str::to_owned)).unwrap(), Arc::new(grants))
        })
        .collect()
}

struct Cast2 {
    caller: UserId,
    owners: HashMap<&'static str, UserId>,
}

async fn cast(s: &Space, role: &str) -> Cast2 {
    let caller = s.person(&format!("Caller {role}"), role, Some("one")).await;
    let mut owners = HashMap::from([("Own", caller)]);
    for (relation, dept) in
        [("SameDept", "one"), ("DeptBelow", "below"), ("OtherDept", "elsewhere"), ("Subordinate", "elsewhere")]
    {
        owners.insert(relation, s.person(&format!("{relation} of {role}"), "sales_rep", Some(dept)).await);
    }
    s.change("user", owners["Subordinate"].record(), json!({ "manager_id": caller })).await;
    Cast2 { caller, owners }
}

async fn record(s: &Space, c: &Cast2, object: &str, relation: Relation, name: &str, account: RecordId) -> RecordId {
    let owner = match relation {
        Relation::Own => Some("Own"),
        Relation::SameDept => Some("SameDept"),
        Relation::DeptBelow => Some("DeptBelow"),
        Relation::Subordinate => Some("Subordinate"),
        Relation::None => None,
        Relation::OtherDept | Relation::SharedRead | Relation::SharedEdit | Relation::TeamRead | Relation::TeamEdit => {
            Some("OtherDept")
        }
    };
    let mut data = json!({ "name": name });
    if let Some(o) = owner {
        data["owner_id"] = json!(c.owners[o]);
    }
    match object {
        "opportunity" => {
            data["account_id"] = json!(account);
            data["amount"] = json!("10");
            data["close_on"] = json!("2026-12-31");
        }
        "lead" => data["company_name"] = json!(name),
        _ => {}
    }
    let id = s.make(object, data).await;
    let at = json!({ "object": object, "id": id });
    match relation {
        Relation::SharedRead | Relation::SharedEdit => {
            let access = if relation == Relation::SharedEdit { "edit" } else { "read" };
            s.make("record_share", json!({ "record": at, "grantee": { "object": "user", "id": c.caller }, "access": access }))
                .await;
        }
        Relation::TeamRead | Relation::TeamEdit => {
            let access = if relation == Relation::TeamEdit { "edit" } else { "read" };
            s.make("team_member", json!({ "record": at, "user_id": c.caller, "access": access })).await;
        }
        _ => {}
    }
    id
}

both! {
    async fn every_shipped_role_reaches_by_relation_what_the_policy_says(s) {
        let one = s.department("one", None).await;
        s.department("below", Some(one)).await;
        s.department("elsewhere", None).await;
        let roles = roles();
        assert!(roles.len() >= 12, "{}", roles.len());
        let internal = roles.iter().find(|(c, _)| c == "internal").unwrap().1.clone();
        let model = s.engine.model();
        let nobody = s.person("Nobody Of Interest", "sales_rep", Some("elsewhere")).await;
        let account = s.account("Of Nobody", nobody).await;
        let (mut wrong, mut asked) = (String::new(), 0);
        for (role, grants) in &roles {
            // What everybody has is no role of its own.
            if role == "internal" {
                continue;
            }
            let cast = cast(&s, role).await;
            let c = s.session(cast.caller).await;
            let scope = Cast::scope(&model, &[internal.clone(), grants.clone()]);
            for object in ["account", "opportunity", "lead"] {
                let def = model.object(object).unwrap();
                let (read, edit, delete) = (
                    reached(&scope, &model, def, Act::Read),
                    reached(&scope, &model, def, Act::Edit),
                    reached(&scope, &model, def, Act::Delete),
                );
                let mut listed = vec![];
                for relation in Relation::ALL {
                    let name = format!("{object} {role} {relation:?}");
                    let id = record(&s, &cast, object, relation, &name, account).await;
                    listed.push((relation, id));
                    let sees = read.contains(&relation);
                    let path = format!("/api/v1/{object}/{id}");
                    let mut told = |what: &str, got: u16, want: u16| {
                        asked += 1;
                        if got != want {
                            let _ = writeln!(wrong, "{what} {object} as {role}, {relation:?}: {got}, not {want}");
                        }
                    };
                    let seen = if sees { 200 } else { 404 };
                    told("get", c.get(&path).await.status.as_u16(), seen);
                    told("history", c.get(&format!("{path}/history")).await.status.as_u16(), seen);
                    let may = |acts: &[Relation], done: u16| match (acts.contains(&relation), sees) {
                        (true, _) => done,
                        (false, true) => 403,
                        (false, false) => 404,
                    };
                    told("update", c.patch(&path, json!({ "source_system": "x" })).await.status.as_u16(), may(&edit, 200));
                    let batch = c.post(&format!("/api/v1/{object}/batch"), json!({ "ops": [{ "op": "update", "id": id, "data": { "source_system": "y" } }] })).await;
                    let row = batch.json["results"][0]["status"].as_u64().and_then(|n| u16::try_from(n).ok()).unwrap_or(0);
                    told("update in a batch", row, may(&edit, 200));
                    if relation == Relation::SameDept || relation == Relation::OtherDept {
                        told("delete", c.delete(&path).await.status.as_u16(), may(&delete, 204));
                        if delete.contains(&relation) {
                            listed.pop();
                        }
                    }
                }
                let filter = json!({ "field": "name", "op": "starts", "value": format!("{object} {role} ") }).to_string();
                let escaped: String = filter.bytes().map(|b| format!("%{b:02X}")).collect();
                let page = c.get(&format!("/api/v1/{object}?limit=200&count=exact&filter={escaped}")).await;
                if scope.may_on(def, "read") {
                    let page = page.ok();
                    let got: Vec<&str> = page["data"].as_array().unwrap().iter().filter_map(|r| r["id"].as_str()).collect();
                    for (relation, id) in &listed {
                        asked += 1;
                        let there = got.contains(&id.to_string().as_str());
                        if there != read.contains(relation) {
                            let _ = writeln!(wrong, "list {object} as {role}, {relation:?}: {}", if there { "there" } else { "missing" });
                        }
                    }
                    assert_eq!(page["count"]["value"], Value::from(got.len()), "{object} as {role}");
                }
            }
        }
        assert!(asked > 1_000, "{asked}");
        assert!(wrong.is_empty(), "{wrong}");
    }
}
