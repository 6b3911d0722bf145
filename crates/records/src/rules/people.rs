//! People: no circles among managers (R-VIS-03), never without an administrator (`user.last_admin`), nobody gives more than he may,
//! roles that can be read, and no sessions for people who have left.

use std::collections::HashSet;

use async_trait::async_trait;
use rapport_policy::{Principal, Reason, RoleGrants};
use rapport_schema::{ChangeOp, FieldError, ObjectDef, Record, RecordId, Value, query::Filter};

use crate::{Draft, Error, Hook, Result, Unit, q};

pub(crate) struct PeopleHook;

/// Longest line of managers walked (R-VIS-03: depth ≤ 20).
const LINE: usize = 64;
/// Most roles, permission sets and administrators looked at.
const MANY: u32 = 10_000;

#[async_trait]
impl Hook for PeopleHook {
    fn objects(&self) -> &[&'static str] {
        &["user", "role", "permission_set"]
    }

    async fn before(&self, u: &mut Unit<'_>, d: &mut Draft) -> Result<()> {
        let writes = matches!(d.op, ChangeOp::Create | ChangeOp::Update);
        match d.object.name.as_str() {
            "user" if writes => {
                manager(u, d).await?;
                assigned(u, d).await
            }
            "user" => Ok(()),
            _ => role(u, d, writes),
        }
    }

    async fn after(&self, u: &mut Unit<'_>, d: &Draft) -> Result<()> {
        if d.object.name == "user" && ended(d) {
            rapport_access::end_sessions(u.engine.db(), u.tx, d.new.id).await?;
        }
        last_admin(u, d).await
    }
}

/// A manager may not report, over however many, to the person.
async fn manager(u: &mut Unit<'_>, d: &Draft) -> Result<()> {
    let Some(first) = d.new.get(&d.object, "manager_id").as_id().filter(|_| d.changed("manager_id")) else { return Ok(()) };
    // Two moves at once could close a circle that neither sees.
    u.lock("people.line").await?;
    let mut at = Some(first);
    for _ in 0..LINE {
        let Some(id) = at else { return Ok(()) };
        if id == d.new.id {
            break;
        }
        at = u.peek("user", id).await?.and_then(|r| r.get(&d.object, "manager_id").as_id());
    }
    Err(Error::field(FieldError::new("manager_id", "user.manager_cycle")))
}

fn ids(r: &Record, o: &ObjectDef, field: &str) -> HashSet<RecordId> {
    if let Value::Ids(v) = r.get(o, field) { v.iter().copied().collect() } else { HashSet::new() }
}

/// Roles are given by administrators or who may `user.manage`; the administrator's role by administrators only.
async fn assigned(u: &mut Unit<'_>, d: &Draft) -> Result<()> {
    if u.scope.is_admin() {
        return Ok(());
    }
    for (field, object) in [("roles", "role"), ("permission_sets", "permission_set")] {
        if !d.changed(field) {
            continue;
        }
        let new = ids(&d.new, &d.object, field);
        let old = d.old.as_ref().map(|r| ids(r, &d.object, field)).unwrap_or_default();
        let moved: Vec<RecordId> = new.symmetric_difference(&old).copied().collect();
        if moved.is_empty() {
            continue;
        }
        let admins = administrators(u, object).await?;
        if !u.scope.may("user.manage") || moved.iter().any(|r| admins.contains(r)) {
            return Err(Error::field(FieldError::new(field, "permission.field")));
        }
    }
    Ok(())
}

/// A role must be readable and name what exists; it is written by administrators or who may `role.manage`.
fn role(u: &Unit<'_>, d: &Draft, writes: bool) -> Result<()> {
    if !u.scope.is_admin() && !u.scope.may("role.manage") {
        return Err(Error::Denied("permission.denied"));
    }
    let was_admin = d.old.as_ref().is_some_and(|r| grants_of(&d.object, r).is_ok_and(|g| g.is_admin()));
    if was_admin && !u.scope.is_admin() {
        return Err(Error::Denied("permission.denied"));
    }
    if !writes {
        return Ok(());
    }
    let fault = |field: &str, text: String| Error::field(FieldError::new(field, "value.type").with("fault", text));
    let grants = grants_of(&d.object, &d.new).map_err(|e| fault(e.field(), e.fault))?;
    if let Some(e) = grants.faults(&u.model).into_iter().next() {
        let field = if d.object.name == "permission_set" { "grants" } else { e.field() };
        return Err(fault(field, e.to_string()));
    }
    if grants.is_admin() && !u.scope.is_admin() {
        return Err(Error::Denied("permission.denied"));
    }
    Ok(())
}

