//! Settings the rules need, over the `setting` object: `area.key` → JSON. Organisation-wide rows only (those without scope).

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;
use rapport_policy::{Act, Reason, SystemScope};
use rapport_schema::{Value, query::Op};
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use smol_str::SmolStr;

use crate::{Engine, Result, norm::Norm, q};

/// Rates by currency, as of a day.
type Rates = (jiff::civil::Date, Arc<HashMap<String, Decimal>>);

/// Settings read so far; forgotten whenever one changes.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    values: Mutex<Option<Arc<HashMap<String, Json>>>>,
    pub dup_rules: Mutex<Option<Arc<Vec<Arc<crate::dup::Rule>>>>>,
    pub share_rules: Mutex<Option<Arc<Vec<crate::rules::sharing::ShareRule>>>>,
    norm: Mutex<Option<Arc<Norm>>>,
    rates: Mutex<Option<Rates>>,
    pub calendars: Mutex<Option<Arc<crate::worktime::Calendars>>>,
}

impl Settings {
    pub fn forget(&self) {
        *self.values.lock() = None;
        *self.dup_rules.lock() = None;
        *self.share_rules.lock() = None;
        *self.norm.lock() = None;
        *self.rates.lock() = None;
        *self.calendars.lock() = None;
    }
}

impl Engine {
    /// All organisation-wide settings.
    pub(crate) async fn settings(&self) -> Result<Arc<HashMap<String, Json>>> {
        if let Some(s) = self.0.settings.values.lock().clone() {
            return Ok(s);
        }
        let model = self.model();
        let mut map = HashMap::new();
        if let Some(o) = model.object("setting") {
            let rule = SystemScope::because(Reason::Derive).rule(Act::Read, &model, o);
            for r in self.0.db.records(q::select(&model, o, rule, q::blank("scope"), 10_000, self.now())).await? {
                if let Some(k) = r.get(o, "key").as_text() {
                    // A limit that is left blank is none, not the shipped one.
                    let v = if let Value::Json(v) = r.get(o, "value") { (**v).clone() } else { Json::Null };
                    map.insert(k.to_owned(), v);
                }
            }
        }
        let map = Arc::new(map);
        *self.0.settings.values.lock() = Some(map.clone());
        Ok(map)
    }

    /// A setting by `area.key`, or the shipped default when it is absent or of another shape.
    ///
    /// # Errors
    /// The database.
    pub async fn setting<T: DeserializeOwned>(&self, key: &str, default: T) -> Result<T> {
        Ok(self.settings().await?.get(key).and_then(|v| serde_json::from_value(v.clone()).ok()).unwrap_or(default))
    }

    /// Today's rates by currency (R-CUR-03): the latest valid one each.
    pub(crate) async fn rates(&self) -> Result<Arc<HashMap<String, Decimal>>> {
        let model = self.model();
        let today = self.now().date_in(&model.tz());
        if let Some((day, r)) = self.0.settings.rates.lock().clone()
            && day == today
        {
            return Ok(r);
        }
        let mut latest: HashMap<String, (jiff::civil::Date, Decimal)> = HashMap::new();
        if let Some(o) = model.object("exchange_rate") {
            let rule = SystemScope::because(Reason::Derive).rule(Act::Read, &model, o);
            let valid = q::cmp("valid_from", Op::Lte, Value::Date(today));
            for r in self.0.db.records(q::select(&model, o, rule, valid, 10_000, self.now())).await? {
                if let (Some(c), Value::Date(d), Value::Dec(rate)) =
                    (r.get(o, "currency_code").as_text(), r.get(o, "valid_from"), r.get(o, "rate"))
                    && latest.get(c).is_none_or(|(had, _)| had < d)
                {
                    latest.insert(c.to_owned(), (*d, *rate));
                }
            }
        }
        let rates = Arc::new(latest.into_iter().map(|(c, (_, r))| (c, r)).collect::<HashMap<_, _>>());
        *self.0.settings.rates.lock() = Some((today, rates.clone()));
        Ok(rates)
    }

    pub(crate) async fn norm(&self) -> Result<Arc<Norm>> {
        if let Some(n) = self.0.settings.norm.lock().clone() {
            return Ok(n);
        }
        let country: String = self.setting("phone.country", "CN".to_owned()).await?;
        let area: String = self.setting("phone.area_code", String::new()).await?;
        let n = Arc::new(Norm { country: SmolStr::new(country), area_code: (!area.is_empty()).then(|| SmolStr::new(area)) });
        *self.0.settings.norm.lock() = Some(n.clone());
        Ok(n)
    }
}
