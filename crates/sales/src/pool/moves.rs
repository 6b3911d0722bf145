//! Giving a record back, taking it back from somebody, and moving it to another pool (R-POOL-02, R-POOL-08).

use async_trait::async_trait;
use rapport_access::Seat;
use rapport_records::{Action, ActionSpec, Error, Result, Unit};
use rapport_schema::{FieldError, Label, ObjectDef, Record, RecordId, Value};
use serde_json::{Value as Json, json};

use super::{OPEN, by_id};

fn id_of(input: &Json, key: &str) -> Option<RecordId> {
    input[key].as_str().and_then(|s| s.parse().ok())
}

/// The caller is an administrator of the record's home pool.
pub(super) async fn is_admin(u: &mut Unit<'_>, o: &ObjectDef, r: &Record) -> Result<bool> {
    let Some(directory) = u.directory().await? else { return Ok(false) };
    let home = r.get(o, "pool_id").as_id().and_then(|p| directory.pool(p));
    Ok(u.scope.is_admin() || home.is_some_and(|p| directory.seat(&u.scope, p) == Some(Seat::Admin)))
}

/// A pool that was named is one of this object, switched on.
async fn target(u: &mut Unit<'_>, o: &ObjectDef, input: &Json) -> Result<Option<RecordId>> {
    let Some(id) = id_of(input, "pool_id") else { return Ok(None) };
    match by_id(u, Some(id)).await? {
        Some(p) if p.object == *o.name && p.enabled => Ok(Some(id)),
        Some(p) if p.object == *o.name => Err(Error::state("pool.disabled")),
        Some(_) => Err(Error::rule("pool.move_target")),
        None => Err(Error::field(FieldError::new("pool_id", "reference.not_found"))),
    }
}

/// Into the pool: the owner goes, and what follows is the hook's.
async fn into_pool(u: &mut Unit<'_>, o: &ObjectDef, r: &Record, input: &Json, act: &'static str) -> Result<Json> {
    if o.name == "lead" && !r.get(o, "status").as_text().is_some_and(|s| OPEN.contains(&s)) {
        return Err(Error::state("state.invalid_transition"));
    }
    let why = input["pool_reason"].as_str().unwrap_or("other");
    if !u.is_option(o, "pool_reason", why) {
        return Err(Error::field(FieldError::new("pool_reason", "value.inactive_option").with("value", why)));
    }
    let mut fields = vec![("owner_id", Value::Null), ("pool_reason", Value::from(why))];
    if let Some(pool) = target(u, o, input).await? {
        fields.push(("pool_id", Value::Id(pool)));
    }
    u.cause.act = Some(act.into());
    u.set(&o.name, r.id, &fields).await?;
    u.answer(&o.name, r.id).await
}

/// `return_to_pool`: the owner gives it back, with a reason; `take_back`: an administrator of the pool takes it from its owner.
pub(crate) struct IntoPool {
    spec: ActionSpec,
    act: &'static str,
    /// The owner alone gives back, not his team (domain model §3 d); administrators of the pool may take.
    by_owner: bool,
}

impl IntoPool {
    pub fn given_back(object: &'static str) -> Self {
        let label = Label::new("Return to Pool", "退回公海");
        let spec = ActionSpec::record(object, "return_to_pool", label, Self::input("string".into()), &["pool_reason"]);
        Self { spec, act: "return_to_pool", by_owner: true }
    }
    pub fn taken_back(object: &'static str) -> Self {
        let label = Label::new("Take Back", "收回到公海");
        let spec = ActionSpec::record(object, "take_back", label, Self::input(json!(["string", "null"])), &[]);
        Self { spec: spec.needs("assign"), act: "take_back", by_owner: false }
    }
    fn input(reason: Json) -> Json {
        json!({
            "pool_id": { "type": ["string", "null"], "format": "uuid", "description": "Default: the home pool, else the one whose condition fits" },
            "pool_reason": { "type": reason, "description": "A key of the picklist pool_reason" },
            "reason": { "type": ["string", "null"] },
        })
    }
}

#[async_trait]
impl Action for IntoPool {
    fn spec(&self) -> &ActionSpec {
        &self.spec
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, input: Json) -> Result<Json> {
        let r = target.ok_or(Error::NotFound)?;
        let o = u.object(&self.spec.object)?;
        if r.get(&o, "in_pool").is_true() {
            return u.answer(&o.name, r.id).await;
        }
        let mine = self.by_owner && r.get(&o, "owner_id").as_id() == u.person_id();
        if !mine && !is_admin(u, &o, &r).await? {
            return Err(Error::Denied("permission.denied"));
        }
        into_pool(u, &o, &r, &input, self.act).await
    }
}

/// `move_to_pool`: from one pool to another of the same object; administrators of both.
pub(crate) struct MoveToPool(ActionSpec);
impl MoveToPool {
    pub fn of(object: &'static str) -> Self {
        let p = json!({ "pool_id": { "type": "string", "format": "uuid" }, "reason": { "type": ["string", "null"] } });
        Self(ActionSpec::record(object, "move_to_pool", Label::new("Move to Pool", "转移公海"), p, &["pool_id"]).needs("assign"))
    }
}

#[async_trait]
impl Action for MoveToPool {
    fn spec(&self) -> &ActionSpec {
        &self.0
    }
    async fn run(&self, u: &mut Unit<'_>, target_record: Option<Record>, input: Json) -> Result<Json> {
        let r = target_record.ok_or(Error::NotFound)?;
        let o = u.object(&self.0.object)?;
        let to = target(u, &o, &input).await?.ok_or_else(|| Error::rule("pool.move_target"))?;
        if r.get(&o, "pool_id").as_id() == Some(to) {
            return u.answer(&o.name, r.id).await;
        }
        if !r.get(&o, "in_pool").is_true() {
            return Err(Error::state("pool.already_taken"));
        }
        let there = by_id(u, Some(to)).await?;
        let directory = u.directory().await?.ok_or(Error::NotFound)?;
        let both = is_admin(u, &o, &r).await? && there.is_some_and(|p| directory.seat(&u.scope, &p) == Some(Seat::Admin));
        if !both {
            return Err(Error::Denied("permission.denied"));
        }
        u.set(&o.name, r.id, &[("pool_id", Value::Id(to))]).await?;
        u.answer(&o.name, r.id).await
    }
}
