//! The permission matrix: what a set of roles may do to a record in every relation a caller can have to it (quality.md §2.1).
//! The same relations are built as real records by the tests of the API, so that the model's answer and the server's can be
//! laid side by side.

use std::{fmt::Write, sync::Arc};

use rapport_schema::{DeptId, FieldName, Model, ObjectDef, ObjectKind, ObjectName, RecordId, UserId, Via};

use crate::{
    Act, Grantee, GranteeKind, Grants, Principal, RoleGrants, Scope, ScopeBuilder,
    facts::{Facts, TeamFact},
};

/// How a record stands to the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// The caller owns it.
    Own,
    /// Owned by a colleague of the same department.
    SameDept,
    /// Owned by somebody of a department below.
    DeptBelow,
    /// Owned by somebody of another department.
    OtherDept,
    /// Owned by somebody who reports to the caller, in another department.
    Subordinate,
    /// Of another department, shared with the caller for reading.
    SharedRead,
    /// Of another department, shared with the caller for editing.
    SharedEdit,
    /// Of another department, the caller is in its team for reading.
    TeamRead,
    /// Of another department, the caller is in its team for editing.
    TeamEdit,
    /// Nothing: no owner, no department.
    None,
}

impl Relation {
    /// Every relation.
    pub const ALL: [Self; 10] = [
        Self::Own,
        Self::SameDept,
        Self::DeptBelow,
        Self::OtherDept,
        Self::Subordinate,
        Self::SharedRead,
        Self::SharedEdit,
        Self::TeamRead,
        Self::TeamEdit,
        Self::None,
    ];
}

/// The people and departments of the matrix. The caller is user 1 of department 1; department 2 lies below it, 3 elsewhere; user
/// 2 is a colleague, 3 works below, 4 elsewhere, 5 reports to the caller from department 3.
#[derive(Debug, Clone, Copy)]
pub struct Cast;

impl Cast {
    /// A user by number.
    #[must_use]
    pub fn user(n: u8) -> UserId {
        UserId::of(RecordId::from_bytes([n; 16]))
    }
    /// A department by number.
    #[must_use]
    pub fn dept(n: u8) -> DeptId {
        DeptId::of(RecordId::from_bytes([0xd0 | n; 16]))
    }
    /// The caller's scope under some roles.
    #[must_use]
    pub fn scope(model: &Model, roles: &[Arc<RoleGrants>]) -> Scope {
        ScopeBuilder::person(Self::user(1), "matrix")
            .departments(vec![Self::dept(1)], vec![Self::dept(1), Self::dept(2)])
            .reports(vec![Self::user(5)])
            .grants(Arc::new(Grants::resolve(model, roles)))
            .build(Principal::Local, Via::Api)
    }
    /// A record of an ownable object in a relation to the caller.
    #[must_use]
    pub fn record(relation: Relation) -> Facts {
        let (owner, dept) = match relation {
            Relation::Own => (Some(1), Some(1)),
            Relation::SameDept => (Some(2), Some(1)),
            Relation::DeptBelow => (Some(3), Some(2)),
            Relation::Subordinate => (Some(5), Some(3)),
            Relation::OtherDept | Relation::SharedRead | Relation::SharedEdit | Relation::TeamRead | Relation::TeamEdit => {
                (Some(4), Some(3))
            }
            Relation::None => (None, None),
        };
        let me = Grantee { kind: GranteeKind::User, id: Self::user(1).record() };
        Facts {
            id: Some(RecordId::from_bytes([0xaa; 16])),
            owner: owner.map(Self::user),
            dept: dept.map(Self::dept),
            creator: owner.map(Self::user),
            shared: match relation {
                Relation::SharedRead => vec![(me, false)],
                Relation::SharedEdit => vec![(me, true)],
                _ => vec![],
            },
            team: match relation {
                Relation::TeamRead => vec![TeamFact { user: Self::user(1), edit: false, extends_to: vec![] }],
                Relation::TeamEdit => vec![TeamFact { user: Self::user(1), edit: true, extends_to: vec![] }],
                _ => vec![],
            },
            ..Facts::default()
        }
    }
    /// A child of a record in a relation.
    #[must_use]
    pub fn child(object: &ObjectDef, relation: Relation) -> Option<Facts> {
        let (field, master) = object.master()?;
        Some(Facts::default().with_parent(object.at(field).name.clone(), master.clone(), Self::record(relation)))
    }
}

impl Facts {
    /// The same row with a reference to a parent.
    #[must_use]
    pub fn with_parent(mut self, field: FieldName, object: ObjectName, parent: Self) -> Self {
        self.parents.insert(field, (object, Box::new(parent)));
        self
    }
}

/// Relations an act reaches, in the order of [`Relation::ALL`].
#[must_use]
pub fn reached(scope: &Scope, model: &Model, object: &ObjectDef, act: Act) -> Vec<Relation> {
    let rule = scope.rule(act, model, object);
    Relation::ALL
        .into_iter()
        .filter(|r| match object.kind {
            ObjectKind::Child => Cast::child(object, *r).is_some_and(|f| rule.reaches(&f)),
            ObjectKind::Ownable | ObjectKind::Config | ObjectKind::Log => rule.reaches(&Cast::record(*r)),
        })
        .collect()
}

/// The matrix of one set of roles as text: a line per object that is reached at all, acts with the relations they reach.
#[must_use]
pub fn table(model: &Model, roles: &[Arc<RoleGrants>]) -> String {
    let scope = Cast::scope(model, roles);
    let mut out = String::new();
    if scope.is_admin() {
        out.push_str("administrator\n");
    }
    for object in model.objects.values() {
        let mut cells = vec![];
        if scope.may_on(object, "create") {
            cells.push("create".to_owned());
        }
        if scope.may_on(object, "import") {
            cells.push("import".to_owned());
        }
        for act in Act::ALL {
            let relations = reached(&scope, model, object, act);
            if relations.len() == Relation::ALL.len() {
                cells.push(format!("{}: all", act.name()));
            } else if !relations.is_empty() {
                cells.push(format!(
                    "{}: {}",
                    act.name(),
                    relations.iter().map(|r| format!("{r:?}")).collect::<Vec<_>>().join(" ")
                ));
            }
        }
        let also: Vec<&str> = scope.grant(object).rights().collect();
        if !also.is_empty() {
            cells.push(format!("also: {}", also.join(" ")));
        }
        let fields = |want: fn(crate::FieldRight) -> bool| {
            object
                .live()
                .filter(|(_, f)| want(scope.field(object, &f.name, false)))
                .map(|(_, f)| f.name.to_string())
                .collect::<Vec<_>>()
                .join(" ")
        };
        if cells.is_empty() {
            continue;
        }
        for (word, names) in [("hidden", fields(|r| !r.visible())), ("masked", fields(|r| r.mask().is_some()))] {
            if !names.is_empty() {
                cells.push(format!("{word}: {names}"));
            }
        }
        let _ = writeln!(out, "{}\n  {}", object.name, cells.join("\n  "));
    }
    let functions: Vec<&str> = scope.functions().collect();
    if !functions.is_empty() {
        let _ = writeln!(out, "functions: {}", functions.join(" "));
    }
    out
}
