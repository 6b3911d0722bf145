//! Products of a deal, its amount (R-STG-04, R-SUB-01), and splits of its revenue (R-FC-04).

use async_trait::async_trait;
use rapport_records::{Action, ActionSpec, Class, Draft, Error, Hook, JsonMap, Result, Unit, q};
use rapport_schema::{
    ChangeOp, FieldError, Label, ObjectDef, Record, RecordId, Value, codec,
    money::{Money, minor_unit, round_half_up, spread},
};
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

/// Months of a billing period.
fn months(period: &str) -> Option<i64> {
    Some(match period {
        "month" => 1,
        "quarter" => 3,
        "half_year" => 6,
        "year" => 12,
        _ => return None,
    })
}

/// Sums of a deal's lines.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Sums {
    pub total: Decimal,
    pub recurring: Decimal,
    /// Unrounded.
    pub mrr: Decimal,
}

impl Sums {
    /// Adds a line: its subtotal, and its term when it recurs.
    pub fn add(&mut self, subtotal: Decimal, recurring: bool, term: Option<i64>) {
        self.total += subtotal;
        if recurring {
            self.recurring += subtotal;
            if let Some(m) = term.filter(|m| *m > 0).and_then(|m| subtotal.checked_div(Decimal::from(m))) {
                self.mrr += m;
            }
        }
    }
}

/// The sums over a deal's live lines.
pub(crate) async fn sums(u: &mut Unit<'_>, deal: RecordId) -> Result<Sums> {
    let mut s = Sums::default();
    if !u.has("opportunity_line") {
        return Ok(s);
    }
    let o = u.object("opportunity_line")?;
    for l in u.find("opportunity_line", q::eq("opportunity_id", deal), 1_000).await? {
        if let Value::Dec(d) = l.get(&o, "subtotal") {
            s.add(*d, l.get(&o, "charge_kind").as_text() == Some("recurring"), l.get(&o, "term_months").as_int());
        }
    }
    Ok(s)
}

/// Puts the sums into a deal, in the deal's currency.
pub(crate) fn apply(u: &Unit<'_>, o: &ObjectDef, deal: &mut Record, s: &Sums) {
    let (currency, rate) = match deal.get(o, "amount") {
        Value::Money(m) => (m.currency.clone(), m.rate),
        _ => (u.model.currency.as_str().into(), Decimal::ONE),
    };
    let money = |d: Decimal| Value::Money(Money::at(round_half_up(d, minor_unit(&currency)), &currency, rate, &u.model.currency));
    deal.set(o, "amount", money(s.total));
    deal.set(o, "recurring_amount", money(s.recurring));
    deal.set(o, "one_off_amount", money(s.total - s.recurring));
    deal.set(o, "mrr", Value::Money(Money::base(round_half_up(s.mrr * rate, minor_unit(&u.model.currency)), &u.model.currency)));
}

pub(crate) struct LineHook;

