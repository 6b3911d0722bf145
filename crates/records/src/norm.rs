//! The normalisation rules (R-NRM) with the organisation's own settings.

use std::borrow::Cow;

use rapport_schema::{
    codec::{EmailForm, Normalise},
    value::Phone,
};
use rapport_text::normalise::{PhoneContext, PhoneKind, normalise_email, normalise_phone};
use smol_str::SmolStr;

/// The rules for one organisation.
#[derive(Debug, Clone)]
pub(crate) struct Norm {
    /// Country of numbers without `+` (setting `phone.country`).
    pub country: SmolStr,
    /// Area code of bare 7–8 digit numbers (setting `phone.area_code`).
    pub area_code: Option<SmolStr>,
}

impl Default for Norm {
    fn default() -> Self {
        Self { country: SmolStr::new_static("CN"), area_code: None }
    }
}

impl Normalise for Norm {
    fn phone(&self, raw: &str, country: Option<&str>) -> Phone {
        let p = normalise_phone(
            raw,
            &PhoneContext { country: country.unwrap_or(&self.country), area_code: self.area_code.as_deref() },
        );
        Phone {
            raw: SmolStr::new(&p.raw),
            e164: p.e164.as_deref().map(SmolStr::new),
            ext: p.ext.as_deref().map(SmolStr::new),
            country: p.country,
            kind: SmolStr::new_static(match p.kind {
                PhoneKind::Mobile => "mobile",
                PhoneKind::Landline => "landline",
                PhoneKind::Service => "service",
                PhoneKind::Short => "short",
                PhoneKind::International => "international",
                PhoneKind::Invalid => "invalid",
            }),
        }
    }
    fn email(&self, raw: &str) -> Option<EmailForm> {
        let e = normalise_email(raw).ok()?;
        Some(EmailForm { address: SmolStr::new(&e.address), key: SmolStr::new(&e.match_key) })
    }
    fn unique_key(&self, text: &str) -> String {
        rapport_text::unique_key(text)
    }
    fn fold<'t>(&self, text: &'t str) -> Cow<'t, str> {
        rapport_text::fold(text)
    }
}
