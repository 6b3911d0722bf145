//! Teams and shares of a record (R-VIS-04).

use async_trait::async_trait;
use rapport_policy::Act;
use rapport_schema::{FieldError, Label, ObjectName, Record, RecordId, RecordRef, Value, codec};
use serde_json::{Value as Json, json};

use super::id_of;
use crate::{Action, ActionSpec, Error, Result, Unit, q};

fn access_schema() -> Json {
    json!({ "type": "string", "enum": ["read", "edit"] })
}

fn when(input: &Json, key: &str) -> Result<Value> {
    match input.get(key) {
        None | Some(Json::Null) => Ok(Value::Null),
        Some(j) => j
            .as_str()
            .and_then(codec::parse_instant)
            .map(Value::DateTime)
            .ok_or_else(|| Error::field(FieldError::new(key, "value.type").with("expected", "date_time"))),
    }
}

/// Nobody gives more than he has.
async fn not_more(u: &mut Unit<'_>, object: &str, id: RecordId, access: &str) -> Result<()> {
    let o = u.object(object)?;
    if access == "edit" && !u.reaches(Act::Edit, &o, id).await? { Err(Error::Denied("permission.denied")) } else { Ok(()) }
}

fn grantee(input: &Json) -> Result<RecordRef> {
    let fault = || Error::field(FieldError::new("grantee", "value.type").with("expected", "reference"));
    let object = input["grantee"]["object"]
        .as_str()
        .filter(|o| matches!(*o, "user" | "department" | "role" | "team"))
        .ok_or_else(fault)?;
    let id = input["grantee"]["id"].as_str().and_then(|s| s.parse().ok()).ok_or_else(fault)?;
    Ok(RecordRef { object: ObjectName::new(object).map_err(|_| fault())?, id })
}

pub(super) struct Share(ActionSpec);
impl Default for Share {
    fn default() -> Self {
        let p = json!({
            "grantee": { "type": "object", "description": "User, department, role or team: {\"object\",\"id\"}" },
            "access": access_schema(), "expires_at": { "type": ["string", "null"] }, "reason": { "type": ["string", "null"] },
        });
        Self(ActionSpec::record("*", "share", Label::new("Share", "共享"), p, &["grantee", "access"]).needs("share"))
    }
}

#[async_trait]
impl Action for Share {
    fn spec(&self) -> &ActionSpec {
        &self.0
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, input: Json) -> Result<Json> {
        let (r, object) = (target.ok_or(Error::NotFound)?, u.acting_on.clone().ok_or(Error::NotFound)?);
        let access = input["access"].as_str().unwrap_or("read").to_owned();
        not_more(u, &object, r.id, &access).await?;
        let to = grantee(&input)?;
        if u.peek(&to.object, to.id).await?.is_none() {
            return Err(Error::field(FieldError::new("grantee", "reference.not_found")));
        }
        let at = RecordRef { object: ObjectName::new(&object).map_err(|_| Error::NotFound)?, id: r.id };
        let until = when(&input, "expires_at")?;
        // What a rule gives is the rule's.
        let same =
            q::and([q::eq("record", Value::Ref(at.clone())), q::eq("grantee", Value::Ref(to.clone())), q::blank("rule_id")]);
        match u.find("record_share", same, 1).await?.into_iter().next() {
            Some(old) => {
                u.set("record_share", old.id, &[("access", Value::from(access.as_str())), ("expires_at", until)]).await?;
            }
            None => {
                let reason = input["reason"].as_str().map_or(Value::Null, Value::from);
                let fields = [
                    ("record", Value::Ref(at)),
                    ("grantee", Value::Ref(to)),
                    ("access", Value::from(access.as_str())),
                    ("expires_at", until),
                    ("reason", reason),
                ];
                u.make("record_share", &fields).await?;
            }
        }
        u.answer(&object, r.id).await
    }
}

pub(super) struct Unshare(ActionSpec);
impl Default for Unshare {
    fn default() -> Self {
        let p = json!({ "grantee": { "type": "object" } });
        Self(ActionSpec::record("*", "unshare", Label::new("Stop Sharing", "取消共享"), p, &["grantee"]).needs("share"))
    }
}

