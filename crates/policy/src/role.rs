//! The form in which roles and permission sets are kept: what an administrator writes and reads.
//!
//! A `role` record holds it in three JSON fields, a `permission_set` record in one (`grants`, all three parts together):
//!
//! ```
//! use rapport_policy::{Reach, RoleGrants};
//! let objects = serde_json::json!({
//!     "account": { "create": true, "read": "dept_tree", "edit": "own", "export": "own", "also": ["claim", "merge"] },
//!     "product": { "read": "all" },
//!     "*":       { "create": true, "read": "own", "edit": "own" }
//! });
//! let fields = serde_json::json!({ "product": { "cost": "hidden" }, "account": { "phone": "read" } });
//! let functions = serde_json::json!(["field.reveal", "export.unmasked"]);
//! let g = RoleGrants::parse(&objects, Some(&fields), Some(&functions)).unwrap();
//! assert_eq!(g.objects["account"].read, Reach::DeptTree);
//! ```
//!
//! - `objects` (`role.object_perms`): per object the acts and their reach: `none` (default), `team` (only what a team, a share or
//!   a master gives), `own`, `own_sub`, `dept`, `dept_tree`, `all`; `create`, `import`: yes or no; `also`: further rights by name
//!   (`share`, `merge`, `convert`, `mass_edit`, `print`, `claim`, `confirm`, `issue` …); `plain`: fields that are masked by
//!   default are seen as they are. The line `*__c` stands for every ownable object an administrator added, the line `*` for every
//!   ownable object; the closest line counts alone. A child object without a line follows its master. Configuration and logs
//!   need a line.
//! - `fields` (`role.field_perms`): per object and field `hidden`, `masked`, `read` or `edit` where it differs from the object.
//! - `functions` (`role.functions`): permissions that belong to no object: `admin` (passes everywhere), `field.reveal`,
//!   `export.unmasked`, `duplicate.override`, `import.set_state`, `audit.read`, `user.manage` …
//!
//! Every person of kind `internal` also has the role with the code [`INTERNAL`], so that what every employee may do is written
//! once; portal and partner users have only the roles they were given.

use std::collections::{BTreeMap, BTreeSet};

use rapport_schema::{FieldError, Model, ObjectKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use smol_str::SmolStr;

use crate::{Act, GrantError, Reach};

/// Code of the role every internal user has without being given it.
pub const INTERNAL: &str = "internal";
/// Function permission that passes everywhere (R-VIS-01).
pub const ADMIN: &str = "admin";
/// The line for ownable objects without a line of their own.
pub const ANY: &str = "*";
/// The line for ownable objects an administrator added, without a line of their own.
pub const ANY_CUSTOM: &str = "*__c";

/// What a role grants on one object.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ObjectPerm {
    /// May make records.
    pub create: bool,
    /// Reach of reading.
    pub read: Reach,
    /// Reach of editing.
    pub edit: Reach,
    /// Reach of deleting and restoring.
    pub delete: Reach,
    /// Reach of giving to another owner.
    pub transfer: Reach,
    /// Reach of exporting.
    pub export: Reach,
    /// May import.
    pub import: bool,
    /// Further rights by name: `share`, `merge`, `convert`, `mass_edit`, `print`, `claim` …
    pub also: BTreeSet<SmolStr>,
    /// Sees fields that are masked by default as they are (R-FLS-02).
    pub plain: bool,
}

impl ObjectPerm {
    /// The reach of an act.
    #[must_use]
    pub const fn reach(&self, act: Act) -> Reach {
        match act {
            Act::Read => self.read,
            Act::Edit => self.edit,
            Act::Delete => self.delete,
            Act::Transfer => self.transfer,
            Act::Export => self.export,
        }
    }
    /// Both together (R-VIS-01: the union of all roles).
    #[must_use]
    pub fn or(&self, o: &Self) -> Self {
        Self {
            create: self.create || o.create,
            read: self.read.or(o.read),
            edit: self.edit.or(o.edit),
            delete: self.delete.or(o.delete),
            transfer: self.transfer.or(o.transfer),
            export: self.export.or(o.export),
            import: self.import || o.import,
            also: self.also.union(&o.also).cloned().collect(),
            plain: self.plain || o.plain,
        }
    }
    /// What a child gets from its master's line (R-VIS-05): reading with read, everything else with edit.
    #[must_use]
    pub(crate) fn for_child(&self) -> Self {
        let write = if self.edit.allowed() {
            self.edit
        } else if self.create {
            Reach::Own
        } else {
            Reach::None
        };
        Self {
            create: write.allowed(),
            read: self.read,
            edit: write,
            delete: write,
            transfer: Reach::None,
            export: self.export,
            import: self.import,
            also: BTreeSet::new(),
            plain: self.plain,
        }
    }
}

