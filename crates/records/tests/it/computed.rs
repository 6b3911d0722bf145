//! Stored formulas and rollups reach the records that were there before them; formulas that depend on the moment are computed
//! when read (domain model §1 `calc`, `roll`).

use rapport_records::{Apply, Engine, Error, ListRequest, Parts, WriteOptions};
use rapport_schema::{Value, clock::RandomIds};
use rapport_store::{Bin, Db, DocRow, Options};
use serde_json::{Value as Json, json};

use crate::common::{World, faults};

/// The account with these fields beside its own.
fn text(fields: &str) -> String {
    format!(
        "[[extend]]\nname = \"account\"\n[[extend.section]]\nkey = \"custom\"\nlabel = {{ en = \"Custom\", zh = \"自定义\" }}\nfields = [\n{fields}\n]\n"
    )
}

fn calc(name: &str, formula: &str, result: &str) -> String {
    format!(
        r#"{{ name = "{name}", type = "calc", formula = "{formula}", result = "{result}", label = {{ en = "{name}", zh = "{name}" }} }},"#
    )
}

const BASE: &str = r#"
  { name = "size__c", type = "int", label = { en = "Size", zh = "规模" } },
  { name = "since__c", type = "date", label = { en = "Since", zh = "起始" } },
"#;

/// Three of them; the last one below the first.
async fn accounts(w: &World) -> Vec<Json> {
    let mut out: Vec<Json> = vec![];
    for (name, size, since) in [
        ("华为技术", json!(7), json!("2026-11-21")),
        ("ACME 上海", json!(null), json!("2026-10-22")),
        ("小店", json!(-3), json!(null)),
    ] {
        let parent = if out.len() == 2 { out[0]["id"].clone() } else { Json::Null };
        let a = json!({ "name": name, "size__c": size, "since__c": since, "parent_id": parent });
        out.push(w.make(&w.admin, "account", a).await);
    }
    out
}

async fn field(w: &World, rows: &[Json], name: &str) -> Vec<Json> {
    let mut out = vec![];
    for r in rows {
        out.push(w.get(&w.admin, "account", r).await.unwrap()[name].clone());
    }
    out
}

async fn new_formulas_and_rollups_fill_the_records_that_are_there(w: World) {
    w.e.apply_model(&w.admin, &text(BASE), Apply::NOW).await.unwrap();
    let rows = accounts(&w).await;
    // One in the recycle bin comes back with its formula.
    w.e.delete(&w.admin, "account", World::rid(&rows[1]), WriteOptions::default()).await.unwrap();
    let before = w.e.db().last_seq().await.unwrap();
    let added = [
        BASE.to_owned(),
        calc("double__c", "size__c * 2", "int"),
        calc("label__c", "UPPER(LEFT(name, 2)) & '-' & double__c", "text"),
        calc("chinese__c", "REGEX(name, '[一-龥]')", "bool"),
        calc("parents__c", "parent_id.double__c + 1", "dec"),
        r#"{ name = "children__c", type = "roll", rollup = { object = "account", via = "parent_id", fn = "count" }, label = { en = "Children", zh = "下级" } },"#.to_owned(),
    ];
    w.e.apply_model(&w.admin, &text(&added.concat()), Apply::NOW).await.unwrap();
    w.e.backfill().await.unwrap();
    w.e.restore(&w.admin, "account", World::rid(&rows[1]), WriteOptions::default()).await.unwrap();
    assert_eq!(field(&w, &rows, "double__c").await, [json!(14), json!(0), json!(-6)]);
    assert_eq!(field(&w, &rows, "label__c").await, [json!("华为-14"), json!("AC-0"), json!("小店--6")]);
    assert_eq!(field(&w, &rows, "chinese__c").await, [json!(true), json!(true), json!(true)]);
    assert_eq!(field(&w, &rows, "parents__c").await, [json!("1.00"), json!("1.00"), json!("15.00")]);
    assert_eq!(field(&w, &rows, "children__c").await, [json!(1), json!(0), json!(0)]);
    assert_eq!(w.list(&w.admin, "account", "double__c > 0").await.len(), 1);
    // Nobody changed these records: no version, no entry of the log (besides the model's own and the restored one's).
    assert_eq!(w.get(&w.admin, "account", &rows[0]).await.unwrap()["version"], rows[0]["version"]);
    let log =
        w.e.db().changes(rapport_store::ChangeQuery { after: Some(before), limit: 100, ..Default::default() }).await.unwrap();
    assert!(log.iter().all(|c| c.change.object.as_str() == "system" || c.change.id == World::rid(&rows[1])), "{log:?}");

    // A changed formula is computed anew, and so is what reads it.
    let changed = added.concat().replace("size__c * 2", "size__c * 10");
    w.e.apply_model(&w.admin, &text(&changed), Apply::NOW).await.unwrap();
    w.e.backfill().await.unwrap();
    assert_eq!(field(&w, &rows, "double__c").await, [json!(70), json!(0), json!(-30)]);
    assert_eq!(field(&w, &rows, "label__c").await, [json!("华为-70"), json!("AC-0"), json!("小店--30")]);
    assert_eq!(field(&w, &rows, "parents__c").await, [json!("1.00"), json!("1.00"), json!("71.00")]);
    assert!(w.e.db().doc_list(rapport_store::BACKFILL, None).await.unwrap().is_empty());
}

