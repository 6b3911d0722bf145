//! The shipped model: the files under `model/`, checked when the product is built and embedded in it.
#![forbid(unsafe_code)]

use std::sync::OnceLock;

pub use rapport_schema::load::{SOURCE, Shipped, ShippedValue};
use rapport_schema::{
    Model,
    load::{self, Dormant, Loaded, Source},
};

include!(concat!(env!("OUT_DIR"), "/files.rs"));

fn loaded() -> &'static Loaded {
    static LOADED: OnceLock<Loaded> = OnceLock::new();
    LOADED.get_or_init(|| {
        let sources: Vec<Source<'_>> = FILES.iter().map(|(path, text)| Source { path, text }).collect();
        load::load(&sources).expect("the build checked the same files")
    })
}

/// The shipped model. Parsed once; the copy is cheap (objects and picklists are shared).
#[must_use]
pub fn shipped() -> Model {
    loaded().model.clone()
}

/// Fields of the domain model that wait for planned objects, with what they wait for.
#[must_use]
pub fn dormant() -> &'static [Dormant] {
    &loaded().dormant
}

/// Objects of the domain model that are planned and not declared yet.
pub fn planned() -> impl Iterator<Item = &'static str> {
    loaded().planned.iter().map(|n| n.as_str())
}

/// The records every new installation starts with: roles, pipelines and stages, currencies, taxes, working time, tags, duplicate
/// rules, pools.
#[derive(Debug, Clone, PartialEq)]
pub struct Defaults {
    /// Each after those it points to.
    pub records: Vec<Shipped>,
}

impl Defaults {
    /// The records of one object, in order.
    pub fn of<'d>(&'d self, object: &'d str) -> impl Iterator<Item = &'d Shipped> {
        self.records.iter().filter(move |r| r.object == *object)
    }
    /// One record by `object.key`.
    #[must_use]
    pub fn get(&self, external_id: &str) -> Option<&Shipped> {
        self.records.iter().find(|r| r.external_id == external_id)
    }
}

/// The shipped records. Parsed once.
#[must_use]
pub fn defaults() -> &'static Defaults {
    static DEFAULTS: OnceLock<Defaults> = OnceLock::new();
    DEFAULTS.get_or_init(|| {
        let sources: Vec<Source<'_>> = FILES.iter().map(|(path, text)| Source { path, text }).collect();
        Defaults { records: load::defaults(&sources, loaded()).expect("the build checked the same files") }
    })
}

/// The texts of the model's files, by path below `model/`: for tools that show or rebuild them.
pub fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES.iter().copied()
}
