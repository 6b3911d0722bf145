//! Keeping a record from falling back (R-POOL-14): the private lock of a customer, and more time of protection.

use async_trait::async_trait;
use rapport_records::{Action, ActionSpec, Error, Result, Unit};
use rapport_schema::{Label, Millis, ObjectDef, Record, UserId, Value};
use serde_json::{Value as Json, json};

use super::super::{hook::DAY, limits, moves::is_admin};

/// `lock_from_pool`, `unlock_from_pool`: the owner keeps a customer to himself, as many as he may.
pub(crate) struct Lock {
    spec: ActionSpec,
    on: bool,
}

impl Lock {
    pub fn on() -> Self {
        Self::of("lock_from_pool", Label::new("Keep From the Pool", "锁定不回收"), true)
    }
    pub fn off() -> Self {
        Self::of("unlock_from_pool", Label::new("No Longer Keep From the Pool", "取消锁定"), false)
    }
    fn of(name: &str, label: Label, on: bool) -> Self {
        Self { spec: ActionSpec::record("account", name, label, json!({ "reason": { "type": ["string", "null"] } }), &[]), on }
    }
}

#[async_trait]
impl Action for Lock {
    fn spec(&self) -> &ActionSpec {
        &self.spec
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, _input: Json) -> Result<Json> {
        let r = target.ok_or(Error::NotFound)?;
        let o = u.object("account")?;
        if r.get(&o, "is_private_locked").is_true() == self.on {
            return u.answer("account", r.id).await;
        }
        let owner = r.get(&o, "owner_id").as_id().ok_or_else(|| Error::state("pool.not_claimable"))?;
        if Some(owner) != u.person_id() && !is_admin(u, &o, &r).await? {
            return Err(Error::Denied("permission.denied"));
        }
        if self.on {
            limits::may_lock(u, &o, &r, owner).await?;
        }
        u.set("account", r.id, &[("is_private_locked", Value::Bool(self.on))]).await?;
        u.answer("account", r.id).await
    }
}

/// `extend_protection`: the owner's superior, or who administers the pool, gives the owner more time.
pub(crate) struct Extend(ActionSpec);

impl Extend {
    pub fn of(object: &'static str) -> Self {
        let label = Label::new("Extend Protection", "延长保护期");
        Self(ActionSpec::record(object, "extend_protection", label, json!({ "reason": { "type": ["string", "null"] } }), &[]))
    }
}

/// The caller stands above the owner, or administers the pool; nobody gives himself more time.
async fn may_extend(u: &mut Unit<'_>, o: &ObjectDef, r: &Record) -> Result<bool> {
    if r.get(o, "owner_id").as_id() == u.person_id() {
        return Ok(false);
    }
    if is_admin(u, o, r).await? {
        return Ok(true);
    }
    let (me, owner) = (u.person_id(), r.get(o, "owner_id").as_id());
    let (Some(me), Some(owner), Some(directory)) = (me, owner, u.directory().await?) else { return Ok(false) };
    Ok(directory.managers(UserId::of(owner)).iter().skip(1).any(|m| m.record() == me))
}

#[async_trait]
impl Action for Extend {
    fn spec(&self) -> &ActionSpec {
        &self.0
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, _input: Json) -> Result<Json> {
        let r = target.ok_or(Error::NotFound)?;
        let o = u.object(&self.0.object)?;
        if !may_extend(u, &o, &r).await? {
            return Err(Error::Denied("permission.denied"));
        }
        let Some(since) = r.get(&o, "owned_since").as_time() else { return Err(Error::state("pool.not_claimable")) };
        let (more, most): (i64, i64) = (u.setting("pool.extension_days", 30), u.setting("pool.extension_max_days", 90));
        let from = r.get(&o, "protected_until").as_time().filter(|p| *p > u.now()).unwrap_or(u.now());
        let until = Millis(from.0.saturating_add(more.saturating_mul(DAY)));
        if until.0 - since.0 > most.saturating_mul(DAY) {
            return Err(Error::rule("pool.extension_limit"));
        }
        u.set(&o.name, r.id, &[("protected_until", Value::DateTime(until))]).await?;
        u.answer(&o.name, r.id).await
    }
}
