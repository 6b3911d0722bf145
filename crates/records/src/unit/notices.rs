//! Telling people what concerns them, in the transaction of the change: who was mentioned, whose record is talked about or changed,
//! who was given or shown a record. Changes are noted as they are written ([`Unit::take_notice`]) and told once when the
//! transaction ends ([`Unit::tell`]), so that a batch makes one notification a person and not one a row.
//!
//! Nobody is told of his own acts, of what he does not want to hear (`user.notify_prefs`), or of a record he may not see (R-VIS-07).

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use rapport_access::Directory;
use rapport_policy::{
    Act, Scope,
    talk::{COMMENT, FOLLOWER, NOTIFICATION, may_be_discussed},
};
use rapport_schema::{ChangeOp, FieldName, ObjectDef, ObjectKind, RecordId, RecordRef, UserId, Value};
use rapport_store::StoreError;
use serde_json::{Value as Json, json};

use crate::{Draft, Error, Result, Unit, q};

/// What people are told of; of several reasons at once the first counts.
pub(crate) const KINDS: [&str; 8] = ["mention", "assigned", "unanswered", "recycle", "shared", "comment", "changed", "waiting"];
/// Most people told of one change.
const MOST: u32 = 500;
/// Records of a batch tried before somebody is taken not to see any of them.
const TRIES: usize = 5;

/// A change somebody may want to hear of.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    /// Place in [`KINDS`].
    kind: usize,
    at: RecordRef,
    to: To,
    field: Option<FieldName>,
    comment: Option<RecordId>,
}

/// Whom it concerns.
#[derive(Debug, Clone)]
enum To {
    People(Vec<RecordId>),
    Team(RecordId),
    Followers,
    /// Owner, followers, and who wrote in the thread.
    Talk {
        thread: Option<RecordId>,
    },
}

/// One person and one reason.
struct Told {
    at: RecordRef,
    field: Option<FieldName>,
    comment: Option<RecordId>,
}

/// May this kind be told to somebody with these preferences? What is not said is wanted.
pub(crate) fn wants(prefs: &Json, kind: &str) -> bool {
    prefs.get(kind).and_then(Json::as_bool) != Some(false)
}

fn ids(v: &Value) -> Vec<RecordId> {
    if let Value::Ids(v) = v { v.clone() } else { vec![] }
}

