//! Relative operands become concrete: who asks, and when. Afterwards a filter holds only `None`, `One`, `Many` and `Field`
//! operands, no empty lists, and no days where instants are compared.

use jiff::{ToSpan, civil::Date, tz::TimeZone};

use crate::{
    DeptId, FieldType, Millis, Model, ObjectDef, RecordId, UserId, Value,
    expr::end,
    field::ResultType,
    query::{Filter, Op, Operand, Path, Period, Rel},
};

/// Who asks, and when.
pub struct Asker<'a> {
    /// The person; none = the engine, for whom `me` is nobody.
    pub user: Option<UserId>,
    /// Those who report to the person, directly or not.
    pub reports: &'a [UserId],
    /// The person's departments.
    pub depts: &'a [DeptId],
    /// A department and all below it.
    pub below: &'a dyn Fn(DeptId) -> Vec<DeptId>,
    /// Now.
    pub now: Millis,
    /// The organisation's zone; weeks start on Monday.
    pub zone: TimeZone,
}

impl Asker<'_> {
    fn today(&self) -> Date {
        self.now.date_in(&self.zone)
    }

    /// First instant of a day in the organisation's zone.
    fn start(&self, d: Date) -> Millis {
        d.to_zoned(self.zone.clone()).map_or(Millis(0), |z| Millis::from_timestamp(z.timestamp()))
    }

    fn people(&self, rel: &Rel) -> Vec<Value> {
        let ids: Vec<RecordId> = match rel {
            Rel::Me => self.user.iter().map(|u| u.record()).collect(),
            Rel::MyReports => self.user.iter().chain(self.reports).map(|u| u.record()).collect(),
            Rel::MyDept => self.depts.iter().map(|d| d.record()).collect(),
            Rel::MyDeptTree => self.depts.iter().flat_map(|d| (self.below)(*d)).map(crate::Id::record).collect(),
            Rel::Period(_) | Rel::LastDays(_) | Rel::NextDays(_) => vec![],
        };
        unique(ids)
    }

    /// First and last day of a period, both included.
    fn days(&self, rel: &Rel) -> Option<(Date, Date)> {
        let t = self.today();
        let add = |d: Date, n: i64| d.saturating_add(n.days());
        let month = |n: i64| {
            let first = t.first_of_month().saturating_add(n.months());
            (first, first.last_of_month())
        };
        let quarter = |n: i64| {
            let first =
                t.first_of_month().saturating_sub(i64::from((t.month() - 1) % 3).months()).saturating_add((3 * n).months());
            (first, first.saturating_add(2.months()).last_of_month())
        };
        let year = |n: i64| {
            let first = t.first_of_year().saturating_add(n.years());
            (first, first.last_of_year())
        };
        let week = |n: i64| {
            let monday = add(t, 7 * n - i64::from(t.weekday().to_monday_zero_offset()));
            (monday, add(monday, 6))
        };
        Some(match rel {
            Rel::LastDays(n) => (add(t, 1 - i64::from(*n)), t),
            Rel::NextDays(n) => (t, add(t, i64::from(*n) - 1)),
            Rel::Period(p) => match p {
                Period::Today => (t, t),
                Period::Yesterday => (add(t, -1), add(t, -1)),
                Period::Tomorrow => (add(t, 1), add(t, 1)),
                Period::ThisWeek => week(0),
                Period::LastWeek => week(-1),
                Period::NextWeek => week(1),
                Period::ThisMonth => month(0),
                Period::LastMonth => month(-1),
                Period::NextMonth => month(1),
                Period::ThisQuarter => quarter(0),
                Period::LastQuarter => quarter(-1),
                Period::NextQuarter => quarter(1),
                Period::ThisYear => year(0),
                Period::LastYear => year(-1),
                Period::NextYear => year(1),
                Period::Overdue => return None,
            },
            Rel::Me | Rel::MyReports | Rel::MyDept | Rel::MyDeptTree => return None,
        })
    }
}

fn unique(ids: Vec<RecordId>) -> Vec<Value> {
    let mut seen = std::collections::HashSet::new();
    ids.into_iter().filter(|i| seen.insert(*i)).map(Value::Id).collect()
}

fn never() -> Filter {
    Filter::Or(vec![])
}

fn is_instant(ty: &FieldType) -> bool {
    matches!(
        ty,
        FieldType::DateTime
            | FieldType::Roll { result: ResultType::DateTime, .. }
            | FieldType::Calc { result: ResultType::DateTime, .. }
    )
}

