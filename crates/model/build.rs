//! Reads `model/**/*.toml`, stops the build with `file:line: reason` when they are unsound, and embeds them.
#![allow(missing_docs)]

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

use rapport_schema::load::{Source, defaults, load};

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../model").canonicalize()?;
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files: Vec<(String, String, String)> = vec![];
    for e in walkdir::WalkDir::new(&root).sort_by_file_name() {
        let e = e?;
        let path = e.path();
        if e.file_type().is_dir() {
            println!("cargo::rerun-if-changed={}", path.display());
        } else if path.extension().is_some_and(|x| x == "toml") {
            println!("cargo::rerun-if-changed={}", path.display());
            let rel = path.strip_prefix(&root)?.to_string_lossy().replace('\\', "/");
            files.push((rel, path.to_string_lossy().into_owned(), fs::read_to_string(path)?));
        }
    }
    let sources: Vec<Source<'_>> = files.iter().map(|(rel, _, text)| Source { path: rel, text }).collect();
    if let Err(faults) = load(&sources).and_then(|l| defaults(&sources, &l)) {
        for f in &faults.0 {
            println!("cargo::error=model/{f}");
        }
        return Ok(());
    }
    let mut out = String::from(
        "/// Every file of the model: path below `model/` and text.\npub(crate) static FILES: &[(&str, &str)] = &[\n",
    );
    for (rel, abs, _) in &files {
        writeln!(out, "    ({rel:?}, include_str!({abs:?})),")?;
    }
    out.push_str("];\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("files.rs"), out)?;
    Ok(())
}
