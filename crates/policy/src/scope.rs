//! The reach of one caller. What belongs to the person is worked out once and shared; what belongs to the door (session, token,
//! import) is laid over it per request.

use std::{collections::BTreeSet, sync::Arc};

use rapport_schema::{Actor, DeptId, FieldName, Locale, ObjectDef, ObjectKind, RecordId, SessionId, TokenId, UserId, Via};
use smol_str::SmolStr;

use crate::{Act, FieldRight, Grants, ObjectGrant, PoolView, resolve};

/// How the caller came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Principal {
    /// A browser session.
    Session(SessionId),
    /// An administrator's session that looks as this person: it reads what the person reads, and writes nothing.
    View {
        /// The administrator's session.
        session: SessionId,
        /// The administrator.
        by: UserId,
    },
    /// An API token.
    Token(TokenId),
    /// The command line on the machine itself.
    Local,
    /// The engine.
    System(Reason),
}

/// Why the engine acts by itself. Every use is listed by `xtask tidy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// First start: shipped records.
    Setup,
    /// Sign-in, sessions, people, before anybody is known.
    Authentication,
    /// Derived data: rollups, search, caches.
    Derive,
    /// Sample data of a demo workspace.
    Sample,
    /// A scheduled job.
    Job,
    /// An administrator's command on the machine itself.
    CommandLine,
    /// Duplicate check over records the caller may not see (R-DUP-03).
    Duplicates,
}

/// Configurable rules of visibility (⚙ of R-VIS), the same for everybody of a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switches {
    /// `access.manager_line`: a superior reads what the people below own (R-VIS-08).
    pub manager_line: bool,
    /// `access.follow_account`: contacts, follow-ups and notes are readable with their account or target (R-VIS-05).
    pub follow_account: bool,
    /// `access.parent_account`: who reads a parent account reads its direct children (R-VIS-05).
    pub parent_account: bool,
}
impl Default for Switches {
    fn default() -> Self {
        Self { manager_line: true, follow_account: true, parent_account: false }
    }
}

/// A dotted or deputy line valid now (R-VIS-08).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub users: Vec<UserId>,
    pub objects: Vec<SmolStr>,
    pub edit: bool,
    pub counts_as_report: bool,
}

/// What belongs to the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub user: Option<UserId>,
    pub name: SmolStr,
    pub locale: Locale,
    pub admin: bool,
    pub grants: Arc<Grants>,
    pub depts: Vec<DeptId>,
    pub dept_tree: Vec<DeptId>,
    pub reports: Vec<UserId>,
    pub lines: Vec<Line>,
    pub teams: Vec<RecordId>,
    pub roles: Vec<RecordId>,
    pub role_codes: Vec<SmolStr>,
    pub switches: Switches,
}

/// What one caller may reach. Cheap to clone. Made only by `access` (through [`ScopeBuilder`]) or [`SystemScope`].
#[derive(Debug, Clone)]
pub struct Scope {
    pub(crate) person: Arc<Person>,
    principal: Principal,
    via: Via,
    /// Token scopes: none = everything the person may.
    narrowed: Option<Arc<BTreeSet<SmolStr>>>,
    /// The public pool the caller looks into.
    pub(crate) pool: Option<Arc<PoolView>>,
}

/// Collects what `access` read about a person.
#[derive(Debug, Clone)]
pub struct ScopeBuilder(Person);

