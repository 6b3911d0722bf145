//! Roles laid over the model: what a set of roles grants on every object and field, worked out once and shared by everybody who
//! has that set of roles.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, LazyLock},
};

use rapport_schema::{FieldDef, FieldName, FieldType, MaskKind, Model, ObjectDef, ObjectKind, ObjectName};
use smol_str::SmolStr;

use crate::{
    Act, FieldRight, Reach,
    role::{ANY, ANY_CUSTOM, FieldPerm, ObjectPerm, RoleGrants},
    talk,
};

/// What several roles together grant on one object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ObjectGrant {
    perm: ObjectPerm,
    fields: HashMap<FieldName, Rights>,
}

/// Rights on a field: on the caller's own records, and on others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rights {
    own: FieldRight,
    other: FieldRight,
}

impl ObjectGrant {
    /// The reach of an act. No act reaches further than reading.
    #[must_use]
    pub const fn reach(&self, act: Act) -> Reach {
        self.perm.reach(act)
    }
    /// May make records.
    #[must_use]
    pub const fn create(&self) -> bool {
        self.perm.create
    }
    /// May import.
    #[must_use]
    pub const fn import(&self) -> bool {
        self.perm.import
    }
    /// Has a further right: `merge`, `share`, `convert` …
    #[must_use]
    pub fn also(&self, right: &str) -> bool {
        self.perm.also.contains(right)
    }
    /// All further rights.
    pub fn rights(&self) -> impl Iterator<Item = &str> {
        self.perm.also.iter().map(SmolStr::as_str)
    }
    /// Right on a field; hidden when the field was not there when the roles were laid over the model.
    #[must_use]
    pub fn field(&self, name: &FieldName, own: bool) -> FieldRight {
        self.fields.get(name).map_or(FieldRight::Hidden, |r| if own { r.own } else { r.other })
    }
}

/// What a set of roles grants. Made by [`Grants::resolve`]; equal sets of roles share one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grants {
    objects: HashMap<ObjectName, ObjectGrant>,
    functions: BTreeSet<SmolStr>,
}

static NOTHING: LazyLock<ObjectGrant> = LazyLock::new(ObjectGrant::default);

impl Grants {
    /// Lays roles over the model: the union of all, the most permissive wins (R-VIS-01, R-FLS-01).
    #[must_use]
    pub fn resolve(model: &Model, roles: &[Arc<RoleGrants>]) -> Self {
        let mut objects = HashMap::new();
        for (name, object) in &model.objects {
            let lines: Vec<(Option<ObjectPerm>, &RoleGrants)> = roles.iter().map(|r| (line(model, r, object, 0), &**r)).collect();
            let mut perm = lines.iter().filter_map(|(p, _)| p.as_ref()).fold(ObjectPerm::default(), |a, p| a.or(p));
            // What cannot be read cannot be changed, exported or given away either.
            for reach in [&mut perm.edit, &mut perm.delete, &mut perm.transfer, &mut perm.export] {
                *reach = reach.and(perm.read);
            }
            if perm == ObjectPerm::default() {
                continue;
            }
            let fields = object
                .live()
                .map(|(_, f)| {
                    let right = |own| {
                        lines
                            .iter()
                            .map(|(p, r)| one(object, f, p.as_ref(), r, own))
                            .fold(FieldRight::Hidden, FieldRight::or)
                            .and(ceiling(object, f))
                    };
                    (f.name.clone(), Rights { own: right(true), other: right(false) })
                })
                .collect();
            objects.insert(name.clone(), ObjectGrant { perm, fields });
        }
        let functions = roles.iter().flat_map(|r| r.functions.iter().cloned()).collect();
        Self { objects, functions }
    }
    /// What is granted on an object.
    #[must_use]
    pub fn object(&self, name: &str) -> &ObjectGrant {
        self.objects.get(name).unwrap_or(&NOTHING)
    }
    /// Has a function permission.
    #[must_use]
    pub fn may(&self, function: &str) -> bool {
        self.functions.contains(function)
    }
    /// All function permissions.
    pub fn functions(&self) -> impl Iterator<Item = &str> {
        self.functions.iter().map(SmolStr::as_str)
    }
}

/// The line of one role that counts for an object.
fn line(model: &Model, role: &RoleGrants, object: &ObjectDef, depth: u8) -> Option<ObjectPerm> {
    if talk::is_talk(object) {
        // Whoever may anything may talk about what he sees.
        let any = role.objects.values().any(|p| *p != ObjectPerm::default());
        return any.then(|| talk::perm(object));
    }
    if let Some(own) = role.objects.get(object.name.as_str()) {
        return Some(own.clone());
    }
    match object.kind {
        ObjectKind::Ownable => role.objects.get(ANY_CUSTOM).filter(|_| object.custom).or_else(|| role.objects.get(ANY)).cloned(),
        ObjectKind::Child if depth < 3 => match object.master() {
            Some((_, master)) => line(model, role, model.object(master)?, depth + 1).map(|p| p.for_child()),
            // Team members and attachments hang on any record: what the role may anywhere, the record itself decides the rest.
            None => {
                let p = role.objects.values().fold(ObjectPerm::default(), |a, p| a.or(p)).for_child();
                (p != ObjectPerm::default()).then_some(p)
            }
        },
        ObjectKind::Child | ObjectKind::Config | ObjectKind::Log => None,
    }
}

/// What one role gives on one field.
fn one(object: &ObjectDef, f: &FieldDef, perm: Option<&ObjectPerm>, role: &RoleGrants, own: bool) -> FieldRight {
    let base = match perm {
        Some(p) if p.edit.allowed() || p.create => FieldRight::Edit,
        Some(p) if p.read.allowed() => FieldRight::Read,
        _ => FieldRight::Hidden,
    };
    let masked = FieldRight::Masked(f.mask.unwrap_or(MaskKind::Text));
    match role.fields.get(object.name.as_str()).and_then(|m| m.get(f.name.as_str())) {
        Some(FieldPerm::Hidden) => FieldRight::Hidden,
        Some(FieldPerm::Masked) if own => base,
        Some(FieldPerm::Masked) => base.and(masked),
        Some(FieldPerm::Read) => FieldRight::Read,
        Some(FieldPerm::Edit) => FieldRight::Edit,
        // `#` in the model: masked unless the caller owns the record or the role sees plainly (R-FLS-02, R-FLS-03).
        None if f.mask.is_some() && !own && !perm.is_some_and(|p| p.plain) => base.and(masked),
        None => base,
    }
}

/// The most anybody but the engine may do with a field. Fields kept by the engine (`~`) are not capped here: who may
/// `import.set_state` brings them along, and the pipeline refuses them to everybody else.
pub(crate) fn ceiling(object: &ObjectDef, f: &FieldDef) -> FieldRight {
    let computed = object.kind == ObjectKind::Log || matches!(f.ty, FieldType::Roll { .. } | FieldType::Calc { .. });
    if computed { FieldRight::Read } else { FieldRight::Edit }
}
