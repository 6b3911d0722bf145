//! What a workspace is: whose, for show or for work, in which language. Kept in the workspace itself.

use std::sync::Arc;

use arc_swap::ArcSwap;
use rapport_records::{Document, Engine, Error};
use rapport_schema::{Label, Locale};
use serde_json::{Value, json};

const KIND: &str = "workspace";
const KEY: &str = "info";

/// What a workspace is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// Name of the organisation; the same in both languages unless it has two.
    pub organisation: Label,
    /// Holds demo people who need no password.
    pub demo: bool,
    /// Language of the shipped records.
    pub locale: Locale,
}

/// The same text in both languages.
#[must_use]
pub fn plain(name: &str) -> Label {
    Label::new(name, name)
}

impl About {
    /// What the workspace says of itself; none when it is new.
    ///
    /// # Errors
    /// The database.
    pub async fn read(engine: &Engine) -> Result<Option<Self>, Error> {
        let Some(v) = engine.document(KIND, KEY).await? else { return Ok(None) };
        // Until the first release with two names it was one text.
        let organisation = match &v["organisation"] {
            Value::String(s) => plain(s),
            other => serde_json::from_value(other.clone()).unwrap_or_default(),
        };
        let locale = v["locale"].as_str().and_then(Locale::negotiate).unwrap_or_default();
        Ok(Some(Self { organisation, demo: v["demo"].as_bool().unwrap_or(false), locale }))
    }
    /// Says what the workspace is, for good.
    ///
    /// # Errors
    /// The database.
    pub async fn write(&self, engine: &Engine) -> Result<(), Error> {
        let body = json!({ "organisation": self.organisation, "demo": self.demo, "locale": self.locale.tag() });
        engine.put_document(Document { kind: KIND.into(), key: KEY.into(), owner: None, body }).await
    }
}

/// The name of the organisation of an open workspace; set-up gives it.
#[derive(Debug, Default)]
pub struct Organisation(ArcSwap<Label>);

impl Organisation {
    /// The name now.
    #[must_use]
    pub fn get(&self) -> Arc<Label> {
        self.0.load_full()
    }
    /// Another name.
    pub fn set(&self, name: Label) {
        self.0.store(Arc::new(name));
    }
    /// As the API tells it: one name in the reader's language, and both.
    #[must_use]
    pub fn json(&self, locale: Locale) -> Value {
        let l = self.get();
        json!({ "name": l.get(locale), "label": &*l })
    }
}

impl From<Label> for Organisation {
    fn from(l: Label) -> Self {
        Self(ArcSwap::from_pointee(l))
    }
}

impl From<&str> for Organisation {
    fn from(s: &str) -> Self {
        plain(s).into()
    }
}
