//! Acts, reaches and field rights: the words in which roles grant. No denials: the union counts, the most permissive wins
//! (R-VIS-01).

use rapport_schema::MaskKind;
use serde::{Deserialize, Serialize};

/// Acts on records that a role allows with a reach (R-VIS-02).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// See.
    Read,
    /// Change.
    Edit,
    /// Put in the recycle bin, restore.
    Delete,
    /// Give to another owner.
    Transfer,
    /// Take out as a file.
    Export,
}

impl Act {
    /// Every act.
    pub const ALL: [Self; 5] = [Self::Read, Self::Edit, Self::Delete, Self::Transfer, Self::Export];

    /// Leaves the record as it is.
    #[must_use]
    pub const fn only_reads(self) -> bool {
        matches!(self, Self::Read | Self::Export)
    }
    /// Its name in roles and refusals.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Edit => "edit",
            Self::Delete => "delete",
            Self::Transfer => "transfer",
            Self::Export => "export",
        }
    }
}

/// How far an act reaches (R-VIS-02). `own_sub` and `dept` do not include one another, so this is a lattice and not a scale:
/// [`Reach::or`] is what two grants give together, [`Reach::and`] what both give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// The act is not allowed at all.
    #[default]
    None,
    /// Allowed, but only on what a team, a share, a reporting line or a master gives.
    Team,
    /// 本人: and on records the caller owns.
    Own,
    /// 本人及下属: and on those of the people below.
    OwnSub,
    /// 本部门: own records and those of the caller's departments.
    Dept,
    /// 本部门及下级: and of the departments below.
    DeptTree,
    /// `own_sub` and `dept` from two roles.
    OwnSubDept,
    /// `own_sub` and `dept_tree` from two roles.
    OwnSubDeptTree,
    /// 全部.
    All,
}

/// A reach taken apart: levels of people (0 nobody, 1 me, 2 and those below) and of departments (0 none, 1 mine, 2 and those
/// below).
#[derive(Clone, Copy)]
struct Parts {
    allowed: bool,
    people: u8,
    depts: u8,
    all: bool,
}

impl Reach {
    /// Every reach.
    pub const ALL: [Self; 9] = [
        Self::None,
        Self::Team,
        Self::Own,
        Self::OwnSub,
        Self::Dept,
        Self::DeptTree,
        Self::OwnSubDept,
        Self::OwnSubDeptTree,
        Self::All,
    ];

    const fn parts(self) -> Parts {
        let (allowed, people, depts, all) = match self {
            Self::None => (false, 0, 0, false),
            Self::Team => (true, 0, 0, false),
            Self::Own => (true, 1, 0, false),
            Self::OwnSub => (true, 2, 0, false),
            Self::Dept => (true, 1, 1, false),
            Self::DeptTree => (true, 1, 2, false),
            Self::OwnSubDept => (true, 2, 1, false),
            Self::OwnSubDeptTree => (true, 2, 2, false),
            Self::All => (true, 2, 2, true),
        };
        Parts { allowed, people, depts, all }
    }
    const fn of(p: Parts) -> Self {
        if p.all {
            return Self::All;
        }
        match (p.allowed, p.people, p.depts) {
            (false, _, _) => Self::None,
            (true, 0, 0) => Self::Team,
            (true, 1, 0) => Self::Own,
            (true, _, 0) => Self::OwnSub,
            (true, 0 | 1, 1) => Self::Dept,
            (true, 0 | 1, _) => Self::DeptTree,
            (true, _, 1) => Self::OwnSubDept,
            (true, _, _) => Self::OwnSubDeptTree,
        }
    }
    /// What two grants reach together.
    #[must_use]
    pub const fn or(self, o: Self) -> Self {
        let (a, b) = (self.parts(), o.parts());
        Self::of(Parts {
            allowed: a.allowed || b.allowed,
            people: max(a.people, b.people),
            depts: max(a.depts, b.depts),
            all: a.all || b.all,
        })
    }
    /// What both reach.
    #[must_use]
    pub const fn and(self, o: Self) -> Self {
        let (a, b) = (self.parts(), o.parts());
        Self::of(Parts {
            allowed: a.allowed && b.allowed,
            people: min(a.people, b.people),
            depts: min(a.depts, b.depts),
            all: a.all && b.all,
        })
    }
    /// Reaches at least what the other reaches.
    #[must_use]
    pub fn includes(self, o: Self) -> bool {
        self.or(o) == self
    }
    /// The act is allowed on some records at least.
    #[must_use]
    pub const fn allowed(self) -> bool {
        self.parts().allowed
    }
    /// The caller's own records are in.
    #[must_use]
    pub const fn own(self) -> bool {
        self.parts().people >= 1
    }
    /// Records of the people below are in by scope.
    #[must_use]
    pub const fn reports(self) -> bool {
        self.parts().people >= 2
    }
    /// Records of the caller's departments are in.
    #[must_use]
    pub const fn depts(self) -> bool {
        self.parts().depts == 1
    }
    /// Records of the caller's departments and those below are in.
    #[must_use]
    pub const fn dept_tree(self) -> bool {
        self.parts().depts >= 2
    }
}

const fn max(a: u8, b: u8) -> u8 {
    if a > b { a } else { b }
}
const fn min(a: u8, b: u8) -> u8 {
    if a < b { a } else { b }
}

/// What a caller may do with one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldRight {
    /// Not there: not returned, filtered, sorted, grouped, exported.
    Hidden,
    /// Seen through a mask; filtered by the exact full value only, not sorted, not grouped, not written (R-FLS-03).
    Masked(MaskKind),
    /// Seen.
    Read,
    /// Seen and changed.
    Edit,
}

impl FieldRight {
    const fn rank(self) -> u8 {
        match self {
            Self::Hidden => 0,
            Self::Masked(_) => 1,
            Self::Read => 2,
            Self::Edit => 3,
        }
    }
    /// The more permissive of two.
    #[must_use]
    pub const fn or(self, o: Self) -> Self {
        if self.rank() >= o.rank() { self } else { o }
    }
    /// The less permissive of two.
    #[must_use]
    pub const fn and(self, o: Self) -> Self {
        if self.rank() <= o.rank() { self } else { o }
    }
    /// Gives at least what the other gives.
    #[must_use]
    pub const fn includes(self, o: Self) -> bool {
        self.rank() >= o.rank()
    }
    /// May be seen at all.
    #[must_use]
    pub const fn visible(self) -> bool {
        !matches!(self, Self::Hidden)
    }
    /// May be seen as it is: sorted, grouped, searched, filtered with any operator (R-FLS-01, R-FLS-03).
    #[must_use]
    pub const fn plain(self) -> bool {
        matches!(self, Self::Read | Self::Edit)
    }
    /// May be written.
    #[must_use]
    pub const fn writable(self) -> bool {
        matches!(self, Self::Edit)
    }
    /// The mask it is seen through.
    #[must_use]
    pub const fn mask(self) -> Option<MaskKind> {
        if let Self::Masked(m) = self { Some(m) } else { None }
    }
}
