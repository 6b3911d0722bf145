//! Values of fields in memory.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{Millis, RecordId, RecordRef, money::Money};

/// A telephone number (R-NRM-02).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    /// As typed.
    pub raw: SmolStr,
    /// Normal form: `+8613800138000`, `short:CN:95588`; empty when invalid.
    pub e164: Option<SmolStr>,
    /// Extension.
    pub ext: Option<SmolStr>,
    /// ISO 3166 country.
    pub country: Option<SmolStr>,
    /// `mobile`, `landline`, `service`, `short`, `international`, `invalid`.
    pub kind: SmolStr,
}

/// A postal address (R-NRM-04). Names are a snapshot; `code` is the most specific division known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Addr {
    /// ISO 3166 country.
    pub country: Option<SmolStr>,
    /// Division code, 2, 4, 6 or 9 digits.
    pub code: Option<SmolStr>,
    /// Province.
    pub province: Option<SmolStr>,
    /// City.
    pub city: Option<SmolStr>,
    /// District.
    pub district: Option<SmolStr>,
    /// Town.
    pub town: Option<SmolStr>,
    /// Street and number.
    pub detail: Option<String>,
    /// Postcode.
    pub postcode: Option<SmolStr>,
}

/// A point on the earth, WGS-84, in units of 1e-7 degree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Geo {
    /// Latitude × 10^7.
    pub lat_e7: i64,
    /// Longitude × 10^7.
    pub lng_e7: i64,
    /// What the source spoke: `wgs84`, `gcj02`, `bd09`.
    pub datum: Datum,
}

/// The datum a point was given in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Datum {
    /// World geodetic system 1984.
    #[default]
    Wgs84,
    /// Chinese maps.
    Gcj02,
    /// Baidu maps.
    Bd09,
}

/// The value of one field of one record. Which variant a field has follows from its type; `Null` is always possible
/// except for booleans.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// Empty.
    #[default]
    Null,
    /// `bool`.
    Bool(bool),
    /// `int`, `time` (minutes), `dur` (seconds), `rating`.
    Int(i64),
    /// `dec`, `pct`.
    Dec(Decimal),
    /// `text`, `long`, `rich`, `pick`, `email`, `url`, `auto`.
    Text(SmolStr),
    /// `date`.
    Date(Date),
    /// `dt`.
    DateTime(Millis),
    /// `ref`, `md`, `user`, `dept`.
    Id(RecordId),
    /// `refs`, `users`, `depts`, `file`, `img`.
    Ids(Vec<RecordId>),
    /// `multi`, `tags`.
    Keys(Vec<SmolStr>),
    /// `poly`.
    Ref(RecordRef),
    /// `money`.
    Money(Money),
    /// `phone`.
    Phone(Box<Phone>),
    /// `addr`.
    Addr(Box<Addr>),
    /// `geo`.
    Geo(Geo),
    /// `json`.
    Json(Box<serde_json::Value>),
}

impl Value {
    /// No value, or a list without elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Ids(v) => v.is_empty(),
            Self::Keys(v) => v.is_empty(),
            _ => false,
        }
    }
    /// Text of a text-like value.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(t) = self { Some(t) } else { None }
    }
    /// The id of a reference.
    #[must_use]
    pub fn as_id(&self) -> Option<RecordId> {
        match self {
            Self::Id(i) => Some(*i),
            Self::Ref(r) => Some(r.id),
            _ => None,
        }
    }
    /// A whole number.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        if let Self::Int(n) = self { Some(*n) } else { None }
    }
    /// An instant.
    #[must_use]
    pub fn as_time(&self) -> Option<Millis> {
        if let Self::DateTime(t) = self { Some(*t) } else { None }
    }
    /// Yes.
    #[must_use]
    pub fn is_true(&self) -> bool {
        matches!(self, Self::Bool(true))
    }
}

impl From<&str> for Value {
    fn from(s: &str) -> Self {
        Self::Text(SmolStr::new(s))
    }
}
impl From<RecordId> for Value {
    fn from(i: RecordId) -> Self {
        Self::Id(i)
    }
}
impl From<Millis> for Value {
    fn from(t: Millis) -> Self {
        Self::DateTime(t)
    }
}
