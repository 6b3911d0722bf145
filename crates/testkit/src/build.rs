//! People and records, made through the pipeline.

use rapport_policy::{Reason, SystemScope};
use rapport_records::{JsonMap, WriteOptions};
use rapport_schema::{RecordId, UserId};
use rapport_server::people::{self, NewPerson};
use serde_json::{Value, json};

use crate::Space;

fn map(v: Value) -> JsonMap {
    match v {
        Value::Object(m) => m,
        other => panic!("not an object: {other}"),
    }
}

impl Space {
    /// Makes a record as the engine.
    ///
    /// # Panics
    /// When the pipeline refuses it.
    pub async fn make(&self, object: &str, data: Value) -> RecordId {
        let scope = SystemScope::because(Reason::Sample);
        let opts = WriteOptions { set_state: true, override_duplicates: true, ..WriteOptions::default() };
        match self.engine.create(&scope, object, map(data.clone()), opts).await {
            Ok(s) => s.id,
            Err(e) => panic!("{object} {data}: {e:?}"),
        }
    }
    /// Changes a record as the engine.
    ///
    /// # Panics
    /// When the pipeline refuses it.
    pub async fn change(&self, object: &str, id: RecordId, data: Value) {
        let scope = SystemScope::because(Reason::Sample);
        if let Err(e) = self.engine.update(&scope, object, id, map(data.clone()), WriteOptions::default()).await {
            panic!("{object} {data}: {e:?}");
        }
    }
    /// A department below the root or another one; answers its id.
    ///
    /// # Panics
    /// When the pipeline refuses it.
    pub async fn department(&self, code: &str, parent: Option<RecordId>) -> RecordId {
        let parent = match parent {
            Some(p) => json!(p),
            None => people::root_department(&self.engine, "Test Company").await.expect("the root"),
        };
        self.make("department", json!({ "name": code, "code": code, "parent_id": parent, "enabled": true })).await
    }
    /// A person with one role; the e-mail address follows from the name.
    ///
    /// # Panics
    /// When the pipeline refuses it.
    pub async fn person(&self, name: &str, role: &str, department: Option<&str>) -> UserId {
        let email = format!("{}@test.example", name.to_ascii_lowercase().replace(' ', "."));
        let p = NewPerson {
            name: name.into(),
            email,
            roles: vec![role.into()],
            department: department.map(Into::into),
            locale: Some("en".into()),
            ..NewPerson::default()
        };
        match people::create(&self.engine, &p).await {
            Ok(u) => u,
            Err(e) => panic!("{name}: {e:?}"),
        }
    }
    /// An account with an owner.
    pub async fn account(&self, name: &str, owner: UserId) -> RecordId {
        self.make("account", json!({ "name": name, "owner_id": owner })).await
    }
    /// An opportunity of an account in the first stage of the default pipeline.
    pub async fn opportunity(&self, name: &str, account: RecordId, owner: UserId, amount: &str) -> RecordId {
        self.make(
            "opportunity",
            json!({ "name": name, "account_id": account, "owner_id": owner, "amount": amount, "close_on": "2026-12-31" }),
        )
        .await
    }
}

impl Space {
    /// Puts a record in the recycle bin as the engine; its object is `account`.
    ///
    /// # Panics
    /// When the pipeline refuses it.
    pub async fn admin_delete(&self, account: RecordId) {
        self.admin_delete_of("account", account).await;
    }
    /// Puts a record of any object in the recycle bin as the engine.
    ///
    /// # Panics
    /// When the pipeline refuses it.
    pub async fn admin_delete_of(&self, object: &str, id: RecordId) {
        let scope = SystemScope::because(Reason::Sample);
        self.engine.delete(&scope, object, id, WriteOptions::default()).await.expect("the record goes to the recycle bin");
    }
}
