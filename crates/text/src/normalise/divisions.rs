//! Administrative divisions of China, GB/T 2260 (R-NRM-04).
//!
//! Codes have 2 (province), 4 (prefecture) or 6 (county) digits. A division that no longer exists keeps its
//! code, stays readable and names its successor in [`Division::replaced_by`].

use std::collections::HashMap;
use std::sync::LazyLock;

/// The day whose state [`divisions`] describes; stored with data that was coded by it.
pub const EDITION: &str = "2023-06-30";

/// Level of a [`Division`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DivisionLevel {
    /// 省, 直辖市, 自治区, 特别行政区: 2 digits.
    Province,
    /// 地级市, 地区, 自治州, 盟: 4 digits.
    City,
    /// 市辖区, 县, 县级市, 旗: 6 digits.
    District,
}

/// One administrative division.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Division {
    /// 2, 4 or 6 digits.
    pub code: &'static str,
    /// Full name, such as 浙江省, 杭州市, 西湖区.
    pub name: &'static str,
    /// Name without its generic ending: 浙江, 杭州, 西湖, 内蒙古, 延边. Equal to `name` when nothing
    /// sensible would be left.
    pub short: &'static str,
    /// Level, which also follows from the length of the code.
    pub level: DivisionLevel,
    /// Code of the successor when the division no longer exists and the successor is one division.
    pub replaced_by: Option<&'static str>,
    /// Whether the division exists in the current edition.
    pub current: bool,
}

impl Division {
    /// A level that exists only in the numbering: the 市辖区/县 of municipalities and the
    /// 省直辖县级行政区划 of provinces. Never shown.
    pub fn is_placeholder(&self) -> bool {
        self.level == DivisionLevel::City && (self.code.ends_with("90") || is_municipality(self.code))
    }

    /// A development zone numbered by the statistics office (digits 71–80): not part of GB/T 2260 itself,
    /// but people write it in addresses.
    pub fn is_statistical_zone(&self) -> bool {
        self.level == DivisionLevel::District && (&self.code[4..5] == "7" || &self.code[4..] == "80")
    }
}

/// Whether the code lies in a municipality (Beijing, Tianjin, Shanghai, Chongqing).
pub fn is_municipality(code: &str) -> bool {
    matches!(code.get(..2), Some("11" | "12" | "31" | "50"))
}

/// The divisions, current and former.
pub struct Divisions {
    all: Vec<Division>,
    by_code: HashMap<&'static str, usize>,
    /// Every full and short name of a current division and every full name of a former one.
    by_name: HashMap<&'static str, Vec<usize>>,
}

static DIVISIONS: LazyLock<Divisions> = LazyLock::new(Divisions::load);

/// The divisions of the data files.
pub fn divisions() -> &'static Divisions {
    &DIVISIONS
}

/// Ethnic names in names of autonomous areas, as they stand before 自治.
const ETHNIC: &[&str] = &[
    "满族",
    "回族",
    "壮族",
    "苗族",
    "土家族",
    "侗族",
    "瑶族",
    "彝族",
    "藏族",
    "羌族",
    "布依族",
    "黎族",
    "畲族",
    "傣族",
    "白族",
    "哈尼族",
    "景颇族",
    "傈僳族",
    "蒙古族",
    "蒙古",
    "朝鲜族",
    "维吾尔",
    "哈萨克族",
    "哈萨克",
    "柯尔克孜",
    "塔吉克",
    "锡伯",
    "达斡尔族",
    "达斡尔",
    "仫佬族",
    "毛南族",
    "仡佬族",
    "水族",
    "拉祜族",
    "佤族",
    "纳西族",
    "普米族",
    "怒族",
    "独龙族",
    "布朗族",
    "土族",
    "撒拉族",
    "东乡族",
    "保安族",
    "裕固族",
    "各族",
];

