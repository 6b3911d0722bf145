//! What is wrong with a field, in a form machines can use and both languages can say.

use serde::{Deserialize, Serialize};

/// Parameters of an error's sentence.
pub type Params = serde_json::Map<String, serde_json::Value>;

/// One faulty field. `code` is stable (domain model §4.16); the sentence is made from it by the reader's language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field's api name, or `""` when the whole record is meant.
    pub field: String,
    /// The stable code, such as `value.required`.
    pub code: std::borrow::Cow<'static, str>,
    /// What the sentence needs: limits, the value, names.
    #[serde(default, skip_serializing_if = "Params::is_empty")]
    pub params: Params,
}

impl FieldError {
    /// An error without parameters.
    pub fn new(field: impl Into<String>, code: &'static str) -> Self {
        Self { field: field.into(), code: code.into(), params: Params::new() }
    }
    /// Adds a parameter.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<serde_json::Value>) -> Self {
        self.params.insert(key.to_owned(), value.into());
        self
    }
}
