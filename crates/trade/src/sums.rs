//! Totals of a quote or order, to the cent (R-QTE-01…04, R-QTE-07): pure arithmetic on exact decimals.

use rapport_schema::money::{round_half_up, spread};
use rust_decimal::{Decimal, RoundingStrategy};

/// Decimals of a rate in percent.
const RATE: u32 = 2;

/// A line as it was agreed.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// How much; above zero.
    pub quantity: Decimal,
    /// Billing periods; 1 for what is charged once (R-SUB-01).
    pub periods: Decimal,
    /// Price of one, in the tax mode of the document.
    pub unit_price: Decimal,
    /// What one costs by the list, in the same tax mode; none = the price of one.
    pub list_price: Option<Decimal>,
    /// Percent off.
    pub discount: Decimal,
    /// Tax in percent.
    pub tax_rate: Decimal,
    /// What one costs us, without tax.
    pub cost: Option<Decimal>,
    /// Offered, not counted.
    pub optional: bool,
}

/// Whether prices contain the tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaxMode {
    /// 含税
    Inclusive,
    /// 不含税
    Exclusive,
}

/// Where tax is rounded (setting `quote.tax_rounding`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaxBy {
    /// On every line.
    Line,
    /// On the sum of each rate, given back to its lines.
    Document,
}

/// A discount on the whole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Header {
    /// None.
    Nothing,
    /// Percent of the lines' sum.
    Percent(Decimal),
    /// An amount.
    Amount(Decimal),
}

/// A coupon or rebate: an amount off the lines it is good for (R-QTE-07).
#[derive(Debug, Clone, PartialEq)]
pub struct Deduction {
    /// How much; at most what those lines have left.
    pub amount: Decimal,
    /// Which lines, by their place.
    pub lines: Vec<usize>,
}

/// What holds for the whole document.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// Whether prices contain the tax.
    pub tax_mode: TaxMode,
    /// Where tax is rounded.
    pub tax_by: TaxBy,
    /// Discount on the whole.
    pub header: Header,
    /// Coupon, then rebate.
    pub deductions: Vec<Deduction>,
    /// Freight and the like; carries no tax here.
    pub other_fee: Decimal,
    /// 抹零: the total is floored to a multiple of this.
    pub floor_to: Option<Decimal>,
    /// Decimals of the currency's minor unit.
    pub places: u32,
}

/// What a line comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Part {
    /// `quantity × periods × price`, less the line's own discount.
    pub net: Decimal,
    /// Its share of the discount on the whole.
    pub header_share: Decimal,
    /// Its share of coupon and rebate.
    pub deduction_share: Decimal,
    /// Without tax.
    pub untaxed: Decimal,
    /// Tax.
    pub tax: Decimal,
    /// With tax.
    pub gross: Decimal,
}

impl Part {
    /// What is left after every discount, in the tax mode of the document.
    fn left(&self) -> Decimal {
        self.net - self.header_share - self.deduction_share
    }
}

/// What a document comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    /// Every line in its place, optional ones too.
    pub parts: Vec<Part>,
    /// Σ net.
    pub lines_net: Decimal,
    /// Discount on the whole.
    pub discount: Decimal,
    /// Σ untaxed.
    pub untaxed: Decimal,
    /// Σ tax.
    pub tax: Decimal,
    /// What 抹零 takes away: zero or negative.
    pub rounding: Decimal,
    /// What the customer pays.
    pub total: Decimal,
    /// Percent below the list; none without a list sum.
    pub discount_rate: Option<Decimal>,
    /// Percent earned on lines that have a cost; none without such.
    pub margin_rate: Option<Decimal>,
}

/// Why a document cannot be added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The discount on the whole is more than the lines come to.
    #[error("the discount is more than the lines come to")]
    DiscountTooHigh,
    /// A deduction is more than its lines have left.
    #[error("the deduction is more than its lines have left")]
    DeductionTooHigh,
    /// A figure does not fit into 28 digits.
    #[error("the figures are too large")]
    Range,
}

fn product(of: &[Decimal]) -> Result<Decimal, Fault> {
    of.iter().try_fold(Decimal::ONE, |a, b| a.checked_mul(*b)).ok_or(Fault::Range)
}

fn sum(of: impl IntoIterator<Item = Decimal>) -> Result<Decimal, Fault> {
    of.into_iter().try_fold(Decimal::ZERO, Decimal::checked_add).ok_or(Fault::Range)
}

/// `part / whole` in percent, rounded; none when there is no whole.
fn rate(part: Decimal, whole: Decimal) -> Result<Option<Decimal>, Fault> {
    if whole.is_zero() {
        return Ok(None);
    }
    let share = part.checked_mul(Decimal::ONE_HUNDRED).and_then(|p| p.checked_div(whole)).ok_or(Fault::Range)?;
    Ok(Some(round_half_up(share, RATE)))
}

/// Gives `amount` off to the lines at `places_of`, in proportion to `weight`.
fn give(
    amount: Decimal,
    at: &[usize],
    parts: &mut [Part],
    terms: &Terms,
    add: fn(&mut Part) -> &mut Decimal,
) -> Result<(), Fault> {
    let weights: Vec<Decimal> = at.iter().map(|i| parts[*i].left()).collect();
    for (i, share) in at.iter().zip(spread(amount, &weights, terms.places).ok_or(Fault::Range)?) {
        *add(&mut parts[*i]) += share;
    }
    Ok(())
}

