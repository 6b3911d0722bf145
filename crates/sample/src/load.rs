//! Data in bulk for measurements: realistic names, any size, from a seed, through the pipeline.

use jiff::ToSpan;
use rand::RngExt;
use rapport_policy::{Reason, Scope, SystemScope};
use rapport_records::{BatchOp, BatchOptions, Engine, JsonMap, WriteOptions};
use rapport_schema::Millis;
use serde_json::{Map, Value, json};

use crate::{SampleError, names::Namer};

/// How much to make.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Accounts.
    pub accounts: usize,
    /// Contacts, spread over the accounts.
    pub contacts: usize,
    /// Opportunities, spread over the accounts.
    pub opportunities: usize,
    /// Sellers, spread over departments of uneven size.
    pub sellers: usize,
    /// Seed.
    pub seed: u64,
}

/// Departments of the load: share of the records in per mille, so that somebody sees 0.1 %, 5 % and 60 % of them.
pub const SHARES: &[(&str, u32)] = &[("bench-tiny", 1), ("bench-small", 50), ("bench-large", 600), ("bench-rest", 349)];

const CHUNK: usize = 2000;

/// Fills a workspace; `told` hears of progress: object, rows done.
pub async fn load(engine: &Engine, now: Millis, size: Load, told: impl Fn(&str, usize)) -> Result<(), SampleError> {
    let scope = SystemScope::because(Reason::Sample);
    let mut n = Namer::new(size.seed);
    let roles = ids(engine, &scope, "role", "code = 'sales_manager'").await?;
    let role = roles.first().ok_or_else(|| SampleError::Missing("role sales_manager".into()))?.clone();
    let mut sellers: Vec<Vec<String>> = vec![];
    for (d, (code, share)) in SHARES.iter().enumerate() {
        let dept = create(engine, &scope, "department", vec![row(json!({"name": code, "code": code, "enabled": true}))])
            .await?
            .remove(0);
        let many = (size.sellers * *share as usize / 1000).max(1);
        let rows = (0..many)
            .map(|i| {
                row(json!({"username": format!("bench{d}_{i}"), "name": n.person_zh(), "email": format!("bench{d}_{i}@bench.example"),
                    "main_dept": dept, "roles": [role], "status": "active", "kind": "internal", "locale": "zh_cn"}))
            })
            .collect();
        sellers.push(create(engine, &scope, "user", rows).await?);
    }
    let owner = |n: &mut Namer| -> String {
        let mut at = n.rng().random_range(0..1000u32);
        for (i, (_, share)) in SHARES.iter().enumerate() {
            if at < *share {
                return n.pick(&sellers[i]).clone();
            }
            at -= share;
        }
        sellers[0][0].clone()
    };
    let pipeline = ids(engine, &scope, "pipeline", "is_default = true").await?;
    let pipeline = pipeline.first().ok_or_else(|| SampleError::Missing("default pipeline".into()))?.clone();
    let stages = ids(engine, &scope, "stage", &format!("pipeline_id = '{pipeline}'")).await?;

    let mut accounts: Vec<(String, String)> = Vec::with_capacity(size.accounts);
    while accounts.len() < size.accounts {
        let many = CHUNK.min(size.accounts - accounts.len());
        let mut owners = Vec::with_capacity(many);
        let rows = (0..many)
            .map(|i| {
                let o = if i % 5 == 4 { n.organisation_en() } else { n.organisation_zh(None) };
                let who = owner(&mut n);
                owners.push(who.clone());
                row(json!({
                    "name": format!("{}{}", o.name, accounts.len() + i), "short_name": o.short, "kind": "company", "level": n.pick(&["a","b","b","c"]),
                    "lifecycle_stage": n.pick(&["stranger","contacted","intent","customer"]), "source": n.pick(&["website","exhibition","referral","import"]),
                    "industry": o.industry, "employee_size": n.pick(&["s1","s2","s3","s4"]), "ownership": "private", "phone": o.phone,
                    "email": format!("info@{}", o.domain), "website": format!("https://www.{}", o.domain), "address": o.address, "owner_id": who,
                    "annual_revenue": n.amount(1e6, 1e9).to_string(),
                }))
            })
            .collect();
        let made = create(engine, &scope, "account", rows).await?;
        accounts.extend(made.into_iter().zip(owners));
        told("account", accounts.len());
    }
    let mut done = 0;
    while done < size.contacts {
        let many = CHUNK.min(size.contacts - done);
        let rows = (0..many)
            .map(|i| {
                let (account, who) = &accounts[(done + i) % accounts.len()];
                let english = i % 5 == 4;
                row(json!({
                    "name": if english { n.person_en() } else { n.person_zh() }, "account_id": account, "owner_id": who, "mobile": n.mobile(),
                    "email": format!("k{}@bench.example", done + i), "title": if english { "Buyer" } else { "采购经理" }, "status": "active",
                    "decision_role": n.pick(&["decision_maker","user","purchaser"]), "is_primary": true,
                }))
            })
            .collect();
        create(engine, &scope, "contact", rows).await?;
        done += many;
        told("contact", done);
    }
    let mut done = 0;
    let today = now.date_in(&jiff::tz::TimeZone::UTC);
    while done < size.opportunities {
        let many = CHUNK.min(size.opportunities - done);
        let rows = (0..many)
            .map(|_| {
                let (account, who) = n.pick(&accounts).clone();
                let close = today.saturating_add(n.rng().random_range(-700..120i64).days());
                row(json!({
                    "name": format!("{}-{}", n.pick(&["检测设备","年度校准","产线改造","试验机","Metrology"]), n.rng().random_range(1..99_999)),
                    "account_id": account, "owner_id": who, "pipeline_id": pipeline, "stage_id": n.pick(&stages), "amount": n.amount(1e4, 2e6).to_string(),
                    "close_on": close.to_string(), "forecast_category": "pipeline", "source": "website",
                }))
            })
            .collect();
        create(engine, &scope, "opportunity", rows).await?;
        done += many;
        told("opportunity", done);
    }
    Ok(())
}

async fn create(engine: &Engine, scope: &Scope, object: &str, rows: Vec<JsonMap>) -> Result<Vec<String>, SampleError> {
    let write = WriteOptions { set_state: true, override_duplicates: true, ..WriteOptions::default() };
    let ops = rows.into_iter().map(|data| BatchOp::Create { data, children: vec![] }).collect();
    let done = engine.batch(scope, object, ops, BatchOptions { write, ..BatchOptions::default() }).await?;
    done.rows
        .into_iter()
        .enumerate()
        .map(|(row, r)| {
            r.map(|(id, _)| id.to_string()).map_err(|e| SampleError::Row {
                object: object.into(),
                row,
                error: Box::new(e),
                data: String::new(),
            })
        })
        .collect()
}

async fn ids(engine: &Engine, scope: &Scope, object: &str, filter: &str) -> Result<Vec<String>, SampleError> {
    let req = rapport_records::ListRequest { filter: Some(filter.into()), limit: Some(200), ..Default::default() };
    let page = engine.list(scope, object, &req).await?;
    let text = [b"[".as_slice(), &page.rows, b"]"].concat();
    let all: Vec<Map<String, Value>> = serde_json::from_slice(&text).map_err(|e| SampleError::Missing(e.to_string()))?;
    Ok(all.iter().filter_map(|m| m.get("id")?.as_str().map(str::to_owned)).collect())
}

fn row(v: Value) -> JsonMap {
    if let Value::Object(m) = v { m } else { JsonMap::new() }
}
