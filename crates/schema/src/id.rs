//! One type per kind of id, all over UUID version 7 (RFC 9562).

use std::{fmt, hash::Hash, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::ObjectName;

/// The id of one record of any object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecordId(pub Uuid);

impl RecordId {
    /// The sixteen bytes, as stored.
    #[must_use]
    pub fn bytes(self) -> [u8; 16] {
        self.0.into_bytes()
    }
    /// From sixteen stored bytes.
    #[must_use]
    pub fn from_bytes(b: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(b))
    }
}
impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl FromStr for RecordId {
    type Err = uuid::Error;
    fn from_str(s: &str) -> Result<Self, uuid::Error> {
        Uuid::parse_str(s).map(Self)
    }
}

/// An id whose kind the compiler knows. `Id<kind::User>` and `Id<kind::Dept>` cannot be swapped by mistake.
pub struct Id<K>(RecordId, PhantomData<fn() -> K>);

impl<K> Id<K> {
    /// Says that a record id is of kind `K`; the caller knows because it read it from such a place.
    #[must_use]
    pub const fn of(r: RecordId) -> Self {
        Self(r, PhantomData)
    }
    /// The untyped id.
    #[must_use]
    pub const fn record(self) -> RecordId {
        self.0
    }
}
impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, o: &Self) -> bool {
        self.0 == o.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, o: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(o))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, o: &Self) -> std::cmp::Ordering {
        self.0.cmp(&o.0)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, h: &mut H) {
        self.0.hash(h);
    }
}
impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<K> FromStr for Id<K> {
    type Err = uuid::Error;
    fn from_str(s: &str) -> Result<Self, uuid::Error> {
        s.parse().map(Self::of)
    }
}
impl<K> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(s)
    }
}
impl<'de, K> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        RecordId::deserialize(d).map(Self::of)
    }
}

/// The kinds of typed ids.
pub mod kind {
    macro_rules! kinds { ($($(#[$m:meta])* $k:ident),* $(,)?) => { $( $(#[$m])* #[derive(Debug)] pub enum $k {} )* } }
    kinds! {
        /// A person who signs in.
        User,
        /// A department.
        Dept,
        /// A role.
        Role,
        /// A browser session.
        Session,
        /// An API token.
        Token,
        /// A workspace: one organisation's data.
        Workspace,
        /// An import.
        Import,
    }
}
/// Id of a user.
pub type UserId = Id<kind::User>;
/// Id of a department.
pub type DeptId = Id<kind::Dept>;
/// Id of a role.
pub type RoleId = Id<kind::Role>;
/// Id of a session.
pub type SessionId = Id<kind::Session>;
/// Id of an API token.
pub type TokenId = Id<kind::Token>;
/// Id of a workspace.
pub type WorkspaceId = Id<kind::Workspace>;
/// Id of an import.
pub type ImportId = Id<kind::Import>;

/// A record whose object is only known at run time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordRef {
    /// Its object.
    pub object: ObjectName,
    /// Its id.
    pub id: RecordId,
}
