//! `cargo xtask bench`: fills a workspace, serves it with the built binary, measures over HTTP, prints a table and a JSON file.
#![forbid(unsafe_code)]

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result};
use clap::Parser;
use rapport_bench::{
    cluster::cluster,
    measure::{self, Caller, Figures, Request},
    server::{self, Server, Where},
};
use rapport_sample::names::Namer;
use reqwest::Method;
use serde_json::{Value, json};

/// What to measure.
#[derive(Debug, Clone, Parser)]
struct Args {
    /// The binary.
    #[arg(long)]
    bin: PathBuf,
    /// Measure nothing: print these results side by side.
    #[arg(long, num_args = 1..)]
    compare: Vec<PathBuf>,
    /// Accounts; as many contacts, a fifth as many opportunities.
    #[arg(long, default_value_t = 100_000)]
    accounts: usize,
    /// Only this database: `sqlite`, or the address of a PostgreSQL database. Default: SQLite, then a private PostgreSQL, side by side.
    #[arg(long)]
    database: Option<String>,
    /// Folder of the workspace; kept and used again when it holds one of this size.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// Rows of the import that is measured, in a workspace of its own; 0 leaves it out.
    #[arg(long, default_value_t = 200_000)]
    import_rows: usize,
    /// Where to write the figures; of two databases the second stands beside the first, as `….postgres.json`.
    #[arg(long, default_value = "bench-result.json")]
    out: PathBuf,
}

