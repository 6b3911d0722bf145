//! The pipeline inside one transaction.

mod conditions;
mod create;
mod finish;
mod load;
mod notices;
mod remove;
mod resolve;
mod rollup;
mod update;
mod write;

use async_recursion::async_recursion as boxed;
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use rapport_policy::{Act, Reason, Scope, SystemScope};
use rapport_schema::{
    Cause, FieldIx, Millis, Model, ObjectDef, ObjectName, Record, RecordId, Value,
    query::{AggFn, Filter, GroupKey, Measure},
};
use rapport_store::{Aggregate, Bin, Cursor, StoreError, Tx};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

pub(crate) use load::merged_into;
pub(crate) use notices::{KINDS, wants};
pub(crate) use resolve::Known;

use crate::{Engine, Error, Result, WriteOptions, norm::Norm, plan::Plan, q};

/// What a job knows before it enters the writer.
#[derive(Debug, Clone, Default)]
pub(crate) struct UnitOptions {
    pub cause: Cause,
    pub write: WriteOptions,
    pub settings: Arc<HashMap<String, Json>>,
    pub norm: Arc<Norm>,
    pub dup_rules: Arc<Vec<Arc<crate::dup::Rule>>>,
    pub share_rules: Arc<Vec<crate::rules::sharing::ShareRule>>,
    pub known: Arc<Known>,
    /// Units of base currency per unit of a currency, today.
    pub rates: Arc<HashMap<String, rust_decimal::Decimal>>,
    /// Working time.
    pub calendars: Arc<crate::worktime::Calendars>,
    /// A stale update may go on when it meets exactly this version: these fields changed since the caller's version.
    pub since: Option<(i64, BTreeSet<String>)>,
    /// In a transaction of its own.
    pub alone: bool,
}

/// The pipeline inside one transaction: everything done through it stands or falls together.
pub struct Unit<'t> {
    /// The engine.
    pub engine: &'t Engine,
    /// The model this unit works with.
    pub model: Arc<Model>,
    /// The caller.
    pub scope: Scope,
    /// Who called, also where the engine's own scope is at work.
    caller: Scope,
    /// Why.
    pub cause: Cause,
    pub(crate) tx: &'t mut Tx,
    pub(crate) plan: Arc<Plan>,
    pub(crate) now: Millis,
    pub(crate) opts: UnitOptions,
    /// The change under way is made by a named action or the engine: status and engine-maintained fields may move.
    pub(crate) by_action: bool,
    /// References found so far.
    pub(crate) known: Known,
    /// Parents whose rollups must be computed before the transaction ends: parent object, parent, rollup field.
    pub(crate) dirty: BTreeSet<(ObjectName, RecordId, FieldIx)>,
    /// Possible duplicates met (R-DUP-02).
    pub(crate) warnings: Vec<Json>,
    /// Rows written so far.
    pub(crate) writes: u64,
    pub(crate) touched_people: bool,
    pub(crate) dup_cache: crate::dup::Cache,
    pub(crate) numbers: Numbers,
    /// Hooks call the pipeline, whose hooks call it again: a rule that never ends is stopped.
    pub(crate) depth: u8,
    /// The person in whose name the engine acts: the log names them even where the engine's own scope is at work.
    pub(crate) acting_for: Option<rapport_schema::Actor>,
    /// The object the action under way acts on.
    pub(crate) acting_on: Option<String>,
    /// What people are to be told of when the transaction ends.
    pub(crate) notices: Vec<notices::Notice>,
    /// Rows of a batch do not ask the database for each.
    directory: Option<Arc<rapport_access::Directory>>,
}

impl std::fmt::Debug for Unit<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unit").field("cause", &self.cause).field("writes", &self.writes).finish_non_exhaustive()
    }
}

/// Numbers taken from counters ahead of their use. Whatever undoes a savepoint gives them back, so they must be forgotten there.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    /// How many are taken at once; 0 counts as 1.
    pub ahead: i64,
    /// Next and last by counter.
    pub taken: HashMap<String, (i64, i64)>,
}

/// Deepest nesting of hooks that write.
pub(crate) const MAX_DEPTH: u8 = 16;

