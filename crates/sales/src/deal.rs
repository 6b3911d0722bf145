//! Opportunities: where they start, what a stage sets, what winning and losing bring with it (domain model §3.2, R-STG).

use std::sync::Arc;

use async_trait::async_trait;
use rapport_records::{Class, Draft, Error, Hook, JsonMap, Result, Unit, q};
use rapport_schema::{ChangeOp, FieldError, Millis, ObjectDef, Record, RecordId, RecordRef, Value};
use rust_decimal::Decimal;

use crate::{account, gate, lines, stage_duty, who};

pub(crate) struct DealHook;

/// Stages of a pipeline in order.
pub(crate) async fn stages(u: &mut Unit<'_>, pipeline: RecordId) -> Result<Vec<Record>> {
    let o = u.object("stage")?;
    let mut s = u.find("stage", q::eq("pipeline_id", pipeline), 200).await?;
    s.sort_by_key(|r| (r.get(&o, "position").as_int(), r.id));
    Ok(s)
}

pub(crate) fn kind<'r>(o: &ObjectDef, stage: &'r Record) -> &'r str {
    stage.get(o, "kind").as_text().unwrap_or("open")
}

#[async_trait]
impl Hook for DealHook {
    fn objects(&self) -> &[&'static str] {
        &["opportunity"]
    }
    fn fills(&self) -> &[&'static str] {
        &["pipeline_id", "stage_id"]
    }

    async fn before(&self, u: &mut Unit<'_>, d: &mut Draft) -> Result<()> {
        if !matches!(d.op, ChangeOp::Create | ChangeOp::Update) || !u.has("stage") {
            return Ok(());
        }
        if d.op == ChangeOp::Create {
            start(u, d).await?;
        }
        if let (ChangeOp::Update, Some(old)) = (d.op, &d.old) {
            stage_duty::may_work(u, &d.object.clone(), &old.clone()).await?;
        }
        amount(u, d).await?;
        if d.changed("stage_id") {
            enter(u, d).await?;
        }
        probability(u, d)
    }

    async fn after(&self, u: &mut Unit<'_>, d: &Draft) -> Result<()> {
        let o = d.object.clone();
        match d.op {
            ChangeOp::Create | ChangeOp::Update if d.changed("stage_id") => {
                history(u, d).await?;
                // History that is brought in has had its tasks.
                if !u.sets_state() || d.by_action {
                    stage_duty::give(u, &o, &d.new).await?;
                }
                if let Some(account) = d.new.get(&o, "account_id").as_id() {
                    let was = d.old.as_ref().and_then(|r| r.get(&o, "outcome").as_text().map(ToOwned::to_owned));
                    let is = d.new.get(&o, "outcome").as_text().map(ToOwned::to_owned);
                    if was != is && (was.as_deref() == Some("won") || is.as_deref() == Some("won")) {
                        account::deals(u, account).await?;
                    }
                    if is.is_some() && is.as_deref() != Some("won") && was != is {
                        cancel_tasks(u, &o, d.new.id).await?;
                    }
                }
            }
            ChangeOp::Delete | ChangeOp::Restore if d.new.get(&o, "outcome").as_text() == Some("won") => {
                if let Some(account) = d.new.get(&o, "account_id").as_id() {
                    account::deals(u, account).await?;
                }
            }
            _ => {}
        }
        // A won deal that moves to another account changes both.
        if d.op == ChangeOp::Update && d.changed("account_id") && d.new.get(&o, "outcome").as_text() == Some("won") {
            let ids: Vec<RecordId> =
                [d.old.as_ref().and_then(|r| r.get(&o, "account_id").as_id()), d.new.get(&o, "account_id").as_id()]
                    .into_iter()
                    .flatten()
                    .collect();
            for id in ids {
                account::deals(u, id).await?;
            }
        }
        Ok(())
    }
}

