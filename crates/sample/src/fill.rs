//! Writing the sample company through the pipeline.

use async_recursion::async_recursion as boxed;
use std::collections::HashMap;

use jiff::tz::TimeZone;
use rapport_policy::{Reason, Scope, SystemScope};
use rapport_records::{BatchOp, BatchOptions, Engine, JsonMap, ListRequest, WriteOptions};
use rapport_schema::{Millis, RecordId, UserId};
use serde_json::{Map, Value, json};

use crate::{
    company,
    names::Namer,
    story::{self, Product, Seller, Setting, Stage},
    waiting,
    work::{self, Doing, Doings},
};

/// The sample could not be written.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// The pipeline refused something as a whole.
    #[error(transparent)]
    Pipeline(#[from] rapport_records::Error),
    /// The pipeline refused one row: a fault of this generator or of a rule.
    #[error("sample {object} row {row} refused: {error:?}\n{data}")]
    Row {
        /// Object.
        object: String,
        /// Position in its batch.
        row: usize,
        /// Why.
        error: Box<rapport_records::Error>,
        /// What was to be written.
        data: String,
    },
    /// A shipped record the sample builds on is missing.
    #[error("shipped record missing: {0}")]
    Missing(String),
}

type Result<T> = std::result::Result<T, SampleError>;

/// What was written.
#[derive(Debug, Clone, Default)]
pub struct Filled {
    /// Records by object.
    pub counts: Vec<(String, usize)>,
    /// Users: username and id.
    pub users: Vec<(String, String)>,
}

const CHUNK: usize = 1000;

struct Filler<'e> {
    engine: &'e Engine,
    scope: Scope,
    /// Under which all of it can be taken back.
    batch: Option<RecordId>,
    filled: Filled,
}

/// Fills an empty workspace with the sample company: `customers` accounts and what belongs to them, told up to `now`.
#[boxed]
pub async fn fill(engine: &Engine, now: Millis, tz: TimeZone, seed: u64, customers: usize) -> Result<Filled> {
    let mut f = Filler { engine, scope: SystemScope::because(Reason::Sample), batch: None, filled: Filled::default() };
    let (sellers, keeper) = f.people().await?;
    let setting = f.goods(now, tz, sellers, &keeper).await?;
    f.tell(&setting, seed, customers).await?;
    f.waiting(&setting, seed).await?;
    Ok(f.filled)
}

/// Fills a workspace of somebody's own with customers to try things on, all owned by `owner`: no people, no departments. All of it
/// bears `batch` in the change log, by which it is taken back.
///
/// # Errors
/// As [`fill`].
#[boxed]
pub async fn trial(engine: &Engine, owner: UserId, now: Millis, seed: u64, customers: usize, batch: RecordId) -> Result<Filled> {
    let mut f = Filler { engine, scope: SystemScope::because(Reason::Sample), batch: Some(batch), filled: Filled::default() };
    let owner = owner.to_string();
    let seller = |region: &str| Seller { id: owner.clone(), region: region.into(), english: region == "intl" };
    let sellers = ["east", "south", "intl"].map(seller).to_vec();
    let setting = f.goods(now, engine.model().tz(), sellers, &owner).await?;
    f.tell(&setting, seed, customers).await?;
    Ok(f.filled)
}

