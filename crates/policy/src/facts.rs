//! Judging one row by a rule in memory: for tests of the permission matrix, and wherever a row is at hand without a database.

use std::collections::HashMap;

use rapport_schema::{DeptId, FieldName, ObjectName, RecordId, UserId};

use crate::{Grantee, Reached, RowRule};

/// A membership of a record's team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamFact {
    /// The member.
    pub user: UserId,
    /// With edit access.
    pub edit: bool,
    /// Objects it extends to.
    pub extends_to: Vec<ObjectName>,
}

/// What a rule may ask of a row. Expired memberships and shares are left out by whoever fills it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    /// Its id.
    pub id: Option<RecordId>,
    /// `owner_id`.
    pub owner: Option<UserId>,
    /// `dept_id`.
    pub dept: Option<DeptId>,
    /// `created_by`.
    pub creator: Option<UserId>,
    /// Its team.
    pub team: Vec<TeamFact>,
    /// Whom it is shared with, and whether for editing.
    pub shared: Vec<(Grantee, bool)>,
    /// Yes-or-no fields that say yes.
    pub flags: Vec<FieldName>,
    /// People named by fields of the row.
    pub named: HashMap<FieldName, UserId>,
    /// Records its lookups lead to.
    pub leads: HashMap<FieldName, RecordId>,
    /// Where its reference fields lead.
    pub parents: HashMap<FieldName, (ObjectName, Box<Facts>)>,
}

impl RowRule {
    /// Whether the rule reaches a row.
    #[must_use]
    pub fn reaches(&self, row: &Facts) -> bool {
        self.is_all() || self.ways().iter().any(|w| way(w, row))
    }
}

fn way(w: &Reached, row: &Facts) -> bool {
    match w {
        Reached::Owner(users) => row.owner.is_some_and(|o| users.contains(&o)),
        Reached::Dept(depts) => row.dept.is_some_and(|d| depts.contains(&d)),
        Reached::Creator(users) => row.creator.is_some_and(|c| users.contains(&c)),
        Reached::Ids(ids) => row.id.is_some_and(|i| ids.contains(&i)),
        Reached::Flag(field) => row.flags.contains(field),
        Reached::Named { field, users } => row.named.get(field).is_some_and(|u| users.contains(u)),
        Reached::Leads { field, to } => row.leads.get(field) == Some(to),
        Reached::All(rules) => rules.iter().all(|r| r.reaches(row)),
        Reached::Team { user, edit, extends_to } => row
            .team
            .iter()
            .any(|t| t.user == *user && (t.edit || !edit) && extends_to.as_ref().is_none_or(|o| t.extends_to.contains(o))),
        Reached::Shared { grantees, edit } => row.shared.iter().any(|(g, e)| grantees.contains(g) && (*e || !edit)),
        Reached::Through { field, object, rule } => {
            row.parents.get(field).is_some_and(|(o, parent)| o == object && rule.reaches(parent))
        }
    }
}
