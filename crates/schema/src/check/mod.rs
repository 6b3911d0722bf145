//! Is a model sound? Judges whole models, shipped or with what administrators added, so that the rest may rely on every name in
//! them. Every fault is reported, none stops the search.

mod expr;
mod field;

use crate::{FieldError, FieldName, FieldType, Model, ObjectDef, ObjectName, system::RecordField};

pub(crate) use expr::read_filter;
pub use expr::{is_volatile, names_in_filter, names_in_formula};
pub(crate) use field::literal;

/// One fault of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// The object.
    pub object: ObjectName,
    /// Where in it: `field.amount`, `list.level`, `transition.2`, `title`; empty = the object itself.
    pub path: String,
    /// What is wrong, in plain words.
    pub reason: String,
    /// The same as a code; its field is the path.
    pub cause: FieldError,
}

/// Areas of the navigation, in order.
pub const AREAS: [&str; 6] = ["sales", "work", "marketing", "service", "insight", "settings"];

/// All faults of a model.
#[must_use]
pub fn check(model: &Model) -> Vec<Problem> {
    let mut out = vec![];
    for o in model.objects.values() {
        let mut c = Checker { model, o, out: &mut out };
        c.object();
        for f in &o.fields {
            field::check(&mut c, f);
        }
        c.life_cycle();
        // Faults of single formulas are reported with their fields.
        if let Err(e) = crate::formula::calc_order(model, o)
            && e.code == "expr.cycle"
        {
            let path = e.params.get("path").and_then(|p| p.as_str()).unwrap_or("");
            c.because("", format_args!("formulas need each other: {path}"), e.clone().for_field(""));
        }
    }
    out
}

/// The code of a fault that names something.
fn named(code: &'static str, name: &str) -> FieldError {
    FieldError::new("", code).with("name", name)
}

pub(crate) struct Checker<'m, 'o> {
    model: &'m Model,
    o: &'m ObjectDef,
    out: &'o mut Vec<Problem>,
}

impl Checker<'_, '_> {
    /// Says it in words and as a code; the place of the code is the path.
    fn because(&mut self, path: impl Into<String>, reason: impl std::fmt::Display, cause: FieldError) {
        let path = path.into();
        let reason = format!("object `{}`: {reason}", self.o.name);
        let cause = FieldError { field: path.clone(), ..cause };
        self.out.push(Problem { object: self.o.name.clone(), path, reason, cause });
    }

    /// Follows a path such as `account_id.level`; says why when it leads nowhere.
    fn path(&mut self, start: &ObjectDef, path: &str, at: &str, used_in: &str) {
        let model = self.model;
        let mut o = start;
        let parts: Vec<&str> = path.split('.').collect();
        for (i, p) in parts.iter().enumerate() {
            let last = i + 1 == parts.len();
            if RecordField::parse(p).is_some() && last {
                return;
            }
            let Some(f) = o.field(p) else {
                let whose = if o.name == self.o.name { String::new() } else { format!(" of object `{}`", o.name) };
                let cause = FieldError::new("", "expr.unknown_field").with("name", *p).with("object", o.name.as_str());
                self.because(at, format_args!("{used_in} names field `{p}`{whose}, which does not exist"), cause);
                return;
            };
            if last {
                return;
            }
            if i == 3 {
                let cause = FieldError::new("", "expr.hops").with("max", 3);
                self.because(at, format_args!("{used_in}: `{path}` goes through more than 3 lookups"), cause);
                return;
            }
            let single =
                matches!(f.ty, FieldType::Ref { .. } | FieldType::MasterDetail { .. } | FieldType::User | FieldType::Dept);
            match f.ty.target().filter(|_| single).and_then(|t| model.object(&t)) {
                Some(t) => o = t,
                None => {
                    let cause = FieldError::new("", "expr.not_a_lookup").with("name", *p).with("object", o.name.as_str());
                    self.because(
                        at,
                        format_args!("{used_in}: `{path}` goes through `{p}`, which is no lookup to one object"),
                        cause,
                    );
                    return;
                }
            }
        }
    }

