//! Labels in both languages.

use serde::{Deserialize, Serialize};

/// A language of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
pub enum Locale {
    /// English.
    #[serde(rename = "en")]
    En,
    /// Simplified Chinese.
    #[default]
    #[serde(rename = "zh-CN")]
    Zh,
}

impl Locale {
    /// The BCP 47 tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-CN",
        }
    }
    /// Best match for an `Accept-Language` header or a picklist key such as `zh_cn`.
    #[must_use]
    pub fn negotiate(accept: &str) -> Option<Self> {
        accept.split(',').find_map(|p| {
            let p = p.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
            if p.starts_with("zh") {
                Some(Self::Zh)
            } else if p.starts_with("en") {
                Some(Self::En)
            } else {
                None
            }
        })
    }
}

/// A text in English and Chinese.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// English.
    pub en: String,
    /// Simplified Chinese.
    pub zh: String,
}

impl Label {
    /// A label from its two texts.
    pub fn new(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self { en: en.into(), zh: zh.into() }
    }
    /// The text in a language.
    #[must_use]
    pub fn get(&self, l: Locale) -> &str {
        match l {
            Locale::En => &self.en,
            Locale::Zh => &self.zh,
        }
    }
}
