//! Rules that neither the compiler nor a lint knows. Every fault is reported, each with a place and a reason.

mod languages;

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use anyhow::{Context, Result, bail};

/// The floors of ARCHITECTURE.md: a crate may use crates of lower floors only.
const FLOORS: &[(&str, u8)] = &[
    ("rapport-text", 0),
    ("rapport-schema", 0),
    ("rapport-model", 1),
    ("rapport-policy", 1),
    ("rapport-store", 2),
    ("rapport-access", 3),
    ("rapport-records", 4),
    ("rapport-exchange", 5),
    ("rapport-sales", 6),
    ("rapport-trade", 6),
    ("rapport-sample", 7),
    ("rapport-server", 8),
    ("rapport", 9),
    ("rapport-testkit", 10),
    ("rapport-bench", 10),
    ("xtask", 10),
];

/// Only these may depend on a database driver or on axum.
const DRIVERS: &[(&str, &str)] = &[
    ("rusqlite", "rapport-store"),
    ("tokio-postgres", "rapport-store"),
    ("deadpool-postgres", "rapport-store"),
    ("axum", "rapport-server"),
];

/// Places that may build a scope or act as the engine, beside tests (`Scope` is made by `access`, named escapes elsewhere).
const SCOPE_MAKERS: &[&str] = &["crates/policy/", "crates/access/", "crates/testkit/"];

/// Runs all rules.
pub fn tidy() -> Result<()> {
    let mut faults = Vec::new();
    layers(&mut faults)?;
    let files = tracked()?;
    sources(&files, &mut faults)?;
    languages::check(&files, &mut faults)?;
    documents(&files, &mut faults)?;
    let escapes = escapes(&files)?;
    println!("engine acting by itself (SystemScope::because):");
    for e in &escapes {
        println!("  {e}");
    }
    if faults.is_empty() {
        println!("tidy: {} files, nothing to say", files.len());
        return Ok(());
    }
    for f in &faults {
        eprintln!("{f}");
    }
    bail!("tidy: {} faults", faults.len())
}

fn tracked() -> Result<Vec<String>> {
    let out = Command::new("git").args(["ls-files"]).output().context("git ls-files")?;
    Ok(String::from_utf8(out.stdout)?.lines().map(str::to_owned).filter(|p| Path::new(p).is_file()).collect())
}

fn layers(faults: &mut Vec<String>) -> Result<()> {
    let meta = cargo_metadata::MetadataCommand::new().no_deps().exec()?;
    let floors: BTreeMap<&str, u8> = FLOORS.iter().copied().collect();
    for p in &meta.packages {
        let Some(&mine) = floors.get(p.name.as_str()) else {
            faults.push(format!("{}: not in the list of floors (xtask/src/tidy.rs, ARCHITECTURE.md)", p.name));
            continue;
        };
        for d in p.dependencies.iter().filter(|d| d.kind == cargo_metadata::DependencyKind::Normal) {
            if let Some(&theirs) = floors.get(d.name.as_str())
                && theirs >= mine
            {
                faults.push(format!("{} (floor {mine}) depends on {} (floor {theirs}): only lower floors", p.name, d.name));
            }
            for (driver, owner) in DRIVERS {
                // The test kit speaks HTTP to the server in the same process.
                if d.name == *driver && p.name.as_str() != *owner && p.name.as_str() != "rapport-testkit" {
                    faults.push(format!("{} depends on {driver}: only {owner} may", p.name));
                }
            }
            if d.name == "rapport-store"
                && mine >= 5
                && !matches!(p.name.as_str(), "rapport" | "rapport-server" | "rapport-testkit" | "xtask")
            {
                faults.push(format!("{} depends on rapport-store: business data is reached through rapport-records", p.name));
            }
        }
        if p.license.as_deref() != Some("Apache-2.0") {
            faults.push(format!("{}: licence is not Apache-2.0", p.name));
        }
    }
    Ok(())
}

fn sources(files: &[String], faults: &mut Vec<String>) -> Result<()> {
    for f in files {
        let code = [".rs", ".ts", ".tsx"].iter().any(|e| f.ends_with(e));
        if !code {
            continue;
        }
        let text = fs::read_to_string(f)?;
        let lines = text.lines().count();
        let generated = text.starts_with("// Made by `npm run gen`") || text.contains("@generated");
        if lines > 800 && !generated {
            faults.push(format!("{f}: {lines} lines; past 800, find the seam"));
        }
        if f.ends_with("src/lib.rs") || f.ends_with("src/main.rs") {
            if !text.starts_with("//!") {
                faults.push(format!("{f}:1: begins without saying what the crate is for (//!)"));
            }
            if !text.contains("#![forbid(unsafe_code)]") {
                faults.push(format!("{f}:1: #![forbid(unsafe_code)] is missing"));
            }
        }
        for (i, l) in text.lines().enumerate() {
            let n = i + 1;
            if f != "xtask/src/tidy.rs" {
                for word in ["todo!(", "unimplemented!(", "FIXME", "XXX:"] {
                    if l.contains(word) {
                        faults.push(format!("{f}:{n}: `{word}` left open"));
                    }
                }
                if (l.contains("ScopeBuilder::person") || l.contains(".looking_into("))
                    && !SCOPE_MAKERS.iter().any(|m| f.starts_with(m))
                    && !is_test(f)
                {
                    faults.push(format!("{f}:{n}: only `access` builds a scope"));
                }
                if l.contains("Permitted::vouch") && !f.starts_with("crates/records/src/") && !f.starts_with("crates/policy/") {
                    faults.push(format!("{f}:{n}: only the pipeline's loader vouches"));
                }
            }
        }
    }
    Ok(())
}

fn is_test(f: &str) -> bool {
    f.contains("/tests/") || f.ends_with("tests.rs") || f.contains("/examples/")
}

fn escapes(files: &[String]) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for f in
        files.iter().filter(|f| f.ends_with(".rs") && !is_test(f) && !f.starts_with("xtask/") && !f.starts_with("crates/policy/"))
    {
        for (i, l) in fs::read_to_string(f)?.lines().enumerate() {
            if l.contains("SystemScope::because") || l.contains(".as_system(") {
                all.push(format!("{f}:{}: {}", i + 1, l.trim()));
            }
        }
    }
    Ok(all)
}

fn documents(files: &[String], faults: &mut Vec<String>) -> Result<()> {
    for d in [
        "README.md",
        "README.zh-CN.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "LICENSE",
        "SECURITY.md",
        "docs/api.md",
        "docs/model-format.md",
        "docs/performance.md",
        ".ci/run",
    ] {
        if !files.iter().any(|f| f == d) {
            faults.push(format!("{d}: missing"));
        }
    }
    // Links between documents lead somewhere.
    for f in files.iter().filter(|f| f.ends_with(".md")) {
        let dir = Path::new(f).parent().unwrap_or(Path::new(""));
        for (i, l) in fs::read_to_string(f)?.lines().enumerate() {
            let mut rest = l;
            while let Some(p) = rest.find("](") {
                rest = &rest[p + 2..];
                let Some(end) = rest.find(')') else { break };
                let link = rest[..end].split('#').next().unwrap_or("");
                if !link.is_empty() && !link.contains("://") && !link.starts_with("mailto:") && !dir.join(link).exists() {
                    faults.push(format!("{f}:{}: link to `{link}` leads nowhere", i + 1));
                }
            }
        }
    }
    Ok(())
}
