//! The log of decisions (R-ASN-11): who was given what by which rule, who else could have been, who was passed over and why.

use rapport_records::{Result, Unit, q};
use rapport_schema::{ObjectDef, RecordId, RecordRef, Value};
use serde_json::{Value as Json, json};

use super::{
    Cause,
    choose::{Looked, To},
};

/// Most people a line names of each kind.
const MOST: usize = 200;

/// A decision, as it is kept.
#[derive(Debug)]
pub(super) struct Decision {
    pub cause: Cause,
    pub reason: &'static str,
    pub rule: Option<RecordId>,
    pub territory: Option<RecordId>,
    pub to: To,
    candidates: Vec<RecordId>,
    skipped: Vec<Json>,
}

impl Decision {
    pub fn new(cause: Cause) -> Self {
        let to = To::Pool(None);
        Self { cause, reason: "no_match", rule: None, territory: None, to, candidates: vec![], skipped: vec![] }
    }
    /// Somebody was passed over.
    pub fn skip(&mut self, rule: Option<RecordId>, user: RecordId, reason: &str) {
        if self.skipped.len() < MOST {
            self.skipped.push(json!({ "rule": rule, "user": user, "reason": reason }));
        }
    }
    /// What a rule looked at; its candidates are those who could have been given the record.
    pub fn looked(&mut self, rule: RecordId, l: &Looked) {
        for s in &l.ring {
            if let Some(reason) = l.out.get(&s.user) {
                self.skip(Some(rule), s.user, reason);
            }
        }
        let eligible = l.ring.iter().map(|s| s.user).filter(|u| !l.out.contains_key(u));
        self.candidates = eligible.take(MOST).collect();
    }
}

/// Writes the line and answers its round: the number of the decision about this record.
pub(super) async fn write(u: &mut Unit<'_>, o: &ObjectDef, id: RecordId, pool: Option<RecordId>, d: &Decision) -> Result<u64> {
    let record = Value::Ref(RecordRef { object: o.name.clone(), id });
    let round = u.count("assignment_log", q::eq("record", record.clone())).await? + 1;
    let some = |id: Option<RecordId>| id.map_or(Value::Null, Value::Id);
    let user = if let To::User(user) = d.to { Some(user) } else { None };
    let fields = [
        ("record", record),
        ("round", Value::Int(i64::try_from(round).unwrap_or(i64::MAX))),
        ("cause", Value::from(d.cause.key())),
        ("reason", Value::from(d.reason)),
        ("rule_id", some(d.rule)),
        ("user_id", some(user)),
        ("pool_id", some(pool)),
        ("territory_id", some(d.territory)),
        ("candidates", Value::Json(Box::new(json!(d.candidates)))),
        ("skipped", Value::Json(Box::new(json!(d.skipped)))),
    ];
    u.make("assignment_log", &fields).await?;
    Ok(round)
}
