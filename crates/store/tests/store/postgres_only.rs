//! What only PostgreSQL can do to us: late commits, several nodes, a server that goes away.

use std::time::{Duration, Instant};

use rapport_schema::{ChangeOp, Seq};
use rapport_store::{ChangeQuery, Db, Target};
use tokio_postgres::NoTls;

use crate::{
    postgres::{self, Cluster},
    world::{Place, World, change, id},
};

pub async fn connect(url: &str) -> tokio_postgres::Client {
    let (c, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    c
}

fn place(c: &Cluster) -> Place {
    Place::Postgres(c.url().to_owned(), postgres::fresh_schema())
}

async fn note(db: &Db, n: u64) -> rapport_store::Result<()> {
    db.write(move |tx| {
        Box::pin(async move {
            tx.log(change("account", id(n), ChangeOp::Create, 1));
            Ok(())
        })
    })
    .await
}

async fn seqs(db: &Db, after: i64) -> Vec<i64> {
    let rows = db.changes(ChangeQuery { after: Some(Seq(after)), limit: 10_000, ..ChangeQuery::default() }).await.unwrap();
    rows.iter().map(|r| r.change.seq.0).collect()
}

/// Another node has numbered its entries and not committed yet: nobody gets a later number before that, so a reader that has
/// read up to its cursor never misses an entry (measurements §10).
pub async fn late_commits_are_not_skipped(c: &Cluster) {
    let w = World::open(place(c)).await;
    let Target::Postgres { schema, .. } = &w.target else { unreachable!() };
    note(&w.db, 1).await.unwrap();
    let mut slow = connect(c.url()).await;
    let t = slow.transaction().await.unwrap();
    let row = t
        .query_one(&format!("UPDATE {schema}._counter SET value = value + 1 WHERE name = 'log' RETURNING value"), &[])
        .await
        .unwrap();
    assert_eq!(row.get::<_, i64>(0), 2);
    t.execute(
        &format!("INSERT INTO {schema}._log(seq,at,object,record,op,version,via,before,after) SELECT 2,at,object,record,op,version,via,before,after FROM {schema}._log WHERE seq = 1"),
        &[],
    )
    .await
    .unwrap();
    let db = w.db.clone();
    let fast = tokio::spawn(async move { note(&db, 3).await });
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(!fast.is_finished(), "a later number was committed before an earlier one");
    assert_eq!(seqs(&w.db, 0).await, [1]);
    t.commit().await.unwrap();
    fast.await.unwrap().unwrap();
    assert_eq!(seqs(&w.db, 1).await, [2, 3]);
    w.end().await;
}

pub async fn two_nodes_share_a_workspace(c: &Cluster) {
    let w = World::open(place(c)).await;
    let other = Db::open(&w.target, &w.model, w.options()).await.unwrap();
    let mut heard = other.subscribe();
    let jobs = (0..60_u64).map(|n| {
        let db = if n % 2 == 0 { w.db.clone() } else { other.clone() };
        async move {
            note(&db, n).await?;
            db.write(|tx| {
                Box::pin(async move {
                    tx.lock_key("a").await?;
                    tx.next_number("n").await
                })
            })
            .await
        }
    });
    let mut numbers: Vec<i64> = futures::future::join_all(jobs).await.into_iter().map(Result::unwrap).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=60).collect::<Vec<_>>());
    assert_eq!(seqs(&w.db, 0).await, (1..=60).collect::<Vec<_>>());
    // The other node's subscribers hear of everything, once the log was read.
    let mut known = std::collections::BTreeSet::new();
    while known.len() < 60 {
        let c = tokio::time::timeout(Duration::from_secs(5), heard.recv()).await.expect("heard within seconds").unwrap();
        known.extend(c.changes.iter().map(|c| c.seq.0));
    }
    for _ in 0..50 {
        if w.db.changes(ChangeQuery { backwards: true, limit: 1, ..ChangeQuery::default() }).await.unwrap()[0].sealed {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(other.verify_log(None).await.unwrap().is_ok_and(|h| h.seq == Seq(60)));
    other.close().await.unwrap();
    w.end().await;
}

/// Waits until the node hears of the others at once.
async fn hears(db: &Db) {
    let begun = Instant::now();
    while !db.stats().await.unwrap().hears {
        assert!(begun.elapsed() < Duration::from_secs(20), "the node does not hear of others");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// How long after its commit on one node an entry is told on another.
async fn told(on: &Db, by: &Db, n: u64) -> Duration {
    let mut heard = on.subscribe();
    note(by, n).await.unwrap();
    let seq = by.last_seq().await.unwrap();
    let begun = Instant::now();
    loop {
        let c = tokio::time::timeout(Duration::from_secs(10), heard.recv()).await.expect("heard at all").unwrap();
        if c.to >= seq {
            return begun.elapsed();
        }
    }
}

/// What is changed on one node is seen on another within a second, also while the line on which nodes tell each other is cut; and the
/// line is back by itself.
pub async fn a_node_hears_of_the_others_at_once(c: &Cluster) {
    let w = World::open(place(c)).await;
    let other = Db::open(&w.target, &w.model, w.options()).await.unwrap();
    let Target::Postgres { schema, .. } = &w.target else { unreachable!() };
    hears(&other).await;
    hears(&w.db).await;
    // Words that are no commits reach the other node and not the one that says them; nothing is written.
    let (mut there, mut here, log) = (other.words(), w.db.words(), w.db.last_seq().await.unwrap());
    w.db.say("{\"is\":\"here\"}").await.unwrap();
    let word = tokio::time::timeout(Duration::from_secs(5), there.recv()).await.expect("the word comes").unwrap();
    assert_eq!(&*word, "{\"is\":\"here\"}");
    assert!(here.try_recv().is_err());
    assert!(w.db.say(&"x".repeat(7_001)).await.is_err(), "too long to be passed on");
    assert_eq!(w.db.last_seq().await.unwrap(), log);
    let mut slowest = Duration::ZERO;
    for n in 0..12_u64 {
        let (on, by) = if n % 2 == 0 { (&other, &w.db) } else { (&w.db, &other) };
        slowest = slowest.max(told(on, by, n).await);
        // Not in step with the look at the log every two seconds: without the line some of these would take longer.
        tokio::time::sleep(Duration::from_millis(170)).await;
    }
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    // Both lines are cut, several times, so that some cuts fall before the line is back.
    let admin = connect(c.url()).await;
    let cut = format!(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'rapport listener' AND query = 'LISTEN \"{schema}\"'"
    );
    let mut lines = 0;
    for n in 100..106_u64 {
        lines += admin.query_one(&cut, &[]).await.unwrap().get::<_, i64>(0);
        let took = told(&other, &w.db, n).await;
        assert!(took < Duration::from_secs(1), "with the line cut: {took:?}");
    }
    assert!(lines >= 2, "{lines} lines were cut");
    let begun = Instant::now();
    while admin.query_one(&cut.replace("pg_terminate_backend(pid)", "pid"), &[]).await.unwrap().get::<_, i64>(0) < 2 {
        assert!(begun.elapsed() < Duration::from_secs(30), "the line did not come back");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    hears(&other).await;
    hears(&w.db).await;
    let took = told(&other, &w.db, 200).await;
    assert!(took < Duration::from_secs(1), "after it came back: {took:?}");
    other.close().await.unwrap();
    w.end().await;
}

/// R6: the server crashes and comes back; what was acknowledged is there once, and the workspace serves again by itself.
pub async fn a_restart_loses_nothing(c: &'static Cluster) {
    if !c.is_private() {
        eprintln!("skipped: the server is not ours to stop");
        return;
    }
    let w = World::open(place(c)).await;
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let writers: Vec<_> = (0..4_u64)
        .map(|k| {
            let (db, stop) = (w.db.clone(), stop.clone());
            tokio::spawn(async move {
                let mut acked = vec![];
                let mut n = k * 1_000_000;
                while !stop.load(std::sync::atomic::Ordering::SeqCst) {
                    n += 1;
                    if note(&db, n).await.is_ok() {
                        acked.push(id(n));
                    }
                }
                acked
            })
        })
        .collect();
    for mode in ["immediate", "fast"] {
        tokio::time::sleep(Duration::from_millis(700)).await;
        tokio::task::spawn_blocking(move || {
            c.stop(mode).unwrap();
            c.start().unwrap();
        })
        .await
        .unwrap();
    }
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    note(&w.db, 9_999_999).await.expect("serves again");
    stop.store(true, std::sync::atomic::Ordering::SeqCst);
    let mut acked = vec![id(9_999_999)];
    for t in writers {
        acked.extend(t.await.unwrap());
    }
    assert!(acked.len() > 20, "{}", acked.len());
    let rows = w.db.changes(ChangeQuery { limit: 1_000_000, ..ChangeQuery::default() }).await.unwrap();
    let mut found: Vec<_> = rows.iter().map(|r| r.change.id).collect();
    found.sort_unstable();
    let n = found.len();
    found.dedup();
    assert_eq!(found.len(), n, "a group was written twice");
    let missing = acked.iter().filter(|i| found.binary_search(i).is_err()).count();
    assert_eq!(missing, 0, "of {} acknowledged", acked.len());
    assert!(w.db.verify_log(None).await.unwrap().is_ok_and(|h| h.seq.0 == n as i64));
    w.end().await;
}
