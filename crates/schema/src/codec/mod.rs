//! The forms a value takes and the ways between them. One value has four forms: the JSON of the API, [`Value`] in memory,
//! the stored cells of [`crate::physical`], and JSON written straight from stored cells. The ways are:
//!
//! | from → to | function |
//! |---|---|
//! | API JSON → value, fully checked (domain model §1) | [`parse`] |
//! | value → API JSON | [`to_json`], [`write_json`] |
//! | value → cells, cells → value | [`to_cells`], [`from_cells`] |
//! | cells → API JSON without a value between (lists) | [`write_cells_json`] |
//!
//! JSON is canonical: the same value gives the same bytes by either way, so hashes over it can be compared.

mod cells;
mod composite;
mod list;
mod mask;
mod number;
mod parse;
mod row;
mod text;
mod time;
mod write;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use smol_str::SmolStr;

pub use cells::{from_cells, to_cells};
pub use mask::masked;
pub use number::{decimal_text, parse_decimal};
pub use parse::{Input, Lookup, RefInput, parse};
pub use row::{CellSource, write_cells_json};
pub use text::{clean, url_host};
pub use time::{format_date, parse_date, parse_instant};
pub use write::{to_json, write_json, write_str};

use crate::{Model, Value, money, value::Phone};

/// The two forms of an e-mail address (R-NRM-03).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailForm {
    /// Stored and shown: without display name, lower case, domain in punycode.
    pub address: SmolStr,
    /// Match key: additionally without `+tag`, and without dots for gmail.
    pub key: SmolStr,
}

/// The normalisation rules (R-NRM) and case folding, supplied by the crate that has their data.
pub trait Normalise: Send + Sync {
    /// R-NRM-02; a number that breaks the rules comes back with kind `invalid`. `country` is the record's, ISO 3166.
    fn phone(&self, raw: &str, country: Option<&str>) -> Phone;
    /// R-NRM-03; `None` when it is not an address.
    fn email(&self, raw: &str) -> Option<EmailForm>;
    /// The key under which a text is unique: NFKC, case-folded.
    fn unique_key(&self, text: &str) -> String;
    /// Case folding, one character to one character, the same as both databases do.
    fn fold<'t>(&self, text: &'t str) -> Cow<'t, str>;
}

/// What [`parse`] needs beside the field.
#[derive(Clone, Copy)]
pub struct Ctx<'a> {
    /// Picklists, targets of references, base currency.
    pub model: &'a Model,
    /// Normalisation.
    pub text: &'a dyn Normalise,
    /// ISO country of the record, for telephone numbers without `+`.
    pub country: Option<&'a str>,
    /// The value before: an option that is inactive now may stay (domain model §1 `pick`).
    pub old: Option<&'a Value>,
    /// Keep an invalid telephone number as typed with kind `invalid` instead of refusing it (R-NRM-02, imports).
    pub keep_invalid_phone: bool,
}

impl<'a> Ctx<'a> {
    /// A context for a caller who gets every refusal.
    #[must_use]
    pub fn strict(model: &'a Model, text: &'a dyn Normalise) -> Self {
        Self { model, text, country: None, old: None, keep_invalid_phone: false }
    }
}

/// What writing needs to know of the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// Decimal places of the base currency.
    pub base_places: u32,
}

impl Form {
    /// The form of a model's workspace.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        Self { base_places: money::minor_unit(&model.currency) }
    }
}
