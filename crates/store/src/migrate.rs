//! Bringing a workspace's tables to a model, at start and while it runs.

use std::sync::Arc;

use rapport_schema::{
    Model,
    plan::{self, Catalogue, Plan, Step, TableKind},
};

use crate::{
    DocRow, Result, StoreError, Tx, ddl, fts,
    shared::Shared,
    sql::{Param, Sql},
};

/// Version of the engine's own tables. A database with a greater one is refused.
pub(crate) const FORMAT: i64 = 1;

/// Kind of the documents that name stored formulas and rollups whose rows must be computed anew; key `table.column`. `records`
/// computes them (it has the evaluator) and deletes the document.
pub const BACKFILL: &str = "backfill";

async fn meta(tx: &mut Tx, key: &str) -> Result<Option<String>> {
    let shared = tx.shared.clone();
    let mut s = Tx::sql(&shared);
    s.raw("SELECT value FROM ").table("_meta").raw(" WHERE key = ").str(key);
    if shared.dialect.is_pg() {
        s.raw(" FOR UPDATE");
    }
    Ok(tx.one(s.done(), |r| r.text(0).map(str::to_owned)).await?.flatten())
}

async fn set_meta(tx: &mut Tx, key: &str, value: &str) -> Result<()> {
    let shared = tx.shared.clone();
    let mut s = Tx::sql(&shared);
    s.raw("INSERT INTO ").table("_meta").raw("(key, value) VALUES (").str(key).raw(",").str(value);
    s.raw(") ON CONFLICT (key) DO UPDATE SET value = excluded.value");
    tx.exec(&s.done()).await.map(drop)
}

/// Is there a workspace in the database already?
async fn exists(tx: &mut Tx) -> Result<bool> {
    let shared = tx.shared.clone();
    let mut s = Tx::sql(&shared);
    match &shared.dialect {
        crate::dialect::Dialect::Sqlite => s.raw("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '_meta'"),
        crate::dialect::Dialect::Postgres { schema } => {
            // Nodes that open a new workspace at the same moment wait here for each other.
            tx.batch(&format!("SELECT pg_advisory_xact_lock(hashtext('rapport.{schema}'))")).await?;
            s.raw("SELECT 1::bigint FROM pg_catalog.pg_tables WHERE tablename = '_meta' AND schemaname = ").str(schema)
        }
    };
    Ok(tx.one(s.done(), |_| ()).await?.is_some())
}

/// Makes the engine's tables when the database is new; refuses one written by a newer program.
pub(crate) async fn prepare(tx: &mut Tx) -> Result<()> {
    let shared = tx.shared.clone();
    if exists(tx).await? {
        let found = meta(tx, "format").await?.and_then(|v| v.parse::<i64>().ok());
        let found = found.ok_or_else(|| StoreError::Corrupt("the workspace has no format version".into()))?;
        return if found > FORMAT { Err(StoreError::Newer { found, known: FORMAT }) } else { Ok(()) };
    }
    if let crate::dialect::Dialect::Postgres { schema } = &shared.dialect {
        let mut q = String::new();
        crate::sql::quote(schema, &mut q);
        tx.batch(&format!("CREATE SCHEMA IF NOT EXISTS {q}")).await?;
    }
    for text in ddl::system(&shared.dialect) {
        tx.batch(&text).await?;
    }
    let mut s = Tx::sql(&shared);
    s.raw("INSERT INTO ").table("_counter").raw("(name, value) VALUES (").str(crate::log::COUNTER).raw(", 0)");
    tx.exec(&s.done()).await?;
    set_meta(tx, "format", &FORMAT.to_string()).await?;
    set_meta(tx, "catalogue", "{\"tables\":{}}").await
}

/// The catalogue the tables were brought to.
pub(crate) async fn stored(tx: &mut Tx) -> Result<Catalogue> {
    let text = meta(tx, "catalogue").await?.ok_or_else(|| StoreError::Corrupt("the workspace has no catalogue".into()))?;
    serde_json::from_str(&text).map_err(|e| StoreError::Corrupt(format!("catalogue: {e}")))
}

/// Keeps a catalogue the tables were brought to.
pub(crate) async fn keep(tx: &mut Tx, reached: &Catalogue) -> Result<()> {
    let text = serde_json::to_string(reached).map_err(|e| StoreError::Driver(e.to_string()))?;
    set_meta(tx, "catalogue", &text).await
}

/// What has to be done to bring the tables to a model.
pub(crate) fn plan(have: &Catalogue, model: &Model) -> Result<Plan> {
    diff(have, &plan::catalogue(model))
}

/// As [`plan`], but what administrators added (names in `__c`) and the given model does not hold is left as it is.
pub(crate) fn plan_start(have: &Catalogue, model: &Model) -> Result<Plan> {
    let mut want = plan::catalogue(model);
    let custom = |n: &str| n.contains("__c");
    for (name, h) in have.tables.iter().filter(|(_, t)| !t.retired) {
        let owner = match &h.kind {
            TableKind::Object(o) => o.is_custom(),
            TableKind::Link { object, field } => object.is_custom() || field.is_custom(),
        };
        match want.tables.get_mut(name) {
            None if owner => {
                want.tables.insert(name.clone(), h.clone());
            }
            None => {}
            Some(w) => {
                for c in
                    h.columns.iter().filter(|c| !c.retired && c.field.as_ref().is_some_and(rapport_schema::FieldName::is_custom))
                {
                    if w.column(&c.name).is_none() {
                        w.columns.push(c.clone());
                    }
                }
                for (n, i) in &h.indexes {
                    if i.keys.iter().any(|k| custom(k.column())) {
                        w.indexes.entry(n.clone()).or_insert_with(|| i.clone());
                    }
                }
            }
        }
    }
    diff(have, &want)
}

