//! Loading through the rule of an act: the only maker of [`Permitted`].

use async_recursion::async_recursion as boxed;
use std::sync::Arc;

use rapport_policy::{Act, Permitted, act};
use rapport_schema::{ObjectDef, ObjectKind, Record, RecordId};
use rapport_store::Bin;

use crate::{Error, Result, Unit};

/// An act as a type, with its rule.
pub(crate) trait Kind {
    const ACT: Act;
}
impl Kind for act::Read {
    const ACT: Act = Act::Read;
}
impl Kind for act::Update {
    const ACT: Act = Act::Edit;
}
impl Kind for act::Delete {
    const ACT: Act = Act::Delete;
}
impl Kind for act::Transfer {
    const ACT: Act = Act::Transfer;
}

impl Unit<'_> {
    /// A record through the rule of an act, locked for the transaction.
    pub(crate) async fn load<A: Kind>(&mut self, o: &Arc<ObjectDef>, id: RecordId, bin: Bin) -> Result<Permitted<A>> {
        // Log objects are written by the engine and by actions only (domain model §0).
        if A::ACT != Act::Read && o.kind == ObjectKind::Log && !self.scope.is_system() && !self.by_action {
            return Err(Error::Denied("permission.denied"));
        }
        let rule = self.rule_on(A::ACT, o, id).await?;
        if !rule.is_nothing()
            && let Some(r) = self.tx.load(&self.model, o, &rule, id, bin, self.now).await?
        {
            return Ok(Permitted::vouch(&self.scope, r));
        }
        Err(self.why_not(o, id, A::ACT != Act::Read && bin == Bin::Live).await?)
    }

    /// Why a record was not reached: merged, visible without the right, or not there for this caller (R-VIS-07, R-MRG-03).
    async fn why_not(&mut self, o: &Arc<ObjectDef>, id: RecordId, may_be_visible: bool) -> Result<Error> {
        let read = self.rule_on(Act::Read, o, id).await?;
        if read.is_nothing() {
            return Ok(Error::NotFound);
        }
        if may_be_visible && self.tx.load(&self.model, o, &read, id, Bin::Live, self.now).await?.is_some() {
            return Ok(Error::Denied("permission.denied"));
        }
        let gone = self.tx.load(&self.model, o, &read, id, Bin::Deleted, self.now).await?;
        Ok(gone.and_then(|r| merged_into(o, &r)).map_or(Error::NotFound, Error::MovedTo))
    }

    /// A record the caller may see.
    ///
    /// # Errors
    /// Unknown object, [`Error::NotFound`], [`Error::MovedTo`].
    #[boxed]
    pub async fn read(&mut self, object: &str, id: RecordId) -> Result<Record> {
        let o = self.object(object)?;
        Ok(self.load::<act::Read>(&o, id, Bin::Live).await?.into_record())
    }

    /// A record the caller may change.
    ///
    /// # Errors
    /// Unknown object, [`Error::NotFound`], [`Error::MovedTo`], [`Error::Denied`].
    #[boxed]
    pub async fn editable(&mut self, object: &str, id: RecordId) -> Result<Record> {
        let o = self.object(object)?;
        Ok(self.load::<act::Update>(&o, id, Bin::Live).await?.into_record())
    }

    /// A record by the name of a right: `read`, `edit`, `delete`, `transfer`; other rights act on records the caller may edit.
    /// Records of a pool are met by whoever sits at it: `claim` by its members, `transfer` and `delete` by its administrators
    /// (R-POOL-02), and `assign` by its administrators also when somebody has them now.
    pub(crate) async fn target(&mut self, object: &str, id: RecordId, right: &str, bin: Bin) -> Result<Record> {
        let o = self.object(object)?;
        let found = match right {
            "read" => self.load::<act::Read>(&o, id, bin).await.map(Permitted::into_record),
            "delete" => self.load::<act::Delete>(&o, id, bin).await.map(Permitted::into_record),
            "transfer" => self.load::<act::Transfer>(&o, id, bin).await.map(Permitted::into_record),
            _ => self.load::<act::Update>(&o, id, bin).await.map(Permitted::into_record),
        };
        match right {
            "delete" if !self.scope.may_on(&o, right) => found,
            "claim" | "assign" | "transfer" | "delete" => self.or_at_the_pool(found, &o, id, right).await,
            _ => found,
        }
    }

    /// What was found, else the record as somebody meets it who sits at its pool.
    pub(crate) async fn or_at_the_pool(
        &mut self,
        found: Result<Record>,
        o: &Arc<ObjectDef>,
        id: RecordId,
        right: &str,
    ) -> Result<Record> {
        match found {
            Err(e @ (Error::NotFound | Error::Denied(_))) => self.of_a_pool(o, id, right).await?.ok_or(e),
            found => found,
        }
    }

    /// A live record through the right an action on it needs, as if the action had been called for it alone.
    ///
    /// # Errors
    /// Unknown object, [`Error::NotFound`], [`Error::MovedTo`], [`Error::Denied`], `record.locked`.
    #[boxed]
    pub async fn reach(&mut self, object: &str, id: RecordId, right: &str) -> Result<Record> {
        let r = self.target(object, id, right, Bin::Live).await?;
        self.not_locked(&*self.object(object)?, &r)?;
        Ok(r)
    }

    /// A record through the caller's seat at its pool. What was taken meanwhile is still met by those who could have taken it.
    async fn of_a_pool(&mut self, o: &Arc<ObjectDef>, id: RecordId, right: &str) -> Result<Option<Record>> {
        if o.ix("in_pool").is_none() {
            return Ok(None);
        }
        let Some(directory) = self.directory().await? else { return Ok(None) };
        let (model, all) = (self.model.clone(), self.everything(o));
        let Some(r) = self.tx.load(&model, o, &all, id, Bin::Live, self.now).await? else { return Ok(None) };
        if matches!(right, "transfer" | "delete") && !r.get(o, "in_pool").is_true() {
            return Ok(None);
        }
        let seat = r.get(o, "pool_id").as_id().and_then(|p| directory.pool(p)).and_then(|p| directory.seat(&self.scope, p));
        Ok(seat.filter(|s| right == "claim" || *s == rapport_access::Seat::Admin).map(|_| r))
    }

    /// The caller may change this record as it is now.
    pub(crate) async fn reaches(&mut self, act: Act, o: &Arc<ObjectDef>, id: RecordId) -> Result<bool> {
        let rule = self.rule_on(act, o, id).await?;
        if rule.is_all() {
            return Ok(true);
        }
        Ok(!rule.is_nothing() && self.tx.load(&self.model, o, &rule, id, Bin::Live, self.now).await?.is_some())
    }
}

/// The record this one was merged into.
pub(crate) fn merged_into(o: &ObjectDef, r: &Record) -> Option<RecordId> {
    r.get(o, "merged_into_id").as_text().and_then(|t| t.parse().ok())
}
