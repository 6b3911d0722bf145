//! Rows of text into data for the pipeline, as the plan says.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use jiff::tz::TimeZone;
use rapport_records::JsonMap;
use rapport_schema::{FieldDef, FieldError, FieldType, Model, ObjectDef, ObjectName, PickValue, RecordId};
use serde_json::{Value, json};

use crate::{
    ExchangeError, Result, dates,
    lookup::{Found, Lookups, Wanted},
    plan::{Blank, ColumnPlan, DateOrder, Missing, SheetPlan},
    read::{Row, Sheet},
};

/// A column ready to be read.
#[derive(Debug)]
pub(crate) struct Column {
    pub plan: ColumnPlan,
    pub field: FieldDef,
    at: Option<usize>,
    blanks: Vec<(Option<usize>, String)>,
    order: Option<DateOrder>,
    /// Object and field compared, for lookups.
    lookup: Option<(Arc<ObjectDef>, String)>,
    /// Picklist texts folded to keys.
    keys: HashMap<String, String>,
    /// Labels of the picklist's choices in English and Chinese, for refusals.
    choices: (String, String),
    /// Picklist keys that stand for a range of numbers (`50-199`, `1000+`): least, most, key.
    ranges: Vec<(i64, i64, String)>,
    /// Parts of the plan's template: text before, column.
    template: Vec<(String, Option<usize>)>,
    /// The narrowing filter as text.
    among: String,
    /// Points to the sheet's own object: set after all rows are made.
    pub later: bool,
}

/// The columns of one object of a sheet plan.
#[derive(Debug)]
pub struct Converter {
    tz: TimeZone,
    columns: Vec<Column>,
    /// Constants; true = the field holds several.
    set: BTreeMap<String, (Value, bool)>,
}

/// A row as data, or why not.
#[derive(Debug, Default)]
pub struct Converted {
    /// For the pipeline.
    pub data: JsonMap,
    /// Faults seen before the pipeline.
    pub errors: Vec<FieldError>,
    /// References to the sheet's own object, by field.
    pub later: Vec<(String, Wanted)>,
    /// Fields whose record only a real run would make: a dry run leaves them out.
    pub soon: Vec<String>,
}

fn at(sheet: &Sheet, column: &str) -> Result<usize> {
    sheet
        .headers
        .iter()
        .position(|h| h == column)
        .or_else(|| sheet.headers.iter().position(|h| h.trim().eq_ignore_ascii_case(column.trim())))
        .ok_or_else(|| ExchangeError::refused("plan.unknown_column").with("column", column).with("sheet", sheet.name.as_str()))
}

fn folded(s: &str) -> String {
    rapport_text::fold::fold(s.trim()).into_owned()
}

impl Converter {
    /// For the rows of a sheet.
    pub fn rows(model: &Arc<Model>, plan: &SheetPlan, sheet: &Sheet) -> Result<Self> {
        Self::new(model, &plan.object, &plan.columns, &plan.set, sheet, true)
    }

    /// For a child object made with each row.
    pub fn child(model: &Arc<Model>, plan: &crate::plan::ChildPlan, sheet: &Sheet) -> Result<Self> {
        Self::new(model, &plan.object, &plan.columns, &plan.set, sheet, false)
    }

    fn new(
        model: &Arc<Model>,
        object: &str,
        plans: &[ColumnPlan],
        set: &BTreeMap<String, Value>,
        sheet: &Sheet,
        own: bool,
    ) -> Result<Self> {
        let def = model.object(object).ok_or_else(|| ExchangeError::refused("plan.unknown_object").with("object", object))?;
        let mut columns = vec![];
        for plan in plans {
            let field = def
                .field(&plan.field)
                .ok_or_else(|| {
                    ExchangeError::refused("plan.unknown_field").with("object", object).with("field", plan.field.as_str())
                })?
                .clone();
            let position = plan.column.as_deref().map(|c| at(sheet, c)).transpose()?;
            let mut blanks = vec![];
            for b in &plan.blank {
                blanks.push(match b {
                    Blank::Column(c) => (Some(at(sheet, c)?), String::new()),
                    Blank::Value(v) => (None, v.clone()),
                });
            }
            let target = field.ty.target().and_then(|t| model.object(&t).cloned());
            let lookup = target.map(|t| {
                let by = plan.lookup.clone().unwrap_or_else(|| t.title.to_string());
                (t, by)
            });
            let single = matches!(field.ty, FieldType::Ref { .. } | FieldType::User | FieldType::Dept);
            let later = own && single && lookup.as_ref().is_some_and(|(t, _)| t.name == def.name);
            let order = plan.date.or_else(|| {
                let cells = |i: usize| sheet.sample.iter().filter_map(move |r| r.cells.get(i)).map(String::as_str);
                position.and_then(|i| dates::column_order(cells(i)))
            });
            let mut keys = HashMap::new();
            let mut ranges = vec![];
            let mut choices = <(String, String)>::default();
            if let FieldType::Pick { set } | FieldType::Multi { set } = &field.ty
                && let Some(p) = model.picklist(set)
            {
                choices = listed(&p.values);
                for v in &p.values {
                    for t in [&v.key, &v.label.en, &v.label.zh] {
                        keys.entry(folded(t)).or_insert_with(|| v.key.clone());
                    }
                    if let Some((least, most)) = range(&v.label.en) {
                        ranges.push((least, most, v.key.clone()));
                    }
                }
            }
            let template = plan.template.as_deref().map(|t| template(t, sheet)).transpose()?.unwrap_or_default();
            let among = plan.among.as_ref().map_or_else(String::new, Value::to_string);
            columns.push(Column {
                plan: plan.clone(),
                field,
                at: position,
                blanks,
                order,
                lookup,
                keys,
                choices,
                ranges,
                template,
                among,
                later,
            });
        }
        let set = set.iter().map(|(f, v)| (f.clone(), (v.clone(), def.field(f).is_some_and(|d| d.ty.is_many())))).collect();
        Ok(Self { tz: model.tz(), columns, set })
    }