/// Makes a checked filter concrete.
#[must_use]
pub fn resolve(f: &Filter, model: &Model, object: &ObjectDef, asker: &Asker<'_>) -> Filter {
    match f {
        Filter::True => Filter::True,
        Filter::And(v) => Filter::And(v.iter().map(|f| resolve(f, model, object, asker)).collect()),
        Filter::Or(v) => Filter::Or(v.iter().map(|f| resolve(f, model, object, asker)).collect()),
        Filter::Not(f) => Filter::Not(Box::new(resolve(f, model, object, asker))),
        Filter::Cmp { path, op, operand } => {
            let Some((_, field)) = end(model, object, path) else { return never() };
            let r = Resolver { asker, path, instant: is_instant(&field.ty) };
            match operand {
                Operand::Rel(rel) => r.relative(*op, rel),
                _ if *op == Op::Within && matches!(field.ty, FieldType::Dept | FieldType::Depts) => r.subtree(&field.ty, operand),
                Operand::One(Value::Date(d)) if r.instant => r.period(*op, *d, *d),
                Operand::Many(v) if r.instant && v.iter().any(|v| matches!(v, Value::Date(_))) => r.days(*op, v),
                operand => r.cmp(*op, operand.clone()),
            }
        }
    }
}

struct Resolver<'a> {
    asker: &'a Asker<'a>,
    path: &'a Path,
    instant: bool,
}

impl Resolver<'_> {
    fn cmp(&self, op: Op, operand: Operand) -> Filter {
        Filter::Cmp { path: self.path.clone(), op, operand }
    }
    fn one(&self, op: Op, v: Value) -> Filter {
        self.cmp(op, Operand::One(v))
    }

    fn list(&self, op: Op, v: Vec<Value>) -> Filter {
        if v.is_empty() {
            return match op {
                Op::Nin | Op::None => Filter::True,
                _ => never(),
            };
        }
        self.cmp(op, Operand::Many(v))
    }

    fn subtree(&self, ty: &FieldType, operand: &Operand) -> Filter {
        let roots: Vec<RecordId> = match operand {
            Operand::One(v) => v.as_id().into_iter().collect(),
            Operand::Many(v) => v.iter().filter_map(Value::as_id).collect(),
            _ => vec![],
        };
        let ids = unique(roots.into_iter().flat_map(|r| (self.asker.below)(DeptId::of(r))).map(crate::Id::record).collect());
        self.list(if ty.is_many() { Op::Any } else { Op::In }, ids)
    }

    fn relative(&self, op: Op, rel: &Rel) -> Filter {
        if *rel == Rel::Period(Period::Overdue) {
            let late = if self.instant {
                self.one(Op::Lt, Value::DateTime(self.asker.now))
            } else {
                self.one(Op::Lt, Value::Date(self.asker.today()))
            };
            return if matches!(op, Op::Ne | Op::Nin) { Filter::Not(Box::new(late)) } else { late };
        }
        match self.asker.days(rel) {
            Some((first, last)) => self.period(op, first, last),
            None if op == Op::Within => self.list(Op::In, self.asker.people(&Rel::MyDeptTree)),
            None => self.list(op, self.asker.people(rel)),
        }
    }

    /// A comparison with the days from first to last: `<` means before the first, `>` after the last.
    fn period(&self, op: Op, first: Date, last: Date) -> Filter {
        let instant = self.instant;
        let next = || last.saturating_add(1.day());
        let from = |op_day: Op| {
            if instant {
                self.one(Op::Gte, Value::DateTime(self.asker.start(first)))
            } else {
                self.one(op_day, Value::Date(first))
            }
        };
        let until = || {
            if instant {
                self.one(Op::Lt, Value::DateTime(self.asker.start(next())))
            } else {
                self.one(Op::Lte, Value::Date(last))
            }
        };
        let within = || {
            if !instant && first == last {
                return self.one(Op::Eq, Value::Date(first));
            }
            Filter::And(vec![from(Op::Gte), until()])
        };
        match op {
            Op::Ne | Op::Nin => Filter::Not(Box::new(within())),
            Op::Lt if instant => self.one(Op::Lt, Value::DateTime(self.asker.start(first))),
            Op::Lt => self.one(Op::Lt, Value::Date(first)),
            Op::Lte => until(),
            Op::Gt if instant => self.one(Op::Gte, Value::DateTime(self.asker.start(next()))),
            Op::Gt => self.one(Op::Gt, Value::Date(last)),
            Op::Gte => from(Op::Gte),
            _ => within(),
        }
    }

    /// Instants compared with a list in which there are days.
    fn days(&self, op: Op, v: &[Value]) -> Filter {
        let one = |op: Op, v: &Value| match v {
            Value::Date(d) => self.period(op, *d, *d),
            v => self.one(op, v.clone()),
        };
        if op == Op::Between {
            let [a, b] = v else { return never() };
            return Filter::And(vec![one(Op::Gte, a), one(Op::Lte, b)]);
        }
        let any = Filter::Or(v.iter().map(|v| one(Op::Eq, v)).collect());
        if op == Op::Nin { Filter::Not(Box::new(any)) } else { any }
    }
}
