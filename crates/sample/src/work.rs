//! What people did and will do for the customers of the stories: calls, visits, meetings, notes.

use jiff::{ToSpan, civil::Date};
use rand::RngExt;
use serde_json::{Map, Value, json};

use crate::{
    names::Namer,
    story::{Seller, Setting, Story, map, time},
};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Calls further back than this are in the follow-ups alone: a telephone system keeps its list for half a year.
const CALLS_KEPT: i64 = 180 * DAY;

/// What hangs on a customer, or on a deal (by position) and one of the contacts (by position).
#[derive(Debug)]
pub struct Doing {
    /// Deal; none = the customer itself.
    pub deal: Option<usize>,
    /// The contact it was done with.
    pub contact: Option<usize>,
    /// Its fields without references.
    pub data: Map<String, Value>,
}

/// The work on one customer.
#[derive(Debug, Default)]
pub struct Doings {
    /// Objects of `call`.
    pub calls: Vec<Doing>,
    /// Objects of `visit`.
    pub visits: Vec<Doing>,
    /// Objects of `event`.
    pub events: Vec<Doing>,
    /// Objects of `note`.
    pub notes: Vec<Doing>,
    /// Objects of `task`: what is to be done for open deals beside their next step, and what was done.
    pub tasks: Vec<Doing>,
}

const MEETINGS_ZH: &[(&str, &str)] = &[
    ("产品演示", "demo"),
    ("技术交流会", "meeting"),
    ("合同条款沟通", "meeting"),
    ("样件试测评审", "meeting"),
    ("操作培训", "training"),
];
const MEETINGS_EN: &[(&str, &str)] = &[
    ("Product demo", "demo"),
    ("Technical review", "meeting"),
    ("Contract call", "meeting"),
    ("Trial measurement review", "meeting"),
    ("Operator training", "training"),
];
const VISITS_ZH: &[(&str, &str)] =
    &[("现场看线", "need"), ("演示样机", "demo"), ("商务洽谈", "negotiate"), ("首次拜访", "first"), ("回访使用情况", "care")];
const VISITS_EN: &[(&str, &str)] = &[
    ("Walk the production line", "need"),
    ("Demo on site", "demo"),
    ("Commercial talks", "negotiate"),
    ("First visit", "first"),
    ("Check on the installation", "care"),
];
const TASKS_ZH: &[&str] =
    &["整理样件检测报告", "申请样机运输", "补齐投标资质文件", "发验收标准给客户", "与售前确认配置清单", "更新报价单有效期"];
const TASKS_EN: &[&str] = &[
    "Write up the trial results",
    "Book transport for the demo unit",
    "Collect the tender documents",
    "Send the acceptance criteria",
    "Check the configuration with presales",
    "Renew the quotation",
];
const NOTES_ZH: &[(&str, &str)] = &[
    ("决策链", "<p>设备科提需求，技术部定型号，采购部比价，<b>五十万以上要院长办公会</b>。每月最后一周上会。</p>"),
    ("开票信息", "<p>先票后款，月结三十天；发票寄财务部，抬头带集团全称。</p>"),
    ("现场条件", "<p>恒温间 20±1℃，叉车通道宽 2.2 米，三坐标要分两箱进场。</p>"),
    ("接待习惯", "<p>周一例会不见客；技术部长喜欢先看数据再谈价格。</p>"),
];
const NOTES_EN: &[(&str, &str)] = &[
    (
        "How they decide",
        "<p>Quality asks, engineering chooses the model, purchasing compares. <b>Above 80k the board signs</b>, last week of the month.</p>",
    ),
    (
        "Site conditions",
        "<p>Climate-controlled room at 20±1 °C; the corridor is 2.2 m wide, so the machine comes in two crates.</p>",
    ),
    ("Payment habits", "<p>30 days after invoice, never on account; invoices go to shared services.</p>"),
];

/// Invents the work that goes with the stories. `n` is a source of its own, so that stories stay what they are.
#[must_use]
pub fn doings(n: &mut Namer, s: &Setting, stories: &[Story]) -> Vec<Doings> {
    stories.iter().map(|story| of_story(n, s, story)).collect()
}