impl ScopeBuilder {
    /// A person.
    #[must_use]
    pub fn person(user: UserId, name: &str) -> Self {
        Self(Person {
            user: Some(user),
            name: SmolStr::new(name),
            locale: Locale::default(),
            admin: false,
            grants: Arc::default(),
            depts: vec![],
            dept_tree: vec![],
            reports: vec![],
            lines: vec![],
            teams: vec![],
            roles: vec![],
            role_codes: vec![],
            switches: Switches::default(),
        })
    }
    /// Language of the person.
    #[must_use]
    pub fn locale(mut self, l: Locale) -> Self {
        self.0.locale = l;
        self
    }
    /// Union of roles and permission sets; [`crate::role::ADMIN`] among the functions makes an administrator (R-VIS-01).
    #[must_use]
    pub fn grants(mut self, g: Arc<Grants>) -> Self {
        self.0.admin = g.may(crate::role::ADMIN);
        self.0.grants = g;
        self
    }
    /// Main and other departments, and all departments in their subtrees (themselves included).
    #[must_use]
    pub fn departments(mut self, own: Vec<DeptId>, tree: Vec<DeptId>) -> Self {
        self.0.depts = own;
        self.0.dept_tree = tree;
        self
    }
    /// Everyone below in the solid reporting line (R-VIS-03, R-VIS-08).
    #[must_use]
    pub fn reports(mut self, users: Vec<UserId>) -> Self {
        self.0.reports = users;
        self
    }
    /// A dotted line valid now: the person reported by, objects (empty = all), with edit. Counts for `own_sub` (R-VIS-08).
    #[must_use]
    pub fn dotted(mut self, user: UserId, objects: Vec<SmolStr>, edit: bool) -> Self {
        self.0.lines.push(Line { users: vec![user], objects, edit, counts_as_report: true });
        self
    }
    /// A deputy line valid now: everyone below the superior who is stood in for (R-VIS-08).
    #[must_use]
    pub fn deputy(mut self, below: Vec<UserId>, objects: Vec<SmolStr>, edit: bool) -> Self {
        self.0.lines.push(Line { users: below, objects, edit, counts_as_report: false });
        self
    }
    /// Teams and roles the person is part of: what may be shared with.
    #[must_use]
    pub fn member_of(mut self, teams: Vec<RecordId>, roles: Vec<RecordId>) -> Self {
        self.0.teams = teams;
        self.0.roles = roles;
        self
    }
    /// Codes of the person's roles: what arrangements of pages are for.
    #[must_use]
    pub fn role_codes(mut self, codes: Vec<SmolStr>) -> Self {
        self.0.role_codes = codes;
        self
    }
    /// The workspace's switches.
    #[must_use]
    pub fn switches(mut self, s: Switches) -> Self {
        self.0.switches = s;
        self
    }
    /// The finished scope, through a door.
    #[must_use]
    pub fn build(self, principal: Principal, via: Via) -> Scope {
        Scope { person: Arc::new(self.0), principal, via, narrowed: None, pool: None }
    }
}

/// The named escape hatch: the engine acting by itself.
#[derive(Debug)]
pub struct SystemScope;
impl SystemScope {
    /// A scope that reaches everything, with the reason why.
    #[must_use]
    pub fn because(reason: Reason) -> Scope {
        let mut b = ScopeBuilder::person(UserId::of(RecordId::from_bytes([0; 16])), "");
        b.0.user = None;
        b.0.admin = true;
        b.build(Principal::System(reason), Via::System)
    }
}

