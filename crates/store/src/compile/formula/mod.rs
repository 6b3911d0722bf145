//! Checked formulas as SQL. The answers are those of `schema::formula::eval`, digit by digit and character by character.
//!
//! | type | SQLite | PostgreSQL |
//! |---|---|---|
//! | number | 16 bytes in the order of the numbers (`Fix::to_ordered`), computed by functions of `sqlite::functions` | `numeric`, each operation rounded to twelve places |
//! | yes/no | 0 or 1, never NULL | `boolean`, never NULL |
//! | text, option, day | text, NULL when blank | the same, `COLLATE "C"` |
//! | instant | milliseconds | `bigint` |
//! | reference | 16 bytes | `uuid` |
//!
//! No operand is written into the text twice (PostgreSQL binds it in a sub-select that is not pulled up, SQLite passes it to a
//! function), so the statement grows like the formula. A function that no database computes exactly
//! (`Formula::memory_only`) is refused here.

mod call;
mod date;
mod pg;

use rapport_schema::{
    FieldDef, FieldType, Millis, ObjectDef, UserId,
    field::ResultType,
    formula::{Arith, Cmp, Fix, Formula, Node, Ty, check_field},
    money::{AMOUNT_SCALE, PCT_SCALE, minor_unit},
    physical::Class,
    query::Path,
};

use super::{
    Cx, and, col,
    column::{End, Reached, order_suffix, places},
    or,
};
use crate::{Result, StoreError, sql::Param};

/// What a formula may know beside the row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub now: Millis,
    pub user: Option<UserId>,
}

/// How a value lies in SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Text,
    Bool,
    Date,
    Instant,
    Id,
}

/// `None` for lists and composites, which have no value of their own.
const fn kind_of(ty: &Ty) -> Option<Kind> {
    Some(match ty {
        Ty::Number => Kind::Number,
        // Only blank: a text that is always blank serves.
        Ty::Text | Ty::Pick(_) | Ty::Null => Kind::Text,
        Ty::Bool => Kind::Bool,
        Ty::Date => Kind::Date,
        Ty::Instant => Kind::Instant,
        Ty::Id(_) => Kind::Id,
        Ty::Keys(_) | Ty::Other => return None,
    })
}

const fn kind_of_result(r: ResultType) -> Kind {
    match r {
        ResultType::Text => Kind::Text,
        ResultType::Int | ResultType::Dec(_) | ResultType::Money | ResultType::Pct | ResultType::Duration => Kind::Number,
        ResultType::Bool => Kind::Bool,
        ResultType::Date => Kind::Date,
        ResultType::DateTime => Kind::Instant,
    }
}

fn unfit(what: &str) -> StoreError {
    StoreError::Driver(format!("a formula cannot be compiled: {what}"))
}

/// The cell a computed field would hold for the row `alias` of `object`, as SQL of the result's storage class.
pub(crate) fn cell<'a>(cx: &mut Cx<'a>, object: &'a ObjectDef, alias: &str, field: &FieldDef) -> Result<String> {
    let FieldType::Calc { formula, result, .. } = &field.ty else { return Err(unfit("the field is not computed")) };
    let f: Formula = check_field(formula, field, cx.model, object).map_err(|e| unfit(&e.to_string()))?;
    if let Some(name) = f.memory_only {
        return Err(unfit(name));
    }
    let mut w = Writer { pg: cx.shared.dialect.is_pg(), cx, object, alias };
    // A blank condition is no value, unlike a blank yes/no field.
    if f.ty == Ty::Null {
        return Ok(w.null_cell(rapport_schema::physical::result_class(*result)));
    }
    let e = w.expr(&f.root, kind_of_result(*result))?;
    Ok(w.cell(e, *result))
}

/// The formula of a field, stored or not, is evaluated in memory only.
pub(crate) fn in_memory(model: &rapport_schema::Model, object: &ObjectDef, field: &FieldDef) -> bool {
    match &field.ty {
        FieldType::Calc { formula, .. } => check_field(formula, field, model, object).is_ok_and(|f| f.memory_only.is_some()),
        _ => false,
    }
}

struct Writer<'c, 'a> {
    cx: &'c mut Cx<'a>,
    object: &'a ObjectDef,
    alias: &'c str,
    pg: bool,
}

