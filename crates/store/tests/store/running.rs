//! While the workspace runs: custom fields and objects, backups.

use std::sync::Arc;

use rapport_schema::{
    FieldName, Model, ObjectKind, Value,
    query::{Filter, Op, Operand, Path},
};
use rapport_store::{Db, Target, restore};

use crate::world::{World, field, object, text};

fn extended(w: &World) -> Model {
    let mut m = (*w.model).clone();
    let mut a = (*w.object("account")).clone();
    let mut f = field("colour__c", text(20));
    f.custom = true;
    f.unique = true;
    a.fields.push(f);
    let mut t = field("marks__c", rapport_schema::FieldType::Multi { set: "level".into() });
    t.custom = true;
    a.fields.push(t);
    a.reindex();
    m.objects.insert(a.name.clone(), Arc::new(a));
    let mut o = object("visit__c", ObjectKind::Ownable, "name", vec![field("name", text(50))]);
    o.custom = true;
    m.objects.insert(o.name.clone(), Arc::new(o));
    m.version += 1;
    m
}

pub async fn custom_fields_while_running(w: &World) {
    w.put("account", (1..=30).map(|n| w.account(n, "公司")).collect()).await;
    // Readers and writers go on meanwhile.
    let db = w.db.clone();
    let s = w.select("account");
    let reading = tokio::spawn(async move {
        for _ in 0..30 {
            assert_eq!(db.records(s.clone()).await.unwrap().len(), 30);
        }
    });
    let m = Arc::new(extended(w));
    w.db.migrate(&m).await.unwrap();
    reading.await.unwrap();
    let o = m.object("account").unwrap().clone();
    let mut s = w.select("account");
    (s.model, s.object) = (m.clone(), o.clone());
    let mut r = w.db.records(s.clone()).await.unwrap().remove(3);
    let old = r.clone();
    r.version = 2;
    r.set(&o, "colour__c", "红".into());
    r.set(&o, "marks__c", Value::Keys(vec!["a".into()]));
    let (m2, o2, new) = (m.clone(), o.clone(), r.clone());
    w.db.write(move |tx| {
        let (m, o, old, new) = (m2.clone(), o2.clone(), old.clone(), new.clone());
        Box::pin(async move { tx.update(&m, &o, &old, &new).await })
    })
    .await
    .unwrap();
    s.filter = Filter::Cmp { path: Path::own(FieldName::lit("marks__c")), op: Op::Any, operand: Operand::Many(vec!["a".into()]) };
    assert_eq!(w.db.records(s.clone()).await.unwrap(), vec![r.clone()]);
    assert_eq!(w.db.doctor(&m).await.unwrap(), Vec::<String>::new());
    // A second node or a restart with the shipped model keeps what administrators added.
    let again = Db::open(&w.target, &w.model, w.options()).await.unwrap();
    assert_eq!(again.records(s.clone()).await.unwrap(), vec![r.clone()]);
    assert_eq!(again.doctor(&m).await.unwrap(), Vec::<String>::new());
    again.close().await.unwrap();
    // Dropped and taken back: the data are still there (they are kept).
    w.db.migrate(&w.model).await.unwrap();
    w.db.migrate(&m).await.unwrap();
    assert_eq!(w.db.records(s).await.unwrap(), vec![r]);
    // A change of type would lose data.
    let mut bad = (*m).clone();
    let mut a = (**bad.object("account").unwrap()).clone();
    let ix = a.ix("employees").unwrap().ix();
    a.fields[ix].ty = text(10);
    bad.objects.insert(a.name.clone(), Arc::new(a));
    let refused = w.db.migrate(&bad).await.unwrap_err();
    assert!(matches!(refused, rapport_store::StoreError::Refused(_)), "{refused}");
    w.db.migrate(&w.model).await.unwrap();
}

pub async fn backup_comes_back(w: &World) {
    w.put("account", (1..=200).map(|n| crate::rows::full(w, n)).collect()).await;
    // Writers go on while the copy is taken.
    let (db, model, o) = (w.db.clone(), w.model.clone(), w.object("account"));
    let more: Vec<_> = (201..=260).map(|n| w.account(n, "later")).collect();
    let writing = tokio::spawn(async move {
        for r in more {
            let (model, o) = (model.clone(), o.clone());
            db.write(move |tx| {
                let (model, o, r) = (model.clone(), o.clone(), r.clone());
                Box::pin(async move { tx.insert(&model, &o, &r).await })
            })
            .await
            .unwrap();
        }
    });
    let to = w.dir().join("copy");
    w.db.backup(&to).await.unwrap();
    writing.await.unwrap();
    assert!(w.db.backup(&to).await.is_err(), "a backup is not written over");
    let target = match &w.target {
        Target::Sqlite(_) => Target::Sqlite(w.dir().join("restored.db")),
        Target::Postgres { url, .. } => Target::Postgres { url: url.clone(), schema: crate::postgres::fresh_schema() },
    };
    restore(&to, &target).await.unwrap();
    assert!(restore(&to, &target).await.is_err(), "nothing is restored over a workspace");
    let db = Db::open(&target, &w.model, w.options()).await.unwrap();
    let mut s = w.select("account");
    s.sort = w.by("account", "created_at", false);
    let found = db.records(s).await.unwrap();
    assert!((200..=260).contains(&found.len()), "{}", found.len());
    assert_eq!(found[..200], (1..=200).map(|n| crate::rows::full(w, n)).collect::<Vec<_>>()[..]);
    assert_eq!(db.doctor(&w.model).await.unwrap(), Vec::<String>::new());
    db.close().await.unwrap();
    // A damaged copy is noticed.
    let bad = w.dir().join("bad");
    match &w.target {
        Target::Sqlite(_) => {
            let mut bytes = std::fs::read(&to).unwrap();
            let n = bytes.len();
            bytes[n / 2..n / 2 + 4_096].fill(0x55);
            std::fs::write(&bad, bytes).unwrap();
        }
        Target::Postgres { .. } => {
            std::fs::create_dir(&bad).unwrap();
            for f in std::fs::read_dir(&to).unwrap() {
                let f = f.unwrap().path();
                let mut bytes = std::fs::read(&f).unwrap();
                if f.ends_with("account.copy") {
                    bytes[100] ^= 1;
                }
                std::fs::write(bad.join(f.file_name().unwrap()), bytes).unwrap();
            }
        }
    }
    let elsewhere = match &w.target {
        Target::Sqlite(_) => Target::Sqlite(w.dir().join("bad.db")),
        Target::Postgres { url, .. } => Target::Postgres { url: url.clone(), schema: crate::postgres::fresh_schema() },
    };
    assert!(matches!(restore(&bad, &elsewhere).await, Err(rapport_store::StoreError::Corrupt(_))));
}
