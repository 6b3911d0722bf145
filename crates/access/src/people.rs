//! People as read from their records: departments, users, roles, teams, reporting lines. Pure: records in, answers out.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use jiff::civil::Date;
use parking_lot::RwLock;
use rapport_policy::{Grants, Principal, RoleGrants, Scope, ScopeBuilder, Switches, role};
use rapport_schema::{DeptId, Locale, Model, ObjectDef, Record, RecordId, UserId, Value, Via};
use rapport_text::unique_key;
use smol_str::SmolStr;

use crate::{
    pools::{Pool, RecycleRule},
    tree::{self, Tree},
};

/// Objects this crate reads. A change to one of them drops the directory.
pub const OBJECTS: [&str; 9] =
    ["department", "user", "role", "permission_set", "team", "reporting_line", "setting", "pool", "pool_rule"];

/// A department.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Department {
    /// Name.
    pub name: SmolStr,
    /// Parent.
    pub parent: Option<DeptId>,
    /// Who leads it.
    pub manager: Option<UserId>,
    /// May be chosen.
    pub enabled: bool,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Name.
    pub name: SmolStr,
    /// Username.
    pub username: SmolStr,
    /// E-mail as typed.
    pub email: Option<SmolStr>,
    /// `invited`, `active`, `disabled`, `left`.
    pub status: SmolStr,
    /// `internal`, `portal`, `partner`, `api`.
    pub kind: SmolStr,
    /// Language.
    pub locale: Locale,
    /// Main department.
    pub main_dept: Option<DeptId>,
    /// Main department first, then the others.
    pub depts: Vec<DeptId>,
    /// Manager.
    pub manager: Option<UserId>,
    /// Roles given.
    pub roles: Vec<RecordId>,
    /// Permission sets given.
    pub sets: Vec<RecordId>,
    phone: Option<SmolStr>,
}

