//! A small model and a workspace to try things in.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use rapport_policy::{Grants, Principal, Reach, RoleGrants, RowRule, Scope, ScopeBuilder, SystemScope};
use rapport_schema::{
    Actor, Cause, Change, ChangeOp, Clock, DeptId, FieldDef, FieldName, FieldType, Label, MaskKind, Millis, Model, ObjectDef,
    ObjectKind, ObjectName, PickValue, Picklist, Record, RecordId, Seq, SessionId, UserId, Value, Via,
    clock::uuid_v7,
    field::OnDelete,
    query::{Filter, SortKey},
    system,
};
use rapport_store::{Bin, Db, Options, OutField, Select, Shape, Target};
use serde_json::value::RawValue;

pub const NOW: Millis = Millis(1_795_000_000_000);

/// A clock a test moves.
#[derive(Debug, Default)]
pub struct TestClock(pub AtomicI64);
impl Clock for TestClock {
    fn now(&self) -> Millis {
        Millis(NOW.0 + self.0.load(Ordering::SeqCst))
    }
}

/// Where a world lies.
pub enum Place {
    Sqlite,
    Postgres(String, String),
}

pub struct World {
    pub db: Db,
    pub model: Arc<Model>,
    pub target: Target,
    pub clock: Arc<TestClock>,
    dir: tempfile::TempDir,
}

pub fn id(n: u64) -> RecordId {
    let mut chance = [0; 10];
    chance[2..].copy_from_slice(&n.to_be_bytes());
    RecordId(uuid_v7(Millis(NOW.0 + n as i64), chance))
}

pub fn text(max: u32) -> FieldType {
    FieldType::Text { max }
}

pub fn field(name: &'static str, ty: FieldType) -> FieldDef {
    FieldDef::new(FieldName::lit(name), Label::new(name, name), ty)
}

fn to(target: &'static str) -> FieldType {
    FieldType::Ref { target: ObjectName::lit(target), on_delete: OnDelete::Clear }
}

pub fn object(name: &'static str, kind: ObjectKind, title: &'static str, fields: Vec<FieldDef>) -> ObjectDef {
    let mut o =
        ObjectDef::empty(ObjectName::lit(name), kind, Label::new(name, name), Label::new(name, name), FieldName::lit(title));
    o.fields = system::fields(kind);
    o.fields.extend(fields);
    o.reindex();
    o
}

pub fn model() -> Model {
    let ix = |mut f: FieldDef| {
        f.indexed = true;
        f
    };
    let find = |mut f: FieldDef| {
        f.searchable = true;
        f
    };
    let pick = |set: &str| FieldType::Pick { set: set.into() };
    let any = || FieldType::Poly { targets: vec![ObjectName::lit("account"), ObjectName::lit("contact")] };
    let mut code = field("code", text(40));
    code.unique = true;
    let mut account = object(
        "account",
        ObjectKind::Ownable,
        "name",
        vec![
            field("name", text(200)),
            code,
            ix(field("level", pick("level"))),
            ix(field("amount", FieldType::Money { unit_price: false, min: None })),
            field("score", FieldType::Dec { scale: 2, min: None, max: None }),
            field("ratio", FieldType::Pct { min: None, max: None }),
            ix(field("employees", FieldType::Int { min: None, max: None })),
            ix(field("vip", FieldType::Bool)),
            ix(field("founded_on", FieldType::Date)),
            ix(field("seen_at", FieldType::DateTime)),
            field("segments", FieldType::Multi { set: "level".into() }),
            find(field("phone", FieldType::Phone)),
            find(field("email", FieldType::Email)),
            field("website", FieldType::Url),
            find(field("address", FieldType::Addr)),
            find(field("remark", FieldType::Long)),
            field("place", FieldType::Geo),
            field("extra", FieldType::Json),
            field("parent_id", to("account")),
            field("members", FieldType::Users),
            field("opens_at", FieldType::Time),
        ],
    );
    account.subtitle = vec![FieldName::lit("level"), FieldName::lit("parent_id")];
    let mut contact = object(
        "contact",
        ObjectKind::Ownable,
        "name",
        vec![
            field("name", text(80)),
            ix(field("account_id", to("account"))),
            find(field("mobile", FieldType::Phone)),
            field("about", any()),
        ],
    );
    contact.person_name = true;
    let user = object("user", ObjectKind::Config, "name", vec![field("name", text(80))]);
    let department =
        object("department", ObjectKind::Config, "name", vec![field("name", text(80)), field("parent_id", to("department"))]);
    let share = object(
        "record_share",
        ObjectKind::Log,
        "reason",
        vec![
            field("reason", text(80)),
            ix(field("record", any())),
            ix(field("grantee", FieldType::Poly { targets: vec![ObjectName::lit("user"), ObjectName::lit("department")] })),
            field("access", pick("share_access")),
            ix(field("expires_at", FieldType::DateTime)),
        ],
    );
    let team = object(
        "team_member",
        ObjectKind::Child,
        "note",
        vec![
            field("note", text(80)),
            ix(field("record", any())),
            ix(field("user_id", FieldType::User)),
            field("access", pick("share_access")),
            field("extend_to", FieldType::Multi { set: "level".into() }),
            ix(field("expires_at", FieldType::DateTime)),
        ],
    );
    let mut m = Model { version: 1, currency: "CNY".into(), zone: "Asia/Shanghai".into(), ..Model::default() };
    for (name, keys) in
        [("level", &["a", "b", "c", "contact"][..]), ("share_access", &["read", "edit"]), ("approval_state", &["none"])]
    {
        let values =
            keys.iter().map(|k| PickValue { key: (*k).into(), label: Label::new(*k, *k), color: None, active: true }).collect();
        m.picklists.insert(
            name.into(),
            Arc::new(Picklist { name: name.into(), label: Label::new(name, name), values, default: None, system: false }),
        );
    }
    for o in [user, department, account, contact, share, team] {
        m.objects.insert(o.name.clone(), Arc::new(o));
    }
    m
}