impl Args {
    fn postgres(&self) -> Option<&str> {
        self.database.as_deref().filter(|d| *d != "sqlite")
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let a = Args::parse();
    if !a.compare.is_empty() {
        return compare(&a.compare);
    }
    if a.database.is_some() {
        return one(&a).await;
    }
    one(&a).await?;
    let cluster = tokio::task::spawn_blocking(cluster).await?.context("PostgreSQL is needed, or name `--database sqlite`")?;
    let database = Some(cluster.fresh_database().map_err(anyhow::Error::msg)?);
    // The private database is gone afterwards, and so is what was filled.
    let folder = tempfile::tempdir()?;
    let second =
        Args { database, folder: Some(folder.path().to_owned()), out: a.out.with_extension("postgres.json"), ..a.clone() };
    one(&second).await?;
    compare(&[a.out, second.out])
}

/// Fills, serves and measures one database.
async fn one(a: &Args) -> Result<()> {
    let folder = a.folder.clone().unwrap_or_else(|| std::env::temp_dir().join(format!("rapport-bench-{}", a.accounts)));
    std::fs::create_dir_all(&folder)?;
    let at = a
        .postgres()
        .map_or_else(|| Where::Folder(folder.clone()), |url| Where::Url { url: url.to_owned(), folder: folder.clone() });
    let filled = folder.join(if a.postgres().is_some() { "filled-postgres" } else { "filled-sqlite" });
    let mut facts = serde_json::Map::new();
    if !filled.exists() {
        let begun = std::time::Instant::now();
        let n = a.accounts.to_string();
        let deals = (a.accounts / 5).to_string();
        server::run(&a.bin, &["load", "--accounts", &n, "--contacts", &n, "--opportunities", &deals], &at, &[])?;
        let seconds = begun.elapsed().as_secs_f64();
        let rows = a.accounts as f64 * 2.2;
        facts.insert("fill_rows_per_s".into(), json!((rows / seconds).round()));
        std::fs::write(&filled, "")?;
    }
    let token = |user: &str| server::run(&a.bin, &["token", "create", "--user", user], &at, &[]).map(|t| last_word(&t));
    let admin_mail = "bench-admin@bench.example";
    if token(admin_mail).is_err() {
        server::run(&a.bin, &["user", "create", "--email", admin_mail, "--name", "Bench", "--admin"], &at, &[])?;
    }
    let admin = token(admin_mail)?;
    let people = [
        ("0.1 %", token("bench0_0@bench.example")?),
        ("5 %", token("bench1_0@bench.example")?),
        ("60 %", token("bench2_0@bench.example")?),
    ];

    let log = folder.join("server.log");
    let server = Server::start(&a.bin, &at, &log).await?;
    facts.insert("start_s".into(), json!(server.started_in.as_secs_f64()));
    facts.insert("binary_mib".into(), json!(std::fs::metadata(&a.bin)?.len() as f64 / 1048576.0));
    tokio::time::sleep(Duration::from_millis(500)).await;
    facts.insert("rss_idle_mib".into(), json!(server.rss_mib().round()));
    facts.insert("rss_idle_mapped_mib".into(), json!(server.mapped_mib().round()));

    let all = Caller::new(&server.base, &admin);
    let sample = sample(&all).await.context("the workspace has no data")?;
    let time = Duration::from_secs(a.seconds);
    let mut table: Vec<Figures> = vec![];
    let mut measured =
        async |name: &str, who: &Caller, clients: &[usize], make: &(dyn Fn(u64) -> Request + Sync)| -> Result<()> {
            for &c in clients {
                // Requests are made ahead so that the maker may borrow.
                let ready: Vec<Request> = (0..4000).map(make).collect();
                #[allow(clippy::cast_possible_truncation, reason = "an index")]
                let f =
                    measure::run(name, &server, who, c, time, move |i| ready[(i % ready.len() as u64) as usize].clone()).await?;
                println!(
                    "{:<44} {:>3}  p50 {:>8.3} ms  p99 {:>8.3} ms  {:>9.0}/s  {:>7.3} CPU ms",
                    f.name, f.clients, f.p50_ms, f.p99_ms, f.rps, f.cpu_ms
                );
                table.push(f);
            }
            Ok(())
        };
    let both = [1, 16];
    #[allow(clippy::cast_possible_truncation, reason = "an index")]
    let pick = |of: &[String], i: u64| of[(i as usize * 7919) % of.len()].clone();
    measured("get one account", &all, &both, &|i| Request::get(format!("/api/v1/account/{}", pick(&sample.accounts, i)))).await?;
    let list = |i: u64| {
        let f = json!({"and": [{"field": "owner_id", "op": "eq", "value": pick(&sample.owners, i)}, {"field": "stage_id", "op": "eq", "value": pick(&sample.stages, i / 3)}]});
        Request::get(format!("/api/v1/opportunity?limit=50&sort=-close_on&filter={}", encoded(&f.to_string())))
    };
    measured("list 50: owner and stage, by date", &all, &both, &list).await?;
    for (share, token) in &people {
        let who = Caller::new(&server.base, token);
        measured(&format!("list 50 accounts, newest, sees {share}"), &who, &both, &|_| {
            Request::get("/api/v1/account?limit=50&sort=-updated_at")
        })
        .await?;
        let stage = |i: u64| {
            let f = json!({"field": "stage_id", "op": "eq", "value": pick(&sample.stages, i)});
            Request::get(format!("/api/v1/opportunity?limit=50&sort=-close_on&filter={}", encoded(&f.to_string())))
        };
        measured(&format!("list 50 deals of a stage, sees {share}"), &who, &[1], &stage).await?;
    }
    let group = json!({"group": ["stage_id"], "measures": [{"fn": "count"}, {"fn": "sum", "field": "amount"}]});
    measured("count and sum by stage", &all, &[1], &|_| {
        Request::with(Method::POST, "/api/v1/opportunity/aggregate", group.clone())
    })
    .await?;
    for (what, words) in [("2 characters", &sample.words), ("initials", &sample.initials), ("phone suffix", &sample.suffixes)] {
        measured(&format!("search: {what}"), &all, &both, &|i| {
            Request::get(format!("/api/v1/search?q={}", encoded(&pick(words, i))))
        })
        .await?;
    }
    let fresh: Vec<String> = {
        let mut n = Namer::new(u64::from(std::process::id()));
        (0..1000).map(|i| if i % 5 == 4 { n.organisation_en().name } else { n.organisation_zh(None).name }).collect()
    };
    let create = |i: u64| {
        let body = json!({"name": format!("{}{}", pick(&fresh, i), rand::random::<u32>()), "kind": "company", "level": "b", "phone": format!("0571-{:08}", 20_000_000 + i % 60_000_000)});
        Request::with(Method::POST, "/api/v1/account", body)
    };
    measured("create account, durable", &all, &both, &create).await?;
    let update = |i: u64| {
        Request::with(
            Method::PATCH,
            format!("/api/v1/account/{}", pick(&sample.accounts, i)),
            json!({"description": format!("测量 {}", rand::random::<u32>())}),
        )
    };
    measured("update account, durable", &all, &both, &update).await?;
    facts.insert("rss_after_mib".into(), json!(server.rss_mib().round()));
    facts.insert("rss_after_mapped_mib".into(), json!(server.mapped_mib().round()));
    drop(server);
    if a.import_rows > 0 {
        let (rate, peak) = import(a, &folder)?;
        facts.insert("import_rows_per_s".into(), json!(rate.round()));
        facts.insert("import_peak_mib".into(), json!(peak));
    }
    facts.insert("sync_ms".into(), json!(disk_sync(&folder)?));
    for (k, v) in &facts {
        println!("{k:<44} {v}");
    }
    let whole = json!({"accounts": a.accounts, "backend": if a.postgres().is_some() {"postgres"} else {"sqlite"}, "facts": facts, "figures": table});
    std::fs::write(&a.out, serde_json::to_string_pretty(&whole)?)?;
    println!("written to {}", a.out.display());
    Ok(())
}

/// Prints the medians of several results side by side, as a table of Markdown.
fn compare(files: &[PathBuf]) -> Result<()> {
    let read = |p: &PathBuf| -> Result<Value> { Ok(serde_json::from_slice(&std::fs::read(p)?)?) };
    let all: Vec<Value> = files.iter().map(read).collect::<Result<_>>()?;
    let head: Vec<String> =
        all.iter().map(|r| format!("{} {}", r["backend"].as_str().unwrap_or_default(), r["accounts"])).collect();
    println!("| p50 / p99 ms | Clients | {} |", head.join(" | "));
    println!("|---|---|{}", "---|".repeat(all.len()));
    for (i, row) in all[0]["figures"].as_array().into_iter().flatten().enumerate() {
        let cell = |r: &Value| {
            let f = &r["figures"][i];
            format!("{:.2} / {:.2}", f["p50_ms"].as_f64().unwrap_or(f64::NAN), f["p99_ms"].as_f64().unwrap_or(f64::NAN))
        };
        let cells: Vec<String> = all.iter().map(cell).collect();
        println!("| {} | {} | {} |", row["name"].as_str().unwrap_or_default(), row["clients"], cells.join(" | "));
    }
    for fact in all[0]["facts"].as_object().into_iter().flatten().map(|(k, _)| k) {
        let cells: Vec<String> =
            all.iter().map(|r| r["facts"][fact].as_f64().map_or_else(String::new, |x| format!("{x:.2}"))).collect();
        println!("| {fact} | | {} |", cells.join(" | "));
    }
    Ok(())
}

/// Imports a generated file with duplicate check by the command of the program: rows a second and peak memory in MiB.
fn import(a: &Args, folder: &Path) -> Result<(f64, f64)> {
    let file = folder.join("import.csv");
    let mut out = std::io::BufWriter::new(std::fs::File::create(&file)?);
    writeln!(out, "客户名称,电话,邮箱,行业,年营业额,成立日期,备注")?;
    let mut n = Namer::new(7);
    for i in 0..a.import_rows {
        let o = if i % 5 == 4 { n.organisation_en() } else { n.organisation_zh(None) };
        let sum = n.amount(1e6, 1e9);
        writeln!(out, "{}{i},{},info{i}@{},贸易批发,{sum}.50,{}-06-11,第 {i} 行", o.name, n.mobile(), o.domain, 1980 + i % 40)?;
    }
    out.into_inner()?.sync_all()?;
    let (fresh, at) = match a.postgres() {
        None => {
            let data = folder.join("import-data");
            std::fs::remove_dir_all(&data).ok();
            (None, Where::Folder(data))
        }
        Some(url) => {
            (Some(format!("import{}", std::process::id())), Where::Url { url: url.to_owned(), folder: folder.to_owned() })
        }
    };
    let name = fresh.as_deref().unwrap_or("main");
    if fresh.is_some() {
        server::run(&a.bin, &["workspace", "create", name], &at, &[])?;
    } else {
        server::run(&a.bin, &["init"], &at, &[])?;
    }
    let path = file.to_string_lossy().into_owned();
    let cost = server::watched(&a.bin, &["import", "--workspace", name, "--object", "account", &path], &at, folder)?;
    Ok((a.import_rows as f64 / cost.took.as_secs_f64(), cost.peak_mib))
}

struct Sample {
    accounts: Vec<String>,
    owners: Vec<String>,
    stages: Vec<String>,
    words: Vec<String>,
    initials: Vec<String>,
    suffixes: Vec<String>,
}

async fn sample(c: &Caller) -> Result<Sample> {
    let text = |v: &Value, k: &str| v.get(k).and_then(Value::as_str).map(str::to_owned);
    let rows = |v: Value| v["data"].as_array().cloned().unwrap_or_default();
    let mut s = Sample { accounts: vec![], owners: vec![], stages: vec![], words: vec![], initials: vec![], suffixes: vec![] };
    for sort in ["name", "-name", "-updated_at", "updated_at"] {
        for r in rows(c.json(&Request::get(format!("/api/v1/account?limit=200&sort={sort}"))).await?) {
            s.accounts.extend(text(&r, "id"));
            if let Some(short) = text(&r, "short_name").filter(|n| !n.is_ascii()) {
                s.words.push(short.chars().take(2).collect());
            }
            if let Some(p) = r["phone"]["e164"].as_str().filter(|p| p.len() > 8) {
                s.suffixes.push(p[p.len() - 6..].to_owned());
            }
        }
    }
    // Records from everywhere in the table, not its ends only.
    for w in s.words.iter().take(400) {
        let found = c.json(&Request::get(format!("/api/v1/search?objects=account&limit=20&q={}", encoded(w)))).await?;
        s.accounts.extend(found["hits"].as_array().into_iter().flatten().filter_map(|h| text(h, "id")));
    }
    for r in rows(c.json(&Request::get("/api/v1/opportunity?limit=200&sort=-close_on")).await?) {
        s.owners.extend(text(&r, "owner_id"));
    }
    for r in rows(c.json(&Request::get("/api/v1/stage?limit=50")).await?) {
        s.stages.extend(text(&r, "id"));
    }
    s.initials = ["tqj", "syf", "hmd", "qxy", "lcg", "bls"].map(str::to_owned).into();
    anyhow::ensure!(
        !s.accounts.is_empty() && !s.owners.is_empty() && !s.words.is_empty() && !s.suffixes.is_empty(),
        "too little to measure"
    );
    Ok(s)
}

fn encoded(s: &str) -> String {
    s.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

fn last_word(s: &str) -> String {
    s.split_whitespace().find(|w| w.starts_with("rpt_")).or_else(|| s.split_whitespace().last()).unwrap_or_default().to_owned()
}

/// Median time of one small write with fsync in the folder, in milliseconds.
fn disk_sync(folder: &std::path::Path) -> Result<f64> {
    use std::io::Write;
    let path = folder.join("sync-probe");
    let mut f = std::fs::File::create(&path)?;
    let mut took: Vec<f64> = vec![];
    for _ in 0..100 {
        let at = std::time::Instant::now();
        f.write_all(&[0; 4096])?;
        f.sync_data()?;
        took.push(at.elapsed().as_secs_f64() * 1e3);
    }
    std::fs::remove_file(path)?;
    took.sort_by(f64::total_cmp);
    Ok(took[50])
}
