//! Objects: what they are called, how they are reached, which fields they have.

use std::{collections::HashMap, sync::OnceLock};

use serde::{Deserialize, Serialize};

use crate::{FieldDef, FieldIx, FieldName, Label, ObjectName};

/// The kind of an object (domain model §0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectKind {
    /// Has owner, department, visibility scope, sharing.
    Ownable,
    /// Access and owner come from its master.
    Child,
    /// Configuration: managed through a permission.
    Config,
    /// Written by the engine and by named actions only.
    Log,
}

/// A section of the detail and edit layouts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Key.
    pub key: String,
    /// Label.
    pub label: Label,
}

/// A related list on the record page: records of `object` whose `field` points here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Related {
    /// The other object.
    pub object: ObjectName,
    /// Its reference field.
    pub field: FieldName,
}

/// A lawful move of the status field (domain model §3). One action may have several: it then decides which state it ends in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// The action that makes the move.
    pub action: String,
    /// States it may start from; empty = create.
    pub from: Vec<String>,
    /// The state it ends in.
    pub to: String,
    /// Label of the action.
    pub label: Label,
    /// Fields that must have a value after the move.
    #[serde(default)]
    pub requires: Vec<FieldName>,
    /// Made by the engine (a job, a hook) and not offered to people.
    #[serde(default)]
    pub system: bool,
}

/// An administrator's rule about an object's records (R-AUT-02): a formula that has to hold, or must not, before a change is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validation {
    /// What the refusal is known by: `validation.<code>`.
    pub code: String,
    /// The condition.
    pub formula: String,
    /// `true` = it has to hold; `false` = a record for which it holds is refused.
    pub must: bool,
    /// What a person is told.
    pub message: Label,
    /// The field it is told at; none = the record.
    #[serde(default)]
    pub field: Option<FieldName>,
    /// Switched on.
    pub enabled: bool,
}

/// Positions by name: derived from the fields, so it makes no difference between objects.
#[derive(Debug, Clone, Default)]
struct Names(OnceLock<HashMap<FieldName, FieldIx>>);

impl PartialEq for Names {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// One business object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ObjectDef {
    /// Api name, also the table's.
    pub name: ObjectName,
    /// Kind.
    pub kind: ObjectKind,
    /// Singular label.
    pub label: Label,
    /// Plural label.
    pub plural: Label,
    /// Icon of the own set.
    pub icon: String,
    /// Navigation area; none = not in the navigation.
    pub area: Option<String>,
    /// Order in the navigation.
    pub position: i32,
    /// Title field.
    pub title: FieldName,
    /// Fields under the title.
    pub subtitle: Vec<FieldName>,
    /// The title is a person's name (pinyin of surnames).
    pub person_name: bool,
    /// Sort of lists that ask for none: `-updated_at`.
    pub default_sort: String,
    /// The field whose values make the board's columns.
    pub board: Option<FieldName>,
    /// The field the life cycle moves.
    pub status: Option<FieldName>,
    /// Default list columns.
    pub list: Vec<FieldName>,
    /// Fields of a board card and of a phone list row.
    pub card: Vec<FieldName>,
    /// Key facts in the record's header.
    pub facts: Vec<FieldName>,
    /// Related lists.
    pub related: Vec<Related>,
    /// Layout sections.
    pub sections: Vec<Section>,
    /// Arrangements for some people, records or the phone, the most special first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layouts: Vec<crate::layout::Layout>,
    /// Life cycle.
    pub transitions: Vec<Transition>,
    /// Sets of fields whose values together are unique among live records.
    pub uniques: Vec<Vec<FieldName>>,
    /// Reference fields through which reading passes: who may read the record they point to may read this one (R-VIS-05).
    pub read_via: Vec<FieldName>,
    /// Rules of administrators, in the order they are judged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub validations: Vec<Validation>,
    /// Tasks, events, follow-ups, calls and notes may be about its records.
    pub activities: bool,
    /// Fields: system fields first, then the declared ones in order.
    pub fields: Vec<FieldDef>,
    /// Made by an administrator.
    pub custom: bool,
    /// Made when first asked for, so that an object read from JSON has it too.
    #[serde(skip)]
    by_name: Names,
}

impl ObjectDef {
    /// Forgets the name index; call after `fields` changed.
    pub fn reindex(&mut self) {
        self.by_name = Names::default();
    }
    /// Position of a field.
    #[must_use]
    pub fn ix(&self, name: &str) -> Option<FieldIx> {
        let index = || {
            let ix = |i| FieldIx(u16::try_from(i).expect("an object has fewer than 65,536 fields"));
            self.fields.iter().enumerate().map(|(i, f)| (f.name.clone(), ix(i))).collect()
        };
        self.by_name.0.get_or_init(index).get(name).copied()
    }
    /// A field by name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&FieldDef> {
        self.ix(name).map(|i| &self.fields[i.ix()])
    }
    /// A field by position.
    ///
    /// # Panics
    /// When the position belongs to another object.
    #[must_use]
    pub fn at(&self, ix: FieldIx) -> &FieldDef {
        &self.fields[ix.ix()]
    }
    /// Position of the title field.
    ///
    /// # Panics
    /// Never for a validated model.
    #[must_use]
    pub fn title_ix(&self) -> FieldIx {
        self.ix(&self.title).expect("a validated object has its title field")
    }
    /// The master-detail field of a child.
    #[must_use]
    pub fn master(&self) -> Option<(FieldIx, &ObjectName)> {
        (0..).map(FieldIx).zip(&self.fields).find_map(|(ix, f)| match &f.ty {
            crate::FieldType::MasterDetail { target } => Some((ix, target)),
            _ => None,
        })
    }
    /// Fields with their positions, retired ones left out.
    pub fn live(&self) -> impl Iterator<Item = (FieldIx, &FieldDef)> {
        (0..).map(FieldIx).zip(&self.fields).filter(|(_, f)| !f.retired)
    }
    /// An object without fields, to be filled by a loader.
    #[must_use]
    pub fn empty(name: ObjectName, kind: ObjectKind, label: Label, plural: Label, title: FieldName) -> Self {
        Self {
            name,
            kind,
            label,
            plural,
            icon: "dot".into(),
            area: None,
            position: 0,
            title,
            subtitle: vec![],
            person_name: false,
            default_sort: "-updated_at".into(),
            board: None,
            status: None,
            list: vec![],
            card: vec![],
            facts: vec![],
            related: vec![],
            sections: vec![],
            transitions: vec![],
            uniques: vec![],
            read_via: vec![],
            validations: vec![],
            layouts: vec![],
            activities: false,
            fields: vec![],
            custom: false,
            by_name: Names::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FieldType;

    #[test]
    fn an_object_read_from_json_knows_its_fields() {
        let name = || Label::new("Deal", "商机");
        let mut o = ObjectDef::empty(ObjectName::lit("deal"), ObjectKind::Config, name(), name(), FieldName::lit("name"));
        o.fields.push(FieldDef::new(FieldName::lit("name"), name(), FieldType::Text { max: 255 }));
        assert_eq!(o.ix("name"), Some(FieldIx(0)));
        let json = serde_json::to_string(&o).expect("an object is JSON");
        let back: ObjectDef = serde_json::from_str(&json).expect("what was written");
        assert_eq!(back, o, "whether the index was made does not matter");
        assert_eq!(back.ix("name"), Some(FieldIx(0)));
        assert_eq!(back.ix("other"), None);
    }
}