fn short_name(code: &str, name: &'static str) -> &'static str {
    let strip = |ending: &str| name.strip_suffix(ending).filter(|rest| rest.chars().count() >= 2);
    for ending in ["自治区", "自治州", "自治县", "自治旗"] {
        if let Some(mut rest) = strip(ending) {
            while let Some(shorter) = ETHNIC
                .iter()
                .filter_map(|ethnic| rest.strip_suffix(ethnic))
                .filter(|shorter| shorter.chars().count() >= 2)
                .min_by_key(|shorter| shorter.len())
            {
                rest = shorter;
            }
            return rest;
        }
    }
    // Development zones are known by their whole name.
    if code.len() == 6 && &code[4..5] == "7" {
        return name;
    }
    for ending in ["特别行政区", "地区", "林区", "矿区", "特区", "新区", "省", "市", "区", "县", "旗", "盟"]
    {
        if let Some(rest) = strip(ending) {
            return rest;
        }
    }
    name
}

impl Divisions {
    fn load() -> Self {
        let mut all = Vec::with_capacity(4000);
        let level = |code: &str| match code.len() {
            2 => DivisionLevel::Province,
            4 => DivisionLevel::City,
            _ => DivisionLevel::District,
        };
        for line in include_str!("../../data/divisions.tsv").lines() {
            if let Some((code, name)) = line.split_once('\t') {
                all.push(Division {
                    code,
                    name,
                    short: short_name(code, name),
                    level: level(code),
                    replaced_by: None,
                    current: true,
                });
            }
        }
        for line in include_str!("../../data/divisions_former.tsv").lines() {
            let mut cells = line.split('\t');
            if let (Some(code), Some(name), Some(to)) = (cells.next(), cells.next(), cells.next()) {
                all.push(Division {
                    code,
                    name,
                    short: short_name(code, name),
                    level: level(code),
                    replaced_by: Some(to).filter(|to| !to.is_empty()),
                    current: false,
                });
            }
        }
        let mut by_code = HashMap::with_capacity(all.len());
        let mut by_name: HashMap<_, Vec<usize>> = HashMap::with_capacity(all.len() * 2);
        for (at, division) in all.iter().enumerate() {
            by_code.insert(division.code, at);
            if division.is_placeholder() {
                continue;
            }
            by_name.entry(division.name).or_default().push(at);
            if division.current && division.short != division.name {
                by_name.entry(division.short).or_default().push(at);
            }
        }
        Divisions { all, by_code, by_name }
    }

    /// The division with this code. Trailing zeros of a six-digit code are understood (`330000` = `33`).
    pub fn get(&self, code: &str) -> Option<&Division> {
        let exact = |code: &str| self.by_code.get(code).map(|&at| &self.all[at]);
        exact(code).or_else(|| {
            let trimmed = match code.len() {
                6 if code.ends_with("0000") => &code[..2],
                6 if code.ends_with("00") => &code[..4],
                _ => return None,
            };
            exact(trimmed)
        })
    }

    /// The division that a code stands for today: follows `replaced_by`.
    pub fn current(&self, code: &str) -> Option<&Division> {
        let mut division = self.get(code)?;
        // A chain is short; the bound guards against a circle in the data.
        for _ in 0..8 {
            match division.replaced_by {
                Some(next) => division = self.get(next)?,
                None => break,
            }
        }
        Some(division)
    }

    /// The division one level up, also for a six-digit code in a province-run county (`429004` → `4290`).
    pub fn parent(&self, code: &str) -> Option<&Division> {
        let division = self.get(code)?;
        match division.code.len() {
            4 | 6 => self.get(&division.code[..division.code.len() - 2]),
            _ => None,
        }
    }

    /// The current divisions directly below a code in code order; the provinces for an empty code.
    pub fn children<'a>(&'a self, code: &'a str) -> impl Iterator<Item = &'a Division> + 'a {
        let length = code.len() + 2;
        self.all.iter().filter(move |d| d.current && d.code.len() == length && d.code.starts_with(code))
    }

    /// The 34 province-level units.
    pub fn provinces(&self) -> impl Iterator<Item = &Division> {
        self.children("")
    }

    /// Every division with this full or short name, current ones first.
    pub fn named(&self, name: &str) -> Vec<&Division> {
        let mut found: Vec<&Division> = self.by_name.get(name).into_iter().flatten().map(|&at| &self.all[at]).collect();
        found.sort_by_key(|d| (!d.current, d.level, d.code));
        found
    }

    /// Whether a name (full or short) is that of a current province, prefecture or county.
    pub fn is_name(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// The name as shown, large to small, without the levels that exist only in the numbering:
    /// 浙江省杭州市西湖区, 北京市朝阳区, 湖北省仙桃市. `None` for an unknown code.
    pub fn full_name(&self, code: &str) -> Option<String> {
        let division = self.get(code)?;
        let mut out = String::new();
        for len in [2, 4, 6] {
            if len > division.code.len() {
                break;
            }
            if let Some(part) = self.get(&division.code[..len])
                && !part.is_placeholder()
            {
                out.push_str(part.name);
            }
        }
        Some(out)
    }

    /// Whether an address with this code may leave its district empty: cities without districts, Hong Kong,
    /// Macao and Taiwan (R-NRM-04).
    pub fn allows_empty_district(&self, code: &str) -> bool {
        match self.get(code) {
            Some(d) if matches!(&d.code[..2], "71" | "81" | "82") => true,
            Some(d) if d.level == DivisionLevel::City => self.children(d.code).next().is_none(),
            _ => false,
        }
    }

    /// Names with their division, for matching at the start of a text.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&'static str, &Division)> {
        self.by_name.iter().flat_map(|(name, found)| found.iter().map(|&at| (*name, &self.all[at])))
    }
}

#[cfg(test)]
mod tests;
