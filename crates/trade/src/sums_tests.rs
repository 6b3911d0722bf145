use super::*;

fn d(s: &str) -> Decimal {
    s.parse().unwrap()
}
fn line(quantity: &str, unit_price: &str, discount: &str, tax_rate: &str) -> Line {
    Line {
        quantity: d(quantity),
        periods: Decimal::ONE,
        unit_price: d(unit_price),
        list_price: None,
        discount: d(discount),
        tax_rate: d(tax_rate),
        cost: None,
        optional: false,
    }
}
fn terms(tax_mode: TaxMode, header: Header) -> Terms {
    Terms { tax_mode, tax_by: TaxBy::Line, header, deductions: vec![], other_fee: Decimal::ZERO, floor_to: None, places: 2 }
}
fn texts(parts: &[Part], f: fn(&Part) -> Decimal) -> Vec<String> {
    parts.iter().map(|p| format!("{:.2}", f(p))).collect()
}
fn three() -> [Line; 3] {
    [line("3", "199.99", "10", "13"), line("1", "1500", "0", "6"), line("12.5", "8.88", "5", "13")]
}

#[test]
fn the_check_of_the_rule() {
    // R-QTE-04, Check: header discount 100.00
    let t = totals(&three(), &terms(TaxMode::Exclusive, Header::Amount(d("100.00")))).unwrap();
    assert_eq!(texts(&t.parts, |p| p.net), ["539.97", "1500.00", "105.45"]);
    assert_eq!(texts(&t.parts, |p| p.header_share), ["25.17", "69.92", "4.91"]);
    assert_eq!(texts(&t.parts, |p| p.tax), ["66.92", "85.80", "13.07"]);
    assert_eq!((t.untaxed, t.tax, t.total), (d("2045.42"), d("165.79"), d("2211.21")));
    // With list = price
    assert_eq!(t.discount_rate, Some(d("7.49")));
    assert_eq!(t.margin_rate, None, "no line has a cost");

    let t = totals(&three(), &terms(TaxMode::Inclusive, Header::Amount(d("100.00")))).unwrap();
    assert_eq!(texts(&t.parts, |p| p.tax), ["59.22", "80.95", "11.57"]);
    assert_eq!((t.total, t.tax, t.untaxed), (d("2045.42"), d("151.74"), d("1893.68")));
}

#[test]
fn shares_of_equal_lines() {
    // R-QTE-04, Check: three equal lines of 100, discount 10
    let lines: Vec<Line> = (0..3).map(|_| line("1", "100", "0", "13")).collect();
    let t = totals(&lines, &terms(TaxMode::Exclusive, Header::Amount(d("10")))).unwrap();
    assert_eq!(texts(&t.parts, |p| p.header_share), ["3.34", "3.33", "3.33"]);
}

#[test]
fn small_change_is_floored_away() {
    // R-QTE-04, Check: 抹零 to 1 and to 10
    let with = |step: &str| {
        let t = Terms { floor_to: Some(d(step)), ..terms(TaxMode::Exclusive, Header::Amount(d("100"))) };
        let t = totals(&three(), &t).unwrap();
        (t.rounding, t.total, t.tax)
    };
    assert_eq!(with("1"), (d("-0.21"), d("2211.00"), d("165.79")));
    assert_eq!(with("10"), (d("-1.21"), d("2210.00"), d("165.79")));
}

#[test]
fn tax_by_line_and_by_document() {
    // R-QTE-03, Check: three lines of 1.05 at 13 %, exclusive
    let lines: Vec<Line> = (0..3).map(|_| line("1", "1.05", "0", "13")).collect();
    let by_line = totals(&lines, &terms(TaxMode::Exclusive, Header::Nothing)).unwrap();
    assert_eq!(by_line.tax, d("0.42"));
    let by_document = totals(&lines, &Terms { tax_by: TaxBy::Document, ..terms(TaxMode::Exclusive, Header::Nothing) }).unwrap();
    assert_eq!(by_document.tax, d("0.41"));
    assert_eq!(texts(&by_document.parts, |p| p.tax), ["0.14", "0.14", "0.13"]);
}

#[test]
fn coupon_then_rebate() {
    // R-QTE-07, Check: inclusive 13 %, nets 1,000 / 500, header 150; coupon 20 % (max 200) on line 1; rebate 117
    let lines = [line("1", "1000", "0", "13"), line("1", "500", "0", "13")];
    let mut t = terms(TaxMode::Inclusive, Header::Amount(d("150")));
    t.deductions.push(Deduction { amount: d("180"), lines: vec![0] });
    let coupon = totals(&lines, &t).unwrap();
    assert_eq!(texts(&coupon.parts, |p| p.header_share), ["100.00", "50.00"]);
    assert_eq!(texts(&coupon.parts, |p| p.gross), ["720.00", "450.00"]);
    assert_eq!(texts(&coupon.parts, |p| p.tax), ["82.83", "51.77"]);
    assert_eq!(coupon.total, d("1170.00"));
    t.deductions.push(Deduction { amount: d("117"), lines: vec![0, 1] });
    let rebate = totals(&lines, &t).unwrap();
    assert_eq!(texts(&rebate.parts, |p| p.deduction_share), ["252.00", "45.00"]);
    assert_eq!(texts(&rebate.parts, |p| p.gross), ["648.00", "405.00"]);
    assert_eq!(texts(&rebate.parts, |p| p.tax), ["74.55", "46.59"]);
    assert_eq!(rebate.total, d("1053.00"));
    t.deductions[0].amount = d("900.01");
    assert_eq!(totals(&lines, &t), Err(Fault::DeductionTooHigh));
}

