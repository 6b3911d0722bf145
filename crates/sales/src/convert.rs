//! Converting a lead into account, contact and opportunity (R-CNV-01 … 04): one action, one transaction.

use async_trait::async_trait;
use rapport_policy::Act;
use rapport_records::{Action, ActionSpec, Error, JsonMap, Result, Unit, q};
use rapport_schema::{FieldError, FieldType, Label, ObjectName, Record, RecordId, RecordRef, Value, codec};
use serde_json::{Value as Json, json};

use crate::pool;

pub(crate) struct Convert(ActionSpec);
impl Default for Convert {
    fn default() -> Self {
        let part = |what: &str| json!({ "type": ["object", "null"], "description": format!("{{\"id\"}} = existing {what}, {{\"data\"}} = values of a new one, {{\"skip\":true}} = none") });
        let p = json!({
            "account": part("account"), "contact": part("contact"), "opportunity": part("opportunity"),
        });
        Self(ActionSpec::record("lead", "convert", Label::new("Convert", "转化"), p, &[]).needs("convert").from_states(&[
            "new",
            "following",
            "nurturing",
        ]))
    }
}

/// What the caller wants of one of the three.
enum Want {
    New(JsonMap),
    Existing(RecordId),
    None,
}

fn want(input: &Json, key: &str, by_default: bool) -> Result<Want> {
    let j = &input[key];
    if j["skip"] == true {
        return Ok(Want::None);
    }
    if let Some(id) = j["id"].as_str() {
        return id
            .parse()
            .map(Want::Existing)
            .map_err(|_| Error::field(FieldError::new(key, "value.type").with("expected", "id")));
    }
    match (&j["data"], j.is_null()) {
        (Json::Object(m), _) => Ok(Want::New(m.clone())),
        (_, true) if !by_default => Ok(Want::None),
        _ => Ok(Want::New(JsonMap::new())),
    }
}

/// Values of the lead by `convert_map`, for one object, in the API's forms; types must match.
fn mapped(u: &Unit<'_>, lead: &Record, object: &str) -> Result<JsonMap> {
    let (lo, to) = (u.object("lead")?, u.object(object)?);
    let form = codec::Form::of(&u.model);
    let mut out = JsonMap::new();
    let fixed: &[(&str, &str)] = match object {
        "account" => &[
            ("company_name", "name"),
            ("website", "website"),
            ("industry", "industry"),
            ("employee_size", "employee_size"),
            ("source", "source"),
            ("campaign_id", "source_campaign_id"),
            ("address", "address"),
            ("phone", "phone"),
        ],
        "contact" => &[
            ("contact_name", "name"),
            ("title", "title"),
            ("mobile", "mobile"),
            ("email", "email"),
            ("wechat", "wechat"),
            ("consent_at", "consent_at"),
        ],
        _ => &[("need", "need"), ("source", "source"), ("campaign_id", "campaign_id")],
    };
    let mut put = |from: &str, into: &str| {
        let (Some(a), Some(b)) = (lo.ix(from), to.ix(into)) else { return };
        let same = std::mem::discriminant(&lo.at(a).ty) == std::mem::discriminant(&to.at(b).ty);
        if same && !lead[a].is_empty() && !to.at(b).system && !out.contains_key(into) {
            out.insert(into.to_owned(), codec::to_json(lo.at(a), &lead[a], form));
        }
    };
    for (from, into) in fixed {
        put(from, into);
    }
    for (_, f) in lo.live() {
        if let Some((o, into)) = f.convert_map.as_deref().and_then(|m| m.split_once('.'))
            && o == object
        {
            put(&f.name, into);
        }
    }
    Ok(out)
}

/// Values for an existing record: only what is blank there (R-CNV-02).
fn blanks_only(u: &Unit<'_>, object: &str, r: &Record, mut data: JsonMap) -> Result<JsonMap> {
    let o = u.object(object)?;
    data.retain(|k, _| o.ix(k).is_some_and(|ix| r[ix].is_empty() && !matches!(o.at(ix).ty, FieldType::Bool)));
    Ok(data)
}

