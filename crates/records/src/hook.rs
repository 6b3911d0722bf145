//! Domain rules on the pipeline.

use std::sync::Arc;

use async_trait::async_trait;
use rapport_schema::{ChangeOp, FieldIx, ObjectDef, Record};

use crate::{Engine, Result, Unit};

/// A change on its way through the pipeline.
#[derive(Debug)]
pub struct Draft {
    /// The object.
    pub object: Arc<ObjectDef>,
    /// What is being done.
    pub op: ChangeOp,
    /// The record before; none at create.
    pub old: Option<Record>,
    /// The record as it will be written. Hooks may change it in `before`.
    pub new: Record,
    /// Fields the caller asked to change.
    pub asked: Vec<FieldIx>,
    /// The change is made by a named action, so the status field may move.
    pub by_action: bool,
}

impl Draft {
    /// The field differs between old and new.
    #[must_use]
    pub fn changed(&self, field: &str) -> bool {
        self.object.ix(field).is_some_and(|i| self.old.as_ref().is_none_or(|o| o[i] != self.new[i]))
    }
}

/// A domain rule. Several may watch the same object; they run in the order they were registered.
#[async_trait]
pub trait Hook: Send + Sync {
    /// Objects it watches; empty = all.
    fn objects(&self) -> &[&'static str];
    /// Fields for which [`Hook::before`] finds a value when a new record comes without one: nobody need be asked for them.
    fn fills(&self) -> &[&'static str] {
        &[]
    }
    /// Before validation of required fields and before writing: fill in, derive, refuse.
    async fn before(&self, _unit: &mut Unit<'_>, _draft: &mut Draft) -> Result<()> {
        Ok(())
    }
    /// After the row is written, in the same transaction: what else must happen.
    async fn after(&self, _unit: &mut Unit<'_>, _draft: &Draft) -> Result<()> {
        Ok(())
    }
}

/// What time brings, not a write: every server looks after it every minute, so what is to happen once keeps in the workspace that it
/// has.
#[async_trait]
pub trait Chore: Send + Sync {
    /// What it is called in the log of the program.
    fn name(&self) -> &'static str;
    /// Does what is due now; most of the time nothing is.
    async fn run(&self, engine: &Engine) -> Result<()>;
}