impl User {
    /// May sign in and act.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status == "active"
    }
    /// Words their password must not be made of.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let mut w = vec![self.name.to_string(), self.username.to_string()];
        w.extend(self.email.iter().filter_map(|e| e.split('@').next()).map(str::to_owned));
        w.extend(self.phone.iter().map(|p| p.trim_start_matches("+86").to_owned()));
        w.push(rapport_text::pinyin::joined(&self.name));
        w
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Role {
    code: SmolStr,
    grants: Arc<RoleGrants>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct PermissionSet {
    grants: Arc<RoleGrants>,
    expires_on: Option<Date>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct ReportingLine {
    user: UserId,
    deputy: bool,
    objects: Vec<SmolStr>,
    edit: bool,
    from: Option<Date>,
    to: Option<Date>,
}

impl ReportingLine {
    /// Both ends included (domain model §0): a line ends by itself, no job has to run (R-VIS-08).
    fn valid(&self, today: Date) -> bool {
        self.from.is_none_or(|f| f <= today) && self.to.is_none_or(|t| today <= t)
    }
}

/// Records of the objects in [`OBJECTS`], in that order.
#[derive(Debug, Default)]
pub struct Source<'r> {
    /// Live records per object name.
    pub records: HashMap<&'r str, Vec<Record>>,
}

/// Everybody of a workspace at one moment. Scopes built from it are kept in it and go with it.
#[derive(Debug)]
pub struct Directory {
    pub(crate) model: Arc<Model>,
    depts: HashMap<DeptId, Department>,
    tree: Tree<DeptId>,
    users: HashMap<UserId, User>,
    line: Tree<UserId>,
    roles: HashMap<RecordId, Role>,
    internal: Option<RecordId>,
    sets: HashMap<RecordId, PermissionSet>,
    teams: HashMap<UserId, Vec<RecordId>>,
    lines: HashMap<UserId, Vec<ReportingLine>>,
    logins: HashMap<String, Option<UserId>>,
    settings: HashMap<SmolStr, serde_json::Value>,
    pools: Vec<Pool>,
    switches: Switches,
    resolved: RwLock<HashMap<Vec<RecordId>, Arc<Grants>>>,
    scopes: RwLock<HashMap<(UserId, Date), Scope>>,
}

impl Directory {
    /// Reads the records. What cannot be understood grants nothing and is reported in the log.
    #[must_use]
    pub fn read(model: Arc<Model>, source: &Source<'_>) -> Self {
        let rows = |name: &str| -> Vec<(Arc<ObjectDef>, &Record)> {
            let Some(def) = model.object(name) else { return vec![] };
            source.records.get(name).into_iter().flatten().filter(|r| r.deleted_at.is_none()).map(|r| (def.clone(), r)).collect()
        };
        let mut depts = HashMap::new();
        for (d, r) in rows("department") {
            let enabled = !matches!(r.get(&d, "enabled"), Value::Bool(false));
            depts.insert(
                DeptId::of(r.id),
                Department {
                    name: text(&d, r, "name"),
                    parent: id(&d, r, "parent_id").map(DeptId::of),
                    manager: id(&d, r, "manager_id").map(UserId::of),
                    enabled,
                },
            );
        }
        let tree = Tree::new(depts.iter().filter_map(|(k, d)| Some((*k, d.parent?))));
        let mut users = HashMap::new();
        for (d, r) in rows("user") {
            users.insert(UserId::of(r.id), user(&d, r));
        }
        let line = Tree::new(users.iter().filter_map(|(k, u)| Some((*k, u.manager?))));
        let mut roles = HashMap::new();
        for (d, r) in rows("role") {
            let code = text(&d, r, "code");
            let grants = RoleGrants::parse(
                &json(&d, r, "object_perms"),
                Some(&json(&d, r, "field_perms")),
                Some(&json(&d, r, "functions")),
            );
            roles.insert(r.id, Role { grants: Arc::new(readable(grants, "role", r.id)), code });
        }
        let internal = roles.iter().find(|(_, r)| r.code == role::INTERNAL).map(|(id, _)| *id);
        let mut sets = HashMap::new();
        for (d, r) in rows("permission_set") {
            let grants = Arc::new(readable(RoleGrants::parse_set(&json(&d, r, "grants")), "permission_set", r.id));
            sets.insert(r.id, PermissionSet { grants, expires_on: date(&d, r, "expires_on") });
        }
        let mut teams: HashMap<UserId, Vec<RecordId>> = HashMap::new();
        for (d, r) in rows("team") {
            let mut members: BTreeSet<UserId> = ids(&d, r, "members").into_iter().map(UserId::of).collect();
            members.extend(id(&d, r, "leader_id").map(UserId::of));
            for m in members {
                teams.entry(m).or_default().push(r.id);
            }
        }
        let mut lines: HashMap<UserId, Vec<ReportingLine>> = HashMap::new();
        for (d, r) in rows("reporting_line") {
            let (Some(user), Some(superior)) = (id(&d, r, "user_id"), id(&d, r, "superior_id")) else { continue };
            let objects = match json(&d, r, "objects") {
                serde_json::Value::Array(a) => a.iter().filter_map(|v| v.as_str()).map(SmolStr::new).collect(),
                _ => vec![],
            };
            lines.entry(UserId::of(superior)).or_default().push(ReportingLine {
                user: UserId::of(user),
                deputy: text(&d, r, "kind") == "deputy",
                objects,
                edit: text(&d, r, "access") == "edit",
                from: date(&d, r, "valid_from"),
                to: date(&d, r, "valid_to"),
            });
        }
        let mut settings = HashMap::new();
        for (d, r) in rows("setting") {
            // Settings of one department, role or user are not the workspace's.
            if r.get(&d, "scope").is_empty() {
                settings.insert(text(&d, r, "key"), json(&d, r, "value"));
            }
        }
        let mut pools: Vec<Pool> = rows("pool").into_iter().map(|(d, r)| Pool::read(&d, r)).collect();
        for (pool, rule) in rows("pool_rule").into_iter().filter_map(|(d, r)| RecycleRule::read(&d, r)) {
            if let Some(p) = pools.iter_mut().find(|p| p.id == pool) {
                p.rules.push(rule);
            }
        }
        let on = |key: &str, default: bool| settings.get(key).and_then(serde_json::Value::as_bool).unwrap_or(default);
        let d = Switches::default();
        let switches = Switches {
            manager_line: on("access.manager_line", d.manager_line),
            follow_account: on("access.follow_account", d.follow_account),
            parent_account: on("access.parent_account", d.parent_account),
        };
        Self {
            logins: logins(&users),
            depts,
            tree,
            users,
            line,
            roles,
            internal,
            sets,
            teams,
            lines,
            settings,
            pools,
            switches,
            model,
            resolved: RwLock::default(),
            scopes: RwLock::default(),
        }
    }

    /// Version of the model the grants were laid over.
    #[must_use]
    pub fn model_version(&self) -> u64 {
        self.model.version
    }
    /// A person.
    #[must_use]
    pub fn user(&self, id: UserId) -> Option<&User> {
        self.users.get(&id)
    }
    /// Everybody, in no order.
    pub fn users(&self) -> impl Iterator<Item = (UserId, &User)> {
        self.users.iter().map(|(k, v)| (*k, v))
    }
    /// A department.
    #[must_use]
    pub fn department(&self, id: DeptId) -> Option<&Department> {
        self.depts.get(&id)
    }
    /// All departments, in no order.
    pub fn departments(&self) -> impl Iterator<Item = (DeptId, &Department)> {
        self.depts.iter().map(|(k, v)| (*k, v))
    }
    /// A department and all below it.
    #[must_use]
    pub fn subtree(&self, dept: DeptId) -> Vec<DeptId> {
        let mut v = vec![dept];
        v.extend(self.tree.below(dept, usize::MAX));
        v
    }
    /// A department and those above it, nearest first.
    pub fn above(&self, dept: DeptId) -> impl Iterator<Item = DeptId> {
        self.tree.line(dept).into_iter()
    }
    /// The path of a department from its root.
    #[must_use]
    pub fn path(&self, dept: DeptId) -> String {
        let mut names: Vec<&str> =
            self.tree.line(dept).iter().filter_map(|d| self.depts.get(d)).map(|d| d.name.as_str()).collect();
        names.reverse();
        tree::path(&names)
    }
    /// Everyone below in the solid line (R-VIS-03), nearest first.
    #[must_use]
    pub fn reports(&self, user: UserId) -> Vec<UserId> {
        self.line.below(user, tree::MAX_DEPTH)
    }
    /// The solid line upwards: the person first.
    #[must_use]
    pub fn managers(&self, user: UserId) -> Vec<UserId> {
        self.line.line(user)
    }
    /// A workspace setting (R-… `area.key`).
    #[must_use]
    pub fn setting(&self, key: &str) -> Option<&serde_json::Value> {
        self.settings.get(key)
    }
    /// Every live pool, in no order.
    #[must_use]
    pub fn pools(&self) -> &[Pool] {
        &self.pools
    }
    /// The id of a role by code.
    #[must_use]
    pub fn role(&self, code: &str) -> Option<RecordId> {
        self.roles.iter().find(|(_, r)| r.code == code).map(|(id, _)| *id)
    }
    /// Finds who signs in by username, e-mail or mobile. A login two people could mean belongs to nobody.
    #[must_use]
    pub fn find(&self, login: &str) -> Option<UserId> {
        self.logins.get(&login_key(login)).copied().flatten()
    }
    /// Names a password must not be made of: company, product, person.
    #[must_use]
    pub fn words(&self, user: Option<UserId>) -> Vec<String> {
        let mut w: Vec<String> = ["rapport", "睿客"].map(str::to_owned).into();
        w.extend(self.setting("organisation.name").and_then(serde_json::Value::as_str).map(str::to_owned));
        w.extend(self.depts.values().filter(|d| d.parent.is_none()).map(|d| d.name.to_string()));
        w.extend(user.and_then(|u| self.users.get(&u)).into_iter().flat_map(User::words));
        w
    }
    /// Has a role whose functions hold `admin`, by role or by permission set valid on `today`.
    #[must_use]
    pub fn is_admin(&self, user: &User, today: Date) -> bool {
        self.grant_keys(user, today).iter().any(|k| self.lines_of(*k).is_some_and(|g| g.is_admin()))
    }
    /// Active administrators.
    pub fn admins(&self, today: Date) -> impl Iterator<Item = UserId> {
        self.users().filter(move |(_, u)| u.is_active() && self.is_admin(u, today)).map(|(id, _)| id)
    }

    fn lines_of(&self, key: RecordId) -> Option<&Arc<RoleGrants>> {
        self.roles.get(&key).map(|r| &r.grants).or_else(|| self.sets.get(&key).map(|s| &s.grants))
    }
    /// Roles and permission sets that count today, sorted: the key of their union.
    fn grant_keys(&self, user: &User, today: Date) -> Vec<RecordId> {
        let mut keys: Vec<RecordId> = user.roles.iter().filter(|r| self.roles.contains_key(r)).copied().collect();
        keys.extend(
            user.sets.iter().filter(|s| self.sets.get(s).is_some_and(|s| s.expires_on.is_none_or(|e| today <= e))).copied(),
        );
        keys.extend(self.internal.filter(|_| user.kind == "internal"));
        keys.sort_unstable();
        keys.dedup();
        keys
    }
    fn grants(&self, keys: Vec<RecordId>) -> Arc<Grants> {
        if let Some(g) = self.resolved.read().get(&keys) {
            return g.clone();
        }
        let lines: Vec<Arc<RoleGrants>> = keys.iter().filter_map(|k| self.lines_of(*k).cloned()).collect();
        let grants = Arc::new(Grants::resolve(&self.model, &lines));
        self.resolved.write().entry(keys).or_insert(grants).clone()
    }

    /// The scope of an active person on a day of the organisation's calendar; none when unknown or not active.
    #[must_use]
    pub fn scope(&self, id: UserId, today: Date) -> Option<Scope> {
        if let Some(s) = self.scopes.read().get(&(id, today)) {
            return Some(s.clone());
        }
        let user = self.users.get(&id).filter(|u| u.is_active())?;
        let keys = self.grant_keys(user, today);
        let mut below: Vec<DeptId> = user.depts.iter().flat_map(|d| self.subtree(*d)).collect();
        below.sort_unstable();
        below.dedup();
        let mut b = ScopeBuilder::person(id, &user.name)
            .locale(user.locale)
            .departments(user.depts.clone(), below)
            .reports(self.reports(id))
            .member_of(
                self.teams.get(&id).cloned().unwrap_or_default(),
                keys.iter().filter(|k| self.roles.contains_key(k)).copied().collect(),
            )
            .role_codes(keys.iter().filter_map(|k| self.roles.get(k)).map(|r| r.code.clone()).collect())
            .switches(self.switches)
            .grants(self.grants(keys));
        for l in self.lines.get(&id).into_iter().flatten().filter(|l| l.valid(today) && l.user != id) {
            b = if l.deputy {
                // What the superior's own line allows: the people below, not the superior, and nobody's dotted lines.
                let below: Vec<UserId> = self.reports(l.user).into_iter().filter(|u| *u != id).collect();
                b.deputy(below, l.objects.clone(), l.edit)
            } else {
                b.dotted(l.user, l.objects.clone(), l.edit)
            };
        }
        let scope = b.build(Principal::Local, Via::System);
        let mut kept = self.scopes.write();
        if kept.keys().next().is_some_and(|(_, day)| *day != today) {
            kept.clear();
        }
        Some(kept.entry((id, today)).or_insert(scope).clone())
    }
}

/// Keys a person may sign in with.
fn logins(users: &HashMap<UserId, User>) -> HashMap<String, Option<UserId>> {
    let mut map: HashMap<String, Option<UserId>> = HashMap::new();
    for (id, u) in users {
        let keys: HashSet<String> = [Some(&u.username), u.email.as_ref(), u.phone.as_ref()]
            .into_iter()
            .flatten()
            .filter(|k| !k.is_empty())
            .map(|k| login_key(k))
            .collect();
        for k in keys {
            map.entry(k).and_modify(|e| *e = e.filter(|o| o == id)).or_insert(Some(*id));
        }
    }
    map
}

/// One form for everything that may be typed as a login: e-mail and username without case, Chinese mobiles with or without
/// country code and spaces.
#[must_use]
pub fn login_key(login: &str) -> String {
    let key = unique_key(login);
    let number: String = key.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
    let digits = number.strip_prefix('+').unwrap_or(&number);
    if digits.len() < 7 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return key;
    }
    let national = if digits.len() == 13 { digits.strip_prefix("86").unwrap_or(digits) } else { digits };
    national.to_owned()
}