/// Adds a document up.
///
/// # Errors
/// When a discount is more than what it is taken from, or a figure does not fit.
pub fn totals(lines: &[Line], terms: &Terms) -> Result<Totals, Fault> {
    let counted: Vec<usize> = (0..lines.len()).filter(|i| !lines[*i].optional).collect();
    let mut parts = Vec::with_capacity(lines.len());
    for l in lines {
        let kept = Decimal::ONE - l.discount / Decimal::ONE_HUNDRED;
        let net = round_half_up(product(&[l.quantity, l.periods, l.unit_price, kept])?, terms.places);
        parts.push(Part { net, ..Part::default() });
    }
    let lines_net = sum(counted.iter().map(|i| parts[*i].net))?;
    let discount = match terms.header {
        Header::Nothing => Decimal::ZERO,
        Header::Percent(p) => round_half_up(product(&[lines_net, p])? / Decimal::ONE_HUNDRED, terms.places),
        Header::Amount(a) => a,
    };
    if discount > lines_net {
        return Err(Fault::DiscountTooHigh);
    }
    if !discount.is_zero() {
        give(discount, &counted, &mut parts, terms, |p| &mut p.header_share)?;
    }
    for d in &terms.deductions {
        let at: Vec<usize> = d.lines.iter().copied().filter(|i| counted.contains(i)).collect();
        if d.amount > sum(at.iter().map(|i| parts[*i].left()))? {
            return Err(Fault::DeductionTooHigh);
        }
        give(d.amount, &at, &mut parts, terms, |p| &mut p.deduction_share)?;
    }
    tax(lines, &mut parts, terms)?;

    let of = |f: fn(&Part) -> Decimal| sum(counted.iter().map(|i| f(&parts[*i])));
    let (untaxed, tax_sum, gross) = (of(|p| p.untaxed)?, of(|p| p.tax)?, of(|p| p.gross)?);
    let due = sum([gross, terms.other_fee])?;
    let rounding = match terms.floor_to {
        Some(step) if step > Decimal::ZERO => (due / step).floor() * step - due,
        _ => Decimal::ZERO,
    };
    let listed = counted.iter().map(|i| {
        let l = &lines[*i];
        product(&[l.quantity, l.periods, l.list_price.unwrap_or(l.unit_price)])
    });
    let listed = sum(listed.collect::<Result<Vec<_>, _>>()?)?;
    let discount_rate = rate(listed - of(|p| p.left())?, listed)?;
    let (mut sold, mut cost) = (Decimal::ZERO, Decimal::ZERO);
    for i in &counted {
        if let Some(c) = lines[*i].cost {
            sold = sum([sold, parts[*i].untaxed])?;
            cost = sum([cost, product(&[lines[*i].quantity, lines[*i].periods, c])?])?;
        }
    }
    let margin_rate = rate(sold - cost, sold)?;
    Ok(Totals {
        lines_net,
        discount,
        untaxed,
        tax: tax_sum,
        rounding,
        total: sum([due, rounding])?,
        discount_rate,
        margin_rate,
        parts,
    })
}

/// Tax of an amount at a rate, in the document's tax mode, rounded (R-QTE-03).
fn tax_of(amount: Decimal, rate: Decimal, terms: &Terms) -> Result<Decimal, Fault> {
    let whole = match terms.tax_mode {
        TaxMode::Exclusive => Decimal::ONE_HUNDRED,
        TaxMode::Inclusive => Decimal::ONE_HUNDRED + rate,
    };
    let tax = product(&[amount, rate])?.checked_div(whole).ok_or(Fault::Range)?;
    Ok(tax.round_dp_with_strategy(terms.places, RoundingStrategy::MidpointAwayFromZero))
}

fn tax(lines: &[Line], parts: &mut [Part], terms: &Terms) -> Result<(), Fault> {
    match terms.tax_by {
        TaxBy::Line => {
            for (l, p) in lines.iter().zip(parts.iter_mut()) {
                p.tax = tax_of(p.left(), l.tax_rate, terms)?;
            }
        }
        TaxBy::Document => {
            // Optional lines are no part of the document's sums: they are taxed each by itself.
            let mut groups: Vec<(Decimal, Vec<usize>)> = vec![];
            for (i, l) in lines.iter().enumerate() {
                match groups.iter_mut().find(|(r, at)| *r == l.tax_rate && !l.optional && !lines[at[0]].optional) {
                    Some((_, at)) => at.push(i),
                    None => groups.push((l.tax_rate, vec![i])),
                }
            }
            for (r, at) in groups {
                let weights: Vec<Decimal> = at.iter().map(|i| parts[*i].left()).collect();
                let whole = tax_of(sum(weights.iter().copied())?, r, terms)?;
                for (i, t) in at.iter().zip(spread(whole, &weights, terms.places).ok_or(Fault::Range)?) {
                    parts[*i].tax = t;
                }
            }
        }
    }
    for p in parts {
        (p.untaxed, p.gross) = match terms.tax_mode {
            TaxMode::Exclusive => (p.left(), p.left() + p.tax),
            TaxMode::Inclusive => (p.left() - p.tax, p.left()),
        };
    }
    Ok(())
}

#[cfg(test)]
#[path = "sums_tests.rs"]
mod tests;
