//! Free-text Chinese addresses (R-NRM-04).

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::divisions::{Division, DivisionLevel, Divisions, divisions, is_municipality};
use crate::fold::nfkc;
use crate::han::simplified;

/// A free-text address taken apart. Codes are those of the current edition.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ParsedAddress {
    /// Two-digit code.
    pub province: Option<String>,
    /// Four-digit code; `XX01` in municipalities (`5002` for the counties of Chongqing).
    pub city: Option<String>,
    /// Six-digit code.
    pub district: Option<String>,
    /// Six-digit postcode, when one stands before or after the address.
    pub postcode: Option<String>,
    /// What is left: town, street, number.
    pub detail: String,
}

impl ParsedAddress {
    /// The most exact code found.
    pub fn code(&self) -> Option<&str> {
        self.district.as_deref().or(self.city.as_deref()).or(self.province.as_deref())
    }
}

/// Name and place in the table, longest names first, by first character.
type ByFirst = HashMap<char, Vec<(&'static str, &'static Division)>>;

static NAMES: LazyLock<ByFirst> = LazyLock::new(|| {
    let mut table: ByFirst = HashMap::new();
    for (name, division) in divisions().names() {
        if let Some(first) = name.chars().next() {
            table.entry(first).or_default().push((name, division));
        }
    }
    for list in table.values_mut() {
        list.sort_by_key(|(name, d)| (std::cmp::Reverse(name.len()), *name, !d.current, d.level, d.code));
    }
    table
});

/// After a name without its ending these make it part of a street or place name instead (朝阳门, 南京路).
/// An ending means that the whole name was another one (吉林市 is not 吉林 and 市).
const STREET: &str = "路街道巷弄里桥门村镇乡站湾省市区县旗盟";

/// Takes a free-text address apart by the longest names of divisions at its start; the endings 省, 市, 区, 县
/// may be missing. A name that fits several divisions and is not settled by its parent is left in `detail`.
pub fn parse_address(text: &str) -> ParsedAddress {
    let text = nfkc(text);
    let text = simplified(&text);
    let (postcode, mut rest) = split_postcode(skip(&text));
    for country in ["中华人民共和国", "中国大陆", "中国", "CN ", "China "] {
        if let Some(after) = rest.strip_prefix(country) {
            rest = skip(after);
            break;
        }
    }
    let mut found: Option<&'static Division> = None;
    while let Some((division, after)) = step(rest, found) {
        found = Some(division);
        rest = skip(after);
        if division.level == DivisionLevel::District {
            break;
        }
    }
    let mut out = ParsedAddress { postcode, detail: rest.trim().to_owned(), ..ParsedAddress::default() };
    if let Some(division) = found {
        let code = division.code;
        out.province = Some(code[..2].to_owned());
        if code.len() >= 4 {
            out.city = Some(code[..4].to_owned());
        } else if is_municipality(code) {
            out.city = Some(format!("{code}01"));
        }
        if code.len() == 6 {
            out.district = Some(code.to_owned());
        }
    }
    out
}

/// `310012 浙江省…` and `…文三路1号 邮编：310012`, `…(310012)`.
fn split_postcode(text: &str) -> (Option<String>, &str) {
    let six = |t: &str| t.len() == 6 && t.bytes().all(|b| b.is_ascii_digit());
    if let Some((first, rest)) = text.split_at_checked(6)
        && six(first)
        && rest.starts_with(|c: char| !c.is_ascii_digit())
    {
        return (Some(first.to_owned()), skip(rest));
    }
    let trimmed = text.trim_end_matches(|c: char| c.is_whitespace() || c == ')');
    if let Some((rest, last)) = trimmed.len().checked_sub(6).and_then(|at| trimmed.split_at_checked(at))
        && six(last)
        && let rest = rest.trim_end_matches([':', ' '])
        && let Some(rest) = ["邮政编码", "邮编", "("].iter().find_map(|mark| rest.strip_suffix(mark))
    {
        let rest = rest.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '('));
        return (Some(last.to_owned()), rest);
    }
    (None, text)
}

fn skip(text: &str) -> &str {
    text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '-' | '/' | '、' | '·' | ';' | ':'))
}

/// The next division below `parent` at the start of the text, as its current successor.
fn step<'t>(text: &'t str, parent: Option<&'static Division>) -> Option<(&'static Division, &'t str)> {
    let table: &'static Divisions = divisions();
    let list = NAMES.get(&text.chars().next()?)?;
    let mut at = 0;
    while at < list.len() {
        let name = list[at].0;
        let same = list[at..].iter().take_while(|(n, _)| *n == name).count();
        let group = &list[at..at + same];
        at += same;
        let Some(after) = text.strip_prefix(name) else {
            continue;
        };
        let mut candidates: Vec<&'static Division> = group
            .iter()
            .filter(|(n, d)| n.len() == d.name.len() || !is_street(after))
            .filter_map(|(_, d)| table.current(d.code))
            .filter(|d| parent.is_none_or(|p| d.code.len() > p.code.len() && d.code.starts_with(p.code)))
            .collect();
        candidates.dedup_by_key(|d| d.code);
        // The same words name the municipality and nothing else; 海南 is the province before the prefecture.
        let top = candidates.iter().map(|d| d.level).min();
        candidates.retain(|d| Some(d.level) == top);
        candidates.sort_by_key(|d| d.code);
        candidates.dedup_by_key(|d| d.code);
        if let [only] = candidates[..] {
            return Some((only, after));
        }
    }
    // 北京市市辖区朝阳区 and 湖北省省直辖县级行政区划仙桃市, as exports of other systems write them.
    let placeholder =
        ["市辖区", "省直辖县级行政区划", "自治区直辖县级行政区划", "直辖县", "县"].iter().find_map(|p| text.strip_prefix(p))?;
    parent.filter(|p| p.level == DivisionLevel::Province)?;
    step(skip(placeholder), parent)
}