#[async_trait]
impl Hook for LineHook {
    fn objects(&self) -> &[&'static str] {
        &["opportunity_line"]
    }
    fn fills(&self) -> &[&'static str] {
        &["list_price", "unit_price"]
    }
    async fn before(&self, u: &mut Unit<'_>, d: &mut Draft) -> Result<()> {
        if !matches!(d.op, ChangeOp::Create | ChangeOp::Update) {
            return Ok(());
        }
        let o = d.object.clone();
        // Price and kind follow the product where the line does not say (R-SUB-01).
        if d.op == ChangeOp::Create
            && let Some(product) = d.new.get(&o, "product_id").as_id()
            && let Some(p) = u.peek("product", product).await?
        {
            let po = u.object("product")?;
            let asked = |f: &str| d.asked.iter().any(|ix| o.at(*ix).name == f);
            let subscription = p.get(&po, "is_subscription").is_true();
            let mut set = vec![];
            for f in ["list_price", "unit_price"] {
                if d.new.get(&o, f).is_empty() {
                    set.push((f, p.get(&po, "list_price").clone()));
                }
            }
            if subscription && !asked("charge_kind") {
                set.push(("charge_kind", Value::from("recurring")));
            }
            if subscription && d.new.get(&o, "billing_period").is_empty() {
                set.push(("billing_period", p.get(&po, "billing_period").clone()));
            }
            for (f, v) in set {
                d.new.set(&o, f, v);
            }
        }
        let recurring = d.new.get(&o, "charge_kind").as_text() == Some("recurring");
        let term = d.new.get(&o, "term_months").as_int();
        let period = d.new.get(&o, "billing_period").as_text().and_then(months);
        let periods = match (recurring, term, period) {
            (true, Some(t), Some(p)) if t % p != 0 => {
                return Err(Error::field(FieldError::new("term_months", "line.term_mismatch").with("months", p)));
            }
            (true, Some(t), Some(p)) => Value::Int(t / p),
            _ => Value::Int(1),
        };
        d.new.set(&o, "periods", periods);
        // Lines speak the deal's currency (R-CUR-04).
        if let Some(deal) = d.new.get(&o, "opportunity_id").as_id()
            && let Some(r) = u.peek("opportunity", deal).await?
        {
            let oo = u.object("opportunity")?;
            if let (Value::Money(price), Value::Money(amount)) = (d.new.get(&o, "unit_price").clone(), r.get(&oo, "amount"))
                && price.currency != amount.currency
            {
                return Err(Error::field(
                    FieldError::new("unit_price", "value.currency").with("currency", amount.currency.as_str()),
                ));
            }
        }
        Ok(())
    }
    async fn after(&self, u: &mut Unit<'_>, d: &Draft) -> Result<()> {
        let o = d.object.clone();
        let Some(deal) = d.new.get(&o, "opportunity_id").as_id() else { return Ok(()) };
        let oo = u.object("opportunity")?;
        let Some(r) = u.peek("opportunity", deal).await? else { return Ok(()) };
        if !r.get(&oo, "amount_from_lines").is_true() {
            return Ok(());
        }
        let s = sums(u, deal).await?;
        let mut new = r.clone();
        apply(u, &oo, &mut new, &s);
        let fields: Vec<(&str, Value)> =
            ["amount", "recurring_amount", "one_off_amount", "mrr"].into_iter().map(|f| (f, new.get(&oo, f).clone())).collect();
        u.set("opportunity", deal, &fields).await?;
        Ok(())
    }
}

pub(crate) struct SplitHook;

fn hundred(fields: Vec<FieldError>) -> Error {
    Error::Rule { code: "split.not_100", class: Class::Content, params: JsonMap::new(), fields }
}

#[async_trait]
impl Hook for SplitHook {
    fn objects(&self) -> &[&'static str] {
        &["revenue_split"]
    }
    /// Rows written one by one may not pass 100; the whole set is written by `set_splits`, which asks for exactly 100.
    async fn before(&self, u: &mut Unit<'_>, d: &mut Draft) -> Result<()> {
        if !matches!(d.op, ChangeOp::Create | ChangeOp::Update | ChangeOp::Restore) {
            return Ok(());
        }
        let o = d.object.clone();
        let Some(deal) = d.new.get(&o, "opportunity_id").as_id() else { return Ok(()) };
        let mut sum = Decimal::ZERO;
        for r in u.find("revenue_split", q::and([q::eq("opportunity_id", deal), q::not(q::id(d.new.id))]), 1_000).await? {
            if let Value::Dec(p) = r.get(&o, "percent") {
                sum += *p;
            }
        }
        if let Value::Dec(p) = d.new.get(&o, "percent") {
            sum += *p;
        }
        if sum > Decimal::from(100) {
            Err(hundred(vec![FieldError::new("percent", "split.not_100").with("sum", codec::decimal_text(sum, 0))]))
        } else {
            Ok(())
        }
    }
}

