//! An import plan: which sheets become which objects, column by column. The page's wizard makes one, a person may write one as
//! TOML (`docs/how-to/import.md`), and a run keeps the one it was started with.

use std::collections::BTreeMap;

use rapport_schema::{FieldType, Model, ObjectDef};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ExchangeError, Result};

/// A whole import: its sheets in the order they are taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Sheets.
    #[serde(rename = "sheet", alias = "sheets")]
    pub sheets: Vec<SheetPlan>,
}

/// What happens to rows whose record exists already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Every row is a new record.
    #[default]
    Create,
    /// Rows change existing records; others are refused (`import.no_match`).
    Update,
    /// Rows change existing records or make new ones.
    Upsert,
}

/// What happens to rows that look like an existing record (R-DUP).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDuplicate {
    /// The row is left out and counted.
    #[default]
    Skip,
    /// The row is refused with the reason.
    Error,
    /// The row changes the record it looks like, as an update would; a row that looks like one the caller may not see is refused.
    Update,
    /// The record is made all the same (needs `duplicate.override`).
    Create,
}

/// One sheet into one object. The same sheet may appear several times, for several objects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SheetPlan {
    /// File name; none = the only file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Sheet; none = the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Rows written in the plan itself instead of a file: header to text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<BTreeMap<String, String>>,
    /// Object the rows become.
    pub object: String,
    /// Create, update or both.
    #[serde(default)]
    pub mode: Mode,
    /// Field by which rows find their record, for update and upsert.
    #[serde(default, rename = "match", alias = "match_field", skip_serializing_if = "Option::is_none")]
    pub match_field: Option<String>,
    /// Looks for the record only among those for which this filter (JSON form) holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub match_among: Option<Value>,
    /// Rows that look like an existing record.
    #[serde(default)]
    pub on_duplicate: OnDuplicate,
    /// Only the first row for each value of this column, blanks left out: offices out of a list of agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distinct: Option<String>,
    /// The same value in every row.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, Value>,
    /// May set any state (needs `import.set_state`).
    #[serde(default)]
    pub set_state: bool,
    /// Brings `created_at`, `created_by` and `updated_at` along (needs `import.set_state`).
    #[serde(default)]
    pub keep_times: bool,
    /// New records that name no owner are given one by the assignment rules (R-ASN-01).
    #[serde(default)]
    pub assign_by_rule: bool,
    /// Column by column.
    #[serde(rename = "map", alias = "mapping")]
    pub columns: Vec<ColumnPlan>,
    /// Rows of a child object made with each row.
    #[serde(default, rename = "child", alias = "children", skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<ChildPlan>,
}

impl SheetPlan {
    /// Nothing mapped yet.
    #[must_use]
    pub fn new(object: &str) -> Self {
        Self {
            file: None,
            sheet: None,
            rows: vec![],
            object: object.into(),
            mode: Mode::Create,
            match_field: None,
            match_among: None,
            on_duplicate: OnDuplicate::Skip,
            distinct: None,
            set: BTreeMap::new(),
            set_state: false,
            keep_times: false,
            assign_by_rule: false,
            columns: vec![],
            children: vec![],
        }
    }
}

/// A child record made with each row that has a value in one of its columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChildPlan {
    /// The child object.
    pub object: String,
    /// Its field that points to the row's record.
    pub via: String,
    /// The same value in every row.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, Value>,
    /// Column by column.
    #[serde(rename = "map", alias = "mapping")]
    pub columns: Vec<ColumnPlan>,
}

/// What happens when a lookup finds nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// The row is refused.
    #[default]
    Error,
    /// The field stays empty.
    Empty,
    /// The record is made with that title.
    Create,
}

/// One column into one field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnPlan {
    /// The field.
    pub field: String,
    /// The header; none = only `blank` counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Values that mean another: `{ "GTXPro" = "GTX Pro" }`; in JSON null is as blank.
    #[serde(default, deserialize_with = "blanks", skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
    /// For lookups: the target's field the text is compared with; none = its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lookup: Option<String>,
    /// For lookups: only among records for which this filter (JSON form) holds, such as the stages of one pipeline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub among: Option<Value>,
    /// For lookups that find nothing.
    #[serde(default)]
    pub missing: Missing,
    /// The text made of several columns: `"{product} for {account}"`; used when there is no `column`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// When the cell is blank: the first of these that is not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blank: Vec<Blank>,
    /// Order of day, month and year in dates; none = found out from the whole column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<DateOrder>,
    /// Numbers are multiplied by this: `1000000` for "millions".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<rust_decimal::Decimal>,
}

fn blanks<'de, D: serde::Deserializer<'de>>(d: D) -> std::result::Result<BTreeMap<String, String>, D::Error> {
    let all = BTreeMap::<String, Option<String>>::deserialize(d)?;
    Ok(all.into_iter().map(|(k, v)| (k, v.unwrap_or_default())).collect())
}

impl ColumnPlan {
    /// A column straight into a field.
    #[must_use]
    pub fn plain(field: &str, column: &str) -> Self {
        Self {
            field: field.into(),
            column: Some(column.into()),
            values: BTreeMap::new(),
            lookup: None,
            among: None,
            missing: Missing::Error,
            template: None,
            blank: vec![],
            date: None,
            times: None,
        }
    }
}