impl Filler<'_> {
    /// Creates rows in batches; every row must pass.
    async fn create(&mut self, object: &str, rows: Vec<JsonMap>) -> Result<Vec<String>> {
        let mut ids = Vec::with_capacity(rows.len());
        for chunk in rows.chunks(CHUNK) {
            let ops = chunk.iter().map(|data| BatchOp::Create { data: data.clone(), children: vec![] }).collect();
            let mut write =
                WriteOptions { keep_times: true, set_state: true, override_duplicates: true, ..WriteOptions::default() };
            write.cause.batch = self.batch;
            write.cause.act = self.batch.map(|_| "sample".into());
            let done = self.engine.batch(&self.scope, object, ops, BatchOptions { write, ..BatchOptions::default() }).await?;
            for (row, r) in done.rows.into_iter().enumerate() {
                match r {
                    Ok((id, _)) => ids.push(id.to_string()),
                    Err(error) => {
                        let data = Value::Object(chunk[row].clone()).to_string();
                        return Err(SampleError::Row { object: object.into(), row, error: Box::new(error), data });
                    }
                }
            }
        }
        match self.filled.counts.iter_mut().find(|(o, _)| o == object) {
            Some((_, n)) => *n += ids.len(),
            None => self.filled.counts.push((object.into(), ids.len())),
        }
        Ok(ids)
    }

    /// Existing records of an object.
    async fn existing(&self, object: &str, filter: Option<&str>, sort: Option<&str>) -> Result<Vec<Map<String, Value>>> {
        let req = ListRequest {
            filter: filter.map(Into::into),
            sort: sort.map(Into::into),
            limit: Some(200),
            ..ListRequest::default()
        };
        let page = self.engine.list(&self.scope, object, &req).await?;
        let text = [b"[".as_slice(), &page.rows, b"]"].concat();
        serde_json::from_slice(&text).map_err(|e| SampleError::Missing(format!("{object}: {e}")))
    }

    /// The stories of so many customers, and leads of others.
    async fn tell(&mut self, setting: &Setting, seed: u64, customers: usize) -> Result<()> {
        let mut namer = Namer::new(seed);
        let stories = story::stories(&mut namer, setting, customers);
        let doings = work::doings(&mut Namer::new(seed ^ 0x00D0_1465), setting, &stories);
        self.stories(stories, doings).await?;
        let leads = story::leads(&mut namer, setting, customers / 3);
        self.create("lead", leads).await.map(drop)
    }

    /// What waits in the pools, with the last words of former owners.
    async fn waiting(&mut self, setting: &Setting, seed: u64) -> Result<()> {
        let mut namer = Namer::new(seed ^ 0x0000_9001);
        let of = [("lead", waiting::leads(&mut namer, setting)), ("account", waiting::customers(&mut namer, setting))];
        for (object, all) in of {
            let ids = self.create(object, all.iter().map(|w| w.data.clone()).collect()).await?;
            let (mut contacts, mut talks) = (vec![], vec![]);
            for (w, id) in all.into_iter().zip(&ids) {
                contacts.extend(w.contact.map(|c| with(&c, "account_id", id)));
                talks.extend(w.talk.map(|mut t| {
                    t.insert("target".into(), json!({"object": object, "id": id}));
                    t
                }));
            }
            self.create("contact", contacts).await?;
            self.create("follow_up", talks).await?;
        }
        Ok(())
    }

    /// Departments and people; answers who sells, and who keeps the list of products.
    async fn people(&mut self) -> Result<(Vec<Seller>, String)> {
        let mut depts: HashMap<&str, String> = HashMap::new();
        for (i, d) in company::DEPTS.iter().enumerate() {
            let parent = d.parent.map(|p| depts[p].clone());
            let row = row(json!({"name": d.name, "code": d.key, "parent_id": parent, "position": i, "enabled": true}));
            depts.insert(d.key, self.one("department", row).await?);
        }
        let roles: HashMap<String, String> = self.by_key("role", "code").await?;
        let mut users: HashMap<&str, String> = HashMap::new();
        for p in company::PEOPLE {
            let role = roles.get(p.role).ok_or_else(|| SampleError::Missing(format!("role {}", p.role)))?;
            let data = row(json!({
                "username": p.username, "name": p.name, "email": format!("{}@lanchuan.example", p.username), "title": p.title,
                "main_dept": depts[p.dept], "manager_id": p.manager.map(|m| users[m].clone()), "roles": [role], "status": "active",
                "kind": "internal", "locale": p.locale,
            }));
            let id = self.one("user", data).await?;
            self.filled.users.push((p.username.into(), id.clone()));
            users.insert(p.username, id);
        }
        let sellers = company::PEOPLE
            .iter()
            .filter(|p| p.role == "sales_rep" || p.role == "sales_manager")
            .flat_map(|p| {
                let region = if p.dept.starts_with("east") { "east" } else { p.dept };
                let seller = Seller { id: users[p.username].clone(), region: region.into(), english: p.locale == "en" };
                // Managers carry a few customers, reps the rest.
                std::iter::repeat_n(seller, if p.role == "sales_rep" { 4 } else { 1 })
            })
            .collect();
        Ok((sellers, users["helan"].clone()))
    }

    /// Products and competitors, kept by `owner`; with pipeline and sellers what stories are told from.
    async fn goods(&mut self, now: Millis, tz: TimeZone, sellers: Vec<Seller>, owner: &str) -> Result<Setting> {
        let mut categories = HashMap::new();
        for (i, (key, name)) in company::CATEGORIES.iter().enumerate() {
            categories.insert(*key, self.one("product_category", row(json!({"name": name, "position": i}))).await?);
        }
        let product_rows = company::PRODUCTS
            .iter()
            .map(|(code, cat, name, price, cost, unit)| {
                row(json!({
                    "name": name, "code": code, "category_id": categories[cat], "product_type": if *cat == "svc" {"service"} else {"goods"}, "unit": unit,
                    "list_price": price.to_string(), "cost": cost.to_string(), "floor_price": (price * 85 / 100).to_string(), "status": "on",
                    "owner_id": owner, "warranty_months": if *cat == "svc" {Value::Null} else {12.into()},
                }))
            })
            .collect();
        let ids = self.create("product", product_rows).await?;
        let products = ids
            .into_iter()
            .zip(company::PRODUCTS)
            .map(|(id, p)| Product { id, name: p.2.into(), price: p.3, service: p.1 == "svc" })
            .collect();
        let rivals = company::COMPETITORS
            .iter()
            .map(|(name, strong, weak)| row(json!({"name": name, "strengths": strong, "weaknesses": weak, "owner_id": owner})))
            .collect();
        let competitors = self.create("competitor", rivals).await?;
        let pipeline = self
            .existing("pipeline", Some("is_default = true"), None)
            .await?
            .first()
            .and_then(|p| p["id"].as_str().map(str::to_owned))
            .ok_or_else(|| SampleError::Missing("default pipeline".into()))?;
        let stages = self.existing("stage", Some(&format!("pipeline_id = '{pipeline}'")), Some("position")).await?;
        let text = |m: &Map<String, Value>, k: &str| m.get(k).and_then(Value::as_str).unwrap_or_default().to_owned();
        let stages: Vec<Stage> = stages
            .iter()
            .map(|m| Stage {
                id: text(m, "id"),
                kind: text(m, "kind"),
                probability: text(m, "probability"),
                category: text(m, "forecast_category"),
                max_days: m.get("max_days").and_then(Value::as_i64).unwrap_or(14),
            })
            .collect();
        if stages.iter().filter(|s| s.kind == "open").count() < 2 {
            return Err(SampleError::Missing("open stages of the default pipeline".into()));
        }
        Ok(Setting { now, tz, sellers, pipeline, stages, products, competitors })
    }

    async fn one(&mut self, object: &str, data: JsonMap) -> Result<String> {
        let mut ids = self.create(object, vec![data]).await?;
        ids.pop().ok_or_else(|| SampleError::Missing(object.into()))
    }

    async fn by_key(&self, object: &str, key: &str) -> Result<HashMap<String, String>> {
        Ok(self
            .existing(object, None, None)
            .await?
            .iter()
            .filter_map(|m| Some((m.get(key)?.as_str()?.to_owned(), m.get("id")?.as_str()?.to_owned())))
            .collect())
    }

    async fn stories(&mut self, stories: Vec<story::Story>, doings: Vec<Doings>) -> Result<()> {
        let accounts = self.create("account", stories.iter().map(|s| s.account.clone()).collect()).await?;

        let mut rows = vec![];
        let mut first = Vec::with_capacity(stories.len());
        for (s, account) in stories.iter().zip(&accounts) {
            first.push(rows.len());
            rows.extend(s.contacts.iter().map(|c| with(c, "account_id", account)));
        }
        let contacts = self.create("contact", rows).await?;

        let mut rows = vec![];
        let mut first_deal = Vec::with_capacity(stories.len());
        for (i, s) in stories.iter().enumerate() {
            first_deal.push(rows.len());
            for d in &s.deals {
                let mut m = with(&d.data, "account_id", &accounts[i]);
                m.insert("primary_contact_id".into(), contacts[first[i] + d.contact].clone().into());
                rows.push(m);
            }
        }
        let deals = self.create("opportunity", rows).await?;

        let (mut lines, mut roles, mut rivals, mut talks, mut tasks) = (vec![], vec![], vec![], vec![], vec![]);
        for (i, s) in stories.iter().enumerate() {
            for (k, d) in s.deals.iter().enumerate() {
                let id = &deals[first_deal[i] + k];
                for (product, price, quantity) in &d.lines {
                    lines.push(row(json!({"opportunity_id": id, "product_id": product, "unit_price": price.to_string(), "quantity": quantity.to_string(), "charge_kind": "one_off"})));
                }
                for (contact, role, attitude) in &d.roles {
                    roles.push(row(json!({"opportunity_id": id, "contact_id": contacts[first[i] + contact], "role": role, "attitude": attitude})));
                }
                if let Some((rival, threat)) = &d.competitor {
                    rivals.push(row(json!({"opportunity_id": id, "competitor_id": rival, "threat": threat})));
                }
            }
            for (deal, f) in &s.follow_ups {
                let mut m = f.clone();
                match deal {
                    Some(k) => {
                        let id = &deals[first_deal[i] + k];
                        m.insert("target".into(), json!({"object": "opportunity", "id": id}));
                        m.insert("opportunity_id".into(), id.clone().into());
                    }
                    None => {
                        m.insert("target".into(), json!({"object": "account", "id": accounts[i]}));
                    }
                }
                talks.push(m);
            }
            for (deal, t) in &s.tasks {
                let mut m = t.clone();
                if let Some(k) = deal {
                    m.insert("related".into(), json!({"object": "opportunity", "id": deals[first_deal[i] + k]}));
                }
                tasks.push(m);
            }
        }
        talks.sort_by(|a, b| a["occurred_at"].as_str().cmp(&b["occurred_at"].as_str()));
        self.create("opportunity_line", lines).await?;
        self.create("opportunity_contact", roles).await?;
        self.create("opportunity_competitor", rivals).await?;
        self.create("follow_up", talks).await?;
        self.create("task", tasks).await?;

        let (mut calls, mut visits, mut events, mut notes, mut more) = (vec![], vec![], vec![], vec![], vec![]);
        for (i, d) in doings.into_iter().enumerate() {
            let place = Place { account: &accounts[i], contacts: &contacts[first[i]..], deals: &deals[first_deal[i]..] };
            calls.extend(d.calls.into_iter().map(|c| place.hang(c, Some("contact_id"))));
            events.extend(d.events.into_iter().map(|e| place.hang(e, Some("contacts"))));
            more.extend(d.tasks.into_iter().map(|x| place.hang(x, None)));
            notes.extend(d.notes.into_iter().map(|x| place.hang(x, None)));
            // A visit is to a customer, not to a deal.
            visits.extend(d.visits.into_iter().map(|v| {
                let mut m = place.hang(v, Some("contacts"));
                m.remove("related");
                m.insert("account_id".into(), place.account.into());
                m
            }));
        }
        for (object, at, mut rows) in [
            ("call", "started_at", calls),
            ("visit", "planned_at", visits),
            ("event", "start_at", events),
            ("note", "created_at", notes),
            ("task", "due_at", more),
        ] {
            rows.sort_by(|a, b| a[at].as_str().cmp(&b[at].as_str()));
            self.create(object, rows).await?;
        }
        Ok(())
    }
}

/// The records of one customer that work hangs on.
struct Place<'a> {
    account: &'a str,
    contacts: &'a [String],
    deals: &'a [String],
}

impl Place<'_> {
    /// The fields of a doing with its references; `people` names the field of the contact.
    fn hang(&self, d: Doing, people: Option<&str>) -> JsonMap {
        let mut m = d.data;
        let (object, id) = d.deal.map_or(("account", self.account), |k| ("opportunity", &self.deals[k]));
        m.insert("related".into(), json!({"object": object, "id": id}));
        if let (Some(field), Some(c)) = (people, d.contact) {
            let id = &self.contacts[c];
            m.insert(field.into(), if field == "contacts" { json!([id]) } else { json!(id) });
        }
        m
    }
}

fn row(v: Value) -> JsonMap {
    match v {
        Value::Object(m) => m.into_iter().filter(|(_, v)| !v.is_null()).collect(),
        _ => JsonMap::new(),
    }
}

fn with(m: &JsonMap, key: &str, id: &str) -> JsonMap {
    let mut m = m.clone();
    m.insert(key.into(), id.into());
    m
}