fn of_story(n: &mut Namer, s: &Setting, story: &Story) -> Doings {
    let mut all = Doings::default();
    let owner = story.account["owner_id"].as_str().unwrap_or_default();
    let Some(seller) = s.sellers.iter().find(|x| x.id == owner) else { return all };
    for (deal, f) in &story.follow_ups {
        let Some(at) = f["occurred_at"].as_str().and_then(rapport_schema::codec::parse_instant) else { continue };
        let contact = deal.map_or(0, |d| story.deals[d].contact);
        let doing = |data| Doing { deal: *deal, contact: Some(contact), data };
        match f["follow_type"].as_str() {
            Some("call") if s.now.0 - at.0 < CALLS_KEPT => {
                if n.rng().random_bool(0.3) {
                    // Nobody picked up the first time.
                    let before = at.0 - n.rng().random_range(30..240) * MINUTE;
                    all.calls.push(doing(call(n, seller, &story.contacts[contact], before, false)));
                }
                all.calls.push(doing(call(n, seller, &story.contacts[contact], at.0, true)));
            }
            Some("visit") => all.visits.push(doing(visited(n, seller, at.0, f["content"].as_str().unwrap_or_default()))),
            Some("meeting" | "demo") => all.events.push(doing(event(n, seller, at.0, "held"))),
            _ => {}
        }
    }
    let today = s.now.date_in(&s.tz);
    for (i, d) in story.deals.iter().enumerate() {
        let closed = d.data.contains_key("outcome");
        let subject = *n.pick(if seller.english { TASKS_EN } else { TASKS_ZH });
        let begun =
            d.data["updated_at"].as_str().and_then(rapport_schema::codec::parse_instant).map_or(s.now.0, |t| t.0) - 5 * DAY;
        let (status, due) = match n.rng().random_range(0..10) {
            0..4 if closed => ("done", begun + 2 * DAY),
            0..5 if !closed => match working_hour(n, s, today) {
                Some(at) => (if n.rng().random_bool(0.25) { "doing" } else { "todo" }, at),
                None => continue,
            },
            _ => continue,
        };
        let mut data = map(json!({
            "subject": subject, "status": status, "priority": n.pick(&["normal", "normal", "normal", "high", "low"]), "due_at": time(due),
            "owner_id": seller.id, "created_at": time(begun), "updated_at": time(begun),
        }));
        if status == "done" {
            let at = due - n.rng().random_range(0..20) * HOUR;
            data.insert("completed_at".into(), time(at).into());
            data.insert("updated_at".into(), time(at).into());
        }
        all.tasks.push(Doing { deal: Some(i), contact: None, data });
    }
    for (i, d) in story.deals.iter().enumerate().filter(|(_, d)| !d.data.contains_key("outcome")) {
        let ahead = |data| Doing { deal: Some(i), contact: Some(d.contact), data };
        match n.rng().random_range(0..10) {
            0..3 => {
                if let Some(at) = working_hour(n, s, today) {
                    all.events.push(ahead(event(n, seller, at, "planned")));
                }
            }
            3..5 => {
                if let Some(at) = working_hour(n, s, today) {
                    let (subject, purpose) = *n.pick(if seller.english { VISITS_EN } else { VISITS_ZH });
                    all.visits.push(ahead(map(json!({
                        "subject": subject, "purpose": purpose, "planned_at": time(at), "status": "planned", "owner_id": seller.id,
                        "created_at": time(s.now.0 - DAY), "updated_at": time(s.now.0 - DAY),
                    }))));
                }
            }
            _ => {}
        }
    }
    if n.rng().random_bool(0.25) {
        let (title, body) = *n.pick(if seller.english { NOTES_EN } else { NOTES_ZH });
        let at = story.account["created_at"].clone();
        let data = map(json!({
            "title": title, "body": body, "pinned": n.rng().random_bool(0.3), "owner_id": seller.id, "created_at": at, "updated_at": at,
        }));
        all.notes.push(Doing { deal: None, contact: None, data });
    }
    all
}

/// A full or half hour of a working day, from today to three weeks ahead: near days are fuller.
fn working_hour(n: &mut Namer, s: &Setting, today: Date) -> Option<i64> {
    let (a, b) = (n.rng().random_range(0..21i64), n.rng().random_range(0..21i64));
    let mut day = today.saturating_add(a.min(b).days());
    while day.weekday().to_monday_one_offset() > 5 {
        day = day.saturating_add(1.days());
    }
    let at = day.at(n.rng().random_range(9..17i8), 30 * n.rng().random_range(0..2i8), 0, 0);
    Some(at.to_zoned(s.tz.clone()).ok()?.timestamp().as_millisecond())
}

fn call(n: &mut Namer, seller: &Seller, contact: &Map<String, Value>, at: i64, answered: bool) -> Map<String, Value> {
    let number = contact.get("mobile").or_else(|| contact.get("phone")).cloned().unwrap_or_default();
    let inbound = answered && n.rng().random_bool(0.2);
    let mut m = map(json!({
        "direction": if inbound { "in" } else { "out" }, "started_at": time(at), "owner_id": seller.id, "created_at": time(at), "updated_at": time(at),
        "result": if answered { "answered" } else { *n.pick(&["no_answer", "no_answer", "busy", "rejected"]) },
        "subject": contact.get("name").cloned().unwrap_or_default(),
    }));
    m.insert(if inbound { "from_number" } else { "to_number" }.into(), number);
    if answered {
        let (ring, talk) = (n.rng().random_range(4..25) * 1_000, n.rng().random_range(40..1_100));
        m.insert("answered_at".into(), time(at + ring).into());
        m.insert("ended_at".into(), time(at + ring + talk * 1_000).into());
        m.insert("talk_time".into(), talk.into());
    }
    m
}

fn visited(n: &mut Namer, seller: &Seller, at: i64, result: &str) -> Map<String, Value> {
    let (subject, purpose) = *n.pick(if seller.english { VISITS_EN } else { VISITS_ZH });
    let from = at - n.rng().random_range(40..150) * MINUTE;
    map(json!({
        "subject": subject, "purpose": purpose, "planned_at": time(from - n.rng().random_range(-20..20) * MINUTE), "status": "completed", "result": result,
        "checkin_at": time(from), "checkout_at": time(at), "owner_id": seller.id, "created_at": time(from - 2 * DAY), "updated_at": time(at),
    }))
}

fn event(n: &mut Namer, seller: &Seller, at: i64, status: &str) -> Map<String, Value> {
    let (subject, kind) = *n.pick(if seller.english { MEETINGS_EN } else { MEETINGS_ZH });
    let online = n.rng().random_bool(0.4);
    let place = match (online, seller.english) {
        (true, true) => "Online",
        (true, false) => "线上会议",
        (false, true) => "At the customer's",
        (false, false) => "客户会议室",
    };
    map(json!({
        "subject": subject, "event_type": kind, "start_at": time(at), "end_at": time(at + n.rng().random_range(2..5) * HOUR / 2), "status": status,
        "location": place, "owner_id": seller.id, "created_at": time(at - 3 * DAY), "updated_at": time(at - 3 * DAY),
    }))
}
