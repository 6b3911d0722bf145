//! Entries of the change log: the one record of what happened, read by history, audit, undo, live pages and automation.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{Millis, ObjectName, RecordId, UserId};

/// Position in a workspace's change log. Order of numbers = order of commits; readers skip nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Seq(pub i64);

/// The way a change came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// The page on a desktop.
    Web,
    /// The page on a phone.
    Mobile,
    /// A token.
    Api,
    /// An import.
    Import,
    /// A rule.
    Automation,
    /// The engine itself.
    System,
}

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Actor {
    /// The person; none = the engine.
    pub user: Option<UserId>,
    /// Through which door.
    pub via: Via,
}

/// Why it happened: ties changes of one act together.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cause {
    /// Trace id of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// Import, batch, merge or undo this change belongs to; the handle of an undo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<RecordId>,
    /// Name of the action, rule or job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<String>,
    /// What a person gave as reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What was done to the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeOp {
    /// Made.
    Create,
    /// Changed.
    Update,
    /// Put in the recycle bin.
    Delete,
    /// Taken out of the recycle bin.
    Restore,
    /// Removed for good.
    Purge,
    /// Something that is not a record's change: sign-in, export, permission (audit only).
    Note,
}

impl ChangeOp {
    /// Stored code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Restore => "restore",
            Self::Purge => "purge",
            Self::Note => "note",
        }
    }
    /// From the stored code.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        Some(match s {
            "create" => Self::Create,
            "update" => Self::Update,
            "delete" => Self::Delete,
            "restore" => Self::Restore,
            "purge" => Self::Purge,
            "note" => Self::Note,
            _ => return None,
        })
    }
}

/// One entry. `before` and `after` are JSON objects of the changed fields only, in the API's value forms.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Change {
    /// Given at commit; 0 before.
    pub seq: Seq,
    /// When.
    pub at: Millis,
    /// Object; `system` notes use the object they speak of.
    pub object: ObjectName,
    /// Record.
    pub id: RecordId,
    /// What.
    pub op: ChangeOp,
    /// Version of the record after the change.
    pub version: i64,
    /// Who.
    pub actor: Actor,
    /// Why.
    pub cause: Cause,
    /// Values before: `{}` at create.
    pub before: Box<RawValue>,
    /// Values after: `{}` at purge.
    pub after: Box<RawValue>,
}
