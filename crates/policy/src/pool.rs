//! Looking into a public pool (R-POOL-02): its ownerless records of one object, seen through masks, with nothing to write and
//! nothing of what hangs on them.

use std::sync::Arc;

use rapport_schema::{FieldDef, FieldName, FieldType, MaskKind, Model, ObjectDef, ObjectName, RecordId};

use crate::{Act, FieldRight, Reached, RowRule, Scope, rule::Kind};

/// What somebody sees of a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolView {
    /// Leads or accounts.
    pub object: ObjectName,
    /// The pool.
    pub pool: RecordId,
    /// Fields seen through a mask; none for its administrators.
    pub hidden: Vec<FieldName>,
}

impl PoolView {
    fn hides(&self, field: &str) -> bool {
        self.hidden.iter().any(|f| f == field)
    }
}

impl Scope {
    /// The same person looking into a pool: instead of the records of that object that are theirs, those of the pool. Made by
    /// `access`, which knows who sits at which pool.
    #[must_use]
    pub fn looking_into(&self, view: PoolView) -> Self {
        self.with_pool(Some(Arc::new(view)))
    }
    /// The pool looked into.
    #[must_use]
    pub fn pool(&self) -> Option<&PoolView> {
        self.pool.as_deref()
    }

    /// The rule of a look into a pool; none when there is no such look.
    pub(crate) fn pool_rule(&self, act: Act, model: &Model, object: &ObjectDef, depth: u8) -> Option<RowRule> {
        let p = self.pool.as_deref()?;
        if act != Act::Read {
            return Some(RowRule(Kind::Nothing));
        }
        if object.name == p.object {
            let here = Reached::Leads { field: FieldName::lit("pool_id"), to: p.pool };
            let waiting = Reached::Flag(FieldName::lit("in_pool"));
            let both = Reached::All(vec![RowRule::any(vec![here]), RowRule::any(vec![waiting])]);
            return Some(RowRule::any(vec![both]));
        }
        // Names of people, options and the like as ever; a record of the pool opens nothing that hangs on it.
        Some(self.with_pool(None).rule_at(act, model, object, depth))
    }

    /// What a look into a pool leaves of a right on a field.
    pub(crate) fn in_pool(&self, object: &ObjectDef, f: &FieldDef, right: FieldRight) -> FieldRight {
        match self.pool.as_deref() {
            None => right,
            // What records are compared by would tell what it was made of.
            Some(p) if object.name == p.object && f.name.strip_suffix("_key").is_some_and(|of| p.hides(of)) => FieldRight::Hidden,
            Some(p) if object.name == p.object && p.hides(&f.name) => {
                let by_type = if matches!(f.ty, FieldType::Addr) { MaskKind::Address } else { MaskKind::Text };
                right.and(FieldRight::Masked(f.mask.unwrap_or(by_type)))
            }
            Some(_) => right.and(FieldRight::Read),
        }
    }
}
