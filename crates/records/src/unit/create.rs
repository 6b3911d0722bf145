//! Making records.

use async_recursion::async_recursion as boxed;
use std::sync::Arc;

use rapport_policy::{Act, Reason, SystemScope, talk};
use rapport_schema::{
    ChangeOp, FieldError, FieldIx, FieldType, ObjectDef, ObjectKind, ObjectName, Record, RecordId, Value, codec::Input,
};

use crate::{Draft, Error, JsonMap, Result, Unit, input::Asked};

/// The field by which a child hangs on its master: the master detail, or, where there is none, the required reference to any object
/// (team members, attachments, shares).
pub(crate) fn hangs_by(o: &ObjectDef) -> Option<FieldIx> {
    if o.kind != ObjectKind::Child {
        return None;
    }
    let poly = || o.live().find(|(_, f)| f.required && matches!(f.ty, FieldType::Poly { .. })).map(|(ix, _)| ix);
    o.master().map(|(ix, _)| ix).or_else(poly)
}

/// The master a value of that field names.
pub(crate) fn hung_on(o: &ObjectDef, ix: FieldIx, v: &Value) -> Option<(ObjectName, RecordId)> {
    match (&o.at(ix).ty, v) {
        (FieldType::MasterDetail { target }, Value::Id(id)) => Some((target.clone(), *id)),
        (_, Value::Ref(r)) => Some((r.object.clone(), r.id)),
        _ => None,
    }
}

