//! Doing a request once that is no single write of the pipeline (those keep their answer in their own transaction, see
//! [`crate::Idempotency`]): a claim on a key, and the answer kept with it for a day.
//!
//! A claim is a document of its own. A process that dies while it holds one leaves it to its lease: within that minute a
//! second try is told that the first is still running.

use async_recursion::async_recursion as boxed;
use rapport_schema::Millis;
use rapport_store::DocRow;
use serde_json::{Value, json};

use crate::{Engine, Result};

const KIND: &str = "once";
/// Claims and answers are kept for a day.
const KEEP_MS: i64 = 24 * 3600 * 1000;
/// A claim whose holder says nothing for so long is free again: its process died.
const LEASE_MS: i64 = 60_000;

/// A claim held by this request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// Key of the document.
    pub key: String,
    /// What was asked, as a hash.
    pub print: String,
    /// Until when the claim is held.
    pub until: Millis,
}

/// What came of claiming a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    /// Go on; settle or release it at the end.
    Yours(Once),
    /// It was done: the answer.
    Done(Value),
    /// Somebody is at it.
    Running,
    /// The key was used for something else.
    Other,
}

impl Engine {
    /// Claims a key for a request whose content has the hash `print`.
    ///
    /// # Errors
    /// When the database cannot be written.
    #[boxed]
    pub async fn claim(&self, key: &str, print: &str) -> Result<Claim> {
        let now = self.now();
        let once = Once { key: key.to_owned(), print: print.to_owned(), until: now.plus(LEASE_MS) };
        let claim = self
            .db()
            .write(move |tx| {
                let once = once.clone();
                Box::pin(async move {
                    if let Some(doc) = tx.doc_get(KIND, &once.key).await?
                        && doc.expires.is_none_or(|e| e > now)
                    {
                        if doc.body["print"].as_str() != Some(&once.print) {
                            return Ok(Claim::Other);
                        }
                        if let Some(answer) = doc.body.get("answer") {
                            return Ok(Claim::Done(answer.clone()));
                        }
                        if doc.body["until"].as_i64().is_some_and(|t| t > now.0) {
                            return Ok(Claim::Running);
                        }
                    }
                    tx.doc_put(row(&once, now, None)).await?;
                    Ok(Claim::Yours(once))
                })
            })
            .await?;
        Ok(claim)
    }

    /// Keeps the answer of a claim.
    ///
    /// # Errors
    /// When the database cannot be written.
    #[boxed]
    pub async fn settle(&self, once: &Once, answer: Value) -> Result<()> {
        let (once, now) = (once.clone(), self.now());
        self.db()
            .write(move |tx| {
                let doc = row(&once, now, Some(&answer));
                Box::pin(async move { tx.doc_put(doc).await })
            })
            .await?;
        Ok(())
    }

    /// Gives a claim back: nothing was done, the next try may.
    ///
    /// # Errors
    /// When the database cannot be written.
    #[boxed]
    pub async fn release(&self, once: &Once) -> Result<()> {
        let key = once.key.clone();
        self.db()
            .write(move |tx| {
                let key = key.clone();
                Box::pin(async move { tx.doc_delete(KIND, &key).await })
            })
            .await?;
        Ok(())
    }
}

fn row(once: &Once, now: Millis, answer: Option<&Value>) -> DocRow {
    let mut body = json!({ "print": once.print, "until": once.until.0 });
    if let Some(a) = answer {
        body["answer"] = a.clone();
    }
    DocRow { kind: KIND.into(), key: once.key.clone(), owner: None, body, expires: Some(now.plus(KEEP_MS)) }
}