/// What stands in for a blank cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blank {
    /// Another column of the row.
    Column(String),
    /// A text, read like the cell's.
    Value(String),
}

/// Order of the parts of a date written with numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// 2026-11-21, 2026/11/21, 2026年11月21日.
    Ymd,
    /// 11/21/2026.
    Mdy,
    /// 21/11/2026, 21.11.2026.
    Dmy,
}

impl Plan {
    /// Reads a plan from TOML, with the place of the fault in the message.
    pub fn from_toml(text: &str) -> Result<Self> {
        toml::from_str(text).map_err(|e| {
            let at = text.get(..e.span().map_or(0, |s| s.start)).unwrap_or_default();
            let line = at.matches('\n').count();
            ExchangeError::refused("plan.unreadable")
                .with("line", line + 1)
                .with("near", text.lines().nth(line).unwrap_or_default().trim().chars().take(80).collect::<String>())
                .with("detail", e.message())
        })
    }

    /// The plan as TOML.
    ///
    /// # Errors
    /// `plan.unreadable`: it holds a value TOML cannot say.
    pub fn to_toml(&self) -> Result<String> {
        toml::to_string_pretty(self).map_err(|e| ExchangeError::refused("plan.unreadable").with("detail", e.to_string()))
    }

    /// Names of the files it takes rows from, each once, in order.
    #[must_use]
    pub fn files(&self) -> Vec<&str> {
        let mut names: Vec<&str> = vec![];
        for f in self.sheets.iter().filter_map(|s| s.file.as_deref()) {
            if !names.contains(&f) {
                names.push(f);
            }
        }
        names
    }

    /// The plan for files that come without one: every sheet into the object that fits best (or the given one), columns by their
    /// headers.
    ///
    /// # Errors
    /// `plan.unknown_object`: the given one, or none fits a sheet.
    pub fn guess(model: &Model, files: &crate::run::Files, object: Option<&str>) -> Result<Self> {
        let mut sheets = vec![];
        for (name, book) in &files.0 {
            for sheet in &book.sheets {
                let unknown = |o: &str| ExchangeError::refused("plan.unknown_object").with("object", o);
                let found = object.map(str::to_owned).or_else(|| crate::guess::object(model, sheet, |_| true));
                let found = found.ok_or_else(|| unknown("?").with("name", format!("{name} · {}", sheet.name)))?;
                let def = model.object(&found).ok_or_else(|| unknown(&found))?;
                let mut s = SheetPlan::new(&found);
                s.file = Some(name.clone());
                s.sheet = Some(sheet.name.clone());
                let plain = |p: crate::guess::Proposal| Some(ColumnPlan::plain(&p.field?, &p.column));
                s.columns = crate::guess::columns(def, sheet).into_iter().filter_map(plain).collect();
                sheets.push(s);
            }
        }
        let leads = |s: &SheetPlan| (s.object.clone(), s.columns.iter().map(|c| c.field.clone()).collect());
        let order = crate::guess::order(model, &sheets.iter().map(leads).collect::<Vec<_>>());
        Ok(Self { sheets: order.into_iter().map(|i| sheets[i].clone()).collect() })
    }

    /// Checks objects, fields and lookups against the model.
    pub fn check(&self, model: &Model) -> Result<()> {
        for (i, s) in self.sheets.iter().enumerate() {
            let object = object(model, &s.object, i)?;
            columns(model, object, &s.columns, s.set.keys(), i)?;
            if let Some(f) = &s.match_field {
                field(object, f, i)?;
            } else if s.mode != Mode::Create {
                return Err(ExchangeError::refused("plan.match_needed").with("sheet", i + 1));
            }
            for c in &s.children {
                let child = self::object(model, &c.object, i)?;
                field(child, &c.via, i)?;
                columns(model, child, &c.columns, c.set.keys(), i)?;
            }
        }
        Ok(())
    }
}

fn object<'m>(model: &'m Model, name: &str, sheet: usize) -> Result<&'m ObjectDef> {
    model
        .object(name)
        .map(AsRef::as_ref)
        .ok_or_else(|| ExchangeError::refused("plan.unknown_object").with("object", name).with("sheet", sheet + 1))
}

fn field<'o>(object: &'o ObjectDef, name: &str, sheet: usize) -> Result<&'o rapport_schema::FieldDef> {
    object.field(name).ok_or_else(|| {
        ExchangeError::refused("plan.unknown_field")
            .with("object", object.name.as_str())
            .with("field", name)
            .with("sheet", sheet + 1)
    })
}

fn columns<'a>(
    model: &Model,
    object: &ObjectDef,
    columns: &[ColumnPlan],
    set: impl Iterator<Item = &'a String>,
    sheet: usize,
) -> Result<()> {
    for c in columns {
        let f = field(object, &c.field, sheet)?;
        if let Some(l) = &c.lookup {
            let target = f.ty.target().and_then(|t| model.object(&t).cloned());
            let Some(target) = target else {
                return Err(ExchangeError::refused("plan.not_a_lookup").with("field", c.field.as_str()).with("sheet", sheet + 1));
            };
            field(&target, l, sheet)?;
        }
        if c.missing == Missing::Create && !matches!(f.ty, FieldType::Ref { .. }) {
            return Err(ExchangeError::refused("plan.not_a_lookup").with("field", c.field.as_str()).with("sheet", sheet + 1));
        }
    }
    for s in set {
        field(object, s, sheet)?;
    }
    Ok(())
}