#[test]
fn optional_lines_periods_costs_and_empty_documents() {
    let mut month = line("10", "100", "10", "6");
    month.periods = d("12");
    month.cost = Some(d("60"));
    let mut offered = line("1", "5000", "0", "13");
    offered.optional = true;
    let t = totals(&[month, offered], &terms(TaxMode::Exclusive, Header::Percent(d("5")))).unwrap();
    // 10 × 12 × 100 less a tenth = 10,800; less 5 % = 10,260; cost 7,200 (R-QTE-01, R-QTE-04)
    assert_eq!((t.lines_net, t.discount, t.untaxed), (d("10800"), d("540"), d("10260")));
    assert_eq!(t.discount_rate, Some(d("14.5")));
    assert_eq!(t.margin_rate, Some(d("29.82")));
    assert_eq!(format!("{:.2}", t.parts[1].gross), "5650.00", "what an option costs is said, not counted");
    let none = totals(&[], &terms(TaxMode::Inclusive, Header::Nothing)).unwrap();
    assert_eq!((none.total, none.discount_rate), (d("0"), None));
}

#[test]
fn too_much_is_refused() {
    assert_eq!(
        totals(&three(), &terms(TaxMode::Exclusive, Header::Amount(d("2145.43")))),
        Err(Fault::DiscountTooHigh),
        "R-QTE-02"
    );
    let huge = line("99999999999999", "99999999999999", "0", "13");
    assert_eq!(totals(&[huge], &terms(TaxMode::Exclusive, Header::Nothing)), Err(Fault::Range));
    let whole = totals(&three(), &terms(TaxMode::Exclusive, Header::Percent(d("100")))).unwrap();
    assert_eq!((whole.total, whole.discount_rate), (d("0"), Some(d("100"))));
}

/// Whatever is agreed, the parts add up to the whole, to the cent.
#[test]
fn totals_always_reconcile() {
    let mut seed = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = |n: i64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        i64::try_from(seed % n.unsigned_abs()).unwrap()
    };
    for round in 0..100_000 {
        let places = [0, 2, 3][usize::try_from(next(3)).unwrap()];
        let lines: Vec<Line> = (0..=next(7))
            .map(|_| Line {
                quantity: Decimal::new(1 + next(99_999), 2),
                periods: Decimal::from(1 + next(24)),
                unit_price: Decimal::new(next(10_000_000), 4),
                list_price: (next(2) == 0).then(|| Decimal::new(next(10_000_000), 4)),
                discount: Decimal::new(next(10_001), 2),
                tax_rate: [d("13"), d("9"), d("6"), d("0"), d("3")][usize::try_from(next(5)).unwrap()],
                cost: (next(2) == 0).then(|| Decimal::new(next(10_000_000), 4)),
                optional: next(5) == 0,
            })
            .collect();
        let header = match next(3) {
            0 => Header::Nothing,
            1 => Header::Percent(Decimal::new(next(10_001), 2)),
            _ => Header::Amount(Decimal::new(next(100_000), places)),
        };
        let t = Terms {
            tax_mode: [TaxMode::Inclusive, TaxMode::Exclusive][usize::try_from(next(2)).unwrap()],
            tax_by: [TaxBy::Line, TaxBy::Document][usize::try_from(next(2)).unwrap()],
            header,
            deductions: vec![],
            other_fee: Decimal::new(next(100_000), places),
            floor_to: [None, Some(d("0.1")), Some(d("1")), Some(d("10"))][usize::try_from(next(4)).unwrap()],
            places,
        };
        let Ok(s) = totals(&lines, &t) else { continue };
        let counted: Vec<&Part> = s.parts.iter().zip(&lines).filter(|(_, l)| !l.optional).map(|(p, _)| p).collect();
        let of = |f: fn(&Part) -> Decimal| counted.iter().map(|p| f(p)).sum::<Decimal>();
        assert_eq!(of(|p| p.net), s.lines_net, "round {round}");
        assert_eq!(of(|p| p.header_share), s.discount, "round {round}");
        assert_eq!(of(|p| p.untaxed) + of(|p| p.tax), of(|p| p.gross), "round {round}");
        assert_eq!((of(|p| p.untaxed), of(|p| p.tax)), (s.untaxed, s.tax), "round {round}");
        assert_eq!(of(|p| p.gross) + t.other_fee + s.rounding, s.total, "round {round}");
        assert!(s.rounding <= Decimal::ZERO && s.total >= Decimal::ZERO, "round {round}: {s:?}");
        for p in counted {
            assert!(p.left() >= Decimal::ZERO && p.tax >= Decimal::ZERO, "round {round}: {p:?}");
            assert!([p.net, p.tax, p.untaxed, p.gross].iter().all(|x| x.normalize().scale() <= places), "round {round}");
        }
    }
}
