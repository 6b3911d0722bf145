//! Between reading and writing: hooks, normal forms, derived values, and every check that needs the whole record.

use std::sync::Arc;

use rapport_schema::{ChangeOp, FieldError, FieldIx, FieldType, ObjectDef, Record, Value};

use rapport_store::Bin;

use crate::{Draft, Error, Result, Unit, plan::Formula, q, unit::MAX_DEPTH};

impl Unit<'_> {
    /// Completes a draft: place, hooks, normal forms, hierarchy, formulas, validation, numbers, duplicates. `errors` are the faults
    /// found so far; all faults are reported together.
    pub(crate) async fn finish(&mut self, draft: &mut Draft, mut errors: Vec<FieldError>) -> Result<()> {
        self.place(draft, &mut errors).await?;
        let owner = draft.object.ix("owner_id").map(|i| draft.new[i].clone());
        if let Err(e) = self.hooks_before(draft).await {
            // A hook's refusal joins the faults found before it; alone it stands for itself.
            match e {
                Error::Invalid(more) => errors.extend(more),
                e if errors.is_empty() => return Err(e),
                _ => {}
            }
        }
        if owner.is_some() && owner != draft.object.ix("owner_id").map(|i| draft.new[i].clone()) {
            self.place(draft, &mut errors).await?;
        }
        crate::rules::normal::apply(&draft.object, draft.old.as_ref(), &mut draft.new, &mut errors);
        self.hierarchy(draft, &mut errors).await?;
        self.formulas(&draft.object.clone(), &mut draft.new).await?;
        self.required(draft, &mut errors).await?;
        self.locked(draft, &mut errors).await?;
        self.rules(draft, &mut errors).await?;
        if !errors.is_empty() {
            self.unique_too(draft, &mut errors).await?;
            let mut seen = std::collections::HashSet::new();
            errors.retain(|e| seen.insert((e.field.clone(), e.code.clone())));
            return Err(Error::Invalid(errors));
        }
        if draft.op == ChangeOp::Create {
            self.numbers(draft).await?;
        }
        Ok(())
    }

    async fn hooks_before(&mut self, draft: &mut Draft) -> Result<()> {
        let hooks = self.engine.hooks(&draft.object.name);
        if hooks.is_empty() {
            return Ok(());
        }
        if self.depth >= MAX_DEPTH {
            return Err(Error::rule("automation.depth"));
        }
        self.depth += 1;
        let mut out = Ok(());
        for h in hooks {
            out = h.before(self, draft).await;
            if out.is_err() {
                break;
            }
        }
        self.depth -= 1;
        out
    }

    pub(crate) async fn hooks_after(&mut self, draft: &Draft) -> Result<()> {
        let hooks = self.engine.hooks(&draft.object.name);
        if hooks.is_empty() {
            return Ok(());
        }
        if self.depth >= MAX_DEPTH {
            return Err(Error::rule("automation.depth"));
        }
        self.depth += 1;
        let mut out = Ok(());
        for h in hooks {
            out = h.after(self, draft).await;
            if out.is_err() {
                break;
            }
        }
        self.depth -= 1;
        out
    }

    /// Stored formulas in the order they need each other.
    pub(crate) async fn formulas(&mut self, o: &Arc<ObjectDef>, new: &mut Record) -> Result<()> {
        let plan = self.plan.clone();
        let Some(p) = plan.object(&o.name) else { return Ok(()) };
        for (ix, formula) in &p.calcs {
            new[*ix] = self.evaluate(o, new, formula).await?;
        }
        Ok(())
    }

    /// The unique index has the last word at the write; when there are other faults, a taken value is told along with them.
    async fn unique_too(&mut self, draft: &Draft, errors: &mut Vec<FieldError>) -> Result<()> {
        let o = draft.object.clone();
        for (ix, f) in o.live() {
            if !f.unique || draft.new[ix].is_empty() || !draft.changed(&f.name) || errors.iter().any(|e| e.field == *f.name) {
                continue;
            }
            let value = draft.new[ix].clone();
            if self.find(&o.name, q::and([q::eq(&f.name, value), q::not(q::id(draft.new.id))]), 1).await?.is_empty() {
                continue;
            }
            errors.push(FieldError::new(f.name.as_str(), "value.not_unique"));
        }
        Ok(())
    }

    /// Automatic numbers: in the transaction, per pattern, in the organisation's zone; gaps allowed, repeats never.
    async fn numbers(&mut self, draft: &mut Draft) -> Result<()> {
        let plan = self.plan.clone();
        let Some(p) = plan.object(&draft.object.name) else { return Ok(()) };
        let today = self.today();
        for (ix, pattern) in &p.autos {
            if !draft.new[*ix].is_empty() {
                continue;
            }
            let f = draft.object.at(*ix);
            let counter = format!("auto:{}.{}:{}", draft.object.name, f.name, pattern.period(today));
            let n = self.number(counter).await?;
            draft.new[*ix] = Value::from(pattern.format(today, n).as_str());
        }
        Ok(())
    }

    async fn number(&mut self, counter: String) -> Result<i64> {
        if let Some((next, last)) = self.numbers.taken.get_mut(&counter)
            && *next <= *last
        {
            *next += 1;
            return Ok(*next - 1);
        }
        let many = self.numbers.ahead.max(1);
        let first = self.tx.take_numbers(&counter, many).await?;
        self.numbers.taken.insert(counter, (first + 1, first + many - 1));
        Ok(first)
    }

    /// `root_id` and `depth` (or `path`) of an object with a parent of its own kind; a cycle is refused (`reference.cycle`).
    async fn hierarchy(&mut self, draft: &mut Draft, errors: &mut Vec<FieldError>) -> Result<()> {
        let o = draft.object.clone();
        let own_parent = |ix: FieldIx| matches!(&o.at(ix).ty, FieldType::Ref { target, .. } | FieldType::MasterDetail { target } if *target == o.name);
        let dept_parent = o.name == "department" && o.ix("parent_id").is_some();
        let Some(parent) = o.ix("parent_id").filter(|i| own_parent(*i) || dept_parent) else { return Ok(()) };
        if draft.old.is_some() && !draft.changed("parent_id") {
            return Ok(());
        }
        if draft.new[parent].is_empty() {
            draft.new.set(&o, "root_id", Value::Null);
            draft.new.set(&o, "depth", Value::Int(1));
            let path = format!("/{}/", draft.new.id);
            draft.new.set(&o, "path", Value::from(path.as_str()));
            return Ok(());
        }
        let max: i64 = self.setting(&format!("{}.max_depth", o.name), if o.name == "account" { 8 } else { 20 });
        let mut depth = 1;
        let mut root = draft.new.id;
        let mut chain = vec![draft.new.id];
        let mut at = draft.new[parent].as_id();
        while let Some(id) = at {
            if id == draft.new.id {
                errors.push(FieldError::new("parent_id", "reference.cycle"));
                return Ok(());
            }
            let Some(r) = self.peek(&o.name, id).await? else { break };
            root = id;
            chain.push(id);
            depth += 1;
            if depth > max {
                errors.push(FieldError::new("parent_id", "reference.depth").with("max", max));
                return Ok(());
            }
            at = r[parent].as_id();
        }
        let own = root == draft.new.id;
        draft.new.set(&o, "root_id", if own { Value::Null } else { Value::Id(root) });
        draft.new.set(&o, "depth", Value::Int(depth));
        if o.ix("path").is_some() {
            let path: Vec<String> = chain.iter().rev().map(ToString::to_string).collect();
            draft.new.set(&o, "path", Value::from(format!("/{}/", path.join("/")).as_str()));
        }
        Ok(())
    }

    /// After a record moved in its tree, everything below it follows.
    pub(crate) async fn subtree(&mut self, draft: &Draft) -> Result<()> {
        let o = draft.object.clone();
        if draft.old.is_none() || !draft.changed("parent_id") || o.ix("depth").is_none() && o.ix("path").is_none() {
            return Ok(());
        }
        let mut level = vec![draft.new.id];
        let mut guard = 0;
        while !level.is_empty() && guard < 32 {
            guard += 1;
            let children = self.find(&o.name, q::any_of("parent_id", level.iter().map(|i| Value::Id(*i))), 10_000).await?;
            level = children.iter().map(|c| c.id).collect();
            for c in children {
                let mut below =
                    Draft { object: o.clone(), op: ChangeOp::Update, old: None, new: c.clone(), asked: vec![], by_action: true };
                let mut faults = vec![];
                self.hierarchy(&mut below, &mut faults).await?;
                if !faults.is_empty() {
                    return Err(Error::Invalid(faults));
                }
                self.put_derived(&o, c, below.new, "hierarchy").await?;
            }
        }
        Ok(())
    }

    /// A formula over a record, with what it reads of other records fetched inside the transaction.
    pub(crate) async fn evaluate(&mut self, o: &Arc<ObjectDef>, record: &Record, formula: &Formula) -> Result<Value> {
        let mut related = crate::plan::Related::default();
        for path in formula.hops() {
            self.gather(o, record, path, &mut related).await?;
        }
        let at = crate::plan::Moment {
            model: &self.model,
            norm: &*self.opts.norm,
            now: self.now,
            user: self.acting_for.and_then(|a| a.user).or(self.scope.user()),
            rates: &self.opts.rates,
            calendar: self.opts.calendars.default_one(),
        };
        Ok(formula.value(&at, o, record, &related))
    }

    async fn gather(
        &mut self,
        o: &Arc<ObjectDef>,
        record: &Record,
        hops: &[(rapport_schema::FieldName, rapport_schema::ObjectName)],
        related: &mut crate::plan::Related,
    ) -> Result<()> {
        let mut here = (o.clone(), record.clone());
        for (field, target) in hops {
            let Some(id) = here.1.get(&here.0, field).as_id() else { return Ok(()) };
            let next = match related.get(target, id) {
                Some(r) => r.clone(),
                // A record in the recycle bin keeps its values: a formula gives the same whenever it is computed, as the database
                // does.
                None => match self.find_in(target, q::id(id), 1, Bin::Both).await?.pop() {
                    Some(r) => {
                        related.put(target.clone(), r.clone());
                        r
                    }
                    None => return Ok(()),
                },
            };
            here = (self.object(target)?, next);
        }
        Ok(())
    }
}
