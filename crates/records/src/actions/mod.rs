//! The registry: actions of every installation, life cycles of the model, and those of the domain crates.

mod assign;
mod fill;
mod follow;
mod link;
mod merge;
mod restore;
mod reveal;
mod schema;
mod share;
mod suggest;
mod transition;
mod unmerge;

use async_recursion::async_recursion as boxed;
use std::sync::Arc;

use rapport_policy::Scope;
use rapport_schema::{Model, ObjectDef, ObjectKind, RecordId, codec};
use rapport_store::Bin;
use serde_json::Value as Json;

use crate::{Action, ActionScope, ActionSpec, Engine, Error, JsonMap, Result, Unit, shape};

/// Actions of every installation.
pub(crate) fn shipped() -> Vec<Arc<dyn Action>> {
    vec![
        Arc::new(assign::Assign::default()),
        Arc::new(fill::Fill::default()),
        Arc::new(merge::Merge::default()),
        Arc::new(suggest::SuggestMaster::default()),
        Arc::new(unmerge::Unmerge::default()),
        Arc::new(restore::Restore::default()),
        Arc::new(restore::RestoreValue::default()),
        Arc::new(restore::RestoreRecord::default()),
        Arc::new(reveal::Reveal::default()),
        Arc::new(share::Share::default()),
        Arc::new(share::Unshare::default()),
        Arc::new(share::AddMember::default()),
        Arc::new(share::RemoveMember::default()),
        Arc::new(link::Link::new("link")),
        Arc::new(link::Link::new("unlink")),
        Arc::new(follow::Follow::new(true)),
        Arc::new(follow::Follow::new(false)),
    ]
}

/// Does an action declared for `*` make sense on this object?
fn fits(s: &ActionSpec, o: &ObjectDef) -> bool {
    if s.object == *o.name {
        return true;
    }
    if s.object != "*" || o.kind == ObjectKind::Log {
        return false;
    }
    match s.name.as_str() {
        "restore" | "restore_value" | "restore_record" => true,
        "link" | "unlink" => o.live().any(|(_, f)| matches!(f.ty, rapport_schema::FieldType::Refs { .. })),
        // Merging needs a place to keep what was done for the undo.
        "reveal" => o.live().any(|(_, f)| f.mask.is_some()),
        "follow" | "unfollow" => rapport_policy::talk::may_be_discussed(o),
        "merge" | "unmerge" | "suggest_master" => matches!(o.name.as_str(), "account" | "contact" | "lead"),
        _ => o.kind == ObjectKind::Ownable,
    }
}

/// Actions of an object: its own before those for all, domain crates' before the model's plain transitions.
pub(crate) fn of(engine: &Engine, model: &Model, o: &Arc<ObjectDef>) -> Vec<Arc<dyn Action>> {
    let mut out: Vec<Arc<dyn Action>> = vec![];
    let all = &engine.0.actions;
    let own = all.iter().filter(|a| a.spec().object == *o.name);
    let general = all.iter().filter(|a| a.spec().object == "*" && fits(a.spec(), o));
    for a in own.chain(general) {
        if !out.iter().any(|x| x.spec().name == a.spec().name) {
            out.push(a.clone());
        }
    }
    for t in transition::of(model, o) {
        if !out.iter().any(|x| x.spec().name == t.spec().name) {
            out.push(Arc::new(t));
        }
    }
    out
}

/// The caller may run it on some record.
pub(crate) fn allowed(scope: &Scope, o: &ObjectDef, s: &ActionSpec) -> bool {
    let right =
        scope.may_on(o, &s.right) || (o.kind == ObjectKind::Child && matches!(s.right.as_str(), "edit" | "delete" | "read"));
    // A look into a pool is a look: nothing is done through it, nothing revealed or followed (R-POOL-02).
    scope.pool().is_none()
        && right
        && match s.name.as_str() {
            // Merging takes records away (R-MRG-01), revealing is a permission of its own (R-FLS-03).
            "merge" | "suggest_master" if s.object == "*" => scope.may_on(o, "delete"),
            "reveal" if s.object == "*" => scope.may("field.reveal"),
            _ => true,
        }
}

/// Runs an action: right, record, state, input, and then the thing itself.
pub(crate) async fn perform(
    u: &mut Unit<'_>,
    a: Arc<dyn Action>,
    o: Arc<ObjectDef>,
    id: Option<RecordId>,
    input: Json,
) -> Result<Json> {
    let s = a.spec().clone();
    let target = match (s.scope, id) {
        (ActionScope::Record, Some(id)) => {
            let bin = if s.name == "restore" { Bin::Both } else { Bin::Live };
            let found = u.target(&o.name, id, &s.right, bin).await;
            Some(if s.at_the_pool { u.or_at_the_pool(found, &o, id, "transfer").await? } else { found? })
        }
        (ActionScope::Record, None) => return Err(Error::Request { code: "action.needs_record", params: JsonMap::new() }),
        (ActionScope::Object, _) => None,
    };
    if !allowed(&u.scope, &o, &s) {
        return Err(Error::Denied("permission.denied"));
    }
    schema::check(&s.input, &input)?;
    if let Some(t) = &target {
        if s.right != "read" {
            u.not_locked(&o, t)?;
        }
        if !s.from.is_empty()
            && let Some(status) = o.status.as_ref()
            && !t.get(&o, status).as_text().is_some_and(|st| s.from.iter().any(|f| f == st))
            && !transition::holds(&o, &s.name, t)
        {
            let mut e = Error::state("state.invalid_transition");
            if let Error::Rule { params, .. } = &mut e {
                params.insert("action".into(), s.name.as_str().into());
                params.insert("from".into(), t.get(&o, status).as_text().unwrap_or_default().into());
            }
            return Err(e);
        }
    }
    let before = u.acting_on.replace(o.name.to_string());
    let done = a.run(u, target, input).await;
    u.acting_on = before;
    done
}

/// The record as it is now, as the caller may see it: the usual answer of an action.
pub(crate) async fn answer(u: &mut Unit<'_>, object: &str, id: RecordId) -> Result<Json> {
    u.settle().await?;
    let o = u.object(object)?;
    let Some(r) = u.peek(object, id).await? else { return Ok(serde_json::json!({ "id": id })) };
    let own = u.reaches(rapport_policy::Act::Edit, &o, id).await?;
    let bytes = shape::render(&u.scope, &o, &r, codec::Form::of(&u.model), own);
    Ok(serde_json::from_slice(&bytes).unwrap_or_default())
}

impl Unit<'_> {
    /// The record as the caller may see it, as JSON: the usual answer of an action.
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn answer(&mut self, object: &str, id: RecordId) -> Result<Json> {
        answer(self, object, id).await
    }
}

/// A record id of the input; inputs are checked against their schema before.
fn id_of(input: &Json, key: &str) -> Option<RecordId> {
    input.get(key)?.as_str()?.parse().ok()
}
