//! Public pools and who sits at them (R-POOL-01, R-POOL-02): part of the directory, so that a right that ends is gone everywhere.

use jiff::civil::Date;
use rapport_policy::{PoolView, Scope};
use rapport_schema::{FieldName, Millis, ObjectDef, ObjectName, Record, RecordId, UserId, Value};
use smol_str::SmolStr;

use crate::Directory;

/// How somebody stands to a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seat {
    /// Sees its list through masks, where the pool may be claimed from.
    Member,
    /// Sees everything, assigns, takes back, moves.
    Admin,
}

/// A pool as its record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// Id.
    pub id: RecordId,
    /// Name.
    pub name: SmolStr,
    /// `lead` or `account`.
    pub object: SmolStr,
    /// Switched on.
    pub enabled: bool,
    /// Where what fits nowhere else goes.
    pub is_default: bool,
    /// Members see and claim; otherwise they only get assignments.
    pub claimable: bool,
    /// Lower is asked first.
    pub priority: i64,
    /// Whose records belong here; null = nobody's by itself.
    pub entry: serde_json::Value,
    /// Fields members see through a mask.
    pub hidden: Vec<FieldName>,
    /// Claims a person may make in a day; none = as many as one likes.
    pub daily_claims: Option<i64>,
    /// Most a person holds from this pool.
    pub hold_limit: Option<i64>,
    /// Days a former owner waits.
    pub cooldown_days: i64,
    /// Days something claimed or assigned is safe from being taken back.
    pub protect_days: i64,
    /// The team goes when a record comes in.
    pub clear_team: bool,
    /// Days before its due day on which an owner is told.
    pub remind_days: Vec<i64>,
    /// The rules by which it takes records back that are switched on (R-POOL-09).
    pub rules: Vec<RecycleRule>,
    /// What comes in is given to somebody by the assignment rules.
    pub auto_assign: bool,
    admins: Vec<RecordId>,
    admin_roles: Vec<RecordId>,
    members: Vec<RecordId>,
    member_roles: Vec<RecordId>,
    member_depts: Vec<RecordId>,
}

/// A rule by which a pool takes records back (R-POOL-09).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecycleRule {
    /// Id.
    pub id: RecordId,
    /// What did not happen: a key of the picklist `recycle_trigger`.
    pub trigger: SmolStr,
    /// Days or months.
    pub limit: i64,
    /// What they are: a key of the picklist `day_kind`.
    pub day_kind: SmolStr,
    /// Levels of customers it is for; none = all.
    pub levels: Vec<SmolStr>,
    /// Customers with deals too.
    pub include_deal: bool,
    /// Customers with open deals too.
    pub include_open_opp: bool,
    /// When it was first switched on; nothing counts from before.
    pub enabled_at: Millis,
}

impl RecycleRule {
    /// The pool and the rule, where it is switched on.
    pub(crate) fn read(d: &ObjectDef, r: &Record) -> Option<(RecordId, Self)> {
        let text = |f: &str| r.get(d, f).as_text().map(SmolStr::new).unwrap_or_default();
        let levels = if let Value::Keys(v) = r.get(d, "levels") { v.iter().map(SmolStr::new).collect() } else { vec![] };
        let rule = Self {
            id: r.id,
            trigger: text("trigger"),
            limit: r.get(d, "limit_days").as_int()?,
            day_kind: text("day_kind"),
            levels,
            include_deal: r.get(d, "include_deal").is_true(),
            include_open_opp: r.get(d, "include_open_opp").is_true(),
            enabled_at: r.get(d, "enabled_at").as_time()?,
        };
        r.get(d, "enabled").is_true().then_some((r.get(d, "pool_id").as_id()?, rule))
    }
}

