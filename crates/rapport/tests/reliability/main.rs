//! Hard tests of the program as a process: what clients were told is compared with what is there afterwards. What each proves, and
//! what was measured: `docs/reliability.md`. `RAPPORT_BIN` names the binary; else it is the one cargo built for the tests.
#![allow(clippy::unwrap_used)]
#![forbid(unsafe_code)]

mod commands;
mod upgrade;

use std::{path::PathBuf, time::Duration};

use rapport_bench::{
    cluster, copies, fault, full,
    kill::{self, Plan},
    power, restart,
    site::Base,
};

/// The binary under test.
fn bin() -> PathBuf {
    std::env::var_os("RAPPORT_BIN").map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_rapport")), PathBuf::from)
}

/// The promise of two seconds is made for the binary that is shipped; an unoptimised one is given more.
fn longest_start() -> Duration {
    Duration::from_secs(if std::env::var_os("RAPPORT_BIN").is_some() { 2 } else { 15 })
}

fn plan() -> Plan {
    Plan { kills: 50, seed: seed(), start: longest_start(), longest: Duration::from_millis(600) }
}

/// Another one each time; `RAPPORT_SEED` repeats a run.
fn seed() -> u64 {
    std::env::var("RAPPORT_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or_else(|| std::process::id().into())
}

/// Whether the test can be done here; says why not. Where everything is required, that is a failure.
fn possible(what: &str, obstacle: Option<String>) -> bool {
    let Some(why) = obstacle else { return true };
    eprintln!("skipped: {what} is not possible here: {why}");
    false
}

/// PostgreSQL is there; a failure where it is required and missing.
fn postgres() -> bool {
    cluster::cluster().is_some()
}

/// Prints an error with its causes and fails.
fn told<T: std::fmt::Display>(r: anyhow::Result<T>) {
    match r {
        Ok(seen) => println!("{seen}"),
        Err(e) => panic!("{e:?}"),
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

#[test]
fn fifty_kills_on_sqlite_lose_nothing() {
    told(runtime().block_on(kill::run(&bin(), Base::Sqlite, plan())));
}

#[test]
fn fifty_kills_on_postgres_lose_nothing() {
    if postgres() {
        told(runtime().block_on(kill::run(&bin(), Base::Postgres, plan())));
    }
}

#[test]
fn power_cuts_lose_nothing_and_the_test_sees_what_they_could_lose() {
    if possible("a power cut (ext4 in a loop device, as root)", power::obstacle()) {
        let blind = runtime().block_on(power::run_cuts(&bin(), 20, seed(), false)).unwrap();
        let lost = blind.lost.expect("with synchronous=NORMAL a power cut loses acknowledged writes");
        assert!(lost.contains("lost") || lost.contains("acknowledged"), "{lost}");
        told(runtime().block_on(power::run_cuts(&bin(), 10, seed(), true)));
    }
}

#[test]
fn io_errors_are_never_acknowledged() {
    if possible("an I/O error (strace)", fault::obstacle()) {
        told(runtime().block_on(fault::run_points(&bin(), 10, seed())));
    }
}

#[test]
fn a_disk_below_the_reserve_refuses_writes_and_recovers() {
    if possible("a small disk (mount, as root)", full::obstacle()) {
        told(runtime().block_on(full::run(&bin(), full::How::Reserve, seed())));
    }
}

#[test]
fn a_disk_full_to_the_last_byte_refuses_writes_and_recovers() {
    if possible("a small disk (mount, as root)", full::obstacle()) {
        told(runtime().block_on(full::run(&bin(), full::How::LastByte, seed())));
    }
}

#[test]
fn postgres_restarted_under_load_loses_nothing_and_the_service_is_back_by_itself() {
    if postgres() {
        told(runtime().block_on(restart::run(&bin(), 4, seed())));
    }
}

#[test]
fn a_backup_under_load_is_the_state_at_one_commit_on_sqlite() {
    told(runtime().block_on(copies::run(&bin(), Base::Sqlite, seed())));
}

#[test]
fn a_backup_under_load_is_the_state_at_one_commit_on_postgres() {
    if postgres() {
        told(runtime().block_on(copies::run(&bin(), Base::Postgres, seed())));
    }
}
