//! Filling computed columns of rows that are there already, beside the pipeline: no version, no log entry. What is written follows
//! from the model and from values the log knows.

use async_recursion::async_recursion as boxed;
use std::sync::Arc;

use rapport_schema::{FieldIx, FieldType, Model, ObjectDef, Record, RecordId, UserId};

use crate::{
    Result, Tx,
    compile::{Cx, formula},
    fts,
    sql::Param,
    terms,
};

impl Tx {
    /// Ids of an object's rows behind one, in order, those in the recycle bin included.
    ///
    /// # Errors
    /// Of the driver.
    #[boxed]
    pub async fn ids_after(&mut self, object: &ObjectDef, after: Option<RecordId>, limit: u32) -> Result<Vec<RecordId>> {
        let shared = self.shared.clone();
        let mut s = Tx::sql(&shared);
        s.raw("SELECT t.\"id\" FROM ").table(&object.name).raw(" t");
        if let Some(a) = after {
            s.raw(" WHERE t.\"id\" > ").id(a);
        }
        s.raw(" ORDER BY t.\"id\" LIMIT ").int(i64::from(limit));
        crate::reads::Reads::fetch(self, s.done(), vec![], |out: &mut Vec<RecordId>, r| {
            out.extend(r.id(0));
            Ok(())
        })
        .await
    }

    /// Computes a stored formula for some rows where they lie. `false`: it has to be computed in memory, because no database computes
    /// it or because search terms follow from it.
    ///
    /// # Errors
    /// Of the driver.
    #[boxed]
    pub async fn fill_formula(
        &mut self,
        model: &Arc<Model>,
        object: &Arc<ObjectDef>,
        field: FieldIx,
        ids: &[RecordId],
        at: (rapport_schema::Millis, Option<UserId>),
    ) -> Result<bool> {
        let f = object.at(field);
        let followed = fts::term_kind(object, field).is_some() || f.name == object.title;
        if followed || !matches!(f.ty, FieldType::Calc { volatile: false, .. }) || formula::in_memory(model, object, f) {
            return Ok(false);
        }
        let shared = self.shared.clone();
        let mut cx = Cx::new(model, &shared, at.0);
        cx.at.user = at.1;
        let value = formula::cell(&mut cx, object, "t", f)?;
        let ids = cx.sql.slots(ids.iter().map(|i| Param::Id(*i)));
        let mut name = String::new();
        crate::sql::quote(&f.name, &mut name);
        let text = format!("UPDATE {} AS t SET {name} = {value} WHERE t.\"id\" IN {ids}", cx.table(&object.name));
        cx.sql.raw(&text);
        let q = cx.sql.done();
        self.exec(&q).await?;
        Ok(true)
    }

    /// Writes computed values into their rows: those of `new` that differ from `old`, which was loaded in this transaction.
    ///
    /// # Errors
    /// Of the driver.
    #[boxed]
    pub async fn fill(&mut self, object: &Arc<ObjectDef>, field: FieldIx, old: &Record, new: &Record) -> Result<()> {
        if old[field] == new[field] {
            return Ok(());
        }
        let shared = self.shared.clone();
        let layout = shared.layout(object);
        let Some(cols) = layout.fields.iter().find(|f| f.ix == field).filter(|f| !f.cols.is_empty()) else { return Ok(()) };
        let mut s = Tx::sql(&shared);
        s.raw("UPDATE ").table(&object.name).raw(" SET ");
        for (i, (c, p)) in cols.cols.iter().zip(layout.params(cols, &new[field])).enumerate() {
            s.raw(if i > 0 { "," } else { "" }).name(&c.name).raw("=").bind(p);
        }
        if let Some(k) = layout.sort_key.as_ref().filter(|_| object.title_ix() == field) {
            s.raw(",").name(k).raw("=").bind(layout.sort_value(new));
        }
        s.raw(" WHERE \"id\" = ").id(old.id);
        self.exec(&s.done()).await?;
        if fts::touched(&layout, old, new) {
            terms::changed(self, &layout, Some(old), new).await?;
        }
        Ok(())
    }
}
