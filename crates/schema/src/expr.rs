//! What filters and formulas have in common: faults with their place, and paths through lookups.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

use crate::{FieldDef, FieldName, FieldType, Model, ObjectDef, Params, field::OnDelete, query::Path, system::RecordField};

/// Most lookups a path may follow.
pub const MAX_HOPS: usize = 3;

/// Where a fault is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// In a text: characters before it, and how many characters it has.
    Text {
        /// Characters before.
        at: usize,
        /// Characters long.
        len: usize,
    },
    /// In a JSON tree: `/and/0/value`.
    Pointer(String),
}

/// A fault of a filter or a formula. `code` is stable and starts with `expr.`; the sentence is made from it and `params` by
/// the reader's language.
///
/// | code | params | meaning |
/// |---|---|---|
/// | `expr.syntax` | `expected`, and `found` (what is written there) or `kind` (what it is: `end`, `list`) | something else was expected here |
/// | `expr.too_long` | `max` | more characters than allowed |
/// | `expr.too_deep` | `max` | nested deeper than allowed |
/// | `expr.too_large` | `max` | more parts than allowed |
/// | `expr.unknown_field` | `name`, `object`, `near` | the object has no such field |
/// | `expr.not_a_lookup` | `name`, `object` | a path goes through a field that leads nowhere |
/// | `expr.hops` | `max` | a path follows too many lookups |
/// | `expr.operator` | `field`, `type`, `op`, `allowed` | the type does not know the operator |
/// | `expr.value` | `field`, `code`, … | the value does not fit the field (with the code of the value's fault) |
/// | `expr.not_filterable` | `field`, `reason`, `function` | JSON; formulas computed when read, inside other formulas or with a function that no database computes |
/// | `expr.type` | `expected`, `found` | an expression of another type is needed |
/// | `expr.unknown_function` | `name`, `near` | no such function |
/// | `expr.arguments` | `function`, `min`, `max`, `found` | wrong number of arguments |
/// | `expr.cycle` | `path` | formulas that need each other |
/// | `expr.pattern` | `pattern`, `reason` (in English, of the library) | not a regular expression |
/// | `expr.number` | | a number with too many digits |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExprError {
    /// Stable code.
    pub code: Cow<'static, str>,
    /// Where; `None` = the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What the sentence needs.
    #[serde(default, skip_serializing_if = "Params::is_empty")]
    pub params: Params,
}

impl ExprError {
    /// A fault somewhere.
    #[must_use]
    pub fn new(code: &'static str) -> Self {
        Self { code: code.into(), place: None, params: Params::new() }
    }
    /// Something else was expected than what is written there.
    pub(crate) fn syntax(expected: &str, found: &str) -> Self {
        Self::new("expr.syntax").with("expected", expected).with("found", found)
    }
    /// Something else was expected than a thing of this kind.
    pub(crate) fn unlike(expected: &str, kind: &str) -> Self {
        Self::new("expr.syntax").with("expected", expected).with("kind", kind)
    }
    /// Says where.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place.get_or_insert(place);
        self
    }
    /// Says where in a text.
    #[must_use]
    pub fn span(self, at: usize, len: usize) -> Self {
        self.at(Place::Text { at, len })
    }
    /// Adds a parameter.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<serde_json::Value>) -> Self {
        self.params.insert(key.to_owned(), value.into());
        self
    }
    /// As a fault of a field (or of the parameter `filter`), the place among the parameters.
    #[must_use]
    pub fn for_field(self, field: &str) -> crate::FieldError {
        let mut e = crate::FieldError { field: field.to_owned(), code: self.code, params: self.params };
        match self.place {
            Some(Place::Text { at, len }) => {
                e.params.insert("at".into(), at.into());
                e.params.insert("len".into(), len.into());
            }
            Some(Place::Pointer(p)) => {
                e.params.insert("pointer".into(), p.into());
            }
            None => {}
        }
        e
    }
}

impl fmt::Display for ExprError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)?;
        match &self.place {
            Some(Place::Text { at, .. }) => write!(f, " at character {}", at + 1)?,
            Some(Place::Pointer(p)) => write!(f, " at {p}")?,
            None => {}
        }
        for (i, (k, v)) in self.params.iter().enumerate() {
            write!(f, "{} {k}: {v}", if i == 0 { ":" } else { "," })?;
        }
        Ok(())
    }
}
impl std::error::Error for ExprError {}