fn grants_of(o: &ObjectDef, r: &Record) -> std::result::Result<RoleGrants, rapport_policy::GrantError> {
    let json = |f: &str| if let Value::Json(j) = r.get(o, f) { (**j).clone() } else { serde_json::Value::Null };
    if o.name == "permission_set" {
        RoleGrants::parse_set(&json("grants"))
    } else {
        RoleGrants::parse(&json("object_perms"), Some(&json("field_perms")), Some(&json("functions")))
    }
}

/// Live roles or permission sets that make an administrator.
async fn administrators(u: &mut Unit<'_>, object: &str) -> Result<HashSet<RecordId>> {
    if !u.has(object) {
        return Ok(HashSet::new());
    }
    let o = u.object(object)?;
    let today = u.today();
    let valid = |r: &Record| !matches!(r.get(&o, "expires_on"), Value::Date(e) if *e < today);
    let all = u.find(object, Filter::True, MANY).await?;
    Ok(all.iter().filter(|r| valid(r) && grants_of(&o, r).is_ok_and(|g| g.is_admin())).map(|r| r.id).collect())
}

fn is_active(o: &ObjectDef, r: &Record) -> bool {
    r.deleted_at.is_none() && r.get(o, "status").as_text() == Some("active")
}

/// The person was let in before and is not any more.
fn ended(d: &Draft) -> bool {
    let was = d.old.as_ref().is_some_and(|r| is_active(&d.object, r));
    was && (matches!(d.op, ChangeOp::Delete | ChangeOp::Purge) || !is_active(&d.object, &d.new))
}

/// The change may have taken an administrator away.
fn may_lose_admin(d: &Draft) -> bool {
    match d.op {
        ChangeOp::Delete | ChangeOp::Purge => true,
        ChangeOp::Update if d.object.name == "user" => ["status", "roles", "permission_sets"].iter().any(|f| d.changed(f)),
        ChangeOp::Update => ["functions", "grants", "expires_on"].iter().any(|f| d.changed(f)),
        ChangeOp::Create | ChangeOp::Restore | ChangeOp::Note => false,
    }
}

/// At least one active administrator stays (domain model §5.3).
async fn last_admin(u: &mut Unit<'_>, d: &Draft) -> Result<()> {
    // Setting up may take its own half-made administrator back.
    if !may_lose_admin(d) || matches!(u.scope.principal(), Principal::System(Reason::Setup)) {
        return Ok(());
    }
    u.lock("people.admins").await?;
    let roles = administrators(u, "role").await?;
    let sets = administrators(u, "permission_set").await?;
    let o = u.object("user")?;
    // Was there one before at all? An installation without any may still be put right.
    let old = d.old.as_ref().unwrap_or(&d.new);
    let counted = if d.object.name == "user" {
        is_active(&o, old) && (!ids(old, &o, "roles").is_disjoint(&roles) || !ids(old, &o, "permission_sets").is_disjoint(&sets))
    } else {
        grants_of(&d.object, old).is_ok_and(|g| g.is_admin())
    };
    if !counted {
        return Ok(());
    }
    let mut ways = vec![];
    if !roles.is_empty() {
        ways.push(q::has_any("roles", roles.into_iter().map(Value::Id)));
    }
    if !sets.is_empty() {
        ways.push(q::has_any("permission_sets", sets.into_iter().map(Value::Id)));
    }
    let left = if ways.is_empty() {
        vec![]
    } else {
        u.find("user", Filter::And(vec![q::eq("status", "active"), Filter::Or(ways)]), 2).await?
    };
    // The row itself may still be there while it is being removed.
    if left.iter().any(|r| r.id != d.new.id || (d.object.name == "user" && d.op == ChangeOp::Update)) {
        Ok(())
    } else {
        Err(Error::state("user.last_admin"))
    }
}
