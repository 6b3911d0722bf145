//! The columns of an object's table in the order statements name them.

use std::{collections::HashMap, sync::Arc};

use parking_lot::RwLock;
use rapport_schema::{
    FieldDef, FieldIx, FieldType, ObjectDef, Record, Value,
    codec::{self, Form},
    field::RollupFn,
    physical::{Cell, Class, columns},
    plan,
};
use smallvec::SmallVec;

use crate::{
    dialect::Dialect,
    norm::Rules,
    row::Row,
    sql::{Param, Sql},
};

/// One stored column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Col {
    pub name: String,
    pub class: Class,
    /// Stored instead of NULL (booleans, counts and sums).
    pub zero: bool,
}

/// The columns of one field.
#[derive(Debug, Clone)]
pub(crate) struct FieldCols {
    pub ix: FieldIx,
    pub cols: SmallVec<[Col; 6]>,
}

/// How an object lies in its table.
#[derive(Debug)]
pub(crate) struct Layout {
    pub object: Arc<ObjectDef>,
    pub fields: Vec<FieldCols>,
    /// Pinyin key column of the title.
    pub sort_key: Option<String>,
    /// `t."id",t."version",t."deleted_at",…`: everything a record is made of.
    pub select_all: String,
    /// The statement that inserts a row: id, version, deletion, every column, the sort key.
    pub insert: Arc<str>,
}

impl Layout {
    /// Columns of `select_all` before those of the fields: id, version, deletion.
    pub(crate) const FIXED: usize = 3;

    pub(crate) fn new(object: &Arc<ObjectDef>, dialect: &Dialect) -> Self {
        let fields: Vec<FieldCols> = object
            .fields
            .iter()
            .enumerate()
            .map(|(i, f)| FieldCols {
                ix: FieldIx(u16::try_from(i).expect("an object has fewer than 65,536 fields")),
                cols: columns(f)
                    .into_iter()
                    .enumerate()
                    .map(|(n, c)| Col {
                        name: format!("{}{}", f.name, c.suffix),
                        class: c.class,
                        zero: n == 0 && starts_at_zero(f),
                    })
                    .collect(),
            })
            .collect();
        let mut select_all = String::from(r#"t."id",t."version",t."deleted_at""#);
        for c in fields.iter().flat_map(|f| &f.cols) {
            select_all.push_str(",t.");
            crate::sql::quote(&c.name, &mut select_all);
        }
        let sort_key = plan::title_key(object);
        let mut s = Sql::new(dialect);
        s.raw("INSERT INTO ").table(&object.name).raw("(\"id\",\"version\",\"deleted_at\"");
        let mut n = 3;
        for c in fields.iter().flat_map(|f| &f.cols).map(|c| &c.name).chain(&sort_key) {
            s.raw(",").name(c);
            n += 1;
        }
        s.raw(") VALUES (");
        for i in 0..n {
            s.raw(if i == 0 { "" } else { "," }).bind(Param::Null(Class::Int));
        }
        s.raw(")");
        let insert = s.done().text;
        Self { object: object.clone(), sort_key, fields, select_all, insert }
    }
    /// The columns of a field.
    pub(crate) fn cols(&self, ix: FieldIx) -> &[Col] {
        &self.fields[ix.ix()].cols
    }
    /// A record from a row selected with `select_all`.
    pub(crate) fn record(&self, row: Row<'_>, form: Form) -> Record {
        let mut at = Self::FIXED;
        let values = self
            .fields
            .iter()
            .map(|f| {
                let cells: SmallVec<[Cell; 6]> = f.cols.iter().enumerate().map(|(i, c)| row.cell(at + i, c.class)).collect();
                at += f.cols.len();
                if f.cols.is_empty() { Value::Null } else { codec::from_cells(self.object.at(f.ix), &cells, form) }
            })
            .collect();
        Record {
            id: row.id(0).unwrap_or_else(|| rapport_schema::RecordId::from_bytes([0; 16])),
            version: row.int(1).unwrap_or(0),
            deleted_at: row.int(2).map(rapport_schema::Millis),
            values,
        }
    }
    /// The bind parameters of a field's value.
    pub(crate) fn params(&self, f: &FieldCols, v: &Value) -> SmallVec<[Param; 6]> {
        let def = self.object.at(f.ix);
        codec::to_cells(def, v, &Rules)
            .into_iter()
            .zip(&f.cols)
            .map(|(cell, c)| if c.zero && cell == Cell::Null { Param::Int(0) } else { Param::of(cell, c.class) })
            .collect()
    }
    /// The pinyin key of a record's title.
    pub(crate) fn sort_value(&self, r: &Record) -> Param {
        match &r[self.object.title_ix()] {
            Value::Text(t) => Param::Text(rapport_text::pinyin_sort_key(t)),
            _ => Param::Null(Class::Text),
        }
    }
}

/// Booleans are never NULL; COUNT and SUM of nothing are 0 (domain model §0, §1).
fn starts_at_zero(f: &FieldDef) -> bool {
    match &f.ty {
        FieldType::Bool => true,
        FieldType::Roll { rollup, .. } => matches!(rollup.func, RollupFn::Count | RollupFn::Sum),
        _ => false,
    }
}

/// Layouts by object, kept as long as the object lives here.
#[derive(Debug, Default)]
pub(crate) struct Layouts(RwLock<HashMap<usize, Arc<Layout>>>);

impl Layouts {
    pub(crate) fn of(&self, o: &Arc<ObjectDef>, dialect: &Dialect) -> Arc<Layout> {
        // The entry holds the object, so its address is not given to another while it is here.
        let key = Arc::as_ptr(o) as usize;
        if let Some(l) = self.0.read().get(&key) {
            return l.clone();
        }
        let l = Arc::new(Layout::new(o, dialect));
        let mut map = self.0.write();
        if map.len() >= 1_000 {
            map.clear();
        }
        map.insert(key, l.clone());
        l
    }
}
