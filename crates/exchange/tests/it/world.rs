//! A workspace with the shipped model and records, and files to import.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, atomic::AtomicBool},
};

use rapport_exchange::{
    plan::Plan,
    read,
    run::{Files, Import, Progress},
};
use rapport_policy::{Reason, Scope, SystemScope};
use rapport_records::{Engine, ListRequest};
use rapport_schema::RecordId;
use rapport_testkit::Space;
use serde_json::{Value, json};

pub struct World {
    pub engine: Engine,
    pub scope: Scope,
    pub dir: tempfile::TempDir,
    _space: Space,
}

impl World {
    pub async fn sqlite() -> Self {
        Self::of(Space::sqlite().await)
    }

    /// None where no PostgreSQL can be started; the kit says so.
    pub async fn postgres() -> Option<Self> {
        Space::postgres().await.map(Self::of)
    }

    fn of(space: Space) -> Self {
        let scope = SystemScope::because(Reason::CommandLine);
        Self { engine: space.engine.clone(), scope, dir: tempfile::tempdir().unwrap(), _space: space }
    }

    /// Writes a file into the world's folder.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let p = self.dir.path().join(name);
        std::fs::write(&p, bytes).unwrap();
        p
    }

    pub fn import(&self, plan: &Plan, files: &[&Path]) -> Import {
        let open = |p: &&Path| (p.file_name().unwrap().to_string_lossy().into_owned(), read::open(p).unwrap());
        Import {
            engine: self.engine.clone(),
            scope: self.scope.clone(),
            job: self.engine.new_id(),
            plan: plan.clone(),
            files: Files(files.iter().map(open).collect()),
            dry_run: false,
            rehearsed: Mutex::default(),
        }
    }

    pub async fn run(&self, plan: &str, files: &[&Path]) -> (Progress, RecordId) {
        let i = self.import(&Plan::from_toml(plan).unwrap(), files);
        (i.run(&AtomicBool::new(false), |_| ()).await.unwrap(), i.job)
    }

    pub async fn all(&self, object: &str, filter: Option<&str>, fields: &[&str], expand: &[&str]) -> Vec<Value> {
        let mut out = vec![];
        let mut cursor = None;
        loop {
            let req = ListRequest {
                filter: filter.map(str::to_owned),
                sort: Some("created_at".into()),
                limit: Some(200),
                cursor: cursor.take(),
                fields: Some(fields.iter().map(|s| (*s).to_owned()).collect()),
                expand: expand.iter().map(|s| (*s).to_owned()).collect(),
                ..ListRequest::default()
            };
            let page = self.engine.list(&self.scope, object, &req).await.unwrap();
            let text = [b"[".as_slice(), &page.rows, b"]"].concat();
            out.extend(serde_json::from_slice::<Vec<Value>>(&text).unwrap());
            cursor = page.next;
            if cursor.is_none() {
                return out;
            }
        }
    }

    pub async fn count(&self, object: &str) -> u64 {
        let body = json!({"measures": [{"fn": "count"}]});
        let a = self.engine.aggregate(&self.scope, object, body).await.unwrap();
        number(&a["groups"][0]["values"][0])
    }
}

/// A measure as a whole number.
pub fn number(v: &Value) -> u64 {
    v.as_u64().or_else(|| v.as_str().and_then(|s| s.split('.').next()?.parse().ok())).unwrap_or(0)
}
