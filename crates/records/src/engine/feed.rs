//! The change log as a caller may see it.

use async_recursion::async_recursion as boxed;
use std::collections::{HashMap, HashSet};

use rapport_access::VIEW_ACTS;
use rapport_policy::{Act, Scope};
use rapport_schema::{Change, ChangeOp, ObjectName, RecordId, Seq};
use rapport_store::ChangeQuery;
use serde_json::{Value as Json, json};

use crate::{Engine, JsonMap, Result, shape};

/// Entries read at once.
const STEP: u32 = 500;
/// Entries looked at for one answer at most, so that somebody who sees little does not read the whole log in one call.
const LOOK: usize = 5_000;

impl Engine {
    /// Changes after a cursor that the caller may see, with the names of the visible changed fields; and the cursor reached.
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn changes(&self, scope: &Scope, after: Seq, limit: u32) -> Result<(Vec<Json>, Seq)> {
        let limit = limit.clamp(1, 1_000) as usize;
        let (mut out, mut at, mut looked) = (vec![], after, 0);
        while out.len() < limit && looked < LOOK {
            let q = ChangeQuery { after: Some(at), limit: STEP, ..ChangeQuery::default() };
            let page = self.0.db.changes(q).await?;
            if page.is_empty() {
                break;
            }
            let last_page = page.len() < STEP as usize;
            looked += page.len();
            let entries: Vec<Change> = page.into_iter().map(|r| r.change).collect();
            let seen = self.judged(scope, &entries, scope.is_admin()).await?;
            for (entry, shown) in entries.iter().zip(seen) {
                at = entry.seq;
                if let Some(j) = shown {
                    out.push(j);
                    if out.len() == limit {
                        break;
                    }
                }
            }
            if last_page {
                break;
            }
        }
        Ok((out, at))
    }

    /// Filters a commit for one listener.
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn visible(&self, scope: &Scope, changes: &[Change]) -> Result<Vec<Json>> {
        Ok(self.judged(scope, changes, false).await?.into_iter().flatten().collect())
    }

    /// `views`: also who saw as whom, which changed no record and is for administrators.
    async fn judged(&self, scope: &Scope, changes: &[Change], views: bool) -> Result<Vec<Option<Json>>> {
        let model = self.model();
        let mut by_object: HashMap<&ObjectName, HashSet<RecordId>> = HashMap::new();
        for c in changes {
            by_object.entry(&c.object).or_default().insert(c.id);
        }
        // None = every record of the object.
        let mut reach: HashMap<ObjectName, Option<HashSet<RecordId>>> = HashMap::new();
        for (name, ids) in by_object {
            let Some(o) = model.object(name) else { continue };
            let ids: Vec<RecordId> = ids.into_iter().collect();
            let rule = self.rule_for(scope, Act::Read, &model, o, &ids).await?;
            if rule.is_all() {
                reach.insert(name.clone(), None);
            } else if !rule.is_nothing() {
                let mut found = HashSet::new();
                for part in ids.chunks(500) {
                    found.extend(self.0.db.reachable(&model, o, &rule, part, self.now()).await?);
                }
                reach.insert(name.clone(), Some(found));
            }
        }
        Ok(changes
            .iter()
            .map(|c| {
                let told = views && c.cause.act.as_deref().is_some_and(|a| VIEW_ACTS.contains(&a));
                if c.op == ChangeOp::Note && !told {
                    return None;
                }
                let o = model.object(&c.object)?;
                match reach.get(&c.object)? {
                    Some(ids) if !ids.contains(&c.id) => return None,
                    _ => {}
                }
                let mut fields: Vec<String> = vec![];
                for raw in [&c.before, &c.after] {
                    if let Ok(m) = serde_json::from_str::<JsonMap>(raw.get()) {
                        for (k, _) in m {
                            if !fields.contains(&k) && o.field(&k).is_some_and(|f| shape::visible(scope, o, f)) {
                                fields.push(k);
                            }
                        }
                    }
                }
                Some(json!({
                    "seq": c.seq, "at": c.at.rfc3339(), "object": c.object, "id": c.id, "op": c.op.code(), "fields": fields,
                    "actor": { "id": c.actor.user, "via": c.actor.via }, "version": c.version, "batch": c.cause.batch, "act": c.cause.act,
                }))
            })
            .collect())
    }
}
