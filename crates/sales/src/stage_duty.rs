//! What a stage asks of those who work in it (R-STG-02): tasks that must be done before it is left, and the roles that may change
//! or move its deals.

use async_trait::async_trait;
use rapport_records::{Class, Draft, Error, Hook, JsonMap, Result, Unit, q};
use rapport_schema::{FieldError, Label, ObjectDef, Record, RecordId, RecordRef, Value};
use serde::Deserialize;
use serde_json::json;

/// Marks tasks that a stage made: `source_system` of the task; its `external_id` names deal, stage and task.
const SOURCE: &str = "stage";
const DAY_MS: i64 = 86_400_000;

/// One task of a stage, as `stage.tasks` keeps it: `[{"code":"visit","label":{"en":"…","zh":"…"},"mandatory":true,"days":3}]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct StageTask {
    /// Stable name within the stage.
    code: String,
    /// Subject of the task.
    label: Label,
    /// Must be done before the stage is left.
    #[serde(default)]
    mandatory: bool,
    /// Due so many days after the stage was entered.
    #[serde(default)]
    days: Option<i64>,
}

fn tasks(stage_o: &ObjectDef, stage: &Record) -> std::result::Result<Vec<StageTask>, serde_json::Error> {
    match stage.get(stage_o, "tasks") {
        Value::Json(j) => serde_json::from_value((**j).clone()),
        _ => Ok(vec![]),
    }
}

fn external_id(deal: RecordId, stage: RecordId, code: &str) -> String {
    format!("{deal}:{stage}:{code}")
}

/// Checks what an administrator writes into a stage.
pub(crate) struct StageHook;

#[async_trait]
impl Hook for StageHook {
    fn objects(&self) -> &[&'static str] {
        &["stage"]
    }
    async fn before(&self, _u: &mut Unit<'_>, d: &mut Draft) -> Result<()> {
        if !d.changed("tasks") {
            return Ok(());
        }
        let fault = |reason: String| Error::field(FieldError::new("tasks", "value.type").with("reason", reason));
        let all = tasks(&d.object, &d.new).map_err(|e| fault(e.to_string()))?;
        let mut codes: Vec<&str> = all.iter().map(|t| t.code.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        let bad = |c: &&str| c.is_empty() || c.len() > 50 || !c.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if codes.len() != all.len() || all.len() > 50 || codes.iter().any(bad) {
            return Err(fault("each task needs a code of its own: letters, digits, _".into()));
        }
        Ok(())
    }
}

/// The roles a stage names are the only ones that may change its deals or move them on; others read.
pub(crate) async fn may_work(u: &mut Unit<'_>, o: &ObjectDef, deal: &Record) -> Result<()> {
    if u.scope.is_system() || u.scope.is_admin() {
        return Ok(());
    }
    let so = u.object("stage")?;
    let Some(at) = deal.get(o, "stage_id").as_id() else { return Ok(()) };
    let Some(stage) = u.peek("stage", at).await? else { return Ok(()) };
    let Value::Ids(named) = stage.get(&so, "edit_roles") else { return Ok(()) };
    if named.is_empty() || u.scope.roles().iter().any(|r| named.contains(r)) {
        return Ok(());
    }
    Err(Error::Rule {
        code: "stage.no_edit_right",
        class: Class::Permission,
        params: [("stage".to_owned(), json!(stage.get(&so, "name").as_text()))].into_iter().collect(),
        fields: vec![],
    })
}

/// The mandatory tasks of a stage that are made and not done. One that was deleted is not done; one that was added to the stage
/// after the deal came in was never asked of this deal.
pub(crate) async fn all_done(u: &mut Unit<'_>, deal: RecordId, stage: RecordId) -> Result<()> {
    if !u.has("task") {
        return Ok(());
    }
    let (so, to) = (u.object("stage")?, u.object("task")?);
    let Some(s) = u.peek("stage", stage).await? else { return Ok(()) };
    // What was saved before it was checked asks nothing rather than locking every deal in.
    let mandatory: Vec<StageTask> = tasks(&so, &s).unwrap_or_default().into_iter().filter(|t| t.mandatory).collect();
    let mut open = vec![];
    for t in mandatory {
        let key = q::and([q::eq("source_system", SOURCE), q::eq("external_id", external_id(deal, stage, &t.code).as_str())]);
        let made = u.find_any("task", key, 1).await?.into_iter().next();
        if made.is_some_and(|r| r.deleted_at.is_some() || r.get(&to, "status").as_text() != Some("done")) {
            open.push(
                FieldError::new("", "stage.tasks_open")
                    .with("item", t.code.as_str())
                    .with("label", json!({ "en": t.label.en, "zh": t.label.zh })),
            );
        }
    }
    if open.is_empty() {
        return Ok(());
    }
    Err(Error::Rule { code: "stage.tasks_open", class: Class::Content, params: JsonMap::new(), fields: open })
}

/// Makes the tasks of the stage a deal has entered, for its owner. Entering again makes none twice.
pub(crate) async fn give(u: &mut Unit<'_>, o: &ObjectDef, deal: &Record) -> Result<()> {
    if !u.has("task") {
        return Ok(());
    }
    let so = u.object("stage")?;
    let Some(at) = deal.get(o, "stage_id").as_id() else { return Ok(()) };
    let Some(stage) = u.peek("stage", at).await? else { return Ok(()) };
    let owner = deal.get(o, "owner_id").clone();
    for t in tasks(&so, &stage).unwrap_or_default() {
        let id = external_id(deal.id, at, &t.code);
        let known = q::and([q::eq("source_system", SOURCE), q::eq("external_id", id.as_str())]);
        if !u.find_any("task", known, 1).await?.is_empty() {
            continue;
        }
        let due = t.days.map_or(Value::Null, |d| Value::DateTime(u.now().plus(d.clamp(0, 3_650) * DAY_MS)));
        let subject = if u.scope.locale() == rapport_schema::Locale::En { &t.label.en } else { &t.label.zh };
        let fields = [
            ("subject", Value::from(subject.as_str())),
            ("related", Value::Ref(RecordRef { object: o.name.clone(), id: deal.id })),
            ("owner_id", owner.clone()),
            ("due_at", due),
            ("source_system", Value::from(SOURCE)),
            ("external_id", Value::from(id.as_str())),
        ];
        u.make("task", &fields).await?;
    }
    Ok(())
}