impl<'a> Writer<'_, 'a> {
    fn null_cell(&self, class: Class) -> String {
        match (self.pg, class) {
            (false, _) => "NULL".into(),
            (true, Class::Int) => "NULL::bigint".into(),
            (true, Class::Text) => "NULL::text".into(),
            (true, Class::Id) => "NULL::uuid".into(),
        }
    }

    /// A result as it would be stored.
    fn cell(&self, e: String, result: ResultType) -> String {
        let scaled = |e: &str, places: u32| if self.pg { pg::scaled(e, places) } else { format!("fx_scaled({e},{places})") };
        match result {
            ResultType::Text | ResultType::Date if self.pg => format!("({e} COLLATE \"C\")"),
            ResultType::Text | ResultType::Date | ResultType::DateTime => e,
            ResultType::Bool if self.pg => format!("({e})::int::bigint"),
            ResultType::Bool => e,
            ResultType::Int | ResultType::Duration => scaled(&e, 0),
            ResultType::Dec(s) => scaled(&e, u32::from(s)),
            ResultType::Pct => scaled(&e, PCT_SCALE),
            ResultType::Money => {
                // Rounded to the currency's minor unit, stored with more places.
                let places = minor_unit(&self.cx.model.currency);
                let rounded = if self.pg {
                    format!("round({e},{places})")
                } else {
                    format!("fx_round({e},{})", ordered(i64::from(places)))
                };
                scaled(&rounded, AMOUNT_SCALE)
            }
        }
    }

    fn null(&self, k: Kind) -> String {
        let ty = match k {
            Kind::Bool => return self.bool(false),
            _ if !self.pg => return "NULL".into(),
            Kind::Number => "numeric",
            Kind::Text | Kind::Date => "text",
            Kind::Instant => "bigint",
            Kind::Id => "uuid",
        };
        format!("NULL::{ty}")
    }

    fn bool(&self, b: bool) -> String {
        match (self.pg, b) {
            (true, true) => "TRUE",
            (true, false) => "FALSE",
            (false, true) => "1",
            (false, false) => "0",
        }
        .into()
    }

    fn number(&self, n: Fix) -> String {
        if self.pg { format!("'{n}'::numeric") } else { literal(n) }
    }

    fn text(&mut self, t: &str) -> String {
        let p = self.cx.sql.slot(Param::Text(t.to_owned()));
        if self.pg { format!("({p} COLLATE \"C\")") } else { p }
    }

    fn instant(&mut self, t: Millis) -> String {
        self.cx.sql.slot(Param::Int(t.0))
    }

    fn zone(&mut self) -> String {
        self.cx.sql.slot(Param::Text(self.cx.model.zone.clone()))
    }

    fn reach(&mut self, p: &Path) -> Result<Reached<'a>> {
        // What a formula may use was decided by whoever wrote it.
        let beyond = self.cx.beyond.take();
        let r = self.cx.reach(self.object, self.alias, p);
        self.cx.beyond = beyond;
        r?.ok_or_else(|| unfit("it names a field the model does not know"))
    }

    /// A value no other value of the kind is equal to: it stands for blank where two blanks are equal.
    fn nothing(&self, k: Kind) -> &'static str {
        match k {
            _ if !self.pg => "''",
            Kind::Number => "'NaN'::numeric",
            Kind::Text | Kind::Date => "''",
            Kind::Instant => "'-9223372036854775808'::bigint",
            Kind::Id => "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid",
            Kind::Bool => "FALSE",
        }
    }

    /// Blank replaced, so that `=` and `IN` say that two blanks are equal.
    fn filled(&mut self, n: &Node, k: Kind) -> Result<String> {
        let e = self.expr(n, k)?;
        Ok(match k {
            Kind::Bool => e,
            Kind::Text | Kind::Date if self.pg => format!("(COALESCE({e},'') COLLATE \"C\")"),
            k => format!("COALESCE({e},{})", self.nothing(k)),
        })
    }

    /// Binds an operand that is needed more than once: PostgreSQL evaluates it once, in a sub-select the planner leaves alone.
    fn bind(&mut self, operands: &[(&str, String)], result: &str) -> String {
        let a = self.cx.alias();
        let list: Vec<String> = operands.iter().map(|(name, e)| format!("{e} AS {name}")).collect();
        format!("(SELECT {} FROM (SELECT {} OFFSET 0) {a})", result.replace("v.", &format!("{a}.")), list.join(", "))
    }

    /// An expression of a kind. Nodes that only pass values on pass the kind on too.
    fn expr(&mut self, n: &Node, k: Kind) -> Result<String> {
        Ok(match n {
            Node::Number(f) => self.number(*f),
            Node::Text(t) => self.text(t),
            Node::Bool(b) => self.bool(*b),
            Node::Date(d) => format!("'{}'", rapport_schema::codec::format_date(*d)),
            Node::Blank => self.null(k),
            Node::Field(p, ty) => self.load(p, ty)?,
            Node::Zero(a) => {
                let a = self.expr(a, Kind::Number)?;
                format!("COALESCE({a},{})", self.number(Fix::ZERO))
            }
            Node::Neg(a) => {
                let a = self.expr(a, Kind::Number)?;
                if self.pg { format!("(-{a})") } else { format!("fx_neg({a})") }
            }
            Node::Arith(op, a, b) => {
                let (a, b) = (self.expr(a, Kind::Number)?, self.expr(b, Kind::Number)?);
                self.arith(*op, a, b)
            }
            Node::Compare(op, ty, a, b) => self.compare(*op, ty, a, b)?,
            Node::And(v) => {
                let v = self.all(v, Kind::Bool)?;
                format!("({})", and(&v))
            }
            Node::Or(v) => {
                let v = self.all(v, Kind::Bool)?;
                format!("({})", or(&v))
            }
            Node::Not(a) => format!("(NOT {})", self.expr(a, Kind::Bool)?),
            Node::If(c, a, b) => {
                let c = self.expr(c, Kind::Bool)?;
                let (a, b) = (self.expr(a, k)?, self.expr(b, k)?);
                format!("(CASE WHEN {c} THEN {a} ELSE {b} END)")
            }
            Node::Case(ty, x, arms, other) => {
                let of = kind_of(ty).ok_or_else(|| unfit("CASE of a list"))?;
                let mut s = format!("(CASE {}", self.filled(x, of)?);
                for (key, v) in arms {
                    let key = self.filled(key, of)?;
                    let v = self.expr(v, k)?;
                    s.push_str(&format!(" WHEN {key} THEN {v}"));
                }
                let other = self.expr(other, k)?;
                s + &format!(" ELSE {other} END)")
            }
            Node::Coalesce(_, v) => {
                let v = self.all(v, k)?;
                if v.len() == 1 { v.concat() } else { format!("COALESCE({})", v.join(",")) }
            }
            Node::IsBlank(ty, a) => match (kind_of(ty), &**a) {
                (Some(k), a) => format!("({} IS NULL)", self.expr(a, k)?),
                (None, Node::Field(p, _)) => format!("({} IS NULL)", self.reach(p)?.read("")),
                (None, _) => return Err(unfit("a computed list")),
            },
            Node::Concat(v) => {
                let parts: Vec<String> = self.all(v, Kind::Text)?.into_iter().map(|e| format!("COALESCE({e},'')")).collect();
                Self::made(&parts.join(" || "))
            }
            Node::InSet(ty, x, v) => self.in_set(ty, x, v)?,
            Node::Label(a, set, l) => {
                let a = self.expr(a, Kind::Text)?;
                self.label(a, set, *l)
            }
            Node::Regex(..) => return Err(unfit("REGEX")),
            Node::DateAdd(instant, a, n, u) => {
                let (a, n) = (self.expr(a, if *instant { Kind::Instant } else { Kind::Date })?, self.expr(n, Kind::Number)?);
                self.date_add(*instant, a, n, *u)?
            }
            Node::DateDiff(instant, a, b, u) => {
                let of = if *instant { Kind::Instant } else { Kind::Date };
                let (a, b) = (self.expr(a, of)?, self.expr(b, of)?);
                self.date_diff(*instant, a, b, *u)?
            }
            Node::Format(instant, a, p) => {
                let a = self.expr(a, if *instant { Kind::Instant } else { Kind::Date })?;
                self.format(*instant, a, p)
            }
            Node::Call(f, v) => self.call(*f, v, k)?,
            Node::Today => {
                let d = self.cx.at.now.date_in(&self.cx.model.tz());
                format!("'{}'", rapport_schema::codec::format_date(d))
            }
            Node::Now => self.instant(self.cx.at.now),
            Node::User => match self.cx.at.user {
                Some(u) => self.cx.sql.slot(Param::Id(u.record())),
                None => self.null(Kind::Id),
            },
        })
    }

    fn all(&mut self, v: &[Node], k: Kind) -> Result<Vec<String>> {
        v.iter().map(|n| self.expr(n, k)).collect()
    }

    /// A text a function made: cut, and blank when it is empty.
    fn made(e: &str) -> String {
        format!("NULLIF(substr({e},1,{}),'')", rapport_schema::formula::MAX_TEXT)
    }

    fn load(&mut self, p: &Path, ty: &Ty) -> Result<String> {
        let r = self.reach(p)?;
        let number = |pg: bool, e: String, places: u32| {
            if !pg {
                format!("fx({e},{places})")
            } else if places == 0 {
                // Beyond 10^18 a number is blank.
                pg::limited(&format!("({e})::numeric"))
            } else {
                format!("(({e}) * {})", pg::unit(places))
            }
        };
        let f = match &r.end {
            End::Record(rec) => {
                let e = r.read("");
                return Ok(if rec.class() == Class::Int && *ty == Ty::Number { number(self.pg, e, 0) } else { e });
            }
            End::Field(f) => *f,
        };
        Ok(match ty {
            Ty::Bool => format!("(COALESCE({},0) <> 0)", r.read("")),
            Ty::Number => number(self.pg, r.read(order_suffix(f)), places(f).unwrap_or(0)),
            Ty::Text | Ty::Pick(_) => match f.ty {
                FieldType::Phone => format!("COALESCE({},{})", r.read("__e164"), r.read("")),
                FieldType::Rich => Self::made(&r.read("")),
                _ => r.read(""),
            },
            Ty::Date | Ty::Instant | Ty::Id(_) => r.read(""),
            Ty::Null | Ty::Keys(_) | Ty::Other => return Err(unfit("a list or composite as a value")),
        })
    }

    fn arith(&mut self, op: Arith, a: String, b: String) -> String {
        if !self.pg {
            let name = match op {
                Arith::Add => "add",
                Arith::Sub => "sub",
                Arith::Mul => "mul",
                Arith::Div => "div",
                Arith::Mod => "mod",
            };
            return format!("fx_{name}({a},{b})");
        }
        match op {
            Arith::Add => pg::limited(&format!("{a} + {b}")),
            Arith::Sub => pg::limited(&format!("{a} - {b}")),
            Arith::Mul => pg::limited(&format!("round({a} * {b},12)")),
            // 48 places first: nearer to a half than 10^-43 no quotient of such numbers lies, so rounding twice is rounding once.
            Arith::Div => pg::limited(&format!("round(round({a},48) / NULLIF({b},0),12)")),
            Arith::Mod => self.bind(&[("a", a), ("b", format!("NULLIF({b},0)"))], "mod(mod(v.a,v.b) + v.b,v.b)"),
        }
    }

    fn compare(&mut self, op: Cmp, ty: &Ty, a: &Node, b: &Node) -> Result<String> {
        let k = kind_of(ty).ok_or_else(|| unfit("a comparison of lists"))?;
        let sign = match op {
            Cmp::Eq => "=",
            Cmp::Ne => "<>",
            Cmp::Lt => "<",
            Cmp::Lte => "<=",
            Cmp::Gt => ">",
            Cmp::Gte => ">=",
        };
        // Two blanks are equal. A blank text is the empty text and has its place in the order; others have none.
        if matches!(op, Cmp::Eq | Cmp::Ne) || k == Kind::Text {
            let (a, b) = (self.filled(a, k)?, self.filled(b, k)?);
            return Ok(format!("({a} {sign} {b})"));
        }
        let (a, b) = (self.expr(a, k)?, self.expr(b, k)?);
        let collate = if self.pg && k == Kind::Date { " COLLATE \"C\"" } else { "" };
        Ok(format!("COALESCE({a} {sign} {b}{collate},{})", self.bool(false)))
    }

    fn in_set(&mut self, ty: &Ty, x: &Node, v: &[Node]) -> Result<String> {
        let Some(k) = kind_of(ty) else {
            let (Ty::Keys(_), Node::Field(p, _)) = (ty, x) else { return Err(unfit("INSET of a composite")) };
            let r = self.reach(p)?;
            let link = r.link().ok_or_else(|| unfit("INSET of what is no list"))?;
            let (table, a) = (self.cx.table(&link), self.cx.alias());
            let keys = self.all(v, Kind::Text)?;
            // A blank key is in no list.
            return Ok(format!(
                "EXISTS (SELECT 1 FROM {table} {a} WHERE {} = {} AND {} IN ({}))",
                col(&a, "record"),
                r.row_id(),
                col(&a, "value"),
                keys.join(",")
            ));
        };
        let x = self.filled(x, k)?;
        let keys = v.iter().map(|n| self.filled(n, k)).collect::<Result<Vec<_>>>()?;
        Ok(format!("({x} IN ({}))", keys.join(",")))
    }

    fn label(&mut self, a: String, set: &str, l: rapport_schema::Locale) -> String {
        let values: Vec<(String, String)> = match self.cx.model.picklist(set) {
            Some(p) => p.values.iter().map(|v| (v.key.clone(), v.label.get(l).to_owned())).collect(),
            None => vec![],
        };
        if !self.pg {
            let map: serde_json::Map<String, serde_json::Value> = values.into_iter().map(|(k, v)| (k, v.into())).collect();
            let map = self.cx.sql.slot(Param::Text(serde_json::Value::Object(map).to_string()));
            return format!("label_of({a},{map})");
        }
        let mut s = String::new();
        for (key, label) in values {
            let (key, label) = (self.text(&key), self.text(&label));
            s.push_str(&format!(" WHEN {key} THEN NULLIF({label},'')"));
        }
        if s.is_empty() { a } else { self.bind(&[("k", a)], &format!("CASE v.k{s} ELSE v.k END")) }
    }
}

/// A number as SQLite keeps it.
fn literal(n: Fix) -> String {
    format!("x'{}'", hex::encode(n.to_ordered()))
}

fn ordered(n: i64) -> String {
    literal(Fix::int(n).unwrap_or_default())
}