impl<'t> Unit<'t> {
    pub(crate) fn new(engine: &'t Engine, scope: Scope, opts: UnitOptions, tx: &'t mut Tx) -> Self {
        let state = engine.state();
        let acting_for = (!scope.is_system()).then(|| scope.actor());
        Self {
            acting_for,
            acting_on: None,
            notices: vec![],
            directory: None,
            engine,
            model: state.model.clone(),
            plan: state.plan.clone(),
            caller: scope.clone(),
            scope,
            cause: opts.cause.clone(),
            tx,
            now: engine.now(),
            known: (*opts.known).clone(),
            opts,
            by_action: false,
            dirty: BTreeSet::new(),
            warnings: vec![],
            writes: 0,
            touched_people: false,
            dup_cache: crate::dup::Cache::default(),
            numbers: Numbers::default(),
            depth: 0,
        }
    }

    /// The instant of this transaction.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.now
    }
    /// Today in the organisation's zone.
    #[must_use]
    pub fn today(&self) -> jiff::civil::Date {
        self.now.date_in(&self.model.tz())
    }
    pub(crate) fn norm(&self) -> Arc<Norm> {
        self.opts.norm.clone()
    }
    pub(crate) fn share_rules(&self) -> Arc<Vec<crate::rules::sharing::ShareRule>> {
        self.opts.share_rules.clone()
    }
    /// How the caller asked for the write.
    #[must_use]
    pub fn options(&self) -> &WriteOptions {
        &self.opts.write
    }
    /// Who called: the rights of the person and of the door, also inside what the engine does for them.
    #[must_use]
    pub fn caller(&self) -> &Scope {
        &self.caller
    }
    /// May set any state: permission `import.set_state`, asked for, or the engine itself (domain model §3 a).
    #[must_use]
    pub fn sets_state(&self) -> bool {
        self.scope.is_system() || (self.opts.write.set_state && self.scope.may("import.set_state"))
    }
    /// A setting by `area.key`, or the shipped default. Settings changed by this very transaction are not seen yet.
    #[must_use]
    pub fn setting<T: DeserializeOwned>(&self, key: &str, default: T) -> T {
        self.opts.settings.get(key).and_then(|v| serde_json::from_value(v.clone()).ok()).unwrap_or(default)
    }
    /// An object by name.
    ///
    /// # Errors
    /// [`Error::UnknownObject`].
    pub fn object(&self, name: &str) -> Result<Arc<ObjectDef>> {
        self.model.object(name).cloned().ok_or_else(|| Error::UnknownObject(name.into()))
    }
    /// Does the model have this object (a later module may not be installed)?
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.model.object(name).is_some()
    }
    /// Runs on as the engine instead of the caller, with a reason; answers the caller's scope to put back.
    #[must_use]
    pub fn as_system(&mut self, reason: Reason) -> Scope {
        std::mem::replace(&mut self.scope, SystemScope::because(reason))
    }

    /// Records the caller may see, live ones, at most `limit`, the newest first.
    ///
    /// # Errors
    /// Unknown object, or the database.
    #[boxed]
    pub async fn select(&mut self, object: &str, filter: Filter, limit: u32) -> Result<Vec<Record>> {
        let o = self.object(object)?;
        let rule = self.scope.rule(Act::Read, &self.model, &o);
        let mut s = q::select(&self.model, &o, rule, filter, limit, self.now);
        s.user = self.scope.user();
        Ok(self.tx.records(s).await?)
    }

    /// Records whoever may see them, the newest first: for rules that must know the truth (gates, sums, duplicates). Never hand their
    /// content out.
    ///
    /// # Errors
    /// Unknown object, or the database.
    #[boxed]
    pub async fn find(&mut self, object: &str, filter: Filter, limit: u32) -> Result<Vec<Record>> {
        self.find_in(object, filter, limit, Bin::Live).await
    }

    /// The next of all live records that fit, whoever may see them, the newest first, and where to go on when there may be more. A
    /// place of another database is none: the walk begins anew.
    ///
    /// # Errors
    /// Unknown object, or the database.
    #[boxed]
    pub async fn walk(
        &mut self,
        object: &str,
        filter: Filter,
        after: Option<String>,
        limit: u32,
    ) -> Result<(Vec<Record>, Option<String>)> {
        let o = self.object(object)?;
        let mut s = q::select(&self.model, &o, self.everything(&o), filter, limit, self.now);
        s.after = after.map(Cursor);
        let done = match self.tx.walk(s.clone()).await {
            Err(StoreError::BadCursor) => self.tx.walk(rapport_store::Select { after: None, ..s }).await,
            done => done,
        };
        let (rows, next) = done?;
        Ok((rows, next.map(|c| c.0)))
    }

    /// The same with records in the recycle bin.
    ///
    /// # Errors
    /// Unknown object, or the database.
    #[boxed]
    pub async fn find_any(&mut self, object: &str, filter: Filter, limit: u32) -> Result<Vec<Record>> {
        self.find_in(object, filter, limit, Bin::Both).await
    }

    pub(crate) async fn find_in(&mut self, object: &str, filter: Filter, limit: u32, bin: Bin) -> Result<Vec<Record>> {
        let o = self.object(object)?;
        let rule = SystemScope::because(Reason::Derive).rule(Act::Read, &self.model, &o);
        let mut s = q::select(&self.model, &o, rule, filter, limit, self.now);
        s.bin = bin;
        s.user = self.scope.user();
        Ok(self.tx.records(s).await?)
    }

    /// A record whoever may see it; `None` when there is none that is live.
    ///
    /// # Errors
    /// Unknown object, or the database.
    #[boxed]
    pub async fn peek(&mut self, object: &str, id: RecordId) -> Result<Option<Record>> {
        Ok(self.find(object, q::id(id), 1).await?.into_iter().next())
    }

    /// A record whoever may see it, locked until the transaction ends; `None` when there is none that is live.
    ///
    /// # Errors
    /// Unknown object, or the database.
    #[boxed]
    pub async fn hold(&mut self, object: &str, id: RecordId) -> Result<Option<Record>> {
        let (o, model) = (self.object(object)?, self.model.clone());
        let all = self.everything(&o);
        Ok(self.tx.load(&model, &o, &all, id, Bin::Live, self.now).await?)
    }

    /// How many live records there are, whoever may see them; counting stops at `cap`.
    ///
    /// # Errors
    /// Unknown object, or the database.
    #[boxed]
    pub async fn how_many(&mut self, object: &str, filter: Filter, cap: u32) -> Result<u64> {
        Ok(self.find(object, filter, cap).await?.len() as u64)
    }

    /// How many live records there are, whoever may see them, counted by the database.
    ///
    /// # Errors
    /// Unknown object, or the database.
    #[boxed]
    pub async fn count(&mut self, object: &str, filter: Filter) -> Result<u64> {
        let groups = self.measure(object, filter, None, Measure { func: AggFn::Count, field: None }).await?;
        let n = groups.first().and_then(|(_, n)| n.as_int()).unwrap_or(0);
        Ok(u64::try_from(n).unwrap_or(0))
    }

    /// The latest moment in a field of live records, whoever may see them, for each of the records they point to.
    ///
    /// # Errors
    /// Unknown object or field, or the database.
    #[boxed]
    pub async fn latest(&mut self, object: &str, filter: Filter, by: &str, field: &str) -> Result<HashMap<RecordId, Millis>> {
        let latest = Measure { func: AggFn::Max, field: Some(q::path(field)) };
        let groups = self.measure(object, filter, Some(by), latest).await?;
        Ok(groups.into_iter().filter_map(|(key, at)| Some((key.as_id()?, at.as_time()?))).collect())
    }

    /// A measure over live records, whoever may see them; for each value of a field, or for all together.
    async fn measure(&mut self, object: &str, filter: Filter, by: Option<&str>, measure: Measure) -> Result<Vec<(Value, Value)>> {
        let o = self.object(object)?;
        let rule = self.everything(&o);
        let limit = u32::MAX >> 1;
        let select = q::select(&self.model, &o, rule, filter, limit, self.now);
        let group = by.map(|f| GroupKey { path: q::path(f), bucket: None }).into_iter().collect();
        let rows = self.tx.aggregate(select, Aggregate { group, measures: vec![measure], order: None, limit }).await?;
        let first = |v: Vec<Value>| v.into_iter().next().unwrap_or_default();
        Ok(rows.into_iter().map(|r| (first(r.keys), first(r.values))).collect())
    }

    /// How many live records there are of each value of a lookup, whoever may see them; what there is none of is left out.
    ///
    /// # Errors
    /// Unknown object, or the database.
    #[boxed]
    pub async fn tally(&mut self, object: &str, filter: Filter, by: &str) -> Result<HashMap<RecordId, u64>> {
        let groups = self.measure(object, filter, Some(by), Measure { func: AggFn::Count, field: None }).await?;
        Ok(groups.into_iter().filter_map(|(key, n)| Some((key.as_id()?, u64::try_from(n.as_int()?).ok()?))).collect())
    }

    /// Everybody of the workspace, roles, teams and pools included, as last committed when this transaction first asked; none before
    /// there is any access.
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn directory(&mut self) -> Result<Option<Arc<rapport_access::Directory>>> {
        if self.directory.is_none() {
            self.directory = self.engine.directory().await?;
        }
        Ok(self.directory.clone())
    }

    /// The same, a few seconds old at most, without asking the database: for what every write asks.
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn recent_directory(&mut self) -> Result<Option<Arc<rapport_access::Directory>>> {
        let Some(access) = self.engine.0.access.get().and_then(rapport_access::WeakAccess::upgrade) else { return Ok(None) };
        Ok(Some(access.recent_directory().await.map_err(|e| Error::Store(rapport_store::StoreError::from(e)))?))
    }

    /// Locks something by name until the transaction ends.
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn lock(&mut self, key: &str) -> Result<()> {
        Ok(self.tx.lock_key(key).await?)
    }

    /// The title of a record, visible or not (R-VIS-07).
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn title(&mut self, object: &str, id: RecordId) -> Result<Option<String>> {
        let o = self.object(object)?;
        Ok(self.peek(object, id).await?.and_then(|r| match &r[o.title_ix()] {
            Value::Text(t) => Some(t.to_string()),
            _ => None,
        }))
    }

    /// The key is an option of a picklist field.
    #[must_use]
    pub fn is_option(&self, o: &ObjectDef, field: &str, key: &str) -> bool {
        match o.field(field).map(|f| &f.ty) {
            Some(rapport_schema::FieldType::Pick { set }) => self.model.picklist(set).is_some_and(|p| p.value(key).is_some()),
            _ => false,
        }
    }

    /// The person in whose name this runs.
    #[must_use]
    pub fn person_id(&self) -> Option<RecordId> {
        self.acting_for.and_then(|a| a.user).or(self.scope.user()).map(|u| u.record())
    }

    /// May the caller do this to the record?
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn may(&mut self, act: Act, o: &Arc<ObjectDef>, id: RecordId) -> Result<bool> {
        self.reaches(act, o, id).await
    }

    /// Keeps something an action needs to take itself back, in the same transaction.
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn remember(&mut self, kind: &str, key: &str, body: Json) -> Result<()> {
        let doc = rapport_store::DocRow { kind: kind.into(), key: key.into(), owner: None, body, expires: None };
        Ok(self.tx.doc_put(doc).await?)
    }

    /// What was kept by [`Unit::remember`].
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn recall(&mut self, kind: &str, key: &str) -> Result<Option<Json>> {
        Ok(self.tx.doc_get(kind, key).await?.map(|d| d.body))
    }

    /// Forgets what was kept.
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn forget(&mut self, kind: &str, key: &str) -> Result<()> {
        self.tx.doc_delete(kind, key).await?;
        Ok(())
    }

    /// Somebody changed the record outside of a batch: entries of the log that are neither of the batch nor derived.
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn touched_after(&mut self, object: &str, id: RecordId, batch: Option<RecordId>) -> Result<bool> {
        let name = self.object(object)?.name.clone();
        let q = rapport_store::ChangeQuery { backwards: true, limit: 1_000, record: Some((name, id)), ..Default::default() };
        let log = self.engine.db().changes(q).await?;
        Ok(log.iter().any(|r| r.change.cause.batch != batch && !crate::engine::is_derived(r.change.cause.act.as_deref())))
    }
}
