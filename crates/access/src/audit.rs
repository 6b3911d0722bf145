//! What happens at the door, in the change log: signed in by the same hash chain as every change.
//!
//! A sign-in attempt becomes a row of `login_log` with its `create` entry, so that it is listed, filtered and kept like other
//! records; the model without that object gets a note on the person instead. Everything else (password set, second step
//! switched on or off, sessions and tokens ended or made, refusals) is a note on the person.

use async_recursion::async_recursion as boxed;
use rapport_schema::{Actor, Cause, Change, ChangeOp, Millis, Model, ObjectName, Record, RecordId, Seq, UserId, Value, Via};
use rapport_store::{StoreError, Tx};
use serde_json::{Value as Json, json, value::to_raw_value};
use std::sync::Arc;

/// Id of "nobody known": failed sign-ins with an unknown login.
#[must_use]
pub fn nobody() -> RecordId {
    RecordId::from_bytes([0; 16])
}

fn raw(v: &Json) -> Result<Box<serde_json::value::RawValue>, StoreError> {
    to_raw_value(v).map_err(|e| StoreError::Corrupt(format!("audit entry: {e}")))
}

/// A note about a person (or nobody known): `act` such as `session.sign_out`, `password.set`.
pub fn note(at: Millis, actor: Actor, about: Option<UserId>, act: &str, what: &Json) -> Result<Change, StoreError> {
    Ok(Change {
        seq: Seq(0),
        at,
        object: ObjectName::lit("user"),
        id: about.map_or_else(nobody, UserId::record),
        op: ChangeOp::Note,
        version: 0,
        actor,
        cause: Cause { act: Some(act.into()), ..Cause::default() },
        before: raw(&json!({}))?,
        after: raw(what)?,
    })
}

/// One sign-in attempt.
#[derive(Debug, Clone)]
pub struct Login {
    /// Id of the row.
    pub id: RecordId,
    /// When.
    pub at: Millis,
    /// Who it was, or was meant to be.
    pub user: Option<UserId>,
    /// `password`, `password+totp`, `password+recovery`, `demo`, `link`.
    pub method: &'static str,
    /// Let in.
    pub success: bool,
    /// From where.
    pub ip: Option<String>,
    /// User agent.
    pub device: String,
}

/// Writes a sign-in attempt.
#[boxed]
pub async fn login(tx: &mut Tx, model: &Arc<Model>, l: &Login) -> Result<(), StoreError> {
    // Who fails is not yet known to be that person.
    let actor = Actor { user: l.user.filter(|_| l.success), via: Via::Web };
    let what = json!({ "at": l.at.rfc3339(), "user_id": l.user, "method": l.method, "success": l.success, "ip": l.ip, "device": l.device });
    let Some(def) = model.object("login_log") else {
        let act = if l.success { "session.sign_in" } else { "session.sign_in_failed" };
        tx.log(note(l.at, actor, l.user, act, &what)?);
        return Ok(());
    };
    let mut r = Record::new(def, l.id);
    r.version = 1;
    let user = l.user.map_or(Value::Null, |u| Value::Id(u.record()));
    for f in ["at", "created_at", "updated_at"] {
        r.set(def, f, Value::DateTime(l.at));
    }
    for f in ["user_id", "created_by", "updated_by"] {
        r.set(def, f, user.clone());
    }
    r.set(def, "method", l.method.into());
    r.set(def, "success", Value::Bool(l.success));
    r.set(def, "ip", l.ip.as_deref().map_or(Value::Null, Value::from));
    r.set(def, "device", if l.device.is_empty() { Value::Null } else { l.device.as_str().into() });
    tx.insert(model, def, &r).await?;
    let mut change = note(l.at, actor, None, if l.success { "session.sign_in" } else { "session.sign_in_failed" }, &what)?;
    change.object = def.name.clone();
    change.id = l.id;
    change.op = ChangeOp::Create;
    change.version = 1;
    tx.log(change);
    Ok(())
}

/// A user agent as kept: without control characters, at most 200 characters.
#[must_use]
pub fn device(agent: &str) -> String {
    agent.chars().filter(|c| !c.is_control()).take(200).collect::<String>().trim().to_owned()
}