impl Unit<'_> {
    /// Notes a written change for those it concerns.
    pub(crate) fn take_notice(&mut self, d: &Draft) {
        // The engine by itself (samples, jobs, set-up) tells nobody.
        if self.acting_for.is_none() || !matches!(d.op, ChangeOp::Create | ChangeOp::Update) {
            return;
        }
        let o = d.object.clone();
        match o.name.as_str() {
            COMMENT => self.said(d),
            "record_share" | "team_member" if d.op == ChangeOp::Create => self.granted(d),
            _ if o.kind == ObjectKind::Ownable && may_be_discussed(&o) => self.moved(d),
            _ => {}
        }
    }

    /// Tells people that somebody waits for the first answer (R-ASN-10).
    pub fn tell_unanswered(&mut self, at: RecordRef, people: Vec<RecordId>) {
        self.notice("unanswered", at, To::People(people), None, None);
    }

    /// Notes that something waits in a place (a pool) for the people who look after it. They are told even where the engine acts by
    /// itself: nobody else would.
    pub fn tell_waiting(&mut self, at: RecordRef, people: Vec<RecordId>) {
        self.notice("waiting", at, To::People(people), None, None);
    }

    fn notice(&mut self, kind: &str, at: RecordRef, to: To, field: Option<FieldName>, comment: Option<RecordId>) {
        let kind = KINDS.iter().position(|k| *k == kind).expect("one of the kinds");
        self.notices.push(Notice { kind, at, to, field, comment });
    }

    /// Tells people that a record of theirs is about to fall back into its pool, or has (R-POOL-11).
    pub fn tell_of_recycling(&mut self, at: RecordRef, people: Vec<RecordId>) {
        self.notice("recycle", at, To::People(people), None, None);
    }

    fn said(&mut self, d: &Draft) {
        let (o, id) = (&d.object, d.new.id);
        let Value::Ref(at) = d.new.get(o, "record").clone() else { return };
        let before = d.old.as_ref().map(|r| ids(r.get(o, "mentions"))).unwrap_or_default();
        let called: Vec<RecordId> = ids(d.new.get(o, "mentions")).into_iter().filter(|u| !before.contains(u)).collect();
        if !called.is_empty() {
            self.notice("mention", at.clone(), To::People(called), None, Some(id));
        }
        if d.op == ChangeOp::Create {
            let thread = d.new.get(o, "parent_id").as_id();
            self.notice("comment", at, To::Talk { thread }, None, Some(id));
        }
    }

    fn granted(&mut self, d: &Draft) {
        let o = &d.object;
        // What a rule shares is nobody's act.
        if o.ix("rule_id").is_some_and(|ix| !d.new[ix].is_empty()) {
            return;
        }
        let Value::Ref(at) = d.new.get(o, "record").clone() else { return };
        let to = match d.new.get(o, if o.name == "team_member" { "user_id" } else { "grantee" }) {
            Value::Id(u) => To::People(vec![*u]),
            Value::Ref(g) if g.object == "user" => To::People(vec![g.id]),
            Value::Ref(g) if g.object == "team" => To::Team(g.id),
            // A department or a role is not called by name.
            _ => return,
        };
        self.notice("shared", at, to, None, None);
    }

    fn moved(&mut self, d: &Draft) {
        let o = &d.object;
        let at = RecordRef { object: o.name.clone(), id: d.new.id };
        if d.changed("owner_id")
            && let Some(owner) = d.new.get(o, "owner_id").as_id().filter(|u| Some(*u) != self.person_id())
        {
            self.notice("assigned", at.clone(), To::People(vec![owner]), None, None);
        }
        if d.op == ChangeOp::Create {
            return;
        }
        let watched = [Some(FieldName::lit("owner_id")), o.status.clone(), o.board.clone()];
        let mut seen = BTreeSet::new();
        for f in watched.into_iter().flatten().filter(|f| d.changed(f)) {
            if seen.insert(f.clone()) {
                self.notice("changed", at.clone(), To::Followers, Some(f), None);
            }
        }
    }

    /// Writes what was noted, as notifications of the people concerned.
    pub(crate) async fn tell(&mut self) -> Result<()> {
        if self.notices.is_empty() {
            return Ok(());
        }
        let notices = std::mem::take(&mut self.notices);
        let Some(access) = self.engine.0.access.get().and_then(rapport_access::WeakAccess::upgrade) else { return Ok(()) };
        if !self.has(NOTIFICATION) {
            return Ok(());
        }
        let concerned = self.concerned(notices).await?;
        if concerned.is_empty() {
            return Ok(());
        }
        let directory = access.directory().await.map_err(|e| Error::Store(StoreError::from(e)))?;
        let users: BTreeSet<RecordId> = concerned.keys().map(|(u, _, _)| *u).collect();
        let prefs = self.preferences(&users).await?;
        for ((user, kind, group), told) in concerned {
            self.tell_one(&directory, user, KINDS[kind], &group, told, prefs.get(&user)).await?;
        }
        Ok(())
    }

    /// By person, kind and group: what there is to tell.
    async fn concerned(&mut self, notices: Vec<Notice>) -> Result<BTreeMap<(RecordId, usize, String), Vec<Told>>> {
        let me = self.person_id();
        let followers = self.following(&notices).await?;
        let mut best: BTreeMap<(RecordId, RecordId), (usize, Notice)> = BTreeMap::new();
        for n in notices {
            for user in self.people_of(&n, &followers).await?.into_iter().filter(|u| Some(*u) != me) {
                let here = best.entry((user, n.at.id)).or_insert_with(|| (n.kind, n.clone()));
                if n.kind < here.0 {
                    *here = (n.kind, n.clone());
                }
            }
        }
        let mut out: BTreeMap<(RecordId, usize, String), Vec<Told>> = BTreeMap::new();
        for ((user, _), (kind, n)) in best {
            let group = match (KINDS[kind], n.comment, self.cause.batch) {
                ("mention", Some(c), _) => format!("mention:{c}"),
                (k, _, Some(batch)) => format!("{k}:{}:{batch}", n.at.object),
                (k, ..) => format!("{k}:{}:{}", n.at.object, n.at.id),
            };
            out.entry((user, kind, group)).or_default().push(Told { at: n.at, field: n.field, comment: n.comment });
        }
        Ok(out)
    }

    /// Who follows the records of these notices.
    async fn following(&mut self, notices: &[Notice]) -> Result<HashMap<RecordId, Vec<RecordId>>> {
        let mut out: HashMap<RecordId, Vec<RecordId>> = HashMap::new();
        let asked: BTreeMap<RecordId, RecordRef> =
            notices.iter().filter(|n| matches!(n.to, To::Followers | To::Talk { .. })).map(|n| (n.at.id, n.at.clone())).collect();
        if asked.is_empty() || !self.has(FOLLOWER) {
            return Ok(out);
        }
        let o = self.object(FOLLOWER)?;
        let asked: Vec<Value> = asked.into_values().map(Value::Ref).collect();
        for part in asked.chunks(200) {
            for r in self.find(FOLLOWER, q::any_of("record", part.iter().cloned()), 10_000).await? {
                if let (Value::Ref(at), Some(u)) = (r.get(&o, "record"), r.get(&o, "user_id").as_id()) {
                    out.entry(at.id).or_default().push(u);
                }
            }
        }
        Ok(out)
    }

    async fn people_of(&mut self, n: &Notice, followers: &HashMap<RecordId, Vec<RecordId>>) -> Result<BTreeSet<RecordId>> {
        let mut out = BTreeSet::new();
        match &n.to {
            To::People(v) => out.extend(v),
            To::Team(team) => {
                let o = self.object("team")?;
                for t in self.find("team", q::id(*team), 1).await? {
                    out.extend(ids(t.get(&o, "members")));
                    out.extend(t.get(&o, "leader_id").as_id());
                }
            }
            To::Followers => out.extend(followers.get(&n.at.id).into_iter().flatten()),
            To::Talk { thread } => {
                out.extend(followers.get(&n.at.id).into_iter().flatten());
                let o = self.object(&n.at.object)?;
                if let Some(r) = self.peek(&n.at.object, n.at.id).await? {
                    out.extend(r.get(&o, "owner_id").as_id());
                }
                if let Some(first) = thread {
                    let c = self.object(COMMENT)?;
                    let whole = rapport_schema::query::Filter::Or(vec![q::id(*first), q::eq("parent_id", *first)]);
                    for r in self.find(COMMENT, whole, MOST).await? {
                        out.extend(r.get(&c, "created_by").as_id());
                    }
                }
            }
        }
        Ok(out.into_iter().take(MOST as usize).collect())
    }

    async fn preferences(&mut self, users: &BTreeSet<RecordId>) -> Result<HashMap<RecordId, Json>> {
        let o = self.object("user")?;
        let rows = self.find("user", q::ids(users.iter().copied()), 10_000).await?;
        let prefs = |r: &rapport_schema::Record| match r.get(&o, "notify_prefs") {
            Value::Json(j) => (**j).clone(),
            _ => Json::Null,
        };
        Ok(rows.iter().map(|r| (r.id, prefs(r))).collect())
    }

    async fn tell_one(
        &mut self,
        people: &Arc<Directory>,
        user: RecordId,
        kind: &'static str,
        group: &str,
        told: Vec<Told>,
        prefs: Option<&Json>,
    ) -> Result<()> {
        let scope = people.scope(UserId::of(user), self.today());
        let mut last = None;
        if let Some(scope) = &scope {
            // The newest of a batch stands for all of it.
            for t in told.iter().rev().take(TRIES) {
                if self.sees(scope, &t.at, t.field.as_ref()).await? {
                    last = Some(t);
                    break;
                }
            }
        }
        let Some(t) = last else {
            if kind == "mention" {
                // Said to whoever wrote it: the person hears nothing of it.
                let name = self.person(user).await?.map(|p| p.name.to_string());
                self.warnings.push(json!({ "code": "mention.no_access", "user_id": user, "name": name }));
            }
            return Ok(());
        };
        if !prefs.is_some_and(|p| wants(p, kind)) {
            return Ok(());
        }
        let n = i64::try_from(told.len()).unwrap_or(i64::MAX);
        let mut fields = vec![
            ("record", Value::Ref(t.at.clone())),
            ("comment_id", t.comment.map_or(Value::Null, Value::Id)),
            ("field", t.field.as_ref().map_or(Value::Null, |f| Value::from(f.as_str()))),
        ];
        let same = q::and([q::eq("user_id", user), q::eq("group_key", Value::from(group)), q::blank("read_at")]);
        match self.find(NOTIFICATION, same, 1).await?.into_iter().next() {
            Some(old) => {
                let o = self.object(NOTIFICATION)?;
                let so_far = if let Value::Int(n) = old.get(&o, "count") { *n } else { 1 };
                fields.push(("count", Value::Int(so_far.saturating_add(n))));
                self.set(NOTIFICATION, old.id, &fields).await?;
            }
            None => {
                fields.extend([
                    ("user_id", Value::Id(user)),
                    ("kind", Value::from(kind)),
                    ("group_key", Value::from(group)),
                    ("count", Value::Int(n)),
                ]);
                self.make(NOTIFICATION, &fields).await?;
            }
        }
        Ok(())
    }

    /// Does this person see the record, and the field that changed?
    async fn sees(&mut self, scope: &Scope, at: &RecordRef, field: Option<&FieldName>) -> Result<bool> {
        let o: Arc<ObjectDef> = self.object(&at.object)?;
        if field.is_some_and(|f| !scope.field(&o, f, false).visible()) {
            return Ok(false);
        }
        let rule = scope.rule(Act::Read, &self.model, &o);
        if rule.is_all() || rule.is_nothing() {
            return Ok(rule.is_all());
        }
        let mut s = q::select(&self.model, &o, rule, q::id(at.id), 1, self.now);
        s.user = scope.user();
        Ok(!self.tx.records(s).await?.is_empty())
    }
}
