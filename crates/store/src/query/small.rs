//! Titles of records, and which of some records a rule reaches.

use std::{collections::BTreeMap, sync::Arc};

use rapport_policy::RowRule;
use rapport_schema::{Millis, Model, ObjectDef, ObjectName, RecordId, query::Filter};

use super::{json::title_column, page::of_ids};
use crate::{
    Bin, Result, Select,
    compile::{
        Cx,
        filter::{self, Index},
        rule,
    },
    reads::Reads,
    sql::Param,
};

/// Most ids asked for in one statement.
const CHUNK: usize = 512;

/// The title column of an object's rows.
fn title(cx: &Cx<'_>, object: &Arc<ObjectDef>, alias: &str) -> String {
    title_column(&cx.shared.layout(object), alias)
}

/// Titles of records; those that do not exist are left out.
pub(crate) async fn titles(
    src: &mut impl Reads,
    model: &Arc<Model>,
    refs: &[(ObjectName, RecordId)],
) -> Result<Vec<(ObjectName, RecordId, String)>> {
    let mut by: BTreeMap<&ObjectName, Vec<RecordId>> = BTreeMap::new();
    for (o, i) in refs {
        by.entry(o).or_default().push(*i);
    }
    let shared = src.shared().clone();
    let mut out = vec![];
    for (name, mut ids) in by {
        let Some(object) = model.object(name) else { continue };
        ids.sort_unstable();
        ids.dedup();
        for chunk in ids.chunks(CHUNK) {
            let mut cx = Cx::new(model, &shared, Millis(0));
            let list = cx.sql.slots(chunk.iter().map(|i| Param::Id(*i)));
            let text = format!("SELECT t.\"id\", {} FROM {} t WHERE t.\"id\" IN {list}", title(&cx, object, "t"), cx.table(name));
            cx.sql.raw(&text);
            let q = cx.sql.done();
            let object = name.clone();
            out = src
                .fetch(q, out, move |out: &mut Vec<(ObjectName, RecordId, String)>, r| {
                    if let Some(id) = r.id(0) {
                        out.push((object.clone(), id, r.text(1).unwrap_or_default().to_owned()));
                    }
                    Ok(())
                })
                .await?;
        }
    }
    Ok(out)
}

/// Of these records, those the rule reaches, deleted ones included.
pub(crate) async fn reachable(
    src: &mut impl Reads,
    model: &Arc<Model>,
    object: &Arc<ObjectDef>,
    rows: &RowRule,
    ids: &[RecordId],
    now: Millis,
) -> Result<Vec<RecordId>> {
    let mut out = vec![];
    if rows.is_nothing() {
        return Ok(out);
    }
    let shared = src.shared().clone();
    for chunk in ids.chunks(CHUNK) {
        let s = Select {
            model: model.clone(),
            object: object.clone(),
            rows: rows.clone(),
            beyond: Arc::default(),
            filter: Filter::True,
            text: None,
            sort: vec![],
            after: None,
            limit: 0,
            bin: Bin::Both,
            now,
            user: None,
        };
        let s = of_ids(s, chunk);
        let mut cx = Cx::new(model, &shared, now);
        let is = filter::condition(&mut cx, object, "t", &s.filter, Index::May)?;
        let may = rule::condition(&mut cx, object, "t", rows, Index::MayNot);
        let text = format!("SELECT t.\"id\" FROM {} t WHERE {is} AND {may}", cx.table(&object.name));
        cx.sql.raw(&text);
        let q = cx.sql.done();
        out = src
            .fetch(q, out, |out: &mut Vec<RecordId>, r| {
                out.extend(r.id(0));
                Ok(())
            })
            .await?;
    }
    Ok(out)
}
