//! What sign-in keeps on the person's own record: when they last came in, and whether two-step login is on. Both are kept by the
//! engine (`system` fields), so they are written where the fact arises, in its transaction.

use async_recursion::async_recursion as boxed;
use std::sync::Arc;

use rapport_policy::{Act, Reason, SystemScope};
use rapport_schema::{Actor, ChangeOp, Millis, Model, UserId, Value, Via, codec};
use rapport_store::{Bin, StoreError, Tx};
use serde_json::{Map, json, value::to_raw_value};

use crate::audit;

/// Sets one field of a person. A quiet change is not in the log and leaves the version alone: the last sign-in must neither
/// collide with somebody editing the person nor make every node read everybody again, and `login_log` tells it anyway.
async fn set(
    tx: &mut Tx,
    model: &Arc<Model>,
    user: UserId,
    field: &'static str,
    value: Value,
    now: Millis,
    actor: Option<Actor>,
) -> Result<(), StoreError> {
    let Some(object) = model.object("user") else { return Ok(()) };
    let Some(ix) = object.ix(field) else { return Ok(()) };
    let rows = SystemScope::because(Reason::Authentication).rule(Act::Read, model, object);
    let Some(old) = tx.load(model, object, &rows, user.record(), Bin::Both, now).await? else { return Ok(()) };
    if old[ix] == value {
        return Ok(());
    }
    let mut new = old.clone();
    new[ix] = value;
    if let Some(actor) = actor {
        new.version += 1;
        new.set(object, "updated_at", Value::DateTime(now));
        let form = codec::Form::of(model);
        let shown = |v: &Value| {
            let m: Map<String, serde_json::Value> =
                [(field.to_owned(), codec::to_json(object.at(ix), v, form))].into_iter().collect();
            to_raw_value(&m).map_err(|e| StoreError::Corrupt(format!("audit entry: {e}")))
        };
        let mut change = audit::note(now, actor, Some(user), "second_step", &json!({}))?;
        change.op = ChangeOp::Update;
        change.version = new.version;
        change.before = shown(&old[ix])?;
        change.after = shown(&new[ix])?;
        tx.log(change);
    }
    tx.update(model, object, &old, &new).await
}

/// Notes the last sign-in.
#[boxed]
pub async fn came_in(tx: &mut Tx, model: &Arc<Model>, user: UserId, at: Millis) -> Result<(), StoreError> {
    set(tx, model, user, "last_login_at", Value::DateTime(at), at, None).await
}

/// Notes that two-step login is on or off.
#[boxed]
pub async fn second_step(tx: &mut Tx, model: &Arc<Model>, user: UserId, on: bool, at: Millis) -> Result<(), StoreError> {
    let actor = Actor { user: Some(user), via: Via::Web };
    set(tx, model, user, "mfa", Value::Bool(on), at, Some(actor)).await
}
