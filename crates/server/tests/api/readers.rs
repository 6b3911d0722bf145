//! Who sees a record and why: what is said of a person is what that person meets.

use rapport_testkit::both;
use serde_json::{Value, json};

/// The people of an answer with what is said of each: `name: by by! ` (`!` = may change it).
fn said(v: &Value) -> Vec<String> {
    let mut all: Vec<String> = v["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| {
            let why: Vec<&str> = r["why"].as_array().unwrap().iter().map(|w| w["by"].as_str().unwrap()).collect();
            format!("{}: {}{}", r["user"]["name"].as_str().unwrap(), why.join(" "), if r["edit"] == true { "!" } else { "" })
        })
        .collect();
    all.sort();
    all
}

both! {
    // R-VIS-01 … R-VIS-05, R-VIS-08: every way in has its reason.
    async fn a_record_says_who_sees_it_and_why(s) {
        let north = s.department("north", None).await;
        s.department("north_one", Some(north)).await;
        s.department("south", None).await;
        let stranger = s.person("Sam Stranger", "sales_rep", Some("south")).await;
        let colleague = s.person("Cora Colleague", "sales_rep", Some("north_one")).await;
        let owner = s.person("Olga Owner", "sales_rep", Some("north_one")).await;
        let boss = s.person("Bea Boss", "sales_rep", Some("south")).await;
        s.person("Max Manager", "sales_manager", Some("north")).await;
        s.change("user", owner.record(), json!({ "manager_id": boss })).await;
        let account = s.account("Alder Ltd.", owner).await;
        let (me, other) = (s.session(owner).await, s.session(stranger).await);
        let url = format!("/api/v1/account/{account}/readers");

        let all = said(&me.get(&url).await.ok());
        let of = |all: &[String], who: &str| all.iter().find(|l| l.starts_with(who)).cloned().unwrap_or_default();
        assert_eq!(of(&all, "Olga"), "Olga Owner: owner!");
        assert_eq!(of(&all, "Max"), "Max Manager: department!");
        assert_eq!(of(&all, "Bea"), "Bea Boss: reports");
        assert_eq!(of(&all, "Sam"), "");
        assert_eq!(of(&all, "Cora"), "");

        // Whoever does not see the record learns nothing; of one person it is said also that he does not.
        assert_eq!(other.get(&url).await.refusal(), (404, "not_found"));
        let one = me.get(&format!("{url}?user_id={stranger}")).await.ok();
        assert_eq!((&one["data"][0]["read"], &one["data"][0]["why"]), (&json!(false), &json!([])));

        let at = json!({ "object": "account", "id": account });
        s.make("record_share", json!({ "record": at, "grantee": { "object": "user", "id": stranger }, "access": "read" })).await;
        s.make("team_member", json!({ "record": at, "user_id": colleague, "access": "edit" })).await;
        let all = said(&me.get(&url).await.ok());
        assert_eq!(of(&all, "Sam"), "Sam Stranger: shared");
        assert_eq!(of(&all, "Cora"), "Cora Colleague: team!");
        assert_eq!(other.get(&format!("/api/v1/account/{account}")).await.status, 200);

        // A contact is read through its account.
        let contact = s.make("contact", json!({ "name": "Carl Contact", "account_id": account, "owner_id": owner })).await;
        let all = said(&me.get(&format!("/api/v1/contact/{contact}/readers")).await.ok());
        assert_eq!(of(&all, "Sam"), "Sam Stranger: through");
        assert_eq!(of(&all, "Olga"), "Olga Owner: owner through!");

        // An administrator, and a role with all records.
        let admin = s.person("Ada Admin", "admin", None).await;
        s.person("Gus General", "general_manager", None).await;
        let all = said(&s.session(admin).await.get(&url).await.ok());
        assert_eq!(of(&all, "Ada"), "Ada Admin: admin!");
        assert!(of(&all, "Gus").starts_with("Gus General: role"), "{all:?}");
        assert_eq!(me.get(&format!("{url}?user_id=01900000-0000-7000-8000-000000000000")).await.refusal(), (404, "not_found"));
    }
}
