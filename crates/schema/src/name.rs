//! Checked names of objects and fields.

use std::{borrow::Borrow, fmt, ops::Deref, str::FromStr};

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A name that breaks `[a-z][a-z0-9_]{0,49}`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a name: use a small letter, then up to 49 small letters, digits or _")]
pub struct NameError(pub String);

fn check(s: &str) -> Result<(), NameError> {
    let ok = s.len() <= 50
        && s.starts_with(|c: char| c.is_ascii_lowercase())
        && s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if ok { Ok(()) } else { Err(NameError(s.chars().take(60).collect())) }
}

macro_rules! name {
    ($(#[$m:meta])* $t:ident) => {
        $(#[$m])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $t(SmolStr);
        impl $t {
            /// Checks and takes a name.
            pub fn new(s: &str) -> Result<Self, NameError> {
                check(s)?;
                Ok(Self(SmolStr::new(s)))
            }
            /// A name known at compile time.
            ///
            /// # Panics
            /// When the literal is not a name: a mistake of the programmer.
            #[must_use]
            pub fn lit(s: &'static str) -> Self {
                assert!(check(s).is_ok(), "not a name: {s}");
                Self(SmolStr::new_static(s))
            }
            /// The text of the name.
            #[must_use]
            pub fn as_str(&self) -> &str { &self.0 }
            /// Added by an administrator at run time (ends in `__c`).
            #[must_use]
            pub fn is_custom(&self) -> bool { self.0.ends_with("__c") }
        }
        impl TryFrom<String> for $t { type Error = NameError; fn try_from(s: String) -> Result<Self, NameError> { Self::new(&s) } }
        impl From<$t> for String { fn from(n: $t) -> String { n.0.to_string() } }
        impl FromStr for $t { type Err = NameError; fn from_str(s: &str) -> Result<Self, NameError> { Self::new(s) } }
        impl Deref for $t { type Target = str; fn deref(&self) -> &str { &self.0 } }
        impl Borrow<str> for $t { fn borrow(&self) -> &str { &self.0 } }
        impl PartialEq<str> for $t { fn eq(&self, o: &str) -> bool { self.0 == o } }
        impl PartialEq<&str> for $t { fn eq(&self, o: &&str) -> bool { self.0 == *o } }
        impl fmt::Display for $t { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) } }
        impl fmt::Debug for $t { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "{:?}", self.0.as_str()) } }
    };
}

name!(
    /// The api name of an object: `account`.
    ObjectName
);
name!(
    /// The api name of a field: `owner_id`.
    FieldName
);