/// A path that exists: how to write it and what is at its end.
#[derive(Debug, Clone)]
pub struct Reached<'m> {
    /// The path.
    pub path: Path,
    /// The object that has the last field.
    pub object: &'m ObjectDef,
    /// The last field; `id`, `version` and `deleted_at` are made up.
    pub field: Cow<'m, FieldDef>,
}

/// The definition a record field answers to: `id` is like a reference to its own object.
fn record_field(object: &ObjectDef, name: &str) -> Option<FieldDef> {
    let f = RecordField::parse(name)?;
    let ty = f.field_type().unwrap_or(FieldType::Ref { target: object.name.clone(), on_delete: OnDelete::Clear });
    Some(FieldDef::new(FieldName::lit(f.name()), f.label(), ty))
}

/// A field of an object that is in use.
fn field_of<'m>(object: &'m ObjectDef, name: &str) -> Option<Cow<'m, FieldDef>> {
    object.field(name).filter(|f| !f.retired).map(Cow::Borrowed).or_else(|| record_field(object, name).map(Cow::Owned))
}

/// The known name nearest to a mistyped one, if one is near.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name: Vec<char> = name.chars().take(60).collect();
    let limit = name.len().div_ceil(3).clamp(1, 3);
    known.map(|k| (distance(&name, k), k)).filter(|(d, _)| *d <= limit).min().map(|(_, k)| k)
}

/// Edits between two short words.
fn distance(a: &[char], b: &str) -> usize {
    let mut row: Vec<usize> = (0..=a.len()).collect();
    for (i, cb) in b.chars().enumerate() {
        let mut last = row[0];
        row[0] = i + 1;
        for (j, ca) in a.iter().enumerate() {
            let cost = last + usize::from(!ca.eq_ignore_ascii_case(&cb));
            last = row[j + 1];
            row[j + 1] = cost.min(last + 1).min(row[j] + 1);
        }
    }
    row[a.len()]
}

/// Follows a written path (`account_id.level`) from an object. The error has no place yet.
///
/// # Errors
/// `expr.unknown_field`, `expr.not_a_lookup`, `expr.hops`.
pub fn reach<'m>(model: &'m Model, object: &'m ObjectDef, written: &str) -> Result<Reached<'m>, ExprError> {
    let mut hops = vec![];
    let mut here = object;
    let mut parts = written.split('.').peekable();
    while let Some(part) = parts.next() {
        let field = field_of(here, part).ok_or_else(|| {
            let mut e = ExprError::new("expr.unknown_field")
                .with("name", part.chars().take(60).collect::<String>())
                .with("object", here.name.as_str());
            if let Some(near) = nearest(part, here.live().map(|(_, f)| f.name.as_str())) {
                e = e.with("near", near);
            }
            e
        })?;
        if parts.peek().is_none() {
            return Ok(Reached { path: Path { hops, field: field.name.clone() }, object: here, field });
        }
        if hops.len() == MAX_HOPS {
            return Err(ExprError::new("expr.hops").with("max", MAX_HOPS));
        }
        let target = (!field.ty.is_many()).then(|| field.ty.target()).flatten();
        let next = target.and_then(|t| model.object(&t));
        let Some(next) = next else {
            return Err(ExprError::new("expr.not_a_lookup").with("name", part).with("object", here.name.as_str()));
        };
        hops.push((field.name.clone(), next.name.clone()));
        here = next;
    }
    Err(ExprError::new("expr.unknown_field").with("name", "").with("object", here.name.as_str()))
}

/// The object at the end of a path and the field there, for a path that was checked before against this model or an older one.
#[must_use]
pub fn end<'m>(model: &'m Model, object: &'m ObjectDef, path: &Path) -> Option<(&'m ObjectDef, Cow<'m, FieldDef>)> {
    let object = match path.hops.last() {
        Some((_, o)) => model.object(o)?,
        None => object,
    };
    Some((object, field_of(object, &path.field)?))
}

/// A path as it is written.
#[must_use]
pub fn written(path: &Path) -> String {
    let mut s = String::new();
    for (f, _) in &path.hops {
        s.push_str(f);
        s.push('.');
    }
    s.push_str(&path.field);
    s
}
