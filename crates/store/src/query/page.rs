//! Pages of rows, single rows, records and counts.

use std::sync::Arc;

use rapport_schema::{
    FieldName, Millis, Record, RecordId, Value,
    codec::Form,
    physical::{Cell, Class},
    query::{CountMode, Filter, Op, Operand, Path},
};

use super::{
    json::Writer,
    plan::{self, Way},
};
use crate::{
    Bin, Count, Cursor, Page, Result, Select, Shape,
    compile::{
        Cx, and, col,
        cursor::Position,
        filter::{self, Index},
        rule,
        sort::{self, Key, Phase},
    },
    fts,
    layout::Layout,
    reads::Reads,
    row::Row,
    sql::Built,
};

/// Counting up to here by default.
const CAPPED: i64 = 10_000;

/// The conditions of a selection other than its rule: bin, filter, search text.
fn conditions<'a>(cx: &mut Cx<'a>, s: &'a Select, ix: Index) -> Result<Vec<String>> {
    let mut v = vec![];
    match s.bin {
        Bin::Live => v.push("t.\"deleted_at\" IS NULL".to_owned()),
        Bin::Deleted => v.push("t.\"deleted_at\" IS NOT NULL".to_owned()),
        Bin::Both => {}
    }
    if s.filter != Filter::True {
        v.push(filter::condition(cx, &s.object, "t", &s.filter, ix)?);
    }
    if let Some(text) = s.text.as_deref().filter(|t| !t.trim().is_empty()) {
        v.push(fts::within(cx, &s.object, text));
    }
    Ok(v)
}

/// What a page query is made of.
struct Paging<'a> {
    select: &'a Select,
    keys: &'a [Key],
    way: Way,
    phase: Phase,
    after: Option<&'a Position>,
    limit: i64,
}

/// The statement of a page. `list` gives the columns over the row `t`; the sort keys and the tail are appended.
fn page_sql<'a>(mut cx: Cx<'a>, p: &Paging<'a>, list: &str) -> Result<Built> {
    let s = p.select;
    let table = cx.table(&s.object.name);
    let (tail, _) = cx.shared.dialect.tail();
    let tail_col = col("t", tail);
    let mut out = list.to_owned();
    let read = sort::columns(&mut cx, &s.object.name, p.keys)?;
    for c in &read {
        out.push(',');
        out.push_str(c);
    }
    out.push(',');
    out.push_str(&tail_col);
    let by_row = sort::order(p.keys, p.phase, |i| read[i].clone(), &tail_col);
    let limit = p.limit;
    let text = match p.way {
        Way::Free | Way::Walk | Way::Within => {
            // Along a value's rows the index serves filter and sort at once; without a rule the planner is free.
            let of_filter = if p.way == Way::Walk { Index::MayNot } else { Index::May };
            let mut w = conditions(&mut cx, s, of_filter)?;
            if !s.rows.is_all() {
                w.push(rule::condition(&mut cx, &s.object, "t", &s.rows, Index::MayNot));
            }
            w.extend(sort::bounds(&mut cx, p.keys, &read, p.phase, p.after, ""));
            format!("SELECT {out} FROM {table} t WHERE {} ORDER BY {by_row} LIMIT {limit}", and(&w))
        }
        Way::Branches { single } => {
            let branches = rule::branches(&mut cx, &s.object, "t", &s.rows, single);
            if branches.is_empty() {
                return Ok(Built { text: format!("SELECT {out} FROM {table} t WHERE 1=0").into(), params: vec![] });
            }
            let w = and(&conditions(&mut cx, s, Index::MayNot)?);
            let plus = cx.shared.dialect.unindexed();
            let along = and(&sort::bounds(&mut cx, p.keys, &read, p.phase, p.after, ""));
            let aside = and(&sort::bounds(&mut cx, p.keys, &read, p.phase, p.after, plus));
            let by_value = sort::order(p.keys, p.phase, |i| format!("{plus}{}", read[i]), &format!("{plus}{tail_col}"));
            let rest = |b: &rule::Branch| {
                let (bounds, order) = if b.ordered { (&along, &by_row) } else { (&aside, &by_value) };
                format!("{} AND {w} AND {bounds} ORDER BY {order} LIMIT {limit}", b.condition)
            };
            if let [only] = &branches[..] {
                format!("SELECT {out} FROM {table} t WHERE {}", rest(only))
            } else {
                // Each branch gives its first page of places; the merged page fetches its rows.
                let mut inner = format!("{tail_col} AS tail");
                for (i, c) in read.iter().enumerate() {
                    inner.push_str(&format!(", {c} AS k{i}"));
                }
                let parts: Vec<String> = branches
                    .iter()
                    .map(|b| format!("SELECT * FROM (SELECT {inner} FROM {table} t WHERE {}) b", rest(b)))
                    .collect();
                let by_key = sort::order(p.keys, p.phase, |i| format!("u.k{i}"), "u.tail");
                let by_place = sort::order(p.keys, p.phase, |i| format!("c.k{i}"), "c.tail");
                let join = if cx.shared.dialect.is_pg() { "JOIN" } else { "CROSS JOIN" };
                let on = if cx.shared.dialect.is_pg() {
                    format!("ON {tail_col} = c.tail")
                } else {
                    format!("WHERE {tail_col} = c.tail")
                };
                let names: Vec<String> =
                    std::iter::once("u.tail".to_owned()).chain((0..p.keys.len()).map(|i| format!("u.k{i}"))).collect();
                format!(
                    "SELECT {out} FROM (SELECT DISTINCT {} FROM ({}) u ORDER BY {by_key} LIMIT {limit}) c {join} {table} t {on} ORDER BY {by_place}",
                    names.join(", "),
                    parts.join(" UNION ALL ")
                )
            }
        }
    };
    cx.sql.raw(&text);
    Ok(cx.sql.done())
}