/// Pipeline of the record type, else of the department, else the default; first open stage, or the named one.
async fn start(u: &mut Unit<'_>, d: &mut Draft) -> Result<()> {
    let o = d.object.clone();
    let so = u.object("stage")?;
    if d.new.get(&o, "pipeline_id").is_empty() {
        if let Some(stage) = d.new.get(&o, "stage_id").as_id()
            && let Some(s) = u.peek("stage", stage).await?
        {
            let p = s.get(&so, "pipeline_id").clone();
            d.new.set(&o, "pipeline_id", p);
        } else if let Some(p) = pipeline_for(u, &o, &d.new).await? {
            d.new.set(&o, "pipeline_id", Value::Id(p));
        }
    }
    if d.new.get(&o, "stage_id").is_empty()
        && let Some(p) = d.new.get(&o, "pipeline_id").as_id()
        && let Some(first) = stages(u, p).await?.iter().find(|s| kind(&so, s) == "open")
    {
        d.new.set(&o, "stage_id", Value::Id(first.id));
    }
    Ok(())
}

async fn pipeline_for(u: &mut Unit<'_>, o: &ObjectDef, deal: &Record) -> Result<Option<RecordId>> {
    let po = u.object("pipeline")?;
    let mut all = u.find("pipeline", q::eq("enabled", Value::Bool(true)), 200).await?;
    all.sort_by_key(|p| p.id);
    let typed = deal.get(o, "record_type");
    if !typed.is_empty()
        && let Some(p) = all.iter().find(|p| p.get(&po, "record_type") == typed)
    {
        return Ok(Some(p.id));
    }
    if let Some(dept) = deal.get(o, "dept_id").as_id()
        && let Some(p) = all.iter().find(|p| matches!(p.get(&po, "depts"), Value::Ids(v) if v.contains(&dept)))
    {
        return Ok(Some(p.id));
    }
    let default =
        all.iter().find(|p| p.get(&po, "is_default").is_true()).or_else(|| all.iter().find(|p| p.get(&po, "depts").is_empty()));
    Ok(default.map(|p| p.id))
}

fn refused(code: &'static str, class: Class, fields: Vec<FieldError>) -> Error {
    Error::Rule { code, class, params: JsonMap::new(), fields }
}

