//! Arrangements of an object's page for some people, some records or the phone. They say where things stand and nothing else: who may
//! see a field is decided elsewhere.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{FieldName, Label};

/// A device an arrangement is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Device {
    /// Narrow screens.
    Phone,
}

/// The records an arrangement is for: those whose field has this value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// A picklist field, or `record_type`.
    pub field: FieldName,
    /// The value.
    pub is: SmolStr,
}

/// A section with its fields, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placed {
    /// Key.
    pub key: String,
    /// Label.
    pub label: Label,
    /// Fields.
    pub fields: Vec<FieldName>,
}

/// One arrangement beside the one for everyone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// Code of the role it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<SmolStr>,
    /// The records it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// The device it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Device>,
    /// Sections of detail, edit and create form; what is in none is not shown.
    pub sections: Vec<Placed>,
    /// Key facts.
    pub facts: Vec<FieldName>,
}

impl Layout {
    /// How special it is: the kind of record counts more than the role, the role more than the device. Of those that fit, the one with
    /// the greatest number is used; of equals the first.
    #[must_use]
    pub fn rank(&self) -> u8 {
        u8::from(self.when.is_some()) * 4 + u8::from(self.role.is_some()) * 2 + u8::from(self.device.is_some())
    }
    /// Both are for the same people, records and devices.
    #[must_use]
    pub fn same_place(&self, o: &Self) -> bool {
        self.role == o.role && self.when == o.when && self.device == o.device
    }
    /// Whom it is for, as a plan of changes names it: `role=sales_rep,level=a,phone`.
    #[must_use]
    pub fn place(&self) -> String {
        let role = self.role.as_ref().map(|r| format!("role={r}"));
        let when = self.when.as_ref().map(|w| format!("{}={}", w.field, w.is));
        let device = self.device.map(|Device::Phone| "phone".to_owned());
        [role, when, device].into_iter().flatten().collect::<Vec<_>>().join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_record_counts_more_than_the_role_and_the_role_more_than_the_device() {
        let of = |role: bool, when: bool, phone: bool| Layout {
            role: role.then(|| "sales_rep".into()),
            when: when.then(|| When { field: FieldName::lit("level"), is: "a".into() }),
            device: phone.then_some(Device::Phone),
            sections: vec![],
            facts: vec![],
        };
        let mut all: Vec<Layout> = [0, 1, 2, 3, 4, 5, 6, 7].map(|n| of(n & 1 > 0, n & 2 > 0, n & 4 > 0)).into_iter().collect();
        all.sort_by_key(|l| std::cmp::Reverse(l.rank()));
        let places: Vec<String> = all.iter().map(Layout::place).collect();
        assert_eq!(
            places,
            [
                "role=sales_rep,level=a,phone",
                "role=sales_rep,level=a",
                "level=a,phone",
                "level=a",
                "role=sales_rep,phone",
                "role=sales_rep",
                "phone",
                ""
            ]
        );
        assert!(
            of(true, false, true).same_place(&of(true, false, true))
                && !of(true, false, true).same_place(&of(true, false, false))
        );
    }
}
