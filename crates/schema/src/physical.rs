//! How the model lies in a database. Both databases hold the same three storage classes, so a value has one stored form, one
//! comparison order and one exact arithmetic everywhere:
//!
//! | class | SQLite | PostgreSQL | holds |
//! |---|---|---|---|
//! | `Int` | INTEGER | BIGINT | numbers, decimals as scaled integers, milliseconds, booleans 0/1 |
//! | `Text` | TEXT | TEXT COLLATE "C" | texts, keys, dates as `YYYY-MM-DD`, JSON |
//! | `Id` | BLOB(16) | UUID | ids |

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::{
    FieldDef, FieldType,
    field::ResultType,
    money::{AMOUNT_SCALE, PCT_SCALE, UNIT_PRICE_SCALE},
};

/// A storage class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// 64-bit integer.
    Int,
    /// Text.
    Text,
    /// 16-byte id.
    Id,
}

/// One stored cell.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cell {
    /// NULL.
    Null,
    /// Integer.
    Int(i64),
    /// Text.
    Text(String),
    /// Id.
    Id(crate::RecordId),
}

/// A column of a field: the field's name plus a suffix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Appended to the field's name; `""` for the main column.
    pub suffix: &'static str,
    /// Storage class.
    pub class: Class,
}

const fn col(suffix: &'static str, class: Class) -> Column {
    Column { suffix, class }
}

/// Decimal places of the main column of a numeric field; `None` when it is not a scaled decimal.
#[must_use]
pub fn scale_of(ty: &FieldType) -> Option<u32> {
    Some(match ty {
        FieldType::Dec { scale, .. } => u32::from(*scale),
        FieldType::Money { unit_price: true, .. } => UNIT_PRICE_SCALE,
        FieldType::Money { unit_price: false, .. } => AMOUNT_SCALE,
        FieldType::Pct { .. } => PCT_SCALE,
        FieldType::Roll { result, .. } | FieldType::Calc { result, .. } => match result {
            ResultType::Dec(s) => u32::from(*s),
            ResultType::Money => AMOUNT_SCALE,
            ResultType::Pct => PCT_SCALE,
            ResultType::Text
            | ResultType::Int
            | ResultType::Bool
            | ResultType::Date
            | ResultType::DateTime
            | ResultType::Duration => return None,
        },
        _ => return None,
    })
}

/// Decimal places by which a number is stored, 0 for whole numbers; `None` for what is no number and cannot be summed.
#[must_use]
pub fn places_of(ty: &FieldType) -> Option<u32> {
    scale_of(ty).or(match ty {
        FieldType::Int { .. } | FieldType::Time | FieldType::Duration | FieldType::Rating { .. } => Some(0),
        FieldType::Roll { result, .. } | FieldType::Calc { result, .. }
            if matches!(result, ResultType::Int | ResultType::Duration) =>
        {
            Some(0)
        }
        _ => None,
    })
}

/// The class of a computed result, stored or not.
#[must_use]
pub const fn result_class(r: ResultType) -> Class {
    match r {
        ResultType::Text | ResultType::Date => Class::Text,
        ResultType::Int
        | ResultType::Dec(_)
        | ResultType::Money
        | ResultType::Pct
        | ResultType::Bool
        | ResultType::DateTime
        | ResultType::Duration => Class::Int,
    }
}

/// The columns of a field, main column first. Volatile formulas have none.
///
/// - money: amount, `__cur`, `__rate` (8 decimals), `__base`
/// - phone: raw text, `__e164`, `__rev` (digits reversed, for suffix search), `__ext`, `__country`, `__kind`
/// - email: as typed, `__key` (match key)
/// - url: as typed, `__host`
/// - addr: JSON, `__code`
/// - geo: JSON, `__lat`, `__lng` (1e-7 degree)
/// - poly: id, `__object`
/// - many-valued: JSON array; beside it a link table `{object}__{field}` (record, value) for filters
/// - unique text: `__u` (NFKC, case folded) under the unique index
#[must_use]
pub fn columns(f: &FieldDef) -> SmallVec<[Column; 6]> {
    let mut c: SmallVec<[Column; 6]> = SmallVec::new();
    match &f.ty {
        FieldType::Text { .. }
        | FieldType::Long
        | FieldType::Rich
        | FieldType::Pick { .. }
        | FieldType::Auto { .. }
        | FieldType::Date => {
            c.push(col("", Class::Text));
        }
        FieldType::Int { .. }
        | FieldType::Dec { .. }
        | FieldType::Pct { .. }
        | FieldType::Bool
        | FieldType::DateTime
        | FieldType::Time
        | FieldType::Duration
        | FieldType::Rating { .. } => c.push(col("", Class::Int)),
        FieldType::Money { .. } => {
            c.extend([col("", Class::Int), col("__cur", Class::Text), col("__rate", Class::Int), col("__base", Class::Int)]);
        }
        FieldType::Multi { .. }
        | FieldType::Tags
        | FieldType::Refs { .. }
        | FieldType::Users
        | FieldType::Depts
        | FieldType::File
        | FieldType::Img
        | FieldType::Json => {
            c.push(col("", Class::Text));
        }
        FieldType::Phone => c.extend([
            col("", Class::Text),
            col("__e164", Class::Text),
            col("__rev", Class::Text),
            col("__ext", Class::Text),
            col("__country", Class::Text),
            col("__kind", Class::Text),
        ]),
        FieldType::Email => c.extend([col("", Class::Text), col("__key", Class::Text)]),
        FieldType::Url => c.extend([col("", Class::Text), col("__host", Class::Text)]),
        FieldType::Addr => c.extend([col("", Class::Text), col("__code", Class::Text)]),
        FieldType::Geo => c.extend([col("", Class::Text), col("__lat", Class::Int), col("__lng", Class::Int)]),
        FieldType::Ref { .. } | FieldType::MasterDetail { .. } | FieldType::User | FieldType::Dept => c.push(col("", Class::Id)),
        FieldType::Poly { .. } => c.extend([col("", Class::Id), col("__object", Class::Text)]),
        FieldType::Roll { result, .. } | FieldType::Calc { result, volatile: false, .. } => {
            c.push(col("", result_class(*result)));
        }
        FieldType::Calc { volatile: true, .. } => {}
    }
    if f.unique && matches!(f.ty, FieldType::Text { .. }) {
        c.push(col("__u", Class::Text));
    }
    c
}
