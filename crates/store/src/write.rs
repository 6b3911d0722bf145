//! Rows in and out of tables inside a transaction, with their link rows and search terms.

use async_recursion::async_recursion as boxed;
use std::{collections::BTreeSet, sync::Arc};

use rapport_policy::RowRule;
use rapport_schema::{Millis, Model, ObjectDef, Record, RecordId, Value, codec::Form, plan::link_name};

use crate::{
    AggRow, Aggregate, Bin, Cursor, Result, Select, StoreError, Tx,
    compile::{Cx, filter::Index, rule},
    fts,
    layout::Layout,
    query,
    sql::{Built, Param},
    terms,
    tx::Conn,
};

impl Tx {
    /// A record through a rule, locked for the transaction (`FOR UPDATE` on PostgreSQL).
    ///
    /// # Errors
    /// Of the driver.
    #[boxed]
    pub async fn load(
        &mut self,
        model: &Arc<Model>,
        object: &Arc<ObjectDef>,
        rows: &RowRule,
        id: RecordId,
        bin: Bin,
        now: Millis,
    ) -> Result<Option<Record>> {
        if rows.is_nothing() {
            return Ok(None);
        }
        let shared = self.shared.clone();
        let layout = shared.layout(object);
        let mut cx = Cx::new(model, &shared, now);
        let slot = cx.sql.slot(Param::Id(id));
        let mut text = format!("SELECT {} FROM {} t WHERE t.\"id\" = {slot}", layout.select_all, cx.table(&object.name));
        match bin {
            Bin::Live => text.push_str(" AND t.\"deleted_at\" IS NULL"),
            Bin::Deleted => text.push_str(" AND t.\"deleted_at\" IS NOT NULL"),
            Bin::Both => {}
        }
        if !rows.is_all() {
            let may = rule::condition(&mut cx, object, "t", rows, Index::MayNot);
            text.push_str(" AND ");
            text.push_str(&may);
        }
        text.push_str(shared.dialect.for_update());
        cx.sql.raw(&text);
        let q = cx.sql.done();
        let form = Form::of(model);
        self.one(q, move |r| layout.record(r, form)).await
    }
    /// Rows inside the transaction, its own writes included.
    /// Texts are searched as they were before the transaction: the search index is written at its end.
    ///
    /// # Errors
    /// As [`crate::Db::list`].
    #[boxed]
    pub async fn records(&mut self, select: Select) -> Result<Vec<Record>> {
        query::records(self, select).await
    }
    /// Rows as records inside the transaction, and where to go on when there may be more.
    ///
    /// # Errors
    /// As [`crate::Db::list`].
    #[boxed]
    pub async fn walk(&mut self, select: Select) -> Result<(Vec<Record>, Option<Cursor>)> {
        query::walk(self, select).await
    }
    /// Groups inside the transaction (rollups).
    ///
    /// # Errors
    /// As [`crate::Db::list`].
    #[boxed]
    pub async fn aggregate(&mut self, select: Select, aggregate: Aggregate) -> Result<Vec<AggRow>> {
        query::aggregate(self, select, aggregate).await
    }
    /// Inserts a row, its link rows and its search terms. `version` must be 1.
    ///
    /// # Errors
    /// `NotUnique` with object and field.
    #[boxed]
    pub async fn insert(&mut self, _model: &Arc<Model>, object: &Arc<ObjectDef>, record: &Record) -> Result<()> {
        let shared = self.shared.clone();
        let layout = shared.layout(object);
        let mut params = Vec::with_capacity(layout.fields.len() * 2);
        params.extend([Param::Id(record.id), Param::Int(record.version), Param::int(record.deleted_at.map(|t| t.0))]);
        for f in &layout.fields {
            params.extend(layout.params(f, &record[f.ix]));
        }
        params.extend(layout.sort_key.as_ref().map(|_| layout.sort_value(record)));
        self.exec(&Built { text: layout.insert.clone(), params }).await?;
        let rid = match &self.conn {
            Conn::Lite(c) => c.last_insert_rowid(),
            Conn::Pg(_) => 0,
        };
        for f in object.fields.iter().zip(&record.values).filter(|(f, v)| f.ty.is_many() && !v.is_empty()) {
            self.link(&object.name, &f.0.name, record.id, &elements(f.1)).await?;
        }
        terms::inserted(self, &layout, record, rid);
        Ok(())
    }
    /// Writes the fields that differ, `version` and `deleted_at`; `Conflict` when the stored version is not `old.version`.
    ///
    /// # Errors
    /// `Conflict`, `NotUnique`.
    #[boxed]
    pub async fn update(&mut self, _model: &Arc<Model>, object: &Arc<ObjectDef>, old: &Record, new: &Record) -> Result<()> {
        let shared = self.shared.clone();
        let layout = shared.layout(object);
        let mut s = Tx::sql(&shared);
        s.raw("UPDATE ").table(&object.name).raw(" SET \"version\" = ").int(new.version);
        if old.deleted_at != new.deleted_at {
            s.raw(", \"deleted_at\" = ").bind(Param::int(new.deleted_at.map(|t| t.0)));
        }
        for f in layout.fields.iter().filter(|f| old[f.ix] != new[f.ix]) {
            for (c, p) in f.cols.iter().zip(layout.params(f, &new[f.ix])) {
                s.raw(",").name(&c.name).raw("=").bind(p);
            }
        }
        let title = object.title_ix();
        if let Some(k) = layout.sort_key.as_ref().filter(|_| old[title] != new[title]) {
            s.raw(",").name(k).raw("=").bind(layout.sort_value(new));
        }
        s.raw(" WHERE \"id\" = ").id(old.id).raw(" AND \"version\" = ").int(old.version);
        if self.exec(&s.done()).await? == 0 {
            return Err(StoreError::Conflict);
        }
        for (ix, f) in object.fields.iter().enumerate().filter(|(_, f)| f.ty.is_many()) {
            let (a, b) = (elements(&old.values[ix]), elements(&new.values[ix]));
            let gone: Vec<Param> = a.iter().filter(|x| !b.contains(x)).cloned().collect();
            let come: Vec<Param> = b.into_iter().filter(|x| !a.contains(x)).collect();
            if !gone.is_empty() {
                let mut s = Tx::sql(&shared);
                s.raw("DELETE FROM ")
                    .table(&link_name(&object.name, &f.name))
                    .raw(" WHERE record = ")
                    .id(old.id)
                    .raw(" AND value IN ");
                s.list(gone.into_iter());
                self.exec(&s.done()).await?;
            }
            self.link(&object.name, &f.name, old.id, &come).await?;
        }
        if fts::touched(&layout, old, new) {
            terms::changed(self, &layout, Some(old), new).await?;
        }
        Ok(())
    }
    /// Writes the search terms of a row anew; the row itself stays as it is.
    ///
    /// # Errors
    /// Of the driver.
    #[boxed]
    pub async fn index(&mut self, object: &Arc<ObjectDef>, record: &Record) -> Result<()> {
        let layout = self.shared.layout(object);
        terms::changed(self, &layout, None, record).await
    }
    /// Says that the search index is filled.
    ///
    /// # Errors
    /// Of the driver.
    #[boxed]
    pub async fn search_is_filled(&mut self) -> Result<()> {
        let shared = self.shared.clone();
        let mut s = Tx::sql(&shared);
        s.raw("DELETE FROM ").table("_meta").raw(" WHERE key = ").str(fts::STATE);
        self.exec(&s.done()).await.map(drop)
    }
    /// Removes a row for good, with its link rows and search terms.
    ///
    /// # Errors
    /// `Conflict` when the row is not there at that version.
    #[boxed]
    pub async fn purge(&mut self, _model: &Arc<Model>, object: &Arc<ObjectDef>, record: &Record) -> Result<()> {
        let shared = self.shared.clone();
        let layout: Arc<Layout> = shared.layout(object);
        terms::removed(self, &layout, record.id).await?;
        for f in object.fields.iter().filter(|f| f.ty.is_many()) {
            let mut s = Tx::sql(&shared);
            s.raw("DELETE FROM ").table(&link_name(&object.name, &f.name)).raw(" WHERE record = ").id(record.id);
            self.exec(&s.done()).await?;
        }
        let mut s = Tx::sql(&shared);
        s.raw("DELETE FROM ")
            .table(&object.name)
            .raw(" WHERE \"id\" = ")
            .id(record.id)
            .raw(" AND \"version\" = ")
            .int(record.version);
        if self.exec(&s.done()).await? == 0 { Err(StoreError::Conflict) } else { Ok(()) }
    }
    async fn link(&mut self, object: &str, field: &str, record: RecordId, values: &[Param]) -> Result<()> {
        let shared = self.shared.clone();
        let table = link_name(object, field);
        for v in values {
            let mut s = Tx::sql(&shared);
            s.raw("INSERT INTO ").table(&table).raw("(record, value) VALUES (").id(record).raw(",").bind(v.clone());
            s.raw(") ON CONFLICT (record, value) DO NOTHING");
            self.exec(&s.done()).await?;
        }
        Ok(())
    }
    /// Titles inside the transaction.
    ///
    /// # Errors
    /// Of the driver.
    #[boxed]
    pub async fn titles(
        &mut self,
        model: &Arc<Model>,
        refs: &[(rapport_schema::ObjectName, RecordId)],
    ) -> Result<Vec<(rapport_schema::ObjectName, RecordId, String)>> {
        query::titles(self, model, refs).await
    }
    /// Counts inside the transaction.
    ///
    /// # Errors
    /// As [`crate::Db::list`].
    #[boxed]
    pub async fn count(&mut self, select: Select, mode: rapport_schema::query::CountMode) -> Result<Option<crate::Count>> {
        query::count(self, select, mode).await
    }
    /// Does any row match?
    ///
    /// # Errors
    /// As [`crate::Db::list`].
    #[boxed]
    pub async fn exists(&mut self, mut select: Select) -> Result<bool> {
        select.limit = 1;
        Ok(!query::records(self, select).await?.is_empty())
    }
    /// The number of the last committed change as this transaction sees it.
    ///
    /// # Errors
    /// Of the driver.
    #[boxed]
    pub async fn last_seq(&mut self) -> Result<rapport_schema::Seq> {
        crate::log::last(self).await
    }
    /// Reads the change log as this transaction sees it: entries of this transaction are not in it yet.
    ///
    /// # Errors
    /// `Corrupt` when an entry cannot be read.
    #[boxed]
    pub async fn changes(&mut self, q: crate::ChangeQuery) -> Result<Vec<crate::ChangeRow>> {
        crate::log::read(self, q).await
    }
}

/// The elements of a many-valued field as they lie in the link table, each once.
fn elements(v: &Value) -> Vec<Param> {
    match v {
        Value::Ids(ids) => ids.iter().collect::<BTreeSet<_>>().into_iter().map(|i| Param::Id(*i)).collect(),
        Value::Keys(keys) => keys.iter().collect::<BTreeSet<_>>().into_iter().map(|k| Param::Text(k.to_string())).collect(),
        _ => vec![],
    }
}
