//! Filling the search index anew, after a workspace came from another database.

use async_recursion::async_recursion as boxed;
use std::sync::Arc;

use rapport_policy::{Act, Reason, SystemScope};
use rapport_schema::query::Filter;
use rapport_store::Bin;

use crate::{Engine, Result, q};

/// Records indexed in one transaction.
const STEP: u32 = 500;

impl Engine {
    /// Fills the search index when it is marked stale; answers how many records it indexed. Can be broken off and begun again.
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn fill_search(&self) -> Result<u64> {
        let db = self.db();
        if !db.search_is_stale().await? {
            return Ok(0);
        }
        let model = self.model();
        let scope = SystemScope::because(Reason::Derive);
        let mut n = 0;
        for o in model.objects.values() {
            let mut last = None;
            loop {
                let mut s = q::select(&model, o, scope.rule(Act::Read, &model, o), Filter::True, STEP, self.now());
                s.bin = Bin::Both;
                s.after = last.take();
                let (rows, next) = db.walk(s).await?;
                let rows = Arc::new(rows);
                n += rows.len() as u64;
                let object = o.clone();
                db.write(move |tx| {
                    let (rows, object) = (rows.clone(), object.clone());
                    Box::pin(async move {
                        for r in rows.iter() {
                            tx.index(&object, r).await?;
                        }
                        Ok(())
                    })
                })
                .await?;
                last = next;
                if last.is_none() {
                    break;
                }
            }
        }
        db.write(|tx| Box::pin(tx.search_is_filled())).await?;
        Ok(n)
    }
}
