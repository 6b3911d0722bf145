//! Fields every object has without declaring them (domain model §0).
//!
//! Three of them are part of [`crate::Record`] itself and not of `ObjectDef::fields`: see [`RecordField`]. The others are put in
//! front of the declared fields by [`fields`], in an order that never changes.

use crate::{DefaultValue, FieldDef, FieldName, FieldType, Label, ObjectKind, physical::Class};

/// What a record carries beside its fields. Paths, sorts and filters may name them; nobody may declare or write them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordField {
    /// `id`: UUIDv7.
    Id,
    /// `version`: grows by one with each change (optimistic lock).
    Version,
    /// `deleted_at`: in the recycle bin since.
    DeletedAt,
}

/// All record fields: physical columns of the same names in every object's table.
pub const RECORD_FIELDS: [RecordField; 3] = [RecordField::Id, RecordField::Version, RecordField::DeletedAt];

impl RecordField {
    /// Api name and column.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Version => "version",
            Self::DeletedAt => "deleted_at",
        }
    }
    /// From the api name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        RECORD_FIELDS.into_iter().find(|f| f.name() == name)
    }
    /// Storage class of the column.
    #[must_use]
    pub const fn class(self) -> Class {
        match self {
            Self::Id => Class::Id,
            Self::Version | Self::DeletedAt => Class::Int,
        }
    }
    /// Label.
    #[must_use]
    pub fn label(self) -> Label {
        match self {
            Self::Id => Label::new("ID", "编号ID"),
            Self::Version => Label::new("Version", "版本号"),
            Self::DeletedAt => Label::new("Deleted At", "删除时间"),
        }
    }
    /// The type it answers to in filters, sorts and formulas; `None` for the id, which compares like a reference to its own object.
    #[must_use]
    pub fn field_type(self) -> Option<FieldType> {
        match self {
            Self::Id => None,
            Self::Version => Some(FieldType::Int { min: None, max: None }),
            Self::DeletedAt => Some(FieldType::DateTime),
        }
    }
}

/// Flags of a system field, in the notation of the domain model.
#[derive(Default, Clone, Copy)]
struct Flags {
    system: bool,
    indexed: bool,
}

const SYS: Flags = Flags { system: true, indexed: false };
const SYS_IX: Flags = Flags { system: true, indexed: true };
const PLAIN: Flags = Flags { system: false, indexed: false };
const IX: Flags = Flags { system: false, indexed: true };

fn field(name: &'static str, ty: FieldType, flags: Flags, en: &str, zh: &str) -> FieldDef {
    let mut f = FieldDef::new(FieldName::lit(name), Label::new(en, zh), ty);
    f.system = flags.system;
    f.indexed = flags.indexed;
    f
}

/// The picklist of `approval_state`; every model with an ownable object must declare it.
pub const APPROVAL_STATE: &str = "approval_state";

/// The system fields of an object of this kind, in order.
#[must_use]
pub fn fields(kind: ObjectKind) -> Vec<FieldDef> {
    let mut v = vec![
        field("created_at", FieldType::DateTime, SYS_IX, "Created At", "创建时间"),
        field("created_by", FieldType::User, SYS, "Created By", "创建人"),
        field("updated_at", FieldType::DateTime, SYS_IX, "Updated At", "更新时间"),
        field("updated_by", FieldType::User, SYS, "Updated By", "更新人"),
        field("external_id", FieldType::Text { max: 255 }, PLAIN, "External ID", "外部编号"),
        field("source_system", FieldType::Text { max: 64 }, PLAIN, "Source System", "来源系统"),
    ];
    if kind == ObjectKind::Ownable {
        let mut approval =
            field("approval_state", FieldType::Pick { set: APPROVAL_STATE.into() }, SYS, "Approval State", "审批状态");
        approval.default = Some(DefaultValue::Literal("none".into()));
        v.extend([
            field("owner_id", FieldType::User, IX, "Owner", "负责人"),
            field("dept_id", FieldType::Dept, IX, "Owning Department", "归属部门"),
            field("record_type", FieldType::Text { max: 64 }, PLAIN, "Record Type", "业务类型"),
            approval,
            field("is_locked", FieldType::Bool, SYS, "Locked", "已锁定"),
            field("tags", FieldType::Tags, PLAIN, "Tags", "标签"),
            field("last_activity_at", FieldType::DateTime, SYS_IX, "Last Activity At", "最近动态时间"),
            field("merged_into_id", FieldType::Text { max: 36 }, SYS, "Merged Into", "合并至"),
        ]);
    }
    v
}

/// Is this the name of a system field of the kind, or of a part of the record itself?
#[must_use]
pub fn is_reserved(kind: ObjectKind, name: &str) -> bool {
    RecordField::parse(name).is_some() || fields(kind).iter().any(|f| f.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ownable_objects_get_owner_and_department_others_do_not() {
        let names = |k| fields(k).into_iter().map(|f| f.name.to_string()).collect::<Vec<_>>();
        let own = names(ObjectKind::Ownable);
        let child = names(ObjectKind::Child);
        assert_eq!(own[..child.len()], child[..], "the common fields come first");
        assert!(own.contains(&"owner_id".to_owned()) && own.contains(&"dept_id".to_owned()));
        for k in [ObjectKind::Child, ObjectKind::Config, ObjectKind::Log] {
            assert!(!names(k).contains(&"owner_id".to_owned()));
        }
    }

    #[test]
    fn parts_of_the_record_are_reserved_but_no_fields() {
        for f in RECORD_FIELDS {
            assert_eq!(RecordField::parse(f.name()), Some(f));
            assert!(is_reserved(ObjectKind::Log, f.name()));
            assert!(!fields(ObjectKind::Ownable).iter().any(|d| d.name == f.name()));
        }
        assert!(is_reserved(ObjectKind::Ownable, "owner_id"));
        assert!(!is_reserved(ObjectKind::Child, "owner_id"));
    }
}
