//! Fields and their types. [`FieldType`] is the list every other part must answer for: match on it without a wildcard.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{FieldName, Label, ObjectName};

/// Position of a field in its object's `fields`, and of its value in a [`crate::Record`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FieldIx(pub u16);

impl FieldIx {
    /// As an index.
    #[must_use]
    pub const fn ix(self) -> usize {
        self.0 as usize
    }
}

/// What happens to a lookup when the record it points to is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum OnDelete {
    /// The lookup becomes empty.
    #[default]
    Clear,
    /// The delete is refused (`reference.restricted`).
    Restrict,
    /// The record goes too.
    Cascade,
}

/// How a value is hidden from people who may see only its shape (R-FLS-02).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaskKind {
    /// `138****8000`, `010-****9988`.
    Phone,
    /// `z***n@corp.com`.
    Email,
    /// Last four.
    Bank,
    /// First two and `***`.
    Wechat,
    /// First character and `*`.
    Name,
    /// To district level.
    Address,
    /// Only that there is a value.
    Text,
}

/// What a rollup computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RollupFn {
    /// Number of children; of none: 0.
    Count,
    /// Sum; of none: 0.
    Sum,
    /// Least; of none: empty.
    Min,
    /// Greatest; of none: empty.
    Max,
    /// Mean, half up at the field's scale; of none: empty.
    Avg,
}

/// A rollup over children (domain model §1 `roll`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rollup {
    /// The child object.
    pub object: ObjectName,
    /// The child's lookup or master-detail field that points here.
    pub via: FieldName,
    /// What is computed.
    #[serde(rename = "fn")]
    pub func: RollupFn,
    /// The child's field; none for `count`.
    #[serde(default)]
    pub field: Option<FieldName>,
    /// Only children for which this filter (text form) holds.
    #[serde(default)]
    pub filter: Option<String>,
}

/// The type of a computed field's result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResultType {
    /// Text.
    Text,
    /// Whole number.
    Int,
    /// Decimal of this scale.
    Dec(u8),
    /// Money in the base currency.
    Money,
    /// Percent.
    Pct,
    /// Yes or no.
    Bool,
    /// Calendar date.
    Date,
    /// Instant.
    DateTime,
    /// Seconds.
    Duration,
}

/// The type of a field with what belongs to that type only (domain model §1).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum FieldType {
    /// One line of text, at most `max` Unicode scalars.
    Text {
        /// Greatest length.
        max: u32,
    },
    /// Many lines, at most 20,000 characters.
    Long,
    /// Sanitised HTML, at most 200,000 characters.
    Rich,
    /// Whole number, |n| < 2^53.
    Int {
        /// Least value.
        min: Option<i64>,
        /// Greatest value.
        max: Option<i64>,
    },
    /// Exact decimal with `scale` places.
    Dec {
        /// Decimal places, 0–8.
        scale: u8,
        /// Least value.
        min: Option<Decimal>,
        /// Greatest value.
        max: Option<Decimal>,
    },
    /// Amount, currency, rate and base amount.
    Money {
        /// Up to six decimals instead of the currency's minor unit.
        unit_price: bool,
        /// Least amount, usually 0 or none.
        min: Option<Decimal>,
    },
    /// Number of percent, four decimals.
    Pct {
        /// Least value.
        min: Option<Decimal>,
        /// Greatest value.
        max: Option<Decimal>,
    },
    /// Yes or no, never empty.
    Bool,
    /// Calendar date without a zone.
    Date,
    /// Instant, milliseconds.
    DateTime,
    /// Minute of the day, 0–1440.
    Time,
    /// Seconds, ≥ 0.
    Duration,
    /// One key of a picklist.
    Pick {
        /// The picklist's name.
        set: String,
    },
    /// Up to 50 keys of a picklist.
    Multi {
        /// The picklist's name.
        set: String,
    },
    /// Up to 30 tag names.
    Tags,
    /// Telephone number (R-NRM-02).
    Phone,
    /// E-mail address (R-NRM-03).
    Email,
    /// Web address, http or https.
    Url,
    /// Postal address (R-NRM-04).
    Addr,
    /// Point on the earth.
    Geo,
    /// Attached files.
    File,
    /// Attached pictures.
    Img,
    /// Lookup to one record.
    Ref {
        /// Target object.
        target: ObjectName,
        /// What a delete of the target does.
        on_delete: OnDelete,
    },
    /// Many-to-many.
    Refs {
        /// Target object.
        target: ObjectName,
    },
    /// Master-detail: required, cascades, gives access and owner.
    MasterDetail {
        /// The master object.
        target: ObjectName,
    },
    /// Lookup to one record of one of several objects; empty `targets` = any object (pages offer those with activities).
    Poly {
        /// Allowed objects.
        targets: Vec<ObjectName>,
    },
    /// Maintained from children in the child's transaction.
    Roll {
        /// The rollup.
        rollup: Rollup,
        /// Type of the result.
        result: ResultType,
    },
    /// Formula; stored unless it is volatile.
    Calc {
        /// Source text of the formula.
        formula: String,
        /// Type of the result.
        result: ResultType,
        /// Uses TODAY, NOW or the user: computed when read, not stored.
        volatile: bool,
    },
    /// Automatic number from a pattern such as `AC{YYYYMM}{0000}`.
    Auto {
        /// The pattern.
        pattern: String,
    },
    /// One user.
    User,
    /// Several users.
    Users,
    /// One department.
    Dept,
    /// Several departments.
    Depts,
    /// Stars, 0 to `max`.
    Rating {
        /// Most stars, ≤ 10.
        max: u8,
    },
    /// Any JSON up to 64 KiB.
    Json,
}

