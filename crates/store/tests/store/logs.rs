//! Group commit, the change log, its chain, documents, counters, locks.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use rapport_schema::{ChangeOp, Millis, Seq};
use rapport_store::{ChangeQuery, Db, DocRow, Head, StoreError, Target};

use crate::world::{NOW, World, change, id};

pub async fn numbers_follow_commits(w: &World) {
    let mut sub = w.db.subscribe();
    let jobs = (0..50_u64).map(|n| {
        w.db.write(move |tx| {
            Box::pin(async move {
                tx.log(change("account", id(n), ChangeOp::Create, 1));
                tx.log(change("account", id(n), ChangeOp::Update, 2));
                Ok(n)
            })
        })
    });
    let done = futures::future::join_all(jobs).await;
    assert_eq!(done.into_iter().map(Result::unwrap).collect::<Vec<_>>(), (0..50).collect::<Vec<_>>());
    let rows = w.db.changes(ChangeQuery { limit: 1_000, ..ChangeQuery::default() }).await.unwrap();
    assert_eq!(rows.iter().map(|r| r.change.seq.0).collect::<Vec<_>>(), (1..=100).collect::<Vec<_>>());
    // Both entries of a job stand together.
    assert!(rows.chunks(2).all(|c| c[0].change.id == c[1].change.id && c[1].change.version == 2));
    assert_eq!(w.db.last_seq().await.unwrap(), Seq(100));
    let mut heard = 0;
    while heard < 100 {
        let c = sub.recv().await.unwrap();
        assert_eq!(c.from.0, heard + 1);
        assert_eq!(c.to.0, heard + c.changes.len() as i64);
        heard = c.to.0;
    }
    let stats = w.db.stats().await.unwrap();
    assert!(stats.commits < stats.jobs, "jobs were grouped: {stats:?}");
}

#[derive(Debug, thiserror::Error)]
#[error("no")]
struct No;

pub async fn failures_stay_alone(w: &World) {
    let runs = Arc::new(AtomicUsize::new(0));
    let jobs = (0..40_u64).map(|n| {
        let runs = runs.clone();
        w.db.write(move |tx| {
            let runs = runs.clone();
            Box::pin(async move {
                runs.fetch_add(1, Ordering::SeqCst);
                tx.log(change("account", id(n), ChangeOp::Create, 1));
                tx.doc_put(doc("k", &n.to_string(), None)).await?;
                if n % 4 == 1 {
                    return Err(StoreError::Refused(Box::new(No)));
                }
                assert!(n % 4 != 2, "a job that panics");
                // Inside: what a savepoint undoes is gone, log entries included.
                tx.savepoint().await?;
                tx.doc_put(doc("inner", &n.to_string(), None)).await?;
                tx.log(change("account", id(n), ChangeOp::Note, 1));
                tx.end_savepoint(n % 4 == 0).await?;
                Ok(())
            })
        })
    });
    let done = futures::future::join_all(jobs).await;
    for (n, r) in done.iter().enumerate() {
        match n % 4 {
            1 => assert!(matches!(r, Err(StoreError::Refused(e)) if e.is::<No>()), "{n}: {r:?}"),
            2 => assert!(matches!(r, Err(StoreError::Driver(_))), "{n}: {r:?}"),
            _ => assert!(r.is_ok(), "{n}: {r:?}"),
        }
    }
    let kept: Vec<String> = w.db.doc_list("k", None).await.unwrap().into_iter().map(|d| d.key).collect();
    assert_eq!(kept.len(), 20);
    assert!(kept.iter().all(|k| matches!(k.parse::<u64>().unwrap() % 4, 0 | 3)));
    assert_eq!(w.db.doc_list("inner", None).await.unwrap().len(), 10);
    // 20 entries of the jobs, 10 of the kept savepoints.
    assert_eq!(w.db.last_seq().await.unwrap(), Seq(30));
    assert!(w.db.verify_log(None).await.unwrap().is_ok_and(|h| h.seq == Seq(30)));
}

/// A batch hopes that nothing has to be undone; where it must be, the job runs again and ends as if it had never hoped.
pub async fn a_disappointed_hope_runs_the_job_again(w: &World) {
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = runs.clone();
    let job = move |keep: bool| {
        let runs = counted.clone();
        w.db.write_sized(true, move |tx| {
            let runs = runs.clone();
            Box::pin(async move {
                runs.fetch_add(1, Ordering::SeqCst);
                tx.log(change("account", id(1), ChangeOp::Create, 1));
                tx.doc_put(doc("hope", "before", None)).await?;
                tx.hopeful_savepoint().await?;
                tx.doc_put(doc("hope", if keep { "kept" } else { "undone" }, None)).await?;
                tx.log(change("account", id(1), ChangeOp::Note, 1));
                tx.end_savepoint(keep).await?;
                tx.doc_put(doc("hope", "after", None)).await
            })
        })
    };
    let keys = async || w.db.doc_list("hope", None).await.unwrap().into_iter().map(|d| d.key).collect::<Vec<_>>();
    let before = w.db.last_seq().await.unwrap().0;
    job(false).await.unwrap();
    let again = usize::from(matches!(w.target, Target::Sqlite(_)));
    assert_eq!(runs.load(Ordering::SeqCst), 1 + again, "PostgreSQL's savepoints cost little and are real");
    assert_eq!(keys().await, ["after", "before"]);
    assert_eq!(w.db.last_seq().await.unwrap(), Seq(before + 1), "the undone entry is not in the log");
    job(true).await.unwrap();
    assert_eq!(runs.load(Ordering::SeqCst), 2 + again, "kept at the first go");
    assert_eq!(keys().await, ["after", "before", "kept"]);
    assert_eq!(w.db.last_seq().await.unwrap(), Seq(before + 3));
}