#[async_trait]
impl Action for Convert {
    fn spec(&self) -> &ActionSpec {
        &self.0
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, input: Json) -> Result<Json> {
        let lead = target.ok_or(Error::NotFound)?;
        let lo = u.object("lead")?;
        if lead.get(&lo, "status").as_text() == Some("converted") {
            return Err(Error::state("lead.already_converted"));
        }
        u.cause.act = Some("convert".into());
        u.cause.batch = Some(u.engine.new_id());
        let owner = lead.get(&lo, "owner_id").as_id();
        let owner_json = owner.map_or(Json::Null, |id| json!(id));
        let text = |f: &str| lead.get(&lo, f).as_text().unwrap_or_default().to_owned();

        // Account: a lead without a company becomes a person (R-CNV-02).
        let account = match want(&input, "account", true)? {
            Want::None => return Err(Error::field(FieldError::new("account", "value.required"))),
            Want::Existing(id) => {
                let ao = u.object("account")?;
                let r = pool::claimed(u, &ao, id).await?;
                if r.get(&ao, "status").as_text() == Some("blacklisted") {
                    return Err(Error::state("account.blacklisted"));
                }
                join(u, &r, owner).await?;
                fill(u, "account", &r, mapped(u, &lead, "account")?).await?;
                (id, false)
            }
            Want::New(given) => {
                let mut data = mapped(u, &lead, "account")?;
                if text("company_name").is_empty() {
                    let name = Some(text("contact_name")).filter(|s| !s.is_empty()).unwrap_or_else(|| text("name"));
                    data.insert("name".into(), json!(name));
                    data.insert("kind".into(), json!("person"));
                }
                data.insert("owner_id".into(), owner_json.clone());
                data.extend(given);
                (named(u, "account", &data, owner).await?, true)
            }
        };

        let by_default = !text("contact_name").is_empty();
        let contact = match want(&input, "contact", by_default)? {
            Want::None => None,
            Want::Existing(id) => {
                let r = u.read("contact", id).await?;
                let mut data = mapped(u, &lead, "contact")?;
                data.insert("account_id".into(), json!(account.0));
                fill(u, "contact", &r, data).await?;
                Some((id, false))
            }
            Want::New(given) => {
                let mut data = mapped(u, &lead, "contact")?;
                data.insert("account_id".into(), json!(account.0));
                data.insert("owner_id".into(), owner_json.clone());
                data.extend(given);
                if data.get("name").is_none_or(Json::is_null) {
                    None
                } else {
                    Some((named(u, "contact", &data, owner).await?, true))
                }
            }
        };

        let by_default = !lead.get(&lo, "budget").is_empty() || !lead.get(&lo, "need").is_empty();
        let deal = match want(&input, "opportunity", by_default)? {
            Want::None => None,
            Want::Existing(id) => {
                let r = u.editable("opportunity", id).await?;
                fill(u, "opportunity", &r, mapped(u, &lead, "opportunity")?).await?;
                Some((id, false))
            }
            Want::New(given) => {
                let mut data = self.deal(u, &lead, account.0, contact.map(|c| c.0)).await?;
                data.insert("owner_id".into(), owner_json);
                data.extend(given);
                let id = named(u, "opportunity", &data, owner).await?;
                u.set("opportunity", id, &[("lead_id", Value::Id(lead.id))]).await?;
                Some((id, true))
            }
        };

        let moved = activities(u, lead.id, account.0, contact.map(|c| c.0), deal.map(|d| d.0)).await?;
        let opt = |x: Option<(RecordId, bool)>| x.map_or(Value::Null, |(id, _)| Value::Id(id));
        let me = u.person_id().map_or(Value::Null, Value::Id);
        let before = text("status");
        u.set(
            "lead",
            lead.id,
            &[
                ("status", Value::from("converted")),
                ("converted_at", Value::DateTime(u.now())),
                ("converted_by", me),
                ("account_id", Value::Id(account.0)),
                ("contact_id", opt(contact)),
                ("opportunity_id", opt(deal)),
            ],
        )
        .await?;
        let made: Vec<Json> = [("account", Some(account)), ("contact", contact), ("opportunity", deal)]
            .into_iter()
            .filter_map(|(o, x)| x.filter(|x| x.1).map(|(id, _)| json!({ "object": o, "id": id })))
            .collect();
        u.remember(
            "conversion",
            &lead.id.to_string(),
            json!({ "at": u.now().0, "before": before, "made": made, "batch": u.cause.batch, "moved": moved }),
        )
        .await?;
        let mut answer = u.answer("lead", lead.id).await?;
        if let Json::Object(m) = &mut answer {
            let part = |x: Option<(RecordId, bool)>| x.map_or(Json::Null, |(id, new)| json!({ "id": id, "created": new }));
            m.insert(
                "$converted".into(),
                json!({ "account": part(Some(account)), "contact": part(contact), "opportunity": part(deal) }),
            );
        }
        Ok(answer)
    }
}

