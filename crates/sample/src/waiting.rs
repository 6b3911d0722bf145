//! What waits in the public pools: leads and customers that sellers gave back, with what was said last, and fresh ones from a list
//! that nobody has looked at yet.

use rand::RngExt;
use serde_json::{Map, Value, json};

use crate::{
    names::Namer,
    story::{self, Seller, Setting, map, time},
};

const DAY: i64 = 86_400_000;
/// Leads: given back, fresh.
const LEADS: (usize, usize) = (7, 5);
/// Customers: given back, fresh.
const CUSTOMERS: (usize, usize) = (4, 2);

/// A record without an owner. References to it come when it is written.
#[derive(Debug)]
pub struct Waiting {
    /// The lead or account.
    pub data: Map<String, Value>,
    /// Of a customer: whom one asks for there.
    pub contact: Option<Map<String, Value>>,
    /// What the former owner wrote last; none where there was no owner.
    pub talk: Option<Map<String, Value>>,
}

/// Why somebody gave a record back, and what was written before.
struct Why {
    key: &'static str,
    zh: &'static str,
    en: &'static str,
}

const WHY: &[Why] = &[
    Why {
        key: "no_answer",
        zh: "三次电话未接，加微信没有通过，邮件也没有回音。",
        en: "Three calls and two emails without an answer.",
    },
    Why {
        key: "no_need",
        zh: "客户刚和现有供应商续了两年，近期没有新的检测需求。",
        en: "They renewed with their supplier for two years; nothing new is planned.",
    },
    Why {
        key: "no_budget",
        zh: "设备预算被砍，采购推迟到明年下半年，建议到时再联系。",
        en: "The equipment budget was cut; worth another call in the second half of next year.",
    },
    Why {
        key: "not_mine",
        zh: "工厂已经搬到外省，日常对接都在那边，由当地同事跟进更合适。",
        en: "The plant has moved to another region; a colleague there should take it.",
    },
];

/// Leads that wait.
#[must_use]
pub fn leads(n: &mut Namer, s: &Setting) -> Vec<Waiting> {
    let all = story::leads(n, s, LEADS.0 + LEADS.1);
    all.into_iter()
        .enumerate()
        .map(|(i, mut data)| {
            let seller = seller_of(s, &data);
            for k in ["status", "disqualify_reason"] {
                data.remove(k);
            }
            if i < LEADS.0 {
                data.insert("recycle_count".into(), 1.into());
                return given_back(n, s, &seller, i, data, None);
            }
            // A list from a fair says who came by, and little more.
            for k in ["need", "budget"] {
                data.remove(k);
            }
            data.insert("rating".into(), "warm".into());
            fresh(n, s, data, None)
        })
        .collect()
}

/// Customers that wait.
#[must_use]
pub fn customers(n: &mut Namer, s: &Setting) -> Vec<Waiting> {
    let all = story::stories(n, s, CUSTOMERS.0 + CUSTOMERS.1);
    all.into_iter()
        .enumerate()
        .map(|(i, story)| {
            let mut data = story.account;
            let seller = seller_of(s, &data);
            let contact = story.contacts.into_iter().next();
            data.extend(map(json!({ "is_key": false, "level": n.pick(&["b", "c"]), "lifecycle_stage": "contacted" })));
            if i < CUSTOMERS.0 { given_back(n, s, &seller, i, data, contact) } else { fresh(n, s, data, contact) }
        })
        .collect()
}

fn seller_of(s: &Setting, data: &Map<String, Value>) -> Seller {
    let id = data["owner_id"].as_str().unwrap_or_default();
    s.sellers.iter().find(|x| x.id == id).unwrap_or(&s.sellers[0]).clone()
}

/// Some weeks after it was made the seller gave it back, saying why.
fn given_back(
    n: &mut Namer,
    s: &Setting,
    seller: &Seller,
    i: usize,
    mut data: Map<String, Value>,
    contact: Option<Map<String, Value>>,
) -> Waiting {
    let why = &WHY[i % WHY.len()];
    let entered = s.now.0 - n.rng().random_range(2..45) * DAY - n.rng().random_range(0..8) * 3_600_000;
    let born = entered - n.rng().random_range(20..90) * DAY;
    let said = entered - n.rng().random_range(1..4) * 3_600_000;
    let words = if seller.english { why.en } else { why.zh };
    data.extend(map(json!({
        "owner_id": null, "prev_owner_id": seller.id, "pool_reason": why.key, "pool_entered_at": time(entered),
        "last_followed_at": time(said), "created_at": time(born), "updated_at": time(entered),
    })));
    let talk = map(json!({
        "content": words, "follow_type": "call", "occurred_at": time(said), "owner_id": seller.id,
        "created_at": time(said), "updated_at": time(said),
    }));
    Waiting { data, contact: contact.map(|c| nobodys(c, born)), talk: Some(talk) }
}

/// From the list of a fair of the last days.
fn fresh(n: &mut Namer, s: &Setting, mut data: Map<String, Value>, contact: Option<Map<String, Value>>) -> Waiting {
    let born = s.now.0 - n.rng().random_range(1..6) * DAY;
    data.extend(map(json!({
        "owner_id": null, "source": "exhibition", "pool_reason": "imported", "pool_entered_at": time(born),
        "created_at": time(born), "updated_at": time(born),
    })));
    Waiting { data, contact: contact.map(|c| nobodys(c, born)), talk: None }
}

fn nobodys(mut contact: Map<String, Value>, born: i64) -> Map<String, Value> {
    contact.extend(map(json!({ "owner_id": null, "created_at": time(born + 60_000) })));
    contact
}