impl Scope {
    /// The same person through another door. A narrowing stays: it can only become narrower.
    #[must_use]
    pub fn admit(&self, principal: Principal, via: Via, narrowed: Option<Arc<BTreeSet<SmolStr>>>) -> Self {
        let narrowed = match (&self.narrowed, narrowed) {
            (None, n) => n,
            (o @ Some(_), None) => o.clone(),
            // Only words both have: what one of them means by `*` is lost, never gained.
            (Some(a), Some(b)) => Some(Arc::new(a.intersection(&b).cloned().collect())),
        };
        // Nobody becomes the engine by walking through a door.
        let principal = if matches!(principal, Principal::System(_)) { self.principal } else { principal };
        Self { person: self.person.clone(), principal, via, narrowed, pool: self.pool.clone() }
    }
    /// The same caller through another door (an import runs as the person, `via` import).
    #[must_use]
    pub fn through(&self, via: Via) -> Self {
        Self { via, ..self.clone() }
    }
    pub(crate) fn with_pool(&self, pool: Option<Arc<PoolView>>) -> Self {
        Self { pool, ..self.clone() }
    }
    /// Both scopes rest on the same rights of the same person.
    #[must_use]
    pub fn same_rights(&self, o: &Self) -> bool {
        (Arc::ptr_eq(&self.person, &o.person) || self.person == o.person) && self.narrowed == o.narrowed && self.pool == o.pool
    }
    /// What the roles grant, one for everybody with the same roles; none for the engine and for a token that narrows it. Two
    /// scopes that share it may use the model alike.
    #[must_use]
    pub fn shared_grants(&self) -> Option<&Arc<Grants>> {
        (self.narrowed.is_none() && self.pool.is_none() && !self.is_system()).then_some(&self.person.grants)
    }
    /// The person; none for the engine.
    #[must_use]
    pub fn user(&self) -> Option<UserId> {
        self.person.user
    }
    /// The person's name.
    #[must_use]
    pub fn user_name(&self) -> &str {
        &self.person.name
    }
    /// How the caller came in.
    #[must_use]
    pub fn principal(&self) -> Principal {
        self.principal
    }
    /// For the change log: who acts. Whoever looks as somebody else acts as oneself.
    #[must_use]
    pub fn actor(&self) -> Actor {
        let user = if let Principal::View { by, .. } = self.principal { Some(by) } else { self.person.user };
        Actor { user, via: self.via }
    }
    /// Language.
    #[must_use]
    pub fn locale(&self) -> Locale {
        self.person.locale
    }
    /// Administrator or engine, not through a narrowed token.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.person.admin && self.narrowed.is_none()
    }
    /// Somebody else looks as this person: nothing is written through this scope.
    #[must_use]
    pub fn is_view(&self) -> bool {
        matches!(self.principal, Principal::View { .. })
    }
    /// The engine itself.
    #[must_use]
    pub fn is_system(&self) -> bool {
        matches!(self.principal, Principal::System(_))
    }
    /// Own departments.
    #[must_use]
    pub fn depts(&self) -> &[DeptId] {
        &self.person.depts
    }
    /// Own departments and those below.
    #[must_use]
    pub fn dept_tree(&self) -> &[DeptId] {
        &self.person.dept_tree
    }
    /// People below in the solid reporting line.
    #[must_use]
    pub fn reports(&self) -> &[UserId] {
        &self.person.reports
    }
    /// Ids of the caller's roles.
    #[must_use]
    pub fn roles(&self) -> &[RecordId] {
        &self.person.roles
    }
    /// The caller has a role of this code.
    #[must_use]
    pub fn has_role(&self, code: &str) -> bool {
        self.person.role_codes.iter().any(|c| c == code)
    }
    /// Ids of the caller's teams.
    #[must_use]
    pub fn teams(&self) -> &[RecordId] {
        &self.person.teams
    }
    /// A function permission (R-VIS-02): `import.set_state`, `duplicate.override` … A narrowed token must name it (`*:admin`).
    #[must_use]
    pub fn may(&self, function: &str) -> bool {
        (self.person.admin || self.person.grants.may(function)) && self.narrow_allows("*", function)
    }
    /// Function permissions by name; an administrator has all and lists `admin` only.
    pub fn functions(&self) -> impl Iterator<Item = &str> {
        self.person.grants.functions().filter(|f| self.may(f))
    }
    /// A right on an object: an act (`read`, `edit` …: allowed on some record at least), `create`, `import`, or a further right
    /// (`merge`, `share`, `convert` …).
    #[must_use]
    pub fn may_on(&self, object: &ObjectDef, right: &str) -> bool {
        let reads = matches!(right, "read" | "export");
        // Nothing is written through a look into a pool.
        if self.pool.is_some() && right != "read" {
            return false;
        }
        if !self.narrow_allows(&object.name, if reads { "read" } else { "write" }) {
            return false;
        }
        if object.kind == ObjectKind::Log && !reads && !self.is_system() {
            return false;
        }
        if self.person.admin {
            return true;
        }
        let g = self.grant(object);
        match right {
            "create" => g.create(),
            "import" => g.import(),
            "read" => g.reach(Act::Read).allowed(),
            "edit" => g.reach(Act::Edit).allowed(),
            "delete" => g.reach(Act::Delete).allowed(),
            "transfer" => g.reach(Act::Transfer).allowed(),
            "export" => g.reach(Act::Export).allowed(),
            other => g.also(other),
        }
    }
    /// Whether a narrowed token covers `need` (`read`, `write` or a function) on an object.
    pub(crate) fn narrow_allows(&self, object: &str, need: &str) -> bool {
        let Some(n) = &self.narrowed else { return true };
        let hit = |o: &str, w: &str| n.iter().any(|s| s.split_once(':') == Some((o, w)));
        [object, "*"].iter().any(|o| hit(o, need) || hit(o, "*") || (need == "read" && hit(o, "write")))
    }
    /// The grant on an object. Administrators have no grants and need none.
    #[must_use]
    pub fn grant(&self, object: &ObjectDef) -> &ObjectGrant {
        self.person.grants.object(&object.name)
    }

    /// What the caller may do with a field (R-FLS-01 to R-FLS-03). `own` = the caller owns the record or edits it through its
    /// team (or is making it), and so sees plain values.
    #[must_use]
    pub fn field(&self, object: &ObjectDef, field: &FieldName, own: bool) -> FieldRight {
        let Some(def) = object.field(field).filter(|f| !f.retired) else { return FieldRight::Hidden };
        let right = if self.is_system() {
            FieldRight::Edit
        } else if self.person.admin {
            resolve::ceiling(object, def)
        } else {
            self.grant(object).field(field, own && self.pool.is_none())
        };
        let right = self.in_pool(object, def, right);
        if !self.narrow_allows(&object.name, "read") {
            FieldRight::Hidden
        } else if self.narrow_allows(&object.name, "write") {
            right
        } else {
            right.and(FieldRight::Read)
        }
    }
}
