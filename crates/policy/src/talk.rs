//! What people say on records and hear of them: comments, notifications, followers. Their rows follow rules of their own, the same
//! for every role: a comment and a list of followers are read with their record and a comment is changed by its author alone; a
//! notification is read by the person it is for, administrators included, and only while that person sees the record (R-VIS-07).

use rapport_schema::{FieldName, FieldType, Model, ObjectDef, ObjectKind};

use crate::{
    Act, Reach, Reached, RowRule, Scope,
    role::ObjectPerm,
    rows::{candidates, push},
    rule::Kind,
};

/// What people say on a record.
pub const COMMENT: &str = "comment";
/// What a person is told of.
pub const NOTIFICATION: &str = "notification";
/// Who follows a record.
pub const FOLLOWER: &str = "follower";

/// An object with the rules of this module.
#[must_use]
pub fn is_talk(object: &ObjectDef) -> bool {
    matches!(object.name.as_str(), COMMENT | NOTIFICATION | FOLLOWER)
}

/// May records of this object be talked about? What people own, but not what only arranges the page or a job of it.
#[must_use]
pub fn may_be_discussed(object: &ObjectDef) -> bool {
    object.kind == ObjectKind::Ownable && !matches!(object.name.as_str(), "saved_view" | "import_job")
}

/// What any role grants on such an object; which rows is said by [`Scope::talk`].
pub(crate) fn perm(object: &ObjectDef) -> ObjectPerm {
    let said = object.name == COMMENT;
    let write = if said { Reach::Own } else { Reach::None };
    ObjectPerm { create: said, read: Reach::Own, edit: write, delete: write, ..ObjectPerm::default() }
}

/// The field by which it hangs on its record.
const RECORD: &str = "record";

impl Scope {
    /// The rule of an object of this module; none for other objects and for the engine.
    pub(crate) fn talk(&self, act: Act, model: &Model, object: &ObjectDef, depth: u8) -> Option<RowRule> {
        if self.is_system() || !is_talk(object) {
            return None;
        }
        let nothing = RowRule(Kind::Nothing);
        let Some(me) = self.person.user else { return Some(nothing) };
        let admin = self.person.admin;
        if !admin && !self.grant(object).reach(Act::Read).allowed() {
            return Some(nothing);
        }
        let seen = || if admin { RowRule(Kind::All) } else { self.with_record(model, object, depth) };
        let mine = RowRule::any(vec![Reached::Creator(vec![me])]);
        Some(match (object.name.as_str(), act) {
            (COMMENT | FOLLOWER, Act::Read) => seen(),
            (COMMENT, Act::Edit) => RowRule::both(mine, seen()),
            (COMMENT, Act::Delete) if admin => RowRule(Kind::All),
            (COMMENT, Act::Delete) => RowRule::both(mine, seen()),
            (NOTIFICATION, Act::Read) => {
                let to = Reached::Named { field: FieldName::lit("user_id"), users: vec![me] };
                RowRule::both(RowRule::any(vec![to]), seen())
            }
            _ => nothing,
        })
    }

    /// Whoever reads the record it hangs on.
    fn with_record(&self, model: &Model, object: &ObjectDef, depth: u8) -> RowRule {
        let mut ways = vec![];
        if depth < 3
            && let Some(f) = object.field(RECORD)
            && let FieldType::Poly { targets } = &f.ty
        {
            for m in candidates(model, targets, true).filter(|m| may_be_discussed(m)) {
                push(&mut ways, f.name.clone(), m, self.rule_at(Act::Read, model, m, depth + 1));
            }
        }
        RowRule::any(ways)
    }
}
