//! Sample data in a workspace of one's own: offered while it is empty, taken back without what people made of it.

use std::time::Duration;

use rapport_testkit::{Client, both};
use serde_json::json;

/// Waits for the end of a filling or removal; answers what the state says then.
async fn over(c: &Client) -> (bool, bool) {
    loop {
        let s = c.get("/api/v1/sample").await.ok();
        if s["running"] == false {
            return (s["offered"] == true, s["present"] == true);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn count(c: &Client, object: &str) -> u64 {
    let all = c.get(&format!("/api/v1/{object}?count=exact&limit=1")).await.ok();
    all["count"]["value"].as_u64().unwrap()
}

both! {
    async fn sample_data_comes_into_an_empty_workspace_and_what_was_touched_stays(s) {
        let me = s.admin().await;
        assert_eq!(over(&me).await, (true, false));
        assert_eq!(me.delete("/api/v1/sample").await.refusal(), (409, "sample.not_there"));
        let people = count(&me, "user").await;
        me.post("/api/v1/sample", json!({})).await.ok();
        assert_eq!(over(&me).await, (false, true));
        assert_eq!(me.post("/api/v1/sample", json!({})).await.refusal(), (409, "sample.not_offered"));
        assert_eq!(count(&me, "user").await, people, "no people come with it");
        assert_eq!(count(&me, "account").await, 60);

        let one = me.get("/api/v1/account?limit=1").await.ok()["data"][0]["id"].as_str().unwrap().to_owned();
        me.patch(&format!("/api/v1/account/{one}"), json!({ "level": "a", "website": "https://real.example/" })).await.ok();
        me.delete("/api/v1/sample").await.ok();
        assert_eq!(over(&me).await, (false, true));
        assert_eq!(count(&me, "account").await, 1);

        // A person without the right learns nothing of it.
        let rep = s.person("Rita Rep", "sales_rep", None).await;
        let rep = s.session(rep).await;
        assert_eq!(over(&rep).await, (false, false));
        assert_eq!(rep.post("/api/v1/sample", json!({})).await.refusal(), (403, "permission.denied"));
        assert_eq!(rep.delete("/api/v1/sample").await.refusal(), (403, "permission.denied"));
    }

    async fn all_of_it_goes_when_nothing_was_touched(s) {
        let me = s.admin().await;
        me.post("/api/v1/sample", json!({})).await.ok();
        assert_eq!(over(&me).await, (false, true));
        me.delete("/api/v1/sample").await.ok();
        assert_eq!(over(&me).await, (true, false));
        for object in ["account", "contact", "opportunity", "product", "lead", "follow_up", "task", "event", "call", "visit", "note"] {
            assert_eq!(count(&me, object).await, 0, "{object}");
        }
    }
}
