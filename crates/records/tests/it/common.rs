//! A workspace to test in: shipped model and records on a fresh database, a clock that stands still, people with roles.
#![allow(dead_code, reason = "each test file uses its part")]

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use rapport_policy::{Grants, Principal, Reason, RoleGrants, Scope, ScopeBuilder, SystemScope};
use rapport_records::{Engine, Error, JsonMap, ListRequest, Parts, Saved, WriteOptions};
use rapport_schema::{Clock, DeptId, Locale, Millis, RecordId, UserId, Via, clock::RandomIds};
use rapport_store::{Db, Options, Target};
use serde_json::{Value as Json, json};

/// A clock that moves when told.
#[derive(Debug)]
pub struct Still(AtomicI64);
impl Clock for Still {
    fn now(&self) -> Millis {
        Millis(self.0.load(Ordering::SeqCst))
    }
}
impl Still {
    pub fn step(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

pub struct World {
    pub e: Engine,
    pub db: Db,
    pub clock: Arc<Still>,
    /// The engine as set-up: reaches everything.
    pub system: Scope,
    /// An administrator.
    pub admin: Scope,
    /// Head of the north, with a rep below; and a rep of the south.
    pub boss: Scope,
    pub rep: Scope,
    pub other: Scope,
    pub north: RecordId,
    pub south: RecordId,
    pub target: Target,
    _dir: Option<tempfile::TempDir>,
}

/// Runs each body on a fresh workspace of each database.
#[macro_export]
macro_rules! both {
    ($make:expr, $($name:ident),* $(,)?) => {
        mod on_sqlite {
            $( #[tokio::test]
            async fn $name() {
                use super::*;
                let dir = tempfile::tempdir().unwrap();
                let target = rapport_store::Target::Sqlite(dir.path().join("ws.db"));
                super::$name($make(target, Some(dir)).await).await;
            } )*
        }
        mod on_postgres {
            $( #[tokio::test]
            async fn $name() {
                use super::*;
                let cluster = tokio::task::spawn_blocking($crate::postgres::cluster).await.unwrap();
                if let Some(c) = cluster {
                    let target = rapport_store::Target::Postgres { url: c.url().to_owned(), schema: $crate::postgres::fresh_schema() };
                    super::$name($make(target, None).await).await;
                }
            } )*
        }
    };
}

pub fn map(j: Json) -> JsonMap {
    match j {
        Json::Object(m) => m,
        _ => panic!("not an object"),
    }
}

pub fn val(s: &Saved) -> Json {
    serde_json::from_slice(&s.json).unwrap()
}

/// Faults as `field code`.
pub fn faults(e: Error) -> Vec<String> {
    match e {
        Error::Invalid(f) => f.into_iter().map(|f| format!("{} {}", f.field, f.code)).collect(),
        Error::Rule { code, fields, .. } => {
            std::iter::once(code.to_owned()).chain(fields.into_iter().map(|f| format!("{} {}", f.field, f.code))).collect()
        }
        e => vec![format!("{e:?}")],
    }
}

pub fn role(model: &rapport_schema::Model, code: &str) -> Arc<Grants> {
    let roles: Vec<Arc<RoleGrants>> = ["internal", code]
        .iter()
        .map(|c| {
            let r = rapport_model::defaults().get(&format!("role.{c}")).unwrap().json(Locale::En);
            Arc::new(RoleGrants::parse(&r["object_perms"], r.get("field_perms"), r.get("functions")).unwrap())
        })
        .collect();
    Arc::new(Grants::resolve(model, &roles))
}

impl World {
    pub async fn on(target: Target, dir: Option<tempfile::TempDir>) -> Self {
        Self::with(target, dir, vec![], vec![]).await
    }

    pub async fn with(
        target: Target,
        dir: Option<tempfile::TempDir>,
        hooks: Vec<Arc<dyn rapport_records::Hook>>,
        actions: Vec<Arc<dyn rapport_records::Action>>,
    ) -> Self {
        let model = rapport_model::shipped();
        // 2026-11-21 10:00 in Shanghai
        let clock = Arc::new(Still(AtomicI64::new(1_795_226_400_000)));
        // Documents expire by the same clock, whatever day it is here.
        let options = Options { clock: clock.clone(), ..Options::default() };
        let db = Db::open(&target, &model, options).await.unwrap();
        let parts = Parts { clock: clock.clone(), ids: Arc::new(RandomIds), hooks, actions, chores: vec![] };
        let e = Engine::open(db.clone(), model.clone(), parts).await.unwrap();
        let system = SystemScope::because(Reason::Setup);
        e.install(&rapport_model::defaults().records, Locale::Zh).await.unwrap();
        let make = async |o: &str, j: Json| e.create(&system, o, map(j), WriteOptions::default()).await.unwrap().id;
        let north = make("department", json!({ "name": "华北" })).await;
        let south = make("department", json!({ "name": "华南" })).await;
        let user = async |name: &str, dept: RecordId, role: &str| {
            let d = json!({ "username": name, "name": name, "main_dept": dept, "roles": [{ "external_id": format!("role.{role}") }], "status": "active", "locale": "zh_cn" });
            make("user", d).await
        };
        let ids = (
            user("管理员", north, "admin").await,
            user("陈屿", north, "sales_director").await,
            user("林禾", north, "sales_rep").await,
            user("Zoe", south, "sales_rep").await,
        );
        let p = Principal::Local;
        let dept = |d: RecordId| vec![DeptId::of(d)];
        let person = |id: RecordId, name: &str| ScopeBuilder::person(UserId::of(id), name);
        let admin =
            person(ids.0, "管理员").grants(role(&model, "admin")).departments(dept(north), dept(north)).build(p, Via::Web);
        let boss = person(ids.1, "陈屿")
            .grants(role(&model, "sales_director"))
            .departments(dept(north), dept(north))
            .reports(vec![UserId::of(ids.2)])
            .build(p, Via::Web);
        let rep =
            person(ids.2, "林禾").grants(role(&model, "sales_rep")).departments(dept(north), dept(north)).build(p, Via::Web);
        let other =
            person(ids.3, "Zoe").grants(role(&model, "sales_rep")).departments(dept(south), dept(south)).build(p, Via::Web);
        Self { e, db, clock, system, admin, boss, rep, other, north, south, target, _dir: dir }
    }

    pub fn id(s: &Scope) -> RecordId {
        s.user().unwrap().record()
    }

    pub async fn make(&self, s: &Scope, o: &str, j: Json) -> Json {
        match self.e.create(s, o, map(j), WriteOptions::default()).await {
            Ok(r) => val(&r),
            Err(e) => panic!("{o}: {:?}", faults(e)),
        }
    }
    pub async fn fail(&self, s: &Scope, o: &str, j: Json) -> Vec<String> {
        faults(self.e.create(s, o, map(j), WriteOptions::default()).await.unwrap_err())
    }
    pub async fn patch(&self, s: &Scope, o: &str, r: &Json, j: Json) -> Result<Json, Error> {
        self.e.update(s, o, Self::rid(r), map(j), WriteOptions::default()).await.map(|r| val(&r))
    }
    pub async fn get(&self, s: &Scope, o: &str, r: &Json) -> Result<Json, Error> {
        let (bytes, _) = self.e.get(s, o, Self::rid(r), &ListRequest::default()).await?;
        Ok(serde_json::from_slice(&bytes).unwrap())
    }
    pub async fn act(&self, s: &Scope, o: &str, r: &Json, action: &str, input: Json) -> Result<Json, Error> {
        self.e.act(s, o, Some(Self::rid(r)), action, input, WriteOptions::default()).await
    }
    pub async fn list(&self, s: &Scope, o: &str, filter: &str) -> Vec<Json> {
        let req = ListRequest { filter: Some(filter.to_owned()), limit: Some(200), ..ListRequest::default() };
        let page = self.e.list(s, o, &req).await.unwrap();
        serde_json::from_str(&format!("[{}]", String::from_utf8(page.rows).unwrap())).unwrap()
    }
    pub fn rid(r: &Json) -> RecordId {
        r["id"].as_str().unwrap().parse().unwrap()
    }
}