impl Pool {
    pub(crate) fn read(d: &ObjectDef, r: &Record) -> Self {
        let text = |f: &str| r.get(d, f).as_text().map(SmolStr::new).unwrap_or_default();
        let ids = |f: &str| if let Value::Ids(v) = r.get(d, f) { v.clone() } else { vec![] };
        let int = |f: &str| r.get(d, f).as_int();
        let json = |f: &str| if let Value::Json(j) = r.get(d, f) { (**j).clone() } else { serde_json::Value::Null };
        let hidden = json("hidden_fields");
        Self {
            id: r.id,
            name: text("name"),
            object: text("object"),
            enabled: r.get(d, "enabled").is_true(),
            is_default: r.get(d, "is_default").is_true(),
            claimable: text("visibility") != "admin_only",
            priority: r.get(d, "priority").as_int().unwrap_or(100),
            entry: json("entry_filter"),
            hidden: hidden.as_array().into_iter().flatten().filter_map(|f| FieldName::new(f.as_str()?).ok()).collect(),
            daily_claims: int("daily_claim_limit"),
            hold_limit: int("hold_limit"),
            cooldown_days: int("cooldown_days").unwrap_or(0),
            protect_days: int("protect_days").unwrap_or(0),
            clear_team: r.get(d, "clear_team").is_true(),
            remind_days: json("remind_days").as_array().into_iter().flatten().filter_map(serde_json::Value::as_i64).collect(),
            rules: vec![],
            auto_assign: r.get(d, "auto_assign").is_true(),
            admins: ids("admins"),
            admin_roles: ids("admin_roles"),
            members: ids("members"),
            member_roles: ids("member_roles"),
            member_depts: ids("member_depts"),
        }
    }
}

impl Directory {
    /// A pool by id.
    #[must_use]
    pub fn pool(&self, id: RecordId) -> Option<&Pool> {
        self.pools().iter().find(|p| p.id == id)
    }
    /// How the caller stands to a pool; administrators of the whole stand in for missing ones (domain model §2.1 `pool`).
    #[must_use]
    pub fn seat(&self, scope: &Scope, pool: &Pool) -> Option<Seat> {
        if scope.is_admin() || scope.is_system() {
            return Some(Seat::Admin);
        }
        let me = scope.user()?;
        let has_role = |roles: &[RecordId]| scope.roles().iter().any(|r| roles.contains(r));
        if pool.admins.contains(&me.record()) || has_role(&pool.admin_roles) {
            return Some(Seat::Admin);
        }
        let in_dept = || scope.depts().iter().any(|own| self.above(*own).any(|d| pool.member_depts.contains(&d.record())));
        (pool.members.contains(&me.record()) || has_role(&pool.member_roles) || in_dept()).then_some(Seat::Member)
    }
    /// Active people who look after a pool; without any, the administrators of the whole (domain model §2.1 `pool`).
    #[must_use]
    pub fn pool_admins(&self, pool: &Pool, today: Date) -> Vec<UserId> {
        let of_roles = |u: &crate::people::User| u.roles.iter().any(|r| pool.admin_roles.contains(r));
        let mut found: Vec<UserId> = self
            .users()
            .filter(|(id, u)| u.is_active() && (pool.admins.contains(&id.record()) || of_roles(u)))
            .map(|(id, _)| id)
            .collect();
        if found.is_empty() {
            found = self.admins(today).collect();
        }
        found.sort_unstable();
        found
    }
    /// The scope of a look into a pool; none for those who may not (R-POOL-02).
    #[must_use]
    pub fn look_into(&self, scope: &Scope, pool: RecordId) -> Option<Scope> {
        let p = self.pool(pool).filter(|p| p.enabled)?;
        let seat = self.seat(scope, p)?;
        // A seat adds records to what somebody may read, never an object (R-VIS-01).
        let may_read = self.model.object(&p.object).is_some_and(|o| scope.may_on(o, "read"));
        if !may_read || (seat == Seat::Member && !p.claimable) {
            return None;
        }
        let object = ObjectName::new(&p.object).ok()?;
        let hidden = if seat == Seat::Admin { vec![] } else { p.hidden.clone() };
        Some(scope.looking_into(PoolView { object, pool, hidden }))
    }
}
