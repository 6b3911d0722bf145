//! The hash chain over the change log. A sealer follows the writers, so the chain costs them nothing: each entry's hash covers
//! the hash before it and the entry's canonical bytes; a seal holds the hashes of a run of entries.
//!
//! What can be told apart: a changed, removed, exchanged or inserted entry does not fit its hash; entries cut off at the end are
//! missed by the counter, and by their seal. Who may write the whole database may also compute every hash anew: only a [`Head`] kept
//! elsewhere (a line of the server's log, a note of the last check) tells that apart.

use std::{
    fmt,
    str::FromStr,
    sync::Weak,
    time::{Duration, Instant},
};

use rapport_schema::{Change, RecordId, Seq};
use sha2::{Digest as _, Sha256};

use crate::{Db, Result, Tx, db::Inner, log, reads::Reads, sql::Sql};

/// Most entries of one seal.
const RUN: i64 = 1_000;

/// How often a running server writes the head into its own log.
const SAID: Duration = Duration::from_hours(1);

type Hash = [u8; 32];

/// An entry of the change log with the hash of the chain up to it. Kept outside the database it proves that nothing up to it was
/// written anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The entry.
    pub seq: Seq,
    hash: Hash,
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq.0, hex::encode(self.hash))
    }
}

impl FromStr for Head {
    type Err = ();
    fn from_str(s: &str) -> std::result::Result<Self, ()> {
        let (seq, hash) = s.trim().split_once(':').ok_or(())?;
        let seq = seq.parse().map_err(|_| ())?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(hash, &mut bytes).map_err(|_| ())?;
        Ok(Self { seq: Seq(seq), hash: bytes })
    }
}

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

/// Seals the next run of entries. Says up to where, and whether there may be more.
async fn seal(db: &Db) -> Result<Option<(Head, bool)>> {
    let mut src = db.clone();
    let head = seals(&mut src, 0, 1, true).await?;
    let (last, before) = head.first().map_or((0, genesis()), |s| (s.last, s.hashes.last().copied().unwrap_or_else(genesis)));
    let run = entries(&mut src, last, RUN).await?;
    let Some(end) = run.last().map(|c| c.seq.0) else { return Ok(None) };
    let (mut h, mut buf, mut text) = (before, vec![], String::with_capacity(run.len() * 64));
    for c in &run {
        h = next(&h, c, &mut buf);
        text.push_str(&hex::encode(h));
    }
    let more = i64::try_from(run.len()) == Ok(RUN);
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
    Ok(Some((Head { seq: Seq(end), hash: h }, more)))
}

/// Longest time closing waits for the seal: a database that is away is no reason to hang.
const LAST: Duration = Duration::from_secs(10);

/// Seals what is not sealed yet, before the workspace is closed: a command that writes and ends leaves a sealed log.
pub(crate) async fn rest(db: &Db) {
    let all = async {
        while seal(db).await?.is_some_and(|(_, more)| more) {}
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
        let mut said: Option<Instant> = None;
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
                    Ok(Some((head, more))) => {
                        if !more && said.is_none_or(|at| at.elapsed() >= SAID) {
                            said = Some(Instant::now());
                            tracing::info!(%head, "the change log is sealed; `rapport audit verify --since` checks against this head");
                        }
                        if !more {
                            break;
                        }
                    }
                    Ok(None) => break,
                    Err(e) => {
                        tracing::warn!(error = %e, "the change log could not be sealed yet");
                        break;
                    }
                }
            }
        }
    });
}

/// Checks the chain, and that it still passes through `since`. `Ok(Ok(head))`: everything up to the head fits. `Ok(Err(text))` names the
/// first that does not.
pub(crate) async fn verify(src: &mut impl Reads, since: Option<Head>) -> Result<std::result::Result<Head, String>> {
    // The counter is read first: entries that come while we look are not missed by it.
    let counted = log::last(src).await?;
    let (mut h, mut buf, mut at) = (genesis(), vec![], 0_i64);
    let passes = |seq: i64, h: &Hash| since.is_none_or(|s| s.seq.0 != seq || s.hash == *h);
    let rewritten =
        |seq: i64| Ok(Err(format!("entry {seq} has another hash than the one given: the log up to it was written anew")));
    loop {
        let Some(s) = seals(src, at, 1, false).await?.pop() else { break };
        #[allow(clippy::cast_possible_wrap, reason = "as many as a seal holds")]
        let wanted = s.hashes.len() as i64;
        if s.last - at != wanted {
            return Ok(Err(format!("the seal ending at entry {} does not follow entry {at}", s.last)));
        }
        let run = match entries(src, at, wanted).await {
            Ok(r) => r,
            Err(crate::StoreError::Corrupt(m)) => return Ok(Err(m)),
            Err(e) => return Err(e),
        };
        for ((i, want), seq) in s.hashes.iter().enumerate().zip(at + 1..) {
            let Some(c) = run.get(i).filter(|c| c.seq.0 == seq) else { return Ok(Err(format!("entry {seq} is missing"))) };
            h = next(&h, c, &mut buf);
            if h != *want {
                return Ok(Err(format!("entry {seq} was changed")));
            }
            if !passes(seq, &h) {
                return rewritten(seq);
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
            h = next(&h, &c, &mut buf);
            if !passes(at, &h) {
                return rewritten(at);
            }
        }
    }
    let missing = at < counted.0 || since.is_some_and(|s| at < s.seq.0);
    if missing {
        return Ok(Err(format!("entry {} is missing", at + 1)));
    }
    Ok(Ok(Head { seq: Seq(at), hash: h }))
}
