//! The check itself, inside the transaction: serialised per key, blind to visibility, silent about what may not be seen.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use async_recursion::async_recursion as boxed;
use rapport_policy::{Act, Principal, Reason};
use rapport_schema::{ChangeOp, FieldName, FieldType, ObjectDef, ObjectName, Record, RecordId, RecordRef, Value, Via, filter};
use serde_json::{Value as Json, json};
use smol_str::SmolStr;

use super::{
    How, MatchKey, Rule,
    near::{self, Near},
    rule::{comparable, part, total},
};
use crate::{Class, Draft, Error, Result, Unit, q};

/// Most records compared for one key.
const MOST: u32 = 50;
/// Locks are taken per stripe of the key's hash: the same key always meets the same lock.
const STRIPES: u64 = 64;

/// Records by the value of one field.
type ByKey = HashMap<SmolStr, Vec<Arc<Record>>>;

/// What matched of one candidate: families with scores, names of keys, the record.
type Hits = (Vec<(SmolStr, i64)>, Vec<String>, Arc<Record>);

/// How records are looked up for a key: object, field, and the reference beside it that has to agree (the own and the other field).
type Way = (ObjectName, FieldName, Option<(FieldName, FieldName)>);

fn way(k: &MatchKey, o: &ObjectDef) -> Way {
    let reference = k.also.iter().find_map(|(own, theirs)| {
        o.field(own).filter(|f| matches!(f.ty, FieldType::Ref { .. } | FieldType::MasterDetail { .. }))?;
        Some((FieldName::new(own).ok()?, FieldName::new(theirs).ok()?))
    });
    (k.object.clone(), k.against.clone(), reference)
}

/// Records by key, read for a whole batch with one query per kind of key.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    rows: HashMap<Way, ByKey>,
    /// Names that begin like one of the batch.
    near: HashMap<(ObjectName, FieldName), Near>,
    /// A batch is under way: keys are locked, and what shares or resembles them is read ahead.
    pub bulk: bool,
}

/// A possible duplicate.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub at: RecordRef,
    pub score: i64,
    pub keys: Vec<String>,
    pub record: Arc<Record>,
}

fn stripe(object: &str, field: &str, key: &str) -> u64 {
    use std::hash::{Hash, Hasher};
    // The hash only has to agree between nodes of one version of the program.
    let mut h = std::collections::hash_map::DefaultHasher::new();
    (object, field, key).hash(&mut h);
    h.finish() % STRIPES
}

