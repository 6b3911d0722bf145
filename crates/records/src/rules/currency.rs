//! One base currency per organisation, fixed once money is recorded (R-CUR-01).

use async_trait::async_trait;
use rapport_schema::{ChangeOp, FieldError, FieldType};
use serde_json::json;

use crate::{Class, Draft, Error, Hook, JsonMap, Result, Unit, q};

pub(crate) struct CurrencyHook;

#[async_trait]
impl Hook for CurrencyHook {
    fn objects(&self) -> &[&'static str] {
        &["currency", "exchange_rate"]
    }

    async fn before(&self, u: &mut Unit<'_>, d: &mut Draft) -> Result<()> {
        match d.object.name.as_str() {
            "currency" => currency(u, d).await,
            _ => rate(u, d),
        }
    }
}

fn fixed(field: &str) -> Error {
    Error::Rule {
        code: "currency.base_fixed",
        class: Class::Conflict,
        params: JsonMap::new(),
        fields: vec![FieldError::new(field, "currency.base_fixed")],
    }
}

/// The base is the currency the workspace reckons in; another one cannot call itself so, and the base keeps its code, its places
/// and its being switched on as soon as there is money.
async fn currency(u: &mut Unit<'_>, d: &mut Draft) -> Result<()> {
    let o = d.object.clone();
    let base = u.model.currency.clone();
    let is_base = |r: &rapport_schema::Record| r.get(&o, "code").as_text() == Some(base.as_str());
    let was = d.old.as_ref().is_some_and(&is_base);
    let gone = matches!(d.op, ChangeOp::Delete | ChangeOp::Purge);
    if !was {
        // Exactly one: the workspace's own.
        return if !gone && d.new.get(&o, "is_base").is_true() && !is_base(&d.new) { Err(fixed("is_base")) } else { Ok(()) };
    }
    let changed = ["code", "decimals", "is_base", "enabled"].into_iter().find(|f| d.changed(f));
    let Some(field) = changed.or(gone.then_some("code")) else { return Ok(()) };
    if field == "is_base" && d.new.get(&o, "is_base").is_true() {
        return Ok(());
    }
    if any_money(u).await? { Err(fixed(field)) } else { Ok(()) }
}

/// Base has rate 1; a rate is for another currency.
fn rate(u: &Unit<'_>, d: &Draft) -> Result<()> {
    let writes = matches!(d.op, ChangeOp::Create | ChangeOp::Update);
    if writes && d.new.get(&d.object, "currency_code").as_text() == Some(u.model.currency.as_str()) {
        let e = FieldError::new("currency_code", "currency.base_fixed").with("currency", json!(u.model.currency));
        return Err(Error::field(e));
    }
    Ok(())
}

/// Whether any record holds an amount, live or in the bin.
async fn any_money(u: &mut Unit<'_>) -> Result<bool> {
    let model = u.model.clone();
    for o in model.objects.values() {
        for (_, f) in o.live().filter(|(_, f)| matches!(f.ty, FieldType::Money { .. })) {
            if !u.find_any(&o.name, q::filled(&f.name), 1).await?.is_empty() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
