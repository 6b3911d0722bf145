//! Follow-ups: what counts (R-POOL-13) and what they move on the records they are about.

use async_trait::async_trait;
use rapport_records::{Draft, Error, Hook, Result, Unit, q};
use rapport_schema::{ChangeOp, FieldError, Millis, Record, RecordId, RecordRef, Value};

use crate::{effective::effective, pool};

pub(crate) struct FollowUpHook;

/// Longest note kept on the account.
const NOTE: usize = 200;

#[async_trait]
impl Hook for FollowUpHook {
    fn objects(&self) -> &[&'static str] {
        &["follow_up"]
    }

    async fn before(&self, u: &mut Unit<'_>, d: &mut Draft) -> Result<()> {
        if !matches!(d.op, ChangeOp::Create | ChangeOp::Update) {
            return Ok(());
        }
        let o = d.object.clone();
        if d.changed("occurred_at")
            && !u.sets_state()
            && let Some(at) = d.new.get(&o, "occurred_at").as_time()
        {
            if at > u.now() {
                return Err(Error::field(FieldError::new("occurred_at", "follow_up.future")));
            }
            let days: i64 = u.setting("follow_up.backdate_days", 3);
            let tz = u.model.tz();
            let (day, today) = (at.date_in(&tz), u.today());
            if day.until(today).is_ok_and(|s| i64::from(s.get_days()) > days) {
                return Err(Error::field(FieldError::new("occurred_at", "follow_up.backdated").with("days", days)));
            }
        }
        if d.op == ChangeOp::Create || d.changed("content") || d.changed("follow_type") || d.changed("target") {
            let yes = judged(u, d).await?;
            d.new.set(&o, "is_effective", Value::Bool(yes));
        }
        Ok(())
    }

    async fn after(&self, u: &mut Unit<'_>, d: &Draft) -> Result<()> {
        let o = d.object.clone();
        let Value::Ref(at) = d.new.get(&o, "target").clone() else { return Ok(()) };
        match d.op {
            ChangeOp::Create => forward(u, &at, &d.new, true).await,
            ChangeOp::Update | ChangeOp::Delete | ChangeOp::Restore => {
                recompute(u, &at).await?;
                if let Some(Value::Ref(was)) = d.old.as_ref().map(|r| r.get(&o, "target").clone())
                    && was != at
                {
                    recompute(u, &was).await?;
                }
                if d.op == ChangeOp::Update && d.changed("is_effective") && d.new.get(&o, "is_effective").is_true() {
                    answered(u, &at, &d.new).await?;
                }
                if d.op == ChangeOp::Update && d.changed("next_follow_at") {
                    next(u, &at, d.new.get(&o, "next_follow_at")).await?;
                }
                Ok(())
            }
            ChangeOp::Purge | ChangeOp::Note => Ok(()),
        }
    }
}

/// Made by the owner or an edit-level team member, not a note, and with something to say.
async fn judged(u: &mut Unit<'_>, d: &Draft) -> Result<bool> {
    let o = d.object.clone();
    if d.new.get(&o, "follow_type").as_text() == Some("note") {
        return Ok(false);
    }
    let Value::Ref(at) = d.new.get(&o, "target").clone() else { return Ok(false) };
    let author = d.new.get(&o, "created_by").as_id().or(d.new.get(&o, "owner_id").as_id());
    let Some(author) = author else { return Ok(false) };
    let to = u.object(&at.object)?;
    let Some(target) = u.peek(&at.object, at.id).await? else { return Ok(false) };
    let mut entitled = target.get(&to, "owner_id").as_id() == Some(author) || to.ix("owner_id").is_none();
    if !entitled && u.has("team_member") {
        let member = q::and([q::eq("record", Value::Ref(at.clone())), q::eq("user_id", author), q::eq("access", "edit")]);
        let m = u.object("team_member")?;
        let now = u.now();
        entitled =
            u.find("team_member", member, 10).await?.iter().any(|r| r.get(&m, "expires_at").as_time().is_none_or(|t| t > now));
    }
    if !entitled {
        return Ok(false);
    }
    let text = d.new.get(&o, "content").as_text().unwrap_or_default().to_owned();
    let least: usize = u.setting("follow_up.min_letters", 10);
    if !effective(&text, None, least) {
        return Ok(false);
    }
    // Not the same as the author's previous one on the record.
    let mine = q::and([q::eq("target", Value::Ref(at)), q::eq("created_by", author), q::not(q::id(d.new.id))]);
    let rows = u.find("follow_up", mine, 1_000).await?;
    let previous = rows
        .iter()
        .max_by_key(|r| (r.get(&o, "occurred_at").as_time(), r.id))
        .and_then(|r| r.get(&o, "content").as_text().map(ToOwned::to_owned));
    Ok(effective(&text, previous.as_deref(), least))
}

/// The records a follow-up counts for: its target, and the account of a contact or deal (R-POOL-09).
async fn concerned(u: &mut Unit<'_>, at: &RecordRef) -> Result<Vec<RecordRef>> {
    let mut out = vec![at.clone()];
    if at.object != "account" {
        let o = u.object(&at.object)?;
        if at.object != "lead"
            && let Some(r) = u.peek(&at.object, at.id).await?
            && let Some(account) = r.get(&o, "account_id").as_id()
        {
            out.push(RecordRef { object: rapport_schema::ObjectName::lit("account"), id: account });
        }
    }
    Ok(out)
}

