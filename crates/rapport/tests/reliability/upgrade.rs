//! Upgrades that are cut off: the workspace opens afterwards, with everything in it.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::Write as _,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use rapport_bench::{
    server::{Where, spawn},
    site::{Base, Site},
};
use serde_json::Value;

use crate::{bin, runtime};

/// Columns an older program did not know: neither indexed nor needed by a command.
const NEWER: &[(&str, &str)] = &[("account", "legal_rep"), ("account", "reg_country"), ("contact", "birthday")];
/// Tables whose indexes it did not know.
const TABLES: &[&str] = &["account", "contact", "opportunity"];

/// Runs SQL in the workspace itself, around the program.
fn sql(site: &Site, text: &str) -> String {
    match &site.at {
        Where::Folder(d) => {
            let c = rusqlite::Connection::open(d.join("main.db")).unwrap();
            match text.strip_prefix("SELECT") {
                Some(_) => c.query_row(text, [], |r| r.get::<_, String>(0)).unwrap(),
                None => {
                    c.execute_batch(text).unwrap();
                    String::new()
                }
            }
        }
        Where::Url { url, .. } => {
            let text = format!("SET search_path = ws_main;\n{text};\n");
            // By standard input: a catalogue is longer than an argument may be.
            let mut psql = Command::new("psql")
                .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", "-"])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            psql.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
            let out = psql.wait_with_output().unwrap();
            assert!(out.status.success(), "{text}: {}", String::from_utf8_lossy(&out.stderr));
            String::from_utf8(out.stdout).unwrap().trim().to_owned()
        }
    }
}

/// Takes the workspace back to what an older program would have made: fewer columns and indexes, and a catalogue that says so.
fn make_older(site: &Site) -> usize {
    let mut catalogue: Value = serde_json::from_str(&sql(site, "SELECT value FROM _meta WHERE key = 'catalogue'")).unwrap();
    let (mut script, mut steps) = (String::new(), 0);
    for table in TABLES {
        let indexes = catalogue["tables"][table]["indexes"].as_object_mut().unwrap();
        for name in std::mem::take(indexes).keys() {
            write!(script, "DROP INDEX \"{name}\"; ").unwrap();
            steps += 1;
        }
    }
    for (table, column) in NEWER {
        let columns = catalogue["tables"][table]["columns"].as_array_mut().unwrap();
        let before = columns.len();
        columns.retain(|c| c["name"] != *column);
        if columns.len() < before {
            write!(script, "ALTER TABLE {table} DROP COLUMN {column}; ").unwrap();
            steps += 1;
        }
    }
    let text = catalogue.to_string().replace('\'', "''");
    sql(site, &format!("BEGIN; {script} UPDATE _meta SET value = '{text}' WHERE key = 'catalogue'; COMMIT;"));
    steps
}

/// Every record's id and version.
fn versions(site: &Site) -> BTreeMap<String, i64> {
    runtime().block_on(async {
        let server = site.start().await.unwrap();
        let c = site.checker(&server).unwrap();
        let mut all = BTreeMap::new();
        for o in TABLES {
            for v in c.list(&format!("/api/v1/{o}?fields=name")).await.unwrap() {
                all.insert(v["id"].as_str().unwrap().to_owned(), v["version"].as_i64().unwrap());
            }
        }
        all
    })
}

fn cut_off(base: Base) {
    let site = Site::new(&bin(), base).unwrap();
    site.run(&["load", "--accounts", "2500", "--contacts", "2500", "--opportunities", "500", "--sellers", "10"]).unwrap();
    let before = versions(&site);
    assert!(before.len() >= 5_500, "{}", before.len());
    let seq = site.healthy().unwrap();
    assert!(make_older(&site) >= 20, "the older workspace lacks a good deal");
    // Ever later, until one upgrade comes to its end before its kill.
    let mut kills = 0;
    let mut wait = Duration::from_millis(150);
    loop {
        let mut child = spawn(&site.bin, &["migrate"], &site.at, &site.log).unwrap();
        let begun = Instant::now();
        let ended = loop {
            if let Some(s) = child.try_wait().unwrap() {
                assert!(s.success(), "{}", site.tail());
                break true;
            }
            if begun.elapsed() >= wait {
                child.kill().unwrap();
                child.wait().unwrap();
                break false;
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        if ended {
            break;
        }
        kills += 1;
        assert!(kills < 400, "an upgrade takes more than {wait:?}");
        wait += (wait / 4).max(Duration::from_millis(60));
    }
    assert!(kills >= 3, "only {kills} upgrades were cut off");
    assert_eq!(site.healthy().unwrap(), seq, "{}", site.tail());
    assert_eq!(versions(&site), before);
    let mut copies: Vec<String> = std::fs::read_dir(site.at.folder().join("backups"))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|n| !n.ends_with("-lock"))
        .collect();
    copies.sort();
    assert!(!copies.is_empty(), "no copy was made before the tables were changed");
    assert!(copies.iter().all(|n| !n.contains(".part")), "what was cut off is left behind: {copies:?}");
    assert!(copies.len() <= 5, "copies pile up: {copies:?}");
    println!("{base}: {kills} upgrades cut off, {} records unchanged, {} copies kept", before.len(), copies.len());
}

#[test]
fn an_upgrade_cut_off_leaves_a_workspace_that_opens_on_sqlite() {
    cut_off(Base::Sqlite);
}

#[test]
fn an_upgrade_cut_off_leaves_a_workspace_that_opens_on_postgres() {
    if crate::postgres() {
        cut_off(Base::Postgres);
    }
}
