//! A small model with a field of every type, and a plain normaliser, for this crate's tests.

use std::{borrow::Cow, sync::Arc};

use smol_str::SmolStr;

use crate::{
    FieldDef, FieldName, FieldType, Label, Model, ObjectDef, ObjectKind, ObjectName, PickValue, Picklist,
    codec::{EmailForm, Normalise},
    field::{OnDelete, ResultType, Rollup, RollupFn},
    value::Phone,
};

/// Rules just good enough for tests; the real ones are elsewhere.
pub(crate) struct Plain;

impl Normalise for Plain {
    fn phone(&self, raw: &str, country: Option<&str>) -> Phone {
        let digits: String = raw.chars().filter(char::is_ascii_digit).collect();
        let national = digits.strip_prefix("86").filter(|d| d.len() == 11).unwrap_or(&digits);
        let ok = national.len() == 11 && national.starts_with('1');
        Phone {
            raw: raw.into(),
            e164: ok.then(|| SmolStr::from(format!("+86{national}"))),
            ext: None,
            country: ok.then(|| country.unwrap_or("CN").into()),
            kind: if ok { "mobile" } else { "invalid" }.into(),
        }
    }
    fn email(&self, raw: &str) -> Option<EmailForm> {
        let a = raw.trim().to_lowercase();
        let (local, domain) = a.split_once('@')?;
        if local.is_empty() || !domain.contains('.') {
            return None;
        }
        let key = format!("{}@{domain}", local.split('+').next().unwrap_or(local));
        Some(EmailForm { address: a.as_str().into(), key: key.into() })
    }
    fn unique_key(&self, t: &str) -> String {
        self.fold(t.trim()).into_owned()
    }
    fn fold<'t>(&self, t: &'t str) -> Cow<'t, str> {
        t.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect::<String>().into()
    }
}

pub(crate) fn field(name: &'static str, ty: FieldType) -> FieldDef {
    FieldDef {
        name: FieldName::lit(name),
        label: Label::new(name, name),
        ty,
        section: None,
        required: false,
        unique: false,
        indexed: false,
        system: false,
        mask: None,
        searchable: false,
        default: None,
        help: None,
        required_if: None,
        visible_if: None,
        readonly_if: None,
        regex: None,
        import_aliases: vec![],
        convert_map: None,
        custom: false,
        retired: false,
    }
}

pub(crate) fn unique(mut f: FieldDef) -> FieldDef {
    f.unique = true;
    f
}

fn name(s: &'static str) -> ObjectName {
    ObjectName::lit(s)
}

pub(crate) fn to(target: &'static str) -> FieldType {
    FieldType::Ref { target: name(target), on_delete: OnDelete::Clear }
}