    /// Lookups these rows need and nobody has answered yet.
    pub fn wanted(&self, rows: &[Row], known: &Lookups, into: &mut BTreeSet<Wanted>) {
        for c in self.columns.iter().filter(|c| !c.later) {
            for r in rows {
                into.extend(c.texts(r).into_iter().filter_map(|t| c.wanted(&t)).filter(|w| known.get(w).is_none()));
            }
        }
        into.extend(self.set.values().filter_map(|(v, _)| constant(v)).filter(|w| known.get(w).is_none()));
    }

    /// Lookups that may be answered by making a record.
    #[must_use]
    pub fn makes(&self, w: &Wanted) -> bool {
        self.columns.iter().any(|c| c.plan.missing == Missing::Create && c.wanted(&w.text).as_ref() == Some(w))
    }

    /// The text of a row for a field, as the plan reads it.
    #[must_use]
    pub fn text_of(&self, field: &str, row: &Row) -> Option<String> {
        let c = self.columns.iter().find(|c| c.plan.field == field)?;
        Some(c.text(row)).filter(|t| !t.is_empty())
    }

    /// The columns.
    pub(crate) fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Objects and fields by which these rows look others up.
    pub fn looks_by(&self) -> impl Iterator<Item = (ObjectName, String)> + '_ {
        let columns = self.columns.iter().filter_map(|c| c.lookup.as_ref().map(|(o, by)| (o.name.clone(), by.clone())));
        columns.chain(self.set.values().filter_map(|(v, _)| constant(v).map(|w| (w.object, w.by))))
    }

    /// Something of this object is in the row.
    #[must_use]
    pub fn has(&self, row: &Row) -> bool {
        self.columns.iter().any(|c| c.at.is_some_and(|i| row.cells.get(i).is_some_and(|t| !t.trim().is_empty())))
    }

    /// One row.
    #[must_use]
    pub fn convert(&self, row: &Row, known: &Lookups) -> Converted {
        let mut out = Converted::default();
        for (field, (value, many)) in &self.set {
            let value = match constant(value) {
                None => value.clone(),
                Some(w) => match known.get(&w) {
                    Some(Found::One(id)) if *many => json!([id]),
                    Some(Found::One(id)) => json!(id),
                    Some(Found::Soon) => {
                        out.soon.push(field.clone());
                        continue;
                    }
                    _ => {
                        out.errors.push(FieldError::new(field.as_str(), "import.lookup_missing").with("value", w.text));
                        continue;
                    }
                },
            };
            out.data.insert(field.clone(), value);
        }
        for c in &self.columns {
            let text = c.text(row);
            if text.is_empty() {
                continue;
            }
            if c.later {
                out.later.extend(c.wanted(&text).map(|w| (c.plan.field.clone(), w)));
                continue;
            }
            if c.texts(row).iter().any(|t| c.wanted(t).and_then(|w| known.get(&w)) == Some(Found::Soon)) {
                out.soon.push(c.plan.field.clone());
                continue;
            }
            match self.value(c, &text, known) {
                Ok(Value::Null) => {}
                Ok(v) => {
                    out.data.insert(c.plan.field.clone(), v);
                }
                Err(e) => out.errors.push(e),
            }
        }
        out
    }

    fn value(&self, c: &Column, text: &str, known: &Lookups) -> std::result::Result<Value, FieldError> {
        let number = || match dates::number(text) {
            Some(n) => Value::String((n * c.plan.times.unwrap_or(rust_decimal::Decimal::ONE)).normalize().to_string()),
            None => Value::String(text.to_owned()),
        };
        let whole = || match dates::number(text) {
            Some(n) => {
                let n = (n * c.plan.times.unwrap_or(rust_decimal::Decimal::ONE)).normalize();
                i64::try_from(n).map_or_else(|_| Value::String(text.to_owned()), Value::from)
            }
            None => Value::String(text.to_owned()),
        };
        let day = || dates::date(text, c.order).map_or_else(|| text.to_owned(), |d| d.to_string()).into();
        let instant = || {
            dates::datetime(text, c.order)
                .and_then(|d| d.to_zoned(self.tz.clone()).ok())
                .map_or_else(|| text.to_owned(), |z| rapport_schema::Millis::from_timestamp(z.timestamp()).rfc3339())
                .into()
        };
        let truth = || truth(text).map_or_else(|| Value::String(text.to_owned()), Value::Bool);
        Ok(match &c.field.ty {
            FieldType::Text { .. }
            | FieldType::Long
            | FieldType::Rich
            | FieldType::Phone
            | FieldType::Email
            | FieldType::Url
            | FieldType::Auto { .. } => Value::String(text.to_owned()),
            FieldType::Int { .. } | FieldType::Time | FieldType::Duration | FieldType::Rating { .. } => whole(),
            FieldType::Dec { .. } | FieldType::Money { .. } | FieldType::Pct { .. } => number(),
            FieldType::Bool => truth(),
            FieldType::Date => day(),
            FieldType::DateTime => instant(),
            FieldType::Pick { .. } => c.choice(text)?.into(),
            FieldType::Multi { .. } => {
                split(text).map(|t| c.choice(t).map(Value::from)).collect::<std::result::Result<_, _>>()?
            }
            FieldType::Tags => split(text).map(Value::from).collect(),
            FieldType::Ref { .. } | FieldType::MasterDetail { .. } | FieldType::User | FieldType::Dept => {
                match Self::find(c, text, known)? {
                    Some(id) => id.to_string().into(),
                    None => Value::Null,
                }
            }
            FieldType::Refs { .. } | FieldType::Users | FieldType::Depts => {
                let mut ids = vec![];
                for t in split(text) {
                    ids.extend(Self::find(c, t, known)?.map(|id| Value::from(id.to_string())));
                }
                Value::Array(ids)
            }
            // The pipeline takes free text apart (R-NRM-04).
            FieldType::Addr => json!({ "detail": text }),
            FieldType::Geo => {
                let mut n = text.split([',', '，', ' ']).filter(|t| !t.is_empty()).map(str::parse::<f64>);
                match (n.next(), n.next(), n.next()) {
                    (Some(Ok(lat)), Some(Ok(lng)), None) => json!({ "lat": lat, "lng": lng }),
                    _ => Value::String(text.to_owned()),
                }
            }
            FieldType::Json => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
            FieldType::Poly { .. } | FieldType::File | FieldType::Img | FieldType::Roll { .. } | FieldType::Calc { .. } => {
                return Err(FieldError::new(c.plan.field.as_str(), "import.not_importable"));
            }
        })
    }

    fn find(c: &Column, text: &str, known: &Lookups) -> std::result::Result<Option<RecordId>, FieldError> {
        let Some(w) = c.wanted(text) else { return Ok(None) };
        match known.get(&w) {
            Some(Found::One(id)) => Ok(Some(id)),
            Some(Found::Many) => Err(FieldError::new(c.plan.field.as_str(), "import.lookup_ambiguous").with("value", text)),
            // Left out before (see `soon`).
            Some(Found::Soon) => Ok(None),
            Some(Found::Nothing) | None if c.plan.missing == Missing::Empty => Ok(None),
            Some(Found::Nothing) | None => {
                Err(FieldError::new(c.plan.field.as_str(), "import.lookup_missing").with("value", text))
            }
        }
    }
}

