//! A workspace's pipeline from outside.

mod backfill;
mod batch;
mod compute;
mod documents;
mod dups;
mod feed;
mod layout;
mod modelling;
mod past;
mod read;
mod role_text;
mod rule_text;
mod search_index;
mod setup;
mod shares;
mod talk;
mod trial;
mod typed;
mod who;
mod write;

use async_recursion::async_recursion as boxed;
use std::{collections::HashMap, sync::Arc};

use arc_swap::ArcSwap;
use futures::future::BoxFuture;
use rapport_policy::Scope;
use rapport_schema::{Cause, ChangeOp, Clock, Millis, Model, ObjectDef, RecordId, clock::IdGen};
use rapport_store::{Db, Tx};

use crate::{
    Action, ActionSpec, Chore, Class, Error, Hook, Parts, Result, Unit, people::People, plan::Plan, settings::Settings,
    unit::UnitOptions,
};

pub use batch::BATCH_MAX;
pub(crate) use batch::is_derived;
pub use modelling::Apply;
pub use shares::Upkeep;
pub use talk::Mentionable;
pub use trial::{Trial, told_condition};
pub use who::Why;

/// A workspace's pipeline. Cheap to clone.
#[derive(Clone)]
pub struct Engine(pub(crate) Arc<Inner>);

/// The model and what follows from it; replaced as one when administrators change the model.
pub(crate) struct State {
    pub model: Arc<Model>,
    pub plan: Arc<Plan>,
}

pub(crate) struct Inner {
    pub db: Db,
    pub shipped: Model,
    pub state: ArcSwap<State>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdGen>,
    hooks: Vec<Arc<dyn Hook>>,
    hooks_for_all: Vec<usize>,
    hooks_by_object: HashMap<&'static str, Vec<usize>>,
    pub actions: Vec<Arc<dyn Action>>,
    chores: Vec<Arc<dyn Chore>>,
    pub people: People,
    pub settings: Settings,
    /// Held while a batch of formulas of existing records is computed.
    pub filling: tokio::sync::Mutex<()>,
    /// Held while the model is changed.
    pub modelling: tokio::sync::Mutex<()>,
    /// Sharing rules are worked through one at a time.
    pub sharing: tokio::sync::Mutex<()>,
    /// People and their rights, once they are known: whoever is told of a record must see it.
    pub access: std::sync::OnceLock<rapport_access::WeakAccess>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("db", &self.0.db).field("model", &self.model().version).finish()
    }
}