fn doc(kind: &str, key: &str, expires: Option<Millis>) -> DocRow {
    DocRow { kind: kind.into(), key: key.into(), owner: Some(id(3)), body: serde_json::json!({"k": key, "中": 1}), expires }
}

async fn raw(w: &World, sql: &str) {
    match &w.target {
        Target::Sqlite(p) => {
            let c = rusqlite::Connection::open(p).unwrap();
            c.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
            c.execute_batch(sql).unwrap();
        }
        Target::Postgres { url, schema } => {
            let c = crate::postgres_only::connect(url).await;
            c.batch_execute(&format!("SET search_path = {schema}; {sql}")).await.unwrap();
        }
    }
}

async fn sealed(w: &World, to: i64) {
    for _ in 0..100 {
        let rows = w.db.changes(ChangeQuery { backwards: true, limit: 1, ..ChangeQuery::default() }).await.unwrap();
        if rows.first().is_some_and(|r| r.sealed && r.change.seq.0 == to) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the log was not sealed");
}

pub async fn the_chain_names_what_was_changed(w: &World) {
    w.db.write(|tx| {
        Box::pin(async move {
            for n in 0..20 {
                tx.log(change("account", id(n), ChangeOp::Create, 1));
            }
            Ok(())
        })
    })
    .await
    .unwrap();
    sealed(w, 20).await;
    assert!(w.db.verify_log(None).await.unwrap().is_ok_and(|h| h.seq == Seq(20)));
    for (tamper, repair, named) in [
        (
            "UPDATE _log SET after = '{\"name\":\"x\"}' WHERE seq = 7",
            "UPDATE _log SET after = '{\"name\":\"新\"}' WHERE seq = 7",
            "entry 7 ",
        ),
        ("UPDATE _log SET at = at + 1 WHERE seq = 1", "UPDATE _log SET at = at - 1 WHERE seq = 1", "entry 1 "),
        // Exchanged.
        (
            "UPDATE _log SET seq = -1 WHERE seq = 4; UPDATE _log SET seq = 4 WHERE seq = 5; UPDATE _log SET seq = 5 WHERE seq = -1",
            "UPDATE _log SET seq = -1 WHERE seq = 4; UPDATE _log SET seq = 4 WHERE seq = 5; UPDATE _log SET seq = 5 WHERE seq = -1",
            "entry 4 ",
        ),
        // Removed, inside and at the end.
        ("UPDATE _log SET seq = seq - 1000 WHERE seq = 12", "UPDATE _log SET seq = seq + 1000 WHERE seq < 0", "entry 12 "),
        ("UPDATE _log SET seq = seq - 1000 WHERE seq > 17", "UPDATE _log SET seq = seq + 1000 WHERE seq < 0", "entry 18 "),
    ] {
        raw(w, tamper).await;
        let found = w.db.verify_log(None).await.unwrap();
        assert!(found.as_ref().is_err_and(|m| m.contains(named)), "{tamper}: {found:?}");
        raw(w, repair).await;
        assert!(w.db.verify_log(None).await.unwrap().is_ok_and(|h| h.seq == Seq(20)), "{repair}");
    }
    // Cut off together with its seal: the counter misses it.
    raw(w, "CREATE TABLE kept_l AS SELECT * FROM _log; CREATE TABLE kept_s AS SELECT * FROM _seal; DELETE FROM _log WHERE seq > 15; DELETE FROM _seal").await;
    let found = w.db.verify_log(None).await.unwrap();
    assert!(found.as_ref().is_err_and(|m| m.contains("entry 16 ")), "{found:?}");
    raw(w, "DELETE FROM _log; DELETE FROM _seal; INSERT INTO _log SELECT * FROM kept_l; INSERT INTO _seal SELECT * FROM kept_s; DROP TABLE kept_l; DROP TABLE kept_s").await;
    // Written anew with every seal: the chain fits itself, and no longer what was noted of it.
    let noted: Head = w.db.verify_log(None).await.unwrap().unwrap().to_string().parse().unwrap();
    raw(w, "UPDATE _log SET after = '{\"name\":\"y\"}' WHERE seq = 3; DELETE FROM _seal").await;
    w.db.write(|tx| {
        Box::pin(async move {
            tx.log(change("account", id(99), ChangeOp::Create, 1));
            Ok(())
        })
    })
    .await
    .unwrap();
    sealed(w, 21).await;
    assert!(w.db.verify_log(None).await.unwrap().is_ok_and(|h| h.seq == Seq(21)));
    let found = w.db.verify_log(Some(noted)).await.unwrap();
    assert!(found.as_ref().is_err_and(|m| m.contains("entry 20 ")), "{found:?}");
    let now = w.db.verify_log(None).await.unwrap().unwrap();
    assert_eq!(w.db.verify_log(Some(now)).await.unwrap(), Ok(now));
    for wrong in ["", "20", "20:", "20:zz", &noted.to_string()[..40]] {
        assert!(wrong.parse::<Head>().is_err(), "{wrong}");
    }
}

pub async fn documents_counters_and_locks(w: &World) {
    w.db.write(|tx| {
        Box::pin(async move {
            tx.doc_put(doc("session", "a", Some(NOW.plus(1_000)))).await?;
            tx.doc_put(doc("session", "b", None)).await?;
            tx.doc_put(doc("other", "a", None)).await?;
            tx.lock_key("phone:+86138").await?;
            tx.lock_key("phone:+86138").await
        })
    })
    .await
    .unwrap();
    assert_eq!(w.db.doc_get("session", "a").await.unwrap(), Some(doc("session", "a", Some(NOW.plus(1_000)))));
    assert_eq!(w.db.doc_list("session", Some(id(3))).await.unwrap().len(), 2);
    assert!(w.db.doc_list("session", Some(id(4))).await.unwrap().is_empty());
    w.clock.0.store(1_000, Ordering::SeqCst);
    assert_eq!(w.db.doc_get("session", "a").await.unwrap(), None);
    assert_eq!(w.db.doc_list("session", None).await.unwrap().len(), 1);
    assert_eq!(w.db.write(|tx| Box::pin(tx.doc_expire())).await.unwrap(), 1);
    assert!(w.db.write(|tx| Box::pin(tx.doc_delete("session", "b"))).await.unwrap());
    assert!(!w.db.write(|tx| Box::pin(tx.doc_delete("session", "b"))).await.unwrap());
    // Numbers never repeat, however many ask at once.
    let asked = (0..60).map(|_| w.db.write(|tx| Box::pin(tx.next_number("account:2026"))));
    let mut got: Vec<i64> = futures::future::join_all(asked).await.into_iter().map(Result::unwrap).collect();
    got.sort_unstable();
    assert_eq!(got, (1..=60).collect::<Vec<_>>());
}

pub async fn reads_of_the_log(w: &World) {
    w.db.write(|tx| {
        Box::pin(async move {
            for n in 0..10 {
                let mut c = change("account", id(n % 2), ChangeOp::Update, 1);
                c.at = Millis(NOW.0 + n as i64);
                c.cause.batch = (n == 4).then(|| id(77));
                c.cause.reason = Some("因为 'x'".into());
                tx.log(c);
            }
            Ok(())
        })
    })
    .await
    .unwrap();
    let q = ChangeQuery { limit: 100, ..ChangeQuery::default() };
    let seqs = |rows: Vec<rapport_store::ChangeRow>| rows.iter().map(|r| r.change.seq.0).collect::<Vec<_>>();
    let record = Some(("account".parse().unwrap(), id(1)));
    assert_eq!(seqs(w.db.changes(ChangeQuery { record: record.clone(), ..q.clone() }).await.unwrap()), [2, 4, 6, 8, 10]);
    assert_eq!(
        seqs(
            w.db.changes(ChangeQuery { record: record.clone(), backwards: true, after: Some(Seq(8)), limit: 2, ..q.clone() })
                .await
                .unwrap()
        ),
        [6, 4]
    );
    assert_eq!(
        seqs(w.db.changes(ChangeQuery { record, until: Some(Millis(NOW.0 + 5)), backwards: true, ..q.clone() }).await.unwrap()),
        [6, 4, 2]
    );
    let batch = w.db.changes(ChangeQuery { batch: Some(id(77)), ..q.clone() }).await.unwrap();
    assert_eq!(batch[0].change.cause.reason.as_deref(), Some("因为 'x'"));
    assert_eq!(seqs(batch), [5]);
    assert_eq!(seqs(w.db.changes(ChangeQuery { after: Some(Seq(3)), limit: 2, ..q }).await.unwrap()), [4, 5]);
}

/// A command that writes and ends leaves a sealed log behind, not one that the next server has to seal.
pub async fn closing_seals_the_log(w: &World) {
    let db = Db::open(&w.target, &w.model, w.options()).await.unwrap();
    for n in 0..3_u64 {
        db.write(move |tx| {
            Box::pin(async move {
                tx.log(change("account", id(n), ChangeOp::Create, 1));
                Ok(())
            })
        })
        .await
        .unwrap();
    }
    db.close().await.unwrap();
    let rows = w.db.changes(ChangeQuery { limit: 10, ..ChangeQuery::default() }).await.unwrap();
    assert_eq!(rows.iter().map(|r| (r.change.seq.0, r.sealed)).collect::<Vec<_>>(), [(1, true), (2, true), (3, true)]);
    assert!(w.db.verify_log(None).await.unwrap().is_ok_and(|h| h.seq == Seq(3)));
    // Once more is no fault.
    db.close().await.unwrap();
}
