//! Why somebody reaches a record (R-VIS-01): the rule of a scope, taken apart into its ways, each tried by itself.

use std::sync::Arc;

use async_recursion::async_recursion as boxed;
use rapport_policy::{Act, Reached, RowRule, Scope};
use rapport_schema::{Model, ObjectDef, ObjectName, Record, RecordId};
use serde::Serialize;

use crate::{Engine, Result, q};

/// Ways of one person that are looked for; the first of them say enough.
const MOST: usize = 8;

/// One reason why somebody reaches a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Why {
    /// An administrator reaches everything.
    Admin,
    /// A role gives all records of the object.
    Role,
    /// It is the person's own.
    Owner,
    /// The owner reports to the person, or the person stands in for whoever the owner reports to (R-VIS-08).
    Reports,
    /// It belongs to a department of the person's scope (R-VIS-02).
    Department,
    /// The person, or somebody below, made it.
    Creator,
    /// The person is in the record's team (R-VIS-04).
    Team,
    /// It was shared with the person, or a department, role or team the person belongs to (R-VIS-04).
    Shared,
    /// It is meant for everybody.
    Public,
    /// It is the person.
    Oneself,
    /// The person reaches the record it belongs to (R-VIS-05).
    Through {
        /// The object of that record.
        object: ObjectName,
    },
}

impl Engine {
    /// Why a scope reaches a record for an act; empty = it does not.
    ///
    /// # Errors
    /// Unknown object; the database.
    #[boxed]
    pub async fn why(&self, scope: &Scope, act: Act, object: &str, id: RecordId) -> Result<Vec<Why>> {
        let model = self.model();
        let o = self.object_def(object)?;
        let rule = self.rule_for(scope, act, &model, &o, &[id]).await?;
        if rule.is_all() {
            return Ok(vec![if scope.is_admin() { Why::Admin } else { Why::Role }]);
        }
        let Some(record) = self.reached(scope, &model, &o, rule.clone(), id).await? else { return Ok(vec![]) };
        let owner = o.ix("owner_id").and_then(|ix| record[ix].as_id());
        let mut out: Vec<Why> = vec![];
        for (way, alone) in rule.each() {
            if out.len() < MOST && self.reached(scope, &model, &o, alone, id).await?.is_some() {
                let why = match way {
                    Reached::Owner(_) if owner.is_some() && owner == scope.user().map(|u| u.record()) => Why::Owner,
                    Reached::Owner(_) => Why::Reports,
                    // What is told to a person, or was said by him.
                    Reached::Named { .. } | Reached::Leads { .. } | Reached::All(_) => Why::Owner,
                    Reached::Dept(_) => Why::Department,
                    Reached::Creator(_) => Why::Creator,
                    Reached::Ids(_) => Why::Oneself,
                    Reached::Flag(_) => Why::Public,
                    Reached::Team { .. } => Why::Team,
                    Reached::Shared { .. } => Why::Shared,
                    Reached::Through { rule, .. } if matches!(rule.ways(), [Reached::Team { .. }]) => Why::Team,
                    Reached::Through { object, .. } => Why::Through { object: object.clone() },
                };
                if !out.contains(&why) {
                    out.push(why);
                }
            }
        }
        Ok(out)
    }

    /// The record, where a rule reaches it.
    pub(crate) async fn reached(
        &self,
        scope: &Scope,
        model: &Arc<Model>,
        o: &Arc<ObjectDef>,
        rule: RowRule,
        id: RecordId,
    ) -> Result<Option<Record>> {
        if rule.is_nothing() {
            return Ok(None);
        }
        let mut s = q::select(model, o, rule, q::id(id), 1, self.now());
        s.user = scope.user();
        Ok(self.0.db.records(s).await?.into_iter().next())
    }
}
