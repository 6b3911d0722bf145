//! Moving a deal through its stages by name (domain model §3.2). The rules themselves are in the hook, so that an import, a form
//! and an action meet the same ones.

use async_trait::async_trait;
use rapport_records::{Action, ActionSpec, Error, JsonMap, Result, Unit};
use rapport_schema::{FieldError, Label, Record, RecordId, Value};
use serde_json::{Value as Json, json};

use crate::{deal, who};

/// Fields a caller may fill along with a move: everything of the input but the words of the action itself.
fn along(input: &Json, own: &[&str]) -> JsonMap {
    let mut m = input.as_object().cloned().unwrap_or_default();
    m.retain(|k, _| !own.contains(&k.as_str()));
    m
}

async fn go(u: &mut Unit<'_>, deal: RecordId, stage: RecordId, data: &JsonMap) -> Result<Json> {
    u.act_on("opportunity", deal, data, &[("stage_id", Value::Id(stage))]).await?;
    u.answer("opportunity", deal).await
}

/// `move_stage`: to any stage of the pipeline.
pub(crate) struct MoveStage(ActionSpec);
impl Default for MoveStage {
    fn default() -> Self {
        let p = json!({
            "stage_id": { "type": "string", "format": "uuid" },
            "reason": { "type": ["string", "null"], "description": "Needed to go back" },
            "lost_reason": { "type": ["string", "null"] }, "lost_to_id": { "type": ["string", "null"] }, "lost_note": { "type": ["string", "null"] },
        });
        Self(ActionSpec::record("opportunity", "move_stage", Label::new("Move Stage", "推进阶段"), p, &["stage_id"]))
    }
}

#[async_trait]
impl Action for MoveStage {
    fn spec(&self) -> &ActionSpec {
        &self.0
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, input: Json) -> Result<Json> {
        let r = target.ok_or(Error::NotFound)?;
        let o = u.object("opportunity")?;
        let to = input["stage_id"].as_str().and_then(|s| s.parse().ok()).ok_or(Error::NotFound)?;
        if u.peek("stage", to).await?.is_none() {
            return Err(Error::field(FieldError::new("stage_id", "reference.not_found")));
        }
        // Repeating a move that is done answers with the record (domain model §3 i).
        if r.get(&o, "stage_id").as_id() == Some(to) {
            return u.answer("opportunity", r.id).await;
        }
        go(u, r.id, to, &along(&input, &["stage_id", "reason"])).await
    }
}

/// `win`, `lose`, `abandon`: to the stage of that kind in the deal's pipeline.
pub(crate) struct Close {
    spec: ActionSpec,
    kind: &'static str,
}

impl Close {
    pub fn won() -> Self {
        let p = json!({ "reason": { "type": ["string", "null"] } });
        Self { spec: ActionSpec::record("opportunity", "win", Label::new("Mark Won", "赢单"), p, &[]), kind: "won" }
    }
    pub fn lost() -> Self {
        let p = json!({ "lost_reason": { "type": "string" }, "lost_to_id": { "type": ["string", "null"] }, "lost_note": { "type": ["string", "null"] } });
        Self { spec: ActionSpec::record("opportunity", "lose", Label::new("Mark Lost", "输单"), p, &[]), kind: "lost" }
    }
    pub fn abandoned() -> Self {
        let p = json!({ "lost_reason": { "type": "string" }, "lost_note": { "type": ["string", "null"] } });
        Self {
            spec: ActionSpec::record("opportunity", "abandon", Label::new("Abandon", "无效关闭"), p, &[]), kind: "abandoned"
        }
    }
}

#[async_trait]
impl Action for Close {
    fn spec(&self) -> &ActionSpec {
        &self.spec
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, input: Json) -> Result<Json> {
        let r = target.ok_or(Error::NotFound)?;
        let (o, so) = (u.object("opportunity")?, u.object("stage")?);
        if r.get(&o, "outcome").as_text() == Some(self.kind) {
            return u.answer("opportunity", r.id).await;
        }
        let pipeline = r.get(&o, "pipeline_id").as_id().ok_or(Error::NotFound)?;
        let all = deal::stages(u, pipeline).await?;
        let Some(stage) = all.iter().find(|s| deal::kind(&so, s) == self.kind) else {
            return Err(Error::state("state.invalid_transition"));
        };
        go(u, r.id, stage.id, &along(&input, &["reason"])).await
    }
}

/// `reopen`: a closed deal goes back to the last open stage it was in; managers and administrators, with a reason.
pub(crate) struct ReopenDeal(ActionSpec);
impl Default for ReopenDeal {
    fn default() -> Self {
        let p = json!({ "reason": { "type": "string" } });
        Self(ActionSpec::record("opportunity", "reopen", Label::new("Reopen", "重新打开"), p, &["reason"]))
    }
}

#[async_trait]
impl Action for ReopenDeal {
    fn spec(&self) -> &ActionSpec {
        &self.0
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, _input: Json) -> Result<Json> {
        let r = target.ok_or(Error::NotFound)?;
        let (o, so) = (u.object("opportunity")?, u.object("stage")?);
        if r.get(&o, "outcome").is_empty() {
            return u.answer("opportunity", r.id).await;
        }
        who::manager_only(u, &o, &r).await?;
        if u.cause.reason.as_deref().is_none_or(|x| x.trim().is_empty()) {
            return Err(Error::field(FieldError::new("reason", "value.required")));
        }
        let pipeline = r.get(&o, "pipeline_id").as_id().ok_or(Error::NotFound)?;
        let all = deal::stages(u, pipeline).await?;
        let open: Vec<RecordId> = all.iter().filter(|s| deal::kind(&so, s) == "open").map(|s| s.id).collect();
        let mut back = None;
        if u.has("stage_history") {
            let ho = u.object("stage_history")?;
            let mut rows = u.find("stage_history", rapport_records::q::eq("opportunity_id", r.id), 1_000).await?;
            rows.sort_by_key(|h| std::cmp::Reverse(h.id));
            back = rows.iter().find_map(|h| h.get(&ho, "from_stage_id").as_id().filter(|id| open.contains(id)));
        }
        let Some(stage) = back.or_else(|| open.last().copied()) else { return Err(Error::state("state.invalid_transition")) };
        u.cause.act = Some("reopen".into());
        go(u, r.id, stage, &JsonMap::new()).await
    }
}