    fn object(&mut self) {
        let o = self.o;
        match o.field(&o.title) {
            None => {
                let cause = named("expr.unknown_field", &o.title);
                self.because("title", format_args!("title field `{}` does not exist", o.title), cause);
            }
            Some(f) if !can_be_title(&f.ty) => {
                let cause = named("model.title_type", &o.title).with("type", f.ty.code());
                self.because(
                    "title",
                    format_args!("title field `{}` is a {} field, which is no title", o.title, f.ty.code()),
                    cause,
                );
            }
            Some(_) => {}
        }
        for (en, zh, what) in [(&o.label.en, &o.label.zh, "label"), (&o.plural.en, &o.plural.zh, "plural")] {
            if en.trim().is_empty() || zh.trim().is_empty() {
                self.because("", format_args!("`{what}` needs English and Chinese"), named("model.label", what));
            }
        }
        if let Some(a) = &o.area
            && !AREAS.contains(&a.as_str())
        {
            let cause = named("model.area", a).with("allowed", AREAS.to_vec());
            self.because("area", format_args!("area `{a}` is not one of {}", AREAS.join(", ")), cause);
        }
        if o.subtitle.len() > 3 {
            self.because("", "`subtitle` takes up to 3 fields", FieldError::new("", "model.subtitle").with("max", 3));
        }
        let lists = [("subtitle", &o.subtitle), ("list", &o.list), ("card", &o.card), ("facts", &o.facts)];
        for (key, list) in lists {
            for f in list {
                self.path(o, f, &format!("{key}.{f}"), &format!("`{key}`"));
            }
        }
        for f in &o.read_via {
            let at = format!("read_via.{f}");
            match o.field(f).map(|d| &d.ty) {
                None => {
                    let cause = named("expr.unknown_field", f);
                    self.because(at, format_args!("`read_via` names field `{f}`, which does not exist"), cause);
                }
                Some(FieldType::Ref { .. } | FieldType::MasterDetail { .. } | FieldType::Poly { .. }) => {}
                Some(ty) => {
                    let cause = named("expr.not_a_lookup", f).with("object", o.name.as_str());
                    self.because(
                        at,
                        format_args!("`read_via` names `{f}`, a {} field, which points to no record", ty.code()),
                        cause,
                    );
                }
            }
        }
        for (i, set) in o.uniques.iter().enumerate() {
            for f in set {
                self.path(o, f, &format!("unique.{i}"), "`unique`");
            }
        }
        for key in o.default_sort.split(',') {
            let n = key.trim().trim_start_matches('-');
            self.path(o, n, "default_sort", "`default_sort`");
            if o.field(n).is_some_and(|f| !can_sort(&f.ty)) {
                let cause = named("model.no_order", n);
                self.because("default_sort", format_args!("`default_sort` names `{n}`, which has no order"), cause);
            }
        }
        if let Some(b) = &o.board {
            match o.field(b).map(|f| &f.ty) {
                None => {
                    self.because("board", format_args!("board field `{b}` does not exist"), named("expr.unknown_field", b));
                }
                Some(FieldType::Pick { .. } | FieldType::Ref { .. } | FieldType::MasterDetail { .. } | FieldType::User) => {}
                Some(ty) => self.because(
                    "board",
                    format_args!("board field `{b}` is a {} field; a board needs a picklist or a lookup", ty.code()),
                    named("model.board_type", b),
                ),
            }
        }
        for r in &o.related {
            let at = format!("related.{}.{}", r.object, r.field);
            let Some(other) = self.model.object(&r.object) else {
                let cause = named("model.object_missing", &r.object);
                self.because(at, format_args!("related list names object `{}`, which does not exist", r.object), cause);
                continue;
            };
            match other.field(&r.field).map(|f| &f.ty) {
                None => self.because(
                    at,
                    format_args!("related list names field `{}` of object `{}`, which does not exist", r.field, r.object),
                    named("expr.unknown_field", &r.field),
                ),
                Some(ty) if !points_to(ty, &o.name) => {
                    let cause = named("model.no_way", &r.field).with("object", o.name.as_str());
                    self.because(
                        at,
                        format_args!("related list: `{}.{}` does not point to `{}`", r.object, r.field, o.name),
                        cause,
                    );
                }
                Some(_) => {}
            }
        }
        if o.kind == crate::ObjectKind::Child
            && o.master().is_none()
            && !o.fields.iter().any(|f| matches!(f.ty, FieldType::Poly { .. }) && f.required)
        {
            let cause = FieldError::new("", "model.child");
            self.because("", "a child needs a master-detail field, or a required polymorphic lookup", cause);
        }
    }