impl Unit<'_> {
    /// Makes a record through the whole pipeline.
    ///
    /// # Errors
    /// Everything the pipeline refuses.
    #[boxed]
    pub async fn create(&mut self, object: &str, data: &JsonMap) -> Result<Record> {
        let o = self.object(object)?;
        let norm = self.opts.norm.clone();
        let asked = crate::input::read(&self.model, &*norm, &self.scope, &o, data, None, &self.opts.write);
        self.create_asked(asked, None).await
    }

    /// Makes a record for somebody else inside an action: the right to make it and the fields' rights are asked as usual, only the
    /// owner may be another than the caller.
    ///
    /// # Errors
    /// Everything the pipeline refuses.
    #[boxed]
    pub async fn create_for(&mut self, object: &str, data: &JsonMap) -> Result<Record> {
        let by_action = std::mem::replace(&mut self.by_action, true);
        let done = self.create(object, data).await;
        self.by_action = by_action;
        done
    }

    /// Makes a record from typed values as the engine does: no object or field right is asked, everything else holds.
    ///
    /// # Errors
    /// Everything the pipeline refuses.
    #[boxed]
    pub async fn make(&mut self, object: &str, fields: &[(&str, Value)]) -> Result<Record> {
        self.make_as(object, None, fields).await
    }

    /// As [`Unit::make`], with an id known beforehand.
    ///
    /// # Errors
    /// Everything the pipeline refuses.
    #[boxed]
    pub async fn make_with(&mut self, object: &str, id: RecordId, fields: &[(&str, Value)]) -> Result<Record> {
        self.make_as(object, Some(id), fields).await
    }

    async fn make_as(&mut self, object: &str, id: Option<RecordId>, fields: &[(&str, Value)]) -> Result<Record> {
        let o = self.object(object)?;
        let mut items = Vec::with_capacity(fields.len());
        for (name, v) in fields {
            if let Some(ix) = o.ix(name) {
                items.push((ix, Input::Value(v.clone())));
            }
        }
        let caller = self.as_system(Reason::Derive);
        let owner = self.acting_for.and_then(|a| a.user).or(caller.user());
        let by_action = std::mem::replace(&mut self.by_action, true);
        let done = self.create_as(Asked { object: o, items, errors: vec![] }, id, owner).await;
        self.by_action = by_action;
        self.scope = caller;
        done
    }

    pub(crate) async fn create_asked(&mut self, asked: Asked, id: Option<RecordId>) -> Result<Record> {
        let mut asked = self.refit(asked)?;
        let user = self.scope.user();
        self.find_master(&mut asked).await?;
        self.authorise_create(&asked).await?;
        self.create_as(asked, id, user).await
    }

    /// What was read before the writer was entered, by the model the writer works with: an administrator may have changed it.
    fn refit(&self, asked: Asked) -> Result<Asked> {
        let o = self.object(&asked.object.name)?;
        if Arc::ptr_eq(&o, &asked.object) {
            return Ok(asked);
        }
        let Asked { object, items, errors } = asked;
        let items = items.into_iter().filter_map(|(ix, i)| Some((o.ix(&object.at(ix).name)?, i))).collect();
        Ok(Asked { object: o, items, errors })
    }

    /// A master may be named by a unique field of it; whether it may get a child is asked of the record that is meant.
    async fn find_master(&mut self, asked: &mut Asked) -> Result<()> {
        let o = asked.object.clone();
        let Some(ix) = hangs_by(&o) else { return Ok(()) };
        let Some(at) = asked.items.iter().position(|(i, input)| *i == ix && !matches!(input, Input::Value(_))) else {
            return Ok(());
        };
        let (_, input) = asked.items.remove(at);
        match self.resolve(o.at(ix), input, None).await? {
            Ok(v) => asked.items.push((ix, Input::Value(v))),
            Err(e) => asked.errors.push(e),
        }
        Ok(())
    }

    /// Whether the caller may hang a child there (R-VIS-05): who may not change the master may not.
    pub(crate) async fn may_hang(&mut self, of: &ObjectDef, field: &str, (object, id): (ObjectName, RecordId)) -> Result<()> {
        let m = self.object(&object)?;
        // What is said about a record is said by whoever sees it.
        let need = if of.name == talk::COMMENT { Act::Read } else { Act::Edit };
        if self.reaches(need, &m, id).await? {
            return Ok(());
        }
        // What cannot be seen does not exist; what can be seen but not changed is refused.
        if self.reaches(Act::Read, &m, id).await? {
            return Err(Error::Denied("permission.denied"));
        }
        Err(Error::Invalid(vec![FieldError::new(field, "reference.not_found").with("value", id.to_string())]))
    }

    /// The right to make records; a child needs the right to change its master instead (R-VIS-05).
    async fn authorise_create(&mut self, asked: &Asked) -> Result<()> {
        let o = asked.object.clone();
        if self.scope.is_system() {
            return Ok(());
        }
        if o.kind == ObjectKind::Log {
            return Err(Error::Denied("permission.denied"));
        }
        if o.name == talk::COMMENT && !self.scope.may_on(&o, "create") {
            return Err(Error::Denied("permission.denied"));
        }
        if o.kind == ObjectKind::Child {
            let master = hangs_by(&o).and_then(|ix| {
                let value =
                    asked.items.iter().find_map(|(i, v)| if let Input::Value(v) = v { (*i == ix).then_some(v) } else { None })?;
                Some((ix, hung_on(&o, ix, value)?))
            });
            return match master {
                Some((ix, at)) => self.may_hang(&o, o.at(ix).name.as_str(), at).await,
                // Without one, the missing or faulty master is the refusal.
                None => Ok(()),
            };
        }
        if self.scope.may_on(&o, "create") { Ok(()) } else { Err(Error::Denied("permission.denied")) }
    }

    async fn create_as(&mut self, asked: Asked, id: Option<RecordId>, user: Option<rapport_schema::UserId>) -> Result<Record> {
        let o = asked.object;
        let id = id.unwrap_or_else(|| self.engine.0.ids.new_id(self.now));
        let mut errors = asked.errors;
        let mut new = Record::new(&o, id);
        for (ix, f) in o.live() {
            match &f.ty {
                FieldType::Bool => new[ix] = Value::Bool(false),
                FieldType::Roll { rollup, result } => new[ix] = super::rollup::of_nothing(rollup.func, *result),
                _ => {}
            }
        }
        let mut given: Vec<FieldIx> = Vec::with_capacity(asked.items.len());
        for (ix, input) in asked.items {
            given.push(ix);
            match self.resolve(o.at(ix), input, None).await? {
                Ok(v) => new[ix] = v,
                Err(e) => errors.push(e),
            }
        }
        self.defaults(&o, &mut new, &given, user).await?;
        self.initial_state(&o, &mut new, &given, &mut errors);
        let mut draft = Draft { object: o, op: ChangeOp::Create, old: None, new, asked: given, by_action: self.by_action };
        self.finish(&mut draft, errors).await?;
        self.put(draft).await
    }

    /// Literal defaults, picklist defaults, owner, department, times. Formula defaults come after these, for they may read them.
    async fn defaults(
        &mut self,
        o: &Arc<ObjectDef>,
        new: &mut Record,
        given: &[FieldIx],
        user: Option<rapport_schema::UserId>,
    ) -> Result<()> {
        let plan = self.plan.clone();
        for (ix, v) in plan.object(&o.name).into_iter().flat_map(|p| &p.literals) {
            if !given.contains(ix) {
                new[*ix] = v.clone();
            }
        }
        let now = Value::DateTime(self.now);
        let me = user.map_or(Value::Null, |u| Value::Id(u.record()));
        for (name, v) in [("created_at", &now), ("updated_at", &now), ("created_by", &me), ("updated_by", &me)] {
            if let Some(ix) = o.ix(name)
                && (!given.contains(&ix) || new[ix].is_empty())
            {
                new[ix] = v.clone();
            }
        }
        if o.kind == ObjectKind::Ownable
            && let Some(ix) = o.ix("owner_id")
            && !given.contains(&ix)
        {
            new[ix] = me;
        }
        if let Some(p) = plan.object(&o.name) {
            for (ix, formula) in &p.defaults {
                if !given.contains(ix) {
                    new[*ix] = self.evaluate(o, new, formula).await?;
                }
            }
        }
        Ok(())
    }

    /// The status of a new record is the initial one of its life cycle (domain model §3 a, g).
    fn initial_state(&self, o: &ObjectDef, new: &mut Record, given: &[FieldIx], errors: &mut Vec<FieldError>) {
        let Some(ix) = o.status.as_ref().and_then(|s| o.ix(s)) else { return };
        let FieldType::Pick { set } = &o.at(ix).ty else { return };
        let first = self.model.picklist(set).and_then(|p| p.default.clone().or_else(|| p.values.first().map(|v| v.key.clone())));
        let lawful: Vec<&str> = o.transitions.iter().filter(|t| t.from.is_empty()).map(|t| t.to.as_str()).collect();
        if new[ix].is_empty() {
            let start = lawful.first().map(|s| (*s).to_owned()).or(first);
            if let Some(s) = start {
                new[ix] = Value::from(s.as_str());
            }
            return;
        }
        let asked = new[ix].as_text().unwrap_or_default().to_owned();
        let free = o.transitions.is_empty() || self.by_action || self.sets_state();
        let ok = free || lawful.contains(&asked.as_str()) || (lawful.is_empty() && first.as_deref() == Some(asked.as_str()));
        if given.contains(&ix) && !ok {
            errors.push(FieldError::new(o.at(ix).name.as_str(), "state.invalid_transition").with("to", asked));
        }
    }

    /// Owner and department of a new or transferred record (R-VIS-06).
    pub(crate) async fn place(&mut self, draft: &mut Draft, errors: &mut Vec<FieldError>) -> Result<()> {
        let o = draft.object.clone();
        let (Some(owner), Some(dept)) = (o.ix("owner_id"), o.ix("dept_id")) else { return Ok(()) };
        if !draft.changed("owner_id") {
            return Ok(());
        }
        let to = draft.new[owner].as_id();
        let me = self.scope.user().map(|u| u.record());
        let free = self.by_action || self.scope.is_system();
        if draft.asked.contains(&owner) && !free && to != me {
            let may = match &draft.old {
                // A new record may be given to somebody else by whoever may give records away.
                None => {
                    self.scope.may_on(&o, "transfer")
                        || to.is_some_and(|t| self.scope.reports().iter().any(|r| r.record() == t))
                        || to.is_none()
                }
                Some(old) => {
                    let id = old.id;
                    self.reaches(Act::Transfer, &o, id).await?
                }
            };
            if !may {
                errors.push(FieldError::new("owner_id", "permission.field"));
                return Ok(());
            }
        }
        if !draft.asked.contains(&dept) || draft.new[dept].is_empty() {
            draft.new[dept] = match to {
                Some(id) => self.person(id).await?.and_then(|p| p.dept).map_or(Value::Null, Value::Id),
                None => Value::Null,
            };
        }
        if o.ix("owned_since").is_some() && (draft.old.is_some() || draft.new.get(&o, "owned_since").is_empty()) {
            draft.new.set(&o, "owned_since", to.map_or(Value::Null, |_| Value::DateTime(self.now)));
        }
        if let Some(old) = &draft.old
            && let Some(p) = o.ix("prev_owner_id")
        {
            draft.new[p] = old[owner].clone();
        }
        Ok(())
    }

    /// The engine's rule over an object: everything. For derived data only.
    pub(crate) fn everything(&self, o: &ObjectDef) -> rapport_policy::RowRule {
        SystemScope::because(Reason::Derive).rule(Act::Read, &self.model, o)
    }
}
