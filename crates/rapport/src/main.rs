//! Rapport 睿客: the program. Reads the command line, sets up the log, runs the command, says what went wrong in the reader's
//! language.
#![forbid(unsafe_code)]

mod attachments;
mod bootstrap;
mod cli;
mod commands;
mod words;

use std::{io::IsTerminal as _, process::ExitCode};

use clap::Parser as _;
use tracing_subscriber::{EnvFilter, fmt};

use cli::{Cli, LogForm};

/// A write makes and drops hundreds of small values across threads: this allocator does it in half the time of the C library's.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn log(form: LogForm) {
    let filter = EnvFilter::try_from_env("RAPPORT_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = fmt().with_env_filter(filter).with_ansi(colours()).with_writer(std::io::stderr);
    match form {
        LogForm::Json => builder.json().flatten_event(true).with_current_span(true).with_span_list(false).init(),
        LogForm::Text => builder.compact().init(),
    }
}

/// Colour codes are for terminals; in a file they are in the way.
fn colours() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    log(cli.log);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(r) => r,
        Err(e) => {
            eprintln!("{}", words::failure(&anyhow::Error::from(e)));
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(commands::run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{}", words::failure(&e));
            ExitCode::FAILURE
        }
    }
}
