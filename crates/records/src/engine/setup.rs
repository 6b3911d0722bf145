//! The records every installation starts with.

use async_recursion::async_recursion as boxed;
use std::{collections::HashMap, sync::Arc};

use rapport_policy::{Reason, SystemScope};
use rapport_schema::{
    Locale, ObjectDef, Record,
    load::{SOURCE, Shipped, ShippedValue},
};
use rapport_store::Bin;

use crate::{Engine, Error, JsonMap, Result, Unit, WriteOptions, q};

/// More shipped records than an object will ever have.
const ALL: u32 = 10_000;

/// The shipped records of one object, and those of them that are there, the recycle bin included, by external id.
struct Group<'r> {
    records: &'r [Shipped],
    object: Arc<ObjectDef>,
    there: HashMap<String, Record>,
}

/// Shipped records by object, objects the model has only. Records come after those they point to, so each object is one group.
async fn groups<'r>(u: &mut Unit<'_>, records: &'r [Shipped]) -> Result<Vec<Group<'r>>> {
    let mut out = vec![];
    for records in records.chunk_by(|a, b| a.object == b.object) {
        let name = &records[0].object;
        if !u.has(name) {
            continue;
        }
        let object = u.object(name)?;
        let found = u.find_in(name, q::eq("source_system", SOURCE), ALL, Bin::Both).await?;
        let id = |r: Record| Some((r.get(&object, "external_id").as_text()?.to_owned(), r));
        let there = found.into_iter().filter_map(id).collect();
        out.push(Group { records, object, there });
    }
    Ok(out)
}

impl Engine {
    /// Makes the shipped records that are not there yet, in the language of the workspace and in one transaction; answers how
    /// many it made. Records an administrator changed or deleted stay as they are; in a workspace that began with an older program, what does
    /// not fit beside its own records is left out.
    ///
    /// # Errors
    /// A shipped record that the pipeline refuses, or the database.
    #[boxed]
    pub async fn install(&self, records: &[Shipped], locale: Locale) -> Result<usize> {
        let scope = SystemScope::because(Reason::Setup);
        let mut prepared = self.prepare(WriteOptions::default()).await?;
        prepared.cause.act = Some("setup".into());
        let records: Arc<Vec<Shipped>> = Arc::new(records.to_vec());
        self.job(&scope, prepared, move |u| {
            let records = records.clone();
            Box::pin(async move {
                let mut made = 0;
                let groups = groups(u, &records).await?;
                let begun = groups.iter().any(|g| !g.there.is_empty());
                for g in groups {
                    for r in g.records.iter().filter(|r| !g.there.contains_key(&r.external_id)) {
                        let (object, json) = (g.object.name.clone(), r.json(locale));
                        match u.apart(|u| Box::pin(async move { u.create(&object, &json).await })).await {
                            Ok(_) => made += 1,
                            // A workspace may have given itself what came to be shipped later, under the same name: its own stays.
                            Err(Error::Invalid(why)) if begun => {
                                tracing::warn!(object = %g.object.name, record = r.external_id, ?why, "a shipped record is left out");
                            }
                            Err(e) => return Err(e),
                        }
                    }
                }
                Ok(made)
            })
        })
        .await
    }

    /// Puts names of shipped records into another language, where they still are as they were installed: the language of a
    /// workspace is known for certain only when its first administrator sets it up. Answers how many records changed.
    ///
    /// # Errors
    /// A name that the pipeline refuses, or the database.
    #[boxed]
    pub async fn reword(&self, records: &[Shipped], to: Locale) -> Result<usize> {
        let scope = SystemScope::because(Reason::Setup);
        let mut prepared = self.prepare(WriteOptions::default()).await?;
        prepared.cause.act = Some("setup".into());
        let records: Arc<Vec<Shipped>> = Arc::new(records.to_vec());
        self.job(&scope, prepared, move |u| {
            let records = records.clone();
            Box::pin(async move {
                let mut changed = 0;
                for g in groups(u, &records).await? {
                    for (shipped, now) in g.records.iter().filter_map(|r| Some((r, g.there.get(&r.external_id)?))) {
                        let mut data = JsonMap::new();
                        for (field, value) in &shipped.values {
                            let ShippedValue::Text(l) = value else { continue };
                            let is = now.get(&g.object, field).as_text().map(str::to_owned);
                            if is.is_some_and(|t| t != l.get(to) && (t == l.en || t == l.zh)) {
                                data.insert(field.to_string(), l.get(to).into());
                            }
                        }
                        // What is in the recycle bin is out of sight anyhow.
                        if !data.is_empty() && now.deleted_at.is_none() {
                            u.update(&g.object.name, now.id, &data, None).await?;
                            changed += 1;
                        }
                    }
                }
                Ok(changed)
            })
        })
        .await
    }
}
