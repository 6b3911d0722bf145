//! Changing records.

use async_recursion::async_recursion as boxed;
use std::{collections::BTreeSet, sync::Arc};

use rapport_policy::{Act, Reason, act};
use rapport_schema::{ChangeOp, FieldError, FieldIx, FieldType, ObjectDef, Record, RecordId, Value};
use rapport_store::Bin;

use super::create::{hangs_by, hung_on};
use crate::{Draft, Error, JsonMap, Result, Unit, input::Asked};

impl Unit<'_> {
    /// Changes a record through the whole pipeline; `version` = the one the caller saw. Absent fields stay, `null` clears.
    ///
    /// # Errors
    /// Everything the pipeline refuses; [`Error::Conflict`] without fields when the version is stale and it is not known which
    /// fields changed since.
    #[boxed]
    pub async fn update(&mut self, object: &str, id: RecordId, data: &JsonMap, version: Option<i64>) -> Result<Record> {
        let o = self.object(object)?;
        let permitted = self.load::<act::Update>(&o, id, Bin::Live).await?;
        let norm = self.opts.norm.clone();
        let asked = crate::input::read(&self.model, &*norm, &self.scope, &o, data, Some(permitted.record()), &self.opts.write);
        let old = permitted.into_record();
        self.version_fits(&asked, &old, version)?;
        self.update_asked(old, asked).await
    }

    /// A stale version passes when none of the asked fields changed since (docs/api.md `PATCH`).
    fn version_fits(&self, asked: &Asked, old: &Record, version: Option<i64>) -> Result<()> {
        let Some(seen) = version.filter(|v| *v != old.version) else { return Ok(()) };
        let conflict = |fields| Err(Error::Conflict { version: old.version, fields });
        let names: BTreeSet<&str> = asked.items.iter().map(|(ix, _)| asked.object.at(*ix).name.as_str()).collect();
        if self.opts.write.strict || seen > old.version {
            return conflict(names.iter().map(|s| (*s).to_owned()).collect());
        }
        match &self.opts.since {
            Some((at, changed)) if *at == old.version => {
                let both: Vec<String> = names.iter().filter(|n| changed.contains(**n)).map(|n| (*n).to_owned()).collect();
                if both.is_empty() { Ok(()) } else { conflict(both) }
            }
            _ => conflict(vec![]),
        }
    }

    pub(crate) async fn update_asked(&mut self, old: Record, asked: Asked) -> Result<Record> {
        let o = asked.object.clone();
        self.not_locked(&o, &old)?;
        let mut errors = asked.errors;
        let mut new = old.clone();
        let mut given = Vec::with_capacity(asked.items.len());
        for (ix, input) in asked.items {
            let f = o.at(ix);
            match self.resolve(f, input, Some(&old[ix])).await? {
                Ok(v) => {
                    if let Some(e) = self.moves_state(&o, ix, &old, &v) {
                        errors.push(e);
                        continue;
                    }
                    given.push(ix);
                    new[ix] = v;
                }
                Err(e) => errors.push(e),
            }
        }
        self.change(o, old, new, given, errors).await
    }

    /// The status moves by named actions only (domain model §3 a).
    fn moves_state(&self, o: &ObjectDef, ix: FieldIx, old: &Record, to: &Value) -> Option<FieldError> {
        let status = o.status.as_ref().and_then(|s| o.ix(s));
        let cycle = !o.transitions.is_empty() || matches!(o.at(ix).ty, FieldType::Ref { .. });
        let moves = status == Some(ix) && cycle && old[ix] != *to;
        if !moves || self.by_action || self.sets_state() {
            return None;
        }
        let text = |v: &Value| v.as_text().unwrap_or_default().to_owned();
        Some(
            FieldError::new(o.at(ix).name.as_str(), "state.invalid_transition").with("from", text(&old[ix])).with("to", text(to)),
        )
    }

    /// A record in approval, locked or merged is not changed by plain writes (domain model §3 e).
    pub(crate) fn not_locked(&self, o: &ObjectDef, r: &Record) -> Result<()> {
        if self.by_action || self.scope.is_system() {
            return Ok(());
        }
        if r.get(o, "is_locked").is_true() || r.get(o, "approval_state").as_text() == Some("pending") {
            return Err(Error::state("record.locked"));
        }
        Ok(())
    }

    /// The rest of a change: hooks, validation, write, and the check that the record stays within the caller's reach.
    pub(crate) async fn change(
        &mut self,
        o: Arc<ObjectDef>,
        old: Record,
        new: Record,
        asked: Vec<FieldIx>,
        errors: Vec<FieldError>,
    ) -> Result<Record> {
        if errors.is_empty() && old.values == new.values {
            return Ok(old);
        }
        let before = old.clone();
        let mut draft = Draft { object: o.clone(), op: ChangeOp::Update, old: Some(old), new, asked, by_action: self.by_action };
        self.finish(&mut draft, errors).await?;
        if draft.new.values == before.values {
            return Ok(before);
        }
        if !self.by_action
            && !self.scope.is_system()
            && let Some(ix) = hangs_by(&o)
            && before[ix] != draft.new[ix]
            && let Some(at) = hung_on(&o, ix, &draft.new[ix])
        {
            self.may_hang(&o, o.at(ix).name.as_str(), at).await?;
        }
        let moves = self.moves_reach(&draft);
        self.stamp(&o, &mut draft.new);
        let saved = self.put(draft).await?;
        if moves && !self.reaches(Act::Edit, &o, saved.id).await? {
            // Only a transfer may put a record out of the caller's own reach, and it was checked as one when the owner was set.
            let transferred = before.get(&o, "owner_id") != saved.get(&o, "owner_id");
            if !transferred {
                return Err(Error::Denied("permission.denied"));
            }
        }
        Ok(saved)
    }

    /// `updated_at` and `updated_by` of a change.
    pub(crate) fn stamp(&self, o: &ObjectDef, new: &mut Record) {
        let user = self.acting_for.and_then(|a| a.user).or(self.scope.user());
        new.set(o, "updated_at", Value::DateTime(self.now));
        new.set(o, "updated_by", user.map_or(Value::Null, |u| Value::Id(u.record())));
    }

    /// The change touches what row rules look at.
    fn moves_reach(&self, draft: &Draft) -> bool {
        if self.by_action || self.scope.is_admin() || self.scope.rule(Act::Edit, &self.model, &draft.object).is_all() {
            return false;
        }
        draft.changed("owner_id")
            || draft.changed("dept_id")
            || draft.object.live().any(|(_, f)| matches!(f.ty, FieldType::MasterDetail { .. }) && draft.changed(&f.name))
    }

    /// Moves engine-maintained fields and states: hooks and actions only. No object or field right is asked; hooks, validation,
    /// derivation and the log are as for every change.
    ///
    /// # Errors
    /// No such record, or what the pipeline refuses.
    #[boxed]
    pub async fn set(&mut self, object: &str, id: RecordId, fields: &[(&str, Value)]) -> Result<Record> {
        let o = self.object(object)?;
        let all = self.everything(&o);
        let model = self.model.clone();
        let Some(old) = self.tx.load(&model, &o, &all, id, Bin::Both, self.now).await? else { return Err(Error::NotFound) };
        let mut new = old.clone();
        let mut asked = vec![];
        for (name, v) in fields {
            if let Some(ix) = o.ix(name) {
                new[ix] = v.clone();
                asked.push(ix);
            }
        }
        let caller = self.as_system(Reason::Derive);
        let by_action = std::mem::replace(&mut self.by_action, true);
        let done = self.change(o, old, new, asked, vec![]).await;
        self.by_action = by_action;
        self.scope = caller;
        done
    }

    /// Sets fields that only mirror other data (last follow-up, sums kept by rules): no hooks, `updated_at` stays.
    ///
    /// # Errors
    /// No such record, or the database.
    #[boxed]
    pub async fn derive(&mut self, object: &str, id: RecordId, fields: &[(&str, Value)], rule: &'static str) -> Result<()> {
        let o = self.object(object)?;
        let all = self.everything(&o);
        let model = self.model.clone();
        let Some(old) = self.tx.load(&model, &o, &all, id, Bin::Both, self.now).await? else { return Ok(()) };
        let mut new = old.clone();
        for (name, v) in fields {
            new.set(&o, name, v.clone());
        }
        self.put_derived(&o, old, new, rule).await
    }

    /// A change an action makes in the name of the caller: the caller's rights on the record were checked by the action, fields the
    /// caller gives are checked like any other, and the status may move.
    ///
    /// # Errors
    /// Everything the pipeline refuses.
    #[boxed]
    pub async fn act_on(&mut self, object: &str, id: RecordId, data: &JsonMap, fields: &[(&str, Value)]) -> Result<Record> {
        let o = self.object(object)?;
        let all = self.everything(&o);
        let model = self.model.clone();
        let Some(old) = self.tx.load(&model, &o, &all, id, Bin::Live, self.now).await? else { return Err(Error::NotFound) };
        let norm = self.opts.norm.clone();
        let mut asked = crate::input::read(&self.model, &*norm, &self.scope, &o, data, Some(&old), &self.opts.write);
        for (name, v) in fields {
            if let Some(ix) = o.ix(name) {
                asked.items.retain(|(i, _)| *i != ix);
                asked.items.push((ix, rapport_schema::codec::Input::Value(v.clone())));
            }
        }
        let by_action = std::mem::replace(&mut self.by_action, true);
        let done = self.update_asked(old, asked).await;
        self.by_action = by_action;
        done
    }

    /// Gives a record to another owner after the right to transfer it was checked (R-VIS-06).
    pub(crate) async fn give(&mut self, object: &str, id: RecordId, data: &JsonMap, fields: &[(&str, Value)]) -> Result<Record> {
        let o = self.object(object)?;
        if !matches!(self.scope.field(&o, &rapport_schema::FieldName::lit("owner_id"), true), rapport_policy::FieldRight::Edit) {
            // Whoever may transfer may name the new owner, also without the right to edit other fields.
            let caller = self.as_system(Reason::Derive);
            let done = self.act_on(object, id, data, fields).await;
            self.scope = caller;
            return done;
        }
        self.act_on(object, id, data, fields).await
    }
}
