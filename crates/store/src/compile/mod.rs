//! From filters, rules, sorts and groups to SQL. Fragments are strings whose values are bind parameters of one statement.

pub(crate) mod column;
pub(crate) mod cursor;
pub(crate) mod filter;
pub(crate) mod formula;
pub(crate) mod rule;
pub(crate) mod sort;

use std::sync::Arc;

use rapport_schema::{Millis, Model, ObjectDef};

use crate::{Beyond, shared::Shared, sql::Sql};

/// A statement being compiled: the SQL written so far and what fragments need to know.
pub(crate) struct Cx<'a> {
    pub model: &'a Arc<Model>,
    pub shared: &'a Shared,
    pub now: Millis,
    /// What formulas computed when read may know.
    pub at: formula::Moment,
    /// Which rows behind lookups may tell more than their title; `None` while a formula is written, which sees all.
    pub beyond: Option<&'a Beyond>,
    pub sql: Sql<'a>,
    aliases: u32,
}

impl<'a> Cx<'a> {
    pub(crate) fn new(model: &'a Arc<Model>, shared: &'a Shared, now: Millis) -> Self {
        Self {
            model,
            shared,
            now,
            at: formula::Moment { now, user: None },
            beyond: None,
            sql: Sql::new(&shared.dialect),
            aliases: 0,
        }
    }
    /// For a selection, with the person who asks.
    pub(crate) fn of(s: &'a crate::Select, shared: &'a Shared) -> Self {
        let mut cx = Self::new(&s.model, shared, s.now);
        cx.at.user = s.user;
        cx.beyond = Some(&s.beyond);
        cx
    }
    /// A fresh alias for a nested query.
    pub(crate) fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("h{}", self.aliases)
    }
    /// A table's name.
    pub(crate) fn table(&self, n: &str) -> String {
        let mut s = String::new();
        self.shared.dialect.table(n, &mut s);
        s
    }
    /// An object of the model.
    pub(crate) fn object(&self, name: &str) -> Option<&'a Arc<ObjectDef>> {
        self.model.object(name)
    }
}

/// `alias."name"`.
pub(crate) fn col(alias: &str, name: &str) -> String {
    let mut s = String::with_capacity(alias.len() + name.len() + 3);
    s.push_str(alias);
    s.push('.');
    crate::sql::quote(name, &mut s);
    s
}

/// Joins conditions; no condition = true.
pub(crate) fn and(parts: &[String]) -> String {
    match parts {
        [] => "1=1".into(),
        [one] => one.clone(),
        many => format!("({})", many.join(" AND ")),
    }
}

/// Joins alternatives; no alternative = false.
pub(crate) fn or(parts: &[String]) -> String {
    match parts {
        [] => "1=0".into(),
        [one] => one.clone(),
        many => format!("({})", many.join(" OR ")),
    }
}