impl Convert {
    /// Name = company and product, amount = budget, close = expected or in 90 days (R-CNV-02).
    async fn deal(&self, u: &mut Unit<'_>, lead: &Record, account: RecordId, contact: Option<RecordId>) -> Result<JsonMap> {
        let lo = u.object("lead")?;
        let form = codec::Form::of(&u.model);
        let mut data = mapped(u, lead, "opportunity")?;
        let first = match lead.get(&lo, "product_interest") {
            Value::Ids(v) => v.first().copied(),
            _ => None,
        };
        let product = match first {
            Some(id) if u.has("product") => u.title("product", id).await?,
            _ => None,
        };
        let company = u.title("account", account).await?.unwrap_or_default();
        data.insert(
            "name".into(),
            json!(format!("{company}-{}", product.as_deref().unwrap_or("商机")).chars().take(255).collect::<String>()),
        );
        data.insert("account_id".into(), json!(account));
        data.insert("primary_contact_id".into(), json!(contact));
        let amount = match (lo.ix("budget"), lead.get(&lo, "budget")) {
            (Some(ix), v) if !v.is_empty() => codec::to_json(lo.at(ix), v, form),
            _ => json!("0"),
        };
        data.insert("amount".into(), amount);
        let days: i64 = u.setting("conversion.close_days", 90);
        let close = match lead.get(&lo, "expected_on") {
            Value::Date(d) => *d,
            _ => u.today().saturating_add(jiff::Span::new().days(days)),
        };
        data.insert("close_on".into(), json!(codec::format_date(close)));
        Ok(data)
    }
}

/// Makes a record in the caller's name that belongs to the lead's owner: the right to make it is asked, not the right to transfer.
async fn named(u: &mut Unit<'_>, object: &str, data: &JsonMap, owner: Option<RecordId>) -> Result<RecordId> {
    let mine = owner == u.person_id();
    let r = if mine { u.create(object, data).await? } else { u.create_for(object, data).await? };
    Ok(r.id)
}

/// Fills blanks of an existing record as far as the caller may write them.
async fn fill(u: &mut Unit<'_>, object: &str, r: &Record, data: JsonMap) -> Result<()> {
    let data = blanks_only(u, object, r, data)?;
    let o = u.object(object)?;
    if data.is_empty() || !u.may(Act::Edit, &o, r.id).await? {
        return Ok(());
    }
    u.update(object, r.id, &data, None).await?;
    Ok(())
}

/// The lead's owner joins the team of an account of somebody else (R-CNV-03).
async fn join(u: &mut Unit<'_>, account: &Record, owner: Option<RecordId>) -> Result<()> {
    let ao = u.object("account")?;
    let Some(owner) = owner.filter(|o| account.get(&ao, "owner_id").as_id() != Some(*o)) else { return Ok(()) };
    if !u.has("team_member") {
        return Ok(());
    }
    let at = Value::Ref(RecordRef { object: ObjectName::lit("account"), id: account.id });
    if u.find("team_member", q::and([q::eq("record", at.clone()), q::eq("user_id", owner)]), 1).await?.is_empty() {
        let access: String = u.setting("conversion.team_access", "read".to_owned());
        u.make("team_member", &[("record", at), ("user_id", Value::Id(owner)), ("access", Value::from(access.as_str()))]).await?;
    }
    Ok(())
}

/// Activities of the lead speak of what it became: of the deal, else the contact, else the account (R-CNV-04).
async fn activities(
    u: &mut Unit<'_>,
    lead: RecordId,
    account: RecordId,
    contact: Option<RecordId>,
    deal: Option<RecordId>,
) -> Result<Vec<Json>> {
    let from = Value::Ref(RecordRef { object: ObjectName::lit("lead"), id: lead });
    let to = match (deal, contact) {
        (Some(id), _) => RecordRef { object: ObjectName::lit("opportunity"), id },
        (None, Some(id)) => RecordRef { object: ObjectName::lit("contact"), id },
        (None, None) => RecordRef { object: ObjectName::lit("account"), id: account },
    };
    let mut moved = vec![];
    for (object, field) in [
        ("follow_up", "target"),
        ("call", "related"),
        ("email_message", "related"),
        ("message", "related"),
        ("note", "related"),
        ("task", "related"),
        ("event", "related"),
        ("attachment", "related"),
    ] {
        if !u.has(object) {
            continue;
        }
        for r in u.find(object, q::eq(field, from.clone()), 5_000).await? {
            u.derive(object, r.id, &[(field, Value::Ref(to.clone()))], "convert").await?;
            moved.push(json!({ "object": object, "id": r.id, "field": field, "to": to }));
        }
    }
    Ok(moved)
}
