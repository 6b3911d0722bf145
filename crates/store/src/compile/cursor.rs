//! Page cursors: the sort values of the last row and its place in the table, never an offset.

use rapport_schema::{
    Millis, RecordId,
    physical::{Cell, Class},
};
use serde_json::{Value as Json, json};

use crate::{Cursor, Result, StoreError, sql::Param};

/// A decoded cursor: the values of the sort keys and of the tail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Position {
    pub keys: Vec<Cell>,
    pub tail: Cell,
    /// The instant at which formulas computed when read had these values: the next page computes them as of then.
    pub at: Option<Millis>,
}

fn to_json(c: &Cell) -> Json {
    match c {
        Cell::Null => Json::Null,
        Cell::Int(n) => json!(n),
        Cell::Text(t) => json!(t),
        Cell::Id(i) => json!({ "id": i }),
    }
}

fn of_json(j: &Json) -> Option<Cell> {
    Some(match j {
        Json::Null => Cell::Null,
        Json::Number(n) => Cell::Int(n.as_i64()?),
        Json::String(t) => Cell::Text(t.clone()),
        Json::Object(o) => Cell::Id(o.get("id")?.as_str()?.parse::<RecordId>().ok()?),
        _ => return None,
    })
}

fn fits(c: &Cell, class: Class) -> bool {
    matches!((c, class), (Cell::Null, _) | (Cell::Int(_), Class::Int) | (Cell::Text(_), Class::Text) | (Cell::Id(_), Class::Id))
}

impl Position {
    /// As text. `sort` says by what was sorted, so that a cursor of another sort is refused.
    pub(crate) fn encode(&self, sort: &str) -> Cursor {
        let keys: Vec<Json> = self.keys.iter().map(to_json).collect();
        Cursor(json!([sort, keys, to_json(&self.tail), self.at.map(|t| t.0)]).to_string())
    }
    /// From text.
    pub(crate) fn decode(c: &Cursor, sort: &str, classes: &[Class], tail: Class) -> Result<Self> {
        let read = || {
            let (s, keys, t, at): (String, Vec<Json>, Json, Option<i64>) = serde_json::from_str(&c.0).ok()?;
            let keys: Vec<Cell> = keys.iter().map(of_json).collect::<Option<_>>()?;
            let tail_cell = of_json(&t)?;
            let ok = s == sort
                && keys.len() == classes.len()
                && keys.iter().zip(classes).all(|(k, c)| fits(k, *c))
                && tail_cell != Cell::Null
                && fits(&tail_cell, tail);
            ok.then_some(Self { keys, tail: tail_cell, at: at.map(Millis) })
        };
        read().ok_or(StoreError::BadCursor)
    }
}

/// A cell as a bind parameter.
pub(crate) fn param(c: &Cell, class: Class) -> Param {
    Param::of(c.clone(), class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_come_back_and_others_are_refused() {
        let p = Position { keys: vec![Cell::Text("张\"".into()), Cell::Null], tail: Cell::Int(7), at: None };
        let c = p.encode("-name");
        assert_eq!(Position::decode(&c, "-name", &[Class::Text, Class::Int], Class::Int).unwrap(), p);
        for (sort, classes) in
            [("name", vec![Class::Text, Class::Int]), ("-name", vec![Class::Int, Class::Int]), ("-name", vec![Class::Text])]
        {
            assert!(matches!(Position::decode(&c, sort, &classes, Class::Int), Err(StoreError::BadCursor)));
        }
        assert!(matches!(Position::decode(&Cursor("x' OR 1=1".into()), "-name", &[], Class::Int), Err(StoreError::BadCursor)));
    }
}
