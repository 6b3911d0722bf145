//! Comments: on records people own, threads one level deep, changed in their words only.

use async_trait::async_trait;
use rapport_policy::talk::{COMMENT, may_be_discussed};
use rapport_schema::{ChangeOp, FieldError, RecordId, Value};

use crate::{Draft, Error, Hook, Result, Unit};

/// Most people one comment calls.
const MENTIONS: usize = 50;
/// Longest comment, in characters.
const LONGEST: usize = 10_000;

pub(crate) struct TalkHook;

#[async_trait]
impl Hook for TalkHook {
    fn objects(&self) -> &[&'static str] {
        &[COMMENT]
    }

    async fn before(&self, u: &mut Unit<'_>, d: &mut Draft) -> Result<()> {
        match d.op {
            ChangeOp::Create => place(u, d).await?,
            ChangeOp::Update => {
                for f in ["record", "parent_id"] {
                    if d.changed(f) {
                        return Err(Error::field(FieldError::new(f, "value.readonly")));
                    }
                }
            }
            _ => return Ok(()),
        }
        let o = d.object.clone();
        if let Value::Text(t) = d.new.get(&o, "body") {
            let text = t.trim().to_owned();
            if text.chars().count() > LONGEST {
                return Err(Error::field(FieldError::new("body", "value.range").with("max", LONGEST)));
            }
            d.new.set(&o, "body", if text.is_empty() { Value::Null } else { Value::from(text.as_str()) });
        }
        if let Value::Ids(all) = d.new.get(&o, "mentions") {
            let mut called: Vec<RecordId> = vec![];
            for id in all {
                if !called.contains(id) {
                    called.push(*id);
                }
            }
            if called.len() > MENTIONS {
                return Err(Error::field(FieldError::new("mentions", "value.range").with("max", MENTIONS)));
            }
            d.new.set(&o, "mentions", if called.is_empty() { Value::Null } else { Value::Ids(called) });
        }
        Ok(())
    }
}

/// Where it is said: on a record that may be talked about; an answer to an answer answers the first comment.
async fn place(u: &mut Unit<'_>, d: &mut Draft) -> Result<()> {
    let o = d.object.clone();
    let Value::Ref(at) = d.new.get(&o, "record").clone() else { return Ok(()) };
    if !may_be_discussed(&*u.object(&at.object)?) {
        return Err(Error::field(FieldError::new("record", "comment.not_here").with("object", at.object.as_str())));
    }
    let Some(parent) = d.new.get(&o, "parent_id").as_id() else { return Ok(()) };
    let first = u.peek(COMMENT, parent).await?.filter(|p| *p.get(&o, "record") == Value::Ref(at));
    let Some(first) = first else {
        return Err(Error::field(FieldError::new("parent_id", "reference.not_found").with("value", parent.to_string())));
    };
    if let Some(root) = first.get(&o, "parent_id").as_id() {
        d.new.set(&o, "parent_id", Value::Id(root));
    }
    Ok(())
}