impl Engine {
    /// Puts the pipeline on an open workspace. The model is the shipped one plus what administrators added (read from the
    /// database); the tables are brought to it.
    ///
    /// # Errors
    /// The database is unreachable, or what administrators added no longer fits the shipped model.
    #[boxed]
    pub async fn open(db: Db, shipped: Model, parts: Parts) -> Result<Self> {
        let (custom, version) = modelling::stored(&db).await?;
        let mut model = modelling::merged(&shipped, &custom)?;
        model.version = shipped.version + version;
        let model = Arc::new(model);
        if version > 0 {
            db.migrate(&model).await?;
        }
        let plan = Arc::new(Plan::of(&model)?);
        let mut actions = crate::actions::shipped();
        actions.extend(parts.actions);
        let (mut hooks_for_all, mut hooks_by_object) = (vec![], HashMap::<&'static str, Vec<usize>>::new());
        let mut hooks = crate::rules::shipped();
        hooks.extend(parts.hooks);
        for (i, h) in hooks.iter().enumerate() {
            if h.objects().is_empty() {
                hooks_for_all.push(i);
            }
            for o in h.objects() {
                hooks_by_object.entry(o).or_default().push(i);
            }
        }
        let inner = Inner {
            db,
            shipped,
            state: ArcSwap::from_pointee(State { model, plan }),
            clock: parts.clock,
            ids: parts.ids,
            hooks,
            hooks_for_all,
            hooks_by_object,
            actions,
            chores: parts.chores,
            people: People::default(),
            modelling: tokio::sync::Mutex::default(),
            settings: Settings::default(),
            filling: tokio::sync::Mutex::default(),
            sharing: tokio::sync::Mutex::default(),
            access: std::sync::OnceLock::new(),
        };
        let e = Self(Arc::new(inner));
        e.follow();
        e.start_backfill();
        e.follow_worktime_soon();
        Ok(e)
    }

    /// Keeps the caches true: forgets people, settings and the model when a commit (of this node or another) changed them.
    fn follow(&self) {
        let weak = Arc::downgrade(&self.0);
        let mut commits = self.0.db.subscribe();
        tokio::spawn(async move {
            use tokio::sync::broadcast::error::RecvError;
            loop {
                let got = commits.recv().await;
                let Some(inner) = weak.upgrade() else { return };
                let e = Self(inner);
                match got {
                    Ok(c) => {
                        let touched = |names: &[&str]| c.changes.iter().any(|x| names.contains(&x.object.as_str()));
                        if touched(&["user", "department"]) {
                            e.0.people.forget();
                        }
                        if touched(&["setting", "duplicate_rule", "exchange_rate", "currency", "sharing_rule", "department"]) {
                            e.0.settings.forget();
                        }
                        if touched(&crate::worktime::OBJECTS) {
                            e.0.settings.forget();
                            e.follow_worktime_soon();
                        }
                        if touched(&["sharing_rule", "department"]) {
                            e.build_shares_soon();
                        }
                        if c.changes.iter().any(|x| x.op == ChangeOp::Note && x.cause.act.as_deref() == Some("model")) {
                            e.reload_model().await;
                        }
                    }
                    Err(RecvError::Lagged(_)) => {
                        e.0.people.forget();
                        e.0.settings.forget();
                        e.follow_worktime_soon();
                        e.reload_model().await;
                    }
                    Err(RecvError::Closed) => return,
                }
            }
        });
    }

    fn build_shares_soon(&self) {
        let e = self.clone();
        tokio::spawn(async move {
            if let Err(err) = e.build_shares().await {
                tracing::warn!(%err, "sharing rules could not be worked through; the next start tries again");
            }
        });
    }

    async fn reload_model(&self) {
        if let Err(err) = self.load_model().await {
            tracing::error!(%err, "the changed model could not be loaded; the old one stays");
        }
    }

    /// The model now.
    #[must_use]
    pub fn model(&self) -> Arc<Model> {
        self.0.state.load().model.clone()
    }
    /// The workspace's database: for people (`access`), jobs and operations. Business data goes through the pipeline.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.0.db
    }
    /// The time now.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.0.clock.now()
    }
    /// Makes people known, whose rights decide who may be told of a change. Before that nobody is notified of anything; a second
    /// call changes nothing.
    pub fn introduce(&self, access: &rapport_access::Access) {
        let _ = self.0.access.set(access.downgrade());
    }
    /// A new id.
    #[must_use]
    pub fn new_id(&self) -> RecordId {
        self.0.ids.new_id(self.now())
    }
    pub(crate) fn state(&self) -> Arc<State> {
        self.0.state.load_full()
    }
    /// Hooks that watch an object, in the order they were registered.
    pub(crate) fn hooks(&self, object: &str) -> Vec<Arc<dyn Hook>> {
        let mut ix: Vec<usize> = self.0.hooks_for_all.clone();
        if let Some(v) = self.0.hooks_by_object.get(object) {
            ix.extend(v);
            ix.sort_unstable();
        }
        ix.into_iter().map(|i| self.0.hooks[i].clone()).collect()
    }

    /// Does the pipeline find a value for a field when a new record comes without one? R-NRM-06 makes a person's name of its parts.
    #[must_use]
    pub fn fills(&self, object: &ObjectDef, field: &str) -> bool {
        let person = field == "name" && object.field("family_name").is_some() && object.field("given_name").is_some();
        person || self.hooks(&object.name).iter().any(|h| h.fills().contains(&field))
    }

    /// Runs a function of the pipeline inside one transaction. It may run more than once, so it does nothing outside.
    ///
    /// # Errors
    /// What the function refuses; nothing is written then.
    pub async fn run<T, F>(&self, scope: &Scope, cause: Cause, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'u> Fn(&'u mut Unit<'_>) -> BoxFuture<'u, Result<T>> + Send + Sync + 'static,
    {
        let prepared = self.prepare(crate::WriteOptions { cause, ..crate::WriteOptions::default() }).await?;
        self.job(scope, prepared, f).await
    }

    /// Runs a function inside a transaction; nobody who only looks as somebody else gets here.
    pub(crate) async fn job<T, F>(&self, scope: &Scope, opts: UnitOptions, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'u> Fn(&'u mut Unit<'_>) -> BoxFuture<'u, Result<T>> + Send + Sync + 'static,
    {
        if scope.is_view() {
            let params = rapport_schema::Params::new();
            return Err(Error::Rule { code: "session.view_as", class: Class::Permission, params, fields: vec![] });
        }
        self.ask(scope, opts, f).await
    }

    /// Runs a function that only asks: it needs a transaction and writes nothing in it.
    pub(crate) async fn ask<T, F>(&self, scope: &Scope, opts: UnitOptions, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'u> Fn(&'u mut Unit<'_>) -> BoxFuture<'u, Result<T>> + Send + Sync + 'static,
    {
        let engine = self.clone();
        let scope = scope.clone();
        let f = Arc::new(f);
        let out = self
            .0
            .db
            .write_sized(opts.alone, move |tx: &mut Tx| {
                let (engine, scope, opts, f) = (engine.clone(), scope.clone(), opts.clone(), f.clone());
                Box::pin(async move {
                    let mut unit = Unit::new(&engine, scope, opts, tx);
                    let out = f(&mut unit).await?;
                    unit.settle().await?;
                    Ok(out)
                })
            })
            .await?;
        Ok(out)
    }

    /// Everybody of the workspace, roles, teams and pools included, as last committed; none before there is any access.
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn directory(&self) -> Result<Option<Arc<rapport_access::Directory>>> {
        let Some(access) = self.0.access.get().and_then(rapport_access::WeakAccess::upgrade) else { return Ok(None) };
        Ok(Some(access.directory().await.map_err(|e| Error::Store(rapport_store::StoreError::from(e)))?))
    }

    /// Does what time has brought, each chore by itself; what fails is tried again the next time. Answers the names of those that
    /// failed with what went wrong.
    #[boxed]
    pub async fn chores(&self) -> Vec<(&'static str, Error)> {
        let mut failed = vec![];
        for c in self.0.chores.clone() {
            if let Err(e) = c.run(self).await {
                failed.push((c.name(), e));
            }
        }
        failed
    }

    /// Actions of an object this caller may run.
    #[must_use]
    pub fn actions(&self, scope: &Scope, object: &str) -> Vec<ActionSpec> {
        let model = self.model();
        let Some(o) = model.object(object) else { return vec![] };
        crate::actions::of(self, &model, o)
            .into_iter()
            .map(|a| a.spec().clone())
            .filter(|s| crate::actions::allowed(scope, o, s))
            .collect()
    }
}