impl World {
    pub async fn open(place: Place) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let target = match place {
            Place::Sqlite => Target::Sqlite(dir.path().join("w.db")),
            Place::Postgres(url, schema) => Target::Postgres { url, schema },
        };
        let clock = Arc::new(TestClock::default());
        let model = Arc::new(model());
        let options = Options { readers: 2, clock: clock.clone(), reserve_bytes: 0, ..Options::default() };
        let db = Db::open(&target, &model, options).await.unwrap();
        Self { db, model, target, clock, dir }
    }
    pub fn options(&self) -> Options {
        Options { readers: 2, clock: self.clock.clone(), reserve_bytes: 0, ..Options::default() }
    }
    pub fn dir(&self) -> &std::path::Path {
        self.dir.path()
    }
    pub async fn end(self) {
        self.db.close().await.unwrap();
    }
    pub fn object(&self, name: &str) -> Arc<ObjectDef> {
        self.model.object(name).unwrap().clone()
    }
    /// A record with the fields a stored one always has.
    pub fn record(&self, object: &str, n: u64) -> Record {
        let o = self.object(object);
        let mut r = Record::new(&o, id(n));
        r.version = 1;
        r.set(&o, "created_at", Value::DateTime(Millis(NOW.0 + n as i64)));
        r.set(&o, "updated_at", Value::DateTime(Millis(NOW.0 + n as i64)));
        for f in ["vip", "is_locked"] {
            r.set(&o, f, Value::Bool(false));
        }
        r
    }
    pub fn account(&self, n: u64, name: &str) -> Record {
        let mut r = self.record("account", n);
        r.set(&self.object("account"), "name", name.into());
        r
    }
    pub async fn put(&self, object: &str, records: Vec<Record>) {
        self.try_put(object, records).await.unwrap();
    }
    pub async fn try_put(&self, object: &str, records: Vec<Record>) -> rapport_store::Result<()> {
        let (model, o, records) = (self.model.clone(), self.object(object), Arc::new(records));
        self.db
            .write(move |tx| {
                let (model, o, records) = (model.clone(), o.clone(), records.clone());
                Box::pin(async move {
                    for r in records.iter() {
                        tx.insert(&model, &o, r).await?;
                        tx.log(change(&o.name, r.id, ChangeOp::Create, 1));
                    }
                    Ok(())
                })
            })
            .await
    }
    pub fn select(&self, object: &str) -> Select {
        Select {
            model: self.model.clone(),
            object: self.object(object),
            rows: all_rows(),
            beyond: Arc::default(),
            filter: Filter::True,
            text: None,
            sort: vec![],
            after: None,
            limit: 1_000,
            bin: Bin::Live,
            now: NOW,
            user: None,
        }
    }
    pub fn by(&self, object: &str, field: &str, desc: bool) -> Vec<SortKey> {
        vec![SortKey { field: self.object(object).ix(field).unwrap(), desc }]
    }
    pub fn shape(&self, object: &str, fields: &[&str]) -> Shape {
        let o = self.object(object);
        Shape {
            fields: fields.iter().map(|f| OutField { field: o.ix(f).unwrap(), mask: None }).collect(),
            expand: vec![],
            me: None,
        }
    }
    pub fn masked(&self, object: &str, field: &str, mask: MaskKind) -> OutField {
        OutField { field: self.object(object).ix(field).unwrap(), mask: Some(mask) }
    }
    pub async fn ids(&self, s: Select) -> Vec<RecordId> {
        self.db.records(s).await.unwrap().iter().map(|r| r.id).collect()
    }
}

pub fn change(object: &str, record: RecordId, op: ChangeOp, version: i64) -> Change {
    Change {
        seq: Seq(0),
        at: NOW,
        object: ObjectName::new(object).unwrap(),
        id: record,
        op,
        version,
        actor: Actor { user: None, via: Via::System },
        cause: Cause::default(),
        before: RawValue::from_string("{}".into()).unwrap(),
        after: RawValue::from_string("{\"name\":\"新\"}".into()).unwrap(),
    }
}

pub fn all_rows() -> RowRule {
    let m = model();
    SystemScope::because(rapport_policy::Reason::Setup).rule(rapport_policy::Act::Read, &m, m.object("account").unwrap())
}

/// A person with the same reach on everything.
pub fn person(user: RecordId, reach: Reach, depts: &[RecordId]) -> Scope {
    let line =
        serde_json::json!({ "create": true, "read": reach, "edit": reach, "delete": reach, "transfer": reach, "export": reach });
    let role = RoleGrants::parse_set(&serde_json::json!({ "objects": { "*": line } })).unwrap();
    let grants = Grants::resolve(&model(), &[Arc::new(role)]);
    let depts: Vec<DeptId> = depts.iter().map(|d| DeptId::of(*d)).collect();
    ScopeBuilder::person(UserId::of(user), "p")
        .grants(Arc::new(grants))
        .departments(depts.clone(), depts)
        .build(Principal::Session(SessionId::of(id(1))), Via::Web)
}
