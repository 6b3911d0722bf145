//! Groups and measures.

use rapport_schema::{
    FieldType, ObjectDef, RecordRef, Value, codec,
    physical::{Cell, Class},
    query::{AggFn, Bucket, GroupKey, Measure},
};
use rust_decimal::Decimal;
use smallvec::SmallVec;

use super::plan::{self, Way};
use crate::{
    AggRow, Aggregate, Bin, Result, Select, StoreError,
    compile::{
        Cx, and, col,
        column::{End, Reached, is_date, is_instant, order_class, order_suffix, places},
        filter::{self, Index},
        rule,
    },
    fts,
    reads::Reads,
    row::Row,
    sql::Param,
};

/// How a column of the answer becomes a value.
#[derive(Debug, Clone)]
enum Read {
    /// A count.
    Int(usize),
    /// A stored number of so many places.
    Scaled(usize, u32),
    /// A sum as text, of so many places.
    Sum(usize, u32),
    /// A sum and a count.
    Avg(usize, u32),
    /// A cell of a field of this class read by the codec.
    Field(usize, Class, Box<rapport_schema::FieldDef>),
    /// A date as text.
    Date(usize),
    /// An instant.
    Time(usize),
    Text(usize),
    Id(usize),
    /// Object and id.
    Ref(usize),
}

fn bad(what: &str) -> StoreError {
    StoreError::Driver(format!("aggregate: {what}"))
}

fn decimal(r: Row<'_>, i: usize, scale: u32) -> Value {
    r.text(i)
        .and_then(|t| t.parse::<i128>().ok())
        .and_then(|n| Decimal::try_from_i128_with_scale(n, scale).ok())
        .map_or(Value::Null, Value::Dec)
}

impl Read {
    fn value(&self, r: Row<'_>, form: codec::Form) -> Value {
        match self {
            Self::Int(i) => r.int(*i).map_or(Value::Null, Value::Int),
            Self::Scaled(i, s) => r.int(*i).map_or(Value::Null, |n| Value::Dec(Decimal::new(n, *s))),
            Self::Sum(i, s) => decimal(r, *i, *s),
            Self::Avg(i, s) => match (decimal(r, *i, *s), r.int(i + 1)) {
                (Value::Dec(sum), Some(n)) if n > 0 => {
                    // Half up at the field's scale; whole numbers get four places.
                    Value::Dec(rapport_schema::money::round_half_up(sum / Decimal::from(n), if *s == 0 { 4 } else { *s }))
                }
                _ => Value::Null,
            },
            Self::Field(i, c, f) => {
                let cells: SmallVec<[Cell; 1]> = SmallVec::from_iter([r.cell(*i, *c)]);
                if cells[0] == Cell::Null { Value::Null } else { codec::from_cells(f, &cells, form) }
            }
            Self::Date(i) => r.text(*i).and_then(codec::parse_date).map_or(Value::Null, Value::Date),
            Self::Time(i) => r.int(*i).map_or(Value::Null, |t| Value::DateTime(rapport_schema::Millis(t))),
            Self::Text(i) => r.text(*i).map_or(Value::Null, Value::from),
            Self::Id(i) => r.id(*i).map_or(Value::Null, Value::Id),
            Self::Ref(i) => match (r.text(*i).and_then(|o| rapport_schema::ObjectName::new(o).ok()), r.id(i + 1)) {
                (Some(object), Some(id)) => Value::Ref(RecordRef { object, id }),
                _ => Value::Null,
            },
        }
    }
}

struct Parts {
    list: Vec<String>,
    group: Vec<String>,
    joins: Vec<String>,
    keys: Vec<Read>,
    values: Vec<Read>,
    /// Per measure: what to order by.
    order: Vec<String>,
}

impl Parts {
    fn put(&mut self, e: String) -> usize {
        self.list.push(e);
        self.list.len() - 1
    }
    fn group(&mut self, e: String) -> usize {
        self.group.push(e.clone());
        self.put(e)
    }
}

