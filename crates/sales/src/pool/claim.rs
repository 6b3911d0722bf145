//! Taking a record out of a pool oneself (R-POOL-03).

use async_trait::async_trait;
use rapport_access::Seat;
use rapport_records::{Action, ActionScope, ActionSpec, Class, Error, JsonMap, Result, Unit};
use rapport_schema::{FieldError, Label, ObjectDef, Params, Record, RecordId, Value};
use serde_json::{Value as Json, json};

use super::limits;

/// Most records of one call.
const MOST: usize = 50;

fn input() -> Json {
    json!({
        "pool_id": { "type": ["string", "null"], "format": "uuid", "description": "The pool the caller saw it in" },
        "reason": { "type": ["string", "null"] },
    })
}

fn refused(code: &'static str, class: Class) -> Error {
    Error::Rule { code, class, params: Params::new(), fields: vec![] }
}

/// All checks in their order, then the owner; what follows from having one is the hook's.
async fn claim(u: &mut Unit<'_>, o: &ObjectDef, r: &Record, asked: Option<RecordId>) -> Result<()> {
    let me = u.person_id().ok_or(Error::Denied("permission.denied"))?;
    if r.get(o, "owner_id").as_id() == Some(me) {
        return Ok(());
    }
    let home = r.get(o, "pool_id").as_id();
    let directory = u.directory().await?.ok_or(Error::NotFound)?;
    let pool = home.and_then(|p| directory.pool(p)).ok_or_else(|| Error::state("pool.not_claimable"))?.clone();
    if !pool.enabled {
        return Err(Error::state("pool.disabled"));
    }
    let seat = directory.seat(&u.scope, &pool).ok_or_else(|| refused("pool.not_member", Class::Permission))?;
    if seat == Seat::Member && !pool.claimable {
        return Err(Error::state("pool.not_claimable"));
    }
    if !r.get(o, "in_pool").is_true() || asked.is_some_and(|a| Some(a) != home) {
        return Err(Error::state("pool.already_taken"));
    }
    if o.name == "lead" && r.get(o, "status").as_text() != Some("unassigned") {
        return Err(Error::state("pool.not_claimable"));
    }
    limits::may_claim(u, o, r, &pool, me).await?;
    let mut fields = vec![("owner_id", Value::Id(me)), ("assign_mode", Value::from("claim"))];
    if o.name == "lead" {
        fields.push(("status", Value::from("new")));
    }
    u.set(&o.name, r.id, &fields).await?;
    Ok(())
}

/// A record that an act of the caller needs: one that waits in a pool is claimed for it, and its refusal is the act's (R-CNV-03).
pub(crate) async fn claimed(u: &mut Unit<'_>, o: &ObjectDef, id: RecordId) -> Result<Record> {
    let may = u.scope.may_on(o, "claim");
    let r = match u.read(&o.name, id).await {
        Err(Error::NotFound) if may => u.reach(&o.name, id, "claim").await?,
        Ok(r) if !r.get(o, "in_pool").is_true() => return Ok(r),
        Ok(_) if !may => return Err(Error::Denied("permission.denied")),
        found => found?,
    };
    claim(u, o, &r, None).await?;
    u.read(&o.name, id).await
}

/// `claim`: one record.
pub(crate) struct Claim(ActionSpec);
impl Claim {
    pub fn of(object: &'static str) -> Self {
        Self(ActionSpec::record(object, "claim", Label::new("Claim", "领取"), input(), &[]).needs("claim"))
    }
}

#[async_trait]
impl Action for Claim {
    fn spec(&self) -> &ActionSpec {
        &self.0
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, input: Json) -> Result<Json> {
        let r = target.ok_or(Error::NotFound)?;
        let o = u.object(&self.0.object)?;
        let asked = input["pool_id"].as_str().and_then(|s| s.parse().ok());
        claim(u, &o, &r, asked).await?;
        u.answer(&o.name, r.id).await
    }
}

/// `claim_many`: up to fifty in the given order, each by itself: what cannot be had leaves the others be.
pub(crate) struct ClaimMany(ActionSpec);
impl ClaimMany {
    pub fn of(object: &'static str) -> Self {
        let mut p = input();
        p["ids"] = json!({ "type": "array", "items": { "type": "string", "format": "uuid" }, "description": "At most 50" });
        let spec = ActionSpec::record(object, "claim_many", Label::new("Claim Several", "批量领取"), p, &["ids"]).needs("claim");
        Self(ActionSpec { scope: ActionScope::Object, ..spec })
    }
}

#[async_trait]
impl Action for ClaimMany {
    fn spec(&self) -> &ActionSpec {
        &self.0
    }
    async fn run(&self, u: &mut Unit<'_>, _target: Option<Record>, input: Json) -> Result<Json> {
        let o = u.object(&self.0.object)?;
        let ids: Vec<RecordId> = input["ids"].as_array().into_iter().flatten().filter_map(|i| i.as_str()?.parse().ok()).collect();
        if ids.is_empty() {
            return Err(Error::field(FieldError::new("ids", "value.required")));
        }
        if ids.len() > MOST {
            let params: JsonMap = [("max".to_owned(), MOST.into())].into_iter().collect();
            return Err(Error::Rule { code: "pool.batch_too_large", class: Class::Content, params, fields: vec![] });
        }
        let asked = input["pool_id"].as_str().and_then(|s| s.parse().ok());
        let mut results = vec![];
        for id in ids {
            let o = o.clone();
            let one = u.apart(move |u| {
                Box::pin(async move {
                    let r = u.reach(&o.name, id, "claim").await?;
                    claim(u, &o, &r, asked).await
                })
            });
            let refusal = |code: &str, params: JsonMap| json!({ "id": id, "ok": false, "code": code, "params": params });
            results.push(match one.await {
                Ok(()) => json!({ "id": id, "ok": true }),
                Err(Error::Rule { code, params, .. }) => refusal(code, params),
                Err(Error::NotFound | Error::MovedTo(_)) => refusal("not_found", JsonMap::new()),
                Err(Error::Denied(code)) => refusal(code, JsonMap::new()),
                Err(Error::Invalid(faults)) => match faults.into_iter().next() {
                    Some(f) => refusal(&f.code, f.params),
                    None => refusal("value.type", JsonMap::new()),
                },
                Err(e) => return Err(e),
            });
        }
        Ok(json!({ "results": results }))
    }
}
