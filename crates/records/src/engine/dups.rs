//! Duplicates asked for from outside: before a form is saved.

use async_recursion::async_recursion as boxed;
use std::sync::Arc;

use rapport_policy::{Act, Reason, Scope, SystemScope};
use rapport_schema::{Record, RecordId, codec::Input};
use serde_json::Value as Json;

use crate::{Engine, JsonMap, Result, WriteOptions, dup::Rule, input, q, rules};

impl Engine {
    /// The duplicate rules in force.
    pub(crate) async fn dup_rules(&self) -> Result<Arc<Vec<Arc<Rule>>>> {
        if let Some(r) = self.0.settings.dup_rules.lock().clone() {
            return Ok(r);
        }
        let model = self.model();
        let norm = self.norm().await?;
        let mut rules = vec![];
        if let Some(o) = model.object("duplicate_rule") {
            let all = SystemScope::because(Reason::Duplicates).rule(Act::Read, &model, o);
            for r in self.0.db.records(q::select(&model, o, all, rapport_schema::query::Filter::True, 500, self.now())).await? {
                rules.extend(Rule::read(&model, &*norm, o, &r).map(Arc::new));
            }
        }
        let rules = Arc::new(rules);
        *self.0.settings.dup_rules.lock() = Some(rules.clone());
        Ok(rules)
    }

    /// A rule in force says what a duplicate of this object looks like when it is imported.
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn checks_duplicates(&self, object: &str) -> Result<bool> {
        Ok(self.dup_rules().await?.iter().any(|r| r.object == *object && r.applies.iter().any(|a| a == "import")))
    }

    /// Possible duplicates of data not yet written (R-DUP-03: only what the rule lets everybody see). Faulty fields are left out.
    ///
    /// # Errors
    /// Unknown object, or the database.
    #[boxed]
    pub async fn duplicates(&self, scope: &Scope, object: &str, data: &JsonMap, except: Option<RecordId>) -> Result<Vec<Json>> {
        let o = self.object_def(object)?;
        if !scope.may_on(&o, "create") && !scope.may_on(&o, "edit") {
            return Err(crate::Error::Denied("permission.denied"));
        }
        let model = self.model();
        let prepared = self.prepare(WriteOptions { keep_invalid_phone: true, ..WriteOptions::default() }).await?;
        let asked = input::read(&model, &*prepared.norm, scope, &o, data, None, &prepared.write);
        let mut r = Record::new(&o, except.unwrap_or_else(|| self.new_id()));
        for (ix, i) in asked.items {
            if let Input::Value(v) = i {
                r[ix] = v;
            }
        }
        rules::normal::apply(&o, None, &mut r, &mut vec![]);
        self.ask(scope, prepared, move |u| {
            let (o, r) = (o.clone(), r.clone());
            Box::pin(async move {
                let mut out = vec![];
                for f in u.similar(&o, &r, None).await? {
                    out.push(u.shown(&f).await?);
                }
                Ok(out)
            })
        })
        .await
    }
}