impl Unit<'_> {
    fn dup_rule(&self, object: &str) -> Option<Arc<Rule>> {
        self.opts.dup_rules.iter().find(|r| r.object == *object).cloned()
    }

    /// The way in, in the words of a rule's `applies`.
    fn entry(&self, op: ChangeOp) -> &'static str {
        match (self.scope.actor().via, op) {
            (Via::Import, _) => "import",
            _ if self.cause.act.as_deref() == Some("convert") => "convert",
            (Via::Api, _) => "api",
            (_, ChangeOp::Create) => "create",
            _ => "edit",
        }
    }

    /// Reads ahead, for all rows of a batch, the records that share a key with one of them, and locks the keys (R-DUP-04).
    pub(crate) async fn dup_ahead(&mut self, o: &Arc<ObjectDef>, rows: &[Record]) -> Result<()> {
        let Some(rule) = self.dup_rule(&o.name) else { return Ok(()) };
        self.dup_cache.bulk = true;
        let mut wanted: BTreeMap<Way, (HashMap<SmolStr, Value>, BTreeSet<RecordId>)> = BTreeMap::new();
        let mut stripes: BTreeSet<u64> = BTreeSet::new();
        for k in rule.keys.iter().filter(|k| k.how == How::Exact) {
            for r in rows {
                if let Some(key) = usable(k, o, r) {
                    if k.score >= rule.block_at {
                        stripes.insert(stripe(&k.object, &k.against, &key));
                    }
                    let way = way(k, o);
                    let beside = way.2.as_ref().and_then(|(own, _)| r.get(o, own).as_id());
                    let (keys, ids) = wanted.entry(way).or_default();
                    keys.insert(key, r.get(o, &k.field).clone());
                    ids.extend(beside);
                }
            }
        }
        for s in stripes {
            self.tx.lock_key(&format!("dup:{s}")).await?;
        }
        for k in &rule.keys {
            if let How::Dice { min_length, .. } = k.how {
                let keys = rows.iter().filter_map(|r| usable(k, o, r)).filter(|key| key.chars().count() >= min_length);
                let starts: BTreeSet<SmolStr> = keys.map(|key| near::start(&key)).collect();
                let found = self.begin_alike(&k.object, &k.against, &starts).await?;
                self.dup_cache.near.insert((k.object.clone(), k.against.clone()), found);
            }
        }
        for (way, (keys, ids)) in wanted {
            let (object, field, beside) = &way;
            let other = self.object(object)?;
            let all: Vec<(SmolStr, Value)> = keys.into_iter().collect();
            for chunk in all.chunks(1000) {
                let mut same = q::any_of(field, chunk.iter().map(|(_, v)| v.clone()));
                if let Some((_, theirs)) = beside {
                    same = q::and([same, q::any_of(theirs, ids.iter().map(|i| Value::Id(*i)))]);
                }
                let found = self.find(object, same, 5_000).await?;
                let slot = self.dup_cache.rows.entry(way.clone()).or_default();
                for (k, _) in chunk {
                    slot.entry(k.clone()).or_default();
                }
                for r in found {
                    if let Some(k) = comparable(r.get(&other, field)) {
                        slot.entry(k).or_default().push(Arc::new(r));
                    }
                }
            }
        }
        Ok(())
    }

    /// A row of the batch under way is compared with the rows after it.
    fn dup_remember(&mut self, o: &ObjectDef, r: &Record) {
        if !self.dup_cache.bulk {
            return;
        }
        let mut kept = None;
        for ((object, field, _), slot) in &mut self.dup_cache.rows {
            if *object == o.name
                && let Some(k) = comparable(r.get(o, field))
                && let Some(v) = slot.get_mut(&k)
            {
                v.retain(|x| x.id != r.id);
                v.push(kept.get_or_insert_with(|| Arc::new(r.clone())).clone());
            }
        }
        for ((object, field), slot) in &mut self.dup_cache.near {
            if *object == o.name
                && let Some(k) = comparable(r.get(o, field))
            {
                slot.add(&k);
            }
        }
    }

    /// Records whose key resembles this one, among those that begin alike.
    async fn resembling(&mut self, k: &MatchKey, key: &SmolStr, at_least: f64) -> Result<Vec<Arc<Record>>> {
        let at = (k.object.clone(), k.against.clone());
        let like = match self.dup_cache.near.get(&at) {
            Some(n) if self.dup_cache.bulk => n.like(key, at_least),
            _ => self.begin_alike(&k.object, &k.against, &[near::start(key)].into()).await?.like(key, at_least),
        };
        if like.is_empty() {
            return Ok(vec![]);
        }
        let same = q::any_of(&k.against, like.iter().map(|k| Value::from(k.as_str())));
        Ok(self.find(&k.object, same, MOST).await?.into_iter().map(Arc::new).collect())
    }

    async fn sharing(&mut self, k: &MatchKey, key: &SmolStr, o: &ObjectDef, r: &Record) -> Result<Vec<Arc<Record>>> {
        let way = way(k, o);
        if let Some(v) = self.dup_cache.rows.get(&way).and_then(|m| m.get(key)) {
            return Ok(v.clone());
        }
        let mut same = q::eq(&k.against, r.get(o, &k.field).clone());
        if let Some((own, theirs)) = &way.2 {
            same = q::and([same, q::eq(theirs, r.get(o, own).clone())]);
        }
        Ok(self.find(&k.object, same, MOST).await?.into_iter().map(Arc::new).collect())
    }

    /// Possible duplicates of a record, best first. `only` = the fields that changed; none = all keys.
    pub(crate) async fn similar(&mut self, o: &Arc<ObjectDef>, r: &Record, only: Option<&[String]>) -> Result<Vec<Found>> {
        let Some(rule) = self.dup_rule(&o.name) else { return Ok(vec![]) };
        let mut hits: BTreeMap<RecordRef, Hits> = BTreeMap::new();
        let norm = self.opts.norm.clone();
        for k in &rule.keys {
            let touched = |f: &str| only.is_none_or(|n| n.iter().any(|x| x == f.split('.').next().unwrap_or(f)));
            if !touched(&k.field) && !k.also.iter().any(|(own, _)| touched(own)) {
                continue;
            }
            let Some(key) = usable(k, o, r) else { continue };
            let other = self.object(&k.object)?;
            let candidates = match k.how {
                How::Exact => self.sharing(k, &key, o, r).await?,
                How::Dice { min_length, .. } if key.chars().count() < min_length => vec![],
                How::Dice { at_least, .. } => self.resembling(k, &key, at_least).await?,
            };
            for c in candidates {
                if c.id == r.id && k.object == o.name {
                    continue;
                }
                if let How::Dice { at_least, min_length } = k.how {
                    let near = comparable(c.get(&other, &k.against)).is_some_and(|b| {
                        b != key && b.chars().count() >= min_length && rapport_text::similar::dice(&key, &b) >= at_least
                    });
                    if !near {
                        continue;
                    }
                }
                let agree = k.also.iter().all(|(own, theirs)| match (part(o, r, own), part(&other, &c, theirs)) {
                    (Some(a), Some(b)) => a == b,
                    _ => false,
                });
                if !agree {
                    continue;
                }
                if let Some(w) = &k.when {
                    let nothing = |_: &rapport_schema::query::Path| Value::Null;
                    if !filter::eval(w, &filter::RecordView { object: &other, record: &c, related: &nothing }, &*norm) {
                        continue;
                    }
                }
                let e =
                    hits.entry(RecordRef { object: k.object.clone(), id: c.id }).or_insert_with(|| (vec![], vec![], c.clone()));
                e.0.push((k.family.clone(), k.score));
                if !e.1.iter().any(|n| *n == *k.field) {
                    e.1.push(k.field.to_string());
                }
            }
        }
        let mut out: Vec<Found> = hits
            .into_iter()
            .map(|(at, (h, keys, record))| Found { at, score: total(&h), keys, record })
            .filter(|f| f.score >= rule.warn_at)
            .collect();
        out.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.at.cmp(&b.at)));
        out.truncate(20);
        Ok(out)
    }

    /// What a record looks like, best first, with the score (R-DUP-01): for rules that go by who is known already. Whoever may see
    /// what.
    ///
    /// # Errors
    /// The database.
    #[boxed]
    pub async fn resembled(&mut self, o: &Arc<ObjectDef>, r: &Record) -> Result<Vec<(RecordRef, i64)>> {
        Ok(self.similar(o, r, None).await?.into_iter().map(|f| (f.at, f.score)).collect())
    }

    /// The check at a write (R-DUP-02): refuses, or answers the candidates to be linked.
    pub(crate) async fn duplicates_of(&mut self, draft: &Draft) -> Result<Vec<Found>> {
        let o = draft.object.clone();
        if !matches!(draft.op, ChangeOp::Create | ChangeOp::Update) || draft.new.deleted_at.is_some() {
            return Ok(vec![]);
        }
        // The engine's own writes (set-up, derived data, merges) are not entries of the rule; the sample company's are, and those
        // that ask for it (an import at the command line).
        let asks = self.opts.write.block_duplicates;
        if matches!(self.scope.principal(), Principal::System(r) if r != Reason::Sample && !(asks && r == Reason::CommandLine)) {
            return Ok(vec![]);
        }
        let Some(rule) = self.dup_rule(&o.name) else { return Ok(vec![]) };
        let entry = self.entry(draft.op);
        if !rule.applies.iter().any(|a| a == entry) {
            return Ok(vec![]);
        }
        let changed: Option<Vec<String>> = draft
            .old
            .as_ref()
            .map(|_| o.live().filter(|(_, f)| draft.changed(&f.name)).map(|(_, f)| f.name.to_string()).collect());
        let relevant = changed.as_ref().is_none_or(|c| {
            rule.keys.iter().any(|k| {
                c.iter().any(|n| *n == *k.field || k.also.iter().any(|(own, _)| own.split('.').next() == Some(n.as_str())))
            })
        });
        if !relevant {
            return Ok(vec![]);
        }
        if !self.dup_cache.bulk {
            let stripes: BTreeSet<u64> = rule
                .keys
                .iter()
                .filter(|k| k.how == How::Exact && k.score >= rule.block_at)
                .filter_map(|k| usable(k, &o, &draft.new).map(|key| stripe(&k.object, &k.against, &key)))
                .collect();
            for s in stripes {
                self.tx.lock_key(&format!("dup:{s}")).await?;
            }
        }
        let found = self.similar(&o, &draft.new, changed.as_deref()).await?;
        let Some(best) = found.first() else { return Ok(found) };
        let forced = self.opts.write.override_duplicates && self.scope.may("duplicate.override");
        let never = (self.scope.is_system() || entry == "api") && !asks;
        if best.score >= rule.block_at && !forced && !never {
            let mut shown = vec![];
            for f in &found {
                shown.push(self.shown(f).await?);
            }
            return Err(Error::Rule {
                code: "duplicate.blocked",
                class: Class::Content,
                params: [("score".to_owned(), json!(best.score)), ("duplicates".to_owned(), Json::Array(shown))]
                    .into_iter()
                    .collect(),
                fields: vec![],
            });
        }
        Ok(found)
    }

    /// Links a written record with its candidates for a person to decide (R-DUP-02).
    pub(crate) async fn pair(&mut self, draft: &Draft, found: Vec<Found>) -> Result<()> {
        if matches!(draft.op, ChangeOp::Create | ChangeOp::Update) {
            self.dup_remember(&draft.object.clone(), &draft.new);
        }
        for f in found {
            let shown = self.shown(&f).await?;
            self.warnings.push(shown);
            if !self.has("duplicate_pair") {
                continue;
            }
            let a = RecordRef { object: draft.object.name.clone(), id: draft.new.id };
            if draft.op == ChangeOp::Update {
                let known = |x: &RecordRef, y: &RecordRef| {
                    q::and([q::eq("record_a", Value::Ref(x.clone())), q::eq("record_b", Value::Ref(y.clone()))])
                };
                let either = rapport_schema::query::Filter::Or(vec![known(&a, &f.at), known(&f.at, &a)]);
                if !self.find("duplicate_pair", either, 1).await?.is_empty() {
                    continue;
                }
            }
            let fields = [
                ("record_a", Value::Ref(a)),
                ("record_b", Value::Ref(f.at.clone())),
                ("score", Value::Int(f.score)),
                ("keys", Value::Json(Box::new(json!(f.keys)))),
                ("status", Value::from("open")),
            ];
            Box::pin(self.make("duplicate_pair", &fields)).await?;
        }
        Ok(())
    }

    /// What everybody may be told of a possible duplicate (R-DUP-03): never contact data of a record they cannot see.
    pub(crate) async fn shown(&mut self, f: &Found) -> Result<Json> {
        let o = self.object(&f.at.object)?;
        let visible = self.reaches(Act::Read, &o, f.at.id).await?;
        let owner = f.record.get(&o, "owner_id").as_id();
        let owner_name = match owner {
            Some(id) => self.person(id).await?.map(|p| p.name.to_string()),
            None => None,
        };
        let dept = match f.record.get(&o, "dept_id").as_id() {
            Some(id) if self.has("department") => self.title("department", id).await?,
            _ => None,
        };
        // Only who may look into the pool is told of it (R-POOL-02).
        let waits_in = f.record.get(&o, "pool_id").as_id().filter(|_| f.record.get(&o, "in_pool").is_true());
        let pool = match waits_in {
            Some(id) => match self.directory().await? {
                Some(d) => d.look_into(&self.scope, id).and_then(|_| d.pool(id)).map(|p| p.name.to_string()),
                None => self.title("pool", id).await?,
            },
            None => None,
        };
        let in_pool = pool.is_some();
        let title = f.record[o.title_ix()].as_text().unwrap_or_default();
        let id: Option<RecordId> = (visible || in_pool).then_some(f.at.id);
        Ok(json!({
            "object": f.at.object, "id": id, "title": title, "score": f.score, "keys": f.keys, "visible": visible,
            "owner": owner_name, "department": dept, "pool": pool,
            "offer": if visible { Json::Null } else if in_pool { json!("claim") } else { json!("request_to_join") },
        }))
    }
}

/// The key of a record, when the rule may use it: whatever has to agree beside it must be there too.
fn usable(k: &MatchKey, o: &ObjectDef, r: &Record) -> Option<SmolStr> {
    let key = comparable(r.get(o, &k.field))?;
    if k.unless_free_mail && rapport_text::normalise::is_free_mail(&key) {
        return None;
    }
    k.also.iter().all(|(own, _)| part(o, r, own).is_some()).then_some(key)
}
