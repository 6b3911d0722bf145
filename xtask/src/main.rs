//! The commands of the workspace: `cargo xtask <verb>`. Each is what CI runs and what a developer runs; there is no other way.
#![forbid(unsafe_code)]

mod fuzz;
mod need;
mod page;
#[allow(dead_code, reason = "shared with the test kit")]
#[path = "../../crates/testkit/src/postgres.rs"]
mod postgres;
mod run;
mod sh;
mod test;
mod tidy;
mod web;

use clap::{Parser, Subcommand};

/// Rapport's workspace commands.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Build page and binary, make a workspace with the sample company, serve it and print the address.
    Run(run::Args),
    /// Serve a development build beside the page's own development server.
    Dev(run::Args),
    /// Install what the tests need (as root on Debian) and run every test.
    Test(test::Args),
    /// Format, apply lints that fix themselves, regenerate.
    Fix,
    /// Regenerate what is generated: API document, client types, error list.
    Gen {
        /// Fail when something would change.
        #[arg(long)]
        check: bool,
    },
    /// Rules that neither compiler nor lints know: layers, file sizes, both languages, public documents.
    Tidy,
    /// Browser journeys against the built binary.
    E2e,
    /// Measure the built binary over HTTP, on SQLite and PostgreSQL; arguments go on (`--accounts N`, `--database sqlite|URL` …); `bench page`: the page
    /// in Chromium on a workspace of a million (`--accounts N`, `--lighthouse`).
    Bench {
        /// Passed on.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Run the fuzz targets (`--seconds` each), or only compile them (`--check`).
    Fuzz(fuzz::Args),
    /// `kill -9` at random moments under load, and on demand power cuts, I/O errors, a full disk, restarts, backups; arguments go on
    /// (`--kills N`, `--database sqlite|postgres|both`, `--seed N`, `--what kill,power,io,full,restart,backup`).
    Crash {
        /// Passed on.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
}

fn main() -> anyhow::Result<()> {
    let root = sh::root()?;
    std::env::set_current_dir(&root)?;
    match Cli::parse().verb {
        Verb::Run(a) => run::run(&a),
        Verb::Dev(a) => run::dev(&a),
        Verb::Test(a) => test::test(&a),
        Verb::Fix => test::fix(),
        Verb::Gen { check } => test::generate(check),
        Verb::Tidy => tidy::tidy(),
        Verb::E2e => test::e2e(),
        Verb::Fuzz(a) => fuzz::fuzz(&a),
        Verb::Bench { args } if args.first().is_some_and(|a| a == "page") => page::bench(&args[1..]),
        Verb::Bench { args } => run::against_release("bench", &args),
        Verb::Crash { args } => run::against_release("crash", &args),
    }
}
