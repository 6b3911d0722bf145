//! Invented names, numbers and addresses in Chinese and English, repeatable from a seed.

use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng, seq::IndexedRandom};
use serde_json::{Value, json};

/// A source of invented names.
#[derive(Debug)]
pub struct Namer {
    rng: ChaCha8Rng,
}

const SURNAMES: &str = "陈林黄张李王吴刘蔡杨许郑谢郭洪邱曾廖赖徐周叶苏庄江何萧罗高潘简朱钟彭游詹胡施沈余赵卢梁颜柯翁魏孙戴范方宋邓杜傅侯曹薛丁卓马董温蓝石古纪唐蒋姚欧连冯程汤白田涂邹尤巫严龚顾伍";
const GIVEN: &str = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰梅文斌宇浩凯晨曦若思雨佳欣怡嘉诚子涵梓轩一鸣清扬知远书言景行云舒望舒嘉禾南乔星河亦凡安然可心沐阳泽楷博雅睿哲";
const BRAND_A: &str = "听砚鹤沐曲青云远松镀苍海白澜栖银赤九北山枫潮竹岭汀棠禾溪岚瑶珩泊榆蕴翎笙霁弦朗凌熠璟澄渚檀筠";
const BRAND_B: &str = "泉山汀野水崖杉岫针柳梧棠鹭庭霞杏霁皋溟峰桥声谷舟石川汐林岸屿原塘津洲歌帆台渊坞浦泽涧洵嶂";
const TRADES: &[(&str, &str)] = &[
    ("精工", "manufacturing"),
    ("电子", "it"),
    ("新能源", "energy"),
    ("医疗", "healthcare"),
    ("纺织", "manufacturing"),
    ("食品", "agriculture"),
    ("物流", "logistics"),
    ("化工", "energy"),
    ("传动", "manufacturing"),
    ("合金", "manufacturing"),
    ("电缆", "manufacturing"),
    ("乳业", "agriculture"),
    ("汽配", "manufacturing"),
    ("光学", "manufacturing"),
    ("软件", "it"),
    ("建材", "construction"),
    ("模具", "manufacturing"),
    ("轴承", "manufacturing"),
    ("贸易", "trade"),
    ("生物", "healthcare"),
    ("环保", "services"),
    ("包装", "manufacturing"),
    ("半导体", "it"),
    ("检测", "services"),
    ("粮油", "agriculture"),
    ("水务", "services"),
    ("置业", "real_estate"),
    ("教育", "education"),
];
const SUFFIXES: &[&str] = &["有限公司", "有限公司", "有限公司", "股份有限公司", "科技有限公司", "集团有限公司", "有限责任公司"];

const EN_FIRST: &[&str] = &[
    "Amelia", "Oliver", "Grace", "Daniel", "Hannah", "Marcus", "Sophie", "Ethan", "Priya", "Arjun", "Wei Ling", "Jun Hao",
    "Clara", "Felix", "Nora", "Samuel", "Leah", "Victor", "Ines", "Rafael", "Freya", "Callum", "Anya", "Dmitri", "Yuki", "Kenji",
    "Aisha", "Omar", "Greta", "Lukas", "Rosa", "Mateo",
];
const EN_LAST: &[&str] = &[
    "Whitcombe",
    "Larkfield",
    "Tan",
    "Okafor",
    "Brennan",
    "Sandoval",
    "Lindqvist",
    "Marlowe",
    "Iyer",
    "Novak",
    "Ashdown",
    "Keller",
    "Moreau",
    "Rahman",
    "Sato",
    "Petrov",
    "Hallberg",
    "Duarte",
    "Quill",
    "Farrow",
    "Chandra",
    "Engel",
    "Stonebridge",
    "Vale",
    "Harker",
    "Lim",
    "Abara",
    "Voss",
];
const EN_A: &[&str] = &[
    "Harrow", "Silver", "North", "Cedar", "Bright", "Stone", "Amber", "Falcon", "River", "Copper", "Willow", "Summit", "Raven",
    "Orchard", "Linden", "Granite", "Meadow", "Beacon", "Juniper", "Tidal", "Quarry", "Maple", "Heron", "Alder",
];
const EN_B: &[&str] = &[
    "gate", "brook", "field", "haven", "ridge", "well", "ford", "crest", "dale", "mere", "wick", "point", "bank", "shore",
    "worth", "bourne",
];
const EN_TRADES: &[(&str, &str)] = &[
    ("Instruments", "manufacturing"),
    ("Foods", "agriculture"),
    ("Logistics", "logistics"),
    ("Aerospace", "manufacturing"),
    ("Biotech", "healthcare"),
    ("Energy", "energy"),
    ("Optics", "manufacturing"),
    ("Systems", "it"),
    ("Packaging", "manufacturing"),
    ("Trading", "trade"),
    ("Semiconductor", "it"),
    ("Materials", "construction"),
];
const EN_SUFFIX: &[&str] = &["Ltd.", "Pte. Ltd.", "GmbH", "Inc.", "Limited", "LLC"];