impl FieldType {
    /// The code of the domain model: `text`, `money`, `ref` …
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::Long => "long",
            Self::Rich => "rich",
            Self::Int { .. } => "int",
            Self::Dec { .. } => "dec",
            Self::Money { .. } => "money",
            Self::Pct { .. } => "pct",
            Self::Bool => "bool",
            Self::Date => "date",
            Self::DateTime => "dt",
            Self::Time => "time",
            Self::Duration => "dur",
            Self::Pick { .. } => "pick",
            Self::Multi { .. } => "multi",
            Self::Tags => "tags",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Url => "url",
            Self::Addr => "addr",
            Self::Geo => "geo",
            Self::File => "file",
            Self::Img => "img",
            Self::Ref { .. } => "ref",
            Self::Refs { .. } => "refs",
            Self::MasterDetail { .. } => "md",
            Self::Poly { .. } => "poly",
            Self::Roll { .. } => "roll",
            Self::Calc { .. } => "calc",
            Self::Auto { .. } => "auto",
            Self::User => "user",
            Self::Users => "users",
            Self::Dept => "dept",
            Self::Depts => "depts",
            Self::Rating { .. } => "rating",
            Self::Json => "json",
        }
    }

    /// The one object a single- or many-valued reference points to; `None` for other types and for `poly`.
    #[must_use]
    pub fn target(&self) -> Option<ObjectName> {
        match self {
            Self::Ref { target, .. } | Self::Refs { target } | Self::MasterDetail { target } => Some(target.clone()),
            Self::User | Self::Users => Some(ObjectName::lit("user")),
            Self::Dept | Self::Depts => Some(ObjectName::lit("department")),
            _ => None,
        }
    }

    /// Holds several values (kept as a JSON array in the row and in a link table for filters).
    #[must_use]
    pub const fn is_many(&self) -> bool {
        matches!(self, Self::Multi { .. } | Self::Tags | Self::Refs { .. } | Self::Users | Self::Depts | Self::File | Self::Img)
    }

    /// Computed by the engine, never written by a caller.
    #[must_use]
    pub const fn is_computed(&self) -> bool {
        matches!(self, Self::Roll { .. } | Self::Calc { .. } | Self::Auto { .. })
    }
}

/// Where a field's default comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DefaultValue {
    /// A literal in the field's JSON form.
    Literal(serde_json::Value),
    /// A formula over the record being made.
    Formula(String),
}

/// One field of an object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldDef {
    /// Api name.
    pub name: FieldName,
    /// Label.
    pub label: Label,
    /// Type.
    pub ty: FieldType,
    /// Section of the layout; none = in no layout (system fields, keys of the engine).
    pub section: Option<String>,
    /// `*`: must have a value.
    pub required: bool,
    /// `!`: unique in the organisation, blanks exempt.
    pub unique: bool,
    /// `^`: indexed.
    pub indexed: bool,
    /// `~`: written by the engine only.
    pub system: bool,
    /// `#`: masked by default, and how.
    pub mask: Option<MaskKind>,
    /// In the search document (the title always is).
    pub searchable: bool,
    /// Value when the caller gives none at create.
    pub default: Option<DefaultValue>,
    /// Shown beside the field.
    pub help: Option<Label>,
    /// Formula: required while true.
    pub required_if: Option<String>,
    /// Formula: shown while true.
    pub visible_if: Option<String>,
    /// Formula: read-only while true.
    pub readonly_if: Option<String>,
    /// Regular expression the text must match.
    pub regex: Option<String>,
    /// Headers by which an import knows the field, beside name and labels.
    pub import_aliases: Vec<String>,
    /// Lead conversion: `object.field` this value is copied to.
    pub convert_map: Option<String>,
    /// Made by an administrator.
    pub custom: bool,
    /// Switched off: kept for 30 days, unseen.
    pub retired: bool,
}

impl FieldDef {
    /// A field with no flag set.
    #[must_use]
    pub fn new(name: FieldName, label: Label, ty: FieldType) -> Self {
        Self {
            name,
            label,
            ty,
            section: None,
            required: false,
            unique: false,
            indexed: false,
            system: false,
            mask: None,
            searchable: false,
            default: None,
            help: None,
            required_if: None,
            visible_if: None,
            readonly_if: None,
            regex: None,
            import_aliases: vec![],
            convert_map: None,
            custom: false,
            retired: false,
        }
    }
}