async fn a_killed_run_goes_on_where_it_was(w: World) {
    w.e.apply_model(&w.admin, &text(BASE), Apply::NOW).await.unwrap();
    let rows = accounts(&w).await;
    let added = BASE.to_owned() + &calc("double__c", "size__c * 2", "int");
    w.e.apply_model(&w.admin, &text(&added), Apply::NOW).await.unwrap();
    w.e.backfill().await.unwrap();
    // As if killed after the first record: all are wrong, the place is behind the first.
    let (model, o) = (w.e.model(), w.e.model().object("account").unwrap().clone());
    let mut ids: Vec<_> = rows.iter().map(World::rid).collect();
    ids.sort_unstable();
    let (first, ix) = (ids[0], o.ix("double__c").unwrap());
    let scope = w.system.clone();
    w.e.db()
        .write(move |tx| {
            let (model, o, ids, scope) = (model.clone(), o.clone(), ids.clone(), scope.clone());
            Box::pin(async move {
                let rule = scope.rule(rapport_policy::Act::Read, &model, &o);
                for id in ids {
                    let old = tx.load(&model, &o, &rule, id, Bin::Both, rapport_schema::Millis(0)).await?.unwrap();
                    let mut new = old.clone();
                    new[ix] = Value::Int(999);
                    tx.fill(&o, ix, &old, &new).await?;
                }
                let body = json!({ "table": "account", "column": "double__c", "after": first });
                tx.doc_put(DocRow {
                    kind: rapport_store::BACKFILL.into(),
                    key: "account.double__c".into(),
                    owner: None,
                    body,
                    expires: None,
                })
                .await
            })
        })
        .await
        .unwrap();
    // Another program opens the workspace: its engine goes on by itself.
    let shipped = rapport_model::shipped();
    let db = Db::open(&w.target, &shipped, Options::default()).await.unwrap();
    let parts =
        Parts { clock: w.clock.clone(), ids: std::sync::Arc::new(RandomIds), hooks: vec![], actions: vec![], chores: vec![] };
    let e = Engine::open(db.clone(), shipped, parts).await.unwrap();
    e.backfill().await.unwrap();
    for r in &rows {
        let want = if World::rid(r) == first { json!(999) } else { json!(r["size__c"].as_i64().unwrap_or(0) * 2) };
        assert_eq!(w.get(&w.admin, "account", r).await.unwrap()["double__c"], want);
    }
    assert!(db.doc_list(rapport_store::BACKFILL, None).await.unwrap().is_empty());
    assert!(!e.backfill_step(1).await.unwrap());
    db.close().await.unwrap();
}