/// Whether what follows a bare name shows that the name is only part of a street's (南京路, 南京西路, 西湖大道).
fn is_street(after: &str) -> bool {
    let mut next = after.chars();
    match next.next() {
        Some(c) if STREET.contains(c) => true,
        Some('东' | '西' | '南' | '北' | '中') => {
            matches!(next.next(), Some('路' | '街' | '大'))
        }
        Some('大') => matches!(next.next(), Some('道' | '街' | '桥' | '厦')),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> (String, String) {
        let parsed = parse_address(text);
        (parsed.code().unwrap_or_default().to_owned(), parsed.detail)
    }

    fn want(code: &str, detail: &str) -> (String, String) {
        (code.to_owned(), detail.to_owned())
    }

    #[test]
    fn full_names() {
        // R-NRM-04
        assert_eq!(codes("浙江省杭州市西湖区文三路 100 号"), want("330106", "文三路 100 号"));
        assert_eq!(codes("中国浙江省杭州市西湖区文三路100号"), want("330106", "文三路100号"));
        assert_eq!(codes("廣東省深圳市南山區科技園"), want("440305", "科技园"));
        assert_eq!(codes("广东省东莞市长安镇乌沙"), want("4419", "长安镇乌沙"));
        assert_eq!(codes("湖北省仙桃市沙嘴街道"), want("429004", "沙嘴街道"));
        assert_eq!(codes("新疆维吾尔自治区伊犁哈萨克自治州伊宁市解放路"), want("654002", "解放路"));
        assert_eq!(codes("江苏省苏州市苏州工业园区星湖街"), want("320576", "星湖街"));
    }

    #[test]
    fn endings_may_be_missing() {
        // R-NRM-04
        assert_eq!(codes("浙江杭州西湖文三路100号"), want("330106", "文三路100号"));
        assert_eq!(codes("浙江 杭州 西湖区 文三路"), want("330106", "文三路"));
        assert_eq!(codes("杭州市西湖区文三路"), want("330106", "文三路"));
        assert_eq!(codes("浙江省西湖区文三路"), want("330106", "文三路"));
        assert_eq!(codes("昆山市花桥镇"), want("320583", "花桥镇"));
        assert_eq!(codes("吉林市昌邑区重庆路"), want("220202", "重庆路"));
        assert_eq!(codes("吉林省吉林市昌邑区"), want("220202", ""));
        assert_eq!(codes("内蒙古呼和浩特新城区"), want("150102", ""));
    }

    #[test]
    fn municipalities() {
        // R-NRM-04
        let beijing = parse_address("北京市朝阳区建国路88号");
        assert_eq!(beijing.province.as_deref(), Some("11"));
        assert_eq!(beijing.city.as_deref(), Some("1101"));
        assert_eq!(beijing.district.as_deref(), Some("110105"));
        assert_eq!(beijing.detail, "建国路88号");
        assert_eq!(codes("北京市市辖区朝阳区建国路"), want("110105", "建国路"));
        let chengkou = parse_address("重庆市城口县葛城街道");
        assert_eq!((chengkou.city.as_deref(), chengkou.district.as_deref()), (Some("5002"), Some("500229")));
        assert_eq!(parse_address("上海").city.as_deref(), Some("3101"));
    }

    #[test]
    fn streets_named_after_places_stay_in_the_detail() {
        // R-NRM-04
        assert_eq!(codes("北京朝阳门外大街1号"), want("1101", "朝阳门外大街1号"));
        assert_eq!(codes("上海市南京西路"), want("3101", "南京西路"));
        assert_eq!(codes("上海市黄浦区南京东路"), want("310101", "南京东路"));
        assert_eq!(codes("浙江路5号"), want("", "浙江路5号"));
        // Two cities have a 西湖区: not guessed.
        assert_eq!(codes("西湖区文三路"), want("", "西湖区文三路"));
        assert_eq!(codes("朝阳区望京街"), want("", "朝阳区望京街"));
    }

    #[test]
    fn postcodes() {
        // R-NRM-04
        for text in [
            "310012 浙江省杭州市西湖区文三路1号",
            "浙江省杭州市西湖区文三路1号 邮编：310012",
            "浙江省杭州市西湖区文三路1号（310012）",
            "浙江省杭州市西湖区文三路1号,邮政编码310012",
        ] {
            let parsed = parse_address(text);
            assert_eq!(parsed.postcode.as_deref(), Some("310012"), "{text}");
            assert_eq!(parsed.district.as_deref(), Some("330106"), "{text}");
            assert_eq!(parsed.detail, "文三路1号", "{text}");
        }
        // A house or phone number is no postcode.
        assert_eq!(parse_address("浙江省杭州市西湖区文三路100012").postcode, None);
        assert_eq!(parse_address("3100123 浙江省").postcode, None);
    }

    #[test]
    fn former_names_give_the_successor() {
        // R-NRM-04
        assert_eq!(codes("北京市崇文区天坛路"), want("110101", "天坛路"));
        assert_eq!(codes("上海市崇明县城桥镇"), want("310151", "城桥镇"));
    }

    #[test]
    fn hong_kong_macao_taiwan_are_free_text_below() {
        // R-NRM-04
        assert_eq!(codes("香港九龙尖沙咀"), want("81", "九龙尖沙咀"));
        assert_eq!(codes("台湾省台北市信义路"), want("71", "台北市信义路"));
        assert_eq!(codes("1 Infinite Loop"), want("", "1 Infinite Loop"));
        assert_eq!(codes(""), want("", ""));
    }
}