/// A written yes or no.
pub(crate) fn truth(text: &str) -> Option<bool> {
    match folded(text).as_str() {
        "true" | "yes" | "y" | "1" | "是" | "对" | "√" | "✓" | "x" | "on" => Some(true),
        "false" | "no" | "n" | "0" | "否" | "不" | "×" | "off" => Some(false),
        _ => None,
    }
}

/// A constant that is a lookup: `{ object = "role", code = "sales_rep" }`.
fn constant(value: &Value) -> Option<Wanted> {
    let m = value.as_object()?;
    let object = ObjectName::new(m.get("object")?.as_str()?).ok()?;
    let (by, text) = m.iter().find(|(k, _)| *k != "object")?;
    Some(Wanted { object, by: by.clone(), among: String::new(), text: text.as_str()?.to_owned() })
}

/// Most choices listed in a refusal.
const LISTED: usize = 20;

fn listed(values: &[PickValue]) -> (String, String) {
    let labels: Vec<_> = values.iter().filter(|v| v.active).map(|v| (v.label.en.as_str(), v.label.zh.as_str())).collect();
    let (en, zh): (Vec<&str>, Vec<&str>) = labels.iter().copied().take(LISTED).unzip();
    let more = if labels.len() > LISTED { " …" } else { "" };
    (en.join(", ") + more, zh.join("、") + more)
}