async fn formulas_of_the_moment_are_computed_when_read(w: World) {
    let added = [
        BASE.to_owned(),
        calc("days__c", "DATEDIFF(since__c, TODAY())", "int"),
        calc("work__c", "WORKDAYS(since__c, TODAY())", "int"),
        calc("hours__c", "DATEDIFF(created_at, NOW(), 'hour')", "int"),
    ];
    w.e.apply_model(&w.admin, &text(&added.concat()), Apply::NOW).await.unwrap();
    let rows = accounts(&w).await;
    // The answer of a write has them too.
    assert_eq!((&rows[1]["days__c"], &rows[1]["work__c"]), (&json!(30), &json!(22)));
    assert_eq!(field(&w, &rows, "days__c").await, [json!(0), json!(30), json!(null)]);
    // WORKDAYS is computed in memory: 2026-11-21 is a Saturday.
    assert_eq!(field(&w, &rows, "work__c").await, [json!(0), json!(22), json!(null)]);
    let listed = w.list(&w.admin, "account", "size__c is not empty or since__c is not empty").await;
    for r in &listed {
        let one = w.get(&w.admin, "account", r).await.unwrap();
        assert_eq!((&r["days__c"], &r["work__c"], &r["hours__c"]), (&one["days__c"], &one["work__c"], &one["hours__c"]));
    }
    let names = async |filter: &str, sort: &str| {
        let mut cursor = None;
        let mut out: Vec<String> = vec![];
        loop {
            let req = ListRequest {
                filter: Some(filter.into()),
                sort: Some(sort.into()),
                limit: Some(1),
                cursor,
                ..Default::default()
            };
            let page = w.e.list(&w.admin, "account", &req).await.unwrap();
            let rows: Vec<Json> = serde_json::from_str(&format!("[{}]", String::from_utf8(page.rows).unwrap())).unwrap();
            out.extend(rows.iter().map(|r| r["name"].as_str().unwrap().to_owned()));
            cursor = page.next;
            if cursor.is_none() {
                return out;
            }
            // Time goes on between two pages; no record is shown twice or left out.
            w.clock.step(3_600_000);
        }
    };
    assert_eq!(names("days__c >= 30", "name").await, ["ACME 上海"]);
    assert_eq!(names("days__c < @size__c or days__c is empty", "name").await.len(), 2);
    assert_eq!(names("hours__c >= 0", "-days__c").await, ["ACME 上海", "华为技术", "小店"]);
    assert_eq!(names("hours__c >= 0", "days__c").await, ["华为技术", "ACME 上海", "小店"]);
    assert_eq!(names("hours__c >= 0", "-hours__c,name").await.len(), 3);
    let sum = json!({ "group": ["days__c"], "measures": [{ "fn": "count" }, { "fn": "sum", "field": "days__c" }], "filter": "days__c > 0" });
    let got = w.e.aggregate(&w.admin, "account", sum).await.unwrap();
    assert_eq!(got["groups"], json!([{ "key": { "days__c": 30 }, "values": ["1", "30"] }]));
    // What no database computes is refused, with the code of docs/api.md.
    let ask = |filter: Option<&str>, sort: Option<&str>| ListRequest {
        filter: filter.map(Into::into),
        sort: sort.map(Into::into),
        ..Default::default()
    };
    let e = w.e.list(&w.admin, "account", &ask(Some("work__c > 5"), None)).await.unwrap_err();
    assert_eq!(faults(e), ["filter expr.not_filterable"]);
    let e = w.e.list(&w.admin, "account", &ask(None, Some("work__c"))).await.unwrap_err();
    assert!(matches!(e, Error::Request { code: "expr.not_filterable", .. }), "{e:?}");
}

crate::both!(
    World::on,
    new_formulas_and_rollups_fill_the_records_that_are_there,
    a_killed_run_goes_on_where_it_was,
    formulas_of_the_moment_are_computed_when_read,
);
