//! People in a real database, with a clock that is set by hand.
#![allow(dead_code, reason = "each test file uses its part")]

use std::{
    net::IpAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use rapport_access::{Access, Attempt, PasswordPreset, Vault};
use rapport_policy::{Act, Reason, SystemScope};
use rapport_schema::{
    Actor, Cause, Change, ChangeOp, Clock, Millis, Model, ObjectName, Record, RecordId, Seq, UserId, Value, Via,
    clock::{IdGen, RandomIds},
};
use rapport_store::{Bin, Db, Options, StoreError, Target};
use serde_json::json;

#[path = "../../../testkit/src/postgres.rs"]
pub mod postgres;

tokio::task_local! {
    /// Where the workspaces of the test under way are made.
    pub static ON: On;
}

/// A database to test on.
#[derive(Debug, Clone, Copy)]
pub enum On {
    Sqlite,
    Postgres,
}

/// Runs each body on both databases; on PostgreSQL only where there is one (it says so when not).
#[macro_export]
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod on_sqlite {
            $( #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                $crate::rig::ON.scope($crate::rig::On::Sqlite, super::$name()).await;
            } )*
        }
        mod on_postgres {
            $( #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                if tokio::task::spawn_blocking($crate::rig::postgres::cluster).await.unwrap().is_some() {
                    $crate::rig::ON.scope($crate::rig::On::Postgres, super::$name()).await;
                }
            } )*
        }
    };
}