/// One field of every type, of every variety that is stored differently.
pub(crate) fn every_type() -> Vec<FieldDef> {
    use FieldType as T;
    let roll = |result| T::Roll {
        rollup: Rollup {
            object: name("item"),
            via: FieldName::lit("thing_id"),
            func: RollupFn::Count,
            field: None,
            filter: None,
        },
        result,
    };
    let calc = |result, volatile| T::Calc { formula: "1".into(), result, volatile };
    let mut code = field("code", T::Text { max: 20 });
    code.regex = Some("[A-Z]{2}[0-9]+".into());
    vec![
        field("name", T::Text { max: 255 }),
        unique(field("external_id", T::Text { max: 100 })),
        code,
        field("note", T::Long),
        field("body", T::Rich),
        field("count", T::Int { min: Some(-5), max: None }),
        field("ratio", T::Dec { scale: 3, min: None, max: Some("1000".parse().unwrap()) }),
        field("amount", T::Money { unit_price: false, min: None }),
        field("price", T::Money { unit_price: true, min: Some(0.into()) }),
        field("share", T::Pct { min: Some(0.into()), max: Some(100.into()) }),
        field("hot", T::Bool),
        field("day", T::Date),
        field("at", T::DateTime),
        field("opens", T::Time),
        field("took", T::Duration),
        field("level", T::Pick { set: "level".into() }),
        field("colors", T::Multi { set: "level".into() }),
        field("tags", T::Tags),
        field("phone", T::Phone),
        field("email", T::Email),
        field("site", T::Url),
        field("address", T::Addr),
        field("place", T::Geo),
        field("files", T::File),
        field("pictures", T::Img),
        field("parent_id", to("thing")),
        field("others", T::Refs { target: name("thing") }),
        field("boss_id", T::MasterDetail { target: name("company") }),
        field("about", T::Poly { targets: vec![name("thing"), name("company")] }),
        field("roll_count", roll(ResultType::Int)),
        field("roll_sum", roll(ResultType::Money)),
        field("c_text", calc(ResultType::Text, false)),
        field("c_dec", calc(ResultType::Dec(2), false)),
        field("c_pct", calc(ResultType::Pct, false)),
        field("c_bool", calc(ResultType::Bool, false)),
        field("c_date", calc(ResultType::Date, false)),
        field("c_dt", calc(ResultType::DateTime, false)),
        field("c_dur", calc(ResultType::Duration, false)),
        field("c_now", calc(ResultType::DateTime, true)),
        field("c_age", T::Calc { formula: "DATEDIFF(day, TODAY())".into(), result: ResultType::Int, volatile: true }),
        field("c_rate", T::Calc { formula: "CONVERT(1, 'USD', 'CNY')".into(), result: ResultType::Dec(2), volatile: true }),
        field("number", T::Auto { pattern: "T{0000}".into() }),
        field("owner_id", T::User),
        field("helpers", T::Users),
        field("dept_id", T::Dept),
        field("depts", T::Depts),
        field("stars", T::Rating { max: 5 }),
        field("extra", T::Json),
    ]
}

fn object(n: &'static str, fields: Vec<FieldDef>) -> (ObjectName, Arc<ObjectDef>) {
    let title = fields[0].name.clone();
    let mut o = ObjectDef::empty(name(n), ObjectKind::Ownable, Label::new(n, n), Label::new(n, n), title);
    o.fields = fields;
    o.reindex();
    (name(n), Arc::new(o))
}

/// `thing` with every type, `company`, `user`, `department`; base currency CNY, zone Shanghai.
pub(crate) fn model() -> Model {
    let mut m = Model { version: 1, currency: "CNY".into(), zone: "Asia/Shanghai".into(), ..Model::default() };
    m.objects.extend([
        object("thing", every_type()),
        object(
            "company",
            vec![
                field("name", FieldType::Text { max: 255 }),
                unique(field("code", FieldType::Text { max: 20 })),
                field("level", FieldType::Pick { set: "level".into() }),
                field("size", FieldType::Int { min: None, max: None }),
                field("root_id", to("company")),
                field("owner_id", FieldType::User),
            ],
        ),
        object("item", vec![field("name", FieldType::Text { max: 255 }), field("thing_id", to("thing"))]),
        object(
            "user",
            vec![
                field("name", FieldType::Text { max: 255 }),
                unique(field("email", FieldType::Email)),
                field("dept_id", FieldType::Dept),
            ],
        ),
        object("department", vec![field("name", FieldType::Text { max: 255 }), field("parent_id", FieldType::Dept)]),
    ]);
    let value = |key: &str, zh: &str, active| PickValue {
        key: key.into(),
        label: Label::new(key.to_uppercase(), zh),
        color: None,
        active,
    };
    let level = Picklist {
        name: "level".into(),
        label: Label::new("Level", "级别"),
        values: vec![value("a", "重点", true), value("b", "普通", true), value("c", "一般", true), value("old", "旧", false)],
        default: None,
        system: false,
    };
    m.picklists.insert("level".into(), Arc::new(level));
    m
}
