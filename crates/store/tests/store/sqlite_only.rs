//! What only SQLite can show: a full disk, slow queries, a newer file, a second start.

use rapport_store::{Db, Options, StoreError, Target};

use crate::world::{Place, World};

#[tokio::test]
async fn writing_stops_before_the_disk_is_full() {
    let w = World::open(Place::Sqlite).await;
    w.put("account", vec![w.account(1, "a")]).await;
    w.db.close().await.unwrap();
    let full = Options { reserve_bytes: u64::MAX, ..w.options() };
    // What is there goes on being read, from the start.
    let db = Db::open(&w.target, &w.model, full).await.unwrap();
    assert_eq!(db.records(w.select("account")).await.unwrap().len(), 1);
    let refused = db.write(|tx| Box::pin(async move { tx.next_number("n").await })).await;
    assert!(matches!(refused, Err(StoreError::Full)), "{refused:?}");
    db.close().await.unwrap();
    let db = Db::open(&w.target, &w.model, w.options()).await.unwrap();
    db.write(|tx| Box::pin(async move { tx.next_number("n").await })).await.unwrap();
    db.close().await.unwrap();
}

/// Below the reserve people still sign in: what is vital is written until a tenth of it is left.
#[tokio::test]
async fn what_is_vital_is_written_into_the_reserve() {
    let w = World::open(Place::Sqlite).await;
    w.db.close().await.unwrap();
    let s = rustix::fs::statvfs(w.dir()).unwrap();
    let free = s.f_bavail * s.f_frsize;
    let vital = |db: Db| async move { db.write_vital(|tx| Box::pin(async move { tx.next_number("n").await })).await };
    let db = Db::open(&w.target, &w.model, Options { reserve_bytes: free * 3, ..w.options() }).await.unwrap();
    let (a, b, c) = tokio::join!(
        db.write(|tx| Box::pin(async move { tx.next_number("n").await })),
        vital(db.clone()),
        db.write(|tx| Box::pin(async move { tx.next_number("n").await })),
    );
    assert!(matches!((a, b, c), (Err(StoreError::Full), Ok(1), Err(StoreError::Full))));
    assert_eq!(db.stats().await.unwrap().queued, 0);
    db.close().await.unwrap();
    let db = Db::open(&w.target, &w.model, Options { reserve_bytes: free * 30, ..w.options() }).await.unwrap();
    assert!(matches!(vital(db.clone()).await, Err(StoreError::Full)));
    db.close().await.unwrap();
}

#[tokio::test]
async fn a_newer_file_is_refused() {
    let w = World::open(Place::Sqlite).await;
    w.db.close().await.unwrap();
    let Target::Sqlite(path) = &w.target else { unreachable!() };
    let c = rusqlite::Connection::open(path).unwrap();
    c.execute("UPDATE _meta SET value = '999' WHERE key = 'format'", []).unwrap();
    drop(c);
    match Db::open(&w.target, &w.model, w.options()).await {
        Err(StoreError::Newer { found: 999, known: 1 }) => {}
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn slow_queries_are_stopped() {
    let w = World::open(Place::Sqlite).await;
    let rows = (1..=3_000).map(|n| w.account(n, "某某某某")).collect();
    w.put("account", rows).await;
    w.db.close().await.unwrap();
    let db = Db::open(&w.target, &w.model, Options { query_timeout_ms: 1, ..w.options() }).await.unwrap();
    let o = w.object("account");
    let f = rapport_schema::filter::parse(
        r#"{"and":[{"field":"name","op":"contains","value":"无"},{"field":"remark","op":"contains","value":"无"},{"field":"parent_id.parent_id.name","op":"ne","value":"无"}]}"#,
        &w.model,
        &o,
        &rapport_store::Rules,
    )
    .unwrap();
    let mut s = w.select("account");
    s.filter = rapport_schema::query::Filter::Or(vec![f.clone(), f.clone(), f]);
    let mut stopped = false;
    for _ in 0..20 {
        stopped |= matches!(db.records(s.clone()).await, Err(StoreError::Timeout));
    }
    assert!(stopped);
    db.close().await.unwrap();
}

#[tokio::test]
async fn a_closed_workspace_refuses() {
    let w = World::open(Place::Sqlite).await;
    w.db.close().await.unwrap();
    assert!(matches!(w.try_put("account", vec![w.account(1, "a")]).await, Err(StoreError::Unavailable(_))));
    assert!(matches!(w.db.records(w.select("account")).await, Err(StoreError::Unavailable(_))));
}

/// Each commit leaves a piece in the search tables; while nobody writes they are merged, and searching finds the same.
#[tokio::test]
async fn search_tables_are_merged_while_nobody_writes() {
    let w = World::open(Place::Sqlite).await;
    let Target::Sqlite(path) = &w.target else { unreachable!() };
    let c = rusqlite::Connection::open(path).unwrap();
    let pieces = || -> u32 {
        c.query_row("SELECT max(n) FROM (SELECT count(DISTINCT segid) n FROM _fts_account_idx UNION ALL SELECT count(DISTINCT segid) FROM _py_account_idx)", [], |r| r.get(0))
            .unwrap()
    };
    let mut most = 0;
    for n in 1..=40 {
        w.put("account", vec![w.account(n, &format!("渔业{n}号"))]).await;
        most = most.max(pieces());
    }
    let mut few = u32::MAX;
    for _ in 0..200 {
        few = pieces();
        if few <= 4 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(most > 4 && few <= 4, "{most} pieces, {few} after a pause");
    let mut s = w.select("account");
    s.text = Some("渔业".into());
    assert_eq!(w.ids(s).await.len(), 40);
    w.end().await;
}
