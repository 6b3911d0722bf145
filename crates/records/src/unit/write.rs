//! The one place that writes rows: row, search terms (the store's), derived fields, change-log entry.

use std::sync::Arc;

use futures::future::BoxFuture;
use rapport_schema::{Actor, Change, ChangeOp, ObjectDef, Record, Seq, Via, codec};
use serde_json::value::RawValue;

use super::Numbers;
use crate::{Draft, Result, Unit};

/// Fields whose change says nothing that the entry's own time and actor do not say.
const SAID_BY_ENTRY: [&str; 2] = ["updated_at", "updated_by"];

impl Unit<'_> {
    /// Does what stands or falls by itself: a refusal undoes what it wrote, and the transaction goes on.
    ///
    /// # Errors
    /// The refusal, or the database.
    pub async fn apart<T>(&mut self, f: impl for<'u> FnOnce(&'u mut Self) -> BoxFuture<'u, Result<T>>) -> Result<T> {
        self.tx.savepoint().await?;
        let (heard, dirty) = (self.notices.len(), self.dirty.clone());
        let done = f(self).await;
        self.tx.end_savepoint(done.is_ok()).await?;
        if done.is_err() {
            self.notices.truncate(heard);
            self.dirty = dirty;
            self.numbers = Numbers::default();
            self.known = (*self.opts.known).clone();
            self.dup_cache = crate::dup::Cache::default();
        }
        done
    }

    /// Writes a finished draft and runs what follows from it.
    pub(crate) async fn put(&mut self, mut draft: Draft) -> Result<Record> {
        let o = draft.object.clone();
        let (model, found) = (self.model.clone(), self.duplicates_of(&draft).await?);
        match &draft.old {
            None => {
                draft.new.version = 1;
                self.tx.insert(&model, &o, &draft.new).await?;
            }
            Some(old) => {
                draft.new.version = old.version + 1;
                self.tx.update(&model, &o, old, &draft.new).await?;
            }
        }
        self.writes += 1;
        self.note(&o, draft.op, draft.old.as_ref(), &draft.new, None);
        self.after_write(&o, draft.old.as_ref(), &draft.new);
        self.pair(&draft, found).await?;
        self.hooks_after(&draft).await?;
        self.take_notice(&draft);
        self.subtree(&draft).await?;
        self.followers(&draft).await?;
        Ok(draft.new)
    }

    /// Writes values the engine derived: no hooks, no `updated_at`; logged under the name of what derived them.
    pub(crate) async fn put_derived(
        &mut self,
        o: &Arc<ObjectDef>,
        old: Record,
        mut new: Record,
        act: &'static str,
    ) -> Result<()> {
        if old.values == new.values {
            return Ok(());
        }
        self.formulas(o, &mut new).await?;
        new.version = old.version + 1;
        let model = self.model.clone();
        self.tx.update(&model, o, &old, &new).await?;
        self.writes += 1;
        self.note(o, ChangeOp::Update, Some(&old), &new, Some(act));
        self.after_write(o, Some(&old), &new);
        Ok(())
    }

    /// What every written row brings with it: rollups of its parents, what is known of references and people.
    pub(crate) fn after_write(&mut self, o: &Arc<ObjectDef>, old: Option<&Record>, new: &Record) {
        self.learn(&o.name, new.id, new.deleted_at.is_none());
        if matches!(o.name.as_str(), "user" | "department") {
            self.touched_people = true;
            self.engine.0.people.forget();
        }
        self.mark_parents(o, old, new);
    }

    /// Adds an entry to the change log: before and after of the changed fields, in the API's forms.
    pub(crate) fn note(
        &mut self,
        o: &ObjectDef,
        op: ChangeOp,
        old: Option<&Record>,
        new: &Record,
        derived: Option<&'static str>,
    ) {
        let form = codec::Form::of(&self.model);
        let (mut before, mut after) = (Vec::with_capacity(64), Vec::with_capacity(256));
        before.push(b'{');
        after.push(b'{');
        if op != ChangeOp::Purge {
            for (ix, f) in o.fields.iter().enumerate() {
                let to = &new.values[ix];
                match old {
                    Some(old) if old.values[ix] == *to => continue,
                    None if to.is_empty() || *to == rapport_schema::Value::Bool(false) => continue,
                    _ => {}
                }
                if old.is_some() && SAID_BY_ENTRY.contains(&f.name.as_str()) {
                    continue;
                }
                let one = |out: &mut Vec<u8>, v| {
                    if out.len() > 1 {
                        out.push(b',');
                    }
                    codec::write_str(&f.name, out);
                    out.push(b':');
                    codec::write_json(f, v, form, out);
                };
                if let Some(old) = old {
                    one(&mut before, &old.values[ix]);
                }
                one(&mut after, to);
            }
        }
        before.push(b'}');
        after.push(b'}');
        let raw =
            |v: Vec<u8>| String::from_utf8(v).ok().and_then(|s| RawValue::from_string(s).ok()).expect("the codec writes JSON");
        let mut cause = self.cause.clone();
        let mut actor = self.scope.actor();
        if let Some(d) = derived {
            cause.act = Some(d.to_owned());
            actor = Actor { user: actor.user, via: Via::System };
        } else if let Some(a) = self.acting_for {
            // The engine acts inside a person's act: the log names the person.
            actor = a;
        }
        self.tx.log(Change {
            seq: Seq(0),
            at: self.now,
            object: o.name.clone(),
            id: new.id,
            op,
            version: new.version,
            actor,
            cause,
            before: raw(before),
            after: raw(after),
        });
    }
}
