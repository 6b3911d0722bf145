//! The registry of actions: what the business does beyond create, read, update, delete. Declared once, available everywhere.

use async_trait::async_trait;
use rapport_schema::{Label, Record};
use smol_str::SmolStr;

use crate::{Result, Unit};

/// On what an action acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionScope {
    /// One record.
    Record,
    /// The object as a whole.
    Object,
}

/// Declaration of an action.
#[derive(Debug, Clone)]
pub struct ActionSpec {
    /// Object it belongs to; `*` = every ownable object.
    pub object: SmolStr,
    /// Name in the URL.
    pub name: SmolStr,
    /// Label of the button.
    pub label: Label,
    /// On what it acts.
    pub scope: ActionScope,
    /// Right on the object it needs (`convert`, `merge`, `transfer`, `edit` …).
    pub right: SmolStr,
    /// States of the status field it starts from; empty = any.
    pub from: Vec<SmolStr>,
    /// Administrators of the pool a record waits in may do it too (R-POOL-02).
    pub at_the_pool: bool,
    /// JSON Schema of the input.
    pub input: serde_json::Value,
    /// JSON Schema of the output.
    pub output: serde_json::Value,
}

impl ActionSpec {
    /// An action on one record with the right to edit it and an input of the given JSON Schema properties.
    #[must_use]
    pub fn record(object: &str, name: &str, label: Label, properties: serde_json::Value, required: &[&str]) -> Self {
        Self {
            object: object.into(),
            name: name.into(),
            label,
            scope: ActionScope::Record,
            right: "edit".into(),
            from: vec![],
            at_the_pool: false,
            input: serde_json::json!({ "type": "object", "properties": properties, "required": required }),
            output: serde_json::json!({ "type": "object" }),
        }
    }
    /// With another right.
    #[must_use]
    pub fn needs(mut self, right: &str) -> Self {
        self.right = right.into();
        self
    }
    /// Also for administrators of the pool a record waits in.
    #[must_use]
    pub fn at_the_pool(mut self) -> Self {
        self.at_the_pool = true;
        self
    }
    /// From these states only.
    #[must_use]
    pub fn from_states(mut self, states: &[&str]) -> Self {
        self.from = states.iter().map(SmolStr::new).collect();
        self
    }
}

/// An action's implementation, run inside one transaction.
#[async_trait]
pub trait Action: Send + Sync {
    /// Its declaration.
    fn spec(&self) -> &ActionSpec;
    /// Does it. `target` was loaded through the rule of the right the declaration names.
    async fn run(&self, unit: &mut Unit<'_>, target: Option<Record>, input: serde_json::Value) -> Result<serde_json::Value>;
}
