//! Search over several objects: candidates from the index, narrowed and capped, then judged by the rule on the row itself.

use std::sync::Arc;

use rapport_policy::{Reached, RowRule};
use rapport_schema::{FieldIx, FieldType, ObjectDef, Record, Value, codec::Form};
use rapport_text::terms::{Query, TermSink, highlight, highlight_pinyin, query_terms};

use crate::{
    Hit, Result, Search, SearchScope,
    compile::{Cx, and, col, filter::Index, rule},
    fts,
    reads::Reads,
};

/// Candidates taken from the index when it can tell what the person may see.
const CAP: u32 = 200;
/// Candidates taken when only the row tells.
const WIDE: u32 = 4_000;
/// Rows judged and scored per object.
const SCORED: u32 = 100;

/// Searches.
pub(crate) async fn search(src: &mut impl Reads, s: Search) -> Result<Vec<Hit>> {
    let q = query_terms(&s.text);
    if q.groups.is_empty() || s.limit == 0 {
        return Ok(vec![]);
    }
    let mut hits = vec![];
    for scope in s.scopes.iter().filter(|x| !x.rows.is_nothing()) {
        hits.extend(one(src, &s, scope, &q).await?);
    }
    // Equal scores: newest first (ids grow with time).
    hits.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| b.id.cmp(&a.id)));
    hits.truncate(s.limit as usize);
    fill_subtitles(src, &s, &mut hits).await?;
    Ok(hits.into_iter().map(|h| h.hit).collect())
}

struct Found {
    hit: Hit,
    record: Record,
    object: Arc<ObjectDef>,
    fields: Arc<Vec<FieldIx>>,
}
impl std::ops::Deref for Found {
    type Target = Hit;
    fn deref(&self) -> &Hit {
        &self.hit
    }
}

/// The part of a rule that names single records.
fn singles(rule: &RowRule) -> Vec<&Reached> {
    rule.ways().iter().filter(|w| matches!(w, Reached::Team { .. } | Reached::Shared { .. } | Reached::Ids(_))).collect()
}

async fn one(src: &mut impl Reads, s: &Search, scope: &SearchScope, q: &Query) -> Result<Vec<Found>> {
    let shared = src.shared().clone();
    let o = &scope.object;
    let layout = shared.layout(o);
    let mut cx = Cx::new(&s.model, &shared, s.now);
    let table = cx.table(&o.name);
    let (tail, _) = shared.dialect.tail();
    let narrow = fts::narrow(o, &scope.rows);
    let cap = if scope.rows.is_all() || narrow.is_some() { CAP } else { WIDE };
    let mut sources = vec![fts::candidates(&mut cx, &o.name, q, narrow.as_ref(), None, cap)];
    if narrow.is_some() && !singles(&scope.rows).is_empty() {
        let ids = rule::singles(&mut cx, o, "v", &scope.rows);
        let only = format!("SELECT {} FROM {table} v WHERE {ids}", col("v", tail));
        sources.push(fts::candidates(&mut cx, &o.name, q, None, Some(&only), CAP));
    }
    let sources: Vec<String> = sources.into_iter().map(|x| format!("SELECT tail FROM ({x}) s")).collect();
    let mut w = vec!["t.\"deleted_at\" IS NULL".to_owned()];
    if !scope.rows.is_all() {
        w.push(rule::condition(&mut cx, o, "t", &scope.rows, Index::MayNot));
    }
    let at = col("t", tail);
    let join = if shared.dialect.is_pg() { "JOIN" } else { "CROSS JOIN" };
    let on = if shared.dialect.is_pg() { format!("ON {at} = c.tail WHERE") } else { format!("WHERE {at} = c.tail AND") };
    let text = format!(
        "SELECT {} FROM ({}) c {join} {table} t {on} {} ORDER BY c.tail DESC LIMIT {SCORED}",
        layout.select_all,
        sources.join(" UNION "),
        and(&w)
    );
    cx.sql.raw(&text);
    let built = cx.sql.done();
    let form = Form::of(&s.model);
    let l = layout.clone();
    let rows = src
        .fetch(built, vec![], move |out: &mut Vec<Record>, r| {
            out.push(l.record(r, form));
            Ok(())
        })
        .await?;
    let allowed: Arc<Vec<FieldIx>> =
        Arc::new(scope.fields.iter().copied().filter(|ix| fts::term_kind(o, *ix).is_some()).collect());
    let every = o
        .fields
        .iter()
        .enumerate()
        .filter_map(|(i, _)| u16::try_from(i).ok())
        .map(FieldIx)
        .filter(|ix| fts::term_kind(o, *ix).is_some());
    let hidden = every.into_iter().any(|ix| !allowed.contains(&ix));
    let mut sink = TermSink::new();
    let mut out = vec![];
    for r in rows {
        if hidden {
            // The index holds fields the caller may not see: the match must come from the others.
            sink.clear();
            fts::terms(o, &r, allowed.iter().copied(), &mut sink);
            if !q.matches(&sink) {
                continue;
            }
        }
        let title = if scope.fields.contains(&o.title_ix()) { title_text(&r[o.title_ix()]) } else { String::new() };
        let (score, highlights) = judge(o, &r, &allowed, &title, &s.text);
        out.push(Found {
            hit: Hit { object: o.name.clone(), id: r.id, title, subtitle: vec![], highlights, score },
            record: r,
            object: o.clone(),
            fields: Arc::new(scope.fields.clone()),
        });
    }
    Ok(out)
}

