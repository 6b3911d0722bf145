//! People talk on records and hear of what concerns them: comments, notifications, followers, preferences, presence
//! (domain-model §2.5 `notification`, R-VIS-07).

use std::time::Duration;

use axum::{body::Body, http::Method};
use futures::StreamExt as _;
use rapport_schema::{RecordId, UserId};
use rapport_testkit::{Client, Space, both};
use serde_json::{Value, json};

struct World {
    s: Space,
    olga: UserId,
    cora: UserId,
    max: UserId,
    sam: UserId,
    account: RecordId,
}

impl World {
    /// Olga owns an account, Max is above her, Cora follows nothing yet and sees it by a share, Sam does not see it.
    async fn new(s: Space) -> Self {
        let north = s.department("north", None).await;
        s.department("north_one", Some(north)).await;
        s.department("south", None).await;
        let olga = s.person("Olga Owner", "sales_rep", Some("north_one")).await;
        let cora = s.person("Cora Colleague", "sales_rep", Some("north_one")).await;
        let max = s.person("Max Manager", "sales_manager", Some("north")).await;
        let sam = s.person("Sam Stranger", "sales_rep", Some("south")).await;
        let account = s.account("Talked About", olga).await;
        let w = Self { s, olga, cora, max, sam, account };
        let me = w.as_(w.olga).await;
        me.post(
            &format!("/api/v1/account/{account}/actions/share"),
            json!({ "grantee": { "object": "user", "id": cora }, "access": "read" }),
        )
        .await
        .ok();
        w
    }
    async fn as_(&self, u: UserId) -> Client {
        self.s.session(u).await
    }
    fn at(&self) -> Value {
        json!({ "object": "account", "id": self.account })
    }
    async fn say(&self, by: UserId, body: &str, more: Value) -> Value {
        let mut data = json!({ "record": self.at(), "body": body });
        data.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        self.as_(by).await.post("/api/v1/comment", data).await.ok()
    }
    /// Kinds of somebody's unread notifications, in order, with their counts.
    async fn heard(&self, u: UserId) -> Vec<(String, i64)> {
        let list = self.as_(u).await.get("/api/v1/me/notifications?unread=true").await.ok();
        let mut all: Vec<(String, i64)> = list["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|n| (n["kind"].as_str().unwrap().to_owned(), n["count"].as_i64().unwrap()))
            .collect();
        assert_eq!(list["unread"], all.len());
        all.sort();
        all
    }
    async fn forget(&self, u: UserId) {
        self.as_(u).await.post("/api/v1/me/notifications/read", json!({})).await.ok();
    }
}

fn one(kind: &str) -> Vec<(String, i64)> {
    vec![(kind.to_owned(), 1)]
}

both! {
    async fn whoever_sees_a_record_talks_on_it_and_the_others_know_nothing(s) {
        let w = World::new(s).await;
        let said = w.say(w.cora, "  Is the contract signed?  ", json!({})).await;
        assert_eq!(said["body"], "Is the contract signed?", "{said}");
        let id = said["id"].as_str().unwrap().to_owned();
        let answer = w.say(w.olga, "Tomorrow.", json!({ "parent_id": id })).await;
        let deep = w.say(w.cora, "Good.", json!({ "parent_id": answer["id"] })).await;
        assert_eq!(deep["parent_id"], json!(id), "threads are one level deep");

        // Read with the record, by nobody else; written by whoever reads it.
        let filter = format!("/api/v1/comment?filter={}", urlencode(&json!({ "field": "record", "op": "eq", "value": w.at() })));
        for who in [w.cora, w.olga, w.max] {
            assert_eq!(w.as_(who).await.get(&filter).await.ok()["data"].as_array().unwrap().len(), 3);
        }
        let sam = w.as_(w.sam).await;
        assert_eq!(sam.get(&filter).await.ok()["data"], json!([]));
        assert_eq!(sam.get(&format!("/api/v1/comment/{id}")).await.refusal().0, 404);
        let refused = sam.post("/api/v1/comment", json!({ "record": w.at(), "body": "hello" })).await;
        assert_eq!(refused.status.as_u16(), 422, "{}", refused.text);
        assert_eq!(refused.json["errors"][0]["code"], "reference.not_found", "a record one does not see is none");

        // Changed by its author alone, not by the owner of the record nor by an administrator; deleted by them and administrators.
        let path = format!("/api/v1/comment/{id}");
        let admin = w.s.admin().await;
        for c in [w.as_(w.olga).await, w.as_(w.max).await, admin.clone()] {
            assert_eq!(c.patch(&path, json!({ "body": "changed" })).await.refusal().0, 403);
        }
        assert_eq!(w.as_(w.olga).await.delete(&path).await.refusal().0, 403);
        let cora = w.as_(w.cora).await;
        assert_eq!(cora.patch(&path, json!({ "body": "Is it signed?" })).await.ok()["body"], "Is it signed?");
        let moved = cora.patch(&path, json!({ "parent_id": answer["id"] })).await;
        assert_eq!(moved.json["errors"][0]["code"], "value.readonly", "{}", moved.text);
        let admin_delete = admin.delete(&format!("/api/v1/comment/{}", deep["id"].as_str().unwrap())).await;
        assert!(admin_delete.status.is_success(), "{}", admin_delete.text);
        assert!(cora.delete(&path).await.status.is_success());
        assert_eq!(w.as_(w.olga).await.get(&filter).await.ok()["data"], json!([]), "answers go with what they answer");

        // Not on everything, and not without words.
        let blank = cora.post("/api/v1/comment", json!({ "record": w.at(), "body": "  \n " })).await;
        assert_eq!(blank.json["errors"][0]["code"], "value.required", "{}", blank.text);
        let user = cora.post("/api/v1/comment", json!({ "record": { "object": "user", "id": w.olga }, "body": "x" })).await;
        assert_eq!(user.json["errors"][0]["code"], "comment.not_here", "{}", user.text);

        // Who loses the record loses what was said on it, the own words too.
        let mine = w.say(w.cora, "Mine", json!({})).await;
        let mine = format!("/api/v1/comment/{}", mine["id"].as_str().unwrap());
        let unshare = format!("/api/v1/account/{}/actions/unshare", w.account);
        w.as_(w.olga).await.post(&unshare, json!({ "grantee": { "object": "user", "id": w.cora } })).await.ok();
        assert_eq!(cora.get(&mine).await.refusal().0, 404);
        assert_eq!(cora.patch(&mine, json!({ "body": "still" })).await.refusal().0, 404);
    }

    async fn a_token_talks_only_when_it_may(s) {
        let w = World::new(s).await;
        let reads = w.s.token(w.olga, Some(&["account:read", "comment:read"])).await;
        assert_eq!(reads.post("/api/v1/comment", json!({ "record": w.at(), "body": "x" })).await.refusal().0, 403);
        assert_eq!(reads.get("/api/v1/me/notifications").await.refusal().0, 403, "notifications are a scope of their own");
        let talks = w.s.token(w.olga, Some(&["account:read", "comment:write"])).await;
        talks.post("/api/v1/comment", json!({ "record": w.at(), "body": "x" })).await.ok();
    }

    async fn people_hear_of_what_concerns_them_and_of_nothing_else(s) {
        let w = World::new(s).await;
        assert_eq!(w.heard(w.cora).await, one("shared"));
        assert_eq!(w.heard(w.olga).await, [], "not of the own act");
        w.forget(w.cora).await;

        // Mentioned: who sees the record hears of it, who does not hears nothing, and the writer is told so.
        let said = w.say(w.olga, "@Cora @Sam look", json!({ "mentions": [w.cora, w.sam, w.olga] })).await;
        assert_eq!(said["mentions"], json!([w.cora, w.sam, w.olga]));
        assert_eq!(said["$warnings"], json!([{ "code": "mention.no_access", "user_id": w.sam, "name": "Sam Stranger" }]));
        assert_eq!(w.heard(w.cora).await, one("mention"));
        assert_eq!((w.heard(w.sam).await, w.heard(w.olga).await), (vec![], vec![]));
        let full = w.as_(w.cora).await.get("/api/v1/me/notifications").await.ok();
        let n = &full["data"][0];
        assert_eq!((&n["$expand"]["record"]["title"], &n["$expand"]["comment_id"]["title"]), (&json!("Talked About"), &json!("@Cora @Sam look")));
        assert_eq!(n["$expand"]["updated_by"]["title"], "Olga Owner");

        // Editing calls only those who were not called before.
        w.forget(w.cora).await;
        let path = format!("/api/v1/comment/{}", said["id"].as_str().unwrap());
        w.as_(w.olga).await.patch(&path, json!({ "mentions": [w.cora, w.max] })).await.ok();
        assert_eq!((w.heard(w.cora).await, w.heard(w.max).await), (vec![], one("mention")));

        // A comment on my record; the next ones join it while it is unread; answers reach who wrote in the thread.
        let first = w.say(w.cora, "One", json!({})).await;
        w.say(w.cora, "Two", json!({})).await;
        assert_eq!(w.heard(w.olga).await, [("comment".to_owned(), 2)]);
        w.forget(w.olga).await;
        w.say(w.olga, "Three", json!({ "parent_id": first["id"] })).await;
        assert_eq!((w.heard(w.cora).await, w.heard(w.olga).await), (one("comment"), vec![]));

        // Given to somebody.
        w.forget(w.cora).await;
        let assign = format!("/api/v1/account/{}/actions/assign", w.account);
        w.as_(w.max).await.post(&assign, json!({ "owner_id": w.cora })).await.ok();
        assert_eq!(w.heard(w.cora).await, one("assigned"));
    }

    async fn followers_hear_of_stage_owner_and_words(s) {
        let w = World::new(s).await;
        let deal = w.s.opportunity("Deal", w.account, w.olga, "1000").await;
        let follow = |on: bool| format!("/api/v1/opportunity/{deal}/actions/{}", if on { "follow" } else { "unfollow" });
        let max = w.as_(w.max).await;
        for _ in 0..2 {
            assert_eq!(max.post(&follow(true), json!({})).await.ok()["following"], true);
        }
        assert_eq!(w.as_(w.sam).await.post(&follow(true), json!({})).await.refusal().0, 404);
        let filter = urlencode(&json!({ "field": "record", "op": "eq", "value": { "object": "opportunity", "id": deal } }));
        let list = format!("/api/v1/follower?expand=user_id&filter={filter}");
        let seen = w.as_(w.olga).await.get(&list).await.ok();
        assert_eq!(seen["data"][0]["$expand"]["user_id"]["title"], "Max Manager", "{seen}");
        assert_eq!(seen["data"].as_array().unwrap().len(), 1);
        assert_eq!(w.as_(w.sam).await.get(&list).await.ok()["data"], json!([]));
        // Nobody makes somebody else follow.
        let forced = w.as_(w.olga).await.post("/api/v1/follower", json!({ "record": { "object": "opportunity", "id": deal }, "user_id": w.cora })).await;
        assert_eq!(forced.refusal().0, 403);

        let olga = w.as_(w.olga).await;
        olga.post(&format!("/api/v1/opportunity/{deal}/actions/lose"), json!({ "lost_reason": "price" })).await.ok();
        assert_eq!(w.heard(w.max).await, one("changed"));
        let said = max.get("/api/v1/me/notifications").await.ok();
        assert_eq!(said["data"][0]["record"], json!({ "object": "opportunity", "id": deal }));
        w.forget(w.max).await;
        olga.post("/api/v1/comment", json!({ "record": { "object": "opportunity", "id": deal }, "body": "Well" })).await.ok();
        assert_eq!(w.heard(w.max).await, one("comment"));
        w.forget(w.max).await;
        assert_eq!(max.post(&follow(false), json!({})).await.ok()["following"], false);
        olga.post("/api/v1/comment", json!({ "record": { "object": "opportunity", "id": deal }, "body": "Again" })).await.ok();
        assert_eq!(w.heard(w.max).await, []);
    }

    async fn nobody_reads_what_others_are_told_and_lost_records_take_it_along(s) {
        let w = World::new(s).await;
        w.say(w.olga, "@Cora", json!({ "mentions": [w.cora] })).await;
        let cora = w.as_(w.cora).await;
        let list = cora.get("/api/v1/me/notifications").await.ok();
        assert_eq!(list["data"].as_array().unwrap().len(), 2);
        let id = list["data"][0]["id"].as_str().unwrap().to_owned();
        let admin = w.s.admin().await;
        for c in [admin.clone(), w.as_(w.olga).await, w.as_(w.max).await, w.as_(w.sam).await] {
            assert_eq!(c.get(&format!("/api/v1/notification/{id}")).await.refusal().0, 404);
            assert_eq!(c.get(&format!("/api/v1/notification/{id}/history")).await.refusal().0, 404);
            assert_eq!(c.get("/api/v1/notification?count=exact").await.ok()["count"]["value"], 0);
            assert_eq!(c.get("/api/v1/me/notifications").await.ok()["data"], json!([]));
            assert_eq!(c.post(&format!("/api/v1/me/notifications/{id}/read"), json!({})).await.refusal().0, 404);
            let text = c.get("/api/v1/changes?after=0&limit=1000").await.text;
            assert!(!text.contains(&id), "the change log tells of it");
        }
        assert_eq!(cora.delete(&format!("/api/v1/notification/{id}")).await.refusal().0, 403, "written by the engine only");

        let unshare = format!("/api/v1/account/{}/actions/unshare", w.account);
        w.as_(w.olga).await.post(&unshare, json!({ "grantee": { "object": "user", "id": w.cora } })).await.ok();
        let after = cora.get("/api/v1/me/notifications").await.ok();
        assert_eq!((&after["data"], &after["unread"]), (&json!([]), &json!(0)), "a record no longer seen shows nothing of it");
        assert_eq!(cora.get(&format!("/api/v1/notification/{id}")).await.refusal().0, 404);
        assert_eq!(cora.get("/api/v1/me/notifications/unread").await.ok(), json!({ "unread": 0 }));
    }

    async fn reading_marks_one_or_all_and_time_clears_up(s) {
        let w = World::new(s).await;
        w.say(w.olga, "a", json!({ "mentions": [w.cora] })).await;
        w.say(w.olga, "b", json!({ "mentions": [w.cora] })).await;
        let cora = w.as_(w.cora).await;
        assert_eq!(cora.get("/api/v1/me/notifications/unread").await.ok(), json!({ "unread": 3 }));
        let page = cora.get("/api/v1/me/notifications?limit=2").await.ok();
        assert_eq!(page["data"].as_array().unwrap().len(), 2);
        let next = page["next"].as_str().unwrap();
        assert_eq!(cora.get(&format!("/api/v1/me/notifications?limit=2&cursor={}", encoded(next))).await.ok()["data"].as_array().unwrap().len(), 1);
        let id = page["data"][0]["id"].as_str().unwrap();
        for _ in 0..2 {
            assert_eq!(cora.post(&format!("/api/v1/me/notifications/{id}/read"), json!({})).await.status.as_u16(), 204);
        }
        assert_eq!(cora.get("/api/v1/me/notifications/unread").await.ok(), json!({ "unread": 2 }));
        assert_eq!(cora.post("/api/v1/me/notifications/read", json!({})).await.ok(), json!({ "read": 2 }));
        assert_eq!(cora.get("/api/v1/me/notifications?unread=true").await.ok()["data"], json!([]));
        w.s.clock.advance(91 * 24 * 3_600_000);
        assert_eq!(w.s.engine.upkeep().await.unwrap().notices, 3);
        let cora = w.as_(w.cora).await;
        assert_eq!(cora.get("/api/v1/me/notifications").await.ok()["data"], json!([]));
    }

    async fn what_is_not_wanted_is_not_told(s) {
        let w = World::new(s).await;
        let cora = w.as_(w.cora).await;
        let all = json!({ "mention": true, "assigned": true, "unanswered": true, "recycle": true, "shared": true, "comment": true, "changed": true, "waiting": true });
        assert_eq!(cora.get("/api/v1/me/notify").await.ok(), all);
        let off = cora.patch("/api/v1/me/notify", json!({ "mention": false })).await.ok();
        assert_eq!((&off["mention"], &off["comment"]), (&json!(false), &json!(true)));
        assert_eq!(cora.patch("/api/v1/me/notify", json!({ "nonsense": false })).await.refusal().0, 400);
        w.forget(w.cora).await;
        let said = w.say(w.olga, "@Cora", json!({ "mentions": [w.cora] })).await;
        assert_eq!(w.heard(w.cora).await, []);
        assert!(said.get("$warnings").is_none(), "what somebody wants to hear is nobody else's business: {said}");
        cora.patch("/api/v1/me/notify", json!({ "mention": true })).await.ok();
        w.say(w.olga, "@Cora", json!({ "mentions": [w.cora] })).await;
        assert_eq!(w.heard(w.cora).await, one("mention"));
    }

    async fn a_batch_tells_once_and_a_refused_row_not_at_all(s) {
        let w = World::new(s).await;
        w.forget(w.cora).await;
        let mut ops = vec![];
        for n in 0..30 {
            ops.push(json!({ "op": "create", "data": { "name": format!("Given {n}"), "owner_id": w.cora } }));
        }
        // Refused: an account without a name.
        ops.push(json!({ "op": "create", "data": { "owner_id": w.max } }));
        let admin = w.s.admin().await;
        let done = admin.post("/api/v1/account/batch", json!({ "ops": ops })).await.ok();
        assert_eq!(done["results"][30]["status"], 422, "{done}");
        assert_eq!(w.heard(w.cora).await, [("assigned".to_owned(), 30)]);
        assert_eq!(w.heard(w.max).await, []);
        // Taken back, what was told stays told: it is no row of the batch.
        let undo = admin.post(&format!("/api/v1/batches/{}/undo", done["batch_id"].as_str().unwrap()), json!({})).await.ok();
        assert_eq!((undo["complete"].clone(), undo["results"].as_array().unwrap().len()), (json!(true), 30), "{undo}");
    }

    async fn people_are_called_by_what_was_typed_and_said_to_see_it_or_not(s) {
        let w = World::new(s).await;
        w.s.person("张伟", "sales_rep", Some("south")).await;
        let path = |q: &str| format!("/api/v1/account/{}/mentionable?q={q}", w.account);
        let olga = w.as_(w.olga).await;
        for q in ["zw", "zhangwei", "%E5%BC%A0"] {
            let found = olga.get(&path(q)).await.ok();
            assert_eq!(found["data"][0]["name"], "张伟", "{q}: {found}");
            assert_eq!(found["data"][0]["sees"], false);
        }
        let found = olga.get(&path("")).await.ok();
        let seen: Vec<(&str, bool)> = found["data"].as_array().unwrap().iter().map(|p| (p["name"].as_str().unwrap(), p["sees"].as_bool().unwrap())).collect();
        assert!(seen.contains(&("Cora Colleague", true)) && seen.contains(&("Sam Stranger", false)), "{seen:?}");
        assert!(seen.windows(2).all(|w| w[0].1 || !w[1].1), "those who do not see it come last: {seen:?}");
        assert_eq!(w.as_(w.sam).await.get(&path("c")).await.refusal().0, 404);
    }

    async fn pages_remember_for_their_person_alone(s) {
        let w = World::new(s).await;
        let cora = w.as_(w.cora).await;
        assert_eq!(cora.get("/api/v1/me/preferences").await.ok(), json!({}));
        cora.patch("/api/v1/me/preferences", json!({ "density": "compact", "columns.account": ["name"] })).await.ok();
        let all = cora.patch("/api/v1/me/preferences", json!({ "density": null })).await.ok();
        assert_eq!(all, json!({ "columns.account": ["name"] }));
        assert_eq!(w.as_(w.olga).await.get("/api/v1/me/preferences").await.ok(), json!({}));
        let big = cora.patch("/api/v1/me/preferences", json!({ "x": "y".repeat(70_000) })).await;
        assert_eq!(big.refusal(), (422, "preference.too_much"));
        assert_eq!(cora.get("/api/v1/me/preferences").await.ok(), all);
    }

    async fn those_at_a_record_see_each_other_and_nobody_else_does(s) {
        let w = World::new(s).await;
        let path = format!("/api/v1/account/{}/presence", w.account);
        let (olga, cora) = (w.as_(w.olga).await, w.as_(w.cora).await);
        assert_eq!(olga.post(&path, json!({ "tab": "a" })).await.ok(), json!({ "people": [] }));
        let events = events(&olga, |e| e.0 == "presence" && e.1["people"][0]["editing"] == true);
        let seen = cora.post(&path, json!({ "tab": "b", "editing": true })).await.ok();
        assert_eq!(seen["people"], json!([{ "id": w.olga, "name": "Olga Owner", "editing": false }]));
        let event = events.await;
        assert_eq!(event["id"], json!(w.account));
        assert_eq!(event["people"], json!([{ "id": w.cora, "name": "Cora Colleague", "editing": true }]));
        assert_eq!(w.as_(w.sam).await.post(&path, json!({ "tab": "c" })).await.refusal().0, 404);

        // Who may no longer see it is no longer there.
        let unshare = format!("/api/v1/account/{}/actions/unshare", w.account);
        olga.post(&unshare, json!({ "grantee": { "object": "user", "id": w.cora } })).await.ok();
        assert_eq!(cora.post(&path, json!({ "tab": "b" })).await.refusal().0, 404);
        assert_eq!(olga.post(&path, json!({ "tab": "a" })).await.ok(), json!({ "people": [] }));
        assert_eq!(olga.post(&path, json!({ "tab": "a", "leave": true })).await.ok(), json!({ "people": [] }));
        // Nothing of it is in the log.
        let log = w.s.admin().await.get("/api/v1/changes?after=0&limit=1000").await.text;
        assert!(!log.contains("presence"));
    }
}

/// The data of the first event that fits, listened for from now on.
fn events(c: &Client, fits: fn(&(String, Value)) -> bool) -> impl Future<Output = Value> + use<> {
    let c = c.clone();
    let task = tokio::spawn(async move {
        let r = c.raw(c.request(Method::GET, "/api/v1/events", None, Body::empty())).await;
        let mut stream = r.into_body().into_data_stream();
        let mut text = String::new();
        while let Some(Ok(chunk)) = stream.next().await {
            text.push_str(&String::from_utf8_lossy(&chunk));
            while let Some((frame, rest)) = text.split_once("\n\n") {
                let part = |k: &str| frame.lines().find_map(|l| l.strip_prefix(k)).unwrap_or("").trim().to_owned();
                let event = (part("event:"), serde_json::from_str(&part("data:")).unwrap_or(Value::Null));
                if fits(&event) {
                    return event.1;
                }
                text = rest.to_owned();
            }
        }
        Value::Null
    });
    async move { tokio::time::timeout(Duration::from_secs(10), task).await.expect("the event comes").unwrap() }
}

fn urlencode(v: &Value) -> String {
    encoded(&v.to_string())
}

fn encoded(s: &str) -> String {
    s.bytes().map(|b| if b.is_ascii_alphanumeric() { (b as char).to_string() } else { format!("%{b:02X}") }).collect()
}