fn diff(have: &Catalogue, want: &Catalogue) -> Result<Plan> {
    plan::diff(have, want)
        .map_err(|faults| StoreError::Refused(Box::new(Refusals(faults.iter().map(ToString::to_string).collect()))))
}

/// Changes of the model that would rewrite or lose stored values.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("; "))]
pub struct Refusals(pub Vec<String>);

/// Carries a plan out in the job's transaction.
pub(crate) async fn run(tx: &mut Tx, model: &Arc<Model>, plan: fn(&Catalogue, &Model) -> Result<Plan>) -> Result<Catalogue> {
    let shared = tx.shared.clone();
    let have = stored(tx).await?;
    let plan = plan(&have, model)?;
    if plan.is_empty() {
        return Ok(plan.reached);
    }
    for step in &plan.steps {
        self::step(tx, &shared, &plan, model, step).await?;
    }
    keep(tx, &plan.reached).await?;
    Ok(plan.reached)
}

async fn step(tx: &mut Tx, shared: &Shared, plan: &Plan, model: &Arc<Model>, step: &Step) -> Result<()> {
    let d = &shared.dialect;
    match step {
        Step::CreateTable(t) => {
            tx.batch(&ddl::create_table(d, t)).await?;
            if let TableKind::Object(o) = &t.kind {
                for text in fts::create(d, o) {
                    tx.batch(&text).await?;
                }
            }
            Ok(())
        }
        Step::AddColumn { table, column } => tx.batch(&ddl::add_column(d, table, column)).await,
        Step::CreateIndex { table, index } => {
            let t = plan.reached.tables.get(table).ok_or_else(|| StoreError::Driver(format!("no table {table}")))?;
            tx.batch(&ddl::create_index(d, t, index)).await
        }
        Step::DropIndex { name, .. } => tx.batch(&ddl::drop_index(d, name)).await,
        Step::Backfill { table, column } => backfill(tx, plan, model, table, column).await,
        // The catalogue remembers it; the data stay as they are.
        Step::RetireColumn { .. } | Step::ReviveColumn { .. } | Step::RetireTable { .. } | Step::ReviveTable { .. } => Ok(()),
    }
}

/// Fills a derived column from the field beside it; computed ones are left to `records` with a note.
async fn backfill(tx: &mut Tx, plan: &Plan, model: &Arc<Model>, table: &str, column: &str) -> Result<()> {
    let def = plan.reached.tables.get(table).and_then(|t| t.column(column));
    let (Some(def), Some(object)) = (def, model.object(table)) else { return Ok(()) };
    if def.computed.is_some() {
        let doc = DocRow {
            kind: BACKFILL.into(),
            key: format!("{table}.{column}"),
            owner: None,
            body: serde_json::json!({ "table": table, "column": column }),
            expires: None,
        };
        return tx.doc_put(doc).await;
    }
    let shared = tx.shared.clone();
    let layout = shared.layout(object);
    let form = rapport_schema::codec::Form::of(model);
    let tail = shared.dialect.tail();
    let mut after: Option<rapport_schema::physical::Cell> = None;
    loop {
        let mut s = Sql::new(&shared.dialect);
        s.raw("SELECT ").raw(&layout.select_all).raw(",t.").name(tail.0).raw(" FROM ").table(table).raw(" t");
        if let Some(a) = &after {
            s.raw(" WHERE t.").name(tail.0).raw(" > ").bind(Param::of(a.clone(), tail.1));
        }
        s.raw(" ORDER BY t.").name(tail.0).raw(" LIMIT 1000");
        let at = 3 + layout.fields.iter().map(|f| f.cols.len()).sum::<usize>();
        let l = layout.clone();
        let rows = crate::reads::Reads::fetch(tx, s.done(), vec![], move |out: &mut Vec<_>, r| {
            out.push((l.record(r, form), r.cell(at, tail.1)));
            Ok(())
        })
        .await?;
        let Some((_, last)) = rows.last() else { return Ok(()) };
        after = Some(last.clone());
        for (r, _) in &rows {
            let value = if layout.sort_key.as_deref() == Some(column) {
                Some(layout.sort_value(r))
            } else {
                layout.fields.iter().find_map(|f| {
                    let i = f.cols.iter().position(|c| c.name == column)?;
                    layout.params(f, &r[f.ix]).into_iter().nth(i)
                })
            };
            let Some(value) = value else { return Ok(()) };
            let mut s = Sql::new(&shared.dialect);
            s.raw("UPDATE ").table(table).raw(" SET ").name(column).raw(" = ").bind(value).raw(" WHERE id = ").id(r.id);
            tx.exec(&s.done()).await?;
        }
    }
}
