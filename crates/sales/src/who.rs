//! Who is the manager of a record (domain model §3 d): any superior of the owner, or the manager of its department or one above.

use rapport_records::{Error, Result, Unit};
use rapport_schema::{ObjectDef, Record};

pub(crate) async fn is_manager(u: &mut Unit<'_>, o: &ObjectDef, r: &Record) -> Result<bool> {
    if u.scope.is_system() || u.scope.is_admin() {
        return Ok(true);
    }
    let Some(me) = u.scope.user() else { return Ok(false) };
    if let Some(owner) = r.get(o, "owner_id").as_id()
        && u.scope.reports().iter().any(|x| x.record() == owner)
    {
        return Ok(true);
    }
    let mut at = r.get(o, "dept_id").as_id();
    let mut steps = 0;
    while let Some(id) = at
        && steps < 20
        && u.has("department")
    {
        let d = u.object("department")?;
        let Some(dept) = u.peek("department", id).await? else { break };
        if dept.get(&d, "manager_id").as_id() == Some(me.record()) {
            return Ok(true);
        }
        at = dept.get(&d, "parent_id").as_id();
        steps += 1;
    }
    Ok(false)
}

pub(crate) async fn manager_only(u: &mut Unit<'_>, o: &ObjectDef, r: &Record) -> Result<()> {
    if is_manager(u, o, r).await? { Ok(()) } else { Err(Error::Denied("permission.denied")) }
}