    fn life_cycle(&mut self) {
        let o = self.o;
        let Some(status) = &o.status else {
            if !o.transitions.is_empty() {
                self.because("transition.0", "has transitions but no `status` field", FieldError::new("", "model.no_status"));
            }
            return;
        };
        let set = match o.field(status).map(|f| &f.ty) {
            None => {
                let cause = named("expr.unknown_field", status);
                return self.because("status", format_args!("status field `{status}` does not exist"), cause);
            }
            Some(FieldType::Pick { set }) => set,
            // Stages are records, not keys: the moves between them are the stage rules', not the model's.
            Some(FieldType::Ref { .. }) if o.transitions.is_empty() => return,
            Some(ty) => {
                return self.because(
                    "status",
                    format_args!("status field `{status}` is a {} field; a life cycle needs a picklist", ty.code()),
                    named("model.status_type", status),
                );
            }
        };
        let Some(states) = self.model.picklist(set) else { return };
        for (i, t) in o.transitions.iter().enumerate() {
            let at = format!("transition.{i}");
            if FieldName::new(&t.action).is_err() {
                self.because(&at, format_args!("`{}` is not an action name", t.action), named("model.action_name", &t.action));
            }
            for s in t.from.iter().chain([&t.to]) {
                if states.value(s).is_none() {
                    let cause = named("model.state", s).with("action", t.action.as_str());
                    self.because(
                        &at,
                        format_args!("action `{}` names state `{s}`, which is not in picklist `{set}`", t.action),
                        cause,
                    );
                }
            }
            for f in &t.requires {
                self.path(o, f, &at, &format!("action `{}`", t.action));
            }
            let again = o.transitions[..i]
                .iter()
                .any(|u| u.action == t.action && u.to == t.to && u.from.iter().any(|s| t.from.contains(s)));
            if again {
                self.because(
                    &at,
                    format_args!("action `{}` says the same move twice", t.action),
                    named("model.action_twice", &t.action),
                );
            }
            if o.transitions[..i].iter().any(|u| u.action == t.action && u.label != t.label) {
                self.because(&at, format_args!("action `{}` has two labels", t.action), named("model.action_labels", &t.action));
            }
        }
    }
}

/// Can a field of this type point to a record of that object?
fn points_to(ty: &FieldType, object: &ObjectName) -> bool {
    match ty {
        FieldType::Poly { targets } => targets.is_empty() || targets.contains(object),
        _ => ty.target().is_some_and(|t| t == *object),
    }
}

/// A title is text, or the title of the one record a lookup points to.
fn can_be_title(ty: &FieldType) -> bool {
    match ty {
        FieldType::Text { .. }
        | FieldType::Long
        | FieldType::Auto { .. }
        | FieldType::Email
        | FieldType::Url
        | FieldType::Phone
        | FieldType::Pick { .. }
        | FieldType::Ref { .. }
        | FieldType::User
        | FieldType::Dept
        | FieldType::Poly { .. }
        | FieldType::Date => true,
        FieldType::Calc { result, .. } => *result == crate::field::ResultType::Text,
        _ => false,
    }
}

fn can_sort(ty: &FieldType) -> bool {
    !(ty.is_many()
        || matches!(
            ty,
            FieldType::Long
                | FieldType::Rich
                | FieldType::Json
                | FieldType::Geo
                | FieldType::Poly { .. }
                | FieldType::Calc { volatile: true, .. }
        ))
}
