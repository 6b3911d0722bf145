//! The hash chain over the change log. A sealer follows the writers, so the chain costs them nothing: each entry's hash covers
//! the hash before it and the entry's canonical bytes; a seal holds the hashes of a run of entries.
//!
//! What can be told apart: a changed, removed, exchanged or inserted entry does not fit its hash; entries cut off at the end are
//! missed by the counter, and by their seal.

use std::{sync::Weak, time::Duration};

use rapport_schema::{Change, RecordId, Seq};
use sha2::{Digest as _, Sha256};

use crate::{Db, Result, Tx, db::Inner, log, reads::Reads, sql::Sql};

/// Most entries of one seal.
const RUN: i64 = 1_000;

type Hash = [u8; 32];

/// The canonical bytes of an entry: every field with its length before it.
fn canonical(c: &Change, out: &mut Vec<u8>) {
    out.clear();
    let mut put = |b: &[u8]| {
        out.extend_from_slice(&(b.len() as u64).to_be_bytes());
        out.extend_from_slice(b);
    };
    put(&c.seq.0.to_be_bytes());
    put(&c.at.0.to_be_bytes());
    put(c.object.as_bytes());
    put(&c.id.bytes());
    put(c.op.code().as_bytes());
    put(&c.version.to_be_bytes());
    put(c.actor.user.map(|u| u.record().bytes()).as_ref().map_or(&[], |b| &b[..]));
    put(log::via_code(c.actor.via).as_bytes());
    put(c.cause.trace.as_deref().unwrap_or_default().as_bytes());
    put(c.cause.batch.map(RecordId::bytes).as_ref().map_or(&[], |b| &b[..]));
    put(c.cause.act.as_deref().unwrap_or_default().as_bytes());
    put(c.cause.reason.as_deref().unwrap_or_default().as_bytes());
    put(c.before.get().as_bytes());
    put(c.after.get().as_bytes());
}

fn next(before: &Hash, c: &Change, buf: &mut Vec<u8>) -> Hash {
    canonical(c, buf);
    let mut h = Sha256::new();
    h.update(before);
    h.update(&*buf);
    h.finalize().into()
}

/// Hash before the first entry.
fn genesis() -> Hash {
    Sha256::digest(b"rapport change log").into()
}

/// One seal.
struct Seal {
    last: i64,
    hashes: Vec<Hash>,
}

fn parse(text: &str) -> Option<Vec<Hash>> {
    let bytes = hex::decode(text).ok()?;
    (bytes.len() % 32 == 0).then(|| bytes.chunks_exact(32).map(|c| c.try_into().expect("32 bytes")).collect())
}

async fn seals(src: &mut impl Reads, after: i64, limit: i64, newest: bool) -> Result<Vec<Seal>> {
    let shared = src.shared().clone();
    let mut s = Sql::new(&shared.dialect);
    s.raw("SELECT last, hashes FROM ").table("_seal").raw(" WHERE last > ").int(after);
    s.raw(if newest { " ORDER BY last DESC LIMIT " } else { " ORDER BY last LIMIT " }).int(limit);
    src.fetch(s.done(), vec![], |out: &mut Vec<Seal>, r| {
        out.push(Seal { last: r.int(0).unwrap_or(0), hashes: r.text(1).and_then(parse).unwrap_or_default() });
        Ok(())
    })
    .await
}

async fn entries(src: &mut impl Reads, after: i64, limit: i64) -> Result<Vec<Change>> {
    let shared = src.shared().clone();
    let mut s = log::select(&shared);
    s.raw(" WHERE seq > ").int(after).raw(" ORDER BY seq LIMIT ").int(limit);
    src.fetch(s.done(), vec![], |out: &mut Vec<Change>, r| {
        out.push(log::entry(r)?);
        Ok(())
    })
    .await
}