/// A clock that stands until it is moved.
#[derive(Debug)]
pub struct HandClock(AtomicI64);
impl Clock for HandClock {
    fn now(&self) -> Millis {
        Millis(self.0.load(Ordering::SeqCst))
    }
}
impl HandClock {
    pub fn advance(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

pub const MINUTE: i64 = 60_000;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

pub struct Rig {
    pub db: Db,
    pub access: Access,
    pub clock: Arc<HandClock>,
    pub model: Arc<Model>,
    target: Target,
    _dir: tempfile::TempDir,
    written: Mutex<std::collections::HashMap<RecordId, Record>>,
}

pub const PASSWORD: &str = "blue kettle 47 rain";

impl Rig {
    /// A workspace on the database of the test (SQLite unless told) with the roles `admin` (all), `rep` (own accounts) and `internal`.
    pub async fn new(preset: PasswordPreset) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let target = match ON.try_with(|on| *on).unwrap_or(On::Sqlite) {
            On::Sqlite => Target::Sqlite(dir.path().join("ws.db")),
            On::Postgres => {
                let cluster = postgres::cluster().expect("checked before the body runs");
                Target::Postgres { url: cluster.url().to_owned(), schema: postgres::fresh_schema() }
            }
        };
        let model = Arc::new(rapport_model::shipped());
        // 2026-11-21 14:00 in Shanghai.
        let clock = Arc::new(HandClock(AtomicI64::new(1_795_240_800_000)));
        let db = Db::open(&target, &model, Self::options(&clock)).await.unwrap();
        let access = Self::open_on(&db, &model, &clock, preset).await;
        let rig = Self { db, access, clock, model, target, _dir: dir, written: Mutex::default() };
        rig.role("admin", json!({}), json!(["admin"])).await;
        rig.role("internal", json!({ "user": { "read": "all" } }), json!([])).await;
        rig.role("rep", json!({ "account": { "create": true, "read": "own", "edit": "own" } }), json!([])).await;
        rig
    }
    pub async fn open_on(db: &Db, model: &Arc<Model>, clock: &Arc<HandClock>, preset: PasswordPreset) -> Access {
        let m = model.clone();
        let vault = Vault::new([7; 32]);
        Access::open(db.clone(), Arc::new(move || m.clone()), clock.clone(), Arc::new(RandomIds), preset, vault).await.unwrap()
    }
    /// Durability is the store's own test; here each commit may wait for nothing.
    fn options(clock: &Arc<HandClock>) -> Options {
        Options { full_sync: false, clock: clock.clone(), ..Options::default() }
    }
    /// A second node on the same database: its own store handle, so it hears nothing of the first one's commits.
    pub async fn second_node(&self) -> Access {
        let db = Db::open(&self.target, &self.model, Self::options(&self.clock)).await.unwrap();
        Self::open_on(&db, &self.model, &self.clock, self.access.preset()).await
    }

    pub fn id_of(name: &str) -> RecordId {
        // A name is an id in tests.
        let mut b = [0u8; 16];
        for (i, c) in name.bytes().enumerate().take(16) {
            b[i] = c;
        }
        b[6] = (b[6] & 0x0f) | 0x70;
        b[8] = (b[8] & 0x3f) | 0x80;
        RecordId::from_bytes(b)
    }
    pub fn user_id(name: &str) -> UserId {
        UserId::of(Self::id_of(name))
    }

    /// Writes a record as the pipeline would: row and log entry in one transaction.
    pub async fn put(&self, object: &str, name: &str, values: &[(&str, Value)]) {
        let def = self.model.object(object).unwrap().clone();
        let id = Self::id_of(name);
        let old = self.written.lock().unwrap().get(&id).cloned();
        let mut new = old.clone().unwrap_or_else(|| Record::new(&def, id));
        let now = self.clock.now();
        for f in ["created_at", "updated_at"] {
            new.set(&def, f, Value::DateTime(now));
        }
        for (f, t) in def.live() {
            if matches!(t.ty, rapport_schema::FieldType::Bool) && new[f] == Value::Null {
                new[f] = Value::Bool(false);
            }
        }
        for (f, v) in values {
            assert!(def.ix(f).is_some(), "{object}.{f}");
            new.set(&def, f, v.clone());
        }
        new.version += 1;
        let change = Change {
            seq: Seq(0),
            at: now,
            object: ObjectName::new(object).unwrap(),
            id,
            op: if old.is_some() { ChangeOp::Update } else { ChangeOp::Create },
            version: new.version,
            actor: Actor { user: None, via: Via::System },
            cause: Cause::default(),
            before: serde_json::value::to_raw_value(&json!({})).unwrap(),
            after: serde_json::value::to_raw_value(&json!({})).unwrap(),
        };
        let (model, stored) = (self.model.clone(), new.clone());
        self.db
            .write(move |tx| {
                let (model, def, old, new, change) = (model.clone(), def.clone(), old.clone(), stored.clone(), change.clone());
                Box::pin(async move {
                    match old {
                        Some(old) => tx.update(&model, &def, &old, &new).await?,
                        None => tx.insert(&model, &def, &new).await?,
                    }
                    tx.log(change);
                    Ok::<(), StoreError>(())
                })
            })
            .await
            .unwrap();
        self.written.lock().unwrap().insert(id, new);
    }
    pub async fn role(&self, code: &str, objects: serde_json::Value, functions: serde_json::Value) {
        let values = [
            ("name", Value::from(code)),
            ("code", Value::from(code)),
            ("object_perms", Value::Json(Box::new(objects))),
            ("functions", Value::Json(Box::new(functions))),
        ];
        self.put("role", &format!("role-{code}"), &values).await;
    }
    pub async fn dept(&self, name: &str, parent: Option<&str>) {
        let mut v = vec![("name", Value::from(name)), ("enabled", Value::Bool(true))];
        v.extend(parent.map(|p| ("parent_id", Value::Id(Self::id_of(p)))));
        self.put("department", name, &v).await;
    }
    /// An active internal user, `name@lanchuan.example`.
    pub async fn user(&self, name: &str, roles: &[&str], more: &[(&str, Value)]) -> UserId {
        let roles = roles.iter().map(|r| Self::id_of(&format!("role-{r}"))).collect();
        let mut v = vec![
            ("name", Value::from(name)),
            ("username", Value::from(name)),
            ("email", Value::from(format!("{name}@lanchuan.example").as_str())),
            ("roles", Value::Ids(roles)),
            ("status", Value::from("active")),
            ("kind", Value::from("internal")),
            ("locale", Value::from("zh_cn")),
        ];
        v.extend_from_slice(more);
        self.put("user", name, &v).await;
        Self::user_id(name)
    }
    /// An active user with [`PASSWORD`].
    pub async fn with_password(&self, name: &str, roles: &[&str]) -> UserId {
        let id = self.user(name, roles, &[]).await;
        self.access.set_password(id, PASSWORD, None).await.unwrap();
        id
    }
    pub fn attempt(login: &str, password: &str) -> Attempt {
        Attempt {
            login: login.into(),
            password: password.into(),
            totp: None,
            ip: Some(IpAddr::from([198, 51, 100, 7])),
            device: "test".into(),
        }
    }
    pub fn new_id(&self) -> RecordId {
        RandomIds.new_id(self.clock.now())
    }
    /// A field of a record as stored now.
    pub async fn stored(&self, object: &str, id: RecordId, field: &str) -> Value {
        let def = self.model.object(object).unwrap().clone();
        let rows = SystemScope::because(Reason::Authentication).rule(Act::Read, &self.model, &def);
        let now = self.clock.now();
        let (model, d) = (self.model.clone(), def.clone());
        let r = self
            .db
            .write(move |tx| {
                let (model, d, rows) = (model.clone(), d.clone(), rows.clone());
                Box::pin(async move { tx.load(&model, &d, &rows, id, Bin::Both, now).await })
            })
            .await
            .unwrap()
            .unwrap();
        r.get(&def, field).clone()
    }
    /// Waits until `f` holds; fails after five seconds, the longest a revoked right may live.
    pub async fn within_five_seconds<F: Future<Output = bool>>(what: &str, f: impl Fn() -> F) {
        let started = std::time::Instant::now();
        while !f().await {
            assert!(started.elapsed() < std::time::Duration::from_secs(5), "{what}: not within 5 s");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
}
