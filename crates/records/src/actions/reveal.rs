//! Seeing a masked value as it is: a permission, counted per day, and written to the audit trail (R-FLS-03).

use async_trait::async_trait;
use rapport_policy::FieldRight;
use rapport_schema::{Actor, Cause, Change, ChangeOp, Label, Millis, ObjectDef, Record, Seq, codec};
use rapport_store::DocRow;
use serde_json::{Value as Json, json, value::RawValue};

use crate::{Action, ActionSpec, Class, Error, Result, Unit, shape};

/// Kind of the documents that count.
const KIND: &str = "reveal";
/// Reveals of one person and day when no setting says otherwise.
const A_DAY: u64 = 50;

pub(super) struct Reveal(ActionSpec);
impl Default for Reveal {
    fn default() -> Self {
        let p = json!({ "field": { "type": "string", "description": "The masked field to see" } });
        Self(ActionSpec::record("*", "reveal", Label::new("Reveal", "查看明文"), p, &["field"]).needs("read"))
    }
}

#[async_trait]
impl Action for Reveal {
    fn spec(&self) -> &ActionSpec {
        &self.0
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, input: Json) -> Result<Json> {
        let (r, object) = (target.ok_or(Error::NotFound)?, u.acting_on.clone().ok_or(Error::NotFound)?);
        let o = u.object(&object)?;
        let name = input["field"].as_str().unwrap_or_default();
        let ix = shape::seen(&u.scope, &o, name)?;
        let f = o.at(ix);
        let me = u.person_id();
        let own = me.is_some() && r.get(&o, "owner_id").as_id() == me;
        let value = codec::to_json(f, &r[ix], codec::Form::of(&u.model));
        // What is seen anyway, or empty, is no reveal.
        if matches!(u.scope.field(&o, &f.name, own), FieldRight::Masked(_)) && !r[ix].is_empty() {
            u.count_reveal().await?;
            u.note_reveal(&o, &r, &f.name);
        }
        Ok(json!({ "field": f.name, "value": value }))
    }
}

impl Unit<'_> {
    /// One more reveal of this person on this day, or `field.reveal_limit`.
    async fn count_reveal(&mut self) -> Result<()> {
        let Some(person) = self.person_id() else { return Ok(()) };
        let most: u64 = self.setting("field.reveal_per_day", A_DAY);
        let key = format!("{person}:{}", self.today());
        self.lock(&format!("{KIND}:{key}")).await?;
        let so_far = self.tx.doc_get(KIND, &key).await?.and_then(|d| d.body["n"].as_u64()).unwrap_or(0);
        if so_far >= most {
            return Err(Error::Rule {
                code: "field.reveal_limit",
                class: Class::Limit,
                params: [("max".to_owned(), json!(most))].into_iter().collect(),
                fields: vec![],
            });
        }
        let expires = Some(Millis(self.now.0 + 2 * 86_400_000));
        let body = json!({ "n": so_far + 1 });
        Ok(self.tx.doc_put(DocRow { kind: KIND.into(), key, owner: Some(person), body, expires }).await?)
    }

    /// Who saw which field of which record; never the value.
    fn note_reveal(&mut self, o: &ObjectDef, r: &Record, field: &str) {
        let raw = |j: Json| RawValue::from_string(j.to_string()).expect("JSON");
        let actor: Actor = self.acting_for.unwrap_or_else(|| self.scope.actor());
        self.tx.log(Change {
            seq: Seq(0),
            at: self.now,
            object: o.name.clone(),
            id: r.id,
            op: ChangeOp::Note,
            version: r.version,
            actor,
            cause: Cause { act: Some("field.reveal".into()), ..self.cause.clone() },
            before: raw(json!({})),
            after: raw(json!({ "field": field })),
        });
    }
}