/// The phases a page may need, in order.
fn phases(keys: &[Key], after: Option<&Position>) -> &'static [Phase] {
    match keys.first() {
        Some(k) if k.nullable => match after.and_then(|p| p.keys.first()) {
            Some(Cell::Null) => &[Phase::Empty],
            _ => &[Phase::Filled, Phase::Empty],
        },
        _ => &[Phase::All],
    }
}

struct Prepared {
    layout: Arc<Layout>,
    keys: Vec<Key>,
    print: String,
    after: Option<Position>,
    way: Way,
    /// When formulas computed when read are judged: on later pages the instant of the first.
    at: Millis,
}

async fn prepare(src: &mut impl Reads, s: &Select) -> Result<Prepared> {
    let shared = src.shared().clone();
    let layout = shared.layout(&s.object);
    let keys = sort::keys(&layout, &s.sort);
    let print = sort::fingerprint(&keys);
    let classes: Vec<Class> = keys.iter().map(|k| k.class).collect();
    let after = s.after.as_ref().map(|c| Position::decode(c, &print, &classes, shared.dialect.tail().1)).transpose()?;
    let way = plan::choose(src, s, &keys, u64::from(s.limit) + 1).await?;
    let at = after.as_ref().and_then(|a| a.at).unwrap_or(s.now);
    Ok(Prepared { layout, keys, print, after, way, at })
}