/// Province, city, district, code (GB/T 2260), area code, region of the sample company.
const PLACES: &[(&str, &str, &str, &str, &str, &str)] = &[
    ("浙江省", "杭州市", "西湖区", "330106", "0571", "east"),
    ("浙江省", "杭州市", "滨江区", "330108", "0571", "east"),
    ("浙江省", "宁波市", "鄞州区", "330212", "0574", "east"),
    ("上海市", "", "浦东新区", "310115", "021", "east"),
    ("上海市", "", "徐汇区", "310104", "021", "east"),
    ("上海市", "", "嘉定区", "310114", "021", "east"),
    ("江苏省", "苏州市", "吴中区", "320506", "0512", "east"),
    ("江苏省", "无锡市", "锡山区", "320205", "0510", "east"),
    ("江苏省", "南京市", "江宁区", "320115", "025", "east"),
    ("山东省", "青岛市", "市南区", "370202", "0532", "east"),
    ("北京市", "", "海淀区", "110108", "010", "east"),
    ("天津市", "", "滨海新区", "120116", "022", "east"),
    ("广东省", "深圳市", "南山区", "440305", "0755", "south"),
    ("广东省", "深圳市", "宝安区", "440306", "0755", "south"),
    ("广东省", "广州市", "天河区", "440106", "020", "south"),
    ("广东省", "广州市", "黄埔区", "440112", "020", "south"),
    ("广东省", "佛山市", "南海区", "440605", "0757", "south"),
    ("广东省", "珠海市", "香洲区", "440402", "0756", "south"),
    ("福建省", "厦门市", "思明区", "350203", "0592", "south"),
    ("湖南省", "长沙市", "岳麓区", "430104", "0731", "south"),
    ("湖北省", "武汉市", "洪山区", "420111", "027", "south"),
    ("四川省", "成都市", "武侯区", "510107", "028", "south"),
    ("重庆市", "", "渝北区", "500112", "023", "south"),
];
const ROADS: &[&str] = &["梨花路", "听潮路", "云栖路", "创业路", "望江路", "科苑路", "高新大道", "松涛路", "银杏路", "海棠街"];
/// Country, city, beginning of its telephone numbers, digits that follow.
const ABROAD: &[(&str, &str, &str, u32)] = &[
    ("SG", "Singapore", "+65 6", 7),
    ("GB", "Leeds", "+44 113 4", 6),
    ("DE", "Bremen", "+49 421 4", 6),
    ("US", "Portland", "+1 503 55", 5),
    ("AU", "Adelaide", "+61 8 8", 7),
    ("MY", "Penang", "+60 4 2", 6),
];

/// An invented organisation.
#[derive(Debug, Clone)]
pub struct Organisation {
    /// Full name.
    pub name: String,
    /// Short name.
    pub short: String,
    /// Key of picklist `industry`.
    pub industry: &'static str,
    /// Address in the API's form.
    pub address: Value,
    /// Switchboard.
    pub phone: String,
    /// Reserved domain (RFC 2606).
    pub domain: String,
    /// Region of the sample company: `east`, `south`, `intl`.
    pub region: &'static str,
}

