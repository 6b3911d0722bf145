//! What has to be there, what may not be touched, and the rules of administrators: judged over the whole record, before it is written.
//! And filters and formulas asked of a record that need not be stored.

use async_recursion::async_recursion as boxed;
use std::sync::Arc;

use rapport_policy::FieldRight;
use rapport_schema::{FieldError, FieldIx, FieldType, ObjectDef, Record, Value, filter, query::Filter};
use serde_json::{Value as Json, json};

use crate::{Draft, Error, Result, Unit, plan::ObjectPlan};

fn faulty(errors: &[FieldError], name: &str) -> bool {
    errors.iter().any(|e| e.field == name)
}

impl Unit<'_> {
    /// Does a record that need not be stored yet fit a filter, written as JSON or as text?
    ///
    /// # Errors
    /// A filter that does not fit the model, or asks for fields of related records: those are not known here.
    pub fn fits(&self, o: &Arc<ObjectDef>, record: &Record, written: &Json) -> Result<bool> {
        let f = self.asked(o, written)?;
        let mut beyond = None;
        filter::paths(&f, &mut |p| {
            if !p.hops.is_empty() {
                let hops = p.hops.iter().map(|(f, _)| f.as_str());
                beyond.get_or_insert_with(|| hops.chain([p.field.as_str()]).collect::<Vec<_>>().join("."));
            }
        });
        if let Some(field) = beyond {
            return Err(Error::field(FieldError::new("filter", "expr.not_filterable").with("field", field)));
        }
        let nothing = |_: &rapport_schema::query::Path| Value::Null;
        Ok(filter::eval(&f, &filter::RecordView { object: o, record, related: &nothing }, &*self.opts.norm))
    }

    /// Judges a formula over a record that need not be stored yet.
    ///
    /// # Errors
    /// A formula that does not fit the model (`expr.…`), or the database.
    #[boxed]
    pub async fn holds(&mut self, o: &Arc<ObjectDef>, record: &Record, formula: &str) -> Result<bool> {
        let f =
            crate::plan::Formula::condition(formula, &self.model, o).map_err(|e| Error::Invalid(vec![e.for_field("formula")]))?;
        Ok(self.evaluate(o, record, &f).await?.is_true())
    }

    /// A filter in text form as the engine asks it: whoever may see what.
    ///
    /// # Errors
    /// A filter that does not fit the model.
    pub fn filter(&self, o: &ObjectDef, written: &str) -> Result<Filter> {
        self.asked(o, &Json::from(written))
    }

    /// A filter as JSON or as text, with its relative parts as of now and of whoever asks.
    fn asked(&self, o: &ObjectDef, written: &Json) -> Result<Filter> {
        let norm = &*self.opts.norm;
        let parsed = match written {
            Json::String(s) => filter::parse(s, &self.model, o, norm),
            j => filter::parse_json(j, &self.model, o, norm),
        };
        let f = parsed.map_err(|e| Error::Invalid(vec![e.for_field("filter")]))?;
        let none = |_: rapport_schema::DeptId| vec![];
        let asker = filter::Asker {
            user: self.scope.user(),
            reports: &[],
            depts: &[],
            below: &none,
            now: self.now,
            zone: self.model.tz(),
        };
        Ok(filter::resolve(&f, &self.model, o, &asker))
    }

    /// Required fields, always or by formula. A field that is not to be shown (`visible_if`) is not asked for, and by formula only
    /// those are asked who may fill it: a refusal nobody can follow would tell of fields the caller may not see.
    pub(super) async fn required(&mut self, draft: &Draft, errors: &mut Vec<FieldError>) -> Result<()> {
        let o = draft.object.clone();
        let plan = self.plan.clone();
        let p = plan.object(&o.name);
        for (ix, f) in o.live() {
            if !f.required
                || !draft.new[ix].is_empty()
                || matches!(f.ty, FieldType::Auto { .. } | FieldType::Calc { .. } | FieldType::Roll { .. })
            {
                continue;
            }
            // An update is not refused for what was missing before it.
            let untouched = draft.old.as_ref().is_some_and(|old| old[ix].is_empty()) && !draft.asked.contains(&ix);
            if !untouched && !faulty(errors, &f.name) && self.wanted(&o, &draft.new, ix, p).await? {
                errors.push(FieldError::new(f.name.as_str(), "value.required"));
            }
        }
        let Some(p) = p else { return Ok(()) };
        for (ix, formula) in &p.required_if {
            let f = o.at(*ix);
            if !draft.new[*ix].is_empty() || faulty(errors, &f.name) {
                continue;
            }
            let fills = self.by_action || self.scope.field(&o, &f.name, true) == FieldRight::Edit;
            if fills
                && self.evaluate(&o, &draft.new, formula).await?.is_true()
                && self.wanted(&o, &draft.new, *ix, Some(p)).await?
            {
                errors.push(FieldError::new(f.name.as_str(), "value.required"));
            }
        }
        Ok(())
    }

    async fn wanted(&mut self, o: &Arc<ObjectDef>, r: &Record, ix: FieldIx, p: Option<&ObjectPlan>) -> Result<bool> {
        match p.and_then(|p| p.visible_if.iter().find(|(i, _)| *i == ix)) {
            Some((_, formula)) => Ok(self.evaluate(o, r, formula).await?.is_true()),
            None => Ok(true),
        }
    }

    /// Fields that are read-only by formula, judged on the record as it was: whoever locks a record may still say why.
    pub(super) async fn locked(&mut self, draft: &Draft, errors: &mut Vec<FieldError>) -> Result<()> {
        let o = draft.object.clone();
        let plan = self.plan.clone();
        let (Some(p), Some(old)) = (plan.object(&o.name), &draft.old) else { return Ok(()) };
        if self.by_action || self.scope.is_system() {
            return Ok(());
        }
        for (ix, formula) in &p.readonly_if {
            let f = o.at(*ix);
            if draft.asked.contains(ix) && draft.changed(&f.name) && self.evaluate(&o, old, formula).await?.is_true() {
                errors.push(FieldError::new(f.name.as_str(), "value.readonly"));
            }
        }
        if !self.opts.write.shown_only {
            return Ok(());
        }
        for (ix, formula) in &p.visible_if {
            let f = o.at(*ix);
            let written = draft.asked.contains(ix) && draft.changed(&f.name) && !faulty(errors, &f.name);
            if written && !self.evaluate(&o, old, formula).await?.is_true() {
                errors.push(FieldError::new(f.name.as_str(), "value.readonly"));
            }
        }
        Ok(())
    }

    /// Rules of administrators (R-AUT-02), whoever writes and by whatever way; the engine's own work, in nobody's name, passes. A change
    /// that touches nothing a rule reads is not refused by it: records that broke the rule before it was made can still be worked with.
    pub(super) async fn rules(&mut self, draft: &Draft, errors: &mut Vec<FieldError>) -> Result<()> {
        let o = draft.object.clone();
        let plan = self.plan.clone();
        let Some(p) = plan.object(&o.name).filter(|p| !p.rules.is_empty() && self.acting_for.is_some()) else { return Ok(()) };
        for r in &p.rules {
            let touched =
                draft.old.as_ref().is_none_or(|old| r.reads.is_empty() || r.reads.iter().any(|i| old[*i] != draft.new[*i]));
            // A value that could not be read breaks rules by itself; one fault is enough.
            let spoilt = r.reads.iter().chain(&r.field).any(|i| faulty(errors, &o.at(*i).name));
            if !touched || spoilt || self.evaluate(&o, &draft.new, &r.formula).await?.is_true() == r.must {
                continue;
            }
            // A hidden field is not named.
            let at = r.field.map(|i| &o.at(i).name).filter(|n| self.scope.field(&o, n, true).visible());
            errors.push(FieldError {
                field: at.map_or_else(String::new, ToString::to_string),
                code: r.code.clone().into(),
                params: [("label".to_owned(), json!(r.message))].into_iter().collect(),
            });
        }
        Ok(())
    }
}