/// Runs the phases of a page until `limit` rows are there. `sink` takes each row and the number of columns before its keys.
async fn run<A, F, M>(
    src: &mut impl Reads,
    s: &Select,
    p: &Prepared,
    limit: i64,
    make: M,
    mut acc: A,
    len: fn(&A) -> usize,
) -> Result<A>
where
    A: Send + 'static,
    F: FnMut(&mut A, Row<'_>) -> Result<()> + Send + 'static,
    M: Fn(&mut Cx<'_>) -> Result<(String, F)>,
{
    let shared = src.shared().clone();
    for phase in phases(&p.keys, p.after.as_ref()) {
        let left = limit - i64::try_from(len(&acc)).unwrap_or(i64::MAX);
        if left <= 0 {
            break;
        }
        // A position in the first phase bounds that phase only.
        let after = p.after.as_ref().filter(|a| !(*phase == Phase::Empty && a.keys.first() != Some(&Cell::Null)));
        let mut cx = Cx::of(s, &shared);
        cx.at.now = p.at;
        let (list, f) = make(&mut cx)?;
        let q = page_sql(cx, &Paging { select: s, keys: &p.keys, way: p.way, phase: *phase, after, limit: left }, &list)?;
        acc = src.fetch(q, acc, f).await?;
    }
    Ok(acc)
}

#[derive(Default)]
struct Rows {
    buf: Vec<u8>,
    len: usize,
    /// End of the last row that belongs to the page, and its place.
    last: Option<(Vec<Cell>, Cell)>,
    more: bool,
}

/// A page of rows as JSON.
pub(crate) async fn list(src: &mut impl Reads, s: Select, shape: Arc<Shape>) -> Result<Page> {
    if s.rows.is_nothing() || s.limit == 0 {
        return Ok(Page::default());
    }
    let p = prepare(src, &s).await?;
    let size = usize::try_from(s.limit).unwrap_or(usize::MAX);
    let tail_class = src.shared().dialect.tail().1;
    let classes: Vec<Class> = p.keys.iter().map(|k| k.class).collect();
    let layout = p.layout.clone();
    let bin = s.bin;
    let rows = run(
        src,
        &s,
        &p,
        i64::from(s.limit) + 1,
        |cx| {
            let (w, list, n) = Writer::new(cx, &layout, &shape, bin)?;
            let classes = classes.clone();
            let f = move |r: &mut Rows, row: Row<'_>| {
                if r.len == size {
                    r.more = true;
                    return Ok(());
                }
                if r.len > 0 {
                    r.buf.push(b',');
                }
                w.write(row, &mut r.buf);
                r.len += 1;
                if r.len == size {
                    let keys = classes.iter().enumerate().map(|(i, c)| row.cell(n + i, *c)).collect();
                    r.last = Some((keys, row.cell(n + classes.len(), tail_class)));
                }
                Ok(())
            };
            Ok((list, f))
        },
        Rows::default(),
        |r| r.len + usize::from(r.more),
    )
    .await?;
    let next = rows
        .last
        .filter(|_| rows.more)
        .map(|(keys, tail)| Position { keys, tail, at: p.keys.iter().any(|k| k.computed).then_some(p.at) }.encode(&p.print));
    Ok(Page { rows: rows.buf, len: rows.len, next })
}

/// Rows as records, and where to go on when there may be more: for walks over all of them.
pub(crate) async fn walk(src: &mut impl Reads, s: Select) -> Result<(Vec<Record>, Option<Cursor>)> {
    if s.rows.is_nothing() || s.limit == 0 {
        return Ok((vec![], None));
    }
    let p = prepare(src, &s).await?;
    let (form, layout) = (Form::of(&s.model), p.layout.clone());
    let classes: Vec<Class> = p.keys.iter().map(|k| k.class).chain([src.shared().dialect.tail().1]).collect();
    let columns = Layout::FIXED + layout.fields.iter().map(|f| f.cols.len()).sum::<usize>();
    let make = |_: &mut Cx<'_>| {
        let (l, classes) = (layout.clone(), classes.clone());
        let f = move |out: &mut (Vec<Record>, Vec<Cell>), row: Row<'_>| {
            out.0.push(l.record(row, form));
            out.1 = classes.iter().enumerate().map(|(i, c)| row.cell(columns + i, *c)).collect();
            Ok(())
        };
        Ok((layout.select_all.clone(), f))
    };
    let (rows, mut last) = run(src, &s, &p, i64::from(s.limit), make, (vec![], vec![]), |a| a.0.len()).await?;
    let full = rows.len() == usize::try_from(s.limit).unwrap_or(usize::MAX);
    let next = last.pop().filter(|_| full).map(|tail| Position { keys: last, tail, at: None }.encode(&p.print));
    Ok((rows, next))
}

/// Rows as records.
pub(crate) async fn records(src: &mut impl Reads, s: Select) -> Result<Vec<Record>> {
    if s.rows.is_nothing() || s.limit == 0 {
        return Ok(vec![]);
    }
    let p = prepare(src, &s).await?;
    let form = Form::of(&s.model);
    let layout = p.layout.clone();
    run(
        src,
        &s,
        &p,
        i64::from(s.limit),
        |_| {
            let l = layout.clone();
            let f = move |out: &mut Vec<Record>, row: Row<'_>| {
                out.push(l.record(row, form));
                Ok(())
            };
            Ok((layout.select_all.clone(), f))
        },
        vec![],
        Vec::len,
    )
    .await
}

/// One row as JSON with its version.
pub(crate) async fn get(src: &mut impl Reads, s: Select, id: RecordId, shape: Arc<Shape>) -> Result<Option<(Vec<u8>, i64)>> {
    if s.rows.is_nothing() {
        return Ok(None);
    }
    let shared = src.shared().clone();
    let layout = shared.layout(&s.object);
    let mut cx = Cx::of(&s, &shared);
    let (w, list, _) = Writer::new(&mut cx, &layout, &shape, s.bin)?;
    let slot = cx.sql.slot(crate::sql::Param::Id(id));
    let mut c = vec![format!("t.\"id\" = {slot}")];
    c.extend(conditions(&mut cx, &s, Index::MayNot)?);
    if !s.rows.is_all() {
        c.push(rule::condition(&mut cx, &s.object, "t", &s.rows, Index::MayNot));
    }
    let text = format!("SELECT {list} FROM {} t WHERE {}", cx.table(&s.object.name), and(&c));
    cx.sql.raw(&text);
    let q = cx.sql.done();
    src.fetch(q, None, move |out, row| {
        let mut buf = Vec::with_capacity(1_024);
        w.write(row, &mut buf);
        *out = Some((buf, row.int(1).unwrap_or(0)));
        Ok(())
    })
    .await
}

