//! Opening a record of a pool: counted, and seen as the pool shows it (R-POOL-02, R-POOL-18).

use async_trait::async_trait;
use rapport_access::Seat;
use rapport_records::{Action, ActionSpec, Class, Error, JsonMap, Result, Unit, q};
use rapport_schema::{Label, ObjectDef, Record, RecordId, RecordRef, Value, query::Op};
use serde_json::{Value as Json, json};

use super::{log, midnight};

/// `look`: the record as members of its pool see it; each record counts once a day against `pool.daily_view_limit`.
pub(crate) struct Look(ActionSpec);
impl Look {
    pub fn of(object: &'static str) -> Self {
        Self(ActionSpec::record(object, "look", Label::new("Look", "查看"), json!({}), &[]).needs("claim"))
    }
}

#[async_trait]
impl Action for Look {
    fn spec(&self) -> &ActionSpec {
        &self.0
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, _input: Json) -> Result<Json> {
        let r = target.ok_or(Error::NotFound)?;
        let o = u.object(&self.0.object)?;
        let me = u.person_id().ok_or(Error::Denied("permission.denied"))?;
        let directory = u.directory().await?.ok_or(Error::NotFound)?;
        let Some(pool) = r.get(&o, "pool_id").as_id().filter(|_| r.get(&o, "in_pool").is_true()) else {
            return Err(Error::state("pool.already_taken"));
        };
        let looking = directory.look_into(&u.scope, pool).ok_or(Error::NotFound)?;
        let admin = directory.pool(pool).and_then(|p| directory.seat(&u.scope, p)) == Some(Seat::Admin);
        if !admin {
            opened(u, &o, r.id, pool, me).await?;
        }
        let caller = std::mem::replace(&mut u.scope, looking);
        let seen = u.answer(&o.name, r.id).await;
        u.scope = caller;
        seen
    }
}

/// Counts a record opened for the first time today, as long as one more may be; opening it again costs and writes nothing.
async fn opened(u: &mut Unit<'_>, o: &ObjectDef, id: RecordId, pool: RecordId, me: RecordId) -> Result<()> {
    u.lock(&format!("look:{me}")).await?;
    let today = q::cmp("created_at", Op::Gte, Value::DateTime(midnight(u)));
    let mine = q::and([q::eq("action", Value::from("view")), q::eq("to_user", me), today]);
    let this = q::eq("record", Value::Ref(RecordRef { object: o.name.clone(), id }));
    if u.count("pool_log", q::and([this, mine.clone()])).await? > 0 {
        return Ok(());
    }
    let max: Option<u64> = u.setting("pool.daily_view_limit", Some(100));
    if let Some(max) = max
        && u.count("pool_log", mine).await? >= max
    {
        let params: JsonMap = [("max".to_owned(), max.into())].into_iter().collect();
        return Err(Error::Rule { code: "pool.view_limit", class: Class::Limit, params, fields: vec![] });
    }
    log(u, o, id, pool, "view", (None, Some(me)), None).await
}
