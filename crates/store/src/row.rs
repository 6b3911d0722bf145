//! A row of either database.

use rapport_schema::{
    RecordId,
    codec::CellSource,
    physical::{Cell, Class},
};

/// A row of either database. Reading a column of another class, or one that does not exist, gives `None` like NULL.
#[derive(Clone, Copy)]
pub(crate) enum Row<'r> {
    Lite(&'r rusqlite::Row<'r>),
    Pg(&'r tokio_postgres::Row),
}

impl<'r> Row<'r> {
    pub(crate) fn int(&self, i: usize) -> Option<i64> {
        match self {
            Self::Lite(r) => match r.get_ref(i) {
                Ok(rusqlite::types::ValueRef::Integer(n)) => Some(n),
                _ => None,
            },
            Self::Pg(r) => r.try_get::<_, Option<i64>>(i).ok().flatten(),
        }
    }
    pub(crate) fn text(&self, i: usize) -> Option<&'r str> {
        match self {
            Self::Lite(r) => match r.get_ref(i) {
                Ok(rusqlite::types::ValueRef::Text(t)) => std::str::from_utf8(t).ok(),
                _ => None,
            },
            Self::Pg(r) => r.try_get::<_, Option<&str>>(i).ok().flatten(),
        }
    }
    pub(crate) fn id(&self, i: usize) -> Option<RecordId> {
        self.id_bytes(i).map(RecordId::from_bytes)
    }
    pub(crate) fn id_bytes(&self, i: usize) -> Option<[u8; 16]> {
        match self {
            Self::Lite(r) => match r.get_ref(i) {
                Ok(rusqlite::types::ValueRef::Blob(b)) => b.try_into().ok(),
                _ => None,
            },
            Self::Pg(r) => r.try_get::<_, Option<uuid::Uuid>>(i).ok().flatten().map(uuid::Uuid::into_bytes),
        }
    }
    /// A cell of a known class.
    pub(crate) fn cell(&self, i: usize, class: Class) -> Cell {
        match class {
            Class::Int => self.int(i).map_or(Cell::Null, Cell::Int),
            Class::Text => self.text(i).map_or(Cell::Null, |t| Cell::Text(t.to_owned())),
            Class::Id => self.id(i).map_or(Cell::Null, Cell::Id),
        }
    }
    /// The cells from column `base` on, as the source of one field.
    pub(crate) fn at(self, base: usize) -> At<'r> {
        At { row: self, base }
    }
}

/// The columns of one field within a row.
pub(crate) struct At<'r> {
    row: Row<'r>,
    base: usize,
}

impl CellSource for At<'_> {
    fn int(&self, i: usize) -> Option<i64> {
        self.row.int(self.base + i)
    }
    fn text(&self, i: usize) -> Option<&str> {
        self.row.text(self.base + i)
    }
    fn id(&self, i: usize) -> Option<[u8; 16]> {
        self.row.id_bytes(self.base + i)
    }
}
