//! Writes `docs/openapi.json` from the routes and the shipped model, and `docs/errors.md` from the messages; with `--check`
//! fails when one of them is stale.

use std::{path::Path, process::ExitCode};

fn main() -> ExitCode {
    let check = std::env::args().any(|a| a == "--check");
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let made = [
        ("openapi.json", rapport_server::openapi::committed(&rapport_model::shipped())),
        ("errors.md", rapport_server::messages::document()),
    ];
    for (name, text) in made {
        let file = docs.join(name);
        if std::fs::read_to_string(&file).is_ok_and(|old| old == text) {
            continue;
        }
        if check {
            eprintln!("docs/{name} is stale: run `cargo xtask gen`");
            return ExitCode::FAILURE;
        }
        if let Err(e) = std::fs::write(&file, text) {
            eprintln!("{}: {e}", file.display());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