/// Counts rows.
pub(crate) async fn count(src: &mut impl Reads, s: Select, mode: CountMode) -> Result<Option<Count>> {
    if mode == CountMode::None {
        return Ok(None);
    }
    if s.rows.is_nothing() {
        return Ok(Some(Count { value: 0, capped: false }));
    }
    let shared = src.shared().clone();
    let limit = if mode == CountMode::Capped { Some(CAPPED + 1) } else { None };
    let everything = s.rows.is_all() && s.filter == Filter::True && s.text.is_none() && s.bin == Bin::Live;
    let way = plan::choose(src, &s, &[], 1_000).await?;
    let mut cx = Cx::of(&s, &shared);
    let table = cx.table(&s.object.name);
    let tail = col("t", shared.dialect.tail().0);
    let cap = limit.map_or(String::new(), |l| format!(" LIMIT {l}"));
    let text = match way {
        // The narrowest index counts all rows, and the recycle bin has its own.
        _ if everything && limit.is_none() => {
            format!("SELECT (SELECT count(*) FROM {table}) - (SELECT count(*) FROM {table} t WHERE t.\"deleted_at\" IS NOT NULL)")
        }
        Way::Branches { .. } => {
            let branches = rule::branches(&mut cx, &s.object, "t", &s.rows, false);
            let w = and(&conditions(&mut cx, &s, Index::MayNot)?);
            let parts: Vec<String> =
                branches.iter().map(|b| format!("SELECT {tail} AS tail FROM {table} t WHERE {} AND {w}", b.condition)).collect();
            match &parts[..] {
                [] => "SELECT CAST(0 AS BIGINT)".to_owned(),
                [one] => format!("SELECT count(*) FROM ({one}{cap}) u"),
                many => format!("SELECT count(*) FROM (SELECT tail FROM ({}) v GROUP BY tail{cap}) u", many.join(" UNION ALL ")),
            }
        }
        Way::Free | Way::Walk | Way::Within => {
            let mut w = conditions(&mut cx, &s, Index::May)?;
            if !s.rows.is_all() {
                w.push(rule::condition(&mut cx, &s.object, "t", &s.rows, Index::MayNot));
            }
            format!("SELECT count(*) FROM (SELECT 1 AS x FROM {table} t WHERE {}{cap}) u", and(&w))
        }
    };
    cx.sql.raw(&text);
    let q = cx.sql.done();
    let n = src
        .fetch(q, 0, |n, r| {
            *n = r.int(0).unwrap_or(0);
            Ok(())
        })
        .await?;
    let capped = limit.is_some_and(|l| n >= l);
    Ok(Some(Count { value: u64::try_from(if capped { CAPPED } else { n }).unwrap_or(0), capped }))
}

/// A selection of the rows with these ids.
pub(crate) fn of_ids(mut s: Select, ids: &[RecordId]) -> Select {
    let path = Path::own(FieldName::lit("id"));
    let f = Filter::Cmp { path, op: Op::In, operand: Operand::Many(ids.iter().map(|i| Value::Id(*i)).collect()) };
    s.filter = if s.filter == Filter::True { f } else { Filter::And(vec![f, s.filter]) };
    s
}

/// The statements of a page, for tests that look at their plans.
#[cfg(test)]
pub(crate) async fn statements(src: &mut impl Reads, s: &Select) -> Result<(Way, Vec<Built>)> {
    let p = prepare(src, s).await?;
    let shared = src.shared().clone();
    let mut out = vec![];
    for phase in phases(&p.keys, p.after.as_ref()) {
        let cx = Cx::of(s, &shared);
        let paging =
            Paging { select: s, keys: &p.keys, way: p.way, phase: *phase, after: p.after.as_ref(), limit: i64::from(s.limit) };
        out.push(page_sql(cx, &paging, &p.layout.select_all)?);
    }
    Ok((p.way, out))
}
