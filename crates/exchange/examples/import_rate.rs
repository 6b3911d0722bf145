//! Rows a second of an import with duplicate check: `cargo run --release -p rapport-exchange --example import_rate [ROWS]`.
//! Generated accounts with Chinese and English names, on SQLite in a temporary folder. Prints reading, converting and the whole.
#![allow(clippy::unwrap_used, clippy::cast_precision_loss, reason = "a measurement")]

use std::{io::Write as _, sync::Mutex, sync::atomic::AtomicBool, time::Instant};

use rapport_exchange::{
    plan::Plan,
    read,
    run::{Files, Import},
};
use rapport_policy::{Reason, SystemScope};
use rapport_testkit::Space;

const PLAN: &str = r#"
[[sheet]]
object = "account"
map = [
  { column = "客户名称", field = "name" },
  { column = "电话", field = "phone" },
  { column = "邮箱", field = "email" },
  { column = "行业", field = "industry" },
  { column = "年营业额", field = "annual_revenue" },
  { column = "成立日期", field = "founded_on" },
  { column = "备注", field = "description" },
]
"#;

/// A small generator: the same rows every time.
struct Dice(u64);
impl Dice {
    fn next(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n as u64).unwrap_or(0)
    }
    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.next(all.len())]
    }
}

/// Most resident memory so far, MiB (Linux).
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or("0");
    line.split_whitespace().next().and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}

#[tokio::main]
async fn main() {
    let rows: usize = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("accounts.csv");
    let mut out = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    writeln!(out, "客户名称,电话,邮箱,行业,年营业额,成立日期,备注").unwrap();
    let mut d = Dice(0x9E37_79B9_7F4A_7C15);
    for i in 0..rows {
        let place = d.of(&["杭州", "苏州", "成都", "武汉", "青岛", "Leeds", "Bristol"]);
        let brand: String = (0..3)
            .map(|_| d.of(&["听", "泉", "砚", "山", "澄", "禾", "岚", "屿", "恒", "测", "云", "汀", "柏", "川", "霁", "序"]))
            .collect();
        let kind = d.of(&["乳业", "纺织", "仪器", "光学", "物流", "食品", "Metals", "Optics"]);
        let (a, b) = (d.next(10_000), d.next(10_000));
        let industry = d.of(&["金融业", "Retail & E-commerce", "贸易批发", "教育培训"]);
        let (rev, y, m) = (d.next(90_000) + 1_000, 1980 + d.next(40), 1 + d.next(12));
        writeln!(
            out,
            "{place}{brand}{kind}{i}有限公司,13{:01}{a:04}{b:04},info@c{i}.example,{industry},{rev}.50,{y}-{m:02}-11,第 {i} 行",
            d.next(10)
        )
        .unwrap();
    }
    out.into_inner().unwrap().sync_all().unwrap();

    let begun = Instant::now();
    let book = read::open(&path).unwrap();
    let read = book.rows(&book.sheets[0]).filter(Result::is_ok).count();
    println!("read     {read} rows  {:>9.0} rows/s", read as f64 / begun.elapsed().as_secs_f64());

    let space = Space::sqlite().await;
    let import = Import {
        engine: space.engine.clone(),
        scope: SystemScope::because(Reason::CommandLine),
        job: space.engine.new_id(),
        plan: Plan::from_toml(PLAN).unwrap(),
        files: Files(vec![("accounts.csv".into(), book)]),
        dry_run: false,
        rehearsed: Mutex::default(),
    };
    let begun = Instant::now();
    let p = import.run(&AtomicBool::new(false), |_| ()).await.unwrap();
    let took = begun.elapsed().as_secs_f64();
    println!("import   {} rows: {} made, {} skipped, {} refused", p.rows, p.created, p.skipped, p.failed);
    println!("import   {:>9.0} rows/s in {took:.1} s, peak {:.0} MiB", p.rows as f64 / took, peak());
}
