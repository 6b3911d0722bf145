//! One field of an object file.

use super::{Fault, reader::Tab};
use crate::{
    DefaultValue, FieldDef, FieldName, FieldType, MaskKind, ObjectName,
    field::{OnDelete, ResultType, Rollup, RollupFn},
};

/// A field as read, and whether its rollup's result type has to be taken from the field it rolls up.
pub(super) struct Read {
    pub def: FieldDef,
    pub derive_result: bool,
}

/// Reads a field; `None` when it is too faulty to go on with.
pub(super) fn read(t: &Tab<'_, '_>, section: Option<&str>, faults: &mut Vec<Fault>) -> Option<Read> {
    let name = t.need("name", faults);
    let code = t.need("type", faults);
    let label = t.label("label", faults);
    let mut derive_result = false;
    let ty = code.as_ref().and_then(|(c, line)| field_type(t, c, *line, &mut derive_result, faults));
    let name = match FieldName::new(&name?.0) {
        Ok(n) => n,
        Err(e) => {
            t.fault(e, faults);
            return None;
        }
    };
    let mut f = FieldDef::new(name, label, ty.clone().unwrap_or(FieldType::Json));
    f.section = section.map(str::to_owned);
    f.required = t.flag("required", faults);
    f.unique = t.flag("unique", faults);
    f.indexed = t.flag("indexed", faults);
    f.system = t.flag("system", faults);
    f.searchable = t.flag("searchable", faults);
    f.mask = t.text("mask", faults).and_then(|(m, line)| {
        let k = mask(&m);
        if k.is_none() {
            faults.push(
                t.doc
                    .fault(line, format!("{}: mask `{m}` is not one of phone, email, bank, wechat, name, address, text", t.what)),
            );
        }
        k
    });
    f.default = match (t.json("default"), t.text("default_formula", faults)) {
        (Some(_), Some(_)) => {
            t.fault("give `default` or `default_formula`, not both", faults);
            None
        }
        (Some(v), None) => Some(DefaultValue::Literal(v)),
        (None, Some((s, _))) => Some(DefaultValue::Formula(s)),
        (None, None) => None,
    };
    f.help = t.label_opt("help", faults);
    f.required_if = t.text("required_if", faults).map(|(s, _)| s);
    f.visible_if = t.text("visible_if", faults).map(|(s, _)| s);
    f.readonly_if = t.text("readonly_if", faults).map(|(s, _)| s);
    f.import_aliases = t.strings("import_aliases", faults).into_iter().map(|(s, _)| s).collect();
    f.convert_map = t.text("convert_map", faults).map(|(s, _)| s);
    if matches!(f.ty, FieldType::Text { .. }) {
        f.regex = t.text("regex", faults).map(|(s, _)| s);
    }
    t.finish(faults);
    ty.map(|_| Read { def: f, derive_result })
}

fn mask(s: &str) -> Option<MaskKind> {
    Some(match s {
        "phone" => MaskKind::Phone,
        "email" => MaskKind::Email,
        "bank" => MaskKind::Bank,
        "wechat" => MaskKind::Wechat,
        "name" => MaskKind::Name,
        "address" => MaskKind::Address,
        "text" => MaskKind::Text,
        _ => return None,
    })
}

fn object(t: &Tab<'_, '_>, key: &str, faults: &mut Vec<Fault>) -> Option<ObjectName> {
    let (s, line) = t.need(key, faults)?;
    ObjectName::new(&s).map_err(|e| faults.push(t.doc.fault(line, format!("{}: {e}", t.what)))).ok()
}

fn small(t: &Tab<'_, '_>, key: &str, none: u8, most: u8, faults: &mut Vec<Fault>) -> u8 {
    let Some(n) = t.int(key, faults) else { return none };
    u8::try_from(n).ok().filter(|n| *n <= most).unwrap_or_else(|| {
        t.fault(format!("`{key}` must be 0 to {most}, not {n}"), faults);
        none
    })
}

