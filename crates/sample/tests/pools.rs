//! The sample company goes through the pipeline, and something waits in its pools.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use jiff::tz::TimeZone;
use rapport_access::{Access, PasswordPreset, Vault};
use rapport_policy::{Reason, SystemScope};
use rapport_records::{Engine, ListRequest, Parts};
use rapport_schema::{
    Clock, Locale,
    clock::{RandomIds, SystemClock},
};
use rapport_store::{Db, Options, Target};
use serde_json::{Value, json};

#[tokio::test]
async fn what_sellers_gave_back_and_what_is_fresh_waits_in_the_pools() {
    let dir = tempfile::tempdir().unwrap();
    let model = rapport_model::shipped();
    let db = Db::open(&Target::Sqlite(dir.path().join("ws.db")), &model, Options::default()).await.unwrap();
    let parts = Parts {
        clock: Arc::new(SystemClock),
        ids: Arc::new(RandomIds),
        hooks: rapport_sales::hooks(),
        actions: rapport_sales::actions(),
        chores: vec![],
    };
    let e = Engine::open(db.clone(), model, parts).await.unwrap();
    let of = e.clone();
    let current = Arc::new(move || of.model());
    let access =
        Access::open(db, current, Arc::new(SystemClock), Arc::new(RandomIds), PasswordPreset::Modern, Vault::new([7; 32]))
            .await
            .unwrap();
    e.introduce(&access);
    e.install(&rapport_model::defaults().records, Locale::Zh).await.unwrap();
    let now = SystemClock.now();
    rapport_sample::fill(&e, now, TimeZone::get("Asia/Shanghai").unwrap(), 7, 12).await.unwrap();

    let scope = SystemScope::because(Reason::Sample);
    let list = async |object: &str, filter: &str| -> Vec<Value> {
        let ask = ListRequest { filter: Some(filter.into()), limit: Some(200), ..ListRequest::default() };
        let page = e.list(&scope, object, &ask).await.unwrap();
        serde_json::from_slice(&[b"[".as_slice(), &page.rows, b"]"].concat()).unwrap()
    };
    for (object, many, fresh) in [("lead", 12, 5), ("account", 6, 2)] {
        let waiting = list(object, "in_pool = true").await;
        assert_eq!(waiting.len(), many, "{object}");
        assert!(waiting.iter().all(|r| r["owner_id"].is_null() && !r["pool_id"].is_null()), "{object}");
        let (new, back): (Vec<&Value>, Vec<&Value>) = waiting.iter().partition(|r| r["pool_reason"] == "imported");
        assert_eq!(new.len(), fresh, "{object}");
        assert!(new.iter().all(|r| r["prev_owner_id"].is_null()), "{object}");
        for r in back {
            let at = |f: &str| r[f].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
            assert!(at("created_at") < at("last_followed_at") && at("last_followed_at") < at("pool_entered_at"), "{r}");
            assert!(at("pool_entered_at").as_millisecond() < now.0 && !r["prev_owner_id"].is_null(), "{r}");
            let said = list(
                "follow_up",
                &json!({ "field": "target", "op": "eq", "value": { "object": object, "id": r["id"] } }).to_string(),
            )
            .await;
            assert_eq!(said.len(), 1, "{r}");
        }
        let han = |r: &Value| r["name"].as_str().unwrap().chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        assert!(waiting.iter().any(han) && !waiting.iter().all(han), "{object}: in both languages");
        if object == "lead" {
            assert!(waiting.iter().all(|r| r["status"] == "unassigned"));
        }
    }
    assert!(list("contact", "owner_id is empty").await.len() >= 6);
}
