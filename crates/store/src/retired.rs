//! Removing for good what the model let go of long ago: columns and tables the catalogue keeps as retired.

use async_recursion::async_recursion as boxed;
use std::sync::Arc;

use rapport_schema::plan::TableKind;

use crate::{Db, Result, StoreError, fts, migrate, shared::Shared};

impl Db {
    /// Removes retired fields (`object.field`) and objects (`object`) with their data. What is not retired, or unknown, is left
    /// alone. Answers the names that were removed.
    ///
    /// # Errors
    /// Of the driver.
    #[boxed]
    pub async fn drop_retired(&self, names: &[String]) -> Result<Vec<String>> {
        let names = Arc::new(names.to_vec());
        let (gone, reached) = self
            .write(move |tx| {
                let names = names.clone();
                Box::pin(async move {
                    let shared = tx.shared.clone();
                    let mut cat = migrate::stored(tx).await?;
                    let mut gone = vec![];
                    for name in names.iter() {
                        let mut statements = vec![];
                        match name.split_once('.') {
                            None => {
                                let owned: Vec<String> = cat
                                    .tables
                                    .iter()
                                    .filter(|(_, t)| t.retired && object_of(&t.kind) == name.as_str())
                                    .map(|(n, _)| n.clone())
                                    .collect();
                                for table in owned {
                                    statements.push(drop_table(&shared, &table));
                                    if cat.tables.get(&table).is_some_and(|t| matches!(t.kind, TableKind::Object(_))) {
                                        statements.push(drop_table(&shared, &fts::main_table(&table)));
                                        statements.push(drop_table(&shared, &fts::pinyin_table(&table)));
                                    }
                                    cat.tables.remove(&table);
                                }
                            }
                            Some((object, field)) => {
                                if let Some(t) = cat.tables.get_mut(object) {
                                    let of_field = |c: &rapport_schema::plan::ColumnDef| {
                                        c.retired && c.field.as_ref().is_some_and(|f| f.as_str() == field)
                                    };
                                    for c in t.columns.iter().filter(|c| of_field(c)) {
                                        let (mut table, mut column) = (String::new(), String::new());
                                        shared.dialect.table(object, &mut table);
                                        crate::sql::quote(&c.name, &mut column);
                                        statements.push(format!("ALTER TABLE {table} DROP COLUMN {column}"));
                                    }
                                    t.columns.retain(|c| !of_field(c));
                                }
                                let link = rapport_schema::plan::link_name(object, field);
                                if cat.tables.get(&link).is_some_and(|t| t.retired) {
                                    statements.push(drop_table(&shared, &link));
                                    cat.tables.remove(&link);
                                }
                            }
                        }
                        if !statements.is_empty() {
                            gone.push(name.clone());
                        }
                        for s in statements {
                            tx.batch(&s).await?;
                        }
                    }
                    migrate::keep(tx, &cat).await?;
                    Ok::<_, StoreError>((gone, cat))
                })
            })
            .await?;
        *self.0.shared.catalogue.write() = Arc::new(reached);
        Ok(gone)
    }
}

fn object_of(kind: &TableKind) -> &str {
    match kind {
        TableKind::Object(o) => o.as_str(),
        TableKind::Link { object, .. } => object.as_str(),
    }
}

fn drop_table(shared: &Shared, name: &str) -> String {
    let mut table = String::new();
    shared.dialect.table(name, &mut table);
    format!("DROP TABLE IF EXISTS {table}")
}