fn title_text(v: &Value) -> String {
    match v {
        Value::Text(t) => t.to_string(),
        Value::Int(n) => n.to_string(),
        _ => String::new(),
    }
}

type Highlights = Vec<(FieldIx, Vec<(usize, usize)>)>;

/// Own score: the title equal, starting, holding, sounding like what was typed; then other fields.
fn judge(o: &ObjectDef, r: &Record, allowed: &[FieldIx], title: &str, typed: &str) -> (f64, Highlights) {
    let (t, q) = (rapport_text::fold(title), rapport_text::fold(typed.trim()));
    let mut highlights: Highlights = vec![];
    for ix in allowed {
        let mut ranges = vec![];
        if *ix == o.title_ix() {
            ranges = highlight(title, typed);
            if ranges.is_empty() {
                ranges = highlight_pinyin(title, typed).map(|h| h.ranges).unwrap_or_default();
            }
        } else if let Value::Text(text) = &r[*ix] {
            ranges = highlight(text, typed);
        } else if let Value::Phone(p) = &r[*ix] {
            ranges = highlight(&p.raw, typed);
        }
        if !ranges.is_empty() {
            highlights.push((*ix, ranges));
        }
    }
    let score = if t.is_empty() {
        10.0
    } else if t == q {
        100.0
    } else if t.starts_with(&*q) {
        80.0
    } else if t.contains(&*q) {
        60.0
    } else if highlights.iter().any(|(ix, _)| *ix == o.title_ix()) {
        40.0
    } else {
        20.0
    };
    // Shorter titles are nearer to what was typed.
    let near = 1.0 / (1.0 + t.chars().count() as f64);
    (score + near, highlights)
}

/// Subtitles as text; references by their titles.
async fn fill_subtitles(src: &mut impl Reads, s: &Search, hits: &mut [Found]) -> Result<()> {
    let mut refs = vec![];
    let shown = |h: &Found| -> Vec<FieldIx> {
        h.object.subtitle.iter().filter_map(|n| h.object.ix(n)).filter(|ix| h.fields.contains(ix)).collect()
    };
    for h in hits.iter() {
        for ix in shown(h) {
            match (&h.record[ix], h.object.at(ix).ty.target()) {
                (Value::Ref(r), _) => refs.push((r.object.clone(), r.id)),
                (Value::Id(i), Some(t)) => refs.push((t, *i)),
                _ => {}
            }
        }
    }
    let titles = crate::query::titles(src, &s.model, &refs).await?;
    let find = |id| titles.iter().find(|(_, i, _)| *i == id).map(|(_, _, t)| t.clone());
    let form = Form::of(&s.model);
    for h in hits.iter_mut() {
        let mut out = vec![];
        for ix in shown(h) {
            let f = h.object.at(ix);
            let text = match &h.record[ix] {
                Value::Null => None,
                Value::Text(t) => Some(t.to_string()),
                Value::Phone(p) => Some(p.raw.to_string()),
                Value::Id(i) => find(*i),
                Value::Ref(r) => find(r.id),
                Value::Money(m) => Some(format!("{} {}", m.amount, m.currency)),
                Value::Addr(a) => {
                    let parts = [&a.province, &a.city, &a.district];
                    Some(parts.into_iter().flatten().map(smol_str::SmolStr::as_str).collect::<String>())
                }
                v if matches!(f.ty, FieldType::File | FieldType::Img | FieldType::Json) || v.is_empty() => None,
                v => match rapport_schema::codec::to_json(f, v, form) {
                    serde_json::Value::String(t) => Some(t),
                    serde_json::Value::Array(a) => Some(a.iter().filter_map(|x| x.as_str()).collect::<Vec<_>>().join(", ")),
                    j => Some(j.to_string()),
                },
            };
            out.extend(text.filter(|t| !t.is_empty()));
        }
        h.hit.subtitle = out;
    }
    Ok(())
}