fn note(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    one_line.chars().take(NOTE).collect()
}

/// What a new follow-up moves on its records.
async fn forward(u: &mut Unit<'_>, at: &RecordRef, f: &Record, fresh: bool) -> Result<()> {
    let o = u.object("follow_up")?;
    let Some(when) = f.get(&o, "occurred_at").as_time() else { return Ok(()) };
    let counts = f.get(&o, "is_effective").is_true();
    for r in concerned(u, at).await? {
        let to = u.object(&r.object)?;
        let Some(t) = u.peek(&r.object, r.id).await? else { continue };
        let later = |field: &str| t.get(&to, field).as_time().is_none_or(|x| x < when);
        let mut fields = vec![];
        if later("last_activity_at") {
            fields.push(("last_activity_at", Value::DateTime(when)));
        }
        if counts && later("last_followed_at") {
            fields.push(("last_followed_at", Value::DateTime(when)));
            if to.ix("last_follow_note").is_some() {
                fields.push(("last_follow_note", Value::from(note(f.get(&o, "content").as_text().unwrap_or_default()).as_str())));
            }
        }
        let next_at = f.get(&o, "next_follow_at").clone();
        if !next_at.is_empty() {
            fields.push(("next_follow_at", next_at));
        }
        u.derive(&r.object, r.id, &fields, "follow_up").await?;
        pool::renew(u, &r).await?;
        if counts && fresh {
            wake(u, &r, &t, when).await?;
        }
    }
    Ok(())
}

/// What was not enough at first counts once it says enough.
async fn answered(u: &mut Unit<'_>, at: &RecordRef, f: &Record) -> Result<()> {
    let o = u.object("follow_up")?;
    let Some(when) = f.get(&o, "occurred_at").as_time() else { return Ok(()) };
    for r in concerned(u, at).await? {
        if let Some(t) = u.peek(&r.object, r.id).await? {
            wake(u, &r, &t, when).await?;
        }
    }
    Ok(())
}

/// The first effective follow-up takes a new lead on; one on a sleeping account wakes it (domain model §3.1, §3.11).
async fn wake(u: &mut Unit<'_>, r: &RecordRef, t: &Record, when: Millis) -> Result<()> {
    let o = u.object(&r.object)?;
    let status = t.get(&o, "status").as_text().unwrap_or_default();
    match r.object.as_str() {
        "lead" => {
            let mut fields = vec![];
            if t.get(&o, "first_response_at").is_empty() {
                fields.push(("first_response_at", Value::DateTime(when)));
            }
            if matches!(status, "new" | "nurturing") {
                fields.push(("status", Value::from("following")));
            }
            if !fields.is_empty() {
                u.set("lead", r.id, &fields).await?;
            }
        }
        "account" if status == "dormant" => {
            u.set("account", r.id, &[("status", Value::from("active"))]).await?;
        }
        _ => {}
    }
    Ok(())
}

async fn next(u: &mut Unit<'_>, at: &RecordRef, when: &Value) -> Result<()> {
    for r in concerned(u, at).await? {
        u.derive(&r.object, r.id, &[("next_follow_at", when.clone())], "follow_up").await?;
    }
    Ok(())
}

/// After a follow-up changed or went, the last effective one is looked for anew.
pub(crate) async fn recompute(u: &mut Unit<'_>, at: &RecordRef) -> Result<()> {
    let o = u.object("follow_up")?;
    for r in concerned(u, at).await? {
        let to = u.object(&r.object)?;
        let mut about: Vec<Value> = vec![Value::Ref(r.clone())];
        if r.object == "account" {
            for object in ["contact", "opportunity"] {
                if u.has(object) {
                    let ids: Vec<RecordId> =
                        u.find(object, q::eq("account_id", r.id), 5_000).await?.iter().map(|x| x.id).collect();
                    let name = u.object(object)?.name.clone();
                    about.extend(ids.into_iter().map(|id| Value::Ref(RecordRef { object: name.clone(), id })));
                }
            }
        }
        let mut last: Option<Record> = None;
        for part in about.chunks(500) {
            let f = q::and([q::any_of("target", part.iter().cloned()), q::eq("is_effective", Value::Bool(true))]);
            for x in u.find("follow_up", f, 10_000).await? {
                let key = |r: &Record| (r.get(&o, "occurred_at").as_time(), r.id);
                if last.as_ref().is_none_or(|l| key(l) < key(&x)) {
                    last = Some(x);
                }
            }
        }
        let mut fields = vec![("last_followed_at", last.as_ref().map_or(Value::Null, |l| l.get(&o, "occurred_at").clone()))];
        if to.ix("last_follow_note").is_some() {
            let text = last.as_ref().and_then(|l| l.get(&o, "content").as_text()).map(note);
            fields.push(("last_follow_note", text.map_or(Value::Null, |t| Value::from(t.as_str()))));
        }
        u.derive(&r.object, r.id, &fields, "follow_up").await?;
        pool::renew(u, &r).await?;
    }
    Ok(())
}
