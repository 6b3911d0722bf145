//! What is typed into a list's search box finds records by fields the caller sees plainly, and by no others (R-FLS-01, R-FLS-03).

use rapport_policy::{FieldRight, Scope};
use rapport_schema::{FieldIx, query::Filter};
use rapport_store::{Select, found_in, searched};

use crate::{Engine, Result, q, shape};

/// Most matches looked through one by one when the index holds more than the caller may see.
const MOST: u32 = 2_000;

impl Engine {
    /// The same selection with its typed text held against the caller's field rights; `true` = more records than were looked at
    /// share the text. The index knows all searchable fields; a caller who does not would learn from a hit what stands in a hidden
    /// one.
    pub(crate) async fn by_seen_fields(&self, scope: &Scope, mut s: Select) -> Result<(Select, bool)> {
        let Some(text) = s.text.clone() else { return Ok((s, false)) };
        let o = s.object.clone();
        let all: Vec<FieldIx> = searched(&o).collect();
        let plain: Vec<FieldIx> = all.iter().copied().filter(|ix| shape::plain(scope, &o, o.at(*ix))).collect();
        if plain.len() == all.len() {
            return Ok((s, false));
        }
        // Owners see the masked fields of their own records.
        let own: Vec<FieldIx> = all
            .into_iter()
            .filter(|ix| matches!(scope.field(&o, &o.at(*ix).name, true), FieldRight::Read | FieldRight::Edit))
            .collect();
        let me = scope.user().map(|u| u.record());
        let candidates = Select { after: None, limit: MOST, ..s.clone() };
        let found = self.0.db.records(candidates).await?;
        let more = found.len() as u64 >= u64::from(MOST);
        let ids = found
            .iter()
            .filter(|r| {
                let mine = me.is_some() && r.get(&o, "owner_id").as_id() == me;
                found_in(&o, r, if mine { &own } else { &plain }, &text)
            })
            .map(|r| r.id);
        let ids = q::ids(ids);
        s.text = None;
        s.filter = if s.filter == Filter::True { ids } else { q::and([s.filter, ids]) };
        Ok((s, more))
    }
}
