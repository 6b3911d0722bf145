//! Accounts: what deals say about them, and relations that hold in both directions.

use async_trait::async_trait;
use rapport_records::{Draft, Hook, Result, Unit, q};
use rapport_schema::{ChangeOp, RecordId, Value};

/// Deal status, first and last deal of an account from its won opportunities (domain model §3.11 `deal_status`).
pub(crate) async fn deals(u: &mut Unit<'_>, account: RecordId) -> Result<()> {
    let (ao, oo) = (u.object("account")?, u.object("opportunity")?);
    let Some(a) = u.peek("account", account).await? else { return Ok(()) };
    let won = u.find("opportunity", q::and([q::eq("account_id", account), q::eq("outcome", "won")]), 10_000).await?;
    let times: Vec<_> = won.iter().filter_map(|r| r.get(&oo, "closed_at").as_time()).collect();
    let at = |t: Option<&rapport_schema::Millis>| t.map_or(Value::Null, |t| Value::DateTime(*t));
    let had = a.get(&ao, "deal_status").as_text() == Some("deal");
    let mut fields = vec![
        ("deal_status", Value::from(if won.is_empty() { "none" } else { "deal" })),
        ("first_deal_at", at(times.iter().min())),
        ("last_deal_at", at(times.iter().max())),
    ];
    let status = a.get(&ao, "status").as_text().unwrap_or_default();
    let newer = times.iter().max().copied() > a.get(&ao, "last_deal_at").as_time();
    // The first deal makes a prospect active, a new deal wakes whoever slept; a blacklist stays.
    if !won.is_empty() && (status == "prospect" || (matches!(status, "dormant" | "churned") && (!had || newer))) {
        fields.push(("status", Value::from("active")));
    }
    u.set("account", account, &fields).await?;
    Ok(())
}

/// The mirror row of `account_relation`: the same relation seen from the other side.
pub(crate) struct RelationHook;

#[async_trait]
impl Hook for RelationHook {
    fn objects(&self) -> &[&'static str] {
        &["account_relation"]
    }
    async fn before(&self, _u: &mut Unit<'_>, d: &mut Draft) -> Result<()> {
        let (a, b) = (d.new.get(&d.object, "account_id").as_id(), d.new.get(&d.object, "related_id").as_id());
        if a.is_some() && a == b && matches!(d.op, ChangeOp::Create | ChangeOp::Update) {
            return Err(rapport_records::Error::field(rapport_schema::FieldError::new("related_id", "reference.cycle")));
        }
        Ok(())
    }
    async fn after(&self, u: &mut Unit<'_>, d: &Draft) -> Result<()> {
        let o = d.object.clone();
        let now = if d.op == ChangeOp::Create { &d.new } else { d.old.as_ref().unwrap_or(&d.new) };
        let (Some(a), Some(b)) = (now.get(&o, "account_id").as_id(), now.get(&o, "related_id").as_id()) else { return Ok(()) };
        let relation = now.get(&o, "relation").as_text().unwrap_or_default().to_owned();
        let mirror = q::and([q::eq("account_id", b), q::eq("related_id", a), q::eq("relation", relation.as_str())]);
        let there = u.find("account_relation", mirror, 1).await?.into_iter().next();
        let is = |f: &str| d.new.get(&o, f).clone();
        let fields = || {
            vec![
                ("account_id", is("related_id")),
                ("related_id", is("account_id")),
                ("relation", is("relation")),
                ("note", is("note")),
            ]
        };
        match (d.op, there) {
            (ChangeOp::Create | ChangeOp::Restore, None) => {
                u.make("account_relation", &fields()).await?;
            }
            (ChangeOp::Update, Some(m)) => {
                u.set("account_relation", m.id, &fields()).await?;
            }
            (ChangeOp::Delete, Some(m)) => u.discard("account_relation", m.id).await?,
            _ => {}
        }
        Ok(())
    }
}