/// Seals the next run of entries. Says whether there may be more.
async fn seal(db: &Db) -> Result<bool> {
    let mut src = db.clone();
    let head = seals(&mut src, 0, 1, true).await?;
    let (last, before) = head.first().map_or((0, genesis()), |s| (s.last, s.hashes.last().copied().unwrap_or_else(genesis)));
    let run = entries(&mut src, last, RUN).await?;
    let Some(end) = run.last().map(|c| c.seq.0) else { return Ok(false) };
    let (mut h, mut buf, mut text) = (before, vec![], String::with_capacity(run.len() * 64));
    for c in &run {
        h = next(&h, c, &mut buf);
        text.push_str(&hex::encode(h));
    }
    let more = run.len() as i64 == RUN;
    // Another node may have sealed from the same place meanwhile: the first seal after `last` stays, this one is dropped.
    // Vital: what was written into the disk's reserve is sealed as well.
    db.write_vital(move |tx: &mut Tx| {
        let text = text.clone();
        Box::pin(async move {
            tx.lock_key("seal").await?;
            if seals(tx, last, 1, false).await?.is_empty() {
                let shared = tx.shared.clone();
                let mut s = Tx::sql(&shared);
                s.raw("INSERT INTO ").table("_seal").raw("(last, first, hashes, at) VALUES (").int(end).raw(",").int(last + 1);
                s.raw(",").str(&text).raw(",").int(shared.now().0).raw(")");
                tx.exec(&s.done()).await?;
            }
            Ok(())
        })
    })
    .await?;
    Ok(more)
}

/// Longest time closing waits for the seal: a database that is away is no reason to hang.
const LAST: Duration = Duration::from_secs(10);

/// Seals what is not sealed yet, before the workspace is closed: a command that writes and ends leaves a sealed log.
pub(crate) async fn rest(db: &Db) {
    let all = async {
        while seal(db).await? {}
        Ok::<(), crate::StoreError>(())
    };
    match tokio::time::timeout(LAST, all).await {
        Ok(Ok(())) => {}
        Ok(Err(e)) => tracing::warn!(error = %e, "the end of the change log is not sealed; the next start does it"),
        Err(_) => tracing::warn!("the end of the change log is not sealed for want of time; the next start does it"),
    }
}

/// Follows the writers until the workspace is closed.
pub(crate) fn start(db: &Db) {
    let weak: Weak<Inner> = std::sync::Arc::downgrade(&db.0);
    let shared = db.0.shared.clone();
    tokio::spawn(async move {
        loop {
            // Woken by a commit; now and then anyway, for entries of other nodes and of an earlier run.
            let _woken = tokio::time::timeout(Duration::from_secs(10), shared.unsealed.notified()).await;
            // Gather what comes within a moment into one seal.
            tokio::time::sleep(Duration::from_millis(200)).await;
            loop {
                let Some(inner) = weak.upgrade() else { return };
                if shared.is_closed() {
                    return;
                }
                match seal(&Db(inner)).await {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(e) => {
                        tracing::warn!(error = %e, "the change log could not be sealed yet");
                        break;
                    }
                }
            }
        }
    });
}

/// Checks the chain. `Ok(Ok(n))`: all entries up to `n` fit; `Ok(Err(text))` names the first that does not.
pub(crate) async fn verify(src: &mut impl Reads) -> Result<std::result::Result<Seq, String>> {
    // The counter is read first: entries that come while we look are not missed by it.
    let counted = log::last(src).await?;
    let (mut h, mut buf, mut at) = (genesis(), vec![], 0_i64);
    loop {
        let Some(s) = seals(src, at, 1, false).await?.pop() else { break };
        let wanted = s.hashes.len() as i64;
        if s.last - at != wanted {
            return Ok(Err(format!("the seal ending at entry {} does not follow entry {at}", s.last)));
        }
        let run = match entries(src, at, wanted).await {
            Ok(r) => r,
            Err(crate::StoreError::Corrupt(m)) => return Ok(Err(m)),
            Err(e) => return Err(e),
        };
        for (i, want) in s.hashes.iter().enumerate() {
            let seq = at + 1 + i as i64;
            let Some(c) = run.get(i).filter(|c| c.seq.0 == seq) else { return Ok(Err(format!("entry {seq} is missing"))) };
            h = next(&h, c, &mut buf);
            if h != *want {
                return Ok(Err(format!("entry {seq} was changed")));
            }
        }
        at = s.last;
    }
    // Not sealed yet: the numbers must be there without a gap.
    loop {
        let run = entries(src, at, RUN).await?;
        if run.is_empty() {
            break;
        }
        for c in run {
            if c.seq.0 != at + 1 {
                return Ok(Err(format!("entry {} is missing", at + 1)));
            }
            at += 1;
        }
    }
    if at < counted.0 {
        return Ok(Err(format!("entry {} is missing", at + 1)));
    }
    Ok(Ok(Seq(at)))
}
