//! A workspace with people who sit at its pools.
#![allow(dead_code, reason = "shared by several tests")]

use std::sync::Arc;

use rapport_access::{Access, PasswordPreset, Vault};
use rapport_policy::{Principal, Scope};
use rapport_records::Hook;
use rapport_schema::{UserId, Via, clock::RandomIds};
use serde_json::{Value as Json, json};

use crate::common::World;

/// A workspace whose people are read from their records: who sits at a pool is a matter of roles and departments.
pub struct Pools {
    pub w: World,
    pub access: Access,
    pub admin: Scope,
    /// Sales director of the north: administrator of the shipped pools.
    pub boss: Scope,
    pub rep: Scope,
    pub other: Scope,
}

impl std::ops::Deref for Pools {
    type Target = World;
    fn deref(&self) -> &World {
        &self.w
    }
}

pub async fn world(target: rapport_store::Target, dir: Option<tempfile::TempDir>) -> Pools {
    world_with(target, dir, vec![]).await
}

/// The same with rules of the test's own.
pub async fn world_with(target: rapport_store::Target, dir: Option<tempfile::TempDir>, own: Vec<Arc<dyn Hook>>) -> Pools {
    let hooks = rapport_sales::hooks().into_iter().chain(own).collect();
    let w = World::with(target, dir, hooks, rapport_sales::actions()).await;
    let of = w.e.clone();
    let access = Access::open(
        w.db.clone(),
        Arc::new(move || of.model()),
        w.clock.clone(),
        Arc::new(RandomIds),
        PasswordPreset::Modern,
        Vault::new([7; 32]),
    )
    .await
    .unwrap();
    w.e.introduce(&access);
    let mut p = Pools { admin: w.admin.clone(), boss: w.boss.clone(), rep: w.rep.clone(), other: w.other.clone(), w, access };
    p.renew().await;
    p
}

impl Pools {
    /// Scopes as the next request would have them.
    pub async fn renew(&mut self) {
        for s in [&mut self.admin, &mut self.boss, &mut self.rep, &mut self.other] {
            let today = jiff::civil::date(2026, 11, 21);
            let d = self.access.directory().await.unwrap();
            *s = d.scope(UserId::of(World::id(s)), today).unwrap().admit(Principal::Local, Via::Web, None);
        }
    }
    pub async fn pool(&self, object: &str) -> Json {
        self.list(&self.w.admin, "pool", &format!("object = '{object}' and is_default = true")).await.remove(0)
    }
    /// A lead nobody owns.
    pub async fn lead(&self, name: &str) -> Json {
        self.make(&self.w.admin, "lead", json!({ "name": name, "owner_id": null, "source": "website" })).await
    }
    pub async fn now(&self, object: &str, r: &Json) -> Json {
        self.get(&self.w.system, object, r).await.unwrap()
    }
    /// Lines of the pool's log about a record, of one kind.
    pub async fn log(&self, r: &Json, action: &str) -> Vec<Json> {
        let rows = self.list(&self.w.system, "pool_log", &format!("action = '{action}'")).await;
        rows.into_iter().filter(|l| l["record"]["id"] == r["id"]).collect()
    }
}
