//! One field of an object file.

use super::{
    Fault,
    flaw::{Flaw, Word},
    reader::Tab,
};
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
    let name = t.good(FieldName::new(&name?.0), t.line, faults)?;
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
            t.fault_at(line, Flaw::choice("mask", &m, MASKS), faults);
        }
        k
    });
    f.default = match (t.json("default"), t.text("default_formula", faults)) {
        (Some(_), Some(_)) => {
            t.fault(Flaw::Both { one: "default", other: "default_formula".into() }, faults);
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

const MASKS: [&str; 7] = ["phone", "email", "bank", "wechat", "name", "address", "text"];

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
    t.good(ObjectName::new(&s), line, faults)
}

fn small(t: &Tab<'_, '_>, key: &str, none: u8, most: u8, faults: &mut Vec<Fault>) -> u8 {
    let Some(n) = t.int(key, faults) else { return none };
    u8::try_from(n).ok().filter(|n| *n <= most).unwrap_or_else(|| {
        t.fault(Flaw::Range { key: key.to_owned(), min: 0, max: most.into(), value: n }, faults);
        none
    })
}

const RESULTS: [&str; 9] = ["text", "int", "dec", "money", "pct", "bool", "date", "dt", "dur"];
/// Every type a field can have.
pub(super) const TYPES: [&str; 35] = [
    "text", "long", "rich", "int", "dec", "money", "pct", "bool", "date", "dt", "time", "dur", "pick", "multi", "tags", "phone",
    "email", "url", "addr", "geo", "file", "img", "ref", "refs", "md", "poly", "roll", "calc", "auto", "user", "users", "dept",
    "depts", "rating", "json",
];

fn field_type(t: &Tab<'_, '_>, code: &str, line: usize, derive_result: &mut bool, faults: &mut Vec<Fault>) -> Option<FieldType> {
    Some(match code {
        "text" => {
            let max = t.int("max", faults).unwrap_or(255);
            if !(1..=4000).contains(&max) {
                t.fault(Flaw::Range { key: "max".into(), min: 1, max: 4000, value: max }, faults);
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
                        t.fault_at(line, Flaw::choice("on_delete", &s, ["clear", "restrict", "cascade"]), faults);
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
                t.fault(Flaw::Missing { key: "targets".into(), wanted: Some(Word::TARGETS), form: Some("[\"any\"]") }, faults);
            }
            let (any, named): (Vec<_>, Vec<_>) = given.into_iter().partition(|(s, _)| s == "any");
            if !any.is_empty() && !named.is_empty() {
                let other = named.iter().map(|(s, _)| s.as_str()).collect::<Vec<_>>().join(", ");
                t.fault(Flaw::Both { one: "any", other }, faults);
            }
            let targets = named.into_iter().filter_map(|(s, line)| t.good(ObjectName::new(&s), line, faults)).collect();
            FieldType::Poly { targets }
        }
        "roll" => {
            let Some(r) = t.table("rollup", "rollup", faults) else {
                if !t.has("rollup") {
                    t.fault(Flaw::missing("rollup"), faults);
                }
                return None;
            };
            let func = match r.need("fn", faults)?.0.as_str() {
                "count" => RollupFn::Count,
                "sum" => RollupFn::Sum,
                "min" => RollupFn::Min,
                "max" => RollupFn::Max,
                "avg" => RollupFn::Avg,
                x => {
                    r.fault(Flaw::choice("fn", x, ["count", "sum", "min", "max", "avg"]), faults);
                    return None;
                }
            };
            let field = |key: &str, faults: &mut Vec<Fault>| {
                r.text(key, faults).and_then(|(s, line)| r.good(FieldName::new(&s), line, faults))
            };
            let rollup = Rollup {
                object: object(&r, "object", faults)?,
                via: field("via", faults).or_else(|| {
                    if !r.has("via") {
                        r.fault(Flaw::Missing { key: "via".into(), wanted: Some(Word::WAY_HERE), form: None }, faults);
                    }
                    None
                })?,
                func,
                field: field("field", faults),
                filter: r.text("filter", faults).map(|(s, _)| s),
            };
            r.finish(faults);
            if (func == RollupFn::Count) != rollup.field.is_none() {
                let flaw = if func == RollupFn::Count {
                    Flaw::Both { one: "fn = \"count\"", other: "field".into() }
                } else {
                    Flaw::Missing { key: "field".into(), wanted: Some(Word::ROLLED_UP), form: None }
                };
                r.fault(flaw, faults);
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
                    t.fault_at(rline, Flaw::choice("result", &r, RESULTS), faults);
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
            t.fault_at(line, Flaw::choice("type", code, TYPES), faults);
            return None;
        }
    })
}