fn key<'a>(cx: &mut Cx<'a>, p: &mut Parts, object: &'a ObjectDef, k: &GroupKey) -> Result<()> {
    let r = cx.reach(object, "t", &k.path)?.ok_or_else(|| bad("unknown group field"))?;
    let f = match r.end {
        End::Record(f) => {
            let i = p.group(r.read(""));
            p.keys.push(match f {
                rapport_schema::system::RecordField::Id => Read::Id(i),
                rapport_schema::system::RecordField::Version => Read::Int(i),
                rapport_schema::system::RecordField::DeletedAt => Read::Time(i),
            });
            return Ok(());
        }
        End::Field(f) => f,
    };
    let d = &cx.shared.dialect;
    let read = if let Some(link) = r.link() {
        // One row per element.
        if !r.is_own() {
            return Err(bad("groups by many-valued fields of related records are not possible"));
        }
        let (t, a) = (cx.table(&link), cx.alias());
        p.joins.push(format!("LEFT JOIN {t} {a} ON {a}.record = t.\"id\""));
        let i = p.group(format!("{a}.value"));
        if matches!(f.ty, FieldType::Multi { .. } | FieldType::Tags) { Read::Text(i) } else { Read::Id(i) }
    } else if is_instant(f) || is_date(f) {
        match (k.bucket, is_instant(f)) {
            (None, true) => Read::Time(p.group(r.read(""))),
            (b, instant) => {
                let date = if instant {
                    let zone = cx.sql.slot(Param::Text(cx.model.zone.clone()));
                    d.local_date(&r.read(""), &zone)
                } else {
                    r.read("")
                };
                Read::Date(p.group(d.bucket(&date, b.unwrap_or(Bucket::Day))))
            }
        }
    } else if matches!(f.ty, FieldType::Poly { .. }) {
        let i = p.group(r.read("__object"));
        p.group(r.read(""));
        Read::Ref(i)
    } else if let (FieldType::Money { .. }, Some(s)) = (&f.ty, places(f)) {
        Read::Scaled(p.group(r.read("__base")), s)
    } else {
        Read::Field(p.group(r.read("")), order_class(f), Box::new(f.clone()))
    };
    p.keys.push(read);
    Ok(())
}

/// A sum as text, exact whatever its size on PostgreSQL; SQLite reports an overflow beyond 64 bits.
fn sum(expr: &str) -> String {
    format!("CAST(sum({expr}) AS TEXT)")
}

fn measure<'a>(cx: &mut Cx<'a>, p: &mut Parts, object: &'a ObjectDef, m: &Measure) -> Result<()> {
    let Some(path) = &m.field else {
        let i = p.put("count(*)".into());
        p.values.push(Read::Int(i));
        p.order.push("count(*)".into());
        return Ok(());
    };
    let r: Reached<'a> = cx.reach(object, "t", path)?.ok_or_else(|| bad("unknown measure field"))?;
    let f = r.field();
    let e = r.read(f.map_or("", order_suffix));
    let number = f.and_then(places);
    let (read, order) = match m.func {
        AggFn::Count => {
            let e = format!("count({e})");
            (Read::Int(p.put(e.clone())), e)
        }
        AggFn::CountDistinct => {
            let e = format!("count(DISTINCT {e})");
            (Read::Int(p.put(e.clone())), e)
        }
        AggFn::Sum => {
            let s = number.ok_or_else(|| bad("sum of what is no number"))?;
            (Read::Sum(p.put(sum(&e)), s), format!("sum({e})"))
        }
        AggFn::Avg => {
            let s = number.ok_or_else(|| bad("mean of what is no number"))?;
            let i = p.put(sum(&e));
            p.put(format!("count({e})"));
            (Read::Avg(i, s), format!("avg({e})"))
        }
        AggFn::Min | AggFn::Max => {
            let e = format!("{}({e})", if m.func == AggFn::Min { "min" } else { "max" });
            let i = p.put(e.clone());
            let read = match (number, f) {
                (Some(0), Some(f)) => Read::Field(i, Class::Int, Box::new(f.clone())),
                (Some(s), _) => Read::Scaled(i, s),
                (None, Some(f)) => Read::Field(i, order_class(f), Box::new(f.clone())),
                (None, None) => Read::Int(i),
            };
            (read, e)
        }
    };
    p.values.push(read);
    p.order.push(order);
    Ok(())
}

