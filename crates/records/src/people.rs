//! What the pipeline needs to know of a user at every write: main department and whether the person works here.

use async_recursion::async_recursion as boxed;
use std::collections::HashMap;

use parking_lot::Mutex;
use rapport_policy::{Act, Reason, SystemScope};
use rapport_schema::RecordId;
use smol_str::SmolStr;

use crate::{Result, Unit, q};

/// A user as the pipeline sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Main department: what a record of this owner belongs to (R-VIS-06).
    pub dept: Option<RecordId>,
    /// Invited or active: may be chosen.
    pub active: bool,
    /// Name.
    pub name: SmolStr,
    /// Direct superior.
    pub manager: Option<RecordId>,
}

/// Users read so far; forgotten whenever a user changes.
#[derive(Debug, Default)]
pub(crate) struct People(Mutex<HashMap<RecordId, Person>>);

impl People {
    pub fn forget(&self) {
        self.0.lock().clear();
    }
    fn get(&self, id: RecordId) -> Option<Person> {
        self.0.lock().get(&id).cloned()
    }
}

impl Unit<'_> {
    /// A user; `None` when there is no such user.
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn person(&mut self, id: RecordId) -> Result<Option<Person>> {
        if let Some(p) = self.engine.0.people.get(id) {
            return Ok(Some(p));
        }
        let Some(o) = self.model.object("user").cloned() else { return Ok(None) };
        let rule = SystemScope::because(Reason::Derive).rule(Act::Read, &self.model, &o);
        let found = self.tx.records(q::select(&self.model, &o, rule, q::id(id), 1, self.now)).await?;
        let Some(r) = found.into_iter().next() else { return Ok(None) };
        let status = r.get(&o, "status").as_text().unwrap_or("active").to_owned();
        let p = Person {
            dept: r.get(&o, "main_dept").as_id(),
            active: matches!(status.as_str(), "active" | "invited"),
            name: SmolStr::new(r.get(&o, "name").as_text().unwrap_or_default()),
            manager: r.get(&o, "manager_id").as_id(),
        };
        // A user written by this very transaction is remembered only after it is committed.
        if !self.touched_people {
            self.engine.0.people.0.lock().insert(id, p.clone());
        }
        Ok(Some(p))
    }
}
