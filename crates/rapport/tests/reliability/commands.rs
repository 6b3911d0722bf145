//! Commands that are cut off, and commands beside a server.

use std::{
    path::Path,
    process::Child,
    time::{Duration, Instant},
};

use rapport_bench::{
    cluster,
    server::{Server, Where, spawn},
    site::{Base, Site},
};

use crate::{bin, runtime};

/// Starts a command, kills it after `wait`; true = it had ended well by itself before.
fn cut_off(site: &Site, at: &Where, args: &[&str], wait: Duration) -> bool {
    let mut child: Child = spawn(&site.bin, args, at, &site.log).unwrap();
    let begun = Instant::now();
    while begun.elapsed() < wait {
        if let Some(s) = child.try_wait().unwrap() {
            return s.success();
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    false
}

/// How long a command takes undisturbed.
fn time_of(f: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    f();
    begun.elapsed()
}

fn filled(base: Base) -> Site {
    let site = Site::new(&bin(), base).unwrap();
    site.run(&["load", "--accounts", "1500", "--contacts", "1500", "--opportunities", "300", "--sellers", "10"]).unwrap();
    site
}

fn other(base: Base, folder: &Path) -> Where {
    match base {
        Base::Sqlite => Where::Folder(folder.into()),
        Base::Postgres => {
            let url = cluster::cluster().unwrap().fresh_database().unwrap();
            Where::Url { url, folder: folder.into() }
        }
    }
}

/// A backup that is cut off leaves nothing that looks like one, and the next one succeeds under the same name.
fn backups_cut_off(base: Base) {
    let site = filled(base);
    let seq = site.healthy().unwrap();
    let whole = time_of(|| drop(site.run(&["backup", "--to", &site.scratch().join("first").to_string_lossy()]).unwrap()));
    let to = site.scratch().join("again");
    let text = to.to_string_lossy().into_owned();
    for i in 0..8_u32 {
        let ended = cut_off(&site, &site.at, &["backup", "--to", &text], whole * (i + 1) / 9);
        assert_eq!(to.exists(), ended, "a backup that was cut off looks like one");
        if ended {
            break;
        }
    }
    if !to.exists() {
        site.run(&["backup", "--to", &text]).unwrap();
    }
    let there = site.elsewhere(other(base, &site.scratch().join("there"))).unwrap();
    there.run(&["restore", &text]).unwrap();
    assert_eq!(there.healthy().unwrap(), seq);
}

/// A restore that is cut off leaves either no workspace or the whole one.
fn restores_cut_off(base: Base) {
    let site = filled(base);
    let seq = site.healthy().unwrap();
    let from = site.scratch().join("b.backup");
    let text = from.to_string_lossy().into_owned();
    site.run(&["backup", "--to", &text]).unwrap();
    let timed = site.elsewhere(other(base, &site.scratch().join("timed"))).unwrap();
    let whole = time_of(|| drop(timed.run(&["restore", &text]).unwrap()));
    let there = site.elsewhere(other(base, &site.scratch().join("there"))).unwrap();
    let mut cut = 0;
    for i in 0..8_u32 {
        cut_off(&there, &there.at, &["restore", &text], whole * (i + 1) / 9);
        let is_there = there.run(&["workspace", "list"]).unwrap().contains("main");
        if is_there {
            break;
        }
        cut += 1;
    }
    assert!(cut > 0, "no restore was cut off before its end");
    if !there.run(&["workspace", "list"]).unwrap().contains("main") {
        there.run(&["restore", &text]).unwrap();
    }
    assert_eq!(there.healthy().unwrap(), seq, "a workspace that is there is whole");
    let again = there.run(&["restore", &text]).unwrap_err().to_string();
    assert!(again.contains("there already is a workspace"), "{again}");
}

#[test]
fn a_backup_cut_off_leaves_no_half_backup_on_sqlite() {
    backups_cut_off(Base::Sqlite);
}

#[test]
fn a_backup_cut_off_leaves_no_half_backup_on_postgres() {
    if crate::postgres() {
        backups_cut_off(Base::Postgres);
    }
}

#[test]
fn a_restore_cut_off_leaves_no_half_workspace_on_sqlite() {
    restores_cut_off(Base::Sqlite);
}

#[test]
fn a_restore_cut_off_leaves_no_half_workspace_on_postgres() {
    if crate::postgres() {
        restores_cut_off(Base::Postgres);
    }
}

/// One server at a time on a SQLite folder; the second says why, and the first goes on. `kill -9` leaves no lock behind.
#[test]
fn a_second_server_on_the_same_folder_is_refused_in_plain_words() {
    let site = Site::new(&bin(), Base::Sqlite).unwrap();
    runtime().block_on(async {
        let mut first = site.start().await.unwrap();
        let refused = tokio::time::timeout(Duration::from_secs(20), Server::start(&site.bin, &site.at, &site.log)).await.unwrap();
        assert!(refused.is_err(), "two servers serve one folder");
        assert!(site.tail().contains("another server already serves"), "{}", site.tail());
        let c = site.checker(&first).unwrap();
        assert_eq!(c.get("/api/v1/account?limit=1").await.unwrap().status, 200);
        first.kill().unwrap();
        let mut next = site.start().await.unwrap();
        assert_eq!(site.checker(&next).unwrap().get("/readyz").await.unwrap().status, 200);
        assert!(next.stop().unwrap().success());
    });
}
