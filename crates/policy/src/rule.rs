//! A predicate over the rows of one object, to be compiled into every query.

use rapport_schema::{DeptId, FieldName, ObjectName, RecordId, UserId};

/// Kind of somebody a record is shared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GranteeKind {
    /// One user.
    User,
    /// Everyone of a department.
    Dept,
    /// Everyone of a role.
    Role,
    /// Everyone of a team.
    Team,
}

/// Somebody a record is shared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Grantee {
    /// Kind.
    pub kind: GranteeKind,
    /// Id of the user, department, role or team.
    pub id: RecordId,
}

/// One way in which rows are reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reached {
    /// `owner_id` is one of these.
    Owner(Vec<UserId>),
    /// `dept_id` is one of these.
    Dept(Vec<DeptId>),
    /// `created_by` is one of these (kinds without an owner).
    Creator(Vec<UserId>),
    /// The row's own id is one of these (a user reads his own row).
    Ids(Vec<RecordId>),
    /// This yes-or-no field of the row says yes (a public view).
    Flag(FieldName),
    /// This field of the row names one of these people (a notification its recipient).
    Named {
        /// A field with one person.
        field: FieldName,
        /// People.
        users: Vec<UserId>,
    },
    /// This lookup of the row leads to that record (a public pool).
    Leads {
        /// A lookup field.
        field: FieldName,
        /// Where it leads.
        to: RecordId,
    },
    /// Every one of these rules holds: a row that is somebody's own, as long as its record is seen.
    All(Vec<RowRule>),
    /// The user is in the record's team (`team_member`), not expired (R-VIS-04).
    Team {
        /// The user.
        user: UserId,
        /// Edit access is needed.
        edit: bool,
        /// Only memberships whose `extend_to` names this object: inside a [`Reached::Through`] from `contact`, `opportunity` …
        /// to the account that carries the team.
        extends_to: Option<ObjectName>,
    },
    /// The record is shared (`record_share`) with one of these, not expired (R-VIS-04).
    Shared {
        /// The caller and everything the caller is part of.
        grantees: Vec<Grantee>,
        /// Edit access is needed.
        edit: bool,
    },
    /// Whoever reaches the record this field points to (R-VIS-05: master-detail, contacts of an account …).
    Through {
        /// A lookup, master-detail or polymorphic field of this object.
        field: FieldName,
        /// The object it leads to (polymorphic fields: one entry per object).
        object: ObjectName,
        /// The rule of that object.
        rule: Box<RowRule>,
    },
}

/// A predicate over the rows of one object. Only a [`crate::Scope`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowRule(pub(crate) Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    All,
    Nothing,
    Any(Vec<Reached>),
}

impl RowRule {
    /// Every row.
    #[must_use]
    pub fn is_all(&self) -> bool {
        matches!(self.0, Kind::All)
    }
    /// No row.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        matches!(self.0, Kind::Nothing)
    }
    /// The ways in, when it is neither everything nor nothing.
    #[must_use]
    pub fn ways(&self) -> &[Reached] {
        if let Kind::Any(w) = &self.0 { w } else { &[] }
    }
    /// Each way in by itself, with a rule that reaches no more than this one does.
    pub fn each(&self) -> impl Iterator<Item = (&Reached, Self)> {
        self.ways().iter().map(|w| (w, Self(Kind::Any(vec![w.clone()]))))
    }
    /// The same rule for rows whose field leads to one of these objects: ways through other objects cannot reach them and are left
    /// out, so that a query over few objects does not ask about all.
    #[must_use]
    pub fn leading_to(&self, field: &str, objects: &std::collections::BTreeSet<ObjectName>) -> Self {
        let Kind::Any(ways) = &self.0 else { return self.clone() };
        let mut kept = vec![];
        for w in ways {
            match w {
                Reached::Through { field: f, object, .. } if f == field && !objects.contains(object) => {}
                Reached::All(rules) => {
                    let rules: Vec<Self> = rules.iter().map(|r| r.leading_to(field, objects)).collect();
                    if !rules.iter().any(Self::is_nothing) {
                        kept.push(Reached::All(rules));
                    }
                }
                other => kept.push(other.clone()),
            }
        }
        Self::any(kept)
    }
    /// Rows both rules reach.
    pub(crate) fn both(a: Self, b: Self) -> Self {
        match (&a.0, &b.0) {
            (Kind::Nothing, _) | (_, Kind::Nothing) => Self(Kind::Nothing),
            (Kind::All, _) => b,
            (_, Kind::All) => a,
            _ => Self(Kind::Any(vec![Reached::All(vec![a, b])])),
        }
    }
    pub(crate) fn any(ways: Vec<Reached>) -> Self {
        if ways.is_empty() { Self(Kind::Nothing) } else { Self(Kind::Any(ways)) }
    }
}