#[async_trait]
impl Action for Unshare {
    fn spec(&self) -> &ActionSpec {
        &self.0
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, input: Json) -> Result<Json> {
        let (r, object) = (target.ok_or(Error::NotFound)?, u.acting_on.clone().ok_or(Error::NotFound)?);
        let at = RecordRef { object: ObjectName::new(&object).map_err(|_| Error::NotFound)?, id: r.id };
        let same = q::and([q::eq("record", Value::Ref(at)), q::eq("grantee", Value::Ref(grantee(&input)?)), q::blank("rule_id")]);
        for s in u.find("record_share", same, 10).await? {
            u.discard("record_share", s.id).await?;
        }
        u.answer(&object, r.id).await
    }
}

pub(super) struct AddMember(ActionSpec);
impl Default for AddMember {
    fn default() -> Self {
        let p = json!({
            "user_id": { "type": "string", "format": "uuid" }, "access": access_schema(), "role": { "type": ["string", "null"] },
            "extend_to": { "type": ["array", "null"] }, "expires_at": { "type": ["string", "null"] },
        });
        Self(ActionSpec::record("*", "add_member", Label::new("Add Team Member", "添加团队成员"), p, &["user_id"]))
    }
}

#[async_trait]
impl Action for AddMember {
    fn spec(&self) -> &ActionSpec {
        &self.0
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, input: Json) -> Result<Json> {
        let (r, object) = (target.ok_or(Error::NotFound)?, u.acting_on.clone().ok_or(Error::NotFound)?);
        let user = id_of(&input, "user_id").ok_or(Error::NotFound)?;
        if !u.person(user).await?.is_some_and(|p| p.active) {
            return Err(Error::field(FieldError::new("user_id", "reference.not_found")));
        }
        let at = RecordRef { object: ObjectName::new(&object).map_err(|_| Error::NotFound)?, id: r.id };
        let mut fields = vec![
            ("access", Value::from(input["access"].as_str().unwrap_or("read"))),
            ("expires_at", when(&input, "expires_at")?),
        ];
        if let Some(role) = input["role"].as_str() {
            fields.push(("role", Value::from(role)));
        }
        if let Some(x) = input["extend_to"].as_array() {
            fields.push(("extend_to", Value::Keys(x.iter().filter_map(Json::as_str).map(Into::into).collect())));
        }
        let same = q::and([q::eq("record", Value::Ref(at.clone())), q::eq("user_id", user)]);
        match u.find("team_member", same, 1).await?.into_iter().next() {
            Some(old) => {
                u.set("team_member", old.id, &fields).await?;
            }
            None => {
                fields.extend([("record", Value::Ref(at)), ("user_id", Value::Id(user))]);
                u.make("team_member", &fields).await?;
            }
        }
        u.answer(&object, r.id).await
    }
}

pub(super) struct RemoveMember(ActionSpec);
impl Default for RemoveMember {
    fn default() -> Self {
        let p = json!({ "user_id": { "type": "string", "format": "uuid" } });
        Self(ActionSpec::record("*", "remove_member", Label::new("Remove Team Member", "移除团队成员"), p, &["user_id"]))
    }
}

#[async_trait]
impl Action for RemoveMember {
    fn spec(&self) -> &ActionSpec {
        &self.0
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, input: Json) -> Result<Json> {
        let (r, object) = (target.ok_or(Error::NotFound)?, u.acting_on.clone().ok_or(Error::NotFound)?);
        let user = id_of(&input, "user_id").ok_or(Error::NotFound)?;
        let at = RecordRef { object: ObjectName::new(&object).map_err(|_| Error::NotFound)?, id: r.id };
        for m in u.find("team_member", q::and([q::eq("record", Value::Ref(at)), q::eq("user_id", user)]), 10).await? {
            u.discard("team_member", m.id).await?;
        }
        u.answer(&object, r.id).await
    }
}
