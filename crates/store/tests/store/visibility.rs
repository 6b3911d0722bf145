//! Rules reach exactly their rows, by every way a query may take (R-VIS).

use std::sync::Arc;

use rapport_policy::{Act, Reach, Scope};
use rapport_schema::{Millis, Record, RecordId, RecordRef, Value, query::CountMode};
use rapport_store::{Aggregate, Select};

use crate::world::{NOW, World, id, person};

fn owned(w: &World, n: u64, owner: u64, dept: u64) -> Record {
    let o = w.object("account");
    let mut r = w.account(n, "公司");
    r.set(&o, "owner_id", Value::Id(id(owner)));
    r.set(&o, "dept_id", Value::Id(id(dept)));
    r
}

fn to(object: &str, n: u64) -> Value {
    Value::Ref(RecordRef { object: object.parse().unwrap(), id: id(n) })
}

async fn seen(w: &World, who: &Scope, act: Act, object: &str) -> Vec<RecordId> {
    let o = w.object(object);
    let mut s = w.select(object);
    s.rows = who.rule(act, &w.model, &o);
    s.sort = w.by(object, "created_at", false);
    let ids = w.ids(s.clone()).await;
    check(w, s, &ids).await;
    ids
}

/// Lists, counts, groups, single reads and re-checks say the same.
async fn check(w: &World, s: Select, ids: &[RecordId]) {
    let n = ids.len() as u64;
    assert_eq!(w.db.count(s.clone(), CountMode::Exact).await.unwrap().unwrap().value, n);
    assert_eq!(w.db.count(s.clone(), CountMode::Capped).await.unwrap().unwrap().value, n);
    let measures = vec![rapport_schema::query::Measure { func: rapport_schema::query::AggFn::Count, field: None }];
    let found = w.db.aggregate(s.clone(), Aggregate { group: vec![], measures, order: None, limit: 1 }).await.unwrap();
    assert_eq!(found[0].values[0], Value::Int(n as i64));
    let everything = w.ids(w.select(&s.object.name)).await;
    let mut reached = w.db.reachable(&w.model, &s.object, &s.rows, &everything, NOW).await.unwrap();
    reached.sort_unstable();
    let mut want = ids.to_vec();
    want.sort_unstable();
    assert_eq!(reached, want);
    let shape = Arc::new(w.shape(&s.object.name, &["name"]));
    for i in everything.iter().take(20) {
        assert_eq!(w.db.get(s.clone(), *i, shape.clone()).await.unwrap().is_some(), ids.contains(i));
    }
}

pub async fn rules_reach_exactly_their_rows(w: &World) {
    let mut accounts = vec![
        owned(w, 1, 100, 10),
        owned(w, 2, 101, 10),
        owned(w, 3, 102, 11),
        owned(w, 4, 103, 12),
        owned(w, 5, 103, 12),
        owned(w, 6, 103, 12),
    ];
    accounts.push(w.account(7, "公海"));
    w.put("account", accounts).await;
    let c = w.object("contact");
    let contacts = [(21, 1, 102), (22, 4, 100), (23, 4, 103)].map(|(n, account, owner)| {
        let mut r = w.record("contact", n);
        r.set(&c, "name", "李雷".into());
        r.set(&c, "account_id", Value::Id(id(account)));
        r.set(&c, "owner_id", Value::Id(id(owner)));
        r.set(&c, "dept_id", Value::Id(id(19)));
        r
    });
    w.put("contact", contacts.to_vec()).await;
    let share = |n: u64, record: u64, grantee: Value, access: &str, expires: Option<i64>| {
        let o = w.object("record_share");
        let mut r = w.record("record_share", n);
        r.set(&o, "record", to("account", record));
        r.set(&o, "grantee", grantee);
        r.set(&o, "access", access.into());
        r.set(&o, "expires_at", expires.map_or(Value::Null, |t| Value::DateTime(Millis(t))));
        r
    };
    let shares = vec![
        share(41, 4, to("user", 100), "read", None),
        share(42, 5, to("department", 10), "edit", Some(NOW.0 + 1)),
        share(43, 6, to("user", 100), "edit", Some(NOW.0)),
    ];
    w.put("record_share", shares).await;
    let t = w.object("team_member");
    let mut member = w.record("team_member", 51);
    member.set(&t, "record", to("account", 3));
    member.set(&t, "user_id", Value::Id(id(101)));
    member.set(&t, "access", "edit".into());
    w.put("team_member", vec![member]).await;

    let ids = |v: &[u64]| v.iter().map(|n| id(*n)).collect::<Vec<_>>();
    let own = person(id(100), Reach::Own, &[id(10)]);
    // R-VIS-04: own, shared with me, shared with my department; what expired counts no more.
    assert_eq!(seen(w, &own, Act::Read, "account").await, ids(&[1, 4, 5]));
    assert_eq!(seen(w, &own, Act::Edit, "account").await, ids(&[1, 5]));
    let dept = person(id(101), Reach::Dept, &[id(10)]);
    assert_eq!(seen(w, &dept, Act::Read, "account").await, ids(&[1, 2, 3, 5]));
    let tree = person(id(109), Reach::DeptTree, &[id(11), id(12)]);
    assert_eq!(seen(w, &tree, Act::Read, "account").await, ids(&[3, 4, 5, 6]));
    let all = person(id(109), Reach::All, &[]);
    assert_eq!(seen(w, &all, Act::Read, "account").await, ids(&[1, 2, 3, 4, 5, 6, 7]));
    let none = person(id(100), Reach::None, &[id(10)]);
    assert!(seen(w, &none, Act::Read, "account").await.is_empty());
    // R-VIS-05: contacts are readable by whoever reads their account; changing them needs a right of their own.
    assert_eq!(seen(w, &own, Act::Read, "contact").await, ids(&[21, 22, 23]));
    assert_eq!(seen(w, &own, Act::Edit, "contact").await, ids(&[22]));
    let stranger = person(id(130), Reach::Own, &[]);
    assert!(seen(w, &stranger, Act::Read, "contact").await.is_empty());
}

