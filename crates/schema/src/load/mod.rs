//! The model's files to a [`Model`], with every fault at once as `file:line: reason` (format: docs/model-format.md).

mod defaults;
mod dormant;
mod field;
mod flaw;
pub use defaults::{SOURCE, Shipped, ShippedValue, defaults};
pub(crate) use object::result_of;
mod object;
mod picklist;
mod reader;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, fmt, sync::Arc};

use indexmap::{IndexMap, IndexSet};

use crate::{FieldError, FieldName, Model, ObjectName};
use flaw::{Flaw, Word};
use reader::Doc;

/// One file of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source<'a> {
    /// Path below `model/`, with `/`: `objects/customer/account.toml`. The first folder says what the file holds.
    pub path: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// One fault of a model file.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// Path as given in [`Source`].
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong, in plain words.
    pub reason: String,
    /// The same as a code with its parameters: for readers of either language. Its field is the place: `account.amount`.
    pub cause: FieldError,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.reason)
    }
}

/// All faults of a model, by file and line.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// In order, each once.
    fn of(mut all: Vec<Fault>) -> Self {
        all.sort_by(|a, b| (&a.file, a.line, &a.reason).cmp(&(&b.file, b.line, &b.reason)));
        all.dedup();
        Self(all)
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, x) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            x.fmt(f)?;
        }
        Ok(())
    }
}

/// A field that waits for objects which are planned and not declared yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dormant {
    /// Its object.
    pub object: ObjectName,
    /// The field.
    pub field: FieldName,
    /// What it waits for: a planned object, or a dormant field it is computed from.
    pub waits_for: String,
}

/// What the files say.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The model, checked.
    pub model: Model,
    /// Fields left out because they point only to planned objects.
    pub dormant: Vec<Dormant>,
    /// Names of the planned objects.
    pub planned: IndexSet<ObjectName>,
}

/// Where things were said: object name and path inside it (`field.amount`, `list.level`) to file and line.
#[derive(Default)]
pub(crate) struct Spots<'a>(HashMap<String, (&'a str, usize)>);

impl<'a> Spots<'a> {
    fn put(&mut self, object: &str, path: &str, file: &'a str, line: usize) {
        self.0.insert(format!("{object}/{path}"), (file, line));
    }
    /// The place of a path, or of the nearest thing around it.
    fn find(&self, object: &str, path: &str) -> Option<(&'a str, usize)> {
        let mut p = path;
        loop {
            if let Some(s) = self.0.get(&format!("{object}/{p}")) {
                return Some(*s);
            }
            if p.is_empty() {
                return None;
            }
            p = p.rsplit_once('.').map_or("", |(head, _)| head);
        }
    }
}

