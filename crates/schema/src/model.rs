//! The whole model of a workspace: what is shipped and what its administrators added, treated alike.

use std::sync::Arc;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::{Label, ObjectDef, ObjectName};

/// One value of a picklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PickValue {
    /// Stored key.
    pub key: String,
    /// Label.
    pub label: Label,
    /// Colour token: `jade`, `amber`, `red`, `green`, `blue`, `violet`, `grey`.
    pub color: Option<String>,
    /// Inactive values stay on old records and cannot be chosen.
    pub active: bool,
}

/// A picklist (domain model §5.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picklist {
    /// Name.
    pub name: String,
    /// Label.
    pub label: Label,
    /// Values in order.
    pub values: Vec<PickValue>,
    /// Key offered first; a field says itself whether it starts with it (`default`).
    pub default: Option<String>,
    /// Keys belong to the product and cannot be edited.
    pub system: bool,
}

impl Picklist {
    /// Position of a key.
    #[must_use]
    pub fn position(&self, key: &str) -> Option<usize> {
        self.values.iter().position(|v| v.key == key)
    }
    /// A value by key.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<&PickValue> {
        self.values.iter().find(|v| v.key == key)
    }
}

/// All objects and picklists of a workspace. Cheap to share: readers hold an `Arc<Model>`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// Grows with every change an administrator makes.
    pub version: u64,
    /// Objects in order of declaration.
    pub objects: IndexMap<ObjectName, Arc<ObjectDef>>,
    /// Picklists by name.
    pub picklists: IndexMap<String, Arc<Picklist>>,
    /// The organisation's base currency (R-CUR-01).
    pub currency: String,
    /// The organisation's time zone (IANA name); rules counted in days use it.
    pub zone: String,
}

impl Model {
    /// An object by name.
    #[must_use]
    pub fn object(&self, name: &str) -> Option<&Arc<ObjectDef>> {
        self.objects.get(name)
    }
    /// A picklist by name.
    #[must_use]
    pub fn picklist(&self, name: &str) -> Option<&Arc<Picklist>> {
        self.picklists.get(name)
    }
    /// The organisation's time zone; UTC when the name is unknown to the machine.
    #[must_use]
    pub fn tz(&self) -> jiff::tz::TimeZone {
        jiff::tz::TimeZone::get(&self.zone).unwrap_or(jiff::tz::TimeZone::UTC)
    }
}
