//! Three years of customers, deals and conversations, as data for the pipeline.

use jiff::{ToSpan, civil::Date, tz::TimeZone};
use rand::RngExt;
use rapport_schema::Millis;
use serde_json::{Map, Value, json};

use crate::names::{Namer, Organisation};

const DAY: i64 = 86_400_000;

/// A seller: id of the user and region.
#[derive(Debug, Clone)]
pub struct Seller {
    /// User id.
    pub id: String,
    /// `east`, `south`, `intl`.
    pub region: String,
    /// Speaks English.
    pub english: bool,
}

/// A stage of the pipeline deals go through.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Record id.
    pub id: String,
    /// `open`, `won`, `lost`, `abandoned`.
    pub kind: String,
    /// Percent.
    pub probability: String,
    /// Forecast category.
    pub category: String,
    /// Longest stay in days.
    pub max_days: i64,
}

/// A product deals are made of.
#[derive(Debug, Clone)]
pub struct Product {
    /// Record id.
    pub id: String,
    /// Name.
    pub name: String,
    /// List price.
    pub price: i64,
    /// A service: never the main thing of a deal.
    pub service: bool,
}

/// What the stories are told from.
#[derive(Debug)]
pub struct Setting {
    /// The instant "today" lies in.
    pub now: Millis,
    /// Zone of the organisation.
    pub tz: TimeZone,
    /// Sellers.
    pub sellers: Vec<Seller>,
    /// Pipeline.
    pub pipeline: String,
    /// Stages in order: open ones, then won, lost, abandoned.
    pub stages: Vec<Stage>,
    /// Products.
    pub products: Vec<Product>,
    /// Ids of competitors.
    pub competitors: Vec<String>,
}

/// A customer with everything that happened. Links inside are positions; ids come when it is written.
#[derive(Debug)]
pub struct Story {
    /// The account.
    pub account: Map<String, Value>,
    /// Contacts.
    pub contacts: Vec<Map<String, Value>>,
    /// Deals.
    pub deals: Vec<Deal>,
    /// Follow-ups: deal they belong to (none = account), data.
    pub follow_ups: Vec<(Option<usize>, Map<String, Value>)>,
    /// Tasks: deal they belong to, data.
    pub tasks: Vec<(Option<usize>, Map<String, Value>)>,
}