/// A label such as `50-199` or `1000+`.
fn range(label: &str) -> Option<(i64, i64)> {
    if let Some(least) = label.strip_suffix('+') {
        return Some((least.parse().ok()?, i64::MAX));
    }
    let (least, most) = label.split_once('-')?;
    Some((least.parse().ok()?, most.parse().ok()?))
}

/// `"{product} for {account}"` as text before each column.
fn template(t: &str, sheet: &Sheet) -> Result<Vec<(String, Option<usize>)>> {
    let mut parts = vec![];
    let mut rest = t;
    while let Some((before, more)) = rest.split_once('{') {
        let (column, after) =
            more.split_once('}').ok_or_else(|| ExchangeError::refused("plan.bad_template").with("template", t))?;
        parts.push((before.to_owned(), Some(at(sheet, column)?)));
        rest = after;
    }
    parts.push((rest.to_owned(), None));
    Ok(parts)
}

pub(crate) fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', '，', ';', '；', '、', '|', '\n']).map(str::trim).filter(|t| !t.is_empty())
}

impl Column {
    /// The cell, or what stands in for a blank one, with the plan's values replaced.
    pub fn text(&self, row: &Row) -> String {
        let cell = |i: usize| row.cells.get(i).map_or("", |c| c.trim());
        let mut made = String::new();
        for (before, column) in &self.template {
            let filled = column.map_or("", cell);
            if column.is_none() || !filled.is_empty() {
                made.push_str(before);
                made.push_str(filled);
            }
        }
        let mut text = self.at.map_or(made.trim(), cell);
        if text.is_empty() {
            text = self.blanks.iter().map(|(i, v)| i.map_or(v.as_str(), cell)).find(|t| !t.is_empty()).unwrap_or("");
        }
        self.plan.values.get(text).map_or_else(|| text.to_owned(), Clone::clone)
    }
    /// The picklist key a text means; the text itself when none does, so that the pipeline refuses it by name.
    fn key(&self, text: &str) -> String {
        if let Some(k) = self.keys.get(&folded(text)) {
            return k.clone();
        }
        let number = dates::number(text).and_then(|n| i64::try_from(n.trunc()).ok());
        let range = number.and_then(|n| self.ranges.iter().find(|(least, most, _)| (*least..=*most).contains(&n)));
        range.map_or_else(|| text.to_owned(), |(_, _, k)| k.clone())
    }
    /// The key a text means, or which choices there are.
    fn choice(&self, text: &str) -> std::result::Result<String, FieldError> {
        if self.knows(text) {
            return Ok(self.key(text));
        }
        Err(FieldError::new(self.plan.field.as_str(), "import.unknown_choice")
            .with("value", text)
            .with("choices_en", self.choices.0.as_str())
            .with("choices_zh", self.choices.1.as_str()))
    }
    /// The picklist has a value for the text.
    pub fn knows(&self, text: &str) -> bool {
        let key = self.key(text);
        self.keys.values().any(|k| *k == key)
    }
    /// Picklist keys a text may mean, best first.
    pub fn likely(&self, text: &str, model: &Model) -> Vec<String> {
        let set = match &self.field.ty {
            FieldType::Pick { set } | FieldType::Multi { set } => model.picklist(set),
            _ => None,
        };
        let values = set.map(|p| p.values.as_slice()).unwrap_or_default();
        let labels =
            values.iter().flat_map(|v| [v.label.en.as_str(), v.label.zh.as_str(), v.key.as_str()].map(|l| (l, v.key.as_str())));
        crate::ask::alike(text, labels)
    }
    /// What a text asks for.
    pub fn wanted(&self, text: &str) -> Option<Wanted> {
        let (target, by) = self.lookup.as_ref()?;
        Some(Wanted { object: target.name.clone(), by: by.clone(), among: self.among.clone(), text: text.to_owned() })
    }
    /// The texts to look up.
    pub fn texts(&self, row: &Row) -> Vec<String> {
        if self.lookup.is_none() {
            return vec![];
        }
        let t = self.text(row);
        if t.is_empty() {
            vec![]
        } else if self.field.ty.is_many() {
            split(&t).map(str::to_owned).collect()
        } else {
            vec![t]
        }
    }
}
