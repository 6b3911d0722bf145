//! One body on both databases. A missing PostgreSQL is said and skipped; with `CI=true` it fails.
#![allow(clippy::unwrap_used)]
#![allow(clippy::cast_possible_wrap, reason = "counters of a test")]

mod filters;
mod logs;
mod pages;
#[path = "../../../testkit/src/postgres.rs"]
#[allow(dead_code, reason = "shared with other crates' tests")]
mod postgres;
mod postgres_only;
mod rows;
mod running;
mod search;
mod sqlite_only;
mod visibility;
mod world;

use futures::FutureExt as _;
use world::World;

macro_rules! conformance {
    ($($module:ident :: $body:ident),* $(,)?) => {
        async fn bodies(fresh: &dyn Fn() -> world::Place) {
            // All are run, so that one fault does not hide the others.
            let mut failed = vec![];
            $({
                let name = concat!(stringify!($module), "::", stringify!($body));
                eprintln!("{name}");
                let run = async {
                    let w = World::open(fresh()).await;
                    $module::$body(&w).await;
                    let faults = w.db.doctor(&w.model).await.expect("doctor");
                    assert_eq!(faults, Vec::<String>::new(), "after {name}");
                    w.end().await;
                };
                if std::panic::AssertUnwindSafe(run).catch_unwind().await.is_err() {
                    failed.push(name);
                }
            })*
            assert!(failed.is_empty(), "{failed:?}");
        }
    };
}

conformance! {
    rows::come_back_as_they_were,
    rows::conflict_and_purge,
    rows::unique_names_the_field,
    rows::texts_that_begin_alike,
    rows::json_is_written_from_cells,
    rows::masks_and_expansions,
    filters::sql_and_memory_agree,
    filters::paths_and_fields,
    pages::every_row_once_in_order,
    pages::titles_sort_by_pinyin,
    pages::counts,
    pages::aggregates,
    visibility::rules_reach_exactly_their_rows,
    visibility::ways_agree_on_many_rows,
    logs::numbers_follow_commits,
    logs::failures_stay_alone,
    logs::a_disappointed_hope_runs_the_job_again,
    logs::the_chain_names_what_was_changed,
    logs::closing_seals_the_log,
    logs::documents_counters_and_locks,
    logs::reads_of_the_log,
    search::finds_by_every_way,
    search::knows_each_row_as_it_was_last,
    search::changes_of_parts_of_a_row_add_up,
    running::custom_fields_while_running,
    running::backup_comes_back,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_conforms() {
    bodies(&|| world::Place::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_conforms() {
    let Some(c) = postgres::cluster() else { return };
    bodies(&|| world::Place::Postgres(c.url().to_owned(), postgres::fresh_schema())).await;
    postgres_only::late_commits_are_not_skipped(c).await;
    postgres_only::two_nodes_share_a_workspace(c).await;
    postgres_only::a_node_hears_of_the_others_at_once(c).await;
    postgres_only::a_restart_loses_nothing(c).await;
}