/// Groups and measures over the rows of a selection.
pub(crate) async fn aggregate(src: &mut impl Reads, s: Select, a: Aggregate) -> Result<Vec<AggRow>> {
    if s.rows.is_nothing() && !a.group.is_empty() {
        return Ok(vec![]);
    }
    let shared = src.shared().clone();
    let way = plan::choose(src, &s, &[], 20_000).await?;
    let mut cx = Cx::of(&s, &shared);
    let mut p = Parts { list: vec![], group: vec![], joins: vec![], keys: vec![], values: vec![], order: vec![] };
    for k in &a.group {
        key(&mut cx, &mut p, &s.object, k)?;
    }
    for m in &a.measures {
        measure(&mut cx, &mut p, &s.object, m)?;
    }
    if p.list.is_empty() {
        return Err(bad("nothing is asked"));
    }
    let mut w = vec![];
    match s.bin {
        Bin::Live => w.push("t.\"deleted_at\" IS NULL".to_owned()),
        Bin::Deleted => w.push("t.\"deleted_at\" IS NOT NULL".to_owned()),
        Bin::Both => {}
    }
    w.push(filter::condition(&mut cx, &s.object, "t", &s.filter, Index::May)?);
    if let Some(t) = s.text.as_deref().filter(|t| !t.trim().is_empty()) {
        w.push(fts::within(&mut cx, &s.object, t));
    }
    let table = cx.table(&s.object.name);
    let tail = shared.dialect.tail().0;
    if let Way::Branches { .. } = way {
        // Few rows: collect their places by the indexes first.
        let parts: Vec<String> = rule::branches(&mut cx, &s.object, "v", &s.rows, false)
            .iter()
            .map(|b| format!("SELECT {} FROM {table} v WHERE {}", col("v", tail), b.condition))
            .collect();
        w.push(if parts.is_empty() { "1=0".into() } else { format!("{} IN ({})", col("t", tail), parts.join(" UNION ")) });
    } else if !s.rows.is_all() {
        w.push(rule::condition(&mut cx, &s.object, "t", &s.rows, Index::MayNot));
    }
    let mut text = format!("SELECT {} FROM {table} t {} WHERE {}", p.list.join(", "), p.joins.join(" "), and(&w));
    if !p.group.is_empty() {
        text.push_str(&format!(" GROUP BY {}", p.group.join(", ")));
        let keys: Vec<String> = p.group.iter().map(|g| format!("{g} NULLS LAST")).collect();
        match a.order.and_then(|(i, desc)| p.order.get(i).map(|o| (o, desc))) {
            Some((o, desc)) => {
                text.push_str(&format!(" ORDER BY {o}{} NULLS LAST, {}", if desc { " DESC" } else { "" }, keys.join(", ")));
            }
            None => text.push_str(&format!(" ORDER BY {}", keys.join(", "))),
        }
        text.push_str(&format!(" LIMIT {}", a.limit.max(1)));
    }
    cx.sql.raw(&text);
    let q = cx.sql.done();
    let form = codec::Form::of(&s.model);
    let (keys, values) = (p.keys, p.values);
    src.fetch(q, vec![], move |out: &mut Vec<AggRow>, r| {
        out.push(AggRow {
            keys: keys.iter().map(|k| k.value(r, form)).collect(),
            values: values.iter().map(|v| v.value(r, form)).collect(),
        });
        Ok(())
    })
    .await
}
