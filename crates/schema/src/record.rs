//! A record in memory: one value per field of its object, in the object's order.

use std::ops::{Index, IndexMut};

use serde::{Deserialize, Deserializer};

use crate::{FieldIx, Millis, ObjectDef, RecordId, Value};

/// One record. Index it by [`FieldIx`].
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its id.
    pub id: RecordId,
    /// Grows by one with each change; 0 = not stored yet.
    pub version: i64,
    /// In the recycle bin since.
    pub deleted_at: Option<Millis>,
    /// One value per field of the object.
    pub values: Vec<Value>,
}

impl Record {
    /// An empty record of an object.
    #[must_use]
    pub fn new(object: &ObjectDef, id: RecordId) -> Self {
        Self { id, version: 0, deleted_at: None, values: vec![Value::Null; object.fields.len()] }
    }
    /// A value by field name; `Null` when the object has no such field.
    #[must_use]
    pub fn get<'r>(&'r self, object: &ObjectDef, field: &str) -> &'r Value {
        object.ix(field).map_or(&Value::Null, |i| &self[i])
    }
    /// Sets a value by field name; nothing happens when the object has no such field.
    pub fn set(&mut self, object: &ObjectDef, field: &str, value: Value) {
        if let Some(i) = object.ix(field) {
            self[i] = value;
        }
    }
}
impl Index<FieldIx> for Record {
    type Output = Value;
    fn index(&self, i: FieldIx) -> &Value {
        &self.values[i.ix()]
    }
}
impl IndexMut<FieldIx> for Record {
    fn index_mut(&mut self, i: FieldIx) -> &mut Value {
        &mut self.values[i.ix()]
    }
}

/// Absent, null and value are three things: leave, clear, set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// Not mentioned.
    #[default]
    Absent,
    /// Cleared.
    Null,
    /// Set.
    Value(T),
}
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(d)?.map_or(Self::Null, Self::Value))
    }
}