/// The deal enters a stage: lawful direction, gates of it and of those passed over, and what the stage sets.
async fn enter(u: &mut Unit<'_>, d: &mut Draft) -> Result<()> {
    let o = d.object.clone();
    let so = u.object("stage")?;
    let Some(to) = d.new.get(&o, "stage_id").as_id() else { return Ok(()) };
    let Some(target) = u.peek("stage", to).await? else { return Ok(()) };
    let pipeline = target.get(&so, "pipeline_id").as_id();
    if d.old.is_some() && d.changed("pipeline_id") || d.new.get(&o, "pipeline_id").as_id() != pipeline {
        if d.new.get(&o, "pipeline_id").as_id() != pipeline && d.asked.iter().any(|ix| o.at(*ix).name == "pipeline_id") {
            return Err(Error::field(FieldError::new("stage_id", "stage.other_pipeline")));
        }
        d.new.set(&o, "pipeline_id", pipeline.map_or(Value::Null, Value::Id));
    }
    let free = u.sets_state() && !d.by_action;
    let order = match pipeline {
        Some(p) => stages(u, p).await?,
        None => vec![],
    };
    let place = |id: Option<RecordId>| order.iter().position(|s| Some(s.id) == id);
    let from = d.old.as_ref().and_then(|r| r.get(&o, "stage_id").as_id());
    let to_kind = kind(&so, &target).to_owned();
    if !free {
        if let Some(old) = &d.old {
            let closed = !old.get(&o, "outcome").is_empty();
            if closed && !u.cause.act.as_deref().is_some_and(|a| a == "reopen" || a == "undo") {
                return Err(Error::state("state.invalid_transition"));
            }
            let back = matches!((place(from), place(Some(to))), (Some(a), Some(b)) if b < a) && to_kind == "open";
            if back && !closed {
                if u.cause.reason.as_deref().is_none_or(|r| r.trim().is_empty()) {
                    return Err(Error::field(FieldError::new("reason", "value.required")));
                }
                let open: Vec<RecordId> = order.iter().filter(|s| kind(&so, s) == "open").map(|s| s.id).collect();
                let at = |id: Option<RecordId>| open.iter().position(|x| Some(*x) == id);
                // Back one stage: owner; back more: manager.
                if matches!((at(from), at(Some(to))), (Some(a), Some(b)) if a > b + 1) {
                    who::manager_only(u, &o, old).await?;
                }
            }
        }
        if let (Some(old), Some(left), true) = (&d.old, from, to_kind == "open" || to_kind == "won") {
            stage_duty::all_done(u, old.id, left).await?;
        }
        let mut lacking = vec![];
        if d.old.is_none() || d.old.as_ref().is_none_or(|r| r.get(&o, "outcome").is_empty()) {
            let start = place(from).map_or(0, |p| p + 1);
            let end = place(Some(to)).unwrap_or(0);
            for s in order
                .iter()
                .enumerate()
                .filter(|(i, s)| *i >= start && *i < end && kind(&so, s) == "open" && to_kind != "lost" && to_kind != "abandoned")
                .map(|(_, s)| s)
            {
                lacking.extend(gate::missing(u, &o, &d.new, &so, s).await?);
            }
            // Winning sets the won amount itself, before its gate looks.
            if to_kind == "won" && d.new.get(&o, "won_amount").is_empty() {
                let a = d.new.get(&o, "amount").clone();
                d.new.set(&o, "won_amount", a);
            }
            lacking.extend(gate::missing(u, &o, &d.new, &so, &target).await?);
        }
        if !lacking.is_empty() {
            return Err(refused("stage.gate_failed", Class::Content, lacking));
        }
    }
    let now = Value::DateTime(u.now());
    if d.old.is_some() || d.new.get(&o, "stage_entered_at").is_empty() {
        d.new.set(&o, "stage_entered_at", now.clone());
    }
    let typed = d.old.is_none() && d.asked.iter().any(|ix| o.at(*ix).name == "probability");
    if !typed || to_kind != "open" {
        d.new.set(&o, "probability", target.get(&so, "probability").clone());
        d.new.set(&o, "probability_manual", Value::Bool(false));
    }
    let category_typed = d.old.is_none() && d.asked.iter().any(|ix| o.at(*ix).name == "forecast_category");
    if !category_typed || to_kind != "open" {
        d.new.set(&o, "forecast_category", target.get(&so, "forecast_category").clone());
    }
    if d.old.is_some() {
        d.new.set(&o, "stall_state", Value::from("normal"));
    }
    match to_kind.as_str() {
        "open" => {
            for f in ["outcome", "closed_at", "won_amount"] {
                d.new.set(&o, f, Value::Null);
            }
        }
        k => {
            d.new.set(&o, "outcome", Value::from(k));
            let given = d.asked.iter().any(|ix| o.at(*ix).name == "closed_at") && !d.new.get(&o, "closed_at").is_empty();
            if !given {
                // History being brought in closed on the day it says, not on the day of the import.
                let at = if free { closing_day(u, &o, &d.new).unwrap_or_else(|| u.now()) } else { u.now() };
                d.new.set(&o, "closed_at", Value::DateTime(at));
            }
            if k == "won" {
                if d.new.get(&o, "won_amount").is_empty() {
                    let a = d.new.get(&o, "amount").clone();
                    d.new.set(&o, "won_amount", a);
                }
            } else {
                d.new.set(&o, "won_amount", Value::Null);
            }
        }
    }
    Ok(())
}

/// Noon of the expected close in the organisation's zone, when it is not in the future.
fn closing_day(u: &Unit<'_>, o: &ObjectDef, deal: &Record) -> Option<Millis> {
    let Value::Date(d) = deal.get(o, "close_on") else { return None };
    let noon = d.at(12, 0, 0, 0).to_zoned(u.model.tz()).ok()?;
    let at = Millis::from_timestamp(noon.timestamp());
    (at <= u.now()).then_some(at)
}

