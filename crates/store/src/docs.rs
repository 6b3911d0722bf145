//! Keyed documents with an expiry, counters and named locks.

use async_recursion::async_recursion as boxed;
use rapport_schema::RecordId;
use sha2::{Digest as _, Sha256};

use crate::{
    DocRow, Result, StoreError, Tx,
    reads::Reads,
    row::Row,
    sql::{Param, Sql},
};

const COLS: &str = "kind,key,owner,body,expires";

fn doc(r: Row<'_>) -> Result<DocRow> {
    let bad = || StoreError::Corrupt("a stored document cannot be read".into());
    Ok(DocRow {
        kind: r.text(0).ok_or_else(bad)?.to_owned(),
        key: r.text(1).ok_or_else(bad)?.to_owned(),
        owner: r.id(2),
        body: serde_json::from_str(r.text(3).ok_or_else(bad)?).map_err(|_| bad())?,
        expires: r.int(4).map(rapport_schema::Millis),
    })
}

/// A document that has not expired.
pub(crate) async fn get(src: &mut impl Reads, kind: &str, key: &str) -> Result<Option<DocRow>> {
    let shared = src.shared().clone();
    let mut s = Sql::new(&shared.dialect);
    s.raw("SELECT ").raw(COLS).raw(" FROM ").table("_doc").raw(" WHERE kind = ").str(kind).raw(" AND key = ").str(key);
    s.raw(" AND (expires IS NULL OR expires > ").int(shared.now().0).raw(")");
    src.fetch(s.done(), None, |out, r| {
        *out = Some(doc(r)?);
        Ok(())
    })
    .await
}

/// All documents of a kind, of one owner or of all, by key.
pub(crate) async fn list(src: &mut impl Reads, kind: &str, owner: Option<RecordId>) -> Result<Vec<DocRow>> {
    let shared = src.shared().clone();
    let mut s = Sql::new(&shared.dialect);
    s.raw("SELECT ").raw(COLS).raw(" FROM ").table("_doc").raw(" WHERE kind = ").str(kind);
    if let Some(o) = owner {
        s.raw(" AND owner = ").id(o);
    }
    s.raw(" AND (expires IS NULL OR expires > ").int(shared.now().0).raw(") ORDER BY key");
    src.fetch(s.done(), vec![], |out: &mut Vec<DocRow>, r| {
        out.push(doc(r)?);
        Ok(())
    })
    .await
}

impl Tx {
    /// Reads a document that has not expired.
    ///
    /// # Errors
    /// Of the driver; `Corrupt` when its body is no JSON.
    #[boxed]
    pub async fn doc_get(&mut self, kind: &str, key: &str) -> Result<Option<DocRow>> {
        get(self, kind, key).await
    }
    /// All documents of a kind that have not expired, of one owner or of all, by key.
    ///
    /// # Errors
    /// As [`Tx::doc_get`].
    #[boxed]
    pub async fn doc_list(&mut self, kind: &str, owner: Option<RecordId>) -> Result<Vec<DocRow>> {
        list(self, kind, owner).await
    }
    /// Writes a document, over an older one of the same kind and key.
    ///
    /// # Errors
    /// Of the driver.
    #[boxed]
    pub async fn doc_put(&mut self, doc: DocRow) -> Result<()> {
        let shared = self.shared.clone();
        let mut s = Tx::sql(&shared);
        s.raw("INSERT INTO ").table("_doc").raw("(").raw(COLS).raw(") VALUES (").str(&doc.kind).raw(",").str(&doc.key).raw(",");
        s.bind(Param::id(doc.owner)).raw(",").str(&doc.body.to_string()).raw(",").bind(Param::int(doc.expires.map(|e| e.0)));
        s.raw(") ON CONFLICT (kind, key) DO UPDATE SET owner = excluded.owner, body = excluded.body, expires = excluded.expires");
        self.exec(&s.done()).await.map(drop)
    }
    /// Removes a document; says whether it was there.
    ///
    /// # Errors
    /// Of the driver.
    #[boxed]
    pub async fn doc_delete(&mut self, kind: &str, key: &str) -> Result<bool> {
        let shared = self.shared.clone();
        let mut s = Tx::sql(&shared);
        s.raw("DELETE FROM ").table("_doc").raw(" WHERE kind = ").str(kind).raw(" AND key = ").str(key);
        Ok(self.exec(&s.done()).await? > 0)
    }
    /// Removes documents that have expired; answers how many.
    ///
    /// # Errors
    /// Of the driver.
    #[boxed]
    pub async fn doc_expire(&mut self) -> Result<u64> {
        let shared = self.shared.clone();
        let mut s = Tx::sql(&shared);
        s.raw("DELETE FROM ").table("_doc").raw(" WHERE expires <= ").int(shared.now().0);
        self.exec(&s.done()).await
    }
    /// Next number of a counter, from 1; gaps are possible, repeats are not.
    ///
    /// # Errors
    /// Of the driver.
    #[boxed]
    pub async fn next_number(&mut self, counter: &str) -> Result<i64> {
        self.take_numbers(counter, 1).await
    }
    /// The first of `many` successive numbers of a counter; gaps are allowed, repeats are not (domain model §1 `auto`).
    ///
    /// # Errors
    /// Of the driver.
    pub async fn take_numbers(&mut self, counter: &str, many: i64) -> Result<i64> {
        let shared = self.shared.clone();
        let mut s = Tx::sql(&shared);
        // The log's own counter has no prefix, so no caller can name it.
        s.raw("INSERT INTO ").table("_counter").raw("(name, value) VALUES (").str(&format!("n:{counter}"));
        s.raw(", ").int(many).raw(")");
        s.raw(" ON CONFLICT (name) DO UPDATE SET value = ").table("_counter").raw(".value + excluded.value RETURNING value");
        let last = self.one(s.done(), |r| r.int(0)).await?.flatten();
        last.map(|n| n - many + 1).ok_or_else(|| StoreError::Driver("the counter gave no number".into()))
    }
    /// Serialises jobs that hold the same key until commit (R-DUP-04), on all nodes; free on SQLite, whose writer is one.
    /// Different keys may now and then wait for each other.
    ///
    /// # Errors
    /// Of the driver.
    #[boxed]
    pub async fn lock_key(&mut self, key: &str) -> Result<()> {
        let shared = self.shared.clone();
        if !shared.dialect.is_pg() {
            return Ok(());
        }
        // A row lock inside the workspace's own schema: advisory locks are not seen across nodes behind Citus.
        let h = Sha256::digest(key.as_bytes());
        let bucket = i64::from(u16::from_le_bytes([h[0], h[1]]));
        let mut s = Tx::sql(&shared);
        s.raw("INSERT INTO ").table("_lock").raw("(bucket) VALUES (").int(bucket);
        s.raw(") ON CONFLICT (bucket) DO UPDATE SET bucket = excluded.bucket");
        self.exec(&s.done()).await.map(drop)
    }
}
