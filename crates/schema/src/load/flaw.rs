//! What can be wrong with a text of the model: in plain words for whoever builds, and as a code for readers of either language.

use std::fmt;

use serde_json::Value as Json;

use crate::{FieldError, NameError};

/// A word of a sentence: its key among the server's words, and in English.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word(pub &'static str, pub &'static str);

impl Word {
    pub const TEXT: Self = Self("text", "a text");
    pub const WHOLE: Self = Self("int", "a whole number");
    pub const NUMBER: Self = Self("number", "a number");
    pub const FLAG: Self = Self("true_or_false", "true or false");
    pub const DATE: Self = Self("date", "a date");
    pub const LIST: Self = Self("list", "a list");
    pub const TABLE: Self = Self("table", "a table");
    pub const TEXTS: Self = Self("texts", "a list of texts");
    pub const TEXT_LISTS: Self = Self("text_lists", "a list of lists of texts");
    pub const TABLES: Self = Self("tables", "a list of tables");
    pub const LABEL: Self = Self("label", "a text in English and Chinese");
    pub const ENGLISH: Self = Self("english", "the English text");
    pub const CHINESE: Self = Self("chinese", "the Chinese text");
    pub const TARGETS: Self = Self("targets", "names of objects, or only any");
    pub const WAY_HERE: Self = Self("way_here", "the field that points here");
    pub const ROLLED_UP: Self = Self("rolled_up", "the field to compute");
    pub const CURRENCY: Self = Self("currency_code", "an ISO 4217 code such as CNY");
    pub const ZONE: Self = Self("zone", "an IANA time zone such as Asia/Shanghai");
    pub const GATE: Self = Self("gate", "the conditions of a stage");
}

/// One thing that is wrong, without its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Flaw {
    /// No TOML: what stands in the line, and the parser's words.
    Syntax { near: String, said: String },
    /// A key that must be there; what it holds, and how that is written.
    Missing { key: String, wanted: Option<Word>, form: Option<&'static str> },
    /// A value of another kind.
    Kind { key: String, wanted: Word, found: Word },
    /// A value that does not have the form.
    Form { key: String, wanted: Word, value: String },
    /// A number outside of its bounds.
    Range { key: String, min: i64, max: i64, value: i64 },
    /// A value that is none of those there are, which are told where they are few.
    Choice { key: String, value: String, allowed: Vec<String> },
    /// A key nobody asks for, and those that are known here.
    Unknown { key: String, allowed: Vec<String> },
    /// No name.
    Name(NameError),
    /// The place itself is there twice.
    Twice,
    /// A list names something twice.
    TwiceIn { key: &'static str, name: String },
    /// Two things that exclude each other.
    Both { one: &'static str, other: String },
    /// A field that comes with the kind of object.
    Reserved,
    /// An object that is not there.
    NoObject(String),
    /// A field that is not there.
    NoField { object: String, name: String },
    /// What has a code of its own.
    Known(String, FieldError),
}

impl Flaw {
    /// A key that must be there and speaks for itself.
    pub fn missing(key: &str) -> Self {
        Self::Missing { key: key.to_owned(), wanted: None, form: None }
    }
    pub fn choice<S: ToString>(key: &str, value: &str, allowed: impl IntoIterator<Item = S>) -> Self {
        let allowed = allowed.into_iter().map(|s| s.to_string()).collect();
        Self::Choice { key: key.to_owned(), value: value.to_owned(), allowed }
    }

    /// The code with its parameters.
    pub fn cause(&self) -> FieldError {
        let code = |code| FieldError::new("", code);
        let list = |all: &[String]| Json::from(all.to_vec());
        match self {
            Self::Syntax { near, .. } => code("model.syntax").with("near", near.as_str()),
            Self::Missing { key, wanted, form } => {
                let mut e = code("model.text.missing").with("key", key.as_str());
                if let Some(w) = wanted {
                    e = e.with("wanted", w.0);
                }
                if let Some(f) = form {
                    e = e.with("form", *f);
                }
                e
            }
            Self::Kind { key, wanted, found } => {
                code("model.text.type").with("key", key.as_str()).with("wanted", wanted.0).with("found", found.0)
            }
            Self::Form { key, wanted, value } => {
                code("model.text.type").with("key", key.as_str()).with("wanted", wanted.0).with("value", value.as_str())
            }
            Self::Range { key, min, max, value } => {
                code("model.text.range").with("key", key.as_str()).with("min", *min).with("max", *max).with("value", *value)
            }
            Self::Choice { key, value, allowed } => {
                let e = code("model.text.choice").with("key", key.as_str()).with("value", value.as_str());
                if allowed.is_empty() { e } else { e.with("allowed", list(allowed)) }
            }
            Self::Unknown { key, allowed } => {
                code("model.text.unknown_key").with("key", key.as_str()).with("allowed", list(allowed))
            }
            Self::Name(e) => code("model.text.name").with("name", e.0.as_str()),
            Self::Twice => code("model.text.twice"),
            Self::TwiceIn { key, name } => code("model.text.twice").with("key", *key).with("name", name.as_str()),
            Self::Both { one, other } => code("model.text.both").with("one", *one).with("other", other.as_str()),
            Self::Reserved => code("model.text.reserved"),
            Self::NoObject(name) => code("model.object_missing").with("name", name.as_str()),
            Self::NoField { object, name } => {
                code("expr.unknown_field").with("name", name.as_str()).with("object", object.as_str())
            }
            Self::Known(_, cause) => cause.clone(),
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { said, .. } => write!(f, "not TOML: {said}"),
            Self::Missing { key, wanted, form } => {
                write!(f, "`{key}` is missing")?;
                if let Some(w) = wanted {
                    write!(f, ": {}", w.1)?;
                }
                form.map_or(Ok(()), |form| write!(f, ", such as {form}"))
            }
            Self::Kind { key, wanted, found } => write!(f, "`{key}` must be {}, not {}", wanted.1, found.1),
            Self::Form { key, wanted, value } => write!(f, "`{key}` must be {}, not `{value}`", wanted.1),
            Self::Range { key, min, max, value } => write!(f, "`{key}` must be {min} to {max}, not {value}"),
            Self::Choice { key, value, allowed } if allowed.is_empty() => write!(f, "`{key}` cannot be `{value}`"),
            Self::Choice { key, value, allowed } => write!(f, "`{key}` cannot be `{value}`; use one of {}", allowed.join(", ")),
            Self::Unknown { key, .. } => write!(f, "`{key}` means nothing here"),
            Self::Name(e) => e.fmt(f),
            Self::Twice => f.write_str("is there twice"),
            Self::TwiceIn { key, name } => write!(f, "`{key}` names `{name}` twice"),
            Self::Both { one, other } => write!(f, "give `{one}` or `{other}`, not both"),
            Self::Reserved => f.write_str("every object of this kind has it already"),
            Self::NoObject(name) => write!(f, "object `{name}` does not exist"),
            Self::NoField { object, name } => write!(f, "object `{object}` has no field `{name}`"),
            Self::Known(reason, _) => f.write_str(reason),
        }
    }
}

impl From<NameError> for Flaw {
    fn from(e: NameError) -> Self {
        Self::Name(e)
    }
}

#[cfg(test)]
mod tests;
