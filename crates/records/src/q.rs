//! Small filters for hooks, actions and the engine's own reads.

use std::sync::Arc;

use rapport_policy::RowRule;
use rapport_schema::{
    FieldName, Millis, Model, ObjectDef, RecordId, Value,
    query::{Filter, Op, Operand, Path},
};
use rapport_store::{Bin, Select};

pub(crate) fn path(field: &str) -> Path {
    Path::own(FieldName::new(field).expect("a field's name, checked by the model"))
}

/// `field op value`.
#[must_use]
pub fn cmp(field: &str, op: Op, value: Value) -> Filter {
    Filter::Cmp { path: path(field), op, operand: Operand::One(value) }
}

/// `field = value`.
#[must_use]
pub fn eq(field: &str, value: impl Into<Value>) -> Filter {
    cmp(field, Op::Eq, value.into())
}

/// `field in values`.
#[must_use]
pub fn any_of(field: &str, values: impl IntoIterator<Item = Value>) -> Filter {
    Filter::Cmp { path: path(field), op: Op::In, operand: Operand::Many(values.into_iter().collect()) }
}

/// A many-valued field has any of the values.
#[must_use]
pub fn has_any(field: &str, values: impl IntoIterator<Item = Value>) -> Filter {
    Filter::Cmp { path: path(field), op: Op::Any, operand: Operand::Many(values.into_iter().collect()) }
}

/// The field has a value.
#[must_use]
pub fn filled(field: &str) -> Filter {
    Filter::Cmp { path: path(field), op: Op::NotEmpty, operand: Operand::None }
}

/// The field has no value.
#[must_use]
pub fn blank(field: &str) -> Filter {
    Filter::Cmp { path: path(field), op: Op::IsEmpty, operand: Operand::None }
}

/// The record itself.
#[must_use]
pub fn id(id: RecordId) -> Filter {
    eq("id", id)
}

/// These records.
#[must_use]
pub fn ids(ids: impl IntoIterator<Item = RecordId>) -> Filter {
    any_of("id", ids.into_iter().map(Value::Id))
}

/// All of these hold.
#[must_use]
pub fn and(filters: impl IntoIterator<Item = Filter>) -> Filter {
    Filter::And(filters.into_iter().collect())
}

/// Not.
#[must_use]
pub fn not(f: Filter) -> Filter {
    Filter::Not(Box::new(f))
}

/// A plain selection by id order.
pub(crate) fn select(
    model: &Arc<Model>,
    object: &Arc<ObjectDef>,
    rows: RowRule,
    filter: Filter,
    limit: u32,
    now: Millis,
) -> Select {
    Select {
        model: model.clone(),
        object: object.clone(),
        rows,
        beyond: Arc::default(),
        filter,
        text: None,
        sort: vec![],
        after: None,
        limit,
        bin: Bin::Live,
        now,
        user: None,
    }
}
