//! A fresh workspace with the shipped records in it.

use std::sync::Arc;

use rapport_access::{Access, PasswordPreset, Vault};
use rapport_records::{Engine, Parts};
use rapport_schema::{Locale, UserId, clock::IdGen};
use rapport_server::{App, Config, Workspace, Workspaces, people, router};
use rapport_store::{Db, Options, Target};

use crate::{
    Client,
    clock::{CountedIds, MockClock},
};

/// A fresh workspace. Its files go when it goes.
pub struct Space {
    /// The database.
    pub db: Db,
    /// The pipeline.
    pub engine: Engine,
    /// People.
    pub access: Access,
    /// The clock all of them go by.
    pub clock: Arc<MockClock>,
    /// The server over them.
    pub app: App,
    router: axum::Router,
    /// Folder of its files.
    pub dir: tempfile::TempDir,
}

impl std::fmt::Debug for Space {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Space").field("dir", &self.dir).finish_non_exhaustive()
    }
}

impl Space {
    /// On SQLite.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn sqlite() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let target = Target::Sqlite(dir.path().join("test.db"));
        Self::open(&target, dir, Config::default()).await
    }
    /// On SQLite with other settings of the server.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn with(config: Config) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let target = Target::Sqlite(dir.path().join("test.db"));
        Self::open(&target, dir, config).await
    }
    /// On PostgreSQL; none (said on standard error) where there is no server, unless `RAPPORT_REQUIRE_POSTGRES` is set.
    ///
    /// # Panics
    /// When PostgreSQL is required and missing, or the workspace cannot be made.
    pub async fn postgres() -> Option<Self> {
        let Some(target) = crate::postgres_target().await else {
            assert!(std::env::var_os("RAPPORT_REQUIRE_POSTGRES").is_none(), "PostgreSQL is required and cannot be started");
            eprintln!("skipped: no PostgreSQL on this machine");
            return None;
        };
        let dir = tempfile::tempdir().expect("a folder");
        Some(Self::open(&target, dir, Config::default()).await)
    }

    async fn open(target: &Target, dir: tempfile::TempDir, config: Config) -> Self {
        let model = rapport_model::shipped();
        let clock = Arc::new(MockClock::default());
        let options = Options { clock: clock.clone(), ..Options::default() };
        let db = Db::open(target, &model, options).await.expect("the database opens");
        let ids: Arc<dyn IdGen> = Arc::new(CountedIds::default());
        let parts = Parts {
            clock: clock.clone(),
            ids: ids.clone(),
            hooks: rapport_sales::hooks(),
            actions: rapport_sales::actions(),
            chores: rapport_sales::chores(),
        };
        let engine = Engine::open(db.clone(), model, parts).await.expect("the pipeline opens");
        engine.install(&rapport_model::defaults().records, Locale::En).await.expect("the shipped records fit");
        let of = engine.clone();
        let access = Access::open(
            db.clone(),
            Arc::new(move || of.model()),
            clock.clone(),
            ids,
            PasswordPreset::Modern,
            Vault::new([7; 32]),
        )
        .await
        .expect("access opens");
        engine.introduce(&access);
        people::root_department(&engine, "Test Company").await.expect("a root department");
        let ws = Workspace {
            name: "test".into(),
            organisation: "Test Company".into(),
            demo: false,
            engine: engine.clone(),
            access: access.clone(),
        };
        let app = App::new(Config { files: dir.path().join("files"), ..config }, Workspaces::one(ws));
        let router = router(app.clone());
        Self { db, engine, access, clock, app, router, dir }
    }

    /// A caller nobody knows.
    #[must_use]
    pub fn nobody(&self) -> Client {
        Client::new(self.router.clone())
    }
    /// A caller with a session of this person.
    ///
    /// # Panics
    /// When no session can be opened.
    pub async fn session(&self, user: UserId) -> Client {
        let s = self.access.open_session(user, None, "test").await.expect("a session");
        self.nobody().with_cookie(&s.secret)
    }
    /// A caller with a token of this person.
    ///
    /// # Panics
    /// When no token can be made.
    pub async fn token(&self, user: UserId, scopes: Option<&[&str]>) -> Client {
        use rapport_schema::Clock as _;
        let scopes = scopes.map(|s| s.iter().map(|&s| s.to_owned()).collect());
        let by = rapport_schema::Actor { user: Some(user), via: rapport_schema::Via::Web };
        let t =
            self.access.create_token(by, user, "test", scopes, vec![], self.clock.now().plus(3_600_000)).await.expect("a token");
        self.nobody().with_token(&t.secret)
    }
    /// The change log from its beginning, 10,000 entries at most.
    ///
    /// # Panics
    /// When it cannot be read.
    pub async fn log(&self) -> Vec<rapport_schema::Change> {
        let ask = rapport_store::ChangeQuery { limit: 10_000, ..Default::default() };
        self.db.changes(ask).await.expect("the log").into_iter().map(|r| r.change).collect()
    }
    /// A session of a fresh administrator.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn admin(&self) -> Client {
        let u = self.person("Ada Admin", people::ADMIN_ROLE, None).await;
        self.session(u).await
    }
}
