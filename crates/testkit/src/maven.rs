//! The real files of a public data set, and what they hold, computed from the text alone. Tests that need them are skipped, with a
//! line, where the files are not.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use rust_decimal::Decimal;

/// The files: people, products, customers, deals.
pub const FILES: [&str; 4] = ["sales_teams.csv", "products.csv", "accounts.csv", "sales_pipeline.csv"];

/// Where the files are; said when they are not.
pub fn folder() -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let data = std::env::var_os("RAPPORT_TEST_DATA").map_or_else(|| here.join("../../../shared/data"), PathBuf::from);
    let dir = data.join("maven-crm-pipeline");
    if dir.join(FILES[3]).is_file() {
        return Some(dir);
    }
    eprintln!("skipped: the Maven files are not in {} (set RAPPORT_TEST_DATA)", dir.display());
    None
}

/// Rows of a file as maps, read by nothing of this project.
pub fn rows(dir: &Path, name: &str) -> Vec<BTreeMap<String, String>> {
    let mut r = csv::Reader::from_path(dir.join(name)).expect("a file");
    r.deserialize().map(|x| x.expect("a row")).collect()
}

/// Deals of a stage, an agent or an office.
#[derive(Debug, Default, PartialEq, Eq, Clone)]
pub struct Figures {
    /// All of them.
    pub deals: u64,
    /// Won.
    pub won: u64,
    /// Lost.
    pub lost: u64,
    /// What the won ones brought.
    pub value: Decimal,
}

impl Figures {
    /// Won among decided, in hundredths of a percent.
    #[must_use]
    pub fn rate(&self) -> Option<u64> {
        (self.won + self.lost > 0).then(|| self.won * 10_000 / (self.won + self.lost))
    }
}

/// Figures by the name they are grouped by.
pub type By = BTreeMap<String, Figures>;

/// By stage, agent and office, straight from the CSV.
pub fn expected(dir: &Path) -> (By, By, By) {
    let office: BTreeMap<String, String> =
        rows(dir, FILES[0]).into_iter().map(|r| (r["sales_agent"].clone(), r["regional_office"].clone())).collect();
    let (mut stages, mut agents, mut offices) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for r in rows(dir, FILES[3]) {
        let (stage, agent) = (r["deal_stage"].clone(), r["sales_agent"].clone());
        for f in [
            stages.entry(stage.clone()).or_insert_with(Figures::default),
            agents.entry(agent.clone()).or_insert_with(Figures::default),
            offices.entry(office[&agent].clone()).or_insert_with(Figures::default),
        ] {
            f.deals += 1;
            match stage.as_str() {
                "Won" => {
                    f.won += 1;
                    f.value += r["close_value"].parse::<Decimal>().expect("a number");
                }
                "Lost" => f.lost += 1,
                _ => {}
            }
        }
    }
    (stages, agents, offices)
}
