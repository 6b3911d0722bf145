//! The tables, columns and indexes a model needs.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::Hasher as _,
};

use super::{Catalogue, Class, ColumnDef, IndexCond, IndexDef, IndexKey, Table, TableKind};
use crate::{
    FieldDef, FieldName, FieldType, Model, ObjectDef, ObjectKind,
    field::{ResultType, RollupFn},
    physical::{columns, scale_of},
    system::RECORD_FIELDS,
};

/// The catalogue a model needs. Retired fields keep their columns (marked retired) and lose their indexes.
#[must_use]
pub fn catalogue(model: &Model) -> Catalogue {
    let mut tables = BTreeMap::new();
    for o in model.objects.values() {
        tables.insert(o.name.to_string(), object_table(o));
        for f in o.fields.iter().filter(|f| f.ty.is_many()) {
            let t = link_table(o, f);
            tables.insert(t.name.clone(), t);
        }
    }
    Catalogue { tables }
}

/// Name of the link table of a many-valued field.
#[must_use]
pub fn link_name(object: &str, field: &str) -> String {
    short(&format!("{object}__{field}"))
}

/// PostgreSQL keeps 63 bytes of a name: longer ones end in a hash of the whole.
fn short(name: &str) -> String {
    const MAX: usize = 63;
    if name.len() <= MAX {
        return name.to_owned();
    }
    let mut h = Fnv(0xcbf2_9ce4_8422_2325);
    h.write(name.as_bytes());
    format!("{}_{:08x}", &name[..MAX - 9], h.finish() & 0xffff_ffff)
}