pub async fn ways_agree_on_many_rows(w: &World) {
    // Enough rows that walking and branching both occur; owners and departments of very different sizes.
    let n = 3_000_u64;
    let dept_of = |i: u64| {
        if i.is_multiple_of(1_000) {
            10
        } else if i.is_multiple_of(20) {
            11
        } else if i % 5 < 3 {
            12
        } else {
            13
        }
    };
    let o = w.object("account");
    let rows: Vec<Record> = (1..=n)
        .map(|i| {
            let mut r = owned(w, i, 200 + i % 30, dept_of(i));
            r.set(&o, "updated_at", Value::DateTime(Millis(NOW.0 + (i * 7_919 % n) as i64)));
            if i % 3 > 0 {
                r.set(&o, "employees", Value::Int((i % 11) as i64));
            }
            r
        })
        .collect();
    w.put("account", rows.clone()).await;
    for (who, depts) in [(500, vec![10]), (500, vec![11]), (500, vec![12]), (500, vec![10, 11, 13]), (203, vec![])] {
        let depts: Vec<RecordId> = depts.into_iter().map(id).collect();
        let reach = if depts.is_empty() { Reach::Own } else { Reach::Dept };
        let scope = person(id(who), reach, &depts);
        for (field, desc) in [("updated_at", true), ("employees", false), ("employees", true)] {
            let mut want: Vec<&Record> = rows
                .iter()
                .filter(|r| {
                    r.get(&o, "owner_id").as_id() == Some(id(who))
                        || r.get(&o, "dept_id").as_id().is_some_and(|d| depts.contains(&d))
                })
                .collect();
            let ix = o.ix(field).unwrap();
            let number = |r: &Record| match &r[ix] {
                Value::DateTime(t) => t.0,
                Value::Int(n) => *n,
                _ => i64::MAX,
            };
            want.sort_by_key(|r| {
                (
                    r[ix] == Value::Null,
                    if desc && r[ix] != Value::Null { -number(r) } else { number(r) },
                    if desc {
                        std::cmp::Reverse(r.id)
                    } else {
                        std::cmp::Reverse(RecordId(uuid::Uuid::from_u128(u128::MAX - r.id.0.as_u128())))
                    },
                )
            });
            let want: Vec<RecordId> = want.iter().map(|r| r.id).collect();
            let mut s = w.select("account");
            s.rows = scope.rule(Act::Read, &w.model, &o);
            s.sort = w.by("account", field, desc);
            s.limit = 40;
            let shape = Arc::new(w.shape("account", &["name"]));
            let mut found = vec![];
            for _ in 0..4 {
                let p = w.db.list(s.clone(), shape.clone()).await.unwrap();
                let rows: Vec<serde_json::Value> =
                    serde_json::from_str(&format!("[{}]", String::from_utf8(p.rows).unwrap())).unwrap();
                found.extend(rows.iter().map(|r| r["id"].as_str().unwrap().parse::<RecordId>().unwrap()));
                let Some(next) = p.next else { break };
                s.after = Some(next);
            }
            assert_eq!(found, want[..found.len().max(want.len().min(160))], "{depts:?} by {field} {desc}");
        }
    }
}