/// Replaces the splits of a deal; percents sum to 100, none = the owner has all of it (R-FC-04).
pub(crate) struct SetSplits(ActionSpec);
impl Default for SetSplits {
    fn default() -> Self {
        let p = json!({ "splits": { "type": "array", "description": "[{\"user_id\",\"percent\"}]; empty = all to the owner", "items": { "type": "object" } } });
        Self(ActionSpec::record("opportunity", "set_splits", Label::new("Split Revenue", "业绩分摊"), p, &["splits"]))
    }
}

#[async_trait]
impl Action for SetSplits {
    fn spec(&self) -> &ActionSpec {
        &self.0
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, input: Json) -> Result<Json> {
        let r = target.ok_or(Error::NotFound)?;
        let mut rows = vec![];
        let mut sum = Decimal::ZERO;
        for s in input["splits"].as_array().into_iter().flatten() {
            let user: Option<RecordId> = s["user_id"].as_str().and_then(|x| x.parse().ok());
            let percent = match &s["percent"] {
                Json::String(t) => codec::parse_decimal(t),
                Json::Number(n) => codec::parse_decimal(&n.to_string()),
                _ => None,
            };
            let (Some(user), Some(percent)) = (user, percent) else {
                return Err(Error::field(FieldError::new("splits", "value.type").with("expected", "user_id, percent")));
            };
            if !u.person(user).await?.is_some_and(|p| p.active) {
                return Err(Error::field(FieldError::new("splits", "reference.not_found").with("value", user.to_string())));
            }
            sum += percent;
            rows.push((user, percent));
        }
        if !rows.is_empty() && sum != Decimal::from(100) {
            return Err(hundred(vec![FieldError::new("splits", "split.not_100").with("sum", codec::decimal_text(sum, 0))]));
        }
        for old in u.find("revenue_split", q::eq("opportunity_id", r.id), 1_000).await? {
            u.discard("revenue_split", old.id).await?;
        }
        let o = u.object("opportunity")?;
        let percents: Vec<Decimal> = rows.iter().map(|(_, p)| *p).collect();
        let parts = match r.get(&o, "amount") {
            Value::Money(m) => {
                let places = minor_unit(&m.currency);
                let parts =
                    spread(m.amount, &percents, places).ok_or_else(|| Error::field(FieldError::new("amount", "value.range")))?;
                parts.into_iter().map(|a| Json::from(codec::decimal_text(a, places))).collect()
            }
            _ => vec![Json::Null; rows.len()],
        };
        let told: Vec<Json> = rows
            .iter()
            .zip(parts)
            .map(|((user, p), amount)| json!({ "user_id": user, "percent": codec::decimal_text(*p, 0), "amount": amount }))
            .collect();
        for (user, percent) in rows {
            u.make(
                "revenue_split",
                &[("opportunity_id", Value::Id(r.id)), ("user_id", Value::Id(user)), ("percent", Value::Dec(percent))],
            )
            .await?;
        }
        let mut answer = u.answer("opportunity", r.id).await?;
        if let Json::Object(m) = &mut answer {
            m.insert("$splits".into(), told.into());
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_of_the_rule() {
        // R-SUB-01, Check: 10 × 100 a month, term 12, 10 % off; 1 × 9,000 a quarter, term 12; set-up 5,000
        let d = Decimal::from;
        let mut s = Sums::default();
        s.add(d(10_800), true, Some(12));
        s.add(d(36_000), true, Some(12));
        s.add(d(5_000), false, None);
        assert_eq!((s.total, s.recurring, s.mrr), (d(51_800), d(46_800), d(3_900)));
        // The same as a 24-month term
        let mut s = Sums::default();
        s.add(d(21_600), true, Some(24));
        s.add(d(72_000), true, Some(24));
        s.add(d(5_000), false, None);
        assert_eq!((s.total, s.mrr), (d(98_600), d(3_900)));
    }
}