/// What a role says about one field (R-FLS-01).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldPerm {
    /// Not there.
    Hidden,
    /// Seen through the field's mask by whoever neither owns the record nor edits it through its team.
    Masked,
    /// Seen as it is.
    Read,
    /// Seen as it is and changed.
    Edit,
}

/// What one role or permission set grants.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RoleGrants {
    /// Per object, or [`ANY`], [`ANY_CUSTOM`].
    pub objects: BTreeMap<SmolStr, ObjectPerm>,
    /// Per object and field, where the field differs from the object.
    pub fields: BTreeMap<SmolStr, BTreeMap<SmolStr, FieldPerm>>,
    /// Permissions that belong to no object.
    pub functions: BTreeSet<SmolStr>,
}

fn part<T: for<'d> Deserialize<'d> + Default>(name: &'static str, v: Option<&Value>) -> Result<T, GrantError> {
    match v {
        None | Some(Value::Null) => Ok(T::default()),
        Some(v) => T::deserialize(v).map_err(|e| GrantError::unread(name, v, &e)),
    }
}

impl RoleGrants {
    /// From the three JSON fields of a `role`.
    pub fn parse(object_perms: &Value, field_perms: Option<&Value>, functions: Option<&Value>) -> Result<Self, GrantError> {
        Ok(Self {
            objects: part("objects", Some(object_perms))?,
            fields: part("fields", field_perms)?,
            functions: part("functions", functions)?,
        })
    }
    /// From the `grants` field of a `permission_set`.
    pub fn parse_set(grants: &Value) -> Result<Self, GrantError> {
        part("grants", Some(grants))
    }
    /// Passes everywhere.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.functions.contains(ADMIN)
    }
    /// Names that the model does not know and lines that cannot work; empty = fine. Checked when a role is saved and when the
    /// shipped roles are tested.
    #[must_use]
    pub fn faults(&self, model: &Model) -> Vec<GrantError> {
        let mut faults = vec![];
        let engine_only = || FieldError::new("", "model.engine_only");
        let no_object = |part, name: &str| {
            let cause = FieldError::new("", "model.object_missing").with("name", name);
            GrantError::new(part, format!("no object `{name}`"), "", cause)
        };
        for (name, perm) in &self.objects {
            if name != ANY && name != ANY_CUSTOM && model.object(name).is_none() {
                faults.push(no_object("objects", name));
            }
            for act in [Act::Edit, Act::Delete, Act::Transfer, Act::Export] {
                if !perm.read.includes(perm.reach(act)) {
                    let cause = FieldError::new("", "model.role_reach").with("act", act.name());
                    let fault = format!("`{name}`: {} reaches further than read", act.name());
                    faults.push(GrantError::new("objects", fault, name.as_str(), cause));
                }
            }
            if model
                .object(name)
                .is_some_and(|o| o.kind == ObjectKind::Log && (perm.create || perm.edit.allowed() || perm.delete.allowed()))
            {
                let fault = format!("`{name}` is written by the engine only");
                faults.push(GrantError::new("objects", fault, name.as_str(), engine_only()));
            }
        }
        for (name, fields) in &self.fields {
            let Some(object) = model.object(name) else {
                faults.push(no_object("fields", name));
                continue;
            };
            for (field, perm) in fields {
                match object.field(field) {
                    None => {
                        let cause =
                            FieldError::new("", "expr.unknown_field").with("name", field.as_str()).with("object", name.as_str());
                        faults.push(GrantError::new("fields", format!("no field `{name}.{field}`"), name.as_str(), cause));
                    }
                    Some(f) if f.system && *perm == FieldPerm::Edit => {
                        let place = format!("{name}.{field}");
                        faults.push(GrantError::new("fields", format!("`{place}` is kept by the engine"), place, engine_only()));
                    }
                    Some(_) => {}
                }
            }
        }
        faults
    }
}