fn readable(g: Result<RoleGrants, rapport_policy::GrantError>, object: &str, id: RecordId) -> RoleGrants {
    g.unwrap_or_else(|e| {
        tracing::error!(object, %id, error = %e, "cannot be read and grants nothing");
        RoleGrants::default()
    })
}

fn user(d: &ObjectDef, r: &Record) -> User {
    let main = id(d, r, "main_dept").map(DeptId::of);
    let mut depts: Vec<DeptId> = main.into_iter().collect();
    for o in ids(d, r, "other_depts").into_iter().map(DeptId::of) {
        if !depts.contains(&o) {
            depts.push(o);
        }
    }
    let some = |s: SmolStr| Some(s).filter(|s| !s.is_empty());
    User {
        name: text(d, r, "name"),
        username: text(d, r, "username"),
        email: some(text(d, r, "email")),
        status: text(d, r, "status"),
        kind: text(d, r, "kind"),
        locale: Locale::negotiate(&text(d, r, "locale")).unwrap_or_default(),
        main_dept: main,
        depts,
        manager: id(d, r, "manager_id").map(UserId::of),
        roles: ids(d, r, "roles"),
        sets: ids(d, r, "permission_sets"),
        phone: match r.get(d, "mobile") {
            Value::Phone(p) => some(p.e164.clone().unwrap_or_else(|| p.raw.clone())),
            _ => None,
        },
    }
}

fn text(d: &ObjectDef, r: &Record, f: &str) -> SmolStr {
    r.get(d, f).as_text().map(SmolStr::new).unwrap_or_default()
}
fn id(d: &ObjectDef, r: &Record, f: &str) -> Option<RecordId> {
    r.get(d, f).as_id()
}
fn ids(d: &ObjectDef, r: &Record, f: &str) -> Vec<RecordId> {
    if let Value::Ids(v) = r.get(d, f) { v.clone() } else { vec![] }
}
fn json(d: &ObjectDef, r: &Record, f: &str) -> serde_json::Value {
    if let Value::Json(j) = r.get(d, f) { (**j).clone() } else { serde_json::Value::Null }
}
fn date(d: &ObjectDef, r: &Record, f: &str) -> Option<Date> {
    if let Value::Date(x) = r.get(d, f) { Some(*x) } else { None }
}
