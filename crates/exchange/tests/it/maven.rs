//! The real files: an import by the documented plan loses no row, and the pipeline's answers equal what is computed from the CSV
//! here, independently. Skipped, with a line, where the files are not.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use rapport_exchange::{
    plan::Plan,
    run::{self, Import},
};
use rapport_testkit::maven::{FILES, Figures, expected, folder, rows};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::world::{World, number};

const PLAN: &str = include_str!("../../../../docs/examples/maven-crm.toml");
fn import(w: &World, dir: &std::path::Path) -> Import {
    let paths: Vec<PathBuf> = FILES.iter().map(|f| dir.join(f)).collect();
    let paths: Vec<&std::path::Path> = paths.iter().map(PathBuf::as_path).collect();
    w.import(&Plan::from_toml(PLAN).unwrap(), &paths)
}

/// Titles of an object's records by id.
async fn titles(w: &World, object: &str) -> BTreeMap<String, String> {
    let all = w.all(object, None, &["name"], &[]).await;
    all.iter().map(|r| (r["id"].as_str().unwrap().to_owned(), r["name"].as_str().unwrap().to_owned())).collect()
}

/// The pipeline's answer, grouped by a reference and by outcome.
async fn answered(w: &World, by: &str, target: &str) -> BTreeMap<String, Figures> {
    let names = titles(w, target).await;
    let body = json!({
        "filter": {"field": "source_system", "op": "eq", "value": "maven"}, "group": [by, "outcome"],
        "measures": [{"fn": "count"}, {"fn": "sum", "field": "won_amount"}], "limit": 1000,
    });
    let a = w.engine.aggregate(&w.scope, "opportunity", body).await.unwrap();
    let mut out: BTreeMap<String, Figures> = BTreeMap::new();
    for g in a["groups"].as_array().unwrap() {
        let f = out.entry(names[g["key"][by].as_str().unwrap()].clone()).or_default();
        let n = number(&g["values"][0]);
        f.deals += n;
        match g["key"]["outcome"].as_str() {
            Some("won") => {
                f.won += n;
                f.value += g["values"][1].as_str().unwrap().parse::<Decimal>().unwrap();
            }
            Some("lost") => f.lost += n,
            _ => {}
        }
    }
    out
}