fn field_type(t: &Tab<'_, '_>, code: &str, line: usize, derive_result: &mut bool, faults: &mut Vec<Fault>) -> Option<FieldType> {
    Some(match code {
        "text" => {
            let max = t.int("max", faults).unwrap_or(255);
            if !(1..=4000).contains(&max) {
                t.fault(format!("`max` must be 1 to 4000, not {max}"), faults);
            }
            FieldType::Text { max: u32::try_from(max.clamp(1, 4000)).unwrap_or(255) }
        }
        "long" => FieldType::Long,
        "rich" => FieldType::Rich,
        "int" => FieldType::Int { min: t.int("min", faults), max: t.int("max", faults) },
        "dec" => FieldType::Dec {
            scale: small(t, "scale", 2, 8, faults),
            min: t.decimal("min", faults),
            max: t.decimal("max", faults),
        },
        "money" => FieldType::Money { unit_price: t.flag("unit_price", faults), min: t.decimal("min", faults) },
        "pct" => FieldType::Pct { min: t.decimal("min", faults), max: t.decimal("max", faults) },
        "bool" => FieldType::Bool,
        "date" => FieldType::Date,
        "dt" => FieldType::DateTime,
        "time" => FieldType::Time,
        "dur" => FieldType::Duration,
        "pick" => FieldType::Pick { set: t.need("picklist", faults)?.0 },
        "multi" => FieldType::Multi { set: t.need("picklist", faults)?.0 },
        "tags" => FieldType::Tags,
        "phone" => FieldType::Phone,
        "email" => FieldType::Email,
        "url" => FieldType::Url,
        "addr" => FieldType::Addr,
        "geo" => FieldType::Geo,
        "file" => FieldType::File,
        "img" => FieldType::Img,
        "ref" => {
            let on_delete = match t.text("on_delete", faults) {
                None => OnDelete::Clear,
                Some((s, line)) => match s.as_str() {
                    "clear" => OnDelete::Clear,
                    "restrict" => OnDelete::Restrict,
                    "cascade" => OnDelete::Cascade,
                    _ => {
                        faults.push(
                            t.doc.fault(line, format!("{}: on_delete `{s}` is not one of clear, restrict, cascade", t.what)),
                        );
                        OnDelete::Clear
                    }
                },
            };
            FieldType::Ref { target: object(t, "target", faults)?, on_delete }
        }
        "refs" => FieldType::Refs { target: object(t, "target", faults)? },
        "md" => FieldType::MasterDetail { target: object(t, "target", faults)? },
        "poly" => {
            let given = t.strings("targets", faults);
            if given.is_empty() {
                t.fault("`targets` is missing; list objects, or [\"any\"]", faults);
            }
            let mut targets = vec![];
            for (s, line) in given.iter().filter(|(s, _)| s != "any") {
                match ObjectName::new(s) {
                    Ok(n) => targets.push(n),
                    Err(e) => faults.push(t.doc.fault(*line, format!("{}: {e}", t.what))),
                }
            }
            if given.len() > 1 && targets.len() < given.len() {
                t.fault("`any` stands alone in `targets`", faults);
            }
            FieldType::Poly { targets }
        }
        "roll" => {
            let r = t.table("rollup", &format!("{}: rollup", t.what), faults);
            let Some(r) = r else {
                t.fault("`rollup` is missing", faults);
                return None;
            };
            let func = match r.need("fn", faults)?.0.as_str() {
                "count" => RollupFn::Count,
                "sum" => RollupFn::Sum,
                "min" => RollupFn::Min,
                "max" => RollupFn::Max,
                "avg" => RollupFn::Avg,
                x => {
                    r.fault(format!("fn `{x}` is not one of count, sum, min, max, avg"), faults);
                    return None;
                }
            };
            let field = |key: &str, faults: &mut Vec<Fault>| {
                r.text(key, faults).and_then(|(s, line)| {
                    FieldName::new(&s).map_err(|e| faults.push(r.doc.fault(line, format!("{}: {e}", r.what)))).ok()
                })
            };
            let rollup = Rollup {
                object: object(&r, "object", faults)?,
                via: field("via", faults).or_else(|| {
                    r.fault("`via` is missing: the field that points here", faults);
                    None
                })?,
                func,
                field: field("field", faults),
                filter: r.text("filter", faults).map(|(s, _)| s),
            };
            r.finish(faults);
            if (func == RollupFn::Count) != rollup.field.is_none() {
                r.fault(
                    if func == RollupFn::Count { "count takes no `field`" } else { "`field` is missing: what to compute" },
                    faults,
                );
            }
            *derive_result = func != RollupFn::Count;
            FieldType::Roll { rollup, result: ResultType::Int }
        }
        "calc" => {
            let formula = t.need("formula", faults)?.0;
            let (r, rline) = t.need("result", faults)?;
            let result = match r.as_str() {
                "text" => ResultType::Text,
                "int" => ResultType::Int,
                "dec" => ResultType::Dec(small(t, "scale", 2, 8, faults)),
                "money" => ResultType::Money,
                "pct" => ResultType::Pct,
                "bool" => ResultType::Bool,
                "date" => ResultType::Date,
                "dt" => ResultType::DateTime,
                "dur" => ResultType::Duration,
                _ => {
                    faults.push(t.doc.fault(
                        rline,
                        format!("{}: result `{r}` is not one of text, int, dec, money, pct, bool, date, dt, dur", t.what),
                    ));
                    return None;
                }
            };
            let volatile = crate::check::is_volatile(&formula);
            FieldType::Calc { formula, result, volatile }
        }
        "auto" => FieldType::Auto { pattern: t.need("pattern", faults)?.0 },
        "user" => FieldType::User,
        "users" => FieldType::Users,
        "dept" => FieldType::Dept,
        "depts" => FieldType::Depts,
        "rating" => FieldType::Rating { max: small(t, "max", 5, 10, faults) },
        "json" => FieldType::Json,
        _ => {
            faults.push(t.doc.fault(line, format!("{}: `{code}` is not a field type", t.what)));
            return None;
        }
    })
}