/// Reads `objects/**`, `picklists/*`, `planned.toml` and `organisation.toml`; `defaults/*` is read by [`defaults`].
///
/// # Errors
/// Every fault of every file, sorted by file and line.
pub fn load(sources: &[Source<'_>]) -> Result<Loaded, Faults> {
    read(None, sources)
}

/// Reads an administrator's text onto a model: new objects (`[[object]]`), picklists (`[picklist.name]`) and fields for objects that
/// are there (`[[extend]]`: `name` and `[[extend.section]]` with `fields`; a section that is there needs its `key` only). What else
/// stands in the text is for others. The whole is checked.
///
/// # Errors
/// Every fault, sorted by line; its file is `custom`.
pub fn extend(base: &Model, text: &str) -> Result<Model, Faults> {
    read(Some(base), &[Source { path: "custom", text }]).map(|l| Model { version: base.version, ..l.model })
}

fn read(base: Option<&Model>, sources: &[Source<'_>]) -> Result<Loaded, Faults> {
    let mut faults = vec![];
    let mut spots = Spots::default();
    let mut objects: IndexMap<ObjectName, crate::ObjectDef> = IndexMap::new();
    let mut picklists = IndexMap::new();
    if let Some(b) = base {
        objects.extend(b.objects.iter().map(|(n, o)| (n.clone(), crate::ObjectDef::clone(o))));
        picklists.extend(b.picklists.iter().map(|(n, p)| (n.clone(), crate::Picklist::clone(p))));
    }
    let mut planned: IndexSet<ObjectName> = IndexSet::new();
    let mut planned_lines: Vec<(ObjectName, &str, usize)> = vec![];
    let mut derived = vec![];
    let (mut currency, mut zone) =
        base.map_or_else(|| ("CNY".to_owned(), "Asia/Shanghai".to_owned()), |b| (b.currency.clone(), b.zone.clone()));

    for s in sources {
        let doc = Doc::new(s.path, s.text);
        let Some(root) = doc.parse(&mut faults) else { continue };
        let t = doc.root(&root);
        match s.path.split('/').next().unwrap_or_default() {
            "objects" => object::read(t, &mut objects, &mut spots, &mut derived, &mut faults),
            "custom" => {
                if let Some(sets) = t.table("picklist", "picklist", &mut faults) {
                    picklist::read(&sets, &mut picklists, &mut faults);
                }
                for o in t.tables("object", "object", &mut faults) {
                    object::read(o, &mut objects, &mut spots, &mut derived, &mut faults);
                }
                for o in t.tables("extend", "object", &mut faults) {
                    object::extend(o, &mut objects, &mut spots, &mut derived, &mut faults);
                }
            }
            "picklists" => picklist::read(&t, &mut picklists, &mut faults),
            "planned.toml" => {
                for (name, line) in t.strings("objects", &mut faults) {
                    if let Some(n) = t.good(ObjectName::new(&name), line, &mut faults) {
                        planned_lines.push((n.clone(), s.path, line));
                        planned.insert(n);
                    }
                }
                t.finish(&mut faults);
            }
            "organisation.toml" => {
                if let Some((c, line)) = t.text("currency", &mut faults) {
                    if c.len() != 3 || !c.bytes().all(|b| b.is_ascii_uppercase()) {
                        let flaw = Flaw::Form { key: "currency".into(), wanted: Word::CURRENCY, value: c.clone() };
                        t.fault_at(line, flaw, &mut faults);
                    }
                    currency = c;
                }
                if let Some((z, line)) = t.text("zone", &mut faults) {
                    if !z.contains('/') {
                        let flaw = Flaw::Form { key: "zone".into(), wanted: Word::ZONE, value: z.clone() };
                        t.fault_at(line, flaw, &mut faults);
                    }
                    zone = z;
                }
                t.finish(&mut faults);
            }
            _ => {}
        }
    }

    for (name, file, line) in planned_lines {
        if objects.contains_key(&name) {
            faults.push(Fault {
                file: file.into(),
                line,
                reason: format!("object `{name}` is declared, so it is no longer planned"),
                cause: FieldError { field: name.to_string(), ..Flaw::Twice.cause() },
            });
        }
    }
    let dormant = dormant::lay_to_rest(&mut objects, &planned);
    object::derive_results(&mut objects, &derived);
    for o in objects.values_mut() {
        o.reindex();
    }
    let model = Model {
        version: 1,
        objects: objects.into_iter().map(|(n, o)| (n, Arc::new(o))).collect(),
        picklists: picklists.into_iter().map(|(n, p)| (n, Arc::new(p))).collect(),
        currency,
        zone,
    };
    faults.extend(crate::check::check(&model).into_iter().map(|p| {
        let (file, line) = spots.find(&p.object, &p.path).unwrap_or(("model", 1));
        let place = p.path.strip_prefix("field.").unwrap_or(&p.path);
        let field = if place.is_empty() { p.object.to_string() } else { format!("{}.{place}", p.object) };
        Fault { file: file.into(), line, reason: p.reason, cause: FieldError { field, ..p.cause } }
    }));
    if faults.is_empty() { Ok(Loaded { model, dormant, planned }) } else { Err(Faults::of(faults)) }
}