async fn check(w: &World, dir: &std::path::Path) {
    let (stages, agents, offices) = expected(dir);
    let total: u64 = stages.values().map(|f| f.deals).sum();
    assert_eq!(total, 8_800, "the files are those this test knows");

    for (what, by, target, want) in [
        ("stage", "stage_id", "stage", &stages),
        ("agent", "owner_id", "user", &agents),
        ("office", "dept_id", "department", &offices),
    ] {
        let got = answered(w, by, target).await;
        assert_eq!(&got, want, "opportunities by {what}");
        for (name, f) in want {
            assert_eq!(got[name].rate(), f.rate(), "win rate of {name}");
        }
    }
    let sum: Decimal = stages["Won"].value;
    let body =
        json!({"filter": "source_system = 'maven' and outcome = 'won'", "measures": [{"fn": "sum", "field": "won_amount"}]});
    let a = w.engine.aggregate(&w.scope, "opportunity", body).await.unwrap();
    assert_eq!(a["groups"][0]["values"][0].as_str().unwrap().parse::<Decimal>().unwrap(), sum, "sum of won values");

    // No row is lost and none is there twice.
    let ids = w.all("opportunity", Some("source_system = 'maven'"), &["external_id"], &[]).await;
    let mut ids: Vec<&str> = ids.iter().map(|r| r["external_id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    let files = rows(dir, FILES[3]);
    let mut want: Vec<&str> = files.iter().map(|r| r["opportunity_id"].as_str()).collect();
    want.sort_unstable();
    assert_eq!(ids, want);

    // "GTXPro" is the product "GTX Pro"; every deal carries its product.
    let products = titles(w, "product").await;
    let body = json!({"group": ["product_id"], "measures": [{"fn": "count"}]});
    let a = w.engine.aggregate(&w.scope, "opportunity_line", body).await.unwrap();
    let got: BTreeMap<&str, u64> = a["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|g| (products[g["key"]["product_id"].as_str().unwrap()].as_str(), number(&g["values"][0])))
        .collect();
    let mut sold: BTreeMap<&str, u64> = BTreeMap::new();
    for r in &files {
        *sold.entry(if r["product"] == "GTXPro" { "GTX Pro" } else { r["product"].as_str() }).or_default() += 1;
    }
    assert_eq!(got, sold);

    // Accounts with parents; deals without an account are together under the stand-in.
    let accounts = w.all("account", None, &["name", "annual_revenue", "industry"], &["parent_id"]).await;
    let by_name: BTreeMap<&str, &Value> = accounts.iter().map(|a| (a["name"].as_str().unwrap(), a)).collect();
    let listed = rows(dir, FILES[2]);
    assert_eq!(accounts.len(), listed.len() + 1);
    for r in &listed {
        let a = by_name[r["account"].as_str()];
        let parent = a["$expand"]["parent_id"]["title"].as_str().unwrap_or("");
        assert_eq!(parent, r["subsidiary_of"], "{}", r["account"]);
        let revenue: Decimal = a["annual_revenue"]["amount"].as_str().unwrap().parse().unwrap();
        assert_eq!(revenue, r["revenue"].parse::<Decimal>().unwrap() * Decimal::from(1_000_000));
        assert!(a["industry"].is_string(), "{}", r["account"]);
    }
    let body = json!({"filter": "account_id.name = 'Account not recorded'", "measures": [{"fn": "count"}]});
    let a = w.engine.aggregate(&w.scope, "opportunity", body).await.unwrap();
    let blank = files.iter().filter(|r| r["account"].is_empty()).count() as u64;
    assert_eq!(number(&a["groups"][0]["values"][0]), blank);
    assert_eq!(blank, 1_425);

    // Agents stand below their managers, in their offices.
    let people = w.all("user", Some("title = 'Sales Agent'"), &["name"], &["manager_id", "main_dept"]).await;
    let team = rows(dir, FILES[0]);
    assert_eq!(people.len(), team.len());
    for t in &team {
        let p = people.iter().find(|p| p["name"] == t["sales_agent"].as_str()).unwrap();
        assert_eq!(p["$expand"]["manager_id"]["title"], t["manager"].as_str());
        assert_eq!(p["$expand"]["main_dept"]["title"], t["regional_office"].as_str());
    }
}

async fn whole(w: World) {
    let Some(dir) = folder() else { return };
    let i = import(&w, &dir);
    let told = AtomicUsize::new(0);
    let p = i
        .run(&AtomicBool::new(false), |_| {
            told.fetch_add(1, Ordering::Relaxed);
        })
        .await
        .unwrap();
    let mut faults = vec![];
    run::faults(&w.engine, i.job, |f| {
        faults.push(f);
        Ok(())
    })
    .await
    .unwrap();
    assert!(faults.is_empty(), "{:?}", &faults[..faults.len().min(5)]);
    assert_eq!((p.failed, p.skipped, p.unlinked, p.updated, p.done), (0, 0, 0, 0, true), "{p:?}");
    // 3 offices, 6 managers, 35 agents, 1 pipeline, 4 stages, 3 series, 7 products, 1 stand-in, 85 accounts, 8,800 deals
    assert_eq!((p.created, p.children), (3 + 6 + 35 + 1 + 4 + 3 + 7 + 1 + 85 + 8_800, 8_800), "{p:?}");
    assert!(told.load(Ordering::Relaxed) > 18);
    check(&w, &dir).await;

    // Once more: nothing is made twice.
    let again = import(&w, &dir).run(&AtomicBool::new(false), |_| ()).await.unwrap();
    assert_eq!((again.created, again.failed, again.updated), (0, 0, p.created), "{again:?}");
    check(&w, &dir).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_files_come_in_whole_sqlite() {
    whole(World::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_files_come_in_whole_postgres() {
    if let Some(w) = World::postgres().await {
        whole(w).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_stopped_or_dropped_goes_on_without_gap_or_duplicate() {
    let Some(dir) = folder() else { return };
    let w = World::sqlite().await;
    let mut i = import(&w, &dir);
    let job = i.job;
    // Dropped in the middle, again and again: as if the program had been killed between two polls.
    for ms in [150, 400, 900] {
        let stop = AtomicBool::new(false);
        let cut = tokio::time::timeout(std::time::Duration::from_millis(ms), i.run(&stop, |_| ())).await;
        assert!(matches!(cut, Err(_) | Ok(Err(_))), "too fast to be interrupted");
        i = import(&w, &dir);
        i.job = job;
    }
    // Stopped by a person after some batches. A batch of a dropped run may still be under way: then this run sees that it is overtaken.
    let (stop, batches) = (AtomicBool::new(false), AtomicUsize::new(0));
    let p = loop {
        let told = |_: &_| {
            if batches.fetch_add(1, Ordering::Relaxed) == 1 {
                stop.store(true, Ordering::Relaxed);
            }
        };
        match i.run(&stop, told).await {
            Ok(p) => break p,
            Err(e) => assert!(e.to_string().contains("job.overtaken"), "{e}"),
        }
    };
    assert!(p.cancelled && !p.done);
    let p = i.run(&AtomicBool::new(false), |_| ()).await.unwrap();
    assert!(p.done);
    assert_eq!((p.created, p.children, p.failed, p.updated), (8_945, 8_800, 0, 0), "{p:?}");
    check(&w, &dir).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_of_everything_finds_no_fault_and_writes_nothing() {
    let Some(dir) = folder() else { return };
    let w = World::sqlite().await;
    let before = w.engine.db().last_seq().await.unwrap();
    let mut i = import(&w, &dir);
    i.dry_run = true;
    let p = i.run(&AtomicBool::new(false), |_| ()).await.unwrap();
    let faults = i.rehearsed.lock().unwrap().clone();
    assert!(faults.is_empty(), "{:?}", &faults[..faults.len().min(5)]);
    assert_eq!((p.created, p.failed), (8_945, 0), "{p:?}");
    assert_eq!(w.engine.db().last_seq().await.unwrap(), before);
    assert_eq!(w.count("opportunity").await, 0);
}