impl Namer {
    /// A namer of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { rng: ChaCha8Rng::seed_from_u64(seed) }
    }
    /// The source of chance, for everything beside names.
    pub fn rng(&mut self) -> &mut ChaCha8Rng {
        &mut self.rng
    }
    /// One of some things.
    ///
    /// # Panics
    /// When there is none to choose from.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        of.choose(&mut self.rng).expect("something to choose from")
    }
    fn chars(&mut self, of: &str, n: usize) -> String {
        let all: Vec<char> = of.chars().collect();
        (0..n).map(|_| *self.pick(&all)).collect()
    }
    /// A Chinese person's name.
    pub fn person_zh(&mut self) -> String {
        let n = if self.rng.random_bool(0.7) { 2 } else { 1 };
        self.chars(SURNAMES, 1) + &self.chars(GIVEN, n)
    }
    /// An English person's name.
    pub fn person_en(&mut self) -> String {
        format!("{} {}", self.pick(EN_FIRST), self.pick(EN_LAST))
    }
    /// A mobile number of a Chinese operator's range.
    pub fn mobile(&mut self) -> String {
        let head =
            *self.pick(&["135", "136", "137", "138", "139", "150", "151", "158", "159", "177", "180", "186", "188", "189"]);
        format!("{head}{:08}", self.rng.random_range(0..100_000_000u32))
    }
    /// A Chinese organisation; `region` narrows where.
    pub fn organisation_zh(&mut self, region: Option<&str>) -> Organisation {
        let places: Vec<_> = PLACES.iter().filter(|p| region.is_none_or(|r| p.5 == r)).collect();
        let (province, city, district, code, area, region) = **self.pick(&places);
        let brand = self.chars(BRAND_A, 1) + &self.chars(BRAND_B, 1);
        let (trade, industry) = *self.pick(TRADES);
        let suffix = *self.pick(SUFFIXES);
        let place = if city.is_empty() { province } else { city };
        let place = place.trim_end_matches('市');
        let name = match self.rng.random_range(0..10) {
            0..4 => format!("{place}{brand}{trade}{suffix}"),
            4..5 => format!("{brand}{trade}（{place}）{suffix}"),
            _ => format!("{brand}{trade}{suffix}"),
        };
        let detail = format!("{}{}号", self.pick(ROADS), self.rng.random_range(1..900));
        let digits = if area.len() == 3 {
            self.rng.random_range(20_000_000..89_999_999u32)
        } else {
            self.rng.random_range(2_000_000..8_999_999)
        };
        let domain = format!("{}{:04}.example", pinyinish(&brand), self.rng.random_range(0..10_000));
        Organisation {
            short: format!("{brand}{trade}"),
            name,
            industry,
            address: json!({"country":"CN","province":province,"city":if city.is_empty(){Value::Null}else{city.into()},"district":district,"code":code,"detail":detail}),
            phone: format!("{area}-{digits}"),
            domain,
            region,
        }
    }
    /// An organisation abroad.
    pub fn organisation_en(&mut self) -> Organisation {
        let brand = format!("{}{}", self.pick(EN_A), self.pick(EN_B));
        let (trade, industry) = *self.pick(EN_TRADES);
        let suffix = *self.pick(EN_SUFFIX);
        let (country, city, dial, digits) = *self.pick(ABROAD);
        let short = format!("{brand} {trade}");
        Organisation {
            name: format!("{short} {suffix}"),
            domain: format!("{}{:03}.example", brand.to_lowercase(), self.rng.random_range(0..1000)),
            short,
            industry,
            address: json!({"country":country,"city":city,"detail":format!("{} {} Street", self.rng.random_range(1..300), self.pick(EN_A))}),
            phone: format!("{dial}{}", self.rng.random_range(10u32.pow(digits - 1)..10u32.pow(digits))),
            region: "intl",
        }
    }
    /// An amount that looks typed: most small, some large, in steps of a hundred.
    pub fn amount(&mut self, least: f64, most: f64) -> i64 {
        let u: f64 = self.rng.random_range(0.0..1.0);
        let v = least * (most / least).powf(u * u * 0.6 + u * 0.4);
        #[allow(clippy::cast_possible_truncation, reason = "amounts are far below 2^53")]
        let n = (v / 100.0).round() as i64;
        n * 100
    }
}

/// Latin letters that stand for a brand in a domain; not a transcription.
fn pinyinish(s: &str) -> String {
    const A: &[&str] =
        &["ting", "yan", "he", "mu", "qu", "qing", "yun", "yuan", "song", "lan", "bai", "shan", "xi", "jiu", "zhu", "feng"];
    s.chars().map(|c| A[c as usize % A.len()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_names() {
        let take = |seed| {
            let mut n = Namer::new(seed);
            (n.organisation_zh(None).name, n.person_zh(), n.organisation_en().name, n.amount(1000.0, 1e6))
        };
        assert_eq!(take(7), take(7));
        assert_ne!(take(7), take(8));
    }

    #[test]
    fn names_vary_and_domains_are_reserved() {
        let mut n = Namer::new(1);
        let orgs: Vec<_> = (0..2000).map(|_| n.organisation_zh(None)).collect();
        let distinct: std::collections::HashSet<_> = orgs.iter().map(|o| &o.name).collect();
        assert!(distinct.len() > 1900, "{} of 2000 differ", distinct.len());
        assert!(orgs.iter().all(|o| o.domain.ends_with(".example")));
    }
}
