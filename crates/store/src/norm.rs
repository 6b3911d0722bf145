//! The normalisation rules of `rapport_text` in the form the codec asks for.

use std::borrow::Cow;

use rapport_schema::{
    codec::{EmailForm, Normalise},
    value::Phone,
};
use rapport_text as text;
use smol_str::SmolStr;

/// The organisation-independent rules: what the store uses to derive match keys. `records` may wrap it with the
/// organisation's area code.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules;

impl Normalise for Rules {
    fn phone(&self, raw: &str, country: Option<&str>) -> Phone {
        use text::normalise::{PhoneContext, PhoneKind, normalise_phone};
        let p = normalise_phone(raw, &PhoneContext { country: country.unwrap_or("CN"), area_code: None });
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
        let e = text::normalise::normalise_email(raw).ok()?;
        Some(EmailForm { address: SmolStr::new(&e.address), key: SmolStr::new(&e.match_key) })
    }
    fn unique_key(&self, t: &str) -> String {
        text::unique_key(t)
    }
    fn fold<'t>(&self, t: &'t str) -> Cow<'t, str> {
        text::fold(t)
    }
}