/// R-STG-03: typed while open, fixed when closed.
fn probability(u: &Unit<'_>, d: &mut Draft) -> Result<()> {
    let o = d.object.clone();
    match d.new.get(&o, "outcome").as_text() {
        Some("won") => d.new.set(&o, "probability", Value::Dec(Decimal::from(100))),
        Some(_) => d.new.set(&o, "probability", Value::Dec(Decimal::ZERO)),
        None => {
            let typed = d.asked.iter().any(|ix| o.at(*ix).name == "probability") && d.changed("probability");
            if typed && (d.old.is_none() || !d.changed("stage_id")) {
                if !u.setting("opportunity.edit_probability", true) && !u.sets_state() {
                    return Err(Error::field(FieldError::new("probability", "permission.field")));
                }
                d.new.set(&o, "probability_manual", Value::Bool(true));
            }
        }
    }
    Ok(())
}

/// R-STG-04: the sum of the products where it is asked for; split into one-off and recurring (R-SUB-01).
async fn amount(u: &mut Unit<'_>, d: &mut Draft) -> Result<()> {
    let o = d.object.clone();
    if d.new.get(&o, "amount").is_empty() && d.op == ChangeOp::Create && d.new.get(&o, "amount_from_lines").is_true() {
        let zero = rapport_schema::money::Money::base(Decimal::ZERO, &u.model.currency);
        d.new.set(&o, "amount", Value::Money(zero));
    }
    if d.changed("amount_from_lines") && d.new.get(&o, "amount_from_lines").is_true() && d.old.is_some() {
        let sums = lines::sums(u, d.new.id).await?;
        lines::apply(u, &o, &mut d.new, &sums);
    } else if d.changed("amount") && !d.new.get(&o, "amount_from_lines").is_true() {
        let a = d.new.get(&o, "amount").clone();
        if o.ix("one_off_amount").is_some() {
            d.new.set(&o, "one_off_amount", a);
            d.new.set(&o, "recurring_amount", Value::Null);
            d.new.set(&o, "mrr", Value::Null);
        }
    }
    Ok(())
}

/// The row of the stage history (R-STG).
async fn history(u: &mut Unit<'_>, d: &Draft) -> Result<()> {
    if !u.has("stage_history") {
        return Ok(());
    }
    let o = d.object.clone();
    let entered = d.old.as_ref().and_then(|r| r.get(&o, "stage_entered_at").as_time());
    let stayed = entered.map_or(Value::Null, |t| Value::Int(((u.now().0 - t.0) / 1000).max(0)));
    let base = match d.new.get(&o, "amount") {
        Value::Money(m) => Value::Money(rapport_schema::money::Money::base(m.base, &u.model.currency)),
        _ => Value::Null,
    };
    let fields = [
        ("opportunity_id", Value::Id(d.new.id)),
        ("from_stage_id", d.old.as_ref().map_or(Value::Null, |r| r.get(&o, "stage_id").clone())),
        ("to_stage_id", d.new.get(&o, "stage_id").clone()),
        ("amount_base", base),
        ("stayed", stayed),
        (
            "reason",
            u.cause.reason.as_deref().map_or(Value::Null, |r| Value::from(r.chars().take(255).collect::<String>().as_str())),
        ),
    ];
    u.make("stage_history", &fields).await?;
    Ok(())
}

/// Open tasks of a lost deal are cancelled.
pub(crate) async fn cancel_tasks(u: &mut Unit<'_>, o: &Arc<ObjectDef>, id: RecordId) -> Result<()> {
    if !u.has("task") {
        return Ok(());
    }
    let at = Value::Ref(RecordRef { object: o.name.clone(), id });
    let open = q::and([q::eq("related", at), q::any_of("status", [Value::from("todo"), Value::from("doing")])]);
    for t in u.find("task", open, 1_000).await? {
        u.set("task", t.id, &[("status", Value::from("cancelled"))]).await?;
    }
    Ok(())
}
