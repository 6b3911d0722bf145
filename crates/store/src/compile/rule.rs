//! Row rules as SQL: as one condition over a row, or as branches that each have an index to walk.

use rapport_policy::{Reached, RowRule};
use rapport_schema::{ObjectDef, RecordId, plan::link_name};

use super::{Cx, and, col, filter::Index, or};
use crate::sql::Param;

/// The condition of a rule over the row `alias`.
pub(crate) fn condition<'a>(cx: &mut Cx<'a>, object: &'a ObjectDef, alias: &str, rule: &RowRule, ix: Index) -> String {
    if rule.is_all() {
        return "1=1".into();
    }
    let parts: Vec<String> = rule.ways().iter().filter_map(|w| way(cx, object, alias, w, ix)).collect();
    or(&parts)
}

/// One way in; `None` when the object cannot be reached that way.
fn way<'a>(cx: &mut Cx<'a>, object: &'a ObjectDef, alias: &str, w: &Reached, ix: Index) -> Option<String> {
    let plus = if ix == Index::MayNot { cx.shared.dialect.unindexed() } else { "" };
    match w {
        Reached::Owner(ids) => one_of(cx, object, alias, "owner_id", ids.iter().map(|i| i.record()), plus),
        Reached::Dept(ids) => one_of(cx, object, alias, "dept_id", ids.iter().map(|i| i.record()), plus),
        Reached::Creator(ids) => one_of(cx, object, alias, "created_by", ids.iter().map(|i| i.record()), plus),
        Reached::Named { field, users } => one_of(cx, object, alias, field, users.iter().map(|i| i.record()), plus),
        Reached::Leads { field, to } => one_of(cx, object, alias, field, std::iter::once(*to), plus),
        // The first is what the rows are found by, the others judge the rows found.
        Reached::All(rules) => {
            let each = |(i, r): (usize, &RowRule)| condition(cx, object, alias, r, if i == 0 { ix } else { Index::MayNot });
            Some(and(&rules.iter().enumerate().map(each).collect::<Vec<_>>()))
        }
        Reached::Ids(ids) => {
            let list = cx.sql.slots(ids.iter().map(|i| Param::Id(*i)));
            Some(format!("{plus}{} IN {list}", col(alias, "id")))
        }
        Reached::Flag(field) => {
            object.field(field)?;
            Some(format!("{plus}{} = 1", col(alias, field)))
        }
        Reached::Team { user, edit, extends_to } => {
            let members = cx.object("team_member")?;
            let (t, a) = (cx.table("team_member"), cx.alias());
            let user = cx.sql.slot(Param::Id(user.record()));
            let mut valid = grant_holds(cx, object, &a, *edit);
            if let Some(to) = extends_to {
                members.field("extend_to")?;
                let (links, l) = (cx.table(&link_name("team_member", "extend_to")), cx.alias());
                let to = cx.sql.slot(Param::Text(to.to_string()));
                valid
                    .push_str(&format!(" AND EXISTS (SELECT 1 FROM {links} {l} WHERE {l}.record = {a}.id AND {l}.value = {to})"));
            }
            Some(format!("{plus}{} IN (SELECT {a}.record FROM {t} {a} WHERE {a}.user_id = {user} AND {valid})", col(alias, "id")))
        }
        Reached::Shared { grantees, edit } => {
            cx.object("record_share")?;
            let (t, a) = (cx.table("record_share"), cx.alias());
            let list = cx.sql.slots(grantees.iter().map(|g| Param::Id(g.id)));
            let valid = grant_holds(cx, object, &a, *edit);
            Some(format!(
                "{plus}{} IN (SELECT {a}.record FROM {t} {a} WHERE {a}.grantee IN {list} AND {valid})",
                col(alias, "id")
            ))
        }
        Reached::Through { field, object: to, rule } => {
            let def = object.field(field)?;
            let target = cx.object(to)?;
            let (t, a) = (cx.table(to), cx.alias());
            let from = col(alias, field);
            let mut parts = vec![];
            if matches!(def.ty, rapport_schema::FieldType::Poly { .. }) {
                let kind = col(alias, &format!("{field}__object"));
                parts.push(format!("{kind} = {}", cx.sql.slot(Param::Text(to.to_string()))));
            }
            // Seen from the child the master is found by its id; seen from the masters their children are found by the index. Masters
            // that are named one by one (by a team, a share) are looked up once, and without any the child's row need not be read.
            if ix == Index::May {
                let inner = condition(cx, target, &a, rule, ix);
                parts.push(format!("{from} IN (SELECT {a}.id FROM {t} {a} WHERE {inner})"));
            } else if rule.ways().iter().all(is_single) && !rule.is_all() {
                let inner = condition(cx, target, &a, rule, Index::May);
                let set = format!("SELECT {a}.id FROM {t} {a} WHERE {inner}");
                parts.insert(0, format!("EXISTS ({set})"));
                parts.push(format!("{plus}{from} IN ({set})"));
            } else {
                let inner = condition(cx, target, &a, rule, ix);
                parts.push(format!("EXISTS (SELECT 1 FROM {t} {a} WHERE {a}.id = {from} AND {inner})"));
            }
            Some(and(&parts))
        }
    }
}

