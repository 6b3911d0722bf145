//! Following a record: whoever sees it may hear of its changes.

use async_trait::async_trait;
use rapport_policy::talk::FOLLOWER;
use rapport_schema::{Label, ObjectName, Record, RecordRef, Value};
use serde_json::{Value as Json, json};

use crate::{Action, ActionSpec, Error, Result, Unit, q};

/// `follow` and `unfollow`; both may be repeated.
pub(super) struct Follow {
    spec: ActionSpec,
    on: bool,
}

impl Follow {
    pub(super) fn new(on: bool) -> Self {
        let (name, label) = if on {
            ("follow", Label::new("Follow", "关注"))
        } else {
            ("unfollow", Label::new("Stop Following", "取消关注"))
        };
        Self { spec: ActionSpec::record("*", name, label, json!({}), &[]).needs("read"), on }
    }
}

#[async_trait]
impl Action for Follow {
    fn spec(&self) -> &ActionSpec {
        &self.spec
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, _: Json) -> Result<Json> {
        let (r, object) = (target.ok_or(Error::NotFound)?, u.acting_on.clone().ok_or(Error::NotFound)?);
        // Only people follow.
        let me = u.person_id().ok_or(Error::Denied("permission.denied"))?;
        let at = Value::Ref(RecordRef { object: ObjectName::new(&object).map_err(|_| Error::NotFound)?, id: r.id });
        u.lock(&format!("follow:{me}:{}", r.id)).await?;
        let mine = u.find(FOLLOWER, q::and([q::eq("record", at.clone()), q::eq("user_id", me)]), 10).await?;
        if self.on && mine.is_empty() {
            u.make(FOLLOWER, &[("record", at), ("user_id", Value::Id(me))]).await?;
        } else if !self.on {
            for f in mine {
                u.discard(FOLLOWER, f.id).await?;
            }
        }
        Ok(json!({ "following": self.on }))
    }
}
