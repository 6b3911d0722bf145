//! Recycle bin, restore, purge, and what goes along with a record.

use async_recursion::async_recursion as boxed;
use std::sync::Arc;

use rapport_policy::act;
use rapport_schema::{ChangeOp, FieldError, FieldType, ObjectDef, ObjectName, Record, RecordId, Value};
use rapport_store::{Bin, DocRow};
use serde::{Deserialize, Serialize};

use crate::{Draft, Error, Result, Unit, plan::Leads, q};

/// What a delete took along, kept until restore or purge.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Along {
    /// Records that went too.
    gone: Vec<(ObjectName, RecordId)>,
    /// Lookups that were emptied: object, record, field.
    cleared: Vec<(ObjectName, RecordId, String)>,
}

const KIND: &str = "recycle";
/// Most records one delete may take along.
const MOST: u32 = 20_000;

impl Unit<'_> {
    /// Puts a record in the recycle bin with everything that belongs to it.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Denied`], `reference.restricted`.
    #[boxed]
    pub async fn delete(&mut self, object: &str, id: RecordId) -> Result<()> {
        let o = self.object(object)?;
        let r = self.target(object, id, "delete", Bin::Live).await?;
        self.not_locked(&o, &r)?;
        self.remove(&o, r).await
    }

    /// Puts a record in the bin for a rule or an action that decided so; no right is asked.
    ///
    /// # Errors
    /// `reference.restricted`, or the database.
    #[boxed]
    pub async fn discard(&mut self, object: &str, id: RecordId) -> Result<()> {
        let o = self.object(object)?;
        let Some(r) = self.peek(object, id).await? else { return Ok(()) };
        let by_action = std::mem::replace(&mut self.by_action, true);
        let done = self.remove(&o, r).await;
        self.by_action = by_action;
        done
    }

    /// The delete itself; rights are checked.
    pub(crate) async fn remove(&mut self, o: &Arc<ObjectDef>, r: Record) -> Result<()> {
        let mut along = Along::default();
        self.bury(o, r.clone(), &mut along).await?;
        if !along.gone.is_empty() || !along.cleared.is_empty() {
            let body = serde_json::to_value(&along).expect("plain data");
            self.tx.doc_put(DocRow { kind: KIND.into(), key: r.id.to_string(), owner: None, body, expires: None }).await?;
        }
        Ok(())
    }

    async fn bury(&mut self, o: &Arc<ObjectDef>, r: Record, along: &mut Along) -> Result<()> {
        let plan = self.plan.clone();
        let id = r.id;
        if o.name == "user" {
            self.nobody_owned(id).await?;
        }
        if let Some(p) = plan.object(&o.name) {
            // Refusals first: nothing is written when one holds.
            for inc in p.incoming.iter().filter(|i| i.leads == Leads::Restrict) {
                let users = self.find(&inc.object, q::eq(&inc.field, id), 1).await?;
                if users.iter().any(|u| !along.gone.contains(&(inc.object.clone(), u.id))) {
                    return Err(Error::Rule {
                        code: "reference.restricted",
                        class: crate::Class::Conflict,
                        params: [
                            ("object".to_owned(), inc.object.as_str().into()),
                            ("field".to_owned(), inc.field.as_str().into()),
                        ]
                        .into_iter()
                        .collect(),
                        fields: vec![],
                    });
                }
            }
        }
        let mut draft = Draft {
            object: o.clone(),
            op: ChangeOp::Delete,
            old: Some(r.clone()),
            new: r.clone(),
            asked: vec![],
            by_action: self.by_action,
        };
        draft.new.deleted_at = Some(self.now);
        for h in self.engine.hooks(&o.name) {
            h.before(self, &mut draft).await?;
        }
        draft.new.version = r.version + 1;
        let model = self.model.clone();
        self.tx.update(&model, o, &r, &draft.new).await?;
        self.writes += 1;
        self.note(o, ChangeOp::Delete, Some(&r), &draft.new, None);
        self.after_write(o, Some(&r), &draft.new);
        along.gone.push((o.name.clone(), id));
        if let Some(p) = plan.object(&o.name) {
            for inc in &p.incoming {
                match inc.leads {
                    Leads::Cascade => {
                        let child = self.object(&inc.object)?;
                        for c in self.find(&inc.object, q::eq(&inc.field, id), MOST).await? {
                            if !along.gone.contains(&(inc.object.clone(), c.id)) {
                                Box::pin(self.bury(&child, c, along)).await?;
                            }
                        }
                    }
                    Leads::Clear => {
                        let other = self.object(&inc.object)?;
                        for c in self.find(&inc.object, q::eq(&inc.field, id), MOST).await? {
                            let mut new = c.clone();
                            new.set(&other, &inc.field, Value::Null);
                            along.cleared.push((inc.object.clone(), c.id, inc.field.to_string()));
                            self.put_derived(&other, c, new, "delete").await?;
                        }
                    }
                    Leads::Restrict | Leads::Loose => {}
                }
            }
        }
        // The record itself is not among what it took along.
        if along.gone.first().is_some_and(|(_, x)| *x == id) && along.gone.len() == 1 && along.cleared.is_empty() {
            along.gone.clear();
        }
        self.hooks_after(&draft).await
    }

    /// A user who still owns records is not deleted: they are transferred first, and the user leaves by status.
    async fn nobody_owned(&mut self, user: RecordId) -> Result<()> {
        let owned: Vec<ObjectName> =
            self.model.objects.values().filter(|o| o.ix("owner_id").is_some()).map(|o| o.name.clone()).collect();
        for name in owned {
            if !self.find(&name, q::eq("owner_id", user), 1).await?.is_empty() {
                return Err(Error::Rule {
                    code: "reference.restricted",
                    class: crate::Class::Conflict,
                    params: [("object".to_owned(), name.as_str().into()), ("field".to_owned(), "owner_id".into())]
                        .into_iter()
                        .collect(),
                    fields: vec![],
                });
            }
        }
        Ok(())
    }

    /// Takes a record out of the recycle bin with what went along with it.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Denied`], `value.not_unique`, `reference.deleted_master`, [`Error::MovedTo`] for a merged record.
    #[boxed]
    pub async fn restore(&mut self, object: &str, id: RecordId) -> Result<Record> {
        let o = self.object(object)?;
        let r = self.load::<act::Delete>(&o, id, Bin::Deleted).await?.into_record();
        if let Some(to) = super::load::merged_into(&o, &r) {
            return Err(Error::MovedTo(to));
        }
        self.revive(&o, r).await
    }

    pub(crate) async fn revive(&mut self, o: &Arc<ObjectDef>, r: Record) -> Result<Record> {
        let along: Along = match self.tx.doc_get(KIND, &r.id.to_string()).await? {
            Some(d) => serde_json::from_value(d.body).unwrap_or_default(),
            None => Along::default(),
        };
        let back = self.raise(o, r.clone()).await?;
        for (name, id) in along.gone.iter().filter(|(_, id)| *id != r.id) {
            let Ok(child) = self.object(name) else { continue };
            let found = self.find_in(name, q::id(*id), 1, Bin::Deleted).await?;
            if let Some(c) = found.into_iter().next() {
                self.raise(&child, c).await?;
            }
        }
        for (name, id, field) in &along.cleared {
            let Ok(other) = self.object(name) else { continue };
            let Some(c) = self.peek(name, *id).await? else { continue };
            // Only what is still empty is filled again: a later choice stays.
            if c.get(&other, field).is_empty() {
                let mut new = c.clone();
                new.set(&other, field, Value::Id(r.id));
                self.put_derived(&other, c, new, "restore").await?;
            }
        }
        self.tx.doc_delete(KIND, &r.id.to_string()).await?;
        Ok(back)
    }

    async fn raise(&mut self, o: &Arc<ObjectDef>, r: Record) -> Result<Record> {
        if let Some((ix, master)) = o.master()
            && let Some(id) = r[ix].as_id()
        {
            let master = master.clone();
            if self.peek(&master, id).await?.is_none() {
                return Err(Error::Invalid(vec![
                    FieldError::new(o.at(ix).name.as_str(), "reference.deleted_master").with("value", id.to_string()),
                ]));
            }
        }
        let mut draft = Draft {
            object: o.clone(),
            op: ChangeOp::Restore,
            old: Some(r.clone()),
            new: r.clone(),
            asked: vec![],
            by_action: self.by_action,
        };
        draft.new.deleted_at = None;
        for h in self.engine.hooks(&o.name) {
            h.before(self, &mut draft).await?;
        }
        self.stamp(o, &mut draft.new);
        draft.new.version = r.version + 1;
        let model = self.model.clone();
        self.tx.update(&model, o, &r, &draft.new).await?;
        self.writes += 1;
        self.note(o, ChangeOp::Restore, Some(&r), &draft.new, None);
        self.after_write(o, Some(&r), &draft.new);
        self.hooks_after(&draft).await?;
        Ok(draft.new)
    }

    /// Removes a record for good, from the recycle bin or (after the checks of a delete) directly.
    ///
    /// # Errors
    /// As [`Unit::delete`].
    #[boxed]
    pub async fn purge(&mut self, object: &str, id: RecordId) -> Result<()> {
        let o = self.object(object)?;
        let mut r = self.load::<act::Delete>(&o, id, Bin::Both).await?.into_record();
        if r.deleted_at.is_none() {
            self.not_locked(&o, &r)?;
            self.remove(&o, r.clone()).await?;
            let Some(now) = self.find_in(&o.name, q::id(id), 1, Bin::Deleted).await?.into_iter().next() else {
                return Err(Error::NotFound);
            };
            r = now;
        }
        self.erase(&o, r).await
    }

    async fn erase(&mut self, o: &Arc<ObjectDef>, r: Record) -> Result<()> {
        let plan = self.plan.clone();
        if let Some(p) = plan.object(&o.name) {
            for inc in &p.incoming {
                let other = self.object(&inc.object)?;
                match (&inc.leads, &other.field(&inc.field).map(|f| f.ty.clone())) {
                    (Leads::Cascade, _) => {
                        for c in self.find_in(&inc.object, q::eq(&inc.field, r.id), MOST, Bin::Both).await? {
                            Box::pin(self.erase(&other, c)).await?;
                        }
                    }
                    // Team members, shares, activities and files of a record that is no more have nothing to be about.
                    (Leads::Loose, Some(FieldType::Poly { .. })) if other.field(&inc.field).is_some_and(|f| f.required) => {
                        let at = Value::Ref(rapport_schema::RecordRef { object: o.name.clone(), id: r.id });
                        for c in self.find_in(&inc.object, q::eq(&inc.field, at), MOST, Bin::Both).await? {
                            Box::pin(self.erase(&other, c)).await?;
                        }
                    }
                    (Leads::Loose, Some(FieldType::Refs { .. })) => {
                        for c in self.find_in(&inc.object, q::has_any(&inc.field, [Value::Id(r.id)]), MOST, Bin::Both).await? {
                            let mut new = c.clone();
                            if let Value::Ids(v) = c.get(&other, &inc.field) {
                                let left: Vec<RecordId> = v.iter().copied().filter(|i| *i != r.id).collect();
                                new.set(&other, &inc.field, if left.is_empty() { Value::Null } else { Value::Ids(left) });
                            }
                            self.put_derived(&other, c, new, "purge").await?;
                        }
                    }
                    _ => {}
                }
            }
        }
        let model = self.model.clone();
        self.tx.purge(&model, o, &r).await?;
        self.writes += 1;
        self.tx.doc_delete(KIND, &r.id.to_string()).await?;
        let mut last = r.clone();
        last.version += 1;
        self.note(o, ChangeOp::Purge, Some(&r), &last, None);
        self.learn(&o.name, r.id, false);
        if r.deleted_at.is_none() {
            let mut gone = r.clone();
            gone.deleted_at = Some(self.now);
            self.mark_parents(o, Some(&r), &gone);
        }
        Ok(())
    }
}