/// FNV-1a: a hash whose value is part of stored names and so must never change with a library.
struct Fnv(u64);
impl std::hash::Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for b in bytes {
            self.0 = (self.0 ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    fn finish(&self) -> u64 {
        self.0
    }
}

/// The column beside a text title by which titles are ordered (pinyin; domain model §1): `{title}__sort`. It is no part of
/// [`columns`]: a value does not depend on it.
#[must_use]
pub fn title_key(o: &ObjectDef) -> Option<String> {
    let f = o.field(&o.title)?;
    matches!(f.ty, FieldType::Text { .. }).then(|| format!("{}__sort", f.name))
}

fn object_table(o: &ObjectDef) -> Table {
    let mut cols: Vec<ColumnDef> = RECORD_FIELDS
        .iter()
        .map(|f| ColumnDef {
            name: f.name().to_owned(),
            class: f.class(),
            scale: None,
            field: None,
            not_null: f.name() != "deleted_at",
            default: (f.name() == "version").then_some(1),
            computed: None,
            retired: false,
        })
        .collect();
    for f in &o.fields {
        for (i, c) in columns(f).into_iter().enumerate() {
            let main = i == 0;
            // Booleans are never NULL; COUNT and SUM of nothing are 0 (domain model §0, §1).
            let zero = main
                && match &f.ty {
                    FieldType::Bool => true,
                    FieldType::Roll { rollup, .. } => matches!(rollup.func, RollupFn::Count | RollupFn::Sum),
                    _ => false,
                };
            cols.push(ColumnDef {
                name: format!("{}{}", f.name, c.suffix),
                class: c.class,
                scale: if main || c.suffix == "__base" { scale_of(&f.ty) } else { None },
                field: Some(f.name.clone()),
                not_null: zero,
                default: zero.then_some(0),
                computed: if main { definition(&f.ty) } else { None },
                retired: f.retired,
            });
        }
        if f.name == o.title
            && let Some(name) = title_key(o)
        {
            cols.push(ColumnDef {
                name,
                class: Class::Text,
                scale: None,
                field: Some(f.name.clone()),
                not_null: false,
                default: None,
                computed: None,
                retired: f.retired,
            });
        }
    }
    Table {
        name: o.name.to_string(),
        kind: TableKind::Object(o.name.clone()),
        columns: cols,
        primary_key: vec!["id".into()],
        indexes: indexes(o),
        retired: false,
    }
}

/// What a stored formula or rollup computes, as text: equal texts compute the same.
fn definition(ty: &FieldType) -> Option<String> {
    match ty {
        FieldType::Roll { rollup: r, .. } => Some(format!(
            "{:?}({}.{} via {}) where {}",
            r.func,
            r.object,
            r.field.as_ref().map_or("*", |f| f.as_str()),
            r.via,
            r.filter.as_deref().unwrap_or("true"),
        )),
        FieldType::Calc { formula, volatile: false, .. } => Some(formula.clone()),
        _ => None,
    }
}

fn link_table(o: &ObjectDef, f: &FieldDef) -> Table {
    let name = link_name(&o.name, &f.name);
    let value = match f.ty {
        FieldType::Multi { .. } | FieldType::Tags => Class::Text,
        _ => Class::Id,
    };
    let col = |name: &str, class| ColumnDef {
        name: name.into(),
        class,
        scale: None,
        field: None,
        not_null: true,
        default: None,
        computed: None,
        retired: false,
    };
    let ix = plain(&name, vec!["value".into(), "record".into()], vec![]);
    Table {
        columns: vec![col("record", Class::Id), col("value", value)],
        primary_key: vec!["record".into(), "value".into()],
        indexes: if f.retired { BTreeMap::new() } else { BTreeMap::from([(ix.name.clone(), ix)]) },
        kind: TableKind::Link { object: o.name.clone(), field: f.name.clone() },
        name,
        retired: f.retired,
    }
}

fn plain(table: &str, cols: Vec<String>, filter: Vec<IndexCond>) -> IndexDef {
    IndexDef {
        name: short(&format!("ix_{table}__{}", cols.join("_"))),
        keys: cols.into_iter().map(IndexKey::Col).collect(),
        unique: false,
        filter,
        fields: vec![],
    }
}

fn unique(table: &str, keys: Vec<IndexKey>, mut filter: Vec<IndexCond>, fields: Vec<FieldName>) -> IndexDef {
    filter.push(IndexCond::Live);
    let cols: Vec<_> = keys.iter().map(IndexKey::column).collect();
    IndexDef { name: short(&format!("ux_{table}__{}", cols.join("_"))), keys, unique: true, filter, fields }
}

/// The column lists of the indexes that serve filters on a field.
fn filter_columns(f: &FieldDef) -> Vec<Vec<String>> {
    let n = |s: &str| format!("{}{s}", f.name);
    match &f.ty {
        FieldType::Money { .. } => vec![vec![n("__base")]],
        FieldType::Phone => vec![vec![n("__e164")], vec![n("__rev")]],
        FieldType::Email => vec![vec![n("__key")]],
        FieldType::Url => vec![vec![n("__host")]],
        FieldType::Addr => vec![vec![n("__code")]],
        FieldType::Geo => vec![vec![n("__lat"), n("__lng")]],
        FieldType::Poly { .. } => vec![vec![n(""), n("__object")]],
        // Many-valued fields are filtered through their link tables; long texts, files and JSON by search or not at all.
        FieldType::Multi { .. }
        | FieldType::Tags
        | FieldType::Refs { .. }
        | FieldType::Users
        | FieldType::Depts
        | FieldType::File
        | FieldType::Img
        | FieldType::Long
        | FieldType::Rich
        | FieldType::Json => vec![],
        FieldType::Calc { volatile: true, .. } => vec![],
        FieldType::Calc { .. }
        | FieldType::Roll { .. }
        | FieldType::Text { .. }
        | FieldType::Int { .. }
        | FieldType::Dec { .. }
        | FieldType::Pct { .. }
        | FieldType::Bool
        | FieldType::Date
        | FieldType::DateTime
        | FieldType::Time
        | FieldType::Duration
        | FieldType::Pick { .. }
        | FieldType::Ref { .. }
        | FieldType::MasterDetail { .. }
        | FieldType::Auto { .. }
        | FieldType::User
        | FieldType::Dept
        | FieldType::Rating { .. } => vec![vec![n("")]],
    }
}

/// The keys of a unique index over one field (domain model §1: text compares folded, phones by number and extension).
fn unique_keys(f: &FieldDef) -> Vec<IndexKey> {
    let n = |s: &str| format!("{}{s}", f.name);
    match &f.ty {
        FieldType::Text { .. } => vec![IndexKey::Col(n("__u"))],
        FieldType::Email => vec![IndexKey::Col(n("__key"))],
        FieldType::Phone => vec![IndexKey::Col(n("__e164")), IndexKey::OrEmpty(n("__ext"))],
        _ => vec![IndexKey::Col(n(""))],
    }
}

/// The column a sort by the field reads.
fn sort_column(f: &FieldDef) -> Option<String> {
    filter_columns(f).into_iter().next().and_then(|c| c.into_iter().next())
}

fn indexes(o: &ObjectDef) -> BTreeMap<String, IndexDef> {
    let t = o.name.as_str();
    let mut out = BTreeMap::new();
    let mut add = |d: IndexDef| {
        out.insert(d.name.clone(), d);
    };
    let sort = o
        .default_sort
        .split(',')
        .next()
        .map(|s| s.trim().trim_start_matches('-'))
        .and_then(|s| o.field(s))
        .filter(|f| !f.retired);
    // Titles are ordered by their pinyin key, which has an index of its own.
    let by_title = title_key(o).filter(|_| sort.is_some_and(|f| f.name == o.title));
    let own_index = by_title.is_some() || sort.is_some_and(|f| f.indexed);
    let sort_col = by_title.or_else(|| sort.and_then(sort_column));
    let ownable = o.kind == ObjectKind::Ownable;
    let board = o.board.as_ref().filter(|_| ownable);
    for (_, f) in o.live() {
        let composite = ownable && (f.name == "owner_id" || f.name == "dept_id") || board == Some(&f.name);
        // References are indexed always: related lists, rollups and the clearing of lookups read them backwards.
        let wanted = f.indexed || matches!(f.ty, FieldType::Ref { .. } | FieldType::MasterDetail { .. });
        if wanted && !composite {
            for cols in filter_columns(f) {
                let filter = match f.ty {
                    FieldType::Bool | FieldType::Calc { result: ResultType::Bool, .. } => vec![IndexCond::True(cols[0].clone())],
                    FieldType::MasterDetail { .. } => vec![],
                    // Never empty, so the condition would only cost.
                    FieldType::DateTime if f.system && (f.name == "created_at" || f.name == "updated_at") => vec![],
                    _ => vec![IndexCond::NotNull(cols[0].clone())],
                };
                add(plain(t, cols, filter));
            }
        }
        if f.unique {
            let keys = unique_keys(f);
            let filter = vec![IndexCond::NotNull(keys[0].column().to_owned())];
            add(unique(t, keys, filter, vec![f.name.clone()]));
        }
    }
    // Lists under a visibility scope and columns of a board: the owner's, department's or stage's records in the default order. What
    // else is asked of them, who may see them and in which stage they are, stands in the index too: rows that are passed over on the
    // way to a page are never read.
    if ownable {
        let of_board = board.and_then(|n| o.field(n)).filter(|f| !f.retired).and_then(sort_column);
        let mut add_along = |key: &str, beside: &[&str]| {
            let cols = std::iter::once(key).chain(sort_col.as_deref()).chain(beside.iter().copied());
            let mut seen = BTreeSet::new();
            add(plain(t, cols.filter(|c| seen.insert(*c)).map(str::to_owned).collect(), vec![]));
        };
        let beside = of_board.as_deref().map_or_else(Vec::new, |b| vec!["deleted_at", b]);
        add_along("owner_id", &beside);
        add_along("dept_id", &beside);
        if let Some(b) = of_board.as_deref() {
            add_along(b, &["deleted_at", "owner_id", "dept_id", "id"]);
        }
    }
    // The default order itself, when the field has no index of its own.
    if let Some(c) = sort_col
        && !own_index
    {
        add(plain(t, vec![c], vec![]));
    }
    // Unique per source system (domain model §0); a record without a source system collides with another such.
    if o.field("external_id").is_some() {
        add(unique(
            t,
            vec![IndexKey::Col("external_id".into()), IndexKey::OrEmpty("source_system".into())],
            vec![IndexCond::NotNull("external_id".into())],
            vec![FieldName::lit("external_id")],
        ));
    }
    if let Some(c) = title_key(o).filter(|_| o.field(&o.title).is_some_and(|f| !f.retired)) {
        // Not partial: titles are there nearly always, and the few rows without one are the last page of a list by title.
        add(plain(t, vec![c], vec![]));
    }
    // The board's column heads (records and amount by stage, as far as one may see) come from the index alone.
    let amount = o.card.iter().filter_map(|n| o.field(n)).find(|f| matches!(f.ty, FieldType::Money { .. }) && !f.retired);
    if let (Some(b), Some(m)) = (board.and_then(|n| o.field(n)).filter(|f| !f.retired), amount)
        && let Some(c) = sort_column(b)
    {
        let cols = vec![c, "deleted_at".into(), "owner_id".into(), "dept_id".into(), format!("{}__base", m.name)];
        add(plain(t, cols, vec![]));
    }
    // The recycle bin, oldest first for the purge.
    add(plain(t, vec!["deleted_at".into()], vec![IndexCond::NotNull("deleted_at".into())]));
    for set in &o.uniques {
        let fields: Vec<&FieldDef> = set.iter().filter_map(|n| o.field(n)).filter(|f| !f.retired).collect();
        if fields.len() == set.len() && !fields.is_empty() {
            let keys = fields.iter().flat_map(|f| set_keys(f)).collect();
            let filter = fields.iter().filter_map(|f| sort_column(f)).map(IndexCond::NotNull).collect();
            add(unique(t, keys, filter, set.clone()));
        }
    }
    out
}

/// The keys of one field within a set that is unique together; text compares as stored.
fn set_keys(f: &FieldDef) -> Vec<IndexKey> {
    filter_columns(f).into_iter().next().unwrap_or_default().into_iter().map(IndexKey::Col).collect()
}