/// A deal.
#[derive(Debug)]
pub struct Deal {
    /// The opportunity without account.
    pub data: Map<String, Value>,
    /// Main contact's position.
    pub contact: usize,
    /// Lines: product id, unit price, quantity.
    pub lines: Vec<(String, i64, i64)>,
    /// Roles: contact position, role, attitude.
    pub roles: Vec<(usize, &'static str, &'static str)>,
    /// Competitor and threat.
    pub competitor: Option<(String, &'static str)>,
}

pub(crate) fn map(v: Value) -> Map<String, Value> {
    if let Value::Object(m) = v { m } else { Map::new() }
}
pub(crate) fn time(ms: i64) -> String {
    Millis(ms).rfc3339()
}

const TITLES_ZH: &[(&str, &str)] = &[
    ("采购总监", "economic_buyer"),
    ("总经理", "decision_maker"),
    ("质检经理", "technical_buyer"),
    ("设备科长", "user"),
    ("实验室主任", "champion"),
    ("采购专员", "purchaser"),
    ("财务经理", "economic_buyer"),
    ("技术部长", "technical_buyer"),
];
const TITLES_EN: &[(&str, &str)] = &[
    ("Procurement Director", "economic_buyer"),
    ("Managing Director", "decision_maker"),
    ("Quality Manager", "technical_buyer"),
    ("Lab Manager", "champion"),
    ("Buyer", "purchaser"),
    ("Plant Engineer", "user"),
];
const NOTES_ZH: &[&str] = &[
    "电话沟通了检测节拍和精度要求，客户希望下周看演示。",
    "上门拜访，看了产线，来料检验是目前的瓶颈，预算今年已批。",
    "客户反馈同行用的是进口设备，关心备件和响应时间。",
    "发了第二版报价，付款条件可以谈到三六一，等采购总监确认。",
    "和质检经理约了样件试测，周四把样件寄到实验室。",
    "技术部认可精度报告，采购对首付比例有顾虑，希望降到两成。",
    "演示顺利，现场问了很多软件报表的问题，需要补一份案例。",
    "客户内部在走立项，预计月底上会，先保持每周联系。",
    "微信确认了安装场地和电源要求，物流尺寸没有问题。",
    "竞争对手报价低一成，强调了校准服务和本地备件库。",
    "回访使用情况，设备运行稳定，提到明年要扩一条线。",
    "合同条款法务已看，只剩质保期一条，建议给到十八个月。",
];
const NOTES_EN: &[&str] = &[
    "Call with the quality team: tolerance is 2 microns, they want a demo next week.",
    "Visited the plant. Incoming inspection is the bottleneck; budget is approved for this year.",
    "Sent the second quotation. Payment terms can move to 30-60-10 if the director agrees.",
    "Samples arrive at our lab on Thursday for a trial measurement.",
    "Demo went well. They asked for a reference from the same industry.",
    "Competitor is ten percent cheaper; stressed local calibration and spare parts.",
    "Internal approval is running, decision expected at the end of the month.",
    "Checked in after installation: stable, and they plan a second line next year.",
];
const NEXT_ZH: &[&str] = &[
    "约设备科现场看线",
    "发第二版报价",
    "确认付款方式",
    "补一份同行案例",
    "催招标办开标",
    "寄样件试测",
    "法务回合同修订稿",
    "演示，约院方采购",
    "微信问采购计划",
    "打电话确认数量",
];
const NEXT_EN: &[&str] = &[
    "Book a plant visit",
    "Send revised quotation",
    "Confirm payment terms",
    "Share a reference case",
    "Ship trial samples",
    "Legal to return the redline",
];
const NEEDS_ZH: &[&str] =
    &["来料检验效率提升一倍", "替换老旧设备，精度到 2 微米", "新产线配套检测", "实验室扩项需要 CNAS 数据", "在线检测与 MES 对接"];
const NEEDS_EN: &[&str] = &[
    "Double incoming inspection throughput",
    "Replace ageing equipment",
    "Metrology for a new line",
    "Traceable data for accreditation",
];

/// Invents the stories of `count` customers.
#[must_use]
pub fn stories(n: &mut Namer, s: &Setting, count: usize) -> Vec<Story> {
    let mut all: Vec<Story> = (0..count).map(|_| story(n, s)).collect();
    all.sort_by(|a, b| a.account["created_at"].as_str().cmp(&b.account["created_at"].as_str()));
    all
}

fn story(n: &mut Namer, s: &Setting) -> Story {
    let seller = n.pick(&s.sellers).clone();
    let org = if seller.region == "intl" { n.organisation_en() } else { n.organisation_zh(Some(&seller.region)) };
    // More customers in later years: the company grows.
    let age = f64::sqrt(n.rng().random_range(0.0..1.0f64));
    #[allow(clippy::cast_possible_truncation, reason = "days in three years")]
    let born = s.now.0 - DAY - ((1.0 - age) * 1_090.0 * DAY as f64) as i64;
    let contacts = contacts(n, &seller, &org, born);
    let mut follow_ups = vec![];
    let mut tasks = vec![];
    let deal_count = match n.rng().random_range(0..10) {
        0..2 => 0,
        2..6 => 1 + usize::from(s.now.0 - born > 200 * DAY),
        6..9 => 2 + usize::from(s.now.0 - born > 400 * DAY),
        _ => 5,
    };
    let mut deals: Vec<Deal> = vec![];
    let mut won = 0;
    let mut from = born + n.rng().random_range(0..20) * DAY;
    for _ in 0..deal_count {
        if from > s.now.0 - DAY {
            break;
        }
        let at = deals.len();
        let (deal, ended) = deal(n, s, &seller, &org, contacts.len(), from, at, &mut follow_ups, &mut tasks);
        won += usize::from(deal.data.get("outcome").is_some_and(|o| o == "won"));
        deals.push(deal);
        from = ended + n.rng().random_range(30..320) * DAY;
    }
    let level = match (deals.len(), won) {
        (_, 2..) => "a",
        (0, _) => "c",
        _ => "b",
    };
    let stage = match (won, deals.is_empty()) {
        (0, true) => "contacted",
        (0, false) => "intent",
        (1, _) => "customer",
        _ => "repeat",
    };
    let source =
        *n.pick(&["exhibition", "website", "referral", "cold_call", "partner", "search", "existing", "inbound_call", "email"]);
    let account = map(json!({
        "name": org.name, "short_name": org.short, "kind": "company", "level": level, "lifecycle_stage": stage, "source": source,
        "industry": org.industry, "employee_size": n.pick(&["s1","s2","s3","s3","s4","s5","s6"]),
        "ownership": n.pick(&["private","private","private","foreign","state","listed"]),
        "annual_revenue": n.amount(5_000_000.0, 900_000_000.0).to_string(),
        "phone": org.phone, "email": format!("info@{}", org.domain), "website": format!("https://www.{}", org.domain), "address": org.address,
        "owner_id": seller.id, "created_at": time(born), "updated_at": time(born),
        "is_key": level == "a" && n.rng().random_bool(0.4),
    }));
    if follow_ups.is_empty() {
        let note = *n.pick(if seller.english { NOTES_EN } else { NOTES_ZH });
        follow_ups.push((None, follow_up(n, &seller, note, born + 2 * 3_600_000, None)));
    }
    Story { account, contacts, deals, follow_ups, tasks }
}

fn contacts(n: &mut Namer, seller: &Seller, org: &Organisation, born: i64) -> Vec<Map<String, Value>> {
    let many = n.rng().random_range(1..5);
    (0..many)
        .map(|i| {
            let name = if seller.english { n.person_en() } else { n.person_zh() };
            let (title, role) = *n.pick(if seller.english { TITLES_EN } else { TITLES_ZH });
            let mut m = map(json!({
                "name": name, "title": title, "decision_role": role, "attitude": n.pick(&["support","neutral","neutral","oppose","unknown"]),
                "is_primary": i == 0, "status": "active", "email": format!("{}{}@{}", if seller.english {"c"} else {"k"}, n.rng().random_range(1000..9999), org.domain),
                "owner_id": seller.id, "created_at": time(born + i * 60_000), "language": if seller.english {"en"} else {"zh_cn"},
            }));
            if seller.english {
                m.insert("phone".into(), org.phone.clone().into());
            } else {
                m.insert("mobile".into(), n.mobile().into());
                if n.rng().random_bool(0.5) {
                    m.insert("wechat".into(), format!("wx{}", n.rng().random_range(100_000..999_999)).into());
                }
            }
            m
        })
        .collect()
}

fn follow_up(n: &mut Namer, seller: &Seller, text: &str, at: i64, next: Option<i64>) -> Map<String, Value> {
    let mut m = map(json!({
        "content": text, "follow_type": n.pick(&["call","call","visit","wechat","email","meeting","demo"]),
        "occurred_at": time(at), "owner_id": seller.id, "created_at": time(at), "updated_at": time(at),
    }));
    if let Some(t) = next {
        m.insert("next_follow_at".into(), time(t).into());
    }
    m
}

#[allow(clippy::too_many_arguments, reason = "one story, told in one place")]
fn deal(
    n: &mut Namer,
    s: &Setting,
    seller: &Seller,
    org: &Organisation,
    contacts: usize,
    from: i64,
    at: usize,
    follow_ups: &mut Vec<(Option<usize>, Map<String, Value>)>,
    tasks: &mut Vec<(Option<usize>, Map<String, Value>)>,
) -> (Deal, i64) {
    let mains: Vec<&Product> = s.products.iter().filter(|p| !p.service).collect();
    let extras: Vec<&Product> = s.products.iter().filter(|p| p.service).collect();
    let main = (*n.pick(&mains)).clone();
    let quantity = if main.price < 100_000 { n.rng().random_range(1..6) } else { n.rng().random_range(1..3) };
    let mut lines = vec![(main.id.clone(), main.price * n.rng().random_range(86..=100) / 100, quantity)];
    if n.rng().random_bool(0.6) {
        let e = (*n.pick(&extras)).clone();
        lines.push((e.id, e.price, 1));
    }
    let amount: i64 = lines.iter().map(|l| l.1 * l.2).sum();

    // Walk through the open stages until one ends it or today is reached.
    let open: Vec<&Stage> = s.stages.iter().filter(|x| x.kind == "open").collect();
    let last = |kind: &str| s.stages.iter().find(|x| x.kind == kind);
    let (mut here, mut entered, mut outcome, mut t) = (0, from, None::<&str>, from);
    loop {
        let stay = n.rng().random_range(3..=open[here].max_days + 8);
        t += stay * DAY;
        if t > s.now.0 {
            break;
        }
        let ends = [0.16, 0.13, 0.12, 0.14, 0.12][here.min(4)];
        if n.rng().random_bool(ends) {
            outcome = Some(if n.rng().random_bool(0.82) { "lost" } else { "abandoned" });
        } else if here + 1 == open.len() {
            outcome = Some("won");
        } else {
            here += 1;
            entered = t;
            continue;
        }
        break;
    }
    let ended = t.min(s.now.0 - 3_600_000);
    let stage = outcome.and_then(last).unwrap_or(open[here]);
    let product = main.name.split(' ').next().unwrap_or(&main.name);
    let name = if seller.english {
        format!("{} – {}", org.short, main.name.rsplit(' ').next().unwrap_or(product))
    } else {
        format!("{}-{}", org.short, product)
    };
    let today: Date = s.now.date_in(&s.tz);
    let close_on = if outcome.is_some() {
        Millis(ended).date_in(&s.tz)
    } else {
        today.saturating_add(n.rng().random_range(-9..75i64).days())
    };
    let mut data = map(json!({
        "name": name, "pipeline_id": s.pipeline, "stage_id": stage.id, "amount": amount.to_string(), "close_on": close_on.to_string(),
        "probability": stage.probability, "forecast_category": stage.category, "source": n.pick(&["website","exhibition","referral","existing","inbound_call"]),
        "opp_type": if at == 0 { "new" } else { "expand" }, "need": n.pick(if seller.english { NEEDS_EN } else { NEEDS_ZH }),
        "budget_status": n.pick(&["approved","planning","unknown","planning"]), "owner_id": seller.id,
        "created_at": time(from), "updated_at": time(ended), "stage_entered_at": time(if outcome.is_some() { ended } else { entered }),
    }));
    let contact = n.rng().random_range(0..contacts);
    let notes = if seller.english { NOTES_EN } else { NOTES_ZH };
    let talks = 1 + usize::try_from((ended - from) / (16 * DAY)).unwrap_or(0).min(7);
    let mut last_talk = from;
    for i in 0..talks {
        let span = (ended - from).max(DAY);
        let when = from
            + span * i64::try_from(i + 1).unwrap_or(1) / i64::try_from(talks + 1).unwrap_or(1)
            + n.rng().random_range(0..8) * 3_600_000;
        let when = when.min(s.now.0 - 1_800_000);
        last_talk = last_talk.max(when);
        let text = *n.pick(notes);
        let f = follow_up(n, seller, text, when, None);
        follow_ups.push((Some(at), f));
    }
    if let Some(o) = outcome {
        data.insert("outcome".into(), o.into());
        data.insert("closed_at".into(), time(ended).into());
        if o == "won" {
            data.insert("won_amount".into(), amount.to_string().into());
        } else {
            let reason = *n.pick(&["price", "competitor", "budget", "no_decision", "feature", "other"]);
            if reason == "competitor" {
                data.insert("lost_to_id".into(), n.pick(&s.competitors).clone().into());
            }
            data.insert("lost_reason".into(), reason.into());
        }
    } else {
        data.insert("next_step".into(), (*n.pick(if seller.english { NEXT_EN } else { NEXT_ZH })).into());
        if n.rng().random_bool(0.85) {
            // From three days late to two weeks ahead, in working hours of the zone.
            let day = today.saturating_add(n.rng().random_range(-3..14i64).days());
            let when = day.at(n.rng().random_range(9..17i8), 30 * n.rng().random_range(0..2i8), 0, 0);
            if let Ok(z) = when.to_zoned(s.tz.clone()) {
                let ms = z.timestamp().as_millisecond();
                data.insert("next_follow_at".into(), time(ms).into());
                if n.rng().random_bool(0.4) {
                    let subject = data["next_step"].clone();
                    tasks.push((
                        Some(at),
                        map(json!({"subject": subject, "priority": n.pick(&["normal","normal","high","low"]), "due_at": time(ms), "owner_id": seller.id})),
                    ));
                }
            }
        }
    }
    data.insert("last_followed_at".into(), time(last_talk).into());
    let roles = if contacts > 1 {
        vec![(contact, "decision_maker", "support"), ((contact + 1) % contacts, "technical_buyer", "neutral")]
    } else {
        vec![(contact, "decision_maker", "neutral")]
    };
    let competitor = n.rng().random_bool(0.35).then(|| (n.pick(&s.competitors).clone(), *n.pick(&["low", "medium", "high"])));
    (Deal { data, contact, lines, roles, competitor }, ended)
}

/// Leads of the last months that nobody has turned into a customer yet.
#[must_use]
pub fn leads(n: &mut Namer, s: &Setting, count: usize) -> Vec<Map<String, Value>> {
    (0..count)
        .map(|_| {
            let seller = n.pick(&s.sellers).clone();
            let org = if seller.english { n.organisation_en() } else { n.organisation_zh(Some(&seller.region)) };
            let person = if seller.english { n.person_en() } else { n.person_zh() };
            let born = s.now.0 - n.rng().random_range(1..120) * DAY;
            let status = *n.pick(&["new", "following", "following", "nurturing", "disqualified"]);
            let mut m = map(json!({
                "name": format!("{} {}", org.short, person), "company_name": org.name, "contact_name": person, "industry": org.industry,
                "status": status, "rating": n.pick(&["hot","warm","warm","cold"]), "source": n.pick(&["website","exhibition","ad","wechat","search","cold_call"]),
                "need": n.pick(if seller.english { NEEDS_EN } else { NEEDS_ZH }), "budget": n.amount(20_000.0, 800_000.0).to_string(),
                "owner_id": seller.id, "address": org.address, "created_at": time(born), "updated_at": time(born),
            }));
            if status == "disqualified" {
                m.insert("disqualify_reason".into(), (*n.pick(&["no_need", "no_budget", "not_target", "invalid_contact"])).into());
            }
            if seller.english {
                m.insert("email".into(), format!("hello@{}", org.domain).into());
            } else {
                m.insert("mobile".into(), n.mobile().into());
            }
            m
        })
        .collect()
}
