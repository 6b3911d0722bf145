//! Embeds `web/dist` into the program, or a notice when the page has not been built.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

const NOTICE: &str = r#"<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>Rapport 睿客</title>
<h1>Rapport 睿客</h1>
<p>本程序构建时未包含页面。请运行 <code>cargo xtask run</code>，它会先构建页面。</p>
<p>This program was built without its page. Run <code>cargo xtask run</code>, which builds the page first.</p>
<p><a href="/api/docs">API</a></p></html>
"#;

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for e in entries.flatten() {
        let p = e.path();
        // What the bundler notes down for itself is nobody else's.
        if e.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if p.is_dir() {
            files(&p, out);
        } else {
            out.push(p);
        }
    }
}

/// `assets/index-B3x9_aQz.js`: the bundler puts a hash of 8 characters before the ending.
fn hashed(path: &str) -> bool {
    let Some(stem) = path.strip_prefix("assets/").and_then(|p| p.split('.').next()) else { return false };
    stem.len() > 9 && stem.as_bytes()[stem.len() - 9] == b'-'
}

fn main() {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"));
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo says where to write"));
    let dist = root.join("../../web/dist");
    println!("cargo:rerun-if-changed=build.rs");
    // Cargo can only watch what exists; a folder that is watched but missing would run this on every build.
    if root.join("../../web/package.json").exists() {
        let _ = fs::create_dir_all(&dist);
    }
    if dist.exists() {
        println!("cargo:rerun-if-changed={}", dist.display());
    }
    let mut found = vec![];
    files(&dist, &mut found);
    let has_page = dist.join("index.html").exists();
    if !has_page {
        found.clear();
        let notice = out.join("notice.html");
        fs::write(&notice, NOTICE).expect("the notice can be written");
        let line = entry("index.html", &notice, None);
        fs::write(out.join("assets.rs"), table(&[line], false)).expect("the table can be written");
        return;
    }
    let mut lines: Vec<(String, String)> = found
        .iter()
        .filter(|p| p.extension().is_none_or(|e| e != "br" && e != "map"))
        .map(|p| {
            let name = p.strip_prefix(&dist).expect("below dist").to_string_lossy().replace('\\', "/");
            let br = PathBuf::from(format!("{}.br", p.display()));
            let line = entry(&name, p, br.exists().then_some(br.as_path()));
            (name, line)
        })
        .collect();
    lines.sort();
    let lines: Vec<String> = lines.into_iter().map(|(_, l)| l).collect();
    fs::write(out.join("assets.rs"), table(&lines, true)).expect("the table can be written");
}

fn entry(name: &str, file: &Path, br: Option<&Path>) -> String {
    let bytes = fs::read(file).expect("the file can be read");
    let tag: String = Sha256::digest(&bytes)[..12].iter().fold(String::new(), |mut s, b| {
        let _ = write!(s, "{b:02x}");
        s
    });
    let br = br.map_or_else(|| "None".to_owned(), |b| format!("Some(include_bytes!({:?}))", b.display().to_string()));
    format!(
        "Asset {{ path: {name:?}, bytes: include_bytes!({:?}), br: {br}, etag: {:?}, immutable: {} }},",
        file.display().to_string(),
        format!("\"{tag}\""),
        hashed(name)
    )
}

fn table(lines: &[String], has_page: bool) -> String {
    format!("const HAS_PAGE: bool = {has_page};\nstatic ASSETS: &[Asset] = &[\n{}\n];\n", lines.join("\n"))
}