/// Does a way name single records: by a share, a team, an id?
const fn is_single(w: &Reached) -> bool {
    matches!(w, Reached::Team { .. } | Reached::Shared { .. } | Reached::Ids(_))
}

fn one_of(
    cx: &mut Cx<'_>,
    object: &ObjectDef,
    alias: &str,
    field: &str,
    ids: impl ExactSizeIterator<Item = RecordId>,
    plus: &str,
) -> Option<String> {
    object.field(field)?;
    let list = cx.sql.slots(ids.map(Param::Id));
    Some(format!("{plus}{} IN {list}", col(alias, field)))
}

/// The conditions on a share or team row: of this object, alive, not expired, strong enough.
fn grant_holds(cx: &mut Cx<'_>, object: &ObjectDef, a: &str, edit: bool) -> String {
    let name = cx.sql.slot(Param::Text(object.name.to_string()));
    let now = cx.sql.slot(Param::Int(cx.now.0));
    let mut s =
        format!("{a}.record__object = {name} AND {a}.deleted_at IS NULL AND ({a}.expires_at IS NULL OR {a}.expires_at > {now})");
    if edit {
        s.push_str(&format!(" AND {a}.access <> 'read'"));
    }
    s
}

/// A part of a rule that can be walked by itself.
#[derive(Debug, Clone)]
pub(crate) struct Branch {
    pub condition: String,
    /// One owner or one department: a composite index may give its rows in the order of the sort. The others are found by their
    /// condition and sorted after; without saying so, the planner would walk the sort's index for them.
    pub ordered: bool,
}

/// Most branches; with more people or departments than this, they share one.
pub(crate) const MANY: usize = 64;

/// The rule as branches: one per owner and department (each walks its own range of the composite index in the order of the
/// sort), one for everything else.
pub(crate) fn branches<'a>(cx: &mut Cx<'a>, object: &'a ObjectDef, alias: &str, rule: &RowRule, single: bool) -> Vec<Branch> {
    let mut out = vec![];
    for w in rule.ways() {
        let ids: Option<(&str, Vec<RecordId>)> = match w {
            Reached::Owner(v) => Some(("owner_id", v.iter().map(|i| i.record()).collect())),
            Reached::Dept(v) => Some(("dept_id", v.iter().map(|i| i.record()).collect())),
            _ => None,
        };
        match ids {
            Some((field, ids)) if single && object.field(field).is_some() => {
                for id in ids {
                    let p = cx.sql.slot(Param::Id(id));
                    out.push(Branch { condition: format!("{} = {p}", col(alias, field)), ordered: true });
                }
            }
            _ => out.extend(way(cx, object, alias, w, Index::May).map(|condition| Branch { condition, ordered: false })),
        }
    }
    out
}

/// The ways of a rule that name single records: shares, teams, ids.
pub(crate) fn singles<'a>(cx: &mut Cx<'a>, object: &'a ObjectDef, alias: &str, rule: &RowRule) -> String {
    let parts: Vec<String> =
        rule.ways().iter().filter(|w| is_single(w)).filter_map(|w| way(cx, object, alias, w, Index::May)).collect();
    or(&parts)
}
